//! Backup, restore, verify.

use std::path::PathBuf;

use ketu_server::backup::{Keep, back_up as back_up_file, copy_checked};
use ketu_server::blobs::{contents_beside, copy_contents, take_contents};
use ketu_server::clock::Clock;
use ketu_server::config::Config;
use ketu_server::db::{Database, Place};
use ketu_server::error::{Error, Result};
use ketu_server::restore::{begin_epoch, restore as restore_file};

use super::{Console, serve};

const POSTGRES_BACKUP: &str = "the data are in PostgreSQL: back it up by its own means (pg_dump for a small company, \
    pg_basebackup with WAL archiving for going back to any minute; docs/server.md)";

const POSTGRES_RESTORE: &str = "the data are in PostgreSQL: stop all servers, take it back by its own means, and then run \
    `ketu-server restore --epoch-only` once before any server starts (docs/server.md)";

pub(super) fn keep(config: &Config) -> Keep {
    Keep {
        recent: config.backups_recent.max(1),
        daily: config.backups_daily,
    }
}

pub(super) async fn back_up(config: &Config, to: Option<PathBuf>) -> Result<()> {
    let Place::File(file) = config.place() else {
        return Err(Error::Command(POSTGRES_BACKUP.to_owned()));
    };
    if !file.exists() {
        return Err(Error::Command(format!("there is no {}", file.display())));
    }
    let (folder, keep) = (config.data.join("backups"), keep(config));
    let beside = to.as_deref().map(contents_beside);
    let made = tokio::task::spawn_blocking(move || match to {
        Some(to) => copy_checked(&file, &to).map(|()| to),
        None => back_up_file(&file, &folder, keep, Clock::system().now()),
    });
    say!("{}", made.await??.display());
    // In the data folder they would only stand a second time.
    if let Some(beside) = beside {
        let db = Database::open(&config.place(), 1)?;
        let count = copy_contents(&db, &config.files_folder(), &beside).await?;
        say!("{}: {count} files", beside.display());
    }
    Ok(())
}

/// Without a file, only a new epoch.
pub(super) async fn restore(config: &Config, file: Option<PathBuf>) -> Result<()> {
    let now = Clock::system().now();
    let _held = serve::hold(config)?;
    let Some(backup) = file else {
        let db = Database::open(&config.place(), 1)?;
        let orgs = begin_epoch(&db, now).await?;
        say!("A new epoch began for {orgs} organisation(s); laptops send again what is missing.");
        return Ok(());
    };
    let Place::File(place) = config.place() else {
        return Err(Error::Command(POSTGRES_RESTORE.to_owned()));
    };
    let restored = restore_file(&place, &backup, now).await?;
    say!(
        "Restored {} organisation(s); laptops send again what is missing.",
        restored.orgs
    );
    let missing = take_contents(&place, &backup, &config.files_folder()).await?;
    if missing > 0 {
        let files = config.files_folder();
        say!(
            "{missing} files are missing in {}: copy them there.",
            files.display()
        );
    }
    if let Some(aside) = restored.aside {
        say!("What stood there before is in {}", aside.display());
    }
    say!(
        "Users and devices are as they were at the time of the backup: shut out again those shut out since."
    );
    Ok(())
}

pub(super) async fn verify(console: &Console) -> Result<()> {
    let files = console.config.files_folder();
    let found = ketu_server::verify::verify(&console.db, &console.accounts, &files).await?;
    for one in &found.orgs {
        say!(
            "{}\t{}\taudit {} entries\trows {}\tepoch {} from {}",
            one.org.name,
            one.org.id,
            one.audit_entries,
            one.rows,
            one.epoch.id,
            super::day(one.epoch.started_at)
        );
    }
    say!("{}: {} files", files.display(), found.contents);
    say!("{:?}: all is whole", console.config.place());
    Ok(())
}
