//! What ships with Ketu: option lists, a pipeline for each of the two ways of selling, their stages.
//! Ids are UUIDv5 of the keys below, so every laptop has the same; keys are never used again.

use std::collections::HashMap;
use std::sync::OnceLock;

use uuid::Uuid;

use crate::ids::{option_id, shipped_id};
use crate::value::{Fields, Value};

/// A shipped record: its entity, id and fields.
#[derive(Debug, Clone)]
pub struct ShippedRecord {
    pub entity: &'static str,
    pub id: Uuid,
    pub fields: Fields,
}

/// What ships under an id, if anything does.
pub fn shipped_record(id: Uuid) -> Option<&'static ShippedRecord> {
    static BY_ID: OnceLock<HashMap<Uuid, ShippedRecord>> = OnceLock::new();
    let by_id = || {
        shipped_records()
            .into_iter()
            .map(|record| (record.id, record))
            .collect()
    };
    BY_ID.get_or_init(by_id).get(&id)
}

/// List, then its options as (Chinese, English, colour). A shipped option has the id that its
/// Chinese name would get when typed, so that an import of 「潜在客户」 finds it.
type Options = &'static [(&'static str, &'static str, &'static str)];
const OPTIONS: &[(&str, Options)] = &[
    (
        "customer.industry",
        &[
            ("制造业", "Manufacturing", ""),
            ("电力能源", "Energy", ""),
            ("石油化工", "Petrochemicals", ""),
            ("冶金矿产", "Metals & mining", ""),
            ("建筑工程", "Construction", ""),
            ("信息技术", "IT", ""),
            ("交通物流", "Transport", ""),
            ("医疗健康", "Healthcare", ""),
            ("教育科研", "Education", ""),
            ("金融", "Finance", ""),
            ("批发零售", "Trade", ""),
            ("政府机构", "Government", ""),
            ("其他", "Other", ""),
        ],
    ),
    (
        "customer.source",
        &[
            ("老客户介绍", "Referral", ""),
            ("展会", "Trade fair", ""),
            ("电话咨询", "Inbound call", ""),
            ("网上搜索", "Web search", ""),
            ("设计院推荐", "Design institute", ""),
            ("陌生拜访", "Cold visit", ""),
            ("市场活动", "Campaign", ""),
            ("其他", "Other", ""),
        ],
    ),
    (
        "customer.category",
        &[
            ("最终用户", "End user", "blue"),
            ("设计院", "Design institute", "purple"),
            ("系统集成商", "System integrator", "cyan"),
            ("经销商", "Distributor", "orange"),
            ("合作伙伴", "Partner", "green"),
        ],
    ),
    (
        "customer.level",
        &[
            ("A 重点", "A Key", "red"),
            ("B 重要", "B Important", "orange"),
            ("C 普通", "C Regular", "blue"),
            ("D 一般", "D Minor", "default"),
        ],
    ),
    (
        "customer.lifecycle",
        &[
            ("潜在", "Potential", "default"),
            ("意向", "Interested", "blue"),
            ("成交", "Won", "green"),
            ("维护", "Maintained", "cyan"),
            ("流失", "Lost", "red"),
        ],
    ),
    (
        "contact.gender",
        &[("男", "Male", ""), ("女", "Female", "")],
    ),
    (
        "participation.role",
        &[
            ("决策人", "Decision maker", "red"),
            ("影响人", "Influencer", "orange"),
            ("使用人", "User", "blue"),
            ("技术把关", "Technical gatekeeper", "purple"),
            ("采购", "Purchasing", "cyan"),
            ("财务", "Finance", "green"),
        ],
    ),
    (
        "participation.attitude",
        &[
            ("支持", "Supports", "green"),
            ("中立", "Neutral", "default"),
            ("反对", "Opposes", "red"),
        ],
    ),
    (
        "opportunity.lost_reason",
        &[
            ("价格过高", "Price", ""),
            ("输给对手", "Lost to a rival", ""),
            ("项目取消", "Project cancelled", ""),
            ("预算不足", "No budget", ""),
            ("需求不符", "No fit", ""),
            ("失去联系", "Lost contact", ""),
        ],
    ),
    (
        "interaction.kind",
        &[
            ("拜访", "Visit", "blue"),
            ("电话", "Call", "green"),
            ("微信", "WeChat", "cyan"),
            ("邮件", "E-mail", "purple"),
            ("会议", "Meeting", "orange"),
            ("其他", "Other", "default"),
        ],
    ),
    (
        "stage.outcome",
        &[
            ("进行中", "Open", ""),
            ("赢单", "Won", "green"),
            ("输单", "Lost", "red"),
        ],
    ),
];

