//! Some fields of many records, without making whole records of them: for keys, sums and exports
//! that go through a hundred thousand rows.

use ketu_model::Value;
use uuid::Uuid;

use crate::columns;
use crate::door::known_entity;
use crate::error::{Result, StoreError};
use crate::read::Reader;
use crate::select::Select;

/// The wanted part of one record. The values last until the next one is read.
#[derive(Debug)]
pub struct PartOfRecord<'r> {
    pub id: Uuid,
    pub root: Uuid,
    /// In the order of the wanted fields.
    pub values: &'r [Value],
}

impl Reader<'_> {
    /// Hands over these core fields of every record that a selection names, in its order.
    pub fn each_of(
        &self,
        select: &Select,
        fields: &[&str],
        mut take: impl FnMut(PartOfRecord<'_>) -> Result<()>,
    ) -> Result<()> {
        let entity = known_entity(&self.catalog, &select.entity)?;
        let mut wanted = Vec::with_capacity(fields.len());
        let mut columns = vec!["id".to_owned(), "root_id".to_owned()];
        for key in fields {
            let field = entity.field(key).filter(|field| !field.custom);
            let field = field.ok_or_else(|| StoreError::UnknownField {
                entity: entity.key.to_string(),
                field: (*key).to_owned(),
            })?;
            wanted.push((field, columns.len()));
            columns.extend(columns::selected(field));
        }
        let query = self.compile(select)?;
        let sql = format!(
            "select {} from {} {}",
            columns.join(", "),
            entity.key,
            query.condition
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(rusqlite::params_from_iter(query.values))?;
        let mut values = Vec::with_capacity(wanted.len());
        while let Some(row) = rows.next()? {
            values.clear();
            for (field, at) in &wanted {
                values.push(columns::read(entity, field, row, *at)?);
            }
            take(PartOfRecord {
                id: row.get(0)?,
                root: row.get(1)?,
                values: &values,
            })?;
        }
        Ok(())
    }
}
