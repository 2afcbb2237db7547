//! A person's laptop in a temporary folder, with a clock to turn and a key kept in memory.
#![allow(clippy::unwrap_used, dead_code)]

pub mod desk;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use ketu_app::{ApiError, App, Event, Options};
use ketu_model::clock::FixedClock;
use ketu_store::file::{KeyError, KeySource};
use serde_json::{Value as Json, json};
use uuid::Uuid;

/// 2026-11-23 10:00 in China.
pub const NOW: i64 = 1_795_399_200_000;

#[derive(Debug, Default)]
pub struct MemoryKeys(Mutex<HashMap<Uuid, [u8; 32]>>);

impl MemoryKeys {
    /// As when a system loses its keyring.
    pub fn forget(&self) {
        self.0.lock().unwrap().clear();
    }
}

impl KeySource for MemoryKeys {
    fn kind(&self) -> &'static str {
        "keyring"
    }
    fn load(&self, file: Uuid) -> Result<Option<zeroize::Zeroizing<[u8; 32]>>, KeyError> {
        Ok(self
            .0
            .lock()
            .unwrap()
            .get(&file)
            .copied()
            .map(zeroize::Zeroizing::new))
    }
    fn save(&self, file: Uuid, key: &[u8; 32]) -> Result<(), KeyError> {
        self.0.lock().unwrap().insert(file, *key);
        Ok(())
    }
}

pub struct Laptop {
    pub dir: tempfile::TempDir,
    pub clock: Arc<FixedClock>,
    pub keys: Arc<MemoryKeys>,
    pub app: App,
    pub events: Arc<Mutex<Vec<Event>>>,
}

/// No thread still reads the file when a test's program ends.
impl Drop for Laptop {
    fn drop(&mut self) {
        self.app.stop();
    }
}

impl Laptop {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::at(NOW));
        let keys = Arc::new(MemoryKeys::default());
        let app = start(&dir, &clock, &keys, false);
        let laptop = Self {
            dir,
            clock,
            keys,
            events: Arc::default(),
            app,
        };
        laptop.listen();
        laptop
    }

    /// A laptop past its first run.
    pub fn set_up() -> Self {
        let laptop = Self::new();
        laptop.ok("set_up", json!({"name": "李雷", "language": "zh-CN"}));
        laptop
    }

    fn listen(&self) {
        let events = Arc::clone(&self.events);
        self.app.subscribe(Box::new(move |event| {
            events.lock().unwrap().push(event.clone());
        }));
    }

    pub fn restart(&mut self, background: bool) {
        self.app.stop();
        self.events.lock().unwrap().clear();
        self.app = start(&self.dir, &self.clock, &self.keys, background);
        self.listen();
    }

    pub fn call(&self, method: &str, params: Json) -> Result<Json, ApiError> {
        self.app.dispatch(method, params)
    }

    pub fn ok(&self, method: &str, params: Json) -> Json {
        self.call(method, params)
            .unwrap_or_else(|error| panic!("{method}: {error:?}"))
    }

    pub fn refused(&self, method: &str, params: Json) -> ApiError {
        match self.call(method, params) {
            Err(error) => error,
            Ok(answer) => panic!("{method} was not refused: {answer}"),
        }
    }

    /// Adds a record and returns its id.
    pub fn add(&self, entity: &str, fields: Json) -> String {
        let saved = self.ok("add", json!({"entity": entity, "fields": fields}));
        saved["id"].as_str().unwrap().to_owned()
    }

    pub fn get(&self, entity: &str, id: &str) -> Json {
        self.ok("get", json!({"entity": entity, "id": id}))
    }
}

fn start(
    dir: &tempfile::TempDir,
    clock: &Arc<FixedClock>,
    keys: &Arc<MemoryKeys>,
    background: bool,
) -> App {
    let mut options = Options::new(dir.path(), "no-worker");
    options.clock = Arc::<FixedClock>::clone(clock);
    options.keys = Some(Arc::<MemoryKeys>::clone(keys));
    options.background = background;
    App::start(options)
}

pub fn option(list: &str, name: &str) -> String {
    ketu_model::ids::option_id(list, name).to_string()
}
