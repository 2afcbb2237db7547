//! Colleagues are records too, so that laptops can show their names. The server makes them with the accounts; what else
//! they hold, people fill in.

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::authorize::Scope;
use ketu_model::clock::Hlc;
use ketu_sync::digest;
use ketu_sync::record::{Record, Seq, Touch, Version};
use ketu_sync::server::{FeedEntry, Loaded, Writes};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{head, load, write};
use crate::db::{Result as DbResult, Tx};
use crate::ids::OrgId;
use crate::params;

const USER: &str = "user";
const NAME: &str = "name";

/// Makes the records of colleagues that have none, and gives that of `renamed` the account's name. Holds the head already.
pub(crate) async fn introduce(
    tx: &mut Tx,
    org: OrgId,
    author: Option<Uuid>,
    renamed: Option<Uuid>,
    now: i64,
) -> DbResult<()> {
    let head = head::read(tx, org).await?;
    let sql = include_str!("../accounts/sql/list_accounts.sql");
    let mut names: BTreeMap<Uuid, String> = BTreeMap::new();
    for row in tx.query(sql, params! { org_id: org }).await? {
        names.insert(row.get("id")?, row.get("name")?);
    }
    let mut loaded = Loaded::default();
    let ids: BTreeSet<Uuid> = names.keys().copied().collect();
    load::records(tx, org, &ids, &mut loaded).await?;
    let mut writes = Writes {
        head: head.n,
        ..Writes::default()
    };
    for (id, name) in names {
        let old = loaded.records.get(&id).and_then(Option::as_ref);
        let stale = |old: &Record| renamed == Some(id) && old.value(NAME) != name.as_str();
        if old.is_none_or(stale) {
            put(&mut writes, old, id, &name, author, now);
        }
    }
    if writes.records.is_empty() {
        return Ok(());
    }
    write::write(tx, org, head, &writes, None, now).await?;
    Ok(())
}

fn put(
    writes: &mut Writes,
    old: Option<&Record>,
    id: Uuid,
    name: &str,
    author: Option<Uuid>,
    now: i64,
) {
    writes.head += 1;
    let version = version(writes.head, author, now, old);
    let mut record = old.cloned().unwrap_or_else(|| Record {
        entity: USER.to_owned(),
        id,
        root: id,
        rev: version.rev,
        created_at: now,
        created_by: author,
        updated_at: now,
        updated_by: author,
        deleted: None,
        fields: BTreeMap::new(),
        last: Touch::from(&version),
        last_other: None,
        version: version.clone(),
        overrides: BTreeMap::new(),
    });
    if old.is_none() {
        record.fields.insert(NAME.to_owned(), Json::from(name));
    } else {
        record.set(NAME, Json::from(name), version);
        (record.updated_at, record.updated_by) = (now, author);
    }
    let bucket = (Scope::Org, digest::bucket(id));
    if let Some(old) = old {
        digest::add(&mut writes.sums, bucket, old.row().sum().wrapping_neg());
    }
    digest::add(&mut writes.sums, bucket, record.row().sum());
    let entry = FeedEntry {
        scope: Scope::Org,
        id,
        seq: writes.head,
        leave: false,
    };
    writes.feed.insert((Scope::Org, id), entry);
    writes.records.insert(id, record);
}

/// Of the server's own hand, and later than what it replaces (§4.3).
fn version(rev: Seq, author: Option<Uuid>, now: i64, old: Option<&Record>) -> Version {
    let before = old.map_or(Hlc::default(), |old| old.version_of(NAME).hlc);
    Version {
        rev,
        hlc: before.next(now),
        author,
        writer: Uuid::nil(),
        op: Uuid::now_v7(),
        ..Version::default()
    }
}
