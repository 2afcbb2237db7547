//! Days as people say them: 今天, 下周三, +3d, 3天后, next fri, 月底.

use super::{Datelike, Days, Months, NaiveDate, Weekday};

/// The day a spoken text means: `None` where it is not spoken, `Some(None)` where it leaves the calendar.
pub(super) fn day(text: &str, today: NaiveDate) -> Option<Option<NaiveDate>> {
    if let Some(offset) = named_offset(text) {
        return Some(shift(today, offset, Unit::Day));
    }
    if let Some((count, unit)) = counted(text) {
        return Some(shift(today, count, unit));
    }
    if matches!(text, "月底" | "本月底" | "这个月底") {
        return Some(last_of_month(today));
    }
    weekday(text, today)
}

fn named_offset(text: &str) -> Option<i64> {
    Some(match text {
        "今天" | "今日" | "今" | "today" | "tod" | "now" => 0,
        "明天" | "明日" | "明儿" | "tomorrow" | "tmr" | "tom" => 1,
        "后天" => 2,
        "大后天" => 3,
        "昨天" | "昨日" | "yesterday" => -1,
        "前天" => -2,
        "大前天" => -3,
        _ => return None,
    })
}

#[derive(Debug, Clone, Copy)]
enum Unit {
    Day,
    Week,
    Month,
    Year,
}

/// +3d, -1w, 3天后, 2周前, 1个月后.
fn counted(text: &str) -> Option<(i64, Unit)> {
    let compact: String = text.chars().filter(|c| *c != ' ').collect();
    let (sign, rest) = if let Some(rest) = compact.strip_prefix('+') {
        (1, rest)
    } else if let Some(rest) = compact.strip_prefix('-') {
        (-1, rest)
    } else if let Some(rest) = ["以后", "之后", "后"]
        .iter()
        .find_map(|mark| compact.strip_suffix(mark))
    {
        (1, rest)
    } else if let Some(rest) = ["以前", "之前", "前"]
        .iter()
        .find_map(|mark| compact.strip_suffix(mark))
    {
        (-1, rest)
    } else {
        return None;
    };
    let digits_end = rest.find(|c: char| !c.is_ascii_digit())?;
    let count: i64 = rest[..digits_end].parse().ok()?;
    let unit = match rest[digits_end..].trim_start_matches('个') {
        "d" | "day" | "days" | "天" | "日" => Unit::Day,
        "w" | "week" | "weeks" | "周" | "星期" | "礼拜" => Unit::Week,
        "m" | "month" | "months" | "月" => Unit::Month,
        "y" | "year" | "years" | "年" => Unit::Year,
        _ => return None,
    };
    Some((sign * count, unit))
}

fn shift(day: NaiveDate, count: i64, unit: Unit) -> Option<NaiveDate> {
    let size = count.unsigned_abs();
    let months = |size: u64| u32::try_from(size).ok().map(Months::new);
    let is_forward = count >= 0;
    match unit {
        Unit::Day | Unit::Week => {
            let days = Days::new(match unit {
                Unit::Week => size.checked_mul(7)?,
                _ => size,
            });
            if is_forward {
                day.checked_add_days(days)
            } else {
                day.checked_sub_days(days)
            }
        }
        Unit::Month | Unit::Year => {
            let months = months(match unit {
                Unit::Year => size.checked_mul(12)?,
                _ => size,
            })?;
            if is_forward {
                day.checked_add_months(months)
            } else {
                day.checked_sub_months(months)
            }
        }
    }
}

fn last_of_month(day: NaiveDate) -> Option<NaiveDate> {
    day.with_day(1)?
        .checked_add_months(Months::new(1))?
        .pred_opt()
}

/// 周五 is the next Friday, today included; 下周三 lies in the week after this one (weeks begin on Monday), and
/// `next wed` means the same.
fn weekday(text: &str, today: NaiveDate) -> Option<Option<NaiveDate>> {
    let text = text.trim();
    let (weeks, name) = if let Some(name) = text.strip_prefix("next ") {
        (Some(1), name)
    } else if let Some(name) = text
        .strip_prefix("last ")
        .or_else(|| text.strip_prefix("上个"))
    {
        (Some(-1), name)
    } else if let Some(name) = text.strip_prefix("this ") {
        (Some(0), name)
    } else if let Some(name) = ["本", "这个", "这"]
        .iter()
        .find_map(|mark| text.strip_prefix(mark))
    {
        (Some(0), name)
    } else {
        let bare = text.trim_start_matches('下');
        let ahead = i64::try_from((text.len() - bare.len()) / '下'.len_utf8()).ok()?;
        match bare.strip_prefix('上') {
            Some(name) if ahead == 0 => (Some(-1), name),
            _ if ahead > 0 => (Some(ahead), bare.trim_start_matches('个')),
            _ => (None, bare),
        }
    };
    let weekday = named_weekday(name)?;
    let from_monday = i64::from(weekday.num_days_from_monday());
    let since_monday = i64::from(today.weekday().num_days_from_monday());
    let offset = match weeks {
        Some(weeks) => weeks * 7 + from_monday - since_monday,
        None => (from_monday - since_monday).rem_euclid(7),
    };
    Some(shift(today, offset, Unit::Day))
}

fn named_weekday(name: &str) -> Option<Weekday> {
    if let Some(day) = chinese_weekday(name) {
        return day.1.is_empty().then_some(day.0);
    }
    // Three letters at least, so that `t` is not a guess between Tuesday and Thursday.
    const ENGLISH: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let index = ENGLISH
        .iter()
        .position(|day| name.len() >= 3 && day.starts_with(name))?;
    Weekday::try_from(u8::try_from(index).ok()?).ok()
}

/// A weekday at the head of a text, and what follows it.
fn chinese_weekday(text: &str) -> Option<(Weekday, &str)> {
    let rest = ["星期", "礼拜", "周"]
        .iter()
        .find_map(|mark| text.strip_prefix(mark))?;
    let mut chars = rest.chars();
    let day = match chars.next()? {
        '一' | '1' => Weekday::Mon,
        '二' | '2' => Weekday::Tue,
        '三' | '3' => Weekday::Wed,
        '四' | '4' => Weekday::Thu,
        '五' | '5' => Weekday::Fri,
        '六' | '6' => Weekday::Sat,
        '日' | '天' | '7' => Weekday::Sun,
        _ => return None,
    };
    Some((day, chars.as_str()))
}

/// A written date without the weekday before or after it: `2024年3月5日(周二)`, `Tue Mar 5 2024`.
pub(super) fn without_weekday(text: &str) -> Option<&str> {
    let is_around = |c: char| " ,()[]".contains(c);
    if let Some(at) = ["星期", "礼拜", "周"]
        .iter()
        .find_map(|mark| text.rfind(mark))
    {
        let (_, after) = chinese_weekday(&text[at..])?;
        let is_at_end = after.trim_matches(is_around).is_empty();
        return is_at_end.then(|| text[..at].trim_end_matches(is_around));
    }
    let (first, after) = text.split_once([' ', ','])?;
    if named_weekday(first).is_some() {
        return Some(after.trim_start_matches(is_around));
    }
    let (before, last) = text.rsplit_once([' ', ','])?;
    named_weekday(last.trim_matches(is_around))?;
    Some(before.trim_end_matches(is_around))
}
