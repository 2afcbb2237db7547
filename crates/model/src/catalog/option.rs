//! Option: one choice of an option list, with an id that outlives its label.

use crate::entity::{EntityDef, Scope};
use crate::field::{boolean, label, number, text};

pub(super) fn option() -> EntityDef {
    EntityDef::new("option", label("选项", "Option"), "name")
        .scope(Scope::Org)
        .system()
        .fields([
            text("list", "选项表", "List")
                .required()
                .read_only()
                .indexed(),
            text("name", "名称", "Name").required().max_length(100),
            text("name_en", "英文名称", "English name").max_length(100),
            text("color", "颜色", "Color").max_length(20),
            number("position", "顺序", "Position"),
            boolean("archived", "停用", "Archived"),
        ])
}
