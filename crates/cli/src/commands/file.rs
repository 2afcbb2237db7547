//! The data file as a whole: first run, unlocking, backups, doctor.
#![allow(
    clippy::print_stderr,
    reason = "a recovery key made by a script's first run must reach a person"
)]

use std::io::BufRead;

use ketu_app::ApiError;
use serde_json::{Value as Json, json};

use crate::answer::Answer;
use crate::core::{Core, refusal, text};
use crate::language::Language;
use crate::names::{entries_of, list_of, local_time};
use crate::table::{pairs, table};

/// Names the person for whom a script's first `import` or `add` makes the file.
const USER: &str = "KETU_USER";

pub fn setup(
    core: &Core,
    language: Language,
    name: &str,
    tag: Option<&str>,
) -> Result<Answer, ApiError> {
    let tag = tag.map_or_else(
        || Language::of_environment().tag().to_owned(),
        |tag| Language::of_tag(tag).tag().to_owned(),
    );
    let done = core.call("set_up", json!({ "name": name, "language": tag }))?;
    let key = text(&done["recovery_key"]).to_owned();
    let kept = match text(&done["key_store"]) {
        "keyring" => language.of(
            "密钥保存在系统密钥库中。",
            "The key lies in the system's keyring.",
        ),
        _ => language.of(
            "本机没有密钥库：密钥保存在数据文件夹的 ketu.key 中，请保管好。",
            "There is no keyring here: the key lies in ketu.key in the data folder; guard it.",
        ),
    };
    let about = language.of(
        "恢复密钥（只显示这一次，请抄下或打印保存）：",
        "Recovery key (shown this once; write it down or print it):",
    );
    Ok(Answer::new(done, format!("{about}\n\n    {key}\n\n{kept}")))
}

/// Makes the file for a script that says whose it is; otherwise the first run is left to `setup`.
pub fn set_up_for_script(core: &Core, language: Language) -> Result<(), ApiError> {
    let Some(name) = std::env::var(USER)
        .ok()
        .filter(|name| !name.trim().is_empty())
    else {
        return Ok(());
    };
    if core.state()?["name"] != "first_run" {
        return Ok(());
    }
    let done = core.call(
        "set_up",
        json!({ "name": name, "language": Language::of_environment().tag() }),
    )?;
    let said = language.of("恢复密钥", "recovery key");
    eprintln!("{said}: {}", text(&done["recovery_key"]));
    Ok(())
}

/// The key is read from standard input: an argument could be read by every program of this machine.
pub fn unlock(core: &Core, language: Language) -> Result<Answer, ApiError> {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.map_err(|error| refusal("io", &[("kind", &error.kind().to_string())]))?;
    let status = core.call("unlock", json!({ "recovery_key": line.trim() }))?;
    if status["state"]["name"] == "damaged" {
        // The key was right; the way on is a backup.
        return Err(refusal("damaged", &[]));
    }
    Ok(Answer::new(
        status,
        language.of(
            "已解锁，本机以后可以直接打开。",
            "Unlocked; this laptop opens the file by itself from now on.",
        ),
    ))
}

pub fn backup(core: &Core, language: Language) -> Result<Answer, ApiError> {
    let made = core.call("back_up", json!({}))?;
    let said = format!(
        "{}: {}",
        language.of("已备份", "backed up"),
        text(&made["name"])
    );
    Ok(Answer::new(made, said))
}

pub fn restore(core: &Core, language: Language, name: Option<&str>) -> Result<Answer, ApiError> {
    let backups = core.call("backups", json!({}))?;
    let Some(name) = name else {
        return Ok(Answer::new(backups.clone(), listed(language, &backups)));
    };
    if !list_of(&backups["backups"])
        .iter()
        .any(|backup| backup["name"] == name)
    {
        return Err(refusal("no_backup", &[("name", name)]));
    }
    let status = core.call("restore_backup", json!({ "name": name }))?;
    let mut said = language.of("已恢复备份。", "Restored.").to_owned();
    if let Some(aside) = status["moved_aside"].as_str() {
        said.push_str(&format!(
            "{}{aside}",
            language.of("原来的文件移到了：", " What was here is now at ")
        ));
    }
    if let Some(code) = status["not_backed_up"].as_str() {
        let about = language.of(
            "\n恢复前没能备份原来的文件：",
            "\nWhat was here could not be backed up before: ",
        );
        said.push_str(&format!("{about}{code}"));
    }
    Ok(Answer::new(status, said))
}

