//! Opening the file: keys, refusals, damage, and one process at a time.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::Path;

use ketu_model::clock::Clock;
use ketu_store::file::{self, BackupReason, RecoveryKey};
use ketu_store::{OpenError, Result, Select, Store, StoreError};
use support::{Laptop, customer};

fn refusal(result: Result<(), OpenError>) -> OpenError {
    result.expect_err("the file was opened")
}

#[test]
fn what_was_written_is_there_after_reopening() {
    let mut laptop = Laptop::new();
    let id = laptop.add(customer("华科技术").phone("0755-26001234").worth(125_000));
    let before = laptop.get("customer", id);
    let (device, clock) = (laptop.store().device(), laptop.clock.now());
    laptop.open().unwrap();
    assert_eq!(laptop.get("customer", id), before);
    assert_eq!(
        laptop.store().device(),
        device,
        "a laptop keeps its device id"
    );
    assert_eq!(before.created_at, clock);
    assert_eq!(laptop.found("customer", "hkjs"), [id]);
}

#[test]
fn a_folder_without_a_file_is_a_first_run_and_one_with_a_file_is_not_overwritten() {
    let mut laptop = Laptop::new();
    laptop.close();
    assert!(matches!(
        Store::create(&laptop.location()),
        Err(OpenError::Foreign)
    ));
    laptop.open().unwrap();
    laptop.close();
    for path in [
        laptop.folder().database(),
        laptop.folder().slots(),
        laptop.folder().slots_copy(),
    ] {
        fs::remove_file(path).unwrap();
    }
    assert!(matches!(refusal(laptop.open()), OpenError::Absent));
}

#[test]
fn a_first_run_that_was_cut_short_can_be_repeated() {
    let mut laptop = Laptop::new();
    laptop.close();
    let folder = laptop.folder();
    // Cut between writing the slots and naming the file.
    fs::rename(folder.database(), folder.unfinished()).unwrap();
    assert!(matches!(refusal(laptop.open()), OpenError::Absent));
    let (store, _) = Store::create(&laptop.location()).unwrap();
    store.close();
    assert!(!folder.unfinished().exists());
    laptop.open().unwrap();
    assert_eq!(laptop.list(&Select::all("customer")), []);
}

#[test]
fn without_the_keyring_the_file_is_locked_and_the_recovery_key_opens_it_for_good() {
    let mut laptop = Laptop::new();
    let id = laptop.add(customer("华科技术"));
    laptop.close();
    laptop.keys.lose();
    assert!(matches!(refusal(laptop.open()), OpenError::Locked));
    let other = RecoveryKey::generate().unwrap();
    assert!(matches!(
        refusal(laptop.recover(&other)),
        OpenError::WrongKey
    ));
    assert!(
        matches!(refusal(laptop.open()), OpenError::Locked),
        "a wrong key changes nothing"
    );
    let written_down = RecoveryKey::parse(&laptop.recovery.to_string()).unwrap();
    laptop.recover(&written_down).unwrap();
    assert_eq!(
        laptop.get("customer", id).fields.text("name"),
        Some("华科技术")
    );
    laptop.open().unwrap();
}

#[test]
fn a_new_recovery_key_replaces_the_old_one() {
    let mut laptop = Laptop::new();
    let new = laptop.store().new_recovery_key().unwrap();
    let old = laptop.recovery.clone();
    assert!(matches!(refusal(laptop.recover(&old)), OpenError::WrongKey));
    laptop.recover(&new).unwrap();
}

#[test]
fn either_copy_of_the_slots_opens_the_file_and_without_both_it_is_foreign() {
    let mut laptop = Laptop::new();
    laptop.close();
    let folder = laptop.folder();
    let whole = fs::read(folder.slots()).unwrap();
    assert_eq!(fs::read(folder.slots_copy()).unwrap(), whole);
    for (damaged, other) in [
        (folder.slots(), folder.slots_copy()),
        (folder.slots_copy(), folder.slots()),
    ] {
        for content in [
            &b""[..],
            b"{\"format\":9}",
            &whole[..whole.len() / 2],
            &[0xff; 300],
        ] {
            fs::write(&damaged, content).unwrap();
            laptop.open().unwrap();
            laptop.close();
        }
        fs::remove_file(&damaged).unwrap();
        laptop.open().unwrap();
        laptop.close();
        fs::copy(&other, &damaged).unwrap();
    }
    fs::remove_file(folder.slots()).unwrap();
    fs::remove_file(folder.slots_copy()).unwrap();
    assert!(matches!(refusal(laptop.open()), OpenError::Foreign));
}

