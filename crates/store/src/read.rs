//! Reading records: one by id, rows of a view, counts and sums, the log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ketu_model::catalog::custom_field;
use ketu_model::field::FieldType;
use ketu_model::{Catalog, EntityDef, Fields, Value};
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use crate::columns;
use crate::door::known_entity;
use crate::error::{Result, StoreError};
use crate::select::Select;

/// A record as it stands in the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoredRecord {
    /// Local row number; never leaves the laptop.
    pub row: i64,
    pub id: Uuid,
    pub root: Uuid,
    /// The revision that the server confirmed; 0 before.
    pub rev: i64,
    /// Whether the server ever sent it.
    pub confirmed: bool,
    pub deleted_at: Option<i64>,
    pub created_at: i64,
    pub created_by: Option<Uuid>,
    pub updated_at: i64,
    pub updated_by: Option<Uuid>,
    pub fields: Fields,
}

impl StoredRecord {
    /// What people call it.
    pub fn title(&self, entity: &EntityDef) -> &str {
        self.fields.text(&entity.title).unwrap_or_default()
    }
}

/// Reads over one connection.
#[derive(Debug)]
pub struct Reader<'c> {
    pub(crate) connection: &'c Connection,
    pub(crate) catalog: Arc<Catalog>,
}

impl<'c> Reader<'c> {
    pub(crate) fn new(connection: &'c Connection, catalog: Arc<Catalog>) -> Self {
        Self {
            connection,
            catalog,
        }
    }

    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The shipped catalog with the users' own fields as they stand now.
    pub(crate) fn present_catalog(&self) -> Result<Arc<Catalog>> {
        let mut fields = Vec::new();
        for record in self.list(&Select::all("field_definition").sort("position", false))? {
            let archived = record.fields.value("archived") == &Value::Bool(true);
            fields.extend(custom_field(record.id, &record.fields).filter(|_| !archived));
        }
        Ok(Catalog::with_custom(fields))
    }

