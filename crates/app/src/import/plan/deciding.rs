//! What each row comes to, in the order of the file: a known record, an earlier row of the same file,
//! or something new.

use ketu_model::normalise::company::name_key;

use super::*;

/// The sequential part: every row against the rows above it and against the file.
pub(super) struct Deciding<'a> {
    pub(super) planning: Planning<'a>,
    pub(super) groups: Groups,
    pub(super) plan: Plan,
    /// Reads what two rows say of one thing; names that it meets are counted elsewhere.
    pub(super) cells: Cells<'a>,
}

impl Deciding<'_> {
    pub(super) fn decide(&mut self, keys: &RowKeys) {
        let row = u32::try_from(self.plan.rows.len()).expect("a sheet has fewer rows than 2^32");
        let mut plan = RowPlan {
            at: keys.at,
            action: RowAction::Fail,
            group: None,
            reason: None,
            makes_customer: false,
            renumber: false,
            contact: Slot::None,
            opportunity: Slot::None,
            interaction: false,
            reminder: false,
        };
        if keys.blank {
            plan.action = RowAction::Skip;
        } else if !keys.failed {
            self.place(row, keys, &mut plan);
        }
        if matches!(plan.action, RowAction::Create | RowAction::Update) {
            let news = [
                plan.makes_customer,
                plan.contact == Slot::New,
                plan.opportunity == Slot::New,
                plan.interaction,
                plan.reminder,
            ];
            for (count, new) in self.plan.records.iter_mut().zip(news) {
                *count += u32::from(new);
            }
        }
        self.plan.rows.push(plan);
    }

    /// Finds the row's company, in the file above it and then in the base, and what the rule for
    /// duplicates makes of it.
    fn place(&mut self, row: u32, keys: &RowKeys, plan: &mut RowPlan) {
        if let Some(group) = self.groups.find(keys) {
            match self.groups.existing(group) {
                None if self.contradicts(row, keys, group) => {}
                None => self.again_in_file(row, keys, group, plan),
                Some(place) => self.duplicate(row, keys, group, place, Reason::File, plan),
            }
            return;
        }
        if let Some((place, reason)) = self.find_known(keys)
            && self.planning.duplicates != DuplicateRule::Create
        {
            let heart = self.planning.known.heart(place);
            let by_code = matches!(reason, Reason::Number | Reason::Uscc);
            if by_code && keys.name.heart != 0 && keys.name.heart != heart {
                let column = self.column(Part::Customer, "name");
                self.issue(row, column, Fault::warning("differs_from_known"));
            }
            let group = self.open_group(row, keys, Some(place));
            self.duplicate(row, keys, group, place, reason, plan);
            return;
        }
        self.make(row, keys, plan);
    }

    /// Whether the row has the number of a company above and a name that has nothing to do with it: one of
    /// the two is wrong, and nobody but a person can tell which.
    fn contradicts(&mut self, row: u32, keys: &RowKeys, group: u32) -> bool {
        if !self.groups.is_called_otherwise(group, keys) || !self.groups.has_number(keys.number) {
            return false;
        }
        let first = &self.plan.rows[self.plan.companies[group as usize].first_row as usize];
        let (first, table) = (first.at, self.planning.table);
        let Some(name) = self.column(Part::Customer, "name") else {
            return false;
        };
        let heart = |at: u32| match table.row(at as usize)?.cell(name) {
            Cell::Text(text) => Some(name_key(text)),
            _ => None,
        };
        let (Some(one), Some(other)) = (heart(first), heart(keys.at)) else {
            return false;
        };
        if one.contains(&other) || other.contains(&one) {
            return false;
        }
        let number = table.row(first as usize).map_or(0, |row| row.number());
        let fault = Fault::error("number_contradicts").param("row", number);
        let column = self.column(Part::Customer, "number");
        self.issue(row, column, fault);
        true
    }

    fn column(&self, part: Part, key: &str) -> Option<usize> {
        let column = self.planning.layout.column(part, key);
        column.map(|column| column.index)
    }

    fn find_known(&self, keys: &RowKeys) -> Option<(u32, Reason)> {
        let known = self.planning.known;
        if known.is_empty() {
            return None;
        }
        let by_number = (keys.number != 0)
            .then(|| known.by_number(keys.number))
            .flatten();
        let by_uscc = || (keys.uscc != 0).then(|| known.by_uscc(keys.uscc)).flatten();
        let by_name = || {
            (keys.name.exact != 0)
                .then(|| known.by_name(keys.name.exact, keys.uscc))
                .flatten()
        };
        let by_phone = || {
            let phones = keys
                .phones
                .iter()
                .filter(|phone| **phone != 0 && keys.name.heart != 0);
            phones
                .filter_map(|phone| known.by_heart_and_phone(keys.name.heart, *phone, keys.uscc))
                .next()
        };
        by_number
            .map(|place| (place, Reason::Number))
            .or_else(|| by_uscc().map(|place| (place, Reason::Uscc)))
            .or_else(|| by_name().map(|place| (place, Reason::Name)))
            .or_else(|| by_phone().map(|place| (place, Reason::NamePhone)))
    }

    fn open_group(&mut self, row: u32, keys: &RowKeys, existing: Option<u32>) -> u32 {
        if let Some(group) = existing.and_then(|place| self.groups.of_known(place)) {
            self.groups.learn(group, keys);
            return group;
        }
        let id = existing.map(|place| self.planning.known.customers[place as usize].id);
        self.plan.companies.push(Company {
            existing: id,
            first_row: row,
        });
        self.groups.open(keys, existing)
    }

    /// A company that is not there yet.
    fn make(&mut self, row: u32, keys: &RowKeys, plan: &mut RowPlan) {
        if keys.name.exact == 0 {
            let column = self.column(Part::Customer, "name");
            self.issue(row, column, Fault::error("required"));
            return;
        }
        let known = self.planning.known;
        let code_is_taken = keys.uscc != 0
            && (known.by_uscc(keys.uscc).is_some() || self.groups.has_uscc(keys.uscc));
        if code_is_taken {
            let column = self.column(Part::Customer, "uscc");
            self.issue(row, column, Fault::error("unique"));
            return;
        }
        let news = News::all_of(keys);
        if !self.can_be_made(row, keys, None, news) {
            return;
        }
        plan.renumber = keys.number != 0
            && (known.by_number(keys.number).is_some() || self.groups.has_number(keys.number));
        if plan.renumber {
            let column = self.column(Part::Customer, "number");
            self.issue(row, column, Fault::warning("number_in_use"));
        }
        let group = self.open_group(row, keys, None);
        plan.action = RowAction::Create;
        plan.group = Some(group);
        plan.makes_customer = true;
        self.add_parts(row, keys, group, None, plan);
    }

    /// A further row of a company that the file itself brings.
    fn again_in_file(&mut self, row: u32, keys: &RowKeys, group: u32, plan: &mut RowPlan) {
        let news = self.news(keys, group, None);
        match self.planning.duplicates {
            _ if news.any() => {
                if !self.can_be_made(row, keys, Some(group), news) {
                    return;
                }
                plan.action = RowAction::Create;
                plan.group = Some(group);
                self.groups.learn(group, keys);
                self.add_parts(row, keys, group, None, plan);
                self.compare_with_earlier(row, plan, group);
            }
            // What it says beyond the rows above still goes to their records.
            DuplicateRule::Skip => {
                plan.action = RowAction::Skip;
                plan.group = Some(group);
                plan.reason = Some(Reason::File);
                self.groups.learn(group, keys);
                self.add_parts(row, keys, group, None, plan);
                self.compare_with_earlier(row, plan, group);
            }
            DuplicateRule::Update => {
                plan.action = RowAction::Update;
                plan.group = Some(group);
                plan.reason = Some(Reason::File);
                self.groups.learn(group, keys);
                self.add_parts(row, keys, group, None, plan);
            }
            DuplicateRule::Create => self.make(row, keys, plan),
        }
    }

    /// A new record gets each field from the first row that fills it: a later row that says otherwise is
    /// told of.
    fn compare_with_earlier(&mut self, row: u32, plan: &RowPlan, group: u32) {
        let mut earlier = vec![(
            Part::Customer,
            self.plan.companies[group as usize].first_row,
        )];
        for (part, slot) in [
            (Part::Contact, plan.contact),
            (Part::Opportunity, plan.opportunity),
        ] {
            if let Slot::Earlier(row) = slot {
                earlier.push((part, row));
            }
        }
        for (part, first) in earlier {
            let first = self.plan.rows[first as usize].at;
            self.compare(row, plan.at, part, first);
        }
    }

    fn compare(&mut self, row: u32, at: u32, part: Part, first: u32) {
        let table = self.planning.table;
        let (Some(here), Some(there)) = (table.row(at as usize), table.row(first as usize)) else {
            return;
        };
        let columns = self.planning.layout.columns().iter();
        for column in columns.filter(|column| column.target.part == part) {
            let (one, other) = (here.cell(column.index), there.cell(column.index));
            if one == other || one.is_blank() || other.is_blank() {
                continue;
            }
            let differ = match (one, other) {
                // Spellings of one name; a contact's is what it was found by.
                (Cell::Text(one), Cell::Text(other)) if column.target.field == "name" => {
                    part == Part::Customer && name_key(one) != name_key(other)
                }
                // (021)26314982 is 021-26314982.
                (one, other) => {
                    let mut read = |cell, row: Row<'_>| {
                        let class = row.class(column.index);
                        self.cells.read(column, cell, class, None).value
                    };
                    let (one, other) = (read(one, here), read(other, there));
                    one != other && !one.is_null() && !other.is_null()
                }
            };
            if differ {
                let fault = Fault::warning("differs_in_file").param("row", there.number());
                self.issue(row, Some(column.index), fault);
            }
        }
    }

    /// A row about a customer of the base: that one stays as it is unless an update was asked for, and gets
    /// the people and happenings that it has not yet.
    fn duplicate(
        &mut self,
        row: u32,
        keys: &RowKeys,
        group: u32,
        place: u32,
        reason: Reason,
        plan: &mut RowPlan,
    ) {
        plan.group = Some(group);
        plan.reason = Some(reason);
        let news = self.news(keys, group, Some(place));
        if !self.can_be_made(row, keys, Some(group), news) {
            return;
        }
        plan.action = match self.planning.duplicates {
            DuplicateRule::Update => RowAction::Update,
            _ if news.any() => RowAction::Create,
            _ => RowAction::Skip,
        };
        self.groups.learn(group, keys);
        self.add_parts(row, keys, group, Some(place), plan);
    }

    /// What a row has that neither the rows above nor the base have.
    fn news(&self, keys: &RowKeys, group: u32, place: Option<u32>) -> News {
        let (known, groups) = (self.planning.known, &self.groups);
        let person = || place.and_then(|place| self.known_contact(keys, place));
        let deal = || place.and_then(|place| known.opportunity(place, keys.deal));
        let happens = |part, key| {
            groups.is_new_happening(group, part, key)
                && !place.is_some_and(|place| known.happened(part, place, key))
        };
        News {
            customer: false,
            contact: groups.is_new_person(group, keys) && person().is_none(),
            opportunity: groups.is_new_deal(group, keys) && deal().is_none(),
            interaction: happens(Part::Interaction, keys.interaction),
            reminder: happens(Part::Reminder, keys.reminder),
        }
    }

    /// The contact of the base that a row speaks of. An update would rename someone who is merely found by a
    /// mobile.
    fn known_contact(&self, keys: &RowKeys, place: u32) -> Option<uuid::Uuid> {
        let known = self.planning.known;
        let [_, mobile, phone] = keys.phones;
        let by_name = known.contact(place, keys.contact, [mobile, phone]);
        by_name.or_else(|| match self.planning.duplicates {
            DuplicateRule::Update => None,
            _ => known.with_mobile(place, mobile),
        })
    }

    /// Whether the new records of a row have all that is compulsory and numbers of their own; says so where
    /// they have not.
    fn can_be_made(&mut self, row: u32, keys: &RowKeys, group: Option<u32>, news: News) -> bool {
        let mut fine = true;
        for (part, new) in news.by_part() {
            let lacking = self.planning.layout.required(keys.lacks[part.index()]);
            if let Some((field, column)) = lacking.filter(|_| new) {
                let fault = Fault::error("required_field").param("field", &field.label.zh);
                self.issue(row, column, fault);
                fine = false;
            }
        }
        let number = keys.deal.number;
        let place = group.and_then(|group| self.groups.existing(group));
        if number != 0
            && (self.groups.has_deal_elsewhere(group, number)
                || self.planning.known.has_deal_elsewhere(place, number))
        {
            let column = self.column(Part::Opportunity, "number");
            self.issue(row, column, Fault::error("unique"));
            fine = false;
        }
        fine
    }

    /// Which of the row's other records are new, and which are there.
    fn add_parts(
        &mut self,
        row: u32,
        keys: &RowKeys,
        group: u32,
        place: Option<u32>,
        plan: &mut RowPlan,
    ) {
        let known = self.planning.known;
        if keys.contact != 0 {
            plan.contact = match self.groups.contact(group, keys, row) {
                Some(earlier) => self.earlier(earlier, |row| row.contact),
                None => place
                    .and_then(|place| self.known_contact(keys, place))
                    .map_or(Slot::New, Slot::Known),
            };
        }
        if keys.deal.is_given() {
            plan.opportunity = match self.groups.opportunity(group, keys, row) {
                Some(earlier) => self.earlier(earlier, |row| row.opportunity),
                None => place
                    .and_then(|place| known.opportunity(place, keys.deal))
                    .map_or(Slot::New, Slot::Known),
            };
        }
        let new = |groups: &mut Groups, part, key| {
            key != 0
                && groups.happens(group, part, key)
                && !place.is_some_and(|place| known.happened(part, place, key))
        };
        plan.interaction = new(&mut self.groups, Part::Interaction, keys.interaction);
        plan.reminder = new(&mut self.groups, Part::Reminder, keys.reminder);
    }

    /// The record that an earlier row stands for: made there, or known there already.
    fn earlier(&self, row: u32, slot: impl Fn(&RowPlan) -> Slot) -> Slot {
        match self.plan.rows.get(row as usize).map(slot) {
            Some(Slot::New) => Slot::Earlier(row),
            Some(slot) => slot,
            None => Slot::New,
        }
    }

    fn issue(&mut self, row: u32, column: Option<usize>, fault: Fault) {
        self.plan.issues.push(Issue { row, column, fault });
    }

    pub(super) fn note_issues(&mut self, first: usize, faults: Vec<(u32, Option<usize>, Fault)>) {
        let first = u32::try_from(first).expect("a sheet has fewer rows than 2^32");
        for (row, column, mut fault) in faults {
            let row = first + row;
            if matches!(fault.code, "extra_phone" | "extra_email") && !self.has_a_note(row, column)
            {
                fault.code = "extra_left_out";
            }
            self.issue(row, column, fault);
        }
    }

    /// Whether what a column has too much of goes into the note of a record that the file brings.
    fn has_a_note(&self, row: u32, column: Option<usize>) -> bool {
        let plan = &self.plan.rows[row as usize];
        let columns = self.planning.layout.columns();
        let of_contact = columns
            .iter()
            .any(|of| Some(of.index) == column && of.target.part == Part::Contact);
        match plan.group.map(|group| &self.plan.companies[group as usize]) {
            _ if plan.action == RowAction::Fail => true,
            None => true,
            Some(_) if plan.action == RowAction::Update => false,
            Some(_) if of_contact && plan.contact != Slot::None => {
                !matches!(plan.contact, Slot::Known(_))
            }
            Some(company) => company.existing.is_none(),
        }
    }
}

/// Which records of a row are new.
#[derive(Debug, Clone, Copy, Default)]
struct News {
    customer: bool,
    contact: bool,
    opportunity: bool,
    interaction: bool,
    reminder: bool,
}

impl News {
    /// Of a company that is not there yet.
    fn all_of(keys: &RowKeys) -> Self {
        Self {
            customer: true,
            contact: keys.contact != 0,
            opportunity: keys.deal.is_given(),
            interaction: keys.interaction != 0,
            reminder: keys.reminder != 0,
        }
    }

    fn any(self) -> bool {
        self.by_part().iter().any(|(_, new)| *new)
    }

    fn by_part(self) -> [(Part, bool); 5] {
        [
            (Part::Customer, self.customer),
            (Part::Contact, self.contact),
            (Part::Opportunity, self.opportunity),
            (Part::Interaction, self.interaction),
            (Part::Reminder, self.reminder),
        ]
    }
}
