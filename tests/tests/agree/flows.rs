//! Flows 2, 3 and 7 of a working day, by three people (R1, R37, R38, R45 without approval).

use ketu_model::catalog::shipped::{shipped_option, shipped_stage};
use ketu_tests::center::{Center, Kind};
use serde_json::{Value as Json, json};

use crate::laptop::Laptop;

struct Company {
    center: Center,
    /// Leads the team of the other two.
    manager: Laptop,
    zhang: Laptop,
    li: Laptop,
}

fn company(kind: Kind) -> Company {
    let center = Center::start(kind).unwrap();
    let manager = center.person("wang", "王经理", "manager").unwrap();
    let zhang = center.person("zhang", "张伟", "salesperson").unwrap();
    let li = center.person("lilei", "李雷", "salesperson").unwrap();
    center
        .do_it(&["team", "add", "华东", "--leader", "wang"])
        .unwrap();
    for login in ["zhang", "lilei"] {
        center.do_it(&["user", "team", login, "华东"]).unwrap();
    }
    Company {
        manager: Laptop::joined("王经理", &manager),
        zhang: Laptop::joined("张伟", &zhang),
        li: Laptop::joined("李雷", &li),
        center,
    }
}

fn each(test: impl Fn(Company)) {
    for kind in [Kind::File, Kind::Postgres] {
        test(company(kind));
    }
}

/// A deal at the first stage.
fn deal(laptop: &Laptop, name: &str, customer: &str, amount: i64) -> String {
    let stages = laptop.ask(&["list", "stage"]);
    let stage = &stages["records"][0];
    let fields = json!({
        "name": name, "customer": customer, "amount": [amount, "CNY"],
        "stage": stage["id"], "pipeline": stage["fields"]["pipeline"],
    });
    laptop.add("opportunity", fields)
}

#[test]
fn history_that_a_new_laptop_was_not_told_is_fetched_when_somebody_reads_it() {
    each(|company| {
        let (zhang, manager) = (&company.zhang, &company.manager);
        let customer = zhang.add("customer", json!({ "name": "华科电力" }));
        zhang.sync();
        for n in 0..25 {
            zhang.set(
                "customer",
                &customer,
                json!({ "alias": format!("华科{n}") }),
            );
        }
        zhang.sync();
        manager.sync();
        let told = |arguments: &[&str]| {
            let mut command = vec!["history", "customer", &customer];
            command.extend(arguments);
            let history = manager.ask(&command);
            let entries = history["entries"].as_array().unwrap();
            let oldest = entries.last().unwrap()["kind"].clone();
            (entries.len(), oldest, history["older"].clone())
        };
        assert_eq!(told(&[]), (20, json!("update"), json!(true)));
        assert_eq!(told(&["--older"]), (26, json!("create"), json!(false)));
        // From then on it is here, and nothing of it comes twice.
        assert_eq!(told(&[]), (26, json!("create"), json!(false)));
        let fetched = manager.ask(&["history", "customer", &customer, "--older"]);
        assert_eq!(fetched["entries"].as_array().unwrap().len(), 26);
    });
}

#[test]
fn what_is_made_offline_is_seen_by_the_manager_and_never_by_a_colleague() {
    each(|mut company| {
        let zhang = &company.zhang;
        let customer = zhang.add(
            "customer",
            json!({ "name": "华科电力", "phone": "0755-26001000" }),
        );
        let number = zhang.field("customer", &customer, "number");
        zhang.add("contact", json!({ "name": "陈工", "customer": customer }));
        let deal = deal(zhang, "二期", &customer, 10_000);
        assert!(zhang.ask(&["sync", "status"])["pending"].as_u64().unwrap() >= 3);
        // The lid is closed and the server is gone: nothing is lost, and nothing stops the work.
        company.center.kill().unwrap();
        let zhang = &company.zhang;
        assert_eq!(zhang.try_ask(&["sync"]).unwrap_err(), "sync_offline");
        zhang.set("opportunity", &deal, json!({ "name": "二期扩容" }));
        company.center.serve().unwrap();
        let Company {
            zhang, li, manager, ..
        } = &company;
        zhang.sync();
        zhang.sync();
        manager.sync();
        li.sync();
        assert_eq!(manager.field("customer", &customer, "number"), number);
        assert_eq!(manager.field("opportunity", &deal, "name"), "二期扩容");
        for (entity, id) in [("customer", &customer), ("opportunity", &deal)] {
            assert!(!li.has(entity, id), "{entity}");
        }
        // History names who did it, on another laptop and offline.
        let history = manager.ask(&["history", "customer", &customer]);
        assert!(history.to_string().contains("张伟"), "{history}");
    });
}

