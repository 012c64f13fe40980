//! A story told step by step. In: a story and a language. Out: sentences.

use super::Language::{self, English, Japanese};
use super::step::{Action, Fault, FaultKind, Found, Place, Revoke, Tampering, Verify};
use super::{OWN, Story};
use world::time::Duration;

impl Story {
    /// The whole story, one line a step.
    pub fn explain(&self, language: Language) -> String {
        let mut lines = vec![format!("{}  {}", self.name(), self.title.of(language))];
        let began = match language {
            Japanese => format!("  世界の時刻 {} に始まります。", self.start),
            English => format!("  The world's clock stands at {}.", self.start),
        };
        lines.push(began);
        for (number, step) in (1..).zip(&self.steps) {
            lines.push(format!("  {number:>2}. {}", step.action.explain(language)));
        }
        let (why, clause) = match language {
            Japanese => ("理由", "根拠"),
            English => ("why", "clause"),
        };
        lines.push(format!("  {why}: {}", self.why.of(language)));
        lines.push(format!("  {clause}: {}", self.clause));
        lines.join("\n")
    }
}

impl Action {
    /// One sentence.
    pub fn explain(&self, language: Language) -> String {
        let say = |ja: String, en: String| if language == Japanese { ja } else { en };
        match self {
            Action::Issue(issue) => {
                say(
                    format!(
                        "修了証「{}」を {} で発行し、eシールを付与{}。",
                        issue.file,
                        issue.level,
                        by(&issue.stamped_by, language)
                    ),
                    format!(
                        "The certificate {:?} is issued and sealed at level {}{}.",
                        issue.file,
                        issue.level,
                        by(&issue.stamped_by, language)
                    ),
                ) + &refusal(issue.refused.as_deref(), language)
            }
            Action::Seal(seal) => {
                say(
                    format!(
                        "文書「{}」に {} ({}) のeシールを付与{}。",
                        seal.file,
                        seal.level,
                        seal.algorithm,
                        by(&seal.stamped_by, language)
                    ),
                    format!(
                        "The document {:?} is sealed at level {} with {}{}.",
                        seal.file,
                        seal.level,
                        seal.algorithm,
                        by(&seal.stamped_by, language)
                    ),
                ) + &refusal(seal.refused.as_deref(), language)
            }
            Action::Stamp(stamp) => say(
                format!("「{}」に文書タイムスタンプを追加{}。", stamp.file, by(&stamp.stamped_by, language)),
                format!("{:?} gets a document time-stamp{}.", stamp.file, by(&stamp.stamped_by, language)),
            ),
            Action::Prolong(prolong) => say(
                format!(
                    "「{}」に新しい検証情報と文書タイムスタンプを追加{}。",
                    prolong.file,
                    by(&prolong.stamped_by, language)
                ),
                format!(
                    "{:?} gets fresh evidence and a document time-stamp{}.",
                    prolong.file,
                    by(&prolong.stamped_by, language)
                ),
            ),
            Action::Revoke(revoke) => self::revoke(revoke, language),
            Action::Hold(hold) => {
                let which = certificate(&hold.certificate, OWN, language);
                say(format!("{which}を一時停止する。"), format!("{which} is put on hold."))
            }
            Action::Release(release) => {
                let which = certificate(&release.certificate, OWN, language);
                say(format!("{which}の一時停止を解除する。"), format!("The hold of {which} ends."))
            }
            Action::Publish(publish) => {
                let issuer = publish.issuer;
                say(format!("認証局 ({issuer}) が CRL を公開する。"), format!("The {issuer} CA publishes its CRL."))
            }
            Action::Ask(ask) => {
                let which = certificate(&ask.certificate, OWN, language);
                say(
                    format!("{which}の OCSP 応答を取得して保存する。"),
                    format!("An OCSP answer about {which} is fetched and kept."),
                )
            }
            Action::Advance(advance) => say(format!("{} 進む。", advance.by), format!("{} pass.", advance.by)),
            Action::SetClock(set) => {
                say(format!("時計を {} に合わせる。", set.to), format!("The clock is set to {}.", set.to))
            }
            Action::Tamper(tamper) => say(
                format!("「{}」を改ざん: {}。", tamper.file, tampering(tamper.how, Japanese)),
                format!("{:?} is tampered with: {}.", tamper.file, tampering(tamper.how, English)),
            ),
            Action::Fault(fault) => self::fault(fault, language),
            Action::Clear(clear) => {
                say(format!("障害が解消する ({})。", clear.place), format!("The faults end ({}).", clear.place))
            }
            Action::Found(found) => say(
                format!("別の認証局・時刻認証局「{}」ができる{}。", found.name, founded(found, language)),
                format!(
                    "Another authority, {:?}, is founded with its own CA and time-stamps{}.",
                    found.name,
                    founded(found, language)
                ),
            ),
            Action::Trust(trust) => say(
                format!("検証者は「{}」のルートを信頼する。", trust.authority),
                format!("From now on verifiers trust the root of {:?}.", trust.authority),
            ),
            Action::Untrust(untrust) => say(
                format!("検証者は「{}」のルートを信頼しなくなる。", untrust.authority),
                format!("From now on verifiers do not trust the root of {:?}.", untrust.authority),
            ),
            Action::Renew(renew) => say(
                format!("「{}」の鍵と証明書を更新する。", renew.name),
                format!("{:?} gets a new key and certificate.", renew.name),
            ),
            Action::Verify(verify) => self::verify(verify, language),
        }
    }
}