fn listed(language: Language, backups: &Json) -> String {
    let backups = list_of(&backups["backups"]);
    if backups.is_empty() {
        return language
            .of("还没有备份。", "There are no backups yet.")
            .to_owned();
    }
    let headings = language.of(
        ["名称", "时间", "大小 KB", "原因"],
        ["Name", "Time", "KB", "Reason"],
    );
    let rows: Vec<Vec<String>> = backups
        .iter()
        .map(|backup| {
            vec![
                text(&backup["name"]).to_owned(),
                backup["at"].as_i64().map(local_time).unwrap_or_default(),
                backup["bytes"]
                    .as_u64()
                    .map_or_else(String::new, |bytes| bytes.div_ceil(1024).to_string()),
                text(&backup["reason"]).to_owned(),
            ]
        })
        .collect();
    table(&headings.map(str::to_owned), &rows)
}

/// Code, Chinese, English of what `doctor` finds.
const FINDINGS: &[(&str, &str, &str)] = &[
    ("file_whole", "数据文件完整", "the file is whole"),
    (
        "file_damaged",
        "数据文件有 {count} 处损坏",
        "the file is damaged in {count} places",
    ),
    (
        "file_unreadable",
        "数据文件读不出来（{code}）",
        "the file cannot be read ({code})",
    ),
    (
        "file_not_open",
        "数据文件没有打开（{code}）",
        "the file is not open ({code})",
    ),
    (
        "file_in_use",
        "数据文件正在使用（{owner}），没有检查",
        "the file is in use ({owner}) and was not checked",
    ),
    (
        "restore_backup",
        "可以恢复备份：ketu restore {name}",
        "a backup is the way back: ketu restore {name}",
    ),
    ("no_file", "还没有数据文件", "there is no data file yet"),
    (
        "key_slots",
        "密钥槽两份都完好",
        "both copies of the key slots are whole",
    ),
    (
        "key_slots_one_copy",
        "密钥槽只有一份完好",
        "only one copy of the key slots is whole",
    ),
    (
        "key_slots_missing",
        "密钥槽丢失",
        "the key slots are missing",
    ),
    ("recovery_key", "恢复密钥已保存", "the recovery key is kept"),
    (
        "recovery_key_not_saved",
        "恢复密钥还没有确认保存",
        "nobody has confirmed keeping the recovery key",
    ),
    (
        "key_file",
        "密钥在文件中，不在系统密钥库中",
        "the key lies in a file, not in a keyring",
    ),
    (
        "backups",
        "有 {count} 个备份，最近的不到两天",
        "{count} backups, the latest less than two days old",
    ),
    (
        "backup_old",
        "最近的备份已超过两天（共 {count} 个）",
        "the latest backup is older than two days ({count} in all)",
    ),
    (
        "backups_ahead",
        "有 {count} 个备份的时间在将来：本机时钟曾经走快",
        "{count} backups bear a time to come: this clock once ran ahead",
    ),
    ("no_backup", "还没有备份", "there is no backup yet"),
];

pub fn doctor(core: &Core, language: Language) -> Result<Answer, ApiError> {
    let found = core.call("doctor", json!({}))?;
    let findings = list_of(&found["findings"]);
    // Sentences, of which a table would cut the end.
    let lines: Vec<(String, String)> = findings
        .iter()
        .map(|finding| (mark(language, finding), said(language, finding)))
        .collect();
    let problems = findings
        .iter()
        .filter(|finding| finding["level"] == "problem")
        .count();
    let mut answer = Answer::new(found.clone(), pairs(&lines));
    if problems > 0 {
        answer.refusal = Some(refusal(
            "problems_found",
            &[("count", &problems.to_string())],
        ));
    }
    Ok(answer)
}

fn mark(language: Language, finding: &Json) -> String {
    match text(&finding["level"]) {
        "ok" => language.of("正常", "ok"),
        "warning" => language.of("注意", "warning"),
        _ => language.of("问题", "problem"),
    }
    .to_owned()
}

fn said(language: Language, finding: &Json) -> String {
    let code = text(&finding["code"]);
    let Some((_, chinese, english)) = FINDINGS.iter().find(|(known, _, _)| *known == code) else {
        return code.to_owned();
    };
    let mut sentence = language.of(*chinese, *english).to_owned();
    for (name, value) in entries_of(&finding["params"]) {
        sentence = sentence.replace(&format!("{{{name}}}"), text(value));
    }
    sentence
}
