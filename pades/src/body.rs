//! Everything that physically lies in a revision, ISO 32000-1 clause 7.5.3 and 7.5.4. In: a revision. Out: its object
//! definitions in file order, those that its cross-references do not list, and bytes that are neither object, nor
//! cross-reference, nor white space, nor comment.

use crate::{
    document::Document,
    error::Error,
    lexer::Lexer,
    object::Object,
    parser::IndirectObject,
    resolve::LENGTH_DEPTH,
    revision::{self, Revision},
    scalar::Reference,
    xref::XrefEntry,
};
use std::ops::Range;

/// An object definition as it lies in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhysicalObject {
    /// Its number and generation, as written before `obj`.
    pub reference: Reference,
    /// From the number to `endobj`.
    pub range: Range<usize>,
    /// Whether the cross-references of its own revision lead to it.
    pub listed: bool,
}

/// What a revision consists of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    /// All object definitions, in file order.
    pub objects: Vec<PhysicalObject>,
    /// Bytes that nothing explains.
    pub unexplained: Vec<Range<usize>>,
}

impl Document {
    /// Reads a revision (from 0) from its first byte to its `startxref`; takes time in proportion to its length.
    pub fn body(&self, revision: usize) -> Option<Body> {
        let parts = self.revisions().get(revision)?;
        let stops = stops(parts);
        let mut body = Body::default();
        let mut lexer = Lexer::at(&self.bytes[..parts.startxref_keyword], parts.range.start);
        loop {
            lexer.skip_space();
            let here = lexer.position();
            if lexer.peek().is_none() {
                return Some(body);
            }
            if let Some(section) = parts.sections.iter().find(|section| section.start == here)
                && lexer.clone().accept("xref")
            {
                lexer.seek(section.end);
                continue;
            }
            if let Ok((_, end)) = revision::startxref(&self.bytes, here) {
                lexer.seek(end); // the first part of a linearized file ends like a revision
                continue;
            }
            let definition = self.definition(revision, here);
            if let Ok((reference, range)) = definition {
                let listed = is_listed(parts, reference, here);
                lexer.seek(range.end);
                body.objects.push(PhysicalObject { reference, range, listed });
            } else if let Err(Error::LimitExceeded { .. }) = definition {
                body.unexplained.push(here..parts.startxref_keyword);
                return Some(body);
            } else {
                let next = stops.partition_point(|stop| *stop <= here);
                let end = stops.get(next).copied().unwrap_or(parts.startxref_keyword).min(parts.startxref_keyword);
                body.unexplained.push(here..end);
                lexer.seek(end);
            }
        }
    }

    /// The object definition that begins at `offset`.
    fn definition(&self, revision: usize, offset: usize) -> Result<(Reference, Range<usize>), Error> {
        let view = self.at(revision).unwrap_or(self.latest());
        let length_of = |length: &Object| view.length(length, offset, LENGTH_DEPTH);
        let parsed = self.inside_revision(self.indirect_object(offset, &length_of, true)?)?;
        Ok((parsed.reference, parsed.range))
    }

    /// An object that goes on behind the revision in which it begins is damaged there: a later revision would say how it ends.
    pub(crate) fn inside_revision(&self, parsed: IndirectObject) -> Result<IndirectObject, Error> {
        let Range { start, end } = parsed.range;
        let place = self.revisions().partition_point(|revision| revision.range.end <= start);
        match self.revisions().get(place) {
            Some(revision) if end > revision.startxref_keyword => {
                let found =
                    format!("an end at {end}, after its revision's `startxref` at {}", revision.startxref_keyword);
                Err(Error::damaged_because(start, "an object that ends in its revision", found))
            }
            _ => Ok(parsed),
        }
    }
}

/// Where something is known to begin, in order: to go on there after bytes that nothing explains.
fn stops(revision: &Revision) -> Vec<usize> {
    let objects = revision.entries().iter().filter_map(|(_, entry)| match entry {
        XrefEntry::InUse { offset, .. } => Some(*offset),
        _ => None,
    });
    let mut stops: Vec<usize> = objects.chain(revision.sections.iter().map(|section| section.start)).collect();
    stops.sort_unstable();
    stops
}

/// A cross-reference stream need not list itself.
fn is_listed(revision: &Revision, reference: Reference, offset: usize) -> bool {
    let entry = revision.entry(reference.number);
    entry == Some(XrefEntry::InUse { offset, generation: reference.generation })
        || revision.sections.iter().any(|section| section.start == offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pdf(extra: &str) -> Vec<u8> {
        let body = format!("%PDF-1.7\n%\u{e9}\n1 0 obj\n<< /Type /Catalog >>\nendobj\n{extra}");
        let xref = body.len();
        format!(
            "{body}xref\n0 2\n0000000000 65535 f \n{:010} 00000 n \ntrailer\n<< /Size 2 /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n",
            body.find("1 0 obj").unwrap()
        )
        .into_bytes()
    }

    #[test]
    fn a_regular_revision_is_explained_to_the_last_byte() {
        let document = Document::parse(pdf("")).unwrap();
        let body = document.body(0).unwrap();
        assert_eq!(body.objects.len(), 1);
        assert!(body.objects[0].listed);
        assert!(body.unexplained.is_empty());
        assert_eq!(document.body(1), None);
    }

    #[test]
    fn an_object_that_ends_in_a_later_revision_is_damaged() {
        let open = pdf("2 0 obj (open\nendobj\n");
        let table = "xref\n0 0\ntrailer\n<< /Size 2 /Root 1 0 R /Prev ";
        let prev = Document::parse(open.as_slice()).unwrap().last_revision().startxref;
        let comment = "%) endobj\n";
        let start = open.len() + comment.len();
        let update = format!("{comment}{table}{prev} >>\nstartxref\n{start}\n%%EOF\n");
        let document = Document::parse([open.as_slice(), update.as_bytes()].concat()).unwrap();
        assert_eq!(document.revisions().len(), 2);
        let body = document.body(0).unwrap();
        assert_eq!(body.objects.iter().map(|object| object.reference.number).collect::<Vec<_>>(), [1]);
        assert!(document.bytes()[body.unexplained[0].clone()].starts_with(b"2 0 obj (open"));
    }

    #[test]
    fn hidden_objects_and_slack_are_found() {
        let document = Document::parse(pdf("9 0 obj (hidden) endobj\nslack 1")).unwrap();
        let body = document.body(0).unwrap();
        let hidden: Vec<u32> =
            body.objects.iter().filter(|object| !object.listed).map(|object| object.reference.number).collect();
        assert_eq!(hidden, [9]);
        let slack: Vec<&[u8]> = body.unexplained.iter().map(|range| &document.bytes()[range.clone()]).collect();
        assert_eq!(slack, [b"slack 1"]);
    }
}
