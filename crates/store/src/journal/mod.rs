//! The outbox journal (docs/sync-protocol.md §7.3): beside the database, a copy of every op before it is first sent, so
//! that work which the server does not have outlives a damaged file. It follows the log; it never leads.

mod frames;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::OptionalExtension;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::file::DataKey;
use crate::store::Store;
use crate::sync::{OpState, OwnOp};

use frames::Frames;

/// How long an answered op is kept, milliseconds: 30 days.
const KEPT: i64 = 30 * 24 * 3_600_000;
/// How often what is over is taken out, milliseconds.
const EVERY: i64 = 24 * 3_600_000;
/// Ops that are read and sealed at once.
const BATCH: usize = 2_000;

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
enum Entry {
    Op(Box<OwnOp>),
    Answer(JournalAnswer),
}

/// That an op has its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalAnswer {
    pub op: Uuid,
    /// Whether it stands at the server, in whole or in part.
    pub stands: bool,
    pub at: i64,
}

/// What is remembered of an entry; the rest of an op stays on the disk.
#[derive(Debug, Deserialize)]
struct Known {
    entry: What,
    op: Uuid,
    record: Option<Uuid>,
    stands: Option<bool>,
    at: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    Op,
    Answer,
}

impl From<&Entry> for Known {
    fn from(entry: &Entry) -> Self {
        match entry {
            Entry::Op(own) => Self {
                entry: What::Op,
                op: own.op,
                record: Some(own.record),
                stands: None,
                at: None,
            },
            Entry::Answer(answer) => Self {
                entry: What::Answer,
                op: answer.op,
                record: None,
                stands: Some(answer.stands),
                at: Some(answer.at),
            },
        }
    }
}

/// The journal of an open file; not read before it is needed.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    open: Mutex<Option<Open>>,
}

#[derive(Debug)]
struct Open {
    frames: Frames,
    /// Ops that are in it: their records, and when they were answered.
    ops: HashMap<Uuid, (Uuid, Option<JournalAnswer>)>,
    /// There was none before: the log is followed from its beginning.
    is_new: bool,
}

impl Open {
    fn append(&mut self, entries: Vec<Entry>) -> Result<()> {
        let bytes = entries
            .iter()
            .map(|entry| serde_json::to_vec(entry).expect("entries are plain data"));
        self.frames.append(bytes)?;
        entries.iter().for_each(|entry| self.know(&entry.into()));
        Ok(())
    }

    fn know(&mut self, known: &Known) {
        match (&known.entry, known.record, known.stands, known.at) {
            (What::Op, Some(record), ..) => {
                self.ops.entry(known.op).or_insert((record, None));
            }
            (What::Answer, _, Some(stands), Some(at)) => {
                if let Some((_, answer)) = self.ops.get_mut(&known.op) {
                    *answer = Some(JournalAnswer {
                        op: known.op,
                        stands,
                        at,
                    });
                }
            }
            _ => {}
        }
    }
}

impl Journal {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self {
            path,
            open: Mutex::new(None),
        }
    }

    fn open(&self, key: &DataKey, now: i64) -> Result<MutexGuard<'_, Option<Open>>> {
        let mut slot = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            let found = Frames::open(&self.path, key, now)?;
            let mut open = Open {
                frames: found.frames,
                ops: HashMap::new(),
                is_new: found.is_new,
            };
            for known in parsed(&found.entries) {
                open.know(&known);
            }
            *slot = Some(open);
        }
        Ok(slot)
    }
}

/// Entries of a later version are left where they are.
fn parsed<T: DeserializeOwned>(entries: &[Vec<u8>]) -> impl Iterator<Item = T> {
    entries
        .iter()
        .filter_map(|entry| serde_json::from_slice(entry).ok())
}

impl Store {
    fn with_journal<T>(&self, work: impl FnOnce(&mut Open) -> Result<T>) -> Result<T> {
        let mut slot = self.journal().open(self.key(), self.clock().now())?;
        work(slot.as_mut().expect("the journal was opened"))
    }

    /// Brings the journal up to the log, durably: from now on everything that is unanswered outlives the file. Says how
    /// many ops that took. Called before a push is sent, and wherever people should not have to fear for their work.
    pub fn follow_journal(&self) -> Result<usize> {
        self.with_journal(|journal| {
            let mut after = match journal.is_new {
                true => 0,
                false => self
                    .read(|reader| reader.meta("journal"))?
                    .and_then(|at| at.parse().ok())
                    .unwrap_or(0),
            };
            let mut appended = 0;
            loop {
                let ops = self.read(|reader| reader.unanswered_after(after, BATCH))?;
                let Some(last) = ops.last().map(|own| own.place) else {
                    break;
                };
                let missing = ops
                    .into_iter()
                    .filter(|own| !journal.ops.contains_key(&own.op));
                let entries: Vec<Entry> = missing.map(|own| Entry::Op(Box::new(own))).collect();
                appended += entries.len();
                journal.append(entries)?;
                after = last;
            }
            if appended > 0 || journal.is_new {
                journal.frames.sync()?;
                journal.is_new = false;
                self.set_meta("journal", &after.to_string())?;
            }
            Ok(appended)
        })
    }

