//! The schema's steps: a numbered list of dated files that are never edited once released. Both engines run the
//! same files at start, one server at a time, and a schema from a newer version is refused untouched.

use super::statement::Dialect;
use super::{Database, DbError, Result, Tx};
use crate::params;

/// One step; its number is its place in the list, from 1.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub name: &'static str,
    pub sql: &'static str,
}

macro_rules! steps {
    ($($name:literal),* $(,)?) => {
        &[$(Step { name: $name, sql: include_str!(concat!("../../migrations/", $name, ".sql")) }),*]
    };
}

/// All steps so far. Add at the end; a file that was released stays as it is.
pub const STEPS: &[Step] = steps![
    "2026-11-23-accounts",
    "2026-11-24-records",
    "2026-11-24-blobs",
    "2026-11-25-shut-out",
    "2026-11-26-keys-of-records",
];

/// What a start found and did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The number of steps that had been taken before.
    pub from: i64,
    pub to: i64,
}

/// Brings the schema to the end of `steps`; `now` is in milliseconds since 1970.
///
/// # Errors
/// [`DbError::Newer`] when more steps were taken than `steps` has; nothing is written then.
pub async fn migrate(db: &Database, steps: &'static [Step], now: i64) -> Result<Migrated> {
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    let from = schema_version(db).await?;
    if from > known {
        return Err(DbError::Newer { found: from, known });
    }
    if from == known {
        return Ok(Migrated { from, to: known });
    }
    // Two servers that start at once may both make the first table; the one that loses looks again.
    for _ in 0..5 {
        match take_steps(db, steps, now).await {
            Err(error) if error.is_made_meanwhile() => {}
            Err(error) => return Err(error),
            Ok(from) => return Ok(Migrated { from, to: known }),
        }
    }
    take_steps(db, steps, now)
        .await
        .map(|from| Migrated { from, to: known })
}

/// How many steps have been taken; 0 where there is no schema yet.
///
/// # Errors
/// The database's own.
pub async fn schema_version(db: &Database) -> Result<i64> {
    db.read(|tx| Box::pin(version(tx))).await
}

async fn version(tx: &mut Tx) -> Result<i64> {
    let tables = match tx.dialect() {
        Dialect::Sqlite => include_str!("sql/has_schema_sqlite.sql"),
        Dialect::Postgres => include_str!("sql/has_schema_postgres.sql"),
    };
    if tx.query_one(tables, params! {}).await?.get::<i64>("n")? == 0 {
        return Ok(0);
    }
    tx.query_one(include_str!("sql/schema_version.sql"), params! {})
        .await?
        .get("n")
}

async fn take_steps(db: &Database, steps: &'static [Step], now: i64) -> Result<i64> {
    db.write(move |tx| {
        Box::pin(async move {
            tx.batch(include_str!("sql/make_ledger.sql")).await?;
            tx.execute(include_str!("sql/lock_schema.sql"), params! {})
                .await?;
            let from = version(tx).await?;
            for (n, step) in (1_i64..).zip(steps) {
                if n <= from {
                    continue;
                }
                tx.batch(step.sql).await?;
                tx.execute(
                    include_str!("sql/note_step.sql"),
                    params! { n: n, name: step.name, taken_at: now },
                )
                .await?;
            }
            Ok(from)
        })
    })
    .await
}
