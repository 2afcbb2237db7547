//! Reading the change log: what happened to records, and what undo would take back.

use std::collections::BTreeSet;

use ketu_model::{RecordId, TxId};
use rusqlite::{OptionalExtension, Row, RowIndex, named_params};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::error::Result;
use crate::read::Reader;

/// One operation of the change log.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRow {
    pub local_seq: i64,
    pub op: Uuid,
    pub tx: TxId,
    pub entity: String,
    pub record: Uuid,
    pub root: Uuid,
    pub kind: String,
    /// `{"field": [old, new]}`
    pub patch: Map<String, Json>,
    pub base_rev: i64,
    pub hlc: i64,
    pub author: Option<Uuid>,
    pub origin: String,
    /// `pending`, `sent`, `answered` or `done` of this laptop's own; `history` of others'.
    pub state: String,
    /// Its place at the server.
    pub seq: Option<i64>,
    /// The operation that did this at the server and only shows it here.
    pub carrier: Option<Uuid>,
    /// Of a merge the record that went, of a split the merge's operation.
    pub other: Option<Uuid>,
    /// Fields whose new value did not stand.
    pub lost: Vec<String>,
}

impl LogRow {
    /// Whether the server has not answered it.
    pub fn is_unanswered(&self) -> bool {
        matches!(self.state.as_str(), "pending" | "sent")
    }
}

/// What undo or redo would take back next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub tx: TxId,
    pub action: String,
    pub entity: String,
    pub records: i64,
    pub record: Option<Uuid>,
}

/// Steps that undo and redo take back.
pub(crate) const NEXT_UNDO: &str = include_str!("sql/next_undo.sql");
pub(crate) const NEXT_REDO: &str = include_str!("sql/next_redo.sql");

/// A step as it is taken back.
pub(crate) struct NextStep {
    pub seq: i64,
    pub tx: TxId,
    /// Its rows of the log.
    pub first_seq: i64,
    pub last_seq: i64,
    /// How many records it changed.
    pub records: i64,
}

