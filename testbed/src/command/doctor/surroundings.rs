//! In what a testbed runs: whose folder it is, how much room there is, how many files it may open, whether clocks agree.

use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::time::SystemTime;

use jiff::Timestamp;
use rustix::process::{Resource, getrlimit};

use super::{Check, Outcome};
use crate::cli::Common;
use crate::folder;
use crate::host;
use crate::language::in_words;

/// A world has some megabytes, a class of forty with its documents some hundred.
const ROOM: u64 = 1 << 30;

/// As many as [`world::server::Limits`] wants for its connections and worlds.
const FILES: u64 = 2704;

/// How far the clock of the file system may be from the system's, in seconds: NFS, or a process under faketime.
const SKEW: i64 = 2;

pub(super) async fn checks(common: &Common) -> Vec<Check> {
    vec![owner(common), room(common), files(), clock(common), port(common).await]
}

fn check(name: &'static str, result: Outcome, detail: String) -> Check {
    Check { kind: "surroundings", name, version: None, result, detail: Some(detail), commands: Vec::new() }
}

fn worse(is_fine: bool, otherwise: Outcome) -> Outcome {
    if is_fine { Outcome::Ok } else { otherwise }
}

fn owner(common: &Common) -> Check {
    let place = common.data.display();
    let Ok(found) = common.data.metadata() else {
        return check("folder", Outcome::Warning, in_words!("{place} is not there yet", "{place} はまだありません"));
    };
    let (mode, owner, own) = (found.permissions().mode() & 0o777, found.uid(), rustix::process::geteuid().as_raw());
    let detail = in_words!(
        "{place}: mode {mode:04o}, owner {owner}, this process {own}",
        "{place}: モード {mode:04o}、所有者 {owner}、このプロセス {own}"
    );
    check("folder", worse(mode & 0o077 == 0 && owner == own, Outcome::Warning), detail)
}

fn room(common: &Common) -> Check {
    let nearest = common.data.ancestors().find(|folder| folder.is_dir()).unwrap_or(std::path::Path::new("."));
    match rustix::fs::statvfs(nearest) {
        Ok(found) => {
            let free = found.f_bavail * found.f_frsize;
            let detail = in_words!("{} MB free", "空き {} MB", free >> 20);
            check("disk", worse(free >= ROOM, Outcome::Warning), detail)
        }
        Err(error) => check("disk", Outcome::Warning, error.to_string()),
    }
}

/// The server asks for as many as the system allows; that is what counts.
fn files() -> Check {
    let most = getrlimit(Resource::Nofile).maximum;
    let shown = most.map_or_else(|| in_words!("unlimited", "無制限"), |most| most.to_string());
    let detail = in_words!("up to {shown}, {FILES} are enough for all connections", "上限 {shown}（{FILES} で十分）");
    check("open files", worse(most.is_none_or(|most| most >= FILES), Outcome::Warning), detail)
}

fn clock(common: &Common) -> Check {
    let folder = if common.data.is_dir() { common.data.clone() } else { std::env::temp_dir() };
    let written = tempfile::tempfile_in(folder).and_then(|file| file.metadata()?.modified());
    match written.map(|time: SystemTime| Timestamp::try_from(time)) {
        Ok(Ok(written)) => {
            let apart = world::clock::system_time().duration_since(written).as_secs();
            let detail = in_words!(
                "{apart:+} s between this process and the file system",
                "このプロセスとファイルシステムの差 {apart:+} 秒"
            );
            check("clock", worse(apart.abs() <= SKEW, Outcome::Warning), detail)
        }
        _ => check("clock", Outcome::Warning, in_words!("no file can be written", "ファイルを書けません")),
    }
}

/// Whether the port that the world's certificates name is free, or this testbed's.
async fn port(common: &Common) -> Check {
    if let Some(running) = folder::serving(&common.data).await {
        return check("port", Outcome::Ok, in_words!("served at {}", "{} で稼働中", running.base));
    }
    let address = listens_at(host::own_base(&common.home()).await.as_deref());
    match std::net::TcpListener::bind(address) {
        Ok(_) => check("port", Outcome::Ok, in_words!("{address} is free", "{address} は空いています")),
        Err(error) => {
            let detail = in_words!("{address} is not free: {error}", "{address} は使えません: {error}");
            check("port", Outcome::Warning, detail)
        }
    }
}

/// Where `eseal up` listens over a world with that address, or without one.
fn listens_at(recorded: Option<&str>) -> SocketAddr {
    let recorded = recorded.and_then(|base| base.strip_prefix("http://")?.parse().ok());
    recorded.unwrap_or_else(|| host::DEFAULT_ADDRESS.parse().expect("a constant address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_the_one_in_the_certificates_of_the_world_and_else_the_usual_one() {
        for (recorded, expected) in [
            (Some("http://127.0.0.1:8712"), "127.0.0.1:8712"),
            (Some("http://[::1]:8712"), "[::1]:8712"),
            (Some("https://testbed.example"), "127.0.0.1:8700"),
            (None, "127.0.0.1:8700"),
        ] {
            assert_eq!(listens_at(recorded).to_string(), expected);
        }
    }
}
