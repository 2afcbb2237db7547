//! How two changes of one field agree (docs/sync-protocol.md §4.4). The same rules replay a laptop's pending edits over
//! what the server sends.

use diffy::{ConflictStyle, MergeOptions};
use ketu_model::field::MergeClass;
use serde_json::Value as Json;

use crate::planted::{Bug, on};
use crate::record::canonical;

/// A set after what `old → new` added and removed is done to `current`.
pub fn set(current: &Json, old: &Json, new: &Json) -> Json {
    if on(Bug::SetOverwrites) {
        return new.clone();
    }
    let items = |value: &Json| value.as_array().cloned().unwrap_or_default();
    let (old, new) = (items(old), items(new));
    let mut merged = items(current);
    merged.retain(|item| new.contains(item) || !old.contains(item));
    merged.extend(new.into_iter().filter(|item| !old.contains(item)));
    // Ids: one order everywhere.
    merged.sort_by_key(Json::to_string);
    merged.dedup();
    canonical(Json::Array(merged))
}

/// A text after the change `old → new` is done to `current`, by lines; lines changed on both sides are kept twice,
/// what stood first.
pub fn text(current: &Json, old: &Json, new: &Json) -> Json {
    if current == old || on(Bug::TextOverwrites) {
        return new.clone();
    }
    if new == old || current == new {
        return current.clone();
    }
    let lines = |value: &Json| {
        let mut text = value.as_str().unwrap_or_default().to_owned();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text
    };
    let (base, ours, theirs) = (lines(old), lines(current), lines(new));
    let mut options = MergeOptions::new();
    // Markers of a length that no text has by chance; they are taken out again.
    options
        .set_conflict_style(ConflictStyle::Merge)
        .set_conflict_marker_length(MARKER);
    let merged = match options.merge(&base, &ours, &theirs) {
        Ok(merged) => merged,
        Err(both) => without_markers(&both),
    };
    canonical(Json::String(merged.trim_end_matches('\n').to_owned()))
}

const MARKER: usize = 43;

fn without_markers(text: &str) -> String {
    let is_marker = |line: &str| {
        ['<', '=', '>'].iter().any(|sign| {
            let run = line.chars().take_while(|c| c == sign).count();
            run == MARKER && !line[MARKER..].starts_with(*sign)
        })
    };
    let mut kept = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if !is_marker(line) {
            kept.push_str(line);
        }
    }
    kept
}

/// What a pending edit makes of the value that the server has: the laptop's own view of it.
pub fn replay(class: MergeClass, current: &Json, old: &Json, new: &Json) -> Json {
    match class {
        MergeClass::Set => set(current, old, new),
        MergeClass::Text => text(current, old, new),
        MergeClass::Scalar | MergeClass::Critical => new.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sets_add_and_remove_elements_one_by_one() {
        for (current, old, new, merged) in [
            (
                json!(["a", "b"]),
                json!(["a"]),
                json!(["a", "c"]),
                json!(["a", "b", "c"]),
            ),
            (json!(["a", "b"]), json!(["a"]), Json::Null, json!(["b"])),
            (Json::Null, json!(["a"]), json!(["a", "b"]), json!(["b"])),
            (json!(["b"]), Json::Null, json!(["b"]), json!(["b"])),
            (json!(["a"]), json!(["a"]), Json::Null, Json::Null),
        ] {
            assert_eq!(set(&current, &old, &new), merged, "{current} {old} {new}");
        }
    }

    #[test]
    fn texts_merge_by_lines_and_lose_nothing_where_they_overlap() {
        let t = |text: &str| json!(text);
        for (current, old, new, merged) in [
            ("一\n二", "一\n二", "一\n三", "一\n三"),
            (
                "零\n一\n二\n三",
                "一\n二\n三",
                "一\n二\n三\n四",
                "零\n一\n二\n三\n四",
            ),
            ("甲改", "甲", "乙改", "甲改\n乙改"),
            ("一\n甲\n三", "一\n二\n三", "一\n乙\n三", "一\n甲\n乙\n三"),
            ("同", "旧", "同", "同"),
        ] {
            assert_eq!(text(&t(current), &t(old), &t(new)), t(merged), "{current}");
        }
        assert_eq!(text(&t("甲"), &Json::Null, &t("乙")), t("甲\n乙"));
        assert_eq!(text(&Json::Null, &t("甲"), &t("甲\n乙")), t("甲\n乙"));
    }
}
