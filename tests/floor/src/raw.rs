//! The raw floor: cells as they come, into a table without types, keys or indexes, unencrypted.

use std::path::Path;

use anyhow::Result;
use calamine::Data;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};

use crate::cells::each_row;

pub fn run(file: &Path, database: &Path) -> Result<u64> {
    let mut connection = Connection::open(database)?;
    connection.execute_batch(
        "pragma journal_mode = wal;
         create table bare (a, b, c, d, e, f, g, h, i, j, k, l);",
    )?;
    let transaction = connection.transaction()?;
    let mut rows = 0;
    {
        let mut insert =
            transaction.prepare("insert into bare values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")?;
        each_row(file, |row| {
            insert.execute(params_from_iter(row.iter().map(Bare)))?;
            rows += 1;
            Ok(())
        })?;
    }
    transaction.commit()?;
    Ok(rows)
}

struct Bare<'a>(&'a Data);

impl ToSql for Bare<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Data::String(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Data::Float(number) => ToSqlOutput::Owned(Value::Real(*number)),
            Data::DateTime(moment) => ToSqlOutput::Owned(Value::Real(moment.as_f64())),
            _ => ToSqlOutput::Owned(Value::Null),
        })
    }
}
