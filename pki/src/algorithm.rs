//! Digest and signature algorithms, RFC 5754, RFC 5758, RFC 8017, RFC 4055, RFC 8410, BSI TR-03111.
//! In: AlgorithmIdentifiers. Out: enums and digests.

use crate::asn1::{Element, OID, Reader};
use crate::{Error, ObjectIdentifier};

mod digest;
mod pss;
mod signature;

pub use digest::{Digest, DigestAlgorithm};
pub use pss::PssParameters;
pub use signature::{Scheme, SignatureAlgorithm};

/// ```text
/// AlgorithmIdentifier ::= SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY OPTIONAL }
/// ```
pub(crate) fn algorithm_identifier<'a>(
    element: &Element<'a>,
) -> Result<(ObjectIdentifier, Option<Element<'a>>), Error> {
    let mut reader: Reader<'a> = element.reader();
    let identifier = reader.expect(OID, "algorithm identifier")?.oid()?;
    let parameters = if reader.at_end() { None } else { Some(reader.element()?) };
    reader.finish()?;
    Ok((identifier, parameters))
}
