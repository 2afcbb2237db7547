//! Company names as duplicates see them: 深圳市华科技术(集团)有限公司 and 华科技术 may well be one customer.

use super::text::{clean, fold, is_han};
use crate::regions::region_head;

/// The name with nothing but spelling evened out: case, width, white space and punctuation. Two rows with the same
/// exact key name the same company; [`name_key`] only suspects it.
pub fn exact_key(name: &str) -> String {
    let cleaned = clean(name);
    let folded = fold(&cleaned);
    let key: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    if key.is_empty() {
        folded.into_owned()
    } else {
        key
    }
}

/// The heart of a company name, for finding candidates of duplicates: without region at its head, legal form
/// (有限公司, Co., Ltd.), 集团, brackets such as (中国) or (深圳), punctuation, width and case.
///
/// A branch is not its parent: 华科技术有限公司深圳分公司 keeps 深圳分公司. What would leave nothing but a trade
/// (北京银行, 上海贸易公司) keeps its region. Empty only for a name that is empty itself.
pub fn name_key(name: &str) -> String {
    let cleaned = clean(name);
    let folded = fold(&cleaned);
    let bare = without_telling_brackets(&folded);
    let (head, branch) = split_branch(&bare);
    let head = without_latin_legal_form(head);
    let head: String = head.chars().filter(|c| c.is_alphanumeric()).collect();
    let mut key = without_region(without_legal_form(&head)).to_owned();
    key.push_str(&branch);
    if key.is_empty() { exact_key(name) } else { key }
}

/// Endings that say what a company is in law, longest first where one ends with another.
const LEGAL_FORMS: [&str; 24] = [
    "股份合作公司",
    "有限责任公司",
    "股份有限公司",
    "有限合伙企业",
    "有限公司",
    "股份公司",
    "责任公司",
    "合伙企业",
    "个人独资企业",
    "个体工商户",
    "总公司",
    "公司",
    "集团",
    "控股",
    "总厂",
    "分厂",
    "工厂",
    "厂",
    "总店",
    "有限合伙",
    "普通合伙",
    "企业",
    "股份",
    "有限",
];

/// Endings of a part that belongs to a company but is not it.
const BRANCHES: [&str; 14] = [
    "分公司",
    "子公司",
    "分店",
    "分部",
    "分行",
    "支行",
    "支公司",
    "营业部",
    "办事处",
    "分院",
    "分厂",
    "事业部",
    "代表处",
    "项目部",
];

const LATIN_LEGAL_FORMS: [&str; 30] = [
    "co",
    "ltd",
    "limited",
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "company",
    "llc",
    "llp",
    "lp",
    "plc",
    "gmbh",
    "ag",
    "kg",
    "sa",
    "sas",
    "sarl",
    "srl",
    "spa",
    "bv",
    "nv",
    "ab",
    "oy",
    "kk",
    "pte",
    "pty",
    "group",
    "holdings",
    "coltd",
];

/// What a company does rather than what it is called. A name made of these alone says nothing without its region.
const TRADES: [&str; 72] = [
    "银行",
    "农商",
    "商业",
    "农村",
    "保险",
    "证券",
    "信托",
    "基金",
    "投资",
    "科技",
    "技术",
    "信息",
    "网络",
    "软件",
    "电子",
    "电气",
    "电器",
    "电力",
    "能源",
    "燃气",
    "供水",
    "自来水",
    "水务",
    "热力",
    "环保",
    "化工",
    "石油",
    "石化",
    "医药",
    "医疗",
    "医院",
    "人民",
    "中心",
    "中医",
    "妇幼",
    "大学",
    "学院",
    "学校",
    "中学",
    "小学",
    "教育",
    "文化",
    "传媒",
    "广告",
    "贸易",
    "商贸",
    "进出口",
    "国际",
    "实业",
    "工业",
    "机械",
    "设备",
    "制造",
    "建筑",
    "建设",
    "工程",
    "装饰",
    "地产",
    "房地产",
    "开发",
    "物业",
    "管理",
    "咨询",
    "服务",
    "物流",
    "运输",
    "交通",
    "地铁",
    "机场",
    "旅游",
    "酒店",
    "食品",
];

