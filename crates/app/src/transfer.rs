//! Customers that go to a colleague, and two that become one (docs/sync-protocol.md §4.6).

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::authorize::{Act, Actor, Scope};
use ketu_model::catalog::shipped::shipped_option;
use ketu_model::entity::Root;
use ketu_model::field::FieldType;
use ketu_model::{Fields, Value};
use ketu_store::{Door, Select, StoredRecord};
use uuid::Uuid;

use crate::api::records::Saved;
use crate::api::sync::{MergeCustomers, TransferCustomers, TransferPreview};
use crate::app::App;
use crate::error::{AppError, Result};
use crate::records::{count, saved};
use crate::rights::{self, require};
use crate::texts;

pub(crate) fn preview(app: &App, request: TransferCustomers) -> Result<TransferPreview> {
    let user = app.session()?.user;
    app.read(|reader| {
        let actor = rights::actor(reader, user)?;
        let mut below: BTreeMap<String, u32> = BTreeMap::new();
        let (mut owned, mut leaves) = (0, false);
        let customers: BTreeSet<Uuid> = request.customers.iter().copied().collect();
        for id in &customers {
            let owner = rights::customer(reader, *id)?.fields.id("owner");
            for entity in reader.catalog().entities.iter().filter(|e| !e.system) {
                let Root::Of(home) = &entity.root else {
                    continue;
                };
                let of_customer = Select::all(entity.key.to_string()).of(home, *id);
                let n = reader.count(&of_customer)?;
                if n > 0 {
                    *below.entry(entity.key.to_string()).or_default() += n;
                }
            }
            owned += count(
                ["opportunity", "reminder"]
                    .map(|entity| reader.list(&Select::all(entity).of("customer", *id)))
                    .into_iter()
                    .collect::<Result<Vec<_>, _>>()?
                    .iter()
                    .flatten()
                    .filter(|record| goes_along(record, owner))
                    .count(),
            );
            leaves |= actor
                .as_ref()
                .is_some_and(|actor| !stays(actor, *id, request.to));
        }
        Ok(TransferPreview {
            customers: count(customers.len()),
            below,
            owned,
            leaves,
        })
    })
}

/// Whether a deal or a reminder gets the new owner: the old one's, and of reminders those that are open.
fn goes_along(record: &StoredRecord, owner: Option<Uuid>) -> bool {
    owner.is_some()
        && record.fields.id("owner") == owner
        && record.fields.value("done_at").is_null()
}

/// Whether this laptop still has a customer that has another owner.
fn stays(actor: &Actor, customer: Uuid, owner: Option<Uuid>) -> bool {
    let scopes: [Scope; 2] = rights::scopes_of(customer, owner);
    actor.level(&scopes).is_some()
}

/// Gives customers away. The reason is written below each of them before: an interaction is never merged or refused for
/// what others do to the customer, and what hangs below it goes along to the new owner.
pub(crate) fn transfer(app: &App, request: TransferCustomers) -> Result<Saved> {
    let session = app.session()?;
    let user = session.user;
    let language = crate::session::settings(&session)?.language;
    let reason = request.reason.as_deref().map(str::trim);
    let reason = reason.filter(|reason| !reason.is_empty());
    let first = *request
        .customers
        .first()
        .ok_or_else(|| AppError::refused("nothing_selected"))?;
    let committed = app.write("transfer", |door| {
        let actor = rights::actor(&door.reader(), user)?;
        for id in &request.customers {
            let customer = rights::customer(&door.reader(), *id)?;
            require(&door.reader(), actor.as_ref(), Act::Move, &customer)?;
            if let Some(reason) = reason
                && customer.fields.id("owner") != request.to
            {
                hand_over(door, *id, request.to, &language, reason)?;
            }
            let owner = request.to.map_or(Value::Null, Value::Id);
            door.update("customer", *id, Fields::new().with("owner", owner))?;
            door.audit("transfer", "customer", Some(*id), &["owner"])?;
        }
        Ok(())
    })?;
    Ok(saved(first, &committed))
}

/// Says below a customer to whom it goes and why.
fn hand_over(
    door: &mut Door<'_>,
    customer: Uuid,
    to: Option<Uuid>,
    language: &str,
    reason: &str,
) -> Result<()> {
    let heir = match to {
        Some(to) => door.reader().titles("user", [to])?.remove(&to),
        None => None,
    };
    let summary = texts::handed_over(language, heir.as_deref(), reason);
    let told = Fields::new()
        .with("kind", shipped_option("interaction.kind", "其他"))
        .with("occurred_at", Value::Instant(door.now()))
        .with("customer", customer)
        .with("summary", summary);
    door.create("interaction", None, told)?;
    Ok(())
}

pub(crate) fn merge(app: &App, request: MergeCustomers) -> Result<Saved> {
    let user = app.session()?.user;
    let committed = app.write("merge", |door| {
        merge_in(door, user, request.record, request.other)
    })?;
    Ok(saved(request.record, &committed))
}

/// Makes one customer of two. What the one that stays does not say it takes from the other.
pub(crate) fn merge_in(door: &mut Door<'_>, user: Uuid, record: Uuid, other: Uuid) -> Result<()> {
    if record == other {
        return Err(AppError::refused("same_record"));
    }
    let (kept, gone) = {
        let reader = door.reader();
        let actor = rights::actor(&reader, user)?;
        let both = (
            rights::customer(&reader, record)?,
            rights::customer(&reader, other)?,
        );
        for customer in [&both.0, &both.1] {
            require(&reader, actor.as_ref(), Act::Move, customer)?;
        }
        both
    };
    door.merge("customer", record, other)?;
    let patch = missing(door, &kept, &gone)?;
    door.update("customer", record, patch)?;
    door.audit("merge", "customer", Some(other), &["merged_into"])?;
    Ok(())
}

/// What one customer says and the other does not: empty fields, choices and tags, notes.
fn missing(door: &Door<'_>, kept: &StoredRecord, gone: &StoredRecord) -> Result<Fields> {
    let catalog = std::sync::Arc::clone(door.catalog());
    let entity = crate::present::entity(&catalog, "customer")?;
    let mut patch = Fields::new();
    for field in &entity.fields {
        let own = matches!(field.kind, FieldType::AutoNumber { .. });
        if own || field.read_only || field.moves {
            continue;
        }
        let (standing, given) = (kept.fields.value(&field.key), gone.fields.value(&field.key));
        let value = match (standing, given) {
            (_, Value::Null) => continue,
            (Value::Null, given) => given.clone(),
            (Value::Ids(standing), Value::Ids(given)) => {
                let mut all = standing.clone();
                all.extend(given.iter().filter(|id| !standing.contains(id)));
                Value::Ids(all)
            }
            (Value::Text(standing), Value::Text(given))
                if field.kind == FieldType::LongText && standing != given =>
            {
                let both = format!("{standing}\n{given}");
                let most = field.max_length.map_or(usize::MAX, |most| most as usize);
                if both.chars().count() > most {
                    continue;
                }
                Value::Text(both)
            }
            _ => continue,
        };
        patch.set(field.key.clone(), value);
    }
    Ok(patch)
}
