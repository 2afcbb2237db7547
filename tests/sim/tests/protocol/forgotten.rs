//! §7.7: what a restored server forgot, and whose author purged it or is gone for good, comes back from whoever holds it.

use std::collections::BTreeMap;

use ketu_sim::laptop::Wish;
use ketu_sync::message::{Kind, MAX_OPS, MIN_PAGE, Outcome, Refusal, Reply, Request, Sum, Vouch};
use ketu_sync::record::{Record, id_json};
use serde_json::json;
use uuid::Uuid;

use crate::desk::{DAY, Desk, LI, WANG, ZHANG};

/// The server goes back to a backup that is a day old.
fn restore(desk: &mut Desk, backup: &ketu_sim::server::Server) {
    let epoch = desk.id();
    desk.now += DAY;
    desk.server = backup.clone().restored(epoch, &desk.server, desk.now);
}

/// Goes on with a laptop's session until it vouches; the request is not sent.
fn vouch(desk: &mut Desk, at: usize) -> Vouch {
    desk.laptops[at].session = None;
    loop {
        match desk.laptops[at].wish() {
            Wish::Ask(Request::Vouch(vouch)) => return vouch,
            Wish::Ask(_) => drop(desk.exchange(at).unwrap()),
            other => panic!("it never vouches: {other:?}"),
        }
    }
}

fn is_as_before(desk: &Desk, before: &BTreeMap<Uuid, Record>) {
    for (id, record) in before {
        let now = desk.server.records.get(id);
        let now = now.unwrap_or_else(|| panic!("{record:?} never came back"));
        assert_eq!(
            (&now.fields, now.root, now.deleted),
            (&record.fields, record.root, record.deleted)
        );
        assert_eq!(
            (
                now.created_at,
                now.created_by,
                now.updated_at,
                now.updated_by
            ),
            (
                record.created_at,
                record.created_by,
                record.updated_at,
                record.updated_by
            )
        );
    }
}

#[test]
fn work_on_a_customer_that_was_given_away_returns_without_its_author() {
    let mut desk = Desk::new();
    let (zhang, li, wang) = (desk.laptop(ZHANG), desk.laptop(LI), desk.laptop(WANG));
    let old = desk.customer(zhang, "华科");
    let gone = desk.below(zhang, "contact", old, &[("name", json!("旧人"))]);
    desk.sync_all();
    let backup = desk.server.clone();
    desk.set(zhang, old, "alias", json!("甲"));
    desk.delete(zhang, gone);
    let new = desk.customer(zhang, "新客户");
    let fields = [("name", json!("一期")), ("owner", json!(ZHANG.to_string()))];
    let deal = desk.below(zhang, "opportunity", new, &fields);
    desk.below(zhang, "contact", old, &[("name", json!("王芳"))]);
    desk.transfer(zhang, old, LI);
    desk.transfer(zhang, new, LI);
    desk.sync_all();
    assert!(desk.shown(zhang, old).is_none() && desk.laptops[zhang].file.ops.is_empty());
    let before = desk.server.records.clone();
    restore(&mut desk, &backup);
    // Zhang's laptop fell into the river.
    for at in [li, wang, li] {
        desk.sync(at);
    }
    is_as_before(&desk, &before);
    assert_eq!(desk.value(li, deal, "owner"), json!(LI.to_string()));
    assert_eq!(desk.value(wang, old, "alias"), "甲");
    assert_eq!(
        desk.cards("duplicate").len() + desk.cards("critical").len(),
        0
    );
    let told = &desk.server.history;
    let told = told
        .iter()
        .find(|entry| entry.record == old && entry.origin == "vouched");
    assert_eq!(told.unwrap().author, Some(ZHANG));
    // Once more, by a laptop that was away for longer.
    restore(&mut desk, &backup);
    desk.sync(zhang);
    desk.sync(wang);
    is_as_before(&desk, &before);
    desk.sync(zhang);
    assert!(desk.shown(zhang, old).is_none());
}

#[test]
fn what_was_deleted_before_and_after_a_restore_stays_deleted() {
    let mut desk = Desk::new();
    let (first, second) = (desk.laptop(ZHANG), desk.laptop(ZHANG));
    let customer = desk.customer(first, "华科");
    let contact = desk.below(first, "contact", customer, &[("name", json!("王芳"))]);
    desk.sync_all();
    let backup = desk.server.clone();
    desk.set(first, contact, "title", json!("经理"));
    desk.delete(first, contact);
    desk.sync(first);
    restore(&mut desk, &backup);
    desk.sync(second);
    desk.delete(second, contact);
    desk.sync(second);
    desk.sync_all();
    let record = &desk.server.records[&contact];
    assert!(record.deleted.is_some(), "{record:?}");
    assert_eq!(record.value("title"), "经理");
    assert!(desk.cards("revived").is_empty());
}

