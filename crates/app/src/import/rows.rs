//! From one row of a sheet to the records that it holds: all cells read, names of several columns
//! joined, second phones put where they fit. The plan and the apply read rows alike, through here.

use chrono::NaiveDate;
use ketu_model::field::{FieldDef, FieldType};
use ketu_model::normalise::phone::{Phone, PhoneKind};
use ketu_model::{Catalog, Fields, Value};
use ketu_sheet::{Cell, Row};

use super::cells::{Cells, Column, Fault};
use super::lookup::{Lookup, NewName};
use super::mapping::Mapping;
use super::target::Part;

/// How the columns of one sheet are read.
#[derive(Debug, Clone)]
pub struct Layout {
    columns: Vec<Column>,
    /// Columns that make one region together, as places in `columns`.
    regions: Vec<usize>,
    /// Fields of one's own that every new record needs. What Ketu's own fields need is filled in or
    /// asked for where it is.
    required: Vec<(Part, FieldDef)>,
}

impl Layout {
    pub fn new(catalog: &Catalog, names: &[String], mapping: &Mapping) -> Self {
        let mut columns: Vec<Column> = mapping
            .iter()
            .filter_map(|(index, target)| {
                let index = usize::try_from(*index).ok()?;
                let name = names.get(index).map_or("", String::as_str);
                Some(Column::new(
                    index,
                    name,
                    target.clone(),
                    target.definition(catalog)?.clone(),
                ))
            })
            .collect();
        // A stage is looked for in its row's pipeline.
        columns.sort_by_key(|column| column.target.field == "stage");
        let regions: Vec<usize> = (0..columns.len())
            .filter(|at| {
                columns[*at].field.kind == FieldType::Region
                    && columns[*at].target.part == Part::Customer
            })
            .filter(|at| columns[*at].target.field == "region")
            .collect();
        let required = Part::ALL.into_iter().flat_map(|part| {
            let entity = catalog.entity(part.entity());
            let fields = entity.into_iter().flat_map(|entity| &entity.fields);
            fields
                .filter(|field| field.custom && field.required)
                .map(move |field| (part, field.clone()))
        });
        Self {
            required: required.collect(),
            columns,
            regions: if regions.len() > 1 {
                regions
            } else {
                Vec::new()
            },
        }
    }

    /// By part, the first compulsory field that a row's record leaves empty, counted from 1.
    pub fn lacks(&self, records: &RowRecords) -> [u8; 5] {
        let mut lacks = [0; 5];
        for (number, (part, field)) in (1u8..).zip(&self.required) {
            let lacking = &mut lacks[part.index()];
            if *lacking == 0 && !records.part(*part).contains(&field.key) {
                *lacking = number;
            }
        }
        lacks
    }

    /// The field of a number that [`Layout::lacks`] gave, and its column if it has one.
    pub fn required(&self, number: u8) -> Option<(&FieldDef, Option<usize>)> {
        let (part, field) = self.required.get(usize::from(number).checked_sub(1)?)?;
        let column = self.column(*part, &field.key).map(|column| column.index);
        Some((field, column))
    }

    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub fn column(&self, part: Part, field: &str) -> Option<&Column> {
        self.columns
            .iter()
            .find(|column| column.target.is(part, field))
    }
}

/// What is wrong or odd in a row, at the column of this place in the table, or at the row.
pub type Found = (Option<usize>, Fault);

/// The records of one row.
#[derive(Debug, Clone, Default)]
pub struct RowRecords {
    parts: [Fields; 5],
    pub faults: Vec<Found>,
    /// New names that the row uses, by their place in [`Rows::into_new_names`].
    pub new: Vec<u32>,
    /// Phones and addresses that found no field of their own; kept in the note of a new record.
    spare: Vec<(Part, String)>,
}

impl RowRecords {
    pub fn part(&self, part: Part) -> &Fields {
        &self.parts[part.index()]
    }

    pub fn part_mut(&mut self, part: Part) -> &mut Fields {
        &mut self.parts[part.index()]
    }

