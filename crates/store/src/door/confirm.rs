//! The confirmed mode: what the engine made of the server's words is written, all of it or nothing
//! (docs/sync-protocol.md §5). No rule of this laptop stops it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use ketu_model::authorize::Scope;
use ketu_model::catalog::shipped::shipped_record;
use ketu_model::clock::Hlc;
use ketu_model::{EntityDef, Fields};
use rusqlite::types::Value as Sql;
use rusqlite::{OptionalExtension, params};
use serde::de::IgnoredAny;
use uuid::Uuid;

use super::rows::{FieldVersion, Head};
use super::{Capture, Change, Door, Mode, Prepared};
use crate::columns::{derived_columns, push_derived, to_sql};
use crate::error::Result;
use crate::history::json;
use crate::read::StoredRecord;
use crate::store::set_meta;
use crate::sync::{
    IN_BACKUPS, Membership, RecordWrite, Seal, ServerRow, Shaped, Stub, SyncState, SyncWrites,
    confirmed_here, entity_of, shaped,
};

/// Whether anything here is beside the server's rows at all: a first pull need not ask for each of a million.
struct Beside {
    live: bool,
    base: bool,
}

impl Door<'_> {
    /// Writes what an event changes.
    pub fn write_sync(&mut self, writes: SyncWrites) -> Result<()> {
        debug_assert_eq!(
            self.write.mode,
            Mode::Confirmed,
            "only the confirmed mode sets revisions"
        );
        self.mark_ops(writes.ops)?;
        if let Some(state) = &writes.state {
            self.set_sync_state(state)?;
        }
        let mut scopes = self.scope_numbers()?;
        self.hold(&writes.scopes, &mut scopes)?;
        self.add_sums(&writes.sums, &mut scopes)?;
        let beside = self.beside()?;
        let purged: HashSet<Uuid> = writes
            .records
            .iter()
            .filter(|record| record.purged)
            .map(|record| record.id)
            .collect();
        for record in writes.records {
            self.write_record(record, &beside)?;
        }
        if !purged.is_empty() {
            set_meta(self.connection, IN_BACKUPS, "1")?;
        }
        for id in &writes.doubted {
            self.doubt(*id)?;
        }
        let told = writes.history.iter();
        self.tell(told.filter(|told| !purged.contains(&told.record)))?;
        self.keep_stubs(&writes.stubs)
    }

    /// Remembers where the laptop stands with the server; what is written from now on names it.
    pub fn set_sync_state(&mut self, state: &SyncState) -> Result<()> {
        if self
            .capture
            .incarnation
            .is_some_and(|known| known != state.incarnation)
        {
            // A copy of this file has the same numbers, and a restored server may lend them again.
            self.connection.execute("delete from lease", [])?;
        }
        let mut set = self
            .connection
            .prepare_cached(include_str!("../sql/set_sync_state.sql"))?;
        set.execute((
            state.incarnation,
            state.checkpoint,
            state.clock_offset,
            &state.state,
        ))?;
        self.capture = Capture {
            seen: state.checkpoint,
            clock_offset: state.clock_offset,
            incarnation: Some(state.incarnation),
        };
        Ok(())
    }

    fn scope_numbers(&self) -> Result<BTreeMap<Scope, i64>> {
        let mut numbers = BTreeMap::new();
        for (number, scope) in self.reader().scopes()? {
            numbers.insert(scope, number);
        }
        Ok(numbers)
    }

    fn number_of(&self, scope: Scope, numbers: &mut BTreeMap<Scope, i64>) -> Result<i64> {
        if let Some(number) = numbers.get(&scope) {
            return Ok(*number);
        }
        let mut add = self
            .connection
            .prepare_cached("insert into scope (name) values (?1)")?;
        let number = add.insert([scope.to_string()])?;
        numbers.insert(scope, number);
        Ok(number)
    }

    fn hold(
        &self,
        scopes: &[(Scope, Uuid, Option<Membership>)],
        numbers: &mut BTreeMap<Scope, i64>,
    ) -> Result<()> {
        let mut hold = self
            .connection
            .prepare_cached(include_str!("../sql/hold.sql"))?;
        let mut anew = self
            .connection
            .prepare_cached(include_str!("../sql/hold_anew.sql"))?;
        let mut release = self
            .connection
            .prepare_cached("delete from held where scope = ?1 and id = ?2")?;
        for (scope, id, membership) in scopes {
            let scope = self.number_of(*scope, numbers)?;
            match membership {
                Some(held) => {
                    let held = (scope, id, held.generation, held.leaving);
                    match anew.execute(held)? {
                        0 => hold.execute(held)?,
                        added => added,
                    }
                }
                None => release.execute((scope, id))?,
            };
        }
        Ok(())
    }

    fn add_sums(
        &self,
        sums: &[(Scope, u8, u128)],
        numbers: &mut BTreeMap<Scope, i64>,
    ) -> Result<()> {
        let mut read = self
            .connection
            .prepare_cached("select sum from scope_sum where scope = ?1 and bucket = ?2")?;
        let mut write = self
            .connection
            .prepare_cached(include_str!("../sql/set_scope_sum.sql"))?;
        for (scope, bucket, added) in sums {
            let scope = self.number_of(*scope, numbers)?;
            let was: Option<[u8; 16]> = read
                .query_row((scope, bucket), |row| row.get("sum"))
                .optional()?;
            let sum = was.map_or(0, u128::from_be_bytes).wrapping_add(*added);
            write.execute((scope, bucket, sum.to_be_bytes()))?;
        }
        Ok(())
    }

    fn beside(&self) -> Result<Beside> {
        let any = |sql| self.connection.prepare_cached(sql)?.exists([]);
        Ok(Beside {
            live: any("select 1 from log where state in ('pending', 'sent', 'answered')")?,
            base: any("select 1 from base")?,
        })
    }

    fn write_record(&mut self, record: RecordWrite, beside: &Beside) -> Result<()> {
        let RecordWrite {
            id,
            confirmed,
            shown,
            purged,
        } = record;
        if purged {
            return self.purge(id);
        }
        let catalog = Arc::clone(&self.catalog);
        match (shown, confirmed) {
            (Some(row), confirmed) => match catalog.entity(&row.entity) {
                Some(entity) => self.show(entity, row, confirmed, beside),
                None => self.park(&row, confirmed.map(|(_, seal)| seal)),
            },
            (None, Some((row, seal))) => match catalog.entity(&row.entity) {
                Some(entity) => self.settle(entity, &row, seal, beside),
                None => self.park(&row, Some(seal)),
            },
            // Of a clean record nothing else is new; one that was never made, and not taken either, goes.
            (None, None) => match entity_of(self.connection, &catalog, id)? {
                Some(entity) if !self.existing(entity, id)?.confirmed => match self.waits(id)? {
                    true => self.hide(entity, id),
                    false => self.purge(id),
                },
                _ => Ok(()),
            },
        }
    }

    /// Puts a row where lists and forms read it.
    fn show(
        &mut self,
        entity: &EntityDef,
        row: ServerRow,
        confirmed: Option<(ServerRow, Seal)>,
        beside: &Beside,
    ) -> Result<()> {
        let id = row.id;
        let versions = match beside.live {
            true => self.live_versions(id)?,
            false => None,
        };
        let told = confirmed.as_ref().map(|(server, seal)| (server.rev, *seal));
        let had_base = match confirmed {
            Some((server, _)) if versions.is_some() => {
                let json = serde_json::to_string(&server).expect("rows are plain data");
                let mut keep = self
                    .connection
                    .prepare_cached(include_str!("../sql/keep_base.sql"))?;
                keep.execute((id, json))?;
                true
            }
            _ if versions.is_none() && beside.base => self.drop_base(id)?,
            _ => versions.is_some(),
        };
        let here = confirmed_here(self.connection, entity, id)?;
        let same = |(rev, seal): (i64, Option<Seal>)| told == seal.map(|seal| (rev, seal));
        if !had_base && told.is_some() && here.is_some_and(same) {
            // Named once more, and nothing is new.
            return Ok(());
        }
        let current = match here {
            Some(_) => self.get(&entity.key, id)?,
            None => None,
        };
        let versions = versions
            .map(|versions| serde_json::to_string(&versions).expect("versions are plain data"));
        let head = head(&row, told, versions);
        let Shaped { fields, custom } = shaped(entity, row.fields);
        // Numbers given elsewhere are not given here again.
        self.note_number(entity, &fields)?;
        let (old_row, new_row) = match current {
            None => {
                let record = Prepared::shown(entity, fields, custom);
                (None, self.insert_row(entity, id, &head, &record)?)
            }
            Some(current) => {
                let new_row = self.replace(entity, &current, &head, fields, custom)?;
                (Some(current.row), new_row)
            }
        };
        self.note(Change {
            entity: entity.key.clone(),
            id,
            old_row,
            row: new_row,
            settled: false,
        })
    }

    /// The server has what is shown: only what it says beside the fields is written.
    fn settle(
        &mut self,
        entity: &EntityDef,
        row: &ServerRow,
        seal: Seal,
        beside: &Beside,
    ) -> Result<()> {
        if beside.base {
            self.drop_base(row.id)?;
        }
        // As in `Head::sets`, in one statement for all of a page.
        let sql = format!(
            "update or fail {} set root_id = ?2, hlc = ?3, author = ?4, versions = null, deleted_at = ?5, created_at = ?6, \
             created_by = ?7, updated_at = ?8, updated_by = ?4, rev = ?9, sum = ?10 where id = ?1 returning rid",
            entity.key
        );
        let hlc = Hlc::from_millis(row.updated_at);
        let mut settle = self.connection.prepare_cached(&sql)?;
        let told = params![
            row.id,
            row.root,
            hlc.0,
            row.updated_by,
            row.deleted,
            row.created_at,
            row.created_by,
            row.updated_at,
            row.rev,
            seal,
        ];
        let place: i64 = settle.query_row(told, |row| row.get("rid"))?;
        drop(settle);
        debug_assert_eq!(
            self.reader()
                .lookup()?
                .record(row.id, Some(&row.entity), true)?
                .base
                .as_ref(),
            Some(row),
            "what is settled was shown"
        );
        self.note(Change {
            entity: entity.key.clone(),
            id: row.id,
            old_row: Some(place),
            row: place,
            settled: true,
        })
    }

    /// Puts a row in the place of another; only what is different is written.
    fn replace(
        &mut self,
        entity: &EntityDef,
        current: &StoredRecord,
        head: &Head,
        fields: Fields,
        custom: Option<String>,
    ) -> Result<i64> {
        let mut sets = head.sets();
        let (old_custom, _) = self.side_columns(entity, current.id)?;
        if custom != old_custom {
            sets.push(("custom".to_owned(), custom.map_or(Sql::Null, Sql::Text)));
        }
        let mut changed = Fields::new();
        for field in &entity.fields {
            let value = fields.value(&field.key);
            if current.fields.value(&field.key) == value {
                continue;
            }
            changed.set(field.key.clone(), value.clone());
            if !field.custom {
                sets.push((field.key.to_string(), to_sql(value)));
                let mut contents = Vec::new();
                push_derived(field, value, &mut contents);
                sets.extend(derived_columns(field).zip(contents));
            }
        }
        self.rewrite(entity, current, current.row, sets, &changed)
    }

    /// Versions of the fields that live ops of this laptop change: overrides of the record's own. None where it has no
    /// live ops.
    fn live_versions(&self, id: Uuid) -> Result<Option<BTreeMap<String, FieldVersion>>> {
        let mut live = self
            .connection
            .prepare_cached(include_str!("../sql/live_versions.sql"))?;
        let mut rows = live.query([id])?;
        let mut versions: Option<BTreeMap<_, _>> = None;
        while let Some(row) = rows.next()? {
            let version = (0, row.get("hlc")?, row.get("author")?);
            let patch: BTreeMap<String, IgnoredAny> = json(row, "patch")?;
            let changed = patch.into_keys().map(|key| (key, version));
            versions.get_or_insert_default().extend(changed);
        }
        Ok(versions)
    }

    /// Says whether there was one.
    fn drop_base(&self, id: Uuid) -> Result<bool> {
        let mut drop = self
            .connection
            .prepare_cached("delete from base where id = ?1")?;
        Ok(drop.execute([id])? > 0)
    }

    /// Keeps a record that this version does not know, for a later one.
    fn park(&self, row: &ServerRow, seal: Option<Seal>) -> Result<()> {
        let Some(seal) = seal else {
            return Ok(());
        };
        let json = serde_json::to_string(row).expect("rows are plain data");
        let mut park = self
            .connection
            .prepare_cached(include_str!("../sql/park.sql"))?;
        park.execute((row.id, &row.entity, row.rev, seal, json))?;
        Ok(())
    }

    /// Takes a record off the lists whose making was refused, while later edits of it wait for their own answers.
    fn hide(&mut self, entity: &EntityDef, id: Uuid) -> Result<()> {
        if shipped_record(id).is_some() {
            return Ok(());
        }
        let stub = self.take_off(entity, id)?;
        self.keep_stubs(&[stub])
    }

    /// Removes a row; what it was called is for whoever looks at an answer later.
    fn take_off(&mut self, entity: &EntityDef, id: Uuid) -> Result<Stub> {
        let current = self.existing(entity, id)?;
        let stub = Stub {
            id,
            entity: entity.key.to_string(),
            name: current.title(entity).to_owned(),
        };
        self.remove_row(entity, &current)?;
        self.note(Change {
            entity: entity.key.clone(),
            id,
            old_row: Some(current.row),
            row: current.row,
            settled: false,
        })?;
        Ok(stub)
    }

    /// Leaves nothing of a record but what waits for a person's eyes.
    fn purge(&mut self, id: Uuid) -> Result<()> {
        let catalog = Arc::clone(&self.catalog);
        let name = match entity_of(self.connection, &catalog, id)? {
            Some(entity) => Some(self.take_off(entity, id)?),
            None => self.reader().stub(id)?,
        };
        let name = match self.is_looked_at(id)? {
            true => name,
            false => None,
        };
        for sql in [
            include_str!("../sql/purge_log.sql"),
            "delete from base where id = ?1",
            "delete from held where id = ?1",
            "delete from parked where id = ?1",
            "delete from stub where id = ?1",
            "delete from reminder_fired where reminder = ?1",
        ] {
            self.connection.prepare_cached(sql)?.execute([id])?;
        }
        self.known.remove(&id);
        self.keep_stubs(name.as_slice())?;
        // What ships with Ketu is on every laptop, whatever became of an edit of it.
        if let Some(shipped) = shipped_record(id) {
            self.create(shipped.entity, Some(id), shipped.fields.clone())?;
        }
        Ok(())
    }

    /// Whether any op of the record has no answer.
    fn waits(&self, id: Uuid) -> Result<bool> {
        let sql = "select 1 from log where record = ?1 and state in ('pending', 'sent')";
        Ok(self.connection.prepare_cached(sql)?.exists([id])?)
    }

    fn is_looked_at(&self, id: Uuid) -> Result<bool> {
        let sql = "select 1 from log where record = ?1 and attention is not null";
        Ok(self.connection.prepare_cached(sql)?.exists([id])?)
    }

    /// The revision stays readable below 0, because the row and its sum are of it.
    fn doubt(&self, id: Uuid) -> Result<()> {
        let table = match entity_of(self.connection, &self.catalog, id)? {
            Some(entity) => entity.key.to_string(),
            None => "parked".to_owned(),
        };
        let sql = format!("update {table} set rev = -abs(rev) where id = ?1");
        self.connection.prepare_cached(&sql)?.execute([id])?;
        Ok(())
    }

    fn keep_stubs(&self, stubs: &[Stub]) -> Result<()> {
        let mut keep = self
            .connection
            .prepare_cached(include_str!("../sql/keep_stub.sql"))?;
        for stub in stubs {
            keep.execute((stub.id, &stub.entity, &stub.name))?;
        }
        Ok(())
    }
}

/// What a row says beside its fields.
fn head(row: &ServerRow, told: Option<(i64, Seal)>, versions: Option<String>) -> Head {
    Head {
        root: row.root,
        told,
        hlc: Hlc::from_millis(row.updated_at),
        author: row.updated_by,
        versions,
        deleted_at: row.deleted,
        created_at: row.created_at,
        created_by: row.created_by,
        updated_at: row.updated_at,
        updated_by: row.updated_by,
    }
}
