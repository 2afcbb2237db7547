//! From one cell to the value of a field, or to the reason why it is none. Whatever a sheet does to
//! dates, phones, amounts and names is undone here; what cannot be undone without guessing is said.

mod kinds;

use std::collections::HashMap;

use chrono::{Datelike, Local, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use ketu_model::field::{FieldDef, FieldType, Format};
use ketu_model::normalise::phone::{Phone, PhoneKind, split_phones};
use ketu_model::normalise::text::{clean, fold};
use ketu_model::parse::date::{self, Leaning};
use ketu_model::parse::{Malformed, boolean, number};
use ketu_model::regions;
use ketu_model::validate::check_value;
use ketu_model::value::HOME_CURRENCY;
use ketu_model::{Money, Value};
use ketu_sheet::{Cell, NumberClass, serial_to_datetime};
use uuid::Uuid;

use super::lookup::{Lookup, NewName};
use super::target::Target;
use kinds::*;

/// One column that is read.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its place in the table, from 0.
    pub index: usize,
    pub name: String,
    pub target: Target,
    pub field: FieldDef,
    /// Zeros that the header adds to bare numbers: 4 under 金额（万元）.
    pub zeros: u32,
    /// The time of day that a date without one gets.
    pub usual_time: NaiveTime,
    /// Where a date without a year lies.
    pub leaning: Leaning,
}

impl Column {
    pub fn new(index: usize, name: &str, target: Target, field: FieldDef) -> Self {
        let zeros = match field.kind {
            FieldType::Money => zeros_of(name),
            _ => 0,
        };
        let nine = NaiveTime::from_hms_opt(9, 0, 0).expect("a time of day");
        Self {
            index,
            name: name.to_owned(),
            usual_time: if target.field == "due_at" {
                nine
            } else {
                NaiveTime::MIN
            },
            leaning: match target.field.as_ref() {
                "occurred_at" => Leaning::Past,
                "due_at" | "expected_close" => Leaning::Future,
                _ => Leaning::ThisYear,
            },
            target,
            field,
            zeros,
        }
    }
}

/// Units of an amount's header, longer ones first, and their zeros.
const UNITS: [(&str, u32); 8] = [
    ("百万", 6),
    ("千万", 7),
    ("十万", 5),
    ("亿", 8),
    ("万", 4),
    ("千", 3),
    ("百", 2),
    ("k", 3),
];

/// What else stands beside the unit in a header's brackets.
const BESIDE_UNITS: [&str; 14] = [
    "单位",
    "人民币",
    "rmb",
    "cny",
    "不含税",
    "未税",
    "含税",
    "每",
    "年",
    "月",
    "元",
    ":",
    "/",
    " ",
];

/// 万 is a unit where it is marked as one: 金额（万）, 金额（单位：万元）, 合同额（万元/年）, 金额/万, 金额万元含税.
/// A name that merely has the character, 万达项目金额, is none.
fn zeros_of(header: &str) -> u32 {
    let header = fold(&clean(header)).into_owned();
    for (unit, zeros) in UNITS {
        if unit != "百" && header.contains(&format!("{unit}元"))
            || header.ends_with(&format!("/{unit}"))
        {
            return zeros;
        }
    }
    for note in header.split(['(', '[', '<']).skip(1) {
        let mut note = note.split([')', ']', '>']).next().unwrap_or("").to_owned();
        for word in BESIDE_UNITS {
            note = note.replace(word, "");
        }
        if let Some((_, zeros)) = UNITS.iter().find(|(unit, _)| *unit == note) {
            return *zeros;
        }
    }
    0
}

/// Why a cell is not what its field holds, or what is odd about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub code: &'static str,
    pub params: Vec<(&'static str, String)>,
    /// A warning does not keep the row out.
    pub warning: bool,
}

impl Fault {
    pub fn error(code: &'static str) -> Self {
        Self {
            code,
            params: Vec::new(),
            warning: false,
        }
    }

    pub fn warning(code: &'static str) -> Self {
        Self {
            warning: true,
            ..Self::error(code)
        }
    }

    pub fn param(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.push((name, value.to_string()));
        self
    }
}

impl From<Malformed> for Fault {
    fn from(malformed: Malformed) -> Self {
        Self::error(malformed.code())
    }
}

/// What a cell came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    pub value: Value,
    pub fault: Option<Fault>,
    /// Further phones or e-mail addresses of the cell, in their normal form.
    pub rest: Vec<String>,
    /// Names that have to be added, by their place in [`Cells::into_new_names`].
    pub new: Vec<u32>,
}

impl Reading {
    fn blank() -> Self {
        Self::default()
    }

