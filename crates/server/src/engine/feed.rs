//! The feed: what came and went in which scope, and when.

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::authorize::{Actor, Scope};
use ketu_sync::message::Place;
use ketu_sync::record::Seq;
use ketu_sync::server::{FeedAsk, FeedEntry, Loaded};
use uuid::Uuid;

use super::rows;
use crate::db::{Params, Result as DbResult, Tx, Value};
use crate::ids::OrgId;
use crate::params;

pub(super) async fn entries(tx: &mut Tx, org: OrgId, ask: &FeedAsk) -> DbResult<Vec<FeedEntry>> {
    match ask {
        FeedAsk::After { scopes, limit } => after(tx, org, scopes, *limit).await,
        FeedAsk::Page {
            scope,
            place,
            limit,
        } => page(tx, org, *scope, *place, *limit).await,
    }
}

fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// The first `limit` of all scopes together. Of many scopes few have much: each is asked for its part first, and those
/// that had more are asked again as far as that matters.
async fn after(
    tx: &mut Tx,
    org: OrgId,
    scopes: &BTreeMap<Scope, Seq>,
    limit: usize,
) -> DbResult<Vec<FeedEntry>> {
    let mut found = Vec::new();
    let mut open: Vec<(Scope, Seq)> = scopes.iter().map(|(scope, seq)| (*scope, *seq)).collect();
    let mut part = (limit / open.len().max(1)).max(64).min(limit);
    while !open.is_empty() {
        let asked: Vec<Params> = open
            .iter()
            .map(|(scope, seq)| {
                params! { org_id: org, scope: scope.to_string(), seq: *seq, page: count(part) }
            })
            .collect();
        let pages = tx
            .query_many(include_str!("sql/feed_after.sql"), &asked)
            .await?;
        let mut more = Vec::new();
        for ((scope, _), page) in open.into_iter().zip(pages) {
            let full = page.len() == part;
            for row in &page {
                found.push(FeedEntry {
                    scope,
                    id: row.get("id")?,
                    seq: row.get("seq")?,
                    leave: row.get("leave")?,
                });
            }
            if let Some(last) = page.last().filter(|_| full) {
                more.push((scope, last.get("seq")?));
            }
        }
        found.sort_by_key(|entry| (entry.seq, entry.id, entry.scope));
        found.truncate(limit);
        let end = found.last().map(|last| last.seq);
        // Where the whole is full already, only what lies before its end can still come in.
        more.retain(|(_, seq)| found.len() < limit || end.is_some_and(|end| *seq < end));
        open = more;
        part = limit;
    }
    Ok(found)
}

async fn page(
    tx: &mut Tx,
    org: OrgId,
    scope: Scope,
    place: Place,
    limit: usize,
) -> DbResult<Vec<FeedEntry>> {
    let below = match place {
        Place::Start => Uuid::max(),
        Place::Below(id) => id,
    };
    let asked = params! {
        org_id: org, scope: scope.to_string(), below: below, page: count(limit),
    };
    let found = tx.query(include_str!("sql/feed_page.sql"), asked).await?;
    let entry = |row: &crate::db::Row| {
        Ok(FeedEntry {
            scope,
            id: row.get("id")?,
            seq: row.get("seq")?,
            leave: false,
        })
    };
    found.iter().map(entry).collect()
}

pub(super) async fn in_buckets(
    tx: &mut Tx,
    org: OrgId,
    scope: Scope,
    buckets: &BTreeSet<u8>,
) -> DbResult<Vec<Uuid>> {
    let asked = params! {
        org_id: org, scope: scope.to_string(),
        buckets: buckets.iter().map(|bucket| i64::from(*bucket)).collect::<Value>(),
    };
    let found = tx.query(include_str!("sql/feed_bucket.sql"), asked).await?;
    found.iter().map(|row| row.get("id")).collect()
}

