//! Numbers, percentages and amounts as text, in exact decimal arithmetic: 0.1万 is 1000.00, not 999.99.

use std::fmt;

use super::Malformed;
use super::numeral;
use crate::normalise::text::{clean, fold};

/// An exact decimal number, `mantissa × 10^-scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    mantissa: i128,
    scale: u32,
}

impl Decimal {
    /// The number counted in units of `10^-digits`: 12.5 in hundredths is 1250. `None` where that loses digits or
    /// does not fit.
    pub fn in_units_of(self, digits: u32) -> Option<i64> {
        let mantissa = if digits >= self.scale {
            let factor = 10i128.checked_pow(digits - self.scale)?;
            self.mantissa.checked_mul(factor)?
        } else {
            let divisor = 10i128.checked_pow(self.scale - digits)?;
            if self.mantissa % divisor != 0 {
                return None;
            }
            self.mantissa / divisor
        };
        i64::try_from(mantissa).ok()
    }

    /// The nearest binary number.
    pub fn to_f64(self) -> f64 {
        self.to_string()
            .parse()
            .expect("a decimal is written as digits, sign and point")
    }

    /// Decimals that are not trailing zeros.
    pub fn scale(self) -> u32 {
        self.scale
    }

    fn new(mantissa: i128, scale: u32) -> Self {
        let (mut mantissa, mut scale) = (mantissa, scale);
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        Self { mantissa, scale }
    }

    fn times_power_of_ten(self, power: u32) -> Option<Self> {
        let shift = power.min(self.scale);
        let factor = 10i128.checked_pow(power - shift)?;
        let mantissa = self.mantissa.checked_mul(factor)?;
        Some(Self::new(mantissa, self.scale - shift))
    }

