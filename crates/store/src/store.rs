//! The store: one encrypted file, opened by one process, written through one door.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use ketu_model::catalog::shipped::shipped_records;
use ketu_model::clock::{Clock, Hlc};
use ketu_model::{Catalog, TxId};
use rusqlite::{Connection, TransactionBehavior};
use uuid::Uuid;

use crate::door::{Capture, Committed, Door, Mode, NUMBERING, Write, capture};
use crate::error::{OpenError, Result, StoreError};
use crate::file::{
    self, BackupReason, DataKey, Folder, FolderLock, KeySource, RecoveryKey, SlotFile,
};
use crate::ids::Ids;
use crate::journal::Journal;
use crate::migrations::{STEPS, migrate};
use crate::read::Reader;
use crate::readers::Readers;
use crate::schema;
use crate::search::Index;

/// An open data file. Clones share it.
#[derive(Debug, Clone)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: Folder,
    key: DataKey,
    slots: Mutex<SlotFile>,
    device: Uuid,
    clock: Arc<dyn Clock>,
    catalog: RwLock<Arc<Catalog>>,
    /// Set where the users' own fields changed and could not be read again yet.
    catalog_is_old: AtomicBool,
    writer: Mutex<Writer>,
    readers: Readers,
    index: Index,
    journal: Journal,
    _lock: FolderLock,
}

#[derive(Debug)]
struct Writer {
    connection: Connection,
    hlc: Hlc,
    capture: Capture,
    ids: Mutex<Ids>,
}

/// Where a data file is, and what it takes to open it.
#[derive(Debug, Clone)]
pub struct Location {
    pub folder: Folder,
    pub keys: Arc<dyn KeySource>,
    pub clock: Arc<dyn Clock>,
    /// What another process is told while this one holds the folder.
    pub owner: String,
}

impl Store {
    /// Makes a new file in a folder that has none. The recovery key is told this once.
    pub fn create(location: &Location) -> Result<(Self, RecoveryKey), OpenError> {
        let folder = &location.folder;
        std::fs::create_dir_all(folder.path()).map_err(StoreError::io("create", folder.path()))?;
        let lock = FolderLock::take(folder, &location.owner)?;
        if folder.database().exists() {
            return Err(OpenError::Foreign);
        }
        // What a first run that was cut short left behind.
        let unfinished = folder.unfinished();
        for suffix in ["", "-journal"] {
            file::remove_if_there(&folder.path().join(format!("ketu.db.new{suffix}")))?;
        }
        let key = DataKey::generate().map_err(StoreError::Key)?;
        let recovery =
            RecoveryKey::generate().map_err(|e| StoreError::Key(file::KeyError::Random(e)))?;
        let file = Uuid::now_v7();
        let mut slots = SlotFile::new(file, &key);
        slots
            .set_recovery(&recovery, &key)
            .map_err(StoreError::Key)?;
        slots
            .set_device(location.keys.as_ref(), &key)
            .map_err(StoreError::Key)?;
        // The file takes its name when it can be opened: a cut before leaves a first run to repeat.
        file::make(&unfinished, &key)?;
        slots.write(folder)?;
        let database = folder.database();
        std::fs::rename(&unfinished, &database).map_err(StoreError::io("rename", &database))?;
        file::sync_folder(folder.path());
        let connection = file::connect(&database, &key)?;
        let store = Self::start(location, connection, key, slots, lock)?;
        Ok((store, recovery))
    }

    /// Opens the file with this laptop's own key.
    pub fn open(location: &Location) -> Result<Self, OpenError> {
        let lock = Self::prepare(location)?;
        let open = |slots: &SlotFile| slots.open_device(location.keys.as_ref());
        let (slots, key) = match SlotFile::read(&location.folder) {
            Some(slots) => {
                location.folder.refuse_empty()?;
                let key = open(&slots)?;
                (slots, key)
            }
            None => file::slots_of_backups(&location.folder, open)?,
        };
        let connection = file::connect(&location.folder.database(), &key)?;
        Self::start(location, connection, key, slots, lock)
    }

