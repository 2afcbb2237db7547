//! A push: which of its ops are new, what they need to be decided, and their answers (docs/sync-protocol.md §4.1, §4.2, §4.11).

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::authorize::Act;
use ketu_model::entity::Root;

use uuid::Uuid;

use super::decide::{decide, new_id};
use super::work::Work;
use super::{Ask, Context, Loaded, Writes, cards, rules, scopes, vouch};
use crate::message::{
    Answer, Code, Kind, Link, MAX_OPS, Op, Outcome, Push, Pushed, Refusal, Reply, Stands, Sum,
};
use crate::planted::{Bug, on};
use crate::record::{MERGED_INTO, Record};

pub(super) fn ask(push: &Push, loaded: &Loaded, context: &Context) -> Ask {
    let mut ask = Ask::default();
    if refusal(push, None, context).is_some() {
        return ask;
    }
    for op in &push.ops {
        match loaded.answers.get(&op.op_id) {
            None => drop(ask.answers.insert(op.op_id)),
            Some(known) if is_new(op, known.as_ref(), context) => {
                ask_for(op, loaded, context, &mut ask);
                ask_links(op, loaded, &mut ask);
            }
            Some(_) => {}
        }
    }
    ask
}

/// Asks for the answers to ops that this one was built upon, as far as they were rejected.
fn ask_links(op: &Op, loaded: &Loaded, ask: &mut Ask) {
    let named = |chain: &BTreeMap<String, Link>| -> Vec<Uuid> {
        chain.values().map(|link| link.op).collect()
    };
    let mut seen = BTreeSet::new();
    let mut wanted = named(&op.chain);
    while let Some(id) = wanted.pop() {
        match loaded.answers.get(&id) {
            _ if !seen.insert(id) => {}
            None => drop(ask.answers.insert(id)),
            Some(answer) => wanted.extend(answer.iter().flat_map(|answer| named(&answer.chain))),
        }
    }
}

/// Whether an op has to be decided, or was before.
fn is_new(op: &Op, known: Option<&Answer>, context: &Context) -> bool {
    let put_off = known.is_some_and(|known| matches!(known.outcome, Outcome::Deferred { .. }));
    put_off || known.is_none() && op.op_seq > context.last_op_seq
}

fn ask_for(op: &Op, loaded: &Loaded, context: &Context, ask: &mut Ask) {
    let Some(entity) = context.catalog.entity(&op.entity) else {
        return;
    };
    let mut wanted = vec![op.record];
    wanted.extend(op.other.filter(|_| op.kind == Kind::Merge));
    if let Root::Of(key) = &entity.root {
        wanted.extend(new_id(op, key));
    }
    let mut known: Vec<&Record> = Vec::new();
    while let Some(id) = wanted.pop() {
        match loaded.records.get(&id) {
            None => drop(ask.records.insert(id)),
            Some(Some(record)) if !known.iter().any(|k| k.id == id) => {
                known.push(record);
                wanted.push(record.root);
                wanted.extend(record.id_in(MERGED_INTO));
            }
            Some(_) => {}
        }
    }
    for record in &known {
        let root = record.root;
        if !loaded.shares.contains_key(&root) {
            ask.shares.insert(root);
        }
        ask_own_values(record, loaded, context, ask);
        if context.epochs.len() > 1 {
            let cards = cards::known(op, record.id, entity).into_iter();
            let unknown = cards.filter(|id| !loaded.records.contains_key(id));
            ask.records.extend(unknown);
        }
    }
    let patched = |field: &str| op.patch.get(field).map(|(_, new)| new);
    rules::ask_unique(entity, patched, loaded, context.now, ask);
    for root in aggregates(op, &known, loaded, context) {
        match loaded.below.get(&root) {
            None => drop(ask.below.insert(root)),
            Some(ids) => {
                let missing = ids.iter().filter(|id| !loaded.records.contains_key(id));
                ask.records.extend(missing);
            }
        }
    }
    if op.kind == Kind::Split
        && let Some(merge) = op.other
    {
        match loaded.merges.get(&merge) {
            None => drop(ask.merges.insert(merge)),
            Some(Some(moved)) => {
                for id in moved {
                    match loaded.records.get(id) {
                        None => drop(ask.records.insert(*id)),
                        Some(Some(record)) => {
                            if !loaded.shares.contains_key(&record.root) {
                                ask.shares.insert(record.root);
                            }
                            ask_own_values(record, loaded, context, ask);
                        }
                        Some(None) => {}
                    }
                }
                if let Some(back) = moved.first().filter(|id| !loaded.shares.contains_key(id)) {
                    ask.shares.insert(*back);
                }
            }
            Some(None) => {}
        }
    }
    if ask.is_empty() {
        ask_lost(&known, loaded, context, ask);
    }
}

