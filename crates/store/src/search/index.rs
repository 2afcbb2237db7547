//! The search index of an open file: built beside the first list, kept up with every change.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError, RwLock};

use ketu_model::field::{FieldDef, SearchClass};
use ketu_model::{Catalog, EntityDef};
use rusqlite::OptionalExtension;
use rusqlite::types::ValueRef;

use super::arena::{Arena, MatchedBy, TextClass};
use super::text;
use crate::door::{Change, known_entity};
use crate::error::{Result, StoreError};
use crate::read::Reader;
use crate::store::Store;

/// Above this many changes in one transaction the arena is built anew instead of patched.
const REBUILD: usize = 5_000;

/// From this many changes on a page of a pull is followed on a thread of its own.
const PAGE: usize = 500;

/// Bits of a key that hold the row number; the entity's place in the catalog stands above.
const ROW_BITS: u32 = 48;

#[derive(Debug, Default)]
pub struct Index {
    arena: RwLock<Arena>,
    progress: Mutex<Progress>,
    settled: Condvar,
    /// The file is being closed: nobody will search any more.
    closing: AtomicBool,
}

#[derive(Debug, Default)]
struct Progress {
    built: bool,
    building: bool,
    /// What is under way is no build but a page of a pull, patched in beside everything else.
    following: bool,
    /// Changes that came while the arena was being built.
    backlog: Vec<Change>,
    /// A large change came meanwhile: build once more.
    again: bool,
    /// The arena misses something that could not be read; the next search asks again.
    incomplete: bool,
}

/// A record that a text found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordHit {
    pub entity: String,
    pub row: i64,
    /// By what it was found; `None` for long text.
    pub by: Option<MatchedBy>,
}

/// Hits in order, and how many there are at least.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub hits: Vec<RecordHit>,
    pub total: usize,
}

impl Index {
    /// Builds the arena on a thread of its own. The thread holds the store until it is done.
    pub(crate) fn build(&self, store: &Store) {
        {
            let mut progress = self.progress();
            if progress.building {
                progress.again = true;
                return;
            }
            progress.building = true;
        }
        let held = store.clone();
        std::thread::spawn(move || {
            let index = held.index();
            let built = catch_unwind(AssertUnwindSafe(|| index.build_here(&held)));
            if built.is_err() || index.closing.load(Ordering::Relaxed) {
                index.give_up();
            }
        });
    }

    /// After a panic while building, or at the end: searches do not wait for ever, and meet the cause themselves.
    fn give_up(&self) {
        let mut progress = self.progress();
        progress.incomplete = true;
        progress.built = true;
        progress.building = false;
        progress.following = false;
        self.settled.notify_all();
    }

