//! Where a command's requests go: to a running testbed, or to the services started in this process over the same folder.
//!
//! Who works in the folder is told by its lock: see [`crate::folder`]. No command makes a world here.

use std::fs::OpenOptions;
use std::io::Write;
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::Timestamp;
use laboratory::Laboratory;
use laboratory::Opening;
use pki::Certificate;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use world::network::{Lines, Network, Shown};
use world::store::postgres::is_marked;

use crate::cli::Common;
use crate::files::{self, TemporaryFolder};
use crate::folder::{self, Hold, Running, Taken, Work};
use crate::invalid::Invalid;
use crate::no_world::NoWorld;
use crate::output::about;
use crate::refused::Refused;
use laboratory::api::{ClockAnswer, MarkAnswer, WorldList};
use laboratory::registry::{self, Home};
use laboratory::worlds::{self, world_base};

/// Where `eseal up` listens when nothing else is said.
pub(crate) const DEFAULT_ADDRESS: &str = "127.0.0.1:8700";

/// The services that a command speaks to.
pub(crate) struct Host {
    base: String,
    network: Network,
    /// Kept alive: its tasks answer while the command runs, and the folder is this process's.
    in_process: Option<(Laboratory, Option<Hold>)>,
    /// The copy that the command works on, if the world itself cannot be written.
    copy: Option<TemporaryFolder>,
}

impl Host {
    /// A running testbed if there is one, else the services in this process.
    ///
    /// # Errors
    /// [`NoWorld`] if the world is not there.
    pub(crate) async fn find(common: &Common) -> Result<Host> {
        let host = Host::found(common).await?;
        if common.names_fonts() && !host.is_in_process() {
            let base = &host.base;
            let problem = format!(
                "--font: the testbed at {base} has the fonts that it was started with: give them to its `eseal up`"
            );
            let japanese = format!(
                "--font: {base} のテストベッドは、起動時に指定されたフォントを使います。その `eseal up` に指定してください"
            );
            bail!(Invalid::new("--font", problem).in_japanese(japanese));
        }
        Ok(host)
    }

    async fn found(common: &Common) -> Result<Host> {
        if let Some(url) = &common.url {
            return Host::by_url(url, common)?.in_world(&common.world, Some(url)).await;
        }
        if let Some(running) = folder::serving(&common.data).await {
            return Host::of(&running).in_world(&common.world, None).await;
        }
        let no_world = || NoWorld::in_folder(&common.world, &common.data);
        if !folder::is_used(&common.data) && common.found.is_none() {
            return Err(no_world().into());
        }
        let hold = match folder::take(&common.data, Work::Command).await? {
            Taken::Serving(running) => return Host::of(&running).in_world(&common.world, None).await,
            Taken::Held(hold) => hold,
        };
        registry::tidy(&common.data);
        registry::learn(&common.home()).await?;
        if !worlds::exists(&common.data, &common.world) {
            return Err(no_world().into());
        }
        let home = common.home();
        let base = default_base(&home).await;
        let opened = worlds::open(&home, &common.world, &base, Opening::default()).await;
        let laboratory = opened.map_err(Into::into).map_err(about(common.data.display()))?;
        Ok(Host { in_process: Some((laboratory.clone(), Some(hold))), ..Host::in_process(laboratory) })
    }

    /// The same for a command that only judges: what lies in a folder that cannot be written, such as another user's or a disc,
    /// is copied, and the copy goes away with the command.
    pub(crate) async fn find_to_judge(common: &Common) -> Result<Host> {
        let Some(copy) = copy_to_judge(common).await? else { return Host::find(common).await };
        let host = Host::find(&Common { data: copy.path().into(), ..common.clone() }).await?;
        Ok(Host { copy: Some(copy), ..host })
    }

    /// The services of this process.
    pub(crate) fn in_process(laboratory: Laboratory) -> Host {
        let world = laboratory.world.clone();
        let (base, network) = (world.base.clone(), world.network.clone());
        Host { base, network, in_process: Some((laboratory, None)), copy: None }
    }

