//! The words of column headers: what the catalog's labels and aliases leave open. Data only; how
//! they are applied stands one module up.

/// What has to hold for a target to be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// Another column names contacts.
    Contact,
    /// Another column names companies.
    Company,
    /// Another column names opportunities, their stage or the like.
    Deal,
    /// Another column tells what was talked about.
    Talk,
    /// Most values are mobile numbers.
    Mobiles,
    /// Most values are other phone numbers.
    Landlines,
    /// Most values are dates.
    Dates,
    /// Most values are e-mail addresses.
    Emails,
}

/// Headers that could mean several things, and the order in which to try them. A target is taken
/// when all its conditions hold and no other column has it. Headers in their normal form.
pub(super) struct Rule {
    pub names: &'static [&'static str],
    pub order: &'static [(&'static str, &'static [When])],
}

pub(super) const RULES: &[Rule] = &[
    Rule {
        names: &[
            "电话",
            "电话号码",
            "tel",
            "telephone",
            "phone",
            "phonenumber",
            "电话/手机",
            "手机/电话",
            "电话手机",
            "手机电话",
        ],
        order: &[
            ("contact.mobile", &[When::Contact, When::Mobiles]),
            ("customer.phone", &[]),
            ("contact.phone", &[When::Contact]),
        ],
    },
    Rule {
        names: &[
            "联系电话",
            "联系方式",
            "联系人电话",
            "联系号码",
            "联系人联系方式",
            "联系人联系电话",
            "contactphone",
            "contactnumber",
            "contacttel",
        ],
        order: &[
            ("contact.email", &[When::Contact, When::Emails]),
            ("contact.phone", &[When::Contact, When::Landlines]),
            ("contact.mobile", &[When::Contact]),
            ("customer.phone", &[]),
        ],
    },
    Rule {
        names: &[
            "手机",
            "手机号",
            "手机号码",
            "移动电话",
            "联系人手机",
            "联系人手机号",
            "联系人手机号码",
            "联系手机",
            "mobile",
            "mobilephone",
            "mobileno",
            "cell",
            "cellphone",
        ],
        order: &[
            ("contact.mobile", &[When::Contact]),
            ("customer.phone", &[]),
        ],
    },
    Rule {
        names: &[
            "座机",
            "固定电话",
            "固话",
            "办公电话",
            "座机号",
            "officephone",
            "landline",
        ],
        order: &[("customer.phone", &[]), ("contact.phone", &[When::Contact])],
    },
    Rule {
        names: &[
            "邮箱",
            "电子邮箱",
            "邮箱地址",
            "邮件",
            "电子邮件",
            "邮件地址",
            "email",
            "mail",
            "emailaddress",
        ],
        order: &[("contact.email", &[When::Contact]), ("customer.email", &[])],
    },
    Rule {
        names: &["name", "fullname"],
        order: &[("contact.name", &[When::Company]), ("customer.name", &[])],
    },
    Rule {
        names: &[
            "金额",
            "amount",
            "成交金额",
            "总金额",
            "合同金额",
            "预算",
            "预算金额",
            "金额合计",
        ],
        order: &[
            ("opportunity.amount", &[When::Deal]),
            ("customer.annual_value", &[]),
        ],
    },
    Rule {
        names: &["阶段", "stage", "当前阶段", "进展阶段"],
        order: &[
            ("opportunity.stage", &[When::Deal]),
            ("customer.lifecycle", &[]),
        ],
    },
    Rule {
        names: &["日期", "时间", "date", "time"],
        order: &[("interaction.occurred_at", &[When::Talk, When::Dates])],
    },
    Rule {
        names: &[
            "最近跟进",
            "最后跟进",
            "跟进",
            "最新跟进",
            "最近联系",
            "最后联系",
            "lastcontact",
            "lastactivity",
        ],
        order: &[
            ("interaction.occurred_at", &[When::Dates]),
            ("interaction.summary", &[]),
        ],
    },
    Rule {
        names: &[
            "下次跟进",
            "下次联系",
            "下次拜访",
            "跟进计划",
            "nextfollowup",
            "nextcontact",
        ],
        order: &[("reminder.due_at", &[When::Dates]), ("reminder.title", &[])],
    },
    Rule {
        // The column that Ketu itself adds to failed rows; an opportunity has a field of this name.
        names: &["失败原因", "丢单原因", "lostreason"],
        order: &[("opportunity.lost_reason", &[When::Deal])],
    },
    Rule {
        names: &["下一步", "下一步计划", "后续行动", "nextstep"],
        order: &[
            ("opportunity.next_step", &[When::Deal]),
            ("interaction.next_step", &[When::Talk]),
        ],
    },
];

