//! The centre: accounts, rights and the exchange of changes, over an embedded SQLite file or PostgreSQL.
//! HTTP only translates; what is decided is decided in `ketu-sync` and in [`accounts`].

pub mod db;
