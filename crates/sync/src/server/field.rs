//! One field of an op against the record as it stands (docs/sync-protocol.md §4.3, §4.4).

use ketu_model::clock::Hlc;
use ketu_model::field::MergeClass;
use serde_json::Value as Json;

use crate::merge;
use crate::message::Op;
use crate::planted::{Bug, on};
use crate::record::{Record, Version, canonical};

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

/// Whether the op's author, or the op's laptop, knew the value that stands.
pub(super) fn is_accepted(record: &Record, field: &str, op: &Op, incarnation: uuid::Uuid) -> bool {
    let version = record.version_of(field);
    let rev = if on(Bug::RecordRevOnly) {
        record.rev
    } else {
        version.rev
    };
    if on(Bug::TrustClock) {
        return version.hlc < op.hlc;
    }
    rev <= op.base
        || (version.writer == incarnation && !on(Bug::OwnOpConcurrent))
        || on(Bug::ArrivalWins)
}

pub(super) fn decide(
    record: &Record,
    field: &str,
    class: MergeClass,
    op: &Op,
    (old, new): &(Json, Json),
    given: Version,
) -> Verdict {
    let current = record.value(field);
    let standing = record.version_of(field);
    let accepted = is_accepted(record, field, op, given.writer);
    let new = canonical(new.clone());
    let value = match class {
        MergeClass::Set => merge::set(current, old, &new),
        MergeClass::Text => merge::text(current, old, &new),
        MergeClass::Scalar | MergeClass::Critical => new,
    };
    // A value that stands there already by somebody else's hand is taken over by whoever typed it again.
    if value == *current && (accepted || matches!(class, MergeClass::Set | MergeClass::Text)) {
        return Verdict::Same;
    }
    let merges = matches!(class, MergeClass::Set | MergeClass::Text);
    let equal = value == *current;
    let wins =
        accepted || merges || equal || (given.hlc, given.writer) > (standing.hlc, standing.writer);
    let disputed = !accepted && !equal && class == MergeClass::Critical && !op.again;
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
