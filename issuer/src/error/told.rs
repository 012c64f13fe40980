//! What can go wrong with a certificate that is to be issued, or was, in Japanese. In: an error. Out: its sentence; none of what nobody
//! has put into Japanese yet.

use super::Error;
use super::japanese::of_issue;
use crate::api::{ReissuedAbout, StandingAct, StandingState};
use crate::webhook::MessageError;

impl Error {
    /// The sentence in Japanese, where there is one.
    pub(crate) fn told_in_japanese(&self) -> Option<String> {
        of_register(self).or_else(|| of_issue(self))
    }
}

/// Of numbers, searches, and what becomes of a certificate.
fn of_register(error: &Error) -> Option<String> {
    Some(match error {
        Error::NumberMalformed { found, .. } => {
            format!("証明書番号 {found:?}: PREFIX-YYYY-NNNNNN-C の形（例: TBU-2026-000123-3）が必要です")
        }
        Error::NumberCheck { number, .. } => {
            format!("証明書番号 {number:?}: 最後の検査文字が合いません。打ち間違いはありませんか")
        }
        Error::NumberUnknown { number } => format!("番号 {number} の証明書はここでは発行されていません"),
        Error::NotWaiting { number, found } => format!("番号 {number} は欠番にできません。{}", found.ja),
        Error::BatchState { id, wanted, found } => {
            format!("一括発行 {id} は{}のため、{}できません", japanese_found(found), japanese_wanted(wanted))
        }
        Error::NothingToRetry { id, failed } => format!(
            "一括発行 {id} に再試行できる行はありません（内容のために失敗した行: {failed} 件）。行を訂正して、ファイルをもう一度送ってください"
        ),
        Error::UnknownBatch { id } => format!("一括発行 {id} はありません"),
        Error::NotPossible { number, act, found_ja, possible, .. } => {
            let possible: Vec<&str> = possible.iter().map(|act| japanese_act(*act)).collect();
            let possible = if possible.is_empty() { "なし".to_owned() } else { possible.join("、") };
            format!("証明書 {number} は{}できません。{found_ja}。できること: {possible}", japanese_act(*act))
        }
        Error::NotIssuedYet { number, issued_at, at } => {
            format!(
                "証明書 {number} の発行は {issued_at} で、時計は {at} です。発行より前には何もできません。時計を進めてください"
            )
        }
        Error::InHand { .. } => {
            "同じ証明書を別の要求が処理しています。しばらくしてからもう一度お試しください".to_owned()
        }
        Error::ReasonMissing { longest } => {
            format!("理由（reason）: 1～{longest} 文字が必要です。制御文字などの見えない文字は使えません")
        }
        Error::NameUnusable { longest } => {
            format!("だれが（by）: 1～{longest} 文字が必要です。制御文字などの見えない文字は使えません")
        }
        Error::SinceOutOfRange { since, issued_at, at } => {
            format!("いつから（since）: 発行 {issued_at} から今 {at} までの時刻が必要ですが、{since} です")
        }
        Error::SinceUnreadable { problem } => format!("いつから（since）: {}", problem.in_japanese()),
        Error::SearchUnusable { member, expected_ja, found, .. } => {
            format!("{member}: {expected_ja}が必要ですが、「{found}」です")
        }
        Error::ReissuedAbout { about, old, new } => {
            let (what, option) = (japanese_about(*about), about);
            format!(
                "データの{what}が元の証明書と違います（元は「{old}」、データは「{new}」）。別の証明書として発行するか、意図したものであれば \
                 --another {option} を付けてください"
            )
        }
        Error::IdempotencyKey { found } => {
            let found = if found == "more than one" { "複数" } else { found };
            format!(
                "Idempotency-Key: 目に見える ASCII の文字 1～255 字が必要ですが、{found} です（引用符で囲んでも構いません）"
            )
        }
        Error::IdempotencyKeyReused { key } => {
            format!("Idempotency-Key {key:?} は別の内容の要求で使われています。新しい要求には新しいキーが必要です")
        }
        Error::IdempotencyKeyInUse { key } => {
            format!("Idempotency-Key {key:?} の要求を処理しています。しばらくしてからもう一度お試しください")
        }
        Error::Message(refused) => of_message(refused),
        _ => return None,
    })
}

