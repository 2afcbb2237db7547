//! What the engine asks for before it takes an event in (docs/sync-protocol.md §5, §6, §7). All of it by index, but for
//! what only a restored server asks.

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::authorize::Scope;
use ketu_model::clock::Hlc;
use ketu_model::{Catalog, EntityDef};
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use super::{Membership, OpState, OwnOp, Seal, ServerRow, SyncState, server_row};
use crate::error::{Result, StoreError};
use crate::history::{json, lost};
use crate::read::Reader;

/// A record as synchronisation sees it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KnownRecord {
    /// Revision and seal of the server's row as last pulled; the revision is 0 where a restored server forgot it.
    pub confirmed: Option<(i64, Seal)>,
    /// That row; left out of records without live ops, but where it was asked for.
    pub base: Option<ServerRow>,
    /// Its live ops, in order.
    pub ops: Vec<OwnOp>,
    pub scopes: Vec<(Scope, Membership)>,
}

/// The server's row of one record, with the seal that is kept of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfirmedRow {
    pub row: ServerRow,
    pub seal: Seal,
    /// Those that hold it, without those that it leaves.
    pub scopes: Vec<Scope>,
}

impl<'c> Reader<'c> {
    /// Absent where there is no server.
    pub fn sync_state(&self) -> Result<Option<SyncState>> {
        let sql = "select incarnation, checkpoint, clock_offset, state from sync_state";
        let mut read = self.connection.prepare_cached(sql)?;
        let state = read.query_row([], |row| {
            Ok(SyncState {
                incarnation: row.get("incarnation")?,
                checkpoint: row.get("checkpoint")?,
                clock_offset: row.get("clock_offset")?,
                state: row.get("state")?,
            })
        });
        Ok(state.optional()?)
    }

