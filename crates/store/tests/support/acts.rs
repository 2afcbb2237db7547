//! Random days of work: what people do, performed on a file with a little of everything in it.

use std::collections::BTreeMap;

use ketu_model::field::{FieldDef, FieldType};
use ketu_model::query::Test;
use ketu_model::{Fields, Value};
use ketu_store::{Door, Result, Select, StoredRecord, Write};
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    HOUR, Laptop, NOW, condition, contact, customer, interaction, opportunity, own_field, tag,
};

pub const ENTITIES: [&str; 6] = [
    "customer",
    "contact",
    "opportunity",
    "interaction",
    "tag",
    "field_definition",
];

/// One thing that a person does; numbers choose among what is there.
#[derive(Debug, Clone)]
pub enum Act {
    Add(usize, u32),
    Edit(usize, usize, usize, u32),
    Remove(usize, usize),
    Restore(usize, usize),
}

#[derive(Debug, Clone)]
pub enum Step {
    /// Several acts in one transaction, as an import makes them.
    Together(Vec<Act>),
    Undo,
    Redo,
    /// Time passes.
    Wait(i64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0..ENTITIES.len(), any::<u32>()).prop_map(|(entity, seed)| Act::Add(entity, seed)),
        7 => (0..ENTITIES.len(), 0..64usize, 0..64usize, any::<u32>()).prop_map(|(e, r, f, seed)| Act::Edit(e, r, f, seed)),
        2 => (0..ENTITIES.len(), 0..64usize).prop_map(|(entity, record)| Act::Remove(entity, record)),
        1 => (0..ENTITIES.len(), 0..64usize).prop_map(|(entity, record)| Act::Restore(entity, record)),
    ]
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => prop::collection::vec(act(), 1..2).prop_map(Step::Together),
        3 => prop::collection::vec(act(), 2..6).prop_map(Step::Together),
        3 => Just(Step::Undo),
        2 => Just(Step::Redo),
        1 => (-2..3i64).prop_map(|hours| Step::Wait(hours * HOUR)),
    ];
    prop::collection::vec(step, 1..25)
}

/// A laptop with one of each, tags, and a field of one's own, for a case to work on.
pub fn furnished() -> Laptop {
    let laptop = Laptop::new();
    laptop
        .store()
        .transact(Write::upkeep(), |door| -> Result<()> {
            own_field("customer", "备注二", "text").add(door)?;
            tag("重点").add(door)?;
            let company = customer("重庆银行").add(door)?;
            contact("单晓", company).add(door)?;
            opportunity("机房扩容", company).add(door)?;
            interaction("谈了报价50万", company, NOW).add(door)?;
            Ok(())
        })
        .unwrap();
    laptop
}

fn ids(door: &Door<'_>, entity: &str) -> Result<Vec<Uuid>> {
    let mut select = Select::all(entity);
    let mut records = door.reader().list(&select)?;
    select.deleted = true;
    records.extend(door.reader().list(&select)?);
    let mut ids: Vec<Uuid> = records.iter().map(|record| record.id).collect();
    ids.sort_unstable();
    Ok(ids)
}

fn pick<T: Copy>(from: &[T], n: usize) -> Option<T> {
    from.get(n % from.len().max(1)).copied()
}

pub const NAMES: [&str; 10] = [
    "重庆银行",
    "华科技术",
    "Huake",
    "长安单氏",
    "ＡＢ华",
    "朝阳 一号",
    "乐(行)",
    "王芳",
    "曾长行",
    "报价",
];
pub const PHONES: [&str; 4] = [
    "13812345678",
    "13900008866",
    "0755-26001234",
    "0755-26001234-801",
];
pub const NOTES: [&str; 6] = [
    "谈了报价50万",
    "约了下周二，再谈",
    "微信：报价 50万",
    "PO-7 已发\n等回复",
    "\u{9fd5}\u{2b820}厂的名字",
    "……",
];

