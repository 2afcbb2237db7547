//! How copies agree: the engine of synchronisation as pure functions, the same for laptop, server and simulator.
//! It knows no file, no network and no clock. Specification: docs/sync-protocol.md.

pub mod client;
pub mod digest;
pub mod merge;
pub mod message;
pub mod planted;
pub mod record;
pub mod server;
