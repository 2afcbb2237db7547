//! Who is shut out is told to destroy what the laptop holds, in words that only the organisation can say; what the laptop
//! still had to say is kept aside and taken by nobody.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use ketu_model::{DeviceId, UserId};
use ketu_server::accounts::{By, UserEdit, wipe_message};
use ketu_sync::message::{Op, Request};
use serde_json::Value as Json;

use crate::client::Reply;
use crate::desk::{Desk, cbor};
use crate::laptop::Wish;
use crate::store::on_both_stores;
use crate::sync::Office;

async fn org_key(desk: &Desk) -> VerifyingKey {
    let me = desk.client.me().await.json();
    assert_eq!(me["lock_after_days"], 30);
    let key = STANDARD.decode(me["org_key"].as_str().unwrap()).unwrap();
    VerifyingKey::from_bytes(&key.try_into().unwrap()).unwrap()
}

/// The order, if the organisation signed it for this device.
fn order(refused: &Reply, key: &VerifyingKey, desk: &Desk) -> Option<Json> {
    assert_eq!((refused.status, refused.code().as_str()), (401, "revoked"));
    let params = refused.json()["params"].clone();
    let text = params["order"].as_str()?;
    let signature = STANDARD.decode(params["signature"].as_str()?).ok()?;
    let signature = Signature::from_slice(&signature).ok()?;
    key.verify_strict(&wipe_message(text), &signature).ok()?;
    let order: Json = serde_json::from_str(text).ok()?;
    (order["device"] == desk.client.device.as_str() && order["org"] == desk.client.org.as_str())
        .then_some(order)
}

/// What the laptop would push next.
fn unsent(desk: &mut Desk) -> Vec<u8> {
    let Wish::Ask(Request::Push(push)) = desk.laptop.wish() else {
        panic!("there is something to push")
    };
    cbor(&push)
}

async fn push(desk: &Desk, body: &[u8]) -> Reply {
    let bearer = format!("Bearer {}", desk.client.access);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/cbor"),
        ("accept", "application/json"),
    ];
    crate::client::send(desk.client.address, "POST", "/v1/push", &headers, body).await
}

on_both_stores! {
    async fn a_revoked_laptop_gets_an_order_that_is_signed_for_it_alone(store) {
        let mut office = Office::open(store).await;
        let customer = office.zhang.customer("华东精密");
        office.zhang.synced().await;
        let key = org_key(&office.zhang).await;
        let accounts = office.server.state().accounts.clone();
        let device = DeviceId(office.zhang.client.device.parse().unwrap());
        // Two changes that were made offline, before anybody knew.
        office.zhang.set(customer, "phone", Json::from("021-1"));
        office.zhang.set(customer, "alias", Json::from("华东"));
        accounts.revoke_device(office.org.id, By::CONSOLE, device).await.unwrap();
        let refused = office.zhang.client.me().await;
        let order = order(&refused, &key, &office.zhang).unwrap();
        assert_eq!((&order["v"], &order["at"]), (&Json::from(1), &Json::from(crate::server::NOW)));
        assert!(self::order(&refused, &key, &office.li).is_none());
        let refresh = office.zhang.client.refresh.clone();
        let refused = office.zhang.client.refresh_with(&refresh).await;
        assert!(self::order(&refused, &key, &office.zhang).is_some());
        // What it pushes now is kept and not taken, however often it comes.
        let body = unsent(&mut office.zhang);
        for _ in 0..2 {
            let refused = push(&office.zhang, &body).await;
            assert_eq!(refused.json()["params"]["kept"], 2);
            assert!(self::order(&refused, &key, &office.zhang).is_some());
        }
        office.admin.synced().await;
        assert_eq!(office.admin.value(customer, "phone"), Json::Null);
        let kept = accounts.list_quarantine(office.org.id).await.unwrap();
        assert_eq!((kept.len(), kept[0].device, kept[0].ops), (1, device, 2));
        let ops = accounts.quarantined(office.org.id, device).await.unwrap();
        let op: Op = serde_json::from_str(&ops[0]).unwrap();
        assert_eq!(op.record, customer);
        assert_eq!(accounts.remove_quarantined(office.org.id, By::CONSOLE, device).await.unwrap(), 2);
        // After a week nothing more is kept; the order stays.
        office.server.pass(Duration::from_secs(8 * 24 * 3_600));
        let refused = push(&office.zhang, &body).await;
        assert_eq!(refused.json()["params"]["kept"], 0);
        assert!(self::order(&refused, &key, &office.zhang).is_some());
        // Nobody else is heard there: neither a stranger nor one whose token is old.
        office.li.client.access = "kta_made-up".to_owned();
        assert_eq!(push(&office.li, &body).await.code(), "unauthenticated");
        assert_eq!(push(&office.admin, &body).await.code(), "token_expired");
        assert_eq!(accounts.list_quarantine(office.org.id).await.unwrap(), []);
    }

    async fn a_leaver_gets_the_order_too_and_may_come_back_with_a_new_life(store) {
        let office = Office::open(store).await;
        let key = org_key(&office.zhang).await;
        let accounts = office.server.state().accounts.clone();
        let user = UserId(office.zhang.user());
        let leave = |disabled| UserEdit { disabled: Some(disabled), ..UserEdit::default() };
        accounts.update_user(office.org.id, By::CONSOLE, user, leave(true)).await.unwrap();
        assert!(order(&office.zhang.client.me().await, &key, &office.zhang).is_some());
        accounts.update_user(office.org.id, By::CONSOLE, user, leave(false)).await.unwrap();
        assert_eq!(office.zhang.client.me().await.code(), "login_required");
        // Another organisation's key says nothing here.
        let stranger = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key();
        accounts.update_user(office.org.id, By::CONSOLE, user, leave(true)).await.unwrap();
        assert!(order(&office.zhang.client.me().await, &stranger, &office.zhang).is_none());
    }
}
