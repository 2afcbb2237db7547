//! Where a sheet's header is: below titles and instructions, in one row or several, above the
//! data, with a total at the end that is none. A guess that people confirm.

mod footer;
mod naming;

use crate::cell::{Cell, Merge};
use crate::table::{Row, Table};

pub use naming::column_letter;
use naming::{clean_name, names};

/// Rows in which a header is looked for.
const SEARCHED: usize = 25;
/// Rows that tell what data look like.
const SAMPLED: usize = 60;
/// Rows of one header at most.
const DEEPEST: usize = 3;
/// Longer texts are instructions, not names of columns.
const LONGEST_NAME: usize = 30;

/// A sheet's header. Rows are numbered as in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderGuess {
    pub first_row: u32,
    pub last_row: u32,
    /// One for each column of the table: cleaned, told apart by a number where two are the same.
    /// A column with data but no name gets its letter, one without either an empty text.
    pub names: Vec<String>,
    /// Totals and signatures behind the data.
    pub footer_rows: Vec<u32>,
}

/// Guesses the header of a sheet or of its first rows. `is_known` tells whether a cleaned name
/// is one that an importer understands. `None` where no row looks like a header.
pub fn guess_header(table: &Table, is_known: &dyn Fn(&str) -> bool) -> Option<HeaderGuess> {
    let width = usual_width(table);
    let last = best_row(table, width, is_known)?;
    let (first, last) = grow(table, last);
    Some(HeaderGuess {
        first_row: table.row(first)?.number(),
        last_row: table.row(last)?.number(),
        names: names(table, first, last),
        footer_rows: footer::footers(table, last),
    })
}

/// Cells that a row of this sheet usually fills.
fn usual_width(table: &Table) -> usize {
    let mut filled: Vec<usize> = table.rows().take(SAMPLED).map(Row::filled).collect();
    filled.sort_unstable();
    // Upper quartile: titles and half-filled rows do not narrow a table.
    filled.get(filled.len() * 3 / 4).copied().unwrap_or(0)
}

fn best_row(table: &Table, width: usize, is_known: &dyn Fn(&str) -> bool) -> Option<usize> {
    let mut best: Option<(i64, usize)> = None;
    for (index, row) in table.rows().take(SEARCHED).enumerate() {
        let Some(score) = score(table, index, row, width, is_known) else {
            continue;
        };
        // Each row further down has to be clearly better.
        let score = score - 4 * i64::try_from(index).unwrap_or(i64::MAX);
        if best.is_none_or(|(most, _)| score > most) {
            best = Some((score, index));
        }
    }
    best.map(|(_, index)| index)
}

/// How much a row looks like a header, in points; `None` where it cannot be one.
fn score(
    table: &Table,
    index: usize,
    row: Row<'_>,
    width: usize,
    is_known: &dyn Fn(&str) -> bool,
) -> Option<i64> {
    let filled = row.filled();
    if filled == 0 || (filled < 2 && width > 1) || filled * 2 < width {
        return None;
    }
    let mut names: Vec<String> = Vec::new();
    let mut values = 0;
    for cell in row.cells().filter(|cell| !cell.is_blank()) {
        match cell {
            Cell::Text(text) if looks_like_a_name(text) => names.push(clean_name(text)),
            _ => values += 1,
        }
    }
    if names.len() * 10 < filled * 7 {
        return None;
    }
    let known = names.iter().filter(|name| is_known(name)).count();
    let mut unlike = names.clone();
    unlike.sort_unstable();
    unlike.dedup();
    let repeated = names.len() - unlike.len();
    // Values of the column below are of another kind than its name.
    let contrast = (0..table.width())
        .filter(|&column| contrasts(table, index, column))
        .count();
    if known == 0 && contrast == 0 && table.len() > index + 1 && width > 1 && filled < 2 {
        return None;
    }
    let share = |count: usize, points: usize| i64::try_from(count * points / filled).unwrap_or(0);
    Some(
        share(names.len(), 20)
            + share(known, 60)
            + share(contrast, 30)
            + i64::try_from(filled.min(width) * 20 / width.max(1)).unwrap_or(0)
            - share(values, 30)
            - share(repeated, 20),
    )
}

/// Whether the cells under a name hold numbers, dates or longer digits than names have.
fn contrasts(table: &Table, index: usize, column: usize) -> bool {
    let Some(Cell::Text(name)) = table.row(index).map(|row| row.cell(column)) else {
        return false;
    };
    let below = (index + 1..index + 1 + 8).filter_map(|at| table.row(at));
    let (mut unlike, mut like) = (0, 0);
    for cell in below
        .map(|row| row.cell(column))
        .filter(|cell| !cell.is_blank())
    {
        match cell {
            Cell::Text(text) if looks_like_a_name(text) && !has_digits(text) => like += 1,
            Cell::Text(text) if text.trim() == name.trim() => like += 1,
            _ => unlike += 1,
        }
    }
    unlike > like && !has_digits(name)
}

