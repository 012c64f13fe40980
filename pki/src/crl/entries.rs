//! The entries of a CRL, RFC 5280 §5.3. In: revokedCertificates. Out: what they say on a certificate. In the list of several
//! issuers an entry belongs to the issuer that it, or the last one before it that does so, names (§5.3.3).

use std::collections::HashSet;

use super::{Crl, RevocationReason, RevokedEntry};
use crate::asn1::{self, ENUMERATED, Element, GENERALIZED_TIME, INTEGER, Reader, SEQUENCE};
use crate::certificate::Certificate;
use crate::extension::Extension;
use crate::general_name::GeneralName;
use crate::name::Name;
use crate::serial::SerialNumber;
use crate::{Error, ObjectIdentifier, oid};

/// What the entries have that matters for the whole list.
#[derive(Default)]
pub(super) struct Facts {
    /// Critical extensions that are not known here, each once.
    pub(super) critical: Vec<ObjectIdentifier>,
    /// Whether an entry names its issuer.
    pub(super) name_issuers: bool,
    /// The first entry with removeFromCRL.
    pub(super) removed: Option<SerialNumber>,
}

impl Facts {
    /// Reads every entry once, so that a list with a damaged entry is refused as a whole. What follows the serial number
    /// repeats from entry to entry in long lists, and is then read once. `indirect`: the list is of several issuers.
    pub(super) fn read(mut reader: Reader<'_>, indirect: bool) -> Result<Self, Error> {
        let (mut facts, mut critical) = (Self::default(), HashSet::new());
        let mut good_tail = None;
        while !reader.at_end() {
            let entry = reader.expect(SEQUENCE, "revoked certificate")?;
            let mut inside = entry.reader();
            inside.expect(INTEGER, "serial number")?.integer()?;
            if good_tail == Some(inside.rest()) {
                continue;
            }
            let parts = Parts::read(&entry)?;
            facts.name_issuers |= parts.issuer.is_some();
            for extension in parts.critical {
                let known = extension == oid::CERTIFICATE_ISSUER && indirect;
                if !known && critical.insert(extension) {
                    facts.critical.push(extension);
                }
            }
            if parts.entry.reason == Some(RevocationReason::RemoveFromCrl) {
                facts.removed.get_or_insert(parts.entry.serial);
            }
            good_tail = Some(inside.rest());
        }
        Ok(facts)
    }
}

impl Crl {
    /// The entry of a certificate of this list's issuer; the worst one, if there are several.
    pub fn entry(&self, serial: &SerialNumber) -> Option<RevokedEntry> {
        worst(self.entries_of(self.issuer(), serial))
    }

    /// The entry of this certificate; the worst one, if there are several. In the list of several issuers, only entries of the
    /// certificate's issuer count.
    pub fn entry_for(&self, certificate: &Certificate) -> Option<RevokedEntry> {
        worst(self.entries_of(certificate.issuer(), certificate.serial()))
    }

    /// Every entry of the certificate with this serial number of this issuer, in the order of the list. There should be one at
    /// most.
    pub fn entries_of(&self, issuer: &Name, serial: &SerialNumber) -> Vec<RevokedEntry> {
        let encoded = serial.to_der();
        let named = |entry: &Element<'_>| entry.value.starts_with(&encoded);
        let of_list = self.issuer().matches(issuer);
        let indirect = self.issuing_distribution_point().is_some_and(|point| point.indirect);
        if !(indirect && self.names_issuers()) {
            let entries = self.raw_entries().filter(|entry| of_list && named(entry));
            return entries.filter_map(|entry| read(&entry).ok()).collect();
        }
        let mut of_issuer = of_list;
        let mut found = Vec::new();
        for entry in self.raw_entries() {
            let Ok(parts) = Parts::read(&entry) else { continue };
            if let Some(names) = parts.issuer {
                let is_issuer =
                    |name: &GeneralName| matches!(name, GeneralName::Directory(name) if name.matches(issuer));
                of_issuer = names.iter().any(is_issuer);
            }
            if of_issuer && named(&entry) {
                found.push(parts.entry);
            }
        }
        found
    }

    /// Every entry, in the order of the list.
    pub fn entries(&self) -> impl Iterator<Item = RevokedEntry> + '_ {
        self.raw_entries().filter_map(|entry| read(&entry).ok())
    }
}

/// Revoked for good before on hold, on hold before taken back; of those the earliest, a compromised key first.
fn worst(entries: Vec<RevokedEntry>) -> Option<RevokedEntry> {
    entries.into_iter().min_by_key(|entry| {
        let grade = match entry.reason {
            Some(RevocationReason::RemoveFromCrl) => 2,
            Some(RevocationReason::CertificateHold) => 1,
            _ => 0,
        };
        let compromised =
            matches!(entry.reason, Some(RevocationReason::KeyCompromise | RevocationReason::CaCompromise));
        (grade, entry.since, !compromised)
    })
}

fn read(entry: &Element<'_>) -> Result<RevokedEntry, Error> {
    Parts::read(entry).map(|parts| parts.entry)
}

struct Parts {
    entry: RevokedEntry,
    /// certificateIssuer.
    issuer: Option<Vec<GeneralName>>,
    /// Critical extensions that do not end in `entry`.
    critical: Vec<ObjectIdentifier>,
}

impl Parts {
    /// ```text
    /// SEQUENCE { userCertificate INTEGER, revocationDate Time, crlEntryExtensions Extensions OPTIONAL }
    /// ```
    fn read(entry: &Element<'_>) -> Result<Self, Error> {
        let mut reader = entry.reader();
        let serial = SerialNumber::read(&reader.expect(INTEGER, "serial number")?)?;
        let since = reader.element()?.time()?;
        let entry = RevokedEntry { serial, since, reason: None, invalidity_date: None };
        let mut parts = Self { entry, issuer: None, critical: Vec::new() };
        if let Some(extensions) = reader.optional(SEQUENCE)? {
            for extension in Extension::read_all(&extensions)? {
                parts.add(&extension)?;
            }
        }
        reader.finish()?;
        Ok(parts)
    }

    fn add(&mut self, extension: &Extension) -> Result<(), Error> {
        match extension.oid {
            oid::CRL_REASON => {
                let reason = asn1::single(&extension.value, ENUMERATED, "reasonCode")?;
                self.entry.reason = Some(RevocationReason::read(&reason)?);
            }
            oid::INVALIDITY_DATE => {
                let date = asn1::single(&extension.value, GENERALIZED_TIME, "invalidityDate")?;
                self.entry.invalidity_date = Some(date.time()?);
            }
            oid::CERTIFICATE_ISSUER => {
                let names = asn1::single(&extension.value, SEQUENCE, "certificateIssuer")?;
                self.issuer = Some(GeneralName::read_all(names.reader())?);
                self.critical.extend(extension.critical.then_some(extension.oid));
            }
            _ => self.critical.extend(extension.critical.then_some(extension.oid)),
        }
        Ok(())
    }
}
