//! Pipeline: one way of selling, with stages of its own.

use crate::entity::{EntityDef, Scope};
use crate::field::{boolean, label, number, text};

pub(super) fn pipeline() -> EntityDef {
    EntityDef::new("pipeline", label("销售流程", "Pipeline"), "name")
        .scope(Scope::Org)
        .system()
        .fields([
            text("name", "名称", "Name").required(),
            text("name_en", "英文名称", "English name"),
            number("position", "顺序", "Position"),
            boolean("archived", "停用", "Archived"),
        ])
}
