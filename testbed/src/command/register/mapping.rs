//! The mapping beside a register. In: the option that names its file. Out: its octets, or what is wrong with it, by its name.

use std::path::Path;

use anyhow::Result;
use bytes::Bytes;
use issuer::register::Mapping;

use crate::cli::IssueArgs;
use crate::files;
use crate::invalid::Invalid;

/// The octets of the mapping, which is looked at before any register is.
pub(in crate::command) fn mapping(args: &IssueArgs) -> Result<Option<Bytes>> {
    let Some(file) = args.register.map.as_deref() else { return Ok(None) };
    let octets = files::read(file)?;
    // What is no UTF-8 the issuer refuses.
    if let Ok(text) = std::str::from_utf8(&octets) {
        let name = file.display().to_string();
        Mapping::read(text).map_err(|problem| Invalid::of_toml(&name, &[problem]))?;
    }
    Ok(Some(octets))
}

/// What an error is about: the mapping, if that is what it says, else the register.
pub(in crate::command) fn about(register: &Path, args: &IssueArgs, error: &anyhow::Error) -> String {
    let mapping = args.register.map.as_deref().filter(|_| error.to_string().starts_with("mapping: "));
    mapping.unwrap_or(register).display().to_string()
}
