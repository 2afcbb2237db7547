//! Lists: order, custom fields, sums, paging, and what a filter refuses.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;

use ketu_model::catalog::shipped::{shipped_option, shipped_stage};
use ketu_model::ids::option_id;
use ketu_model::query::Test;
use ketu_model::{Money, RecordId, Value};
use ketu_store::{Select, StoreError};
use serde_json::{Value as Json, json};
use support::{
    HOUR, Laptop, NOW, codes, condition, contact, customer, opportunity, option, own_field,
};
use uuid::Uuid;

#[test]
fn chinese_names_sort_by_pinyin_among_latin_ones_and_digits_first() {
    let laptop = Laptop::new();
    for name in [
        "张三科技",
        "阿里云谷",
        "Abb",
        "百度园",
        "3M中国",
        "李雷商贸",
        "ａ公司",
    ] {
        laptop.add(customer(name));
    }
    let ascending = laptop.names(&Select::all("customer").sort("name", false));
    assert_eq!(
        ascending,
        [
            "3M中国",
            "阿里云谷",
            "Abb",
            "ａ公司",
            "百度园",
            "李雷商贸",
            "张三科技"
        ]
    );
    let mut descending = laptop.names(&Select::all("customer").sort("name", true));
    descending.reverse();
    assert_eq!(ascending, descending);
}

#[test]
fn choices_sort_by_the_place_of_their_option_and_stages_by_the_pipeline() {
    let laptop = Laptop::new();
    for (name, level) in [
        ("丙", "C 普通"),
        ("甲", "A 重点"),
        ("丁", "D 一般"),
        ("乙", "B 重要"),
    ] {
        laptop.add(customer(name).level(level));
    }
    assert_eq!(
        laptop.names(&Select::all("customer").sort("level", false)),
        ["甲", "乙", "丙", "丁"]
    );
    laptop.set(
        "option",
        shipped_option("customer.level", "A 重点"),
        "position",
        9.0,
    );
    assert_eq!(
        laptop.names(&Select::all("customer").sort("level", false)),
        ["乙", "丙", "丁", "甲"]
    );

    let field = laptop
        .add(own_field("customer", "季节", "choice"))
        .to_string();
    let list = format!("custom.{field}");
    for (place, name) in ["春", "夏", "秋", "冬"].iter().enumerate() {
        laptop
            .write(|door| option(&list, name, place as f64).add(door))
            .unwrap();
    }
    for (record, season) in laptop
        .list(&Select::all("customer").sort("name", false))
        .iter()
        .zip(["秋", "冬", "春", "夏"])
    {
        let key = field.clone();
        let patch = ketu_model::Fields::new().with(key, option_id(&list, season));
        laptop
            .write(|door| door.update("customer", record.id, patch))
            .unwrap();
    }
    // 丙 丁 甲 乙 by pinyin (bing, ding, jia, yi) got 秋 冬 春 夏.
    assert_eq!(
        laptop.names(&Select::all("customer").sort(&field, false)),
        ["甲", "乙", "丙", "丁"]
    );

    let company = laptop.list(&Select::all("customer"))[0].id;
    for (name, stage) in [
        ("第三", "negotiation"),
        ("第一", "needs"),
        ("第二", "proposal"),
    ] {
        laptop.add(opportunity(name, company).with("stage", shipped_stage("project", stage)));
    }
    assert_eq!(
        laptop.names(&Select::all("opportunity").sort("stage", false)),
        ["第一", "第二", "第三"]
    );
}

#[test]
fn empty_values_come_last_in_either_direction_and_equal_ones_keep_one_order() {
    let laptop = Laptop::new();
    for (name, worth) in [
        ("空一", None),
        ("多", Some(500)),
        ("少", Some(-3)),
        ("空二", None),
        ("又多", Some(500)),
    ] {
        let draft = customer(name);
        laptop.add(if let Some(minor) = worth {
            draft.worth(minor)
        } else {
            draft
        });
    }
    assert_eq!(
        laptop.names(&Select::all("customer").sort("annual_value", false)),
        ["少", "多", "又多", "空一", "空二"]
    );
    assert_eq!(
        laptop.names(&Select::all("customer").sort("annual_value", true)),
        ["又多", "多", "少", "空二", "空一"]
    );
    assert_eq!(
        laptop.names(&Select::all("customer")),
        ["又多", "空二", "少", "多", "空一"],
        "newest first"
    );
}

