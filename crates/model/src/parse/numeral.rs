//! Chinese numerals, everyday (二十五) and financial (壹万贰仟), as integers.

/// The value of one numeral digit.
pub(super) fn digit(c: char) -> Option<u64> {
    Some(match c {
        '〇' | '零' | '○' => 0,
        '一' | '壹' | '幺' => 1,
        '二' | '两' | '贰' | '貳' => 2,
        '三' | '叁' | '參' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' | '陸' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

fn unit(c: char) -> Option<u64> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1000,
        _ => return None,
    })
}

/// Whether a character belongs to a written number.
pub(super) fn is_numeral(c: char) -> bool {
    digit(c).is_some() || unit(c).is_some() || matches!(c, '万' | '萬' | '亿' | '億')
}

/// 二〇二四 → 2024: digits read one by one.
pub(super) fn digit_by_digit(text: &str) -> Option<u64> {
    let mut value: u64 = 0;
    for c in text.chars() {
        value = value.checked_mul(10)?.checked_add(digit(c)?)?;
    }
    (!text.is_empty()).then_some(value)
}

/// 一万二千零三十 → 12030. A colloquial ending such as 三千五 (meant: 3500) is not guessed at and gives `None`.
pub(super) fn integer(text: &str) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    let (mut total, mut section, mut pending) = (0u64, 0u64, None::<u64>);
    let mut last_unit = u64::MAX;
    let mut last_section_unit = u64::MAX;
    let mut gap_is_written = false;
    for c in text.chars() {
        if let Some(value) = digit(c) {
            if value == 0 {
                if pending.is_some() {
                    return None;
                }
                gap_is_written = true;
                continue;
            }
            if pending.replace(value).is_some() {
                return None;
            }
        } else if let Some(unit) = unit(c) {
            if unit >= last_unit {
                return None;
            }
            let count = match pending.take() {
                Some(count) => count,
                None if unit == 10 && section == 0 => 1,
                None => return None,
            };
            section += count * unit;
            last_unit = unit;
            gap_is_written = false;
        } else {
            let unit = match c {
                '万' | '萬' => 10_000,
                '亿' | '億' => 100_000_000,
                _ => return None,
            };
            if unit >= last_section_unit {
                return None;
            }
            let count = section + pending.take().unwrap_or(0);
            if count == 0 {
                return None;
            }
            total += count * unit;
            (section, last_unit, last_section_unit) = (0, u64::MAX, unit);
            gap_is_written = false;
        }
    }
    if let Some(ones) = pending {
        let follows_a_large_unit =
            (last_unit != u64::MAX && last_unit > 10) || (last_unit == u64::MAX && total > 0);
        if follows_a_large_unit && !gap_is_written {
            return None;
        }
        section += ones;
    }
    Some(total + section)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyday_and_financial_numerals_have_their_value() {
        for (text, value) in [
            ("零", 0),
            ("五", 5),
            ("十", 10),
            ("十二", 12),
            ("二十", 20),
            ("二十五", 25),
            ("一百零五", 105),
            ("一百一十", 110),
            ("壹万贰仟", 12_000),
            ("壹佰贰拾叁万肆仟伍佰陆拾柒", 1_234_567),
            ("三亿零五万", 300_050_000),
            ("两千零三", 2003),
        ] {
            assert_eq!(integer(text), Some(value), "{text}");
        }
    }

    #[test]
    fn colloquial_or_disordered_numerals_are_not_guessed_at() {
        for text in ["", "三千五", "一万二", "一百五", "十百", "二三", "万", "千"] {
            assert_eq!(integer(text), None, "{text}");
        }
    }

    #[test]
    fn a_year_is_read_digit_by_digit() {
        assert_eq!(digit_by_digit("二〇二四"), Some(2024));
        assert_eq!(digit_by_digit("二零二四"), Some(2024));
        assert_eq!(digit_by_digit("二十"), None);
    }
}
