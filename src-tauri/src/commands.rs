//! What the page may ask of the shell. Each command translates and calls once; build.rs gives it a permission of the
//! same name and capabilities/window.json grants it. All are asynchronous: a command on the window's thread would
//! freeze it, and its panic would end the program.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;
use tauri::{AppHandle, State, WebviewWindow};
use tauri_plugin_dialog::{DialogExt, FileDialogBuilder, FilePath};
use tauri_plugin_opener::OpenerExt;

use crate::core::Core;
use crate::error::Error;
use crate::window;

/// The schemes a link may have: pages of customers, mail, and the telephone.
const LINKS: &[&str] = &["https:", "http:", "mailto:", "tel:"];

/// Every use of the core: see `ketu_app::api` for methods and parameters.
#[tauri::command]
pub(crate) async fn call(
    core: State<'_, Core>,
    method: String,
    params: Value,
) -> Result<Value, Error> {
    core.call(method, params).await
}

/// One kind of file that a dialog offers, e.g. 表格 with `xlsx` and `csv`.
#[derive(Debug, Deserialize)]
pub(crate) struct FileKind {
    name: String,
    extensions: Vec<String>,
}

/// Lets the person choose a file to read; null when they changed their mind.
#[tauri::command]
pub(crate) async fn pick_file(
    window: WebviewWindow,
    title: String,
    kinds: Vec<FileKind>,
) -> Result<Option<PathBuf>, Error> {
    pick(
        &window,
        title,
        &kinds,
        None,
        FileDialogBuilder::blocking_pick_file,
    )
    .await
}

/// Lets the person choose where a file is written, proposing a name; null when they changed their mind.
#[tauri::command]
pub(crate) async fn pick_save(
    window: WebviewWindow,
    title: String,
    name: String,
    kinds: Vec<FileKind>,
) -> Result<Option<PathBuf>, Error> {
    pick(
        &window,
        title,
        &kinds,
        Some(name),
        FileDialogBuilder::blocking_save_file,
    )
    .await
}

async fn pick(
    window: &WebviewWindow,
    title: String,
    kinds: &[FileKind],
    name: Option<String>,
    ask: fn(FileDialogBuilder<tauri::Wry>) -> Option<FilePath>,
) -> Result<Option<PathBuf>, Error> {
    if let Some(answer) = picked_by_test() {
        return Ok(answer);
    }
    let mut dialog = window.dialog().file().set_parent(window).set_title(title);
    for kind in kinds {
        let extensions: Vec<&str> = kind.extensions.iter().map(String::as_str).collect();
        dialog = dialog.add_filter(&kind.name, &extensions);
    }
    if let Some(name) = name {
        dialog = dialog.set_file_name(name);
    }
    let asked = tauri::async_runtime::spawn_blocking(move || ask(dialog)).await;
    let picked = asked.map_err(Error::Panicked)?;
    picked
        .map(FilePath::into_path)
        .transpose()
        .map_err(|error| Error::NotAFile(error.into()))
}

/// Native dialogs are out of a test's reach: `KETU_PICK` names a text file that holds the answer, read at each
/// question; an empty one means that the person cancelled. Debug builds only.
#[cfg(debug_assertions)]
fn picked_by_test() -> Option<Option<PathBuf>> {
    let file = std::env::var_os("KETU_PICK")?;
    let answer = std::fs::read_to_string(file).unwrap_or_default();
    let path = answer.trim_end_matches(['\r', '\n']);
    Some((!path.is_empty()).then(|| path.into()))
}

#[cfg(not(debug_assertions))]
fn picked_by_test() -> Option<Option<PathBuf>> {
    None
}

/// Opens a web page, a mail or a telephone number with the desktop's program for it.
#[tauri::command]
pub(crate) async fn open_link(app: AppHandle, link: String) -> Result<(), Error> {
    if !may_open(&link) {
        return Err(Error::LinkRefused);
    }
    app.opener()
        .open_url(link, None::<String>)
        .map_err(Error::NotOpened)
}

fn may_open(link: &str) -> bool {
    LINKS.iter().any(|scheme| {
        link.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            && link.len() > scheme.len()
    })
}

/// Shows a file that was just written, in the desktop's file browser.
#[tauri::command]
pub(crate) async fn reveal_file(app: AppHandle, path: PathBuf) -> Result<(), Error> {
    app.opener()
        .reveal_item_in_dir(path)
        .map_err(Error::NotOpened)
}

#[tauri::command]
pub(crate) async fn hide_window(app: AppHandle) -> Result<(), Error> {
    window::hide(&app).map_err(Error::Window)
}

/// Ends the program, whatever closing the window does.
#[tauri::command]
pub(crate) async fn quit(app: AppHandle) {
    app.exit(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_mail_and_telephone_are_opened() {
        for link in [
            "https://example.com",
            "mailto:a@example.com",
            "tel:+8613800138000",
            "HTTPS://EXAMPLE.COM",
        ] {
            assert!(may_open(link), "{link}");
        }
        for link in [
            "file:///etc/passwd",
            "javascript:alert(1)",
            "smb://host/share",
            "tel:",
            "",
            "客户:1",
        ] {
            assert!(!may_open(link), "{link}");
        }
    }
}
