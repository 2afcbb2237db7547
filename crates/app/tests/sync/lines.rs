//! The outbox as the window lists it (B1).

use std::time::{Duration, Instant};

use ketu_model::Fields;
use ketu_sheet::{Cell, Reader};
use ketu_store::{StoreError, Write};
use ketu_sync::message::Outcome;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::desk::{Desk, LI, ME, NOW, customer};

const A: Uuid = Uuid::from_u128(0xa1);

fn import(desk: &Desk, rows: u32) {
    let write = Write {
        origin: format!("import:{}", Uuid::from_u128(0x1)),
        ..Write::form(ME, "import")
    };
    desk.store()
        .transact(write, |door| {
            for row in 0..rows {
                let fields = Fields::new().with("name", format!("公司{row}"));
                door.create("customer", None, fields)?;
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

fn all() -> Json {
    json!({"offset": 0, "limit": 500})
}

#[test]
fn a_laptop_of_its_own_owes_nobody_anything() {
    let mut desk = Desk::alone();
    let id = desk.add("customer", Fields::new().with("name", "华科"));
    let outbox = desk.shown("outbox", all());
    assert_eq!(
        (&outbox["total"], &outbox["lines"]),
        (&json!(0), &json!([]))
    );
    let unsynced = desk.shown("unsynced", json!({"ids": [id]}));
    assert_eq!(unsynced["states"], json!({}));
}

#[test]
fn the_outbox_lists_edits_with_names_and_an_import_as_one_line_the_latest_first() {
    let mut desk = Desk::new();
    desk.pull(40, vec![customer(A, 31, "华科")], &[]);
    desk.set("customer", A, "alias", "科");
    import(&desk, 3);
    desk.set("customer", A, "owner", LI);
    let outbox = desk.shown("outbox", all());
    assert_eq!(outbox["total"], 3);
    let lines = outbox["lines"].as_array().unwrap();
    let told = |key: &str| -> Vec<&Json> { lines.iter().map(|line| &line[key]).collect() };
    assert_eq!(told("kind"), ["transfer", "create", "update"]);
    assert_eq!(told("count"), [1, 3, 1]);
    assert_eq!(told("title"), ["华科", "公司0", "华科"]);
    assert_eq!(told("state"), ["waiting", "waiting", "waiting"]);
    assert_eq!(
        lines[0]["fields"],
        json!([{"field": "owner", "old": ME, "new": LI}])
    );
    assert_eq!(outbox["titles"][LI.to_string()], "李雷");
    assert_eq!(lines[1]["fields"], json!([]), "too many to list");
    assert_eq!(lines[2]["at"], NOW);
    let second = desk.shown("outbox", json!({"offset": 1, "limit": 1}));
    assert_eq!(
        (&second["total"], &second["lines"][0]["count"]),
        (&json!(3), &json!(3))
    );

    let sent = desk.push().unwrap();
    assert_eq!(desk.shown("outbox", all())["lines"][0]["state"], "sent");
    let states = desk.shown("unsynced", json!({"ids": [A, LI]}));
    assert_eq!(states["states"], json!({A.to_string(): "sent"}));
    desk.answer(&sent, |at| (41 + at as i64, Outcome::Applied));
    assert_eq!(desk.shown("outbox", all())["total"], 0);
}

#[test]
fn what_goes_along_with_a_transfer_is_not_listed_and_is_cancelled_with_it() {
    let mut desk = Desk::new();
    desk.pull(40, vec![customer(A, 31, "华科")], &[]);
    let due = Fields::new()
        .with("title", "回访")
        .with("customer", A)
        .with("due_at", ketu_model::Value::Instant(NOW));
    let reminder = desk.add("reminder", due);
    desk.set("customer", A, "owner", LI);
    let outbox = desk.shown("outbox", all());
    assert_eq!(outbox["total"], 2);
    let op = &outbox["lines"][0];
    let cancel = json!({"record": A, "op": op["op"]});
    desk.shown("outbox_cancel", cancel.clone());
    assert_eq!(
        desk.get("reminder", reminder).unwrap().fields.id("owner"),
        Some(ME)
    );
    assert_eq!(desk.shown("outbox", all())["total"], 1);
    assert_eq!(
        desk.refused("outbox_cancel", cancel),
        "already_sent",
        "it is gone"
    );
}

#[test]
fn a_line_is_taken_back_unless_it_was_sent_or_later_work_needs_it() {
    let mut desk = Desk::new();
    desk.pull(40, vec![customer(A, 31, "华科")], &[]);
    import(&desk, 60);
    desk.set("customer", A, "alias", "科");
    desk.set("customer", A, "alias", "科技");
    let line = |desk: &mut Desk, at: usize| {
        let outbox = desk.shown("outbox", all());
        let line = &outbox["lines"][at];
        json!({"record": line["record"], "op": line["op"]})
    };
    let first = line(&mut desk, 1);
    assert_eq!(desk.refused("outbox_cancel", first), "built_upon");
    let imported = line(&mut desk, 2);
    desk.shown("outbox_cancel", imported);
    assert_eq!(desk.shown("outbox", all())["total"], 2);
    assert_eq!(
        desk.read(|reader| reader.count(&ketu_store::Select::all("customer"))),
        1,
        "the import has gone whole"
    );
    desk.push().unwrap();
    let sent = line(&mut desk, 0);
    assert_eq!(desk.refused("outbox_cancel", sent), "already_sent");
}

#[test]
fn the_outbox_is_kept_as_a_workbook_for_people() {
    let mut desk = Desk::new();
    desk.pull(40, vec![customer(A, 31, "华科")], &[]);
    desk.set("customer", A, "owner", LI);
    let made = desk.add("customer", Fields::new().with("name", "=深蓝"));
    desk.store()
        .transact(Write::form(ME, "remove"), |door| {
            door.remove("customer", made)
        })
        .unwrap();
    let path = desk.dir.path().join("待上传.xlsx");
    desk.shown("outbox_export", json!({"path": path}));
    let reader = Reader::new(env!("CARGO_BIN_EXE_ketu-reading-worker"));
    let table = reader.preview(&path, 0, 100).unwrap();
    let rows: Vec<Vec<String>> = table
        .rows()
        .map(|row| {
            let text = |cell| match cell {
                Cell::Text(text) => text.to_owned(),
                Cell::DateTime(_) => "·".to_owned(),
                _ => String::new(),
            };
            row.cells().map(text).collect()
        })
        .collect();
    let header = ["时间", "对象", "名称", "字段", "原值", "新值", "状态"];
    assert_eq!(rows[0], header);
    assert_eq!(
        rows[1],
        ["·", "客户", "华科", "负责人", "张三", "李雷", "待发送"]
    );
    assert!(
        rows.contains(
            &["·", "客户", "=深蓝", "客户名称", "", "=深蓝", "待发送"]
                .map(str::to_owned)
                .to_vec()
        )
    );
    assert_eq!(rows.last().unwrap()[3..6], ["删除时间", "", "·"]);
}

#[test]
fn a_hundred_thousand_operations_do_not_make_the_outbox_slow() {
    let desk = Desk::new();
    import(&desk, 60_000);
    // As many by hand, in one step each, would take long to make: these are many steps of some.
    for _ in 0..1_000 {
        desk.store()
            .transact(Write::form(ME, "add"), |door| {
                for _ in 0..40 {
                    door.create("tag", None, Fields::new().with("name", "标签"))?;
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }
    let since = Instant::now();
    let (total, lines) = desk.read(|reader| reader.outbox(20_000, 500));
    let took = since.elapsed();
    assert_eq!((total, lines.len()), (40_001, 500));
    assert!(took < Duration::from_millis(1_500), "{took:?}");
    println!("a page of the outbox: {took:?}");
}
