//! Every filter against a brute-force oracle: each test on each field type, and groups of them.

#![allow(clippy::unwrap_used)]

mod support;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use ketu_model::field::FieldType;
use ketu_model::normalise::text::fold;
use ketu_model::query::{Filter, Test};
use ketu_model::{Catalog, FieldDef, Money, Value};
use ketu_store::{Select, StoreError, StoredRecord};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value as Json, json};
use support::{
    HOUR, Laptop, NOW, condition, customer, interaction, opportunity, option, own_field, tag, user,
};
use uuid::Uuid;

/// A file with fields of every type, own and shipped, and records with few different values in them.
struct World {
    laptop: Laptop,
    catalog: std::sync::Arc<Catalog>,
    records: BTreeMap<&'static str, Vec<StoredRecord>>,
}

const OWN_TYPES: [&str; 14] = [
    "text",
    "long_text",
    "number",
    "percent",
    "money",
    "date",
    "instant",
    "boolean",
    "phone",
    "email",
    "url",
    "region",
    "choice",
    "multi_choice",
];

fn world() -> World {
    let laptop = Laptop::new();
    for kind in OWN_TYPES {
        let field = laptop.add(own_field("customer", kind, kind));
        if kind.ends_with("choice") {
            for name in ["甲", "乙", "丙"] {
                laptop
                    .write(|door| option(&format!("custom.{field}"), name, 0.0).add(door))
                    .unwrap();
            }
        }
    }
    for name in ["重点", "老客户", "待跟进"] {
        laptop.add(tag(name));
    }
    laptop.add(user("韩梅梅"));
    let catalog = laptop.store().catalog();
    let mut random = fastrand::Rng::with_seed(7);
    let pick = |random: &mut fastrand::Rng, laptop: &Laptop, field: &FieldDef| -> Value {
        let pool = pool(laptop, field);
        let n = random.usize(0..pool.len() + 1);
        pool.get(n).cloned().unwrap_or_default()
    };
    let mut companies = Vec::new();
    for n in 0..70 {
        let mut draft = customer(["华科技术", "Émile ＡＢＣ", "华安", "abc-华", "ß公司"][n % 5]);
        for field in &catalog.entity("customer").unwrap().fields {
            if !field.required && !field.unique && random.bool() {
                draft = draft.with(field.key.clone(), pick(&mut random, &laptop, field));
            }
        }
        companies.push(laptop.add(draft));
    }
    for company in companies.iter().take(30) {
        let mut draft = opportunity("扩容", *company);
        for key in [
            "probability",
            "expected_close",
            "amount",
            "lost_reason",
            "next_step",
        ] {
            let field = catalog.entity("opportunity").unwrap().field(key).unwrap();
            draft = draft.with(key, pick(&mut random, &laptop, field));
        }
        laptop.add(draft);
        laptop.add(interaction(
            "拜访",
            *company,
            NOW + random.i64(-3..3) * HOUR,
        ));
    }
    let records = ["customer", "opportunity", "interaction"]
        .map(|entity| (entity, laptop.list(&Select::all(entity))))
        .into();
    World {
        laptop,
        catalog,
        records,
    }
}

/// Values that records and conditions of a field are made of.
fn pool(laptop: &Laptop, field: &FieldDef) -> Vec<Value> {
    let texts = |texts: &[&str]| texts.iter().map(|text| Value::text(*text)).collect();
    let ids = |entity: &str| -> Vec<Uuid> {
        let select = match field.option_list() {
            Some(list) => Select::all("option").filter(condition("list", Test::Is, json!(list))),
            None => Select::all(entity).limit(3),
        };
        laptop
            .list(&select)
            .iter()
            .map(|record| record.id)
            .collect()
    };
    match &field.kind {
        FieldType::Text | FieldType::LongText => {
            texts(&["华科", "Abc", "ＡＢＣ公司", "É1", "é1", "华", "ßx", "1"])
        }
        FieldType::Phone => texts(&["13812345678", "0755-26001234", "13900001234"]),
        FieldType::Email => texts(&["a@example.com", "ab@example.com", "b@example.org"]),
        FieldType::Url => texts(&[
            "https://example.com",
            "https://example.com/a",
            "http://example.org",
        ]),
        FieldType::Region => texts(&["440000", "440300", "440305", "110000", "110101"]),
        FieldType::AutoNumber { .. } => {
            texts(&["CUST-2026-001", "CUST-2026-010", "CUST-2026-100", "CUST"])
        }
        FieldType::Number | FieldType::Percent => {
            [0.0, 1.0, 1.5, 50.0, 100.0].map(Value::Number).into()
        }
        FieldType::Money => [
            (0, "CNY"),
            (100, "CNY"),
            (100, "USD"),
            (250, "CNY"),
            (-7, "USD"),
        ]
        .map(|(minor, currency)| {
            Value::Money(Money {
                minor,
                currency: currency.to_owned(),
            })
        })
        .into(),
        FieldType::Date => ["2025-12-31", "2026-01-01", "2026-09-21"]
            .map(|d| Value::Date(d.parse().unwrap()))
            .into(),
        FieldType::Instant => [-1, 0, 1].map(|n| Value::Instant(NOW + n * HOUR)).into(),
        FieldType::Boolean => vec![Value::Bool(true), Value::Bool(false)],
        FieldType::Choice { .. } => ids("option").into_iter().map(Value::Id).collect(),
        FieldType::Reference { target } => ids(target).into_iter().map(Value::Id).collect(),
        FieldType::MultiChoice { .. } => sets(&ids("option")),
        FieldType::ManyReference { target } => sets(&ids(target)),
    }
}

