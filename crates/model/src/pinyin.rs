//! Finding Chinese names by their sound: full pinyin (huakejishu) and initials (hkjs), every reading of every
//! character included (重庆 is chongqing and zhongqing, cq and zq).
//!
//! # What matches
//! A query `q` of the letters a-z matches a name by sound where one of these holds. The name is taken character by
//! character in the folded form of [`fold`](crate::normalise::text::fold); what is neither letter nor digit
//! (brackets, spaces, dots) counts as absent.
//!
//! * **Initials.** Choose one syllable of [`syllables`] for every character; `q` is a substring of the string of
//!   their first letters.
//! * **Full pinyin.** Choose one syllable for every character; in the string of all of them, `q` stands at a
//!   place where a syllable begins. It may end within a syllable.
//!
//! A character without syllables (a digit, kana, a Han character that has no reading) is a wall: no match runs
//! across it. The two ways are not mixed within one query. A query longer than [`LONGEST_QUERY`] matches nothing.
//!
//! Readings are never multiplied out: a match is followed character by character through the set of places in `q`
//! that some choice of readings can reach, so nothing is missed however many readings a name has.

use std::collections::HashMap;
use std::sync::OnceLock;

use pinyin::ToPinyinMulti;

/// The longest query, in letters, that is looked for by sound.
pub const LONGEST_QUERY: usize = 120;

/// The ways in which a character sounds, as a small number: characters of the same readings share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sound(u16);

impl Sound {
    /// No sound and no hindrance: punctuation, white space.
    pub const SILENT: Self = Self(0);
    /// A character that no query of letters can pass.
    pub const WALL: Self = Self(1);
    /// Sounds are numbered below this.
    pub const LIMIT: u16 = 1 << 15;

    /// The sound of a folded character.
    pub fn of(c: char) -> Self {
        sounds().of(c)
    }

    /// The number, for compact keeping.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The sound of a number that [`number`](Self::number) gave.
    pub const fn from_number(number: u16) -> Self {
        Self(number)
    }

    /// What a [`Sieve`] asks about a sound.
    pub fn traits(self) -> Traits {
        sounds().traits[usize::from(self.0)]
    }

    /// Toneless syllables, ü written both as v and as u; a Latin letter is its own syllable.
    pub fn syllables(self) -> &'static [&'static str] {
        sounds()
            .syllables
            .get(usize::from(self.0))
            .map_or(&[], Vec::as_slice)
    }
}

/// The syllables of a folded character: none for silent ones and walls.
pub fn syllables(c: char) -> &'static [&'static str] {
    Sound::of(c).syllables()
}

mod sieve;
pub use sieve::{Sieve, Traits};

/// A query made ready to be looked for in many names.
#[derive(Debug, Clone)]
pub struct SoundQuery {
    letters: Vec<u8>,
    letter_bits: Vec<u32>,
    sieve: Sieve,
}

impl SoundQuery {
    /// `None` for what cannot match by sound: anything but the letters a-z, nothing, or too many of them.
    pub fn new(query: &str) -> Option<Self> {
        let is_letters = query.bytes().all(|b| b.is_ascii_lowercase());
        if query.is_empty() || query.len() > LONGEST_QUERY || !is_letters {
            return None;
        }
        let letters = query.as_bytes().to_vec();
        let letter_bits: Vec<u32> = letters.iter().map(|letter| bit_of(*letter)).collect();
        let sieve = Sieve::new(&letters, sounds().syllables.iter().flatten().copied());
        Some(Self {
            letters,
            letter_bits,
            sieve,
        })
    }

    /// The quick test that comes before the others in a long scan.
    pub const fn sieve(&self) -> Sieve {
        self.sieve
    }

    /// Whether the audible sounds of a name, from where a match shall begin, match by initials.
    pub fn matches_initials(&self, sounds_from_here: impl Iterator<Item = Sound>) -> bool {
        let initials = &sounds().initials;
        let mut sounds_from_here = sounds_from_here;
        self.letter_bits.iter().all(|bit| {
            sounds_from_here
                .next()
                .is_some_and(|sound| initials[usize::from(sound.0)] & bit != 0)
        })
    }

    /// Whether the audible sounds of a name, from where a match shall begin, match by full pinyin.
    pub fn matches_syllables(&self, sounds_from_here: impl Iterator<Item = Sound>) -> bool {
        let mut reached = 1u128;
        for sound in sounds_from_here {
            let step = self.step(reached, sound);
            if step.ends_within || step.reached & self.end() != 0 {
                return true;
            }
            if step.reached == 0 {
                return false;
            }
            reached = step.reached;
        }
        false
    }

    /// Whether the query is the whole name by sound: all initials of its audible sounds, or all of their syllables.
    pub fn equals(&self, sounds_of_name: impl Iterator<Item = Sound> + Clone) -> bool {
        let has_as_many = sounds_of_name.clone().take(self.letters.len() + 1).count();
        if has_as_many == self.letters.len() && self.matches_initials(sounds_of_name.clone()) {
            return true;
        }
        let mut reached = 1u128;
        for sound in sounds_of_name {
            reached = self.step(reached, sound).reached;
            if reached == 0 {
                return false;
            }
        }
        reached & self.end() != 0
    }

