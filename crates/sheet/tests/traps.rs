//! What real spreadsheets do to importers: one trap a test, on files made here byte by byte
//! where a writer of ours would never make them. All are read through the reading process.

#![allow(clippy::unwrap_used)]

mod support;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use encoding_rs::{GB18030, UTF_16LE};
use ketu_sheet::{Cell, Kind, LeftOut, MAX_COLUMNS, Merge, NumberClass, SheetError, Table};
use support::{Files, reader};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

impl Files {
    /// A workbook of one sheet; `rows` is what stands in `sheetData`.
    fn xlsx(&self, rows: &str) -> PathBuf {
        self.put("book.xlsx", &Book::new(rows).bytes())
    }
}

/// The parts of a workbook, each replaceable.
struct Book {
    rows: String,
    behind: String,
    workbook: String,
    styles: String,
    strings: String,
}

impl Book {
    fn new(rows: &str) -> Self {
        Self {
            rows: rows.into(),
            behind: String::new(),
            workbook: String::new(),
            styles: r#"<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="49"/><xf numFmtId="10"/><xf numFmtId="44"/>"#.into(),
            strings: String::new(),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let package = "http://schemas.openxmlformats.org/package/2006";
        let parts = [
            (
                "[Content_Types].xml",
                format!(
                    r#"<Types xmlns="{package}/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#
                ),
            ),
            (
                "_rels/.rels",
                format!(
                    r#"<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!(
                    r#"<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
                ),
            ),
            (
                "xl/workbook.xml",
                format!(
                    r#"<workbook xmlns="{main}" xmlns:r="{relations}">{}<sheets><sheet name="客户" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
                    self.workbook
                ),
            ),
            (
                "xl/styles.xml",
                format!(
                    r#"<styleSheet xmlns="{main}"><cellXfs>{}</cellXfs></styleSheet>"#,
                    self.styles
                ),
            ),
            (
                "xl/sharedStrings.xml",
                format!(r#"<sst xmlns="{main}">{}</sst>"#, self.strings),
            ),
            (
                "xl/worksheets/sheet1.xml",
                format!(
                    r#"<worksheet xmlns="{main}"><sheetData>{}</sheetData>{}</worksheet>"#,
                    self.rows, self.behind
                ),
            ),
        ];
        zip(
            parts
                .iter()
                .map(|(name, content)| (*name, content.as_bytes())),
            CompressionMethod::Deflated,
        )
    }
}

fn zip<'a>(
    parts: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    method: CompressionMethod,
) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn read(path: &Path) -> Table {
    try_read(path).unwrap()
}

fn try_read(path: &Path) -> Result<Table, SheetError> {
    reader().read(path, 0, &AtomicBool::new(false), &mut |_, _| {})
}

fn code(path: &Path) -> &'static str {
    try_read(path).unwrap_err().code()
}

fn texts(table: &Table) -> Vec<Vec<String>> {
    let text = |cell: Cell<'_>| match cell {
        Cell::Text(text) => text.to_owned(),
        cell => format!("{cell:?}"),
    };
    table
        .rows()
        .map(|row| row.cells().map(text).collect())
        .collect()
}

