//! Backups: made while people work, reopened, thinned out, restored.

#![allow(clippy::unwrap_used)]

mod support;

use ketu_model::Fields;
use ketu_store::file::{BackupReason, restore};
use ketu_store::{OpenError, Select, StoreError, Write};
use support::{HOUR, Laptop, customer};

#[test]
fn a_backup_is_a_whole_copy_of_that_moment_with_its_keys() {
    let mut laptop = Laptop::new();
    let id = laptop.add(customer("华科"));
    let backup = laptop.store().back_up(BackupReason::BeforeImport).unwrap();
    assert_eq!(
        (backup.reason, backup.at),
        (BackupReason::BeforeImport, support::NOW)
    );
    assert!(backup.bytes > 4_096);
    let names: Vec<String> = std::fs::read_dir(laptop.folder().backups())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(
        names.len(),
        2,
        "the copy and its keys, nothing half done: {names:?}"
    );
    assert_eq!(laptop.folder().list_backups().first(), Some(&backup));

    laptop.set("customer", id, "name", "改了的名字");
    laptop.add(customer("后来的"));
    laptop.close();
    let aside = restore(&laptop.location(), &backup.name, None)
        .unwrap()
        .expect("the current file is kept");
    assert!(aside.join("ketu.db").exists() && aside.join("ketu.keys").exists());
    laptop.open().unwrap();
    assert_eq!(laptop.names(&Select::all("customer")), ["华科"]);
    assert_eq!(
        laptop.store().check_integrity().unwrap(),
        Vec::<String>::new()
    );
}

#[test]
fn a_restored_file_is_another_device_and_its_log_goes_on() {
    let mut laptop = Laptop::new();
    let id = laptop.add(customer("华科"));
    let device = laptop.store().device();
    let backup = laptop.store().back_up(BackupReason::Manual).unwrap();
    laptop.close();
    restore(&laptop.location(), &backup.name, None).unwrap();
    laptop.open().unwrap();
    let restored = laptop.store().device();
    assert_ne!(restored, device);
    laptop.open().unwrap();
    assert_eq!(laptop.store().device(), restored, "and stays that one");
    laptop.undo().unwrap();
    assert!(laptop.get("customer", id).deleted_at.is_some());
}

#[test]
fn a_backup_under_an_older_recovery_key_opens_with_the_key_of_today() {
    let mut laptop = Laptop::new();
    let backup = laptop.store().back_up(BackupReason::Manual).unwrap();
    let new = laptop.store().new_recovery_key().unwrap();
    laptop.close();
    restore(&laptop.location(), &backup.name, None).unwrap();
    laptop.keys.lose();
    assert!(matches!(laptop.open(), Err(OpenError::Locked)));
    laptop.recover(&new).unwrap();
}

#[test]
fn without_the_key_a_backup_is_not_restored_and_nothing_is_moved() {
    let mut laptop = Laptop::new();
    let id = laptop.add(customer("华科"));
    let backup = laptop.store().back_up(BackupReason::Manual).unwrap();
    laptop.close();
    laptop.keys.lose();
    assert!(matches!(
        restore(&laptop.location(), &backup.name, None),
        Err(OpenError::Locked)
    ));
    let key = laptop.recovery.clone();
    laptop.recover(&key).unwrap();
    assert_eq!(laptop.get("customer", id).fields.text("name"), Some("华科"));
}

#[test]
fn a_month_of_backups_every_four_hours_is_thinned_out() {
    let laptop = Laptop::new();
    for _ in 0..60 {
        laptop.clock.advance(12 * HOUR);
        laptop.store().back_up(BackupReason::Scheduled).unwrap();
    }
    let kept = laptop.folder().list_backups();
    assert!((9..=14).contains(&kept.len()), "{}", kept.len());
    let now = support::NOW + 60 * 12 * HOUR;
    let age: Vec<i64> = kept.iter().map(|backup| (now - backup.at) / HOUR).collect();
    assert_eq!(age[..3], [0, 12, 24], "the latest three");
    assert!(
        age.last().unwrap() / 24 >= 21,
        "and one that is three weeks old: {age:?}"
    );
    let files = std::fs::read_dir(laptop.folder().backups())
        .unwrap()
        .count();
    assert_eq!(files, kept.len() * 2, "keys go with their backup");
}

#[test]
fn the_backup_that_is_about_to_be_restored_is_not_thinned_out() {
    let mut laptop = Laptop::new();
    let id = laptop.add(customer("原来的名字"));
    let mut made = Vec::new();
    for n in 0..3 {
        laptop.clock.advance(1_000);
        made.push(laptop.store().back_up(BackupReason::Manual).unwrap().name);
        laptop.set("customer", id, "name", format!("第{n}次改名"));
    }
    laptop.clock.advance(1_000);
    laptop.store().back_up_before_restore(&made[0]).unwrap();
    assert_eq!(laptop.folder().list_backups().len(), 4);
    laptop.close();
    restore(&laptop.location(), &made[0], None).unwrap();
    laptop.open().unwrap();
    assert_eq!(laptop.names(&Select::all("customer")), ["原来的名字"]);
}

#[test]
fn backups_of_a_clock_that_ran_ahead_take_no_place_of_those_of_today() {
    let laptop = Laptop::new();
    let year = 365 * 24 * HOUR;
    laptop.clock.advance(year);
    for _ in 0..90 {
        laptop.clock.advance(24 * HOUR);
        laptop.store().back_up(BackupReason::Scheduled).unwrap();
    }
    laptop.clock.advance(-year - 90 * 24 * HOUR);
    for n in 1..=5 {
        laptop.clock.advance(HOUR);
        let made = laptop.store().back_up(BackupReason::Scheduled).unwrap();
        let latest = laptop.folder().latest_backup(support::NOW + n * HOUR);
        assert_eq!(latest, Some(made), "it is still there");
    }
    let kept = laptop.folder().list_backups();
    assert!(kept.len() <= 14 + 4, "{}", kept.len());
}

