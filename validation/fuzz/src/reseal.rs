//! Signatures over what was mutated. In: a PDF whose signatures do not hold any more. Out: the same octets with /Contents that
//! hold again, made by the fixed world, so that a validation does not end at the first wrong digest.

use std::ops::Range;

use pades::{Document, Signature, SignatureKind};

use crate::world::WORLD;

/// More are seldom in a file, and each costs three signatures.
const MOST: usize = 3;

/// The file with signatures that hold, as far as its byte ranges lie inside it; `None`: it has no such signature.
pub fn reseal(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut signatures = Document::parse(bytes).ok()?.signatures();
    signatures.sort_by_key(|signature| signature.contents_offset.end); // later ones are over earlier /Contents
    let mut resealed = bytes.to_vec();
    let mut count = 0;
    for signature in signatures.iter().take(MOST) {
        count += usize::from(replace(&mut resealed, signature).is_some());
    }
    (count > 0).then_some(resealed)
}

fn replace(bytes: &mut [u8], signature: &Signature) -> Option<()> {
    let digits = digits(bytes, &signature.contents_offset)?;
    let [first, length, second, rest] = signature.byte_range;
    let parts = [part(bytes, first, length)?, part(bytes, second, rest)?];
    let message = match signature.kind {
        SignatureKind::DocumentTimeStamp => WORLD.stamp(parts),
        _ => WORLD.seal(parts),
    };
    let message = hex::encode(message);
    let place = bytes.get_mut(digits)?;
    place.get_mut(..message.len())?.copy_from_slice(message.as_bytes());
    place[message.len()..].fill(b'0');
    Some(())
}

/// The digits between `<` and `>`.
fn digits(bytes: &[u8], token: &Range<usize>) -> Option<Range<usize>> {
    match bytes.get(token.clone())? {
        [b'<', .., b'>'] => Some(token.start + 1..token.end - 1),
        _ => None,
    }
}

fn part(bytes: &[u8], start: u64, length: u64) -> Option<&[u8]> {
    let start = usize::try_from(start).ok()?;
    bytes.get(start..start.checked_add(usize::try_from(length).ok()?)?)
}
