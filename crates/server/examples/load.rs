//! How many pushes a second a server sustains on this machine: laptops that push one after another as fast as they are
//! answered, or at a given rate, over plain HTTP on loopback, to a server in this process.
//!
//! `cargo run --release -p ketu-server --example load -- --data FOLDER | --database ADDRESS [--desks 10] [--orgs 1]
//! [--rate 0] [--seconds 20] [--ops 10] [--pull]`
#![allow(clippy::print_stdout, reason = "its answer")]

use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Parser;
use ed25519_dalek::SigningKey;
use ketu_model::authorize::Role;
use ketu_model::clock::Hlc;
use ketu_server::accounts::{By, Enrolled, Enrolment, Invitation, NewUser, Proof, Secret};
use ketu_server::clock::Clock;
use ketu_server::config::{Config, Tls};
use ketu_server::db::{Database, STEPS, migrate};
use ketu_server::http::AppState;
use ketu_server::http::serve::serve;
use ketu_sync::message::{Kind, Op, Outcome, Pull, Push, Reply, VERSION};
use ketu_sync::record::id_json;
use serde::Serialize;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

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
        desks.push(Desk::new(serving.address, &enrolled, clock.clone()).await?);
    }
    let from = Instant::now();
    let until = from + Duration::from_secs(arguments.seconds);
    let (ops, pull) = (arguments.ops, arguments.pull);
    let every = if arguments.rate > 0.0 {
        Duration::from_secs_f64(arguments.desks as f64 / arguments.rate)
    } else {
        Duration::ZERO
    };
    let share = every / u32::try_from(arguments.desks.max(1))?;
    let mut running = Vec::new();
    for (desk, n) in desks.into_iter().zip(0_u32..) {
        let times = Times {
            from: from + share * n,
            every,
            until,
        };
        running.push(tokio::spawn(desk.work(times, ops, pull)));
    }
    let first = admins.swap_remove(0);
    let (mut pushes, mut pulls) = (Vec::new(), Vec::new());
    for desk in running {
        let (pushed, pulled) = desk.await??;
        pushes.extend(pushed);
        pulls.extend(pulled);
    }
    report("pushes", &mut pushes, arguments.seconds);
    report("pulls", &mut pulls, arguments.seconds);
    // Connected only now: a connection that lies idle is closed.
    let mut newcomer = Desk::new(serving.address, &enrol(&state, first).await?, clock).await?;
    newcomer.pull.limit = 5_000;
    let (mut rows, begun) = (0, Instant::now());
    loop {
        let pull = newcomer.pull.clone();
        let Reply::Pulled(reply) = newcomer.ask("/v1/pull", &pull).await? else {
            return Err("the newcomer is refused".into());
        };
        rows += reply.rows.len();
        newcomer.pull.scopes = reply.cursors;
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
        from: None,
    };
    Ok(state.accounts.enrol(enrolment).await?)
}

/// When a laptop pushes. What it had to wait for its turn counts: a push is as late as it is answered after its time.
#[derive(Clone, Copy)]
struct Times {
    from: Instant,
    /// Zero for at once.
    every: Duration,
    until: Instant,
}

/// A laptop on one connection.
struct Desk {
    stream: TcpStream,
    access: String,
    user: Uuid,
    incarnation: Uuid,
    next: i64,
    clock: Clock,
    /// Some of those that it made.
    customers: Vec<Uuid>,
    pull: Pull,
}

