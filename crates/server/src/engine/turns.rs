//! Who may push now. One device has one push under way at a time; and of one organisation one push at a time is in the
//! database, in the order in which they came: those that wait for the head would hold the connections that pulls need.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use ketu_model::DeviceId;
use tokio::sync::OwnedMutexGuard;

use crate::ids::OrgId;

#[derive(Debug, Default)]
pub(super) struct Turns {
    pushing: Mutex<HashSet<DeviceId>>,
    orgs: Mutex<HashMap<OrgId, Arc<tokio::sync::Mutex<()>>>>,
}

impl Turns {
    /// `None` while another push of the device is under way.
    pub fn alone(&self, device: DeviceId) -> Option<Alone<'_>> {
        let mut pushing = self.pushing.lock().unwrap_or_else(PoisonError::into_inner);
        // Made only where it is wanted: dropped here, it would wait for the lock that is held.
        pushing.insert(device).then(|| Alone {
            turns: self,
            device,
        })
    }

    /// Waits for the organisation's turn.
    pub async fn of(&self, org: OrgId) -> OwnedMutexGuard<()> {
        let turn = {
            let mut orgs = self.orgs.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(orgs.entry(org).or_default())
        };
        turn.lock_owned().await
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
        let mut pushing = self
            .turns
            .pushing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        pushing.remove(&self.device);
    }
}
