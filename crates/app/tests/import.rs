//! From a file to records and back, through the one dispatch, with real files read by a real worker.
#![allow(clippy::unwrap_used)]

mod support;

use ketu_app::Event;
use ketu_sheet::write::Value;
use serde_json::{Value as Json, json};
use support::desk::{Desk, HEADER, workbook, write};
use support::{NOW, option};

#[test]
fn a_workbook_becomes_customers_with_contacts_reminders_and_new_options() {
    let desk = Desk::new("zh-CN");
    let path = desk.file("去年客户.xlsx");
    workbook(&path);
    let opened = desk.open(&path);
    assert_eq!(
        (opened["kind"].as_str(), opened["sheet"].as_str()),
        (Some("xlsx"), Some("客户资料"))
    );
    assert_eq!(opened["columns"][3]["target"], "contact.mobile");
    assert_eq!(opened["preview"][0][1], "深圳市华科技术有限公司\u{200b}");
    let planned = desk.plan(&opened, "skip");
    assert_eq!(
        [&planned["rows"], &planned["create"], &planned["fail"]].map(Json::clone),
        [json!(4), json!(3), json!(1)]
    );
    assert_eq!(
        planned["records"],
        json!({"customer": 2, "contact": 3, "reminder": 2})
    );
    assert_eq!(
        planned["new_options"],
        json!([{"field": "customer.industry", "name": "航天", "rows": 1}, {"field": "customer.level", "name": "重点", "rows": 1}])
    );
    let failing = desk.ok(
        "import_rows",
        json!({"import": opened["import"], "only": "fail", "offset": 0, "limit": 10}),
    );
    assert_eq!(failing["rows"][0]["row"], 4);
    assert_eq!(failing["rows"][0]["issues"][0]["code"], "phone_length");
    assert_eq!(failing["rows"][0]["issues"][0]["column_name"], "手机");
    assert_eq!(desk.records("customer").len(), 0, "a plan writes nothing");

    let done = desk.ok("import_apply", json!({"import": opened["import"]}));
    assert_eq!(
        [&done["created"], &done["failed"]].map(Json::clone),
        [json!(3), json!(1)]
    );
    let customers = desk.fields("customer");
    let company = &customers[1];
    assert_eq!(company["name"], "深圳市华科技术有限公司");
    assert_eq!(company["industry"], option("customer.industry", "信息技术"));
    assert_eq!(company["level"], option("customer.level", "A 重点"));
    assert_eq!(company["region"], "440300");
    assert_eq!(company["annual_value"], json!([12_000_000, "CNY"]));
    assert_eq!(company["note"], "=1+1");
    assert_eq!(customers[0]["annual_value"], json!([30, "CNY"]));
    let contacts = desk.fields("contact");
    assert_eq!(contacts.len(), 3);
    assert_eq!(contacts[0]["mobile"], "13812345678");
    assert_eq!(contacts[2]["mobile"], "13711112222");
    assert_eq!(contacts[2]["phone"], "020-88881234");
    let reminders = desk.fields("reminder");
    assert_eq!(reminders.len(), 2);
    assert_eq!(reminders[0]["title"], "下次跟进");
    assert!(!reminders[0]["contact"].is_null());
    assert!(desk.events.lock().unwrap().iter().any(|event| matches!(event, Event::Changed { entities, .. } if entities.contains(&"contact".to_owned()))));
    assert_eq!(
        desk.refused("import_apply", json!({"import": opened["import"]})),
        "import_done"
    );
}

#[test]
fn a_whole_import_is_undone_in_one_step_and_done_again() {
    let desk = Desk::new("zh-CN");
    let path = desk.file("客户.xlsx");
    workbook(&path);
    let done = desk.import(&path, "skip");
    let before = desk.fields("customer");
    desk.ok("undo", json!({"tx": done["tx"]}));
    assert!(
        desk.records("customer").is_empty()
            && desk.records("contact").is_empty()
            && desk.records("reminder").is_empty()
    );
    let removed = desk.ok("catalog", json!({}))["removed"].clone();
    let names: Vec<&str> = removed
        .as_object()
        .unwrap()
        .values()
        .filter_map(Json::as_str)
        .collect();
    assert!(
        names.contains(&"航天"),
        "the recycle bin still names its options: {names:?}"
    );
    desk.ok("redo", json!({}));
    assert_eq!(desk.fields("customer"), before);
}

