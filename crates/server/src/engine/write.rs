//! Writes what the engine changed; all of it, in the transaction that loaded.

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::authorize::Scope;
use ketu_sync::digest;
use ketu_sync::server::{Unique, Writes};
use uuid::Uuid;

use super::catalogs::FIELD_DEFINITION;
use super::head::{self, Head};
use super::{keys, load, rows};
use crate::accounts::{Who, level_text};
use crate::db::{Params, Result as DbResult, Tx, Value};
use crate::ids::OrgId;
use crate::params;

/// Who sent it, and from which file; a nil incarnation is that of a request without one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Author {
    pub who: Who,
    pub incarnation: Uuid,
}

/// Writes everything; the head as it is then.
pub(super) async fn write(
    tx: &mut Tx,
    org: OrgId,
    head: Head,
    writes: &Writes,
    author: Option<Author>,
    now: i64,
) -> DbResult<Head> {
    let mut after = Head {
        n: writes.head,
        ..head
    };
    let mut inserts = Inserts::default();
    inserts.add(include_str!("sql/put_record.sql"), records(org, writes));
    inserts.add(
        include_str!("sql/add_record_key.sql"),
        keys::change(tx, org, writes.records.values()).await?,
    );
    inserts.add(include_str!("sql/put_feed.sql"), feed(org, writes));
    inserts.add(
        include_str!("sql/put_sums.sql"),
        sums(tx, org, writes).await?,
    );
    inserts.add(include_str!("sql/add_history.sql"), history(org, writes));
    remembered(org, writes, author, now, &mut inserts);
    inserts.add(
        include_str!("sql/add_unique_value.sql"),
        unique(tx, org, writes).await?,
    );
    tx.insert_all(&inserts.0).await?;
    if rights(tx, org, writes).await? {
        after.rights_rev = after.n;
        head::rights_changed(tx, org, after.n).await?;
    }
    if writes
        .records
        .values()
        .any(|r| r.entity == FIELD_DEFINITION)
    {
        after.catalog_rev = after.n;
        head::catalog_changed(tx, org, after.n).await?;
    }
    if after.n != head.n {
        head::put(tx, org, after.n).await?;
    }
    Ok(after)
}