#[test]
fn references_sort_by_the_name_of_what_they_lead_to() {
    let laptop = Laptop::new();
    let companies = ["中科", "阿里", "李记"].map(|name| laptop.add(customer(name)));
    for (company, name) in companies.iter().zip(["甲", "乙", "丙"]) {
        laptop.add(contact(name, *company));
    }
    assert_eq!(
        laptop.names(&Select::all("contact").sort("customer", false)),
        ["乙", "丙", "甲"]
    );
    let unknown = laptop
        .store()
        .read(|reader| reader.list(&Select::all("contact").sort("shoe_size", false)));
    assert!(matches!(unknown, Err(StoreError::UnknownField { .. })));
}

#[test]
fn ids_counts_and_limits_agree_with_the_list() {
    let laptop = Laptop::new();
    for n in 0..30 {
        laptop.add(customer(&format!("第{n:02}家")).worth(n % 4));
    }
    laptop.clock.advance(HOUR);
    laptop.add(customer("新来的"));
    let select = Select::all("customer")
        .sort("annual_value", true)
        .sort("name", false);
    let all = laptop.list(&select);
    let rows: Vec<i64> = all.iter().map(|record| record.row).collect();
    laptop
        .store()
        .read(|reader| {
            assert_eq!(reader.row_numbers(&select)?, rows);
            assert_eq!(
                reader.count(&select.clone().limit(3))?,
                31,
                "a limit is for rows, not for the count"
            );
            assert_eq!(reader.rows("customer", &rows[5..9])?, all[5..9]);
            let mut some = select.clone().limit(4);
            some.rows = Some(vec![rows[9], rows[2], rows[30], -5]);
            assert_eq!(reader.row_numbers(&some)?, [rows[2], rows[9], rows[30]]);
            Ok::<_, StoreError>(())
        })
        .unwrap();
    let today = condition("created_at", Test::AtLeast, json!(NOW + 1));
    assert_eq!(
        laptop.names(&Select::all("customer").filter(today)),
        ["新来的"]
    );
}

#[test]
fn sums_are_by_currency_over_what_the_filter_leaves() {
    let laptop = Laptop::new();
    let budget = laptop
        .add(own_field("customer", "预算", "money"))
        .to_string();
    let staff = laptop
        .add(own_field("customer", "人数", "number"))
        .to_string();
    let amount = |minor, currency: &str| {
        Value::Money(Money {
            minor,
            currency: currency.to_owned(),
        })
    };
    for (name, worth, own, people) in [
        ("甲", amount(100, "CNY"), amount(7, "CNY"), 10.5),
        ("乙", amount(250, "CNY"), amount(9, "USD"), 20.0),
        ("丙", amount(999, "USD"), Value::Null, 30.0),
    ] {
        laptop.add(
            customer(name)
                .with("annual_value", worth)
                .with(budget.clone(), own)
                .with(staff.clone(), people),
        );
    }
    let gone = laptop.add(customer("走了").worth(1_000_000));
    laptop.remove("customer", gone);
    let fields = ["annual_value".to_owned(), budget.clone(), staff.clone()];
    let sums = |select: Select| {
        laptop
            .store()
            .read(|reader| reader.sums(&select, &fields))
            .unwrap()
    };
    let of = |pairs: &[(&str, f64)]| {
        pairs
            .iter()
            .map(|(c, n)| ((*c).to_owned(), *n))
            .collect::<BTreeMap<_, _>>()
    };
    let all = sums(Select::all("customer").sort("name", false).limit(1));
    assert_eq!(all["annual_value"], of(&[("CNY", 350.0), ("USD", 999.0)]));
    assert_eq!(all[&budget], of(&[("CNY", 7.0), ("USD", 9.0)]));
    assert_eq!(all[&staff], of(&[("", 60.5)]));
    let some =
        sums(Select::all("customer").filter(condition("name", Test::In, json!(["甲", "丙"]))));
    assert_eq!(some["annual_value"], of(&[("CNY", 100.0), ("USD", 999.0)]));
}

