//! A fact: it holds, it fails for a stated reason, or nothing can be said and why. Never a bare boolean.

use std::fmt;
use std::ops::Range;

use pki::{Digest, ObjectIdentifier};

/// One line of what is so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// It is so.
    Holds,
    /// It is not so.
    Fails(Fault),
    /// It cannot be determined.
    Undetermined(Fault),
}

impl Fact {
    /// For reports: `null` means that it could not be determined.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Fact::Holds => Some(true),
            Fact::Fails(_) => Some(false),
            Fact::Undetermined(_) => None,
        }
    }

    /// Why it does not hold.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Fact::Holds => None,
            Fact::Fails(fault) | Fact::Undetermined(fault) => Some(fault),
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fact::Holds => f.write_str("holds"),
            Fact::Fails(fault) => write!(f, "fails: {fault}"),
            Fact::Undetermined(fault) => write!(f, "cannot be determined: {fault}"),
        }
    }
}

/// What is wrong, with the place or the values that were compared. Rule numbers are those of strict PDF checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// G1: the first range does not start at the first byte.
    FirstRange {
        /// Where it starts.
        found: u64,
    },
    /// G4, G5: what the ranges leave out is not this signature's /Contents token.
    Gap {
        /// Where the token lies.
        token: Range<usize>,
        /// What is left out.
        found: Range<u64>,
    },
    /// G3: the ranges go beyond the end of the file.
    BeyondFile {
        /// Where the longer one ends.
        end: u64,
        /// Length of the file.
        length: usize,
    },
    /// G8: the second range does not end where a revision ends.
    NotARevisionEnd {
        /// Where it ends.
        end: u64,
        /// Where revisions end.
        revisions: Vec<usize>,
    },
    /// G4: the /Contents token holds something else than hexadecimal digits in pairs.
    ContentsToken {
        /// Where.
        offset: usize,
    },
    /// G2: another signature ends inside what this one added.
    Overlap {
        /// The other one's field.
        field: String,
    },
    /// U2–U5: the value of the field is no usable signature dictionary.
    Dictionary {
        /// What the parser said.
        detail: String,
    },
    /// /Contents is not a structure of its kind.
    Unreadable {
        /// What the parser said.
        detail: String,
    },
    /// The byte range goes beyond the file, so that nobody can say what was signed.
    NoSignedBytes,
    /// C1: /Contents is in BER.
    NotDer,
    /// G7: something else than zeros follows the message.
    Padding {
        /// How many octets, the first of them not zero.
        octets: usize,
    },
    /// C1: not exactly one SignerInfo.
    Signers {
        /// How many.
        found: usize,
    },
    /// C1: a seal is detached from its content; a time-stamp token brings its own.
    Content {
        /// Whether there must be content.
        wanted: bool,
    },
    /// C1: the message, or its signed attribute, is about another type of content.
    ContentType {
        /// The type that it must have.
        wanted: ObjectIdentifier,
    },
    /// C1: there are no signed attributes.
    NoSignedAttributes,
    /// C4: the signed attributes are not in the order of DER.
    AttributeOrder,
    /// C5: the signer's digest algorithm is not among those that the message announces.
    DigestNotAnnounced {
        /// The signer's.
        found: ObjectIdentifier,
    },
    /// An algorithm that is not offered here.
    Algorithm {
        /// Which one.
        detail: String,
    },
    /// A kind of signature that is not PAdES baseline.
    SubFilter {
        /// The /SubFilter.
        found: String,
    },
    /// What was signed is another digest than that of the bytes.
    Digest {
        /// The digest of the bytes.
        computed: Digest,
        /// The digest that was signed; `None` when the attribute is missing.
        signed: Option<Digest>,
    },
    /// The certificate that the signature names is not embedded.
    NoSignerCertificate,
    /// The signature value does not verify.
    Signature {
        /// What the check said.
        detail: String,
    },
    /// The signed reference is missing or is to another certificate.
    Reference {
        /// What the check said.
        detail: String,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::FirstRange { found } => write!(f, "the byte range must start at 0; it starts at {found}"),
            Fault::Gap { token, found } => write!(
                f,
                "the byte range must leave out the /Contents token at {}..{}; it leaves out {}..{}",
                token.start, token.end, found.start, found.end
            ),
            Fault::BeyondFile { end, length } => {
                write!(f, "the byte range must end inside the file of {length} bytes; it ends at {end}")
            }
            Fault::NotARevisionEnd { end, revisions } => {
                write!(f, "the byte range must end where a revision ends ({revisions:?}); it ends at {end}")
            }
            Fault::ContentsToken { offset } => {
                write!(f, "/Contents must be hexadecimal digits in pairs; offset {offset} has something else")
            }
            Fault::Overlap { field } => {
                write!(f, "earlier signatures must end before /Contents; that of field {field} ends after it")
            }
            Fault::Dictionary { detail } => write!(f, "the signature dictionary cannot be used: {detail}"),
            Fault::Unreadable { detail } => write!(f, "/Contents cannot be read: {detail}"),
            Fault::NoSignedBytes => f.write_str("the byte range goes beyond the file"),
            Fault::NotDer => f.write_str("/Contents must be in DER; it is in BER"),
            Fault::Padding { octets } => {
                write!(f, "only zeros may follow the message in /Contents; the last {octets} octets are something else")
            }
            Fault::Signers { found } => write!(f, "there must be exactly one SignerInfo; found {found}"),
            Fault::Content { wanted: false } => f.write_str("a seal must be detached; it has content of its own"),
            Fault::Content { wanted: true } => f.write_str("a token must have content; it has none"),
            Fault::ContentType { wanted } => write!(f, "the content type, also as signed, must be {wanted}"),
            Fault::NoSignedAttributes => f.write_str("there are no signed attributes, so that no digest stands apart"),
            Fault::AttributeOrder => f.write_str("the signed attributes must be in the order of DER"),
            Fault::DigestNotAnnounced { found } => {
                write!(f, "digestAlgorithms must have the signer's digest algorithm {found}")
            }
            Fault::Algorithm { detail } => f.write_str(detail),
            Fault::SubFilter { found } => {
                write!(f, "wanted /SubFilter ETSI.CAdES.detached or ETSI.RFC3161; found {found}")
            }
            Fault::Digest { computed, signed: Some(signed) } => {
                write!(f, "the {} of the bytes is {computed}; signed was {signed}", computed.algorithm())
            }
            Fault::Digest { computed, signed: None } => {
                write!(f, "the {} of the bytes is {computed}; no digest was signed", computed.algorithm())
            }
            Fault::NoSignerCertificate => f.write_str("the signer's certificate is not embedded"),
            Fault::Signature { detail } => write!(f, "the signature does not verify: {detail}"),
            Fault::Reference { detail } => write!(f, "the signed certificate reference does not hold: {detail}"),
        }
    }
}
