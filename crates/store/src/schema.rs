//! Tables from the catalog: the one home of generated SQL that makes or changes them.
//! Names come from the catalog only. Changes are additive; nothing is dropped or retyped.

use ketu_model::catalog::shipped::shipped_records;
use ketu_model::entity::{Root, RowOrder};
use ketu_model::field::{FieldDef, FieldType, SearchClass};
use ketu_model::{Catalog, EntityDef};
use rusqlite::Connection;

use crate::error::Result;
use crate::file::APPLICATION_ID;

/// Columns that every record has, before its fields and the JSON column of custom ones.
pub(crate) const RECORD_COLUMNS: &[(&str, &str)] = &[
    ("rid", "integer primary key"),
    ("id", "blob not null unique"),
    ("root_id", "blob not null"),
    // The revision that the server confirmed: 0 before the first, below it where the server forgot it.
    ("rev", "integer not null default 0"),
    ("hlc", "integer not null"),
    ("author", "blob"),
    ("versions", "text"),
    ("deleted_at", "integer"),
    ("created_at", "integer not null"),
    ("created_by", "blob"),
    ("updated_at", "integer not null"),
    ("updated_by", "blob"),
    // Of the server's row, 16 bytes; absent where the server never sent one (docs/sync-protocol.md §6.1).
    ("sum", "blob"),
];

/// Tables of synchronisation, which only the door writes.
const SYNC_TABLES: &[&str] = &[
    "sync_state",
    "scope",
    "held",
    "base",
    "parked",
    "stub",
    "scope_sum",
    "lease",
];

/// Makes a new file's tables, or adds to an older file's what the catalog has more; the file is of
/// `version` then.
pub(crate) fn reconcile(connection: &Connection, catalog: &Catalog, version: i64) -> Result<()> {
    connection.execute_batch(include_str!("sql/ledger.sql"))?;
    for table in SYNC_TABLES {
        connection.execute_batch(&guards(table))?;
    }
    for entity in &catalog.entities {
        table(connection, entity)?;
    }
    for (pragma, value) in [
        ("application_id", APPLICATION_ID),
        ("user_version", version),
    ] {
        // Setting one writes the file's first page, also where nothing changes.
        let present: i64 = connection.pragma_query_value(None, pragma, |row| row.get(0))?;
        if present != value {
            connection.pragma_update(None, pragma, value)?;
        }
    }
    Ok(())
}

/// How many records ship with Ketu; an older file gets those it misses.
pub(crate) fn shipped_version() -> i64 {
    i64::try_from(shipped_records().len()).unwrap_or(i64::MAX)
}

fn table(connection: &Connection, entity: &EntityDef) -> Result<()> {
    let name = &entity.key;
    let mut columns: Vec<(String, &str)> = RECORD_COLUMNS
        .iter()
        .map(|(column, kind)| ((*column).to_owned(), *kind))
        .collect();
    for field in entity.core_fields() {
        columns.extend(field_columns(field));
    }
    columns.push(("custom".to_owned(), "text"));

    let present = present_columns(connection, name)?;
    let mut sql = String::new();
    if present.is_empty() {
        let columns: Vec<String> = columns
            .iter()
            .map(|(c, kind)| format!("  {c} {kind}"))
            .collect();
        sql.push_str(&format!(
            "create table {name} (\n{}\n) strict;\n",
            columns.join(",\n")
        ));
    } else {
        for (column, kind) in columns.iter().filter(|(c, _)| !present.contains(c)) {
            sql.push_str(&format!("alter table {name} add column {column} {kind};\n"));
        }
    }
    for (column, sparse) in index_columns(entity) {
        let part = if sparse {
            format!(" where {column} is not null")
        } else {
            String::new()
        };
        sql.push_str(&format!(
            "create index if not exists {name}_{column} on {name} ({column}){part};\n"
        ));
    }
    sql.push_str(&guards(name));
    if has_long_text(entity) {
        sql.push_str(&format!(
            "create virtual table if not exists {name}_text using fts5(\
             body, content='', contentless_delete=1, tokenize='ascii');\n"
        ));
    }
    connection.execute_batch(&sql)?;
    Ok(())
}

/// Triggers that refuse what does not come through the door.
fn guards(table: &str) -> String {
    let guard = |action: &str| {
        format!(
            "create trigger if not exists {table}_guard_{action} before {action} on {table} \
             when not (select open from door) begin select raise(fail, 'not written through the door'); end;\n"
        )
    };
    ["insert", "update", "delete"].map(guard).concat()
}

/// Whether the entity has text for the full-text index `<entity>_text`.
pub(crate) fn has_long_text(entity: &EntityDef) -> bool {
    entity
        .fields
        .iter()
        .any(|field| field.search == SearchClass::Text)
}

fn present_columns(connection: &Connection, table: &str) -> Result<Vec<String>> {
    let mut statement = connection.prepare("select name from pragma_table_info(?1)")?;
    let names = statement.query_map([table], |row| row.get("name"))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The columns that a core field stands in, its derived ones included.
fn field_columns(field: &FieldDef) -> Vec<(String, &'static str)> {
    let key = field.key.to_string();
    let kind = match field.kind {
        FieldType::Number | FieldType::Percent => "real",
        FieldType::Money | FieldType::Instant | FieldType::Boolean => "integer",
        FieldType::Choice { .. } | FieldType::Reference { .. } => "blob",
        _ => "text",
    };
    let mut columns = vec![(key.clone(), kind)];
    if field.kind == FieldType::Money {
        columns.push((format!("{key}_currency"), "text"));
    }
    columns.extend(field.key_column().map(|column| (column, "text")));
    columns.extend(field.sort_column().map(|column| (column, "text")));
    columns
}

/// Indexed columns, and whether their index leaves out empty values: those that are only looked up
/// by a value do, those that lists sort by do not, because an order needs every row.
fn index_columns(entity: &EntityDef) -> Vec<(String, bool)> {
    let mut columns = vec![("deleted_at".to_owned(), true)];
    if entity.root != Root::Own {
        columns.push(("root_id".to_owned(), false));
    }
    let by = match &entity.row_order {
        RowOrder::By(key) => Some(key),
        RowOrder::Inserted => None,
    };
    for field in entity.core_fields() {
        // The root's own column repeats root_id, and the row order is an index already.
        let root = matches!(&entity.root, Root::Of(key) if *key == field.key);
        if field.indexed && !root && by != Some(&field.key) {
            let looked_up = field.unique
                || matches!(
                    field.kind,
                    FieldType::Reference { .. } | FieldType::Choice { .. }
                );
            columns.push((field.key.to_string(), looked_up));
        }
        columns.extend(field.key_column().map(|column| (column, true)));
        columns.extend(field.sort_column().map(|column| (column, false)));
    }
    columns
}