    fn negated(self) -> Self {
        Self::new(-self.mantissa, self.scale)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs().to_string();
        let scale = usize::try_from(self.scale).expect("a scale of at most 38 digits");
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

/// An amount of money as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Amount {
    /// In the smallest unit of the currency: 分 or cents, whole yen. Hundredths where no currency is written.
    pub minor: i64,
    /// ISO 4217 code, where the text names a currency.
    pub currency: Option<&'static str>,
}

/// A number: `1,234.5`, `１２３４`, `-3`, `(3)`, `1.2万`, `壹仟贰佰`, `1.5E3`.
///
/// # Errors
/// [`Malformed::NumberFormat`], [`Malformed::NumberRange`].
pub fn number(text: &str) -> Result<Decimal, Malformed> {
    read(&tidy(text)).map_err(Fault::of_number)
}

/// A whole number; a decimal part of zeros is allowed.
///
/// # Errors
/// [`Malformed::NumberFormat`], [`Malformed::NumberRange`].
pub fn integer(text: &str) -> Result<i64, Malformed> {
    let number = number(text)?;
    if number.scale > 0 {
        return Err(Malformed::NumberFormat);
    }
    number.in_units_of(0).ok_or(Malformed::NumberRange)
}

/// A percentage in percent points: `13%`, `１３％`, `百分之十三` and a bare `13` are all 13. (A spreadsheet cell in
/// percent format holds 0.13: its reader multiplies by a hundred.)
///
/// # Errors
/// [`Malformed::NumberFormat`], [`Malformed::NumberRange`].
pub fn percent(text: &str) -> Result<Decimal, Malformed> {
    let tidied = tidy(text);
    let bare = tidied.strip_suffix('%').unwrap_or(&tidied);
    let bare = bare.strip_prefix("百分之").unwrap_or(bare);
    read(bare.trim()).map_err(Fault::of_number)
}

/// An amount: `￥1,234.50`, `1.2万`, `50 万元`, `RMB 1200`, `USD 5,000`, `(1,234)`, `壹万贰仟元整`, `3元5角`.
///
/// # Errors
/// [`Malformed::AmountFormat`]; [`Malformed::AmountPrecision`] for more decimals than the currency has (never
/// rounded silently); [`Malformed::AmountRange`].
pub fn amount(text: &str) -> Result<Amount, Malformed> {
    amount_in(text, 0)
}

/// As [`amount`], in a column of which the header says that numbers without a unit of their own have so many
/// zeros more: 4 under 金额（万元）, where `12.5` is 125000.00 and `3千` is 3000.00.
///
/// # Errors
/// As [`amount`].
pub fn amount_in(text: &str, zeros: u32) -> Result<Amount, Malformed> {
    let tidied = tidy(text);
    let (negative, inner) = sign_of(&tidied);
    let (currency, rest) = split_currency(inner);
    let (still_negative, rest) = sign_of(rest);
    if negative && still_negative {
        return Err(Malformed::AmountFormat);
    }
    let value = read_yuan_jiao_fen(rest).map_err(Fault::of_amount)?;
    let value = if names_a_unit(rest) {
        value
    } else {
        value
            .times_power_of_ten(zeros)
            .ok_or(Malformed::AmountRange)?
    };
    let value = if negative || still_negative {
        value.negated()
    } else {
        value
    };
    let digits = currency.map_or(2, minor_digits);
    if value.scale > digits {
        return Err(Malformed::AmountPrecision);
    }
    let minor = value.in_units_of(digits).ok_or(Malformed::AmountRange)?;
    Ok(Amount { minor, currency })
}

/// A spreadsheet's floating-point number in hundredths. Binary noise (0.1 + 0.2, a sum of a long column) is rounded
/// to the cent; a true third decimal is not.
///
/// # Errors
/// [`Malformed::AmountFormat`] for NaN and infinities, [`Malformed::AmountPrecision`], [`Malformed::AmountRange`].
pub fn amount_of_cell(value: f64) -> Result<i64, Malformed> {
    if !value.is_finite() {
        return Err(Malformed::AmountFormat);
    }
    let nearest_cent = format!("{value:.2}");
    let rounded: f64 = nearest_cent.parse().map_err(|_| Malformed::AmountFormat)?;
    // Noise is small against the number, and never a tenth of a cent unless the number itself cannot hold cents.
    let noise = (value.abs() * 1e-6)
        .min(0.001)
        .max(value.abs() * f64::EPSILON);
    if (rounded - value).abs() > noise {
        return Err(Malformed::AmountPrecision);
    }
    plain(&nearest_cent)
        .ok()
        .and_then(|decimal| decimal.in_units_of(2))
        .ok_or(Malformed::AmountRange)
}

/// Decimals of a currency's smallest unit (ISO 4217).
pub fn minor_digits(currency: &str) -> u32 {
    match currency {
        "JPY" | "KRW" | "VND" => 0,
        _ => 2,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Format,
    Range,
}

impl Fault {
    fn of_number(self) -> Malformed {
        match self {
            Self::Format => Malformed::NumberFormat,
            Self::Range => Malformed::NumberRange,
        }
    }

    fn of_amount(self) -> Malformed {
        match self {
            Self::Format => Malformed::AmountFormat,
            Self::Range => Malformed::AmountRange,
        }
    }
}

fn tidy(text: &str) -> String {
    let cleaned = clean(text);
    fold(&cleaned).replace(['−', '–'], "-")
}

/// Whether a text is negative, by sign or by an accountant's brackets, and the rest of it.
fn sign_of(text: &str) -> (bool, &str) {
    let text = text.trim();
    if let Some(inner) = text
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
    {
        return (true, inner.trim());
    }
    if let Some(rest) = text.strip_prefix('-').or_else(|| text.strip_prefix('负')) {
        return (true, rest.trim());
    }
    (false, text.strip_prefix('+').unwrap_or(text).trim())
}

/// Signs and words that name a currency; those that begin with another stand before it.
const CURRENCIES: [(&str, &str); 43] = [
    ("人民币", "CNY"),
    ("rmb", "CNY"),
    ("cny", "CNY"),
    ("cn¥", "CNY"),
    ("¥", "CNY"),
    ("us$", "USD"),
    ("usd", "USD"),
    ("美元", "USD"),
    ("美金", "USD"),
    ("hk$", "HKD"),
    ("hkd", "HKD"),
    ("港元", "HKD"),
    ("港币", "HKD"),
    ("nt$", "TWD"),
    ("twd", "TWD"),
    ("新台币", "TWD"),
    ("台币", "TWD"),
    ("s$", "SGD"),
    ("sgd", "SGD"),
    ("新加坡元", "SGD"),
    ("a$", "AUD"),
    ("aud", "AUD"),
    ("澳元", "AUD"),
    ("c$", "CAD"),
    ("cad", "CAD"),
    ("加元", "CAD"),
    ("$", "USD"),
    ("eur", "EUR"),
    ("€", "EUR"),
    ("欧元", "EUR"),
    ("gbp", "GBP"),
    ("£", "GBP"),
    ("英镑", "GBP"),
    ("jpy", "JPY"),
    ("日元", "JPY"),
    ("日圆", "JPY"),
    ("krw", "KRW"),
    ("₩", "KRW"),
    ("韩元", "KRW"),
    ("mop", "MOP"),
    ("澳门元", "MOP"),
    ("chf", "CHF"),
    ("瑞士法郎", "CHF"),
];

/// Takes a currency off either end. 元 and 圆 alone belong to the number and name no currency: 50 万港元 does.
fn split_currency(text: &str) -> (Option<&'static str>, &str) {
    for (mark, code) in CURRENCIES {
        if let Some(rest) = text.strip_prefix(mark) {
            let rest = rest.trim_start_matches([':', ' ']);
            // RMB ¥1,200: said twice.
            let rest = match split_currency(rest) {
                (Some(again), rest) if again == code => rest,
                _ => rest,
            };
            return (Some(code), rest);
        }
        if let Some(rest) = text.strip_suffix(mark) {
            return (Some(code), rest.trim_end());
        }
    }
    (None, text)
}

/// 12元3角4分 and 壹万贰仟元整; without 角 and 分 a plain number with an optional 元 at its end.
fn read_yuan_jiao_fen(text: &str) -> Result<Decimal, Fault> {
    let text = text.trim_end_matches(['整', '正']);
    let Some((yuan, small)) = split_once_of(text, &["元", "圆", "块钱", "块"]) else {
        return read(text);
    };
    let mut value = read(yuan.trim())?;
    let mut rest = small.trim().trim_start_matches('零');
    for (mark, scale) in [('角', 1u32), ('分', 2)] {
        let Some((digit, after)) = rest.split_once(mark) else {
            continue;
        };
        let digit = read(digit.trim())?;
        if digit.scale > 0 || !(0..10).contains(&digit.mantissa) || value.mantissa < 0 {
            return Err(Fault::Format);
        }
        let unit = 10i128.pow(scale.max(value.scale) - scale);
        let raised = 10i128.pow(scale.max(value.scale) - value.scale);
        let mantissa = value
            .mantissa
            .checked_mul(raised)
            .and_then(|whole| whole.checked_add(digit.mantissa * unit))
            .ok_or(Fault::Range)?;
        value = Decimal::new(mantissa, scale.max(value.scale));
        rest = after.trim_start_matches('零');
    }
    if rest.is_empty() {
        Ok(value)
    } else {
        Err(Fault::Format)
    }
}

fn split_once_of<'a>(text: &'a str, marks: &[&str]) -> Option<(&'a str, &'a str)> {
    marks.iter().find_map(|mark| text.split_once(mark))
}

/// Units at the end of a number, as powers of ten; longer ones first.
const UNITS: [(&str, u32); 12] = [
    ("万亿", 12),
    ("亿", 8),
    ("億", 8),
    ("千万", 7),
    ("百万", 6),
    ("十万", 5),
    ("万", 4),
    ("萬", 4),
    ("w", 4),
    ("千", 3),
    ("k", 3),
    ("百", 2),
];

/// Whether a tidied number without its currency says what it counts: 万, k, 元, or words for a numeral.
fn names_a_unit(text: &str) -> bool {
    let (_, text) = sign_of(text);
    text.contains(['元', '圆', '块'])
        || UNITS.iter().any(|(unit, _)| text.ends_with(unit))
        || text.chars().any(numeral::is_numeral)
}

/// A tidied number: sign or brackets, digits with separators or Chinese numerals, unit.
fn read(text: &str) -> Result<Decimal, Fault> {
    let (negative, text) = sign_of(text);
    let value = if !text.is_empty() && text.chars().all(numeral::is_numeral) {
        let value = numeral::integer(text).ok_or(Fault::Format)?;
        Decimal::new(i128::from(value), 0)
    } else {
        let (digits, power) = UNITS
            .iter()
            .find_map(|(unit, power)| Some((text.strip_suffix(unit)?.trim_end(), *power)))
            .unwrap_or((text, 0));
        plain(digits)?
            .times_power_of_ten(power)
            .ok_or(Fault::Range)?
    };
    Ok(if negative { value.negated() } else { value })
}

/// Digits, separators of thousands (or of 万), one point, an exponent. The sign may only stand in front.
fn plain(text: &str) -> Result<Decimal, Fault> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (digits, exponent) = match text.split_once('e') {
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().map_err(|_| Fault::Format)?),
        None => (text, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let whole = without_separators(whole).ok_or(Fault::Format)?;
    if (whole.is_empty() && fraction.is_empty()) || !are_digits(&whole) || !are_digits(fraction) {
        return Err(Fault::Format);
    }
    let mut mantissa: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        mantissa = mantissa
            .checked_mul(10)
            .and_then(|value| value.checked_add(i128::from(digit - b'0')))
            .ok_or(Fault::Range)?;
    }
    let mantissa = if negative { -mantissa } else { mantissa };
    let scale = u32::try_from(fraction.len()).map_err(|_| Fault::Range)?;
    let value = Decimal::new(mantissa, scale);
    if exponent >= 0 {
        value
            .times_power_of_ten(exponent.unsigned_abs())
            .ok_or(Fault::Range)
    } else {
        let scale = value.scale.checked_add(exponent.unsigned_abs());
        let scale = scale.filter(|scale| *scale <= 38).ok_or(Fault::Range)?;
        Ok(Decimal::new(value.mantissa, scale))
    }
}

/// `1,234,567` or `12,3456`: a separator counts only where all groups behind it are of three or all of four digits.
fn without_separators(whole: &str) -> Option<String> {
    let groups: Vec<&str> = whole.split([',', ' ', '\'', '_']).collect();
    let (first, rest) = groups.split_first()?;
    let fits = |size: usize| {
        (1..=size).contains(&first.len()) && rest.iter().all(|group| group.len() == size)
    };
    (rest.is_empty() || fits(3) || fits(4)).then(|| groups.concat())
}

#[cfg(test)]
mod tests;
