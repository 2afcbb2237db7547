//! The change log's rows: one for each operation, in the form that synchronisation will send.

use std::collections::HashSet;

use ketu_model::catalog::SCHEMA_VERSION;
use ketu_model::clock::Hlc;
use ketu_model::{EntityDef, Fields, Value};
use rusqlite::{ToSql, named_params};
use uuid::Uuid;

use super::Door;
use crate::columns::push_change;
use crate::error::Result;
use crate::read::StoredRecord;

/// The key under which a deletion stands in a patch, as it is a register like any field.
pub(crate) const DELETED: &str = "deleted_at";

/// Operations of a transaction that is sent whole, at most, and bytes of their patches (docs/sync-protocol.md §1.5).
const MOST_ATOMIC: u32 = 200;
const MOST_ATOMIC_BYTES: usize = 2_000_000;

struct Operation<'a> {
    entity: &'a EntityDef,
    record: Uuid,
    root: Uuid,
    kind: &'a str,
    patch: String,
    base_rev: i64,
    chain: Option<String>,
    stamp: Hlc,
    other: Option<Uuid>,
}

impl Door<'_> {
    pub(super) fn log_create(
        &mut self,
        entity: &EntityDef,
        record: Uuid,
        root: Uuid,
        stamp: Hlc,
        patch: String,
    ) -> Result<()> {
        self.append(&Operation {
            entity,
            record,
            root,
            kind: "create",
            patch: closed(patch),
            base_rev: 0,
            chain: None,
            stamp,
            other: None,
        })
    }

    pub(super) fn log_update(
        &mut self,
        entity: &EntityDef,
        current: &StoredRecord,
        root: Uuid,
        stamp: Hlc,
        kind: &str,
        changed: &Fields,
    ) -> Result<()> {
        let chain = self.chain(current.id, changed.iter().map(|(key, _)| key.as_ref()))?;
        let seen = self.seen.as_ref();
        let seen = seen.filter(|seen| seen.record == current.id && seen.rev < current.rev);
        let mut patch = String::new();
        for (key, value) in changed.iter() {
            let old = seen.and_then(|seen| seen.fields.get(key));
            let old = old.unwrap_or_else(|| current.fields.value(key));
            push_change(&mut patch, key, old, value);
        }
        let base_rev = seen.map_or(current.rev, |seen| seen.rev);
        self.append(&Operation {
            entity,
            record: current.id,
            root,
            kind,
            patch: closed(patch),
            base_rev,
            chain,
            stamp,
            other: None,
        })
    }

    pub(super) fn log_deleted(
        &mut self,
        entity: &EntityDef,
        current: &StoredRecord,
        stamp: Hlc,
        at: Option<i64>,
    ) -> Result<()> {
        let chain = self.chain(current.id, std::iter::once(DELETED))?;
        let instant = |at: Option<i64>| at.map_or(Value::Null, Value::Instant);
        let mut patch = String::new();
        push_change(
            &mut patch,
            DELETED,
            &instant(current.deleted_at),
            &instant(at),
        );
        self.append(&Operation {
            entity,
            record: current.id,
            root: current.root,
            kind: if at.is_some() { "delete" } else { "restore" },
            patch: closed(patch),
            base_rev: current.rev,
            chain,
            stamp,
            other: None,
        })
    }

    /// Of an operation that names another one or another record, and changes no field of its own.
    pub(super) fn log_other(
        &mut self,
        entity: &EntityDef,
        current: &StoredRecord,
        stamp: Hlc,
        kind: &str,
        other: Uuid,
    ) -> Result<()> {
        self.append(&Operation {
            entity,
            record: current.id,
            root: current.root,
            kind,
            patch: closed(String::new()),
            base_rev: current.rev,
            chain: None,
            stamp,
            other: Some(other),
        })
    }

    /// Values in the order of the statement: by name they would be looked up for every row.
    fn append(&mut self, op: &Operation<'_>) -> Result<()> {
        let id = (self.new_id)(self.now);
        let was_whole = self.is_sent_whole();
        if self.carrier.is_none() {
            self.sends += 1;
            self.sent_bytes += op.patch.len();
        }
        let whole = self.is_sent_whole();
        // Rows of an import stand or fall one by one.
        let atomic = whole && !self.write.origin.starts_with("import:");
        let values: [&dyn ToSql; 18] = [
            &id,
            &self.tx.0,
            &op.entity.key,
            &op.record,
            &op.root,
            &op.kind,
            &op.patch,
            &op.base_rev,
            &op.stamp.0,
            &self.write.author,
            &self.device,
            &self.write.origin,
            &SCHEMA_VERSION,
            &self.capture.seen,
            &atomic,
            &op.chain,
            &self.carrier,
            &op.other,
        ];
        let statement = match &mut self.log {
            Some(statement) => statement,
            none => none.insert(
                self.connection
                    .prepare_cached(include_str!("../sql/append_log.sql"))?,
            ),
        };
        for (at, value) in (1..).zip(values) {
            statement.raw_bind_parameter(at, value)?;
        }
        statement.raw_execute()?;
        let seq = self.connection.last_insert_rowid();
        let first = self.logged.map_or(seq, |(first, _)| first);
        self.logged = Some((first, seq));
        self.last_op = id;
        if was_whole && !whole {
            // Too much to be sent whole after all.
            let mut each = self
                .connection
                .prepare_cached("update log set atomic = 0 where local_seq between ?1 and ?2")?;
            each.execute((first, seq))?;
        }
        Ok(())
    }

    /// One operation has to go as it is, whatever its size.
    fn is_sent_whole(&self) -> bool {
        self.sends <= 1 || self.sends <= MOST_ATOMIC && self.sent_bytes <= MOST_ATOMIC_BYTES
    }

    /// Records the transaction for undo; nothing where it changed nothing.
    pub(crate) fn note_step(&mut self, kind: &str, of: Option<i64>) -> Result<()> {
        let (Some(first), Some((first_seq, last_seq))) = (self.changes.first(), self.logged) else {
            return Ok(());
        };
        let records: HashSet<Uuid> = self.changes.iter().map(|change| change.id).collect();
        let mut statement = self
            .connection
            .prepare_cached(include_str!("../sql/note_step.sql"))?;
        statement.execute(named_params! {
            ":tx_id": self.tx.0,
            ":kind": kind,
            ":of_seq": of,
            ":action": self.write.action,
            ":entity": first.entity,
            ":records": i64::try_from(records.len()).unwrap_or(i64::MAX),
            ":record": first.id,
            ":first_seq": first_seq,
            ":last_seq": last_seq,
        })?;
        Ok(())
    }

    /// Adds to the audit: ids and field names, never values.
    pub fn audit(
        &mut self,
        action: &str,
        entity: &str,
        record: Option<Uuid>,
        fields: &[&str],
    ) -> Result<()> {
        let mut statement = self
            .connection
            .prepare_cached(include_str!("../sql/append_audit.sql"))?;
        statement.execute(named_params! {
            ":at": self.now,
            ":author": self.write.author,
            ":device": self.device,
            ":action": action,
            ":entity": entity,
            ":record": record,
            ":fields": fields.join(","),
        })?;
        Ok(())
    }
}

fn closed(mut patch: String) -> String {
    if patch.is_empty() {
        patch.push('{');
    }
    patch.push('}');
    patch
}
