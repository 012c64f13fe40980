//! Steps about certificates and what is told of them: revoke, hold, release, publish, ask, renew.

use bytes::Bytes;
use http::{Request, header};
use pki::{Certificate, CertificateId, Crl, DigestAlgorithm, KeyKind, OcspRequest, OcspResponse};

use super::sealing::CALLER;
use super::{Error, Given, Stage, known};
use crate::story::OWN;
use crate::story::step::{Ask, Publish, Revoke};
use laboratory::{self, seal_credential};

impl Stage {
    pub(super) async fn revoke(&self, step: &Revoke) -> Result<(), Error> {
        let certificate = self.certificate(&step.certificate, &step.of).await?;
        let time = |text: &Option<String>| text.as_deref().map(|text| self.moment(text)).transpose();
        let (since, invalidity_date) = (time(&step.since)?, time(&step.invalidity_date)?);
        self.ca(&step.of)?.revoke(certificate.serial(), step.reason, since, invalidity_date).await?;
        Ok(())
    }

    pub(super) async fn hold(&self, name: &str) -> Result<(), Error> {
        self.laboratory.ca.hold(self.certificate(name, OWN).await?.serial()).await?;
        Ok(())
    }

    pub(super) async fn release(&self, name: &str) -> Result<(), Error> {
        self.laboratory.ca.release(self.certificate(name, OWN).await?.serial()).await?;
        Ok(())
    }

    /// Makes the CA publish its CRL, as anybody's request does, and keeps it if it gets a name.
    pub(super) async fn publish(&mut self, step: &Publish) -> Result<(), Error> {
        let crl = Crl::from_der(&self.get(&format!("/ca/crl/{}.crl", step.issuer)).await?)?;
        if let Some(name) = &step.name {
            self.evidence.insert(name.clone(), Given::Crl(crl));
        }
        Ok(())
    }

    /// Keeps an OCSP answer.
    pub(super) async fn ask(&mut self, step: &Ask) -> Result<(), Error> {
        let certificate = self.certificate(&step.certificate, OWN).await?;
        let answer = self.ocsp(&certificate).await?;
        match OcspResponse::from_der(&answer)? {
            OcspResponse::Successful(response) => {
                self.evidence.insert(step.name.clone(), Given::Ocsp(response));
                Ok(())
            }
            OcspResponse::Refused(refusal) => {
                Err(Error::Answer { service: "OCSP responder", wanted: "a status", found: refusal.to_string() })
            }
        }
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
            "issuing" => return Ok(self.ca(of)?.issuer_certificate(&ca::AuthorityId::ISSUING).await?),
            "tsa" if of != OWN => return Ok(self.stranger(of)?.unit.clone()),
            "tsa" => {
                let unit = self.laboratory.tsa.unit(None).map_err(laboratory::Error::from)?;
                return Ok(unit.certificate().clone());
            }
            "seal" => seal_credential(KeyKind::P256),
            other => other.to_owned(),
        };
        if let Some(certificate) = self.sheets.get(name).and_then(|sheet| sheet.certificate.clone()) {
            return Ok(certificate);
        }
        let chain = self.laboratory.signer.chain(&credential).await.map_err(laboratory::Error::from)?;
        let certificate = chain.and_then(|chain| chain.into_iter().next());
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

    /// What the responder answers about a certificate, asked as the verifier asks.
    pub(super) async fn ocsp(&self, certificate: &Certificate) -> Result<Bytes, Error> {
        let is_issuer = |one: &&Certificate| certificate.verify_issued_by(*one).is_ok();
        let authorities = [self.laboratory.ca.anchors().await?, self.laboratory.ca.intermediates().await?].concat();
        let Some(issuer) = authorities.iter().find(is_issuer) else {
            let wanted = "a certificate of this world's CA";
            return Err(Error::Answer { service: "OCSP responder", wanted, found: certificate.subject().to_string() });
        };
        let id = CertificateId::for_certificate(certificate.serial(), issuer, DigestAlgorithm::Sha1);
        let request = OcspRequest { certificate_ids: vec![id], nonce: None };
        let request = Request::post(format!("{}/ca/ocsp", self.laboratory.world.base))
            .header(header::CONTENT_TYPE, "application/ocsp-request")
            .body(Bytes::from(request.to_der()));
        self.answer("OCSP responder", request).await
    }

    pub(super) async fn get(&self, path: &str) -> Result<Bytes, Error> {
        let request = Request::get(format!("{}{path}", self.laboratory.world.base)).body(Bytes::new());
        self.answer("CRL repository", request).await
    }

    async fn answer(&self, service: &'static str, request: http::Result<Request<Bytes>>) -> Result<Bytes, Error> {
        let request = request.expect("an address of this program can be called");
        let answer = self.laboratory.world.network.send(CALLER, request).await?;
        if answer.status().is_success() {
            return Ok(answer.into_body());
        }
        let found = format!("HTTP status {}", answer.status().as_u16());
        Err(Error::Answer { service, wanted: "an answer", found })
    }
}
