//! One function for each thing that comes over the wire: it is decoded as the server decodes it, and what was understood goes
//! on into the engine. The first byte says in which form the rest is. Nothing may panic, hang or take much memory.

use std::collections::BTreeMap;

use ketu_model::Catalog;
use ketu_model::authorize::Role;
use ketu_server::blobs::{CHUNK, LARGEST};
use ketu_server::http::routes::{BlobBody, part};
use ketu_server::http::wire::decode;
use ketu_sync::message::{Lease, Op, Pull, Push, Refetch, Reply, Request, Vouch, Vouched};
use ketu_sync::server::{Person, proof};
use serde_json::json;
use uuid::Uuid;

use super::centre::Server;

/// As the server's own, where nothing else is set.
const UNPACKED: usize = 16 << 20;
const NOW: i64 = 1_790_000_000_000;

/// Who sends, and the colleague who has the other customer. Seeds of the corpus name them.
pub const ME: Uuid = Uuid::from_u128(0x11);
pub const COLLEAGUE: Uuid = Uuid::from_u128(0x12);
pub const EPOCH: Uuid = Uuid::from_u128(0xe1);
/// Of the life after a restore.
pub const NEXT_EPOCH: Uuid = Uuid::from_u128(0xe2);
pub const MINE: Uuid = Uuid::from_u128(0xc1);
pub const THEIRS: Uuid = Uuid::from_u128(0xc2);
/// What only the colleague may read.
const SECRET: &str = "wq8ZtR4mVx0KpLs2";

fn read<T: serde::de::DeserializeOwned>(data: &[u8]) -> Option<T> {
    let (first, body) = data.split_first()?;
    let media_type = if first & 1 == 0 {
        "application/cbor"
    } else {
        "application/json"
    };
    decode(media_type, first & 2 != 0, body, UNPACKED).ok()
}

fn person(role: Role) -> Person {
    Person {
        role,
        leader: None,
        active: true,
    }
}

/// A centre with a customer of the sender's and one of a colleague's.
fn centre() -> Server {
    let people = BTreeMap::from([
        (ME, person(Role::Salesperson)),
        (COLLEAGUE, person(Role::Salesperson)),
    ]);
    let mut centre = Server::new(Catalog::core(), EPOCH, people);
    for (n, owner, customer, secret) in [(1, ME, MINE, "开"), (2, COLLEAGUE, THEIRS, SECRET)] {
        let op = json!({
            "op_id": Uuid::from_u128(n), "op_seq": 1, "tx": Uuid::from_u128(n), "entity": "customer", "record": customer,
            "root": customer, "kind": "create", "patch": { "name": [null, "客户"], "owner": [null, owner], "alias": [null, secret] },
            "base": 0, "seen": 0, "hlc": 0, "author": owner, "origin": "form", "schema": 1,
        });
        let push = json!({ "v": 1, "epoch": EPOCH, "incarnation": Uuid::from_u128(0xf0 + n), "ops": [op] });
        let push: Push = serde_json::from_value(push).expect("a push that is well formed");
        let (_, reply) = centre.handle(owner, &Request::Push(push), NOW);
        assert!(matches!(reply, Reply::Pushed(_)), "{reply:?}");
    }
    centre
}

/// A push: taken, taken again, and then what it made is pulled.
pub fn push(data: &[u8]) {
    let Some(push) = read::<Push>(data) else {
        return;
    };
    let size: usize = push.ops.iter().map(Op::size).sum();
    for op in &push.ops {
        // As the quarantine keeps it.
        serde_json::to_string(op).expect("an op is plain data");
    }
    if push.ops.len() > 20 || size > 100_000 {
        return;
    }
    let mut centre = centre();
    let request = Request::Push(push);
    let (_, first) = centre.handle(ME, &request, NOW);
    let (_, second) = centre.handle(ME, &request, NOW);
    if let (Reply::Pushed(first), Reply::Pushed(second)) = (&first, &second) {
        assert_eq!(first.answers, second.answers, "an answer is kept");
    }
    is_no_secret(&pulled(&mut centre, EPOCH));
}

/// All that the sender may read.
fn pulled(centre: &mut Server, epoch: Uuid) -> Reply {
    let pull = json!({ "v": 1, "epoch": epoch, "incarnation": ME, "scopes": {}, "limit": 5_000, "schema": 1 });
    let pull: Pull = serde_json::from_value(pull).expect("a pull that is well formed");
    centre.handle(ME, &Request::Pull(pull), NOW).1
}

/// Rows said back to a server that was restored. Proofs are made good here: they cannot be guessed, and what stands behind
/// them is what is tried.
fn vouch(mut vouch: Vouch) {
    if vouch.rows.len() > 20 || vouch.rows.iter().map(Vouched::size).sum::<usize>() > 100_000 {
        return;
    }
    let before = centre();
    let mut centre = before.clone().restored(NEXT_EPOCH, &before, NOW);
    for vouched in &mut vouch.rows {
        vouched.proof = proof(&centre.proof_key, &vouched.row);
    }
    let request = Request::Vouch(vouch);
    for _ in 0..2 {
        centre.handle(ME, &request, NOW);
    }
    let reply = pulled(&mut centre, NEXT_EPOCH);
    assert!(matches!(reply, Reply::Pulled(_)), "{reply:?}");
}

/// Whatever else is said: a pull, a digest, a refetch, a lease or rows that are vouched for.
pub fn pull(data: &[u8]) {
    let Some((kind, data)) = data.split_first() else {
        return;
    };
    let request = match kind % 5 {
        0 => read::<Pull>(data).map(Request::Pull),
        1 => read(data).map(Request::Digest),
        2 => read::<Refetch>(data).map(Request::Refetch),
        3 => read::<Lease>(data).map(Request::Lease),
        _ => return read(data).into_iter().for_each(vouch),
    };
    let Some(request) = request else { return };
    let (_, reply) = centre().handle(ME, &request, NOW);
    is_no_secret(&reply);
}

fn is_no_secret(reply: &Reply) {
    let told = serde_json::to_string(reply).expect("a reply is plain data");
    assert!(!told.contains(SECRET), "a colleague's customer is not sent");
}

/// What is said of a file: its announcement, and a header that asks for a part.
pub fn blob(data: &[u8]) {
    if let Some(asked) = read::<BlobBody>(data)
        && asked.size <= LARGEST
    {
        let chunks = asked.size.div_ceil(CHUNK);
        assert!(chunks <= 25 && chunks * CHUNK >= asked.size);
    }
    let Some((size, range)) = data.split_first_chunk::<8>() else {
        return;
    };
    let size = u64::from_le_bytes(*size);
    let Ok(range) = std::str::from_utf8(range) else {
        return;
    };
    if let Some(Some((first, last))) = part(range, size) {
        assert!(first <= last && last < size, "a part lies within");
    }
}
