//! Search finds what a brute-force oracle finds, whatever was written, undone or removed before.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;

use ketu_model::EntityDef;
use ketu_model::field::{FieldDef, SearchClass};
use ketu_model::normalise::text::fold;
use ketu_model::pinyin::syllables;
use ketu_store::StoredRecord;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use support::acts::{NAMES, NOTES, PHONES, Step, everything, furnished, perform, steps};
use support::{HOUR, Laptop, NOW, customer, interaction};
use uuid::Uuid;

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

/// The number that a word of digits and marks means, without China's code.
fn number(word: &str) -> Option<String> {
    let mut number: String = word.chars().filter(|c| !"-().".contains(*c)).collect();
    for code in ["+86", "0086"] {
        if number.len() > code.len() && number.starts_with(code) {
            number.drain(..code.len());
        }
    }
    let number = number.replace('+', "");
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some(number)
}

fn is_code(word: &str) -> bool {
    ["+86", "0086"].contains(&word.replace(['-', '(', ')', '.'], "").as_str())
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
            number(word).is_some_and(|number| digits(&text).contains(&number))
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
    let texts: Vec<(&FieldDef, &str)> = entity
        .core_fields()
        .filter_map(|field| Some((field, record.fields.text(&field.key)?)))
        .collect();
    let finds = |word: &str| {
        texts
            .iter()
            .any(|(field, text)| word_finds(field, text, word))
    };
    // A number is pasted in groups: by all of them together, or by each.
    let is_one =
        |one: &&str, next: &&str| number(one).is_some() && number(next).is_some() && !is_code(next);
    let short = words.chunk_by(is_one).all(|group| {
        let whole = group.concat();
        let phones = texts
            .iter()
            .filter(|(field, _)| field.search == SearchClass::Phone);
        let together = group.len() > 1
            && phones
                .into_iter()
                .any(|(field, text)| word_finds(field, text, &whole));
        let said = &group[usize::from(group.len() > 1 && is_code(group[0]))..];
        together || said.iter().all(|word| finds(word))
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
            "+86 138 1234 5678", "(+86) 139-0000 8866", "0086 13812345678", "0755 2600 1234", "138 5678", "+86",
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
                        Step::Undo => drop(laptop.undo()),
                        Step::Redo => drop(laptop.redo()),
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
    laptop.undo().unwrap();
    laptop.undo().unwrap();
    assert_eq!(laptop.store().search("hk", &[], 5).unwrap().total, 0);
}
