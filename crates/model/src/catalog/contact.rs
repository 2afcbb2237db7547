//! Contact: a person, at home at one customer.

use crate::entity::EntityDef;
use crate::field::{
    KeyClass, SearchClass, boolean, choice, date, email, label, long_text, many_reference, phone,
    reference, text,
};

pub(super) fn contact() -> EntityDef {
    EntityDef::new("contact", label("联系人", "Contact"), "name")
        .below("customer")
        .fields([
            text("name", "姓名", "Name")
                .required()
                .sensitive()
                .max_length(100)
                .search(SearchClass::Name)
                .by_pinyin()
                .in_grid(120)
                .aliases(&[
                    "联系人",
                    "联系人姓名",
                    "客户联系人",
                    "主要联系人",
                    "对接人",
                    "经办人",
                    "contact",
                    "contact name",
                    "contact person",
                    "full name",
                    "person",
                ]),
            reference("customer", "所属客户", "Customer", "customer")
                .moves()
                .in_grid(220),
            text("title", "职位", "Job title").in_grid(120).aliases(&[
                "职务",
                "岗位",
                "头衔",
                "job",
                "job title",
                "position",
            ]),
            text("department", "部门", "Department").aliases(&["所在部门", "科室"]),
            choice("gender", "性别", "Gender", "contact.gender").aliases(&["sex"]),
            phone("mobile", "手机", "Mobile")
                .sensitive()
                .search(SearchClass::Phone)
                .keyed(KeyClass::Phone)
                .in_grid(140)
                .aliases(&[
                    "手机号",
                    "手机号码",
                    "移动电话",
                    "联系电话",
                    "联系方式",
                    "联系人电话",
                    "联系人手机",
                    "mobile phone",
                    "cell",
                    "cell phone",
                    "cellphone",
                    "contact phone",
                ]),
            phone("phone", "座机", "Phone")
                .sensitive()
                .search(SearchClass::Phone)
                .keyed(KeyClass::Phone)
                .aliases(&[
                    "办公电话",
                    "联系人座机",
                    "分机",
                    "office phone",
                    "work phone",
                ]),
            email("email", "邮箱", "E-mail")
                .sensitive()
                .search(SearchClass::Code)
                .in_grid(200)
                .aliases(&[
                    "联系人邮箱",
                    "邮件",
                    "电子邮件",
                    "邮箱地址",
                    "contact email",
                ]),
            text("wechat", "微信", "WeChat")
                .sensitive()
                .search(SearchClass::Code)
                .aliases(&["微信号", "wechat id"]),
            boolean("key_person", "关键人", "Key person").aliases(&[
                "决策人",
                "是否关键人",
                "decision maker",
            ]),
            date("birthday", "生日", "Birthday")
                .sensitive()
                .aliases(&["出生日期", "date of birth"]),
            many_reference("tags", "标签", "Tags", "tag").aliases(&["联系人标签"]),
            long_text("note", "备注", "Note").aliases(&["联系人备注"]),
        ])
}
