//! Reminders: lists by day, done, later, and which are due now.

use chrono::{Duration, NaiveDate};
use ketu_model::query::{Filter, Test};
use ketu_model::{Fields, Value, holidays};
use ketu_store::Select;
use serde_json::Value as Json;

use crate::api::event::{DueReminder, Event};
use crate::api::records::{Saved, Titles};
use crate::api::session::Nothing;
use crate::api::work::{
    ReminderCounts, ReminderRef, Reminders, RemindersRequest, SnoozeReminder, ToldReminders,
};
use crate::app::{App, Session};
use crate::customers::condition;
use crate::error::{AppError, Result};
use crate::records::saved;
use crate::session::{MORNING, instant};
use crate::{present, texts};

/// A reminder found this much later than it was due counts as missed.
const LATE: i64 = 90_000;

pub(crate) fn list(app: &App, request: RemindersRequest) -> Result<Reminders> {
    let (now, today) = (app.clock().now(), app.clock().today());
    app.read(|reader| {
        let bucket = |name: &str| -> Result<Select> {
            let select = Select::all("reminder");
            let open = || condition("done_at", Test::Empty, Json::Null);
            let due = |test, at: i64| condition("due_at", test, Json::from(at));
            let tomorrow = instant(today + Duration::days(1), chrono::NaiveTime::MIN);
            Ok(match name {
                "overdue" => select
                    .filter(open())
                    .filter(due(Test::AtMost, now - 1))
                    .sort("due_at", false),
                "today" => {
                    let span = Json::from(vec![now, tomorrow - 1]);
                    select
                        .filter(open())
                        .filter(condition("due_at", Test::Between, span))
                        .sort("due_at", false)
                }
                "future" => select
                    .filter(open())
                    .filter(due(Test::AtLeast, tomorrow))
                    .sort("due_at", false),
                "done" => select
                    .filter(condition("done_at", Test::NotEmpty, Json::Null))
                    .sort("done_at", true),
                _ => return Err(AppError::refused("unknown_bucket")),
            })
        };
        let mut titles = Titles::new();
        let shown = reader.list(&bucket(&request.bucket)?.limit(request.limit.clamp(1, 500)))?;
        let items = present::records(reader, "reminder", shown, &mut titles)?;
        Ok(Reminders {
            items,
            counts: ReminderCounts {
                overdue: reader.count(&bucket("overdue")?)?,
                today: reader.count(&bucket("today")?)?,
                future: reader.count(&bucket("future")?)?,
            },
            titles,
        })
    })
}

/// What was told since the start and is still open.
pub(crate) fn told(app: &App, _: Nothing) -> Result<ToldReminders> {
    let before = app.told_reminders().clone();
    let open = app.read(|reader| {
        let mut open = Vec::new();
        for (reminder, missed) in before {
            let now = reader.get("reminder", reminder.id)?;
            let is_open = now.is_some_and(|now| {
                now.deleted_at.is_none()
                    && now.fields.value("done_at").is_null()
                    && now.fields.value("due_at").as_instant() == Some(reminder.due_at)
            });
            if is_open {
                open.push((reminder, missed));
            }
        }
        Ok(open)
    })?;
    let mut told = ToldReminders::default();
    for (reminder, missed) in open {
        let list = if missed {
            &mut told.missed
        } else {
            &mut told.due
        };
        list.push(reminder);
    }
    Ok(told)
}

pub(crate) fn complete(app: &App, request: ReminderRef) -> Result<Saved> {
    change(app, "complete_reminder", request.id, |now| {
        Ok(Fields::new().with("done_at", Value::Instant(now)))
    })
}

pub(crate) fn snooze(app: &App, request: SnoozeReminder) -> Result<Saved> {
    let today = app.clock().today();
    change(app, "snooze_reminder", request.id, |now| {
        let until =
            until(&request.until, now, today).ok_or_else(|| AppError::refused("date_format"))?;
        Ok(Fields::new().with("due_at", Value::Instant(until)))
    })
}

