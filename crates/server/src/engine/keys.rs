//! By what companies and people are known: who already has a USCC, a phone or a company's name, asked by a laptop before it
//! brings its own records. What stands outside of the asker's scopes is counted at most.

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::authorize::{Act, Role, authorize};
use ketu_model::field::{Format, KeyClass};
use ketu_model::normalise::company::name_key;
use ketu_model::normalise::phone::phone_key;
use ketu_model::{Catalog, FieldDef};
use ketu_sync::record::Record;
use ketu_sync::server::Loaded;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Engine, context, feed, load};
use crate::accounts::{Chain, Entry, Who};
use crate::db::{Params, Result as DbResult, Tx, Value};
use crate::error::{Refusal, Result};
use crate::ids::OrgId;
use crate::params;

/// Keys of one question at most.
pub const MOST: usize = 1_000;
/// Records that are named for one key; the others are counted.
const NAMED: usize = 5;

/// What a key is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// A unified social credit code.
    Uscc,
    /// A telephone number, of a company or a person.
    Phone,
    /// A company's name.
    Name,
}

impl KeyKind {
    fn text(self) -> &'static str {
        match self {
            Self::Uscc => "uscc",
            Self::Phone => "phone",
            Self::Name => "name",
        }
    }
}

/// A value in the normal form of `ketu_model::normalise`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Key {
    pub kind: KeyKind,
    #[schema(min_length = 1, max_length = 500)]
    pub key: String,
}

/// A record that the asker may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Holder {
    pub id: Uuid,
    pub entity: String,
    /// The customer that it stands below, or itself.
    pub root: Uuid,
    pub name: String,
    /// Whether the asker may make one of it and a customer of the asker's own.
    pub may_merge: bool,
}

/// Who has a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Match {
    pub kind: KeyKind,
    pub key: String,
    /// Up to five.
    pub records: Vec<Holder>,
    /// How many others have it that the asker does not see; null where the organisation does not tell.
    pub colleagues: Option<usize>,
}

/// What a field's value is known by.
fn key_of(field: &FieldDef, value: &str) -> Option<(KeyKind, String)> {
    let key = match field.key_class {
        Some(KeyClass::Company) => Some((KeyKind::Name, name_key(value))),
        Some(KeyClass::Phone) => phone_key(value).map(|key| (KeyKind::Phone, key)),
        None if field.format == Some(Format::Uscc) => Some((KeyKind::Uscc, value.to_owned())),
        None => None,
    };
    key.filter(|(_, key)| !key.is_empty())
}

/// Kind and value as rows have them.
type Kept = BTreeSet<(String, String)>;

fn keys_of(record: &Record) -> Kept {
    let catalog = Catalog::core();
    let Some(entity) = catalog.entity(&record.entity) else {
        return Kept::new();
    };
    if record.deleted.is_some() {
        return Kept::new();
    }
    entity
        .core_fields()
        .filter_map(|field| key_of(field, record.value(&field.key).as_str()?))
        .map(|(kind, key)| (kind.text().to_owned(), load::kept_value(&key)))
        .collect()
}

/// Takes away what records that were written are known by no more; the rows of what they are known by now.
pub(super) async fn change<'r>(
    tx: &mut Tx,
    org: OrgId,
    records: impl Iterator<Item = &'r Record>,
) -> DbResult<Vec<Params>> {
    let is: BTreeMap<Uuid, Kept> = records.map(|record| (record.id, keys_of(record))).collect();
    if is.is_empty() {
        return Ok(Vec::new());
    }
    let mut was: BTreeMap<Uuid, Kept> = BTreeMap::new();
    let ids: Value = is.keys().copied().collect();
    let sql = include_str!("sql/record_keys.sql");
    for row in tx.query(sql, params! { org_id: org, ids: ids }).await? {
        let kept = was.entry(row.get("id")?).or_default();
        kept.insert((row.get("kind")?, row.get("value")?));
    }
    let (mut gone, mut new) = (Vec::new(), Vec::new());
    let none = Kept::new();
    let row = |id: Uuid, (kind, value): &(String, String)| -> Params {
        params! { org_id: org, kind: kind, value: value, id: id }
    };
    for (id, is) in &is {
        let was = was.get(id).unwrap_or(&none);
        gone.extend(was.difference(is).map(|key| row(*id, key)));
        new.extend(is.difference(was).map(|key| row(*id, key)));
    }
    if !gone.is_empty() {
        let sql = include_str!("sql/remove_record_key.sql");
        tx.execute_many(sql, &gone).await?;
    }
    Ok(new)
}

