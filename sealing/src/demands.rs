//! What a field demands of whoever signs: ISO 32000-1 tables 234 and 235 (DigestMethod, TimeStamp, AddRevInfo, Cert). In: the
//! demands that `pades` read, the certificate chain and the level. Out: the algorithm that obeys, and warnings; or the entry
//! that is required and cannot be obeyed.

use pades::{CertificateDemands, Demand, Demands, Force, NameAttributes};
use pki::{Certificate, DigestAlgorithm, KeyUsageBit, ObjectIdentifier, SignatureAlgorithm, oid};

use crate::level::Level;

/// How the demands are satisfied.
#[derive(Debug)]
pub(crate) struct Satisfied {
    /// With what the seal is made.
    pub(crate) algorithm: SignatureAlgorithm,
    /// Wishes that are not fulfilled.
    pub(crate) warnings: Vec<String>,
}

/// Satisfies what is required, and wishes as far as possible.
pub(crate) fn satisfy(demands: &Demands, chain: &[Certificate], level: Level) -> Result<Satisfied, pades::Error> {
    let usual = chain[0].public_key().kind().default_signature_algorithm();
    let mut decision = Decision { field: &demands.field, warnings: Vec::new() };
    let algorithm = digest(&mut decision, demands.digest_method.as_ref(), usual)?;
    if let Some(demand) = &demands.time_stamp {
        if level == Level::BB {
            let found = "level B-B, which has none (B-T and above have one)";
            decision.disobey(demand.force, "TimeStamp", "a time-stamp", found)?;
        } else if let Some(address) = &demand.address {
            let expected = format!("a time-stamp of the server {address:?}");
            decision.disobey(Force::Wished, "TimeStamp/URL", &expected, "one of the issuer's own authority")?;
        }
    }
    if let Some(Demand { value: true, force }) = demands.revocation_information {
        let found = "none there: a PAdES seal has them in the security store (B-LT and above)";
        decision.disobey(force, "AddRevInfo", "revocation data in the signature value", found)?;
    }
    certificate(&mut decision, &demands.certificate, chain)?;
    Ok(Satisfied { algorithm, warnings: decision.warnings })
}

struct Decision<'d> {
    field: &'d str,
    warnings: Vec<String>,
}

impl Decision<'_> {
    fn disobey(&mut self, force: Force, entry: &str, expected: &str, found: &str) -> Result<(), pades::Error> {
        match force {
            Force::Required => Err(pades::Error::SeedValue {
                field: self.field.to_owned(),
                entry: entry.to_owned(),
                expected: expected.to_owned(),
                found: found.to_owned(),
            }),
            Force::Wished => {
                let detail = format!("not obeyed: wished {expected}, found {found}");
                let (field, entry) = (self.field.to_owned(), entry.to_owned());
                self.warnings.push(pades::Warning::SeedValue { field, entry, detail }.to_string());
                Ok(())
            }
        }
    }

    /// An entry that asks for one thing of the certificate.
    fn check<T>(
        &mut self,
        entry: &str,
        expected: &str,
        demand: Option<&Demand<T>>,
        holds: impl Fn(&T) -> bool,
    ) -> Result<(), pades::Error> {
        match demand {
            Some(demand) if !holds(&demand.value) => {
                self.disobey(demand.force, entry, expected, "the issuer's certificate, which does not fit")
            }
            _ => Ok(()),
        }
    }
}

/// DigestMethod: the usual digest if it is among those that may be used, else the first of them that the key server signs.
fn digest(
    decision: &mut Decision<'_>,
    demand: Option<&Demand<Vec<String>>>,
    usual: SignatureAlgorithm,
) -> Result<SignatureAlgorithm, pades::Error> {
    let Some(demand) = demand else { return Ok(usual) };
    let offered: Vec<DigestAlgorithm> = demand.value.iter().filter_map(|name| digest_named(name)).collect();
    if offered.contains(&usual.digest) {
        return Ok(usual);
    }
    if let Some(digest) = offered.first() {
        return Ok(SignatureAlgorithm { digest: *digest, ..usual });
    }
    let expected = format!("one of {:?}", demand.value);
    decision.disobey(demand.force, "DigestMethod", &expected, "SHA256, SHA384 and SHA512")?;
    Ok(usual)
}

