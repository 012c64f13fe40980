//! A time-stamping unit (TSU, EN 319 421 clause 3.1): one key, its certificate chain and the policies that it stamps under.
//! Everything of a token that stays the same is encoded once, when the unit is made or read back.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use pki::{Accuracy, Certificate, KeyKind, ObjectIdentifier, Scheme, SignatureAlgorithm, TokenAssembler, oid};
use signer::KeyId;
use world::time::whole_seconds;

use crate::Error;

/// A unit as it is asked for.
#[derive(Clone, Debug)]
pub struct NewUnit {
    /// The last part of its address, `/tsa/NAME`.
    pub name: UnitName,
    /// Its key in the key server.
    pub key: KeyId,
    /// Its certificate, then the CA certificates above it. They go into tokens when a request sets certReq.
    pub chain: Vec<Certificate>,
    /// How it signs; else with what fits the strength of its key, of which RSA means PKCS #1 v1.5.
    pub algorithm: Option<SignatureAlgorithm>,
    /// The policy of a token whose request names none.
    pub policy: ObjectIdentifier,
    /// Further policies that a request may name.
    pub accepted_policies: Vec<ObjectIdentifier>,
    /// How far genTime may be from UTC (TSTInfo.accuracy). What is less than a second gives genTime a fraction of a second, cut to
    /// milli- or microseconds, so that the accuracy covers the cut (EN 319 422 clause 5.2.1).
    pub accuracy: Accuracy,
    /// Whether its tokens can be ordered by genTime alone (TSTInfo.ordering, RFC 3161 clause 2.4.2): no two of them have the same,
    /// also when the world's clock stands.
    pub ordering: bool,
}

impl NewUnit {
    /// A unit with the testbed's own policy and an accuracy of one second.
    pub fn new(name: UnitName, key: KeyId, chain: Vec<Certificate>) -> NewUnit {
        let policy = oid::TESTBED_TSA_POLICY;
        let accuracy = Accuracy::seconds(1);
        NewUnit { name, key, chain, algorithm: None, policy, accepted_policies: Vec::new(), accuracy, ordering: false }
    }
}

/// The name of a unit: 1 to 40 of a–z, 0–9 and `-`; never `api`, which is a path of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitName(String);

impl UnitName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UnitName {
    type Err = Error;

    fn from_str(text: &str) -> Result<UnitName, Error> {
        let letters = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if !letters || text == "api" || !(1..=40).contains(&text.len()) {
            return Err(Error::UnitName { found: text.into() });
        }
        Ok(UnitName(text.into()))
    }
}

impl fmt::Display for UnitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A unit ready to stamp.
pub struct Unit {
    name: UnitName,
    key: KeyId,
    chain: Vec<Certificate>,
    algorithm: SignatureAlgorithm,
    /// The algorithm that it was given, which its successors keep.
    given_algorithm: Option<SignatureAlgorithm>,
    accuracy: Accuracy,
    ordering: bool,
    /// genTime is cut to so many microseconds.
    precision: i64,
    assemblers: Vec<(ObjectIdentifier, TokenAssembler)>,
    not_before: Timestamp,
    not_after: Timestamp,
    since: Timestamp,
}

impl Unit {
    /// Encodes what all tokens of the unit share, once for each policy. `since`: when it got this key and certificate.
    pub(crate) fn new(new: &NewUnit, since: Timestamp) -> Result<Unit, Error> {
        let name = new.name.clone();
        let certificate = new.chain.first().ok_or_else(|| Error::NoCertificate { name: name.clone() })?;
        let Accuracy { seconds, milliseconds, microseconds } = new.accuracy;
        if (seconds, milliseconds, microseconds) == (0, 0, 0) || milliseconds > 999 || microseconds > 999 {
            return Err(Error::Accuracy { name, found: new.accuracy });
        }
        let kind = certificate.public_key().kind();
        let algorithm = new.algorithm.unwrap_or(kind.default_signature_algorithm());
        if !fits(kind, algorithm) {
            return Err(Error::Algorithm { name, algorithm, kind });
        }
        let mut assemblers = Vec::new();
        for policy in std::iter::once(&new.policy).chain(&new.accepted_policies) {
            if !assemblers.iter().any(|(known, _)| known == policy) {
                let assembler = TokenAssembler::new(certificate, &new.chain[1..], algorithm, *policy, new.accuracy)?;
                assemblers.push((*policy, if new.ordering { assembler.ordered() } else { assembler }));
            }
        }
        let (not_before, not_after) = key_use(certificate);
        Ok(Unit {
            name,
            key: new.key.clone(),
            chain: new.chain.clone(),
            algorithm,
            given_algorithm: new.algorithm,
            accuracy: new.accuracy,
            ordering: new.ordering,
            precision: precision(new),
            assemblers,
            not_before,
            not_after,
            since: whole_seconds(since),
        })
    }

