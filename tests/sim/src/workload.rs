//! What people do on their laptops, by chance: values are unlike each other, so that each tells who wrote it.

use std::collections::BTreeMap;
use std::sync::Arc;

use fastrand::Rng;
use ketu_model::catalog::SCHEMA_VERSION;
use ketu_model::field::{label, text};
use ketu_model::ids::tag_id;
use ketu_model::{Catalog, EntityDef, series};
use ketu_sync::client::Own;
use ketu_sync::message::{Kind, Link, Op};
use ketu_sync::record::{DELETED, MERGED_INTO, Row, id_json};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::laptop::Laptop;

/// A catalog with a kind of record that older versions do not know.
pub fn modern() -> Arc<Catalog> {
    let mut catalog = Catalog::core().as_ref().clone();
    let gadget = EntityDef::new("gadget", label("器具", "Gadget"), "title")
        .below("customer")
        .fields([
            ketu_model::field::reference("customer", "客户", "Customer", "customer").moves(),
            text("title", "名称", "Title"),
        ]);
    catalog.entities.push(gadget);
    Arc::new(catalog)
}

#[derive(Debug)]
pub struct Chance<'r> {
    pub rng: &'r mut Rng,
    /// Makes values unlike each other.
    pub counter: &'r mut u64,
    pub users: &'r [Uuid],
    pub now: i64,
}

/// What a laptop's user does next, by chance.
pub fn something(chance: &mut Chance<'_>, laptop: &mut Laptop, catalog: &Catalog) -> Vec<Own> {
    chance.edit(laptop, catalog)
}

type Patch = BTreeMap<String, (Json, Json)>;

