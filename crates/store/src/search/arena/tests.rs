use super::*;
use proptest::prelude::*;

use TextClass::{Email, Name, Phone};

fn keys(found: &Found) -> Vec<u64> {
    found.hits.iter().map(|hit| hit.key).collect()
}

fn sample() -> Arena {
    let mut arena = Arena::new();
    arena.insert(
        1,
        10,
        [
            (Name, "深圳市华科技术(集团)有限公司"),
            (Name, "王小明"),
            (Phone, "13812345678"),
            (Email, "Wang@hkjs.example.com"),
        ],
    );
    arena.insert(2, 20, [(Name, "华科技术"), (Phone, "0755-26001234-801")]);
    arena.insert(3, 30, [(Name, "重庆银行"), (Phone, "13900008866")]);
    arena.insert(4, 40, [(Name, "新华科 Group"), (Email, "info@example.com")]);
    arena
}

#[test]
fn a_customer_is_found_by_part_pinyin_initials_phone_tail_and_email() {
    // R34, flow 6.
    let arena = sample();
    for (query, expected) in [
        ("华科技术", vec![2, 1]),
        ("华", vec![2, 4, 1]),
        ("hkjs", vec![2, 1]),
        ("huakeji", vec![2, 1]),
        ("cq", vec![3]),
        ("zq", vec![3]),
        ("cqyh", vec![3]),
        ("yinhang", vec![3]),
        ("8866", vec![3]),
        ("138-1234", vec![1]),
        ("+8613812345678", vec![1]),
        ("+86 138 1234 5678", vec![1]),
        ("（+86）138-1234-5678", vec![1]),
        ("0086 139 0000 8866", vec![3]),
        ("王小明 +86 138 1234 5678", vec![1]),
        ("重庆银行 +86 138 1234 5678", vec![]),
        ("0755 2600 1234", vec![2]),
        ("138 5678", vec![1]),
        ("+86", vec![3]),
        ("075526", vec![2]),
        ("example.com", vec![4, 1]),
        ("ＨＫＪＳ", vec![2, 1]),
        ("集团", vec![1]),
        ("华科 5678", vec![1]),
        ("group info", vec![4]),
        ("华科 8866", vec![]),
        ("没有", vec![]),
        ("", vec![]),
        ("  ", vec![]),
    ] {
        assert_eq!(keys(&arena.search(query, 10)), expected, "{query}");
    }
}

#[test]
fn better_places_come_first_and_activity_decides_between_equals() {
    let mut arena = Arena::new();
    arena.insert(1, 9, [(Name, "大华科")]);
    arena.insert(2, 1, [(Name, "深圳(华科)")]);
    arena.insert(3, 1, [(Name, "华科技术")]);
    arena.insert(4, 2, [(Name, "华科电子")]);
    arena.insert(5, 0, [(Name, "华科")]);
    assert_eq!(keys(&arena.search("华科", 10)), [5, 4, 3, 2, 1]);
    arena.insert(6, 99, [(Phone, "13800001234")]);
    arena.insert(7, 0, [(Name, "1380项目")]);
    arena.insert(8, 50, [(Email, "1380@example.com")]);
    assert_eq!(keys(&arena.search("1380", 10)), [7, 6, 8]);
    assert!(arena.set_activity(3, 3));
    assert!(!arena.set_activity(99, 3));
    assert_eq!(keys(&arena.search("华科", 3)), [5, 3, 4]);
}

#[test]
fn the_total_counts_all_hits_whatever_the_limit() {
    let mut arena = Arena::new();
    for key in 0..500 {
        arena.insert(key, 0, [(Name, "华科")]);
    }
    let found = arena.search("华", 3);
    assert_eq!((keys(&found), found.total), (vec![0, 1, 2], 500));
    assert_eq!(arena.search("华", 0).total, 500);
    let even = arena.search_where("华", 2, |key| key % 2 == 0);
    assert_eq!((keys(&even), even.total), (vec![0, 2], 250));
}

#[test]
fn changed_and_removed_entries_are_found_as_they_are_now() {
    let mut arena = sample();
    arena.insert(2, 20, [(Name, "改名")]);
    assert_eq!(keys(&arena.search("华科技术", 10)), [1]);
    assert_eq!(keys(&arena.search("gm", 10)), [2]);
    assert!(arena.remove(1));
    assert!(!arena.remove(1));
    assert_eq!(arena.search("华科技术", 10).total, 0);
    assert_eq!(arena.len(), 3);
}

#[test]
fn dead_text_goes_when_it_outweighs_the_living() {
    let mut arena = sample();
    for _ in 0..10_000 {
        arena.insert(2, 20, [(Name, "华科技术"), (Phone, "26001234")]);
    }
    assert!(arena.entries.len() < 3_000);
    assert_eq!(keys(&arena.search("hkjs", 10)), [2, 1]);
    assert_eq!(keys(&arena.search("5678", 10)), [1]);
    assert_eq!(keys(&arena.search("info", 10)), [4]);
}

