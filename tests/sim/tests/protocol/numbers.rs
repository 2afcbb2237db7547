//! §4.10: numbers for people, which no two records share.

use std::collections::BTreeSet;

use ketu_model::series;
use ketu_sync::message::{Lease, Reply, Request, VERSION};
use serde_json::json;

use crate::desk::{Desk, LI, ZHANG};

#[test]
fn a_number_that_is_taken_gives_way_and_is_still_found() {
    let mut desk = Desk::new();
    let (zhang, li) = (desk.laptop(ZHANG), desk.laptop(LI));
    let number = json!("CUST-2026-001");
    let (first, second) = (desk.customer(zhang, "甲"), desk.customer(li, "乙"));
    desk.set(zhang, first, "number", number.clone());
    desk.set(li, second, "number", number.clone());
    desk.sync_all();
    assert_eq!(desk.value(zhang, first, "number"), number);
    assert_eq!(desk.value(li, second, "number"), "CUST-2026-002");
    assert_eq!(desk.value(li, second, "former_numbers"), number);
    // An imported number of another form gives way to this year's series.
    let (third, fourth) = (desk.customer(zhang, "丙"), desk.customer(zhang, "丁"));
    desk.set(zhang, third, "number", json!("KH-7"));
    desk.set(zhang, fourth, "number", json!("KH-7"));
    desk.sync_all();
    assert_eq!(desk.value(zhang, third, "number"), "KH-7");
    assert_eq!(desk.value(zhang, fourth, "number"), "CUST-2026-003");
}

#[test]
fn equal_tax_codes_are_shown_to_a_person_and_refuse_nobody() {
    let mut desk = Desk::new();
    let (zhang, li) = (desk.laptop(ZHANG), desk.laptop(LI));
    let (first, second) = (desk.customer(zhang, "华科"), desk.customer(li, "华科技术"));
    let code = json!("91350100M000100Y43");
    desk.set(zhang, first, "uscc", code.clone());
    desk.set(li, second, "uscc", code.clone());
    desk.sync_all();
    assert_eq!(
        (
            desk.value(zhang, first, "uscc"),
            desk.value(li, second, "uscc")
        ),
        (code.clone(), code)
    );
    let cards = desk.cards("duplicate");
    assert_eq!(cards.len(), 1);
    assert_eq!(cards[0].value("theirs"), &json!(format!("\"{first}\"")));
}

/// SYNC goal 17.
#[test]
fn fifty_laptops_create_a_thousand_customers_each_offline_and_no_number_is_given_twice() {
    let mut desk = Desk::new();
    let mut given = 0;
    for at in 0..50 {
        desk.laptop(if at % 2 == 0 { ZHANG } else { LI });
        // Leased while online, given while offline.
        let lease = Request::Lease(Lease {
            v: VERSION,
            epoch: uuid::Uuid::nil(),
            series: "CUST-2026".to_owned(),
            count: 1_000,
        });
        let (_, Reply::Leased(block)) = desk.server.handle(ZHANG, &lease, desk.now) else {
            panic!("a block is leased");
        };
        for count in block.first..block.first + block.count {
            let id = desk.id();
            let number = series::number("CUST-2026", count);
            let fields = [
                ("name", json!(number.clone())),
                ("number", json!(number)),
                ("owner", json!(desk.laptops[at].user.to_string())),
            ];
            desk.write(
                at,
                ketu_sync::message::Kind::Create,
                "customer",
                id,
                &fields,
            );
            given += 1;
        }
    }
    for at in 0..50 {
        // Pushes only: what comes back is another test's.
        while let Some((request, _)) = desk.exchange(at) {
            if !matches!(request, Request::Push(_)) {
                break;
            }
        }
    }
    let records = desk.server.records.values();
    let numbers: BTreeSet<&str> = records
        .clone()
        .filter_map(|r| r.value("number").as_str())
        .collect();
    assert_eq!((numbers.len(), records.clone().count()), (given, given));
    assert!(
        records
            .clone()
            .all(|record| record.value("former_numbers").is_null())
    );
}
