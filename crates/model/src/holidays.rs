//! 法定节假日 and 调休: which days are worked in mainland China, as far as the calendar is published.
//!
//! The data is generated (scripts/generate-data.mjs); it names its source and ends with the last published year.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// Whether people work on a day by the published calendar; `None` where none is published for its year.
pub fn is_workday(date: NaiveDate) -> Option<bool> {
    let year = calendar().get(&date.year())?;
    let day = (date.month(), date.day());
    Some(year.worked.contains(&day) || (!year.off.contains_key(&day) && is_weekday(date)))
}

/// [`is_workday`], or by the plain week where no calendar is published.
pub fn is_workday_or_weekday(date: NaiveDate) -> bool {
    is_workday(date).unwrap_or_else(|| is_weekday(date))
}

/// The holiday a free day belongs to: 国庆节.
pub fn holiday_name(date: NaiveDate) -> Option<&'static str> {
    let year = calendar().get(&date.year())?;
    year.off.get(&(date.month(), date.day())).copied()
}

/// The first working day after `date`, by the published calendar or, beyond it, the plain week.
pub fn next_workday(date: NaiveDate) -> NaiveDate {
    let mut day = date;
    loop {
        match day.checked_add_days(Days::new(1)) {
            Some(next) if is_workday_or_weekday(next) => return next,
            Some(next) => day = next,
            None => return day,
        }
    }
}

/// The last year with a published calendar.
pub fn last_known_year() -> i32 {
    *calendar()
        .keys()
        .next_back()
        .expect("the generated holiday data has years")
}

fn is_weekday(date: NaiveDate) -> bool {
    !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

type MonthAndDay = (u32, u32);

#[derive(Debug)]
struct Year {
    off: BTreeMap<MonthAndDay, &'static str>,
    worked: Vec<MonthAndDay>,
}

#[derive(serde::Deserialize)]
struct DataFile<'a> {
    #[serde(borrow)]
    years: BTreeMap<&'a str, YearData<'a>>,
}

#[derive(serde::Deserialize)]
struct YearData<'a> {
    #[serde(borrow)]
    off: BTreeMap<&'a str, Vec<&'a str>>,
    #[serde(borrow)]
    worked: Vec<&'a str>,
}

fn calendar() -> &'static BTreeMap<i32, Year> {
    static CALENDAR: OnceLock<BTreeMap<i32, Year>> = OnceLock::new();
    CALENDAR.get_or_init(|| {
        let data: DataFile<'static> =
            serde_json::from_str(include_str!("../../../assets/data/holidays.json"))
                .expect("the generated holiday data is well-formed");
        data.years
            .iter()
            .map(|(year, days)| {
                let year = year.parse().expect("the generated years are numbers");
                (year, Year::new(days))
            })
            .collect()
    })
}

impl Year {
    fn new(data: &YearData<'static>) -> Self {
        let month_and_day = |text: &&str| {
            let (month, day) = text.split_once('-').expect("generated days are MM-DD");
            let number = |part: &str| part.parse().expect("generated days are numbers");
            (number(month), number(day))
        };
        let named = |(name, days): (&&'static str, &Vec<&'static str>)| {
            let name = *name;
            days.iter()
                .map(|day| (month_and_day(day), name))
                .collect::<Vec<_>>()
        };
        Self {
            off: data.off.iter().flat_map(named).collect(),
            worked: data.worked.iter().map(month_and_day).collect(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn holidays_are_free_and_their_make_up_days_are_worked() {
        assert_eq!(is_workday(date(2026, 10, 1)), Some(false));
        assert_eq!(holiday_name(date(2026, 10, 1)), Some("国庆节"));
        let saturday_worked = date(2026, 10, 10);
        assert_eq!(saturday_worked.weekday(), Weekday::Sat);
        assert_eq!(is_workday(saturday_worked), Some(true));
        assert_eq!(is_workday(date(2026, 11, 23)), Some(true));
        assert_eq!(is_workday(date(2026, 11, 22)), Some(false));
        assert_eq!(holiday_name(date(2026, 11, 22)), None);
    }

    #[test]
    fn the_next_workday_leaps_over_a_holiday() {
        assert_eq!(next_workday(date(2026, 9, 30)), date(2026, 10, 8));
        assert_eq!(next_workday(date(2026, 10, 9)), date(2026, 10, 10));
        assert_eq!(next_workday(NaiveDate::MAX), NaiveDate::MAX);
    }

    #[test]
    fn an_unpublished_year_falls_back_to_the_week() {
        assert!(last_known_year() >= 2026);
        let monday = date(2099, 1, 5);
        assert_eq!(is_workday(monday), None);
        assert!(is_workday_or_weekday(monday));
        assert!(!is_workday_or_weekday(date(2099, 1, 4)));
    }
}
