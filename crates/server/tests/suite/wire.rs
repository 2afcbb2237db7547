//! Bodies: both forms on every route, packed ones, too large ones, broken ones.

use std::time::Duration;

use ketu_model::authorize::Role;
use serde_json::{Value as Json, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::client::{Laptop, PASSWORD, read_reply, request, send};
use crate::server::Server;
use crate::store::{Store, on_both_stores};

on_both_stores! {
    async fn cbor_is_the_default_and_json_is_taken_everywhere(store) {
        let server = Server::start(store).await;
        let (_, invitation) = server.org().await;
        let laptop = Laptop::join(server.address(), &invitation).await;
        let bearer = format!("Bearer {}", laptop.access);
        let reply = send(server.address(), "GET", "/v1/me", &[("authorization", &bearer)], b"").await;
        assert_eq!(reply.headers["content-type"], "application/cbor");
        let me: ciborium::Value = ciborium::from_reader(reply.body.as_slice()).unwrap();
        let user = me.as_map().unwrap().iter().find(|(name, _)| name.as_text() == Some("user"));
        // Ids are sixteen bytes there.
        assert_eq!(user.unwrap().1.as_bytes().unwrap().len(), 16);
        let body = json!({ "login": "li", "name": "李雷", "role": "manager" });
        let mut bytes = Vec::new();
        ciborium::into_writer(&body, &mut bytes).unwrap();
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/cbor"), ("accept", "application/json")];
        let added = send(server.address(), "POST", "/v1/admin/users", &headers, &bytes).await;
        assert_eq!(added.status, 201, "{}", added.json());
        let again = send(server.address(), "POST", "/v1/admin/users", &headers, &bytes).await;
        assert_eq!((again.status, again.json()["params"]["field"].as_str()), (409, Some("login")));
        let users = laptop.call("GET", "/v1/admin/users", None).await.json();
        assert_eq!(users["users"][1]["name"], "李雷");
        assert_eq!(users["users"][1]["has_password"], false);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_packed_body_is_unpacked_and_a_long_answer_is_packed() {
    let server = Server::start(Store::sqlite()).await;
    let (org, invitation) = server.org().await;
    let laptop = Laptop::join(server.address(), &invitation).await;
    for n in 0..20 {
        server
            .add(&org, &format!("user{n}"), Role::Salesperson)
            .await;
    }
    let bearer = format!("Bearer {}", laptop.access);
    let headers = [
        ("authorization", bearer.as_str()),
        ("accept", "application/json"),
        ("accept-encoding", "gzip, zstd"),
    ];
    let reply = send(server.address(), "GET", "/v1/admin/users", &headers, b"").await;
    assert_eq!(reply.headers["content-encoding"], "zstd");
    let whole = zstd::stream::decode_all(reply.body.as_slice()).unwrap();
    assert!(whole.len() > 2 * reply.body.len());
    let users: Json = serde_json::from_slice(&whole).unwrap();
    assert_eq!(users["users"].as_array().unwrap().len(), 21);
    let body = json!({ "login": "packed", "name": "packed", "role": "salesperson" }).to_string();
    let body = zstd::stream::encode_all(body.as_bytes(), 3).unwrap();
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("content-encoding", "zstd"),
    ];
    let added = send(server.address(), "POST", "/v1/admin/users", &headers, &body).await;
    assert_eq!(added.status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bombs_floods_and_nonsense_are_refused_in_one_shape_and_never_as_a_failure() {
    let server = Server::with(Store::sqlite(), |config| {
        config.body_limit = 64 * 1024;
        config.unpacked_limit = 128 * 1024;
    })
    .await;
    let (_, invitation) = server.org().await;
    let bomb = zstd::bulk::compress(&vec![b' '; 256 << 20], 19).unwrap();
    assert!(bomb.len() < 64 * 1024, "{}", bomb.len());
    let flood = vec![b' '; 128 * 1024];
    let deep = "[".repeat(50_000);
    let json = ("content-type", "application/json");
    let cbor = ("content-type", "application/cbor");
    let zstd = ("content-encoding", "zstd");
    type Case<'c> = (&'c [(&'c str, &'c str)], &'c [u8], u16, &'c str);
    let cases: &[Case<'_>] = &[
        (&[json, zstd], &bomb, 413, "too_large"),
        (&[json], &flood, 413, "too_large"),
        (&[json], b"{", 400, "malformed"),
        (&[json], b"{\"org\": 7}", 400, "malformed"),
        (&[json], deep.as_bytes(), 400, "malformed"),
        (&[json], b"\xff\xfe", 400, "malformed"),
        (&[cbor], b"\xbf\x00", 400, "malformed"),
        (
            &[cbor],
            b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
            400,
            "malformed",
        ),
        (
            &[cbor],
            b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
            400,
            "malformed",
        ),
        (&[], b"", 400, "malformed"),
        (&[json, zstd], b"not packed", 400, "malformed"),
        (&[json, ("content-encoding", "br")], b"{}", 415, "encoding"),
        (&[("content-type", "text/plain")], b"{}", 415, "media_type"),
    ];
    for (headers, body, status, code) in cases {
        let headers = [headers, &[("accept", "application/json")][..]].concat();
        let begun = std::time::Instant::now();
        let reply = send(server.address(), "POST", "/v1/enrol", &headers, body).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (*status, *code),
            "{headers:?}"
        );
        assert!(reply.json()["message"].is_string() && reply.json()["params"].is_object());
        assert!(begun.elapsed() < Duration::from_secs(2), "{headers:?}");
    }
    let accept = [("accept", "application/json")];
    let laptop = Laptop::join(server.address(), &invitation).await;
    for (method, path, status, code) in [
        ("GET", "/v1/nothing", 404, "no_route"),
        ("GET", "/v1/enrol", 405, "method"),
        ("GET", "/v1/me", 401, "unauthenticated"),
        ("PATCH", "/v1/admin/users/not-an-id", 401, "unauthenticated"),
    ] {
        let reply = send(server.address(), method, path, &accept, b"").await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{path}"
        );
    }
    let bad = laptop
        .call("PATCH", "/v1/admin/users/not-an-id", Some(&json!({})))
        .await;
    assert_eq!((bad.status, bad.code().as_str()), (400, "malformed"));
    let unknown = laptop
        .call("POST", "/v1/admin/teams", Some(&json!({ "nam": "x" })))
        .await;
    assert_eq!(unknown.status, 400);
    let mut weak = Laptop::new(server.address(), &invitation);
    weak.login = "x".repeat(101);
    assert_eq!(
        weak.enrol(PASSWORD, None).await.json()["params"]["field"],
        "login"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_in_pieces_is_cut_off_at_the_limit() {
    let server = Server::with(Store::sqlite(), |config| config.body_limit = 1_000).await;
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let head = "POST /v1/enrol HTTP/1.1\r\nhost: k\r\nconnection: close\r\naccept: application/json\r\n\
        content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..5 {
        let piece = format!("100\r\n{}\r\n", " ".repeat(256));
        if stream.write_all(piece.as_bytes()).await.is_err() {
            break;
        }
    }
    let reply = read_reply(stream).await;
    assert_eq!((reply.status, reply.code().as_str()), (413, "too_large"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_requests_at_once_are_asked_to_come_again() {
    let server = Server::with(Store::sqlite(), |config| config.requests_at_once = 1).await;
    let mut slow = TcpStream::connect(server.address()).await.unwrap();
    let whole = request(
        "POST",
        "/v1/enrol",
        &[("content-type", "application/json")],
        b"{}",
    );
    slow.write_all(&whole[..whole.len() - 1]).await.unwrap();
    // Served in turn with the one before: as soon as that one is inside, this one is not.
    let busy = loop {
        let reply = send(
            server.address(),
            "GET",
            "/v1/health",
            &[("accept", "application/json")],
            b"",
        )
        .await;
        if reply.status != 200 {
            break reply;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((busy.status, busy.code().as_str()), (503, "busy"));
    slow.write_all(&whole[whole.len() - 1..]).await.unwrap();
    assert_eq!(read_reply(slow).await.status, 400);
    let after = send(server.address(), "GET", "/v1/health", &[], b"").await;
    assert_eq!(after.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_told_to_stop_answers_what_is_under_way() {
    let server = Server::start(Store::sqlite()).await;
    let address = server.address();
    let (_, invitation) = server.org().await;
    let laptop = Laptop::join(address, &invitation).await;
    let body = json!({ "login": "last", "name": "last", "role": "salesperson" }).to_string();
    let bearer = format!("Bearer {}", laptop.access);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("expect", "100-continue"),
    ];
    let whole = request("POST", "/v1/admin/users", &headers, body.as_bytes());
    let (head, rest) = whole.split_at(whole.len() - body.len());
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head).await.unwrap();
    // "100 Continue" says that the handler is reading: the request is under way.
    let mut answer = [0; 25];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut answer)
        .await
        .unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 100 Continue"));
    let state = server.state().clone();
    let stopping = tokio::spawn(server.serving.stop());
    let mut closing = state.closing();
    closing.wait_for(|closing| *closing).await.unwrap();
    stream.write_all(rest).await.unwrap();
    assert_eq!(read_reply(stream).await.status, 201);
    stopping.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_readiness_figures_and_the_document_are_there_for_those_who_may() {
    let server = Server::start(Store::sqlite()).await;
    let json = [("accept", "application/json")];
    for path in ["/v1/health", "/v1/ready"] {
        let reply = send(server.address(), "GET", path, &json, b"").await;
        assert_eq!(
            (reply.status, reply.json()["status"].as_str()),
            (200, Some("ok"))
        );
        assert!(reply.headers.contains_key("x-request-id"));
    }
    let figures = send(server.address(), "GET", "/metrics", &[], b"").await;
    let text = String::from_utf8(figures.body).unwrap();
    assert!(
        text.contains(
            "ketu_http_requests_total{route=\"/v1/health\",method=\"GET\",status=\"200\"} 1"
        ),
        "{text}"
    );
    assert!(text.contains("ketu_db_retries_total 0"), "{text}");
    let proxied = send(
        server.address(),
        "GET",
        "/metrics",
        &[("x-forwarded-for", "192.0.2.1")],
        b"",
    )
    .await;
    assert_eq!(proxied.status, 403);
    let document = send(server.address(), "GET", "/v1/openapi.json", &[], b"")
        .await
        .json();
    let routes = document["paths"].as_object().unwrap();
    assert!(routes.len() >= 16, "{routes:?}");
    for operations in routes.values() {
        for operation in operations.as_object().unwrap().values() {
            assert!(operation["responses"]["400"]["content"]["application/cbor"].is_object());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_token_the_figures_are_for_whoever_has_it() {
    let token = ketu_server::accounts::Secret::new("figures");
    let server = Server::with(Store::sqlite(), |config| config.metrics_token = Some(token)).await;
    let ask = async |headers: &[(&str, &str)]| {
        send(server.address(), "GET", "/metrics", headers, b"")
            .await
            .status
    };
    assert_eq!(ask(&[]).await, 403);
    assert_eq!(ask(&[("authorization", "Bearer other")]).await, 403);
    assert_eq!(ask(&[("authorization", "Bearer figures")]).await, 200);
}
