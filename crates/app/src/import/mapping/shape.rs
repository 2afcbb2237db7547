//! What the values of a column look like, for headers that do not say enough.

use chrono::NaiveDate;
use ketu_model::field::{FieldDef, FieldType, Format};
use ketu_model::normalise::email::email;
use ketu_model::normalise::phone::{Phone, PhoneKind, split_phones};
use ketu_model::normalise::text::{clean, fold};
use ketu_model::normalise::uscc::Uscc;
use ketu_model::parse;
use ketu_model::regions;
use ketu_sheet::Cell;

use super::words::COMPANY_ENDINGS;

/// Counts of what the sampled values of one column could be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shape {
    pub filled: usize,
    mobiles: usize,
    other_phones: usize,
    emails: usize,
    dates: usize,
    amounts: usize,
    codes: usize,
    regions: usize,
    booleans: usize,
    companies: usize,
    /// How many follow the value above by one: a column of running numbers.
    steps: usize,
    last: Option<i64>,
    /// One is filled up with zeros to four digits or more: people number customers so, and not rows.
    padded: bool,
}

impl Shape {
    pub fn take(&mut self, cell: Cell<'_>, today: NaiveDate) {
        if cell.is_blank() {
            return;
        }
        self.filled += 1;
        match cell {
            Cell::DateTime(_) => self.dates += 1,
            Cell::Number(number) => self.take_number(number),
            Cell::Bool(_) => self.booleans += 1,
            Cell::Text(text) => self.take_text(&clean(text), today),
            Cell::Empty | Cell::Error(_) | Cell::FormulaWithoutValue => {}
        }
    }

    fn take_number(&mut self, number: f64) {
        self.amounts += 1;
        if number.fract() != 0.0 || !(0.0..1e15).contains(&number) {
            return;
        }
        let digits = format!("{number:.0}");
        self.take_phone(&digits);
        self.take_step(&digits);
        self.dates += usize::from((20_000.0..80_000.0).contains(&number));
        self.booleans += usize::from(number <= 1.0);
        self.regions += usize::from(digits.len() == 6 && regions::resolve(&digits).is_ok());
    }

    fn take_text(&mut self, text: &str, today: NaiveDate) {
        self.take_step(text);
        if let Some(first) = split_phones(text).first() {
            self.take_phone(first);
        }
        self.emails += usize::from(text.contains('@') && email(text).is_ok());
        self.dates += usize::from(parse::date::date(text, today).is_ok());
        self.amounts += usize::from(parse::number::amount(text).is_ok());
        self.codes += usize::from(text.len() >= 15 && Uscc::parse(text).is_ok());
        self.booleans += usize::from(parse::boolean::boolean(text).is_ok());
        let folded = fold(text);
        self.companies += usize::from(
            COMPANY_ENDINGS
                .iter()
                .any(|ending| folded.ends_with(ending)),
        );
        // A name such as 华东 is an area of sales; a district alone may be ambiguous and still one.
        let region = regions::resolve(text);
        let is_region = region.is_ok() || region == Err(parse::Malformed::RegionAmbiguous);
        self.regions += usize::from(is_region);
    }

    fn take_phone(&mut self, text: &str) {
        match Phone::parse(text) {
            Ok(phone) if phone.kind == PhoneKind::Mobile => self.mobiles += 1,
            Ok(phone) if phone.kind != PhoneKind::Service => self.other_phones += 1,
            _ => {}
        }
    }

    fn take_step(&mut self, text: &str) {
        let number = text.parse().ok();
        if let (Some(number), Some(last)) = (number, self.last) {
            self.steps += usize::from(number == last + 1);
        }
        self.last = number;
        self.padded |= number.is_some() && text.len() >= 4 && text.starts_with('0');
    }

    fn mostly(&self, count: usize) -> bool {
        self.filled > 0 && count * 10 >= self.filled * 6
    }

    pub fn mobiles(&self) -> bool {
        self.mostly(self.mobiles)
    }

    pub fn landlines(&self) -> bool {
        self.mostly(self.other_phones)
    }

    pub fn dates(&self) -> bool {
        self.mostly(self.dates)
    }

    pub fn emails(&self) -> bool {
        self.mostly(self.emails)
    }

    pub fn codes(&self) -> bool {
        self.filled >= 2 && self.mostly(self.codes)
    }

    pub fn companies(&self) -> bool {
        self.filled >= 2 && self.mostly(self.companies)
    }

    /// 1, 2, 3, …: the sheet's own count of its rows.
    pub fn counts_rows(&self) -> bool {
        self.filled >= 3 && self.steps + 1 == self.filled && !self.padded
    }

    /// Whether the values plainly are something else than the field holds. Where there are too few
    /// to tell, the header is believed.
    pub fn contradicts(&self, field: &FieldDef) -> bool {
        let count = match &field.kind {
            FieldType::Phone => self.mobiles + self.other_phones,
            FieldType::Email => self.emails,
            FieldType::Date | FieldType::Instant => self.dates,
            FieldType::Money | FieldType::Number => self.amounts,
            FieldType::Region => self.regions,
            FieldType::Boolean => self.booleans,
            FieldType::Text if field.format == Some(Format::Uscc) => self.codes,
            FieldType::AutoNumber { .. } => return self.counts_rows(),
            _ => return false,
        };
        // Uncertain values are for the plan to point out: only a column with hardly one that fits
        // is taken for something else.
        self.filled >= 3 && count * 5 < self.filled
    }
}
