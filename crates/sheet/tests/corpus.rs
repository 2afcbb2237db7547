//! The files of strangers: every one is read or refused with a code, none harms the reader.
//! Looks at the folder named by `KETU_SHEETS_CORPUS`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ketu_sheet::{Limits, Reader};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
#[allow(clippy::print_stdout)]
fn every_file_of_the_corpus_is_read_or_refused_with_a_code() {
    let Some(folder) = std::env::var_os("KETU_SHEETS_CORPUS") else {
        println!("skipped: KETU_SHEETS_CORPUS names no folder");
        return;
    };
    let mut paths = Vec::new();
    files(Path::new(&folder), &mut paths);
    assert!(!paths.is_empty(), "the folder holds no file");
    paths.sort();
    let reader = Reader::new(env!("CARGO_BIN_EXE_ketu-sheet-worker")).with_limits(Limits {
        time: Duration::from_secs(10),
        ..Limits::default()
    });
    let mut outcomes: BTreeMap<String, u32> = BTreeMap::new();
    let (mut slowest, mut total) = (Duration::ZERO, 0u64);
    for path in &paths {
        let start = Instant::now();
        let outcome = match reader.survey(path) {
            Ok(survey) => {
                total += survey.cells;
                for (sheet, error) in &survey.unreadable {
                    println!("{} sheet {sheet}: {}", path.display(), error.code());
                }
                format!("read {:?}", survey.kind)
            }
            Err(error) => {
                println!("{}: {} {}", path.display(), error.code(), error.params());
                error.code().to_owned()
            }
        };
        let took = start.elapsed();
        if took > Duration::from_secs(2) {
            println!("{}: {took:?}", path.display());
        }
        slowest = slowest.max(took);
        *outcomes.entry(outcome).or_default() += 1;
    }
    println!(
        "{} files, {total} cells, slowest {slowest:?}: {outcomes:#?}",
        paths.len()
    );
    assert!(!outcomes.contains_key("worker_died"), "{outcomes:?}");
    assert!(!outcomes.contains_key("timed_out"), "{outcomes:?}");
    assert!(!outcomes.contains_key("io"), "{outcomes:?}");
}
