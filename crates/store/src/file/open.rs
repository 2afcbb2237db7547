//! Opening the database: the key, the pragmas, and the refusals.

use std::io::Read;
use std::path::Path;

use ketu_model::normalise::text::fold;
use rusqlite::config::DbConfig;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{Connection, OpenFlags};

use super::DataKey;
use crate::error::{OpenError, StoreError};
use crate::migrations;

/// Marks a database as Ketu's ("KETU").
pub const APPLICATION_ID: i64 = 0x4b45_5455;
/// Version of the tables; a newer file is refused untouched.
pub const FILE_VERSION: i64 = migrations::version_after(migrations::STEPS);

/// Bytes that are encrypted at once. Part of the file's format: with the default of 4096 a bulk insert
/// spends a third more, most of it on beginning and ending so many pages.
const PAGE_BYTES: i64 = 16_384;

/// What vouches for a page, also part of the format. Processors of today have instructions for it: twice as
/// fast there as the default, SHA-512, and two thirds as fast on those of before 2019.
const PAGE_HMAC: &str = "HMAC_SHA256";

/// 64 MB: with the default of 2 MB an encrypted bulk insert is seven times slower.
const CACHE_KIB: i64 = 65_536;

/// Opens the one connection that writes. What the file says of itself is checked before anything
/// in it changes: a refused file keeps every byte, its write-ahead log too.
pub(crate) fn connect(path: &Path, key: &DataKey) -> Result<Connection, OpenError> {
    let connection = beside(path, key)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    check_identity(&connection)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    Ok(connection)
}

/// Makes an empty file of Ketu's. It gets its tables when it is opened.
pub(crate) fn make(path: &Path, key: &DataKey) -> Result<(), OpenError> {
    let connection = Connection::open(path)?;
    unlock(&connection, key)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(())
}

/// Opens a connection that only reads.
pub(crate) fn read_only(path: &Path, key: &DataKey) -> Result<Connection, OpenError> {
    let connection = beside(path, key)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Opens one more connection to a file that is there, for copying it.
pub(crate) fn beside(path: &Path, key: &DataKey) -> Result<Connection, OpenError> {
    refuse_plaintext(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    unlock(&connection, key)?;
    Ok(connection)
}

fn unlock(connection: &Connection, key: &DataKey) -> Result<(), OpenError> {
    let cipher: Option<String> = connection
        .pragma_query_value(None, "cipher_version", |row| row.get(0))
        .ok();
    if cipher.is_none_or(|version| version.is_empty()) {
        return Err(OpenError::NoCipher);
    }
    // The defaults, so that copies by `vacuum into` have the same pages.
    connection.pragma_update(None, "cipher_default_page_size", PAGE_BYTES)?;
    connection.pragma_update(None, "cipher_default_hmac_algorithm", PAGE_HMAC)?;
    connection.pragma_update(None, "key", key.pragma().as_str())?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.set_prepared_statement_cache_capacity(128);
    text_functions(connection)?;
    // The first read of a page tells whether the key fits and the head of the file is whole.
    connection.query_row("select count(*) from sqlite_schema", [], |_| Ok(()))?;
    Ok(())
}

/// What filters ask of text: the needle comes folded, the hay as it was written.
fn text_functions(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    let compare = |holds: fn(&str, &str) -> bool| {
        move |context: &Context<'_>| {
            let (hay, needle) = (
                context.get_raw(0).as_str_or_null()?,
                context.get_raw(1).as_str_or_null()?,
            );
            Ok(hay
                .zip(needle)
                .map(|(hay, needle)| holds(&fold(hay), needle)))
        }
    };
    connection.create_scalar_function(
        "text_contains",
        2,
        flags,
        compare(|hay, needle| hay.contains(needle)),
    )?;
    connection.create_scalar_function(
        "text_starts_with",
        2,
        flags,
        compare(|hay, needle| hay.starts_with(needle)),
    )
}

/// What the file says of itself.
fn check_identity(connection: &Connection) -> Result<(), OpenError> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let version = number("user_version")?;
    if number("application_id")? != APPLICATION_ID {
        return Err(OpenError::Foreign);
    }
    if version > FILE_VERSION {
        return Err(OpenError::Newer {
            found: version,
            known: FILE_VERSION,
        });
    }
    Ok(())
}

/// A distribution's library without encryption once left users of another product with a readable
/// file; so a readable header is refused before the library sees it.
pub(crate) fn refuse_plaintext(path: &Path) -> Result<(), OpenError> {
    let mut head = [0; 16];
    match std::fs::File::open(path) {
        Ok(mut file) => match file.read_exact(&mut head) {
            Ok(()) if &head == b"SQLite format 3\0" => Err(OpenError::Plaintext),
            _ => Ok(()),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(StoreError::io("open", path)(error).into()),
    }
}
