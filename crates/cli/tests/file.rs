//! The data file as a whole: first run, scripts, unlocking, backups, doctor.
#![allow(clippy::unwrap_used)]

mod support;

use support::Ketu;

#[test]
fn without_a_file_every_command_says_so_and_names_the_way_on() {
    let ketu = Ketu::new();
    for args in [
        &["list", "customer"][..],
        &["import", "x.csv"],
        &["add", "customer", r#"{"name":"华科"}"#],
        &["search", "华"],
        &["undo"],
        &["backup"],
    ] {
        assert_eq!(ketu.refusal(args)["code"], "no_file", "{args:?}");
    }
    let said = String::from_utf8(ketu.run(&["list", "customer"]).stderr).unwrap();
    assert!(said.contains("ketu setup"), "{said}");
    assert_eq!(ketu.ask(&["doctor"])["findings"][0]["code"], "no_file");
}

#[test]
fn setup_makes_the_file_once_and_shows_its_recovery_key() {
    let ketu = Ketu::new();
    let done = ketu.ask(&["setup", "--name", "李雷", "--language", "en"]);
    assert!(done["recovery_key"].as_str().unwrap().len() > 20, "{done}");
    assert_eq!(done["key_store"], "key_file");
    assert_eq!(
        ketu.refusal(&["setup", "--name", "韩梅"])["code"],
        "already_set_up"
    );
    let said = ketu.say(&["list", "customer"]);
    assert!(
        said.contains("0 of 0"),
        "the file's language is English: {said}"
    );
}

#[test]
fn a_setup_without_a_name_is_refused() {
    let ketu = Ketu::new();
    let refused = ketu.refusal(&["setup", "--name", "  "]);
    assert_eq!(
        (refused["code"].as_str(), refused["field"].as_str()),
        (Some("invalid"), Some("name"))
    );
    assert_eq!(ketu.run(&["setup"]).status.code(), Some(2));
}

#[test]
fn a_script_that_says_whose_the_file_is_needs_no_setup() {
    let ketu = Ketu::new();
    let file = ketu.write("客户.csv", "公司名称\n华科技术\n");
    let output = ketu
        .command(&["import", &file, "--json"])
        .env("KETU_USER", "李雷")
        .output()
        .unwrap();
    assert!(output.status.success());
    let done: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(done["created"], 1);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with("recovery key: "), "{told}");
    assert_eq!(ketu.ask(&["list", "customer"])["count"], 1);
    // Reading never makes a file.
    let other = Ketu::new();
    let output = other
        .command(&["list", "customer"])
        .env("KETU_USER", "李雷")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn the_recovery_key_opens_a_file_whose_key_is_gone() {
    let ketu = Ketu::new();
    let key = ketu.ask(&["setup", "--name", "李雷"])["recovery_key"]
        .as_str()
        .unwrap()
        .to_owned();
    ketu.add("customer", r#"{"name":"华科"}"#);
    std::fs::remove_file(ketu.data().join("ketu.key")).unwrap();
    assert_eq!(ketu.refusal(&["list", "customer"])["code"], "locked");
    let unlock = |key: &str| ketu.run_with_input(&["unlock", "--json"], key);
    let refused: serde_json::Value = serde_json::from_slice(&unlock("no such key").stderr).unwrap();
    assert_eq!(refused["code"], "recovery_key_mistyped");
    let opened = unlock(&format!("{}\n", key.to_lowercase()));
    assert!(
        opened.status.success(),
        "{}",
        String::from_utf8_lossy(&opened.stderr)
    );
    assert_eq!(ketu.ask(&["list", "customer"])["count"], 1);
}

#[test]
fn a_backup_is_listed_and_brings_everything_back() {
    let ketu = Ketu::set_up();
    ketu.add("customer", r#"{"name":"华科"}"#);
    let name = ketu.ask(&["backup"])["name"].as_str().unwrap().to_owned();
    ketu.add("customer", r#"{"name":"恒远"}"#);
    let listed = ketu.ask(&["restore"]);
    assert_eq!(
        (
            listed["backups"][0]["name"].as_str(),
            listed["backups"][0]["reason"].as_str()
        ),
        (Some(name.as_str()), Some("manual"))
    );
    assert!(ketu.say(&["restore"]).contains(&name));
    let status = ketu.ask(&["restore", &name]);
    assert_eq!(status["state"]["name"], "ready");
    assert!(
        status["moved_aside"].is_string(),
        "what was there is kept: {status}"
    );
    assert_eq!(ketu.ask(&["list", "customer"])["count"], 1);
    assert_eq!(
        ketu.refusal(&["restore", "no-such-backup"])["code"],
        "no_backup"
    );
    assert_eq!(ketu.refusal(&["restore", "../../etc"])["code"], "no_backup");
}

#[test]
fn doctor_ends_with_1_when_it_finds_a_problem() {
    let ketu = Ketu::set_up();
    ketu.add("customer", r#"{"name":"华科"}"#);
    let levels = |found: &serde_json::Value| {
        let findings = found["findings"].as_array().unwrap().iter();
        findings
            .map(|finding| finding["level"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let found = ketu.ask(&["doctor"]);
    assert_eq!(found["findings"][0]["code"], "file_whole");
    assert!(!levels(&found).contains(&"problem".to_owned()), "{found}");
    for slots in ["ketu.keys", "ketu.keys.copy"] {
        std::fs::remove_file(ketu.data().join(slots)).unwrap();
    }
    let output = ketu.run(&["doctor", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(levels(&found).contains(&"problem".to_owned()), "{found}");
    let refused: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(refused["code"], "problems_found");
}

#[test]
fn a_folder_in_use_is_told_with_who_uses_it() {
    let ketu = Ketu::set_up();
    let mut holder = ketu
        .command(&["unlock"])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // The holder has the folder, under its own name, until its input ends.
    let (lock, name) = (ketu.data().join("ketu.lock"), format!("({})", holder.id()));
    while !std::fs::read_to_string(&lock).unwrap().ends_with(&name) {
        assert!(
            holder.try_wait().unwrap().is_none(),
            "the holder waits for its input"
        );
        std::thread::yield_now();
    }
    let refused = ketu.refusal(&["list", "customer"]);
    assert_eq!(refused["code"], "in_use");
    assert!(
        refused["params"]["owner"]
            .as_str()
            .unwrap()
            .ends_with(&name),
        "{refused}"
    );
    drop(holder.stdin.take());
    holder.wait().unwrap();
    ketu.ask(&["list", "customer"]);
}
