//! SYNC goal 19: people who work together are hardly ever asked, and nothing that anybody typed is gone.

use std::collections::BTreeMap;

use fastrand::Rng;
use ketu_sync::message::{HistoryEntry, Op};
use ketu_sync::record::id_json;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::desk::{DAY, Desk, LI, WANG, ZHANG};

/// Customers of each in sales, each with one deal.
const CUSTOMERS: usize = 40;
/// Days of work, each in two halves. In a third of these halves a laptop has no network until their end; else it exchanges
/// work after every few edits.
const DAYS: usize = 10;
const EDITS: usize = 12;
const MANAGERS_EDITS: usize = 4;

struct Team {
    desk: Desk,
    rng: Rng,
    deals: Vec<(Uuid, Uuid)>,
    typed: Vec<Op>,
}

impl Team {
    fn new(seed: u64) -> Self {
        let mut desk = Desk::new();
        let mut deals = Vec::new();
        for user in [ZHANG, LI, WANG] {
            let at = desk.laptop(user);
            for _ in 0..if user == WANG { 0 } else { CUSTOMERS } {
                let customer = desk.customer(at, "客户");
                let fields = [("name", json!("商机")), ("owner", id_json(user))];
                deals.push((customer, desk.below(at, "opportunity", customer, &fields)));
            }
        }
        desk.sync_all();
        Self {
            desk,
            rng: Rng::with_seed(seed),
            deals,
            typed: Vec::new(),
        }
    }

    /// One edit: two in five log a visit, a quarter changes a customer, the others a deal.
    fn edit(&mut self, at: usize) {
        // Whoever sells works on the own half, the manager on both.
        let own = match at {
            0 => 0..CUSTOMERS,
            1 => CUSTOMERS..2 * CUSTOMERS,
            _ => 0..2 * CUSTOMERS,
        };
        let (customer, deal) = self.deals[self.rng.usize(own)];
        let value = self.rng.u32(1..1_000_000);
        let (record, field, value): (Uuid, &str, Json) = match self.rng.u32(..100) {
            0..40 => {
                let visit = [("summary", json!(format!("拜访 {value}")))];
                self.desk.below(at, "interaction", customer, &visit);
                return;
            }
            40..52 => (customer, "phone", json!(format!("0755-26{value:06}"))),
            52..60 => (customer, "address", json!(format!("{value} 号"))),
            60..65 => (customer, "note", json!(format!("备注 {value}"))),
            65..80 => (
                deal,
                "stage",
                id_json(Uuid::from_u128(u128::from(value % 7))),
            ),
            80..90 => (deal, "amount", json!([value, "CNY"])),
            _ => (
                deal,
                "expected_close",
                json!(format!("2026-1{}-{:02}", value % 3, 1 + value % 28)),
            ),
        };
        self.typed.push(self.desk.set(at, record, field, value));
    }

    fn half_day(&mut self) {
        let mut offline = [false; 3];
        offline.fill_with(|| self.rng.u8(..3) == 0);
        let mut turns: Vec<usize> =
            [vec![0; EDITS], vec![1; EDITS], vec![2; MANAGERS_EDITS]].concat();
        self.rng.shuffle(&mut turns);
        for at in turns {
            self.edit(at);
            if !offline[at] && self.rng.u8(..3) == 0 {
                self.desk.sync(at);
            }
        }
        self.desk.sync_all();
        self.desk.now += DAY / 2;
    }
}

#[test]
fn a_team_sees_a_card_for_one_edit_in_five_hundred_at_most_and_every_value_is_in_the_history() {
    let (mut edits, mut cards, mut lost) = (0, 0, 0);
    for seed in 0..12 {
        let mut team = Team::new(seed);
        for _ in 0..2 * DAYS {
            team.half_day();
        }
        let Team { desk, typed, .. } = &team;
        let told: BTreeMap<Uuid, _> = desk.server.history.iter().map(|e| (e.op_id, e)).collect();
        for op in typed {
            for (field, (_, new)) in &op.patch {
                let Some(entry) = told.get(&op.op_id) else {
                    // It stood there already, by somebody else's hand.
                    let same = |e: &&HistoryEntry| {
                        e.record == op.record && e.patch.get(field).is_some_and(|p| p.1 == *new)
                    };
                    assert!(desk.server.history.iter().any(|e| same(&e)), "{op:?}");
                    continue;
                };
                assert_eq!(&entry.patch[field].1, new, "{field} of seed {seed}");
                lost += usize::from(entry.lost.contains(field));
            }
        }
        for (customer, deal) in &team.deals {
            for (record, field) in [(customer, "phone"), (deal, "amount"), (deal, "stage")] {
                let here = desk.at_the_server(*record).value(field);
                assert_eq!(
                    &desk.value(2, *record, field),
                    here,
                    "{field} of seed {seed}"
                );
            }
        }
        edits += DAYS * 2 * (2 * EDITS + MANAGERS_EDITS);
        cards += desk.cards("critical").len();
    }
    println!(
        "{edits} edits, {cards} cards, {lost} values that did not stand and are in the history"
    );
    assert!(cards > 0, "nobody ever met, so that this proves nothing");
    assert!(cards * 500 <= edits, "{cards} cards for {edits} edits");
}
