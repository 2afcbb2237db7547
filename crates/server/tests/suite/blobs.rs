//! Contents of files: in chunks, in pieces, over cut connections, and only for those who see a record that has them.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ketu_model::authorize::Role;
use ketu_model::{DeviceId, UserId};
use ketu_server::accounts::Who;
use ketu_server::backup::copy_checked;
use ketu_server::blobs::{contents_beside, copy_contents, take_contents};
use ketu_server::db::{Database, Place};
use ketu_server::error::Error;
use ketu_server::http::wire::Octets;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::client::{Laptop, Reply, send};
use crate::server::NOW;
use crate::store::{Store, on_both_stores};
use crate::sync::Office;

const CHUNK: usize = 4 << 20;

fn content(seed: u8, length: usize) -> Vec<u8> {
    (0..length).map(|n| seed ^ (n / 7 % 251) as u8).collect()
}

fn announced(record: Uuid, bytes: &[u8]) -> Json {
    let hash = blake3::hash(bytes);
    json!({ "record": record, "hash": STANDARD.encode(hash.as_bytes()), "size": bytes.len() })
}

async fn put(laptop: &Laptop, upload: &str, n: usize, bytes: &[u8]) -> Reply {
    let bearer = format!("Bearer {}", laptop.access);
    let headers = [
        ("authorization", bearer.as_str()),
        ("accept", "application/json"),
        ("content-type", "application/octet-stream"),
    ];
    let path = format!("/v1/blobs/uploads/{upload}/{n}");
    send(laptop.address, "PUT", &path, &headers, bytes).await
}

async fn get(laptop: &Laptop, record: Uuid, bytes: &[u8], range: Option<&str>) -> Reply {
    let bearer = format!("Bearer {}", laptop.access);
    let mut headers = vec![
        ("authorization", bearer.as_str()),
        ("accept", "application/json"),
    ];
    headers.extend(range.map(|range| ("range", range)));
    let path = format!(
        "/v1/blobs?record={record}&hash={}",
        blake3::hash(bytes).to_hex()
    );
    send(laptop.address, "GET", &path, &headers, b"").await
}

