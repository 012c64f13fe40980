//! The steps of a story. Each struct has the key that names the step as its first member.

use std::fmt::Display;
use std::str::FromStr;

use jiff::Timestamp;
use laboratory::tamper::Tampering;
use pki::{KeyKind, RevocationReason};
use sealing::Level;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use world::time::Duration;

use super::Expectation;

/// What is done in a step.
#[derive(Clone, Debug)]
pub enum Action {
    /// A learning certificate is issued and sealed.
    Issue(Issue),
    /// A PDF is made, or one that is there is taken, and sealed.
    Seal(Seal),
    /// A document time-stamp is added.
    Stamp(Stamp),
    /// Fresh evidence and a document time-stamp are added.
    Prolong(Prolong),
    /// A certificate is revoked.
    Revoke(Revoke),
    /// A certificate is put on hold.
    Hold(Hold),
    /// A hold ends.
    Release(Release),
    /// A CRL is published and kept.
    Publish(Publish),
    /// An OCSP answer is fetched and kept.
    Ask(Ask),
    /// Time passes.
    Advance(Advance),
    /// The clock is set.
    SetClock(SetClock),
    /// A file is tampered with.
    Tamper(Tamper),
    /// A service begins to fail.
    Fault(Fault),
    /// Services recover.
    Clear(Clear),
    /// Another authority is founded.
    Found(Found),
    /// An authority's anchor is trusted from now on.
    Trust(Trust),
    /// An authority's anchor is not trusted any more.
    Untrust(Untrust),
    /// A credential or time-stamping unit gets a new key and certificate.
    Renew(Renew),
    /// A file is judged.
    Verify(Verify),
}

/// `issue = "FILE"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issue {
    /// Name of the file that comes of it.
    #[serde(rename = "issue")]
    pub file: String,
    /// PAdES baseline level; B-LTA if nothing is said.
    #[serde(default = "highest", deserialize_with = "parsed")]
    pub level: Level,
    /// Algorithm of the seal; p256 if nothing is said.
    #[serde(default = "usual", deserialize_with = "parsed")]
    pub algorithm: KeyKind,
    /// Whose time-stamps it gets; the world's own if nothing is said.
    #[serde(default = "own")]
    pub stamped_by: String,
    /// Words of the error with which this must be refused.
    #[serde(default)]
    pub refused: Option<String>,
}

/// `seal = "FILE"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// Name of the file that comes of it. If there is one of that name it is sealed once more.
    #[serde(rename = "seal")]
    pub file: String,
    /// PAdES baseline level.
    #[serde(default = "highest", deserialize_with = "parsed")]
    pub level: Level,
    /// Algorithm of the seal.
    #[serde(default = "usual", deserialize_with = "parsed")]
    pub algorithm: KeyKind,
    /// Whose time-stamps it gets.
    #[serde(default = "own")]
    pub stamped_by: String,
    /// Words of the error with which this must be refused.
    #[serde(default)]
    pub refused: Option<String>,
}

/// `stamp = "FILE"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stamp {
    /// The file.
    #[serde(rename = "stamp")]
    pub file: String,
    /// Whose time-stamp it gets.
    #[serde(default = "own")]
    pub stamped_by: String,
}

/// `prolong = "FILE"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prolong {
    /// The file.
    #[serde(rename = "prolong")]
    pub file: String,
    /// Whose time-stamp it gets.
    #[serde(default = "own")]
    pub stamped_by: String,
}

/// `revoke = "CERTIFICATE"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    /// `seal`, `tsa`, `issuing`, a credential (`seal-p384`), or a file, whose seal's certificate is meant.
    #[serde(rename = "revoke")]
    pub certificate: String,
    /// keyCompromise, superseded, …
    #[serde(deserialize_with = "parsed")]
    pub reason: RevocationReason,
    /// Since when, if not now.
    #[serde(default, deserialize_with = "moment")]
    pub since: Option<String>,
    /// When the key is thought to have been compromised.
    #[serde(default, deserialize_with = "moment")]
    pub invalidity_date: Option<String>,
    /// Whose certificate: the world's own authorities' or a stranger's.
    #[serde(default = "own")]
    pub of: String,
}

