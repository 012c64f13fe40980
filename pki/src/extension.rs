//! Extensions of certificates, RFC 5280 §4.2, ETSI EN 319 412-1 and -5. In: what they say. Out: their DER, and back.

use core::net::IpAddr; // an address, and no network
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::asn1::time;
use crate::asn1::write;
use crate::asn1::{
    self, BIT_STRING, BOOLEAN, Element, INTEGER, OCTET_STRING, Reader, SEQUENCE, context, context_constructed,
};
use crate::key::PublicKey;
use crate::{Error, ObjectIdentifier, oid};

/// ```text
/// Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Extension {
    /// extnID.
    pub oid: ObjectIdentifier,
    /// A reader that does not know a critical extension must refuse the object.
    pub critical: bool,
    /// The DER inside the OCTET STRING.
    pub value: Vec<u8>,
}

/// A bit of keyUsage (RFC 5280 §4.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum KeyUsageBit {
    /// digitalSignature.
    DigitalSignature = 0,
    /// nonRepudiation, in newer editions of X.509 contentCommitment: the bit of a seal.
    NonRepudiation = 1,
    /// keyEncipherment.
    KeyEncipherment = 2,
    /// dataEncipherment.
    DataEncipherment = 3,
    /// keyAgreement.
    KeyAgreement = 4,
    /// keyCertSign.
    KeyCertSign = 5,
    /// cRLSign.
    CrlSign = 6,
    /// encipherOnly.
    EncipherOnly = 7,
    /// decipherOnly.
    DecipherOnly = 8,
}

/// The bits of a keyUsage extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyUsage(u32);

impl KeyUsageBit {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 9] = [
        Self::DigitalSignature,
        Self::NonRepudiation,
        Self::KeyEncipherment,
        Self::DataEncipherment,
        Self::KeyAgreement,
        Self::KeyCertSign,
        Self::CrlSign,
        Self::EncipherOnly,
        Self::DecipherOnly,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::DigitalSignature => "digitalSignature",
            Self::NonRepudiation => "nonRepudiation",
            Self::KeyEncipherment => "keyEncipherment",
            Self::DataEncipherment => "dataEncipherment",
            Self::KeyAgreement => "keyAgreement",
            Self::KeyCertSign => "keyCertSign",
            Self::CrlSign => "cRLSign",
            Self::EncipherOnly => "encipherOnly",
            Self::DecipherOnly => "decipherOnly",
        }
    }
}

impl fmt::Display for KeyUsageBit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for KeyUsageBit {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|bit| bit.name().eq_ignore_ascii_case(name)).ok_or_else(|| Error::UnknownName {
            expected: "a key usage of RFC 5280, as in nonRepudiation",
            found: name.to_owned(),
        })
    }
}

impl KeyUsage {
    /// Whether a bit is set.
    pub const fn contains(self, bit: KeyUsageBit) -> bool {
        self.0 & 1 << bit as u8 != 0
    }

    /// The bits that are set.
    pub fn bits(self) -> Vec<KeyUsageBit> {
        KeyUsageBit::ALL.into_iter().filter(|bit| self.contains(*bit)).collect()
    }
}

impl fmt::Display for KeyUsage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, bit) in self.bits().into_iter().enumerate() {
            write!(formatter, "{}{bit}", if index > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

/// What an EU-shaped qualified-certificate statement says (ETSI EN 319 412-5); for profiles behind a flag only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QcStatement {
    /// id-qcs-pkixQCSyntax-v2 with SemanticsId-Legal: organizationIdentifier follows EN 319 412-1 §5.1.4.
    LegalPersonSemantics,
    /// QcCompliance.
    Compliance,
    /// QcSSCD: the key is in a qualified device.
    SecureDevice,
    /// QcType eseal.
    TypeSeal,
    /// QcPDS: addresses of the disclosure statements, each with its two-letter language.
    DisclosureStatements(Vec<(String, String)>),
}

impl Extension {
    /// Any extension; `value` is the DER inside the OCTET STRING.
    pub fn new(oid: ObjectIdentifier, critical: bool, value: Vec<u8>) -> Self {
        Self { oid, critical, value }
    }

