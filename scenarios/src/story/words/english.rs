//! The steps of a story in English. In: a step. Out: a sentence.

use world::time::Duration;

use crate::story::OWN;
use laboratory::faults::{FaultKind, Place};
use laboratory::forgery::Forgery;

use crate::story::step::{Action, FaultStep, Found, Revoke, Verify};

pub(super) fn sentence(action: &Action) -> String {
    capitalised(match action {
        Action::Issue(one) => {
            let (by, refused) = (by(&one.stamped_by), refused(one.refused.as_deref()));
            format!("the certificate {:?} is issued and sealed at level {}{by}.{refused}", one.file, one.level)
        }
        Action::Seal(one) => {
            let (by, refused) = (by(&one.stamped_by), refused(one.refused.as_deref()));
            format!("the document {:?} is sealed at level {} with {}{by}.{refused}", one.file, one.level, one.algorithm)
        }
        Action::Stamp(one) => format!("{:?} gets a document time-stamp{}.", one.file, by(&one.stamped_by)),
        Action::Prolong(one) => {
            format!("{:?} gets fresh evidence and a document time-stamp{}.", one.file, by(&one.stamped_by))
        }
        Action::Revoke(one) => revoke(one),
        Action::Hold(one) => format!("{} is put on hold.", certificate(&one.certificate, OWN)),
        Action::Release(one) => format!("the hold of {} ends.", certificate(&one.certificate, OWN)),
        Action::Publish(one) => format!("the {} CA publishes its CRL.", one.issuer),
        Action::Ask(one) => format!("an OCSP answer about {} is fetched and kept.", certificate(&one.certificate, OWN)),
        Action::Advance(one) => format!("{} pass.", one.by),
        Action::SetClock(one) => format!("the clock is set to {}.", one.to),
        Action::Tamper(one) => format!("{:?} is tampered with: {}.", one.file, forgery(one.how)),
        Action::Fault(one) => fault(one),
        Action::Clear(one) => format!("the faults end ({}).", one.place),
        Action::Found(one) => found(one),
        Action::Trust(one) => format!("from now on verifiers trust the root of {:?}.", one.authority),
        Action::Untrust(one) => format!("from now on verifiers do not trust the root of {:?}.", one.authority),
        Action::Renew(one) => format!("{:?} gets a new key and certificate.", one.name),
        Action::Verify(one) => verify(one),
    })
}

fn capitalised(text: String) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn by(authority: &str) -> String {
    if authority == OWN { String::new() } else { format!(", stamped by {authority:?}") }
}

fn refused(words: Option<&str>) -> String {
    words.map_or_else(String::new, |words| format!(" This must be refused: {words:?}."))
}

fn certificate(name: &str, of: &str) -> String {
    let owner = if of == OWN { String::new() } else { format!(" of {of:?}") };
    match name {
        "seal" => format!("the seal certificate{owner}"),
        "tsa" => format!("the time-stamping certificate{owner}"),
        "issuing" => format!("the certificate of the issuing CA{owner}"),
        name => format!("the certificate of {name:?}"),
    }
}

fn revoke(one: &Revoke) -> String {
    let since = one.since.as_ref().map_or_else(String::new, |time| format!(", since {time}"));
    let date = one.invalidity_date.as_ref().map_or_else(String::new, |time| format!(", invalidity date {time}"));
    format!("{} is revoked ({}{since}{date}).", certificate(&one.certificate, &one.of), one.reason)
}

fn forgery(how: Forgery) -> &'static str {
    match how {
        Forgery::FlipContent => "one bit of the content is flipped",
        Forgery::FlipSignature => "one bit of the signature value is flipped",
        Forgery::BreakCms => "the CMS message is made unreadable",
        Forgery::Transplant => "the seal of another document is put in",
        Forgery::ByteRangeHole => "the byte range leaves a hole",
        Forgery::PageAdded => "a page is added by an incremental update",
        Forgery::TwoSignerInfos => "it is sealed anew with two SignerInfos",
        Forgery::NoEss => "it is sealed anew without the signing-certificate attribute",
        Forgery::NoSignerCertificate => "the signer's certificate is taken out of the message",
        Forgery::TimestampOfOtherData => "its time-stamp is replaced by one over other data",
        Forgery::Reprint => "it is printed again, which leaves no seal",
    }
}

fn fault(one: &FaultStep) -> String {
    let place = match &one.on {
        Place::Ocsp => "the OCSP responder",
        Place::Crl => "the CRL repository",
        Place::Status => "the OCSP responder and the CRL repository",
        Place::Certificates => "the repository of CA certificates",
        Place::Tsa => "the time-stamping authority",
        Place::KeyServer => "the key server",
        Place::Path(path) => path,
    };
    let what = match one.kind {
        FaultKind::Down => "no answer",
        FaultKind::Unavailable => "HTTP status 503",
        FaultKind::TooManyRequests => "HTTP status 429",
        FaultKind::Stale => "what is known at this moment, again and again",
        FaultKind::StatusUnknown => "the status \"unknown\"",
        FaultKind::StatusGood => "the status \"good\", whatever is so",
        FaultKind::ExpiredForgotten => "nothing about certificates that have expired",
        FaultKind::NoNextUpdate => "CRLs without nextUpdate",
    };
    let how_often = match (one.next, one.nth, one.every) {
        (Some(count), ..) => format!(" (the next {count} requests)"),
        (_, Some(number), _) => format!(" (only request number {number})"),
        (.., Some(step)) => format!(" (one request in {step})"),
        _ => String::new(),
    };
    let owner = if one.of == OWN { String::new() } else { format!(" of {:?}", one.of) };
    format!("from now on clients get {what} from {place}{owner}{how_often}.")
}

fn found(one: &Found) -> String {
    let since = one.since.as_ref().map_or_else(String::new, |since| format!(" Its CA dates from {since}."));
    let clock = (one.clock != Duration::seconds(0)).then(|| format!(" Its clock is wrong by {}.", one.clock));
    let name = &one.name;
    format!("another authority, {name:?}, has its own CA and time-stamps.{since}{}", clock.unwrap_or_default())
}

fn verify(one: &Verify) -> String {
    let mut with = vec![if one.online { "online" } else { "offline" }.to_owned()];
    with.extend(one.at.iter().map(|at| format!("at {at}")));
    with.extend(one.given.iter().map(|name| format!("with {name:?} at hand")));
    with.extend(one.trust.iter().map(|names| format!("trusting {}", names.join(" and "))));
    format!("{:?} is verified ({}) → {}", one.file, with.join(", "), one.expect.conclusion())
}
