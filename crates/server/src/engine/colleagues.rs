//! Colleagues are records too, so that laptops can show their names. The server makes them with the accounts; what else
//! they hold, people fill in.

use std::collections::{BTreeMap, BTreeSet};

use ketu_sync::record::Record;
use ketu_sync::server::{Loaded, Writes};
use serde_json::Value as Json;
use uuid::Uuid;

use super::own::{self, Hand};
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
    let hand = Hand { author, now };
    for (id, name) in names {
        let old = loaded.records.get(&id).and_then(Option::as_ref);
        let stale = |old: &Record| renamed == Some(id) && old.value(NAME) != name.as_str();
        let name = Json::from(name.as_str());
        match old {
            None => own::make(
                &mut writes,
                hand,
                USER,
                id,
                BTreeMap::from([(NAME.to_owned(), name)]),
            ),
            Some(old) if stale(old) => own::set(&mut writes, hand, old, NAME, name),
            Some(_) => {}
        }
    }
    if writes.records.is_empty() {
        return Ok(());
    }
    write::write(tx, org, head, &writes, None, now).await?;
    Ok(())
}
