//! Backups, going back to one, and what a restore promises to laptops.

use std::path::Path;
use std::time::Duration;

use ketu_model::authorize::Role;
use ketu_server::accounts::{By, Epoch};
use ketu_server::backup::{Keep, back_up, copy_checked};
use ketu_server::db::{Database, DbError, Place};
use ketu_server::error::Error;
use ketu_server::ids::OrgId;
use ketu_server::params;
use ketu_server::restore::{begin_epoch, restore};
use ketu_sync::message::reborn;

use crate::client::{Laptop, PASSWORD};
use crate::server::{NOW, Server, node, person};
use crate::store::{Store, on_both_stores};

const KEEP: Keep = Keep {
    recent: 3,
    daily: 3,
};

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

async fn epoch(db: &Database, org: OrgId) -> Epoch {
    let current = db.read::<_, DbError, _>(move |tx| Box::pin(Epoch::current(tx, org)));
    current.await.unwrap()
}

fn file(store: &Store) -> &Path {
    match &store.place {
        Place::File(path) => path,
        Place::Postgres(_) => panic!("this store has no file"),
    }
}

/// The connections of a server that has stopped close beside it: the last of them takes the log of writes into the file
/// and removes it.
async fn closed(place: &Path) {
    let log = place.with_extension("db-wal");
    for _ in 0..300 {
        if !log.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{} is still there", log.display());
}

on_both_stores! {
    async fn a_new_epoch_has_the_old_head_as_its_floor_and_begins_far_above_it(store) {
        let server = Server::start(store).await;
        let (org, _) = server.org().await;
        let db = &server.state().db;
        let (first, before) = (epoch(db, org.id).await, head(db, org.id).await);
        assert_eq!(first.floor, 0);
        // Also when the clock stands still or was set back.
        assert_eq!(begin_epoch(db, NOW - 1).await.unwrap(), 1);
        let second = epoch(db, org.id).await;
        assert_ne!(second.id, first.id);
        assert_eq!(second.floor, before);
        let reborn_once = reborn(before, NOW - 1);
        assert_eq!(head(db, org.id).await, reborn_once);
        begin_epoch(db, NOW).await.unwrap();
        assert_eq!(epoch(db, org.id).await.floor, reborn_once);
        assert_eq!(head(db, org.id).await, reborn(reborn_once, NOW));
        let files = server.state().config.files_folder();
        ketu_server::verify::verify(db, &server.state().accounts, &files).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_server_has_what_the_backup_had_and_numbers_that_were_never_given_out() {
    let server = Server::start(Store::sqlite()).await;
    let (org, invitation) = server.org().await;
    let mut admin = Laptop::join(server.address(), &invitation).await;
    let place = file(&server.store).to_owned();
    let folder = place.with_file_name("backups");
    let backup = back_up(&place, &folder, KEEP, NOW).unwrap();
    let (old_epoch, floor) = {
        let db = &server.state().db;
        (epoch(db, org.id).await, head(db, org.id).await)
    };
    server.add(&org, "later", Role::Salesperson).await;
    let lost = head(&server.state().db, org.id).await;
    assert!(lost > floor);
    let refresh = admin.refresh.clone();
    assert_eq!(admin.refresh_with(&refresh).await.status, 200);
    let Server {
        serving,
        time,
        store,
    } = server;
    serving.stop().await.unwrap();

    let restored = restore(&place, &backup, NOW + 1).await.unwrap();
    assert_eq!(restored.orgs, 1);
    let aside = restored.aside.unwrap();
    assert!(aside.join("server.db").exists());
    assert!(!place.with_file_name("server.db-wal").exists());
    assert!(backup.exists());

    let serving = node(&store, &time, |_| {}).await;
    let db = &serving.state.db;
    let now = epoch(db, org.id).await;
    assert_ne!(now.id, old_epoch.id);
    assert_eq!(now.floor, floor);
    assert_eq!(head(db, org.id).await, reborn(lost, NOW + 1));
    let users = serving.state.accounts.list_users(org.id).await.unwrap();
    assert_eq!(users.len(), 1);
    let files = serving.state.config.files_folder();
    ketu_server::verify::verify(db, &serving.state.accounts, &files)
        .await
        .unwrap();
    // The tokens were given out after the backup: the laptop logs in again and is the same device.
    admin.address = serving.address;
    let device = admin.device.clone();
    let refresh = admin.refresh.clone();
    assert_eq!(admin.refresh_with(&refresh).await.code(), "login_required");
    assert_eq!(admin.enrol(PASSWORD, None).await.status, 200);
    assert_eq!(admin.device, device);
    assert_eq!(admin.me().await.json()["epoch"], now.id.to_string());

    // A second restore of the same backup still gives out nothing twice, and keeps the epoch between in memory.
    let highest = head(db, org.id).await;
    serving.stop().await.unwrap();
    restore(&place, &backup, NOW + 1_000).await.unwrap();
    let serving = node(&store, &time, |_| {}).await;
    let db = &serving.state.db;
    assert_eq!(head(db, org.id).await, reborn(highest, NOW + 1_000));
    let epochs = db
        .read::<_, DbError, _>(|tx| {
            Box::pin(async move { Ok(tx.query("select id from epoch", params! {}).await?.len()) })
        })
        .await
        .unwrap();
    assert_eq!(epochs, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_or_foreign_backup_is_refused_and_nothing_moves() {
    let server = Server::start(Store::sqlite()).await;
    let (org, _) = server.org().await;
    for n in 0..40 {
        server
            .add(&org, &format!("user{n}"), Role::Salesperson)
            .await;
    }
    let place = file(&server.store).to_owned();
    let folder = place.with_file_name("backups");
    let backup = back_up(&place, &folder, KEEP, NOW).unwrap();
    server.serving.stop().await.unwrap();
    closed(&place).await;
    let mut bytes = std::fs::read(&backup).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0x5a);
    let damaged = folder.join("damaged.db");
    std::fs::write(&damaged, &bytes).unwrap();
    let stranger = folder.join("stranger.db");
    let other = rusqlite::Connection::open(&stranger).unwrap();
    other
        .execute_batch("create table theirs (id integer)")
        .unwrap();
    drop(other);
    let before = std::fs::read(&place).unwrap();
    for bad in [&damaged, &stranger, &folder.join("absent.db")] {
        restore(&place, bad, NOW + 1).await.unwrap_err();
    }
    assert!(std::fs::read(&place).unwrap() == before);
    let left: Vec<_> = std::fs::read_dir(place.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("restoring") || name.contains("replaced"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backups_are_made_beside_writers_and_old_ones_go() {
    let server = Server::start(Store::sqlite()).await;
    let (org, _) = server.org().await;
    let place = file(&server.store).to_owned();
    let folder = place.with_file_name("backups");
    let accounts = server.state().accounts.clone();
    let writing = tokio::spawn(async move {
        for n in 0..60 {
            let new = person(&format!("user{n}"), Role::Salesperson);
            accounts.add_user(org.id, By::CONSOLE, new).await.unwrap();
        }
    });
    let mut made = Vec::new();
    for hour in 0..6 {
        let (place, folder) = (place.clone(), folder.clone());
        let now = NOW + hour * 3_600_000;
        let one = tokio::task::spawn_blocking(move || back_up(&place, &folder, KEEP, now));
        made.push(one.await.unwrap().unwrap());
    }
    tokio::time::timeout(Duration::from_secs(60), writing)
        .await
        .unwrap()
        .unwrap();
    // The three newest, and none of the day beyond those but its newest.
    let kept: Vec<bool> = made.iter().map(|path| path.exists()).collect();
    assert_eq!(kept, [false, false, true, true, true, true]);
    let again = copy_checked(&place, &made[5]).unwrap_err();
    assert!(matches!(again, Error::Command(_)), "{again}");
}
