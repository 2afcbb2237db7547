//! Opportunity: a sale in the making, on its way through the stages of a pipeline.

use crate::entity::EntityDef;
use crate::field::{
    SearchClass, auto_number, choice, date, former_numbers, label, long_text, many_reference,
    money, percent, reference, text,
};

pub(super) fn opportunity() -> EntityDef {
    EntityDef::new("opportunity", label("商机", "Opportunity"), "name")
        .below("customer")
        .fields([
            text("name", "商机名称", "Name")
                .required()
                .search(SearchClass::Name)
                .by_pinyin()
                .in_grid(240)
                .aliases(&[
                    "商机",
                    "项目",
                    "项目名称",
                    "机会名称",
                    "销售机会",
                    "opportunity",
                    "deal",
                    "deal name",
                    "project",
                ]),
            auto_number("number", "商机编号", "Number", "OPP")
                .search(SearchClass::Code)
                .aliases(&["项目编号", "opportunity number"]),
            reference("customer", "客户", "Customer", "customer")
                .required()
                .moves()
                .in_grid(220),
            reference("pipeline", "销售流程", "Pipeline", "pipeline").required(),
            reference("stage", "阶段", "Stage", "stage")
                .required()
                .critical()
                .in_grid(120)
                .aliases(&["销售阶段", "商机阶段", "项目阶段"]),
            money("amount", "预计金额", "Amount")
                .critical()
                .indexed()
                .in_grid(130)
                .aliases(&[
                    "商机金额",
                    "预计成交金额",
                    "项目金额",
                    "预算",
                    "合同金额",
                    "deal value",
                ]),
            percent("probability", "赢率", "Probability")
                .range(0.0, 100.0)
                .aliases(&["成功率", "可能性"]),
            date("expected_close", "预计成交日期", "Expected close")
                .critical()
                .indexed()
                .in_grid(130)
                .aliases(&["预计成交时间", "预计签约日期", "成交日期", "close date"]),
            choice(
                "lost_reason",
                "失败原因",
                "Lost reason",
                "opportunity.lost_reason",
            ),
            text("next_step", "下一步", "Next step")
                .max_length(500)
                .aliases(&["下一步计划", "后续行动"]),
            many_reference("tags", "标签", "Tags", "tag"),
            reference("owner", "负责人", "Owner", "user")
                .moves()
                .in_grid(100),
            long_text("note", "备注", "Note").aliases(&["商机备注", "项目描述"]),
            former_numbers(),
        ])
}
