//! Due reminders as notifications of the desktop. They appear while the window is hidden too, and a click opens it.

use ketu_app::Event;
use notify_rust::{Notification, NotificationResponse};
use serde_json::json;
use tauri::AppHandle;

use crate::{core, window};

/// What one notification says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    title: String,
    body: String,
    /// The reminder to open on a click; none when several are told of at once.
    reminder: Option<String>,
}

impl Notice {
    /// The notice of due reminders; none for any other event.
    pub(crate) fn from_event(event: &Event) -> Option<Self> {
        let Event::RemindersDue {
            title,
            body,
            reminders,
            ..
        } = event
        else {
            return None;
        };
        let reminder = match reminders.as_slice() {
            [only] => Some(only.id.to_string()),
            _ => None,
        };
        Some(Self {
            title: title.clone(),
            body: body.clone(),
            reminder,
        })
    }
}

/// Shows the notice and waits for its click on a thread of its own: the desktop answers when the person does.
/// Where the desktop has no notifications the page's card still tells the reminder.
pub(crate) fn show(handle: &AppHandle, notice: Notice) {
    let handle = handle.clone();
    let waiting = std::thread::Builder::new().name("notification".into());
    let spawned = waiting.spawn(move || {
        let answer = |response: &NotificationResponse| {
            if *response == NotificationResponse::Default {
                window::show(&handle);
                core::emit(
                    &handle,
                    json!({ "type": "open_reminder", "id": notice.reminder }),
                );
            }
        };
        let told = notification(&notice)
            .show()
            .and_then(|shown| shown.wait_for_response(answer));
        if let Err(error) = told {
            tracing::warn!(%error, "the desktop showed no notification");
        }
    });
    if let Err(error) = spawned {
        tracing::error!(%error, "no thread for a notification");
    }
}

fn notification(notice: &Notice) -> Notification {
    let mut notification = Notification::new();
    notification
        .appname("客途")
        .summary(&notice.title)
        .body(&notice.body)
        // The identifier of the click on the notification itself; servers show no button for it.
        .action("default", "打开");
    #[cfg(target_os = "linux")]
    notification
        .icon("ketu-desktop")
        .hint(notify_rust::Hint::DesktopEntry("ketu-desktop".to_owned()));
    #[cfg(windows)]
    notification.app_id("cn.ketu.desktop");
    notification
}

#[cfg(test)]
mod tests {
    use ketu_app::DueReminder;
    use uuid::Uuid;

    use super::*;

    fn due(ids: &[Uuid]) -> Event {
        let reminder = |id: &Uuid| DueReminder {
            id: *id,
            title: "回访".into(),
            customer: None,
            customer_name: None,
            due_at: 0,
        };
        Event::RemindersDue {
            title: "回访 华成机械".into(),
            body: "10:00".into(),
            reminders: ids.iter().map(reminder).collect(),
            missed: ids.len() > 1,
        }
    }

    #[test]
    fn a_single_due_reminder_is_opened_by_its_notification() {
        let id = Uuid::from_u128(7);
        let notice = Notice::from_event(&due(&[id])).unwrap();
        assert_eq!(notice.reminder, Some(id.to_string()));
        assert_eq!(
            (notice.title.as_str(), notice.body.as_str()),
            ("回访 华成机械", "10:00")
        );
    }

    #[test]
    fn a_group_of_missed_reminders_opens_the_list() {
        let notice = Notice::from_event(&due(&[Uuid::from_u128(1), Uuid::from_u128(2)])).unwrap();
        assert_eq!(notice.reminder, None);
    }

    #[test]
    fn other_events_make_no_notification() {
        assert_eq!(Notice::from_event(&Event::Status), None);
    }
}
