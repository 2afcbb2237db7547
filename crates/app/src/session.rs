//! First run, unlocking, settings, and what forms need to know: catalog, options, regions, dates.

use std::collections::BTreeMap;

use chrono::{Local, NaiveDate, NaiveTime, TimeZone};
use ketu_model::catalog::shipped::Outcome;
use ketu_model::regions::{self, Region, RegionCode, RegionLevel};
use ketu_model::{Fields, Value, holidays, parse};
use ketu_store::file::{KeyError, RecoveryKey, write_atomically};
use ketu_store::{OpenError, Reader, Select, Store, StoreError, Write};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::api::session::{
    CatalogView, Done, Nothing, OptionView, PipelineView, RegionNamesRequest, RegionView, Regions,
    RegionsRequest, SaveText, SetUp, SetUpDone, Settings, StageView, Status, TagView, Unlock,
    UpdateSettings, UserView,
};
use crate::api::work::{ParseWhen, ParsedWhen};
use crate::app::{App, FreshKey, Session};
use crate::error::{AppError, Result};

pub(crate) fn status(app: &App, _: Nothing) -> Result<Status> {
    let mut status = Status {
        state: app.file_state(),
        user: None,
        recovery_key_confirmed: false,
        key_store: None,
        data_dir: app.options().data_dir.display().to_string(),
        moved_aside: None,
        has_sample: false,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        settings: Settings::default(),
    };
    let Ok(session) = app.session() else {
        return Ok(status);
    };
    status.key_store = Some(app.keys().kind().to_owned());
    status.settings = settings(&session)?;
    session.read(|reader| {
        status.recovery_key_confirmed =
            reader.meta("recovery_key_confirmed")?.as_deref() == Some("yes");
        status.has_sample = crate::sample::standing(reader)?.is_some();
        status.moved_aside = reader.meta("moved_aside")?.filter(|path| !path.is_empty());
        status.user = reader
            .titles("user", [session.user])?
            .remove(&session.user)
            .map(|name| UserView {
                id: session.user,
                name,
            });
        Ok::<_, AppError>(())
    })?;
    Ok(status)
}

/// Looks once more at a file that could not be opened: another program may have let it go since.
pub(crate) fn open_again(app: &App, _: Nothing) -> Result<Status> {
    if app.session().is_err() {
        let opened = Store::open(&app.location());
        // Whoever asked at the same time may have opened it.
        if app.session().is_err() {
            app.settle(opened);
        }
    }
    status(app, Nothing {})
}

/// Makes the file and its user. A file that a crash left without a user is taken up again.
pub(crate) fn set_up(app: &App, request: SetUp) -> Result<SetUpDone> {
    if app.session().is_ok() {
        return Err(AppError::refused("already_set_up"));
    }
    let name = request.name.trim();
    if name.is_empty() {
        let missing = ketu_model::validate::FieldError::new("name", "required");
        return Err(AppError::Store(StoreError::Invalid(vec![missing])));
    }
    let location = app.location();
    let (store, recovery) = match Store::open(&location) {
        Ok(store) => {
            let recovery = store.new_recovery_key()?;
            (store, recovery)
        }
        Err(OpenError::Absent) => Store::create(&location)?,
        Err(error) => return Err(error.into()),
    };
    let user = store.transact(Write::upkeep(), |door| {
        let user = door.create("user", None, Fields::new().with("name", name))?;
        door.audit("set_up", "user", Some(user), &["name"])?;
        Ok::<_, AppError>(user)
    })?;
    let settings = Settings {
        language: request.language,
        ..Settings::default()
    };
    keep_settings(&store, &settings)?;
    // The user is what makes the file complete: it is named last.
    store.set_meta("user", &user.value.to_string())?;
    app.settle(Ok(store));
    let recovery_key = recovery.to_string();
    *app.fresh_recovery_key() = Some(FreshKey {
        key: recovery,
        opens: true,
    });
    Ok(SetUpDone {
        recovery_key,
        key_store: app.keys().kind().to_owned(),
    })
}

pub(crate) fn unlock(app: &App, request: Unlock) -> Result<Status> {
    if app.session().is_err() {
        let key = RecoveryKey::parse(&request.recovery_key);
        let key = key.ok_or_else(|| AppError::refused("recovery_key_mistyped"))?;
        let opened = Store::recover(&app.location(), &key);
        let is_damaged = match &opened {
            Err(OpenError::Damaged) => true,
            Err(OpenError::Store(error)) => error.is_damage(),
            _ => false,
        };
        // The key was right, and the way on is a backup.
        app.settle(if is_damaged { opened } else { Ok(opened?) });
    }
    status(app, Nothing {})
}