    /// The testbed that runs over the folder, whatever worlds it has.
    pub(crate) fn of(running: &Running) -> Host {
        let (base, network) = (running.base.clone(), Network::to(&running.base).with_token(running.token()));
        Host { base, network, in_process: None, copy: None }
    }

    /// The services of this process.
    pub(crate) fn laboratory(&self) -> Option<&Laboratory> {
        self.in_process.as_ref().map(|(laboratory, _)| laboratory)
    }

    /// Whether the services are this process's: nobody else asks them.
    pub(crate) fn is_in_process(&self) -> bool {
        self.in_process.is_some()
    }

    /// The testbed of which the command line says where it answers, what it is shown, and below which root it is.
    pub(crate) fn by_url(url: &str, common: &Common) -> Result<Host> {
        let base = url.trim_end_matches('/').to_owned();
        let mut network = Network::to(&base).with_token(common.token());
        if common.cert.is_some() && !base.starts_with("https:") {
            bail!(Invalid::new(
                url,
                format!("--cert is shown over TLS: wanted an https address as --url, found {url}")
            ));
        }
        match &common.cacert {
            Some(file) => {
                let roots = files::certificates(file)?;
                let roots: Vec<Vec<u8>> = roots.iter().map(|root| root.der().to_vec()).collect();
                let shown = common.cert.as_deref().map(|cert| shown(cert, common.cert_key.as_deref())).transpose()?;
                network = network
                    .trusting(&roots, shown)
                    .map_err(|error| Invalid::new(&file.display().to_string(), error))?;
            }

            None if base.starts_with("https:") => bail!(Invalid::new(
                url,
                format!(
                    "{url}: https needs --cacert, the root that the server is below, such as worlds/default/trust/root.pem of its folder"
                )
            )),
            None => {}
        }
        Ok(Host { base, network, in_process: None, copy: None })
    }

    /// The same in one of its worlds; `url` if it was given by its address.
    async fn in_world(self, world: &str, url: Option<&str>) -> Result<Host> {
        if world == "default" {
            return Ok(self);
        }
        let is_inside = |error: &anyhow::Error| {
            let refused = error.downcast_ref::<Refused>();
            refused.is_some_and(|refused| refused.status == StatusCode::FORBIDDEN) // a join code: it opens this world only
        };
        match self.worlds().await {
            Ok(names) if !names.iter().any(|name| name == world) => {
                return Err(NoWorld::at(world, &self.base, url, &names).into());
            }
            Err(error) if !is_inside(&error) => return Err(error),
            _ => {}
        }
        let base = world_base(&self.base, world);
        Ok(Host { network: self.network.at(&base), base, ..self })
    }

    /// The names of the worlds of a running testbed.
    pub(crate) async fn worlds(&self) -> Result<Vec<String>> {
        let list: WorldList = self.get("/testbed/api/worlds").await?;
        Ok(list.worlds.into_iter().map(|world| world.world).collect())
    }

    /// Its address.
    pub(crate) fn base(&self) -> &str {
        &self.base
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
        Ok(self.network.send("command", self.request(method, path, media_type, body)?).await?)
    }

    fn request(&self, method: &str, path: &str, media_type: &str, body: Bytes) -> Result<Request<Bytes>> {
        let address = format!("{}{path}", self.base);
        let mut request = Request::builder().method(method).uri(&address);
        if !media_type.is_empty() {
            request = request.header("content-type", media_type);
        }
        request.body(body).with_context(|| format!("{address} is not an address that can be called"))
    }

    /// Sends a request and reads the lines of its answer while they are made; a refusal is an error that keeps its status.
    pub(crate) async fn lines(&self, method: &str, path: &str, media_type: &str, body: Bytes) -> Result<Lines> {
        let answer = self.network.lines("command", self.request(method, path, media_type, body)?).await?;
        if answer.status().is_success() {
            return Ok(answer.into_body());
        }
        let (head, lines) = answer.into_parts();
        Err(accepted(Response::from_parts(head, lines.rest().await?)).expect_err("it is no success").into())
    }

