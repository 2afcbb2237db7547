//! The large data file that lists and searches are measured on, made once by the store's own door and kept.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use fastrand::Rng;
use ketu_app::{App, Options};
use ketu_model::catalog::shipped::shipped_option;
use ketu_model::clock::SystemClock;
use ketu_model::{Fields, Value, regions};
use ketu_store::file::{Folder, KeyError, KeySource};
use ketu_store::{Door, Location, Mode, Store, StoreError, Write};
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::workbook::companies::{self, Company};

/// Raised when the content or the file's format changes.
const VERSION: u32 = 5;
/// Interactions of each customer.
pub const INTERACTIONS: u32 = 10;
/// Customers written in one transaction.
const CHUNK: u32 = 10_000;

#[derive(Debug)]
pub struct Base {
    folder: PathBuf,
}

/// The file's key beside the file: it holds nobody's data, and no keyring is asked.
#[derive(Debug)]
struct FolderKey(PathBuf);

impl KeySource for FolderKey {
    fn kind(&self) -> &'static str {
        "key_file"
    }

    fn load(&self, _file: Uuid) -> Result<Option<Zeroizing<[u8; 32]>>, KeyError> {
        let bytes =
            std::fs::read(&self.0).map_err(|error| KeyError::Source(error.kind().to_string()))?;
        Ok(bytes.as_slice().try_into().ok().map(Zeroizing::new))
    }

    fn save(&self, _file: Uuid, key: &[u8; 32]) -> Result<(), KeyError> {
        std::fs::write(&self.0, key).map_err(|error| KeyError::Source(error.kind().to_string()))
    }
}

impl Base {
    /// The base with so many customers; made where it is not there yet, which takes minutes.
    pub fn ready(folder: &Path, customers: u32) -> Result<Self> {
        let base = Self {
            folder: folder.join(format!("base-{customers}-v{VERSION}")),
        };
        let complete = base.folder.join("complete");
        if !complete.exists() {
            if base.folder.exists() {
                std::fs::remove_dir_all(&base.folder)?;
            }
            std::fs::create_dir_all(&base.folder)?;
            base.make(customers)?;
            std::fs::write(complete, "")?;
        }
        Ok(base)
    }

    /// The application on this base, as a front door starts it.
    pub fn open(&self) -> App {
        App::start(self.options())
    }

    fn options(&self) -> Options {
        Options {
            keys: Some(self.keys()),
            ..Options::new(
                self.folder.join("data"),
                std::env::current_exe().unwrap_or_default(),
            )
        }
    }

    fn keys(&self) -> Arc<dyn KeySource> {
        Arc::new(FolderKey(self.folder.join("key")))
    }

    fn make(&self, customers: u32) -> Result<()> {
        let app = self.open();
        let done = app.dispatch("set_up", json!({ "name": "测试", "language": "zh-CN" }));
        done.map_err(|error| anyhow::anyhow!("set_up: {}", error.code))?;
        app.stop();
        drop(app);
        let store = Store::open(&Location {
            folder: Folder::new(self.folder.join("data")),
            keys: self.keys(),
            clock: Arc::new(SystemClock),
            owner: "bench".to_owned(),
        })?;
        let author = store
            .read(|reader| reader.meta("user"))?
            .context("the file has a user")?
            .parse()?;
        let mut rng = Rng::with_seed(2_026);
        for first in (0..customers).step_by(CHUNK as usize) {
            let write = Write {
                mode: Mode::Local,
                author: Some(author),
                origin: "import:bench".to_owned(),
                action: "import",
            };
            store.transact(write, |door| {
                (first..customers.min(first + CHUNK))
                    .try_for_each(|number| customer(door, number, &mut rng))
            })?;
        }
        store.close();
        Ok(())
    }
}

fn option(list: &str, name: &str) -> Value {
    Value::Id(shipped_option(list, name))
}

fn customer(door: &mut Door<'_>, number: u32, rng: &mut Rng) -> Result<(), StoreError> {
    let company = Company::known(number, rng);
    let region = regions::resolve(company.city.regions[0])
        .map(|code| code.to_string())
        .ok();
    let fields = Fields::new()
        .with("name", company.name.as_str())
        .with("number", company.number.as_str())
        .with("phone", company.phone.as_str())
        .with("email", format!("info{number}@example.com"))
        .with("industry", option("customer.industry", company.industry))
        .with("level", option("customer.level", company.level))
        .with("region", region)
        .with("address", company.address.as_str())
        .with("annual_value", Value::yuan(company.yuan * 100))
        .with("note", "年底集中采购，付款较慢，需提前对账");
    let customer = door.create("customer", None, fields)?;
    let contact = Fields::new()
        .with("name", companies::person(rng))
        .with("customer", customer)
        .with("mobile", companies::mobile(number))
        .with("email", format!("u{number}@example.com"));
    let contact = door.create("contact", None, contact)?;
    for _ in 0..INTERACTIONS {
        let at = door.now() - rng.i64(0..3 * 365 * 86_400_000);
        let kind = ["拜访", "电话", "微信", "会议"][rng.usize(0..4)];
        let visit = Fields::new()
            .with("kind", option("interaction.kind", kind))
            .with("occurred_at", Value::Instant(at))
            .with("customer", customer)
            .with("contacts", Value::ids([contact]))
            .with("summary", summary(rng));
        door.create("interaction", None, visit)?;
    }
    Ok(())
}

/// A sentence of some thirty characters.
fn summary(rng: &mut Rng) -> String {
    const WHAT: &[&str] = &[
        "沟通报价明细",
        "参观车间",
        "演示远程监控",
        "讨论交期",
        "确认改造范围",
        "核对合同条款",
        "回访设备运行情况",
        "送样测试",
    ];
    const HOW: &[&str] = &[
        "对方认为安装费偏高",
        "客户反馈良好",
        "技术部仍有顾虑",
        "采购要求分期付款",
        "竞争对手已报价",
        "领导尚未批复",
    ];
    const NEXT: &[&str] = &[
        "下周给出优惠方案",
        "月底前补充资料",
        "约定再次上门",
        "等待招标公告",
        "转交售后处理",
        "安排总部支持",
    ];
    let pick = |list: &[&'static str], rng: &mut Rng| list[rng.usize(0..list.len())];
    format!(
        "{}，{}，{}（{}）。",
        pick(WHAT, rng),
        pick(HOW, rng),
        pick(NEXT, rng),
        rng.u32(0..10_000)
    )
}
