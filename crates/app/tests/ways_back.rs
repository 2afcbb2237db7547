//! What can happen to a data file and its keys, and the way back from each.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::time::{Duration, Instant};

use ketu_store::file::{Folder, FolderLock};
use serde_json::{Value as Json, json};
use support::{Laptop, NOW};

const HOUR: i64 = 3_600_000;

/// A laptop with one customer, a backup of it, and the recovery key.
fn laptop_with_a_backup() -> (Laptop, String, Json) {
    let laptop = Laptop::new();
    let key =
        laptop.ok("set_up", json!({"name": "李雷", "language": "zh-CN"}))["recovery_key"].clone();
    laptop.add("customer", json!({"name": "华科"}));
    let backup = laptop.ok("back_up", json!({}))["name"].clone();
    (laptop, backup.as_str().unwrap().to_owned(), key)
}

fn customers(laptop: &Laptop) -> u64 {
    let opened = laptop.ok(
        "view_open",
        json!({"entity": "customer", "columns": [], "limit": 1}),
    );
    let window = laptop.ok(
        "view_window",
        json!({"view": opened["view"], "offset": 0, "limit": 1, "columns": []}),
    );
    window["count"].as_u64().unwrap()
}

fn state(laptop: &Laptop) -> Json {
    laptop.ok("status", json!({}))["state"]["name"].clone()
}

fn damage(laptop: &mut Laptop) {
    laptop.app.stop();
    fs::write(laptop.dir.path().join("ketu.db"), [0x41; 50_000]).unwrap();
}

fn findings(laptop: &Laptop) -> Vec<(String, String, Json)> {
    let found = laptop.ok("doctor", json!({}));
    let findings = found["findings"].as_array().unwrap().iter().map(|finding| {
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        (text("level"), text("code"), finding["params"].clone())
    });
    findings.collect()
}

#[test]
fn the_oldest_of_four_backups_of_one_day_is_restored() {
    let (laptop, oldest, _) = laptop_with_a_backup();
    for name in ["深蓝", "恒远"] {
        laptop.clock.advance(1_000);
        laptop.add("customer", json!({"name": name}));
        laptop.ok("back_up", json!({}));
    }
    laptop.clock.advance(1_000);
    let restored = laptop.ok("restore_backup", json!({"name": oldest}));
    assert_eq!(restored["state"]["name"], "ready");
    assert_eq!(restored["not_backed_up"], Json::Null);
    assert_eq!(customers(&laptop), 1);
    let backups = laptop.ok("backups", json!({}))["backups"].clone();
    assert_eq!(backups.as_array().unwrap().len(), 4, "{backups}");
    assert_eq!(backups[0]["reason"], "before_restore");
    // What was there before the restore is not lost either.
    laptop.clock.advance(1_000);
    laptop.ok("restore_backup", json!({"name": backups[0]["name"]}));
    assert_eq!(customers(&laptop), 3);
}

#[test]
fn a_backup_folder_that_cannot_be_written_does_not_stop_a_restore() {
    let (laptop, backup, _) = laptop_with_a_backup();
    laptop.add("customer", json!({"name": "深蓝"}));
    laptop.clock.advance(1_000);
    let in_the_way = format!("backups/{}-before_restore.part/x", NOW + 1_000);
    fs::create_dir_all(laptop.dir.path().join(in_the_way)).unwrap();
    let restored = laptop.ok("restore_backup", json!({"name": backup}));
    assert_eq!(restored["state"]["name"], "ready");
    assert_eq!(restored["not_backed_up"], "io");
    let aside = restored["moved_aside"].as_str().unwrap();
    assert!(std::path::Path::new(aside).join("ketu.db").exists());
    assert_eq!(customers(&laptop), 1);
}

#[test]
fn a_damaged_page_does_not_stop_a_restore() {
    let (mut laptop, backup, _) = laptop_with_a_backup();
    laptop.clock.advance(1_000);
    laptop.restart(false);
    let database = laptop.dir.path().join("ketu.db");
    let mut bytes = fs::read(&database).unwrap();
    for byte in bytes.iter_mut().skip(16_384).step_by(64) {
        *byte ^= 0x5a;
    }
    fs::write(&database, bytes).unwrap();
    let restored = laptop.ok("restore_backup", json!({"name": backup}));
    assert_eq!(restored["state"]["name"], "ready");
    assert!(restored["not_backed_up"].is_string(), "{restored}");
    assert_eq!(customers(&laptop), 1);
}

