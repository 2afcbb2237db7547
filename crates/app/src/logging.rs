//! The log: one file a day in the data folder, a week of them, no personal data in any line.

use std::path::Path;

use tracing_appender::rolling::{Builder, Rotation};
use tracing_subscriber::EnvFilter;

/// Starts logging to `<data_dir>/logs`. Where that cannot be written, Ketu runs without a log.
pub fn init_logging(data_dir: &Path) {
    let folder = data_dir.join("logs");
    let file = Builder::new()
        .rotation(Rotation::DAILY)
        .filename_prefix("ketu")
        .filename_suffix("log")
        .max_log_files(7)
        .build(folder);
    let Ok(file) = file else {
        return;
    };
    let filter = EnvFilter::try_from_env("KETU_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // A second call in one process, as tests make it, keeps the first log.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(file)
        .try_init();
}
