//! Many that push at once, also through two servers beside one PostgreSQL: the order of numbers is the order of commits, so
//! that whoever reads behind them misses nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fastrand::Rng;
use ketu_model::authorize::Role;
use ketu_server::db::DbError;
use ketu_server::error::Error;
use ketu_server::params;
use ketu_sync::message::Reply;
use serde_json::json;

use crate::desk::Desk;
use crate::server::{NOW, Server, node};
use crate::store::{Store, on_both_stores};
use crate::sync::Office;
use crate::workload::Chance;

const DESKS: usize = 6;
const PUSHES: usize = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_servers_give_numbers_in_the_order_of_commits() {
    let server = Server::start(Store::postgres()).await;
    let (org, invitation) = server.org().await;
    let mut reader = Desk::join(server.address(), &invitation, NOW).await;
    let second = node(&server.store, &server.time, |_| {}).await;
    let done = Arc::new(AtomicBool::new(false));
    let mut writers = Vec::new();
    for n in 0..DESKS {
        let invitation = server
            .add(&org, &format!("sales{n}"), Role::Salesperson)
            .await;
        let address = if n % 2 == 0 {
            server.address()
        } else {
            second.address
        };
        let mut desk = Desk::join(address, &invitation, NOW).await;
        writers.push(tokio::spawn(async move {
            let customer = desk.customer(&format!("客户{n}"));
            for push in 0..PUSHES {
                desk.set(customer, "alias", json!(format!("{push}")));
                desk.customer(&format!("客户{n}-{push}"));
                desk.synced().await;
            }
            desk
        }));
    }
    let stop = Arc::clone(&done);
    let reading = tokio::spawn(async move {
        let mut pulls = 0;
        let mut repaired = 0;
        // Once more after the last push.
        loop {
            let last = stop.load(Ordering::SeqCst);
            reader.synced().await;
            pulls += 1;
            let repair = |reply: &&Reply| matches!(reply, Reply::Refetched(_));
            repaired += reader.replies.iter().filter(repair).count();
            if last {
                return (reader, pulls, repaired);
            }
        }
    });
    for writer in writers {
        let desk = writer.await.unwrap();
        // Within one laptop the numbers follow its own order.
        let mut told: Vec<_> = desk.laptop.file.history.values().collect();
        told.sort_by_key(|entry| desk.laptop.file.ops[&entry.op_id].op.op_seq);
        assert!(told.is_sorted_by_key(|entry| entry.seq));
    }
    done.store(true, Ordering::SeqCst);
    let (reader, pulls, repaired) = reading.await.unwrap();
    assert!(pulls > 5, "{pulls}");
    assert_eq!(
        repaired, 0,
        "a reader missed something and had to repair it"
    );
    let customers = reader
        .laptop
        .file
        .views
        .values()
        .filter(|row| row.entity == "customer");
    assert_eq!(customers.count(), DESKS * (PUSHES + 1));
}

on_both_stores! {
    /// The simulator's own work by chance, on a real server: laptops that did all that people do end with the same.
    async fn laptops_that_do_anything_at_all_agree_in_three_rounds(store) {
        let server = Server::start(store).await;
        let (org, invitation) = server.org().await;
        let mut desks = vec![Desk::join(server.address(), &invitation, NOW).await];
        let manager = server.add(&org, "wang", Role::Manager).await;
        let manager_id = manager.user;
        desks.push(Desk::join(server.address(), &manager, NOW).await);
        let team = json!({ "name": "华东", "leader": manager_id });
        let team = desks[0].client.post("/v1/admin/teams", &team).await.json()["id"].clone();
        for n in 0..2 {
            let sales = server.add(&org, &format!("sales{n}"), Role::Salesperson).await;
            let path = format!("/v1/admin/users/{}", sales.user);
            desks[0].client.call("PATCH", &path, Some(&json!({ "team": team }))).await;
            desks.push(Desk::join(server.address(), &sales, NOW).await);
        }
        let users: Vec<_> = desks.iter().map(Desk::user).collect();
        let (mut rng, mut counter) = (Rng::with_seed(20_261_123), 0);
        for step in 0..160 {
            let desk = rng.usize(..desks.len());
            let desk = &mut desks[desk];
            desk.now += 1_000;
            let mut chance = Chance { rng: &mut rng, counter: &mut counter, users: &users, now: desk.now };
            let catalog = Arc::clone(&desk.catalog);
            let ops = chance.edit(&mut desk.laptop, &catalog);
            desk.laptop.file.keep(ops, &catalog);
            server.time.fetch_add(1_000, Ordering::SeqCst);
            if step % 4 == 0 {
                assert_eq!(desk.sync().await, None);
            }
            // Rights change under their hands.
            if step % 40 == 39 {
                let path = format!("/v1/admin/users/{manager_id}");
                let role = if step % 80 == 39 { "salesperson" } else { "manager" };
                desks[0].client.call("PATCH", &path, Some(&json!({ "role": role }))).await;
            }
        }
        for _ in 0..3 {
            for desk in &mut desks {
                assert_eq!(desk.sync().await, None, "a session ends well");
            }
        }
        let mut rows = 0;
        for desk in &mut desks {
            assert_eq!(desk.laptop.file.unanswered(), []);
            assert_eq!(desk.sync().await, None);
            // The session has compared all digests; these are of what lies in the file itself.
            for scope in desk.state().scopes.keys() {
                assert_eq!(desk.laptop.file.sums(*scope), desk.laptop.file.sums_anew(*scope));
            }
            rows += desk.laptop.file.views.len();
        }
        assert!(rows > 100, "{rows}");
        let state = server.state();
        let files = state.config.files_folder();
        let verified = ketu_server::verify::verify(&state.db, &state.accounts, &files).await.unwrap();
        assert!(verified.orgs[0].rows > 40, "{verified:?}");
        // A row that changed behind the engine's back is found.
        let broken = state.db.write::<_, DbError, _>(move |tx| Box::pin(async move {
            let sql = "update record set updated_at = updated_at + 1
                where id = (select id from feed where leave = 0 order by id limit 1)";
            tx.execute(sql, params! {}).await
        }));
        assert_eq!(broken.await.unwrap(), 1);
        let found = ketu_server::verify::verify(&state.db, &state.accounts, &files).await.unwrap_err();
        assert!(matches!(found, Error::SumsBroken(_)), "{found}");
    }
}

/// An import in pages and a colleague's single changes at the same time. `on_both_stores` would tell nothing more: the
/// turns are this server's own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_import_does_not_keep_others_waiting() {
    const PAGES: usize = 4;
    let mut office = Office::open(Store::sqlite()).await;
    let customer = office.li.customer("李的");
    office.li.synced().await;
    for n in 0..PAGES * 1_000 {
        office.zhang.customer(&format!("导入{n}"));
    }
    let importing = Arc::new(AtomicBool::new(true));
    let done = Arc::clone(&importing);
    let import = tokio::spawn(async move {
        office.zhang.synced().await;
        done.store(false, Ordering::SeqCst);
        office.zhang
    });
    let mut edits = 0;
    while importing.load(Ordering::SeqCst) {
        office.li.set(customer, "alias", json!(edits.to_string()));
        office.li.synced().await;
        edits += 1;
    }
    import.await.unwrap();
    // At the very least one change between two pages.
    assert!(edits >= PAGES, "{edits}");
}
