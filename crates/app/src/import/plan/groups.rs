//! Rows of one file that speak of one company: by number, by credit code, by name, or by the heart
//! of the name with a phone; never where their codes, phones or regions contradict each other.

use std::collections::{HashMap, HashSet};

use super::RowKeys;
use crate::import::known::DealKeys;
use crate::import::target::Part;

#[derive(Debug, Default)]
pub(super) struct Groups {
    all: Vec<Group>,
    by_number: HashMap<u64, u32>,
    by_uscc: HashMap<u64, u32>,
    /// The latest of a name; the others follow from it.
    by_exact: HashMap<u64, u32>,
    by_heart_and_phone: HashMap<(u64, u64), u32>,
    contacts: HashMap<(u32, u64), Vec<Person>>,
    deals: HashMap<(u32, u64), Vec<Deal>>,
    /// Company and row.
    deal_numbers: HashMap<u64, (u32, u32)>,
    happenings: HashSet<(u32, Part, u64)>,
    by_known: HashMap<u32, u32>,
}

#[derive(Debug)]
struct Group {
    /// Place in what is known, where the company is there already.
    existing: Option<u32>,
    number: u64,
    uscc: u64,
    phone: u64,
    heart: u64,
    region: u32,
    /// Another company of the same name.
    same_name: Option<u32>,
}

#[derive(Debug)]
struct Person {
    phones: [u64; 2],
    row: u32,
}

#[derive(Debug)]
struct Deal {
    number: u64,
    row: u32,
}

impl Groups {
    pub fn find(&self, keys: &RowKeys) -> Option<u32> {
        let given = |key: u64| (key != 0).then_some(key);
        if let Some(group) = given(keys.number).and_then(|number| self.by_number.get(&number)) {
            return Some(*group);
        }
        if let Some(group) = given(keys.uscc).and_then(|uscc| self.by_uscc.get(&uscc)) {
            return Some(*group);
        }
        let mut same_name = given(keys.name.exact)
            .and_then(|name| self.by_exact.get(&name))
            .copied();
        while let Some(group) = same_name {
            if self.agrees(group, keys) {
                return Some(group);
            }
            same_name = self.all[group as usize].same_name;
        }
        let phones = keys
            .phones
            .iter()
            .filter(|phone| **phone != 0 && keys.name.heart != 0);
        phones
            .filter_map(|phone| self.by_heart_and_phone.get(&(keys.name.heart, *phone)))
            .find(|group| self.agrees(**group, keys))
            .copied()
    }

    fn agrees(&self, group: u32, keys: &RowKeys) -> bool {
        let group = &self.all[group as usize];
        let same = |a: u64, b: u64| a == 0 || b == 0 || a == b;
        // A region says nothing against a customer that is there: people move.
        let regions = group.existing.is_some() || regions_agree(group.region, keys.region);
        let phones = group.existing.is_some() || same(group.phone, keys.company_phone);
        same(group.number, keys.number) && same(group.uscc, keys.uscc) && phones && regions
    }

    pub fn open(&mut self, keys: &RowKeys, existing: Option<u32>) -> u32 {
        let number = u32::try_from(self.all.len()).expect("fewer companies than rows");
        let same_name = match keys.name.exact {
            0 => None,
            name => self.by_exact.insert(name, number),
        };
        self.all.push(Group {
            existing,
            number: 0,
            uscc: 0,
            phone: 0,
            heart: 0,
            region: 0,
            same_name,
        });
        if let Some(place) = existing {
            self.by_known.insert(place, number);
        }
        self.learn(number, keys);
        number
    }

    /// The group of a customer that is there already.
    pub fn of_known(&self, place: u32) -> Option<u32> {
        self.by_known.get(&place).copied()
    }

    /// Takes a row's keys for further rows to be found by.
    pub fn learn(&mut self, number: u32, keys: &RowKeys) {
        let group = &mut self.all[number as usize];
        let take = |own: &mut u64, given: u64| {
            if *own == 0 {
                *own = given;
            }
        };
        take(&mut group.number, keys.number);
        take(&mut group.uscc, keys.uscc);
        take(&mut group.phone, keys.company_phone);
        take(&mut group.heart, keys.name.heart);
        if group.region == 0 {
            group.region = keys.region;
        }
        if keys.number != 0 {
            self.by_number.entry(keys.number).or_insert(number);
        }
        if keys.uscc != 0 {
            self.by_uscc.entry(keys.uscc).or_insert(number);
        }
        for phone in keys
            .phones
            .iter()
            .filter(|phone| **phone != 0 && keys.name.heart != 0)
        {
            self.by_heart_and_phone
                .entry((keys.name.heart, *phone))
                .or_insert(number);
        }
    }

