//! RFC 3161 over the router: what a token holds, what is refused and how, and what remains after a restart.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod support;

use axum::body::Body;
use axum::http::{StatusCode, header};
use pki::{DigestAlgorithm, Extension, KeyKind, TimeStampFailure as Failure, oid};
use support::{QUERY, body, granted, is_granted, lab, lab_in, refused, request, request_with, time};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tsa::{NewUnit, Tsa};
use world::World;

#[tokio::test]
async fn a_token_states_the_worlds_whole_second_and_what_was_asked() {
    let lab = lab().await;
    let token = granted(lab.post("/tsa", request().to_der()).await);
    token.verify_signature().unwrap();
    token.verify_imprint_of(b"a certificate of completion").unwrap();
    let info = token.info();
    assert_eq!(info.time, time("2026-11-24T09:00:00Z"), "the clock shows 09:00:00.75");
    assert_eq!(info.nonce.as_deref(), Some(&[0x01, 0xe2, 0x40][..]));
    assert_eq!(info.policy, oid::TESTBED_TSA_POLICY);
    assert!(!info.ordering);
    assert!((15..=17).contains(&info.serial.as_bytes().len()), "128 random bits");
    assert_eq!(token.certificates().len(), 2, "unit and root");
    assert_eq!(token.signer_certificate(), Some(lab.tsa.units()[0].certificate()));
}

#[tokio::test]
async fn certificates_and_nonce_are_left_out_when_they_are_not_asked_for() {
    let lab = lab().await;
    let mut request = request();
    (request.certificate_requested, request.nonce) = (false, None);
    let token = granted(lab.post("/tsa", request.to_der()).await);
    assert!(token.certificates().is_empty());
    assert_eq!(token.info().nonce, None);
}

#[tokio::test]
async fn every_digest_and_key_kind_is_served() {
    let lab = lab().await;
    lab.add("p384", KeyKind::P384).await;
    lab.add("rsa", KeyKind::Rsa { bits: 2048 }).await;
    for path in ["/tsa", "/tsa/p256", "/tsa/p384", "/tsa/rsa"] {
        for digest in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512] {
            let token = granted(lab.post(path, request_with(digest).to_der()).await);
            token.verify_signature().unwrap();
            assert_eq!(token.info().imprint.algorithm(), digest);
        }
    }
}

#[tokio::test]
async fn a_named_policy_is_stamped_under_if_the_unit_accepts_it() {
    let lab = lab().await;
    let accept = |unit: &mut NewUnit| unit.accepted_policies.push(oid::BASELINE_TIME_STAMP_POLICY);
    lab.add_with("baseline", KeyKind::P256, accept).await;
    let mut request = request();
    request.policy = Some(oid::BASELINE_TIME_STAMP_POLICY);
    let token = granted(lab.post("/tsa/baseline", request.to_der()).await);
    assert_eq!(token.info().policy, oid::BASELINE_TIME_STAMP_POLICY);
    let (failure, text) = refused(lab.post("/tsa", request.to_der()).await);
    assert_eq!(failure, Failure::UnacceptedPolicy);
    assert!(text.contains("0.4.0.2023.1.1") && text.contains(&oid::TESTBED_TSA_POLICY.to_string()), "{text}");
}

#[tokio::test]
async fn what_cannot_be_stamped_is_refused_with_its_reason() {
    let lab = lab().await;
    let good = request().to_der();
    let algorithm = find(&good, &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02]) + 8;
    let changed = |offset: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[offset] = value;
        bytes
    };
    let mut extended = good.clone();
    extended.extend_from_slice(&[0xa0, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x2a, 0x03, 0x04, 0x04, 0x03, 0x04, 0x01, 0x00]);
    extended[1] += 14;
    for (name, bytes, wanted) in [
        ("nothing", Vec::new(), Failure::BadDataFormat),
        ("garbage", b"GET / HTTP/1.1".to_vec(), Failure::BadDataFormat),
        ("cut short", good[..good.len() - 1].to_vec(), Failure::BadDataFormat),
        ("trailing bytes", [&good[..], &[0]].concat(), Failure::BadDataFormat),
        ("version 2", changed(4, 2), Failure::BadRequest),
        ("SHA-224", changed(algorithm, 4), Failure::BadAlgorithm),
        ("SHA-1", request_with(DigestAlgorithm::Sha1).to_der(), Failure::BadAlgorithm),
        ("SHA-384 with 32 bytes", changed(algorithm, 2), Failure::BadDataFormat),
        ("an extension", extended, Failure::UnacceptedExtension),
    ] {
        let (failure, text) = refused(lab.post("/tsa", bytes).await);
        assert_eq!(failure, wanted, "{name}: {text}");
    }
    assert!(is_granted(&lab.post("/tsa", good).await), "and the next good request is served");
}