#[test]
fn the_same_file_again_is_skipped_and_a_changed_cell_is_updated() {
    let desk = Desk::new("zh-CN");
    let path = desk.file("客户.xlsx");
    workbook(&path);
    desk.import(&path, "skip");
    let before = (
        desk.records("customer"),
        desk.records("contact"),
        desk.records("reminder"),
    );
    let again = desk.import(&path, "skip");
    assert_eq!(
        (again["skipped"].as_i64(), &again["tx"]),
        (Some(3), &Json::Null)
    );
    let same = desk.import(&path, "update");
    assert_eq!(
        (
            same["skipped"].as_i64(),
            same["updated"].as_i64(),
            same["records"].clone()
        ),
        (Some(3), Some(0), json!({}))
    );
    assert_eq!(
        (
            desk.records("customer"),
            desk.records("contact"),
            desk.records("reminder")
        ),
        before
    );

    let changed = desk.file("新地址.xlsx");
    write(
        &changed,
        "x",
        &["公司", "地址", "备注"],
        &[vec![
            Value::Text("深圳市华科技术有限公司"),
            Value::Text("南山大道"),
            Value::Empty,
        ]],
    );
    let updated = desk.import(&changed, "update");
    assert_eq!(updated["updated"], 1);
    let company = &desk.fields("customer")[1];
    assert_eq!(
        (company["address"].as_str(), company["note"].as_str()),
        (Some("南山大道"), Some("=1+1")),
        "a blank cell takes nothing away"
    );
}

#[test]
fn create_makes_a_duplicate_with_a_number_of_its_own() {
    let desk = Desk::new("zh-CN");
    let path = desk.file("客户.xlsx");
    workbook(&path);
    desk.import(&path, "skip");
    let again = desk.import(&path, "create");
    assert_eq!(
        (again["created"].as_i64(), desk.records("customer").len()),
        (Some(3), 4)
    );
    let mut numbers: Vec<String> = desk
        .fields("customer")
        .iter()
        .map(|fields| fields["number"].to_string())
        .collect();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 4);
}

#[test]
fn failed_rows_come_back_as_a_workbook_that_is_mended_and_imported() {
    for (language, reason) in [
        ("zh-CN", "手机：电话号码位数不对"),
        (
            "en",
            "手机: has too few or too many digits for a phone number",
        ),
    ] {
        let desk = Desk::new(language);
        let path = desk.file("客户.xlsx");
        workbook(&path);
        let opened = desk.open(&path);
        desk.plan(&opened, "skip");
        desk.ok("import_apply", json!({"import": opened["import"]}));
        let failed = desk.file("失败行.xlsx");
        let written = desk.ok(
            "import_failed_rows",
            json!({"import": opened["import"], "path": failed}),
        );
        assert_eq!(written["rows"], 1);
        let opened = desk.open(&failed);
        let columns = opened["columns"].as_array().unwrap();
        assert_eq!(columns.len(), HEADER.len() + 1);
        assert_eq!(columns[12]["target"], Json::Null, "the reason is no data");
        assert_eq!(opened["preview"][0][12], reason);
        assert_eq!(opened["preview"][0][9], "3500.5");
        assert_eq!(
            desk.import(&failed, "skip")["failed"],
            1,
            "as it is it fails again"
        );

        let cells: Vec<String> = opened["preview"][0]
            .as_array()
            .unwrap()
            .iter()
            .map(|cell| cell.as_str().unwrap().to_owned())
            .collect();
        let mut row: Vec<Value<'_>> = cells.iter().map(|cell| Value::Text(cell)).collect();
        row[3] = Value::Text("13900002222");
        let mut header = HEADER.to_vec();
        header.push("失败原因");
        let mended = desk.file("改好.xlsx");
        write(&mended, "失败行", &header, &[row]);
        assert_eq!(desk.import(&mended, "skip")["created"], 1);
        assert_eq!(desk.records("customer").len(), 3);
    }
}

const CUSTOMER: [&str; 18] = [
    "name",
    "number",
    "alias",
    "uscc",
    "phone",
    "email",
    "website",
    "industry",
    "source",
    "category",
    "level",
    "lifecycle",
    "region",
    "address",
    "annual_value",
    "tags",
    "owner",
    "note",
];