/// Why the message of a platform is not taken.
fn of_message(refused: &MessageError) -> String {
    match refused {
        MessageError::Header { header, found, .. } => {
            let wanted = match *header {
                "webhook-id" => "点のない、目に見える ASCII の文字 1～255 字",
                "webhook-timestamp" => "1970 年からの秒数",
                _ => "決められた形の値",
            };
            let found = if found.starts_with("no such header") {
                "ヘッダーがないか、ASCII ではないもの"
            } else {
                found
            };
            format!("{header}: {wanted}が必要ですが、{found} です")
        }
        MessageError::Unsigned => {
            "webhook-signature: ヘッダーがありません。`eseal webhook secret` で表示されるシークレットで署名してください"
                .to_owned()
        }
        MessageError::Signature => {
            "webhook-signature: `eseal webhook secret` で表示されるシークレットによる、ID.TIME.BODY の \
             HMAC-SHA256 と合う署名がありません"
                .to_owned()
        }
        MessageError::OutOfTime { sent, at, tolerance } => format!(
            "webhook-timestamp: ワールドの時刻 {at} との差は {tolerance} 秒以内でなければなりませんが、{sent} です"
        ),
        MessageError::IdTaken { id, number } => {
            format!("webhook-id: {id:?} は別のメッセージの ID で、それには証明書 {number} を発行済みです")
        }
        MessageError::TwoLevels { message, data } => format!(
            "level: メッセージでは {message}、データの data.level では {data} です。どちらか一方だけを指定してください"
        ),
        MessageError::Timestamp { found } => {
            format!("timestamp: 2026-11-24T09:00:00Z のような RFC 3339 の時刻が必要ですが、{found:?} です")
        }
        MessageError::UnknownType { found } => format!("type: \"completion.recorded\" が必要ですが、{found:?} です"),
    }
}

/// What is wanted of a batch.
fn japanese_wanted(wanted: &str) -> &'static str {
    match wanted {
        "paused" => "一時停止",
        "resumed" => "再開",
        "cancelled" => "中止",
        _ => "再試行",
    }
}

/// The state of a batch.
fn japanese_found(found: &str) -> &'static str {
    match found {
        "running" => "処理中",
        "paused" => "一時停止中",
        "stopped" => "停止中",
        "cancelled" => "中止済み",
        _ => "完了済み",
    }
}

/// What is done.
fn japanese_act(act: StandingAct) -> &'static str {
    match act {
        StandingAct::Revoke => "取消（revoke）",
        StandingAct::Suspend => "一時停止（suspend）",
        StandingAct::Release => "停止解除（release）",
        StandingAct::Reissue => "再発行（reissue）",
    }
}

/// What a certificate is about.
pub(crate) fn japanese_about(about: ReissuedAbout) -> &'static str {
    match about {
        ReissuedAbout::Recipient => "受講者",
        ReissuedAbout::Achievement => "学習成果",
        ReissuedAbout::Template => "テンプレート",
    }
}

/// How a certificate stands.
pub(crate) fn japanese_state(state: StandingState) -> &'static str {
    match state {
        StandingState::Valid => "有効です",
        StandingState::Suspended => "停止中です",
        StandingState::Revoked => "取り消されています",
        StandingState::Superseded => "差し替えられています",
        StandingState::Expired => "有効期限が切れています",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_keys_and_messages_is_said_in_japanese_as_it_is_in_english() {
        let header = |header, found: &str| MessageError::Header { header, expected: "", found: found.to_owned() };
        let at = jiff::Timestamp::UNIX_EPOCH;
        for (error, words) in [
            (Error::IdempotencyKey { found: "\"\"".into() }, "255 字が必要ですが、\"\" です"),
            (Error::IdempotencyKey { found: "more than one".into() }, "複数 です"),
            (Error::IdempotencyKeyReused { key: "k".into() }, "\"k\" は別の内容"),
            (Error::IdempotencyKeyInUse { key: "k".into() }, "処理しています"),
            (header("webhook-id", "\"a.b\"").into(), "webhook-id: 点のない"),
            (header("webhook-timestamp", "no such header, or one that is not ASCII").into(), "ヘッダーがないか"),
            (MessageError::Unsigned.into(), "ヘッダーがありません"),
            (MessageError::Signature.into(), "HMAC-SHA256"),
            (MessageError::OutOfTime { sent: at, at, tolerance: 300 }.into(), "300 秒以内"),
            (MessageError::IdTaken { id: "m".into(), number: "N".into() }.into(), "証明書 N"),
            (MessageError::UnknownType { found: "x".into() }.into(), "\"x\" です"),
        ] {
            let told = error.told_in_japanese().unwrap_or_default();
            assert!(told.contains(words) && !told.contains("wanted"), "{error}: {told}");
        }
    }
}
