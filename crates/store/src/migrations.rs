//! Bringing an older file to the tables of today: numbered steps that move data, then what the catalog
//! adds. All of it is one transaction, with a backup before it; a file that needs nothing is not written.

use ketu_model::Catalog;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::Result;
use crate::schema;
use crate::store::set_open;

/// Moves data that additive changes cannot: the first of [`STEPS`] leads from version 1 to 2.
pub(crate) type Step = fn(&Transaction<'_>) -> Result<()>;

/// All steps there ever were, in order. One that a released version has run is never changed.
pub(crate) const STEPS: &[Step] = &[|file| Ok(file.execute_batch(include_str!("sql/step_1.sql"))?)];

/// The version of a file that has run all of these steps.
pub(crate) const fn version_after(steps: &[Step]) -> i64 {
    1 + steps.len() as i64
}

/// Runs the steps that the file has not seen and adds what the catalog has more. `back_up` is called
/// before a file that people have worked in changes; where it fails, the file stays as it was.
pub(crate) fn migrate(
    connection: &mut Connection,
    steps: &[Step],
    catalog: &Catalog,
    back_up: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let found: i64 = number(connection, "user_version")?;
    let shape = number(connection, "schema_version")?;
    let attempt = attempt(connection, found, steps, catalog)?;
    let is_new = found == 0;
    let changes = found != version_after(steps) || number(&attempt, "schema_version")? != shape;
    if is_new || !changes {
        return Ok(attempt.commit()?);
    }
    // What it would do is known now; before it is done, the file as it is is copied.
    attempt.rollback()?;
    back_up()?;
    Ok(self::attempt(connection, found, steps, catalog)?.commit()?)
}

fn attempt<'c>(
    connection: &'c mut Connection,
    found: i64,
    steps: &[Step],
    catalog: &Catalog,
) -> Result<Transaction<'c>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if found > 0 {
        let seen = usize::try_from(found - 1).unwrap_or(usize::MAX);
        let missing = steps.get(seen..).unwrap_or_default();
        if !missing.is_empty() {
            set_open(&transaction, true)?;
            for step in missing {
                step(&transaction)?;
            }
            set_open(&transaction, false)?;
        }
    }
    schema::reconcile(&transaction, catalog, version_after(steps))?;
    Ok(transaction)
}

fn number(connection: &Connection, pragma: &str) -> Result<i64> {
    Ok(connection.pragma_query_value(None, pragma, |row| row.get(0))?)
}
