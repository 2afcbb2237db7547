//! The engine for scale: one PostgreSQL beside any number of servers. Nothing here goes beyond what Citus,
//! CockroachDB and YugabyteDB take as well.

use std::error::Error as StdError;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime,
};
use futures_util::TryStreamExt;
use futures_util::future::try_join_all;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Config, NoTls, Row as PgRow, Statement as Prepared};

use super::statement::{Dialect, Statements};
use super::value::{Params, Row, Value};
use super::{DbError, Result};

/// How many executions of one statement are under way at once.
const PIPELINE: usize = 256;

/// How many rows one insert writes.
const ROWS_AT_ONCE: usize = 1_000;

/// No statement of ours is long; one that hangs must not hold its locks for ever.
const SETTINGS: &str =
    "set statement_timeout = '60s'; set idle_in_transaction_session_timeout = '60s'";

#[derive(Debug)]
pub(super) struct Postgres {
    pool: Pool,
    statements: Arc<Statements>,
}

impl Postgres {
    /// Connects lazily: the first transaction finds out whether the address answers.
    pub fn open(address: &str, connections: usize) -> Result<Self> {
        let mut config: Config = address.parse().map_err(DbError::Address)?;
        config.application_name("ketu-server");
        let manager = Manager::from_config(
            config,
            NoTls,
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let pool = Pool::builder(manager)
            .max_size(connections.max(1))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(Duration::from_secs(30)))
            .create_timeout(Some(Duration::from_secs(10)))
            .post_create(Hook::async_fn(|client, _| {
                Box::pin(async move {
                    let set = client.batch_execute(SETTINGS).await;
                    set.map_err(HookError::Backend)
                })
            }))
            .build()
            .expect("a pool with a runtime can always be built");
        Ok(Self {
            pool,
            statements: Arc::new(Statements::new(Dialect::Postgres)),
        })
    }

    pub async fn connection(&self, writes: bool) -> Result<PgTx> {
        Ok(PgTx {
            client: Some(self.pool.get().await?),
            statements: Arc::clone(&self.statements),
            writes,
            open: false,
        })
    }
}

/// A connection with a transaction on it. Dropped in the middle, as when a request is given up, it is closed
/// rather than lent again.
#[derive(Debug)]
pub(super) struct PgTx {
    client: Option<Object>,
    statements: Arc<Statements>,
    writes: bool,
    open: bool,
}

impl PgTx {
    pub async fn begin(&mut self) -> Result<()> {
        // A writer takes its organisation's lock row first and then sees all that was committed before; a
        // stricter level would fail the one that waited for the row. A reader wants one picture throughout.
        let begin = if self.writes {
            "begin isolation level read committed"
        } else {
            "begin isolation level repeatable read read only"
        };
        self.open = true;
        Ok(self.client().batch_execute(begin).await?)
    }

    pub async fn commit(&mut self) -> Result<()> {
        self.client().batch_execute("commit").await?;
        self.open = false;
        Ok(())
    }

    pub async fn roll_back(&mut self) -> Result<()> {
        self.client().batch_execute("rollback").await?;
        self.open = false;
        Ok(())
    }

    pub async fn batch(&mut self, sql: &str) -> Result<()> {
        Ok(self.client().batch_execute(sql).await?)
    }

    pub async fn query(&mut self, sql: &'static str, rows: &[Params]) -> Result<Vec<Vec<Row>>> {
        let translated = self.statements.of(sql);
        let client = self.client();
        let statement = &client.prepare_cached(&translated.text).await?;
        let columns: &Arc<[String]> = &statement
            .columns()
            .iter()
            .map(|column| column.name().to_owned())
            .collect();
        let mut answers = Vec::with_capacity(rows.len());
        for rows in rows.chunks(PIPELINE) {
            let each = rows
                .iter()
                .map(|params| query(client, statement, &translated.names, columns, params));
            answers.extend(try_join_all(each).await?);
        }
        Ok(answers)
    }

