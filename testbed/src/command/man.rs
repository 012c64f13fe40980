//! `eseal man`: manual pages, from the command line's own description. A page a command, `eseal-world-new.1`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use serde::Serialize;
use validation::Language;

use crate::cli::{Cli, ManArgs, in_japanese};
use crate::files::{self, Existing};
use crate::language::language;
use crate::output::Output;

/// Pages that were written.
#[derive(Serialize)]
struct WrittenPages {
    folder: String,
    pages: usize,
}

pub(super) fn run(args: &ManArgs, output: Output) -> Result<u8> {
    let mut command = match language() {
        Language::English => Cli::command(),
        Language::Japanese => in_japanese(Cli::command()),
    };
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
    let shown = command.clone().override_usage(synopsis(command));
    let man = Man::new(shown).manual("e-seal testbed");
    man.render(&mut page).context("a manual page could not be made")?;
    Ok(page)
}

/// The command with its options and their values, as they are typed.
fn synopsis(command: &Command) -> String {
    let mut words = vec![command.get_bin_name().unwrap_or_else(|| command.get_name()).to_owned()];
    let shown = || command.get_arguments().filter(|one| !one.is_hide_set());
    for option in shown().filter(|one| !one.is_positional()) {
        words.push(if option.is_required_set() { option.to_string() } else { format!("[{option}]") });
    }
    words.extend(shown().filter(|one| one.is_positional()).map(ToString::to_string));
    if command.has_subcommands() {
        words.push(if command.is_subcommand_required_set() { "<COMMAND>".into() } else { "[COMMAND]".into() });
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_synopsis_shows_which_options_take_a_value() {
        let mut command = Cli::command();
        command.build();
        let pages = |path: &[&str]| {
            let found = path.iter().fold(&command, |command, name| command.find_subcommand(name).unwrap());
            String::from_utf8(page(found).unwrap()).unwrap().replace('\\', "")
        };
        for (path, expected) in [
            (["world", "new"].as_slice(), "[--plan <FILE>]"),
            (&["up"], "[--idle <DURATION>]"),
            (&["up"], "[--expose]"),
            (&["client-cert"], "[--out <FILE>]"),
            (&["client-cert"], "<NAME>"),
            (&["clock"], "<COMMAND>"),
        ] {
            let page = pages(path);
            let synopsis = page.split_once(".SH SYNOPSIS").unwrap().1.split(".SH").next().unwrap();
            assert!(synopsis.contains(expected), "{path:?}: {synopsis}");
        }
    }
}
