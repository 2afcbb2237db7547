//! What holds for every sequence of operations: undo and redo restore exact states, undo of an older step takes
//! nothing of others with it, and history replays to the present row.

#![allow(clippy::unwrap_used)]

mod support;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use ketu_model::{RecordId, TxId, Value};
use ketu_store::{LogRow, StoreError};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use support::Laptop;
use support::acts::{Act, Step, everything, furnished, perform, steps};
use uuid::Uuid;

/// What a person could tell two files apart by.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    root: Uuid,
    deleted_at: Option<i64>,
    fields: BTreeMap<String, Value>,
}

type State = BTreeMap<(&'static str, Uuid), Seen>;

fn state(laptop: &Laptop) -> State {
    let seen = everything(laptop).into_iter().map(|(key, record)| {
        let fields = record
            .fields
            .iter()
            .map(|(key, value)| (key.to_string(), value.clone()))
            .collect();
        let seen = Seen {
            root: record.root,
            deleted_at: record.deleted_at,
            fields,
        };
        (key, seen)
    });
    seen.collect()
}

/// The later state is the earlier one; what had not been made then is in the recycle bin.
fn assert_back(earlier: &State, now: &State) -> Result<(), TestCaseError> {
    for (key, seen) in earlier {
        prop_assert_eq!(now.get(key), Some(seen), "{:?}", key);
    }
    for (key, seen) in now {
        prop_assert!(
            earlier.contains_key(key) || seen.deleted_at.is_some(),
            "{:?} is still there",
            key
        );
    }
    Ok(())
}

fn step_back(laptop: &Laptop, redo: bool) -> Result<bool, TestCaseError> {
    match if redo { laptop.redo() } else { laptop.undo() } {
        Ok(committed) => {
            prop_assert_eq!(committed.value.kept, vec![]);
            Ok(true)
        }
        Err(StoreError::NothingToUndo | StoreError::NothingToRedo) => Ok(false),
        Err(error) => Err(TestCaseError::fail(format!("{error:?}"))),
    }
}

#[test]
fn undo_of_any_sequence_of_operations_restores_the_exact_earlier_states_and_redo_the_later() {
    let (tried, done) = (Cell::new(0), Cell::new(0));
    TestRunner::new(support::cases(200))
        .run(&steps(), |steps| {
            let laptop = furnished();
            // The states that undo walks back through, and where we stand among them.
            let mut states = vec![state(&laptop)];
            let mut here = 0usize;
            for step in &steps {
                match step {
                    Step::Wait(time) => laptop.clock.advance(*time),
                    Step::Undo => {
                        prop_assert_eq!(step_back(&laptop, false)?, here > 0);
                        here = here.saturating_sub(1);
                        assert_back(&states[here], &state(&laptop))?;
                    }
                    Step::Redo => {
                        prop_assert_eq!(step_back(&laptop, true)?, here + 1 < states.len());
                        here = (here + 1).min(states.len() - 1);
                        assert_back(&states[here], &state(&laptop))?;
                    }
                    Step::Together(acts) => {
                        tried.set(tried.get() + 1);
                        let result =
                            laptop.write(|door| acts.iter().try_for_each(|act| perform(door, act)));
                        match result {
                            Ok(committed) if committed.changes.is_empty() => {}
                            Ok(_) => {
                                done.set(done.get() + 1);
                                states.truncate(here + 1);
                                states.push(state(&laptop));
                                here += 1;
                            }
                            Err(StoreError::Invalid(_)) => {
                                assert_back(&states[here], &state(&laptop))?;
                            }
                            Err(error) => return Err(TestCaseError::fail(format!("{error:?}"))),
                        }
                    }
                }
            }
            while here > 0 {
                prop_assert!(step_back(&laptop, false)?);
                here -= 1;
                assert_back(&states[here], &state(&laptop))?;
            }
            prop_assert!(!step_back(&laptop, false)?, "nothing was done before");
            for later in &states[1..] {
                prop_assert!(step_back(&laptop, true)?);
                assert_back(later, &state(&laptop))?;
            }
            prop_assert!(!step_back(&laptop, true)?);
            histories_replay(&laptop)
        })
        .unwrap();
    assert!(
        done.get() * 2 > tried.get(),
        "only {} of {} steps did anything",
        done.get(),
        tried.get()
    );
}

/// What of a file a person sees: neither removed nor below a customer that is.
fn in_sight(state: &State) -> BTreeMap<(&'static str, Uuid), &Seen> {
    let is_removed = |id: Uuid| {
        let root = state.get(&("customer", id));
        root.is_some_and(|root| root.deleted_at.is_some())
    };
    let seen = state
        .iter()
        .filter(|(_, seen)| seen.deleted_at.is_none() && !is_removed(seen.root));
    seen.map(|(key, seen)| (*key, seen)).collect()
}

/// Fields of a record that are others than they were after a transaction, for what was done later.
fn later_work(history: &[LogRow], last: i64) -> BTreeSet<String> {
    let mut fields: BTreeMap<&str, (serde_json::Value, serde_json::Value)> = BTreeMap::new();
    for row in history.iter().rev().filter(|row| row.local_seq > last) {
        for (key, change) in &row.patch {
            let (old, new) = (change[0].clone(), change[1].clone());
            let known = fields.entry(key).or_insert_with(|| (old, new.clone()));
            known.1 = new;
        }
    }
    let changed = fields.into_iter().filter(|(_, (first, now))| first != now);
    changed.map(|(key, _)| key.to_owned()).collect()
}

/// A day of work, and then steps of it that are taken back, whatever came after them.
fn take_older_steps_back(
    steps: &[Step],
    picks: &[usize],
    undone_older: &Cell<usize>,
) -> Result<(), TestCaseError> {
    let laptop = furnished();
    let mut done: Vec<TxId> = Vec::new();
    for step in steps {
        let committed = match step {
            Step::Wait(time) => {
                laptop.clock.advance(*time);
                continue;
            }
            Step::Undo => laptop.undo().ok().map(|committed| committed.tx),
            Step::Redo => laptop.redo().ok().map(|committed| committed.tx),
            Step::Together(acts) => laptop
                .write(|door| acts.iter().try_for_each(|act| perform(door, act)))
                .ok()
                .map(|committed| committed.tx),
        };
        done.extend(committed);
    }
    for pick in picks {
        let Some(tx) = done.get(pick % done.len().max(1)).copied() else {
            return Ok(());
        };
        let operations = laptop
            .store()
            .read(|reader| match reader.standing(tx)? {
                Some(standing) => reader.operations_of(standing),
                None => Ok(Vec::new()),
            })
            .unwrap();
        let Some(last) = operations.last().map(|row| row.local_seq) else {
            continue;
        };
        let before = state(&laptop);
        let history = |id| {
            laptop
                .store()
                .read(|reader| reader.history(RecordId(id)))
                .unwrap()
        };
        let work: BTreeMap<Uuid, BTreeSet<String>> = before
            .keys()
            .map(|(_, id)| (*id, later_work(&history(*id), last)))
            .collect();
        let undone = match laptop.write(|door| door.undo(Some(tx))) {
            Ok(undone) => undone,
            Err(StoreError::NothingToUndo) => continue,
            Err(error) => return Err(TestCaseError::fail(format!("{error:?}"))),
        };
        done.push(undone.tx);
        undone_older
            .set(undone_older.get() + usize::from(work.values().any(|work| !work.is_empty())));
        let after = state(&laptop);
        let (seen, sees) = (in_sight(&before), in_sight(&after));
        let made: BTreeSet<Uuid> = operations
            .iter()
            .filter(|row| row.kind == "create")
            .map(|row| row.record)
            .collect();
        let brought_back = operations.iter().any(|row| row.kind == "restore");
        for (key, was) in &seen {
            let fields = &work[&key.1];
            let is = sees.get(key);
            if !fields.is_empty() {
                prop_assert!(is.is_some(), "{:?} with later work is out of sight", key);
            }
            let touched = operations.iter().any(|row| row.record == key.1);
            if !touched && !brought_back {
                prop_assert!(is.is_some(), "{:?} of another step is out of sight", key);
            }
            if let Some(is) = is {
                for field in fields {
                    prop_assert_eq!(
                        was.fields.get(field),
                        is.fields.get(field),
                        "{:?}.{}",
                        key,
                        field
                    );
                    let uses: Vec<Uuid> = match was.fields.get(field) {
                        Some(Value::Id(id)) => vec![*id],
                        Some(Value::Ids(ids)) => ids.clone(),
                        _ => Vec::new(),
                    };
                    for used in uses.iter().filter(|used| made.contains(used)) {
                        prop_assert!(
                            sees.keys().any(|(_, id)| id == used),
                            "what {:?}.{} names is out of sight",
                            key,
                            field
                        );
                    }
                }
            }
        }
        let told: BTreeSet<Uuid> = undone.value.kept.iter().map(|kept| kept.id).collect();
        for id in made
            .iter()
            .filter(|id| sees.keys().any(|(_, seen)| seen == *id))
        {
            prop_assert!(told.contains(id), "{} stays and is not listed", id);
        }
        histories_replay(&laptop)?;
    }
    Ok(())
}

#[test]
fn undo_of_an_older_step_hides_nothing_that_another_step_wrote() {
    let undone_older = Cell::new(0);
    let days = (steps(), prop::collection::vec(any::<usize>(), 1..5));
    TestRunner::new(support::cases(250))
        .run(&days, |(steps, picks)| {
            take_older_steps_back(&steps, &picks, &undone_older)
        })
        .unwrap();
    assert!(
        undone_older.get() > 50,
        "only {} undone with later work",
        undone_older.get()
    );
}

#[test]
fn a_record_whose_number_somebody_cleared_stays_in_sight_when_its_creation_is_taken_back() {
    let customer = || Step::Together(vec![Act::Add(0, 0)]);
    let made = Step::Together(vec![Act::Add(2, 0)]);
    let cleared = Step::Together(vec![Act::Add(0, 0), Act::Edit(2, 1, 29, 913_654_856)]);
    take_older_steps_back(&[customer(), made, cleared], &[0, 1, 0], &Cell::new(0)).unwrap();
}

/// Every record made through the log is what its history says, field by field; each operation
/// starts from what the one before it left.
fn histories_replay(laptop: &Laptop) -> Result<(), TestCaseError> {
    let catalog = laptop.store().catalog();
    for ((entity, id), record) in everything(laptop) {
        let history = laptop
            .store()
            .read(|reader| reader.history(RecordId(id)))
            .unwrap();
        let was_made_here = history.last().is_some_and(|first| first.kind == "create");
        let entity = catalog.entity(entity).unwrap();
        let mut replayed: BTreeMap<String, serde_json::Value> = BTreeMap::new();
        let mut root = None;
        for operation in history.iter().rev() {
            for (key, change) in &operation.patch {
                let before = replayed.insert(key.clone(), change[1].clone());
                if let Some(before) = before.or(was_made_here.then_some(serde_json::Value::Null)) {
                    prop_assert_eq!(&before, &change[0], "{} of {:?}", key, operation);
                }
            }
            root = Some(operation.root);
        }
        prop_assert!(root.is_none_or(|root| root == record.root));
        for field in &entity.fields {
            let now = record.fields.value(&field.key).to_json();
            match replayed.get(field.key.as_ref()) {
                Some(then) => prop_assert_eq!(&now, then, "{}.{}", entity.key, field.key),
                None => prop_assert!(
                    now.is_null() || !was_made_here,
                    "{}.{} came from nowhere",
                    entity.key,
                    field.key
                ),
            }
        }
        let deleted = replayed
            .get("deleted_at")
            .and_then(serde_json::Value::as_i64);
        prop_assert_eq!(deleted, record.deleted_at);
    }
    Ok(())
}
