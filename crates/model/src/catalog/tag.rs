//! Tag: a word that people put on records.

use crate::entity::{EntityDef, Scope};
use crate::field::{label, text};

pub(super) fn tag() -> EntityDef {
    EntityDef::new("tag", label("标签", "Tag"), "name")
        .scope(Scope::Org)
        .system()
        .fields([
            text("name", "名称", "Name").required().max_length(40),
            text("color", "颜色", "Color").max_length(20),
        ])
}