#[test]
fn a_value_that_comes_back_is_as_old_as_it_was() {
    let mut desk = Desk::new();
    let (zhang, wang) = (desk.laptop(ZHANG), desk.laptop(WANG));
    let customer = desk.customer(zhang, "华科");
    desk.sync_all();
    let backup = desk.server.clone();
    // Ten days ahead: the server takes it as made when it came.
    desk.laptops[zhang].skew = 10 * DAY;
    desk.set(zhang, customer, "alias", json!("甲"));
    desk.sync_all();
    let taken = desk.now;
    restore(&mut desk, &backup);
    desk.sync(wang);
    desk.sync(zhang);
    let version = desk.server.records[&customer].version_of("alias");
    assert_eq!((version.author, version.was.len()), (Some(ZHANG), 1));
    assert!(version.hlc.millis() <= taken, "{version:?}, {taken}");
}

#[test]
fn every_acknowledged_edit_of_twenty_laptops_returns_also_where_customers_change_hands() {
    let mut desk = Desk::new();
    let users = [ZHANG, LI, WANG];
    let laptops: Vec<usize> = (0..20).map(|n| desk.laptop(users[n % 3])).collect();
    let customers: Vec<Uuid> = laptops
        .iter()
        .map(|at| desk.customer(*at, "客户"))
        .collect();
    desk.sync_all();
    let backup = desk.server.clone();
    for (n, at) in laptops.iter().enumerate() {
        desk.set(*at, customers[n], "alias", json!(format!("新{n}")));
        let new = desk.customer(*at, "新客户");
        desk.below(*at, "contact", new, &[("name", json!("王芳"))]);
        for customer in [customers[n], new] {
            desk.transfer(*at, customer, users[(n + 1) % 3]);
        }
        desk.sync(*at);
    }
    desk.sync_all();
    let before = desk.server.records.clone();
    restore(&mut desk, &backup);
    // Of each person one laptop comes back.
    for at in [19, 18, 17] {
        desk.sync(at);
    }
    is_as_before(&desk, &before);
    desk.sync_all();
    is_as_before(&desk, &before);
    assert!(
        desk.server
            .records
            .values()
            .all(|record| record.entity != "conflict")
    );
}

#[test]
fn a_row_that_the_server_never_said_is_passed_over_and_the_others_are_taken() {
    let mut desk = Desk::new();
    let (zhang, li) = (desk.laptop(ZHANG), desk.laptop(LI));
    let customers = [
        desk.customer(zhang, "甲"),
        desk.customer(zhang, "乙"),
        desk.customer(zhang, "丙"),
    ];
    desk.sync_all();
    let backup = desk.server.clone();
    for customer in customers {
        desk.set(zhang, customer, "alias", json!("真"));
        desk.transfer(zhang, customer, LI);
    }
    desk.sync_all();
    restore(&mut desk, &backup);
    let mut vouch = vouch(&mut desk, li);
    assert_eq!(vouch.rows.len(), 3);
    vouch.rows[0]
        .row
        .fields
        .insert("alias".to_owned(), json!("假"));
    vouch.rows[1].proof = Sum(vouch.rows[1].proof.0 ^ 1);
    let (altered, forged) = (vouch.rows[0].row.id, vouch.rows[1].row.id);
    let (_, reply) = desk
        .server
        .handle(LI, &Request::Vouch(vouch.clone()), desk.now);
    assert!(matches!(reply, Reply::Vouched { .. }));
    for customer in customers {
        let taken = customer != altered && customer != forged;
        let alias = desk.at_the_server(customer).value("alias");
        assert_eq!(alias == "真", taken, "{alias}");
        assert_ne!(alias, "假");
    }
    // What it still remembers nobody brings back, and too much at once is refused.
    let head = desk.server.head;
    desk.server
        .handle(LI, &Request::Vouch(vouch.clone()), desk.now);
    assert_eq!(desk.server.head, head);
    let rows = vec![vouch.rows[2].clone(); MAX_OPS + 1];
    let (_, reply) = desk
        .server
        .handle(LI, &Request::Vouch(Vouch { rows, ..vouch }), desk.now);
    assert_eq!(reply, Reply::Refused(Refusal::TooLarge));
}

