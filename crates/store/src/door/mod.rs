//! The one door for writes. Load, decide and write share one transaction; what changed comes back,
//! so that screens refresh by fact.

mod bulk;
mod capture;
mod checks;
mod confirm;
mod dependents;
mod leases;
mod log;
mod merge;
mod numbers;
mod outbox;
mod person;
mod prepared;
mod rows;
mod takeback;
mod upgrade;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use ketu_model::clock::Hlc;
use ketu_model::entity::Root;
use ketu_model::field::FieldKey;
use ketu_model::validate::{FieldError, check_record, check_value};
use ketu_model::{Catalog, EntityDef, Fields, TxId, Value, series};
use rusqlite::{CachedStatement, Connection};
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::read::{self, StoredRecord};

use leases::Leases;
use numbers::Series;

pub(crate) use capture::{Capture, capture};
pub(crate) use leases::ORIGIN as NUMBERING;

pub use prepared::Prepared;
pub use takeback::{Kept, TakenBack};

/// What a record's number was before.
const FORMER_NUMBERS: &str = "former_numbers";

/// Which of the three ways a write comes through the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A person's edit, by whatever front door: validated, logged as pending, can be undone.
    Local,
    /// What the server sent: no validation, no outbox; pending edits are kept on top.
    Confirmed,
    /// Migration, shipped records, purge and erasure: no log.
    Upkeep,
}

/// Who writes, and why.
#[derive(Debug, Clone)]
pub struct Write {
    pub mode: Mode,
    pub author: Option<Uuid>,
    /// `form`, `import:<batch>`, …
    pub origin: String,
    /// What undo will call it: `add`, `update`, `remove`, `import`, …
    pub action: &'static str,
}

impl Write {
    /// An edit by hand.
    pub fn form(author: Uuid, action: &'static str) -> Self {
        Self {
            mode: Mode::Local,
            author: Some(author),
            origin: "form".to_owned(),
            action,
        }
    }

    pub fn upkeep() -> Self {
        Self {
            mode: Mode::Upkeep,
            author: None,
            origin: "upkeep".to_owned(),
            action: "upkeep",
        }
    }

    pub fn confirmed() -> Self {
        Self {
            mode: Mode::Confirmed,
            author: None,
            origin: "sync".to_owned(),
            action: "sync",
        }
    }
}

/// One record that a transaction touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub entity: FieldKey,
    pub id: Uuid,
    /// Row number before and after; it moves when a record's place in time does.
    pub old_row: Option<i64>,
    pub row: i64,
    /// Only the server's word on it is new: it is shown and found as it was.
    pub settled: bool,
}

/// A new record that passed all checks and is not written yet.
#[derive(Debug)]
pub struct Draft {
    id: Uuid,
    record: Prepared,
}

impl Draft {
    /// The id that the record will have.
    pub fn id(&self) -> Uuid {
        self.id
    }
}

/// A finished transaction: what the work returned, and what it changed.
#[derive(Debug)]
pub struct Committed<T> {
    pub value: T,
    pub tx: TxId,
    pub changes: Vec<Change>,
}

/// A record as the author of an edit saw it, where what stands there came since.
#[derive(Debug, Clone)]
pub struct Seen {
    pub record: Uuid,
    /// The server's revision that was shown.
    pub rev: i64,
    /// Old values of fields that the edit changes, as they were shown.
    pub fields: Fields,
}

