//! Rules X6 and X9: what a reader would find that rebuilds a file instead of reading its cross-references. In: a document and
//! the first revision that a signature covers. Out: findings about object definitions and trailers that no cross-reference
//! leads to, wherever they hide: in comments, strings, streams, or between objects.
//!
//! What the signature covers was written by the sealer: there only a second definition of an object that can be reached counts,
//! and one of an object that is referred to and was freed, or never listed.

use std::ops::Range;

use foldhash::{HashMap, HashSet};
use memchr::memmem;
use pades::{Body, Document, Revision, XrefEntry};

use super::inventory::Inventory;
use super::rule::{Anomaly, Finding};
use crate::check::CheckId::{X4, X6, X9};

/// So many are told of one revision.
const MOST_OF_A_KIND: usize = 8;

pub(super) fn findings(document: &Document, inventory: &Inventory, first: usize) -> Vec<Finding> {
    let undefined = inventory.undefined();
    let mut findings = taken_away(document, &undefined);
    for (index, revision) in document.revisions().iter().enumerate() {
        let listed = listed(revision);
        let hidden = definitions(document.bytes(), revision.range.clone()).filter(|one| !listed.contains(&one.offset));
        if index <= first {
            findings.extend(covered(document, inventory, &undefined, index, hidden));
        } else {
            findings.extend(hidden.take(MOST_OF_A_KIND).map(|one| {
                let detail = format!("object {} is defined here for readers that rebuild the file", one.number);
                Finding::failed(X6, Some(index), one.offset, detail)
            }));
            findings.extend(
                trailers(document.bytes(), revision).take(MOST_OF_A_KIND).map(|offset| {
                    Finding::failed(X6, Some(index), offset, "a trailer for readers that rebuild the file")
                }),
            );
        }
    }
    findings
}

/// Where the cross-references of a revision lead.
fn listed(revision: &Revision) -> HashSet<usize> {
    let offsets = revision.entries().iter().filter_map(|(_, entry)| match entry {
        XrefEntry::InUse { offset, .. } => Some(*offset),
        _ => None,
    });
    offsets.chain(revision.sections.iter().map(|section| section.start)).collect()
}

/// Bytes that look like the beginning of an object.
struct Definition {
    offset: usize,
    number: u32,
}

/// Every `12 0 obj` in a range, whatever it lies in. Between its tokens there are white space and comments.
fn definitions(bytes: &[u8], range: Range<usize>) -> impl Iterator<Item = Definition> {
    let part = &bytes[range.clone()];
    let start = range.start;
    memmem::find_iter(part, b"obj").flat_map(move |place| {
        let mut definitions = Vec::new();
        let mut note = |number: &[u8]| {
            if let Some((before, number @ 1..)) = digits(number) {
                definitions.push(Definition { offset: start + before.len(), number });
            }
        };
        if !part.get(place + 3).is_some_and(u8::is_ascii_alphanumeric) {
            numbers_before(&part[..place], &mut |generation| {
                let Some((before, _)) = digits(generation) else { return };
                numbers_before(before, &mut |number| {
                    if number.len() < before.len() {
                        note(number);
                    }
                });
            });
        }
        definitions
    })
}

/// What ends with a digit before white space and comments, if there are any: a reader may come to each of these numbers and
/// take what follows for a comment. However much is passed over, it lies behind the keyword before, so that no line is looked
/// at for two keywords.
fn numbers_before(bytes: &[u8], found: &mut dyn FnMut(&[u8])) {
    let mut number = |text: &[u8]| {
        if text.last().is_some_and(u8::is_ascii_digit) {
            found(text);
        }
    };
    let mut rest = bytes;
    loop {
        let text = before_space(rest);
        number(text);
        if !rest[text.len()..].iter().any(|byte| is_line_end(*byte)) {
            return; // no comment ends here
        }
        let line = text.iter().rposition(|byte| is_line_end(*byte)).map_or(0, |place| place + 1);
        let comments = || memchr::memchr_iter(b'%', &text[line..]).map(|place| before_space(&text[..line + place]));
        comments().filter(|before| before.len() > line).for_each(&mut number);
        match comments().next() {
            Some(before) if before.len() <= line => rest = &text[..line], // the whole line is one
            _ => return,
        }
    }
}

/// What comes before white space.
fn before_space(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len() - bytes.iter().rev().take_while(|byte| is_space(**byte)).count()]
}

/// White space, and what some readers take for it.
fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, 0 | 0x80 | 0xFF)
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// What comes before a number, and the number.
fn digits(bytes: &[u8]) -> Option<(&[u8], u32)> {
    const MOST: usize = 10; // digits of the greatest object number
    let length = bytes.iter().rev().take(MOST).take_while(|byte| byte.is_ascii_digit()).count();
    let (before, number) = bytes.split_at(bytes.len() - length);
    Some((before, std::str::from_utf8(number).ok()?.parse().ok()?))
}

/// `trailer <<` outside of the cross-references of a revision, with comments and white space between.
fn trailers(bytes: &[u8], revision: &Revision) -> impl Iterator<Item = usize> {
    let start = revision.range.start;
    let part = &bytes[revision.range.clone()];
    let mut passed = 0..0;
    memmem::find_iter(part, b"trailer").map(move |place| start + place).filter(move |place| {
        let next = token_after(bytes, place + b"trailer".len(), &mut passed);
        bytes[next..].starts_with(b"<<") && !revision.sections.iter().any(|section| section.contains(place))
    })
}

