//! A pull: feed entries beyond the laptop's cursors, the rows they name, snapshots of new scopes (docs/sync-protocol.md §5).

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::authorize::Scope;
use uuid::Uuid;

use super::{Ask, Context, FeedAsk, FeedEntry, HistoryAsk, Loaded};
use crate::digest;
use crate::message::{
    Cursor, FeedRow, HistoryEntry, MAX_ANSWER, MAX_PAGE, MIN_PAGE, Place, Pull, Pulled, Refusal,
    Reply, Stub, weight,
};
use crate::planted::{Bug, on};
use crate::record::{Record, Row, Seq};

/// History entries that come with a record.
const HISTORY_EACH: usize = 20;
/// Bytes of them: of long texts that were changed often come fewer.
const HISTORY_BYTES: usize = 200_000;

/// The scopes that are pulled, each with its cursor; a scope that is new to the laptop begins as a snapshot.
fn cursors(pull: &Pull, context: &Context) -> BTreeMap<Scope, Cursor> {
    let granted = context.actor.scopes.keys();
    let mut cursors: BTreeMap<Scope, Cursor> = granted
        .map(|scope| {
            let fresh = Cursor {
                seq: context.head,
                snapshot: Some(Place::Start),
            };
            let known = pull
                .scopes
                .get(scope)
                .filter(|_| !is_fresh(pull, scope, context));
            (*scope, known.cloned().unwrap_or(fresh))
        })
        .collect();
    if on(Bug::RevokedStillSent) {
        cursors.extend(
            pull.scopes
                .iter()
                .map(|(scope, cursor)| (*scope, cursor.clone())),
        );
    }
    cursors
}

/// Whether the laptop begins to read the scope. A cursor ahead of the head is of a life that the server does not remember.
fn is_fresh(pull: &Pull, scope: &Scope, context: &Context) -> bool {
    let known = pull.scopes.get(scope);
    known.is_none_or(|cursor| cursor.seq > context.head)
}

fn limit(pull: &Pull) -> usize {
    pull.limit.clamp(MIN_PAGE, MAX_PAGE)
}

/// Up to where a laptop knows everything that has read to `seq`.
fn known_upto(pull: &Pull, seq: Seq) -> Seq {
    let joins =
        |seq: Seq, (after, upto): &(Seq, Seq)| if *after <= seq { seq.max(*upto) } else { seq };
    pull.known.iter().fold(seq, joins)
}

fn is_known(pull: &Pull, seq: Seq) -> bool {
    let at = pull.known.partition_point(|(_, upto)| *upto < seq);
    pull.known.get(at).is_some_and(|(after, _)| *after < seq)
}

fn live_ask(pull: &Pull, cursors: &BTreeMap<Scope, Cursor>, limit: usize) -> FeedAsk {
    let live = cursors
        .iter()
        .filter(|(_, cursor)| cursor.snapshot.is_none());
    let from = |(scope, cursor): (&Scope, &Cursor)| (*scope, known_upto(pull, cursor.seq));
    FeedAsk::After {
        scopes: live.map(from).collect(),
        // One more tells whether there is more.
        limit: limit + 1,
    }
}

/// What of the feed goes into the page: asked for piece by piece, until the page is full.
struct Plan {
    /// Chosen so far.
    entries: Vec<FeedEntry>,
    cursors: BTreeMap<Scope, Cursor>,
    drained: bool,
    missing: Option<FeedAsk>,
}

