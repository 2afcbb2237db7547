//! The desktop program: first the reading worker, then the window.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

/// An import reads on one thread and writes on another: what one makes the other frees, and the system's
/// allocator lets them wait for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    // The same program is started again as the process that reads a spreadsheet; it must not open a window.
    ketu_app::run_worker_if_asked();
    ketu_desktop::run();
}
