//! The file as the engine wants it: what it asks for is loaded, and what it decides is written, all in one transaction of
//! the door, so that an edit made meanwhile is either seen or waits. Nothing here knows a network.

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::authorize::Scope;
use ketu_store::file::BackupReason;
use ketu_store::sync::{OwnOp, RecordWrite, SyncWrites};
use ketu_store::{Committed, Door, Reader, Store, StoreError, Write};
use ketu_sync::client::{self, Around, Ask, Event, Loaded, OpState, Session, State, Writes, shown};
use ketu_sync::digest::{self, BUCKETS};
use ketu_sync::message::{MAX_ATOMIC, MAX_OPS, Push, Reply, Sum, Vouch, Vouched};
use uuid::Uuid;

use super::words;

type Result<T> = std::result::Result<T, StoreError>;

/// What taking an event in did, beside what lists hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub state: State,
    /// Ops that have their answer now, and whether they stand at the server.
    pub answered: Vec<(Uuid, bool)>,
    /// Records of which nothing remains; older backups still have them (docs/sync-protocol.md §5.5).
    pub purged: BTreeSet<Uuid>,
}

/// What became of the wish to take an op back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cancelled {
    /// These are gone, as the journal notes them.
    Done(Vec<(Uuid, bool)>),
    /// It was sent, or is not there any more.
    Sent,
    /// Later work needs it.
    BuiltUpon,
}

/// A bucket whose kept sum is not that of its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    pub scope: Scope,
    pub bucket: u8,
    /// What is to be added to the kept sum, modulo 2^128.
    pub missing: Sum,
}

/// What is remembered of the server; absent on a laptop of its own.
pub fn state(reader: &Reader<'_>) -> Result<Option<State>> {
    reader.sync_state()?.as_ref().map(words::state).transpose()
}

/// Begins to agree with a server, under an incarnation that nobody used.
pub fn begin(store: &Store, incarnation: Uuid) -> Result<State> {
    let begun = store.transact(Write::confirmed(), |door| {
        if let Some(state) = state(&door.reader())? {
            return Ok(state);
        }
        let state = State::new(incarnation);
        door.set_sync_state(&words::kept(&state))?;
        Ok::<_, StoreError>(state)
    })?;
    store.follow_journal()?;
    Ok(begun.value)
}

/// Takes an event in. `fresh` is a random id that nobody used.
pub fn take(store: &Store, event: &Event, fresh: Uuid) -> Result<Committed<Taken>> {
    let catalog = store.catalog();
    let around = Around {
        catalog: &catalog,
        fresh,
        now: store.clock().now(),
    };
    let committed = store.transact(Write::confirmed(), |door| {
        let before = known_state(door)?;
        let loaded = load_for(&door.reader(), event, &before)?;
        let writes = client::take(event, &before, loaded, &around);
        if writes.backup_first {
            // Readers do not wait for this transaction, and a backup is one.
            store.back_up(BackupReason::Scheduled)?;
        }
        let taken = Taken {
            state: writes.state.clone().unwrap_or(before),
            answered: answered(&writes),
            purged: writes.purged.clone(),
        };
        door.write_sync(words::writes(writes))?;
        Ok::<_, StoreError>(taken)
    })?;
    // What is committed is not told as failed: the journal is brought up to it at the next open.
    if let Err(error) = note(store, &committed.value) {
        tracing::error!(%error, "answers could not be noted in the outbox journal");
    }
    Ok(committed)
}

fn note(store: &Store, taken: &Taken) -> Result<()> {
    if !taken.answered.is_empty() {
        store.answer_journal(&taken.answered)?;
    }
    if !taken.purged.is_empty() {
        store.compact_journal(&taken.purged)?;
    }
    Ok(())
}

/// The next push, if there is anything to send: its ops have their places, and the journal has all of them on disk.
pub fn next_push(store: &Store, session: &Session) -> Result<Option<Push>> {
    let numbered = store.transact(Write::confirmed(), |door| {
        let before = known_state(door)?;
        let ops = words::owns(to_send(&door.reader(), session)?)?;
        let Some((writes, push)) = client::number(session, &before, &ops) else {
            return Ok(None);
        };
        door.write_sync(words::writes(writes))?;
        Ok::<_, StoreError>(Some(push))
    })?;
    if numbered.value.is_some() {
        store.follow_journal()?;
    }
    Ok(numbered.value)
}

/// The next rows that a restored server is told again, `limit` at most; none when it knows them all.
pub fn next_vouch(store: &Store, limit: usize) -> Result<Option<Vouch>> {
    store.read(|reader| {
        let Some((state, beyond)) = state(reader)?.and_then(|s| Some((s.clone(), s.vouching?)))
        else {
            return Ok(None);
        };
        let rows = reader.doubted((beyond.below, beyond.after), limit)?;
        let rows = rows.into_iter().map(|(row, proof)| Vouched {
            row: words::row(row),
            proof: Sum(proof),
        });
        Ok(client::vouch(&state, rows))
    })
}

