//! Who sees whose customers, as the rows say it that push and pull read.

use std::collections::BTreeMap;

use ketu_model::UserId;
use ketu_model::authorize::Role;
use ketu_server::db::{Database, DbError};
use ketu_server::ids::OrgId;
use ketu_server::params;
use serde_json::{Value as Json, json};

use crate::client::Laptop;
use crate::server::Server;
use crate::store::on_both_stores;

async fn lost(db: &Database, org: OrgId, user: UserId) -> Vec<(String, i64)> {
    db.read::<_, DbError, _>(move |tx| {
        Box::pin(async move {
            let sql =
                "select scope, seq from lost_access where org_id = :org_id and user_id = :user_id
                order by seq, scope";
            let rows = tx
                .query(sql, params! { org_id: org, user_id: user })
                .await?;
            rows.iter()
                .map(|row| Ok((row.get("scope")?, row.get("seq")?)))
                .collect()
        })
    })
    .await
    .unwrap()
}

async fn head(db: &Database, org: OrgId) -> i64 {
    db.read::<_, DbError, _>(move |tx| {
        Box::pin(async move {
            let sql = "select n from feed_head where org_id = :org_id";
            tx.query_one(sql, params! { org_id: org }).await?.get("n")
        })
    })
    .await
    .unwrap()
}

async fn scopes(laptop: &Laptop) -> BTreeMap<String, String> {
    serde_json::from_value(laptop.me().await.json()["scopes"].clone()).unwrap()
}

async fn change(admin: &Laptop, method: &str, path: &str, body: Json) {
    let reply = admin.call(method, path, Some(&body)).await;
    assert!(
        (200..300).contains(&reply.status),
        "{path}: {}",
        reply.json()
    );
}

on_both_stores! {
    async fn a_manager_sees_the_team_from_the_moment_of_leading_it_to_that_of_losing_it(store) {
        let server = Server::start(store).await;
        let (org, invitation) = server.org().await;
        let admin = Laptop::join(server.address(), &invitation).await;
        let wang = server.add(&org, "wang", Role::Manager).await;
        let zhang = server.add(&org, "zhang", Role::Salesperson).await;
        let manager = Laptop::join(server.address(), &wang).await;
        let theirs = format!("owner:{}", zhang.user);
        assert!(!scopes(&manager).await.contains_key(&theirs));
        let team = json!({ "name": "华东", "leader": wang.user });
        let team = admin.post("/v1/admin/teams", &team).await.json()["id"].clone();
        let team = team.as_str().unwrap();
        let edit = format!("/v1/admin/users/{}", zhang.user);
        change(&admin, "PATCH", &edit, json!({ "team": team })).await;
        assert_eq!(scopes(&manager).await[&theirs], "own");
        assert_eq!(lost(&server.state().db, org.id, wang.user).await, []);
        let grants = admin.call("GET", &format!("/v1/admin/users/{}/grants", wang.user), None).await.json();
        let grant = grants["grants"].as_array().unwrap().iter().find(|g| g["scope"] == theirs).unwrap().clone();
        assert_eq!(grant["reason"], "team");
        let before = head(&server.state().db, org.id).await;
        // Taking the role is enough: the leader of the team is no manager any longer.
        let demote = format!("/v1/admin/users/{}", wang.user);
        change(&admin, "PATCH", &demote, json!({ "role": "salesperson" })).await;
        assert!(!scopes(&manager).await.contains_key(&theirs));
        let gone = lost(&server.state().db, org.id, wang.user).await;
        assert_eq!(gone.iter().map(|(scope, _)| scope.as_str()).collect::<Vec<_>>(), [theirs.as_str(), "pool"]);
        assert!(gone.iter().all(|(_, seq)| *seq > before));
        // And back: the grant begins anew, above the loss.
        change(&admin, "PATCH", &demote, json!({ "role": "manager" })).await;
        assert_eq!(scopes(&manager).await[&theirs], "own");
        change(&admin, "DELETE", &format!("/v1/admin/teams/{team}"), json!({})).await;
        assert!(!scopes(&manager).await.contains_key(&theirs));
        assert_eq!(lost(&server.state().db, org.id, wang.user).await.len(), 3);
    }

    async fn one_organisation_does_not_see_the_other(store) {
        let server = Server::start(store).await;
        let (_, first) = server.org().await;
        let (_, second) = server.org().await;
        let here = Laptop::join(server.address(), &first).await;
        let there = Laptop::join(server.address(), &second).await;
        assert_ne!(here.org, there.org);
        let users = here.call("GET", "/v1/admin/users", None).await.json();
        assert_eq!(users["users"].as_array().unwrap().len(), 1);
        for (method, path) in [
            ("POST", format!("/v1/admin/devices/{}/revoke", there.device)),
            ("POST", format!("/v1/admin/users/{}/reset-password", there.user)),
            ("GET", format!("/v1/admin/users/{}/grants", there.user)),
        ] {
            assert_eq!(here.call(method, &path, None).await.status, 404, "{path}");
        }
        assert_eq!(there.me().await.status, 200);
    }

    async fn a_tree_cannot_be_bent_into_a_circle_and_a_salesperson_leads_nothing(store) {
        let server = Server::start(store).await;
        let (org, invitation) = server.org().await;
        let admin = Laptop::join(server.address(), &invitation).await;
        let zhang = server.add(&org, "zhang", Role::Salesperson).await;
        let add = async |body: Json| admin.post("/v1/admin/teams", &body).await.json();
        let top = add(json!({ "name": "top" })).await["id"].as_str().unwrap().to_owned();
        let below = add(json!({ "name": "below", "parent": top })).await["id"].as_str().unwrap().to_owned();
        let bent = admin.call("PATCH", &format!("/v1/admin/teams/{top}"), Some(&json!({ "parent": below }))).await;
        assert_eq!(bent.json()["params"]["rule"], "circle");
        let led = add(json!({ "name": "third", "leader": zhang.user })).await;
        assert_eq!(led["params"]["rule"], "not_a_manager");
        let nowhere = add(json!({ "name": "fourth", "parent": zhang.user })).await;
        assert_eq!(nowhere["code"], "not_found");
    }
}
