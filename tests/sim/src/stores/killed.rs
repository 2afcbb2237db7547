//! kill -9 of a laptop that works and synchronises: afterwards its file opens and is whole, what it said was saved is
//! there, and at the end the server has all of it, each once. The laptop is a child of this process, which is the server
//! with its database.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use fastrand::Rng;
use ketu_app::sync::{local, simulated};
use ketu_model::authorize::Role;
use ketu_model::catalog::SCHEMA_VERSION;
use ketu_model::clock::{Clock, SystemClock};
use ketu_model::{Catalog, Fields};
use ketu_store::file::{Folder, KeyError, KeySource};
use ketu_store::{Location, Store, StoreError, Write};
use ketu_sync::client::{Event, Session, Step};
use ketu_sync::message::{Reply, Request};
use ketu_sync::server::Person;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::database::Beside;
use crate::beside::ServerBeside;
use crate::server::Server;

/// The first argument of a program that is to be the laptop.
const ASKED: &str = "--be-a-laptop";
const ME: Uuid = Uuid::from_u128(0xa1);
/// Entries of a page: small, so that a kill finds pulls half done.
const PAGE: usize = 20;

/// What the laptop says, a line of JSON each.
#[derive(Debug, Serialize, Deserialize)]
enum Said {
    /// It is going to save this, and may never come to say that it did.
    Saving(Edit),
    Saved(Edit),
    /// The answer comes as a line too.
    Asks(Request),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Edit {
    customer: Uuid,
    alias: String,
}

/// The key in a file beside the folder.
#[derive(Debug)]
struct KeyFile(PathBuf);

impl KeySource for KeyFile {
    fn kind(&self) -> &'static str {
        "keyring"
    }

    fn load(&self, _: Uuid) -> Result<Option<Zeroizing<[u8; 32]>>, KeyError> {
        let bytes = std::fs::read(&self.0).ok();
        Ok(bytes
            .and_then(|bytes| bytes.try_into().ok())
            .map(Zeroizing::new))
    }

    fn save(&self, _: Uuid, key: &[u8; 32]) -> Result<(), KeyError> {
        std::fs::write(&self.0, key).expect("the folder can be written");
        Ok(())
    }
}

fn location(folder: &Path) -> Location {
    Location {
        folder: Folder::new(folder.join("data")),
        keys: Arc::new(KeyFile(folder.join("key"))),
        clock: Arc::new(SystemClock),
        owner: "laptop".to_owned(),
    }
}

/// Is the laptop, if the program was started as one, until it is killed.
pub fn be_a_laptop_if_asked() {
    let mut args = std::env::args().skip(1);
    if args.next().as_deref() != Some(ASKED) {
        return;
    }
    let (folder, seed) = (args.next(), args.next().and_then(|seed| seed.parse().ok()));
    let (Some(folder), Some(seed)) = (folder, seed) else {
        std::process::exit(2);
    };
    let ended = work(Path::new(&folder), seed);
    panic!("a laptop works until it is killed: {ended:?}");
}

/// Edits and synchronises, on and on.
fn work(folder: &Path, seed: u64) -> Result<()> {
    let store = open(folder)?;
    let mut rng = Rng::with_seed(seed);
    let mut customers = Vec::new();
    store.read(|reader| {
        reader.each_confirmed(|known| {
            customers.extend((known.row.entity == "customer").then_some(known.row.id));
            Ok(())
        })
    })?;
    for n in 0.. {
        for m in 0..rng.usize(1..6) {
            let new = customers.is_empty() || rng.u8(..3) == 0;
            let edit = Edit {
                customer: if new {
                    Uuid::now_v7()
                } else {
                    customers[rng.usize(..customers.len())]
                },
                alias: format!("{seed}-{n}-{m}"),
            };
            say(&Said::Saving(edit.clone()))?;
            store.transact(Write::form(ME, "edit"), |door| {
                let fields = Fields::new().with("alias", edit.alias.as_str());
                if new {
                    let fields = fields
                        .with("name", edit.customer.to_string())
                        .with("owner", ME);
                    door.create("customer", Some(edit.customer), fields)?;
                } else {
                    door.update("customer", edit.customer, fields)?;
                }
                Ok::<_, StoreError>(())
            })?;
            if new {
                customers.push(edit.customer);
            }
            say(&Said::Saved(edit))?;
        }
        session(&store, |request| {
            say(&Said::Asks(request.clone()))?;
            let mut line = String::new();
            std::io::stdin().read_line(&mut line)?;
            Ok(serde_json::from_str(&line)?)
        })?;
    }
    Ok(())
}

