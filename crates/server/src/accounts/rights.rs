//! Who sees whose customers, as pure functions of the team tree and the roles.

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::UserId;
use ketu_model::authorize::{Actor, Level, Role, Scope};

use crate::ids::TeamId;

/// A user as rights see one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: UserId,
    pub role: Role,
    pub team: Option<TeamId>,
    /// Shut out: holds no rights, but the customers stay and are seen by those above.
    pub disabled: bool,
}

/// A team of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    pub id: TeamId,
    pub parent: Option<TeamId>,
    pub leader: Option<UserId>,
}

/// Why a user holds a scope. Each reason is a row of its own: one may end while another goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    Own,
    /// Through the role of the user.
    Role,
    /// Through the team that the user leads.
    Team,
}

impl Reason {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Role => "role",
            Self::Team => "team",
        }
    }
}

/// The members of the teams that `leader` leads, and of all teams below those; without the leader. A tree that was bent
/// into a circle still ends.
pub fn members_below(leader: UserId, people: &[Person], teams: &[Team]) -> BTreeSet<UserId> {
    let mut below: BTreeSet<TeamId> = BTreeSet::new();
    let mut next: Vec<TeamId> = teams
        .iter()
        .filter(|team| team.leader == Some(leader))
        .map(|team| team.id)
        .collect();
    while let Some(team) = next.pop() {
        if below.insert(team) {
            let children = teams.iter().filter(|child| child.parent == Some(team));
            next.extend(children.map(|child| child.id));
        }
    }
    // Whoever leads a team below counts as its member, also when registered elsewhere.
    let leaders = teams
        .iter()
        .filter(|team| below.contains(&team.id))
        .filter_map(|team| team.leader);
    people
        .iter()
        .filter(|person| person.team.is_some_and(|team| below.contains(&team)))
        .map(|person| person.id)
        .chain(leaders)
        .filter(|id| *id != leader)
        .collect()
}

/// Whether hanging `team` below `parent` would bend the tree into a circle.
pub fn would_circle(team: TeamId, parent: TeamId, teams: &[Team]) -> bool {
    let mut seen = BTreeSet::new();
    let mut at = Some(parent);
    while let Some(id) = at {
        if id == team {
            return true;
        }
        if !seen.insert(id) {
            return false;
        }
        at = teams.iter().find(|t| t.id == id).and_then(|t| t.parent);
    }
    false
}

/// All that follows from roles and teams; shares come on top.
pub fn standing(people: &[Person], teams: &[Team]) -> BTreeMap<(UserId, Scope, Reason), Level> {
    let everyone: BTreeSet<uuid::Uuid> = people.iter().map(|person| person.id.0).collect();
    let mut grants = BTreeMap::new();
    for person in people.iter().filter(|person| !person.disabled) {
        let led = match person.role {
            Role::Salesperson => BTreeSet::new(),
            Role::Manager => members_below(person.id, people, teams)
                .into_iter()
                .map(|id| id.0)
                .collect(),
            Role::Admin => everyone.clone(),
        };
        let actor = Actor::new(person.id.0, person.role, &led, []);
        grants.extend(actor.scopes.into_iter().map(|(scope, level)| {
            let reason = match scope {
                Scope::Org => Reason::Own,
                Scope::User(id) | Scope::Owner(id) if id == person.id.0 => Reason::Own,
                _ if person.role == Role::Manager && scope != Scope::Pool => Reason::Team,
                _ => Reason::Role,
            };
            ((person.id, scope, reason), level)
        }));
    }
    grants
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn user(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    fn team(n: u128) -> TeamId {
        TeamId(Uuid::from_u128(n))
    }

    fn person(n: u128, role: Role, of: Option<u128>) -> Person {
        Person {
            id: user(n),
            role,
            team: of.map(team),
            disabled: false,
        }
    }

    fn tree(teams: &[(u128, Option<u128>, Option<u128>)]) -> Vec<Team> {
        let one = |(id, parent, leader): &(u128, Option<u128>, Option<u128>)| Team {
            id: team(*id),
            parent: parent.map(team),
            leader: leader.map(user),
        };
        teams.iter().map(one).collect()
    }

    #[test]
    fn a_leader_has_everyone_below_at_any_depth_and_nobody_beside() {
        let people = [
            person(1, Role::Manager, None),
            person(2, Role::Manager, Some(20)),
            person(3, Role::Salesperson, Some(30)),
            person(4, Role::Salesperson, Some(40)),
        ];
        let teams = tree(&[
            (10, None, Some(1)),
            (20, Some(10), None),
            (30, Some(20), Some(2)),
            (40, Some(10), None),
        ]);
        let below = |n| members_below(user(n), &people, &teams);
        assert_eq!(below(1), BTreeSet::from([user(2), user(3), user(4)]));
        assert_eq!(below(2), BTreeSet::from([user(3)]));
        assert_eq!(below(3), BTreeSet::new());
    }

    #[test]
    fn a_circle_ends_and_is_foreseen() {
        let people = [
            person(1, Role::Manager, None),
            person(2, Role::Salesperson, Some(20)),
        ];
        let bent = tree(&[(10, Some(20), Some(1)), (20, Some(10), None)]);
        assert_eq!(
            members_below(user(1), &people, &bent),
            BTreeSet::from([user(2)])
        );
        let straight = tree(&[(10, None, None), (20, Some(10), None), (30, Some(20), None)]);
        assert!(would_circle(team(10), team(30), &straight));
        assert!(would_circle(team(10), team(10), &straight));
        assert!(!would_circle(team(30), team(10), &straight));
    }

    #[test]
    fn roles_decide_what_a_place_in_the_tree_gives() {
        let mut people = [
            person(1, Role::Manager, None),
            person(2, Role::Salesperson, Some(10)),
            person(3, Role::Admin, None),
        ];
        let teams = tree(&[(10, None, Some(1))]);
        let scopes = |people: &[Person], n| -> Vec<(String, &str)> {
            standing(people, &teams)
                .into_keys()
                .filter(|(id, _, _)| *id == user(n))
                .map(|(_, scope, reason)| (scope.to_string(), reason.as_str()))
                .collect()
        };
        let of_two = format!("owner:{}", user(2));
        assert!(scopes(&people, 1).contains(&(of_two.clone(), "team")));
        assert!(scopes(&people, 3).contains(&(of_two.clone(), "role")));
        assert_eq!(scopes(&people, 2).len(), 3);
        // The same person leads the team still, but is no manager any longer.
        people[0].role = Role::Salesperson;
        assert_eq!(scopes(&people, 1).len(), 3);
        // Who was shut out holds nothing, and is still seen from above.
        people[1].disabled = true;
        assert_eq!(scopes(&people, 2).len(), 0);
        assert!(scopes(&people, 3).contains(&(of_two, "role")));
    }
}
