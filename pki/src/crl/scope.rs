//! Whether a CRL may be used at all, and is about a certificate, RFC 5280 §5.2, §5.3 and §6.3.3 (b), (d). In: a list and a
//! certificate. Out: the reasons for which the list tells the certificate's status. Signature, path and freshness are judged
//! elsewhere.

use std::collections::HashSet;

use super::Crl;
use crate::certificate::Certificate;
use crate::distribution_point::{DistributionPoint, Reasons};
use crate::general_name::GeneralName;
use crate::{Error, ObjectIdentifier, oid};

/// Why a list is not about a certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutOfScope {
    /// §6.3.3 (b) (1): it is of another issuer, and the certificate names no such issuer of lists, or the list is not for
    /// certificates of others.
    #[error("the list of `{list}` is not about certificates of `{certificate}`")]
    Issuer {
        /// Issuer of the list.
        list: String,
        /// Issuer of the certificate.
        certificate: String,
    },
    /// §6.3.3 (b) (2) (i).
    #[error("the list belongs to another distribution point")]
    DistributionPoint,
    /// §6.3.3 (b) (2) (ii).
    #[error("the list is about end certificates only")]
    UserCertificatesOnly,
    /// §6.3.3 (b) (2) (iii).
    #[error("the list is about CA certificates only")]
    CaCertificatesOnly,
    /// §6.3.3 (b) (2) (iv).
    #[error("the list is about attribute certificates only")]
    AttributeCertificatesOnly,
    /// The certificate's distribution points cannot be read: whether the list is of one of them is unknown.
    #[error("the distribution points of the certificate cannot be read: {0}")]
    Unreadable(Box<Error>),
}

impl Crl {
    /// Critical extensions of the list or of entries that this type does not read. With any of them the list must not be
    /// used to tell that a certificate is good (RFC 5280 §5.2 and §5.3).
    pub fn unknown_critical_extensions(&self) -> Vec<ObjectIdentifier> {
        const KNOWN: [ObjectIdentifier; 5] = [
            oid::ISSUING_DISTRIBUTION_POINT,
            oid::DELTA_CRL_INDICATOR,
            oid::CRL_NUMBER,
            oid::AUTHORITY_KEY_IDENTIFIER,
            oid::EXPIRED_CERTS_ON_CRL,
        ];
        let of_list =
            self.extensions().iter().filter(|extension| extension.critical && !KNOWN.contains(&extension.oid));
        of_list.map(|extension| extension.oid).chain(self.critical_in_entries().iter().copied()).collect()
    }

    /// Whether the list says nothing that forbids its use for whatever certificate: no critical extension that is not known
    /// here, in the list or in any entry; removeFromCRL in delta lists only (§5.3.1); nextUpdate not before thisUpdate.
    ///
    /// # Errors
    /// [`Error::CriticalExtension`], [`Error::RemoveFromCrl`], [`Error::UpdatesReversed`].
    pub fn check_usable(&self) -> Result<(), Error> {
        if let Some(extension) = self.unknown_critical_extensions().first() {
            return Err(Error::CriticalExtension { structure: "CRL", extension: *extension });
        }
        if !self.is_delta()
            && let Some(serial) = self.removed()
        {
            return Err(Error::RemoveFromCrl { serial: serial.clone() });
        }
        match (self.this_update(), self.next_update()) {
            (this_update, Some(next_update)) if next_update < this_update => {
                Err(Error::UpdatesReversed { structure: "CRL", this_update, next_update })
            }
            _ => Ok(()),
        }
    }

    /// Whether the list is about this certificate, and for which reasons: a status is only known when the lists at hand have
    /// [all](Reasons::is_all) of them together. A delta list has the scope of its base.
    ///
    /// # Errors
    /// [`OutOfScope`] with why it says nothing about the certificate.
    pub fn scope_for(&self, certificate: &Certificate) -> Result<Reasons, OutOfScope> {
        let point = self.issuing_distribution_point().cloned().unwrap_or_default();
        if point.only_attribute_certificates {
            return Err(OutOfScope::AttributeCertificatesOnly);
        }
        if point.only_user_certificates && certificate.is_ca() {
            return Err(OutOfScope::UserCertificatesOnly);
        }
        if point.only_ca_certificates && !certificate.is_ca() {
            return Err(OutOfScope::CaCertificatesOnly);
        }
        let mut points = certificate.distribution_points().map_err(|error| OutOfScope::Unreadable(Box::new(error)))?;
        points.push(DistributionPoint::of_issuer(certificate.issuer()));
        points.retain(|candidate| self.is_of_issuer(candidate, point.indirect, certificate));
        if points.is_empty() {
            let (list, certificate) = (self.issuer().to_string(), certificate.issuer().to_string());
            return Err(OutOfScope::Issuer { list, certificate });
        }
        let own: Option<HashSet<_>> =
            point.names(self.issuer()).map(|names| names.iter().map(GeneralName::key).collect());
        let of_point = |candidate: &&DistributionPoint| match &own {
            None => true,
            Some(own) => candidate.names(self.issuer()).iter().any(|name| own.contains(&name.key())),
        };
        let listed = point.reasons.unwrap_or(Reasons::ALL);
        let reasons = points
            .iter()
            .filter(of_point)
            .map(|candidate| candidate.reasons.unwrap_or(Reasons::ALL).intersection(listed))
            .reduce(Reasons::union);
        reasons.ok_or(OutOfScope::DistributionPoint)
    }

    /// §6.3.3 (b) (1): a point with cRLIssuer wants an indirect list of that issuer, another one a list of the certificate's.
    fn is_of_issuer(&self, point: &DistributionPoint, indirect: bool, certificate: &Certificate) -> bool {
        if point.crl_issuer.is_empty() {
            return self.issuer().matches(certificate.issuer());
        }
        let own = GeneralName::Directory(self.issuer().clone());
        indirect && point.crl_issuer.iter().any(|name| name.matches(&own))
    }
}
