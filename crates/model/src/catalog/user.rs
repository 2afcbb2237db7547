//! User: a person of one's own company. On a laptop alone there is one, its owner.

use crate::entity::{EntityDef, Scope};
use crate::field::{email, label, phone, text};

pub(super) fn user() -> EntityDef {
    EntityDef::new("user", label("用户", "User"), "name")
        .scope(Scope::Org)
        .system()
        .fields([
            text("name", "姓名", "Name").required().max_length(100),
            text("title", "职位", "Job title"),
            text("area", "负责区域", "Area"),
            phone("phone", "电话", "Phone").sensitive(),
            email("email", "邮箱", "E-mail").sensitive(),
        ])
}