#[tokio::test]
async fn a_unit_does_not_stamp_outside_its_certificate() {
    let lab = lab().await;
    for (at, stamps) in [
        ("2025-12-31T23:59:59.9Z", false),
        ("2026-01-01T00:00:00Z", true),
        ("2037-01-31T00:00:00.9Z", true),
        ("2037-01-31T00:00:01Z", false),
    ] {
        lab.world.clock.set(time(at)).await.unwrap();
        let response = lab.post("/tsa", request().to_der()).await;
        assert_eq!(is_granted(&response), stamps, "{at}");
        if !stamps {
            let (failure, text) = refused(response);
            assert_eq!(failure, Failure::TimeNotAvailable);
            assert!(text.contains("the clock shows"), "{text}");
        }
    }
}

#[tokio::test]
async fn a_unit_does_not_stamp_after_its_private_key_period() {
    let lab = lab().await;
    let period = Extension::private_key_usage_period(None, Some(time("2027-01-01T00:00:00Z")));
    let (key, chain) = lab.enrol("one-year", KeyKind::P256, vec![period]).await;
    lab.tsa.add_unit(NewUnit::new("one-year".parse().unwrap(), key, chain)).await.unwrap();
    lab.world.clock.set(time("2027-01-01T00:00:01Z")).await.unwrap();
    let (failure, text) = refused(lab.post("/tsa/one-year", request().to_der()).await);
    assert_eq!(failure, Failure::TimeNotAvailable, "{text}");
    let (_, units) = lab.json("/tsa/api/units").await;
    assert_eq!(units[0]["stamps_now"], false);
    assert!(units[0]["reason"].as_str().unwrap().contains("2027-01-01T00:00:00Z"));
    let (key, chain) = lab.enrol("one-year", KeyKind::P256, Vec::new()).await;
    lab.tsa.renew_unit(&"one-year".parse().unwrap(), key, chain).await.unwrap();
    assert!(is_granted(&lab.post("/tsa/one-year", request().to_der()).await), "renewed");
}

#[tokio::test]
async fn the_key_of_the_worlds_time_stamps_when_the_clock_goes_forth_and_back() {
    let lab = lab().await;
    let name: tsa::UnitName = "yearly".parse().unwrap();
    let year = |year: i16| {
        let moment = |year: i16| Some(time(&format!("{year}-01-01T00:00:00Z")));
        Extension::private_key_usage_period(moment(year), moment(year + 1))
    };
    let mut made = Vec::new();
    for (number, start) in [2027, 2028, 2031].into_iter().enumerate() {
        lab.world.clock.set(time(&format!("{start}-01-01T00:00:00Z"))).await.unwrap();
        let (key, chain) = lab.enrol("yearly", KeyKind::P256, vec![year(start)]).await;
        made.push((start, chain[0].clone()));
        match number {
            0 => drop(lab.tsa.add_unit(NewUnit::new(name.clone(), key, chain)).await.unwrap()),
            _ => drop(lab.tsa.renew_unit(&name, key, chain).await.unwrap()),
        }
    }
    let restarted = Tsa::open(&lab.world, lab.signer.clone()).await.unwrap();
    for (start, certificate) in made.iter().chain(&made) {
        lab.world.clock.set(time(&format!("{start}-06-01T00:00:00Z"))).await.unwrap();
        let token = granted(lab.post("/tsa/yearly", request().to_der()).await);
        assert_eq!(token.signer_certificate(), Some(certificate), "{start}");
        assert_eq!(restarted.unit(Some("yearly")).unwrap().certificate(), certificate);
    }
    lab.world.clock.set(time("2030-06-01T00:00:00Z")).await.unwrap();
    let (failure, text) = refused(lab.post("/tsa/yearly", request().to_der()).await);
    assert_eq!(failure, Failure::TimeNotAvailable);
    assert!(text.contains("until 2029-01-01"), "between two keys, the last that there was: {text}");
}

#[tokio::test]
async fn a_token_that_cannot_be_recorded_is_withheld() {
    let lab = lab().await;
    lab.world.store.close().await.unwrap(); // the only connection of a world in memory
    let (failure, text) = refused(lab.post("/tsa", request().to_der()).await);
    assert_eq!(failure, Failure::SystemFailure);
    assert_eq!(text, "the token could not be recorded", "no cause is told");
}