    /// basicConstraints, critical (RFC 5280 §4.2.1.9). `path_length` only has a meaning for a CA.
    pub fn basic_constraints(ca: bool, path_length: Option<u32>) -> Self {
        let flag = if ca { write::boolean(true) } else { Vec::new() };
        let length = path_length.filter(|_| ca).map(|length| write::unsigned(length.into())).unwrap_or_default();
        Self::new(oid::BASIC_CONSTRAINTS, true, write::sequence(&[&flag, &length]))
    }

    /// keyUsage, critical (RFC 5280 §4.2.1.3).
    pub fn key_usage(bits: &[KeyUsageBit]) -> Self {
        let bits = bits.iter().fold(0, |set, bit| set | 1 << *bit as u8);
        Self::new(oid::KEY_USAGE, true, write::named_bits(bits))
    }

    /// extKeyUsage (RFC 5280 §4.2.1.12); must be critical for time-stamping (RFC 3161 §2.3).
    pub fn extended_key_usage(purposes: &[ObjectIdentifier], critical: bool) -> Self {
        let purposes: Vec<_> = purposes.iter().map(|purpose| write::oid(*purpose)).collect();
        Self::new(oid::EXTENDED_KEY_USAGE, critical, write::sequence_of(&purposes))
    }

    /// subjectKeyIdentifier by method 1 of RFC 5280 §4.2.1.2.
    pub fn subject_key_identifier(key: &PublicKey) -> Self {
        Self::new(oid::SUBJECT_KEY_IDENTIFIER, false, write::octet_string(&key.key_identifier()))
    }

    /// authorityKeyIdentifier (RFC 5280 §4.2.1.1): the issuer's subject key identifier.
    pub fn authority_key_identifier(issuer_key_identifier: &[u8]) -> Self {
        let identifier = write::element(context(0), &[issuer_key_identifier]);
        Self::new(oid::AUTHORITY_KEY_IDENTIFIER, false, write::sequence(&[&identifier]))
    }

    /// certificatePolicies without qualifiers (RFC 5280 §4.2.1.4).
    pub fn certificate_policies(policies: &[ObjectIdentifier]) -> Self {
        let policies: Vec<_> = policies.iter().map(|policy| write::sequence(&[&write::oid(*policy)])).collect();
        Self::new(oid::CERTIFICATE_POLICIES, false, write::sequence_of(&policies))
    }

    /// cRLDistributionPoints, one point for each address (RFC 5280 §4.2.1.13).
    pub fn crl_distribution_points(urls: &[&str]) -> Self {
        let point = |url: &&str| {
            let full_name = write::element(context_constructed(0), &[&uri(url)]);
            write::sequence(&[&write::explicit(0, &full_name)])
        };
        let points: Vec<_> = urls.iter().map(point).collect();
        Self::new(oid::CRL_DISTRIBUTION_POINTS, false, write::sequence_of(&points))
    }

    /// authorityInfoAccess (RFC 5280 §4.2.2.1): addresses of OCSP responders and of the issuer's certificate.
    pub fn authority_information_access(ocsp: &[&str], ca_issuers: &[&str]) -> Self {
        let access = |method: ObjectIdentifier| move |url: &&str| write::sequence(&[&write::oid(method), &uri(url)]);
        let accesses: Vec<_> = ocsp
            .iter()
            .map(access(oid::ACCESS_OCSP))
            .chain(ca_issuers.iter().map(access(oid::ACCESS_CA_ISSUERS)))
            .collect();
        Self::new(oid::AUTHORITY_INFORMATION_ACCESS, false, write::sequence_of(&accesses))
    }

    /// subjectAltName (RFC 5280 §4.2.1.6): names and addresses of a server, at least one.
    pub fn subject_alternative_names(names: &[&str], addresses: &[IpAddr]) -> Self {
        let name = |name: &&str| write::element(context(2), &[name.as_bytes()]); // dNSName, IA5String
        let address = |address: &IpAddr| match address {
            IpAddr::V4(address) => write::element(context(7), &[&address.octets()]),
            IpAddr::V6(address) => write::element(context(7), &[&address.octets()]),
        };
        let all: Vec<_> = names.iter().map(name).chain(addresses.iter().map(address)).collect();
        Self::new(oid::SUBJECT_ALT_NAME, false, write::sequence_of(&all))
    }

    /// id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1): for responder certificates only.
    pub fn ocsp_nocheck() -> Self {
        Self::new(oid::OCSP_NOCHECK, false, write::null())
    }

