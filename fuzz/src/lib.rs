//! What the targets call, and what they need for it.

pub mod entries;

// The centre in memory, as the simulator has it: the same engine, and an adapter that needs no database.
#[allow(dead_code, reason = "the simulator uses all of it")]
#[path = "../../tests/sim/src/server.rs"]
mod centre;
