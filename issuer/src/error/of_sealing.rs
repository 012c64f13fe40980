//! What can go wrong with a seal, in Japanese. In: an error of sealing. Out: its sentence. What a service, a reader of PDF or a report says
//! itself is quoted as it is.

use sealing::Lacking;
use validation::revocation_data::Standing;
use verifier::evidence::EvidenceStatus;
use world::network::NetworkError;

/// The sentence, where there is one.
pub(super) fn of_sealing(error: &sealing::Error) -> Option<String> {
    use sealing::Error;
    Some(match error {
        Error::Network(error) => of_network(error),
        Error::ServiceRefused { service, address, status, reason, .. } => {
            format!("{}（{address}）に断られました（HTTP {status}）: {reason}", named(service))
        }
        Error::ServiceAnswer { service, address, expected } => {
            format!("{}（{address}）の応答が規格どおりではありません。必要なもの: {expected}", named(service))
        }
        Error::TimeStampRefused { address, reason } => format!("時刻認証局（{address}）に断られました: {reason}"),
        Error::OutOfTime { credential, subject, not_before, not_after, at } => format!(
            "{subject}: 鍵 {credential} の証明書の有効期間は {not_before} から {not_after} までで、時計は {at} です。\
             時計をその間に合わせるか（`eseal clock reset`、`eseal clock set 時刻`）、認証局が有効なうちに鍵を更新してください（`eseal renew {credential}`）"
        ),
        Error::NoTime { address, reason } => format!(
            "時刻認証局（{address}）は時刻を証明できません: {reason}（`eseal clock reset`、`eseal clock set 時刻`、認証局が有効なうちなら `eseal renew ユニット`）"
        ),
        Error::Renewing { credential } => {
            format!("鍵 {credential} の更新が続いています。しばらくしてからもう一度お試しください")
        }
        Error::OutOfOrder { stamped, archived } => {
            format!("タイムスタンプは {stamped}、その後のはずのアーカイブタイムスタンプは {archived} のものです")
        }
        Error::ClockMoves => "時計が何度も合わせ直されています。しばらくしてからもう一度お試しください".to_owned(),
        Error::ServiceUnavailable { service, address, reason, .. } => {
            format!("{}（{address}）は今応答できません: {reason}", named(service))
        }
        Error::Pdf(problem) => format!("この PDF には e シールを付けられません: {problem}"),
        Error::Evidence { lacking } => {
            format!(
                "長期検証用の証拠が足りません: {}。証拠のいらないレベル（B-B、B-T）なら作れます",
                of_evidence(lacking)
            )
        }
        Error::NotStanding { lacking } => {
            let remedy = match lacking {
                Lacking::OnHold(_) => "解除（`eseal release`）されるまで、どのレベルでも発行しません",
                _ => {
                    "どのレベルでも発行しません。`eseal renew 鍵`（時刻認証局のものは `eseal renew ユニット`）で新しい証明書になります"
                }
            };
            format!("e シールに必要な証明書が有効ではありません: {}。{remedy}", of_evidence(lacking))
        }
        Error::Faulty { field, fault } => {
            format!("できた PDF の検証に通りませんでした（フィールド {field}）: {fault}")
        }
        Error::EarlierSeal { field, before, after } => format!(
            "前からある e シール（フィールド {field}）が損なわれます: {before} から {after} になります。それでも付けるには --despite-earlier-seals（HTTP では force=true）"
        ),
        Error::Verifier(_) | Error::Pki(_) => return None,
    })
}

/// What is known of a certificate.
fn of_evidence(lacking: &Lacking) -> String {
    let about = lacking.about();
    let certificate = format!("証明書 {}（{}）", about.certificate.serial(), about.certificate.subject());
    match &about.status {
        EvidenceStatus::Known(Standing::OnHold { since }, source) => {
            format!("{certificate} は {since} から一時停止中です（{source}）")
        }
        EvidenceStatus::Known(Standing::Revoked { since, reason }, source) => {
            let reason = reason.map(|reason| format!("{reason}、")).unwrap_or_default();
            format!("{certificate} は {since} に失効しました（{reason}{source}）")
        }
        _ => format!("{certificate} の失効情報が得られません（{lacking}）"),
    }
}

fn of_network(error: &NetworkError) -> String {
    match error {
        NetworkError::Refused { address } => {
            format!("{address} は呼び出しません。呼び出せるのは、このマシンの HTTP と --fetch-from の相手だけです")
        }
        NetworkError::Unreachable { address, reason } => format!("{address} から応答がありません: {reason}"),
        NetworkError::TooLarge { address } => format!("{address} の応答が大きすぎます"),
    }
}

/// What a service is called in a sentence about it.
fn named(service: &str) -> &str {
    match service {
        "key server" => "鍵サーバー",
        "time-stamping authority" => "時刻認証局",
        other => other,
    }
}