    /// privateKeyUsagePeriod (RFC 3280 §4.2.1.4): when the key may sign, within the certificate's validity.
    pub fn private_key_usage_period(not_before: Option<Timestamp>, not_after: Option<Timestamp>) -> Self {
        let part = |number: u8, at: Option<Timestamp>| {
            at.map(|at| write::element(context(number), &[time::generalized(at).as_bytes()])).unwrap_or_default()
        };
        let value = write::sequence(&[&part(0, not_before), &part(1, not_after)]);
        Self::new(oid::PRIVATE_KEY_USAGE_PERIOD, false, value)
    }

    /// Validity-assured short-term certificate (ETSI EN 319 412-1 §5.2.2).
    pub fn validity_assured_short_term() -> Self {
        Self::new(oid::VALIDITY_ASSURED_SHORT_TERM, false, write::null())
    }

    /// noRevAvail (RFC 9608 §2): there is no revocation information on this certificate.
    pub fn no_rev_avail() -> Self {
        Self::new(oid::NO_REV_AVAIL, false, write::null())
    }

    /// qcStatements, never critical (RFC 3739 §3.2.6), in the order given.
    pub fn qc_statements(statements: &[QcStatement]) -> Self {
        let statements: Vec<_> = statements.iter().map(QcStatement::to_der).collect();
        Self::new(oid::QC_STATEMENTS, false, write::sequence_of(&statements))
    }

    pub(crate) fn to_der(&self) -> Vec<u8> {
        let critical = if self.critical { write::boolean(true) } else { Vec::new() };
        write::sequence(&[&write::oid(self.oid), &critical, &write::octet_string(&self.value)])
    }

    /// `Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension`; no identifier twice (RFC 5280 §4.2).
    pub(crate) fn read_all(element: &Element<'_>) -> Result<Vec<Self>, Error> {
        let mut extensions: Vec<Self> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        let mut reader = element.reader();
        while !reader.at_end() {
            let item = reader.expect(SEQUENCE, "extension")?;
            let extension = Self::read(item.reader())?;
            if !seen.insert(extension.oid) {
                return Err(item.malformed("each extension once", format!("{} again", extension.oid)));
            }
            extensions.push(extension);
        }
        Ok(extensions)
    }

    fn read(mut reader: Reader<'_>) -> Result<Self, Error> {
        let oid = reader.oid("extension identifier")?;
        let critical = reader.optional(BOOLEAN)?.map(|flag| flag.boolean()).transpose()?.unwrap_or(false);
        let value = reader.expect(OCTET_STRING, "extension value")?.value.to_vec();
        reader.finish()?;
        Ok(Self { oid, critical, value })
    }
}

impl QcStatement {
    /// `QCStatement ::= SEQUENCE { statementId OBJECT IDENTIFIER, statementInfo ANY OPTIONAL }`
    fn to_der(&self) -> Vec<u8> {
        let (identifier, information) = match self {
            Self::LegalPersonSemantics => {
                (oid::QCS_PKIX_SYNTAX_V2, write::sequence(&[&write::oid(oid::SEMANTICS_LEGAL)]))
            }
            Self::Compliance => (oid::QC_COMPLIANCE, Vec::new()),
            Self::SecureDevice => (oid::QC_SSCD, Vec::new()),
            Self::TypeSeal => (oid::QC_TYPE, write::sequence(&[&write::oid(oid::QC_TYPE_ESEAL)])),
            Self::DisclosureStatements(statements) => {
                let location = |(url, language): &(String, String)| {
                    let url = write::element(asn1::IA5_STRING, &[ascii(url).as_bytes()]);
                    write::sequence(&[&url, &write::element(asn1::PRINTABLE_STRING, &[language.as_bytes()])])
                };
                (oid::QC_PDS, write::sequence_of(&statements.iter().map(location).collect::<Vec<_>>()))
            }
        };
        write::sequence(&[&write::oid(identifier), &information])
    }
}

/// uniformResourceIdentifier of GeneralName.
fn uri(url: &str) -> Vec<u8> {
    write::element(context(6), &[ascii(url).as_bytes()])
}

/// An address in IA5String: what is not ASCII is written as the percent-encoded UTF-8 (RFC 5280 §7.4).
fn ascii(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for byte in url.bytes() {
        if byte.is_ascii() { out.push(byte as char) } else { out.push_str(&format!("%{byte:02X}")) }
    }
    out
}

/// cA and pathLenConstraint.
pub(crate) fn read_basic_constraints(value: &[u8]) -> Result<(bool, Option<u32>), Error> {
    let mut reader = asn1::single(value, SEQUENCE, "basicConstraints")?.reader();
    let ca = reader.optional(BOOLEAN)?.map(|flag| flag.boolean()).transpose()?.unwrap_or(false);
    let length = reader.optional(INTEGER)?.map(|length| length.unsigned()).transpose()?;
    reader.finish()?;
    Ok((ca, length.map(|length| u32::try_from(length).unwrap_or(u32::MAX))))
}

/// notBefore and notAfter.
pub(crate) fn read_private_key_usage_period(value: &[u8]) -> Result<(Option<Timestamp>, Option<Timestamp>), Error> {
    let mut reader = asn1::single(value, SEQUENCE, "privateKeyUsagePeriod")?.reader();
    let mut part = |number| {
        let time = |element: asn1::Element<'_>| {
            time::parse(asn1::GENERALIZED_TIME, element.value)
                .ok_or_else(|| element.malformed("GeneralizedTime", String::from_utf8_lossy(element.value)))
        };
        reader.optional(context(number))?.map(time).transpose()
    };
    let period = (part(0)?, part(1)?);
    reader.finish()?;
    Ok(period)
}

