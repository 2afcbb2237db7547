//! Phone numbers as Chinese sheets hold them: mobiles, landlines with 区号 and extension, 400/800 and service
//! numbers, and foreign numbers kept loosely in E.164.

use super::text::{clean, fold};
use crate::parse::Malformed;

/// What kind of line a number belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PhoneKind {
    /// 1[3-9] and nine more digits.
    Mobile,
    /// 区号 and local number, or a local number alone.
    Landline,
    /// 400 or 800 and seven more digits.
    Hotline,
    /// A short public number such as 95588 or 10086.
    Service,
    /// A number outside China, `+` and digits.
    Foreign,
}

/// A phone number in its one spelling.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Phone {
    /// `13812345678`, `0755-26001234`, `0755-26001234-801`, `400-800-8888`, `95588`, `+14155550123`.
    pub canonical: String,
    pub kind: PhoneKind,
}

impl Phone {
    /// Reads one number. White space, dashes, dots, brackets, full-width digits and the prefixes +86, 0086 and 86 are
    /// no obstacle; an extension may follow 转, 分机, ext, # or a dash.
    ///
    /// # Errors
    /// [`Malformed::PhoneFormat`] for anything but a number, [`Malformed::PhoneLength`] for digits too few or too many.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let cleaned = clean(text);
        let folded = fold(&cleaned);
        // A spreadsheet hands over a number typed as a number with its decimal point.
        let written = folded.strip_suffix(".0").unwrap_or(&folded);
        let (main, extension) = split_extension(written)?;
        let groups = Groups::read(main)?;
        if let Some(foreign) = groups.foreign()? {
            return Ok(Self {
                canonical: foreign,
                kind: PhoneKind::Foreign,
            });
        }
        let national = national_digits(&groups);
        let (phone, extension) = match (read_national(&national), extension) {
            (Ok(phone), extension) => (phone, extension),
            (Err(reason), Some(_)) => return Err(reason),
            (Err(reason), None) => {
                let (shorter, last) = groups.without_last().ok_or(reason)?;
                let phone = read_national(&national_digits(&shorter)).map_err(|_| reason)?;
                (phone, Some(last))
            }
        };
        Ok(match extension {
            Some(extension) => Self {
                canonical: format!("{}-{extension}", phone.canonical),
                kind: phone.kind,
            },
            None => phone,
        })
    }

    /// The digits by which two spellings of a number meet when records are compared: a mobile's eleven digits, a
    /// landline's local number (people leave out the 区号), otherwise the last eleven digits. No extension.
    pub fn key(&self) -> String {
        let mut parts = self.canonical.split('-');
        let first = parts.next().unwrap_or_default();
        match self.kind {
            PhoneKind::Landline if first.starts_with('0') => {
                parts.next().unwrap_or_default().to_owned()
            }
            PhoneKind::Mobile | PhoneKind::Landline | PhoneKind::Service => first.to_owned(),
            PhoneKind::Hotline => {
                let digits = self.canonical.chars().filter(char::is_ascii_digit);
                digits.take(10).collect()
            }
            PhoneKind::Foreign => {
                let digits = first.trim_start_matches('+');
                digits[digits.len().saturating_sub(11)..].to_owned()
            }
        }
    }
}

/// [`Phone::key`] of a text, or `None` where it is no phone number.
pub fn phone_key(text: &str) -> Option<String> {
    Phone::parse(text).ok().map(|phone| phone.key())
}

/// The numbers that one cell holds: `13812345678/0755-26001234、0755-26001235`. Two whole numbers with nothing but
/// white space between them are two numbers as well. Empty pieces are dropped; pieces are not checked.
pub fn split_phones(cell: &str) -> Vec<&str> {
    let is_separator = |c: char| {
        matches!(
            c,
            '/' | '／'
                | '\\'
                | '、'
                | ','
                | '，'
                | ';'
                | '；'
                | '|'
                | '｜'
                | '\n'
                | '\r'
                | '或'
                | '&'
        )
    };
    let mut phones = Vec::new();
    for piece in cell.split(is_separator).map(str::trim) {
        if piece.is_empty() {
            continue;
        }
        let words: Vec<&str> = piece.split_whitespace().collect();
        let are_numbers_each = words.len() > 1
            && Phone::parse(piece).is_err()
            && words.iter().all(|word| Phone::parse(word).is_ok());
        if are_numbers_each {
            phones.extend(words);
        } else {
            phones.push(piece);
        }
    }
    phones
}

