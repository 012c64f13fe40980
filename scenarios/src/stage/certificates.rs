//! Steps about certificates and what is told of them: revoke, hold, release, publish, ask, renew.

use laboratory::plan::seal_credential;
use pki::{Certificate, KeyKind};

use super::{Error, Given, Stage, known};
use crate::story::OWN;
use crate::story::step::{Ask, Publish, Revoke};

impl Stage {
    pub(super) async fn revoke(&self, step: &Revoke) -> Result<(), Error> {
        let certificate = self.certificate(&step.certificate, &step.of).await?;
        let time = |text: &Option<String>| text.as_deref().map(|text| self.moment(text)).transpose();
        let (since, invalidity_date) = (time(&step.since)?, time(&step.invalidity_date)?);
        let authority = self.authority(&step.of)?;
        Ok(authority.revoke(certificate.serial(), step.reason, since, invalidity_date).await?)
    }

    pub(super) async fn hold(&self, name: &str) -> Result<(), Error> {
        let certificate = self.certificate(name, OWN).await?;
        Ok(self.laboratory.authority().hold(certificate.serial()).await?)
    }

    pub(super) async fn release(&self, name: &str) -> Result<(), Error> {
        let certificate = self.certificate(name, OWN).await?;
        Ok(self.laboratory.authority().release(certificate.serial()).await?)
    }

    /// Makes the CA publish its CRL, as anybody's request does, and keeps it if it gets a name.
    pub(super) async fn publish(&mut self, step: &Publish) -> Result<(), Error> {
        let crl = self.laboratory.crl(&step.issuer).await?;
        if let Some(name) = &step.name {
            self.evidence.insert(name.clone(), Given::Crl(crl));
        }
        Ok(())
    }

    /// Keeps an OCSP answer.
    pub(super) async fn ask(&mut self, step: &Ask) -> Result<(), Error> {
        let certificate = self.certificate(&step.certificate, OWN).await?;
        let response = self.laboratory.ocsp(&certificate).await?;
        self.evidence.insert(step.name.clone(), Given::Ocsp(response));
        Ok(())
    }

    pub(super) async fn renew(&self, name: &str) -> Result<(), Error> {
        let usual = seal_credential(KeyKind::P256);
        let name = match name {
            "seal" => usual.as_str(),
            "tsa" => "default",
            other => other,
        };
        self.laboratory.renew(name).await?;
        Ok(())
    }

    /// The certificate that goes by that name at this moment.
    async fn certificate(&self, name: &str, of: &str) -> Result<Certificate, Error> {
        let credential = match name {
            "issuing" => return Ok(self.authority(of)?.issuing_certificate().await?),
            "tsa" => return Ok(self.authority(of)?.unit_certificate()?),
            "seal" => seal_credential(KeyKind::P256),
            other => other.to_owned(),
        };
        if let Some(certificate) = self.sheets.get(name).and_then(|sheet| sheet.certificate.clone()) {
            return Ok(certificate);
        }
        let certificate = self.laboratory.credential_certificate(&credential).await?;
        let known = || known(self.sheets.keys());
        certificate.ok_or_else(|| Error::NoSuchCertificate { name: name.into(), known: known() })
    }

    /// Every certificate that the story may ask about next, with the CA's own.
    pub(super) async fn certificates_in_use(&self) -> Result<Vec<Certificate>, Error> {
        let sheets = self.sheets.values().filter_map(|sheet| sheet.certificate.clone());
        let mut all: Vec<Certificate> = sheets.collect();
        for name in ["seal", "tsa", "issuing"] {
            all.push(self.certificate(name, OWN).await?);
        }
        Ok(all)
    }
}
