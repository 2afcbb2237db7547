//! A child process with its time and the most memory that it and its own children ever held.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::Value as Json;

/// How often the system is asked: not so often that what is measured has to wait for it. The mark of the most memory only
/// grows, so that little is missed.
const TICK: Duration = Duration::from_millis(10);

#[derive(Debug)]
pub struct Watched {
    pub seconds: f64,
    /// The child's own peak and the highest of its children's, together; none where the system does not tell.
    pub megabytes: Option<f64>,
    pub answer: Json,
}

/// Runs a program to its end. It answers with one JSON document.
pub fn watch(command: &mut Command) -> Result<Watched> {
    let began = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut own = None;
    let mut children: BTreeMap<String, u64> = BTreeMap::new();
    let stdout = child.stdout.take();
    let answer = std::thread::spawn(move || stdout.map(std::io::read_to_string));
    let status = loop {
        own = most_memory(&child.id().to_string()).or(own);
        for pid in children_of(child.id()) {
            if let Some(most) = most_memory(&pid) {
                children.insert(pid, most);
            }
        }
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(TICK);
    };
    let seconds = began.elapsed().as_secs_f64();
    ensure!(
        status.success(),
        "{} ended with {status}",
        command.get_program().to_string_lossy()
    );
    let text = answer
        .join()
        .ok()
        .flatten()
        .transpose()?
        .unwrap_or_default();
    let kib = own.map(|own| own + children.values().max().copied().unwrap_or(0));
    #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
    let megabytes = kib.map(|kib| kib as f64 * 1024.0 / 1e6);
    Ok(Watched {
        seconds,
        megabytes,
        answer: serde_json::from_str(&text)?,
    })
}

/// KiB, as Linux keeps the mark.
pub(super) fn most_memory(pid: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

fn children_of(pid: u32) -> Vec<String> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let lists = threads
        .flatten()
        .filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| {
            list.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
#[cfg(target_os = "linux")]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_a_child_and_of_its_child_are_both_seen() {
        let held = |script: &str| {
            let mut command = Command::new("sh");
            watch(command.args(["-c", script]))
                .unwrap()
                .megabytes
                .unwrap()
        };
        // A shell holds a variable of 40 MB, itself or in a shell that it starts.
        let fill = "x=$(head -c 40000000 /dev/zero | tr '\\0' x); sleep 0.1; echo 1";
        let (none, own) = (held("sleep 0.1; echo 1"), held(fill));
        let below = held(&format!(
            "sh -c '{}'; sleep 0.1",
            fill.replace('\'', "'\\''")
        ));
        assert!(own > none + 30.0, "{none} {own}");
        assert!(below > none + 30.0, "{none} {below}");
    }
}
