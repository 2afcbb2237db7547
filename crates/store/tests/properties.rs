//! What holds for every sequence of operations: undo and redo restore exact states, history replays
//! to the present row, and search finds what a brute-force oracle finds.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use ketu_model::catalog::shipped::{shipped_option, shipped_stage};
use ketu_model::field::{FieldDef, FieldType, SearchClass};
use ketu_model::normalise::text::fold;
use ketu_model::pinyin::syllables;
use ketu_model::{EntityDef, Fields, RecordId, Value};
use ketu_store::{Door, Result, Select, StoreError, StoredRecord};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use support::{HOUR, Laptop, NOW, contact, customer, interaction, opportunity, own_field, tag};
use uuid::Uuid;

const ENTITIES: [&str; 6] = [
    "customer",
    "contact",
    "opportunity",
    "interaction",
    "tag",
    "field_definition",
];

/// One thing that a person does; numbers choose among what is there.
#[derive(Debug, Clone)]
enum Act {
    Add(usize, u32),
    Edit(usize, usize, usize, u32),
    Remove(usize, usize),
    Restore(usize, usize),
}

#[derive(Debug, Clone)]
enum Step {
    /// Several acts in one transaction, as an import makes them.
    Together(Vec<Act>),
    Undo,
    Redo,
    /// Time passes.
    Wait(i64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0..ENTITIES.len(), any::<u32>()).prop_map(|(entity, seed)| Act::Add(entity, seed)),
        7 => (0..ENTITIES.len(), 0..64usize, 0..64usize, any::<u32>()).prop_map(|(e, r, f, seed)| Act::Edit(e, r, f, seed)),
        2 => (0..ENTITIES.len(), 0..64usize).prop_map(|(entity, record)| Act::Remove(entity, record)),
        1 => (0..ENTITIES.len(), 0..64usize).prop_map(|(entity, record)| Act::Restore(entity, record)),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => prop::collection::vec(act(), 1..2).prop_map(Step::Together),
        3 => prop::collection::vec(act(), 2..6).prop_map(Step::Together),
        3 => Just(Step::Undo),
        2 => Just(Step::Redo),
        1 => (-2..3i64).prop_map(|hours| Step::Wait(hours * HOUR)),
    ];
    prop::collection::vec(step, 1..25)
}

/// A laptop with one of each, tags, and a field of one's own, for a case to work on.
fn furnished() -> Laptop {
    let laptop = Laptop::new();
    laptop
        .store()
        .transact(ketu_store::Write::upkeep(), |door| -> Result<()> {
            own_field("customer", "备注二", "text").add(door)?;
            tag("重点").add(door)?;
            let company = customer("重庆银行").add(door)?;
            contact("单晓", company).add(door)?;
            opportunity("机房扩容", company).add(door)?;
            interaction("谈了报价50万", company, NOW).add(door)?;
            Ok(())
        })
        .unwrap();
    laptop
}

fn ids(door: &Door<'_>, entity: &str) -> Result<Vec<Uuid>> {
    let mut select = Select::all(entity);
    let mut records = door.reader().list(&select)?;
    select.deleted = true;
    records.extend(door.reader().list(&select)?);
    let mut ids: Vec<Uuid> = records.iter().map(|record| record.id).collect();
    ids.sort_unstable();
    Ok(ids)
}

fn pick<T: Copy>(from: &[T], n: usize) -> Option<T> {
    from.get(n % from.len().max(1)).copied()
}

const NAMES: [&str; 10] = [
    "重庆银行",
    "华科技术",
    "Huake",
    "长安单氏",
    "ＡＢ华",
    "朝阳 一号",
    "乐(行)",
    "王芳",
    "曾长行",
    "报价",
];
const PHONES: [&str; 4] = [
    "13812345678",
    "13900008866",
    "0755-26001234",
    "0755-26001234-801",
];
const NOTES: [&str; 6] = [
    "谈了报价50万",
    "约了下周二，再谈",
    "微信：报价 50万",
    "PO-7 已发\n等回复",
    "\u{9fd5}\u{2b820}厂的名字",
    "……",
];

