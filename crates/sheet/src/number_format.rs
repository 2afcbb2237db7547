//! What a number format code tells about the values that wear it.

use crate::cell::NumberClass;

/// The class of an Excel number format code; only the part for positive numbers counts.
pub(crate) fn classify(code: &str) -> NumberClass {
    let mut bare = String::with_capacity(code.len());
    let mut currency = false;
    let mut duration = false;
    let mut parts = code.chars();
    while let Some(part) = parts.next() {
        match part {
            ';' => break,
            '\\' => currency |= parts.next().is_some_and(is_currency),
            '_' | '*' => {
                parts.next();
            }
            '"' => {
                for quoted in parts.by_ref().take_while(|&quoted| quoted != '"') {
                    currency |= is_currency(quoted);
                }
            }
            '[' => {
                let inside: String = parts.by_ref().take_while(|&inner| inner != ']').collect();
                let symbol = inside.strip_prefix('$').and_then(|rest| {
                    let symbol = rest.split('-').next().unwrap_or_default();
                    (!symbol.is_empty()).then_some(symbol)
                });
                currency |= symbol.is_some();
                duration |= !inside.is_empty()
                    && inside
                        .chars()
                        .all(|inner| matches!(inner.to_ascii_lowercase(), 'h' | 'm' | 's'));
            }
            _ => {
                currency |= is_currency(part);
                bare.push(part.to_ascii_lowercase());
            }
        }
    }
    if duration {
        return NumberClass::Duration;
    }
    if bare.trim() == "@" {
        return NumberClass::Text;
    }
    if bare.contains('%') {
        return NumberClass::Percent;
    }
    if bare != "general" && bare.contains(['y', 'd', 'e']) && !bare.contains(['0', '#', '?']) {
        return NumberClass::Date;
    }
    if bare.contains(['h', 's']) && !bare.contains('#') {
        return NumberClass::Time;
    }
    if bare != "general" && bare.contains('m') && !bare.contains(['0', '#']) {
        return NumberClass::Date;
    }
    if currency {
        return NumberClass::Currency;
    }
    NumberClass::General
}

fn is_currency(part: char) -> bool {
    matches!(part, '¥' | '￥' | '$' | '€' | '£' | '₩' | '元')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_formats_tell_dates_text_percent_and_money_apart() {
        for (code, class) in [
            ("General", NumberClass::General),
            ("0.00", NumberClass::General),
            ("0.00E+00", NumberClass::General),
            ("#,##0.00_);(#,##0.00)", NumberClass::General),
            ("yyyy-mm-dd", NumberClass::Date),
            ("yyyy\"年\"m\"月\"d\"日\"", NumberClass::Date),
            ("[$-804]yyyy/m/d;@", NumberClass::Date),
            ("mm-dd-yy", NumberClass::Date),
            ("m/d/yy h:mm", NumberClass::Date),
            ("h:mm:ss AM/PM", NumberClass::Time),
            ("mmss.0", NumberClass::Time),
            ("[h]:mm", NumberClass::Duration),
            ("0.00%", NumberClass::Percent),
            ("@", NumberClass::Text),
            ("¥#,##0.00", NumberClass::Currency),
            ("\"￥\"#,##0.00", NumberClass::Currency),
            ("[$¥-804]#,##0.00", NumberClass::Currency),
            (
                "_($* #,##0.00_);_($* (#,##0.00);_(@_)",
                NumberClass::Currency,
            ),
            ("#,##0.00\"元\"", NumberClass::Currency),
            ("0\\%", NumberClass::General),
        ] {
            assert_eq!(classify(code), class, "{code}");
        }
    }
}
