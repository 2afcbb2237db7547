//! Records of the server's own hand: everybody sees them, and they hang below no other.

use std::collections::BTreeMap;

use ketu_model::authorize::Scope;
use ketu_model::clock::Hlc;
use ketu_sync::digest;
use ketu_sync::record::{Record, Seq, Touch, Version};
use ketu_sync::server::{FeedEntry, Writes};
use serde_json::Value as Json;
use uuid::Uuid;

/// Who made the server do it, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hand {
    pub author: Option<Uuid>,
    /// Milliseconds since 1970.
    pub now: i64,
}

/// A new record. Its version is older than any that a person made (docs/sync-protocol.md §4.3).
pub(super) fn make(
    writes: &mut Writes,
    hand: Hand,
    entity: &str,
    id: Uuid,
    fields: BTreeMap<String, Json>,
) {
    writes.head += 1;
    let version = version(writes.head, hand, Hlc::default());
    let record = Record {
        entity: entity.to_owned(),
        id,
        root: id,
        rev: version.rev,
        created_at: hand.now,
        created_by: hand.author,
        updated_at: hand.now,
        updated_by: hand.author,
        deleted: None,
        fields,
        last: Touch::from(&version),
        last_other: None,
        vouched: Vec::new(),
        unplaced: Vec::new(),
        version,
        overrides: BTreeMap::new(),
    };
    put(writes, record);
}

/// A field of a record gets another value, later than the one that it replaces.
pub(super) fn set(writes: &mut Writes, hand: Hand, old: &Record, field: &str, value: Json) {
    writes.head += 1;
    let hlc = old.version_of(field).hlc.next(hand.now);
    let mut record = old.clone();
    record.set(field, value, version(writes.head, hand, hlc));
    (record.updated_at, record.updated_by) = (hand.now, hand.author);
    let bucket = (Scope::Org, digest::bucket(old.id));
    digest::add(&mut writes.sums, bucket, old.row().sum().wrapping_neg());
    put(writes, record);
}

fn put(writes: &mut Writes, record: Record) {
    let bucket = (Scope::Org, digest::bucket(record.id));
    digest::add(&mut writes.sums, bucket, record.row().sum());
    let entry = FeedEntry {
        scope: Scope::Org,
        id: record.id,
        seq: writes.head,
        leave: false,
    };
    writes.feed.insert((Scope::Org, record.id), entry);
    writes.records.insert(record.id, record);
}

fn version(rev: Seq, hand: Hand, hlc: Hlc) -> Version {
    Version {
        rev,
        hlc,
        author: hand.author,
        writer: Uuid::nil(),
        op: Uuid::now_v7(),
        ..Version::default()
    }
}
