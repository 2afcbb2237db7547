//! What a fresh machine lacks, installed by the ordinary package tools. Everything present is skipped.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::place::Place;
use crate::step::{answers, shown};

/// Debian packages that building the window needs.
const TO_BUILD: &[&str] = &[
    "build-essential",
    "pkg-config",
    "libwebkit2gtk-4.1-dev",
    "libayatana-appindicator3-dev",
    "librsvg2-dev",
    "libssl-dev",
];
/// Debian packages that opening the window without a display needs, and driving it.
const TO_DRIVE: &[&str] = &[
    "webkit2gtk-driver",
    "xvfb",
    "dbus",
    "fonts-noto-cjk",
    "python3-dbusmock",
    "chromium",
];

/// Debian packages that the server's tests need: they run on SQLite and on PostgreSQL.
const TO_SERVE: &[&str] = &["postgresql", "python3-venv"];

pub(crate) fn to_build(place: &Place) -> Result<()> {
    debian(TO_BUILD)?;
    node_is_new_enough()?;
    npm(place, "ui")
}

pub(crate) fn to_drive(place: &Place) -> Result<()> {
    debian(TO_DRIVE)?;
    npm(place, "tests/e2e")
}

pub(crate) fn to_serve() -> Result<()> {
    debian(TO_SERVE)
}

/// PouchDB, which the bench of synchronisation is compared with.
pub(crate) fn to_compare(place: &Place) -> Result<()> {
    node_is_new_enough()?;
    npm(place, "tests/pouchdb")
}

/// schemathesis, which tries the server's routes as they are described: in a Python environment of its own, as
/// tests/api/requirements.txt says. Answers the program.
pub(crate) fn schemathesis(place: &Place) -> Result<PathBuf> {
    let wanted = fs::read(place.path("tests/api/requirements.txt"))?;
    let folder = place.made("api-check");
    let (program, kept) = (
        folder.join("bin/schemathesis"),
        folder.join("requirements.txt"),
    );
    let is_there = fs::read(&kept).is_ok_and(|kept| kept == wanted);
    if is_there && answers(Command::new(&program).arg("--version")) {
        return Ok(program);
    }
    println!("installing schemathesis");
    let mut environment = Command::new("python3");
    shown(environment.args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut install = Command::new(folder.join("bin/python"));
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]);
    shown(
        install
            .arg("--requirement")
            .arg(place.path("tests/api/requirements.txt")),
    )?;
    // Last, so that an environment that was left half made is made anew.
    fs::write(kept, wanted)?;
    Ok(program)
}

fn debian(packages: &[&str]) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    if !answers(Command::new("dpkg-query").arg("--version")) {
        println!("not a Debian system; these packages, or what they are called here, are needed:");
        println!("  {}", packages.join(" "));
        return Ok(());
    }
    let missing: Vec<&str> = packages
        .iter()
        .copied()
        .filter(|package| !is_installed(package))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("installing Debian packages: {}", missing.join(" "));
    shown(apt_get().args(["-qq", "update"]))?;
    shown(
        apt_get()
            .args(["-qq", "-y", "--no-install-recommends", "install"])
            .args(&missing),
    )
}

fn is_installed(package: &str) -> bool {
    let asked = Command::new("dpkg-query")
        .args(["--show", "--showformat=${db:Status-Status}", package])
        .output();
    asked.is_ok_and(|answer| answer.stdout == b"installed")
}

/// As root itself, otherwise through sudo, which asks the person.
fn apt_get() -> Command {
    let is_root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    let mut command = if is_root {
        Command::new("apt-get")
    } else {
        Command::new("sudo")
    };
    if !is_root {
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    }
    // Installed packages write much that nobody reads; apt's own errors are on the other stream.
    command
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdout(std::process::Stdio::null());
    command
}

fn node_is_new_enough() -> Result<()> {
    let version = Command::new("node")
        .arg("--version")
        .output()
        .map(|answer| answer.stdout)
        .unwrap_or_default();
    let version = String::from_utf8_lossy(&version).trim().to_owned();
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    ensure!(
        major >= Some(20),
        "Node.js 20 or newer is needed to build the window's page (found: {version:?})"
    );
    Ok(())
}

/// Installs exactly what the lock file says, unless that was done since the lock file changed.
fn npm(place: &Place, folder: &str) -> Result<()> {
    let changed = |path: &str| {
        fs::metadata(place.path(folder).join(path))
            .and_then(|file| file.modified())
            .ok()
    };
    let locked = changed("package-lock.json");
    if locked.is_some() && changed("node_modules/.package-lock.json") >= locked {
        return Ok(());
    }
    println!("installing npm packages of {folder}");
    shown(
        place
            .command("npm", folder)
            .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]),
    )
}

/// cargo-deny guards licences and sources. Compiled without optimisation it is there in a minute and a half.
pub(crate) fn cargo_deny(place: &Place) -> Result<()> {
    if answers(place.cargo().args(["deny", "--version"])) {
        return Ok(());
    }
    println!("installing cargo-deny (some 90 s on 2 cores)");
    let install = ["install", "--quiet", "--locked", "--debug", "cargo-deny"];
    // A target folder of its own, so that it does not wait for or crowd ours.
    shown(place.cargo().args(install).env_remove("CARGO_TARGET_DIR"))
}

/// cargo-nextest takes minutes to install, so it is used where it is and done without where it is not.
pub(crate) fn has_nextest(place: &Place) -> bool {
    answers(place.cargo().args(["nextest", "--version"]))
}
