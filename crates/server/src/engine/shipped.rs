//! What ships with Ketu is a record of every organisation, so that a renamed stage or a new order of options reaches
//! everybody, laptops of an older version too.

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::catalog::shipped::shipped_records;
use ketu_sync::record::canonical;
use ketu_sync::server::{Loaded, Writes};
use uuid::Uuid;

use super::own::{self, Hand};
use super::{head, load, write};
use crate::db::{Result as DbResult, Tx};
use crate::ids::OrgId;

/// Makes the shipped records that an organisation does not have yet; people's changes to others stay. Says how many.
/// Takes the feed's lock row.
pub(crate) async fn ship(tx: &mut Tx, org: OrgId, now: i64) -> DbResult<usize> {
    let head = head::hold(tx, org).await?;
    let shipped = shipped_records();
    let mut loaded = Loaded::default();
    let ids: BTreeSet<Uuid> = shipped.iter().map(|record| record.id).collect();
    load::records(tx, org, &ids, &mut loaded).await?;
    let mut writes = Writes {
        head: head.n,
        ..Writes::default()
    };
    let hand = Hand { author: None, now };
    for record in shipped {
        if loaded.records.get(&record.id).is_some_and(Option::is_some) {
            continue;
        }
        let values = record.fields.iter();
        let fields: BTreeMap<_, _> = values
            .map(|(key, value)| (key.to_string(), canonical(value.to_json())))
            .filter(|(_, value)| !value.is_null())
            .collect();
        own::make(&mut writes, hand, record.entity, record.id, fields);
    }
    let made = writes.records.len();
    if made > 0 {
        write::write(tx, org, head, &writes, None, now).await?;
    }
    Ok(made)
}
