//! The token of an exposed server: what `ESEAL_TOKEN` says, else what the folder keeps in `token`, which is made once. Whoever wants
//! another removes the file.

use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, Result};
use tempfile::NamedTempFile;
use world::guard::Token;

use crate::invalid::Invalid;

/// The token that counts from now on.
pub(super) fn of(data: &Path, given: Option<&str>) -> Result<Token> {
    if let Some(given) = given {
        return given
            .parse()
            .map_err(|error| Invalid::new("--token", format!("--token or ESEAL_TOKEN: {error}")).into());
    }
    let file = data.join("token");
    let cannot = || format!("cannot use {}", file.display());
    match std::fs::read_to_string(&file) {
        Ok(text) => {
            let name = file.display().to_string();
            let token = text.trim().parse();
            token.map_err(|error| Invalid::new(&name, format!("{name}: {error}; if it is removed, one is made")).into())
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let token = Token::random();
            let written = || -> std::io::Result<()> {
                let mut draft = NamedTempFile::new_in(data)?; // its owner's only, and whole or not at all
                writeln!(draft, "{}", token.as_str())?;
                draft.as_file().sync_all()?;
                draft.persist(&file)?;
                Ok(())
            };
            written().with_context(cannot)?;
            Ok(token)
        }
        Err(error) => Err(error).with_context(cannot),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_token_is_made_once_and_kept_for_its_owner_and_one_that_is_given_counts() {
        let folder = tempfile::tempdir().unwrap();
        let token = of(folder.path(), None).unwrap();
        assert_eq!(of(folder.path(), None).unwrap(), token);
        let mode = std::fs::metadata(folder.path().join("token")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(of(folder.path(), Some("0123456789abcdef")).unwrap().as_str(), "0123456789abcdef");
        assert!(of(folder.path(), Some("short")).unwrap_err().to_string().contains("16 to 512"));
        std::fs::write(folder.path().join("token"), "short").unwrap();
        assert!(of(folder.path(), None).unwrap_err().to_string().contains("if it is removed"));
    }
}
