//! `eseal doctor`: the clients that are installed here, each asked against this testbed by the commands of docs/clients.md, and
//! the surroundings in which the testbed runs. In: a folder or an address. Out: a row each; what failed makes the exit code 1.
//!
//! The page is the table: a client has a section there, and here its name and the programs that it needs.

mod hierarchy;
mod page;
mod script;
mod surroundings;

use std::path::Path;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::Uri;
use jiff::{SignedDuration, Timestamp};
use laboratory::Laboratory;
use laboratory::api::ClockAnswer;
use serde::Serialize;
use tokio::net::TcpListener;
use world::clock::Mode;
use world::guard::Guard;
use world::server;

use crate::cli::Common;
use crate::files::{self, TemporaryFolder};
use crate::folder;
use crate::host::{self, Host};
use crate::invalid::Invalid;
use crate::language::in_words;
use crate::output::{self, Output};
use hierarchy::Hierarchy;
use laboratory::worlds;

/// A client: its section in docs/clients.md, and what has to be installed for it.
struct Client {
    section: &'static str,
    programs: &'static [&'static str],
    /// What prints its version.
    version: &'static str,
    /// A variable that its commands use.
    variable: Option<&'static str>,
}

const fn client(section: &'static str, programs: &'static [&'static str], version: &'static str) -> Client {
    Client { section, programs, version, variable: None }
}

/// The section of those who look at pages.
const PAGES: &str = "Browsers";

/// The root of a server that speaks TLS, in the folder where clients work.
const TLS_ROOT: &str = "tls-root.pem";

/// The class path of BouncyCastle.
const BOUNCY_CASTLE: &str = "BOUNCYCASTLE";

/// The section of who shows programs another time, and that of who is written in Python.
const FAKETIME: &str = "faketime";
const PYHANKO: &str = "pyHanko";

/// Python counts nanoseconds since 1970 in 64 bits.
const LAST_OF_PYTHON: Timestamp = Timestamp::constant(9_223_372_036, 0);

/// In the order in which they use each other's files.
const CLIENTS: [Client; 10] = [
    client("curl", &["curl"], "curl --version"),
    client("OpenSSL", &["openssl", "curl"], "openssl version"),
    client(FAKETIME, &["faketime", "openssl"], "faketime --version"),
    client(PYHANKO, &["pyhanko"], "pyhanko --version"),
    client("pdfsig", &["pdfsig", "certutil"], "pdfsig -v"),
    client("jarsigner", &["keytool", "jar", "jarsigner"], "java -version"),
    client("osslsigncode", &["osslsigncode", "openssl"], "osslsigncode --version"),
    client("Go", &["go"], "go version"),
    Client { variable: Some(BOUNCY_CASTLE), ..client("BouncyCastle", &["java"], "java -version") },
    client(PAGES, &["chromium"], "chromium --version"),
];

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Ok,
    Warning,
    Failed,
    NotInstalled,
    NotAsked,
}

/// A row of the report.
#[derive(Debug, Serialize)]
struct Check {
    /// `client` or `surroundings`.
    kind: &'static str,
    name: &'static str,
    version: Option<String>,
    result: Outcome,
    /// What was found, or what the program said at last.
    detail: Option<String>,
    /// The commands that were run, in this order.
    commands: Vec<String>,
}

pub(super) async fn run(common: &Common, output: Output) -> Result<u8> {
    let mut failed = false;
    let mut tell = |check: Check| {
        failed |= check.result == Outcome::Failed;
        output.screen(&check, || screen(&check));
    };
    if common.url.is_none() {
        surroundings::checks(common).await.into_iter().for_each(&mut tell);
    }
    let place = Place::find(common).await?;
    for client in &CLIENTS {
        tell(place.ask(client).await?);
    }
    place.host.close().await?;
    Ok(u8::from(failed))
}

/// The testbed that clients are sent to, and the folder that they work in.
struct Place {
    host: Host,
    base: String,
    /// How the key server's client logs in, if that lies on this machine.
    csc_client: Option<String>,
    /// World time minus system time, in seconds.
    offset: i64,
    /// The same to the millisecond; by what the way of the answer took too much.
    ahead: SignedDuration,
    time: Timestamp,
    mode: Mode,
    /// Or why no client can be asked.
    hierarchy: Result<Hierarchy, String>,
    work: TemporaryFolder,
}

