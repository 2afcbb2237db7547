//! Lists: the first window at once, the whole ordered list of row numbers beside it, slices of it
//! ever after.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};

use ketu_model::Value;
use ketu_store::{Reader, Select, Store, StoredRecord};
use serde_json::Value as Json;

use crate::api::event::Event;
use crate::api::session::Done;
use crate::api::views::{
    ExportView, Exported, Hit, OpenView, Row, SearchAnswer, SearchRequest, SumRequest, Sums,
    ViewIds, ViewIdsRequest, ViewOpened, ViewRef, Window, WindowRequest,
};
use crate::app::App;
use crate::error::{AppError, Result};
use crate::present;
use crate::records::count;

/// Rows of one window at most: some 100 KB on the way to the window.
const MOST_ROWS: u32 = 200;
/// Open views at most; the oldest go. A window that asks for one that went gets `view_closed`.
const MOST_VIEWS: usize = 64;

/// Views that the window has open.
#[derive(Debug, Default)]
pub(crate) struct Views {
    next: AtomicU32,
    open: RwLock<HashMap<u32, Arc<View>>>,
}

#[derive(Debug)]
pub(crate) struct View {
    pub select: Select,
    rows: Mutex<Gathered>,
    done: Condvar,
}

#[derive(Debug)]
enum Gathered {
    Running,
    Done(Arc<Vec<i64>>),
    Failed,
}

impl View {
    /// All row numbers in order; waits for them.
    pub(crate) fn rows(&self) -> Result<Arc<Vec<i64>>> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match &*rows {
                Gathered::Done(rows) => return Ok(Arc::clone(rows)),
                Gathered::Failed => return Err(AppError::refused("view_failed")),
                Gathered::Running => {}
            }
            rows = self.done.wait(rows).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn settle(&self, gathered: Gathered) {
        *self.rows.lock().unwrap_or_else(PoisonError::into_inner) = gathered;
        self.done.notify_all();
    }
}

impl Views {
    pub(crate) fn clear(&self) {
        self.open
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    pub(crate) fn get(&self, view: u32) -> Result<Arc<View>> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.get(&view)
            .cloned()
            .ok_or_else(|| AppError::refused("view_closed"))
    }

    fn add(&self, view: Arc<View>) -> u32 {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= MOST_VIEWS
            && let Some(oldest) = open.keys().min().copied()
        {
            open.remove(&oldest);
        }
        open.insert(number, view);
        number
    }
}

pub(crate) fn open(app: &App, request: OpenView) -> Result<ViewOpened> {
    let session = app.session()?;
    let mut select = Select::all(request.entity);
    select.filter = request.filter;
    select.sort = request.sort.unwrap_or_default();
    select.deleted = request.deleted.unwrap_or(false);
    if let Some(text) = request.search.filter(|text| !text.trim().is_empty()) {
        select.rows = Some(rows_found(&session.store, &select.entity, &text)?);
    }
    let limit = request.limit.clamp(1, MOST_ROWS);
    let first = select.clone().limit(limit);
    let mut window = session.read(|reader| {
        let records = reader.list(&first)?;
        rows(reader, &select.entity, &records, &request.columns)
    })?;
    let view = Arc::new(View {
        select,
        rows: Mutex::new(Gathered::Running),
        done: Condvar::new(),
    });
    let number = app.views().add(Arc::clone(&view));
    // A list that ended within the first window is whole already.
    if count(window.rows.len()) < limit {
        window.count = Some(count(window.rows.len()));
    }
    gather(app.clone(), session.store, view, number);
    Ok(ViewOpened {
        view: number,
        window,
    })
}

/// Gathers the whole list on a thread of its own.
fn gather(app: App, store: Store, view: Arc<View>, number: u32) {
    std::thread::spawn(move || {
        let rows = store.read(|reader| reader.row_numbers(&view.select));
        drop(store);
        match rows {
            Ok(rows) => {
                let count = count(rows.len());
                view.settle(Gathered::Done(Arc::new(rows)));
                app.emit(&Event::ViewCounted {
                    view: number,
                    count,
                });
            }
            Err(error) => {
                tracing::error!(%error, "a view could not be gathered");
                view.settle(Gathered::Failed);
            }
        }
    });
}

fn rows_found(store: &Store, entity: &str, text: &str) -> Result<Vec<i64>> {
    let found = store.search(text, &[entity], usize::MAX)?;
    Ok(found.hits.into_iter().map(|hit| hit.row).collect())
}

pub(crate) fn window(app: &App, request: WindowRequest) -> Result<Window> {
    let view = app.views().get(request.view)?;
    let all = view.rows()?;
    let from = (request.offset as usize).min(all.len());
    let to = (from + request.limit.clamp(1, MOST_ROWS) as usize).min(all.len());
    let mut window = app.read(|reader| {
        let records = reader.rows(&view.select.entity, &all[from..to])?;
        rows(reader, &view.select.entity, &records, &request.columns)
    })?;
    window.offset = count(from);
    window.count = Some(count(all.len()));
    Ok(window)
}

