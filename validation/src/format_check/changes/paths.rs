//! Rules M5 and X7: all paths to a changed object. In: the references that permitted changes account for. Out: a finding for
//! every other reference in the file to an object that a later revision added, or overrode for a permitted reason: the
//! same object in a second role, or content that the signed revision left undefined and that was delivered later.
//!
//! A new object to which nothing leads but others of that kind is an orphan: it is told, and changes nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use pades::{Document, Object, Reference, XrefEntry};

use crate::check::CheckId::{M5, X4, X7};
use crate::format_check::rule::{Finding, Rule};
use crate::report::Outcome;

/// References by the numbers of the objects from which and to which they lead.
#[derive(Default)]
pub(super) struct Paths {
    watched: BTreeMap<u32, Place>,
    unexplained: BTreeMap<u32, (Rule, Place)>,
    allowed: HashMap<(u32, u32), usize>,
    /// Those of the revision at hand.
    current: HashMap<(u32, u32), usize>,
}

/// When and where an object was last changed.
#[derive(Clone, Copy)]
struct Place {
    revision: usize,
    offset: usize,
}

/// A reference that nothing accounts for.
struct Stray {
    from: u32,
    /// The revision that wrote the object which refers.
    revision: usize,
    to: u32,
}

impl Paths {
    /// One reference that a permitted change accounts for.
    pub(super) fn allow(&mut self, from: u32, to: u32) {
        *self.current.entry((from, to)).or_default() += 1;
    }

    /// From now on every reference to this object must be accounted for.
    pub(super) fn watch(&mut self, number: u32, revision: usize, offset: usize) {
        self.watched.insert(number, Place { revision, offset });
        self.unexplained.remove(&number);
    }

    /// A new object that no permitted change accounts for, and the rule that it breaks unless it is an orphan.
    pub(super) fn unexplained(&mut self, number: u32, rule: Rule, revision: usize, offset: usize) {
        self.watch(number, revision, offset);
        self.unexplained.insert(number, (rule, Place { revision, offset }));
    }

    /// What one revision accounts for holds for the later ones; it does not add up.
    pub(super) fn end_of_revision(&mut self) {
        for (path, count) in self.current.drain() {
            let known = self.allowed.entry(path).or_default();
            *known = count.max(*known);
        }
    }

    /// Counts all references of the newest revision to watched objects. Every object must be readable for that, and is read even
    /// if none is watched: one that the seal left open may go on in a later revision which lists nothing.
    pub(super) fn findings(&self, document: &Document) -> Vec<Finding> {
        let (mut findings, mut strays) = (Vec::new(), Vec::new());
        let view = document.latest();
        for (reference, revision) in live(document) {
            match view.object(reference) {
                Ok(Some(located)) => self.strays_from(reference.number, revision, &located.object, &mut strays),
                Ok(None) => {}
                Err(problem) => {
                    findings.push(Finding::failed(X4, None, problem.offset().unwrap_or(0), problem.to_string()));
                }
            }
        }
        self.new_objects(&strays, &mut findings);
        findings.extend(strays.iter().filter_map(|stray| self.second_role(stray)));
        findings
    }

    fn strays_from(&self, from: u32, revision: usize, object: &Object, strays: &mut Vec<Stray>) {
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        visit(object, &mut |reference| {
            if self.watched.contains_key(&reference.number) {
                *counts.entry(reference.number).or_default() += 1;
            }
        });
        let beyond = |(to, count): &(u32, usize)| *count > self.allowed.get(&(from, *to)).copied().unwrap_or(0);
        strays.extend(counts.into_iter().filter(beyond).map(|(to, _)| Stray { from, revision, to }));
    }

    /// The unexplained objects: those that something else in the file leads to fail, directly or through one another.
    fn new_objects(&self, strays: &[Stray], findings: &mut Vec<Finding>) {
        let mut reached: BTreeSet<u32> = BTreeSet::new();
        loop {
            let before = reached.len();
            let leads = |stray: &&Stray| {
                self.unexplained.contains_key(&stray.to)
                    && (!self.unexplained.contains_key(&stray.from) || reached.contains(&stray.from))
            };
            let next: Vec<u32> = strays.iter().filter(leads).map(|stray| stray.to).collect();
            reached.extend(next);
            if reached.len() == before {
                break;
            }
        }
        for (number, (rule, place)) in &self.unexplained {
            let (rule, outcome, what) = match reached.contains(number) {
                true => (*rule, Outcome::Failed, "was added, and nothing permitted leads to it"),
                false => (M5, Outcome::Warning, "was added, and nothing leads to it"),
            };
            let (revision, offset) = (Some(place.revision), Some(place.offset));
            let detail = format!("object {number} {what}");
            findings.push(Finding { rule, outcome, revision, offset, detail, change: true });
        }
    }

    /// X7 and M5: an explained object that something else leads to as well.
    fn second_role(&self, stray: &Stray) -> Option<Finding> {
        let Stray { from, revision, to } = *stray;
        let place = self.watched[&to];
        let older = revision < place.revision;
        if self.unexplained.contains_key(&from) || (self.unexplained.contains_key(&to) && !older) {
            return None; // those have findings of their own
        }
        let detail = format!("object {to} is also reached from object {from} of revision {revision}");
        Some(Finding::failed(if older { X7 } else { M5 }, Some(place.revision), place.offset, detail))
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
