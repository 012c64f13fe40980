//! What the world's services say of certificates, asked as anybody outside asks. In: an issuer or a certificate. Out: a CRL
//! (RFC 5280 clause 5), an OCSP answer (RFC 6960 clause 4.2).

use bytes::Bytes;
use http::{Request, header};
use pki::{Certificate, CertificateId, Crl, DigestAlgorithm, OcspRequest, OcspResponse, SuccessfulOcspResponse};

use crate::{Error, Laboratory};

pub use ca::AuthorityName;

/// In whose name the laboratory calls services, for whoever acts on it.
pub(crate) const CALLER: &str = "story";

impl Laboratory {
    /// The certificate in use of that credential; none if there is no such credential.
    ///
    /// # Errors
    /// The database's.
    pub async fn credential_certificate(&self, credential: &str) -> Result<Option<Certificate>, Error> {
        Ok(self.signer.chain(credential).await?.and_then(|chain| chain.into_iter().next()))
    }

    /// The CRL that a CA publishes.
    ///
    /// # Errors
    /// If the repository gives none, or not a CRL.
    pub async fn crl(&self, issuer: &AuthorityName) -> Result<Crl, Error> {
        Ok(Crl::from_der(&self.crl_file(issuer).await?)?)
    }

    /// What the responder says about a certificate.
    ///
    /// # Errors
    /// If it gives no status, or the certificate is of another world's CA.
    pub async fn ocsp(&self, certificate: &Certificate) -> Result<SuccessfulOcspResponse, Error> {
        match OcspResponse::from_der(&self.ocsp_answer(certificate).await?)? {
            OcspResponse::Successful(response) => Ok(response),
            OcspResponse::Refused(refusal) => {
                Err(Error::Answer { service: "OCSP responder", expected: "a status", found: refusal.to_string() })
            }
        }
    }

    /// An OCSP answer as it comes, asked for as a verifier asks.
    pub(crate) async fn ocsp_answer(&self, certificate: &Certificate) -> Result<Bytes, Error> {
        let is_issuer = |one: &&Certificate| certificate.verify_issued_by(*one).is_ok();
        let authorities = [self.ca.anchors().await?, self.ca.intermediates().await?].concat();
        let Some(issuer) = authorities.iter().find(is_issuer) else {
            let expected = "a certificate of this world's CA";
            return Err(Error::Answer {
                service: "OCSP responder",
                expected,
                found: certificate.subject().to_string(),
            });
        };
        let id = CertificateId::for_certificate(certificate.serial(), issuer, DigestAlgorithm::Sha1);
        let request = OcspRequest { certificate_ids: vec![id], nonce: None };
        let request = Request::post(format!("{}/ca/ocsp", self.world.base))
            .header(header::CONTENT_TYPE, "application/ocsp-request")
            .body(Bytes::from(request.to_der()));
        self.answer("OCSP responder", request).await
    }

    /// A CRL as it comes.
    pub(crate) async fn crl_file(&self, issuer: &AuthorityName) -> Result<Bytes, Error> {
        let request = Request::get(format!("{}/ca/crl/{issuer}.crl", self.world.base)).body(Bytes::new());
        self.answer("CRL repository", request).await
    }

    async fn answer(&self, service: &'static str, request: http::Result<Request<Bytes>>) -> Result<Bytes, Error> {
        let request = request.expect("an address of this program can be called");
        let answer = self.world.network.send(CALLER, request).await?;
        if answer.status().is_success() {
            return Ok(answer.into_body());
        }
        let found = format!("HTTP status {}", answer.status().as_u16());
        Err(Error::Answer { service, expected: "an answer", found })
    }
}
