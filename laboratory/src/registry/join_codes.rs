//! Join codes: which code lets a group into which world of an exposed server. They are kept beside the worlds and not in them: a
//! world that was saved elsewhere brings nobody along.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use tempfile::NamedTempFile;
use world::guard::JoinCode;

use super::RegistryError;

/// The file in the testbed's folder.
const FILE: &str = "join-codes.json";

/// Held by whoever changes the file in this process; the folder is one process's.
static CHANGING: Mutex<()> = Mutex::new(());

/// The codes of all worlds.
///
/// # Errors
/// If the file cannot be read, or is another's.
pub fn join_codes(data: &Path) -> Result<BTreeMap<String, JoinCode>, RegistryError> {
    let file = data.join(FILE);
    let failed = |source| RegistryError::Unreadable { file: file.clone(), source };
    match std::fs::read(&file) {
        Ok(text) => serde_json::from_slice(&text).map_err(|error| failed(error.into())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(failed(error)),
    }
}

/// Gives a world another code, or none.
///
/// # Errors
/// If the file cannot be read or written.
pub fn set_join_code(data: &Path, world: &str, code: Option<&JoinCode>) -> Result<(), RegistryError> {
    let _alone = CHANGING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut codes = join_codes(data)?;
    let changed = match code {
        Some(code) => codes.insert(world.into(), code.clone()).as_ref() != Some(code),
        None => codes.remove(world).is_some(),
    };
    if !changed {
        return Ok(());
    }
    let file = data.join(FILE);
    let written = || -> std::io::Result<()> {
        let mut draft = NamedTempFile::new_in(data)?; // its owner's only
        serde_json::to_writer_pretty(&mut draft, &codes)?;
        draft.flush()?;
        draft.as_file().sync_all()?;
        draft.persist(&file)?;
        Ok(())
    };
    written().map_err(|source| RegistryError::Unreadable { file: file.clone(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_kept_until_it_is_another_or_none() {
        let data = tempfile::tempdir().unwrap();
        let (one, other) = (JoinCode::random(), JoinCode::random());
        assert_eq!(join_codes(data.path()).unwrap(), BTreeMap::new());
        set_join_code(data.path(), "class", Some(&one)).unwrap();
        set_join_code(data.path(), "other", Some(&other)).unwrap();
        set_join_code(data.path(), "class", Some(&other)).unwrap();
        set_join_code(data.path(), "other", None).unwrap();
        set_join_code(data.path(), "none", None).unwrap();
        assert_eq!(join_codes(data.path()).unwrap(), BTreeMap::from([("class".to_owned(), other)]));
        std::fs::write(data.path().join(FILE), "[").unwrap();
        assert!(join_codes(data.path()).unwrap_err().to_string().contains(FILE));
    }
}