fn fill(desk: &Desk) -> String {
    let tag = desk.ok("add", json!({"entity": "tag", "fields": {"name": "展会"}}))["id"].clone();
    let customer = desk.ok("add", json!({"entity": "customer", "fields": {
        "name": "=深圳市华科技术有限公司", "number": "007", "alias": "-华科", "uscc": "91350100M000100Y43", "phone": "0755-26001234-801",
        "email": "info@hk.com", "website": "http://www.hk.com", "industry": option("customer.industry", "信息技术"),
        "source": option("customer.source", "展会"), "category": option("customer.category", "设计院"),
        "level": option("customer.level", "A 重点"), "lifecycle": option("customer.lifecycle", "成交"), "region": "440305",
        "address": "科技园 1 号", "annual_value": [123_456, "CNY"], "tags": [tag], "note": "一\n二 =1",
    }}))["id"].as_str().unwrap().to_owned();
    desk.ok("add", json!({"entity": "customer", "fields": {"name": "Acme Ltd.", "annual_value": [500_000, "USD"]}}));
    desk.ok("add", json!({"entity": "contact", "fields": {
        "customer": customer, "name": "张伟", "title": "经理", "gender": option("contact.gender", "男"), "mobile": "13812345678",
        "phone": "0755-26001235", "email": "zw@hk.com", "wechat": "zw_001", "key_person": true, "birthday": "1980-02-29", "note": "好",
    }}));
    let stage = ketu_model::catalog::shipped::shipped_stage("supply", "quote");
    let pipeline = ketu_model::catalog::shipped::shipped_pipeline("supply");
    desk.ok("add", json!({"entity": "opportunity", "fields": {
        "customer": customer, "name": "一期", "pipeline": pipeline, "stage": stage, "amount": [5_000_000, "CNY"], "probability": 13,
        "expected_close": "2026-12-31", "next_step": "报价",
    }}));
    desk.ok("log_interaction", json!({"fields": {
        "customer": customer, "kind": option("interaction.kind", "拜访"), "occurred_at": NOW - 86_400_000, "summary": "看现场", "next_step": "寄样",
    }}));
    customer
}

/// What is exported of each entity.
fn exports() -> Vec<(&'static str, Vec<&'static str>)> {
    vec![
        (
            "customer",
            CUSTOMER
                .iter()
                .copied()
                .chain(["created_at", "updated_at"])
                .collect(),
        ),
        (
            "contact",
            vec![
                "name",
                "customer",
                "title",
                "gender",
                "mobile",
                "phone",
                "email",
                "wechat",
                "key_person",
                "birthday",
                "note",
            ],
        ),
        (
            "opportunity",
            vec![
                "name",
                "number",
                "customer",
                "pipeline",
                "stage",
                "amount",
                "probability",
                "expected_close",
                "next_step",
                "owner",
            ],
        ),
        (
            "interaction",
            vec!["kind", "occurred_at", "customer", "summary", "next_step"],
        ),
    ]
}

#[test]
fn what_is_exported_is_imported_again_without_a_change_in_either_language() {
    for language in ["zh-CN", "en"] {
        let desk = Desk::new(language);
        fill(&desk);
        for (entity, columns) in exports() {
            let before = desk.records(entity);
            let path = desk.export(entity, &columns, &format!("{entity}.xlsx"));
            let done = desk.import(&path, "update");
            assert_eq!(done["skipped"], before.len(), "{language} {entity}: {done}");
            assert_eq!(
                (&done["records"], &done["tx"]),
                (&json!({}), &Json::Null),
                "{language} {entity}"
            );
            assert_eq!(desk.records(entity), before, "{language} {entity}");
        }
    }
}

#[test]
fn what_is_exported_fills_an_empty_file_with_the_same_fields() {
    for language in ["zh-CN", "en"] {
        let (from, to) = (Desk::new(language), Desk::new(language));
        fill(&from);
        for (entity, columns) in exports() {
            let path = from.export(entity, &columns, &format!("{entity}.xlsx"));
            // Customers are there by the time that the others name them.
            let done = to.import(
                &path,
                if entity == "customer" {
                    "skip"
                } else {
                    "update"
                },
            );
            assert_eq!(done["failed"], 0, "{language} {entity}: {done}");
            let plain = |desk: &Desk| -> Vec<Json> {
                let drop_references = |mut fields: Json| {
                    for key in ["customer", "owner", "contacts", "opportunity"] {
                        fields.as_object_mut().unwrap().remove(key);
                    }
                    fields
                };
                desk.fields(entity)
                    .into_iter()
                    .map(drop_references)
                    .collect()
            };
            assert_eq!(plain(&to), plain(&from), "{language} {entity}");
        }
        assert_eq!(to.records("customer").len(), 2);
    }
}