/// The module's definition word for word, one entry at a time and with all readings written out.
mod oracle {
    use super::*;

    pub(super) type Texts = Vec<(TextClass, String)>;

    pub(super) fn search(
        entries: &std::collections::BTreeMap<u64, (i64, Texts)>,
        query: &str,
    ) -> Vec<Hit> {
        let folded = fold(query).into_owned();
        let terms: Vec<&str> = folded.split_whitespace().collect();
        let mut hits = Vec::new();
        if terms.is_empty() {
            return hits;
        }
        for (key, (activity, texts)) in entries {
            let worst: Option<Vec<(Place, MatchedBy)>> = runs(&terms)
                .iter()
                .map(|run| {
                    let together = texts
                        .iter()
                        .filter(|(class, _)| run.len() > 1 && *class == Phone)
                        .flat_map(|(_, text)| of_phone(text, &run.join("")))
                        .min();
                    let said = if run.len() > 1 && is_code(run[0]) {
                        &run[1..]
                    } else {
                        run
                    };
                    let each: Option<Vec<_>> = said.iter().map(|term| best(texts, term)).collect();
                    let each = each.and_then(|ranks| ranks.into_iter().max());
                    together.into_iter().chain(each).min()
                })
                .collect();
            if let Some((place, by)) = worst.and_then(|ranks| ranks.into_iter().max()) {
                hits.push(Hit {
                    key: *key,
                    place,
                    by,
                    activity: *activity,
                });
            }
        }
        hits.sort_by_key(|hit| (hit.place, hit.by, Reverse(hit.activity), hit.key));
        hits
    }

    fn is_code(term: &str) -> bool {
        let marks = ['(', ')', '-', '.'];
        let bare = term.replace(marks, "");
        bare == "+86" || bare == "0086"
    }

    /// Terms beside each other that consist of what numbers are written with.
    fn runs<'t>(terms: &'t [&'t str]) -> Vec<&'t [&'t str]> {
        let numeric = |term: &str| {
            term.contains(|c: char| c.is_ascii_digit())
                && !term.contains(|c: char| !"0123456789+-().".contains(c))
        };
        terms
            .chunk_by(|one, next| numeric(one) && numeric(next) && !is_code(next))
            .collect()
    }

    fn best(texts: &Texts, term: &str) -> Option<(Place, MatchedBy)> {
        let matches = texts.iter().flat_map(|(class, text)| match class {
            Name => {
                let mut places = of_text(&fold(text), term, MatchedBy::Name);
                places.extend(of_sound(&fold(text), term));
                places
            }
            Email => of_text(&fold(text), term, MatchedBy::Email),
            Phone => of_phone(text, term),
        });
        matches.min()
    }

    fn place(text: &str, from: usize, to: usize) -> Place {
        match (from, to == text.len()) {
            (0, true) => Place::Exact,
            (0, false) => Place::Prefix,
            _ if !text[..from].ends_with(char::is_alphanumeric) => Place::WordStart,
            _ => Place::Middle,
        }
    }

    fn of_text(text: &str, term: &str, by: MatchedBy) -> Vec<(Place, MatchedBy)> {
        let starts = text.char_indices().map(|(at, _)| at);
        let matching = starts.filter(|at| text[*at..].starts_with(term));
        matching
            .map(|at| (place(text, at, at + term.len()), by))
            .collect()
    }

    fn of_phone(text: &str, term: &str) -> Vec<(Place, MatchedBy)> {
        if !term.chars().all(|c| "0123456789+-().".contains(c)) {
            return Vec::new();
        }
        let only_digits =
            |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
        // By the number that is meant: the country's code is no part of it.
        let mut wanted = only_digits(term);
        let begins_abroad = term
            .trim_start_matches(['(', ')', '-', '.'])
            .starts_with('+');
        let code = if begins_abroad { "86" } else { "0086" };
        if wanted.len() > code.len() && wanted.starts_with(code) {
            wanted.drain(..code.len());
        }
        let phone = only_digits(text);
        if wanted.is_empty() {
            return Vec::new();
        }
        let matching = (0..phone.len()).filter(|at| phone[*at..].starts_with(&wanted));
        let placed = matching.map(|at| match (at, at + wanted.len() == phone.len()) {
            (0, true) => Place::Exact,
            (0, false) => Place::Prefix,
            (_, true) => Place::WordStart,
            (_, false) => Place::Middle,
        });
        placed.map(|place| (place, MatchedBy::Phone)).collect()
    }

    fn of_sound(name: &str, term: &str) -> Vec<(Place, MatchedBy)> {
        if !term.chars().all(|c| c.is_ascii_lowercase()) {
            return Vec::new();
        }
        let audible: Vec<(usize, char)> = name
            .char_indices()
            .filter(|(_, c)| c.is_alphanumeric())
            .collect();
        let mut found = Vec::new();
        let mut note = |from: usize, is_whole: bool| {
            let at = audible[from].0;
            let place = match from {
                0 if is_whole => Place::Exact,
                0 => Place::Prefix,
                _ if !name[..at].ends_with(char::is_alphanumeric) => Place::WordStart,
                _ => Place::Middle,
            };
            found.push((place, MatchedBy::Sound));
        };
        for (from, _) in audible.iter().enumerate() {
            let choices = readings_from(&audible[from..]);
            let reaches_the_end = |choice: &[&str]| from + choice.len() == audible.len();
            for choice in choices {
                let initials: String = choice.iter().map(|syllable| &syllable[..1]).collect();
                let syllables = choice.concat();
                if initials.starts_with(term) {
                    note(from, initials == term && reaches_the_end(&choice));
                }
                if syllables.starts_with(term) {
                    note(from, syllables == term && reaches_the_end(&choice));
                }
            }
        }
        found
    }

    /// Every choice of one syllable per character, up to the first wall.
    fn readings_from(characters: &[(usize, char)]) -> Vec<Vec<&'static str>> {
        let mut choices = vec![Vec::new()];
        for (_, c) in characters {
            let syllables = ketu_model::pinyin::syllables(*c);
            if syllables.is_empty() {
                break;
            }
            choices = choices
                .into_iter()
                .flat_map(|choice: Vec<&'static str>| {
                    syllables.iter().map(move |syllable| {
                        let mut longer = choice.clone();
                        longer.push(*syllable);
                        longer
                    })
                })
                .collect();
        }
        choices
    }
}

