//! The answers below the headline. In: a report on a seal. Out: who, unchanged, when, later, the certificate now, what to do.

use std::collections::BTreeMap;

use validation::report::{CertificateStatus, Later, LaterChanges, LaterWhat, Lookup, SignatureReport};
use validation::{Conclusion, Failure, Language};

use super::change::Change;
use super::{Answer, Mark, advice, japan_time, mark, name, shown, stamped};

/// Every answer there is to give.
pub(super) fn all(seal: &SignatureReport, lookups: &[Lookup], language: Language) -> Vec<Answer> {
    let mut answers = vec![who(seal, language), unchanged(seal, language), when(seal, language)];
    answers.extend(later(seal, language));
    answers.push(certificate_now(seal, language));
    answers.extend(what_to_do(seal, lookups, language));
    answers
}

fn who(seal: &SignatureReport, language: Language) -> Answer {
    let question = language.of("だれが発行したか", "Who issued it");
    let identifier = seal.signer.as_ref().and_then(|signer| signer.organization_identifier.as_deref());
    let identifier = identifier.map(|text| format!(" ({})", shown(text))).unwrap_or_default();
    let name = format!("{}{identifier}", name(seal, language));
    if seal.confirmed_name().is_some() {
        return Answer { question, mark: Mark::Confirmed, text: name };
    }
    let broken = matches!(seal.conclusion, Conclusion::Failed(Failure::HashFailure | Failure::SigCryptoFailure));
    let mark = if broken { Mark::Problem } else { Mark::Open };
    let of_somebody = seal.facts.path_to_anchor && mark == Mark::Open; // whose key may be in other hands
    let text = match (&seal.signer, language, of_somebody) {
        (None, ..) => language.of("確認できませんでした。", "This could not be found out.").into(),
        (Some(_), Language::Japanese, true) => {
            format!("電子証明書は {name} のものですが、本人が発行したとは確認できていません。")
        }
        (Some(_), Language::English, true) => {
            format!("The certificate is of {name}; that it was they who sealed is not confirmed.")
        }
        (Some(_), Language::Japanese, false) => format!("{name} と名乗っていますが、確認できていません。"),
        (Some(_), Language::English, false) => format!("It claims to be {name}, not confirmed."),
    };
    Answer { question, mark, text }
}

fn unchanged(seal: &SignatureReport, language: Language) -> Answer {
    let change = Change::of(seal);
    let text = match (change, seal.facts.later_changes) {
        (Change::None, LaterChanges::None) => {
            language.of("発行後に書き換えられていません。", "It was not changed after it was sealed.")
        }
        (Change::None, LaterChanges::Seals) => language.of(
            "発行後に加わったのは、別のeシールと長期検証のための情報だけです。",
            "Only further seals and evidence for long-term validation were added after it was sealed.",
        ),
        (Change::None, _) => language.of(
            "発行後に加わったのは、長期検証のための情報だけです。",
            "Only evidence for long-term validation was added after it was sealed.",
        ),
        (Change::Metadata, _) => language.of(
            "ページは発行時のままですが、題名などの文書情報が書き換えられています。",
            "The pages were not changed; title or metadata were changed later.",
        ),
        (Change::Permitted, _) => {
            language.of("発行者が認めた範囲の追記があります。", "What was added later is what the seal permits.")
        }
        (Change::Added, _) => {
            language.of("発行後に追記または変更があります。", "Something was added or changed after it was sealed.")
        }
        (Change::Rewritten, _) => {
            language.of("発行後に内容が書き換えられています。", "Its content was changed after it was sealed.")
        }
        (Change::Uncovered, _) => {
            language.of("eシールが保護しているのはファイルの一部だけです。", "The seal covers a part of the file only.")
        }
        (Change::Unknown, _) => language.of("確認できませんでした。", "This could not be found out."),
    };
    let question = language.of("書き換えられていないか", "Unchanged?");
    Answer { question, mark: change.mark(), text: text.into() }
}

