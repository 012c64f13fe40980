//! `eseal up`: makes the default world if there is none, issues and checks a first certificate, serves everything.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Error, Result, bail};
use bytes::Bytes;
use issuer::api::IssuedSummary;
use jiff::Timestamp;
use laboratory::Laboratory;
use laboratory::Opening;
use serde::Serialize;
use signer::BrokenAudit;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;
use validation::report::Overall;
use verifier::evidence::Online;
use world::{guard::Guard, server};

use super::clock::REMEDY;
use super::issue::{self, SavedCertificate};
use crate::cli::{Common, UpArgs};
use crate::files::{self, Existing};
use crate::folder::{self, Hold, Running, Taken, Work};
use crate::host::{self, Host};
use crate::invalid::Invalid;
use crate::output::Output;
use laboratory::http::MARK;
use laboratory::registry;
use laboratory::worlds::{self, Idle, Surroundings, Worlds};

/// The completion data of the first certificate.
const FIRST: &[u8] = include_bytes!("../../../examples/certificate.json");

pub(super) async fn run(common: &Common, args: &UpArgs, output: Output) -> Result<u8> {
    if let Some(url) = &common.url {
        bail!(Invalid::new(
            url,
            format!(
                "--url {url} names a testbed that runs already, and `eseal up` starts one: give --listen, or --public-url"
            )
        ));
    }
    let hold = match folder::take(&common.data, if args.once { Work::Command } else { Work::Serve }).await? {
        Taken::Held(hold) => hold,
        Taken::Serving(running) => bail!(
            "a testbed already runs over {} at {} (process {}); use that one, or give another --data",
            common.data.display(),
            running.base,
            running.pid
        ),
    };
    registry::tidy(&common.data);
    registry::learn(&common.data).await?;
    let made = !worlds::exists(&common.data, &common.world);
    let recorded = world::store::recorded_base(&worlds::folder(&common.data, "default")).await;
    let listener = match (args.once, args.listen) {
        (true, None) => None,
        (_, requested) => Some(listen(requested, recorded.as_deref()).await?),
    };
    let listening = listener.as_ref().map(TcpListener::local_addr).transpose()?;
    let local = match listening {
        Some(address) => format!("http://{address}"),
        None => recorded.unwrap_or_else(|| format!("http://{}", host::DEFAULT_ADDRESS)),
    };
    let base = args.public_url.clone().unwrap_or_else(|| local.clone());
    let opening = Opening {
        authority_keys: args.authority_keys.unwrap_or(Opening::default().authority_keys),
        broken_audit: if args.despite_broken_audit { BrokenAudit::Accept } else { BrokenAudit::Refuse },
    };
    let surroundings = surroundings(args, listening.map_or(0, |address| address.port()));
    let (worlds, lab) = Worlds::open(&common.data, &base, &common.world, opening, surroundings).await?;
    let ignored = ignored(&lab, &base, common, args, made);
    ignored.iter().for_each(|warning| output.say(format!("warning: {warning}")));
    let ended: Vec<String> = lab.out_of_time().await?.iter().map(ToString::to_string).collect(); // the log has them
    let first = match ended.is_empty() {
        true => first_certificate(common, &lab, output).await?,
        false => {
            output.say(REMEDY); // no certificate would come of it now
            None
        }
    };
    let warnings = [ended, ignored].concat();
    let addresses = Addresses::of(&lab, &base, common, first, warnings);
    output.screen(&addresses, || addresses.screen());
    match listener {
        Some(listener) if !args.once => serve(&hold, listener, &local, worlds, args.idle(), output).await?,
        _ => worlds.close().await?,
    }
    Ok(0)
}

/// What was asked for, and is not so since the world was made otherwise.
fn ignored(lab: &Laboratory, base: &str, common: &Common, args: &UpArgs, made: bool) -> Vec<String> {
    let mut ignored = Vec::new();
    if lab.world.base != worlds::world_base(base, &common.world) {
        ignored.push(format!(
            "the certificates of this world say {}, it is served at {base}: clients that follow the addresses in \
             certificates will not find it. Give --listen the old address, or --data another folder.",
            lab.world.base
        ));
    }
    if args.authority_keys.is_some() && !made {
        ignored.push(format!(
            "--authority-keys is for a world that is made now; the world {} is there, and keeps the keys that it has",
            common.world
        ));
    }
    ignored
}