#[test]
fn one_cell_in_the_last_corner_is_counted_and_costs_nothing() {
    let files = Files::new();
    let table = read(&files.xlsx(
        r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>"#,
    ));
    assert_eq!(
        (table.len(), table.width(), table.clipped_cells()),
        (1, 1, 1)
    );
    let corner = LeftOut {
        rows: 0,
        columns: 16_384 - MAX_COLUMNS as u64,
        cells: 1,
    };
    assert_eq!(table.left_out(), corner);
    let table = read(&files.xlsx(r#"<row r="1048576"><c r="B1048576"><v>2</v></c></row>"#));
    let row = table.row(0).unwrap();
    assert_eq!(
        (row.number(), row.cell(0), row.cell(1)),
        (1_048_576, Cell::Empty, Cell::Number(2.0))
    );
}

#[test]
fn blank_and_whitespace_rows_are_dropped_and_row_numbers_stay_those_of_the_file() {
    let files = Files::new();
    let table = read(&files.xlsx(
        r#"<row r="2"><c r="A2" t="inlineStr"><is><t>甲</t></is></c></row>
           <row r="3"><c r="A3" s="1"/></row>
           <row r="4"><c r="A4" t="inlineStr"><is><t xml:space="preserve"> &#x3000;&#xA0;&#x200B;</t></is></c></row>
           <row r="9"><c r="B9" t="inlineStr"><is><t>乙</t></is></c></row>"#,
    ));
    assert_eq!(
        table.rows().map(|row| row.number()).collect::<Vec<_>>(),
        [2, 9]
    );
    assert_eq!(table.index_of(9), Ok(1));
}

#[test]
fn a_formula_whose_result_was_not_stored_is_told_from_an_empty_cell_and_an_empty_result() {
    let files = Files::new();
    let table = read(&files.xlsx(
        r#"<row r="1"><c r="A1"><f>B1&amp;"x"</f><v></v></c><c r="B1"/><c r="C1"><f>1+1</f><v>2</v></c>
           <c r="D1" t="str"><f>""</f><v></v></c><c r="E1"><f t="shared" si="0"/></c></row>"#,
    ));
    let row = table.row(0).unwrap();
    let cells: Vec<Cell<'_>> = row.cells().collect();
    assert_eq!(
        cells,
        [
            Cell::FormulaWithoutValue,
            Cell::Empty,
            Cell::Number(2.0),
            Cell::Empty,
            Cell::FormulaWithoutValue
        ]
    );
}

#[test]
fn numbers_keep_what_their_format_tells_and_dates_of_both_epochs_agree() {
    let files = Files::new();
    let rows = r#"<row r="1"><c r="A1" s="1"><v>45356</v></c><c r="B1"><v>45356</v></c><c r="C1"><v>13812345678</v></c>
        <c r="D1" s="3"><v>0.13</v></c><c r="E1" s="4"><v>1234.5</v></c><c r="F1" s="2"><v>755</v></c>
        <c r="G1" t="b"><v>1</v></c><c r="H1" t="e"><v>#N/A</v></c><c r="I1" t="d"><v>2024-03-05</v></c></row>"#;
    let table = read(&files.xlsx(rows));
    let row = table.row(0).unwrap();
    let expected = [
        (Cell::DateTime(45356.0), NumberClass::Date),
        (Cell::Number(45356.0), NumberClass::General),
        (Cell::Number(13_812_345_678.0), NumberClass::General),
        (Cell::Number(0.13), NumberClass::Percent),
        (Cell::Number(1234.5), NumberClass::Currency),
        (Cell::Number(755.0), NumberClass::Text),
        (Cell::Bool(true), NumberClass::General),
        (Cell::Error("#N/A"), NumberClass::General),
        (Cell::DateTime(45356.0), NumberClass::Date),
    ];
    for (column, (cell, class)) in expected.into_iter().enumerate() {
        assert_eq!(
            (row.cell(column), row.class(column)),
            (cell, class),
            "column {column}"
        );
    }
    let mut book = Book::new(r#"<row r="1"><c r="A1" s="1"><v>43894</v></c></row>"#);
    book.workbook = r#"<workbookPr date1904="1"/>"#.into();
    let table = read(&files.put("mac.xlsx", &book.bytes()));
    assert_eq!(table.row(0).unwrap().cell(0), Cell::DateTime(45356.0));
    assert_eq!(
        table
            .row(0)
            .unwrap()
            .cell(0)
            .datetime()
            .unwrap()
            .to_string(),
        "2024-03-05 00:00:00"
    );
}

#[test]
fn filtered_rows_are_flagged_and_merged_ranges_listed() {
    let files = Files::new();
    let mut book = Book::new(
        r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="2" hidden="1"><c r="A2"><v>2</v></c></row><row><c><v>3</v></c></row>"#,
    );
    book.behind = r#"<mergeCells count="1"><mergeCell ref="A1:C2"/></mergeCells>"#.into();
    let table = read(&files.put("filtered.xlsx", &book.bytes()));
    let rows: Vec<(u32, bool)> = table
        .rows()
        .map(|row| (row.number(), row.hidden()))
        .collect();
    assert_eq!(rows, [(1, false), (2, true), (3, false)]);
    let merge = Merge {
        first_row: 1,
        first_column: 0,
        last_row: 2,
        last_column: 2,
    };
    assert_eq!(table.merges(), [merge]);
}

#[test]
fn the_content_decides_not_the_name() {
    let files = Files::new();
    let book = Book::new(r#"<row r="1"><c r="A1"><v>1</v></c></row>"#).bytes();
    let path = files.put("export.xls", &book);
    assert_eq!(reader().inspect(&path).unwrap().kind, Kind::Xlsx);
    assert_eq!(read(&path).len(), 1);

    let csv = "编号,客户\n1,甲";
    let workbook = reader()
        .inspect(&files.put("named.xlsx", csv.as_bytes()))
        .unwrap();
    assert_eq!(
        (workbook.kind, workbook.encoding.as_deref()),
        (Kind::Csv, Some("UTF-8"))
    );
    assert_eq!(workbook.sheets[0].name, "");
}

#[test]
fn text_files_are_read_in_the_encodings_that_people_have() {
    let files = Files::new();
    let text = "客户名称,联系人,电话\r\n杭州西湖信息有限公司,张伟,05718888\r\n\"上海,贸易\",\"第一行\n第二行\",'=1+1\r\n\r\n深圳,\"他说\"\"好\"\"\",=\"0755\"";
    let utf16: Vec<u8> = format!("\u{feff}{text}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let expected = [
        vec!["客户名称", "联系人", "电话"],
        vec!["杭州西湖信息有限公司", "张伟", "05718888"],
        vec!["上海,贸易", "第一行\n第二行", "=1+1"],
        vec!["深圳", "他说\"好\"", "0755"],
    ];
    for (encoding, bytes) in [
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-8", format!("\u{feff}{text}").into_bytes()),
        (GB18030.name(), GB18030.encode(text).0.into_owned()),
        (UTF_16LE.name(), utf16),
    ] {
        let path = files.put("clients.csv", &bytes);
        assert_eq!(
            reader().inspect(&path).unwrap().encoding.as_deref(),
            Some(encoding)
        );
        let table = read(&path);
        assert_eq!(texts(&table), expected, "{encoding}");
        let numbers: Vec<u32> = table.rows().map(|row| row.number()).collect();
        assert_eq!(
            numbers,
            [1, 2, 3, 5],
            "a row of the file for each record and each blank line"
        );
    }
}

#[test]
fn the_delimiter_is_found_or_taken_from_excels_own_first_line() {
    let files = Files::new();
    for (name, content) in [
        ("tab", "编号\t地址\n1\t杭州,西湖\n2\t上海,浦东"),
        ("semicolon", "编号;地址\n1;杭州,西湖\n2;上海,浦东"),
        ("bar", "编号|地址\n1|杭州,西湖\n2|上海,浦东"),
        ("declared", "sep=;\n编号;地址\n1;杭州,西湖\n2;上海,浦东"),
        ("comma", "编号,地址\n1,\"杭州,西湖\"\n2,\"上海,浦东\""),
    ] {
        let table = read(&files.put(name, content.as_bytes()));
        assert_eq!(
            texts(&table),
            [["编号", "地址"], ["1", "杭州,西湖"], ["2", "上海,浦东"]],
            "{name}"
        );
    }
}

#[test]
fn an_html_table_named_xls_is_read_with_its_spans_and_its_charset() {
    let files = Files::new();
    let html = "<html><head><meta http-equiv=Content-Type content='text/html; charset=gb2312'><style>td{a:b}</style></head><body>\
        <!-- <td>no</td> --><table border=1><tr><th colspan=2>客户&amp;联系人</th><th>金额</th></tr>\
        <tr><td rowspan='2'>西湖<br>信息</td><td>张伟<td x:num=\"1234.5\">1,234.50</tr>\
        <tr><td style='mso-number-format:\"\\@\"' x:num>0755</td><td>&nbsp;</td></tr><TR><TD>a &lt; b &#20013;</TD></TR></table></body></html>";
    let path = files.put("erp.xls", &GB18030.encode(html).0);
    assert_eq!(reader().inspect(&path).unwrap().kind, Kind::Html);
    let table = read(&path);
    let rows: Vec<Vec<Cell<'_>>> = table.rows().map(|row| row.cells().collect()).collect();
    assert_eq!(
        rows[0],
        [Cell::Text("客户&联系人"), Cell::Empty, Cell::Text("金额")]
    );
    assert_eq!(
        rows[1],
        [
            Cell::Text("西湖\n信息"),
            Cell::Text("张伟"),
            Cell::Number(1234.5)
        ]
    );
    assert_eq!(rows[2][..2], [Cell::Empty, Cell::Text("0755")]);
    assert_eq!(rows[3], [Cell::Text("a < b 中")]);
    assert_eq!(table.merges().len(), 2);
}

#[test]
fn the_xml_of_excel_2003_is_read_and_a_document_type_in_it_refused() {
    let files = Files::new();
    let xml = r#"<?xml version="1.0" encoding="gb2312"?><?mso-application progid="Excel.Sheet"?>
        <Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
        <Styles><Style ss:ID="p"><NumberFormat ss:Format="Percent"/></Style></Styles>
        <Worksheet ss:Name="一"><Table><Row><Cell><Data ss:Type="String">other</Data></Cell></Row></Table></Worksheet>
        <Worksheet ss:Name="二"><Table>
          <Row ss:Index="3"><Cell ss:MergeAcross="1"><Data ss:Type="String">客户 &amp; 友</Data></Cell><Cell ss:StyleID="p"><Data ss:Type="Number">0.5</Data></Cell></Row>
          <Row ss:Hidden="1"><Cell ss:Index="2"><Data ss:Type="DateTime">2024-03-05T00:00:00.000</Data></Cell><Cell ss:Formula="=1"/></Row>
        </Table><WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet></Workbook>"#;
    let path = files.put("old.xls", &GB18030.encode(xml).0);
    let workbook = reader().inspect(&path).unwrap();
    let sheets: Vec<(&str, bool)> = workbook
        .sheets
        .iter()
        .map(|sheet| (sheet.name.as_str(), sheet.visible))
        .collect();
    assert_eq!(
        (workbook.kind, sheets),
        (Kind::SpreadsheetXml, vec![("一", true), ("二", false)])
    );
    let table = reader()
        .read(&path, 1, &AtomicBool::new(false), &mut |_, _| {})
        .unwrap();
    let rows: Vec<Vec<Cell<'_>>> = table.rows().map(|row| row.cells().collect()).collect();
    assert_eq!(
        rows[0],
        [Cell::Text("客户 & 友"), Cell::Empty, Cell::Number(0.5)]
    );
    assert_eq!(
        rows[1],
        [
            Cell::Empty,
            Cell::DateTime(45356.0),
            Cell::FormulaWithoutValue
        ]
    );
    assert_eq!(table.row(0).unwrap().class(2), NumberClass::Percent);
    assert_eq!(
        (
            table.row(0).unwrap().number(),
            table.row(1).unwrap().hidden()
        ),
        (3, true)
    );
    let missing = reader().read(&path, 7, &AtomicBool::new(false), &mut |_, _| {});
    assert_eq!(missing.unwrap_err().code(), "sheet_not_found");

    let with_type = xml.replace("<Workbook", "<!DOCTYPE x [<!ENTITY a \"b\">]><Workbook");
    assert_eq!(
        code(&files.put("entity.xls", with_type.as_bytes())),
        "damaged"
    );
}

#[test]
fn bombs_are_refused_before_they_are_unpacked() {
    let files = Files::new();
    let mut book = Book::new("");
    book.rows = " ".repeat(40 * 1024 * 1024);
    assert_eq!(code(&files.put("ratio.xlsx", &book.bytes())), "zip_bomb");

    let names: Vec<String> = (0..2_001).map(|at| format!("part{at}")).collect();
    let many = zip(
        names.iter().map(|name| (name.as_str(), &b""[..])),
        CompressionMethod::Stored,
    );
    assert_eq!(code(&files.put("many.xlsx", &many)), "zip_bomb");
}

#[test]
fn damaged_files_say_so_and_name_the_last_good_row() {
    let files = Files::new();
    let whole = Book::new(r#"<row r="1"><c r="A1"><v>1</v></c></row>"#).bytes();
    assert_eq!(
        code(&files.put("cut.xlsx", &whole[..whole.len() - 40])),
        "damaged"
    );
    let broken = try_read(&files.xlsx(
        r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c><c r="B2" t="s"><v>99</v></c></row>"#,
    ));
    assert_eq!(
        broken.unwrap_err().params(),
        serde_json::json!({ "row": 1 })
    );
    let word = zip(
        [
            ("[Content_Types].xml", &b"<Types/>"[..]),
            ("word/document.xml", b"<w/>"),
        ],
        CompressionMethod::Stored,
    );
    assert_eq!(code(&files.put("letter.xlsx", &word)), "not_a_spreadsheet");
    assert_eq!(code(files.folder()), "not_a_spreadsheet");
    assert_eq!(code(&files.folder().join("missing.xlsx")), "io");
}

#[test]
fn rows_out_of_order_and_cells_out_of_order_come_back_in_order() {
    let files = Files::new();
    let table = read(&files.xlsx(
        r#"<row r="3"><c r="B3"><v>32</v></c><c r="A3"><v>31</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>"#,
    ));
    let rows: Vec<(u32, Vec<Cell<'_>>)> = table
        .rows()
        .map(|row| (row.number(), row.cells().collect()))
        .collect();
    assert_eq!(rows[0], (1, vec![Cell::Number(1.0)]));
    assert_eq!(rows[1], (3, vec![Cell::Number(31.0), Cell::Number(32.0)]));
}

#[test]
fn a_preview_takes_the_first_rows_only_and_needs_no_more_strings_than_they_use() {
    let files = Files::new();
    let mut rows = String::new();
    let mut book = Book::new("");
    for row in 0..30_000 {
        rows.push_str(&format!(
            r#"<row r="{0}"><c r="A{0}" t="s"><v>{row}</v></c></row>"#,
            row + 1
        ));
        book.strings.push_str(&format!(
            "<si><t>客户{row}有限责任公司，备注很长很长很长</t></si>"
        ));
    }
    // The last row wanted points far back: the short list of strings is not enough.
    let far = rows.replacen("<v>51</v>", "<v>29999</v>", 1);
    book.rows = rows;
    for (name, path) in [
        ("near", files.put("near.xlsx", &book.bytes())),
        (
            "far",
            files.put("far.xlsx", &Book { rows: far, ..book }.bytes()),
        ),
    ] {
        let table = reader().preview(&path, 0, 50).unwrap();
        assert_eq!((table.len(), table.is_complete()), (50, false), "{name}");
        let last = table.row(49).unwrap();
        assert_eq!(
            last.cell(0),
            Cell::Text("客户49有限责任公司，备注很长很长很长")
        );
        assert_eq!(read(&path).len(), 30_000);
    }
    let small = files.xlsx(r#"<row r="1"><c r="A1"><v>1</v></c></row>"#);
    assert!(reader().preview(&small, 0, 1).unwrap().is_complete());
}