/// A value for a field, empty now and then.
fn value(door: &Door<'_>, field: &FieldDef, seed: u32) -> Result<Value> {
    let n = seed as usize / 8;
    if seed.is_multiple_of(8) && !field.required {
        return Ok(Value::Null);
    }
    Ok(match &field.kind {
        FieldType::Text => Value::text(format!(
            "{}{}",
            NAMES[n % NAMES.len()],
            ["", "", "2"][n / 16 % 3]
        )),
        FieldType::LongText => Value::text(NOTES[n % NOTES.len()]),
        FieldType::AutoNumber { prefix } => Value::text(format!("{prefix}-2026-{:03}", n % 5)),
        FieldType::Phone => Value::text(PHONES[n % PHONES.len()]),
        FieldType::Email => Value::text(["wang@hkjs.example.com", "ZQ@example.com"][n % 2]),
        FieldType::Url => Value::text("https://example.com"),
        FieldType::Region => Value::text(["440300", "500000"][n % 2]),
        FieldType::Number | FieldType::Percent => Value::Number(f64::from(seed % 100)),
        FieldType::Money => Value::yuan(i64::from(seed)),
        FieldType::Date => Value::Date(["2026-01-01", "2027-02-02"][n % 2].parse().unwrap()),
        FieldType::Instant => Value::Instant(NOW + (i64::from(seed) % 4) * HOUR),
        FieldType::Boolean => Value::Bool(n % 2 == 0),
        FieldType::Choice { list } => {
            let of_list = Select::all("option").filter(ketu_model::query::Filter::Field(
                ketu_model::query::Condition {
                    field: "list".to_owned(),
                    test: ketu_model::query::Test::Is,
                    value: list.to_string().into(),
                },
            ));
            let options = door.reader().list(&of_list)?;
            pick(
                &options.iter().map(|option| option.id).collect::<Vec<_>>(),
                n,
            )
            .into()
        }
        FieldType::Reference { target } => pick(&ids(door, target)?, n).into(),
        FieldType::MultiChoice { .. } => Value::Null,
        FieldType::ManyReference { target } => {
            let ids = ids(door, target)?;
            Value::ids(ids.iter().copied().skip(n % 3).take(1 + n % 2))
        }
    })
}

fn perform(door: &mut Door<'_>, act: &Act) -> Result<()> {
    match act {
        Act::Add(entity, seed) => {
            let n = *seed as usize;
            let company = pick(&ids(door, "customer")?, n).unwrap_or_default();
            let name = NAMES[n / 64 % NAMES.len()];
            let draft = match ENTITIES[*entity] {
                "customer" => customer(name).phone(PHONES[n % PHONES.len()]),
                "contact" => contact(name, company).mobile(PHONES[n % PHONES.len()]),
                "opportunity" => opportunity(name, company),
                "interaction" => interaction(
                    NOTES[n / 8 % NOTES.len()],
                    company,
                    NOW + (n as i64 % 4) * HOUR,
                ),
                "tag" => tag(&format!("{name}{n}")),
                _ => own_field("customer", name, ["text", "date", "number"][n % 3])
                    .with("required", n.is_multiple_of(4)),
            };
            draft.add(door).map(|_| ())
        }
        Act::Edit(entity, record, field, seed) => {
            let key = ENTITIES[*entity];
            let catalog = std::sync::Arc::clone(door.catalog());
            let fields = &catalog.entity(key).unwrap().fields;
            let Some(id) = pick(&ids(door, key)?, *record) else {
                return Ok(());
            };
            let mut patch = Fields::new();
            for place in [*field, *field * 3 + 1].iter().take(1 + *seed as usize % 2) {
                let field = &fields[place % fields.len()];
                patch.set(field.key.clone(), value(door, field, *seed)?);
            }
            door.update(key, id, patch).map(|_| ())
        }
        Act::Remove(entity, record) => match pick(&ids(door, ENTITIES[*entity])?, *record) {
            Some(id) => door.remove(ENTITIES[*entity], id).map(|_| ()),
            None => Ok(()),
        },
        Act::Restore(entity, record) => match pick(&ids(door, ENTITIES[*entity])?, *record) {
            Some(id) => door.restore(ENTITIES[*entity], id).map(|_| ()),
            None => Ok(()),
        },
    }
}