/// Asks who has what a record is called: it may give that up, or take it back.
fn ask_own_values(record: &Record, loaded: &Loaded, context: &Context, ask: &mut Ask) {
    if let Some(entity) = context.catalog.entity(&record.entity) {
        let own = |field: &str| record.fields.get(field);
        rules::ask_unique(entity, own, loaded, context.now, ask);
    }
}

/// Roots of which everything below is needed: those that move, merge or go, and those whose shares may change.
fn aggregates(op: &Op, known: &[&Record], loaded: &Loaded, context: &Context) -> Vec<Uuid> {
    let mut roots = Vec::new();
    let record = known.iter().find(|record| record.id == op.record);
    match op.kind {
        Kind::Delete if record.is_some_and(|record| record.root == record.id) => {
            roots.push(op.record);
        }
        Kind::Transfer | Kind::Merge | Kind::Split => {
            roots.extend(known.iter().map(|record| record.root));
            // What a merge took along may go back.
            let merge = op
                .other
                .and_then(|merge| loaded.merges.get(&merge)?.as_ref());
            roots.extend(merge.and_then(|moved| moved.first()));
        }
        _ => {}
    }
    if op.entity == "opportunity" {
        for root in known.iter().filter(|known| known.id == known.root) {
            let shared = loaded.shares.get(&root.id).is_some_and(|s| !s.is_empty());
            let owner = new_id(op, "owner")
                .or_else(|| record.and_then(|record| record.id_in("owner")))
                .or(Some(context.actor.user));
            if shared || owner != root.id_in("owner") {
                roots.push(root.id);
            }
        }
    }

    roots
}

/// Asks when the actor lost what the actor has no right to now.
fn ask_lost(known: &[&Record], loaded: &Loaded, context: &Context, ask: &mut Ask) {
    for record in known
        .iter()
        .filter(|record| !loaded.lost.contains_key(&record.id))
    {
        let Some(entity) = context.catalog.entity(&record.entity) else {
            continue;
        };
        let root = loaded.records.get(&record.root).and_then(Option::as_ref);
        let shared = loaded
            .shares
            .get(&record.root)
            .is_some_and(|shares| !shares.is_empty());
        let scopes = scopes::of(entity, record, root, shared);
        let allowed = ketu_model::authorize::authorize(
            &context.actor,
            Act::Move,
            entity,
            record.id,
            record.root == record.id,
            &scopes,
        );
        if !allowed {
            ask.lost.insert(record.id);
        }
    }
}

/// Why the push is not taken at all.
fn refusal(push: &Push, loaded: Option<&Loaded>, context: &Context) -> Option<Refusal> {
    if push.ops.len() > MAX_OPS {
        return Some(Refusal::TooLarge);
    }
    let first = push.ops.first()?.op_seq;
    let in_order = push
        .ops
        .iter()
        .zip(first..)
        .all(|(op, seq)| op.op_seq == seq);
    if first < 1 || !in_order {
        return Some(Refusal::Malformed);
    }
    if first > context.last_op_seq + 1 {
        return Some(Refusal::Gap {
            expected: context.last_op_seq + 1,
        });
    }
    let loaded = loaded?;
    // What stands at a place that was answered is the op that was answered there, or two laptops count in one incarnation.
    let foreign = |op: &Op| {
        let known = loaded.answers.get(&op.op_id).and_then(Option::as_ref);
        op.op_seq <= context.last_op_seq
            && known.is_none_or(|known| known.sent != (push.incarnation, op.op_seq))
    };
    if push.ops.iter().any(foreign) && !on(Bug::IgnoreClone) {
        return Some(Refusal::Clone);
    }
    None
}

