//! The parent's side: whatever the other process does, the parent answers in time with a code.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ketu_sheet::write::{SheetPlan, Value, XlsxFile};
use ketu_sheet::{Limits, Reader, SheetError};
use tempfile::TempDir;

/// A stand-in for the reading process.
fn program(folder: &TempDir, script: &str) -> PathBuf {
    let path = folder.path().join("program");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn ask(program: &Path, limits: Limits) -> SheetError {
    let reader = Reader::new(program).with_limits(limits);
    reader
        .read(program, 0, &AtomicBool::new(false), &mut |_, _| {})
        .unwrap_err()
}

fn large_workbook(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("large.xlsx");
    let mut file = XlsxFile::create(&path).unwrap();
    file.add_sheet(SheetPlan {
        expected_rows: 60_000,
        ..SheetPlan::default()
    })
    .unwrap();
    for row in 0..60_000 {
        let text = format!("第{row}行的一段文字");
        file.row(&[Value::Integer(row), Value::Text(&text), Value::Text(&text)])
            .unwrap();
    }
    file.finish().unwrap();
    path
}

fn worker() -> Reader {
    Reader::new(env!("CARGO_BIN_EXE_ketu-sheet-worker"))
}

#[test]
fn garbage_silence_and_sudden_death_each_get_their_code() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits::default();
    for (script, code) in [
        ("exit 0", "worker_died"),
        ("exit 3", "worker_died"),
        ("printf 'hello, this is no frame at all'", "worker_died"),
        ("printf 'R\\377\\377\\377\\377'", "worker_died"),
        ("printf 'R\\020\\000\\000\\000short'", "worker_died"),
        ("head -c 300000 /dev/urandom", "worker_died"),
        (
            "echo 'memory allocation of 549755813888 bytes failed' >&2; kill -ABRT $$",
            "out_of_memory",
        ),
        ("kill -KILL $$", "out_of_memory"),
        ("kill -SEGV $$", "worker_died"),
        ("head -c 3000000 /dev/zero >&2; exit 1", "worker_died"),
    ] {
        let start = Instant::now();
        assert_eq!(
            ask(&program(&folder, script), limits).code(),
            code,
            "{script}"
        );
        assert!(start.elapsed() < Duration::from_secs(5), "{script}");
    }
    assert_eq!(ask(Path::new("/nowhere/at/all"), limits).code(), "io");
}

#[test]
fn a_process_that_hangs_is_ended_when_its_time_is_up() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits {
        time: Duration::from_millis(300),
        ..Limits::default()
    };
    let start = Instant::now();
    assert_eq!(
        ask(&program(&folder, "exec sleep 60"), limits).code(),
        "timed_out"
    );
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[test]
fn cancelling_is_answered_within_300_milliseconds() {
    let folder = tempfile::tempdir().unwrap();
    let hanging = program(&folder, "exec sleep 60");
    let cancel = Arc::new(AtomicBool::new(false));
    let setter = Arc::clone(&cancel);
    let setting = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        setter.store(true, Ordering::Relaxed);
        Instant::now()
    });
    let outcome = Reader::new(&hanging).read(&hanging, 0, &cancel, &mut |_, _| {});
    let answered = Instant::now();
    assert_eq!(outcome.unwrap_err().code(), "cancelled");
    let asked = setting.join().unwrap();
    assert!(answered.duration_since(asked) < Duration::from_millis(300));
}

#[test]
fn all_questions_of_one_opening_share_its_flag_and_its_deadline() {
    let folder = tempfile::tempdir().unwrap();
    let path = large_workbook(&folder);
    let hanging = program(&folder, "exec sleep 60");
    let slow = Reader::new(&hanging).with_limits(Limits {
        time: Duration::from_millis(400),
        ..Limits::default()
    });

    // Asked one after the other, they do not get that time each.
    let never = AtomicBool::new(false);
    let opening = slow.open(&path, &never);
    let start = Instant::now();
    for _ in 0..5 {
        assert_eq!(opening.inspect().unwrap_err().code(), "timed_out");
        assert_eq!(opening.preview(0, 9).unwrap_err().code(), "timed_out");
        let read = opening.read(0, &mut |_, _| {});
        assert_eq!(read.unwrap_err().code(), "timed_out");
    }
    assert!(start.elapsed() < Duration::from_millis(1_500));
    let over = slow.open(&path, &never).until(start);
    assert_eq!(over.inspect().unwrap_err().code(), "timed_out");

    let cancel = Arc::new(AtomicBool::new(false));
    let setter = Arc::clone(&cancel);
    let patient = Reader::new(&hanging);
    let opening = patient.open(&path, &cancel);
    let setting = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        setter.store(true, Ordering::Relaxed);
        Instant::now()
    });
    assert_eq!(opening.inspect().unwrap_err().code(), "cancelled");
    let answered = Instant::now();
    let asked = setting.join().unwrap();
    assert!(answered.duration_since(asked) < Duration::from_millis(300));
    assert_eq!(opening.preview(0, 9).unwrap_err().code(), "cancelled");

    let reader = worker();
    let opening = reader.open(&path, &never);
    assert_eq!(opening.inspect().unwrap().sheets.len(), 1);
    assert_eq!(opening.preview(0, 9).unwrap().len(), 9);
    assert_eq!(opening.read(0, &mut |_, _| {}).unwrap().len(), 60_000);
}

#[test]
fn progress_rises_and_a_read_can_be_cancelled_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = large_workbook(&folder);
    let cancel = AtomicBool::new(false);
    let mut seen = Vec::new();
    let table = worker()
        .read(&path, 0, &cancel, &mut |_, progress| seen.push(progress))
        .unwrap();
    assert_eq!(table.len(), 60_000);
    assert!(table.is_complete());
    assert!(seen.len() > 10);
    assert!(seen.is_sorted_by_key(|progress| (progress.rows, progress.thousandths)));
    assert!(seen[seen.len() / 2].thousandths > 200);

    let outcome = worker().read(&path, 0, &cancel, &mut |_, _| {
        cancel.store(true, Ordering::Relaxed);
    });
    assert_eq!(outcome.unwrap_err().code(), "cancelled");
}

#[test]
fn memory_is_limited_on_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    let path = large_workbook(&folder);
    let narrow = worker().with_limits(Limits {
        table_memory: 1024 * 1024,
        ..Limits::default()
    });
    let outcome = narrow.read(&path, 0, &AtomicBool::new(false), &mut |_, _| {});
    assert_eq!(outcome.unwrap_err().code(), "too_many_cells");
}

/// The limit is one of Linux.
#[cfg(target_os = "linux")]
#[test]
fn a_reading_process_that_wants_too_much_memory_dies_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wide.csv");
    // One field of a megabyte, in a process that may have two.
    std::fs::write(&path, format!("a,\"{}\"\n", "x".repeat(900_000)).repeat(20)).unwrap();
    let poor = worker().with_limits(Limits {
        worker_memory: 2 * 1024 * 1024,
        ..Limits::default()
    });
    let outcome = poor.read(&path, 0, &AtomicBool::new(false), &mut |_, _| {});
    assert_eq!(outcome.unwrap_err().code(), "out_of_memory");
}

#[test]
fn many_readers_at_once_do_not_disturb_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = large_workbook(&folder);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(worker().preview(&path, 0, 20).unwrap().len(), 20));
        }
    });
}
