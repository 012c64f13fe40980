//! Commands of other programs, run by a shell in a folder of their own, for a minute at most.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use rustix::process::{Pid, Signal, kill_process_group};
use world::clock::Mode;

use crate::language::in_words;

/// How long commands of one client may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often it is looked whether they have ended.
const LOOK: Duration = Duration::from_millis(20);

/// How much is told of a line that a program said, in characters.
const TOLD: usize = 300;

/// How many lines are told of what a program said at last: the reason often stands before the last one.
const TOLD_LINES: usize = 3;

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

/// The world's time as faketime takes it. Of a clock that runs so long before or after the system's, whenever a program is started; it is
/// never behind, since what the world has made meanwhile would not be valid yet. Else the whole second at which it stands, in UTC.
pub(super) fn faked(time: Timestamp, mode: Mode, ahead: SignedDuration) -> String {
    if mode != Mode::Running {
        return time.strftime("%Y-%m-%d %H:%M:%S").to_string();
    }
    let milliseconds = ahead.as_millis() + 1;
    let sign = if milliseconds < 0 { '-' } else { '+' };
    let milliseconds = milliseconds.unsigned_abs();
    format!("{sign}{}.{:03}", milliseconds / 1000, milliseconds % 1000)
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
            // What waits goes by a clock of its own, which is left alone: a world's clock may stand still. Without the second variable libfaketime
            // shifts what Java waits for all the same: its threads spin, and it takes several times as long.
            faketime.args(["-f", at, "sh"]).env("TZ", "UTC");
            faketime.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("FAKETIME_FORCE_MONOTONIC_FIX", "0");
            faketime
        }
    };
    shell.args(["-e", "-c", commands]).envs(variables.iter().map(|(name, value)| (name, value)));
    let (status, said) = finished(shell, folder).await?;
    Ok(match status {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(format!("{status}: {}", last_lines(&said))),
        None => {
            let seconds = PATIENCE.as_secs();
            let late = in_words!("it did not end within {seconds} s", "{seconds} 秒以内に終わりませんでした");
            Err(format!("{late}: {}", last_lines(&said)).trim_end_matches(": ").to_owned())
        }
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

fn last_lines(said: &str) -> String {
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines.iter().skip(lines.len().saturating_sub(TOLD_LINES));
    last.map(|line| shortened(line)).collect::<Vec<_>>().join("; ")
}

fn shortened(line: &str) -> String {
    line.chars().take(TOLD).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_shown_a_time_that_is_not_behind_the_world_s() {
        let time: Timestamp = "2030-01-01T09:00:00.75Z".parse().unwrap();
        let running = |milliseconds| faked(time, Mode::Running, SignedDuration::from_millis(milliseconds));
        assert_eq!(running(34_560_000_750), "+34560000.751");
        assert_eq!(running(-1_500), "-1.499");
        assert_eq!(running(0), "+0.001");
        assert_eq!(faked(time, Mode::Fixed, SignedDuration::ZERO), "2030-01-01 09:00:00");
    }

    #[test]
    fn of_what_a_program_said_the_last_lines_are_told_that_say_something() {
        let said = "1\nC = JP, CN = root\nerror 11 at 0 depth lookup: CRL is not yet valid\n\nerror issuing.pem: verification failed\n";
        assert_eq!(
            last_lines(said),
            "C = JP, CN = root; error 11 at 0 depth lookup: CRL is not yet valid; error issuing.pem: verification failed"
        );
        assert_eq!(last_lines(""), "");
    }

    #[tokio::test]
    async fn the_first_command_that_fails_ends_it_and_what_it_said_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let said = run("true\necho it is so\nfalse\ntouch later", folder.path(), None, &[]).await.unwrap();
        assert_eq!(said, Err("exit status: 1: it is so".into()));
        assert!(!folder.path().join("later").exists());
        assert_eq!(
            run("test -z \"$(cat)\" && test $A = b", folder.path(), None, &[("A", "b".into())]).await.unwrap(),
            Ok(()),
            "stdin is empty"
        );
    }
}
