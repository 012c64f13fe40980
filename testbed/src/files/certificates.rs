//! Certificates that a user names.

use std::path::Path;

use anyhow::{Result, bail};
use pki::Certificate;

use super::read;
use crate::invalid::Invalid;

/// The certificates of a file: PEM, one or several, or DER.
pub(crate) fn certificates(file: &Path) -> Result<Vec<Certificate>> {
    let bytes = read(file)?;
    let found = match std::str::from_utf8(&bytes) {
        Ok(text) if text.contains("-----BEGIN") => Certificate::from_pem_bundle(text),
        _ => Certificate::from_der(&bytes).map(|certificate| vec![certificate]),
    };
    let name = file.display().to_string();
    let none = |why: String| Invalid::new(&name, format!("{name} holds no certificates{why}"));
    let found = found.map_err(|error| none(format!(": {error}")))?;
    if found.is_empty() {
        bail!(none(String::new()));
    }
    Ok(found)
}
