//! Imports that someone gives up: while the file is opened, read, or written.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use ketu_app::Event;
use ketu_sheet::write::Value;
use serde_json::json;
use support::desk::{Desk, write};

fn long_workbook(desk: &Desk, rows: usize) -> PathBuf {
    let path = desk.file("长.xlsx");
    let names: Vec<String> = (0..rows).map(|n| format!("第{n}号有限公司")).collect();
    let rows: Vec<Vec<Value<'_>>> = names
        .iter()
        .map(|name| {
            vec![
                Value::Text(name),
                Value::Text("科技园"),
                Value::Text("张伟"),
            ]
        })
        .collect();
    write(&path, "x", &["公司", "地址", "联系人"], &rows);
    path
}

#[test]
fn a_cancelled_import_is_answered_within_300_ms_and_leaves_nothing() {
    let desk = Desk::new("zh-CN");
    let path = long_workbook(&desk, 20_000);
    let opened = desk.open(&path);
    let import = opened["import"].clone();
    desk.plan(&opened, "skip");
    let app = desk.app.clone();
    let applying = {
        let import = import.clone();
        std::thread::spawn(move || {
            (
                app.dispatch("import_apply", json!({"import": import})),
                Instant::now(),
            )
        })
    };
    let is_applying = || {
        desk.events.lock().unwrap().iter().any(|event| matches!(event, Event::ImportProgress { phase, done, .. } if phase == "applying" && *done > 0))
    };
    while !is_applying() {
        std::thread::sleep(Duration::from_millis(2));
    }
    let asked = Instant::now();
    desk.ok("import_cancel", json!({"import": import}));
    let (answer, answered) = applying.join().unwrap();
    assert_eq!(answer.unwrap_err().code, "cancelled");
    assert!(
        answered - asked < Duration::from_millis(300),
        "{:?}",
        answered - asked
    );
    for entity in ["customer", "contact", "option"] {
        let count = desk.ok(
            "view_open",
            json!({"entity": entity, "columns": [], "limit": 1}),
        )["window"]["count"]
            .clone();
        assert!(entity == "option" || count == 0, "{entity}: {count}");
    }
    let done = desk.ok("import_apply", json!({"import": import}));
    assert_eq!(
        done["created"], 20_000,
        "a cancelled import can be started again"
    );
}

#[test]
fn a_reading_is_cancelled_within_300_ms() {
    let desk = Desk::new("zh-CN");
    let path = long_workbook(&desk, 60_000);
    let opened = desk.open(&path);
    let import = opened["import"].clone();
    let app = desk.app.clone();
    let params = json!({"import": import, "mapping": {"0": "customer.name"}});
    let planning =
        std::thread::spawn(move || (app.dispatch("import_plan", params), Instant::now()));
    let is_reading =
        || {
            desk.events.lock().unwrap().iter().any(
                |event| matches!(event, Event::ImportProgress { phase, .. } if phase == "reading"),
            )
        };
    while !is_reading() && !planning.is_finished() {
        std::thread::sleep(Duration::from_millis(2));
    }
    let asked = Instant::now();
    desk.ok("import_cancel", json!({"import": import}));
    let (answer, answered) = planning.join().unwrap();
    assert_eq!(answer.unwrap_err().code, "cancelled");
    assert!(
        answered - asked < Duration::from_millis(300),
        "{:?}",
        answered - asked
    );
}

#[test]
fn a_file_that_is_being_opened_can_be_given_up() {
    let desk = Desk::new("zh-CN");
    let path = long_workbook(&desk, 1);
    let app = desk.app.clone();
    // The number is told before the file is looked into, and whoever hears it may cancel.
    desk.app.subscribe(Box::new(move |event| {
        if let Event::ImportProgress { import, phase, .. } = event
            && phase == "opening"
        {
            app.dispatch("import_cancel", json!({"import": import}))
                .unwrap();
        }
    }));
    assert_eq!(
        desk.refused("import_open", json!({"path": path})),
        "cancelled"
    );
}
