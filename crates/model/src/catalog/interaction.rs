//! Interaction: a visit, call, message or meeting that took place.

use crate::entity::EntityDef;
use crate::field::{
    SearchClass, choice, instant, label, long_text, many_reference, reference, text,
};

pub(super) fn interaction() -> EntityDef {
    EntityDef::new("interaction", label("互动", "Interaction"), "summary")
        .below("customer")
        .rows_by("occurred_at")
        .fields([
            choice("kind", "方式", "Kind", "interaction.kind")
                .required()
                .in_grid(90)
                .aliases(&["跟进方式", "互动方式", "联系方式类型", "拜访方式"]),
            instant("occurred_at", "时间", "Time")
                .required()
                .in_grid(150)
                .aliases(&[
                    "跟进时间",
                    "拜访时间",
                    "互动时间",
                    "拜访日期",
                    "跟进日期",
                    "最近跟进",
                    "联系时间",
                ]),
            reference("customer", "客户", "Customer", "customer")
                .required()
                .moves()
                .in_grid(220),
            reference("opportunity", "商机", "Opportunity", "opportunity"),
            many_reference("contacts", "参与人员", "Participants", "contact").aliases(&["参与人"]),
            long_text("summary", "摘要", "Summary")
                .required()
                .search(SearchClass::Text)
                .in_grid(420)
                .aliases(&[
                    "跟进内容",
                    "跟进记录",
                    "拜访内容",
                    "沟通内容",
                    "互动内容",
                    "拜访记录",
                    "follow-up",
                    "activity",
                ]),
            text("next_step", "后续行动", "Next step")
                .max_length(500)
                .search(SearchClass::Text),
            reference("owner", "记录人", "Logged by", "user"),
        ])
}
