//! Who may push now. One device has one push under way at a time; and of one organisation one push at a time is in the
//! database: those that wait for the head would hold the connections that pulls need.
//!
//! Pages of an import wait for the few changes that people make meanwhile: a small push goes before the large ones, and
//! a large one has its turn after so many small ones at the latest. Within each kind the order is that of coming, so that
//! of two imports each has every second turn.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use ketu_model::DeviceId;
use tokio::sync::oneshot;

use crate::ids::OrgId;

/// Ops of a push that does not wait behind imports.
pub(super) const SMALL: usize = 50;
/// Small pushes between two large ones that wait.
const BETWEEN: u32 = 16;

#[derive(Debug, Default)]
pub(super) struct Turns {
    pushing: Mutex<HashSet<DeviceId>>,
    orgs: Mutex<HashMap<OrgId, Arc<Mutex<Queue>>>>,
}

/// Who waits for the turn of one organisation.
#[derive(Debug, Default)]
struct Queue {
    taken: bool,
    small: VecDeque<oneshot::Sender<Turn>>,
    large: VecDeque<oneshot::Sender<Turn>>,
    /// Small ones since the last large one.
    since: u32,
}

impl Queue {
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        if self.large.is_empty() || (!self.small.is_empty() && self.since < BETWEEN) {
            self.since = self.since.saturating_add(1);
            self.small.pop_front()
        } else {
            self.since = 0;
            self.large.pop_front()
        }
    }
}

/// The turn of an organisation; the next one's when dropped.
#[derive(Debug)]
pub(super) struct Turn(Arc<Mutex<Queue>>);

impl Drop for Turn {
    fn drop(&mut self) {
        let next = {
            let mut queue = lock(&self.0);
            let next = queue.next();
            queue.taken = next.is_some();
            next
        };
        if let Some(next) = next {
            // To a request that was given up it cannot be handed; dropped here, it goes to the one after.
            let _ = next.send(Turn(Arc::clone(&self.0)));
        }
    }
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Turns {
    /// `None` while another push of the device is under way.
    pub fn alone(&self, device: DeviceId) -> Option<Alone<'_>> {
        let mut pushing = lock(&self.pushing);
        // Made only where it is wanted: dropped here, it would wait for the lock that is held.
        pushing.insert(device).then(|| Alone {
            turns: self,
            device,
        })
    }

    /// Waits for the organisation's turn.
    pub async fn of(&self, org: OrgId, small: bool) -> Turn {
        let queue = Arc::clone(lock(&self.orgs).entry(org).or_default());
        let turn = {
            let mut queued = lock(&queue);
            if !queued.taken {
                queued.taken = true;
                drop(queued);
                return Turn(queue);
            }
            let (sender, turn) = oneshot::channel();
            let line = if small {
                &mut queued.small
            } else {
                &mut queued.large
            };
            line.push_back(sender);
            turn
        };
        turn.await.expect("whoever has the turn passes it on")
    }
}

/// A device's place among those that push; left when dropped.
#[derive(Debug)]
pub(super) struct Alone<'t> {
    turns: &'t Turns,
    device: DeviceId,
}

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        lock(&self.turns.pushing).remove(&self.device);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ORG: OrgId = OrgId(Uuid::nil());

    /// Lets everything that waits come to its next stop.
    async fn settle() {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    #[test]
    fn a_device_pushes_once_at_a_time_and_is_let_go_after_it() {
        let turns = Turns::default();
        let (one, other) = (DeviceId(Uuid::from_u128(1)), DeviceId(Uuid::from_u128(2)));
        let first = turns.alone(one);
        assert!(first.is_some() && turns.alone(one).is_none() && turns.alone(other).is_some());
        drop(first);
        assert!(turns.alone(one).is_some());
    }

    /// Queues up while somebody has the turn; the order in which they had theirs.
    async fn order(kinds: &[(&'static str, bool)]) -> Vec<&'static str> {
        let (turns, had) = (Arc::new(Turns::default()), Arc::new(Mutex::new(Vec::new())));
        let first = turns.of(ORG, false).await;
        let mut waiting = Vec::new();
        for (name, small) in kinds.iter().copied() {
            let (turns, had) = (Arc::clone(&turns), Arc::clone(&had));
            waiting.push(tokio::spawn(async move {
                let turn = turns.of(ORG, small).await;
                lock(&had).push(name);
                drop(turn);
            }));
            settle().await;
        }
        drop(first);
        for one in waiting {
            one.await.unwrap();
        }
        lock(&had).clone()
    }

    #[tokio::test]
    async fn small_pushes_go_before_the_pages_of_an_import() {
        let asked = [
            ("page", false),
            ("another's page", false),
            ("edit", true),
            ("visit", true),
        ];
        let had = order(&asked).await;
        assert_eq!(had, ["edit", "visit", "page", "another's page"]);
    }

    #[tokio::test]
    async fn a_page_has_its_turn_after_so_many_small_ones() {
        let mut asked = vec![("page", false)];
        asked.extend([("edit", true); 40]);
        let had = order(&asked).await;
        assert_eq!(had.len(), 41);
        let at = had.iter().position(|name| *name == "page");
        assert_eq!(at, usize::try_from(BETWEEN).ok());
    }

    #[tokio::test]
    async fn a_request_that_was_given_up_takes_no_turn() {
        let turns = Arc::new(Turns::default());
        let first = turns.of(ORG, true).await;
        let mut waiting: Vec<_> = (0..3)
            .map(|_| {
                let turns = Arc::clone(&turns);
                tokio::spawn(async move { drop(turns.of(ORG, true).await) })
            })
            .collect();
        settle().await;
        waiting[0].abort();
        waiting[1].abort();
        settle().await;
        drop(first);
        waiting.remove(2).await.unwrap();
        drop(turns.of(ORG, true).await);
    }
}