#[test]
fn a_backup_that_fails_leaves_nothing_and_what_a_killed_one_left_goes_at_the_next_start() {
    let mut laptop = Laptop::new();
    let whole = laptop.store().back_up(BackupReason::Manual).unwrap();
    let folder = laptop.folder().backups();
    let files = || {
        let names = std::fs::read_dir(laptop.folder().backups()).unwrap();
        let mut names: Vec<String> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let before = files();
    laptop.clock.advance(1_000);
    // Its keys cannot be written: a folder has their name.
    let name = format!("{}-scheduled", support::NOW + 1_000);
    std::fs::create_dir(folder.join(format!("{name}.keys"))).unwrap();
    laptop.store().back_up(BackupReason::Scheduled).unwrap_err();
    std::fs::remove_dir(folder.join(format!("{name}.keys"))).unwrap();
    assert_eq!(files(), before);

    for left in [
        "7-manual.part",
        "7-manual.part-journal",
        "8-scheduled.keys",
        "notes.part",
    ] {
        std::fs::write(folder.join(left), b"x").unwrap();
    }
    let restored = laptop.dir.path().join("ketu.db.restored");
    std::fs::write(&restored, b"x").unwrap();
    laptop.open().unwrap();
    assert!(!restored.exists());
    std::fs::remove_file(folder.join("notes.part")).expect("what is not Ketu's stays");
    let names = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(names, before.len());
    assert_eq!(laptop.folder().list_backups(), [whole]);
}

#[test]
fn with_a_lost_keyring_the_recovery_key_restores_a_backup_and_opens_it_for_good() {
    let mut laptop = Laptop::new();
    laptop.add(customer("华科"));
    let backup = laptop.store().back_up(BackupReason::Manual).unwrap();
    laptop.close();
    laptop.keys.lose();
    std::fs::write(laptop.folder().database(), [0x41; 50_000]).unwrap();
    let wrong = ketu_store::file::RecoveryKey::generate().unwrap();
    let refused = restore(&laptop.location(), &backup.name, Some(&wrong));
    assert!(matches!(refused, Err(OpenError::WrongKey)), "{refused:?}");
    let key = laptop.recovery.clone();
    restore(&laptop.location(), &backup.name, Some(&key)).unwrap();
    laptop.open().unwrap();
    assert_eq!(laptop.names(&Select::all("customer")), ["华科"]);
}

#[test]
fn a_recovery_key_that_was_replaced_since_still_restores_the_backup_it_was_made_with() {
    let mut laptop = Laptop::new();
    let backup = laptop.store().back_up(BackupReason::Manual).unwrap();
    let (old, new) = (
        laptop.recovery.clone(),
        laptop.store().new_recovery_key().unwrap(),
    );
    laptop.close();
    laptop.keys.lose();
    restore(&laptop.location(), &backup.name, Some(&old)).unwrap();
    laptop.open().unwrap();
    laptop.recover(&new).unwrap();
}

#[test]
fn a_backup_is_taken_while_a_write_is_under_way_and_holds_none_of_it() {
    let mut laptop = Laptop::new();
    laptop.add(customer("先来的"));
    let store = laptop.store().clone();
    let backup = store
        .transact(Write::form(laptop.user, "import"), |door| {
            for n in 0..50 {
                door.create(
                    "customer",
                    None,
                    Fields::new().with("name", format!("第{n}家")),
                )?;
            }
            std::thread::scope(|scope| {
                scope
                    .spawn(|| store.back_up(BackupReason::Manual))
                    .join()
                    .expect("the backup does not panic")
            })
        })
        .unwrap()
        .value;
    drop(store);
    assert_eq!(laptop.list(&Select::all("customer")).len(), 51);
    laptop.close();
    restore(&laptop.location(), &backup.name, None).unwrap();
    laptop.open().unwrap();
    assert_eq!(laptop.names(&Select::all("customer")), ["先来的"]);
}

#[test]
fn what_does_not_look_like_a_backup_is_left_alone() {
    let laptop = Laptop::new();
    let folder = laptop.folder().backups();
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["notes.txt", "1-holiday.db", "x-manual.db", "5-manual.part"] {
        std::fs::write(folder.join(name), b"x").unwrap();
    }
    assert_eq!(laptop.folder().list_backups(), []);
    let refused = restore_name(&laptop, "1-holiday");
    assert!(
        matches!(refused, Err(OpenError::InUse { .. })),
        "the file is open"
    );
    laptop.store().back_up(BackupReason::Manual).unwrap();
    assert!(folder.join("1-holiday.db").exists());
}

fn restore_name(laptop: &Laptop, name: &str) -> Result<Option<std::path::PathBuf>, OpenError> {
    restore(&laptop.location(), name, None)
}

#[test]
fn a_backup_whose_keys_are_gone_is_bad() {
    let mut laptop = Laptop::new();
    let backup = laptop.store().back_up(BackupReason::Manual).unwrap();
    laptop.close();
    std::fs::remove_file(
        laptop
            .folder()
            .backups()
            .join(format!("{}.keys", backup.name)),
    )
    .unwrap();
    let refused = restore_name(&laptop, &backup.name);
    assert!(
        matches!(refused, Err(OpenError::Store(StoreError::BadBackup(_)))),
        "{refused:?}"
    );
}
