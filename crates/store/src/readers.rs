//! Connections that only read, shared by whoever reads.

use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};

use rusqlite::Connection;

use crate::error::OpenError;
use crate::file::{self, DataKey};

/// How many connections read at the same time.
const READERS: usize = 3;

/// A few connections that only read; who comes when all are busy waits.
#[derive(Debug)]
pub(crate) struct Readers {
    free: Mutex<Vec<Connection>>,
    returned: Condvar,
}

impl Readers {
    pub(crate) fn open(database: &Path, key: &DataKey) -> Result<Self, OpenError> {
        let mut free = Vec::with_capacity(READERS);
        for _ in 0..READERS {
            free.push(file::read_only(database, key)?);
        }
        Ok(Self {
            free: Mutex::new(free),
            returned: Condvar::new(),
        })
    }

    pub(crate) fn take(&self) -> Borrowed<'_> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(connection) = free.pop() {
                return Borrowed {
                    connection: Some(connection),
                    readers: self,
                };
            }
            free = self
                .returned
                .wait(free)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A connection on loan; it goes back when dropped.
pub(crate) struct Borrowed<'r> {
    connection: Option<Connection>,
    readers: &'r Readers,
}

impl Borrowed<'_> {
    pub(crate) fn connection(&self) -> &Connection {
        self.connection
            .as_ref()
            .expect("a loan holds its connection until it is dropped")
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        let mut free = self
            .readers
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        free.extend(self.connection.take());
        self.readers.returned.notify_one();
    }
}
