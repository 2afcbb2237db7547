//! Columns that stand straight in a terminal, where Chinese characters are two cells wide.

use unicode_width::UnicodeWidthStr;

/// Cells are cut here, so that one long note does not push everything else off the screen.
const WIDEST: usize = 40;
const GAP: &str = "  ";

/// Rows under their headings; the last column is not padded.
pub fn table(headings: &[String], rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| fitted(cell)).collect())
        .collect();
    let width = |column: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.width());
        cells
            .chain(headings.get(column).map(|heading| heading.width()))
            .max()
            .unwrap_or(0)
    };
    let columns = rows
        .iter()
        .map(Vec::len)
        .chain([headings.len()])
        .max()
        .unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    if headings.iter().any(|heading| !heading.is_empty()) {
        line(&mut out, headings, &widths);
        let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
        line(&mut out, &rule, &widths);
    }
    for row in &rows {
        line(&mut out, row, &widths);
    }
    out
}

/// Names and what they stand for, below each other.
pub fn pairs(pairs: &[(String, String)]) -> String {
    let widest = pairs
        .iter()
        .map(|(name, _)| name.width())
        .max()
        .unwrap_or(0);
    let mut out = String::new();
    for (name, value) in pairs {
        let indent = format!("\n{}{GAP}", " ".repeat(widest));
        out.push_str(name);
        out.push_str(&" ".repeat(widest - name.width()));
        out.push_str(GAP);
        out.push_str(&value.replace('\n', &indent));
        out.push('\n');
    }
    out
}

fn line(out: &mut String, cells: &[String], widths: &[usize]) {
    let mut text = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        text.push_str(cell);
        text.push_str(&" ".repeat(width.saturating_sub(cell.width())));
        text.push_str(GAP);
    }
    out.push_str(text.trim_end());
    out.push('\n');
}

/// One line, cut at the widest that a cell may be. Control characters would move the cursor.
fn fitted(cell: &str) -> String {
    let line: String = cell
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if line.width() <= WIDEST {
        return line;
    }
    let mut cut = String::new();
    for c in line.chars() {
        let mut longer = cut.clone();
        longer.push(c);
        if longer.width() > WIDEST - 1 {
            break;
        }
        cut = longer;
    }
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn chinese_characters_count_twice_when_columns_are_aligned() {
        let table = table(
            &texts(&["客户", "No"]),
            &[texts(&["华科技术", "1"]), texts(&["ABC", "22"])],
        );
        assert_eq!(
            table,
            "客户      No\n────────  ──\n华科技术  1\nABC       22\n"
        );
    }

    #[test]
    fn long_cells_are_cut_and_control_characters_are_blanks() {
        assert_eq!(fitted("a\nb\u{1b}[2J"), "a b [2J");
        let cut = fitted(&"客".repeat(60));
        assert!(cut.width() <= WIDEST && cut.ends_with('…'), "{cut}");
    }

    #[test]
    fn pairs_keep_further_lines_under_their_value() {
        let shown = pairs(&[
            ("备注".to_owned(), "一\n二".to_owned()),
            ("No".to_owned(), "1".to_owned()),
        ]);
        assert_eq!(shown, "备注  一\n      二\nNo    1\n");
    }
}
