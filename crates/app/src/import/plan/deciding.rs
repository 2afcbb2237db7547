//! What each row comes to, in the order of the file: a known record, an earlier row of the same file,
//! or something new.

use super::*;

/// The sequential part: every row against the rows above it and against the file.
pub(super) struct Deciding<'a> {
    pub(super) planning: Planning<'a>,
    pub(super) groups: Groups,
    pub(super) plan: Plan,
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
            let company = self.groups.existing(group);
            match company {
                None => self.again_in_file(row, keys, group, plan),
                Some(place) => self.duplicate(row, keys, group, place, Reason::File, plan),
            }
            return;
        }
        if let Some((place, reason)) = self.find_known(keys)
            && self.planning.duplicates != DuplicateRule::Create
        {
            let group = self.open_group(row, keys, Some(place));
            self.duplicate(row, keys, group, place, reason, plan);
            return;
        }
        self.make(row, keys, plan);
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
            let column = self
                .planning
                .layout
                .column(Part::Customer, "name")
                .map(|column| column.index);
            self.issue(row, column, Fault::error("required"));
            return;
        }
        let known = self.planning.known;
        let code_is_taken = keys.uscc != 0
            && (known.by_uscc(keys.uscc).is_some() || self.groups.has_uscc(keys.uscc));
        if code_is_taken {
            let column = self
                .planning
                .layout
                .column(Part::Customer, "uscc")
                .map(|column| column.index);
            self.issue(row, column, Fault::error("unique"));
            return;
        }
        plan.renumber = keys.number != 0
            && (known.by_number(keys.number).is_some() || self.groups.has_number(keys.number));
        let group = self.open_group(row, keys, None);
        plan.action = RowAction::Create;
        plan.group = Some(group);
        plan.makes_customer = true;
        self.add_parts(row, keys, group, None, plan);
    }

    /// A further row of a company that the file itself brings.
    fn again_in_file(&mut self, row: u32, keys: &RowKeys, group: u32, plan: &mut RowPlan) {
        let brings_news = self.groups.brings_news(group, keys);
        match self.planning.duplicates {
            _ if brings_news => {
                plan.action = RowAction::Create;
                plan.group = Some(group);
                self.groups.learn(group, keys);
                self.add_parts(row, keys, group, None, plan);
                self.compare_with_first(row, keys.at, group);
            }
            DuplicateRule::Skip => {
                plan.action = RowAction::Skip;
                plan.group = Some(group);
                plan.reason = Some(Reason::File);
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

    /// A new customer gets each field from the first row that fills it: a later row that says otherwise
    /// is told of.
    fn compare_with_first(&mut self, row: u32, at: u32, group: u32) {
        let first = &self.plan.rows[self.plan.companies[group as usize].first_row as usize];
        let table = self.planning.table;
        let (Some(here), Some(there)) = (table.row(at as usize), table.row(first.at as usize))
        else {
            return;
        };
        for column in self
            .planning
            .layout
            .columns()
            .iter()
            .filter(|column| column.target.part == Part::Customer)
        {
            let (one, other) = (here.cell(column.index), there.cell(column.index));
            let differ = match (one, other) {
                (Cell::Text(one), Cell::Text(other)) => fold(&clean(one)) != fold(&clean(other)),
                (one, other) => one != other,
            };
            if differ && !one.is_blank() && !other.is_blank() && column.target.field != "name" {
                let fault = Fault::warning("differs_in_file").param("row", there.number());
                self.issue(row, Some(column.index), fault);
            }
        }
    }

    /// A row about a customer of the base.
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
        plan.action = RowAction::Skip;
        if self.planning.duplicates == DuplicateRule::Update {
            plan.action = RowAction::Update;
            self.groups.learn(group, keys);
            self.add_parts(row, keys, group, Some(place), plan);
        }
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
                    .and_then(|place| {
                        known.contact(place, keys.contact, [keys.phones[1], keys.phones[2]])
                    })
                    .map_or(Slot::New, Slot::Known),
            };
        }
        if keys.opportunity != 0 {
            plan.opportunity = match self.groups.opportunity(group, keys, row) {
                Some(earlier) => self.earlier(earlier, |row| row.opportunity),
                None => place
                    .and_then(|place| {
                        known.opportunity(place, keys.opportunity, keys.opportunity_number)
                    })
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
        for (row, column, fault) in faults {
            self.issue(first + row, column, fault);
        }
    }
}
