//! What goes wrong in a company's years: a server from yesterday's backup, a copied laptop, one that was in a drawer for two
//! weeks (SYNC goals 4, 5; docs/sync-protocol.md §7).

use ketu_tests::center::{Center, Kind};
use serde_json::json;

use crate::laptop::{Laptop, PASSWORD};

/// Ids of a laptop's customers with their names, in order.
fn customers(laptop: &Laptop) -> Vec<(String, String)> {
    let listed = laptop.ask(&["list", "customer", "--limit", "10000"]);
    let records = listed["records"].as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut all: Vec<_> = records
        .iter()
        .map(|record| (text(&record["id"]), text(&record["fields"]["name"])))
        .collect();
    all.sort();
    all
}

#[test]
fn a_server_from_an_old_backup_heals_from_its_laptops() {
    let mut center = Center::start(Kind::File).unwrap();
    let admin = Laptop::joined("管理员", center.admin());
    let zhang = Laptop::joined(
        "张伟",
        &center.person("zhang", "张伟", "salesperson").unwrap(),
    );
    let before = zhang.add("customer", json!({ "name": "备份前" }));
    zhang.sync();
    admin.sync();
    let backup = center.backup().unwrap();
    // A day's work that the backup does not know: new, changed, and from both.
    let after = zhang.add("customer", json!({ "name": "备份后" }));
    zhang.set("customer", &before, json!({ "phone": "0755-26001000" }));
    zhang.sync();
    admin.sync();
    admin.set("customer", &before, json!({ "address": "南山" }));
    let theirs = admin.add("customer", json!({ "name": "管理员的" }));
    admin.sync();
    center.kill().unwrap();
    center.do_it(&["restore", &backup]).unwrap();
    center.serve().unwrap();
    // Work that was never sent before the accident.
    let late = zhang.add("customer", json!({ "name": "事故后" }));
    // Tokens that were given since the backup are forgotten with the rest: everybody says once who they are.
    for laptop in [&zhang, &admin] {
        assert_eq!(
            laptop.try_ask(&["sync"]).unwrap_err(),
            "sync_login_required"
        );
        laptop.with_input(&["log-in"], PASSWORD).unwrap();
    }
    zhang.sync();
    admin.sync();
    zhang.sync();
    admin.sync();
    // Whoever comes new sees what the server has: everything.
    let witness = Laptop::joined(
        "见证人",
        &center.person("witness", "见证人", "admin").unwrap(),
    );
    for (id, field, value) in [
        (&before, "phone", "0755-26001000"),
        (&before, "address", "南山"),
        (&after, "name", "备份后"),
        (&theirs, "name", "管理员的"),
        (&late, "name", "事故后"),
    ] {
        for laptop in [&witness, &admin] {
            assert_eq!(
                laptop.field("customer", id, field),
                value,
                "{}",
                laptop.name
            );
        }
    }
    assert_eq!(customers(&witness), customers(&admin));
    assert_eq!(customers(&witness).len(), 4);
    let cards = admin.ask(&["sync", "conflicts"]);
    assert_eq!(
        cards["cards"].as_array().unwrap().len(),
        0,
        "healing asks nobody: {cards}"
    );
}

#[test]
fn a_copied_laptop_is_noticed_and_neither_copy_loses_anything() {
    let center = Center::start(Kind::File).unwrap();
    let admin = Laptop::joined("管理员", center.admin());
    let zhang = Laptop::joined(
        "张伟",
        &center.person("zhang", "张伟", "salesperson").unwrap(),
    );
    let shared = zhang.add("customer", json!({ "name": "两台都有" }));
    zhang.sync();
    // Somebody copies the whole folder to a new laptop and goes on with both.
    let copy = zhang.cloned();
    let first = zhang.add("customer", json!({ "name": "原机" }));
    zhang.set("customer", &shared, json!({ "phone": "0755-26001000" }));
    let second = copy.add("customer", json!({ "name": "副本" }));
    copy.set("customer", &shared, json!({ "address": "南山" }));
    zhang.sync();
    // The tokens were copied too: the copy has to say who it is, and then the first one.
    assert_eq!(copy.try_ask(&["sync"]).unwrap_err(), "sync_login_required");
    copy.with_input(&["log-in"], PASSWORD).unwrap();
    copy.sync();
    assert_eq!(zhang.try_ask(&["sync"]).unwrap_err(), "sync_login_required");
    zhang.with_input(&["log-in"], PASSWORD).unwrap();
    // From then on each is a device of its own, and they leave each other in peace.
    for _ in 0..2 {
        zhang.sync();
        copy.sync();
    }
    zhang.sync();
    admin.sync();
    for laptop in [&zhang, &copy, &admin] {
        let names = customers(laptop);
        assert_eq!(names.len(), 3, "{}: {names:?}", laptop.name);
        assert!(laptop.has("customer", &first) && laptop.has("customer", &second));
        assert_eq!(laptop.field("customer", &shared, "phone"), "0755-26001000");
        assert_eq!(laptop.field("customer", &shared, "address"), "南山");
    }
    // Each sends under an incarnation of its own now.
    let incarnation =
        |laptop: &Laptop| std::fs::read_to_string(laptop.data().join("ketu.incarnation")).unwrap();
    assert_ne!(incarnation(&zhang), incarnation(&copy));
}