/// The open door: lives as long as one transaction.
pub struct Door<'c> {
    pub(crate) connection: &'c Connection,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) write: Write,
    pub(crate) tx: TxId,
    pub(crate) device: Uuid,
    pub(crate) now: i64,
    pub(crate) hlc: Hlc,
    pub(crate) new_id: &'c dyn Fn(i64) -> Uuid,
    pub(crate) changes: Vec<Change>,
    /// Whether undo or redo is writing, which brings back what once was valid.
    pub(crate) taking_back: bool,
    /// Referenced records known to exist, so that a bulk write asks once for each.
    known: HashSet<Uuid, foldhash::fast::RandomState>,
    /// Insert statements, made once for each entity.
    plans: rows::Plans<'c>,
    /// The log's insert statement, once it was needed.
    log: Option<CachedStatement<'c>>,
    /// The first and the last row of the log that this transaction wrote.
    logged: Option<(i64, i64)>,
    /// What this transaction wrote into the log last.
    last_op: Uuid,
    /// How many of its operations will be sent.
    sends: u32,
    /// Bytes of their patches.
    sent_bytes: usize,
    /// The operation that carries what is written now.
    carrier: Option<Uuid>,
    /// What the author of the following edits had seen of their record.
    seen: Option<Seen>,
    /// What operations say of the laptop's agreement with the server.
    pub(crate) capture: Capture,
    /// The last number of each series that this transaction met, and whether it is written.
    series: BTreeMap<String, Series>,
    leases: Leases,
    /// Statements of the indexes and guards that a bulk write took away.
    missing: Vec<String>,
}

impl std::fmt::Debug for Door<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Door")
            .field("tx", &self.tx)
            .field("write", &self.write)
            .finish_non_exhaustive()
    }
}

impl<'c> Door<'c> {
    #[allow(clippy::too_many_arguments, reason = "the store alone opens the door")]
    pub(crate) fn new(
        connection: &'c Connection,
        catalog: Arc<Catalog>,
        write: Write,
        tx: TxId,
        device: Uuid,
        now: i64,
        hlc: Hlc,
        capture: Capture,
        new_id: &'c dyn Fn(i64) -> Uuid,
    ) -> Self {
        Self {
            connection,
            catalog,
            write,
            tx,
            device,
            now,
            hlc,
            new_id,
            changes: Vec::new(),
            taking_back: false,
            known: HashSet::default(),
            plans: rows::Plans::default(),
            log: None,
            logged: None,
            last_op: Uuid::nil(),
            sends: 0,
            sent_bytes: 0,
            carrier: None,
            seen: None,
            capture,
            series: BTreeMap::new(),
            leases: Leases::default(),
            missing: Vec::new(),
        }
    }

    pub fn now(&self) -> i64 {
        self.now
    }

    /// Edits of this record from now on are made by somebody who saw an earlier state of it.
    pub fn look_back(&mut self, seen: Seen) {
        self.seen = Some(seen);
    }

    pub fn tx(&self) -> TxId {
        self.tx
    }

