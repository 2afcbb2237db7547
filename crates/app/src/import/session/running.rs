//! One import at work: what it tells, what it waits for, how it is cancelled.

use super::*;

impl Import {
    pub(super) fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins something that can be cancelled.
    pub(super) fn start(&self) -> MutexGuard<'_, Work> {
        let work = self.work();
        self.cancel.store(false, Ordering::Relaxed);
        work
    }

    pub(super) fn tell(&self, emit: Emit<'_>, phase: &str, done: u32, total: Option<u32>) {
        emit(&Event::ImportProgress {
            import: self.number,
            phase: phase.to_owned(),
            done,
            total,
        });
    }

    pub(super) fn planned(
        &self,
        planning: Planning<'_>,
        ahead: Option<Ahead<'_>>,
        emit: Emit<'_>,
    ) -> Result<Plan> {
        let total = count(planning.rows.len());
        let told = Seldom::default();
        let plan = planning.plan(ahead, &self.cancel, &|done| {
            if told.is_due() {
                self.tell(emit, "planning", count(done), Some(total));
            }
        });
        plan.map_err(|_| AppError::Store(StoreError::Cancelled))
    }

    /// Backs the file up on a thread of its own, so that a cancel is answered at once. A backup that
    /// nobody waits for any more is still a good backup.
    pub(super) fn back_up(&self, store: &Store) -> Result<()> {
        let copied = store.clone();
        let (sender, finished) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let backup = copied.back_up(BackupReason::BeforeImport);
            drop(copied);
            // Whoever cancelled is not listening.
            let _ = sender.send(backup);
        });
        loop {
            match finished.recv_timeout(TICK) {
                Ok(backup) => return Ok(backup.map(|_| ())?),
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => {
                    return Err(AppError::refused("backup_failed"));
                }
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {}
            }
            if self.cancel.load(Ordering::Relaxed) {
                return Err(AppError::Store(StoreError::Cancelled));
            }
        }
    }
}

/// At most ten times a second, from whichever thread asks first.
#[derive(Debug)]
pub(super) struct Seldom(Mutex<Instant>);

impl Default for Seldom {
    fn default() -> Self {
        Self(Mutex::new(Instant::now()))
    }
}

impl Seldom {
    pub(super) fn is_due(&self) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.elapsed() >= Duration::from_millis(100);
        if due {
            *last = Instant::now();
        }
        due
    }
}
