//! The first line: what a seal comes to. In: a report on a seal. Out: a sentence or two that are true whatever the policy.
//!
//! A failed digest, a failed signature value and a failed form are three things: changed, forged, and not as its standard asks.

use validation::report::{CertificateStatus, SignatureReport};
use validation::{CheckId, Conclusion, Failure, Language, Reason};

use super::change::Change;
use super::{japan_time, name, stamped};

/// The sentence for each state.
pub(super) fn headline(seal: &SignatureReport, language: Language) -> String {
    let change = Change::of(seal);
    match seal.conclusion {
        Conclusion::Passed => joined([passed(seal, change, language), standing(seal, language)], language),
        Conclusion::Failed(failure) => failed(failure, seal, change, language),
        Conclusion::Indeterminate(reason) => {
            let changed = change_beside(change).map(|(japanese, english)| language.of(japanese, english).to_owned());
            joined([changed.unwrap_or_default(), undecided(reason, seal, change, language)], language)
        }
    }
}

/// Sentences one after the other; Japanese needs no space.
fn joined(parts: [String; 2], language: Language) -> String {
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(language.of("", " "))
}

fn passed(seal: &SignatureReport, change: Change, language: Language) -> String {
    let name = name(seal, language);
    let confirmed = seal.confirmed_name().is_some();
    let (who_japanese, who_english) = match confirmed {
        true => (format!("この文書は、{name} が発行したもの"), format!("Issued by {name}")),
        false => (
            format!("この文書は {name} の発行とされていますが、確認できていないもの"),
            format!("Claims to be issued by {name}, not confirmed"),
        ),
    };
    let (japanese, english) = match change {
        Change::None => ("で、発行後に書き換えられていません。", "; not changed since."),
        Change::Metadata => (
            "で、ページの内容は発行時のままですが、題名などの文書情報が発行後に書き換えられています。",
            "; the pages are as they were sealed, but title or metadata were changed later.",
        ),
        Change::Permitted => (
            "で、発行者が認めた範囲の追記(フォームの記入など)が発行後にあります。",
            "; what was filled in later is what its issuer permits.",
        ),
        Change::Added => (
            "ですが、発行後に変更されています。表示される内容は、発行時のものとは限りません。",
            ", but changed after it was sealed: what is shown may not be what was sealed.",
        ),
        Change::Rewritten => {
            ("ですが、発行後に内容が書き換えられています。", ", but its content was changed after it was sealed.")
        }
        Change::Uncovered => (
            "ですが、eシールはファイルの一部しか保護していません。表示される内容は、発行時のものとは限りません。",
            ", but the e-seal covers a part of the file only: what is shown may not be what was sealed.",
        ),
        Change::Unknown => {
            ("ですが、書き換えの有無は確認できませんでした。", "; whether it was changed could not be found out.")
        }
    };
    match language {
        Language::Japanese => format!("{who_japanese}{japanese}"),
        Language::English => format!("{who_english}{english}"),
    }
}

/// What a revocation or suspension means for a seal that passed.
fn standing(seal: &SignatureReport, language: Language) -> String {
    let (japanese, english) = match seal.current_status.status {
        CertificateStatus::Revoked => ("失効しています", "revoked"),
        CertificateStatus::OnHold => ("一時停止中です", "on hold"),
        CertificateStatus::Good | CertificateStatus::Unknown => return String::new(),
    };
    let Some(revoked) = seal.current_status.since else { return String::new() };
    let since = japan_time(revoked);
    let Some(stamp) = stamped(seal) else {
        return match language {
            Language::Japanese => format!(
                "電子証明書は {since} から{japanese}が、それより前に発行されたと判断されるため、eシールは有効です。"
            ),
            Language::English => {
                format!("Its certificate has been {english} since {since}; the seal is older, so it stands.")
            }
        };
    };
    // In the same second: clause 5.6.2.4 step 3 takes a proof at the time of the revocation, clause 5.5 none.
    let (before, older) = match stamp < revoked {
        true => ("それより前の", "is older"),
        false => ("それより後ではない", "is not later"),
    };
    let stamp = japan_time(stamp);
    match language {
        Language::Japanese => format!(
            "電子証明書は {since} から{japanese}が、{before} {stamp} のタイムスタンプがあるため、eシールは有効です。"
        ),
        Language::English => format!(
            "Its certificate has been {english} since {since}; the time-stamp of {stamp} {older}, so the seal stands."
        ),
    }
}

