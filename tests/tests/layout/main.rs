//! Keeps the house as it is drawn: which room may use which, which library stands where, and a few habits of the
//! files themselves. The rules are data, in `rooms` and `habits`; what checks them is shown to fail on planted faults.

mod habits;
mod rooms;

use std::path::PathBuf;

/// The project's root.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests lie in the root")
        .to_owned()
}
