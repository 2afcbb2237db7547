//! The window's requests over a laptop's file.

use ketu_app::{ApiError, App, Options};
use serde_json::Value as Json;

use crate::desk::{Desk, ME};

impl Desk {
    /// What the window is answered, by an application that is started on the file for it.
    pub fn window(&mut self, method: &str, params: Json) -> Result<Json, ApiError> {
        self.store().set_meta("user", &ME.to_string()).unwrap();
        self.close();
        let location = self.location();
        let mut options = Options::new(self.dir.path(), "no-worker");
        options.clock = location.clock;
        options.keys = Some(location.keys);
        let app = App::start(options);
        let answer = app.dispatch(method, params);
        app.stop();
        self.open();
        answer
    }

    pub fn shown(&mut self, method: &str, params: Json) -> Json {
        self.window(method, params)
            .unwrap_or_else(|error| panic!("{method}: {error:?}"))
    }

    /// The code of a refusal.
    pub fn refused(&mut self, method: &str, params: Json) -> String {
        match self.window(method, params) {
            Err(error) => error.code,
            Ok(answer) => panic!("{method} was not refused: {answer}"),
        }
    }
}
