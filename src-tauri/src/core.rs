//! The running core: opened beside the window's thread, its events passed on to the page.

use std::path::PathBuf;

use ketu_app::{App, Event, Options};
use serde::Serialize;
use serde_json::{Value, json};
use tauri::{AppHandle, Emitter, Manager};
use tokio::sync::watch;

use crate::error::Error;
use crate::habits::Habits;
use crate::notifications::{self, Notice};
use crate::tray;

/// The name under which the page hears everything: the core's events and the shell's own.
const EVENT: &str = "ketu";

/// The core, from the moment the program starts; calls wait until its file is open.
pub(crate) struct Core {
    opened: watch::Receiver<Option<App>>,
}

impl Core {
    /// Starts opening the data on another thread, so that the window is on screen meanwhile.
    pub(crate) fn start(handle: &AppHandle, data_dir: PathBuf) -> Self {
        let (publish, opened) = watch::channel(None);
        let handle = handle.clone();
        tauri::async_runtime::spawn_blocking(move || {
            let program = std::env::current_exe().unwrap_or_else(|_| "ketu-desktop".into());
            let app = App::start(Options::new(data_dir, program).with_background());
            app.subscribe(Box::new(move |event| forward(&handle, event)));
            publish.send_replace(Some(app));
        });
        Self { opened }
    }

    /// One call into the core, off the window's thread. A panic inside is an error for this call alone.
    pub(crate) async fn call(&self, method: String, params: Value) -> Result<Value, Error> {
        let mut opened = self.opened.clone();
        let app = opened
            .wait_for(Option::is_some)
            .await
            .ok()
            .and_then(|app| app.clone());
        let app = app.ok_or(Error::CoreEnded)?;
        tauri::async_runtime::spawn_blocking(move || app.dispatch(&method, params))
            .await
            .map_err(Error::Panicked)?
            .map_err(Error::Refused)
    }

    pub(crate) async fn habits(&self) -> Result<Habits, Error> {
        self.call("status".to_owned(), json!({}))
            .await
            .map(|status| Habits::from_status(&status))
    }

    pub(crate) async fn keep_answer_at_closing(&self, stay: bool) -> Result<(), Error> {
        self.call(
            "update_settings".to_owned(),
            Habits::answer_at_closing(stay),
        )
        .await
        .map(drop)
    }

    /// Writes what is left to write and gives the data folder back.
    pub(crate) fn stop(&self) {
        if let Some(app) = self.opened.borrow().as_ref() {
            app.stop();
        }
    }
}

/// Passes an event of the core to the page. Reminders are also told by the desktop, since the window may be hidden;
/// with a new state of the file come other settings.
fn forward(handle: &AppHandle, event: &Event) {
    if let Some(notice) = Notice::from_event(event) {
        notifications::show(handle, notice);
    }
    if matches!(event, Event::Status) {
        let handle = handle.clone();
        tauri::async_runtime::spawn(async move { tray::follow_settings(&handle).await });
    }
    emit(handle, event);
}

/// Tells the page something.
pub(crate) fn emit(handle: &AppHandle, event: impl Serialize + Clone) {
    if let Err(error) = handle.emit(EVENT, event) {
        tracing::warn!(%error, "the page did not hear an event");
    }
}

/// The habits of the person at the laptop; the defaults while the core cannot tell.
pub(crate) async fn habits(handle: &AppHandle) -> Habits {
    handle
        .state::<Core>()
        .habits()
        .await
        .unwrap_or_else(|error| {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "settings unknown, defaults taken"
            );
            Habits::default()
        })
}
