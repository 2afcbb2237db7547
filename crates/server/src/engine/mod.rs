//! The engine of `ketu-sync` over the database. One transaction for a request: the head, who sends it, what the engine
//! asks for until it asks for nothing more, its answer, and what that changes.
//!
//! A push takes the feed's head with its first statement, so that pushes of one organisation follow each other and
//! their numbers are in the order of commits, whichever server they came to.

mod access;
mod catalogs;
mod colleagues;
mod context;
mod feed;
mod head;
mod history;
mod keys;
mod load;
mod own;
mod rows;
mod sharing;
mod shipped;
#[cfg(feature = "simulated")]
pub mod simulated;
mod turns;
mod verify;
mod write;

use std::sync::Arc;

use ketu_sync::message::{Lease, MAX_BYTES, Push, Refusal, Reply, Request, Vouch};
use ketu_sync::record::Seq;
use ketu_sync::server::{self, Context, Loaded, Writes};
use uuid::Uuid;

use crate::accounts::Who;
use crate::clock::Clock;
use crate::db::{Database, Result as DbResult, Tx};
use crate::error::Result;
use crate::ids::OrgId;

pub use head::{Head, Heads};
pub use history::Older;
pub use keys::{Holder, Key, KeyKind, MOST as MOST_KEYS, Match};
pub use verify::verify;

pub(crate) use access::{require, sees_any};
pub(crate) use colleagues::introduce;
pub(crate) use head::rights_changed;
pub(crate) use head::{hold as hold_head, next as next_seq, put as put_head};
pub(crate) use shipped::ship;
pub(crate) use write::lose;

use catalogs::Catalogs;
use turns::Turns;

/// Milliseconds after which a laptop that pushes twice at once may come back.
const BUSY: i64 = 500;

/// The engine on this server; clones share everything.
#[derive(Debug, Clone)]
pub struct Engine(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    db: Database,
    clock: Clock,
    catalogs: Arc<Catalogs>,
    turns: Turns,
    heads: Heads,
}

impl Engine {
    pub fn new(db: Database, clock: Clock) -> Self {
        Self(Arc::new(Parts {
            heads: Heads::new(db.clone()),
            db,
            clock,
            catalogs: Arc::default(),
            turns: Turns::default(),
        }))
    }

    /// What this server knows of the heads of all organisations.
    pub fn heads(&self) -> &Heads {
        &self.0.heads
    }

    /// Takes a push. One device has one under way at a time, and an organisation one in the database.
    ///
    /// # Errors
    /// The database's.
    pub async fn push(&self, who: Who, push: Push) -> Result<Reply> {
        if is_too_large(&push) {
            return Ok(Reply::Refused(Refusal::TooLarge));
        }
        let Some(_alone) = self.0.turns.alone(who.device) else {
            let retry_after = BUSY;
            return Ok(Reply::Refused(Refusal::Busy { retry_after }));
        };
        let (incarnation, small) = (push.incarnation, push.ops.len() <= turns::SMALL);
        self.write(who, incarnation, Request::Push(push), small)
            .await
    }

    /// Gives numbers of a series away.
    ///
    /// # Errors
    /// The database's.
    pub async fn lease(&self, who: Who, lease: Lease) -> Result<Reply> {
        self.write(who, Uuid::nil(), Request::Lease(lease), true)
            .await
    }

    /// Takes rows back that this server said and forgot (§7.7).
    ///
    /// # Errors
    /// The database's.
    pub async fn vouch(&self, who: Who, vouch: Vouch) -> Result<Reply> {
        let incarnation = vouch.incarnation;
        self.write(who, incarnation, Request::Vouch(vouch), false)
            .await
    }

    async fn write(
        &self,
        who: Who,
        incarnation: Uuid,
        request: Request,
        small: bool,
    ) -> Result<Reply> {
        let _turn = self.0.turns.of(who.org, small).await;
        let request = Arc::new(request);
        let (catalogs, now) = (Arc::clone(&self.0.catalogs), self.0.clock.now());
        let (reply, head) = self
            .0
            .db
            .write(move |tx| {
                let (request, catalogs) = (Arc::clone(&request), Arc::clone(&catalogs));
                Box::pin(async move {
                    let head = head::hold(tx, who.org).await?;
                    let known = context::incarnation(tx, who, incarnation).await?;
                    let last_op_seq = match known {
                        context::Known::Anothers => {
                            return Ok((Reply::Refused(Refusal::Clone), head));
                        }
                        context::Known::Ours { last_op_seq } => last_op_seq,
                    };
                    let context = context::of(tx, who, head, last_op_seq, &catalogs, now).await?;
                    let Some(context) = context else {
                        return Ok((Reply::Refused(Refusal::Revoked), head));
                    };
                    let (writes, reply) = decide(tx, who.org, &request, &context).await?;
                    let author = write::Author { who, incarnation };
                    let head = write::write(tx, who.org, head, &writes, Some(author), now).await?;
                    Ok::<_, crate::error::Error>((reply, head))
                })
            })
            .await?;
        self.0.heads.tell(who.org, head);
        Ok(reply)
    }

