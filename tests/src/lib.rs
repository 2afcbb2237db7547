//! What whole-system tests share: workbooks with known truth, the command line as a child process, and what the
//! programs `workbook`, `xlsx-json`, `corpus`, `soak` and `bench` are made of.

pub mod bench;
pub mod corpus;
pub mod evidence;
pub mod ketu;
pub mod kill;
pub mod workbook;