/// Where white space and comments end. From a comment in what was passed over before, one comes to the same place, so that
/// no comment is looked at twice.
fn token_after(bytes: &[u8], from: usize, passed: &mut Range<usize>) -> usize {
    let mut place = from;
    loop {
        place += bytes[place..].iter().take_while(|byte| is_space(**byte)).count();
        if bytes.get(place) != Some(&b'%') {
            return place;
        }
        if passed.contains(&place) {
            return passed.end;
        }
        let first = place;
        while bytes.get(place) == Some(&b'%') {
            place += memchr::memchr2(b'\r', b'\n', &bytes[place..]).unwrap_or(bytes.len() - place);
            place += bytes[place..].iter().take_while(|byte| is_space(**byte)).count();
        }
        *passed = first..place;
    }
}

/// X4: objects to which something leads that can be reached, and that a revision freed: readers that rebuild the file, or take
/// an entry for another one, show them again.
fn taken_away(document: &Document, undefined: &HashSet<u32>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for number in undefined {
        let is_used = |revision: &usize| {
            let entry = document.revisions()[*revision].entry(*number);
            matches!(entry, Some(XrefEntry::InUse { offset: 1.., .. } | XrefEntry::Compressed { .. }))
        };
        let Some(written) = document.listings(*number).find(is_used) else { continue };
        let freed = document.listings(*number).last().unwrap_or(written);
        let offset = document.revisions()[freed].startxref;
        let detail = format!("object {number} of revision {written} is freed, and something still refers to it");
        findings.push(Finding::anomaly(X4, Anomaly::TwoReadings, freed, offset, detail));
    }
    findings.sort_by_key(|finding| (finding.revision, finding.offset));
    findings
}

/// X9: of the definitions in a covered revision that no cross-reference leads to, those of an object that is defined somewhere
/// else too, and of one that is referred to, can be reached and does not exist. Each is looked at, whatever stands before it.
fn covered(
    document: &Document,
    inventory: &Inventory,
    undefined: &HashSet<u32>,
    revision: usize,
    hidden: impl Iterator<Item = Definition>,
) -> Vec<Finding> {
    let (mut findings, mut bodies) = (Vec::new(), Bodies::default());
    let mut counts: HashMap<Anomaly, usize> = HashMap::default();
    for one in hidden {
        let inside = inventory.is_in_object(one.offset);
        let found = match undefined.contains(&one.number) {
            true => {
                let what = "is defined here, where no cross-reference leads, and referred to";
                let anomaly = if inside { Anomaly::OneReading } else { Anomaly::TwoReadings };
                Some((anomaly, format!("object {} {what}", one.number)))
            }
            false if inside => None,
            false => defined_twice(document, inventory, revision, &mut bodies, &one),
        };
        let Some((anomaly, detail)) = found else { continue };
        let count = counts.entry(anomaly).or_default();
        *count += 1;
        if *count <= MOST_OF_A_KIND {
            findings.push(Finding::anomaly(X9, anomaly, revision, one.offset, detail));
        }
    }
    findings
}

/// The revisions as a reader of the file's syntax sees them, once somebody asks.
type Bodies = HashMap<usize, Option<Body>>;

/// An object that cross-references lead to, in this revision or an earlier one, and that is defined here too, perhaps in
/// another way.
fn defined_twice(
    document: &Document,
    inventory: &Inventory,
    revision: usize,
    bodies: &mut Bodies,
    one: &Definition,
) -> Option<(Anomaly, String)> {
    let (written, XrefEntry::InUse { offset, .. }) = document.at(revision)?.entry(one.number)? else { return None };
    for index in [revision, written] {
        bodies.entry(index).or_insert_with(|| document.body(index));
    }
    let body = |index: usize| bodies.get(&index)?.as_ref();
    let (this, listed) = (text(document, body(revision)?, one.offset)?, text(document, body(written)?, offset)?);
    let anomaly = match this != listed && inventory.is_reachable(one.number) {
        true => Anomaly::TwoReadings,
        false => Anomaly::OneReading,
    };
    Some((anomaly, format!("object {} is defined at {offset} too, where the cross-references lead", one.number)))
}

/// The object that a reader of the file's syntax meets at an offset.
fn text<'d>(document: &'d Document, body: &Body, offset: usize) -> Option<&'d [u8]> {
    let place = body.objects.binary_search_by_key(&offset, |object| object.range.start).ok()?;
    Some(&document.bytes()[body.objects[place].range.clone()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_found_wherever_they_hide() {
        let found =
            |text: &[u8]| definitions(text, 0..text.len()).map(|one| (one.offset, one.number)).collect::<Vec<_>>();
        assert_eq!(found(b"(4 0 obj"), [(1, 4)]);
        assert_eq!(found(b"% x\r12\n 0\0obj<<"), [(4, 12)]);
        assert_eq!(found(b"4 0 %c\nobj 5%c\r\n%d\n0%obj\n %\n obj"), [(0, 4), (11, 5)]);
        assert_eq!(
            found(b"6 0%c 7 0 %d\nobj 8 0obj"),
            [(0, 6), (6, 7), (17, 8)],
            "each of those that a reader may come to"
        );
        assert_eq!(found(b"4\x800\xffobj"), [(0, 4)], "white space to some readers");
        assert_eq!(found(b"40obj 4 0 %c obj\n4 0 c\nobj % 4\n0 x%\nobj"), []);
        assert_eq!(found(b"4 0 object, 4 0 obj1 endobj obj 4obj 4 obj 0 0 obj"), []);
    }
}
