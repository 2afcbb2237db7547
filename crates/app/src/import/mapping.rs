//! From column headers to targets: by the catalog's labels and aliases, by the words of the
//! field, and where those leave it open by what the columns' values look like. A guess that
//! people see and change; what they chose is remembered for the same set of headers.

mod shape;
mod words;

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use ketu_model::Catalog;
use ketu_model::field::FieldType;
use ketu_model::ids::shipped_id;
use ketu_model::normalise::text::{clean, fold};
use ketu_sheet::Table;
use ketu_store::{Reader, Store};

pub use shape::Shape;
use words::{IGNORED, MORE, QUALIFIERS, RULES, When};

use super::target::{Part, Target, importable};
use crate::error::Result;

/// Which column goes where; columns that go nowhere are left out.
pub type Mapping = BTreeMap<u32, Target>;

/// Every name that a header may have, in its normal form, with the targets that it may mean in
/// order of preference.
#[derive(Debug)]
pub struct Dictionary {
    names: HashMap<String, Vec<Target>>,
}

impl Dictionary {
    pub fn new(catalog: &Catalog) -> Self {
        let mut dictionary = Self {
            names: HashMap::new(),
        };
        for (part, entity, field) in importable(catalog) {
            let target = Target {
                part,
                field: field.key.clone(),
            };
            for label in [&field.label.zh, &field.label.en] {
                dictionary.add(label, &target);
            }
            for qualifier in [&entity.label.zh, &entity.label.en] {
                for label in [&field.label.zh, &field.label.en] {
                    dictionary.add(&format!("{qualifier}{label}"), &target);
                }
            }
            dictionary.add(&target.to_string(), &target);
            for alias in &field.aliases {
                dictionary.add(alias, &target);
            }
        }
        for (target, names) in MORE {
            if let Some(target) = Target::parse(catalog, target) {
                for name in *names {
                    dictionary.add(name, &target);
                }
            }
        }
        dictionary
    }

    fn add(&mut self, name: &str, target: &Target) {
        let targets = self.names.entry(normal(name)).or_default();
        if !targets.contains(target) {
            targets.push(target.clone());
        }
    }

    /// Whether a cleaned header is one that an import understands; helps to find the header row.
    pub fn knows(&self, header: &str) -> bool {
        let readings = readings(header);
        readings.iter().any(|name| {
            self.names.contains_key(name.as_str())
                || rule(name).is_some()
                || IGNORED.contains(&name.as_str())
        })
    }

    /// The word that matters, after the words before it are taken off, and the record that they speak
    /// of: 主要联系人电话 is 联系人电话, 客户所属行业 is 行业.
    fn behind_qualifiers(&self, name: &str) -> Option<(String, Option<&'static str>)> {
        let mut rest = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let mut hint = None;
        loop {
            let of_contact = format!("联系人{rest}");
            if hint == Some("contact") && of_contact != name && self.has_word(&of_contact) {
                return Some((of_contact, hint));
            }
            if rest != name && self.has_word(rest) {
                return Some((rest.to_owned(), hint));
            }
            let (after, part) = QUALIFIERS
                .iter()
                .find_map(|(word, part)| Some((rest.strip_prefix(word)?, part)))?;
            hint = part.or(hint);
            rest = after;
        }
    }

    fn has_word(&self, name: &str) -> bool {
        self.names.contains_key(name) || rule(name).is_some() || IGNORED.contains(&name)
    }
}

/// A header without what people decorate it with: case, width, white space, marks, a note that the
/// column is compulsory.
fn normal(header: &str) -> String {
    fold(&clean(header))
        .chars()
        .filter(|c| !c.is_whitespace() && !"*_-.:()[]<>{}\"'“”".contains(*c))
        .collect()
}

/// The header as it is, then without its bracketed notes: 金额（万元） and 金额.
fn readings(header: &str) -> Vec<String> {
    let folded = fold(&clean(header)).into_owned();
    let mut bare = String::with_capacity(folded.len());
    let mut depth = 0u32;
    for c in folded.chars() {
        match c {
            '(' | '[' | '<' | '{' => depth += 1,
            ')' | ']' | '>' | '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => bare.push(c),
            _ => {}
        }
    }
    let mut readings = vec![normal(&folded)];
    let bare = normal(&bare);
    if !bare.is_empty() && bare != readings[0] {
        readings.push(bare);
    }
    // 联系人/电话 of a header in two rows is 联系人电话, and 省/市 stays as it is.
    let joined: Vec<String> = readings
        .iter()
        .filter(|name| name.contains('/'))
        .map(|name| name.replace('/', ""))
        .collect();
    readings.extend(joined);
    readings
}

fn rule(name: &str) -> Option<&'static words::Rule> {
    RULES.iter().find(|rule| rule.names.contains(&name))
}

/// One column as the guess sees it.
#[derive(Debug, Clone)]
pub struct Header {
    pub name: String,
    pub shape: Shape,
}

