//! Each rule of the plan by its name, on small sheets; and what holds for any sheet.

use ketu_model::Catalog;
use ketu_sheet::Cell;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::import::known::of_phone;
use crate::import::mapping::Mapping;
use crate::import::target::Target;

mod known;

const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 25).unwrap();
const COMPANY: &str = "深圳市华科技术有限公司";
const CODE: &str = "91350100M000100Y43";
const OTHER_CODE: &str = "91230184MA1BUFLT44";

/// A plan of `rows`, whose first row names the targets.
fn plan_with(known: &Known, duplicates: DuplicateRule, rows: &[&[&str]]) -> Plan {
    let table = Table::from_rows(
        rows.iter()
            .map(|row| row.iter().map(|text| Cell::Text(text)).collect::<Vec<_>>()),
    );
    let catalog = Catalog::core();
    let names: Vec<String> = rows[0].iter().map(|name| (*name).to_owned()).collect();
    let mapping: Mapping = (0u32..)
        .zip(&names)
        .filter_map(|(at, name)| Some((at, Target::parse(&catalog, name)?)))
        .collect();
    let layout = Layout::new(&catalog, &names, &mapping);
    let places: Vec<u32> = (0u32..)
        .zip(table.rows())
        .filter(|(_, row)| row.number() > 1)
        .map(|(at, _)| at)
        .collect();
    let planning = Planning {
        table: &table,
        rows: &places,
        layout: &layout,
        lookup: &Lookup::default(),
        known,
        duplicates,
        today: TODAY,
    };
    planning
        .plan(None, &AtomicBool::new(false), &|_| {})
        .unwrap()
}

fn plan(rows: &[&[&str]]) -> Plan {
    plan_with(&Known::default(), DuplicateRule::Skip, rows)
}

/// The actions as letters: c u s f.
fn actions(plan: &Plan) -> String {
    let letter = |row: &RowPlan| match row.action {
        RowAction::Create => 'c',
        RowAction::Update => 'u',
        RowAction::Skip => 's',
        RowAction::Fail => 'f',
    };
    plan.rows.iter().map(letter).collect()
}

fn codes(plan: &Plan) -> Vec<&str> {
    plan.issues.iter().map(|issue| issue.fault.code).collect()
}

fn known_company() -> Known {
    let mut known = Known::default();
    known.add_customer(
        Uuid::from_u128(1),
        Some(COMPANY),
        Some("KH001"),
        Some(CODE),
        Some("0755-26001234"),
    );
    let phones = [of_phone(Some("13812345678")), 0];
    known.add_contact(
        Uuid::from_u128(1),
        Uuid::from_u128(2),
        Some("张伟"),
        phones,
        true,
    );
    known
}

#[test]
fn rows_of_one_company_are_one_customer_with_several_contacts() {
    let plan = plan(&[
        &["customer.name", "contact.name", "contact.mobile"],
        &[COMPANY, "张伟", "13812345678"],
        &["深圳市华科技术有限公司 ", "李娜", "13900001111"],
        &["深圳市华科技术（有限）公司", "王芳", ""],
        &["广州远大贸易有限公司", "陈静", "13711112222"],
    ]);
    assert_eq!(actions(&plan), "cccc");
    assert_eq!(plan.records, [2, 4, 0, 0, 0]);
    let groups: Vec<_> = plan.rows.iter().map(|row| row.group).collect();
    assert_eq!(groups, [Some(0), Some(0), Some(0), Some(1)]);
}

#[test]
fn a_row_that_says_the_same_again_is_skipped_updated_or_made_anew_as_asked() {
    let rows: &[&[&str]] = &[
        &["customer.name", "contact.name"],
        &[COMPANY, "张伟"],
        &[COMPANY, "张伟"],
    ];
    for (rule, expected, customers) in [
        (DuplicateRule::Skip, "cs", 1),
        (DuplicateRule::Update, "cu", 1),
        (DuplicateRule::Create, "cc", 2),
    ] {
        let plan = plan_with(&Known::default(), rule, rows);
        assert_eq!(
            (actions(&plan).as_str(), plan.records[0]),
            (expected, customers),
            "{rule:?}"
        );
    }
}

