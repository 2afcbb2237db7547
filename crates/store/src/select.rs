//! From filter and sort to SQL. Columns come from the catalog by name; values are always bound.

use ketu_model::entity::{Root, RowOrder};
use ketu_model::field::{FieldDef, FieldType};
use ketu_model::normalise::text::fold;
use ketu_model::query::{Condition, Filter, Sort, Test};
use ketu_model::validate::FieldError;
use ketu_model::{EntityDef, Value};
use rusqlite::types::Value as Sql;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::columns::to_sql;
use crate::door::known_entity;
use crate::error::{Result, StoreError};
use crate::read::Reader;

/// Which records, in which order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Select {
    pub entity: String,
    pub filter: Option<Filter>,
    pub sort: Vec<Sort>,
    /// The recycle bin instead of what is alive.
    pub deleted: bool,
    /// Only these row numbers, as a search found them.
    pub rows: Option<Vec<i64>>,
    pub limit: Option<u32>,
}

impl Select {
    pub fn all(entity: impl Into<String>) -> Self {
        Self {
            entity: entity.into(),
            ..Self::default()
        }
    }

    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = Some(match self.filter.take() {
            Some(first) => Filter::All(vec![first, filter]),
            None => filter,
        });
        self
    }

    /// Records whose `field` is this record.
    pub fn of(self, field: &str, id: Uuid) -> Self {
        self.filter(Filter::Field(Condition {
            field: field.to_owned(),
            test: Test::Is,
            value: Json::String(id.to_string()),
        }))
    }

    pub fn sort(mut self, field: &str, descending: bool) -> Self {
        self.sort.push(Sort {
            field: field.to_owned(),
            descending,
        });
        self
    }

    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

/// The clauses of a query with their values.
pub(crate) struct Compiled {
    /// `where …`
    pub condition: String,
    /// `order by … limit …`
    pub order: String,
    pub values: Vec<Sql>,
}

/// Columns that every record has and lists may filter and sort by.
const SYSTEM_FIELDS: &[&str] = &["created_at", "updated_at", "deleted_at"];

impl Reader<'_> {
    pub(crate) fn compile(&self, select: &Select) -> Result<Compiled> {
        let entity = known_entity(&self.catalog, &select.entity)?;
        let mut sql = Builder {
            entity,
            values: Vec::new(),
        };
        let mut condition = "where ".to_owned();
        condition.push_str(if select.deleted {
            "deleted_at is not null"
        } else {
            "deleted_at is null"
        });
        if !select.deleted && matches!(entity.root, Root::Of(_)) {
            condition.push_str(
                " and root_id not in (select id from customer where deleted_at is not null)",
            );
        }
        if let Some(rows) = &select.rows {
            let list: Vec<String> = rows.iter().map(i64::to_string).collect();
            let mark = sql.bind(Sql::Text(format!("[{}]", list.join(","))));
            condition.push_str(&format!(
                " and rid in (select value from json_each({mark}))"
            ));
        }
        if let Some(filter) = &select.filter {
            condition.push_str(" and ");
            condition.push_str(&sql.filter(filter)?);
        }
        let mut order = self.order(entity, &select.sort)?;
        if let Some(limit) = select.limit {
            order.push_str(&format!(" limit {limit}"));
        }
        Ok(Compiled {
            condition,
            order,
            values: sql.values,
        })
    }

    /// Empty values come last in either direction, and equal ones keep one order.
    fn order(&self, entity: &EntityDef, sort: &[Sort]) -> Result<String> {
        let mut terms = Vec::new();
        for by in sort {
            let expression = match entity.field(&by.field) {
                // Rows lie in this order already.
                Some(field) if entity.row_order == RowOrder::By(field.key.clone()) => {
                    "rid".to_owned()
                }
                Some(field) => self.sort_expression(field)?,
                None if SYSTEM_FIELDS.contains(&by.field.as_str()) => by.field.clone(),
                None => return Err(unknown(entity, &by.field)),
            };
            let direction = if by.descending { "desc" } else { "asc" };
            terms.push(match expression.as_str() {
                "rid" => format!("rid {direction}"),
                other => format!("{other} {direction} nulls last"),
            });
        }
        let newest_first = sort.first().is_none_or(|by| by.descending);
        terms.push(if newest_first { "rid desc" } else { "rid" }.to_owned());
        Ok(format!("order by {}", terms.join(", ")))
    }

    fn sort_expression(&self, field: &FieldDef) -> Result<String> {
        if let Some(column) = field.sort_column() {
            return Ok(column);
        }
        let column = expression(field);
        match &field.kind {
            FieldType::Choice { list } => {
                let mut statement = self
                    .connection
                    .prepare_cached(include_str!("sql/option_order.sql"))?;
                let ids = statement.query_map([list], |row| row.get("id"))?;
                Ok(position(field, &ids.collect::<Result<Vec<_>, _>>()?))
            }
            FieldType::Reference { target } if target == "stage" => {
                let mut statement = self
                    .connection
                    .prepare_cached(include_str!("sql/stage_order.sql"))?;
                let ids = statement.query_map([], |row| row.get("id"))?;
                Ok(position(field, &ids.collect::<Result<Vec<_>, _>>()?))
            }
            FieldType::Reference { target } => {
                let target = known_entity(&self.catalog, target)?;
                let title = target.field(&target.title);
                let by = title
                    .and_then(FieldDef::sort_column)
                    .unwrap_or(target.title.to_string());
                Ok(format!(
                    "(select {by} from {} as referred where referred.id = {column})",
                    target.key
                ))
            }
            _ => Ok(column),
        }
    }
}

