//! Backups from settings and from the page of a damaged file.

use ketu_store::file::{self, Backup, BackupReason, Folder};
use ketu_store::{Store, Write};

use crate::api::session::{BackupView, Backups, Nothing, RestoreBackup, Status};
use crate::app::App;
use crate::error::{AppError, Result};

pub(crate) fn back_up(app: &App, _: Nothing) -> Result<BackupView> {
    Ok(shown(app.session()?.store.back_up(BackupReason::Manual)?))
}

/// Backups can be listed whatever the file's state is.
pub(crate) fn list(app: &App, _: Nothing) -> Result<Backups> {
    let backups = Folder::new(&app.options().data_dir).list_backups();
    Ok(Backups {
        backups: backups.into_iter().map(shown).collect(),
    })
}

/// Puts a backup in the place of the file. What is there now is backed up first where it can be,
/// and moved aside in any case.
pub(crate) fn restore(app: &App, request: RestoreBackup) -> Result<Status> {
    if let Ok(session) = app.session() {
        session.store.back_up(BackupReason::BeforeRestore)?;
    }
    app.close();
    let restored = file::restore(&app.location(), &request.name);
    app.settle(Store::open(&app.location()));
    let aside = restored?;
    if let Ok(session) = app.session() {
        let aside = aside
            .map(|path| path.display().to_string())
            .unwrap_or_default();
        session.store.set_meta("moved_aside", &aside)?;
        session.store.transact(Write::upkeep(), |door| {
            door.audit("restore_backup", "file", None, &[])?;
            Ok::<_, AppError>(())
        })?;
    }
    crate::session::status(app, Nothing {})
}

/// Moves a damaged file aside and starts with none, where there is no backup to go back to.
pub(crate) fn start_anew(app: &App, _: Nothing) -> Result<Status> {
    if app.session().is_ok() {
        return Err(AppError::refused("file_is_fine"));
    }
    let folder = Folder::new(&app.options().data_dir);
    folder.move_aside(app.clock().now())?;
    for slots in [folder.slots(), folder.slots_copy()] {
        match std::fs::remove_file(&slots) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(AppError::Io {
                    action: "remove key slots",
                    source: error,
                });
            }
            _ => {}
        }
    }
    app.settle(Store::open(&app.location()));
    crate::session::status(app, Nothing {})
}

fn shown(backup: Backup) -> BackupView {
    BackupView {
        name: backup.name,
        at: backup.at,
        bytes: backup.bytes,
        reason: backup.reason.as_str().to_owned(),
    }
}
