//! The built page, read once. Only what was found then can be asked for, so no path leads out of the folder.

use std::collections::HashMap;
use std::path::Path;

/// Where the page is built to.
pub const DIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/dist");

pub struct Page {
    files: HashMap<String, Vec<u8>>,
}

impl Page {
    /// The page, unless it was not built yet.
    pub fn read(folder: &Path) -> Option<Self> {
        let mut files = HashMap::new();
        read_folder(folder, "", &mut files).ok()?;
        files.contains_key("/index.html").then_some(Self { files })
    }

    /// Content type and bytes of a path as a browser asks for it.
    pub fn file(&self, path: &str) -> Option<(&'static str, &[u8])> {
        let path = if path == "/" { "/index.html" } else { path };
        let bytes = self.files.get(path)?;
        Some((kind(path), bytes))
    }
}

fn read_folder(
    folder: &Path,
    under: &str,
    files: &mut HashMap<String, Vec<u8>>,
) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{under}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read_folder(&entry.path(), &path, files)?;
        } else {
            files.insert(path, std::fs::read(entry.path())?);
        }
    }
    Ok(())
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