    pub fn get(&self, entity: &str, id: Uuid) -> Result<Option<StoredRecord>> {
        let entity = known_entity(&self.catalog, entity)?;
        let sql = format!(
            "select {} from {} where id = ?1",
            columns_of(entity),
            entity.key
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let record = statement
            .query_row([id], |row| Ok(record(entity, row)))
            .optional()?;
        record.transpose()
    }

    /// Records by row number, in the order given; rows that are gone are left out.
    pub fn rows(&self, entity: &str, rows: &[i64]) -> Result<Vec<StoredRecord>> {
        let entity = known_entity(&self.catalog, entity)?;
        let sql = format!(
            "select {} from {} where rid = ?1",
            columns_of(entity),
            entity.key
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut records = Vec::with_capacity(rows.len());
        for rid in rows {
            let found = statement
                .query_row([rid], |row| Ok(record(entity, row)))
                .optional()?;
            records.extend(found.transpose()?);
        }
        Ok(records)
    }

    /// Records that a selection names, in its order.
    pub fn list(&self, select: &Select) -> Result<Vec<StoredRecord>> {
        let mut records = Vec::new();
        self.each(select, |record| {
            records.push(record);
            Ok(())
        })?;
        Ok(records)
    }

    /// The same one by one, for what is too long to hold.
    pub fn each(
        &self,
        select: &Select,
        mut take: impl FnMut(StoredRecord) -> Result<()>,
    ) -> Result<()> {
        let entity = known_entity(&self.catalog, &select.entity)?;
        let query = self.compile(select)?;
        let sql = format!(
            "select {} from {} {} {}",
            columns_of(entity),
            entity.key,
            query.condition,
            query.order
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(rusqlite::params_from_iter(query.values))?;
        while let Some(row) = rows.next()? {
            take(record(entity, row)?)?;
        }
        Ok(())
    }

    /// Row numbers of a whole selection, in its order.
    pub fn row_numbers(&self, select: &Select) -> Result<Vec<i64>> {
        let entity = known_entity(&self.catalog, &select.entity)?;
        let query = self.compile(select)?;
        let sql = format!(
            "select rid from {} {} {}",
            entity.key, query.condition, query.order
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows =
            statement.query_map(rusqlite::params_from_iter(query.values), |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Ids of rows, in the order given; rows that are gone are left out.
    pub fn ids(&self, entity: &str, rows: &[i64]) -> Result<Vec<Uuid>> {
        let entity = known_entity(&self.catalog, entity)?;
        let sql = format!("select id from {} where rid = ?1", entity.key);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut ids = Vec::with_capacity(rows.len());
        for rid in rows {
            ids.extend(
                statement
                    .query_row([rid], |row| row.get::<_, Uuid>("id"))
                    .optional()?,
            );
        }
        Ok(ids)
    }

    pub fn count(&self, select: &Select) -> Result<u32> {
        let entity = known_entity(&self.catalog, &select.entity)?;
        let query = self.compile(select)?;
        let sql = format!(
            "select count(*) as n from {} {}",
            entity.key, query.condition
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row(rusqlite::params_from_iter(query.values), |row| row.get("n"))?)
    }

    /// Sums of number and money fields over a selection: by currency for money, under "" else.
    pub fn sums(
        &self,
        select: &Select,
        fields: &[String],
    ) -> Result<BTreeMap<String, BTreeMap<String, f64>>> {
        let entity = known_entity(&self.catalog, &select.entity)?;
        let query = self.compile(select)?;
        let mut sums = BTreeMap::new();
        for key in fields {
            let field = entity.field(key).ok_or_else(|| StoreError::UnknownField {
                entity: entity.key.to_string(),
                field: key.clone(),
            })?;
            let by = match &field.kind {
                FieldType::Money => format!(
                    "coalesce({}, '')",
                    crate::select::currency_expression(field)
                ),
                _ => "''".to_owned(),
            };
            let value = crate::select::expression(field);
            let condition = &query.condition;
            let sql = format!(
                "select {by} as currency, total({value}) as sum, count({value}) as n from {} {condition} group by 1",
                entity.key
            );
            let mut statement = self.connection.prepare_cached(&sql)?;
            let rows =
                statement.query_map(rusqlite::params_from_iter(query.values.iter()), |row| {
                    Ok((
                        row.get::<_, String>("currency")?,
                        row.get::<_, f64>("sum")?,
                        row.get::<_, i64>("n")?,
                    ))
                })?;
            let mut of_field = BTreeMap::new();
            for row in rows {
                let (currency, sum, n) = row?;
                if n > 0 {
                    of_field.insert(currency, sum);
                }
            }
            sums.insert(key.clone(), of_field);
        }
        Ok(sums)
    }

    /// Names of records, for what refers to them; unknown ids are left out. Of a record outside this laptop's scopes its
    /// stub tells it.
    pub fn titles(
        &self,
        entity: &str,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Result<BTreeMap<Uuid, String>> {
        let entity = known_entity(&self.catalog, entity)?;
        let sql = format!(
            "select {} as title from {} where id = ?1",
            entity.title, entity.key
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut titles = BTreeMap::new();
        for id in ids {
            let title = statement
                .query_row([id], |row| row.get::<_, Option<String>>("title"))
                .optional()?;
            let title = match title {
                Some(title) => title,
                None => self.stub(id)?.map(|stub| stub.name),
            };
            if let Some(title) = title {
                titles.insert(id, title);
            }
        }
        Ok(titles)
    }

    /// Names of everything that these records refer to, options left out (the window holds those).
    pub fn titles_of(
        &self,
        entity: &str,
        records: &[StoredRecord],
    ) -> Result<BTreeMap<Uuid, String>> {
        let definition = known_entity(&self.catalog, entity)?;
        let mut titles = BTreeMap::new();
        for field in &definition.fields {
            let Some(target) = field.target().filter(|target| *target != "option") else {
                continue;
            };
            let mut ids = BTreeSet::new();
            for record in records {
                match record.fields.get(&field.key) {
                    Some(Value::Id(id)) => {
                        ids.insert(*id);
                    }
                    Some(Value::Ids(many)) => ids.extend(many.iter().copied()),
                    _ => {}
                }
            }
            titles.append(&mut self.titles(target, ids)?);
        }
        Ok(titles)
    }

    /// Living records by a derived or unique column, which the catalog names.
    pub fn by_key(
        &self,
        entity: &str,
        column: &str,
        key: &str,
        limit: usize,
    ) -> Result<Vec<StoredRecord>> {
        let entity = known_entity(&self.catalog, entity)?;
        let named = entity.core_fields().any(|field| {
            (field.unique && field.key == column) || field.key_column().as_deref() == Some(column)
        });
        if !named {
            return Err(StoreError::UnknownField {
                entity: entity.key.to_string(),
                field: column.to_owned(),
            });
        }
        let sql = format!(
            "select {} from {} where {column} = ?1 and deleted_at is null limit {limit}",
            columns_of(entity),
            entity.key
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([key])?;
        let mut records = Vec::new();
        while let Some(row) = rows.next()? {
            records.push(record(entity, row)?);
        }
        Ok(records)
    }

    /// Whether a reminder was shown for this due time.
    pub fn was_fired(&self, reminder: Uuid, due_at: i64) -> Result<bool> {
        let sql = "select 1 from reminder_fired where reminder = ?1 and due_at = ?2";
        Ok(self
            .connection
            .prepare_cached(sql)?
            .exists((reminder, due_at))?)
    }

    /// A value of the `meta` table.
    pub fn meta(&self, key: &str) -> Result<Option<String>> {
        let mut statement = self
            .connection
            .prepare_cached("select value from meta where key = ?1")?;
        Ok(statement
            .query_row([key], |row| row.get("value"))
            .optional()?)
    }

    /// A value of the `setting` table.
    pub fn setting(&self, key: &str) -> Result<Option<String>> {
        let mut statement = self
            .connection
            .prepare_cached("select value from setting where key = ?1")?;
        Ok(statement
            .query_row([key], |row| row.get("value"))
            .optional()?)
    }
}

/// System columns in the order that `record` reads them, then the fields'.
pub(crate) fn columns_of(entity: &EntityDef) -> String {
    let mut columns =
        "rid, id, root_id, rev, deleted_at, created_at, created_by, updated_at, updated_by, custom, \
         sum is not null"
            .to_owned();
    for column in entity.core_fields().flat_map(columns::selected) {
        columns.push_str(", ");
        columns.push_str(&column);
    }
    columns
}

pub(crate) fn record(entity: &EntityDef, row: &Row<'_>) -> Result<StoredRecord> {
    let mut fields = Fields::with_capacity(entity.fields.len());
    let mut at = 11;
    for field in entity.core_fields() {
        let value = columns::read(entity, field, row, at)?;
        if !value.is_null() {
            fields.set(field.key.clone(), value);
        }
        at += columns::selected(field).len();
    }
    let custom: Option<String> = row.get(9)?;
    for (key, value) in columns::read_custom(entity, custom.as_deref())? {
        fields.set(key, value);
    }
    Ok(StoredRecord {
        row: row.get(0)?,
        id: row.get(1)?,
        root: row.get(2)?,
        // Below 0 where a restored server forgot it; it is what people see all the same.
        rev: row.get::<_, i64>(3)?.abs(),
        confirmed: row.get(10)?,
        deleted_at: row.get(4)?,
        created_at: row.get(5)?,
        created_by: row.get(6)?,
        updated_at: row.get(7)?,
        updated_by: row.get(8)?,
        fields,
    })
}
