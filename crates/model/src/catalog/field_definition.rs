//! Field definition: a field of the users' own, kept as data and read as a `FieldDef`.

use uuid::Uuid;

use crate::entity::{EntityDef, Scope};
use crate::field::{FieldDef, FieldType, Label, SearchClass, boolean, label, number, text};
use crate::value::{Fields, Value};

pub(super) fn field_definition() -> EntityDef {
    EntityDef::new(
        "field_definition",
        label("自定义字段", "Custom field"),
        "name",
    )
    .scope(Scope::Org)
    .system()
    .fields([
        text("entity", "对象", "Entity").required().read_only(),
        text("name", "名称", "Name").required().max_length(60),
        text("name_en", "英文名称", "English name").max_length(60),
        text("type", "类型", "Type").required().read_only(),
        boolean("required", "必填", "Required"),
        number("min", "最小值", "Minimum"),
        number("max", "最大值", "Maximum"),
        number("position", "顺序", "Position"),
        boolean("archived", "停用", "Archived"),
    ])
}

/// The entity and field that a definition record describes; `None` where this version of Ketu
/// does not know its type. The field's key is the record's id, for ever.
pub fn custom_field(id: Uuid, record: &Fields) -> Option<(String, FieldDef)> {
    let entity = record.text("entity")?.to_owned();
    let key = id.to_string();
    let list = || format!("custom.{id}").into();
    let kind = match record.text("type")? {
        "text" => FieldType::Text,
        "long_text" => FieldType::LongText,
        "number" => FieldType::Number,
        "percent" => FieldType::Percent,
        "money" => FieldType::Money,
        "date" => FieldType::Date,
        "instant" => FieldType::Instant,
        "boolean" => FieldType::Boolean,
        "phone" => FieldType::Phone,
        "email" => FieldType::Email,
        "url" => FieldType::Url,
        "region" => FieldType::Region,
        "choice" => FieldType::Choice { list: list() },
        "multi_choice" => FieldType::MultiChoice { list: list() },
        _ => return None,
    };
    let name = record.text("name")?.to_owned();
    let labels = Label {
        en: record.text("name_en").unwrap_or(&name).to_owned().into(),
        zh: name.into(),
    };
    let limit = |key: &str| match record.value(key) {
        Value::Number(n) => Some(*n),
        _ => None,
    };
    let mut field = FieldDef::new(key, labels, kind);
    field.custom = true;
    field.required = record.value("required") == &Value::Bool(true);
    field.min = limit("min");
    field.max = limit("max");
    field.grid_width = 0;
    field.search = SearchClass::None;
    Some((entity, field))
}
