//! Due reminders as notifications of the desktop. They appear while the window is hidden too: a click opens it, and a
//! single reminder is done or put off from where it is told.

use ketu_app::Event;
use notify_rust::{Notification, NotificationResponse};
use serde_json::{Value, json};
use tauri::{AppHandle, Manager};

use crate::core::{self, Core};
use crate::habits::Language;
use crate::window;

/// Identifiers of what can be pressed. The first one is the click on the notification itself, by the desktop's
/// convention; Windows shows a button for it as well and tells it by this name.
const OPEN: &str = "default";
const DONE: &str = "done";
const LATER: &str = "later";

/// How long 稍后 puts a reminder off, as the core reads it.
const LATER_BY: &str = "minutes:10";

/// What a person answered to a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Open,
    Done,
    Later,
}

impl Answer {
    /// None when the notification went away without an answer.
    fn from_response(response: &NotificationResponse) -> Option<Self> {
        let pressed = match response {
            NotificationResponse::Default => OPEN,
            NotificationResponse::Action(key) => key.as_str(),
            NotificationResponse::Reply(_) | NotificationResponse::Closed(_) => return None,
        };
        match pressed {
            OPEN => Some(Self::Open),
            DONE => Some(Self::Done),
            LATER => Some(Self::Later),
            _ => None,
        }
    }

    /// The call of the core that does it; none where the window is to be opened.
    fn deed(self, reminder: &str) -> Option<(&'static str, Value)> {
        match self {
            Self::Open => None,
            Self::Done => Some(("complete_reminder", json!({ "id": reminder }))),
            Self::Later => Some((
                "snooze_reminder",
                json!({ "id": reminder, "until": LATER_BY }),
            )),
        }
    }
}

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

/// Shows the notice and waits for its answer on a thread of its own: the desktop answers when the person does.
/// Where the desktop has no notifications the page's card still tells the reminder.
pub(crate) fn show(handle: &AppHandle, notice: Notice) {
    let handle = handle.clone();
    let waiting = std::thread::Builder::new().name("notification".into());
    let spawned = waiting.spawn(move || {
        let language = tauri::async_runtime::block_on(core::habits(&handle)).language();
        let answer = |response: &NotificationResponse| {
            if let Some(answer) = Answer::from_response(response) {
                tauri::async_runtime::spawn(act(handle.clone(), answer, notice.reminder.clone()));
            }
        };
        let told = notification(&notice, language)
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

/// Does what was answered. What the core refuses is left to the window, where the reminder still waits.
async fn act(handle: AppHandle, answer: Answer, reminder: Option<String>) {
    if let Some((method, params)) = reminder.as_deref().and_then(|id| answer.deed(id)) {
        let done = handle.state::<Core>().call(method.to_owned(), params).await;
        let Err(error) = done else {
            return;
        };
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the answer to a notification was not kept"
        );
    }
    window::show(&handle);
    core::emit(&handle, json!({ "type": "open_reminder", "id": reminder }));
}

/// What can be pressed, in the order of the buttons: each identifier with its label. Several reminders at once are
/// only opened.
fn buttons(notice: &Notice, language: Language) -> Vec<(&'static str, &'static str)> {
    let mut buttons = vec![(OPEN, language.pick("打开", "Open"))];
    if notice.reminder.is_some() {
        buttons.push((DONE, language.pick("完成", "Done")));
        buttons.push((LATER, language.pick("10 分钟后提醒", "In 10 minutes")));
    }
    buttons
}

fn notification(notice: &Notice, language: Language) -> Notification {
    let mut notification = Notification::new();
    notification
        .appname(language.pick("客途", "Ketu"))
        .summary(&notice.title)
        .body(&notice.body);
    for (identifier, label) in buttons(notice, language) {
        notification.action(identifier, label);
    }
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
    fn a_single_reminder_is_done_or_put_off_where_it_is_told() {
        let notice = Notice::from_event(&due(&[Uuid::from_u128(7)])).unwrap();
        let pressed = |key: &str| {
            let response = NotificationResponse::Action(key.to_owned());
            Answer::from_response(&response).and_then(|answer| answer.deed("r1"))
        };
        let labels: Vec<&str> = buttons(&notice, Language::English)
            .into_iter()
            .map(|(_, label)| label)
            .collect();
        assert_eq!(labels, ["Open", "Done", "In 10 minutes"]);
        assert_eq!(
            pressed(DONE),
            Some(("complete_reminder", json!({ "id": "r1" })))
        );
        assert_eq!(
            pressed(LATER),
            Some((
                "snooze_reminder",
                json!({ "id": "r1", "until": "minutes:10" })
            ))
        );
        assert_eq!(pressed("unknown"), None);
    }

    #[test]
    fn a_click_opens_and_a_notification_that_goes_away_does_nothing() {
        let click = Answer::from_response(&NotificationResponse::Default);
        assert_eq!(click, Some(Answer::Open));
        assert_eq!(Answer::Open.deed("r1"), None);
        let gone = NotificationResponse::Closed(notify_rust::CloseReason::Expired);
        assert_eq!(Answer::from_response(&gone), None);
    }

    #[test]
    fn several_reminders_at_once_are_only_opened() {
        let notice = Notice::from_event(&due(&[Uuid::from_u128(1), Uuid::from_u128(2)])).unwrap();
        assert_eq!(buttons(&notice, Language::Chinese), [(OPEN, "打开")]);
    }

    #[test]
    fn other_events_make_no_notification() {
        assert_eq!(Notice::from_event(&Event::Status), None);
    }
}
