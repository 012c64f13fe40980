//! Rules G1 to G6 and G8: the /ByteRange against the file. In: a signature as its own revision shows it. Out: a line for each
//! rule. `[a, a+b)` and `[c, c+d)` are signed; positions are compared, never sums of lengths.

use pades::{Document, Signature};

use super::subject::Subject;
use crate::check::CheckId::{G1, G2, G3, G4, G5, G6, G8};
use crate::report::Check;

/// What the rules look at.
struct Ranges<'a> {
    document: &'a Document,
    signature: &'a Signature,
    /// a, a + b, c, c + d; numbers that overflow lie beyond any file.
    bounds: [usize; 4],
}

/// G1 to G6 and G8.
pub(super) fn checks(document: &Document, subject: &Subject, all: &[Subject]) -> Vec<Check> {
    let Some(signature) = &subject.signature else {
        return [G1, G2, G3, G4, G5, G6, G8].map(|rule| rule.ignored("there is no readable signature")).to_vec();
    };
    let ranges = Ranges { document, signature, bounds: bounds(signature.byte_range) };
    let others = all.iter().filter(|other| !std::ptr::eq(*other, subject)).filter_map(|other| other.signature.as_ref());
    vec![
        ranges.begin_at_zero(),
        ranges.follow_and_nest(others),
        ranges.lie_in_the_file(),
        ranges.leave_out_digits(),
        ranges.leave_out_this_token(),
        ranges.positions(),
        ranges.end_with_a_revision(),
    ]
}

fn bounds([first, first_length, second, second_length]: [u64; 4]) -> [usize; 4] {
    let position = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    let [first_end, end] = [first.saturating_add(first_length), second.saturating_add(second_length)];
    [position(first), position(first_end), position(second), position(end)]
}

impl Ranges<'_> {
    fn token(&self) -> usize {
        self.signature.byte_range_token.start
    }

    /// G1: a = 0.
    fn begin_at_zero(&self) -> Check {
        let [first, ..] = self.bounds;
        G1.holds(first == 0, self.token(), format!("the first range begins at {first}"))
    }

    /// G2: b > 0, c > a + b, d > 0; every signature written earlier ends inside the first range of the later one.
    fn follow_and_nest<'s>(&self, mut others: impl Iterator<Item = &'s Signature>) -> Check {
        let [first, first_end, second, end] = self.bounds;
        if !(first < first_end && first_end < second && second < end) {
            return G2.failed(
                Some(self.token()),
                format!("wanted two ranges and a gap, found {first_end}, {second}, {end}"),
            );
        }
        let overlapping = others.find(|other| {
            let [.., other_end] = bounds(other.byte_range);
            other.revision <= self.signature.revision
                && other.contents_offset != self.signature.contents_offset
                && first_end < other_end
        });
        match overlapping {
            Some(other) => {
                G2.failed(Some(other.byte_range_token.start), format!("overlaps the signature in `{}`", other.field))
            }
            None => G2.passed(Some(self.token()), format!("0 to {first_end}, {second} to {end}")),
        }
    }

    /// G3: exactly the bytes stated are there.
    fn lie_in_the_file(&self) -> Check {
        let length = self.document.bytes().len();
        let reach = self.bounds[1].max(self.bounds[3]);
        G3.holds(reach <= length, self.token(), format!("the ranges reach to {reach}, the file to {length}"))
    }

    /// G4: `<`, an even number of hexadecimal digits and nothing else, `>`.
    fn leave_out_digits(&self) -> Check {
        let [_, gap, gap_end, _] = self.bounds;
        let Some([b'<', digits @ .., b'>']) = self.document.bytes().get(gap..gap_end) else {
            return G4.failed(Some(gap), format!("wanted `<…>` from {gap} to {gap_end}, found other bytes"));
        };
        if let Some(place) = digits.iter().position(|digit| !digit.is_ascii_hexdigit()) {
            let found = digits[place].escape_ascii();
            return G4.failed(Some(gap + 1 + place), format!("wanted hexadecimal digits only, found `{found}`"));
        }
        G4.holds(digits.len() % 2 == 0, gap, format!("{} digits", digits.len()))
    }

    /// G5: the gap is the /Contents token of this dictionary, an uncompressed object whose extent encloses it and whose
    /// /ByteRange is signed.
    fn leave_out_this_token(&self) -> Check {
        let [_, gap, gap_end, _] = self.bounds;
        let (token, object) = (&self.signature.contents_offset, &self.signature.object_range);
        if (gap, gap_end) != (token.start, token.end) {
            let detail = format!("the gap is {gap} to {gap_end}, /Contents {} to {}", token.start, token.end);
            return G5.failed(Some(token.start), detail);
        }
        let range = &self.signature.byte_range_token;
        let signed =
            object.start <= range.start && range.end <= object.end && (range.end <= gap || gap_end <= range.start);
        let enclosed = object.start < gap && gap_end < object.end && signed;
        G5.holds(
            enclosed,
            token.start,
            format!("the gap is /Contents of the object at {} to {}", object.start, object.end),
        )
    }

    /// G6: a gap as long as /Contents is none at another place, though all lengths add up.
    fn positions(&self) -> Check {
        let [first, first_end, second, end] = self.bounds;
        let (gap, contents) = (first_end..second, &self.signature.contents_offset);
        if gap.len() == contents.len() && gap != *contents {
            let expectation = format!("wanted the gap at {} to {}", contents.start, contents.end);
            return G6.failed(
                Some(self.token()),
                format!("{expectation}, found one of that length at {first_end} to {second}"),
            );
        }
        G6.passed(Some(self.token()), format!("positions {first}, {first_end}, {second}, {end}"))
    }

    /// G8: c + d is after `%%EOF` or the one end of line that may follow; every cross-reference section so far lies before.
    fn end_with_a_revision(&self) -> Check {
        let [.., end] = self.bounds;
        let revisions = self.document.revisions();
        let Some(covered) = self.signature.covered_revision else {
            let ends: Vec<usize> = revisions.iter().map(|revision| revision.range.end).collect();
            return G8.failed(Some(end), format!("wanted the end of a revision ({ends:?}), found {end}"));
        };
        let mut sections = revisions[..=covered].iter().flat_map(|revision| &revision.sections);
        match sections.find(|section| section.end > end) {
            Some(section) => G8.failed(Some(section.start), "cross-references of the signed revision are not signed"),
            None => G8.passed(
                Some(end),
                format!("the end of revision {covered}, startxref {}", revisions[covered].startxref),
            ),
        }
    }
}
