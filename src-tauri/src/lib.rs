//! The desktop shell: it wires the core to a window and to what the desktop offers (tray, notifications, dialogs).
//! What people do with their data is in `ketu-app`; nothing here decides about a record.

mod commands;
mod core;
mod error;
mod habits;
mod notifications;
mod start;
mod tray;
mod window;

use tauri::{Manager, RunEvent};

use crate::core::Core;
use crate::start::Start;

/// Opens the window and returns when the program ends.
///
/// # Panics
/// When the desktop offers no window at all: there is nothing the program could show then.
pub fn run() {
    let start = Start::from_args(std::env::args_os().skip(1));
    let data_dir = start
        .data_dir
        .clone()
        .unwrap_or_else(start::default_data_dir);
    ketu_app::init_logging(&data_dir);

    let window_state = tauri_plugin_window_state::Builder::new()
        .with_state_flags(window::REMEMBERED)
        .with_filename(data_dir.join("window.json").to_string_lossy())
        .build();

    tauri::Builder::default()
        // First, so that a second start is recognised before anything is opened.
        .plugin(window::single_instance(&start))
        .plugin(window_state)
        .plugin(tauri_plugin_dialog::init())
        .plugin(
            tauri_plugin_opener::Builder::new()
                .open_js_links_on_click(false)
                .build(),
        )
        .invoke_handler(tauri::generate_handler![
            commands::call,
            commands::pick_file,
            commands::pick_save,
            commands::open_link,
            commands::reveal_file,
            commands::hide_window,
            commands::quit,
        ])
        .setup(move |app| {
            app.manage(Core::start(app.handle(), data_dir));
            window::open(app.handle(), start.hidden)?;
            tray::show_where_a_host_answers(app.handle());
            Ok(())
        })
        .on_window_event(window::on_event)
        .build(tauri::generate_context!())
        .expect("a desktop with a web view")
        .run(|app, event| {
            if let RunEvent::Exit = event {
                app.state::<Core>().stop();
            }
        });
}