    /// Ends a build under way.
    pub(crate) fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
        self.wait();
    }

    fn build_here(&self, store: &Store) {
        while !self.closing.load(Ordering::Relaxed) {
            let gathered = self.gather(store);
            let mut progress = self.progress();
            progress.incomplete = gathered.is_err();
            if std::mem::take(&mut progress.again) {
                progress.backlog.clear();
                continue;
            }
            let backlog = std::mem::take(&mut progress.backlog);
            if backlog.is_empty() {
                progress.built = true;
                progress.building = false;
                self.settled.notify_all();
                return;
            }
            drop(progress);
            self.patch(store, &backlog);
        }
    }

    /// Follows a committed transaction.
    pub(crate) fn refresh(&self, store: &Store, changes: &[Change]) {
        if changes.is_empty() {
            return;
        }
        if changes.len() > REBUILD {
            self.progress().built = false;
            self.build(store);
            return;
        }
        let mut progress = self.progress();
        if progress.building && !progress.following {
            progress.backlog.extend_from_slice(changes);
            return;
        }
        drop(progress);
        self.patch(store, changes);
    }

    /// Follows a page of a pull on a thread of its own: the next page need not wait, and searches find what is there so
    /// far. Small ones are followed at once.
    pub(crate) fn follow(&self, store: &Store, changes: &[Change]) {
        let found = changes.iter().filter(|change| !change.settled);
        let changes: Vec<Change> = found.cloned().collect();
        if changes.len() < PAGE {
            self.refresh(store, &changes);
            return;
        }
        let mut progress = self.progress();
        progress.backlog.extend(changes);
        if progress.building {
            return;
        }
        progress.building = true;
        progress.following = true;
        drop(progress);
        let held = store.clone();
        std::thread::spawn(move || {
            let index = held.index();
            let followed = catch_unwind(AssertUnwindSafe(|| index.follow_here(&held)));
            if followed.is_err() || index.closing.load(Ordering::Relaxed) {
                index.give_up();
            }
        });
    }

    fn follow_here(&self, store: &Store) {
        while !self.closing.load(Ordering::Relaxed) {
            let mut progress = self.progress();
            if progress.again {
                // A large change came meanwhile: all is read anew.
                progress.following = false;
                drop(progress);
                self.build_here(store);
                return;
            }
            let backlog = std::mem::take(&mut progress.backlog);
            if backlog.is_empty() {
                progress.building = false;
                progress.following = false;
                return;
            }
            drop(progress);
            self.patch(store, &backlog);
        }
    }

    fn gather(&self, store: &Store) -> Result<()> {
        let gathered = store.read(|reader| gather(reader, &self.closing));
        let arena = gathered.inspect_err(|error| {
            tracing::error!(%error, "the search index could not be built");
        })?;
        *self.arena.write().unwrap_or_else(PoisonError::into_inner) = arena;
        Ok(())
    }

    fn patch(&self, store: &Store, changes: &[Change]) {
        if let Err(error) = store.read(|reader| self.patch_with(reader, changes)) {
            tracing::error!(%error, "the search index could not follow a change");
            self.progress().incomplete = true;
        }
    }

    /// Waits for the arena, and gathers it anew where something could not be read before.
    fn ready(&self, store: &Store) -> Result<()> {
        self.wait();
        if self.progress().incomplete {
            self.gather(store)?;
            self.progress().incomplete = false;
        }
        Ok(())
    }

    fn patch_with(&self, reader: &Reader<'_>, changes: &[Change]) -> Result<()> {
        let catalog = reader.catalog();
        for change in changes {
            if self.closing.load(Ordering::Relaxed) {
                break;
            }
            let Some((tag, entity)) = searchable(catalog, &change.entity) else {
                continue;
            };
            let mut rows = vec![change.row];
            rows.extend(change.old_row.filter(|old| *old != change.row));
            let mut entities = vec![(tag, entity, rows)];
            if entity.key == "customer" {
                // What hangs below a customer goes and comes back with it.
                for (tag, child) in catalog
                    .entities
                    .iter()
                    .enumerate()
                    .filter(|(_, e)| !is_root(e))
                {
                    if searchable(catalog, &child.key).is_some() {
                        entities.push((tag, child, children(reader, child, change.id)?));
                    }
                }
            }
            for (tag, entity, rows) in entities {
                for row in rows {
                    self.replace(reader, tag, entity, row)?;
                }
            }
        }
        Ok(())
    }

    fn replace(&self, reader: &Reader<'_>, tag: usize, entity: &EntityDef, row: i64) -> Result<()> {
        let mut arena = self.arena.write().unwrap_or_else(PoisonError::into_inner);
        arena.remove(key(tag, row));
        insert(&mut arena, reader, tag, entity, Some(row), &self.closing)
    }

    /// Waits until the arena holds what was committed before.
    pub fn wait(&self) {
        let mut progress = self.progress();
        while !progress.built {
            progress = self
                .settled
                .wait(progress)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn progress(&self) -> std::sync::MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Records that every word of `text` finds, best first: names, phones and codes by rank, then
    /// long text, newest first. `entities` narrows it; empty means all.
    pub fn search(&self, text: &str, entities: &[&str], limit: usize) -> Result<Found> {
        self.index().ready(self)?;
        let catalog = self.catalog();
        let wanted =
            |entity: &EntityDef| entities.is_empty() || entities.contains(&entity.key.as_ref());
        let long: Vec<&EntityDef> = catalog
            .entities
            .iter()
            .filter(|entity| crate::schema::has_long_text(entity) && wanted(entity))
            .collect();
        // Each takes milliseconds among a million records: side by side.
        let (found, texts) = std::thread::scope(|scope| {
            let texts = scope.spawn(|| {
                let rows_of = |entity| self.read(|reader| search_text(reader, entity, text, limit));
                long.iter()
                    .map(|entity| rows_of(entity))
                    .collect::<Result<Vec<_>>>()
            });
            let arena = self.index().arena.read();
            let found =
                arena
                    .unwrap_or_else(PoisonError::into_inner)
                    .search_where(text, limit, |key| {
                        catalog.entities.get(tag_of(key)).is_some_and(wanted)
                    });
            let texts = texts.join();
            (found, texts.unwrap_or_else(|panic| resume_unwind(panic)))
        });
        let mut answer = Found {
            total: found.total,
            hits: Vec::with_capacity(found.hits.len()),
        };
        for hit in found.hits {
            let entity = &catalog.entities[tag_of(hit.key)];
            answer.hits.push(RecordHit {
                entity: entity.key.to_string(),
                row: row_of(hit.key),
                by: Some(hit.by),
            });
        }
        for (entity, rows) in long.iter().zip(texts?) {
            answer.total += rows.len();
            let room = limit.saturating_sub(answer.hits.len());
            answer
                .hits
                .extend(rows.into_iter().take(room).map(|row| RecordHit {
                    entity: entity.key.to_string(),
                    row,
                    by: None,
                }));
        }
        Ok(answer)
    }
}

/// Rows whose long text holds every word of the query, newest first.
fn search_text(
    reader: &Reader<'_>,
    entity: &EntityDef,
    query: &str,
    limit: usize,
) -> Result<Vec<i64>> {
    let words: Vec<&str> = query.split_whitespace().collect();
    let phrases: Vec<String> = words.iter().filter_map(|word| text::phrase(word)).collect();
    if phrases.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "select rowid from {0}_text where {0}_text match ?1 order by rowid desc",
        entity.key
    );
    let mut statement = reader.connection.prepare_cached(&sql)?;
    let mut found = statement.query([phrases.join(" AND ")])?;
    let rough = words.iter().any(|word| text::is_rough(word));
    let check = Check::new(reader, entity, rough)?;
    let mut rows = Vec::new();
    while rows.len() < limit
        && let Some(row) = found.next()?
    {
        let row = row.get(0)?;
        let fits = match &check {
            None => true,
            Some(check) => check
                .body(row)?
                .is_some_and(|body| words.iter().all(|word| text::contains(&body, word))),
        };
        if fits {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// Reads what the index found, for what the index does not know.
struct Check<'r> {
    reader: &'r Reader<'r>,
    sql: String,
    columns: usize,
}

impl<'r> Check<'r> {
    /// None where the index says it all: its phrases are exact and nothing is in the recycle bin.
    fn new(reader: &'r Reader<'_>, entity: &EntityDef, rough: bool) -> Result<Option<Self>> {
        let bin = format!(
            "select exists (select 1 from {} where deleted_at is not null)
                 or exists (select 1 from customer where deleted_at is not null)",
            entity.key
        );
        let bin: bool = reader
            .connection
            .prepare_cached(&bin)?
            .query_row([], |row| row.get(0))?;
        if !rough && !bin {
            return Ok(None);
        }
        let columns: Vec<&str> = text::fields(entity)
            .map(|field| field.key.as_ref())
            .collect();
        // What hangs below a deleted customer is gone with it.
        let sql = format!(
            "select {} from {} as record where rid = ?1 and deleted_at is null and not exists (
               select 1 from customer where id = record.root_id and deleted_at is not null)",
            columns.join(", "),
            entity.key
        );
        Ok(Some(Self {
            reader,
            sql,
            columns: columns.len(),
        }))
    }

    /// The long text of a living record.
    fn body(&self, row: i64) -> Result<Option<String>> {
        let mut read = self.reader.connection.prepare_cached(&self.sql)?;
        let texts = read.query_row([row], |row| {
            let texts = (0..self.columns).map(|at| row.get::<_, Option<String>>(at));
            texts.collect::<Result<Vec<_>, _>>()
        });
        Ok(texts
            .optional()?
            .map(|texts| text::joined(texts.iter().flatten().map(String::as_str))))
    }
}

fn is_root(entity: &EntityDef) -> bool {
    entity.root == ketu_model::entity::Root::Own
}

fn key(tag: usize, row: i64) -> u64 {
    (tag as u64) << ROW_BITS | row.unsigned_abs()
}

fn tag_of(key: u64) -> usize {
    usize::try_from(key >> ROW_BITS).unwrap_or(usize::MAX)
}

fn row_of(key: u64) -> i64 {
    i64::try_from(key & ((1 << ROW_BITS) - 1)).unwrap_or(i64::MAX)
}

fn class(field: &FieldDef) -> Option<TextClass> {
    match field.search {
        SearchClass::Name => Some(TextClass::Name),
        SearchClass::Phone => Some(TextClass::Phone),
        SearchClass::Code => Some(TextClass::Email),
        SearchClass::None | SearchClass::Text => None,
    }
}

fn searchable<'c>(catalog: &'c Catalog, key: &str) -> Option<(usize, &'c EntityDef)> {
    let tag = catalog
        .entities
        .iter()
        .position(|entity| entity.key == key)?;
    let entity = &catalog.entities[tag];
    entity
        .core_fields()
        .any(|field| class(field).is_some())
        .then_some((tag, entity))
}