pub(crate) fn read_key_usage(value: &[u8]) -> Result<KeyUsage, Error> {
    asn1::single(value, BIT_STRING, "keyUsage")?.named_bits().map(KeyUsage)
}

pub(crate) fn read_extended_key_usage(value: &[u8]) -> Result<Vec<ObjectIdentifier>, Error> {
    let mut reader = asn1::single(value, SEQUENCE, "extKeyUsage")?.reader();
    let mut purposes = Vec::new();
    while !reader.at_end() {
        purposes.push(reader.oid("key purpose")?);
    }
    Ok(purposes)
}

pub(crate) fn read_subject_key_identifier(value: &[u8]) -> Result<Vec<u8>, Error> {
    Ok(asn1::single(value, OCTET_STRING, "subjectKeyIdentifier")?.value.to_vec())
}

/// keyIdentifier; issuer and serial, which few write, are passed over.
pub(crate) fn read_authority_key_identifier(value: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    let mut reader = asn1::single(value, SEQUENCE, "authorityKeyIdentifier")?.reader();
    let identifier = reader.optional(context(0))?.map(|element| element.value.to_vec());
    while !reader.at_end() {
        reader.element()?;
    }
    Ok(identifier)
}

pub(crate) fn read_policies(value: &[u8]) -> Result<Vec<ObjectIdentifier>, Error> {
    let mut reader = asn1::single(value, SEQUENCE, "certificatePolicies")?.reader();
    let mut policies = Vec::new();
    while !reader.at_end() {
        policies.push(reader.sequence("policy information")?.oid("policy")?);
    }
    Ok(policies)
}

/// Every address in the full names of the points.
pub(crate) fn read_crl_urls(value: &[u8]) -> Result<Vec<String>, Error> {
    let mut reader = asn1::single(value, SEQUENCE, "cRLDistributionPoints")?.reader();
    let mut urls = Vec::new();
    while !reader.at_end() {
        let mut point = reader.sequence("distribution point")?;
        let Some(name) = point.optional(context_constructed(0))? else { continue };
        let Some(full_name) = name.reader().optional(context_constructed(0))? else { continue };
        let mut names = full_name.reader();
        while !names.at_end() {
            let name = names.element()?;
            if name.tag == context(6) {
                urls.push(name.ia5()?.to_owned());
            }
        }
    }
    Ok(urls)
}

