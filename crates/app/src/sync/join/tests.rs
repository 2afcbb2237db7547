//! A joined laptop whose password was taken away, and a server that answers what is asked here.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ketu_model::clock::FixedClock;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::account::tests::{NOW, OneKey};
use super::*;
use crate::app::Options;

const ORG: Uuid = Uuid::from_u128(7);
const DEVICE: Uuid = Uuid::from_u128(0xd);
const ME: Uuid = Uuid::from_u128(0x11);
const CODE: &str = "7KQ2-9XDM-40TR";
const CHOSEN: &str = "correct horse battery";

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Asked {
    login: String,
    password: String,
    invitation: Option<String>,
}

#[derive(Serialize)]
struct Enrolled {
    user: Uuid,
    device: Uuid,
    tokens: Tokens,
}

#[derive(Serialize)]
struct Tokens {
    access: &'static str,
    refresh: &'static str,
    access_until: i64,
    now: i64,
}

/// Lets in whoever has the code; knows no password.
#[derive(Debug, Clone, Default)]
struct Server {
    asked: Arc<Mutex<Vec<Asked>>>,
    /// Whose login it is.
    user: Arc<Mutex<Uuid>>,
}

impl Server {
    fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = self.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (server, stream) = (server.clone(), stream.unwrap());
                // A client may open a connection that it does not need.
                std::thread::spawn(move || server.answer(stream));
            }
        });
        address
    }

    fn answer(&self, stream: TcpStream) {
        let mut reader = BufReader::new(&stream);
        let (mut path, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let line = line.trim_end().to_ascii_lowercase();
            if path.is_empty() {
                path.clone_from(&line);
            }
            if let Some(bytes) = line.strip_prefix("content-length:") {
                length = bytes.trim().parse().unwrap();
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let (status, answer) = match path.contains("/v1/enrol") {
            true => self.enrol(ciborium::from_reader(&body[..]).unwrap()),
            false => ("200 OK", cbor(&json!({"role": "salesperson"}))),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/cbor\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            answer.len()
        );
        let mut stream = &stream;
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&answer).unwrap();
    }

    fn enrol(&self, asked: Asked) -> (&'static str, Vec<u8>) {
        let is_in = asked.invitation.as_deref() == Some(CODE);
        self.asked.lock().unwrap().push(asked);
        if !is_in {
            return ("401 Unauthorized", cbor(&json!({"code": "wrong_login"})));
        }
        let tokens = Tokens {
            access: "access",
            refresh: "refresh",
            access_until: NOW + 900_000,
            now: NOW,
        };
        let enrolled = Enrolled {
            user: *self.user.lock().unwrap(),
            device: DEVICE,
            tokens,
        };
        ("200 OK", cbor(&enrolled))
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn cbor(answer: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(answer, &mut bytes).unwrap();
    bytes
}

fn invitation(server: &str, org: Uuid, login: &str) -> String {
    let content = json!({
        "v": 1, "servers": [server], "fingerprint": null, "org": org, "login": login, "code": CODE,
    });
    format!("ketu1_{}", URL_SAFE_NO_PAD.encode(content.to_string()))
}

#[test]
fn a_joined_laptop_whose_password_was_reset_comes_back_with_a_new_invitation_of_its_person() {
    let server = Server::default();
    *server.user.lock().unwrap() = ME;
    let address = server.start();
    let dir = tempfile::tempdir().unwrap();
    let mut options = Options::new(dir.path(), "no-worker");
    options.clock = Arc::new(FixedClock::at(NOW));
    options.keys = Some(Arc::new(OneKey::default()));
    let app = App::start(options);
    let call = |method, params| app.dispatch(method, params);
    call("set_up", json!({ "name": "张伟", "language": "zh-CN" })).unwrap();
    call(
        "add",
        json!({ "entity": "customer", "fields": { "name": "华东精密" } }),
    )
    .unwrap();
    let store = app.session().unwrap().store;
    let mut account = Account::of_test(ORG, DEVICE, [0; 32]);
    account.servers = vec![address.clone()];
    account.login = "zhang".to_owned();
    account.user = ME;
    account.keep(&store).unwrap();
    local::begin(&store, Uuid::now_v7()).unwrap();
    let pending = || call("sync_status", json!({})).unwrap()["pending"].clone();
    let before = pending();
    assert_ne!(before, 0);

    let code = |params| call("sync_log_in", params).unwrap_err().code;
    let by = |invitation: String| json!({ "password": CHOSEN, "invitation": invitation });
    assert_eq!(code(json!({ "password": CHOSEN })), "sync_wrong_login");
    assert_eq!(server.asked().len(), 1);
    // What is not this laptop's own is refused before anything is sent.
    for (invitation, refusal) in [
        (
            invitation(&address, Uuid::from_u128(8), "zhang"),
            "invitation_other_org",
        ),
        (
            invitation("https://other.example:8443", ORG, "zhang"),
            "invitation_other_server",
        ),
        (invitation(&address, ORG, "li"), "invitation_other_person"),
        ("ketu1_".to_owned(), "invitation_unreadable"),
    ] {
        assert_eq!(code(by(invitation)), refusal);
    }
    let own = invitation(&address, ORG, "zhang");
    let short = json!({ "password": "short", "invitation": own });
    assert_eq!(code(short), "password_short");
    assert_eq!(server.asked().len(), 1);

    // The login was given to somebody else meanwhile.
    *server.user.lock().unwrap() = Uuid::from_u128(0x22);
    assert_eq!(code(by(own.clone())), "invitation_other_person");
    assert_eq!(Account::load(&store).unwrap().unwrap().user, ME);

    *server.user.lock().unwrap() = ME;
    let status = call("sync_log_in", by(own)).unwrap();
    assert_eq!(status["account"]["login"], "zhang");
    let last = server.asked().pop().unwrap();
    let expected = Asked {
        login: "zhang".to_owned(),
        password: CHOSEN.to_owned(),
        invitation: Some(CODE.to_owned()),
    };
    assert_eq!(last, expected);
    let account = Account::load(&store).unwrap().unwrap();
    assert!(account.joined);
    assert_eq!((account.user, account.device), (ME, DEVICE));
    assert_eq!(pending(), before, "the outbox waits as it did");
    // Closing waits for whoever has the file.
    drop(store);
    app.stop();
}
