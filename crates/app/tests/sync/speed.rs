//! Figures, for `cargo nextest run --release --run-ignored all -p ketu-app speed --no-capture`.

use std::time::Instant;

use ketu_model::Fields;
use ketu_store::Write;
use ketu_sync::message::Reply;
use ketu_sync::record::Row;
use serde_json::json;
use uuid::Uuid;

use crate::desk::{Desk, LI, ME, ask, page, row};

const ROWS: usize = 100_000;
const PAGE: usize = 5_000;

/// Ids as people's laptops give them: in time order.
fn id(n: usize) -> Uuid {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&(0x0199_0000_0000_7000 + n as u64).to_be_bytes());
    let hash = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) as u64;
    bytes[8..].copy_from_slice(&hash.to_be_bytes());
    Uuid::from_bytes(bytes)
}

fn rows(kind: &str) -> Vec<Row> {
    let one = |n: usize| match kind {
        "customer" => {
            let fields = json!({
                "name": format!("深圳市华科{n}电子有限公司"), "number": format!("CUST-2026-{n:06}"),
                "phone": format!("+86755{:08}", n), "owner": ME, "address": "科技园南区高新南一道",
                "level": LI, "industry": LI, "lifecycle": LI, "region": "440305",
            });
            row("customer", id(n), id(n), 10 + n as i64, fields)
        }
        _ => {
            let fields = json!({
                "name": format!("王芳{n}"), "customer": id(n / 3), "title": "采购经理",
                "mobile": format!("+86138{:08}", n),
            });
            row("contact", id(n), id(n / 3), 10 + n as i64, fields)
        }
    };
    // As a snapshot comes: by descending id.
    (0..ROWS).rev().map(one).collect()
}

#[test]
#[ignore = "a measurement"]
fn pages_of_a_first_pull() {
    for kind in ["customer", "contact"] {
        let desk = Desk::new();
        let all = rows(kind);
        for round in ["new", "the same again"] {
            let (mut took, mut worst) = (0.0, 0.0_f64);
            for (at, chunk) in all.chunks(PAGE).enumerate() {
                // A snapshot that ended with its first page would drop all that it did not name.
                let fresh = at == 0 && round == "new";
                let page = Reply::Pulled(page(1 << 20, chunk.to_vec(), &[], fresh));
                let since = Instant::now();
                desk.take(ask(), page);
                let page = since.elapsed().as_secs_f64();
                took += page;
                worst = worst.max(page);
            }
            eprintln!(
                "{kind}, {round}: {:.0} rows/s, worst page {:.0} ms",
                ROWS as f64 / took,
                worst * 1_000.0
            );
        }
        let since = Instant::now();
        desk.check();
        eprintln!(
            "{kind}: sums anew in {:.2} s",
            since.elapsed().as_secs_f64()
        );
    }
}

#[test]
#[ignore = "a measurement"]
fn an_outbox_of_a_hundred_thousand() {
    let desk = Desk::new();
    let write = Write {
        origin: "import:1".to_owned(),
        ..Write::form(ME, "import")
    };
    let since = Instant::now();
    desk.store()
        .transact(write, |door| {
            for n in 0..ROWS {
                let name = format!("深圳市华科{n}电子有限公司");
                door.create("customer", None, Fields::new().with("name", name))?;
            }
            Ok::<_, ketu_store::StoreError>(())
        })
        .unwrap();
    eprintln!("written in {:.2} s", since.elapsed().as_secs_f64());
    let since = Instant::now();
    let first = desk.push().unwrap();
    eprintln!(
        "first push (journal of all): {:.2} s",
        since.elapsed().as_secs_f64()
    );
    let since = Instant::now();
    desk.answer(&first, |at| {
        (50 + at as i64, ketu_sync::message::Outcome::Applied)
    });
    eprintln!("its answers: {:.0} ms", since.elapsed().as_secs_f64() * 1e3);
    let since = Instant::now();
    assert_eq!(desk.push().unwrap().ops.len(), 1_000);
    eprintln!(
        "the next push: {:.0} ms",
        since.elapsed().as_secs_f64() * 1e3
    );
    let since = Instant::now();
    let counts = desk.read(|reader| reader.outbox_counts());
    eprintln!(
        "counted {} in {:.1} ms",
        counts.unanswered,
        since.elapsed().as_secs_f64() * 1e3
    );
    assert_eq!(desk.state().next_op_seq, 2_001);
}

#[test]
#[ignore = "a measurement"]
fn what_a_page_is_made_of() {
    use ketu_store::StoreError;
    use ketu_store::sync::{Membership, RecordWrite, ServerRow, SyncWrites};
    use ketu_sync::client::{self, Around, Event, Loaded};
    let desk = Desk::new();
    let (mut engine, mut lookup, mut write) = (0.0, 0.0, 0.0);
    let state = desk.state();
    let catalog = desk.store().catalog();
    for (at, chunk) in rows("customer").chunks(PAGE).enumerate() {
        let around = Around {
            catalog: &catalog,
            fresh: ME,
            now: 0,
        };
        let page = Reply::Pulled(page(1 << 20, chunk.to_vec(), &[], at == 0));
        let event = Event::Heard(Box::new(ask()), Box::new(page));
        let since = Instant::now();
        desk.read(|reader| {
            let lookup = reader.lookup()?;
            for row in chunk {
                lookup.record(row.id, Some("customer"), false)?;
            }
            Ok(())
        });
        lookup += since.elapsed().as_secs_f64();
        let since = Instant::now();
        let mut loaded = Loaded::default();
        loop {
            let ask = client::ask(&event, &state, &loaded);
            if ask.is_empty() {
                break;
            }
            let none = ask.records.iter().map(|id| (*id, client::Local::default()));
            loaded.records.extend(none);
            let none = ask.stale.keys().map(|scope| (*scope, Default::default()));
            loaded.stale.extend(none);
            loaded.waiting = Some(Default::default());
        }
        let made = client::take(&event, &state, loaded, &around);
        engine += since.elapsed().as_secs_f64();
        let held = Membership {
            generation: 1,
            leaving: false,
        };
        let records = made.confirmed.into_values().map(|(row, sum)| {
            let row: ServerRow =
                serde_json::from_value(serde_json::to_value(&row).unwrap()).unwrap();
            RecordWrite {
                id: row.id,
                confirmed: Some((row.clone(), sum.sum.0.into())),
                shown: Some(row),
                purged: false,
            }
        });
        let writes = SyncWrites {
            records: records.collect(),
            scopes: made
                .scopes
                .keys()
                .map(|(scope, id)| (*scope, *id, Some(held)))
                .collect(),
            ..SyncWrites::default()
        };
        let since = Instant::now();
        desk.store()
            .transact(Write::confirmed(), |door| {
                let since = Instant::now();
                door.write_sync(writes)?;
                eprint!("{:.0} ", since.elapsed().as_secs_f64() * 1e3);
                Ok::<_, StoreError>(())
            })
            .unwrap();
        write += since.elapsed().as_secs_f64();
    }
    eprintln!("ms inside\nlookup {lookup:.2} s, engine {engine:.2} s, write {write:.2} s");
}
