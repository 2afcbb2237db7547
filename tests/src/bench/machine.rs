//! The machine that figures belong to, in its own words.

/// Processor, cores, memory and system.
pub fn words() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let processor =
        value("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let memory = value("/proc/meminfo", "MemTotal")
        .and_then(|text| text.trim_end_matches(" kB").parse::<u64>().ok())
        .map_or_else(
            || "memory unknown".to_owned(),
            |kib| format!("{} GB", kib.div_ceil(1024 * 1024)),
        );
    let system = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let system = system
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))
        .unwrap_or(std::env::consts::OS);
    format!(
        "{processor}, {cores} cores, {memory}, {}",
        system.trim_matches('"')
    )
}

/// How many programs could run, on average over the last minute: what was measured beside others is slower.
pub fn busy() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("unknown").to_owned()
}

fn value(file: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
