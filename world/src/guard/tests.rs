use axum::body::Body;
use axum::routing::{any, get};
use tower::ServiceExt;

use super::*;

fn guard() -> Guard {
    let guard = Guard::new(8700);
    guard.allow_host(&"eseal.lan".parse().unwrap());
    guard.allow_address("https://seals.example/testbed");
    guard.allow_address("HTTP://LocalHost:9100/testbed"); // a proxy on this machine
    guard.allow_host(&"proxy.lan:8443".parse().unwrap());
    guard
}

/// `METHOD TARGET`, then header lines; the `Host` is ours unless a line says another. Gives the status of the refusal, or 200.
fn judged(request: &str) -> u16 {
    let mut lines = request.lines().map(str::trim).filter(|line| !line.is_empty());
    let (method, target) = lines.next().unwrap().split_once(' ').unwrap();
    let (target, version) = target.split_once(' ').unwrap_or((target, "1.1"));
    let version = if version == "1.0" { Version::HTTP_10 } else { Version::HTTP_11 };
    let mut request = axum::http::Request::builder().method(method).uri(target).version(version);
    let lines: Vec<&str> = lines.collect();
    if !lines.iter().any(|line| line.starts_with("Host")) {
        request = request.header("Host", "127.0.0.1:8700");
    }
    for (name, value) in
        lines.iter().filter(|line| **line != "Host none").map(|line| line.split_once(": ").unwrap_or((line, "")))
    {
        request = request.header(name.trim_end_matches(':'), value);
    }
    guard().judge(&request.body(()).unwrap()).err().map_or(200, |problem| problem.status.as_u16())
}

#[test]
fn hosts_are_compared_by_name_whatever_the_port() {
    for (request, status) in [
        ("GET /", 200),
        ("GET /\nHost: localhost:9", 200),
        ("GET /\nHost: LOCALHOST.", 200),
        ("GET /\nHost: [::1]:8700", 200),
        ("GET /\nHost: 127.0.0.2", 200),
        ("GET /\nHost: eseal.lan", 200),
        ("GET /\nHost: seals.example", 200),
        ("GET /\nHost: evil.example:8700", 421),
        ("POST /tsa\nHost: evil.example", 421),
        ("GET /ca/crl/root.crl\nHost: evil.example", 421),
        ("GET /\nHost: localhost.evil.example", 421),
        ("GET /\nHost: 0.0.0.0:8700", 421),
        ("GET /\nHost: 192.168.1.9:8700", 421),
        ("GET /\nHost: 127.0.0.1:8700\nHost: 127.0.0.1:8700", 400),
        ("GET /\nHost: localhost, evil.example", 400),
        ("GET /\nHost: user@localhost", 400),
        ("GET /\nHost:", 400),
        ("GET /\nHost none", 400),
        ("GET / 1.0\nHost none", 200),
        ("GET / 1.0\nHost: evil.example", 421),
        ("GET http://localhost:8700/", 200),
        ("GET http://localhost:8700/\nHost none", 400),
        ("GET http://localhost:8700/ 1.0\nHost none", 200),
        ("GET http://evil.example/\nHost: localhost:8700", 421),
        ("GET http://localhost/\nHost: evil.example", 421),
        ("GET https://localhost:8700/", 421),
        ("GET https://127.0.0.1/ca/trust.pem", 421),
        ("GET HTTP://localhost:8700/", 200),
        ("GET ftp://localhost:8700/", 421),
    ] {
        assert_eq!(judged(request), status, "{request}");
    }
}

#[test]
fn the_host_of_an_address_is_named_if_requests_for_it_would_be_refused() {
    for (address, refused) in [
        ("http://rebind.evil.example/w/class", Some("rebind.evil.example")),
        ("https://seals.example/testbed/w/class", None),
        ("http://eseal.lan:9999", None),
        ("http://127.0.0.1:8600/w/class", None), // made on another port
        ("no address", None),
    ] {
        assert_eq!(guard().refused_host(address).as_ref().map(Authority::name), refused, "{address}");
    }
    assert_eq!(judged("GET /\nHost: rebind.evil.example"), 421, "to ask is not to allow");
}

#[test]
fn programs_may_do_everything() {
    for request in
        ["POST /testbed/api/clock", "POST /ca/api/revocations", "POST /tsa 1.0\nHost none", "DELETE /x", "GET /healthz"]
    {
        assert_eq!(judged(request), 200, "{request}");
    }
}

