//! Distribution points of CRLs, RFC 5280 §4.2.1.13, §5.2.5 and §6.3.3 (b), (d). In: the extension of a certificate and that
//! of a list. Out: whether the list is about the certificate, and for which reasons. Names are compared whole.

use std::collections::HashSet;

use crate::Error;
use crate::asn1::write;
use crate::asn1::{self, Element, Reader, SEQUENCE, SET, context, context_constructed};
use crate::general_name::GeneralName;
use crate::name::Name;
use crate::revocation_reason::RevocationReason;

/// ```text
/// DistributionPointName ::= CHOICE { fullName [0] GeneralNames, nameRelativeToCRLIssuer [1] RelativeDistinguishedName }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DistributionPointName {
    /// fullName: all are names of the same point.
    Full(Vec<GeneralName>),
    /// nameRelativeToCRLIssuer: the attributes, as the content of the SET, that come after the name of the CRL's issuer.
    RelativeToIssuer(Vec<u8>),
}

/// ```text
/// DistributionPoint ::= SEQUENCE {
///    distributionPoint [0] DistributionPointName OPTIONAL, reasons [1] ReasonFlags OPTIONAL,
///    cRLIssuer [2] GeneralNames OPTIONAL }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistributionPoint {
    /// distributionPoint.
    pub name: Option<DistributionPointName>,
    /// reasons; absent means all.
    pub reasons: Option<Reasons>,
    /// cRLIssuer: who signs the list, if not the issuer of the certificate. Empty if it is absent.
    pub crl_issuer: Vec<GeneralName>,
}

/// A set of reasons (ReasonFlags). `unspecified` and `removeFromCRL` have no flag: they belong to every set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reasons(u16);

impl Reasons {
    /// Every reason.
    pub const ALL: Self = Self(0b1_1111_1110);
    /// No reason: what a list says that is not about a certificate.
    pub const NONE: Self = Self(0);

    /// ```text
    /// ReasonFlags ::= BIT STRING { unused(0), keyCompromise(1), cACompromise(2), affiliationChanged(3), superseded(4),
    ///    cessationOfOperation(5), certificateHold(6), privilegeWithdrawn(7), aACompromise(8) }
    /// ```
    fn read(element: &Element<'_>) -> Result<Self, Error> {
        Ok(Self(element.named_bits()? as u16 & Self::ALL.0))
    }

    /// Whether a reason belongs to it.
    pub fn contains(self, reason: RevocationReason) -> bool {
        let bit = match reason {
            RevocationReason::Unspecified | RevocationReason::RemoveFromCrl => return true,
            RevocationReason::PrivilegeWithdrawn => 7,
            RevocationReason::AaCompromise => 8,
            other => other.code(),
        };
        self.0 & 1 << bit != 0
    }

    /// Those of either.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those of both.
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether every reason belongs to it.
    pub const fn is_all(self) -> bool {
        self.0 == Self::ALL.0
    }

    /// Whether no reason belongs to it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl DistributionPoint {
    /// The point that every certificate has: its issuer's name (§6.3.3, the last paragraph).
    pub(crate) fn of_issuer(issuer: &Name) -> Self {
        let name = DistributionPointName::Full(vec![GeneralName::Directory(issuer.clone())]);
        Self { name: Some(name), reasons: None, crl_issuer: Vec::new() }
    }

    /// `CRLDistributionPoints ::= SEQUENCE SIZE (1..MAX) OF DistributionPoint`
    pub(crate) fn read_all(value: &[u8]) -> Result<Vec<Self>, Error> {
        let mut reader = asn1::single(value, SEQUENCE, "cRLDistributionPoints")?.reader();
        let mut points = Vec::new();
        while !reader.at_end() {
            points.push(Self::read(reader.sequence("distribution point")?)?);
        }
        Ok(points)
    }

    /// Its names in full, or those of its cRLIssuer.
    pub(crate) fn names(&self, crl_issuer: &Name) -> Vec<GeneralName> {
        match &self.name {
            Some(name) => name.full(crl_issuer),
            None => self.crl_issuer.clone(),
        }
    }

    fn read(mut reader: Reader<'_>) -> Result<Self, Error> {
        let name =
            reader.optional(context_constructed(0))?.map(|name| DistributionPointName::read(&name)).transpose()?;
        let reasons = reader.optional(context(1))?.map(|reasons| Reasons::read(&reasons)).transpose()?;
        let issuer = reader.optional(context_constructed(2))?.map(|names| GeneralName::read_all(names.reader()));
        let crl_issuer = issuer.transpose()?.unwrap_or_default();
        reader.finish()?;
        Ok(Self { name, reasons, crl_issuer })
    }
}