    pub(crate) fn scopes(&self) -> Result<BTreeMap<i64, Scope>> {
        let mut read = self
            .connection
            .prepare_cached("select number, name from scope")?;
        let mut rows = read.query([])?;
        let mut scopes = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let name: String = row.get("name")?;
            let scope = name.parse().map_err(|_| StoreError::Malformed {
                entity: "scope".to_owned(),
                field: "name".to_owned(),
            })?;
            scopes.insert(row.get("number")?, scope);
        }
        Ok(scopes)
    }

    fn scope_number(&self, scope: Scope) -> Result<Option<i64>> {
        let mut read = self
            .connection
            .prepare_cached("select number from scope where name = ?1")?;
        let number = read.query_row([scope.to_string()], |row| row.get("number"));
        Ok(number.optional()?)
    }

    /// Ready to load records one after the other.
    pub fn lookup(&self) -> Result<Lookup<'_, 'c>> {
        let any = |sql| self.connection.prepare_cached(sql)?.exists([]);
        Ok(Lookup {
            scopes: self.scopes()?,
            live: any("select 1 from log where state in ('pending', 'sent', 'answered')")?,
            reader: self,
        })
    }

    /// The records of each of these ops and of those that it carries.
    pub fn records_of_ops(&self, ops: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, BTreeSet<Uuid>>> {
        let none = ops.iter().map(|op| (*op, BTreeSet::new()));
        let mut records: BTreeMap<Uuid, BTreeSet<Uuid>> = none.collect();
        let mut sent = self
            .connection
            .prepare_cached(include_str!("../sql/records_sent.sql"))?;
        let mut rows = sent.query([])?;
        while let Some(row) = rows.next()? {
            if let Some(records) = records.get_mut(&row.get("op_id")?) {
                records.insert(row.get("record")?);
            }
        }
        let mut carried = self
            .connection
            .prepare_cached("select record from log where carrier = ?1")?;
        for (op, records) in records
            .iter_mut()
            .filter(|(_, records)| !records.is_empty())
        {
            let rows = carried.query_map([op], |row| row.get("record"))?;
            for record in rows {
                records.insert(record?);
            }
        }
        Ok(records)
    }

    /// Records that have ops which stand at the server and were not pulled, or that leave a scope.
    pub fn waiting(&self) -> Result<BTreeSet<Uuid>> {
        let mut find = self
            .connection
            .prepare_cached(include_str!("../sql/waiting.sql"))?;
        let ids = find.query_map([], |row| row.get("id"))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Records of a scope that no snapshot since this generation named.
    pub fn stale(&self, scope: Scope, generation: u32) -> Result<BTreeSet<Uuid>> {
        let Some(number) = self.scope_number(scope)? else {
            return Ok(BTreeSet::new());
        };
        let sql = "select id from held where scope = ?1 and generation < ?2";
        let mut find = self.connection.prepare_cached(sql)?;
        let ids = find.query_map((number, generation), |row| row.get("id"))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Records of a scope by the last byte of their ids.
    pub fn in_buckets(&self, scope: Scope, buckets: &BTreeSet<u8>) -> Result<BTreeSet<Uuid>> {
        let Some(number) = self.scope_number(scope)? else {
            return Ok(BTreeSet::new());
        };
        let mut find = self
            .connection
            .prepare_cached("select id from held where scope = ?1")?;
        let mut rows = find.query([number])?;
        let mut ids = BTreeSet::new();
        while let Some(row) = rows.next()? {
            let id: Uuid = row.get("id")?;
            if buckets.contains(&id.as_bytes()[15]) {
                ids.insert(id);
            }
        }
        Ok(ids)
    }

    /// Records whose confirmed revision is greater.
    pub fn newer(&self, rev: i64) -> Result<BTreeSet<Uuid>> {
        let entities = self
            .catalog
            .entities
            .iter()
            .map(|entity| entity.key.as_ref());
        let mut ids = BTreeSet::new();
        for table in entities.chain(["parked"]) {
            let sql = format!("select id from {table} where rev > ?1");
            let mut find = self.connection.prepare(&sql)?;
            let found = find.query_map([rev], |row| row.get("id"))?;
            for id in found {
                ids.insert(id?);
            }
        }
        Ok(ids)
    }

    /// What a restored server has forgotten: ops with a place above this one; and all that it never answered. In order.
    pub fn ops_above(&self, seq: i64) -> Result<Vec<OwnOp>> {
        self.ops(include_str!("../sql/ops_above.sql"), [seq])
    }

    /// All ops without an answer, in order.
    pub fn unanswered(&self) -> Result<Vec<OwnOp>> {
        self.unanswered_after(0, usize::MAX)
    }

    /// The same in pages, after a place in the log: the list that people read (B1).
    pub fn unanswered_after(&self, place: i64, limit: usize) -> Result<Vec<OwnOp>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.ops(include_str!("../sql/ops_unanswered.sql"), (place, limit))
    }

    /// Ops that were sent and not answered, behind a place of the incarnation, in order.
    pub fn sent(&self, after: i64) -> Result<Vec<OwnOp>> {
        self.ops(include_str!("../sql/ops_sent.sql"), [after])
    }

    /// The first ops that were never sent, after a place in the log.
    pub fn pending(&self, after: i64, limit: usize) -> Result<Vec<OwnOp>> {
        let mut statement = self
            .connection
            .prepare_cached(include_str!("../sql/ops_pending.sql"))?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query((after, limit))?;
        let mut ops = Vec::new();
        while let Some(row) = rows.next()? {
            ops.push(own_op(row)?);
        }
        Ok(ops)
    }

    pub(super) fn ops(&self, sql: &str, params: impl rusqlite::Params) -> Result<Vec<OwnOp>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let ops = statement.query_map(params, own_op)?;
        Ok(ops.collect::<Result<_, _>>()?)
    }

    /// The sums of a scope's 256 buckets.
    pub fn scope_sums(&self, scope: Scope) -> Result<Vec<u128>> {
        let mut sums = vec![0; 256];
        if let Some(number) = self.scope_number(scope)? {
            let sql = "select bucket, sum from scope_sum where scope = ?1";
            let mut read = self.connection.prepare_cached(sql)?;
            let mut rows = read.query([number])?;
            while let Some(row) = rows.next()? {
                let bucket: u8 = row.get("bucket")?;
                sums[usize::from(bucket)] = u128::from_be_bytes(row.get("sum")?);
            }
        }
        Ok(sums)
    }

    /// Hands over the server's row of every record, out of the rows as they stand: the sums computed anew must be those
    /// that are kept.
    pub fn each_confirmed(&self, mut take: impl FnMut(ConfirmedRow) -> Result<()>) -> Result<()> {
        let lookup = self.lookup()?;
        for entity in &self.catalog.entities {
            let sql = format!(
                "select {}, rev as raw_rev, sum from {} where sum is not null",
                crate::read::columns_of(entity),
                entity.key
            );
            let mut statement = self.connection.prepare(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let id: Uuid = row.get("id")?;
                let seal = row.get("sum")?;
                let rev: i64 = row.get("raw_rev")?;
                let base = lookup.base_of(id)?;
                let row = match base {
                    Some(base) => base,
                    None => {
                        let custom: Option<String> = row.get("custom")?;
                        let record = crate::read::record(entity, row)?;
                        server_row(entity, &record, rev.abs(), custom.as_deref())?
                    }
                };
                let scopes = lookup.held_by(id)?;
                take(ConfirmedRow { row, seal, scopes })?;
            }
        }
        let mut statement = self.connection.prepare("select id, sum, row from parked")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            take(ConfirmedRow {
                seal: row.get("sum")?,
                scopes: lookup.held_by(row.get("id")?)?,
                row: json(row, "row")?,
            })?;
        }
        Ok(())
    }

    /// The name of a record that lies outside this laptop's scopes.
    pub fn stub(&self, id: Uuid) -> Result<Option<super::Stub>> {
        let mut read = self
            .connection
            .prepare_cached("select id, entity, name from stub where id = ?1")?;
        let stub = read.query_row([id], |row| {
            Ok(super::Stub {
                id: row.get("id")?,
                entity: row.get("entity")?,
                name: row.get("name")?,
            })
        });
        Ok(stub.optional()?)
    }
}

