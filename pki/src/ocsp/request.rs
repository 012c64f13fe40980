//! OCSP requests, RFC 6960 §4.1. In: DER. Out: which certificates are asked about. Whether a client's signature holds is not
//! asked, since nobody needs to sign; it must be one.

use super::{CertificateId, read_nonce};
use crate::algorithm::algorithm_identifier;
use crate::asn1::write;
use crate::asn1::{self, BIT_STRING, Element, INTEGER, NULL, OID, Reader, SEQUENCE, context, context_constructed};
use crate::extension::Extension;
use crate::name::Name;
use crate::signed::Signed;
use crate::{Error, ObjectIdentifier, oid};

/// A question about certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OcspRequest {
    /// At least one.
    pub certificate_ids: Vec<CertificateId>,
    /// The octets of the nonce, without the OCTET STRING around them.
    pub nonce: Option<Vec<u8>>,
}

impl OcspRequest {
    /// ```text
    /// OCSPRequest ::= SEQUENCE { tbsRequest TBSRequest, optionalSignature [0] EXPLICIT Signature OPTIONAL }
    /// TBSRequest ::= SEQUENCE {
    ///    version [0] EXPLICIT Version DEFAULT v1, requestorName [1] EXPLICIT GeneralName OPTIONAL,
    ///    requestList SEQUENCE OF Request, requestExtensions [2] EXPLICIT Extensions OPTIONAL }
    /// Request ::= SEQUENCE { reqCert CertID, singleRequestExtensions [0] EXPLICIT Extensions OPTIONAL }
    /// ```
    /// A version other than 1, a requestor that is no name, a signature that is none or names nobody, and a critical extension
    /// that is not known here make it no request that could be answered (§4.1.2, §4.4).
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is no request.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let mut outer = asn1::single(der, SEQUENCE, "OCSPRequest")?.reader();
        let mut reader = outer.sequence("request to be signed")?;
        let signature = outer.optional(context_constructed(0))?;
        outer.finish()?;
        if let Some(version) = reader.optional(context_constructed(0))? {
            let number = version.explicit(INTEGER, "version")?.unsigned()?;
            if number != 0 {
                return Err(version.malformed("version 1", format!("version {}", u128::from(number) + 1)));
            }
        }
        let requestor = reader.optional(context_constructed(1))?;
        requestor.as_ref().map(check_requestor).transpose()?;
        if let Some(signature) = signature {
            check_signature(&signature)?;
            if requestor.is_none() {
                return Err(signature.malformed("the name of who signed the request", "none"));
            }
        }
        let list = reader.expect(SEQUENCE, "list of requests")?;
        let certificate_ids = read_list(list.reader())?;
        if certificate_ids.is_empty() {
            return Err(list.malformed("at least one request", "none"));
        }
        let extensions = read_extensions(&mut reader, 2)?;
        reader.finish()?;
        check_critical(&extensions, &[oid::OCSP_NONCE, oid::OCSP_RESPONSE_TYPES])?;
        let value =
            |identifier| extensions.iter().find(|extension| extension.oid == identifier).map(|found| &found.value[..]);
        value(oid::OCSP_RESPONSE_TYPES).map(check_response_types).transpose()?;
        let nonce = value(oid::OCSP_NONCE).map(read_nonce).transpose()?;
        Ok(Self { certificate_ids, nonce })
    }

    /// An unsigned request.
    pub fn to_der(&self) -> Vec<u8> {
        let requests: Vec<_> = self.certificate_ids.iter().map(|id| write::sequence(&[id.der()])).collect();
        let nonce = self.nonce.as_ref().map(|nonce| encode_nonce(nonce, 2)).unwrap_or_default();
        write::sequence(&[&write::sequence(&[&write::sequence_of(&requests), &nonce])])
    }
}

/// GeneralName (RFC 5280 §4.2.1.6), to its inside.
fn check_requestor(requestor: &Element<'_>) -> Result<(), Error> {
    const OTHER: u8 = context_constructed(0);
    const MAIL: u8 = context(1);
    const HOST: u8 = context(2);
    const X400: u8 = context_constructed(3);
    const DIRECTORY: u8 = context_constructed(4);
    const PARTY: u8 = context_constructed(5);
    const URI: u8 = context(6);
    const ADDRESS: u8 = context(7);
    const REGISTERED: u8 = context(8);
    let mut reader = requestor.reader();
    let name = reader.element()?;
    reader.finish()?;
    match name.tag {
        OTHER => {
            let mut inside = name.reader();
            inside.oid("type of the other name")?;
            let value = inside.expect(context_constructed(0), "value of the other name")?;
            inside.finish()?;
            only_element(&value).map(drop)
        }
        MAIL | HOST | URI => name.ia5().map(drop),
        DIRECTORY => Name::read(&name.explicit(SEQUENCE, "directory name")?).map(drop),
        X400 => {
            // ORAddress ::= SEQUENCE { BuiltInStandardAttributes, …}: the tags of the latter are the first's own
            let mut inside = name.reader();
            inside.expect(SEQUENCE, "standard attributes of the mail address")?;
            Ok(())
        }
        PARTY => {
            let mut inside = name.reader();
            let assigner = inside.optional(context_constructed(0))?;
            let party = inside.expect(context_constructed(1), "name of the party")?;
            inside.finish()?;
            assigner.iter().chain([&party]).try_for_each(check_directory_string)
        }
        ADDRESS if matches!(name.value.len(), 4 | 16) => Ok(()),
        REGISTERED => name.oid().map(drop),
        tag => Err(name.malformed("a general name", format!("tag {tag:02x} with {} octets", name.value.len()))),
    }
}

