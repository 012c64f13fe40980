//! Certificate profiles as data: EN 319 412-2 and -3 for the seal, RFC 3161 clause 2.3 and EN 319 422 for the time-stamping
//! unit, RFC 6960 clause 4.2.2.2 for the OCSP responder, RFC 5280 clause 4.2 for the CAs.
//!
//! In: a profile's name. Out: everything about its certificates that does not depend on who asks.
//!
//! No profile claims to be qualified: no qcStatements, no policy of the ETSI arcs. The policies stand under the testbed's
//! own UUID arc (`pki::oid::TESTBED_…`).

use std::fmt;
use std::str::FromStr;

use pki::{KeyKind, KeyUsageBit, ObjectIdentifier, PublicKey, oid};
use world::time::Duration;

use crate::Error;

/// Smallest RSA key: TS 119 312 asks for 1900 bits, and key stores make 2048.
const SMALLEST_RSA: u32 = 2048;

/// Largest: as the verifier and OpenSSL take it.
const LARGEST_RSA: u32 = 16_384;

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// The trust anchor.
    Root,
    /// A CA that signs other CAs, below a root.
    IntermediateCa,
    /// A CA that signs end certificates.
    IssuingCa,
    /// A further certificate for the key of a CA.
    CrossCertificate,
    /// A delegated OCSP responder.
    OcspResponder,
    /// An organisation's e-seal.
    Seal,
    /// A time-stamping unit.
    TimeStamping,
    /// An organisation's key for badges as signed credentials (VC-JWT with RS256).
    Badge,
    /// The testbed's own server for TLS. Like that of a client, it is valid by the machine's time: TLS knows no other.
    TlsServer,
    /// A client that shows a certificate in TLS.
    TlsClient,
}

/// Where a verifier is told to ask for the status of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StatusPointers {
    /// Nowhere: an anchor is trusted or not.
    None,
    /// Nowhere, and id-pkix-ocsp-nocheck says so; the certificate is renewed often instead.
    NoCheck,
    /// CRL and OCSP of its issuer, or one of them, as the issuer is set up.
    OfIssuer,
}

/// Which keys a profile takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    /// What [`Keys::Any`] takes, and Ed25519, which signs whole messages: certificates, CRLs, OCSP answers.
    OfAuthorities,
    /// P-256, P-384, P-521, RSA with 2048 to 16384 bits.
    Any,
    /// RSA with 2048 to 16384 bits, not bound to RSASSA-PSS.
    Rsa,
}

/// What all certificates of one profile have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// As scripts write it.
    pub(crate) name: &'static str,
    /// The critical keyUsage.
    pub(crate) key_usage: &'static [KeyUsageBit],
    /// The only extended key usage, critical; `None` leaves the extension out.
    pub(crate) extended_key_usage: Option<ObjectIdentifier>,
    /// Whether it has the basicConstraints of a CA.
    pub(crate) is_authority: bool,
    /// certificatePolicies.
    pub(crate) policy: Option<ObjectIdentifier>,
    /// How long it is valid, unless its issuer ends earlier.
    pub(crate) validity: Duration,
    /// How long its key signs, if that is shorter (privateKeyUsagePeriod).
    pub(crate) key_use: Option<Duration>,
    /// Where its status is told.
    pub(crate) status: StatusPointers,
    /// Which keys it takes.
    pub(crate) keys: Keys,
}

const ROOT: Rules = Rules {
    name: "root",
    key_usage: &[KeyUsageBit::KeyCertSign, KeyUsageBit::CrlSign],
    extended_key_usage: None,
    is_authority: true,
    policy: None,
    validity: Duration::years(30),
    key_use: None,
    status: StatusPointers::None,
    keys: Keys::OfAuthorities,
};

const ISSUING_CA: Rules = Rules {
    name: "issuing-ca",
    policy: Some(oid::ANY_POLICY),
    validity: Duration::years(20),
    status: StatusPointers::OfIssuer,
    ..ROOT
};

const INTERMEDIATE_CA: Rules = Rules { name: "intermediate-ca", ..ISSUING_CA };

