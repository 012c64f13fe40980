//! `eseal revoke`, `hold`, `release`: facts about a certificate, named by serial, certificate file or sealed PDF.

use std::path::Path;

use anyhow::{Context, Result, bail};
use ca::api::{CertificateState, CertificateSummary, RevocationRequest, SerialRequest};
use pki::{Certificate, SerialNumber, SignedData};
use serde::Serialize;

use crate::cli::{CertificateArgs, RevokeArgs};
use crate::files::{self, is_stream};
use crate::host::Host;
use crate::invalid::Invalid;
use crate::language::in_words;
use crate::output::Output;

pub(super) async fn revoke(host: &Host, args: &RevokeArgs, output: Output) -> Result<u8> {
    let serial = serial(&args.which.certificate)?.to_string();
    let since = time(host, args.since.as_deref()).await?;
    let invalidity_date = time(host, args.invalidity_date.as_deref()).await?;
    let request = RevocationRequest { serial, reason: args.reason.to_string(), since, invalidity_date };
    send(host, "revocations", &request, CertificateState::Revoked, output).await
}

pub(super) async fn suspend(host: &Host, args: &CertificateArgs, what: &str, output: Output) -> Result<u8> {
    let request = SerialRequest { serial: serial(&args.certificate)?.to_string() };
    let expected = if what == "holds" { CertificateState::OnHold } else { CertificateState::Good };
    send(host, what, &request, expected, output).await
}

/// Sends a fact, and looks whether the certificate stands as it should then.
async fn send(
    host: &Host,
    what: &str,
    fact: &impl Serialize,
    expected: CertificateState,
    output: Output,
) -> Result<u8> {
    let certificate: CertificateSummary = host.post(&format!("/ca/api/{what}"), fact).await?;
    let status = name(certificate.status);
    output.result(&certificate, || {
        let subject = certificate.subject.common_name.as_deref().unwrap_or_default();
        format!("{}  {}  {subject}", certificate.serial, told(certificate.status))
    });
    if certificate.status != expected {
        bail!(
            "the fact was sent, but the authority says that the certificate is {status} and not {}: nothing was recorded",
            name(expected)
        );
    }
    Ok(0)
}

fn name(status: CertificateState) -> &'static str {
    match status {
        CertificateState::Good => "good",
        CertificateState::OnHold => "on-hold",
        CertificateState::Revoked => "revoked",
        CertificateState::Unknown => "unknown",
    }
}

/// The status for people.
fn told(status: CertificateState) -> String {
    match status {
        CertificateState::Good => in_words!("good", "有効"),
        CertificateState::OnHold => in_words!("on-hold", "一時停止中"),
        CertificateState::Revoked => in_words!("revoked", "失効"),
        CertificateState::Unknown => in_words!("unknown", "不明"),
    }
}

/// A time argument, read by the world's clock.
async fn time(host: &Host, text: Option<&str>) -> Result<Option<String>> {
    let Some(text) = text else { return Ok(None) };
    let time = world::time::parse(text, host.time().await?).map_err(|error| Invalid::new(text, error))?;
    Ok(Some(time.to_string()))
}

/// The certificate that is meant: a serial number, or the one in a file.
fn serial(which: &str) -> Result<SerialNumber> {
    let file = Path::new(which);
    if !is_stream(file) && !file.exists() && !which.contains(['/', '.']) {
        let wrong = |_| Invalid::new(which, format!("{which} is neither a file nor a serial number in hex"));
        return Ok(which.parse().map_err(wrong)?);
    }
    let bytes = files::read(file)?;
    if bytes.starts_with(b"%PDF-") {
        return newest_seal(&bytes).with_context(|| format!("in {}", file.display()));
    }
    let certificates = match std::str::from_utf8(&bytes) {
        Ok(text) if text.contains("-----BEGIN") => Certificate::from_pem_bundle(text),
        _ => Certificate::from_der(&bytes).map(|certificate| vec![certificate]),
    };
    match certificates.with_context(|| format!("{} holds no certificate", file.display()))?.as_slice() {
        [] => bail!("{} holds no certificate", file.display()),
        [one] => Ok(one.serial().clone()),
        several => {
            let named = several.iter().map(|one| format!("  {}  {}", one.serial(), one.subject())).collect::<Vec<_>>();
            bail!(
                "{} holds {} certificates; give the serial of one:\n{}",
                file.display(),
                several.len(),
                named.join("\n")
            )
        }
    }
}

fn newest_seal(pdf: &[u8]) -> Result<SerialNumber> {
    let document = pades::Document::parse(pdf.to_vec())?;
    let signatures = document.signatures();
    let seals = signatures.iter().filter(|signature| signature.kind == pades::SignatureKind::Seal);
    let Some(seal) = seals.max_by_key(|seal| seal.revision) else {
        bail!("the PDF has no seal");
    };
    let cms = SignedData::from_der(&seal.contents)?;
    let certificate = cms.signer_certificate().context("the seal does not hold its certificate")?;
    Ok(certificate.serial().clone())
}
