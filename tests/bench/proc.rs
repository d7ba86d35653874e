//! What the system says about a process. Linux only.

use std::time::{Duration, Instant};

/// Processor seconds used so far, all threads.
#[allow(dead_code, reason = "not every bench needs all of them")]
pub fn cpu(pid: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<&str> = text.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
    let ticks = |n: usize| fields.get(n).and_then(|v| v.parse::<f64>().ok()).unwrap_or(0.0);
    // User and system time, in hundredths of a second on every Linux we know.
    (ticks(11) + ticks(12)) / 100.0
}

/// Resident memory in MB.
#[allow(dead_code, reason = "not every bench needs all of them")]
pub fn rss(pid: u32) -> f64 {
    status(pid, "VmRSS:")
}

/// A size of `/proc/<pid>/status` in MB.
#[allow(dead_code, reason = "not every bench needs all of them")]
fn status(pid: u32, name: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix(name)).unwrap_or("0");
    line.split_whitespace().next().and_then(|v| v.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

/// Highest resident memory so far, in MB.
#[allow(dead_code, reason = "not every bench needs all of them")]
pub fn peak(pid: u32) -> f64 {
    status(pid, "VmHWM:")
}

/// The process and all that it started.
#[allow(dead_code, reason = "not every bench needs all of them")]
pub fn family(pid: u32) -> Vec<u32> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let children = text.split_whitespace().filter_map(|p| p.parse().ok());
    std::iter::once(pid).chain(children.flat_map(family)).collect()
}

/// Waits until the process does nothing any more; returns the seconds that took.
#[allow(dead_code, reason = "not every bench needs all of them")]
pub fn until_idle(pid: u32) -> f64 {
    let from = Instant::now();
    let mut last = cpu(pid);
    let mut calm = 0;
    while calm < 5 && from.elapsed() < Duration::from_mins(10) {
        std::thread::sleep(Duration::from_millis(300));
        let now = cpu(pid);
        calm = if now - last < 0.015 { calm + 1 } else { 0 };
        last = now;
    }
    (from.elapsed().as_secs_f64() - 1.5).max(0.0)
}

/// Seconds since 1970, for signatures that the real server checks against the real time.
#[allow(dead_code, reason = "not every bench needs all of them")]
#[expect(clippy::disallowed_methods, reason = "a bench talks to a real server")]
pub fn unix_time() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs())
}
