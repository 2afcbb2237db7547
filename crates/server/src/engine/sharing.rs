//! Customers shared with colleagues by hand; the engine decides (docs/sync-protocol.md §1.7).

use std::collections::BTreeMap;
use std::sync::Arc;

use ketu_model::UserId;
use ketu_model::authorize::{Act, Actor, Level};
use ketu_sync::server::{self, Action, Loaded};
use uuid::Uuid;

use super::{Engine, access, context, head, load, write};
use crate::accounts::{Chain, Entry, Who, user_exists};
use crate::db::{Result as DbResult, Tx};
use crate::error::{Refusal, Result};
use crate::ids::OrgId;

impl Engine {
    /// Shares a customer and all below it with a colleague; or ends that, without a level. Doing it twice is as once.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] of a level that a share cannot give; [`Refusal::NotFound`] of the colleague, or of a customer
    /// that the sender does not see; [`Refusal::Forbidden`].
    pub async fn share(
        &self,
        who: Who,
        root: Uuid,
        user: UserId,
        level: Option<Level>,
    ) -> Result<()> {
        if level == Some(Level::Own) {
            return Err(Refusal::Invalid {
                field: "level",
                rule: "not_by_share",
            }
            .into());
        }
        let action = match level {
            Some(level) => Action::Share {
                root,
                user: user.0,
                level,
            },
            None => Action::Unshare { root, user: user.0 },
        };
        let _turn = self.0.turns.of(who.org, true).await;
        let (catalogs, now) = (Arc::clone(&self.0.catalogs), self.0.clock.now());
        let head = self
            .0
            .db
            .write(move |tx| {
                let (catalogs, action) = (Arc::clone(&catalogs), action.clone());
                Box::pin(async move {
                    let head = head::hold(tx, who.org).await?;
                    let context = context::of(tx, who, head, 0, &catalogs, now).await?;
                    let context = context.ok_or(Refusal::Revoked)?;
                    user_exists(tx, who.org, user).await?;
                    // The engine answers alike to one who may not and where nothing is left to do.
                    let customer = Some("customer");
                    access::permit(tx, who, &context.actor, root, Act::Move, customer).await?;
                    let loaded = load_for(tx, who.org, &context.actor, &action).await?;
                    let people = BTreeMap::new();
                    let Some(writes) = server::act(&action, loaded, &context, &people) else {
                        return Ok(head);
                    };
                    let head = write::write(tx, who.org, head, &writes, None, now).await?;
                    let mut chain = Chain::hold(tx, who.org, now, who.by()).await?;
                    let done = match action {
                        Action::Share { .. } => "share.add",
                        _ => "share.remove",
                    };
                    let entry = Entry::new(done, root).with("user", user.to_string());
                    chain.note(tx, entry).await?;
                    Ok::<_, crate::error::Error>(head)
                })
            })
            .await?;
        self.0.heads.tell(who.org, head);
        Ok(())
    }
}

/// Everything that an action asks for.
pub(super) async fn load_for(
    tx: &mut Tx,
    org: OrgId,
    actor: &Actor,
    action: &Action,
) -> DbResult<Loaded> {
    let mut loaded = Loaded::default();
    loop {
        let ask = server::ask_action(action, &loaded);
        if ask.is_empty() {
            return Ok(loaded);
        }
        load::load(tx, org, actor, ask, &mut loaded).await?;
    }
}
