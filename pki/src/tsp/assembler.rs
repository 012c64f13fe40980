//! Making time-stamp tokens, RFC 3161 §2.4.2, fast. In: imprint, serial number and time. Out: a digest to sign, then the
//! token. All that repeats from token to token is encoded once; a token costs two hashes, one signature and one copy.

use std::sync::Arc;

use jiff::Timestamp;

use super::Accuracy;
use super::request::{HashParameters, TimeStampRequest, encode_imprint, encode_nonce};
use crate::algorithm::{Digest, SignatureAlgorithm};
use crate::asn1::write::{self, header, header_length};
use crate::asn1::{OCTET_STRING, SEQUENCE, SET, context_constructed};
use crate::certificate::Certificate;
use crate::cms::{encode_certificates, encode_issuer_and_serial, encode_signed_attributes};
use crate::serial::SerialNumber;
use crate::{Error, ObjectIdentifier, oid};

/// What repeats in the tokens of one time-stamping unit. Cheap to clone.
///
/// ```
/// # use pki::{Accuracy, Certificate, Digest, SerialNumber, TimeStampResponse, TokenAssembler, TokenContent};
/// # fn example(unit: &Certificate, issuer: &Certificate, imprint: &Digest, serial: &SerialNumber, at: jiff::Timestamp,
/// #     sign: impl Fn(&Digest) -> Vec<u8>) -> Result<(), pki::Error> {
/// let algorithm = unit.public_key().kind().default_signature_algorithm();
/// let policy = pki::oid::BASELINE_TIME_STAMP_POLICY;
/// let assembler = TokenAssembler::new(unit, &[issuer.clone()], algorithm, policy, Accuracy::seconds(1))?;
/// let pending = assembler.prepare(TokenContent { imprint, serial, time: at, nonce: None, certificates: true });
/// let signature = sign(&pending.digest());
/// let response: Vec<u8> = TimeStampResponse::granted(&pending.assemble(&signature));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct TokenAssembler(Arc<Repeated>);

#[derive(Clone, Debug)]
struct Repeated {
    algorithm: SignatureAlgorithm,
    /// version and policy of TSTInfo.
    info_head: Vec<u8>,
    /// accuracy, and ordering unless it is FALSE.
    accuracy_and_ordering: Vec<u8>,
    /// signedAttrs as a SET, with a hole for the message digest.
    attributes: Vec<u8>,
    hole: usize,
    /// version and digestAlgorithms of SignedData.
    data_head: Vec<u8>,
    certificates: Vec<u8>,
    /// version, sid and digestAlgorithm of SignerInfo.
    signer_head: Vec<u8>,
    signature_algorithm: Vec<u8>,
}

/// What differs from token to token.
#[derive(Debug, Clone, Copy)]
pub struct TokenContent<'a> {
    /// messageImprint of the request.
    pub imprint: &'a Digest,
    /// Never used before by this authority.
    pub serial: &'a SerialNumber,
    /// genTime, with its fraction of a second if it has one.
    pub time: Timestamp,
    /// The nonce of the request: content octets of an INTEGER.
    pub nonce: Option<&'a [u8]>,
    /// certReq of the request.
    pub certificates: bool,
}

/// A token that waits for its signature.
#[derive(Debug, Clone)]
pub struct PendingToken {
    repeated: Arc<Repeated>,
    info: Vec<u8>,
    attributes: Vec<u8>,
    with_certificates: bool,
}

impl TokenAssembler {
    /// For the unit's certificate `signer`. `chain` goes into tokens too, when certificates are asked for.
    ///
    /// # Errors
    /// [`Error::WeakDigest`] for SHA-1.
    pub fn new(
        signer: &Certificate,
        chain: &[Certificate],
        algorithm: SignatureAlgorithm,
        policy: ObjectIdentifier,
        accuracy: Accuracy,
    ) -> Result<Self, Error> {
        let digest = algorithm.digest.strong()?;
        let digest_algorithm = digest.algorithm_identifier_der();
        let marker = digest.digest(b"the hole");
        let attributes = encode_signed_attributes(oid::TST_INFO, &marker, signer);
        let hole = attributes
            .windows(digest.length())
            .position(|window| window == marker.as_bytes())
            .expect("the message digest was just written");
        Ok(Self(Arc::new(Repeated {
            algorithm,
            info_head: [write::unsigned(1), write::oid(policy)].concat(),
            accuracy_and_ordering: accuracy.to_der(),
            attributes,
            hole,
            // Version 3: the content is not id-data.
            data_head: [write::unsigned(3), write::element(SET, &[&digest_algorithm])].concat(),
            certificates: encode_certificates(signer, chain),
            signer_head: [
                write::unsigned(1),
                encode_issuer_and_serial(signer.issuer(), signer.serial()),
                digest_algorithm,
            ]
            .concat(),
            signature_algorithm: algorithm.cms_algorithm_identifier_der(),
        })))
    }

