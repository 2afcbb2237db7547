//! Between the engine's words and the store's, which do not know each other.

use ketu_store::StoreError;
use ketu_store::sync::{
    KnownRecord, Membership as Held, OpMark, OpState as Standing, OwnOp, RecordWrite, Seal,
    ServerRow, Stub as Name, SyncState, SyncWrites, Told,
};
use ketu_sync::client::{Confirmed, Local, Mark, Membership, OpState, Own, State, Writes};
use ketu_sync::message::{HistoryEntry, Kind, Op, Outcome, Stub, Sum};
use ketu_sync::record::Row;
use serde::Serialize;
use serde::de::DeserializeOwned;

type Result<T> = std::result::Result<T, StoreError>;

/// Something in the file that this version cannot read.
fn malformed(column: &str) -> StoreError {
    StoreError::Malformed {
        entity: "log".to_owned(),
        field: column.to_owned(),
    }
}

fn read<T: DeserializeOwned>(json: &str, column: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|_| malformed(column))
}

/// A part of an op that most have not.
fn kept_or_none<T: DeserializeOwned + Default>(json: Option<&str>, column: &str) -> Result<T> {
    json.map_or_else(|| Ok(T::default()), |json| read(json, column))
}

fn worth_keeping<T: Serialize + Default + PartialEq>(part: &T) -> Option<String> {
    let json = || serde_json::to_string(part).expect("parts of ops are plain data");
    (*part != T::default()).then(json)
}

fn kind(name: &str) -> Result<Kind> {
    serde_json::from_value(name.into()).map_err(|_| malformed("kind"))
}

fn name(kind: Kind) -> String {
    match kind {
        Kind::Create => "create",
        Kind::Update => "update",
        Kind::Delete => "delete",
        Kind::Restore => "restore",
        Kind::Transfer => "transfer",
        Kind::Merge => "merge",
        Kind::Split => "split",
    }
    .to_owned()
}

pub(super) fn state(kept: &SyncState) -> Result<State> {
    read(&kept.state, "sync_state")
}

pub(super) fn kept(state: &State) -> SyncState {
    SyncState {
        incarnation: state.incarnation,
        checkpoint: state.checkpoint,
        clock_offset: state.clock_offset,
        state: serde_json::to_string(state).expect("the state is plain data"),
    }
}

pub(super) fn own(own: OwnOp) -> Result<Own> {
    let outcome = match &own.outcome {
        Some(json) => read(json, "outcome")?,
        None => Outcome::Applied,
    };
    let state = match (own.state, own.seq) {
        (Standing::Pending, _) => OpState::Pending,
        (Standing::Sent, _) => OpState::Sent,
        (Standing::Answered, Some(seq)) => OpState::Answered { seq, outcome },
        (Standing::Answered, None) => return Err(malformed("seq")),
        (Standing::Done, seq) => OpState::Done { seq, outcome },
    };
    let chain = kept_or_none(own.chain.as_deref(), "chain")?;
    let was = kept_or_none(own.was.as_deref(), "was")?;
    Ok(Own {
        place: own.place,
        carrier: own.carrier,
        lost: own.lost,
        state,
        op: Op {
            op_id: own.op,
            op_seq: own.op_seq,
            tx: own.tx,
            atomic: own.atomic,
            kind: kind(&own.kind)?,
            entity: own.entity,
            record: own.record,
            root: own.root,
            patch: own.patch,
            other: own.other,
            base: own.base,
            chain,
            seen: own.seen,
            hlc: own.hlc,
            author: own.author,
            origin: own.origin,
            schema: own.schema,
            was,
        },
    })
}

pub(super) fn owns(ops: Vec<OwnOp>) -> Result<Vec<Own>> {
    ops.into_iter().map(own).collect()
}

/// An op that was never sent, as the log has it.
#[cfg(feature = "simulated")]
pub(super) fn kept_op(own: &Own) -> OwnOp {
    let op = own.op.clone();
    OwnOp {
        place: 0,
        op: op.op_id,
        op_seq: 0,
        tx: op.tx,
        atomic: op.atomic,
        entity: op.entity,
        record: op.record,
        root: op.root,
        kind: name(op.kind),
        patch: op.patch,
        other: op.other,
        base: op.base,
        chain: worth_keeping(&op.chain),
        seen: op.seen,
        hlc: op.hlc,
        author: op.author,
        origin: op.origin,
        schema: op.schema,
        was: worth_keeping(&op.was),
        carrier: own.carrier,
        state: Standing::Pending,
        seq: None,
        outcome: None,
        lost: Vec::new(),
    }
}

