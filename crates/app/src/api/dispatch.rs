//! The table of methods: name, parameters, answer and the function behind each. Every front door
//! calls through it, and the window's TypeScript contract is written from it.

use std::any::TypeId;
use std::collections::{BTreeMap, HashSet};
use std::sync::OnceLock;

use ketu_model::field::FieldType;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use ts_rs::{Config, TS, TypeVisitor};

use crate::api::event::Event;
use crate::app::App;
use crate::error::{ApiError, AppError, Result};
use crate::{
    backups, board, customers, doctor, duplicates, interactions, records, reminders, sample,
    session, sync, transfer, views,
};

type Call = Box<dyn Fn(&App, Json) -> Result<Json> + Send + Sync>;

/// One method of the core.
pub struct Entry {
    pub name: &'static str,
    pub call: Call,
    params: fn(&mut Declarations) -> String,
    answer: fn(&mut Declarations) -> String,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What may be asked while the server was not heard for too long (docs/sync-protocol.md §7.5): nothing that people wrote.
const OUT_OF_REACH: [&str; 9] = [
    "status",
    "update_settings",
    "sync_status",
    "sync_pause",
    "sync_weak_network",
    "sync_now",
    "sync_log",
    "sync_self_test",
    "sync_log_in",
];

fn entry<P, A>(name: &'static str, work: fn(&App, P) -> Result<A>) -> Entry
where
    P: DeserializeOwned + TS + 'static,
    A: Serialize + TS + 'static,
{
    Entry {
        name,
        call: Box::new(move |app, params| {
            let is_out = || app.desk().out_of_reach(app.clock().now()).is_some();
            if !OUT_OF_REACH.contains(&name) && is_out() {
                return Err(AppError::refused("out_of_reach"));
            }
            // A request without parameters may leave them out.
            let params = if params.is_null() {
                Json::Object(serde_json::Map::new())
            } else {
                params
            };
            let params = serde_json::from_value(params).map_err(|source| AppError::Params {
                method: name.to_owned(),
                source,
            })?;
            let answer = work(app, params)?;
            Ok(serde_json::to_value(answer).expect("answers are plain data with text keys"))
        }),
        params: Declarations::name_of::<P>,
        answer: Declarations::name_of::<A>,
    }
}

/// All methods, in the order of a first day.
pub fn registry() -> &'static [Entry] {
    static REGISTRY: OnceLock<Vec<Entry>> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        vec![
            entry("status", session::status),
            entry("set_up", session::set_up),
            entry("unlock", session::unlock),
            entry("open_again", session::open_again),
            entry("recovery_key_confirmed", session::recovery_key_confirmed),
            entry("save_recovery_key", session::save_recovery_key),
            entry("new_recovery_key", session::new_recovery_key),
            entry("update_settings", session::update_settings),
            entry("catalog", session::catalog),
            entry("regions", session::regions),
            entry("region_names", session::region_names),
            entry("parse_when", session::parse_when),
            entry("load_sample", sample::load_sample),
            entry("remove_sample", sample::remove_sample),
            entry("get", records::get),
            entry("add", records::add),
            entry("update", records::update),
            entry("update_many", records::update_many),
            entry("remove", records::remove),
            entry("restore", records::restore),
            entry("undo", records::undo),
            entry("redo", records::redo),
            entry("undo_state", records::undo_state),
            entry("history", records::history),
            entry("restore_value", records::restore_value),
            entry("find_duplicates", duplicates::find_duplicates),
            entry("view_open", views::open),
            entry("view_window", views::window),
            entry("view_sums", views::sums),
            entry("view_ids", views::ids),
            entry("view_close", views::close),
            entry("export_view", views::export),
            entry("search", views::search),
            entry("customer_page", customers::page),
            entry("timeline", customers::timeline),
            entry("board", board::board),
            entry("move_stage", board::move_stage),
            entry("log_interaction", interactions::log_interaction),
            entry("reminders", reminders::list),
            entry("told_reminders", reminders::told),
            entry("complete_reminder", reminders::complete),
            entry("snooze_reminder", reminders::snooze),
            entry("import_open", crate::imports::open),
            entry("import_targets", crate::imports::targets),
            entry("import_plan", crate::imports::plan),
            entry("import_rows", crate::imports::rows),
            entry("import_apply", crate::imports::apply),
            entry("import_cancel", crate::imports::cancel),
            entry("import_close", crate::imports::close),
            entry("import_failed_rows", crate::imports::failed_rows),
            entry("import_template", crate::imports::template),
            entry("back_up", backups::back_up),
            entry("backups", backups::list),
            entry("restore_backup", backups::restore),
            entry("start_anew", backups::start_anew),
            entry("doctor", doctor::doctor),
            entry("sync_status", sync::status::status),
            entry("sync_pause", sync::status::pause),
            entry("sync_weak_network", sync::status::weak_network),
            entry("sync_now", sync::status::now),
            entry("sync_log", sync::status::log),
            entry("sync_self_test", sync::self_test::self_test),
            entry("sync_invitation", sync::join::read_invitation),
            entry("sync_enrol", sync::join::enrol),
            entry("sync_join", sync::join::join),
            entry("sync_withdraw", sync::join::withdraw),
            entry("sync_log_in", sync::join::log_in),
            entry("outbox", sync::outbox::list),
            entry("outbox_cancel", sync::outbox::cancel),
            entry("outbox_export", sync::outbox::export),
            entry("unsynced", sync::outbox::unsynced),
            entry("attention", sync::attention::list),
            entry("attention_dismiss", sync::attention::dismiss),
            entry("attention_retry", sync::attention::retry),
            entry("conflicts", sync::conflicts::list),
            entry("settle_conflicts", sync::conflicts::settle),
            entry("transfer_preview", transfer::preview),
            entry("transfer", transfer::transfer),
            entry("merge_customers", transfer::merge),
            entry("share", sync::share::share),
            entry("older_history", sync::older::fetch),
        ]
    })
}

