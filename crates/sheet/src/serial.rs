//! Excel's day numbers and civil time. A table holds every moment as a serial of the 1900
//! system, whatever its file used.

use chrono::{Duration, NaiveDate, NaiveDateTime, NaiveTime};

/// Days between the 1900 and the 1904 system.
pub(crate) const DAYS_1904: f64 = 1462.0;
/// 10000-01-01, the first day that has no serial.
const END: f64 = 2_958_466.0;
const DAY_MS: f64 = 86_400_000.0;

fn epoch() -> NaiveDate {
    NaiveDate::from_ymd_opt(1899, 12, 30).expect("a valid constant date")
}

/// The civil date and time of a serial, to the millisecond; none outside 1899-12-31 … 9999-12-31.
///
/// Excel counts a 29 February 1900 that never was; serials before it are shifted by one day, so
/// that 1 is 1900-01-01, as Excel shows it.
pub fn serial_to_datetime(serial: f64) -> Option<NaiveDateTime> {
    if !(0.0..END).contains(&serial) {
        return None;
    }
    let days = if serial < 60.0 { serial + 1.0 } else { serial };
    let ms = (days * DAY_MS).round();
    // In range: below 2,958,466 days of 86,400,000 ms each.
    #[allow(clippy::cast_possible_truncation)]
    let ms = ms as i64;
    epoch()
        .and_time(NaiveTime::MIN)
        .checked_add_signed(Duration::milliseconds(ms))
}

/// The serial of a civil date and time; none before 1900.
pub fn datetime_to_serial(at: NaiveDateTime) -> Option<f64> {
    let ms = at
        .signed_duration_since(epoch().and_time(NaiveTime::MIN))
        .num_milliseconds();
    #[allow(clippy::cast_precision_loss)]
    let days = ms as f64 / DAY_MS;
    let serial = if days < 61.0 { days - 1.0 } else { days };
    (serial >= 0.0).then_some(serial)
}

/// A moment as OpenDocument and ISO cells write it: `2024-03-05`, `2024-03-05T09:30:00.5`, `09:30:00`.
pub(crate) fn iso_to_serial(text: &str) -> Option<f64> {
    let text = text.trim().trim_end_matches('Z');
    if let Ok(at) = text.parse::<NaiveDateTime>() {
        return datetime_to_serial(at);
    }
    if let Ok(date) = text.parse::<NaiveDate>() {
        return datetime_to_serial(date.and_time(NaiveTime::MIN));
    }
    let time = text.parse::<NaiveTime>().ok()?;
    duration_fraction(time.signed_duration_since(NaiveTime::MIN))
}

/// A length of time as OpenDocument writes it, in days: `PT36H30M00S`.
pub(crate) fn iso_duration_to_serial(text: &str) -> Option<f64> {
    let mut days = 0.0;
    let mut number = String::new();
    let mut in_time = false;
    for part in text.trim().strip_prefix('P')?.chars() {
        match part {
            'T' => in_time = true,
            '0'..='9' | '.' | ',' => number.push(if part == ',' { '.' } else { part }),
            _ => {
                let value: f64 = number.parse().ok()?;
                number.clear();
                days += match (part, in_time) {
                    ('D', false) => value,
                    ('H', true) => value / 24.0,
                    ('M', true) => value / 1_440.0,
                    ('S', true) => value / 86_400.0,
                    _ => return None,
                };
            }
        }
    }
    number.is_empty().then_some(days)
}

fn duration_fraction(length: Duration) -> Option<f64> {
    #[allow(clippy::cast_precision_loss)]
    let ms = length.num_milliseconds() as f64;
    Some(ms / DAY_MS)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn serials_mean_what_excel_shows() {
        for (serial, shown) in [
            (1.0, "1900-01-01T00:00:00"),
            (59.0, "1900-02-28T00:00:00"),
            (61.0, "1900-03-01T00:00:00"),
            (45356.0, "2024-03-05T00:00:00"),
            (45943.541, "2025-10-13T12:59:02.400"),
            (2_958_465.0, "9999-12-31T00:00:00"),
        ] {
            assert_eq!(
                serial_to_datetime(serial),
                Some(shown.parse().unwrap()),
                "{serial}"
            );
        }
        for outside in [-1.0, 2_958_466.0, f64::NAN, f64::INFINITY] {
            assert_eq!(serial_to_datetime(outside), None);
        }
    }

    #[test]
    fn iso_moments_and_lengths_become_serials() {
        assert_eq!(iso_to_serial("2024-03-05"), Some(45356.0));
        assert_eq!(iso_to_serial("2024-03-05T12:00:00"), Some(45356.5));
        assert_eq!(iso_to_serial("18:00:00"), Some(0.75));
        assert_eq!(iso_to_serial("soon"), None);
        assert_eq!(iso_duration_to_serial("PT36H00M00S"), Some(1.5));
        assert_eq!(iso_duration_to_serial("P1DT6H"), Some(1.25));
        assert_eq!(iso_duration_to_serial("36 hours"), None);
    }

    proptest! {
        #[test]
        fn every_moment_of_excel_comes_back_from_its_serial(seconds in 0i64..255_000_000_000) {
            let at = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap().and_time(NaiveTime::MIN)
                + Duration::seconds(seconds);
            prop_assert_eq!(serial_to_datetime(datetime_to_serial(at).unwrap()), Some(at));
        }
    }
}
