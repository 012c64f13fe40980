//! A report as one screen for a person. In: a report. Out: lines: what it comes to, the answers, then the checks that failed,
//! then the warnings; how many others there were.

use std::path::Path;

use validation::Language;
use validation::report::{Check, Kind, Outcome, Report, SignatureReport};
use verifier::explanation;
use world::text::visible;

pub(super) fn of(file: &Path, report: &Report, language: Language, all_checks: bool) -> String {
    let (mark, headline) = explanation::headline(report, language);
    let file = file.display().to_string();
    let mut lines = vec![format!("{} {}", mark.sign(), visible(&file)), format!("  {headline}")];
    for seal in &report.signatures {
        lines.push(String::new());
        lines.push(format!("  {}  {}  {}", title(seal, language), level(seal), seal.verdict()));
        if seal.kind == Kind::Seal {
            let explained = explanation::explain(seal, &report.lookups, language);
            if report.signatures.iter().filter(|one| one.kind == Kind::Seal).count() > 1 {
                lines.push(format!("    {} {}", explained.mark.sign(), explained.headline));
            }
            for answer in explained.answers {
                lines.push(format!("    {} {}: {}", answer.mark.sign(), answer.question, answer.text));
            }
        }
        lines.extend(checks(seal, language, all_checks));
    }
    let unanswered = explanation::unanswered(&report.lookups, language);
    if !unanswered.is_empty() {
        lines.extend([String::new(), format!("  {}", explanation::unanswered_title(language))]);
        lines.extend(unanswered.into_iter().map(|sentence| format!("    {sentence}")));
    }
    lines.join("\n")
}

fn title(seal: &SignatureReport, language: Language) -> String {
    let kind = match seal.kind {
        Kind::Seal => language.of("eシール", "seal"),
        Kind::DocumentTimestamp => language.of("文書タイムスタンプ", "document time-stamp"),
    };
    format!("{kind} \"{}\"", visible(&seal.field))
}

fn level(seal: &SignatureReport) -> &'static str {
    if seal.kind == Kind::Seal { seal.level.name() } else { "" }
}

/// The checks, those first that failed, then warnings; the rest is counted, or follows. What failed in a seal that passed was
/// settled by a later step, so that it is part of the rest.
fn checks(seal: &SignatureReport, language: Language, all: bool) -> Vec<String> {
    let is_notable =
        |outcome| outcome == Outcome::Warning || outcome == Outcome::Failed && !seal.conclusion.is_passed();
    let (first, rest): (Vec<&Check>, Vec<&Check>) =
        explanation::in_order(&seal.checks).partition(|check| is_notable(check.outcome));
    let mut lines: Vec<String> = first.into_iter().map(|check| line(check, language)).collect();
    match all {
        true => lines.extend(rest.into_iter().map(|check| line(check, language))),
        false => lines.push(match language {
            Language::Japanese => format!("    ほか {} 項目の検査 (--all-checks で表示)", rest.len()),
            Language::English => format!("    {} other checks (--all-checks shows them)", rest.len()),
        }),
    }
    lines
}

fn line(check: &Check, language: Language) -> String {
    let outcome = check.outcome.name();
    let rule = check.rule().map(|rule| format!(" {rule}")).unwrap_or_default();
    let offset = check.offset.map(|offset| format!(" (byte {offset})")).unwrap_or_default();
    let detail = visible(&check.detail);
    format!("    {outcome} {}{rule}: {}: {detail}{offset}", check.id.clause(), check.sentence(language))
}