#[derive(Debug, Clone)]
enum Step {
    Insert(u64, i64, oracle::Texts),
    Remove(u64),
    Activity(u64, i64),
}

fn text() -> impl Strategy<Value = (TextClass, String)> {
    prop_oneof![
        3 => "[重庆银行华科单长a1 (]{1,4}[华科安hK)3.]{0,3}".prop_map(|text| (Name, text)),
        2 => "(1[38][0-2]{3}|0755-2[0-2]{2}-8)".prop_map(|text| (Phone, text)),
        1 => "[aAhk1]{1,3}@[hk]{1,2}\\.cn".prop_map(|text| (Email, text)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0u64..12, -2i64..3, prop::collection::vec(text(), 0..4))
            .prop_map(|(key, activity, texts)| Step::Insert(key, activity, texts)),
        1 => (0u64..12).prop_map(Step::Remove),
        1 => (0u64..12, -2i64..3).prop_map(|(key, activity)| Step::Activity(key, activity)),
    ]
}

fn query() -> impl Strategy<Value = String> {
    let term = prop_oneof![
        "[重庆银行华科单长安]{1,2}",
        "[cqyzhkdsa]{1,4}",
        "(hua|ke|zhong|chong|qing|yin|hang|xing|chang|an|a){1,3}[a-z]?",
        "(\\+86|0086)?[0-3]{1,4}",
        "(\\(?\\+86\\)?|0086)( |-)?1[38]( |-)?[0-2]{1,3}",
        "0755[ -]2[0-2]{1,2}",
        "[hk@.]{1,3}",
        "[(华a1. ]{1,3}",
    ];
    prop::collection::vec(term, 1..3).prop_map(|terms| terms.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn search_finds_and_ranks_exactly_what_the_definition_says(
        steps in prop::collection::vec(step(), 1..25),
        queries in prop::collection::vec(query(), 1..6),
        limit in 0usize..12,
        compacts in any::<bool>(),
    ) {
        let mut arena = Arena::new();
        let mut entries = std::collections::BTreeMap::new();
        for step in steps {
            match step {
                Step::Insert(key, activity, texts) => {
                    arena.insert(key, activity, texts.iter().map(|(class, text)| (*class, text.as_str())));
                    entries.insert(key, (activity, texts));
                }
                Step::Remove(key) => {
                    prop_assert_eq!(arena.remove(key), entries.remove(&key).is_some());
                }
                Step::Activity(key, activity) => {
                    let known = entries.get_mut(&key).map(|entry| entry.0 = activity).is_some();
                    prop_assert_eq!(arena.set_activity(key, activity), known);
                }
            }
        }
        if compacts {
            for _ in 0..1100 {
                arena.insert(u64::MAX, 0, [(Name, "死")]);
            }
            arena.remove(u64::MAX);
        }
        for query in queries {
            let expected = oracle::search(&entries, &query);
            let found = arena.search(&query, usize::MAX);
            prop_assert_eq!(&found.hits, &expected, "{:?} in {:?}", query, entries);
            prop_assert_eq!(found.total, expected.len());
            let few = arena.search(&query, limit);
            prop_assert_eq!(&few.hits[..], &expected[..limit.min(expected.len())]);
            prop_assert_eq!(few.total, expected.len());
        }
    }
}