    pub fn take(&mut self, part: Part) -> Fields {
        std::mem::take(&mut self.parts[part.index()])
    }

    pub fn is_blank(&self) -> bool {
        self.parts.iter().all(Fields::is_empty) && self.faults.is_empty()
    }

    pub fn has_error(&self) -> bool {
        self.faults.iter().any(|(_, fault)| !fault.warning)
    }

    /// Takes from a later row of the same record what this one leaves empty, and its spare numbers.
    pub fn fill_from(&mut self, part: Part, later: &mut Self) {
        for (key, value) in later.take(part) {
            let fields = &mut self.parts[part.index()];
            if !fields.contains(&key) {
                fields.set(key, value);
            }
        }
        for (of, text) in std::mem::take(&mut later.spare) {
            let fields = &self.parts[part.index()];
            let is_there = ["phone", "mobile", "email"]
                .iter()
                .any(|key| fields.text(key) == Some(&text))
                || self.spare.iter().any(|(_, spare)| *spare == text);
            if of == part && !is_there {
                self.spare.push((of, text));
            }
        }
    }

    /// Adds what found no field of its own to the note of a record that is new.
    pub fn note_spares(&mut self, part: Part) {
        let mut lines: Vec<&str> = Vec::new();
        for (of, text) in &self.spare {
            if *of == part {
                lines.push(text);
            }
        }
        if lines.is_empty() {
            return;
        }
        let fields = &mut self.parts[part.index()];
        let note = match fields.text("note") {
            Some(note) => format!("{note}\n{}", lines.join("\n")),
            None => lines.join("\n"),
        };
        fields.set("note", Value::Text(note));
    }
}

/// Reads rows by a layout.
#[derive(Debug)]
pub struct Rows<'a> {
    layout: &'a Layout,
    cells: Cells<'a>,
}

impl<'a> Rows<'a> {
    pub fn new(layout: &'a Layout, lookup: &'a Lookup, today: NaiveDate) -> Self {
        Self {
            layout,
            cells: Cells::new(lookup, today),
        }
    }

    pub fn into_new_names(self) -> Vec<NewName> {
        self.cells.into_new_names()
    }

    pub fn read(&mut self, row: Row<'_>) -> RowRecords {
        let mut records = RowRecords::default();
        let layout = self.layout;
        for (place, column) in layout.columns.iter().enumerate() {
            let cell = row.cell(column.index);
            if matches!(cell, Cell::Empty) || layout.regions.contains(&place) {
                continue;
            }
            let part = column.target.part;
            let pipeline = records.part(Part::Opportunity).id("pipeline");
            let reading = self
                .cells
                .read(column, cell, row.class(column.index), pipeline);
            if let Some(fault) = reading.fault {
                records.faults.push((Some(column.index), fault));
            }
            records.new.extend(reading.new);
            if !reading.value.is_null() {
                put(records.part_mut(part), column, reading.value);
            }
            if !reading.rest.is_empty() {
                spare(&mut records, column, reading.rest);
            }
        }
        self.join_region(row, &mut records);
        place_spares(&mut records);
        rescue_nameless_contact(layout, &mut records);
        records
    }

