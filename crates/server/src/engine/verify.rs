//! Whether the sums that laptops compare with are those of the rows (docs/sync-protocol.md §6.1).

use ketu_model::authorize::Scope;
use ketu_sync::digest::{self, BUCKETS};
use ketu_sync::message::{Place, Sum};
use ketu_sync::server::{FeedAsk, Loaded};

use super::{feed, load, rows};
use crate::db::{Database, Tx};
use crate::error::{Error, Result};
use crate::ids::OrgId;
use crate::params;

/// Rows that are read at once.
const PAGE: usize = 2_000;

/// Sums up all rows of all scopes anew; how many there are.
///
/// # Errors
/// [`Error::SumsBroken`] with the first scope whose sums are others; the database's.
pub async fn verify(db: &Database, org: OrgId) -> Result<usize> {
    let scopes = db
        .read(move |tx| {
            Box::pin(async move {
                let sql = include_str!("sql/list_sums.sql");
                let found = tx.query(sql, params! { org_id: org }).await?;
                let scopes: crate::db::Result<Vec<Scope>> = found.iter().map(rows::scope).collect();
                Ok::<_, Error>(scopes?)
            })
        })
        .await?;
    let mut count = 0;
    for scope in scopes {
        // Each scope in one picture, so that writers may go on.
        count += db
            .read(move |tx| Box::pin(verify_scope(tx, org, scope)))
            .await?;
    }
    Ok(count)
}

async fn verify_scope(tx: &mut Tx, org: OrgId, scope: Scope) -> Result<usize> {
    let mut sums = vec![Sum::default(); BUCKETS];
    let (mut place, mut count) = (Place::Start, 0);
    loop {
        let ask = FeedAsk::Page {
            scope,
            place,
            limit: PAGE,
        };
        let page = feed::entries(tx, org, &ask).await?;
        let Some(last) = page.last() else { break };
        place = Place::Below(last.id);
        count += page.len();
        let ids = page.iter().map(|entry| entry.id).collect();
        let mut loaded = Loaded::default();
        load::records(tx, org, &ids, &mut loaded).await?;
        for (id, record) in loaded.records {
            let record = record.ok_or(Error::SumsBroken(scope))?;
            let kept = &mut sums[usize::from(digest::bucket(id))].0;
            *kept = kept.wrapping_add(record.row().sum());
        }
    }
    let kept = load::sums(tx, org, &[scope].into()).await?;
    if kept.get(&scope) == Some(&sums) {
        Ok(count)
    } else {
        Err(Error::SumsBroken(scope))
    }
}
