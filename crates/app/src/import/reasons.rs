//! The sentence of every code that an import says at a cell or a row, for the workbook of failed
//! rows and for the command line. The window has its own.

/// The language that a file is written for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    Chinese,
    English,
}

impl Language {
    /// The language of a tag such as `zh-CN` or `en`.
    pub fn of(tag: &str) -> Self {
        if tag.starts_with("en") {
            Self::English
        } else {
            Self::Chinese
        }
    }

    /// The one of two texts that is in this language.
    pub fn choose<'t>(self, chinese: &'t str, english: &'t str) -> &'t str {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }
}

/// Code, Chinese, English. `{name}` is filled from the parameters.
const SENTENCES: &[(&str, &str, &str)] = &[
    ("required", "必填，不能为空", "must not be empty"),
    (
        "unique",
        "与另一条记录重复",
        "is already used by another record",
    ),
    (
        "too_long",
        "超过 {max} 个字符",
        "is longer than {max} characters",
    ),
    ("range", "超出允许的范围", "is out of range"),
    ("wrong_type", "内容的类型不对", "is of the wrong type"),
    ("currency", "不是有效的币种", "is not a currency code"),
    (
        "read_only",
        "此字段由系统填写",
        "is filled in by Ketu itself",
    ),
    (
        "unknown_option",
        "没有这个选项",
        "is not one of the options",
    ),
    (
        "unknown_reference",
        "引用的记录不存在",
        "refers to a record that does not exist",
    ),
    ("unknown_region", "没有这个地区", "is not a known region"),
    (
        "phone_format",
        "不是有效的电话号码",
        "is not a phone number",
    ),
    (
        "phone_length",
        "电话号码位数不对",
        "has too few or too many digits for a phone number",
    ),
    (
        "uscc_length",
        "统一社会信用代码应为 18 位",
        "should have 18 characters",
    ),
    (
        "uscc_charset",
        "统一社会信用代码含有不允许的字符",
        "contains a character that a USCC cannot have",
    ),
    (
        "uscc_checksum",
        "统一社会信用代码校验不通过",
        "fails the USCC check character",
    ),
    (
        "email_format",
        "不是有效的邮箱地址",
        "is not an e-mail address",
    ),
    ("url_format", "不是有效的网址", "is not a web address"),
    ("date_format", "不是有效的日期", "is not a date"),
    (
        "date_ambiguous",
        "日期有歧义，请写成 2024-03-05 这样",
        "could be several dates; write 2024-03-05",
    ),
    ("number_format", "不是数字", "is not a number"),
    ("number_range", "数字过大", "is too large"),
    ("amount_format", "不是有效的金额", "is not an amount"),
    (
        "amount_precision",
        "金额的小数位过多",
        "has too many decimals",
    ),
    ("amount_range", "金额过大", "is too large"),
    ("boolean_format", "请填“是”或“否”", "should be yes or no"),
    (
        "region_unknown",
        "没有这个省、市或区县",
        "is not a known province, city or district",
    ),
    (
        "region_ambiguous",
        "有多个同名地区，请写明省市",
        "is the name of several regions; add the province or city",
    ),
    (
        "cell_error",
        "单元格是错误值 {value}",
        "is the error value {value}",
    ),
    (
        "formula_without_value",
        "公式没有保存结果，请在表格软件中打开并保存",
        "is a formula without a saved result; open and save the file",
    ),
    (
        "precision_lost",
        "长数字的末位已在文件中丢失，请改成文本重新填写",
        "is a long number whose last digits the file has lost; enter it as text",
    ),
    ("unknown_stage", "没有这个阶段", "is not a known stage"),
    (
        "unknown_pipeline",
        "没有这个销售流程",
        "is not a known pipeline",
    ),
    (
        "contact_name_required",
        "有联系人资料但没有姓名",
        "belongs to a contact without a name",
    ),
    (
        "opportunity_name_required",
        "商机没有名称",
        "belongs to an opportunity without a name",
    ),
    (
        "due_required",
        "提醒没有时间",
        "belongs to a reminder without a time",
    ),
    (
        "company_refused",
        "同一公司的首行未能导入",
        "belongs to a company whose first row was refused",
    ),
    (
        "unknown_user",
        "没有名为 {name} 的用户，已归到当前用户",
        "there is no user {name}; the current user becomes the owner",
    ),
    (
        "extra_phone",
        "多出的号码 {value} 记入备注",
        "the extra number {value} goes into the note",
    ),
    (
        "extra_email",
        "多出的邮箱 {value} 记入备注",
        "the extra address {value} goes into the note",
    ),
    (
        "amount_rounded",
        "金额已四舍五入到分",
        "the amount was rounded to the cent",
    ),
    (
        "extra_left_out",
        "多出的 {value} 没有写入",
        "the extra {value} was left out",
    ),
    (
        "required_field",
        "必填字段“{field}”没有填写",
        "the compulsory field {field} is empty",
    ),
    (
        "number_contradicts",
        "编号与第 {row} 行相同，公司名称却不同",
        "has the number of row {row}, but another name",
    ),
    (
        "number_in_use",
        "编号已被使用，将另给编号",
        "the number is in use; another one is given",
    ),
    (
        "differs_from_known",
        "与同一编号或信用代码的已有客户名称不同",
        "differs from the name of the customer with this number or code",
    ),
    (
        "uscc_legacy",
        "这是 15 位旧注册号，不是统一社会信用代码",
        "is a registration number of 15 digits from before 2015",
    ),
    (
        "year_guessed",
        "日期没有年份，按 {year} 年处理",
        "names no year; {year} is taken",
    ),
    (
        "differs_in_file",
        "与第 {row} 行同一公司的内容不同，以第 {row} 行为准",
        "differs from row {row} of the same company, which counts",
    ),
];

/// Every code that has a sentence.
pub fn codes() -> impl Iterator<Item = &'static str> {
    SENTENCES.iter().map(|(code, _, _)| *code)
}

/// The sentence of a code; the code itself where there is none.
pub fn sentence<'p>(
    code: &str,
    params: impl IntoIterator<Item = (&'p str, &'p str)>,
    language: Language,
) -> String {
    let Some((_, chinese, english)) = SENTENCES.iter().find(|(known, _, _)| *known == code) else {
        return code.to_owned();
    };
    let mut sentence = language.choose(chinese, english).to_owned();
    for (name, value) in params {
        sentence = sentence.replace(&format!("{{{name}}}"), value);
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_filled_from_its_parameters_in_either_language() {
        assert_eq!(
            sentence("too_long", [("max", "200")], Language::Chinese),
            "超过 200 个字符"
        );
        assert_eq!(
            sentence("too_long", [("max", "200")], Language::of("en-GB")),
            "is longer than 200 characters"
        );
        assert_eq!(
            sentence("no_such_code", [], Language::English),
            "no_such_code"
        );
    }

    #[test]
    fn every_code_has_one_sentence() {
        let mut all: Vec<&str> = codes().collect();
        all.sort_unstable();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
