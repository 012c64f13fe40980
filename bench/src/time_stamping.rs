//! Signatures and time-stamp tokens, from the bare signature to HTTP.

use anyhow::{Context, Result, bail};
use aws_lc_rs::digest::{self, Digest as ModuleDigest};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use pki::{
    Accuracy, Digest, DigestAlgorithm, KeyKind, SerialNumber, TimeStampRequest, TimeStampResponse, TokenAssembler,
    TokenContent, oid,
};
use sealing::TimeStampQuestion;

use crate::bed::Bed;
use crate::client::{Connection, Head};
use crate::measure::{Measured, alone, at_once};

/// As many connections as a busy platform keeps open.
pub(crate) const CONNECTIONS: usize = 16;

/// Signs one digest with a key of its own.
pub(crate) fn signing(kind: KeyKind) -> Result<impl Fn(&Digest) -> Result<Vec<u8>>> {
    let failed = |_| anyhow::anyhow!("the cryptographic module did not sign");
    let ecdsa = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map_err(failed)?;
    let rsa = match kind {
        KeyKind::Rsa { .. } => Some(RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?),
        _ => None,
    };
    Ok(move |digest: &Digest| {
        let digest = ModuleDigest::import_less_safe(digest.as_bytes(), &digest::SHA256).map_err(failed)?;
        let Some(rsa) = &rsa else { return Ok(ecdsa.sign_digest(&digest).map_err(failed)?.as_ref().to_vec()) };
        let mut signature = vec![0; rsa.public_modulus_len()];
        rsa.sign_digest(&RSA_PKCS1_SHA256, &digest, &mut signature).map_err(failed)?;
        Ok(signature)
    })
}

/// The signature alone.
pub(crate) fn raw_sign(bed: &Bed, kind: KeyKind) -> Result<Measured> {
    let sign = signing(kind)?;
    let digest = DigestAlgorithm::Sha256.digest(b"to be signed");
    alone(bed.seconds, || sign(&digest).map(drop))
}

/// The token around the signature: parsed request, TSTInfo, CMS, response.
pub(crate) async fn assembled(bed: &mut Bed) -> Result<Measured> {
    let laboratory = bed.laboratory().await?;
    let unit = laboratory.tsa.unit(None)?;
    let (policy, accuracy) = (oid::TESTBED_TSA_POLICY, Accuracy::seconds(1));
    let assembler = TokenAssembler::new(unit.certificate(), &unit.chain()[1..], unit.algorithm(), policy, accuracy)?;
    let (sign, request, at) = (signing(KeyKind::P256)?, question().to_der(), laboratory.world.clock.now());
    alone(bed.seconds, || {
        let request = TimeStampRequest::from_der(&request)?;
        let serial = SerialNumber::from_bytes(&world::random::bytes::<16>())?;
        let pending = assembler.prepare(TokenContent {
            imprint: &request.imprint,
            serial: &serial,
            time: at,
            nonce: request.nonce.as_deref(),
            certificates: request.certificate_requested,
        });
        let signature = sign(&pending.digest())?;
        std::hint::black_box(TimeStampResponse::granted(&pending.assemble(&signature)));
        Ok(())
    })
}

/// The authority: signature by the key server, register on disk.
pub(crate) async fn answered(bed: &mut Bed) -> Result<Measured> {
    let laboratory = bed.laboratory().await?;
    let unit = laboratory.tsa.unit(None)?;
    let make = async |_| {
        let (tsa, unit, request) = (laboratory.tsa.clone(), unit.clone(), question().to_der());
        Ok(async move || {
            let response = tsa.answer(&unit, &request).await;
            check_granted(&response)?;
            Ok(1)
        })
    };
    at_once(CONNECTIONS, bed.seconds, None, make).await
}

/// The same over sockets.
pub(crate) async fn over_http(bed: &mut Bed) -> Result<Measured> {
    let seconds = bed.seconds;
    let server = bed.server()?;
    let (address, pid) = (server.address, server.pid());
    let make = async |_| {
        let (mut connection, question) = (Connection::open(address).await?, question());
        let (head, request) = (Head::post("/tsa", TimeStampQuestion::MEDIA_TYPE, ""), question.to_der());
        question.token(connection.ask(&head, &request).await?)?.verify_signature()?;
        Ok(async move || {
            check_granted(connection.ask(&head, &request).await?)?;
            Ok(1)
        })
    };
    at_once(CONNECTIONS, seconds, Some(pid), make).await
}

/// A request as most clients send it: SHA-256, a nonce, certificates wanted.
fn question() -> TimeStampQuestion {
    TimeStampQuestion::about(&DigestAlgorithm::Sha256.digest(&world::random::bytes::<8>()))
}

/// PKIStatusInfo with status 0 comes first in a TimeStampResp that holds a token.
fn check_granted(response: &[u8]) -> Result<()> {
    let status = response.get(4..9).context("an answer of a few bytes")?;
    if status != [0x30, 0x03, 0x02, 0x01, 0x00] {
        bail!("the request was refused: {:?}", TimeStampResponse::from_der(response));
    }
    Ok(())
}
