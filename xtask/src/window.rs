//! Building the window and opening it, on a desktop or, without one, for a picture.

use std::process::Command;

use anyhow::Result;

use crate::place::Place;
use crate::step::shown;
use crate::tools;

pub(crate) fn run(place: &Place, release: bool, args: &[String]) -> Result<()> {
    tools::to_build(place)?;
    println!("building the page");
    shown(&mut page(place))?;
    println!("building the window (the first time: every dependency, some minutes)");
    shown(&mut program(place, release))?;
    let program = place.built("ketu-desktop", release);
    if has_display() {
        println!("opening {}", program.display());
        return shown(Command::new(program).args(args));
    }
    println!("no display here: opening it on a display of its own, with the sample company");
    tools::to_drive(place)?;
    let mut tour = place.command("node", "tests/e2e");
    shown(tour.arg("tour.mjs").env("KETU_DESKTOP", program))
}

fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Builds ui/dist.
pub(crate) fn page(place: &Place) -> Command {
    let mut command = place.command("npm", "ui");
    command.args(["run", "--silent", "build", "--", "--logLevel", "warn"]);
    command
}

/// Builds the programs. In a debug build all packages with all features, as the tests do: asked for one package
/// alone, cargo would choose other features for shared dependencies and compile them twice.
pub(crate) fn program(place: &Place, release: bool) -> Command {
    let mut command = place.cargo();
    if release {
        command.args([
            "build",
            "--release",
            "--package",
            "ketu-desktop",
            "--features",
            "custom-protocol",
        ]);
    } else {
        command.args(["build", "--workspace", "--all-features", "--bins"]);
    }
    command
}