    /// The same unit with another key and certificate: algorithm, policies, accuracy and ordering are its own, and stay.
    pub(crate) fn with_key(&self, key: KeyId, chain: Vec<Certificate>) -> NewUnit {
        let mut policies = self.policies().copied();
        NewUnit {
            name: self.name.clone(),
            key,
            chain,
            algorithm: self.given_algorithm,
            policy: policies.next().expect("a unit has its default policy"),
            accepted_policies: policies.collect(),
            accuracy: self.accuracy,
            ordering: self.ordering,
        }
    }

    /// The last part of its address.
    pub fn name(&self) -> &UnitName {
        &self.name
    }

    /// Its key in the key server.
    pub fn key(&self) -> &KeyId {
        &self.key
    }

    /// Its certificate, then the CA certificates above it.
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    /// Its certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.chain[0]
    }

    /// The whole second from which on it has this key and certificate.
    pub(crate) fn since(&self) -> Timestamp {
        self.since
    }

    /// How it signs.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// TSTInfo.accuracy.
    pub fn accuracy(&self) -> Accuracy {
        self.accuracy
    }

    /// TSTInfo.ordering.
    pub fn ordering(&self) -> bool {
        self.ordering
    }

    /// genTime of a token that is made now, as exact as its accuracy asks for, and never later.
    pub(crate) fn gen_time(&self, now: Timestamp) -> Timestamp {
        let microseconds = now.as_microsecond();
        let cut = microseconds - microseconds.rem_euclid(self.precision);
        Timestamp::from_microsecond(cut).expect("a time before one that is in range, by less than a second")
    }

    /// The policies that it stamps under, the default first.
    pub fn policies(&self) -> impl Iterator<Item = &ObjectIdentifier> {
        self.assemblers.iter().map(|(policy, _)| policy)
    }

    pub(crate) fn default_assembler(&self) -> &TokenAssembler {
        &self.assemblers[0].1
    }

    pub(crate) fn assembler(&self, policy: &ObjectIdentifier) -> Option<&TokenAssembler> {
        self.assemblers.iter().find(|(known, _)| known == policy).map(|(_, assembler)| assembler)
    }

    /// The first and the last second at which it may stamp.
    pub fn key_use(&self) -> (Timestamp, Timestamp) {
        (self.not_before, self.not_after)
    }

    /// Why the unit must not stamp at that time, if it must not: outside the validity of its certificate, or of its
    /// private key (RFC 3280 clause 4.2.1.4), both ends included (EN 319 421 clause 7.7.1).
    ///
    /// The failure is `timeNotAvailable`: there is no time that this unit could attest. Not `systemFailure`, which says
    /// that something broke and that asking again may help.
    pub fn unusable_at(&self, at: Timestamp) -> Option<Unusable> {
        if at < self.not_before {
            return Some(Unusable::NotYet { unit: self.name.clone(), not_before: self.not_before, at });
        }
        (at > self.not_after).then(|| Unusable::NoLonger { unit: self.name.clone(), not_after: self.not_after, at })
    }
}

/// Whether a key of that kind signs so.
fn fits(kind: KeyKind, algorithm: SignatureAlgorithm) -> bool {
    match kind {
        KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => algorithm.scheme == Scheme::Ecdsa,
        KeyKind::Rsa { .. } => matches!(algorithm.scheme, Scheme::RsaPkcs1 | Scheme::RsaPss),
        KeyKind::Other(_) => false,
    }
}

/// How exact genTime is, in microseconds: so that a cut is covered by the accuracy, and no two tokens of one second need be equal
/// where they are to be ordered.
fn precision(new: &NewUnit) -> i64 {
    match new.accuracy {
        _ if new.ordering => 1,
        Accuracy { seconds: 1.., .. } => 1_000_000,
        Accuracy { milliseconds: 1.., .. } => 1_000,
        Accuracy { .. } => 1,
    }
}

/// Why a unit must not stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// Its certificate or key period has not begun.
    NotYet {
        /// The unit.
        unit: UnitName,
        /// The first moment at which it may stamp.
        not_before: Timestamp,
        /// The world's time.
        at: Timestamp,
    },
    /// Its certificate or key period is over.
    NoLonger {
        /// The unit.
        unit: UnitName,
        /// The last moment at which it could stamp.
        not_after: Timestamp,
        /// The world's time.
        at: Timestamp,
    },
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unusable::NotYet { unit, not_before, at } => {
                write!(f, "unit {unit} may stamp from {not_before} on; the clock shows {at}")
            }
            Unusable::NoLonger { unit, not_after, at } => {
                write!(
                    f,
                    "unit {unit} could stamp until {not_after}; the clock shows {at}: renew it while its CA is valid, or set the clock back"
                )
            }
        }
    }
}

/// The time in which the key may be used: the validity of the certificate, narrowed by privateKeyUsagePeriod.
fn key_use(certificate: &Certificate) -> (Timestamp, Timestamp) {
    let (mut first, mut last) = (certificate.not_before(), certificate.not_after());
    if let Some((from, until)) = certificate.private_key_usage_period() {
        first = from.map_or(first, |from| from.max(first));
        last = until.map_or(last, |until| until.min(last));
    }
    (first, last)
}

impl fmt::Debug for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unit").field("name", &self.name).field("key", &self.key).finish_non_exhaustive()
    }
}