on_both_stores! {
    async fn a_file_comes_in_chunks_goes_on_after_a_cut_and_is_read_in_parts(store) {
        let mut office = Office::open(store).await;
        let customer = office.zhang.customer("华东精密");
        office.zhang.synced().await;
        let laptop = &office.zhang.client;
        let bytes = content(1, 2 * CHUNK + 12_345);
        let begun = laptop.post("/v1/blobs", &announced(customer, &bytes)).await.json();
        assert_eq!(begun["missing"], json!([0, 1, 2]));
        let upload = begun["upload"].as_str().unwrap().to_owned();
        let after = put(laptop, &upload, 1, &bytes[CHUNK..2 * CHUNK]).await;
        assert_eq!(after.json()["missing"], json!([0, 2]));
        // A chunk may come twice; one of another length is refused, one beyond the end as well.
        assert_eq!(put(laptop, &upload, 1, &bytes[CHUNK..2 * CHUNK]).await.status, 200);
        assert_eq!(put(laptop, &upload, 0, &bytes[..9]).await.json()["params"], json!({ "field": "chunk", "rule": "length" }));
        assert_eq!(put(laptop, &upload, 3, &bytes[..9]).await.code(), "not_found");
        // After a cut the laptop asks again, and hears what is missing of the same upload.
        let again = laptop.post("/v1/blobs", &announced(customer, &bytes)).await.json();
        assert_eq!((again["upload"].as_str().unwrap(), &again["missing"]), (upload.as_str(), &json!([0, 2])));
        assert_eq!(get(laptop, customer, &bytes, None).await.code(), "not_found");
        put(laptop, &upload, 2, &bytes[2 * CHUNK..]).await;
        let done = put(laptop, &upload, 0, &bytes[..CHUNK]).await.json();
        assert_eq!((&done["ready"], &done["missing"]), (&json!(true), &json!([])));
        let whole = get(laptop, customer, &bytes, None).await;
        assert_eq!((whole.status, whole.headers["content-type"].as_str()), (200, "application/octet-stream"));
        assert!(whole.body == bytes);
        let part = get(laptop, customer, &bytes, Some("bytes=4194300-4194310")).await;
        assert_eq!((part.status, part.headers["content-range"].as_str()), (206, "bytes 4194300-4194310/8400953"));
        assert!(part.body == bytes[4_194_300..=4_194_310]);
        assert_eq!(get(laptop, customer, &bytes, Some("bytes=9000000-")).await.status, 416);
        // For a second record of one's own the content is there already.
        let other = office.zhang.customer("第二");
        office.zhang.synced().await;
        let second = office.zhang.client.post("/v1/blobs", &announced(other, &bytes)).await.json();
        assert_eq!(second["ready"], true);
        assert_eq!(get(&office.zhang.client, other, &bytes, Some("bytes=-3")).await.body, bytes[bytes.len() - 3..]);
    }

    async fn to_know_a_hash_gives_nothing_and_another_content_is_refused(store) {
        let mut office = Office::open(store).await;
        let customer = office.zhang.customer("华东精密");
        office.zhang.synced().await;
        let theirs = office.li.customer("李的");
        office.li.synced().await;
        let bytes = content(2, 70_000);
        let begun = office.zhang.client.post("/v1/blobs", &announced(customer, &bytes)).await.json();
        let upload = begun["upload"].as_str().unwrap();
        assert_eq!(put(&office.li.client, upload, 0, &bytes).await.code(), "not_found");
        assert_eq!(put(&office.zhang.client, upload, 0, &bytes).await.json()["ready"], true);
        // Li sees neither the customer nor, through an own one, the content.
        let li = &office.li.client;
        assert_eq!(get(li, customer, &bytes, None).await.code(), "not_found");
        assert_eq!(li.post("/v1/blobs", &announced(customer, &bytes)).await.code(), "not_found");
        let begun = li.post("/v1/blobs", &announced(theirs, &bytes)).await.json();
        assert_eq!(begun["ready"], false);
        let upload = begun["upload"].as_str().unwrap();
        let forged = put(li, upload, 0, &content(3, 70_000)).await.json();
        assert_eq!(forged["params"], json!({ "field": "hash", "rule": "mismatch" }));
        assert_eq!(get(li, theirs, &bytes, None).await.code(), "not_found");
        assert_eq!(put(li, upload, 0, &bytes).await.code(), "not_found");
        // Whoever has the content may give it to the own record, and a share lets Li read the other.
        let begun = li.post("/v1/blobs", &announced(theirs, &bytes)).await.json();
        assert_eq!(put(li, begun["upload"].as_str().unwrap(), 0, &bytes).await.json()["ready"], true);
        assert!(get(li, theirs, &bytes, None).await.body == bytes);
        let share = json!({ "root": customer, "user": office.li.user(), "level": "read" });
        assert_eq!(office.zhang.client.post("/v1/shares", &share).await.status, 204);
        assert!(get(li, customer, &bytes, None).await.body == bytes);
        // To read is not to add.
        assert_eq!(li.post("/v1/blobs", &announced(customer, &content(4, 9))).await.code(), "forbidden");
        let mut large = announced(theirs, b"x");
        large["size"] = json!(105_000_000);
        assert_eq!(li.post("/v1/blobs", &large).await.code(), "too_large");
        // An upload that nobody went on with goes after a week.
        let begun = li.post("/v1/blobs", &announced(theirs, &content(5, 9))).await.json();
        office.server.pass(std::time::Duration::from_secs(8 * 24 * 3_600));
        assert_eq!(office.server.state().blobs.tidy().await.unwrap(), 0);
        let refresh = office.li.client.refresh.clone();
        assert_eq!(office.li.client.refresh_with(&refresh).await.status, 200);
        assert_eq!(put(&office.li.client, begun["upload"].as_str().unwrap(), 0, &content(5, 9)).await.code(), "not_found");
    }

    async fn a_file_goes_a_month_after_the_last_of_its_records(store) {
        let mut office = Office::open(store).await;
        let (one, other) = (office.zhang.customer("一"), office.zhang.customer("二"));
        office.zhang.synced().await;
        let bytes = content(6, 4_000);
        keep(&office.zhang.client, one, &bytes).await;
        keep(&office.zhang.client, other, &bytes).await;
        let state = office.server.state().clone();
        let path = state.blobs.open(who(&office), one, Octets(*blake3::hash(&bytes).as_bytes())).await.unwrap();
        let month = Duration::from_secs(31 * 24 * 3_600);
        office.zhang.delete(one);
        office.zhang.synced().await;
        assert_eq!(state.blobs.tidy().await.unwrap(), 0);
        office.later(month).await;
        assert_eq!(state.blobs.tidy().await.unwrap(), 0);
        // The second record goes as well, comes back, and goes.
        office.zhang.delete(other);
        office.zhang.synced().await;
        assert_eq!(state.blobs.tidy().await.unwrap(), 0);
        office.zhang.restore(other);
        office.zhang.synced().await;
        office.later(month).await;
        assert_eq!(state.blobs.tidy().await.unwrap(), 0);
        assert!(get(&office.zhang.client, other, &bytes, None).await.body == bytes);
        office.zhang.delete(other);
        office.zhang.synced().await;
        assert_eq!(state.blobs.tidy().await.unwrap(), 0);
        office.later(month).await;
        assert!(path.exists());
        assert_eq!(state.blobs.tidy().await.unwrap(), 1);
        assert!(!path.exists());
        assert_eq!(get(&office.zhang.client, other, &bytes, None).await.code(), "not_found");
        // It may be brought again.
        let third = office.zhang.customer("三");
        office.zhang.synced().await;
        keep(&office.zhang.client, third, &bytes).await;
        assert!(get(&office.zhang.client, third, &bytes, None).await.body == bytes);
    }

    async fn an_organisation_has_so_much_space_and_no_more(store) {
        let mut office = Office::with(store, |config| config.files_limit = 10_000).await;
        let customer = office.zhang.customer("华东精密");
        office.zhang.synced().await;
        let laptop = &office.zhang.client;
        keep(laptop, customer, &content(7, 6_000)).await;
        // What is under way counts.
        let begun = laptop.post("/v1/blobs", &announced(customer, &content(8, 3_000))).await.json();
        let full = laptop.post("/v1/blobs", &announced(customer, &content(9, 1_001))).await;
        assert_eq!((full.status, full.code().as_str()), (507, "no_space"));
        assert_eq!(put(laptop, begun["upload"].as_str().unwrap(), 0, &content(8, 3_000)).await.json()["ready"], true);
        keep(laptop, customer, &content(9, 1_000)).await;
        // What is there already costs nothing.
        assert_eq!(laptop.post("/v1/blobs", &announced(customer, &content(7, 6_000))).await.json()["ready"], true);
    }

    async fn a_missing_or_changed_file_is_found_and_comes_again(store) {
        let mut office = Office::open(store).await;
        let customer = office.zhang.customer("华东精密");
        office.zhang.synced().await;
        let bytes = content(10, 4_000);
        keep(&office.zhang.client, customer, &bytes).await;
        let state = office.server.state();
        let files = state.config.files_folder();
        let verify = || ketu_server::verify::verify(&state.db, &state.accounts, &files);
        assert_eq!(verify().await.unwrap().contents, 1);
        let path = state.blobs.open(who(&office), customer, Octets(*blake3::hash(&bytes).as_bytes())).await.unwrap();
        std::fs::write(&path, content(11, 4_000)).unwrap();
        assert!(matches!(verify().await.unwrap_err(), Error::ContentBroken(_)));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(verify().await.unwrap_err(), Error::ContentBroken(_)));
        // The server asks for it again, although the record had it.
        keep(&office.zhang.client, customer, &bytes).await;
        assert_eq!(verify().await.unwrap().contents, 1);
    }
}

