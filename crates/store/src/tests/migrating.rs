//! Older files: what they get at open, and the backup before it.

#![allow(clippy::unwrap_used)]

use ketu_model::Catalog;
use rusqlite::Connection;

use super::raw;
use super::support::{HOUR, Laptop, customer};
use crate::file::{BackupReason, FILE_VERSION, beside, restore};
use crate::migrations::{STEPS, Step, migrate, version_after};
use crate::{Select, StoreError};

fn version(connection: &Connection) -> i64 {
    connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap()
}

fn addresses(connection: &Connection) -> Vec<String> {
    let mut statement = connection
        .prepare("select address from customer order by rid")
        .unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// All steps there are, and then these.
fn after(steps: &[Step]) -> Vec<Step> {
    [STEPS, steps].concat()
}

const STREET_TO_ROAD: Step = |file| {
    file.execute(
        "update customer set address = replace(address, '街', '路')",
        [],
    )?;
    Ok(())
};
const ROAD_NUMBERED: Step = |file| {
    file.execute("update customer set address = address || '1号'", [])?;
    Ok(())
};
const STUMBLES: Step = |file| {
    file.execute("update customer set address = '丢了'", [])?;
    file.execute("update nowhere set nothing = 0", [])?;
    Ok(())
};

#[test]
fn an_older_file_gets_the_columns_tables_and_shipped_records_that_it_misses() {
    let mut laptop = Laptop::new();
    let id = laptop.add(customer("华科").with("address", "科技园"));
    let older = raw(&laptop);
    laptop.close();
    older
        .execute_batch(
            "drop trigger option_guard_delete; drop table reminder; drop index customer_annual_value;
             alter table customer drop column website; delete from option where name = '展会';
             update meta set value = '1' where key = 'shipped';",
        )
        .unwrap();
    drop(older);
    assert_eq!(laptop.folder().list_backups(), []);
    laptop.clock.advance(HOUR);
    laptop.open().unwrap();
    assert_eq!(
        laptop.get("customer", id).fields.text("address"),
        Some("科技园")
    );
    laptop.set("customer", id, "website", "https://example.com");
    assert_eq!(laptop.list(&Select::all("reminder")), []);
    assert!(
        laptop
            .names(&Select::all("option"))
            .contains(&"展会".to_owned())
    );
    assert!(
        raw(&laptop).execute("delete from option", []).is_err(),
        "the guard is back"
    );

    let backups = laptop.folder().list_backups();
    let [backup] = backups.as_slice() else {
        panic!("{backups:?}");
    };
    assert_eq!(backup.reason, BackupReason::BeforeMigration);
    let copy = laptop
        .folder()
        .backups()
        .join(format!("{}.db", backup.name));
    let columns: i64 = beside(&copy, laptop.store().key())
        .unwrap()
        .query_row(
            "select count(*) from pragma_table_info('customer') where name = 'website'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(columns, 0, "the backup is of the file before the change");

    laptop.clock.advance(HOUR);
    laptop.open().unwrap();
    assert_eq!(
        laptop.folder().list_backups().len(),
        1,
        "nothing changed the second time"
    );
    // The way back: the older file is restored and brought to today once more.
    laptop.close();
    restore(&laptop.location(), &backup.name, None).unwrap();
    laptop.open().unwrap();
    assert_eq!(laptop.get("customer", id).fields.text("website"), None);
}

#[test]
fn a_file_runs_the_steps_that_it_has_not_seen_in_order_and_once() {
    let mut laptop = Laptop::new();
    laptop.add(customer("华科").with("address", "科技街"));
    let mut file = raw(&laptop);
    laptop.close();
    let catalog = Catalog::core();
    let mut backups = 0;
    let mut run = |file: &mut Connection, steps: &[Step]| {
        migrate(file, &after(steps), &catalog, || {
            backups += 1;
            Ok(())
        })
        .unwrap();
        backups
    };
    assert_eq!(run(&mut file, &[]), 0, "the tables are those of today");
    assert_eq!(run(&mut file, &[STREET_TO_ROAD]), 1);
    assert_eq!(
        (version(&file), addresses(&file)),
        (FILE_VERSION + 1, vec!["科技路".to_owned()])
    );
    let both = [STREET_TO_ROAD, ROAD_NUMBERED];
    assert_eq!(run(&mut file, &both), 2);
    assert_eq!(run(&mut file, &both), 2, "a step runs once");
    assert_eq!(
        (version(&file), addresses(&file)),
        (FILE_VERSION + 2, vec!["科技路1号".to_owned()])
    );
    assert!(
        file.execute("update customer set address = null", [])
            .is_err(),
        "the door is shut again"
    );
}

#[test]
fn a_step_that_fails_or_a_backup_that_cannot_be_written_leaves_the_file_as_it_was() {
    let mut laptop = Laptop::new();
    laptop.add(customer("华科").with("address", "科技街"));
    let mut file = raw(&laptop);
    laptop.close();
    let catalog = Catalog::core();
    let full = || {
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        Err(StoreError::io("write", &laptop.folder().backups())(full))
    };
    migrate(&mut file, &after(&[STREET_TO_ROAD]), &catalog, full).unwrap_err();
    migrate(
        &mut file,
        &after(&[STREET_TO_ROAD, STUMBLES]),
        &catalog,
        || Ok(()),
    )
    .unwrap_err();
    assert_eq!(
        (version(&file), addresses(&file)),
        (FILE_VERSION, vec!["科技街".to_owned()])
    );
    drop(file);
    laptop.open().unwrap();
}

#[test]
fn a_new_file_has_run_every_step_there_is() {
    let laptop = Laptop::new();
    assert_eq!(version(&raw(&laptop)), FILE_VERSION);
    assert_eq!(version_after(&[STREET_TO_ROAD]), 2);
}

/// The log as files of version 1 have it.
const LOG_1: &str = "create table log (
  local_seq integer primary key autoincrement, op_id blob not null, tx_id blob not null, entity text not null,
  record blob not null, root blob not null, kind text not null, patch text not null, base_rev integer not null,
  hlc integer not null, author blob, device blob not null, origin text not null, schema_v integer not null,
  state text not null
) strict;
create index log_record on log (record);";

#[test]
fn a_file_of_version_1_keeps_its_log_which_becomes_an_outbox() {
    // R37: whoever worked alone joins a server with everything that was done before.
    let mut laptop = Laptop::new();
    let id = laptop.add(customer("华科").with("address", "科技园"));
    laptop.set("customer", id, "address", "科技街");
    let history = |laptop: &Laptop| {
        let record = ketu_model::RecordId(id);
        laptop
            .store()
            .read(|reader| reader.history(record))
            .unwrap()
    };
    let before = history(&laptop);
    let older = raw(&laptop);
    laptop.close();
    older
        .execute_batch(&format!(
            "alter table log rename to newer; drop index log_record; {LOG_1}
             update door set open = 1;
             insert into log select local_seq, op_id, tx_id, entity, record, root, kind, patch, base_rev, hlc, author,
               device, origin, schema_v, state from newer;
             insert into log select null, zeroblob(16), tx_id, entity, record, root, kind, patch, base_rev, hlc, author,
               device, origin, schema_v, 'confirmed' from newer limit 1;
             update door set open = 0;
             drop table newer; drop table held; drop table base; drop table sync_state; drop table scope;
             drop table parked; drop table stub; drop table scope_sum;
             alter table customer drop column sum; pragma user_version = 1;"
        ))
        .unwrap();
    drop(older);
    laptop.open().unwrap();
    let backups = laptop.folder().list_backups();
    assert_eq!(backups[0].reason, BackupReason::BeforeMigration);
    let mut after = history(&laptop);
    let over = after.iter().position(|row| row.state == "done");
    after.remove(over.expect("what was confirmed is over"));
    assert_eq!(after, before);
    assert!(after.iter().all(crate::LogRow::is_unanswered));
    laptop.set("customer", id, "address", "科技路");
    laptop.undo().unwrap();
    assert_eq!(
        laptop.get("customer", id).fields.text("address"),
        Some("科技街")
    );
    let refused = raw(&laptop).execute("insert into held values (1, zeroblob(16), 0, 0)", []);
    assert!(refused.is_err(), "written past the door");
}
