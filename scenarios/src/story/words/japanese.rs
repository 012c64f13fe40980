//! The steps of a story in Japanese. In: a step. Out: a sentence.

use world::time::Duration;

use crate::story::OWN;
use laboratory::faults::{FaultKind, Place};
use laboratory::forgery::Forgery;

use crate::story::step::{Action, FaultStep, Found, Revoke, Verify};

pub(super) fn sentence(action: &Action) -> String {
    match action {
        Action::Issue(one) => {
            let (by, refused) = (by(&one.stamped_by), refused(one.refused.as_deref()));
            format!("修了証「{}」を発行し、{} のeシールを付与する{by}。{refused}", one.file, one.level)
        }
        Action::Seal(one) => {
            let (by, refused) = (by(&one.stamped_by), refused(one.refused.as_deref()));
            format!("文書「{}」に {} のeシールを付与する ({}){by}。{refused}", one.file, one.level, one.algorithm)
        }
        Action::Stamp(one) => format!("「{}」に文書タイムスタンプを付与する{}。", one.file, by(&one.stamped_by)),
        Action::Prolong(one) => {
            format!("「{}」に新しい検証情報と文書タイムスタンプを加える{}。", one.file, by(&one.stamped_by))
        }
        Action::Revoke(one) => revoke(one),
        Action::Hold(one) => format!("{}を一時停止する。", certificate(&one.certificate, OWN)),
        Action::Release(one) => format!("{}の一時停止を解除する。", certificate(&one.certificate, OWN)),
        Action::Publish(one) => format!("認証局 ({}) が CRL を公開する。", one.issuer),
        Action::Ask(one) => format!("{}の OCSP 応答を取得して保存する。", certificate(&one.certificate, OWN)),
        Action::Advance(one) => format!("時刻を {} 進める。", one.by),
        Action::SetClock(one) => format!("時計を {} に合わせる。", one.to),
        Action::Tamper(one) => format!("「{}」を改ざんする: {}。", one.file, forgery(one.how)),
        Action::Fault(one) => fault(one),
        Action::Clear(one) => format!("障害が解消する ({})。", one.place),
        Action::Found(one) => found(one),
        Action::Trust(one) => format!("検証者は以後「{}」のルート証明書を信頼する。", one.authority),
        Action::Untrust(one) => format!("検証者は以後「{}」のルート証明書を信頼しない。", one.authority),
        Action::Renew(one) => format!("「{}」の鍵と証明書を更新する。", one.name),
        Action::Verify(one) => verify(one),
    }
}

fn by(authority: &str) -> String {
    if authority == OWN { String::new() } else { format!(" (時刻認証局「{authority}」)") }
}

fn refused(words: Option<&str>) -> String {
    words.map_or_else(String::new, |words| format!("拒否されなければならない (「{words}」)。"))
}

fn certificate(name: &str, of: &str) -> String {
    let owner = if of == OWN { String::new() } else { format!("「{of}」の") };
    match name {
        "seal" => format!("{owner}eシール証明書"),
        "tsa" => format!("{owner}時刻認証局の証明書"),
        "issuing" => format!("{owner}発行認証局の証明書"),
        name => format!("「{name}」の証明書"),
    }
}

fn revoke(one: &Revoke) -> String {
    let since = one.since.as_ref().map_or_else(String::new, |time| format!("、失効日時 {time}"));
    let date = one.invalidity_date.as_ref().map_or_else(String::new, |time| format!("、invalidityDate {time}"));
    format!("{}を失効させる (理由 {}{since}{date})。", certificate(&one.certificate, &one.of), one.reason)
}

fn forgery(how: Forgery) -> &'static str {
    match how {
        Forgery::FlipContent => "内容を1ビット変える",
        Forgery::FlipSignature => "署名値を1ビット変える",
        Forgery::BreakCms => "CMS を読めなくする",
        Forgery::Transplant => "別の文書のeシールを移植する",
        Forgery::ByteRangeHole => "ByteRange に隙間を作る",
        Forgery::PageAdded => "増分更新でページを追加する",
        Forgery::TwoSignerInfos => "SignerInfo を二つにしてeシールを付け直す",
        Forgery::NoEss => "signing-certificate 属性なしでeシールを付け直す",
        Forgery::NoSignerCertificate => "署名者証明書を取り除く",
        Forgery::TimestampOfOtherData => "タイムスタンプを別のデータのものに替える",
        Forgery::Reprint => "印刷し直す (eシールは残らない)",
    }
}

fn fault(one: &FaultStep) -> String {
    let place = match &one.on {
        Place::Ocsp => "OCSP レスポンダー",
        Place::Crl => "CRL 配布点",
        Place::Status => "OCSP レスポンダーと CRL 配布点",
        Place::Certificates => "認証局証明書の配布点",
        Place::Tsa => "時刻認証局",
        Place::KeyServer => "鍵サーバー",
        Place::Path(path) => path,
    };
    let what = match one.kind {
        FaultKind::Down => "応答しない",
        FaultKind::Unavailable => "503 を返す",
        FaultKind::TooManyRequests => "429 を返す",
        FaultKind::Stale => "この時点の内容を返し続ける",
        FaultKind::StatusUnknown => "「不明」と答える",
        FaultKind::StatusGood => "常に「有効」と答える",
        FaultKind::ExpiredForgotten => "期限切れの証明書の状態を忘れる",
        FaultKind::NoNextUpdate => "nextUpdate のない CRL を配る",
    };
    let how_often = match (one.next, one.nth, one.every) {
        (Some(count), ..) => format!(" (次の {count} 回)"),
        (_, Some(number), _) => format!(" ({number} 回目だけ)"),
        (.., Some(step)) => format!(" ({step} 回に1回)"),
        _ => String::new(),
    };
    let owner = if one.of == OWN { String::new() } else { format!("「{}」の", one.of) };
    format!("以後、{owner}{place}が{what}{how_often}。")
}

fn found(one: &Found) -> String {
    let since = one.since.as_ref().map_or_else(String::new, |since| format!("設立は {since}。"));
    let clock = (one.clock != Duration::seconds(0)).then(|| format!("時計は {} ずれている。", one.clock));
    format!("別の認証局・時刻認証局「{}」がある。{since}{}", one.name, clock.unwrap_or_default())
}

fn verify(one: &Verify) -> String {
    let mut with = vec![if one.online { "オンライン" } else { "オフライン" }.to_owned()];
    with.extend(one.at.iter().map(|at| format!("検証時刻 {at}")));
    with.extend(one.given.iter().map(|name| format!("手元に「{name}」")));
    with.extend(one.trust.iter().map(|names| format!("信頼するのは {}", names.join("・"))));
    format!("「{}」を検証する ({}) → {}", one.file, with.join("、"), one.expect.conclusion())
}
