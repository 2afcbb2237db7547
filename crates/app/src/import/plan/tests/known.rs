//! Rows about customers that are there already.

use super::*;

#[test]
fn a_known_customer_is_found_by_number_by_code_by_name_and_by_its_heart_with_a_phone() {
    let known = known_company();
    let find = |header: &[&str], row: &[&str]| {
        let plan = plan_with(&known, DuplicateRule::Skip, &[header, row]);
        (actions(&plan), plan.rows[0].reason)
    };
    let skipped = |reason| ("s".to_owned(), Some(reason));
    let created = ("c".to_owned(), None);
    assert_eq!(
        find(
            &["customer.name", "customer.number"],
            &["别的名字", "kh001"]
        ),
        skipped(Reason::Number)
    );
    assert_eq!(
        find(&["customer.name", "customer.uscc"], &["别的名字", CODE]),
        skipped(Reason::Uscc)
    );
    assert_eq!(
        find(&["customer.name"], &["深圳市华科技术（有限公司）"]),
        skipped(Reason::Name)
    );
    assert_eq!(
        find(
            &["customer.name", "customer.phone"],
            &["华科技术", "26001234"]
        ),
        skipped(Reason::NamePhone)
    );
    assert_eq!(
        find(
            &["customer.name", "contact.name", "contact.mobile"],
            &["华科技术", "张工", "13812345678"]
        ),
        skipped(Reason::NamePhone)
    );
    assert_eq!(
        find(&["customer.name"], &["华科技术"]),
        created,
        "the heart of a name alone is only a suspicion"
    );
    assert_eq!(
        find(&["customer.name", "customer.uscc"], &[COMPANY, OTHER_CODE]),
        created,
        "another code is another company"
    );
}

#[test]
fn a_duplicate_of_the_base_is_skipped_updated_or_made_anew_as_asked() {
    let known = known_company();
    let rows: &[&[&str]] = &[
        &["customer.name", "customer.number", "contact.name"],
        &[COMPANY, "KH001", "张伟"],
        &[COMPANY, "KH001", "李娜"],
    ];
    let skip = plan_with(&known, DuplicateRule::Skip, rows);
    assert_eq!(
        (actions(&skip).as_str(), skip.records),
        ("sc", [0, 1, 0, 0, 0]),
        "the customer stays as it is, and gets the contact that it lacks"
    );
    assert_eq!(skip.rows[1].contact, Slot::New);
    let update = plan_with(&known, DuplicateRule::Update, rows);
    assert_eq!(actions(&update), "uu");
    assert_eq!(update.rows[0].contact, Slot::Known(Uuid::from_u128(2)));
    assert_eq!(update.rows[1].contact, Slot::New);
    let create = plan_with(&known, DuplicateRule::Create, rows);
    assert_eq!((actions(&create).as_str(), create.records[0]), ("cc", 1));
    assert!(create.rows[0].renumber, "the number is taken");
}

#[test]
fn a_taken_credit_code_cannot_be_made_anew() {
    let plan = plan_with(
        &known_company(),
        DuplicateRule::Create,
        &[&["customer.name", "customer.uscc"], &["别的", CODE]],
    );
    assert_eq!(
        (actions(&plan).as_str(), codes(&plan)),
        ("f", vec!["unique"])
    );
}

#[test]
fn a_new_contact_named_twice_in_the_file_is_made_once_under_update() {
    let plan = plan_with(
        &known_company(),
        DuplicateRule::Update,
        &[
            &["customer.name", "contact.name"],
            &[COMPANY, "李娜"],
            &[COMPANY, "李娜"],
        ],
    );
    assert_eq!(plan.rows[0].contact, Slot::New);
    assert_eq!(plan.rows[1].contact, Slot::Earlier(0));
}

#[test]
fn what_happened_already_is_not_told_again_under_update() {
    let mut known = known_company();
    let at = crate::import::cells::local_instant(
        NaiveDate::from_ymd_opt(2026, 3, 5)
            .unwrap()
            .and_hms_opt(0, 0, 0)
            .unwrap(),
    );
    known.add_happening(
        Part::Interaction,
        Uuid::from_u128(1),
        happening(&Value::Instant(at), Some("寄样品")),
    );
    let plan = plan_with(
        &known,
        DuplicateRule::Update,
        &[
            &[
                "customer.name",
                "interaction.occurred_at",
                "interaction.summary",
            ],
            &[COMPANY, "2026-03-05", "寄样品"],
            &[COMPANY, "2026-03-06", "寄样品"],
        ],
    );
    assert_eq!(
        plan.rows
            .iter()
            .map(|row| row.interaction)
            .collect::<Vec<_>>(),
        [false, true]
    );
}

#[test]
fn a_customer_found_by_its_number_under_another_name_is_told_of() {
    let rows: &[&[&str]] = &[
        &["customer.name", "customer.number"],
        &["华科新名", "KH001"],
    ];
    let plan = plan_with(&known_company(), DuplicateRule::Update, rows);
    assert_eq!(
        (actions(&plan).as_str(), codes(&plan)),
        ("u", vec!["differs_from_known"])
    );
}

#[test]
fn opportunities_without_a_name_are_told_apart_by_amount_and_date() {
    let rows: &[&[&str]] = &[
        &["customer.name", "opportunity.amount"],
        &[COMPANY, "10万"],
        &[COMPANY, "20万"],
        &[COMPANY, "10万"],
    ];
    assert_eq!(
        (actions(&plan(rows)).as_str(), plan(rows).records[2]),
        ("ccs", 2)
    );
    let mut known = known_company();
    let amount = Value::yuan(1_000_000);
    let mut deal = ketu_model::Fields::new();
    deal.set("amount", amount.clone());
    let nameless = DealKeys::of(&deal, None, Some(COMPANY)).name;
    known.add_opportunity(
        Uuid::from_u128(1),
        Uuid::from_u128(7),
        Some(COMPANY),
        nameless,
        None,
    );
    let again = plan_with(&known, DuplicateRule::Skip, &rows[..2]);
    assert_eq!(actions(&again), "s", "it is there already");
    let changed: &[&[&str]] = &[rows[0], rows[2]];
    let update = plan_with(&known, DuplicateRule::Update, changed);
    assert_eq!(
        update.rows[0].opportunity,
        Slot::Known(Uuid::from_u128(7)),
        "the only one of its name is the one that is meant"
    );
}

#[test]
fn a_second_number_that_goes_nowhere_is_said_to_go_nowhere() {
    let rows: &[&[&str]] = &[
        &["customer.name", "customer.phone"],
        &[COMPANY, "0755-26001234 0755-26005678"],
    ];
    let new = plan(rows);
    assert_eq!(codes(&new), ["extra_phone"]);
    let update = plan_with(&known_company(), DuplicateRule::Update, rows);
    assert_eq!(codes(&update), ["extra_left_out"]);
}
