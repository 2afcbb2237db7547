//! What the server misses, to read, take back and keep (B1).

use std::collections::BTreeMap;
use std::path::Path;

use ketu_model::{EntityDef, Value};
use ketu_sheet::write::{Column, SheetPlan, Value as Written, XlsxFile};
use ketu_store::Reader;
use ketu_store::sync::{OpState, OwnOp, Unsynced};
use serde_json::Value as Json;
use uuid::Uuid;

use super::local::{self, Cancelled};
use crate::api::records::{FieldChange, Titles};
use crate::api::session::{Done, SaveText};
use crate::api::sync::{
    OpRef, Outbox, OutboxLine, OutboxRequest, UnsyncedRecords, UnsyncedRequest,
};
use crate::app::App;
use crate::error::{AppError, Result};
use crate::export::{Cell, Cells, local_time};
use crate::import::Language;
use crate::{present, session};

/// Lines that one answer holds at most.
const MOST: u32 = 500;
/// Operations that are read at once for a file.
const CHUNK: usize = 500;
/// Rows of a sheet, below what Excel opens.
const SHEET_ROWS: usize = 1_000_000;

pub(crate) fn list(app: &App, request: OutboxRequest) -> Result<Outbox> {
    app.read(|reader| {
        let mut titles = Titles::new();
        // Nobody waits for the work of a laptop of its own.
        if reader.sync_state()?.is_none() {
            return Ok(Outbox {
                total: 0,
                lines: Vec::new(),
                titles,
            });
        }
        let limit = request.limit.min(MOST) as usize;
        let (total, found) = reader.outbox(request.offset as usize, limit)?;
        let mut lines = Vec::with_capacity(found.len());
        for line in found {
            let fields = match line.count {
                1 => present::changes(reader, &line.op, &mut titles)?,
                _ => Vec::new(),
            };
            lines.push(OutboxLine {
                title: present::title_of(reader, &line.op)?,
                op: line.op.op,
                tx: line.op.tx,
                at: line.op.hlc.millis(),
                entity: line.op.entity,
                record: line.op.record,
                kind: line.op.kind,
                origin: line.op.origin,
                state: word(line.waits).to_owned(),
                fields,
                count: line.count,
            });
        }
        Ok(Outbox {
            total,
            lines,
            titles,
        })
    })
}

fn word(waits: bool) -> &'static str {
    if waits { "waiting" } else { "sent" }
}

/// Takes a line back: an operation with those that are sent with it, or a whole import.
pub(crate) fn cancel(app: &App, request: OpRef) -> Result<Done> {
    let store = app.session()?.store;
    let committed = local::cancel(&store, request.record, request.op)?;
    match committed.value {
        Cancelled::Done(_) => {}
        Cancelled::Sent => return Err(AppError::refused("already_sent")),
        Cancelled::BuiltUpon => return Err(AppError::refused("built_upon")),
    }
    app.tell(&committed.changes);
    Ok(Done { done: true })
}

pub(crate) fn unsynced(app: &App, request: UnsyncedRequest) -> Result<UnsyncedRecords> {
    app.read(|reader| {
        let mut states = BTreeMap::new();
        if reader.sync_state()?.is_none() {
            return Ok(UnsyncedRecords { states });
        }
        for id in request.ids {
            if let Some(unsynced) = reader.unsynced(id)? {
                let waits = unsynced == Unsynced::Waiting;
                states.insert(id, word(waits).to_owned());
            }
        }
        Ok(UnsyncedRecords { states })
    })
}

/// Writes all that the server misses into a workbook for people: one row for each changed field, in the order in which it
/// was done.
pub(crate) fn export(app: &App, request: SaveText) -> Result<Done> {
    let session = app.session()?;
    let language = Language::of(&session::settings(&session)?.language);
    let mut file = XlsxFile::create(Path::new(&request.path))?;
    session.read(|reader| {
        let mut list = Sheets {
            cells: Cells::new(reader, language)?,
            language,
            rows: 0,
        };
        list.begin(&mut file)?;
        let mut place = 0;
        // A laptop of its own owes nobody anything.
        while reader.sync_state()?.is_some() {
            let ops = reader.unanswered_after(place, CHUNK)?;
            let Some(last) = ops.last() else {
                break;
            };
            place = last.place;
            for own in ops.iter().filter(|own| own.carrier.is_none()) {
                list.write(&mut file, reader, own)?;
            }
        }
        Ok::<_, AppError>(())
    })?;
    file.finish()?;
    Ok(Done { done: true })
}