/// Every address of the given access method.
pub(crate) fn read_access_urls(value: &[u8], method: ObjectIdentifier) -> Result<Vec<String>, Error> {
    let mut reader = asn1::single(value, SEQUENCE, "authorityInfoAccess")?.reader();
    let mut urls = Vec::new();
    while !reader.at_end() {
        let mut access = reader.sequence("access description")?;
        let found = access.oid("access method")?;
        let location = access.element()?;
        if found == method && location.tag == context(6) {
            urls.push(location.ia5()?.to_owned());
        }
    }
    Ok(urls)
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::{Decode, Encode};
    use proptest::prelude::*;
    use x509_cert::ext::pkix;

    fn same<'a, T: Decode<'a> + Encode>(extension: &'a Extension)
    where
        <T as Decode<'a>>::Error: fmt::Debug,
    {
        let theirs = T::from_der(&extension.value).unwrap();
        assert_eq!(theirs.to_der().unwrap(), extension.value);
    }

    #[test]
    fn another_library_reads_and_writes_the_same_octets() {
        use KeyUsageBit::{CrlSign, DecipherOnly, KeyCertSign, NonRepudiation};
        same::<pkix::BasicConstraints>(&Extension::basic_constraints(true, Some(0)));
        same::<pkix::BasicConstraints>(&Extension::basic_constraints(false, None));
        same::<pkix::KeyUsage>(&Extension::key_usage(&[NonRepudiation]));
        same::<pkix::KeyUsage>(&Extension::key_usage(&[KeyCertSign, CrlSign, DecipherOnly]));
        same::<pkix::ExtendedKeyUsage>(&Extension::extended_key_usage(&[oid::TIME_STAMPING], true));
        same::<pkix::AuthorityKeyIdentifier>(&Extension::authority_key_identifier(&[7; 20]));
        same::<pkix::CertificatePolicies>(&Extension::certificate_policies(&[oid::ANY_POLICY]));
        same::<pkix::CrlDistributionPoints>(&Extension::crl_distribution_points(&["http://a/1", "http://a/2"]));
        same::<pkix::AuthorityInfoAccessSyntax>(&Extension::authority_information_access(&["http://o"], &["http://i"]));
        let at = "2026-11-24T00:00:00Z".parse().ok();
        same::<pkix::PrivateKeyUsagePeriod>(&Extension::private_key_usage_period(at, at));
    }

    #[test]
    fn what_is_written_is_read() {
        let urls = Extension::crl_distribution_points(&["http://a/1", "http://日本/2"]);
        assert_eq!(read_crl_urls(&urls.value).unwrap(), ["http://a/1", "http://%E6%97%A5%E6%9C%AC/2"]);
        let access = Extension::authority_information_access(&["http://o"], &["http://i"]);
        assert_eq!(read_access_urls(&access.value, oid::ACCESS_OCSP).unwrap(), ["http://o"]);
        assert_eq!(read_access_urls(&access.value, oid::ACCESS_CA_ISSUERS).unwrap(), ["http://i"]);
        assert_eq!(
            read_basic_constraints(&Extension::basic_constraints(true, Some(3)).value).unwrap(),
            (true, Some(3))
        );
        let usage = read_key_usage(&Extension::key_usage(&[KeyUsageBit::NonRepudiation]).value).unwrap();
        assert_eq!(usage.to_string(), "nonRepudiation");
    }

    #[test]
    fn the_eu_shaped_statements_have_the_octets_of_the_profile() {
        let pds = |language: &str| (format!("https://ca.testbed.example.com/pds-{language}.pdf"), language.to_owned());
        let extension = Extension::qc_statements(&[
            QcStatement::LegalPersonSemantics,
            QcStatement::Compliance,
            QcStatement::SecureDevice,
            QcStatement::TypeSeal,
            QcStatement::DisclosureStatements(vec![pds("en"), pds("ja")]),
        ]);
        assert_eq!(extension.value.len(), 177);
        let beginning = "3081ae301506082b06010505070b02300906070400 8bec490102\
                         3008060604008e460101 3008060604008e460104 3013060604008e4601063009060704008e46010602\
                         306c060604008e4601053062302f1629";
        assert!(hex::encode(&extension.value).starts_with(&beginning.replace(' ', "")));
    }

    proptest! {
        #[test]
        fn random_values_never_panic(value in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = read_basic_constraints(&value);
            let _ = read_key_usage(&value);
            let _ = read_extended_key_usage(&value);
            let _ = read_authority_key_identifier(&value);
            let _ = read_policies(&value);
            let _ = read_crl_urls(&value);
            let _ = read_access_urls(&value, oid::ACCESS_OCSP);
        }
    }
}
