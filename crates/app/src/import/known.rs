//! What the file holds already, by the keys that duplicates meet at: number, credit code, name and
//! phone. Keys are kept as 64-bit hashes; two of a million meet by chance in one of thirty million files.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use ketu_model::normalise::company::{exact_key, name_key};
use ketu_model::normalise::phone::phone_key;
use ketu_model::normalise::text::{clean, fold};
use ketu_model::{Fields, Value};
use ketu_store::{Reader, Select};
use uuid::Uuid;

use super::target::Part;
use crate::error::Result;

/// A hash that is never 0, which stands for "none".
pub fn hash(parts: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish().max(1)
}

pub fn of_text(text: Option<&str>) -> u64 {
    text.map_or(0, |text| hash(fold(&clean(text)).as_ref()))
}

pub fn of_phone(text: Option<&str>) -> u64 {
    text.and_then(phone_key).map_or(0, hash)
}

/// The keys of a company's name: its spelling evened out, and its heart alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NameKeys {
    pub exact: u64,
    pub heart: u64,
}

impl NameKeys {
    pub fn of(name: Option<&str>) -> Self {
        name.map_or_else(Self::default, |name| Self {
            exact: hash(exact_key(name)),
            heart: hash(name_key(name)),
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCustomer {
    pub id: Uuid,
    pub uscc: u64,
}

/// A contact or an opportunity of a known customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownPart {
    pub id: Uuid,
    /// A contact's phones.
    pub phones: [u64; 2],
}

/// All keys, and for an update also what hangs below the customers.
#[derive(Debug, Default)]
pub struct Known {
    pub customers: Vec<KnownCustomer>,
    by_number: HashMap<u64, u32>,
    by_uscc: HashMap<u64, u32>,
    by_exact: HashMap<u64, Vec<u32>>,
    by_heart_and_phone: HashMap<(u64, u64), u32>,
    hearts: Vec<u64>,
    places: HashMap<Uuid, u32>,
    contacts: HashMap<(u32, u64), Vec<KnownPart>>,
    /// By customer and mobile.
    mobiles: HashMap<(u32, u64), Uuid>,
    opportunities: HashMap<(u32, u64), Vec<Uuid>>,
    happenings: HashSet<(Part, u32, u64)>,
    /// With the customer's place.
    opportunity_numbers: HashMap<u64, (Uuid, u32)>,
}

/// What hangs below customers and will be asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Below {
    pub contacts: bool,
    pub opportunities: bool,
    pub interactions: bool,
    pub reminders: bool,
}

/// What a row says of an opportunity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DealKeys {
    /// Of the name, where it has one; else of customer, amount and expected close.
    pub name: u64,
    /// Of the customer's name, where the opportunity has none and is called like it.
    pub called: u64,
    pub number: u64,
}

impl DealKeys {
    /// `name` is the opportunity's own; without one it will be called like its customer.
    pub fn of(deal: &Fields, name: Option<&str>, customer: Option<&str>) -> Self {
        let number = of_text(deal.text("number"));
        match name {
            Some(name) => Self {
                name: of_text(Some(name)),
                called: 0,
                number,
            },
            None => Self {
                name: nameless(customer, deal.value("amount"), deal.value("expected_close")),
                called: of_text(customer),
                number,
            },
        }
    }

    pub fn is_given(&self) -> bool {
        self.name != 0
    }
}

/// The key of an opportunity that is called like its customer.
fn nameless(name: Option<&str>, amount: &Value, close: &Value) -> u64 {
    hash((
        name.map(|name| fold(&clean(name)).into_owned()),
        amount.to_json().to_string(),
        close.to_json().to_string(),
    ))
}

impl Known {
    pub fn load(reader: &Reader<'_>, below: Below) -> Result<Self> {
        let mut known = Self::default();
        reader.each_of(
            &Select::all("customer"),
            &["name", "number", "uscc", "phone"],
            |row| {
                let [name, number, uscc, phone] = row.values else {
                    return Ok(());
                };
                known.add_customer(
                    row.id,
                    name.as_text(),
                    number.as_text(),
                    uscc.as_text(),
                    phone.as_text(),
                );
                Ok(())
            },
        )?;
        if known.customers.is_empty() {
            return Ok(known);
        }
        reader.each_of(
            &Select::all("contact"),
            &["name", "mobile", "phone"],
            |row| {
                let [name, mobile, phone] = row.values else {
                    return Ok(());
                };
                let phones = [of_phone(mobile.as_text()), of_phone(phone.as_text())];
                known.add_contact(row.root, row.id, name.as_text(), phones, below.contacts);
                Ok(())
            },
        )?;
        if below.opportunities {
            let keys = ["name", "number", "amount", "expected_close"];
            reader.each_of(&Select::all("opportunity"), &keys, |row| {
                let [name, number, amount, close] = row.values else {
                    return Ok(());
                };
                let name = name.as_text();
                let nameless = nameless(name, amount, close);
                known.add_opportunity(row.root, row.id, name, nameless, number.as_text());
                Ok(())
            })?;
        }
        for (wanted, part, at, text) in [
            (
                below.interactions,
                Part::Interaction,
                "occurred_at",
                "summary",
            ),
            (below.reminders, Part::Reminder, "due_at", "title"),
        ] {
            if !wanted {
                continue;
            }
            reader.each_of(&Select::all(part.entity()), &[at, text], |row| {
                let [at, text] = row.values else {
                    return Ok(());
                };
                known.add_happening(part, row.root, happening(at, text.as_text()));
                // For rows that give no time.
                known.add_happening(part, row.root, happening(&Value::Null, text.as_text()));
                Ok(())
            })?;
        }
        Ok(known)
    }

