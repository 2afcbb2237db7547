//! Habits of the files: small enough to read, SQL that reads as SQL, nothing of the machine they were written on.

use std::fs;
use std::path::{Path, PathBuf};

use crate::root;

/// A file longer than this is split by meaning.
const MOST_LINES: usize = 600;
/// Written by a program or from outside data; nobody reads them from top to bottom.
const GENERATED: &[&str] = &["ui/src/transport/contract.ts"];
/// Not ours, or not kept.
const SKIPPED: &[&str] = &[".git", "target", "node_modules", "dist", "gen", "out"];

/// Parts of paths of the machines we work on. Written in two pieces, so that this file keeps its own rule.
const MACHINE_PATHS: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
];
/// Hosts of package registries: only lock files name them.
const REGISTRIES: &[&str] = &[
    concat!("crates", ".io"),
    concat!("registry.", "npmjs.org"),
    concat!("py", "pi.org"),
    concat!("deb.", "debian.org"),
];

/// One rule: which files it is about, and what in a text breaks it.
struct Rule {
    about: fn(&str) -> bool,
    fault: fn(&str, &str) -> Option<String>,
}

const RULES: &[Rule] = &[
    Rule {
        about: is_code,
        fault: too_long,
    },
    Rule {
        about: |file| file.ends_with(".sql"),
        fault: upper_case_sql,
    },
    Rule {
        about: is_text,
        fault: machine_path,
    },
    Rule {
        about: is_text,
        fault: registry_host,
    },
    Rule {
        about: is_code,
        fault: postponed,
    },
    Rule {
        about: is_page,
        fault: web_storage,
    },
];

fn has_extension(file: &str, known: &[&str]) -> bool {
    Path::new(file)
        .extension()
        .is_some_and(|extension| known.iter().any(|one| extension == *one))
}

fn is_code(file: &str) -> bool {
    has_extension(
        file,
        &["rs", "ts", "tsx", "mjs", "js", "css", "sql", "py", "sh"],
    )
}

fn is_text(file: &str) -> bool {
    is_code(file)
        || has_extension(file, &["md", "toml", "json", "html", "yml"])
            && !file.ends_with("package-lock.json")
}

/// The page as the window shows it; the wire to a browser tab keeps the tab's token there.
fn is_page(file: &str) -> bool {
    file.starts_with("ui/src/") && is_code(file) && file != "ui/src/transport/http.ts"
}

fn too_long(file: &str, text: &str) -> Option<String> {
    let lines = text.lines().count();
    (lines > MOST_LINES && !GENERATED.contains(&file))
        .then(|| format!("{lines} lines; split it by meaning"))
}

/// Letters of SQL are lower case; text in quotes and comments may be as it likes.
fn upper_case_sql(_file: &str, text: &str) -> Option<String> {
    for (number, line) in text.lines().enumerate() {
        let said = line.split("--").next().unwrap_or_default();
        let outside_quotes = said.split('\'').step_by(2);
        if outside_quotes
            .flat_map(str::chars)
            .any(|letter| letter.is_ascii_uppercase())
        {
            return Some(format!("line {}: SQL is written in lower case", number + 1));
        }
    }
    None
}

fn machine_path(_file: &str, text: &str) -> Option<String> {
    // Only where a path begins: a folder of ours may be called the same.
    let begins = |at: usize| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|letter| !letter.is_alphanumeric() && !"._-/}".contains(letter))
    };
    MACHINE_PATHS
        .iter()
        .find(|path| text.match_indices(**path).any(|(at, _)| begins(at)))
        .map(|path| format!("names the path {path} of somebody's machine"))
}

fn registry_host(_file: &str, text: &str) -> Option<String> {
    REGISTRIES
        .iter()
        .find(|host| text.contains(**host))
        .map(|host| format!("names the package registry {host}"))
}

fn postponed(_file: &str, text: &str) -> Option<String> {
    let mark = concat!("TO", "DO");
    text.split(|letter: char| !letter.is_alphanumeric())
        .any(|word| word == mark)
        .then(|| format!("{mark}: do it, or write an issue"))
}

/// What the page shows is encrypted on disk; the web view's own storage is not.
fn web_storage(_file: &str, text: &str) -> Option<String> {
    ["localStorage", "sessionStorage", "indexedDB"]
        .iter()
        .find(|name| text.contains(**name))
        .map(|name| format!("uses {name}; settings are kept by the core"))
}

fn faults(file: &str, text: &str) -> Vec<String> {
    let about = RULES.iter().filter(|rule| (rule.about)(file));
    about
        .filter_map(|rule| (rule.fault)(file, text))
        .map(|fault| format!("{file}: {fault}"))
        .collect()
}

/// Every kept file below a folder, as a path from the root with `/`.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the project can be read") {
        let path = entry.expect("an entry of a folder can be read").path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if SKIPPED.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn the_files_keep_the_habits_of_the_house() {
    let mut found = Vec::new();
    files(&root(), &mut found);
    let mut read = 0;
    let mut broken = Vec::new();
    for path in found {
        let inside = path.strip_prefix(root()).expect("files lie below the root");
        let file = inside.to_string_lossy().replace('\\', "/");
        // Spreadsheets and pictures are not text, and no rule is about them.
        if let Some(text) = is_text(&file)
            .then(|| fs::read_to_string(&path).ok())
            .flatten()
        {
            read += 1;
            broken.extend(faults(&file, &text));
        }
    }
    assert!(read >= 20, "the project's files were read, not only {read}");
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[cfg(test)]
mod planted {
    use super::*;

    #[test]
    fn each_broken_habit_is_found() {
        let long = "x\n".repeat(MOST_LINES + 1);
        let path = format!("see {}main/readme", MACHINE_PATHS[0]);
        let host = format!("https://{}/crates", REGISTRIES[0]);
        let mark = format!("// {}: later", concat!("TO", "DO"));
        for (file, text) in [
            ("crates/model/src/lib.rs", long.as_str()),
            ("crates/store/src/sql/list.sql", "SELECT id from record"),
            ("docs/guide.md", &path),
            ("README.md", &host),
            ("ui/src/app/main.tsx", &mark),
            ("ui/src/app/main.tsx", "localStorage.setItem('a', 'b')"),
        ] {
            assert_eq!(faults(file, text).len(), 1, "{file}");
        }
    }

    #[test]
    fn what_keeps_the_habits_is_left_alone() {
        let generated = "x\n".repeat(MOST_LINES + 1);
        for (file, text) in [
            ("ui/src/transport/contract.ts", generated.as_str()),
            (
                "crates/store/src/sql/list.sql",
                "select 'CUST' as prefix -- The Number\nfrom record",
            ),
            (
                "docs/guide.md",
                "the folder tests/work/ and ../root/ are ours",
            ),
            ("assets/regions.json", "{}"),
        ] {
            assert_eq!(faults(file, text), Vec::<String>::new(), "{file}");
        }
    }
}