/// What is said of changes when the conclusion is about something else.
fn change_beside(change: Change) -> Option<(&'static str, &'static str)> {
    match change {
        Change::Added | Change::Permitted => Some((
            "発行後に変更されています。表示される内容は、発行時のものとは限りません。",
            "Changed after it was sealed: what is shown may not be what was sealed.",
        )),
        Change::Rewritten => {
            Some(("発行後に内容が書き換えられています。", "Its content was changed after it was sealed."))
        }
        Change::Uncovered => {
            Some(("eシールはファイルの一部しか保護していません。", "The e-seal covers a part of the file only."))
        }
        Change::Metadata => Some((
            "題名などの文書情報が発行後に書き換えられています。",
            "Title or metadata were changed after it was sealed.",
        )),
        Change::None | Change::Unknown => None,
    }
}

fn failed(failure: Failure, seal: &SignatureReport, change: Change, language: Language) -> String {
    let name = name(seal, language);
    let (japanese, english) = match failure {
        Failure::HashFailure => (
            "発行後に内容が書き換えられています。使わないでください。".into(),
            "Changed after it was sealed. Do not rely on it.".into(),
        ),
        Failure::SigCryptoFailure => (
            format!(
                "eシールの署名値が {name} の電子証明書と合いません。偽造か破損のおそれがあります。使わないでください。"
            ),
            format!(
                "The signature value does not fit the certificate of {name}: the seal may be forged, or damaged. Do not rely on it."
            ),
        ),
        Failure::FormatFailure => {
            let unknown = seal.confirmed_name().is_none() && change != Change::Unknown;
            let who = language.of("だれが発行したかも確認できていません。", "Who issued it is not confirmed either.");
            return joined([malformed(change, language), if unknown { who.into() } else { String::new() }], language);
        }
        Failure::Revoked => (
            format!(
                "電子証明書の失効{}より後に発行されたことが証明されています。使わないでください。",
                since(seal, language)
            ),
            format!(
                "Proven to be sealed after the certificate was revoked{}. Do not rely on it.",
                since(seal, language)
            ),
        ),
        Failure::Expired => (
            format!(
                "電子証明書の有効期限{}より後に発行されたことが証明されています。使わないでください。",
                until(seal, language)
            ),
            format!("Proven to be sealed after the certificate expired{}. Do not rely on it.", until(seal, language)),
        ),
        Failure::NotYetValid => (
            "電子証明書の有効期間が始まる前の日時になっています。".into(),
            "Dated before its certificate became valid.".into(),
        ),
    };
    match language {
        Language::Japanese => japanese,
        Language::English => english,
    }
}

/// FORMAT_FAILURE: something was added, or the form is not as it should be, which alone is no sign of a change.
fn malformed(change: Change, language: Language) -> String {
    let (japanese, english) = match change {
        Change::Added | Change::Permitted => (
            "発行後に追記があります。表示される内容は、発行時のものとは限りません。",
            "Something was added after it was sealed. What is shown may not be what was sealed.",
        ),
        Change::Rewritten => (
            "eシールの形式が正しくなく、内容も発行時のものと一致しません。使わないでください。",
            "The e-seal does not have the right form, and the content is not what was sealed. Do not rely on it.",
        ),
        Change::Uncovered => (
            "eシールの形式が正しくなく、ファイル全体を保護していません。表示される内容は、発行時のものとは限りません。",
            "The e-seal does not have the right form and does not cover the whole file. What is shown may not be what was sealed.",
        ),
        Change::None | Change::Metadata => (
            "ファイルまたはeシールが、規格または検証ポリシーの求める形式に合わないため、有効とは認められません。封印された部分の改ざんは見つかっていません。",
            "The file or its e-seal does not have the form that the standard or the policy asks for, so it does not count. The sealed bytes were not changed.",
        ),
        Change::Unknown => (
            "ファイルが壊れているか、eシールの形式が正しくありません。",
            "The file is damaged, or the e-seal does not have the right form.",
        ),
    };
    language.of(japanese, english).into()
}

/// ` (TIME)`, if it is known since when the certificate is revoked.
fn since(seal: &SignatureReport, language: Language) -> String {
    parenthesis(seal.current_status.since.map(japan_time), language)
}

fn until(seal: &SignatureReport, language: Language) -> String {
    parenthesis(seal.signer.as_ref().map(|signer| japan_time(signer.valid_until)), language)
}