impl Place {
    async fn find(common: &Common) -> Result<Place> {
        let host = Host::find(common).await?;
        if let Some(laboratory) = host.laboratory() {
            serve(laboratory).await?;
        }
        let asked = world::clock::system_time();
        let clock: ClockAnswer = host.get("/testbed/api/clock").await?;
        let ClockAnswer { offset_seconds: offset, time, mode, .. } = clock;
        let ahead = time.duration_since(asked);
        let base = host.base().to_owned();
        let file = worlds::folder(&common.data, &common.world).join("csc-client.json");
        let file = std::path::absolute(&file).unwrap_or(file);
        let csc_client = (common.url.is_none() && file.exists()).then(|| file.display().to_string());
        let work = TemporaryFolder::within(&std::env::temp_dir()).context("there is no place for files of clients")?;
        let hierarchy = Hierarchy::of(&host).await.map_err(|error| output::sentence(&error));
        let place = Place { host, base, csc_client, offset, ahead, time, mode, hierarchy, work };
        if let Ok(hierarchy) = &place.hierarchy {
            place.prepare(common, hierarchy).await?;
        }
        Ok(place)
    }

    /// Files that the first clients make, for those that come later where one of these is not installed.
    async fn prepare(&self, common: &Common, hierarchy: &Hierarchy) -> Result<()> {
        let write = |name: &str, bytes: &[u8]| {
            let file = self.work.path().join(name);
            std::fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))
        };
        let roots = self.host.send("GET", "/ca/trust.pem", "", Bytes::new()).await?;
        write("root.pem", host::accepted(roots)?.body())?;
        hierarchy.write_into(self.work.path())?;
        let report: &[u8] = include_bytes!("../../../examples/report.pdf");
        let seals = "/issuer/api/seals?level=B-LTA";
        let sealed = self.host.send("POST", seals, "application/pdf", Bytes::from_static(report)).await?;
        write("sealed.pdf", host::accepted(sealed)?.body())?;
        write("hello.txt", b"hello\n")?;
        std::fs::create_dir(self.work.path().join("examples"))?;
        write("examples/report.pdf", report)?;
        let running = folder::serving(&common.data).await;
        let token = common.token().or_else(|| running.as_ref().and_then(|running| running.token()));
        let curlrc = token.map(|token| format!("header = \"Authorization: Bearer {token}\"\n")).unwrap_or_default();
        if let Some(root) = common.cacert.as_deref().filter(|_| self.is_secure()) {
            write(TLS_ROOT, &files::read(root)?)?;
        }
        write(".curlrc", curlrc.as_bytes()) // whose folder is its owner's only
    }

    fn is_secure(&self) -> bool {
        self.base.starts_with("https:")
    }

    /// Where clients look for the roots that they trust in TLS, if it is spoken: curl, Python's requests, Java, and whoever uses OpenSSL or Go.
    fn variables(&self) -> Vec<(&'static str, String)> {
        let kept = kept_by_maven().filter(|_| std::env::var_os(BOUNCY_CASTLE).is_none());
        let kept = kept.map(|path| (BOUNCY_CASTLE, path)).into_iter();
        if !self.is_secure() {
            return kept.collect();
        }
        let root = self.work.path().join(TLS_ROOT).display().to_string();
        let java = "-Djavax.net.ssl.trustStore=test.p12 -Djavax.net.ssl.trustStorePassword=testbed"; // jarsigner's section makes it
        let roots = ["CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"].map(|name| (name, root.clone()));
        roots.into_iter().chain([("JAVA_TOOL_OPTIONS", java.to_owned())]).chain(kept).collect()
    }

    async fn ask(&self, client: &Client) -> Result<Check> {
        let Client { section, programs, version, variable } = client;
        let missing = programs.iter().find(|program| !is_installed(program)).copied();
        let is_set = |name: &&str| std::env::var_os(name).is_some() || kept_by_maven().is_some();
        let missing = missing.or_else(|| variable.filter(|name| !is_set(name)));
        let check = Check {
            kind: "client",
            name: section,
            version: None,
            result: Outcome::NotInstalled,
            detail: missing.map(str::to_owned),
            commands: Vec::new(),
        };
        if missing.is_some() {
            return Ok(check);
        }
        if *section == PAGES && self.host.is_in_process() {
            let detail = in_words!("only `eseal up` serves pages", "ページは `eseal up` の起動中だけ提供されます");
            return Ok(Check { result: Outcome::NotAsked, detail: Some(detail), ..check });
        }
        if *section == PAGES && self.is_secure() {
            let detail = in_words!(
                "a browser trusts what its own store of certificates has",
                "ブラウザーは自身の証明書ストアだけを信頼します"
            );
            return Ok(Check { result: Outcome::NotAsked, detail: Some(detail), ..check });
        }
        let version = script::version(version, self.work.path()).await;
        let hierarchy = match &self.hierarchy {
            Ok(hierarchy) => hierarchy,
            Err(why) => {
                return Ok(Check { version, result: Outcome::NotAsked, detail: Some(why.clone()), ..check });
            }
        };
        let section = page::section(section);
        for (name, text) in &section.files {
            std::fs::write(self.work.path().join(name), text)?;
        }
        let is_answerable = |block: &&String| self.csc_client.is_some() || !block.contains("csc-client.json");
        let blocks = section.blocks.iter().filter(is_answerable);
        let commands: Vec<String> = blocks.map(|block| self.placed(block, hierarchy)).collect();
        if let Some(detail) = self.out_of_reach(check.name) {
            return Ok(Check { version, result: Outcome::NotAsked, detail: Some(detail), commands, ..check });
        }
        let faked = self.is_shown_time(check.name).then(|| script::faked(self.time, self.mode, self.ahead));
        let done = script::run(&commands.join("\n"), self.work.path(), faked.as_deref(), &self.variables()).await?;
        let (result, detail) = match done {
            Ok(()) => (Outcome::Ok, None),
            Err(said) => (Outcome::Failed, Some(said)),
        };
        Ok(Check { version, result, detail, commands, ..check })
    }

    /// The clocks of world and system are so far apart that programs are shown the world's time.
    fn is_apart(&self) -> bool {
        self.offset.abs() > MOST_APART
    }

    /// The client is shown the world's time. One shows it itself; a browser that is led to a page by plain http judges nothing by its clock, and
    /// does not end under libfaketime.
    fn is_shown_time(&self, client: &str) -> bool {
        self.is_apart() && client != FAKETIME && client != PAGES
    }

    /// Why no program can be shown the world's time, if it has to be.
    fn out_of_reach(&self, client: &str) -> Option<String> {
        let offset = self.offset;
        let time = self.time;
        match self.is_apart() {
            true if client == PAGES => None,
            true if client == PYHANKO && time > LAST_OF_PYTHON => Some(in_words!(
                "Python knows no time after {LAST_OF_PYTHON}, and the world's is {time}",
                "Python は {LAST_OF_PYTHON} より後の時刻を扱えません（ワールドの時刻は {time}）"
            )),
            true if !is_installed("faketime") => Some(in_words!(
                "the world's clock is {offset:+} s from the system's, and faketime is not installed",
                "ワールドの時計はシステムの時計と {offset:+} 秒離れていますが、faketime がインストールされていません"
            )),
            true if self.is_secure() => Some(in_words!(
                "the world's clock is {offset:+} s from the system's, by which TLS goes: ask by plain http",
                "ワールドの時計は、TLS が従うシステムの時計と {offset:+} 秒離れています。http で確かめてください"
            )),
            _ => None,
        }
    }

    /// A block of the page, with the addresses and names of this testbed, and its time where the page has another.
    fn placed(&self, block: &str, hierarchy: &Hierarchy) -> String {
        let block = hierarchy.placed(block).replace(page::BASE, &self.base);
        let block = match self.is_apart() {
            true => block.replace("'400 days'", &self.time.strftime("'%Y-%m-%d %H:%M:%S UTC'").to_string()),
            false => block,
        };
        let block = if self.is_secure() { over_tls(&block) } else { block };
        block.replace(page::CSC_CLIENT, self.csc_client.as_deref().unwrap_or(page::CSC_CLIENT))
    }
}