fn mark(mark: Mark) -> OpMark {
    let (state, seq, outcome) = match mark.state {
        OpState::Pending => (Standing::Pending, None, None),
        OpState::Sent => (Standing::Sent, None, None),
        OpState::Answered { seq, outcome } => (Standing::Answered, Some(seq), Some(outcome)),
        OpState::Done { seq, outcome } => (Standing::Done, seq, Some(outcome)),
    };
    let refused = matches!(
        outcome,
        Some(Outcome::Rejected { .. } | Outcome::HandedOver { .. })
    );
    OpMark {
        place: mark.place,
        op_seq: mark.op_seq,
        was: worth_keeping(&mark.was),
        state,
        seq,
        outcome: outcome
            .map(|outcome| serde_json::to_string(&outcome).expect("outcomes are plain data")),
        lost: mark.lost,
        // What an op carried is told with it.
        attention: refused && mark.carrier.is_none(),
    }
}

pub(super) fn row(row: ServerRow) -> Row {
    Row {
        entity: row.entity,
        id: row.id,
        root: row.root,
        rev: row.rev,
        created_at: row.created_at,
        created_by: row.created_by,
        updated_at: row.updated_at,
        updated_by: row.updated_by,
        deleted: row.deleted,
        fields: row.fields,
    }
}

pub(super) fn server_row(row: Row) -> ServerRow {
    ServerRow {
        entity: row.entity,
        id: row.id,
        root: row.root,
        rev: row.rev,
        created_at: row.created_at,
        created_by: row.created_by,
        updated_at: row.updated_at,
        updated_by: row.updated_by,
        deleted: row.deleted,
        fields: row.fields,
    }
}

pub(super) fn local(known: KnownRecord) -> Result<Local> {
    let held = known.scopes.into_iter().map(|(scope, held)| {
        let membership = Membership {
            generation: held.generation,
            leaving: held.leaving,
        };
        (scope, membership)
    });
    Ok(Local {
        confirmed: known.confirmed.map(|(rev, seal)| Confirmed {
            rev,
            sum: Sum(seal.sum),
            proof: seal.proof.map(Sum),
        }),
        base: known.base.map(row),
        ops: owns(known.ops)?,
        scopes: held.collect(),
    })
}

fn seal(confirmed: Confirmed) -> Seal {
    Seal {
        sum: confirmed.sum.0,
        proof: confirmed.proof.map(|proof| proof.0),
    }
}

pub(super) fn writes(mut writes: Writes) -> SyncWrites {
    // What is confirmed without a view is shown as it was.
    for id in writes.confirmed.keys() {
        writes.views.entry(*id).or_default();
    }
    let mut records = Vec::with_capacity(writes.views.len());
    for (id, shown) in writes.views {
        let confirmed = writes.confirmed.remove(&id);
        records.push(RecordWrite {
            id,
            confirmed: confirmed.map(|(row, confirmed)| (server_row(row), seal(confirmed))),
            shown: shown.map(server_row),
            purged: writes.purged.contains(&id),
        });
    }
    let scopes = writes.scopes.into_iter().map(|((scope, id), membership)| {
        let held = membership.map(|membership| Held {
            generation: membership.generation,
            leaving: membership.leaving,
        });
        (scope, id, held)
    });
    let sums = writes.sums.into_iter();
    SyncWrites {
        state: writes.state.as_ref().map(kept),
        ops: writes.ops.into_values().map(mark).collect(),
        records,
        doubted: writes.doubted.into_iter().collect(),
        scopes: scopes.collect(),
        sums: sums
            .map(|((scope, bucket), sum)| (scope, bucket, sum.0))
            .collect(),
        history: writes.history.into_iter().map(told).collect(),
        stubs: writes.stubs.into_iter().map(stub).collect(),
    }
}

pub(super) fn told(entry: HistoryEntry) -> Told {
    Told {
        seq: entry.seq,
        op: entry.op_id,
        tx: entry.tx,
        entity: entry.entity,
        record: entry.record,
        root: entry.root,
        kind: name(entry.kind),
        patch: entry.patch,
        lost: entry.lost,
        hlc: entry.hlc,
        author: entry.author,
        writer: entry.writer,
        origin: entry.origin,
    }
}

fn stub(stub: Stub) -> Name {
    Name {
        id: stub.id,
        entity: stub.entity,
        name: stub.name,
    }
}
