//! Agreeing with the server (docs/sync-protocol.md): this laptop's file as the engine wants it.

pub mod local;
mod words;