    /// 省, 市 and 区 in columns of their own. A part that repeats the one before (北京 / 北京市) or
    /// that only fills a level (市辖区) is no obstacle.
    fn join_region(&mut self, row: Row<'_>, records: &mut RowRecords) {
        if self.layout.regions.is_empty() {
            return;
        }
        let mut parts: Vec<&str> = Vec::with_capacity(3);
        let mut last = None;
        for place in &self.layout.regions {
            let column = &self.layout.columns[*place];
            match row.cell(column.index) {
                cell if cell.is_blank() => {}
                Cell::Text(text) => {
                    let text = text.trim();
                    let known = parts.last().is_some_and(|before| {
                        text == *before
                            || text.strip_suffix('市') == Some(before)
                            || before.strip_suffix('市') == Some(text)
                    });
                    if !known && text != "市辖区" && text != "县" {
                        parts.push(text);
                    }
                    last = Some(column.index);
                }
                cell => {
                    let reading = self.cells.read(column, cell, row.class(column.index), None);
                    let fault = reading
                        .fault
                        .unwrap_or_else(|| Fault::error("region_unknown"));
                    records.faults.push((Some(column.index), fault));
                    return;
                }
            }
        }
        if parts.is_empty() {
            return;
        }
        let reading = self.cells.region(&parts.join("/"));
        if let Some(fault) = reading.fault {
            records.faults.push((last, fault));
        }
        if !reading.value.is_null() {
            records
                .part_mut(Part::Customer)
                .set("region", reading.value);
        }
    }
}

/// Several columns of one long text become its paragraphs.
fn put(fields: &mut Fields, column: &Column, value: Value) {
    let joined = match (fields.text(&column.field.key), &value) {
        (Some(before), Value::Text(text)) if column.field.kind == FieldType::LongText => {
            Value::Text(format!("{before}\n{text}"))
        }
        _ => value,
    };
    fields.set(column.field.key.clone(), joined);
}

fn spare(records: &mut RowRecords, column: &Column, rest: Vec<String>) {
    let code = if column.field.kind == FieldType::Email {
        "extra_email"
    } else {
        "extra_phone"
    };
    for text in rest {
        let fault = Fault::warning(code).param("value", &text);
        records.faults.push((Some(column.index), fault));
        records.spare.push((column.target.part, text));
    }
}

/// A second phone goes to the contact's field for the other kind of number, if that is free.
fn place_spares(records: &mut RowRecords) {
    if records.spare.is_empty() {
        return;
    }
    let spare = std::mem::take(&mut records.spare);
    for (part, text) in spare {
        let kind = Phone::parse(&text)
            .ok()
            .filter(|_| !text.contains('@'))
            .map(|phone| phone.kind);
        let key = match kind {
            Some(PhoneKind::Mobile) => "mobile",
            _ => "phone",
        };
        let contact = records.part(Part::Contact);
        let free = part == Part::Contact
            && kind.is_some()
            && !contact.contains(key)
            && contact.contains("name");
        if free {
            records
                .part_mut(Part::Contact)
                .set(key, Value::Text(text.clone()));
            records.faults.retain(|(_, fault)| {
                fault.code != "extra_phone" || !fault.params.iter().any(|(_, value)| *value == text)
            });
        } else {
            records.spare.push((part, text));
        }
    }
}

/// Phones without a person belong to the company, as far as it has none of its own. Anything else
/// without a name has nowhere to go, and is not dropped silently.
fn rescue_nameless_contact(layout: &Layout, records: &mut RowRecords) {
    let contact = records.part(Part::Contact);
    if contact.is_empty() || contact.contains("name") {
        return;
    }
    let mut contact = records.take(Part::Contact);
    for (from, to) in [
        ("mobile", "phone"),
        ("phone", "phone"),
        ("email", "email"),
        ("note", "note"),
        ("tags", "tags"),
    ] {
        if !records.part(Part::Customer).contains(to)
            && let Some(value) = contact.remove(from)
        {
            records.part_mut(Part::Customer).set(to, value);
        }
    }
    for (of, _) in &mut records.spare {
        *of = Part::Customer;
    }
    // What is left: a second number is kept with the company's note, a title without a person fails.
    for key in ["mobile", "phone"] {
        if let Some(Value::Text(text)) = contact.remove(key) {
            let column = layout.column(Part::Contact, key).map(|column| column.index);
            records
                .faults
                .push((column, Fault::warning("extra_phone").param("value", &text)));
            records.spare.push((Part::Customer, text));
        }
    }
    if !contact.is_empty() {
        let column = layout
            .column(Part::Contact, "name")
            .map(|column| column.index);
        records
            .faults
            .push((column, Fault::error("contact_name_required")));
    }
}
