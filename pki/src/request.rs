//! Certification requests, PKCS #10 (RFC 2986 §4). In: DER or PEM. Out: name, key, and proof that the key is there.

use crate::algorithm::SignatureAlgorithm;
use crate::asn1::{self, INTEGER, OID, SEQUENCE, SET, context_constructed};
use crate::extension::Extension;
use crate::key::PublicKey;
use crate::name::Name;
use crate::signed::Signed;
use crate::{Error, oid, pem};

/// Octets of a digest under whose signature nobody can slip another content: not MD5, SHA-1, RIPEMD-160, SHA-224.
const SHORTEST_DIGEST: usize = 32;

/// A certification request whose signature was verified while it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificationRequest {
    subject: Name,
    public_key: PublicKey,
    extensions: Vec<Extension>,
}

impl CertificationRequest {
    /// ```text
    /// CertificationRequestInfo ::= SEQUENCE {
    ///    version INTEGER { v1(0) }, subject Name, subjectPKInfo SubjectPublicKeyInfo, attributes [0] Attributes }
    /// ```
    /// # Errors
    /// [`Error::SignatureInvalid`] if the requester did not show that it has the private key, [`Error::WeakDigest`] if it did
    /// so with a digest that proves nothing any more.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let signed = Signed::read(der, "CertificationRequest")?;
        let mut reader = signed.tbs.reader();
        let version = reader.expect(INTEGER, "version")?;
        if version.unsigned()? != 0 {
            return Err(version.malformed("version v1(0)", asn1::shown(version.value)));
        }
        let subject = Name::read(&reader.expect(SEQUENCE, "subject")?)?;
        let public_key = PublicKey::read(&reader.expect(SEQUENCE, "public key")?)?;
        let mut extensions = Vec::new();
        if let Some(attributes) = reader.optional(context_constructed(0))? {
            let mut attributes = attributes.reader();
            while !attributes.at_end() {
                let mut attribute = attributes.sequence("attribute")?;
                let kind = attribute.expect(OID, "attribute type")?.oid()?;
                let values = attribute.expect(SET, "attribute values")?;
                if kind == oid::EXTENSION_REQUEST {
                    extensions = Extension::read_all(&values.explicit(SEQUENCE, "extensions")?)?;
                }
            }
        }
        reader.finish()?;
        signed.verify_by_own_key(&public_key, "certification request", &subject)?;
        let digest = SignatureAlgorithm::read(&signed.algorithm)?.digest;
        if digest.length() < SHORTEST_DIGEST {
            return Err(Error::WeakDigest { found: digest });
        }
        Ok(Self { subject, public_key, extensions })
    }

    /// Reads a `CERTIFICATE REQUEST` block, or a `NEW CERTIFICATE REQUEST` block as older programs write (RFC 7468 §7).
    ///
    /// # Errors
    /// [`Error::Pem`] if there is none, or more than one; those of [`from_der`](Self::from_der).
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        const LABELS: [&str; 2] = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];
        Self::from_der(&pem::single_of(text, &LABELS)?)
    }

    /// The name that is asked for.
    pub fn subject(&self) -> &Name {
        &self.subject
    }

    /// The key that is to be certified.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The extensions that are asked for; what the certificate gets is for the CA's profile to say.
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn request() -> Vec<u8> {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut parameters = rcgen::CertificateParams::new(vec!["example.test".to_owned()]).unwrap();
        parameters.distinguished_name.push(rcgen::DnType::CommonName, "Example Seal");
        parameters.serialize_request(&key).unwrap().der().to_vec()
    }

    #[test]
    fn a_request_of_another_library_is_read_and_verified() {
        let request = CertificationRequest::from_der(&request()).unwrap();
        assert_eq!(request.subject().common_name().as_deref(), Some("Example Seal"));
        assert_eq!(request.public_key().kind(), crate::KeyKind::P256);
        assert!(request.extensions().iter().any(|extension| extension.oid == oid::SUBJECT_ALT_NAME));
    }

    #[test]
    fn both_labels_are_read_and_one_request_is_wanted() {
        let der = request();
        let blocks = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"].map(|label| pem::encode(label, &der));
        for block in &blocks {
            CertificationRequest::from_pem(&format!("subject=CN = a\n{block}")).unwrap();
        }
        assert!(matches!(CertificationRequest::from_pem(&blocks.concat()), Err(Error::Pem { .. })));
    }

    #[test]
    fn a_request_of_another_version_is_refused() {
        let mut der = request();
        let version = der.windows(3).position(|window| window == [2, 1, 0]).unwrap();
        der[version + 2] = 1;
        assert!(matches!(CertificationRequest::from_der(&der), Err(Error::Malformed { .. })));
    }

    #[test]
    fn a_request_without_the_private_key_is_refused() {
        let mut der = request();
        let at = der.windows(7).position(|window| window == b"Example").unwrap();
        der[at] = b'X';
        assert!(matches!(CertificationRequest::from_der(&der), Err(Error::SignatureInvalid { .. })));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn mutated_requests_never_panic(index in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut der = request();
            let index = index.index(der.len());
            der[index] = byte;
            let _ = CertificationRequest::from_der(&der);
        }
    }
}
