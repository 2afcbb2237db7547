//! What the simulator needs: an organisation without accounts, in which it says itself who may what.

use std::collections::BTreeMap;
use std::sync::Arc;

use ketu_model::authorize::Role;
use ketu_model::{DeviceId, UserId};
use ketu_sync::message::{Reply, Request};
use ketu_sync::server::{self, Action, Context, Person, Writes};
use uuid::Uuid;

use super::{context, decide, head, sharing, write};
use crate::accounts::Who;
use crate::db::{Database, DbError, Place, Result as DbResult, STEPS, migrate};
use crate::ids::OrgId;
use crate::params;

/// The engine over a database, within contexts that are given.
#[derive(Debug, Clone)]
pub struct Simulated {
    db: Database,
    org: OrgId,
}

impl Simulated {
    /// A new organisation in an empty database.
    ///
    /// # Errors
    /// The database's.
    pub async fn begin(place: &Place) -> DbResult<Self> {
        let simulated = Self::open(place)?;
        migrate(&simulated.db, STEPS, 0).await?;
        let org = simulated.org;
        simulated
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let row = params! { org_id: org, name: "", created_at: 0 };
                    let sql = include_str!("../accounts/sql/add_org.sql");
                    tx.execute(sql, row).await?;
                    let sql = include_str!("../accounts/sql/add_feed_head.sql");
                    tx.execute(sql, params! { org_id: org }).await?;
                    // What the restore tool looks for.
                    let row = params! { org_id: org, id: Uuid::nil(), floor: 0, started_at: 0 };
                    let sql = include_str!("../accounts/sql/add_epoch.sql");
                    tx.execute(sql, row).await?;
                    let sql = include_str!("../accounts/sql/add_audit_head.sql");
                    tx.execute(sql, params! { org_id: org, hash: [0_u8; 32] })
                        .await?;
                    Ok::<_, DbError>(())
                })
            })
            .await?;
        Ok(simulated)
    }

    /// One that began before.
    ///
    /// # Errors
    /// The database's.
    pub fn open(place: &Place) -> DbResult<Self> {
        Ok(Self {
            db: Database::open(place, 2)?,
            org: OrgId(Uuid::from_u128(1)),
        })
    }

    fn who(&self, context: &Context) -> Who {
        Who {
            org: self.org,
            user: UserId(context.actor.user),
            device: DeviceId(Uuid::nil()),
            role: Role::Salesperson,
        }
    }

    /// Answers a request in one transaction, as [`Engine`](super::Engine) does. The head and the incarnation's place are
    /// the database's own.
    ///
    /// # Errors
    /// The database's.
    pub async fn answer(&self, context: Context, request: Request) -> DbResult<(Writes, Reply)> {
        let (who, request) = (self.who(&context), Arc::new(request));
        let incarnation = match request.as_ref() {
            Request::Push(push) => push.incarnation,
            Request::Vouch(vouch) => vouch.incarnation,
            Request::Lease(_) => Uuid::nil(),
            _ => return self.read(who, context, request).await,
        };
        self.db
            .write(move |tx| {
                let (mut context, request) = (context.clone(), Arc::clone(&request));
                Box::pin(async move {
                    let head = head::hold(tx, who.org).await?;
                    context.head = head.n;
                    let known = context::incarnation(tx, who, incarnation).await?;
                    if let context::Known::Ours { last_op_seq } = known {
                        context.last_op_seq = last_op_seq;
                    }
                    let (writes, reply) = decide(tx, who.org, &request, &context).await?;
                    let author = write::Author { who, incarnation };
                    let now = context.now;
                    write::write(tx, who.org, head, &writes, Some(author), now).await?;
                    Ok((writes, reply))
                })
            })
            .await
    }

    async fn read(
        &self,
        who: Who,
        context: Context,
        request: Arc<Request>,
    ) -> DbResult<(Writes, Reply)> {
        self.db
            .read(move |tx| {
                let (mut context, request) = (context.clone(), Arc::clone(&request));
                Box::pin(async move {
                    context.head = head::read(tx, who.org).await?.n;
                    decide(tx, who.org, &request, &context).await
                })
            })
            .await
    }

    /// Does something to rights; what it changed, if it did.
    ///
    /// # Errors
    /// The database's.
    pub async fn act(
        &self,
        context: Context,
        action: Action,
        people: BTreeMap<Uuid, Person>,
    ) -> DbResult<Option<Writes>> {
        let who = self.who(&context);
        self.db
            .write(move |tx| {
                let (mut context, action) = (context.clone(), action.clone());
                let people = people.clone();
                Box::pin(async move {
                    let head = head::hold(tx, who.org).await?;
                    context.head = head.n;
                    let loaded = sharing::load_for(tx, who.org, &context.actor, &action).await?;
                    let writes = server::act(&action, loaded, &context, &people);
                    if let Some(writes) = &writes {
                        write::write(tx, who.org, head, writes, None, context.now).await?;
                    }
                    Ok(writes)
                })
            })
            .await
    }
}
