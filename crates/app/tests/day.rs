//! A salesperson's day over the one dispatch, without a window.
#![allow(clippy::unwrap_used)]

mod support;

use std::time::{Duration, Instant};

use ketu_app::Event;
use ketu_model::catalog::shipped::{shipped_pipeline, shipped_stage};
use serde_json::json;
use support::{Laptop, NOW, option};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

#[test]
fn a_first_run_needs_a_name_and_nothing_else() {
    let mut laptop = Laptop::new();
    assert_eq!(laptop.ok("status", json!({}))["state"]["name"], "first_run");
    assert_eq!(
        laptop
            .refused(
                "view_open",
                json!({"entity": "customer", "columns": [], "limit": 1})
            )
            .code,
        "no_file"
    );
    assert_eq!(
        laptop
            .refused("set_up", json!({"name": "  ", "language": "zh-CN"}))
            .code,
        "invalid"
    );
    let done = laptop.ok("set_up", json!({"name": "李雷", "language": "en"}));
    assert_eq!(done["recovery_key"].as_str().unwrap().len(), 44);
    let status = laptop.ok("status", json!({}));
    assert_eq!(status["state"]["name"], "ready");
    assert_eq!(status["user"]["name"], "李雷");
    assert_eq!(status["settings"]["language"], "en");
    laptop.restart(false);
    assert_eq!(laptop.ok("status", json!({}))["state"]["name"], "ready");
}

#[test]
fn the_recovery_key_opens_the_file_when_the_keyring_forgot_it() {
    let mut laptop = Laptop::new();
    let key =
        laptop.ok("set_up", json!({"name": "李雷", "language": "zh-CN"}))["recovery_key"].clone();
    let id = laptop.add("customer", json!({"name": "华科技术"}));
    laptop.keys.forget();
    laptop.restart(false);
    assert_eq!(laptop.ok("status", json!({}))["state"]["name"], "locked");
    assert_eq!(
        laptop
            .refused("unlock", json!({"recovery_key": "0000"}))
            .code,
        "recovery_key_mistyped"
    );
    let other =
        Laptop::new().ok("set_up", json!({"name": "x", "language": "en"}))["recovery_key"].clone();
    assert_eq!(
        laptop
            .refused("unlock", json!({"recovery_key": other}))
            .code,
        "wrong_key"
    );
    laptop.ok("unlock", json!({"recovery_key": key}));
    assert_eq!(laptop.get("customer", &id)["title"], "华科技术");
    laptop.restart(false);
    assert_eq!(
        laptop.ok("status", json!({}))["state"]["name"],
        "ready",
        "the laptop has a key of its own again"
    );
}

#[test]
fn a_visit_with_a_follow_up_is_one_step_that_undo_takes_back_whole() {
    let laptop = Laptop::set_up();
    let customer = laptop.add("customer", json!({"name": "深圳市华科技术有限公司"}));
    let saved = laptop.ok(
        "log_interaction",
        json!({
            "fields": {
                "kind": option("interaction.kind", "拜访"), "occurred_at": NOW - HOUR,
                "customer": customer, "summary": "谈了报价"
            },
            "follow_up": {"due_at": NOW + DAY, "title": "寄样品"}
        }),
    );
    assert_eq!(saved["changed"], 2);
    let page = laptop.ok("customer_page", json!({"id": customer}));
    assert_eq!(page["interaction_count"], 1);
    assert_eq!(page["last_interaction_at"], NOW - HOUR);
    assert_eq!(page["reminders"][0]["title"], "寄样品");
    let timeline = laptop.ok("timeline", json!({"customer": customer, "limit": 10}));
    let kinds: Vec<&str> = timeline["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["change", "interaction"],
        "the creation of the customer came after the visit"
    );
    laptop.ok("undo", json!({}));
    let page = laptop.ok("customer_page", json!({"id": customer}));
    assert_eq!(page["interaction_count"], 0);
    assert_eq!(page["reminders"].as_array().unwrap().len(), 0);
    laptop.ok("redo", json!({}));
    assert_eq!(
        laptop.ok("customer_page", json!({"id": customer}))["interaction_count"],
        1
    );
}

