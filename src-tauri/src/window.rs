//! The one window: opened with what its page may not do, kept on the screen, shown, hidden and closed.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;
use tauri::plugin::TauriPlugin;
use tauri::webview::{NewWindowResponse, PermissionResponse, WebviewWindowBuilder};
use tauri::{AppHandle, DragDropEvent, Manager, Url, Window, WindowEvent, Wry};
use tauri_plugin_dialog::{DialogExt, MessageDialogButtons, MessageDialogResult};
use tauri_plugin_window_state::StateFlags;

use crate::core::{self, Core};
use crate::habits::Language;
use crate::start::Start;
use crate::tray;

const MAIN: &str = "main";

/// What is found again at the next start. Not whether it was visible: that is asked for by `--hidden`.
pub(crate) const REMEMBERED: StateFlags = StateFlags::SIZE
    .union(StateFlags::POSITION)
    .union(StateFlags::MAXIMIZED);

/// A second start with the same data shows the window of the first and ends.
pub(crate) fn single_instance(start: &Start) -> TauriPlugin<Wry> {
    let plugin = tauri_plugin_single_instance::Builder::new()
        .callback(|handle, _args, _dir| show(handle))
        .dbus_id(start.instance_name());
    plugin.build()
}

/// Opens the window described in tauri.conf.json. Its page stays our own page: no other origin, no second window,
/// no download, no camera or place; links and files go through commands that check them. What the page shows is
/// encrypted on disk, so the web view itself writes nothing there.
pub(crate) fn open(handle: &AppHandle, hidden: bool) -> tauri::Result<()> {
    let config = handle
        .config()
        .app
        .windows
        .iter()
        .find(|window| window.label == MAIN)
        .expect("tauri.conf.json describes the main window");
    let dev_page = handle
        .config()
        .build
        .dev_url
        .clone()
        .filter(|_| tauri::is_dev());
    let window = WebviewWindowBuilder::from_config(handle, config)?
        .incognito(!is_driven_by_a_test())
        .initialization_script(include_str!("freeze_prototype.js"))
        .on_navigation(move |url| is_our_page(url, dev_page.as_ref()))
        .on_new_window(|_url, _features| NewWindowResponse::Deny)
        .on_download(|_webview, _event| false)
        .on_permission_request(|_webview, _kind| PermissionResponse::Deny)
        .prevent_overflow()
        .build()?;
    if !hidden {
        window.show()?;
        window.set_focus()?;
    }
    Ok(())
}

/// WebKit can only be driven in a context that is not private; the page itself never uses the web view's storage.
fn is_driven_by_a_test() -> bool {
    std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some_and(|value| value == "true")
}

fn is_our_page(url: &Url, dev_page: Option<&Url>) -> bool {
    let embedded = if cfg!(windows) {
        matches!(url.scheme(), "http" | "https") && url.host_str() == Some("tauri.localhost")
    } else {
        url.scheme() == "tauri" && url.host_str() == Some("localhost")
    };
    embedded || dev_page.is_some_and(|dev| dev.origin() == url.origin())
}

/// Brings the window before the person's eyes, from wherever it was.
pub(crate) fn show(handle: &AppHandle) {
    let Some(window) = handle.get_webview_window(MAIN) else {
        return;
    };
    let shown = window
        .show()
        .and_then(|()| window.unminimize())
        .and_then(|()| window.set_focus());
    if let Err(error) = shown {
        tracing::warn!(%error, "the window could not be shown");
    }
}

pub(crate) fn hide(handle: &AppHandle) -> tauri::Result<()> {
    handle
        .get_webview_window(MAIN)
        .map_or(Ok(()), |window| window.hide())
}

pub(crate) fn on_event(window: &Window, event: &WindowEvent) {
    match event {
        WindowEvent::CloseRequested { api, .. } => {
            api.prevent_close();
            tauri::async_runtime::spawn(close(window.app_handle().clone()));
        }
        WindowEvent::DragDrop(drag) => tell_drag(window.app_handle(), drag),
        _ => {}
    }
}

/// Dropped files reach the page as paths; while they hover the page may show where they would land.
fn tell_drag(handle: &AppHandle, drag: &DragDropEvent) {
    let event = match drag {
        DragDropEvent::Enter { .. } => json!({ "type": "files_over", "over": true }),
        DragDropEvent::Leave => json!({ "type": "files_over", "over": false }),
        DragDropEvent::Drop { paths, .. } => json!({ "type": "files_dropped", "paths": paths }),
        _ => return,
    };
    core::emit(handle, event);
}

