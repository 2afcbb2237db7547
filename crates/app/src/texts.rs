//! The few sentences that the core itself writes for people, in both languages.

use chrono::{DateTime, Local, Timelike, Utc};

use crate::api::event::DueReminder;
use crate::api::session::Settings;

/// Title and body of a notification about these reminders.
pub(crate) fn reminders_due(
    language: &str,
    reminders: &[DueReminder],
    missed: bool,
) -> (String, String) {
    let english = language.starts_with("en");
    let line = |reminder: &DueReminder| match &reminder.customer_name {
        Some(customer) => format!("{customer}: {}", reminder.title),
        None => reminder.title.clone(),
    };
    if let ([one], false) = (reminders, missed) {
        let body = one.customer_name.clone().unwrap_or_default();
        return (one.title.clone(), body);
    }
    const SHOWN: usize = 4;
    let mut lines: Vec<String> = reminders.iter().take(SHOWN).map(line).collect();
    let more = reminders.len().saturating_sub(SHOWN);
    if more > 0 {
        lines.push(if english {
            format!("and {more} more")
        } else {
            format!("还有 {more} 条")
        });
    }
    let n = reminders.len();
    let title = match (english, missed) {
        (false, true) => format!("错过的提醒 {n} 条"),
        (false, false) => format!("{n} 条提醒到时间了"),
        (true, true) => format!("{n} missed reminders"),
        (true, false) => format!("{n} reminders are due"),
    };
    (title, lines.join("\n"))
}

/// What whoever gets a customer reads below it; without a name it goes to the pool.
pub(crate) fn handed_over(language: &str, heir: Option<&str>, reason: &str) -> String {
    match (language.starts_with("en"), heir) {
        (false, Some(name)) => format!("客户转给{name}。原因：{reason}"),
        (false, None) => format!("客户放入公海。原因：{reason}"),
        (true, Some(name)) => format!("Customer handed over to {name}. Reason: {reason}"),
        (true, None) => format!("Customer put into the pool. Reason: {reason}"),
    }
}

/// Whether now lies within the person's quiet hours, which may span midnight.
pub(crate) fn is_quiet(settings: &Settings, now: i64) -> bool {
    let minutes = |text: &str| -> Option<u32> {
        let (hour, minute) = text.split_once(':')?;
        Some(hour.parse::<u32>().ok()? * 60 + minute.parse::<u32>().ok()?)
    };
    let (Some(from), Some(to)) = (minutes(&settings.quiet_from), minutes(&settings.quiet_to))
    else {
        return false;
    };
    let local = DateTime::<Utc>::from_timestamp_millis(now)
        .unwrap_or_default()
        .with_timezone(&Local);
    let at = local.hour() * 60 + local.minute();
    if from <= to {
        (from..to).contains(&at)
    } else {
        at >= from || at < to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(title: &str) -> DueReminder {
        DueReminder {
            id: uuid::Uuid::nil(),
            title: title.to_owned(),
            customer: None,
            customer_name: Some("华科".to_owned()),
            due_at: 0,
        }
    }

    #[test]
    fn one_reminder_speaks_for_itself_and_missed_ones_come_as_a_group() {
        assert_eq!(
            reminders_due("zh-CN", &[due("回访")], false),
            ("回访".to_owned(), "华科".to_owned())
        );
        let six: Vec<DueReminder> = (0..6).map(|n| due(&format!("事项{n}"))).collect();
        let (title, body) = reminders_due("zh-CN", &six, true);
        assert_eq!(title, "错过的提醒 6 条");
        assert!(body.ends_with("还有 2 条"), "{body}");
    }

    #[test]
    fn quiet_hours_may_span_midnight_and_equal_ends_mean_none() {
        let midnight = crate::session::instant(
            "2026-11-25".parse().unwrap_or_default(),
            chrono::NaiveTime::MIN,
        );
        let at = |hour: i64| midnight + hour * 3_600_000;
        let mut settings = Settings {
            quiet_from: "22:00".into(),
            quiet_to: "07:30".into(),
            ..Settings::default()
        };
        assert!(is_quiet(&settings, at(23)) && is_quiet(&settings, at(2)));
        assert!(!is_quiet(&settings, at(8)) && !is_quiet(&settings, at(21)));
        settings.quiet_to = "22:00".into();
        assert!(!is_quiet(&settings, at(22)));
    }
}
