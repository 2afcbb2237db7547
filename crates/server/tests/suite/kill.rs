//! The server as a process is killed while it takes a push: before it was received, between there and the commit, before
//! the answer. Each op is taken exactly once all the same.
#![allow(clippy::print_stderr, reason = "how often each moment was met")]

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use ketu_model::UserId;
use ketu_server::accounts::{Invitation, Secret};
use ketu_server::db::{Database, DbError, Place};
use ketu_server::ids::OrgId;
use ketu_server::params;
use ketu_sync::message::Request;
use serde_json::json;
use uuid::Uuid;

use crate::cluster::Cluster;
use crate::desk::{Desk, file};
use crate::laptop::Wish;
use crate::program::{Program, command};
use crate::server::NOW;

/// How often it is killed: 20 times, or as often as `KETU_KILLS` says.
fn kills() -> u64 {
    let asked = std::env::var("KETU_KILLS").ok();
    asked.map_or(20, |asked| asked.parse().unwrap())
}

fn plain(data: &Path, database: Option<&str>) -> Command {
    let mut command = command(data);
    command
        .env("KETU_SERVER_TLS", "off")
        .env("KETU_SERVER_BACKUP_MINUTES", "0");
    if let Some(database) = database {
        command.env("KETU_SERVER_DATABASE", database);
    }
    command
}

pub fn invitation(program: &Program) -> Invitation {
    Invitation {
        org: OrgId(program.printed("organisation").parse().unwrap()),
        user: UserId(Uuid::nil()),
        login: program.printed("login").to_owned(),
        code: Secret::new(program.printed("code")),
        expires_at: 0,
    }
}

/// How many ops the server has answered, and how many it keeps in the history.
async fn taken(db: &Database) -> (i64, i64) {
    db.read::<_, DbError, _>(|tx| {
        Box::pin(async move {
            let sql = "select (select count(*) from answer) as answers, (select count(*) from history) as entries";
            let row = tx.query_one(sql, params! {}).await?;
            Ok((row.get("answers")?, row.get("entries")?))
        })
    })
    .await
    .unwrap()
}

async fn killed_while_it_takes_pushes(place: Place, data: &Path, database: Option<&str>) {
    let mut program = Program::serve(plain(data, database));
    let mut desk = Desk::join(program.address(), &invitation(&program), NOW).await;
    desk.synced().await;
    let mut rng = fastrand::Rng::with_seed(7);
    let (mut ops, mut lost, mut unheard, mut heard) = (0, 0, 0, 0);
    let mut customers = Vec::new();
    let kills = kills();
    for kill in 0..kills {
        for n in 0..20 {
            customers.push(desk.customer(&format!("客户{kill}-{n}")));
            desk.set(
                customers[rng.usize(..customers.len())],
                "alias",
                json!(format!("{kill}-{n}")),
            );
            ops += 2;
        }
        let db = Database::open(&place, 1).unwrap();
        let before = taken(&db).await.0;
        let killing = program.kill_after(Duration::from_micros(rng.u64(..80_000)));
        let mut answered = false;
        while let Wish::Ask(request) = desk.laptop.wish() {
            let is_push = matches!(request, Request::Push(_));
            let Some(reply) = desk.try_ask(&request).await else {
                break;
            };
            answered |= is_push;
            desk.hear(request, reply);
        }
        desk.laptop.session = None;
        killing.join().unwrap();
        let after = taken(&db).await.0;
        assert!(
            after == before || after == before + 40,
            "half a push: {before} {after}"
        );
        match (answered, after > before) {
            (true, true) => heard += 1,
            (false, true) => unheard += 1,
            (false, false) => lost += 1,
            (true, false) => panic!("what was acknowledged is gone"),
        }
        drop(db);
        program = Program::serve(plain(data, database));
        desk.client.address = program.address();
        desk.synced().await;
    }
    eprintln!(
        "{kills} kills: {lost} before the commit, {unheard} before the answer, {heard} after it"
    );
    let db = Database::open(&place, 1).unwrap();
    assert_eq!(taken(&db).await, (ops, ops));
    // The same again from an empty file.
    let shown = desk.laptop.file.views.clone();
    desk.laptop.file = file(Uuid::now_v7());
    desk.synced().await;
    assert_eq!(desk.laptop.file.views, shown);
    drop(db);
    program.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_takes_each_op_exactly_once_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let place = Place::File(data.join("server.db"));
    killed_while_it_takes_pushes(place, &data, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_takes_each_op_exactly_once_on_postgresql() {
    let cluster = Cluster::start();
    let folder = tempfile::tempdir().unwrap();
    let address = cluster.address();
    let place = Place::Postgres(address.clone());
    killed_while_it_takes_pushes(place, folder.path(), Some(&address)).await;
}