fn rows(
    reader: &Reader<'_>,
    entity: &str,
    records: &[StoredRecord],
    columns: &[String],
) -> Result<Window> {
    let definition = present::entity(reader.catalog(), entity)?;
    for column in columns {
        if definition.field(column).is_none()
            && system_value(&StoredRecord::default(), column).is_none()
        {
            return Err(AppError::Store(ketu_store::StoreError::UnknownField {
                entity: entity.to_owned(),
                field: column.clone(),
            }));
        }
    }
    let rows = records
        .iter()
        .map(|record| Row {
            id: record.id,
            cells: columns
                .iter()
                .map(|column| match record.fields.get(column) {
                    Some(value) => value.to_json(),
                    None => system_value(record, column).unwrap_or_default(),
                })
                .collect(),
        })
        .collect();
    Ok(Window {
        offset: 0,
        count: None,
        rows,
        titles: reader.titles_of(entity, records)?,
    })
}

/// Columns that every record has.
fn system_value(record: &StoredRecord, column: &str) -> Option<Json> {
    Some(match column {
        "created_at" => Json::from(record.created_at),
        "updated_at" => Json::from(record.updated_at),
        "deleted_at" => record.deleted_at.map_or(Json::Null, Json::from),
        _ => return None,
    })
}

pub(crate) fn sums(app: &App, request: SumRequest) -> Result<Sums> {
    let view = app.views().get(request.view)?;
    app.read(|reader| {
        Ok(Sums {
            count: count(view.rows()?.len()),
            sums: reader.sums(&view.select, &request.fields)?,
        })
    })
}

pub(crate) fn ids(app: &App, request: ViewIdsRequest) -> Result<ViewIds> {
    let view = app.views().get(request.view)?;
    let all = view.rows()?;
    let from = (request.offset as usize).min(all.len());
    let to = from.saturating_add(request.limit as usize).min(all.len());
    let ids = app.read(|reader| Ok(reader.ids(&view.select.entity, &all[from..to])?))?;
    Ok(ViewIds { ids })
}

pub(crate) fn close(app: &App, request: ViewRef) -> Result<Done> {
    let mut open = app
        .views()
        .open
        .write()
        .unwrap_or_else(PoisonError::into_inner);
    Ok(Done {
        done: open.remove(&request.view).is_some(),
    })
}

pub(crate) fn export(app: &App, request: ExportView) -> Result<Exported> {
    let session = app.session()?;
    let view = app.views().get(request.view)?;
    let rows = view.rows()?;
    let language = crate::session::settings(&session)?.language;
    crate::export::export_view(
        &session.store,
        &view.select.entity,
        &rows,
        &request.columns,
        &request.path,
        &language,
    )
}

pub(crate) fn search(app: &App, request: SearchRequest) -> Result<SearchAnswer> {
    let session = app.session()?;
    let entities: Vec<&str> = request
        .entities
        .iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let found = session
        .store
        .search(&request.text, &entities, request.limit as usize)?;
    let hits = session.read(|reader| {
        let mut hits = Vec::with_capacity(found.hits.len());
        for hit in &found.hits {
            if let Some(record) = reader.rows(&hit.entity, &[hit.row])?.pop() {
                hits.push(shown(reader, &hit.entity, &record, &request.text)?);
            }
        }
        Ok::<_, AppError>(hits)
    })?;
    Ok(SearchAnswer {
        total: count(found.total),
        hits,
    })
}

/// A hit as the palette shows it: its name, where it belongs, and the field that matched.
fn shown(reader: &Reader<'_>, entity: &str, record: &StoredRecord, query: &str) -> Result<Hit> {
    let definition = present::entity(reader.catalog(), entity)?;
    let customer = record
        .fields
        .id("customer")
        .or((entity == "customer").then_some(record.id));
    let customer_name = match record.fields.id("customer") {
        Some(id) => reader.titles("customer", [id])?.remove(&id),
        None => None,
    };
    let word = query.split_whitespace().next().unwrap_or_default();
    let matching = definition
        .core_fields()
        .filter(|f| f.search != ketu_model::field::SearchClass::None)
        .find_map(|field| {
            let text = record.fields.text(&field.key)?;
            ketu_store::search::text::contains(text, word)
                .then(|| (field.key.to_string(), text.to_owned()))
        });
    let title = record
        .fields
        .text(&definition.title)
        .unwrap_or_default()
        .to_owned();
    let (field, matched) =
        matching.unwrap_or_else(|| (definition.title.to_string(), title.clone()));
    let second = ["number", "mobile", "phone", "title"]
        .iter()
        .find_map(|key| record.fields.text(key));
    let subtitle = customer_name
        .or(second.map(str::to_owned))
        .unwrap_or_default();
    Ok(Hit {
        entity: entity.to_owned(),
        id: record.id,
        title,
        subtitle,
        field,
        matched,
        customer,
    })
}

/// The home-currency sum of money values, in minor units.
pub(crate) fn home_sum<'v>(values: impl Iterator<Item = &'v Value>) -> i64 {
    values
        .filter_map(|value| match value {
            Value::Money(money) if money.currency == ketu_model::value::HOME_CURRENCY => {
                Some(money.minor)
            }
            _ => None,
        })
        .fold(0, i64::saturating_add)
}