#[test]
fn two_weeks_in_a_drawer_are_caught_up() {
    for kind in [Kind::File, Kind::Postgres] {
        let mut center = Center::start(kind).unwrap();
        let admin = Laptop::joined("管理员", center.admin());
        let zhang = Laptop::joined(
            "张伟",
            &center.person("zhang", "张伟", "salesperson").unwrap(),
        );
        let li = Laptop::joined(
            "李雷",
            &center.person("lilei", "李雷", "salesperson").unwrap(),
        );
        let book: String = (0..300)
            .map(|n| format!("客户{n:03},0755-26{n:06}\n"))
            .collect();
        let file = zhang.folder().join("客户.csv");
        std::fs::write(&file, format!("客户名称,电话\n{book}")).unwrap();
        zhang.ask(&["import", file.to_str().unwrap()]);
        zhang.sync();
        admin.sync();
        let all = customers(&zhang);
        assert_eq!(all.len(), 300);
        // Zhang goes on leave, having edited on the way; the company goes on without him.
        zhang.set("customer", &all[0].0, json!({ "phone": "021-50001000" }));
        let own = zhang.add("customer", json!({ "name": "路上认识的" }));
        let given: Vec<&str> = all[100..150].iter().map(|(id, _)| id.as_str()).collect();
        admin.ask(&[&["transfer"], &given[..], &["--to", "李雷"]].concat());
        let gone: Vec<&str> = all[150..170].iter().map(|(id, _)| id.as_str()).collect();
        admin.ask(&[&["remove", "customer"], &gone[..]].concat());
        for (id, _) in &all[..20] {
            admin.set("customer", id, json!({ "address": "改过" }));
        }
        admin.sync();
        li.sync();
        center.kill().unwrap();
        center.serve().unwrap();
        li.add("customer", json!({ "name": "李雷新客户" }));
        li.sync();
        admin.sync();
        // Back at the desk: one session.
        zhang.sync();
        admin.sync();
        let mine = customers(&zhang);
        assert_eq!(mine.len(), 300 - 50 - 20 + 1, "{kind:?}");
        assert!(zhang.has("customer", &own) && admin.has("customer", &own));
        assert_eq!(zhang.field("customer", &all[0].0, "phone"), "021-50001000");
        assert_eq!(zhang.field("customer", &all[0].0, "address"), "改过");
        assert!(
            !zhang.has("customer", given[0]),
            "what was given away has left"
        );
        assert_eq!(customers(&li).len(), 51);
        assert_eq!(customers(&admin).len(), 300 - 20 + 2);
    }
}

#[test]
fn a_laptop_that_goes_back_to_a_backup_has_its_work_again() {
    let center = Center::start(Kind::File).unwrap();
    let admin = Laptop::joined("管理员", center.admin());
    let zhang = Laptop::alone("张伟");
    let before = zhang.add("customer", json!({ "name": "独自一人" }));
    let alone = zhang.backed_up();
    zhang.join(&center.person("zhang", "张伟", "salesperson").unwrap());
    zhang.sync();
    let early = zhang.backed_up();
    let sent = zhang.add("customer", json!({ "name": "发送过" }));
    zhang.set("customer", &before, json!({ "phone": "0755-26001000" }));
    zhang.sync();
    // Backups older than the server, and older than the day: each time with work that nobody else has.
    let mut all = vec![before.clone(), sent];
    for (n, backup) in [early, alone].iter().enumerate() {
        all.push(zhang.add("customer", json!({ "name": format!("还没发送 {n}") })));
        zhang.ask(&["restore", backup]);
        zhang.sync();
        admin.sync();
        for laptop in [&zhang, &admin] {
            for id in &all {
                assert!(laptop.has("customer", id), "{} {n}", laptop.name);
            }
            assert_eq!(laptop.field("customer", &before, "phone"), "0755-26001000");
        }
        assert_eq!(customers(&zhang), customers(&admin));
        assert_eq!(customers(&zhang).len(), all.len(), "nothing twice");
        let log = zhang.ask(&["sync", "log"]);
        let entries = log["entries"].as_array().unwrap();
        let copied = entries
            .iter()
            .find(|entry| entry["code"] == "copied")
            .unwrap();
        assert!(copied["params"]["count"] != "0", "{copied}");
    }
}