/// The same for programs that no variable tells whom to trust in TLS. A world's own root may be another than the server's.
fn over_tls(block: &str) -> String {
    let trust =
        format!("keytool -importcert -noprompt -alias tls -file {TLS_ROOT} -keystore test.p12 -storepass testbed");
    let line = |line: &str| match line.starts_with("keytool -importcert ") {
        true => format!("{line}\n{trust}"),
        false => line.replace("osslsigncode sign ", &format!("osslsigncode sign -HTTPS-CAfile {TLS_ROOT} ")),
    };
    block.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The class path of BouncyCastle as Maven keeps it for this user, if it does.
fn kept_by_maven() -> Option<String> {
    let group = Path::new(&std::env::var_os("HOME")?).join(".m2/repository/org/bouncycastle");
    let jar = |name: &str| {
        let versions =
            std::fs::read_dir(group.join(name)).ok()?.flatten().flat_map(|one| std::fs::read_dir(one.path()));
        let files = versions.flatten().flatten().map(|file| file.path());
        files.filter(|file| file.extension().is_some_and(|ending| ending == "jar")).max()
    };
    let jars = ["bcprov-jdk18on", "bcutil-jdk18on", "bcpkix-jdk18on"].map(jar);
    let jars: Option<Vec<_>> = jars.into_iter().map(|jar| Some(jar?.display().to_string())).collect();
    Some(jars?.join(":"))
}

/// How far the clocks of world and system may be apart, in seconds, before programs are shown the world's time.
const MOST_APART: i64 = 60;

/// Serves a world of this process where its certificates say, as long as the process lives.
async fn serve(laboratory: &Laboratory) -> Result<()> {
    let base = &laboratory.world.base;
    let address: Uri = base.parse().with_context(|| format!("{base} is no address"))?;
    let authority = address.authority().map(ToString::to_string).unwrap_or_default();
    if address.path() != "/" || address.scheme_str() != Some("http") {
        bail!(Invalid::new(
            base,
            format!("no testbed runs over the folder, and {base} is served by one only: eseal up")
        ));
    }
    let listener = TcpListener::bind(&authority).await;
    let listener =
        listener.with_context(|| format!("cannot listen on {authority}, which the world's certificates name"))?;
    let guard = Guard::new(listener.local_addr()?.port());
    tokio::spawn(server::serve(listener, guard.in_front_of(laboratory.services.clone()), std::future::pending()));
    Ok(())
}

/// Whether a program is found by its name.
fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| is_program(&folder.join(program)))
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

