//! What a seed value dictionary demands of whoever makes the signature: ISO 32000-1 tables 234 (DigestMethod, AddRevInfo,
//! TimeStamp) and 235 (Cert), ISO 32000-2 tables 237 and 238. In: the dictionary. Out: [`Demands`]. They are only read here:
//! this crate knows no certificate.

use super::reading::{Entries, Force, NameAttributes};
use crate::error::Error;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand<T> {
    /// What is demanded.
    pub value: T,
    /// Whether it must be obeyed.
    pub force: Force,
}

/// What the caller of [`crate::prepare`] has to satisfy, by the names of the entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Demands {
    /// The field that has them.
    pub field: String,
    /// DigestMethod: the names of digest algorithms of which one is to be used, such as `SHA256`.
    pub digest_method: Option<Demand<Vec<String>>>,
    /// AddRevInfo: whether revocation data belong into the signature value.
    pub revocation_information: Option<Demand<bool>>,
    /// TimeStamp.
    pub time_stamp: Option<TimeStampDemand>,
    /// Cert.
    pub certificate: CertificateDemands,
}

/// TimeStamp: whether the signature must have a time-stamp, and whose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeStampDemand {
    /// Whether it must have one; a wish for one else.
    pub force: Force,
    /// The address of a time-stamping server. No bit makes it required.
    pub address: Option<String>,
}

/// Cert, table 235: which certificates may sign.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertificateDemands {
    /// Subject: certificates in DER, one of them.
    pub subject: Option<Demand<Vec<Vec<u8>>>>,
    /// Issuer: certificates in DER, one of them above the signer's, directly or not.
    pub issuer: Option<Demand<Vec<Vec<u8>>>>,
    /// OID: certificate policies, all of them in the certificate.
    pub policy: Option<Demand<Vec<String>>>,
    /// SubjectDN: attributes by name (`CN`, `O`) or OID; all of one element in the subject.
    pub subject_name: Option<Demand<Vec<NameAttributes>>>,
    /// KeyUsage: patterns of `0`, `1` and `X` from digitalSignature on; one of them fits.
    pub key_usage: Option<Demand<Vec<String>>>,
    /// URL: a server that the credential must come from (/URLType /ASSP and others). An address to show in a browser is no
    /// demand.
    pub server: Option<Demand<String>>,
}

/// Bits of /Ff in /Cert.
const KNOWN_CERTIFICATE_FLAGS: i64 = (1 << 7) - 1;

pub(super) fn read(entries: &Entries<'_>) -> Result<Demands, Error> {
    let demand = |bit| entries.force(bit);
    Ok(Demands {
        field: entries.field.to_owned(),
        digest_method: entries.names("DigestMethod")?.map(|value| Demand { value, force: demand(7) }),
        revocation_information: entries.boolean("AddRevInfo")?.map(|value| Demand { value, force: demand(6) }),
        time_stamp: time_stamp(entries)?,
        certificate: match entries.dictionary("Cert")? {
            Some(dictionary) => certificate(&entries.below(dictionary, "Cert/")?)?,
            None => CertificateDemands::default(),
        },
    })
}

fn time_stamp(entries: &Entries<'_>) -> Result<Option<TimeStampDemand>, Error> {
    let Some(dictionary) = entries.dictionary("TimeStamp")? else { return Ok(None) };
    let entries = entries.below(dictionary, "TimeStamp/")?;
    let force = match entries.flags() {
        0 => Force::Wished,
        1 => Force::Required,
        other => return Err(entries.refused("Ff", "0 or 1", other)),
    };
    Ok(Some(TimeStampDemand { force, address: entries.text("URL")? }))
}

fn certificate(entries: &Entries<'_>) -> Result<CertificateDemands, Error> {
    entries.known_flags(KNOWN_CERTIFICATE_FLAGS)?;
    for policy in ["SignaturePolicyOID", "SignaturePolicyHashValue", "SignaturePolicyCommitmentType"] {
        if entries.has(policy)? {
            return Err(entries.refused(policy, "a seal under a signature policy", "a seal without one"));
        }
    }
    Ok(CertificateDemands {
        subject: demanded(entries.byte_strings("Subject")?, entries.force(1)),
        issuer: demanded(entries.byte_strings("Issuer")?, entries.force(2)),
        policy: demanded(entries.texts("OID")?, entries.force(3)),
        subject_name: demanded(entries.texts_by_key("SubjectDN")?, entries.force(4)),
        key_usage: demanded(entries.texts("KeyUsage")?, entries.force(6)),
        server: match (entries.text("URL")?, entries.name("URLType")?.as_deref()) {
            (None, _) | (_, None | Some("Browser")) => None,
            (Some(value), _) => Some(Demand { value, force: entries.force(7) }),
        },
    })
}

fn demanded<T>(value: Option<T>, force: Force) -> Option<Demand<T>> {
    value.map(|value| Demand { value, force })
}