#[test]
fn a_foreign_page_changes_nothing_and_sees_nothing_of_the_laboratory() {
    let foreign = [
        "Origin: http://evil.example",
        "Origin: null",
        "Origin: http://127.0.0.1:3000",
        "Origin: http://127.0.0.1:8600",
        "Origin: http://localhost",
        "Origin: https://seals.example:8443",
        "Origin: http://localhost:9101",
        "Origin: http://127.0.0.1:9100",
        "Origin: https://localhost:9100",
        "Origin: http://proxy.lan",
        "Origin: http://seals.example",
        "Origin: http://127.0.0.1.evil.example:8700",
        "Origin: http://user@127.0.0.1:8700",
        "Origin:",
        "Origin: http://evil.example\nSec-Fetch-Site: same-origin",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Sec-Fetch-Site: something-new",
        "Sec-Fetch-Site: none\nSec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: document",
    ];
    for who in foreign {
        for what in [
            "POST /testbed/api/clock",
            "POST /w/class/testbed/api/clock",
            "GET /testbed/api/journal",
            "GET /w/class/testbed/api/journal",
            "GET /healthz",
            "GET /w/class/healthz",
            "GET /testbed",
            "HEAD /metrics",
            "POST /ca/api/revocations",
            "POST /ca/ocsp",
            "POST /tsa",
            "POST /csc/v2/oauth2/token",
            "POST /issuer/api/certificates",
            "POST /certificates/TBU-2026-000001-N",
            "POST /verify",
            "PUT /issuer/profile",
            "DELETE /",
        ] {
            let request = format!("{what}\n{who}");
            assert_eq!(judged(&request), 403, "{request}");
        }
    }
    assert_eq!(judged("POST /tsa\nOrigin: http://127.0.0.1:8700\nOrigin: http://evil.example"), 400);
}

#[test]
fn our_own_pages_may_do_everything_by_whichever_of_our_names() {
    for who in [
        "Origin: http://127.0.0.1:8700",
        "Origin: http://localhost:8700",
        "Origin: http://eseal.lan:8700\nSec-Fetch-Site: same-origin",
        "Origin: https://seals.example",
        "Origin: http://localhost:9000\nHost: localhost:9000", // a forwarded port
        "Origin: http://localhost:9100",                       // a proxy that puts its own Host there
        "Origin: http://localhost:9100\nSec-Fetch-Site: same-origin",
        "Origin: http://proxy.lan:8443",
        "Origin: https://proxy.lan:8443",
        "Origin: http://eseal.lan\nHost: eseal.lan",
        "Origin: https://eseal.lan\nHost: eseal.lan",
        "Sec-Fetch-Site: same-origin",
        "Sec-Fetch-Site: none",
    ] {
        for what in ["POST /testbed/api/clock", "POST /verify", "GET /healthz"] {
            let request = format!("{what}\n{who}");
            assert_eq!(judged(&request), 200, "{request}");
        }
    }
}

#[test]
fn behind_a_proxy_only_its_own_origin_is_ours_not_another_name_or_scheme_at_its_port() {
    let guard = Guard::new(8700);
    guard.allow_address("http://proxy.example:9000");
    guard.allow_address("https://seal.example");
    let judged = |host: &str, origin: &str, over_tls: bool| {
        let request = axum::http::Request::post("/testbed/api/clock").header("host", host).header("origin", origin);
        let request = if over_tls { request.extension(Secure { client: None }) } else { request };
        guard.judge(&request.body(()).unwrap()).err().map_or(200, |problem| problem.status.as_u16())
    };
    for (host, origin, expected) in [
        ("proxy.example:9000", "http://proxy.example:9000", 200),
        ("127.0.0.1:8700", "http://proxy.example:9000", 200),
        ("proxy.example:9000", "http://127.0.0.1:9000", 403),
        ("proxy.example:9000", "http://localhost:9000", 403),
        ("proxy.example:9000", "http://127.0.0.1:8700", 403), // of whoever's machine the browser is on
        ("proxy.example:9000", "http://seal.example:9000", 403),
        ("127.0.0.1:8700", "http://proxy.example:8700", 403),
        ("seal.example", "https://seal.example", 200),
        ("127.0.0.1:8700", "https://seal.example", 200),
        ("seal.example", "http://seal.example", 403),
        ("seal.example:8700", "http://seal.example:8700", 200),
    ] {
        assert_eq!(judged(host, origin, false), expected, "{origin} at {host}");
    }
    for (host, origin, expected) in [
        ("127.0.0.1:8743", "https://127.0.0.1:8743", 200),
        ("127.0.0.1:8743", "http://127.0.0.1:8743", 403),
        ("127.0.0.1:8743", "http://127.0.0.1:8700", 403),
        ("127.0.0.1:8743", "https://localhost:8743", 403),
    ] {
        assert_eq!(judged(host, origin, true), expected, "{origin} at {host}, over TLS");
    }
}

