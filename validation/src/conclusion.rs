//! Conclusions of ETSI EN 319 102-1 clause 5.1.3 and their names in TS 119 102-2: an indication with, unless it is a pass, one
//! sub-indication that belongs to it. No other pair can be written.

use std::fmt;

/// What a building block or a whole validation comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Conclusion {
    /// PASSED; TOTAL-PASSED of a whole signature.
    Passed,
    /// FAILED; TOTAL-FAILED of a whole signature: it is certain that the signature is not good.
    Failed(Failure),
    /// INDETERMINATE: what is at hand does not suffice to say either.
    Indeterminate(Reason),
}

/// The six sub-indications of FAILED.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// The file or the signature does not have the form that its standard asks for.
    FormatFailure,
    /// The signed data has another digest.
    HashFailure,
    /// The signature value does not verify.
    SigCryptoFailure,
    /// Made after the certificate was revoked, as a content time-stamp proves.
    Revoked,
    /// Made after the certificate expired, as a content time-stamp proves.
    Expired,
    /// Made before the certificate was valid.
    NotYetValid,
}

/// The nineteen sub-indications of INDETERMINATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the standard's, clause 5.1.3 table 6 defines each")]
pub enum Reason {
    SigConstraintsFailure,
    ChainConstraintsFailure,
    CertificateChainGeneralFailure,
    CryptoConstraintsFailure,
    CryptoConstraintsFailureNoPoe,
    PolicyProcessingError,
    SignaturePolicyNotAvailable,
    TimestampOrderFailure,
    NoSigningCertificateFound,
    NoCertificateChainFound,
    NoCertificateChainFoundNoPoe,
    RevokedNoPoe,
    RevokedCaNoPoe,
    RevocationOutOfBoundsNoPoe,
    OutOfBoundsNotRevoked,
    OutOfBoundsNoPoe,
    NoPoe,
    TryLater,
    SignedDataNotFound,
}

impl Conclusion {
    /// Whether it is a pass.
    pub fn is_passed(self) -> bool {
        self == Conclusion::Passed
    }

    /// The indication of a whole signature: `TOTAL-PASSED`, `TOTAL-FAILED` or `INDETERMINATE`.
    pub fn indication(self) -> &'static str {
        match self {
            Conclusion::Passed => "TOTAL-PASSED",
            Conclusion::Failed(_) => "TOTAL-FAILED",
            Conclusion::Indeterminate(_) => "INDETERMINATE",
        }
    }

    /// The sub-indication, such as `HASH_FAILURE`; a pass has none.
    pub fn sub_indication(self) -> Option<&'static str> {
        match self {
            Conclusion::Passed => None,
            Conclusion::Failed(failure) => Some(failure.name()),
            Conclusion::Indeterminate(reason) => Some(reason.name()),
        }
    }

    /// Reads an indication with its sub-indication, as reports and scenario files write them.
    pub fn from_names(indication: &str, sub_indication: Option<&str>) -> Option<Conclusion> {
        let all = Failure::ALL.iter().map(|one| Conclusion::Failed(*one));
        let all = all.chain(Reason::ALL.iter().map(|one| Conclusion::Indeterminate(*one)));
        let mut all = std::iter::once(Conclusion::Passed).chain(all);
        all.find(|one| one.indication() == indication && one.sub_indication() == sub_indication)
    }

    /// Order of severity over several signatures: a failure is worse than what is undecided, and that than a pass.
    pub fn severity(self) -> u8 {
        match self {
            Conclusion::Passed => 0,
            Conclusion::Indeterminate(_) => 1,
            Conclusion::Failed(_) => 2,
        }
    }
}

impl fmt::Display for Conclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sub_indication() {
            None => f.write_str(self.indication()),
            Some(sub_indication) => write!(f, "{}/{sub_indication}", self.indication()),
        }
    }
}

impl Failure {
    /// All of them, in the standard's order.
    pub const ALL: [Failure; 6] = [
        Failure::FormatFailure,
        Failure::HashFailure,
        Failure::SigCryptoFailure,
        Failure::Revoked,
        Failure::Expired,
        Failure::NotYetValid,
    ];

