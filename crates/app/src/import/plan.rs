//! What every row will do, decided before anything is written. Pure: a table, its layout, the
//! names and keys that the file holds, and the rule for duplicates go in; a plan comes out that
//! people look at and that the apply follows.

mod ahead;
mod deciding;
mod groups;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::NaiveDate;
use ketu_model::Value;
use ketu_sheet::{Cell, Row, Table};

use super::cells::{Cells, Fault};
use super::known::{DealKeys, Known, NameKeys, happening, of_phone, of_text};
use super::lookup::{Lookup, NewName};
use super::rows::{Layout, RowRecords, Rows};
use super::target::Part;
use crate::api::import::{DuplicateRule, RowAction};
pub use ahead::Ahead;
use deciding::Deciding;
use groups::Groups;

/// Why a row is taken for one that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    Number,
    Uscc,
    Name,
    NamePhone,
    /// An earlier row of the same file says the same.
    File,
}

impl Reason {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Uscc => "uscc",
            Self::Name => "name",
            Self::NamePhone => "name_phone",
            Self::File => "file",
        }
    }
}

/// What becomes of one of a row's records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Slot {
    #[default]
    None,
    New,
    /// The record that this earlier row of the plan makes.
    Earlier(u32),
    /// A record that is there.
    Known(uuid::Uuid),
}

/// One row's part in the import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowPlan {
    /// Its place in the table.
    pub at: u32,
    pub action: RowAction,
    /// The company that it is about; rows of one company share it. None where the row fails.
    pub group: Option<u32>,
    pub reason: Option<Reason>,
    /// Whether the row makes the company's record; the other new records of the row follow.
    pub makes_customer: bool,
    /// The row's own number is in use: the company gets another.
    pub renumber: bool,
    pub contact: Slot,
    pub opportunity: Slot,
    pub interaction: bool,
    pub reminder: bool,
}

/// Something to say about a cell, or with no column about a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Place in the plan's rows.
    pub row: u32,
    /// Place in the table's columns.
    pub column: Option<usize>,
    pub fault: Fault,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedName {
    pub name: NewName,
    /// Rows that use it and will be written.
    pub rows: u32,
}

/// A company as the plan sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Its record, where there is one already.
    pub existing: Option<uuid::Uuid>,
    /// The row that it was met in first.
    pub first_row: u32,
}

#[derive(Debug, Default)]
pub struct Plan {
    pub rows: Vec<RowPlan>,
    pub companies: Vec<Company>,
    /// In order of rows.
    pub issues: Vec<Issue>,
    pub new_names: Vec<AddedName>,
    /// Rows by action.
    pub counts: Counts,
    /// New records by part.
    pub records: [u32; 5],
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub create: u32,
    pub update: u32,
    pub skip: u32,
    pub fail: u32,
}

impl Counts {
    pub fn count(&mut self, action: RowAction) {
        match action {
            RowAction::Create => self.create += 1,
            RowAction::Update => self.update += 1,
            RowAction::Skip => self.skip += 1,
            RowAction::Fail => self.fail += 1,
        }
    }

    pub fn total(self) -> u32 {
        self.create + self.update + self.skip + self.fail
    }
}

impl Plan {
    pub fn issues_of(&self, row: u32) -> &[Issue] {
        let first = self.issues.partition_point(|issue| issue.row < row);
        let last = self.issues.partition_point(|issue| issue.row <= row);
        &self.issues[first..last]
    }
}

/// Everything that a plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct Planning<'a> {
    pub table: &'a Table,
    /// Places in the table of the rows that count: below the header, above the totals.
    pub rows: &'a [u32],
    pub layout: &'a Layout,
    pub lookup: &'a Lookup,
    pub known: &'a Known,
    pub duplicates: DuplicateRule,
    pub today: NaiveDate,
}

/// The reading was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cancelled;

/// Rows between two looks at whether to go on.
const STRIDE: usize = 512;

