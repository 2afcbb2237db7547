//! Many laptops at once, over plain HTTP as behind a proxy: how long a push takes from when it was due, and how long until
//! a colleague who looks on has what was taken. Beside it, the most that one organisation sustains.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::desk::{Desk, Times, Worked};
use super::{center, head, most_memory, store};
use crate::bench::Wish;
use crate::bench::report::{Report, Sample};
use crate::center::{Center, Kind};

const ORGS: usize = 10;
const OPS: usize = 10;
/// Laptops of the one organisation that is asked for its most, and for how long.
const DESKS_OF_ONE: usize = 30;
const MOST: Duration = Duration::from_secs(20);
const PASSWORD: &str = "correct horse battery";

struct Goal {
    desks: usize,
    /// Pushes a second of all of them.
    rate: f64,
    p95_ms: f64,
    p99_ms: f64,
    lag_s: f64,
}

fn goal(kind: Kind) -> Goal {
    match kind {
        Kind::File => Goal {
            desks: 30,
            rate: 20.0,
            p95_ms: 200.0,
            p99_ms: f64::INFINITY,
            lag_s: f64::INFINITY,
        },
        Kind::Postgres => Goal {
            desks: 300,
            rate: 100.0,
            p95_ms: 250.0,
            p99_ms: 1_000.0,
            lag_s: 2.0,
        },
    }
}

pub fn measure(wish: &Wish, kind: Kind, report: &mut Report) -> Result<()> {
    let goal = goal(kind);
    report.say(&head(&format!(
        "{}: {} laptops of {ORGS} organisations, {} pushes a second of {OPS} changes, {} s",
        store(kind),
        goal.desks,
        goal.rate,
        wish.seconds()
    )));
    // Access for as long as it takes: how tokens are renewed is not what is measured.
    let center = center(kind, &[("TLS", "off"), ("ACCESS_MINUTES", "1440")])?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let (spread, one) = runtime.block_on(async {
        let mut orgs = vec![center.admin().to_owned()];
        for n in 1..ORGS {
            orgs.push(center.org(&format!("company{n}"))?);
        }
        let spread = Crowd::gather(&center, &orgs, goal.desks).await?;
        let spread = spread.work(goal.rate, wish.seconds()).await?;
        let org = vec![center.org("one company")?];
        let one = Crowd::gather(&center, &org, DESKS_OF_ONE).await?;
        let time = if wish.quick { 3 } else { MOST.as_secs() };
        Ok::<_, anyhow::Error>((spread, one.work(0.0, time).await?))
    })?;

    let shown = |found: &Found| {
        format!(
            "(median {:.1}, most {:.1})",
            found.push.median(),
            found.push.most()
        )
    };
    let detail = shown(&spread);
    let within = 0.0..=goal.p95_ms;
    report.limit("a push, p95", spread.push.p95(), &detail, "ms", &within);
    let within = 0.0..=goal.p99_ms;
    report.limit("a push, p99", spread.push.p99(), "", "ms", &within);
    let within = goal.rate * 0.99..=f64::INFINITY;
    report.limit("pushes taken", spread.pushes_a_second, "", "/s", &within);
    let faults = spread.faults.len();
    let detail = spread.faults.first().map_or("", String::as_str);
    #[allow(clippy::cast_precision_loss, reason = "a few hundred at most")]
    report.limit("errors", faults as f64, detail, "", &(0.0..=0.0));
    let detail = format!(
        "(median {:.2}, p95 {:.2})",
        spread.lag.median(),
        spread.lag.p95()
    );
    let name = "taken until a colleague has it, the most";
    report.limit(name, spread.lag.most(), &detail, "s", &(0.0..=goal.lag_s));
    report.say(&format!(
        "  the most of one organisation of {DESKS_OF_ONE} laptops: {:.0} pushes a second, {} ms, {} errors, \
         a colleague {:.1} s behind at the most",
        one.pushes_a_second,
        shown(&one),
        one.faults.len(),
        one.lag.most()
    ));
    let mut server = Sample::default();
    server.add(most_memory(&center));
    report.note("the server's peak memory", &server, "MB");
    Ok(())
}

/// Milliseconds of each push, seconds of each push until a colleague had it.
struct Found {
    push: Sample,
    pushes_a_second: f64,
    lag: Sample,
    faults: Vec<String>,
}

/// When the last record of each push was taken.
type Taken = Arc<Mutex<HashMap<Uuid, Instant>>>;

/// Laptops at work, and one of each organisation that looks on and sees everything.
struct Crowd {
    address: SocketAddr,
    at_work: Vec<Member>,
    looking_on: Vec<Member>,
}

impl Crowd {
    /// Laptops that are spread over organisations, by the invitations of their first administrators.
    async fn gather(center: &Center, orgs: &[String], desks: usize) -> Result<Self> {
        let mut crowd = Self {
            address: center.listens_on().parse()?,
            at_work: Vec::new(),
            looking_on: Vec::new(),
        };
        for (invitation, n) in orgs.iter().zip(0..) {
            let admin = enrolled(crowd.address, invitation).await?;
            let mut desk = admin.desk(crowd.address).await?;
            for own in (0..desks).filter(|desk| desk % orgs.len() == n) {
                let login = format!("sales{own}");
                let new = json!({ "login": login, "name": login, "role": "salesperson" });
                let added: Added = said(desk.ask("POST", "/v1/admin/users", Some(&new)).await)?;
                let member = enrolled(crowd.address, &added.invitation.text).await?;
                crowd.at_work.push(member);
            }
            crowd.looking_on.push(admin);
        }
        Ok(crowd)
    }

