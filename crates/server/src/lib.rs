//! The centre: accounts, rights and the exchange of changes, over an embedded SQLite file or PostgreSQL.
//! HTTP only translates; what is decided is decided in `ketu-sync` and in [`accounts`].

pub mod accounts;
pub mod backup;
pub mod blobs;
pub mod clock;
pub mod config;
pub mod db;
pub mod engine;
pub mod error;
pub mod files;
pub mod http;
pub mod ids;
pub mod restore;
pub mod tls;
pub mod verify;