/// Someone keeps the key that was shown. A new one replaces the old one now.
pub(crate) fn recovery_key_confirmed(app: &App, _: Nothing) -> Result<Done> {
    let session = app.session()?;
    let mut fresh = app.fresh_recovery_key();
    if let Some(fresh) = &mut *fresh {
        let_it_open(&session, fresh)?;
    }
    session.store.set_meta("recovery_key_confirmed", "yes")?;
    *fresh = None;
    Ok(Done { done: true })
}

fn let_it_open(session: &Session, fresh: &mut FreshKey) -> Result<()> {
    if !fresh.opens {
        session.store.set_recovery_key(&fresh.key)?;
        fresh.opens = true;
        session.store.set_meta("recovery_key_confirmed", "no")?;
    }
    Ok(())
}

/// Writes the recovery key that was just made to a text file of the person's choice. From then on it opens the
/// file: a key that someone kept on paper or disk is never one that opens nothing.
pub(crate) fn save_recovery_key(app: &App, request: SaveText) -> Result<Done> {
    let mut fresh = app.fresh_recovery_key();
    let fresh = fresh
        .as_mut()
        .ok_or_else(|| AppError::refused("recovery_key_gone"))?;
    let key = &fresh.key;
    let text = format!(
        "客途 Ketu\r\n恢复密钥 / recovery key:\r\n\r\n{key}\r\n\r\n{}\r\n",
        app.options().data_dir.display()
    );
    write_atomically(std::path::Path::new(&request.path), text.as_bytes())?;
    let_it_open(&app.session()?, fresh)?;
    Ok(Done { done: true })
}

/// Makes a key to show. The old one opens the file until the new one is saved or confirmed.
pub(crate) fn new_recovery_key(app: &App, _: Nothing) -> Result<SetUpDone> {
    app.session()?;
    let key = RecoveryKey::generate()
        .map_err(|error| AppError::Store(StoreError::Key(KeyError::Random(error))))?;
    let recovery_key = key.to_string();
    *app.fresh_recovery_key() = Some(FreshKey { key, opens: false });
    Ok(SetUpDone {
        recovery_key,
        key_store: app.keys().kind().to_owned(),
    })
}

pub(crate) fn settings(session: &Session) -> Result<Settings> {
    let kept = session.read(|reader| Ok::<_, AppError>(reader.setting("settings")?))?;
    Ok(kept
        .and_then(|json| serde_json::from_str(&json).ok())
        .unwrap_or_default())
}

fn keep_settings(store: &Store, settings: &Settings) -> Result<()> {
    let json = serde_json::to_string(settings).expect("settings are plain data");
    Ok(store.set_setting("settings", &json)?)
}

pub(crate) fn update_settings(app: &App, request: UpdateSettings) -> Result<Settings> {
    let session = app.session()?;
    let mut all = serde_json::to_value(settings(&session)?).expect("settings are plain data");
    if let (Some(all), Json::Object(changed)) = (all.as_object_mut(), request.settings) {
        for (key, value) in changed {
            match (key.as_str(), value) {
                ("window", Json::Object(parts)) => {
                    if let Some(Json::Object(window)) = all.get_mut("window") {
                        for (name, part) in parts {
                            match part {
                                Json::Null => window.remove(&name),
                                part => window.insert(name, part),
                            };
                        }
                    }
                }
                (_, value) => {
                    all.insert(key, value);
                }
            }
        }
    }
    let settings: Settings = serde_json::from_value(all).map_err(|source| AppError::Params {
        method: "update_settings".to_owned(),
        source,
    })?;
    keep_settings(&session.store, &settings)?;
    // The shell's menu and habits follow language and settings too.
    app.emit(&crate::api::event::Event::Status);
    Ok(settings)
}

pub(crate) fn catalog(app: &App, _: Nothing) -> Result<CatalogView> {
    app.read(|reader| {
        let text = |fields: &Fields, key: &str| fields.text(key).unwrap_or_default().to_owned();
        let options = reader.list(&Select::all("option").sort("position", false))?;
        let options = options
            .into_iter()
            .map(|option| OptionView {
                id: option.id,
                list: text(&option.fields, "list"),
                name: text(&option.fields, "name"),
                name_en: text(&option.fields, "name_en"),
                color: text(&option.fields, "color"),
                archived: option.fields.value("archived") == &Value::Bool(true),
            })
            .collect();
        let tags = reader.list(&Select::all("tag").sort("name", false))?;
        let tags = tags
            .into_iter()
            .map(|tag| TagView {
                id: tag.id,
                name: text(&tag.fields, "name"),
                color: text(&tag.fields, "color"),
            })
            .collect();
        let users = reader.list(&Select::all("user").sort("name", false))?;
        let users = users
            .into_iter()
            .map(|user| UserView {
                id: user.id,
                name: text(&user.fields, "name"),
            })
            .collect();
        let mut removed = BTreeMap::new();
        for entity in ["option", "tag"] {
            let mut gone = Select::all(entity);
            gone.deleted = true;
            for record in reader.list(&gone)? {
                removed.insert(record.id, text(&record.fields, "name"));
            }
        }
        Ok(CatalogView {
            removed,
            catalog: reader.catalog().as_ref().clone(),
            options,
            pipelines: pipelines(reader)?,
            users,
            tags,
        })
    })
}

