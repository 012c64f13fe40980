//! The commands, one file each. Every one asks over HTTP what a stranger could ask too.

mod audit;
mod batch;
mod certificate;
mod client_cert;
mod clock;
mod completions;
mod credential;
mod doctor;
mod issue;
mod logs;
mod man;
mod openapi;
mod pdf_name;
mod policy;
mod register;
mod renew;
mod revoke;
mod scenario;
mod seal;
mod status;
mod stop;
mod template;
mod timestamp;
mod up;
mod verify;
mod webhook;
mod worker;
mod world;

use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::cli::{
    AuditAction, CertificateAction, Cli, ClockAction, Command, Common, IssueArgs, PolicyAction, ReissueArgs, SealArgs,
    TemplateAction, UpArgs, VerifyArgs, WorldAction,
};
use crate::files;
use crate::host::Host;
use crate::interruption::Watch;
use crate::invalid::Invalid;
use crate::output::{Output, is_unreachable};
use laboratory::worlds;

/// Runs a command; gives its exit code. An error that comes back is told here, with the input that it is about.
pub(crate) async fn run(cli: Cli) -> u8 {
    let output = Output::of(cli.common.json);
    let (input, url) = (cli.command.as_ref().and_then(only_input), cli.common.url.clone());
    // While a world is made for it, a server leaves nothing behind that is not removed at its next start.
    let serves = matches!(&cli.command, None | Some(Command::Up(_))) && !cli.is_once();
    // A worker stops as a server does.
    let works = matches!(&cli.command, Some(Command::Worker));
    let watch = if serves || works { Ok(None) } else { Watch::begin().map(Some) };
    let done = match watch {
        Ok(_watch) => attempt(cli, output).await,
        Err(error) => Err(anyhow::Error::new(error).context("the system watches for no signals")),
    };
    done.unwrap_or_else(|error| {
        let input = url.filter(|_| is_unreachable(&error)).or(input);
        output.failure(input.as_deref(), &error)
    })
}

/// The files, and what else stands for one, that a command is given.
fn inputs(command: &Command) -> Vec<PathBuf> {
    match command {
        Command::Timestamp(args) => [&args.file].into_iter().chain(&args.verify).cloned().collect(),
        Command::Revoke(args) => vec![(&args.which.certificate).into()],
        Command::Hold(args) | Command::Release(args) => vec![(&args.certificate).into()],
        Command::Renew { name } => vec![name.into()],
        Command::Certificate { action: CertificateAction::Reissue(ReissueArgs { completion: Some(file), .. }) } => {
            vec![file.clone()]
        }
        Command::Certificate { action } => {
            action.number().map(|number| number.to_string().into()).into_iter().collect()
        }
        Command::ClientCert(args) => vec![(&args.name).into()],
        Command::World { action: WorldAction::JoinCode { name: Some(name), .. } } => vec![name.into()],
        Command::Policy { action: PolicyAction::Show { name } } => vec![name.into()],
        Command::Policy { action: PolicyAction::Check { file } }
        | Command::Template { action: TemplateAction::Check { file } } => {
            vec![file.clone()]
        }
        Command::Audit { action: AuditAction::Verify { file: Some(file), .. } } => vec![file.clone()],
        Command::World { action: WorldAction::New(args) } => {
            args.names().unwrap_or_default().into_iter().map(Into::into).collect()
        }
        Command::World {
            action: WorldAction::Delete { name } | WorldAction::Reset { name } | WorldAction::Branch { name, .. },
        } => vec![name.into()],
        Command::World { action: WorldAction::Save { file, .. } | WorldAction::Restore { file, .. } } => {
            vec![file.clone()]
        }
        Command::Issue(IssueArgs { files, .. }) | Command::Seal(SealArgs { files, .. }) => files.clone(),
        Command::Verify(args) => {
            [&args.files, &args.trust, &args.trust_tsa, &args.certs].into_iter().flatten().cloned().collect()
        }
        _ => Vec::new(),
    }
}

/// The one thing that the whole command is about, if it is about one.
fn only_input(command: &Command) -> Option<String> {
    let about = match command {
        Command::Verify(VerifyArgs { files, .. }) => files.clone(),
        Command::Timestamp(args) => vec![args.file.clone()],
        Command::Clock { action: ClockAction::Set { time, .. } } => vec![time.into()],
        Command::Clock { action: ClockAction::Advance { duration, .. } } => vec![duration.to_string().into()],
        command => inputs(command),
    };
    match about.as_slice() {
        [one] => Some(one.display().to_string()),
        _ => None,
    }
}

