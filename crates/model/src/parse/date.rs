//! Dates as people write and type them: 2024年3月5日, 24-3-5, 5-Mar-2024, 二〇二四年三月五日, 下周三, +3d, 1125.
//!
//! A date is civil: no time zone. What leaves out the year belongs to the year of `today`.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

use super::{Malformed, numeral};
use crate::normalise::text::{clean, fold};

mod spoken;
mod time;

/// A date, and the time of day where one was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateText {
    pub date: NaiveDate,
    pub time: Option<NaiveTime>,
}

impl DateText {
    /// Date and time together; midnight where no time was written.
    pub fn at(self) -> NaiveDateTime {
        self.date.and_time(self.time.unwrap_or(NaiveTime::MIN))
    }
}

/// To which year a date belongs that names none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Leaning {
    /// That of today.
    ThisYear,
    /// The latest that does not lie ahead: what happened.
    Past,
    /// The next that does not lie half a year back: what is planned, or is overdue.
    Future,
}

/// What a date without a year is read by.
#[derive(Debug, Clone, Copy)]
struct Year {
    today: NaiveDate,
    leaning: Leaning,
}

impl Year {
    fn of(self, month: u32, day: u32) -> Result<NaiveDate, Malformed> {
        const HALF_A_YEAR: Days = Days::new(183);
        let year = self.today.year();
        let date = ymd(year, month, day);
        match (self.leaning, date) {
            (Leaning::Past, Ok(date)) if date > self.today => ymd(year - 1, month, day),
            (Leaning::Future, Ok(date)) if date + HALF_A_YEAR < self.today => {
                ymd(year + 1, month, day)
            }
            _ => date,
        }
    }
}

/// Reads a date, with or without a time. A month alone (2024年3月) is its first day, a time alone (下午2点) is today.
///
/// # Errors
/// [`Malformed::DateFormat`] for what is no date or not in the calendar; [`Malformed::DateAmbiguous`] where several
/// dates would fit, such as 3/5/2024.
pub fn date(text: &str, today: NaiveDate) -> Result<DateText, Malformed> {
    date_leaning(text, today, Leaning::ThisYear)
}

/// As [`date`], where it is known on which side of today a date without a year lies.
///
/// # Errors
/// As [`date`].
pub fn date_leaning(text: &str, today: NaiveDate, leaning: Leaning) -> Result<DateText, Malformed> {
    let cleaned = clean(text);
    let written = arabic(&fold(&cleaned));
    if let Some(moment) = run_of_digits_with_time(&written) {
        return moment;
    }
    let (rest, time) = time::split_off(&written).ok_or(Malformed::DateFormat)?;
    let rest = rest.trim_matches([' ', ',', ';']);
    if rest.is_empty() {
        return match time {
            Some(_) => Ok(DateText { date: today, time }),
            None => Err(Malformed::DateFormat),
        };
    }
    let date = match spoken::day(rest, today) {
        Some(day) => day.ok_or(Malformed::DateFormat)?,
        None => {
            let year = Year { today, leaning };
            calendar_day(rest, year).or_else(|reason| {
                let bare = spoken::without_weekday(rest).ok_or(reason)?;
                calendar_day(bare, year)
            })?
        }
    };
    Ok(DateText { date, time })
}

/// Chinese numerals before 年月日号点时分刻天周月 as digits; a weekday's (周五) stays.
fn arabic(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut index = 0;
    while index < chars.len() {
        let previous = index.checked_sub(1).map(|before| chars[before]);
        let is_weekday = matches!(previous, Some('周' | '期' | '拜'));
        let run = chars[index..]
            .iter()
            .take_while(|c| numeral::is_numeral(**c))
            .count();
        let follower = chars.get(index + run).copied();
        let is_counted = follower.is_some_and(|c| "年月日号点時时分刻天周个秒".contains(c));
        if run == 0 || is_weekday || !is_counted {
            out.push(chars[index]);
            index += 1;
            continue;
        }
        let numeral: String = chars[index..index + run].iter().collect();
        let value = numeral::digit_by_digit(&numeral)
            .filter(|_| run > 1)
            .or_else(|| numeral::integer(&numeral));
        match value {
            Some(value) => out.push_str(&value.to_string()),
            None => out.push_str(&numeral),
        }
        index += run;
    }
    out
}

