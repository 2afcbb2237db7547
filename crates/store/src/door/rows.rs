//! Rows of the records' tables: generated insert and update statements, derived columns, field
//! versions, row numbers and the full-text index.

use std::collections::{BTreeMap, HashMap};

use ketu_model::clock::Hlc;
use ketu_model::field::FieldKey;
use ketu_model::{EntityDef, Fields};
use rusqlite::types::Value as Sql;
use rusqlite::{CachedStatement, ToSql, params};
use uuid::Uuid;

use super::prepared::row_instant;
use super::{Door, Mode, Prepared};
use crate::columns::{Bound, derived_columns, push_derived, write_custom};
use crate::error::Result;
use crate::read::StoredRecord;
use crate::schema::has_long_text;
use crate::search::text;
use crate::sync::Seal;

/// A field's version: the server revision that last set it, when, and who.
pub(crate) type FieldVersion = (i64, i64, Option<Uuid>);

/// Insert statements by entity, made once for each transaction.
#[derive(Default)]
pub(super) struct Plans<'c>(HashMap<FieldKey, InsertPlan<'c>>);

struct InsertPlan<'c> {
    statement: CachedStatement<'c>,
    fields: Vec<FieldKey>,
}

/// Counter bits below the milliseconds of a time-ordered row number.
const COUNTER_BITS: u32 = 20;

/// What a row says beside its fields.
pub(super) struct Head {
    pub root: Uuid,
    /// The server's revision and seal; those that are there stay where it told nothing.
    pub told: Option<(i64, Seal)>,
    pub hlc: Hlc,
    pub author: Option<Uuid>,
    pub versions: Option<String>,
    pub deleted_at: Option<i64>,
    pub created_at: i64,
    pub created_by: Option<Uuid>,
    pub updated_at: i64,
    pub updated_by: Option<Uuid>,
}

impl Head {
    /// Columns to be set in a row that is there.
    pub(super) fn sets(&self) -> Vec<(String, Sql)> {
        let instant = |at: Option<i64>| at.map_or(Sql::Null, Sql::Integer);
        let mut sets = vec![
            ("root_id", Sql::Blob(self.root.as_bytes().to_vec())),
            ("hlc", Sql::Integer(self.hlc.0)),
            ("author", author(self.author)),
            (
                "versions",
                self.versions.clone().map_or(Sql::Null, Sql::Text),
            ),
            ("deleted_at", instant(self.deleted_at)),
            ("created_at", Sql::Integer(self.created_at)),
            ("created_by", author(self.created_by)),
            ("updated_at", Sql::Integer(self.updated_at)),
            ("updated_by", author(self.updated_by)),
        ];
        if let Some((rev, seal)) = self.told {
            sets.push(("rev", Sql::Integer(rev)));
            sets.push(("sum", Sql::Blob(seal.to_blob())));
        }
        sets.into_iter()
            .map(|(column, value)| (column.to_owned(), value))
            .collect()
    }
}

impl<'c> Door<'c> {
    /// Of a record that is made here and now.
    pub(super) fn new_head(&self, root: Uuid, stamp: Hlc) -> Head {
        let author = self.write.author;
        Head {
            root,
            told: None,
            hlc: stamp,
            author,
            versions: None,
            deleted_at: None,
            created_at: self.now,
            created_by: author,
            updated_at: self.now,
            updated_by: author,
        }
    }

    pub(super) fn insert_row(
        &mut self,
        entity: &EntityDef,
        id: Uuid,
        row: &Head,
        record: &Prepared,
    ) -> Result<i64> {
        let rid = match row_instant(entity, &record.fields) {
            Some(instant) => Some(self.free_row(entity, instant)?),
            None => None,
        };
        let mut plan = match self.plans.0.remove(&entity.key) {
            Some(plan) => plan,
            None => self.plan(entity)?,
        };
        let (rev, seal) = row.told.unzip();
        let rev = rev.unwrap_or(0);
        let head: [&dyn ToSql; 14] = [
            &rid,
            &id,
            &row.root,
            &row.hlc.0,
            &row.author,
            &row.created_at,
            &row.created_by,
            &row.updated_at,
            &row.updated_by,
            &record.custom,
            &rev,
            &seal,
            &row.versions,
            &row.deleted_at,
        ];
        let statement = &mut plan.statement;
        // With nothing bound every parameter is null.
        statement.clear_bindings();
        let mut at = 0;
        for value in head {
            at += 1;
            statement.raw_bind_parameter(at, value)?;
        }
        for key in &plan.fields {
            at += 1;
            let value = record.fields.value(key);
            if !value.is_null() {
                statement.raw_bind_parameter(at, Bound(value))?;
            }
        }
        for value in &record.derived {
            at += 1;
            if *value != Sql::Null {
                statement.raw_bind_parameter(at, value)?;
            }
        }
        statement.raw_execute()?;
        self.plans.0.insert(entity.key.clone(), plan);
        let row = self.connection.last_insert_rowid();
        self.index_text(entity, None, row, &record.fields)?;
        Ok(row)
    }

