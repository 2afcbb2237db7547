//! A real server on both stores, seen from outside.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod blobs;
mod client;
mod cluster;
mod corpus;
mod database;
mod desk;
mod heal;
mod history;
mod kill;
mod login;
mod matches;
mod order;
mod program;
mod restore;
mod rights;
mod server;
mod shut_out;
mod speed;
mod store;
mod sync;
mod wire;

// The simulator's laptop and its work: the same client, here over HTTP.
#[allow(dead_code, reason = "the simulator uses all of it")]
#[path = "../../../../tests/sim/src/laptop.rs"]
mod laptop;
#[allow(dead_code, reason = "the simulator uses all of it")]
#[path = "../../../../tests/sim/src/workload.rs"]
mod workload;
