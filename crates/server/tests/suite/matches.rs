//! Who already has a code, a number or a name: named where the asker may see it, counted at most elsewhere.

use ketu_model::normalise::company::name_key;
use ketu_model::normalise::phone::phone_key;
use ketu_server::accounts::verify_audit;
use serde_json::{Value as Json, json};

use crate::store::on_both_stores;
use crate::sync::Office;

const USCC: &str = "91350100M000100Y43";

fn keys() -> Json {
    let phone = phone_key("021-55886600").unwrap();
    json!({ "keys": [
        { "kind": "name", "key": name_key("上海华东精密机械有限公司") },
        { "kind": "phone", "key": phone },
        { "kind": "uscc", "key": USCC },
        { "kind": "name", "key": name_key("没有的公司") },
    ] })
}

async fn asked(desk: &crate::desk::Desk) -> Vec<Json> {
    let answer = desk.client.post("/v1/matches", &keys()).await;
    assert_eq!(answer.status, 200);
    answer.json()["matches"].as_array().unwrap().clone()
}

on_both_stores! {
    async fn what_one_sees_is_named_and_nothing_else_is_said(store) {
        let mut office = Office::open(store).await;
        let customer = office.zhang.customer("华东精密机械（上海）有限公司");
        office.zhang.set(customer, "name", json!("上海华东精密机械有限公司"));
        let person = json!({ "customer": customer, "name": "王工", "mobile": "021-55886600" });
        let person = office.zhang.create("contact", person);
        office.zhang.synced().await;
        office.zhang.set(customer, "uscc", json!(USCC));
        office.zhang.synced().await;
        let found = asked(&office.zhang).await;
        assert_eq!(found.len(), 3, "{found:?}");
        let of = |kind: &str| found.iter().find(|one| one["kind"] == kind).unwrap();
        let named = json!([{ "id": customer, "entity": "customer", "root": customer, "name": "上海华东精密机械有限公司", "may_merge": true }]);
        assert_eq!((&of("name")["records"], &of("name")["colleagues"]), (&named, &Json::Null));
        assert_eq!(of("uscc")["records"], named);
        let named = json!([{ "id": person, "entity": "contact", "root": customer, "name": "王工", "may_merge": true }]);
        assert_eq!(of("phone")["records"], named);
        // Li sees none of it, and is not told that there is anything.
        assert_eq!(asked(&office.li).await, Vec::<Json>::new());
        assert_eq!(asked(&office.admin).await.len(), 3);
        // What was changed or deleted is known by it no longer.
        office.zhang.set(customer, "uscc", Json::Null);
        office.zhang.delete(person);
        office.zhang.synced().await;
        let found = asked(&office.zhang).await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0]["kind"], "name");
        office.zhang.delete(customer);
        office.zhang.synced().await;
        assert_eq!(asked(&office.zhang).await, Vec::<Json>::new());
        let many: Vec<Json> = (0..1_001).map(|n| json!({ "kind": "phone", "key": n.to_string() })).collect();
        let refused = office.zhang.client.post("/v1/matches", &json!({ "keys": many })).await;
        assert_eq!((refused.status, refused.code().as_str()), (422, "invalid"));
    }

    async fn where_the_company_allows_it_colleagues_are_counted_and_the_question_is_noted(store) {
        let mut office = Office::with(store, |config| config.tell_taken = true).await;
        let customer = office.zhang.customer("上海华东精密机械有限公司");
        office.zhang.set(customer, "phone", json!("021-55886600"));
        office.zhang.synced().await;
        let state = office.server.state();
        let before = verify_audit(&state.db, office.org.id).await.unwrap();
        let found = asked(&office.li).await;
        assert_eq!(found.len(), 2);
        for one in &found {
            assert_eq!((&one["records"], &one["colleagues"]), (&json!([]), &json!(1)));
        }
        let text = serde_json::to_string(&found).unwrap();
        assert!(!text.contains(&customer.to_string()) && !text.contains("zhang"), "{text}");
        assert_eq!(verify_audit(&state.db, office.org.id).await.unwrap(), before + 1);
        // The own ones are not counted as a colleague's, and to see them is no secret.
        assert_eq!(asked(&office.zhang).await[0]["colleagues"], 0);
        assert_eq!(verify_audit(&state.db, office.org.id).await.unwrap(), before + 1);
    }
}
