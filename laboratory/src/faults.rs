//! Faults of services by the names that people give them. In: what goes wrong, and where. Out: rules of the network of that
//! world, or why there can be none.

use std::fmt;
use std::str::FromStr;

use http::{Method, StatusCode};
use pki::Certificate;
use serde::Deserialize;
use world::fault::{Act, Frequency, Rule};

use crate::authority::Authority;
use crate::{Error, Laboratory};

/// What can go wrong with a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// No answer.
    Down,
    /// HTTP 503.
    Unavailable,
    /// HTTP 429.
    TooManyRequests,
    /// What is served is what was known when the fault began.
    Stale,
    /// OCSP: *unknown*.
    StatusUnknown,
    /// OCSP: *good*, whatever is so.
    StatusGood,
    /// OCSP and CRL: expired certificates are forgotten.
    ExpiredForgotten,
    /// CRL: no nextUpdate.
    NoNextUpdate,
}

/// Where a fault is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The OCSP responder.
    Ocsp,
    /// The CRLs.
    Crl,
    /// OCSP responder and CRLs.
    Status,
    /// The CA's certificates.
    Certificates,
    /// The time-stamping authority.
    Tsa,
    /// The key server.
    KeyServer,
    /// Any path.
    Path(String),
}

/// A fault: what goes wrong, where, and with which requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceFault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// Where.
    pub place: Place,
    /// Only requests by this HTTP method.
    pub method: Option<Method>,
    /// With which of them.
    pub frequency: Frequency,
}

/// Why there can be no such fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// Not a fault that can be at that place.
    #[error("{kind} cannot happen on {place:?}: it is for {expected}")]
    NotThere {
        /// The fault.
        kind: FaultKind,
        /// The place.
        place: Place,
        /// Where it can be.
        expected: &'static str,
    },
    /// Not a place of faults.
    #[error(
        "there is no place {found:?}, expected one of ocsp, crl, status (both), certificates, tsa, key-server, or a path such as \
         /ca/crl/root.crl"
    )]
    NoSuchPlace {
        /// What was given.
        found: String,
    },
}

impl Authority<'_> {
    /// Makes its services fail from now on.
    ///
    /// # Errors
    /// If that cannot happen there.
    pub fn begin(&self, fault: &ServiceFault) -> Result<(), FaultError> {
        let act = fault.act()?;
        for path in fault.place.paths() {
            let (method, frequency) = (fault.method.clone(), fault.frequency);
            self.faults().add(Rule { path: path.into(), method, frequency, act: act.clone() });
        }
        Ok(())
    }

    /// Ends the faults at that place, or all of them.
    pub fn end_faults(&self, place: Option<&Place>) {
        match place {
            None => _ = self.faults().clear(None),
            Some(place) => place.paths().into_iter().for_each(|path| _ = self.faults().clear(Some(path))),
        }
    }
}

impl Laboratory {
    /// Asks once everything that may be asked at that place later, about these certificates, so that a fault of the kind
    /// [`FaultKind::Stale`] keeps the answers of this moment.
    ///
    /// # Errors
    /// If a service does not answer.
    pub async fn ask_everything(&self, place: &Place, certificates: &[Certificate]) -> Result<(), Error> {
        if matches!(place, Place::Ocsp | Place::Status) {
            for certificate in certificates {
                self.ocsp_answer(certificate).await?;
            }
        }
        if matches!(place, Place::Crl | Place::Status) {
            for authority in self.ca.generations().await? {
                self.crl_file(&authority.name).await?;
            }
        }
        Ok(())
    }
}

impl ServiceFault {
    fn act(&self) -> Result<Act, FaultError> {
        let only = |fits: bool, expected: &'static str| match fits {
            true => Ok(Act::Malformed(self.kind.to_string())),
            false => Err(FaultError::NotThere { kind: self.kind, place: self.place.clone(), expected }),
        };
        let path = |prefix: &str| matches!(&self.place, Place::Path(path) if path.starts_with(prefix));
        let ocsp = self.place == Place::Ocsp || path("/ca/ocsp");
        let crl = self.place == Place::Crl || path("/ca/crl");
        match self.kind {
            FaultKind::Down => Ok(Act::Drop),
            FaultKind::Unavailable => Ok(Act::Status(StatusCode::SERVICE_UNAVAILABLE)),
            FaultKind::TooManyRequests => Ok(Act::Status(StatusCode::TOO_MANY_REQUESTS)),
            FaultKind::Stale => Ok(Act::Stale),
            FaultKind::StatusUnknown | FaultKind::StatusGood => only(ocsp, "ocsp"),
            FaultKind::NoNextUpdate => only(crl, "crl"),
            FaultKind::ExpiredForgotten => only(ocsp || crl || self.place == Place::Status, "ocsp, crl or status"),
        }
    }
}

impl Place {
    /// The paths of the requests that fail.
    pub fn paths(&self) -> Vec<&str> {
        match self {
            Place::Ocsp => vec!["/ca/ocsp"],
            Place::Crl => vec!["/ca/crl"],
            Place::Status => vec!["/ca/ocsp", "/ca/crl"],
            Place::Certificates => vec!["/ca/certs"],
            Place::Tsa => vec!["/tsa"],
            Place::KeyServer => vec!["/csc"],
            Place::Path(path) => vec![path],
        }
    }
}

impl FromStr for Place {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Place, FaultError> {
        Ok(match text {
            "ocsp" => Place::Ocsp,
            "crl" => Place::Crl,
            "status" => Place::Status,
            "certificates" => Place::Certificates,
            "tsa" => Place::Tsa,
            "key-server" => Place::KeyServer,
            path if path.starts_with('/') => Place::Path(path.into()),
            found => return Err(FaultError::NoSuchPlace { found: found.into() }),
        })
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            FaultKind::Down => "down",
            FaultKind::Unavailable => "unavailable",
            FaultKind::TooManyRequests => "too-many-requests",
            FaultKind::Stale => "stale",
            FaultKind::StatusUnknown => "status-unknown",
            FaultKind::StatusGood => "status-good",
            FaultKind::ExpiredForgotten => "expired-forgotten",
            FaultKind::NoNextUpdate => "no-next-update",
        })
    }
}
