//! What the person at this laptop may do, as far as it knows: the server asks the same function again.

use std::collections::BTreeSet;

use ketu_model::EntityDef;
use ketu_model::authorize::{Act, Actor, Level, Role, Scope, authorize};
use ketu_model::entity::Scope as Kind;
use ketu_store::{Reader, StoredRecord};
use uuid::Uuid;

use crate::app::{App, not_found};
use crate::error::{AppError, Result};
use crate::present;
use crate::sync::local;

/// The person of a laptop that has a server, as far as records below customers are concerned; on a laptop of its own
/// everybody may do everything.
pub(crate) fn actor(reader: &Reader<'_>, user: Uuid) -> Result<Option<Actor>> {
    let Some(state) = local::state(reader)? else {
        return Ok(None);
    };
    let mut actor = Actor::new(user, Role::Salesperson, &BTreeSet::new(), []);
    for scope in state.scopes.into_keys() {
        let level = match scope {
            // How far a share goes only the server knows, and never as far as giving away.
            Scope::Org | Scope::Root(_) => Level::Write,
            Scope::Owner(_) | Scope::User(_) | Scope::Pool => Level::Own,
        };
        actor.scopes.insert(scope, level);
    }
    Ok(Some(actor))
}

/// The scopes that a customer and all below it stand in.
pub(crate) fn scopes_of(customer: Uuid, owner: Option<Uuid>) -> [Scope; 2] {
    [
        owner.map_or(Scope::Pool, Scope::Owner),
        Scope::Root(customer),
    ]
}

/// Refuses what the person has no right to do with a customer.
pub(crate) fn require(
    reader: &Reader<'_>,
    actor: Option<&Actor>,
    act: Act,
    customer: &StoredRecord,
) -> Result<()> {
    let Some(actor) = actor else {
        return Ok(());
    };
    let entity = present::entity(reader.catalog(), "customer")?;
    let scopes = scopes_of(customer.id, customer.fields.id("owner"));
    if authorize(actor, act, entity, customer.id, true, &scopes) {
        Ok(())
    } else {
        Err(AppError::refused("forbidden"))
    }
}

/// Refuses what the person's role does not allow with a record that everybody shares: a stage, an option, a field of one's own.
pub(crate) fn require_role(app: &App, entity: &EntityDef, act: Act, id: Uuid) -> Result<()> {
    let Some((user, role)) = app.desk().person() else {
        return Ok(());
    };
    let actor = Actor::new(user, role, &BTreeSet::new(), []);
    if entity.scope != Kind::Org || authorize(&actor, act, entity, id, true, &[Scope::Org]) {
        Ok(())
    } else {
        Err(AppError::refused("forbidden"))
    }
}

pub(crate) fn customer(reader: &Reader<'_>, id: Uuid) -> Result<StoredRecord> {
    reader
        .get("customer", id)?
        .ok_or_else(|| not_found("customer", id))
}