    pub fn existing(&self, group: u32) -> Option<u32> {
        self.all[group as usize].existing
    }

    pub fn has_uscc(&self, uscc: u64) -> bool {
        self.by_uscc.contains_key(&uscc)
    }

    pub fn has_number(&self, number: u64) -> bool {
        self.by_number.contains_key(&number)
    }

    /// Whether a row of this company calls it something else altogether.
    pub fn is_called_otherwise(&self, group: u32, keys: &RowKeys) -> bool {
        let heart = self.all[group as usize].heart;
        heart != 0 && keys.name.heart != 0 && heart != keys.name.heart
    }

    /// Whether a row has a person that the rows above lack.
    pub fn is_new_person(&self, group: u32, keys: &RowKeys) -> bool {
        let phones = [keys.phones[1], keys.phones[2]];
        keys.contact != 0 && self.find_person(group, keys.contact, phones).is_none()
    }

    /// Whether a row has an opportunity that the rows above lack.
    pub fn is_new_deal(&self, group: u32, keys: &RowKeys) -> bool {
        keys.deal.is_given() && self.find_deal(group, keys.deal).is_none()
    }

    /// Whether no row above tells the same.
    pub fn is_new_happening(&self, group: u32, part: Part, key: u64) -> bool {
        key != 0 && !self.happenings.contains(&(group, part, key))
    }

    /// Whether a row above gives this number to an opportunity of another company.
    pub fn has_deal_elsewhere(&self, group: Option<u32>, number: u64) -> bool {
        let of = self.deal_numbers.get(&number);
        of.is_some_and(|(of, _)| Some(*of) != group)
    }

    /// The earlier row that has this person; else this row is the first.
    pub fn contact(&mut self, group: u32, keys: &RowKeys, row: u32) -> Option<u32> {
        let phones = [keys.phones[1], keys.phones[2]];
        if let Some(earlier) = self.find_person(group, keys.contact, phones) {
            return Some(earlier);
        }
        self.contacts
            .entry((group, keys.contact))
            .or_default()
            .push(Person { phones, row });
        None
    }

    /// People of one name are one, unless they have different phones.
    fn find_person(&self, group: u32, name: u64, phones: [u64; 2]) -> Option<u32> {
        let people = self.contacts.get(&(group, name))?;
        let same = |a: u64, b: u64| a == 0 || b == 0 || a == b;
        let is_same = |person: &&Person| {
            same(person.phones[0], phones[0]) && same(person.phones[1], phones[1])
        };
        people.iter().find(is_same).map(|person| person.row)
    }

    /// The earlier row that has this opportunity; else this row is the first.
    pub fn opportunity(&mut self, group: u32, keys: &RowKeys, row: u32) -> Option<u32> {
        if let Some(earlier) = self.find_deal(group, keys.deal) {
            return Some(earlier);
        }
        let DealKeys { name, number, .. } = keys.deal;
        self.deals
            .entry((group, name))
            .or_default()
            .push(Deal { number, row });
        if number != 0 {
            self.deal_numbers.entry(number).or_insert((group, row));
        }
        None
    }

    /// By number, or by name where the numbers do not say otherwise.
    fn find_deal(&self, group: u32, keys: DealKeys) -> Option<u32> {
        if let Some((of, row)) = self.deal_numbers.get(&keys.number) {
            return (*of == group).then_some(*row);
        }
        let same = |a: u64, b: u64| a == 0 || b == 0 || a == b;
        let deals = self.deals.get(&(group, keys.name))?;
        deals
            .iter()
            .find(|deal| same(deal.number, keys.number))
            .map(|deal| deal.row)
    }

    /// Notes what happened; false where a row above tells the same.
    pub fn happens(&mut self, group: u32, part: Part, key: u64) -> bool {
        self.happenings.insert((group, part, key))
    }
}

/// One region is the other or lies within it: codes end in zeros where they stop.
fn regions_agree(one: u32, other: u32) -> bool {
    let within = |outer: u32, inner: u32| {
        let grain = if outer.is_multiple_of(10_000) {
            10_000
        } else if outer.is_multiple_of(100) {
            100
        } else {
            1
        };
        outer / grain == inner / grain
    };
    one == 0 || other == 0 || within(one, other) || within(other, one)
}