    /// Answers a request that changes nothing: a pull, a digest, a refetch.
    ///
    /// # Errors
    /// The database's.
    pub async fn read(&self, who: Who, request: Request) -> Result<Reply> {
        let request = Arc::new(request);
        let (catalogs, now) = (Arc::clone(&self.0.catalogs), self.0.clock.now());
        self.0
            .db
            .read(move |tx| {
                let (request, catalogs) = (Arc::clone(&request), Arc::clone(&catalogs));
                Box::pin(async move {
                    let head = head::read(tx, who.org).await?;
                    let context = context::of(tx, who, head, 0, &catalogs, now).await?;
                    let Some(context) = context else {
                        return Ok(Reply::Refused(Refusal::Revoked));
                    };
                    let (_, reply) = decide(tx, who.org, &request, &context).await?;
                    Ok(reply)
                })
            })
            .await
    }

    /// The head, and whether a pull from `seq` on would bring this user anything.
    ///
    /// # Errors
    /// The database's; [`Refusal::Revoked`](crate::error::Refusal::Revoked).
    pub async fn news(&self, who: Who, seq: Seq) -> Result<(Seq, bool)> {
        let (catalogs, now) = (Arc::clone(&self.0.catalogs), self.0.clock.now());
        self.0
            .db
            .read(move |tx| {
                let catalogs = Arc::clone(&catalogs);
                Box::pin(async move {
                    let head = head::read(tx, who.org).await?;
                    // Another life of the server, or other rights: the pull itself says more.
                    if seq > head.n || head.rights_rev > seq {
                        return Ok((head.n, true));
                    }
                    let context = context::of(tx, who, head, 0, &catalogs, now).await?;
                    let context = context.ok_or(crate::error::Refusal::Revoked)?;
                    let news = feed::has_news(tx, who.org, &context.actor, seq).await?;
                    Ok::<_, crate::error::Error>((head.n, news))
                })
            })
            .await
    }
}

/// Loads what the engine asks for, and lets it answer.
async fn decide(
    tx: &mut Tx,
    org: OrgId,
    request: &Request,
    context: &Context,
) -> DbResult<(Writes, Reply)> {
    let mut loaded = Loaded::default();
    loop {
        let ask = server::ask(request, &loaded, context);
        if ask.is_empty() {
            break;
        }
        load::load(tx, org, &context.actor, ask, &mut loaded).await?;
    }
    Ok(server::answer(request, loaded, context))
}

/// A single op or atomic transaction is taken whatever its size: no laptop can cut it in two.
fn is_too_large(push: &Push) -> bool {
    let bytes: usize = push.ops.iter().map(ketu_sync::message::Op::size).sum();
    let first = push.ops.first();
    let whole = |op: &ketu_sync::message::Op| {
        first.is_some_and(|first| first.atomic && op.atomic && op.tx == first.tx)
    };
    bytes > MAX_BYTES && push.ops.len() > 1 && !push.ops.iter().all(whole)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    /// As a laptop sends them, each with a value of so many bytes.
    fn push(sizes: &[usize], atomic: bool) -> Push {
        let id = Uuid::from_u128(1).to_string();
        let op = |bytes: &usize| {
            json!({
                "op_id": id, "op_seq": 1, "tx": id, "atomic": atomic, "entity": "customer", "record": id, "root": id,
                "kind": "create", "patch": { "note": [Json::Null, "x".repeat(*bytes)] }, "base": 0, "seen": 0, "hlc": 0,
                "author": Json::Null, "origin": "form", "schema": 1,
            })
        };
        let ops: Vec<Json> = sizes.iter().map(op).collect();
        let push = json!({ "v": 1, "epoch": id, "incarnation": id, "ops": ops });
        serde_json::from_value(push).unwrap()
    }

    #[test]
    fn a_push_has_a_megabyte_at_most_unless_it_cannot_be_cut() {
        assert!(!is_too_large(&push(&[400_000, 400_000], false)));
        assert!(is_too_large(&push(&[600_000, 600_000], false)));
        assert!(!is_too_large(&push(&[600_000, 600_000], true)));
        assert!(!is_too_large(&push(&[2_000_000], false)));
    }
}