#[test]
fn two_people_of_one_name_with_different_mobiles_are_two() {
    let plan = plan(&[
        &["customer.name", "contact.name", "contact.mobile"],
        &[COMPANY, "张伟", "13812345678"],
        &[COMPANY, "张伟", "13900001111"],
        &[COMPANY, "张伟", "138 1234 5678"],
        &[COMPANY, "张伟", ""],
    ]);
    assert_eq!((actions(&plan).as_str(), plan.records[1]), ("ccss", 2));
}

#[test]
fn one_row_for_each_project_makes_one_customer_with_several_opportunities() {
    let plan = plan(&[
        &["customer.name", "opportunity.name", "opportunity.amount"],
        &[COMPANY, "一期", "10万"],
        &[COMPANY, "二期", "20万"],
        &[COMPANY, "二期", "20万"],
    ]);
    assert_eq!(
        (actions(&plan).as_str(), plan.records),
        ("ccs", [1, 0, 2, 0, 0])
    );
}

#[test]
fn companies_of_one_name_with_contradicting_codes_numbers_phones_or_regions_stay_apart() {
    for (key, one, other) in [
        ("customer.uscc", CODE, OTHER_CODE),
        ("customer.number", "KH1", "KH2"),
        ("customer.phone", "0755-26001234", "020-88881234"),
        ("customer.region", "广东省深圳市", "浙江省杭州市"),
    ] {
        let plan = plan(&[
            &["customer.name", key],
            &["华科技术", one],
            &["华科技术", other],
            &["华科技术", one],
        ]);
        assert_eq!(
            (actions(&plan).as_str(), plan.records[0]),
            ("ccs", 2),
            "{key}"
        );
    }
    let within = plan(&[
        &["customer.name", "customer.region"],
        &["华科技术", "广东省"],
        &["华科技术", "广东省深圳市南山区"],
    ]);
    assert_eq!(
        actions(&within),
        "cs",
        "a district lies within its province"
    );
}

#[test]
fn the_same_number_or_code_is_the_same_company_whatever_its_name() {
    for (key, value) in [("customer.number", "KH1"), ("customer.uscc", CODE)] {
        let plan = plan(&[
            &["customer.name", key, "contact.name"],
            &["华科技术", value, "张伟"],
            &["深圳华科", value, "李娜"],
        ]);
        assert_eq!(
            (actions(&plan).as_str(), plan.records[0]),
            ("cc", 1),
            "{key}"
        );
    }
}

#[test]
fn an_error_in_any_cell_fails_the_row_and_a_warning_does_not() {
    let plan = plan(&[
        &[
            "customer.name",
            "contact.name",
            "contact.mobile",
            "customer.owner",
        ],
        &["甲公司", "张伟", "123", ""],
        &["乙公司", "李娜", "13812345678", "不认识的人"],
        &["", "王芳", "13900001111", ""],
    ]);
    assert_eq!(actions(&plan), "fcf");
    assert_eq!(codes(&plan), ["phone_length", "unknown_user", "required"]);
    assert_eq!(plan.issues_of(0)[0].column, Some(2));
}

#[test]
fn a_failed_row_does_not_stand_in_the_way_of_the_next_of_its_company() {
    let plan = plan(&[
        &["customer.name", "customer.phone"],
        &[COMPANY, "123"],
        &[COMPANY, "0755-26001234"],
    ]);
    assert_eq!(actions(&plan), "fc");
}

#[test]
fn a_row_without_a_name_belongs_to_the_company_of_its_number() {
    let plan = plan(&[
        &["customer.name", "customer.number", "contact.name"],
        &[COMPANY, "KH1", "张伟"],
        &["", "KH1", "李娜"],
    ]);
    assert_eq!(
        (actions(&plan).as_str(), plan.records),
        ("cc", [1, 2, 0, 0, 0])
    );
}

#[test]
fn phones_without_a_person_are_the_companys_and_other_details_are_not_dropped() {
    let plan = plan(&[
        &[
            "customer.name",
            "contact.name",
            "contact.mobile",
            "contact.title",
        ],
        &["甲公司", "", "13812345678", ""],
        &["乙公司", "", "", "经理"],
    ]);
    assert_eq!(
        (actions(&plan).as_str(), codes(&plan)),
        ("cf", vec!["contact_name_required"])
    );
    assert_eq!(plan.records, [1, 0, 0, 0, 0]);
}

