//! The tray icon, shown only where the desktop has a place for it. It is never the only way back to the window:
//! starting the program again shows it as well.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tauri::AppHandle;
use tauri::menu::{Menu, MenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent};

use crate::habits::Language;
use crate::{core, window};

const TRAY: &str = "ketu";

/// True when closing the window may hide it without a word.
pub(crate) fn is_shown(handle: &AppHandle) -> bool {
    handle.tray_by_id(TRAY).is_some()
}

/// Asks the desktop for a tray on another thread (a bus may take its time) and puts the icon there.
pub(crate) fn show_where_a_host_answers(handle: &AppHandle) {
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        if tauri::async_runtime::spawn_blocking(host::answers)
            .await
            .unwrap_or(false)
        {
            let language = core::habits(&handle).await.language();
            on_main_thread(&handle, move |handle| show(handle, language));
        }
    });
}

/// Writes the menu again, in the language that the person has now.
pub(crate) async fn follow_settings(handle: &AppHandle) {
    if !is_shown(handle) {
        return;
    }
    let language = core::habits(handle).await.language();
    on_main_thread(handle, move |handle| {
        let Some(tray) = handle.tray_by_id(TRAY) else {
            return;
        };
        let written = menu(handle, language).and_then(|menu| tray.set_menu(Some(menu)));
        if let Err(error) = written {
            tracing::warn!(%error, "the tray keeps its old menu");
        }
    });
}

fn on_main_thread(handle: &AppHandle, act: impl FnOnce(&AppHandle) + Send + 'static) {
    let actor = handle.clone();
    if let Err(error) = handle.run_on_main_thread(move || act(&actor)) {
        tracing::warn!(%error, "the window's thread took no work");
    }
}

fn show(handle: &AppHandle, language: Language) {
    // The library behind the icon is found at run time and its binding panics where it is not installed;
    // a desktop without it is a desktop without a tray.
    match catch_unwind(AssertUnwindSafe(|| build(handle, language))) {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "no tray icon"),
        Err(_) => tracing::warn!("no tray icon: its library is not installed"),
    }
}

fn build(handle: &AppHandle, language: Language) -> tauri::Result<()> {
    let menu = menu(handle, language)?;
    let mut tray = TrayIconBuilder::with_id(TRAY)
        .tooltip("客途 Ketu")
        .menu(&menu)
        .show_menu_on_left_click(false)
        .on_menu_event(|handle, event| match event.id().as_ref() {
            "show" => window::show(handle),
            "quit" => window::quit(handle),
            _ => {}
        })
        .on_tray_icon_event(|tray, event| {
            let TrayIconEvent::Click {
                button,
                button_state,
                ..
            } = event
            else {
                return;
            };
            if button == MouseButton::Left && button_state == MouseButtonState::Up {
                window::show(tray.app_handle());
            }
        });
    if let Some(icon) = handle.default_window_icon() {
        tray = tray.icon(icon.clone());
    }
    tray.build(handle)?;
    Ok(())
}

fn menu(handle: &AppHandle, language: Language) -> tauri::Result<Menu<tauri::Wry>> {
    let show = MenuItem::with_id(
        handle,
        "show",
        language.pick("打开客途", "Open Ketu"),
        true,
        None::<&str>,
    )?;
    let quit = MenuItem::with_id(
        handle,
        "quit",
        language.pick("退出", "Quit"),
        true,
        None::<&str>,
    )?;
    Menu::with_items(handle, &[&show, &quit])
}

#[cfg(not(target_os = "linux"))]
mod host {
    /// Windows and macOS always have a tray.
    pub(super) fn answers() -> bool {
        true
    }
}

#[cfg(target_os = "linux")]
mod host {
    use std::time::Duration;

    const WATCHER: &str = "org.kde.StatusNotifierWatcher";

    /// Linux desktops have a tray when a host has registered with the watcher on the session bus. At login the
    /// panel may come up after us, so the question is asked for two minutes, ever more seldom.
    pub(super) fn answers() -> bool {
        let mut pause = Duration::from_secs(1);
        loop {
            match zbus::block_on(host_registered()) {
                Ok(true) => return true,
                _ if pause > Duration::from_secs(64) => return false,
                _ => std::thread::sleep(pause),
            }
            pause *= 2;
        }
    }

    async fn host_registered() -> zbus::Result<bool> {
        let bus = zbus::Connection::session().await?;
        zbus::Proxy::new(&bus, WATCHER, "/StatusNotifierWatcher", WATCHER)
            .await?
            .get_property("IsStatusNotifierHostRegistered")
            .await
    }
}