/// 20240305143000 and 202403051430.
fn run_of_digits_with_time(text: &str) -> Option<Result<DateText, Malformed>> {
    let is_run = matches!(text.len(), 12 | 14) && text.bytes().all(|b| b.is_ascii_digit());
    if !is_run {
        return None;
    }
    let part = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse().ok());
    let read = || {
        let seconds = if text.len() == 14 { part(12, 14)? } else { 0 };
        let date = ymd(year(part(0, 4)?).ok()?, part(4, 6)?, part(6, 8)?).ok()?;
        let time = NaiveTime::from_hms_opt(part(8, 10)?, part(10, 12)?, seconds)?;
        Some(DateText {
            date,
            time: Some(time),
        })
    };
    Some(read().ok_or(Malformed::DateFormat))
}

/// A piece of a written date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Number { value: u32, digits: usize },
    Month(u32),
    Mark(char),
}

impl Piece {
    fn number(self) -> Option<(u32, usize)> {
        match self {
            Self::Number { value, digits } => Some((value, digits)),
            _ => None,
        }
    }
}

/// Numbers, names of months and marks (`-` for every separator); `None` where anything else stands.
fn pieces(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_digit() {
            let end = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            pieces.push(Piece::Number {
                value: rest[..end].parse().ok()?,
                digits: end,
            });
            rest = &rest[end..];
        } else if c.is_ascii_alphabetic() {
            let end = rest
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(rest.len());
            let word = &rest[..end];
            let is_ordinal = matches!(word, "st" | "nd" | "rd" | "th")
                && matches!(pieces.last(), Some(Piece::Number { .. }));
            if !is_ordinal {
                pieces.push(Piece::Month(month_of(word)?));
            }
            rest = &rest[end..];
        } else {
            match c {
                '年' | '月' => pieces.push(Piece::Mark(c)),
                '日' | '号' | ' ' => {}
                '-' | '.' | '/' | ',' | '\\' | '_' | '—' | '–' => pieces.push(Piece::Mark('-')),
                _ => return None,
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    while pieces.last() == Some(&Piece::Mark('-')) {
        pieces.pop();
    }
    Some(pieces)
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

fn month_of(word: &str) -> Option<u32> {
    let index = MONTHS.iter().position(|month| {
        word.len() >= 3 && (month.starts_with(word) || word == "sept" && *month == "september")
    })?;
    u32::try_from(index + 1).ok()
}

/// A date as figures and months, with or without a year.
fn calendar_day(text: &str, year_of: Year) -> Result<NaiveDate, Malformed> {
    use Piece::{Mark, Month, Number};
    let pieces = pieces(text).ok_or(Malformed::DateFormat)?;
    let without_marks: Vec<Piece> = pieces
        .iter()
        .copied()
        .filter(|piece| *piece != Mark('-'))
        .collect();
    match without_marks[..] {
        // 2024年3月5日, 24年3月5日; 2024年3月; 3月5日; and the mixture 2024-3月5日.
        [
            Number { value: y, digits },
            Mark('年'),
            Number { value: m, .. },
            Mark('月'),
            Number { value: d, .. },
        ]
        | [
            Number { value: y, digits },
            Mark('年'),
            Number { value: m, .. },
            Number { value: d, .. },
        ]
        | [
            Number { value: y, digits },
            Number { value: m, .. },
            Mark('月'),
            Number { value: d, .. },
        ] => ymd(full_year(y, digits)?, m, d),
        [
            Number { value: y, digits },
            Mark('年'),
            Number { value: m, .. },
            Mark('月'),
        ]
        | [
            Number { value: y, digits },
            Mark('年'),
            Number { value: m, .. },
        ] => ymd(full_year(y, digits)?, m, 1),
        [Number { value: m, .. }, Mark('月'), Number { value: d, .. }] => year_of.of(m, d),
        // 5-Mar-2024, 5 March 2024; Mar 5, 2024; 2024-Mar-5; 5 Mar.
        [
            Number {
                value: d,
                digits: 1..=2,
            },
            Month(m),
            Number { value: y, digits },
        ]
        | [
            Month(m),
            Number {
                value: d,
                digits: 1..=2,
            },
            Number { value: y, digits },
        ] => ymd(full_year(y, digits)?, m, d),
        [
            Number {
                value: y,
                digits: 4,
            },
            Month(m),
            Number { value: d, .. },
        ] => ymd(year(y)?, m, d),
        [
            Number {
                value: d,
                digits: 1..=2,
            },
            Month(m),
        ]
        | [
            Month(m),
            Number {
                value: d,
                digits: 1..=2,
            },
        ] => year_of.of(m, d),
        [
            Month(m),
            Number {
                value: y,
                digits: 4,
            },
        ] => ymd(year(y)?, m, 1),
        [Number { .. }] => compact(text.trim(), year_of),
        _ => separated(&pieces, year_of),
    }
}

/// Two or three numbers with marks between them.
fn separated(pieces: &[Piece], year_of: Year) -> Result<NaiveDate, Malformed> {
    let mut numbers = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        // Spaces alone do not make a date: 2024 3 5.
        let is_in_place = match piece {
            Piece::Number { .. } => index % 2 == 0,
            Piece::Mark('-') => index % 2 == 1,
            _ => false,
        };
        if !is_in_place {
            return Err(Malformed::DateFormat);
        }
        numbers.extend(piece.number());
    }
    match numbers[..] {
        [(y, 4), (m, 1..=2), (d, 1..=2)] => ymd(year(y)?, m, d),
        [(a, 1..=2), (b, 1..=2), (y, 4)] => day_and_month(year(y)?, a, b),
        [(a, 1..=2), (b, 1..=2), (c, 1..=2)] => {
            if a > 12 {
                // Chinese order: year first. 24-3-5.
                ymd(full_year(a, 2)?, b, c)
            } else if c > 31 {
                day_and_month(full_year(c, 2)?, a, b)
            } else {
                Err(Malformed::DateAmbiguous)
            }
        }
        [(y, 4), (m, 1..=2)] => ymd(year(y)?, m, 1),
        [(m, 1..=2), (y, 4)] => ymd(year(y)?, m, 1),
        [(m, 1..=2), (d, 1..=2)] => year_of.of(m, d),
        _ => Err(Malformed::DateFormat),
    }
}

/// Day and month in unknown order: clear only where one of them cannot be a month or both are equal.
fn day_and_month(year: i32, a: u32, b: u32) -> Result<NaiveDate, Malformed> {
    match (a, b) {
        _ if a == b => ymd(year, a, b),
        (13.., _) => ymd(year, b, a),
        (_, 13..) => ymd(year, a, b),
        _ if ymd(year, a, b).is_ok() && ymd(year, b, a).is_ok() => Err(Malformed::DateAmbiguous),
        _ => Err(Malformed::DateFormat),
    }
}

/// 20240305, 240305, 202403 and, of this year, 1125.
fn compact(digits: &str, year_of: Year) -> Result<NaiveDate, Malformed> {
    let part = |from: usize, to: usize| -> Result<u32, Malformed> {
        let part = digits.get(from..to).ok_or(Malformed::DateFormat)?;
        part.parse().map_err(|_| Malformed::DateFormat)
    };
    match digits.len() {
        8 => ymd(year(part(0, 4)?)?, part(4, 6)?, part(6, 8)?),
        6 => {
            let month = year(part(0, 4)?).and_then(|year| ymd(year, part(4, 6)?, 1));
            let day = ymd(full_year(part(0, 2)?, 2)?, part(2, 4)?, part(4, 6)?);
            match (month, day) {
                (Ok(_), Ok(_)) => Err(Malformed::DateAmbiguous),
                (Ok(date), _) | (_, Ok(date)) => Ok(date),
                (Err(reason), Err(_)) => Err(reason),
            }
        }
        4 => year_of.of(part(0, 2)?, part(2, 4)?),
        _ => Err(Malformed::DateFormat),
    }
}

fn ymd(year: i32, month: u32, day: u32) -> Result<NaiveDate, Malformed> {
    NaiveDate::from_ymd_opt(year, month, day).ok_or(Malformed::DateFormat)
}

/// Four-digit years of records kept by living firms; others are slips of the hand.
fn year(value: u32) -> Result<i32, Malformed> {
    match value {
        1800..=2199 => i32::try_from(value).map_err(|_| Malformed::DateFormat),
        _ => Err(Malformed::DateFormat),
    }
}

/// Two digits mean 1970 to 2069.
fn full_year(value: u32, digits: usize) -> Result<i32, Malformed> {
    match (digits, value) {
        (4, _) => year(value),
        (2, 0..=69) => year(2000 + value),
        (2, _) => year(1900 + value),
        _ => Err(Malformed::DateFormat),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
