//! Why it does not synchronise: each thing that has to hold, looked at one after the other.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::account::{Account, Denied};
use super::link::{Link, LinkError};
use super::round::Line;
use super::runner::wait_for;
use super::status::counts;
use crate::api::session::{Doctor, Finding, Nothing};
use crate::app::App;
use crate::error::Result;

const PATIENCE: Duration = Duration::from_secs(10);
/// Milliseconds by which clocks may differ without a word.
const CLOCK: i64 = 120_000;
/// Bytes that a session may need on the disk.
const ROOM: u64 = 200 << 20;

#[derive(Deserialize)]
struct Health {
    now: i64,
}

/// Findings with codes `network`, `server`, `certificate`, `portal`, `clock`, `rights`, `disk`, `paused`, `outbox`, `attention`, each
/// `ok`, `warning` or `problem`.
pub(crate) fn self_test(app: &App, _: Nothing) -> Result<Doctor> {
    let session = app.session()?;
    let mut findings = Vec::new();
    let Some(account) = Account::load(&session.store)?.filter(|account| account.joined) else {
        say(&mut findings, "warning", "not_joined", &[]);
        return Ok(Doctor { findings });
    };
    if app.desk().is_paused() {
        say(&mut findings, "warning", "paused", &[]);
    }
    match account.link() {
        Ok(link) => wait_for(ask(app, account, &link, &mut findings))??,
        Err(error) => refused(&mut findings, "server", &error),
    }
    let folder = session.store.folder().path();
    match fs4::available_space(folder) {
        Ok(left) if left < ROOM => {
            say(
                &mut findings,
                "problem",
                "disk",
                &[("left_mb", (left >> 20).to_string())],
            );
        }
        Ok(left) => say(
            &mut findings,
            "ok",
            "disk",
            &[("left_mb", (left >> 20).to_string())],
        ),
        Err(error) => tracing::warn!(%error, "the room on the disk is not known"),
    }
    let counts = counts(app)?;
    let level = if counts.pending == 0 { "ok" } else { "warning" };
    say(
        &mut findings,
        level,
        "outbox",
        &[("count", counts.pending.to_string())],
    );
    if counts.attention > 0 {
        let count = counts.attention.to_string();
        say(&mut findings, "warning", "attention", &[("count", count)]);
    }
    Ok(Doctor { findings })
}

async fn ask(app: &App, account: Account, link: &Link, findings: &mut Vec<Finding>) -> Result<()> {
    let health: Health = match link.get("/v1/health", None, PATIENCE).await {
        Ok(health) => health,
        Err(error) => {
            let code = match error {
                LinkError::Certificate => "certificate",
                LinkError::Portal | LinkError::Garbled => "portal",
                LinkError::Offline | LinkError::Cut => "network",
                _ => "server",
            };
            refused(findings, code, &error);
            return Ok(());
        }
    };
    let server = link.server().to_string();
    say(findings, "ok", "server", &[("server", server)]);
    let offset = health.now - app.clock().now();
    let level = if offset.abs() > CLOCK {
        "warning"
    } else {
        "ok"
    };
    say(
        findings,
        level,
        "clock",
        &[("offset_ms", offset.to_string())],
    );
    let mut line = Line::of(app, account)?;
    match line.token(&app.session()?.store).await {
        Ok(_) => {
            let role = line.account.role.clone().unwrap_or_default();
            say(findings, "ok", "rights", &[("role", role)]);
            Ok(())
        }
        Err(Denied::Link(error)) => {
            refused(findings, "rights", &error);
            Ok(())
        }
        Err(Denied::App(error)) => Err(error),
    }
}

fn refused(findings: &mut Vec<Finding>, code: &str, error: &LinkError) {
    say(
        findings,
        "problem",
        code,
        &[("reason", error.code().to_owned())],
    );
}

fn say(findings: &mut Vec<Finding>, level: &str, code: &str, params: &[(&str, String)]) {
    let params = params.iter();
    findings.push(Finding {
        level: level.to_owned(),
        code: code.to_owned(),
        params: params
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect::<BTreeMap<_, _>>(),
    });
}
