//! Records: list, get, add, set, remove, undo, history, search, export.

use std::path::Path;

use ketu_app::ApiError;
use serde_json::{Map, Value as Json, json};

use crate::answer::Answer;
use crate::arguments::Fields;
use crate::core::{Core, text};
use crate::language::Language;
use crate::names::{Names, entries_of, list_of, local_time};
use crate::table::{pairs, table};

pub fn list(
    core: &Core,
    language: Language,
    entity: &str,
    filter: Option<&Json>,
    limit: u32,
) -> Result<Answer, ApiError> {
    let mut names = Names::load(core, language)?;
    let columns = names.keys(entity)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let listed = core.list(entity, filter, &columns, limit)?;
    let records: Vec<Json> = listed
        .rows
        .iter()
        .map(|row| {
            let values = columns
                .iter()
                .cloned()
                .zip(list_of(&row["cells"]).iter().cloned());
            let fields: Map<String, Json> = values.filter(|(_, value)| !value.is_null()).collect();
            json!({ "id": row["id"], "fields": fields })
        })
        .collect();
    let titles = Json::Object(listed.titles);
    names.learn(&titles);
    let values = records
        .iter()
        .flat_map(|record| entries_of(&record["fields"]));
    names.learn_regions(
        core,
        entity,
        values.map(|(key, value)| (key.as_str(), value)),
    )?;

    let shown = names.grid_keys(entity)?;
    let headings: Vec<String> = shown
        .iter()
        .map(|key| names.field_label(entity, key))
        .collect();
    let cells = |record: &Json| {
        shown
            .iter()
            .map(|key| names.shown(entity, key, &record["fields"][key]))
            .collect()
    };
    let rows: Vec<Vec<String>> = records.iter().map(cells).collect();
    let count = listed.count;
    let counted = match language {
        Language::Chinese => format!("共 {count} 条，显示 {}", rows.len()),
        Language::English => format!("{} of {count}", rows.len()),
    };
    let said = format!("{}{counted}", table(&headings, &rows));
    Ok(Answer::new(
        json!({ "count": count, "records": records, "titles": titles }),
        said,
    ))
}

pub fn get(core: &Core, language: Language, entity: &str, id: &str) -> Result<Answer, ApiError> {
    let mut names = Names::load(core, language)?;
    let id = core.id_of(entity, id)?;
    let record = core.call("get", json!({ "entity": entity, "id": id }))?;
    names.learn(&record["titles"]);
    let values = entries_of(&record["fields"]).map(|(key, value)| (key.as_str(), value));
    names.learn_regions(core, entity, values)?;
    let mut lines = vec![("id".to_owned(), id)];
    for key in names.keys(entity)? {
        let value = &record["fields"][&key];
        if !value.is_null() {
            lines.push((
                names.field_label(entity, &key),
                names.shown(entity, &key, value),
            ));
        }
    }
    for key in ["created_at", "updated_at", "deleted_at"] {
        if let Some(at) = record[key].as_i64() {
            lines.push((names.field_label(entity, key), local_time(at)));
        }
    }
    Ok(Answer::new(record, pairs(&lines)))
}

pub fn add(
    core: &Core,
    language: Language,
    entity: &str,
    fields: &Fields,
) -> Result<Answer, ApiError> {
    let saved = core.call("add", json!({ "entity": entity, "fields": fields.0 }))?;
    let said = format!("{}: {}", language.of("已新增", "added"), text(&saved["id"]));
    Ok(Answer::new(saved, said))
}

pub fn set(
    core: &Core,
    language: Language,
    entity: &str,
    id: &str,
    fields: &Fields,
) -> Result<Answer, ApiError> {
    let id = core.id_of(entity, id)?;
    let saved = core.call(
        "update",
        json!({ "entity": entity, "id": id, "fields": fields.0 }),
    )?;
    let said = if saved["changed"] == 0 {
        language.of("没有变化", "nothing was different")
    } else {
        language.of("已修改", "changed")
    };
    Ok(Answer::new(saved, said))
}

pub fn remove(
    core: &Core,
    language: Language,
    entity: &str,
    ids: &[String],
) -> Result<Answer, ApiError> {
    let ids = ids
        .iter()
        .map(|id| core.id_of(entity, id))
        .collect::<Result<Vec<_>, _>>()?;
    let saved = core.call("remove", json!({ "entity": entity, "ids": ids }))?;
    let said = language.of(
        "已移到回收站，可以撤销：ketu undo",
        "Moved to the recycle bin; ketu undo brings it back",
    );
    Ok(Answer::new(saved, said))
}

