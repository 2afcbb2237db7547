//! What holds for a whole request: who sends it, what the sender may, the lives of the server.

use ketu_model::authorize::Actor;
use ketu_sync::server::Context;
use uuid::Uuid;

use super::catalogs::Catalogs;
use super::head::Head;
use crate::accounts::{Who, actor_of, role_of};
use crate::db::{Result as DbResult, Tx};
use crate::params;

/// What is known of an incarnation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// This device's, or nobody's yet.
    Ours { last_op_seq: i64 },
    /// Another device sent under it before.
    Anothers,
}

pub(super) async fn incarnation(tx: &mut Tx, who: Who, id: Uuid) -> DbResult<Known> {
    if id.is_nil() {
        return Ok(Known::Ours { last_op_seq: 0 });
    }
    let sql = include_str!("sql/incarnation.sql");
    let row = tx
        .query_optional(sql, params! { org_id: who.org, id: id })
        .await?;
    match row {
        None => Ok(Known::Ours { last_op_seq: 0 }),
        Some(row) if row.get::<Uuid>("device_id")? == who.device.0 => Ok(Known::Ours {
            last_op_seq: row.get("last_op_seq")?,
        }),
        Some(_) => Ok(Known::Anothers),
    }
}

/// The sender with the rights of now; `None` where the user or the device was shut out since the token was looked at.
pub(super) async fn actor(tx: &mut Tx, who: Who) -> DbResult<Option<Actor>> {
    Ok(sender(tx, who).await?.map(|(actor, _)| actor))
}

/// The sender, as of [`actor`], and the key that proves rows to be the server's words.
async fn sender(tx: &mut Tx, who: Who) -> DbResult<Option<(Actor, [u8; 32])>> {
    let sender = params! { org_id: who.org, device_id: who.device, user_id: who.user };
    let row = tx
        .query_optional(include_str!("sql/sender.sql"), sender)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let shut_out = |column| row.get::<Option<i64>>(column).map(|at| at.is_some());
    if shut_out("disabled_at")? || shut_out("revoked_at")? {
        return Ok(None);
    }
    let role = role_of(&row.get::<String>("role")?);
    let secret: Option<[u8; 32]> = row.get("secret")?;
    let actor = actor_of(tx, who.org, who.user, role).await?;
    Ok(Some((actor, proof_key(secret.as_ref()))))
}

/// From the organisation's key, which every backup has; without one, a key that nobody finds again and that proves nothing.
fn proof_key(secret: Option<&[u8; 32]>) -> [u8; 32] {
    match secret {
        Some(secret) => blake3::derive_key("ketu/row-proof/1", secret),
        None => *blake3::hash(
            &[Uuid::now_v7(), Uuid::now_v7()]
                .map(Uuid::into_bytes)
                .concat(),
        )
        .as_bytes(),
    }
}

/// `None` as of [`actor`].
pub(super) async fn of(
    tx: &mut Tx,
    who: Who,
    head: Head,
    last_op_seq: i64,
    catalogs: &Catalogs,
    now: i64,
) -> DbResult<Option<Context>> {
    let Some((actor, proof_key)) = sender(tx, who).await? else {
        return Ok(None);
    };
    let rows = tx
        .query(include_str!("sql/epochs.sql"), params! { org_id: who.org })
        .await?;
    let epochs = rows
        .iter()
        .map(|row| Ok((row.get("id")?, row.get("floor")?)))
        .collect::<DbResult<_>>()?;
    Ok(Some(Context {
        epochs,
        head: head.n,
        now,
        actor,
        last_op_seq,
        catalog: catalogs.of(tx, who.org, head.catalog_rev).await?,
        proof_key,
    }))
}