/// `hold = "CERTIFICATE"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// As in `revoke`.
    #[serde(rename = "hold")]
    pub certificate: String,
}

/// `release = "CERTIFICATE"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// As in `revoke`.
    #[serde(rename = "release")]
    pub certificate: String,
}

/// `publish = "issuing"` or `"root"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// Whose CRL.
    #[serde(rename = "publish", deserialize_with = "parsed")]
    pub issuer: ca::AuthorityName,
    /// Name under which a verification can be given it.
    #[serde(rename = "as")]
    pub name: Option<String>,
}

/// `ask = "CERTIFICATE"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// As in `revoke`.
    #[serde(rename = "ask")]
    pub certificate: String,
    /// Name under which a verification can be given the OCSP answer.
    #[serde(rename = "as")]
    pub name: String,
}

/// `advance = "10d"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advance {
    /// How long.
    #[serde(rename = "advance", deserialize_with = "parsed")]
    pub by: Duration,
}

/// `set_clock = "start+3y"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetClock {
    /// The time.
    #[serde(rename = "set_clock", deserialize_with = "some_moment")]
    pub to: String,
}

/// `tamper = "FILE"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tamper {
    /// The file.
    #[serde(rename = "tamper")]
    pub file: String,
    /// In what way.
    pub how: Tampering,
    /// `transplant`: the file that the seal is taken from.
    pub from: Option<String>,
    /// Name of the file that comes of it; without it the file itself changes.
    #[serde(rename = "as")]
    pub name: Option<String>,
}

/// `fault = "down"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    #[serde(rename = "fault")]
    pub kind: FaultKind,
    /// Where.
    #[serde(deserialize_with = "parsed")]
    pub on: Place,
    /// Only the next so many requests.
    pub next: Option<u64>,
    /// Only the request with that number, from 1.
    pub nth: Option<u64>,
    /// Every request whose number is a multiple of this.
    pub every: Option<u64>,
    /// Only requests by this HTTP method.
    pub method: Option<String>,
    /// Whose service: the world's own or a stranger's.
    #[serde(default = "own")]
    pub of: String,
}

/// What can go wrong with a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// No answer.
    Down,
    /// HTTP 503.
    Unavailable,
    /// HTTP 429.
    TooManyRequests,
    /// What is served is what was known when the fault began.
    Stale,
    /// OCSP: *unknown*.
    StatusUnknown,
    /// OCSP: *good*, whatever is so.
    StatusGood,
    /// OCSP and CRL: expired certificates are forgotten.
    ExpiredForgotten,
    /// CRL: no nextUpdate.
    NoNextUpdate,
}

/// Where a fault is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The OCSP responder.
    Ocsp,
    /// The CRLs.
    Crl,
    /// OCSP responder and CRLs.
    Status,
    /// The CA's certificates.
    Certificates,
    /// The time-stamping authority.
    Tsa,
    /// The key server.
    KeyServer,
    /// Any path.
    Path(String),
}

/// `clear = "ocsp"` or `"all"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clear {
    /// The place whose faults end, or `all`.
    #[serde(rename = "clear")]
    pub place: String,
}

/// `found = "NAME"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// The name of the authority.
    #[serde(rename = "found")]
    pub name: String,
    /// When its CA was founded, which ends twenty years later.
    #[serde(default, deserialize_with = "moment")]
    pub since: Option<String>,
    /// How wrong its clock is: `-12h` is slow.
    #[serde(default = "right", deserialize_with = "parsed")]
    pub clock: Duration,
}

/// `trust = "NAME"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// The authority.
    #[serde(rename = "trust")]
    pub authority: String,
}

