//! A laptop's adapter over its encrypted file.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ketu_app::sync::{local, simulated};
use ketu_model::catalog::shipped::shipped_record;
use ketu_model::clock::Clock;
use ketu_model::{Catalog, Value};
use ketu_store::file::{Folder, KeyError, KeySource};
use ketu_store::{Location, Reader, Store, StoreError};
use ketu_sync::client::{Around, Event, Local, Own, Session};
use ketu_sync::message::{Push, Vouch};
use ketu_sync::record::Row;
use tempfile::TempDir;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{broke, differ, folder};
use crate::beside::FileBeside;
use crate::laptop::File;
use crate::oracle::Fault;

/// A keyring that only the simulator has.
#[derive(Debug, Default)]
struct Keys(Mutex<HashMap<Uuid, [u8; 32]>>);

impl KeySource for Keys {
    fn kind(&self) -> &'static str {
        "keyring"
    }

    fn load(&self, file: Uuid) -> Result<Option<Zeroizing<[u8; 32]>>, KeyError> {
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(keys.get(&file).copied().map(Zeroizing::new))
    }

    fn save(&self, file: Uuid, key: &[u8; 32]) -> Result<(), KeyError> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(file, *key);
        Ok(())
    }
}

/// A clock that is as wrong as the laptop's.
#[derive(Debug, Default)]
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

pub struct RealFile {
    // The store is closed before its folder goes.
    store: Option<Store>,
    folder: TempDir,
    keys: Arc<Keys>,
    clock: Arc<Hands>,
}

impl Drop for RealFile {
    fn drop(&mut self) {
        self.close();
    }
}

impl RealFile {
    pub fn begin(incarnation: Uuid) -> Result<Self, Fault> {
        let mut file = Self {
            store: None,
            folder: folder()?,
            keys: Arc::default(),
            clock: Arc::default(),
        };
        let (store, _) = Store::create(&file.location()).map_err(broke)?;
        local::begin(&store, incarnation).map_err(broke)?;
        file.store = Some(store);
        Ok(file)
    }

    fn location(&self) -> Location {
        Location {
            folder: Folder::new(self.folder.path()),
            keys: Arc::<Keys>::clone(&self.keys),
            clock: Arc::<Hands>::clone(&self.clock),
            owner: "sim".to_owned(),
        }
    }

    fn store(&self) -> &Store {
        self.store
            .as_ref()
            .expect("it is open but while it is copied")
    }

    fn close(&mut self) {
        if let Some(store) = self.store.take() {
            store.close();
        }
    }

    fn read<T>(&self, work: impl FnOnce(&Reader<'_>) -> Result<T, StoreError>) -> Result<T, Fault> {
        self.store().read(work).map_err(broke)
    }
}

impl FileBeside for RealFile {
    fn keep(&mut self, ops: &[Own]) -> Result<(), Fault> {
        simulated::keep(self.store(), ops).map_err(broke)
    }

    fn push(&mut self, session: &Session, push: &Push) -> Result<(), Fault> {
        let here = local::next_push(self.store(), session).map_err(broke)?;
        if here.as_ref() == Some(push) {
            return Ok(());
        }
        Err(differ("push", &here, &Some(push)))
    }

    fn vouch(&self, limit: usize, vouch: &Vouch) -> Result<(), Fault> {
        let here = local::next_vouch(self.store(), limit).map_err(broke)?;
        if here.as_ref() == Some(vouch) {
            return Ok(());
        }
        Err(differ("vouch", &here, &Some(vouch)))
    }

    fn take(&mut self, event: &Event, around: &Around<'_>) -> Result<(), Fault> {
        self.clock.0.store(around.now, Ordering::SeqCst);
        local::take(self.store(), event, around.fresh).map_err(broke)?;
        Ok(())
    }

