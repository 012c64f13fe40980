//! The target `ocsp`: requests and answers of RFC 6960. In: any bytes, read as both. Out: a panic if something that was read
//! contradicts itself, or if the answer to a request is not read again.

use pki::{
    CertificateStatus, DigestAlgorithm, OcspRequest, OcspResponse, OcspTemplate, ResponderId, Scheme,
    SignatureAlgorithm, SingleResponse, SuccessfulOcspResponse,
};

use crate::certificate;
use crate::world::{WORLD, sealed_at, validated_at};

/// One input.
pub fn check(bytes: &[u8]) {
    if let Ok(request) = OcspRequest::from_der(bytes) {
        walk_request(&request);
    }
    match OcspResponse::from_der(bytes) {
        Ok(OcspResponse::Successful(response)) => {
            assert_eq!(response.der(), bytes, "an answer keeps its octets");
            walk_response(&response);
        }
        Ok(refused @ OcspResponse::Refused(_)) => {
            assert_eq!(OcspResponse::from_der(&refused.der()), Ok(refused.clone()));
            assert!(refused.responses().is_empty() && refused.verify(&WORLD.ca, validated_at()).is_err());
        }
        Err(_) => {}
    }
}

/// What is written again says the same, and the answer mirrors what was asked.
fn walk_request(request: &OcspRequest) {
    assert!((1..=64).contains(&request.certificate_ids.len()));
    assert!(request.nonce.as_ref().is_none_or(|nonce| (1..=128).contains(&nonce.len())));
    let again = OcspRequest::from_der(&request.to_der()).expect("what is written is read");
    assert_eq!(again, *request);
    for (id, mirrored) in request.certificate_ids.iter().zip(&again.certificate_ids) {
        assert_eq!(id.der(), mirrored.der());
        certificate::walk_serial(id.serial());
        let _ = (id.names_issuer(&WORLD.ca), id.names(&WORLD.seal.certificate, &WORLD.ca), format!("{id:?}"));
    }
    let responses = request.certificate_ids.iter().map(|id| SingleResponse {
        id: id.clone(),
        status: CertificateStatus::Unknown,
        this_update: sealed_at(),
        next_update: None,
        archive_cutoff: None,
        certificate_hash: None,
    });
    let template = OcspTemplate {
        responder_key_identifier: WORLD.ca.public_key().key_identifier(),
        produced_at: sealed_at(),
        responses: responses.collect(),
        nonce: request.nonce.clone(),
    };
    let algorithm = SignatureAlgorithm::new(Scheme::RsaPkcs1, DigestAlgorithm::Sha256);
    let pending = template.to_be_signed(algorithm).expect("SHA-256 is offered");
    let answer = OcspResponse::from_der(&pending.signed(&[1], &[])).and_then(OcspResponse::into_successful);
    let answer = answer.expect("an answer that was made here");
    assert_eq!(answer.responses(), template.responses);
    assert_eq!(answer.nonce(), request.nonce.as_deref());
    let same = |(ours, theirs): (&SingleResponse, &SingleResponse)| ours.id.der() == theirs.id.der();
    assert!(template.responses.iter().zip(answer.responses()).all(same), "identifiers are mirrored exactly");
}

fn walk_response(response: &SuccessfulOcspResponse) {
    let again = OcspResponse::from_der(response.der()).and_then(OcspResponse::into_successful);
    assert_eq!(again.as_ref(), Ok(response));
    assert!(response.nonce().is_none_or(|nonce| (1..=128).contains(&nonce.len())));
    for single in response.responses() {
        certificate::walk_serial(single.id.serial());
        assert!(single.certificate_hash.as_ref().is_none_or(|hash| hash.as_bytes().len() == hash.algorithm().length()));
        if single.id.names(&WORLD.seal.certificate, &WORLD.ca) {
            assert!(response.response_for(&WORLD.seal.certificate, &WORLD.ca).is_some());
        }
    }
    if let ResponderId::Name(name) = response.responder() {
        certificate::walk_name(name);
    }
    certificate::walk_all(response.certificates());
    for issuer in response.certificates().iter().take(4) {
        let verified = response.verify(issuer, validated_at());
        assert!(verified.is_err() || verified.is_ok_and(|by| response.verify_signature(&by).is_ok()));
    }
    let said = SuccessfulOcspResponse::responses;
    if response.verify_with(&WORLD.ca, std::slice::from_ref(&WORLD.seal.certificate), validated_at()).is_ok() {
        assert_eq!(said(response), said(&WORLD.answer), "the CA gave one answer");
    }
    let _ = (response.signature_algorithm(), response.produced_at(), format!("{response:?}"));
}