#[test]
fn where_both_copies_of_the_slots_are_lost_those_of_a_backup_open_the_file() {
    let mut laptop = Laptop::new();
    let id = laptop.add(customer("华科"));
    laptop.store().back_up(BackupReason::Manual).unwrap();
    laptop.clock.advance(1_000);
    let lose = |laptop: &mut Laptop| {
        laptop.close();
        fs::remove_file(laptop.folder().slots()).unwrap();
        fs::remove_file(laptop.folder().slots_copy()).unwrap();
    };
    lose(&mut laptop);
    // The latest backup is of another file: its key does not fit.
    let stranger = Laptop::new();
    stranger.clock.advance(5_000);
    let backup = stranger.store().back_up(BackupReason::Manual).unwrap();
    for kind in ["db", "keys"] {
        let name = format!("{}.{kind}", backup.name);
        fs::copy(
            stranger.folder().backups().join(&name),
            laptop.folder().backups().join(&name),
        )
        .unwrap();
    }
    laptop.open().unwrap();
    assert!(laptop.folder().slots().exists() && laptop.folder().slots_copy().exists());
    laptop.open().unwrap();

    lose(&mut laptop);
    laptop.keys.lose();
    assert!(matches!(refusal(laptop.open()), OpenError::Locked));
    let key = laptop.recovery.clone();
    laptop.recover(&key).unwrap();
    assert_eq!(laptop.get("customer", id).fields.text("name"), Some("华科"));
    laptop.open().unwrap();

    lose(&mut laptop);
    fs::write(laptop.folder().database(), [0x41; 50_000]).unwrap();
    assert!(
        matches!(refusal(laptop.open()), OpenError::Locked),
        "the backup is older than the laptop's new key"
    );
    assert!(matches!(refusal(laptop.recover(&key)), OpenError::Damaged));
    let backup = laptop.folder().list_backups().pop().unwrap();
    file::restore(&laptop.location(), &backup.name, Some(&key)).unwrap();
    laptop.open().unwrap();
    assert_eq!(laptop.names(&Select::all("customer")), ["华科"]);
}

#[test]
fn the_recovery_key_gives_the_laptop_its_key_again_also_where_the_file_is_damaged() {
    for harm in [Some([0x41; 50_000].as_slice()), Some(b""), None] {
        let mut laptop = Laptop::new();
        laptop.add(customer("华科"));
        let backup = laptop.store().back_up(BackupReason::Manual).unwrap();
        laptop.close();
        match harm {
            Some(bytes) => fs::write(laptop.folder().database(), bytes).unwrap(),
            None => fs::remove_file(laptop.folder().database()).unwrap(),
        }
        laptop.keys.lose();
        let key = laptop.recovery.clone();
        assert!(matches!(refusal(laptop.recover(&key)), OpenError::Damaged));
        assert!(
            matches!(refusal(laptop.open()), OpenError::Damaged),
            "not locked any more"
        );
        file::restore(&laptop.location(), &backup.name, None).unwrap();
        laptop.open().unwrap();
        assert_eq!(laptop.names(&Select::all("customer")), ["华科"]);
    }
}

#[test]
fn a_file_is_not_set_aside_while_someone_holds_the_folder() {
    let mut laptop = Laptop::new();
    let refused = file::set_aside(&laptop.location());
    assert!(
        matches!(refused, Err(OpenError::InUse { .. })),
        "{refused:?}"
    );
    laptop.close();
    let aside = file::set_aside(&laptop.location()).unwrap();
    assert!(aside.join("ketu.db").exists() && aside.join("ketu.keys").exists());
    assert!(matches!(refusal(laptop.open()), OpenError::Absent));
}

