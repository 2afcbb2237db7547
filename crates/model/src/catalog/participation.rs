//! Participation: a contact's role at another company or in an opportunity.

use crate::entity::EntityDef;
use crate::field::{choice, label, reference, text};

pub(super) fn participation() -> EntityDef {
    EntityDef::new("participation", label("参与", "Participation"), "stub")
        .below("customer")
        .fields([
            reference("customer", "客户", "Customer", "customer")
                .required()
                .moves(),
            reference("contact", "联系人", "Contact", "contact").required(),
            reference("opportunity", "商机", "Opportunity", "opportunity"),
            choice("role", "角色", "Role", "participation.role"),
            choice("attitude", "态度", "Attitude", "participation.attitude"),
            // The contact's name, so that the record reads where the contact itself is not held.
            text("stub", "姓名", "Name").sensitive().read_only(),
        ])
}
