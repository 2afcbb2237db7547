//! The server: joining it, exchanging work with it, and what it left to people.

use std::io::BufRead;

use ketu_app::ApiError;
use serde_json::{Value as Json, json};

use crate::answer::Answer;
use crate::arguments::SyncWhat;
use crate::core::{Core, refusal, text};
use crate::language::Language;
use crate::names::{list_of, local_time};
use crate::table::table;

/// Joins with an invitation; where this laptop has joined already, comes in again by a new one. The password is read from
/// standard input: an argument could be read by every program of this machine.
pub fn join(
    core: &Core,
    language: Language,
    invitation: &str,
    preview: bool,
    merge: &[String],
) -> Result<Answer, ApiError> {
    let password = line_of_input()?;
    let request = json!({ "invitation": invitation, "password": password });
    let status = core.call("sync_status", json!({}))?;
    if !status["account"].is_null() && !preview && merge.is_empty() {
        let status = core.call("sync_log_in", request)?;
        let said = standing(language, &status);
        return Ok(Answer::new(status, said));
    }
    let seen = core.call("sync_enrol", request)?;
    let matches = list_of(&seen["matches"]);
    let mut said = match matches.len() {
        0 => String::new(),
        count => {
            let about = language.of(
                "公司已有的客户：",
                "Customers that the company has already: ",
            );
            format!("{about}{count}\n{}\n", matched(language, matches))
        }
    };
    if preview {
        core.call("sync_withdraw", json!({}))?;
        return Ok(Answer::new(seen, said));
    }
    let status = core.call("sync_join", json!({ "merge": merge }))?;
    said.push_str(&standing(language, &status));
    Ok(Answer::new(status, said))
}

fn matched(language: Language, matches: &[Json]) -> String {
    let headings = language.of(
        ["编号", "我的客户", "公司已有", "依据"],
        ["Id", "Mine", "Theirs", "By"],
    );
    let rows: Vec<Vec<String>> = matches
        .iter()
        .map(|one| {
            let hidden = language.of("（同事名下）", "(a colleague's)");
            let theirs = one["theirs"]["name"].as_str().unwrap_or(hidden);
            [
                text(&one["id"]),
                text(&one["name"]),
                theirs,
                text(&one["reason"]),
            ]
            .map(str::to_owned)
            .to_vec()
        })
        .collect();
    table(&headings.map(str::to_owned), &rows)
}

pub fn log_in(core: &Core, language: Language) -> Result<Answer, ApiError> {
    let password = line_of_input()?;
    let status = core.call("sync_log_in", json!({ "password": password }))?;
    let said = standing(language, &status);
    Ok(Answer::new(status, said))
}

fn line_of_input() -> Result<String, ApiError> {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.map_err(|error| refusal("io", &[("kind", &error.kind().to_string())]))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

pub fn sync(core: &Core, language: Language, what: Option<&SyncWhat>) -> Result<Answer, ApiError> {
    let whole = json!({ "offset": 0, "limit": 500 });
    let ask = |method, params| core.call(method, params);
    match what {
        None => {
            core.call("sync_now", json!({}))?;
            told(core, language)
        }
        Some(SyncWhat::Status) => told(core, language),
        Some(SyncWhat::Log) => as_json(ask("sync_log", json!({}))?),
        Some(SyncWhat::Test) => as_json(ask("sync_self_test", json!({}))?),
        Some(SyncWhat::Pause) => told_of(language, ask("sync_pause", json!({ "paused": true }))?),
        Some(SyncWhat::Resume) => told_of(language, ask("sync_pause", json!({ "paused": false }))?),
        Some(SyncWhat::Outbox) => as_json(ask("outbox", whole)?),
        Some(SyncWhat::Attention) => as_json(ask("attention", json!({}))?),
        Some(SyncWhat::Conflicts) => as_json(ask("conflicts", json!({ "settled": false }))?),
        Some(SyncWhat::Settle { choice, ids }) => as_json(ask(
            "settle_conflicts",
            json!({ "ids": ids, "choice": choice.name() }),
        )?),
    }
}

fn told(core: &Core, language: Language) -> Result<Answer, ApiError> {
    told_of(language, core.call("sync_status", json!({}))?)
}

fn told_of(language: Language, status: Json) -> Result<Answer, ApiError> {
    let said = standing(language, &status);
    Ok(Answer::new(status, said))
}

/// What is for programs first, as it is.
fn as_json(answer: Json) -> Result<Answer, ApiError> {
    let said = serde_json::to_string_pretty(&answer).expect("answers are plain data");
    Ok(Answer::new(answer, said))
}

/// Gives customers to a colleague, named by id or name, with everything below them.
pub fn transfer(
    core: &Core,
    language: Language,
    customers: &[String],
    to: &str,
    reason: Option<&str>,
) -> Result<Answer, ApiError> {
    let ids: Result<Vec<String>, ApiError> = customers
        .iter()
        .map(|customer| core.id_of("customer", customer))
        .collect();
    let catalog = core.call("catalog", json!({}))?;
    let users = list_of(&catalog["users"]);
    let named: Vec<&Json> = users
        .iter()
        .filter(|user| text(&user["id"]) == to || text(&user["name"]) == to)
        .collect();
    let [user] = named[..] else {
        return Err(refusal("no_user", &[("name", to)]));
    };
    let request = json!({ "customers": ids?, "to": user["id"], "reason": reason });
    let saved = core.call("transfer", request)?;
    let said = language.of("已转移。", "Transferred.");
    Ok(Answer::new(saved, said))
}

fn standing(language: Language, status: &Json) -> String {
    let phase = match text(&status["phase"]) {
        "alone" => language.of("没有加入服务器", "no server"),
        "paused" => language.of("已暂停", "paused"),
        "syncing" => language.of("正在同步", "synchronising"),
        "up_to_date" => language.of("已同步", "up to date"),
        "waiting" => language.of("等待同步", "waiting"),
        "offline" => language.of("连不上服务器", "the server cannot be reached"),
        _ => language.of("已停止", "stopped"),
    };
    let mut said = phase.to_owned();
    for (name, chinese, english) in [
        ("pending", "未同步", "not synchronised"),
        ("attention", "待处理", "need attention"),
        ("conflicts", "待定修改", "conflicts"),
    ] {
        let count = status[name].as_u64().unwrap_or(0);
        if count > 0 {
            said.push_str(&format!("\n{}: {count}", language.of(chinese, english)));
        }
    }
    if let Some(at) = status["last_sync"].as_i64() {
        let about = language.of("上次同步", "last synchronised");
        said.push_str(&format!("\n{about}: {}", local_time(at)));
    }
    if let Some(code) = status["trouble"]["code"].as_str() {
        said.push_str(&format!("\n{}: {code}", language.of("原因", "because")));
    }
    said
}
