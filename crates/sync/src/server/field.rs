//! One field of an op against the record as it stands (docs/sync-protocol.md §4.3, §4.4).

use std::cmp::Ordering;

use ketu_model::clock::Hlc;
use ketu_model::field::MergeClass;
use serde_json::Value as Json;
use uuid::Uuid;

use super::work::Work;
use crate::merge;
use crate::message::{MAX_OPS, Op, life};
use crate::planted::{Bug, on};
use crate::record::{Record, Seq, Version, canonical};

pub(super) enum Verdict {
    /// It stands there already.
    Same,
    Stands {
        value: Json,
        version: Version,
        /// Two people set a critical field without seeing each other.
        disputed: bool,
    },
    /// The other value stays.
    Lost { disputed: bool },
}

/// Whether the op's author knew the value that stands: it came with a rev that the laptop had, or by its own hand.
pub(super) fn is_accepted(work: &Work<'_>, record: &Record, field: &str, op: &Op) -> bool {
    let version = record.version_of(field);
    if on(Bug::TrustClock) {
        return version.hlc < op.hlc;
    }
    if on(Bug::RecordRevOnly) {
        return record.rev <= op.base;
    }
    if on(Bug::ArrivalWins) {
        return true;
    }
    let base = base_of(op, field);
    // Within an incarnation ops come in the order in which they were made.
    let own = version.writer == work.incarnation && !on(Bug::OwnOpConcurrent);
    let known = Work::is_known(version.rev, &version.was, base);
    // Whatever way it came to stand there: it is what the author saw and meant to replace.
    let seen = op
        .patch
        .get(field)
        .is_some_and(|(old, _)| canonical(old.clone()) == *record.value(field));
    own || known
        || (is_built_upon(work, op, field, version.op) && !on(Bug::OwnOpConcurrent))
        || (seen && !on(Bug::OwnOpConcurrent))
}

/// Whether the op's author set the field by the op that stands: by the one that the op's link names or, where that was
/// rejected, by one that it names in turn.
fn is_built_upon(work: &Work<'_>, op: &Op, field: &str, standing: Uuid) -> bool {
    let mut link = op.chain.get(field).copied();
    // Nobody honest has more ops under way than this.
    for _ in 0..MAX_OPS {
        let Some(known) = link else {
            return false;
        };
        if known.op == standing {
            return true;
        }
        link = work.link_of(known.op, field);
    }
    false
}

/// The rev of the field up to which the op's author knew what stood there.
fn base_of(op: &Op, field: &str) -> Seq {
    op.chain.get(field).map_or(op.base, |link| link.base)
}

/// Which of two versions whose authors did not know each other comes later: by the clock, or, if the server forgot both,
/// as it had ordered them.
fn is_later(given: &Version, standing: &Version) -> bool {
    match forgotten_order(&given.was, &standing.was) {
        Some(order) => order == Ordering::Greater,
        None => (given.hlc, given.writer) > (standing.hlc, standing.writer),
    }
}

/// The order of two versions in the first life that both stood in, or of the lives that they first stood in.
fn forgotten_order(one: &[Seq], other: &[Seq]) -> Option<Ordering> {
    let together = one.iter().find_map(|one| {
        let same = other.iter().find(|other| life(**other) == life(*one))?;
        Some(one.cmp(same))
    });
    together.or_else(|| Some(one.first()?.cmp(other.first()?)))
}

/// From where on both what is given and what stands was known, in each life that ended: what comes of both is no more known
/// than either.
pub(super) fn known_from(given: &[Seq], standing: &Version) -> Vec<Seq> {
    let both = given.iter().filter_map(|given| {
        if Work::is_known(standing.rev, &standing.was, *given) {
            return Some(*given);
        }
        let mut same = standing
            .was
            .iter()
            .filter(|was| life(**was) == life(*given));
        same.next().copied()
    });
    both.collect()
}

pub(super) fn decide(
    work: &Work<'_>,
    record: &Record,
    field: &str,
    class: MergeClass,
    op: &Op,
    (old, new): &(Json, Json),
    given: Version,
) -> Verdict {
    let current = record.value(field);
    let standing = record.version_of(field);
    let accepted = is_accepted(work, record, field, op);
    let new = canonical(new.clone());
    let value = match class {
        MergeClass::Set => merge::set(current, old, &new),
        MergeClass::Text => merge::text(current, old, &new),
        MergeClass::Scalar | MergeClass::Critical => new,
    };
    // A value that stands there already by somebody else's hand is taken over by whoever typed it again.
    let merges = matches!(class, MergeClass::Set | MergeClass::Text);
    let equal = value == *current;
    if equal && (accepted || merges) {
        return Verdict::Same;
    }
    let given = Version {
        base: base_of(op, field),
        was: if merges {
            known_from(&given.was, standing)
        } else {
            given.was
        },
        ..given
    };
    // Sent again after the server forgot it: whoever set what stands there may have replaced it knowingly.
    let replaced = !given.was.is_empty() && Work::is_known(given.rev, &given.was, standing.base);
    let wins = accepted || merges || equal || !replaced && is_later(&given, standing);
    let disputed = !accepted && !equal && class == MergeClass::Critical && op.was.is_empty();
    if !wins {
        return Verdict::Lost { disputed };
    }
    // What is accepted comes after what it replaces, whatever the clocks say.
    let hlc = given.hlc.max(Hlc(standing.hlc.0 + 1));
    Verdict::Stands {
        value,
        version: Version { hlc, ..given },
        disputed,
    }
}