const CROSS_CERTIFICATE: Rules = Rules { name: "cross-certificate", ..ISSUING_CA };

const OCSP_RESPONDER: Rules = Rules {
    name: "ocsp-responder",
    key_usage: &[KeyUsageBit::DigitalSignature],
    extended_key_usage: Some(oid::OCSP_SIGNING),
    is_authority: false,
    policy: None,
    validity: Duration::days(90),
    key_use: None,
    status: StatusPointers::NoCheck,
    keys: Keys::OfAuthorities,
};

/// keyUsage is type A of EN 319 412-2 clause 4.3.2, which that clause prefers: nonRepudiation alone is what pyHanko's and
/// the EU DSS's default policies ask for, and NSS and OpenSSL take it for a signer as well. Without an extended key usage,
/// because NSS knows no use for documentSigning.
const SEAL: Rules = Rules {
    name: "seal",
    key_usage: &[KeyUsageBit::NonRepudiation],
    extended_key_usage: None,
    is_authority: false,
    policy: Some(oid::TESTBED_SEAL_LEVEL_1_POLICY),
    validity: Duration::years(3),
    key_use: None,
    status: StatusPointers::OfIssuer,
    keys: Keys::Any,
};

/// Eleven years of validity for one year of stamping: the last stamp can be checked for ten years.
const TIME_STAMPING: Rules = Rules {
    name: "time-stamping",
    key_usage: &[KeyUsageBit::DigitalSignature],
    extended_key_usage: Some(oid::TIME_STAMPING),
    policy: Some(oid::TESTBED_TSA_POLICY),
    validity: Duration::years(11),
    key_use: Some(Duration::years(1)),
    ..SEAL
};

const BADGE: Rules = Rules {
    name: "badge",
    key_usage: &[KeyUsageBit::DigitalSignature],
    policy: Some(oid::TESTBED_BADGE_POLICY),
    keys: Keys::Rsa,
    ..SEAL
};

/// RFC 5280 clause 4.2.1.12. Key encipherment is for clients without ephemeral keys.
const TLS_SERVER: Rules = Rules {
    name: "tls-server",
    key_usage: &[KeyUsageBit::DigitalSignature, KeyUsageBit::KeyEncipherment],
    extended_key_usage: Some(oid::SERVER_AUTH),
    policy: None,
    validity: Duration::days(90),
    keys: Keys::Rsa,
    ..SEAL
};

const TLS_CLIENT: Rules = Rules {
    name: "tls-client",
    key_usage: &[KeyUsageBit::DigitalSignature],
    extended_key_usage: Some(oid::CLIENT_AUTH),
    validity: Duration::years(1),
    keys: Keys::Any,
    ..TLS_SERVER
};

impl Profile {
    /// All of them.
    pub const ALL: [Profile; 10] = [
        Profile::Root,
        Profile::IntermediateCa,
        Profile::IssuingCa,
        Profile::CrossCertificate,
        Profile::OcspResponder,
        Profile::Seal,
        Profile::TimeStamping,
        Profile::Badge,
        Profile::TlsServer,
        Profile::TlsClient,
    ];