    fn warned(value: Value, fault: Fault) -> Self {
        Self {
            value,
            fault: Some(fault),
            ..Self::default()
        }
    }
}

impl From<Value> for Reading {
    fn from(value: Value) -> Self {
        Self {
            value,
            ..Self::default()
        }
    }
}

impl From<Fault> for Reading {
    fn from(fault: Fault) -> Self {
        Self::warned(Value::Null, fault)
    }
}

impl From<Result<Value, Fault>> for Reading {
    fn from(read: Result<Value, Fault>) -> Self {
        read.map_or_else(Self::from, Self::from)
    }
}

/// Distinct texts that a column of names is remembered by; beyond it they are looked up again.
const REMEMBERED: usize = 4_096;
/// A number in a sheet keeps fifteen digits; longer ones have lost their end in the file.
const EXACT: f64 = 1e15;

/// The error values of spreadsheets, as text.
const ERRORS: [&str; 7] = [
    "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!",
];

/// Reads cells. Keeps what it found for the names that come again and again.
#[derive(Debug)]
pub struct Cells<'a> {
    lookup: &'a Lookup,
    today: NaiveDate,
    memo: HashMap<(usize, String), Reading>,
    new_names: Vec<NewName>,
    new_places: HashMap<Uuid, u32>,
}

impl<'a> Cells<'a> {
    pub fn new(lookup: &'a Lookup, today: NaiveDate) -> Self {
        Self {
            lookup,
            today,
            memo: HashMap::new(),
            new_names: Vec::new(),
            new_places: HashMap::new(),
        }
    }

    /// Options and tags that were met and are not known yet.
    pub fn into_new_names(self) -> Vec<NewName> {
        self.new_names
    }

    /// Reads one cell for a column's field. A stage is looked for in `pipeline` where it is known.
    pub fn read(
        &mut self,
        column: &Column,
        cell: Cell<'_>,
        class: NumberClass,
        pipeline: Option<Uuid>,
    ) -> Reading {
        match cell {
            _ if cell.is_blank() => return Reading::blank(),
            Cell::Error(text) => return Fault::error("cell_error").param("value", text).into(),
            // What a failed lookup leaves in a file saved as text.
            Cell::Text(text) if ERRORS.contains(&text.trim()) => {
                return Fault::error("cell_error")
                    .param("value", text.trim())
                    .into();
            }
            Cell::FormulaWithoutValue => return Fault::error("formula_without_value").into(),
            _ => {}
        }
        let field = &column.field;
        match &field.kind {
            FieldType::Phone => phones(cell, class),
            FieldType::Email => emails(field, cell, class),
            FieldType::Money => self.money(column, cell, class),
            FieldType::Number => plain_number(field, cell, class),
            FieldType::Percent => percent(field, cell, class),
            FieldType::Date | FieldType::Instant => match self.moment(column, cell, class) {
                Ok(Some(moment)) => {
                    let value = match (&field.kind, moment.timed) {
                        (FieldType::Date, _) => Value::Date(moment.at.date()),
                        (_, true) => Value::Instant(local_instant(moment.at)),
                        (_, false) => {
                            let at = moment.at.date().and_time(column.usual_time);
                            Value::Instant(local_instant(at))
                        }
                    };
                    Reading {
                        fault: moment
                            .guessed_year
                            .map(|year| Fault::warning("year_guessed").param("year", year)),
                        ..Reading::from(value)
                    }
                }
                Ok(None) => Reading::blank(),
                Err(fault) => fault.into(),
            },
            FieldType::Boolean => yes_or_no(cell),
            FieldType::Text
            | FieldType::LongText
            | FieldType::Url
            | FieldType::AutoNumber { .. } => plain_text(field, cell, class),
            FieldType::Region => match written(cell, class) {
                Ok(text) => self.region(&text),
                Err(fault) => fault.into(),
            },
            FieldType::Choice { .. }
            | FieldType::MultiChoice { .. }
            | FieldType::Reference { .. }
            | FieldType::ManyReference { .. } => match written(cell, class) {
                Ok(text) => self.named(column, &text, pipeline),
                Err(fault) => fault.into(),
            },
        }
    }

    /// The region of one column's text, or of several columns' joined.
    pub fn region(&mut self, text: &str) -> Reading {
        if is_nothing(text) {
            return Reading::blank();
        }
        self.remembered(usize::MAX, text, |_, text| match regions::resolve(text) {
            Ok(code) => Value::Text(code.to_string()).into(),
            Err(malformed) => Fault::from(malformed).into(),
        })
    }

