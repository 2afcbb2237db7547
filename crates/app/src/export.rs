//! Export of a view as it is shown: its rows in their order, its columns with their labels, names
//! instead of ids, dates, numbers and amounts as such. What is exported can be imported again.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Instant;

use chrono::{DateTime, Local, NaiveDateTime};
use ketu_model::field::{FieldDef, FieldType};
use ketu_model::regions::{RegionCode, path_text};
use ketu_model::value::HOME_CURRENCY;
use ketu_model::{EntityDef, Value};
use ketu_sheet::write::{Column, SheetPlan, Value as Written, XlsxFile};
use ketu_store::{Reader, Store, StoreError, StoredRecord};
use uuid::Uuid;

use crate::api::views::Exported;
use crate::error::{AppError, Result};
use crate::import::{Language, Lookup, holds_digits};

/// Rows that are read at once.
const CHUNK: usize = 512;
/// Chunks that may wait for the workbook.
const AHEAD: usize = 3;

/// Writes these rows of a view. `language` is a tag such as `zh-CN`.
pub fn export_view(
    store: &Store,
    entity: &str,
    rows: &[i64],
    columns: &[String],
    path: &str,
    language: &str,
) -> Result<Exported> {
    let view = View {
        entity,
        rows,
        columns,
    };
    export(
        store,
        view,
        Path::new(path),
        Language::of(language),
        &AtomicBool::new(false),
        &|_| {},
    )
}

/// What is exported.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub entity: &'a str,
    /// Row numbers in the order of the list.
    pub rows: &'a [i64],
    pub columns: &'a [String],
}

/// Writes a view. Another thread may set `cancel`, which leaves no file; `progress` hears how many
/// rows are written, at most ten times a second.
pub fn export(
    store: &Store,
    view: View<'_>,
    path: &Path,
    language: Language,
    cancel: &AtomicBool,
    progress: &dyn Fn(usize),
) -> Result<Exported> {
    let catalog = store.catalog();
    let entity = crate::present::entity(&catalog, view.entity)?;
    let shown: Vec<Shown<'_>> = view
        .columns
        .iter()
        .map(|key| Shown::of(entity, key))
        .collect::<Result<_>>()?;
    let mut file = XlsxFile::create(path)?;
    file.add_sheet(SheetPlan {
        name: language
            .choose(&entity.label.zh, &entity.label.en)
            .to_owned(),
        columns: shown.iter().map(|column| column.header(language)).collect(),
        title: None,
        expected_rows: view.rows.len(),
    })?;
    let mut cells = store.read(|reader| Cells::new(reader, language))?;
    let mut written = 0;
    let mut told = Instant::now();
    std::thread::scope(|scope| {
        let (sender, chunks) = sync_channel(AHEAD);
        scope.spawn(move || read_chunks(store, view, &sender));
        for chunk in chunks {
            let (records, titles) = chunk?;
            for record in &records {
                if cancel.load(Ordering::Relaxed) {
                    return Err(AppError::Store(StoreError::Cancelled));
                }
                let row: Vec<Cell<'_>> = shown
                    .iter()
                    .map(|column| cells.cell(column, record, &titles))
                    .collect();
                let row: Vec<Written<'_>> = row.iter().map(Cell::written).collect();
                file.row(&row)?;
            }
            written += records.len();
            if told.elapsed().as_millis() >= 100 {
                progress(written);
                told = Instant::now();
            }
        }
        Ok(())
    })?;
    file.finish()?;
    Ok(Exported {
        rows: u32::try_from(written).unwrap_or(u32::MAX),
        path: path.to_string_lossy().into_owned(),
    })
}

type Chunk = (Vec<StoredRecord>, BTreeMap<Uuid, String>);

/// Reads rows beside the writing. Ends when nobody listens any more.
fn read_chunks(store: &Store, view: View<'_>, sender: &SyncSender<Result<Chunk>>) {
    for rows in view.rows.chunks(CHUNK) {
        let chunk = store.read(|reader| {
            let records = reader.rows(view.entity, rows)?;
            let titles = reader.titles_of(view.entity, &records)?;
            Ok((records, titles))
        });
        let failed = chunk.is_err();
        if sender.send(chunk).is_err() || failed {
            return;
        }
    }
}

