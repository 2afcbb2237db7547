//! Names, phones and e-mails in memory, searched whole at every keystroke: nothing to index on import, nothing on
//! disk to leak. Texts of one class lie end to end in one buffer, which memmem runs through; names have their sounds
//! beside them.
//!
//! # What a query finds
//! A query is folded ([`fold`]) and split at white space; an entry is a hit where **every** part matches **some**
//! text of it. A part is a term, or a run of terms that may each be part of a phone number, as numbers are pasted: a
//! run matches a phone that its terms find together, as one term, or where each of its terms matches some text. A
//! country code alone, `+86` or `0086`, begins a run; it says nothing where more follows and is left out then. A term
//! matches
//! * a **name** where it is a substring of the folded name, or by sound as [`ketu_model::pinyin`] defines it;
//! * an **e-mail** where it is a substring of the folded address;
//! * a **phone** where it consists of digits and the marks `+-().` with one digit at least, and its digits, after a
//!   leading `+86` or `0086` whatever other marks stand about, are a substring of the phone's digits.
//!
//! # Rank
//! Each match has a [`Place`] and a [`MatchedBy`]; a term's rank is its best match by place, then by what matched; a
//! run's rank is that of its terms together or of the weakest of them, whichever is better; an entry's rank is that of
//! its weakest part. Equal ranks are ordered by the caller's `activity`, highest first,
//! then by key, lowest first.
//!
//! Removing or changing an entry costs as much as the entry; dead text goes when it outweighs the living.

use std::cmp::Reverse;
use std::collections::HashMap;

use ketu_model::normalise::text::fold;
use ketu_model::pinyin::SoundQuery;

mod lane;
mod sounds;
#[cfg(test)]
mod tests;

use lane::Lane;
use sounds::SoundLane;

/// What a text is, which decides how it is matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextClass {
    /// Names of companies and people, titles, numbers of records: also found by sound.
    Name,
    /// Found by any run of its digits.
    Phone,
    Email,
}

/// Where in a text a match stands, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The whole text.
    Exact,
    /// The beginning of the text.
    Prefix,
    /// After a character that is neither letter nor digit; of a phone, its last digits.
    WordStart,
    /// Anywhere else.
    Middle,
}

/// By what a term matched, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchedBy {
    Name,
    /// Pinyin of a name.
    Sound,
    Phone,
    Email,
}

/// An entry that a query found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    pub key: u64,
    pub place: Place,
    pub by: MatchedBy,
    pub activity: i64,
}

/// The best hits of a query, in order, and how many there are in all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub hits: Vec<Hit>,
    pub total: usize,
}

/// The arena itself. Keys are the caller's.
#[derive(Debug, Default)]
pub struct Arena {
    entries: Vec<Entry>,
    by_key: HashMap<u64, u32>,
    names: Lane,
    name_sounds: SoundLane,
    phones: Lane,
    emails: Lane,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    key: u64,
    activity: i64,
    is_alive: bool,
}

impl Arena {
    /// An arena without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Entries that are not removed.
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Whether there is nothing to find.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// Adds an entry, in place of the one of this key if there is one. Empty texts are left out.
    pub fn insert<'t>(
        &mut self,
        key: u64,
        activity: i64,
        texts: impl IntoIterator<Item = (TextClass, &'t str)>,
    ) {
        self.remove(key);
        let entry = offset(self.entries.len());
        self.entries.push(Entry {
            key,
            activity,
            is_alive: true,
        });
        self.by_key.insert(key, entry);
        for (class, text) in texts {
            match class {
                TextClass::Name => {
                    let folded = fold(text);
                    if self.names.push(entry, &folded) {
                        self.name_sounds.push(&folded);
                    }
                }
                TextClass::Phone => {
                    self.phones.push(entry, &digits(text));
                }
                TextClass::Email => {
                    self.emails.push(entry, &fold(text));
                }
            }
        }
    }

