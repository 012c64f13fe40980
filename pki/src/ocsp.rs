//! OCSP, RFC 6960.

use std::fmt;

use crate::encode;

/// Why a responder gives no answer (RFC 6960 §4.2.1, OCSPResponseStatus).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum OcspRefusal {
    /// The request is not an OCSPRequest.
    MalformedRequest = 1,
    /// The responder is in an inconsistent state.
    InternalError = 2,
    /// The responder cannot answer now.
    TryLater = 3,
    /// The request must be signed.
    SigRequired = 5,
    /// The client may not ask, or the responder does not answer for this CA.
    Unauthorized = 6,
}

impl OcspRefusal {
    /// `OCSPResponse ::= SEQUENCE { responseStatus ENUMERATED }`, without responseBytes.
    pub fn to_der(self) -> Vec<u8> {
        encode::sequence(&[&encode::tlv(crate::asn1::ENUMERATED, &[&[self as u8]])])
    }
}

impl fmt::Display for OcspRefusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::MalformedRequest => "malformedRequest",
            Self::InternalError => "internalError",
            Self::TryLater => "tryLater",
            Self::SigRequired => "sigRequired",
            Self::Unauthorized => "unauthorized",
        })
    }
}