/// Headers with the shapes of the values below them.
pub fn headers(names: &[String], table: &Table, header_row: u32, today: NaiveDate) -> Vec<Header> {
    let first = table.index_of(header_row + 1).unwrap_or_else(|at| at);
    names
        .iter()
        .enumerate()
        .map(|(column, name)| {
            let mut shape = Shape::default();
            for row in (first..table.len()).filter_map(|at| table.row(at)) {
                shape.take(row.cell(column), today);
            }
            Header {
                name: name.clone(),
                shape,
            }
        })
        .collect()
}

/// Guesses where each column goes. `sheet` is the sheet's name: one called 联系人 holds contacts.
pub fn guess(
    catalog: &Catalog,
    dictionary: &Dictionary,
    sheet: &str,
    headers: &[Header],
) -> Mapping {
    let mut guess = Guess {
        catalog,
        dictionary,
        headers,
        mapping: Mapping::new(),
        primary: primary(catalog, sheet),
    };
    guess.names_that_say_it_all();
    guess.names_with_several_meanings();
    guess.names_behind_qualifiers();
    guess.shapes();
    guess.people_as_customers();
    guess.mapping
}

/// The record that a sheet's name speaks of.
fn primary(catalog: &Catalog, sheet: &str) -> Part {
    let name = normal(sheet);
    let is_called = |part: &Part| {
        catalog.entity(part.entity()).is_some_and(|entity| {
            let english = normal(&entity.label.en);
            name == normal(&entity.label.zh)
                || name == english
                || name.strip_suffix('s') == Some(&english)
                || name == format!("{}ies", english.trim_end_matches('y'))
        })
    };
    Part::ALL
        .into_iter()
        .find(is_called)
        .unwrap_or(Part::Customer)
}

struct Guess<'a> {
    catalog: &'a Catalog,
    dictionary: &'a Dictionary,
    headers: &'a [Header],
    mapping: Mapping,
    primary: Part,
}