    /// Takes an entry out; whether it was there.
    pub fn remove(&mut self, key: u64) -> bool {
        let Some(entry) = self.by_key.remove(&key) else {
            return false;
        };
        self.entries[entry as usize].is_alive = false;
        self.compact_if_mostly_dead();
        true
    }

    /// Changes what equal ranks are ordered by; whether the entry was there.
    pub fn set_activity(&mut self, key: u64, activity: i64) -> bool {
        let Some(entry) = self.by_key.get(&key) else {
            return false;
        };
        self.entries[*entry as usize].activity = activity;
        true
    }

    /// The best `limit` hits among all entries.
    pub fn search(&self, query: &str, limit: usize) -> Found {
        self.search_where(query, limit, |_| true)
    }

    /// The best `limit` hits among the entries whose key is accepted; others are not counted either.
    pub fn search_where(&self, query: &str, limit: usize, accepts: impl Fn(u64) -> bool) -> Found {
        let folded = fold(query);
        let parts = parts_of(&folded);
        let Some(mut ranks) = self.weakest(&parts, |part| self.ranks_of_part(part)) else {
            return Found::default();
        };
        let is_hit =
            |rank: Rank, entry: &Entry| rank != NO_MATCH && entry.is_alive && accepts(entry.key);
        let mut by_rank = [0usize; RANKS];
        for (rank, entry) in ranks.iter_mut().zip(&self.entries) {
            if is_hit(*rank, entry) {
                by_rank[usize::from(*rank)] += 1;
            } else {
                *rank = NO_MATCH;
            }
        }
        let total = by_rank.iter().sum();
        // Ranks that cannot be among the best are not even collected.
        let mut better = 0;
        let last_rank = by_rank.iter().position(|count| {
            better += count;
            better >= limit
        });
        let last_rank = last_rank.map_or(NO_MATCH - 1, |rank| {
            Rank::try_from(rank).unwrap_or(NO_MATCH - 1)
        });
        let mut hits: Vec<(Rank, Reverse<i64>, u64)> = ranks
            .iter()
            .zip(&self.entries)
            .filter(|(rank, _)| **rank <= last_rank)
            .map(|(rank, entry)| (*rank, Reverse(entry.activity), entry.key))
            .collect();
        if limit < hits.len() {
            hits.select_nth_unstable(limit);
            hits.truncate(limit);
        }
        hits.sort_unstable();
        let hits = hits.into_iter().map(|(rank, Reverse(activity), key)| {
            let (place, by) = split_rank(rank);
            Hit {
                key,
                place,
                by,
                activity,
            }
        });
        Found {
            hits: hits.collect(),
            total,
        }
    }

    /// For every entry the worst of its ranks; `None` where there is nothing to rank by.
    fn weakest<P>(&self, of: &[P], ranks: impl Fn(&P) -> Vec<Rank>) -> Option<Vec<Rank>> {
        of.iter().map(ranks).reduce(|mut worst, ranks| {
            for (worst, rank) in worst.iter_mut().zip(ranks) {
                *worst = (*worst).max(rank);
            }
            worst
        })
    }

    fn ranks_of_part(&self, terms: &[&str]) -> Vec<Rank> {
        let ranks = self.weakest(terms, |term| self.ranks(term));
        let mut ranks = ranks.expect("a part has a term");
        if terms.len() > 1
            && let Some(digits) = digits_of_term(&terms.concat())
        {
            self.phones.scan(&digits, MatchedBy::Phone, &mut ranks);
        }
        ranks
    }

    /// For every entry, dead ones included, the rank of one term.
    fn ranks(&self, term: &str) -> Vec<Rank> {
        let mut ranks = vec![NO_MATCH; self.entries.len()];
        self.names.scan(term, MatchedBy::Name, &mut ranks);
        if let Some(query) = SoundQuery::new(term) {
            self.name_sounds.scan(&query, &self.names.slots, &mut ranks);
        }
        if let Some(digits) = digits_of_term(term) {
            self.phones.scan(&digits, MatchedBy::Phone, &mut ranks);
        }
        self.emails.scan(term, MatchedBy::Email, &mut ranks);
        ranks
    }

