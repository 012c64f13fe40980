//! Authorities that are to be made, and how they work. In: what an operator decides. Out: what [`Ca::establish`](crate::Ca::establish)
//! makes.

use jiff::Timestamp;
use pki::{KeyAlgorithm, KeyKind};
use world::time::Duration;

use crate::authority::AuthorityId;
use crate::profile::Profile;
use crate::{Error, Subject, responder_certificate};

/// An authority to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityPlan {
    /// Its id, which no other authority of the world has.
    pub id: AuthorityId,
    /// Who signs its certificate; `None` makes it a root.
    pub parent: Option<AuthorityId>,
    /// The name in its certificate.
    pub subject: Subject,
    /// How long its certificate is valid; `None` for 30 years as a root and 20 years else. It never outlives its parent.
    pub validity: Option<Duration>,
    /// When its first certificate begins; `None` for the world's time.
    pub begins: Option<Timestamp>,
    /// When it got further keys, each after the one before and none after the world's time.
    pub rollovers: Vec<Timestamp>,
    /// How it works.
    pub settings: AuthoritySettings,
}

/// How an authority works, as long as it exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthoritySettings {
    /// Its keys and how they sign.
    pub algorithm: KeyAlgorithm,
    /// The same of its OCSP responders.
    pub ocsp_algorithm: KeyAlgorithm,
    /// How long a CRL of it holds; `None` for a day if it certifies no authorities, and for 90 days else.
    pub crl_validity: Option<Duration>,
    /// How long an OCSP answer about its certificates holds.
    pub ocsp_validity: Duration,
    /// Which addresses the certificates that it issues name for their status.
    pub status: StatusAddresses,
}

/// Where a certificate says that its status is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusAddresses {
    /// In a CRL.
    Crl,
    /// By an OCSP responder.
    Ocsp,
    /// By both.
    CrlAndOcsp,
}

impl StatusAddresses {
    pub(crate) fn has_crl(self) -> bool {
        self != StatusAddresses::Ocsp
    }

    pub(crate) fn has_ocsp(self) -> bool {
        self != StatusAddresses::Crl
    }
}

impl From<KeyAlgorithm> for AuthoritySettings {
    /// The usual settings.
    fn from(algorithm: KeyAlgorithm) -> AuthoritySettings {
        AuthoritySettings {
            algorithm,
            ocsp_algorithm: algorithm,
            crl_validity: None,
            ocsp_validity: Duration::days(1),
            status: StatusAddresses::CrlAndOcsp,
        }
    }
}

impl AuthorityPlan {
    /// An authority with the usual settings, from the world's time on.
    #[must_use]
    pub fn new(
        id: AuthorityId,
        parent: Option<AuthorityId>,
        subject: Subject,
        algorithm: impl Into<KeyAlgorithm>,
    ) -> AuthorityPlan {
        let settings = AuthoritySettings::from(algorithm.into());
        AuthorityPlan { id, parent, subject, validity: None, begins: None, rollovers: Vec::new(), settings }
    }

    /// Passes if such keys are certified, and the name may stand in certificates, also with what its OCSP responders are called.
    ///
    /// # Errors
    /// The rule that does not hold.
    pub fn check(&self) -> Result<(), Error> {
        Profile::Root.check_key(self.settings.algorithm.kind)?;
        Profile::OcspResponder.check_key(self.settings.ocsp_algorithm.kind)?;
        responder_certificate::check_name(&self.subject.to_name()?)
    }

    /// The default world's: a root, and below it the CA that signs end certificates.
    #[must_use]
    pub fn two_levels(key: KeyKind) -> [AuthorityPlan; 2] {
        let plan = |id, parent, common_name: &str| {
            let subject = Subject {
                organization: "TESTBED Certification Services".into(),
                // A synthetic corporate number: no registration office has the number 9999.
                organization_identifier: "NTRJP-8999900000001".into(),
                common_name: common_name.into(),
                country: "JP".into(),
            };
            AuthorityPlan::new(id, parent, subject, key)
        };
        [
            plan(AuthorityId::ROOT, None, "TESTBED Root CA (NOT QUALIFIED)"),
            plan(AuthorityId::ISSUING, Some(AuthorityId::ROOT), "TESTBED Issuing CA (NOT QUALIFIED)"),
        ]
    }
}
