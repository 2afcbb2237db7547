//! Lists and searches on the large base, through the one dispatch that every front door calls.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, ensure};
use fastrand::Rng;
use ketu_app::App;
use ketu_model::catalog::shipped::shipped_option;
use serde_json::{Value as Json, json};

use super::Wish;
use super::base::Base;
use super::report::{Report, Sample};
use super::watch::watch;
use crate::ketu::built;
use crate::workbook::companies;

const SEARCH_MS: f64 = 10.0;
const WINDOW_MS: f64 = 20.0;
const OPEN_MS: f64 = 600.0;
const EXPORT: f64 = 1.6;

/// Searches of each class, windows of each list.
const TIMES: usize = 60;
const ROWS: u32 = 100;

const COLUMNS: [&str; 9] = [
    "name",
    "number",
    "phone",
    "industry",
    "level",
    "lifecycle",
    "region",
    "annual_value",
    "owner",
];
const INTERACTION_COLUMNS: [&str; 4] = ["kind", "occurred_at", "customer", "summary"];

pub(super) fn timed(app: &App, method: &str, params: Json) -> Result<(f64, Json)> {
    let began = Instant::now();
    let answer = app.dispatch(method, params);
    let ms = began.elapsed().as_secs_f64() * 1_000.0;
    Ok((
        ms,
        answer.map_err(|error| anyhow!("{method}: {} {:?}", error.code, error.params))?,
    ))
}

pub fn measure(wish: &Wish, base: &Base, report: &mut Report) -> Result<()> {
    report.say(&format!(
        "{} customers and contacts, {} interactions",
        wish.rows(),
        wish.rows() * super::base::INTERACTIONS
    ));
    let mut opening = Sample::default();
    for _ in 0..wish.runs {
        let began = Instant::now();
        let app = base.open();
        let (_, opened) = timed(
            &app,
            "view_open",
            json!({ "entity": "customer", "columns": COLUMNS, "limit": ROWS }),
        )?;
        opening.add(began.elapsed().as_secs_f64() * 1_000.0);
        ensure!(
            opened["window"]["rows"].as_array().map(Vec::len) == Some(ROWS as usize),
            "the first list is full"
        );
        app.stop();
    }
    report.limit_median(
        "opening until the first list is there",
        &opening,
        "ms",
        OPEN_MS,
    );

    let app = base.open();
    let (ms, _) = timed(&app, "search", json!({ "text": "安", "limit": 1 }))?;
    let mut first = Sample::default();
    first.add(ms);
    report.note("the first search, which waits for the index", &first, "ms");
    searches(&app, wish, report)?;
    windows(&app, report)?;
    app.stop();
    Ok(())
}

