//! Odd and broken files made here, through the same door as the corpus of strangers' files.
#![allow(clippy::unwrap_used)]

use ketu_tests::corpus::{generate, run};

#[test]
fn every_generated_file_is_imported_or_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let files = generate(folder.path(), 1).unwrap();
    let tally = run(folder.path(), |file, outcome| {
        println!("{}: {outcome}", file.display());
    })
    .unwrap();
    println!("{tally}");
    assert_eq!(tally.faults, Vec::<String>::new());
    assert_eq!(tally.files, files, "every file was tried");
    // The same customers in ten spellings of a file: the first brings them, the others find them.
    assert!(tally.imported >= 12 && tally.created >= 10, "{tally}");
    for code in [
        "sheet_password_protected",
        "sheet_empty_file",
        "sheet_not_a_spreadsheet",
    ] {
        assert!(tally.refused.contains_key(code), "{code}: {tally}");
    }
}

#[test]
fn a_folder_without_spreadsheets_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes.md"), "# notes").unwrap();
    assert!(run(folder.path(), |_, _| ()).is_err());
    assert!(run(&folder.path().join("absent"), |_, _| ()).is_err());
}
