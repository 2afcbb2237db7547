//! One cell at a time: what sheets do to values, and what comes of it.

use ketu_model::field::{
    FieldDef, boolean, date, email, instant, long_text, money, number, percent, phone, text, url,
};
use ketu_sheet::datetime_to_serial;

use super::*;
use crate::import::target::Part;

const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 25).unwrap();

fn column(name: &str, field: FieldDef) -> Column {
    let target = Target {
        part: Part::Customer,
        field: field.key.clone(),
    };
    Column::new(0, name, target, field)
}

fn read_as(column: &Column, cell: Cell<'_>, class: NumberClass) -> Reading {
    let lookup = Lookup::default();
    Cells::new(&lookup, TODAY).read(column, cell, class, None)
}

fn read(field: FieldDef, cell: Cell<'_>) -> Reading {
    read_as(&column("x", field), cell, NumberClass::General)
}

fn code(reading: &Reading) -> &str {
    reading.fault.as_ref().map_or("", |fault| fault.code)
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

#[test]
fn dates_are_read_as_serials_as_numbers_and_as_text() {
    let serial = datetime_to_serial(day(2024, 3, 5).and_time(NaiveTime::MIN)).unwrap();
    for cell in [
        Cell::DateTime(serial),
        Cell::DateTime(serial + 0.5),
        Cell::Number(serial),
        Cell::Number(20_240_305.0),
        Cell::Text("2024年3月5日"),
        Cell::Text("2024.3.5"),
        Cell::Text("20240305"),
        Cell::Text("二〇二四年三月五日"),
        Cell::Text("２０２４－０３－０５"),
    ] {
        assert_eq!(
            read(date("d", "日期", "Date"), cell).value,
            Value::Date(day(2024, 3, 5)),
            "{cell:?}"
        );
    }
    assert_eq!(
        code(&read(date("d", "日期", "Date"), Cell::Text("3/5/2024"))),
        "date_ambiguous"
    );
    assert_eq!(
        code(&read(date("d", "日期", "Date"), Cell::Text("下雨"))),
        "date_format"
    );
    assert_eq!(
        code(&read(date("d", "日期", "Date"), Cell::Number(7.0))),
        "date_format"
    );
    assert_eq!(
        read(date("d", "日期", "Date"), Cell::Text("-")),
        Reading::default()
    );
}

#[test]
fn an_instant_without_a_time_gets_the_usual_one() {
    let due = column("下次跟进", instant("due_at", "时间", "Due"));
    let reading = read_as(&due, Cell::Text("2026-12-01"), NumberClass::General);
    assert_eq!(
        reading.value,
        Value::Instant(local_instant(
            day(2026, 12, 1).and_hms_opt(9, 0, 0).unwrap()
        ))
    );
    let reading = read_as(&due, Cell::Text("2026-12-01 14:30"), NumberClass::General);
    assert_eq!(
        reading.value,
        Value::Instant(local_instant(
            day(2026, 12, 1).and_hms_opt(14, 30, 0).unwrap()
        ))
    );
}

#[test]
fn phones_survive_being_numbers_and_lost_zeros_are_put_back() {
    for (cell, canonical) in [
        (Cell::Number(13_812_345_678.0), "13812345678"),
        (Cell::Text("+86 138-1234-5678"), "13812345678"),
        (Cell::Text("１３８１２３４５６７８"), "13812345678"),
        (Cell::Text("0755-26001234转801"), "0755-26001234-801"),
        (Cell::Number(75_526_001_234.0), "0755-26001234"),
    ] {
        assert_eq!(
            read(phone("p", "电话", "Phone"), cell).value,
            Value::text(canonical),
            "{cell:?}"
        );
    }
    assert_eq!(
        code(&read(phone("p", "电话", "Phone"), Cell::Text("1381234567"))),
        "phone_length"
    );
    assert_eq!(
        code(&read(phone("p", "电话", "Phone"), Cell::Text("见名片"))),
        "phone_format"
    );
    assert_eq!(
        read(phone("p", "电话", "Phone"), Cell::Text("无")),
        Reading::default()
    );
}

#[test]
fn the_first_of_several_phones_is_the_field_and_the_rest_is_kept() {
    let reading = read(
        phone("p", "电话", "Phone"),
        Cell::Text("13812345678/0755-26001234、13812345678"),
    );
    assert_eq!(reading.value, Value::text("13812345678"));
    assert_eq!(reading.rest, ["0755-26001234"]);
    let reading = read(email("e", "邮箱", "E-mail"), Cell::Text("A@B.com; c@d.cn"));
    assert_eq!(
        (reading.value, reading.rest),
        (Value::text("A@b.com"), vec!["c@d.cn".to_owned()])
    );
}

#[test]
fn amounts_take_their_unit_from_the_cell_or_from_the_header() {
    let plain = column("金额", money("m", "金额", "Amount"));
    let ten_thousands = column("金额（万元）", money("m", "金额", "Amount"));
    for (column, cell, minor) in [
        (&plain, Cell::Number(1234.5), 123_450),
        (&plain, Cell::Text("￥1,234.50"), 123_450),
        (&plain, Cell::Text("1.2万"), 1_200_000),
        (&plain, Cell::Text("50 万元"), 50_000_000),
        (&plain, Cell::Number(0.1 + 0.2), 30),
        (&ten_thousands, Cell::Number(12.5), 12_500_000),
        (&ten_thousands, Cell::Text("12.5"), 12_500_000),
        (&ten_thousands, Cell::Text("3亿"), 30_000_000_000),
    ] {
        assert_eq!(
            read_as(column, cell, NumberClass::General).value,
            Value::yuan(minor),
            "{} {cell:?}",
            column.name
        );
    }
    let dollars = read_as(&plain, Cell::Text("USD 5,000"), NumberClass::General);
    assert!(
        matches!(dollars.value, Value::Money(money) if money.currency == "USD" && money.minor == 500_000)
    );
    let computed = read_as(&plain, Cell::Number(333.333_333), NumberClass::General);
    assert_eq!(
        (code(&computed), computed.value.clone()),
        ("amount_rounded", Value::yuan(33_333))
    );
    assert!(computed.fault.unwrap().warning);
    assert_eq!(
        code(&read_as(&plain, Cell::Text("面议"), NumberClass::General)),
        "amount_format"
    );
}

#[test]
fn a_unit_of_the_header_holds_for_every_way_of_writing_an_amount() {
    let column = column("金额（单位：万元）", money("m", "金额", "Amount"));
    for (cell, minor, currency) in [
        (Cell::Number(0.12345), 123_450, "CNY"),
        (Cell::Text("0.12345"), 123_450, "CNY"),
        (Cell::Text("HKD 500"), 500_000_000, "HKD"),
        (Cell::Text("800元"), 80_000, "CNY"),
    ] {
        let read = read_as(&column, cell, NumberClass::General);
        assert!(
            matches!(&read.value, Value::Money(money) if money.minor == minor && money.currency == currency),
            "{cell:?}: {read:?}"
        );
    }
}

#[test]
fn words_for_nothing_are_nothing_in_every_kind_of_field() {
    let lookup = Lookup::default();
    let mut cells = Cells::new(&lookup, TODAY);
    for word in ["-", "无", "/", "N/A", "暂无"] {
        for field in [
            text("t", "编号", "Number"),
            long_text("n", "备注", "Note"),
            money("m", "金额", "Amount"),
            percent("p", "赢率", "Probability"),
            date("d", "日期", "Date"),
            phone("c", "电话", "Phone"),
            ketu_model::field::many_reference("tags", "标签", "Tags", "tag"),
            ketu_model::field::choice("c", "行业", "Industry", "customer.industry"),
            ketu_model::field::reference("owner", "负责人", "Owner", "user"),
        ] {
            let column = column("x", field);
            let read = cells.read(&column, Cell::Text(word), NumberClass::General, None);
            assert_eq!(
                read,
                Reading::default(),
                "{word} in {:?}",
                column.field.kind
            );
        }
    }
    assert_eq!(
        read(boolean("b", "关键人", "Key"), Cell::Text("-")),
        Reading::default()
    );
    assert_eq!(
        read(boolean("b", "有合同", "Contract"), Cell::Text("无")).value,
        Value::Bool(false),
        "a word that says no says no"
    );
    let mixed = column(
        "标签",
        ketu_model::field::many_reference("tags", "标签", "Tags", "tag"),
    );
    cells.read(&mixed, Cell::Text("重点/无"), NumberClass::General, None);
    assert_eq!(cells.into_new_names().len(), 1);
}

#[test]
fn a_date_without_a_year_lies_on_the_side_that_its_column_speaks_of() {
    let of = |key: &'static str, today: NaiveDate, text: &str| {
        let column = column("x", instant(key, "时间", "Time"));
        let lookup = Lookup::default();
        let read =
            Cells::new(&lookup, today).read(&column, Cell::Text(text), NumberClass::General, None);
        let date = match read.value {
            Value::Instant(at) => ketu_model::clock::local_date(at),
            _ => panic!("{text} is a date"),
        };
        (date, read.fault.map(|fault| fault.code))
    };
    let january = day(2027, 1, 10);
    assert_eq!(
        of("occurred_at", january, "12月25日"),
        (day(2026, 12, 25), Some("year_guessed"))
    );
    assert_eq!(of("occurred_at", january, "1/8"), (day(2027, 1, 8), None));
    assert_eq!(
        of("occurred_at", january, "2026年12月25日"),
        (day(2026, 12, 25), None)
    );
    assert_eq!(
        of("due_at", day(2026, 12, 20), "1月5日"),
        (day(2027, 1, 5), Some("year_guessed"))
    );
    assert_eq!(
        of("due_at", TODAY, "11-20"),
        (day(2026, 11, 20), None),
        "overdue"
    );
}

