//! `ketu serve`: the page and the core for a browser on this machine, and for nobody else.
#![cfg(all(feature = "bridge", debug_assertions))]
#![allow(clippy::unwrap_used)]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Child;

use serde_json::{Value as Json, json};
use support::Ketu;

struct Bridge {
    child: Child,
    port: u16,
    token: String,
    _ketu: Ketu,
}

impl Drop for Bridge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A status and a body.
type Answer = (u16, String);

impl Bridge {
    fn start() -> Self {
        let ketu = Ketu::set_up();
        std::fs::create_dir_all(ketu.path("page/assets")).unwrap();
        ketu.write("page/index.html", "<div id=\"root\"></div>");
        ketu.write("page/assets/index.js", "export {};");
        let page = ketu.path("page");
        let mut child = ketu.command(&["serve", "--page", &page]).spawn().unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        let (address, token) = line.trim().split_once("/#token=").unwrap();
        assert_eq!(token.len(), 64);
        Self {
            child,
            port: address
                .strip_prefix("http://127.0.0.1:")
                .unwrap()
                .parse()
                .unwrap(),
            token: token.to_owned(),
            _ketu: ketu,
        }
    }

    fn send(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    fn ask(&self, request: &str) -> Answer {
        let mut answer = String::new();
        self.send(request).read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (
            head.split(' ').nth(1).unwrap().parse().unwrap(),
            body.to_owned(),
        )
    }

    fn get(&self, path: &str, headers: &str) -> Answer {
        self.ask(&format!(
            "GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n"
        ))
    }

    fn rpc(&self, headers: &str, request: &Json) -> Answer {
        let body = request.to_string();
        self.ask(&format!(
            "POST /rpc HTTP/1.1\r\n{headers}Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ))
    }

    fn host(&self) -> String {
        format!("Host: 127.0.0.1:{}\r\n", self.port)
    }

    fn authorized(&self) -> String {
        format!("{}Authorization: Bearer {}\r\n", self.host(), self.token)
    }
}

#[test]
fn the_page_and_the_core_answer_who_has_the_token() {
    let bridge = Bridge::start();
    let (status, page) = bridge.get("/", &bridge.host());
    assert_eq!(status, 200);
    assert!(page.contains("<div id=\"root\">"), "{page}");
    assert_eq!(
        bridge.get("/assets/index.js", &bridge.host()),
        (200, "export {};".to_owned())
    );
    let (status, body) = bridge.rpc(
        &bridge.authorized(),
        &json!({ "method": "status", "params": {} }),
    );
    let body: Json = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (status, body["state"]["name"].as_str()),
        (200, Some("ready"))
    );
    let refused = bridge.rpc(
        &bridge.authorized(),
        &json!({ "method": "get", "params": { "entity": "x", "id": "y" } }),
    );
    let error: Json = serde_json::from_str(&refused.1).unwrap();
    assert_eq!(
        (refused.0, error["code"].as_str()),
        (422, Some("bad_request"))
    );
}

#[test]
fn without_the_token_nothing_is_told() {
    let bridge = Bridge::start();
    let request = json!({ "method": "status", "params": {} });
    let wrong = format!(
        "{}Authorization: Bearer {}\r\n",
        bridge.host(),
        "0".repeat(64)
    );
    for headers in [
        bridge.host(),
        wrong,
        format!("{}Authorization: Bearer\r\n", bridge.host()),
    ] {
        let (status, body) = bridge.rpc(&headers, &request);
        assert_eq!(status, 401);
        assert!(
            body.contains("unauthorized") && !body.contains("ready"),
            "{body}"
        );
    }
    assert_eq!(bridge.get("/events?token=guess", &bridge.host()).0, 401);
    assert_eq!(bridge.get("/events", &bridge.host()).0, 401);
}

#[test]
fn pages_of_other_origins_and_foreign_names_of_this_machine_are_turned_away() {
    let bridge = Bridge::start();
    let request = json!({ "method": "status", "params": {} });
    let token = format!("Authorization: Bearer {}\r\n", bridge.token);
    let port = bridge.port;
    for headers in [
        format!("Host: evil.example:{port}\r\n{token}"),
        format!("Host: 127.0.0.1:1\r\n{token}"),
        format!("{}Origin: http://evil.example\r\n", bridge.authorized()),
        format!(
            "{}Origin: https://127.0.0.1:{port}\r\n",
            bridge.authorized()
        ),
        format!("{}Origin: null\r\n", bridge.authorized()),
    ] {
        assert_eq!(bridge.rpc(&headers, &request).0, 403, "{headers}");
    }
    assert_eq!(bridge.get("/", "Host: evil.example\r\n").0, 403);
    for own in ["127.0.0.1", "localhost"] {
        let headers = format!("Host: {own}:{port}\r\nOrigin: http://{own}:{port}\r\n{token}");
        assert_eq!(bridge.rpc(&headers, &request).0, 200, "{own}");
    }
}

#[test]
fn no_path_leads_out_of_the_page() {
    let bridge = Bridge::start();
    for path in [
        "/../../Cargo.toml",
        "/%2e%2e/%2e%2e/Cargo.toml",
        "/assets/../../package.json",
        "/assets",
        "//etc/passwd",
    ] {
        assert_eq!(bridge.get(path, &bridge.host()).0, 404, "{path}");
    }
}

#[test]
fn changes_are_told_to_who_listens() {
    let bridge = Bridge::start();
    let request = format!(
        "GET /events?token={} HTTP/1.1\r\n{}\r\n",
        bridge.token,
        bridge.host()
    );
    let mut listening = BufReader::new(bridge.send(&request)).lines();
    let head = listening.next().unwrap().unwrap();
    assert!(head.contains("200"), "{head}");
    let add = json!({ "method": "add", "params": { "entity": "customer", "fields": { "name": "华科" } } });
    assert_eq!(bridge.rpc(&bridge.authorized(), &add).0, 200);
    let changed = listening.find_map(|line| {
        let event: Json = serde_json::from_str(line.unwrap().strip_prefix("data: ")?).ok()?;
        (event["type"] == "changed").then_some(event)
    });
    assert_eq!(changed.unwrap()["entities"], json!(["customer"]));
}

#[test]
fn a_page_that_is_not_built_is_said_with_the_way_on() {
    let ketu = Ketu::set_up();
    let refused = ketu.refusal(&["serve", "--page", &ketu.path("absent")]);
    assert_eq!(refused["code"], "no_page");
}
