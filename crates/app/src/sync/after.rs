//! What a session with the server makes possible: customers become one with the company's own.

use super::round::{Line, Stopped};
use crate::app::App;

/// Says whether there is something to tell the server now.
pub(super) async fn session(_app: &App, _line: &mut Line) -> Result<bool, Stopped> {
    Ok(false)
}
