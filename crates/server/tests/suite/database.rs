//! The database: one SQL subset, transactions, the schema's steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ketu_server::db::{
    Database, DbError, Migrated, Result, STEPS, Step, Value, migrate, schema_version,
};
use ketu_server::params;
use tokio::sync::Barrier;
use uuid::Uuid;

use crate::store::on_both_stores;

const NOW: i64 = 1_790_000_000_000;

const TABLE: &[Step] = &[Step {
    name: "a-table",
    sql: "create table thing (\n  id bytea not null primary key,\n  n bigint not null,\n  note text\n);\n",
}];

const ADD: &str = "insert into thing (id, n, note) values (:id, :n, :note)
    on conflict (id) do update set n = thing.n + excluded.n, note = excluded.note";

async fn with_table(db: &Database) {
    migrate(db, TABLE, NOW).await.unwrap();
}

fn id(n: i64) -> Uuid {
    Uuid::from_u128(u128::try_from(n).unwrap())
}

async fn add(db: &Database, count: i64) -> Result<()> {
    db.write(move |tx| {
        Box::pin(async move {
            let rows: Vec<_> = (0..count)
                .map(|n| params! { id: id(n), n: n, note: format!("第{n}") })
                .collect();
            tx.execute_many(ADD, &rows).await?;
            Ok(())
        })
    })
    .await
}

async fn sum(db: &Database) -> Result<(i64, i64)> {
    db.read(|tx| {
        Box::pin(async move {
            let sql =
                "select count(*) as n, cast(coalesce(sum(n), 0) as bigint) as total from thing";
            let row = tx.query_one(sql, params! {}).await?;
            Ok((row.get("n")?, row.get("total")?))
        })
    })
    .await
}

