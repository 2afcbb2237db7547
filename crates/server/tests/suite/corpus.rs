//! What the fuzzing targets have found worth keeping is tried on every commit, by the same functions. With
//! `KETU_WRITE_CORPUS` set, the first seeds are written anew from the messages as they are now.

use std::path::PathBuf;

use ketu_model::authorize::Scope;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use ketu_sync::message::{Digest, Lease, Pull, Push, Refetch, Vouch};

use crate::desk::cbor;

#[allow(dead_code, reason = "the simulator uses all of it")]
#[path = "../../../../tests/sim/src/server.rs"]
mod centre;
#[path = "../../../../fuzz/src/entries.rs"]
mod entries;

fn folder(target: &str) -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.join("../../fuzz/corpus").join(target)
}

/// Runs each file of the target's folder; how many there were.
fn replay(target: &str, entry: fn(&[u8])) -> usize {
    let files = std::fs::read_dir(folder(target)).unwrap();
    let files = files.map(|file| entry(&std::fs::read(file.unwrap().path()).unwrap()));
    files.count()
}

#[test]
fn what_the_fuzzing_targets_kept_is_still_taken_or_refused() {
    if std::env::var_os("KETU_WRITE_CORPUS").is_some() {
        write_seeds();
    }
    assert!(replay("push", entries::push) >= 10);
    assert!(replay("pull", entries::pull) >= 8);
    assert!(replay("blob", entries::blob) >= 4);
}

fn op(n: u128, kind: &str, record: Uuid, patch: Json) -> Json {
    json!({
        "op_id": Uuid::from_u128(0xa0 + n), "op_seq": n, "tx": Uuid::from_u128(0xb0), "entity": "customer", "record": record,
        "root": record, "kind": kind, "patch": patch, "base": 2, "seen": 2, "hlc": 7, "author": entries::ME,
        "origin": "form", "schema": 1,
    })
}

fn write_seeds() {
    let (mine, theirs) = (entries::MINE, entries::THEIRS);
    let new = Uuid::from_u128(0xd1);
    let push = |ops: Json| json!({ "v": 1, "epoch": entries::EPOCH, "incarnation": Uuid::from_u128(0xf9), "ops": ops });
    let mut merge = op(1, "merge", mine, json!({}));
    merge["other"] = json!(new);
    let mut chained = op(2, "update", mine, json!({ "phone": ["021-1", "021-2"] }));
    chained["chain"] = json!({ "phone": { "op": Uuid::from_u128(0xa1), "base": 2 } });
    let contact = json!({ "customer": [null, mine], "name": [null, "王工"], "mobile": [null, "13800138000"] });
    let mut below = op(2, "create", Uuid::from_u128(0xd2), contact);
    below["entity"] = json!("contact");
    below["root"] = json!(mine);
    let owned = json!({ "name": [null, "新"], "owner": [null, entries::ME] });
    let pushes = [
        push(json!([op(1, "create", new, owned), below])),
        push(json!([
            op(1, "update", mine, json!({ "phone": [null, "021-1"] })),
            chained
        ])),
        push(json!([op(
            1,
            "update",
            theirs,
            json!({ "name": ["客户", "我的"] })
        )])),
        push(json!([op(
            1,
            "delete",
            mine,
            json!({ "deleted_at": [null, 5] })
        )])),
        push(json!([op(
            1,
            "transfer",
            mine,
            json!({ "owner": [entries::ME, entries::COLLEAGUE] })
        )])),
        push(json!([merge])),
    ];
    for (n, one) in pushes.iter().enumerate() {
        write::<Push>("push", &format!("seed-{n}"), &[], one);
    }
    let cursor = json!({ "seq": 1, "page": null });
    let pull = |scopes: Json| json!({ "v": 1, "epoch": entries::EPOCH, "incarnation": entries::ME, "scopes": scopes, "limit": 100, "schema": 1 });
    let own = Scope::Owner(entries::ME).to_string();
    write::<Pull>("pull", "seed-new", &[0], &pull(json!({})));
    write::<Pull>(
        "pull",
        "seed-known",
        &[0],
        &pull(json!({ own.clone(): cursor })),
    );
    let asked = json!({ "v": 1, "epoch": entries::EPOCH, "scope": own, "buckets": [0, 0xc1], "series": "CUST-2026", "count": 20 });
    write::<Digest>("pull", "seed-digest", &[1], &asked);
    write::<Refetch>("pull", "seed-refetch", &[2], &asked);
    write::<Lease>("pull", "seed-lease", &[3], &asked);
    let row = |id: Uuid, name: &str, owner: Uuid| {
        json!({
            "row": {
                "entity": "customer", "id": id, "root": id, "rev": 9, "created_at": 3, "created_by": owner, "updated_at": 4,
                "updated_by": owner, "deleted": null, "fields": { "name": name, "owner": owner, "phone": "021-1" },
            },
            "proof": "00000000000000000000000000000000",
        })
    };
    let mut contact = row(Uuid::from_u128(0xd2), "王工", entries::ME);
    contact["row"]["entity"] = json!("contact");
    contact["row"]["root"] = json!(new);
    contact["row"]["fields"] = json!({ "name": "王工", "customer": new });
    let rows = [
        row(mine, "新名", entries::COLLEAGUE),
        row(new, "新", entries::ME),
        contact,
    ];
    let vouch = json!({ "v": 1, "epoch": entries::NEXT_EPOCH, "incarnation": Uuid::from_u128(0xf9), "rows": rows });
    write::<Vouch>("pull", "seed-vouch", &[4], &vouch);
    let hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let blob = json!({ "record": mine, "hash": hash, "size": 9_000_000 });
    let json = serde_json::to_vec(&blob).unwrap();
    keep("blob", "seed-json", &[&[1], json.as_slice()].concat());
    let packed = zstd::bulk::compress(&json, 3).unwrap();
    keep(
        "blob",
        "seed-json-packed",
        &[&[3], packed.as_slice()].concat(),
    );
    for (n, range) in ["bytes=0-3", "bytes=-9", "bytes=5-"].iter().enumerate() {
        let size = 4_194_304_u64.to_le_bytes();
        keep(
            "blob",
            &format!("seed-range-{n}"),
            &[&size, range.as_bytes()].concat(),
        );
    }
}

/// A message in CBOR and JSON, as it is and packed.
fn write<T: Serialize + DeserializeOwned>(target: &str, name: &str, before: &[u8], message: &Json) {
    let typed: T = serde_json::from_value(message.clone()).unwrap();
    let json = serde_json::to_vec(message).unwrap();
    for (form, end, bytes) in [(0, "cbor", cbor(&typed)), (1, "json", json)] {
        keep(
            target,
            &format!("{name}-{end}"),
            &[before, &[form], &bytes].concat(),
        );
    }
    let packed = zstd::bulk::compress(&cbor(&typed), 3).unwrap();
    keep(
        target,
        &format!("{name}-packed"),
        &[before, &[2], &packed].concat(),
    );
}

fn keep(target: &str, name: &str, bytes: &[u8]) {
    std::fs::write(folder(target).join(name), bytes).unwrap();
}