#[tokio::test]
async fn another_media_type_method_or_unit_is_an_http_error_that_says_how_to_ask() {
    let lab = lab().await;
    let good = request().to_der();
    for (method, path, media_type, status, hint) in [
        ("POST", "/tsa", Some("application/x-www-form-urlencoded"), StatusCode::UNSUPPORTED_MEDIA_TYPE, "curl -H"),
        ("POST", "/tsa", None, StatusCode::UNSUPPORTED_MEDIA_TYPE, "no Content-Type"),
        ("GET", "/tsa", None, StatusCode::METHOD_NOT_ALLOWED, "openssl ts -query"),
        ("PUT", "/tsa/p256", Some(QUERY), StatusCode::METHOD_NOT_ALLOWED, "POST"),
        ("POST", "/tsa/nobody", Some(QUERY), StatusCode::NOT_FOUND, "there are: p256"),
        ("POST", "/tsa/api", Some(QUERY), StatusCode::NOT_FOUND, "there are: p256"),
    ] {
        let answer = lab.send(method, path, media_type, good.clone()).await;
        assert_eq!(answer.status(), status, "{method} {path}");
        if status == StatusCode::METHOD_NOT_ALLOWED {
            assert_eq!(answer.headers()[header::ALLOW], "POST");
        }
        let problem: serde_json::Value = serde_json::from_slice(&body(answer).await).unwrap();
        assert!(problem["error_description"].as_str().unwrap().contains(hint), "{problem}");
    }
}

#[tokio::test]
async fn of_two_media_types_neither_counts_in_whichever_order() {
    let lab = lab().await;
    for types in [[QUERY, "text/plain"], ["text/plain", QUERY], [QUERY, QUERY]] {
        let mut asked = axum::http::Request::post("/tsa");
        for media_type in types {
            asked = asked.header("content-type", media_type);
        }
        let asked = asked.body(Body::from(request().to_der())).unwrap();
        let answer = tower::ServiceExt::oneshot(lab.router.clone(), asked).await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{types:?}");
    }
}

#[tokio::test]
async fn media_type_parameters_and_capitals_are_tolerated() {
    let lab = lab().await;
    for media_type in ["application/timestamp-query; charset=utf-8", "Application/Timestamp-Query"] {
        let answer = lab.send("POST", "/tsa", Some(media_type), request().to_der()).await;
        assert_eq!(answer.status(), StatusCode::OK, "{media_type}");
    }
}

#[tokio::test]
async fn a_request_that_is_too_large_is_refused_in_the_words_of_the_protocol() {
    let lab = lab().await;
    for length in [(64 << 10) + 1, (8 << 20) + 1] {
        let answer = lab.send("POST", "/tsa", Some(QUERY), vec![0x30; length]).await;
        let response = pki::TimeStampResponse::from_der(&body(answer).await).unwrap();
        assert_eq!(refused(response).0, Failure::BadDataFormat);
    }
}