fn sets(ids: &[Uuid]) -> Vec<Value> {
    let mut sets: Vec<Value> = ids.iter().map(|id| Value::ids([*id])).collect();
    if ids.len() > 1 {
        sets.push(Value::ids(ids.iter().copied().take(2)));
    }
    sets
}

/// What each test means, said once more without SQL. `None` where it does not suit the field.
fn holds(field: &FieldDef, value: &Value, test: Test, wanted: &Json) -> Option<bool> {
    let many = |json: &Json| json.as_array().cloned();
    Some(match test {
        Test::Empty => value.is_null(),
        Test::NotEmpty => !value.is_null(),
        Test::Is => equals(field, value, wanted)?,
        Test::IsNot => !equals(field, value, wanted)?,
        Test::In | Test::NotIn => {
            let any = many(wanted)?
                .iter()
                .map(|one| equals(field, value, one))
                .collect::<Option<Vec<_>>>()?;
            any.contains(&true) == (test == Test::In)
        }
        Test::Contains | Test::StartsWith => {
            if !is_text(field) {
                return None;
            }
            let part = fold(wanted.as_str()?).into_owned();
            let text = value.as_text().map(|text| fold(text).into_owned());
            match (text, test) {
                (None, _) => false,
                (Some(text), Test::Contains) => text.contains(&part),
                (Some(text), _) => text.starts_with(&part),
            }
        }
        Test::AtLeast => relation(field, value, wanted)?.is_some_and(Ordering::is_ge),
        Test::AtMost => relation(field, value, wanted)?.is_some_and(Ordering::is_le),
        Test::Between => match many(wanted)?.as_slice() {
            [from, to] => {
                let (from, to) = (relation(field, value, from)?, relation(field, value, to)?);
                from.is_some_and(Ordering::is_ge) && to.is_some_and(Ordering::is_le)
            }
            _ => return None,
        },
    })
}

fn is_text(field: &FieldDef) -> bool {
    matches!(
        Value::from_json(&field.kind, &json!("x")),
        Some(Value::Text(_))
    )
}

fn equals(field: &FieldDef, value: &Value, wanted: &Json) -> Option<bool> {
    Some(match (&field.kind, value) {
        (FieldType::MultiChoice { .. } | FieldType::ManyReference { .. }, value) => {
            let id: Uuid = wanted.as_str()?.parse().ok()?;
            matches!(value, Value::Ids(ids) if ids.contains(&id))
        }
        (FieldType::Region, value) => {
            let code = wanted.as_str()?;
            let level = match code.len() {
                6 if code.ends_with("0000") => 2,
                6 if code.ends_with("00") => 4,
                length => length,
            };
            value
                .as_text()
                .is_some_and(|own| own.get(..level) == Some(&code[..level]))
        }
        (FieldType::Money, Value::Money(money)) if wanted.is_i64() => {
            money.minor == wanted.as_i64()?
        }
        (FieldType::Money, Value::Null) if wanted.is_i64() => false,
        _ => match Value::from_json(&field.kind, wanted)? {
            Value::Null => return None,
            wanted => *value == wanted,
        },
    })
}

/// How a value stands to a wanted one; the inner `None` where it is empty or not comparable.
fn relation(field: &FieldDef, value: &Value, wanted: &Json) -> Option<Option<Ordering>> {
    if let (FieldType::Money, Some(minor)) = (&field.kind, wanted.as_i64()) {
        return Some(match value {
            Value::Money(money) => Some(money.minor.cmp(&minor)),
            _ => None,
        });
    }
    let wanted = Value::from_json(&field.kind, wanted).filter(|wanted| !wanted.is_null())?;
    match (&wanted, value) {
        (Value::Bool(_) | Value::Id(_) | Value::Ids(_), _) => None,
        (Value::Number(wanted), Value::Number(own)) => Some(own.partial_cmp(wanted)),
        (Value::Money(wanted), Value::Money(own)) => {
            Some((own.currency == wanted.currency).then(|| own.minor.cmp(&wanted.minor)))
        }
        (Value::Date(wanted), Value::Date(own)) => Some(Some(own.cmp(wanted))),
        (Value::Instant(wanted), Value::Instant(own)) => Some(Some(own.cmp(wanted))),
        (Value::Text(wanted), Value::Text(own)) => Some(Some(own.cmp(wanted))),
        _ => Some(None),
    }
}

