//! What each command takes.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;
use laboratory::worlds::{ClientCertificates, Idle};
use pki::{KeyAlgorithm, KeyKind, RevocationReason};
use sealing::Level;
use world::guard::Authority;
use world::network::Prefix;

use super::batch::BatchIssueArgs;
use super::overwrite::Overwrite;
use super::register::RegisterArgs;
use super::report::ReportTarget;
use super::values::{client_certificates, idle_time, key_kind, listened, public_url, reason};
use crate::invalid::Invalid;

#[derive(Args, Debug, Default, PartialEq, Eq)]
pub(crate) struct UpArgs {
    /// Where to listen, such as 127.0.0.1:8700 or localhost:0; port 0 picks a free one. A world keeps the address that it was
    /// made with in its certificates. Addresses that others reach need --expose.
    #[arg(long, value_name = "ADDRESS", value_parser = listened)]
    pub(crate) listen: Option<SocketAddr>,
    /// Let others reach the server, at --listen 0.0.0.0:8700 or behind a proxy or tunnel. Whoever acts shows a token: that of
    /// ESEAL_TOKEN, else one that is made and told at the start.
    #[arg(long)]
    pub(crate) expose: bool,
    /// Serve the same over TLS too, at this address or 43 ports above that of --listen, with a certificate of the default world's
    /// authority: clients trust `worlds/default/trust/root.pem`.
    #[arg(long, value_name = "ADDRESS", value_parser = listened, num_args = 0..=1, require_equals = true, conflicts_with = "once")]
    pub(crate) tls: Option<Option<SocketAddr>>,
    /// With --tls: clients may, or have to, show a certificate that `eseal client-cert` made. Who does may act in the default
    /// world without a token.
    #[arg(long, value_name = "optional|required", requires = "tls", value_parser = client_certificates)]
    pub(crate) client_certs: Option<ClientCertificates>,
    /// Make the world and the first certificate, then exit.
    #[arg(long)]
    pub(crate) once: bool,
    /// Keys of the authorities and time-stamping units of a world that is made now: p256, p384, p521, rsa2048, rsa3072, rsa4096, each
    /// of the RSA ones also with -pss, or ed25519 (for authorities only).
    #[arg(long, value_name = "ALGORITHM")]
    pub(crate) authority_keys: Option<KeyAlgorithm>,
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
    /// Close a world that nobody asked for that long, in real time, until somebody asks for it: 10m without this. The default world
    /// stays open.
    #[arg(long, value_name = "DURATION", value_parser = idle_time)]
    pub(crate) idle: Option<Duration>,
    /// How many worlds stay open at a time, the default one among them; of more, those that were not asked for longest are closed.
    /// 48 without this.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) open_worlds: Option<u16>,
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
    /// When worlds are closed that nobody asks for.
    pub(crate) fn idle(&self) -> Idle {
        let Idle { after, at_most } = Idle::default();
        Idle { after: self.idle.unwrap_or(after), at_most: self.open_worlds.map_or(at_most, usize::from) }
    }

