//! The signing-certificate attributes, RFC 2634 §5.4 and RFC 5035 §3. In: a certificate. Out: a reference to it, and back.

use super::certificate_digest;
use crate::Error;
use crate::algorithm::{Digest, DigestAlgorithm};
use crate::asn1::write;
use crate::asn1::{self, Element, INTEGER, OCTET_STRING, Reader, SEQUENCE, context_constructed};
use crate::certificate::Certificate;
use crate::name::Name;
use crate::serial::SerialNumber;

/// ESSCertID or ESSCertIDv2: a certificate by its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateReference {
    /// certHash; SHA-1 in version 1.
    pub hash: Digest,
    /// issuerSerial, if it is there and the issuer is a directory name.
    pub issuer_serial: Option<(Name, SerialNumber)>,
}

/// What the signing-certificate attributes of a message refer to, the signer's certificate first; `None` where one is not
/// there. Both may be there, for readers of different age, and then must mean the same certificate (RFC 5035 §4 and §5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningCertificates {
    /// signing-certificate-v2, or why it cannot be read; with a hash that is not known here, [`Error::is_undetermined`].
    pub version_2: Option<Result<Vec<CertificateReference>, Error>>,
    /// signing-certificate, by SHA-1.
    pub version_1: Option<Result<Vec<CertificateReference>, Error>>,
}

impl SigningCertificates {
    /// Whether each attribute that is there refers to `signer`, and one is. A contradiction comes before what cannot be told.
    ///
    /// # Errors
    /// [`Error::AttributeCount`] if there is none; [`Error::SigningCertificateMismatch`]; what was wrong with an attribute.
    pub fn check(&self, signer: &Certificate) -> Result<(), Error> {
        let results: Vec<_> = [&self.version_2, &self.version_1]
            .into_iter()
            .flatten()
            .map(|references| match references.as_ref().map(|references| references.first()) {
                Ok(Some(reference)) => reference.check(signer),
                Ok(None) => Err(Error::AttributeCount { attribute: "signing-certificate reference", found: 0 }),
                Err(error) => Err(error.clone()),
            })
            .collect();
        if results.is_empty() {
            return Err(Error::AttributeCount { attribute: "signing-certificate-v2", found: 0 });
        }
        let (held, failed): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        let mut failed: Vec<_> = failed.into_iter().filter_map(Result::err).collect();
        failed.sort_by_key(Error::is_undetermined);
        match failed.into_iter().next() {
            None => Ok(()),
            Some(Error::SigningCertificateMismatch { subject, .. }) if !held.is_empty() => {
                Err(Error::SigningCertificateMismatch {
                    subject,
                    detail: "its two versions refer to different certificates",
                })
            }
            Some(error) => Err(error),
        }
    }

    /// Whether both are there and do not refer to the same of these certificates: one refers to another than the other, or
    /// to none of them while the other does.
    pub fn disagree(&self, among: &[Certificate]) -> bool {
        let referred = |references: &Option<Result<Vec<CertificateReference>, Error>>| {
            let reference = references.as_ref()?.as_ref().ok()?.first()?;
            Some(among.iter().find(|certificate| reference.check(certificate).is_ok()))
        };
        match (referred(&self.version_2), referred(&self.version_1)) {
            (Some(one), Some(other)) => one != other,
            _ => false,
        }
    }
}

impl CertificateReference {
    /// Whether hash, and issuer and serial number if they are there, are those of the certificate.
    ///
    /// # Errors
    /// [`Error::SigningCertificateMismatch`] with what differs.
    pub fn check(&self, certificate: &Certificate) -> Result<(), Error> {
        let mismatch =
            |detail| Error::SigningCertificateMismatch { subject: certificate.subject().to_string(), detail };
        if certificate_digest(certificate, self.hash.algorithm()) != self.hash {
            return Err(mismatch("its hash is another"));
        }
        match &self.issuer_serial {
            Some((issuer, serial)) if !issuer.matches(certificate.issuer()) || serial != certificate.serial() => {
                Err(mismatch("its issuer and serial number are others"))
            }
            _ => Ok(()),
        }
    }

    /// ```text
    /// SigningCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2, policies SEQUENCE OF PolicyInformation OPTIONAL }
    /// ESSCertIDv2 ::= SEQUENCE {
    ///    hashAlgorithm AlgorithmIdentifier DEFAULT {id-sha256}, certHash OCTET STRING, issuerSerial IssuerSerial OPTIONAL }
    /// ```
    pub(super) fn read_v2(value: &[u8]) -> Result<Vec<Self>, Error> {
        Self::read_certs(value, |reader| match reader.optional(SEQUENCE)? {
            Some(algorithm) => DigestAlgorithm::read(&algorithm),
            None => Ok(DigestAlgorithm::Sha256),
        })
    }

    /// The same with SHA-1 throughout.
    pub(super) fn read_v1(value: &[u8]) -> Result<Vec<Self>, Error> {
        Self::read_certs(value, |_| Ok(DigestAlgorithm::Sha1))
    }

    fn read_certs(
        value: &[u8],
        algorithm: impl Fn(&mut Reader<'_>) -> Result<DigestAlgorithm, Error>,
    ) -> Result<Vec<Self>, Error> {
        let mut reader = asn1::single(value, SEQUENCE, "SigningCertificate")?.reader();
        let mut certs = reader.sequence("certificate references")?;
        let mut references = Vec::new();
        while !certs.at_end() {
            let mut one = certs.sequence("certificate reference")?;
            let algorithm = algorithm(&mut one)?;
            let hash = Digest::new(algorithm, one.expect(OCTET_STRING, "certificate hash")?.value)?;
            let issuer_serial =
                one.optional(SEQUENCE)?.map(|element| read_issuer_serial(&element)).transpose()?.flatten();
            one.finish()?;
            references.push(Self { hash, issuer_serial });
        }
        Ok(references)
    }
}

/// `IssuerSerial ::= SEQUENCE { issuer GeneralNames, serialNumber INTEGER }`
fn read_issuer_serial(element: &Element<'_>) -> Result<Option<(Name, SerialNumber)>, Error> {
    let mut reader = element.reader();
    let mut names = reader.sequence("issuer")?;
    let serial = SerialNumber::read(&reader.expect(INTEGER, "serial number")?)?;
    match names.optional(context_constructed(4))? {
        Some(directory_name) => Ok(Some((Name::read(&directory_name.explicit(SEQUENCE, "issuer name")?)?, serial))),
        None => Ok(None),
    }
}

/// SigningCertificateV2 with one reference. The issuer and serial number are written too: OpenSSL, pyHanko and EU DSS do
/// so, and a verifier can then compare them.
pub(crate) fn signing_certificate_v2(certificate: &Certificate, algorithm: DigestAlgorithm) -> Vec<u8> {
    // DER leaves a DEFAULT out.
    let hash_algorithm = match algorithm {
        DigestAlgorithm::Sha256 => Vec::new(),
        other => other.algorithm_identifier_der(),
    };
    let hash = write::octet_string(certificate_digest(certificate, algorithm).as_bytes());
    let directory_name = write::explicit(4, certificate.issuer().as_der());
    let issuer_serial = write::sequence(&[&write::sequence(&[&directory_name]), &certificate.serial().to_der()]);
    let reference = write::sequence(&[&hash_algorithm, &hash, &issuer_serial]);
    write::sequence(&[&write::sequence(&[&reference])])
}
