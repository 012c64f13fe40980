//! `eseal timestamp`: asks for an RFC 3161 time-stamp on a file, or judges one by EN 319 102-1 clause 5.4.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use http::StatusCode;
use jiff::Timestamp;
use pki::{DigestAlgorithm, TimeStampFailure, TimeStampToken};
use sealing::{AnswerError, TimeStampQuestion};
use serde::Serialize;
use validation::report::{Check, Lookup, Outcome, TimestampConclusion};
use validation::token::{self, Stamped, TokenInput, TokenReport};
use validation::{Anchor, Conclusion, Language, Policy};
use verifier::evidence::{self, Online};
use verifier::explanation;
use world::text::visible;

use crate::cli::TimestampArgs;
use crate::files::{self, is_stdin};
use crate::host::{self, Host};
use crate::output::{Output, about};
use crate::refused::Refused;

pub(super) async fn run(host: &Host, args: &TimestampArgs, output: Output) -> Result<u8> {
    let Some(answer) = &args.verify else {
        let file = target(args);
        let output = output.beside([file.as_path()])?;
        files::check_inputs_stay([args.file.as_path()], [file.as_path()])?;
        files::check_free(&file, args.overwrite.existing())?;
        return stamp(host, args, &file, output).await;
    };
    verify(host, args, &files::read_regular(&args.file)?, answer, output).await
}

/// Where the answer goes.
fn target(args: &TimestampArgs) -> PathBuf {
    let beside = || match is_stdin(&args.file) {
        true => "-".into(),
        false => {
            let mut name = args.file.clone().into_os_string();
            name.push(".tsr");
            name.into()
        }
    };
    args.out.clone().unwrap_or_else(beside)
}

async fn stamp(host: &Host, args: &TimestampArgs, file: &Path, output: Output) -> Result<u8> {
    let data = files::read_regular(&args.file)?;
    let question = TimeStampQuestion::about(&DigestAlgorithm::Sha256.digest(&data));
    let path = args.unit.as_ref().map_or_else(|| "/tsa".into(), |unit| format!("/tsa/{unit}"));
    let answer = host.send("POST", &path, TimeStampQuestion::MEDIA_TYPE, question.to_der().into()).await?;
    let about_unit = |refused: Refused| match refused.status {
        StatusCode::NOT_FOUND => Refused { input: args.unit.clone(), ..refused },
        _ => refused,
    };
    let answer = host::accepted(answer).map_err(about_unit)?.into_body();
    let token = question.token(&answer).map_err(unstamped)?;
    files::write(file, &answer, args.overwrite.existing())?;
    let tsa = token.signer_certificate().map(|certificate| certificate.subject().to_string());
    output.result(&TokenSummary::of(&token, tsa, file), || format!("{}  {}", token.info().time, file.display()));
    Ok(0)
}

/// Judged here, by the same code as a time-stamp in a PDF. The world gives its anchors, its time, and evidence on the network.
async fn verify(host: &Host, args: &TimestampArgs, data: &[u8], answer: &Path, output: Output) -> Result<u8> {
    let place = answer.display();
    let answer = files::read(answer)?;
    let token = token::read(&answer).map_err(anyhow::Error::new).map_err(about(place))?;
    let anchors: Vec<Anchor> = host.certificates("/ca/trust.pem").await?.into_iter().map(Anchor::from).collect();
    let mut certificates = host.certificates("/ca/intermediates.pem").await?;
    let at = host.time().await?;
    let online = if args.offline { Online::Never } else { Online::Allowed };
    host.name_to(host.network()).await?;
    let gathered = evidence::gather_for_token(host.network(), &token, &anchors, &certificates, at, online).await;
    let lookups = gathered.lookups();
    certificates.extend(gathered.certificates);
    let policy = Policy::default();
    let input = TokenInput {
        token: &answer,
        stamped: Stamped::data(data),
        anchors: &anchors,
        certificates: &certificates,
        crls: &gathered.crls,
        ocsp_responses: &gathered.ocsp_responses,
        policy: &policy,
    };
    let report = token::validate(&input, at)?;
    let verdict = TokenVerdict {
        token: TokenSummary::of(&token, report.authority.clone(), &args.file),
        valid: report.conclusion.0.is_passed(),
        fault: report.fault(),
        conclusion: &report.conclusion,
        validation_time: report.validation_time,
        checks: &report.checks,
        lookups: &lookups,
    };
    output.screen(&verdict, || screen(&report, &lookups, &args.file));
    Ok(report.exit_code())
}

/// What a token says.
#[derive(Serialize)]
struct TokenSummary {
    time: Timestamp,
    serial: String,
    policy: String,
    imprint: String,
    imprint_algorithm: String,
    tsa: Option<String>,
    file: String,
}

impl TokenSummary {
    fn of(token: &TimeStampToken, tsa: Option<String>, file: &Path) -> TokenSummary {
        let info = token.info();
        TokenSummary {
            time: info.time,
            serial: info.serial.to_string(),
            policy: info.policy.to_string(),
            imprint: info.imprint.to_string(),
            imprint_algorithm: info.imprint.algorithm().to_string(),
            tsa,
            file: file.display().to_string(),
        }
    }
}

/// What a token says, and what it is worth.
#[derive(Serialize)]
struct TokenVerdict<'a> {
    #[serde(flatten)]
    token: TokenSummary,
    valid: bool,
    fault: Option<String>,
    #[serde(flatten)]
    conclusion: &'a TimestampConclusion,
    validation_time: Timestamp,
    checks: &'a [Check],
    lookups: &'a [Lookup],
}

/// One line; of a token that did not pass, each check that does not hold besides. No value ends a line.
fn screen(report: &TokenReport, lookups: &[Lookup], file: &Path) -> String {
    let file = file.display().to_string();
    if report.conclusion.0.is_passed() {
        return format!("valid: {} existed at {}", visible(&file), report.time);
    }
    let fault = report.fault().unwrap_or_default();
    let word = match report.conclusion.0 {
        Conclusion::Indeterminate(_) => "undecided",
        _ => "not valid",
    };
    let mut lines = vec![format!("{word}: {}: {}", report.conclusion, visible(&fault))];
    let failed = report.checks.iter().filter(|check| check.outcome == Outcome::Failed);
    lines.extend(failed.map(|check| {
        let (clause, sentence) = (check.id.clause(), check.sentence(Language::English));
        format!("  failed {clause}: {sentence}: {}", visible(&check.detail))
    }));
    lines.extend(
        explanation::unanswered(lookups, Language::English).into_iter().map(|sentence| format!("  {sentence}")),
    );
    lines.join("\n")
}

/// Why there is no token; a refusal is told as the issuer tells it of a seal that the authority gave none for.
fn unstamped(problem: AnswerError) -> anyhow::Error {
    let (text, failure) = match problem {
        AnswerError::Refused { text, failure } => (text, failure),
        AnswerError::OtherThanRequested { .. } => {
            return anyhow!("the authority stamped something else than it was sent");
        }
        AnswerError::Unreadable(_) => return problem.into(),
    };
    let (status, error) = match failure {
        Some(TimeStampFailure::TimeNotAvailable) => (StatusCode::CONFLICT, "conflict"),
        Some(TimeStampFailure::SystemFailure) => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
        _ => (StatusCode::BAD_GATEWAY, "upstream_failed"),
    };
    let reason = text.or_else(|| failure.map(|failure| failure.to_string()));
    let description = format!("the authority refused: {}", reason.unwrap_or_else(|| "no reason given".into()));
    Refused { status, error: error.into(), description, japanese: None, input: None }.into()
}
