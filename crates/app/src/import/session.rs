//! Open imports, by number: each goes from a look at the file over its plan to what was done. One
//! thread at a time works on an import; any other may cancel it.

mod opening;
mod running;
mod shown;
mod work;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ketu_model::Catalog;
use ketu_sheet::{MAX_ROWS, Reader, SheetError, Table};
use ketu_store::file::BackupReason;
use ketu_store::{Change, Mode, Select, Store, StoreError, Write};
use uuid::Uuid;

use super::apply::{Applied, Job, apply};
use super::known::{Below, Known};
use super::lookup::Lookup;
use super::mapping::{self, Dictionary, Mapping};
use super::open::{Opened, displayed, kind_name, open};
use super::plan::{Ahead, Issue, Plan, Planning, Reason};
use super::reasons::Language;
use super::rows::Layout;
use super::target::{Part, Target, import_targets};
use super::{failed, template};
use crate::api::event::Event;
use crate::api::import::{
    CellIssue, DuplicateRule, ExistingRecord, FailedRowsRequest, ImportColumn, ImportOpen,
    ImportOpened, ImportPlanRequest, ImportPlanned, ImportRef, ImportRow, ImportRows,
    ImportRowsRequest, ImportSheet, ImportTarget, Imported, NewOption, RowAction,
};
use crate::api::session::{Done, SaveText};
use crate::api::views::Exported;
use crate::app::Session;
use crate::error::{AppError, Result};
use shown::{by_entity, cell_issue, changed, new_options};
use work::{checked_mapping, surroundings};

/// Tells the window how far an import is.
pub type Emit<'e> = &'e (dyn Fn(&Event) + Sync);

/// Rows that one request shows at most.
const MOST_ROWS: u32 = 200;
/// How long a cancelled import waits for a backup under way: not at all, but for this tick.
const TICK: Duration = Duration::from_millis(20);

/// All open imports.
#[derive(Debug)]
pub struct Imports {
    /// What is started to read spreadsheets.
    program: PathBuf,
    next: AtomicU32,
    open: Mutex<BTreeMap<u32, Arc<Import>>>,
    /// Files that are being looked into, by the number that they will have.
    opening: Mutex<BTreeMap<u32, Arc<AtomicBool>>>,
}

#[derive(Debug)]
struct Import {
    number: u32,
    cancel: AtomicBool,
    work: Mutex<Work>,
}

/// One import as far as it has come.
#[derive(Debug)]
struct Work {
    opened: Opened,
    table: Option<Arc<Table>>,
    /// The table with merged cells filled.
    filled: Option<Arc<Table>>,
    planned: Option<Planned>,
    done: bool,
}

/// A plan and what it was made from.
#[derive(Debug)]
struct Planned {
    table: Arc<Table>,
    rows: Vec<u32>,
    layout: Layout,
    mapping: Mapping,
    lookup: Lookup,
    duplicates: DuplicateRule,
    plan: Plan,
    /// The state of the base that the plan was made for.
    state: Option<String>,
    refused: Vec<Issue>,
}

impl Planned {
    /// What is wrong or odd in a row, also what was found only when it was written.
    fn issues_of(&self, row: u32) -> impl Iterator<Item = &Issue> {
        let refused = self.refused.iter().filter(move |issue| issue.row == row);
        self.plan.issues_of(row).iter().chain(refused)
    }
}

