//! The sample company: enough customers, people, deals, visits and reminders to try everything on.
//! It is one transaction, so that taking it away again is undoing it.

use ketu_model::catalog::shipped::{shipped_option, shipped_stage};
use ketu_model::clock::local_date;
use ketu_model::ids::tag_id;
use ketu_model::regions;
use ketu_model::{Fields, TxId, Value};
use ketu_store::{Door, Reader};
use uuid::Uuid;

use crate::api::session::{Done, Nothing};
use crate::app::App;
use crate::error::{AppError, Result};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// City, district and area code.
const CITIES: &[(&str, &str, &str)] = &[
    ("深圳", "深圳市南山区", "0755"),
    ("广州", "广州市天河区", "020"),
    ("上海", "上海市浦东新区", "021"),
    ("苏州", "苏州市吴中区", "0512"),
    ("杭州", "杭州市余杭区", "0571"),
    ("武汉", "武汉市洪山区", "027"),
    ("成都", "成都市武侯区", "028"),
    ("重庆", "重庆市渝北区", "023"),
    ("西安", "西安市雁塔区", "029"),
    ("天津", "天津市滨海新区", "022"),
    ("青岛", "青岛市黄岛区", "0532"),
    ("长沙", "长沙市岳麓区", "0731"),
];
const NAMES: &[&str] = &[
    "恒远", "华科", "瑞丰", "中衡", "明德", "启航", "鼎新", "博通", "安泰", "信诚", "蓝海", "长青",
];
const TRADES: &[(&str, &str)] = &[
    ("自动化设备", "制造业"),
    ("电力工程", "电力能源"),
    ("石化装备", "石油化工"),
    ("智能科技", "信息技术"),
    ("物流", "交通物流"),
    ("建筑设计院", "建筑工程"),
    ("医疗器械", "医疗健康"),
    ("仪表", "制造业"),
];
const FAMILY: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "单", "解",
];
const GIVEN: &[&str] = &[
    "建国", "晓燕", "志强", "丽华", "海涛", "静", "文博", "雪梅", "俊杰", "敏", "立新", "倩",
];
const TITLES: &[(&str, &str)] = &[
    ("采购经理", "采购部"),
    ("总工程师", "技术部"),
    ("副总经理", "总经办"),
    ("设备主管", "设备部"),
    ("项目经理", "工程部"),
];
const DEALS: &[&str] = &[
    "产线改造项目",
    "配电柜采购",
    "年度框架供货",
    "仓储系统升级",
    "检测设备采购",
    "二期扩建",
];
const VISITS: &[(&str, &str, &str)] = &[
    (
        "拜访",
        "参观车间，确认改造范围：两条产线，工期希望控制在八周内。",
        "整理方案和报价",
    ),
    (
        "电话",
        "沟通报价明细，对方认为安装费偏高，希望下周给出优惠方案。",
        "与总部确认折扣",
    ),
    (
        "会议",
        "技术交流会，演示了远程监控功能，客户对数据安全有顾虑。",
        "提供安全说明文档",
    ),
    (
        "微信",
        "发送产品手册和三个同类案例，客户反馈已转给技术部评估。",
        "周五跟进评估结果",
    ),
    (
        "拜访",
        "拜访设备主管，了解到竞争对手已报价，交期是关键因素。",
        "争取缩短交期",
    ),
];

const CUSTOMERS: usize = 48;

pub(crate) fn load_sample(app: &App, _: Nothing) -> Result<Done> {
    let session = app.session()?;
    if session.read(standing)?.is_some() {
        return Err(AppError::refused("sample_already_loaded"));
    }
    app.write("sample", |door| {
        for n in 0..CUSTOMERS {
            customer(door, n)?;
        }
        Ok(door.set_meta("sample", &door.tx().to_string())?)
    })?;
    Ok(Done { done: true })
}

/// Takes the sample away; what someone changed since stays, and is only what they made of it.
pub(crate) fn remove_sample(app: &App, _: Nothing) -> Result<Done> {
    let session = app.session()?;
    let tx = session.read(standing)?;
    let tx = tx.ok_or_else(|| AppError::refused("no_sample"))?;
    app.write("remove_sample", |door| Ok(door.undo(Some(tx))?))?;
    Ok(Done { done: true })
}

/// The step that the sample stands by; `None` where it was never loaded, or undone since.
pub(crate) fn standing(reader: &Reader<'_>) -> Result<Option<TxId>> {
    let loaded = reader.meta("sample")?;
    match loaded.and_then(|tx| tx.parse().ok()) {
        Some(tx) => Ok(reader.standing(TxId(tx))?),
        None => Ok(None),
    }
}

/// Spreads picks over a list without randomness: the sample is the same everywhere.
fn pick<T>(list: &[T], n: usize, stride: usize) -> &T {
    &list[(n * stride + n / list.len()) % list.len()]
}

