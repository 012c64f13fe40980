//! Rules M5 and X7: all paths to a changed object. In: the references that permitted changes account for. Out: a finding for
//! every other reference in the file to an object that a later revision added, or overrode for a permitted reason: the
//! same object in a second role, or content that the signed revision left undefined and that was delivered later.

use std::collections::{BTreeMap, HashMap};

use pades::{Document, Object, Reference, XrefEntry};

use crate::format_check::rule::{Finding, M5, X4, X7};

/// References by the numbers of the objects from which and to which they lead.
#[derive(Default)]
pub(super) struct Paths {
    watched: BTreeMap<u32, Watched>,
    allowed: HashMap<(u32, u32), usize>,
    /// Those of the revision at hand.
    current: HashMap<(u32, u32), usize>,
}

/// When and where an object was last changed.
struct Watched {
    revision: usize,
    offset: usize,
}

impl Paths {
    /// One reference that a permitted change accounts for.
    pub(super) fn allow(&mut self, from: u32, to: u32) {
        *self.current.entry((from, to)).or_default() += 1;
    }

    /// From now on every reference to this object must be accounted for.
    pub(super) fn watch(&mut self, number: u32, revision: usize, offset: usize) {
        self.watched.insert(number, Watched { revision, offset });
    }

    /// What one revision accounts for holds for the later ones; it does not add up.
    pub(super) fn end_of_revision(&mut self) {
        for (path, count) in self.current.drain() {
            let known = self.allowed.entry(path).or_default();
            *known = count.max(*known);
        }
    }

    /// Counts all references of the newest revision to watched objects.
    pub(super) fn findings(&self, document: &Document) -> Vec<Finding> {
        if self.watched.is_empty() {
            return Vec::new();
        }
        let mut findings = Vec::new();
        let view = document.latest();
        for (reference, revision) in live(document) {
            match view.object(reference) {
                Ok(Some(located)) => self.references_of(reference.number, revision, &located.object, &mut findings),
                Ok(None) => {}
                Err(problem) => {
                    let offset = problem.offset().unwrap_or(0);
                    findings.push(Finding::failed(X4, None, offset, problem.to_string()));
                }
            }
        }
        findings
    }

    fn references_of(&self, from: u32, revision: usize, object: &Object, findings: &mut Vec<Finding>) {
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        visit(object, &mut |reference| {
            if self.watched.contains_key(&reference.number) {
                *counts.entry(reference.number).or_default() += 1;
            }
        });
        for (to, count) in counts {
            let watched = &self.watched[&to];
            let allowed = self.allowed.get(&(from, to)).copied().unwrap_or(0);
            // An object of the same or a later revision that is not permitted has a finding of its own.
            let own = self.watched.get(&from).is_some_and(|from| from.revision >= watched.revision);
            if count > allowed && !(own && allowed == 0) {
                let rule = if revision < watched.revision { X7 } else { M5 };
                let detail = format!("object {to} is also reached from object {from} of revision {revision}");
                findings.push(Finding::failed(rule, Some(watched.revision), watched.offset, detail));
            }
        }
    }
}

/// Every object in use in the newest revision, with the revision that wrote it; without cross-reference streams.
fn live(document: &Document) -> Vec<(Reference, usize)> {
    let mut newest: BTreeMap<u32, (XrefEntry, usize)> = BTreeMap::new();
    for (index, revision) in document.revisions().iter().enumerate() {
        newest.extend(revision.entries().iter().map(|(number, entry)| (*number, (*entry, index))));
        for stream in &revision.xref_streams {
            newest.remove(&stream.number);
        }
    }
    let in_use = newest.into_iter().filter_map(|(number, (entry, revision))| match entry {
        XrefEntry::InUse { generation, .. } => Some((Reference { number, generation }, revision)),
        XrefEntry::Compressed { .. } => Some((Reference { number, generation: 0 }, revision)),
        XrefEntry::Free { .. } => None,
    });
    in_use.collect()
}

/// Every reference in an object.
pub(super) fn visit(object: &Object, found: &mut dyn FnMut(Reference)) {
    match object {
        Object::Reference(reference) => found(*reference),
        Object::Array(elements) => elements.iter().for_each(|element| visit(element, found)),
        Object::Dictionary(dictionary) => dictionary.entries().iter().for_each(|entry| visit(&entry.value, found)),
        Object::Stream(stream) => stream.dictionary.entries().iter().for_each(|entry| visit(&entry.value, found)),
        _ => {}
    }
}
