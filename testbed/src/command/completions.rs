//! `eseal completions`: what completes commands and options in a shell, from the command line's own description.

use anyhow::Result;
use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::files::{self, Existing};

pub(super) fn run(shell: Shell) -> Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "eseal", &mut script);
    files::write("-".as_ref(), &script, Existing::Stays)?;
    Ok(0)
}
