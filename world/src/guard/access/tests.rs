use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::any;
use tower::ServiceExt;

use super::*;
use crate::guard::{Entrance, Guard};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const CODE: &str = "kado-rimu-sote";

fn guard() -> Guard {
    let guard = Guard::new(8700);
    guard.expose(TOKEN.parse().unwrap());
    guard.set_join_code("class", Some(&CODE.parse().unwrap()));
    guard.set_join_code("default", Some(&"naba-zusi-duke".parse().unwrap()));
    guard
}

/// `METHOD PATH`, then header lines; from that address.
fn request(text: &str, peer: &str) -> Request {
    let mut lines = text.lines();
    let (method, path) = lines.next().unwrap().split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path).header("host", "192.0.2.7:8700");
    for (name, value) in lines.map(|line| line.split_once(": ").unwrap()) {
        request = request.header(name, value);
    }
    request.extension(Peer(peer.parse().unwrap())).body(Body::empty()).unwrap()
}

async fn answer(guard: &Guard, request: Request) -> Response {
    let services = Router::new().fallback(any(|| async { "an answer" }));
    guard.in_front_of(services).oneshot(request).await.unwrap()
}

async fn status(guard: &Guard, text: &str) -> u16 {
    answer(guard, request(text, "192.0.2.1")).await.status().as_u16()
}

#[tokio::test]
async fn an_exposed_server_lets_protocols_in_and_asks_everybody_else_for_what_it_takes() {
    let guard = guard();
    let server = format!("authorization: Bearer {TOKEN}");
    let (class, default) = (format!("authorization: bearer {CODE}"), "authorization: Bearer NABAZUSIDUKE");
    for (what, [nothing, by_server, by_class, by_default]) in [
        ("POST /tsa", [200; 4]),
        ("POST /w/class/tsa/second", [200; 4]),
        ("POST /ca/ocsp", [200; 4]),
        ("GET /w/class/ca/crl/root.crl", [200; 4]),
        ("POST /csc/v2/signatures/signHash", [200; 4]),
        ("GET /c/TBU-2026-000001-N", [200; 4]),
        ("GET /issuer/api/certificates/TBU-2026-000001-N/pdf", [200; 4]),
        ("POST /issuer/api/completions", [200; 4]),
        ("POST /verify", [200; 4]),
        ("POST /verifier/api/validations", [200; 4]),
        ("GET /w/class/join", [200; 4]),
        ("GET /healthz", [200; 4]),
        ("GET /openapi.json", [200; 4]),
        ("OPTIONS /testbed/api/clock", [200; 4]),
        ("GET /", [401, 200, 403, 200]),
        ("GET /w/class/", [401, 200, 200, 403]),
        ("GET /w/class", [401, 200, 200, 403]),
        ("GET /testbed/api/clock", [401, 200, 403, 200]),
        ("POST /testbed/api/clock", [401, 200, 403, 200]),
        ("POST /w/default/testbed/api/clock", [401, 200, 403, 200]),
        ("POST /w/class/testbed/api/clock", [401, 200, 200, 403]),
        ("POST /w/other/testbed/api/clock", [401, 200, 403, 403]),
        ("POST /w/%63lass/testbed/api/clock", [401, 200, 403, 403]),
        ("POST /issuer/api/certificates", [401, 200, 403, 200]),
        ("GET /certificates/TBU-2026-000001-N", [401, 200, 403, 200]),
        ("POST /certificates/TBU-2026-000001-N", [401, 200, 403, 200]),
        ("POST /issuer/api/certificates/TBU-2026-000001-N/revoke", [401, 200, 403, 200]),
        ("GET /issuer/api/webhook", [401, 200, 403, 200]),
        ("GET /issuer/api/certificates", [401, 200, 403, 200]),
        ("POST /ca/api/revocations", [401, 200, 403, 200]),
        ("GET /tsa/api/units", [401, 200, 403, 200]),
        ("GET /testbed/api/worlds", [401, 200, 403, 403]),
        ("POST /testbed/api/worlds/new", [401, 200, 403, 403]),
        ("DELETE /testbed/api/worlds/class", [401, 200, 403, 403]),
        ("POST /w/class/testbed/api/worlds/new", [401, 200, 403, 403]),
        ("GET /testbed/api/status", [401, 200, 403, 403]),
        ("GET /metrics", [401, 200, 403, 403]),
        ("GET /nothing", [401, 200, 403, 200]),
    ] {
        for (shown, expected) in [("", nothing), (&server, by_server), (&class, by_class), (default, by_default)] {
            let text = [what, shown].join("\n");
            assert_eq!(status(&guard, text.trim_end()).await, expected, "{text}");
        }
    }
}

