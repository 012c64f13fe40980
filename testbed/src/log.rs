//! The log: on stderr warnings, or what `ESEAL_LOG` asks for; of a server also in a file of its folder, which `eseal logs` shows.
//!
//! The file is no evidence: what cannot be written to it is lost. It begins anew when it is full, and the one before is kept.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use world::text::VisibleLog;

use crate::folder::{NO_LINK, is_at};
use crate::output::complain;

/// How long a log file becomes, in bytes.
const LARGEST: u64 = 4 << 20;

static FILE: OnceLock<Mutex<LogFile>> = OnceLock::new();

/// Where the log of a folder's server lies, the older part first.
pub(crate) fn files(data: &Path) -> [PathBuf; 2] {
    ["server.log.1", "server.log"].map(|name| data.join("log").join(name))
}

/// Begins the log: warnings, or what `levels` asks for (`debug`, `signer=trace`). Without colours: an escape sequence in it comes
/// from a stranger, and is made visible.
pub(crate) fn start(levels: Option<&str>) {
    let levels = levels.filter(|levels| !levels.is_empty()).unwrap_or("warn");
    let filter = levels.parse::<Targets>().unwrap_or_else(|error| {
        complain(&format!("warning: ESEAL_LOG is not a log filter ({error}); warnings are shown"));
        Targets::new().with_default(LevelFilter::WARN)
    });
    let kept = filter.clone().with_target("eseal", LevelFilter::INFO); // when it started and stopped
    let lines = tracing_subscriber::fmt::layer().with_writer(|| VisibleLog(io::stderr())).with_ansi(false);
    let file = tracing_subscriber::fmt::layer().with_writer(|| VisibleLog(ToFile)).with_ansi(false);
    tracing_subscriber::registry().with(lines.with_filter(filter)).with(file.with_filter(kept)).init();
}

/// From now on the log also goes into a file of that folder.
pub(crate) fn keep_in(data: &Path) -> io::Result<()> {
    let [_, place] = files(data);
    let file = LogFile::open(place)?;
    let _ = FILE.set(Mutex::new(file)); // a process serves one folder
    Ok(())
}

/// Writes into the file, if there is one.
struct ToFile;

impl Write for ToFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match FILE.get() {
            Some(file) => file.lock().unwrap_or_else(PoisonError::into_inner).write(line),
            None => Ok(line.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file that begins anew when it is full.
struct LogFile {
    place: PathBuf,
    file: File,
    length: u64,
}

impl LogFile {
    fn open(place: PathBuf) -> io::Result<LogFile> {
        let folder = place.parent().unwrap_or(Path::new("."));
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let file = OpenOptions::new().append(true).create(true).mode(0o600).custom_flags(NO_LINK).open(&place)?;
        let length = file.metadata()?.len();
        Ok(LogFile { place, file, length })
    }

    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.length > 0 && self.length + line.len() as u64 > LARGEST {
            std::fs::rename(&self.place, self.place.with_extension("log.1"))?;
        }
        if !is_at(&self.file, &self.place) {
            *self = LogFile::open(self.place.clone())?; // it was full, or somebody removed it
        }
        self.file.write_all(line)?;
        self.length += line.len() as u64;
        Ok(line.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_begins_anew_and_the_one_before_is_kept() {
        let data = tempfile::tempdir().unwrap();
        let [older, place] = files(data.path());
        let mut log = LogFile::open(place.clone()).unwrap();
        let line = [b"x".repeat(1 << 20), b"\n".to_vec()].concat();
        for _ in 0..4 {
            log.write(&line).unwrap();
        }
        let lengths = || [&older, &place].map(|file| std::fs::metadata(file).map_or(0, |found| found.len()));
        let length = line.len() as u64;
        assert_eq!(lengths(), [3 * length, length], "four lines are more than it takes");
        std::fs::remove_file(&place).unwrap();
        log.write(b"later\n").unwrap();
        assert_eq!(std::fs::read_to_string(&place).unwrap(), "later\n");
        assert_eq!(lengths()[0], 3 * length);
    }
}
