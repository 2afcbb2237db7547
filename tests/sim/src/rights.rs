//! Who may have what, by the rules as a person would tell them: apart from the engine's scopes, to check these.

use std::collections::BTreeMap;

use ketu_model::authorize::Role;
use ketu_sync::message::{Code, Kind, Op, Outcome, Push, Pushed};
use ketu_sync::record::Record;
use ketu_sync::server::{Person, Reason};
use uuid::Uuid;

use crate::oracle::Fault;
use crate::server::Server;

/// Whether a user may have a record, by the rules as a person would tell them.
pub fn may_have(server: &Server, user: Uuid, record: &Record) -> bool {
    let person = |user: Uuid| server.people.get(&user);
    let Some(me) = person(user).filter(|me| me.active) else {
        return false;
    };
    match record.entity.as_str() {
        "tag" | "option" | "user" | "stage" | "pipeline" | "field_definition" => return true,
        "reminder" => return record.id_in("owner").or(record.created_by) == Some(user),
        _ => {}
    }
    let Some(root) = server.records.get(&record.root) else {
        return false;
    };
    let leads = |owner: Uuid| {
        me.role == Role::Admin || (me.role == Role::Manager && leads(&server.people, user, owner))
    };
    let owner = match root.id_in("owner") {
        None if root.entity != "customer" => record.id_in("owner").or(record.created_by),
        owner => owner,
    };
    let by_owner = match owner {
        Some(owner) => owner == user || leads(owner),
        None => me.role != Role::Salesperson,
    };
    by_owner || root.entity == "customer" && is_shared(server, user, root)
}

fn leads(people: &BTreeMap<Uuid, Person>, user: Uuid, member: Uuid) -> bool {
    let mut at = member;
    for _ in 0..people.len() {
        match people.get(&at).and_then(|person| person.leader) {
            Some(leader) if leader == user => return true,
            Some(leader) => at = leader,
            None => return false,
        }
    }
    false
}

fn is_shared(server: &Server, user: Uuid, root: &Record) -> bool {
    let shares = server.shares.get(&root.id).into_iter().flatten();
    let mut given = shares.filter(|share| share.reason == Reason::Given);
    let by_deal = || {
        server.records.values().any(|record| {
            record.entity == "opportunity"
                && record.root == root.id
                && record.deleted.is_none()
                && record.id_in("owner") == Some(user)
                && root.id_in("owner") != Some(user)
        })
    };
    given.any(|share| share.user == user) || by_deal()
}

/// Whether a refusal, or its absence, can be right.
pub fn is_lawful(
    (before, after): (&Server, &Server),
    user: Uuid,
    whole: (&Push, &Pushed),
    op: &Op,
    outcome: &Outcome,
    merged: bool,
) -> Result<(), Fault> {
    let (was, is) = (
        before.records.get(&op.record),
        after.records.get(&op.record),
    );
    let had = was.is_some_and(|record| may_have(before, user, record));
    let has = is.is_some_and(|record| may_have(after, user, record));
    let admin = before
        .people
        .get(&user)
        .is_some_and(|me| me.role == Role::Admin);
    match outcome {
        Outcome::Rejected { code, .. } => match code {
            Code::Forbidden if admin && op.entity != "reminder" => {
                Err(format!("an admin was refused {op:?}"))
            }
            Code::NotFound if was.is_some() && op.kind != Kind::Split && op.kind != Kind::Merge => {
                Err(format!(
                    "{} is there, but was not found: {op:?} {was:?}",
                    op.record
                ))
            }
            Code::Moved | Code::Forbidden | Code::NotFound | Code::NoRoot => Ok(()),
            Code::WithOthers if op.atomic => Ok(()),
            other => Err(format!("{other:?} for an honest op {op:?}")),
        },

        // Edits of what was merged go to whoever has the survivor.
        Outcome::HandedOver { .. } if admin && !merged && op.entity != "reminder" => {
            Err(format!("an admin was handed over {op:?}"))
        }
        Outcome::Applied | Outcome::Merged { .. }
            if was.is_some() && !had && !has && op.kind != Kind::Transfer =>
        {
            if merged && op.kind == Kind::Delete || was_given(whole, op, is, user) {
                return Ok(());
            }
            Err(format!("{op:?} was taken from somebody without a right"))
        }
        _ => Ok(()),
    }
}

/// Whether an earlier op of the same push gave the record, or what it hangs below, to a user who has it no more after
/// the push.
fn was_given(
    (push, pushed): (&Push, &Pushed),
    op: &Op,
    record: Option<&Record>,
    user: Uuid,
) -> bool {
    let root = record.map(|record| record.root);
    let user = serde_json::json!(user);
    let earlier = push.ops.iter().zip(&pushed.answers);
    let mut earlier = earlier.take_while(|(earlier, _)| earlier.op_id != op.op_id);
    earlier.any(|(earlier, answer)| {
        let about = earlier.record == op.record || Some(earlier.record) == root;
        let to = earlier.patch.get("owner").map(|(_, new)| new);
        about && answer.outcome.stands() && to == Some(&user)
    })
}
