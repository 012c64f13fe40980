//! `eseal logs`: the log that a server keeps in its folder, or the journal of a world's exchanges.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use laboratory::api::JournalPage;
use serde::Serialize;
use tokio::time::interval;
use world::journal::Exchange;

use crate::cli::{Common, LogsArgs};
use crate::files;
use crate::folder::is_at;
use crate::host::Host;
use crate::invalid::Invalid;
use crate::log;
use crate::output::Output;

/// How often it is looked whether there is more.
const LOOK: Duration = Duration::from_millis(200);

/// How many exchanges are asked for at a time: as many as are given.
const PAGE: usize = 10_000;

pub(super) async fn run(common: &Common, args: &LogsArgs, output: Output) -> Result<u8> {
    match args.requests {
        true => requests(common, args, output).await,
        false => server_log(common, args, output).await,
    }
}

/// A line of the log.
#[derive(Serialize)]
struct LogLine<'a> {
    /// The system's time; null in what is no line of this program.
    time: Option<&'a str>,
    level: Option<&'a str>,
    message: &'a str,
}

impl LogLine<'_> {
    fn of(line: &str) -> LogLine<'_> {
        let parted = line.split_once(' ').and_then(|(time, rest)| {
            let _is_time: jiff::Timestamp = time.parse().ok()?;
            let (level, message) = rest.trim_start().split_once(' ')?;
            Some(LogLine { time: Some(time), level: Some(level), message })
        });
        parted.unwrap_or(LogLine { time: None, level: None, message: line })
    }
}

async fn server_log(common: &Common, args: &LogsArgs, output: Output) -> Result<u8> {
    if let Some(url) = &common.url {
        bail!(Invalid::new(
            url,
            "a log lies where the testbed's folder is: give --data, or --requests for a world's journal"
        )
        .in_japanese("ログはテストベッドのフォルダーにあります。--data を、ワールドへの要求の記録なら --requests を指定してください"));
    }
    let [older, place] = log::files(&common.data);
    let mut log = open(&place)?;
    let mut last = VecDeque::new();
    for reader in [File::open(&older).ok().map(BufReader::new).as_mut(), Some(&mut log)].into_iter().flatten() {
        while let Some(line) = line(reader)? {
            last.push_back(line);
            if last.len() > args.lines {
                last.pop_front();
            }
        }
    }
    let show = |line: &String| output.result(&LogLine::of(line), || line.clone());
    last.iter().for_each(show);
    if !args.follow {
        return Ok(0);
    }
    let mut looks = interval(LOOK);
    loop {
        looks.tick().await;
        while let Some(line) = line(&mut log)? {
            show(&line);
        }
        if !is_at(log.get_ref(), &place) && place.exists() {
            log = open(&place)?; // it was full, and began anew
        }
    }
}

fn open(place: &Path) -> Result<BufReader<File>> {
    match File::open(place) {
        Ok(file) => Ok(BufReader::new(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => bail!(
            Invalid::new(
                &place.display().to_string(),
                format!("there is no log at {}: `eseal up` keeps one while it serves", place.display())
            )
            .in_japanese(format!("{} にログはありません。`eseal up` が稼働中に残します", place.display()))
        ),
        Err(source) => Err(files::Error::Unreadable { file: place.into(), source }.into()),
    }
}

/// The next whole line. What of a line is there without its end is read when that has come.
fn line(reader: &mut BufReader<File>) -> Result<Option<String>> {
    let mut bytes = Vec::new();
    let read = reader.read_until(b'\n', &mut bytes)?;
    if bytes.pop_if(|end| *end == b'\n').is_none() {
        reader.seek_relative(-i64::try_from(read)?)?;
        return Ok(None);
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

async fn requests(common: &Common, args: &LogsArgs, output: Output) -> Result<u8> {
    let host = Host::find(common).await?;
    if args.follow && host.is_in_process() {
        let problem = "no testbed runs over the folder: there is nothing to follow";
        let japanese = "このフォルダーのテストベッドは動いていないため、続けて表示するものがありません";
        bail!(Invalid::new("--follow", problem).in_japanese(japanese));
    }
    let mut last = VecDeque::new();
    let mut after = 0;
    loop {
        let page = exchanges(&host, after).await?;
        after = page.last().map_or(after, |exchange| exchange.id);
        let is_whole = page.len() < PAGE;
        last.extend(page);
        last.drain(..last.len().saturating_sub(args.lines));
        if is_whole {
            break;
        }
    }
    let show = |exchange: &Exchange| output.result(exchange, || shown(exchange));
    last.iter().for_each(show);
    if !args.follow {
        host.close().await?;
        return Ok(0);
    }
    let mut looks = interval(LOOK);
    loop {
        looks.tick().await;
        for exchange in exchanges(&host, after).await? {
            show(&exchange);
            after = exchange.id;
        }
    }
}

async fn exchanges(host: &Host, after: i64) -> Result<Vec<Exchange>> {
    let page: JournalPage = host.get(&format!("/testbed/api/journal?after={after}&limit={PAGE}")).await?;
    Ok(page.exchanges)
}

fn shown(Exchange { id, exchange }: &Exchange) -> String {
    let milliseconds = exchange.microseconds as f64 / 1e3;
    let fault = exchange.fault.as_deref().map(|fault| format!("  [{fault}]")).unwrap_or_default();
    let at = world::time::whole_seconds(exchange.at);
    format!(
        "{id:>7}  {at}  {:<10} {} {:<5} {}  {milliseconds:.1} ms{fault}",
        exchange.caller, exchange.status, exchange.method, exchange.path
    )
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_line_is_read_when_its_end_has_come() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut reader = BufReader::new(File::open(file.path()).unwrap());
        let mut writer = file.reopen().unwrap();
        writer.write_all(b"one\ntw").unwrap();
        assert_eq!(line(&mut reader).unwrap().as_deref(), Some("one"));
        assert_eq!(line(&mut reader).unwrap(), None);
        writer.write_all(b"o\n").unwrap();
        assert_eq!(line(&mut reader).unwrap().as_deref(), Some("two"));
        assert_eq!(line(&mut reader).unwrap(), None);
    }

    #[test]
    fn a_line_of_the_log_is_parted_and_any_other_is_a_message() {
        let log = LogLine::of("2026-11-24T09:00:00.5Z  WARN world::store: slow=1 s");
        assert_eq!(
            (log.time, log.level, log.message),
            (Some("2026-11-24T09:00:00.5Z"), Some("WARN"), "world::store: slow=1 s")
        );
        let other = LogLine::of("thread panicked");
        assert_eq!((other.time, other.message), (None, "thread panicked"));
    }
}
