//! Rules M5 and X7: all paths to a changed object. In: the references that permitted changes account for. Out: a finding for
//! every other reference in the file to an object that a later revision added, or overrode for a permitted reason: the
//! same object in a second role, or content that the signed revision left undefined and that was delivered later.
//!
//! A new object to which nothing leads but others of that kind is an orphan: it is told and, if no reader would take it up by
//! itself, changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;

use crate::check::CheckId::{M5, X7};
use crate::format_check::inventory::Inventory;
use crate::format_check::rule::{Anomaly, Finding, Rule};

/// References by the numbers of the objects from which and to which they lead.
#[derive(Default)]
pub(super) struct Paths {
    watched: BTreeMap<u32, Place>,
    unexplained: BTreeMap<u32, Unexplained>,
    allowed: HashMap<(u32, u32), usize>,
    /// Those of the revision at hand.
    current: HashMap<(u32, u32), usize>,
}

/// When and where an object was last changed.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) revision: usize,
    pub(super) offset: usize,
}

/// A new object that no permitted change accounts for.
pub(super) struct Unexplained {
    /// That it breaks unless it is an orphan.
    pub(super) rule: Rule,
    pub(super) place: Place,
    /// Whether an orphan of its kind changes nothing.
    pub(super) is_inert: bool,
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

    /// A new object that no permitted change accounts for.
    pub(super) fn unexplained(&mut self, number: u32, object: Unexplained) {
        self.watch(number, object.place.revision, object.place.offset);
        self.unexplained.insert(number, object);
    }

    /// What one revision accounts for holds for the later ones; it does not add up.
    pub(super) fn end_of_revision(&mut self) {
        for (path, count) in self.current.drain() {
            let known = self.allowed.entry(path).or_default();
            *known = count.max(*known);
        }
    }

    /// Counts all references of the newest revision to watched objects.
    pub(super) fn findings(&self, inventory: &Inventory) -> Vec<Finding> {
        let watched = inventory.paths().filter(|(_, to, ..)| self.watched.contains_key(to));
        let beyond = watched.filter(|(from, to, count)| *count > self.allowed.get(&(*from, *to)).copied().unwrap_or(0));
        let strays = beyond.map(|(from, to, _)| Stray { from, revision: inventory.revision(from), to });
        let strays: Vec<Stray> = strays.collect();
        let mut findings = Vec::new();
        self.new_objects(&strays, &mut findings);
        findings.extend(strays.iter().filter_map(|stray| self.second_role(stray)));
        findings
    }

    /// The unexplained objects: those that something else in the file leads to fail, directly or through one another.
    fn new_objects(&self, strays: &[Stray], findings: &mut Vec<Finding>) {
        let mut onward: HashMap<u32, Vec<u32>> = HashMap::default();
        let mut reached: BTreeSet<u32> = BTreeSet::new();
        let mut pending = Vec::new();
        for stray in strays.iter().filter(|stray| self.unexplained.contains_key(&stray.to)) {
            match self.unexplained.contains_key(&stray.from) {
                true => onward.entry(stray.from).or_default().push(stray.to),
                false => pending.push(stray.to),
            }
        }
        while let Some(number) = pending.pop() {
            if reached.insert(number) {
                pending.extend(onward.remove(&number).unwrap_or_default());
            }
        }
        for (number, Unexplained { rule, place: Place { revision, offset }, is_inert }) in &self.unexplained {
            let orphan = || format!("object {number} was added, and nothing leads to it");
            findings.push(match (reached.contains(number), *is_inert) {
                (true, _) => {
                    let detail = format!("object {number} was added, and nothing permitted leads to it");
                    Finding::failed(*rule, Some(*revision), *offset, detail)
                }
                (false, true) => {
                    Finding { change: false, ..Finding::anomaly(M5, Anomaly::Inert, *revision, *offset, orphan()) }
                }
                (false, false) => Finding::failed(M5, Some(*revision), *offset, orphan()),
            });
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
