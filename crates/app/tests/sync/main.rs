//! The adapter between a real file and the engine, told by hand what a server would say.

#![allow(clippy::unwrap_used)]
#![allow(
    clippy::redundant_closure_for_method_calls,
    reason = "the methods themselves are not general over the reader's lifetime"
)]

mod attention;
mod cards;
mod desk;
mod forms;
mod lines;
mod moving;
mod outbox;
mod person;
mod pulls;
mod speed;
mod window;
