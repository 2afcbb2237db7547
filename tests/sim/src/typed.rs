//! What a person typed is never gone (docs/sync-protocol.md §2.5): it stands, or it is in the history or on a card.

use ketu_model::field::MergeClass;
use ketu_sync::message::{Answer, Op, Outcome};
use ketu_sync::record::Record;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::oracle::{Fault, class, parts};
use crate::server::Server;

/// Where everything is that an answered op set, after its push.
pub fn is_kept(before: &Server, after: &Server, op: &Op, answer: &Answer) -> Result<(), Fault> {
    match &answer.outcome {
        Outcome::Merged { lost } => {
            let noted = after.history[before.history.len()..]
                .iter()
                .any(|entry| entry.op_id == op.op_id && entry.lost == *lost);
            if !noted {
                return Err(format!("{lost:?} of {} is in no history", op.op_id));
            }
        }
        Outcome::HandedOver { .. } if !answer.changed => return handed_over(before, after, op),
        _ => {}
    }
    Ok(())
}

/// Every field of an op that was handed over is proposed to whoever has the record now, unless it says nothing new.
fn handed_over(before: &Server, after: &Server, op: &Op) -> Result<(), Fault> {
    for (field, (old, new)) in &op.patch {
        let stands = |server: &Server| {
            let record = server.records.get(&op.record);
            record.is_some_and(|record| is_there(field, record.value(field), old, new))
        };
        if stands(before) || stands(after) {
            continue;
        }
        // A card tells a value as JSON, and has none for an empty one.
        let typed = (!new.is_null()).then(|| new.to_string());
        let proposed = |card: &Record| {
            card.value("kind") == "proposed" && card.value("yours").as_str() == typed.as_deref()
        };
        let card = cards(after, field, op.op_id).any(proposed);
        // About private and common records, and about cards themselves, there are no cards: their history tells.
        let noted = || {
            let mut history = after.history[before.history.len()..].iter();
            history.any(|entry| entry.op_id == op.op_id)
                && ["reminder", "tag", "conflict"].contains(&op.entity.as_str())
        };
        if !card && !noted() {
            return Err(format!(
                "{field} of {} was handed over to nobody: {new}",
                op.record
            ));
        }
    }
    Ok(())
}

/// Whether a value has what a change of it says: of a set, what was added and not what was removed.
fn is_there(field: &str, value: &Json, old: &Json, new: &Json) -> bool {
    if class(field) != Some(MergeClass::Set) {
        return value == new;
    }
    let (value, old, new) = (parts(value), parts(old), parts(new));
    new.difference(&old).all(|added| value.contains(added))
        && !old.difference(&new).any(|removed| value.contains(removed))
}

/// The cards about a field that an op made.
pub fn cards<'a>(server: &'a Server, field: &str, op: Uuid) -> impl Iterator<Item = &'a Record> {
    server.records.values().filter(move |card| {
        card.entity == "conflict"
            && card.value("field").as_str() == Some(field)
            && card.version.op == op
    })
}
