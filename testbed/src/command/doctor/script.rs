//! Commands of other programs, run by a shell in a folder of their own, for a minute at most.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process_group};
use world::clock::Mode;

/// How long commands of one client may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often it is looked whether they have ended.
const LOOK: Duration = Duration::from_millis(20);

/// How much is told of what a program said at last, in characters.
const TOLD: usize = 300;

/// What a program says of its version, in one line; not what a script around it complains of.
pub(super) async fn version(command: &str, folder: &Path) -> Option<String> {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    let (_, said) = finished(shell, folder).await.ok()?;
    said.lines()
        .map(str::trim)
        .find(|line| !line.starts_with('/') && line.contains(|c: char| c.is_ascii_digit()))
        .map(shortened)
}

/// The world's time as faketime takes it, in UTC: from there on, or standing still there.
pub(super) fn faked(time: Timestamp, mode: Mode) -> String {
    let from_there_on = if mode == Mode::Running { "@" } else { "" };
    time.strftime(&format!("{from_there_on}%Y-%m-%d %H:%M:%S")).to_string()
}

/// Runs commands until one fails, with these variables. In the world's time ([`faked`]) if that is given. Gives what was said at last if one did.
///
/// # Errors
/// If no shell could be started.
pub(super) async fn run(
    commands: &str,
    folder: &Path,
    at: Option<&str>,
    variables: &[(&str, String)],
) -> Result<Result<(), String>> {
    let mut shell = match at {
        None => Command::new("sh"),
        Some(at) => {
            let mut faketime = Command::new("faketime");
            // What waits goes by a clock of its own, which is left alone: a world's clock may stand still.
            faketime.args(["-f", at, "sh"]).env("TZ", "UTC").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
            faketime
        }
    };
    shell.args(["-e", "-c", commands]).envs(variables.iter().map(|(name, value)| (name, value)));
    let (status, said) = finished(shell, folder).await?;
    let last = said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    Ok(match status {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(format!("{status}: {}", shortened(last))),
        None => Err(format!("it did not end within {} s", PATIENCE.as_secs())),
    })
}

/// How it ended, if it did in time, and what it said.
async fn finished(mut command: Command, folder: &Path) -> Result<(Option<ExitStatus>, String)> {
    let place = folder.join(".said");
    let said = File::create(&place).context("no file for what programs say")?;
    command.current_dir(folder).env("CURL_HOME", folder).env("LC_ALL", "C.UTF-8").process_group(0);
    command.stdin(Stdio::null()).stdout(said.try_clone()?).stderr(said);
    let mut child = command.spawn().context("no shell could be started")?;
    let status = ended(&mut child).await?;
    Ok((status, String::from_utf8_lossy(&std::fs::read(&place)?).into_owned()))
}

async fn ended(child: &mut Child) -> Result<Option<ExitStatus>> {
    let (started, mut looks) = (Instant::now(), tokio::time::interval(LOOK));
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if started.elapsed() > PATIENCE {
            if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                let _ = kill_process_group(group, Signal::KILL); // what is gone already need not be ended
            }
            child.wait()?;
            return Ok(None);
        }
        looks.tick().await;
    }
}

fn shortened(line: &str) -> String {
    line.chars().take(TOLD).collect()
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn the_first_command_that_fails_ends_it_and_what_it_said_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let said = super::run("true\necho it is so\nfalse\ntouch later", folder.path(), None, &[]).await.unwrap();
        assert_eq!(said, Err("exit status: 1: it is so".into()));
        assert!(!folder.path().join("later").exists());
        assert_eq!(
            super::run("test -z \"$(cat)\" && test $A = b", folder.path(), None, &[("A", "b".into())]).await.unwrap(),
            Ok(()),
            "stdin is empty"
        );
    }
}
