//! Carrying out a plan within one transaction. Rows are read on a thread of their own while this one
//! writes; a row whose records the door refuses is left out whole, and the others go on.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Instant;

use chrono::NaiveDate;
use ketu_model::catalog::shipped::shipped_option;
use ketu_model::normalise::text::clean;
use ketu_model::{Catalog, Value};
use ketu_sheet::{Cell, Table};
use ketu_store::{Door, Prepared, StoreError};
use uuid::Uuid;

use super::cells::Fault;
use super::lookup::Lookup;
use super::plan::{Counts, Issue, Plan, RowPlan, Slot, complete};
use super::rows::{Layout, RowRecords, Rows};
use super::target::Part;
use crate::api::import::RowAction;
use crate::error::Result;

/// Everything that is carried out.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    pub table: &'a Table,
    pub layout: &'a Layout,
    pub lookup: &'a Lookup,
    pub plan: &'a Plan,
    pub catalog: &'a Catalog,
    pub today: NaiveDate,
}

/// What was done.
#[derive(Debug, Default)]
pub struct Applied {
    pub counts: Counts,
    /// New records by part.
    pub records: [u32; 5],
    /// Rows that the door refused although they were planned.
    pub refused: Vec<Issue>,
}

/// Rows that are handed over at once.
const BATCH: usize = 128;
/// Batches that may wait for the writer.
const AHEAD: usize = 3;

/// Writes the plan through the door. `progress` hears how many rows are behind, at most ten times a
/// second.
pub fn apply(
    door: &mut Door<'_>,
    job: Job<'_>,
    cancel: &AtomicBool,
    progress: &dyn Fn(usize),
) -> Result<Applied> {
    add_names(door, job)?;
    // Most of what is new is of these two kinds; rows that are left out by then do no harm.
    let many =
        job.plan.records[Part::Customer.index()].max(job.plan.records[Part::Contact.index()]);
    door.expect_many(&["customer", "contact"], many, |entity, field| {
        job.layout
            .columns()
            .iter()
            .any(|column| column.target.part.entity() == entity && column.target.field == field)
    })?;
    expect_numbers(door, job)?;
    let now = door.now();
    std::thread::scope(|scope| {
        let (sender, ready) = sync_channel(AHEAD);
        scope.spawn(move || job.prepare(now, cancel, &sender));
        let mut writing = Writing {
            job,
            door,
            applied: Applied::default(),
            companies: vec![None; job.plan.companies.len()],
            contacts: HashMap::new(),
            opportunities: HashMap::new(),
        };
        writing.write_all(ready, cancel, progress)?;
        while writing.door.bring_back()? {
            writing.check(cancel)?;
        }
        let mut applied = writing.applied;
        applied.counts.skip += job.plan.counts.skip;
        applied.counts.fail += job.plan.counts.fail;
        Ok(applied)
    })
}

/// Keeps the numbers that rows bring from being given to the rows above them.
fn expect_numbers(door: &mut Door<'_>, job: Job<'_>) -> Result<()> {
    for part in [Part::Customer, Part::Opportunity] {
        let Some(column) = job.layout.column(part, "number") else {
            continue;
        };
        let written = job.plan.rows.iter().filter(|row| is_written(row));
        let numbers =
            written.filter_map(
                |row| match job.table.row(row.at as usize)?.cell(column.index) {
                    Cell::Text(number) => Some(clean(number)),
                    _ => None,
                },
            );
        door.expect_numbers(part.entity(), numbers)?;
    }
    Ok(())
}

/// Adds options and tags that rows will name.
fn add_names(door: &mut Door<'_>, job: Job<'_>) -> Result<()> {
    let mut added: HashMap<&str, usize> = HashMap::new();
    for new in job.plan.new_names.iter().map(|added| &added.name) {
        // One that was removed comes back: its id follows from its name.
        if let Some(record) = door.get(new.entity, new.id)? {
            if record.deleted_at.is_some() {
                door.restore(new.entity, new.id)?;
            }
            continue;
        }
        let after = added
            .entry(&new.list)
            .or_insert_with(|| job.lookup.list_length(&new.list));
        let position = u32::try_from(*after).map_or(0.0, f64::from);
        *after += 1;
        door.create(new.entity, Some(new.id), new.fields(position))?;
    }
    Ok(())
}

