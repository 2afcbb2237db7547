//! The world of one seed: people with laptops, one server, a network that does as it likes.
#![allow(
    clippy::print_stdout,
    reason = "a run is told where somebody asks for it"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fastrand::Rng;
use ketu_model::Catalog;
use ketu_model::authorize::Role;
use ketu_model::field::MergeClass;
use ketu_sync::client::{Around, Event, Local, Own, Trouble};
use ketu_sync::message::{Refusal, Reply, Request};
use ketu_sync::planted::{Bug, plant};
use ketu_sync::server::Person;
use uuid::Uuid;

use crate::beside::{FileBeside, ServerBeside, Stores};
use crate::forgotten::Memory;
use crate::incidents::Copy;
use crate::laptop::{File, Laptop, Wish};
use crate::oracle::{Fault, Oracle, Shown, look};
use crate::server::Server;
use crate::workload::{Chance, modern, something};

/// What a run is to contain.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Things that happen before the world comes to rest.
    pub events: usize,
    /// Transfers, shares and changes of rights are as frequent as edits.
    pub rights: bool,
    pub planted: Option<Bug>,
    /// Real stores that run beside the memory. Their laptops know no newer version.
    pub beside: Option<fn() -> Box<dyn Stores>>,
}

impl Plan {
    pub const USUAL: Self = Self {
        events: 400,
        rights: false,
        planted: None,
        beside: None,
    };
}

/// How a run ended.
#[derive(Debug, Clone, Default)]
pub struct Report {
    pub fault: Option<Fault>,
    /// The same for the same seed.
    pub trace: u64,
    pub ops: usize,
    pub exchanges: usize,
    pub stands: usize,
    pub cards: usize,
    pub laptops: usize,
    pub restores: usize,
    pub clones: usize,
    /// Rows that laptops said to a restored server.
    pub vouched: usize,
}

pub(crate) struct World {
    pub rng: Rng,
    pub now: i64,
    counter: u64,
    old: Arc<Catalog>,
    new: Arc<Catalog>,
    pub users: Vec<Uuid>,
    pub server: Server,
    pub backup: Option<(Server, Oracle)>,
    pub laptops: Vec<Laptop>,
    pub shown: Vec<Shown>,
    /// Requests that were given up by their laptops and are still under way.
    pub limbo: Vec<(Uuid, Request)>,
    pub oracle: Oracle,
    pub memory: Memory,
    pub report: Report,
    /// Faults may happen.
    pub rough: bool,
    /// Whether everything that happens is told, for a person who looks for a fault.
    told: bool,
    planted: Option<Bug>,
    pub copies: Vec<Copy>,
    stores: Option<Box<dyn Stores>>,
    /// The laptops' real files, where there are any, and the server's database.
    pub files: Vec<Option<Box<dyn FileBeside>>>,
    pub database: Option<Box<dyn ServerBeside>>,
}

/// Runs one seed to its end.
pub fn run(seed: u64, plan: Plan) -> Report {
    plant(plan.planted);
    let mut world = World::new(seed);
    world.planted = plan.planted;
    world.stores = plan.beside.map(|stores| stores());
    let fault = world.begin().and_then(|()| world.live(plan)).err();
    plant(None);
    let mut report = world.report;
    report.fault = fault;
    report.stands = world.oracle.stands;
    report.cards = world.oracle.cards;
    report.laptops = world.laptops.len();
    report
}