#[test]
fn a_row_with_nothing_in_the_mapped_columns_is_skipped() {
    let plan = plan(&[
        &["customer.name", "x"],
        &["", "制表人：王芳"],
        &["甲公司", ""],
    ]);
    assert_eq!(actions(&plan), "sc");
}

#[test]
fn a_later_row_that_says_otherwise_of_the_same_new_company_is_told_of() {
    let plan = plan(&[
        &["customer.name", "customer.address", "contact.name"],
        &[COMPANY, "科技园一路", "张伟"],
        &[COMPANY, "科技园二路", "李娜"],
        &[COMPANY, "", "王芳"],
    ]);
    assert_eq!(
        (actions(&plan).as_str(), codes(&plan)),
        ("ccc", vec!["differs_in_file"])
    );
    assert_eq!(plan.issues[0].fault.params, [("row", "2".to_owned())]);
}

#[test]
fn one_value_in_two_spellings_is_no_difference() {
    let plan = plan(&[
        &[
            "customer.name",
            "customer.phone",
            "customer.region",
            "customer.annual_value",
            "contact.name",
        ],
        &[COMPANY, "(0755)26001234", "广东省深圳市", "12万", "张伟"],
        &[COMPANY, "0755-26001234", "深圳", "120,000", "李娜"],
    ]);
    assert_eq!((actions(&plan).as_str(), codes(&plan).len()), ("cc", 0));
}

#[test]
fn new_options_and_tags_are_counted_by_the_rows_that_will_be_written() {
    let plan = plan(&[
        &[
            "customer.name",
            "customer.industry",
            "customer.tags",
            "customer.phone",
        ],
        &["甲公司", "航天", "展会、重点", ""],
        &["乙公司", "航天", "重点", ""],
        &["乙公司", "航天", "", ""],
        &["丙公司", "军工", "", "123"],
    ]);
    assert_eq!(actions(&plan), "ccsf");
    let named: Vec<(&str, u32)> = plan
        .new_names
        .iter()
        .map(|new| (new.name.name.as_str(), new.rows))
        .collect();
    assert_eq!(named, [("航天", 2), ("展会", 1), ("重点", 2)]);
}

#[test]
fn province_city_and_district_in_three_columns_are_one_region() {
    let plan = plan(&[
        &[
            "customer.name",
            "customer.region",
            "customer.region",
            "customer.region",
        ],
        &["甲公司", "广东省", "深圳市", "南山区"],
        &["乙公司", "北京", "北京市", "朝阳区"],
        &["丙公司", "上海市", "市辖区", "浦东新区"],
        &["丁公司", "广东", "", ""],
        &["戊公司", "广东", "杭州", ""],
    ]);
    assert_eq!(
        (actions(&plan).as_str(), codes(&plan)),
        ("ccccf", vec!["region_unknown"])
    );
}

#[test]
fn a_cancelled_plan_ends_at_once() {
    let table = Table::from_rows((0..2_000).map(|_| [Cell::Text("甲公司")]));
    let catalog = Catalog::core();
    let mapping: Mapping = [(0, Target::parse(&catalog, "customer.name").unwrap())].into();
    let layout = Layout::new(&catalog, &["公司".to_owned()], &mapping);
    let rows: Vec<u32> = (0..2_000).collect();
    let planning = Planning {
        table: &table,
        rows: &rows,
        layout: &layout,
        lookup: &Lookup::default(),
        known: &Known::default(),
        duplicates: DuplicateRule::Skip,
        today: TODAY,
    };
    assert_eq!(
        planning.plan(None, &AtomicBool::new(true), &|_| {}).err(),
        Some(Cancelled)
    );
}

