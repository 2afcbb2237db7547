//! Cards: records that ask a person to decide (docs/sync-protocol.md §4.12).

use std::collections::BTreeMap;

use ketu_model::EntityDef;
use ketu_model::clock::Hlc;
use ketu_model::entity::Scope as Kind;
use ketu_model::ids::NAMESPACE;
use serde_json::Value as Json;
use uuid::Uuid;

use super::work::{SERVER, Work};
use crate::message::Op;
use crate::planted::{Bug, on};
use crate::record::{DELETED, Record, Touch, Values, Version, canonical, id_json};

pub(super) struct Card {
    kind: &'static str,
    field: String,
    base: Json,
    yours: Json,
    theirs: Json,
    their: Option<Version>,
    asked: Option<Uuid>,
}

impl Card {
    pub fn new(kind: &'static str, record: &Record, field: &str) -> Self {
        let their = record.version_of(field);
        Self {
            kind,
            field: field.to_owned(),
            base: Json::Null,
            yours: Json::Null,
            theirs: Json::Null,
            their: Some(their.clone()),
            asked: None,
        }
    }

    pub fn base(mut self, value: Json) -> Self {
        self.base = value;
        self
    }

    pub fn yours(mut self, value: Json) -> Self {
        self.yours = value;
        self
    }

    pub fn theirs(mut self, value: Json) -> Self {
        self.theirs = value;
        self
    }

    pub fn asked(mut self, user: Option<Uuid>) -> Self {
        self.asked = user;
        self
    }
}

fn card_id(op: &Op, record: Uuid, kind: &str, field: &str) -> Uuid {
    let name = format!("conflict/{}/{record}/{kind}/{field}", op.op_id);
    Uuid::new_v5(&NAMESPACE, name.as_bytes())
}

/// The cards that an op may have made about a record in a life that ended: they may be there before it is.
pub(super) fn known(op: &Op, record: Uuid, entity: &EntityDef) -> Vec<Uuid> {
    let patched = op
        .patch
        .keys()
        .flat_map(|field| [("critical", field.as_str()), ("proposed", field)]);
    let unique = entity.core_fields().filter(|field| field.unique);
    let unique = unique.map(|field| ("duplicate", field.key.as_ref()));
    let deleted = [("deleted", DELETED), ("revived", DELETED)];
    let all = patched.chain(unique).chain(deleted);
    all.map(|(kind, field)| card_id(op, record, kind, field))
        .collect()
}

/// Makes the card of an op about a record, once; answers its id. Private and common records have none: their history tells.
pub(super) fn add(work: &mut Work<'_>, op: &Op, record: &Record, card: Card) -> Option<Uuid> {
    let entity = work.entity(&record.entity)?;
    if entity.scope != Kind::Root || record.entity == "conflict" || on(Bug::NoCard) {
        return None;
    }
    let id = card_id(op, record.id, card.kind, &card.field);
    if let Some(mut card) = work.record(id).cloned() {
        // A row brought it back before its op was sent again.
        if card.version.op.is_nil() {
            card.version.op = op.op_id;
            work.put(card);
        }
        return Some(id);
    }
    let seq = work.next_seq();
    let now = work.context.now;
    let root = record.root;
    let customer = work
        .record(root)
        .is_some_and(|root| root.entity == "customer")
        || record.entity == "customer";
    let text = |value: &Json| match value {
        Json::Null => Json::Null,
        value => Json::String(value.to_string()),
    };
    let time = |hlc: Hlc| Json::from(hlc.millis());
    let author = |author: Option<Uuid>| author.map_or(Json::Null, id_json);
    let their = card.their.as_ref();
    let fields: BTreeMap<&str, Json> = BTreeMap::from([
        (
            "customer",
            if customer { id_json(root) } else { Json::Null },
        ),
        ("kind", Json::from(card.kind)),
        ("entity", Json::from(record.entity.as_str())),
        ("record", id_json(record.id)),
        ("field", Json::from(card.field.as_str())),
        ("base", text(&card.base)),
        ("yours", text(&card.yours)),
        ("theirs", text(&card.theirs)),
        ("your_author", id_json(work.context.actor.user)),
        ("your_time", time(work.clamp(op.hlc))),
        (
            "their_author",
            their.map_or(Json::Null, |v| author(v.author)),
        ),
        ("their_time", their.map_or(Json::Null, |v| time(v.hlc))),
        ("asked", author(card.asked)),
        ("state", Json::from("open")),
    ]);
    let fields: Values = fields
        .into_iter()
        .map(|(key, value)| (key.to_owned(), canonical(value)))
        .filter(|(_, value)| !value.is_null())
        .collect();
    let version = Version {
        rev: seq,
        hlc: Hlc::from_millis(now),
        author: None,
        writer: SERVER,
        op: op.op_id,
        base: 0,
        was: Vec::new(),
    };
    work.put(Record {
        entity: "conflict".to_owned(),
        id,
        root,
        rev: seq,
        created_at: now,
        created_by: None,
        updated_at: now,
        updated_by: None,
        deleted: None,
        fields,
        last: Touch::from(&version),
        last_other: None,
        vouched: Vec::new(),
        unplaced: Vec::new(),
        version,
        overrides: BTreeMap::new(),
    });
    Some(id)
}
