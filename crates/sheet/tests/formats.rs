//! Formats that no writer of ours makes: old and binary workbooks and OpenDocument, cell by cell.
//! `fixtures/fixtures.sh` says how the files were made.

#![allow(clippy::unwrap_used)]

mod support;

use std::io::Write;
use std::path::{Path, PathBuf};

use ketu_sheet::{Cell, Kind, Merge, NumberClass};
use support::{read, reader};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

const fn merge(rows: (u32, u32), columns: (u32, u32)) -> Merge {
    Merge {
        first_row: rows.0,
        first_column: columns.0,
        last_row: rows.1,
        last_column: columns.1,
    }
}

#[test]
fn every_kind_of_cell_is_read_from_each_format_as_it_was_meant() {
    let nine_thirty = 45356.0 + 9.5 / 24.0;
    let expected = [
        (Cell::Text("杭州西湖信息技术有限公司"), NumberClass::General),
        (Cell::Text("0571"), NumberClass::General),
        (Cell::Number(1234.5), NumberClass::General),
        (Cell::DateTime(45356.0), NumberClass::Date),
        (Cell::DateTime(nine_thirty), NumberClass::Date),
        (Cell::Bool(true), NumberClass::General),
        (Cell::Error("#N/A"), NumberClass::General),
        // What formulas came to.
        (Cell::Number(2469.0), NumberClass::General),
        (Cell::Text("客户"), NumberClass::General),
        (Cell::Error("#DIV/0!"), NumberClass::General),
    ];
    for (name, kind) in [
        ("cells.ods", Kind::Ods),
        ("cells.xls", Kind::Xls),
        ("cells-1904.xls", Kind::Xls),
        ("cells.xlsb", Kind::Xlsb),
        ("cells-1904.xlsb", Kind::Xlsb),
    ] {
        let path = fixture(name);
        let workbook = reader().inspect(&path).unwrap();
        let sheets: Vec<(u32, &str, bool)> = workbook
            .sheets
            .iter()
            .map(|sheet| (sheet.index, sheet.name.as_str(), sheet.visible))
            .collect();
        assert_eq!(
            (workbook.kind, sheets),
            (kind, vec![(0, "说明", true), (1, "客户", true)]),
            "{name}"
        );
        let first = read(&path, 0);
        assert_eq!(first.row(0).unwrap().cell(0), Cell::Text("填表说明"));
        assert_eq!(first.merges(), [], "{name}");

        let table = read(&path, 1);
        let numbers: Vec<u32> = table.rows().map(|row| row.number()).collect();
        assert_eq!((numbers, table.width()), (vec![1, 4, 5], 10), "{name}");
        assert_eq!(table.row(0).unwrap().cell(0), Cell::Text("客户台账"));
        let row = table.row(1).unwrap();
        for (column, (cell, class)) in expected.into_iter().enumerate() {
            let found = (row.cell(column), row.class(column));
            assert_eq!(found, (cell, class), "{name}, column {column}");
        }
        let last = table.row(2).unwrap();
        assert_eq!(
            (last.cell(0), last.cell(1)),
            (Cell::Empty, Cell::Text("第一行\n第二行")),
            "{name}"
        );
        assert_eq!(
            table.merges(),
            [merge((1, 1), (0, 2)), merge((4, 5), (0, 0))],
            "{name}"
        );
        let filled = table.fill_down(2);
        assert_eq!(filled.row(2).unwrap().cell(0), row.cell(0), "{name}");
    }
}

#[test]
fn rows_that_a_filter_hides_are_flagged_in_opendocument_and_binary_workbooks() {
    for name in ["cells.ods", "cells.xlsb"] {
        let table = read(&fixture(name), 1);
        let hidden: Vec<bool> = table.rows().map(|row| row.hidden()).collect();
        assert_eq!(hidden, [false, false, true], "{name}");
    }
}

#[test]
fn a_preview_of_each_format_ends_where_it_was_asked_to() {
    for name in ["cells.ods", "cells.xls", "cells.xlsb"] {
        let table = reader().preview(&fixture(name), 1, 1).unwrap();
        assert_eq!((table.len(), table.is_complete()), (1, false), "{name}");
        assert_eq!(table.merges().len(), 2, "{name}");
    }
}

#[test]
fn repeated_rows_and_formulas_without_a_result_in_opendocument_stand_where_they_should() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made.ods");
    let content = r#"<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" 
        xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" 
        xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"><office:body><office:spreadsheet>
        <table:table table:name="其他"><table:table-row table:visibility="filter"><table:table-cell 
        table:number-columns-spanned="9" table:formula="of:=1"/></table:table-row></table:table>
        <table:table table:name="客户">
        <table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
        <table:table-row table:number-rows-repeated="2" table:visibility="collapse">
        <table:table-cell office:value-type="string"><text:p>甲 &amp; 乙</text:p></table:table-cell>
        <table:table-cell table:formula="of:=[.A1]" table:number-columns-repeated="2"/>
        <table:table-cell office:value-type="string" office:string-value="" calcext:value-type="error" table:number-columns-repeated="2"><text:p>#REF!</text:p></table:table-cell>
        <table:table-cell office:value-type="float" office:value="0" calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell>
        <table:table-cell table:formula="of:=&quot;&quot;" office:value-type="string" office:string-value=""/>
        <table:table-cell office:value-type="float" office:value="7" table:number-rows-spanned="2"/></table:table-row>
        <table:table-row><table:table-cell table:number-columns-repeated="3"/><table:table-cell office:value-type="float" office:value="8"/></table:table-row>
        </table:table></office:spreadsheet></office:body></office:document-content>"#;
    let mut file = ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, content) in [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", "<manifest:manifest/>"),
        ("content.xml", content),
    ] {
        file.start_file(name, SimpleFileOptions::default()).unwrap();
        // Office programs leave no white space between the tags.
        let packed: String = content.lines().map(str::trim_start).collect();
        file.write_all(packed.as_bytes()).unwrap();
    }
    file.finish().unwrap();

    let table = read(&path, 1);
    let rows: Vec<(u32, bool)> = table
        .rows()
        .map(|row| (row.number(), row.hidden()))
        .collect();
    assert_eq!(
        rows,
        [(1_000_001, true), (1_000_002, true), (1_000_003, false)]
    );
    let odd = [
        Cell::Text("甲 & 乙"),
        Cell::FormulaWithoutValue,
        Cell::FormulaWithoutValue,
        Cell::Error("#REF!"),
        Cell::Error("#REF!"),
        Cell::Error("#ERROR!"),
        Cell::Empty,
        Cell::Number(7.0),
    ];
    for row in table.rows().take(2) {
        assert_eq!(row.cells().collect::<Vec<_>>(), odd);
    }
    assert_eq!(table.row(2).unwrap().cell(3), Cell::Number(8.0));
    assert_eq!(table.merges(), [merge((1_000_001, 1_000_002), (7, 7))]);
}