    fn plan(&self, entity: &EntityDef) -> Result<InsertPlan<'c>> {
        let fields: Vec<FieldKey> = entity
            .core_fields()
            .map(|field| field.key.clone())
            .collect();
        let head = [
            "rid",
            "id",
            "root_id",
            "hlc",
            "author",
            "created_at",
            "created_by",
            "updated_at",
            "updated_by",
            "custom",
            "rev",
            "sum",
            "versions",
            "deleted_at",
        ];
        let columns: Vec<String> = head
            .into_iter()
            .map(str::to_owned)
            .chain(fields.iter().map(FieldKey::to_string))
            .chain(entity.core_fields().flat_map(derived_columns))
            .collect();
        let marks: Vec<String> = (1..=columns.len()).map(|n| format!("?{n}")).collect();
        // A row fails before anything of it is written, so nothing needs a journal to be taken back.
        let sql = format!(
            "insert or fail into {} ({}) values ({})",
            entity.key,
            columns.join(", "),
            marks.join(", ")
        );
        let statement = self.connection.prepare_cached(&sql)?;
        Ok(InsertPlan { statement, fields })
    }

    /// Writes changed fields, their versions and what is derived from them; returns the row number.
    pub(super) fn update_row(
        &mut self,
        entity: &EntityDef,
        current: &StoredRecord,
        row: i64,
        root: Uuid,
        stamp: Hlc,
        changed: &Fields,
    ) -> Result<i64> {
        let mut sets: Vec<(String, Sql)> = vec![
            ("root_id".to_owned(), Sql::Blob(root.as_bytes().to_vec())),
            ("updated_at".to_owned(), Sql::Integer(self.now)),
            ("updated_by".to_owned(), author(self.write.author)),
        ];
        let mut custom = Vec::new();
        for (key, value) in changed.iter() {
            let field = entity.field(key).expect("normalised fields are known");
            if field.custom {
                custom.push((field, value));
            } else {
                sets.push((field.key.to_string(), crate::columns::to_sql(value)));
                let mut contents = Vec::new();
                push_derived(field, value, &mut contents);
                sets.extend(derived_columns(field).zip(contents));
            }
        }
        let (old_custom, old_versions) = self.side_columns(entity, current.id)?;
        if !custom.is_empty() {
            let json = write_custom(old_custom.as_deref(), &custom);
            sets.push(("custom".to_owned(), json.map_or(Sql::Null, Sql::Text)));
        }
        if self.write.mode == Mode::Local {
            let keys = changed.iter().map(|(key, _)| key.as_ref());
            let versions = overridden(
                old_versions.as_deref(),
                keys,
                (0, stamp.0, self.write.author),
            );
            sets.push(("versions".to_owned(), Sql::Text(versions)));
        }
        self.rewrite(entity, current, row, sets, changed)
    }

    /// Sets columns of a row, moves it where its place in time did, and keeps the full-text index; returns the row
    /// number. `changed` are the fields among the columns.
    pub(super) fn rewrite(
        &self,
        entity: &EntityDef,
        current: &StoredRecord,
        row: i64,
        mut sets: Vec<(String, Sql)>,
        changed: &Fields,
    ) -> Result<i64> {
        let new_row = match row_instant(entity, changed) {
            Some(instant) if instant != row >> COUNTER_BITS => self.free_row(entity, instant)?,
            _ => row,
        };
        if new_row != row {
            sets.push(("rid".to_owned(), Sql::Integer(new_row)));
        }
        self.set(entity, current.id, sets)?;

        let touches_text = changed.iter().any(|(key, _)| {
            entity
                .field(key)
                .is_some_and(|f| f.search == ketu_model::field::SearchClass::Text)
        });
        if has_long_text(entity) && (touches_text || new_row != row) {
            let mut after = current.fields.clone();
            for (key, value) in changed.iter() {
                after.set(key.clone(), value.clone());
            }
            self.index_text(entity, Some(row), new_row, &after)?;
        }
        Ok(new_row)
    }

    /// Takes a record's row away, and its text out of the index.
    pub(super) fn remove_row(&self, entity: &EntityDef, current: &StoredRecord) -> Result<()> {
        if has_long_text(entity) {
            let sql = format!("delete from {}_text where rowid = ?1", entity.key);
            self.connection
                .prepare_cached(&sql)?
                .execute([current.row])?;
        }
        let sql = format!("delete from {} where id = ?1", entity.key);
        self.connection
            .prepare_cached(&sql)?
            .execute([current.id])?;
        Ok(())
    }

    pub(super) fn stamp_deleted(
        &mut self,
        entity: &EntityDef,
        current: &StoredRecord,
        stamp: Hlc,
        at: Option<i64>,
    ) -> Result<()> {
        let (_, versions) = self.side_columns(entity, current.id)?;
        let version = (0, stamp.0, self.write.author);
        let versions = overridden(
            versions.as_deref(),
            std::iter::once(super::log::DELETED),
            version,
        );
        let sets = vec![
            ("deleted_at".to_owned(), at.map_or(Sql::Null, Sql::Integer)),
            ("updated_at".to_owned(), Sql::Integer(self.now)),
            ("updated_by".to_owned(), author(self.write.author)),
            ("versions".to_owned(), Sql::Text(versions)),
        ];
        self.set(entity, current.id, sets)
    }

    /// `update entity set …` for one record; column names come from the catalog alone.
    pub(super) fn set(&self, entity: &EntityDef, id: Uuid, sets: Vec<(String, Sql)>) -> Result<()> {
        let assignments: Vec<String> = sets
            .iter()
            .enumerate()
            .map(|(n, (column, _))| format!("{column} = ?{}", n + 2))
            .collect();
        // As in `plan`.
        let sql = format!(
            "update or fail {} set {} where id = ?1",
            entity.key,
            assignments.join(", ")
        );
        let id = Sql::Blob(id.as_bytes().to_vec());
        let values = std::iter::once(id).chain(sets.into_iter().map(|(_, value)| value));
        self.connection
            .prepare_cached(&sql)?
            .execute(rusqlite::params_from_iter(values))?;
        Ok(())
    }

    pub(super) fn side_columns(
        &self,
        entity: &EntityDef,
        id: Uuid,
    ) -> Result<(Option<String>, Option<String>)> {
        let sql = format!("select custom, versions from {} where id = ?1", entity.key);
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([id], |row| Ok((row.get("custom")?, row.get("versions")?)))?)
    }

    /// The first free row number of an instant.
    fn free_row(&self, entity: &EntityDef, instant: i64) -> Result<i64> {
        let first = instant << COUNTER_BITS;
        let sql = format!(
            "select max(rid) as last from {} where rid between ?1 and ?2",
            entity.key
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let end = first | ((1 << COUNTER_BITS) - 1);
        let last: Option<i64> = statement.query_row([first, end], |row| row.get("last"))?;
        Ok(last.map_or(first, |last| last + 1))
    }

    pub(super) fn index_text(
        &self,
        entity: &EntityDef,
        old_row: Option<i64>,
        row: i64,
        fields: &Fields,
    ) -> Result<()> {
        if !has_long_text(entity) {
            return Ok(());
        }
        if let Some(old_row) = old_row {
            let sql = format!("delete from {}_text where rowid = ?1", entity.key);
            self.connection.prepare_cached(&sql)?.execute([old_row])?;
        }
        let body = text::tokens(&text::body(entity, fields));
        let sql = format!(
            "insert into {}_text (rowid, body) values (?1, ?2)",
            entity.key
        );
        self.connection
            .prepare_cached(&sql)?
            .execute(params![row, body])?;
        Ok(())
    }
}

fn author(author: Option<Uuid>) -> Sql {
    author.map_or(Sql::Null, |id| Sql::Blob(id.as_bytes().to_vec()))
}

/// The version column after these fields were set: overrides of the record's own version.
fn overridden<'a>(
    old: Option<&str>,
    keys: impl Iterator<Item = &'a str>,
    version: FieldVersion,
) -> String {
    let mut versions: BTreeMap<String, FieldVersion> = old
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default();
    for key in keys {
        versions.insert(key.to_owned(), version);
    }
    serde_json::to_string(&versions).expect("versions are plain data")
}
