//! The program itself: started with nothing set up, told to stop, used beside a running server.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::client::{PASSWORD, Reply, exchange, request};
use crate::cluster::Cluster;
use crate::desk::Desk;
use crate::kill::invitation;
use crate::server::NOW;

/// A running `ketu-server serve`; ended with the test.
#[derive(Debug)]
pub struct Program {
    process: Child,
    /// What it printed up to the empty line that ends the invitation.
    said: Vec<String>,
    errors: Option<BufReader<ChildStderr>>,
}

pub fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ketu-server"));
    // Nothing of the developer's own set-up.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("KETU_SERVER_") {
            command.env_remove(name);
        }
    }
    command
        .env("KETU_SERVER_DATA", data)
        .env("KETU_SERVER_LISTEN", "127.0.0.1:0")
        .env("KETU_SERVER_PASSWORD_MEMORY_KIB", "64");
    command
}

fn run(data: &Path, arguments: &[&str]) -> Output {
    command(data).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn done(data: &Path, arguments: &[&str]) -> String {
    let output = run(data, arguments);
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        text(&output.stderr)
    );
    text(&output.stdout)
}

fn refused(data: &Path, arguments: &[&str]) -> String {
    let output = run(data, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    text(&output.stderr)
}

impl Program {
    pub fn serve(mut command: Command) -> Self {
        let mut process = command
            .arg("serve")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut said = Vec::new();
        // The last thing it prints is the code of the invitation, or how to make one.
        loop {
            let Some(line) = lines.next() else {
                let mut log = String::new();
                process
                    .stderr
                    .take()
                    .unwrap()
                    .read_to_string(&mut log)
                    .unwrap();
                panic!("it ended: {said:?}\n{log}");
            };
            let line = line.unwrap();
            let last =
                line.trim_start().starts_with("code ") || line.starts_with("To let somebody in");
            said.push(line);
            if last {
                break;
            }
        }
        let errors = process.stderr.take().map(BufReader::new);
        Self {
            process,
            said,
            errors,
        }
    }

    /// The value that was printed behind `name`.
    pub fn printed(&self, name: &str) -> &str {
        let line = self
            .said
            .iter()
            .find_map(|line| line.trim_start().strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name} in {:?}", self.said))
            .trim()
    }

    pub fn address(&self) -> SocketAddr {
        self.printed("listens on").parse().unwrap()
    }

    pub fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// What it logs up to a line with these words.
    fn log_until(&mut self, words: &str) -> String {
        let mut log = String::new();
        let errors = self.errors.as_mut().unwrap();
        while !log.contains(words) {
            let read = errors.read_line(&mut log).unwrap();
            assert!(read > 0, "it ended: {log}");
        }
        log
    }

    /// Asks it to stop; what it logged since.
    pub fn stop(mut self) -> String {
        self.signal("-TERM");
        let mut log = String::new();
        let mut errors = self.errors.take().unwrap();
        errors.read_to_string(&mut log).unwrap();
        assert!(self.process.wait().unwrap().success(), "{log}");
        log
    }
}

impl Program {
    /// Ends it as a power cut would, from another thread, after `delay`.
    pub fn kill_after(mut self, delay: std::time::Duration) -> std::thread::JoinHandle<()> {
        std::thread::spawn(move || {
            std::thread::sleep(delay);
            self.process.kill().unwrap();
            self.process.wait().unwrap();
        })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Trusts a chain that holds the certificate with this fingerprint and verifies up to it, as laptops do.
#[derive(Debug)]
struct Pinned {
    fingerprint: String,
    provider: Arc<CryptoProvider>,
}

impl Pinned {
    fn inner(&self, root: &CertificateDer<'_>) -> Result<Arc<WebPkiServerVerifier>, rustls::Error> {
        let mut roots = RootCertStore::empty();
        roots.add(root.clone().into_owned())?;
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider))
            .build()
            .map_err(|error| rustls::Error::General(error.to_string()))
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let hex = |certificate: &CertificateDer<'_>| -> String {
            Sha256::digest(certificate)
                .iter()
                .map(|b| format!("{b:02x}"))
                .collect()
        };
        let root = others.iter().find(|other| hex(other) == self.fingerprint);
        let root = root.ok_or(CertificateError::UnknownIssuer)?;
        self.inner(root)?
            .verify_server_cert(own, others, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.2 is not spoken".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

async fn ask(address: SocketAddr, fingerprint: &str, path: &str) -> std::io::Result<Reply> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let pinned = Pinned {
        fingerprint: fingerprint.to_owned(),
        provider: Arc::clone(&provider),
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(pinned))
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::from(address.ip());
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await?;
    Ok(exchange(
        stream,
        &request("GET", path, &[("accept", "application/json")], b""),
    )
    .await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn started_with_nothing_set_up_it_serves_over_tls_and_says_how_to_come_in() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut program = Program::serve(command(&data));
    let fingerprint = program.printed("fingerprint  sha256").to_owned();
    assert!(program.printed("ketu join").starts_with("ketu1_"));
    assert_eq!(program.printed("login"), "admin");
    let health = ask(program.address(), &fingerprint, "/v1/health")
        .await
        .unwrap();
    assert_eq!(health.status, 200);
    let stranger = ask(program.address(), &"0".repeat(64), "/v1/health").await;
    assert!(stranger.is_err());
    // The folder holds personal data and keys.
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(&data).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);

    // Beside it: commands work, a second server and a restore do not.
    assert!(
        done(&data, &["user", "add", "zhang", "--role", "manager"]).contains("ketu join ketu1_")
    );
    done(&data, &["team", "add", "华东", "--leader", "zhang"]);
    done(&data, &["user", "team", "admin", "华东"]);
    assert_eq!(done(&data, &["team", "list"]).trim(), "华东\t-\tzhang");
    assert!(done(&data, &["user", "list"]).contains("admin\tadmin\tAdmin\t华东\tinvited"));
    let backup = folder.path().join("copy.db");
    done(&data, &["backup", "--to", backup.to_str().unwrap()]);
    assert!(refused(&data, &["serve"]).contains("another ketu-server"));
    assert!(refused(&data, &["restore", backup.to_str().unwrap()]).contains("another ketu-server"));
    assert!(refused(&data, &["user", "disable", "nobody"]).contains("no user"));
    assert!(refused(&data, &["user", "role", "admin", "manager"]).contains("last_admin"));

    program.signal("-HUP");
    let mut log = program.log_until("the certificate was read again");
    log.push_str(&program.stop());
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["level"] != "ERROR", "{line}");
    }
    assert!(
        log.contains("\"route\":\"/v1/health\"") && log.contains("the certificate was read again")
    );
    assert!(!log.contains("zhang") && !log.contains("华东"), "{log}");

    // It comes back with the same fingerprint, and without another invitation.
    let before = done(&data, &["verify"]);
    assert!(done(&data, &["restore", backup.to_str().unwrap()]).contains("replaced-"));
    let after = done(&data, &["verify"]);
    assert_ne!(before, after);
    let again = Program::serve(command(&data));
    assert_eq!(again.printed("fingerprint  sha256"), fingerprint);
    assert!(!again.said.iter().any(|line| line.contains("ketu1_")));
    again.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_sent_to_it_no_name_number_password_or_token_is_in_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut start = command(&folder.path().join("data"));
    start
        .env("KETU_SERVER_TLS", "off")
        .env("KETU_SERVER_LOG", "debug");
    let program = Program::serve(start);
    let mut desk = Desk::join(program.address(), &invitation(&program), NOW).await;
    let customer = desk.customer("华东精密");
    desk.set(customer, "phone", json!("13900139000"));
    desk.synced().await;
    // Refused by a rule, by its shape, and by a wrong password.
    desk.set(customer, "phone", json!({ "华南": "13800138000" }));
    desk.sync().await;
    for body in [json!({ "v": 1, "华北": "x" }), json!("刘女士")] {
        assert!(desk.client.post("/v1/push", &body).await.status >= 400);
    }
    let token = desk.client.access.clone();
    assert_eq!(
        desk.client.enrol("not the password", None).await.status,
        401
    );
    let log = program.stop();
    assert!(
        log.contains("\"route\":\"/v1/push\""),
        "it logs what it was asked"
    );
    for secret in [
        "华东",
        "华南",
        "华北",
        "刘女士",
        "13900139000",
        "13800138000",
        PASSWORD,
        "not the password",
        &token,
    ] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

#[test]
fn with_postgresql_it_says_how_that_is_backed_up_and_begins_an_epoch_after_it_was_taken_back() {
    let cluster = Cluster::start();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let address = cluster.address();
    fn with<'a>(address: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
        [&["--database", address], arguments].concat()
    }
    assert!(done(data, &with(&address, &["init", "--name", "客途"])).contains("ketu1_"));
    assert!(refused(data, &with(&address, &["backup"])).contains("pg_dump"));
    assert!(refused(data, &with(&address, &["restore", "x.db"])).contains("--epoch-only"));
    let before = done(data, &with(&address, &["verify"]));
    done(data, &with(&address, &["restore", "--epoch-only"]));
    assert_ne!(done(data, &with(&address, &["verify"])), before);
    // A second organisation has to be named from now on.
    done(
        data,
        &with(&address, &["init", "--name", "Other", "--admin", "root"]),
    );
    assert!(refused(data, &with(&address, &["user", "list"])).contains("--org"));
    assert!(done(data, &with(&address, &["--org", "Other", "user", "list"])).starts_with("root\t"));
    let printed = done(data, &["--database", "postgres://ketu@db/ketu", "config"]);
    assert!(printed.contains("postgres://***@db/ketu"));
    // A password on the command line is seen by everybody on the machine.
    let shown = ["--database", "postgres://ketu:s3cret@db/ketu", "config"];
    let said = refused(data, &shown);
    assert!(
        said.contains("KETU_SERVER_DATABASE") && !said.contains("s3cret"),
        "{said}"
    );
}
