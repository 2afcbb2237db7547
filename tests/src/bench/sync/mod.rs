//! Synchronisation over loopback: the built server on a file and on PostgreSQL, laptops with real files, many laptops at
//! once, and PouchDB with the same documents.

// The load tool's laptop, which needs nothing of the server.
#[path = "../../../../crates/server/examples/load/desk.rs"]
mod desk;
mod documents;
mod first;
mod laptop;
mod load;
mod pouchdb;

use std::path::Path;

use anyhow::Result;

use super::report::Report;
use super::{Wish, machine, watch};
use crate::center::{Center, Kind};
use crate::cluster::Cluster;

const STORES: [Kind; 2] = [Kind::File, Kind::Postgres];

/// PostgreSQL as it is installed, with every commit on the disk: only where it listens and how large its log may grow
/// are set, as the template's small log files would lower that.
const AS_INSTALLED: &[&str] = &["listen_addresses=", "max_wal_size=1GB"];

pub fn measure(wish: &Wish, folder: &Path, report: &mut Report) -> Result<()> {
    if wish.wants_of("sync", "sync-first") {
        for kind in STORES {
            first::measure(wish, kind, folder, report)?;
        }
    }
    if wish.wants_of("sync", "sync-load") {
        for kind in STORES {
            load::measure(wish, kind, report)?;
        }
    }
    if wish.wants_of("sync", "sync-pouchdb") {
        pouchdb::measure(wish, folder, report)?;
    }
    Ok(())
}

/// A server as it is installed but for these settings.
fn center(kind: Kind, settings: &[(&'static str, &'static str)]) -> Result<Center> {
    let cluster = (kind == Kind::Postgres).then(|| Cluster::with(AS_INSTALLED));
    Center::on(cluster, settings)
}

fn store(kind: Kind) -> &'static str {
    match kind {
        Kind::File => "SQLite",
        Kind::Postgres => "PostgreSQL",
    }
}

/// The head of a section, with what else the machine does.
fn head(what: &str) -> String {
    format!("{what}; load average {}", machine::busy())
}

/// The most memory that a server's own process held until now, in MB.
fn most_memory(center: &Center) -> f64 {
    let kib = center
        .process()
        .and_then(|id| watch::most_memory(&id.to_string()));
    #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
    kib.map_or(f64::NAN, |kib| kib as f64 * 1024.0 / 1e6)
}