    /// What this transaction changed so far.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The connection, for reads that belong to the same transaction.
    pub fn reader(&self) -> read::Reader<'_> {
        read::Reader::new(self.connection, Arc::clone(&self.catalog))
    }

    pub fn get(&self, entity: &str, id: Uuid) -> Result<Option<StoredRecord>> {
        self.reader().get(entity, id)
    }

    /// Adds a record and returns its id; `id` is given for what has a name-based identity.
    pub fn create(&mut self, entity: &str, id: Option<Uuid>, fields: Fields) -> Result<Uuid> {
        let prepared = Prepared::new(&self.catalog, entity, fields)?;
        let draft = self.draft(id, prepared)?;
        self.insert(draft)
    }

    /// Completes and checks a new record without writing it, so that several that belong together are
    /// written all or not at all. Drafts made later may refer to it.
    pub fn draft(&mut self, id: Option<Uuid>, mut record: Prepared) -> Result<Draft> {
        let catalog = Arc::clone(&self.catalog);
        let entity = known_entity(&catalog, &record.entity)?;
        let id = id.unwrap_or_else(|| (self.new_id)(self.now));
        if self.write.mode == Mode::Local {
            self.fill_defaults(entity, &mut record)?;
            let fields = &record.fields;
            let mut errors = check_record(entity, fields);
            self.check_unique(entity, id, fields, &mut errors)?;
            self.check_references(entity, &Fields::new(), fields, &mut errors)?;
            refuse(errors)?;
        }
        self.known.insert(id);
        Ok(Draft { id, record })
    }

    /// Writes a checked record and returns its id.
    pub fn insert(&mut self, draft: Draft) -> Result<Uuid> {
        let catalog = Arc::clone(&self.catalog);
        let Draft { id, record } = draft;
        let entity = known_entity(&catalog, &record.entity)?;
        let stamp = self.next_stamp();
        let root = root_of(entity, id, &record.fields);
        let head = self.new_head(root, stamp);
        let row = self.insert_row(entity, id, &head, &record)?;
        self.note_number(entity, &record.fields)?;
        if self.write.mode == Mode::Local {
            self.log_create(entity, id, root, stamp, record.patch)?;
        }
        self.note(Change {
            entity: entity.key.clone(),
            id,
            old_row: None,
            row,
            settled: false,
        })?;
        Ok(id)
    }

    /// Changes the named fields; says whether anything was different from what stood there.
    pub fn update(&mut self, entity: &str, id: Uuid, patch: Fields) -> Result<bool> {
        let catalog = Arc::clone(&self.catalog);
        let entity = known_entity(&catalog, entity)?;
        let current = self.existing(entity, id)?;
        let patch = normalised(entity, patch)?;
        let changed: Fields = patch
            .into_iter()
            .filter(|(key, value)| current.fields.value(key) != value)
            .collect();
        if changed.is_empty() {
            return Ok(false);
        }
        if self.write.mode == Mode::Local {
            // A field that became required later is asked for when it is touched, not in every edit.
            let mut errors = check_record(entity, &changed);
            errors.retain(|error| changed.contains(&error.field) && !self.taking_back);
            for (key, _) in changed.iter() {
                let read_only = entity.field(key).is_some_and(|field| field.read_only);
                // Undo brings back also what Ketu itself had set.
                if read_only && !self.taking_back {
                    errors.push(FieldError::new(key.clone(), "read_only"));
                }
            }
            self.check_unique(entity, id, &changed, &mut errors)?;
            self.check_references(entity, &current.fields, &changed, &mut errors)?;
            refuse(errors)?;
        }
        // Owner and root move by a transfer of their own (docs/adr/0003).
        self.keep_base(entity, &current)?;
        let owner = changed.get("owner").cloned();
        let (moving, staying): (Vec<_>, Vec<_>) = changed
            .into_iter()
            .partition(|(key, _)| entity.field(key).is_some_and(|field| field.moves));
        let mut row = current.row;
        for (kind, part) in [("update", staying), ("transfer", moving)] {
            let part: Fields = part.into_iter().collect();
            if !part.is_empty() {
                row = self.apply(entity, &current, row, kind, &part)?;
            }
        }
        self.note(Change {
            entity: entity.key.clone(),
            id,
            old_row: Some(current.row),
            row,
            settled: false,
        })?;
        if let Some(owner) = owner {
            self.take_along(entity, &current, &owner)?;
        }
        Ok(true)
    }

    /// Stamps a record deleted; what hangs below a root goes and comes back with it.
    pub fn remove(&mut self, entity: &str, id: Uuid) -> Result<bool> {
        self.set_deleted(entity, id, Some(self.now))
    }

    /// Takes a record out of the recycle bin.
    pub fn restore(&mut self, entity: &str, id: Uuid) -> Result<bool> {
        self.set_deleted(entity, id, None)
    }

    pub(crate) fn set_deleted(&mut self, entity: &str, id: Uuid, at: Option<i64>) -> Result<bool> {
        let catalog = Arc::clone(&self.catalog);
        let entity = known_entity(&catalog, entity)?;
        let current = self.existing(entity, id)?;
        if current.deleted_at.is_some() == at.is_some() {
            return Ok(false);
        }
        if at.is_none() && self.write.mode == Mode::Local {
            let mut errors = Vec::new();
            self.check_unique(entity, id, &current.fields, &mut errors)?;
            refuse(errors)?;
        }
        self.keep_base(entity, &current)?;
        let stamp = self.next_stamp();
        self.stamp_deleted(entity, &current, stamp, at)?;
        if self.write.mode == Mode::Local {
            self.log_deleted(entity, &current, stamp, at)?;
        }
        self.note(Change {
            entity: entity.key.clone(),
            id,
            old_row: Some(current.row),
            row: current.row,
            settled: false,
        })?;
        Ok(true)
    }

    /// Writes changed fields of one record as one operation; returns its row number.
    pub(crate) fn apply(
        &mut self,
        entity: &EntityDef,
        current: &StoredRecord,
        row: i64,
        kind: &str,
        changed: &Fields,
    ) -> Result<i64> {
        let stamp = self.next_stamp();
        let root = match &entity.root {
            Root::Of(key) if changed.contains(key) => root_of(entity, current.id, changed),
            _ => current.root,
        };
        let row = self.update_row(entity, current, row, root, stamp, changed)?;
        if self.write.mode == Mode::Local {
            self.log_update(entity, current, root, stamp, kind, changed)?;
        }
        self.note_number(entity, changed)?;
        Ok(row)
    }

    /// Keeps a value that concerns this file only, with the rest of the transaction.
    pub fn set_meta(&self, key: &str, value: &str) -> Result<()> {
        crate::store::set_meta(self.connection, key, value)
    }

    pub(crate) fn existing(&self, entity: &EntityDef, id: Uuid) -> Result<StoredRecord> {
        self.get(&entity.key, id)?
            .ok_or_else(|| StoreError::NotFound {
                entity: entity.key.to_string(),
                id,
            })
    }

    /// Notes what changed; a change of the users' own fields holds for the rest of the transaction.
    fn note(&mut self, change: Change) -> Result<()> {
        if change.entity == "field_definition" {
            self.catalog = self.reader().present_catalog()?;
        }
        self.changes.push(change);
        Ok(())
    }

    fn next_stamp(&mut self) -> Hlc {
        self.hlc = self.hlc.next(self.now + self.capture.clock_offset);
        self.hlc
    }

    fn fill_defaults(&mut self, entity: &EntityDef, record: &mut Prepared) -> Result<()> {
        if entity.field("owner").is_some() && record.fields.value("owner").is_null() {
            record.set("owner", self.write.author.into());
        }
        if let Some((field, prefix)) = entity.auto_number()
            && record.fields.value(&field.key).is_null()
        {
            let number = self.next_number(entity, field, prefix)?;
            // Where it will be looked for when it has another.
            if series::is_provisional(prefix, &number)
                && entity.field(FORMER_NUMBERS).is_some()
                && record.fields.value(FORMER_NUMBERS).is_null()
            {
                record.set(FORMER_NUMBERS, Value::Text(number.clone()));
            }
            record.set(field.key.clone(), Value::Text(number));
        }
        Ok(())
    }
}

