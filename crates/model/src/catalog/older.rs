//! For tests alone: the catalog of a version that did not have everything yet, to see it beside this one.

use std::env;

use super::Catalog;

/// Leaves out what the environment's `KETU_OLDER` names: `participation,customer.address` is an entity and a field.
pub(super) fn without(mut catalog: Catalog) -> Catalog {
    let names = env::var("KETU_OLDER").unwrap_or_default();
    for name in names.split(',').filter(|name| !name.is_empty()) {
        match name.split_once('.') {
            None => catalog.entities.retain(|entity| entity.key != name),
            Some((key, field)) => {
                let known = catalog.entities.iter_mut().find(|entity| entity.key == key);
                if let Some(entity) = known {
                    entity.fields.retain(|known| known.key != field);
                }
            }
        }
    }
    catalog
}