    /// What its certificates have in common.
    #[must_use]
    pub(crate) fn rules(self) -> &'static Rules {
        match self {
            Profile::Root => &ROOT,
            Profile::IntermediateCa => &INTERMEDIATE_CA,
            Profile::IssuingCa => &ISSUING_CA,
            Profile::CrossCertificate => &CROSS_CERTIFICATE,
            Profile::OcspResponder => &OCSP_RESPONDER,
            Profile::Seal => &SEAL,
            Profile::TimeStamping => &TIME_STAMPING,
            Profile::Badge => &BADGE,
            Profile::TlsServer => &TLS_SERVER,
            Profile::TlsClient => &TLS_CLIENT,
        }
    }

    /// The name as scripts write it: `seal`, `time-stamping`, …
    #[must_use]
    pub fn name(self) -> &'static str {
        self.rules().name
    }

    /// How long its certificates are valid, unless another time is asked for or the issuer ends earlier.
    #[must_use]
    pub fn validity(self) -> Duration {
        self.rules().validity
    }

    /// Whether anybody may ask for such a certificate, or only the CA makes it for itself.
    #[must_use]
    pub fn is_enrollable(self) -> bool {
        matches!(self, Profile::Seal | Profile::TimeStamping | Profile::Badge | Profile::TlsClient)
    }

    /// Whether that key may be certified: it is a key, of a kind that the profile takes, and for RSA the public exponent is odd
    /// and between 2^16 and 2^256 (TS 119 312 clause 6.2.2.1). A large RSA key takes a second.
    pub(crate) fn check_public_key(self, key: &PublicKey) -> Result<(), Error> {
        self.check_key(key.kind())?;
        if self.rules().keys == Keys::Rsa && key.algorithm_oid() == oid::RSASSA_PSS {
            return Err(Error::OnlyForPss { profile: self });
        }
        match key.rsa_components() {
            Some((_, exponent))
                if !(3..=32).contains(&exponent.len()) || exponent.last().is_none_or(|low| low % 2 == 0) =>
            {
                Err(Error::WeakExponent { exponent: hex::encode(exponent) })
            }
            _ => key.check().map_err(|why| Error::KeyUnsound(Box::new(why))),
        }
    }

    /// TS 119 312 clause 6.2.2, as far as the profile takes such keys at all.
    pub(crate) fn check_key(self, found: KeyKind) -> Result<(), Error> {
        let of_nist = matches!(found, KeyKind::P256 | KeyKind::P384 | KeyKind::P521);
        let strong_rsa = matches!(found, KeyKind::Rsa { bits } if (SMALLEST_RSA..=LARGEST_RSA).contains(&bits));
        let ed25519 = found == KeyKind::Other(oid::ED25519);
        let (accepted, expected) = match self.rules().keys {
            Keys::OfAuthorities => {
                (strong_rsa || of_nist || ed25519, "P-256, P-384, P-521, Ed25519 or RSA from 2048 to 16384 bits")
            }
            Keys::Any => (strong_rsa || of_nist, "P-256, P-384, P-521 or RSA from 2048 to 16384 bits"),
            Keys::Rsa => (strong_rsa, "RSA from 2048 to 16384 bits"),
        };
        if accepted { Ok(()) } else { Err(Error::KeyNotAccepted { profile: self, expected, found }) }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A profile's name that nobody has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no profile {found:?}: wanted seal, time-stamping, badge or tls-client")]
pub struct NoSuchProfile {
    /// What was given.
    pub found: String,
}

impl FromStr for Profile {
    type Err = NoSuchProfile;

    fn from_str(text: &str) -> Result<Self, NoSuchProfile> {
        let found = Profile::ALL.into_iter().find(|profile| profile.name() == text);
        found.ok_or_else(|| NoSuchProfile { found: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for profile in Profile::ALL {
            assert_eq!(profile.name().parse(), Ok(profile));
        }
        assert!("qualified".parse::<Profile>().is_err());
    }

    #[test]
    fn short_and_absurd_rsa_keys_and_other_kinds_are_refused_by_every_profile() {
        for profile in Profile::ALL {
            let of_authority = profile.rules().is_authority || profile == Profile::OcspResponder;
            assert_eq!(profile.check_key(KeyKind::Other(oid::ED25519)).is_ok(), of_authority, "{profile}");
            for other in [oid::ED448, oid::SECP256K1, oid::BRAINPOOL_P256R1, oid::DSA] {
                assert!(profile.check_key(KeyKind::Other(other)).is_err(), "{profile} {other}");
            }
            assert!(profile.check_key(KeyKind::Rsa { bits: 16_385 }).is_err());
            assert!(profile.check_key(KeyKind::Rsa { bits: 1024 }).is_err());
            assert!(profile.check_key(KeyKind::Rsa { bits: 2048 }).is_ok());
        }
    }

    #[test]
    fn badges_are_signed_with_rsa_only() {
        assert!(Profile::Badge.check_key(KeyKind::P256).is_err());
        assert!(Profile::Seal.check_key(KeyKind::P256).is_ok());
    }
}
