//! One answer, RFC 3161 clause 2.4 as profiled by EN 319 422. In: the bytes of a TimeStampReq. Out: the bytes of a
//! TimeStampResp: a token, or a refusal with its reason. Never an error: a client always gets an answer that it can read.
//!
//! TSTInfo.tsa is left out: it is optional, and the signer is named by ESSCertIDv2, which RFC 3161 clause 2.4.2 calls
//! the actual identification; EN 319 422 does not ask for it.

use jiff::Timestamp;
use pki::{DigestAlgorithm, SerialNumber, TimeStampFailure, TimeStampRequest, TimeStampResponse, TokenContent};
use world::seldom::Seldom;
use world::time::whole_seconds;

use crate::token::IssuedToken;
use crate::{Error, Tsa, Unit};

/// Why there is no token.
struct Refusal {
    failure: TimeStampFailure,
    text: String,
}

/// Answers one request of a client.
pub(crate) async fn answer(tsa: &Tsa, unit: &Unit, request: &[u8]) -> Vec<u8> {
    match stamp(tsa, unit, request).await {
        Ok(token) => TimeStampResponse::granted(&token),
        Err(Refusal { failure, text }) => {
            tracing::debug!(unit = %unit.name(), ?failure, text, "time-stamp refused");
            TimeStampResponse::refusal(failure, &text)
        }
    }
}

async fn stamp(tsa: &Tsa, unit: &Unit, request: &[u8]) -> Result<Vec<u8>, Refusal> {
    let request = TimeStampRequest::from_der(request)?; // SHA-256, SHA-384 or SHA-512: SHA-1 is refused there
    let assembler = match &request.policy {
        None => unit.default_assembler(),
        Some(policy) => unit.assembler(policy).ok_or_else(|| unaccepted_policy(unit, policy))?,
    };
    let time = gen_time(tsa, unit).await?;
    let serial = random_serial()?;
    let pending = assembler.prepare_reply(&request, &serial, time);
    // The record is on its way to disk while the key signs; the token waits for both.
    let (digest, record) =
        (pending.digest(), IssuedToken { unit: unit.name().clone(), serial, time, imprint: request.imprint });
    let recorded = tsa.register().record(record);
    let signed = tsa.signer().sign_digest(unit.key(), unit.algorithm(), &digest);
    let (recorded, signature) = tokio::join!(recorded, signed);
    recorded.map_err(|error| system_failure("the token could not be recorded", &error))?;
    let signature = signature.map_err(|error| system_failure("the unit's key could not sign", &error))?;
    Ok(pending.assemble(&signature))
}

/// genTime: the world's time, cut so that the token is early by less than the declared accuracy. A unit whose tokens are ordered gives
/// none twice: where the clock stands, a token is later by as many microseconds as there are before it.
async fn gen_time(tsa: &Tsa, unit: &Unit) -> Result<Timestamp, Refusal> {
    let not_available = |text| Refusal { failure: TimeStampFailure::TimeNotAvailable, text };
    let now = tsa.now();
    if let Some(why) = unit.unusable_at(whole_seconds(now)) {
        return Err(not_available(why.to_string()));
    }
    let time = unit.gen_time(now);
    if !unit.ordering() {
        return Ok(time);
    }
    let ordered = tsa.ordered_time(unit, time).await;
    let ordered = ordered.map_err(|error| system_failure("the order of tokens could not be recorded", &error))?;
    ordered.ok_or_else(|| {
        let (name, accuracy) = (unit.name(), unit.accuracy().duration());
        not_available(format!(
            "unit {name} gives no two tokens one time, and has given every microsecond of the {accuracy:?} after {time} that its \
             accuracy covers: let the clock go on"
        ))
    })
}

/// Prepares a token over random bytes and has its digest signed, as [`answer`] would.
pub(crate) async fn probe(tsa: &Tsa, unit: &Unit) -> Result<(), Error> {
    let time = whole_seconds(tsa.now());
    if let Some(why) = unit.unusable_at(time) {
        return Err(Error::Unusable { name: unit.name().clone(), why: why.to_string() });
    }
    let random = world::random::bytes::<32>();
    let pending = unit.default_assembler().prepare(TokenContent {
        imprint: &DigestAlgorithm::Sha256.digest(&random),
        serial: &SerialNumber::from_bytes(&random[..16])?,
        time,
        nonce: None,
        certificates: true,
    });
    Ok(tsa.signer().probe_key(unit.key(), &unit.certificate().public_key(), &pending.digest()).await?)
}

fn unaccepted_policy(unit: &Unit, requested: &pki::ObjectIdentifier) -> Refusal {
    let accepted: Vec<String> = unit.policies().map(ToString::to_string).collect();
    let text = format!("policy {requested} is not one of this unit's: {}", accepted.join(", "));
    Refusal { failure: TimeStampFailure::UnacceptedPolicy, text }
}

/// 128 random bits: unique without a counter, also after a crash (RFC 3161 clause 2.4.2 allows up to 160).
fn random_serial() -> Result<SerialNumber, Refusal> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|error| system_failure("no random numbers", &error))?;
    SerialNumber::from_bytes(&bytes).map_err(|error| system_failure("no serial number", &error))
}

impl From<pki::Error> for Refusal {
    fn from(error: pki::Error) -> Refusal {
        match error {
            pki::Error::TimeStampRequest { failure, detail } => Refusal { failure, text: detail },
            other => Refusal { failure: TimeStampFailure::BadDataFormat, text: other.to_string() },
        }
    }
}

/// The client is told what failed, the log is told why.
fn system_failure(what: &str, cause: &dyn std::error::Error) -> Refusal {
    static REFUSED: Seldom = Seldom::new(|times, cause| tracing::error!(times, %cause, "time-stamp refused"));
    REFUSED.happened(format_args!("{what}: {cause}"));
    Refusal { failure: TimeStampFailure::SystemFailure, text: what.into() }
}
