//! The embedded engine: one file, one writer, a few readers. Work runs on blocking threads, where the futures
//! of a transaction never wait, so the repositories' asynchronous code drives it unchanged.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, Value as Held, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::statement::{Dialect, Statements};
use super::value::{Params, Row, Value};
use super::{DbError, Result};

/// "KETS" in the header of the file: another program's database is not touched.
const APPLICATION_ID: i64 = 0x4b45_5453;

/// How long one process waits for another that writes, as `ketu-server user add` beside a running server.
const BUSY: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub(super) struct Sqlite {
    path: PathBuf,
    writer: Connections,
    readers: Connections,
    pub statements: Arc<Statements>,
}

/// Connections of one kind that lie idle, and how many may be out at once.
#[derive(Debug)]
struct Connections {
    idle: Arc<Mutex<Vec<Connection>>>,
    places: Arc<Semaphore>,
}

impl Connections {
    fn new(places: usize) -> Self {
        Self {
            idle: Arc::default(),
            places: Arc::new(Semaphore::new(places)),
        }
    }
}

impl Sqlite {
    /// Opens the file, which is made when it is not there.
    pub fn open(path: &Path, readers: usize) -> Result<Self> {
        if let Some(folder) = path.parent() {
            crate::files::make_private_folder(folder)
                .map_err(DbError::io("make the folder", folder))?;
        }
        let known = claim(path)?;
        let writer = connect(path, true)?;
        if !known {
            writer.pragma_update(None, "application_id", APPLICATION_ID)?;
        }
        let this = Self {
            path: path.to_owned(),
            writer: Connections::new(1),
            readers: Connections::new(readers.max(1)),
            statements: Arc::new(Statements::new(Dialect::Sqlite)),
        };
        this.writer
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(writer);
        Ok(this)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits for a place among the writers or readers, first come first served.
    pub async fn place(&self, writes: bool) -> Result<Place> {
        let connections = if writes { &self.writer } else { &self.readers };
        let permit = Arc::clone(&connections.places).acquire_owned().await;
        Ok(Place {
            path: self.path.clone(),
            writes,
            idle: Arc::clone(&connections.idle),
            statements: Arc::clone(&self.statements),
            permit: permit.map_err(|_| DbError::Closing)?,
        })
    }
}

/// Copies the file at `from`, as it stands between two writes, to `to`, which must not exist. Writers go on.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    let connection = connect(from, true)?;
    connection.execute("vacuum into ?1", [to.to_string_lossy()])?;
    Ok(())
}

/// Whether every page and index of the file is whole, and no row refers to one that is not there.
pub(super) fn is_whole(path: &Path) -> Result<bool> {
    let connection = connect(path, true)?;
    let said: String = connection.query_row("pragma integrity_check", [], |row| row.get(0))?;
    let mut dangling = connection.prepare("pragma foreign_key_check")?;
    Ok(said == "ok" && !dangling.exists([])?)
}

/// Brings all that was written into the one file, so that it can be moved. Nobody else may have it open.
pub(super) fn settle(path: &Path) -> Result<()> {
    let connection = connect(path, true)?;
    let mode: String =
        connection.query_row("pragma journal_mode = delete", [], |row| row.get(0))?;
    if mode == "delete" {
        Ok(())
    } else {
        Err(DbError::InUse)
    }
}

/// The right to one connection; taken up on the thread that does the work.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    writes: bool,
    idle: Arc<Mutex<Vec<Connection>>>,
    statements: Arc<Statements>,
    permit: OwnedSemaphorePermit,
}

impl Place {
    pub fn connection(self) -> Result<SqliteTx> {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path, self.writes)?,
        };
        Ok(SqliteTx {
            connection: Some(connection),
            idle: self.idle,
            statements: self.statements,
            writes: self.writes,
            _permit: self.permit,
        })
    }
}

/// A connection with a transaction on it. Dropped, it rolls back and lies idle again.
#[derive(Debug)]
pub(super) struct SqliteTx {
    connection: Option<Connection>,
    idle: Arc<Mutex<Vec<Connection>>>,
    statements: Arc<Statements>,
    writes: bool,
    _permit: OwnedSemaphorePermit,
}

