//! A throw-away PostgreSQL: a cluster of its own for one test, on a Unix socket in a temporary folder, ended with
//! the test however that ends. Standard library only, so that other crates of tests can take the file as it is.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// The folders where the programs may be: Debian's, then what the path finds.
const PROGRAMS: &[&str] = &[
    "/usr/lib/postgresql/15/bin",
    "/usr/lib/postgresql/16/bin",
    "/usr/lib/postgresql/17/bin",
    "/usr/local/bin",
    "/usr/bin",
];

/// A cluster for tests has nothing to lose, and finds deadlocks soon.
const SETTINGS: &[&str] = &[
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "listen_addresses=",
    "max_connections=60",
    "shared_buffers=64MB",
    "deadlock_timeout=50ms",
    "autovacuum=off",
];

#[derive(Debug)]
pub struct Cluster {
    process: Child,
    folder: PathBuf,
}

impl Cluster {
    /// Starts a cluster and returns once it takes connections.
    pub fn start() -> Self {
        Self::with(SETTINGS)
    }

    /// As [`Self::start`], with these settings instead of those for tests.
    pub fn with(settings: &[&str]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("ketu-pg-{}-{n}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        run(Command::new("cp").arg("-a").arg(template()).arg(&folder));
        let mut command = as_its_user(&program("postgres"));
        command.arg("-D").arg(&folder).arg("-k").arg(&folder);
        for setting in settings {
            command.arg("-c").arg(setting);
        }
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("postgres can be started");
        let mut said = BufReader::new(process.stderr.take().expect("standard error is a pipe"));
        let mut log = String::new();
        loop {
            let mut line = String::new();
            let read = said.read_line(&mut line).expect("postgres says something");
            assert!(read > 0, "postgres ended before it was ready:\n{log}");
            log.push_str(&line);
            if line.contains("ready to accept connections") {
                break;
            }
        }
        // What it says later is read away, so that it never waits for a reader.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Self { process, folder }
    }

    /// The address of its one database, as `ketu-server --database` takes it.
    pub fn address(&self) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{folder}/postgres")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // An immediate end, by its own process id: nothing in it is kept.
        let id = self.process.id().to_string();
        let _ = Command::new("kill").args(["-QUIT", &id]).status();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A fresh cluster's folder, made once on this machine and copied for each test: a copy takes 50 ms, making
/// one a second.
fn template() -> PathBuf {
    let temporary = std::env::temp_dir();
    let initdb = program("initdb");
    let version = Command::new(&initdb)
        .arg("--version")
        .output()
        .expect("initdb runs");
    let version: String = String::from_utf8_lossy(&version.stdout)
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    let ready = temporary.join(format!("ketu-pg-template-{version}-{}", own_id()));
    if ready.is_dir() {
        return ready;
    }
    let making = temporary.join(format!("ketu-pg-making-{}", std::process::id()));
    let _ = fs::remove_dir_all(&making);
    fs::create_dir(&making).expect("the temporary folder can be written");
    if own_id() == 0 {
        run(Command::new("chown").arg("postgres:").arg(&making));
    }
    run(as_its_user(&initdb)
        .args(["--auth=trust", "--username=postgres", "--encoding=UTF8"])
        .args(["--locale=C", "--no-sync", "--wal-segsize=1", "-D"])
        .arg(&making));
    // Another test may have been quicker; its template is as good.
    if fs::rename(&making, &ready).is_err() {
        let _ = fs::remove_dir_all(&making);
    }
    ready
}

/// Never skipped: a suite that ran on one store only would say it ran on both.
fn program(name: &str) -> PathBuf {
    PROGRAMS
        .iter()
        .map(|folder| Path::new(folder).join(name))
        .find(|path| path.exists())
        .unwrap_or_else(|| {
            panic!(
                "`{name}` is not installed: these tests need PostgreSQL (apt-get install postgresql-15, \
                 or `cargo xtask run --install`)"
            )
        })
}

/// PostgreSQL refuses to run as root; and it is told to end when the thread that started it is gone, so that a
/// test that is killed leaves nothing behind.
fn as_its_user(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if own_id() == 0 {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command
        .arg("--pdeathsig=QUIT")
        .arg("--")
        .arg(program)
        .current_dir("/");
    command
}

#[cfg(unix)]
fn own_id() -> u32 {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").map_or(0, |me| me.uid())
}

/// Nothing of it runs there, but what includes this file is compiled.
#[cfg(not(unix))]
fn own_id() -> u32 {
    1
}

fn run(command: &mut Command) {
    let done = command.output().expect("the program is there");
    assert!(
        done.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
}