/// When the actor lost these records: the greatest seq of a leave in a granted scope, and of scopes taken from the actor
/// in which the record stands still, or that were the share of its root.
pub(super) async fn lost(
    tx: &mut Tx,
    org: OrgId,
    actor: &Actor,
    ids: &BTreeSet<Uuid>,
    loaded: &mut Loaded,
) -> DbResult<()> {
    let user = params! { org_id: org, user_id: actor.user };
    let mut taken: BTreeMap<Scope, Seq> = BTreeMap::new();
    for row in tx.query(include_str!("sql/lost_access.sql"), user).await? {
        taken.insert(rows::scope(&row)?, row.get("seq")?);
    }
    let scopes: BTreeSet<Scope> = actor.scopes.keys().chain(taken.keys()).copied().collect();
    let mut latest: BTreeMap<Uuid, Seq> = BTreeMap::new();
    let mut note = |id: Uuid, seq: Seq| {
        let known = latest.entry(id).or_insert(seq);
        *known = seq.max(*known);
    };
    for (scope, entry) in standing(tx, org, &scopes, ids).await? {
        if entry.leave && actor.scopes.contains_key(&scope) {
            note(entry.id, entry.seq);
        }
        if let Some(seq) = taken.get(&scope).filter(|_| !entry.leave)
            && !matches!(scope, Scope::Root(_))
        {
            note(entry.id, *seq);
        }
    }
    for id in ids {
        let record = loaded.records.get(id).and_then(Option::as_ref);
        if let Some(seq) = record.and_then(|record| taken.get(&Scope::Root(record.root))) {
            note(*id, *seq);
        }
    }
    for id in ids {
        loaded.lost.insert(*id, latest.get(id).copied());
    }
    Ok(())
}

/// The entries of these records in these scopes.
async fn standing(
    tx: &mut Tx,
    org: OrgId,
    scopes: &BTreeSet<Scope>,
    ids: &BTreeSet<Uuid>,
) -> DbResult<Vec<(Scope, FeedEntry)>> {
    let asked = params! {
        org_id: org, scopes: scopes.iter().map(Scope::to_string).collect::<Value>(),
        ids: ids.iter().copied().collect::<Value>(),
    };
    let found = tx
        .query(include_str!("sql/feed_standing.sql"), asked)
        .await?;
    found
        .iter()
        .map(|row| {
            let scope = rows::scope(row)?;
            let entry = FeedEntry {
                scope,
                id: row.get("id")?,
                seq: row.get("seq")?,
                leave: row.get("leave")?,
            };
            Ok((scope, entry))
        })
        .collect()
}

/// The scopes of the actor in which any of these records stands.
pub(super) async fn granted(
    tx: &mut Tx,
    org: OrgId,
    actor: &Actor,
    ids: &BTreeSet<Uuid>,
) -> DbResult<BTreeSet<Scope>> {
    let scopes = actor.scopes.keys().copied().collect();
    let found = standing(tx, org, &scopes, ids).await?;
    let there = found.into_iter().filter(|(_, entry)| !entry.leave);
    Ok(there.map(|(scope, _)| scope).collect())
}

/// Which of these records the actor sees, and in which scopes.
pub(super) async fn seen(
    tx: &mut Tx,
    org: OrgId,
    actor: &Actor,
    ids: &BTreeSet<Uuid>,
) -> DbResult<BTreeMap<Uuid, Vec<Scope>>> {
    let mut seen: BTreeMap<Uuid, Vec<Scope>> = BTreeMap::new();
    if ids.is_empty() {
        return Ok(seen);
    }
    let scopes = actor.scopes.keys().copied().collect();
    let found = standing(tx, org, &scopes, ids).await?;
    for (scope, entry) in found.into_iter().filter(|(_, entry)| !entry.leave) {
        seen.entry(entry.id).or_default().push(scope);
    }
    Ok(seen)
}

/// Whether anything of the actor's scopes has moved beyond a seq.
pub(super) async fn has_news(tx: &mut Tx, org: OrgId, actor: &Actor, seq: Seq) -> DbResult<bool> {
    let asked: Vec<Params> = actor
        .scopes
        .keys()
        .map(|scope| params! { org_id: org, scope: scope.to_string(), seq: seq })
        .collect();
    let found = tx
        .query_many(include_str!("sql/feed_news.sql"), &asked)
        .await?;
    Ok(found.iter().any(|rows| !rows.is_empty()))
}