    /// Opens the file with the recovery key and gives this laptop a key of its own again.
    pub fn recover(location: &Location, recovery: &RecoveryKey) -> Result<Self, OpenError> {
        let lock = Self::prepare(location)?;
        let folder = &location.folder;
        let open = |slots: &SlotFile| slots.open_recovery(recovery);
        let (mut slots, key) = match SlotFile::read(folder) {
            Some(slots) => {
                let key = open(&slots)?;
                (slots, key)
            }
            None => file::slots_of_backups(folder, open)?,
        };
        let opened = folder
            .refuse_empty()
            .and_then(|()| file::connect(&folder.database(), &key));
        // Also for a damaged file: with a key of its own the laptop restores a backup.
        if matches!(opened, Ok(_) | Err(OpenError::Damaged)) {
            slots
                .set_device(location.keys.as_ref(), &key)
                .map_err(StoreError::Key)?;
            slots.write(folder)?;
            folder.forget_incarnation()?;
        }
        let connection = opened?;
        Self::start(location, connection, key, slots, lock)
    }

    /// Takes a folder that has a file.
    fn prepare(location: &Location) -> Result<FolderLock, OpenError> {
        let folder = &location.folder;
        let (database, slots) = (folder.database().exists(), SlotFile::read(folder));
        if !database && (slots.is_none() || folder.unfinished().exists()) {
            return Err(OpenError::Absent);
        }
        let lock = FolderLock::take(folder, &location.owner)?;
        file::refuse_plaintext(&folder.database())?;
        Ok(lock)
    }

    fn start(
        location: &Location,
        mut connection: Connection,
        key: DataKey,
        slots: SlotFile,
        lock: FolderLock,
    ) -> Result<Self, OpenError> {
        location.folder.sweep();
        migrate(&mut connection, STEPS, &Catalog::core(), || {
            let reason = BackupReason::BeforeMigration;
            let at = location.clock.now();
            file::back_up(&location.folder, &key, &slots, reason, at, None).map(drop)
        })?;
        let reader = Reader::new(&connection, Catalog::core());
        let device = match reader.meta("device")? {
            Some(text) => text.parse().map_err(|_| OpenError::Damaged)?,
            None => {
                let device = Uuid::now_v7();
                set_meta(&connection, "device", &device.to_string())?;
                set_meta(&connection, "file", &slots.file.to_string())?;
                device
            }
        };
        let hlc = reader
            .meta("hlc")?
            .and_then(|text| text.parse().ok())
            .unwrap_or(0);
        let shipped = reader
            .meta("shipped")?
            .and_then(|text| text.parse().ok())
            .unwrap_or(0_i64);
        drop(reader);
        let capture = capture(&connection)?;
        let database = location.folder.database();
        let readers = Readers::open(&database, &key)?;
        let store = Self(Arc::new(Inner {
            folder: location.folder.clone(),
            key,
            slots: Mutex::new(slots),
            device,
            clock: Arc::clone(&location.clock),
            catalog: RwLock::new(Catalog::core()),
            catalog_is_old: AtomicBool::new(false),
            writer: Mutex::new(Writer {
                connection,
                hlc: Hlc(hlc),
                capture,
                ids: Mutex::new(Ids::default()),
            }),
            readers,
            index: Index::default(),
            journal: Journal::at(location.folder.journal()),
            _lock: lock,
        }));
        if shipped < schema::shipped_version() {
            store.ship()?;
        }
        store.take_up()?;
        store.refresh_catalog()?;
        if capture.incarnation.is_some() {
            let held = store.clone();
            std::thread::spawn(move || {
                if let Err(error) = held.take_journal_up() {
                    // People work on; nothing is sent before the journal has it.
                    tracing::error!(%error, "the outbox journal could not be followed");
                }
            });
        }
        store.0.index.build(&store);
        Ok(store)
    }

    /// Adds shipped records that this file does not have yet; people's changes to others stay.
    fn ship(&self) -> Result<()> {
        self.transact(Write::upkeep(), |door| {
            for record in shipped_records() {
                if door.get(record.entity, record.id)?.is_none() {
                    door.create(record.entity, Some(record.id), record.fields)?;
                }
            }
            set_meta(
                door.connection,
                "shipped",
                &schema::shipped_version().to_string(),
            )
        })?;
        Ok(())
    }