#[tokio::test]
async fn a_refusal_says_by_rfc_6750_what_is_missing() {
    let guard = guard();
    for (shown, expected, challenge) in [
        ("", 401, "Bearer realm=\"eseal\""),
        ("\nauthorization: Basic Zm9vOmJhcg==", 401, "Bearer realm=\"eseal\""),
        ("\nauthorization: Bearer 0123456789abcdef", 401, "Bearer realm=\"eseal\", error=\"invalid_token\""),
        ("\nauthorization: Bearer", 401, "Bearer realm=\"eseal\""),
        ("\nauthorization: Bearer kado rimu sote", 403, "Bearer realm=\"eseal\", error=\"insufficient_scope\""),
    ] {
        let answer = answer(&guard, request(&format!("POST /testbed/api/clock{shown}"), "192.0.2.1")).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["www-authenticate"]),
            (expected, &challenge.parse::<HeaderValue>().unwrap()),
            "{shown}"
        );
        let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let japanese = body["error_description_ja"].as_str().unwrap_or_default();
        assert!(["トークン", "ワールド"].iter().any(|word| japanese.contains(word)), "{shown}: {body}");
    }
    let twice = format!("POST /testbed/api/clock\nauthorization: Bearer {TOKEN}\nauthorization: Bearer {TOKEN}");
    assert_eq!(status(&guard, &twice).await, 400);
}

#[tokio::test]
async fn who_guesses_keeps_nobody_out_who_has_the_code() {
    let guard = guard();
    guard.set_join_code("class", Some(&"kado-rimu-sote-nabu".parse().unwrap()));
    let wrong = "GET /w/class/\nauthorization: Bearer kado-rimu-sote-nabo";
    for _ in 0..200 {
        assert_eq!(status(&guard, wrong).await, 401);
    }
    assert_eq!(status(&guard, "GET /w/class/\nauthorization: Bearer kado-rimu-sote-nabu").await, 200);
}

#[tokio::test]
async fn of_codes_of_earlier_versions_who_guesses_waits_while_others_and_the_token_are_let_in() {
    let guard = guard();
    let wrong = "GET /w/class/\nauthorization: Bearer kado-rimu-sota";
    for _ in 0..20 {
        assert_eq!(status(&guard, wrong).await, 401);
    }
    let code = format!("GET /w/class/\nauthorization: Bearer {CODE}");
    let waits = answer(&guard, request(&code, "192.0.2.1")).await;
    assert_eq!((waits.status().as_u16(), waits.headers().contains_key("retry-after")), (429, true));
    assert_eq!(status(&guard, &format!("GET /w/class/\nauthorization: Bearer {TOKEN}")).await, 200);
    assert_eq!(answer(&guard, request(&code, "192.0.2.2")).await.status(), 200);
}

#[test]
fn who_guesses_the_code_on_a_document_waits_and_others_are_asked() {
    let guard = guard();
    let stranger = |peer: &str| guard.stranger(Some(Peer(peer.parse().unwrap())));
    assert!(!stranger("192.0.2.1").shows("wrong", |code| code == "right").unwrap());
    assert!(stranger("192.0.2.1").shows("right", |code| code == "right").unwrap());
    let refused = (0..100_000).find_map(|_| stranger("192.0.2.1").shows("wrong", |_| false).err()).unwrap();
    assert_eq!((refused.status.as_u16(), refused.error, refused.retry_after), (429, "too_many_attempts", Some(1)));
    assert!(stranger("192.0.2.2").shows("right", |code| code == "right").unwrap());
}

#[tokio::test]
async fn testbeds_at_two_ports_of_a_host_have_cookies_of_their_own() {
    let [one, other] = [8700, 8800].map(|port| {
        let guard = Guard::new(port);
        guard.expose(TOKEN.parse().unwrap());
        guard.set_join_code("class", Some(&CODE.parse().unwrap()));
        Entrance { guard, peer: None, secure: false }.open(CODE).unwrap().1
    });
    let name = |cookie: &HeaderValue| cookie.to_str().unwrap().split('=').next().unwrap().to_owned();
    assert_ne!(name(&one), name(&other));
    assert!(name(&one).starts_with("eseal-access-") && name(&one).ends_with("-class"), "{one:?}");
}

