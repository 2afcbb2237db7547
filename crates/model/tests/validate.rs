//! What a field takes, in which form it is kept, and with which code it refuses.

#![allow(clippy::unwrap_used)]

use ketu_model::field::{
    Format, boolean, choice, date, email, instant, label, long_text, many_reference, money, number,
    percent, phone, reference, region, text, url,
};
use ketu_model::validate::{INSTANTS, check_record, check_value};
use ketu_model::{Catalog, FieldDef, FieldType, Fields, Money, Value};
use uuid::Uuid;

fn kept(field: &FieldDef, value: impl Into<Value>) -> Value {
    check_value(field, value.into()).unwrap()
}

fn code(field: &FieldDef, value: impl Into<Value>) -> &'static str {
    check_value(field, value.into()).unwrap_err().code
}

#[test]
fn text_loses_what_nobody_sees_and_nothing_but_that_is_nothing() {
    let name = text("name", "名称", "Name").max_length(4);
    assert_eq!(
        kept(&name, "\u{feff} 华科\u{a0}\u{3000}技 "),
        Value::text("华科 技")
    );
    for empty in ["", " \t", "\u{200b}"] {
        assert_eq!(kept(&name, empty), Value::Null, "{empty:?}");
    }
    let refused = check_value(&name, "华科技术部".into()).unwrap_err();
    assert_eq!(
        (refused.code, refused.params["max"].as_str()),
        ("too_long", "4"),
        "characters, not bytes"
    );
    assert_eq!(
        kept(&long_text("note", "备注", "Note"), "一\r\n 二 \n"),
        Value::text("一\n二")
    );
}

#[test]
fn numbers_keep_their_range_and_are_finite() {
    let rate = percent("rate", "赢率", "Rate").range(0.0, 100.0);
    assert_eq!(kept(&rate, 0.0), Value::Number(0.0));
    assert_eq!(kept(&rate, 100.0), Value::Number(100.0));
    let refused = check_value(&rate, Value::Number(100.5)).unwrap_err();
    assert_eq!((refused.code, refused.params.len()), ("range", 2));
    let budget = money("budget", "预算", "Budget").range(0.0, 100.0);
    assert_eq!(
        check_value(&budget, Value::yuan(10_000)).unwrap(),
        Value::yuan(10_000)
    );
    assert_eq!(code(&budget, Value::yuan(10_001)), "range");
    for broken in [f64::NAN, f64::INFINITY] {
        assert_eq!(code(&number("n", "数", "N"), broken), "wrong_type");
    }
}

#[test]
fn instants_are_within_four_centuries() {
    let at = instant("at", "时间", "At");
    for edge in [*INSTANTS.start(), *INSTANTS.end(), 0] {
        assert_eq!(kept(&at, Value::Instant(edge)), Value::Instant(edge));
    }
    for beyond in [INSTANTS.start() - 1, INSTANTS.end() + 1, i64::MAX, i64::MIN] {
        assert_eq!(code(&at, Value::Instant(beyond)), "range");
    }
}

#[test]
fn formats_refuse_with_codes_of_their_own() {
    let uscc = text("uscc", "代码", "Code").format(Format::Uscc);
    assert_eq!(
        kept(&uscc, " 91350100m000100y43 "),
        Value::text("91350100M000100Y43")
    );
    assert!(code(&uscc, "91350100M000100Y44").starts_with("uscc"));
    let currency = text("currency", "币种", "Currency").format(Format::Currency);
    assert_eq!(kept(&currency, "CNY"), Value::text("CNY"));
    assert_eq!(code(&currency, "元"), "currency");
    assert!(code(&phone("p", "电话", "Phone"), "12").starts_with("phone"));
    assert!(code(&email("e", "邮箱", "E-mail"), "wang@").starts_with("email"));
    assert!(code(&url("u", "网址", "URL"), "java script:").starts_with("url"));
    assert_eq!(
        code(&region("r", "地区", "Region"), "999999"),
        "unknown_region"
    );
    let amount = |currency: &str| {
        Value::Money(Money {
            minor: 1,
            currency: currency.to_owned(),
        })
    };
    assert_eq!(
        kept(&money("m", "金额", "Amount"), amount("USD")),
        amount("USD")
    );
    for wrong in ["", "usd", "￥", "USDX"] {
        assert_eq!(
            code(&money("m", "金额", "Amount"), amount(wrong)),
            "currency",
            "{wrong}"
        );
    }
}

#[test]
fn a_value_of_another_type_is_refused_and_nothing_is_taken_by_every_type() {
    let id = Uuid::from_u128(7);
    let today: chrono::NaiveDate = "2026-09-21".parse().unwrap();
    let fields = [
        (text("f", "甲", "F"), Value::text("x")),
        (number("f", "甲", "F"), Value::Number(1.0)),
        (money("f", "甲", "F"), Value::yuan(1)),
        (date("f", "甲", "F"), Value::Date(today)),
        (instant("f", "甲", "F"), Value::Instant(1)),
        (boolean("f", "甲", "F"), Value::Bool(true)),
        (choice("f", "甲", "F", "list"), Value::Id(id)),
        (many_reference("f", "甲", "F", "tag"), Value::ids([id])),
    ];
    for (field, own) in &fields {
        assert_eq!(kept(field, Value::Null), Value::Null);
        assert_eq!(&kept(field, own.clone()), own);
        for (other, value) in &fields {
            if other.kind != field.kind {
                assert_eq!(
                    code(field, value.clone()),
                    "wrong_type",
                    "{:?} took {value:?}",
                    field.kind
                );
            }
        }
    }
    let list = FieldDef::new(
        "f",
        label("甲", "F"),
        FieldType::MultiChoice {
            list: "list".into(),
        },
    );
    assert_eq!(kept(&list, Value::Ids(vec![])), Value::Null);
    let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
    assert_eq!(
        kept(&list, Value::Ids(vec![b, a, b])),
        Value::Ids(vec![a, b]),
        "a set has one order"
    );
    assert_eq!(kept(&reference("f", "甲", "F", "tag"), id), Value::Id(id));
}

#[test]
fn a_record_names_every_field_that_it_needs_and_lacks() {
    let catalog = Catalog::core();
    let missing: Vec<_> = check_record(catalog.entity("interaction").unwrap(), &Fields::new())
        .into_iter()
        .map(|error| (error.field.into_owned(), error.code))
        .collect();
    let expected =
        ["kind", "occurred_at", "customer", "summary"].map(|field| (field.to_owned(), "required"));
    assert_eq!(missing, expected);
}

#[test]
fn what_a_field_keeps_it_keeps_as_it_is_the_next_time() {
    let texts = [
        "　１３８１２３４５６７８",
        "+86 755-2600 1234",
        "Wang@Example.COM",
        "www.example.com",
        "a\u{200b}b",
        "é",
    ];
    let fields = [
        text("f", "甲", "F"),
        long_text("f", "甲", "F"),
        phone("f", "甲", "F"),
        email("f", "甲", "F"),
        url("f", "甲", "F"),
    ];
    for field in fields {
        for value in texts
            .iter()
            .filter_map(|text| check_value(&field, (*text).into()).ok())
        {
            assert_eq!(
                check_value(&field, value.clone()),
                Ok(value.clone()),
                "{:?}",
                field.kind
            );
            assert_eq!(Value::from_json(&field.kind, &value.to_json()), Some(value));
        }
    }
}
