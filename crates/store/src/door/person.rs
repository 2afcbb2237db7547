//! The person at this laptop gets the id that the server has for them (docs/adr/0010). Until the first contact nobody
//! else knows the old one, so that it is changed wherever it stands.

use ketu_model::EntityDef;
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
        let names = named_params! {
            ":old": old,
            ":new": new,
            ":old_text": old.to_string(),
            ":new_text": new.to_string(),
        };
        for entity in &catalog.entities {
            self.connection.execute(&rename(entity), names)?;
        }
        let ids = named_params! { ":old": old, ":new": new };
        for statement in [
            "update user set id = :new, root_id = :new where id = :old",
            "update log set record = :new, root = :new where record = :old",
            "update step set record = :new where record = :old",
            // The server alone makes users; what somebody changed of themselves is sent.
            "delete from log where record in (:old, :new) and kind = 'create'",
        ] {
            self.connection.execute(statement, ids)?;
        }
        self.connection
            .execute(include_str!("../sql/become_user_in_log.sql"), names)?;
        let texts = named_params! { ":old_text": old.to_string(), ":new_text": new.to_string() };
        let settings = "update setting set value = replace(value, :old_text, :new_text)";
        self.connection.execute(settings, texts)?;
        set_meta(self.connection, "user", &new.to_string())
    }
}

/// Renames a user in a table, in one pass over its rows.
fn rename(entity: &EntityDef) -> String {
    let mut ids = vec!["author", "created_by", "updated_by"];
    // What holds ids as text.
    let mut texts = vec!["versions"];
    for field in entity.core_fields() {
        match &field.kind {
            FieldType::Reference { target } if target == "user" => ids.push(&field.key),
            FieldType::ManyReference { target } if target == "user" => texts.push(&field.key),
            _ => {}
        }
    }
    let id = |column: &&str| format!("{column} = iif({column} = :old, :new, {column})");
    let text = |column: &&str| format!("{column} = replace({column}, :old_text, :new_text)");
    let sets: Vec<String> = ids.iter().map(id).chain(texts.iter().map(text)).collect();
    let named = ids.iter().map(|column| format!("{column} = :old"));
    let written = texts
        .iter()
        .map(|column| format!("instr({column}, :old_text) > 0"));
    let rows: Vec<String> = named.chain(written).collect();
    format!(
        "update {} set {} where {}",
        entity.key,
        sets.join(", "),
        rows.join(" or ")
    )
}