/// The list on its way into a workbook.
struct Sheets {
    cells: Cells,
    language: Language,
    rows: usize,
}

impl Sheets {
    fn begin(&self, file: &mut XlsxFile) -> Result<()> {
        let name = self.language.choose("待上传", "Waiting");
        let number = self.rows / SHEET_ROWS + 1;
        let columns = [
            ("时间", "Time"),
            ("对象", "Kind"),
            ("名称", "Name"),
            ("字段", "Field"),
            ("原值", "Old value"),
            ("新值", "New value"),
            ("状态", "State"),
        ];
        file.add_sheet(SheetPlan {
            name: match number {
                1 => name.to_owned(),
                number => format!("{name} {number}"),
            },
            columns: columns
                .map(|(zh, en)| Column::new(self.language.choose(zh, en)))
                .into(),
            title: None,
            expected_rows: 0,
        })?;
        Ok(())
    }

    fn write(&mut self, file: &mut XlsxFile, reader: &Reader<'_>, own: &OwnOp) -> Result<()> {
        let mut titles = Titles::new();
        let catalog = reader.catalog();
        let entity = catalog.entity(&own.entity);
        let title = present::title_of(reader, own)?;
        let mut changes = present::changes(reader, own, &mut titles)?;
        if let Some(other) = own.other.filter(|_| own.kind == "merge") {
            titles.append(&mut reader.titles(&own.entity, [other])?);
        }
        if changes.is_empty() {
            // A merge, or its end: nothing but the other record is told.
            changes.push(FieldChange {
                field: String::new(),
                old: Json::Null,
                new: Json::Null,
            });
        }
        let state = match own.state {
            OpState::Pending => self.language.choose("待发送", "Not sent"),
            _ => self
                .language
                .choose("已发送，等待答复", "Sent, not answered"),
        };
        let kind = entity.map_or(own.entity.as_str(), |entity| {
            self.language.choose(&entity.label.zh, &entity.label.en)
        });
        for change in changes {
            if self.rows > 0 && self.rows.is_multiple_of(SHEET_ROWS) {
                self.begin(file)?;
            }
            self.rows += 1;
            let field = self.field(own, entity, &change.field);
            let [old, new] =
                [&change.old, &change.new].map(|json| value(entity, &change.field, json));
            let old = self.cell(entity, &change.field, &old, &titles);
            let new = match own.other.and_then(|other| titles.get(&other)) {
                Some(other) => Cell::Text(other.clone().into()),
                None => self.cell(entity, &change.field, &new, &titles),
            };
            file.row(&[
                Written::DateTime(local_time(own.hlc.millis())),
                Written::Text(kind),
                Written::Text(&title),
                Written::Text(&field),
                old.written(),
                new.written(),
                Written::Text(state),
            ])?;
        }
        Ok(())
    }

    fn field(&self, own: &OwnOp, entity: Option<&EntityDef>, key: &str) -> String {
        let known = entity.and_then(|entity| entity.field(key));
        let text = match (known, own.kind.as_str()) {
            (Some(field), _) => self.language.choose(&field.label.zh, &field.label.en),
            (None, "delete" | "restore") => self.language.choose("删除时间", "Deleted"),
            (None, "merge") => self.language.choose("合并", "Merged with"),
            (None, "split") => self.language.choose("取消合并", "Merge undone"),
            (None, _) => key,
        };
        text.to_owned()
    }

    fn cell<'v>(
        &mut self,
        entity: Option<&EntityDef>,
        key: &str,
        value: &'v Value,
        titles: &BTreeMap<Uuid, String>,
    ) -> Cell<'v> {
        match (entity.and_then(|entity| entity.field(key)), value) {
            (Some(field), value) => self.cells.value(field, value, titles),
            (None, Value::Instant(at)) => Cell::Written(Written::DateTime(local_time(*at))),
            (None, Value::Text(text)) => Cell::Written(Written::Text(text)),
            (None, _) => Cell::Written(Written::Empty),
        }
    }
}

/// A value of the log; what this version does not know stays as it is written there.
fn value(entity: Option<&EntityDef>, key: &str, json: &Json) -> Value {
    let field = entity.and_then(|entity| entity.field(key));
    match (field, json) {
        (_, Json::Null) => Value::Null,
        (Some(field), json) => {
            Value::from_json(&field.kind, json).unwrap_or_else(|| Value::Text(json.to_string()))
        }
        (None, json) => match json.as_i64().filter(|_| key == "deleted_at") {
            Some(at) => Value::Instant(at),
            None => Value::Text(json.to_string()),
        },
    }
}