impl Chance<'_> {
    pub fn id(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.rng.u128(..).to_be_bytes()).into_uuid()
    }

    fn token(&mut self, prefix: &str) -> String {
        *self.counter += 1;
        format!("{prefix}{}", self.counter)
    }

    fn user(&mut self) -> Uuid {
        self.users[self.rng.usize(..self.users.len())]
    }

    /// One thing that the laptop's user does: the ops of one transaction, or nothing.
    pub fn edit(&mut self, laptop: &mut Laptop, catalog: &Catalog) -> Vec<Own> {
        let rows: Vec<Row> = laptop.file.views.values().cloned().collect();
        let living: Vec<&Row> = rows
            .iter()
            .filter(|row| row.deleted.is_none() && !is_leaving(laptop, row))
            .collect();
        let customers: Vec<&Row> = of(&living, "customer");
        let tx = self.id();
        let choice = self.rng.u32(..100);
        let mut ops = Vec::new();
        match choice {
            _ if customers.len() < 2 => ops.extend(self.customer(laptop, tx)),
            0..8 => ops.extend(self.customer(laptop, tx)),
            8..25 => {
                let customer = self.one(&customers).map(|row| row.id);
                let entities: &[&str] = if laptop.modern {
                    &[
                        "contact",
                        "opportunity",
                        "interaction",
                        "reminder",
                        "gadget",
                    ]
                } else {
                    &["contact", "opportunity", "interaction", "reminder"]
                };
                let entity = entities[self.rng.usize(..entities.len())];
                let customer = customer.filter(|_| entity != "contact" || self.rng.u8(..8) > 0);
                if customer.is_some() || entity == "contact" {
                    ops.push(self.child(laptop, tx, entity, customer));
                }
            }
            25..80 => {
                let count = if self.rng.u8(..6) == 0 { 3 } else { 1 };
                for _ in 0..count {
                    if let Some(row) = self.one(&living) {
                        // A record once in a transaction: its state is that before it.
                        if !ops.iter().any(|own: &Own| own.op.record == row.id) {
                            ops.extend(self.update(laptop, tx, row, catalog));
                        }
                    }
                }
            }
            80..84 => {
                if let Some(row) = self.one(&living).filter(|row| deletable(row)) {
                    let patch =
                        BTreeMap::from([(DELETED.to_owned(), (Json::Null, json!(self.now)))]);
                    ops.push(self.op(laptop, tx, row, Kind::Delete, patch));
                }
            }
            84..86 => {
                let gone: Vec<&Row> = rows
                    .iter()
                    .filter(|row| row.deleted.is_some() && deletable(row))
                    .filter(|row| !row.fields.contains_key(MERGED_INTO) && !is_leaving(laptop, row))
                    .collect();
                if let Some(row) = self.one(&gone) {
                    let at = json!(row.deleted);
                    let patch = BTreeMap::from([(DELETED.to_owned(), (at, Json::Null))]);
                    ops.push(self.op(laptop, tx, row, Kind::Restore, patch));
                }
            }
            86..92 => {
                if let Some(row) = self.one(&customers) {
                    let to = self.user();
                    ops.extend(self.transfer(laptop, tx, row, to, &rows));
                }
            }
            92..96 => {
                let contacts = of(&living, "contact");
                if let (Some(row), Some(to)) = (self.one(&contacts), self.one(&customers)) {
                    let patch = change(row, "customer", id_json(to.id));
                    if !patch.is_empty() {
                        ops.push(self.op(laptop, tx, row, Kind::Transfer, patch));
                    }
                }
            }
            96..98 => {
                if let (Some(kept), Some(gone)) = (self.one(&customers), self.one(&customers))
                    && kept.id != gone.id
                {
                    let mut own = self.op(laptop, tx, kept, Kind::Merge, Patch::new());
                    own.op.other = Some(gone.id);
                    ops.push(own);
                }
            }
            _ => {
                let merges = laptop
                    .file
                    .ops
                    .values()
                    .filter(|own| own.op.kind == Kind::Merge);
                let merges: Vec<(Uuid, Uuid)> =
                    merges.map(|own| (own.op.record, own.op.op_id)).collect();
                if !merges.is_empty() {
                    let (record, merge) = merges[self.rng.usize(..merges.len())];
                    if let Some(row) = living.iter().find(|row| row.id == record) {
                        let mut own = self.op(laptop, tx, row, Kind::Split, Patch::new());
                        own.op.other = Some(merge);
                        ops.push(own);
                    }
                }
            }
        }
        let atomic = ops.len() > 1 && self.rng.bool();
        for own in &mut ops {
            own.op.atomic = atomic && own.carrier.is_none();
        }
        ops
    }

    /// Gives a customer to somebody else, after work on it that only this laptop has.
    pub fn give_away(&mut self, laptop: &mut Laptop) -> Vec<Own> {
        let rows: Vec<Row> = laptop.file.views.values().cloned().collect();
        let living: Vec<&Row> = rows
            .iter()
            .filter(|row| row.deleted.is_none() && !is_leaving(laptop, row))
            .collect();
        let Some(customer) = self.one(&of(&living, "customer")) else {
            return Vec::new();
        };
        let (tx, to) = (self.id(), self.user());
        let edit = change(customer, "alias", json!(self.token("a")));
        let mut ops = vec![self.op(laptop, tx, customer, Kind::Update, edit)];
        ops.push(self.child(laptop, tx, "contact", Some(customer.id)));
        ops.extend(self.transfer(laptop, tx, customer, to, &rows));
        ops
    }

    fn one<'a>(&mut self, rows: &[&'a Row]) -> Option<&'a Row> {
        (!rows.is_empty()).then(|| rows[self.rng.usize(..rows.len())])
    }

    fn customer(&mut self, laptop: &mut Laptop, tx: Uuid) -> Vec<Own> {
        let mut patch = Patch::new();
        let mut put = |key: &str, value: Json| patch.insert(key.to_owned(), (Json::Null, value));
        put("name", json!(self.token("客户")));
        put("alias", json!(self.token("a")));
        // Two laptops without leased blocks give the same numbers.
        let count = 1 + self.rng.i64(0..12);
        put("number", json!(series::number("CUST-2026", count)));
        match self.rng.u8(..10) {
            0 => {}
            1 => drop(put("owner", id_json(self.user()))),
            _ => drop(put("owner", id_json(laptop.user))),
        }
        let id = self.id();
        let mut ops = vec![self.create(laptop, tx, "customer", id, patch)];
        if self.rng.bool() {
            ops.push(self.child(laptop, tx, "contact", Some(id)));
        }
        if self.rng.u8(..4) == 0 {
            // The same word on two laptops is one tag.
            let word = ["重点", "老客户", "展会"][self.rng.usize(..3)];
            let patch = BTreeMap::from([("name".to_owned(), (Json::Null, json!(word)))]);
            let tag = tag_id(word);
            if !laptop.file.views.contains_key(&tag) {
                ops.push(self.create(laptop, tx, "tag", tag, patch));
            }
        }
        ops
    }

    fn child(
        &mut self,
        laptop: &mut Laptop,
        tx: Uuid,
        entity: &str,
        customer: Option<Uuid>,
    ) -> Own {
        let mut patch = Patch::new();
        let mut put = |key: &str, value: Json| patch.insert(key.to_owned(), (Json::Null, value));
        if let Some(customer) = customer {
            put("customer", id_json(customer));
        }
        match entity {
            "contact" => {
                put("name", json!(self.token("人")));
                put("title", json!(self.token("t")));
            }
            "opportunity" => {
                put("name", json!(self.token("商机")));
                put("pipeline", id_json(Uuid::from_u128(1)));
                put("stage", id_json(Uuid::from_u128(u128::from(self.next()))));
                put("amount", json!([self.next(), "CNY"]));
                let owner = if self.rng.u8(..6) == 0 {
                    self.user()
                } else {
                    laptop.user
                };
                put("owner", id_json(owner));
            }
            "interaction" => {
                put("kind", id_json(Uuid::from_u128(2)));
                put("occurred_at", json!(self.now.max(0)));
                put("summary", json!(self.token("谈话")));
                put("owner", id_json(laptop.user));
            }
            "reminder" => {
                put("title", json!(self.token("r")));
                put("due_at", json!(self.now.max(0)));
                put("owner", id_json(laptop.user));
            }
            _ => drop(put("title", json!(self.token("g")))),
        }
        let id = self.id();
        self.create(laptop, tx, entity, id, patch)
    }

    fn next(&mut self) -> u64 {
        *self.counter += 1;
        *self.counter + 1_000
    }

    fn update(
        &mut self,
        laptop: &mut Laptop,
        tx: Uuid,
        row: &Row,
        catalog: &Catalog,
    ) -> Option<Own> {
        let mut patch = Patch::new();
        let mut put = |key: &str, value: Json| patch.extend(change(row, key, value));
        let line = |text: &Json, line: String| match text.as_str() {
            Some(text) => format!("{text}\n{line}"),
            None => line,
        };
        match row.entity.as_str() {
            "customer" => match self.rng.u8(..8) {
                0..3 => put("alias", json!(self.token("a"))),
                3 => put("address", json!(self.token("d"))),
                4 => {
                    put("alias", json!(self.token("a")));
                    put("address", json!(self.token("d")));
                }
                5 => put("note", json!(line(row.value("note"), self.token("行")))),
                6 => {
                    let mut tags: Vec<Json> =
                        row.value("tags").as_array().cloned().unwrap_or_default();
                    let tag = id_json(tag_id(["重点", "老客户", "展会"][self.rng.usize(..3)]));
                    match tags.iter().position(|known| *known == tag) {
                        Some(at) => drop(tags.remove(at)),
                        None => tags.push(tag),
                    }
                    tags.sort_by_key(Json::to_string);
                    put(
                        "tags",
                        if tags.is_empty() {
                            Json::Null
                        } else {
                            json!(tags)
                        },
                    );
                }
                _ if laptop.modern => put("x_modern", json!(self.token("x"))),
                _ => put("address", json!(self.token("d"))),
            },
            "contact" => match self.rng.u8(..3) {
                0 => put("note", json!(line(row.value("note"), self.token("行")))),
                _ => put("title", json!(self.token("t"))),
            },
            "opportunity" => match self.rng.u8(..4) {
                0 => put("stage", id_json(Uuid::from_u128(u128::from(self.next())))),
                1 => put("amount", json!([self.next(), "CNY"])),
                2 => put("next_step", json!(self.token("n"))),
                _ => put("note", json!(line(row.value("note"), self.token("行")))),
            },
            "interaction" => match self.rng.bool() {
                true => put(
                    "summary",
                    json!(line(row.value("summary"), self.token("行"))),
                ),
                false => put("next_step", json!(self.token("n"))),
            },
            "reminder" | "gadget" => put("title", json!(self.token("r"))),
            "conflict" if row.value("state") == "open" => put("state", json!("yours")),
            _ => return None,
        }
        // An older version does not know what a newer one made.
        catalog.entity(&row.entity)?;
        Some(self.op(laptop, tx, row, Kind::Update, patch))
    }

    fn transfer(
        &mut self,
        laptop: &mut Laptop,
        tx: Uuid,
        row: &Row,
        to: Uuid,
        rows: &[Row],
    ) -> Vec<Own> {
        let patch = change(row, "owner", id_json(to));
        if patch.is_empty() {
            return Vec::new();
        }
        let old = row.id_in("owner");
        let own = self.op(laptop, tx, row, Kind::Transfer, patch);
        let carrier = own.op.op_id;
        let mut ops = vec![own];
        let along = rows.iter().filter(|child| {
            let goes = child.entity == "opportunity"
                || child.entity == "reminder" && child.value("done_at").is_null();
            child.root == row.id && goes && old.is_some() && child.id_in("owner") == old
        });
        for child in along {
            let patch = change(child, "owner", id_json(to));
            let mut own = self.op(laptop, tx, child, Kind::Transfer, patch);
            own.carrier = Some(carrier);
            ops.push(own);
        }
        ops
    }

    fn create(
        &mut self,
        laptop: &mut Laptop,
        tx: Uuid,
        entity: &str,
        id: Uuid,
        patch: Patch,
    ) -> Own {
        let below = patch
            .get("customer")
            .and_then(|(_, id)| id.as_str()?.parse().ok());
        let row = Row {
            entity: entity.to_owned(),
            id,
            root: below.unwrap_or(id),
            rev: 0,
            created_at: 0,
            created_by: None,
            updated_at: 0,
            updated_by: None,
            deleted: None,
            fields: BTreeMap::new(),
        };
        self.op(laptop, tx, &row, Kind::Create, patch)
    }

    /// An op as the laptop's door writes it.
    fn op(&mut self, laptop: &mut Laptop, tx: Uuid, row: &Row, kind: Kind, patch: Patch) -> Own {
        let local = laptop.file.records.get(&row.id);
        let live = local.map_or(&[][..], |local| local.ops.as_slice());
        let seen = local
            .and_then(|local| local.base.as_ref())
            .map(|row| row.rev);
        let base = seen.unwrap_or(0);
        let chain = patch.keys().filter_map(|field| {
            let earlier = live
                .iter()
                .rev()
                .find(|own| own.shows(field, seen) && own.op.patch.contains_key(field));
            let created = || {
                live.iter()
                    .find(|own| own.shows(field, seen) && own.op.kind == Kind::Create)
            };
            let own = earlier.or_else(created)?;
            let based = own
                .op
                .chain
                .get(field)
                .map_or(own.op.base, |link| link.base);
            let link = Link {
                op: own.carrier.unwrap_or(own.op.op_id),
                base: based,
            };
            Some((field.clone(), link))
        });
        let chain = chain.collect();
        let op = Op {
            op_id: self.id(),
            op_seq: 0,
            tx,
            atomic: false,
            entity: row.entity.clone(),
            record: row.id,
            root: row.root,
            kind,
            patch,
            other: None,
            base,
            chain,
            seen: laptop.file.state.checkpoint,
            hlc: laptop.stamp(self.now),
            author: Some(laptop.user),
            origin: "form".to_owned(),
            schema: SCHEMA_VERSION,
            was: Vec::new(),
        };
        Laptop::own(op)
    }
}

fn of<'a>(rows: &[&'a Row], entity: &str) -> Vec<&'a Row> {
    rows.iter()
        .copied()
        .filter(|row| row.entity == entity)
        .collect()
}

fn deletable(row: &Row) -> bool {
    !["tag", "conflict"].contains(&row.entity.as_str())
}

/// The patch that sets one field, where that changes anything.
fn change(row: &Row, key: &str, value: Json) -> Patch {
    let old = row.value(key).clone();
    if old == value {
        return Patch::new();
    }
    BTreeMap::from([(key.to_owned(), (old, value))])
}

fn is_leaving(laptop: &Laptop, row: &Row) -> bool {
    let leaving = |id: &Uuid| {
        let local = laptop.file.records.get(id);
        local.is_some_and(|local| local.scopes.values().any(|m| m.leaving))
    };
    leaving(&row.id) || leaving(&row.root)
}