/// Loads records as synchronisation sees them.
#[derive(Debug)]
pub struct Lookup<'r, 'c> {
    reader: &'r Reader<'c>,
    scopes: BTreeMap<i64, Scope>,
    /// Whether any record has live ops.
    live: bool,
}

impl Lookup<'_, '_> {
    /// One record. `entity` is a guess that spares the search; `with_base` loads the server's row also where no op
    /// changes it.
    pub fn record(&self, id: Uuid, entity: Option<&str>, with_base: bool) -> Result<KnownRecord> {
        let ops = match self.live {
            true => self
                .reader
                .ops(include_str!("../sql/ops_of_record.sql"), [id])?,
            false => Vec::new(),
        };
        let scopes = self.memberships(id)?;
        let mut known = KnownRecord {
            confirmed: None,
            base: None,
            ops,
            scopes,
        };
        let entity = entity.or(known.ops.first().map(|own| own.entity.as_str()));
        let catalog = &self.reader.catalog;
        let connection = self.reader.connection;
        let mut found = match entity.and_then(|key| catalog.entity(key)) {
            Some(entity) => confirmed_here(connection, entity, id)?.map(|rev| (entity, rev)),
            None => None,
        };
        // Nothing that no scope holds and nobody changed is here, unless nobody knows what it is.
        if found.is_none()
            && (entity.is_none() || !known.scopes.is_empty() || !known.ops.is_empty())
            && let Some(entity) = entity_of(connection, catalog, id)?
        {
            found = confirmed_here(connection, entity, id)?.map(|rev| (entity, rev));
        }
        match found {
            Some((entity, (rev, seal))) => {
                known.confirmed = seal.map(|seal| (rev.max(0), seal));
                let wanted = with_base || !known.ops.is_empty();
                if known.confirmed.is_some() && wanted {
                    known.base = match self.base_of(id)? {
                        Some(base) => Some(base),
                        None => self.as_it_stands(entity, id, rev)?,
                    };
                }
            }
            None => self.parked(id, &mut known)?,
        }
        Ok(known)
    }

    fn memberships(&self, id: Uuid) -> Result<Vec<(Scope, Membership)>> {
        let sql = "select scope, generation, leaving from held where id = ?1";
        let mut read = self.reader.connection.prepare_cached(sql)?;
        let mut rows = read.query([id])?;
        let mut held = Vec::new();
        while let Some(row) = rows.next()? {
            let number: i64 = row.get("scope")?;
            let membership = Membership {
                generation: row.get("generation")?,
                leaving: row.get("leaving")?,
            };
            held.extend(self.scopes.get(&number).map(|scope| (*scope, membership)));
        }
        Ok(held)
    }