const LONGEST_EXTENSION: usize = 6;

/// Cuts off an extension that is marked as one.
fn split_extension(written: &str) -> Result<(&str, Option<String>), Malformed> {
    for mark in ["分机号", "分机", "转", "ext", "#", "x"] {
        let Some(at) = written.find(mark) else {
            continue;
        };
        let main = written[..at].trim_end_matches([' ', '-', '(', ',']);
        let digits = written[at + mark.len()..].trim_matches([' ', '.', ':', '-', '(', ')', '号']);
        let is_extension = (1..=LONGEST_EXTENSION).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit());
        return if is_extension {
            Ok((main, Some(digits.to_owned())))
        } else {
            Err(Malformed::PhoneFormat)
        };
    }
    Ok((written, None))
}

/// A number as its groups of digits, with what stood before the first one.
#[derive(Debug, Clone)]
struct Groups {
    has_plus: bool,
    groups: Vec<String>,
}

impl Groups {
    fn read(main: &str) -> Result<Self, Malformed> {
        let trimmed = main.trim().trim_start_matches('(').trim_start();
        let has_plus = trimmed.starts_with('+');
        let mut groups = vec![String::new()];
        for c in trimmed.trim_start_matches('+').chars() {
            match c {
                '0'..='9' => groups.last_mut().expect("one group at least").push(c),
                ' ' | '-' | '(' | ')' | '.' | '_' | '–' | '—' | '−' | '‐' | '‑' | '~' | '·' => {
                    if groups.last().is_some_and(|group| !group.is_empty()) {
                        groups.push(String::new());
                    }
                }
                _ => return Err(Malformed::PhoneFormat),
            }
        }
        groups.retain(|group| !group.is_empty());
        if groups.is_empty() {
            return Err(Malformed::PhoneFormat);
        }
        Ok(Self { has_plus, groups })
    }

    fn digits(&self) -> String {
        self.groups.concat()
    }

    fn without_last(&self) -> Option<(Self, String)> {
        let (last, rest) = self.groups.split_last()?;
        let may_be_extension = !rest.is_empty() && last.len() <= LONGEST_EXTENSION;
        may_be_extension.then(|| {
            let shorter = Self {
                has_plus: self.has_plus,
                groups: rest.to_vec(),
            };
            (shorter, last.clone())
        })
    }

    /// The canonical form when the prefix names another country.
    fn foreign(&self) -> Result<Option<String>, Malformed> {
        let digits = self.digits();
        let international = match digits.strip_prefix("00") {
            _ if self.has_plus => digits.as_str(),
            Some(rest) => rest,
            None => return Ok(None),
        };
        if international.starts_with("86") {
            return Ok(None);
        }
        if international.starts_with('0') {
            return Err(Malformed::PhoneFormat);
        }
        // E.164 allows fifteen digits; the shortest country has five after its code.
        if !(7..=15).contains(&international.len()) {
            return Err(Malformed::PhoneLength);
        }
        Ok(Some(format!("+{international}")))
    }
}

/// The digits as dialled within China: country code cut off, the leading zero of a 区号 put back.
fn national_digits(groups: &Groups) -> String {
    let digits = groups.digits();
    let after_code = if groups.has_plus {
        digits.strip_prefix("86")
    } else {
        digits.strip_prefix("0086").or_else(|| {
            // 86 alone is a country code only where a whole number follows it.
            let rest = digits.strip_prefix("86")?;
            (rest.len() >= 10).then_some(rest)
        })
    };
    match after_code {
        Some(rest) if rest.starts_with(['0', '1', '4', '8']) && !is_area_without_zero(rest) => {
            rest.to_owned()
        }
        Some(rest) if rest.len() >= 10 => format!("0{rest}"),
        Some(rest) => rest.to_owned(),
        None => digits,
    }
}