/// What a person could tell two files apart by.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    root: Uuid,
    deleted_at: Option<i64>,
    fields: BTreeMap<String, Value>,
}

type State = BTreeMap<(&'static str, Uuid), Seen>;

/// All records, also those that no list shows because their customer is removed.
fn everything(laptop: &Laptop) -> BTreeMap<(&'static str, Uuid), StoredRecord> {
    let mut all = BTreeMap::new();
    for entity in ENTITIES {
        let rows: Vec<i64> = match entity {
            "interaction" => (0..4).flat_map(|n| (0..30).map(move |m| (NOW + n * HOUR) << 20 | m)).collect(),
            _ => (1..=140).collect(),
        };
        for some in rows.chunks(20) {
            let records = laptop.store().read(|reader| reader.rows(entity, some)).unwrap();
            let is_last = records.is_empty() && entity != "interaction";
            all.extend(records.into_iter().map(|record| ((entity, record.id), record)));
            if is_last {
                break;
            }
        }
    }
    all
}

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
        prop_assert!(earlier.contains_key(key) || seen.deleted_at.is_some(), "{:?} is still there", key);
    }
    Ok(())
}

fn step_back(laptop: &Laptop, redo: bool) -> Result<bool, TestCaseError> {
    match laptop.write(|door| if redo { door.redo() } else { door.undo(None) }) {
        Ok(committed) => {
            prop_assert_eq!(committed.value.kept, vec![]);
            Ok(true)
        }
        Err(StoreError::NothingToUndo) => Ok(false),
        Err(error) => Err(TestCaseError::fail(format!("{error:?}"))),
    }
}