#[tokio::test]
async fn a_connection_survives_a_request_that_is_too_large() {
    let lab = lab().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut connection = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    tokio::spawn(world::server::serve(listener, lab.router.clone(), std::future::pending()));
    for (request, wanted) in [(vec![0x30; 5 << 20], &b"at most 65536 bytes"[..]), (request().to_der(), b"TESTBED Root")]
    {
        let length = request.len();
        let head =
            format!("POST /tsa HTTP/1.1\r\nHost: tsa\r\nContent-Type: {QUERY}\r\nContent-Length: {length}\r\n\r\n");
        connection.write_all(&[head.as_bytes(), &request].concat()).await.unwrap();
        let (mut answer, mut part) = (Vec::new(), [0; 4096]);
        while !answer.windows(wanted.len()).any(|window| window == wanted) {
            let read = connection.read(&mut part).await.unwrap();
            assert_ne!(read, 0, "the connection was closed after: {}", String::from_utf8_lossy(&answer));
            answer.extend_from_slice(&part[..read]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 OK"));
    }
}

#[tokio::test]
async fn sixty_four_clients_at_once_get_sixty_four_recorded_tokens() {
    let lab = lab().await;
    let unit = lab.tsa.unit(None).unwrap();
    let clients = (0..64).map(|_| {
        let (tsa, unit) = (lab.tsa.clone(), unit.clone());
        tokio::spawn(async move { tsa.answer(&unit, &request().to_der()).await })
    });
    let mut serials = std::collections::BTreeSet::new();
    for client in clients.collect::<Vec<_>>() {
        let token = granted(pki::TimeStampResponse::from_der(&client.await.unwrap()).unwrap());
        let info = token.info();
        let issued = lab.tsa.issued(&info.serial, Some(info.time)).await.unwrap().expect("recorded");
        assert_eq!(issued.imprint, info.imprint);
        serials.insert(info.serial.clone());
    }
    assert_eq!(serials.len(), 64);
}

#[tokio::test]
async fn units_default_and_register_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::open(folder.path(), "default", "http://127.0.0.1:8700").await.unwrap();
    world.clock.set(time("2026-11-24T09:00:00Z")).await.unwrap();
    let lab = lab_in(world).await;
    lab.add("first", KeyKind::P256).await;
    lab.add("second", KeyKind::P384).await;
    lab.tsa.make_default(&"second".parse().unwrap()).await.unwrap();
    let token = granted(lab.post("/tsa", request().to_der()).await);

    let world = World::open(folder.path(), "default", "http://127.0.0.1:8700").await.unwrap();
    let signer = signer::Signer::open(&world).await.unwrap();
    let again = Tsa::open(&world, signer).await.unwrap();
    assert_eq!(
        again.units().iter().map(|unit| unit.name().as_str().to_owned()).collect::<Vec<_>>(),
        ["first", "second"]
    );
    assert_eq!(again.default_unit().unwrap().as_str(), "second");
    assert_eq!(again.unit(None).unwrap().chain(), lab.tsa.unit(None).unwrap().chain());
    let issued = again.issued(&token.info().serial, None).await.unwrap().expect("what was acknowledged is recorded");
    assert_eq!((issued.unit.as_str(), issued.time), ("second", token.info().time));
}

#[tokio::test]
async fn units_and_tokens_are_listed_for_scripts() {
    let lab = lab().await;
    let (status, units) = lab.json("/tsa/api/units").await;
    assert_eq!((status, units.as_array().unwrap().len()), (StatusCode::OK, 1));
    let unit = &units[0];
    assert_eq!(unit["address"], "http://127.0.0.1:8700/tsa/p256");
    assert_eq!((&unit["default"], &unit["stamps_now"]), (&true.into(), &true.into()));
    assert_eq!(unit["certificate_status"], "good");
    assert_eq!(unit["digest_algorithms"], serde_json::json!(["SHA-256", "SHA-384", "SHA-512"]));
    assert_eq!(unit["accuracy_seconds"], 1.0);

    let token = granted(lab.post("/tsa", request().to_der()).await);
    let address = format!("/tsa/api/tokens/{}", token.info().serial);
    let (status, entry) = lab.json(&format!("{address}?time=2026-11-24T09:00:00Z")).await;
    assert_eq!((status, entry["unit"].as_str()), (StatusCode::OK, Some("p256")));
    assert_eq!(entry["imprint"], token.info().imprint.to_string());
    let (status, _) = lab.json(&format!("{address}?time=2026-11-24T09:00:01Z")).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "a token of another time was not issued here");
    assert_eq!(lab.json("/tsa/api/tokens/xyz").await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_unit_needs_a_name_of_its_own_and_the_certificate_of_its_key() {
    let lab = lab().await;
    for name in ["", "api", "Main", "a/b", &"x".repeat(41)] {
        assert!(name.parse::<tsa::UnitName>().is_err(), "{name}");
    }
    let (key, chain) = lab.enrol("p256", KeyKind::P256, Vec::new()).await;
    let (other_key, _) = lab.enrol("other", KeyKind::P256, Vec::new()).await;
    let taken = NewUnit::new("p256".parse().unwrap(), key, chain.clone());
    assert!(matches!(lab.tsa.add_unit(taken).await, Err(tsa::Error::UnitExists { .. })));
    let mismatched = NewUnit::new("other".parse().unwrap(), other_key, chain);
    assert!(matches!(lab.tsa.add_unit(mismatched).await, Err(tsa::Error::KeyMismatch { .. })));
    let answer = lab.send("POST", "/tsa/other", Some(QUERY), Body::empty()).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND, "what was refused is not there");
}

fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).position(|window| window == wanted).unwrap()
}

#[tokio::test]
async fn addresses_and_media_types_are_described() {
    let lab = lab().await;
    let mut document = tsa::router(lab.tsa.clone()).into_openapi();
    world::openapi::complete(&mut document);
    let document = serde_json::to_value(document).unwrap();
    let paths = &document["paths"];
    let listed: Vec<&String> = paths.as_object().unwrap().keys().collect();
    assert_eq!(listed, ["/tsa", "/tsa/api/tokens/{serial}", "/tsa/api/units", "/tsa/{unit}"]);
    for path in ["/tsa", "/tsa/{unit}"] {
        let stamp = &paths[path]["post"];
        assert!(stamp["requestBody"]["content"]["application/timestamp-query"].is_object(), "{stamp}");
        assert!(stamp["responses"]["200"]["content"]["application/timestamp-reply"].is_object(), "{stamp}");
    }
    let (_, units) = lab.json("/tsa/api/units").await;
    let schema = &document["components"]["schemas"]["tsa.Unit"];
    assert!(units[0].as_object().unwrap().keys().eq(schema["properties"].as_object().unwrap().keys()), "{schema}");
}