/// Names beyond the catalog's labels and aliases.
pub(super) const MORE: &[(&str, &[&str])] = &[
    (
        "customer.name",
        &[
            "所属客户",
            "所属公司",
            "客户单位",
            "购货单位",
            "购买方",
            "收货单位",
            "厂商",
            "厂家",
            "供应商名称",
            "企业",
            "公司名",
            "客户名",
            "单位名",
            "工作单位",
            "公司/客户",
            "企业/公司",
            "companyname",
            "firm",
            "employer",
        ],
    ),
    (
        "customer.number",
        &[
            "会员编号",
            "客户id",
            "往来单位编码",
            "customerid",
            "customercode",
        ],
    ),
    (
        "customer.uscc",
        &[
            "统一信用代码",
            "纳税号",
            "营业执照号",
            "税务登记号",
            "uscc",
            "vatnumber",
        ],
    ),
    (
        "customer.phone",
        &["公司座机", "企业电话", "客户座机", "单位座机"],
    ),
    ("customer.email", &["企业邮箱", "客户邮箱", "单位邮箱"]),
    (
        "customer.website",
        &["公司网址", "公司网站", "企业网站", "url"],
    ),
    (
        "customer.industry",
        &["行业类型", "行业分类", "细分行业", "industry"],
    ),
    ("customer.source", &["渠道", "获客渠道", "线索来源"]),
    ("customer.level", &["客户评级", "优先级", "客户等级分类"]),
    (
        "customer.lifecycle",
        &["合作状态", "跟进状态", "跟进阶段", "意向程度"],
    ),
    (
        "customer.region",
        &[
            "省",
            "市",
            "区",
            "县",
            "区县",
            "县区",
            "区/县",
            "市/县",
            "省/市",
            "省/市/区",
            "地市",
            "地级市",
            "所在省",
            "所在市",
            "所在省份",
            "所在城市",
            "所在区",
            "所在区县",
            "省市县",
            "行政区",
            "行政区划",
            "district",
            "county",
        ],
    ),
    (
        "customer.address",
        &["注册地址", "办公地址", "收货地址", "详细住址", "address"],
    ),
    (
        "customer.annual_value",
        &["年采购金额", "年营业额", "年产值", "年合同额"],
    ),
    (
        "customer.owner",
        &[
            "负责销售",
            "业务经理",
            "销售经理",
            "销售代表",
            "归属人",
            "客户负责人",
            "所属业务员",
            "owner",
        ],
    ),
    (
        "contact.name",
        &[
            "联系人名称",
            "客户姓名",
            "联络人",
            "收件人",
            "联系人名",
            "负责人姓名",
            "contactname",
        ],
    ),
    ("contact.title", &["职称", "title"]),
    ("contact.wechat", &["微信账号", "微信/qq", "wx"]),
    ("contact.department", &["dept", "department"]),
    (
        "opportunity.name",
        &["项目名", "商机主题", "销售项目", "dealname", "projectname"],
    ),
    (
        "opportunity.amount",
        &["预算(万)", "预计成交额", "项目预算"],
    ),
    (
        "interaction.summary",
        &[
            "跟进情况",
            "最新进展",
            "进展",
            "进展情况",
            "沟通记录",
            "联系记录",
            "洽谈记录",
            "跟踪记录",
            "跟踪情况",
            "回访记录",
            "跟进备注",
            "沟通情况",
        ],
    ),
    (
        "interaction.occurred_at",
        &[
            "最后跟进时间",
            "最近跟进时间",
            "最近联系时间",
            "最后联系时间",
            "沟通时间",
            "回访时间",
            "跟踪日期",
        ],
    ),
    ("interaction.kind", &["沟通方式", "联系类型"]),
    (
        "reminder.due_at",
        &[
            "下次跟进日期",
            "计划跟进时间",
            "下次沟通时间",
            "下次联系日期",
            "下次拜访日期",
            "预约时间",
        ],
    ),
    (
        "reminder.title",
        &["待办", "待办事项", "下次跟进内容", "跟进事项", "todo"],
    ),
];

/// Words that stand before the word that matters, with the record that they speak of.
pub(super) const QUALIFIERS: &[(&str, Option<&str>)] = &[
    ("客户联系人", Some("contact")),
    ("主要联系人", Some("contact")),
    ("首要联系人", Some("contact")),
    ("第一联系人", Some("contact")),
    ("联系人", Some("contact")),
    ("对接人", Some("contact")),
    ("经办人", Some("contact")),
    ("contactperson", Some("contact")),
    ("contact", Some("contact")),
    ("商机", Some("opportunity")),
    ("项目", Some("opportunity")),
    ("销售机会", Some("opportunity")),
    ("opportunity", Some("opportunity")),
    ("客户", Some("customer")),
    ("公司", Some("customer")),
    ("单位", Some("customer")),
    ("企业", Some("customer")),
    ("甲方", Some("customer")),
    ("customer", Some("customer")),
    ("company", Some("customer")),
    ("account", Some("customer")),
    ("主要", None),
    ("所属", None),
    ("所在", None),
    ("详细", None),
    ("当前", None),
    ("其他", None),
    ("基本", None),
    ("对方", None),
    ("企业/公司", Some("customer")),
    ("地址", Some("customer")),
    ("地区", Some("customer")),
    // The upper row of a header in two: 客户信息 above 公司, 联系方式 above 手机.
    ("信息", None),
    ("资料", None),
    ("联系方式", None),
    ("/", None),
];

/// Columns that are about the sheet, not about customers.
pub(super) const IGNORED: &[&str] = &[
    "序号",
    "行号",
    "序列",
    "排序",
    "no.",
    "#",
    "seq",
    "index",
    "创建时间",
    "创建日期",
    "更新时间",
    "修改时间",
    "创建人",
    "录入人",
    "录入时间",
    "修改人",
    "created",
    "createdat",
    "updated",
    "updatedat",
    "reason",
    "原因",
    "导入失败原因",
    "importerror",
];

/// Words in a company's name, for columns without a name that tells.
pub(super) const COMPANY_ENDINGS: &[&str] = &[
    "公司",
    "集团",
    "厂",
    "研究院",
    "研究所",
    "设计院",
    "大学",
    "学院",
    "医院",
    "银行",
    "局",
    "中心",
    "合作社",
    "经营部",
    "事务所",
    "ltd",
    "ltd.",
    "inc",
    "inc.",
    "gmbh",
    "llc",
];
