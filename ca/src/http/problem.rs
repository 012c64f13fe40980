//! Refusals and failures as answers: 404 what is not there, 409 what the state of things forbids, 422 what cannot be had.

use axum::http::StatusCode;
use world::problem::Problem;

use crate::Error;

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        match &error {
            Error::NoHierarchy => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no_hierarchy", error),
            Error::UnknownSerial { .. }
            | Error::UnknownCrl { .. }
            | Error::CrlNotKept { .. }
            | Error::UnknownIssuer { .. } => Problem::not_found(error),
            Error::AlreadyRevoked { .. }
            | Error::AlreadyOnHold { .. }
            | Error::NotOnHold { .. }
            | Error::OutOfOrder { .. }
            | Error::RootNotRevocable { .. }
            | Error::IssuerNotValid { .. }
            | Error::Contended { .. }
            | Error::ContendedAuthority { .. }
            | Error::SeveralWithSerial { .. }
            | Error::PathTooLong { .. }
            | Error::ContendedCrl { .. } => Problem::conflict(error),
            Error::SinceInFuture { .. }
            | Error::SinceBeforeValidity { .. }
            | Error::InvalidityDateAfterRevocation { .. }
            | Error::ReasonNotAccepted { .. }
            | Error::Subject { .. }
            | Error::OrganizationIdentifier { .. }
            | Error::KeyNotAccepted { .. }
            | Error::WeakExponent { .. }
            | Error::KeyUnsound(_)
            | Error::OnlyForPss { .. }
            | Error::RequestNotVerified(_)
            | Error::ProfileNotEnrollable { .. }
            | Error::UnknownParent { .. }
            | Error::PlannedTwice { .. }
            | Error::CrossCertifiesItself { .. }
            | Error::NoPossession => Problem::unprocessable(error),
            Error::OneKey { .. } | Error::AuthorityId { .. } | Error::AuthorityName { .. } => {
                Problem::bad_request(error)
            }
            Error::TrustFolder { .. }
            | Error::Stored { .. }
            | Error::Time(_)
            | Error::Pki(_)
            | Error::Signer(_)
            | Error::World(_)
            | Error::Database(_) => Problem::failed(&error),
        }
    }
}
