//! Texts of one class in one buffer, and memmem over it.

use std::ops::Range;

use memchr::memmem::Finder;

use super::{MatchedBy, Place, Rank, offset, rank};

/// Texts of one class, end to end.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// Each text is followed by a line end, which no term contains, so that no match runs from one into the next.
    text: String,
    pub(super) slots: Vec<Slot>,
}

/// Where in a lane a text of an entry begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) entry: u32,
    start: u32,
}

impl Lane {
    /// Appends a text; whether there was anything to append.
    pub(super) fn push(&mut self, entry: u32, text: &str) -> bool {
        if text.is_empty() {
            return false;
        }
        self.slots.push(Slot {
            entry,
            start: offset(self.text.len()),
        });
        self.text.push_str(text);
        self.text.push('\n');
        true
    }

    /// The place behind a slot's text.
    fn end(&self, slot: usize) -> usize {
        let next = self.slots.get(slot + 1);
        next.map_or(self.text.len(), |next| next.start as usize) - 1
    }

    pub(super) fn scan(&self, term: &str, by: MatchedBy, ranks: &mut [Rank]) {
        let finder = Finder::new(term);
        let bytes = self.text.as_bytes();
        let (mut slot, mut from) = (0, 0);
        while let Some(ahead) = finder.find(&bytes[from..]) {
            let at = from + ahead;
            while self
                .slots
                .get(slot + 1)
                .is_some_and(|next| next.start as usize <= at)
            {
                slot += 1;
            }
            let Slot { entry, start } = self.slots[slot];
            let (start, end) = (start as usize, self.end(slot));
            let best = &mut ranks[entry as usize];
            *best = (*best).min(rank(self.place(term, by, at, start..end), by));
            from = end + 1;
        }
    }

    /// The best place of a term within a text, where its first occurrence is known.
    fn place(&self, term: &str, by: MatchedBy, first: usize, text: Range<usize>) -> Place {
        if first == text.start {
            return if term.len() == text.len() {
                Place::Exact
            } else {
                Place::Prefix
            };
        }
        let is_at_an_edge = if by == MatchedBy::Phone {
            self.text[text].ends_with(term)
        } else {
            let before = self.text[text.start..first].chars().next_back();
            let mut after_a_break = before.is_some_and(|c| !is_of_a_word(c));
            let mut rest = self.text[first..text.end].char_indices();
            after_a_break
                || rest.any(|(at, c)| {
                    let begins_a_word = std::mem::replace(&mut after_a_break, !is_of_a_word(c));
                    begins_a_word && self.text[first + at..text.end].starts_with(term)
                })
        };
        if is_at_an_edge {
            Place::WordStart
        } else {
            Place::Middle
        }
    }

    pub(super) fn compacted(&self, moved: &[Option<u32>]) -> Self {
        let mut lane = Self::default();
        for (index, slot) in self.slots.iter().enumerate() {
            if let Some(entry) = moved[slot.entry as usize] {
                lane.push(entry, &self.text[slot.start as usize..self.end(index)]);
            }
        }
        lane
    }
}

/// Whether a character is a letter or a digit; Han first, as it is most of what is asked about.
fn is_of_a_word(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}') || c.is_alphanumeric()
}