#[test]
fn one_number_under_two_names_that_have_nothing_in_common_is_an_error() {
    let plan = plan(&[
        &["customer.name", "customer.number", "contact.name"],
        &["华科技术", "KH1", "张伟"],
        &["远大贸易", "KH1", "李娜"],
        &["深圳华科", "KH1", "王芳"],
    ]);
    assert_eq!(
        (actions(&plan).as_str(), codes(&plan)),
        ("cfc", vec!["number_contradicts", "differs_in_file"])
    );
    assert_eq!(plan.issues[0].column, Some(1));
}

#[test]
fn words_for_nothing_do_not_make_one_company_of_many() {
    let plan = plan(&[
        &["customer.name", "customer.number", "contact.name"],
        &["华科技术", "-", "张伟"],
        &["远大贸易", "-", "无"],
        &["中联化工", "无", "李娜"],
    ]);
    assert_eq!(
        (actions(&plan).as_str(), plan.records),
        ("ccc", [3, 2, 0, 0, 0])
    );
}

#[test]
fn one_number_for_opportunities_of_two_companies_is_an_error() {
    let header: &[&str] = &["customer.name", "opportunity.name", "opportunity.number"];
    let plan = plan(&[
        header,
        &["华科技术", "一期", "SJ1"],
        &["远大贸易", "一期", "SJ1"],
        &["华科技术", "改名", "SJ1"],
    ]);
    assert_eq!(
        (actions(&plan).as_str(), plan.issues[0].fault.code),
        ("cfs", "unique")
    );
}

#[test]
fn a_first_row_of_a_known_company_makes_only_what_is_new_of_it() {
    let rows: &[&[&str]] = &[
        &["customer.uscc", "customer.phone", "interaction.occurred_at"],
        &[CODE, "13812345678", "2026-03-05"],
    ];
    let plan = plan_with(&known_company(), DuplicateRule::Skip, rows);
    let row = &plan.rows[0];
    assert_eq!(
        (actions(&plan).as_str(), row.makes_customer, row.interaction),
        ("c", false, true)
    );
    assert_eq!(plan.companies[0].existing, Some(Uuid::from_u128(1)));
    assert_eq!(plan.records, [0, 0, 0, 1, 0]);
}

fn cell() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "甲公司",
        "甲 公司",
        "乙有限公司",
        "丙",
        "KH1",
        "KH2",
        CODE,
        OTHER_CODE,
        "13812345678",
        "13900001111",
        "123",
        "张伟",
        "李娜",
        "广东",
        "杭州",
        "#",
        "2026-03-05",
        "10万",
        "-",
    ])
}

proptest! {
    #[test]
    fn every_row_is_created_updated_skipped_or_failed_whatever_the_sheet_holds(
        rows in prop::collection::vec(prop::collection::vec(cell(), 9), 0..24),
        rule in prop::sample::select(vec![DuplicateRule::Skip, DuplicateRule::Update, DuplicateRule::Create]),
    ) {
        let header = [
            "customer.name", "customer.number", "customer.uscc", "customer.phone", "customer.region", "contact.name",
            "contact.mobile", "opportunity.name", "interaction.occurred_at",
        ];
        let mut sheet: Vec<&[&str]> = vec![&header];
        sheet.extend(rows.iter().map(Vec::as_slice));
        let filled = rows.iter().filter(|row| row.iter().any(|cell| !cell.is_empty())).count();
        let plan = plan_with(&known_company(), rule, &sheet);
        prop_assert_eq!(plan.counts.total() as usize, filled);
        for (number, row) in (0u32..).zip(&plan.rows) {
            let error = plan.issues_of(number).iter().any(|issue| !issue.fault.warning);
            prop_assert_eq!(row.action == RowAction::Fail, error, "a row fails for a reason, and only then");
            if let Slot::Earlier(earlier) = row.contact {
                prop_assert!(earlier < number && plan.rows[earlier as usize].contact == Slot::New);
            }
            if let (RowAction::Create, Some(group)) = (row.action, row.group) {
                let company = &plan.companies[group as usize];
                match company.existing {
                    Some(_) => prop_assert!(!row.makes_customer, "a known company is not made again"),
                    None => prop_assert!(row.makes_customer || company.first_row < number),
                }
            }
        }
        if rule != DuplicateRule::Update {
            prop_assert_eq!(plan.counts.update, 0);
        }
    }
}
