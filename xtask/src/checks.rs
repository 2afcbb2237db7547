//! Every check and test in order, quick ones first, until one fails. The last lines are the runners' own counts.

use anyhow::Result;

use crate::place::Place;
use crate::step::Steps;
use crate::{tools, window};

pub(crate) fn run(place: &Place) -> Result<()> {
    tools::to_build(place)?;
    tools::to_drive(place)?;
    tools::to_serve()?;
    let schemathesis = tools::schemathesis(place)?;
    tools::cargo_deny(place)?;

    let cargo = |args: &[&str]| {
        let mut command = place.cargo();
        command.args(args);
        command
    };
    let npm = |args: &[&str]| {
        let mut command = place.command("npm", "ui");
        command.args(["run", "--silent"]).args(args);
        command
    };
    let mut steps = Steps::new(place.path("out/test"))?;
    steps.run("format", [cargo(&["fmt", "--all", "--check"])])?;
    let strict = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--",
        "--deny",
        "warnings",
    ];
    steps.run("clippy", [cargo(&strict)])?;
    steps.run(
        "licences and sources",
        [cargo(&["deny", "check", "bans", "licenses", "sources"])],
    )?;
    let [e2e_check, pouchdb_check] = ["tests/e2e", "tests/pouchdb"].map(|folder| {
        let mut check = place.command("node", folder);
        check.args([
            "../../ui/node_modules/@biomejs/biome/bin/biome",
            "check",
            ".",
        ]);
        check
    });
    steps.run("page check", [npm(&["check"]), e2e_check, pouchdb_check])?;
    let page_tests = steps.run("page tests", [npm(&["test"])])?;

    // The layout test and the freshness of the TypeScript contract are among these.
    let nextest = tools::has_nextest(place);
    let tests = if nextest {
        cargo(&[
            "nextest",
            "run",
            "--workspace",
            "--all-features",
            "--profile",
            "ci",
        ])
    } else {
        cargo(&["test", "--workspace", "--all-features", "--no-fail-fast"])
    };
    let tests = steps.run("tests", [tests])?;

    steps.run("page build", [window::page(place)])?;
    steps.run("window build", [window::program(place, false)])?;
    let mut api = place.command("python3", "tests/api");
    api.arg("check.py");
    api.arg(place.built("ketu-server", false)).arg(schemathesis);
    let api = steps.run("routes as described", [api])?;
    let mut e2e = place.command("node", "tests/e2e");
    e2e.args(["--test", "--test-concurrency=1", "--test-reporter=spec"]);
    e2e.env("KETU_DESKTOP", place.built("ketu-desktop", false));
    e2e.env("KETU", place.built("ketu", false));
    let in_the_window = steps.run("end to end", [e2e])?;

    steps.print_times();
    println!("\ncounts");
    print_counts("page", &page_tests, &["Test Files", "Tests"]);
    print_counts("routes", &api, &["Selected:", "Tested:"]);
    for line in api.lines().filter(|line| line.contains(" generated, ")) {
        println!("  routes  {}", line.trim());
    }
    print_counts(
        "window",
        &in_the_window,
        &["ℹ tests", "ℹ pass", "ℹ fail", "ℹ skipped"],
    );
    if nextest {
        print_counts("tests", &tests, &["Summary"]);
        for line in tests
            .lines()
            .filter(|line| line.contains(" broke a promise"))
        {
            println!("  simulator  {}", line.trim());
        }
    } else {
        println!("  tests  {}", summed(&tests));
    }
    Ok(())
}

/// Repeats the lines in which a runner counts.
fn print_counts(name: &str, output: &str, starts: &[&str]) {
    for line in output.lines().map(str::trim) {
        if starts.iter().any(|start| line.starts_with(start)) {
            println!("  {name}  {line}");
        }
    }
}

/// `cargo test` counts for each program by itself.
fn summed(output: &str) -> String {
    let mut sums = [0_u64; 3];
    for line in output
        .lines()
        .filter(|line| line.starts_with("test result:"))
    {
        for part in line.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let (count, what) = (
                words.next().and_then(|word| word.parse::<u64>().ok()),
                words.next(),
            );
            let place = ["passed", "failed", "ignored"]
                .iter()
                .position(|known| Some(*known) == what);
            if let (Some(count), Some(place)) = (count, place) {
                sums[place] += count;
            }
        }
    }
    let [passed, failed, ignored] = sums;
    format!(
        "{} tests run: {passed} passed, {failed} failed, {ignored} skipped",
        passed + failed
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_several_programs_are_summed() {
        let output = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
                      noise 7 passed;\n\
                      test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        assert_eq!(summed(output), "7 tests run: 7 passed, 0 failed, 1 skipped");
    }
}