/// Says that the testbed's folder is none, or that it cannot be looked into, such as another user's: it is not empty then.
fn check_folder(common: &Common, command: Option<&Command>) -> Result<()> {
    let data = &common.data;
    if data.metadata().is_ok_and(|found| !found.is_dir()) {
        let place = data.display().to_string();
        let problem = format!("{place} is no folder: --data (or ESEAL_DATA) names the testbed's folder");
        bail!(Invalid::new(&place, problem));
    }
    if matches!(command, Some(Command::Verify(args)) if !args.trust.is_empty()) {
        return Ok(()); // it needs no world
    }
    let lists = matches!(command, Some(Command::World { action: WorldAction::List }));
    let world = worlds::folder(data, &common.world).join("world.db");
    let (place, looked) = match world.metadata() {
        Ok(_) if !lists => return Ok(()),
        Err(error) if error.kind() != ErrorKind::NotFound => (world, Err(error)),
        _ => (data.join("worlds"), data.join("worlds").read_dir().map(drop)),
    };
    match looked {
        Err(source) if source.kind() != ErrorKind::NotFound => {
            Err(files::Error::Unreadable { file: place, source }.into())
        }
        _ => Ok(()),
    }
}

/// Whether a command works with the testbed's folder, unless a server is named.
fn works_in_folder(command: Option<&Command>) -> bool {
    !matches!(
        command,
        Some(
            Command::Completions { .. }
                | Command::Man(_)
                | Command::Openapi(_)
                | Command::Policy { .. }
                | Command::Scenario { .. }
                | Command::Template { .. }
        )
    )
}

async fn attempt(cli: Cli, output: Output) -> Result<u8> {
    let common = cli.common.checked()?;
    let reads_lines = matches!(&cli.command, Some(Command::Audit { .. } | Command::World { .. }));
    if !reads_lines && cli.command.iter().flat_map(inputs).any(|input| files::is_stdin(&input)) {
        files::await_stdin()?;
    }
    if common.url.is_none() && works_in_folder(cli.command.as_ref()) {
        check_folder(&common, cli.command.as_ref())?;
    }
    let command = match cli.command {
        None => return up::run(&common, &cli.up, output).await,
        Some(Command::Up(args)) => return up::run(&common, &args.with(cli.up)?, output).await,
        Some(_) if cli.up != UpArgs::default() => {
            bail!(Invalid {
                input: None,
                problem: "--listen, --once and what else belongs to `eseal up` goes with no other command".into(),
                japanese: Some("--listen、--once など `eseal up` のオプションは、ほかのコマンドには使えません".into()),
            })
        }
        Some(Command::Audit { action }) => return audit::run(&common, &action, output).await,
        Some(Command::Openapi(args)) => return openapi::run(&common, &args, output).await,
        Some(Command::Policy { action }) => return policy::run(&action, output),
        Some(Command::Scenario { action }) => return scenario::run(&common, &action, output).await,
        Some(Command::Completions { shell }) => return completions::run(shell),
        Some(Command::Doctor) => return doctor::run(&common, output).await,
        Some(Command::Logs(args)) => return logs::run(&common, &args, output).await,
        Some(Command::Man(args)) => return man::run(&args, output),
        Some(Command::Status) => return status::run(&common, output).await,
        Some(Command::Stop) => return stop::run(&common, output).await,
        Some(Command::Template { action }) => return template::run(&common, &action, output).await,
        Some(Command::Verify(args)) => return verify::run(&common, &args, output).await,
        Some(Command::World { action }) => return world::run(&common, &action, output).await,
        Some(Command::Worker) => return worker::run(&common, output).await,
        Some(command) => command,
    };
    if let Command::Seal(args) = &command {
        seal::check(args)?;
    }
    let only_judges = match &command {
        Command::Timestamp(args) => args.verify.is_some(),
        Command::Clock { action } => matches!(action, ClockAction::Get),
        _ => false,
    };
    let host = if only_judges { Host::find_to_judge(&common).await? } else { Host::find(&common).await? };
    let done = match command {
        Command::Up(_)
        | Command::Audit { .. }
        | Command::Completions { .. }
        | Command::Doctor
        | Command::Logs(_)
        | Command::Man(_)
        | Command::Status
        | Command::Stop
        | Command::Openapi(_)
        | Command::Policy { .. }
        | Command::Scenario { .. }
        | Command::Template { .. }
        | Command::Verify(_)
        | Command::Worker
        | Command::World { .. } => {
            unreachable!("handled above: they have no host, or find their own")
        }
        Command::Batch { action } => batch::run(&host, &action, output).await,
        Command::Issue(args) => issue::run(&host, &common, &args, output).await,
        Command::Seal(args) => seal::run(&host, &common, &args, output).await,
        Command::Timestamp(args) => timestamp::run(&host, &args, output).await,
        Command::Certificate { action } => certificate::run(&host, &common, &action, output).await,
        Command::Webhook { action } => webhook::run(&host, &action, output).await,
        Command::Revoke(args) => revoke::revoke(&host, &args, output).await,
        Command::Hold(args) => revoke::suspend(&host, &args, "holds", output).await,
        Command::Release(args) => revoke::suspend(&host, &args, "releases", output).await,
        Command::ClientCert(args) => client_cert::run(&host, &common.world, &args, output).await,
        Command::Renew { name } => renew::run(&host, &name, output).await,
        Command::Clock { action } => clock::run(&host, &action, output).await,
    };
    host.close().await?;
    done
}
