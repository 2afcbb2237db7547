//! A company agrees: a real server on a file and on PostgreSQL, and laptops that use the built command line.
#![allow(clippy::unwrap_used)]

mod flows;
mod incidents;
mod laptop;