/// The sums of a scope's buckets as they are kept.
pub fn sums(reader: &Reader<'_>, scope: Scope) -> Result<Vec<Sum>> {
    let sums = reader.scope_sums(scope)?;
    Ok(sums.into_iter().map(Sum).collect())
}

/// Goes on with a session after a reply was taken in.
pub fn heard(store: &Store, session: &mut Session, state: &State, reply: &Reply) -> Result<()> {
    let mut all = BTreeMap::new();
    store.read(|reader| {
        for scope in state.scopes.keys() {
            all.insert(*scope, sums(reader, *scope)?);
        }
        Ok::<_, StoreError>(())
    })?;
    let empty = vec![Sum::default(); BUCKETS];
    session.heard(state, reply, |scope| {
        all.get(&scope).unwrap_or(&empty).clone()
    });
    Ok(())
}

/// Computes all sums anew from the rows, and names the buckets where what is kept is another (§6.1).
pub fn verify(reader: &Reader<'_>) -> Result<Vec<Fault>> {
    let mut anew: BTreeMap<(Scope, u8), Sum> = BTreeMap::new();
    reader.each_confirmed(|confirmed| {
        let row = words::row(confirmed.row);
        let bucket = digest::bucket(row.id);
        let sum = row.sum();
        for scope in confirmed.scopes {
            digest::add(&mut anew, (scope, bucket), sum);
        }
        Ok(())
    })?;
    let Some(state) = state(reader)? else {
        return Ok(Vec::new());
    };
    let mut scopes: BTreeSet<Scope> = anew.keys().map(|(scope, _)| *scope).collect();
    scopes.extend(state.scopes.keys());
    let mut faults = Vec::new();
    for scope in scopes {
        let mut rows = vec![Sum::default(); BUCKETS];
        for ((_, bucket), sum) in anew.range((scope, 0)..=(scope, u8::MAX)) {
            rows[usize::from(*bucket)] = *sum;
        }
        let kept = sums(reader, scope)?;
        let differing = digest::differing(&rows, &kept).into_iter();
        faults.extend(differing.map(|bucket| {
            let at = usize::from(bucket);
            let missing = Sum(rows[at].0.wrapping_sub(kept[at].0));
            Fault {
                scope,
                bucket,
                missing,
            }
        }));
    }
    Ok(faults)
}

/// Makes every kept sum that of its rows; what the rows lack shows when they are compared with the server's. Says where
/// that was needed.
pub fn mend_sums(store: &Store) -> Result<Vec<Fault>> {
    let mended = store.transact(Write::confirmed(), |door| {
        let faults = verify(&door.reader())?;
        let sums = faults
            .iter()
            .map(|fault| (fault.scope, fault.bucket, fault.missing.0))
            .collect();
        door.write_sync(SyncWrites {
            sums,
            ..SyncWrites::default()
        })?;
        Ok::<_, StoreError>(faults)
    })?;
    Ok(mended.value)
}

/// Takes back an op that was never sent, with those that go with it.
pub fn cancel(store: &Store, record: Uuid, op: Uuid) -> Result<Committed<Cancelled>> {
    let committed = store.transact(Write::confirmed(), |door| {
        let ops = door.reader().together(record, op)?;
        if ops.is_empty() {
            return Ok(Cancelled::Sent);
        }
        if door.reader().is_built_upon(&ops)? {
            return Ok(Cancelled::BuiltUpon);
        }
        door.forget_ops(&ops)?;
        show_anew(door, ops.iter().map(|own| own.record).collect())?;
        let ops = ops.iter().map(|own| (own.op, false)).collect();
        Ok::<_, StoreError>(Cancelled::Done(ops))
    })?;
    if let Cancelled::Done(ops) = &committed.value
        && store.read(state)?.is_some()
    {
        store.answer_journal(ops)?;
    }
    Ok(committed)
}

/// After a backup was restored: ops of the journal that the file does not have wait to be sent again (§7.3). Says how many.
pub fn recover(store: &Store) -> Result<Committed<usize>> {
    let lost = store.lost_ops()?;
    store.transact(Write::confirmed(), |door| put_back(door, &lost))
}

/// Puts ops into the log that are not in it, and shows them. Says how many.
pub(super) fn put_back(door: &mut Door<'_>, ops: &[OwnOp]) -> Result<usize> {
    let mut back: Vec<&OwnOp> = Vec::new();
    let there: BTreeSet<Uuid> = ops.iter().map(|own| own.op).collect();
    for own in ops {
        // What carried it went with another record (§5.5): it would never be answered.
        let answered = own.carrier.is_none_or(|carrier| there.contains(&carrier));
        if answered && door.put_back(own)? {
            back.push(own);
        }
    }
    show_anew(door, back.iter().map(|own| own.record).collect())?;
    Ok(back.len())
}