    /// Waits for what runs beside and for requests under way, so that the folder is free when this
    /// returns. A request that takes longer keeps the folder until it is done.
    pub fn close(self) {
        const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);
        // What was done last outlives the file as well.
        let follow = || match self.sync_state()? {
            Some(_) => self.follow_journal(),
            None => Ok(0),
        };
        if let Err(error) = follow() {
            tracing::warn!(%error, "the outbox journal could not be followed");
        }
        self.0.index.close();
        let since = std::time::Instant::now();
        while Arc::strong_count(&self.0) > 1 && since.elapsed() < PATIENCE {
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    }

    /// Reads every page and every index: the file is whole, or `StoreError::is_damage` holds.
    pub fn check_integrity(&self) -> Result<Vec<String>> {
        self.read_connection(|connection| {
            let mut findings = Vec::new();
            for pragma in ["pragma cipher_integrity_check", "pragma integrity_check"] {
                let mut statement = connection.prepare(pragma)?;
                let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
                for finding in rows {
                    findings.push(finding?);
                }
            }
            findings.retain(|finding| finding != "ok");
            Ok(findings)
        })
    }

    pub fn folder(&self) -> &Folder {
        &self.0.folder
    }

    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    pub fn device(&self) -> Uuid {
        self.0.device
    }

    pub fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(
            &self
                .0
                .catalog
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    pub fn index(&self) -> &Index {
        &self.0.index
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.0.journal
    }

    pub(crate) fn key(&self) -> &DataKey {
        &self.0.key
    }

    pub(crate) fn slots(&self) -> MutexGuard<'_, SlotFile> {
        self.0.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the recovery key; the old one opens nothing any more.
    pub fn new_recovery_key(&self) -> Result<RecoveryKey> {
        let recovery =
            RecoveryKey::generate().map_err(|e| StoreError::Key(file::KeyError::Random(e)))?;
        self.set_recovery_key(&recovery)?;
        Ok(recovery)
    }

    /// As [`Store::new_recovery_key`], with a key that was made before.
    pub fn set_recovery_key(&self, recovery: &RecoveryKey) -> Result<()> {
        let mut slots = self.slots();
        let mut changed = slots.clone();
        changed.set_recovery(recovery, self.key())?;
        changed.write(self.folder())?;
        *slots = changed;
        Ok(())
    }

    /// Reads without waiting for writers. All that `work` reads is of one moment.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Reader<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.0.catalog_is_old.load(Ordering::Relaxed)
            && let Err(error) = self.refresh_catalog()
        {
            tracing::warn!(%error, "the users' own fields could not be read again");
        }
        let connection = self.0.readers.take();
        // One transaction also asks for the file's lock once, and not for each statement.
        let snapshot = connection
            .connection()
            .unchecked_transaction()
            .map_err(StoreError::from)?;
        work(&Reader::new(&snapshot, self.catalog()))
    }

