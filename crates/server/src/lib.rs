//! The centre: accounts, rights and the exchange of changes, over an embedded SQLite file or PostgreSQL.
//! HTTP only translates; what is decided is decided in `ketu-sync` and in [`accounts`].

pub mod accounts;
pub mod clock;
pub mod config;
pub mod db;
pub mod error;
mod files;
pub mod http;
pub mod ids;
pub mod tls;
