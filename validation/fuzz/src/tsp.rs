//! The target `tsp`: requests, responses and tokens of RFC 3161. In: any bytes, read as each of them. Out: a panic if something
//! that was read contradicts itself, or if what is made from it is not read again.

use jiff::Timestamp;
use pki::{SerialNumber, TimeStampRequest, TimeStampResponse, TimeStampToken, TokenContent};

use crate::world::{WORLD, sealed_at};
use crate::{certificate, cms};

/// One input.
pub fn check(bytes: &[u8]) {
    match TimeStampRequest::from_der(bytes) {
        Ok(request) => walk_request(&request),
        Err(error) => assert!(error.time_stamp_failure().is_some(), "an authority needs a failure to answer with"),
    }
    if let Ok(response) = TimeStampResponse::from_der(bytes) {
        walk_response(&response);
    }
    if let Ok(token) = TimeStampToken::from_der(bytes) {
        assert!(bytes.starts_with(token.der()), "DER keeps its octets");
        walk_token(&token, 1);
    }
    if let Ok(token) = TimeStampToken::from_ber(bytes) {
        walk_token(&token, 1);
    }
}

/// What is written again says the same, and a token for it has what was asked for.
fn walk_request(request: &TimeStampRequest) {
    assert_eq!(TimeStampRequest::from_der(&request.to_der()).as_ref(), Ok(request));
    assert_eq!(request.imprint.as_bytes().len(), request.imprint.algorithm().length());
    let serial = SerialNumber::from_bytes(&[9]).expect("a positive number");
    let token = WORLD.stamp_with(TokenContent {
        imprint: &request.imprint,
        serial: &serial,
        time: sealed_at(),
        nonce: request.nonce.as_deref(),
        certificates: request.certificate_requested,
    });
    let answer =
        TimeStampResponse::from_der(&TimeStampResponse::granted(&token)).expect("an answer that was made here");
    let TimeStampResponse::Granted { token, with_modifications: false } = answer else {
        panic!("wanted a token, found {answer:?}");
    };
    assert_eq!((&token.info().imprint, &token.info().nonce), (&request.imprint, &request.nonce));
    assert_eq!((&token.info().serial, token.time()), (&serial, sealed_at()));
    assert_eq!(token.signer_certificate().is_some(), request.certificate_requested);
    assert_eq!(token.verify_signature_with(&WORLD.unit.certificate), Ok(()));
}

fn walk_response(response: &TimeStampResponse) {
    match response {
        TimeStampResponse::Granted { token, .. } => {
            let again = TimeStampResponse::Granted { token: token.clone(), with_modifications: false };
            assert_eq!(TimeStampResponse::from_der(&TimeStampResponse::granted(token.der())), Ok(again));
            walk_token(token, 1);
        }
        TimeStampResponse::Refused { status, text, failure } => {
            assert!((2..=5).contains(status));
            if let Some(failure) = failure {
                let text = text.clone().unwrap_or_default();
                let again = TimeStampResponse::from_der(&TimeStampResponse::refusal(*failure, &text));
                let wanted = TimeStampResponse::Refused { status: 2, text: Some(text), failure: Some(*failure) };
                assert_eq!(again, Ok(wanted));
            }
        }
    }
}

/// Asks for everything; `depth`: how many tokens inside tokens are walked too.
pub fn walk_token(token: &TimeStampToken, depth: usize) {
    let again = TimeStampToken::from_der(token.der()).expect("what was read is DER");
    assert_eq!((&again, again.info()), (token, token.info()));
    let info = token.info();
    assert_eq!(info.imprint.as_bytes().len(), info.imprint.algorithm().length());
    assert_eq!(token.verify_imprint(&info.imprint), Ok(()));
    assert_eq!(token.time(), info.time);
    if let Some(accuracy) = info.accuracy {
        assert!(accuracy.milliseconds <= 999 && accuracy.microseconds <= 999);
        let _ = Timestamp::checked_add(token.time(), accuracy.duration());
    }
    certificate::walk_serial(&info.serial);
    assert!(info.nonce.as_ref().is_none_or(|nonce| !nonce.is_empty() && nonce.len() < token.der().len()));
    let by_itself = token.verify_signature();
    match token.signer_certificate() {
        Some(signer) => assert_eq!(token.verify_signature_with(signer), by_itself),
        None => assert!(by_itself.is_err()),
    }
    let _ = (token.verify_imprint_of(b"something else"), format!("{token:?}"));
    if depth > 0 {
        cms::walk(token.signed_data());
    }
}
