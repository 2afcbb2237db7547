//! Two customers become one, and two again (docs/sync-protocol.md §4.6). One operation is sent; what it does to other records
//! is shown at once, by operations that it carries.

use std::sync::Arc;

use ketu_model::entity::Root;
use ketu_model::{EntityDef, Fields, Value};
use rusqlite::OptionalExtension;
use rusqlite::types::Value as Sql;
use uuid::Uuid;

use super::capture::hangs_below;
use super::{Change, Door, known_entity};
use crate::error::{Result, StoreError};
use crate::history::LogRow;
use crate::read::StoredRecord;

/// Where a merged record's redirect stands.
const MERGED_INTO: &str = "merged_into";

impl Door<'_> {
    /// What hangs below `other` moves below `record`; `other` goes to the recycle bin with a redirect.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where one of them is not there, removed, merged already or the same as the other.
    pub fn merge(&mut self, entity: &str, record: Uuid, other: Uuid) -> Result<()> {
        let catalog = Arc::clone(&self.catalog);
        let entity = known_entity(&catalog, entity)?;
        let kept = self.existing(entity, record)?;
        let gone = self.existing(entity, other)?;
        let can_merge = entity.root == Root::Own && entity.field(MERGED_INTO).is_some();
        let unfit = |one: &StoredRecord| one.deleted_at.is_some();
        if !can_merge || record == other || unfit(&kept) || unfit(&gone) {
            return Err(StoreError::NotFound {
                entity: entity.key.to_string(),
                id: other,
            });
        }
        self.log_joint(entity, &kept, "merge", other)?;
        self.carrier = Some(self.last_op);
        for child in catalog
            .entities
            .iter()
            .filter(|child| hangs_below(child, entity))
        {
            self.hang_below(child, other, record)?;
        }
        // The redirect before the removal: undo goes the other way.
        self.keep_base(entity, &gone)?;
        let redirect = Fields::new().with(MERGED_INTO, record);
        self.apply(entity, &gone, gone.row, "update", &redirect)?;
        self.set_deleted(&entity.key, other, Some(self.now))?;
        self.carrier = None;
        Ok(())
    }

    fn hang_below(&mut self, child: &EntityDef, from: Uuid, to: Uuid) -> Result<()> {
        let Root::Of(home) = &child.root else {
            return Ok(());
        };
        let sql = format!(
            "select id from {} where root_id = ?1 order by rid",
            child.key
        );
        let mut find = self.connection.prepare_cached(&sql)?;
        let ids = find.query_map([from], |row| row.get("id"))?;
        let ids: Vec<Uuid> = ids.collect::<Result<_, _>>()?;
        drop(find);
        self.move_along(child, &ids, &Fields::new().with(home.clone(), to))
    }

    /// Writes an operation on a record that itself changes no field of it.
    fn log_joint(
        &mut self,
        entity: &EntityDef,
        record: &StoredRecord,
        kind: &'static str,
        other: Uuid,
    ) -> Result<()> {
        self.keep_base(entity, record)?;
        let stamp = self.next_stamp();
        let author = self.write.author.map(|id| id.as_bytes().to_vec());
        self.set(
            entity,
            record.id,
            vec![
                ("updated_at".to_owned(), Sql::Integer(self.now)),
                ("updated_by".to_owned(), author.map_or(Sql::Null, Sql::Blob)),
            ],
        )?;
        self.log_other(entity, record, stamp, kind, other)?;
        self.note(Change {
            entity: entity.key.clone(),
            id: record.id,
            old_row: Some(record.row),
            row: record.row,
            settled: false,
        })
    }

    /// Undoes a merge by a split, and a split by a merge; what they carried follows one by one. Says no where the two do not
    /// stand as the operation left them.
    pub(super) fn take_joint_back(
        &mut self,
        entity: &EntityDef,
        record: &StoredRecord,
        operation: &LogRow,
    ) -> Result<bool> {
        let Some(other) = operation.other else {
            return Ok(false);
        };
        let (kind, names, gone, merged) = if operation.kind == "merge" {
            ("split", operation.op, other, Some(record.id))
        } else {
            let Some(gone) = self.merged_by(record.id, other)? else {
                return Ok(false);
            };
            ("merge", gone, gone, None)
        };
        let Some(gone) = self.get(&entity.key, gone)? else {
            return Ok(false);
        };
        let stands = gone.merged_into() == merged
            && gone.deleted_at.is_some() == merged.is_some()
            && record.deleted_at.is_none();
        if stands {
            self.log_joint(entity, record, kind, names)?;
        }
        Ok(stands)
    }

    /// The record that went with a merge into this one.
    fn merged_by(&self, record: Uuid, merge: Uuid) -> Result<Option<Uuid>> {
        let sql = "select other from log where record = ?1 and op_id = ?2 and kind = 'merge'";
        let mut find = self.connection.prepare_cached(sql)?;
        let other = find.query_row((record, merge), |row| row.get("other"));
        Ok(other.optional()?.flatten())
    }
}

impl StoredRecord {
    /// The record that this one was merged into.
    pub fn merged_into(&self) -> Option<Uuid> {
        match self.fields.value(MERGED_INTO) {
            Value::Id(id) => Some(*id),
            _ => None,
        }
    }
}
