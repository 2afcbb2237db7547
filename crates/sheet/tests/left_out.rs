//! What of a file does not reach a table is counted, so that people can be told.

#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;

use ketu_sheet::{Cell, LeftOut, MAX_COLUMNS, MAX_ROWS, Table};
use support::{Files, reader};

fn read(path: &Path) -> Table {
    support::read(path, 0)
}

#[test]
fn rows_and_columns_beyond_what_a_table_keeps_are_counted_and_never_dropped_in_silence() {
    let files = Files::new();
    // Blank lines take a row of the file each and cost nothing.
    let gap = "\n".repeat(MAX_ROWS as usize - 2);
    let long = format!("编号,客户\n{gap}1,甲\n2,乙\n\n3,丙\n");
    let table = read(&files.put("long.csv", long.as_bytes()));
    assert_eq!(
        table.rows().map(|row| row.number()).collect::<Vec<_>>(),
        [1, MAX_ROWS]
    );
    let below = LeftOut {
        rows: 2,
        columns: 0,
        cells: 4,
    };
    assert_eq!((table.left_out(), table.is_complete()), (below, false));

    let mut wide = "列,".repeat(MAX_COLUMNS + 2) + "末\n";
    wide += &(",".repeat(MAX_COLUMNS) + "值, \n");
    wide += &"1,".repeat(MAX_COLUMNS);
    let table = read(&files.put("wide.csv", wide.as_bytes()));
    let beside = LeftOut {
        rows: 0,
        columns: 3,
        cells: 4,
    };
    assert_eq!(
        (table.len(), table.width(), table.left_out()),
        (2, MAX_COLUMNS, beside)
    );
    assert_eq!(table.fill_down(1).left_out(), beside);

    let table = read(&files.put("small.csv", "编号\n1\n".as_bytes()));
    assert!(table.left_out().is_nothing() && table.is_complete());
    assert_eq!(table.replaced_characters(), 0);
}

#[test]
fn bytes_that_are_no_characters_are_counted_and_do_not_change_the_encoding() {
    let files = Files::new();
    let text = "编号,客户\n".to_owned() + &"1,杭州西湖信息技术有限公司\n".repeat(50);
    let mut bytes = text.clone().into_bytes();
    bytes.insert(16, 0xff);
    bytes.truncate(bytes.len() - 2);
    let path = files.put("cut.csv", &bytes);
    let workbook = reader().inspect(&path).unwrap();
    assert_eq!(workbook.encoding.as_deref(), Some("UTF-8"));
    let table = read(&path);
    assert_eq!(table.replaced_characters(), 2);
    let cell = |row: usize| table.row(row).unwrap().cell(1);
    assert_eq!(
        (cell(1), cell(2), cell(50)),
        (
            Cell::Text("\u{fffd}杭州西湖信息技术有限公司"),
            Cell::Text("杭州西湖信息技术有限公司"),
            Cell::Text("杭州西湖信息技术有限公\u{fffd}")
        )
    );

    let page = "<meta charset=utf-8><table><tr><td>客户</td></tr></table>".as_bytes();
    let at = page.len() - "户</td></tr></table>".len();
    let broken = [&page[..at], b"\xff", &page[at..]].concat();
    for (page, replaced) in [(page, 0), (&broken, 1)] {
        let table = read(&files.put("page.xls", page));
        assert_eq!(table.replaced_characters(), replaced);
    }
}
