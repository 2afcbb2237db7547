//! Numbers for people, e.g. CUST-2026-001: a prefix, a year, a count of at least three digits.

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

#[cfg(test)]
mod tests {
    use super::{name, number, split};

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
