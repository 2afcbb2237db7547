//! A laptop that reads spreadsheets, a folder for them, and workbooks to read.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use chrono::NaiveDate;
use ketu_app::{App, Event, Options};
use ketu_model::clock::FixedClock;
use ketu_sheet::write::{Column, SheetPlan, Value, XlsxFile};
use serde_json::{Value as Json, json};

use super::{MemoryKeys, NOW};

pub const HEADER: [&str; 12] = [
    "编号",
    "公司",
    "联系人",
    "手机",
    "邮箱",
    "行业",
    "省市",
    "地址",
    "等级",
    "金额",
    "下次跟进",
    "备注",
];

/// A laptop that can read spreadsheets, and a folder for them.
pub struct Desk {
    pub app: App,
    pub events: Arc<Mutex<Vec<Event>>>,
    pub dir: tempfile::TempDir,
}

/// No thread still reads the file when a test's program ends.
impl Drop for Desk {
    fn drop(&mut self) {
        self.app.stop();
    }
}

impl Desk {
    pub fn new(language: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut options = Options::new(
            dir.path().join("data"),
            env!("CARGO_BIN_EXE_ketu-reading-worker"),
        );
        options.clock = Arc::new(FixedClock::at(NOW));
        options.keys = Some(Arc::new(MemoryKeys::default()));
        let app = App::start(options);
        app.dispatch("set_up", json!({"name": "李雷", "language": language}))
            .unwrap();
        let events: Arc<Mutex<Vec<Event>>> = Arc::default();
        let heard = Arc::clone(&events);
        app.subscribe(Box::new(move |event| {
            heard.lock().unwrap().push(event.clone());
        }));
        Self { app, events, dir }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn ok(&self, method: &str, params: Json) -> Json {
        self.app
            .dispatch(method, params)
            .unwrap_or_else(|error| panic!("{method}: {error:?}"))
    }

    pub fn refused(&self, method: &str, params: Json) -> String {
        self.app.dispatch(method, params).expect_err(method).code
    }

    pub fn open(&self, path: &Path) -> Json {
        self.ok("import_open", json!({"path": path}))
    }

    /// Plans with the guessed mapping.
    pub fn plan(&self, opened: &Json, duplicates: &str) -> Json {
        let mapping: serde_json::Map<String, Json> = opened["columns"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|column| !column["target"].is_null())
            .map(|column| (column["index"].to_string(), column["target"].clone()))
            .collect();
        self.ok(
            "import_plan",
            json!({"import": opened["import"], "mapping": mapping, "duplicates": duplicates}),
        )
    }

    pub fn import(&self, path: &Path, duplicates: &str) -> Json {
        let opened = self.open(path);
        self.plan(&opened, duplicates);
        let done = self.ok("import_apply", json!({"import": opened["import"]}));
        let sum: i64 = ["created", "updated", "skipped", "failed"]
            .iter()
            .map(|key| done[key].as_i64().unwrap())
            .sum();
        assert_eq!(sum, done["rows"], "every row is counted once");
        done
    }

    /// All records of an entity, by title, without ids, numbers of rows and times of writing.
    pub fn records(&self, entity: &str) -> Vec<Json> {
        let view = self.view(entity, &[]);
        let ids = self.ok(
            "view_ids",
            json!({"view": view, "offset": 0, "limit": 1000}),
        );
        let records = ids["ids"]
            .as_array()
            .unwrap()
            .iter()
            .map(|id| self.ok("get", json!({"entity": entity, "id": id})));
        let mut records: Vec<Json> = records.collect();
        records.sort_by_key(|record| record["title"].to_string());
        records
    }

    pub fn fields(&self, entity: &str) -> Vec<Json> {
        self.records(entity)
            .into_iter()
            .map(|record| record["fields"].clone())
            .collect()
    }

    pub fn view(&self, entity: &str, columns: &[&str]) -> Json {
        let opened = self.ok(
            "view_open",
            json!({"entity": entity, "columns": columns, "limit": 1}),
        );
        opened["view"].clone()
    }

    pub fn export(&self, entity: &str, columns: &[&str], name: &str) -> PathBuf {
        let path = self.file(name);
        let view = self.view(entity, columns);
        self.ok(
            "export_view",
            json!({"view": view, "columns": columns, "path": path}),
        );
        path
    }
}

pub fn write(path: &Path, sheet: &str, header: &[&str], rows: &[Vec<Value<'_>>]) {
    let mut file = XlsxFile::create(path).unwrap();
    file.add_sheet(SheetPlan {
        name: sheet.to_owned(),
        columns: header.iter().map(|name| Column::new(*name)).collect(),
        ..SheetPlan::default()
    })
    .unwrap();
    for row in rows {
        file.row(row).unwrap();
    }
    file.finish().unwrap();
}

/// Two companies with oddities, one bad row.
pub fn workbook(path: &Path) {
    use Value::{Date, Empty, Number, Text};
    let day = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
    let rows = [
        vec![
            Text("KH001"),
            Text("深圳市华科技术有限公司\u{200b}"),
            Text("张伟"),
            Number(13_812_345_678.0),
            Text("zw@hk.com"),
            Text("信息技术"),
            Text("广东省深圳市"),
            Text("科技园"),
            Text("A"),
            Text("12万"),
            Date(day),
            Text("=1+1"),
        ],
        vec![
            Text("KH001"),
            Text("深圳市华科技术有限公司"),
            Text("李娜"),
            Text("139-0000-1111"),
            Empty,
            Empty,
            Empty,
            Empty,
            Empty,
            Empty,
            Empty,
            Empty,
        ],
        vec![
            Text("KH002"),
            Text("上海宏图电子厂"),
            Text("王芳"),
            Text("123"),
            Empty,
            Text("航天"),
            Text("上海"),
            Empty,
            Text("B"),
            Number(3_500.5),
            Empty,
            Empty,
        ],
        vec![
            Text("KH003"),
            Text("广州远大贸易有限公司"),
            Text("陈静"),
            Text("13711112222/020-88881234"),
            Empty,
            Text("航天"),
            Text("广州"),
            Empty,
            Text("重点"),
            Number(0.1 + 0.2),
            Text("明天"),
            Text("一\n二"),
        ],
    ];
    write(path, "客户资料", &HEADER, &rows);
}
