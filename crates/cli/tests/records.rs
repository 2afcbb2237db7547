//! Records from the command line: every command's answer, its JSON and its exit code.
#![allow(clippy::unwrap_used)]

mod support;

use serde_json::json;
use support::{Ketu, exists};

#[test]
fn a_record_is_added_read_changed_and_removed_by_its_id_or_its_number() {
    let ketu = Ketu::set_up();
    let id = ketu.add(
        "customer",
        r#"{"name":"深圳华科技术有限公司","phone":"0755-26001234"}"#,
    );
    let record = ketu.ask(&["get", "customer", &id]);
    assert_eq!(record["fields"]["name"], "深圳华科技术有限公司");
    let number = record["fields"]["number"].as_str().unwrap();
    assert!(number.starts_with("CUST-"), "{number}");
    assert_eq!(ketu.ask(&["get", "customer", number])["id"], id.as_str());

    let saved = ketu.ask(&[
        "set",
        "customer",
        number,
        r#"{"alias":"华科","phone":null}"#,
    ]);
    assert_eq!(
        (saved["id"].as_str(), saved["changed"].as_u64()),
        (Some(id.as_str()), Some(1))
    );
    let record = ketu.ask(&["get", "customer", &id]);
    assert_eq!(
        (
            record["fields"]["alias"].as_str(),
            record["fields"].get("phone")
        ),
        (Some("华科"), None)
    );

    ketu.ask(&["remove", "customer", number]);
    assert_eq!(ketu.ask(&["list", "customer"])["count"], 0);
    ketu.ask(&["undo"]);
    assert_eq!(ketu.ask(&["list", "customer"])["count"], 1);
}

#[test]
fn lists_filter_limit_and_name_what_they_refer_to() {
    let ketu = Ketu::set_up();
    for name in ["华科技术", "恒远电气", "华信科技"] {
        ketu.add("customer", &json!({ "name": name }).to_string());
    }
    let filter = r#"{"field":{"field":"name","test":"contains","value":"华"}}"#;
    let listed = ketu.ask(&["list", "customer", "--filter", filter, "--limit", "1"]);
    assert_eq!(
        (
            listed["count"].as_u64(),
            listed["records"].as_array().unwrap().len()
        ),
        (Some(2), 1)
    );
    let owner = listed["records"][0]["fields"]["owner"].as_str().unwrap();
    assert_eq!(listed["titles"][owner], "李雷");
    let shown = ketu.say(&["list", "customer"]);
    assert!(
        shown.contains("客户名称") && shown.contains("恒远电气") && shown.contains("共 3 条"),
        "{shown}"
    );
}

