//! `eseal man`: manual pages, from the command line's own description. A page a command, `eseal-world-new.1`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use serde::Serialize;

use crate::cli::{Cli, ManArgs};
use crate::files::{self, Existing};
use crate::output::Output;

/// Pages that were written.
#[derive(Serialize)]
struct WrittenPages {
    folder: String,
    pages: usize,
}

pub(super) fn run(args: &ManArgs, output: Output) -> Result<u8> {
    let mut command = Cli::command();
    command.build(); // so that commands of commands know their whole names, and the options that all take
    let Some(folder) = &args.folder else {
        files::write(Path::new("-"), &page(&command)?, Existing::Stays)?;
        return Ok(0);
    };
    files::check_folder(folder)?;
    let mut pages = Vec::new();
    collect(&command, &mut pages)?;
    let placed: Vec<(PathBuf, &Vec<u8>)> = pages.iter().map(|(name, page)| (folder.join(name), page)).collect();
    for (file, _) in &placed {
        files::check_free(file, args.overwrite.existing())?; // before the first is written
    }
    for (file, page) in &placed {
        files::write(file, page, args.overwrite.existing())?;
    }
    let written = WrittenPages { folder: folder.display().to_string(), pages: pages.len() };
    output.result(&written, || format!("{}  {}", written.folder, written.pages));
    Ok(0)
}

/// The pages of a command and of the commands in it.
fn collect(command: &Command, pages: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    pages.push((format!("{name}.1"), page(command)?));
    let commands = command.get_subcommands().filter(|one| one.get_name() != "help" && !one.is_hide_set());
    commands.into_iter().try_for_each(|one| collect(one, pages))
}

fn page(command: &Command) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    let man = Man::new(command.clone()).manual("e-seal testbed");
    man.render(&mut page).context("a manual page could not be made")?;
    Ok(page)
}
