//! Laptops that agree through a real server: what one writes the others get, each what its user may see.

use ketu_model::authorize::Role;
use ketu_model::catalog::shipped::shipped_stage;
use ketu_server::config::Config;
use ketu_sync::message::{Code, Lease, Outcome, Push, Refusal, Reply, Request, VERSION};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::desk::{Desk, Trouble, file};
use crate::server::{NOW, Server};
use crate::store::{Store, on_both_stores};

/// An admin, a manager without a team yet, and two in sales.
pub struct Office {
    pub server: Server,
    pub org: ketu_server::accounts::Org,
    pub admin: Desk,
    pub zhang: Desk,
    pub li: Desk,
}

impl Office {
    pub async fn open(store: Store) -> Self {
        Self::with(store, |_| {}).await
    }

    /// As [`Office::open`], on a server whose settings were changed.
    pub async fn with(store: Store, change: impl FnOnce(&mut Config)) -> Self {
        let server = Server::with(store, change).await;
        let (org, invitation) = server.org().await;
        let admin = Desk::join(server.address(), &invitation, NOW).await;
        let zhang = server.add(&org, "zhang", Role::Salesperson).await;
        let zhang = Desk::join(server.address(), &zhang, NOW).await;
        let li = server.add(&org, "li", Role::Salesperson).await;
        let li = Desk::join(server.address(), &li, NOW).await;
        Self {
            server,
            org,
            admin,
            zhang,
            li,
        }
    }

    /// Lets time pass; everybody's tokens are new then.
    pub async fn later(&mut self, time: std::time::Duration) {
        self.server.pass(time);
        for desk in [&mut self.admin, &mut self.zhang, &mut self.li] {
            let refresh = desk.client.refresh.clone();
            assert_eq!(desk.client.refresh_with(&refresh).await.status, 200);
        }
    }
}

fn pushed(desk: &Desk) -> Vec<Outcome> {
    let pushed = desk.replies.iter().filter_map(|reply| match reply {
        Reply::Pushed(pushed) => Some(pushed.answers.clone()),
        _ => None,
    });
    pushed.flatten().map(|answer| answer.outcome).collect()
}