    /// Notes answers. Not before they are committed: what is noted is not taken up again.
    pub fn answer_journal(&self, answers: &[(Uuid, bool)]) -> Result<()> {
        let at = self.clock().now();
        self.with_journal(|journal| {
            let known = answers
                .iter()
                .filter(|(op, _)| matches!(journal.ops.get(op), Some((_, None))));
            let entries = known
                .map(|(op, stands)| {
                    Entry::Answer(JournalAnswer {
                        op: *op,
                        stands: *stands,
                        at,
                    })
                })
                .collect();
            journal.append(entries)
        })
    }

    /// Takes out answered ops of records that were purged, and those that were answered 30 days ago.
    pub fn compact_journal(&self, purged: &BTreeSet<Uuid>) -> Result<()> {
        let now = self.clock().now();
        self.with_journal(|journal| {
            let goes = |(record, answer): &(Uuid, Option<JournalAnswer>)| {
                answer.is_some_and(|answer| answer.at + KEPT <= now || purged.contains(record))
            };
            if !journal.ops.values().any(goes) {
                return Ok(());
            }
            journal.ops.retain(|_, known| !goes(known));
            let entries = journal.frames.read()?;
            let stays = |entry: &Vec<u8>| match serde_json::from_slice(entry) {
                Ok(Entry::Op(own)) => journal.ops.contains_key(&own.op),
                Ok(Entry::Answer(answer)) => journal.ops.contains_key(&answer.op),
                Err(_) => true,
            };
            let kept: Vec<Vec<u8>> = entries.into_iter().filter(stays).collect();
            journal.frames.replace(kept.into_iter())
        })
    }

    /// Ops that the journal has and this file's log does not, in order: what a restored backup is older than. Not those
    /// that the server refused.
    pub fn lost_ops(&self) -> Result<Vec<OwnOp>> {
        let entries = self.with_journal(|journal| journal.frames.read())?;
        let mut answers: BTreeMap<Uuid, bool> = BTreeMap::new();
        let mut ops: Vec<OwnOp> = Vec::new();
        for entry in parsed(&entries) {
            match entry {
                Entry::Op(own) => ops.push(*own),
                Entry::Answer(answer) => drop(answers.insert(answer.op, answer.stands)),
            }
        }
        let mut seen = BTreeSet::new();
        ops.retain(|own| answers.get(&own.op).is_none_or(|stands| *stands) && seen.insert(own.op));
        self.read_connection(|connection| {
            let mut find = connection.prepare_cached(include_str!("../sql/own_op.sql"))?;
            let mut lost = Vec::new();
            for own in ops {
                if !find.exists((own.record, own.op))? {
                    lost.push(own);
                }
            }
            lost.sort_by_key(|own| own.hlc);
            Ok(lost)
        })
    }

    /// Catches up with the log, notes answers that were committed and not noted, and takes out what is over. Done at
    /// open, beside what people do.
    pub fn take_journal_up(&self) -> Result<()> {
        if self.sync_state()?.is_none() {
            return Ok(());
        }
        let was_copied = self.was_copied()?;
        self.follow_journal()?;
        let open = self.with_journal(|journal| {
            let open = journal
                .ops
                .iter()
                .filter(|(_, (_, answer))| answer.is_none());
            Ok(open
                .map(|(op, (record, _))| (*op, *record))
                .collect::<Vec<_>>())
        })?;
        let mut answered = Vec::new();
        self.read_connection(|connection| {
            let mut find = connection.prepare_cached(include_str!("../sql/own_op.sql"))?;
            for (op, record) in open {
                let found = find.query_row((record, op), |row| {
                    let stands = row.get::<_, Option<i64>>("seq")?.is_some()
                        && row.get::<_, Option<i64>>("attention")?.is_none();
                    Ok((row.get::<_, String>("state")?, stands))
                });
                if let Some((state, stands)) = found.optional()?
                    && matches!(
                        OpState::parse(&state),
                        Some(OpState::Answered | OpState::Done)
                    )
                {
                    answered.push((op, stands));
                }
            }
            Ok::<_, StoreError>(())
        })?;
        self.answer_journal(&answered)?;
        // A restored file misses what it will get back from the journal; in another, what is missing was purged.
        let now = self.clock().now();
        let last = self.read(|reader| reader.meta("journal_compacted"))?;
        if was_copied
            || last
                .and_then(|at| at.parse::<i64>().ok())
                .is_some_and(|at| now - at < EVERY)
        {
            return Ok(());
        }
        self.compact_journal(&self.purged_in_journal()?)?;
        self.set_meta("journal_compacted", &now.to_string())
    }

    /// Records of answered ops in the journal that the log does not have any more.
    fn purged_in_journal(&self) -> Result<BTreeSet<Uuid>> {
        let answered = self.with_journal(|journal| {
            let answered = journal
                .ops
                .iter()
                .filter(|(_, (_, answer))| answer.is_some());
            Ok(answered
                .map(|(op, (record, _))| (*op, *record))
                .collect::<Vec<_>>())
        })?;
        self.read_connection(|connection| {
            let mut find = connection.prepare_cached(include_str!("../sql/own_op.sql"))?;
            let mut purged = BTreeSet::new();
            for (op, record) in answered {
                if !find.exists((record, op))? {
                    purged.insert(record);
                }
            }
            Ok(purged)
        })
    }
}
