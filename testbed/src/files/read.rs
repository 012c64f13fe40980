//! Reading what a user names: never more than can be used, also of a device that never ends.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use super::{Error, is_stdin};

/// The largest input, in octets: as much as the services take of a PDF.
const LARGEST: u64 = 128 << 20;

/// The longest line of a file that is read line by line.
const LONGEST_LINE: usize = 4 << 20;

/// What stdin gave: nothing yet, its bytes, or that they were taken.
static STDIN: Mutex<Option<Option<Bytes>>> = Mutex::new(None);

/// Reads stdin to its end before the command takes the folder: in `eseal seal - | eseal verify -` the second would else keep
/// it from the first, for whose words it waits.
pub(crate) fn await_stdin() -> Result<(), Error> {
    let bytes = bounded(io::stdin().lock(), Path::new("-"), LARGEST)?;
    *STDIN.lock().unwrap_or_else(PoisonError::into_inner) = Some(Some(bytes));
    Ok(())
}

/// Reads a file, or takes what stdin gave, which can be done once.
pub(crate) fn read(path: &Path) -> Result<Bytes, Error> {
    if !is_stdin(path) {
        return bounded(open(path)?, path, LARGEST);
    }
    if STDIN.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
        await_stdin()?;
    }
    let mut stdin = STDIN.lock().unwrap_or_else(PoisonError::into_inner);
    stdin.as_mut().and_then(Option::take).ok_or(Error::StdinTaken)
}

/// The same of something to be hashed: a regular file may be of any size.
pub(crate) fn read_regular(path: &Path) -> Result<Bytes, Error> {
    match path.metadata() {
        Ok(found) if found.is_file() && !is_stdin(path) => bounded(open(path)?, path, found.len().max(LARGEST)),
        _ => read(path),
    }
}

fn open(path: &Path) -> Result<File, Error> {
    File::open(path).map_err(|source| Error::Unreadable { file: path.into(), source })
}

fn bounded(source: impl Read, path: &Path, most: u64) -> Result<Bytes, Error> {
    let mut bytes = Vec::new();
    let read = source.take(most + 1).read_to_end(&mut bytes);
    read.map_err(|source| Error::Unreadable { file: path.into(), source })?;
    if bytes.len() as u64 > most {
        return Err(Error::TooLarge { file: path.into(), most: most >> 20 });
    }
    Ok(bytes.into())
}

/// A file of any length, or stdin, that is read line by line, each of which has an end.
pub(crate) fn reader(path: &Path) -> Result<impl BufRead, Error> {
    let source: Box<dyn BufRead> = if is_stdin(path) {
        match STDIN.lock().unwrap_or_else(PoisonError::into_inner).replace(None) {
            None => Box::new(io::stdin().lock()),
            Some(Some(bytes)) => Box::new(io::Cursor::new(bytes)),
            Some(None) => return Err(Error::StdinTaken),
        }
    } else {
        Box::new(BufReader::new(open(path)?))
    };
    Ok(Lines { source, length: 0 })
}

struct Lines {
    source: Box<dyn BufRead>,
    /// Octets of the line that is being read.
    length: usize,
}

impl BufRead for Lines {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.length > LONGEST_LINE {
            let problem = format!("a line is longer than {} MiB", LONGEST_LINE >> 20);
            return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
        }
        self.source.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        let read = self.source.fill_buf().unwrap_or_default(); // there already: nothing is read
        let read = &read[..count.min(read.len())];
        self.length = match read.iter().rposition(|octet| *octet == b'\n') {
            Some(end) => read.len() - end - 1,
            None => self.length + read.len(),
        };
        self.source.consume(count);
    }
}

impl Read for Lines {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_ends_is_not_read_to_its_end() {
        let zeros = Path::new("/dev/zero");
        assert!(matches!(bounded(open(zeros).unwrap(), zeros, 1 << 20), Err(Error::TooLarge { most: 1, .. })));
        assert_eq!(bounded(&b"whole"[..], zeros, 5).unwrap(), &b"whole"[..]);
        let line = reader(zeros).unwrap().lines().next().unwrap();
        assert!(line.unwrap_err().to_string().contains("longer than 4 MiB"));
        let nothing = reader(Path::new("/dev/null")).unwrap().lines().count();
        assert_eq!(nothing, 0);
    }
}