#[test]
fn headers_name_units_only_where_they_are_marked_as_units() {
    for (header, zeros) in [
        ("金额", 0),
        ("金额(万)", 4),
        ("金额（万元）", 4),
        ("采购额/万元", 4),
        ("年销售额(亿)", 8),
        ("万科项目金额", 0),
        ("预算（千元）", 3),
        ("金额（单位：万元）", 4),
        ("合同额(万元/年)", 4),
        ("金额(万元)含税", 4),
        ("金额（人民币 万元，含税）", 4),
        ("单价（元）", 0),
        ("金额（万达广场）", 0),
        ("预算(千)", 3),
    ] {
        assert_eq!(zeros_of(header), zeros, "{header}");
    }
}

#[test]
fn percentages_are_points_whether_cell_or_text_says_so() {
    let field = || percent("p", "赢率", "Probability").range(0.0, 100.0);
    assert_eq!(
        read_as(
            &column("x", field()),
            Cell::Number(0.13),
            NumberClass::Percent
        )
        .value,
        Value::Number(13.0)
    );
    for (cell, points) in [
        (Cell::Number(0.13), 13.0),
        (Cell::Number(60.0), 60.0),
        (Cell::Text("１３％"), 13.0),
        (Cell::Text("75"), 75.0),
        (Cell::Text("0.3"), 30.0),
        (Cell::Text("0.5%"), 0.5),
    ] {
        assert_eq!(read(field(), cell).value, Value::Number(points), "{cell:?}");
    }
    assert_eq!(code(&read(field(), Cell::Number(130.0))), "range");
    assert_eq!(
        read_as(
            &column("x", number("n", "数", "N")),
            Cell::Number(0.57),
            NumberClass::Percent
        )
        .value,
        Value::Number(57.0)
    );
}