#[test]
fn different_fields_merge_and_one_critical_field_asks_once() {
    each(|company| {
        let Company { zhang, manager, .. } = &company;
        let customer = zhang.add("customer", json!({ "name": "恒远自动化" }));
        let deal = deal(zhang, "产线", &customer, 100_000);
        zhang.sync();
        manager.sync();
        // Both offline: different fields of the customer, the same critical field of the deal.
        zhang.set("customer", &customer, json!({ "phone": "021-50001000" }));
        manager.set("customer", &customer, json!({ "address": "张江路 1 号" }));
        zhang.set("opportunity", &deal, json!({ "amount": [200_000, "CNY"] }));
        manager.set("opportunity", &deal, json!({ "amount": [300_000, "CNY"] }));
        zhang.sync();
        manager.sync();
        zhang.sync();
        for laptop in [zhang, manager] {
            assert_eq!(
                laptop.field("customer", &customer, "phone"),
                "021-50001000",
                "{}",
                laptop.name
            );
            assert_eq!(
                laptop.field("customer", &customer, "address"),
                "张江路 1 号",
                "{}",
                laptop.name
            );
        }
        // The card is the owner's.
        let cards = zhang.ask(&["sync", "conflicts"]);
        let [card] = &cards["cards"].as_array().unwrap()[..] else {
            panic!("{cards}");
        };
        assert_eq!(card["kind"], "critical");
        assert_eq!(card["mine"], true);
        assert_eq!(card["fields"][0]["field"], "amount");
        let id = card["id"].as_str().unwrap();
        // One choice settles it; the other value stands then, everywhere.
        let settled = zhang.ask(&["sync", "settle", "theirs", id]);
        let chosen = zhang.field("opportunity", &deal, "amount");
        assert_eq!(chosen, card["fields"][0]["theirs"]);
        zhang.sync();
        manager.sync();
        assert_eq!(manager.field("opportunity", &deal, "amount"), chosen);
        let open = zhang.ask(&["sync", "conflicts"]);
        assert_eq!(open["cards"].as_array().unwrap().len(), 0, "{open}");
        // And it can be taken back.
        zhang.ask(&["undo", settled["tx"].as_str().unwrap()]);
        zhang.sync();
        let again = zhang.ask(&["sync", "conflicts"]);
        assert_eq!(again["cards"].as_array().unwrap().len(), 1, "{again}");
    });
}

#[test]
fn a_deleted_parent_neither_loses_nor_doubles_its_child() {
    each(|company| {
        let Company { zhang, manager, .. } = &company;
        let customer = zhang.add("customer", json!({ "name": "中衡物流" }));
        zhang.sync();
        manager.sync();
        manager.ask(&["remove", "customer", &customer]);
        let contact = zhang.add("contact", json!({ "name": "周敏", "customer": customer }));
        manager.sync();
        zhang.sync();
        manager.sync();
        for laptop in [zhang, manager] {
            let contacts = laptop.ask(&["list", "contact"]);
            assert_eq!(
                contacts["records"].as_array().unwrap().len(),
                1,
                "{contacts}"
            );
            assert!(laptop.has("contact", &contact));
            let deleted = laptop.ask(&["get", "customer", &customer])["deleted_at"].clone();
            assert_eq!(
                deleted,
                Json::Null,
                "{}: an edit beats a deletion",
                laptop.name
            );
        }
        let cards = manager.ask(&["sync", "conflicts"]).to_string();
        assert!(
            cards.contains("deleted") || cards.contains("revived"),
            "{cards}"
        );
    });
}

