//! A report in words for people, in Japanese and English: what it comes to, and what to do. In: a report. Out: one headline
//! and the answers to *who issued it*, *is it unchanged*, *since when is it proven*.
//!
//! The organisation is always the one in the seal's certificate, never a text printed in the document.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

pub use validation::Language;
use validation::conclusion::{Conclusion, Failure, Reason};
use validation::report::{Kind, LaterChanges, Overall, Report, SignatureReport};

/// How an answer is marked, in words and sign, never in colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// ✔ confirmed
    Confirmed,
    /// ✖ a problem
    Problem,
    /// ? could not be confirmed
    Open,
}

impl Mark {
    /// The sign.
    pub fn sign(self) -> char {
        match self {
            Mark::Confirmed => '✔',
            Mark::Problem => '✖',
            Mark::Open => '?',
        }
    }

    /// Its class in a page's style.
    pub fn class(self) -> &'static str {
        match self {
            Mark::Confirmed => "good",
            Mark::Problem => "bad",
            Mark::Open => "",
        }
    }

    fn of(fact: Option<bool>) -> Mark {
        match fact {
            Some(true) => Mark::Confirmed,
            Some(false) => Mark::Problem,
            None => Mark::Open,
        }
    }
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The question.
    pub question: String,
    /// Its mark.
    pub mark: Mark,
    /// A sentence.
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
    match seals.max_by_key(|seal| seal.conclusion.severity()) {
        Some(worst) if report.overall != Overall::NoSignatureFound => {
            let explained = explain(worst, language);
            (explained.mark, explained.headline)
        }
        _ => (
            Mark::Open,
            language
                .of(
                    "eシールが付いていません(印刷・スキャン・再保存で失われます)。",
                    "There is no e-seal (it is lost when a file is printed, scanned or saved anew).",
                )
                .into(),
        ),
    }
}

/// One seal in words.
pub fn explain(seal: &SignatureReport, language: Language) -> Explanation {
    let mark = match seal.conclusion {
        Conclusion::Passed => Mark::Confirmed,
        Conclusion::Failed(_) => Mark::Problem,
        Conclusion::Indeterminate(_) => Mark::Open,
    };
    let answers = vec![who(seal, language), unchanged(seal, language), when(seal, language)];
    Explanation { mark, headline: sentence(seal, language), answers }
}

fn organization(seal: &SignatureReport, language: Language) -> String {
    let signer = seal.signer.as_ref();
    let name = signer.and_then(|signer| signer.organization.clone().or_else(|| Some(signer.subject.clone())));
    name.unwrap_or_else(|| language.of("不明な組織", "an unknown organisation").into())
}

fn who(seal: &SignatureReport, language: Language) -> Answer {
    use Reason::{NoCertificateChainFound, NoCertificateChainFoundNoPoe, NoSigningCertificateFound};
    let unknown = matches!(
        seal.conclusion,
        Conclusion::Indeterminate(NoCertificateChainFound | NoCertificateChainFoundNoPoe | NoSigningCertificateFound)
    );
    let trusted = seal.signer.is_some() && seal.facts.signature_intact == Some(true);
    let mark = match (trusted, unknown) {
        (true, false) => Mark::Confirmed,
        (_, true) => Mark::Open,
        (false, _) => Mark::of(seal.facts.signature_intact),
    };
    let identifier = seal.signer.as_ref().and_then(|signer| signer.organization_identifier.clone());
    let identifier = identifier.map(|text| format!(" ({text})")).unwrap_or_default();
    let text = format!("{}{identifier}", organization(seal, language));
    Answer { question: language.of("だれが発行したか", "Who issued it").into(), mark, text }
}

fn unchanged(seal: &SignatureReport, language: Language) -> Answer {
    let mark = match (seal.facts.hash_intact, seal.facts.later_changes) {
        (Some(true), LaterChanges::Other) => Mark::Problem,
        (fact, _) => Mark::of(fact),
    };
    let text = match (mark, seal.facts.later_changes) {
        (Mark::Confirmed, LaterChanges::None) => {
            language.of("発行後に書き換えられていません。", "It was not changed after it was sealed.")
        }
        (Mark::Confirmed, _) => language.of(
            "発行後に加わったのは、長期検証のための情報だけです。",
            "Only evidence for long-term validation was added after it was sealed.",
        ),
        (Mark::Problem, LaterChanges::Other) if seal.facts.hash_intact == Some(true) => {
            language.of("発行後に追記があります。", "Something was added after it was sealed.")
        }
        (Mark::Problem, _) => {
            language.of("発行後に内容が書き換えられています。", "It was changed after it was sealed.")
        }
        (Mark::Open, _) => language.of("確認できませんでした。", "This could not be found out."),
    };
    Answer { question: language.of("書き換えられていないか", "Unchanged?").into(), mark, text: text.into() }
}

fn when(seal: &SignatureReport, language: Language) -> Answer {
    let question = language.of("いつの時点の証拠か", "Proven when?").into();
    let stamped = seal.timestamps.iter().any(|stamp| stamp.conclusion.0.is_passed());
    match seal.best_signature_time.filter(|_| stamped) {
        Some(time) => {
            let time = japan_time(time);
            let text = match language {
                Language::Japanese => format!("{time} には存在していたことが、タイムスタンプで証明されています。"),
                Language::English => format!("A time-stamp proves that it existed at {time}."),
            };
            Answer { question, mark: Mark::Confirmed, text }
        }
        None => Answer {
            question,
            mark: Mark::Open,
            text: language.of("時点を証明するタイムスタンプはありません。", "No time-stamp proves a time.").into(),
        },
    }
}