fn plan(pull: &Pull, loaded: &Loaded, context: &Context) -> Plan {
    let mut cursors = cursors(pull, context);
    let limit = limit(pull);
    let found = |ask: &FeedAsk| {
        let known = loaded.feed.iter().find(|(asked, _)| asked == ask);
        known.map(|(_, entries)| entries.as_slice())
    };
    let mut plan = Plan {
        entries: Vec::new(),
        cursors: BTreeMap::new(),
        drained: true,
        missing: None,
    };
    let ask = live_ask(pull, &cursors, limit);
    match found(&ask) {
        None => plan.missing = Some(ask),
        Some(live) => {
            plan.drained = live.len() <= limit;
            let taken = &live[..live.len().min(limit)];
            let upto = match taken.last() {
                Some(last) if !plan.drained => last.seq,
                _ => context.head,
            };
            // Entries of one record share a seq: a page does not end between them.
            let whole = match live.get(taken.len()) {
                Some(next) if next.seq == upto => taken.iter().position(|e| e.seq == upto),
                _ => None,
            };
            let (taken, upto) = match whole {
                Some(whole) => (&taken[..whole], upto - 1),
                None => (taken, upto),
            };
            plan.entries
                .extend(taken.iter().filter(|entry| !is_known(pull, entry.seq)));
            for cursor in cursors.values_mut().filter(|c| c.snapshot.is_none()) {
                cursor.seq = cursor.seq.max(upto);
            }
        }
    }
    if plan.missing.is_none() && plan.drained {
        let joining: Vec<Scope> = cursors
            .iter()
            .filter(|(_, cursor)| cursor.snapshot.is_some())
            .map(|(scope, _)| *scope)
            .collect();
        for scope in joining {
            let room = limit.saturating_sub(plan.entries.len());
            let cursor = cursors.get_mut(&scope).expect("it was just listed");
            let Some(place) = cursor.snapshot else {
                continue;
            };
            if room == 0 {
                plan.drained = false;
                break;
            }
            let ask = FeedAsk::Page {
                scope,
                place,
                limit: room + 1,
            };
            let Some(page) = found(&ask) else {
                plan.missing = Some(ask);
                break;
            };
            let taken = &page[..page.len().min(room)];
            plan.entries.extend(taken);
            if page.len() > room {
                let last = taken.last().expect("a page with room has an entry");
                cursor.snapshot = Some(Place::Below(last.id));
                plan.drained = false;
                break;
            }
            cursor.snapshot = None;
            // What changed while the pages were read comes as deltas.
            plan.drained &= cursor.seq >= context.head;
        }
    }
    plan.cursors = cursors;
    plan
}

pub(super) fn ask(pull: &Pull, loaded: &Loaded, context: &Context) -> Ask {
    let plan = plan(pull, loaded, context);
    if let Some(missing) = plan.missing {
        return Ask {
            feed: Some(missing),
            ..Ask::default()
        };
    }
    let unknown = |ids: BTreeSet<Uuid>| {
        let mut ids = ids;
        ids.retain(|id| !loaded.records.contains_key(id));
        ids
    };
    let rows = plan.entries.iter().filter(|entry| !entry.leave);
    let records = unknown(rows.clone().map(|entry| entry.id).collect());
    if !records.is_empty() {
        return Ask {
            records,
            ..Ask::default()
        };
    }
    let mut ask = Ask::default();
    let known = |id: &Uuid| loaded.records.get(id).and_then(Option::as_ref);
    let rows: BTreeMap<Uuid, Seq> = rows.map(|entry| (entry.id, since(pull, entry))).collect();
    // What they hang below or refer to outside the scopes has at least a name.
    let referred = rows
        .keys()
        .filter_map(known)
        .flat_map(|record| references(record, context))
        .collect();
    ask.records = unknown(referred);
    let roots = loaded.records.values().flatten().map(|record| record.root);
    ask.records.extend(unknown(roots.clone().collect()));
    ask.shares = roots
        .filter(|root| !loaded.shares.contains_key(root))
        .collect();
    if loaded.history.is_none() && !rows.is_empty() {
        ask.history = Some(HistoryAsk {
            records: rows,
            each: HISTORY_EACH,
        });
    }
    if plan.drained {
        let granted = context.actor.scopes.keys();
        ask.sums = granted
            .filter(|scope| !loaded.sums.contains_key(scope))
            .copied()
            .collect();
    }
    ask
}

/// From where on the laptop misses history of what an entry names.
fn since(pull: &Pull, entry: &FeedEntry) -> Seq {
    match pull.scopes.get(&entry.scope) {
        Some(cursor) if cursor.snapshot.is_none() => cursor.seq,
        _ => 0,
    }
}

/// Records that a record names in its fields.
fn references(record: &Record, context: &Context) -> Vec<Uuid> {
    let Some(entity) = context.catalog.entity(&record.entity) else {
        return Vec::new();
    };
    let scoped = |target: &str| {
        let target = context.catalog.entity(target);
        target.is_some_and(|target| target.scope != ketu_model::entity::Scope::Org)
    };
    let mut ids = Vec::new();
    for field in entity
        .fields
        .iter()
        .filter(|f| f.target().is_some_and(scoped))
    {
        match record.value(&field.key) {
            serde_json::Value::Array(items) => {
                ids.extend(items.iter().filter_map(crate::record::id_of));
            }
            value => ids.extend(crate::record::id_of(value)),
        }
    }
    ids
}

