//! Laptops, one server and every fault between them, in one thread and out of one seed: the same seed gives the same
//! trace. An oracle that knows what everybody saw checks each step (docs/sync-protocol.md §2).

mod ahead;
pub mod beside;
pub mod campaign;
pub mod forgotten;
mod incidents;
pub mod laptop;
pub mod oracle;
pub mod rights;
pub mod server;
#[cfg(feature = "stores")]
pub mod stores;
pub mod typed;
pub mod workload;
pub mod world;