/// Drops the brackets whose content only repeats region or legal form; other brackets lose their marks later on.
fn without_telling_brackets(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(open) = rest.find(['(', '[', '<', '{', '〈', '《']) {
        let after_open = open + rest[open..].chars().next().map_or(1, char::len_utf8);
        let Some(length) = rest[after_open..].find([')', ']', '>', '}', '〉', '》']) else {
            break;
        };
        let content = &rest[after_open..after_open + length];
        let after_close = &rest[after_open + length..];
        out.push_str(&rest[..open]);
        if !tells_nothing(content.trim()) {
            out.push(' ');
            out.push_str(content);
            out.push(' ');
        }
        rest = after_close.get(1..).unwrap_or_else(|| {
            let mut chars = after_close.chars();
            chars.next();
            chars.as_str()
        });
    }
    out.push_str(rest);
    out
}

/// Whether a bracket's content is a region, a country or a legal form.
fn tells_nothing(content: &str) -> bool {
    const COUNTRIES: [&str; 9] = [
        "中国",
        "全国",
        "亚洲",
        "大中华",
        "大中华区",
        "亚太",
        "china",
        "prc",
        "中国区",
    ];
    let is_region = region_head(content).is_some_and(|head| head.length == content.len());
    let is_form = LEGAL_FORMS.contains(&content) || content == "特殊普通合伙" || content == "个体";
    content.is_empty() || is_region || is_form || COUNTRIES.contains(&content)
}

/// The company and, evened out, the branch at its end. The branch begins after the last legal form before it, or
/// is left in the head where there is none.
fn split_branch(name: &str) -> (&str, String) {
    let is_branch = BRANCHES.iter().any(|ending| name.ends_with(ending));
    if !is_branch {
        return (name, String::new());
    }
    let company_end = ["公司", "集团", "银行"]
        .iter()
        .filter_map(|form| {
            let ends = name.match_indices(*form).map(|(at, _)| at + form.len());
            ends.filter(|end| *end < name.len()).max()
        })
        .max();
    match company_end {
        Some(end) if !BRANCHES.contains(&&name[end..]) => (&name[..end], branch_key(&name[end..])),
        _ => (name, String::new()),
    }
}

/// 深圳市分公司 and 深圳分公司 are one branch.
fn branch_key(branch: &str) -> String {
    let branch: String = branch.chars().filter(|c| c.is_alphanumeric()).collect();
    match region_head(&branch) {
        Some(head) => format!("{}{}", &branch[..head.short_length], &branch[head.length..]),
        None => branch,
    }
}

fn without_legal_form(name: &str) -> &str {
    let mut rest = name;
    loop {
        if BRANCHES.iter().any(|ending| rest.ends_with(ending)) {
            return rest;
        }
        let shorter = LEGAL_FORMS
            .iter()
            .filter_map(|form| rest.strip_suffix(form))
            .find(|shorter| shorter.chars().count() >= 2);
        match shorter {
            Some(shorter) => rest = shorter,
            None => return rest,
        }
    }
}

/// Pops `Co., Ltd.` and its like off the end, word by word; one word always stays.
fn without_latin_legal_form(name: &str) -> &str {
    let is_mark = |c: char| !c.is_alphanumeric();
    let mut rest = name.trim_end_matches(is_mark);
    loop {
        let word_start = rest
            .char_indices()
            .rev()
            .take_while(|(_, c)| c.is_ascii_alphanumeric() || *c == '.' || *c == '/')
            .last()
            .map_or(rest.len(), |(at, _)| at);
        let word: String = rest[word_start..]
            .chars()
            .filter(|c| !is_mark(*c))
            .collect();
        let before = rest[..word_start].trim_end_matches(is_mark);
        if word.is_empty() || before.is_empty() || !LATIN_LEGAL_FORMS.contains(&word.as_str()) {
            return rest;
        }
        rest = before;
    }
}

/// Cuts 中国 and regions off the head while at least two characters that are not all trade stay.
fn without_region(name: &str) -> &str {
    let mut rest = name;
    loop {
        let length = match rest.strip_prefix("中国") {
            Some(_) => "中国".len(),
            None => region_head(rest).map_or(0, |head| head.length),
        };
        let shorter = &rest[length..];
        let says_enough = shorter.chars().count() >= 2 && !is_all_trade(shorter);
        if length == 0 || !says_enough {
            return rest;
        }
        rest = shorter;
    }
}