#[test]
fn a_damaged_file_without_its_keyring_is_told_as_damaged_once_the_recovery_key_is_given() {
    let (mut laptop, backup, key) = laptop_with_a_backup();
    damage(&mut laptop);
    laptop.keys.forget();
    laptop.restart(false);
    assert_eq!(state(&laptop), "locked");
    let status = laptop.ok("unlock", json!({"recovery_key": key}));
    assert_eq!(status["state"], json!({"name": "damaged", "backups": 1}));
    let restored = laptop.ok("restore_backup", json!({"name": backup}));
    assert_eq!(restored["state"]["name"], "ready");
    assert_eq!(customers(&laptop), 1);
}

#[test]
fn a_backup_whose_key_the_laptop_lost_is_restored_with_the_recovery_key() {
    let (mut laptop, backup, key) = laptop_with_a_backup();
    damage(&mut laptop);
    laptop.keys.forget();
    laptop.restart(false);
    let ask = |key: Option<&str>| json!({"name": backup, "recovery_key": key});
    assert_eq!(laptop.refused("restore_backup", ask(None)).code, "locked");
    assert_eq!(
        laptop.refused("restore_backup", ask(Some("0000"))).code,
        "recovery_key_mistyped"
    );
    laptop.ok("restore_backup", ask(key.as_str()));
    assert_eq!(customers(&laptop), 1);
    laptop.restart(false);
    assert_eq!(state(&laptop), "ready");
}

#[test]
fn lost_key_slots_come_back_from_a_backup() {
    let (mut laptop, _, _) = laptop_with_a_backup();
    laptop.app.stop();
    for slots in ["ketu.keys", "ketu.keys.copy"] {
        fs::remove_file(laptop.dir.path().join(slots)).unwrap();
    }
    laptop.restart(false);
    assert_eq!(state(&laptop), "ready");
    assert_eq!(customers(&laptop), 1);
    assert!(laptop.dir.path().join("ketu.keys.copy").exists());
}

#[test]
fn only_a_wreck_that_nobody_holds_is_given_up_for_a_new_file() {
    let (mut laptop, _, _) = laptop_with_a_backup();
    let anew = |laptop: &Laptop| laptop.refused("start_anew", json!({})).code;
    assert_eq!(anew(&laptop), "file_is_fine");
    laptop.app.stop();
    let folder = Folder::new(laptop.dir.path());
    let other = FolderLock::take(&folder, "韩梅梅").unwrap();
    laptop.restart(false);
    assert_eq!(anew(&laptop), "in_use");
    drop(other);

    damage(&mut laptop);
    laptop.restart(false);
    assert_eq!(state(&laptop), "damaged");
    let other = FolderLock::take(&folder, "韩梅梅").unwrap();
    assert_eq!(anew(&laptop), "in_use");
    assert!(folder.database().exists() && folder.slots().exists());
    drop(other);
    laptop.keys.forget();
    laptop.ok("open_again", json!({}));
    assert_eq!(state(&laptop), "locked");
    assert_eq!(anew(&laptop), "locked", "the recovery key may be found yet");
}

#[test]
fn after_a_new_beginning_an_older_backup_is_still_the_way_back() {
    let (mut laptop, backup, _) = laptop_with_a_backup();
    damage(&mut laptop);
    laptop.restart(false);
    assert_eq!(
        laptop.ok("start_anew", json!({}))["state"]["name"],
        "first_run"
    );
    laptop.ok("set_up", json!({"name": "李雷", "language": "zh-CN"}));
    assert_eq!(customers(&laptop), 0);
    laptop.ok("restore_backup", json!({"name": backup}));
    assert_eq!(customers(&laptop), 1);
}

