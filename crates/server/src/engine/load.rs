//! Loads what the engine asks for: one statement for all of a kind, however many there are.

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::authorize::{Actor, Scope};
use ketu_sync::digest::BUCKETS;
use ketu_sync::message::{Answer, HistoryEntry, Sum};
use ketu_sync::server::{Ask, HistoryAsk, Loaded, Unique};
use uuid::Uuid;

use super::{feed, rows};
use crate::db::{DbError, Params, Result as DbResult, Tx, Value};
use crate::ids::OrgId;
use crate::params;

/// Loads what `ask` names; every key of it is in `loaded` then, also where nothing was found.
pub(super) async fn load(
    tx: &mut Tx,
    org: OrgId,
    actor: &Actor,
    ask: Ask,
    loaded: &mut Loaded,
) -> DbResult<()> {
    records(tx, org, &ask.records, loaded).await?;
    below(tx, org, &ask.below, loaded).await?;
    answers(tx, org, &ask.answers, loaded).await?;
    shares(tx, org, &ask.shares, loaded).await?;
    unique(tx, org, ask.unique, loaded).await?;
    series(tx, org, ask.series, loaded).await?;
    merges(tx, org, &ask.merges, loaded).await?;
    if !ask.lost.is_empty() {
        feed::lost(tx, org, actor, &ask.lost, loaded).await?;
    }
    if let Some(feed_ask) = ask.feed {
        let entries = feed::entries(tx, org, &feed_ask).await?;
        loaded.feed.push((feed_ask, entries));
    }
    if let Some(history_ask) = ask.history {
        loaded.history = Some(history(tx, org, &history_ask).await?);
    }
    for (scope, sums) in sums(tx, org, &ask.sums).await? {
        loaded.sums.insert(scope, sums);
    }
    if let Some((scope, buckets)) = ask.buckets {
        loaded.buckets = Some(feed::in_buckets(tx, org, scope, &buckets).await?);
    }
    Ok(())
}

fn ids(ids: &BTreeSet<Uuid>) -> Value {
    ids.iter().copied().collect()
}

pub(super) async fn records(
    tx: &mut Tx,
    org: OrgId,
    wanted: &BTreeSet<Uuid>,
    loaded: &mut Loaded,
) -> DbResult<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    loaded.records.extend(wanted.iter().map(|id| (*id, None)));
    let asked = params! { org_id: org, ids: ids(wanted) };
    for row in tx.query(include_str!("sql/records.sql"), asked).await? {
        let record = rows::record(row)?;
        loaded.records.insert(record.id, Some(record));
    }
    Ok(())
}

async fn below(
    tx: &mut Tx,
    org: OrgId,
    roots: &BTreeSet<Uuid>,
    loaded: &mut Loaded,
) -> DbResult<()> {
    if roots.is_empty() {
        return Ok(());
    }
    let mut found: BTreeMap<Uuid, BTreeSet<Uuid>> =
        roots.iter().map(|root| (*root, BTreeSet::new())).collect();
    let asked = params! { org_id: org, roots: ids(roots) };
    for row in tx.query(include_str!("sql/below.sql"), asked).await? {
        let below = found.entry(row.get("root_id")?).or_default();
        below.insert(row.get("id")?);
    }
    loaded.below.extend(found);
    Ok(())
}

async fn answers(
    tx: &mut Tx,
    org: OrgId,
    ops: &BTreeSet<Uuid>,
    loaded: &mut Loaded,
) -> DbResult<()> {
    if ops.is_empty() {
        return Ok(());
    }
    loaded.answers.extend(ops.iter().map(|op| (*op, None)));
    let asked = params! { org_id: org, ids: ids(ops) };
    for mut row in tx.query(include_str!("sql/answers.sql"), asked).await? {
        let answer: Answer = rows::from_json(&mut row, "answer")?;
        loaded.answers.insert(answer.op_id, Some(answer));
    }
    Ok(())
}

async fn shares(
    tx: &mut Tx,
    org: OrgId,
    roots: &BTreeSet<Uuid>,
    loaded: &mut Loaded,
) -> DbResult<()> {
    if roots.is_empty() {
        return Ok(());
    }
    for root in roots {
        loaded.shares.insert(*root, Vec::new());
    }
    let asked = params! { org_id: org, roots: ids(roots) };
    for row in tx.query(include_str!("sql/shares.sql"), asked).await? {
        let shares = loaded.shares.entry(row.get("root_id")?).or_default();
        shares.push(rows::share(&row)?);
    }
    Ok(())
}

/// The longest value that stands as itself: indexes hold no long ones.
const LONGEST: usize = 200;

