//! Requests and answers of every use, and the one `dispatch` that IPC, bridge and command line
//! call. The TypeScript contract is written from the same table (`methods`).

pub mod dispatch;
pub mod event;
pub mod import;
pub mod records;
pub mod session;
pub mod sync;
pub mod views;
pub mod work;
