//! What is written is read again, and nothing is lost on the way.

#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;

use chrono::NaiveDate;
use ketu_sheet::write::{Column, CsvFile, SheetPlan, Value, XlsxFile};
use ketu_sheet::{Cell, NumberClass, guess_header};
use proptest::prelude::*;
use support::read;

#[test]
fn every_type_comes_back_as_what_it_was_in_each_way_of_writing() {
    let folder = tempfile::tempdir().unwrap();
    let date = NaiveDate::from_ymd_opt(2024, 3, 5).unwrap();
    for rows in [10, 60_000] {
        let path = folder.path().join(format!("{rows}.xlsx"));
        let mut file = XlsxFile::create(&path).unwrap();
        let columns = [
            "文本", "数", "整数", "日期", "时间", "金额", "比例", "是否", "长号",
        ];
        let columns = columns.iter().map(|title| Column::new(*title)).collect();
        file.add_sheet(SheetPlan {
            name: "客户/联系人".into(),
            columns,
            title: None,
            expected_rows: rows,
        })
        .unwrap();
        file.row(&[
            Value::Text("=HYPERLINK(\"http://x\")"),
            Value::Number(-0.5),
            Value::Integer(42),
            Value::Date(date),
            Value::DateTime(date.and_hms_opt(9, 30, 0).unwrap()),
            Value::Money {
                minor: 123_456,
                currency: "CNY",
            },
            Value::Percent(13.0),
            Value::Bool(true),
            Value::Integer(440_301_199_001_011_234),
        ])
        .unwrap();
        assert!(!path.exists(), "seen only when it is whole");
        file.finish().unwrap();

        let table = read(&path, 0);
        let row = table.row(1).unwrap();
        let nine_thirty = 45356.0 + 9.5 / 24.0;
        let expected = [
            (Cell::Text("=HYPERLINK(\"http://x\")"), NumberClass::General),
            (Cell::Number(-0.5), NumberClass::General),
            (Cell::Number(42.0), NumberClass::General),
            (Cell::DateTime(45356.0), NumberClass::Date),
            (Cell::DateTime(nine_thirty), NumberClass::Date),
            (Cell::Number(1234.56), NumberClass::Currency),
            (Cell::Number(0.13), NumberClass::Percent),
            (Cell::Bool(true), NumberClass::General),
            (Cell::Text("440301199001011234"), NumberClass::General),
        ];
        for (column, (cell, class)) in expected.into_iter().enumerate() {
            assert_eq!(
                (row.cell(column), row.class(column)),
                (cell, class),
                "column {column} of {rows}"
            );
        }
        let left: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .flatten()
            .map(|entry| entry.file_name())
            .collect();
        assert!(
            left.iter()
                .all(|name| !name.to_string_lossy().contains(".part")),
            "{left:?}"
        );
    }
}

#[test]
fn a_generated_sheet_has_its_title_merges_hidden_rows_and_a_second_sheet() {
    let folder = tempfile::tempdir().unwrap();
    for expected_rows in [0, 60_000] {
        let path = folder.path().join("odd.xlsx");
        let mut file = XlsxFile::create(&path).unwrap();
        file.add_sheet(SheetPlan {
            name: "说明".into(),
            expected_rows,
            ..SheetPlan::default()
        })
        .unwrap();
        file.row(&[Value::Text("填表说明")]).unwrap();
        file.add_sheet(SheetPlan {
            name: "客户".into(),
            expected_rows,
            ..SheetPlan::default()
        })
        .unwrap();
        file.merge(0, 1, 3, "客户台账").unwrap();
        file.row(&[]).unwrap();
        file.merge(0, 2, 1, "客户名称").unwrap();
        file.merge(1, 1, 2, "联系人").unwrap();
        file.row(&[]).unwrap();
        file.row(&[Value::Empty, Value::Text("姓名"), Value::Text("电话")])
            .unwrap();
        file.merge(0, 2, 1, "西湖信息").unwrap();
        file.row(&[
            Value::Empty,
            Value::Text("张伟"),
            Value::Text("13812345678"),
        ])
        .unwrap();
        file.hide_row().unwrap();
        file.row(&[
            Value::Empty,
            Value::Text("李娜"),
            Value::Text("13912345678"),
        ])
        .unwrap();
        file.skip_rows(2).unwrap();
        file.row(&[Value::Text("合计"), Value::Empty, Value::Integer(2)])
            .unwrap();
        file.finish().unwrap();

        assert_eq!(
            read(&path, 0).row(0).unwrap().cell(0),
            Cell::Text("填表说明")
        );
        let table = read(&path, 1);
        let guess = guess_header(&table, &|_| false).unwrap();
        assert_eq!((guess.first_row, guess.last_row), (2, 3));
        assert_eq!(guess.names, ["客户名称", "联系人/姓名", "联系人/电话"]);
        assert_eq!(guess.footer_rows, [8]);
        let body = table.fill_down(guess.last_row + 1);
        let second = body.row(body.index_of(5).unwrap()).unwrap();
        assert!(second.hidden());
        assert_eq!(
            (second.cell(0), second.cell(1)),
            (Cell::Text("西湖信息"), Cell::Text("李娜"))
        );
    }
}