#[test]
fn a_timeline_in_pages_shows_every_entry_once() {
    let laptop = Laptop::set_up();
    let customer = laptop.add("customer", json!({"name": "华科"}));
    for n in 0..25 {
        laptop.ok(
            "log_interaction",
            json!({"fields": {
                "kind": option("interaction.kind", "电话"), "occurred_at": NOW - n / 3 * HOUR,
                "customer": customer, "summary": format!("第{n}次")
            }}),
        );
    }
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let mut request = json!({"customer": customer, "limit": 7});
        if let Some(before) = before {
            request["before"] = json!(before);
        }
        let page = laptop.ok("timeline", request);
        for entry in page["entries"].as_array().unwrap() {
            seen.push(
                entry["record"]["fields"]["summary"]
                    .as_str()
                    .unwrap_or("change")
                    .to_owned(),
            );
        }
        match page["next"].as_i64() {
            Some(next) => before = Some(next),
            None => break,
        }
    }
    seen.sort();
    let all = seen.len();
    seen.dedup();
    assert_eq!(
        (all, seen.len()),
        (26, 26),
        "25 calls and the creation, none twice: {seen:?}"
    );
}

#[test]
fn the_board_sums_by_stage_and_a_lost_deal_says_why() {
    let laptop = Laptop::set_up();
    let customer = laptop.add("customer", json!({"name": "华科"}));
    let deal = |name: &str, yuan: i64| {
        laptop.add(
            "opportunity",
            json!({"name": name, "customer": customer, "amount": [yuan * 100, "CNY"]}),
        )
    };
    let (first, _) = (deal("产线改造", 500_000), deal("备件", 20_000));
    let board = || {
        laptop.ok(
            "board",
            json!({"pipeline": shipped_pipeline("project"), "cards": 50}),
        )
    };
    assert_eq!(board()["columns"][0]["count"], 2);
    assert_eq!(board()["columns"][0]["sum"], 52_000_000);
    assert_eq!(
        board()["columns"][0]["weighted"],
        5_200_000,
        "ten per cent of it"
    );
    let proposal = shipped_stage("project", "proposal");
    laptop.ok(
        "move_stage",
        json!({"id": first, "stage": proposal, "next_step": "准备答辩"}),
    );
    let moved = laptop.get("opportunity", &first);
    assert_eq!(moved["fields"]["probability"], 50.0);
    assert_eq!(moved["fields"]["next_step"], "准备答辩");
    let lost = shipped_stage("project", "lost");
    let refusal = laptop.refused("move_stage", json!({"id": first, "stage": lost}));
    assert_eq!(refusal.code, "lost_reason_required");
    let reason = option("opportunity.lost_reason", "价格过高");
    laptop.ok(
        "move_stage",
        json!({"id": first, "stage": lost, "lost_reason": reason}),
    );
    assert_eq!(board()["columns"][5]["count"], 1);
    laptop.ok("undo", json!({}));
    assert_eq!(
        laptop.get("opportunity", &first)["fields"]["stage"],
        proposal.to_string()
    );
}

#[test]
fn a_reminder_fires_once_and_missed_ones_come_as_a_group_after_a_restart() {
    let mut laptop = Laptop::set_up();
    for n in 0..3 {
        laptop.add(
            "reminder",
            json!({"title": format!("回访{n}"), "due_at": NOW + HOUR + n}),
        );
    }
    let counts = laptop.ok("reminders", json!({"bucket": "today", "limit": 10}))["counts"].clone();
    assert_eq!(counts, json!({"overdue": 0, "today": 3, "future": 0}));
    laptop.clock.advance(3 * HOUR);
    laptop.restart(true);
    let fired = wait_for(&laptop, |event| match event {
        Event::RemindersDue {
            missed,
            reminders,
            title,
            ..
        } => Some((*missed, reminders.len(), title.clone())),
        _ => None,
    });
    assert_eq!(fired, (true, 3, "错过的提醒 3 条".to_owned()));
    laptop.restart(true);
    std::thread::sleep(Duration::from_millis(1_200));
    let again = laptop
        .events
        .lock()
        .unwrap()
        .iter()
        .any(|event| matches!(event, Event::RemindersDue { .. }));
    assert!(!again, "a reminder that was shown is not shown again");
    let late = laptop.add(
        "reminder",
        json!({"title": "马上", "due_at": NOW + 3 * HOUR - 1}),
    );
    let fired = wait_for(&laptop, |event| match event {
        Event::RemindersDue {
            missed, reminders, ..
        } => Some((*missed, reminders[0].id.to_string())),
        _ => None,
    });
    assert_eq!(fired, (false, late.clone()));
    laptop.ok("snooze_reminder", json!({"id": late, "until": "hours:1"}));
    assert_eq!(
        laptop.ok("reminders", json!({"bucket": "overdue", "limit": 10}))["counts"]["overdue"],
        3
    );
    laptop.ok("complete_reminder", json!({"id": late}));
    assert_eq!(
        laptop.ok("reminders", json!({"bucket": "done", "limit": 10}))["items"][0]["title"],
        "马上"
    );
}