on_both_stores! {
    async fn an_edit_is_seen_by_a_colleague_and_colleagues_have_names(store) {
        let mut office = Office::open(store).await;
        let customer = office.zhang.customer("华东精密");
        let call = json!({ "customer": customer, "summary": "来电", "occurred_at": NOW, "kind": Uuid::from_u128(7), "owner": office.zhang.user() });
        let call = office.zhang.create("interaction", call);
        office.zhang.synced().await;
        assert_eq!(pushed(&office.zhang), [Outcome::Applied, Outcome::Applied]);
        office.admin.synced().await;
        assert_eq!(office.admin.value(customer, "name"), "华东精密");
        assert_eq!(office.admin.value(call, "summary"), "来电");
        // Li has no part in it, but knows who Zhang is.
        office.li.synced().await;
        assert!(office.li.row(customer).is_none());
        assert_eq!(office.li.value(office.zhang.user(), "name"), "zhang");
        office.admin.set(customer, "phone", json!("021-55886600"));
        office.admin.synced().await;
        office.zhang.synced().await;
        assert_eq!(office.zhang.value(customer, "phone"), "021-55886600");
        let told = office.zhang.laptop.file.history.values().filter(|entry| entry.record == customer);
        assert_eq!(told.count(), 2);
        // The name of an account is that of the record.
        let path = format!("/v1/admin/users/{}", office.zhang.user());
        let renamed = office.admin.client.call("PATCH", &path, Some(&json!({ "name": "张伟" }))).await;
        assert_eq!(renamed.status, 204);
        office.li.synced().await;
        assert_eq!(office.li.value(office.zhang.user(), "name"), "张伟");
    }

    async fn records_of_somebody_whom_the_server_does_not_know_are_the_admins_to_give_away(store) {
        // As after a restore that forgot a user (§7.7).
        let mut office = Office::open(store).await;
        let forgotten = Uuid::from_u128(0xf0);
        let customer = json!({ "name": "华东精密", "owner": forgotten });
        let customer = office.zhang.create("customer", customer);
        office.zhang.synced().await;
        office.admin.synced().await;
        assert_eq!(office.admin.value(customer, "name"), "华东精密");
        let li = office.li.user();
        office.admin.transfer(customer, li);
        office.admin.synced().await;
        assert_eq!(pushed(&office.admin), [Outcome::Applied]);
        office.li.synced().await;
        assert_eq!(office.li.value(customer, "owner"), json!(li));
    }

    async fn what_ships_with_ketu_is_there_for_an_edit_and_the_edit_reaches_everybody(store) {
        let mut office = Office::open(store).await;
        let stage = shipped_stage("project", "lead");
        office.admin.synced().await;
        office.admin.set(stage, "name", json!("意向确认"));
        office.admin.synced().await;
        assert_eq!(pushed(&office.admin), [Outcome::Applied]);
        office.zhang.synced().await;
        assert_eq!(office.zhang.value(stage, "name"), "意向确认");
        assert_eq!(office.zhang.value(stage, "name_en"), "Qualified");
        // A server that starts again gives nothing twice, and leaves what people made of it.
        assert_eq!(office.server.state().accounts.ship().await.unwrap(), 0);
        office.zhang.set(stage, "name", json!("线索"));
        office.zhang.synced().await;
        assert!(matches!(&pushed(&office.zhang)[..], [Outcome::Rejected { code: Code::Forbidden, .. }]));
        assert_eq!(office.zhang.value(stage, "name"), "意向确认");
    }

    async fn concurrent_edits_of_two_fields_merge_and_of_one_the_later_stands(store) {
        let mut office = Office::open(store).await;
        let customer = office.zhang.customer("华东精密");
        office.zhang.synced().await;
        office.admin.synced().await;
        office.zhang.set(customer, "alias", json!("精密"));
        office.zhang.set(customer, "address", json!("苏州"));
        office.admin.now += 1_000;
        office.admin.set(customer, "phone", json!("021-55886600"));
        office.admin.set(customer, "alias", json!("华精"));
        office.server.time.fetch_add(10_000, std::sync::atomic::Ordering::SeqCst);
        office.admin.synced().await;
        office.zhang.synced().await;
        assert_eq!(pushed(&office.zhang)[0], Outcome::Merged { lost: vec!["alias".into()] });
        office.admin.synced().await;
        for desk in [&office.admin, &office.zhang] {
            assert_eq!(desk.value(customer, "alias"), "华精");
            assert_eq!(desk.value(customer, "address"), "苏州");
            assert_eq!(desk.value(customer, "phone"), "021-55886600");
        }
    }

    async fn a_customer_that_is_handed_over_leaves_one_laptop_and_enters_the_other(store) {
        let mut office = Office::open(store).await;
        let customer = office.zhang.customer("华东精密");
        let contact = office.zhang.create("contact", json!({ "customer": customer, "name": "王芳" }));
        office.zhang.synced().await;
        office.admin.synced().await;
        office.admin.transfer(customer, office.li.user());
        office.admin.synced().await;
        // Meanwhile, without a network, Zhang goes on.
        office.zhang.set(customer, "phone", json!("021-55886601"));
        let visit = json!({ "customer": customer, "summary": "拜访", "occurred_at": NOW, "kind": Uuid::from_u128(7), "owner": office.zhang.user() });
        let visit = office.zhang.create("interaction", visit);
        office.zhang.synced().await;
        for outcome in pushed(&office.zhang) {
            assert!(matches!(outcome, Outcome::HandedOver { to: Some(to), .. } if to == office.li.user()), "{outcome:?}");
        }
        for id in [customer, contact, visit] {
            assert!(office.zhang.row(id).is_none(), "nothing of it stays");
        }
        office.li.synced().await;
        assert_eq!(office.li.value(contact, "name"), "王芳");
        assert_eq!(office.li.value(visit, "summary"), "拜访");
        assert_eq!(office.li.value(customer, "phone"), Json::Null);
        let cards = office.li.laptop.file.views.values().filter(|row| row.entity == "conflict");
        assert_eq!(cards.map(|card| card.value("kind").clone()).collect::<Vec<_>>(), ["proposed"]);
    }

    async fn a_share_gives_a_customer_and_its_end_takes_it(store) {
        let mut office = Office::open(store).await;
        let customer = office.zhang.customer("华东精密");
        office.zhang.synced().await;
        office.li.synced().await;
        let with = office.li.user();
        let share = |level: Json| json!({ "root": customer, "user": with, "level": level });
        // What one does not see one cannot share; an owner can.
        assert_eq!(office.li.client.post("/v1/shares", &share(json!("read"))).await.code(), "not_found");
        assert_eq!(office.zhang.client.post("/v1/shares", &share(json!("read"))).await.status, 204);
        assert_eq!(office.zhang.client.post("/v1/shares", &share(json!("read"))).await.status, 204);
        let own = office.zhang.client.post("/v1/shares", &share(json!("own"))).await;
        assert_eq!(own.json()["params"], json!({ "field": "level", "rule": "not_by_share" }));
        office.li.synced().await;
        assert_eq!(office.li.value(customer, "name"), "华东精密");
        // Seen is not changed, and not passed on.
        assert_eq!(office.li.client.post("/v1/shares", &share(json!("write"))).await.code(), "forbidden");
        office.li.set(customer, "phone", json!("021-55886601"));
        office.li.synced().await;
        assert!(matches!(pushed(&office.li)[0], Outcome::Rejected { .. }));
        assert_eq!(office.zhang.client.post("/v1/shares", &share(json!("write"))).await.status, 204);
        office.li.set(customer, "phone", json!("021-55886602"));
        office.li.synced().await;
        assert_eq!(pushed(&office.li), [Outcome::Applied]);
        let path = format!("/v1/admin/users/{}/grants", office.li.user());
        let grants = office.admin.client.call("GET", &path, None).await.json();
        let given = json!({ "scope": format!("root:{customer}"), "reason": "given", "level": "write" });
        assert!(grants["grants"].as_array().unwrap().contains(&given), "{grants}");
        assert_eq!(office.zhang.client.post("/v1/shares", &share(Json::Null)).await.status, 204);
        office.li.set(customer, "phone", json!("021-55886603"));
        office.li.synced().await;
        assert!(matches!(pushed(&office.li)[0], Outcome::HandedOver { .. }), "{:?}", pushed(&office.li));
        assert!(office.li.row(customer).is_none());
    }

    async fn a_push_that_comes_twice_is_answered_the_same_and_taken_once(store) {
        let mut office = Office::open(store).await;
        let customer = office.zhang.customer("华东精密");
        office.zhang.set(customer, "phone", json!("021-55886601"));
        let crate::laptop::Wish::Ask(request) = office.zhang.laptop.wish() else { panic!() };
        let first = office.zhang.ask(&request).await;
        let second = office.zhang.ask(&request).await;
        let (Reply::Pushed(first), Reply::Pushed(second)) = (first, second) else { panic!() };
        assert_eq!(first.answers, second.answers);
        assert_eq!(first.answers.len(), 2);
        office.zhang.synced().await;
        office.admin.synced().await;
        assert_eq!(office.admin.laptop.file.history.len(), 2);
        // An op beyond the next says that something is missing.
        let Request::Push(push) = request else { panic!() };
        let mut gap = Push { ops: push.ops[..1].to_vec(), ..push.clone() };
        gap.ops[0].op_seq = 9;
        let reply = office.zhang.ask(&Request::Push(gap)).await;
        assert_eq!(reply, Reply::Refused(Refusal::Gap { expected: 3 }));
        // JSON says the same as CBOR.
        let json = office.zhang.client.post("/v1/push", &serde_json::to_value(&push).unwrap()).await;
        assert_eq!(serde_json::from_slice::<Reply>(&json.body).unwrap(), Reply::Pushed(second));
    }

    async fn a_copied_file_is_told_apart_and_both_copies_lose_nothing(store) {
        let mut office = Office::open(store).await;
        let customer = office.zhang.customer("华东精密");
        office.zhang.synced().await;
        let invitation = office.server.state().accounts
            .invite(office.org.id, ketu_server::accounts::By::CONSOLE, ketu_model::UserId(office.zhang.user())).await.unwrap();
        // The same file on another device: its incarnation is another's.
        let mut copy = Desk::join(office.server.address(), &invitation, NOW).await;
        copy.laptop = office.zhang.laptop.clone();
        copy.set(customer, "phone", json!("021-55886601"));
        let other = office.zhang.client.device != copy.client.device;
        assert!(other);
        copy.synced().await;
        assert!(copy.replies.contains(&Reply::Refused(Refusal::Clone)));
        assert_ne!(copy.state().incarnation, office.zhang.state().incarnation);
        // A restored file on the same device: an op_seq comes under another op.
        let mut restored = office.zhang.laptop.clone();
        office.zhang.set(customer, "alias", json!("一"));
        office.zhang.synced().await;
        std::mem::swap(&mut office.zhang.laptop, &mut restored);
        office.zhang.set(customer, "address", json!("苏州"));
        office.zhang.synced().await;
        assert!(office.zhang.replies.contains(&Reply::Refused(Refusal::Clone)));
        office.admin.synced().await;
        let values = ["phone", "alias", "address"].map(|field| office.admin.value(customer, field));
        assert_eq!(values, ["021-55886601", "一", "苏州"]);
    }

    async fn a_device_or_a_user_that_is_shut_out_is_told_so(store) {
        let mut office = Office::open(store).await;
        office.zhang.customer("华东精密");
        office.zhang.synced().await;
        let path = format!("/v1/admin/devices/{}/revoke", office.zhang.client.device);
        assert_eq!(office.admin.client.call("POST", &path, None).await.status, 204);
        let push = Push { v: VERSION, epoch: Uuid::nil(), incarnation: Uuid::now_v7(), ops: Vec::new() };
        let push = serde_json::to_value(push).unwrap();
        assert_eq!(office.zhang.client.post("/v1/push", &push).await.code(), "revoked");
        let hint = office.zhang.client.call("GET", "/v1/hint?head=0", None).await;
        assert_eq!(hint.code(), "revoked");
    }

    async fn numbers_are_leased_once_and_taken_by_who_has_them(store) {
        let mut office = Office::open(store).await;
        let lease = |epoch| Request::Lease(Lease { v: VERSION, epoch, series: "CUST-2026".into(), count: 50 });
        let mut firsts = Vec::new();
        for desk in [&office.zhang, &office.li] {
            let Reply::Leased(leased) = desk.ask(&lease(Uuid::nil())).await else { panic!() };
            firsts.push(leased.first);
        }
        assert_eq!(firsts, [1, 51]);
        let strange = office.zhang.ask(&lease(Uuid::from_u128(3))).await;
        assert!(matches!(strange, Reply::Refused(Refusal::Epoch { floor: 0, .. })), "{strange:?}");
        let number = |desk: &Desk| json!({ "name": "x", "number": "CUST-2026-051", "owner": desk.user() });
        let (first, second) = (number(&office.li), number(&office.zhang));
        let first = office.li.create("customer", first);
        office.li.synced().await;
        let second = office.zhang.create("customer", second);
        office.zhang.synced().await;
        assert_eq!(office.li.value(first, "number"), "CUST-2026-051");
        assert_eq!(office.zhang.value(second, "number"), "CUST-2026-101");
        assert_eq!(office.zhang.value(second, "former_numbers"), "CUST-2026-051");
    }

    async fn a_field_of_ones_own_is_known_from_the_push_after_it(store) {
        let mut office = Office::open(store).await;
        let field = json!({ "entity": "customer", "name": "面积", "type": "number" });
        let field = office.admin.create("field_definition", field);
        office.admin.synced().await;
        let customer = office.zhang.customer("华东精密");
        office.zhang.set(customer, &field.to_string(), json!("not a number"));
        office.zhang.synced().await;
        assert!(matches!(&pushed(&office.zhang)[1], Outcome::Rejected { field: Some(key), .. } if *key == field.to_string()));
        office.zhang.set(customer, &field.to_string(), json!(12));
        // One who may not make fields is refused.
        office.zhang.create("field_definition", json!({ "entity": "customer", "name": "x", "type": "text" }));
        office.zhang.synced().await;
        assert_eq!(pushed(&office.zhang)[0], Outcome::Applied);
        assert!(matches!(pushed(&office.zhang)[1], Outcome::Rejected { .. }));
        office.admin.synced().await;
        assert_eq!(office.admin.value(customer, &field.to_string()), 12);
    }

    async fn a_hint_comes_with_the_news_and_only_to_whom_they_concern(store) {
        let mut office = Office::open(store).await;
        for desk in [&mut office.admin, &mut office.zhang, &mut office.li] {
            desk.synced().await;
        }
        let head = office.admin.state().checkpoint;
        let path = format!("/v1/hint?head={head}");
        let (admin, li) = (&office.admin.client, &office.li.client);
        let waits = async {
            let begun = std::time::Instant::now();
            let hint = admin.call("GET", &path, None).await.json();
            (hint, begun.elapsed())
        };
        let changes = async {
            tokio::time::sleep(std::time::Duration::from_millis(700)).await;
            office.zhang.customer("华东精密");
            office.zhang.synced().await;
        };
        let ((hint, took), ()) = tokio::join!(waits, changes);
        assert_eq!(hint["news"], true);
        assert!(hint["head"].as_i64().unwrap() > head);
        assert!(took < std::time::Duration::from_secs(3), "{took:?}");
        // Li is not concerned, until there is something to see.
        let waits = tokio::time::timeout(std::time::Duration::from_millis(1_500), li.call("GET", &path, None));
        assert!(waits.await.is_err(), "Li was told of what is not Li's");
        let grown = json!({ "role": "manager" });
        let edit = format!("/v1/admin/users/{}", office.li.user());
        office.admin.client.call("PATCH", &edit, Some(&grown)).await;
        assert_eq!(li.call("GET", &path, None).await.json()["news"], true);
        assert_eq!(li.call("GET", "/v1/hint?head=x", None).await.code(), "malformed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_laptop_that_forgot_all_reads_all_anew_and_holds_the_same() {
    let mut office = Office::open(Store::sqlite()).await;
    for n in 0..40 {
        office.zhang.customer(&format!("客户{n}"));
    }
    office.zhang.laptop.page = 16;
    office.zhang.synced().await;
    let before = office.zhang.laptop.shown();
    office.zhang.laptop.file = file(Uuid::now_v7());
    assert_eq!(office.zhang.sync().await, None::<Trouble>);
    assert_eq!(office.zhang.laptop.shown(), before);
}