/// A row ready to be written.
struct Ready {
    row: u32,
    /// Records that it makes, but for their references to each other.
    made: Vec<(Part, Result<Prepared, StoreError>)>,
    /// What it says of records that are there.
    said: RowRecords,
}

impl Job<'_> {
    /// Reads the rows that are written and completes their records. Ends early when nobody listens.
    fn prepare(self, now: i64, cancel: &AtomicBool, ready: &SyncSender<Vec<Ready>>) {
        let mut rows = Rows::new(self.layout, self.lookup, self.today);
        let further = Further::of(self.plan);
        let mut batch = Vec::with_capacity(BATCH);
        for (number, row) in (0u32..).zip(&self.plan.rows) {
            if !is_written(row) {
                continue;
            }
            let mut said = self.read(&mut rows, number, row, &further, now);
            let made = news(row)
                .into_iter()
                .filter(|(_, new)| *new)
                .map(|(part, _)| {
                    (
                        part,
                        Prepared::new(self.catalog, part.entity(), said.take(part)),
                    )
                });
            let made = made.collect();
            batch.push(Ready {
                row: number,
                made,
                said,
            });
            if batch.len() == BATCH {
                let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                if cancel.load(Ordering::Relaxed) || ready.send(full).is_err() {
                    return;
                }
            }
        }
        // Nobody listens any more: the writer has failed, and says so itself.
        let _ = ready.send(batch);
    }

    fn read(
        &self,
        rows: &mut Rows<'_>,
        number: u32,
        plan: &RowPlan,
        further: &Further,
        now: i64,
    ) -> RowRecords {
        let mut records = self.read_row(rows, number);
        complete(&mut records, self.layout, self.lookup);
        for (part, new) in news(plan) {
            if !new {
                continue;
            }
            for later in further.of_record(part, number) {
                records.fill_from(part, &mut self.read_row(rows, *later));
            }
            if matches!(part, Part::Customer | Part::Contact) {
                records.note_spares(part);
            }
        }
        if plan.renumber {
            records.part_mut(Part::Customer).remove("number");
        }
        self.fill_new(&mut records, plan, now);
        records
    }

    fn read_row(&self, rows: &mut Rows<'_>, number: u32) -> RowRecords {
        let at = self.plan.rows[number as usize].at;
        rows.read(
            self.table
                .row(at as usize)
                .expect("the plan's rows are the table's"),
        )
    }

    /// What a new record needs that its row does not give.
    fn fill_new(&self, records: &mut RowRecords, plan: &RowPlan, now: i64) {
        let owner = records.part(Part::Customer).id("owner").map(Value::Id);
        let mut fill = |part: Part, key: &'static str, value: Option<Value>| {
            let fields = records.part_mut(part);
            if let Some(value) = value.filter(|_| !fields.contains(key)) {
                fields.set(key, value);
            }
            fields.id(key)
        };
        if plan.opportunity == Slot::New {
            let pipeline = fill(
                Part::Opportunity,
                "pipeline",
                self.lookup.first_pipeline().map(Value::Id),
            );
            fill(
                Part::Opportunity,
                "stage",
                self.lookup.first_stage(pipeline).map(Value::Id),
            );
            fill(Part::Opportunity, "owner", owner.clone());
        }
        if plan.interaction {
            let other = shipped_option("interaction.kind", "其他");
            fill(Part::Interaction, "kind", Some(Value::Id(other)));
            fill(Part::Interaction, "occurred_at", Some(Value::Instant(now)));
        }
        if plan.reminder {
            fill(Part::Reminder, "owner", owner);
        }
    }
}

