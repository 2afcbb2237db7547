//! §5.2, §6.2: what is large comes in smaller pieces, and nobody is stuck at it.

use ketu_sync::message::{MAX_ANSWER, Refusal, Reply, Request};
use serde_json::json;
use uuid::Uuid;

use crate::desk::{Desk, WANG, ZHANG, pulled};

/// Characters of the longest text that a field takes, three bytes each.
const LONGEST: usize = 100_000;

fn long() -> String {
    "长".repeat(LONGEST)
}

/// Customers with the longest note.
fn large(desk: &mut Desk, at: usize, count: u32) -> Vec<Uuid> {
    let one = |n| {
        let customer = desk.customer(at, &format!("华科{n}"));
        desk.set(at, customer, "note", json!(long()));
        customer
    };
    (0..count).map(one).collect()
}

fn refused(said: &[(Request, Reply)]) -> usize {
    let too_large = |(_, reply): &&(Request, Reply)| *reply == Reply::Refused(Refusal::TooLarge);
    said.iter().filter(too_large).count()
}

#[test]
fn a_page_that_would_be_too_large_is_asked_for_in_smaller_ones() {
    let mut desk = Desk::new();
    let (zhang, wang) = (desk.laptop(ZHANG), desk.laptop(WANG));
    let customers = large(&mut desk, zhang, 120);
    desk.sync(zhang);
    let said = desk.sync(wang);
    assert!(refused(&said) > 0, "all of it has more than one answer may");
    for page in pulled(&said) {
        let bytes = serde_json::to_vec(&page.rows).unwrap().len();
        assert!(bytes < MAX_ANSWER, "{bytes}");
    }
    for customer in customers {
        assert_eq!(desk.value(wang, customer, "note"), json!(long()));
    }
}

#[test]
fn of_a_long_text_that_was_changed_often_the_newest_history_comes() {
    let mut desk = Desk::new();
    let (zhang, wang) = (desk.laptop(ZHANG), desk.laptop(WANG));
    let customer = desk.customer(zhang, "华科");
    for n in 0..6 {
        desk.set(zhang, customer, "note", json!(format!("{n}{}", long())));
        desk.set(zhang, customer, "phone", json!(format!("0755-2600{n}")));
        desk.sync(zhang);
    }
    let said = desk.sync(wang);
    let told = pulled(&said).into_iter().flat_map(|page| &page.history);
    let seqs: Vec<i64> = told.map(|entry| entry.seq).collect();
    let newest = desk.at_the_server(customer).rev;
    assert!(seqs.contains(&newest), "{seqs:?}, {newest}");
    assert!(seqs.len() < 13, "not all of it: {seqs:?}");
}

#[test]
fn buckets_that_differ_are_fetched_in_halves_where_they_are_large() {
    let mut desk = Desk::new();
    let (zhang, wang) = (desk.laptop(ZHANG), desk.laptop(WANG));
    let customers = large(&mut desk, zhang, 80);
    desk.sync_all();
    let whole = desk.laptops[wang].file.views.clone();
    let file = &mut desk.laptops[wang].file;
    for customer in &customers {
        file.records.remove(customer);
        file.views.remove(customer);
    }
    file.count_anew();
    let said = desk.sync(wang);
    assert!(
        refused(&said) > 0,
        "the buckets have more than one answer may"
    );
    assert!(desk.laptops[wang].file.views == whole, "all is back");
}
