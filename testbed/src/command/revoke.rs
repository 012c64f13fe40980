//! `eseal revoke`, `hold`, `release`: facts about a certificate, named by serial, certificate file or sealed PDF.

use std::path::Path;

use anyhow::{Context, Result, bail};
use pki::{Certificate, SerialNumber, SignedData};
use serde_json::{Value, json};

use crate::cli::{CertificateArgs, RevokeArgs};
use crate::files::{self, is_stream};
use crate::host::Host;
use crate::output::{Invalid, Output};

pub(super) async fn revoke(host: &Host, args: &RevokeArgs, output: Output) -> Result<u8> {
    let serial = serial(&args.which.certificate)?;
    let mut fact = json!({ "serial": serial.to_string(), "reason": args.reason.to_string() });
    if let Some(since) = &args.since {
        fact["since"] = time(host, since).await?.into();
    }
    if let Some(date) = &args.invalidity_date {
        fact["invalidity_date"] = time(host, date).await?.into();
    }
    send(host, "revocations", &fact, "revoked", output).await
}

pub(super) async fn suspend(host: &Host, args: &CertificateArgs, what: &str, output: Output) -> Result<u8> {
    let fact = json!({ "serial": serial(&args.certificate)?.to_string() });
    let wanted = if what == "holds" { "on-hold" } else { "good" };
    send(host, what, &fact, wanted, output).await
}

/// Sends a fact, and looks whether the certificate stands as it should then.
async fn send(host: &Host, what: &str, fact: &Value, wanted: &str, output: Output) -> Result<u8> {
    let path = format!("/ca/api/{what}");
    let told = host.json("POST", &path, "application/json", fact.to_string().into()).await?;
    output.result(&told, || {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        format!("{}  {}  {}", text(&told["serial"]), text(&told["status"]), text(&told["subject"]["common_name"]))
    });
    match told["status"].as_str() {
        Some(status) if status == wanted => Ok(0),
        status => bail!(
            "the fact was sent, but the authority says that the certificate is {} and not {wanted}: nothing was recorded",
            status.unwrap_or("unknown")
        ),
    }
}

/// A time argument, read by the world's clock.
async fn time(host: &Host, text: &str) -> Result<String> {
    let time = world::time::parse(text, host.time().await?);
    Ok(time.map_err(|error| Invalid::new(text, error))?.to_string())
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