    /// What stands at a path of the world, as JSON.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.json("GET", path, "", Bytes::new()).await
    }

    /// What a path of the world answers to that.
    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &str, request: &impl Serialize) -> Result<T> {
        self.json("POST", path, "application/json", serde_json::to_vec(request)?.into()).await
    }

    /// Sends a request and reads a JSON answer; a refusal is an error that keeps its status.
    pub(crate) async fn json<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        media_type: &str,
        body: Bytes,
    ) -> Result<T> {
        let answer = accepted(self.send(method, path, media_type, body).await?)?;
        serde_json::from_slice(answer.body()).with_context(|| format!("{}{path} did not answer with JSON", self.base))
    }

    /// The time of the world.
    pub(crate) async fn time(&self) -> Result<Timestamp> {
        let clock: ClockAnswer = self.get("/testbed/api/clock").await?;
        Ok(clock.time)
    }

    /// Lets a network take the addresses in the world's certificates for the world: others than ours if it is served under another
    /// name, or is a branch.
    pub(crate) async fn name_to(&self, network: &Network) -> Result<()> {
        let mark: MarkAnswer = self.get("/testbed/api/mark").await?;
        [mark.base].iter().chain(&mark.also_known_as).for_each(|name| network.is_also_known_as(name));
        Ok(())
    }

    /// The certificates of a PEM bundle that the world publishes.
    pub(crate) async fn certificates(&self, path: &str) -> Result<Vec<Certificate>> {
        let answer = accepted(self.send("GET", path, "", Bytes::new()).await?)?;
        Ok(Certificate::from_pem_bundle(&String::from_utf8_lossy(answer.body()))?)
    }

    /// Ends the work of services in this process: everything is on disk then, and the folder free.
    pub(crate) async fn close(self) -> Result<()> {
        match self.in_process {
            Some((laboratory, _hold)) if self.copy.is_none() => Ok(laboratory.close().await?),
            _ => Ok(()),
        }
    }
}

/// The client's certificate and key of these files.
fn shown(cert: &Path, key: Option<&Path>) -> Result<Shown> {
    let certificates = files::read(cert)?;
    let key = key.map(files::read).transpose()?.unwrap_or_else(|| certificates.clone());
    let shown = Shown::from_pem(&certificates, &key);
    Ok(shown.map_err(|error| Invalid::new(&cert.display().to_string(), format!("{}: {error}", cert.display())))?)
}

/// One member of a query string.
pub(crate) fn query_member(name: &str, value: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish()
}

/// What is read of an error body.
#[derive(Default, Deserialize)]
struct ErrorBody {
    error: Option<String>,
    error_description: Option<String>,
    error_description_ja: Option<String>,
}

/// The answer, if it is one of success.
pub(crate) fn accepted(answer: Response<Bytes>) -> Result<Response<Bytes>, Refused> {
    if answer.status().is_success() {
        return Ok(answer);
    }
    let body: ErrorBody = serde_json::from_slice(answer.body()).unwrap_or_default();
    let description = body.error_description.unwrap_or_else(|| format!("HTTP {}", answer.status()));
    let error = body.error.unwrap_or_else(|| "refused".into());
    Err(Refused { status: answer.status(), error, description, japanese: body.error_description_ja, input: None })
}

/// Below which address worlds are made: see [`own_base`], else the one where `eseal up` listens when nothing is said.
pub(crate) async fn default_base(home: &Home) -> String {
    own_base(home).await.unwrap_or_else(|| format!("http://{DEFAULT_ADDRESS}"))
}

/// The address that the default world was made with. If it was restored from elsewhere, that is another server's, unless it is this
/// machine's own loopback, where it can be served as it was.
pub(crate) async fn own_base(home: &Home) -> Option<String> {
    match home.own_base("default").await {
        None => home.recorded_base("default").await.filter(|base| is_of_loopback(base)),
        own => own,
    }
}