on_both_stores! {
    async fn what_is_written_is_read_by_name(store) {
        let db = store.database();
        with_table(&db).await;
        add(&db, 3).await.unwrap();
        let row = db
            .read(|tx| Box::pin(async move {
                tx.query_one("select id, n, note from thing where id = :id", params! { id: id(2) }).await
            }))
            .await
            .unwrap();
        assert_eq!(row.get::<Uuid>("id").unwrap(), id(2));
        assert_eq!(row.get::<i64>("n").unwrap(), 2);
        assert_eq!(row.get::<Option<String>>("note").unwrap().as_deref(), Some("第2"));
        assert!(matches!(row.get::<i64>("note"), Err(DbError::Column("note"))));
        assert!(matches!(row.get::<i64>("nothing"), Err(DbError::Column("nothing"))));
    }

    async fn a_name_the_statement_does_not_have_is_refused(store) {
        let db = store.database();
        with_table(&db).await;
        for given in [params! {}, params! { id: id(1), other: 1_i64 }] {
            let asked: Result<_> = db
                .read(move |tx| {
                    let given = given.clone();
                    Box::pin(async move { tx.query("select n from thing where id = :id", given).await })
                })
                .await;
            assert!(matches!(asked, Err(DbError::Parameter(_))));
        }
    }

    async fn a_thousand_ids_are_asked_for_at_once(store) {
        let db = store.database();
        with_table(&db).await;
        add(&db, 3_000).await.unwrap();
        let found: Result<usize> = db
            .read(|tx| Box::pin(async move {
                let ids: Value = (0..1_000).map(|n| id(n * 4)).collect();
                let sql = "select id from thing where id in (:ids...)";
                Ok(tx.query(sql, params! { ids: ids }).await?.len())
            }))
            .await;
        assert_eq!(found.unwrap(), 750);
        let none: Result<usize> = db
            .read(|tx| Box::pin(async move {
                let ids = Value::List(Vec::new());
                Ok(tx.query("select id from thing where id in (:ids...)", params! { ids: ids }).await?.len())
            }))
            .await;
        assert_eq!(none.unwrap(), 0);
    }

    async fn many_questions_are_answered_in_their_order(store) {
        let db = store.database();
        with_table(&db).await;
        add(&db, 600).await.unwrap();
        let answers: Vec<Option<i64>> = db
            .read(|tx| Box::pin(async move {
                let asked: Vec<_> = (0..700).map(|n| params! { id: id(699 - n) }).collect();
                let sql = "select n from thing where id = :id";
                let answers = tx.query_many(sql, &asked).await?;
                answers.iter().map(|rows| rows.first().map(|row| row.get("n")).transpose()).collect::<Result<_>>()
            }))
            .await
            .unwrap();
        let wanted: Vec<Option<i64>> = (0..700).map(|n| Some(699 - n).filter(|n| *n < 600)).collect();
        assert_eq!(answers, wanted);
    }

    async fn many_rows_are_inserted_at_once_and_again(store) {
        let db = store.database();
        with_table(&db).await;
        for round in 1..=2 {
            let written: Result<u64> = db
                .write(|tx| Box::pin(async move {
                    let rows: Vec<_> = (0..777).map(|n| params! { id: id(n), n: n, note: None::<String> }).collect();
                    tx.insert_many(ADD, &rows).await
                }))
                .await;
            assert_eq!(written.unwrap(), 777);
            assert_eq!(sum(&db).await.unwrap(), (777, round * 777 * 776 / 2));
        }
        let none: Result<u64> = db.write(|tx| Box::pin(async move { tx.insert_many(ADD, &[]).await })).await;
        assert_eq!(none.unwrap(), 0);
    }

    async fn work_that_fails_leaves_nothing_behind(store) {
        let db = store.database();
        with_table(&db).await;
        let failed: Result<()> = db
            .write(|tx| Box::pin(async move {
                tx.execute(ADD, params! { id: id(1), n: 1_i64, note: "kept?" }).await?;
                Err(DbError::NoRow)
            }))
            .await;
        assert!(matches!(failed, Err(DbError::NoRow)));
        assert_eq!(sum(&db).await.unwrap(), (0, 0));
    }

    async fn a_reader_cannot_write_and_sees_one_picture(store) {
        let db = store.database();
        with_table(&db).await;
        add(&db, 1).await.unwrap();
        let refused: Result<u64> = db
            .read(|tx| Box::pin(async move {
                tx.execute(ADD, params! { id: id(9), n: 1_i64, note: "no" }).await
            }))
            .await;
        assert!(refused.is_err());
        let meanwhile = Arc::new(Barrier::new(2));
        let reader = {
            let (db, meanwhile) = (db.clone(), Arc::clone(&meanwhile));
            tokio::spawn(async move {
                db.read(move |tx| {
                    let meanwhile = Arc::clone(&meanwhile);
                    Box::pin(async move {
                        let count = "select count(*) as n from thing";
                        let before: i64 = tx.query_one(count, params! {}).await?.get("n")?;
                        meanwhile.wait().await;
                        meanwhile.wait().await;
                        let after: i64 = tx.query_one(count, params! {}).await?.get("n")?;
                        Ok::<_, DbError>((before, after))
                    })
                })
                .await
            })
        };
        meanwhile.wait().await;
        add(&db, 5).await.unwrap();
        meanwhile.wait().await;
        assert_eq!(reader.await.unwrap().unwrap(), (1, 1));
        assert_eq!(sum(&db).await.unwrap().0, 5);
    }

    async fn a_key_that_is_taken_says_so(store) {
        let db = store.database();
        with_table(&db).await;
        add(&db, 1).await.unwrap();
        let again: Result<u64> = db
            .write(|tx| Box::pin(async move {
                tx.execute("insert into thing (id, n) values (:id, 1)", params! { id: id(0) }).await
            }))
            .await;
        let error = again.unwrap_err();
        assert!(error.is_duplicate(), "{error}");
    }

    async fn writers_that_add_to_one_row_lose_nothing(store) {
        let db = store.database();
        with_table(&db).await;
        let writers: Vec<_> = (0..8)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move {
                    for _ in 0..10 {
                        db.write(|tx| Box::pin(async move {
                            tx.execute(ADD, params! { id: id(1), n: 1_i64, note: "one more" }).await
                        }))
                        .await
                        .unwrap();
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        assert_eq!(sum(&db).await.unwrap(), (1, 80));
    }

    async fn a_panic_in_the_work_leaves_the_database_usable(store) {
        let db = store.database();
        with_table(&db).await;
        let other = db.clone();
        let panicked = tokio::spawn(async move {
            other
                .write(|tx| Box::pin(async move {
                    tx.execute(ADD, params! { id: id(1), n: 1_i64, note: "no" }).await?;
                    panic!("planted");
                    #[expect(unreachable_code, reason = "says what the work would return")]
                    Ok::<(), DbError>(())
                }))
                .await
        })
        .await;
        assert!(panicked.unwrap_err().is_panic());
        assert_eq!(sum(&db).await.unwrap(), (0, 0));
        add(&db, 2).await.unwrap();
        assert_eq!(sum(&db).await.unwrap().0, 2);
    }

    async fn the_schema_is_made_once_however_often_and_from_however_many_it_is_asked_for(store) {
        let nodes: Vec<_> = (0..4)
            .map(|_| {
                let db = store.database();
                tokio::spawn(async move { migrate(&db, STEPS, NOW).await })
            })
            .collect();
        for node in nodes {
            assert_eq!(node.await.unwrap().unwrap().to, i64::try_from(STEPS.len()).unwrap());
        }
        let db = store.database();
        let n = i64::try_from(STEPS.len()).unwrap();
        assert_eq!(migrate(&db, STEPS, NOW).await.unwrap(), Migrated { from: n, to: n });
    }

    async fn a_newer_schema_is_refused_untouched(store) {
        let db = store.database();
        const NEWER: &[Step] = &[
            Step { name: "one", sql: "create table one (\n  id bigint not null primary key\n);\n" },
            Step { name: "two", sql: "create table two (\n  id bigint not null primary key\n);\n" },
        ];
        migrate(&db, NEWER, NOW).await.unwrap();
        let refused = migrate(&db, &NEWER[..1], NOW).await;
        assert!(matches!(refused, Err(DbError::Newer { found: 2, known: 1 })));
        assert_eq!(schema_version(&db).await.unwrap(), 2);
    }

    async fn a_step_that_fails_takes_the_others_with_it(store) {
        let db = store.database();
        const BROKEN: &[Step] = &[
            Step { name: "one", sql: "create table one (\n  id bigint not null primary key\n);\n" },
            Step { name: "two", sql: "create nonsense" },
        ];
        migrate(&db, BROKEN, NOW).await.unwrap_err();
        assert_eq!(schema_version(&db).await.unwrap(), 0);
        migrate(&db, &BROKEN[..1], NOW).await.unwrap();
        assert_eq!(schema_version(&db).await.unwrap(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_meets_another_head_on_is_run_again_until_it_succeeds() {
    let store = crate::store::Store::postgres();
    let db = store.database();
    with_table(&db).await;
    add(&db, 2).await.unwrap();
    // Each takes one row, waits until the other has one too, and wants that one: a real deadlock.
    let both = Arc::new(Barrier::new(2));
    let runs = Arc::new(AtomicU32::new(0));
    let rivals: Vec<_> = [(0, 1), (1, 0)]
        .map(|(first, second)| {
            let (db, both, runs) = (db.clone(), Arc::clone(&both), Arc::clone(&runs));
            tokio::spawn(async move {
                let tried = AtomicU32::new(0);
                db.write(move |tx| {
                    runs.fetch_add(1, Ordering::Relaxed);
                    let again = tried.fetch_add(1, Ordering::Relaxed) > 0;
                    let both = Arc::clone(&both);
                    Box::pin(async move {
                        let sql = "update thing set n = n + 10 where id = :id";
                        tx.execute(sql, params! { id: id(first) }).await?;
                        if !again {
                            both.wait().await;
                        }
                        tx.execute(sql, params! { id: id(second) }).await
                    })
                })
                .await
            })
        })
        .into();
    for rival in rivals {
        assert_eq!(rival.await.unwrap().unwrap(), 1);
    }
    assert_eq!(sum(&db).await.unwrap(), (2, 41));
    assert!(runs.load(Ordering::Relaxed) >= 3);
    assert!(db.retried() >= 1);
}

#[tokio::test]
async fn another_programs_file_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other
        .execute_batch("create table theirs (id integer)")
        .unwrap();
    drop(other);
    let before = std::fs::read(&path).unwrap();
    let place = ketu_server::db::Place::File(path.clone());
    assert!(matches!(Database::open(&place, 1), Err(DbError::Foreign)));
    assert!(std::fs::read(&path).unwrap() == before);
}

#[test]
fn an_address_is_printed_without_its_password() {
    let place =
        ketu_server::db::Place::Postgres("postgres://ketu:s3cret@db.example:5432/ketu?x=y".into());
    assert_eq!(format!("{place:?}"), "postgres://***@db.example:5432/ketu");
}

/// What is asked for by a list costs as much as the list, however large the organisation (without statistics, as a file
/// has none).
#[tokio::test(flavor = "multi_thread")]
async fn sqlite_finds_what_a_list_names_by_an_index() {
    let store = crate::store::Store::sqlite();
    let db = store.database();
    migrate(&db, STEPS, NOW).await.unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/engine/sql");
    let mut asked = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let sql = std::fs::read_to_string(&path).unwrap();
        if !sql.starts_with("select") || !sql.contains("...)") {
            continue;
        }
        asked += 1;
        let sql: &'static str = format!("explain query plan {sql}").leak();
        let names = sql.split(':').skip(1).filter(|name| !name.is_empty());
        let given = names.map(|rest| {
            let end = rest.find(|c: char| c != '_' && !c.is_alphanumeric());
            (&rest[..end.unwrap_or(rest.len())], Value::Null)
        });
        let given: std::collections::BTreeMap<_, _> = given.collect();
        let types = ["bytea", "text", "bigint"];
        let given = given.into_iter().filter(|(name, _)| !types.contains(name));
        let params = ketu_server::db::Params::new(given.collect());
        let plan = db
            .read(move |tx| {
                let params = params.clone();
                Box::pin(async move { tx.query(sql, params).await })
            })
            .await
            .unwrap();
        assert!(!plan.is_empty());
        for row in plan {
            let step: String = row.get("detail").unwrap();
            assert!(!step.ends_with("(org_id=?)"), "{}: {step}", path.display());
        }
    }
    assert!(asked > 5, "{asked} questions");
}