/// The place of a field's id in a short ordered list, as an expression; others have none.
fn position(field: &FieldDef, ids: &[Uuid]) -> String {
    let column = expression(field);
    if ids.is_empty() {
        return column;
    }
    let places = ids.iter().enumerate().map(|(place, id)| {
        // Custom fields keep ids as text.
        let id = if field.custom {
            format!("'{id}'")
        } else {
            format!("x'{}'", id.simple())
        };
        format!(" when {id} then {place}")
    });
    format!("case {column}{} end", places.collect::<String>())
}

/// The expression that holds a field's plain value; money its minor units.
pub(crate) fn expression(field: &FieldDef) -> String {
    match (field.custom, &field.kind) {
        (false, _) => field.key.to_string(),
        (true, FieldType::Money) => format!("(custom -> '$.\"{}\"' ->> 0)", field.key),
        (true, _) => format!("(custom ->> '$.\"{}\"')", field.key),
    }
}

/// The expression that holds the currency of a money field.
pub(crate) fn currency_expression(field: &FieldDef) -> String {
    if field.custom {
        format!("(custom -> '$.\"{}\"' ->> 1)", field.key)
    } else {
        format!("{}_currency", field.key)
    }
}

fn unknown(entity: &EntityDef, field: &str) -> StoreError {
    StoreError::UnknownField {
        entity: entity.key.to_string(),
        field: field.to_owned(),
    }
}

struct Builder<'a> {
    entity: &'a EntityDef,
    values: Vec<Sql>,
}