    fn named(&mut self, column: &Column, text: &str, pipeline: Option<Uuid>) -> Reading {
        let field = &column.field;
        if column.target.field == "stage" {
            return match self.lookup.stage(pipeline, text) {
                Some(stage) => Value::Id(stage).into(),
                None if is_nothing(text) => Reading::blank(),
                None => Fault::error("unknown_stage").into(),
            };
        }
        self.remembered(column.index, text, |cells, text| match &field.kind {
            FieldType::Choice { list } => match said(text, cells.lookup.option(list, text)) {
                Some(found) => cells.one(field, found),
                None => Reading::blank(),
            },
            // N/A would be two names.
            FieldType::MultiChoice { .. } | FieldType::ManyReference { .. }
                if split_names(text).nth(1).is_some() && is_nothing(text) =>
            {
                Reading::blank()
            }
            FieldType::MultiChoice { list } => {
                let found = split_names(text)
                    .filter_map(|name| said(name, cells.lookup.option(list, name)))
                    .collect();
                cells.several(field, found)
            }
            FieldType::ManyReference { .. } => {
                let found = split_names(text)
                    .filter_map(|name| said(name, cells.lookup.tag(name)))
                    .collect();
                cells.several(field, found)
            }
            _ if field.target() == Some("pipeline") => match cells.lookup.pipeline(text) {
                Some(pipeline) => Value::Id(pipeline).into(),
                None if is_nothing(text) => Reading::blank(),
                None => Fault::error("unknown_pipeline").into(),
            },
            _ => match cells.lookup.user(text) {
                Some(user) => Value::Id(user).into(),
                None if is_nothing(text) => Reading::blank(),
                None => Fault::warning("unknown_user").param("name", text).into(),
            },
        })
    }

    fn remembered(
        &mut self,
        column: usize,
        text: &str,
        read: impl FnOnce(&mut Self, &str) -> Reading,
    ) -> Reading {
        let key = (column, text.to_owned());
        if let Some(known) = self.memo.get(&key) {
            return known.clone();
        }
        let reading = read(self, text);
        if self.memo.len() < REMEMBERED {
            self.memo.insert(key, reading.clone());
        }
        reading
    }

    fn one(&mut self, field: &FieldDef, found: Result<Uuid, NewName>) -> Reading {
        match found {
            Ok(id) => Value::Id(id).into(),
            Err(new) => match self.note(field, new) {
                Ok((id, place)) => Reading {
                    value: Value::Id(id),
                    new: vec![place],
                    ..Reading::default()
                },
                Err(fault) => fault.into(),
            },
        }
    }

    fn several(&mut self, field: &FieldDef, found: Vec<Result<Uuid, NewName>>) -> Reading {
        let mut ids = Vec::with_capacity(found.len());
        let mut new = Vec::new();
        for name in found {
            match name {
                Ok(id) => ids.push(id),
                Err(name) => match self.note(field, name) {
                    Ok((id, place)) => {
                        ids.push(id);
                        new.push(place);
                    }
                    Err(fault) => return fault.into(),
                },
            }
        }
        if ids.is_empty() {
            return Reading::blank();
        }
        Reading {
            value: Value::ids(ids),
            new,
            ..Reading::default()
        }
    }

    fn note(&mut self, field: &FieldDef, name: NewName) -> Result<(Uuid, u32), Fault> {
        let longest = if name.entity == "tag" { 40 } else { 100 };
        if name.name.chars().count() > longest {
            return Err(Fault::error("too_long")
                .param("max", longest)
                .param("field", &field.key));
        }
        let id = name.id;
        if let Some(place) = self.new_places.get(&id) {
            return Ok((id, *place));
        }
        let place = u32::try_from(self.new_names.len()).expect("fewer names than cells");
        self.new_places.insert(id, place);
        self.new_names.push(name);
        Ok((id, place))
    }