#[test]
fn an_older_version_works_beside_this_one_and_neither_erases_what_the_other_wrote() {
    // docs/sync-protocol.md §5.7
    let center = Center::start(Kind::File).unwrap();
    let new = Laptop::joined("管理员", center.admin());
    let mut old = Laptop::older("张伟", "participation,customer.website");
    old.join(&center.person("zhang", "张伟", "salesperson").unwrap());
    let customer = old.add("customer", json!({ "name": "华东精密" }));
    let site = r#"{"website":"https://huadong.example"}"#;
    let refused = old.try_ask(&["set", "customer", &customer, site]);
    assert!(
        refused.is_err(),
        "built with all features, it does not know the field: {refused:?}"
    );
    old.sync();
    new.sync();
    new.set(
        "customer",
        &customer,
        json!({ "website": "https://huadong.example" }),
    );
    let contact = new.add("contact", json!({ "customer": customer, "name": "王芳" }));
    let role = json!({ "customer": customer, "contact": contact });
    let participation = new.add("participation", role);
    new.sync();
    old.sync();
    assert!(old.field("customer", &customer, "website").is_null());
    assert!(old.has("contact", &contact) && !old.has("participation", &participation));
    // The older one works on the same records, and gives the newer one's field and record back untouched.
    old.set("customer", &customer, json!({ "phone": "0755-26001000" }));
    old.sync();
    new.sync();
    for (field, value) in [
        ("phone", "0755-26001000"),
        ("website", "https://huadong.example"),
    ] {
        assert_eq!(new.field("customer", &customer, field), value);
    }
    assert!(new.has("participation", &participation));
    // Upgraded, it has what it could not show, and works with it.
    old.upgrade();
    assert_eq!(
        old.field("customer", &customer, "website"),
        "https://huadong.example"
    );
    assert!(old.has("participation", &participation));
    old.set(
        "customer",
        &customer,
        json!({ "website": "https://new.example" }),
    );
    old.sync();
    new.sync();
    assert_eq!(
        new.field("customer", &customer, "website"),
        "https://new.example"
    );
}

#[test]
fn who_is_shut_out_leaves_unsent_work_with_the_server_and_nothing_on_the_laptop() {
    // docs/sync-protocol.md §7.4; the token that the laptop had is of an earlier start.
    let center = Center::start(Kind::File).unwrap();
    let zhang = center.person("zhang", "张伟", "salesperson").unwrap();
    let zhang = Laptop::joined("张伟", &zhang);
    zhang.sync();
    let fields = json!({ "name": "华科电力", "phone": "0755-26001000" });
    let customer = zhang.add("customer", fields);
    zhang.set("customer", &customer, json!({ "phone": "0755-26002000" }));
    center.do_it(&["user", "disable", "zhang"]).unwrap();
    assert!(zhang.try_ask(&["sync"]).is_err());
    let kept = center.do_it(&["quarantine", "list"]).unwrap();
    assert!(kept.contains("zhang\t2 changes"), "{kept}");
    let device = kept.split('\t').next().unwrap();
    let ops = center.do_it(&["quarantine", "show", device]).unwrap();
    for said in ["华科电力", "0755-26001000", "0755-26002000"] {
        assert!(ops.contains(said), "{ops}");
    }
    assert!(!zhang.has("customer", &customer));
    assert!(!zhang.data().join("ketu.db").exists(), "the file is gone");
    center.do_it(&["quarantine", "remove", device]).unwrap();
    assert_eq!(center.do_it(&["quarantine", "list"]).unwrap().trim(), "");
}

/// §6.2: the same place differs again after it was fetched.
#[test]
fn a_laptop_that_cannot_agree_stops_keeps_evidence_without_a_name_and_loses_nothing() {
    let mut center = Center::start(Kind::File).unwrap();
    let zhang = Laptop::joined(
        "张伟",
        &center.person("zhang", "张伟", "salesperson").unwrap(),
    );
    let customer = zhang.add("customer", json!({ "name": "华科电力" }));
    zhang.sync();
    // What the server counts of its rows is no longer what they are.
    center.kill().unwrap();
    ketu_sim::stores::miscount(&center.data().join("server.db")).unwrap();
    center.serve().unwrap();
    let late = zhang.add("customer", json!({ "name": "后来的" }));
    assert_eq!(zhang.try_ask(&["sync"]).unwrap_err(), "sync_diverged");
    for id in [&customer, &late] {
        assert!(zhang.has("customer", id));
    }
    let files = std::fs::read_dir(zhang.data()).unwrap().flatten();
    let mut files = files.filter(|file| {
        let name = file.file_name().to_string_lossy().into_owned();
        name.starts_with("ketu.evidence-")
    });
    let text = std::fs::read_to_string(files.next().unwrap().path()).unwrap();
    assert!(files.next().is_none());
    let evidence: serde_json::Value = serde_json::from_str(&text).unwrap();
    let rows = evidence["rows"].as_array().unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        assert_eq!(
            row["sum"], row["sum_of_row"],
            "the laptop's own count is right"
        );
    }
    assert!(!text.contains("华科") && !text.contains("后来的"), "{text}");
}
