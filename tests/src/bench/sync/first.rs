//! The first sync of a colleague who may see everything, and how soon an edit is on a colleague's screen.

use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use fastrand::Rng;
use ketu_app::{App, Event};

use super::laptop::{self, Laptop};
use super::{center, documents, head, most_memory, store};
use crate::bench::Wish;
use crate::bench::report::{Report, Sample};
use crate::center::Kind;

const FIRST_S: f64 = 30.0;
const SEEN_S: f64 = 2.0;
/// Edits that are waited for.
const EDITS: u32 = 60;
/// After so long an edit counts as lost.
const PATIENCE: Duration = Duration::from_secs(30);

pub fn measure(wish: &Wish, kind: Kind, folder: &Path, report: &mut Report) -> Result<()> {
    let scratch = tempfile::Builder::new()
        .prefix("sync-")
        .tempdir_in(folder)?;
    let inside = |name: String| scratch.path().join(name);
    let table = inside("customers.csv".to_owned());
    documents::write_table(&table, wish.rows())?;
    report.say(&head(&format!(
        "{}: {} customers of ten values, TLS",
        store(kind),
        wish.rows()
    )));
    let center = center(kind, &[])?;
    let author = Laptop::new(inside("author".to_owned()))?;
    author.join(&center.person("zhang", "张伟", "salesperson")?)?;
    author.import(&table, wish.rows())?;
    let app = author.open(false);
    let mut sent = Sample::default();
    sent.add(laptop::session(&app, "sync_now")?);
    app.stop();
    report.note("sent by who imported them", &sent, "s");

    let (mut first, mut megabytes) = (Sample::default(), Sample::default());
    let mut colleague = None;
    for run in 0..wish.runs {
        let invitation = center.person(&format!("lead{run}"), "王经理", "admin")?;
        let laptop = Laptop::new(inside(format!("colleague-{run}")))?;
        let did = laptop.join(&invitation)?;
        first.add(did.seconds);
        megabytes.add(did.megabytes.unwrap_or(f64::NAN));
        let app = laptop.open(false);
        laptop::has_customers(&app, wish.rows())?;
        app.stop();
        colleague = Some(laptop);
    }
    report.limit_median("first sync, `ketu join` as a whole", &first, "s", FIRST_S);
    report.note("  its peak memory", &megabytes, "MB");

    let colleague = colleague.context("there is at least one run")?;
    let seen = edits(&author.open(true), &colleague.open(true))?;
    let spread = format!("(median {:.2}, most {:.2})", seen.median(), seen.most());
    let name = "an edit until it is on a colleague's screen, p95";
    report.limit(name, seen.p95(), &spread, "s", &(0.0..=SEEN_S));
    let mut server = Sample::default();
    server.add(most_memory(&center));
    report.note("the server's peak memory", &server, "MB");
    Ok(())
}

/// From the edit's being saved on the one until the other is told of it and reads it.
fn edits(author: &App, colleague: &App) -> Result<Sample> {
    let (tell, told) = mpsc::channel();
    colleague.subscribe(Box::new(move |event| {
        if let Event::Changed { .. } = event {
            // Nobody listens any more once the last edit was seen.
            let _ = tell.send(());
        }
    }));
    laptop::rests(author)?;
    laptop::rests(colleague)?;
    let (_, customers) = laptop::customers(author, 100)?;
    let mut rng = Rng::with_seed(2_026);
    let mut seen = Sample::default();
    for (customer, n) in customers.iter().cycle().zip(0..EDITS) {
        // At any moment of what the two do by themselves.
        std::thread::sleep(Duration::from_millis(rng.u64(0..1_500)));
        let phone = format!("0755-260{:05}", 10_000 + n);
        let began = Instant::now();
        laptop::set_phone(author, customer, &phone)?;
        until_read(colleague, &told, customer, &phone)?;
        seen.add(began.elapsed().as_secs_f64());
    }
    author.stop();
    colleague.stop();
    Ok(seen)
}

fn until_read(app: &App, told: &Receiver<()>, customer: &str, phone: &str) -> Result<()> {
    let until = Instant::now() + PATIENCE;
    while laptop::phone(app, customer)? != phone {
        ensure!(
            told.recv_timeout(until.saturating_duration_since(Instant::now()))
                .is_ok(),
            "an edit was not seen within {} s",
            PATIENCE.as_secs()
        );
    }
    Ok(())
}
