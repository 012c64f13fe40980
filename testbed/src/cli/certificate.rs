//! What can be done with certificates that were issued, and with the messages that ask for them.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use issuer::CertificateNumber;
use issuer::api::{ReissuedAbout, StandingState};
use sealing::Level;

use super::overwrite::Overwrite;

#[derive(Subcommand, Debug)]
pub(crate) enum CertificateAction {
    /// List certificates, newest first: all of them, or those that are looked for.
    #[command(
        after_help = "Examples:\n  eseal certificate list\n  eseal certificate list --state revoked --issued-from 2026-04-01\n  eseal certificate list --recipient \"髙橋 花子\" --json"
    )]
    List(CertificateListArgs),
    /// Show one: what it says, what it counts for, and how that came about.
    Show {
        /// Its number.
        number: CertificateNumber,
    },
    /// Take one back, for good. Its seal goes on to hold: what is revoked is what the issuer stands for.
    #[command(
        after_help = "Example:\n  eseal certificate revoke TBU-2026-000001-N --reason \"issued to the wrong person\""
    )]
    Revoke {
        #[command(flatten)]
        change: ChangeArgs,
        /// From when on (`-1d`, RFC 3339); without it now, by the world's clock.
        #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
        since: Option<String>,
    },
    /// Suspend one until it is released or revoked.
    Suspend(ChangeArgs),
    /// End the suspension of one.
    Release(ChangeArgs),
    /// Issue one again, mostly with corrected data: the new one takes its place.
    #[command(
        after_help = "Example:\n  eseal certificate reissue TBU-2026-000001-N corrected.json --reason \"the name was misspelt\""
    )]
    Reissue(ReissueArgs),
}

impl CertificateAction {
    /// The number that it is about.
    pub(crate) fn number(&self) -> Option<&CertificateNumber> {
        match self {
            CertificateAction::List(_) => None,
            CertificateAction::Show { number } => Some(number),
            CertificateAction::Revoke { change, .. } => Some(&change.number),
            CertificateAction::Suspend(change) | CertificateAction::Release(change) => Some(&change.number),
            CertificateAction::Reissue(args) => Some(&args.change.number),
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct ChangeArgs {
    /// Its number.
    pub(crate) number: CertificateNumber,
    /// Why: at most 200 characters. The public page of the certificate shows it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Who wants it; it is kept with the fact.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct ReissueArgs {
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
    /// The corrected completion data; - is stdin. Without it those of the certificate itself.
    #[arg(value_name = "DATA.json")]
    pub(crate) completion: Option<PathBuf>,
    /// The data are meant to be about another recipient, achievement or template than the certificate: without this they are refused.
    #[arg(long, value_name = "WHAT", value_parser = about)]
    pub(crate) another: Vec<ReissuedAbout>,
    /// PAdES baseline level: B-B, B-T, B-LT or B-LTA; without it what the corrected data say, else that of the certificate itself.
    #[arg(long)]
    pub(crate) level: Option<Level>,
    /// By which version of its template it is printed; without it by that of the certificate itself.
    #[arg(long, value_name = "N")]
    pub(crate) template_version: Option<u32>,
    /// Folder for the new certificate, or its file, NAME.pdf; without it the testbed's `documents`.
    #[arg(long, value_name = "DIR|FILE.pdf")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) overwrite: Overwrite,
}

#[derive(Args, Debug)]
pub(crate) struct CertificateListArgs {
    /// Those that count so now: valid, suspended, revoked, superseded or expired.
    #[arg(long, value_parser = state)]
    pub(crate) state: Option<StandingState>,
    /// Those of the organization with this id.
    #[arg(long, value_name = "ID")]
    pub(crate) organization: Option<String>,
    /// Those of this person: the name on it, or the identifier, whole; blanks, capitals and the width of letters do not count.
    #[arg(long, value_name = "NAME|ID")]
    pub(crate) recipient: Option<String>,
    /// Those with this achievement: its name in either language, whole; blanks, capitals and the width of letters do not count.
    #[arg(long, value_name = "NAME")]
    pub(crate) achievement: Option<String>,
    /// Issued on this day in Japan or later (also RFC 3339, or `-30d`).
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) issued_from: Option<String>,
    /// Issued on this day in Japan or before.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) issued_to: Option<String>,
    /// How many at most; without it all.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: Option<u32>,
}

fn about(text: &str) -> Result<ReissuedAbout, String> {
    let known = [ReissuedAbout::Recipient, ReissuedAbout::Achievement, ReissuedAbout::Template];
    let about = known.into_iter().find(|about| about.to_string() == text);
    about.ok_or_else(|| "wanted recipient, achievement or template".into())
}

fn state(text: &str) -> Result<StandingState, String> {
    match text {
        "valid" => Ok(StandingState::Valid),
        "suspended" => Ok(StandingState::Suspended),
        "revoked" => Ok(StandingState::Revoked),
        "superseded" => Ok(StandingState::Superseded),
        "expired" => Ok(StandingState::Expired),
        _ => Err("wanted valid, suspended, revoked, superseded or expired".into()),
    }
}

#[derive(Subcommand, Debug)]
pub(crate) enum WebhookAction {
    /// Show where learning platforms send their messages, and the secret with which they sign them.
    Secret,
    /// Make another secret. The one before it is taken for a day more.
    Rotate,
}
