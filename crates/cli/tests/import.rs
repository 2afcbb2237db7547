//! `ketu import`: counts that add up, mapping by hand, rules for duplicates, dry runs and failed rows.
#![allow(clippy::unwrap_used)]

mod support;

use serde_json::json;
use support::{Ketu, exists};

const SHEET: &str = "公司名称,联系人,手机,等级\n\
    华科技术有限公司,王建国,13812345678,A\n\
    恒远电气有限公司,李敏,138123456,B\n\
    华科技术有限公司,赵静,13912345678,A\n\
    华科技术有限公司,王建国,138 1234 5678,A\n";

#[test]
fn an_import_prints_exactly_the_promised_document() {
    let ketu = Ketu::set_up();
    let file = ketu.write("客户.csv", SHEET);
    let done = ketu.ask(&["import", &file]);
    assert_eq!(
        done,
        json!({
            "rows": 4, "created": 2, "updated": 0, "skipped": 1, "failed": 1,
            "records": { "customer": 1, "contact": 2 },
            "errors": [{ "row": 3, "column": "手机", "code": "phone_length" }],
        })
    );
}

#[test]
fn a_dry_run_prints_the_same_and_writes_nothing() {
    let ketu = Ketu::set_up();
    let file = ketu.write("客户.csv", SHEET);
    let tried = ketu.ask(&["import", &file, "--dry-run"]);
    assert_eq!(ketu.ask(&["list", "customer"])["count"], 0);
    assert_eq!(ketu.ask(&["list", "contact"])["count"], 0);
    assert_eq!(tried, ketu.ask(&["import", &file]));
}

#[test]
fn a_column_goes_where_it_is_sent_by_name_letter_or_number() {
    let ketu = Ketu::set_up();
    let file = ketu.write("odd.csv", "甲,乙,丙\n华科技术,王建国,13812345678\n");
    let done = ketu.ask(&[
        "import",
        &file,
        "--map",
        "甲=name",
        "--map",
        "B=contact.name",
        "--map",
        "3=contact.mobile",
    ]);
    assert_eq!(done["records"], json!({ "customer": 1, "contact": 1 }));
    let contact = &ketu.ask(&["list", "contact"])["records"][0]["fields"];
    assert_eq!(
        (contact["name"].as_str(), contact["mobile"].as_str()),
        (Some("王建国"), Some("13812345678"))
    );
    assert_eq!(
        ketu.refusal(&["import", &file, "--map", "丁=name"])["code"],
        "unknown_column"
    );
    let refused = ketu.refusal(&["import", &file, "--map", "甲=wheels"]);
    assert_eq!(
        (
            refused["code"].as_str(),
            refused["params"]["target"].as_str()
        ),
        (Some("unknown_target"), Some("wheels"))
    );
}

#[test]
fn a_column_sent_nowhere_is_not_imported() {
    let ketu = Ketu::set_up();
    let file = ketu.write("客户.csv", "公司名称,备注\n华科技术,内部备注\n");
    ketu.ask(&["import", &file, "--map", "备注="]);
    assert_eq!(
        ketu.ask(&["list", "customer"])["records"][0]["fields"].get("note"),
        None
    );
}

#[test]
fn duplicates_are_skipped_updated_or_created_as_asked() {
    let ketu = Ketu::set_up();
    let first = ketu.write("first.csv", "公司名称,地址,备注\n华科技术,旧地址,老客户\n");
    ketu.ask(&["import", &first]);
    let second = ketu.write("second.csv", "公司名称,地址,备注\n华科技术,新地址,\n");
    let fields = || ketu.ask(&["list", "customer"])["records"][0]["fields"].clone();
    assert_eq!(ketu.ask(&["import", &second])["skipped"], 1);
    assert_eq!(fields()["address"], "旧地址");
    assert_eq!(
        ketu.ask(&["import", &second, "--duplicates", "update"])["updated"],
        1
    );
    assert_eq!(
        (fields()["address"].as_str(), fields()["note"].as_str()),
        (Some("新地址"), Some("老客户"))
    );
    assert_eq!(
        ketu.ask(&["import", &second, "--duplicates", "create"])["created"],
        1
    );
    assert_eq!(ketu.ask(&["list", "customer"])["count"], 2);
}

#[test]
fn failed_rows_come_back_as_a_workbook_with_reasons() {
    let ketu = Ketu::set_up();
    let (file, failed) = (ketu.write("客户.csv", SHEET), ketu.path("失败.xlsx"));
    let done = ketu.ask(&["import", &file, "--errors", &failed]);
    assert_eq!(done["failed"], 1);
    assert!(exists(&failed));
    // As it is, the row fails again, and the column of reasons is no obstacle.
    let again = ketu.ask(&["import", &failed]);
    assert_eq!(
        (again["rows"].as_u64(), again["failed"].as_u64()),
        (Some(1), Some(1))
    );
    let none = ketu.path("none.xlsx");
    let good = ketu.write("good.csv", "公司名称\n明德物流\n");
    ketu.ask(&["import", &good, "--errors", &none]);
    assert!(!exists(&none), "no workbook where nothing failed");
}

#[test]
fn a_sheet_is_chosen_by_its_name() {
    let ketu = Ketu::set_up();
    let file = ketu.write("客户.csv", SHEET);
    let refused = ketu.refusal(&["import", &file, "--sheet", "二月"]);
    assert_eq!(refused["code"], "sheet_not_found");
}

#[test]
fn files_that_are_no_spreadsheets_are_refused_with_a_reason() {
    let ketu = Ketu::set_up();
    let picture = ketu.path("picture.xlsx");
    std::fs::write(&picture, [0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0]).unwrap();
    assert_eq!(
        ketu.refusal(&["import", &picture])["code"],
        "sheet_not_a_spreadsheet"
    );
    let empty = ketu.write("empty.xlsx", "");
    assert_eq!(
        ketu.refusal(&["import", &empty])["code"],
        "sheet_empty_file"
    );
    let absent = ketu.refusal(&["import", &ketu.path("absent.xlsx")]);
    assert!(absent["code"].as_str().is_some(), "{absent}");
    assert_eq!(ketu.ask(&["list", "customer"])["count"], 0);
}

#[test]
fn the_whole_import_is_undone_at_once() {
    let ketu = Ketu::set_up();
    let file = ketu.write("客户.csv", SHEET);
    ketu.ask(&["import", &file]);
    ketu.ask(&["undo"]);
    for entity in ["customer", "contact"] {
        assert_eq!(ketu.ask(&["list", entity])["count"], 0, "{entity}");
    }
    assert_eq!(ketu.ask(&["search", "华科"])["total"], 0);
}

#[test]
fn people_read_where_columns_went_and_why_rows_failed() {
    let ketu = Ketu::set_up();
    let file = ketu.write("客户.csv", SHEET);
    let said = ketu.say(&["import", &file]);
    for part in [
        "公司名称  客户 · 客户名称",
        "手机      联系人 · 手机",
        "共 4 行：新增 2, 更新 0, 跳过 1, 失败 1",
        "第 3 行 手机: 电话号码位数不对",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
}
