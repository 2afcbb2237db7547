//! What whole-system tests share: workbooks with known truth, the command line as a child process, and what the
//! programs `workbook`, `xlsx-json`, `corpus`, `soak` and `bench` are made of.

pub mod ketu;
pub mod workbook;