/// TypeScript declarations by name, gathered from what the methods mention.
#[derive(Default)]
struct Declarations {
    by_name: BTreeMap<String, String>,
    /// Types already looked into: some refer to themselves.
    seen: HashSet<TypeId>,
}

impl Declarations {
    fn name_of<T: TS + 'static + ?Sized>(&mut self) -> String {
        self.visit::<T>();
        T::name(&Config::default())
    }
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        if T::output_path().is_some() {
            let config = Config::default();
            let docs = T::docs().unwrap_or_default();
            self.by_name.insert(
                T::ident(&config),
                format!("{docs}export {}", T::decl(&config)),
            );
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

/// The window's side of the contract, `ui/src/transport/contract.ts`.
pub fn typescript() -> String {
    let mut declarations = Declarations::default();
    let mut methods = String::new();
    for entry in registry() {
        let params = (entry.params)(&mut declarations);
        let answer = (entry.answer)(&mut declarations);
        methods.push_str(&format!(
            "  {}: {{ params: {params}; answer: {answer} }};\n",
            entry.name
        ));
    }
    declarations.name_of::<Event>();
    declarations.name_of::<ApiError>();
    declarations.name_of::<FieldType>();
    // A value's shape depends on its field: the window narrows it there, not by a recursive type.
    declarations.by_name.insert(
        "JsonValue".to_owned(),
        "export type JsonValue = unknown;".to_owned(),
    );
    for (name, value) in [("FieldValues", "JsonValue"), ("Titles", "string")] {
        let alias = format!("export type {name} = {{ [key in string]: {value} }};");
        declarations.by_name.insert(name.to_owned(), alias);
    }
    let types: Vec<String> = declarations.by_name.into_values().collect();
    format!(
        "// Written from the Rust types by `cargo xtask types`. Do not edit.\n\n{}\n\n\
         /** Every method of the core with its parameters and its answer. */\n\
         export interface Methods {{\n{methods}}}\n",
        types.join("\n\n")
    )
}
