//! The command line.

mod actions;
mod arguments;
mod batch;
mod certificate;
mod japanese;
mod new_worlds;
mod overwrite;
mod register;
mod report;
mod values;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::builder::{OsStringValueParser, TypedValueParser as _};
use clap::{Args, Parser, Subcommand};

use laboratory::registry::Home;
use world::store::postgres::Database;

use crate::invalid::Invalid;
pub(crate) use actions::{
    AuditAction, ClockAction, PlanArgs, PolicyAction, RenewalArgs, RunArgs, ScenarioAction, TemplateAction, WorldAction,
};
pub(crate) use arguments::{
    CertificateArgs, ClientCertArgs, IssueArgs, LogsArgs, ManArgs, OpenapiArgs, PreviewArgs, RevokeArgs, SealArgs,
    TemplateShowArgs, TimestampArgs, UpArgs, VerifyArgs,
};
pub(crate) use batch::BatchAction;
pub(crate) use certificate::{CertificateAction, CertificateListArgs, ChangeArgs, ReissueArgs, WebhookAction};
pub(crate) use japanese::{in_japanese, value_in_japanese};
pub(crate) use new_worlds::NewWorlds;
pub(crate) use report::{ReportKind, ReportTarget};
use validation::Language;
use values::{any_folder, language, public_url};

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
    /// Keep the worlds in this PostgreSQL database instead of files, a schema each: several testbeds may serve them.
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true, value_name = "postgres://…")]
    pub(crate) database: Option<String>,
    /// The database at that address.
    #[arg(skip)]
    pub(crate) found: Option<Database>,
    /// Speak to the testbed running at this address, instead of the one in the folder.
    #[arg(long, global = true, value_name = "BASE")]
    pub(crate) url: Option<String>,
    /// Language of what is told to people, ja or en; without it that of the terminal (LC_ALL, LC_MESSAGES, LANG). JSON is the same in both.
    #[arg(long, global = true, value_name = "LANG", value_parser = language)]
    pub(crate) lang: Option<Language>,
    /// With an https address: the root that its server is below, PEM, such as `worlds/default/trust/root.pem` of its folder.
    #[arg(long, global = true, value_name = "PEM", requires = "url")]
    pub(crate) cacert: Option<PathBuf>,
    /// With an https address: the client's certificate that is shown if the server asks for one, PEM, as `eseal client-cert` makes it.
    #[arg(long, global = true, value_name = "PEM", requires = "url")]
    pub(crate) cert: Option<PathBuf>,
    /// The key of --cert, PEM, if it is not in the same file.
    #[arg(long, global = true, value_name = "PEM", requires = "cert")]
    pub(crate) cert_key: Option<PathBuf>,
    /// What an exposed testbed asks for: its token, or the join code of the world. Other users of this machine see what stands on a
    /// command line; the variable they do not.
    #[arg(long, global = true, env = "ESEAL_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// A font, or a folder of fonts, for names in scripts beside Japanese, Latin, Greek and Cyrillic; `FILE.ttc#2` is the third font of a
    /// collection. Can be repeated; the variable has `:` between them.
    #[arg(long = "font", global = true, env = "ESEAL_FONT", value_name = "FILE|DIR", value_delimiter = ':',
        value_parser = OsStringValueParser::new().map(PathBuf::from))]
    pub(crate) fonts: Vec<PathBuf>,
    /// What to log on stderr.
    #[arg(long, global = true, env = "ESEAL_LOG", value_name = "FILTER", hide = true)]
    pub(crate) log: Option<String>,
}

impl Common {
    /// Where the worlds are.
    pub(crate) fn home(&self) -> Home {
        Home { data: self.data.clone(), database: self.found.clone() }
    }

    /// The database that was named, if one was. A `DATABASE_URL` of another kind of database is not meant for us.
    fn named_database(&self) -> Result<Option<Database>> {
        let Some(address) = self.database.as_deref().filter(|address| !address.is_empty()) else { return Ok(None) };
        let from_environment = std::env::var("DATABASE_URL").is_ok_and(|value| value == address);
        let scheme = address.split_once(':').map_or(address, |(scheme, _)| scheme);
        if from_environment && !scheme.to_ascii_lowercase().starts_with("postgres") {
            return Ok(None);
        }
        match Database::at(address) {
            Ok(database) => Ok(Some(database)),
            Err(problem) => {
                let option = if from_environment { "DATABASE_URL" } else { "--database" };
                bail!(Invalid::new(option, format!("{option}: {problem}")))
            }
        }
    }