/// `10 6505 1234` after +86 is Beijing, `755 2600 1234` is Shenzhen; `138…` is a mobile and `400…` a hotline.
fn is_area_without_zero(rest: &str) -> bool {
    match rest.as_bytes() {
        [b'1', b'0', ..] => rest.len() == 10,
        [b'4' | b'8', b'0', b'0', ..] => false,
        [b'4' | b'8', ..] => rest.len() >= 10,
        _ => false,
    }
}

fn read_national(digits: &str) -> Result<Phone, Malformed> {
    let phone = |canonical: String, kind| Ok(Phone { canonical, kind });
    let bytes = digits.as_bytes();
    let length = bytes.len();
    let is_mobile = |b: &[u8]| b.len() == 11 && b[0] == b'1' && (b'3'..=b'9').contains(&b[1]);
    if is_mobile(bytes) {
        return phone(digits.to_owned(), PhoneKind::Mobile);
    }
    match bytes {
        // Some exchanges want a zero before a mobile of another city, and sheets keep it.
        [b'0', rest @ ..] if is_mobile(rest) => phone(digits[1..].to_owned(), PhoneKind::Mobile),
        [b'4' | b'8', b'0', b'0', ..] if length == 10 => phone(
            format!("{}-{}-{}", &digits[..3], &digits[3..6], &digits[6..]),
            PhoneKind::Hotline,
        ),
        [b'0', ..] => {
            let area_length = match bytes.get(1) {
                Some(b'1' | b'2') => 3,
                Some(b'3'..=b'9') => 4,
                Some(_) => return Err(Malformed::PhoneFormat),
                None => return Err(Malformed::PhoneLength),
            };
            if bytes[1] == b'1' && bytes.get(2).is_some_and(|b| *b != b'0') {
                return Err(Malformed::PhoneFormat);
            }
            let Some(local) = digits.get(area_length..) else {
                return Err(Malformed::PhoneLength);
            };
            // Cities with a three-digit 区号 have eight-digit numbers only.
            let fits = local.len() == 8 || (local.len() == 7 && area_length == 4);
            if !fits {
                return Err(Malformed::PhoneLength);
            }
            if !starts_like_local(local) {
                return Err(Malformed::PhoneFormat);
            }
            phone(
                format!("{}-{local}", &digits[..area_length]),
                PhoneKind::Landline,
            )
        }
        [b'9', b'5' | b'6', ..] if length == 5 || length == 6 => {
            phone(digits.to_owned(), PhoneKind::Service)
        }
        [b'1', b'0' | b'1' | b'2', ..] if length == 5 => {
            phone(digits.to_owned(), PhoneKind::Service)
        }
        _ if (length == 7 || length == 8) && starts_like_local(digits) => {
            phone(digits.to_owned(), PhoneKind::Landline)
        }
        _ if length == 11 || length == 7 || length == 8 => Err(Malformed::PhoneFormat),
        _ => Err(Malformed::PhoneLength),
    }
}