/// What the worlds of this server share.
fn surroundings(args: &UpArgs, port: u16) -> Surroundings {
    let guard = Guard::new(port);
    args.allow_host.iter().for_each(|host| guard.allow_host(host));
    args.public_url.iter().for_each(|address| guard.allow_address(address));
    Surroundings {
        guard,
        fetch_from: args.fetch.fetch_from.clone(),
        pages: Arc::new(console::pages()),
        ..Surroundings::default()
    }
}

/// Listens on the address asked for, else on the one that the default world was made with.
async fn listen(requested: Option<SocketAddr>, recorded: Option<&str>) -> Result<TcpListener> {
    let recorded = recorded.and_then(|base| base.strip_prefix("http://")?.parse().ok());
    let address = requested.or(recorded).unwrap_or_else(|| host::DEFAULT_ADDRESS.parse().expect("a constant address"));
    if !address.ip().is_loopback() {
        bail!(
            "{address}, which the world was made with, is not a loopback address: the testbed is never offered to a network"
        );
    }
    TcpListener::bind(address).await.map_err(|error| {
        let way = match error.kind() {
            ErrorKind::AddrInUse if requested.is_some() => {
                "; stop the program that does, or give another port (0 picks one)"
            }
            ErrorKind::AddrInUse => "; stop the program that does, or give --listen 127.0.0.1:0 and another --data",
            ErrorKind::PermissionDenied => "; ports below 1024 are for privileged programs: give a higher one",
            _ => "",
        };
        Error::new(error).context(format!("cannot listen on {address}{way}"))
    })
}

/// The first certificate of a world, and what it is worth.
#[derive(Serialize)]
struct FirstCertificate {
    #[serde(flatten)]
    saved: SavedCertificate,
    verdict: Verdict,
}

#[derive(Serialize)]
struct Verdict {
    indication: &'static str,
    sub_indication: Option<&'static str>,
}

/// Issues the first certificate of a world that has none.
async fn first_certificate(common: &Common, lab: &Laboratory, output: Output) -> Result<Option<FirstCertificate>> {
    if !lab.issuer.newest(1).await?.is_empty() {
        return Ok(None);
    }
    let host = Host::in_process(lab.clone());
    let (summary, pdf) = issue::issue(&host, Bytes::from_static(FIRST), "").await?;
    let file = issue::numbered(&summary, &common.documents());
    let written = files::write(&file, &pdf, Existing::Stays);
    let file = written.is_ok().then(|| file.display().to_string());
    if let Err(problem) = written {
        let why = match problem {
            files::Error::Exists { file } => format!("{} is there already, of an earlier world", file.display()),
            problem => problem.to_string(),
        };
        output.say(format!("warning: the first certificate is kept in the world only: {why}"));
    }
    let report = lab.verifier.judge(pdf, None, Online::Allowed).await?;
    let number = &summary.number;
    let Overall::Worst(conclusion) = report.overall else { bail!("the first certificate, {number}, has no seal") };
    if !conclusion.is_passed() {
        bail!("the first certificate, {number}, does not pass: {conclusion}; `eseal verify` of its file says why");
    }
    let verdict = Verdict { indication: conclusion.indication(), sub_indication: conclusion.sub_indication() };
    Ok(Some(FirstCertificate { saved: SavedCertificate { summary, file }, verdict }))
}