fn change(
    app: &App,
    action: &'static str,
    id: uuid::Uuid,
    patch: impl FnOnce(i64) -> Result<Fields>,
) -> Result<Saved> {
    let committed = app.write(action, |door| {
        Ok(door.update("reminder", id, patch(door.now())?)?)
    })?;
    Ok(saved(id, &committed))
}

/// `minutes:10`, `hours:1`, `tomorrow`, `next_workday`, `at:<milliseconds>`.
fn until(text: &str, now: i64, today: NaiveDate) -> Option<i64> {
    let (kind, amount) = text.split_once(':').unwrap_or((text, "0"));
    let amount: i64 = amount.parse().ok().filter(|amount| *amount >= 0)?;
    match kind {
        "minutes" => now.checked_add(amount.checked_mul(60_000)?),
        "hours" => now.checked_add(amount.checked_mul(3_600_000)?),
        "tomorrow" => Some(instant(today + Duration::days(1), MORNING)),
        "next_workday" => Some(instant(holidays::next_workday(today), MORNING)),
        "at" => Some(amount),
        _ => None,
    }
}

/// Finds what came due, marks it as shown, and tells it: late ones as one group. Returns when the
/// next one is due.
pub(crate) fn fire_due(app: &App, session: &Session) -> Result<Option<i64>> {
    let now = app.clock().now();
    let settings = crate::session::settings(session)?;
    if texts::is_quiet(&settings, now) {
        return Ok(None);
    }
    let open = Select::all("reminder").filter(condition("done_at", Test::Empty, Json::Null));
    let due = session.read(|reader| {
        let mut due = Vec::new();
        let select = open
            .clone()
            .filter(condition("due_at", Test::AtMost, Json::from(now)))
            .sort("due_at", false);
        for record in reader.list(&select)? {
            let due_at = record.fields.value("due_at").as_instant().unwrap_or(now);
            if reader.was_fired(record.id, due_at)? {
                continue;
            }
            let customer = record.fields.id("customer");
            let customer_name = match customer {
                Some(id) => reader.titles("customer", [id])?.remove(&id),
                None => None,
            };
            due.push(DueReminder {
                id: record.id,
                title: record.fields.text("title").unwrap_or_default().to_owned(),
                customer,
                customer_name,
                due_at,
            });
        }
        Ok::<_, AppError>(due)
    })?;
    for reminder in &due {
        session
            .store
            .mark_fired(reminder.id, reminder.due_at, now)?;
    }
    let (missed, fresh): (Vec<_>, Vec<_>) = due
        .into_iter()
        .partition(|reminder| reminder.due_at < now - LATE);
    for (reminders, missed) in [(missed, true), (fresh, false)] {
        if !reminders.is_empty() {
            app.told_reminders()
                .extend(reminders.iter().map(|reminder| (reminder.clone(), missed)));
            let (title, body) = texts::reminders_due(&settings.language, &reminders, missed);
            app.emit(&Event::RemindersDue {
                title,
                body,
                reminders,
                missed,
            });
        }
    }
    let next: Filter = condition("due_at", Test::AtLeast, Json::from(now + 1));
    let next = session.read(|reader| {
        Ok::<_, AppError>(reader.list(&open.filter(next).sort("due_at", false).limit(1))?)
    })?;
    Ok(next
        .first()
        .and_then(|record| record.fields.value("due_at").as_instant()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn snoozing_to_the_next_workday_steps_over_the_national_holiday() {
        let today: NaiveDate = "2026-09-30".parse().unwrap();
        let back = until("next_workday", 0, today).unwrap();
        let date = ketu_model::clock::local_date(back);
        assert!(
            date > "2026-10-06".parse().unwrap(),
            "{date} is within the holiday"
        );
        assert_eq!(until("minutes:10", 1_000, today), Some(601_000));
        assert_eq!(until("minutes:-1", 0, today), None);
        assert_eq!(until("sometime", 0, today), None);
    }
}
