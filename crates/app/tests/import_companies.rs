//! Rows of one company: what later rows add, what is there already, what comes back mended, what is merged.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::PathBuf;

use ketu_sheet::write::{Column, SheetPlan, Value, XlsxFile};
use serde_json::{Value as Json, json};
use support::desk::{Desk, write};

/// A workbook of texts; its path.
fn sheet(desk: &Desk, name: &str, header: &[&str], rows: &[&[&str]]) -> PathBuf {
    let path = desk.file(name);
    let rows: Vec<Vec<Value<'_>>> = rows
        .iter()
        .map(|row| row.iter().map(|text| Value::Text(text)).collect())
        .collect();
    write(&path, "客户", header, &rows);
    path
}

fn counts(done: &Json) -> [i64; 4] {
    ["created", "updated", "skipped", "failed"].map(|key| done[key].as_i64().unwrap())
}

#[test]
fn later_rows_of_a_company_fill_what_the_first_leaves_empty() {
    let desk = Desk::new("zh-CN");
    let header = [
        "公司",
        "公司电话",
        "地址",
        "联系人",
        "手机",
        "邮箱",
        "沟通内容",
        "拜访日期",
    ];
    let path = sheet(
        &desk,
        "客户.xlsx",
        &header,
        &[
            &[
                "华科技术",
                "",
                "",
                "张伟",
                "13812345678",
                "",
                "送样",
                "2026-03-05",
            ],
            &[
                "华科技术",
                "",
                "科技园",
                "张伟",
                "",
                "zw@hk.com",
                "报价",
                "2026-04-05",
            ],
            &[
                "华科技术",
                "0755-26001234 0755-26005678",
                "",
                "张伟",
                "",
                "",
                "",
                "",
            ],
        ],
    );
    assert_eq!(counts(&desk.import(&path, "skip")), [2, 0, 1, 0]);
    let customer = &desk.fields("customer")[0];
    assert_eq!(customer["address"], "科技园");
    assert_eq!(
        customer["phone"], "0755-26001234",
        "also from a row that is skipped"
    );
    assert_eq!(customer["note"], "0755-26005678", "the warning promised it");
    let contacts = desk.fields("contact");
    assert_eq!(contacts.len(), 1);
    assert_eq!(
        (&contacts[0]["mobile"], &contacts[0]["email"]),
        (&json!("13812345678"), &json!("zw@hk.com"))
    );
    assert_eq!(desk.fields("interaction").len(), 2);
}

#[test]
fn a_further_contact_of_a_customer_that_is_there_arrives_when_its_row_is_mended() {
    let desk = Desk::new("zh-CN");
    let header = ["公司", "地址", "联系人", "手机"];
    let first = sheet(
        &desk,
        "客户.xlsx",
        &header,
        &[
            &["华科技术", "科技园", "张伟", "13812345678"],
            &["华科技术", "", "李娜", "1390"],
        ],
    );
    let opened = desk.open(&first);
    desk.plan(&opened, "skip");
    let done = desk.ok("import_apply", json!({"import": opened["import"]}));
    assert_eq!(counts(&done), [1, 0, 0, 1]);
    let mended = sheet(
        &desk,
        "改好.xlsx",
        &header,
        &[&["华科技术", "别处", "李娜", "13900002222"]],
    );
    assert_eq!(counts(&desk.import(&mended, "skip")), [1, 0, 0, 0]);
    let contacts = desk.fields("contact");
    assert_eq!(contacts.len(), 2);
    assert_eq!(
        desk.fields("customer")[0]["address"],
        "科技园",
        "the customer stays as it is"
    );
    assert_eq!(
        counts(&desk.import(&mended, "skip")),
        [0, 0, 1, 0],
        "and it arrives once"
    );
}

#[test]
fn a_number_that_a_later_row_brings_is_not_given_to_a_row_above_it() {
    let desk = Desk::new("zh-CN");
    let path = sheet(
        &desk,
        "客户.xlsx",
        &["编号", "公司"],
        &[
            &["", "华科技术"],
            &["CUST-2026-001", "远大贸易"],
            &["CUST-2026-002", "宏图电子"],
        ],
    );
    assert_eq!(counts(&desk.import(&path, "skip")), [3, 0, 0, 0]);
    let mut numbers: Vec<String> = desk
        .fields("customer")
        .iter()
        .map(|fields| fields["number"].as_str().unwrap().to_owned())
        .collect();
    numbers.sort();
    assert_eq!(numbers, ["CUST-2026-001", "CUST-2026-002", "CUST-2026-003"]);
}

