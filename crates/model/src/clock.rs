//! Time as it is passed in, and the hybrid logical clock that orders concurrent edits.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Local, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// The source of time for everything that keeps or compares it.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Milliseconds since 1970, UTC.
    fn now(&self) -> i64;

    /// Today in the user's time zone.
    fn today(&self) -> NaiveDate {
        local_date(self.now())
    }
}

/// The civil date of an instant in the machine's time zone.
pub fn local_date(instant: i64) -> NaiveDate {
    DateTime::<Utc>::from_timestamp_millis(instant)
        .unwrap_or_default()
        .with_timezone(&Local)
        .date_naive()
}

#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| {
                i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
            })
    }
}

/// A clock that tests set and turn.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    pub fn at(instant: i64) -> Self {
        Self(AtomicI64::new(instant))
    }

    pub fn advance(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// A hybrid logical timestamp: 48 bits of milliseconds, 16 bits of counter. Strictly growing on
/// one laptop, whatever its wall clock does.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Hlc(pub i64);

impl Hlc {
    pub fn from_millis(millis: i64) -> Self {
        Self(millis << 16)
    }

    pub fn millis(self) -> i64 {
        self.0 >> 16
    }

    /// The timestamp of the next event after this one, at wall time `now`.
    pub fn next(self, now: i64) -> Self {
        Self::from_millis(now).max(Self(self.0 + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_grows_even_when_the_wall_clock_jumps_back() {
        let first = Hlc::default().next(1_000_000);
        let second = first.next(10);
        assert!(second > first);
        assert_eq!(second.millis(), 1_000_000);
        assert_eq!(second.next(2_000_000).millis(), 2_000_000);
    }
}
