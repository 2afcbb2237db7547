//! The opportunity board: deals by stage with counts and sums, moving one, and what a stage brings with it.

use ketu_model::catalog::shipped::Outcome;
use ketu_model::query::Test;
use ketu_model::{Fields, RecordId, Value};
use ketu_store::{Door, Reader, Select};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::api::records::{Saved, Titles};
use crate::api::work::{Board, BoardCard, BoardColumn, BoardRequest, MoveStage};
use crate::app::{App, not_found};
use crate::customers::condition;
use crate::error::{AppError, Result};
use crate::present;
use crate::records::saved;
use crate::session::pipelines;

const DAY: i64 = 86_400_000;

pub(crate) fn board(app: &App, request: BoardRequest) -> Result<Board> {
    let now = app.clock().now();
    app.read(|reader| {
        let pipeline = pipelines(reader)?
            .into_iter()
            .find(|pipeline| pipeline.id == request.pipeline);
        let pipeline = pipeline.ok_or_else(|| not_found("pipeline", request.pipeline))?;
        let mut titles = Titles::new();
        let mut columns = Vec::with_capacity(pipeline.stages.len());
        for stage in pipeline.stages {
            let mut select = Select::all("opportunity").of("stage", stage.id);
            if let Some(filter) = &request.filter {
                select = select.filter(filter.clone());
            }
            let amount = ["amount".to_owned()];
            let sum = reader
                .sums(&select, &amount)?
                .remove("amount")
                .unwrap_or_default();
            // Amounts stay far below 2^53 fen, so the float total is exact.
            let sum = sum
                .get(ketu_model::value::HOME_CURRENCY)
                .copied()
                .unwrap_or(0.0) as i64;
            let total = reader.count(&select)?;
            let shown = reader.list(
                &select
                    .sort("expected_close", false)
                    .limit(request.cards.clamp(1, 500)),
            )?;
            let mut cards = Vec::with_capacity(shown.len());
            for (deal, record) in shown.iter().zip(present::records(
                reader,
                "opportunity",
                shown.clone(),
                &mut titles,
            )?) {
                cards.push(BoardCard {
                    days_in_stage: days_in_stage(reader, deal.id, now)?,
                    next_reminder_at: next_reminder(reader, deal.id)?,
                    record,
                });
            }
            columns.push(BoardColumn {
                stage: stage.id,
                name: stage.name,
                name_en: stage.name_en,
                probability: stage.probability,
                outcome: stage.outcome,
                count: total,
                sum,
                weighted: (sum as f64 * stage.probability / 100.0).round() as i64,
                cards,
            });
        }
        Ok(Board { columns, titles })
    })
}

fn days_in_stage(reader: &Reader<'_>, deal: Uuid, now: i64) -> Result<u32> {
    let since = reader
        .history(RecordId(deal))?
        .iter()
        .find(|row| row.patch.contains_key("stage"))
        .map_or(now, |row| ketu_model::clock::Hlc(row.hlc).millis());
    Ok(u32::try_from((now - since).max(0) / DAY).unwrap_or(u32::MAX))
}

fn next_reminder(reader: &Reader<'_>, deal: Uuid) -> Result<Option<i64>> {
    let open = Select::all("reminder")
        .of("opportunity", deal)
        .filter(condition("done_at", Test::Empty, Json::Null))
        .sort("due_at", false)
        .limit(1);
    Ok(reader
        .list(&open)?
        .first()
        .and_then(|reminder| reminder.fields.value("due_at").as_instant()))
}

pub(crate) fn move_stage(app: &App, request: MoveStage) -> Result<Saved> {
    let committed = app.write("move_stage", |door| {
        let mut patch = Fields::new().with("stage", request.stage);
        if let Some(reason) = request.lost_reason {
            patch.set("lost_reason", reason.into());
        }
        if let Some(next_step) = request.next_step {
            patch.set("next_step", Value::Text(next_step));
        }
        update(door, "opportunity", request.id, patch)
    })?;
    Ok(saved(request.id, &committed))
}

/// A person's change of any record, by whatever front door. What a deal's stage brings with it is decided here
/// alone.
pub(crate) fn update(
    door: &mut Door<'_>,
    entity: &str,
    id: Uuid,
    mut patch: Fields,
) -> Result<bool> {
    if entity == "opportunity" && (patch.contains("stage") || patch.contains("lost_reason")) {
        follow_stage(door, id, &mut patch)?;
    }
    Ok(door.update(entity, id, patch)?)
}

/// A lost deal says why, and no other does once it moves on. The win rate follows the stage unless someone set it
/// by hand; that of a deal that is won or lost is the stage's.
fn follow_stage(door: &Door<'_>, id: Uuid, patch: &mut Fields) -> Result<()> {
    let deal = door
        .get("opportunity", id)?
        .ok_or_else(|| not_found("opportunity", id))?;
    let old = deal.fields.id("stage");
    // An emptied stage is refused as every required field is.
    let Some(new) = patch.get("stage").map_or(old, Value::as_id) else {
        return Ok(());
    };
    // One that is not there is refused as every reference that leads nowhere is.
    let Some(stage) = door.get("stage", new)? else {
        return Ok(());
    };
    let outcome = Outcome::of(stage.fields.id("outcome"));
    if outcome == Outcome::Lost {
        let said = patch.get("lost_reason");
        if said
            .unwrap_or_else(|| deal.fields.value("lost_reason"))
            .is_null()
        {
            return Err(AppError::refused_field(
                "lost_reason_required",
                "lost_reason",
            ));
        }
    }
    if old == Some(new) {
        return Ok(());
    }
    patch.set("pipeline", stage.fields.value("pipeline").clone());
    if outcome != Outcome::Lost {
        patch.set("lost_reason", Value::Null);
    }
    let of_old = match old {
        Some(id) => door.get("stage", id)?,
        None => None,
    };
    let probability = deal.fields.value("probability");
    let by_hand = patch.contains("probability")
        || of_old.is_some_and(|old| {
            old.fields.value("probability") != probability && !probability.is_null()
        });
    if outcome != Outcome::Open || !by_hand {
        patch.set("probability", stage.fields.value("probability").clone());
    }
    Ok(())
}