fn has_digits(text: &str) -> bool {
    text.chars()
        .filter(|part| part.is_ascii_digit() || ('０'..='９').contains(part))
        .count()
        >= 3
}

fn looks_like_a_name(text: &str) -> bool {
    let name = clean_name(text);
    let length = name.chars().count();
    let letters = name.chars().filter(|part| part.is_alphabetic()).count();
    let digits = name.chars().filter(char::is_ascii_digit).count();
    length > 0
        && length <= LONGEST_NAME
        && letters > 0
        && digits * 2 < length
        && !name.contains('@')
}

/// First and last row of the header that a row belongs to.
fn grow(table: &Table, found: usize) -> (usize, usize) {
    let mut first = found;
    let mut last = found;
    while last + 1 - first < DEEPEST && continues(table, first, last) {
        last += 1;
    }
    while last + 1 - first < DEEPEST && first > 0 && is_group_row(table, first - 1, first) {
        first -= 1;
    }
    (first, last)
}

/// Whether the row below `last` names the parts of groups named above: it stands where the rows
/// above leave gaps or merge sideways, and is blank where they have names of their own.
fn continues(table: &Table, first: usize, last: usize) -> bool {
    let (Some(above), Some(below)) = (table.row(last), table.row(last + 1)) else {
        return false;
    };
    if below.number() != above.number() + 1 {
        return false;
    }
    if let Some(merge) = sideways_or_down(table, above.number())
        .find(|merge| merge.last_row > above.number() && merge.last_row <= above.number() + 2)
    {
        // A name merged downwards says how deep the header is.
        return merge.first_row >= table.row(first).map_or(0, |row| row.number());
    }
    let mut parts = 0;
    let mut in_group = false;
    for column in 0..table.width() {
        let (upper, lower) = (above.cell(column), below.cell(column));
        if !upper.is_blank() {
            in_group = table.merges().iter().any(|merge| {
                merge.first_row == above.number()
                    && merge.first_column as usize == column
                    && merge.last_column > merge.first_column
            }) || above.cell(column + 1).is_blank()
                && !below.cell(column + 1).is_blank();
        }
        match lower {
            Cell::Empty => {}
            lower if lower.is_blank() => {}
            Cell::Text(text) if looks_like_a_name(text) && !has_digits(text) => {
                // A name under a column that has one already is a value.
                if !in_group {
                    return false;
                }
                parts += 1;
            }
            _ => return false,
        }
    }
    parts >= 2
}

/// Whether a row names groups of the columns named in the row below it.
fn is_group_row(table: &Table, upper: usize, lower: usize) -> bool {
    let (Some(above), Some(below)) = (table.row(upper), table.row(lower)) else {
        return false;
    };
    let named = above.filled();
    if below.number() != above.number() + 1 || named < 2 || named > below.filled() {
        return false;
    }
    let names = above
        .cells()
        .filter(|cell| !cell.is_blank())
        .all(|cell| matches!(cell, Cell::Text(text) if looks_like_a_name(text)));
    // A gap to the right of a name is what a group leaves.
    let gaps = (0..table.width()).any(|column| {
        !above.cell(column).is_blank()
            && above.cell(column + 1).is_blank()
            && !below.cell(column + 1).is_blank()
    });
    names && gaps
}