/// The sentence for each state.
fn sentence(seal: &SignatureReport, language: Language) -> String {
    let (japanese, english) = match seal.conclusion {
        Conclusion::Passed => return passed(seal, language),
        Conclusion::Failed(failure) => failed(failure, seal.facts.later_changes),
        Conclusion::Indeterminate(reason) => undecided(reason),
    };
    language.of(japanese, english).into()
}

fn passed(seal: &SignatureReport, language: Language) -> String {
    let organization = organization(seal, language);
    match language {
        Language::Japanese => {
            format!("この文書は、{organization} が発行したもので、発行後に書き換えられていません。")
        }
        Language::English => format!("Issued by {organization}; not changed since."),
    }
}

fn failed(failure: Failure, later: LaterChanges) -> (&'static str, &'static str) {
    match failure {
        Failure::HashFailure | Failure::SigCryptoFailure => (
            "発行後に内容が書き換えられています。使わないでください。",
            "Changed after it was sealed. Do not rely on it.",
        ),
        Failure::FormatFailure if later == LaterChanges::Other => (
            "発行後に追記があります。発行時の内容とは限りません。",
            "Something was added after it was sealed. What is shown may not be what was sealed.",
        ),
        Failure::FormatFailure => (
            "ファイルが壊れているか、eシールの形式が正しくありません。",
            "The file is damaged, or the e-seal does not have the right form.",
        ),
        Failure::Revoked => (
            "電子証明書の失効後に発行されたことが証明されています。使わないでください。",
            "Proven to be sealed after the certificate was revoked. Do not rely on it.",
        ),
        Failure::Expired => (
            "電子証明書の有効期限後に発行されたことが証明されています。使わないでください。",
            "Proven to be sealed after the certificate expired. Do not rely on it.",
        ),
        Failure::NotYetValid => (
            "電子証明書の有効期間が始まる前の日時になっています。パソコンの時計も確認してください。",
            "Dated before the certificate became valid. Check the clock of this machine too.",
        ),
    }
}

fn undecided(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::RevokedNoPoe | Reason::RevokedCaNoPoe => (
            "発行に使った電子証明書が失効しており、失効より前に発行されたことを確認できません。",
            "The certificate is revoked, and nothing proves that the document was sealed before.",
        ),
        Reason::OutOfBoundsNoPoe | Reason::OutOfBoundsNotRevoked | Reason::RevocationOutOfBoundsNoPoe => (
            "電子証明書の有効期間内に発行されたことを確認できません。",
            "Nothing proves that it was sealed while the certificate was valid.",
        ),
        Reason::NoCertificateChainFound | Reason::NoCertificateChainFoundNoPoe | Reason::NoSigningCertificateFound => (
            "発行元の電子証明書が、信頼できる認証局一覧にありません。",
            "The issuer's certificate does not lead to a trusted authority.",
        ),
        Reason::TryLater | Reason::CertificateChainGeneralFailure => (
            "いま失効状況を確認できません。時間をおいて再度お試しください(改ざんは見つかっていません)。",
            "The revocation status cannot be found out now; try again later. No tampering was found.",
        ),
        Reason::CryptoConstraintsFailure | Reason::CryptoConstraintsFailureNoPoe => (
            "使われている暗号方式が現在の基準では安全とみなされません。",
            "Its cryptography is no longer considered safe.",
        ),
        _ => ("確認に必要な情報が足りないため、判断できません。", "What is at hand does not suffice to decide."),
    }
}

/// A moment as it is read in Japan.
pub fn japan_time(at: Timestamp) -> String {
    let moment = at.to_zoned_datetime(TimeZone::fixed(Offset::constant(9))).datetime();
    format!("{} {:02}:{:02}:{:02} (JST)", moment.date(), moment.hour(), moment.minute(), moment.second())
}

#[cfg(test)]
mod tests {
    use super::*;
    use validation::conclusion::{FAILURES, REASONS};
    use validation::report::{Facts, Level, Signer};

    fn seal(conclusion: Conclusion) -> SignatureReport {
        SignatureReport {
            field: "Seal".into(),
            kind: Kind::Seal,
            level: Level::BB,
            conclusion,
            signer: Some(Signer {
                subject: "CN=x".into(),
                organization: Some("試験大学".into()),
                organization_identifier: Some("NTRJP-9234567890123".into()),
                serial: "01".into(),
            }),
            claimed_time: None,
            best_signature_time: None,
            facts: Facts {
                hash_intact: Some(true),
                signature_intact: Some(true),
                byte_range_valid: Some(true),
                dictionary_consistent: Some(true),
                later_changes: LaterChanges::None,
            },
            timestamps: Vec::new(),
            checks: Vec::new(),
        }
    }

    #[test]
    fn every_conclusion_has_a_sentence_in_both_languages_and_only_a_pass_is_confirmed() {
        let all = FAILURES.map(Conclusion::Failed).into_iter().chain(REASONS.map(Conclusion::Indeterminate));
        for conclusion in all {
            for language in [Language::Japanese, Language::English] {
                let explained = explain(&seal(conclusion), language);
                assert!(explained.headline.chars().count() > 15, "{conclusion}");
                assert_ne!(explained.mark, Mark::Confirmed, "{conclusion}");
            }
        }
        let passed = explain(&seal(Conclusion::Passed), Language::Japanese);
        assert!(passed.headline.contains("試験大学") && passed.mark == Mark::Confirmed);
        assert_eq!(passed.answers[2].mark, Mark::Open, "a seal without a time-stamp proves no time");
    }
}