fn customer(door: &mut Door<'_>, n: usize) -> Result<()> {
    let now = door.now();
    let (city, district, area) = *pick(CITIES, n, 5);
    let (trade, industry) = *pick(TRADES, n, 3);
    let name = pick(NAMES, n, 7);
    let kind = if n.is_multiple_of(5) {
        "集团有限公司"
    } else {
        "有限公司"
    };
    let option = |list: &str, name: &str| Value::Id(shipped_option(list, name));
    let region = regions::resolve(district).map(|code| code.to_string()).ok();
    let tag_names = [["重点跟进"], ["年框客户"], ["展会认识"]];
    let tags = if n.is_multiple_of(4) {
        vec![tag(door, tag_names[n / 4 % 3][0])?]
    } else {
        Vec::new()
    };
    let customer = door.create(
        "customer",
        None,
        Fields::new()
            .with("name", format!("{city}{name}{trade}{kind}"))
            .with(
                "alias",
                format!("{name}{}", trade.chars().take(2).collect::<String>()),
            )
            .with("phone", format!("{area}-26{:06}", 100_003 + n * 7_919))
            .with("industry", option("customer.industry", industry))
            .with(
                "source",
                option(
                    "customer.source",
                    ["展会", "老客户介绍", "电话咨询", "网上搜索"][n % 4],
                ),
            )
            .with(
                "category",
                option(
                    "customer.category",
                    ["最终用户", "系统集成商", "设计院", "经销商"][n % 4],
                ),
            )
            .with(
                "level",
                option(
                    "customer.level",
                    ["A 重点", "B 重要", "C 普通", "B 重要", "D 一般"][n % 5],
                ),
            )
            .with(
                "lifecycle",
                option(
                    "customer.lifecycle",
                    ["意向", "成交", "潜在", "维护"][n % 4],
                ),
            )
            .with("region", region)
            .with("address", format!("{district}科技路{}号", 18 + n * 3))
            .with(
                "annual_value",
                Value::yuan((12 + n as i64 * 37 % 460) * 1_000_000),
            )
            .with("tags", Value::ids(tags)),
    )?;
    let contacts = people(door, n, customer)?;
    let deal = if n % 3 != 2 {
        Some(deal(door, n, customer)?)
    } else {
        None
    };
    for visit in 0..(n % 4 + 1) {
        let (kind, summary, next_step) = *pick(VISITS, n + visit, 2);
        let at = now - (n as i64 % 9 + visit as i64 * 11 + 1) * DAY - (n as i64 % 7) * HOUR;
        door.create(
            "interaction",
            None,
            Fields::new()
                .with("kind", option("interaction.kind", kind))
                .with("occurred_at", Value::Instant(at))
                .with("customer", customer)
                .with("opportunity", deal)
                .with("contacts", Value::ids(contacts.iter().copied().take(1)))
                .with("summary", summary)
                .with("next_step", next_step),
        )?;
    }
    if n.is_multiple_of(3) {
        reminder(door, n, customer, contacts.first().copied(), deal)?;
    }
    Ok(())
}

fn tag(door: &mut Door<'_>, name: &str) -> Result<Uuid> {
    let id = tag_id(name);
    match door.get("tag", id)? {
        None => drop(door.create("tag", Some(id), Fields::new().with("name", name))?),
        // A sample that was taken away left it in the recycle bin.
        Some(tag) if tag.deleted_at.is_some() => drop(door.restore("tag", id)?),
        Some(_) => {}
    }
    Ok(id)
}

fn people(door: &mut Door<'_>, n: usize, customer: Uuid) -> Result<Vec<Uuid>> {
    let mut people = Vec::new();
    for person in 0..(1 + n % 3) {
        let at = n * 3 + person;
        let (title, department) = *pick(TITLES, at, 2);
        let name = format!("{}{}", pick(FAMILY, at, 5), pick(GIVEN, at, 7));
        people.push(
            door.create(
                "contact",
                None,
                Fields::new()
                    .with("name", name)
                    .with("customer", customer)
                    .with("title", title)
                    .with("department", department)
                    .with(
                        "mobile",
                        format!("139{:08}", (10_007_001 + at * 7_654_321) % 100_000_000),
                    )
                    .with("email", format!("contact{at}@example.com"))
                    .with("key_person", person == 0),
            )?,
        );
    }
    Ok(people)
}

fn deal(door: &mut Door<'_>, n: usize, customer: Uuid) -> Result<Uuid> {
    let stage = [
        "lead",
        "needs",
        "proposal",
        "negotiation",
        "won",
        "needs",
        "proposal",
        "lost",
    ][n % 8];
    let close = local_date(door.now() + (10 + n as i64 * 3) * DAY);
    let mut fields = Fields::new()
        .with(
            "name",
            format!("{}{}", pick(NAMES, n, 7), pick(DEALS, n, 1)),
        )
        .with("customer", customer)
        .with("stage", shipped_stage("project", stage))
        .with("amount", Value::yuan((8 + n as i64 * 53 % 320) * 1_000_000))
        .with("expected_close", close)
        .with("next_step", pick(VISITS, n, 2).2);
    if stage == "lost" {
        fields.set(
            "lost_reason",
            Value::Id(shipped_option("opportunity.lost_reason", "价格过高")),
        );
    }
    crate::interactions::complete(door, "opportunity", &mut fields)?;
    Ok(door.create("opportunity", None, fields)?)
}

fn reminder(
    door: &mut Door<'_>,
    n: usize,
    customer: Uuid,
    contact: Option<Uuid>,
    deal: Option<Uuid>,
) -> Result<()> {
    // Some overdue, some today, most to come.
    let due = door.now() + (n as i64 / 3 - 2) * DAY + 2 * HOUR;
    door.create(
        "reminder",
        None,
        Fields::new()
            .with("title", pick(VISITS, n, 2).2)
            .with("due_at", Value::Instant(due))
            .with("customer", customer)
            .with("contact", contact)
            .with("opportunity", deal),
    )?;
    Ok(())
}