fn wait_for<T>(laptop: &Laptop, wanted: impl Fn(&Event) -> Option<T>) -> T {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = laptop.events.lock().unwrap().iter().find_map(&wanted) {
            return found;
        }
        assert!(Instant::now() < until, "the event did not come");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_list_is_windows_of_one_order_and_sums_over_all_of_it() {
    let laptop = Laptop::set_up();
    for n in 0..250 {
        laptop.add(
            "customer",
            json!({"name": format!("客户{n:03}"), "annual_value": [n * 100, "CNY"]}),
        );
    }
    let opened = laptop.ok(
        "view_open",
        json!({"entity": "customer", "columns": ["name", "annual_value"], "limit": 100,
               "sort": [{"field": "annual_value", "descending": true}],
               "filter": {"field": {"field": "annual_value", "test": "at_least", "value": 5_000}}}),
    );
    assert_eq!(
        opened["window"]["rows"][0]["cells"],
        json!(["客户249", [24_900, "CNY"]])
    );
    let view = opened["view"].clone();
    let window = laptop.ok(
        "view_window",
        json!({"view": view, "offset": 195, "limit": 100, "columns": ["name"]}),
    );
    assert_eq!(window["count"], 200);
    assert_eq!(window["rows"].as_array().unwrap().len(), 5);
    assert_eq!(window["rows"][4]["cells"], json!(["客户050"]));
    let sums = laptop.ok(
        "view_sums",
        json!({"view": view, "fields": ["annual_value"]}),
    );
    assert_eq!(
        sums["sums"]["annual_value"]["CNY"],
        f64::from((50..250).sum::<i32>() * 100)
    );
    laptop.ok("view_close", json!({"view": view}));
    let gone = laptop.refused(
        "view_window",
        json!({"view": view, "offset": 0, "limit": 1, "columns": []}),
    );
    assert_eq!(gone.code, "view_closed");
}

#[test]
fn search_finds_by_initials_phone_tail_and_words_of_a_visit() {
    let laptop = Laptop::set_up();
    let customer = laptop.add("customer", json!({"name": "重庆华科技术有限公司"}));
    laptop.add(
        "contact",
        json!({"name": "单建国", "customer": customer, "mobile": "+86 138 1234 8866"}),
    );
    laptop.ok(
        "log_interaction",
        json!({"fields": {"kind": option("interaction.kind", "拜访"), "occurred_at": NOW,
               "customer": customer, "summary": "客户要求两周内交付样机"}}),
    );
    for (query, entity) in [
        ("cqhk", "customer"),
        ("zqhk", "customer"),
        ("华科", "customer"),
        ("sjg", "contact"),
        ("8866", "contact"),
        ("交付样", "interaction"),
    ] {
        let hits = laptop.ok("search", json!({"text": query, "limit": 10}))["hits"].clone();
        assert_eq!(hits[0]["entity"], entity, "{query}: {hits}");
        assert_eq!(hits[0]["customer"], customer, "{query}");
    }
    laptop.ok("remove", json!({"entity": "customer", "ids": [customer]}));
    let left = laptop.ok("search", json!({"text": "8866", "limit": 10}));
    assert_eq!(left["total"], 0, "a contact goes with its customer");
}

#[test]
fn duplicates_are_told_while_typing_and_the_sample_goes_as_it_came() {
    let laptop = Laptop::set_up();
    let known = laptop.add(
        "customer",
        json!({"name": "深圳市华科技术(集团)有限公司", "phone": "0755-26001234"}),
    );
    let found = laptop.ok(
        "find_duplicates",
        json!({"entity": "customer", "fields": {"name": "华科技术"}}),
    );
    assert_eq!(found["duplicates"][0]["id"], known);
    assert_eq!(found["duplicates"][0]["owner"], "李雷");
    let found = laptop.ok(
        "find_duplicates",
        json!({"entity": "customer", "fields": {"phone": "（0755）26001234"}}),
    );
    assert_eq!(found["duplicates"][0]["reason"], "phone");
    laptop.ok("load_sample", json!({}));
    let count = || {
        laptop.ok(
            "view_open",
            json!({"entity": "customer", "columns": [], "limit": 200}),
        )["window"]["rows"]
            .as_array()
            .unwrap()
            .len()
    };
    assert!(count() > 40, "{} customers", count());
    laptop.ok("remove_sample", json!({}));
    assert_eq!(count(), 1, "one's own customer stays");
}

#[test]
fn what_is_wrong_with_a_record_is_told_field_by_field() {
    let laptop = Laptop::set_up();
    let refusal = laptop.refused(
        "add",
        json!({"entity": "customer", "fields": {"phone": "1234", "uscc": "91350100M000100Y4A", "email": "nobody"}}),
    );
    assert_eq!(refusal.code, "invalid");
    let mut codes: Vec<(&str, &str)> = refusal
        .errors
        .iter()
        .map(|error| (error.field.as_str(), error.code.as_str()))
        .collect();
    codes.sort_unstable();
    assert_eq!(
        codes,
        [
            ("email", "email_format"),
            ("phone", "phone_length"),
            ("uscc", "uscc_checksum")
        ]
    );
    assert_eq!(
        laptop
            .refused("add", json!({"entity": "customer", "fields": {}}))
            .errors[0]
            .code,
        "required"
    );
    assert_eq!(
        laptop
            .refused("add", json!({"entity": "spaceship", "fields": {}}))
            .code,
        "unknown_entity"
    );
    assert_eq!(laptop.refused("fly", json!({})).code, "unknown_method");
    assert_eq!(
        laptop.refused("get", json!({"entity": 7})).code,
        "bad_request"
    );
}

#[test]
fn several_records_change_together_or_not_at_all() {
    let laptop = Laptop::set_up();
    let ids: Vec<String> = ["华信科技", "东方仪表", "海泰物流"]
        .map(|name| laptop.add("customer", json!({"name": name})))
        .into();
    let change = |address: [&str; 3], phone: [&str; 3]| {
        let changes: Vec<_> = (0..3)
            .map(|n| json!({"id": ids[n], "fields": {"address": address[n], "phone": phone[n]}}))
            .collect();
        json!({"entity": "customer", "changes": changes})
    };
    let addresses = || {
        let of = |id: &String| laptop.get("customer", id)["fields"]["address"].clone();
        ids.iter().map(of).collect::<Vec<_>>()
    };

    let phones = ["13800000001", "12", "13800000003"];
    let refusal = laptop.refused("update_many", change(["a", "b", "c"], phones));
    assert_eq!(refusal.errors[0].code, "phone_length");
    assert_eq!(addresses(), [json!(null), json!(null), json!(null)]);

    let phones = ["13800000001", "13800000002", "13800000003"];
    let saved = laptop.ok("update_many", change(["a", "b", "c"], phones));
    assert_eq!(saved["changed"], 3);
    assert_eq!(addresses(), [json!("a"), json!("b"), json!("c")]);
    laptop.ok("undo", json!({"tx": saved["tx"]}));
    assert_eq!(addresses(), [json!(null), json!(null), json!(null)]);

    let nothing = json!({"entity": "customer", "changes": []});
    assert_eq!(
        laptop.refused("update_many", nothing).code,
        "nothing_selected"
    );
}

#[test]
fn a_damaged_file_is_told_and_a_backup_brings_the_work_back() {
    let mut laptop = Laptop::set_up();
    let id = laptop.add("customer", json!({"name": "华科"}));
    let backup = laptop.ok("back_up", json!({}));
    laptop.add("customer", json!({"name": "后来的客户"}));
    laptop.app.stop();
    let database = laptop.dir.path().join("ketu.db");
    let mut bytes = std::fs::read(&database).unwrap();
    for byte in &mut bytes[..4_096] {
        *byte ^= 0x5a;
    }
    std::fs::write(&database, &bytes).unwrap();
    laptop.restart(false);
    let status = laptop.ok("status", json!({}));
    assert_eq!(status["state"], json!({"name": "damaged", "backups": 1}));
    let status = laptop.ok("restore_backup", json!({"name": backup["name"]}));
    assert_eq!(status["state"]["name"], "ready");
    let aside = status["moved_aside"].as_str().unwrap();
    assert_eq!(
        std::fs::read(format!("{aside}/ketu.db")).unwrap(),
        bytes,
        "the damaged file is kept as it was"
    );
    assert_eq!(laptop.get("customer", &id)["title"], "华科");
}
