//! The generated workbook through the command line: an import comes to what the generator knows.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use ketu_tests::ketu::Ketu;
use ketu_tests::kill::agrees;
use ketu_tests::workbook::{Spec, Truth, generate};
use serde_json::Value as Json;

struct Imported {
    ketu: Ketu,
    truth: Truth,
    done: Json,
    folder: tempfile::TempDir,
}

fn imported(spec: &Spec) -> Imported {
    let folder = tempfile::tempdir().unwrap();
    let (sheet, truth) = generate(spec);
    let file = folder.path().join("客户 2025.xlsx");
    sheet.write_xlsx(&file).unwrap();
    let ketu = Ketu::on(folder.path().join("data")).unwrap();
    ketu.set_up().unwrap();
    let done = ketu.ask(&[Path::new("import"), &file]).unwrap();
    Imported {
        ketu,
        truth,
        done,
        folder,
    }
}

#[test]
fn an_import_comes_to_what_the_generator_knows_row_by_row_and_cell_by_cell() {
    for seed in [1, 2, 3] {
        let Imported { truth, done, .. } = imported(&Spec {
            rows: 600,
            seed,
            errors: 15,
        });
        agrees(&done, &truth).unwrap();
        let told: Vec<(u64, &str, &str)> = done["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| {
                (
                    error["row"].as_u64().unwrap(),
                    error["column"].as_str().unwrap(),
                    error["code"].as_str().unwrap(),
                )
            })
            .collect();
        let known: Vec<(u64, &str, &str)> = truth
            .errors
            .iter()
            .map(|error| (u64::from(error.row), error.column, error.code))
            .collect();
        assert_eq!(told, known, "seed {seed}");
    }
}

#[test]
fn customers_of_the_workbook_are_found_by_initials_and_by_their_contacts_phone() {
    let Imported {
        ketu,
        truth,
        folder: _folder,
        ..
    } = imported(&Spec {
        rows: 300,
        seed: 4,
        errors: 0,
    });
    for customer in truth.customers.iter().take(8) {
        for text in [customer.initials.as_str(), &customer.mobile[3..]] {
            let found = ketu.ask(&["search", text]).unwrap();
            let hits = found["hits"].as_array().unwrap();
            let is_there = |hit: &Json| {
                hit["title"] == customer.name.as_str() || hit["subtitle"] == customer.name.as_str()
            };
            assert!(
                hits.iter().any(is_there),
                "{} by {text}: {found}",
                customer.name
            );
        }
    }
}

#[test]
fn importing_the_same_workbook_again_changes_nothing() {
    let Imported {
        ketu,
        truth,
        folder,
        ..
    } = imported(&Spec {
        rows: 300,
        seed: 5,
        errors: 6,
    });
    let file = folder.path().join("客户 2025.xlsx");
    let again = ketu.ask(&[Path::new("import"), &file]).unwrap();
    assert_eq!(
        (again["created"].as_u64(), again["failed"].as_u64()),
        (Some(0), Some(u64::from(truth.failed)))
    );
    assert_eq!(
        again["skipped"].as_u64(),
        Some(u64::from(truth.created + truth.skipped))
    );
    assert_eq!(again["records"], serde_json::json!({}));
}

#[test]
fn failed_rows_that_are_mended_are_imported_by_the_workbook_of_failed_rows() {
    let Imported {
        ketu,
        truth,
        folder,
        ..
    } = imported(&Spec {
        rows: 200,
        seed: 6,
        errors: 10,
    });
    let (file, failed) = (
        folder.path().join("客户 2025.xlsx"),
        folder.path().join("失败行.xlsx"),
    );
    let args = [Path::new("import"), &file, Path::new("--errors"), &failed];
    ketu.ask(&args).unwrap();
    let reader = ketu_sheet::Reader::new(ketu_tests::ketu::built("ketu").unwrap());
    let table = reader.preview(&failed, 0, 1_000).unwrap();
    assert_eq!(
        table.len(),
        truth.errors.len() + 1,
        "header and failed rows"
    );

    // Mended as a person would: the bad cell typed anew, everything else left.
    let mended = folder.path().join("改好.xlsx");
    let mut out = ketu_sheet::write::XlsxFile::create(&mended).unwrap();
    for (at, row) in table.rows().enumerate() {
        let bad = at.checked_sub(1).map(|at| &truth.errors[at]);
        let cells: Vec<_> = (0..table.width())
            .map(|column| match bad {
                Some(bad) if bad.index == column => ketu_sheet::write::Value::Text(&bad.mended),
                _ => ketu_sheet::write::Value::from_cell(row.cell(column), row.class(column)),
            })
            .collect();
        out.row(&cells).unwrap();
    }
    out.finish().unwrap();
    let done = ketu.ask(&[Path::new("import"), &mended]).unwrap();
    assert_eq!(
        done["created"].as_u64(),
        Some(u64::from(truth.failed)),
        "{done}"
    );
    assert_eq!(done["failed"], 0);
}