/// A unique value as it is kept.
pub(super) fn kept_value(value: &str) -> String {
    if value.len() <= LONGEST {
        value.to_owned()
    } else {
        format!("blake3:{}", blake3::hash(value.as_bytes()).to_hex())
    }
}

async fn unique(
    tx: &mut Tx,
    org: OrgId,
    wanted: BTreeSet<Unique>,
    loaded: &mut Loaded,
) -> DbResult<()> {
    let mut by_field: BTreeMap<(String, String), BTreeMap<String, Unique>> = BTreeMap::new();
    for unique in wanted {
        loaded.unique.insert(unique.clone(), BTreeSet::new());
        let field = (unique.entity.clone(), unique.field.clone());
        let values = by_field.entry(field).or_default();
        values.insert(kept_value(&unique.value), unique);
    }
    for ((entity, field), values) in by_field {
        let asked = params! {
            org_id: org, entity: entity, field: field, values: values.keys().collect::<Value>(),
        };
        let found = tx
            .query(include_str!("sql/unique_values.sql"), asked)
            .await?;
        for row in found {
            if let Some(unique) = values.get(&row.get::<String>("value")?) {
                let holders = loaded.unique.entry(unique.clone()).or_default();
                holders.insert(row.get("id")?);
            }
        }
    }
    Ok(())
}

async fn series(
    tx: &mut Tx,
    org: OrgId,
    names: BTreeSet<String>,
    loaded: &mut Loaded,
) -> DbResult<()> {
    if names.is_empty() {
        return Ok(());
    }
    let asked = params! { org_id: org, names: names.iter().collect::<Value>() };
    let found = tx.query(include_str!("sql/series.sql"), asked).await?;
    loaded
        .series
        .extend(names.into_iter().map(|name| (name, 0)));
    for row in found {
        loaded.series.insert(row.get("name")?, row.get("last")?);
    }
    Ok(())
}

async fn merges(
    tx: &mut Tx,
    org: OrgId,
    ops: &BTreeSet<Uuid>,
    loaded: &mut Loaded,
) -> DbResult<()> {
    if ops.is_empty() {
        return Ok(());
    }
    loaded.merges.extend(ops.iter().map(|op| (*op, None)));
    let asked = params! { org_id: org, ids: ids(ops) };
    for mut row in tx.query(include_str!("sql/merges.sql"), asked).await? {
        let moved: Vec<Uuid> = rows::from_json(&mut row, "moved")?;
        loaded.merges.insert(row.get("op_id")?, Some(moved));
    }
    Ok(())
}

async fn history(tx: &mut Tx, org: OrgId, ask: &HistoryAsk) -> DbResult<Vec<HistoryEntry>> {
    let Some(least) = ask.records.values().min() else {
        return Ok(Vec::new());
    };
    let each = i64::try_from(ask.each).unwrap_or(i64::MAX);
    let asked = params! {
        org_id: org, ids: ask.records.keys().copied().collect::<Value>(), least: *least, each: each,
    };
    let mut entries = Vec::new();
    for mut row in tx.query(include_str!("sql/history.sql"), asked).await? {
        let entry: HistoryEntry = rows::from_json(&mut row, "entry")?;
        // Asked for from the least seq of all on.
        if ask
            .records
            .get(&entry.record)
            .is_some_and(|seq| entry.seq > *seq)
        {
            entries.push(entry);
        }
    }
    Ok(entries)
}

/// The 256 sums of each of these scopes; zeros where nothing was ever in one.
pub(super) async fn sums(
    tx: &mut Tx,
    org: OrgId,
    scopes: &BTreeSet<Scope>,
) -> DbResult<BTreeMap<Scope, Vec<Sum>>> {
    if scopes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let none = || vec![Sum::default(); BUCKETS];
    let mut found: BTreeMap<Scope, Vec<Sum>> =
        scopes.iter().map(|scope| (*scope, none())).collect();
    let asked =
        params! { org_id: org, scopes: scopes.iter().map(Scope::to_string).collect::<Value>() };
    for mut row in tx.query(include_str!("sql/sums.sql"), asked).await? {
        let bytes: Vec<u8> = row.take("sums")?;
        let (sums, rest) = bytes.as_chunks::<16>();
        if sums.len() != BUCKETS || !rest.is_empty() {
            return Err(DbError::Column("sums"));
        }
        let sums = sums.iter().map(|sum| Sum(u128::from_be_bytes(*sum)));
        found.insert(rows::scope(&row)?, sums.collect());
    }
    Ok(found)
}

pub(super) fn of_sums(org: OrgId, scope: Scope, sums: &[Sum]) -> Params {
    let bytes: Vec<u8> = sums.iter().flat_map(|sum| sum.0.to_be_bytes()).collect();
    params! { org_id: org, scope: scope.to_string(), sums: bytes }
}