#[test]
fn a_compulsory_field_of_ones_own_is_asked_for_before_anything_is_written() {
    let desk = Desk::new("zh-CN");
    desk.ok(
        "add",
        json!({"entity": "field_definition", "fields": {
            "entity": "customer", "name": "结算方式", "type": "text", "required": true
        }}),
    );
    let path = sheet(
        &desk,
        "客户.xlsx",
        &["公司", "结算方式"],
        &[&["华科技术", ""], &["远大贸易", "月结"]],
    );
    let opened = desk.open(&path);
    let planned = desk.plan(&opened, "skip");
    assert_eq!(
        (&planned["create"], &planned["fail"]),
        (&json!(1), &json!(1))
    );
    let rows = desk.ok(
        "import_rows",
        json!({"import": opened["import"], "only": "fail", "offset": 0, "limit": 10}),
    );
    let issue = &rows["rows"][0]["issues"][0];
    assert_eq!(
        (
            &issue["code"],
            &issue["params"]["field"],
            &issue["column_name"]
        ),
        (
            &json!("required_field"),
            &json!("结算方式"),
            &json!("结算方式")
        )
    );
    let done = desk.ok("import_apply", json!({"import": opened["import"]}));
    assert_eq!(counts(&done), [1, 0, 0, 1]);
}

#[test]
fn a_company_merged_over_the_rows_of_its_people_is_one_customer() {
    let desk = Desk::new("zh-CN");
    let path = desk.file("合并.xlsx");
    let mut file = XlsxFile::create(&path).unwrap();
    let header = ["公司", "联系人", "手机"];
    file.add_sheet(SheetPlan {
        name: "客户".to_owned(),
        columns: header.iter().map(|name| Column::new(*name)).collect(),
        ..SheetPlan::default()
    })
    .unwrap();
    for (company, people) in [
        (
            "华科技术",
            [
                ("张伟", "13812345678"),
                ("李娜", "13900001111"),
                ("王芳", "13711112222"),
            ],
        ),
        (
            "远大贸易",
            [
                ("陈静", "13655556666"),
                ("赵敏", "13577778888"),
                ("周杰", "13499990000"),
            ],
        ),
    ] {
        file.merge(0, 3, 1, company).unwrap();
        for (name, mobile) in people {
            file.row(&[Value::Empty, Value::Text(name), Value::Text(mobile)])
                .unwrap();
        }
    }
    file.finish().unwrap();
    assert_eq!(counts(&desk.import(&path, "skip")), [6, 0, 0, 0]);
    assert_eq!(desk.fields("customer").len(), 2);
    assert_eq!(desk.fields("contact").len(), 6);
}

#[test]
fn what_a_file_has_too_much_of_is_said_and_half_a_file_is_not_imported() {
    let desk = Desk::new("zh-CN");
    let wide = desk.file("宽.csv");
    let names: Vec<String> = (0..230).map(|at| format!("列{at}")).collect();
    let cells = vec!["1"; 230].join(",");
    std::fs::write(
        &wide,
        format!("公司,{}\n华科技术,{cells}\n", names.join(",")),
    )
    .unwrap();
    let planned = desk.plan(&desk.open(&wide), "skip");
    assert_eq!(
        (&planned["create"], &planned["columns_left_out"]),
        (&json!(1), &json!(31))
    );

    let broken = desk.file("坏字节.csv");
    let mut bytes = "公司,地址\n".to_owned();
    for number in 0..50 {
        bytes.push_str(&format!("华科技术{number}号,科技园\n"));
    }
    let mut bytes = bytes.into_bytes();
    bytes.extend(b"\xe5\x8d,x\n");
    std::fs::write(&broken, bytes).unwrap();
    let planned = desk.plan(&desk.open(&broken), "skip");
    assert_eq!(
        (&planned["rows"], &planned["characters_replaced"]),
        (&json!(51), &json!(1))
    );

    let long = desk.file("长.csv");
    std::fs::write(&long, format!("公司,地址\n{}", "甲,乙\n".repeat(1_048_577))).unwrap();
    let opened = desk.open(&long);
    let code = desk.refused(
        "import_plan",
        json!({"import": opened["import"], "mapping": {"0": "customer.name"}}),
    );
    assert_eq!(code, "sheet_too_many_rows");
}