#[test]
fn own_fields_are_written_listed_and_told_in_history_like_any_other() {
    let mut laptop = Laptop::new();
    let (field, person) = (
        laptop.add(own_field("customer", "开业日", "date")),
        laptop.add(own_field("contact", "昵称", "text")),
    );
    let date = |text: &str| Value::Date(text.parse().unwrap());
    let older = laptop.add(customer("老店").with(field.to_string(), date("1998-05-01")));
    let newer = laptop.add(customer("新店").with(field.to_string(), date("2024-11-11")));
    laptop.add(customer("不详"));
    let patch = ketu_model::Fields::new().with(field.to_string(), date("1999-05-01"));
    laptop
        .write(|door| door.update("customer", older, patch))
        .unwrap();
    laptop.open().unwrap();
    let key = field.to_string();
    assert_eq!(
        laptop.names(&Select::all("customer").sort(&key, true)),
        ["新店", "老店", "不详"]
    );
    let since = condition(&key, Test::AtLeast, json!("2000-01-01"));
    assert_eq!(
        laptop.list(&Select::all("customer").filter(since))[0].id,
        newer
    );
    let history = laptop
        .store()
        .read(|reader| reader.history(RecordId(older)))
        .unwrap();
    assert_eq!(history[0].patch[&key], json!(["1998-05-01", "1999-05-01"]));
    let wrong = laptop.write(|door| customer("错").with(field.to_string(), "昨天").add(door));
    assert_eq!(codes(wrong), [format!("{field}:wrong_type")]);
    let strange = laptop.write(|door| customer("错").with(person.to_string(), "小王").add(door));
    assert!(
        matches!(strange, Err(StoreError::UnknownField { .. })),
        "a contact's field is not a customer's"
    );
}

#[test]
fn a_test_that_does_not_suit_its_field_is_refused() {
    let laptop = Laptop::new();
    for (field, test, value) in [
        ("level", Test::Contains, json!("A")),
        ("annual_value", Test::StartsWith, json!("1")),
        ("level", Test::AtLeast, json!(Uuid::nil())),
        ("tags", Test::Between, json!([Uuid::nil(), Uuid::nil()])),
        ("annual_value", Test::Is, json!("much")),
        ("name", Test::In, json!("华科")),
        ("name", Test::Is, Json::Null),
        ("created_at", Test::Between, json!([1])),
    ] {
        let select = Select::all("customer").filter(condition(field, test, value));
        assert_eq!(
            codes(laptop.store().read(|reader| reader.count(&select))),
            [format!("{field}:wrong_type")]
        );
    }
    let select = Select::all("customer").filter(condition("name = '' or 1", Test::Is, json!("x")));
    let refused = laptop.store().read(|reader| reader.count(&select));
    assert!(matches!(refused, Err(StoreError::UnknownField { .. })));
}

#[test]
fn text_that_looks_like_sql_is_text() {
    let laptop = Laptop::new();
    let name = "a'); delete from customer; --";
    laptop.add(customer(name));
    laptop.add(customer("100%_纯"));
    let count = |field: &str, test, value: &str| {
        laptop
            .names(&Select::all("customer").filter(condition(field, test, json!(value))))
            .len()
    };
    assert_eq!(count("name", Test::Is, name), 1);
    assert_eq!(count("name", Test::Contains, "'); DELETE"), 1);
    assert_eq!(count("name", Test::Contains, "%"), 1);
    assert_eq!(count("name", Test::StartsWith, "100%_"), 1);
    assert_eq!(count("name", Test::Contains, "_"), 1);
}

#[test]
fn stages_and_options_that_people_choose_from_are_there_from_the_start() {
    let laptop = Laptop::new();
    let stage = laptop.get("stage", shipped_stage("project", "won"));
    assert_eq!(stage.fields.text("name"), Some("赢单"));
    let option = laptop.get("option", shipped_option("interaction.kind", "拜访"));
    assert_eq!(option.fields.text("name_en"), Some("Visit"));
}