    fn compact_if_mostly_dead(&mut self) {
        // A small arena is rebuilt too rarely to matter and too cheaply to care.
        const SMALL: usize = 1024;
        let dead = self.entries.len() - self.by_key.len();
        if dead < SMALL || dead * 2 < self.entries.len() {
            return;
        }
        let mut moved = vec![None; self.entries.len()];
        let mut living = Vec::with_capacity(self.by_key.len());
        for (old, entry) in self.entries.iter().enumerate() {
            if entry.is_alive {
                let new = offset(living.len());
                moved[old] = Some(new);
                self.by_key.insert(entry.key, new);
                living.push(*entry);
            }
        }
        self.entries = living;
        self.name_sounds = self.name_sounds.compacted(&self.names.slots, &moved);
        self.names = self.names.compacted(&moved);
        self.phones = self.phones.compacted(&moved);
        self.emails = self.emails.compacted(&moved);
    }
}

/// A place and what matched in one number, smaller is better.
type Rank = u8;
const NO_MATCH: Rank = Rank::MAX;
/// Four places by four kinds of match.
const RANKS: usize = 16;

fn rank(place: Place, by: MatchedBy) -> Rank {
    let place = match place {
        Place::Exact => 0,
        Place::Prefix => 4,
        Place::WordStart => 8,
        Place::Middle => 12,
    };
    let by = match by {
        MatchedBy::Name => 0,
        MatchedBy::Sound => 1,
        MatchedBy::Phone => 2,
        MatchedBy::Email => 3,
    };
    place + by
}

fn split_rank(rank: Rank) -> (Place, MatchedBy) {
    let place = match rank / 4 {
        0 => Place::Exact,
        1 => Place::Prefix,
        2 => Place::WordStart,
        _ => Place::Middle,
    };
    let by = match rank % 4 {
        0 => MatchedBy::Name,
        1 => MatchedBy::Sound,
        2 => MatchedBy::Phone,
        _ => MatchedBy::Email,
    };
    (place, by)
}

fn offset(length: usize) -> u32 {
    u32::try_from(length).expect("an arena holds less than 4 GB of text and entries")
}

fn digits(text: &str) -> String {
    let digits = fold(text);
    digits.chars().filter(char::is_ascii_digit).collect()
}

/// The digits of a term that may be part of a phone number.
fn digits_of_term(term: &str) -> Option<String> {
    let is_phone_like = term
        .chars()
        .all(|c| c.is_ascii_digit() || "+-().".contains(c));
    let dialled = dialled(term);
    let bare = COUNTRY_CODES
        .iter()
        .find_map(|code| dialled.strip_prefix(code))
        .filter(|rest| rest.contains(|c: char| c.is_ascii_digit()))
        .unwrap_or(&dialled);
    let digits = digits(bare);
    (is_phone_like && !digits.is_empty()).then_some(digits)
}

const COUNTRY_CODES: [&str; 2] = ["+86", "0086"];

/// What of a term one would dial.
fn dialled(term: &str) -> String {
    let dialled = |c: &char| c.is_ascii_digit() || *c == '+';
    term.chars().filter(dialled).collect()
}

/// The terms of a folded query, those that may be one phone number together. None is empty.
fn parts_of(folded: &str) -> Vec<Vec<&str>> {
    let is_number = |term: &str| digits_of_term(term).is_some();
    let is_code = |term: &str| is_number(term) && COUNTRY_CODES.contains(&dialled(term).as_str());
    let mut parts: Vec<Vec<&str>> = Vec::new();
    for term in folded.split_whitespace() {
        match parts.last_mut() {
            Some(run) if is_number(term) && is_number(run[0]) && !is_code(term) => run.push(term),
            _ => parts.push(vec![term]),
        }
    }
    for run in &mut parts {
        if run.len() > 1 && is_code(run[0]) {
            run.remove(0);
        }
    }
    parts.sort_unstable();
    parts.dedup();
    parts
}
