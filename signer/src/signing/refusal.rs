//! Why the key server authorizes or signs nothing, in its own words. Each dialect says the same in its spelling.

use crate::Error;

/// A refused authorization or signature. `Failed` is the server's fault, all others the client's or the credential's.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SigningRefusal {
    /// More signatures than the credential makes with one authorization.
    #[error("one authorization of this credential is for at most {most} signatures, found {number}")]
    TooManySignatures { number: u64, most: u32 },
    /// SCAL 2: an authorization names the hashes.
    #[error("this credential authorizes named hashes only, found none")]
    HashesMissing,
    /// As many hashes are listed as signatures are to be authorized.
    #[error("wanted {number} hashes, as many as signatures, found {found}")]
    NumberOfHashes { number: u64, found: usize },
    #[error("the credential is disabled")]
    CredentialDisabled,
    #[error("Signing certificate is not valid yet")]
    CertificateNotYetValid,
    #[error("Signing certificate is expired")]
    CertificateExpired,
    #[error("Signing certificate is revoked")]
    CertificateRevoked,
    #[error("Signing certificate is suspended")]
    CertificateSuspended,
    /// Never granted, of another client or credential, or of a key that the credential does not have any more.
    #[error("there is no such authorization of this client and credential")]
    AuthorizationUnknown,
    #[error("the authorization is expired")]
    AuthorizationExpired,
    /// Not among the authorized ones, or signed as often as it was authorized.
    #[error("a hash is not authorized, or signed already")]
    HashNotAuthorized,
    #[error(transparent)]
    Failed(Error),
}

impl From<Error> for SigningRefusal {
    fn from(error: Error) -> SigningRefusal {
        match error {
            Error::AlreadyConsumed => SigningRefusal::HashNotAuthorized,
            other => SigningRefusal::Failed(other),
        }
    }
}
