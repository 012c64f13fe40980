//! The two versions of the API that are spoken, and what they call things.

/// Which version of the API a path speaks. Both take each other's names; they differ in answers and in a few texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `/csc/v1`, CSC API 1.0.4.0.
    V1,
    /// `/csc/v2`, CSC API 2.2.0.0.
    V2,
}

impl Dialect {
    /// The dialect's own name for the identifier of the hash algorithm, which stands in its error texts.
    pub(crate) fn hash_algorithm(self) -> &'static str {
        match self {
            Dialect::V1 => "hashAlgo",
            Dialect::V2 => "hashAlgorithmOID",
        }
    }
}