    /// Runs `work` in one transaction: all of it is kept, or nothing. An error, also a panic, rolls
    /// back.
    pub fn transact<T, E: From<StoreError>>(
        &self,
        write: Write,
        work: impl FnOnce(&mut Door<'_>) -> Result<T, E>,
    ) -> Result<Committed<T>, E> {
        let pulls = write.mode == Mode::Confirmed;
        let committed = self.transact_quietly(write, work)?;
        match pulls {
            true => self.0.index.follow(self, &committed.changes),
            false => self.0.index.refresh(self, &committed.changes),
        }
        Ok(committed)
    }

    fn transact_quietly<T, E: From<StoreError>>(
        &self,
        write: Write,
        work: impl FnOnce(&mut Door<'_>) -> Result<T, E>,
    ) -> Result<Committed<T>, E> {
        let mut writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let Writer {
            connection,
            hlc,
            capture,
            ids,
        } = &mut *writer;
        // A write goes by the fields that stand now, or not at all.
        if self.0.catalog_is_old.load(Ordering::Relaxed) {
            self.refresh_catalog()?;
        }
        let now = self.0.clock.now();
        let ids: &Mutex<Ids> = ids;
        let new_id = |now: i64| ids.lock().unwrap_or_else(PoisonError::into_inner).next(now);
        let tx = TxId(new_id(now));
        let local = write.mode == Mode::Local;
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::from)?;
        set_open(&transaction, true)?;
        let mut door = Door::new(
            &transaction,
            self.catalog(),
            write,
            tx,
            self.0.device,
            now,
            *hlc,
            *capture,
            &new_id,
        );
        let value = work(&mut door)?;
        while door.bring_back()? {}
        door.write_series()?;
        door.write_leases()?;
        if local {
            match door.write.origin.as_str() {
                NUMBERING => door.note_step(NUMBERING, None)?,
                // Undo and redo note what they take back.
                origin if origin.starts_with("undo:") || origin.starts_with("redo:") => {}
                _ => door.note_step("do", None)?,
            }
        }
        let (changes, stamp) = (std::mem::take(&mut door.changes), door.hlc);
        let captured = door.capture;
        drop(door);
        set_meta(&transaction, "hlc", &stamp.0.to_string())?;
        set_open(&transaction, false)?;
        transaction.commit().map_err(StoreError::from)?;
        *hlc = stamp;
        let incarnation = captured
            .incarnation
            .filter(|_| captured.incarnation != capture.incarnation);
        *capture = captured;
        if let Some(incarnation) = incarnation
            && let Err(error) = file::write_atomically(
                &self.folder().incarnation(),
                incarnation.to_string().as_bytes(),
            )
        {
            // The next start takes the file for a copy, which costs a new incarnation.
            tracing::error!(%error, "the incarnation could not be kept outside of the file");
        }
        // Before the next writer is let in: it goes by the fields that stand now.
        if changes
            .iter()
            .any(|change| change.entity == "field_definition")
            && let Err(error) = self.refresh_catalog()
        {
            // What is committed is not told as failed: whoever reads or writes next tries again.
            tracing::error!(%error, "the users' own fields could not be read again");
            self.0.catalog_is_old.store(true, Ordering::Relaxed);
        }
        drop(writer);
        Ok(Committed { value, tx, changes })
    }

    /// Keeps a value that concerns this file only.
    pub fn set_meta(&self, key: &str, value: &str) -> Result<()> {
        let writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        set_meta(&writer.connection, key, value)
    }

    /// Keeps a choice of this laptop's user.
    pub fn set_setting(&self, key: &str, value: &str) -> Result<()> {
        let writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut statement = writer
            .connection
            .prepare_cached(include_str!("sql/set_setting.sql"))?;
        statement.execute((key, value))?;
        Ok(())
    }

    /// Remembers that a reminder was shown, so that it is not shown again for the same due time.
    pub fn mark_fired(&self, reminder: Uuid, due_at: i64, now: i64) -> Result<()> {
        let writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut statement = writer
            .connection
            .prepare_cached(include_str!("sql/mark_fired.sql"))?;
        statement.execute((reminder, due_at, now))?;
        Ok(())
    }

    /// A reading connection as it is, for backups and checks, which no writer waits for.
    pub(crate) fn read_connection<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T>,
    ) -> Result<T> {
        let connection = self.0.readers.take();
        work(connection.connection())
    }

    fn refresh_catalog(&self) -> Result<()> {
        let connection = self.0.readers.take();
        let catalog = Reader::new(connection.connection(), Catalog::core()).present_catalog()?;
        *self
            .0
            .catalog
            .write()
            .unwrap_or_else(PoisonError::into_inner) = catalog;
        self.0.catalog_is_old.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Where the database lies.
    pub fn path(&self) -> PathBuf {
        self.0.folder.database()
    }
}

pub(crate) fn set_meta(connection: &Connection, key: &str, value: &str) -> Result<()> {
    connection
        .prepare_cached(include_str!("sql/set_meta.sql"))?
        .execute((key, value))?;
    Ok(())
}

/// Opens the door for the guard triggers, or shuts it. A transaction that is rolled back shuts it too.
pub(crate) fn set_open(transaction: &Connection, open: bool) -> Result<()> {
    transaction
        .prepare_cached("update door set open = ?1")?
        .execute([open])?;
    Ok(())
}
