//! How often somebody may try a password. Memory is bounded: a fixed table of instants, indexed by a keyed hash, so that
//! an attacker can neither fill it nor aim at a stranger's place in it. Each server counts for itself.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

const PLACES: usize = 1 << 16;

/// So many at once, and then one in each interval.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub burst: i64,
    /// Milliseconds.
    pub interval: i64,
}

/// For one login: five mistakes, then one more try each half minute.
const LOGIN: Rate = Rate {
    burst: 5,
    interval: 30_000,
};

/// For one address, which may be a whole office behind one router.
const ADDRESS: Rate = Rate {
    burst: 30,
    interval: 3_000,
};

#[derive(Debug, Clone)]
pub struct Throttle {
    key: RandomState,
    /// When the bucket of each place will have run dry, in milliseconds since 1970 (the algorithm is called GCRA).
    dry_at: Arc<Mutex<Box<[i64]>>>,
}

impl Throttle {
    pub(super) fn new() -> Self {
        Self {
            key: RandomState::new(),
            dry_at: Arc::new(Mutex::new(vec![0; PLACES].into_boxed_slice())),
        }
    }

    /// Counts a try before its password is looked at.
    ///
    /// # Errors
    /// The seconds until the next try is taken.
    pub(super) fn try_login(
        &self,
        org: uuid::Uuid,
        login: &str,
        from: Option<IpAddr>,
        now: i64,
    ) -> Result<(), u64> {
        if let Some(address) = from {
            self.count(self.place(("address", network(address))), ADDRESS, now)?;
        }
        self.count(self.place(("login", org, login)), LOGIN, now)
    }

    /// The try was right, so it does not count.
    pub(super) fn forgive(&self, org: uuid::Uuid, login: &str, from: Option<IpAddr>) {
        let mut dry_at = self.dry_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(address) = from {
            dry_at[self.place(("address", network(address)))] -= ADDRESS.interval;
        }
        dry_at[self.place(("login", org, login))] -= LOGIN.interval;
    }

    fn count(&self, place: usize, rate: Rate, now: i64) -> Result<(), u64> {
        let mut dry_at = self.dry_at.lock().unwrap_or_else(PoisonError::into_inner);
        let next = dry_at[place].max(now) + rate.interval;
        let wait = next - rate.burst * rate.interval - now;
        if wait > 0 {
            return Err(u64::try_from(wait).unwrap_or_default().div_ceil(1_000));
        }
        dry_at[place] = next;
        Ok(())
    }

    fn place(&self, what: impl std::hash::Hash) -> usize {
        let hash = self.key.hash_one(what);
        usize::try_from(hash % (PLACES as u64)).expect("there are fewer places than a usize counts")
    }
}

/// An IPv6 customer has a whole /64 to come from.
fn network(address: IpAddr) -> [u8; 8] {
    let bytes = match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().octets()[8..].to_vec(),
        IpAddr::V6(v6) => v6.octets()[..8].to_vec(),
    };
    bytes.try_into().expect("eight of sixteen octets")
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn after_five_mistakes_one_try_each_half_minute_is_taken_and_a_right_one_costs_nothing() {
        let throttle = Throttle::new();
        let org = Uuid::from_u128(1);
        let now = 1_000_000;
        let attempt = |at: i64| throttle.try_login(org, "zhang", None, at);
        for _ in 0..20 {
            attempt(now).unwrap();
            throttle.forgive(org, "zhang", None);
        }
        for _ in 0..5 {
            attempt(now).unwrap();
        }
        assert_eq!(attempt(now), Err(30));
        assert_eq!(attempt(now + 20_000), Err(10));
        attempt(now + 30_000).unwrap();
        assert_eq!(attempt(now + 30_000), Err(30));
        assert!(throttle.try_login(org, "li", None, now).is_ok());
    }

    #[test]
    fn an_address_that_tries_many_logins_is_slowed_too_and_a_64_is_one_address() {
        let throttle = Throttle::new();
        let from = |n: u16| Some(IpAddr::from([0x2001, 0xdb8, 0, 7, 0, 0, 0, n]));
        let refused = (0..40_u16)
            .filter(|n| {
                throttle
                    .try_login(Uuid::nil(), &n.to_string(), from(*n), 5_000)
                    .is_err()
            })
            .count();
        assert_eq!(refused, 10);
        let other = Some(IpAddr::from([0x2001, 0xdb8, 0, 8, 0, 0, 0, 1]));
        assert!(throttle.try_login(Uuid::nil(), "x", other, 5_000).is_ok());
    }
}
