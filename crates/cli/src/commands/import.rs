//! `ketu import`: open, map, plan, apply, and the failed rows as a workbook.
#![allow(
    clippy::print_stderr,
    reason = "progress of a long import is shown where answers are not"
)]

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::Path;

use ketu_app::import::{Language as Reasons, sentence};
use ketu_app::{ApiError, Event};
use serde_json::{Value as Json, json};

use crate::answer::Answer;
use crate::arguments::Duplicates;
use crate::core::{Core, refusal, text};
use crate::language::Language;
use crate::names::{Names, entries_of, list_of};
use crate::table::table;

/// Reasons that are repeated on a terminal; the workbook of failed rows has them all.
const SHOWN: usize = 20;
/// Rows asked for at a time.
const WINDOW: usize = 200;

#[derive(Debug)]
pub struct Wish<'a> {
    pub file: &'a Path,
    pub sheet: Option<&'a str>,
    /// Column and field as typed.
    pub map: &'a [(String, String)],
    pub duplicates: Duplicates,
    pub dry_run: bool,
    pub errors: Option<&'a Path>,
    /// Without progress.
    pub quiet: bool,
}

pub fn import(core: &Core, language: Language, wish: &Wish<'_>) -> Result<Answer, ApiError> {
    if !wish.quiet && std::io::stderr().is_terminal() {
        show_progress(core, language);
    }
    let path = std::path::absolute(wish.file).unwrap_or_else(|_| wish.file.to_owned());
    let mut request = json!({ "path": path.to_string_lossy() });
    if let Some(sheet) = wish.sheet {
        request["sheet"] = json!(sheet);
    }
    let opened = core.call("import_open", request)?;
    let targets = core.call("import_targets", json!({}))?;
    let mapping = mapping(&opened, &targets, wish.map)?;
    let import = &opened["import"];
    let request =
        json!({ "import": import, "mapping": mapping, "duplicates": wish.duplicates.name() });
    let planned = core.call("import_plan", request)?;
    let counts = if wish.dry_run {
        json!({
            "rows": planned["rows"], "created": planned["create"], "updated": planned["update"],
            "skipped": planned["skip"], "failed": planned["fail"], "records": planned["records"],
        })
    } else {
        let done = core.call("import_apply", json!({ "import": import }))?;
        json!({
            "rows": done["rows"], "created": done["created"], "updated": done["updated"],
            "skipped": done["skipped"], "failed": done["failed"], "records": done["records"],
        })
    };
    let issues = errors_of(core, import)?;
    let mut written = None;
    if let Some(file) = wish.errors.filter(|_| counts["failed"] != 0) {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        core.call(
            "import_failed_rows",
            json!({ "import": import, "path": file.to_string_lossy() }),
        )?;
        written = Some(file);
    }
    core.call("import_close", json!({ "import": import }))?;

    let said = said(
        core,
        language,
        wish,
        &opened,
        &mapping,
        &planned,
        &counts,
        &issues,
        written.as_deref(),
    )?;
    let mut answer = counts;
    let short = |issue: &Json| json!({ "row": issue["row"], "column": issue["column_name"], "code": issue["code"] });
    answer["errors"] = issues.iter().map(short).collect();
    Ok(Answer::new(answer, said))
}

/// Where each column goes: as guessed, changed by what was asked for.
fn mapping(
    opened: &Json,
    targets: &Json,
    wishes: &[(String, String)],
) -> Result<BTreeMap<u64, String>, ApiError> {
    let columns = list_of(&opened["columns"]);
    let mut mapping: BTreeMap<u64, String> = columns
        .iter()
        .filter_map(|column| {
            Some((
                column["index"].as_u64()?,
                column["target"].as_str()?.to_owned(),
            ))
        })
        .collect();
    for (column, field) in wishes {
        let index = column_index(columns, column)
            .ok_or_else(|| refusal("unknown_column", &[("column", column)]))?;
        if field.is_empty() {
            mapping.remove(&index);
            continue;
        }
        let target = if field.contains('.') {
            field.clone()
        } else {
            format!("customer.{field}")
        };
        if !list_of(&targets["targets"])
            .iter()
            .any(|known| known["target"] == target.as_str())
        {
            return Err(refusal("unknown_target", &[("target", field)]));
        }
        // Asked for here, so no longer where it was guessed; 省, 市 and 区 may share the region.
        if target != "customer.region" {
            mapping.retain(|_, taken| *taken != target);
        }
        mapping.insert(index, target);
    }
    Ok(mapping)
}

