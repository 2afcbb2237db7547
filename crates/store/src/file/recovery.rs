//! The recovery key: 160 random bits as people write them down, 9 groups of 4 letters and digits.
//! The last four characters are a check, so that a slip of the pen is told from a wrong key.

use std::fmt;

use zeroize::Zeroizing;

/// Crockford's base 32: no I, L, O or U, and the look-alikes are read as what they look like.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BYTES: usize = 20;
const CHARACTERS: usize = 36;

#[derive(Clone)]
pub struct RecoveryKey(Zeroizing<[u8; BYTES]>);

impl RecoveryKey {
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        getrandom::fill(bytes.as_mut())?;
        Ok(Self(bytes))
    }

    /// Reads what a person typed, in any case and grouping; `None` where a character is missing,
    /// foreign or mistaken.
    pub fn parse(text: &str) -> Option<Self> {
        let mut digits = Vec::with_capacity(CHARACTERS);
        for c in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let c = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                c => c,
            };
            digits.push(u8::try_from(ALPHABET.iter().position(|a| char::from(*a) == c)?).ok()?);
        }
        if digits.len() != CHARACTERS {
            return None;
        }
        let mut bytes = Zeroizing::new([0; BYTES]);
        for (byte, eight) in bytes.iter_mut().zip(bits(&digits[..32]).chunks(8)) {
            *byte = eight.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        }
        let key = Self(bytes);
        (key.check() == digits[32..]).then_some(key)
    }

    /// The key that seals the recovery slot.
    pub(crate) fn sealing_key(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(blake3::derive_key(
            "ketu 2026-11 recovery slot",
            self.0.as_ref(),
        ))
    }

    /// Four base-32 digits from the key's hash.
    fn check(&self) -> [u8; 4] {
        let hash = blake3::derive_key("ketu 2026-11 recovery check", self.0.as_ref());
        std::array::from_fn(|n| hash[n] & 31)
    }
}

fn bits(digits: &[u8]) -> Vec<bool> {
    digits
        .iter()
        .flat_map(|d| (0..5).rev().map(move |n| d >> n & 1 == 1))
        .collect()
}

impl fmt::Display for RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<bool> = self
            .0
            .iter()
            .flat_map(|b| (0..8).rev().map(move |n| b >> n & 1 == 1))
            .collect();
        let digits = all
            .chunks(5)
            .map(|five| five.iter().fold(0, |d, bit| d << 1 | u8::from(*bit)));
        for (n, digit) in digits.chain(self.check()).enumerate() {
            if n > 0 && n % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(ALPHABET[usize::from(digit)]))?;
        }
        Ok(())
    }
}

impl fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryKey(hidden)")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_written_down_key_is_read_back_in_any_case_and_grouping() {
        let key = RecoveryKey::generate().unwrap();
        let text = key.to_string();
        assert_eq!(text.len(), 44, "nine groups of four: {text}");
        let sloppy = text
            .to_lowercase()
            .replace('-', " ")
            .replace('0', "o")
            .replace('1', "l");
        assert_eq!(
            RecoveryKey::parse(&sloppy).unwrap().sealing_key(),
            key.sealing_key()
        );
    }

    #[test]
    fn a_slip_of_the_pen_is_noticed() {
        let text = RecoveryKey::generate().unwrap().to_string();
        let mut slips = 0;
        for (n, c) in text.char_indices().filter(|(_, c)| *c != '-') {
            let other = if c == 'A' { 'B' } else { 'A' };
            let mut slip = text.clone();
            slip.replace_range(n..=n, &other.to_string());
            slips += usize::from(RecoveryKey::parse(&slip).is_none());
        }
        assert!(slips >= 35, "only {slips} of 36 slips noticed");
        assert!(RecoveryKey::parse(&text[..40]).is_none());
    }
}