/// When the program was last asked to end.
static ASKED_TO_QUIT: Mutex<Option<Instant>> = Mutex::new(None);

/// Ends the program by way of the page, which knows of forms that are not saved and of a running import: it quits at
/// once where there is nothing to lose, and asks otherwise. Whoever insists is not asked again, since a page that
/// does not answer must not keep the program.
pub(crate) fn quit(handle: &AppHandle) {
    const INSISTENCE: Duration = Duration::from_secs(10);
    const QUESTION: Duration = Duration::from_millis(300);
    let before = ASKED_TO_QUIT
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .replace(Instant::now());
    let insists = before.is_some_and(|at| at.elapsed() < INSISTENCE);
    if insists || handle.get_webview_window(MAIN).is_none() {
        handle.exit(0);
        return;
    }
    core::emit(handle, json!({ "type": "quit_asked" }));
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(QUESTION).await;
        // Still here: the page has a question, and the window may be hidden.
        show(&handle);
    });
}

/// Hides where a tray brings the window back; without one asks, and keeps the answer. The settings are asked of the
/// core, which must not be able to keep the window from closing.
async fn close(handle: AppHandle) {
    const PATIENCE: Duration = Duration::from_secs(2);
    let habits = tokio::time::timeout(PATIENCE, core::habits(&handle))
        .await
        .unwrap_or_default();
    if !habits.close_to_tray {
        quit(&handle);
    } else if tray::is_shown(&handle) || habits.hides_without_tray() {
        hide_or_quit(&handle);
    } else {
        ask(&handle, habits.language());
    }
}

fn hide_or_quit(handle: &AppHandle) {
    if let Err(error) = hide(handle) {
        tracing::warn!(%error, "the window could not be hidden");
        handle.exit(0);
    }
}

fn ask(handle: &AppHandle, language: Language) {
    let stay = language.pick("留在后台", "Keep running");
    let leave = language.pick("退出", "Quit");
    let cancel = language.pick("取消", "Cancel");
    let mut question = handle
        .dialog()
        .message(language.pick(
            "留在后台，提醒会照常响起；再次启动客途就能回到窗口。",
            "In the background, reminders keep coming; start Ketu again to see its window.",
        ))
        .title(language.pick("关闭窗口之后", "After closing the window"))
        .buttons(MessageDialogButtons::YesNoCancelCustom(
            stay.into(),
            leave.into(),
            cancel.into(),
        ));
    if let Some(window) = handle.get_webview_window(MAIN) {
        question = question.parent(&window);
    }
    let handle = handle.clone();
    question.show_with_result(move |answer| {
        let stays = match answer {
            MessageDialogResult::Yes => true,
            MessageDialogResult::No => false,
            MessageDialogResult::Custom(label) if label == stay => true,
            MessageDialogResult::Custom(label) if label == leave => false,
            _ => return,
        };
        tauri::async_runtime::spawn(async move {
            if let Err(error) = handle.state::<Core>().keep_answer_at_closing(stays).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the answer was not kept"
                );
            }
            if stays {
                hide_or_quit(&handle);
            } else {
                quit(&handle);
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn the_window_never_leaves_our_own_page() {
        let ours = if cfg!(windows) {
            "http://tauri.localhost/#/customers"
        } else {
            "tauri://localhost/#/customers"
        };
        assert!(is_our_page(&url(ours), None));
        for foreign in [
            "https://example.com/",
            "file:///etc/passwd",
            "tauri://localhost.example.com/",
            "http://tauri.localhost.example.com/",
            "data:text/html,x",
            "about:blank",
        ] {
            assert!(!is_our_page(&url(foreign), None), "{foreign}");
        }
    }

    #[test]
    fn a_development_page_is_ours_only_when_there_is_one() {
        let dev = url("http://localhost:5173/");
        assert!(is_our_page(
            &url("http://localhost:5173/#/board"),
            Some(&dev)
        ));
        assert!(!is_our_page(&url("http://localhost:5174/"), Some(&dev)));
        assert!(!is_our_page(&url("http://localhost:5173/"), None));
    }
}
