//! The names of columns: joined from the rows of a header, cleaned of what people add to them.

use std::collections::HashMap;

use crate::cell::{Cell, Merge, is_hidden};
use crate::table::Table;

/// A column's name in Excel: A for 0, AA for 26.
pub fn column_letter(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).expect("a remainder of 26");
        letters.push(char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// One name for each column, from the header rows `first` to `last`.
pub(super) fn names(table: &Table, first: usize, last: usize) -> Vec<String> {
    let mut levels: Vec<Vec<String>> = Vec::new();
    for index in first..=last {
        let Some(row) = table.row(index) else { break };
        let mut level: Vec<String> = (0..table.width())
            .map(|column| match row.cell(column) {
                Cell::Text(text) => clean_name(text),
                Cell::Number(number) => number.to_string(),
                cell => cell
                    .datetime()
                    .map_or_else(String::new, |at| at.date().to_string()),
            })
            .collect();
        if index < last {
            spread_groups(table, index, &levels, &mut level);
        }
        levels.push(level);
    }
    let body = last + 1;
    let mut taken: HashMap<String, usize> = HashMap::new();
    (0..table.width())
        .map(|column| {
            let mut parts: Vec<&str> = Vec::new();
            for level in &levels {
                let part = level[column].as_str();
                if !part.is_empty() && parts.last() != Some(&part) {
                    parts.push(part);
                }
            }
            let mut name = parts.join("/");
            if name.is_empty() {
                let has_data = (body..table.len())
                    .filter_map(|index| table.row(index))
                    .any(|row| !row.cell(column).is_blank());
                if !has_data {
                    return name;
                }
                name = column_letter(column);
            }
            let count = taken.entry(name.clone()).or_insert(0);
            *count += 1;
            if *count > 1 {
                name = format!("{name} ({count})");
            }
            name
        })
        .collect()
}

/// Repeats the name of a group over its columns: over its merged range, or where there is none,
/// to the right while the row is blank and the one below is not.
fn spread_groups(table: &Table, index: usize, above: &[Vec<String>], level: &mut [String]) {
    let (Some(row), Some(below)) = (table.row(index), table.row(index + 1)) else {
        return;
    };
    let number = row.number();
    let merges: Vec<&Merge> = table
        .merges()
        .iter()
        .filter(|merge| merge.first_row == number)
        .collect();
    for merge in &merges {
        let from = merge.first_column as usize;
        let Some(name) = level.get(from).cloned() else {
            continue;
        };
        for part in level
            .iter_mut()
            .take(merge.last_column as usize + 1)
            .skip(from)
        {
            part.clone_from(&name);
        }
    }
    if !merges.is_empty() {
        return;
    }
    for column in 1..level.len() {
        let under_other = above.last().is_some_and(|upper| !upper[column].is_empty());
        if level[column].is_empty() && !below.cell(column).is_blank() && !under_other {
            level[column] = level[column - 1].clone();
        }
    }
}

/// A column's name without line breaks, hidden characters and marks of required fields.
pub(super) fn clean_name(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for part in text.chars() {
        if !is_hidden(part) {
            name.push(part);
        } else if part.is_whitespace() && !name.ends_with(' ') && !name.is_empty() {
            name.push(' ');
        }
    }
    // Chinese needs no space where a line was broken.
    let parts: Vec<char> = name.trim().chars().collect();
    let joined: String = parts
        .iter()
        .enumerate()
        .filter(|&(at, &part)| {
            let chinese = |neighbour: Option<&char>| neighbour.is_some_and(|&c| c >= '\u{2e80}');
            part != ' '
                || !(chinese(at.checked_sub(1).and_then(|before| parts.get(before)))
                    && chinese(parts.get(at + 1)))
        })
        .map(|(_, &part)| part)
        .collect();
    let mut name = joined.as_str();
    loop {
        let shorter = name
            .trim_matches([' ', '*', '＊', ':', '：'])
            .trim_end_matches("(必填)")
            .trim_end_matches("（必填）")
            .trim_end_matches("[必填]")
            .trim_end_matches("【必填】")
            .trim_end_matches("(required)")
            .trim_end_matches("(选填)")
            .trim_end_matches("（选填）");
        if shorter == name {
            return name.to_owned();
        }
        name = shorter;
    }
}
