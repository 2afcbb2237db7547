//! Who may have what, by the rules as a person would tell them: apart from the engine's scopes, to check these.

use std::collections::BTreeMap;

use ketu_model::authorize::Role;
use ketu_sync::record::Record;
use ketu_sync::server::{Person, Reason};
use uuid::Uuid;

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
