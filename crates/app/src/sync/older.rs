//! History that pulls left at the server, fetched when somebody wants to read it (docs/sync-protocol.md §5.11).

use std::time::Duration;

use ketu_store::sync::SyncWrites;
use ketu_store::{Reader, Store, Write};
use ketu_sync::message::HistoryEntry;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::account::Account;
use super::link::LinkError;
use super::round::Line;
use super::runner::wait_for;
use super::status::joined;
use super::words;
use crate::api::records::RecordRef;
use crate::api::sync::OlderHistory;
use crate::app::App;
use crate::error::{AppError, Result};

const PATIENCE: Duration = Duration::from_secs(30);
/// Answers that are fetched of one record: some thousand changes.
const MOST: usize = 20;

#[derive(Serialize)]
struct Asked {
    record: Uuid,
    below: Option<i64>,
}

#[derive(Deserialize)]
struct Part {
    entries: Vec<HistoryEntry>,
    more: bool,
}

/// Records of which the server has older history: on a laptop of its own there is none.
pub(crate) fn missing(reader: &Reader<'_>, record: Uuid) -> Result<Vec<(Uuid, Option<i64>)>> {
    match reader.sync_state()? {
        Some(_) => Ok(reader.history_missing(record)?),
        None => Ok(Vec::new()),
    }
}

/// Fetches what the server has of a record's history, and of what hangs below it, before what is told here.
pub(crate) fn fetch(app: &App, request: RecordRef) -> Result<OlderHistory> {
    let store = joined(app)?.store;
    let account = Account::load(&store)?.ok_or_else(|| AppError::refused("not_joined"))?;
    let mut line = Line::of(app, account)?;
    let missing = store.read(|reader| missing(reader, request.id))?;
    let mut added = 0;
    for (record, mut below) in missing {
        for _ in 0..MOST {
            let Some(part) = ask(&mut line, &store, record, below)? else {
                break;
            };
            below = part.entries.last().map(|entry| entry.seq);
            let more = part.more && below.is_some();
            added += keep(&store, record, part.entries)?;
            if !more {
                break;
            }
        }
    }
    Ok(OlderHistory { added })
}

/// Nothing of a record that is not seen any more: the next session says so.
fn ask(line: &mut Line, store: &Store, record: Uuid, below: Option<i64>) -> Result<Option<Part>> {
    wait_for(async {
        let token = line.token(store).await?;
        let asked = Asked { record, below };
        let answer = line
            .link
            .post("/v1/history", Some(&token), &asked, PATIENCE)
            .await;
        match answer {
            Ok(part) => Ok(Some(part)),
            Err(LinkError::Fault { status: 404, .. }) => Ok(None),
            Err(error) => Err(AppError::from(error)),
        }
    })?
}

/// Says how many were new. What left this laptop meanwhile gets no history.
fn keep(store: &Store, record: Uuid, entries: Vec<HistoryEntry>) -> Result<u32> {
    let committed = store.transact(Write::confirmed(), |door| {
        let known = door.reader().lookup()?.record(record, None, false)?;
        if known.confirmed.is_none() {
            return Ok(0);
        }
        let told: Vec<_> = entries.into_iter().map(words::told).collect();
        let before = door.reader().count_history(record)?;
        door.write_sync(SyncWrites {
            history: told,
            ..SyncWrites::default()
        })?;
        Ok::<_, AppError>(door.reader().count_history(record)? - before)
    })?;
    Ok(committed.value)
}
