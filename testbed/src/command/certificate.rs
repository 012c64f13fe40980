//! `eseal certificate`: certificates that were issued, known by their numbers: listed, shown, revoked, suspended, released, issued
//! again. The X.509 certificates of seals are another command's: [`super::revoke`].

use std::path::PathBuf;

use anyhow::{Context, Result};
use issuer::CertificateNumber;
use issuer::api::{
    IssuedCertificates, IssuedDetails, IssuedRevocation, ListQuery, ListedCertificate, Reissue, Standing,
    StandingChange, StandingEvent, StandingState,
};
use validation::Language;

use super::issue::{SavedCertificate, numbered, pdf_of};
use super::pdf_name::{check_folder_name, is_pdf_name};
use crate::cli::{CertificateAction, CertificateListArgs, ChangeArgs, Common, ReissueArgs};
use crate::files::{self, is_stdout};
use crate::host::Host;
use crate::invalid::Invalid;
use crate::language::{in_words, language};
use crate::output::Output;

/// Where they are.
const PATH: &str = "/issuer/api/certificates";

/// How many are asked for at a time.
const PAGE: u32 = 1000;

pub(super) async fn run(host: &Host, common: &Common, action: &CertificateAction, output: Output) -> Result<u8> {
    match action {
        CertificateAction::List(args) => list(host, args, output).await,
        CertificateAction::Show { number } => show(host, number, output).await,
        CertificateAction::Revoke { change, since } => {
            let request =
                IssuedRevocation { by: change.by.clone(), reason: change.reason.clone(), since: since.clone() };
            let standing: Standing = host.post(&format!("{PATH}/{}/revoke", change.number), &request).await?;
            tell(&standing, output)
        }
        CertificateAction::Suspend(change) => change_to(host, change, "suspend", output).await,
        CertificateAction::Release(change) => change_to(host, change, "release", output).await,
        CertificateAction::Reissue(args) => reissue(host, common, args, output).await,
    }
}

async fn change_to(host: &Host, change: &ChangeArgs, act: &str, output: Output) -> Result<u8> {
    let request = StandingChange { by: change.by.clone(), reason: change.reason.clone() };
    let standing: Standing = host.post(&format!("{PATH}/{}/{act}", change.number), &request).await?;
    tell(&standing, output)
}

fn tell(standing: &Standing, output: Output) -> Result<u8> {
    output.result(standing, || {
        let (number, state, since) = (&standing.number, told(standing.state), standing.since);
        let reason = standing.reason.as_deref().map(|reason| format!("  {}", said(reason))).unwrap_or_default();
        in_words!("{number}  {state} since {since}{reason}", "{number}  {state}（{since} から）{reason}")
    });
    Ok(0)
}

/// A reason for people: what the issuer itself wrote is told in their language.
fn said(reason: &str) -> String {
    issuer::reasons::in_language(reason, language() == Language::Japanese)
}

/// The state for people.
fn told(state: StandingState) -> String {
    match state {
        StandingState::Valid => in_words!("valid", "有効"),
        StandingState::Suspended => in_words!("suspended", "停止中"),
        StandingState::Revoked => in_words!("revoked", "取消済み"),
        StandingState::Superseded => in_words!("superseded", "差替済み"),
        StandingState::Expired => in_words!("expired", "期限切れ"),
    }
}

async fn list(host: &Host, args: &CertificateListArgs, output: Output) -> Result<u8> {
    let mut left = args.limit.unwrap_or(u32::MAX);
    let mut after = None;
    let mut told = 0_usize;
    loop {
        let query = ListQuery {
            after: after.as_ref().map(CertificateNumber::to_string),
            limit: Some(PAGE.min(left)),
            state: args.state,
            organization: args.organization.clone(),
            recipient: args.recipient.clone(),
            achievement: args.achievement.clone(),
            number: None,
            issued_from: args.issued_from.clone(),
            issued_to: args.issued_to.clone(),
        };
        let page: IssuedCertificates = host.get(&format!("{PATH}?{}", members(&query))).await?;
        told += page.certificates.len();
        left = left.saturating_sub(u32::try_from(page.certificates.len()).unwrap_or(u32::MAX));
        page.certificates.iter().for_each(|certificate| output.result(certificate, || line(certificate)));
        after = page.next;
        if left == 0 || after.is_none() {
            break;
        }
    }
    if told == 0 {
        output.say(in_words!("there is no such certificate", "該当する証明書はありません"));
    }
    Ok(0)
}

/// A search as a query string.
fn members(query: &ListQuery) -> String {
    let value = serde_json::to_value(query).unwrap_or_default(); // texts, a number and a name
    let mut written = form_urlencoded::Serializer::new(String::new());
    for (name, value) in value.as_object().into_iter().flatten() {
        match value {
            serde_json::Value::String(text) => written.append_pair(name, text),
            serde_json::Value::Number(number) => written.append_pair(name, &number.to_string()),
            _ => &mut written,
        };
    }
    written.finish()
}

