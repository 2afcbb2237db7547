//! A server that goes back to a backup gets everything again from the laptops (docs/sync-protocol.md §7.1, §7.7).

use std::collections::BTreeMap;

use ketu_model::authorize::Role;
use ketu_server::backup::{Keep, back_up};
use ketu_server::db::Place;
use ketu_server::restore::{begin_epoch, restore};
use ketu_sync::message::{Refusal, Reply};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::desk::Desk;
use crate::server::{NOW, Server, node};
use crate::store::on_both_stores;

const DESKS: usize = 5;

fn seen(desk: &Desk) -> BTreeMap<Uuid, BTreeMap<String, Json>> {
    let rows = desk.laptop.file.views.iter();
    let rows = rows.filter(|(_, row)| row.entity != "user");
    rows.map(|(id, row)| (*id, row.fields.clone())).collect()
}

on_both_stores! {
    async fn what_was_acknowledged_after_the_backup_comes_back_from_the_laptops(store) {
        let server = Server::start(store).await;
        let (org, invitation) = server.org().await;
        let mut admin = Desk::join(server.address(), &invitation, NOW).await;
        let mut desks = Vec::new();
        for n in 0..DESKS {
            let invitation = server.add(&org, &format!("sales{n}"), Role::Salesperson).await;
            desks.push(Desk::join(server.address(), &invitation, NOW).await);
        }
        let mut customers = Vec::new();
        for (n, desk) in desks.iter_mut().enumerate() {
            customers.push(desk.customer(&format!("客户{n}")));
            desk.synced().await;
        }
        admin.synced().await;

        // The backup, and a day of work after it.
        let Server { mut serving, time, store } = server;
        let backup = match &store.place {
            Place::File(file) => {
                let keep = Keep { recent: 3, daily: 3 };
                Some(back_up(file, &file.with_file_name("backups"), keep, NOW).unwrap())
            }
            Place::Postgres(_) => {
                serving.stop().await.unwrap();
                store.save().await;
                serving = node(&store, &time, |_| {}).await;
                None
            }
        };
        let move_to = |desks: &mut Vec<Desk>, admin: &mut Desk, address| {
            for desk in desks.iter_mut().chain([admin]) {
                desk.client.address = address;
            }
        };
        move_to(&mut desks, &mut admin, serving.address);
        for round in 0..4 {
            for (n, desk) in desks.iter_mut().enumerate() {
                desk.set(customers[n], "alias", json!(format!("{n}-{round}")));
                let contact = json!({ "customer": customers[n], "name": format!("人{n}-{round}") });
                desk.create("contact", contact);
                desk.synced().await;
            }
        }
        admin.synced().await;
        admin.set(customers[0], "phone", json!("021-55886600"));
        admin.transfer(customers[1], desks[0].user());
        admin.synced().await;
        for desk in &mut desks {
            desk.synced().await;
        }
        admin.synced().await;
        let before = seen(&admin);
        let head = admin.state().checkpoint;
        serving.stop().await.unwrap();

        match (&store.place, backup) {
            (Place::File(file), Some(backup)) => drop(restore(file, &backup, NOW + 1).await.unwrap()),
            _ => {
                store.take_back().await;
                begin_epoch(&store.database(), NOW + 1).await.unwrap();
            }
        }
        let serving = node(&store, &time, |_| {}).await;
        move_to(&mut desks, &mut admin, serving.address);
        // Some had something new, too.
        desks[2].set(customers[2], "address", json!("苏州"));
        for _ in 0..3 {
            for desk in desks.iter_mut().rev().chain([&mut admin]) {
                desk.synced().await;
            }
        }
        // What somebody did with a customer that was then taken away left that laptop (§5.5): whoever holds it brings it back.
        let mut expected = before;
        expected.get_mut(&customers[2]).unwrap().insert("address".into(), json!("苏州"));
        assert_eq!(seen(&admin), expected);
        assert!(admin.state().checkpoint > head, "no number is given twice");
        // Who comes much later with the old epoch hears of the new one first.
        let known = admin.state().epoch;
        admin.laptop.file.state.epoch = Uuid::from_u128(1);
        admin.synced().await;
        let refused = |reply: &Reply| matches!(reply, Reply::Refused(Refusal::Epoch { epoch, .. }) if *epoch == known);
        assert!(admin.replies.iter().any(refused));
        assert_eq!(seen(&admin), expected);
        for (n, desk) in desks.iter_mut().enumerate() {
            desk.synced().await;
            assert_eq!(desk.row(customers[n]).is_some(), n != 1, "{n}");
        }
    }
}