/// When it was founded and how wrong its clock is.
fn founded(found: &Found, language: Language) -> String {
    let mut more = Vec::new();
    if let Some(since) = &found.since {
        more.push(if language == Japanese {
            format!("認証局の設立 {since}")
        } else {
            format!("its CA dates from {since}")
        });
    }
    if found.clock != Duration::seconds(0) {
        let clock = found.clock;
        more.push(if language == Japanese {
            format!("時計のずれ {clock}")
        } else {
            format!("its clock is wrong by {clock}")
        });
    }
    if more.is_empty() { String::new() } else { format!(" ({})", more.join(", ")) }
}

fn by(authority: &str, language: Language) -> String {
    match (authority, language) {
        (OWN, _) => String::new(),
        (name, Japanese) => format!(" (時刻認証局「{name}」)"),
        (name, English) => format!(", stamped by {name:?}"),
    }
}

fn refusal(words: Option<&str>, language: Language) -> String {
    match (words, language) {
        (None, _) => String::new(),
        (Some(words), Japanese) => format!(" → 拒否される ({words})"),
        (Some(words), English) => format!(" → must be refused ({words})"),
    }
}

fn certificate(name: &str, of: &str, language: Language) -> String {
    let owner = match (of, language) {
        (OWN, _) => String::new(),
        (name, Japanese) => format!("「{name}」の"),
        (name, English) => format!(" of {name:?}"),
    };
    match (name, language) {
        ("seal", Japanese) => format!("{owner}eシール証明書"),
        ("seal", English) => format!("the seal certificate{owner}"),
        ("tsa", Japanese) => format!("{owner}時刻認証局の証明書"),
        ("tsa", English) => format!("the time-stamping certificate{owner}"),
        ("issuing", Japanese) => format!("{owner}発行認証局の証明書"),
        ("issuing", English) => format!("the certificate of the issuing CA{owner}"),
        (name, Japanese) => format!("「{name}」の証明書"),
        (name, English) => format!("the certificate of {name:?}"),
    }
}

fn revoke(revoke: &Revoke, language: Language) -> String {
    let which = certificate(&revoke.certificate, &revoke.of, language);
    let dated = |ja: &str, en: &str, time: &Option<String>| match (time, language) {
        (None, _) => String::new(),
        (Some(time), Japanese) => format!("、{ja} {time}"),
        (Some(time), English) => format!(", {en} {time}"),
    };
    let dates =
        dated("失効日時", "since", &revoke.since) + &dated("無効化日", "invalidity date", &revoke.invalidity_date);
    match language {
        Japanese => format!("{which}を失効させる (理由 {}{dates})。", revoke.reason),
        English => format!("{which} is revoked ({}{dates}).", revoke.reason),
    }
}