impl Imports {
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            next: AtomicU32::new(1),
            open: Mutex::new(BTreeMap::new()),
            opening: Mutex::new(BTreeMap::new()),
        }
    }

    fn reader(&self) -> Reader {
        Reader::new(&self.program)
    }

    fn get(&self, number: u32) -> Result<Arc<Import>> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(&number)
            .cloned()
            .ok_or_else(|| AppError::refused("import_closed"))
    }

    pub fn targets(&self, session: &Session) -> Vec<ImportTarget> {
        import_targets(&session.store.catalog())
    }

    /// Reads the whole sheet, once, and decides what every row will do.
    pub fn plan(
        &self,
        session: &Session,
        request: ImportPlanRequest,
        emit: Emit<'_>,
    ) -> Result<ImportPlanned> {
        let import = self.get(request.import)?;
        let mut work = import.start();
        if work.done {
            return Err(AppError::refused("import_done"));
        }
        let catalog = session.store.catalog();
        let mapping = checked_mapping(&catalog, &work.opened.names, &request.mapping)?;
        work.planned = None;
        let layout = Layout::new(&catalog, &work.opened.names, &mapping);
        let duplicates = request.duplicates.unwrap_or_default();
        let (lookup, known, state) =
            session.read(|reader| surroundings(reader, &layout, duplicates))?;
        let today = session.store.clock().today();
        let fill = request.fill_merged.unwrap_or(true);
        let mut ahead = Ahead::new(&layout, &lookup, today, work.opened.header.1);
        let table = work.table(&self.reader(), fill, &import, emit, &mut |table| {
            ahead.read(table);
        })?;
        if table.left_out().rows > 0 {
            // Half a file would look like a whole one.
            return Err(AppError::refused("sheet_too_many_rows").param("limit", MAX_ROWS));
        }
        // Cells that were filled are not those that were read.
        let ahead = Some(ahead).filter(|_| !fill || table.merges().is_empty());
        let (rows, hidden_rows) =
            work.body_rows(&table, &catalog, request.skip_hidden.unwrap_or(false));
        let plan = {
            let planning = Planning {
                table: &table,
                rows: &rows,
                layout: &layout,
                lookup: &lookup,
                known: &known,
                duplicates,
                today,
            };
            import.planned(planning, ahead, emit)?
        };
        let answer = ImportPlanned {
            import: import.number,
            rows: plan.counts.total(),
            create: plan.counts.create,
            update: plan.counts.update,
            skip: plan.counts.skip,
            fail: plan.counts.fail,
            records: by_entity(&plan.records),
            new_options: new_options(&catalog, &layout, &plan),
            hidden_rows,
            columns_left_out: u32::try_from(table.left_out().columns).unwrap_or(u32::MAX),
            characters_replaced: u32::try_from(table.replaced_characters()).unwrap_or(u32::MAX),
            merged_ranges: count(
                table
                    .merges()
                    .iter()
                    .filter(|merge| merge.first_row > work.opened.header.1)
                    .count(),
            ),
        };
        work.planned = Some(Planned {
            table,
            rows,
            layout,
            mapping,
            lookup,
            duplicates,
            plan,
            state,
            refused: Vec::new(),
        });
        Ok(answer)
    }

    /// A window of the plan.
    pub fn rows(&self, session: &Session, request: ImportRowsRequest) -> Result<ImportRows> {
        let import = self.get(request.import)?;
        let work = import.work();
        let planned = work.planned()?;
        let wanted = (0u32..)
            .zip(&planned.plan.rows)
            .filter(|(_, row)| request.only.is_none_or(|only| row.action == only))
            .map(|(number, _)| number);
        let wanted: Vec<u32> = wanted.collect();
        let from = (request.offset as usize).min(wanted.len());
        let to = from
            .saturating_add(request.limit.min(MOST_ROWS) as usize)
            .min(wanted.len());
        let rows = session.read(|reader| {
            let mut rows = Vec::with_capacity(to - from);
            for number in &wanted[from..to] {
                let row = &planned.plan.rows[*number as usize];
                let cells = planned
                    .table
                    .row(row.at as usize)
                    .expect("the plan's rows are the table's");
                let existing = match (row.reason, row.group) {
                    (Some(reason), Some(group)) => {
                        let id = planned.plan.companies[group as usize].existing;
                        let title = match id {
                            Some(id) => reader.titles("customer", [id])?.remove(&id),
                            None => planned.layout.column(Part::Customer, "name").map(|column| {
                                displayed(cells, column.index + 1).pop().unwrap_or_default()
                            }),
                        };
                        Some(ExistingRecord {
                            id: id.unwrap_or(Uuid::nil()),
                            title: title.unwrap_or_default(),
                            reason: if id.is_none() { Reason::File } else { reason }
                                .as_str()
                                .to_owned(),
                        })
                    }
                    _ => None,
                };
                rows.push(ImportRow {
                    row: cells.number(),
                    action: row.action,
                    existing,
                    cells: displayed(cells, work.opened.names.len()),
                    issues: planned
                        .issues_of(*number)
                        .map(|issue| cell_issue(planned, &work.opened.names, issue))
                        .collect(),
                });
            }
            Ok(rows)
        })?;
        Ok(ImportRows {
            total: count(wanted.len()),
            rows,
        })
    }

    /// Writes what was planned, in one transaction, after a backup.
    pub fn apply(&self, session: &Session, request: ImportRef, emit: Emit<'_>) -> Result<Imported> {
        let import = self.get(request.import)?;
        let mut work = import.start();
        if work.done {
            return Err(AppError::refused("import_done"));
        }
        work.planned()?;
        let started = Instant::now();
        let store = &session.store;
        let names = work.opened.names.clone();
        let catalog = store.catalog();
        import.tell(emit, "applying", 0, None);
        if !store
            .read(|reader| reader.row_numbers(&Select::all("customer").limit(1)))?
            .is_empty()
        {
            import.back_up(store)?;
        }
        let planned = work
            .planned
            .as_mut()
            .ok_or_else(|| AppError::refused("import_not_planned"))?;
        let write = Write {
            mode: Mode::Local,
            author: Some(session.user),
            origin: format!("import:{}", Uuid::now_v7()),
            action: "import",
        };
        let committed = store.transact(write, |door| {
            // Someone may have worked on since the plan was made: then it is made again.
            let reader = door.reader();
            if reader.meta("hlc")? != planned.state {
                let (lookup, known, state) =
                    surroundings(&reader, &planned.layout, planned.duplicates)?;
                let planning = Planning {
                    table: &planned.table,
                    rows: &planned.rows,
                    layout: &planned.layout,
                    lookup: &lookup,
                    known: &known,
                    duplicates: planned.duplicates,
                    today: store.clock().today(),
                };
                planned.plan = import.planned(planning, None, emit)?;
                planned.lookup = lookup;
                planned.state = state;
            }
            drop(reader);
            let job = Job {
                table: &planned.table,
                layout: &planned.layout,
                lookup: &planned.lookup,
                plan: &planned.plan,
                catalog: &catalog,
                today: store.clock().today(),
            };
            let total = count(planned.plan.rows.len());
            apply(door, job, &import.cancel, &|done| {
                import.tell(emit, "applying", count(done), Some(total));
            })
        })?;
        emit(&changed(&committed.changes));
        // What was written is written: a guess for the next file is no reason to call it failed.
        if let Err(error) = mapping::remember(store, &names, &planned.mapping) {
            tracing::warn!(%error, "where the columns went could not be remembered");
        }
        let Applied {
            counts,
            records,
            refused,
        } = committed.value;
        let answer = Imported {
            import: import.number,
            tx: (!committed.changes.is_empty()).then_some(committed.tx.0),
            rows: counts.total(),
            created: counts.create,
            updated: counts.update,
            skipped: counts.skip,
            failed: counts.fail,
            records: by_entity(&records),
            options_added: new_options(&catalog, &planned.layout, &planned.plan),
            milliseconds: i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX),
        };
        for issue in &refused {
            planned.plan.rows[issue.row as usize].action = RowAction::Fail;
        }
        planned.refused = refused;
        work.done = true;
        Ok(answer)
    }

    /// Stops what runs on an import: reading, planning or writing, which then leaves nothing.
    pub fn cancel(&self, request: ImportRef) -> Result<Done> {
        if let Some(cancel) = self.opening().get(&request.import) {
            cancel.store(true, Ordering::Relaxed);
            return Ok(Done { done: true });
        }
        self.get(request.import)?
            .cancel
            .store(true, Ordering::Relaxed);
        Ok(Done { done: true })
    }

    pub fn close(&self, request: ImportRef) -> Result<Done> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let import = open.remove(&request.import);
        if let Some(import) = &import {
            import.cancel.store(true, Ordering::Relaxed);
        }
        Ok(Done {
            done: import.is_some(),
        })
    }

    /// Writes the rows that failed, as they were, with their reasons.
    pub fn failed_rows(&self, session: &Session, request: FailedRowsRequest) -> Result<Exported> {
        let import = self.get(request.import)?;
        let work = import.work();
        let planned = work.planned()?;
        let rows = failed::write(
            Path::new(&request.path),
            &failed::Failed {
                table: &planned.table,
                names: &work.opened.names,
                layout: &planned.layout,
                plan: &planned.plan,
                refused: &planned.refused,
            },
            language(session)?,
        )?;
        Ok(Exported {
            rows,
            path: request.path,
        })
    }

    /// Writes an empty workbook with the usual columns.
    pub fn template(&self, session: &Session, request: SaveText) -> Result<Exported> {
        template::write(Path::new(&request.path), session, language(session)?)?;
        Ok(Exported {
            rows: 0,
            path: request.path,
        })
    }
}

fn language(session: &Session) -> Result<Language> {
    Ok(Language::of(&crate::session::settings(session)?.language))
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
