//! What can go wrong with a certificate that is to be issued, or was, in Japanese. In: an error. Out: its sentence; none of what nobody
//! has put into Japanese yet.

use super::Error;
use super::japanese::of_issue;
use crate::api::{ReissuedAbout, StandingAct, StandingState};

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
        Error::BatchState { id, wanted, found } => {
            format!("一括発行 {id} は{}のため、{}できません", japanese_found(found), japanese_wanted(wanted))
        }
        Error::UnknownBatch { id } => format!("一括発行 {id} はありません"),
        Error::NotPossible { number, act, found_ja, possible, .. } => {
            let possible: Vec<&str> = possible.iter().map(|act| japanese_act(*act)).collect();
            let possible = if possible.is_empty() { "なし".to_owned() } else { possible.join("、") };
            format!("証明書 {number} は{}できません。{found_ja}。できること: {possible}", japanese_act(*act))
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
        _ => return None,
    })
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