/// Announces and sends a content of one chunk, if it is wanted.
async fn keep(laptop: &Laptop, record: Uuid, bytes: &[u8]) {
    let begun = laptop
        .post("/v1/blobs", &announced(record, bytes))
        .await
        .json();
    if begun["ready"] == false {
        let upload = begun["upload"].as_str().unwrap();
        assert_eq!(put(laptop, upload, 0, bytes).await.json()["ready"], true);
    }
}

/// Zhang, as handlers know the sender.
fn who(office: &Office) -> Who {
    let client = &office.zhang.client;
    Who {
        org: office.org.id,
        user: UserId(client.user.parse().unwrap()),
        device: DeviceId(client.device.parse().unwrap()),
        role: Role::Salesperson,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contents_go_into_a_backup_and_come_back_from_it() {
    let mut office = Office::open(Store::sqlite()).await;
    let customer = office.zhang.customer("华东精密");
    office.zhang.synced().await;
    let bytes = content(12, CHUNK + 5);
    let begun = office
        .zhang
        .client
        .post("/v1/blobs", &announced(customer, &bytes))
        .await;
    let upload = begun.json()["upload"].as_str().unwrap().to_owned();
    put(&office.zhang.client, &upload, 0, &bytes[..CHUNK]).await;
    put(&office.zhang.client, &upload, 1, &bytes[CHUNK..]).await;
    let state = office.server.state();
    let (files, aside) = (state.config.files_folder(), tempfile::tempdir().unwrap());
    let backup = aside.path().join("b.db");
    let beside = contents_beside(&backup);
    let Place::File(place) = state.config.place() else {
        panic!("a file")
    };
    copy_checked(&place, &backup).unwrap();
    assert_eq!(copy_contents(&state.db, &files, &beside).await.unwrap(), 1);
    // On another machine, with nothing but the backup.
    let new = tempfile::tempdir().unwrap();
    let (file, there) = (new.path().join("server.db"), new.path().join("files"));
    ketu_server::restore::restore(&file, &backup, NOW)
        .await
        .unwrap();
    assert_eq!(
        take_contents(&file, &aside.path().join("none.db"), &there)
            .await
            .unwrap(),
        1
    );
    assert_eq!(take_contents(&file, &backup, &there).await.unwrap(), 0);
    let db = Database::open(&Place::File(file), 1).unwrap();
    assert_eq!(
        ketu_server::verify::verify(&db, &state.accounts, &there)
            .await
            .unwrap()
            .contents,
        1
    );
    assert_eq!(ketu_server::blobs::verify(&db, &there).await.unwrap(), 1);
}
