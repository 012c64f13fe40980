//! What browsers are told about an answer: who may embed and read it (Fetch, clauses 3.2 CORS and 3.7 CORP), and what a page may
//! do (Content Security Policy). A page may have a policy of its own, and has then this one besides.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::kind::Kind;

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// What no page here may do, whatever else it may: run scripts, be framed, set another base, send forms elsewhere.
const PAGE_POLICY: &str =
    "script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The same for a page whose own policy names its scripts.
const POLICY_BESIDE_SCRIPTS: &str = "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// How a page's own policy names a script: by what nobody else can know of this answer.
const OWN_SCRIPT: &[u8] = b"script-src 'nonce-";

pub(super) fn tell_browsers(headers: &mut HeaderMap, kind: Kind) {
    let value = |text| HeaderValue::from_static(text);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, value("nosniff"));
    let readers = if kind == Kind::ForBrowserVerifiers { "cross-origin" } else { "same-origin" };
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, value(readers));
    if kind == Kind::ForBrowserVerifiers {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value("*"));
    }
    let is_page = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page {
        protect_page(headers);
    }
}

/// The same for a refusal, which may be given before a request comes to the guard: it is JSON, and nobody else's to read.
pub(crate) fn protect_refusal(headers: &mut HeaderMap) {
    tell_browsers(headers, Kind::Other);
}

/// Says that nobody may frame a page, and what it may not do. For a page that takes the place of an answer behind the guard, too.
pub fn protect_page(headers: &mut HeaderMap) {
    let value = |text| HeaderValue::from_static(text);
    let names_scripts =
        |policy: &HeaderValue| policy.as_bytes().windows(OWN_SCRIPT.len()).any(|part| part == OWN_SCRIPT);
    let has_own = headers.get_all(header::CONTENT_SECURITY_POLICY).iter().any(names_scripts);
    let policy = if has_own { POLICY_BESIDE_SCRIPTS } else { PAGE_POLICY };
    headers.append(header::CONTENT_SECURITY_POLICY, value(policy));
    headers.insert(header::X_FRAME_OPTIONS, value("DENY"));
    headers.insert(CROSS_ORIGIN_OPENER_POLICY, value("same-origin"));
    // Not `no-referrer`: a form of ours would then be sent with `Origin: null`, like a stranger's.
    headers.insert(header::REFERRER_POLICY, value("same-origin"));
}

/// Whether a browser asks if it may read what is open to it.
pub(super) fn is_preflight(method: &Method, headers: &HeaderMap, kind: Kind) -> bool {
    let asks = headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    method == Method::OPTIONS && kind == Kind::ForBrowserVerifiers && asks
}

/// It may read, with whatever headers of its own.
pub(super) fn granted() -> Response {
    let granted = [(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"), (header::ACCESS_CONTROL_ALLOW_HEADERS, "*")];
    (StatusCode::NO_CONTENT, granted).into_response()
}
