//! What can go wrong when the CA is asked for something.

use std::path::PathBuf;

use jiff::Timestamp;
use pki::{KeyKind, RevocationReason, SerialNumber, oid};

use crate::authority::{AuthorityId, AuthorityName};
use crate::profile::Profile;

/// Refusals and failures of the CA.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No hierarchy has been made in this world.
    #[error("this world has no CA yet: its hierarchy has to be made first")]
    NoHierarchy,
    /// The issuing key's certificate does not cover the world's time.
    #[error(
        "the {issuer} CA is valid from {not_before} to {not_after}, the world's time is {at}: it signs nothing now; \
         `eseal clock set` and `eseal clock reset` bring the clock back"
    )]
    IssuerNotValid {
        /// Which CA.
        issuer: AuthorityName,
        /// First moment of its certificate.
        not_before: Timestamp,
        /// Last moment of its certificate.
        not_after: Timestamp,
        /// The world's time.
        at: Timestamp,
    },
    /// No certificate with that serial number was issued.
    #[error("no certificate with the serial number {serial} was issued here")]
    UnknownSerial {
        /// The serial number asked about.
        serial: SerialNumber,
    },
    /// No CRL with that number was published.
    #[error("the {issuer} CA has published no CRL with the number {number}")]
    UnknownCrl {
        /// Which CA.
        issuer: AuthorityId,
        /// The number asked about.
        number: u64,
    },
    /// A CRL with that number was published, and forgotten since.
    #[error(
        "the CRL {number} of the {issuer} CA is not kept any more: CRLs can be had by their number until 400 days after their nextUpdate"
    )]
    CrlNotKept {
        /// Which CA.
        issuer: AuthorityId,
        /// The number asked about.
        number: u64,
    },
    /// No authority of this world.
    #[error("there is no CA {found:?} here: wanted {known}")]
    UnknownIssuer {
        /// What was asked for.
        found: String,
        /// Those that there are.
        known: String,
    },
    /// No name for an authority.
    #[error(
        "wanted an authority's id of at most 40 small letters, digits and hyphens with a letter first, such as issuing; found {found:?}"
    )]
    AuthorityId {
        /// What was given.
        found: String,
    },
    /// A text names no authority, nor one of its keys.
    #[error(
        "wanted an authority's id of at most 40 small letters, digits and hyphens with a letter first, such as issuing, or with one of \
         its later keys, such as issuing.2; found {found:?}"
    )]
    AuthorityName {
        /// What was given.
        found: String,
    },
    /// A plan hangs below nobody.
    #[error(
        "the authority {id} is planned below {parent}, which is neither planned nor there, or hangs below {id} itself"
    )]
    UnknownParent {
        /// The authority planned.
        id: AuthorityId,
        /// What it is to hang below.
        parent: AuthorityId,
    },
    /// Two plans with one id.
    #[error("two authorities are planned with the id {id}")]
    PlannedTwice {
        /// Their id.
        id: AuthorityId,
    },
    /// An authority above does not permit so many below it (RFC 5280 clause 4.2.1.9).
    #[error("{id}, with {below} levels of CAs below it, cannot be certified by {parent}, whose path length is {limit}")]
    PathTooLong {
        /// Who was to be certified.
        id: AuthorityId,
        /// By whom.
        parent: AuthorityName,
        /// The path length in the certificate of that one.
        limit: u32,
        /// How many levels there are below the former.
        below: u32,
    },
    /// A cross-certificate goes from one authority to another.
    #[error("{id} cannot cross-certify itself: a rollover certifies its new key")]
    CrossCertifiesItself {
        /// Who was to.
        id: AuthorityId,
    },
    /// Another process rolled it over.
    #[error("another process gave the authority {id} a new key at the same moment")]
    ContendedAuthority {
        /// Which authority.
        id: AuthorityId,
    },
    /// Serial numbers are unique for each issuer only.
    #[error("{issuers} have each issued a certificate with the serial number {serial}")]
    SeveralWithSerial {
        /// The serial number asked about.
        serial: SerialNumber,
        /// Two of those that did.
        issuers: String,
    },
    /// A root's status is told by nobody: whoever trusts it decides.
    #[error("{serial} is the root: no CRL can list it, take it out of the trust anchors instead")]
    RootNotRevocable {
        /// The root's serial number.
        serial: SerialNumber,
    },
    /// It was revoked before.
    #[error("{serial} is revoked already, since {since} for {reason} (recorded at {recorded_at})")]
    AlreadyRevoked {
        /// The certificate.
        serial: SerialNumber,
        /// When the first revocation took effect.
        since: Timestamp,
        /// The reason of the first revocation.
        reason: RevocationReason,
        /// When the first revocation was recorded.
        recorded_at: Timestamp,
    },
    /// It was put on hold before.
    #[error("{serial} is on hold already, since {since}")]
    AlreadyOnHold {
        /// The certificate.
        serial: SerialNumber,
        /// When the hold began.
        since: Timestamp,
    },
    /// It cannot be released.
    #[error("{serial} is not on hold, so it cannot be released")]
    NotOnHold {
        /// The certificate.
        serial: SerialNumber,
    },
    /// A hold or release would be dated before the last one: the clock was set back in between.
    #[error("a fact about {serial} dated {since} cannot follow one dated {latest}: the world's clock was set back")]
    OutOfOrder {
        /// The certificate.
        serial: SerialNumber,
        /// The date of the refused fact.
        since: Timestamp,
        /// The date of the latest fact on record.
        latest: Timestamp,
    },
    /// Nothing can be revoked in the future.
    #[error("{serial} cannot be revoked since {since}: the world's time is {now}")]
    SinceInFuture {
        /// The certificate.
        serial: SerialNumber,
        /// The refused date.
        since: Timestamp,
        /// The world's time.
        now: Timestamp,
    },
    /// Nothing can be revoked before it existed.
    #[error("{serial} cannot be revoked since {since}: it is valid from {not_before}")]
    SinceBeforeValidity {
        /// The certificate.
        serial: SerialNumber,
        /// The refused date.
        since: Timestamp,
        /// First moment of the certificate.
        not_before: Timestamp,
    },
    /// The key was suspect before it was revoked, not after.
    #[error("{serial}: the invalidity date {invalidity_date} lies after the revocation at {since}")]
    InvalidityDateAfterRevocation {
        /// The certificate.
        serial: SerialNumber,
        /// The refused date.
        invalidity_date: Timestamp,
        /// The date of the revocation.
        since: Timestamp,
    },
    /// Reasons that a revocation cannot have.
    #[error("a revocation cannot have the reason {reason}: put on hold and release instead")]
    ReasonNotAccepted {
        /// The refused reason.
        reason: RevocationReason,
    },
    /// A subject attribute that no certificate may carry.
    #[error("{attribute}: wanted {expected}, found {found:?}")]
    Subject {
        /// `country`, `organization`, …
        attribute: &'static str,
        /// The rule.
        expected: &'static str,
        /// The refused value.
        found: String,
    },
    /// The organizationIdentifier does not follow EN 319 412-1.
    #[error("organizationIdentifier: wanted {expected}, found {found:?}")]
    OrganizationIdentifier {
        /// The refused value.
        found: String,
        /// The rule.
        expected: &'static str,
    },
    /// The key is too weak, or of a kind that the profile does not take.
    #[error("the profile {profile} takes {expected}, not {}", named(*found))]
    KeyNotAccepted {
        /// The profile asked for.
        profile: Profile,
        /// What it takes.
        expected: &'static str,
        /// The kind of the key offered.
        found: KeyKind,
    },
    /// An RSA key that is easy to misuse.
    #[error("wanted an RSA key with an odd exponent between 2^16 and 2^256, found the exponent 0x{exponent}")]
    WeakExponent {
        /// The exponent in hexadecimal.
        exponent: String,
    },
    /// Bytes in the shape of a key that are none, or an RSA key with numbers that no such key can have.
    #[error("the key cannot be certified: {0}")]
    KeyUnsound(#[source] Box<pki::Error>),
    /// The profile's keys sign with RSASSA-PKCS1-v1_5, which the key says that it does not.
    #[error("the profile {profile} takes keys of rsaEncryption, not of id-RSASSA-PSS: they could not sign RS256")]
    OnlyForPss {
        /// The profile asked for.
        profile: Profile,
    },
    /// The certification request is signed in a way that proves nothing, or that cannot be verified here.
    #[error("the certification request: {0}")]
    RequestNotVerified(#[source] Box<pki::Error>),
    /// CA and responder certificates are made by the CA for itself.
    #[error(
        "certificates of the profile {profile} are not enrolled for: wanted seal, time-stamping, badge or tls-client"
    )]
    ProfileNotEnrollable {
        /// The profile asked for.
        profile: Profile,
    },
    /// The certification request was not signed with the key that it names.
    #[error("the certification request is not signed with its own key, so possession of the key is not proved")]
    NoPossession,
    /// A body that asks for a certificate has to bring exactly one key.
    #[error("wanted either csr or public_key_pem, found {found}")]
    OneKey {
        /// `both` or `neither`.
        found: &'static str,
    },
    /// The trust folder cannot be written.
    #[error("cannot write {path}: {source}", path = path.display())]
    TrustFolder {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Facts about this certificate kept arriving from elsewhere.
    #[error("other facts about {serial} were recorded at the same moment: ask again")]
    Contended {
        /// The certificate.
        serial: SerialNumber,
    },
    /// Other CRLs kept appearing.
    #[error("other processes published CRLs of the {issuer} CA at the same moment: ask again")]
    ContendedCrl {
        /// Which CA.
        issuer: AuthorityName,
    },
    /// What the database holds cannot be read.
    #[error("the CA's tables hold a {column} that cannot be read: {found:?}")]
    Stored {
        /// The column.
        column: &'static str,
        /// Its content.
        found: String,
    },
    /// A date that no certificate can carry.
    #[error(transparent)]
    Time(#[from] world::time::TimeError),
    /// Something could not be read or encoded.
    #[error(transparent)]
    Pki(Box<pki::Error>),
    /// The key server refused.
    #[error("the key server refused: {0}")]
    Signer(#[source] Box<signer::Error>),
    /// The world's database failed.
    #[error(transparent)]
    World(#[from] world::Error),
    /// The world's database refused a statement.
    #[error("the CA's tables failed: {0}")]
    Database(#[from] world::store::DatabaseError),
}

/// A kind of key by the name that people know.
fn named(kind: KeyKind) -> String {
    let KeyKind::Other(identifier) = kind else { return kind.to_string() };
    let name = match identifier {
        oid::ED25519 => "Ed25519",
        oid::ED448 => "Ed448",
        oid::DSA => "DSA",
        oid::SECP256K1 => "secp256k1",
        oid::BRAINPOOL_P256R1 => "brainpoolP256r1",
        oid::BRAINPOOL_P384R1 => "brainpoolP384r1",
        oid::BRAINPOOL_P512R1 => "brainpoolP512r1",
        oid::EC_PUBLIC_KEY => "a curve without name",
        other => return other.to_string(),
    };
    format!("{name} ({identifier})")
}

// Boxed, so that a result is not as large as the largest of their errors.
impl From<pki::Error> for Error {
    fn from(error: pki::Error) -> Error {
        Error::Pki(Box::new(error))
    }
}

impl From<signer::Error> for Error {
    fn from(error: signer::Error) -> Error {
        Error::Signer(Box::new(error))
    }
}