    fn held_by(&self, id: Uuid) -> Result<Vec<Scope>> {
        let held = self.memberships(id)?.into_iter();
        let stays = held.filter(|(_, membership)| !membership.leaving);
        Ok(stays.map(|(scope, _)| scope).collect())
    }

    fn base_of(&self, id: Uuid) -> Result<Option<ServerRow>> {
        let mut read = self
            .reader
            .connection
            .prepare_cached("select row from base where id = ?1")?;
        Ok(read.query_row([id], |row| json(row, "row")).optional()?)
    }

    /// The server's row of a record that nothing here changed.
    fn as_it_stands(&self, entity: &EntityDef, id: Uuid, rev: i64) -> Result<Option<ServerRow>> {
        let Some(record) = self.reader.get(&entity.key, id)? else {
            return Ok(None);
        };
        let sql = format!("select custom from {} where id = ?1", entity.key);
        let mut read = self.reader.connection.prepare_cached(&sql)?;
        let custom: Option<String> = read.query_row([id], |row| row.get("custom"))?;
        server_row(entity, &record, rev.abs(), custom.as_deref()).map(Some)
    }

    fn parked(&self, id: Uuid, known: &mut KnownRecord) -> Result<()> {
        if known.scopes.is_empty() {
            return Ok(());
        }
        let mut read = self
            .reader
            .connection
            .prepare_cached("select rev, sum, row from parked where id = ?1")?;
        let found = read.query_row([id], |row| {
            let rev: i64 = row.get("rev")?;
            Ok(((rev.max(0), row.get("sum")?), json(row, "row")?))
        });
        if let Some((confirmed, row)) = found.optional()? {
            known.confirmed = Some(confirmed);
            known.base = Some(row);
        }
        Ok(())
    }
}

/// The kind of a record, by asking every table.
pub(crate) fn entity_of<'a>(
    connection: &Connection,
    catalog: &'a Catalog,
    id: Uuid,
) -> Result<Option<&'a EntityDef>> {
    for entity in &catalog.entities {
        let sql = format!("select 1 from {} where id = ?1", entity.key);
        if connection.prepare_cached(&sql)?.exists([id])? {
            return Ok(Some(entity));
        }
    }
    Ok(None)
}

/// Revision and seal of a record, where it is there.
pub(crate) fn confirmed_here(
    connection: &Connection,
    entity: &EntityDef,
    id: Uuid,
) -> Result<Option<(i64, Option<Seal>)>> {
    let sql = format!("select rev, sum from {} where id = ?1", entity.key);
    let mut read = connection.prepare_cached(&sql)?;
    let found = read.query_row([id], |row| Ok((row.get("rev")?, row.get("sum")?)));
    Ok(found.optional()?)
}

/// An op out of a row of the columns that all `ops_*.sql` select, by their places: looking names up takes longer than
/// reading them.
pub(super) fn own_op(row: &Row<'_>) -> rusqlite::Result<OwnOp> {
    let state = row.get_ref(20)?.as_str()?;
    Ok(OwnOp {
        place: row.get(0)?,
        op: row.get(1)?,
        op_seq: row.get::<_, Option<i64>>(2)?.unwrap_or(0),
        tx: row.get(3)?,
        atomic: row.get(4)?,
        entity: row.get(5)?,
        record: row.get(6)?,
        root: row.get(7)?,
        kind: row.get(8)?,
        patch: json(row, 9)?,
        other: row.get(10)?,
        base: row.get(11)?,
        chain: row.get(12)?,
        seen: row.get(13)?,
        hlc: Hlc(row.get(14)?),
        author: row.get(15)?,
        origin: row.get(16)?,
        schema: row.get(17)?,
        was: row.get(18)?,
        carrier: row.get(19)?,
        state: OpState::parse(state).unwrap_or(OpState::Done),
        seq: row.get(21)?,
        outcome: row.get(22)?,
        lost: lost(row, 23)?,
    })
}
