//! What would be lost with a record that undo takes away: records below it, records that use it, and the values
//! of a field of the users' own.

use std::collections::HashMap;
use std::sync::Arc;

use ketu_model::entity::Root;
use ketu_model::field::{FieldDef, FieldKey, FieldType};
use ketu_model::{Catalog, EntityDef, Value};
use rusqlite::named_params;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{Door, known_entity};
use crate::error::{Result, StoreError};
use crate::read::StoredRecord;

/// The questions of one undo, kept because an import has a hundred thousand records to ask about.
#[derive(Default)]
pub(super) struct Dependents {
    /// By entity, of options also by their list.
    probes: HashMap<(FieldKey, String), Arc<[Probe]>>,
    /// Who used what when a column without an index was read, by entity and field.
    users: HashMap<(FieldKey, FieldKey), Users>,
}

/// Records by what they use.
type Users = HashMap<Uuid, Vec<Uuid>>;

/// One way in which records of an entity depend on another record.
enum Probe {
    /// An index finds the living records by the other's id.
    Indexed { sql: String },
    /// No index does: the column is read once, for all that is asked.
    Read { entity: FieldKey, field: FieldDef },
}

impl Door<'_> {
    /// Whether a living record would be left without this one. With `since`, a row of the log, only what others
    /// changed after it counts.
    pub(super) fn is_needed(
        &self,
        dependents: &mut Dependents,
        entity: &EntityDef,
        record: &StoredRecord,
        since: Option<i64>,
    ) -> Result<bool> {
        if entity.key == "field_definition" && self.has_values(record, since)? {
            return Ok(true);
        }
        let list = match entity.key.as_ref() {
            "option" => record.fields.text("list").unwrap_or_default(),
            _ => "",
        };
        let key = (entity.key.clone(), list.to_owned());
        let probes = dependents
            .probes
            .entry(key)
            .or_insert_with(|| probes(&self.catalog, entity, list).into());
        for probe in Arc::clone(probes).iter() {
            let found = match probe {
                Probe::Indexed { sql } => self.any(sql, record.id, since)?,
                Probe::Read { entity, field } => {
                    let place = (entity.clone(), field.key.clone());
                    let users = match dependents.users.get(&place) {
                        Some(users) => users,
                        None => {
                            let users = self.users(entity, field)?;
                            &*dependents.users.entry(place).or_insert(users)
                        }
                    };
                    let users = users.get(&record.id).map_or(&[][..], Vec::as_slice);
                    self.any_uses(entity, field, users, record.id, since)?
                }
            };
            if found {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether records have a value in a field of the users' own.
    pub(super) fn has_values(&self, definition: &StoredRecord, since: Option<i64>) -> Result<bool> {
        let entity = definition.fields.text("entity").unwrap_or_default();
        let Ok(entity) = known_entity(&self.catalog, entity) else {
            return Ok(false);
        };
        let sql = format!(
            "select id from {} where custom is not null and instr(custom, ?1) > 0 and deleted_at is null",
            entity.key
        );
        self.any(&sql, format!("\"{}\":", definition.id), since)
    }

    /// Whether a record is another than right after a row of the log, for what others than this transaction did.
    /// What was changed and changed back does not count.
    pub(super) fn changed_since(&self, record: Uuid, seq: i64) -> Result<bool> {
        let mut statement = self
            .connection
            .prepare_cached(include_str!("../sql/changes_since.sql"))?;
        let params = named_params! { ":record": record, ":seq": seq, ":tx_id": self.tx.0 };
        let mut rows = statement.query(params)?;
        let mut fields: HashMap<String, (Json, Json)> = HashMap::new();
        while let Some(row) = rows.next()? {
            if row
                .get_ref("kind")?
                .as_str()
                .is_ok_and(|kind| kind == "create")
            {
                return Ok(true);
            }
            let patch = row.get_ref("patch")?.as_str().ok();
            let patch: Option<Map<String, Json>> =
                patch.and_then(|json| serde_json::from_str(json).ok());
            for (key, change) in patch.unwrap_or_default() {
                let (old, new) = (change[0].clone(), change[1].clone());
                fields
                    .entry(key)
                    .and_modify(|(_, last)| *last = new.clone())
                    .or_insert((old, new));
            }
        }
        Ok(fields.values().any(|(first, last)| first != last))
    }

    /// Whether a record is there and not in the recycle bin.
    pub(super) fn is_living(&self, entity: &str, id: Uuid) -> Result<bool> {
        let entity = known_entity(&self.catalog, entity)?;
        let sql = format!(
            "select 1 from {} where id = ?1 and deleted_at is null",
            entity.key
        );
        Ok(self.connection.prepare_cached(&sql)?.exists([id])?)
    }

    fn any(&self, sql: &str, by: impl rusqlite::ToSql, since: Option<i64>) -> Result<bool> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([by])?;
        while let Some(row) = rows.next()? {
            match since {
                None => return Ok(true),
                Some(seq) if self.changed_since(row.get("id")?, seq)? => return Ok(true),
                Some(_) => {}
            }
        }
        Ok(false)
    }

    /// What stood in the column is some changes ago: whoever used the record is asked again.
    fn any_uses(
        &self,
        entity: &str,
        field: &FieldDef,
        users: &[Uuid],
        id: Uuid,
        since: Option<i64>,
    ) -> Result<bool> {
        for user in users {
            if !self.is_living(entity, *user)? {
                continue;
            }
            let Some(record) = self.get(entity, *user)? else {
                continue;
            };
            let uses = match record.fields.value(&field.key) {
                Value::Id(used) => *used == id,
                Value::Ids(used) => used.contains(&id),
                _ => false,
            };
            let counts = match since {
                Some(seq) if uses => self.changed_since(*user, seq)?,
                _ => uses,
            };
            if counts {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn users(&self, entity: &str, field: &FieldDef) -> Result<Users> {
        let malformed = || StoreError::Malformed {
            entity: entity.to_owned(),
            field: field.key.to_string(),
        };
        let column = if field.custom {
            "custom"
        } else {
            field.key.as_ref()
        };
        let sql = format!(
            "select id, {column} as used from {entity} where {column} is not null and deleted_at is null"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        let mut users = Users::new();
        while let Some(row) = rows.next()? {
            let used = match row.get_ref("used")? {
                ValueRef::Blob(id) => vec![Uuid::from_slice(id).map_err(|_| malformed())?],
                ValueRef::Text(json) if field.custom => {
                    let all: Map<String, Json> =
                        serde_json::from_slice(json).map_err(|_| malformed())?;
                    let value = all.get(field.key.as_ref());
                    match value.and_then(|value| Value::from_json(&field.kind, value)) {
                        Some(Value::Id(id)) => vec![id],
                        Some(Value::Ids(ids)) => ids,
                        _ => Vec::new(),
                    }
                }
                ValueRef::Text(json) => serde_json::from_slice(json).map_err(|_| malformed())?,
                _ => return Err(malformed()),
            };
            let user = row.get("id")?;
            for id in used {
                users.entry(id).or_default().push(user);
            }
        }
        Ok(users)
    }
}

fn probes(catalog: &Catalog, entity: &EntityDef, list: &str) -> Vec<Probe> {
    let mut probes = Vec::new();
    for other in &catalog.entities {
        let home = match &other.root {
            Root::Of(key) => other.field(key),
            Root::Own => None,
        };
        let indexed = |column: &str| Probe::Indexed {
            sql: format!(
                "select id from {} where {column} = ?1 and deleted_at is null",
                other.key
            ),
        };
        let uses = |field: &&FieldDef| {
            field.target() == Some(entity.key.as_ref())
                && field.option_list().is_none_or(|of| of == list)
        };
        for field in other.fields.iter().filter(uses) {
            let single = matches!(
                field.kind,
                FieldType::Reference { .. } | FieldType::Choice { .. }
            );
            probes.push(if home.is_some_and(|home| home.key == field.key) {
                // Its own column has no index of its own.
                indexed("root_id")
            } else if single && field.indexed && !field.custom {
                indexed(&field.key)
            } else {
                Probe::Read {
                    entity: other.key.clone(),
                    field: field.clone(),
                }
            });
        }
    }
    probes
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn who_hangs_below_a_customer_or_refers_to_it_is_found_by_an_index() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let catalog = Catalog::core();
        crate::schema::reconcile(&connection, &catalog, 1).unwrap();
        let mut indexed = 0;
        for key in ["customer", "contact", "opportunity", "interaction"] {
            for probe in probes(&catalog, catalog.entity(key).unwrap(), "") {
                let Probe::Indexed { sql } = probe else {
                    continue;
                };
                let plan: String = connection
                    .query_row(&format!("explain query plan {sql}"), ["x"], |row| {
                        row.get("detail")
                    })
                    .unwrap();
                assert!(plan.starts_with("SEARCH"), "{sql}: {plan}");
                indexed += 1;
            }
        }
        assert!(indexed >= 10, "{indexed}");
    }
}