#[test]
fn a_folder_that_cannot_be_used_is_told_with_its_cause() {
    let (mut laptop, _, _) = laptop_with_a_backup();
    laptop.app.stop();
    let lock = laptop.dir.path().join("ketu.lock");
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    laptop.restart(false);
    let status = laptop.ok("status", json!({}));
    assert_eq!(status["state"], json!({"name": "unusable", "reason": "io"}));
}

#[test]
fn a_backup_of_a_clock_that_ran_ahead_is_no_reason_to_go_without() {
    let mut laptop = Laptop::set_up();
    laptop.clock.advance(9_000 * HOUR);
    laptop.ok("back_up", json!({}));
    laptop.clock.advance(-9_000 * HOUR);
    laptop.add("customer", json!({"name": "华科"}));
    let found = findings(&laptop);
    let has = |level: &str, code: &str| {
        found
            .iter()
            .any(|(l, c, _)| (l.as_str(), c.as_str()) == (level, code))
    };
    assert!(has("warning", "backups_ahead"), "{found:?}");
    assert!(!has("ok", "backups"), "{found:?}");
    laptop.restart(true);
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let backups = laptop.ok("backups", json!({}))["backups"].clone();
        let mut all = backups.as_array().unwrap().iter();
        if all.any(|backup| backup["reason"] == "scheduled" && backup["at"] == NOW) {
            break;
        }
        assert!(Instant::now() < until, "no backup was made: {backups}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn doctor_names_the_way_back_and_does_not_mind_an_open_window() {
    let (mut laptop, backup, _) = laptop_with_a_backup();
    let problems = |laptop: &Laptop| {
        let found = findings(laptop).into_iter();
        found
            .filter(|(level, ..)| level == "problem")
            .map(|(_, code, _)| code)
            .collect::<Vec<_>>()
    };
    laptop.app.stop();
    let window = FolderLock::take(&Folder::new(laptop.dir.path()), "韩梅梅").unwrap();
    laptop.restart(false);
    assert_eq!(problems(&laptop), Vec::<String>::new());
    let in_use = (
        "warning".to_owned(),
        "file_in_use".to_owned(),
        json!({"owner": "韩梅梅"}),
    );
    assert!(findings(&laptop).contains(&in_use));
    drop(window);
    damage(&mut laptop);
    laptop.restart(false);
    assert_eq!(problems(&laptop), ["file_not_open"]);
    let way_back = (
        "warning".to_owned(),
        "restore_backup".to_owned(),
        json!({"name": backup}),
    );
    assert!(findings(&laptop).contains(&way_back));
}

#[test]
fn a_new_recovery_key_replaces_the_old_one_when_it_is_kept_and_not_before() {
    let mut laptop = Laptop::new();
    let old =
        laptop.ok("set_up", json!({"name": "李雷", "language": "zh-CN"}))["recovery_key"].clone();
    laptop.ok("recovery_key_confirmed", json!({}));
    let opens = |laptop: &mut Laptop, key: &Json| {
        laptop.keys.forget();
        laptop.restart(false);
        match laptop.call("unlock", json!({"recovery_key": key})) {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error.code, "wrong_key");
                false
            }
        }
    };
    let cancelled = laptop.ok("new_recovery_key", json!({}))["recovery_key"].clone();
    assert_eq!(
        laptop.ok("status", json!({}))["recovery_key_confirmed"],
        true
    );
    assert!(!opens(&mut laptop, &cancelled));
    assert!(opens(&mut laptop, &old), "the paper of then still opens");

    let confirmed = laptop.ok("new_recovery_key", json!({}))["recovery_key"].clone();
    laptop.ok("recovery_key_confirmed", json!({}));
    assert!(!opens(&mut laptop, &old));
    assert!(opens(&mut laptop, &confirmed));

    let saved = laptop.ok("new_recovery_key", json!({}))["recovery_key"].clone();
    let path = laptop.dir.path().join("key.txt");
    laptop.ok("save_recovery_key", json!({"path": path}));
    assert_eq!(
        laptop.ok("status", json!({}))["recovery_key_confirmed"],
        false
    );
    assert!(
        opens(&mut laptop, &saved),
        "a key in a file is none that opens nothing"
    );
}