impl Engine {
    /// Who has these keys; those that nobody has are left out. `tell` says whether colleagues are counted; then the
    /// question is noted, since counts add up to knowledge.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] of more than [`MOST`] keys; the database's.
    pub async fn matches(&self, who: Who, keys: Vec<Key>, tell: bool) -> Result<Vec<Match>> {
        if keys.len() > MOST {
            let (field, rule) = ("keys", "too_many");
            return Err(Refusal::Invalid { field, rule }.into());
        }
        let asked = keys.len();
        let found = self
            .0
            .db
            .read(move |tx| {
                let keys = keys.clone();
                Box::pin(async move { matches(tx, who, &keys, tell).await })
            })
            .await?;
        let told = found
            .iter()
            .filter(|one| one.colleagues > Some(0) && who.role == Role::Salesperson);
        let told = told.count();
        if told > 0 {
            let now = self.0.clock.now();
            self.0
                .db
                .write(move |tx| {
                    Box::pin(async move {
                        let mut chain = Chain::hold(tx, who.org, now, who.by()).await?;
                        let entry = Entry::new("keys.ask", who.user.0);
                        let entry = entry.with("asked", asked).with("told", told);
                        chain.note(tx, entry).await
                    })
                })
                .await?;
        }
        Ok(found)
    }
}

async fn matches(tx: &mut Tx, who: Who, keys: &[Key], tell: bool) -> Result<Vec<Match>> {
    let actor = context::actor(tx, who).await?.ok_or(Refusal::Revoked)?;
    let mut by_kind: BTreeMap<KeyKind, BTreeMap<String, &Key>> = BTreeMap::new();
    for key in keys {
        let of_kind = by_kind.entry(key.kind).or_default();
        of_kind.insert(load::kept_value(&key.key), key);
    }
    let mut holders: BTreeMap<&Key, BTreeSet<Uuid>> = BTreeMap::new();
    for (kind, values) in &by_kind {
        let asked = params! {
            org_id: who.org, kind: kind.text(), values: values.keys().collect::<Value>(),
        };
        for row in tx.query(include_str!("sql/holders.sql"), asked).await? {
            if let Some(key) = values.get(&row.get::<String>("value")?) {
                holders.entry(key).or_default().insert(row.get("id")?);
            }
        }
    }
    let all: BTreeSet<Uuid> = holders.values().flatten().copied().collect();
    let scopes = feed::seen(tx, who.org, &actor, &all).await?;
    let seen: BTreeSet<Uuid> = scopes.keys().copied().collect();
    let mut loaded = Loaded::default();
    load::records(tx, who.org, &seen, &mut loaded).await?;
    let catalog = Catalog::core();
    let customer = catalog.entity("customer");
    let named = |id: &Uuid| {
        let record = loaded.records.get(id)?.as_ref()?;
        let scopes = scopes.get(id)?;
        let may = |entity| authorize(&actor, Act::Move, entity, record.root, true, scopes);
        let name = match record.value("name") {
            Json::String(name) => name.clone(),
            _ => String::new(),
        };
        Some(Holder {
            id: *id,
            entity: record.entity.clone(),
            root: record.root,
            name,
            may_merge: customer.is_some_and(may),
        })
    };
    let found = holders.into_iter().map(|(key, ids)| {
        let own: Vec<&Uuid> = ids.intersection(&seen).collect();
        Match {
            kind: key.kind,
            key: key.key.clone(),
            records: own.iter().filter_map(|id| named(id)).take(NAMED).collect(),
            colleagues: tell.then(|| ids.len() - own.len()),
        }
    });
    let is_any = |one: &Match| !one.records.is_empty() || one.colleagues > Some(0);
    Ok(found.filter(is_any).collect())
}