pub(crate) fn known_entity<'a>(catalog: &'a Catalog, key: &str) -> Result<&'a EntityDef> {
    catalog
        .entity(key)
        .ok_or_else(|| StoreError::UnknownEntity(key.to_owned()))
}

/// The root that a record with these fields hangs below; roots themselves are `Root::Own`.
fn root_of(entity: &EntityDef, id: Uuid, fields: &Fields) -> Uuid {
    match &entity.root {
        Root::Own => id,
        Root::Of(key) => fields.id(key).unwrap_or(id),
    }
}

/// Every value in its normal form; all that is wrong with them at once.
fn normalised(entity: &EntityDef, fields: Fields) -> Result<Fields> {
    let mut out = Fields::with_capacity(fields.len());
    let mut errors = Vec::new();
    for (key, value) in fields {
        let Some(field) = entity.field(&key) else {
            return Err(StoreError::UnknownField {
                entity: entity.key.to_string(),
                field: key.into_owned(),
            });
        };
        match check_value(field, value) {
            Ok(value) => out.set(key, value),
            Err(error) => errors.push(error),
        }
    }
    refuse(errors)?;
    Ok(out)
}

fn refuse(errors: Vec<FieldError>) -> Result<()> {
    if errors.is_empty() {
        Ok(())
    } else {
        Err(StoreError::Invalid(errors))
    }
}
