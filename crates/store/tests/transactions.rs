//! Transactions: kept whole or not at all, readers beside writers, writers after one another.

#![allow(clippy::unwrap_used)]

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use ketu_model::Fields;
use ketu_store::{Select, StoreError, Write};
use support::{Laptop, contact, customer};

#[test]
fn an_error_anywhere_in_a_transaction_undoes_all_of_it() {
    let laptop = Laptop::new();
    laptop.add(customer("先来的"));
    let failed: ketu_store::Result<()> = laptop
        .write(|door| {
            let company = customer("一半").add(door)?;
            contact("王芳", company).add(door)?;
            door.update("customer", company, Fields::new().with("colour", "red"))?;
            Ok(())
        })
        .map(|committed| committed.value);
    assert!(matches!(failed, Err(StoreError::UnknownField { .. })));
    assert_eq!(laptop.names(&Select::all("customer")), ["先来的"]);
    assert!(laptop.found("customer", "一半").is_empty());
    let next = laptop.add(customer("后来的"));
    assert_eq!(
        laptop.get("customer", next).fields.text("number"),
        Some("CUST-2026-002")
    );
    let (undo, _) = laptop.steps();
    assert_eq!(undo.unwrap().record, Some(next));
}

#[test]
fn a_panic_in_a_transaction_undoes_all_of_it_and_the_store_goes_on() {
    let mut laptop = Laptop::new();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        laptop.write(|door| -> ketu_store::Result<()> {
            customer("一半").add(door)?;
            panic!("a fault in a command");
        })
    }));
    assert!(panicked.is_err());
    let id = laptop.add(customer("华科"));
    assert_eq!(laptop.names(&Select::all("customer")), ["华科"]);
    assert!(laptop.found("customer", "一半").is_empty());
    // Within a read too: the connection goes back to the others.
    for _ in 0..10 {
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            laptop
                .store()
                .read(|_| -> ketu_store::Result<()> { panic!("a fault") })
        }));
        assert!(panicked.is_err());
    }
    laptop.open().unwrap();
    assert_eq!(laptop.get("customer", id).fields.text("name"), Some("华科"));
}

#[test]
fn readers_do_not_wait_for_a_long_write_and_see_none_of_it() {
    let laptop = Laptop::new();
    laptop.add(customer("先来的"));
    let store = laptop.store();
    let done = AtomicBool::new(false);
    let (under_way, started) = mpsc::channel();
    let (go_on, wait) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let (user, done) = (laptop.user, &done);
        scope.spawn(move || {
            store
                .transact(Write::form(user, "import"), |door| {
                    for n in 0..500 {
                        customer(&format!("第{n}家")).add(door)?;
                    }
                    under_way.send(()).unwrap();
                    wait.recv().unwrap();
                    Ok::<_, StoreError>(())
                })
                .unwrap();
            done.store(true, Ordering::SeqCst);
        });
        started.recv().unwrap();
        let readers: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let count = store
                            .read(|reader| reader.count(&Select::all("customer")))
                            .unwrap();
                        assert_eq!(count, 1);
                        assert_eq!(store.search("第7家", &[], 10).unwrap().total, 0);
                    }
                })
            })
            .collect();
        readers
            .into_iter()
            .for_each(|reader| reader.join().unwrap());
        assert!(
            !done.load(Ordering::SeqCst),
            "the write was still under way"
        );
        go_on.send(()).unwrap();
    });
    assert_eq!(
        store
            .read(|reader| reader.count(&Select::all("customer")))
            .unwrap(),
        501
    );
    assert_eq!(laptop.found("customer", "第7家").len(), 1);
}

#[test]
fn writers_queue_and_none_of_their_edits_is_lost() {
    let laptop = Laptop::new();
    let store = laptop.store();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (store, user) = (store, laptop.user);
            scope.spawn(move || {
                for n in 0..25 {
                    store
                        .transact(Write::form(user, "add"), |door| {
                            customer(&format!("{writer}号第{n}家")).add(door)
                        })
                        .unwrap();
                }
            });
        }
    });
    let numbers: std::collections::BTreeSet<String> = laptop
        .list(&Select::all("customer"))
        .iter()
        .map(|r| r.fields.text("number").unwrap().to_owned())
        .collect();
    assert_eq!(numbers.len(), 100);
    assert_eq!(
        laptop.store().search("号第", &[], 1_000).unwrap().total,
        100
    );
}
