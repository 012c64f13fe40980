//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use pki::{KeyKind, RevocationReason};
use sealing::Level;
use validation::Language;
use world::guard::Authority;
use world::network::Prefix;

use crate::command::{AuditAction, PolicyAction, ReportTarget, ScenarioAction, WorldAction};
use crate::files::Existing;
use crate::output::Invalid;

/// A testbed for e-seals: certification authority, time-stamping authority, key server, issuer and verifier in one program.
/// Never for production trust.
#[derive(Parser, Debug)]
#[command(name = "eseal", version, max_term_width = 120, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Without a command: `eseal up`.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) up: UpArgs,
}

impl Cli {
    /// Whether it is `up` that ends by itself.
    pub(crate) fn is_once(&self) -> bool {
        self.up.once || matches!(&self.command, Some(Command::Up(args)) if args.once)
    }
}

const EXAMPLES: &str = "\
Examples:
  eseal                                  make a world, serve everything
  eseal issue examples/certificate.json  a sealed certificate from its data
  eseal seal examples/report.pdf --level B-T --out sealed.pdf
  eseal verify sealed.pdf                what is it worth?
  eseal revoke sealed.pdf --reason keyCompromise
  eseal clock advance 400d               move the world's time

Results go to stdout, everything for people to stderr; `-` is stdin or stdout. \
No result takes the place of a file that is there without --force. \
A command finds a running testbed by itself; without one it starts the parts it needs over the same folder.

Exit codes: 0 done, 1 the answer is no, 2 undecided, 3 nothing to judge, 4 could not be asked.";

/// The testbed's folder if nothing is said.
pub(crate) const DEFAULT_DATA: &str = "eseal-data";

/// What every command takes.
#[derive(Args, Debug, Clone)]
pub(crate) struct Common {
    /// Print one JSON object a line on stdout, errors too, and nothing else there.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The testbed's folder.
    #[arg(long, global = true, env = "ESEAL_DATA", default_value = DEFAULT_DATA, value_name = "DIR", value_parser = any_folder())]
    pub(crate) data: PathBuf,
    /// The world to work in: `eseal world list` names those that are there. Worlds do not see each other.
    #[arg(long, global = true, default_value = "default", value_name = "NAME", value_parser = laboratory::worlds::world_name)]
    pub(crate) world: String,
    /// Speak to the testbed running at this address, instead of the one in the folder.
    #[arg(long, global = true, value_name = "BASE")]
    pub(crate) url: Option<String>,
    /// What to log on stderr.
    #[arg(long, global = true, env = "ESEAL_LOG", value_name = "FILTER", hide = true)]
    pub(crate) log: Option<String>,
}

impl Common {
    /// The same with what can be used. An empty `ESEAL_DATA` counts as none.
    pub(crate) fn checked(mut self) -> Result<Common> {
        if self.data.as_os_str().is_empty() && std::env::var_os("ESEAL_DATA").is_some_and(|value| value.is_empty()) {
            self.data = DEFAULT_DATA.into();
        }
        let told = self.data.display().to_string();
        if told.is_empty() {
            bail!(Invalid::new("", "--data is empty: wanted a folder"));
        }
        if let Some(url) = self.url.as_deref().filter(|url| public_url(url).is_err()) {
            bail!(Invalid::new(
                url,
                format!("--url: wanted the address of a testbed, such as http://127.0.0.1:8700; found {url}")
            ));
        }
        if self.data.to_str().is_none() {
            bail!(Invalid::new(&told, format!("the name of the folder {told} is not UTF-8, which its database needs")));
        }
        Ok(self)
    }

    /// Where results go that are not told where: a folder for each world, since worlds count from one each.
    pub(crate) fn documents(&self) -> PathBuf {
        let documents = self.data.join("documents");
        if self.world == "default" { documents } else { documents.join(&self.world) }
    }
}

/// Of every command that writes files.
#[derive(Args, Debug, Clone, Copy)]
pub(crate) struct Overwrite {
    /// Let results take the place of files that are there.
    #[arg(long)]
    force: bool,
}

impl Overwrite {
    pub(crate) fn existing(self) -> Existing {
        if self.force { Existing::Replaced } else { Existing::Stays }
    }
}