pub(super) fn answer(push: &Push, loaded: Loaded, context: &Context) -> (Writes, Reply) {
    let mut writes = Writes {
        head: context.head,
        ..Writes::default()
    };
    if let Some(refusal) = refusal(push, Some(&loaded), context) {
        return (writes, Reply::Refused(refusal));
    }
    let mut work = Work::new(context, loaded, push.incarnation);
    let linked = push.ops.iter().filter(|op| !op.chain.is_empty());
    work.links = linked.map(|op| (op.op_id, op.chain.clone())).collect();
    let mut answers: Vec<Answer> = Vec::with_capacity(push.ops.len());
    let mut rest = push.ops.as_slice();
    while let Some(first) = rest.first() {
        let together = |op: &&Op| first.atomic && op.atomic && op.tx == first.tx;
        let count = if on(Bug::TornTransaction) {
            1
        } else {
            rest.iter().take_while(together).count().max(1)
        };
        let (group, after) = rest.split_at(count);
        answers.extend(decide_group(&mut work, group));
        rest = after;
    }
    for (answer, op) in answers.iter_mut().zip(&push.ops) {
        if matches!(answer.outcome, Outcome::Rejected { .. }) {
            answer.chain.clone_from(&op.chain);
        }
    }
    writes.head = work.head();
    let sums = scopes::finish(&work, &mut writes);
    let stands = stands(push, &answers, &writes, &sums, &work);
    let last = push.ops.last().map_or(0, |op| op.op_seq);
    let last_op_seq = last.max(context.last_op_seq);
    let skipped = i64::from(on(Bug::ForgetLastOpSeq));
    writes.last_op_seq = (last > context.last_op_seq).then_some(last - skipped);
    if !on(Bug::ForgetAnswers) {
        let new = |answer: &&Answer| {
            let known = work
                .base
                .answers
                .get(&answer.op_id)
                .and_then(Option::as_ref);
            known != Some(*answer)
        };
        writes.answers = answers.iter().filter(new).cloned().collect();
    }
    writes.keep(work.kept);
    let reply = Pushed {
        now: context.now,
        epoch: context.epoch(),
        answers,
        last_op_seq,
        stands,
    };
    (writes, Reply::Pushed(reply))
}

/// What the sender may take from its own copy instead of pulling it (§5.9): only where the push did nothing but to change
/// records that it names, in scopes that the sender has.
fn stands(
    push: &Push,
    answers: &[Answer],
    writes: &Writes,
    sums: &BTreeMap<Uuid, Sum>,
    work: &Work<'_>,
) -> Option<Stands> {
    let context = work.context;
    let plain = answers.iter().all(|answer| answer.outcome.stands());
    if !plain || !work.kept.shares.is_empty() || writes.head == context.head {
        return None;
    }
    let named: BTreeSet<Uuid> = push.ops.iter().map(|op| op.record).collect();
    let mut stands = Stands {
        after: context.head,
        upto: writes.head,
        rows: BTreeMap::new(),
        entries: BTreeMap::new(),
    };
    for ((scope, id), entry) in &writes.feed {
        // A scope that the sender has not may be granted once more before the next pull.
        let own = context.actor.scopes.contains_key(scope) && named.contains(id);
        if entry.leave || !own {
            if on(Bug::StandsHidesRest) {
                continue;
            }
            return None;
        }
        let (record, sum) = (work.record(*id)?, *sums.get(id)?);
        let row = stands.rows.entry(*id);
        row.or_insert_with(|| vouch::stand(&context.proof_key, record, sum));
        stands.entries.entry(*scope).or_default().push(*id);
    }
    Some(stands)
}

/// One transaction if it is atomic, else one op.
fn decide_group(work: &mut Work<'_>, group: &[Op]) -> Vec<Answer> {
    let mut answers: Vec<Answer> = Vec::with_capacity(group.len());
    let mut failed = false;
    for op in group {
        let known = work.base.answers.get(&op.op_id).cloned().flatten();
        let sent = (work.incarnation, op.op_seq);
        if let Some(known) = known.filter(|known| !is_new(op, Some(known), work.context)) {
            answers.push(Answer { sent, ..known });
            continue;
        }
        // Two ops of one push under the same id: the second says nothing new.
        let (outcome, seq) = decide(work, op);
        match &outcome {
            Outcome::Rejected { .. } | Outcome::Deferred { .. } => {
                work.drop_op();
                failed = true;
            }
            _ => work.keep_op(),
        }
        answers.push(Answer {
            op_id: op.op_id,
            sent,
            seq: seq.unwrap_or_else(|| work.head()),
            changed: seq.is_some(),
            outcome,
            chain: BTreeMap::new(),
        });
    }
    // One that has to wait lets all wait, whatever would become of the others now.
    let waits = |answer: &Answer| matches!(answer.outcome, Outcome::Deferred { .. });
    let put_off = answers.iter().any(waits);
    if put_off {
        work.put_off.extend(group.iter().map(|op| op.record));
    }
    if !failed || group.len() == 1 {
        work.keep_group();
        return answers;
    }
    work.drop_group();
    for (answer, op) in answers.iter_mut().zip(group) {
        let known = work.base.answers.get(&op.op_id).and_then(Option::as_ref);
        if known.is_some_and(|known| !is_new(op, Some(known), work.context)) {
            continue;
        }
        answer.seq = work.head();
        answer.changed = false;
        match (&answer.outcome, put_off) {
            (_, true) => {
                let code = Code::UnknownEntity;
                answer.outcome = Outcome::Deferred { code };
            }
            (Outcome::Rejected { .. }, false) => {}
            (_, false) => answer.outcome = Outcome::rejected(Code::WithOthers),
        }
    }
    answers
}