/// A value for a field, empty now and then.
fn value(door: &Door<'_>, field: &FieldDef, seed: u32) -> Result<Value> {
    let n = seed as usize / 8;
    if seed.is_multiple_of(8) && !field.required {
        return Ok(Value::Null);
    }
    Ok(match &field.kind {
        FieldType::Text => Value::text(format!(
            "{}{}",
            NAMES[n % NAMES.len()],
            ["", "", "2"][n / 16 % 3]
        )),
        FieldType::LongText => Value::text(NOTES[n % NOTES.len()]),
        FieldType::AutoNumber { prefix } => Value::text(format!("{prefix}-2026-{:03}", n % 5)),
        FieldType::Phone => Value::text(PHONES[n % PHONES.len()]),
        FieldType::Email => Value::text(["wang@hkjs.example.com", "ZQ@example.com"][n % 2]),
        FieldType::Url => Value::text("https://example.com"),
        FieldType::Region => Value::text(["440300", "500000"][n % 2]),
        FieldType::Number | FieldType::Percent => Value::Number(f64::from(seed % 100)),
        FieldType::Money => Value::yuan(i64::from(seed)),
        FieldType::Date => Value::Date(["2026-01-01", "2027-02-02"][n % 2].parse().unwrap()),
        FieldType::Instant => Value::Instant(NOW + (i64::from(seed) % 4) * HOUR),
        FieldType::Boolean => Value::Bool(n.is_multiple_of(2)),
        FieldType::Choice { list } => {
            let of_list =
                Select::all("option").filter(condition("list", Test::Is, list.to_string().into()));
            let options = door.reader().list(&of_list)?;
            pick(
                &options.iter().map(|option| option.id).collect::<Vec<_>>(),
                n,
            )
            .into()
        }
        FieldType::Reference { target } => pick(&ids(door, target)?, n).into(),
        FieldType::MultiChoice { .. } => Value::Null,
        FieldType::ManyReference { target } => {
            let ids = ids(door, target)?;
            Value::ids(ids.iter().copied().skip(n % 3).take(1 + n % 2))
        }
    })
}

pub fn perform(door: &mut Door<'_>, act: &Act) -> Result<()> {
    match act {
        Act::Add(entity, seed) => {
            let n = *seed as usize;
            let company = pick(&ids(door, "customer")?, n).unwrap_or_default();
            let name = NAMES[n / 64 % NAMES.len()];
            let draft = match ENTITIES[*entity] {
                "customer" => customer(name).phone(PHONES[n % PHONES.len()]),
                "contact" => contact(name, company).mobile(PHONES[n % PHONES.len()]),
                "opportunity" => opportunity(name, company),
                "interaction" => interaction(
                    NOTES[n / 8 % NOTES.len()],
                    company,
                    NOW + (n as i64 % 4) * HOUR,
                ),
                "tag" => tag(&format!("{name}{n}")),
                _ => own_field("customer", name, ["text", "date", "number"][n % 3])
                    .with("required", n.is_multiple_of(4)),
            };
            match draft.id.map(|id| door.get(draft.entity, id)).transpose()? {
                Some(Some(_)) => Ok(()),
                _ => draft.add(door).map(|_| ()),
            }
        }
        Act::Edit(entity, record, field, seed) => {
            let key = ENTITIES[*entity];
            let catalog = std::sync::Arc::clone(door.catalog());
            let fields = &catalog.entity(key).unwrap().fields;
            let Some(id) = pick(&ids(door, key)?, *record) else {
                return Ok(());
            };
            let mut patch = Fields::new();
            for place in [*field, *field * 3 + 1].iter().take(1 + *seed as usize % 2) {
                let field = &fields[place % fields.len()];
                patch.set(field.key.clone(), value(door, field, *seed)?);
            }
            door.update(key, id, patch).map(|_| ())
        }
        Act::Remove(entity, record) => match pick(&ids(door, ENTITIES[*entity])?, *record) {
            Some(id) => door.remove(ENTITIES[*entity], id).map(|_| ()),
            None => Ok(()),
        },
        Act::Restore(entity, record) => match pick(&ids(door, ENTITIES[*entity])?, *record) {
            Some(id) => door.restore(ENTITIES[*entity], id).map(|_| ()),
            None => Ok(()),
        },
    }
}

/// All records, also those that no list shows because their customer is removed.
pub fn everything(laptop: &Laptop) -> BTreeMap<(&'static str, Uuid), StoredRecord> {
    let mut all = BTreeMap::new();
    for entity in ENTITIES {
        let rows: Vec<i64> = match entity {
            "interaction" => (0..4)
                .flat_map(|n| (0..30).map(move |m| (NOW + n * HOUR) << 20 | m))
                .collect(),
            _ => (1..=140).collect(),
        };
        for some in rows.chunks(20) {
            let records = laptop
                .store()
                .read(|reader| reader.rows(entity, some))
                .unwrap();
            let is_last = records.is_empty() && entity != "interaction";
            all.extend(
                records
                    .into_iter()
                    .map(|record| ((entity, record.id), record)),
            );
            if is_last {
                break;
            }
        }
    }
    all
}
