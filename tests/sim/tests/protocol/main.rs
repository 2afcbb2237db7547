//! The protocol, section by section, in cases that can be read: real engine, real laptops' logic, memory for stores.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod desk;
mod forgotten;
mod incidents;
mod merging;
mod moving;
mod numbers;
mod own;
mod sizes;
mod team;
