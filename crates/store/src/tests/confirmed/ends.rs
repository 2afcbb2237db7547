//! What ends, what colleagues did, and what is remembered of the server.

use super::super::support::{Draft, Laptop, NOW, customer};
use super::*;

fn interaction(id: Uuid, summary: &str) -> ServerRow {
    ServerRow {
        entity: "interaction".to_owned(),
        root: ID,
        ..of_the_server(
            id,
            5,
            json!({"customer": ID, "summary": summary, "occurred_at": NOW}),
        )
    }
}

#[test]
fn of_a_purged_record_nothing_remains_but_what_waits_for_a_persons_eyes() {
    // §5.5, R38
    let laptop = Laptop::new();
    pulled(&laptop);
    let visit = Uuid::from_u128(0x44);
    confirm(&laptop, interaction(visit, "看了新产线"));
    laptop.set("customer", ID, "alias", "乙");
    laptop.set("customer", ID, "phone", "0755-26005678");
    assert_eq!(laptop.found("interaction", "新产线"), [visit]);
    let mut over = answered(&laptop, ID);
    over[1].attention = true;
    over[1].seq = None;
    over[1].outcome = Some(r#"{"is":"rejected","code":"forbidden","field":null}"#.to_owned());
    let gone = |id| RecordWrite {
        id,
        confirmed: None,
        shown: None,
        purged: true,
    };
    let changes = write(
        &laptop,
        SyncWrites {
            ops: over,
            records: vec![gone(visit), gone(ID)],
            scopes: vec![(MINE, ID, None), (MINE, visit, None)],
            ..SyncWrites::default()
        },
    );
    assert_eq!(changes.len(), 2, "lists and search hear of it");
    for table in ["customer", "interaction", "base", "held"] {
        assert_eq!(count(&laptop, table), 0, "{table}");
    }
    assert!(laptop.found("customer", "华科").is_empty());
    assert!(laptop.found("interaction", "新产线").is_empty());
    assert_eq!(count(&laptop, "log"), 1);
    let attention = laptop.store().read(|reader| reader.attention()).unwrap();
    assert!(
        attention[0].patch["phone"]
            .1
            .as_str()
            .unwrap()
            .ends_with("5678"),
        "what was typed is there"
    );
    assert_eq!(known(&laptop, ID), KnownRecord::default());
}

fn draft(id: Uuid) -> Draft {
    customer("新来的").id(id)
}

#[test]
fn a_record_that_the_server_did_not_take_goes_from_the_lists() {
    let laptop = Laptop::new();
    laptop.add(draft(ID));
    let writes = SyncWrites {
        ops: answered(&laptop, ID),
        records: vec![RecordWrite {
            id: ID,
            confirmed: None,
            shown: None,
            purged: false,
        }],
        ..SyncWrites::default()
    };
    assert_eq!(write(&laptop, writes).len(), 1);
    assert_eq!(count(&laptop, "customer"), 0);
    // Of one that the server has, nothing to show means nothing new.
    let row = pulled(&laptop);
    let nothing = RecordWrite {
        id: ID,
        confirmed: None,
        shown: None,
        purged: false,
    };
    write(
        &laptop,
        SyncWrites {
            records: vec![nothing],
            ..SyncWrites::default()
        },
    );
    assert_eq!(known(&laptop, ID).base, Some(row));
}

#[test]
fn a_later_edit_of_a_record_that_was_not_taken_waits_for_its_own_answer() {
    // §2.5: the making was answered while the edit was not sent yet.
    let laptop = Laptop::new();
    laptop.add(draft(ID));
    laptop.set("customer", ID, "alias", "乙");
    let mut over = answered(&laptop, ID);
    over.truncate(1);
    over[0].attention = true;
    over[0].seq = None;
    over[0].outcome = Some(r#"{"is":"rejected","code":"forbidden","field":null}"#.to_owned());
    let nothing = |purged| RecordWrite {
        id: ID,
        confirmed: None,
        shown: None,
        purged,
    };
    let writes = SyncWrites {
        ops: over,
        records: vec![nothing(false)],
        ..SyncWrites::default()
    };
    assert_eq!(write(&laptop, writes).len(), 1, "it leaves the lists");
    assert_eq!(count(&laptop, "customer"), 0);
    let waiting = known(&laptop, ID).ops;
    assert_eq!(waiting.len(), 1);
    assert!(waiting[0].patch.contains_key("alias"));
    let named = |laptop: &Laptop| laptop.store().read(|reader| reader.stub(ID)).unwrap();
    assert_eq!(named(&laptop).unwrap().name, "新来的");

    let mut over = answered(&laptop, ID);
    over[0].attention = true;
    over[0].seq = None;
    over[0].outcome = Some(r#"{"is":"rejected","code":"not_found","field":null}"#.to_owned());
    let writes = SyncWrites {
        ops: over,
        records: vec![nothing(true)],
        ..SyncWrites::default()
    };
    write(&laptop, writes);
    let attention = laptop.store().read(|reader| reader.attention()).unwrap();
    assert_eq!(attention.len(), 2, "nothing that was typed is gone");
    assert_eq!(named(&laptop).unwrap().name, "新来的");
}

#[test]
fn colleagues_changes_are_history_and_neither_outbox_nor_undo() {
    // decided (h), R43
    let laptop = Laptop::new();
    pulled(&laptop);
    laptop.set("customer", ID, "alias", "乙");
    let mine = known(&laptop, ID).ops.remove(0);
    let told = |op, field: &str, lost: &[&str]| Told {
        seq: 6,
        op,
        tx: Uuid::from_u128(6),
        entity: "customer".to_owned(),
        record: ID,
        root: ID,
        kind: "update".to_owned(),
        patch: BTreeMap::from([(field.to_owned(), (json!("甲"), json!("丙")))]),
        lost: lost.iter().map(|&field| field.to_owned()).collect(),
        hlc: Hlc::from_millis(NOW + 5),
        author: Some(THEIRS),
        writer: Uuid::from_u128(0xb0b),
        origin: "form".to_owned(),
    };
    let theirs = Uuid::from_u128(7);
    let writes = || SyncWrites {
        history: vec![
            told(theirs, "phone", &["phone"]),
            told(mine.op, "alias", &["alias"]),
        ],
        ..SyncWrites::default()
    };
    write(&laptop, writes());
    write(&laptop, writes());
    let record = ketu_model::RecordId(ID);
    let history = laptop
        .store()
        .read(|reader| reader.history(record))
        .unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|row| {
            (
                row.op,
                row.author,
                row.state.as_str(),
                row.seq,
                row.lost.clone(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                theirs,
                Some(THEIRS),
                "history",
                Some(6),
                vec!["phone".to_owned()]
            ),
            // A copy of this laptop sent it too; it waits for its own answer, and is shown until then (§2.4).
            (mine.op, Some(laptop.user), "pending", None, Vec::new()),
        ]
    );
    let below = laptop
        .store()
        .read(|reader| reader.history_below(ID, i64::MAX, 9))
        .unwrap();
    assert_eq!(below.len(), 2);
    let unanswered = laptop.store().read(|reader| reader.unanswered()).unwrap();
    assert_eq!(
        unanswered.iter().map(|own| own.op).collect::<Vec<_>>(),
        [mine.op]
    );
    laptop.undo().unwrap();
    assert_eq!(laptop.get("customer", ID).fields.text("alias"), Some("甲"));
}

#[test]
fn edits_say_what_their_author_had_seen_by_the_servers_clock_and_sums_add_up() {
    let mut laptop = Laptop::new();
    let state = SyncState {
        incarnation: Uuid::from_u128(1),
        checkpoint: 40,
        clock_offset: 3_600_000,
        state: "{}".to_owned(),
    };
    let writes = |sum: u128| SyncWrites {
        state: Some(state.clone()),
        sums: vec![(MINE, 0x99, sum), (Scope::Org, 1, 5)],
        ..SyncWrites::default()
    };
    write(&laptop, writes(u128::MAX));
    write(&laptop, writes(3));
    let read = |laptop: &Laptop| {
        laptop
            .store()
            .read(|reader| {
                Ok::<_, crate::StoreError>((reader.sync_state()?, reader.scope_sums(MINE)?))
            })
            .unwrap()
    };
    let (kept, sums) = read(&laptop);
    assert_eq!((kept, sums[0x99], sums[0]), (Some(state.clone()), 2, 0));
    laptop.open().unwrap();
    assert_eq!(read(&laptop).0, Some(state));
    let id = laptop.add(customer("华科"));
    let own = known(&laptop, id).ops.remove(0);
    assert_eq!((own.seen, own.hlc.millis()), (40, NOW + 3_600_000));
}