/// Pipelines in use with their stages, in order.
pub(crate) fn pipelines(reader: &Reader<'_>) -> Result<Vec<PipelineView>> {
    let in_use = |fields: &Fields| fields.value("archived") != &Value::Bool(true);
    let stages = reader.list(&Select::all("stage").sort("position", false))?;
    let pipelines = reader.list(&Select::all("pipeline").sort("position", false))?;
    let text = |fields: &Fields, key: &str| fields.text(key).unwrap_or_default().to_owned();
    let of = |pipeline: Uuid| {
        let own = stages
            .iter()
            .filter(|stage| stage.fields.id("pipeline") == Some(pipeline));
        own.filter(|stage| in_use(&stage.fields))
            .map(|stage| StageView {
                id: stage.id,
                name: text(&stage.fields, "name"),
                name_en: text(&stage.fields, "name_en"),
                probability: match stage.fields.value("probability") {
                    Value::Number(probability) => *probability,
                    _ => 0.0,
                },
                outcome: match Outcome::of(stage.fields.id("outcome")) {
                    Outcome::Open => "open",
                    Outcome::Won => "won",
                    Outcome::Lost => "lost",
                }
                .to_owned(),
            })
            .collect()
    };
    let pipelines = pipelines.iter().filter(|pipeline| in_use(&pipeline.fields));
    Ok(pipelines
        .map(|pipeline| PipelineView {
            id: pipeline.id,
            name: text(&pipeline.fields, "name"),
            name_en: text(&pipeline.fields, "name_en"),
            stages: of(pipeline.id),
        })
        .collect())
}

pub(crate) fn regions(_: &App, request: RegionsRequest) -> Result<Regions> {
    let regions = match &request.parent {
        None => regions::list_provinces().map(shown).collect(),
        Some(code) => {
            let code =
                RegionCode::parse(code).ok_or_else(|| AppError::refused("region_unknown"))?;
            regions::list_children(code).map(shown).collect()
        }
    };
    Ok(Regions { regions })
}

pub(crate) fn region_names(_: &App, request: RegionNamesRequest) -> Result<Regions> {
    let known = request
        .codes
        .iter()
        .filter_map(|code| regions::get_region(RegionCode::parse(code)?));
    Ok(Regions {
        regions: known.map(shown).collect(),
    })
}

fn shown(region: &Region) -> RegionView {
    RegionView {
        code: region.code.to_string(),
        name: region.name.to_owned(),
        path: regions::path(region.code)
            .iter()
            .map(|region| region.name.to_owned())
            .collect(),
        leaf: region.level == RegionLevel::County
            || regions::list_children(region.code).next().is_none(),
    }
}

/// What a person means by 明天 15:00, 下周三, +3d or 1125.
pub(crate) fn parse_when(app: &App, request: ParseWhen) -> Result<ParsedWhen> {
    let parsed = parse::date::date(&request.text, app.clock().today());
    let parsed = parsed.map_err(|error| AppError::refused(error.code()))?;
    let time = parsed.time.unwrap_or(MORNING);
    Ok(ParsedWhen {
        date: parsed.date.to_string(),
        time: parsed.time.map(|time| time.format("%H:%M").to_string()),
        instant: instant(parsed.date, time),
        workday: holidays::is_workday_or_weekday(parsed.date),
    })
}

/// When a day's work begins, for reminders without a time.
pub(crate) const MORNING: NaiveTime = match NaiveTime::from_hms_opt(9, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

/// The instant of a local date and time; in a gap of summer time the hour after it.
pub(crate) fn instant(date: NaiveDate, time: NaiveTime) -> i64 {
    let local = date.and_time(time);
    let resolved = Local.from_local_datetime(&local).earliest();
    let resolved = resolved.or_else(|| {
        Local
            .from_local_datetime(&(local + chrono::Duration::hours(1)))
            .earliest()
    });
    resolved.map_or_else(
        || local.and_utc().timestamp_millis(),
        |at| at.timestamp_millis(),
    )
}
