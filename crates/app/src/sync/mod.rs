//! Agreeing with the server (docs/sync-protocol.md): this laptop's file as the engine wants it.

pub(crate) mod attention;
pub(crate) mod conflicts;
pub mod local;
pub(crate) mod outbox;
mod words;