fn parenthesis(time: Option<String>, language: Language) -> String {
    match (language, time) {
        (_, None) => String::new(),
        (Language::Japanese, Some(time)) => format!("({})", time.replace(" (JST)", " JST")),
        (Language::English, Some(time)) => format!(" at {time}"),
    }
}

/// The sentence for each of the nineteen reasons.
fn undecided(reason: Reason, seal: &SignatureReport, change: Change, language: Language) -> String {
    let name = name(seal, language);
    let (japanese, english): (String, String) = match reason {
        Reason::RevokedNoPoe => return revoked(seal, language),
        Reason::TryLater if seal.current_status.status == CertificateStatus::OnHold => return suspended(seal, language),
        Reason::OutOfBoundsNoPoe | Reason::OutOfBoundsNotRevoked => return outside_validity(seal, language),
        Reason::TryLater => stale(seal),
        Reason::CertificateChainGeneralFailure if breaks_rules(seal) => (
            format!("{name} の電子証明書から信頼する認証局までの経路に、規格に反するところがあります。"),
            format!("On the way from the certificate of {name} to a trusted authority a rule for certificates is broken."),
        ),
        Reason::CertificateChainGeneralFailure => (
            "電子証明書が失効していないかを、いま確認できません。".into(),
            "Whether its certificate is revoked cannot be found out now.".into(),
        ),
        Reason::RevokedCaNoPoe => (
            "上位の認証局の電子証明書が失効しており、それより前に発行されたことを証明するものがありません。".into(),
            "The certificate of an authority above is revoked, and nothing proves that the document was sealed before.".into(),
        ),
        Reason::RevocationOutOfBoundsNoPoe => (
            "失効情報を出した認証局の電子証明書が期限切れで、その前に発行されたことを証明するものがありません。".into(),
            "Whoever made the revocation data has a certificate that expired, and nothing proves that the data is older.".into(),
        ),
        Reason::NoCertificateChainFound => (
            format!("{name} の発行とされていますが、その電子証明書は信頼する認証局につながっていません。だれが発行したかは確認できません。"),
            format!("Claims to be issued by {name}, but the certificate does not lead to a trusted authority: who issued it is not confirmed."),
        ),
        Reason::NoCertificateChainFoundNoPoe => (
            format!("{name} の発行とされていますが、その認証局はすでに信頼の対象から外れており、それより前に発行されたことを証明するものがありません。"),
            format!("Claims to be issued by {name}, but its authority is not trusted any more, and nothing proves that the seal is older."),
        ),
        other => named_by_reason(other, &name, seal),
    };
    let sentence = match language {
        Language::Japanese => japanese,
        Language::English => english,
    };
    let for_want_of_data = matches!(reason, Reason::TryLater | Reason::CertificateChainGeneralFailure);
    match for_want_of_data && change == Change::None {
        true => {
            joined([sentence, language.of("改ざんは見つかっていません。", "No tampering was found.").into()], language)
        }
        false => sentence,
    }
}

/// The reasons whose sentence hangs on little else.
fn named_by_reason(reason: Reason, name: &str, seal: &SignatureReport) -> (String, String) {
    let (japanese, english) = match reason {
        Reason::SigConstraintsFailure => {
            return (
                format!("検証方針「{}」が求める条件を、このeシールは満たしていません。", seal.policy),
                format!("The seal does not fulfil what the policy {} asks of a seal.", seal.policy),
            );
        }
        Reason::ChainConstraintsFailure => {
            return (
                format!(
                    "{name} とされる電子証明書は、検証方針「{}」が求めるeシール用のものではありません。",
                    seal.policy
                ),
                format!(
                    "The certificate, said to be of {name}, is not what the policy {} asks for in a seal.",
                    seal.policy
                ),
            );
        }
        Reason::CryptoConstraintsFailureNoPoe => (
            "使われている暗号方式は現在の基準では安全とみなされず、安全だった間に発行されたことを証明するものがありません。",
            "Its cryptography is not considered safe, and nothing proves that it was sealed while it was.",
        ),
        Reason::CryptoConstraintsFailure => (
            "発行された時点で、使われている暗号方式がすでに安全とみなされていませんでした。",
            "Its cryptography was no longer considered safe when it was sealed.",
        ),
        Reason::NoSigningCertificateFound => (
            "eシールに使われた電子証明書が見つからないか、eシールの記載と一致しません。",
            "The certificate of the seal is missing, or is not the one that the seal names.",
        ),
        Reason::TimestampOrderFailure => {
            ("タイムスタンプの時刻の順序が矛盾しています。", "The times of its time-stamps contradict each other.")
        }
        Reason::SignedDataNotFound => (
            "封印されたデータが見つからないため、書き換えの有無を確認できません。",
            "The data that was sealed is not there, so that nobody can tell whether it was changed.",
        ),
        Reason::NoPoe => (
            "信頼できた期間内に存在していたことを証明するものがありません。",
            "Nothing proves that it existed while it could be relied on.",
        ),
        Reason::SignaturePolicyNotAvailable | Reason::PolicyProcessingError => (
            "指定された検証方針を読み取れないため、判断できません。",
            "The policy that it is to be judged by cannot be read.",
        ),
        _ => ("確認に必要な情報が足りないため、判断できません。", "What is at hand does not suffice to decide."),
    };
    (japanese.into(), english.into())
}