fn is_all_trade(name: &str) -> bool {
    let mut rest = name;
    while !rest.is_empty() {
        let longest = TRADES
            .iter()
            .filter_map(|trade| rest.strip_prefix(trade))
            .min_by_key(|after| after.len());
        match longest {
            Some(after) => rest = after,
            // 第一人民医院: ordinals tell hospitals of one town apart, not towns.
            None if rest.starts_with('第') => rest = after_ordinal(rest),
            None => return false,
        }
    }
    true
}

fn after_ordinal(name: &str) -> &str {
    let after = name.trim_start_matches('第');
    after.trim_start_matches(|c: char| is_han(c) && "一二三四五六七八九十".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_company_meet_in_one_key() {
        // R35, flow 8.
        for name in [
            "深圳市华科技术(集团)有限公司",
            "华科技术",
            "深圳华科技术有限公司",
            "广东省深圳市华科技术股份有限公司",
            "华科技术（深圳）有限公司",
            "华科技术(中国)有限责任公司",
            "华科技术集团",
            " 华科　技术公司 ",
            "华科技术控股集团有限公司",
            "深圳市南山区华科技术有限公司",
            "华科技术 Co., Ltd.",
            "中国华科技术总公司",
        ] {
            assert_eq!(name_key(name), "华科技术", "{name}");
        }
        for name in [
            "Acme Widgets Co., Ltd.",
            "ACME WIDGETS CO.,LTD",
            "Acme Widgets Inc.",
            "ａｃｍｅ widgets GmbH",
            "Acme-Widgets Company Limited",
            "Acme Widgets S.A.",
        ] {
            assert_eq!(name_key(name), "acmewidgets", "{name}");
        }
        assert_eq!(name_key("东莞市虎门兴隆电子厂"), name_key("虎门兴隆电子"));
    }

    #[test]
    fn a_branch_is_not_its_parent() {
        let parent = name_key("深圳市华科技术有限公司");
        for branch in [
            "深圳市华科技术有限公司广州分公司",
            "华科技术有限公司广州市分公司",
            "华科技术广州分公司",
        ] {
            assert_eq!(name_key(branch), "华科技术广州分公司", "{branch}");
            assert_ne!(name_key(branch), parent);
        }
        assert_ne!(
            name_key("中国工商银行深圳分行"),
            name_key("中国工商银行广州分行")
        );
    }

    #[test]
    fn a_name_that_is_all_trade_keeps_its_region() {
        assert_ne!(name_key("北京银行"), name_key("上海银行"));
        assert_ne!(
            name_key("深圳市贸易有限公司"),
            name_key("广州市贸易有限公司")
        );
        assert_ne!(
            name_key("潮州市第一人民医院"),
            name_key("揭阳市第一人民医院")
        );
        assert_eq!(name_key("北京银行股份有限公司"), name_key("北京银行"));
    }

    #[test]
    fn lookalikes_of_regions_and_legal_forms_stay() {
        assert_eq!(name_key("华安保险股份有限公司"), "华安保险");
        assert_eq!(name_key("阿里巴巴(中国)有限公司"), "阿里巴巴");
        assert_eq!(name_key("东方(原华信)电子有限公司"), "东方原华信电子");
        assert_eq!(name_key("大厂"), "大厂");
        assert_eq!(name_key("公司"), "公司");
        assert_eq!(name_key("Company Limited"), "company");
    }

    #[test]
    fn the_exact_key_evens_out_spelling_only() {
        assert_eq!(
            exact_key("华科技术（集团） 有限公司"),
            exact_key("华科技术(集团)有限公司")
        );
        assert_ne!(exact_key("华科技术有限公司"), exact_key("华科技术"));
        assert_eq!(exact_key("——"), "——");
    }

    proptest! {
        #[test]
        fn a_key_is_never_empty_and_ignores_width_and_case(name in "[a-zA-Z0-9华科技术深圳市公司集团厂分有限（）().,& -]{1,16}|\\PC{1,8}") {
            prop_assume!(!clean(&name).is_empty());
            let key = name_key(&name);
            prop_assert!(!key.is_empty());
            prop_assert_eq!(name_key(&name.to_ascii_uppercase()), key);
        }
    }
}
