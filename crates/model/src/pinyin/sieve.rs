//! The quick test before the exact one: from a few bits of three neighbouring sounds it tells whether a match may
//! begin at the first. It errs on the side of yes, and its plain arithmetic on small numbers lets the compiler test
//! many places of a long list of names at once.

/// Sixteen bits each for the first letters of a sound's syllables and for what follows them. A wall has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traits {
    pub initials: u16,
    pub rhymes: u16,
}

impl Traits {
    pub(super) fn of(syllables: &[&str]) -> Self {
        let bits = syllables.iter().map(|syllable| syllable.as_bytes());
        bits.fold(Self::default(), |all, syllable| Self {
            initials: all.initials | initial_bit(syllable[0]),
            rhymes: all.rhymes | rhyme_bit(syllable),
        })
    }
}

/// The test for one query.
#[derive(Debug, Clone, Copy)]
pub struct Sieve {
    first: u16,
    /// The second and third letters of the query, for initials.
    second: Asked,
    third: Asked,
    /// The rhymes that the first syllable can have, and the letters that can follow it, for full pinyin.
    rhymes: u16,
    follower: Asked,
}

/// Traits of which a sound needs one, or nothing asked where the query does not reach so far.
#[derive(Debug, Clone, Copy)]
struct Asked {
    any_of: u16,
    nothing: u16,
}

impl Asked {
    const NOTHING: Self = Self {
        any_of: 0,
        nothing: 1,
    };

    fn letter(letter: Option<&u8>) -> Self {
        letter.map_or(Self::NOTHING, |letter| Self {
            any_of: initial_bit(*letter),
            nothing: 0,
        })
    }

    #[inline]
    const fn admits(self, traits: u16) -> bool {
        (traits & self.any_of) | self.nothing != 0
    }
}

impl Sieve {
    /// For a query of one letter at least, among all the syllables there are.
    pub(super) fn new(letters: &[u8], syllables: impl Iterator<Item = &'static str>) -> Self {
        let mut rhymes = 0;
        let mut follower = Asked {
            any_of: 0,
            nothing: 0,
        };
        for syllable in syllables.map(str::as_bytes) {
            if syllable.starts_with(letters) {
                rhymes |= rhyme_bit(syllable);
                follower = Asked::NOTHING;
            } else if letters.starts_with(syllable) {
                rhymes |= rhyme_bit(syllable);
                follower.any_of |= initial_bit(letters[syllable.len()]);
            }
        }
        Self {
            first: initial_bit(letters[0]),
            second: Asked::letter(letters.get(1)),
            third: Asked::letter(letters.get(2)),
            rhymes,
            follower,
        }
    }

    /// Whether a match may begin at the first of three neighbouring sounds: given are its rhymes and the initials of
    /// all three.
    #[inline]
    pub const fn may_begin(self, rhymes: u16, first: u16, second: u16, third: u16) -> bool {
        let by_initials = self.second.admits(second) & self.third.admits(third);
        let by_syllables = (rhymes & self.rhymes != 0) & self.follower.admits(second);
        (first & self.first != 0) & (by_initials | by_syllables)
    }
}

/// The letters in sixteen groups, so that those which begin many syllables stand apart from each other.
fn initial_bit(letter: u8) -> u16 {
    let group = match letter {
        b'z' => 0,
        b'x' => 1,
        b'y' => 2,
        b's' => 3,
        b'j' => 4,
        b'c' => 5,
        b'h' => 6,
        b'l' => 7,
        b'd' => 8,
        b't' | b'r' => 9,
        b'g' => 10,
        b'b' | b'p' => 11,
        b'm' | b'n' => 12,
        b'q' => 13,
        b'w' | b'k' => 14,
        _ => 15,
    };
    1 << group
}

/// The rhymes in sixteen groups, the frequent ones apart, Latin letters (which have none) too. The h of zh, ch and sh
/// does not count.
fn rhyme_bit(syllable: &[u8]) -> u16 {
    const FREQUENT: [&[u8]; 15] = [
        b"", b"i", b"ing", b"ian", b"ang", b"u", b"an", b"ong", b"in", b"ao", b"e", b"ai", b"eng",
        b"uan", b"en",
    ];
    let rhyme = &syllable[1..];
    let rhyme = rhyme.strip_prefix(b"h").unwrap_or(rhyme);
    let group = FREQUENT.iter().position(|frequent| *frequent == rhyme);
    1 << group.unwrap_or(FREQUENT.len())
}
