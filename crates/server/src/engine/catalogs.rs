//! The shipped catalog with each organisation's own fields, made anew when those change.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ketu_model::catalog::custom_field;
use ketu_model::value::{Fields, Value};
use ketu_model::{Catalog, EntityDef};
use ketu_sync::record::{Seq, Values};
use uuid::Uuid;

use crate::db::{DbError, Result as DbResult, Tx};
use crate::ids::OrgId;
use crate::params;

/// Records of it are fields of the users' own.
pub(super) const FIELD_DEFINITION: &str = "field_definition";

/// By organisation, with the number at which its fields changed last.
#[derive(Debug, Default)]
pub(super) struct Catalogs(Mutex<HashMap<OrgId, (Seq, Arc<Catalog>)>>);

impl Catalogs {
    pub async fn of(&self, tx: &mut Tx, org: OrgId, rev: Seq) -> DbResult<Arc<Catalog>> {
        if rev == 0 {
            return Ok(Catalog::core());
        }
        if let Some((at, catalog)) = self.known().get(&org)
            && *at == rev
        {
            return Ok(Arc::clone(catalog));
        }
        let catalog = load(tx, org).await?;
        self.known().insert(org, (rev, Arc::clone(&catalog)));
        Ok(catalog)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<OrgId, (Seq, Arc<Catalog>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn load(tx: &mut Tx, org: OrgId) -> DbResult<Arc<Catalog>> {
    let core = Catalog::core();
    let entity = core.entity(FIELD_DEFINITION);
    let sql = include_str!("sql/own_fields.sql");
    let mut fields = Vec::new();
    for row in tx.query(sql, params! { org_id: org }).await? {
        if row.get::<Option<i64>>("deleted")?.is_some() {
            continue;
        }
        let values = serde_json::from_str(&row.get::<String>("fields")?);
        let values: Values = values.map_err(|_| DbError::Column("fields"))?;
        let record = entity
            .map(|entity| typed(entity, &values))
            .unwrap_or_default();
        // As laptops do it: a field that is no longer used is kept as it is, unread.
        let archived = record.value("archived") == &Value::Bool(true);
        let id: Uuid = row.get("id")?;
        fields.extend(custom_field(id, &record).filter(|_| !archived));
    }
    Ok(Catalog::with_custom(fields))
}

fn typed(entity: &EntityDef, values: &Values) -> Fields {
    let known = entity.fields.iter().filter_map(|field| {
        let value = Value::from_json(&field.kind, values.get(field.key.as_ref())?)?;
        Some((field.key.clone(), value))
    });
    known.collect()
}