fn screen(check: &Check) -> String {
    let (mark, word) = match check.result {
        Outcome::Ok => ("✔", in_words!("ok", "正常")),
        Outcome::Warning => ("!", in_words!("warning", "警告")),
        Outcome::Failed => ("✘", in_words!("failed", "失敗")),
        Outcome::NotInstalled => ("-", in_words!("not installed", "未インストール")),
        Outcome::NotAsked => ("-", in_words!("not asked", "未実施")),
    };
    let told = [check.version.as_deref(), check.detail.as_deref()].into_iter().flatten();
    let told: Vec<&str> = told.filter(|text| !text.is_empty()).collect();
    let name = padded(label(check.name));
    let mut lines = vec![format!("{mark} {name} {word}  {}", told.join("; ")).trim_end().to_owned()];
    let commands = check.commands.iter().flat_map(|block| block.lines());
    lines.extend(commands.map(|command| format!("    {command}")));
    lines.join("\n")
}

/// As wide as the longest name: Japanese letters take two columns.
fn padded(name: String) -> String {
    let columns: usize = name.chars().map(|letter| if letter.is_ascii() { 1 } else { 2 }).sum();
    name + &" ".repeat(16_usize.saturating_sub(columns))
}

/// What a row is called on the screen: programs by their own names.
fn label(name: &str) -> String {
    match name {
        "folder" => in_words!("folder", "フォルダー"),
        "disk" => in_words!("disk", "ディスク"),
        "open files" => in_words!("open files", "開けるファイル数"),
        "clock" => in_words!("clock", "時計"),
        "port" => in_words!("port", "ポート"),
        PAGES => in_words!("Browsers", "ブラウザー"),
        program => program.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_tls_java_and_osslsigncode_are_told_whom_to_trust() {
        let java = "keytool -importcert -noprompt -alias root -file root.cer -keystore test.p12 -storepass testbed";
        let tls = java.replace("-alias root -file root.cer", "-alias tls -file tls-root.pem");
        assert_eq!(over_tls(&format!("{java}\njar x")), format!("{java}\n{tls}\njar x"));
        assert_eq!(over_tls("osslsigncode sign -in x"), "osslsigncode sign -HTTPS-CAfile tls-root.pem -in x");
    }

    #[test]
    fn every_client_has_a_section_with_commands_and_every_section_that_is_run_a_client() {
        for client in &CLIENTS {
            assert!(!page::section(client.section).blocks.is_empty(), "{}", client.section);
        }
        let by_documentation = ["PowerShell", "Acrobat"];
        let known =
            |name: &&str| CLIENTS.iter().any(|client| client.section == *name) || by_documentation.contains(name);
        assert_eq!(page::sections().filter(|name| !known(name)).collect::<Vec<_>>(), [""; 0]);
    }
}