    fn end(&self) -> u128 {
        1 << self.letters.len()
    }

    /// Bit n of `reached` says that the first n letters of the query are behind us.
    fn step(&self, reached: u128, sound: Sound) -> Step {
        let mut step = Step {
            reached: 0,
            ends_within: false,
        };
        let mut open = reached & (self.end() - 1);
        while open != 0 {
            let place = open.trailing_zeros() as usize;
            open &= open - 1;
            let rest = &self.letters[place..];
            for syllable in sound.syllables() {
                let agrees = syllable.bytes().zip(rest).all(|(a, b)| a == *b);
                if agrees && syllable.len() <= rest.len() {
                    step.reached |= 1 << (place + syllable.len());
                } else {
                    step.ends_within |= agrees;
                }
            }
        }
        step
    }
}

struct Step {
    reached: u128,
    /// The query ends inside of a syllable here.
    ends_within: bool,
}

fn bit_of(letter: u8) -> u32 {
    1 << (letter - b'a')
}

/// Every sound there is, and which character has which.
#[derive(Debug)]
struct Sounds {
    /// By sound: its syllables.
    syllables: Vec<Vec<&'static str>>,
    /// By sound: the first letters of its syllables, as bits.
    initials: Vec<u32>,
    traits: Vec<Traits>,
    /// For each of [`HAN_BLOCKS`]: by place in the block, the sound.
    blocks: Vec<Vec<Sound>>,
}

/// The blocks whose characters have readings, the everyday one first.
const HAN_BLOCKS: [(u32, u32); 4] = [
    (0x4e00, 0x9fff),
    (0x3400, 0x4dbf),
    (0x3007, 0x3007),
    (0x2_0000, 0x3_23af),
];

fn sounds() -> &'static Sounds {
    static SOUNDS: OnceLock<Sounds> = OnceLock::new();
    SOUNDS.get_or_init(Sounds::new)
}

impl Sounds {
    fn new() -> Self {
        const LETTERS: [&str; 26] = [
            "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q",
            "r", "s", "t", "u", "v", "w", "x", "y", "z",
        ];
        let mut syllables = vec![Vec::new(), Vec::new()];
        syllables.extend(LETTERS.iter().map(|letter| vec![*letter]));
        let mut known: HashMap<Vec<&'static str>, Sound> = HashMap::new();
        let mut spellings = Spellings::default();
        let mut blocks = Vec::new();
        for (first, last) in HAN_BLOCKS {
            let sounds = (first..=last).map(|code| {
                let readings = char::from_u32(code)
                    .map(|c| spellings.of(c))
                    .unwrap_or_default();
                if readings.is_empty() {
                    return Sound::WALL;
                }
                *known.entry(readings).or_insert_with_key(|readings| {
                    syllables.push(readings.clone());
                    let number = syllables.len() - 1;
                    Sound(u16::try_from(number).expect("a few thousand sets of readings exist"))
                })
            });
            blocks.push(sounds.collect());
        }
        assert!(
            syllables.len() < usize::from(Sound::LIMIT),
            "sounds leave the highest bit free"
        );
        let initials_of = |syllables: &Vec<&str>| {
            let bits = syllables
                .iter()
                .map(|syllable| bit_of(syllable.as_bytes()[0]));
            bits.fold(0, |all, bit| all | bit)
        };
        let initials = syllables.iter().map(initials_of).collect();
        let traits = syllables
            .iter()
            .map(|syllables| Traits::of(syllables))
            .collect();
        Self {
            syllables,
            initials,
            traits,
            blocks,
        }
    }

    fn of(&self, c: char) -> Sound {
        if c.is_ascii_lowercase() {
            return Sound(2 + u16::try_from(u32::from(c) - u32::from('a')).expect("one of 26"));
        }
        let code = u32::from(c);
        for ((first, last), block) in HAN_BLOCKS.iter().zip(&self.blocks) {
            if (*first..=*last).contains(&code) {
                return block[(code - first) as usize];
            }
        }
        if c.is_alphanumeric() {
            Sound::WALL
        } else {
            Sound::SILENT
        }
    }
}

/// Toneless readings in plain letters, each spelling kept once.
#[derive(Default)]
struct Spellings(HashMap<&'static str, Vec<&'static str>>);

