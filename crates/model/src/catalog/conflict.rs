//! Conflict: a card that asks a person to decide what two laptops could not (docs/sync-protocol.md §4.12).
//! The server makes cards; people answer them.

use crate::entity::EntityDef;
use crate::field::{instant, label, long_text, reference, text};

pub(super) fn conflict() -> EntityDef {
    EntityDef::new("conflict", label("待定修改", "Conflict"), "field")
        .below("customer")
        .system()
        .fields([
            reference("customer", "客户", "Customer", "customer")
                .moves()
                .read_only(),
            // critical | deleted | revived | proposed | duplicate
            text("kind", "类别", "Kind").required().read_only(),
            text("entity", "对象", "Entity").required().read_only(),
            text("record", "记录", "Record").required().read_only(),
            text("field", "字段", "Field").read_only(),
            // Values in the JSON form of the change log.
            long_text("base", "原值", "Base").read_only(),
            long_text("yours", "你的修改", "Yours").read_only(),
            long_text("theirs", "对方的修改", "Theirs").read_only(),
            reference("your_author", "你方", "Your author", "user").read_only(),
            reference("their_author", "对方", "Their author", "user").read_only(),
            instant("your_time", "你方时间", "Your time").read_only(),
            instant("their_time", "对方时间", "Their time").read_only(),
            // Whose decision it is; empty for the owner of the customer.
            reference("asked", "由谁决定", "Asked", "user").read_only(),
            // open | yours | theirs | other
            text("state", "状态", "State").required(),
        ])
}
