//! The customer page: facts, people, deals, what is open, and one timeline.

use ketu_model::clock::Hlc;
use ketu_model::query::{Condition, Filter, Test};
use ketu_store::{LogRow, Reader, Select, StoredRecord};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::api::records::Titles;
use crate::api::work::{
    CustomerPage, CustomerPageRequest, Timeline, TimelineEntry, TimelineRequest,
};
use crate::app::{App, not_found};
use crate::error::Result;
use crate::present;
use crate::session::pipelines;
use crate::sync::older;
use crate::views::home_sum;

/// People or deals of one customer that the page shows; more are in the lists.
const MOST: u32 = 200;

pub(crate) fn page(app: &App, request: CustomerPageRequest) -> Result<CustomerPage> {
    app.read(|reader| {
        let customer = reader.get("customer", request.id)?;
        let customer = customer.ok_or_else(|| not_found("customer", request.id))?;
        let mut titles = Titles::new();
        let mut below = |entity: &str, sort: &str, descending: bool| {
            let select = Select::all(entity)
                .of("customer", request.id)
                .sort(sort, descending)
                .limit(MOST);
            present::records(reader, entity, reader.list(&select)?, &mut titles)
        };
        let contacts = below("contact", "name", false)?;
        let participations = below("participation", "created_at", false)?;
        let open = Select::all("reminder")
            .of("customer", request.id)
            .filter(condition("done_at", Test::Empty, Json::Null))
            .sort("due_at", false)
            .limit(MOST);
        let reminders = present::records(reader, "reminder", reader.list(&open)?, &mut titles)?;
        let deals = reader.list(
            &Select::all("opportunity")
                .of("customer", request.id)
                .sort("stage", false)
                .limit(MOST),
        )?;
        let open_stages = open_stages(reader)?;
        let is_open = |deal: &&StoredRecord| {
            deal.fields
                .id("stage")
                .is_some_and(|stage| open_stages.contains(&stage))
        };
        let open_amount = home_sum(
            deals
                .iter()
                .filter(is_open)
                .map(|deal| deal.fields.value("amount")),
        );
        let opportunities = present::records(reader, "opportunity", deals, &mut titles)?;
        let visits = Select::all("interaction").of("customer", request.id);
        let last = reader.list(&visits.clone().sort("occurred_at", true).limit(1))?;
        Ok(CustomerPage {
            customer: present::record(reader, "customer", customer)?,
            contacts,
            opportunities,
            participations,
            reminders,
            interaction_count: reader.count(&visits)?,
            last_interaction_at: last
                .first()
                .and_then(|visit| visit.fields.value("occurred_at").as_instant()),
            open_amount,
            titles,
        })
    })
}

pub(crate) fn open_stages(reader: &Reader<'_>) -> Result<Vec<Uuid>> {
    let stages = pipelines(reader)?
        .into_iter()
        .flat_map(|pipeline| pipeline.stages);
    Ok(stages
        .filter(|stage| stage.outcome == "open")
        .map(|stage| stage.id)
        .collect())
}

pub(crate) fn condition(field: &str, test: Test, value: Json) -> Filter {
    Filter::Field(Condition {
        field: field.to_owned(),
        test,
        value,
    })
}

/// One page of interactions and changes together, the latest first.
pub(crate) fn timeline(app: &App, request: TimelineRequest) -> Result<Timeline> {
    app.read(|reader| {
        let before = request.before.unwrap_or(i64::MAX >> 16);
        let limit = request.limit.clamp(1, 200);
        let mut titles = Titles::new();
        let mut entries = Vec::new();
        if request.only.as_deref() != Some("changes") {
            let visits = visits_before(reader, request.customer, before, limit)?;
            for record in present::records(reader, "interaction", visits, &mut titles)? {
                let at = record.fields.get("occurred_at").and_then(Json::as_i64);
                let at = at.unwrap_or(record.created_at);
                entries.push(TimelineEntry::Interaction { at, record });
            }
        }
        if request.only.as_deref() != Some("interactions") {
            let rows = changes_before(reader, request.customer, before, limit)?;
            for change in present::history(reader, rows, &mut titles)? {
                entries.push(TimelineEntry::Change {
                    at: change.at,
                    change,
                });
            }
        }
        entries.sort_by_key(|entry| std::cmp::Reverse(at(entry)));
        let next = cut(&mut entries, limit as usize);
        let is_end = next.is_none() && request.only.as_deref() != Some("interactions");
        let older = is_end && !older::missing(reader, request.customer)?.is_empty();
        Ok(Timeline {
            entries,
            next,
            older,
            titles,
        })
    })
}

/// The latest interactions before an instant, and all others of the last one's instant: a page
/// never parts what happened at once.
fn visits_before(
    reader: &Reader<'_>,
    customer: Uuid,
    before: i64,
    limit: u32,
) -> Result<Vec<StoredRecord>> {
    let of_customer = Select::all("interaction").of("customer", customer);
    let select = |test, at: i64| {
        of_customer
            .clone()
            .filter(condition("occurred_at", test, Json::from(at)))
    };
    let latest = select(Test::AtMost, before - 1)
        .sort("occurred_at", true)
        .limit(limit);
    let mut visits = reader.list(&latest)?;
    let when = |visit: &StoredRecord| visit.fields.value("occurred_at").as_instant();
    if visits.len() == limit as usize
        && let Some(last) = visits.last().and_then(when)
    {
        visits.retain(|visit| when(visit) != Some(last));
        visits.extend(reader.list(&select(Test::Is, last))?);
    }
    Ok(visits)
}

/// The same of changes.
fn changes_before(
    reader: &Reader<'_>,
    customer: Uuid,
    before: i64,
    limit: u32,
) -> Result<Vec<LogRow>> {
    let when = |row: &LogRow| Hlc(row.hlc).millis();
    let mut rows = reader.history_below(customer, Hlc::from_millis(before).0, limit)?;
    if rows.len() == limit as usize
        && let Some(last) = rows.last().map(when)
    {
        rows.retain(|row| when(row) != last);
        let from_last = reader.history_below(customer, Hlc::from_millis(last + 1).0, u32::MAX)?;
        rows.extend(from_last.into_iter().take_while(|row| when(row) == last));
    }
    Ok(rows)
}

/// Cuts a page so that entries of one millisecond stay together; where the next page starts.
fn cut(entries: &mut Vec<TimelineEntry>, limit: usize) -> Option<i64> {
    if entries.len() < limit {
        return None;
    }
    let last = at(&entries[limit - 1]);
    let end = entries
        .iter()
        .position(|entry| at(entry) < last)
        .unwrap_or(entries.len());
    entries.truncate(end);
    Some(last)
}

fn at(entry: &TimelineEntry) -> i64 {
    match entry {
        TimelineEntry::Interaction { at, .. } | TimelineEntry::Change { at, .. } => *at,
    }
}