impl Spellings {
    fn of(&mut self, c: char) -> Vec<&'static str> {
        let mut readings: Vec<&'static str> = Vec::new();
        for reading in c.to_pinyin_multi().into_iter().flatten() {
            readings.extend_from_slice(self.in_letters(reading.plain()));
        }
        readings.sort_unstable();
        readings.dedup();
        readings
    }

    fn in_letters(&mut self, plain: &'static str) -> &[&'static str] {
        self.0.entry(plain).or_insert_with(|| {
            if plain.bytes().all(|b| b.is_ascii_lowercase()) {
                return vec![plain];
            }
            // The table is built once, so the few spellings that are not there already live as long as the program.
            let keep = |umlaut: &str| -> &'static str {
                Box::leak(
                    plain
                        .replace('ü', umlaut)
                        .replace('ê', "e")
                        .into_boxed_str(),
                )
            };
            let mut spelled = vec![keep("v"), keep("u")];
            spelled.dedup();
            spelled.retain(|syllable| {
                !syllable.is_empty() && syllable.bytes().all(|b| b.is_ascii_lowercase())
            });
            spelled
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn audible(name: &str) -> Vec<Sound> {
        let folded = crate::normalise::text::fold(name).into_owned();
        let sounds = folded.chars().map(Sound::of);
        sounds.filter(|sound| *sound != Sound::SILENT).collect()
    }

    fn matches(name: &str, query: &str) -> bool {
        let sounds = audible(name);
        SoundQuery::new(query).is_some_and(|query| {
            (0..sounds.len()).any(|from| {
                let here = sounds[from..].iter().copied();
                query.matches_initials(here.clone()) || query.matches_syllables(here)
            })
        })
    }

    fn equals(name: &str, query: &str) -> bool {
        let sounds = audible(name);
        SoundQuery::new(query).is_some_and(|query| query.equals(sounds.iter().copied()))
    }

    #[test]
    fn names_are_found_by_initials_and_by_full_pinyin_with_every_reading() {
        // R34.
        for (name, query) in [
            ("华科技术", "hkjs"),
            ("华科技术", "kj"),
            ("华科技术", "huake"),
            ("华科技术", "kejish"),
            ("重庆", "cq"),
            ("重庆", "zq"),
            ("重庆", "chongqing"),
            ("重庆", "zhongqing"),
            ("中国银行", "zgyh"),
            ("中国银行", "yinhang"),
            ("单小明", "sxm"),
            ("单小明", "shanxiaoming"),
            ("单小明", "danxiao"),
            ("吕布", "lvbu"),
            ("吕布", "lubu"),
            ("华为(深圳)", "hwsz"),
            ("华为(深圳)", "weishen"),
            ("Ｈuawei华为", "huaweihw"),
            ("Huawei华为", "huaweihuawei"),
        ] {
            assert!(matches(name, query), "{name} by {query}");
        }
    }

    #[test]
    fn what_does_not_sound_so_is_not_found() {
        for (name, query) in [
            ("华科技术", "uake"),
            ("华科技术", "hks"),
            ("华科技术", "huakjs"),
            ("华科技术", "hkjsx"),
            ("华3科", "hk"),
            ("华科", "HK"),
            ("华科", "华"),
            ("华科", ""),
        ] {
            assert!(!matches(name, query), "{name} by {query}");
        }
        assert!(SoundQuery::new(&"a".repeat(LONGEST_QUERY + 1)).is_none());
        assert!(SoundQuery::new(&"a".repeat(LONGEST_QUERY)).is_some());
    }

    #[test]
    fn a_query_equals_a_name_only_as_a_whole() {
        assert!(equals("华科(技术)", "hkjs"));
        assert!(equals("华科技术", "huakejishu"));
        assert!(equals("重庆", "zhongqing"));
        assert!(!equals("华科技术", "hkj"));
        assert!(!equals("华科技术", "huakejish"));
        assert!(!equals("华科", "huakejishu"));
    }

    #[test]
    fn every_common_character_has_a_reading_in_plain_letters() {
        let table = sounds();
        for syllable in table.syllables.iter().flatten() {
            assert!(
                syllable.bytes().all(|b| b.is_ascii_lowercase()),
                "{syllable}"
            );
        }
        let silent = table.blocks[0]
            .iter()
            .filter(|sound| **sound == Sound::WALL)
            .count();
        assert!(silent < 200, "{silent} of the common block have no reading");
        for c in "华为技术有限公司集团深圳市单曾解查仇区朴盖尉乐覃缪翟".chars()
        {
            assert!(!syllables(c).is_empty(), "{c}");
        }
    }

    /// All strings that one choice of reading per character makes; walls split a name.
    fn written_out(name: &[Sound]) -> Vec<Vec<&'static str>> {
        name.iter().fold(vec![Vec::new()], |all, sound| {
            let longer = |done: &Vec<&'static str>, syllable: &&'static str| {
                let mut done = done.clone();
                done.push(*syllable);
                done
            };
            all.iter()
                .flat_map(|done| {
                    sound
                        .syllables()
                        .iter()
                        .map(move |syllable| longer(done, syllable))
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn following_the_readings_finds_what_writing_them_all_out_finds(
            name in "[重行单长乐a华(]{1,4}[安an(西先]{0,2}",
            query in "[acdghklnstxyz]{1,3}|(xi|an|xian|chang|hua|xing|yue|le|zhong){1,3}[a-z]?",
        ) {
            let sounds = audible(&name);
            let expected = written_out(&sounds).iter().any(|choice| {
                let initials: String = choice.iter().map(|syllable| &syllable[..1]).collect();
                initials.contains(&query)
                    || (0..choice.len()).any(|from| choice[from..].concat().starts_with(&query))
            });
            prop_assert_eq!(matches(&name, &query), expected, "{} by {}", name, query);
        }
    }
}
