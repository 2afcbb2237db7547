//! A laptop for tests: a data folder of its own, keys in memory, a clock that stands still until it is
//! turned, and builders for the records that people make.

#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used)]

pub mod acts;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use ketu_model::catalog::shipped::{shipped_option, shipped_pipeline, shipped_stage};
use ketu_model::clock::{Clock, FixedClock};
use ketu_model::query::{Condition, Filter, Test};
use ketu_model::{Fields, Value};
use ketu_store::file::{Folder, KeyError, KeySource, RecoveryKey};
use ketu_store::{
    Committed, Door, Location, OpenError, Result, Select, Step, Store, StoreError, StoredRecord,
    TakenBack, Write,
};
use tempfile::TempDir;
use uuid::Uuid;
use zeroize::Zeroizing;

/// 2026-09-21 14:13:20 UTC.
pub const NOW: i64 = 1_790_000_000_000;
pub const HOUR: i64 = 3_600_000;

/// A keyring that can be lost.
#[derive(Debug, Default)]
pub struct MemoryKeys(Mutex<HashMap<Uuid, [u8; 32]>>);

impl MemoryKeys {
    pub fn lose(&self) {
        self.0.lock().unwrap().clear();
    }
}

impl KeySource for MemoryKeys {
    fn kind(&self) -> &'static str {
        "keyring"
    }

    fn load(&self, file: Uuid) -> Result<Option<Zeroizing<[u8; 32]>>, KeyError> {
        Ok(self
            .0
            .lock()
            .unwrap()
            .get(&file)
            .copied()
            .map(Zeroizing::new))
    }

    fn save(&self, file: Uuid, key: &[u8; 32]) -> Result<(), KeyError> {
        self.0.lock().unwrap().insert(file, *key);
        Ok(())
    }
}

/// One data folder and, while it is open, its store.
#[derive(Debug)]
pub struct Laptop {
    pub dir: TempDir,
    pub keys: Arc<MemoryKeys>,
    pub clock: Arc<FixedClock>,
    pub recovery: RecoveryKey,
    pub user: Uuid,
    store: Option<Store>,
}

impl Laptop {
    /// A laptop at its first start, with one user.
    pub fn new() -> Self {
        let dir = folder();
        let keys = Arc::new(MemoryKeys::default());
        let clock = Arc::new(FixedClock::at(NOW));
        let (store, recovery) = Store::create(&location(&dir, &keys, &clock)).unwrap();
        let user = store
            .transact(Write::upkeep(), |door| user("李雷").add(door))
            .unwrap()
            .value;
        Self {
            dir,
            keys,
            clock,
            recovery,
            user,
            store: Some(store),
        }
    }

    pub fn location(&self) -> Location {
        location(&self.dir, &self.keys, &self.clock)
    }

    pub fn folder(&self) -> Folder {
        Folder::new(self.dir.path())
    }

    pub fn store(&self) -> &Store {
        self.store.as_ref().expect("the laptop is open")
    }

    /// Closes the file; what is left is the folder.
    pub fn close(&mut self) {
        if let Some(store) = self.store.take() {
            store.close();
        }
    }

    pub fn open(&mut self) -> Result<(), OpenError> {
        self.close();
        self.store = Some(Store::open(&self.location())?);
        Ok(())
    }

    pub fn recover(&mut self, key: &RecoveryKey) -> Result<(), OpenError> {
        self.close();
        self.store = Some(Store::recover(&self.location(), key)?);
        Ok(())
    }

    /// One edit by hand, in a transaction of its own.
    pub fn write<T>(&self, work: impl FnOnce(&mut Door<'_>) -> Result<T>) -> Result<Committed<T>> {
        self.store()
            .transact(Write::form(self.user, "update"), work)
    }

    pub fn add(&self, draft: Draft) -> Uuid {
        self.write(|door| draft.add(door)).unwrap().value
    }

    pub fn set(&self, entity: &str, id: Uuid, field: &'static str, value: impl Into<Value>) {
        let patch = Fields::new().with(field, value);
        self.write(|door| door.update(entity, id, patch)).unwrap();
    }

    pub fn remove(&self, entity: &str, id: Uuid) {
        self.write(|door| door.remove(entity, id)).unwrap();
    }

    pub fn get(&self, entity: &str, id: Uuid) -> StoredRecord {
        self.store()
            .read(|reader| reader.get(entity, id))
            .unwrap()
            .expect("the record is there")
    }

    pub fn list(&self, select: &Select) -> Vec<StoredRecord> {
        self.store().read(|reader| reader.list(select)).unwrap()
    }

    pub fn undo(&self) -> Result<Committed<TakenBack>> {
        self.write(|door| door.undo(None))
    }

    pub fn redo(&self) -> Result<Committed<TakenBack>> {
        self.write(|door| door.redo(None))
    }

    /// What undo and redo would take back.
    #[allow(
        clippy::redundant_closure_for_method_calls,
        reason = "the method itself is not general over the reader's lifetime"
    )]
    pub fn steps(&self) -> (Option<Step>, Option<Step>) {
        self.store().read(|reader| reader.steps()).unwrap()
    }

    /// The names of a selection, in its order.
    pub fn names(&self, select: &Select) -> Vec<String> {
        let records = self.list(select);
        records
            .iter()
            .map(|record| record.fields.text("name").unwrap_or("-").to_owned())
            .collect()
    }

    /// The ids that a search finds in one kind of record.
    pub fn found(&self, entity: &str, text: &str) -> Vec<Uuid> {
        let found = self.store().search(text, &[entity], usize::MAX).unwrap();
        let rows: Vec<i64> = found.hits.iter().map(|hit| hit.row).collect();
        let records: Result<_> = self.store().read(|reader| reader.rows(entity, &rows));
        records
            .unwrap()
            .into_iter()
            .map(|record| record.id)
            .collect()
    }
}

