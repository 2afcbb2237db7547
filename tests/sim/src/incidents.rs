//! What happens to whole files and to rights: backups, restores, copies, shares, roles.

use std::collections::BTreeSet;

use ketu_model::authorize::{Level, Role};
use ketu_sync::client::{Around, Event, OpState, Own};
use ketu_sync::server::{Action, Person};
use uuid::Uuid;

use crate::beside::FileBeside;
use crate::laptop::File;
use crate::oracle::{Fault, Shown, look};
use crate::workload::something;
use crate::world::World;

/// A laptop's file as it was at some time.
pub(crate) struct Copy {
    of: usize,
    file: File,
    shown: Shown,
    beside: Option<Box<dyn FileBeside>>,
}

impl World {
    pub fn back_up(&mut self, at: usize) -> Result<(), Fault> {
        if self.rng.bool() {
            return self.back_up_server();
        }
        let beside = self.copy_beside(at)?;
        self.copies.push(Copy {
            of: at,
            file: self.laptops[at].file.clone(),
            shown: self.shown[at].clone(),
            beside,
        });
        Ok(())
    }

    fn back_up_server(&mut self) -> Result<(), Fault> {
        let database = self.database.as_mut();
        if database.map_or(Ok(true), |database| database.back_up())? {
            self.backup = Some((self.server.clone(), self.oracle.clone()));
        }
        Ok(())
    }

    /// What somebody did with a customer and gave away is forgotten by the server, and purged where it was done.
    pub fn give_away_and_go_back(&mut self, at: usize) -> Result<(), Fault> {
        self.back_up_server()?;
        for _ in 0..3 {
            self.work(at, something)?;
        }
        self.work(at, |chance, laptop, _| chance.give_away(laptop))?;
        self.sync(at)?;
        for _ in 0..2 {
            let other = self.rng.usize(..self.laptops.len());
            self.sync(other)?;
        }
        self.sync(at)?;
        self.restore_server()
    }

    fn copy_beside(&mut self, at: usize) -> Result<Option<Box<dyn FileBeside>>, Fault> {
        let copied = self.files[at].as_mut().map(|file| file.copy());
        copied.transpose()
    }

    /// The server or a laptop is restored from a backup.
    pub fn go_back(&mut self, at: usize) -> Result<(), Fault> {
        if self.rng.bool() {
            return self.restore_server();
        }
        self.restore_laptop(at)
    }

    fn restore_server(&mut self) -> Result<(), Fault> {
        let epoch = self.id();
        if let Some((server, oracle)) = self.backup.take() {
            if let Some(database) = &mut self.database {
                database.go_back(self.now)?;
            }
            self.server = server.restored(epoch, &self.server, self.now);
            self.oracle.restored(&oracle);
            self.memory.restored(&self.server, &self.laptops);
            // What was under way went to the server that is gone.
            self.limbo.clear();
            self.report.restores += 1;
        }
        Ok(())
    }

    fn restore_laptop(&mut self, at: usize) -> Result<(), Fault> {
        let Some(copy) = self.copies.iter().position(|copy| copy.of == at) else {
            return Ok(());
        };
        let copy = self.copies.swap_remove(copy);
        // The journal has what the backup lacks.
        let catalog = self.catalog(at);
        let now = &self.laptops[at].file;
        let lost = now
            .order
            .iter()
            .filter(|id| !copy.file.ops.contains_key(id));
        let lost = lost.filter_map(|id| now.ops.get(id)).cloned();
        let lost: Vec<Own> = lost.map(as_in_the_journal).collect();
        self.memory.replaced(at);
        self.laptops[at].file = copy.file;
        self.laptops[at].session = None;
        self.shown[at] = copy.shown;
        self.files[at] = copy.beside;
        if let Some(file) = &mut self.files[at] {
            file.keep(&lost)?;
        }
        let there: BTreeSet<Uuid> = lost.iter().map(|own| own.op.op_id).collect();
        let mut lost = lost;
        // What carried it went with another record: it would never be answered.
        lost.retain(|own| own.carrier.is_none_or(|carrier| there.contains(&carrier)));
        self.laptops[at].file.keep(lost, &catalog);
        for row in self.laptops[at].file.views.values() {
            look(&mut self.shown[at], row);
        }
        self.notice_copy(at)?;
        self.report.restores += 1;
        Ok(())
    }

    fn notice_copy(&mut self, at: usize) -> Result<(), Fault> {
        let catalog = self.catalog(at);
        let fresh = self.id();
        let event = Event::Copied(self.id());
        let around = Around {
            catalog: &catalog,
            fresh,
            now: self.now,
        };
        self.laptops[at].file.take(&event, &around);
        if let Some(file) = &mut self.files[at] {
            file.take(&event, &around)?;
        }
        Ok(())
    }

    /// Somebody copies a whole laptop; half of the copies do not know that they are.
    pub fn copy(&mut self, at: usize) -> Result<(), Fault> {
        if self.laptops.len() >= 8 {
            return Ok(());
        }
        let mut twin = self.laptops[at].clone();
        twin.session = None;
        self.laptops.push(twin);
        self.shown.push(self.shown[at].clone());
        let beside = self.copy_beside(at)?;
        self.files.push(beside);
        if self.rng.bool() {
            self.notice_copy(self.laptops.len() - 1)?;
        }
        self.report.clones += 1;
        Ok(())
    }

    pub fn rights(&mut self) -> Result<(), Fault> {
        let user = self.users[self.rng.usize(..self.users.len())];
        let by = self.users[self.rng.usize(..3)];
        let roots: Vec<Uuid> = self
            .server
            .records
            .values()
            .filter(|record| record.entity == "customer")
            .map(|record| record.id)
            .collect();
        let root = roots.get(self.rng.usize(..roots.len().max(1))).copied();
        let action = match (self.rng.u8(..10), root) {
            (0..5, Some(root)) => Action::Share {
                root,
                user,
                level: [Level::Read, Level::Write][self.rng.usize(..2)],
            },
            (5..8, Some(root)) => Action::Unshare { root, user },
            _ => {
                let role = [Role::Salesperson, Role::Manager][self.rng.usize(..2)];
                let leader = self.users[self.rng.usize(..self.users.len())];
                // The admin stays, so that somebody can see everything.
                if user == self.users[0] {
                    return Ok(());
                }
                let person = Person {
                    role,
                    leader: Some(leader),
                    active: true,
                };
                Action::Set { user, person }
            }
        };
        let context = self.server.context(by, Uuid::nil(), self.now);
        let people = self.server.people.clone();
        let writes = self.server.act(by, &action, self.now);
        if let (Some(database), Some(context)) = (&mut self.database, context) {
            database.act(context, &action, &people, writes.as_ref())?;
        }
        Ok(())
    }
}

/// An op as the journal has it: as it was before it was first sent.
fn as_in_the_journal(mut own: Own) -> Own {
    own.op.op_seq = 0;
    own.op.was.clear();
    own.lost.clear();
    own.state = OpState::Pending;
    own
}