impl World {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut id = || uuid::Builder::from_random_bytes(rng.u128(..).to_be_bytes()).into_uuid();
        let users: Vec<Uuid> = (0..6).map(|_| id()).collect();
        let epoch = id();
        let mut people = BTreeMap::new();
        for (at, user) in users.iter().enumerate() {
            let person = match at {
                0 => (Role::Admin, None),
                1 => (Role::Manager, None),
                2 => (Role::Manager, Some(users[1])),
                3 => (Role::Salesperson, Some(users[1])),
                _ => (Role::Salesperson, Some(users[2])),
            };
            let (role, leader) = person;
            let active = true;
            people.insert(
                *user,
                Person {
                    role,
                    leader,
                    active,
                },
            );
        }
        let old = Catalog::core();
        let server = Server::new(Arc::clone(&old), epoch, people);
        let mut world = Self {
            now: 1_790_000_000_000,
            counter: 0,
            old,
            new: modern(),
            users,
            server,
            backup: None,
            laptops: Vec::new(),
            shown: Vec::new(),
            limbo: Vec::new(),
            oracle: Oracle::default(),
            memory: Memory::default(),
            report: Report::default(),
            rough: true,
            planted: None,
            told: std::env::var_os("KETU_SIM_TELLS").is_some(),
            copies: Vec::new(),
            stores: None,
            files: Vec::new(),
            database: None,
            rng,
        };
        for _ in 0..3 + world.rng.usize(..4) {
            let user = world.users[world.rng.usize(..world.users.len())];
            let incarnation = world.id();
            let page = [3, 20, 1_000][world.rng.usize(..3)];
            world.add(Laptop {
                user,
                file: File::new(incarnation),
                session: None,
                skew: 0,
                online: true,
                modern: false,
                page,
            });
        }
        world
    }

    /// Puts real stores beside the memory.
    fn begin(&mut self) -> Result<(), Fault> {
        self.files = self.laptops.iter().map(|_| None).collect();
        let Some(stores) = &self.stores else {
            return Ok(());
        };
        self.database = stores.server()?;
        for (at, laptop) in self.laptops.iter_mut().enumerate() {
            laptop.modern = false;
            self.files[at] = stores.file(laptop.file.state.incarnation)?;
        }
        Ok(())
    }

    pub fn id(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.rng.u128(..).to_be_bytes()).into_uuid()
    }

    fn add(&mut self, mut laptop: Laptop) {
        laptop.modern = self.rng.u8(..3) == 0;
        if self.rng.u8(..4) == 0 {
            // From ten years slow to ten years fast.
            laptop.skew = self.rng.i64(-315_360_000_000..315_360_000_000);
        }
        self.laptops.push(laptop);
        self.shown.push(Shown::new());
    }

    fn trace(&mut self, what: u64) {
        self.report.trace = (self.report.trace ^ what)
            .wrapping_mul(0x0100_0000_01b3)
            .rotate_left(23);
    }

    fn live(&mut self, plan: Plan) -> Result<(), Fault> {
        for _ in 0..plan.events {
            self.now += match self.rng.u8(..20) {
                0 => self.rng.i64(0..86_400_000),
                _ => self.rng.i64(0..60_000),
            };
            let at = self.rng.usize(..self.laptops.len());
            let rights = if plan.rights { 30 } else { 4 };
            match self.rng.u32(..100 + rights) {
                0..40 => self.edit(at)?,
                40..85 => drop(self.exchange(at)?),
                85..88 => self.laptops[at].online = !self.laptops[at].online,
                88..91 => self.laptops[at].session = None,
                91 => self.laptops[at].skew = self.rng.i64(-315_360_000_000..315_360_000_000),
                92..94 => self.late()?,
                94 if self.rng.u8(..4) == 0 => self.give_away_and_go_back(at)?,
                95 => self.back_up(at)?,
                96 if self.rng.u8(..3) == 0 => self.go_back(at)?,
                97 if self.rng.u8(..3) == 0 => self.copy(at)?,
                98 => self.server.catalog = Arc::clone(&self.new),
                99 => self.sync(at)?,
                100.. => self.rights()?,
                _ => {}
            }
        }
        self.rest()
    }

    pub(crate) fn edit(&mut self, at: usize) -> Result<(), Fault> {
        // Nobody can save anything on a full disk.
        if self.rough && self.rng.u8(..50) == 0 {
            return Ok(());
        }
        self.work(at, something)
    }

    /// Lets a laptop's user do something.
    pub fn work(
        &mut self,
        at: usize,
        does: impl Fn(&mut Chance<'_>, &mut Laptop, &Catalog) -> Vec<Own>,
    ) -> Result<(), Fault> {
        let catalog = self.catalog(at);
        let laptop = &mut self.laptops[at];
        let mut chance = Chance {
            rng: &mut self.rng,
            counter: &mut self.counter,
            users: &self.users,
            now: self.now,
        };
        let ops = does(&mut chance, laptop, &catalog);
        for own in ops.iter().filter(|own| own.carrier.is_none()) {
            self.oracle.made(laptop, &self.shown[at], &own.op);
            self.report.ops += 1;
        }
        let ids: Vec<Uuid> = ops.iter().map(|own| own.op.record).collect();
        if let Some(file) = &mut self.files[at] {
            file.keep(&ops)?;
        }
        laptop.file.keep(ops, &catalog);
        for id in ids {
            if let Some(row) = laptop.file.views.get(&id) {
                look(&mut self.shown[at], row);
            }
        }
        let counter = self.counter;
        self.trace(counter);
        Ok(())
    }

    pub fn catalog(&self, at: usize) -> Arc<Catalog> {
        Arc::clone(if self.laptops[at].modern {
            &self.new
        } else {
            &self.old
        })
    }

    /// One request of a laptop's session, and whatever becomes of it.
    fn exchange(&mut self, at: usize) -> Result<bool, Fault> {
        if !self.laptops[at].online {
            return Ok(false);
        }
        let request = match self.laptops[at].wish() {
            Wish::Ask(request) => request,
            Wish::Rest => return Ok(false),
            Wish::Trouble(Trouble::Diverged { scope, buckets }) => {
                return Err(format!("{scope} differs again in {buckets:?}"));
            }
            Wish::Trouble(Trouble::Refused(_)) => return Ok(false),
        };
        self.report.exchanges += 1;
        if self.told {
            println!("{at} asks {}", brief(&request));
        }
        if let Request::Refetch(refetch) = &request {
            return Err(format!("the sums of {} differ", refetch.scope));
        }
        if let (Request::Push(push), Some(file), Some(session)) =
            (&request, &mut self.files[at], &self.laptops[at].session)
        {
            file.push(session, push)?;
        }
        if let (Request::Vouch(vouch), Some(file)) = (&request, &mut self.files[at]) {
            file.vouch(self.laptops[at].page, vouch)?;
        }
        let user = self.laptops[at].user;
        let luck = if self.rough { self.rng.u8(..100) } else { 99 };
        match luck {
            // The laptop dies before it sends, or the request is lost.
            0..4 => self.laptops[at].session = None,
            // The request takes its time; the laptop gives up.
            4..8 => {
                self.limbo.push((user, request));
                self.laptops[at].session = None;
            }
            // The server does it and dies, or the answer is lost, or the laptop dies, or its disk is full.
            8..15 => {
                let reply = self.serve(user, &request)?;
                self.laptops[at].session = None;
                if let (Some(Bug::CursorBeforePage), Reply::Pulled(pulled)) = (self.planted, &reply)
                {
                    for (scope, cursor) in &pulled.cursors {
                        let held = self.laptops[at]
                            .file
                            .state
                            .scopes
                            .entry(*scope)
                            .or_default();
                        held.cursor = Some(cursor.clone());
                    }
                }
            }
            // It arrives twice.
            15..20 => {
                self.serve(user, &request)?;
                let reply = self.serve(user, &request)?;
                self.hear(at, request, reply)?;
            }
            _ => {
                let reply = self.serve(user, &request)?;
                // Its user does not wait for the answer.
                if self.rough && self.rng.u8(..10) == 0 {
                    self.edit(at)?;
                }
                match self.ahead(at, &request, &reply)? {
                    Some(next) => self.hear_both(at, (request, reply), next)?,
                    None => self.hear(at, request, reply)?,
                }
            }
        }
        Ok(true)
    }

    pub(crate) fn serve(&mut self, user: Uuid, request: &Request) -> Result<Reply, Fault> {
        let writing = matches!(request, Request::Push(_) | Request::Vouch(_));
        let before = writing.then(|| self.server.clone());
        let head = self.server.head;
        let context = self.server.context_of(user, request, self.now);
        let (writes, reply) = self.server.handle(user, request, self.now);
        if let (Some(database), Some(context), Some(writes)) =
            (&mut self.database, context, &writes)
        {
            database.answer(context, request, (writes, &reply))?;
        }
        if self.server.head < head {
            return Err("the head went back".into());
        }
        match (request, &reply, before) {
            (Request::Push(push), Reply::Pushed(pushed), Some(before)) => {
                self.oracle
                    .pushed(&before, &self.server, user, push, pushed, self.now)?;
                self.memory.stood(&self.server, pushed);
            }
            (Request::Vouch(vouch), Reply::Vouched { .. }, Some(before)) => {
                self.report.vouched += vouch.rows.len();
                let (oracle, server) = (&mut self.oracle, &self.server);
                self.memory.vouched(oracle, &before, server, vouch)?;
            }
            (_, Reply::Pulled(pulled), _) => {
                self.oracle.pulled(&self.server, user, pulled)?;
                self.memory.sent(pulled);
            }
            // An honest laptop is refused for what happened to it or to the server, never for what it says.
            (_, Reply::Refused(refusal), _)
                if !matches!(
                    refusal,
                    Refusal::Epoch { .. } | Refusal::Clone | Refusal::Forbidden
                ) =>
            {
                return Err(format!("{request:?} was refused: {refusal:?}"));
            }
            _ => {}
        }
        let head = u64::try_from(self.server.head).unwrap_or_default();
        self.trace(head);
        Ok(reply)
    }

    pub(crate) fn hear(&mut self, at: usize, request: Request, reply: Reply) -> Result<(), Fault> {
        let catalog = self.catalog(at);
        let fresh = self.id();
        let event = self.files[at]
            .is_some()
            .then(|| Event::Heard(Box::new(request.clone()), Box::new(reply.clone())));
        let laptop = &mut self.laptops[at];
        let around = Around {
            catalog: &catalog,
            fresh,
            now: laptop.now(self.now),
        };
        let named: Vec<Uuid> = match (&request, &reply) {
            (Request::Push(push), _) => push.ops.iter().map(|op| op.record).collect(),
            (_, Reply::Pulled(pulled)) => {
                let rows = pulled.rows.iter().map(|row| row.id);
                rows.chain(laptop.file.views.keys().copied()).collect()
            }
            _ => Vec::new(),
        };
        if self.told {
            println!("{at} hears {}", brief(&reply));
        }
        let waiting = match &reply {
            Reply::Pulled(_) => laptop.file.unanswered(),
            _ => Vec::new(),
        };
        laptop.hear(request, reply, &around);
        let waits = |own: &Own| {
            let now = laptop.file.ops.get(&own.op.op_id);
            now.is_some_and(|own| own.state.is_unanswered())
        };
        if let Some(own) = waiting.iter().find(|own| !waits(own)) {
            return Err(format!("a pull dropped what waits for its answer: {own:?}"));
        }
        if let (Some(file), Some(event)) = (&mut self.files[at], &event) {
            file.take(event, &around)?;
            file.compare(&laptop.file, &about(event))?;
        }
        for id in named {
            if let Some(row) = laptop.file.views.get(&id) {
                look(&mut self.shown[at], row);
            }
            if let Some(local) = laptop.file.records.get(&id) {
                pending_is_shown(local, laptop.file.views.get(&id))?;
            }
        }
        Ok(())
    }

    /// A request arrives that nobody waits for any more.
    fn late(&mut self) -> Result<(), Fault> {
        if self.limbo.is_empty() {
            return Ok(());
        }
        let at = self.rng.usize(..self.limbo.len());
        let (user, request) = self.limbo.swap_remove(at);
        self.serve(user, &request).map(|_| ())
    }

    /// A whole session without a fault in between, unless the world is rough.
    pub fn sync(&mut self, at: usize) -> Result<(), Fault> {
        for _ in 0..2_000 {
            if !self.exchange(at)? {
                return Ok(());
            }
        }
        Err("a session does not end".into())
    }

    /// Faults stop; after three rounds everybody has the same.
    fn rest(&mut self) -> Result<(), Fault> {
        self.rough = false;
        self.server.catalog = Arc::clone(&self.new);
        while !self.limbo.is_empty() {
            self.late()?;
        }
        for laptop in &mut self.laptops {
            laptop.online = true;
            laptop.session = None;
        }
        for _ in 0..3 {
            for at in 0..self.laptops.len() {
                self.now += 1_000;
                self.sync(at)?;
            }
        }
        for (laptop, beside) in self.laptops.iter().zip(&self.files) {
            self.oracle.at_rest(&self.server, laptop)?;
            if let Some(beside) = beside {
                beside.compare_all(&laptop.file)?;
            }
        }
        self.memory.at_the_end(&self.oracle, &self.server)?;
        self.oracle.at_the_end(&self.server)
    }
}