    /// At so many pushes a second, or as fast as they are answered.
    async fn work(self, rate: f64, seconds: u64) -> Result<Found> {
        let (taken, (over, watched)) = (Taken::default(), watch::channel(false));
        let looking_on: Vec<JoinHandle<_>> = self
            .looking_on
            .into_iter()
            .map(|member| tokio::spawn(look_on(self.address, member, watched.clone())))
            .collect();
        // Connected only now: a connection that lies idle is closed.
        let mut desks = Vec::new();
        for member in &self.at_work {
            desks.push(member.desk(self.address).await?);
        }
        let times = Times::spread(desks.len(), rate, Duration::from_secs(seconds));
        let began = Instant::now();
        let at_work: Vec<JoinHandle<Worked>> = desks
            .into_iter()
            .zip(times)
            .map(|(desk, times)| {
                let taken = Arc::clone(&taken);
                tokio::spawn(desk.work(times, OPS, false, move |last| {
                    let now = Instant::now();
                    let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
                    taken.insert(last, now);
                }))
            })
            .collect();
        let (mut push, mut faults) = (Vec::new(), Vec::new());
        for desk in at_work {
            let worked = desk.await?;
            let ms = worked
                .pushed
                .iter()
                .map(|took| took.as_secs_f64() * 1_000.0);
            push.extend(ms);
            faults.extend(worked.fault);
        }
        // Those who keep up are through a little before the time is over.
        let took = began
            .elapsed()
            .max(Duration::from_secs(seconds))
            .as_secs_f64();
        over.send_replace(true);
        let mut seen = HashMap::new();
        for watcher in looking_on {
            match watcher.await? {
                Ok(more) => seen.extend(more),
                Err(fault) => faults.push(format!("{fault:#}")),
            }
        }
        let taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        let lag = taken.iter().map(|(record, taken)| {
            let seen = seen.get(record);
            // What nobody ever saw is as late as can be.
            seen.map_or(f64::INFINITY, |seen: &Instant| {
                seen.saturating_duration_since(*taken).as_secs_f64()
            })
        });
        #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
        let pushes_a_second = push.len() as f64 / took;
        Ok(Found {
            push: push.into_iter().collect(),
            pushes_a_second,
            lag: lag.collect(),
            faults,
        })
    }
}

/// Pulls whenever the server has news, and once more when the others are through; when each record was first there.
async fn look_on(
    address: SocketAddr,
    member: Member,
    mut over: watch::Receiver<bool>,
) -> Result<HashMap<Uuid, Instant>> {
    #[derive(Deserialize)]
    struct Hint {
        news: bool,
    }
    // What waits for news has a connection of its own, which may be left while it waits.
    let (mut desk, mut hints) = (member.desk(address).await?, member.desk(address).await?);
    let mut seen = HashMap::new();
    loop {
        let last = *over.borrow_and_update();
        let page = said(desk.pull().await)?;
        let now = Instant::now();
        for row in &page.rows {
            seen.entry(row.id).or_insert(now);
        }
        if !page.done {
            continue;
        }
        if last {
            return Ok(seen);
        }
        let path = format!("/v1/hint?head={}", page.head);
        loop {
            tokio::select! {
                hint = hints.ask("GET", &path, None::<&()>) => {
                    let hint: Hint = said(hint)?;
                    if hint.news {
                        break;
                    }
                }
                _ = over.changed() => break,
            }
        }
    }
}

#[derive(Deserialize)]
struct Added {
    invitation: Text,
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

/// Bytes as CBOR has them.
struct Octets([u8; 32]);

impl Serialize for Octets {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(&self.0)
    }
}

/// Somebody who came in.
struct Member {
    user: Uuid,
    access: String,
}

impl Member {
    async fn desk(&self, address: SocketAddr) -> Result<Desk> {
        said(Desk::connect(address, &self.access, self.user).await)
    }
}

/// Comes in with an invitation.
async fn enrolled(address: SocketAddr, invitation: &str) -> Result<Member> {
    #[derive(Deserialize)]
    struct Invitation {
        org: Uuid,
        login: String,
        code: String,
    }
    #[derive(Serialize)]
    struct Enrolment {
        org: Uuid,
        login: String,
        password: &'static str,
        invitation: String,
        public_key: Octets,
        device_name: &'static str,
    }
    #[derive(Deserialize)]
    struct Enrolled {
        user: Uuid,
        tokens: Tokens,
    }
    #[derive(Deserialize)]
    struct Tokens {
        access: String,
    }
    let body = invitation.strip_prefix("ketu1_");
    let body = URL_SAFE_NO_PAD.decode(body.context("an invitation begins so")?)?;
    let invitation: Invitation = serde_json::from_slice(&body)?;
    let mut seed = [0; 32];
    fastrand::fill(&mut seed);
    let enrolment = Enrolment {
        org: invitation.org,
        login: invitation.login,
        password: PASSWORD,
        invitation: invitation.code,
        public_key: Octets(SigningKey::from_bytes(&seed).verifying_key().to_bytes()),
        device_name: "load",
    };
    let mut stranger = said(Desk::connect(address, "", Uuid::nil()).await)?;
    let enrolled: Enrolled = said(stranger.ask("POST", "/v1/enrol", Some(&enrolment)).await)?;
    Ok(Member {
        user: enrolled.user,
        access: enrolled.tokens.access,
    })
}

fn said<T>(answer: super::desk::Result<T>) -> Result<T> {
    answer.map_err(|error| anyhow!(error))
}