#[test]
fn undo_of_any_sequence_of_operations_restores_the_exact_earlier_states_and_redo_the_later() {
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
                        let result =
                            laptop.write(|door| acts.iter().try_for_each(|act| perform(door, act)));
                        match result {
                            Ok(committed) if committed.changes.is_empty() => {}
                            Ok(_) => {
                                states.truncate(here + 1);
                                states.push(state(&laptop));
                                here += 1;
                            }
                            Err(StoreError::Invalid(_) | StoreError::Sqlite(_)) => {
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

// Search

/// Every reading of a run of characters, up to the first that has none.
fn readings(text: &[char]) -> Vec<Vec<&'static str>> {
    let mut readings = vec![Vec::new()];
    for c in text {
        let of_this = syllables(*c);
        if of_this.is_empty() {
            break;
        }
        readings = readings
            .iter()
            .flat_map(|before| {
                of_this
                    .iter()
                    .map(move |syllable| [before.as_slice(), &[*syllable]].concat())
            })
            .collect();
    }
    readings
}

/// A word finds a text: by substring, by sound, by digits; as the arena's own words define it.
fn word_finds(field: &FieldDef, text: &str, word: &str) -> bool {
    let text = fold(text).into_owned();
    match field.search {
        SearchClass::Name => {
            let audible: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
            let sounds = word.bytes().all(|b| b.is_ascii_lowercase())
                && (0..audible.len()).any(|from| {
                    readings(&audible[from..]).iter().any(|reading| {
                        let initials: String =
                            reading.iter().map(|syllable| &syllable[..1]).collect();
                        initials.starts_with(word) || reading.concat().starts_with(word)
                    })
                });
            text.contains(word) || sounds
        }
        SearchClass::Code => text.contains(word),
        SearchClass::Phone => {
            let digits = |text: &str| {
                text.chars()
                    .filter(char::is_ascii_digit)
                    .collect::<String>()
            };
            let bare = word
                .strip_prefix("+86")
                .filter(|rest| !digits(rest).is_empty())
                .unwrap_or(word);
            let is_phone = word
                .chars()
                .all(|c| c.is_ascii_digit() || "+-().".contains(c));
            is_phone && !digits(bare).is_empty() && digits(&text).contains(&digits(bare))
        }
        SearchClass::None | SearchClass::Text => false,
    }
}

fn record_is_found(entity: &EntityDef, record: &StoredRecord, query: &str) -> bool {
    let query = fold(query).into_owned();
    let words: Vec<&str> = query.split_whitespace().collect();
    if words.is_empty() {
        return false;
    }
    let short = words.iter().all(|word| {
        let mut fields = entity.core_fields();
        fields.any(|field| {
            record
                .fields
                .text(&field.key)
                .is_some_and(|text| word_finds(field, text, word))
        })
    });
    let long_fields = entity
        .core_fields()
        .filter(|field| field.search == SearchClass::Text);
    let long: Vec<String> = long_fields
        .filter_map(|field| record.fields.text(&field.key))
        .map(|text| fold(text).into_owned())
        .collect();
    // A query of nothing but punctuation is not looked up in long text.
    let has_letters = query.chars().any(char::is_alphanumeric);
    let long = has_letters
        && words
            .iter()
            .all(|word| long.iter().any(|text| text.contains(word)));
    short || long
}

fn oracle(laptop: &Laptop, entity: &'static str, query: &str) -> BTreeSet<Uuid> {
    let catalog = laptop.store().catalog();
    let definition = catalog.entity(entity).unwrap();
    let all = everything(laptop);
    let is_gone = |record: &StoredRecord| {
        let root = all.get(&("customer", record.root));
        record.deleted_at.is_some() || root.is_some_and(|root| root.deleted_at.is_some())
    };
    all.iter()
        .filter(|((of, _), record)| {
            *of == entity && !is_gone(record) && record_is_found(definition, record, query)
        })
        .map(|((_, id), _)| *id)
        .collect()
}

fn query() -> impl Strategy<Value = String> {
    let part = |texts: &'static [&'static str]| {
        (0..texts.len(), 0..12usize, 1..6usize).prop_map(move |(n, skip, take)| {
            texts[n]
                .chars()
                .skip(skip % texts[n].chars().count())
                .take(take)
                .collect::<String>()
        })
    };
    let word = prop_oneof![
        4 => part(&NAMES),
        2 => part(&NOTES),
        2 => part(&PHONES),
        3 => prop::sample::select(vec![
            "cqyh", "zqyx", "zq", "c", "hk", "hkjs", "chongqing", "zhongqingyin", "huakejish", "changanshan", "dan", "wf",
            "wangf", "cx", "zengzhang", "lx", "yuexing", "bj", "baojia", "5678", "8866", "+861381234", "HKJS", "example",
            "cust-2026", "２６００１２３４", "ab", "……", "50万", "po-7", "万，", "uake", "2",
        ]).prop_map(str::to_owned),
        1 => "[a-z]{1,3}",
        1 => "[0-9]{1,3}",
    ];
    prop::collection::vec(word, 1..3).prop_map(|words| words.join(" "))
}

#[test]
fn search_finds_exactly_what_the_oracle_finds_whatever_was_done_before() {
    let queries = prop::collection::vec(query(), 1..6);
    let rounds = prop::collection::vec((steps(), queries), 1..4);
    TestRunner::new(support::cases(150))
        .run(&rounds, |rounds| {
            let mut laptop = furnished();
            for (n, (steps, queries)) in rounds.into_iter().enumerate() {
                for step in steps {
                    match step {
                        Step::Wait(time) => laptop.clock.advance(time),
                        Step::Undo => drop(laptop.write(|door| door.undo(None))),
                        Step::Redo => drop(laptop.write(|door| door.redo())),
                        Step::Together(acts) => drop(
                            laptop.write(|door| acts.iter().try_for_each(|act| perform(door, act))),
                        ),
                    }
                }
                if n == 1 {
                    laptop.open().unwrap();
                }
                for query in queries {
                    for entity in ["customer", "contact", "opportunity", "interaction"] {
                        let found = laptop.found(entity, &query);
                        let once: BTreeSet<Uuid> = found.iter().copied().collect();
                        prop_assert_eq!(found.len(), once.len(), "found twice by {:?}", query);
                        prop_assert_eq!(
                            once,
                            oracle(&laptop, entity, &query),
                            "{} by {:?}",
                            entity,
                            query
                        );
                    }
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn interactions_are_found_newest_first_by_any_part_of_their_text() {
    // R34.
    let laptop = Laptop::new();
    let company = laptop.add(customer("华科"));
    let texts = [
        ("下周报价，50万", 3),
        ("报价50万已发 PO-7", 1),
        ("\u{9fd5}\u{9fd4}\u{2b820} 三个难字", 2),
        ("报价 50万，等回复", 2),
        ("İstanbul Καλημέρας", 4),
    ];
    let ids = texts.map(|(text, hours)| laptop.add(interaction(text, company, NOW + hours * HOUR)));
    for (query, expected) in [
        ("报价", vec![0, 3, 1]),
        ("价5", vec![1]),
        ("50万", vec![0, 3, 1]),
        ("po-7", vec![1]),
        ("Ｐ", vec![1]),
        ("价，5", vec![0]),
        ("报价 回复", vec![3]),
        ("\u{9fd4}", vec![2]),
        ("\u{2b820}", vec![2]),
        ("\u{9fd5}\u{9fd4}", vec![2]),
        ("ΚΑΛΗΜΈΡΑΣ", vec![]),
        ("i\u{307}stanbul", vec![4]),
        ("没有", vec![]),
        ("\"报价\"", vec![]),
        ("报价*", vec![]),
        ("NOT 报价", vec![]),
    ] {
        let expected: Vec<Uuid> = expected.into_iter().map(|n: usize| ids[n]).collect();
        assert_eq!(laptop.found("interaction", query), expected, "{query}");
    }
}

#[test]
fn a_large_import_is_found_as_a_whole_and_the_best_hits_come_first() {
    let laptop = Laptop::new();
    laptop
        .write(|door| {
            for n in 0..5_200 {
                customer(&format!("华科第{n}分公司")).add(door)?;
            }
            Ok(())
        })
        .unwrap();
    laptop.add(customer("华科"));
    let found = laptop.store().search("hk", &["customer"], 5).unwrap();
    assert_eq!((found.total, found.hits.len()), (5_201, 5));
    let first = laptop
        .store()
        .read(|reader| reader.rows("customer", &[found.hits[0].row]))
        .unwrap();
    assert_eq!(first[0].fields.text("name"), Some("华科"));
    laptop.write(|door| door.undo(None)).unwrap();
    laptop.write(|door| door.undo(None)).unwrap();
    assert_eq!(laptop.store().search("hk", &[], 5).unwrap().total, 0);
}

#[test]
fn stages_and_options_that_people_choose_from_are_there_from_the_start() {
    let laptop = Laptop::new();
    assert_eq!(
        laptop
            .get("stage", shipped_stage("project", "won"))
            .fields
            .text("name"),
        Some("赢单")
    );
    assert_eq!(
        laptop
            .get("option", shipped_option("interaction.kind", "拜访"))
            .fields
            .text("name_en"),
        Some("Visit")
    );
}
