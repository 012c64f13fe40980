//! What to do next. In: a report on a seal. Out: a sentence for every state that leaves something to do.

use validation::report::{CertificateStatus, Lookup, SignatureReport};
use validation::{Conclusion, Failure, Language, Reason};
use world::text::visible;

use super::change::Change;
use super::{addresses, japan_time, name};

/// The advice, if there is something to do.
pub(super) fn advice(seal: &SignatureReport, lookups: &[Lookup], language: Language) -> Option<String> {
    let change = Change::of(seal);
    Some(match (seal.conclusion, change) {
        (Conclusion::Failed(failure), _) => failed(failure, change, seal, language),
        (_, Change::Added | Change::Rewritten | Change::Uncovered) => original(seal, language),
        (Conclusion::Indeterminate(reason), _) => undecided(reason, seal, lookups, language),
        (Conclusion::Passed, Change::None) if seal.confirmed_name().is_some() => return None,
        (Conclusion::Passed, Change::Metadata) => language
            .of(
                "題名・作成者などの表示には頼らず、ページの内容を見てください。",
                "Do not go by title, author and the like; look at the pages.",
            )
            .into(),
        (Conclusion::Passed, _) => original(seal, language),
    })
}

/// Ask for the document as it was sealed.
fn original(seal: &SignatureReport, language: Language) -> String {
    let name = name(seal, language);
    match language {
        Language::Japanese => {
            format!("この内容には頼らず、発行元({name})に、別の確かな連絡先を通じて元のファイルを求めてください。")
        }
        Language::English => {
            format!(
                "Do not rely on what it shows; ask the issuer ({name}), by an address that you know otherwise, for the original file."
            )
        }
    }
}

fn failed(failure: Failure, change: Change, seal: &SignatureReport, language: Language) -> String {
    let (japanese, english) = match failure {
        Failure::FormatFailure if matches!(change, Change::None | Change::Metadata) => (
            "下の「failed」の項目を発行元に伝え、作り直したファイルを受け取ってください。",
            "Tell the issuer the failed checks below, and ask for a file that is made anew.",
        ),
        Failure::NotYetValid => (
            "検証した時刻(指定した時刻、または機器の時計の時刻)が正しいか確認し、正しければ発行元に問い合わせてください。",
            "Check the time at which it was verified, which was asked for or shown by the clock; if it is right, ask the issuer.",
        ),
        _ => return original(seal, language),
    };
    language.of(japanese, english).into()
}

fn undecided(reason: Reason, seal: &SignatureReport, lookups: &[Lookup], language: Language) -> String {
    let name = name(seal, language);
    let (japanese, english): (String, String) = match reason {
        Reason::TryLater | Reason::CertificateChainGeneralFailure => return ask_again(seal, lookups, language),
        Reason::RevokedNoPoe
        | Reason::RevokedCaNoPoe
        | Reason::OutOfBoundsNoPoe
        | Reason::OutOfBoundsNotRevoked
        | Reason::RevocationOutOfBoundsNoPoe
        | Reason::NoPoe
        | Reason::CryptoConstraintsFailureNoPoe
        | Reason::CryptoConstraintsFailure
        | Reason::NoCertificateChainFoundNoPoe => (
            format!("発行元({name})に、新しいeシールを付けた文書か、当時のタイムスタンプ付きの文書を求めてください。"),
            format!("Ask the issuer ({name}) for the document with a new seal, or for a copy with a time-stamp of that time."),
        ),
        Reason::NoCertificateChainFound => (
            "名前だけで信じないでください。発行元の認証局の証明書を確かな経路で入手し、信頼できると判断した場合だけ --trust で指定して検証し直してください。".into(),
            "Do not go by the name. If you have the authority's certificate from a source that you trust, verify again with --trust.".into(),
        ),
        Reason::NoSigningCertificateFound | Reason::SignedDataNotFound => (
            format!("発行元({name})に、元のファイルをもう一度求めてください。"),
            format!("Ask the issuer ({name}) for the original file once more."),
        ),
        Reason::TimestampOrderFailure => (
            "使われたタイムスタンプの時刻認証局と発行元に問い合わせてください。".into(),
            "Ask the issuer and the time-stamping authority.".into(),
        ),
        Reason::SigConstraintsFailure | Reason::ChainConstraintsFailure => (
            format!("満たされていない条件は下の「failed」の項目です。発行元({name})に問い合わせるか、別の検証方針が適切か検討してください。"),
            format!("The failed checks below say what is missing. Ask the issuer ({name}), or consider whether another policy is the right one."),
        ),
        Reason::PolicyProcessingError | Reason::SignaturePolicyNotAvailable => (
            "検証方針の指定を確認して、もう一度検証してください。".into(),
            "Check the policy that was given, and verify again.".into(),
        ),
    };
    match language {
        Language::Japanese => japanese,
        Language::English => english,
    }
}

/// When, and whom.
fn ask_again(seal: &SignatureReport, lookups: &[Lookup], language: Language) -> String {
    let status = &seal.current_status;
    if !seal.facts.path_to_anchor {
        return original(seal, language);
    }
    if status.status == CertificateStatus::OnHold {
        return language
            .of(
                "一時停止が解除されるか失効した後で、もう一度検証してください。急ぐ場合は発行元に問い合わせてください。",
                "Verify again when the hold has ended; if it cannot wait, ask the issuer.",
            )
            .into();
    }
    let source = addresses::first(&status.sources, lookups);
    if let Some((source, false)) = source {
        return not_called(source, language);
    }
    let from = status.next_update.map(japan_time);
    let again = match (language, from) {
        (Language::Japanese, Some(from)) => format!("ネットワークにつないで、{from} 以降にもう一度検証してください。"),
        (Language::Japanese, None) => "ネットワークにつないで、時間をおいてもう一度検証してください。".to_owned(),
        (Language::English, Some(from)) => format!("Verify again, with a network, after {from}."),
        (Language::English, None) => "Verify again later, with a network.".to_owned(),
    };
    let Some((source, _)) = source else { return again };
    let source = visible(source);
    match language {
        Language::Japanese => format!("{again}証明書に書かれている問い合わせ先は {source} です。"),
        Language::English => format!("{again} Its certificate says that {source} can be asked."),
    }
}

/// To ask again would ask nobody again.
fn not_called(source: &str, language: Language) -> String {
    let source = visible(source);
    match language {
        Language::Japanese => format!(
            "失効状況の問い合わせ先として証明書に書かれている {source} には、問い合わせていません。この試験環境の認証局のアドレスではないためです。\
             信頼できるアドレスであれば、--fetch-from で許可して検証し直してください。"
        ),
        Language::English => format!(
            "Nobody was asked whether it is revoked: its certificate names {source}, which was not called, since it is no address of \
             the testbed's authorities. If you know whose it is, allow it with --fetch-from and verify again."
        ),
    }
}