/// Whether an address leads everybody to their own machine.
pub(crate) fn is_of_loopback(base: &str) -> bool {
    let address: Option<http::Uri> = base.parse().ok();
    let host = address.as_ref().and_then(http::Uri::host).unwrap_or_default();
    let inside = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || inside.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A folder with copies of the worlds that the command needs, if they are there and cannot be written where they are: in a
/// folder of another user, on a disc, or on a full disk. It lies in memory if there is no other place.
pub(crate) async fn copy_to_judge(common: &Common) -> Result<Option<TemporaryFolder>> {
    let folder = worlds::folder(&common.data, &common.world);
    let there = common.url.is_none() && worlds::exists(&common.data, &common.world);
    if !there || is_marked(&folder) || is_writable(&folder) || folder::serving(&common.data).await.is_some() {
        return Ok(None);
    }
    let copied =
        copied_into(common, std::env::temp_dir()).or_else(|full| copied_into(common, MEMORY).map_err(|_| full));
    copied.map(Some)
}

/// Where files lie in memory.
const MEMORY: &str = "/dev/shm";

fn copied_into(common: &Common, place: impl AsRef<Path>) -> Result<TemporaryFolder> {
    let copy = TemporaryFolder::within(place.as_ref()).context("there is no place for a copy of the world")?;
    let other = (common.world != "default").then_some(common.world.as_str());
    let default = worlds::exists(&common.data, "default").then_some("default");
    for name in default.into_iter().chain(other) {
        let (from, to) = (worlds::folder(&common.data, name), worlds::folder(copy.path(), name));
        let copied = copy_files(&from, &to).and_then(|()| match from.join("trust").is_dir() {
            true => copy_files(&from.join("trust"), &to.join("trust")), // the audit key that was published is there
            false => Ok(()),
        });
        copied
            .with_context(|| format!("cannot copy the world in {}, which cannot be written there", from.display()))?;
    }
    Ok(copy)
}

/// What SQLite wants beside a database that it opens, in bytes: the index of its log, and a page.
const ROOM: usize = 1 << 17;

/// Whether a world can be worked in: SQLite writes its file, and makes others beside it, for which there is room.
fn is_writable(folder: &Path) -> bool {
    let database = OpenOptions::new().write(true).open(folder.join("world.db"));
    let room = tempfile::tempfile_in(folder).and_then(|mut file| file.write_all(&[1; ROOM]));
    database.is_ok() && room.is_ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_folder_that_cannot_be_written_the_worlds_are_copied_that_are_there() {
        let (data, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut common = Common {
            json: false,
            data: data.path().into(),
            world: "class".into(),
            url: None,
            lang: None,
            database: None,
            found: None,
            cacert: None,
            cert: None,
            cert_key: None,
            fonts: Vec::new(),
            token: None,
            log: None,
        };
        for (made, expected) in [("class", ["class"].as_slice()), ("default", &["class", "default"])] {
            std::fs::create_dir_all(worlds::folder(data.path(), made)).unwrap();
            std::fs::write(worlds::folder(data.path(), made).join("world.db"), made).unwrap();
            let copy = copied_into(&common, place.path()).unwrap();
            assert_eq!(registry::names(copy.path()), expected);
        }
        common.world = "default".into();
        assert_eq!(registry::names(copied_into(&common, place.path()).unwrap().path()), ["default"]);
    }

    #[test]
    fn an_address_of_loopback_is_everybody_s_own() {
        for (base, expected) in [
            ("http://127.0.0.1:8700", true),
            ("http://[::1]:8700/w/class", true),
            ("http://localhost", true),
            ("http://192.0.2.1:8700", false),
            ("https://seals.example", false),
        ] {
            assert_eq!(is_of_loopback(base), expected, "{base}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn worlds_are_made_below_this_server_s_address_though_the_default_world_was_restored_from_another() {
        for (elsewhere, expected) in
            [("http://seals.example", "http://127.0.0.1:8700"), ("http://127.0.0.1:9000", "http://127.0.0.1:9000")]
        {
            let (there, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let made = worlds::open(&there.path().into(), "default", elsewhere, Opening::default()).await.unwrap();
            made.close().await.unwrap();
            assert_eq!(default_base(&there.path().into()).await, elsewhere, "it was made there");
            let file = there.path().join("saved");
            registry::save(&there.path().into(), "default", &file).await.unwrap();
            registry::restore(&here.path().into(), "default", &file, signer::BrokenAudit::Refuse).await.unwrap();
            assert_eq!(default_base(&here.path().into()).await, expected, "{elsewhere}");
        }
    }
}
