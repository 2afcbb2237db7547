//! What a laptop sees to by itself: that the journal has the work that the server does not have, that a restored file takes
//! up what it lost, and that the sums that it compares are those of its rows.

use std::collections::BTreeMap;
use std::time::Duration;

use ketu_model::authorize::Scope;
use ketu_store::StoreError;
use ketu_sync::client::Event;
use ketu_sync::digest::bucket;
use ketu_sync::message::Sum;
use serde_json::json;
use tokio::time::sleep;
use uuid::Uuid;

use super::account::Account;
use super::round::Stopped;
use super::{local, words};
use crate::app::App;

/// Edits that follow each other are written together.
const GATHER: Duration = Duration::from_millis(300);
/// How often sums are computed anew, milliseconds (docs/sync-protocol.md §6.1).
const EVERY: i64 = 24 * 3_600_000;
const CHECKED: &str = "sync_sums_checked";

/// Brings the journal up to the log whenever somebody worked, with or without a network (§7.3).
pub(super) async fn keep_journal(app: &App) {
    while !app.is_stopping() {
        app.desk().worked().await;
        sleep(GATHER).await;
        let Ok(session) = app.session() else {
            continue;
        };
        let followed = match session.store.sync_state() {
            Ok(None) => continue,
            Ok(Some(_)) => session.store.follow_journal(),
            Err(error) => Err(error),
        };
        // Before anything is sent it is tried again, and then it counts.
        if let Err(error) = followed {
            tracing::error!(%error, "the outbox journal could not be followed");
        }
    }
}

/// Makes a copied or restored file one that may speak: another incarnation, and with it the work that only the journal has
/// (§7.2, §7.3).
pub(super) fn make_ready(app: &App, account: &Account) -> Result<(), Stopped> {
    let session = app.session()?;
    let store = &session.store;
    let state = store.read(local::state)?;
    if state.is_some() && !store.was_copied()? {
        return Ok(());
    }
    if state.is_none() {
        // A backup from before this laptop joined: what was sent since has its answers already.
        if session.user != account.user {
            store.become_user(session.user, account.user)?;
            app.become_user(account.user);
        }
        local::begin(store, Uuid::now_v7())?;
    }
    let recovered = local::recover(store)?;
    app.announce(&recovered.changes);
    if store.was_copied()? {
        let taken = local::take(store, &Event::Copied(Uuid::now_v7()), Uuid::now_v7())?;
        app.announce(&taken.changes);
    }
    let count = [("count", recovered.value.to_string())];
    Ok(app
        .desk()
        .note(store, app.clock().now(), "copied", &count)?)
}

/// Buckets differ from the server's though they were fetched (§6.2): what stands here of them is kept beside the file,
/// without a word that people wrote.
pub(super) fn keep_evidence(app: &App, scope: Scope, buckets: &[u8]) -> Result<(), Stopped> {
    let session = app.session()?;
    let (store, now) = (&session.store, app.clock().now());
    let mut rows = Vec::new();
    let (state, sums) = store.read(|reader| {
        reader.each_confirmed(|confirmed| {
            if confirmed.scopes.contains(&scope) && buckets.contains(&bucket(confirmed.row.id)) {
                let kept = Sum(confirmed.seal.sum);
                let row = words::row(confirmed.row);
                rows.push(json!({
                    "id": row.id, "entity": row.entity, "rev": row.rev, "sum": kept, "sum_of_row": Sum(row.sum()),
                }));
            }
            Ok(())
        })?;
        Ok::<_, StoreError>((local::state(reader)?, local::sums(reader, scope)?))
    })?;
    let kept: BTreeMap<u8, Option<&Sum>> = buckets
        .iter()
        .map(|bucket| (*bucket, sums.get(usize::from(*bucket))))
        .collect();
    let evidence = json!({
        "at": now, "scope": scope.to_string(), "buckets": kept, "state": state, "rows": rows,
    });
    let path = store.folder().evidence(now / EVERY);
    ketu_store::file::write_atomically(&path, evidence.to_string().as_bytes())?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let file = [("file", name.into_owned())];
    Ok(app.desk().note(store, now, "evidence", &file)?)
}

/// Once a day: where a kept sum is not that of its rows it becomes it, and the next comparison finds what is missing.
/// Says whether there was such a one.
pub(super) fn check_sums(app: &App) -> Result<bool, Stopped> {
    let store = app.session()?.store;
    let now = app.clock().now();
    let last = store.read(|reader| reader.meta(CHECKED))?;
    let last = last.and_then(|at| at.parse::<i64>().ok());
    if last.is_none() {
        // The first session compared them with the server's just now.
        store.set_meta(CHECKED, &now.to_string())?;
        return Ok(false);
    }
    if last.is_some_and(|at| (0..EVERY).contains(&(now - at))) {
        return Ok(false);
    }
    let is_wrong = !store.read(local::verify)?.is_empty();
    if is_wrong {
        let mended = local::mend_sums(&store)?;
        tracing::error!(buckets = mended.len(), "sums were not those of their rows");
        app.desk().note(&store, now, "repaired", &[])?;
    }
    store.set_meta(CHECKED, &now.to_string())?;
    Ok(is_wrong)
}