impl DistributionPointName {
    /// Reads the inside of `[0] EXPLICIT`.
    pub(crate) fn read(element: &Element<'_>) -> Result<Self, Error> {
        const FULL: u8 = context_constructed(0);
        const RELATIVE: u8 = context_constructed(1);
        let mut reader = element.reader();
        let choice = reader.element()?;
        reader.finish()?;
        match choice.tag {
            FULL => Ok(Self::Full(GeneralName::read_all(choice.reader())?)),
            RELATIVE => {
                relative(&Name::builder().build(), choice.value)?;
                Ok(Self::RelativeToIssuer(choice.value.to_vec()))
            }
            tag => Err(element.malformed("a full or a relative name", format!("tag {tag:02x}"))),
        }
    }

    /// The full names; a relative one comes after `crl_issuer`.
    fn full(&self, crl_issuer: &Name) -> Vec<GeneralName> {
        match self {
            Self::Full(names) => names.clone(),
            Self::RelativeToIssuer(attributes) => {
                relative(crl_issuer, attributes).ok().map(GeneralName::Directory).into_iter().collect()
            }
        }
    }
}

fn relative(issuer: &Name, attributes: &[u8]) -> Result<Name, Error> {
    let whole = asn1::single(issuer.as_der(), SEQUENCE, "Name")?;
    Name::from_der(&write::sequence(&[whole.value, &write::element(SET, &[attributes])]))
}

/// issuingDistributionPoint (§5.2.5): which certificates a CRL is about.
///
/// ```text
/// IssuingDistributionPoint ::= SEQUENCE {
///    distributionPoint [0] DistributionPointName OPTIONAL, onlyContainsUserCerts [1] BOOLEAN DEFAULT FALSE,
///    onlyContainsCACerts [2] BOOLEAN DEFAULT FALSE, onlySomeReasons [3] ReasonFlags OPTIONAL,
///    indirectCRL [4] BOOLEAN DEFAULT FALSE, onlyContainsAttributeCerts [5] BOOLEAN DEFAULT FALSE }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IssuingDistributionPoint {
    /// onlyContainsUserCerts.
    pub only_user_certificates: bool,
    /// onlyContainsCACerts.
    pub only_ca_certificates: bool,
    /// onlySomeReasons is present.
    pub only_some_reasons: bool,
    /// indirectCRL: entries may be of other issuers.
    pub indirect: bool,
    /// onlyContainsAttributeCerts.
    pub only_attribute_certificates: bool,
    /// The octets of distributionPoint. For comparison there is [`matches`](Self::matches).
    pub distribution_point: Option<Vec<u8>>,
    /// distributionPoint.
    pub name: Option<DistributionPointName>,
    /// onlySomeReasons.
    pub reasons: Option<Reasons>,
}

impl IssuingDistributionPoint {
    pub(crate) fn read(value: &[u8]) -> Result<Self, Error> {
        let mut reader = asn1::single(value, SEQUENCE, "issuingDistributionPoint")?.reader();
        let name = reader.optional(context_constructed(0))?;
        let flag = |reader: &mut Reader<'_>, number| -> Result<bool, Error> {
            Ok(reader.optional(context(number))?.map(|flag| flag.boolean()).transpose()?.unwrap_or(false))
        };
        let only_user_certificates = flag(&mut reader, 1)?;
        let only_ca_certificates = flag(&mut reader, 2)?;
        let reasons = reader.optional(context(3))?.map(|reasons| Reasons::read(&reasons)).transpose()?;
        let indirect = flag(&mut reader, 4)?;
        let only_attribute_certificates = flag(&mut reader, 5)?;
        reader.finish()?;
        Ok(Self {
            only_user_certificates,
            only_ca_certificates,
            only_some_reasons: reasons.is_some(),
            indirect,
            only_attribute_certificates,
            distribution_point: name.map(|name| name.value.to_vec()),
            name: name.map(|name| DistributionPointName::read(&name)).transpose()?,
            reasons,
        })
    }

    /// Whether it is of this distribution point of a certificate, §6.3.3 (b) (2) (i): one of its names is one of the point's,
    /// or of the point's cRLIssuer if the point has no name. A list without a name is of every point.
    pub fn matches(&self, point: &DistributionPoint, crl_issuer: &Name) -> bool {
        let Some(own) = self.names(crl_issuer) else { return true };
        let own: HashSet<_> = own.iter().map(GeneralName::key).collect();
        point.names(crl_issuer).iter().any(|name| own.contains(&name.key()))
    }

    /// Its names in full, if it has any.
    pub(crate) fn names(&self, crl_issuer: &Name) -> Option<Vec<GeneralName>> {
        self.name.as_ref().map(|name| name.full(crl_issuer))
    }
}