#[test]
fn nothing_of_what_people_write_stands_readable_in_the_folder() {
    let mut laptop = Laptop::new();
    laptop.add(customer("Huake-Klartext").phone("0755-26001234"));
    laptop.store().back_up(BackupReason::Manual).unwrap();
    // The write-ahead log and the backup too.
    let needles: [&[u8]; 4] = [
        b"Huake-Klartext",
        b"26001234",
        b"CUST-2026",
        b"create table",
    ];
    let mut files = 0;
    for file in [laptop.dir.path().to_owned(), laptop.folder().backups()]
        .iter()
        .flat_map(|dir| fs::read_dir(dir).unwrap())
    {
        let path = file.unwrap().path();
        if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            files += 1;
            for needle in needles {
                assert!(
                    !bytes.windows(needle.len()).any(|part| part == needle),
                    "{}",
                    path.display()
                );
            }
        }
    }
    assert!(files >= 5, "{files} files looked at");
    laptop.close();
}

#[test]
fn a_plaintext_file_is_refused_and_stays_as_it_is() {
    let mut laptop = Laptop::new();
    laptop.close();
    let database = laptop.folder().database();
    fs::write(&database, [&b"SQLite format 3\0"[..], &[7; 5_000]].concat()).unwrap();
    let before = fs::read(&database).unwrap();
    assert!(matches!(refusal(laptop.open()), OpenError::Plaintext));
    assert_eq!(fs::read(&database).unwrap(), before);
}

#[test]
fn a_file_without_its_slots_is_foreign_and_one_of_another_key_is_damage() {
    let (mut ours, mut theirs) = (Laptop::new(), Laptop::new());
    ours.close();
    theirs.close();
    fs::copy(theirs.folder().database(), ours.folder().database()).unwrap();
    assert!(matches!(refusal(ours.open()), OpenError::Damaged));
}

#[test]
fn a_second_holder_of_the_folder_is_told_who_has_it() {
    let laptop = Laptop::new();
    for opened in [
        Store::open(&laptop.location()),
        Store::create(&laptop.location()).map(|(store, _)| store),
    ] {
        match opened {
            Err(OpenError::InUse { owner }) => assert_eq!(owner, "李雷"),
            other => panic!("opened twice: {other:?}"),
        }
    }
    let restored = file::restore(&laptop.location(), "1-manual", None);
    assert!(
        matches!(restored, Err(OpenError::InUse { .. })),
        "{restored:?}"
    );
}

#[test]
fn closing_lets_the_folder_go_at_once() {
    let mut laptop = Laptop::new();
    for _ in 0..20 {
        laptop.open().unwrap();
    }
}

/// Opens the file, reads every page, searches: what a day's work would touch.
fn use_everything(laptop: &mut Laptop) -> Result<Vec<String>, OpenError> {
    laptop.open()?;
    let store = laptop.store();
    let findings = store.check_integrity()?;
    for entity in ["customer", "contact", "interaction"] {
        store.read(|reader| reader.list(&Select::all(entity)))?;
    }
    store.search("华科", &[], 10)?;
    Ok(findings)
}

fn is_damage(error: &OpenError) -> bool {
    match error {
        OpenError::Damaged => true,
        OpenError::Store(error) => error.is_damage(),
        _ => false,
    }
}

/// Sixty customers, a backup, and one customer that came after it.
fn laptop_with_a_backup() -> (Laptop, String) {
    let mut laptop = Laptop::new();
    laptop
        .write(|door| {
            for n in 0..60 {
                customer(&format!("华科第{n}分公司"))
                    .with("note", "备注".repeat(200))
                    .add(door)?;
            }
            Ok(())
        })
        .unwrap();
    let backup = laptop.store().back_up(BackupReason::Scheduled).unwrap();
    laptop.clock.advance(support::HOUR);
    laptop.add(customer("备份之后的公司"));
    laptop.close();
    (laptop, backup.name)
}

fn flip(path: &Path, at: usize, bytes: usize) {
    let mut content = fs::read(path).unwrap();
    for byte in content.iter_mut().skip(at).take(bytes) {
        *byte ^= 0x5a;
    }
    fs::write(path, content).unwrap();
}