/// Pipeline key and names, then its stages as (key, Chinese, English, probability, outcome).
type Stages = &'static [(&'static str, &'static str, &'static str, f64, &'static str)];
const PIPELINES: &[(&str, &str, &str, Stages)] = &[
    (
        "project",
        "项目型销售",
        "Project sale",
        &[
            ("lead", "线索确认", "Qualified", 10.0, "进行中"),
            ("needs", "需求分析", "Needs analysis", 25.0, "进行中"),
            ("proposal", "方案提交", "Proposal", 50.0, "进行中"),
            ("negotiation", "商务谈判", "Negotiation", 75.0, "进行中"),
            ("won", "赢单", "Won", 100.0, "赢单"),
            ("lost", "输单", "Lost", 0.0, "输单"),
        ],
    ),
    (
        "supply",
        "供货型销售",
        "Supply sale",
        &[
            ("enquiry", "询价", "Enquiry", 20.0, "进行中"),
            ("quote", "报价", "Quoted", 50.0, "进行中"),
            ("sample", "样品确认", "Sample approved", 70.0, "进行中"),
            ("won", "成交", "Won", 100.0, "赢单"),
            ("lost", "未成交", "Lost", 0.0, "输单"),
        ],
    ),
];

/// The id of a shipped option by its list and Chinese name.
pub fn shipped_option(list: &str, name: &str) -> Uuid {
    option_id(list, name)
}

/// The id of a shipped pipeline, e.g. `project`.
pub fn shipped_pipeline(key: &str) -> Uuid {
    shipped_id(&format!("pipeline/{key}"))
}

/// The id of a shipped stage, e.g. `project`, `proposal`.
pub fn shipped_stage(pipeline: &str, stage: &str) -> Uuid {
    shipped_id(&format!("stage/{pipeline}/{stage}"))
}

/// How a stage ends an opportunity, if it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Open,
    Won,
    Lost,
}

impl Outcome {
    /// The outcome that a stage's `outcome` option stands for; an unknown one counts as open.
    pub fn of(option: Option<Uuid>) -> Self {
        match option {
            Some(id) if id == shipped_option("stage.outcome", "赢单") => Self::Won,
            Some(id) if id == shipped_option("stage.outcome", "输单") => Self::Lost,
            _ => Self::Open,
        }
    }
}

/// Everything that a new file starts with.
pub fn shipped_records() -> Vec<ShippedRecord> {
    let mut records = Vec::new();
    let position = |n: usize| Value::Number(u32::try_from(n).map_or(0.0, f64::from));
    for (list, options) in OPTIONS {
        for (n, (name, english, color)) in options.iter().enumerate() {
            let fields = Fields::new()
                .with("list", *list)
                .with("name", *name)
                .with("name_en", *english)
                .with("color", (!color.is_empty()).then_some(*color))
                .with("position", position(n));
            records.push(ShippedRecord {
                entity: "option",
                id: shipped_option(list, name),
                fields,
            });
        }
    }
    for (n, (key, name, english, stages)) in PIPELINES.iter().enumerate() {
        let pipeline = shipped_pipeline(key);
        records.push(ShippedRecord {
            entity: "pipeline",
            id: pipeline,
            fields: Fields::new()
                .with("name", *name)
                .with("name_en", *english)
                .with("position", position(n)),
        });
        for (n, (stage, name, english, probability, outcome)) in stages.iter().enumerate() {
            records.push(ShippedRecord {
                entity: "stage",
                id: shipped_stage(key, stage),
                fields: Fields::new()
                    .with("name", *name)
                    .with("name_en", *english)
                    .with("pipeline", pipeline)
                    .with("position", position(n))
                    .with("probability", *probability)
                    .with("outcome", shipped_option("stage.outcome", outcome)),
            });
        }
    }
    records
}