impl Guess<'_> {
    /// First the headers with one meaning: what they are decides what the others mean.
    fn names_that_say_it_all(&mut self) {
        self.each_open(|guess, header| {
            let name = readings(&header.name)
                .into_iter()
                .find(|name| guess.is_word(name))?;
            if rule(&name).is_some() || IGNORED.contains(&name.as_str()) {
                return None;
            }
            let targets = guess.in_order(guess.dictionary.names.get(&name)?);
            match targets.as_slice() {
                [only] => guess.free(only, header),
                // The record that the sheet is about, or the customer, whichever knows the word.
                [first, ..] if first.part == guess.primary || first.part == Part::Customer => {
                    guess.free(first, header)
                }
                _ => None,
            }
        });
    }

    fn names_with_several_meanings(&mut self) {
        self.each_open(|guess, header| {
            let name = readings(&header.name)
                .into_iter()
                .find(|name| guess.is_word(name))?;
            guess.by_meaning(&name, None, header)
        });
    }

    fn names_behind_qualifiers(&mut self) {
        self.each_open(|guess, header| {
            let names = readings(&header.name);
            if names.iter().any(|name| guess.is_word(name)) {
                return None;
            }
            let (name, hint) = names
                .iter()
                .find_map(|name| guess.dictionary.behind_qualifiers(name))?;
            guess.by_meaning(&name, hint, header)
        });
    }

    /// The first of a word's meanings that is free: by its rule, or in the catalog's order. `hint` is the
    /// record that the words before it speak of.
    fn by_meaning(&self, name: &str, hint: Option<&str>, header: &Header) -> Option<Target> {
        if IGNORED.contains(&name) {
            return None;
        }
        let known = self
            .dictionary
            .names
            .get(name)
            .map_or(&[][..], Vec::as_slice);
        if let Some(rule) = rule(name) {
            // In a sheet of contacts the contact's own field comes first, and so on.
            let own = known
                .iter()
                .filter(|target| self.primary != Part::Customer && target.part == self.primary);
            let by_rule = rule
                .order
                .iter()
                .filter(|(_, conditions)| conditions.iter().all(|when| self.holds(*when, header)))
                .filter_map(|(target, _)| Target::parse(self.catalog, target));
            return own
                .cloned()
                .chain(by_rule)
                .find_map(|target| self.free(&target, header));
        }
        let mut targets = self.in_order(known);
        targets.sort_by_key(|target| hint.is_some_and(|hint| target.part.entity() != hint));
        targets.iter().find_map(|target| self.free(target, header))
    }

    /// Headers that say nothing: their values may.
    fn shapes(&mut self) {
        self.each_open(|guess, header| {
            if readings(&header.name)
                .iter()
                .any(|name| guess.is_word(name))
            {
                return None;
            }
            let shape = &header.shape;
            let contact = guess.holds(When::Contact, header);
            let targets: &[&str] = if shape.codes() {
                &["customer.uscc"]
            } else if shape.companies() {
                &["customer.name"]
            } else if shape.emails() && shape.filled >= 2 {
                if contact {
                    &["contact.email"]
                } else {
                    &["customer.email"]
                }
            } else if shape.mobiles() && shape.filled >= 2 {
                if contact {
                    &["contact.mobile"]
                } else {
                    &["customer.phone"]
                }
            } else {
                &[]
            };
            let targets = targets
                .iter()
                .filter_map(|target| Target::parse(guess.catalog, target));
            targets
                .filter(|target| !guess.is_taken(target))
                .find_map(|target| guess.free(&target, header))
        });
    }

    /// A sheet of people without companies: they are the customers.
    fn people_as_customers(&mut self) {
        if self
            .mapping
            .values()
            .any(|target| target.is(Part::Customer, "name"))
        {
            return;
        }
        let name = self
            .mapping
            .values_mut()
            .find(|target| target.is(Part::Contact, "name"));
        let Some(name) = name else {
            return;
        };
        name.part = Part::Customer;
        for (from, to) in [
            ("mobile", "phone"),
            ("phone", "phone"),
            ("email", "email"),
            ("note", "note"),
        ] {
            let goal = Target {
                part: Part::Customer,
                field: to.into(),
            };
            if !self.is_taken(&goal)
                && let Some(target) = self
                    .mapping
                    .values_mut()
                    .find(|target| target.is(Part::Contact, from))
            {
                *target = goal;
            }
        }
    }

    fn is_word(&self, name: &str) -> bool {
        self.dictionary.has_word(name)
    }

    fn each_open(&mut self, choose: impl Fn(&Self, &Header) -> Option<Target>) {
        for (column, header) in (0u32..).zip(self.headers) {
            if !self.mapping.contains_key(&column)
                && !header.name.is_empty()
                && let Some(target) = choose(self, header)
            {
                self.mapping.insert(column, target);
            }
        }
    }

    /// The record that the sheet is about first, the rest as the catalog has it.
    fn in_order(&self, targets: &[Target]) -> Vec<Target> {
        let mut targets = targets.to_vec();
        targets.sort_by_key(|target| target.part != self.primary);
        targets
    }

    /// The target, if no other column has it and the values do not contradict.
    fn free(&self, target: &Target, header: &Header) -> Option<Target> {
        let field = target.definition(self.catalog)?;
        let shared = field.kind == FieldType::Region;
        let fits = !header.shape.contradicts(field);
        (fits && (shared || !self.is_taken(target))).then(|| target.clone())
    }

    fn is_taken(&self, target: &Target) -> bool {
        self.mapping.values().any(|taken| taken == target)
    }

    fn holds(&self, when: When, header: &Header) -> bool {
        let any = |is: &dyn Fn(&Target) -> bool| self.mapping.values().any(is);
        match when {
            When::Contact => any(&|target| target.is(Part::Contact, "name")),
            When::Company => any(&|target| target.is(Part::Customer, "name")),
            When::Deal => {
                let telling = [
                    "name",
                    "number",
                    "pipeline",
                    "expected_close",
                    "probability",
                    "stage",
                ];
                any(&|target| {
                    target.part == Part::Opportunity && telling.contains(&target.field.as_ref())
                }) || self.primary == Part::Opportunity
            }
            When::Talk => {
                any(&|target| target.is(Part::Interaction, "summary"))
                    || self.primary == Part::Interaction
            }
            When::Mobiles => header.shape.mobiles(),
            When::Landlines => header.shape.landlines(),
            When::Dates => header.shape.dates(),
            When::Emails => header.shape.emails(),
        }
    }
}

/// The name under which the mapping of a set of headers is kept, whatever their order. Columns that
/// are never imported do not count: the workbook of failed rows has one more than its file.
fn setting_key(names: &[String]) -> String {
    let names = names.iter().map(|name| normal(name));
    let mut names: Vec<String> = names
        .filter(|name| !name.is_empty() && !IGNORED.contains(&name.as_str()))
        .collect();
    names.sort_unstable();
    format!(
        "import.mapping.{}",
        shipped_id(&format!("headers/{}", names.join("\u{1f}")))
    )
}

/// What was chosen the last time that a sheet had these headers.
pub fn remembered(reader: &Reader<'_>, names: &[String]) -> Result<Option<Mapping>> {
    let Some(text) = reader.setting(&setting_key(names))? else {
        return Ok(None);
    };
    let by_name: BTreeMap<String, String> = serde_json::from_str(&text).unwrap_or_default();
    let catalog = reader.catalog();
    let chosen = (0u32..).zip(names).filter_map(|(column, name)| {
        let target = Target::parse(catalog, by_name.get(&normal(name))?)?;
        Some((column, target))
    });
    let mapping: Mapping = chosen.collect();
    // Fields may have gone since: what is left has to make sense.
    Ok(mapping
        .values()
        .any(|target| target.part == Part::Customer)
        .then_some(mapping))
}

pub fn remember(store: &Store, names: &[String], mapping: &Mapping) -> Result<()> {
    let by_name: BTreeMap<String, String> = mapping
        .iter()
        .filter_map(|(column, target)| {
            Some((normal(names.get(*column as usize)?), target.to_string()))
        })
        .collect();
    let text = serde_json::to_string(&by_name).expect("names and targets are plain text");
    Ok(store.set_setting(&setting_key(names), &text)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
