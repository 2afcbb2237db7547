//! Who may see and do what. One function is asked by push, pull, search, export and files; what a laptop holds follows
//! from the same scopes (docs/sync-protocol.md §1.7, §4.7).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::entity::{EntityDef, Scope as Kind};

/// A named set of records that a laptop holds whole or not at all. In text `org`, `pool`, `owner:<user>`, `user:<user>`,
/// `root:<customer>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Scope {
    /// Everyone's: reference data of the organisation.
    Org,
    /// Customers without an owner, and all below them.
    Pool,
    /// A user's customers and all below them.
    Owner(Uuid),
    /// A user's private records.
    User(Uuid),
    /// One customer and all below it, while it is shared with anyone.
    Root(Uuid),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Org => f.write_str("org"),
            Self::Pool => f.write_str("pool"),
            Self::Owner(user) => write!(f, "owner:{user}"),
            Self::User(user) => write!(f, "user:{user}"),
            Self::Root(root) => write!(f, "root:{root}"),
        }
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

impl TryFrom<String> for Scope {
    type Error = UnknownScope;

    fn try_from(text: String) -> Result<Self, UnknownScope> {
        text.parse()
    }
}

/// A text that names no scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownScope;

impl fmt::Display for UnknownScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no scope has this name")
    }
}

impl std::error::Error for UnknownScope {}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let id = |id: &str| id.parse::<Uuid>().map_err(|_| UnknownScope);
        match text.split_once(':') {
            None if text == "org" => Ok(Self::Org),
            None if text == "pool" => Ok(Self::Pool),
            Some(("owner", user)) => Ok(Self::Owner(id(user)?)),
            Some(("user", user)) => Ok(Self::User(id(user)?)),
            Some(("root", root)) => Ok(Self::Root(id(root)?)),
            _ => Err(UnknownScope),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Salesperson,
    Manager,
    Admin,
}

/// How far a right goes; each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Read,
    Write,
    /// Also give away, delete and merge what everything else hangs below.
    Own,
}

/// A user as rights see one: the scopes that the user is granted, and how far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub user: Uuid,
    pub role: Role,
    pub scopes: BTreeMap<Scope, Level>,
}

impl Actor {
    /// A user's scopes: the own ones, those of the people below in the team tree, and shares. `led` are the users whose
    /// team this user leads, at any depth; for an admin, everyone.
    pub fn new(
        user: Uuid,
        role: Role,
        led: &BTreeSet<Uuid>,
        shares: impl IntoIterator<Item = (Uuid, Level)>,
    ) -> Self {
        let mut scopes: BTreeMap<Scope, Level> = shares
            .into_iter()
            .map(|(root, level)| (Scope::Root(root), level.min(Level::Write)))
            .collect();
        scopes.insert(Scope::Org, Level::Write);
        scopes.insert(Scope::User(user), Level::Own);
        scopes.insert(Scope::Owner(user), Level::Own);
        if role > Role::Salesperson {
            scopes.insert(Scope::Pool, Level::Own);
            scopes.extend(led.iter().map(|user| (Scope::Owner(*user), Level::Own)));
        }
        Self { user, role, scopes }
    }

    /// The furthest right in any of these scopes.
    pub fn level<'a>(&self, scopes: impl IntoIterator<Item = &'a Scope>) -> Option<Level> {
        scopes
            .into_iter()
            .filter_map(|scope| self.scopes.get(scope).copied())
            .max()
    }
}

/// What somebody wants to do with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    See,
    Create,
    /// Also: take out of the recycle bin.
    Update,
    Delete,
    /// Another owner, another customer, merge, split.
    Move,
}