fn tampering(how: Tampering, language: Language) -> &'static str {
    let (ja, en) = match how {
        Tampering::FlipContent => ("内容を1ビット変える", "one bit of the content is flipped"),
        Tampering::FlipSignature => ("署名値を1ビット変える", "one bit of the signature value is flipped"),
        Tampering::BreakCms => ("CMS を読めなくする", "the CMS message is made unreadable"),
        Tampering::Transplant => ("別の文書のeシールを移植する", "the seal of another document is put in"),
        Tampering::ByteRangeHole => ("ByteRange に隙間を作る", "the byte range leaves a hole"),
        Tampering::PageAdded => ("増分更新でページを追加する", "a page is added by an incremental update"),
        Tampering::TwoSignerInfos => ("SignerInfo を2つにして封印し直す", "it is sealed anew with two SignerInfos"),
        Tampering::NoEss => {
            ("signing-certificate 属性なしで封印し直す", "it is sealed anew without the signing-certificate attribute")
        }
        Tampering::NoSignerCertificate => {
            ("署名者証明書を取り除く", "the signer's certificate is taken out of the message")
        }
        Tampering::TimestampOfOtherData => {
            ("タイムスタンプを他のデータのものに替える", "its time-stamp is replaced by one over other data")
        }
        Tampering::Reprint => ("印刷し直す (eシールは残らない)", "it is printed again, which leaves no seal"),
    };
    if language == Japanese { ja } else { en }
}

fn fault(fault: &Fault, language: Language) -> String {
    let place = match (&fault.on, language) {
        (Place::Ocsp, Japanese) => "OCSP レスポンダー",
        (Place::Ocsp, English) => "the OCSP responder",
        (Place::Crl, Japanese) => "CRL 配布点",
        (Place::Crl, English) => "the CRL repository",
        (Place::Status, Japanese) => "OCSP レスポンダーと CRL 配布点",
        (Place::Status, English) => "the OCSP responder and the CRL repository",
        (Place::Certificates, Japanese) => "認証局証明書の配布点",
        (Place::Certificates, English) => "the repository of CA certificates",
        (Place::Tsa, Japanese) => "時刻認証局",
        (Place::Tsa, English) => "the time-stamping authority",
        (Place::KeyServer, Japanese) => "鍵サーバー",
        (Place::KeyServer, English) => "the key server",
        (Place::Path(path), _) => path,
    };
    let (ja, en) = match fault.kind {
        FaultKind::Down => ("応答しない", "does not answer"),
        FaultKind::Unavailable => ("503 を返す", "answers 503"),
        FaultKind::TooManyRequests => ("429 を返す", "answers 429"),
        FaultKind::Stale => ("この時点の内容を返し続ける", "goes on serving what is known at this moment"),
        FaultKind::StatusUnknown => ("「不明」と答える", "answers \"unknown\""),
        FaultKind::StatusGood => ("常に「有効」と答える", "answers \"good\", whatever is so"),
        FaultKind::ExpiredForgotten => ("期限切れの証明書を忘れる", "forgets certificates that have expired"),
        FaultKind::NoNextUpdate => ("nextUpdate のない CRL を配る", "serves a CRL without nextUpdate"),
    };
    let how_often = match (fault.next, fault.nth, fault.every) {
        (Some(n), ..) if language == Japanese => format!(" (次の {n} 回)"),
        (Some(n), ..) => format!(" (the next {n} times)"),
        (_, Some(n), _) if language == Japanese => format!(" ({n} 回目だけ)"),
        (_, Some(n), _) => format!(" (only request number {n})"),
        (.., Some(n)) if language == Japanese => format!(" ({n} 回ごと)"),
        (.., Some(n)) => format!(" (every request number {n})"),
        _ => String::new(),
    };
    match language {
        Japanese => format!("{place}が{ja}{how_often}。"),
        English => format!("From now on {place} {en}{how_often}."),
    }
}

fn verify(verify: &Verify, language: Language) -> String {
    let online = match (verify.online, language) {
        (true, Japanese) => "オンライン",
        (true, English) => "online",
        (false, Japanese) => "オフライン",
        (false, English) => "offline",
    };
    let given = match language {
        _ if verify.given.is_empty() => String::new(),
        Japanese => format!("、手元に {}", verify.given.join("・")),
        English => format!(", with {} at hand", verify.given.join(", ")),
    };
    let at = verify
        .at
        .as_deref()
        .map_or(String::new(), |at| if language == Japanese { format!("、{at}") } else { format!(", at {at}") });
    let expected = verify.expect.conclusion();
    match language {
        Japanese => format!("「{}」を検証 ({online}{at}{given}) → {expected}", verify.file),
        English => format!("{:?} is verified ({online}{at}{given}) → {expected}", verify.file),
    }
}