pub(super) fn answer(pull: &Pull, loaded: Loaded, context: &Context) -> Reply {
    let plan = plan(pull, &loaded, context);
    let known = |id: &Uuid| loaded.records.get(id).and_then(Option::as_ref);
    let mut rows = BTreeMap::new();
    let mut entries = Vec::with_capacity(plan.entries.len());
    for entry in &plan.entries {
        let record = known(&entry.id);
        if !entry.leave
            && let Some(record) = record
        {
            rows.entry(entry.id).or_insert_with(|| record.row());
        }
        entries.push(FeedRow {
            scope: entry.scope,
            id: entry.id,
            leave: entry.leave,
        });
    }
    let mut stubs = BTreeMap::new();
    for id in rows
        .keys()
        .filter_map(known)
        .flat_map(|r| references(r, context))
    {
        if let Some(record) = known(&id).filter(|record| !is_granted(record, &loaded, context)) {
            stubs.entry(id).or_insert_with(|| stub(record, context));
        }
    }
    let granted = &context.actor.scopes;

    let totals = if plan.drained {
        let sums = granted
            .keys()
            .filter_map(|scope| Some((*scope, loaded.sums.get(scope)?)));
        sums.map(|(scope, sums)| (scope, digest::total(sums)))
            .collect()
    } else {
        BTreeMap::new()
    };
    let is_fresh = |scope: &&Scope| is_fresh(pull, scope, context);
    let fresh = granted.keys().filter(is_fresh).copied().collect();
    let rows: Vec<Row> = rows.into_values().collect();
    let mut history = loaded.history.clone().unwrap_or_default();
    trim(&mut history);
    if rows
        .iter()
        .map(Row::weight)
        .chain(history.iter().map(told))
        .sum::<usize>()
        > MAX_ANSWER
        && limit(pull) > MIN_PAGE
    {
        return Reply::Refused(Refusal::TooLarge);
    }
    let proofs = super::vouch::proofs(&context.proof_key, &rows);
    Reply::Pulled(Pulled {
        now: context.now,
        epoch: context.epoch(),
        cursors: plan.cursors,
        fresh,

        entries,
        rows,
        proofs,
        history,
        stubs: stubs.into_values().collect(),
        head: context.head,
        done: plan.drained,
        totals,
    })
}

/// Leaves out of each record's history what is beyond its bytes, the oldest first; the newest entry always comes.
fn trim(history: &mut Vec<HistoryEntry>) {
    let mut sizes: BTreeMap<Uuid, usize> = BTreeMap::new();
    let mut newest: Vec<usize> = (0..history.len()).collect();
    newest.sort_by_key(|at| std::cmp::Reverse(history[*at].seq));
    let mut stays = vec![true; history.len()];
    for at in newest {
        let entry = &history[at];
        let before = sizes.entry(entry.record).or_default();
        stays[at] = *before == 0 || *before + told(entry) <= HISTORY_BYTES;
        *before += told(entry);
    }
    let mut stays = stays.into_iter();
    history.retain(|_| stays.next().unwrap_or(true));
}

fn told(entry: &HistoryEntry) -> usize {
    let values = entry.patch.iter();
    values
        .map(|(key, (old, new))| key.len() + weight(old) + weight(new))
        .sum::<usize>()
        + 300
}

fn is_granted(record: &Record, loaded: &Loaded, context: &Context) -> bool {
    let Some(entity) = context.catalog.entity(&record.entity) else {
        return false;
    };
    let root = loaded.records.get(&record.root).and_then(Option::as_ref);
    let shared = loaded
        .shares
        .get(&record.root)
        .is_some_and(|shares| !shares.is_empty());
    let scopes = super::scopes::of(entity, record, root, shared);
    context.actor.level(&scopes).is_some()
}

fn stub(record: &Record, context: &Context) -> Stub {
    let title = context
        .catalog
        .entity(&record.entity)
        .map(|entity| &entity.title);
    let name = title.and_then(|title| record.value(title).as_str());
    Stub {
        id: record.id,
        entity: record.entity.clone(),
        name: name.unwrap_or_default().to_owned(),
    }
}