/// `DirectoryString ::= CHOICE { teletexString, printableString, universalString, utf8String, bmpString }` (RFC 5280
/// §4.1.2.4), with the explicit tag that a CHOICE always has.
fn check_directory_string(tagged: &Element<'_>) -> Result<(), Error> {
    let string = only_element(tagged)?;
    match string.tag {
        0x0c | 0x13 | 0x14 | 0x1c | 0x1e if !string.value.is_empty() => Ok(()),
        tag => Err(string.malformed("a directory string", format!("tag {tag:02x} with {} octets", string.value.len()))),
    }
}

fn only_element<'a>(around: &Element<'a>) -> Result<Element<'a>, Error> {
    let mut reader = around.reader();
    let element = reader.element()?;
    reader.finish()?;
    Ok(element)
}

/// ```text
/// Signature ::= SEQUENCE {
///    signatureAlgorithm AlgorithmIdentifier, signature BIT STRING, certs [0] EXPLICIT SEQUENCE OF Certificate OPTIONAL }
/// ```
fn check_signature(signature: &Element<'_>) -> Result<(), Error> {
    let mut reader = signature.explicit(SEQUENCE, "signature")?.reader();
    algorithm_identifier(&reader.expect(SEQUENCE, "signature algorithm")?)?;
    reader.expect(BIT_STRING, "signature value")?.bit_octets()?;
    if let Some(certificates) = reader.optional(context_constructed(0))? {
        let mut certificates = certificates.explicit(SEQUENCE, "certificates")?.reader();
        while !certificates.at_end() {
            Signed::read(certificates.expect(SEQUENCE, "certificate")?.raw, "certificate of who signed the request")?;
        }
    }
    reader.finish()
}

/// `AcceptableResponses ::= SEQUENCE OF OBJECT IDENTIFIER` (§4.4.3): basic ones are all there are.
fn check_response_types(value: &[u8]) -> Result<(), Error> {
    let types = asn1::single(value, SEQUENCE, "acceptable response types")?;
    let (mut reader, mut basic) = (types.reader(), false);
    while !reader.at_end() {
        basic |= reader.expect(OID, "response type")?.oid()? == oid::OCSP_BASIC;
    }
    if basic { Ok(()) } else { Err(types.malformed("basic responses among the acceptable ones", "others only")) }
}

fn read_list(mut reader: Reader<'_>) -> Result<Vec<CertificateId>, Error> {
    let mut identifiers = Vec::new();
    while !reader.at_end() {
        let mut request = reader.sequence("request")?;
        let identifier = request.expect(SEQUENCE, "certificate identifier")?;
        check_hash_parameters(&identifier)?;
        identifiers.push(CertificateId::read(&identifier)?);
        let extensions = read_extensions(&mut request, 0)?;
        request.finish()?;
        check_critical(&extensions, &[])?;
    }
    Ok(identifiers)
}

/// A hash function has NULL for parameters, or none (RFC 5754 §2). In answers of others it is not looked at.
fn check_hash_parameters(identifier: &Element<'_>) -> Result<(), Error> {
    let (_, parameters) = algorithm_identifier(&identifier.reader().expect(SEQUENCE, "hash algorithm")?)?;
    match parameters.filter(|parameters| parameters.raw != [NULL, 0]) {
        Some(other) => Err(other.malformed("NULL or nothing as parameters of a hash function", asn1::shown(other.raw))),
        None => Ok(()),
    }
}

fn read_extensions(reader: &mut Reader<'_>, number: u8) -> Result<Vec<Extension>, Error> {
    match reader.optional(context_constructed(number))? {
        Some(element) => match Extension::read_all(&element.explicit(SEQUENCE, "extensions")?)? {
            none if none.is_empty() => Err(element.malformed("at least one extension", "none")),
            extensions => Ok(extensions),
        },
        None => Ok(Vec::new()),
    }
}

fn check_critical(extensions: &[Extension], known: &[ObjectIdentifier]) -> Result<(), Error> {
    match extensions.iter().find(|extension| extension.critical && !known.contains(&extension.oid)) {
        Some(unknown) => Err(Error::CriticalExtension { structure: "OCSP request", extension: unknown.oid }),
        None => Ok(()),
    }
}

/// The extensions `[number]` with the nonce alone.
pub(super) fn encode_nonce(nonce: &[u8], number: u8) -> Vec<u8> {
    let extension = Extension::new(oid::OCSP_NONCE, false, write::octet_string(nonce));
    write::explicit(number, &write::sequence(&[&extension.to_der()]))
}
