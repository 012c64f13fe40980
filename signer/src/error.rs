//! What can go wrong inside the key server. A refusal of a client's request is a value of its own, not an error.

use std::path::PathBuf;

use pki::{KeyKind, SignatureAlgorithm};

use crate::{AuditVerdict, KeyId};

/// Failures of key store, registration and storage.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The world failed.
    #[error(transparent)]
    World(#[from] world::Error),
    /// The database refused.
    #[error("the key server's tables failed: {0}")]
    Database(#[from] world::store::DatabaseError),
    /// A stored certificate or public key cannot be read.
    #[error("a stored certificate or key cannot be read: {0}")]
    Pki(Box<pki::Error>),
    /// Nobody could say how a certificate stands, so nothing is signed with it.
    #[error("the status of the certificate {serial} cannot be told: {cause}")]
    Status {
        /// Its serial number.
        serial: pki::SerialNumber,
        /// What its CA said.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A column holds something that this program never writes.
    #[error("the column {column} holds {found:?}, which this program never writes")]
    StoredValue {
        /// Table and column.
        column: &'static str,
        /// What stands there.
        found: String,
    },
    /// The file of the root key cannot be read or written.
    #[error("cannot use the root key file {path}: {source}", path = path.display())]
    RootKeyFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file of the root key of a world that is there is not.
    #[error(
        "the file {path} is missing, with which the keys of this world are encrypted: copy it there from worlds/NAME/root.key in the folder \
         of the testbed that made the world, or from where it was saved",
        path = path.display()
    )]
    RootKeyMissing {
        /// The file.
        path: PathBuf,
    },
    /// The file of the root key is not one.
    #[error("a root key file has 32 bytes; {path} has {found}", path = path.display())]
    RootKeyLength {
        /// The file.
        path: PathBuf,
        /// Its length in bytes.
        found: usize,
    },
    /// The world's keys are protected by a passphrase, and none was given.
    #[error("this world's keys are protected by a passphrase: set ESEAL_KEY_PASSPHRASE")]
    PassphraseMissing,
    /// The root key is not the one that protects this world's keys.
    #[error("the {root} is not the one that protects this world's keys")]
    WrongRootKey {
        /// Which root key was tried.
        root: String,
    },
    /// The system's random generator or the cryptographic module failed.
    #[error("the cryptographic module failed while {doing}")]
    Module {
        /// What was being done.
        doing: &'static str,
    },
    /// No key of that kind can be made.
    #[error("no key of the kind {kind} can be made: P-256, P-384, P-521, Ed25519, RSA-2048, RSA-3072 and RSA-4096 can")]
    UnsupportedKind {
        /// What was wanted.
        kind: KeyKind,
    },
    /// There is no such key.
    #[error("there is no key {key}")]
    NoSuchKey {
        /// The key that was asked for.
        key: KeyId,
    },
    /// A text is not a key's name.
    #[error("a key is named key- and 32 lower-case hexadecimal digits, found {found:?}")]
    KeyIdSyntax {
        /// What was given.
        found: String,
    },
    /// The stored private key was changed, or belongs to another row.
    #[error("the stored private key of {key} does not open under this world's root key: the row was changed")]
    KeyDamaged {
        /// The key.
        key: KeyId,
    },
    /// The key cannot sign with that algorithm.
    #[error("{key} is a {kind} key and cannot sign with {algorithm}")]
    WrongAlgorithm {
        /// The key.
        key: KeyId,
        /// Its kind.
        kind: KeyKind,
        /// What was wanted.
        algorithm: SignatureAlgorithm,
    },
    /// The digest was made by another algorithm than the signature algorithm wants.
    #[error("{algorithm} signs a digest of {expected} bytes, found {found}")]
    WrongDigest {
        /// What was wanted.
        algorithm: SignatureAlgorithm,
        /// The length of its digest in bytes.
        expected: usize,
        /// The length that was given.
        found: usize,
    },
    /// A client of that name is registered already.
    #[error("a client {client:?} is registered already; its secret can be reset")]
    ClientExists {
        /// The name.
        client: String,
    },
    /// A client's name cannot travel in an Authorization header as it is.
    #[error("a client is named with letters, digits and . _ ~ -, found {client:?}")]
    ClientName {
        /// The name.
        client: String,
    },
    /// There is no such client.
    #[error("there is no client {client:?}")]
    NoSuchClient {
        /// The name.
        client: String,
    },
    /// A credential of that name is registered already.
    #[error("a credential {credential:?} is registered already; its chain can be replaced")]
    CredentialExists {
        /// The name.
        credential: String,
    },
    /// There is no such credential.
    #[error("there is no credential {credential:?}")]
    NoSuchCredential {
        /// The name.
        credential: String,
    },
    /// A credential needs a name, at least one signature an authorization, and at least one certificate.
    #[error("the credential {credential:?} needs {missing}")]
    CredentialIncomplete {
        /// The name.
        credential: String,
        /// What it needs.
        missing: &'static str,
    },
    /// The first certificate of a chain is for another key.
    #[error("the first certificate of {credential:?} is for another key than {key}")]
    CertificateOfAnotherKey {
        /// The credential.
        credential: String,
        /// The key that it names.
        key: KeyId,
    },
    /// A signature was authorized once and is consumed already.
    #[error("the authorization of a hash was consumed by another request")]
    AlreadyConsumed,
    /// The audit chain does not hold.
    #[error("{verdict}; `eseal audit verify` tells more, and `eseal up --despite-broken-audit` starts nevertheless")]
    AuditBroken {
        /// What was found.
        verdict: Box<AuditVerdict>,
        /// The same for whoever answers a request.
        #[source]
        tampered: world::Tampered,
    },
    /// The credential must not sign now.
    #[error("the credential {credential:?} cannot sign now: {why}")]
    CredentialUnusable {
        /// The credential.
        credential: String,
        /// What its clients are told.
        why: String,
    },
    /// A stored secret was changed, or belongs to another name.
    #[error("the secret kept as {name:?} does not open under this world's root key: the row was changed")]
    SecretDamaged {
        /// Its name.
        name: String,
    },
    /// What has to be audited before it leaves cannot be written.
    #[error("the audit chain cannot be written: {cause}")]
    Unwritten {
        /// Why, told to all whom one transaction served.
        #[source]
        cause: std::sync::Arc<Error>,
    },
    /// The task that writes the ledger has ended.
    #[error("the key server is shutting down")]
    Stopped,
}

impl Error {
    /// Whether it keeps every event from being written, whatever it is: a full disk, or a chain that somebody changed.
    pub(crate) fn refuses_all(&self) -> bool {
        matches!(self, Error::AuditBroken { .. }) || world::store::cannot_be_written(self)
    }

    pub(crate) fn broken(verdict: AuditVerdict) -> Error {
        let tampered = world::Tampered(verdict.to_string());
        Error::AuditBroken { verdict: Box::new(verdict), tampered }
    }
}

impl From<pki::Error> for Error {
    fn from(error: pki::Error) -> Error {
        Error::Pki(Box::new(error))
    }
}