/// A column of the view: a field, or what every record has.
enum Shown<'c> {
    Field(&'c FieldDef),
    System(&'static System),
}

struct System {
    key: &'static str,
    chinese: &'static str,
    english: &'static str,
    read: fn(&StoredRecord) -> Option<i64>,
}

const SYSTEM: [System; 3] = [
    System {
        key: "created_at",
        chinese: "创建时间",
        english: "Created",
        read: |record| Some(record.created_at),
    },
    System {
        key: "updated_at",
        chinese: "更新时间",
        english: "Updated",
        read: |record| Some(record.updated_at),
    },
    System {
        key: "deleted_at",
        chinese: "删除时间",
        english: "Deleted",
        read: |record| record.deleted_at,
    },
];

impl<'c> Shown<'c> {
    fn of(entity: &'c EntityDef, key: &str) -> Result<Self> {
        if let Some(field) = entity.field(key) {
            return Ok(Self::Field(field));
        }
        let system = SYSTEM.iter().find(|system| system.key == key);
        system.map(Self::System).ok_or_else(|| {
            AppError::Store(StoreError::UnknownField {
                entity: entity.key.to_string(),
                field: key.to_owned(),
            })
        })
    }

    fn header(&self, language: Language) -> Column {
        match self {
            Self::Field(field) => {
                let header = Column::new(language.choose(&field.label.zh, &field.label.en));
                if holds_digits(field) {
                    header.text()
                } else {
                    header
                }
            }
            Self::System(system) => Column::new(language.choose(system.chinese, system.english)),
        }
    }
}

/// A value on its way into the workbook.
pub(crate) enum Cell<'r> {
    Written(Written<'r>),
    Text(Cow<'r, str>),
}

impl Cell<'_> {
    pub(crate) fn written(&self) -> Written<'_> {
        match self {
            Self::Written(value) => *value,
            Self::Text(text) => Written::Text(text),
        }
    }
}

/// Values as a workbook shows them.
pub(crate) struct Cells {
    /// Options, pipelines and stages in the language of the file.
    names: BTreeMap<Uuid, String>,
    regions: HashMap<String, String>,
    language: Language,
}

impl Cells {
    pub(crate) fn new(reader: &Reader<'_>, language: Language) -> Result<Self> {
        Ok(Self {
            names: Lookup::load(reader)?.titles(language == Language::English),
            regions: HashMap::new(),
            language,
        })
    }

    fn cell<'r>(
        &mut self,
        column: &Shown<'_>,
        record: &'r StoredRecord,
        titles: &BTreeMap<Uuid, String>,
    ) -> Cell<'r> {
        let field = match column {
            Shown::System(system) => {
                let at = (system.read)(record)
                    .map_or(Written::Empty, |at| Written::DateTime(local_time(at)));
                return Cell::Written(at);
            }
            Shown::Field(field) => field,
        };
        self.value(field, record.fields.value(&field.key), titles)
    }

    /// A value of a field; `titles` name what it refers to.
    pub(crate) fn value<'r>(
        &mut self,
        field: &FieldDef,
        value: &'r Value,
        titles: &BTreeMap<Uuid, String>,
    ) -> Cell<'r> {
        let mut name = |id: &Uuid| {
            self.names
                .get(id)
                .or_else(|| titles.get(id))
                .cloned()
                .unwrap_or_default()
        };
        Cell::Written(match value {
            Value::Null => Written::Empty,
            Value::Text(code) if field.kind == FieldType::Region => {
                return Cell::Text(self.region(code).into());
            }
            Value::Text(text) => Written::Text(text),
            Value::Number(number) if field.kind == FieldType::Percent => Written::Percent(*number),
            Value::Number(number) => Written::Number(*number),
            Value::Money(money) => {
                let amount = Written::Money {
                    minor: money.minor,
                    currency: &money.currency,
                };
                // A bare number would be read as the home currency.
                if money.currency != HOME_CURRENCY {
                    return Cell::Text(format!("{} {}", money.currency, amount.to_text()).into());
                }
                amount
            }
            Value::Date(date) => Written::Date(*date),
            Value::Instant(at) => Written::DateTime(local_time(*at)),
            Value::Bool(yes) => Written::Text(match (yes, self.language) {
                (true, Language::Chinese) => "是",
                (false, Language::Chinese) => "否",
                (true, Language::English) => "Yes",
                (false, Language::English) => "No",
            }),
            Value::Id(id) => return Cell::Text(name(id).into()),
            Value::Ids(ids) => {
                let names: Vec<String> = ids.iter().map(&mut name).collect();
                return Cell::Text(names.join(self.language.choose("、", ", ")).into());
            }
        })
    }

    fn region(&mut self, code: &str) -> String {
        if let Some(known) = self.regions.get(code) {
            return known.clone();
        }
        let path = RegionCode::parse(code)
            .and_then(path_text)
            .unwrap_or_else(|| code.to_owned());
        self.regions.insert(code.to_owned(), path.clone());
        path
    }
}

/// An instant as a civil time of this laptop, to the second.
pub(crate) fn local_time(at: i64) -> NaiveDateTime {
    DateTime::from_timestamp_millis(at)
        .unwrap_or_default()
        .with_timezone(&Local)
        .naive_local()
}
