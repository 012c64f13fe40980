//! What the system tells of this process, under the names that Prometheus' own client libraries give it. On Linux, from `/proc`
//! (proc(5)); elsewhere nothing is told.

use std::fs;

use super::page::{Family, Kind, Page};

const fn gauge(name: &'static str, help: &'static str) -> Family {
    Family { name, kind: Kind::Gauge, help }
}

const MEMORY: Family = gauge("process_resident_memory_bytes", "Resident memory size in bytes.");
const FILES: Family = gauge("process_open_fds", "Number of open file descriptors.");
const MOST_FILES: Family = gauge("process_max_fds", "Maximum number of open file descriptors.");
const THREADS: Family = gauge("process_threads", "Number of threads.");

/// Writes memory, open files and threads of this process.
pub fn write_process(page: &mut Page) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let number = |name: &str| -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.split_whitespace().next()?.parse().ok()
    };
    if let Some(kilobytes) = number("VmRSS") {
        page.sample(&MEMORY, &[], kilobytes * 1024);
    }
    if let Some(threads) = number("Threads") {
        page.sample(&THREADS, &[], threads);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        page.sample(&FILES, &[], open.count().saturating_sub(1)); // without the one that reads this folder
    }
    #[cfg(unix)]
    if let Some(most) = rustix::process::getrlimit(rustix::process::Resource::Nofile).current {
        page.sample(&MOST_FILES, &[], most);
    }
}
