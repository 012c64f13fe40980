//! A file that waits for its signature, and the embedding of it. In: a CMS or a time-stamp token in DER. Out: the sealed file.

use crate::{error::Error, seed_value::Demands, warning::Warning};
use std::ops::Range;

/// A PDF whose last revision has an empty signature of fixed size; made by [`crate::prepare`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    bytes: Vec<u8>,
    byte_range: [u64; 4],
    contents: Range<usize>,
    reserved: usize,
    demands: Demands,
    warnings: Vec<Warning>,
}

impl Prepared {
    pub(crate) fn new(bytes: Vec<u8>, byte_range: [u64; 4], contents: Range<usize>, reserved: usize) -> Prepared {
        Prepared { bytes, byte_range, contents, reserved, demands: Demands::default(), warnings: Vec::new() }
    }

    pub(crate) fn with(self, demands: Demands, warnings: Vec<Warning>) -> Prepared {
        Prepared { demands, warnings, ..self }
    }

    /// What the field demands of certificate, digest, time-stamp and revocation data. It is for the caller to satisfy: what is
    /// required and is not satisfied must not be sealed.
    pub fn demands(&self) -> &Demands {
        &self.demands
    }

    /// What whoever wanted the seal should be told.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// /ByteRange: offset and length of the two signed parts.
    pub fn byte_range(&self) -> [u64; 4] {
        self.byte_range
    }

    /// The signed bytes, before and after the /Contents token, to be hashed one after the other.
    pub fn signed_parts(&self) -> [&[u8]; 2] {
        [&self.bytes[..self.contents.start], &self.bytes[self.contents.end..]]
    }

    /// How many bytes the signature may have.
    pub fn reserved(&self) -> usize {
        self.reserved
    }

    /// The sealed file: `cms` as hexadecimal digits in /Contents, the rest of the reservation zeros.
    ///
    /// # Errors
    /// [`Error::CmsTooLarge`] if it is longer than the reservation.
    pub fn embed(mut self, cms: &[u8]) -> Result<Vec<u8>, Error> {
        if cms.len() > self.reserved {
            return Err(Error::CmsTooLarge { needed: cms.len(), reserved: self.reserved });
        }
        let start = self.contents.start + 1;
        let place = &mut self.bytes[start..start + 2 * cms.len()];
        hex::encode_to_slice(cms, place).expect("the place has two digits for each byte");
        Ok(self.bytes)
    }
}