#[test]
fn links_elsewhere_lead_to_pages_and_what_is_published_can_be_loaded() {
    let link = "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: document";
    let frame = "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: iframe";
    let picture = "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: no-cors\nSec-Fetch-Dest: image";
    let fetch =
        "Origin: http://verifier.example\nSec-Fetch-Site: cross-site\nSec-Fetch-Mode: cors\nSec-Fetch-Dest: empty";
    for (what, [by_link, by_frame, by_picture, by_fetch]) in [
        ("GET /c/TBU-2026-000001-N", [200, 403, 403, 403]),
        ("GET /w/class/c/TBU-2026-000001-N?lang=ja", [200, 403, 403, 403]),
        ("GET /", [200, 403, 403, 403]),
        ("GET /issuer/api/certificates/TBU-2026-000001-N/pdf", [200, 403, 403, 403]),
        ("GET /issuer/api/certificates", [200, 403, 403, 403]),
        ("GET /issuer/api/certificates/TBU-2026-000001-N/badge", [200; 4]),
        ("GET /issuer/profile", [200; 4]),
        ("GET /issuer/organizations/college/profile", [200; 4]),
        ("HEAD /w/class/issuer/keys/badge-rsa2048", [200; 4]),
        ("GET /issuer/pictures/0a.png", [200; 4]),
        ("GET /ca/crl/issuing.crl", [200; 4]),
        ("GET /ca/api/certificates", [200, 403, 403, 403]),
        ("OPTIONS /testbed/api/clock", [200; 4]),
    ] {
        for (how, status) in [(link, by_link), (frame, by_frame), (picture, by_picture), (fetch, by_fetch)] {
            let request = format!("{what}\n{how}");
            assert_eq!(judged(&request), status, "{request}");
        }
    }
}

async fn answer(method: &str, path: &str, headers: &[(&str, &str)]) -> Response {
    let page = get(|| async { axum::response::Html("<p>") });
    let policies = ["script-src 'nonce-0a'", "script-src 'self'", "default-src *"];
    let with_policy =
        |policy| get(move || async move { ([("content-security-policy", policy)], axum::response::Html("<p>")) });
    let mut services = Router::new().route("/page", page);
    for (number, policy) in policies.into_iter().enumerate() {
        services = services.route(&format!("/policy/{number}"), with_policy(policy));
    }
    let services = services.fallback(any(|| async { "an answer" }));
    let mut request = Request::builder().method(method).uri(path).header("host", "localhost");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    guard().in_front_of(services).oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_browser_is_told_who_may_read_an_answer_and_what_a_page_may_do() {
    let value_of =
        |answer: &Response, name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let page = answer("GET", "/page", &[]).await;
    assert!(value_of(&page, "content-security-policy").unwrap().contains("frame-ancestors 'none'"));
    assert_eq!(value_of(&page, "referrer-policy").as_deref(), Some("same-origin"));
    for (path, readers, origins) in
        [("/tsa", "same-origin", None), ("/issuer/profile", "cross-origin", Some("*")), ("/page", "same-origin", None)]
    {
        let answer = answer("GET", path, &[]).await;
        assert_eq!(value_of(&answer, "cross-origin-resource-policy").as_deref(), Some(readers), "{path}");
        assert_eq!(value_of(&answer, "access-control-allow-origin").as_deref(), origins, "{path}");
        assert_eq!(value_of(&answer, "x-content-type-options").as_deref(), Some("nosniff"), "{path}");
    }
    for (path, may_run) in [("/page", false), ("/policy/0", true), ("/policy/1", false), ("/policy/2", false)] {
        let answer = answer("GET", path, &[]).await;
        let mut policies = answer.headers().get_all("content-security-policy").iter();
        let ours = policies.next_back().unwrap().to_str().unwrap();
        assert_eq!(!ours.contains("script-src 'none'"), may_run, "{path}: only scripts that are named by a nonce run");
        assert!(ours.contains("frame-ancestors 'none'"), "{path}");
    }
    let refused = answer("POST", "/tsa", &[("origin", "null")]).await;
    assert_eq!(
        (refused.status(), value_of(&refused, "x-content-type-options").as_deref()),
        (StatusCode::FORBIDDEN, Some("nosniff"))
    );
}

#[tokio::test]
async fn a_preflight_is_granted_only_for_what_browser_verifiers_read() {
    let asks = [("origin", "http://verifier.example"), ("access-control-request-method", "GET")];
    let granted = answer("OPTIONS", "/issuer/keys/badge-rsa2048", &asks).await;
    assert_eq!(
        (granted.status(), granted.headers()["access-control-allow-methods"].as_bytes()),
        (StatusCode::NO_CONTENT, &b"GET, HEAD"[..])
    );
    let other = answer("OPTIONS", "/testbed/api/clock", &asks).await;
    assert!(!other.headers().keys().any(|name| name.as_str().starts_with("access-control")));
}
