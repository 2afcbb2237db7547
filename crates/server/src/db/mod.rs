//! The database: one SQL subset on two engines, and transactions that the repositories are written for once.
//!
//! What both take, and the code keeps to: `bigint`, `text` and `bytea` columns; parameters by name; lists as
//! `in (:ids...)`; `insert … on conflict`; `returning`. No sequences, triggers, advisory locks or notifications,
//! and the organisation leads every key: so that Citus, CockroachDB and YugabyteDB stay within reach.
//!
//! **Order of writers.** A write transaction first updates its organisation's lock row (`feed_head` for changes,
//! `audit_head` for accounts), which queues writers on every engine; afterwards it reads what they committed.

mod error;
mod migrate;
mod postgres;
mod sqlite;
mod statement;
mod value;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;

pub use error::{DbError, Result};
pub use migrate::{Migrated, STEPS, Step, migrate, schema_version};
pub use value::{FromValue, Params, Row, Value};

use postgres::{PgTx, Postgres};
use sqlite::{Sqlite, SqliteTx};

/// Copies a SQLite file to a new one while it is in use. Blocks.
pub(crate) fn copy_file(from: &Path, to: &Path) -> Result<()> {
    sqlite::copy(from, to)
}

/// Whether a SQLite file is whole. Blocks, and reads all of it.
pub(crate) fn is_file_whole(path: &Path) -> Result<bool> {
    sqlite::is_whole(path)
}

/// Makes a SQLite file movable. Blocks.
pub(crate) fn settle_file(path: &Path) -> Result<()> {
    sqlite::settle(path)
}

/// How often a transaction is tried in all before its failure is the caller's.
const TRIES: u32 = 10;

/// Where the data are. Printed, it hides the password in an address.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    File(PathBuf),
    /// `postgres://user:password@host:port/database`, or the key=value form of libpq.
    Postgres(String),
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Postgres(address) => f.write_str(&without_secrets(address)),
        }
    }
}

/// The address up to its user, and from its host on.
fn without_secrets(address: &str) -> String {
    match (address.split_once("://"), address.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, place))) => {
            let place = place.split('?').next().unwrap_or_default();
            format!("{scheme}://***@{place}")
        }
        (Some((scheme, place)), None) => {
            format!("{scheme}://{}", place.split('?').next().unwrap_or_default())
        }
        (None, _) => "postgresql (***)".to_owned(),
    }
}

/// The database; clones share their connections.
#[derive(Clone, Debug)]
pub struct Database {
    engine: Engine,
    retried: Arc<AtomicU64>,
}

#[derive(Clone, Debug)]
enum Engine {
    Sqlite(Arc<Sqlite>),
    Postgres(Arc<Postgres>),
}

impl Database {
    /// Opens a file (made when absent) or prepares connections to PostgreSQL, which answers at the first
    /// transaction. `connections` bounds the connections to PostgreSQL, or the readers of a file.
    ///
    /// # Errors
    /// When the file cannot be opened, is another program's, or the address is not understood.
    pub fn open(place: &Place, connections: usize) -> Result<Self> {
        let engine = match place {
            Place::File(path) => Engine::Sqlite(Arc::new(Sqlite::open(path, connections)?)),
            Place::Postgres(address) => {
                Engine::Postgres(Arc::new(Postgres::open(address, connections)?))
            }
        };
        Ok(Self {
            engine,
            retried: Arc::default(),
        })
    }

    /// The file, where the data are in one.
    pub fn file(&self) -> Option<&Path> {
        match &self.engine {
            Engine::Sqlite(sqlite) => Some(sqlite.path()),
            Engine::Postgres(_) => None,
        }
    }

    /// How many transactions were run again since the start, because others were in their way.
    pub fn retried(&self) -> u64 {
        self.retried.load(Ordering::Relaxed)
    }

    /// Runs `work` in a transaction that may write, and commits when it returns a value. It may be run several
    /// times, so it must not act outside the transaction.
    ///
    /// # Errors
    /// What `work` returned, after rolling back; or the database's own failure.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.run(true, work).await
    }

    /// Runs `work` in a transaction that sees one unchanging picture and cannot write.
    ///
    /// # Errors
    /// As [`Database::write`].
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.run(false, work).await
    }

    async fn run<T, E, F>(&self, writes: bool, work: F) -> Result<T, E>
    where
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite(sqlite) => {
                let place = sqlite.place(writes).await?;
                let runtime = tokio::runtime::Handle::current();
                let job = tokio::task::spawn_blocking(move || {
                    let mut tx = Tx::new(Connection::Sqlite(place.connection()?));
                    runtime.block_on(tx.run(&work))
                });
                match job.await {
                    Ok(answer) => answer,
                    Err(stopped) if stopped.is_panic() => {
                        std::panic::resume_unwind(stopped.into_panic())
                    }
                    Err(stopped) => Err(DbError::Worker(stopped).into()),
                }
            }
            Engine::Postgres(postgres) => {
                for tried in 1.. {
                    let mut tx = Tx::new(Connection::Postgres(postgres.connection(writes).await?));
                    let answer = tx.run(&work).await;
                    if answer.is_ok() || !tx.transient || tried == TRIES {
                        return answer;
                    }
                    drop(tx);
                    self.retried.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(pause(tried)).await;
                }
                unreachable!("the last try returns")
            }
        }
    }
}

/// 2 ms, doubling up to 250 ms, and a random part as long again, so that rivals do not meet twice.
fn pause(tried: u32) -> Duration {
    let base = (2_u64 << tried.min(7)).min(250);
    Duration::from_millis(base + fastrand::u64(0..=base))
}