/// All living records' texts; fewer where the file is being closed.
fn gather(reader: &Reader<'_>, closing: &AtomicBool) -> Result<Arena> {
    let mut arena = Arena::new();
    let catalog = reader.catalog();
    for (tag, entity) in catalog.entities.iter().enumerate() {
        if searchable(catalog, &entity.key).is_some() {
            insert(&mut arena, reader, tag, entity, None, closing)?;
        }
    }
    Ok(arena)
}

/// Inserts one row, or all; deleted ones and those of a deleted root are left out.
fn insert(
    arena: &mut Arena,
    reader: &Reader<'_>,
    tag: usize,
    entity: &EntityDef,
    row: Option<i64>,
    closing: &AtomicBool,
) -> Result<()> {
    let fields: Vec<(&FieldDef, TextClass)> = entity
        .core_fields()
        .filter_map(|field| Some((field, class(field)?)))
        .collect();
    let columns: Vec<&str> = fields.iter().map(|(field, _)| field.key.as_ref()).collect();
    let entity = known_entity(reader.catalog(), &entity.key)?;
    let alive = if is_root(entity) {
        "deleted_at is null"
    } else {
        "deleted_at is null and root_id not in (select id from customer where deleted_at is not null)"
    };
    let one = if row.is_some() {
        "rid = ?1"
    } else {
        "?1 is null"
    };
    let sql = format!(
        "select rid, updated_at, {} from {} where {one} and {alive}",
        columns.join(", "),
        entity.key
    );
    let mut statement = reader.connection.prepare_cached(&sql)?;
    let mut rows = statement.query([row])?;
    while !closing.load(Ordering::Relaxed)
        && let Some(row) = rows.next()?
    {
        let mut texts = Vec::with_capacity(fields.len());
        for (at, (field, class)) in fields.iter().enumerate() {
            match row.get_ref(at + 2)? {
                ValueRef::Null => {}
                ValueRef::Text(bytes) => {
                    let text = std::str::from_utf8(bytes).map_err(|_| StoreError::Malformed {
                        entity: entity.key.to_string(),
                        field: field.key.to_string(),
                    })?;
                    texts.push((*class, text));
                }
                _ => {}
            }
        }
        arena.insert(key(tag, row.get(0)?), row.get(1)?, texts);
    }
    Ok(())
}

fn children(reader: &Reader<'_>, entity: &EntityDef, root: uuid::Uuid) -> Result<Vec<i64>> {
    let sql = format!("select rid from {} where root_id = ?1", entity.key);
    let mut statement = reader.connection.prepare_cached(&sql)?;
    let rows = statement.query_map([root], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