impl SqliteTx {
    pub fn begin(&mut self) -> Result<()> {
        // A transaction that will write says so at once: one that turns writer later can only fail.
        let begin = if self.writes {
            "begin immediate"
        } else {
            "begin"
        };
        Ok(self.connection().execute_batch(begin)?)
    }

    pub fn commit(&mut self) -> Result<()> {
        Ok(self.connection().execute_batch("commit")?)
    }

    pub fn batch(&mut self, sql: &str) -> Result<()> {
        Ok(self.connection().execute_batch(sql)?)
    }

    pub fn query(&mut self, sql: &'static str, rows: &[Params]) -> Result<Vec<Vec<Row>>> {
        let translated = self.statements.of(sql);
        let mut statement = self.connection().prepare_cached(&translated.text)?;
        let columns: Arc<[String]> = statement.column_names().map(str::to_owned).collect();
        rows.iter()
            .map(|params| {
                let values = bound(params, &translated.names)?;
                let mut found = statement.query(rusqlite::params_from_iter(values))?;
                let mut answer = Vec::new();
                while let Some(row) = found.next()? {
                    let values: Result<Vec<Value>> = (0..columns.len())
                        .map(|at| read(row.get_ref(at)?))
                        .collect();
                    answer.push(Row::new(Arc::clone(&columns), values?));
                }
                Ok(answer)
            })
            .collect()
    }

    pub fn execute(&mut self, sql: &'static str, rows: &[Params]) -> Result<Vec<u64>> {
        let translated = self.statements.of(sql);
        let mut statement = self.connection().prepare_cached(&translated.text)?;
        rows.iter()
            .map(|params| {
                let values = bound(params, &translated.names)?;
                let changed = statement.execute(rusqlite::params_from_iter(values))?;
                Ok(u64::try_from(changed).unwrap_or(u64::MAX))
            })
            .collect()
    }

    fn connection(&self) -> &Connection {
        self.connection
            .as_ref()
            .expect("the connection leaves only when the transaction is dropped")
    }
}

impl Drop for SqliteTx {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        let clean = connection.is_autocommit() || connection.execute_batch("rollback").is_ok();
        if clean {
            self.idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(connection);
        }
    }
}

/// Whether the file is ours already; an empty one may become so, and another's is left as it is.
fn claim(path: &Path) -> Result<bool> {
    if std::fs::metadata(path).map_or(0, |file| file.len()) == 0 {
        return Ok(false);
    }
    let file = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    file.busy_timeout(BUSY)?;
    let id: i64 = file.query_row("pragma application_id", [], |row| row.get(0))?;
    let tables: i64 = file.query_row("select count(*) from sqlite_schema", [], |row| row.get(0))?;
    match (id, tables) {
        (APPLICATION_ID, _) => Ok(true),
        // As another process leaves it between making the file and marking it.
        (0, 0) => Ok(false),
        _ => Err(DbError::Foreign),
    }
}

fn connect(path: &Path, writes: bool) -> Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if writes {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(256);
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "cache_size", -65_536)?;
    rusqlite::vtab::array::load_module(&connection)?;
    if !writes {
        connection.pragma_update(None, "query_only", true)?;
    }
    Ok(connection)
}

fn bound<'v>(params: &'v Params, names: &[&'static str]) -> Result<Vec<Bound<'v>>> {
    Ok(params.in_order(names)?.into_iter().map(Bound).collect())
}

struct Bound<'v>(&'v Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Value::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Value::Int(n) => ToSqlOutput::Borrowed(ValueRef::Integer(*n)),
            Value::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Value::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Value::List(values) => {
                let values: Rc<Vec<Held>> = Rc::new(values.iter().cloned().map(held).collect());
                ToSqlOutput::from_rc(values, c"rarray")
            }
        })
    }
}

fn held(value: Value) -> Held {
    match value {
        Value::Null | Value::List(_) => Held::Null,
        Value::Int(n) => Held::Integer(n),
        Value::Text(text) => Held::Text(text),
        Value::Bytes(bytes) => Held::Blob(bytes),
    }
}

fn read(value: ValueRef<'_>) -> Result<Value> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Int(n),
        ValueRef::Real(_) => return Err(DbError::Type("real".into())),
        ValueRef::Text(_) => Value::Text(value.as_str().map_err(rusqlite::Error::from)?.to_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    })
}
