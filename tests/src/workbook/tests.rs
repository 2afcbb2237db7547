use std::collections::HashSet;

use super::*;

const SPEC: Spec = Spec {
    rows: 1_000,
    seed: 7,
    errors: 20,
};

#[test]
fn the_truth_accounts_for_every_row() {
    let (sheet, truth) = generate(&SPEC);
    assert_eq!(truth.created + truth.skipped + truth.failed, truth.rows);
    assert_eq!((truth.rows, truth.failed), (1_000, 20));
    assert!(
        truth.skipped > 10 && truth.records["interaction"] > 100,
        "{truth:?}"
    );
    assert!(
        sheet.merged.len() > 10,
        "names are merged over their people"
    );
    let filled = sheet.lines.iter().filter(|line| !line.is_empty()).count();
    assert_eq!(filled, 1_001, "the rows and the total");
    for error in &truth.errors {
        let line = &sheet.lines[(error.row - ABOVE - 1) as usize];
        assert!(!line.is_empty(), "{error:?} names a row");
    }
}

#[test]
fn one_seed_gives_one_workbook() {
    let lines = |seed| generate(&Spec { seed, ..SPEC }).0.lines;
    assert_eq!(lines(7), lines(7));
    assert_ne!(lines(7), lines(8));
}

#[test]
fn companies_phones_and_codes_are_never_given_twice() {
    let mut rng = Rng::with_seed(1);
    let mut seen = HashSet::new();
    for number in 0..20_000 {
        let company = Company::new(number, &mut rng);
        assert!(seen.insert(company.name), "the name of {number}");
        assert!(seen.insert(company.phone), "the phone of {number}");
        assert!(
            seen.insert(companies::mobile(number)),
            "the mobile of {number}"
        );
        assert!(seen.insert(companies::uscc(number)), "the code of {number}");
    }
}

#[test]
fn made_codes_pass_their_check_and_spoilt_ones_do_not() {
    for number in [0, 1, 99, 123_456_789] {
        let code = companies::uscc(number);
        assert!(
            ketu_model::normalise::uscc::Uscc::parse(&code).is_ok(),
            "{code}"
        );
        assert!(
            ketu_model::normalise::uscc::Uscc::parse(&spellings::with_other_end(&code)).is_err()
        );
    }
}
