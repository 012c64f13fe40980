//! Where a command's requests go: to a running testbed, or to the services started in this process over the same folder.
//!
//! A running testbed leaves `running.json` in its folder: its address, and a random mark that it also answers with, so that
//! another program on the same port is not taken for it.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::Timestamp;
use pki::Certificate;
use scenarios::Laboratory;
use scenarios::laboratory::Opening;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tempfile::TempDir;
use world::Network;

use crate::cli::Common;
use crate::worlds;

/// Where `eseal up` listens when nothing else is said.
pub(crate) const DEFAULT_ADDRESS: &str = "127.0.0.1:8700";

/// What a running testbed says of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Running {
    /// Address of the default world, without a slash at the end.
    pub(crate) base: String,
    /// The process.
    pub(crate) pid: u32,
    /// A random mark.
    pub(crate) mark: String,
}

/// The services that a command speaks to.
pub(crate) struct Host {
    base: String,
    network: Network,
    /// Kept alive: its tasks answer while the command runs.
    in_process: Option<Laboratory>,
    /// The copy that the command works on, if the world itself cannot be written.
    copy: Option<TempDir>,
}

impl Host {
    /// A running testbed if there is one, else the services in this process.
    pub(crate) async fn find(common: &Common) -> Result<Host> {
        let running = match &common.url {
            Some(url) => Some(url.trim_end_matches('/').to_owned()),
            None => running(&common.data).await.map(|running| running.base),
        };
        if let Some(base) = running {
            return Host::running(&base, &common.world).await;
        }
        let base = scenarios::laboratory::recorded_base(&worlds::folder(&common.data, "default"));
        let base = base.unwrap_or_else(|| format!("http://{DEFAULT_ADDRESS}"));
        Ok(Host::in_process(worlds::open(&common.data, &common.world, &base, Opening::default()).await?))
    }

    /// The same for a command that only judges: what lies in a folder that cannot be written, such as another user's or a disc,
    /// is copied, and the copy goes away with the command.
    pub(crate) async fn find_to_judge(common: &Common) -> Result<Host> {
        let folder = worlds::folder(&common.data, &common.world);
        let there = common.url.is_none() && worlds::exists(&common.data, &common.world);
        if !there || is_writable(&folder) || running(&common.data).await.is_some() {
            return Host::find(common).await;
        }
        let copy = tempfile::tempdir().context("there is no place for a copy of the world")?;
        let names = if common.world == "default" { vec!["default"] } else { vec!["default", &common.world] };
        for name in names {
            let (from, to) = (worlds::folder(&common.data, name), worlds::folder(copy.path(), name));
            copy_files(&from, &to).with_context(|| format!("cannot read the world in {}", from.display()))?;
        }
        let host = Host::find(&Common { data: copy.path().into(), ..common.clone() }).await?;
        Ok(Host { copy: Some(copy), ..host })
    }

    /// The services of this process.
    pub(crate) fn in_process(laboratory: Laboratory) -> Host {
        let world = laboratory.world.clone();
        Host { base: world.base.clone(), network: world.network.clone(), in_process: Some(laboratory), copy: None }
    }

    /// A world of a running testbed, made there if it is not there.
    async fn running(base: &str, world: &str) -> Result<Host> {
        let host = Host { base: base.into(), network: Network::to(base), in_process: None, copy: None };
        if world == "default" {
            return Ok(host);
        }
        host.json("POST", &format!("/testbed/api/worlds/{world}"), "", Bytes::new()).await?;
        let base = world_base(base, world);
        Ok(Host { network: Network::to(&base), base, in_process: None, copy: None })
    }

