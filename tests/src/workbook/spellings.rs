//! The many ways in which people write the same thing.

use chrono::{Datelike, NaiveDate};
use fastrand::Rng;

use super::Written;

/// Blanks and hidden characters around a text.
pub fn blanks(text: &str, rng: &mut Rng) -> String {
    match rng.u32(0..12) {
        0 => format!("{text} "),
        1 => format!("\u{a0}{text}"),
        2 => format!("{text}\u{3000}"),
        3 => format!("\u{200b}{text}"),
        4 => format!("{text}\n"),
        _ => text.to_owned(),
    }
}

/// What is left of a text once blanks and hidden characters around it are gone.
pub fn without_hidden(text: &str) -> String {
    let hidden = |c: char| c.is_whitespace() || c == '\u{200b}';
    text.trim_matches(hidden).to_owned()
}

pub fn company(name: &str, rng: &mut Rng) -> String {
    let name = if rng.bool() {
        name.replace('（', "(").replace('）', ")")
    } else {
        name.to_owned()
    };
    blanks(&name, rng)
}

pub fn mobile(mobile: &str, rng: &mut Rng) -> Written {
    let (a, b, c) = (&mobile[..3], &mobile[3..7], &mobile[7..]);
    Written::Text(match rng.u32(0..10) {
        0..4 => return Written::Number(mobile.parse().expect("eleven digits")),
        4 => format!("{a} {b} {c}"),
        5 => format!("{a}-{b}-{c}"),
        6 => format!("+86 {mobile}"),
        7 => format!("86{mobile}"),
        8 => full_width(mobile),
        _ => format!("\u{a0}{mobile}\u{200b}"),
    })
}

pub fn landline(phone: &str, rng: &mut Rng) -> Written {
    let (area, local) = phone.split_once('-').expect("area code and number");
    Written::Text(match rng.u32(0..5) {
        0 => format!("({area}){local}"),
        1 => format!("（{area}）{local}"),
        2 => format!("{area} {local}"),
        3 => format!("+86-{}-{local}", area.trim_start_matches('0')),
        _ => phone.to_owned(),
    })
}

/// A shipped level also by its letter; an invented one as it is.
pub fn level(level: &str, rng: &mut Rng) -> String {
    let (letter, _) = level.split_once(' ').expect("letter and word");
    if letter == "S" {
        return level.to_owned();
    }
    match rng.u32(0..4) {
        0 => letter.to_owned(),
        1 => letter.to_lowercase(),
        2 => full_width_letters(letter),
        _ => level.to_owned(),
    }
}

/// Whole thousands of yuan.
pub fn amount(yuan: i64, rng: &mut Rng) -> Written {
    #[allow(
        clippy::cast_precision_loss,
        reason = "amounts of a few million are exact"
    )]
    let number = yuan as f64;
    Written::Text(match rng.u32(0..7) {
        0..3 => return Written::Number(number),
        3 => format!("{}万", number / 10_000.0),
        4 => format!("￥{},{:03}.00", yuan / 1_000, yuan % 1_000),
        5 => format!("{yuan}元"),
        _ => full_width(&yuan.to_string()),
    })
}

pub fn date(day: NaiveDate, rng: &mut Rng) -> Written {
    let (y, m, d) = (day.year(), day.month(), day.day());
    Written::Text(match rng.u32(0..9) {
        0..3 => return Written::Date(day),
        // A serial whose format was lost.
        3 => {
            let epoch = NaiveDate::from_ymd_opt(1899, 12, 30).expect("a date");
            let days = i32::try_from((day - epoch).num_days()).expect("a serial is small");
            return Written::Number(f64::from(days));
        }
        4 => format!("{y}年{m}月{d}日"),
        5 => format!("{y}.{m}.{d}"),
        6 => format!("{y}/{m:02}/{d:02}"),
        7 => format!("{y}{m:02}{d:02}"),
        _ => format!("{y}-{m}-{d}"),
    })
}

/// A code with another last character, which its check cannot allow.
pub fn with_other_end(code: &str) -> String {
    let (body, end) = code.split_at(code.len() - 1);
    format!("{body}{}", if end == "A" { "B" } else { "A" })
}

fn full_width(digits: &str) -> String {
    let wide = |c: char| {
        c.to_digit(10)
            .and_then(|digit| char::from_u32(u32::from('０') + digit))
            .unwrap_or(c)
    };
    digits.chars().map(wide).collect()
}

fn full_width_letters(letters: &str) -> String {
    letters
        .chars()
        .map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c))
        .collect()
}