    /// The standard's name.
    pub fn name(self) -> &'static str {
        match self {
            Failure::FormatFailure => "FORMAT_FAILURE",
            Failure::HashFailure => "HASH_FAILURE",
            Failure::SigCryptoFailure => "SIG_CRYPTO_FAILURE",
            Failure::Revoked => "REVOKED",
            Failure::Expired => "EXPIRED",
            Failure::NotYetValid => "NOT_YET_VALID",
        }
    }
}

impl Reason {
    /// All of them.
    pub const ALL: [Reason; 19] = [
        Reason::SigConstraintsFailure,
        Reason::ChainConstraintsFailure,
        Reason::CertificateChainGeneralFailure,
        Reason::CryptoConstraintsFailure,
        Reason::CryptoConstraintsFailureNoPoe,
        Reason::PolicyProcessingError,
        Reason::SignaturePolicyNotAvailable,
        Reason::TimestampOrderFailure,
        Reason::NoSigningCertificateFound,
        Reason::NoCertificateChainFound,
        Reason::NoCertificateChainFoundNoPoe,
        Reason::RevokedNoPoe,
        Reason::RevokedCaNoPoe,
        Reason::RevocationOutOfBoundsNoPoe,
        Reason::OutOfBoundsNotRevoked,
        Reason::OutOfBoundsNoPoe,
        Reason::NoPoe,
        Reason::TryLater,
        Reason::SignedDataNotFound,
    ];

    /// The standard's name.
    pub fn name(self) -> &'static str {
        match self {
            Reason::SigConstraintsFailure => "SIG_CONSTRAINTS_FAILURE",
            Reason::ChainConstraintsFailure => "CHAIN_CONSTRAINTS_FAILURE",
            Reason::CertificateChainGeneralFailure => "CERTIFICATE_CHAIN_GENERAL_FAILURE",
            Reason::CryptoConstraintsFailure => "CRYPTO_CONSTRAINTS_FAILURE",
            Reason::CryptoConstraintsFailureNoPoe => "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
            Reason::PolicyProcessingError => "POLICY_PROCESSING_ERROR",
            Reason::SignaturePolicyNotAvailable => "SIGNATURE_POLICY_NOT_AVAILABLE",
            Reason::TimestampOrderFailure => "TIMESTAMP_ORDER_FAILURE",
            Reason::NoSigningCertificateFound => "NO_SIGNING_CERTIFICATE_FOUND",
            Reason::NoCertificateChainFound => "NO_CERTIFICATE_CHAIN_FOUND",
            Reason::NoCertificateChainFoundNoPoe => "NO_CERTIFICATE_CHAIN_FOUND_NO_POE",
            Reason::RevokedNoPoe => "REVOKED_NO_POE",
            Reason::RevokedCaNoPoe => "REVOKED_CA_NO_POE",
            Reason::RevocationOutOfBoundsNoPoe => "REVOCATION_OUT_OF_BOUNDS_NO_POE",
            Reason::OutOfBoundsNotRevoked => "OUT_OF_BOUNDS_NOT_REVOKED",
            Reason::OutOfBoundsNoPoe => "OUT_OF_BOUNDS_NO_POE",
            Reason::NoPoe => "NO_POE",
            Reason::TryLater => "TRY_LATER",
            Reason::SignedDataNotFound => "SIGNED_DATA_NOT_FOUND",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_conclusion_is_read_back_from_its_names() {
        let all = Failure::ALL.map(Conclusion::Failed).into_iter().chain(Reason::ALL.map(Conclusion::Indeterminate));
        for conclusion in all.chain([Conclusion::Passed]) {
            let read = Conclusion::from_names(conclusion.indication(), conclusion.sub_indication());
            assert_eq!(read, Some(conclusion));
        }
        assert_eq!(Conclusion::from_names("TOTAL-PASSED", Some("REVOKED")), None);
        assert_eq!(Conclusion::from_names("INDETERMINATE", Some("REVOKED")), None, "REVOKED belongs to TOTAL-FAILED");
    }
}
