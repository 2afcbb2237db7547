//! A small company: Zhang and Li sell, Wang leads both, and everyone's laptop does what the test says.

use std::collections::BTreeMap;
use std::sync::Arc;

use ketu_model::Catalog;
use ketu_model::authorize::Role;
use ketu_model::clock::Hlc;
use ketu_sim::laptop::{File, Laptop, Wish};
use ketu_sim::server::Server;
use ketu_sync::client::{Around, Event, OpState, Own};
use ketu_sync::message::{Kind, Link, Op, Outcome, Pulled, Reply, Request};
use ketu_sync::record::{Record, Row, id_json};
use ketu_sync::server::Person;
use serde_json::{Value as Json, json};
use uuid::Uuid;

pub const ZHANG: Uuid = Uuid::from_u128(0xa1);
pub const LI: Uuid = Uuid::from_u128(0xa2);
pub const WANG: Uuid = Uuid::from_u128(0xa3);
pub const NOW: i64 = 1_790_000_000_000;
pub const DAY: i64 = 86_400_000;

pub struct Desk {
    pub server: Server,
    pub laptops: Vec<Laptop>,
    pub now: i64,
    ids: u128,
}

pub type Patch<'a> = &'a [(&'a str, Json)];

impl Desk {
    pub fn new() -> Self {
        let person = |role, leader| Person {
            role,
            leader,
            active: true,
        };
        let people = BTreeMap::from([
            (ZHANG, person(Role::Salesperson, Some(WANG))),
            (LI, person(Role::Salesperson, Some(WANG))),
            (WANG, person(Role::Manager, None)),
        ]);
        Self {
            server: Server::new(Catalog::core(), Uuid::from_u128(0xe0), people),
            laptops: Vec::new(),
            now: NOW,
            ids: 0x1000,
        }
    }

    pub fn id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids << 8 | (self.ids & 0xff))
    }

    pub fn laptop(&mut self, user: Uuid) -> usize {
        let incarnation = self.id();
        self.laptops.push(Laptop {
            user,
            file: File::new(incarnation),
            session: None,
            skew: 0,
            online: true,
            modern: false,
            page: 1_000,
        });
        self.laptops.len() - 1
    }

    /// The whole disk of a laptop on another one, which does not know.
    pub fn copy(&mut self, at: usize) -> usize {
        let mut twin = self.laptops[at].clone();
        twin.session = None;
        self.laptops.push(twin);
        self.laptops.len() - 1
    }

    /// A laptop finds its file to be a copy (§1.6).
    pub fn notice_copy(&mut self, at: usize) {
        let (fresh, incarnation) = (self.id(), self.id());
        let catalog = Arc::clone(&self.server.catalog);
        let now = self.laptops[at].now(self.now);
        let around = Around {
            catalog: &catalog,
            fresh,
            now,
        };
        let file = &mut self.laptops[at].file;
        file.take(&Event::Copied(incarnation), &around);
    }

    /// An op as the laptop's door would write it, kept and shown.
    pub fn write(
        &mut self,
        at: usize,
        kind: Kind,
        entity: &str,
        record: Uuid,
        patch: Patch<'_>,
    ) -> Op {
        self.now += 1_000;
        let op_id = self.id();
        let laptop = &mut self.laptops[at];
        let view = laptop.file.views.get(&record).cloned();
        let local = laptop.file.records.get(&record);
        let base = local
            .and_then(|local| local.base.as_ref())
            .map(|row| row.rev);
        let live = local.map(|local| local.ops.clone()).unwrap_or_default();
        let old = |field: &str| {
            view.as_ref()
                .map_or(Json::Null, |row| row.value(field).clone())
        };
        let link = |field: &str| {
            let own = live.iter().rev().find(|own| {
                own.shows(field, base)
                    && (own.op.patch.contains_key(field) || own.op.kind == Kind::Create)
            })?;
            let chained = own
                .op
                .chain
                .get(field)
                .map_or(own.op.base, |link| link.base);
            Some(Link {
                op: own.op.op_id,
                base: chained,
            })
        };
        let fields = patch.iter().map(|(field, _)| *field);
        let op = Op {
            op_id,
            op_seq: 0,
            tx: op_id,
            atomic: false,
            entity: entity.to_owned(),
            record,
            root: view.as_ref().map_or(record, |row| row.root),
            kind,
            patch: patch
                .iter()
                .map(|(field, new)| ((*field).to_owned(), (old(field), new.clone())))
                .collect(),
            other: None,
            base: base.unwrap_or(0),
            chain: fields
                .filter_map(|field| Some((field.to_owned(), link(field)?)))
                .collect(),
            seen: laptop.file.state.checkpoint,
            hlc: Hlc::default(),
            author: Some(laptop.user),
            origin: "form".to_owned(),
            schema: 1,
            was: Vec::new(),
        };
        self.keep(at, vec![op]).remove(0)
    }

    /// Keeps ops as one transaction's.
    pub fn keep(&mut self, at: usize, ops: Vec<Op>) -> Vec<Op> {
        let now = self.now;
        let laptop = &mut self.laptops[at];
        let ops: Vec<Op> = ops
            .into_iter()
            .map(|mut op| {
                op.hlc = laptop.stamp(now);
                op
            })
            .collect();
        let own = ops.iter().cloned().map(Laptop::own).collect();
        laptop.file.keep(own, &Catalog::core());
        ops
    }

    pub fn customer(&mut self, at: usize, name: &str) -> Uuid {
        let id = self.id();
        let owner = id_json(self.laptops[at].user);
        let fields = [("name", json!(name)), ("owner", owner)];
        self.write(at, Kind::Create, "customer", id, &fields);
        id
    }

    pub fn below(&mut self, at: usize, entity: &str, customer: Uuid, patch: Patch<'_>) -> Uuid {
        let id = self.id();
        let mut fields = vec![("customer", id_json(customer))];
        fields.extend(patch.iter().cloned());
        self.write(at, Kind::Create, entity, id, &fields);
        id
    }

    pub fn set(&mut self, at: usize, record: Uuid, field: &str, value: Json) -> Op {
        let entity = self.laptops[at].file.views[&record].entity.clone();
        self.write(at, Kind::Update, &entity, record, &[(field, value)])
    }

    pub fn delete(&mut self, at: usize, record: Uuid) -> Op {
        let entity = self.laptops[at].file.views[&record].entity.clone();
        let now = json!(self.now);
        self.write(at, Kind::Delete, &entity, record, &[("deleted_at", now)])
    }

    pub fn transfer(&mut self, at: usize, customer: Uuid, to: Uuid) -> Op {
        let fields = [("owner", id_json(to))];
        self.write(at, Kind::Transfer, "customer", customer, &fields)
    }

    /// One exchange of a laptop's session; what was said, or nothing at its end.
    pub fn exchange(&mut self, at: usize) -> Option<(Request, Reply)> {
        let Wish::Ask(request) = self.laptops[at].wish() else {
            return None;
        };
        let user = self.laptops[at].user;
        let (_, reply) = self.server.handle(user, &request, self.now);
        self.hear(at, request.clone(), reply.clone());
        Some((request, reply))
    }

    pub fn hear(&mut self, at: usize, request: Request, reply: Reply) {
        let fresh = self.id();
        let catalog = Arc::clone(&self.server.catalog);
        let around = Around {
            catalog: &catalog,
            fresh,
            now: self.laptops[at].now(self.now),
        };
        self.laptops[at].hear(request, reply, &around);
    }

    /// A whole session; everything that was said in it.
    pub fn sync(&mut self, at: usize) -> Vec<(Request, Reply)> {
        self.now += 1_000;
        self.laptops[at].session = None;
        std::iter::from_fn(|| self.exchange(at)).collect()
    }

    pub fn sync_all(&mut self) {
        for _ in 0..2 {
            for at in 0..self.laptops.len() {
                self.sync(at);
            }
        }
    }

    pub fn shown(&self, at: usize, record: Uuid) -> Option<&Row> {
        self.laptops[at].file.views.get(&record)
    }

    pub fn value(&self, at: usize, record: Uuid, field: &str) -> Json {
        self.shown(at, record)
            .map_or(Json::Null, |row| row.value(field).clone())
    }

    pub fn at_the_server(&self, record: Uuid) -> &Record {
        &self.server.records[&record]
    }

    pub fn own(&self, at: usize, op: &Op) -> &Own {
        &self.laptops[at].file.ops[&op.op_id]
    }

    pub fn outcome(&self, at: usize, op: &Op) -> &Outcome {
        match &self.own(at, op).state {
            OpState::Answered { outcome, .. } | OpState::Done { outcome, .. } => outcome,
            waiting => panic!("it has no answer yet: {waiting:?}"),
        }
    }

    /// Cards of a kind, as the server has them.
    pub fn cards(&self, kind: &str) -> Vec<&Record> {
        let records = self.server.records.values();
        records
            .filter(|record| record.entity == "conflict" && record.value("kind") == kind)
            .collect()
    }
}

/// The pages that were pulled.
pub fn pulled(said: &[(Request, Reply)]) -> Vec<&Pulled> {
    let replies = said.iter().map(|(_, reply)| reply);
    replies
        .filter_map(|reply| match reply {
            Reply::Pulled(pulled) => Some(pulled),
            _ => None,
        })
        .collect()
}