impl Builder<'_> {
    fn bind(&mut self, value: Sql) -> String {
        self.values.push(value);
        format!("?{}", self.values.len())
    }

    fn filter(&mut self, filter: &Filter) -> Result<String> {
        let (parts, joint, none) = match filter {
            Filter::All(parts) => (parts, " and ", "true"),
            Filter::Any(parts) => (parts, " or ", "false"),
            Filter::Field(condition) => return self.condition(condition),
        };
        let parts: Vec<String> = parts
            .iter()
            .map(|part| self.filter(part))
            .collect::<Result<_>>()?;
        Ok(if parts.is_empty() {
            none.to_owned()
        } else {
            format!("({})", parts.join(joint))
        })
    }

    fn condition(&mut self, condition: &Condition) -> Result<String> {
        let column = match self.entity.field(&condition.field) {
            Some(field) => Column::of(field),
            None if SYSTEM_FIELDS.contains(&condition.field.as_str()) => Column {
                value: condition.field.clone(),
                currency: None,
                kind: FieldType::Instant,
                ids_are_text: false,
            },
            None => return Err(unknown(self.entity, &condition.field)),
        };
        let refuse =
            || StoreError::Invalid(vec![FieldError::new(condition.field.clone(), "wrong_type")]);
        self.compare(&column, condition.test, &condition.value)
            .ok_or_else(refuse)
    }

    /// `None` where the test or its value does not suit the field.
    fn compare(&mut self, column: &Column, test: Test, json: &Json) -> Option<String> {
        let value = &column.value;
        Some(match test {
            Test::Empty => format!("({value} is null)"),
            Test::NotEmpty => format!("({value} is not null)"),
            Test::Is | Test::IsNot => {
                let is = self.equals(column, json)?;
                negated(is, test == Test::IsNot)
            }
            Test::In | Test::NotIn => {
                let list = json.as_array()?;
                let parts: Vec<String> = list
                    .iter()
                    .map(|one| self.equals(column, one))
                    .collect::<Option<_>>()?;
                let any = if parts.is_empty() {
                    "false".to_owned()
                } else {
                    format!("({})", parts.join(" or "))
                };
                negated(any, test == Test::NotIn)
            }
            Test::Contains | Test::StartsWith => {
                if !column.is_text() {
                    return None;
                }
                let mark = self.bind(Sql::Text(fold(json.as_str()?).into_owned()));
                let function = if test == Test::Contains {
                    "text_contains"
                } else {
                    "text_starts_with"
                };
                format!("{function}({value}, {mark})")
            }
            Test::AtLeast => self.ordered(column, ">=", json)?,
            Test::AtMost => self.ordered(column, "<=", json)?,
            Test::Between => {
                let [from, to] = json.as_array()?.as_slice() else {
                    return None;
                };
                let from = self.ordered(column, ">=", from)?;
                format!("({from} and {})", self.ordered(column, "<=", to)?)
            }
        })
    }

    fn equals(&mut self, column: &Column, json: &Json) -> Option<String> {
        let value = &column.value;
        match column.kind {
            FieldType::MultiChoice { .. } | FieldType::ManyReference { .. } => {
                let mark = self.bind(Sql::Text(id(json)?.to_string()));
                Some(format!("(instr({value}, {mark}) > 0)"))
            }
            FieldType::Choice { .. } | FieldType::Reference { .. } if column.ids_are_text => {
                let mark = self.bind(Sql::Text(id(json)?.to_string()));
                Some(format!("({value} = {mark})"))
            }
            FieldType::Region => {
                // A province means its cities and districts too: their codes begin with its own.
                let code = json.as_str()?;
                let prefix = code
                    .strip_suffix("0000")
                    .or_else(|| code.strip_suffix("00"))
                    .unwrap_or(code);
                let mark = self.bind(Sql::Text(prefix.to_owned()));
                Some(format!("(substr({value}, 1, length({mark})) = {mark})"))
            }
            _ => self.related(column, "=", json),
        }
    }

    fn ordered(&mut self, column: &Column, sign: &str, json: &Json) -> Option<String> {
        use FieldType::{Date, Instant, Money, Number, Percent};
        let has_order =
            matches!(column.kind, Number | Percent | Money | Date | Instant) || column.is_text();
        if has_order {
            self.related(column, sign, json)
        } else {
            None
        }
    }

    /// A plain number compares with the minor units of any currency, an amount with its own alone.
    fn related(&mut self, column: &Column, sign: &str, json: &Json) -> Option<String> {
        let value = &column.value;
        if let (FieldType::Money, Some(minor)) = (&column.kind, json.as_i64()) {
            let mark = self.bind(Sql::Integer(minor));
            return Some(format!("({value} {sign} {mark})"));
        }
        let wanted = Value::from_json(&column.kind, json).filter(|value| !value.is_null())?;
        let mark = self.bind(to_sql(&wanted));
        if let (Some(currency), Value::Money(money)) = (&column.currency, wanted) {
            let of = self.bind(Sql::Text(money.currency));
            return Some(format!("({value} {sign} {mark} and {currency} = {of})"));
        }
        Some(format!("({value} {sign} {mark})"))
    }
}

/// What a condition looks at, as expressions.
struct Column {
    value: String,
    currency: Option<String>,
    kind: FieldType,
    /// Custom fields keep an id as text, core fields as its bytes.
    ids_are_text: bool,
}

impl Column {
    fn of(field: &FieldDef) -> Self {
        Self {
            value: expression(field),
            currency: (field.kind == FieldType::Money).then(|| currency_expression(field)),
            kind: field.kind.clone(),
            ids_are_text: field.custom,
        }
    }

    fn is_text(&self) -> bool {
        use FieldType::{AutoNumber, Email, LongText, Phone, Region, Text, Url};
        matches!(
            self.kind,
            Text | LongText | Phone | Email | Url | Region | AutoNumber { .. }
        )
    }
}

fn id(json: &Json) -> Option<Uuid> {
    json.as_str()?.parse().ok()
}

/// "Is not" holds for empty values too.
fn negated(condition: String, negate: bool) -> String {
    if negate {
        format!("(not coalesce({condition}, false))")
    } else {
        condition
    }
}
