//! Ops of this laptop on their way, and what the server tells of others' (docs/sync-protocol.md §3, §5.2, §7.3).

use std::collections::HashSet;
use std::sync::Arc;

use rusqlite::{OptionalExtension, named_params, params};
use uuid::Uuid;

use super::Door;
use crate::error::Result;
use crate::sync::{OpMark, OwnOp, Told, entity_of};

impl Door<'_> {
    /// Puts an op back that a restored file has lost, as one that was never sent. Says whether it was missing.
    pub fn put_back(&mut self, own: &OwnOp) -> Result<bool> {
        let mut find = self
            .connection
            .prepare_cached(include_str!("../sql/own_op.sql"))?;
        if find.exists((own.record, own.op))? {
            return Ok(false);
        }
        let catalog = Arc::clone(&self.catalog);
        if let Some(entity) = catalog.entity(&own.entity)
            && let Some(current) = self.get(&entity.key, own.record)?
            && current.confirmed
        {
            self.keep_base_of(entity, &current)?;
        }
        let mut put_back = self
            .connection
            .prepare_cached(include_str!("../sql/put_back.sql"))?;
        put_back.execute(named_params! {
            ":op": own.op,
            ":tx": own.tx,
            ":entity": own.entity,
            ":record": own.record,
            ":root": own.root,
            ":kind": own.kind,
            ":patch": serde_json::to_string(&own.patch).expect("patches are plain data"),
            ":base": own.base,
            ":hlc": own.hlc.0,
            ":author": own.author,
            ":device": self.device,
            ":origin": own.origin,
            ":schema": own.schema,
            ":seen": own.seen,
            ":atomic": own.atomic,
            ":chain": own.chain,
            ":was": own.was,
            ":carrier": own.carrier,
            ":other": own.other,
        })?;
        // No new edit is older than one that was made before.
        self.hlc = self.hlc.max(own.hlc);
        Ok(true)
    }

    /// Takes ops that were never sent out of the log; what they changed is for the caller to show.
    pub fn forget_ops(&mut self, ops: &[OwnOp]) -> Result<()> {
        let mut forget = self
            .connection
            .prepare_cached("delete from log where local_seq = ?1 and state = 'pending'")?;
        for own in ops {
            forget.execute([own.place])?;
        }
        let mut over = self
            .connection
            .prepare_cached("update step set taken_back = 1 where tx_id = ?1")?;
        let txs: HashSet<Uuid> = ops.iter().map(|own| own.tx).collect();
        for tx in txs {
            over.execute([tx])?;
        }
        Ok(())
    }

    /// A person has seen an answer. Of a record that left, what was kept for this goes now.
    pub fn dismiss(&mut self, record: Uuid, op: Uuid) -> Result<()> {
        let dismiss = "update log set attention = null where record = ?1 and op_id = ?2";
        self.connection
            .prepare_cached(dismiss)?
            .execute((record, op))?;
        if entity_of(self.connection, &self.catalog, record)?.is_none() {
            let mut purge = self
                .connection
                .prepare_cached(include_str!("../sql/purge_log.sql"))?;
            purge.execute([record])?;
        }
        Ok(())
    }

    /// Says where ops stand. What follows each other in the log and on its way is written by one statement.
    pub(super) fn mark_ops(&mut self, mut marks: Vec<OpMark>) -> Result<()> {
        marks.sort_unstable_by_key(|mark| mark.place);
        for run in marks.chunk_by(OpMark::is_followed_by) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else {
                continue;
            };
            if first.state.is_live() {
                self.keep_bases_of_done(first.place, last.place)?;
            }
            let mut mark = self
                .connection
                .prepare_cached(include_str!("../sql/mark_ops.sql"))?;
            mark.execute(params![
                first.place,
                last.place,
                (first.op_seq != 0).then_some(first.op_seq),
                first.was,
                first.state.as_str(),
                first.seq,
                first.outcome,
                names(&first.lost),
                first.attention.then_some(1),
            ])?;
        }
        Ok(())
    }

    /// Ops that were over are sent once more: their records stand as the server had them, and are changed again.
    fn keep_bases_of_done(&mut self, first: i64, last: i64) -> Result<()> {
        let mut find = self
            .connection
            .prepare_cached(include_str!("../sql/done_between.sql"))?;
        let done = find.query_map([first, last], |row| {
            Ok((row.get::<_, String>("entity")?, row.get("record")?))
        })?;
        let done: Vec<(String, Uuid)> = done.collect::<Result<_, _>>()?;
        drop(find);
        let catalog = Arc::clone(&self.catalog);
        for (entity, record) in done {
            if let Some(entity) = catalog.entity(&entity)
                && let Some(current) = self.get(&entity.key, record)?
                && current.confirmed
            {
                self.keep_base_of(entity, &current)?;
            }
        }
        Ok(())
    }

    pub(super) fn tell<'t>(&self, told: impl Iterator<Item = &'t Told>) -> Result<()> {
        let mut find = self
            .connection
            .prepare_cached(include_str!("../sql/own_op.sql"))?;
        let mut append = self
            .connection
            .prepare_cached(include_str!("../sql/append_history.sql"))?;
        let mut complete = self
            .connection
            .prepare_cached(include_str!("../sql/complete.sql"))?;
        for told in told {
            let lost = names(&told.lost);
            let known: Option<i64> = find
                .query_row((told.record, told.op), |row| row.get("local_seq"))
                .optional()?;
            if let Some(local_seq) = known {
                complete.execute((local_seq, told.seq, lost))?;
                continue;
            }
            append.execute(named_params! {
                ":op": told.op,
                ":tx": told.tx,
                ":entity": told.entity,
                ":record": told.record,
                ":root": told.root,
                ":kind": told.kind,
                ":patch": serde_json::to_string(&told.patch).expect("patches are plain data"),
                ":hlc": told.hlc.0,
                ":author": told.author,
                ":writer": told.writer,
                ":origin": told.origin,
                ":seq": told.seq,
                ":lost": lost,
            })?;
        }
        Ok(())
    }
}

/// Names of fields as the log keeps them; nothing where there are none.
fn names(fields: &[String]) -> Option<String> {
    let json = || serde_json::to_string(fields).expect("names are plain data");
    (!fields.is_empty()).then(json)
}
