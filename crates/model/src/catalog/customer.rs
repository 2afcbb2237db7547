//! Customer: the company that everything else hangs below.

use crate::entity::EntityDef;
use crate::field::{
    FieldDef, Format, KeyClass, SearchClass, auto_number, choice, email, former_numbers, label,
    long_text, many_reference, money, phone, reference, region, text, url,
};

pub(super) fn customer() -> EntityDef {
    EntityDef::new("customer", label("客户", "Customer"), "name").fields(fields())
}

fn fields() -> [FieldDef; 20] {
    [
        text("name", "客户名称", "Name")
            .required()
            .max_length(200)
            .search(SearchClass::Name)
            .by_pinyin()
            .keyed(KeyClass::Company)
            .in_grid(240)
            .aliases(&[
                "客户",
                "公司",
                "公司名称",
                "单位",
                "单位名称",
                "企业名称",
                "客户全称",
                "公司全称",
                "名称",
                "往来单位",
                "甲方",
                "company",
                "company name",
                "customer",
                "customer name",
                "account",
                "account name",
                "organization",
            ]),
        auto_number("number", "客户编号", "Number", "CUST")
            .search(SearchClass::Code)
            .in_grid(140)
            .aliases(&[
                "编号",
                "客户编码",
                "编码",
                "客户代码",
                "客户号",
                "代码",
                "customer no",
                "customer number",
                "no",
                "id",
                "code",
            ]),
        text("alias", "简称", "Short name")
            .search(SearchClass::Name)
            .aliases(&["客户简称", "公司简称", "别名", "short name"]),
        text("uscc", "统一社会信用代码", "USCC")
            .unique()
            .format(Format::Uscc)
            .max_length(18)
            .search(SearchClass::Code)
            .aliases(&[
                "信用代码",
                "税号",
                "纳税人识别号",
                "社会信用代码",
                "组织机构代码",
                "tax id",
                "tax number",
            ]),
        phone("phone", "电话", "Phone")
            .search(SearchClass::Phone)
            .keyed(KeyClass::Phone)
            .in_grid(140)
            .aliases(&[
                "公司电话",
                "单位电话",
                "总机",
                "客户电话",
                "固定电话",
                "座机",
                "tel",
                "telephone",
                "company phone",
            ]),
        email("email", "邮箱", "E-mail")
            .search(SearchClass::Code)
            .aliases(&["公司邮箱", "电子邮箱", "e-mail", "mail", "company email"]),
        url("website", "网址", "Website").aliases(&["网站", "官网", "主页", "web", "homepage"]),
        choice("industry", "行业", "Industry", "customer.industry")
            .in_grid(110)
            .aliases(&["所属行业", "客户行业", "行业类别", "sector"]),
        choice("source", "来源", "Source", "customer.source").aliases(&[
            "客户来源",
            "渠道来源",
            "信息来源",
            "lead source",
        ]),
        choice("category", "客户类型", "Type", "customer.category")
            .in_grid(110)
            .aliases(&["类型", "客户分类", "分类", "客户性质", "category"]),
        choice("level", "客户级别", "Level", "customer.level")
            .in_grid(90)
            .aliases(&[
                "级别",
                "等级",
                "客户等级",
                "重要程度",
                "价值等级",
                "grade",
                "rating",
            ]),
        choice("lifecycle", "客户阶段", "Lifecycle", "customer.lifecycle")
            .in_grid(100)
            .aliases(&["客户状态", "状态", "生命周期", "status"]),
        region("region", "地区", "Region").in_grid(160).aliases(&[
            "省市",
            "所在地区",
            "区域",
            "省市区",
            "所在地",
            "城市",
            "省份",
            "city",
            "province",
            "state",
        ]),
        text("address", "地址", "Address")
            .max_length(500)
            .aliases(&[
                "详细地址",
                "公司地址",
                "单位地址",
                "通讯地址",
                "联系地址",
                "street",
            ]),
        money("annual_value", "年采购额", "Annual value")
            .indexed()
            .in_grid(130)
            .aliases(&[
                "金额",
                "采购额",
                "年销售额",
                "年度金额",
                "成交金额",
                "累计金额",
                "amount",
                "revenue",
                "annual revenue",
            ]),
        many_reference("tags", "标签", "Tags", "tag").aliases(&["客户标签", "tag"]),
        reference("owner", "负责人", "Owner", "user")
            .moves()
            .in_grid(100)
            .aliases(&[
                "业务员",
                "销售",
                "销售员",
                "销售人员",
                "客户经理",
                "跟进人",
                "所属人",
                "salesperson",
                "sales rep",
            ]),
        long_text("note", "备注", "Note").aliases(&[
            "说明",
            "描述",
            "备注信息",
            "其他",
            "notes",
            "remark",
            "remarks",
            "comment",
            "description",
        ]),
        former_numbers(),
        reference("merged_into", "已并入", "Merged into", "customer").read_only(),
    ]
}
