//! One suite, two stores: a test that says `on_both_stores!` runs on a SQLite file and on PostgreSQL.

use ketu_server::db::{Database, Place};

use crate::cluster::Cluster;

/// A store of the test's own; gone when dropped.
#[derive(Debug)]
pub struct Store {
    pub place: Place,
    /// A folder for the test's files.
    pub folder: tempfile::TempDir,
    _cluster: Option<Cluster>,
}

impl Store {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            place: Place::File(folder.path().join("server.db")),
            folder,
            _cluster: None,
        }
    }

    pub fn postgres() -> Self {
        let cluster = Cluster::start();
        Self {
            place: Place::Postgres(cluster.address()),
            folder: tempfile::tempdir().unwrap(),
            _cluster: Some(cluster),
        }
    }

    /// Makes a copy to go back to, with PostgreSQL's own means; nobody may be connected.
    pub async fn save(&self) {
        self.manage(&["create database saved template postgres"])
            .await;
    }

    /// Goes back to that copy.
    pub async fn take_back(&self) {
        self.manage(&[
            "drop database postgres",
            "alter database saved rename to postgres",
        ])
        .await;
    }

    async fn manage(&self, statements: &[&str]) {
        let Place::Postgres(address) = &self.place else {
            panic!("this store is a file")
        };
        let (cluster, _) = address.rsplit_once('/').unwrap();
        let beside = format!("{cluster}/template1");
        let (client, connection) = tokio_postgres::connect(&beside, tokio_postgres::NoTls)
            .await
            .unwrap();
        let connection = tokio::spawn(connection);
        for statement in statements {
            client.batch_execute(statement).await.unwrap();
        }
        drop(client);
        connection.await.unwrap().unwrap();
    }

    pub fn database(&self) -> Database {
        Database::open(&self.place, 8).unwrap()
    }
}

/// Two tests of one body: `<name>::on_sqlite` and `<name>::on_postgresql`.
macro_rules! on_both_stores {
    ($($(#[$note:meta])* async fn $name:ident($store:ident) $body:block)*) => {$(
        $(#[$note])*
        mod $name {
            use super::*;

            async fn body($store: $crate::store::Store) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                body($crate::store::Store::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgresql() {
                body($crate::store::Store::postgres()).await;
            }
        }
    )*};
}
pub(crate) use on_both_stores;
