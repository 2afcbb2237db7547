//! A laptop with a real file, and the words of a server.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use ketu_app::sync::local::{self, Taken};
use ketu_model::authorize::Scope;
use ketu_model::clock::FixedClock;
use ketu_model::{Fields, Value};
use ketu_store::file::{Folder, KeyError, KeySource};
use ketu_store::{Committed, Location, Reader, Store, StoreError, StoredRecord, Write};
use ketu_sync::client::{Event, Session, State};
use ketu_sync::message::{
    Answer, Cursor, FeedRow, Outcome, Pull, Pulled, Push, Pushed, Refusal, Reply, Request,
};
use ketu_sync::record::Row;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use uuid::Uuid;
use zeroize::Zeroizing;

/// 2026-09-21 14:13:20 UTC.
pub const NOW: i64 = 1_790_000_000_000;
pub const EPOCH: Uuid = Uuid::from_u128(0xe0);
pub const ME: Uuid = Uuid::from_u128(0x11);
pub const LI: Uuid = Uuid::from_u128(0x22);
pub const MINE: Scope = Scope::Owner(ME);

#[derive(Debug, Default)]
struct MemoryKeys(Mutex<HashMap<Uuid, [u8; 32]>>);

impl KeySource for MemoryKeys {
    fn kind(&self) -> &'static str {
        "keyring"
    }

    fn load(&self, file: Uuid) -> Result<Option<Zeroizing<[u8; 32]>>, KeyError> {
        let keys = self.0.lock().unwrap();
        Ok(keys.get(&file).copied().map(Zeroizing::new))
    }

    fn save(&self, file: Uuid, key: &[u8; 32]) -> Result<(), KeyError> {
        self.0.lock().unwrap().insert(file, *key);
        Ok(())
    }
}

pub struct Desk {
    pub dir: TempDir,
    keys: Arc<MemoryKeys>,
    pub clock: Arc<FixedClock>,
    store: Option<Store>,
    pub session: Session,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.close();
    }
}

impl Desk {
    /// A laptop that has begun to agree with a server, with two users in it.
    pub fn new() -> Self {
        let desk = Self::alone();
        local::begin(desk.store(), Uuid::from_u128(1)).unwrap();
        desk
    }