/// In memory where the system offers it: every commit waits for the disk otherwise, and a property
/// makes thousands.
fn folder() -> TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    }
    .unwrap()
}

/// A test process that ends while a thread still reads an encrypted page may crash in the cipher's
/// own clean-up, so every laptop is closed.
impl Drop for Laptop {
    fn drop(&mut self) {
        self.close();
    }
}

fn location(dir: &TempDir, keys: &Arc<MemoryKeys>, clock: &Arc<FixedClock>) -> Location {
    let (keys, clock): (Arc<dyn KeySource>, Arc<dyn Clock>) = (
        Arc::<MemoryKeys>::clone(keys),
        Arc::<FixedClock>::clone(clock),
    );
    Location {
        folder: Folder::new(dir.path()),
        keys,
        clock,
        owner: "李雷".to_owned(),
    }
}

/// A record that is not written yet.
#[derive(Debug, Clone)]
pub struct Draft {
    pub entity: &'static str,
    pub id: Option<Uuid>,
    pub fields: Fields,
}

impl Draft {
    fn of(entity: &'static str) -> Self {
        Self {
            entity,
            id: None,
            fields: Fields::new(),
        }
    }

    pub fn with(mut self, field: impl Into<ketu_model::FieldKey>, value: impl Into<Value>) -> Self {
        self.fields.set(field, value.into());
        self
    }

    pub fn id(mut self, id: Uuid) -> Self {
        self.id = Some(id);
        self
    }

    pub fn number(self, number: &str) -> Self {
        self.with("number", number)
    }

    pub fn phone(self, phone: &str) -> Self {
        self.with("phone", phone)
    }

    pub fn mobile(self, phone: &str) -> Self {
        self.with("mobile", phone)
    }

    pub fn email(self, email: &str) -> Self {
        self.with("email", email)
    }

    pub fn worth(self, minor: i64) -> Self {
        self.with("annual_value", Value::yuan(minor))
    }

    pub fn level(self, name: &str) -> Self {
        self.with("level", shipped_option("customer.level", name))
    }

    pub fn tags(self, tags: impl IntoIterator<Item = Uuid>) -> Self {
        self.with("tags", Value::ids(tags))
    }

    pub fn add(self, door: &mut Door<'_>) -> Result<Uuid> {
        door.create(self.entity, self.id, self.fields)
    }
}

pub fn user(name: &str) -> Draft {
    Draft::of("user").with("name", name)
}

pub fn customer(name: &str) -> Draft {
    Draft::of("customer").with("name", name)
}

pub fn contact(name: &str, customer: Uuid) -> Draft {
    Draft::of("contact")
        .with("name", name)
        .with("customer", customer)
}

pub fn opportunity(name: &str, customer: Uuid) -> Draft {
    Draft::of("opportunity")
        .with("name", name)
        .with("customer", customer)
        .with("pipeline", shipped_pipeline("project"))
        .with("stage", shipped_stage("project", "lead"))
}

pub fn interaction(summary: &str, customer: Uuid, at: i64) -> Draft {
    Draft::of("interaction")
        .with("kind", shipped_option("interaction.kind", "拜访"))
        .with("occurred_at", Value::Instant(at))
        .with("customer", customer)
        .with("summary", summary)
}

pub fn tag(name: &str) -> Draft {
    Draft::of("tag")
        .with("name", name)
        .id(ketu_model::ids::tag_id(name))
}

pub fn option(list: &str, name: &str, position: f64) -> Draft {
    Draft::of("option")
        .with("list", list)
        .with("name", name)
        .with("position", position)
        .id(ketu_model::ids::option_id(list, name))
}

/// A field of the users' own.
pub fn own_field(entity: &str, name: &str, kind: &str) -> Draft {
    Draft::of("field_definition")
        .with("entity", entity)
        .with("name", name)
        .with("type", kind)
}

/// One condition of a filter.
pub fn condition(field: &str, test: Test, value: serde_json::Value) -> Filter {
    Filter::Field(Condition {
        field: field.to_owned(),
        test,
        value,
    })
}

/// The codes of a refused edit, as `field:code`.
pub fn codes<T: std::fmt::Debug>(result: Result<T>) -> Vec<String> {
    match result {
        Err(StoreError::Invalid(errors)) => errors
            .iter()
            .map(|error| format!("{}:{}", error.field, error.code))
            .collect(),
        other => panic!("not refused as invalid: {other:?}"),
    }
}

/// How many cases a property runs: `KETU_PROPTEST_CASES` raises it for long runs.
pub fn cases(usual: u32) -> proptest::test_runner::Config {
    let asked = std::env::var("KETU_PROPTEST_CASES")
        .ok()
        .and_then(|n| n.parse().ok());
    proptest::test_runner::Config {
        cases: asked.unwrap_or(usual),
        // The cases of a file run against one place; what failed is told in full instead.
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..proptest::test_runner::Config::default()
    }
}