    pub fn is_empty(&self) -> bool {
        self.customers.is_empty()
    }

    pub fn add_customer(
        &mut self,
        id: Uuid,
        name: Option<&str>,
        number: Option<&str>,
        uscc: Option<&str>,
        phone: Option<&str>,
    ) {
        let place = u32::try_from(self.customers.len()).expect("fewer customers than 2^32");
        let keys = NameKeys::of(name);
        let (number, uscc) = (of_text(number), of_text(uscc));
        self.customers.push(KnownCustomer { id, uscc });
        self.hearts.push(keys.heart);
        self.places.insert(id, place);
        if number != 0 {
            self.by_number.entry(number).or_insert(place);
        }
        if uscc != 0 {
            self.by_uscc.entry(uscc).or_insert(place);
        }
        if keys.exact != 0 {
            self.by_exact.entry(keys.exact).or_default().push(place);
        }
        self.note_phone(place, of_phone(phone));
    }

    pub fn add_contact(
        &mut self,
        customer: Uuid,
        id: Uuid,
        name: Option<&str>,
        phones: [u64; 2],
        below: bool,
    ) {
        let Some(place) = self.places.get(&customer).copied() else {
            return;
        };
        for phone in phones {
            self.note_phone(place, phone);
        }
        if below {
            if phones[0] != 0 {
                self.mobiles.entry((place, phones[0])).or_insert(id);
            }
            self.contacts
                .entry((place, of_text(name)))
                .or_default()
                .push(KnownPart { id, phones });
        }
    }

    pub fn add_opportunity(
        &mut self,
        customer: Uuid,
        id: Uuid,
        name: Option<&str>,
        nameless: u64,
        number: Option<&str>,
    ) {
        let Some(place) = self.places.get(&customer).copied() else {
            return;
        };
        let number = of_text(number);
        if number != 0 {
            self.opportunity_numbers
                .entry(number)
                .or_insert((id, place));
        }
        for key in [of_text(name), nameless] {
            self.opportunities.entry((place, key)).or_default().push(id);
        }
    }

    pub fn add_happening(&mut self, part: Part, customer: Uuid, key: u64) {
        if let Some(place) = self.places.get(&customer) {
            self.happenings.insert((part, *place, key));
        }
    }

    fn note_phone(&mut self, place: u32, phone: u64) {
        let heart = self.hearts[place as usize];
        if phone != 0 && heart != 0 {
            self.by_heart_and_phone
                .entry((heart, phone))
                .or_insert(place);
        }
    }

    pub fn by_number(&self, number: u64) -> Option<u32> {
        self.by_number.get(&number).copied()
    }

    pub fn by_uscc(&self, uscc: u64) -> Option<u32> {
        self.by_uscc.get(&uscc).copied()
    }

    /// The first of this name whose credit code does not say otherwise.
    pub fn by_name(&self, exact: u64, uscc: u64) -> Option<u32> {
        let agrees = |place: &&u32| {
            let theirs = self.customers[**place as usize].uscc;
            uscc == 0 || theirs == 0 || uscc == theirs
        };
        self.by_exact.get(&exact)?.iter().find(agrees).copied()
    }

    pub fn by_heart_and_phone(&self, heart: u64, phone: u64, uscc: u64) -> Option<u32> {
        let place = self.by_heart_and_phone.get(&(heart, phone)).copied()?;
        let theirs = self.customers[place as usize].uscc;
        (uscc == 0 || theirs == 0 || uscc == theirs).then_some(place)
    }

    /// The contact of this name: the one with the same phone, or the only one.
    pub fn contact(&self, customer: u32, name: u64, phones: [u64; 2]) -> Option<Uuid> {
        let same_name = self.contacts.get(&(customer, name))?;
        let shares = |known: &&KnownPart| {
            known
                .phones
                .iter()
                .any(|phone| *phone != 0 && phones.contains(phone))
        };
        match (same_name.iter().find(shares), same_name.as_slice()) {
            (Some(known), _) | (None, [known]) => Some(known.id),
            _ => None,
        }
    }

    /// Whoever has this mobile at the customer, under whatever name: 张工 is 张伟.
    pub fn with_mobile(&self, customer: u32, mobile: u64) -> Option<Uuid> {
        self.mobiles.get(&(customer, mobile)).copied()
    }

    /// The opportunity of this number or name; one that is merely called like its customer also
    /// where amount and date are others, if it is the only one.
    pub fn opportunity(&self, customer: u32, keys: DealKeys) -> Option<Uuid> {
        if let Some((id, of)) = self.opportunity_numbers.get(&keys.number) {
            return (*of == customer).then_some(*id);
        }
        let of = |key: u64| self.opportunities.get(&(customer, key)).map(Vec::as_slice);
        match (of(keys.name), of(keys.called)) {
            (Some([first, ..]), _) => Some(*first),
            (_, Some([only])) => Some(*only),
            _ => None,
        }
    }

    /// Whether an opportunity of another customer has this number.
    pub fn has_deal_elsewhere(&self, customer: Option<u32>, number: u64) -> bool {
        let of = self.opportunity_numbers.get(&number);
        of.is_some_and(|(_, of)| Some(*of) != customer)
    }

    /// The heart of a known customer's name, as a key.
    pub fn heart(&self, place: u32) -> u64 {
        self.hearts[place as usize]
    }

    pub fn happened(&self, part: Part, customer: u32, key: u64) -> bool {
        self.happenings.contains(&(part, customer, key))
    }
}

/// The key of something that happened or will: its time and its words.
pub fn happening(at: &Value, text: Option<&str>) -> u64 {
    hash((
        at.as_instant(),
        text.map(|text| fold(&clean(text)).into_owned()),
    ))
}
