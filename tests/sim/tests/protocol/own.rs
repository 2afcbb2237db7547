//! §5.9: what a laptop's own push did is not pulled again, where its own copy says the same.

use ketu_sync::message::{Pushed, Reply, Request};
use serde_json::json;

use crate::desk::{Desk, LI, WANG, ZHANG, pulled};

fn pushed(said: &[(Request, Reply)]) -> &Pushed {
    let mut replies = said.iter().map(|(_, reply)| reply);
    replies
        .find_map(|reply| match reply {
            Reply::Pushed(pushed) => Some(pushed),
            _ => None,
        })
        .expect("something was pushed")
}

fn rows(said: &[(Request, Reply)]) -> usize {
    pulled(said).iter().map(|page| page.rows.len()).sum()
}

#[test]
fn own_work_is_known_by_its_sums_and_colleagues_get_it_as_ever() {
    let mut desk = Desk::new();
    let (zhang, wang) = (desk.laptop(ZHANG), desk.laptop(WANG));
    desk.sync_all();
    let customer = desk.customer(zhang, "华科");
    desk.set(zhang, customer, "phone", json!("0755-26001234"));
    let person = desk.below(zhang, "contact", customer, &[("name", json!("王芳"))]);
    // A colleague's work of the same time is between.
    let other = desk.customer(wang, "远山");
    desk.sync(wang);
    let said = desk.sync(zhang);
    let stands = pushed(&said)
        .stands
        .as_ref()
        .expect("nothing else happened");
    assert_eq!(stands.rows.len(), 2);
    assert_eq!(
        rows(&said),
        0,
        "the colleague's customer is not Zhang's, and Zhang's own are known"
    );
    let state = &desk.laptops[zhang].file.state;
    assert_eq!(state.known, [], "read beyond, and forgotten");
    for id in [customer, person] {
        let local = &desk.laptops[zhang].file.records[&id];
        let there = desk.at_the_server(id);
        assert_eq!(local.confirmed.map(|known| known.rev), Some(there.rev));
        assert_eq!(local.base.as_ref(), Some(&there.row()));
        assert!(local.confirmed.and_then(|known| known.proof).is_some());
    }
    let said = desk.sync(wang);
    assert_eq!(rows(&said), 2);
    assert_eq!(desk.value(wang, customer, "phone"), "0755-26001234");
    assert!(desk.shown(wang, other).is_some());
}

#[test]
fn what_a_colleague_did_between_two_own_pushes_is_pulled_and_nothing_else() {
    let mut desk = Desk::new();
    let (zhang, wang) = (desk.laptop(ZHANG), desk.laptop(WANG));
    let customer = desk.customer(zhang, "华科");
    desk.sync_all();
    desk.set(zhang, customer, "alias", json!("科"));
    // Its answer is taken in, and then the laptop is away.
    let first = desk.exchange(zhang).expect("there is something to push");
    assert!(pushed(&[first]).stands.is_some());
    desk.set(wang, customer, "phone", json!("0755-26001234"));
    desk.sync(wang);
    let visited = desk.below(zhang, "contact", customer, &[("name", json!("王芳"))]);
    let said = desk.sync(zhang);
    let known: Vec<_> = said
        .iter()
        .filter_map(|(request, _)| match request {
            Request::Pull(pull) => Some(pull.known.len()),
            _ => None,
        })
        .collect();
    assert_eq!(known, [2], "two pushes, with a colleague's between them");
    let ids: Vec<_> = pulled(&said)[0].rows.iter().map(|row| row.id).collect();
    assert_eq!(ids, [customer]);
    assert_eq!(desk.value(zhang, customer, "phone"), "0755-26001234");
    assert_eq!(desk.value(zhang, customer, "alias"), "科");
    assert!(desk.shown(zhang, visited).is_some());
}

#[test]
fn where_the_server_made_something_else_of_it_all_is_pulled() {
    let mut desk = Desk::new();
    let (zhang, li) = (desk.laptop(ZHANG), desk.laptop(LI));
    desk.sync_all();
    let number = json!("CUST-2026-001");
    let (first, second) = (desk.customer(zhang, "华科"), desk.customer(li, "远山"));
    desk.set(zhang, first, "number", number.clone());
    desk.set(li, second, "number", number.clone());
    desk.sync(zhang);
    let said = desk.sync(li);
    assert!(pushed(&said).stands.is_some(), "the sum tells");
    assert_eq!(rows(&said), 1);
    assert_ne!(desk.value(li, second, "number"), number);
    assert_eq!(desk.value(li, second, "former_numbers"), number);
    // A card in the sender's scopes is something else that happened.
    let wang = desk.laptop(WANG);
    let deal = [
        ("name", json!("一期")),
        ("pipeline", json!("00000000-0000-0000-0000-000000000001")),
        ("stage", json!("00000000-0000-0000-0000-000000000002")),
    ];
    let deal = desk.below(zhang, "opportunity", first, &deal);
    desk.sync_all();
    desk.set(zhang, deal, "amount", json!([300, "CNY"]));
    desk.set(wang, deal, "amount", json!([500, "CNY"]));
    desk.sync(wang);
    let said = desk.sync(zhang);
    let cards: Vec<_> = desk.cards("critical").iter().map(|card| card.id).collect();
    assert_eq!(cards.len(), 1);
    assert_eq!(pushed(&said).stands, None);
    assert!(desk.shown(zhang, cards[0]).is_some());
}
