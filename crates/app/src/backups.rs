//! Backups from settings and from the page of a damaged file.

use ketu_store::file::{self, Backup, BackupReason, Folder, RecoveryKey};
use ketu_store::{OpenError, Store, Write};

use crate::api::session::{
    BackupView, Backups, FileState, Nothing, RestoreBackup, Restored, Status,
};
use crate::app::App;
use crate::error::{ApiError, AppError, Result};

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
pub(crate) fn restore(app: &App, request: RestoreBackup) -> Result<Restored> {
    let recovery = match &request.recovery_key {
        Some(text) => {
            let key = RecoveryKey::parse(text);
            Some(key.ok_or_else(|| AppError::refused("recovery_key_mistyped"))?)
        }
        None => None,
    };
    let before = app
        .session()
        .map(|session| session.store.back_up_before_restore(&request.name));
    app.close();
    let location = app.location();
    let restore = || file::restore(&location, &request.name, recovery.as_ref());
    // A full disk or a damaged page is no reason to stay with them: the file is moved aside.
    let (restored, not_backed_up) = match (restore(), before) {
        (Err(OpenError::Store(full)), Ok(Ok(before))) if full.is_disk_full() => {
            // The backup just made took the room that the chosen one needs.
            if let Err(error) = location.folder.remove_backup(&before.name) {
                tracing::warn!(%error, "the backup before a restore could not be removed");
            }
            (restore(), Some(full))
        }
        (restored, before) => (restored, before.ok().and_then(Result::err)),
    };
    if let Some(error) = &not_backed_up {
        tracing::warn!(%error, "the file was not backed up before a restore");
    }
    app.settle(Store::open(&app.location()));
    let aside = restored?
        .map(|path| path.display().to_string())
        .unwrap_or_default();
    if let Ok(session) = app.session()
        && let Err(error) = note_restored(&session.store, &aside)
    {
        tracing::warn!(%error, "the file does not say that it was restored");
    }
    Ok(Restored {
        status: crate::session::status(app, Nothing {})?,
        not_backed_up: not_backed_up.map(|error| ApiError::from(&AppError::from(error)).code),
    })
}

fn note_restored(store: &Store, aside: &str) -> Result<()> {
    store.transact(Write::upkeep(), |door| {
        door.set_meta("moved_aside", aside)?;
        door.audit("restore_backup", "file", None, &[])?;
        Ok::<_, AppError>(())
    })?;
    Ok(())
}

/// Moves a damaged file aside and starts with none, where there is no backup to go back to.
pub(crate) fn start_anew(app: &App, _: Nothing) -> Result<Status> {
    match app.file_state() {
        FileState::Damaged { .. } | FileState::Foreign | FileState::Plaintext => {}
        // A file that is locked, newer or held by another Ketu is no wreck.
        _ => {
            app.session()?;
            return Err(AppError::refused("file_is_fine"));
        }
    }
    file::set_aside(&app.location())?;
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
