//! Header rows as exports of Chinese and foreign CRMs and ERPs, WPS and people write them, and where
//! their columns have to go.

use ketu_sheet::Cell;

use super::*;

const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 25).unwrap();

/// Guesses a sheet of these columns, each a header and some values; says targets in order.
fn guessed(sheet: &str, columns: &[(&str, &[&str])]) -> Vec<String> {
    let names: Vec<String> = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
    let depth = columns
        .iter()
        .map(|(_, values)| values.len())
        .max()
        .unwrap_or(0);
    let header = columns
        .iter()
        .map(|(name, _)| Cell::Text(name))
        .collect::<Vec<_>>();
    let body = (0..depth).map(|row| {
        columns
            .iter()
            .map(|(_, values)| values.get(row).map_or(Cell::Empty, |text| Cell::Text(text)))
            .collect::<Vec<_>>()
    });
    let table = Table::from_rows(std::iter::once(header).chain(body));
    let catalog = Catalog::core();
    let dictionary = Dictionary::new(&catalog);
    let mapping = guess(
        &catalog,
        &dictionary,
        sheet,
        &headers(&names, &table, 1, TODAY),
    );
    (0u32..)
        .zip(columns)
        .map(|(at, _)| {
            mapping
                .get(&at)
                .map_or_else(|| "-".to_owned(), ToString::to_string)
        })
        .collect()
}

/// Headers alone, `header>target` each; `-` for columns that go nowhere.
fn check(row: &str) {
    let pairs: Vec<(&str, &str)> = row
        .split_whitespace()
        .map(|pair| pair.split_once('>').unwrap())
        .collect();
    let columns: Vec<(String, &[&str])> = pairs
        .iter()
        .map(|(header, _)| (header.replace('~', " "), &[][..]))
        .collect();
    let columns: Vec<(&str, &[&str])> = columns
        .iter()
        .map(|(header, values)| (header.as_str(), *values))
        .collect();
    let expected: Vec<&str> = pairs.iter().map(|(_, target)| *target).collect();
    assert_eq!(guessed("Sheet1", &columns), expected, "{row}");
}

#[test]
fn real_header_rows_go_where_their_columns_belong() {
    for row in [
        "编号>customer.number 公司>customer.name 联系人>contact.name 手机>contact.mobile 邮箱>contact.email 行业>customer.industry \
         省市>customer.region 地址>customer.address 等级>customer.level 金额>customer.annual_value 日期>- 备注>customer.note",
        "序号>- *客户名称>customer.name 客户编号>customer.number 客户级别>customer.level 客户来源>customer.source 客户行业>customer.industry \
         电话>customer.phone 网址>customer.website 下次联系时间>reminder.due_at 备注>customer.note 负责人>customer.owner 创建时间>- 更新时间>-",
        "公司名称（必填）>customer.name 联系人姓名>contact.name 职务>contact.title 手机号码>contact.mobile 办公电话>customer.phone \
         电子邮件>contact.email 省份>customer.region 城市>customer.region 区县>customer.region 详细地址>customer.address",
        // Headers in two rows, the group before the stroke.
        "客户信息/公司>customer.name 客户信息/所属行业>customer.industry 联系人信息/姓名>contact.name 联系人信息/手机>contact.mobile \
         联系方式/邮箱>contact.email 基本资料/地址>customer.address 省/市>customer.region",
        "单位名称>customer.name 税号>customer.uscc 联系人>contact.name 联系电话>contact.mobile 通讯地址>customer.address 业务员>customer.owner",
        "往来单位编码>customer.number 往来单位>customer.name 简称>customer.alias 纳税人识别号>customer.uscc 联系人>contact.name \
         移动电话>contact.mobile 业务员>customer.owner",
        "客户>customer.name 项目名称>opportunity.name 项目金额>opportunity.amount 销售阶段>opportunity.stage 预计签约日期>opportunity.expected_close \
         赢率>opportunity.probability 失败原因>opportunity.lost_reason 下一步>opportunity.next_step",
        "客户名称>customer.name 联系方式>customer.phone 邮箱>customer.email 客户状态>customer.lifecycle 标签>customer.tags",
        "客户名称>customer.name 拜访日期>interaction.occurred_at 拜访内容>interaction.summary 跟进方式>interaction.kind 下次跟进时间>reminder.due_at",
        "Company~Name>customer.name Contact~Name>contact.name Job~Title>contact.title Email>contact.email Mobile~Phone>contact.mobile \
         Industry>customer.industry City>customer.region Lead~Source>customer.source Notes>customer.note Owner>customer.owner",
        "Company>customer.name Name>contact.name Phone>customer.phone Website>customer.website",
        "客户名称>customer.name 联系人/姓名>contact.name 联系人/电话>contact.mobile 联系人/邮箱>contact.email 地址/省>customer.region 地址/市>customer.region",
        "客户名称>customer.name 主要联系人>contact.name 主要联系人电话>contact.mobile 联系人职位>contact.title 客户所属行业>customer.industry \
         公司注册地址>customer.address",
        "客户名称>customer.name 失败原因>-",
        "客户名称>customer.name 年采购额（万元）>customer.annual_value 统一社会信用代码>customer.uscc 客户类型>customer.category",
        "客户名称>customer.name 联系人1>contact.name 电话1>customer.phone 联系人2>-",
        "姓名>customer.name 手机>customer.phone 微信号>contact.wechat",
        "customer.name>customer.name contact.mobile>contact.mobile opportunity.amount>opportunity.amount",
    ] {
        check(row);
    }
}