/// What can be done.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Make the world if it is not there, issue and check a first certificate, and serve everything until stopped.
    #[command(after_help = "Examples:\n  eseal up\n  eseal up --once\n  eseal up --listen 127.0.0.1:0 --json")]
    Up(UpArgs),
    /// Completion data (JSON) into sealed certificates.
    #[command(
        after_help = "Examples:\n  eseal issue examples/certificate.json\n  eseal issue term/*.json --level B-LT --out sealed/"
    )]
    Issue(IssueArgs),
    /// Seal any PDF. The PDF stays here: the key server sees one digest.
    #[command(
        after_help = "Examples:\n  eseal seal invoice.pdf --out sealed.pdf\n  eseal seal - --level B-T < invoice.pdf > sealed.pdf\n  eseal seal *.pdf --level B-T --algorithm rsa2048 --out sealed/"
    )]
    Seal(SealArgs),
    /// Time-stamp a file (RFC 3161), or check a time-stamp.
    #[command(
        after_help = "Examples:\n  eseal timestamp report.txt --out report.tsr\n  eseal timestamp report.txt --verify report.tsr\n\nExit code of --verify: 0 it passed, 1 it failed, 2 undecided."
    )]
    Timestamp(TimestampArgs),
    /// Judge PDFs by EN 319 102-1: is the seal good, and if not, why?
    #[command(
        after_help = "Examples:\n  eseal verify sealed.pdf\n  eseal verify *.pdf --at +10y --json\n  eseal verify sealed.pdf --trust root.pem --offline --report html=report.html\n  eseal verify *.pdf --report html=reports/\n  eseal verify sealed.pdf --policy strict\n  eseal verify sealed.pdf --policy mine.toml\n\nExit code: 0 every seal passed, 1 any failed, 2 any undecided, 3 no seal, 4 not a PDF that can be read."
    )]
    Verify(VerifyArgs),
    /// Policies for `eseal verify`: list those that come along, print one as a file that can be edited, check a file.
    #[command(
        after_help = "Examples:\n  eseal policy list\n  eseal policy show default > mine.toml\n  eseal policy check mine.toml"
    )]
    Policy {
        /// What to do with policies.
        #[command(subcommand)]
        action: PolicyAction,
    },
    /// Revoke a certificate, for good.
    #[command(
        after_help = "Examples:\n  eseal revoke 4f1c… --reason keyCompromise\n  eseal revoke sealed.pdf --reason cessationOfOperation --since -1d"
    )]
    Revoke(RevokeArgs),
    /// Suspend a certificate (certificateHold) until it is released or revoked.
    #[command(after_help = "Example:\n  eseal hold sealed.pdf")]
    Hold(CertificateArgs),
    /// End the suspension of a certificate.
    #[command(after_help = "Example:\n  eseal release sealed.pdf")]
    Release(CertificateArgs),
    /// Give a credential (seal-p256, …) or a time-stamping unit (default) a new key and certificate, such as after it was
    /// revoked. What has expired is renewed whenever the clock is moved, unless with --no-renew.
    #[command(after_help = "Example:\n  eseal renew seal-p256")]
    Renew {
        /// Its name.
        name: String,
    },
    /// Show or move the world's time.
    #[command(
        after_help = "Examples:\n  eseal clock get\n  eseal clock advance 400d\n  eseal clock set 2036-01-01T00:00:00Z\n  eseal clock advance 4y --no-renew\n  eseal clock reset"
    )]
    Clock {
        /// What to do with the clock.
        #[command(subcommand)]
        action: ClockAction,
    },
    /// The audit chain of the key server: verify it, or take it along as a file.
    #[command(
        after_help = "Examples:\n  eseal audit verify\n  eseal audit export --out audit.jsonl\n  eseal audit verify audit.jsonl --key eseal-data/worlds/default/trust/audit.pem\n\nExit code of verify: 0 intact, 1 broken, 4 no audit chain that can be read."
    )]
    Audit {
        /// What to do with the chain.
        #[command(subcommand)]
        action: AuditAction,
    },
    /// Worlds: list, make and delete them, save one into a file and restore it from there.
    #[command(
        after_help = "Examples:\n  eseal world list\n  eseal world new class\n  eseal world save backup.eseal\n  eseal world restore backup.eseal --world copy\n  eseal world delete copy"
    )]
    World {
        /// What to do with worlds.
        #[command(subcommand)]
        action: WorldAction,
    },
    /// Play stories about seals, each in a world of its own, and compare the verdicts with what is expected.
    #[command(
        after_help = "Examples:\n  eseal scenario run --all\n  eseal scenario explain revoked-later-bt\n  eseal scenario new my-story"
    )]
    Scenario {
        /// What to do with stories.
        #[command(subcommand)]
        action: ScenarioAction,
    },
}

