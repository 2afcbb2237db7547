//! Undo and redo as the window asks for them, and what a deal's stage brings with it, whoever sets it.
#![allow(clippy::unwrap_used)]

mod support;

use ketu_model::catalog::shipped::{shipped_pipeline, shipped_stage};
use serde_json::{Value as Json, json};
use support::{Laptop, NOW, option};

#[test]
fn a_sample_that_was_undone_is_gone_and_can_be_loaded_again() {
    let laptop = Laptop::set_up();
    let has_sample = || laptop.ok("status", json!({}))["has_sample"].clone();
    let refused = |method: &str| laptop.refused(method, json!({})).code;
    assert_eq!(refused("remove_sample"), "no_sample");
    laptop.ok("load_sample", json!({}));
    assert_eq!(refused("load_sample"), "sample_already_loaded");
    laptop.ok("undo", json!({}));
    assert_eq!(has_sample(), false);
    assert_eq!(refused("remove_sample"), "no_sample");
    laptop.ok("redo", json!({}));
    assert_eq!(has_sample(), true);
    laptop.ok("remove_sample", json!({}));
    assert_eq!(has_sample(), false);
    laptop.ok("load_sample", json!({}));
    assert_eq!(has_sample(), true);
}

#[test]
fn a_customer_with_later_work_stays_when_its_creation_is_undone_and_is_listed() {
    let laptop = Laptop::set_up();
    let saved = laptop.ok(
        "add",
        json!({"entity": "customer", "fields": {"name": "华科"}}),
    );
    let visit = laptop.ok(
        "log_interaction",
        json!({"fields": {"kind": option("interaction.kind", "拜访"), "occurred_at": NOW,
               "customer": saved["id"], "summary": "谈了报价"}}),
    );
    let undone = laptop.ok("undo", json!({"tx": saved["tx"]}));
    assert_eq!(undone["kept"][0]["id"], saved["id"]);
    assert_eq!(undone["kept"][0]["title"], "华科");
    let page = laptop.ok("customer_page", json!({"id": saved["id"]}));
    assert_eq!(page["interaction_count"], 1);
    assert_eq!(
        laptop.get("interaction", visit["id"].as_str().unwrap())["deleted_at"],
        Json::Null
    );
}

#[test]
fn redo_of_a_named_step_does_that_one_or_nothing() {
    let laptop = Laptop::set_up();
    let code = |tx: &Json| laptop.refused("redo", json!({"tx": tx})).code;
    assert_eq!(laptop.refused("redo", json!({})).code, "nothing_to_redo");
    let add = |name: &str| {
        laptop.ok(
            "add",
            json!({"entity": "customer", "fields": {"name": name}}),
        )
    };
    let (first, second) = (add("甲"), add("乙"));
    laptop.ok("undo", json!({}));
    let undone = laptop.ok("undo", json!({}));
    assert_eq!(code(&second["tx"]), "nothing_to_redo");
    assert_eq!(
        laptop.ok("redo", json!({"tx": undone["tx"]}))["of"],
        undone["tx"]
    );
    laptop.ok("undo", json!({"tx": first["tx"]}));
    add("丙");
    assert_eq!(code(&first["tx"]), "nothing_to_redo");
    assert_eq!(laptop.refused("redo", json!({})).code, "nothing_to_redo");
}

fn deal(laptop: &Laptop) -> String {
    let customer = laptop.add("customer", json!({"name": "华科"}));
    laptop.add(
        "opportunity",
        json!({"name": "产线改造", "customer": customer}),
    )
}

fn update(id: &str, fields: Json) -> Json {
    json!({"entity": "opportunity", "id": id, "fields": fields})
}

#[test]
fn a_stage_set_in_a_form_or_cell_keeps_the_rules_of_the_board() {
    let laptop = Laptop::set_up();
    let id = deal(&laptop);
    let fields = || laptop.get("opportunity", &id)["fields"].clone();
    let stage = |key: &str| shipped_stage("project", key);
    laptop.ok("update", update(&id, json!({"stage": stage("proposal")})));
    assert_eq!(fields()["probability"], 50.0);

    let lost = json!({"stage": stage("lost")});
    let refusal = laptop.refused("update", update(&id, lost.clone()));
    assert_eq!(refusal.code, "lost_reason_required");
    assert_eq!(refusal.field.as_deref(), Some("lost_reason"));
    let bulk = json!({"entity": "opportunity", "changes": [{"id": id, "fields": lost}]});
    assert_eq!(
        laptop.refused("update_many", bulk).code,
        "lost_reason_required"
    );
    assert_eq!(fields()["stage"], stage("proposal").to_string());

    let reason = option("opportunity.lost_reason", "价格过高");
    laptop.ok(
        "update",
        update(&id, json!({"stage": stage("lost"), "lost_reason": reason})),
    );
    assert_eq!(fields()["probability"], 0.0);
    let refusal = laptop.refused("update", update(&id, json!({"lost_reason": null})));
    assert_eq!(refusal.code, "lost_reason_required");

    laptop.ok("update", update(&id, json!({"stage": stage("needs")})));
    assert_eq!(fields()["lost_reason"], Json::Null);
    laptop.ok("undo", json!({}));
    assert_eq!(fields()["lost_reason"], reason);
    assert_eq!(fields()["stage"], stage("lost").to_string());
    laptop.ok("redo", json!({}));
    assert_eq!(fields()["lost_reason"], Json::Null);
}

#[test]
fn a_win_rate_set_by_hand_stays_until_the_deal_is_decided() {
    let laptop = Laptop::set_up();
    let id = deal(&laptop);
    let fields = || laptop.get("opportunity", &id)["fields"].clone();
    let stage = |key: &str| shipped_stage("project", key);
    laptop.ok("update", update(&id, json!({"probability": 33})));
    laptop.ok("update", update(&id, json!({"stage": stage("proposal")})));
    assert_eq!(fields()["probability"], 33.0);
    laptop.ok(
        "update",
        update(&id, json!({"stage": stage("needs"), "probability": 44})),
    );
    assert_eq!(fields()["probability"], 44.0);
    laptop.ok("update", update(&id, json!({"stage": stage("won")})));
    assert_eq!(fields()["probability"], 100.0);
    laptop.ok(
        "update",
        update(&id, json!({"stage": shipped_stage("supply", "quote")})),
    );
    assert_eq!(
        fields()["pipeline"],
        shipped_pipeline("supply").to_string(),
        "a stage brings its pipeline"
    );
}

#[test]
fn an_old_stage_that_history_brings_back_keeps_the_rules_too() {
    let laptop = Laptop::set_up();
    let id = deal(&laptop);
    let reason = option("opportunity.lost_reason", "价格过高");
    let stage = |key: &str| shipped_stage("project", key);
    laptop.ok(
        "update",
        update(&id, json!({"stage": stage("lost"), "lost_reason": reason})),
    );
    laptop.ok("update", update(&id, json!({"stage": stage("needs")})));
    let history = laptop.ok("history", json!({"entity": "opportunity", "id": id}));
    let op = history["entries"][0]["op"].clone();
    let request = json!({"entity": "opportunity", "id": id, "op": op, "field": "stage"});
    assert_eq!(
        laptop.refused("restore_value", request).code,
        "lost_reason_required"
    );
}
