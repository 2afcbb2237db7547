//! Adapters over real stores, beside those over memory: the same is asked of both, and both must come to the same.

use std::collections::BTreeSet;

use ketu_sync::client::{Around, Event, Own, Session};
use ketu_sync::message::{Push, Reply, Request, Vouch};
use ketu_sync::server::{Action, Context, Person, Writes};
use uuid::Uuid;

use crate::laptop::File;
use crate::oracle::Fault;

/// What runs beside the memory in one world.
pub trait Stores {
    /// A laptop's file that has begun to agree with a server.
    fn file(&self, incarnation: Uuid) -> Result<Option<Box<dyn FileBeside>>, Fault>;
    fn server(&self) -> Result<Option<Box<dyn ServerBeside>>, Fault>;
}

/// A laptop's file.
pub trait FileBeside {
    /// Keeps ops that were just made.
    fn keep(&mut self, ops: &[Own]) -> Result<(), Fault>;
    /// Makes the next push, which is this one.
    fn push(&mut self, session: &Session, push: &Push) -> Result<(), Fault>;
    /// Makes the next vouch, of so many rows at most, which is this one.
    fn vouch(&self, limit: usize, vouch: &Vouch) -> Result<(), Fault>;
    fn take(&mut self, event: &Event, around: &Around<'_>) -> Result<(), Fault>;
    /// Whether it has of these records what the memory has, and agrees on where both stand.
    fn compare(&self, file: &File, ids: &BTreeSet<Uuid>) -> Result<(), Fault>;
    /// Whether nothing but that is in it.
    fn compare_all(&self, file: &File) -> Result<(), Fault>;
    /// The whole of it once more.
    fn copy(&mut self) -> Result<Box<dyn FileBeside>, Fault>;
}

/// The server's database. Rights and the catalog are the memory's.
pub trait ServerBeside {
    /// Answers as the memory did.
    fn answer(
        &mut self,
        context: Context,
        request: &Request,
        known: (&Writes, &Reply),
    ) -> Result<(), Fault>;
    fn act(
        &mut self,
        context: Context,
        action: &Action,
        people: &std::collections::BTreeMap<Uuid, Person>,
        known: Option<&Writes>,
    ) -> Result<(), Fault>;

    /// Says no where this store has its own means for that.
    fn back_up(&mut self) -> Result<bool, Fault>;
    /// The last backup takes its place, as the restore tool does it.
    fn go_back(&mut self, now: i64) -> Result<(), Fault>;
}
