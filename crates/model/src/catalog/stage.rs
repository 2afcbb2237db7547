//! Stage: one step of a pipeline, open, won or lost.

use crate::entity::{EntityDef, Scope};
use crate::field::{boolean, choice, label, number, percent, reference, text};

pub(super) fn stage() -> EntityDef {
    EntityDef::new("stage", label("阶段", "Stage"), "name")
        .scope(Scope::Org)
        .system()
        .fields([
            text("name", "名称", "Name").required(),
            text("name_en", "英文名称", "English name"),
            reference("pipeline", "销售流程", "Pipeline", "pipeline").required(),
            number("position", "顺序", "Position").required(),
            percent("probability", "赢率", "Probability").range(0.0, 100.0),
            choice("outcome", "结果", "Outcome", "stage.outcome").required(),
            boolean("archived", "停用", "Archived"),
        ])
}
