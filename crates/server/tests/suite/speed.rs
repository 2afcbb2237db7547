//! Large requests, with the time that they took: a bound against slips of an order of magnitude, no benchmark
//! (`cargo run --release -p ketu-server --example load` is one).
#![allow(clippy::print_stderr, reason = "the time that it took")]

use std::time::{Duration, Instant};

use ketu_sync::message::{Pull, Reply, Request, VERSION};
use serde_json::json;
use uuid::Uuid;

use crate::desk::Desk;
use crate::laptop::Wish;
use crate::server::{NOW, Server};
use crate::store::on_both_stores;

const BOUND: Duration = Duration::from_secs(20);

on_both_stores! {
    async fn a_thousand_ops_in_one_push_and_five_thousand_rows_in_one_page(store) {
        let kind = format!("{:?}", store.place).starts_with('/');
        let kind = if kind { "sqlite" } else { "postgresql" };
        let server = Server::start(store).await;
        let (_, invitation) = server.org().await;
        let mut desk = Desk::join(server.address(), &invitation, NOW).await;
        desk.synced().await;
        for n in 0..2_500 {
            let customer = desk.create("customer", json!({
                "name": format!("苏州第{n}精密机械有限公司"), "number": format!("CUST-2026-{:03}", n + 1),
                "phone": format!("0512-6{n:07}"), "address": "江苏省苏州市工业园区星湖街328号", "owner": desk.user(),
            }));
            desk.create("contact", json!({ "customer": customer, "name": "王芳", "title": "采购经理" }));
        }
        for _ in 0..5 {
            let Wish::Ask(request) = desk.laptop.wish() else { panic!("there is more to push") };
            let Request::Push(push) = &request else { panic!("{request:?}") };
            let ops = push.ops.len();
            let begun = Instant::now();
            let reply = desk.ask(&request).await;
            let took = begun.elapsed();
            let Reply::Pushed(pushed) = &reply else { panic!("{reply:?}") };
            assert_eq!((pushed.answers.len(), ops), (1_000, 1_000));
            eprintln!("{kind}: a push of {ops} ops took {} ms", took.as_millis());
            assert!(took < BOUND, "{took:?}");
            desk.hear(request, reply);
        }
        let pull = Request::Pull(Pull {
            v: VERSION, epoch: Uuid::nil(), incarnation: Uuid::now_v7(), scopes: Default::default(), limit: 5_000, schema: 1, known: Vec::new(),
        });
        for _ in 0..2 {
            let begun = Instant::now();
            let Reply::Pulled(pulled) = desk.ask(&pull).await else { panic!() };
            let took = begun.elapsed();
            eprintln!(
                "{kind}: a page of {} rows and {} history entries took {} ms", pulled.rows.len(), pulled.history.len(),
                took.as_millis()
            );
            assert_eq!(pulled.entries.len(), 5_000);
            assert!(took < BOUND, "{took:?}");
        }
        desk.synced().await;
    }
}