/// Whether a user may do this with a record of the entity that stands in these scopes. `own_root` says that it is a root
/// itself; `id` is the record's.
pub fn authorize(
    actor: &Actor,
    act: Act,
    entity: &EntityDef,
    id: Uuid,
    own_root: bool,
    scopes: &[Scope],
) -> bool {
    let Some(level) = actor.level(scopes) else {
        return false;
    };
    if act == Act::See {
        return true;
    }
    match (entity.scope, entity.key.as_ref()) {
        // The server alone makes and removes users and cards.
        (_, "user") => act == Act::Update && (id == actor.user || actor.role == Role::Admin),
        (_, "conflict") => act == Act::Update && level >= Level::Write,
        (Kind::Org, "tag" | "option") => act != Act::Delete || actor.role > Role::Salesperson,
        (Kind::Org, _) => actor.role == Role::Admin,
        (Kind::User, _) => level >= Level::Own,
        (Kind::Root, _) => {
            let needed = match act {
                Act::Move => Level::Own,
                Act::Delete if own_root => Level::Own,
                _ => Level::Write,
            };
            level >= needed
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::Catalog;

    const ZHANG: Uuid = Uuid::from_u128(1);
    const LI: Uuid = Uuid::from_u128(2);
    const CUSTOMER: Uuid = Uuid::from_u128(9);

    fn actor(role: Role, led: &[Uuid], shares: &[(Uuid, Level)]) -> Actor {
        let led = led.iter().copied().collect();
        Actor::new(ZHANG, role, &led, shares.iter().copied())
    }

    fn may(actor: &Actor, act: Act, entity: &str, own_root: bool, scopes: &[Scope]) -> bool {
        let catalog = Catalog::core();
        let entity = catalog.entity(entity).unwrap();
        authorize(actor, act, entity, CUSTOMER, own_root, scopes)
    }

    #[test]
    fn a_scope_survives_its_text() {
        for scope in [
            Scope::Org,
            Scope::Pool,
            Scope::Owner(ZHANG),
            Scope::User(ZHANG),
            Scope::Root(CUSTOMER),
        ] {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
        for other in ["", "orga", "owner:", "owner:zhang", "root"] {
            assert_eq!(other.parse::<Scope>(), Err(UnknownScope), "{other}");
        }
    }

    #[test]
    fn salespeople_have_their_own_customers_managers_their_teams_and_shares_stop_before_giving_away()
     {
        let theirs = [Scope::Owner(LI)];
        let alone = actor(Role::Salesperson, &[LI], &[]);
        assert!(may(
            &alone,
            Act::Move,
            "customer",
            true,
            &[Scope::Owner(ZHANG)]
        ));
        assert!(!may(&alone, Act::See, "customer", true, &theirs));
        assert!(!may(&alone, Act::See, "customer", true, &[Scope::Pool]));
        let manager = actor(Role::Manager, &[LI], &[]);
        assert!(may(&manager, Act::Move, "customer", true, &theirs));
        assert!(!may(
            &manager,
            Act::See,
            "reminder",
            false,
            &[Scope::User(LI)]
        ));
        let shared = [Scope::Owner(LI), Scope::Root(CUSTOMER)];
        let reader = actor(Role::Salesperson, &[], &[(CUSTOMER, Level::Read)]);
        assert!(may(&reader, Act::See, "contact", false, &shared));
        assert!(!may(&reader, Act::Update, "contact", false, &shared));
        let writer = actor(Role::Salesperson, &[], &[(CUSTOMER, Level::Own)]);
        assert!(may(&writer, Act::Delete, "contact", false, &shared));
        assert!(!may(&writer, Act::Delete, "customer", true, &shared));
        assert!(!may(&writer, Act::Move, "customer", true, &shared));
    }

    #[test]
    fn reference_data_is_for_admins_but_words_and_choices_are_added_by_everyone() {
        let alone = actor(Role::Salesperson, &[], &[]);
        let admin = actor(Role::Admin, &[], &[]);
        let org = [Scope::Org];
        for (entity, act, for_all) in [
            ("tag", Act::Create, true),
            ("option", Act::Update, true),
            ("tag", Act::Delete, false),
            ("stage", Act::Update, false),
            ("field_definition", Act::Create, false),
        ] {
            assert_eq!(may(&alone, act, entity, true, &org), for_all, "{entity}");
            assert!(may(&admin, act, entity, true, &org), "{entity}");
        }
        assert!(!may(&admin, Act::Create, "user", true, &org));
        assert!(may(&admin, Act::Update, "user", true, &org));
        assert!(!may(&alone, Act::Update, "user", true, &org));
    }
}