#[test]
fn an_op_that_a_row_had_in_it_already_returns_to_the_history_alone() {
    let mut desk = Desk::new();
    let (zhang, wang) = (desk.laptop(ZHANG), desk.laptop(WANG));
    let customer = desk.customer(zhang, "华科");
    desk.sync_all();
    let backup = desk.server.clone();
    let edit = desk.set(zhang, customer, "alias", json!("甲"));
    let note = desk.set(zhang, customer, "note", json!("一"));
    desk.sync_all();
    // Made before anybody knew that the server is another.
    let pending = desk.set(zhang, customer, "address", json!("深圳"));
    restore(&mut desk, &backup);
    desk.sync(wang);
    desk.set(wang, customer, "alias", json!("乙"));
    desk.set(wang, customer, "note", json!("二"));
    desk.sync(wang);
    let said = desk.sync(zhang);
    let shown = |desk: &Desk| {
        let row = desk.shown(zhang, customer).unwrap();
        (row.value("alias").clone(), row.value("note").clone())
    };
    assert_eq!(shown(&desk), (json!("乙"), json!("二")));
    for op in [&edit, &note, &pending] {
        assert_eq!(desk.outcome(zhang, op), &Outcome::Applied);
        let mut history = desk.server.history.iter();
        assert!(history.any(|entry| entry.op_id == op.op_id), "{op:?}");
    }
    assert!(
        said.iter()
            .any(|(request, _)| matches!(request, Request::Vouch(_)))
    );
    assert_eq!(desk.at_the_server(customer).value("address"), "深圳");
    assert_eq!(desk.at_the_server(customer).value("note"), "二");
    assert!(
        desk.server
            .records
            .values()
            .all(|record| record.entity != "conflict")
    );
    let old = desk
        .server
        .history
        .iter()
        .find(|entry| entry.op_id == edit.op_id);
    assert_eq!(old.unwrap().lost, ["alias"]);
}

#[test]
fn what_was_changed_since_the_restore_stays_and_texts_keep_both() {
    let mut desk = Desk::new();
    let (zhang, li, wang) = (desk.laptop(ZHANG), desk.laptop(LI), desk.laptop(WANG));
    let customer = desk.customer(zhang, "华科");
    desk.set(zhang, customer, "note", json!("一"));
    desk.sync_all();
    let backup = desk.server.clone();
    // Wang is on a train while Zhang works and gives the customer to Li.
    desk.set(zhang, customer, "alias", json!("甲"));
    desk.set(zhang, customer, "note", json!("一\n二"));
    desk.transfer(zhang, customer, LI);
    desk.sync(zhang);
    desk.sync(li);
    restore(&mut desk, &backup);
    desk.set(wang, customer, "alias", json!("乙"));
    desk.set(wang, customer, "note", json!("一\n三"));
    desk.sync(wang);
    desk.sync(li);
    let record = desk.at_the_server(customer);
    assert_eq!(
        (record.value("alias"), record.id_in("owner")),
        (&json!("乙"), Some(LI))
    );
    let note = record.value("note").as_str().unwrap();
    for line in ["一", "二", "三"] {
        assert_eq!(
            note.lines().filter(|known| *known == line).count(),
            1,
            "{note}"
        );
    }
    let entry = desk
        .server
        .history
        .iter()
        .find(|entry| entry.origin == "vouched")
        .unwrap();
    assert_eq!(
        (&entry.patch["alias"].1, entry.lost.as_slice()),
        (&json!("甲"), &["alias".to_owned()][..])
    );
}

#[test]
fn vouching_that_is_cut_goes_on_where_it_was_and_begins_anew_with_the_next_restore() {
    let mut desk = Desk::new();
    let (zhang, li) = (desk.laptop(ZHANG), desk.laptop(LI));
    desk.laptops[li].page = 2;
    desk.sync_all();
    let backup = desk.server.clone();
    for n in 0..5 {
        let customer = desk.customer(zhang, "客户");
        desk.below(
            zhang,
            "contact",
            customer,
            &[("name", json!(format!("人{n}")))],
        );
        desk.transfer(zhang, customer, LI);
    }
    desk.sync_all();
    let before = desk.server.records.clone();
    assert!(desk.laptops[zhang].file.records.is_empty());
    restore(&mut desk, &backup);
    let first = vouch(&mut desk, li);
    desk.exchange(li).unwrap();
    assert_eq!(desk.server.records.len(), 2);
    assert_ne!(vouch(&mut desk, li).rows, first.rows);
    desk.exchange(li).unwrap();
    restore(&mut desk, &backup);
    desk.exchange(li).unwrap();
    assert_eq!(vouch(&mut desk, li).rows, first.rows);
    desk.sync(li);
    is_as_before(&desk, &before);
    assert_eq!(desk.laptops[li].file.state.vouching, None);
    assert_eq!(desk.laptops[li].file.views.len(), 10);
}