/// Where records were purged: a backup without them, and none with them (§5.5). What a session that was cut left to do is
/// done after the next.
pub fn forget_in_backups(store: &Store) -> Result<()> {
    if !store.has_purged_in_backups()? {
        return Ok(());
    }
    let fresh = store.back_up(BackupReason::Scheduled)?;
    let folder = store.folder();
    for backup in folder.list_backups() {
        if backup.name != fresh.name {
            folder.remove_backup(&backup.name)?;
        }
    }
    store.purged_from_backups()
}

/// Shows records as their server's rows and live ops say.
fn show_anew(door: &mut Door<'_>, records: BTreeSet<Uuid>) -> Result<()> {
    let catalog = std::sync::Arc::clone(door.catalog());
    let mut writes = SyncWrites::default();
    {
        let reader = door.reader();
        let lookup = reader.lookup()?;
        for id in records {
            let local = words::local(lookup.record(id, None, true)?)?;
            let shown = shown(&local, &catalog).map(words::server_row);
            let purged = shown.is_none() && local.confirmed.is_none() && local.ops.is_empty();
            writes.records.push(RecordWrite {
                id,
                confirmed: None,
                shown,
                purged,
            });
        }
    }
    door.write_sync(writes)
}

fn known_state(door: &Door<'_>) -> Result<State> {
    // Whoever talks to a server has begun to.
    state(&door.reader())?.ok_or_else(|| StoreError::Malformed {
        entity: "sync_state".to_owned(),
        field: "state".to_owned(),
    })
}

fn load_for(reader: &Reader<'_>, event: &Event, state: &State) -> Result<Loaded> {
    let mut kinds: BTreeMap<Uuid, &str> = BTreeMap::new();
    if let Event::Heard(_, reply) = event {
        let rows = match reply.as_ref() {
            Reply::Pulled(pulled) => &pulled.rows[..],
            Reply::Refetched(refetched) => &refetched.rows[..],
            _ => &[],
        };
        kinds.extend(rows.iter().map(|row| (row.id, row.entity.as_str())));
    }
    let mut loaded = Loaded::default();
    loop {
        let ask = client::ask(event, state, &loaded);
        if ask.is_empty() {
            return Ok(loaded);
        }
        load(reader, ask, &kinds, &mut loaded)?;
    }
}

fn load(
    reader: &Reader<'_>,
    ask: Ask,
    kinds: &BTreeMap<Uuid, &str>,
    loaded: &mut Loaded,
) -> Result<()> {
    if !ask.records.is_empty() {
        let lookup = reader.lookup()?;
        // Ops that were over become live again, and change rows that nothing changed until now.
        let with_base = loaded.above.is_some();
        for id in ask.records {
            let known = lookup.record(id, kinds.get(&id).copied(), with_base)?;
            loaded.records.insert(id, words::local(known)?);
        }
    }
    if !ask.ops.is_empty() {
        loaded.ops.extend(reader.records_of_ops(&ask.ops)?);
    }
    if ask.waiting {
        loaded.waiting = Some(reader.waiting()?);
    }
    for (scope, generation) in ask.stale {
        loaded.stale.insert(scope, reader.stale(scope, generation)?);
    }
    if let Some((scope, buckets)) = ask.buckets {
        loaded.buckets = Some(reader.in_buckets(scope, &buckets)?);
    }
    if let Some(rev) = ask.newer {
        loaded.newer = Some(reader.newer(rev)?);
    }
    if let Some(seq) = ask.above {
        loaded.above = Some(words::owns(reader.ops_above(seq)?)?);
    }
    if ask.unanswered {
        loaded.unanswered = Some(words::owns(reader.unanswered()?)?);
    }
    Ok(())
}

/// What was sent and is not under way, and as many of the ops that wait as one push can take, with the rest of a transaction
/// that is not cut; those that are put off for this session take no room.
fn to_send(reader: &Reader<'_>, session: &Session) -> Result<Vec<OwnOp>> {
    let mut ops = reader.sent(session.under_way())?;
    let mut usable = ops.len();
    let (mut after, mut enough) = (0, MAX_OPS);
    while usable < enough {
        let more = reader.pending(after, enough - usable)?;
        let Some(last) = more.last() else {
            break;
        };
        if last.atomic {
            enough = MAX_OPS + MAX_ATOMIC;
        }
        after = last.place;
        usable += more
            .iter()
            .filter(|own| !session.is_put_off(own.op))
            .count();
        ops.extend(more);
    }
    ops.sort_by_key(|own| own.place);
    Ok(ops)
}

/// Ops that have their answer with these writes.
fn answered(writes: &Writes) -> Vec<(Uuid, bool)> {
    let answered = writes
        .ops
        .iter()
        .filter_map(|(op, mark)| match &mark.state {
            OpState::Pending | OpState::Sent => None,
            OpState::Answered { .. } => Some((*op, true)),
            OpState::Done { outcome, .. } => Some((*op, outcome.stands())),
        });
    answered.collect()
}