#[derive(Args, Debug, Default, PartialEq, Eq)]
pub(crate) struct UpArgs {
    /// Where to listen, such as 127.0.0.1:8700 or localhost:0; port 0 picks a free one. A world keeps the address that it was
    /// made with in its certificates.
    #[arg(long, value_name = "ADDRESS", value_parser = listened)]
    pub(crate) listen: Option<SocketAddr>,
    /// Make the world and the first certificate, then exit.
    #[arg(long)]
    pub(crate) once: bool,
    /// Keys of the authorities of a world that is made now: p256, p384, rsa2048 or rsa3072.
    #[arg(long, value_name = "ALGORITHM", value_parser = key_kind)]
    pub(crate) authority_keys: Option<KeyKind>,
    /// Start though the audit chain of the key server is broken; that is noted in the chain.
    #[arg(long)]
    pub(crate) despite_broken_audit: bool,
    /// The address under which others see this server, such as that of a forwarding proxy. It stands in the certificates of a
    /// world that is made now.
    #[arg(long, value_name = "URL", value_parser = public_url)]
    pub(crate) public_url: Option<String>,
    /// Answer to this host name too, beside localhost, loopback addresses and the worlds' own; with a port, pages of that host and port are the
    /// testbed's own. Can be repeated.
    #[arg(long, value_name = "NAME[:PORT]")]
    pub(crate) allow_host: Vec<Authority>,
    #[command(flatten)]
    pub(crate) fetch: FetchArgs,
}

/// Where evidence may come from.
#[derive(Args, Debug, Default, PartialEq, Eq)]
pub(crate) struct FetchArgs {
    /// Fetch CRLs, OCSP answers and certificates from addresses that begin so, beside those of the testbed's own authorities;
    /// can be repeated. Whoever makes a file chooses its addresses.
    #[arg(long, value_name = "PREFIX")]
    pub(crate) fetch_from: Vec<Prefix>,
}

impl UpArgs {
    /// Together with what stood before the word `up`.
    pub(crate) fn with(self, before: UpArgs) -> Result<UpArgs> {
        // In full, so that no later option is forgotten.
        let UpArgs { listen, once, authority_keys, despite_broken_audit, public_url, allow_host, fetch } = before;
        Ok(UpArgs {
            listen: one(self.listen, listen, "--listen")?,
            once: self.once || once,
            authority_keys: one(self.authority_keys, authority_keys, "--authority-keys")?,
            despite_broken_audit: self.despite_broken_audit || despite_broken_audit,
            public_url: one(self.public_url, public_url, "--public-url")?,
            allow_host: [allow_host, self.allow_host].concat(),
            fetch: FetchArgs { fetch_from: [fetch.fetch_from, self.fetch.fetch_from].concat() },
        })
    }
}

fn one<T: PartialEq>(after: Option<T>, before: Option<T>, name: &str) -> Result<Option<T>> {
    if after.is_some() && before.is_some() && after != before {
        bail!(Invalid::new(name, format!("{name} was given twice, before and after `up`")));
    }
    Ok(after.or(before))
}

#[derive(Args, Debug)]
pub(crate) struct IssueArgs {
    /// Completion data, one certificate each; - is stdin.
    #[arg(required = true, value_name = "DATA.json")]
    pub(crate) files: Vec<PathBuf>,
    /// PAdES baseline level: B-B, B-T, B-LT or B-LTA; without it what the data say, else B-LTA. Data that say another are refused.
    #[arg(long)]
    pub(crate) level: Option<Level>,
    /// Folder for the certificates, or of one certificate the file, NAME.pdf; - for stdout (one); without it the testbed's
    /// `documents`.
    #[arg(long, value_name = "DIR|FILE.pdf")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) overwrite: Overwrite,
    /// Algorithm of the seal: p256, p384, rsa2048 (or rsa), rsa3072.
    #[arg(long, value_parser = key_kind)]
    pub(crate) algorithm: Option<KeyKind>,
}