    pub async fn execute(&mut self, sql: &'static str, rows: &[Params]) -> Result<Vec<u64>> {
        let translated = self.statements.of(sql);
        let client = self.client();
        let statement = &client.prepare_cached(&translated.text).await?;
        let mut answers = Vec::with_capacity(rows.len());
        for rows in rows.chunks(PIPELINE) {
            let each = rows
                .iter()
                .map(|params| execute(client, statement, &translated.names, params));
            answers.extend(try_join_all(each).await?);
        }
        Ok(answers)
    }

    pub async fn insert_all(&mut self, inserts: &[(&'static str, Vec<Params>)]) -> Result<()> {
        let each = inserts.iter().map(|(sql, rows)| self.insert(sql, rows));
        try_join_all(each).await.map(drop)
    }

    pub async fn insert(&self, sql: &'static str, rows: &[Params]) -> Result<u64> {
        let client = self.client();
        let many = match self.statements.of_rows(sql) {
            Some(many) => many,
            None => {
                let one = self.statements.of(sql);
                let prepared = client.prepare_cached(&one.text).await?;
                let kinds: Vec<&str> = prepared.params().iter().map(Type::name).collect();
                let many = self.statements.keep_rows(sql, &kinds);
                many.ok_or(DbError::Parameter("outside of values"))?
            }
        };
        let statement = client.prepare_cached(&many.text).await?;
        let mut written = 0;
        for rows in rows.chunks(ROWS_AT_ONCE) {
            let mut columns = vec![Vec::with_capacity(rows.len()); many.names.len()];
            for params in rows {
                let values = params.in_order(&many.names)?;
                for (column, value) in columns.iter_mut().zip(values) {
                    column.push(value);
                }
            }
            written += client.execute_raw(&statement, columns).await?;
        }
        Ok(written)
    }

    fn client(&self) -> &Object {
        self.client
            .as_ref()
            .expect("the connection leaves only when the transaction is dropped")
    }
}

async fn query(
    client: &Object,
    statement: &Prepared,
    names: &[&'static str],
    columns: &Arc<[String]>,
    params: &Params,
) -> Result<Vec<Row>> {
    let values = params.in_order(names)?;
    let mut found = pin!(client.query_raw(statement, values).await?);
    let mut rows = Vec::new();
    while let Some(row) = found.try_next().await? {
        rows.push(Row::new(Arc::clone(columns), read(&row)?));
    }
    Ok(rows)
}

async fn execute(
    client: &Object,
    statement: &Prepared,
    names: &[&'static str],
    params: &Params,
) -> Result<u64> {
    let values = params.in_order(names)?;
    Ok(client.execute_raw(statement, values).await?)
}

impl Drop for PgTx {
    fn drop(&mut self) {
        if self.open
            && let Some(client) = self.client.take()
        {
            drop(Object::take(client));
        }
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(n) if *ty == Type::INT4 => i32::try_from(*n)?.to_sql_checked(ty, out),
            Self::Int(n) => n.to_sql_checked(ty, out),
            Self::Text(text) => text.to_sql_checked(ty, out),
            Self::Bytes(bytes) => bytes.to_sql_checked(ty, out),
            Self::List(values) => values.to_sql_checked(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        // Each value checks the type itself: what is accepted depends on the value.
        true
    }

    to_sql_checked!();
}

fn read(row: &PgRow) -> Result<Vec<Value>> {
    row.columns()
        .iter()
        .enumerate()
        .map(|(at, column)| {
            Ok(match *column.type_() {
                Type::INT8 => row.try_get::<_, Option<i64>>(at)?.into(),
                Type::INT4 => row.try_get::<_, Option<i32>>(at)?.map(i64::from).into(),
                Type::BOOL => row.try_get::<_, Option<bool>>(at)?.into(),
                Type::TEXT | Type::VARCHAR | Type::NAME => {
                    row.try_get::<_, Option<String>>(at)?.into()
                }
                Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(at)?.into(),
                ref other => return Err(DbError::Type(other.name().to_owned())),
            })
        })
        .collect()
}