#[test]
fn a_mapping_chosen_by_hand_is_remembered_for_the_same_headers_in_any_order() {
    let desk = Desk::new("zh-CN");
    let first = desk.file("a.xlsx");
    write(
        &first,
        "x",
        &["甲", "乙"],
        &[vec![Value::Text("华科"), Value::Text("随便")]],
    );
    let opened = desk.open(&first);
    assert_eq!(opened["remembered"], false);
    desk.ok("import_plan", json!({"import": opened["import"], "mapping": {"0": "customer.name", "1": "customer.note"}}));
    desk.ok("import_apply", json!({"import": opened["import"]}));
    let second = desk.file("b.xlsx");
    write(
        &second,
        "x",
        &["乙", "甲"],
        &[vec![Value::Text("随便"), Value::Text("远大")]],
    );
    let opened = desk.open(&second);
    assert_eq!(opened["remembered"], true);
    assert_eq!(
        [
            &opened["columns"][0]["target"],
            &opened["columns"][1]["target"]
        ]
        .map(Json::clone),
        [json!("customer.note"), json!("customer.name")]
    );
}

#[test]
fn a_plan_is_made_again_when_someone_worked_on_since() {
    let desk = Desk::new("zh-CN");
    let path = desk.file("客户.xlsx");
    workbook(&path);
    let opened = desk.open(&path);
    assert_eq!(desk.plan(&opened, "skip")["create"], 3);
    desk.ok(
        "add",
        json!({"entity": "customer", "fields": {"name": "广州远大贸易有限公司"}}),
    );
    let done = desk.ok("import_apply", json!({"import": opened["import"]}));
    assert_eq!(
        [&done["created"], &done["skipped"], &done["failed"]].map(Json::clone),
        [json!(3), json!(0), json!(1)]
    );
    assert_eq!(
        done["records"],
        json!({"customer": 1, "contact": 3, "reminder": 2}),
        "the customer that is there gets its contact and is not made again"
    );
    assert_eq!(desk.records("customer").len(), 2);
}

#[test]
fn an_import_into_a_file_with_customers_makes_a_backup_first() {
    let desk = Desk::new("zh-CN");
    let path = desk.file("客户.xlsx");
    workbook(&path);
    let backups = || {
        desk.ok("backups", json!({}))["backups"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|backup| backup["reason"] == "before_import")
            .count()
    };
    desk.import(&path, "skip");
    assert_eq!(backups(), 0, "there was nothing to lose");
    desk.import(&path, "skip");
    assert_eq!(backups(), 1);
}

/// Many rows, so that there is time to cancel.
#[test]
fn what_makes_no_sense_is_refused_with_a_code() {
    let desk = Desk::new("zh-CN");
    let path = desk.file("a.xlsx");
    write(
        &path,
        "x",
        &["公司", "简称"],
        &[vec![Value::Text("华科"), Value::Text("hk")]],
    );
    let import = desk.open(&path)["import"].clone();
    let plan =
        |mapping: Json| desk.refused("import_plan", json!({"import": import, "mapping": mapping}));
    assert_eq!(plan(json!({"0": "customer.nonsense"})), "unknown_target");
    assert_eq!(plan(json!({"7": "customer.name"})), "unknown_target");
    assert_eq!(
        plan(json!({"0": "customer.name", "1": "customer.name"})),
        "target_taken"
    );
    assert_eq!(plan(json!({"0": "contact.name"})), "customer_not_mapped");
    assert_eq!(
        desk.refused("import_apply", json!({"import": import})),
        "import_not_planned"
    );
    assert_eq!(
        desk.refused("import_open", json!({"path": path, "sheet": "没有"})),
        "sheet_not_found"
    );
    assert_eq!(
        desk.refused("import_open", json!({"path": desk.file("none.xlsx")})),
        "file_not_found"
    );
    desk.ok("import_close", json!({"import": import}));
    assert_eq!(
        desk.refused("import_apply", json!({"import": import})),
        "import_closed"
    );
}

#[test]
fn the_template_is_understood_column_by_column() {
    for language in ["zh-CN", "en"] {
        let desk = Desk::new(language);
        let path = desk.file("模板.xlsx");
        desk.ok("import_template", json!({"path": path}));
        let opened = desk.open(&path);
        for column in opened["columns"].as_array().unwrap() {
            assert!(
                !column["target"].is_null(),
                "{language}: {column} {}",
                opened["preview"]
            );
        }
    }
}