fn line(certificate: &ListedCertificate) -> String {
    let summary = &certificate.summary;
    let state = certificate.state.map(told).unwrap_or_default();
    let successor = certificate.superseded_by.as_ref().map(|number| format!("  → {number}")).unwrap_or_default();
    format!(
        "{}  {}  {state}{successor}  {}  {}",
        summary.number, summary.issued_at, summary.recipient, summary.achievement_ja
    )
}

async fn show(host: &Host, number: &CertificateNumber, output: Output) -> Result<u8> {
    let details: IssuedDetails = host.get(&format!("{PATH}/{number}")).await?;
    output.screen(&details, || screen(&details));
    Ok(0)
}

fn screen(details: &IssuedDetails) -> String {
    let IssuedDetails { summary, standing } = details;
    let one = |text: &str| world::text::visible(text).into_owned();
    let mut lines = vec![
        format!("{}  {}  {}", summary.number, told(standing.state), one(&summary.recipient)),
        format!("  {} / {}", one(&summary.achievement_ja), one(&summary.achievement_en)),
        in_words!(
            "  issued {} by {}, {}",
            "  発行 {}、発行機関 {}、{}",
            summary.issued_at,
            summary.organization,
            summary.level
        ),
    ];
    if let Some(day) = standing.valid_until {
        let state = (standing.state == StandingState::Expired).then_some(standing.since);
        let since = state.map(|since| in_words!(", expired since {since}", "（{since} から期限切れ）"));
        let since = since.unwrap_or_default();
        lines
            .push(in_words!("  counts until {day} in Japan{since}", "  有効期限 {day}（日本時間のこの日まで）{since}"));
    }
    if let Some(other) = &standing.supersedes {
        lines.push(in_words!("  takes the place of {other}", "  {other} の差し替え"));
    }
    for fact in &standing.history {
        let (since, reason, by) = (fact.since, one(&said(&fact.reason)), one(&fact.recorded_by));
        let event = match (fact.event, &fact.superseded_by) {
            (StandingEvent::Revoked, _) => in_words!("revoked", "取消"),
            (StandingEvent::Suspended, _) => in_words!("suspended", "停止"),
            (StandingEvent::Released, _) => in_words!("released", "停止解除"),
            (StandingEvent::Superseded, Some(other)) => in_words!("superseded by {other}", "{other} に差し替え"),
            (StandingEvent::Superseded, None) => in_words!("superseded", "差し替え"),
        };
        lines.push(in_words!("  {since}  {event}: {reason} ({by})", "  {since}  {event}: {reason}（{by}）"));
    }
    lines.push(format!("  {}", summary.address));
    lines.join("\n")
}

async fn reissue(host: &Host, common: &Common, args: &ReissueArgs, output: Output) -> Result<u8> {
    let out = args.out.clone().unwrap_or_else(|| common.documents());
    let is_file = args.out.as_deref().is_some_and(is_pdf_name);
    let output = output.beside([out.as_path()])?;
    match is_file {
        true => files::check_free(&out, args.overwrite.existing())?,
        false if is_stdout(&out) => {}
        false => {
            check_folder_name(&out)?;
            files::check_folder(&out)?;
        }
    }
    let completion = match &args.completion {
        None => None,
        Some(file) => {
            let data = world::json::read_with_place(&files::read(file)?);
            Some(data.map_err(|wrong| {
                let problem = format!("completion data: {}", wrong.problem);
                let japanese = issuer::Error::from(wrong).in_japanese();
                Invalid::new(&file.display().to_string(), problem).in_japanese(japanese)
            })?)
        }
    };
    let ChangeArgs { number, reason, by } = &args.change;
    let request = Reissue {
        another: args.another.clone(),
        by: by.clone(),
        completion,
        level: args.level,
        reason: reason.clone(),
        template_version: args.template_version,
    };
    let details: IssuedDetails = host.post(&format!("{PATH}/{number}/reissue"), &request).await?;
    let summary = details.summary;
    let pdf = pdf_of(host, &summary).await?;
    let file: PathBuf = if is_file || is_stdout(&out) { out } else { numbered(&summary, &out) };
    files::write(&file, &pdf, args.overwrite.existing())
        .with_context(|| format!("{} was issued and is kept, also at {}", summary.number, summary.pdf))?;
    let saved = SavedCertificate { summary, file: Some(file.display().to_string()) };
    output.result(&saved, || {
        let new = &saved.summary;
        let (successor, level, recipient, place) = (&new.number, new.level, &new.recipient, file.display());
        in_words!(
            "{successor}  {level}  {recipient}  {place}  takes the place of {number}",
            "{successor}  {level}  {recipient}  {place}  {number} の差し替え"
        )
    });
    Ok(0)
}