    /// Together with what stood before the word `up`.
    pub(crate) fn with(self, before: UpArgs) -> Result<UpArgs> {
        // In full, so that no later option is forgotten.
        let UpArgs {
            listen,
            expose,
            tls,
            client_certs,
            once,
            authority_keys,
            despite_broken_audit,
            public_url,
            allow_host,
            idle,
            open_worlds,
            fetch,
        } = before;
        Ok(UpArgs {
            listen: one(self.listen, listen, "--listen")?,
            expose: self.expose || expose,
            tls: one(self.tls, tls, "--tls")?,
            client_certs: one(self.client_certs, client_certs, "--client-certs")?,
            once: self.once || once,
            authority_keys: one(self.authority_keys, authority_keys, "--authority-keys")?,
            despite_broken_audit: self.despite_broken_audit || despite_broken_audit,
            public_url: one(self.public_url, public_url, "--public-url")?,
            allow_host: [allow_host, self.allow_host].concat(),
            idle: one(self.idle, idle, "--idle")?,
            open_worlds: one(self.open_worlds, open_worlds, "--open-worlds")?,
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
    /// Completion data, one certificate each, or with --batch registers; - is stdin.
    #[arg(required = true, value_name = "DATA.json")]
    pub(crate) files: Vec<PathBuf>,
    /// The files are registers, a certificate a row: CSV, XLSX, a JSON array or JSON Lines.
    #[arg(long)]
    pub(crate) batch: bool,
    #[command(flatten)]
    pub(crate) register: RegisterArgs,
    #[command(flatten)]
    pub(crate) many: BatchIssueArgs,
    /// PAdES baseline level: B-B, B-T, B-LT or B-LTA; without it what the data say, else B-LTA. Data that say another are refused.
    #[arg(long)]
    pub(crate) level: Option<Level>,
    /// Folder for the certificates, or of one certificate the file, NAME.pdf; - for stdout (one); without it the testbed's
    /// `documents`.
    #[arg(long, value_name = "DIR|FILE.pdf")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) overwrite: Overwrite,
    /// Algorithm of the seal: p256, p384, p521, rsa2048 (or rsa), rsa3072, rsa4096, as far as the world has a credential with such a key.
    #[arg(long, value_parser = key_kind)]
    pub(crate) algorithm: Option<KeyKind>,
    /// The organization in whose name it is issued, by its id; without it the world's first.
    #[arg(long, value_name = "ID")]
    pub(crate) organization: Option<String>,
    /// The template that it is printed by: an id of `eseal template list`, or a folder or file of one's own, which the world then keeps;
    /// without it what the data say, else learning.
    #[arg(long, value_name = "NAME|DIR")]
    pub(crate) template: Option<String>,
}

/// Which template is shown, and where.
#[derive(Args, Debug)]
pub(crate) struct TemplateShowArgs {
    /// Its id.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Which version of it; the newest if left out.
    #[arg(long, value_name = "N")]
    pub(crate) template_version: Option<u32>,
    /// A folder for template.toml and the pictures that it names, which `check`, `preview` and `issue --template` take.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) overwrite: Overwrite,
}

/// What a sample is made of.
#[derive(Args, Debug)]
pub(crate) struct PreviewArgs {
    /// The id of one that comes along, or the file or folder of one's own.
    #[arg(value_name = "NAME|FILE|DIR")]
    pub(crate) template: String,
    /// Completion data; without it the sample has words of the template's own.
    #[arg(value_name = "DATA.json")]
    pub(crate) completion: Option<PathBuf>,
    /// The sample; - is stdout; without it NAME-sample.pdf.
    #[arg(long, value_name = "FILE.pdf")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) overwrite: Overwrite,
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
    /// Algorithm of the seal: p256, p384, p521, rsa2048 (or rsa), rsa3072, rsa4096, as far as the world has a credential with such a key.
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
    /// Show every check, also those that passed.
    #[arg(long)]
    pub(crate) all_checks: bool,
}

#[derive(Args, Debug)]
pub(crate) struct OpenapiArgs {
    /// The file; without it, or with `-`, stdout.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) overwrite: Overwrite,
}

#[derive(Args, Debug)]
pub(crate) struct ClientCertArgs {
    /// Whose: it stands in the certificate and in the journal.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The file for key and certificates, PEM, which only its owner can read; without it NAME.pem.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) overwrite: Overwrite,
    /// Algorithm of the key: p256, p384, p521, rsa2048 (or rsa), rsa3072, rsa4096; without it p256.
    #[arg(long, value_parser = key_kind)]
    pub(crate) algorithm: Option<KeyKind>,
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

#[derive(Args, Debug)]
pub(crate) struct LogsArgs {
    /// Go on with what comes, until Ctrl-C.
    #[arg(long, short)]
    pub(crate) follow: bool,
    /// How many of the last lines.
    #[arg(long, value_name = "N", default_value = "100")]
    pub(crate) lines: usize,
    /// The journal of the world instead: who asked which service for what, and what came back.
    #[arg(long)]
    pub(crate) requests: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ManArgs {
    /// The folder for the pages of all commands; without it the page of the program goes to stdout.
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) overwrite: Overwrite,
}
