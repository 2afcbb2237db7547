//! Which of this laptop's customers the company has already (B21): asked by unified social credit code, telephone and name,
//! each in its normal form, so that nothing else of a customer leaves the laptop before it joins.

use std::collections::BTreeMap;
use std::time::Duration;

use ketu_model::normalise::company::name_key;
use ketu_model::normalise::phone::phone_key;
use ketu_store::{Reader, Select};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::link::{Link, LinkError};
use crate::api::sync::{JoinMatch, JoinTheirs};
use crate::error::Result;

/// Keys of one question at most.
const MOST: usize = 1_000;
const PATIENCE: Duration = Duration::from_secs(60);

/// What a customer is known by; the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Uscc,
    Phone,
    Name,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Uscc => "uscc",
            Self::Phone => "phone",
            Self::Name => "name",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Key {
    kind: Kind,
    key: String,
}

#[derive(Serialize)]
struct Question {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Answer {
    matches: Vec<Match>,
}

#[derive(Deserialize)]
struct Match {
    kind: Kind,
    key: String,
    records: Vec<Holder>,
    colleagues: Option<u32>,
}

#[derive(Deserialize)]
struct Holder {
    root: Uuid,
    entity: String,
    name: String,
    #[serde(default)]
    may_merge: bool,
}

/// Own customers by what they are known by, and their names.
#[derive(Debug, Default)]
pub(super) struct Own {
    by_key: BTreeMap<Key, Vec<Uuid>>,
    names: BTreeMap<Uuid, String>,
}

impl Own {
    pub(super) fn read(reader: &Reader<'_>) -> Result<Self> {
        let mut own = Self::default();
        for customer in reader.list(&Select::all("customer"))? {
            let text = |key| customer.fields.text(key).map(str::to_owned);
            let name = text("name").unwrap_or_default();
            own.note(customer.id, Kind::Name, Some(name_key(&name)));
            own.note(customer.id, Kind::Uscc, text("uscc"));
            own.note(
                customer.id,
                Kind::Phone,
                text("phone").and_then(|phone| phone_key(&phone)),
            );
            own.names.insert(customer.id, name);
        }
        for contact in reader.list(&Select::all("contact"))? {
            for field in ["mobile", "phone"] {
                let key = contact.fields.text(field).and_then(phone_key);
                own.note(contact.root, Kind::Phone, key);
            }
        }
        Ok(own)
    }

    fn note(&mut self, customer: Uuid, kind: Kind, key: Option<String>) {
        if let Some(key) = key.filter(|key| !key.is_empty()) {
            let known = self.by_key.entry(Key { kind, key }).or_default();
            if !known.contains(&customer) {
                known.push(customer);
            }
        }
    }

    /// Asks the server; one match for each own customer, by the surest key.
    pub(super) async fn ask(self, link: &Link, token: &str) -> Result<Vec<JoinMatch>, LinkError> {
        let keys: Vec<Key> = self.by_key.keys().cloned().collect();
        let mut best: BTreeMap<Uuid, (Kind, Option<JoinTheirs>)> = BTreeMap::new();
        for page in keys.chunks(MOST) {
            let question = Question {
                keys: page.to_vec(),
            };
            let path = "/v1/matches";
            let answer: Answer = link.post(path, Some(token), &question, PATIENCE).await?;
            for found in answer.matches {
                if found.records.is_empty() && found.colleagues.unwrap_or(0) == 0 {
                    continue;
                }
                // A company says more than a person of it.
                let company = found.records.iter().find(|one| one.entity == "customer");
                let theirs = company.or(found.records.first()).map(|one| JoinTheirs {
                    id: one.root,
                    name: one.name.clone(),
                    may_merge: one.may_merge,
                });
                let key = Key {
                    kind: found.kind,
                    key: found.key,
                };
                for own in self.by_key.get(&key).into_iter().flatten() {
                    let known = best
                        .get(own)
                        .map(|(kind, theirs)| (theirs.is_none(), *kind));
                    if known.is_none_or(|known| (theirs.is_none(), key.kind) < known) {
                        best.insert(*own, (key.kind, theirs.clone()));
                    }
                }
            }
        }
        let matches = best.into_iter().map(|(id, (kind, theirs))| JoinMatch {
            id,
            name: self.names.get(&id).cloned().unwrap_or_default(),
            reason: kind.name().to_owned(),
            theirs,
        });
        Ok(matches.collect())
    }
}