/// `untrust = "NAME"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Untrust {
    /// The authority.
    #[serde(rename = "untrust")]
    pub authority: String,
}

/// `renew = "NAME"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renew {
    /// `seal`, `tsa`, or a credential (`seal-p384`).
    #[serde(rename = "renew")]
    pub name: String,
}

/// `verify = "FILE"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// The file.
    #[serde(rename = "verify")]
    pub file: String,
    /// The validation time, if not now.
    #[serde(default, deserialize_with = "moment")]
    pub at: Option<String>,
    /// Whether the verifier may ask the network.
    #[serde(default = "yes")]
    pub online: bool,
    /// Published CRLs and OCSP answers that the verifier has from elsewhere.
    #[serde(default)]
    pub given: Vec<String>,
    /// The authorities whose anchors are trusted; without it those of the story so far.
    pub trust: Option<Vec<String>>,
    /// What it must come to.
    pub expect: Expectation,
}

impl Place {
    /// The path of the requests that fail.
    pub fn paths(&self) -> Vec<&str> {
        match self {
            Place::Ocsp => vec!["/ca/ocsp"],
            Place::Crl => vec!["/ca/crl"],
            Place::Status => vec!["/ca/ocsp", "/ca/crl"],
            Place::Certificates => vec!["/ca/certs"],
            Place::Tsa => vec!["/tsa"],
            Place::KeyServer => vec!["/csc"],
            Place::Path(path) => vec![path],
        }
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Place, String> {
        Ok(match text {
            "ocsp" => Place::Ocsp,
            "crl" => Place::Crl,
            "status" => Place::Status,
            "certificates" => Place::Certificates,
            "tsa" => Place::Tsa,
            "key-server" => Place::KeyServer,
            path if path.starts_with('/') => Place::Path(path.into()),
            _ => {
                let places =
                    "ocsp, crl, status (both), certificates, tsa, key-server, or a path such as /ca/crl/root.crl";
                return Err(format!("there is no place {text:?}, expected one of {places}"));
            }
        })
    }
}

impl FaultKind {
    /// The name in a story.
    pub fn name(self) -> &'static str {
        match self {
            FaultKind::Down => "down",
            FaultKind::Unavailable => "unavailable",
            FaultKind::TooManyRequests => "too-many-requests",
            FaultKind::Stale => "stale",
            FaultKind::StatusUnknown => "status-unknown",
            FaultKind::StatusGood => "status-good",
            FaultKind::ExpiredForgotten => "expired-forgotten",
            FaultKind::NoNextUpdate => "no-next-update",
        }
    }
}

/// The time that `text` names: `now`, `+1d`, `start`, `start+3y`, a date, RFC 3339.
pub(crate) fn at_moment(text: &str, start: Timestamp, now: Timestamp) -> Result<Timestamp, world::time::TimeError> {
    match text.strip_prefix("start") {
        Some("") => Ok(start),
        Some(distance) => world::time::parse(distance, start),
        None => world::time::parse(text, now),
    }
}

/// Whether it can be read as a moment at all.
pub(super) fn check_moment(text: &str) -> Result<(), String> {
    let any = Timestamp::UNIX_EPOCH;
    let any = any.checked_add(jiff::SignedDuration::from_hours(24 * 365 * 60)).unwrap_or(any);
    at_moment(text, any, any).map(|_| ()).map_err(|error| format!("{error}; or start, start+400d"))
}

fn some_moment<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    check_moment(&text).map_err(D::Error::custom)?;
    Ok(text)
}

fn moment<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    some_moment(from).map(Some)
}

fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(from: D) -> Result<T, D::Error> {
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

fn highest() -> Level {
    Level::BLTA
}

fn usual() -> KeyKind {
    KeyKind::P256
}

fn own() -> String {
    super::OWN.into()
}

fn right() -> Duration {
    Duration::seconds(0)
}

fn yes() -> bool {
    true
}
