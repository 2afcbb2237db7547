//! Carrying out a plan within one transaction. Rows are read on a thread of their own while this one
//! writes; a row whose records the door refuses is left out whole, and the others go on.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Instant;

use chrono::NaiveDate;
use ketu_model::catalog::shipped::shipped_option;
use ketu_model::{Fields, Value};
use ketu_sheet::Table;
use ketu_store::{Door, Draft, StoreError};
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
pub fn apply(door: &mut Door<'_>, job: Job<'_>, cancel: &AtomicBool, progress: &dyn Fn(usize)) -> Result<Applied> {
    add_names(door, job)?;
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
        let mut applied = writing.applied;
        applied.counts.skip += job.plan.counts.skip;
        applied.counts.fail += job.plan.counts.fail;
        Ok(applied)
    })
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
        let after = added.entry(&new.list).or_insert_with(|| job.lookup.list_length(&new.list));
        let position = u32::try_from(*after).map_or(0.0, f64::from);
        *after += 1;
        door.create(new.entity, Some(new.id), new.fields(position))?;
    }
    Ok(())
}

/// A row with its values, ready to be written.
struct Ready {
    row: u32,
    records: RowRecords,
}

impl Job<'_> {
    /// Reads the rows that are written and completes their records. Ends early when nobody listens.
    fn prepare(self, now: i64, cancel: &AtomicBool, ready: &SyncSender<Vec<Ready>>) {
        let mut rows = Rows::new(self.layout, self.lookup, self.today);
        let further = self.further_rows();
        let mut batch = Vec::with_capacity(BATCH);
        for (number, row) in (0u32..).zip(&self.plan.rows) {
            if !is_written(row) {
                continue;
            }
            let records = self.read(&mut rows, number, row, &further, now);
            batch.push(Ready { row: number, records });
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

    /// Rows by the company that an earlier row makes and that they may add to.
    fn further_rows(&self) -> HashMap<u32, Vec<u32>> {
        let mut further: HashMap<u32, Vec<u32>> = HashMap::new();
        for (number, row) in (0u32..).zip(&self.plan.rows) {
            if let Some(group) = row.group
                && row.action == RowAction::Create
                && !row.makes_customer
            {
                further.entry(group).or_default().push(number);
            }
        }
        further
    }

    fn read(
        &self,
        rows: &mut Rows<'_>,
        number: u32,
        plan: &RowPlan,
        further: &HashMap<u32, Vec<u32>>,
        now: i64,
    ) -> RowRecords {
        let mut records = self.read_row(rows, number);
        complete(&mut records, self.layout, self.lookup);
        if plan.makes_customer {
            records.note_spares(Part::Customer);
            for other in plan.group.and_then(|group| further.get(&group)).into_iter().flatten() {
                let more = self.read_row(rows, *other).take(Part::Customer);
                for (key, value) in more {
                    if !records.part(Part::Customer).contains(&key) {
                        records.part_mut(Part::Customer).set(key, value);
                    }
                }
            }
            if plan.renumber {
                records.part_mut(Part::Customer).remove("number");
            }
        }
        if plan.contact == Slot::New {
            records.note_spares(Part::Contact);
        }
        self.fill_new(&mut records, plan, now);
        records
    }

    fn read_row(&self, rows: &mut Rows<'_>, number: u32) -> RowRecords {
        let at = self.plan.rows[number as usize].at;
        rows.read(self.table.row(at as usize).expect("the plan's rows are the table's"))
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
            let pipeline = fill(Part::Opportunity, "pipeline", self.lookup.first_pipeline().map(Value::Id));
            fill(Part::Opportunity, "stage", self.lookup.first_stage(pipeline).map(Value::Id));
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
                if cancel.load(Ordering::Relaxed) {
                    return Err(StoreError::Cancelled.into());
                }
                done = row.row as usize + 1;
                self.write_row(row)?;
            }
            if told.elapsed().as_millis() >= 100 {
                progress(done);
                told = Instant::now();
            }
        }
        if cancel.load(Ordering::Relaxed) {
            return Err(StoreError::Cancelled.into());
        }
        Ok(())
    }

    fn write_row(&mut self, ready: Ready) -> Result<()> {
        let number = ready.row;
        let row = &self.job.plan.rows[number as usize];
        match self.write(number, row, ready.records) {
            Ok(changed) => {
                // An update that found everything as it is leaves nothing to take back.
                self.applied.counts.count(if changed { row.action } else { RowAction::Skip });
                Ok(())
            }
            Err(Refusal::Row(faults)) => {
                self.applied.counts.fail += 1;
                self.applied.refused.extend(faults.into_iter().map(|(column, fault)| Issue {
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
    fn write(&mut self, number: u32, row: &RowPlan, mut records: RowRecords) -> Result<bool, Refusal> {
        let group = row.group.expect("a row that is written has a company") as usize;
        let mut drafts: Vec<(Part, Draft)> = Vec::with_capacity(3);
        let customer = match (self.companies[group], self.job.plan.companies[group].existing) {
            (Some(made), _) => made,
            (None, Some(existing)) => existing,
            (None, None) if row.makes_customer => {
                let draft = self.draft(Part::Customer, records.take(Part::Customer))?;
                let id = draft.id();
                drafts.push((Part::Customer, draft));
                id
            }
            (None, None) => return Err(Refusal::Row(vec![(None, Fault::error("company_refused"))])),
        };
        let mut updates = Vec::new();
        if row.action == RowAction::Update {
            updates.push((Part::Customer, customer, records.take(Part::Customer)));
        }
        let contact = self.place(row, Part::Contact, customer, &mut records, &mut drafts, &mut updates)?;
        let opportunity = self.place(row, Part::Opportunity, customer, &mut records, &mut drafts, &mut updates)?;
        if row.interaction {
            let mut fields = records.take(Part::Interaction).with("customer", customer);
            if let Some(contact) = contact {
                fields.set("contacts", Value::ids([contact]));
            }
            fields.set("opportunity", opportunity.into());
            drafts.push((Part::Interaction, self.draft(Part::Interaction, fields)?));
        }
        if row.reminder {
            let mut fields = records.take(Part::Reminder).with("customer", customer);
            fields.set("contact", contact.into());
            fields.set("opportunity", opportunity.into());
            drafts.push((Part::Reminder, self.draft(Part::Reminder, fields)?));
        }

        let mut changed = !drafts.is_empty();
        for (first, (part, id, fields)) in updates.into_iter().enumerate() {
            if fields.is_empty() {
                continue;
            }
            match self.door.update(part.entity(), id, fields) {
                Ok(different) => changed |= different,
                // Nothing of the row is written yet.
                Err(StoreError::Invalid(errors)) if first == 0 => return Err(self.refusal(part, errors)),
                Err(error) => return Err(error.into()),
            }
        }
        for (part, draft) in drafts {
            let id = self.door.insert(draft)?;
            self.applied.records[part.index()] += 1;
            match part {
                Part::Customer => self.companies[group] = Some(id),
                Part::Contact => drop(self.contacts.insert(number, id)),
                Part::Opportunity => drop(self.opportunities.insert(number, id)),
                Part::Interaction | Part::Reminder => {}
            }
        }
        Ok(changed)
    }

    /// The row's contact or opportunity: a draft of it, an update, or just which one it is.
    #[allow(clippy::too_many_arguments, reason = "the lists are the row's own")]
    fn place(
        &mut self,
        row: &RowPlan,
        part: Part,
        customer: Uuid,
        records: &mut RowRecords,
        drafts: &mut Vec<(Part, Draft)>,
        updates: &mut Vec<(Part, Uuid, Fields)>,
    ) -> Result<Option<Uuid>, Refusal> {
        let (slot, made) = match part {
            Part::Contact => (row.contact, &self.contacts),
            _ => (row.opportunity, &self.opportunities),
        };
        let known = match slot {
            Slot::None => return Ok(None),
            Slot::New => {
                let fields = records.take(part).with("customer", customer);
                let draft = self.draft(part, fields)?;
                let id = draft.id();
                drafts.push((part, draft));
                return Ok(Some(id));
            }
            Slot::Known(id) => id,
            Slot::Earlier(earlier) => match made.get(&earlier) {
                Some(id) => *id,
                None => return Err(Refusal::Row(vec![(None, Fault::error("company_refused"))])),
            },
        };
        if row.action == RowAction::Update {
            updates.push((part, known, records.take(part)));
        }
        Ok(Some(known))
    }

    fn draft(&mut self, part: Part, fields: Fields) -> Result<Draft, Refusal> {
        match self.door.draft(part.entity(), None, fields) {
            Ok(draft) => Ok(draft),
            Err(StoreError::Invalid(errors)) => Err(self.refusal(part, errors)),
            Err(error) => Err(error.into()),
        }
    }

    fn refusal(&self, part: Part, errors: Vec<ketu_model::validate::FieldError>) -> Refusal {
        let faults = errors.into_iter().map(|error| {
            let column = self.job.layout.column(part, &error.field).map(|column| column.index);
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

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Import(error)
    }
}
