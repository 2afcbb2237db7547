//! What is done to rights at the server: shares given and taken, people who join, move or leave (docs/sync-protocol.md §1.7).

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::authorize::{Act, Level, Role};
use uuid::Uuid;

use super::work::{SERVER, Work};
use super::{Ask, Context, Loaded, Reason, Share, Writes, scopes};

/// Someone of the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub role: Role,
    /// Who leads this person's team.
    pub leader: Option<Uuid>,
    pub active: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Share {
        root: Uuid,
        user: Uuid,
        level: Level,
    },
    Unshare {
        root: Uuid,
        user: Uuid,
    },
    /// Another role, another team, a leave or a return.
    Set {
        user: Uuid,
        person: Person,
    },
}

/// Everyone whom a user leads, at any depth.
pub(super) fn below(user: Uuid, people: &BTreeMap<Uuid, Person>) -> BTreeSet<Uuid> {
    let mut found = BTreeSet::new();
    let mut leaders = vec![user];
    while let Some(leader) = leaders.pop() {
        for (member, person) in people {
            if person.leader == Some(leader) && *member != user && found.insert(*member) {
                leaders.push(*member);
            }
        }
    }
    found
}

/// What has to be loaded before the action can be done.
pub fn ask_action(action: &Action, loaded: &Loaded) -> Ask {
    let (Action::Share { root, .. } | Action::Unshare { root, .. }) = action else {
        return Ask::default();
    };
    let mut ask = Ask {
        below: super::missing(&loaded.below, *root),
        shares: super::missing(&loaded.shares, *root),
        ..Ask::default()
    };
    let below = loaded.below.get(root).into_iter().flatten();
    ask.records = below.chain([root]).copied().collect();
    ask.records.retain(|id| !loaded.records.contains_key(id));
    ask
}

/// Does an action for which everything is loaded; `None` where the actor has no right to it or nothing is to be done.
pub fn act(
    action: &Action,
    loaded: Loaded,
    context: &Context,
    people: &BTreeMap<Uuid, Person>,
) -> Option<Writes> {
    let mut writes = Writes {
        head: context.head,
        ..Writes::default()
    };
    match action {
        Action::Share { root, user, .. } | Action::Unshare { root, user } => {
            let mut work = Work::new(context, loaded, SERVER);
            let customer = work.record(*root).filter(|r| r.entity == "customer")?;
            let entity = work.entity("customer")?;
            if !work.may(Act::Move, entity, customer) {
                return None;
            }
            let mut shares = work.shares(*root).to_vec();
            shares.retain(|share| share.user != *user || share.reason != Reason::Given);
            if let Action::Share { level, .. } = action {
                shares.push(Share {
                    user: *user,
                    level: (*level).min(Level::Write),
                    reason: Reason::Given,
                });
            }
            shares.sort_by_key(|share| (share.user, share.reason));
            if shares == work.shares(*root) {
                return None;
            }
            work.next_seq();
            work.set_shares(*root, shares);
            work.keep_op();
            work.keep_group();
            writes.head = work.head();
            scopes::finish(&work, &mut writes);
            writes.shares = work.kept.shares;
        }
        Action::Set { user, person } => {
            let mut after = people.clone();
            after.insert(*user, person.clone());
            writes.head = context.head + 1;
            for member in people.keys() {
                let scopes = |people| {
                    super::actor(*member, people, std::iter::empty())
                        .map(|actor| actor.scopes)
                        .unwrap_or_default()
                };
                let (was, is) = (scopes(people), scopes(&after));
                let gone = was.keys().filter(|scope| !is.contains_key(scope));
                writes
                    .lost
                    .extend(gone.map(|scope| (*member, *scope, writes.head)));
            }
            writes.people.insert(*user, person.clone());
        }
    }
    Some(writes)
}