#[test]
fn what_the_file_has_lost_is_an_error_and_never_guessed() {
    let uscc = || {
        text("uscc", "信用代码", "USCC")
            .format(ketu_model::field::Format::Uscc)
            .max_length(18)
    };
    assert_eq!(
        code(&read(uscc(), Cell::Number(4.403_011_990_010_113e17))),
        "precision_lost"
    );
    assert_eq!(
        code(&read(uscc(), Cell::Text("91350100M000100Y4A"))),
        "uscc_checksum"
    );
    assert_eq!(
        read(uscc(), Cell::Text(" 91350100m000100y43 ")).value,
        Value::text("91350100M000100Y43")
    );
    let old = read(uscc(), Cell::Text("440301103123456"));
    assert_eq!(
        (code(&old), old.value.as_text()),
        ("uscc_legacy", Some("440301103123456"))
    );
    assert_eq!(
        code(&read(text("t", "名称", "Name"), Cell::FormulaWithoutValue)),
        "formula_without_value"
    );
    assert_eq!(
        code(&read(text("t", "名称", "Name"), Cell::Text("#N/A "))),
        "cell_error"
    );
    let error = read(text("t", "名称", "Name"), Cell::Error("#N/A"))
        .fault
        .unwrap();
    assert_eq!(
        (error.code, error.params),
        ("cell_error", vec![("value", "#N/A".to_owned())])
    );
    let long = read(
        text("t", "名称", "Name").max_length(5),
        Cell::Text("一二三四五六"),
    )
    .fault
    .unwrap();
    assert_eq!(
        (long.code, long.params),
        ("too_long", vec![("max", "5".to_owned())])
    );
}