#[test]
fn a_transfer_moves_everything_below_and_keeps_the_old_owners_unsent_work() {
    each(|company| {
        let Company {
            zhang, li, manager, ..
        } = &company;
        let customer = zhang.add("customer", json!({ "name": "瑞丰医疗" }));
        let contact = zhang.add("contact", json!({ "name": "吴静", "customer": customer }));
        let deal = deal(zhang, "设备", &customer, 50_000);
        zhang.sync();
        manager.sync();
        li.sync();
        // Zhang is on a train: a phone number and a visit, while the manager moves the customer.
        zhang.set("customer", &customer, json!({ "phone": "0571-88001000" }));
        let visit = zhang.add("interaction", json!({ "kind": option(zhang, "拜访"), "customer": customer, "summary": "带了样机", "occurred_at": 1_790_000_000_000_i64 }));
        manager.ask(&["transfer", &customer, "--to", "李雷"]);
        manager.sync();
        let status = zhang.sync();
        li.sync();
        for (entity, id) in [
            ("customer", &customer),
            ("contact", &contact),
            ("opportunity", &deal),
            ("interaction", &visit),
        ] {
            assert!(!zhang.has(entity, id), "{entity} has left");
            assert!(li.has(entity, id), "{entity} came");
        }
        assert!(
            li.ask(&["history", "interaction", &visit])
                .to_string()
                .contains("张伟")
        );
        // The field edit became a card for the new owner; the old one is told.
        assert!(status["attention"].as_u64().unwrap() >= 1, "{status}");
        let told = zhang.ask(&["sync", "attention"]);
        assert!(told.to_string().contains("handed_over"), "{told}");
        let cards = li.ask(&["sync", "conflicts"]);
        let card = &cards["cards"][0];
        assert_eq!(card["kind"], "proposed", "{cards}");
        li.ask(&["sync", "settle", "yours", card["id"].as_str().unwrap()]);
        assert_eq!(li.field("customer", &customer, "phone"), "0571-88001000");
        li.sync();
        manager.sync();
        assert_eq!(
            manager.field("customer", &customer, "phone"),
            "0571-88001000"
        );
        // Nothing of it is left in the old owner's folder: not in his backups either.
        let backups = zhang.ask(&["restore"]);
        assert_eq!(backups["backups"].as_array().unwrap().len(), 1, "{backups}");
    });
}

/// The id of an option by a part of its name.
fn option(laptop: &Laptop, name: &str) -> Json {
    let options = laptop.ask(&["list", "option", "--limit", "1000"]);
    let named = |one: &&Json| {
        one["fields"]["name"]
            .as_str()
            .is_some_and(|of| of.contains(name))
    };
    let options = options["records"].as_array().unwrap();
    options.iter().find(named).unwrap()["id"].clone()
}

#[test]
fn a_stage_that_is_called_otherwise_is_called_so_everywhere() {
    let center = Center::start(Kind::File).unwrap();
    let admin = Laptop::joined("管理员", center.admin());
    let zhang = Laptop::joined(
        "张伟",
        &center.person("zhang", "张伟", "salesperson").unwrap(),
    );
    let stage = shipped_stage("project", "lead").to_string();
    // What somebody changed alone comes along when they join.
    let late = Laptop::alone("王芳");
    let option = shipped_option("customer.source", "展会").to_string();
    late.set("option", &option, json!({ "name": "行业展会" }));
    late.join(&center.person("wangfang", "王芳", "salesperson").unwrap());
    late.sync();
    admin.set("stage", &stage, json!({ "name": "意向确认" }));
    admin.sync();
    zhang.sync();
    late.sync();
    // Who may not is told at once, and not by a server days later.
    let refused = zhang.try_ask(&["set", "stage", &stage, r#"{"name":"线索"}"#]);
    assert_eq!(refused.unwrap_err(), "forbidden");
    for laptop in [&zhang, &late, &admin] {
        let name = |entity, id| laptop.field(entity, id, "name");
        assert_eq!(name("stage", &stage), "意向确认", "{}", laptop.name);
        assert_eq!(name("option", &option), "行业展会", "{}", laptop.name);
    }
}
