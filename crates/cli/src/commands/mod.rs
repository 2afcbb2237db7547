//! One function for each command: ask the core, answer as JSON and in words.

mod file;
mod import;
mod records;
mod sync;

use ketu_app::ApiError;

use crate::answer::Answer;
use crate::arguments::{Arguments, What};
use crate::core::{Core, refusal, text};
use crate::language::Language;

pub fn run(core: &Core, language: Language, asked: &Arguments) -> Result<Answer, ApiError> {
    let state = core.state()?;
    if state["name"] == "in_use" && !matches!(asked.what, What::Doctor) {
        return Err(refusal("in_use", &[("owner", text(&state["owner"]))]));
    }
    if matches!(asked.what, What::Import { .. } | What::Add { .. }) {
        file::set_up_for_script(core, language)?;
    }
    match &asked.what {
        What::Setup {
            name,
            language: tag,
        } => file::setup(core, language, name, tag.as_deref()),
        What::Unlock => file::unlock(core, language),
        What::Import {
            file,
            sheet,
            map,
            duplicates,
            dry_run,
            errors,
        } => {
            let wish = import::Wish {
                file,
                sheet: sheet.as_deref(),
                map,
                duplicates: *duplicates,
                dry_run: *dry_run,
                errors: errors.as_deref(),
                quiet: asked.json,
            };
            import::import(core, language, &wish)
        }
        What::Export { entity, file } => records::export(core, language, entity, file),
        What::List {
            entity,
            filter,
            limit,
        } => records::list(core, language, entity, filter.as_ref(), *limit),
        What::Get { entity, id } => records::get(core, language, entity, id),
        What::Add { entity, fields } => records::add(core, language, entity, fields),
        What::Set { entity, id, fields } => records::set(core, language, entity, id, fields),
        What::Remove { entity, ids } => records::remove(core, language, entity, ids),
        What::Undo { tx } => records::undo(core, language, tx.as_deref()),
        What::History { entity, id, older } => records::history(core, language, entity, id, *older),
        What::Search { text, limit } => records::search(core, language, text, *limit),
        What::Backup => file::backup(core, language),
        What::Restore { name } => file::restore(core, language, name.as_deref()),
        What::Doctor => file::doctor(core, language),
        What::Join {
            invitation,
            preview,
            merge,
        } => sync::join(core, language, invitation, *preview, merge),
        What::LogIn => sync::log_in(core, language),
        What::Sync { what } => sync::sync(core, language, what.as_ref()),
        What::Transfer {
            customers,
            to,
            reason,
        } => sync::transfer(core, language, customers, to, reason.as_deref()),
        #[cfg(all(feature = "bridge", debug_assertions))]
        What::Serve { .. } => unreachable!("serving begins before commands are chosen"),
    }
}