    /// The same with what can be used. An empty `ESEAL_DATA` counts as none.
    pub(crate) fn checked(mut self) -> Result<Common> {
        if self.data.as_os_str().is_empty() && std::env::var_os("ESEAL_DATA").is_some_and(|value| value.is_empty()) {
            self.data = DEFAULT_DATA.into();
        }
        let place = self.data.display().to_string();
        if place.is_empty() {
            bail!(
                Invalid::new("", "--data is empty: wanted a folder")
                    .in_japanese("--data が空です。フォルダーを指定してください")
            );
        }
        if let Some(url) = self.url.as_deref().filter(|url| public_url(url).is_err()) {
            bail!(
                Invalid::new(
                    url,
                    format!("--url: wanted the address of a testbed, such as http://127.0.0.1:8700; found {url}")
                )
                .in_japanese(format!(
                    "--url: http://127.0.0.1:8700 のようなテストベッドのアドレスを指定してください（指定された値: {url}）"
                ))
            );
        }
        self.found = self.named_database()?;
        issuer::Typefaces::provide(self.fonts.iter().filter(|place| !place.as_os_str().is_empty()).cloned().collect());
        if self.data.to_str().is_none() {
            bail!(
                Invalid::new(&place, format!("the name of the folder {place} is not UTF-8, which its database needs"))
                    .in_japanese(format!("フォルダー名 {place} が UTF-8 ではなく、データベースに使えません"))
            );
        }
        Ok(self)
    }

    /// Whether the command line names fonts, which only a testbed that starts now can take; `ESEAL_FONT` may be there for another one.
    pub(crate) fn names_fonts(&self) -> bool {
        !self.fonts.is_empty() && std::env::var_os("ESEAL_FONT").is_none_or(|fonts| fonts.is_empty())
    }

    /// What is shown to a testbed that is named by its address. An empty `ESEAL_TOKEN` counts as none.
    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref().filter(|token| !token.is_empty())
    }

    /// Where results go if nobody says where: a folder for each world, since worlds count from one each.
    pub(crate) fn documents(&self) -> PathBuf {
        let documents = self.data.join("documents");
        if self.world == "default" { documents } else { documents.join(&self.world) }
    }
}

