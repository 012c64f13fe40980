//! Rules X4 and X9: objects of the sealed bytes that readers find or read in different ways.

use pades::{Document, Placement, SealKind};

use crate::laboratory::{Laboratory, expect_told, rules, sealed, strict, unsealed};
use crate::stream_update::StreamUpdate;
use crate::support::at;
use crate::update::Update;

/// Objects in an object stream, one behind the other; the cross-references say at which place object 12 lies.
fn packed(numbers: [u32; 2], index: u16) -> Vec<u8> {
    let [first, second] =
        ["<< /Dests << /Names [(a) [3 0 R /Fit]] >> >>", "<< /Dests << /Names [(b) [3 0 R /Fit]] >> >>"];
    let head = format!("{} 0 {} {} ", numbers[0], numbers[1], first.len() + 1);
    let (start, length) = (head.len(), head.len() + first.len() + 1 + second.len());
    let stream =
        format!("<< /Type /ObjStm /N 2 /First {start} /Length {length} >>\nstream\n{head}{first} {second}\nendstream");
    let unsealed = unsealed();
    let free = Update::of(&unsealed).size();
    StreamUpdate::of(&unsealed, free + 1).object(free, &stream).record(12, 2, free as usize, index).append()
}

/// What pades says before it would seal a file, and the file sealed by somebody who does not ask.
fn refused(file: &[u8]) -> bool {
    let kind = SealKind::Seal { at: at(), name: None, reason: None, location: None };
    let document = Document::parse(file).unwrap();
    matches!(
        pades::prepare(&document, Placement::NewInvisible { name: None }, kind, 6000),
        Err(pades::Error::TwoReadings { .. })
    )
}

/// The first text replaced by another one after the seal was made, and the seal made anew over it.
fn resealed(sealed: Vec<u8>, old: &str, new: &str) -> Vec<u8> {
    Laboratory::new().resealed(|pdf| {
        *pdf = sealed;
        crate::laboratory::overwrite(pdf, old, new);
    })
}

#[test]
fn an_object_that_an_object_stream_holds_twice() {
    for index in [0, 1] {
        assert!(refused(&packed([12, 12], index)));
        let other = if index == 0 { [12, 70] } else { [70, 12] };
        assert!(!refused(&packed(other, index)), "each number once");
        let honest = Laboratory::new().seal_in(&packed(other, index), "Seal", true);
        assert_eq!((rules(&honest), strict(&honest)), (vec![""; 0], vec![]));
        let (once, twice) = (format!("{} 0 {} 45", other[0], other[1]), "12 0 12 45");
        let forged = resealed(honest, &once, twice);
        assert_eq!((rules(&forged), strict(&forged)), (vec!["X9"], vec!["X9"]), "place {index}");
    }
}

#[test]
fn an_object_that_lies_at_another_place_of_its_object_stream() {
    for (numbers, index) in [([12, 70], 1), ([70, 12], 0), ([70, 71], 0), ([12, 70], 7)] {
        assert!(refused(&packed(numbers, index)), "{numbers:?}, place {index}");
    }
    let honest = Laboratory::new().seal_in(&packed([12, 70], 0), "Seal", true);
    let forged = resealed(honest, "12 0 70 45", "70 0 12 45");
    assert_eq!((rules(&forged), strict(&forged)), (vec!["X4"], vec!["X4"]));
}

/// What stands in an object that can be reached, in place of a text of this length.
fn written(inside: &str) -> (Vec<u8>, Vec<u8>) {
    let room = format!("/X ({})", "x".repeat(24));
    let file = Update::of(&unsealed()).edit(12, "/Dests", &format!("{room} /Dests")).append();
    let padded = format!("{inside:<length$}", length = room.len());
    let sealed = Laboratory::new().seal_in(&file, "Seal", true);
    let mut open = file;
    crate::laboratory::overwrite(&mut open, &room, &padded);
    (open, resealed(sealed, &room, &padded))
}

#[test]
fn an_object_that_cannot_be_read_to_its_end() {
    for inside in ["/X )", "/X --1", "/X foo", "/X [ >> ]", "/X foo /Filter /LZWDecode", "/X -."] {
        let (open, sealed) = written(inside);
        assert!(refused(&open), "{inside}");
        assert_eq!((rules(&sealed), strict(&sealed)), (vec!["X4"], vec!["X4"]), "{inside}");
    }
}

#[test]
fn numbers_that_every_reader_passes_over_are_sealed() {
    let (open, long) = written("/X 99999999999999999999");
    assert!(!refused(&open));
    assert_eq!((rules(&long), strict(&long)), (vec![""; 0], vec![]));
    let (open, point) = written("/X .");
    assert!(!refused(&open));
    expect_told(&point, "X10");
    assert!(!refused(&unsealed()) && rules(&sealed()).is_empty());
}