/// Whether it is the path that is wrong, not revocation data that is missing.
fn breaks_rules(seal: &SignatureReport) -> bool {
    !seal.facts.path_to_anchor
        || seal.checks.iter().any(|check| {
            check.outcome == validation::report::Outcome::Failed
                && matches!(check.id, CheckId::PathRules | CheckId::NoForbiddenExtension)
        })
}

fn revoked(seal: &SignatureReport, language: Language) -> String {
    let since = seal.current_status.since.map(japan_time);
    match (language, since, stamped(seal).map(japan_time)) {
        (Language::Japanese, Some(since), Some(stamp)) => format!(
            "電子証明書は {since} に失効しています。{stamp} のタイムスタンプはそれより前のものではないため、失効前に発行されたことを証明できません。"
        ),
        (Language::Japanese, Some(since), None) => format!(
            "電子証明書は {since} に失効しています。それより前のタイムスタンプがないため、失効前に発行されたことを証明できません。"
        ),
        (Language::Japanese, None, _) => {
            "電子証明書が失効しており、失効前に発行されたことを証明するものがありません。".into()
        }
        (Language::English, Some(since), Some(stamp)) => format!(
            "Its certificate has been revoked since {since}; the time-stamp of {stamp} is not older, so nothing proves that it was sealed before."
        ),
        (Language::English, Some(since), None) => format!(
            "Its certificate has been revoked since {since}; no time-stamp is older, so nothing proves that it was sealed before."
        ),
        (Language::English, None, _) => {
            "Its certificate is revoked, and nothing proves that the document was sealed before.".into()
        }
    }
}

fn suspended(seal: &SignatureReport, language: Language) -> String {
    let since = seal.current_status.since.map(japan_time).unwrap_or_default();
    match language {
        Language::Japanese => format!(
            "電子証明書は {since} から一時停止中で、それより前のタイムスタンプがありません。停止が解除されるか失効するまで判断できません。"
        ),
        Language::English => format!(
            "Its certificate has been on hold since {since}, and no time-stamp is older: undecided until it is released or revoked."
        ),
    }
}

fn outside_validity(seal: &SignatureReport, language: Language) -> String {
    let validity = seal.signer.as_ref().map(|signer| (japan_time(signer.valid_from), japan_time(signer.valid_until)));
    match (language, validity) {
        (Language::Japanese, Some((from, until))) => format!(
            "電子証明書(有効期間 {from} から {until} まで)またはその上位の証明書が有効期間外で、期間内に発行されたことを証明するタイムスタンプがありません。"
        ),
        (Language::Japanese, None) => "電子証明書の有効期間内に発行されたことを証明するものがありません。".into(),
        (Language::English, Some((from, until))) => format!(
            "Its certificate (valid from {from} to {until}), or one above it, is outside its validity, and no time-stamp proves that it was sealed in time."
        ),
        (Language::English, None) => "Nothing proves that it was sealed while the certificate was valid.".into(),
    }
}

/// Revocation data is there, but too old.
fn stale(seal: &SignatureReport) -> (String, String) {
    match seal.current_status.as_of.map(japan_time) {
        Some(as_of) => (
            format!("失効情報が {as_of} 時点のもので古く、その後に失効していないかを確認できません。"),
            format!("The revocation data is of {as_of}, too old to tell whether the certificate was revoked later."),
        ),
        None => ("いま失効状況を確認できません。".into(), "The revocation status cannot be found out now.".into()),
    }
}