fn when(seal: &SignatureReport, language: Language) -> Answer {
    let question = language.of("いつの時点の証拠か", "Proven when?");
    match stamped(seal).map(japan_time) {
        Some(time) => {
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

/// What came later, each kind once, seals and time-stamps one by one.
fn later(seal: &SignatureReport, language: Language) -> Option<Answer> {
    /// More would not be read.
    const SHOWN: usize = 6;
    let mut descriptions: Vec<String> = Vec::new();
    let mut others: BTreeMap<LaterWhat, ()> = BTreeMap::new();
    for later in &seal.later {
        match later.what {
            LaterWhat::Seal | LaterWhat::DocumentTimestamp => descriptions.push(signature(later, language)),
            what => _ = others.insert(what, ()),
        }
    }
    let more = descriptions.len().saturating_sub(SHOWN);
    descriptions.truncate(SHOWN);
    if more > 0 {
        descriptions.push(match language {
            Language::Japanese => format!("ほか {more} 件"),
            Language::English => format!("{more} more"),
        });
    }
    descriptions.extend(others.keys().map(|what| kind(*what, language).to_owned()));
    if descriptions.is_empty() {
        return None;
    }
    let text = descriptions.join(language.of("、", ", "));
    Some(Answer {
        question: language.of("発行後に加わったもの", "What came later"),
        mark: Change::of(seal).mark(),
        text,
    })
}

/// A further seal or document time-stamp: by whom, when.
fn signature(later: &Later, language: Language) -> String {
    let who = later.who.as_deref().map(shown);
    let time = later.when.map(japan_time).map(|time| match language {
        Language::Japanese => format!("({})", time.replace(" (JST)", " JST")),
        Language::English => format!(" of {time}"),
    });
    let time = time.unwrap_or_default();
    match (language, later.what, who) {
        (Language::Japanese, LaterWhat::Seal, Some(who)) => format!("{who} のeシール{time}"),
        (Language::Japanese, LaterWhat::Seal, None) => format!("発行者を確認できないeシール{time}"),
        (Language::Japanese, _, Some(who)) => format!("{who} の文書タイムスタンプ{time}"),
        (Language::Japanese, _, None) => format!("時刻認証局を確認できない文書タイムスタンプ{time}"),
        (Language::English, LaterWhat::Seal, Some(who)) => format!("a seal of {who}{time}"),
        (Language::English, LaterWhat::Seal, None) => format!("a seal of somebody not confirmed{time}"),
        (Language::English, _, Some(who)) => format!("a document time-stamp of {who}{time}"),
        (Language::English, _, None) => format!("a document time-stamp of somebody not confirmed{time}"),
    }
}

fn kind(what: LaterWhat, language: Language) -> &'static str {
    match what {
        LaterWhat::Seal => language.of("eシール", "a seal"),
        LaterWhat::DocumentTimestamp => language.of("文書タイムスタンプ", "a document time-stamp"),
        LaterWhat::SecurityStore => language.of("長期検証のための情報", "evidence for long-term validation"),
        LaterWhat::Metadata => language.of("題名などの文書情報の変更", "title or metadata changed later"),
        LaterWhat::Form => language.of("フォームの変更", "form fields"),
        LaterWhat::Annotation => language.of("注釈", "annotations"),
        LaterWhat::Page => language.of("ページの変更", "changes to pages"),
        LaterWhat::Other => language.of("その他の変更", "other changes"),
    }
}

/// What is known of the certificate now, and what that means.
fn certificate_now(seal: &SignatureReport, language: Language) -> Answer {
    let question = language.of("電子証明書の現在の状態", "The certificate now");
    let status = &seal.current_status;
    let passed = seal.conclusion.is_passed();
    let since = status.since.map(japan_time).unwrap_or_default();
    let as_of = status.as_of.map(japan_time).unwrap_or_default();
    let (mark, japanese, english) = match status.status {
        CertificateStatus::Good => (
            Mark::Confirmed,
            format!("失効していません({} 時点)。", as_of.replace(" (JST)", " JST")),
            format!("Not revoked, as of {as_of}."),
        ),
        CertificateStatus::OnHold => {
            (Mark::Open, format!("{since} から一時停止中です。"), format!("On hold since {since}."))
        }
        CertificateStatus::Revoked => (
            if passed { Mark::Note } else { Mark::Problem },
            format!("{since} に失効しています。"),
            format!("Revoked since {since}."),
        ),
        CertificateStatus::Unknown => {
            (Mark::Open, "失効しているかどうかは分かりません。".into(), "Whether it is revoked is not known.".into())
        }
    };
    let (mark, expiry) =
        if status.expired { (mark.max(Mark::Note), expiry(seal, language)) } else { (mark, String::new()) };
    let sentence = match language {
        Language::Japanese => japanese,
        Language::English => english,
    };
    Answer { question, mark, text: format!("{sentence}{expiry}") }
}

/// That the certificate has expired, and what that means.
fn expiry(seal: &SignatureReport, language: Language) -> String {
    let Some(until) = seal.signer.as_ref().map(|signer| signer.valid_until) else { return String::new() };
    let older = stamped(seal).filter(|stamp| seal.conclusion.is_passed() && *stamp <= until).map(japan_time);
    let until = japan_time(until);
    match (language, older) {
        (Language::Japanese, Some(stamp)) => format!(
            "{until} に有効期限が切れましたが、それより前の {stamp} のタイムスタンプがあるため、eシールは有効です。"
        ),
        (Language::Japanese, None) => format!("{until} に有効期限が切れました。"),
        (Language::English, Some(stamp)) => {
            format!(" It expired at {until}; the time-stamp of {stamp} is older, so the seal stands.")
        }
        (Language::English, None) => format!(" It expired at {until}."),
    }
}

fn what_to_do(seal: &SignatureReport, lookups: &[Lookup], language: Language) -> Option<Answer> {
    let question = language.of("どうすればよいか", "What to do");
    let text = advice::advice(seal, lookups, language)?;
    (mark(seal) != Mark::Confirmed).then_some(Answer { question, mark: Mark::Note, text })
}
