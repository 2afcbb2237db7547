//! How many pushes a second a server sustains on this machine: laptops that push one after another as fast as they are
//! answered, or at a given rate, over plain HTTP on loopback, to a server in this process.
//!
//! `cargo run --release -p ketu-server --example load -- --data FOLDER | --database ADDRESS [--desks 10] [--orgs 1]
//! [--rate 0] [--seconds 20] [--ops 10] [--pull]`
#![allow(clippy::print_stdout, reason = "its answer")]

mod desk;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Parser;
use ed25519_dalek::SigningKey;
use ketu_model::authorize::Role;
use ketu_server::accounts::{By, Enrolled, Enrolment, Invitation, NewUser, Proof, Secret};
use ketu_server::clock::Clock;
use ketu_server::config::{Config, Tls};
use ketu_server::db::{Database, STEPS, migrate};
use ketu_server::http::AppState;
use ketu_server::http::serve::serve;

use crate::desk::{Desk, Result, Times};

#[derive(Debug, Parser)]
struct Arguments {
    /// Where the SQLite file is made
    #[arg(long, default_value = ".")]
    data: PathBuf,
    /// PostgreSQL instead
    #[arg(long)]
    database: Option<String>,
    #[arg(long, default_value_t = 10)]
    desks: usize,
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    #[arg(long, default_value_t = 10)]
    ops: usize,
    /// Organisations that the laptops are spread over
    #[arg(long, default_value_t = 1)]
    orgs: usize,
    /// Pushes a second of all laptops together; 0 for as fast as they are answered
    #[arg(long, default_value_t = 0.0)]
    rate: f64,
    /// Pull after each push, too
    #[arg(long)]
    pull: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let config = Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        tls: Tls::Off,
        password_memory_kib: 64,
        password_passes: 1,
        data: arguments.data.clone(),
        database: arguments.database.clone().map(Secret::new),
        ..Config::default()
    };
    let db = Database::open(&config.place(), config.connections)?;
    let clock = Clock::system();
    migrate(&db, STEPS, clock.now()).await?;
    let state = AppState::new(config, db, clock.clone(), None)?;
    let person = |login: String, role| NewUser {
        name: login.clone(),
        login,
        role,
        team: None,
    };
    let (mut orgs, mut admins) = (Vec::new(), Vec::new());
    for n in 0..arguments.orgs {
        let admin = person("admin".to_owned(), Role::Admin);
        let (org, first) = state.accounts.add_org(&format!("load{n}"), admin).await?;
        orgs.push(org.id);
        admins.push(first);
    }
    let serving = serve(state.clone(), None)?;
    let mut desks = Vec::new();
    for n in 0..arguments.desks {
        let sales = person(format!("sales{n}"), Role::Salesperson);
        let org = orgs[n % orgs.len()];
        let (_, invitation) = state.accounts.add_user(org, By::CONSOLE, sales).await?;
        let enrolled = enrol(&state, invitation).await?;
        desks.push(of(serving.address, &enrolled).await?);
    }
    let (ops, pull) = (arguments.ops, arguments.pull);
    let all = Times::spread(
        desks.len(),
        arguments.rate,
        Duration::from_secs(arguments.seconds),
    );
    let mut running = Vec::new();
    for (desk, times) in desks.into_iter().zip(all) {
        running.push(tokio::spawn(desk.work(times, ops, pull, |_| ())));
    }
    let first = admins.swap_remove(0);
    let (mut pushes, mut pulls) = (Vec::new(), Vec::new());
    for desk in running {
        let worked = desk.await?;
        if let Some(fault) = worked.fault {
            return Err(fault.into());
        }
        pushes.extend(worked.pushed);
        pulls.extend(worked.pulled);
    }
    report("pushes", &mut pushes, arguments.seconds);
    report("pulls", &mut pulls, arguments.seconds);
    // Connected only now: a connection that lies idle is closed.
    let mut newcomer = of(serving.address, &enrol(&state, first).await?).await?;
    newcomer.pull.limit = 5_000;
    let (mut rows, begun) = (0, Instant::now());
    loop {
        let reply = newcomer.pull().await?;
        rows += reply.rows.len();
        if reply.done {
            break;
        }
    }
    let took = begun.elapsed();
    println!("a new laptop: {rows} rows in {} ms", took.as_millis());
    serving.stop().await?;
    Ok(())
}

fn report(what: &str, took: &mut [Duration], seconds: u64) {
    if took.is_empty() {
        return;
    }
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100].as_secs_f64() * 1_000.0;
    let each = took.len() as f64 / seconds as f64;
    println!(
        "{what}: {each:.0}/s, median {:.1} ms, p95 {:.1} ms, p99 {:.1} ms",
        at(50),
        at(95),
        at(99)
    );
}

/// A laptop with a connection of its own.
async fn of(address: SocketAddr, enrolled: &Enrolled) -> Result<Desk> {
    Desk::connect(address, enrolled.tokens.access.expose(), enrolled.user.0).await
}

async fn enrol(state: &AppState, invitation: Invitation) -> Result<Enrolled> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    let enrolment = Enrolment {
        org: invitation.org,
        login: invitation.login,
        proof: Proof::Invitation {
            code: invitation.code,
            password: Secret::new("correct horse battery"),
        },
        public_key: *SigningKey::from_bytes(&seed).verifying_key().as_bytes(),
        device_name: "load".to_owned(),
        refresh: None,
        from: None,
    };
    Ok(state.accounts.enrol(enrolment).await?)
}