    pub fn alone() -> Self {
        let memory = std::path::Path::new("/dev/shm");
        let dir = match memory.is_dir() {
            true => tempfile::tempdir_in(memory),
            false => tempfile::tempdir(),
        };
        let mut desk = Self {
            dir: dir.unwrap(),
            keys: Arc::new(MemoryKeys::default()),
            clock: Arc::new(FixedClock::at(NOW)),
            store: None,
            session: Session::new(5_000, 1),
        };
        let (store, _) = Store::create(&desk.location()).unwrap();
        store
            .transact(Write::upkeep(), |door| {
                for (id, name) in [(ME, "张三"), (LI, "李雷")] {
                    door.create("user", Some(id), Fields::new().with("name", name))?;
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
        desk.store = Some(store);
        desk
    }

    pub fn location(&self) -> Location {
        Location {
            folder: Folder::new(self.dir.path()),
            keys: Arc::<MemoryKeys>::clone(&self.keys),
            clock: Arc::<FixedClock>::clone(&self.clock),
            owner: "张三".to_owned(),
        }
    }

    pub fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    pub fn close(&mut self) {
        if let Some(store) = self.store.take() {
            store.close();
        }
    }

    pub fn open(&mut self) {
        self.close();
        self.store = Some(Store::open(&self.location()).unwrap());
        self.store().take_journal_up().unwrap();
        self.session = Session::new(5_000, 1);
    }

    pub fn read<T>(&self, work: impl FnOnce(&Reader<'_>) -> Result<T, StoreError>) -> T {
        self.store().read(work).unwrap()
    }

    pub fn state(&self) -> State {
        self.read(local::state).unwrap()
    }

    pub fn get(&self, entity: &str, id: Uuid) -> Option<StoredRecord> {
        self.read(|reader| reader.get(entity, id))
    }

    pub fn text(&self, entity: &str, id: Uuid, field: &str) -> Option<String> {
        let record = self.get(entity, id)?;
        record.fields.text(field).map(str::to_owned)
    }

    pub fn add(&self, entity: &str, fields: Fields) -> Uuid {
        self.store()
            .transact(Write::form(ME, "add"), |door| {
                door.create(entity, None, fields)
            })
            .unwrap()
            .value
    }

    pub fn set(&self, entity: &str, id: Uuid, field: &'static str, value: impl Into<Value>) {
        let patch = Fields::new().with(field, value);
        self.store()
            .transact(Write::form(ME, "update"), |door| {
                door.update(entity, id, patch)
            })
            .unwrap();
    }

    pub fn take(&self, request: Request, reply: Reply) -> Committed<Taken> {
        let event = Event::Heard(Box::new(request), Box::new(reply));
        local::take(self.store(), &event, Uuid::from_u128(0xf5)).unwrap()
    }

    /// The next push.
    pub fn push(&self) -> Option<Push> {
        local::next_push(self.store(), &self.session).unwrap()
    }

    /// The server answers every op of a push.
    pub fn answer(
        &self,
        push: &Push,
        outcome: impl Fn(usize) -> (i64, Outcome),
    ) -> Committed<Taken> {
        let answers = push.ops.iter().enumerate().map(|(at, op)| {
            let (seq, outcome) = outcome(at);
            Answer {
                op_id: op.op_id,
                sent: (push.incarnation, op.op_seq),
                seq,
                changed: outcome.stands(),
                outcome,
                chain: BTreeMap::new(),
            }
        });
        let pushed = Pushed {
            now: NOW,
            epoch: EPOCH,
            answers: answers.collect(),
            last_op_seq: 0,
            stands: None,
        };
        self.take(Request::Push(push.clone()), Reply::Pushed(pushed))
    }

    /// Takes a page to the head; entries are rows that are in the scope, or ids that left it.
    pub fn pull(&self, head: i64, rows: Vec<Row>, left: &[Uuid]) -> Committed<Taken> {
        let fresh = !self.state().scopes.contains_key(&MINE);
        self.take(ask(), Reply::Pulled(page(head, rows, left, fresh)))
    }

    pub fn refuse(&self, refusal: Refusal) -> Committed<Taken> {
        self.take(ask(), Reply::Refused(refusal))
    }

    /// The kept sums are those of the rows.
    pub fn check(&self) {
        assert_eq!(self.read(local::verify), []);
    }
}

pub fn ask() -> Request {
    Request::Pull(Pull {
        v: 1,
        epoch: EPOCH,
        incarnation: Uuid::from_u128(1),
        scopes: BTreeMap::new(),
        limit: 5_000,
        schema: 1,
        known: Vec::new(),
    })
}

pub fn page(head: i64, rows: Vec<Row>, left: &[Uuid], fresh: bool) -> Pulled {
    let entry = |id: Uuid, leave| FeedRow {
        scope: MINE,
        id,
        leave,
    };
    let entered = rows.iter().map(|row| entry(row.id, false));
    Pulled {
        now: NOW,
        epoch: EPOCH,
        cursors: BTreeMap::from([(
            MINE,
            Cursor {
                seq: head,
                snapshot: None,
            },
        )]),
        fresh: if fresh { vec![MINE] } else { Vec::new() },
        entries: entered
            .chain(left.iter().map(|id| entry(*id, true)))
            .collect(),
        rows,
        history: Vec::new(),
        stubs: Vec::new(),
        head,
        done: true,
        totals: BTreeMap::new(),
        proofs: Default::default(),
    }
}

pub fn row(entity: &str, id: Uuid, root: Uuid, rev: i64, fields: Json) -> Row {
    Row {
        entity: entity.to_owned(),
        id,
        root,
        rev,
        created_at: NOW - 5_000,
        created_by: Some(LI),
        updated_at: NOW - 5_000 + rev,
        updated_by: Some(LI),
        deleted: None,
        fields: serde_json::from_value(fields).unwrap(),
    }
}

pub fn customer(id: Uuid, rev: i64, name: &str) -> Row {
    let fields = json!({"name": name, "owner": ME, "note": "常来"});
    row("customer", id, id, rev, fields)
}