pub fn undo(core: &Core, language: Language, tx: Option<&str>) -> Result<Answer, ApiError> {
    let request = tx.map_or_else(|| json!({}), |tx| json!({ "tx": tx }));
    let undone = core.call("undo", request)?;
    let names = Names::load(core, language)?;
    let changed = &undone["changed"];
    let mut said = match language {
        Language::Chinese => format!("已撤销，改动 {changed} 条记录"),
        Language::English => format!("undone, {changed} records changed"),
    };
    for kept in list_of(&undone["kept"]) {
        let field = names.field_label(text(&kept["entity"]), text(&kept["field"]));
        let since = language.of("后来又改过，保留", "was changed since and stays");
        said.push_str(&format!("\n  {} · {field}: {since}", text(&kept["title"])));
    }
    if let Some(gone) = undone["gone"].as_u64().filter(|gone| *gone > 0) {
        said.push_str(&match language {
            Language::Chinese => format!("\n  {gone} 条记录已不在这台电脑上，没有撤销"),
            Language::English => {
                format!("\n  {gone} records are no longer on this computer and were left alone")
            }
        });
    }
    Ok(Answer::new(undone, said))
}

pub fn history(
    core: &Core,
    language: Language,
    entity: &str,
    id: &str,
    older: bool,
) -> Result<Answer, ApiError> {
    let mut names = Names::load(core, language)?;
    let id = core.id_of(entity, id)?;
    let record = json!({ "entity": entity, "id": id });
    if older {
        core.call("older_history", record.clone())?;
    }
    let history = core.call("history", record)?;
    names.learn(&history["titles"]);
    let changes = || {
        list_of(&history["entries"])
            .iter()
            .flat_map(|entry| list_of(&entry["fields"]))
    };
    let values = changes().flat_map(|change| {
        let key = text(&change["field"]);
        [(key, &change["old"]), (key, &change["new"])]
    });
    names.learn_regions(core, entity, values)?;
    let mut said = String::new();
    for entry in list_of(&history["entries"]) {
        let at = entry["at"].as_i64().map(local_time).unwrap_or_default();
        let author = text(&entry["author_name"]);
        said.push_str(&format!(
            "{at}  {author}  {}  ({})\n",
            kind(language, text(&entry["kind"])),
            text(&entry["origin"])
        ));
        let lines: Vec<(String, String)> = list_of(&entry["fields"])
            .iter()
            .map(|change| {
                let key = text(&change["field"]);
                let value = |value: &Json| match names.shown(entity, key, value) {
                    shown if shown.is_empty() => "∅".to_owned(),
                    shown => shown,
                };
                let label = format!("    {}", names.field_label(entity, key));
                (
                    label,
                    format!("{} → {}", value(&change["old"]), value(&change["new"])),
                )
            })
            .collect();
        said.push_str(&pairs(&lines));
    }
    if history["older"] == true {
        said.push_str(language.of(
            "更早的修改在服务器上，加 --older 取来。\n",
            "Earlier changes are at the server: --older gets them.\n",
        ));
    }
    Ok(Answer::new(history, said))
}

fn kind(language: Language, kind: &str) -> &str {
    match kind {
        "create" => language.of("新增", "added"),
        "update" => language.of("修改", "changed"),
        "delete" => language.of("删除", "removed"),
        "restore" => language.of("恢复", "restored"),
        "transfer" => language.of("转移", "transferred"),
        "merge" => language.of("合并", "merged"),
        "split" => language.of("拆开", "split"),
        other => other,
    }
}

pub fn search(
    core: &Core,
    language: Language,
    words: &str,
    limit: u32,
) -> Result<Answer, ApiError> {
    let found = core.call("search", json!({ "text": words, "limit": limit }))?;
    let names = Names::load(core, language)?;
    let headings = language.of(["种类", "名称", "", "id"], ["Kind", "Name", "", "id"]);
    let rows: Vec<Vec<String>> = list_of(&found["hits"])
        .iter()
        .map(|hit| {
            vec![
                names.entity_label(text(&hit["entity"])),
                text(&hit["title"]).to_owned(),
                text(&hit["subtitle"]).to_owned(),
                text(&hit["id"]).to_owned(),
            ]
        })
        .collect();
    let counted = match language {
        Language::Chinese => format!("共 {} 条", found["total"]),
        Language::English => format!("{} found", found["total"]),
    };
    let said = format!("{}{counted}", table(&headings.map(str::to_owned), &rows));
    Ok(Answer::new(found, said))
}

pub fn export(
    core: &Core,
    language: Language,
    entity: &str,
    file: &Path,
) -> Result<Answer, ApiError> {
    let names = Names::load(core, language)?;
    let columns = names.keys(entity)?;
    let opened = core.open_view(entity, None, &columns, 1)?;
    let path = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let request =
        json!({ "view": opened["view"], "columns": columns, "path": path.to_string_lossy() });
    let exported = core.call("export_view", request)?;
    core.close_view(&opened)?;
    let rows = &exported["rows"];
    let said = match language {
        Language::Chinese => format!("已导出 {rows} 行：{}", path.display()),
        Language::English => format!("{rows} rows exported to {}", path.display()),
    };
    Ok(Answer::new(exported, said))
}
