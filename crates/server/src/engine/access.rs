//! Whether somebody may do something with a record, outside of push and pull: the same question to the same function.

use std::collections::BTreeSet;

use ketu_model::Catalog;
use ketu_model::authorize::{Act, Actor, authorize};
use ketu_sync::server::Loaded;
use uuid::Uuid;

use super::{context, feed, load};
use crate::accounts::Who;
use crate::db::Tx;
use crate::error::{Refusal, Result};

/// # Errors
/// [`Refusal::Revoked`]; [`Refusal::NotFound`] of a record that the user does not see; [`Refusal::Forbidden`].
pub(crate) async fn require(tx: &mut Tx, who: Who, id: Uuid, act: Act) -> Result<()> {
    let actor = context::actor(tx, who).await?.ok_or(Refusal::Revoked)?;
    permit(tx, who, &actor, id, act, None).await
}

/// As [`require`], of a record that has to be of this entity.
pub(super) async fn permit(
    tx: &mut Tx,
    who: Who,
    actor: &Actor,
    id: Uuid,
    act: Act,
    entity: Option<&str>,
) -> Result<()> {
    let scopes = feed::granted(tx, who.org, actor, &BTreeSet::from([id])).await?;
    let scopes: Vec<_> = scopes.into_iter().collect();
    let mut loaded = Loaded::default();
    load::records(tx, who.org, &[id].into(), &mut loaded).await?;
    let record = loaded.records.remove(&id).flatten();
    let is_it = |known: &str| entity.is_none_or(|entity| entity == known);
    let record = record.filter(|record| is_it(&record.entity) && !scopes.is_empty());
    let record = record.ok_or(Refusal::NotFound("record"))?;
    let catalog = Catalog::core();
    let known = catalog.entity(&record.entity);
    let own_root = record.root == record.id;
    let may = known.is_some_and(|known| authorize(actor, act, known, id, own_root, &scopes));
    if may {
        Ok(())
    } else {
        Err(Refusal::Forbidden.into())
    }
}

/// Whether the user sees any of these records.
pub(crate) async fn sees_any(tx: &mut Tx, who: Who, ids: &BTreeSet<Uuid>) -> Result<bool> {
    if ids.is_empty() {
        return Ok(false);
    }
    let actor = context::actor(tx, who).await?.ok_or(Refusal::Revoked)?;
    Ok(!feed::granted(tx, who.org, &actor, ids).await?.is_empty())
}