fn satisfies(world: &World, entity: &str, record: &StoredRecord, filter: &Filter) -> Option<bool> {
    Some(match filter {
        // Every part is asked, as one that does not suit refuses the whole.
        Filter::All(parts) => parts
            .iter()
            .map(|part| satisfies(world, entity, record, part))
            .collect::<Option<Vec<_>>>()?
            .iter()
            .all(|b| *b),
        Filter::Any(parts) => parts
            .iter()
            .map(|part| satisfies(world, entity, record, part))
            .collect::<Option<Vec<_>>>()?
            .iter()
            .any(|b| *b),
        Filter::Field(condition) => {
            let field = world.catalog.entity(entity)?.field(&condition.field)?;
            holds(
                field,
                record.fields.value(&field.key),
                condition.test,
                &condition.value,
            )?
        }
    })
}

const TESTS: [Test; 11] = [
    Test::Is,
    Test::IsNot,
    Test::In,
    Test::NotIn,
    Test::Contains,
    Test::StartsWith,
    Test::AtLeast,
    Test::AtMost,
    Test::Between,
    Test::Empty,
    Test::NotEmpty,
];

/// The JSON that a condition could compare a field with, some of it misshapen.
fn operands(world: &World, field: &FieldDef) -> Vec<Json> {
    let mut operands: Vec<Json> = pool(&world.laptop, field)
        .iter()
        .map(Value::to_json)
        .collect();
    let mut loose = Vec::new();
    for operand in &operands {
        match operand {
            Json::Array(parts) => loose.push(parts[0].clone()),
            Json::String(text) if text.chars().count() > 2 => {
                loose.push(json!(
                    text.chars().take(2).collect::<String>().to_uppercase()
                ));
            }
            _ => {}
        }
    }
    operands.extend(loose);
    operands.extend([json!(1), json!("1"), Json::Null]);
    operands
}

fn check(world: &World, entity: &'static str, filter: Filter) -> Result<(), TestCaseError> {
    let expected: Option<Vec<Uuid>> = world.records[entity]
        .iter()
        .filter_map(|record| match satisfies(world, entity, record, &filter) {
            Some(true) => Some(Some(record.id)),
            Some(false) => None,
            None => Some(None),
        })
        .collect();
    let select = Select::all(entity).filter(filter.clone());
    let (listed, counted) = world
        .laptop
        .store()
        .read(|reader| Ok::<_, StoreError>((reader.list(&select), reader.count(&select))))
        .unwrap();
    match (expected, listed) {
        (Some(expected), Ok(listed)) => {
            let ids: Vec<Uuid> = listed.iter().map(|record| record.id).collect();
            prop_assert_eq!(counted.unwrap() as usize, ids.len());
            prop_assert_eq!(ids, expected, "{:?}", filter);
        }
        (None, Err(StoreError::Invalid(_))) => {}
        (expected, listed) => {
            prop_assert!(false, "{filter:?}: expected {expected:?}, got {listed:?}");
        }
    }
    Ok(())
}

#[test]
fn every_test_on_every_field_type_finds_what_the_oracle_finds() {
    let world = world();
    let mut checked = 0;
    for entity in ["customer", "opportunity", "interaction"] {
        for field in &world.catalog.entity(entity).unwrap().fields {
            let operands = operands(&world, field);
            for test in TESTS {
                for (n, operand) in operands.iter().enumerate() {
                    let other = operands[(n * 7 + 3) % operands.len()].clone();
                    let value = match test {
                        Test::In | Test::NotIn | Test::Between => json!([operand, other]),
                        _ => operand.clone(),
                    };
                    check(&world, entity, condition(&field.key, test, value)).unwrap();
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 3_000, "{checked}");
}

#[test]
fn groups_of_conditions_find_what_the_oracle_finds() {
    let world = world();
    let mut leaves = Vec::new();
    for field in &world.catalog.entity("customer").unwrap().fields {
        for operand in operands(&world, field) {
            leaves.extend(TESTS.map(|test| (field.key.to_string(), test, operand.clone())));
        }
    }
    let leaf = prop::sample::select(leaves).prop_map(|(field, test, operand)| {
        let value = match test {
            Test::In | Test::NotIn => json!([operand]),
            Test::Between => json!([operand.clone(), operand]),
            _ => operand,
        };
        condition(&field, test, value)
    });
    let filters = leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::All),
            prop::collection::vec(inner, 0..4).prop_map(Filter::Any),
        ]
    });
    TestRunner::new(support::cases(400))
        .run(&filters, |filter| check(&world, "customer", filter))
        .unwrap();
}