#[test]
fn a_damaged_file_is_told_as_damaged_and_a_backup_brings_the_data_back() {
    let (mut laptop, backup) = laptop_with_a_backup();
    let database = laptop.folder().database();
    let whole = fs::read(&database).unwrap();
    type Harm = Box<dyn Fn(&Path)>;
    let middle = whole.len() / 8192 * 4096;
    let harms: Vec<(&str, Harm)> = vec![
        ("a flipped salt", Box::new(|path| flip(path, 3, 1))),
        ("a flipped header", Box::new(|path| flip(path, 40, 64))),
        (
            "a flipped page in the middle",
            Box::new(move |path| flip(path, middle + 500, 32)),
        ),
        (
            "flipped pages all over",
            Box::new(|path| {
                for page in 2..40 {
                    flip(path, page * 4096 + 100, 8);
                }
            }),
        ),
        (
            "cut in the middle of a page",
            Box::new(|path| fs::write(path, &fs::read(path).unwrap()[..40_960 + 77]).unwrap()),
        ),
        (
            "cut to a few bytes",
            Box::new(|path| fs::write(path, &fs::read(path).unwrap()[..10]).unwrap()),
        ),
        ("emptied", Box::new(|path| fs::write(path, b"").unwrap())),
        (
            "overwritten",
            Box::new(|path| fs::write(path, [0x41; 100_000]).unwrap()),
        ),
        ("lost", Box::new(|path| fs::remove_file(path).unwrap())),
    ];
    for (harm, damage) in harms {
        fs::write(&database, &whole).unwrap();
        damage(&database);
        let harmed = fs::read(&database).ok();
        match use_everything(&mut laptop) {
            Ok(findings) => assert!(!findings.is_empty(), "{harm}: nobody noticed"),
            Err(error) => assert!(is_damage(&error), "{harm}: {error:?}"),
        }
        laptop.close();

        laptop.clock.advance(1_000);
        let aside = file::restore(&laptop.location(), &backup, None).unwrap();
        match (aside, harmed) {
            (Some(aside), Some(harmed)) => {
                let kept = fs::read(aside.join("ketu.db")).unwrap();
                assert_eq!(
                    kept.len(),
                    harmed.len(),
                    "{harm}: what was moved aside is the damaged file"
                );
            }
            (None, None) => {}
            other => panic!("{harm}: {other:?}"),
        }
        assert_eq!(
            use_everything(&mut laptop).unwrap(),
            Vec::<String>::new(),
            "{harm}"
        );
        assert_eq!(laptop.list(&Select::all("customer")).len(), 60, "{harm}");
        laptop.close();
    }
}

#[test]
fn a_search_over_a_damaged_file_is_an_error_and_not_an_empty_answer() {
    let (mut laptop, _) = laptop_with_a_backup();
    let database = laptop.folder().database();
    let pages = fs::read(&database).unwrap().len() / 4096;
    let mut errors = 0;
    for page in (4..pages).step_by(3) {
        let whole = fs::read(&database).unwrap();
        flip(&database, page * 4096 + 64, 16);
        match laptop.open() {
            Err(error) => assert!(is_damage(&error), "page {page}: {error:?}"),
            Ok(()) => match laptop.store().search("华科", &["customer"], usize::MAX) {
                Ok(found) => assert_eq!(found.total, 60, "page {page}"),
                Err(error) => {
                    errors += 1;
                    assert!(error.is_damage(), "page {page}: {error:?}");
                }
            },
        }
        laptop.close();
        for suffix in ["-wal", "-shm"] {
            let _ = fs::remove_file(laptop.dir.path().join(format!("ketu.db{suffix}")));
        }
        fs::write(&database, whole).unwrap();
    }
    assert!(errors > 0, "no flip hit a page that the search reads");
}

#[test]
fn a_bad_backup_takes_nothing_away() {
    let (mut laptop, backup) = laptop_with_a_backup();
    let file = laptop.folder().backups().join(format!("{backup}.db"));
    flip(&file, 20_000, 64);
    let database = fs::read(laptop.folder().database()).unwrap();
    for name in [backup.as_str(), "1-manual", "../ketu"] {
        let refused = file::restore(&laptop.location(), name, None);
        assert!(
            matches!(refused, Err(OpenError::Store(StoreError::BadBackup(_)))),
            "{name}: {refused:?}"
        );
    }
    assert_eq!(fs::read(laptop.folder().database()).unwrap(), database);
    assert!(!laptop.dir.path().join("ketu.db.restored").exists());
    laptop.open().unwrap();
    assert_eq!(laptop.list(&Select::all("customer")).len(), 61);
}
