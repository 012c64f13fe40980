//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use issuer::Level;
use pki::{KeyKind, RevocationReason};

use crate::command::{PolicyAction, ScenarioAction, WorldAction};

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

const EXAMPLES: &str = "\
Examples:
  eseal                                   make the default world, issue a first certificate, serve everything
  eseal issue examples/certificate.json   a sealed certificate from completion data
  eseal seal report.pdf --level B-T       seal any PDF
  eseal revoke report-sealed.pdf --reason keyCompromise
  eseal clock advance 400d                move the world's time

Results go to stdout, everything for people to stderr. A command finds a running testbed by itself; without one it
starts the parts it needs over the same folder.
Exit codes: 0 done, 1 the answer is no, 2 undecided, 3 nothing to judge, 4 could not be asked.";

/// What every command takes.
#[derive(Args, Debug, Clone)]
pub(crate) struct Common {
    /// Print one JSON object a line on stdout, and nothing else there.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The testbed's folder.
    #[arg(long, global = true, env = "ESEAL_DATA", default_value = "eseal-data", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// The world to work in: `eseal world list` names those that are there. Worlds do not see each other.
    #[arg(long, global = true, default_value = "default", value_name = "NAME", value_parser = world_name)]
    pub(crate) world: String,
    /// Speak to the testbed running at this address, instead of the one in the folder.
    #[arg(long, global = true, value_name = "BASE")]
    pub(crate) url: Option<String>,
    /// What to log on stderr.
    #[arg(long, global = true, env = "ESEAL_LOG", value_name = "FILTER", hide = true)]
    pub(crate) log: Option<String>,
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
        after_help = "Examples:\n  eseal seal invoice.pdf --out sealed.pdf\n  eseal seal *.pdf --level B-T --algorithm rsa2048 --out sealed/"
    )]
    Seal(SealArgs),
    /// Time-stamp a file (RFC 3161), or check a time-stamp.
    #[command(
        after_help = "Examples:\n  eseal timestamp report.txt --out report.tsr\n  eseal timestamp report.txt --verify report.tsr\n\nExit code of --verify: 0 it passed, 1 it failed, 2 undecided."
    )]
    Timestamp(TimestampArgs),
    /// Judge PDFs by EN 319 102-1: is the seal good, and if not, why?
    #[command(
        after_help = "Examples:\n  eseal verify sealed.pdf\n  eseal verify *.pdf --at +10y --json\n  eseal verify sealed.pdf --trust root.pem --offline --report html=report.html\n  eseal verify sealed.pdf --policy strict\n  eseal verify sealed.pdf --policy mine.toml\n\nExit code: 0 every seal passed, 1 any failed, 2 any undecided, 3 no seal, 4 not a PDF that can be read."
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
    /// revoked. What has expired is renewed whenever the clock is moved.
    #[command(after_help = "Example:\n  eseal renew seal-p256")]
    Renew {
        /// Its name.
        name: String,
    },
    /// Show or move the world's time.
    #[command(
        after_help = "Examples:\n  eseal clock get\n  eseal clock advance 400d\n  eseal clock set 2036-01-01T00:00:00Z\n  eseal clock freeze"
    )]
    Clock {
        /// What to do with the clock.
        #[command(subcommand)]
        action: ClockAction,
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

#[derive(Args, Debug, Default)]
pub(crate) struct UpArgs {
    /// Where to listen; port 0 picks a free one. A world keeps the address that it was made with in its certificates.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// Make the world and the first certificate, then exit.
    #[arg(long)]
    pub(crate) once: bool,
    /// Keys of the authorities of a world that is made now: p256, p384, rsa2048 or rsa3072.
    #[arg(long, value_name = "ALGORITHM", value_parser = key_kind)]
    pub(crate) authority_keys: Option<KeyKind>,
}

#[derive(Args, Debug)]
pub(crate) struct IssueArgs {
    /// Completion data, one certificate each.
    #[arg(required = true, value_name = "DATA.json")]
    pub(crate) files: Vec<PathBuf>,
    /// PAdES baseline level: B-B, B-T, B-LT or B-LTA.
    #[arg(long, default_value = "B-LTA")]
    pub(crate) level: Level,
    /// Folder for the certificates; without it the testbed's `documents`.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Algorithm of the seal: p256, p384, rsa2048 (or rsa), rsa3072.
    #[arg(long, value_parser = key_kind)]
    pub(crate) algorithm: Option<KeyKind>,
}

#[derive(Args, Debug)]
pub(crate) struct SealArgs {
    /// The files.
    #[arg(required = true, value_name = "FILE.pdf")]
    pub(crate) files: Vec<PathBuf>,
    /// PAdES baseline level: B-B, B-T, B-LT or B-LTA.
    #[arg(long, default_value = "B-LTA")]
    pub(crate) level: Level,
    /// The sealed file, or a folder for several; without it the testbed's `documents`.
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) out: Option<PathBuf>,
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
    pub(crate) force: bool,
}

