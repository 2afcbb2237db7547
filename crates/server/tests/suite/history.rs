//! What a record was before the last changes that a pull tells of, for whoever sees it (docs/sync-protocol.md §5.11).

use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::desk::Desk;
use crate::store::on_both_stores;
use crate::sync::Office;

async fn part(desk: &Desk, record: Uuid, below: Option<i64>) -> Json {
    let asked = json!({ "record": record, "below": below });
    let answer = desk.client.post("/v1/history", &asked).await;
    assert_eq!(answer.status, 200);
    answer.json()
}

on_both_stores! {
    async fn all_of_it_comes_in_parts_and_only_to_who_sees_the_record(store) {
        let mut office = Office::open(store).await;
        let customer = office.zhang.customer("华东精密");
        office.zhang.synced().await;
        for n in 0..250 {
            office.zhang.set(customer, "alias", json!(format!("华东 {n}")));
        }
        office.zhang.synced().await;
        office.admin.synced().await;
        let told = office.admin.laptop.file.history.values().filter(|entry| entry.record == customer);
        assert_eq!(told.count(), 20, "a pull tells the last of it");

        let (mut below, mut names, mut parts) = (None, Vec::new(), 0);
        loop {
            let part = part(&office.admin, customer, below).await;
            let entries = part["entries"].as_array().unwrap();
            names.extend(entries.iter().map(|entry| entry["patch"]["alias"][1].clone()));
            below = entries.last().and_then(|entry| entry["seq"].as_i64());
            parts += 1;
            if part["more"] == false {
                assert_eq!(entries.last().unwrap()["kind"], "create");
                break;
            }
        }
        let expected: Vec<Json> = (0..250).rev().map(|n| json!(format!("华东 {n}"))).chain([Json::Null]).collect();
        assert_eq!((names, parts), (expected, 2));

        for (record, status) in [(customer, 404), (Uuid::from_u128(5), 404)] {
            let asked = json!({ "record": record, "below": null });
            let answer = office.li.client.post("/v1/history", &asked).await;
            assert_eq!((answer.status, answer.code().as_str()), (status, "not_found"));
        }
    }
}
