//! Numbers for people, e.g. CUST-2026-001. A laptop on its own is its own authority, one that has a server gives what it was
//! lent; gaps are fine.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::Datelike;
use ketu_model::clock::local_date;
use ketu_model::field::FieldDef;
use ketu_model::{EntityDef, Fields, series};
use rusqlite::OptionalExtension;

use super::{Door, known_entity};
use crate::error::Result;

/// A series as the open transaction knows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Series {
    last: i64,
    written: bool,
}

impl Door<'_> {
    pub(super) fn next_number(
        &mut self,
        entity: &EntityDef,
        field: &FieldDef,
        prefix: &str,
    ) -> Result<String> {
        let name = series::name(prefix, local_date(self.now).year());
        if self.capture.incarnation.is_none() {
            let number = self.next_in(&name)?;
            return Ok(series::number(&name, number));
        }
        match self.next_leased(entity, field, &name)? {
            Some(number) => Ok(number),
            None => self.next_provisional(&name),
        }
    }

    pub(super) fn next_in(&mut self, name: &str) -> Result<i64> {
        let number = self.series(name)?.last + 1;
        self.raise(name, number);
        Ok(number)
    }

    /// Moves a series past a number that someone typed or imported, so that it is not given again.
    pub(super) fn note_number(&mut self, entity: &EntityDef, fields: &Fields) -> Result<()> {
        let Some((field, prefix)) = entity.auto_number() else {
            return Ok(());
        };
        match fields.text(&field.key) {
            Some(text) => self.pass(prefix, text),
            None => Ok(()),
        }
    }

    fn pass(&mut self, prefix: &str, text: &str) -> Result<()> {
        let Some((name, number)) = series::split(prefix, text) else {
            return Ok(());
        };
        if self.series(name)?.last < number {
            self.raise(name, number);
        }
        Ok(())
    }

    /// As if records with these numbers were there: they come later in the same transaction, and none before
    /// them may be given their numbers.
    pub fn expect_numbers<'n>(
        &mut self,
        entity: &str,
        numbers: impl Iterator<Item = Cow<'n, str>>,
    ) -> Result<()> {
        let catalog = Arc::clone(&self.catalog);
        let Some((_, prefix)) = known_entity(&catalog, entity)?.auto_number() else {
            return Ok(());
        };
        for number in numbers {
            self.pass(prefix, &number)?;
            self.expect_number(&number);
        }
        Ok(())
    }

    fn series(&mut self, name: &str) -> Result<Series> {
        if let Some(series) = self.series.get(name) {
            return Ok(*series);
        }
        let mut read = self
            .connection
            .prepare_cached("select last from number_series where series = ?1")?;
        let last = read.query_row([name], |row| row.get("last")).optional()?;
        let series = Series {
            last: last.unwrap_or(0),
            written: true,
        };
        self.series.insert(name.to_owned(), series);
        Ok(series)
    }

    fn raise(&mut self, name: &str, last: i64) {
        let raised = Series {
            last,
            written: false,
        };
        match self.series.get_mut(name) {
            Some(series) => *series = raised,
            None => drop(self.series.insert(name.to_owned(), raised)),
        }
    }

    /// Writes the series that this transaction moved, once, before it commits.
    pub(crate) fn write_series(&mut self) -> Result<()> {
        let mut write = self
            .connection
            .prepare_cached(include_str!("../sql/raise_number.sql"))?;
        for (name, series) in self.series.iter_mut().filter(|(_, series)| !series.written) {
            write.execute((name, series.last))?;
            series.written = true;
        }
        Ok(())
    }
}