/// The names of table 234 that a seal may have; SHA1 is no longer among them (ETSI TS 119 312).
fn digest_named(name: &str) -> Option<DigestAlgorithm> {
    match name.to_ascii_uppercase().replace('-', "").as_str() {
        "SHA256" => Some(DigestAlgorithm::Sha256),
        "SHA384" => Some(DigestAlgorithm::Sha384),
        "SHA512" => Some(DigestAlgorithm::Sha512),
        _ => None,
    }
}

/// Cert, table 235.
fn certificate(
    decision: &mut Decision<'_>,
    demands: &CertificateDemands,
    chain: &[Certificate],
) -> Result<(), pades::Error> {
    let own = &chain[0];
    let is_one_of = |certificate: &Certificate, ders: &[Vec<u8>]| ders.iter().any(|der| der == certificate.der());
    decision.check("Cert/Subject", "one of the certificates that it lists", demands.subject.as_ref(), |ders| {
        is_one_of(own, ders)
    })?;
    decision.check(
        "Cert/Issuer",
        "a certificate under one of those that it lists",
        demands.issuer.as_ref(),
        |ders| chain[1..].iter().any(|above| is_one_of(above, ders)),
    )?;
    let policies = own.policies();
    let expected =
        format!("the certificate policies {:?}", demands.policy.as_ref().map_or(&[][..], |policy| &policy.value));
    decision.check("Cert/OID", &expected, demands.policy.as_ref(), |expected| {
        expected.iter().all(|policy| ObjectIdentifier::new(policy).is_ok_and(|policy| policies.contains(&policy)))
    })?;
    let expected = format!("a subject like {:?}", demands.subject_name.as_ref().map_or(&[][..], |names| &names.value));
    decision.check("Cert/SubjectDN", &expected, demands.subject_name.as_ref(), |names| {
        names.iter().any(|name| has_attributes(own, name))
    })?;
    let expected = format!("a key usage like {:?}", demands.key_usage.as_ref().map_or(&[][..], |usage| &usage.value));
    decision.check("Cert/KeyUsage", &expected, demands.key_usage.as_ref(), |patterns| {
        patterns.iter().any(|pattern| fits(own, pattern))
    })?;
    decision.check("Cert/URL", "a credential of the server that it names", demands.server.as_ref(), |_| false)
}

/// Whether all these attributes stand in the subject.
fn has_attributes(certificate: &Certificate, expected: &NameAttributes) -> bool {
    expected.iter().all(|(name, value)| {
        attribute_type(name).is_some_and(|kind| certificate.subject().values(kind).contains(value))
    })
}

/// An attribute type by its abbreviation (RFC 4519) or number.
fn attribute_type(name: &str) -> Option<ObjectIdentifier> {
    match name.to_ascii_uppercase().as_str() {
        "CN" => Some(oid::COMMON_NAME),
        "O" => Some(oid::ORGANIZATION),
        "OU" => Some(oid::ORGANIZATIONAL_UNIT),
        "C" => Some(oid::COUNTRY),
        other => ObjectIdentifier::new(other.trim_start_matches("OID.")).ok(),
    }
}

/// Whether keyUsage fits a pattern of `0`, `1` and `X`, one character a bit from digitalSignature on; bits that it does not
/// reach are free. A certificate without keyUsage may be used for everything, and excludes nothing.
fn fits(certificate: &Certificate, pattern: &str) -> bool {
    let usage = certificate.key_usage();
    let has = |bit: KeyUsageBit| usage.is_none_or(|usage| usage.contains(bit));
    pattern.len() <= KeyUsageBit::ALL.len()
        && pattern.chars().zip(KeyUsageBit::ALL).all(|(expected, bit)| match expected {
            '0' => !has(bit),
            '1' => has(bit),
            other => other.eq_ignore_ascii_case(&'X'),
        })
}
