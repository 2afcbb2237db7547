//! Numbers for people, e.g. CUST-2026-001: a prefix, a year, a count of at least three digits. What stands in for one until
//! the server lends more, e.g. CUST-2026-T7F3K-1, is no number of the series.

use uuid::Uuid;

/// `CUST-2026` and 17 out of `CUST-2026-017`, if it is of this prefix's form.
pub fn split<'a>(prefix: &str, number: &'a str) -> Option<(&'a str, i64)> {
    let (series, count) = number.rsplit_once('-')?;
    let year = series.strip_prefix(prefix)?.strip_prefix('-')?;
    let is_year = year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
    let digits = !count.is_empty() && count.len() <= 9 && count.bytes().all(|b| b.is_ascii_digit());
    if is_year && digits {
        Some((series, count.parse().ok()?))
    } else {
        None
    }
}

/// The series of a prefix in a year.
pub fn name(prefix: &str, year: i32) -> String {
    format!("{prefix}-{year}")
}

/// The number with this count in a series.
pub fn number(series: &str, count: i64) -> String {
    format!("{series}-{count:03}")
}

/// The letter behind the year of what stands in for a number.
const PROVISIONAL: char = 'T';

/// What stands in for a number of a series: `laptop` is known to the server as one that no other is, so that no two laptops
/// give the same.
pub fn provisional(series: &str, laptop: Uuid, count: i64) -> String {
    format!("{}-{count}", provisional_series(series, laptop))
}

/// Under what a laptop counts its provisional numbers of a series.
pub fn provisional_series(series: &str, laptop: Uuid) -> String {
    // Without letters that people take for digits.
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bits = laptop.as_u128();
    let mark = [15, 10, 5, 0].map(|shift| char::from(LETTERS[(bits >> shift) as usize & 31]));
    format!("{series}-{PROVISIONAL}{}", mark.iter().collect::<String>())
}

/// All provisional numbers of a series are at or behind the first of these texts, and before the second.
pub fn provisional_range(series: &str) -> (String, String) {
    let next = char::from(PROVISIONAL as u8 + 1);
    (
        format!("{series}-{PROVISIONAL}"),
        format!("{series}-{next}"),
    )
}

/// Whether a text stands in for a number of this prefix.
pub fn is_provisional(prefix: &str, text: &str) -> bool {
    let series = text.split('-').take(2).map(str::len).sum::<usize>() + 1;
    let Some((series, rest)) = text.split_at_checked(series) else {
        return false;
    };
    let year = series
        .strip_prefix(prefix)
        .and_then(|year| year.strip_prefix('-'));
    year.is_some_and(|year| year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()))
        && rest.starts_with(['-'])
        && rest[1..].starts_with(PROVISIONAL)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{is_provisional, name, number, provisional, provisional_range, split};

    #[test]
    fn what_stands_in_for_a_number_is_none_and_is_known_again() {
        let laptop = Uuid::from_u128(0x1234_5678_9abc);
        let series = name("CUST", 2026);
        let text = provisional(&series, laptop, 7);
        assert_eq!(text, "CUST-2026-TH6NW-7");
        assert_eq!(split("CUST", &text), None);
        assert!(is_provisional("CUST", &text));
        let (from, to) = provisional_range(&series);
        assert!(from <= text && text < to);
        for other in [
            "CUST-2026-001",
            "CUST-2026",
            "OPP-2026-T0000-1",
            "CUST-26-T1",
            "T",
            "",
        ] {
            assert!(!is_provisional("CUST", other), "{other}");
            assert!(other < from.as_str() || other >= to.as_str(), "{other}");
        }
    }

    #[test]
    fn only_numbers_of_the_series_form_belong_to_it() {
        assert_eq!(split("CUST", "CUST-2026-017"), Some(("CUST-2026", 17)));
        assert_eq!(split("CUST", "CUST-2026-1234"), Some(("CUST-2026", 1234)));
        for other in [
            "KH0017",
            "CUST-26-017",
            "CUST-2026-",
            "CUST-2026-0x1",
            "OPP-2026-001",
            "CUST-2026-99999999999",
        ] {
            assert_eq!(split("CUST", other), None, "{other}");
        }
        assert_eq!(number(&name("CUST", 2026), 17), "CUST-2026-017");
    }
}