impl Planning<'_> {
    /// `ahead` holds what was read of the rows while their file still was.
    pub fn plan(
        self,
        ahead: Option<Ahead<'_>>,
        cancel: &AtomicBool,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Plan, Cancelled> {
        let read = match ahead.and_then(|ahead| ahead.of(self.rows)) {
            Some(chunk) => vec![chunk],
            None => self.read_all(cancel, progress)?,
        };
        let mut deciding = Deciding {
            planning: self,
            groups: Groups::default(),
            plan: Plan::default(),
            cells: Cells::new(self.lookup, self.today),
        };
        deciding.plan.rows.reserve_exact(self.rows.len());
        let mut names: Vec<AddedName> = Vec::new();
        let mut places = HashMap::new();
        for chunk in read {
            let first = deciding.plan.rows.len();
            for (at, keys) in chunk.keys.iter().enumerate() {
                if at % STRIDE == 0 && cancel.load(Ordering::Relaxed) {
                    return Err(Cancelled);
                }
                deciding.decide(keys);
            }
            deciding.note_issues(first, chunk.faults);
            // Threads number new names for themselves.
            for (row, name) in chunk.uses {
                let action = deciding.plan.rows[first + row as usize].action;
                if matches!(action, RowAction::Create | RowAction::Update) {
                    let name = &chunk.new_names[name as usize];
                    let place = *places.entry(name.id).or_insert_with(|| {
                        names.push(AddedName {
                            name: name.clone(),
                            rows: 0,
                        });
                        names.len() - 1
                    });
                    names[place].rows += 1;
                }
            }
        }
        let mut plan = deciding.plan;
        plan.issues.sort_by_key(|issue| issue.row);
        plan.new_names = names;
        for row in &plan.rows {
            plan.counts.count(row.action);
        }
        Ok(plan)
    }

    /// Reads all rows on two threads: cells are checked, keys taken, the values let go again. They
    /// are read once more when they are written, which is cheaper than keeping them.
    fn read_all(
        self,
        cancel: &AtomicBool,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Vec<Chunk>, Cancelled> {
        let threads = std::thread::available_parallelism()
            .map_or(1, usize::from)
            .clamp(1, 4);
        let size = self.rows.len().div_ceil(threads).max(STRIDE);
        let done = std::sync::atomic::AtomicUsize::new(0);
        let done = &done;
        std::thread::scope(|scope| {
            let workers: Vec<_> = self
                .rows
                .chunks(size)
                .map(|rows| scope.spawn(move || self.read_chunk(rows, cancel, done, progress)))
                .collect();
            workers
                .into_iter()
                .map(|worker| worker.join().expect("reading rows does not panic"))
                .collect()
        })
    }

    fn read_chunk(
        self,
        rows: &[u32],
        cancel: &AtomicBool,
        done: &std::sync::atomic::AtomicUsize,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Chunk, Cancelled> {
        let mut reader = Rows::new(self.layout, self.lookup, self.today);
        let mut chunk = Chunk {
            keys: Vec::with_capacity(rows.len()),
            ..Chunk::default()
        };
        for (number, at) in (0u32..).zip(rows) {
            if number as usize % STRIDE == STRIDE - 1 {
                if cancel.load(Ordering::Relaxed) {
                    return Err(Cancelled);
                }
                progress(done.fetch_add(STRIDE, Ordering::Relaxed) + STRIDE);
            }
            let row = self
                .table
                .row(*at as usize)
                .expect("the plan's rows are the table's");
            let records = reader.read(row);
            chunk.take(*at, records, self.layout, self.lookup);
        }
        chunk.new_names = reader.into_new_names();
        Ok(chunk)
    }
}

/// What one thread read.
#[derive(Debug, Default)]
struct Chunk {
    keys: Vec<RowKeys>,
    faults: Vec<(u32, Option<usize>, Fault)>,
    /// Row and new name, numbered within the chunk.
    uses: Vec<(u32, u32)>,
    new_names: Vec<NewName>,
}

impl Chunk {
    /// Takes over what matters of a row's records; the values are let go.
    fn take(&mut self, at: u32, mut records: RowRecords, layout: &Layout, lookup: &Lookup) {
        let number = u32::try_from(self.keys.len()).expect("rows are counted in 32 bits");
        self.keys
            .push(RowKeys::of(at, &mut records, layout, lookup));
        self.uses
            .extend(records.new.iter().map(|name| (number, *name)));
        let faults = records.faults.into_iter();
        self.faults
            .extend(faults.map(|(column, fault)| (number, column, fault)));
    }
}

/// What a row is recognised by. 0 stands for "not given".
#[derive(Debug, Clone, Default)]
pub(super) struct RowKeys {
    at: u32,
    blank: bool,
    failed: bool,
    number: u64,
    uscc: u64,
    name: NameKeys,
    company_phone: u64,
    /// All phones of the row, the company's first.
    phones: [u64; 3],
    region: u32,
    contact: u64,
    deal: DealKeys,
    interaction: u64,
    reminder: u64,
    /// By part, the first compulsory field that the row leaves empty, counted from 1.
    lacks: [u8; 5],
}

impl RowKeys {
    fn of(at: u32, records: &mut RowRecords, layout: &Layout, lookup: &Lookup) -> Self {
        if records.is_blank() {
            return Self {
                at,
                blank: true,
                ..Self::default()
            };
        }
        let own_name = records
            .part(Part::Opportunity)
            .text("name")
            .map(str::to_owned);
        complete(records, layout, lookup);
        let [customer, contact] = [Part::Customer, Part::Contact].map(|part| records.part(part));
        let company_phone = of_phone(customer.text("phone"));
        let opportunity = records.part(Part::Opportunity);
        let deal = if opportunity.is_empty() {
            DealKeys::default()
        } else {
            DealKeys::of(opportunity, own_name.as_deref(), customer.text("name"))
        };
        let [interaction, reminder] = [
            (Part::Interaction, "occurred_at", "summary"),
            (Part::Reminder, "due_at", "title"),
        ]
        .map(|(part, at, text)| {
            let fields = records.part(part);
            // An interaction without a time happened when it was imported: never the same twice.
            if fields.is_empty() {
                0
            } else {
                happening(fields.value(at), fields.text(text))
            }
        });
        Self {
            at,
            blank: false,
            failed: records.has_error(),
            number: of_text(customer.text("number")),
            uscc: of_text(customer.text("uscc")),
            name: NameKeys::of(customer.text("name")),
            company_phone,
            phones: [
                company_phone,
                of_phone(contact.text("mobile")),
                of_phone(contact.text("phone")),
            ],
            region: customer
                .text("region")
                .and_then(|code| code.parse().ok())
                .unwrap_or(0),
            contact: of_text(contact.text("name")),
            deal,
            interaction,
            reminder,
            lacks: layout.lacks(records),
        }
    }
}

/// Gives a row's records the names that they need to be told apart: an opportunity without one is
/// called like its customer, a date of contact without words by its column.
pub(super) fn complete(records: &mut RowRecords, layout: &Layout, lookup: &Lookup) {
    let customer = records.part(Part::Customer).text("name").map(str::to_owned);
    let opportunity = records.part_mut(Part::Opportunity);
    if !opportunity.is_empty() && !opportunity.contains("name") {
        match customer {
            Some(name) => opportunity.set("name", Value::Text(name)),
            None => records
                .faults
                .push((None, Fault::error("opportunity_name_required"))),
        }
    }
    let opportunity = records.part_mut(Part::Opportunity);
    if let Some(pipeline) = opportunity
        .id("stage")
        .and_then(|stage| lookup.pipeline_of(stage))
    {
        opportunity.set("pipeline", Value::Id(pipeline));
    }
    let header = |part, key| {
        layout
            .column(part, key)
            .map(|column| column.name.clone())
            .filter(|name| !name.is_empty())
    };
    let interaction = records.part_mut(Part::Interaction);
    if !interaction.is_empty() && !interaction.contains("summary") {
        if interaction.contains("occurred_at") {
            let words =
                header(Part::Interaction, "occurred_at").unwrap_or_else(|| "跟进".to_owned());
            interaction.set("summary", Value::Text(words));
        } else {
            // A kind or a logger alone tells of nothing that happened.
            records.take(Part::Interaction);
        }
    }
    let reminder = records.part_mut(Part::Reminder);
    if !reminder.is_empty() && !reminder.contains("due_at") {
        let column = layout
            .column(Part::Reminder, "due_at")
            .map(|column| column.index);
        records.faults.push((column, Fault::error("due_required")));
    }
    let reminder = records.part_mut(Part::Reminder);
    if !reminder.is_empty() && !reminder.contains("title") {
        let words = header(Part::Reminder, "due_at").unwrap_or_else(|| "下次跟进".to_owned());
        reminder.set("title", Value::Text(words));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