/// A transaction: the only way to the data.
#[derive(Debug)]
pub struct Tx {
    connection: Connection,
    /// A statement failed because of others, so the whole may be tried again.
    transient: bool,
}

#[derive(Debug)]
enum Connection {
    Sqlite(SqliteTx),
    Postgres(PgTx),
}

impl Tx {
    fn new(connection: Connection) -> Self {
        Self {
            connection,
            transient: false,
        }
    }

    async fn run<T, E>(
        &mut self,
        work: &(impl for<'t> Fn(&'t mut Self) -> BoxFuture<'t, Result<T, E>> + Send + Sync),
    ) -> Result<T, E>
    where
        E: From<DbError>,
    {
        let begun = match &mut self.connection {
            Connection::Sqlite(tx) => tx.begin(),
            Connection::Postgres(tx) => tx.begin().await,
        };
        self.note(begun)?;
        let answer = work(self).await;
        let ended = match (&mut self.connection, &answer) {
            (Connection::Sqlite(tx), Ok(_)) => tx.commit(),
            (Connection::Postgres(tx), Ok(_)) => tx.commit().await,
            // A file's connection rolls back by itself when it is dropped.
            (Connection::Sqlite(_), Err(_)) => Ok(()),
            (Connection::Postgres(tx), Err(_)) => tx.roll_back().await,
        };
        match (answer, self.note(ended)) {
            (Ok(answer), Ok(())) => Ok(answer),
            (Ok(_), Err(failed)) => Err(failed.into()),
            // Why the work failed says more than that the connection then failed too.
            (Err(failed), _) => Err(failed),
        }
    }

    fn note<T>(&mut self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result {
            self.transient |= error.is_transient();
        }
        result
    }

    /// The rows of a query, or those that `returning` names.
    ///
    /// # Errors
    /// The engine's, or [`DbError::Parameter`] where names and values disagree.
    pub async fn query(&mut self, sql: &'static str, params: Params) -> Result<Vec<Row>> {
        let mut answers = self.query_many(sql, &[params]).await?;
        Ok(answers.pop().unwrap_or_default())
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub async fn query_optional(
        &mut self,
        sql: &'static str,
        params: Params,
    ) -> Result<Option<Row>> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// The first row, which must be there.
    ///
    /// # Errors
    /// As [`Tx::query`], and [`DbError::NoRow`].
    pub async fn query_one(&mut self, sql: &'static str, params: Params) -> Result<Row> {
        let row = self.query_optional(sql, params).await?;
        row.ok_or(DbError::NoRow)
    }

    /// Runs one query for each of `rows`: in one preparation, and on PostgreSQL without waiting for one answer
    /// before sending the next. Answers are in the order of `rows`.
    ///
    /// # Errors
    /// As [`Tx::query`]; the first failure ends it.
    pub async fn query_many(
        &mut self,
        sql: &'static str,
        rows: &[Params],
    ) -> Result<Vec<Vec<Row>>> {
        let answer = match &mut self.connection {
            Connection::Sqlite(tx) => tx.query(sql, rows),
            Connection::Postgres(tx) => tx.query(sql, rows).await,
        };
        self.note(answer)
    }

    /// How many rows were written.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub async fn execute(&mut self, sql: &'static str, params: Params) -> Result<u64> {
        let written = self.execute_many(sql, &[params]).await?;
        Ok(written.first().copied().unwrap_or_default())
    }

    /// Runs one statement for each of `rows`, as [`Tx::query_many`]; how many rows each wrote.
    ///
    /// # Errors
    /// As [`Tx::query`]; the first failure ends it.
    pub async fn execute_many(&mut self, sql: &'static str, rows: &[Params]) -> Result<Vec<u64>> {
        let answer = match &mut self.connection {
            Connection::Sqlite(tx) => tx.execute(sql, rows),
            Connection::Postgres(tx) => tx.execute(sql, rows).await,
        };
        self.note(answer)
    }

    /// Inserts, or upserts, many rows by a statement that is written for one: `insert into … values (:a, :b) on conflict …`.
    /// PostgreSQL gets them all at once, many times faster than [`Tx::execute_many`]. All parameters stand in
    /// the brackets behind `values`, and no key may come twice in `rows`. How many rows were written.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub async fn insert_many(&mut self, sql: &'static str, rows: &[Params]) -> Result<u64> {
        let answer = match &mut self.connection {
            Connection::Sqlite(tx) => tx.execute(sql, rows).map(|written| written.iter().sum()),
            Connection::Postgres(tx) => tx.insert(sql, rows).await,
        };
        self.note(answer)
    }

    /// [`Tx::insert_many`] of several tables; PostgreSQL gets all statements before it answers the first.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub async fn insert_all(&mut self, inserts: &[(&'static str, Vec<Params>)]) -> Result<()> {
        let answer = match &mut self.connection {
            Connection::Sqlite(tx) => inserts
                .iter()
                .try_for_each(|(sql, rows)| tx.execute(sql, rows).map(drop)),
            Connection::Postgres(tx) => tx.insert_all(inserts).await,
        };
        self.note(answer)
    }

    /// Several statements without parameters: a step of the schema.
    async fn batch(&mut self, sql: &str) -> Result<()> {
        let dialect = self.dialect();
        let sql = statement::schema_text(sql, dialect);
        let answer = match &mut self.connection {
            Connection::Sqlite(tx) => tx.batch(&sql),
            Connection::Postgres(tx) => tx.batch(&sql).await,
        };
        self.note(answer)
    }

    fn dialect(&self) -> statement::Dialect {
        match self.connection {
            Connection::Sqlite(_) => statement::Dialect::Sqlite,
            Connection::Postgres(_) => statement::Dialect::Postgres,
        }
    }
}