/// A column by its header, its letter or its number from 1, in this order.
fn column_index(columns: &[Json], named: &str) -> Option<u64> {
    let by_name = |column: &&Json| plain(text(&column["name"])) == plain(named);
    if let Some(column) = columns.iter().find(by_name) {
        return column["index"].as_u64();
    }
    let index = match named.parse::<u64>() {
        Ok(number) => number.checked_sub(1)?,
        Err(_) => letters(named)?,
    };
    columns
        .iter()
        .any(|column| column["index"] == index)
        .then_some(index)
}

/// A header without its line breaks and blanks.
fn plain(header: &str) -> String {
    header
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

/// `A` is 0, `AA` is 26.
fn letters(text: &str) -> Option<u64> {
    if text.is_empty() || text.len() > 3 || !text.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    let number = text.bytes().fold(0, |number, letter| {
        number * 26 + u64::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    Some(number - 1)
}

/// Every reason why a row failed, warnings left out.
fn errors_of(core: &Core, import: &Json) -> Result<Vec<Json>, ApiError> {
    let mut issues = Vec::new();
    let mut offset = 0;
    loop {
        let request =
            json!({ "import": import, "only": "fail", "offset": offset, "limit": WINDOW });
        let answer = core.call("import_rows", request)?;
        let rows = list_of(&answer["rows"]);
        for row in rows {
            let errors = list_of(&row["issues"])
                .iter()
                .filter(|issue| issue["warning"] != true);
            issues.extend(errors.cloned());
        }
        offset += rows.len();
        if rows.is_empty() {
            return Ok(issues);
        }
    }
}

#[allow(
    clippy::too_many_arguments,
    reason = "one report of everything that happened"
)]
fn said(
    core: &Core,
    language: Language,
    wish: &Wish<'_>,
    opened: &Json,
    mapping: &BTreeMap<u64, String>,
    planned: &Json,
    counts: &Json,
    issues: &[Json],
    written: Option<&Path>,
) -> Result<String, ApiError> {
    let names = Names::load(core, language)?;
    let mut out = String::new();
    let columns: Vec<Vec<String>> = list_of(&opened["columns"])
        .iter()
        .map(|column| {
            let target = column["index"]
                .as_u64()
                .and_then(|index| mapping.get(&index));
            let goal = target
                .and_then(|target| target.split_once('.'))
                .map_or_else(
                    || language.of("（不导入）", "(nowhere)").to_owned(),
                    |(entity, field)| {
                        format!(
                            "{} · {}",
                            names.entity_label(entity),
                            names.field_label(entity, field)
                        )
                    },
                );
            vec![plain_line(text(&column["name"])), goal]
        })
        .collect();
    let headings = language
        .of(["列", "字段"], ["Column", "Field"])
        .map(str::to_owned);
    out.push_str(&table(&headings, &columns));
    let n = |key: &str| counts[key].to_string();
    let counted = match (language, wish.dry_run) {
        (Language::Chinese, false) => ["共", "行：新增", "更新", "跳过", "失败"],
        (Language::Chinese, true) => [
            "共",
            "行（试运行，什么都没有写入）：将新增",
            "更新",
            "跳过",
            "失败",
        ],
        (Language::English, false) => ["", "rows: created", "updated", "skipped", "failed"],
        (Language::English, true) => [
            "",
            "rows (dry run, nothing written): create",
            "update",
            "skip",
            "fail",
        ],
    };
    let counted = format!(
        "{} {} {} {}, {} {}, {} {}, {} {}",
        counted[0],
        n("rows"),
        counted[1],
        n("created"),
        counted[2],
        n("updated"),
        counted[3],
        n("skipped"),
        counted[4],
        n("failed")
    );
    out.push_str(&format!("\n{}\n", counted.trim()));
    for (entity, count) in entries_of(&counts["records"]) {
        out.push_str(&format!("  {} {count}\n", names.entity_label(entity)));
    }
    for (key, said) in [
        (
            "columns_left_out",
            language.of(
                "只读了前 200 列，右边还有 {n} 列没有读",
                "only the first 200 columns were read; {n} more are left out",
            ),
        ),
        (
            "characters_replaced",
            language.of(
                "有 {n} 处字符无法识别，写成了 �",
                "{n} characters could not be read and are written as �",
            ),
        ),
    ] {
        if planned[key] != 0 {
            out.push_str(&format!(
                "  {}\n",
                said.replace("{n}", &planned[key].to_string())
            ));
        }
    }
    for issue in issues.iter().take(SHOWN) {
        let at = match language {
            Language::Chinese => format!(
                "第 {} 行 {}",
                issue["row"],
                plain_line(text(&issue["column_name"]))
            ),
            Language::English => format!(
                "row {} {}",
                issue["row"],
                plain_line(text(&issue["column_name"]))
            ),
        };
        out.push_str(&format!(
            "  {}: {}\n",
            at.trim_end(),
            reason(language, issue)
        ));
    }
    if issues.len() > SHOWN {
        out.push_str(&format!("  … {}\n", issues.len() - SHOWN));
    }
    if let Some(file) = written {
        out.push_str(&format!(
            "{}: {}\n",
            language.of("失败行", "failed rows"),
            file.display()
        ));
    }
    Ok(out)
}

fn reason(language: Language, issue: &Json) -> String {
    let params = entries_of(&issue["params"]).map(|(name, value)| (name.as_str(), text(value)));
    sentence(text(&issue["code"]), params, Reasons::of(language.tag()))
}

fn plain_line(header: &str) -> String {
    header.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn show_progress(core: &Core, language: Language) {
    core.app().subscribe(Box::new(move |event| {
        if let Event::ImportProgress {
            phase, done, total, ..
        } = event
        {
            let phase = match phase.as_str() {
                "reading" => language.of("读取", "reading"),
                "planning" => language.of("检查", "planning"),
                "applying" => language.of("写入", "writing"),
                other => other,
            };
            let total = total.map_or_else(String::new, |total| format!(" / {total}"));
            let mut out = std::io::stderr().lock();
            // The line is cleared each time; a terminal that is gone is no reason to stop.
            let _ = write!(out, "\r\u{1b}[K{phase} {done}{total}\r").and_then(|()| out.flush());
        }
    }));
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn opened() -> Json {
        json!({ "columns": [
            { "index": 0, "name": "编号", "target": "customer.number" },
            { "index": 1, "name": "单位\n名称", "target": null },
            { "index": 2, "name": "省", "target": "customer.region" },
            { "index": 3, "name": "市", "target": null },
        ] })
    }

    fn asked(wishes: &[(&str, &str)]) -> Result<BTreeMap<u64, String>, ApiError> {
        let targets = [
            "customer.name",
            "customer.number",
            "customer.region",
            "contact.name",
        ];
        let targets: Vec<Json> = targets
            .iter()
            .map(|target| json!({ "target": target }))
            .collect();
        let wishes: Vec<(String, String)> = wishes
            .iter()
            .map(|(column, field)| ((*column).to_owned(), (*field).to_owned()))
            .collect();
        mapping(&opened(), &json!({ "targets": targets }), &wishes)
    }

    #[test]
    fn a_column_is_named_by_header_letter_or_number() {
        for column in ["单位名称", "B", "b", "2"] {
            assert_eq!(
                asked(&[(column, "name")]).unwrap()[&1],
                "customer.name",
                "{column}"
            );
        }
        assert_eq!(asked(&[("E", "name")]).unwrap_err().code, "unknown_column");
        assert_eq!(asked(&[("0", "name")]).unwrap_err().code, "unknown_column");
    }

    #[test]
    fn what_was_asked_for_wins_over_what_was_guessed() {
        let mapping = asked(&[("B", "customer.number"), ("D", "region")]).unwrap();
        assert_eq!(mapping.get(&0), None);
        assert_eq!(mapping[&1], "customer.number");
        assert_eq!(
            (mapping[&2].as_str(), mapping[&3].as_str()),
            ("customer.region", "customer.region")
        );
        assert_eq!(asked(&[("A", "")]).unwrap().get(&0), None);
        assert_eq!(
            asked(&[("A", "customer.shoe_size")]).unwrap_err().code,
            "unknown_target"
        );
    }

    #[test]
    fn letters_count_like_a_spreadsheet_does() {
        assert_eq!(letters("A"), Some(0));
        assert_eq!(letters("z"), Some(25));
        assert_eq!(letters("AA"), Some(26));
        assert_eq!(letters("电话"), None);
    }
}