#[test]
fn the_values_decide_what_the_header_leaves_open() {
    let companies = [
        "深圳市华科技术有限公司",
        "广州远大贸易有限公司",
        "上海宏图电子厂",
    ];
    let mobiles = ["13812345678", "13900001111", "13711112222"];
    let landlines = ["0755-26001234", "020-88881234", "021-55556666"];
    let people = ["张伟", "李娜", "王芳"];
    /// Sheet, its columns with some values, and what is expected of each.
    type Case<'a> = (&'a str, &'a [(&'a str, &'a [&'a str])], &'a [&'a str]);
    let cases: [Case<'_>; 9] = [
        (
            "电话 with mobiles beside contacts is theirs",
            &[
                ("公司", &companies),
                ("联系人", &people),
                ("电话", &mobiles),
            ],
            &["customer.name", "contact.name", "contact.mobile"],
        ),
        (
            "电话 with landlines is the company's",
            &[
                ("公司", &companies),
                ("联系人", &people),
                ("电话", &landlines),
            ],
            &["customer.name", "contact.name", "customer.phone"],
        ),
        (
            "电话 beside 手机 is the company's",
            &[
                ("公司", &companies),
                ("联系人", &people),
                ("手机", &mobiles),
                ("电话", &landlines),
            ],
            &[
                "customer.name",
                "contact.name",
                "contact.mobile",
                "customer.phone",
            ],
        ),
        (
            "联系电话 without contacts is the company's",
            &[("公司", &companies), ("联系电话", &mobiles)],
            &["customer.name", "customer.phone"],
        ),
        (
            "a column that counts rows is no customer number",
            &[("编号", &["1", "2", "3"]), ("公司", &companies)],
            &["-", "customer.name"],
        ),
        (
            "numbers filled up with zeros are the customers', also where none is missing",
            &[("编号", &["0001", "0002", "0003"]), ("公司", &companies)],
            &["customer.number", "customer.name"],
        ),
        (
            "区域 with areas of sales is no region",
            &[
                ("公司", &companies),
                ("区域", &["华东大区", "华南大区", "西北大区"]),
            ],
            &["customer.name", "-"],
        ),
        (
            "最近跟进 with words is what was talked about",
            &[
                ("公司", &companies),
                ("最近跟进", &["已寄样品", "等待回复", "约了下周见面"]),
            ],
            &["customer.name", "interaction.summary"],
        ),
        (
            "columns without a telling name go by their values",
            &[
                ("A", &companies),
                ("B", &["91350100M000100Y43", "91230184MA1BUFLT44"]),
                ("C", &["a@b.com", "c@d.cn"]),
            ],
            &["customer.name", "customer.uscc", "customer.email"],
        ),
    ];
    for (what, columns, expected) in cases {
        assert_eq!(guessed("Sheet1", columns), expected, "{what}");
    }
}

#[test]
fn a_sheet_named_after_a_record_is_about_it() {
    let contacts = guessed(
        "联系人",
        &[
            ("姓名", &[]),
            ("所属客户", &[]),
            ("手机", &[]),
            ("邮箱", &[]),
            ("备注", &[]),
        ],
    );
    assert_eq!(
        contacts,
        [
            "contact.name",
            "customer.name",
            "contact.mobile",
            "contact.email",
            "contact.note"
        ]
    );
    let deals = guessed(
        "Opportunity",
        &[
            ("Name", &[]),
            ("Customer", &[]),
            ("Amount", &[]),
            ("Stage", &[]),
            ("Owner", &[]),
        ],
    );
    assert_eq!(
        deals,
        [
            "opportunity.name",
            "customer.name",
            "opportunity.amount",
            "opportunity.stage",
            "opportunity.owner"
        ]
    );
    let visits = guessed(
        "互动",
        &[
            ("方式", &[]),
            ("时间", &[]),
            ("客户", &[]),
            ("摘要", &[]),
            ("后续行动", &[]),
        ],
    );
    assert_eq!(
        visits,
        [
            "interaction.kind",
            "interaction.occurred_at",
            "customer.name",
            "interaction.summary",
            "interaction.next_step"
        ]
    );
}

#[test]
fn each_target_is_taken_once_but_for_regions() {
    let twice = guessed(
        "Sheet1",
        &[
            ("客户名称", &[]),
            ("公司名称", &[]),
            ("省", &[]),
            ("市", &[]),
        ],
    );
    assert_eq!(
        twice,
        ["customer.name", "-", "customer.region", "customer.region"]
    );
}

#[test]
fn every_label_of_an_importable_field_is_understood() {
    let catalog = Catalog::core();
    let dictionary = Dictionary::new(&catalog);
    for (_, _, field) in importable(&catalog) {
        assert!(
            dictionary.knows(&field.label.zh) && dictionary.knows(&field.label.en),
            "{}",
            field.key
        );
    }
    for words in MORE {
        assert!(
            Target::parse(&catalog, words.0).is_some(),
            "{} is no target",
            words.0
        );
    }
    for (target, _) in RULES.iter().flat_map(|rule| rule.order) {
        assert!(
            Target::parse(&catalog, target).is_some(),
            "{target} is no target"
        );
    }
    for rule in RULES {
        for name in rule.names {
            assert_eq!(normal(name), *name, "rules hold normal forms");
        }
    }
}