#[test]
fn text_loses_hidden_characters_and_keeps_what_a_number_was() {
    let name = || text("t", "名称", "Name");
    assert_eq!(
        read(name(), Cell::Text("\u{feff}华科\u{200b}技术\u{a0}")).value,
        Value::text("华科技术")
    );
    assert_eq!(
        read(name(), Cell::Number(518_000.0)).value,
        Value::text("518000")
    );
    assert_eq!(read(name(), Cell::Text("0755")).value, Value::text("0755"));
    assert_eq!(read(name(), Cell::Bool(true)).value, Value::text("是"));
    assert_eq!(
        read(name(), Cell::Text(" \u{200b}\u{3000}")),
        Reading::default()
    );
    assert_eq!(
        read(long_text("n", "备注", "Note"), Cell::Text("一_x000D_\n二 ")).value,
        Value::text("一\n二")
    );
    assert_eq!(
        read(url("u", "网址", "Web"), Cell::Text("WWW.Example.com")).value,
        Value::text("http://www.example.com")
    );
}

#[test]
fn ticks_and_words_are_booleans() {
    for (cell, expected) in [
        (Cell::Bool(true), true),
        (Cell::Number(0.0), false),
        (Cell::Text("√"), true),
        (Cell::Text("否"), false),
    ] {
        assert_eq!(
            read(boolean("b", "关键人", "Key"), cell).value,
            Value::Bool(expected)
        );
    }
    assert_eq!(
        code(&read(boolean("b", "关键人", "Key"), Cell::Text("也许"))),
        "boolean_format"
    );
}

#[test]
fn regions_are_found_by_text_and_an_unknown_user_is_only_a_warning() {
    let lookup = Lookup::default();
    let mut cells = Cells::new(&lookup, TODAY);
    assert_eq!(
        cells.region("广东省深圳市南山区").value,
        Value::text("440305")
    );
    assert_eq!(cells.region("深圳").value, Value::text("440300"));
    assert_eq!(code(&cells.region("中土世界")), "region_unknown");
    let owner = column(
        "业务员",
        ketu_model::field::reference("owner", "负责人", "Owner", "user"),
    );
    let reading = cells.read(&owner, Cell::Text("赵六"), NumberClass::General, None);
    assert!(reading.value.is_null() && reading.fault.unwrap().warning);
}

#[test]
fn tags_are_split_at_every_mark_and_new_ones_are_noted_once() {
    let lookup = Lookup::default();
    let mut cells = Cells::new(&lookup, TODAY);
    let tags = column(
        "标签",
        ketu_model::field::many_reference("tags", "标签", "Tags", "tag"),
    );
    let first = cells.read(
        &tags,
        Cell::Text("重点、展会,VIP; 老客户"),
        NumberClass::General,
        None,
    );
    assert!(matches!(&first.value, Value::Ids(ids) if ids.len() == 4));
    assert_eq!(first.new.len(), 4);
    let second = cells.read(&tags, Cell::Text("vip"), NumberClass::General, None);
    assert_eq!(second.new.len(), 1);
    assert_eq!(cells.into_new_names().len(), 4);
}