#[tokio::test]
async fn people_show_a_code_once_and_a_cookie_from_then_on() {
    let guard = guard();
    let entrance = Entrance { guard: guard.clone(), peer: None, secure: false };
    let (grant, cookie) = entrance.open(" Kado Rimu Sote").unwrap();
    assert_eq!(grant, Grant::World("class".into()));
    let cookie = cookie.to_str().unwrap();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict") && !cookie.contains("kado"), "{cookie}");
    let shown = cookie.split(';').next().unwrap();
    let secure = Entrance { guard: guard.clone(), peer: None, secure: true }.open(TOKEN).unwrap().1;
    let secure = secure.to_str().unwrap();
    assert!(secure.starts_with("__Secure-eseal-access-") && secure.ends_with("; Secure"), "{secure}");
    let both = format!("{}; {shown}", secure.split(';').next().unwrap());
    assert_eq!(status(&guard, &format!("GET /\ncookie: {both}")).await, 200, "one world's cookie hides no other");
    for (what, expected) in [("GET /w/class/", 200), ("GET /", 403), ("POST /testbed/api/worlds/x", 403)] {
        assert_eq!(status(&guard, &format!("{what}\ncookie: a=b; {shown}")).await, expected, "{what}");
    }
    assert_eq!(status(&guard, "GET /w/class/\ncookie: eseal-access=kado-rimu-sote").await, 401);
    assert_eq!(entrance.open("kado-rimu-sota").unwrap_err().status, 401);
    guard.set_join_code("class", None);
    assert_eq!(status(&guard, &format!("GET /w/class/\ncookie: {shown}")).await, 401, "the code was taken back");
    assert_eq!(entrance.open(TOKEN).unwrap().0, Grant::Server);
}

/// The cookie that a page behind a proxy for `https://seal.example` gets.
async fn cookie_behind_a_proxy(headers: &[(&str, &str)]) -> String {
    let guard = guard();
    guard.allow_address("https://seal.example");
    let enter = |entrance: axum::Extension<Entrance>| async move { [("set-cookie", entrance.open(TOKEN).unwrap().1)] };
    let services = Router::new().fallback(axum::routing::post(enter));
    let request =
        headers.iter().fold(Request::post("/w/class/join"), |request, (name, value)| request.header(*name, *value));
    let answer = guard.in_front_of(services).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    answer.headers()["set-cookie"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_page_that_is_seen_over_the_tls_of_a_proxy_gets_a_secure_cookie() {
    for (headers, secure) in [
        ([("host", "seal.example"), ("origin", "https://seal.example")].as_slice(), true),
        (&[("host", "127.0.0.1:8700"), ("origin", "https://seal.example")], true),
        (&[("host", "seal.example")], true),
        (&[("host", "127.0.0.1:8700"), ("origin", "http://127.0.0.1:8700")], false),
        (&[("host", "127.0.0.1:8700")], false),
    ] {
        let cookie = cookie_behind_a_proxy(headers).await;
        assert_eq!((cookie.starts_with("__Secure-"), cookie.ends_with("; Secure")), (secure, secure), "{headers:?}");
    }
}

#[tokio::test]
async fn a_client_s_certificate_is_good_in_the_world_that_made_it() {
    let guard = guard();
    for (what, expected) in [("POST /testbed/api/clock", 200), ("GET /w/class/", 403), ("GET /testbed/api/worlds", 403)]
    {
        let mut request = request(what, "192.0.2.1");
        request.extensions_mut().insert(ClientOf { world: "default".into() });
        assert_eq!(answer(&guard, request).await.status().as_u16(), expected, "{what}");
    }
}

#[tokio::test]
async fn an_exposed_server_answers_to_addresses_and_not_to_names_that_it_was_not_given() {
    let guard = guard();
    for (host, expected) in [
        ("192.0.2.7:8700", 200),
        ("[2001:db8::1]:8700", 200),
        ("localhost", 200),
        ("evil.example:8700", 421),
        ("192.0.2.7.evil.example", 421),
    ] {
        let request = Request::get("/healthz").header("host", host).body(Body::empty()).unwrap();
        assert_eq!(answer(&guard, request).await.status().as_u16(), expected, "{host}");
    }
    let shown = format!("POST /testbed/api/clock\nauthorization: Bearer {TOKEN}");
    for (origin, expected) in
        [("http://192.0.2.7:8700", 200), ("http://192.0.2.66:8700", 403), ("http://192.0.2.7:8600", 403)]
    {
        assert_eq!(status(&guard, &format!("{shown}\norigin: {origin}")).await, expected, "{origin}");
    }
}