    /// Sets TSTInfo.ordering: that all tokens of the unit can be ordered by genTime alone, whatever its accuracy. Whoever says so
    /// sees to it that no two have the same genTime.
    #[must_use]
    pub fn ordered(mut self) -> Self {
        let repeated = Arc::make_mut(&mut self.0);
        repeated.accuracy_and_ordering.extend(write::boolean(true));
        self
    }

    /// How tokens are signed.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.0.algorithm
    }

    /// Writes TSTInfo and the signed attributes over it.
    pub fn prepare(&self, content: TokenContent<'_>) -> PendingToken {
        self.pending(encode_imprint(content.imprint, HashParameters::Absent), content)
    }

    /// The same for a request: messageImprint comes back octet for octet, and so does the nonce.
    pub fn prepare_reply(&self, request: &TimeStampRequest, serial: &SerialNumber, time: Timestamp) -> PendingToken {
        let content = TokenContent {
            imprint: &request.imprint,
            serial,
            time,
            nonce: request.nonce.as_deref(),
            certificates: request.certificate_requested,
        };
        self.pending(encode_imprint(&request.imprint, request.hash_parameters), content)
    }

    fn pending(&self, imprint: Vec<u8>, content: TokenContent<'_>) -> PendingToken {
        let repeated = &self.0;
        let info = write::sequence(&[
            &repeated.info_head,
            &imprint,
            &content.serial.to_der(),
            &write::generalized_time_with_fraction(content.time),
            &repeated.accuracy_and_ordering,
            &content.nonce.map(encode_nonce).unwrap_or_default(),
        ]);
        let digest = repeated.algorithm.digest.digest(&info);
        let mut attributes = repeated.attributes.clone();
        attributes[repeated.hole..][..digest.as_bytes().len()].copy_from_slice(digest.as_bytes());
        PendingToken { repeated: Arc::clone(repeated), info, attributes, with_certificates: content.certificates }
    }
}

impl PendingToken {
    /// What is to be signed.
    pub fn digest(&self) -> Digest {
        self.repeated.algorithm.digest.digest(&self.attributes)
    }

    /// The token, a ContentInfo.
    pub fn assemble(self, signature: &[u8]) -> Vec<u8> {
        let repeated = &self.repeated;
        let content_type = oid::TST_INFO;
        let certificates: &[u8] = if self.with_certificates { &repeated.certificates } else { &[] };
        let whole = |length: usize| header_length(length) + length;

        // Lengths from the inside out, then octets from the outside in.
        let signer_info = repeated.signer_head.len()
            + self.attributes.len()
            + repeated.signature_algorithm.len()
            + whole(signature.len());
        let signer_infos = whole(signer_info);
        let content = whole(self.info.len());
        let encapsulated = whole(content_type.as_bytes().len()) + whole(content);
        let signed_data = repeated.data_head.len() + whole(encapsulated) + certificates.len() + whole(signer_infos);
        let content_info = whole(oid::SIGNED_DATA.as_bytes().len()) + whole(whole(signed_data));

        let mut out = Vec::with_capacity(whole(content_info));
        header(&mut out, SEQUENCE, content_info);
        write(&mut out, crate::asn1::OID, oid::SIGNED_DATA.as_bytes());
        header(&mut out, context_constructed(0), whole(signed_data));
        header(&mut out, SEQUENCE, signed_data);
        out.extend_from_slice(&repeated.data_head);
        header(&mut out, SEQUENCE, encapsulated);
        write(&mut out, crate::asn1::OID, content_type.as_bytes());
        header(&mut out, context_constructed(0), content);
        write(&mut out, OCTET_STRING, &self.info);
        out.extend_from_slice(certificates);
        header(&mut out, SET, signer_infos);
        header(&mut out, SEQUENCE, signer_info);
        out.extend_from_slice(&repeated.signer_head);
        out.push(context_constructed(0));
        out.extend_from_slice(&self.attributes[1..]);
        out.extend_from_slice(&repeated.signature_algorithm);
        write(&mut out, OCTET_STRING, signature);
        out
    }
}

fn write(out: &mut Vec<u8>, tag: u8, value: &[u8]) {
    header(out, tag, value.len());
    out.extend_from_slice(value);
}