async fn serve(
    hold: &Hold,
    listener: TcpListener,
    base: &str,
    worlds: Worlds,
    idle: Idle,
    output: Output,
) -> Result<()> {
    let (pid, folder) = (std::process::id(), hold.identity());
    let running = Running { base: base.into(), pid, mark: MARK.clone(), folder };
    if let Err(error) = hold.announce(&running) {
        output.say(format!("warning: {error:#}: no command finds this testbed by its folder yet"));
    }
    output.say("serving; stop with Ctrl-C");
    tokio::select! {
        () = server::serve(listener, console::front(&worlds), stop_signal()?) => {}
        () = hold.keep(&running) => {}
        () = worlds.close_idle(idle) => {}
    }
    hold.withdraw(&running);
    timeout(FLUSHING, worlds.close()).await.context("the worlds could not be written to their end")??;
    output.say("stopped");
    Ok(())
}

/// How long what is written behind the answers may take in the end: with the requests under way no more than five seconds.
const FLUSHING: Duration = Duration::from_millis(700);

/// Resolves at the first Ctrl-C or SIGTERM. A second one ends the process there and then.
fn stop_signal() -> Result<impl Future<Output = ()> + use<>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tokio::spawn(async move {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            std::process::exit(130) // 128 and SIGINT, as shells tell it
        });
    })
}

/// What is served where, and what there is to know.
#[derive(Serialize)]
struct Addresses {
    base: String,
    console: String,
    ocsp: String,
    crls: [String; 2],
    trust: String,
    time_stamping: String,
    key_server: String,
    issuer: String,
    verifier: String,
    verify_page: String,
    health: String,
    world: String,
    time: Timestamp,
    trust_folder: String,
    csc_client: String,
    documents: String,
    first_certificate: Option<FirstCertificate>,
    warnings: Vec<String>,
}

impl Addresses {
    fn of(
        lab: &Laboratory,
        base: &str,
        common: &Common,
        first_certificate: Option<FirstCertificate>,
        warnings: Vec<String>,
    ) -> Addresses {
        let base = worlds::world_base(base, &common.world);
        let folder = lab.world.folder.as_deref().unwrap_or(Path::new(""));
        Addresses {
            console: format!("{base}/"),
            ocsp: format!("{base}/ca/ocsp"),
            crls: [format!("{base}/ca/crl/issuing.crl"), format!("{base}/ca/crl/root.crl")],
            trust: format!("{base}/ca/trust.pem"),
            time_stamping: format!("{base}/tsa"),
            key_server: format!("{base}/csc/v2"),
            issuer: format!("{base}/issuer/api"),
            verifier: format!("{base}/verifier/api/validations"),
            verify_page: format!("{base}/verify"),
            health: format!("{base}/healthz"),
            world: lab.world.name.clone(),
            time: lab.world.clock.now(),
            trust_folder: folder.join("trust").display().to_string(),
            csc_client: folder.join("csc-client.json").display().to_string(),
            documents: common.documents().display().to_string(),
            first_certificate,
            warnings,
            base,
        }
    }

    fn screen(&self) -> String {
        let mut lines = vec!["e-seal testbed — never for production trust".to_owned(), String::new()];
        if let Some(FirstCertificate { saved: SavedCertificate { summary, file }, verdict }) = &self.first_certificate {
            let IssuedSummary { number, recipient, level, address, .. } = summary;
            let verdict = verdict.indication;
            lines.push(format!("  certificate    {number}  {recipient}, sealed {level}: {verdict}"));
            lines.extend(file.as_ref().map(|file| format!("  file           {file}")));
            lines.push(format!("  page           {address}"));
            lines.push(String::new());
        }
        let places = [
            ("console", &self.console),
            ("key server", &self.key_server),
            ("time-stamping", &self.time_stamping),
            ("OCSP", &self.ocsp),
            ("issuer", &self.issuer),
            ("verifier", &self.verifier),
            ("trust anchors", &self.trust_folder),
            ("CSC client", &self.csc_client),
            ("documents", &self.documents),
        ];
        lines.extend(places.into_iter().map(|(label, place)| format!("  {label:<15}{place}")));
        lines.push(String::new());
        lines.push("  try next       eseal seal YOUR.pdf --out sealed.pdf && eseal verify sealed.pdf".into());
        lines.join("\n")
    }
}
