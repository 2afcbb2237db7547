//! What synchronisation needs to know at the time of an edit: what its author had seen, and the server's row that it
//! changes (docs/sync-protocol.md §1.4, §5.6); and what a transfer takes along (§4.6).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ketu_model::entity::{Root, Scope};
use ketu_model::{EntityDef, Fields, Value};
use rusqlite::OptionalExtension;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Change, Door, Mode};
use crate::error::Result;
use crate::history::{json, lost};
use crate::read::StoredRecord;
use crate::sync::server_row;

/// The laptop's agreement with the server, as far as every edit names it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Capture {
    /// The checkpoint; 0 before the first contact.
    pub seen: i64,
    /// The server's clock minus this laptop's, milliseconds.
    pub clock_offset: i64,
    /// Absent where there is no server.
    pub incarnation: Option<Uuid>,
}

/// An earlier op of this laptop that set a field, and what that one was based on.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Link {
    op: Uuid,
    base: i64,
}

type Chain = BTreeMap<String, Link>;

impl Door<'_> {
    /// Before the first edit of a record as the server has it: keeps the server's row.
    pub(super) fn keep_base(&self, entity: &EntityDef, current: &StoredRecord) -> Result<()> {
        if self.write.mode != Mode::Local || !current.confirmed {
            return Ok(());
        }
        self.keep_base_of(entity, current)
    }

    /// The same whoever writes.
    pub(super) fn keep_base_of(&self, entity: &EntityDef, current: &StoredRecord) -> Result<()> {
        let mut known = self
            .connection
            .prepare_cached("select 1 from base where id = ?1")?;
        if known.exists([current.id])? {
            return Ok(());
        }
        let sql = format!("select rev, custom from {} where id = ?1", entity.key);
        let mut side = self.connection.prepare_cached(&sql)?;
        let (rev, custom) = side.query_row([current.id], |row| {
            Ok((
                row.get::<_, i64>("rev")?,
                row.get::<_, Option<String>>("custom")?,
            ))
        })?;
        let row = server_row(entity, current, rev.abs(), custom.as_deref())?;
        let row = serde_json::to_string(&row).expect("rows are plain data");
        let mut keep = self
            .connection
            .prepare_cached(include_str!("../sql/keep_base.sql"))?;
        keep.execute((current.id, row))?;
        Ok(())
    }

    /// For fields that earlier ops set and the server's row does not show yet: those ops. The record's revision says
    /// nothing of what their author saw.
    pub(super) fn chain<'k>(
        &self,
        record: Uuid,
        keys: impl Iterator<Item = &'k str>,
    ) -> Result<Option<String>> {
        let mut live = self
            .connection
            .prepare_cached(include_str!("../sql/chain.sql"))?;
        let mut rows = live.query([record])?;
        let mut chain = Chain::new();
        let mut keys: Option<BTreeSet<&str>> = Some(keys.collect());
        while let (Some(open), Some(row)) = (&mut keys, rows.next()?) {
            let (op, base) = (row.get("op_id")?, row.get("base_rev")?);
            let earlier: Option<String> = row.get("chain")?;
            let earlier: Chain = earlier
                .and_then(|json| serde_json::from_str(&json).ok())
                .unwrap_or_default();
            let patch: BTreeMap<String, IgnoredAny> = json(row, "patch")?;
            // Who makes a record knows that the fields not named are empty.
            let made = row.get_ref("kind")?.as_str() == Ok("create");
            let lost = lost(row, "lost")?;
            let is_lost = |key: &str| lost.iter().any(|lost| lost == key);
            let set = |key: &&str| (made || patch.contains_key(*key)) && !is_lost(key);
            for key in open.extract_if(.., set) {
                // What the earlier one saw itself, where it continued another.
                let base = earlier.get(key).map_or(base, |link| link.base);
                chain.insert(key.to_owned(), Link { op, base });
            }
            if open.is_empty() {
                keys = None;
            }
        }
        let json = || serde_json::to_string(&chain).expect("links are plain data");
        Ok((!chain.is_empty()).then(json))
    }

    /// A customer's new owner gets what the old one had below it: opportunities and open reminders. The server does the
    /// same with the one transfer that is sent; here it is shown at once, by ops that the transfer carries.
    pub(super) fn take_along(
        &mut self,
        entity: &EntityDef,
        before: &StoredRecord,
        owner: &Value,
    ) -> Result<()> {
        let Some(old) = before.fields.id("owner") else {
            return Ok(());
        };
        // Undo knows what went along, one by one.
        if self.write.mode != Mode::Local || entity.root != Root::Own || self.taking_back {
            return Ok(());
        }
        let catalog = Arc::clone(&self.catalog);
        self.carrier = Some(self.last_op);
        for child in catalog
            .entities
            .iter()
            .filter(|child| hangs_below(child, entity))
        {
            let Some(field) = child.field("owner") else {
                continue;
            };
            let open = match (field.moves, child.scope) {
                (true, _) => "",
                (false, Scope::User) if child.field("done_at").is_some() => "and done_at is null",
                _ => continue,
            };
            let sql = format!(
                "select id from {} where root_id = ?1 and owner = ?2 {open} order by rid",
                child.key
            );
            let mut find = self.connection.prepare_cached(&sql)?;
            let ids = find.query_map((before.id, old), |row| row.get("id"))?;
            let ids: Vec<Uuid> = ids.collect::<Result<_, _>>()?;
            drop(find);
            self.move_along(child, &ids, &Fields::new().with("owner", owner.clone()))?;
        }
        self.carrier = None;
        Ok(())
    }

    /// Gives records that go where another one went what that changes of them.
    pub(super) fn move_along(
        &mut self,
        entity: &EntityDef,
        ids: &[Uuid],
        changed: &Fields,
    ) -> Result<()> {
        for id in ids {
            let current = self.existing(entity, *id)?;
            self.keep_base(entity, &current)?;
            let row = self.apply(entity, &current, current.row, "transfer", changed)?;
            self.note(Change {
                entity: entity.key.clone(),
                id: *id,
                old_row: Some(current.row),
                row,
                settled: false,
            })?;
        }
        Ok(())
    }
}

/// Whether records of one entity hang below records of another.
pub(super) fn hangs_below(child: &EntityDef, entity: &EntityDef) -> bool {
    match &child.root {
        Root::Of(key) => child.field(key).and_then(|field| field.target()) == Some(&entity.key),
        Root::Own => false,
    }
}

/// What the file knows of its agreement with the server.
pub(crate) fn capture(connection: &rusqlite::Connection) -> Result<Capture> {
    let read = "select checkpoint, clock_offset, incarnation from sync_state";
    let capture = connection.prepare(read)?.query_row([], |row| {
        Ok(Capture {
            seen: row.get("checkpoint")?,
            clock_offset: row.get("clock_offset")?,
            incarnation: row.get("incarnation")?,
        })
    });
    Ok(capture.optional()?.unwrap_or_default())
}
