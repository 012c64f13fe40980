//! The commands, one file each. Every one asks over HTTP what a stranger could ask too.

mod audit;
mod clock;
mod issue;
mod policy;
mod renew;
mod revoke;
mod scenario;
mod seal;
mod timestamp;
mod up;
mod verify;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use world::text::visible;

pub(crate) use audit::AuditAction;
pub(crate) use policy::PolicyAction;
pub(crate) use scenario::ScenarioAction;
pub(crate) use verify::in_order;

use crate::cli::{Cli, Command};
use crate::host::{Host, Refused};
use crate::output::{Output, complain, told};

/// Runs a command; gives its exit code.
pub(crate) async fn run(cli: Cli) -> Result<u8> {
    let common = cli.common;
    let output = Output::new(&common);
    let command = match cli.command {
        None => return up::run(&common, &cli.up, output).await,
        Some(Command::Up(args)) => return up::run(&common, &args, output).await,
        Some(Command::Audit { action }) => return audit::run(&common, &action, output).await,
        Some(Command::Policy { action }) => return policy::run(&action, output),
        Some(Command::Scenario { action }) => return scenario::run(&action, output).await,
        Some(Command::Verify(args)) => return verify::run(&common, &args, output).await,
        Some(command) => command,
    };
    let host = Host::find(&common).await?;
    let done = match command {
        Command::Up(_)
        | Command::Audit { .. }
        | Command::Policy { .. }
        | Command::Scenario { .. }
        | Command::Verify(_) => {
            unreachable!("handled above: they have no host, or find their own")
        }
        Command::Issue(args) => issue::run(&host, &common, &args, output).await,
        Command::Seal(args) => seal::run(&host, &common, &args, output).await,
        Command::Timestamp(args) => timestamp::run(&host, &args, output).await,
        Command::Revoke(args) => revoke::revoke(&host, &args, output).await,
        Command::Hold(args) => revoke::suspend(&host, &args, "holds", output).await,
        Command::Release(args) => revoke::suspend(&host, &args, "releases", output).await,
        Command::Renew { name } => renew::run(&host, &name, output).await,
        Command::Clock { action } => clock::run(&host, &action, output).await,
    };
    host.close().await?;
    match done {
        Err(error) => refusal(error),
        done => done,
    }
}

/// A service's no has the exit code that its status calls for; any other error could not be asked.
fn refusal(error: anyhow::Error) -> Result<u8> {
    match error.downcast_ref::<Refused>() {
        Some(refused) => {
            complain(&format!("error: {}", told(&error)));
            Ok(refused.exit_code())
        }
        None => Err(error),
    }
}

/// The next of several inputs failed: says so, and gives the exit code that the command ends with unless a later one is
/// worse.
fn failed(input: &Path, error: &anyhow::Error) -> u8 {
    complain(&format!("error: {}: {}", visible(&input.display().to_string()), told(error)));
    error.downcast_ref::<Refused>().map_or(4, Refused::exit_code)
}

/// Writes a result, whole or not at all.
fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    let cannot = || format!("cannot write {}", file.display());
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(cannot)?;
    }
    let mut draft = file.as_os_str().to_owned();
    draft.push(".draft");
    let draft = PathBuf::from(draft);
    std::fs::write(&draft, bytes).and_then(|()| std::fs::rename(&draft, file)).with_context(cannot)
}

/// One member of a query string.
fn query_member(name: &str, value: &str) -> String {
    let escaped: String = value
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    format!("{name}={escaped}")
}

/// A progress bar over several inputs, for people at a terminal.
fn progress(length: usize, output: Output) -> indicatif::ProgressBar {
    if length < 2 || !output.for_people() {
        return indicatif::ProgressBar::hidden();
    }
    let style = indicatif::ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}").expect("the template is right");
    indicatif::ProgressBar::new(length as u64).with_style(style)
}
