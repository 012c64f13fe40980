//! What can go wrong when a unit is made, read back or renewed. A refused request is no error: it is an answer.

use signer::KeyId;

use crate::UnitName;

/// Failures of the authority itself.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The name cannot stand in an address.
    #[error("a unit's name is 1 to 40 of a-z, 0-9 and -, and not \"api\"; found {found:?}")]
    UnitName {
        /// What was given.
        found: String,
    },
    /// There is a unit of that name already.
    #[error("the unit {name} is there already; renew it to change its key")]
    UnitExists {
        /// The name.
        name: UnitName,
    },
    /// There is no unit of that name.
    #[error("no unit is named {name}; there are: {known}")]
    UnitUnknown {
        /// The name.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// A unit without certificate.
    #[error("the unit {name} needs a certificate chain, its own certificate first; found none")]
    NoCertificate {
        /// The name.
        name: UnitName,
    },
    /// The certificate is about another key.
    #[error("the unit {name} signs with key {key}, but the certificate of {subject} holds another public key")]
    KeyMismatch {
        /// The unit.
        name: UnitName,
        /// Its key.
        key: KeyId,
        /// The subject of the certificate that does not fit.
        subject: String,
    },
    /// An accuracy that TSTInfo cannot carry, or none.
    #[error(
        "the unit {name} needs an accuracy above zero, of at most 999 milliseconds and microseconds; found {found:?}"
    )]
    Accuracy {
        /// The unit.
        name: UnitName,
        /// What was given.
        found: pki::Accuracy,
    },
    /// An algorithm that the unit's key does not sign with.
    #[error(
        "the unit {name} has a key of kind {kind}, which does not sign by {algorithm}: ECDSA is for P-256, P-384 and P-521, RSASSA-PKCS1-v1_5 and RSASSA-PSS for RSA"
    )]
    Algorithm {
        /// The unit.
        name: UnitName,
        /// What was given.
        algorithm: pki::SignatureAlgorithm,
        /// The kind of its key.
        kind: pki::KeyKind,
    },
    /// The unit cannot stamp now.
    #[error("the unit {name} cannot stamp now: {why}")]
    Unusable {
        /// The unit.
        name: UnitName,
        /// Why.
        why: String,
    },
    /// The register of tokens cannot be written.
    #[error("the register of tokens did not take the token")]
    Register,
    /// The database holds something that this program did not write.
    #[error("the stored unit {name} cannot be read: {what}")]
    Stored {
        /// The unit.
        name: String,
        /// What is wrong.
        what: String,
    },
    /// A certificate cannot be read.
    #[error(transparent)]
    Pki(Box<pki::Error>),
    /// The key server refused.
    #[error(transparent)]
    Signer(#[from] signer::Error),
    /// The world's store failed.
    #[error(transparent)]
    World(#[from] world::Error),
    /// The database failed.
    #[error("the database of the time-stamping authority failed: {0}")]
    Database(#[from] world::store::DatabaseError),
}

impl From<pki::Error> for Error {
    fn from(error: pki::Error) -> Error {
        Error::Pki(Box::new(error))
    }
}
