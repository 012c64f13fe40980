//! Time-stamp responses, RFC 3161 §2.4.2. In: a token or a failure. Out: a TimeStampResp, and back.

use super::{TimeStampFailure, TimeStampToken};
use crate::Error;
use crate::asn1::write;
use crate::asn1::{self, BIT_STRING, Element, INTEGER, SEQUENCE, UTF8_STRING};

/// What came back from a time-stamping authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeStampResponse {
    /// PKIStatus granted or grantedWithMods.
    Granted {
        /// The time-stamp.
        token: TimeStampToken,
        /// grantedWithMods: something differs from what was asked for.
        with_modifications: bool,
    },
    /// Any other PKIStatus.
    Refused {
        /// PKIStatus: 2 rejection, 3 waiting, 4 revocationWarning, 5 revocationNotification.
        status: u8,
        /// statusString, its parts joined by a space.
        text: Option<String>,
        /// The lowest bit of failInfo that RFC 3161 knows.
        failure: Option<TimeStampFailure>,
    },
}

impl TimeStampResponse {
    /// ```text
    /// TimeStampResp ::= SEQUENCE { status PKIStatusInfo, timeStampToken ContentInfo OPTIONAL }
    /// PKIStatusInfo ::= SEQUENCE {
    ///    status INTEGER, statusString SEQUENCE OF UTF8String OPTIONAL, failInfo BIT STRING OPTIONAL }
    /// ```
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is no TimeStampResp, or a granted one without a token.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let mut reader = asn1::single(der, SEQUENCE, "TimeStampResp")?.reader();
        let mut information = reader.sequence("status information")?;
        let status = information.expect(INTEGER, "status")?;
        let number = status.unsigned()?;
        let text = information.optional(SEQUENCE)?.map(|text| read_text(&text)).transpose()?;
        let bits = information.optional(BIT_STRING)?.map(|bits| bits.named_bits()).transpose()?;
        information.finish()?;
        let token = reader.optional(SEQUENCE)?;
        reader.finish()?;
        match (number, token) {
            (0 | 1, Some(token)) => {
                Ok(Self::Granted { token: TimeStampToken::from_der(token.raw)?, with_modifications: number == 1 })
            }
            (0 | 1, None) => Err(status.malformed("a token with status granted", "none")),
            (2..=5, _) => {
                let failure = bits
                    .and_then(|bits| TimeStampFailure::ALL.into_iter().find(|failure| bits & 1 << *failure as u8 != 0));
                Ok(Self::Refused { status: number as u8, text, failure })
            }
            _ => Err(status.malformed("a PKIStatus from 0 to 5", number.to_string())),
        }
    }

    /// A TimeStampResp with status granted, as DER.
    pub fn granted(token: &[u8]) -> Vec<u8> {
        write::sequence(&[&write::sequence(&[&write::unsigned(0)]), token])
    }

    /// A TimeStampResp with status rejection, as DER. badAlg is bit 0 of failInfo, systemFailure bit 25.
    pub fn refusal(failure: TimeStampFailure, text: &str) -> Vec<u8> {
        let text = write::sequence(&[&write::element(UTF8_STRING, &[text.as_bytes()])]);
        write::sequence(&[&write::sequence(&[&write::unsigned(2), &text, &write::named_bits(1 << failure as u8)])])
    }
}

fn read_text(element: &Element<'_>) -> Result<String, Error> {
    let mut reader = element.reader();
    let mut parts = Vec::new();
    while !reader.at_end() {
        parts.push(String::from_utf8_lossy(reader.expect(UTF8_STRING, "status text")?.value).into_owned());
    }
    Ok(parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_failure_survives_a_round_trip() {
        for failure in TimeStampFailure::ALL {
            let der = TimeStampResponse::refusal(failure, "why 理由");
            let expected =
                TimeStampResponse::Refused { status: 2, text: Some("why 理由".to_owned()), failure: Some(failure) };
            assert_eq!(TimeStampResponse::from_der(&der).unwrap(), expected);
        }
    }

    #[test]
    fn bad_algorithm_is_the_first_bit() {
        assert_eq!(
            hex::encode(TimeStampResponse::refusal(TimeStampFailure::BadAlgorithm, "")),
            "300d300b020102300 20c0003020780".replace(' ', "")
        );
    }

    #[test]
    fn granted_without_a_token_is_malformed() {
        assert!(matches!(TimeStampResponse::from_der(&TimeStampResponse::granted(&[])), Err(Error::Malformed { .. })));
    }

    proptest! {
        #[test]
        fn random_octets_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = TimeStampResponse::from_der(&bytes);
        }
    }
}
