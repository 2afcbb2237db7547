//! Reminder: something to do at a time, usually about a customer.

use crate::entity::{EntityDef, Scope};
use crate::field::{instant, label, long_text, reference, text};

pub(super) fn reminder() -> EntityDef {
    EntityDef::new("reminder", label("提醒", "Reminder"), "title")
        .below("customer")
        .scope(Scope::User)
        .fields([
            text("title", "事项", "Title").required().in_grid(280),
            instant("due_at", "时间", "Due")
                .required()
                .indexed()
                .in_grid(150)
                .aliases(&[
                    "下次跟进",
                    "下次跟进时间",
                    "下次联系时间",
                    "下次拜访时间",
                    "提醒时间",
                    "next follow-up",
                ]),
            reference("customer", "客户", "Customer", "customer")
                .moves()
                .in_grid(220),
            reference("contact", "联系人", "Contact", "contact"),
            reference("opportunity", "商机", "Opportunity", "opportunity"),
            // The interaction that asked for it, and the one that answered it.
            reference("interaction", "来自互动", "From interaction", "interaction"),
            reference("outcome", "完成记录", "Outcome", "interaction"),
            instant("done_at", "完成时间", "Done").indexed(),
            reference("owner", "负责人", "Owner", "user"),
            long_text("note", "备注", "Note"),
        ])
}