/// The records that an event is about.
fn about(event: &Event) -> BTreeSet<Uuid> {
    let Event::Heard(request, reply) = event else {
        return BTreeSet::new();
    };
    match (request.as_ref(), reply.as_ref()) {
        (Request::Push(push), _) => push.ops.iter().map(|op| op.record).collect(),
        (_, Reply::Pulled(pulled)) => pulled.entries.iter().map(|entry| entry.id).collect(),
        _ => BTreeSet::new(),
    }
}

fn brief(what: &impl std::fmt::Debug) -> String {
    let text = format!("{what:?}");
    let end = text
        .char_indices()
        .nth(60_000)
        .map_or(text.len(), |(at, _)| at);
    text[..end].to_owned()
}

/// What waits for its answer is what its author sees.
fn pending_is_shown(local: &Local, view: Option<&ketu_sync::record::Row>) -> Result<(), Fault> {
    let Some(view) = view else {
        return Ok(());
    };
    let base = local.base.as_ref().map(|row| row.rev);
    let mut latest = BTreeMap::new();
    for own in local.ops.iter().filter(|own| own.state.is_live()) {
        for (field, (_, new)) in own
            .op
            .patch
            .iter()
            .filter(|(field, _)| own.shows(field, base))
        {
            latest.insert(field, (new, own.state.is_unanswered()));
        }
    }
    for (field, (new, unanswered)) in latest {
        let plain = crate::oracle::class(field)
            .is_some_and(|class| !matches!(class, MergeClass::Text | MergeClass::Set));
        if plain && unanswered && view.value(field) != new {
            return Err(format!("a pending edit of {field} is not shown"));
        }
    }
    Ok(())
}
