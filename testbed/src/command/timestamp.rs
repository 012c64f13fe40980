//! `eseal timestamp`: asks for an RFC 3161 time-stamp on a file, or checks one.

use std::path::Path;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use pki::{Certificate, DigestAlgorithm, TimeStampRequest, TimeStampResponse, TimeStampToken, oid, path};
use serde_json::{Value, json};

use super::write;
use crate::cli::TimestampArgs;
use crate::host::{self, Host};
use crate::output::Output;

pub(super) async fn run(host: &Host, args: &TimestampArgs, output: Output) -> Result<u8> {
    let data = host::read(&args.file)?;
    match &args.verify {
        None => stamp(host, args, &data, output).await,
        Some(answer) => verify(host, args, &data, answer, output).await,
    }
}

async fn stamp(host: &Host, args: &TimestampArgs, data: &[u8], output: Output) -> Result<u8> {
    let mut nonce = world::random::bytes::<8>();
    nonce[0] = nonce[0] & 0x7f | 0x40; // a positive INTEGER of exactly eight octets
    let request = TimeStampRequest {
        imprint: DigestAlgorithm::Sha256.digest(data),
        policy: None,
        nonce: Some(nonce.to_vec()),
        certificate_requested: true,
    };
    let path = args.unit.as_ref().map_or_else(|| "/tsa".into(), |unit| format!("/tsa/{unit}"));
    let answer = host.send("POST", &path, "application/timestamp-query", request.to_der().into()).await?;
    let answer = host::accepted(answer)?.into_body();
    let token = granted(&answer)?;
    if token.info().nonce.as_deref() != Some(&nonce) || token.info().imprint != request.imprint {
        bail!("the authority stamped something else than it was sent");
    }
    let file = args.out.clone().unwrap_or_else(|| {
        let mut name = args.file.clone().into_os_string();
        name.push(".tsr");
        name.into()
    });
    write(&file, &answer)?;
    let mut told = described(&token);
    told["file"] = file.display().to_string().into();
    output.result(&told, || format!("{}  {}", token.info().time, file.display()));
    Ok(0)
}

async fn verify(host: &Host, args: &TimestampArgs, data: &[u8], answer: &Path, output: Output) -> Result<u8> {
    let token = granted(&host::read(answer)?)?;
    let anchors = host::accepted(host.send("GET", "/ca/trust.pem", "", Bytes::new()).await?)?;
    let anchors = Certificate::from_pem_bundle(&String::from_utf8_lossy(anchors.body()))?;
    let fault = fault(&token, data, &anchors);
    let mut told = described(&token);
    told["file"] = args.file.display().to_string().into();
    told["valid"] = fault.is_none().into();
    told["fault"] = fault.clone().into();
    output.result(&told, || match &fault {
        None => format!("valid: {} existed at {}", args.file.display(), token.info().time),
        Some(fault) => format!("not valid: {fault}"),
    });
    Ok(u8::from(fault.is_some()))
}

fn granted(answer: &[u8]) -> Result<TimeStampToken> {
    match TimeStampResponse::from_der(answer).context("this is not a time-stamp response")? {
        TimeStampResponse::Granted { token, .. } => Ok(token),
        TimeStampResponse::Refused { text, .. } => {
            bail!("the authority refused: {}", text.unwrap_or_else(|| "no reason given".into()))
        }
    }
}

/// What is wrong with a token for that data, if anything: imprint, signature, and a chain to an anchor that was valid at the
/// time of the stamp, from a certificate for time-stamping alone (RFC 3161 clause 2.3).
fn fault(token: &TimeStampToken, data: &[u8], anchors: &[Certificate]) -> Option<String> {
    let info = token.info();
    if info.imprint.algorithm().digest(data) != info.imprint {
        return Some("it was made over other data".into());
    }
    if let Err(error) = token.verify_signature() {
        return Some(error.to_string());
    }
    let Some(signer) = token.signer_certificate() else {
        return Some("the certificate of its authority is not in it".into());
    };
    if signer.extended_key_usage() != [oid::TIME_STAMPING] {
        return Some("its certificate is not for time-stamping alone".into());
    }
    let Some(chain) = path::chain(signer, token.certificates(), anchors) else {
        return Some("its certificate does not lead to a trust anchor of this world".into());
    };
    if let Some(pair) = chain.windows(2).find(|pair| pair[0].verify_issued_by(&pair[1]).is_err()) {
        return Some(format!("the signature of {} on {} does not hold", pair[1].subject(), pair[0].subject()));
    }
    let expired = chain.iter().find(|certificate| !certificate.valid_at(info.time));
    expired.map(|certificate| format!("{} was not valid at {}", certificate.subject(), info.time))
}

fn described(token: &TimeStampToken) -> Value {
    let info = token.info();
    json!({
        "time": info.time,
        "serial": info.serial.to_string(),
        "policy": info.policy.to_string(),
        "imprint": info.imprint.to_string(),
        "imprint_algorithm": info.imprint.algorithm().to_string(),
        "tsa": token.signer_certificate().map(|certificate| certificate.subject().to_string()),
    })
}
