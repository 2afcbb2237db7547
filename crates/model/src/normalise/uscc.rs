//! 统一社会信用代码: the 18-character unified social credit code of GB 32100-2015, and the 15-digit registration
//! number that it replaced.

use super::text::{clean, fold};
use crate::parse::Malformed;

/// The characters of a code in the order of their value; I, O, S, V and Z are left out.
const CHARSET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Which of the two numbers was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UsccKind {
    /// 18 characters with a check character.
    Unified,
    /// 15 digits from before 2015: accepted, but worth a warning.
    Legacy,
}

/// A credit code in its one spelling.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Uscc {
    /// Upper case, half width, without white space.
    pub canonical: String,
    pub kind: UsccKind,
}

impl Uscc {
    /// Reads a code; case, width, white space and dashes do not matter.
    ///
    /// # Errors
    /// [`Malformed::UsccLength`], [`Malformed::UsccCharset`] or [`Malformed::UsccChecksum`].
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let cleaned = clean(text);
        let canonical: String = fold(&cleaned)
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .flat_map(char::to_uppercase)
            .collect();
        let kind = match canonical.chars().count() {
            18 => {
                check(&canonical)?;
                UsccKind::Unified
            }
            15 if canonical.bytes().all(|b| b.is_ascii_digit()) => UsccKind::Legacy,
            15 => return Err(Malformed::UsccCharset),
            _ => return Err(Malformed::UsccLength),
        };
        Ok(Self { canonical, kind })
    }
}

/// The last character makes the sum of all values, each weighted by 3^position, a multiple of 31.
fn check(code: &str) -> Result<(), Malformed> {
    let mut weight = 1;
    let mut sum = 0;
    let mut last = 0;
    for (index, c) in code.bytes().enumerate() {
        let value = CHARSET
            .iter()
            .position(|known| *known == c)
            .ok_or(Malformed::UsccCharset)?;
        if index < 17 {
            sum += value * weight;
            weight = weight * 3 % 31;
        } else {
            last = value;
        }
    }
    if (sum + last).is_multiple_of(31) {
        Ok(())
    } else {
        Err(Malformed::UsccChecksum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codes_with_the_right_check_character_are_accepted() {
        for text in [
            "91350100M000100Y43",
            "91230184MA1BUFLT44",
            "92371000MA3MXH0E3W",
            " 91350100 m000100y43 ",
            "９１３５０１００Ｍ０００１００Ｙ４３",
        ] {
            let code = Uscc::parse(text).expect("a valid code");
            assert_eq!(code.kind, UsccKind::Unified);
            assert_eq!(code.canonical.len(), 18);
        }
        assert_eq!(
            Uscc::parse("91350100m000100y43").map(|code| code.canonical),
            Ok("91350100M000100Y43".to_owned())
        );
    }

    #[test]
    fn each_fault_has_its_own_code() {
        for (text, code) in [
            ("91350100M000100Y4A", Malformed::UsccChecksum),
            ("91350100M000100O43", Malformed::UsccCharset),
            ("91350100M000100Y4", Malformed::UsccLength),
            ("", Malformed::UsccLength),
            ("44030110360000A", Malformed::UsccCharset),
            (
                "统一社会信用代码统一社会信用代码统一",
                Malformed::UsccCharset,
            ),
        ] {
            assert_eq!(Uscc::parse(text), Err(code), "{text}");
        }
    }

    #[test]
    fn an_old_registration_number_is_told_from_a_code() {
        assert_eq!(
            Uscc::parse("440301103600001").map(|code| code.kind),
            Ok(UsccKind::Legacy)
        );
    }

    proptest! {
        #[test]
        fn one_wrong_character_never_passes(position in 0usize..18, other in 0usize..31) {
            let mut code = b"91350100M000100Y43".to_vec();
            prop_assume!(code[position] != CHARSET[other]);
            code[position] = CHARSET[other];
            let text = String::from_utf8(code).expect("ASCII");
            prop_assert_eq!(Uscc::parse(&text), Err(Malformed::UsccChecksum));
        }
    }
}
