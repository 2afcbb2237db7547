//! One import as far as it has come: its table, its mapping and its plan.

use super::running::Seldom;
use super::*;

impl Work {
    pub(super) fn planned(&self) -> Result<&Planned> {
        self.planned
            .as_ref()
            .ok_or_else(|| AppError::refused("import_not_planned"))
    }

    /// The sheet's rows, read from the file where that was not done before. `meanwhile` sees the table grow.
    pub(super) fn table(
        &mut self,
        reader: &Reader,
        fill: bool,
        import: &Import,
        emit: Emit<'_>,
        meanwhile: &mut dyn FnMut(&Table),
    ) -> Result<Arc<Table>> {
        if self.table.is_none() {
            let told = Seldom::default();
            let read = reader.read(
                &self.opened.path,
                self.opened.sheet.index,
                &import.cancel,
                &mut |table, progress| {
                    meanwhile(table);
                    if told.is_due() {
                        let share = u64::from(progress.thousandths);
                        let total = (share > 0).then(|| {
                            count(progress.rows * 1_000 / usize::from(progress.thousandths))
                        });
                        import.tell(emit, "reading", count(progress.rows), total);
                    }
                },
            );
            self.table = Some(Arc::new(read.map_err(|e| cancelled_or(e.into()))?));
        }
        let table = self.table.as_ref().expect("it was read above");
        if !fill || table.merges().is_empty() {
            return Ok(Arc::clone(table));
        }
        let filled = self
            .filled
            .get_or_insert_with(|| Arc::new(table.fill_down(self.opened.header.1 + 1)));
        Ok(Arc::clone(filled))
    }

    /// Places of the rows that count, and how many of the sheet's are hidden.
    pub(super) fn body_rows(
        &self,
        table: &Table,
        catalog: &Catalog,
        skip_hidden: bool,
    ) -> (Vec<u32>, u32) {
        let dictionary = Dictionary::new(catalog);
        let totals = ketu_sheet::guess_header(table, &|name| dictionary.knows(name))
            .map(|guess| guess.footer_rows)
            .unwrap_or_default();
        let mut hidden = 0;
        let mut rows = Vec::with_capacity(table.len());
        for (at, row) in (0u32..).zip(table.rows()) {
            if row.number() <= self.opened.header.1 || totals.contains(&row.number()) {
                continue;
            }
            hidden += u32::from(row.hidden());
            if !(skip_hidden && row.hidden()) {
                rows.push(at);
            }
        }
        (rows, hidden)
    }
}

/// There is one way to say that someone cancelled.
pub(super) fn cancelled_or(error: AppError) -> AppError {
    match error {
        AppError::Sheet(SheetError::Cancelled) => AppError::Store(StoreError::Cancelled),
        error => error,
    }
}

/// What a plan has to know of the base, and the mark by which a later change is noticed.
pub(super) fn surroundings(
    reader: &ketu_store::Reader<'_>,
    layout: &Layout,
    duplicates: DuplicateRule,
) -> Result<(Lookup, Known, Option<String>)> {
    let lookup = Lookup::load(reader)?;
    let below = |part: Part| {
        let mut columns = layout.columns().iter();
        duplicates != DuplicateRule::Create && columns.any(|column| column.target.part == part)
    };
    let below = Below {
        contacts: below(Part::Contact),
        opportunities: below(Part::Opportunity),
        interactions: below(Part::Interaction),
        reminders: below(Part::Reminder),
    };
    let known = Known::load(reader, below)?;
    Ok((lookup, known, reader.meta("hlc")?))
}

/// The mapping that was asked for, if it makes sense.
pub(super) fn checked_mapping(
    catalog: &Catalog,
    names: &[String],
    asked: &BTreeMap<u32, String>,
) -> Result<Mapping> {
    let mut mapping = Mapping::new();
    for (column, text) in asked {
        let target = Target::parse(catalog, text)
            .filter(|_| (*column as usize) < names.len())
            .ok_or_else(|| {
                AppError::refused("unknown_target")
                    .param("target", text)
                    .param("column", column)
            })?;
        let taken = mapping.values().any(|other| *other == target);
        if taken && !target.takes_several(catalog) {
            return Err(AppError::refused("target_taken").param("target", text));
        }
        mapping.insert(*column, target);
    }
    let tells_customers = |target: &Target| {
        target.part == Part::Customer && matches!(target.field.as_ref(), "name" | "number" | "uscc")
    };
    if !mapping.values().any(tells_customers) {
        return Err(AppError::refused("customer_not_mapped"));
    }
    Ok(mapping)
}