impl Reader<'_> {
    /// A record's operations, the latest first.
    pub fn history(&self, record: RecordId) -> Result<Vec<LogRow>> {
        self.log(include_str!("sql/history.sql"), record.0)
    }

    /// Operations on everything below a root, the latest first, from before `before` on.
    pub fn history_below(&self, root: Uuid, before: i64, limit: u32) -> Result<Vec<LogRow>> {
        let mut statement = self
            .connection
            .prepare_cached(include_str!("sql/history_below.sql"))?;
        let rows = statement.query_map((root, before, limit), log_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Records whose history the server has more of than this laptop: this one and those below it, each with the place
    /// at the server from which on it is known here.
    pub fn history_missing(&self, record: Uuid) -> Result<Vec<(Uuid, Option<i64>)>> {
        let mut find = self
            .connection
            .prepare_cached(include_str!("sql/history_missing.sql"))?;
        let missing = find.query_map([record], |row| {
            Ok((row.get("record")?, row.get("known_from")?))
        })?;
        Ok(missing.collect::<Result<_, _>>()?)
    }

    /// How many operations on a record are told here.
    pub fn count_history(&self, record: Uuid) -> Result<u32> {
        let sql = "select count(*) from log where record = ?1";
        let mut count = self.connection.prepare_cached(sql)?;
        Ok(count.query_row([record], |row| row.get(0))?)
    }

    pub fn operations_of(&self, tx: TxId) -> Result<Vec<LogRow>> {
        self.log(include_str!("sql/operations_of.sql"), tx.0)
    }

    fn log(&self, sql: &str, id: Uuid) -> Result<Vec<LogRow>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([id], log_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Fields of a record with operations that the server has not answered.
    pub fn pending_keys(&self, record: Uuid) -> Result<BTreeSet<String>> {
        let mut keys = BTreeSet::new();
        for row in self.history(RecordId(record))? {
            if row.is_unanswered() {
                keys.extend(row.patch.into_iter().map(|(key, _)| key));
            }
        }
        Ok(keys)
    }

    /// What undo of a transaction would take back: itself, or what did it again. `None` where it is undone.
    pub fn standing(&self, tx: TxId) -> Result<Option<TxId>> {
        let mut statement = self
            .connection
            .prepare_cached(include_str!("sql/standing.sql"))?;
        let end = statement.query_row([tx.0], |row| {
            Ok((row.get("tx_id")?, row.get::<_, String>("kind")?))
        });
        let end = end.optional()?.filter(|(_, kind)| kind != "undo");
        Ok(end.map(|(tx, _)| TxId(tx)))
    }

    /// What undo and redo would take back.
    pub fn steps(&self) -> Result<(Option<Step>, Option<Step>)> {
        let undo = self.next_step(NEXT_UNDO, None)?.map(|next| next.seq);
        let redo = self.next_step(NEXT_REDO, None)?.map(|next| next.seq);
        Ok((self.step(undo)?, self.step(redo)?))
    }

    /// The first step of a selection that changed something that is still on this laptop. The others are passed over:
    /// their records left it, and nobody can take them back here.
    pub(crate) fn next_step(&self, select: &str, tx: Option<TxId>) -> Result<Option<NextStep>> {
        let mut statement = self.connection.prepare_cached(select)?;
        let mut rows = statement.query(named_params! { ":tx_id": tx.map(|tx| tx.0) })?;
        while let Some(row) = rows.next()? {
            let step = NextStep {
                seq: row.get("seq")?,
                tx: TxId(row.get("tx_id")?),
                first_seq: row.get("first_seq")?,
                last_seq: row.get("last_seq")?,
                records: row.get("records")?,
            };
            if self.has_something_of(&step)? {
                return Ok(Some(step));
            }
        }
        Ok(None)
    }

    /// Whether a step of the selection is that transaction, though nothing that it changed may be here any more.
    pub(crate) fn is_step(&self, select: &str, tx: TxId) -> Result<bool> {
        let mut statement = self.connection.prepare_cached(select)?;
        Ok(statement.exists(named_params! { ":tx_id": tx.0 })?)
    }

    fn has_something_of(&self, step: &NextStep) -> Result<bool> {
        let mut statement = self
            .connection
            .prepare_cached(include_str!("sql/records_of_step.sql"))?;
        let range = named_params! { ":first_seq": step.first_seq, ":last_seq": step.last_seq };
        let mut rows = statement.query(range)?;
        while let Some(row) = rows.next()? {
            let (entity, id): (String, Uuid) = (row.get("entity")?, row.get("record")?);
            if self.catalog().entity(&entity).is_some() && self.get(&entity, id)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn step(&self, seq: Option<i64>) -> Result<Option<Step>> {
        let Some(seq) = seq else {
            return Ok(None);
        };
        let mut statement = self
            .connection
            .prepare_cached(include_str!("sql/step.sql"))?;
        let step = statement.query_row([seq], |row| {
            Ok(Step {
                tx: TxId(row.get("tx_id")?),
                action: row.get("action")?,
                entity: row.get("entity")?,
                records: row.get("records")?,
                record: row.get("record")?,
            })
        })?;
        Ok(Some(step))
    }

    /// When something was last changed here.
    pub fn last_change(&self) -> Result<Option<i64>> {
        let mut statement = self
            .connection
            .prepare_cached(include_str!("sql/last_change.sql"))?;
        let hlc: Option<i64> = statement.query_row([], |row| row.get("hlc")).optional()?;
        Ok(hlc.map(|hlc| ketu_model::clock::Hlc(hlc).millis()))
    }
}

/// Reads a column that holds JSON.
pub(crate) fn json<T: serde::de::DeserializeOwned>(
    row: &Row<'_>,
    column: impl RowIndex,
) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })
}

/// The fields of an operation that did not stand.
pub(crate) fn lost(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<Vec<String>> {
    match row.get_ref(column)? {
        rusqlite::types::ValueRef::Null => Ok(Vec::new()),
        _ => json(row, column),
    }
}

fn log_row(row: &Row<'_>) -> rusqlite::Result<LogRow> {
    let patch = json(row, "patch")?;
    let lost = lost(row, "lost")?;
    Ok(LogRow {
        local_seq: row.get("local_seq")?,
        op: row.get("op_id")?,
        tx: TxId(row.get("tx_id")?),
        entity: row.get("entity")?,
        record: row.get("record")?,
        root: row.get("root")?,
        kind: row.get("kind")?,
        patch,
        base_rev: row.get("base_rev")?,
        hlc: row.get("hlc")?,
        author: row.get("author")?,
        origin: row.get("origin")?,
        state: row.get("state")?,
        seq: row.get("seq")?,
        carrier: row.get("carrier")?,
        other: row.get("other")?,
        lost,
    })
}