    fn compare(&self, file: &File, ids: &BTreeSet<Uuid>) -> Result<(), Fault> {
        let catalog = self.store().catalog();
        self.read(|reader| {
            let state = local::state(reader)?;
            if state.as_ref() != Some(&file.state) {
                return Ok(Err(differ("state", &state, &Some(&file.state))));
            }
            for scope in file.state.scopes.keys() {
                if local::sums(reader, *scope)? != file.sums(*scope) {
                    return Ok(Err(format!("the file has other sums of {scope}")));
                }
            }
            for id in ids {
                if let Err(fault) = same_record(reader, &catalog, file, *id)? {
                    return Ok(Err(fault));
                }
            }
            Ok(Ok(()))
        })?
    }

    fn compare_all(&self, file: &File) -> Result<(), Fault> {
        let ids = file.records.keys().chain(file.views.keys());
        self.compare(file, &ids.copied().collect())?;
        let (unanswered, faults) =
            self.read(|reader| Ok((simulated::unanswered(reader)?, local::verify(reader)?)))?;
        if unanswered != file.unanswered() {
            return Err(differ("what waits", &unanswered, &file.unanswered()));
        }
        match faults.first() {
            Some(fault) => Err(format!(
                "the file's sums are not those of its rows: {fault:?}"
            )),
            None => Ok(()),
        }
    }

    fn copy(&mut self) -> Result<Box<dyn FileBeside>, Fault> {
        self.close();
        let mut copy = Self {
            store: None,
            folder: folder()?,
            keys: Arc::clone(&self.keys),
            clock: Arc::new(Hands(AtomicI64::new(self.clock.now()))),
        };
        for entry in fs::read_dir(self.folder.path()).map_err(broke)? {
            let entry = entry.map_err(broke)?;
            // Backups are not gone back to here.
            if entry.path().is_file() {
                let to = copy.folder.path().join(entry.file_name());
                fs::copy(entry.path(), to).map_err(broke)?;
            }
        }
        for file in [&mut *self, &mut copy] {
            file.store = Some(Store::open(&file.location()).map_err(broke)?);
        }
        Ok(Box::new(copy))
    }
}

fn same_record(
    reader: &Reader<'_>,
    catalog: &Catalog,
    file: &File,
    id: Uuid,
) -> Result<Result<(), Fault>, StoreError> {
    let view = file.views.get(&id);
    let entity = view.map(|row| row.entity.as_str());
    let nothing = Local::default();
    let there = file.records.get(&id).unwrap_or(&nothing);
    let mut here = simulated::known(reader, id, entity)?;
    // Only a file has places.
    here.ops.iter_mut().for_each(|own| own.place = 0);
    if here != *there {
        return Ok(Err(differ(&format!("record {id}"), &here, there)));
    }
    match view {
        Some(row) => same_view(reader, catalog, row),
        None => not_shown(reader, catalog, id),
    }
}

/// Whether no table shows it; what ships with Ketu is always there.
fn not_shown(
    reader: &Reader<'_>,
    catalog: &Catalog,
    id: Uuid,
) -> Result<Result<(), Fault>, StoreError> {
    if shipped_record(id).is_some() {
        return Ok(Ok(()));
    }
    for entity in &catalog.entities {
        if reader.get(&entity.key, id)?.is_some() {
            return Ok(Err(format!("{id} is still shown by the file")));
        }
    }
    Ok(Ok(()))
}

/// Whether the table shows what the memory shows.
fn same_view(
    reader: &Reader<'_>,
    catalog: &Catalog,
    row: &Row,
) -> Result<Result<(), Fault>, StoreError> {
    let Some(entity) = catalog.entity(&row.entity) else {
        return Ok(Ok(()));
    };
    let Some(record) = reader.get(&entity.key, row.id)? else {
        return Ok(Err(format!("{} is not shown by the file", row.id)));
    };
    let stands = (
        record.root,
        record.deleted_at,
        record.updated_at,
        record.updated_by,
    );
    if stands != (row.root, row.deleted, row.updated_at, row.updated_by) {
        return Ok(Err(differ("what is shown", &record, row)));
    }
    for field in entity.core_fields() {
        let value = Value::from_json(&field.kind, row.value(&field.key)).unwrap_or_default();
        let here = record.fields.value(&field.key);
        if *here != value {
            return Ok(Err(format!(
                "{} of {} is {here:?} in the file, {value:?} in memory",
                field.key, row.id
            )));
        }
    }
    Ok(Ok(()))
}