#[derive(Args, Debug)]
pub(crate) struct SealArgs {
    /// The files; - is stdin.
    #[arg(required = true, value_name = "FILE.pdf")]
    pub(crate) files: Vec<PathBuf>,
    /// PAdES baseline level: B-B, B-T, B-LT or B-LTA.
    #[arg(long, default_value = "B-LTA")]
    pub(crate) level: Level,
    /// The sealed file, or a folder for several, - for stdout; without it the testbed's `documents`, for stdin stdout.
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) overwrite: Overwrite,
    /// Algorithm of the seal: p256, p384, rsa2048 (or rsa), rsa3072.
    #[arg(long, value_parser = key_kind)]
    pub(crate) algorithm: Option<KeyKind>,
    /// An empty signature field of the file to seal in; without it a new, invisible one.
    #[arg(long, value_name = "NAME")]
    pub(crate) field: Option<String>,
    /// Why, for the signature dictionary.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Certify: the first seal of a file, which says what may change after it: 1 nothing, 2 forms and further seals,
    /// 3 annotations too.
    #[arg(long, value_name = "1|2|3", value_parser = clap::value_parser!(u8).range(1..=3))]
    pub(crate) certify: Option<u8>,
    /// Seal also if an earlier seal of the file is then worse off.
    #[arg(long)]
    pub(crate) despite_earlier_seals: bool,
}

#[derive(Args, Debug)]
pub(crate) struct TimestampArgs {
    /// The file to stamp; - is stdin.
    pub(crate) file: PathBuf,
    /// Where the answer goes (TimeStampResp, DER), - for stdout; without it FILE.tsr, for stdin stdout.
    #[arg(long, value_name = "TSR", conflicts_with = "verify")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) overwrite: Overwrite,
    /// Judge this answer, or bare token, instead: is it over the file, and does its authority stand?
    #[arg(long, value_name = "TSR")]
    pub(crate) verify: Option<PathBuf>,
    /// With --verify: ask nobody for revocation data.
    #[arg(long, requires = "verify")]
    pub(crate) offline: bool,
    /// The unit of the authority; without it the default one.
    #[arg(long, value_name = "UNIT", conflicts_with = "verify")]
    pub(crate) unit: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct VerifyArgs {
    /// The files; - is stdin.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Trust these certificates, for seals and time-stamps, and no others; without it the world's anchors.
    #[arg(long, value_name = "PEM")]
    pub(crate) trust: Vec<PathBuf>,
    /// Trust these certificates too, for time-stamps only: no seal passes because of them.
    #[arg(long, value_name = "PEM")]
    pub(crate) trust_tsa: Vec<PathBuf>,
    /// Certificates that may stand between seal and anchor.
    #[arg(long, value_name = "PEM")]
    pub(crate) certs: Vec<PathBuf>,
    /// The validation time (`+10y`, RFC 3339); without it now, by the world's clock.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) at: Option<String>,
    /// Use only what is in the file and on the command line.
    #[arg(long)]
    pub(crate) offline: bool,
    #[command(flatten)]
    pub(crate) fetch: FetchArgs,
    /// The policy: one that comes along (`eseal policy list`), or a TOML file.
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) policy: Option<String>,
    /// Save the report too: `json=FILE` or `html=FILE`, - for stdout; for several files a folder, `html=DIR/`.
    #[arg(long, value_name = "KIND=FILE|DIR")]
    pub(crate) report: Vec<ReportTarget>,
    #[command(flatten)]
    pub(crate) overwrite: Overwrite,
    /// Language of the screen, ja or en; without it that of the terminal.
    #[arg(long, value_name = "LANG", value_parser = language)]
    pub(crate) lang: Option<Language>,
    /// Show every check, also those that passed.
    #[arg(long)]
    pub(crate) all_checks: bool,
}

#[derive(Args, Debug)]
pub(crate) struct CertificateArgs {
    /// A serial number in hex, a certificate (PEM, DER), or a sealed PDF, whose newest seal's certificate is meant.
    #[arg(value_name = "SERIAL|FILE.pem|FILE.pdf")]
    pub(crate) certificate: String,
}

