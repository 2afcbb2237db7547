//! Backups of a SQLite file: copied while it is in use, checked, and thinned out as they age.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::DateTime;

use crate::db::{copy_file, is_file_whole};
use crate::error::{Error, Result};
use crate::files::make_private_folder;

const START: &str = "server-";
const END: &str = ".db";

/// How many backups are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// The newest ones.
    pub recent: usize,
    /// Beyond those, the newest of so many days each.
    pub daily: usize,
}

/// The time as names of files have it, UTC: `20261123-103301`.
pub(crate) fn stamp(now: i64) -> String {
    DateTime::from_timestamp_millis(now)
        .unwrap_or_default()
        .format("%Y%m%d-%H%M%S")
        .to_string()
}

/// Copies `file` into `folder`, checks the copy, and removes backups that are no longer wanted. Blocks.
///
/// # Errors
/// [`Error::Damaged`] when the copy does not hold; nothing is removed then.
pub fn back_up(file: &Path, folder: &Path, keep: Keep, now: i64) -> Result<PathBuf> {
    make_private_folder(folder).map_err(Error::io("make the folder", folder))?;
    let to = folder.join(format!("{START}{}{END}", stamp(now)));
    copy_checked(file, &to)?;
    thin_out(folder, keep)?;
    Ok(to)
}

/// Copies `file` to `to`, which appears whole or not at all. Blocks.
///
/// # Errors
/// As [`back_up`].
pub fn copy_checked(file: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        return Err(Error::Command(format!("{} is there already", to.display())));
    }
    let part = to.with_extension("part");
    let copied = make_part(file, &part);
    if copied.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    copied?;
    std::fs::rename(&part, to).map_err(Error::io("rename", part))
}

fn make_part(file: &Path, part: &Path) -> Result<()> {
    // What an earlier try left behind.
    let _ = std::fs::remove_file(part);
    copy_file(file, part)?;
    if !is_file_whole(part)? {
        return Err(Error::Damaged(part.to_owned()));
    }
    crate::db::settle_file(part)?;
    let written = std::fs::File::open(part).and_then(|part| part.sync_all());
    written.map_err(Error::io("write", part))
}

fn thin_out(folder: &Path, keep: Keep) -> Result<()> {
    let entries = std::fs::read_dir(folder).map_err(Error::io("read", folder))?;
    let names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    for name in superfluous(&names, keep) {
        let path = folder.join(name);
        std::fs::remove_file(&path).map_err(Error::io("remove", path))?;
    }
    Ok(())
}

/// The backups among `names` that are not kept; other files are none of ours.
fn superfluous(names: &[String], keep: Keep) -> Vec<&str> {
    let is_stamp =
        |stamp: &str| stamp.len() == 15 && stamp.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let mut ours: Vec<(&str, &str)> = names
        .iter()
        .filter_map(|name| {
            let stamp = name.strip_prefix(START)?.strip_suffix(END)?;
            is_stamp(stamp).then_some((stamp, name.as_str()))
        })
        .collect();
    ours.sort_unstable_by(|a, b| b.cmp(a));
    let mut days = BTreeSet::new();
    ours.into_iter()
        .enumerate()
        .filter(|(age, (stamp, _))| {
            if *age < keep.recent {
                return false;
            }
            !(days.len() < keep.daily && days.insert(&stamp[..8]))
        })
        .map(|(_, (_, name))| name)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_stay_then_one_of_each_day_and_strangers_are_left_alone() {
        let mut names: Vec<String> = (1..=4)
            .flat_map(|day| {
                (0..3).map(move |hour| format!("server-202611{day:02}-{hour:02}0000.db"))
            })
            .collect();
        names.push("server-notes.db".to_owned());
        names.push("server.db".to_owned());
        let keep = Keep {
            recent: 2,
            daily: 3,
        };
        let gone = superfluous(&names, keep);
        let stay: Vec<&String> = names
            .iter()
            .filter(|n| !gone.contains(&n.as_str()))
            .collect();
        assert_eq!(
            stay,
            [
                "server-20261102-020000.db",
                "server-20261103-020000.db",
                "server-20261104-000000.db",
                "server-20261104-010000.db",
                "server-20261104-020000.db",
                "server-notes.db",
                "server.db"
            ]
        );
    }

    #[test]
    fn a_stamp_is_the_time_in_utc() {
        assert_eq!(stamp(1_790_000_000_000), "20260921-141320");
    }
}
