//! A laptop of somebody's: the simulator's file in memory and the engine's own client, over real HTTP in CBOR.

use std::collections::BTreeMap;
use std::sync::Arc;

use ketu_model::Catalog;
use ketu_model::catalog::SCHEMA_VERSION;
use ketu_server::accounts::Invitation;
use ketu_sync::client::{Around, Own, State};
use ketu_sync::message::{Kind, Link, Op, Reply, Request};
use ketu_sync::record::{DELETED, Row, id_json};
use ketu_sync::server::root_of;
use serde::Serialize;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::client::{Laptop as Client, try_send};
use crate::laptop::{File, Laptop, Wish};

pub use ketu_sync::client::Trouble;

#[derive(Debug)]
pub struct Desk {
    pub client: Client,
    pub laptop: Laptop,
    pub catalog: Arc<Catalog>,
    /// This laptop's clock.
    pub now: i64,
    /// What was asked and answered, the last first.
    pub replies: Vec<Reply>,
}

pub fn cbor(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

pub fn file(incarnation: Uuid) -> File {
    File::new(incarnation)
}

impl Desk {
    pub async fn join(address: std::net::SocketAddr, invitation: &Invitation, now: i64) -> Self {
        let client = Client::join(address, invitation).await;
        let laptop = Laptop {
            user: client.user.parse().unwrap(),
            file: file(Uuid::now_v7()),
            session: None,
            skew: 0,
            online: true,
            modern: false,
            page: 1_000,
        };
        Self {
            client,
            laptop,
            catalog: Catalog::core(),
            now,
            replies: Vec::new(),
        }
    }

    pub fn user(&self) -> Uuid {
        self.laptop.user
    }

    pub fn state(&self) -> &State {
        &self.laptop.file.state
    }

    /// What stands on the screen.
    pub fn row(&self, id: Uuid) -> Option<&Row> {
        self.laptop.file.views.get(&id)
    }

    pub fn value(&self, id: Uuid, field: &str) -> Json {
        let row = self.row(id);
        row.map_or(Json::Null, |row| row.value(field).clone())
    }

    pub fn create(&mut self, entity: &str, fields: Json) -> Uuid {
        let id = Uuid::now_v7();
        let Json::Object(fields) = fields else {
            panic!("fields are an object")
        };
        let values = fields.clone().into_iter().collect();
        let kind = self.catalog.entity(entity).unwrap();
        let root = root_of(kind, id, &values);
        let patch = fields
            .into_iter()
            .map(|(key, value)| (key, (Json::Null, value)));
        let patch = patch.collect();
        self.keep(entity, id, root, Kind::Create, patch);
        id
    }

    pub fn customer(&mut self, name: &str) -> Uuid {
        let owner = id_json(self.user());
        self.create("customer", json!({ "name": name, "owner": owner }))
    }

    pub fn set(&mut self, id: Uuid, field: &str, value: Json) {
        self.change(id, Kind::Update, field, value);
    }

    pub fn transfer(&mut self, customer: Uuid, to: Uuid) {
        self.change(customer, Kind::Transfer, "owner", id_json(to));
    }

    pub fn delete(&mut self, id: Uuid) {
        self.change(id, Kind::Delete, DELETED, json!(self.now));
    }

    pub fn restore(&mut self, id: Uuid) {
        self.change(id, Kind::Restore, DELETED, Json::Null);
    }

    fn change(&mut self, id: Uuid, kind: Kind, field: &str, value: Json) {
        let row = self.row(id).expect("it is on the screen").clone();
        let patch = BTreeMap::from([(field.to_owned(), (row.value(field).clone(), value))]);
        self.keep(&row.entity, id, row.root, kind, patch);
    }

    /// An op as the laptop's door writes it.
    fn keep(
        &mut self,
        entity: &str,
        record: Uuid,
        root: Uuid,
        kind: Kind,
        patch: BTreeMap<String, (Json, Json)>,
    ) {
        let local = self.laptop.file.records.get(&record);
        let live: Vec<Own> = local.map(|local| local.ops.clone()).unwrap_or_default();
        let base = local.and_then(|local| local.base.as_ref());
        let base = base.map_or(0, |row| row.rev);
        let chain = patch.keys().filter_map(|field| {
            let earlier = live.iter().rev();
            let own = earlier.clone().find(|own| own.op.patch.contains_key(field));
            let own = own.or_else(|| earlier.clone().find(|own| own.op.kind == Kind::Create))?;
            let known = own.op.chain.get(field);
            let link = Link {
                op: own.op.op_id,
                base: known.map_or(own.op.base, |link| link.base),
            };
            Some((field.clone(), link))
        });
        let chain = chain.collect();
        let hlc = self.laptop.stamp(self.now);
        let op = Op {
            op_id: Uuid::now_v7(),
            op_seq: 0,
            tx: Uuid::now_v7(),
            atomic: false,
            entity: entity.to_owned(),
            record,
            root,
            kind,
            patch,
            other: None,
            base,
            chain,
            seen: self.state().checkpoint,
            hlc,
            author: Some(self.user()),
            origin: "form".to_owned(),
            schema: SCHEMA_VERSION,
            was: Default::default(),
        };
        let ops = vec![Laptop::own(op)];
        self.laptop.file.keep(ops, &self.catalog);
    }

    /// One session: to its end, or to the trouble that it met.
    pub async fn sync(&mut self) -> Option<Trouble> {
        self.replies.clear();
        loop {
            let request = match self.laptop.wish() {
                Wish::Ask(request) => request,
                Wish::Rest => return None,
                Wish::Trouble(trouble) => return Some(trouble),
            };
            let reply = self.ask(&request).await;
            self.hear(request, reply);
        }
    }

    pub async fn synced(&mut self) {
        assert_eq!(self.sync().await, None);
        assert_eq!(self.laptop.file.unanswered(), []);
    }

    pub fn hear(&mut self, request: Request, reply: Reply) {
        self.replies.push(reply.clone());
        let around = Around {
            catalog: &self.catalog,
            fresh: Uuid::now_v7(),
            now: self.now,
        };
        self.laptop.hear(request, reply, &around);
    }

    pub async fn ask(&self, request: &Request) -> Reply {
        self.try_ask(request).await.expect("the server answers")
    }

    /// `None` where the connection broke off.
    pub async fn try_ask(&self, request: &Request) -> Option<Reply> {
        let (path, body) = match request {
            Request::Push(push) => ("/v1/push", cbor(push)),
            Request::Pull(pull) => ("/v1/pull", cbor(pull)),
            Request::Digest(digest) => ("/v1/digest", cbor(digest)),
            Request::Refetch(refetch) => ("/v1/refetch", cbor(refetch)),
            Request::Lease(lease) => ("/v1/lease", cbor(lease)),
            Request::Vouch(vouch) => ("/v1/vouch", cbor(vouch)),
        };
        let bearer = format!("Bearer {}", self.client.access);
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/cbor"),
            ("accept-encoding", "zstd"),
        ];
        let reply = try_send(self.client.address, "POST", path, &headers, &body).await?;
        let packed = reply.headers.contains_key("content-encoding");
        let bytes = if packed {
            zstd::stream::decode_all(reply.body.as_slice()).ok()?
        } else {
            reply.body
        };
        let said = String::from_utf8_lossy(&bytes).into_owned();
        assert_eq!(reply.status, 200, "{path}: {said}");
        ciborium::from_reader(bytes.as_slice()).ok()
    }
}