fn starts_like_local(local: &str) -> bool {
    matches!(local.as_bytes()[0], b'2'..=b'9')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn canonical(text: &str) -> Result<String, Malformed> {
        Phone::parse(text).map(|phone| phone.canonical)
    }

    #[test]
    fn each_spelling_of_a_number_has_one_canonical_form() {
        for (text, expected) in [
            ("13812345678", "13812345678"),
            ("138 1234 5678", "13812345678"),
            ("138-1234-5678", "13812345678"),
            ("+86 138 1234 5678", "13812345678"),
            ("+86-13812345678", "13812345678"),
            ("(+86)13812345678", "13812345678"),
            ("008613812345678", "13812345678"),
            ("8613812345678", "13812345678"),
            ("１３８１２３４５６７８", "13812345678"),
            ("013812345678", "13812345678"),
            ("13812345678.0", "13812345678"),
            ("\u{a0}138\u{200b}12345678 ", "13812345678"),
            ("13812345678转1234", "13812345678-1234"),
            ("075526001234", "0755-26001234"),
            ("0755-26001234", "0755-26001234"),
            ("（0755）26001234", "0755-26001234"),
            ("0755—2600 1234", "0755-26001234"),
            ("+86 755 2600 1234", "0755-26001234"),
            ("+86 (0)755 26001234", "0755-26001234"),
            ("86-0755-26001234", "0755-26001234"),
            ("+86 10 65051234", "010-65051234"),
            ("+86 431 8850 1234", "0431-88501234"),
            ("010-65051234", "010-65051234"),
            ("02161234567", "021-61234567"),
            ("0571-8765432", "0571-8765432"),
            ("0755-26001234-801", "0755-26001234-801"),
            ("0755-26001234转801", "0755-26001234-801"),
            ("0755-26001234 ext. 801", "0755-26001234-801"),
            ("0755-26001234(分机801)", "0755-26001234-801"),
            ("010-65051234-分机8", "010-65051234-8"),
            ("26001234", "26001234"),
            ("4008008888", "400-800-8888"),
            ("400-8008-888", "400-800-8888"),
            ("800 810 1234", "800-810-1234"),
            ("400-800-8888转2", "400-800-8888-2"),
            ("95588", "95588"),
            ("10086", "10086"),
            ("+1 (415) 555-0123", "+14155550123"),
            ("0085223456789", "+85223456789"),
        ] {
            assert_eq!(canonical(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_says_whether_form_or_length_is_wrong() {
        for (text, code) in [
            ("", Malformed::PhoneFormat),
            ("无", Malformed::PhoneFormat),
            ("王总13812345678", Malformed::PhoneFormat),
            ("1.38E+10", Malformed::PhoneFormat),
            ("12812345678", Malformed::PhoneFormat),
            ("1381234567", Malformed::PhoneLength),
            ("138123456789", Malformed::PhoneLength),
            ("123", Malformed::PhoneLength),
            ("0755-260012", Malformed::PhoneLength),
            ("010-6505123", Malformed::PhoneLength),
            ("0755-16001234", Malformed::PhoneFormat),
            ("+1 23", Malformed::PhoneLength),
            ("0755-26001234转", Malformed::PhoneFormat),
        ] {
            assert_eq!(canonical(text), Err(code), "{text}");
        }
    }

    #[test]
    fn kinds_are_told_apart() {
        for (text, kind) in [
            ("13812345678", PhoneKind::Mobile),
            ("0755-26001234", PhoneKind::Landline),
            ("400-800-8888", PhoneKind::Hotline),
            ("95588", PhoneKind::Service),
            ("+14155550123", PhoneKind::Foreign),
        ] {
            assert_eq!(Phone::parse(text).map(|phone| phone.kind), Ok(kind));
        }
    }

    #[test]
    fn a_cell_with_several_numbers_is_taken_apart() {
        assert_eq!(
            split_phones("13812345678/0755-26001234"),
            ["13812345678", "0755-26001234"]
        );
        assert_eq!(
            split_phones(" 13812345678、 13912345678；\n95588 "),
            ["13812345678", "13912345678", "95588"]
        );
        assert_eq!(
            split_phones("13812345678 13912345678"),
            ["13812345678", "13912345678"]
        );
        assert_eq!(split_phones("138 1234 5678"), ["138 1234 5678"]);
        assert_eq!(split_phones("0755 26001234"), ["0755 26001234"]);
        assert!(split_phones(" / ").is_empty());
    }

    #[test]
    fn keys_meet_across_spellings() {
        assert_eq!(
            phone_key("+86 138-1234-5678").as_deref(),
            Some("13812345678")
        );
        assert_eq!(phone_key("0755-26001234-801"), phone_key("26001234"));
        assert_eq!(phone_key("400-800-8888转2"), phone_key("4008008888"));
        assert_eq!(phone_key("+447911123456").as_deref(), Some("47911123456"));
        assert_eq!(phone_key("无"), None);
    }

    proptest! {
        #[test]
        fn a_canonical_form_reads_as_itself(
            text in "(\\+?86)?[ -]?(1[3-9][0-9]{9}|0[1-9][0-9]{1,2}-?[2-9][0-9]{6,7}(-[0-9]{1,4})?|[48]00[0-9]{7}|\\+[1-9][0-9]{6,14})"
        ) {
            if let Ok(phone) = Phone::parse(&text) {
                prop_assert_eq!(Phone::parse(&phone.canonical), Ok(phone));
            }
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "[0-9+() 转x#.-]{0,24}|\\PC{0,12}") {
            for piece in split_phones(&text) {
                let _ = Phone::parse(piece).map(|phone| phone.key());
            }
        }
    }
}
