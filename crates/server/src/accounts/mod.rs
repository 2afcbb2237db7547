//! Organisations, people, teams, devices, rights: what the server alone writes. HTTP and the command line translate and
//! call in here.

mod audit;
mod devices;
mod enrol;
mod grants;
mod orders;
mod orgs;
mod passwords;
mod quarantine;
mod rights;
mod secrets;
mod sessions;
mod teams;
mod throttle;
mod users;

use std::time::Duration;

pub use audit::{By, Chain, Entry, verify as verify_audit};
pub use devices::Device;
pub use enrol::{Enrolled, Enrolment, Proof};
pub use grants::{Grant, actor_of};
pub(crate) use grants::{level_of, level_text};
pub(crate) use orders::public_key;
pub use orders::{Wipe, wipe_message};
pub(crate) use orgs::list_orgs;
pub use orgs::{Epoch, Org};
pub use passwords::{Cost, Passwords};
pub use quarantine::Quarantined;
pub use rights::{Person, Reason, Team as TeamOfTree, members_below, standing, would_circle};
pub use secrets::Secret;
pub use sessions::{Tokens, Who, refresh_message};
pub use teams::{NewTeam, Team, TeamEdit};
pub use throttle::{Rate, Throttle};
pub use users::{Invitation, NewUser, User, UserEdit};

pub(crate) use secrets::random;
pub(crate) use users::{exists as user_exists, role_of};

use crate::clock::Clock;
use crate::db::Database;
use crate::error::Result;

/// How long what the server gives out is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    pub access: Duration,
    /// A laptop that was away longer logs in again.
    pub refresh: Duration,
    pub invitation: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        const DAY: u64 = 24 * 60 * 60;
        Self {
            access: Duration::from_secs(15 * 60),
            refresh: Duration::from_secs(180 * DAY),
            invitation: Duration::from_secs(7 * DAY),
        }
    }
}

/// The door to all accounts; clones share everything.
#[derive(Debug, Clone)]
pub struct Accounts {
    db: Database,
    clock: Clock,
    passwords: Passwords,
    throttle: Throttle,
    lifetimes: Lifetimes,
}

impl Accounts {
    /// # Errors
    /// When the cost of passwords is out of bounds.
    pub fn new(db: Database, clock: Clock, cost: Cost, lifetimes: Lifetimes) -> Result<Self> {
        Ok(Self {
            throttle: Throttle::new(),
            passwords: Passwords::new(cost)?,
            db,
            clock,
            lifetimes,
        })
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