/// Rows that say more of a record that an earlier row makes: what that one leaves empty is filled from them.
#[derive(Debug, Default)]
struct Further(HashMap<(Part, u32), Vec<u32>>);

impl Further {
    fn of(plan: &Plan) -> Self {
        let mut further = Self::default();
        for (number, row) in (0u32..).zip(&plan.rows) {
            // An update says itself what it changes.
            let Some(group) = row
                .group
                .filter(|_| matches!(row.action, RowAction::Create | RowAction::Skip))
            else {
                continue;
            };
            let company = &plan.companies[group as usize];
            if company.existing.is_none() && !row.makes_customer {
                further.add(Part::Customer, company.first_row, number);
            }
            for (part, slot) in [
                (Part::Contact, row.contact),
                (Part::Opportunity, row.opportunity),
            ] {
                if let Slot::Earlier(first) = slot {
                    further.add(part, first, number);
                }
            }
        }
        further
    }

    fn add(&mut self, part: Part, first: u32, row: u32) {
        self.0.entry((part, first)).or_default().push(row);
    }

    fn of_record(&self, part: Part, first: u32) -> &[u32] {
        self.0.get(&(part, first)).map_or(&[], Vec::as_slice)
    }
}

/// Which records a row makes, in the order in which they refer to each other.
fn news(row: &RowPlan) -> [(Part, bool); 5] {
    [
        (Part::Customer, row.makes_customer),
        (Part::Contact, row.contact == Slot::New),
        (Part::Opportunity, row.opportunity == Slot::New),
        (Part::Interaction, row.interaction),
        (Part::Reminder, row.reminder),
    ]
}

fn is_written(row: &RowPlan) -> bool {
    matches!(row.action, RowAction::Create | RowAction::Update)
}

struct Writing<'a, 'd, 'c> {
    job: Job<'a>,
    door: &'d mut Door<'c>,
    applied: Applied,
    /// Records by company, as they are made.
    companies: Vec<Option<Uuid>>,
    /// Records by the row that made them.
    contacts: HashMap<u32, Uuid>,
    opportunities: HashMap<u32, Uuid>,
}