#[test]
fn failed_rows_go_out_with_their_reasons_and_come_in_again_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source.csv");
    std::fs::write(&source, "客户名称,电话,金额\n西湖,0571-1,12\n,139,=1\n").unwrap();
    let table = read(&source, 0);
    let header = guess_header(&table, &|_| false).unwrap();

    let failed = folder.path().join("failed.xlsx");
    let mut file = XlsxFile::create(&failed).unwrap();
    let mut columns: Vec<Column> = header
        .names
        .iter()
        .map(|name| Column::new(name).text())
        .collect();
    columns.push(Column::new("原因").red());
    let width = columns.len() - 1;
    file.add_sheet(SheetPlan {
        name: "未导入".into(),
        columns,
        title: None,
        expected_rows: 2,
    })
    .unwrap();
    for row in table.rows().filter(|row| row.number() > header.last_row) {
        let mut values: Vec<Value<'_>> = (0..width)
            .map(|column| Value::from_cell(row.cell(column), row.class(column)))
            .collect();
        values.push(Value::Text("电话格式不正确"));
        file.row(&values).unwrap();
    }
    file.finish().unwrap();

    let again = read(&failed, 0);
    for (before, after) in table.rows().zip(again.rows()).skip(1) {
        for column in 0..width {
            assert_eq!(before.cell(column), after.cell(column));
        }
        assert_eq!(after.cell(width), Cell::Text("电话格式不正确"));
    }
}

#[test]
fn errors_and_formulas_without_a_result_are_still_none_when_the_failed_rows_come_in_again() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source.xls");
    let errors = [
        "#N/A", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!",
    ];
    let strange = "HYPERLINK(&quot;http://x&quot;)";
    let cells: String = errors
        .iter()
        .chain([&strange])
        .map(|error| format!("<Cell><Data ss:Type=\"Error\">{error}</Data></Cell>"))
        .collect();
    let xml = format!(
        "<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?>\
         <Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" \
         xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\"><Worksheet ss:Name=\"客户\"><Table>\
         <Row>{cells}<Cell ss:Formula=\"=B1\"/></Row></Table></Worksheet></Workbook>"
    );
    std::fs::write(&source, xml).unwrap();
    let table = read(&source, 0);
    let row = table.row(0).unwrap();
    assert_eq!(row.cell(8), Cell::FormulaWithoutValue);

    for (expected_rows, text) in [(1, true), (1, false), (60_000, true)] {
        let failed = folder.path().join("failed.xlsx");
        let mut file = XlsxFile::create(&failed).unwrap();
        let column = |at| Column {
            text,
            ..Column::new(format!("列{at}"))
        };
        file.add_sheet(SheetPlan {
            columns: (0..9).map(column).collect(),
            expected_rows,
            ..SheetPlan::default()
        })
        .unwrap();
        let values: Vec<Value<'_>> = (0..9)
            .map(|column| Value::from_cell(row.cell(column), row.class(column)))
            .collect();
        file.row(&values).unwrap();
        file.finish().unwrap();

        let again = read(&failed, 0);
        let again = again.row(1).unwrap();
        for (column, error) in errors.into_iter().chain(["#VALUE!", "#N/A"]).enumerate() {
            assert_eq!(again.cell(column), Cell::Error(error), "column {column}");
        }
        let content = unpacked(&failed, "xl/worksheets/sheet1.xml");
        assert!(!content.contains("HYPERLINK"), "{content}");
    }
}

fn unpacked(path: &Path, part: &str) -> String {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    std::io::read_to_string(zip.by_name(part).unwrap()).unwrap()
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[\\PC&&[^\u{ad}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{2064}\u{feff}]]{0,20}",
        "[ -~]{0,20}",
        "[=+@'\"<>&_x000D\n\t，。　客户]{0,20}",
        "[\u{4e00}-\u{9fff}]{1,10}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_text_survives_a_workbook(rows in prop::collection::vec(prop::collection::vec(text(), 1..6), 1..12), constant in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("any.xlsx");
        let mut file = XlsxFile::create(&path).unwrap();
        file.add_sheet(SheetPlan { expected_rows: if constant { 60_000 } else { 1 }, ..SheetPlan::default() }).unwrap();
        for row in &rows {
            // A mark in front keeps rows of white space from being dropped.
            let mut values = vec![Value::Text("行")];
            values.extend(row.iter().map(|text| Value::Text(text)));
            file.row(&values).unwrap();
        }
        file.finish().unwrap();
        let table = read(&path, 0);
        prop_assert_eq!(table.len(), rows.len());
        for (written, row) in rows.iter().zip(table.rows()) {
            for (text, column) in written.iter().zip(1..) {
                let expected = if text.is_empty() { Cell::Empty } else { Cell::Text(text) };
                prop_assert_eq!(row.cell(column), expected);
            }
        }
    }

    #[test]
    fn any_text_survives_a_csv_file(rows in prop::collection::vec(prop::array::uniform4(text()), 1..12)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("any.csv");
        let mut file = CsvFile::create(&path).unwrap();
        file.row(&["行", "一", "二", "三", "四"].map(Value::Text)).unwrap();
        for row in &rows {
            let mut values = vec![Value::Text("行")];
            values.extend(row.iter().map(|text| Value::Text(text)));
            file.row(&values).unwrap();
        }
        file.finish().unwrap();
        let table = read(&path, 0);
        prop_assert_eq!(table.len(), rows.len() + 1);
        for (written, row) in rows.iter().zip(table.rows().skip(1)) {
            for (text, column) in written.iter().zip(1..) {
                let expected = if text.is_empty() { Cell::Empty } else { Cell::Text(text) };
                prop_assert_eq!(row.cell(column), expected);
            }
        }
    }
}
