//! Revocation status: OCSP answers and a large CRL.

use anyhow::{Context, Result};
use jiff::SignedDuration;
use pki::{
    Certificate, CertificateId, CrlTemplate, DigestAlgorithm, KeyKind, OcspRequest, OcspResponse, RevocationReason,
    RevokedEntry, SerialNumber,
};

use crate::bed::Bed;
use crate::client::{Connection, Head};
use crate::measure::{Measured, alone, at_once};
use crate::time_stamping::{CONNECTIONS, signing};

const ENTRIES: usize = 100_000;

/// The responder, without sockets.
pub(crate) async fn ocsp_answered(bed: &mut Bed) -> Result<Measured> {
    let laboratory = bed.laboratory().await?;
    let chain = laboratory.signer.chain("seal-p256").await?.context("the laboratory has a seal")?;
    let request = request(&chain);
    let make = async |_| {
        let (ca, request) = (laboratory.ca.clone(), request.clone());
        Ok(async move || {
            let response = ca.answer_ocsp(&request).await;
            anyhow::ensure!(response.len() > 500, "the request was refused");
            Ok(1)
        })
    };
    at_once(CONNECTIONS, bed.seconds, None, make).await
}

/// The same over sockets.
pub(crate) async fn ocsp_over_http(bed: &mut Bed) -> Result<Measured> {
    let seconds = bed.seconds;
    let server = bed.server()?;
    let (address, pid) = (server.address, server.pid());
    let trust = server.folder().join("trust");
    let read = |name: &str| anyhow::Ok(Certificate::from_pem_bundle(&std::fs::read_to_string(trust.join(name))?)?);
    let (seals, intermediates) = (read("seal.pem")?, read("intermediates.pem")?);
    let request = request(&[seals[0].clone(), intermediates[0].clone()]);
    let make = async |_| {
        let mut connection = Connection::open(address).await?;
        let (head, request) = (Head::post("/ca/ocsp", "application/ocsp-request", ""), request.clone());
        OcspResponse::from_der(connection.ask(&head, &request).await?)?.into_successful()?;
        Ok(async move || {
            connection.ask(&head, &request).await?;
            Ok(1)
        })
    };
    at_once(CONNECTIONS, seconds, Some(pid), make).await
}

fn request(chain: &[Certificate]) -> Vec<u8> {
    let id = CertificateId::for_certificate(chain[0].serial(), &chain[1], DigestAlgorithm::Sha1);
    OcspRequest { certificate_ids: vec![id], nonce: Some(world::random::bytes::<16>().to_vec()) }.to_der()
}

/// A CRL that names many certificates: written, signed, put together.
pub(crate) fn revocation_list(bed: &Bed) -> Result<Measured> {
    let sign = signing(KeyKind::P256)?;
    let at: jiff::Timestamp = "2026-11-24T09:00:00Z".parse()?;
    let entry = |number: usize| {
        let serial = DigestAlgorithm::Sha256.digest(&number.to_be_bytes());
        Ok(RevokedEntry {
            serial: SerialNumber::from_bytes(&serial.as_bytes()[..16])?,
            since: at,
            reason: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        })
    };
    let template = CrlTemplate {
        issuer: pki::Name::builder().country("JP").common_name("TESTBED CA").build(),
        authority_key_identifier: vec![7; 20],
        number: 1,
        this_update: at,
        next_update: Some(at + SignedDuration::from_hours(24)),
        entries: (0..ENTRIES).map(entry).collect::<Result<_>>()?,
        expired_certificates_since: None,
    };
    let algorithm = KeyKind::P256.default_signature_algorithm();
    alone(bed.seconds, || {
        let to_be_signed = template.to_be_signed(algorithm)?;
        let signature = sign(&to_be_signed.digest())?;
        std::hint::black_box(to_be_signed.signed(&signature));
        Ok(())
    })
}