/// Texts of one class, as many as are measured.
type Class = (&'static str, Box<dyn Fn(&mut Rng) -> String>);

fn classes(wish: &Wish) -> Vec<Class> {
    let rows = wish.rows();
    let brand = |rng: &mut Rng| rng.choice(companies::BRAND).expect("there are characters");
    vec![
        (
            "one character",
            Box::new(move |rng: &mut Rng| brand(rng).0.to_owned()),
        ),
        (
            "two characters",
            Box::new(move |rng: &mut Rng| format!("{}{}", brand(rng).0, brand(rng).0)),
        ),
        (
            "three initials",
            Box::new(move |rng: &mut Rng| {
                format!("{}{}{}", brand(rng).1, brand(rng).1, brand(rng).1)
            }),
        ),
        (
            "full pinyin",
            Box::new(move |rng: &mut Rng| format!("{}{}", brand(rng).2, brand(rng).2)),
        ),
        (
            "end of a phone",
            Box::new(move |rng: &mut Rng| companies::mobile(rng.u32(0..rows))[7..].to_owned()),
        ),
        (
            "part of an e-mail",
            Box::new(move |rng: &mut Rng| format!("u{}", rng.u32(0..rows))),
        ),
        (
            "words of an interaction",
            Box::new(|rng: &mut Rng| {
                let words = [
                    "报价",
                    "远程监控",
                    "分期付款",
                    "招标",
                    "安装费偏高",
                    "送样测试",
                    "核对合同",
                ];
                (*rng.choice(words).as_ref().expect("there are words")).to_owned()
            }),
        ),
    ]
}

fn searches(app: &App, wish: &Wish, report: &mut Report) -> Result<()> {
    let mut rng = Rng::with_seed(11);
    let mut all = Sample::default();
    for (name, text) in classes(wish) {
        let mut sample = Sample::default();
        let mut found = 0;
        for _ in 0..TIMES {
            let (ms, answer) = timed(
                app,
                "search",
                json!({ "text": text(&mut rng), "limit": 50 }),
            )?;
            found += usize::from(answer["total"].as_u64() > Some(0));
            sample.add(ms);
        }
        ensure!(
            found * 2 > TIMES,
            "searches for {name} find something: {found} of {TIMES}"
        );
        report.say(&format!(
            "  search, {name:<36} {:>8.2} ms  p95 {:.2}",
            sample.median(),
            sample.p95()
        ));
        all.extend(&sample);
    }
    let spread = format!("p95 (median {:.2})", all.median());
    report.limit(
        "search, all of these",
        all.p95(),
        &spread,
        "ms",
        &(0.0..=SEARCH_MS),
    );
    Ok(())
}

fn is(field: &str, test: &str, value: impl Into<Json>) -> Json {
    json!({ "field": { "field": field, "test": test, "value": value.into() } })
}

fn views() -> Vec<(&'static str, Json)> {
    let level = shipped_option("customer.level", "A 重点").to_string();
    let visit = shipped_option("interaction.kind", "拜访").to_string();
    let by = |field: &str, descending: bool| json!([{ "field": field, "descending": descending }]);
    vec![
        (
            "customers of one level by name",
            json!({ "entity": "customer", "filter": is("level", "is", level), "sort": by("name", false) }),
        ),
        (
            "customers of a province above a value",
            json!({
                "entity": "customer", "sort": by("annual_value", true),
                "filter": { "all": [is("region", "starts_with", "44"), is("annual_value", "at_least", json!([10_000_000, "CNY"]))] },
            }),
        ),
        (
            "customers with a character in the name",
            json!({ "entity": "customer", "filter": is("name", "contains", "华"), "sort": by("updated_at", true) }),
        ),
        (
            "interactions of one kind, latest first",
            json!({ "entity": "interaction", "filter": is("kind", "is", visit), "sort": by("occurred_at", true) }),
        ),
        (
            "interactions with a word, oldest first",
            json!({ "entity": "interaction", "filter": is("summary", "contains", "报价"), "sort": by("occurred_at", false) }),
        ),
    ]
}

fn windows(app: &App, report: &mut Report) -> Result<()> {
    let mut rng = Rng::with_seed(12);
    let (mut all, mut first_windows) = (Sample::default(), Sample::default());
    for (name, mut request) in views() {
        let columns = if request["entity"] == "customer" {
            json!(COLUMNS)
        } else {
            json!(INTERACTION_COLUMNS)
        };
        request["columns"] = columns.clone();
        request["limit"] = json!(ROWS);
        let (opening, opened) = timed(app, "view_open", request)?;
        first_windows.add(opening);
        let window = |offset: u64| json!({ "view": opened["view"], "offset": offset, "limit": ROWS, "columns": columns });
        let (gathering, whole) = timed(app, "view_window", window(0))?;
        let count = whole["count"]
            .as_u64()
            .context("a gathered list is counted")?;
        ensure!(count > u64::from(ROWS), "{name}: only {count} rows");
        let mut sample = Sample::default();
        for _ in 0..TIMES {
            let (ms, _) = timed(
                app,
                "view_window",
                window(rng.u64(0..count - u64::from(ROWS))),
            )?;
            sample.add(ms);
        }
        report.say(&format!(
            "  {name:<44} {:>8.2} ms  p95 {:.2}; first window {opening:.1}, all {count} rows gathered after {:.1}",
            sample.median(),
            sample.p95(),
            opening + gathering
        ));
        timed(app, "view_close", json!({ "view": opened["view"] }))?;
        all.extend(&sample);
    }
    report.note("first window of a new list", &first_windows, "ms");
    let spread = format!("p95 (median {:.2})", all.median());
    report.limit(
        "window of 100 rows, sorted and filtered",
        all.p95(),
        &spread,
        "ms",
        &(0.0..=WINDOW_MS),
    );
    Ok(())
}

/// Twelve filled columns of every customer, against the library alone writing the same cells.
pub fn measure_export(wish: &Wish, base: &Base, folder: &Path, report: &mut Report) -> Result<()> {
    const EXPORTED: [&str; 12] = [
        "number",
        "name",
        "phone",
        "email",
        "industry",
        "region",
        "address",
        "level",
        "annual_value",
        "owner",
        "created_at",
        "note",
    ];
    let scratch = tempfile::Builder::new()
        .prefix("export-")
        .tempdir_in(folder)?;
    let (ours, theirs) = (
        scratch.path().join("ketu.xlsx"),
        scratch.path().join("floor.xlsx"),
    );
    let app = base.open();
    let (_, opened) = timed(
        &app,
        "view_open",
        json!({ "entity": "customer", "columns": ["name"], "limit": 1 }),
    )?;
    timed(
        &app,
        "view_window",
        json!({ "view": opened["view"], "offset": 0, "limit": 1, "columns": ["name"] }),
    )?;
    let (mut ketu, mut floor) = (Sample::default(), Sample::default());
    for _ in 0..wish.runs {
        let request = json!({ "view": opened["view"], "columns": EXPORTED, "path": ours });
        let (ms, exported) = timed(&app, "export_view", request)?;
        ensure!(
            exported["rows"] == wish.rows(),
            "all rows are exported: {exported}"
        );
        ketu.add(ms / 1_000.0);
        let did = watch(
            Command::new(built("ketu-floor")?)
                .arg("export")
                .args([&ours, &theirs]),
        )?;
        floor.add(
            did.answer["seconds"]
                .as_f64()
                .context("the floor tells its seconds")?,
        );
    }
    app.stop();
    report.say("export");
    report.note("rust_xlsxwriter alone, constant memory", &floor, "s");
    report.note("Ketu, from the encrypted file", &ketu, "s");
    report.limit(
        "Ketu / rust_xlsxwriter",
        ketu.median() / floor.median(),
        "",
        "x",
        &(0.0..=EXPORT),
    );
    Ok(())
}
