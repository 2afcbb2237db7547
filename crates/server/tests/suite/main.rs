//! A real server on both stores, seen from outside.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod client;
mod cluster;
mod database;
mod login;
mod program;
mod restore;
mod rights;
mod server;
mod store;
mod wire;
