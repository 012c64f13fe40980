//! A report in words for people, in Japanese and English: what it comes to, and what to do. In: a report. Out: one headline
//! and the answers to *who issued it*, *is it unchanged*, *since when is it proven*, *what came later*, *what of the certificate
//! now*, *what to do*.
//!
//! The headline is true whatever the policy: "not changed" is said only of a file to which nothing but evidence and further
//! seals was added, and a name is confirmed only if its path leads to a trust anchor. The organisation is always the one in the
//! seal's certificate, never a text printed in the document.

mod addresses;
mod advice;
mod answers;
mod change;
mod sentences;

use std::cmp::Reverse;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use world::text::visible;

use validation::Conclusion;
use validation::Language;
use validation::report::{Check, Kind, Lookup, LookupOutcome, Outcome, Overall, Report, SignatureReport};

use change::Change;

/// Failed checks, then warnings, then the rest, each in the order in which they were made.
pub fn in_order(checks: &[Check]) -> impl Iterator<Item = &Check> {
    let rank = |check: &Check| match check.outcome {
        Outcome::Failed => 0,
        Outcome::Warning => 1,
        Outcome::Passed | Outcome::Ignored => 2,
    };
    (0..3).flat_map(move |place| checks.iter().filter(move |check| rank(check) == place))
}

/// How an answer is marked, in words and sign, never in colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// ✔ confirmed
    Confirmed,
    /// ! something to know
    Note,
    /// ? could not be confirmed
    Open,
    /// ✖ a problem
    Problem,
}

impl Mark {
    /// The sign.
    pub fn sign(self) -> char {
        match self {
            Mark::Confirmed => '✔',
            Mark::Note => '!',
            Mark::Open => '?',
            Mark::Problem => '✖',
        }
    }

    /// Its class in a page's style.
    pub fn class(self) -> &'static str {
        match self {
            Mark::Confirmed => "good",
            Mark::Problem => "bad",
            Mark::Note | Mark::Open => "",
        }
    }
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The question.
    pub question: &'static str,
    /// Its mark.
    pub mark: Mark,
    /// A sentence or two.
    pub text: String,
}

/// A seal in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The mark of the whole.
    pub mark: Mark,
    /// What it comes to.
    pub headline: String,
    /// The answers.
    pub answers: Vec<Answer>,
}

/// The headline of a whole file: that of its worst seal.
pub fn headline(report: &Report, language: Language) -> (Mark, String) {
    let seals = report.signatures.iter().filter(|one| one.kind == Kind::Seal);
    match seals.min_by_key(|seal| Reverse((seal.conclusion.severity(), mark(seal)))) {
        Some(worst) if report.overall != Overall::NoSignatureFound => {
            (mark(worst), sentences::headline(worst, language))
        }
        _ => (Mark::Open, no_seal(report, language).into()),
    }
}

fn no_seal(report: &Report, language: Language) -> &'static str {
    match report.signatures.is_empty() {
        true => language.of(
            "eシールが付いていません(印刷・スキャン・再保存で失われます)。",
            "There is no e-seal (it is lost when a file is printed, scanned or saved anew).",
        ),
        false => language.of(
            "eシールが付いていません。文書タイムスタンプだけでは、だれが発行したかは分かりません。",
            "There is no e-seal; a document time-stamp alone does not tell who issued the document.",
        ),
    }
}

/// One seal in words. `lookups`: what came of the addresses in the certificates of its file.
pub fn explain(seal: &SignatureReport, lookups: &[Lookup], language: Language) -> Explanation {
    Explanation {
        mark: mark(seal),
        headline: sentences::headline(seal, language),
        answers: answers::all(seal, lookups, language),
    }
}

/// What stands over [`unanswered`].
pub fn unanswered_title(language: Language) -> &'static str {
    language.of(
        "証明書に書かれているアドレスのうち、回答のなかったもの",
        "Addresses in the certificates that gave no evidence",
    )
}

/// A sentence for each address that was not called, or gave nothing that can be used.
pub fn unanswered(lookups: &[Lookup], language: Language) -> Vec<String> {
    let without = lookups.iter().filter(|lookup| lookup.outcome != LookupOutcome::Answered);
    without.map(|lookup| addresses::sentence(lookup, language)).collect()
}

/// ✔ is for a seal that passed, of a confirmed name, over a document that was not changed since, and for nothing else.
fn mark(seal: &SignatureReport) -> Mark {
    let change = Change::of(seal);
    match seal.conclusion {
        Conclusion::Failed(_) => Mark::Problem,
        _ if change.mark() == Mark::Problem => Mark::Problem,
        Conclusion::Indeterminate(_) => Mark::Open,
        Conclusion::Passed if seal.confirmed_name().is_none() => Mark::Open,
        Conclusion::Passed => change.mark(),
    }
}

/// The name in the certificate, confirmed or not, as it may be shown.
fn name(seal: &SignatureReport, language: Language) -> String {
    match &seal.signer {
        Some(signer) => shown(signer.name()),
        None => language.of("不明な組織", "an unknown organisation").into(),
    }
}

/// A stranger's text inside a sentence: nothing hidden, no white space to fill a line with, and no longer than a name may be.
fn shown(text: &str) -> String {
    /// RFC 5280 appendix A.1 allows an organisation 64 characters.
    const LONGEST: usize = 100;
    let text = visible(text);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// When a time-stamp that passed proves the seal to have existed.
fn stamped(seal: &SignatureReport) -> Option<Timestamp> {
    seal.best_signature_time.filter(|_| seal.timestamps.iter().any(|stamp| stamp.conclusion.0.is_passed()))
}

/// A moment as it is read in Japan.
pub fn japan_time(at: Timestamp) -> String {
    let moment = at.to_zoned_datetime(TimeZone::fixed(Offset::constant(9))).datetime();
    format!("{} {:02}:{:02}:{:02} (JST)", moment.date(), moment.hour(), moment.minute(), moment.second())
}

#[cfg(test)]
#[path = "explanation/tests.rs"]
mod tests;