fn say(said: &Said) -> Result<()> {
    let mut line = serde_json::to_string(said)?;
    line.push('\n');
    let mut out = std::io::stdout().lock();
    out.write_all(line.as_bytes())?;
    Ok(out.flush()?)
}

/// Opens the file as the program does.
fn open(folder: &Path) -> Result<Store> {
    let store =
        Store::open(&location(folder)).map_err(|error| anyhow!("it does not open: {error}"))?;
    store.take_journal_up()?;
    if store.was_copied()? {
        local::take(&store, &Event::Copied(Uuid::now_v7()), Uuid::now_v7())?;
    }
    Ok(store)
}

/// One session to its end.
fn session(store: &Store, mut ask: impl FnMut(&Request) -> Result<Reply>) -> Result<()> {
    let mut session = Session::new(PAGE, SCHEMA_VERSION);
    loop {
        let state = store.read(local::state)?.context("it has begun")?;
        let request = match session.next(&state) {
            Step::Vouch(_) => {
                session.nothing_to_vouch();
                continue;
            }
            Step::Push => match local::next_push(store, &session)? {
                Some(push) => Request::Push(push),
                None => {
                    session.nothing_to_push();
                    continue;
                }
            },
            Step::Send(request) => request,
            Step::Done => return Ok(()),
            Step::Stop(trouble) => bail!("{trouble:?}"),
        };
        let reply = ask(&request)?;
        let event = Event::Heard(Box::new(request), Box::new(reply.clone()));
        let taken = local::take(store, &event, Uuid::now_v7())?.value;
        local::heard(store, &mut session, &taken.state, &reply)?;
    }
}

/// What the kills found.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    pub kills: u32,
    /// Edits that were saved, by the laptop's own word.
    pub saved: usize,
    pub exchanges: usize,
    /// Kills that left a request without its answer.
    pub cut: u32,
    /// Times that the outbox was emptied and everything compared.
    pub drained: u32,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} kills of a laptop at work, {} of them between request and answer; {} edits saved and {} exchanges, all edits \
             there after each kill, each once at the server after {} times that the outbox was emptied",
            self.kills, self.cut, self.saved, self.exchanges, self.drained
        )
    }
}

/// One laptop through all its kills, and its server.
#[derive(Debug)]
pub struct Killing {
    program: PathBuf,
    folder: TempDir,
    server: Server,
    database: Beside,
    /// Every alias that was saved.
    all: BTreeSet<String>,
    /// The last alias of each customer that was saved, and those that may have been since.
    saved: BTreeMap<Uuid, (Option<String>, Vec<String>)>,
    pub counts: Counts,
}

impl Killing {
    /// `program` begins with [`be_a_laptop_if_asked`].
    pub fn prepare(program: PathBuf) -> Result<Self> {
        // On the disk, whose commits take their time.
        let folder = tempfile::tempdir()?;
        let (store, _) =
            Store::create(&location(folder.path())).map_err(|error| anyhow!("{error}"))?;
        store.transact(Write::upkeep(), |door| {
            door.create("user", Some(ME), Fields::new().with("name", "张三"))
        })?;
        local::begin(&store, Uuid::now_v7())?;
        store.close();
        let me = Person {
            role: Role::Salesperson,
            leader: None,
            active: true,
        };
        Ok(Self {
            program,
            folder,
            server: Server::new(Catalog::core(), Uuid::now_v7(), BTreeMap::from([(ME, me)])),
            database: Beside::sqlite().map_err(|fault| anyhow!(fault))?,
            all: BTreeSet::new(),
            saved: BTreeMap::new(),
            counts: Counts::default(),
        })
    }

    fn serve(&mut self, request: &Request) -> Result<Reply> {
        let differ = matches!(request, Request::Digest(_) | Request::Refetch(_));
        ensure!(!differ, "sums differ from the server's: {request:?}");
        self.counts.exchanges += 1;
        let now = SystemClock.now();
        let context = self.server.context_of(ME, request, now);
        let (writes, reply) = self.server.handle(ME, request, now);
        let (context, writes) = context.zip(writes).context("nobody is shut out")?;
        let answered = self.database.answer(context, request, (&writes, &reply));
        answered.map_err(|fault| anyhow!(fault))?;
        Ok(reply)
    }