#[derive(Args, Debug)]
pub(crate) struct TimestampArgs {
    /// The file to stamp.
    pub(crate) file: PathBuf,
    /// Where the answer goes (TimeStampResp, DER); without it FILE.tsr.
    #[arg(long, value_name = "TSR", conflicts_with = "verify")]
    pub(crate) out: Option<PathBuf>,
    /// Judge this answer, or bare token, instead: is it over the file, and does its authority stand?
    #[arg(long, value_name = "TSR")]
    pub(crate) verify: Option<PathBuf>,
    /// With --verify: ask nobody for revocation data.
    #[arg(long, requires = "verify")]
    pub(crate) offline: bool,
    /// The unit of the authority; without it the default one.
    #[arg(long, value_name = "UNIT")]
    pub(crate) unit: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct VerifyArgs {
    /// The files.
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
    /// The policy: one that comes along (`eseal policy list`), or a TOML file.
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) policy: Option<String>,
    /// Save the report too: `json=FILE` or `html=FILE`.
    #[arg(long, value_name = "KIND=FILE")]
    pub(crate) report: Vec<String>,
    /// Language of the screen, ja or en; without it that of the terminal.
    #[arg(long, value_name = "LANG")]
    pub(crate) lang: Option<String>,
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
    /// Why: keyCompromise, cACompromise, affiliationChanged, superseded, cessationOfOperation, privilegeWithdrawn,
    /// unspecified.
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
    /// Show the world's time.
    Get,
    /// Set it: RFC 3339, a date, `+400d`, `-3y`.
    Set {
        /// The time.
        #[arg(allow_hyphen_values = true)]
        time: String,
    },
    /// Move it by a duration: `90s`, `15m`, `400d`, `10y`; with a minus sign backwards.
    Advance {
        /// The duration.
        #[arg(allow_hyphen_values = true)]
        duration: world::time::Duration,
    },
    /// Let it run on from its present time.
    Run,
    /// Stop it at its present time.
    Freeze,
}

pub(crate) fn world_name(text: &str) -> Result<String, String> {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.is_empty() || text.len() > 40 || !text.chars().all(fine) {
        return Err("a world's name has 1 to 40 of a-z, 0-9 and -".into());
    }
    Ok(text.into())
}

fn key_kind(text: &str) -> Result<KeyKind, String> {
    let offered = "p256, p384, rsa2048 (or rsa), rsa3072";
    let kind = if text.eq_ignore_ascii_case("rsa") { "rsa2048" } else { text };
    match kind.parse() {
        Ok(kind) if scenarios::laboratory::SEAL_KEYS.contains(&kind) => Ok(kind),
        _ => Err(format!("wanted one of {offered}")),
    }
}

fn reason(text: &str) -> Result<RevocationReason, String> {
    text.parse().map_err(|error| format!("{error}"))
}