/// Goes on with a laptop that pulls small pages until it has a record below a root; its session is cut then.
fn pull_until(desk: &mut Desk, at: usize, record: Uuid, root: Uuid) {
    desk.laptops[at].page = MIN_PAGE;
    desk.laptops[at].session = None;
    let has_it = |desk: &Desk| {
        let local = desk.laptops[at].file.records.get(&record);
        local.is_some_and(|local| local.base.as_ref().is_some_and(|row| row.root == root))
    };
    while !has_it(desk) {
        desk.exchange(at).unwrap();
    }
    desk.laptops[at].session = None;
}

/// A contact with a note is moved below a new customer, whose row comes a page later.
fn moved_contact(desk: &mut Desk, at: usize, contact: Uuid) -> Uuid {
    desk.set(at, contact, "note", json!("一"));
    desk.set(at, contact, "note", json!("一\n二"));
    desk.set(at, contact, "note", json!("一\n二\n三"));
    let new = desk.customer(at, "新客户");
    let fields = [("customer", id_json(new))];
    desk.write(at, Kind::Transfer, "contact", contact, &fields);
    for _ in 0..MIN_PAGE {
        desk.customer(at, "另一个");
    }
    desk.set(at, new, "alias", json!("新"));
    new
}

/// Whether a record is vouched for, and what it hangs below is not.
fn is_without(vouch: &Vouch, record: Uuid, root: Uuid) -> bool {
    let has = |id: Uuid| vouch.rows.iter().any(|vouched| vouched.row.id == id);
    has(record) && !has(root)
}

/// §7.7: a row that is taken but for its place has in it what its author sends again; only the move is done then.
#[test]
fn a_text_whose_row_came_before_its_customer_is_not_written_twice() {
    let mut desk = Desk::new();
    let zhang = desk.laptop(ZHANG);
    let old = desk.customer(zhang, "华科");
    let contact = desk.below(zhang, "contact", old, &[("name", json!("王芳"))]);
    desk.sync_all();
    let backup = desk.server.clone();
    let new = moved_contact(&mut desk, zhang, contact);
    // The answer is lost, and the pull is cut before the new customer's row.
    let Wish::Ask(push) = desk.laptops[zhang].wish() else {
        panic!("there is something to push");
    };
    desk.server.handle(ZHANG, &push, desk.now);
    pull_until(&mut desk, zhang, contact, new);
    restore(&mut desk, &backup);
    assert!(is_without(&vouch(&mut desk, zhang), contact, new));
    desk.sync(zhang);
    let record = desk.at_the_server(contact);
    assert_eq!(
        (record.value("note"), record.root),
        (&json!("一\n二\n三"), new)
    );
    assert_eq!(desk.value(zhang, contact, "note"), "一\n二\n三");
}

/// §7.7: said again when its root is there, such a row brings its place alone: what was done since stays.
#[test]
fn the_place_of_a_row_that_came_before_its_customer_comes_with_the_next_who_holds_it() {
    let mut desk = Desk::new();
    let (zhang, wang) = (desk.laptop(ZHANG), desk.laptop(WANG));
    let cut = desk.laptop(WANG);
    let old = desk.customer(zhang, "华科");
    let contact = desk.below(zhang, "contact", old, &[("name", json!("王芳"))]);
    desk.sync_all();
    let backup = desk.server.clone();
    let new = moved_contact(&mut desk, zhang, contact);
    desk.sync(zhang);
    desk.sync(wang);
    pull_until(&mut desk, cut, contact, new);
    restore(&mut desk, &backup);
    assert!(is_without(&vouch(&mut desk, cut), contact, new));
    desk.sync(cut);
    assert_eq!(desk.value(cut, contact, "note"), "一\n二\n三");
    assert_eq!(desk.at_the_server(contact).root, old);
    desk.set(cut, contact, "note", json!("二\n三"));
    desk.sync(cut);
    // Zhang's laptop fell into the river.
    for at in [wang, cut] {
        desk.sync(at);
    }
    let record = desk.at_the_server(contact);
    assert_eq!((record.value("note"), record.root), (&json!("二\n三"), new));
    assert_eq!(desk.value(cut, contact, "customer"), id_json(new));
}