    fn money(&self, column: &Column, cell: Cell<'_>, class: NumberClass) -> Reading {
        let scale = 10f64.powi(i32::try_from(column.zeros).unwrap_or(0));
        let home = |minor| {
            Value::Money(Money {
                minor,
                currency: HOME_CURRENCY.to_owned(),
            })
        };
        match cell {
            Cell::Number(_) if class == NumberClass::Percent => {
                Fault::from(Malformed::AmountFormat).into()
            }
            Cell::Number(amount) => match number::amount_of_cell(amount * scale) {
                Ok(minor) => home(minor).into(),
                // A computed amount: what the sheet shows is rounded as well.
                Err(Malformed::AmountPrecision) => {
                    match number::amount_of_cell((amount * scale * 100.0).round() / 100.0) {
                        Ok(minor) => Reading::warned(home(minor), Fault::warning("amount_rounded")),
                        Err(malformed) => Fault::from(malformed).into(),
                    }
                }
                Err(malformed) => Fault::from(malformed).into(),
            },
            Cell::Text(text) if is_nothing(text) => Reading::blank(),
            Cell::Text(text) => {
                // A unit in the cell speaks louder than the one in the header.
                match number::amount_in(text, column.zeros) {
                    Ok(amount) => Value::Money(Money {
                        minor: amount.minor,
                        currency: amount.currency.unwrap_or(HOME_CURRENCY).to_owned(),
                    })
                    .into(),
                    Err(malformed) => Fault::from(malformed).into(),
                }
            }
            _ => Fault::from(Malformed::AmountFormat).into(),
        }
    }

    fn moment(
        &self,
        column: &Column,
        cell: Cell<'_>,
        class: NumberClass,
    ) -> Result<Option<Moment>, Fault> {
        let wrong = || Fault::from(Malformed::DateFormat);
        let certain = |at: NaiveDateTime, timed| Moment {
            at,
            timed,
            guessed_year: None,
        };
        match cell {
            Cell::DateTime(_) if matches!(class, NumberClass::Time | NumberClass::Duration) => {
                Err(wrong())
            }
            Cell::DateTime(serial) => {
                let at = serial_to_datetime(serial).ok_or_else(wrong)?;
                Ok(Some(certain(at, at.time() != NaiveTime::MIN)))
            }
            // A serial whose format was lost: 1954 to 2119.
            Cell::Number(serial) if (20_000.0..80_000.0).contains(&serial) => {
                let at = serial_to_datetime(serial).ok_or_else(wrong)?;
                Ok(Some(certain(at, at.time() != NaiveTime::MIN)))
            }
            Cell::Number(digits)
                if (19_000_101.0..=21_001_231.0).contains(&digits) && digits.fract() == 0.0 =>
            {
                let read = date::date(&format!("{digits:.0}"), self.today)?;
                Ok(Some(certain(read.at(), false)))
            }
            Cell::Text(text) if is_nothing(text) => Ok(None),
            Cell::Text(text) => {
                let read = date::date_leaning(text, self.today, column.leaning)?;
                let year = read.date.year();
                // Only a date of a neighbouring year may have leant there: few are read twice.
                let may_lean =
                    column.leaning != Leaning::ThisYear && (year - self.today.year()).abs() == 1;
                let leant = may_lean && read != date::date(text, self.today)?;
                Ok(Some(Moment {
                    at: read.at(),
                    timed: read.time.is_some(),
                    guessed_year: leant.then_some(year),
                }))
            }
            _ => Err(wrong()),
        }
    }
}

/// A date, and the time where one was given.
#[derive(Debug, Clone, Copy)]
struct Moment {
    at: NaiveDateTime,
    timed: bool,
    /// The year, where the text names none and it is not the present one.
    guessed_year: Option<i32>,
}

/// A civil time of this laptop as an instant. In the hour that a clock change skips, the hour after.
pub fn local_instant(at: NaiveDateTime) -> i64 {
    let local = Local.from_local_datetime(&at).earliest();
    let local = local.or_else(|| {
        Local
            .from_local_datetime(&(at + chrono::Duration::hours(1)))
            .earliest()
    });
    local.map_or_else(
        || at.and_utc().timestamp_millis(),
        |local| local.timestamp_millis(),
    )
}

fn split_names(text: &str) -> impl Iterator<Item = &str> {
    let between =
        |c: char| matches!(c, '、' | ',' | '，' | ';' | '；' | '/' | '|') || c.is_whitespace();
    text.split(between).filter(|name| !name.is_empty())
}

/// What a name stands for, but for one that says that there is nothing and that nobody has made a name of.
fn said(name: &str, found: Option<Result<Uuid, NewName>>) -> Option<Result<Uuid, NewName>> {
    found.filter(|found| found.is_ok() || !is_nothing(name))
}

/// Words by which people say that there is nothing.
fn is_nothing(text: &str) -> bool {
    let cleaned = clean(text);
    if cleaned.len() > 16 {
        return false;
    }
    let folded = fold(&cleaned);
    matches!(
        folded.as_ref(),
        "" | "-"
            | "--"
            | "---"
            | "/"
            | "\\"
            | "—"
            | "——"
            | "."
            | "n/a"
            | "na"
            | "none"
            | "null"
            | "nil"
            | "无"
            | "没有"
            | "暂无"
            | "不详"
            | "未知"
            | "未填"
            | "待定"
            | "空"
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
