//! The first certificate of a world: issued and judged before anything is served. In: a world. Out: the certificate in the folder of
//! documents, and why its verdict is open, if it has to be.

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use issuer::CompletionData;
use jiff::Timestamp;
use jiff::tz::Offset;
use laboratory::Laboratory;
use serde::Serialize;
use validation::report::{Outcome, Overall, Report};
use validation::{Conclusion, Language, Reason};
use verifier::evidence::Online;

use crate::cli::Common;
use crate::command::issue::{self, SavedCertificate};
use crate::files::{self, Existing};
use crate::host::Host;
use crate::language::in_words;
use crate::output::Output;

/// The completion data of the first certificate.
const FIRST: &[u8] = include_bytes!("../../../../examples/certificate.json");

/// The first certificate of a world, and what it is worth.
#[derive(Serialize)]
pub(super) struct FirstCertificate {
    #[serde(flatten)]
    pub(super) saved: SavedCertificate,
    pub(super) verdict: Verdict,
}

#[derive(Serialize)]
pub(super) struct Verdict {
    pub(super) indication: &'static str,
    sub_indication: Option<&'static str>,
}

/// Issues the first certificate of a world that has none. With it, why it is undecided, if the world's keys make it so.
pub(super) async fn certificate(
    common: &Common,
    lab: &Laboratory,
    output: Output,
) -> Result<Option<(FirstCertificate, Option<String>)>> {
    if !lab.issuer.newest(1).await?.is_empty() {
        return Ok(None);
    }
    let host = Host::in_process(lab.clone());
    let (summary, pdf) = issue::issue(&host, completed(lab.world.clock.now())?, "").await?;
    let file = issue::numbered(&summary, &common.documents());
    let written = files::write(&file, &pdf, Existing::Stays);
    let file = written.is_ok().then(|| file.display().to_string());
    if let Err(problem) = written {
        let why = match problem {
            files::Error::Exists { file } => in_words!(
                "{} is there already, of an earlier world",
                "{} が以前のワールドのものとしてすでにあります",
                file.display()
            ),
            problem => problem.to_string(),
        };
        output.say(in_words!(
            "warning: the first certificate is kept in the world only: {why}",
            "警告: 最初の証明書はワールドの中にだけ保存されます: {why}"
        ));
    }
    let report = lab.verifier.judge(pdf, None, Online::Allowed).await?;
    let number = &summary.number;
    let Overall::Worst(conclusion) = report.overall else { bail!("the first certificate, {number}, has no seal") };
    let undecided = match conclusion {
        Conclusion::Passed => None,
        Conclusion::Indeterminate(Reason::CryptoConstraintsFailure | Reason::CryptoConstraintsFailureNoPoe) => {
            let why = refused_algorithms(&report, Language::English);
            let why_ja = refused_algorithms(&report, Language::Japanese);
            output.say(in_words!(
                "warning: the first certificate, {number}, is undecided by design, {conclusion}: {why}",
                "警告: 最初の証明書 {number} は設計どおり判定できません（{conclusion}）: {why_ja}"
            ));
            Some(format!("the first certificate, {number}, is undecided by design, {conclusion}: {why}"))
        }
        _ => bail!("the first certificate, {number}, does not pass: {conclusion}; `eseal verify` of its file says why"),
    };
    let verdict = Verdict { indication: conclusion.indication(), sub_indication: conclusion.sub_indication() };
    Ok(Some((FirstCertificate { saved: SavedCertificate { summary, file }, verdict }, undecided)))
}

/// The sample's completion, on its own day; in a world whose time is before that, on the day before its present one.
fn completed(at: Timestamp) -> Result<Bytes> {
    let mut data: CompletionData = serde_json::from_slice(FIRST).context("the example is no completion data")?;
    let today = Offset::constant(9).to_datetime(at).date(); // in Japan, as the issuer counts
    if data.completed_on <= today {
        return Ok(Bytes::from_static(FIRST));
    }
    data.completed_on = today.yesterday().context("the world's time is before all days")?;
    Ok(serde_json::to_vec(&data).context("completion data cannot be written as JSON")?.into())
}

/// What the verifier did not accept, in its own words: each once.
fn refused_algorithms(report: &Report, language: Language) -> String {
    let failed =
        report.signatures.iter().flat_map(|seal| &seal.checks).filter(|check| check.outcome == Outcome::Failed);
    let mut told: Vec<String> = failed.map(|check| format!("{}: {}", check.sentence(language), check.detail)).collect();
    told.sort();
    told.dedup();
    told.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_completed_after_the_world_s_present_day() {
        let on = |at: &str| {
            let data = completed(at.parse().unwrap()).unwrap();
            serde_json::from_slice::<CompletionData>(&data).unwrap().completed_on.to_string()
        };
        assert_eq!(on("2026-11-24T09:00:00Z"), "2025-09-26");
        assert_eq!(on("2025-09-25T15:00:00Z"), "2025-09-26", "the day begins in Japan");
        assert_eq!(on("2025-09-25T14:59:59Z"), "2025-09-24");
        assert_eq!(on("1950-01-01T00:00:00Z"), "1949-12-31");
        assert_eq!(completed("2026-11-24T09:00:00Z".parse().unwrap()).unwrap(), FIRST);
    }
}