impl Desk {
    async fn new(address: SocketAddr, enrolled: &Enrolled, clock: Clock) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let incarnation = Uuid::now_v7();
        Ok(Self {
            stream,
            access: enrolled.tokens.access.expose().to_owned(),
            user: enrolled.user.0,
            incarnation,
            next: 1,
            clock,
            customers: Vec::new(),
            pull: Pull {
                v: VERSION,
                epoch: Uuid::nil(),
                incarnation,
                scopes: Default::default(),
                limit: 1_000,
                schema: 1,
            },
        })
    }

    async fn work(
        mut self,
        times: Times,
        ops: usize,
        pulls: bool,
    ) -> Result<(Vec<Duration>, Vec<Duration>)> {
        let (mut pushed, mut pulled) = (Vec::new(), Vec::new());
        let mut due = times.from;
        loop {
            if times.every.is_zero() {
                due = Instant::now();
            } else {
                tokio::time::sleep_until(due.into()).await;
            }
            if due >= times.until {
                break;
            }
            let ops: Vec<Op> = (0..ops).map(|n| self.op(n)).collect();
            let customers = ops.iter().filter(|op| op.entity == "customer");
            let customers: Vec<Uuid> = customers.map(|op| op.record).collect();
            let push = Push {
                v: VERSION,
                epoch: Uuid::nil(),
                incarnation: self.incarnation,
                ops,
            };
            let reply = self.ask("/v1/push", &push).await?;
            pushed.push(due.elapsed());
            due += times.every;
            let Reply::Pushed(reply) = reply else {
                return Err(format!("{reply:?}").into());
            };
            let other = reply
                .answers
                .iter()
                .find(|answer| answer.outcome != Outcome::Applied);
            if let Some(other) = other {
                return Err(format!("{other:?}").into());
            }
            self.customers.extend(customers);
            if self.customers.len() > 500 {
                self.customers.drain(..250);
            }
            if pulls {
                let pull = self.pull.clone();
                let begun = Instant::now();
                let reply = self.ask("/v1/pull", &pull).await?;
                pulled.push(begun.elapsed());
                if let Reply::Pulled(reply) = reply {
                    self.pull.scopes = reply.cursors;
                }
            }
        }
        Ok((pushed, pulled))
    }

    /// Every other one a new customer, or else a call of one there is.
    fn op(&mut self, n: usize) -> Op {
        let known = (n % 2 == 1).then(|| self.customers.get(n * 7 % self.customers.len().max(1)));
        let patch = |values: Json| match values {
            Json::Object(values) => values
                .into_iter()
                .map(|(key, value)| (key, (Json::Null, value)))
                .collect(),
            _ => Default::default(),
        };
        let id = Uuid::now_v7();
        let (entity, root, patch) = match known.flatten() {
            Some(customer) => {
                let call = json!({
                    "customer": customer, "summary": "电话沟通了报价，客户希望下周三之前收到修改后的方案。",
                    "occurred_at": self.clock.now(), "kind": Uuid::from_u128(7), "owner": self.user,
                });
                ("interaction", *customer, patch(call))
            }
            None => {
                let customer = json!({
                    "name": format!("苏州第{}精密机械有限公司", self.next), "address": "江苏省苏州市星湖街328号",
                    "owner": id_json(self.user),
                });
                ("customer", id, patch(customer))
            }
        };
        let op_seq = self.next;
        self.next += 1;
        Op {
            op_id: Uuid::now_v7(),
            op_seq,
            tx: id,
            atomic: false,
            entity: entity.to_owned(),
            record: id,
            root,
            kind: Kind::Create,
            patch,
            other: None,
            base: 0,
            chain: Default::default(),
            seen: 0,
            hlc: Hlc::from_millis(self.clock.now()),
            author: Some(self.user),
            origin: "form".to_owned(),
            schema: 1,
            was: Default::default(),
        }
    }

    async fn ask(&mut self, path: &str, body: &impl Serialize) -> Result<Reply> {
        let mut bytes = Vec::new();
        ciborium::into_writer(body, &mut bytes)?;
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: ketu\r\nauthorization: Bearer {}\r\ncontent-type: application/cbor\r\n\
             content-length: {}\r\n\r\n",
            self.access,
            bytes.len()
        );
        self.stream
            .write_all(&[head.as_bytes(), &bytes].concat())
            .await?;
        let mut read = Vec::new();
        let end = loop {
            if self.stream.read_buf(&mut read).await? == 0 {
                return Err("the server closed".into());
            }
            if let Some(end) = read.windows(4).position(|w| w == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let head = String::from_utf8_lossy(&read[..end]).to_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.ok_or("no length")?.trim().parse()?;
        while read.len() < end + length {
            self.stream.read_buf(&mut read).await?;
        }
        if !head.starts_with("http/1.1 200") {
            return Err(String::from_utf8_lossy(&read).into());
        }
        Ok(ciborium::from_reader(&read[end..])?)
    }
}
