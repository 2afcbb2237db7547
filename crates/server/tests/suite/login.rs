//! Enrolment, tokens, passwords, and being shut out.

use std::time::Duration;

use ed25519_dalek::SigningKey;
use ketu_model::authorize::Role;
use ketu_server::accounts::verify_audit;
use serde_json::json;

use crate::client::{Laptop, PASSWORD};
use crate::server::{Server, node};
use crate::store::on_both_stores;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

on_both_stores! {
    async fn an_invitation_lets_one_laptop_in_and_the_password_chosen_with_it_the_next(store) {
        let server = Server::start(store).await;
        let (org, invitation) = server.org().await;
        let laptop = Laptop::join(server.address(), &invitation).await;
        let me = laptop.me().await;
        assert_eq!(me.status, 200);
        let me = me.json();
        assert_eq!(me["role"], "admin");
        assert_eq!(me["org"], org.id.to_string());
        assert_eq!(me["scopes"]["org"], "write");
        assert_eq!(me["scopes"][format!("owner:{}", laptop.user)], "own");
        assert_eq!(me["floor"], 0);
        let mut second = Laptop::new(server.address(), &invitation);
        let used = second.enrol(PASSWORD, Some(invitation.code.expose())).await;
        assert_eq!((used.status, used.code().as_str()), (401, "wrong_login"));
        assert_eq!(second.enrol(PASSWORD, None).await.status, 200);
        assert_ne!(second.device, laptop.device);
        assert_eq!(second.user, laptop.user);
        assert!(verify_audit(&server.state().db, org.id).await.unwrap() >= 6);
    }

    async fn the_same_key_is_the_same_device_however_often_it_logs_in(store) {
        let server = Server::start(store).await;
        let (_, invitation) = server.org().await;
        let mut laptop = Laptop::join(server.address(), &invitation).await;
        let (device, access) = (laptop.device.clone(), laptop.access.clone());
        assert_eq!(laptop.enrol(PASSWORD, None).await.status, 200);
        assert_eq!(laptop.device, device);
        assert_eq!(laptop.me().await.status, 200);
        laptop.access = access;
        assert_eq!(laptop.me().await.code(), "login_required");
    }

    async fn whatever_is_wrong_in_a_log_in_it_reads_alike(store) {
        let server = Server::start(store).await;
        let (_, invitation) = server.org().await;
        let laptop = Laptop::join(server.address(), &invitation).await;
        let mut replies = Vec::new();
        for (login, org, password, code) in [
            ("admin", laptop.org.as_str(), "not the password", None),
            ("nobody", laptop.org.as_str(), PASSWORD, None),
            ("admin", "01900000-0000-7000-8000-000000000000", PASSWORD, None),
            ("admin", laptop.org.as_str(), PASSWORD, Some("0000-0000-0000")),
        ] {
            let mut stranger = Laptop::new(server.address(), &invitation);
            stranger.login = login.into();
            stranger.org = org.into();
            let reply = stranger.enrol(password, code).await;
            replies.push((reply.status, reply.json()));
        }
        assert!(replies.iter().all(|reply| *reply == replies[0]), "{replies:?}");
        assert_eq!(replies[0].0, 401);
        // Case and width of a login do not matter.
        let mut same = Laptop::new(server.address(), &invitation);
        same.login = " ＡＤＭＩＮ".into();
        assert_eq!(same.enrol(PASSWORD, None).await.status, 200);
    }

    async fn an_invitation_ends_with_its_time_or_with_the_next(store) {
        let server = Server::start(store).await;
        let (org, invitation) = server.org().await;
        let admin = Laptop::join(server.address(), &invitation).await;
        let first = server.add(&org, "zhang", Role::Salesperson).await;
        let path = format!("/v1/admin/users/{}/invitation", first.user);
        let second = admin.post(&path, &json!(null)).await;
        assert_eq!(second.status, 200);
        let second = second.json();
        assert_eq!(second["servers"].as_array().unwrap().len(), 1);
        assert!(second["text"].as_str().unwrap().starts_with("ketu1_"));
        let mut zhang = Laptop::new(server.address(), &first);
        assert_eq!(zhang.enrol(PASSWORD, Some(first.code.expose())).await.status, 401);
        server.pass(8 * DAY);
        let late = zhang.enrol(PASSWORD, second["code"].as_str()).await;
        assert_eq!(late.status, 401);
    }

    async fn five_mistakes_close_a_login_for_a_while_and_no_other(store) {
        let server = Server::start(store).await;
        let (org, invitation) = server.org().await;
        let mut admin = Laptop::join(server.address(), &invitation).await;
        let zhang = server.add(&org, "zhang", Role::Salesperson).await;
        for _ in 0..5 {
            assert_eq!(admin.enrol("not the password", None).await.code(), "wrong_login");
        }
        let closed = admin.enrol(PASSWORD, None).await;
        assert_eq!((closed.status, closed.code().as_str()), (429, "rate_limited"));
        assert_eq!(closed.headers["retry-after"], "30");
        assert_eq!(closed.json()["params"]["retry_after"], 30);
        Laptop::join(server.address(), &zhang).await;
        // What it has already goes on, and after the time it may log in again.
        assert_eq!(admin.me().await.status, 200);
        server.pass(MINUTE);
        assert_eq!(admin.enrol(PASSWORD, None).await.status, 200);
    }

    async fn tokens_are_renewed_before_and_after_the_access_token_ends(store) {
        let server = Server::start(store).await;
        let (_, invitation) = server.org().await;
        let mut laptop = Laptop::join(server.address(), &invitation).await;
        server.pass(16 * MINUTE);
        let late = laptop.me().await;
        assert_eq!((late.status, late.code().as_str()), (401, "token_expired"));
        let refresh = laptop.refresh.clone();
        assert_eq!(laptop.refresh_with(&refresh).await.status, 200);
        assert_ne!(laptop.refresh, refresh);
        assert_eq!(laptop.me().await.status, 200);
        server.pass(181 * DAY);
        let refresh = laptop.refresh.clone();
        assert_eq!(laptop.refresh_with(&refresh).await.code(), "login_required");
    }

    async fn a_lost_answer_to_a_refresh_is_asked_for_again(store) {
        let server = Server::start(store).await;
        let (_, invitation) = server.org().await;
        let mut laptop = Laptop::join(server.address(), &invitation).await;
        let old = laptop.refresh.clone();
        assert_eq!(laptop.refresh_with(&old).await.status, 200);
        let lost = (laptop.access.clone(), laptop.refresh.clone());
        assert_eq!(laptop.refresh_with(&old).await.status, 200);
        assert_eq!(laptop.me().await.status, 200);
        // The pair that was never used is withdrawn.
        let current = std::mem::replace(&mut laptop.access, lost.0);
        assert_eq!(laptop.me().await.code(), "login_required");
        laptop.access = current;
        assert_eq!(laptop.refresh_with(&lost.1).await.code(), "login_required");
        assert_eq!(laptop.me().await.status, 200);
    }

    async fn a_refresh_token_used_twice_ends_its_family(store) {
        let server = Server::start(store).await;
        let (org, invitation) = server.org().await;
        let mut laptop = Laptop::join(server.address(), &invitation).await;
        let stolen = laptop.refresh.clone();
        assert_eq!(laptop.refresh_with(&stolen).await.status, 200);
        assert_eq!(laptop.me().await.status, 200);
        let reuse = laptop.refresh_signed_by(&laptop.key, &stolen).await;
        assert_eq!((reuse.status, reuse.code().as_str()), (401, "login_required"));
        assert_eq!(laptop.me().await.code(), "login_required");
        let refresh = laptop.refresh.clone();
        assert_eq!(laptop.refresh_with(&refresh).await.code(), "login_required");
        // The device itself is not shut out.
        assert_eq!(laptop.enrol(PASSWORD, None).await.status, 200);
        verify_audit(&server.state().db, org.id).await.unwrap();
    }

    async fn a_copy_of_a_laptop_becomes_a_device_of_its_own_and_both_stay_in(store) {
        let server = Server::start(store).await;
        let (_, invitation) = server.org().await;
        let mut laptop = Laptop::join(server.address(), &invitation).await;
        let mut copy = Laptop::new(server.address(), &invitation);
        copy.key = laptop.key.clone();
        copy.refresh = laptop.refresh.clone();
        // Both go on with the one token that they have, which ends what began with it.
        let shared = laptop.refresh.clone();
        assert_eq!(laptop.refresh_with(&shared).await.status, 200);
        assert_eq!(laptop.me().await.status, 200);
        assert_eq!(copy.refresh_with(&shared).await.code(), "login_required");
        assert_eq!(laptop.me().await.code(), "login_required");
        assert_eq!(laptop.enrol(PASSWORD, None).await.status, 200);
        assert_eq!(laptop.me().await.status, 200);
        let taken = copy.enrol(PASSWORD, None).await;
        assert_eq!((taken.status, taken.code().as_str()), (409, "taken"));
        assert_eq!(taken.json()["params"]["field"], "public_key");
        copy.key = SigningKey::from_bytes(&[5; 32]);
        assert_eq!(copy.enrol(PASSWORD, None).await.status, 200);
        assert_ne!(copy.device, laptop.device);
        assert_eq!((copy.me().await.status, laptop.me().await.status), (200, 200));
        // Whoever holds the living session logs in as ever.
        assert_eq!(laptop.enrol(PASSWORD, None).await.status, 200);
    }

    async fn a_refresh_token_is_worth_nothing_without_the_devices_key(store) {
        let server = Server::start(store).await;
        let (_, invitation) = server.org().await;
        let mut laptop = Laptop::join(server.address(), &invitation).await;
        let thief = SigningKey::from_bytes(&[9; 32]);
        let refused = laptop.refresh_signed_by(&thief, &laptop.refresh).await;
        assert_eq!(refused.code(), "login_required");
        let refresh = laptop.refresh.clone();
        assert_eq!(laptop.refresh_with(&refresh).await.status, 200);
        // One kind of token is not taken as the other.
        laptop.access = laptop.refresh.clone();
        assert_eq!(laptop.me().await.code(), "unauthenticated");
    }

    async fn a_device_that_is_shut_out_hears_it_everywhere(store) {
        let server = Server::start(store).await;
        let (org, invitation) = server.org().await;
        let admin = Laptop::join(server.address(), &invitation).await;
        let zhang = server.add(&org, "zhang", Role::Salesperson).await;
        let mut zhang = Laptop::join(server.address(), &zhang).await;
        let path = format!("/v1/admin/devices/{}/revoke", zhang.device);
        assert_eq!(zhang.call("POST", &path, None).await.code(), "forbidden");
        for _ in 0..2 {
            assert_eq!(admin.call("POST", &path, None).await.status, 204);
        }
        assert_eq!(zhang.me().await.code(), "revoked");
        let refresh = zhang.refresh.clone();
        assert_eq!(zhang.refresh_with(&refresh).await.code(), "revoked");
        assert_eq!(zhang.enrol(PASSWORD, None).await.code(), "revoked");
        let unknown = admin.call("POST", &path.replace(&zhang.device, &admin.user), None).await;
        assert_eq!((unknown.status, unknown.code().as_str()), (404, "not_found"));
    }

    async fn a_user_that_is_shut_out_hears_it_and_the_last_admin_cannot_be(store) {
        let server = Server::start(store).await;
        let (org, invitation) = server.org().await;
        let admin = Laptop::join(server.address(), &invitation).await;
        let zhang = server.add(&org, "zhang", Role::Salesperson).await;
        let mut zhang = Laptop::join(server.address(), &zhang).await;
        let out = json!({ "disabled": true });
        let edit = |id: &str| format!("/v1/admin/users/{id}");
        assert_eq!(admin.call("PATCH", &edit(&zhang.user), Some(&out)).await.status, 204);
        assert_eq!(zhang.me().await.code(), "revoked");
        assert_eq!(zhang.enrol(PASSWORD, None).await.code(), "revoked");
        assert_eq!(zhang.enrol("wrong password", None).await.code(), "wrong_login");
        let refused = admin.call("PATCH", &edit(&admin.user), Some(&out)).await;
        assert_eq!(refused.json()["params"], json!({ "field": "role", "rule": "last_admin" }));
        let back = json!({ "disabled": false });
        assert_eq!(admin.call("PATCH", &edit(&zhang.user), Some(&back)).await.status, 204);
        assert_eq!(zhang.enrol(PASSWORD, None).await.status, 200);
    }

    async fn a_changed_password_ends_the_other_devices_and_a_reset_one_all(store) {
        let server = Server::start(store).await;
        let (_, invitation) = server.org().await;
        let mut first = Laptop::join(server.address(), &invitation).await;
        let mut second = Laptop::new(server.address(), &invitation);
        second.enrol(PASSWORD, None).await;
        let change = |current: &str, new: &str| json!({ "current": current, "new": new });
        let wrong = first.post("/v1/password", &change("wrong", "another password")).await;
        assert_eq!(wrong.code(), "wrong_login");
        let short = first.post("/v1/password", &change(PASSWORD, "short")).await;
        assert_eq!(short.json()["params"], json!({ "field": "password", "rule": "too_short" }));
        let done = first.post("/v1/password", &change(PASSWORD, "another password")).await;
        assert_eq!((done.status, done.body.len()), (204, 0));
        assert_eq!(first.me().await.status, 200);
        assert_eq!(second.me().await.code(), "login_required");
        assert_eq!(second.enrol(PASSWORD, None).await.status, 401);
        assert_eq!(second.enrol("another password", None).await.status, 200);
        let path = format!("/v1/admin/users/{}/reset-password", first.user);
        let invitation = first.call("POST", &path, None).await.json();
        assert_eq!(second.me().await.code(), "login_required");
        assert_eq!(first.enrol("another password", None).await.status, 401);
        assert_eq!(first.enrol("a third password", invitation["code"].as_str()).await.status, 200);
    }

    async fn a_changed_entry_breaks_the_audit_chain(store) {
        let server = Server::start(store).await;
        let (org, invitation) = server.org().await;
        Laptop::join(server.address(), &invitation).await;
        let db = &server.state().db;
        let entries = verify_audit(db, org.id).await.unwrap();
        let id = org.id;
        db.write::<_, ketu_server::db::DbError, _>(move |tx| Box::pin(async move {
            let sql = "update audit set action = 'user.nothing' where org_id = :org_id and seq = 2";
            tx.execute(sql, ketu_server::params! { org_id: id }).await
        }))
        .await
        .unwrap();
        let broken = verify_audit(db, org.id).await.unwrap_err();
        assert!(matches!(broken, ketu_server::error::Error::AuditBroken(2)), "{broken}");
        assert!(entries > 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_beside_one_postgresql_are_one() {
    let server = Server::start(crate::store::Store::postgres()).await;
    let other = node(&server.store, &server.time, |_| {}).await;
    let (_, invitation) = server.org().await;
    let mut laptop = Laptop::join(server.address(), &invitation).await;
    laptop.address = other.address;
    assert_eq!(laptop.me().await.status, 200);
    let refresh = laptop.refresh.clone();
    assert_eq!(laptop.refresh_with(&refresh).await.status, 200);
    // A refresh sent to both at once gives one good pair, not two.
    let refresh = laptop.refresh.clone();
    let twin = Laptop {
        address: server.address(),
        ..Laptop::new(server.address(), &invitation)
    };
    let (here, there) = tokio::join!(
        twin.refresh_signed_by(&laptop.key, &refresh),
        laptop.refresh_signed_by(&laptop.key, &refresh)
    );
    assert_eq!((here.status, there.status), (200, 200));
    let mut good = 0;
    for reply in [here, there] {
        laptop.access = reply.json()["access"].as_str().unwrap().to_owned();
        good += u32::from(laptop.me().await.status == 200);
    }
    assert_eq!(good, 1);
    let path = format!("/v1/admin/devices/{}/revoke", laptop.device);
    let mut admin = Laptop::new(server.address(), &invitation);
    admin.enrol(PASSWORD, None).await;
    assert_eq!(admin.call("POST", &path, None).await.status, 204);
    assert_eq!(laptop.me().await.code(), "revoked");
}
