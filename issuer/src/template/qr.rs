//! The QR code of the verification address (ISO/IEC 18004). In: an address. Out: the dark modules as one path.
//!
//! Error correction level M: a stamp or a fold over one corner still reads. An address so long that its modules were too small for a scan at
//! 150 dots to the inch has level L, whose are larger. Modules are at least 0.33 mm, the least that phone cameras read well from paper, with
//! the standard's quiet zone of four modules around.

use fast_qr::{ECL, QRBuilder};
use krilla::geom::{Path, PathBuilder, Rect};

use super::sheet::MILLIMETRE;
use crate::error::Error;

/// Quiet zone in modules (ISO/IEC 18004 clause 5.3.8).
const QUIET_ZONE: usize = 4;

/// Least size of a module.
const LEAST_MODULE: f32 = 0.33 * MILLIMETRE;

/// Longest address: version 7 with level M holds 122 bytes, and its 45 modules and quiet zone are 0.5 mm each in our square.
const LONGEST_ADDRESS: usize = 122;

/// Least size of a module that a scan at 150 dots to the inch has 2.6 dots for.
const READABLE_MODULE: f32 = 0.44 * MILLIMETRE;

/// How many bytes versions 1 to 7 hold with level M (ISO/IEC 18004 table 7).
const BYTES_M: [usize; 7] = [14, 26, 42, 62, 84, 106, 122];

/// Whether modules are as large in a square of that side as a scan wants them.
pub(super) fn is_readable(address: &str, side: f32) -> bool {
    side / modules(address, BYTES_M) as f32 >= READABLE_MODULE
}

/// Modules of a side, quiet zone included.
fn modules(address: &str, bytes: [usize; 7]) -> usize {
    let version = 1 + bytes.iter().take_while(|most| **most < address.len()).count();
    17 + 4 * version + 2 * QUIET_ZONE
}

/// The dark modules of `address` in the square with this left upper corner and side, quiet zone included.
pub(super) fn path(address: &str, left: f32, top: f32, side: f32) -> Result<Path, Error> {
    let too_long = || Error::AddressTooLong { address: address.to_owned(), limit: LONGEST_ADDRESS };
    if address.len() > LONGEST_ADDRESS {
        return Err(too_long());
    }
    let level = if is_readable(address, side) { ECL::M } else { ECL::L };
    let code = QRBuilder::new(address).ecl(level).build().map_err(|_| too_long())?;
    let module = side / (code.size + 2 * QUIET_ZONE) as f32;
    debug_assert!(module >= LEAST_MODULE);
    let mut path = PathBuilder::new();
    for (row, modules) in (0..code.size).map(|row| (row, &code[row])) {
        let mut column = 0;
        while column < code.size {
            let length = modules[column..].iter().take_while(|module| module.value()).count();
            let place = |index: usize| module * (index + QUIET_ZONE) as f32;
            if let Some(run) = Rect::from_xywh(left + place(column), top + place(row), module * length as f32, module)
                .filter(|_| length > 0)
            {
                path.push_rect(run);
            }
            column += length.max(1);
        }
    }
    path.finish().ok_or_else(too_long)
}

/// Its square, where nobody draws it.
pub(super) fn frame(left: f32, top: f32, side: f32) -> Result<Path, Error> {
    let mut path = PathBuilder::new();
    path.push_rect(Rect::from_xywh(left, top, side, side).ok_or_else(no_square)?);
    path.finish().ok_or_else(no_square)
}

fn no_square() -> Error {
    Error::PdfRefused { problem: "the QR code has no square".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same with level L.
    const BYTES_L: [usize; 7] = [17, 32, 53, 78, 106, 134, 154];

    #[test]
    fn a_long_address_has_the_level_with_larger_modules_and_both_are_as_large_as_reckoned() {
        for (level, bytes) in [(ECL::M, BYTES_M), (ECL::L, BYTES_L)] {
            for length in 20..=LONGEST_ADDRESS {
                let address = format!("https://{}", "a".repeat(length - 8));
                let code = QRBuilder::new(address.as_str()).ecl(level).build().unwrap();
                assert_eq!(code.size + 2 * QUIET_ZONE, modules(&address, bytes), "{length}");
            }
        }
        let address = |length| "a".repeat(length);
        assert!(is_readable(&address(84), 58.0) && !is_readable(&address(85), 58.0));
        assert!(62.0 / modules(&address(LONGEST_ADDRESS), BYTES_L) as f32 >= READABLE_MODULE);
    }

    #[test]
    fn an_address_with_port_and_number_fits_and_an_endless_one_is_refused() {
        path("http://127.0.0.1:8700/w/spring-class/c/TESTBED1-2026-000123-8", 0.0, 0.0, 84.0).unwrap();
        path(&"a".repeat(LONGEST_ADDRESS), 0.0, 0.0, 84.0).unwrap();
        let message = path(&"a".repeat(LONGEST_ADDRESS + 1), 0.0, 0.0, 84.0).err().unwrap().to_string();
        assert!(message.contains("122"), "{message}");
    }
}