#[test]
fn more_records_than_one_window_are_listed_in_full() {
    let ketu = Ketu::set_up();
    let rows: String = (0..450).map(|n| format!("第{n:03}公司\n")).collect();
    let file = ketu.write("many.csv", &format!("公司名称\n{rows}"));
    assert_eq!(ketu.ask(&["import", &file])["created"], 450);
    let listed = ketu.ask(&["list", "customer", "--limit", "1000"]);
    let mut names: Vec<&str> = listed["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["fields"]["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!((names.len(), listed["count"].as_u64()), (450, Some(450)));
    let some = ketu.ask(&["list", "customer", "--limit", "250"]);
    assert_eq!(some["records"].as_array().unwrap().len(), 250);
}

#[test]
fn undo_and_history_tell_what_happened() {
    let ketu = Ketu::set_up();
    let id = ketu.add("customer", r#"{"name":"华科"}"#);
    let saved = ketu.ask(&["set", "customer", &id, r#"{"name":"华科技术"}"#]);
    let undone = ketu.ask(&["undo", saved["tx"].as_str().unwrap()]);
    assert_eq!(
        (
            undone["changed"].as_u64(),
            undone["kept"].as_array().unwrap().len()
        ),
        (Some(1), 0)
    );
    let history = ketu.ask(&["history", "customer", &id]);
    let kinds: Vec<&str> = history["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["update", "update", "create"]);
    let shown = ketu.say(&["history", "customer", &id]);
    assert!(
        shown.contains("客户名称  华科 → 华科技术") && shown.contains("李雷"),
        "{shown}"
    );
    let other = Ketu::set_up();
    assert_eq!(other.refusal(&["undo"])["code"], "nothing_to_undo");
}

#[test]
fn customers_are_found_by_name_initials_and_phone() {
    let ketu = Ketu::set_up();
    ketu.add(
        "customer",
        r#"{"name":"重庆华科技术有限公司","phone":"023-67891234"}"#,
    );
    for text in ["华科", "cqhk", "zqhk", "chongqing", "1234"] {
        let found = ketu.ask(&["search", text]);
        assert_eq!(found["total"], 1, "{text}: {found}");
        assert_eq!(found["hits"][0]["title"], "重庆华科技术有限公司");
    }
    assert_eq!(ketu.ask(&["search", "没有这个"])["total"], 0);
}

#[test]
fn an_export_is_a_workbook_that_can_be_imported_again() {
    let ketu = Ketu::set_up();
    ketu.add(
        "customer",
        r#"{"name":"华科技术","phone":"0755-26001234","note":"=1+1"}"#,
    );
    let file = ketu.path("客户.xlsx");
    let exported = ketu.ask(&["export", "customer", &file]);
    assert_eq!(exported["rows"], 1);
    assert!(exists(&file));
    let again = ketu.ask(&["import", &file]);
    assert_eq!(
        (
            again["rows"].as_u64(),
            again["skipped"].as_u64(),
            again["failed"].as_u64()
        ),
        (Some(1), Some(1), Some(0))
    );
    let other = Ketu::set_up();
    assert_eq!(other.ask(&["import", &file])["created"], 1);
    let copy = &other.ask(&["list", "customer"])["records"][0];
    let original = &ketu.ask(&["list", "customer"])["records"][0];
    for field in ["name", "number", "phone", "note"] {
        assert_eq!(copy["fields"][field], original["fields"][field], "{field}");
    }
}

#[test]
fn what_cannot_be_done_is_refused_with_a_code() {
    let ketu = Ketu::set_up();
    assert_eq!(
        ketu.refusal(&["list", "starship"])["code"],
        "unknown_entity"
    );
    assert_eq!(
        ketu.refusal(&["get", "customer", "CUST-1999-001"])["code"],
        "not_found"
    );
    assert_eq!(
        ketu.refusal(&["get", "customer", "0192f0c1-7e55-7c3f-8d1a-0242ac120002"])["code"],
        "not_found"
    );
    let refused = ketu.refusal(&["add", "customer", r#"{"phone":"12"}"#]);
    assert_eq!(refused["code"], "invalid");
    assert_eq!(refused["errors"][0]["code"], "phone_length", "{refused}");
    let missing = ketu.refusal(&["add", "customer", r#"{"alias":"华科"}"#]);
    assert_eq!(
        (
            missing["field"].as_str(),
            missing["errors"][0]["code"].as_str()
        ),
        (Some("name"), Some("required"))
    );
    assert_eq!(
        ketu.refusal(&["add", "customer", r#"{"name":"华科","wheels":4}"#])["code"],
        "unknown_field"
    );
    assert!(
        ketu.refusal(&["export", "customer", "/nonexistent/x.xlsx"])["code"]
            .as_str()
            .is_some()
    );
}

#[test]
fn a_refusal_without_json_is_a_sentence_in_the_files_language() {
    let ketu = Ketu::set_up();
    let output = ketu.run(&["add", "customer", r#"{"alias":"华科"}"#]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("有字段不合要求") && said.contains("name: 必填"),
        "{said}"
    );
}

#[test]
fn wrong_usage_ends_with_2_and_changes_nothing() {
    let ketu = Ketu::set_up();
    for args in [
        &["no-such-command"][..],
        &["list"],
        &["list", "customer", "--limit", "many"],
        &["list", "customer", "--filter", "{"],
        &["add", "customer", "[]"],
        &["add", "customer", "name=华科"],
        &["remove", "customer"],
        &["import", "x.csv", "--map", "name"],
        &["import", "x.csv", "--duplicates", "sometimes"],
    ] {
        assert_eq!(ketu.run(args).status.code(), Some(2), "{args:?}");
    }
    assert_eq!(ketu.ask(&["list", "customer"])["count"], 0);
}

#[test]
fn fields_come_from_standard_input_where_a_dash_says_so() {
    let ketu = Ketu::set_up();
    let output = ketu.run_with_input(&["add", "customer", "-", "--json"], r#"{"name":"华科"}"#);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(ketu.ask(&["list", "customer"])["count"], 1);
}