fn sideways_or_down(table: &Table, number: u32) -> impl Iterator<Item = &Merge> {
    table
        .merges()
        .iter()
        .filter(move |merge| merge.first_row <= number && number <= merge.last_row)
        // The title above is merged over everything.
        .filter(|merge| {
            (merge.last_column - merge.first_column) as usize + 1 < table.width().max(2)
        })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::cell::NumberClass;

    fn table(rows: &[&[&str]], merges: &[(u32, u32, u32, u32)]) -> Table {
        let mut table = Table::default();
        for (cells, number) in rows.iter().zip(1..) {
            table.begin_row(number, false);
            for (column, text) in cells.iter().enumerate() {
                let cell = match text.strip_prefix('#') {
                    Some(number) => Cell::Number(number.parse().unwrap()),
                    None => Cell::Text(text),
                };
                table.set(column, cell, NumberClass::General);
            }
            table.end_row();
        }
        table.merges = merges
            .iter()
            .map(|&(first_row, first_column, last_row, last_column)| Merge {
                first_row,
                first_column,
                last_row,
                last_column,
            })
            .collect();
        table
    }

    fn guess(table: &Table) -> HeaderGuess {
        guess_header(table, &|name| {
            ["客户名称", "联系人", "电话", "手机"].contains(&name)
        })
        .unwrap()
    }

    #[test]
    fn a_plain_header_is_the_first_row_and_its_names_are_cleaned() {
        let guess = guess(&table(
            &[
                &[
                    "客户\n名称*",
                    "\u{feff}联系人(必填)",
                    "手机 ",
                    "手机",
                    "成交 Amount",
                ],
                &["杭州西湖信息", "张伟", "13812345678", "", "#5000"],
                &["上海贸易", "李娜", "13912345678", "13712345678", "#600"],
            ],
            &[],
        ));
        assert_eq!((guess.first_row, guess.last_row), (1, 1));
        assert_eq!(
            guess.names,
            ["客户名称", "联系人", "手机", "手机 (2)", "成交 Amount"]
        );
        assert!(guess.footer_rows.is_empty());
    }

    #[test]
    fn titles_and_instructions_above_the_header_are_left_out_and_a_total_below_is_found() {
        let guess = guess(&table(
            &[
                &["2024年华东区客户台账"],
                &[
                    "填表说明：请勿修改表头，手机号码必须为11位数字，日期格式为2024-01-01，带星号的为必填项",
                ],
                &["序号", "客户名称", "地区", "金额"],
                &["#1", "杭州西湖信息", "浙江", "#5000"],
                &["#2", "上海贸易", "上海", "#600"],
                &["合计", "", "", "#5600"],
                &["制表人：王芳"],
            ],
            &[(1, 0, 1, 3)],
        ));
        assert_eq!((guess.first_row, guess.last_row), (3, 3));
        assert_eq!(guess.names, ["序号", "客户名称", "地区", "金额"]);
        assert_eq!(guess.footer_rows, [6, 7]);
    }

    #[test]
    fn a_header_of_two_rows_is_joined_with_or_without_merged_ranges() {
        let rows: &[&[&str]] = &[
            &["客户资料表"],
            &["客户名称", "联系人", "", "地址", ""],
            &["", "姓名", "电话", "省", "市"],
            &["杭州西湖信息", "张伟", "13812345678", "浙江", "杭州"],
            &["上海贸易", "李娜", "13912345678", "上海", "上海"],
        ];
        let merged = [(1, 0, 1, 4), (2, 0, 3, 0), (2, 1, 2, 2), (2, 3, 2, 4)];
        for merges in [&merged[..], &[]] {
            let guess = guess(&table(rows, merges));
            assert_eq!((guess.first_row, guess.last_row), (2, 3), "{merges:?}");
            assert_eq!(
                guess.names,
                [
                    "客户名称",
                    "联系人/姓名",
                    "联系人/电话",
                    "地址/省",
                    "地址/市"
                ]
            );
        }
    }

    #[test]
    fn data_made_of_short_words_are_not_taken_for_a_second_header_row() {
        let guess = guess(&table(
            &[
                &["客户名称", "联系人", "等级", "来源"],
                &["西湖", "张伟", "重要", "展会"],
                &["东湖", "李娜", "", "网络"],
            ],
            &[],
        ));
        assert_eq!((guess.first_row, guess.last_row), (1, 1));
    }

    #[test]
    fn columns_without_a_name_get_their_letter_and_empty_ones_none() {
        let guess = guess(&table(
            &[
                &["客户名称", "", "电话", "", "备注"],
                &["西湖", "", "13812345678", "#7", "x1"],
                &["东湖", "", "13912345678", "#8", ""],
            ],
            &[],
        ));
        assert_eq!(guess.names, ["客户名称", "", "电话", "D", "备注"]);
    }

    #[test]
    fn a_sheet_without_a_header_has_none() {
        let table = table(
            &[
                &["#1", "13812345678", "2024-03-05", "#500"],
                &["#2", "13912345678", "2024-03-06", "#600"],
            ],
            &[],
        );
        assert_eq!(guess_header(&table, &|_| false), None);
        assert_eq!(guess_header(&Table::default(), &|_| true), None);
    }

    #[test]
    fn one_column_of_names_is_a_sheet_too() {
        let guess = guess(&table(&[&["客户名称"], &["西湖信息"], &["上海贸易"]], &[]));
        assert_eq!(
            (guess.first_row, guess.names),
            (1, vec!["客户名称".to_owned()])
        );
    }

    #[test]
    fn columns_are_lettered_as_excel_does() {
        for (column, letter) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(column_letter(column), letter);
        }
    }

    #[test]
    fn merged_cells_of_the_body_are_filled_downwards() {
        let table = table(
            &[
                &["客户", "联系人"],
                &["西湖", "张伟"],
                &["", "李娜"],
                &["东湖", "王芳"],
            ],
            &[(2, 0, 3, 0)],
        );
        let filled = table.fill_down(2);
        let column: Vec<Cell<'_>> = filled.rows().map(|row| row.cell(0)).collect();
        assert_eq!(column[2], Cell::Text("西湖"));
        assert_eq!(column[3], Cell::Text("东湖"));
        assert_eq!(table.fill_down(3), table);
    }
}
