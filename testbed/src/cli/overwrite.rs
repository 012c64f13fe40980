//! `--force`.

use clap::Args;

use crate::files::Existing;

/// Of every command that writes files.
#[derive(Args, Debug, Clone, Copy)]
pub(crate) struct Overwrite {
    /// Let results take the place of files that are there.
    #[arg(long)]
    force: bool,
}

impl Overwrite {
    pub(crate) fn existing(self) -> Existing {
        if self.force { Existing::Replaced } else { Existing::Stays }
    }
}
