//! The order to destroy what this laptop holds (docs/sync-protocol.md §7.4): obeyed only where the organisation signed it,
//! with the key that was heard when the laptop was enrolled, for this very device.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use serde::Deserialize;
use uuid::Uuid;

use super::account::Account;
use super::link::LinkError;

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
