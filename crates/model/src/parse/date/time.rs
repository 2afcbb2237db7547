//! The time of day within a written date: 14:30, 下午2点半, 2:30 pm, T14:30:00.

use super::NaiveTime;

/// The text without its time of day, and the time. `None` where a time is written that no clock shows, or one with
/// an offset from UTC, which no civil date can hold.
pub(super) fn split_off(text: &str) -> Option<(String, Option<NaiveTime>)> {
    let Some(mark) = text.find([':', '点', '时', '時']) else {
        return Some((text.to_owned(), None));
    };
    let mut start = text[..mark]
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| {
            at + text[at..].chars().next().map_or(1, char::len_utf8)
        });
    let hour: u32 = text[start..mark]
        .parse()
        .ok()
        .filter(|_| mark - start <= 2)?;
    let (part, head) = part_of_day(text[..start].trim_end());
    if part.is_some() {
        start = head.len();
    }

    let mut scan = Scan(&text[mark..]);
    let is_spoken = !scan.take(":");
    if is_spoken {
        let _ = scan.take("点钟") || scan.take("点") || scan.take("时") || scan.take("時");
    }
    let (mut minute, mut second) = (0, 0);
    if scan.take("半") {
        minute = 30;
    } else if let Some(value) = scan.number() {
        minute = if scan.take("刻") { value * 15 } else { value };
        let _ = scan.take("分");
        if scan.take(":") {
            second = scan.number()?;
        } else if let Some(value) = scan.number() {
            second = scan.take("秒").then_some(value)?;
        }
        if scan.take(".") {
            scan.number()?;
        }
    } else if !is_spoken {
        return None;
    }
    let _ = scan.take("整");
    let after_space = Scan(scan.0.trim_start());
    let mut latin = after_space;
    let half = if latin.take("a.m.") || latin.take("am") {
        Some(PartOfDay::Morning)
    } else if latin.take("p.m.") || latin.take("pm") {
        Some(PartOfDay::Afternoon)
    } else {
        latin = scan;
        None
    };
    let tail = latin.0;
    if tail.starts_with(['z', '+', '-']) {
        return None;
    }
    let hour = match part.or(half) {
        Some(part) => part.hour(hour)?,
        None => hour,
    };
    let time = NaiveTime::from_hms_opt(hour, minute, second)?;
    let head = text[..start].trim_end();
    // 2024-03-05t14:30 after folding.
    let head = match head.strip_suffix('t') {
        Some(date) if date.ends_with(|c: char| c.is_ascii_digit()) => date,
        _ => head,
    };
    Some((format!("{head} {}", tail.trim_start()), Some(time)))
}

#[derive(Debug, Clone, Copy)]
enum PartOfDay {
    Morning,
    Noon,
    Afternoon,
}

impl PartOfDay {
    /// 下午2点 is 14 and so is 下午14点; 晚上12点 is the end of the day, which the next date's 0 says better.
    fn hour(self, hour: u32) -> Option<u32> {
        match (self, hour) {
            (Self::Morning, 12) => Some(0),
            (Self::Morning, 0..=11) => Some(hour),
            (Self::Noon, 11 | 12) => Some(hour),
            (Self::Noon, 1..=2) | (Self::Afternoon, 1..=11) => Some(hour + 12),
            (Self::Afternoon, 12..=23) => Some(hour),
            _ => None,
        }
    }
}

/// The part of the day named at the end of a text, and the text before it.
fn part_of_day(text: &str) -> (Option<PartOfDay>, &str) {
    const NAMES: [(&str, PartOfDay); 14] = [
        ("凌晨", PartOfDay::Morning),
        ("清晨", PartOfDay::Morning),
        ("早上", PartOfDay::Morning),
        ("早晨", PartOfDay::Morning),
        ("上午", PartOfDay::Morning),
        ("am", PartOfDay::Morning),
        ("中午", PartOfDay::Noon),
        ("下午", PartOfDay::Afternoon),
        ("午后", PartOfDay::Afternoon),
        ("傍晚", PartOfDay::Afternoon),
        ("晚上", PartOfDay::Afternoon),
        ("晚间", PartOfDay::Afternoon),
        ("晚", PartOfDay::Afternoon),
        ("pm", PartOfDay::Afternoon),
    ];
    for (name, part) in NAMES {
        if let Some(head) = text.strip_suffix(name) {
            return (Some(part), head);
        }
    }
    (None, text)
}

/// A cursor over the rest of a text.
#[derive(Debug, Clone, Copy)]
struct Scan<'a>(&'a str);

impl Scan<'_> {
    fn take(&mut self, mark: &str) -> bool {
        match self.0.strip_prefix(mark) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn number(&mut self) -> Option<u32> {
        let end = self
            .0
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(self.0.len());
        let value = self.0[..end].parse().ok()?;
        self.0 = &self.0[end..];
        Some(value)
    }
}
