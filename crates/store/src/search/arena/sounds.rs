//! The sounds of all names in one buffer: a sieve over it, then the exact test where the sieve lets something pass.

use std::ops::Range;

use ketu_model::pinyin::{Sound, SoundQuery};

use super::lane::Slot;
use super::{MatchedBy, Place, Rank, offset, rank};

/// The audible sounds of the texts of a [`Lane`], in the order of its slots.
#[derive(Debug, Default)]
pub(super) struct SoundLane {
    /// [`Sound::number`], with the bit [`BEGINS_WORD`] where the character begins a word of its text. Each text is
    /// followed by a wall.
    sounds: Vec<u16>,
    /// [`Sound::traits`] of each, for the sieve, apart so that many of one kind fit a vector register.
    initials: Vec<u16>,
    rhymes: Vec<u16>,
    /// By slot: where its sounds begin.
    starts: Vec<u32>,
}

const BEGINS_WORD: u16 = Sound::LIMIT;

impl SoundLane {
    pub(super) fn push(&mut self, folded: &str) {
        self.starts.push(offset(self.sounds.len()));
        let mut begins_word = false;
        for c in folded.chars() {
            let sound = Sound::of(c);
            if sound == Sound::SILENT {
                begins_word = true;
            } else {
                let mark = if std::mem::take(&mut begins_word) {
                    BEGINS_WORD
                } else {
                    0
                };
                self.push_sound(sound, mark);
            }
        }
        self.push_sound(Sound::WALL, 0);
    }

    fn push_sound(&mut self, sound: Sound, mark: u16) {
        let traits = sound.traits();
        self.sounds.push(sound.number() | mark);
        self.initials.push(traits.initials);
        self.rhymes.push(traits.rhymes);
    }

    fn range(&self, slot: usize) -> Range<usize> {
        let next = self.starts.get(slot + 1);
        let end = next.map_or(self.sounds.len(), |next| *next as usize) - 1;
        self.starts[slot] as usize..end
    }

    pub(super) fn scan(&self, query: &SoundQuery, slots: &[Slot], ranks: &mut [Rank]) {
        let mut slot = 0;
        self.each_candidate(query, |at| {
            while self
                .starts
                .get(slot + 1)
                .is_some_and(|next| *next as usize <= at)
            {
                slot += 1;
            }
            let best = &mut ranks[slots[slot].entry as usize];
            self.improve(best, query, at, self.range(slot));
        });
    }

    /// Calls back with every place that passes the sieve, in order.
    fn each_candidate(&self, query: &SoundQuery, mut candidate: impl FnMut(usize)) {
        // A stride is tested as a whole first, which compiles to a few vector instructions.
        const STRIDE: usize = 32;
        const WINDOW: usize = STRIDE + 2;
        let sieve = query.sieve();
        let mut from = 0;
        while let (Some(initials), Some(rhymes)) = (
            self.initials[from..].first_chunk::<WINDOW>(),
            self.rhymes[from..].first_chunk::<STRIDE>(),
        ) {
            let flags: [bool; STRIDE] = std::array::from_fn(|at| {
                sieve.may_begin(rhymes[at], initials[at], initials[at + 1], initials[at + 2])
            });
            if flags != [false; STRIDE] {
                let places = (0..STRIDE).filter(|at| flags[*at]);
                places.for_each(|at| candidate(from + at));
            }
            from += STRIDE;
        }
        let initial = |at: usize| self.initials.get(at).copied().unwrap_or_default();
        let places = (from..self.sounds.len()).filter(|at| {
            sieve.may_begin(
                self.rhymes[*at],
                initial(*at),
                initial(at + 1),
                initial(at + 2),
            )
        });
        places.for_each(candidate);
    }

    /// Looks whether a match begins `at`, and whether it is better than the best so far.
    fn improve(&self, best: &mut Rank, query: &SoundQuery, at: usize, text: Range<usize>) {
        let is_first = at == text.start;
        let (place, best_place) = if is_first {
            (Place::Prefix, Place::Exact)
        } else if self
            .sounds
            .get(at)
            .is_some_and(|marked| marked & BEGINS_WORD != 0)
        {
            (Place::WordStart, Place::WordStart)
        } else {
            (Place::Middle, Place::Middle)
        };
        if *best <= rank(best_place, MatchedBy::Sound) {
            return;
        }
        let here = self.sounds[at..text.end]
            .iter()
            .map(|marked| Sound::from_number(marked & !BEGINS_WORD));
        if query.matches_initials(here.clone()) || query.matches_syllables(here.clone()) {
            let is_whole = is_first && query.equals(here);
            let place = if is_whole { Place::Exact } else { place };
            *best = (*best).min(rank(place, MatchedBy::Sound));
        }
    }

    pub(super) fn compacted(&self, slots: &[Slot], moved: &[Option<u32>]) -> Self {
        let mut lane = Self::default();
        for (index, slot) in slots.iter().enumerate() {
            if moved[slot.entry as usize].is_some() {
                lane.starts.push(offset(lane.sounds.len()));
                let text = self.range(index);
                let with_wall = text.start..text.end + 1;
                lane.sounds
                    .extend_from_slice(&self.sounds[with_wall.clone()]);
                lane.initials
                    .extend_from_slice(&self.initials[with_wall.clone()]);
                lane.rhymes.extend_from_slice(&self.rhymes[with_wall]);
            }
        }
        lane
    }
}
