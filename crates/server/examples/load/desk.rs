//! A laptop that does nothing but exchange messages, over plain HTTP: as many of them as one wants in one program. The
//! bench of the whole takes this file as it is.

use std::error::Error;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ketu_model::clock::{Clock, Hlc, SystemClock};
use ketu_sync::message::{Kind, Op, Outcome, Pull, Pulled, Push, Reply, VERSION};
use ketu_sync::record::id_json;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// When a laptop pushes. What it had to wait for its turn counts: a push is as late as it is answered after its time.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    from: Instant,
    /// Zero for at once.
    every: Duration,
    until: Instant,
}

impl Times {
    /// For so many laptops that push so often a second all together, evenly spread; one push after the other where the
    /// rate is 0.
    pub fn spread(desks: usize, rate: f64, time: Duration) -> Vec<Self> {
        let from = Instant::now();
        let part = match rate {
            0.0 => Duration::ZERO,
            rate => Duration::from_secs_f64(1.0 / rate),
        };
        let desks = u32::try_from(desks).unwrap_or(u32::MAX);
        let times = (0..desks).map(|n| Self {
            from: from + part * n,
            every: part * desks,
            until: from + time,
        });
        times.collect()
    }
}

/// What a laptop's work came to.
#[derive(Debug, Default)]
pub struct Worked {
    pub pushed: Vec<Duration>,
    pub pulled: Vec<Duration>,
    /// What ended it before its time.
    pub fault: Option<String>,
}

/// A laptop on one connection.
#[derive(Debug)]
pub struct Desk {
    stream: TcpStream,
    access: String,
    user: Uuid,
    incarnation: Uuid,
    next: i64,
    /// Some of those that it made.
    customers: Vec<Uuid>,
    pub pull: Pull,
}

impl Desk {
    pub async fn connect(address: SocketAddr, access: &str, user: Uuid) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let incarnation = Uuid::now_v7();
        Ok(Self {
            stream,
            access: access.to_owned(),
            user,
            incarnation,
            next: 1,
            customers: Vec::new(),
            pull: Pull {
                v: VERSION,
                epoch: Uuid::nil(),
                incarnation,
                scopes: Default::default(),
                limit: 1_000,
                schema: 1,
                known: Vec::new(),
            },
        })
    }

    /// Pushes at its times until they are over or something goes wrong; `taken` hears the last record of each push as soon
    /// as it is answered.
    pub async fn work(
        mut self,
        times: Times,
        ops: usize,
        pulls: bool,
        taken: impl Fn(Uuid),
    ) -> Worked {
        let mut worked = Worked::default();
        let mut due = times.from;
        loop {
            if times.every.is_zero() {
                due = due.max(Instant::now());
            }
            if due >= times.until {
                return worked;
            }
            tokio::time::sleep_until(due.into()).await;
            let pushed = self.push(ops).await;
            worked.pushed.push(due.elapsed());
            match pushed {
                Ok(last) => taken(last),
                Err(fault) => {
                    worked.fault = Some(fault.to_string());
                    return worked;
                }
            }
            due += times.every;
            if pulls {
                let begun = Instant::now();
                if let Err(fault) = self.pull().await {
                    worked.fault = Some(fault.to_string());
                    return worked;
                }
                worked.pulled.push(begun.elapsed());
            }
        }
    }

    /// Says the last record of it.
    async fn push(&mut self, ops: usize) -> Result<Uuid> {
        let ops: Vec<Op> = (0..ops).map(|n| self.op(n)).collect();
        let customers = ops.iter().filter(|op| op.entity == "customer");
        let customers: Vec<Uuid> = customers.map(|op| op.record).collect();
        let last = ops.last().map(|op| op.record);
        let push = Push {
            v: VERSION,
            epoch: Uuid::nil(),
            incarnation: self.incarnation,
            ops,
        };
        let reply = self.exchange("/v1/push", &push).await?;
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
        last.ok_or_else(|| "a push without ops".into())
    }

    /// The next page.
    pub async fn pull(&mut self) -> Result<Pulled> {
        let pull = self.pull.clone();
        match self.exchange("/v1/pull", &pull).await? {
            Reply::Pulled(reply) => {
                self.pull.scopes.clone_from(&reply.cursors);
                Ok(reply)
            }
            other => Err(format!("{other:?}").into()),
        }
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
                    "occurred_at": SystemClock.now(), "kind": Uuid::from_u128(7), "owner": self.user,
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
            hlc: Hlc::from_millis(SystemClock.now()),
            author: Some(self.user),
            origin: "form".to_owned(),
            schema: 1,
            was: Default::default(),
        }
    }

    async fn exchange(&mut self, path: &str, body: &impl Serialize) -> Result<Reply> {
        self.ask("POST", path, Some(body)).await
    }

    /// Asks anything of the server.
    pub async fn ask<A: DeserializeOwned>(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<A> {
        let mut bytes = Vec::new();
        if let Some(body) = body {
            ciborium::into_writer(body, &mut bytes)?;
        }
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: ketu\r\naccept: application/cbor\r\nauthorization: Bearer {}\r\ncontent-type: application/cbor\r\n\
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
        if !head.starts_with("http/1.1 20") {
            return Err(String::from_utf8_lossy(&read).into());
        }
        Ok(ciborium::from_reader(&read[end..])?)
    }
}
