//! Where worlds are: a folder in the testbed's folder, an address below the testbed's address, both by the world's name.

use std::path::{Path, PathBuf};

/// The folder of a world.
pub fn folder(data: &Path, name: &str) -> PathBuf {
    data.join("worlds").join(name)
}

/// Whether there is a world of that name.
pub fn exists(data: &Path, name: &str) -> bool {
    world_name(name).is_ok() && is_there(&folder(data, name))
}

/// Whether that is the folder of a world: with its database, or the mark that says where it is.
fn is_there(folder: &Path) -> bool {
    folder.join("world.db").exists() || world::store::postgres::is_marked(folder)
}

/// A world's name, if it is one.
///
/// # Errors
/// The rule.
pub fn world_name(text: &str) -> Result<String, String> {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.is_empty() || text.len() > 40 || !text.chars().all(fine) || text.starts_with('-') {
        return Err("a world's name has 1 to 40 of a-z, 0-9 and -, and begins with no -".into());
    }
    Ok(text.into())
}

/// Address of a world of the testbed at `base`.
pub fn world_base(base: &str, world: &str) -> String {
    if world == "default" { base.to_owned() } else { format!("{base}/w/{world}") }
}