/// What can be done.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Make the world if it is not there, issue and check a first certificate, and serve everything until stopped.
    #[command(after_help = "Examples:\n  eseal up\n  eseal up --once\n  eseal up --listen 127.0.0.1:0 --json")]
    Up(UpArgs),
    /// Completion data (JSON) into sealed certificates; with --batch registers (CSV, XLSX, JSON), a certificate a row.
    #[command(
        after_help = "Examples:\n  eseal issue examples/certificate.json\n  eseal issue term/*.json --level B-LT --out sealed/\n  eseal issue --batch spring.xlsx --dry-run\n  eseal issue --batch spring.xlsx --out certificates.zip --result result.csv\n\nExit code of --batch: 0 every row has its certificate, 1 some have none, 4 the file cannot be read."
    )]
    Issue(IssueArgs),
    /// Batches, many certificates from one file (`eseal issue --batch`): how far they are, what came of them; pause, resume, cancel, try again
    /// what failed.
    #[command(
        after_help = "Examples:\n  eseal batch list\n  eseal batch show 3\n  eseal batch rows 3 --state failed\n  eseal batch result 3 --out result.csv\n  eseal batch files 3 --out certificates.zip\n\nExit code: 0 done, 1 some rows have no certificate."
    )]
    Batch {
        /// What to do with batches.
        #[command(subcommand)]
        action: BatchAction,
    },
    /// Work on the batches of worlds in a PostgreSQL database, beside its servers and other workers, until stopped.
    #[command(
        after_help = "Example:\n  eseal worker --database postgres://eseal:secret@db.example/eseal --data worker"
    )]
    Worker,
    /// Seal any PDF. The PDF stays here: the key server sees one digest.
    #[command(
        after_help = "Examples:\n  eseal seal invoice.pdf --out sealed.pdf\n  eseal seal - --level B-T < invoice.pdf > sealed.pdf\n  eseal seal *.pdf --level B-T --algorithm rsa2048 --out sealed/"
    )]
    Seal(SealArgs),
    /// Templates of certificates, invoices and the like: list, print, check, look at a sample.
    #[command(
        after_help = "Examples:\n  eseal template list\n  eseal template show training > mine.toml\n  eseal template check mine.toml\n  eseal template preview mine.toml data.json --out sample.pdf\n  eseal issue data.json --template mine.toml"
    )]
    Template {
        /// What to do with templates.
        #[command(subcommand)]
        action: TemplateAction,
    },
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
    /// Certificates that were issued, by their numbers: list, show, revoke, suspend, release them, issue one again. The certificates of
    /// seals and their keys (X.509) are for `eseal revoke`, `hold` and `release`.
    #[command(
        after_help = "Examples:\n  eseal certificate list\n  eseal certificate show TBU-2026-000001-N\n  eseal certificate suspend TBU-2026-000001-N --reason \"under inquiry\""
    )]
    Certificate {
        /// What to do with certificates.
        #[command(subcommand)]
        action: CertificateAction,
    },
    /// Messages of learning platforms that somebody has completed something: the secret with which they are signed.
    #[command(after_help = "Examples:\n  eseal webhook secret\n  eseal webhook rotate")]
    Webhook {
        /// What to do with the secret.
        #[command(subcommand)]
        action: WebhookAction,
    },
    /// Revoke an X.509 certificate, such as that of a seal, for good. A learning certificate is for `eseal certificate revoke`.
    #[command(
        after_help = "Examples:\n  eseal revoke 4f1c… --reason keyCompromise\n  eseal revoke sealed.pdf --reason cessationOfOperation --since -1d"
    )]
    Revoke(RevokeArgs),
    /// Suspend an X.509 certificate (certificateHold) until it is released or revoked.
    #[command(after_help = "Example:\n  eseal hold sealed.pdf")]
    Hold(CertificateArgs),
    /// End the suspension of an X.509 certificate.
    #[command(after_help = "Example:\n  eseal release sealed.pdf")]
    Release(CertificateArgs),
    /// Give a credential (seal-p256, …) or a time-stamping unit (default) a new key and certificate, such as after it was
    /// revoked. What has expired is renewed whenever the clock is moved, unless with --no-renew.
    #[command(after_help = "Example:\n  eseal renew seal-p256")]
    Renew {
        /// Its name.
        name: String,
    },
    /// Make a key and a certificate for a TLS client, for a server with `--client-certs`. Who shows it may act in the world without a token,
    /// until it is revoked.
    #[command(
        after_help = "Examples:\n  eseal client-cert alice\n  curl --cacert eseal-data/worlds/default/trust/root.pem --cert alice.pem https://127.0.0.1:8743/testbed/api/clock\n  eseal --url https://127.0.0.1:8743 --cacert eseal-data/worlds/default/trust/root.pem --cert alice.pem clock get"
    )]
    ClientCert(ClientCertArgs),
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
        after_help = "Examples:\n  eseal world list\n  eseal world new class\n  eseal world save backup.eseal\n  eseal world restore backup.eseal --world copy\n  eseal world delete copy\n  eseal world join-code class"
    )]
    World {
        /// What to do with worlds.
        #[command(subcommand)]
        action: WorldAction,
    },
    /// Is a testbed running over the folder? Where it answers, since when, its worlds and their clocks.
    #[command(
        after_help = "Examples:\n  eseal status\n  eseal status --json\n\nExit code: 0 it runs and answers, 1 it does not."
    )]
    Status,
    /// Stop the testbed that runs over the folder, and wait until it has ended.
    #[command(
        after_help = "Example:\n  eseal stop\n\nExit code: 0 none runs any more (also if none did), 1 it has not ended within six seconds."
    )]
    Stop,
    /// The log of the folder's server, or the requests that a world was asked.
    #[command(after_help = "Examples:\n  eseal logs\n  eseal logs --follow --lines 20\n  eseal logs --requests")]
    Logs(LogsArgs),
    /// Ask the clients that are installed here (openssl, curl, pyHanko, jarsigner, …) whether they get on with this testbed, by the
    /// commands that are printed; and look at its surroundings. Without a testbed that runs it is served for that time.
    #[command(
        after_help = "Examples:\n  eseal doctor\n  eseal doctor --json\n\nExit code: 0 nothing failed, 1 something did."
    )]
    Doctor,
    /// Print what completes this program's commands and options in a shell.
    #[command(
        after_help = "Examples:\n  eseal completions bash > ~/.local/share/bash-completion/completions/eseal\n  eseal completions fish > ~/.config/fish/completions/eseal.fish"
    )]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write the pages of all commands into a folder.
    #[command(after_help = "Examples:\n  eseal man | man -l -\n  eseal man ~/.local/share/man/man1")]
    Man(ManArgs),
    /// Print the description of all HTTP APIs of a world (OpenAPI 3.1, JSON), or write it into a file. Nothing is served for it.
    #[command(after_help = "Examples:\n  eseal openapi > openapi.json\n  eseal openapi --out openapi.json")]
    Openapi(OpenapiArgs),
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