    /// Starts the laptop, kills it at some point of its work, and looks at what it left.
    pub fn round(&mut self, seed: u64) -> Result<()> {
        let mut rng = Rng::with_seed(seed);
        let mut child = Command::new(&self.program)
            .args([
                ASKED,
                &self.folder.path().to_string_lossy(),
                &seed.to_string(),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut answers = child.stdin.take().context("a pipe")?;
        let mut lines = BufReader::new(child.stdout.take().context("a pipe")?).lines();
        // So many words, and then any moment of what follows them; or any moment of the opening.
        for _ in 0..rng.usize(..60) {
            let line = lines.next().context("it went by itself")??;
            self.hear(&line, Some(&mut answers))?;
        }
        thread::sleep(Duration::from_micros(rng.u64(..20_000)));
        kill(&mut child)?;
        for line in lines {
            // The last word may be half a line.
            let line = line?;
            let said: Option<Said> = serde_json::from_str(&line).ok();
            if matches!(said, Some(Said::Asks(_))) {
                self.counts.cut += 1;
                // The request may have arrived all the same.
                if rng.bool() {
                    continue;
                }
            }
            if said.is_some() {
                self.hear(&line, None)?;
            }
        }
        self.counts.kills += 1;
        let drain = rng.u8(..5) == 0;
        self.look(drain)
            .with_context(|| format!("after the kill of seed {seed}"))
    }

    fn hear(&mut self, line: &str, answers: Option<&mut ChildStdin>) -> Result<()> {
        match serde_json::from_str(line)? {
            Said::Saving(edit) => {
                self.saved
                    .entry(edit.customer)
                    .or_default()
                    .1
                    .push(edit.alias);
            }
            Said::Saved(edit) => {
                self.counts.saved += 1;
                self.all.insert(edit.alias.clone());
                self.saved
                    .insert(edit.customer, (Some(edit.alias), Vec::new()));
            }
            Said::Asks(request) => {
                let reply = self.serve(&request)?;
                if let Some(answers) = answers {
                    let mut line = serde_json::to_string(&reply)?;
                    line.push('\n');
                    answers.write_all(line.as_bytes())?;
                }
            }
        }
        Ok(())
    }

    /// The file after a kill; with `drain`, after a last session too.
    fn look(&mut self, drain: bool) -> Result<()> {
        let folder = self.folder.path().to_owned();
        let store = open(&folder)?;
        ensure!(store.check_integrity()?.is_empty(), "the file is damaged");
        ensure!(
            store.read(local::verify)?.is_empty(),
            "sums are not those of the rows"
        );
        for (customer, (alias, since)) in &mut self.saved {
            let shown = store.read(|reader| reader.get("customer", *customer))?;
            let shown = shown.and_then(|record| Some(record.fields.text("alias")?.to_owned()));
            let known = shown == *alias || shown.as_ref().is_some_and(|s| since.contains(s));
            ensure!(
                known,
                "{customer} is {shown:?}, saved was {alias:?}, then {since:?}"
            );
            // What it is now it was going to be, and it is saved.
            *alias = shown;
            since.clear();
        }
        self.saved.retain(|_, (alias, _)| alias.is_some());
        if drain {
            session(&store, |request| self.serve(request))?;
            ensure!(
                store.read(simulated::unanswered)?.is_empty(),
                "the outbox is not empty"
            );
            self.compare(&store)?;
            self.counts.drained += 1;
        }
        store.close();
        Ok(())
    }

    /// File, server and what was saved are the same.
    fn compare(&self, store: &Store) -> Result<()> {
        let mut here = BTreeMap::new();
        store.read(|reader| {
            reader.each_confirmed(|known| {
                here.insert(known.row.id, known.row.fields);
                Ok(())
            })
        })?;
        let there = self.server.records.iter();
        let there: BTreeMap<Uuid, _> = there.map(|(id, r)| (*id, r.fields.clone())).collect();
        ensure!(here == there, "the file has other rows than the server");
        let saved: BTreeSet<&Uuid> = self.saved.keys().collect();
        ensure!(
            there.keys().collect::<BTreeSet<_>>() == saved,
            "not each customer is there once"
        );
        let mut told = BTreeSet::new();
        for entry in &self.server.history {
            if let Some((_, alias)) = entry.patch.get("alias") {
                let alias = alias.as_str().unwrap_or_default();
                ensure!(told.insert(alias.to_owned()), "{alias} was taken twice");
            }
        }
        let lost = self.all.difference(&told).next();
        ensure!(lost.is_none(), "{lost:?} was saved and never told");
        for (id, (alias, _)) in &self.saved {
            let alias_there = there[id].get("alias").and_then(|value| value.as_str());
            ensure!(
                alias_there == alias.as_deref(),
                "{id} is {alias_there:?}, not {alias:?}"
            );
        }
        Ok(())
    }

    /// After the last kill: everything is told.
    pub fn end(&mut self) -> Result<()> {
        self.look(true)
    }
}

/// SIGKILL on Unix.
fn kill(child: &mut Child) -> Result<()> {
    child.kill()?;
    child.wait()?;
    Ok(())
}