impl Writing<'_, '_, '_> {
    fn write_all(
        &mut self,
        ready: Receiver<Vec<Ready>>,
        cancel: &AtomicBool,
        progress: &dyn Fn(usize),
    ) -> Result<()> {
        let mut told = Instant::now();
        let mut done = 0;
        for batch in ready {
            for row in batch {
                self.check(cancel)?;
                done = row.row as usize + 1;
                self.write_row(row)?;
            }
            if told.elapsed().as_millis() >= 100 {
                progress(done);
                told = Instant::now();
            }
        }
        self.check(cancel)
    }

    fn check(&self, cancel: &AtomicBool) -> Result<()> {
        if cancel.load(Ordering::Relaxed) {
            return Err(StoreError::Cancelled.into());
        }
        Ok(())
    }

    fn write_row(&mut self, ready: Ready) -> Result<()> {
        let number = ready.row;
        let row = &self.job.plan.rows[number as usize];
        match self.write(row, ready) {
            Ok(changed) => {
                // An update that found everything as it is leaves nothing to take back.
                self.applied
                    .counts
                    .count(if changed { row.action } else { RowAction::Skip });
                Ok(())
            }
            Err(Refusal::Row(faults)) => {
                self.applied.counts.fail += 1;
                self.applied
                    .refused
                    .extend(faults.into_iter().map(|(column, fault)| Issue {
                        row: number,
                        column,
                        fault,
                    }));
                Ok(())
            }
            Err(Refusal::Import(error)) => Err(error.into()),
        }
    }

    /// Checks all records of the row, then writes them. Says whether anything changed.
    fn write(&mut self, row: &RowPlan, mut ready: Ready) -> Result<bool, Refusal> {
        let group = row.group.expect("a row that is written has a company") as usize;
        let mut customer = self.companies[group].or(self.job.plan.companies[group].existing);
        let mut contact = self.there(row.contact, &self.contacts)?;
        let mut opportunity = self.there(row.opportunity, &self.opportunities)?;
        let mut drafts = Vec::with_capacity(ready.made.len());
        for (part, prepared) in ready.made {
            let mut prepared = prepared.map_err(|error| self.refusal(part, error))?;
            if part != Part::Customer {
                prepared.set("customer", customer.ok_or_else(Refusal::of_company)?.into());
            }
            match part {
                Part::Interaction => {
                    prepared.set(
                        "contacts",
                        contact.map_or(Value::Null, |contact| Value::ids([contact])),
                    );
                    prepared.set("opportunity", opportunity.into());
                }
                Part::Reminder => {
                    prepared.set("contact", contact.into());
                    prepared.set("opportunity", opportunity.into());
                }
                Part::Customer | Part::Contact | Part::Opportunity => {}
            }
            let draft = self
                .door
                .draft(None, prepared)
                .map_err(|error| self.refusal(part, error))?;
            match part {
                Part::Customer => customer = Some(draft.id()),
                Part::Contact => contact = Some(draft.id()),
                Part::Opportunity => opportunity = Some(draft.id()),
                Part::Interaction | Part::Reminder => {}
            }
            drafts.push((part, draft));
        }
        let customer = customer.ok_or_else(Refusal::of_company)?;
        let mut changed = !drafts.is_empty();
        if row.action == RowAction::Update {
            let known = [
                (Part::Customer, Some(customer)),
                (Part::Contact, contact.filter(|_| row.contact != Slot::New)),
                (
                    Part::Opportunity,
                    opportunity.filter(|_| row.opportunity != Slot::New),
                ),
            ];
            let mut nothing_written = true;
            for (part, id) in known {
                let said = ready.said.take(part);
                let Some(id) = id.filter(|_| !said.is_empty()) else {
                    continue;
                };
                match self.door.update(part.entity(), id, said) {
                    Ok(different) => changed |= different,
                    Err(error) if nothing_written => return Err(self.refusal(part, error)),
                    Err(error) => return Err(error.into()),
                }
                nothing_written = false;
            }
        }
        for (part, draft) in drafts {
            let id = self.door.insert(draft)?;
            self.applied.records[part.index()] += 1;
            match part {
                Part::Customer => self.companies[group] = Some(id),
                Part::Contact => drop(self.contacts.insert(ready.row, id)),
                Part::Opportunity => drop(self.opportunities.insert(ready.row, id)),
                Part::Interaction | Part::Reminder => {}
            }
        }
        Ok(changed)
    }

    /// The contact or opportunity that a row is about, where it does not make it.
    fn there(&self, slot: Slot, made: &HashMap<u32, Uuid>) -> Result<Option<Uuid>, Refusal> {
        match slot {
            Slot::None | Slot::New => Ok(None),
            Slot::Known(id) => Ok(Some(id)),
            Slot::Earlier(row) => made
                .get(&row)
                .copied()
                .map(Some)
                .ok_or_else(Refusal::of_company),
        }
    }

    fn refusal(&self, part: Part, error: StoreError) -> Refusal {
        let StoreError::Invalid(errors) = error else {
            return Refusal::Import(error);
        };
        let faults = errors.into_iter().map(|error| {
            let column = self
                .job
                .layout
                .column(part, &error.field)
                .map(|column| column.index);
            let fault = Fault {
                code: error.code,
                params: error.params.into_iter().collect(),
                warning: false,
            };
            (column, fault)
        });
        Refusal::Row(faults.collect())
    }
}

/// Why a row was not written: for a reason of its own, or because nothing can be.
enum Refusal {
    Row(Vec<(Option<usize>, Fault)>),
    Import(StoreError),
}

impl Refusal {
    /// The row that was to make the company was refused itself.
    fn of_company() -> Self {
        Self::Row(vec![(None, Fault::error("company_refused"))])
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Import(error)
    }
}
