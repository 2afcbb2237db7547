//! Agreeing with the server (docs/sync-protocol.md): this laptop's file as the engine wants it, the way to the server, and
//! what people see of both.

mod account;
mod after;
pub(crate) mod attention;
mod care;
pub(crate) mod conflicts;
mod desk;
pub(crate) mod join;
mod link;
pub mod local;
mod matches;
pub(crate) mod older;
pub(crate) mod outbox;
mod portal;
mod round;
mod runner;
pub(crate) mod self_test;
pub(crate) mod share;
#[cfg(feature = "simulated")]
pub mod simulated;
pub(crate) mod status;
mod trust;
mod wipe;
mod words;

pub(crate) use desk::{Desk, Reach};
pub use link::LinkError;
pub(crate) use runner::start;
