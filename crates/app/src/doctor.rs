//! Doctor: is the file whole, are the keys and backups where they should be.

use std::collections::BTreeMap;

use ketu_store::file::{Folder, SlotFile};

use crate::api::session::{Doctor, FileState, Finding, Nothing};
use crate::app::App;
use crate::error::{ApiError, AppError, Result};

const DAY: i64 = 86_400_000;

pub(crate) fn doctor(app: &App, _: Nothing) -> Result<Doctor> {
    let folder = Folder::new(&app.options().data_dir);
    let mut findings = Vec::new();
    let mut say = |level: &str, code: &str, params: &[(&str, String)]| {
        let params = params
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        findings.push(Finding {
            level: level.to_owned(),
            code: code.to_owned(),
            params: params.collect::<BTreeMap<_, _>>(),
        });
    };
    let mut is_damaged = false;
    match app.session() {
        Ok(session) => match session.store.check_integrity() {
            Ok(problems) if problems.is_empty() => say("ok", "file_whole", &[]),
            Ok(problems) => {
                is_damaged = true;
                say(
                    "problem",
                    "file_damaged",
                    &[("count", problems.len().to_string())],
                );
            }
            Err(error) => {
                is_damaged = error.is_damage();
                say(
                    "problem",
                    "file_unreadable",
                    &[("code", ApiError::from(&AppError::from(error)).code)],
                );
            }
        },
        Err(error) => match app.file_state() {
            FileState::FirstRun => say("warning", "no_file", &[]),
            // The window is open: it holds the file, and nothing is wrong with that.
            FileState::InUse { owner } => say("warning", "file_in_use", &[("owner", owner)]),
            state => {
                is_damaged = matches!(state, FileState::Damaged { .. });
                say(
                    "problem",
                    "file_not_open",
                    &[("code", ApiError::from(&error).code)],
                );
            }
        },
    }
    let now = app.clock().now();
    let backups = folder.list_backups();
    let latest = folder.latest_backup(now);
    if let Some(way_back) = latest.as_ref().or(backups.first())
        && is_damaged
    {
        say(
            "warning",
            "restore_backup",
            &[("name", way_back.name.clone())],
        );
    }
    let copies = [folder.slots(), folder.slots_copy()];
    let whole = copies
        .iter()
        .filter(|path| SlotFile::read_from(path).is_some())
        .count();
    match (whole, app.file_state()) {
        (2, _) => say("ok", "key_slots", &[]),
        (_, FileState::FirstRun) => {}
        (1, _) => say("warning", "key_slots_one_copy", &[]),
        _ => say("problem", "key_slots_missing", &[]),
    }
    if let Ok(session) = app.session() {
        let confirmed =
            session.read(|reader| Ok::<_, AppError>(reader.meta("recovery_key_confirmed")?))?;
        if confirmed.as_deref() == Some("yes") {
            say("ok", "recovery_key", &[]);
        } else {
            say("warning", "recovery_key_not_saved", &[]);
        }
        if app.keys().kind() == "key_file" {
            say("warning", "key_file", &[]);
        }
    }
    let ahead = backups.iter().filter(|backup| backup.at > now).count();
    if ahead > 0 {
        say("warning", "backups_ahead", &[("count", ahead.to_string())]);
    }
    match latest {
        Some(latest) if now - latest.at < 2 * DAY => {
            say("ok", "backups", &[("count", backups.len().to_string())]);
        }
        Some(_) => say(
            "warning",
            "backup_old",
            &[("count", backups.len().to_string())],
        ),
        None => say("warning", "no_backup", &[]),
    }
    Ok(Doctor { findings })
}
