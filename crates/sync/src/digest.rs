//! Sums that tell whether two copies of a scope are the same (docs/sync-protocol.md §6).

use std::collections::BTreeMap;

use ketu_model::authorize::Scope;
use uuid::Uuid;

use crate::message::Sum;

pub const BUCKETS: usize = 256;

/// The bucket of a record: the last byte of its id, which is random also in time-ordered ids.
pub fn bucket(id: Uuid) -> u8 {
    id.as_bytes()[15]
}

/// Adds to a bucket's sum, modulo 2^128.
pub fn add(sums: &mut BTreeMap<(Scope, u8), Sum>, at: (Scope, u8), sum: u128) {
    let entry = sums.entry(at).or_default();
    entry.0 = entry.0.wrapping_add(sum);
}

/// The sum over all buckets.
pub fn total(buckets: &[Sum]) -> Sum {
    let sums = buckets.iter().map(|sum| sum.0);
    Sum(sums.fold(0, u128::wrapping_add))
}

/// The buckets that are not the same here and there; a list that is not there counts as empty.
pub fn differing(here: &[Sum], there: &[Sum]) -> Vec<u8> {
    let at = |sums: &[Sum], bucket: usize| sums.get(bucket).copied().unwrap_or_default();
    (0..BUCKETS)
        .filter(|bucket| at(here, *bucket) != at(there, *bucket))
        .map(|bucket| u8::try_from(bucket).expect("there are 256 buckets"))
        .collect()
}
