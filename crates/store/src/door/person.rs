//! The person at this laptop gets the id that the server has for them (docs/adr/0010). Until the first contact nobody
//! else knows the old one, so that it is changed wherever it stands.

use ketu_model::field::FieldType;
use rusqlite::named_params;
use uuid::Uuid;

use super::Door;
use crate::error::Result;
use crate::store::{Store, set_meta};
use crate::{StoreError, Write};

impl Store {
    /// Puts the user `new` in the place of `old`, everywhere but in the audit, which is never changed.
    ///
    /// # Errors
    /// [`StoreError::Malformed`] where this laptop has a server already: others may know the old id.
    pub fn become_user(&self, old: Uuid, new: Uuid) -> Result<()> {
        self.transact(Write::upkeep(), |door| door.become_user(old, new))?;
        Ok(())
    }
}

impl Door<'_> {
    fn become_user(&mut self, old: Uuid, new: Uuid) -> Result<()> {
        if self.reader().sync_state()?.is_some() {
            return Err(StoreError::Malformed {
                entity: "sync_state".to_owned(),
                field: "state".to_owned(),
            });
        }
        let catalog = std::sync::Arc::clone(&self.catalog);
        let ids = named_params! { ":old": old, ":new": new };
        let texts = named_params! { ":old": old.to_string(), ":new": new.to_string() };
        for entity in &catalog.entities {
            let table = &entity.key;
            let is_user = |target: &str| target == "user";
            let mut columns = vec!["author", "created_by", "updated_by"];
            for field in entity.core_fields() {
                match &field.kind {
                    FieldType::Reference { target } if is_user(target) => columns.push(&field.key),
                    // A list of ids stands as text.
                    FieldType::ManyReference { target } if is_user(target) => {
                        let column = &field.key;
                        self.connection.execute(
                            &format!(
                                "update {table} set {column} = replace({column}, :old, :new) \
                                 where instr({column}, :old) > 0"
                            ),
                            texts,
                        )?;
                    }
                    _ => {}
                }
            }
            for column in columns {
                self.connection.execute(
                    &format!("update {table} set {column} = :new where {column} = :old"),
                    ids,
                )?;
            }
        }
        for statement in [
            "update user set id = :new, root_id = :new where id = :old",
            "update log set author = :new where author = :old",
            "update step set record = :new where record = :old",
        ] {
            self.connection.execute(statement, ids)?;
        }
        self.connection
            .execute(include_str!("../sql/become_user_in_log.sql"), texts)?;
        set_meta(self.connection, "user", &new.to_string())
    }
}