    /// The network that evidence is looked for on.
    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    /// Sends a request to a path of the world, such as `/tsa`.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        media_type: &str,
        body: Bytes,
    ) -> Result<Response<Bytes>> {
        let address = format!("{}{path}", self.base);
        let mut request = Request::builder().method(method).uri(&address);
        if !media_type.is_empty() {
            request = request.header("content-type", media_type);
        }
        let request = request.body(body).with_context(|| format!("{address} is not an address that can be called"))?;
        Ok(self.network.send("command", request).await?)
    }

    /// Sends a request and reads a JSON answer; a refusal is an error that keeps its status.
    pub(crate) async fn json(&self, method: &str, path: &str, media_type: &str, body: Bytes) -> Result<Value> {
        let answer = accepted(self.send(method, path, media_type, body).await?)?;
        serde_json::from_slice(answer.body()).with_context(|| format!("{}{path} did not answer with JSON", self.base))
    }

    /// The time of the world.
    pub(crate) async fn time(&self) -> Result<Timestamp> {
        let state = self.json("GET", "/testbed/api/clock", "", Bytes::new()).await?;
        state["time"].as_str().unwrap_or_default().parse().context("the testbed gave no time")
    }

    /// The base that stands in the world's certificates: another than ours if it is served under another name.
    pub(crate) async fn named_base(&self) -> Result<String> {
        let told = self.json("GET", "/testbed/api/mark", "", Bytes::new()).await?;
        Ok(told["base"].as_str().unwrap_or(&self.base).to_owned())
    }

    /// The certificates of a PEM bundle that the world publishes.
    pub(crate) async fn certificates(&self, path: &str) -> Result<Vec<Certificate>> {
        let answer = accepted(self.send("GET", path, "", Bytes::new()).await?)?;
        Ok(Certificate::from_pem_bundle(&String::from_utf8_lossy(answer.body()))?)
    }

    /// Ends the work of services in this process.
    pub(crate) async fn close(self) -> Result<()> {
        match self.in_process {
            Some(laboratory) if self.copy.is_none() => Ok(laboratory.flush().await?),
            _ => Ok(()),
        }
    }
}

/// The answer of a service that said no.
#[derive(Debug, thiserror::Error)]
#[error("{description}")]
pub(crate) struct Refused {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// The code of its error body.
    pub(crate) error: String,
    /// The sentence of its error body.
    pub(crate) description: String,
}

impl Refused {
    /// 1 if the service understood and said no, 4 if the question could not be asked.
    pub(crate) fn exit_code(&self) -> u8 {
        match self.status {
            StatusCode::NOT_FOUND | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => 1,
            _ => 4,
        }
    }
}

/// The answer, if it is one of success.
pub(crate) fn accepted(answer: Response<Bytes>) -> Result<Response<Bytes>, Refused> {
    if answer.status().is_success() {
        return Ok(answer);
    }
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    let description =
        body["error_description"].as_str().map_or_else(|| format!("HTTP {}", answer.status()), Into::into);
    let error = body["error"].as_str().unwrap_or("refused").to_owned();
    Err(Refused { status: answer.status(), error, description })
}

/// The testbed that runs over that folder, if one does.
pub(crate) async fn running(data: &Path) -> Option<Running> {
    let text = std::fs::read_to_string(running_file(data)).ok()?;
    let running: Running = serde_json::from_str(&text).ok()?;
    let request = Request::get(format!("{}/testbed/api/mark", running.base)).body(Bytes::new()).ok()?;
    let answer = Network::to(&running.base).send("command", request).await.ok()?;
    let answered: Value = serde_json::from_slice(answer.body()).ok()?;
    (answered["mark"] == running.mark.as_str()).then_some(running)
}

/// Tells other commands that a testbed runs over that folder.
pub(crate) fn announce(data: &Path, running: &Running) -> Result<()> {
    let file = running_file(data);
    let text = serde_json::to_string(running).expect("strings and numbers can be written as JSON");
    std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// Takes the announcement back.
pub(crate) fn withdraw(data: &Path) {
    let _ = std::fs::remove_file(running_file(data)); // a stale one is recognised by its mark
}

fn running_file(data: &Path) -> PathBuf {
    data.join("running.json")
}

/// Whether a world can be worked in: SQLite writes its file, and makes others beside it.
fn is_writable(folder: &Path) -> bool {
    let database = OpenOptions::new().write(true).open(folder.join("world.db"));
    database.is_ok() && tempfile::tempfile_in(folder).is_ok()
}

/// Copies the files of a folder, not those of folders in it.
fn copy_files(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            let mut copy =
                OpenOptions::new().write(true).create_new(true).mode(0o600).open(to.join(entry.file_name()))?;
            std::io::copy(&mut std::fs::File::open(entry.path())?, &mut copy)?; // not with the permissions of the original
        }
    }
    Ok(())
}

/// Address of a world of the testbed at `base`.
pub(crate) fn world_base(base: &str, world: &str) -> String {
    if world == "default" { base.to_owned() } else { format!("{base}/w/{world}") }
}
