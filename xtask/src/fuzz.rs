//! The fuzzing targets of `fuzz/`, run for a time each. They need the compiler's coverage counters and its address
//! sanitizer, which the stable compiler has as well and only does not promise to keep.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Parser;

use crate::evidence;
use crate::place::Place;
use crate::step::shown;

const TARGETS: [&str; 3] = ["push", "pull", "blob"];

/// What cargo-fuzz would say to the compiler.
const FLAGS: &str = "--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Zsanitizer=address";

/// Megabytes that one input may take, and seconds.
const MEMORY: u32 = 2_048;
const PATIENCE: u32 = 10;

#[derive(Parser)]
#[command(name = "soak fuzz")]
struct Asked {
    /// One target; all where absent
    #[arg(long)]
    target: Option<String>,
    /// Minutes for each
    #[arg(long, default_value_t = 30)]
    minutes: u32,
}

pub(crate) fn run(place: &Place, args: &[String]) -> Result<()> {
    let asked =
        Asked::try_parse_from(std::iter::once("fuzz").chain(args.iter().map(String::as_str)))?;
    let host = host(place)?;
    let built = place.made("fuzz");
    println!("building the targets (the first time: every dependency, some minutes)");
    let mut build = place.cargo();
    build.current_dir(place.path("fuzz"));
    build.args([
        "build",
        "--quiet",
        "--locked",
        "--release",
        "--target",
        &host,
    ]);
    build.env("CARGO_TARGET_DIR", &built);
    build.env("RUSTFLAGS", FLAGS).env("RUSTC_BOOTSTRAP", "1");
    shown(&mut build)?;
    for target in TARGETS {
        if asked.target.as_ref().is_none_or(|wanted| wanted == target) {
            let program = built.join(&host).join("release").join(target);
            let found = built.join("found").join(target);
            let began = Instant::now();
            let counts = one(place, target, &program, &found, asked.minutes)?;
            println!("{target}: {counts}");
            evidence::note(place, &format!("fuzz {target}"), &counts, began.elapsed())?;
        }
    }
    Ok(())
}

/// Runs one target; what it counted. New inputs go to `found`, beside the corpus that is kept.
fn one(place: &Place, target: &str, program: &Path, found: &Path, minutes: u32) -> Result<String> {
    fs::create_dir_all(found)?;
    let faults = found.with_file_name(format!("{target}-faults"));
    fs::create_dir_all(&faults)?;
    let mut run = Command::new(program);
    run.arg(found).arg(place.path("fuzz/corpus").join(target));
    run.arg(format!("-max_total_time={}", minutes * 60));
    run.arg(format!("-rss_limit_mb={MEMORY}"))
        .arg(format!("-timeout={PATIENCE}"));
    run.arg(format!("-artifact_prefix={}/", faults.display()));
    run.args(["-print_final_stats=1", "-verbosity=1", "-max_len=8192"]);
    let output = run
        .stdout(Stdio::null())
        .output()
        .context("the target starts")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        for line in said
            .lines()
            .rev()
            .take(60)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
        {
            println!("  {line}");
        }
        bail!("{target}: a fault, kept in {}", faults.display());
    }
    Ok(counts(&said))
}

/// What libFuzzer says at the end, and its last line of coverage.
fn counts(said: &str) -> String {
    let stat = |name: &str| {
        let line = said.lines().find(|line| line.contains(name));
        line.and_then(|line| line.rsplit(' ').next())
            .unwrap_or("?")
            .to_owned()
    };
    let covered = said.lines().rev().find_map(|line| {
        let mut words = line.split_whitespace().skip_while(|word| *word != "cov:");
        words.nth(1)
    });
    format!(
        "{} inputs, {} new, {} edges covered, 0 faults, at most {} MB",
        stat("stat::number_of_executed_units"),
        stat("stat::new_units_added"),
        covered.unwrap_or("?"),
        stat("stat::peak_rss_mb"),
    )
}

fn host(place: &Place) -> Result<String> {
    let output = place.command("rustc", ".").arg("-vV").output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc names its host")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_are_those_of_the_last_lines() {
        let said = "#2 INITED cov: 10 ft: 11 corp: 1/1b\n#9 NEW cov: 12 ft: 15 corp: 2/3b\n\
                    stat::number_of_executed_units: 900\nstat::new_units_added:          4\nstat::peak_rss_mb:              77\n";
        assert_eq!(
            counts(said),
            "900 inputs, 4 new, 12 edges covered, 0 faults, at most 77 MB"
        );
    }
}