/// Rows of tables that are written at once.
#[derive(Default)]
struct Inserts(Vec<(&'static str, Vec<Params>)>);

impl Inserts {
    fn add(&mut self, sql: &'static str, rows: Vec<Params>) {
        if !rows.is_empty() {
            self.0.push((sql, rows));
        }
    }
}

async fn insert(tx: &mut Tx, sql: &'static str, rows: &[Params]) -> DbResult<()> {
    if !rows.is_empty() {
        tx.insert_many(sql, rows).await?;
    }
    Ok(())
}

fn records(org: OrgId, writes: &Writes) -> Vec<Params> {
    let records = writes.records.values();
    records.map(|record| rows::of_record(org, record)).collect()
}

fn feed(org: OrgId, writes: &Writes) -> Vec<Params> {
    let entries = writes.feed.values();
    let entries = entries.map(|entry| {
        params! {
            org_id: org, scope: entry.scope.to_string(), id: entry.id, seq: entry.seq, leave: entry.leave,
            bucket: i64::from(digest::bucket(entry.id)),
        }
    });
    entries.collect()
}

async fn sums(tx: &mut Tx, org: OrgId, writes: &Writes) -> DbResult<Vec<Params>> {
    let scopes: BTreeSet<Scope> = writes.sums.keys().map(|(scope, _)| *scope).collect();
    let mut kept = load::sums(tx, org, &scopes).await?;
    for ((scope, bucket), sum) in &writes.sums {
        if let Some(sums) = kept.get_mut(scope) {
            let kept = &mut sums[usize::from(*bucket)].0;
            *kept = kept.wrapping_add(sum.0);
        }
    }
    let sums = kept.iter();
    Ok(sums
        .map(|(scope, sums)| load::of_sums(org, *scope, sums))
        .collect())
}

fn history(org: OrgId, writes: &Writes) -> Vec<Params> {
    // By its key, so that none comes twice in one statement.
    let entries: BTreeMap<_, Params> = writes
        .history
        .iter()
        .map(|entry| {
            let row = params! {
                org_id: org, record_id: entry.record, seq: entry.seq, op_id: entry.op_id, entry: rows::json(entry),
            };
            ((entry.record, entry.seq, entry.op_id), row)
        })
        .collect();
    entries.into_values().collect()
}

/// Answers, the incarnation's place, numbers given, what merges moved.
fn remembered(
    org: OrgId,
    writes: &Writes,
    author: Option<Author>,
    now: i64,
    inserts: &mut Inserts,
) {
    let incarnation = author.map_or(Uuid::nil(), |author| author.incarnation);
    let answers: BTreeMap<Uuid, Params> = writes
        .answers
        .iter()
        .map(|answer| {
            let row = params! {
                org_id: org, op_id: answer.op_id, incarnation: incarnation, at: now, answer: rows::json(answer),
            };
            (answer.op_id, row)
        })
        .collect();
    inserts.add(
        include_str!("sql/put_answer.sql"),
        answers.into_values().collect(),
    );
    if let (Some(last), Some(author)) = (writes.last_op_seq, author) {
        let row = params! {
            org_id: org, id: author.incarnation, device_id: author.who.device, user_id: author.who.user,
            last_op_seq: last, begun_at: now,
        };
        inserts.add(include_str!("sql/put_incarnation.sql"), vec![row]);
    }
    let series = writes.series.iter();
    let series = series.map(|(name, last)| params! { org_id: org, name: name, last: *last });
    inserts.add(include_str!("sql/put_series.sql"), series.collect());
    let merges = writes.merges.iter();
    let merges =
        merges.map(|(op, moved)| params! { org_id: org, op_id: *op, moved: rows::json(moved) });
    inserts.add(include_str!("sql/put_merge.sql"), merges.collect());
}

/// Takes away who has a value no more; the rows of those who have one now.
async fn unique(tx: &mut Tx, org: OrgId, writes: &Writes) -> DbResult<Vec<Params>> {
    let row = |(unique, id): &(Unique, Uuid)| {
        params! {
            org_id: org, entity: &unique.entity, field: &unique.field, value: load::kept_value(&unique.value),
            id: *id,
        }
    };
    let removed: Vec<Params> = writes.unique_removed.iter().map(row).collect();
    if !removed.is_empty() {
        let sql = include_str!("sql/remove_unique_value.sql");
        tx.execute_many(sql, &removed).await?;
    }
    Ok(writes.unique_added.iter().map(row).collect())
}

/// Shares and what users lost by them; whether there was any.
async fn rights(tx: &mut Tx, org: OrgId, writes: &Writes) -> DbResult<bool> {
    if !writes.shares.is_empty() {
        let roots: Value = writes.shares.keys().copied().collect();
        let roots = params! { org_id: org, roots: roots };
        tx.execute(include_str!("sql/remove_shares.sql"), roots)
            .await?;
        let shares: Vec<Params> = writes
            .shares
            .iter()
            .flat_map(|(root, shares)| shares.iter().map(|share| (*root, share)))
            .map(|(root, share)| {
                params! {
                    org_id: org, root_id: root, user_id: share.user, reason: rows::reason_text(share.reason),
                    level: level_text(share.level),
                }
            })
            .collect();
        insert(tx, include_str!("sql/add_share.sql"), &shares).await?;
    }
    lose(tx, org, &writes.lost).await?;
    Ok(!writes.shares.is_empty() || !writes.lost.is_empty())
}

/// Notes scopes that were taken from users.
pub(crate) async fn lose(
    tx: &mut Tx,
    org: OrgId,
    lost: &[(Uuid, Scope, ketu_sync::record::Seq)],
) -> DbResult<()> {
    let lost: BTreeSet<_> = lost.iter().collect();
    let lost: Vec<Params> = lost
        .into_iter()
        .map(|(user, scope, seq)| {
            params! { org_id: org, user_id: *user, scope: scope.to_string(), seq: *seq }
        })
        .collect();
    insert(tx, include_str!("sql/lose_access.sql"), &lost).await
}
