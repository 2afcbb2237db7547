//! The server's adapters over its databases.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ketu_server::backup::copy_checked;
use ketu_server::db::{Database, DbError, Place};
use ketu_server::engine::simulated::Simulated;
use ketu_server::params;
use ketu_server::restore::restore;
use ketu_sync::message::{Reply, Request};
use ketu_sync::server::{Action, Context, Person, Writes};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

use super::cluster::Cluster;
use super::{broke, differ, folder};
use crate::beside::ServerBeside;
use crate::oracle::Fault;

#[derive(Debug)]
pub struct Beside {
    /// Absent only while its file is replaced.
    simulated: Option<Simulated>,
    place: Place,
    backup: Option<PathBuf>,
    backups: u32,
    runtime: Runtime,
    _folder: Option<TempDir>,
    _cluster: Option<Cluster>,
}

/// Makes a server that does not run count its rows wrongly, as a fault in it would.
///
/// # Errors
/// In words, when the file cannot be written.
pub fn miscount(file: &Path) -> Result<(), Fault> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let db = Database::open(&Place::File(file.to_owned()), 1).map_err(broke)?;
    let miscounted = db.write::<_, DbError, _>(|tx| {
        let sql = "update scope_sum set sums = zeroblob(4096)";
        Box::pin(tx.execute(sql, params! {}))
    });
    match runtime.map_err(broke)?.block_on(miscounted) {
        Ok(0) => Err("nothing was counted yet".to_owned()),
        other => other.map(drop).map_err(broke),
    }
}

impl Beside {
    pub fn sqlite() -> Result<Self, Fault> {
        let folder = folder()?;
        let place = Place::File(folder.path().join("server.db"));
        Self::begin(place, Some(folder), None)
    }

    pub fn postgres() -> Result<Self, Fault> {
        let cluster = Cluster::start();
        let place = Place::Postgres(cluster.address());
        Self::begin(place, None, Some(cluster))
    }

    fn begin(
        place: Place,
        folder: Option<TempDir>,
        cluster: Option<Cluster>,
    ) -> Result<Self, Fault> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(broke)?;
        let simulated = runtime.block_on(Simulated::begin(&place)).map_err(broke)?;
        Ok(Self {
            simulated: Some(simulated),
            place,
            backup: None,
            backups: 0,
            runtime,
            _folder: folder,
            _cluster: cluster,
        })
    }

    fn simulated(&self) -> &Simulated {
        self.simulated
            .as_ref()
            .expect("it is open but while it is replaced")
    }
}

impl ServerBeside for Beside {
    fn answer(
        &mut self,
        context: Context,
        request: &Request,
        (writes, reply): (&Writes, &Reply),
    ) -> Result<(), Fault> {
        let answer = self.simulated().answer(context, request.clone());
        let here = self.runtime.block_on(answer).map_err(broke)?;
        let (said, known) = (in_order(here.1), in_order(reply.clone()));
        if said != known {
            return Err(differ(&format!("answer to {request:?}"), &said, &known));
        }
        same(&here.0, writes)
    }

    fn act(
        &mut self,
        context: Context,
        action: &Action,
        people: &BTreeMap<Uuid, Person>,
        known: Option<&Writes>,
    ) -> Result<(), Fault> {
        let act = self
            .simulated()
            .act(context, action.clone(), people.clone());
        let here = self.runtime.block_on(act).map_err(broke)?;
        match (&here, known) {
            (Some(here), Some(known)) => same(here, known),
            (None, None) => Ok(()),
            _ => Err(differ(&format!("{action:?}"), &here.as_ref(), &known)),
        }
    }

    fn back_up(&mut self) -> Result<bool, Fault> {
        let Place::File(file) = &self.place else {
            return Ok(false);
        };
        self.backups += 1;
        let to = file.with_extension(format!("backup-{}", self.backups));
        copy_checked(file, &to).map_err(broke)?;
        self.backup = Some(to);
        Ok(true)
    }

    fn go_back(&mut self, now: i64) -> Result<(), Fault> {
        let (Place::File(file), Some(backup)) = (&self.place, self.backup.take()) else {
            return Err("there is no backup to go back to".to_owned());
        };
        self.simulated = None;
        let restored = self.runtime.block_on(restore(file, &backup, now));
        let restored = restored.map_err(broke)?;
        self.simulated = Some(Simulated::open(&self.place).map_err(broke)?);
        restored
            .aside
            .map_or(Ok(()), std::fs::remove_dir_all)
            .map_err(broke)
    }
}

fn same(here: &Writes, known: &Writes) -> Result<(), Fault> {
    if here == known {
        return Ok(());
    }
    Err(differ("writes", here, known))
}

/// Nothing says in which order the history of several records comes.
fn in_order(mut reply: Reply) -> Reply {
    if let Reply::Pulled(pulled) = &mut reply {
        pulled
            .history
            .sort_by_key(|entry| (entry.record, Reverse(entry.seq), entry.op_id));
    }
    reply
}