#[derive(Args, Debug)]
pub(crate) struct RevokeArgs {
    #[command(flatten)]
    pub(crate) which: CertificateArgs,
    /// Why: keyCompromise, cACompromise, aACompromise, affiliationChanged, superseded, cessationOfOperation,
    /// privilegeWithdrawn, unspecified.
    #[arg(long, value_parser = reason)]
    pub(crate) reason: RevocationReason,
    /// Since when (`-1d`, RFC 3339); without it now, by the world's clock.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) since: Option<String>,
    /// When the key is thought to have been compromised (invalidityDate, RFC 5280 clause 5.3.2).
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) invalidity_date: Option<String>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum ClockAction {
    /// Show the world's time, and what has ended or not begun.
    Get,
    /// Set it: RFC 3339, a date, `+400d`, `-3y`; from 1950 to the end of 9999. `now` is the time that it shows already;
    /// `eseal clock reset` brings back the system's.
    Set {
        /// The time.
        #[arg(allow_hyphen_values = true)]
        time: String,
        #[command(flatten)]
        renewal: RenewalArgs,
    },
    /// Move it by a duration: `90s`, `15m`, `400d`, `10y`; with a minus sign backwards.
    Advance {
        /// The duration.
        #[arg(allow_hyphen_values = true)]
        duration: world::time::Duration,
        #[command(flatten)]
        renewal: RenewalArgs,
    },
    /// Let it run on from its present time.
    Run {
        #[command(flatten)]
        renewal: RenewalArgs,
    },
    /// Stop it at its present time.
    Freeze {
        #[command(flatten)]
        renewal: RenewalArgs,
    },
    /// Let it run with the system's clock again, at no distance.
    Reset {
        #[command(flatten)]
        renewal: RenewalArgs,
    },
}

/// Whether credentials and time-stamping units whose time has ended are renewed. The world keeps it until it is changed.
#[derive(Args, Debug)]
pub(crate) struct RenewalArgs {
    /// Renew nothing from now on, so that clients meet the end of certificates.
    #[arg(long)]
    no_renew: bool,
    /// Renew what has ended, now and from now on.
    #[arg(long, conflicts_with = "no_renew")]
    renew: bool,
}

impl RenewalArgs {
    /// What is asked for, if anything is.
    pub(crate) fn renew(&self) -> Option<bool> {
        (self.renew || self.no_renew).then_some(self.renew)
    }
}

/// Any path: what is wrong with it is said by [`Common::checked`], which knows where it comes from.
fn any_folder() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

/// A loopback address and a port.
fn listened(text: &str) -> Result<SocketAddr, String> {
    let named = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let wanted = "wanted a loopback address and a port, such as 127.0.0.1:8700, [::1]:8700 or localhost:0";
    let address: SocketAddr = named.as_deref().unwrap_or(text).parse().map_err(|_| wanted.to_owned())?;
    if !address.ip().is_loopback() {
        return Err(format!("{wanted}: the testbed is never offered to a network"));
    }
    Ok(address)
}

/// An absolute http or https address, without a slash at its end.
fn public_url(text: &str) -> Result<String, String> {
    let wrong = || "wanted an address such as https://eseal.example or http://localhost:9000/testbed".to_owned();
    let address: http::Uri = text.parse().map_err(|_| wrong())?;
    let authority = address.authority().filter(|authority| authority.as_str().parse::<Authority>().is_ok());
    if authority.is_none() || !matches!(address.scheme_str(), Some("http" | "https")) || address.query().is_some() {
        return Err(wrong());
    }
    Ok(text.trim_end_matches('/').into())
}

fn key_kind(text: &str) -> Result<KeyKind, String> {
    let offered = "p256, p384, rsa2048 (or rsa), rsa3072";
    let kind = if text.eq_ignore_ascii_case("rsa") { "rsa2048" } else { text };
    match kind.parse() {
        Ok(kind) if laboratory::SEAL_KEYS.contains(&kind) => Ok(kind),
        _ => Err(format!("wanted one of {offered}")),
    }
}

/// `ja`, or a locale of that language such as `ja_JP.UTF-8`.
fn language(text: &str) -> Result<Language, String> {
    match text.split(['-', '_', '.']).next() {
        Some("ja") => Ok(Language::Japanese),
        Some("en") => Ok(Language::English),
        _ => Err("wanted ja or en".into()),
    }
}

fn reason(text: &str) -> Result<RevocationReason, String> {
    let reason = text.parse().ok().filter(|reason| REASONS.contains(reason));
    reason.ok_or_else(|| format!("wanted one of {}", REASONS.map(|reason| reason.to_string()).join(", ")))
}

/// Those of a revocation for good (RFC 5280 clause 5.3.1).
const REASONS: [RevocationReason; 8] = [
    RevocationReason::KeyCompromise,
    RevocationReason::CaCompromise,
    RevocationReason::AaCompromise,
    RevocationReason::AffiliationChanged,
    RevocationReason::Superseded,
    RevocationReason::CessationOfOperation,
    RevocationReason::PrivilegeWithdrawn,
    RevocationReason::Unspecified,
];
