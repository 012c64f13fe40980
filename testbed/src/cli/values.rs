//! Values of arguments: texts into types, with what is wanted in the refusal.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{OsStringValueParser, TypedValueParser};
use laboratory::worlds::ClientCertificates;
use pki::{KeyKind, RevocationReason};
use validation::Language;
use world::guard::Authority;

/// Any path: what is wrong with it is said by [`super::Common::checked`], which knows where it comes from.
pub(super) fn any_folder() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

/// An address and a port.
pub(super) fn listened(text: &str) -> Result<SocketAddr, String> {
    let named = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let problem =
        "wanted an address and a port, such as 127.0.0.1:8700, [::1]:8700, localhost:0 or, with --expose, 0.0.0.0:8700";
    named.as_deref().unwrap_or(text).parse().map_err(|_| problem.to_owned())
}

/// A duration of real time, of at least a second.
pub(super) fn idle_time(text: &str) -> Result<Duration, String> {
    let duration: world::time::Duration = text.parse().map_err(|error: world::time::TimeError| error.to_string())?;
    let seconds = duration.as_seconds().and_then(|seconds| u64::try_from(seconds).ok()).filter(|seconds| *seconds > 0);
    seconds.map(Duration::from_secs).ok_or_else(|| "wanted at least one second, such as 90s, 10m, 8h or 2d".into())
}

/// An absolute http or https address, without a slash at its end.
pub(super) fn public_url(text: &str) -> Result<String, String> {
    let wrong = || "wanted an address such as https://eseal.example or http://localhost:9000/testbed".to_owned();
    let address: http::Uri = text.parse().map_err(|_| wrong())?;
    let authority = address.authority().filter(|authority| authority.as_str().parse::<Authority>().is_ok());
    if authority.is_none() || !matches!(address.scheme_str(), Some("http" | "https")) || address.query().is_some() {
        return Err(wrong());
    }
    Ok(text.trim_end_matches('/').into())
}

pub(super) fn client_certificates(text: &str) -> Result<ClientCertificates, String> {
    match text {
        "optional" => Ok(ClientCertificates::Optional),
        "required" => Ok(ClientCertificates::Required),
        _ => Err("wanted optional or required".into()),
    }
}

pub(super) fn key_kind(text: &str) -> Result<KeyKind, String> {
    let offered = "p256, p384, p521, rsa2048 (or rsa), rsa3072, rsa4096";
    let kind = if text.eq_ignore_ascii_case("rsa") { "rsa2048" } else { text };
    match kind.parse() {
        Ok(kind @ (KeyKind::P256 | KeyKind::P384 | KeyKind::P521 | KeyKind::Rsa { bits: 2048 | 3072 | 4096 })) => {
            Ok(kind)
        }
        _ => Err(format!("wanted one of {offered}")),
    }
}

/// `ja`, or a locale of that language such as `ja_JP.UTF-8`.
pub(super) fn language(text: &str) -> Result<Language, String> {
    match text.split(['-', '_', '.']).next() {
        Some("ja") => Ok(Language::Japanese),
        Some("en") => Ok(Language::English),
        _ => Err("wanted ja or en".into()),
    }
}

/// A head of an audit chain as `audit verify` prints it: number and hash.
pub(super) fn audit_head(text: &str) -> Result<(i64, String), String> {
    let head = text.split_once(':').and_then(|(sequence, hash)| Some((sequence.parse().ok()?, hash.to_lowercase())));
    let is_hash = |hash: &str| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    head.filter(|(_, hash)| is_hash(hash)).ok_or_else(|| "wanted a number, a colon and 64 hexadecimal digits".into())
}

pub(super) fn reason(text: &str) -> Result<RevocationReason, String> {
    let reason = text.parse().ok().filter(|reason| REASONS.contains(reason));
    reason.ok_or_else(|| format!("wanted one of {}", REASONS.map(|reason| reason.to_string()).join(", ")))
}

/// Those of a revocation for good (RFC 5280 clause 5.3.1).
const REASONS: [RevocationReason; 8] = [
    RevocationReason::KeyCompromise,
    RevocationReason::CaCompromise,
    RevocationReason::AaCompromise,
    RevocationReason::AffiliationChanged,
    RevocationReason::Superseded,
    RevocationReason::CessationOfOperation,
    RevocationReason::PrivilegeWithdrawn,
    RevocationReason::Unspecified,
];
