//! The order to destroy what this laptop holds (docs/sync-protocol.md §7.4): obeyed only where the organisation signed it,
//! with the key that was heard when the laptop was enrolled, for this very device.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use serde::Deserialize;
use uuid::Uuid;

use std::time::Duration;

use ketu_sync::message::{MAX_BYTES, MAX_OPS, Push, VERSION};

use super::account::Account;
use super::link::{Link, LinkError};
use super::round::Stopped;
use super::{local, words};
use crate::app::App;

const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
struct Order {
    v: u32,
    org: Uuid,
    device: Uuid,
}

/// Whether a refusal is a good order to this laptop.
pub(super) fn is_ordered(account: &Account, refusal: &LinkError) -> bool {
    let LinkError::Fault { code, params, .. } = refusal else {
        return false;
    };
    let text = |name: &str| params.get(name).and_then(serde_json::Value::as_str);
    let (Some(order), Some(signature)) = (text("order"), text("signature")) else {
        return false;
    };
    code == "revoked" && verifies(account, order, signature).unwrap_or(false)
}

/// Says what the server does not have, before it is destroyed: the server sets it aside for an administrator (§7.4). Whatever
/// fails here, the order is obeyed.
pub(super) async fn last_words(app: &App, account: &Account) -> Result<(), Stopped> {
    let store = app.session()?.store;
    let Some(state) = store.read(local::state)? else {
        return Ok(());
    };
    let link = account.link()?;
    let mut place = 0;
    loop {
        let owns = store.read(|reader| reader.unanswered_after(place, MAX_OPS))?;
        let mut ops = Vec::new();
        let mut bytes = 0;
        for own in owns {
            let at = own.place;
            let op = words::own(own)?.op;
            bytes += op.size();
            if bytes > MAX_BYTES && !ops.is_empty() {
                break;
            }
            place = at;
            ops.push(op);
        }
        if ops.is_empty() {
            return Ok(());
        }
        let push = Push {
            v: VERSION,
            epoch: state.epoch,
            incarnation: state.incarnation,
            ops,
        };
        if !is_set_aside(&link, account.last_token(), &push).await {
            return Ok(());
        }
    }
}

async fn is_set_aside(link: &Link, token: &str, push: &Push) -> bool {
    let answer: Result<ketu_sync::message::Reply, _> =
        link.post("/v1/push", Some(token), push, PATIENCE).await;
    let Err(LinkError::Fault { params, .. }) = answer else {
        return false;
    };
    let kept = params.get("kept").and_then(serde_json::Value::as_u64);
    kept.is_some_and(|kept| kept > 0)
}

fn verifies(account: &Account, order: &str, signature: &str) -> Option<bool> {
    let key = VerifyingKey::from_bytes(&account.org_key?).ok()?;
    let signature = Signature::from_slice(&STANDARD.decode(signature).ok()?).ok()?;
    let message = [b"ketu/wipe/1\0", order.as_bytes()].concat();
    key.verify_strict(&message, &signature).ok()?;
    let order: Order = serde_json::from_str(order).ok()?;
    Some(order.v == 1 && order.org == account.org && order.device == account.device)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};
    use serde_json::json;

    use super::*;

    fn refusal(key: &SigningKey, order: &str) -> LinkError {
        let message = [b"ketu/wipe/1\0", order.as_bytes()].concat();
        let signature = STANDARD.encode(key.sign(&message).to_bytes());
        let params = json!({ "order": order, "signature": signature, "kept": 0 });
        LinkError::Fault {
            status: 401,
            code: "revoked".to_owned(),
            params: params.as_object().unwrap().clone(),
        }
    }

    #[test]
    fn only_the_organisations_own_order_to_this_device_is_obeyed() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let (org, device) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let account = Account::of_test(org, device, key.verifying_key().to_bytes());
        let order = json!({ "v": 1, "org": org, "device": device, "at": 5 }).to_string();
        assert!(is_ordered(&account, &refusal(&key, &order)));
        let stranger = SigningKey::from_bytes(&[8; 32]);
        assert!(!is_ordered(&account, &refusal(&stranger, &order)));
        for (org, device, v) in [(org, org, 1), (device, device, 1), (org, device, 2)] {
            let other = json!({ "v": v, "org": org, "device": device, "at": 5 }).to_string();
            assert!(!is_ordered(&account, &refusal(&key, &other)));
        }
        let bare = LinkError::Fault {
            status: 401,
            code: "revoked".to_owned(),
            params: serde_json::Map::new(),
        };
        assert!(!is_ordered(&account, &bare));
    }
}
