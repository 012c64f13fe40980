//! Every object of the newest revision, read once. In: a document. Out: all references between objects, which of them can be
//! reached from the trailer, and what is anomalous in how they are written (rules X4, X9 and X10).
//!
//! An anomaly that leaves two readings matters only in an object that can be reached.

use std::ops::Range;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use pades::{
    Departure, Dictionary, Document, Entry, Error, Irregularity, Location, Object, Protection, Readings, Reference,
    XrefEntry,
};

use super::rule::{Anomaly, Finding, Rule};
use crate::check::CheckId::{X1, X2, X3, X4, X6, X9, X10};

/// What the newest revision consists of.
pub(super) struct Inventory {
    /// Each reference by the numbers from and to which it leads, in order; the trailer has the number 0.
    references: Vec<(u32, u32)>,
    /// The revision that wrote each object.
    revisions: HashMap<u32, usize>,
    /// Where objects lie in the file, in order.
    ranges: Vec<Range<usize>>,
    reachable: HashSet<u32>,
    /// References with another generation than their number has, and from where; some readers follow them nevertheless.
    misnamed: Vec<(u32, Reference)>,
    /// The numbers that have another generation than 0.
    generations: HashMap<u32, u16>,
    /// The numbers that lead to an object, readable or not.
    defined: HashSet<u32>,
    /// The number of the catalog.
    root: Option<u32>,
    /// The numbers of the catalog and of /Info.
    named_by_trailer: Vec<u32>,
    /// Cross-reference streams that no `startxref` and no /Prev leads to: some writers leave them beside a table.
    abandoned: HashSet<u32>,
    /// What is anomalous in single objects.
    findings: Vec<Finding>,
}

/// Keys of a trailer that M15 judges, or that are about the section alone.
pub(super) const OF_THE_SECTION: [&str; 12] =
    ["Size", "Prev", "XRefStm", "Type", "Index", "W", "Filter", "DecodeParms", "Length", "Root", "Encrypt", "ID"];

/// So many objects may exceed a limit before the rest is left unread.
const MAX_EXCEEDED: usize = 8;

/// What is irregular in objects, by their numbers.
struct Faults {
    irregular: Vec<(u32, Irregularity)>,
    /// Objects that cannot be read at all: to what they lead is unknown.
    unreadable: Vec<(u32, Irregularity)>,
}

impl Inventory {
    pub(super) fn read(document: &Document) -> Inventory {
        let numbers = document.numbers().count();
        let mut inventory = Inventory {
            references: Vec::with_capacity(numbers),
            revisions: HashMap::with_capacity(numbers),
            ranges: Vec::new(),
            reachable: HashSet::with_capacity(numbers),
            misnamed: Vec::new(),
            generations: generations(document),
            defined: HashSet::with_capacity(numbers),
            named_by_trailer: Vec::new(),
            abandoned: HashSet::new(),
            root: document.latest().trailer().get("Root").and_then(Object::as_reference).map(|root| root.number),
            findings: Vec::new(),
        };
        inventory.revisions.insert(0, document.revisions().len() - 1);
        let trailer = &document.last_revision().trailer;
        trailer.entries().iter().for_each(|entry| inventory.add_references(0, &entry.value));
        inventory.references.sort_unstable();
        let named = ["Root", "Info"].into_iter().filter_map(|key| trailer.get(key)?.as_reference());
        inventory.named_by_trailer.extend(named.map(|reference| reference.number));
        let faults = inventory.objects(document);
        inventory.reach();
        for (number, fault) in faults.irregular.iter().chain(&faults.unreadable) {
            let fault = inventory.finding(fault, Some(*number));
            inventory.findings.extend(fault);
        }
        inventory.findings.extend(inventory.misnamed());
        let last = document.revisions().len() - 1;
        for (number, fault) in &faults.unreadable {
            if !inventory.is_reachable(*number) {
                continue;
            }
            let detail = format!("what it leads to is unknown, and so what came later means: {}", fault.problem);
            let offset = fault.problem.offset().unwrap_or(0);
            inventory.findings.push(Finding::failed(X4, Some(last), offset, detail));
        }
        inventory
    }

    /// Reads every object in use; what is irregular in it waits until it is known whether it can be reached.
    fn objects(&mut self, document: &Document) -> Faults {
        let view = document.latest().passing_by();
        let sections = document.revisions().iter().flat_map(|revision| &revision.sections);
        let sections: HashSet<usize> = sections.map(|section| section.start).collect();
        let (mut irregular, mut unreadable, mut exceeded) = (Vec::new(), Vec::new(), 0);
        for number in document.numbers() {
            let Some((revision, entry)) = view.entry(number) else { continue };
            let generation = match entry {
                XrefEntry::InUse { generation, .. } => generation,
                XrefEntry::Compressed { .. } => 0,
                XrefEntry::Free { .. } => continue,
            };
            self.revisions.insert(number, revision);
            let found = view.object(Reference { number, generation });
            if !matches!(found, Ok(None)) {
                self.defined.insert(number);
            }
            match found {
                Ok(None) => {}
                Ok(Some(located)) => {
                    let doubled = duplicate_key(&located.object, revision);
                    irregular.extend(located.irregularities.into_iter().chain(doubled).map(|fault| (number, fault)));
                    let start = self.references.len();
                    self.add_object(&sections, number, &located.object, &located.location);
                    self.references[start..].sort_unstable(); // numbers come in order, so all are sorted
                }
                Err(Error::Encrypted { .. }) => {} // told once for the file
                Err(problem @ Error::LimitExceeded { .. }) => {
                    self.findings.push(Finding::failed(X10, None, problem.offset().unwrap_or(0), problem.to_string()));
                    exceeded += 1;
                    if exceeded == MAX_EXCEEDED {
                        break;
                    }
                }
                Err(problem) => {
                    // Readers make of it what they can, each in its own way, if there is anything.
                    let damaged = matches!(problem, Error::Damaged { .. });
                    let readings = if damaged { Readings::Two } else { Readings::One };
                    let departure = Departure::Offset;
                    unreadable.push((number, Irregularity { departure, readings, revision, object: None, problem }));
                }
            }
        }
        self.ranges.sort_unstable_by_key(|range| range.start);
        Faults { irregular, unreadable }
    }

    fn add_object(&mut self, sections: &HashSet<usize>, number: u32, object: &Object, location: &Location) {
        if let Location::File(range) = location {
            self.ranges.push(range.clone());
            if let Some(stream) = object.as_stream().filter(|_| sections.contains(&range.start)) {
                return self.add_section(number, &stream.dictionary);
            }
            if object.as_stream().is_some_and(|stream| stream.dictionary.has_name("Type", "XRef")) {
                self.abandoned.insert(number);
            }
        }
        self.add_references(number, object);
    }

    /// The dictionary of a cross-reference stream is a trailer: what M12 and M15 judge is no other path to an object.
    fn add_section(&mut self, number: u32, trailer: &Dictionary) {
        let judged = |entry: &&Entry| entry.key == "Info" || OF_THE_SECTION.iter().any(|known| entry.key == *known);
        let others = trailer.entries().iter().filter(|entry| !judged(entry));
        others.for_each(|entry| self.add_references(number, &entry.value));
    }

    /// All but those from signature references to the catalog, which name what is signed (12.8.1).
    fn add_references(&mut self, from: u32, object: &Object) {
        let (root, references) = (self.root, &mut self.references);
        let names_root = |dictionary: &Dictionary, entry: &Entry| {
            let target = entry.value.as_reference().map(|target| target.number);
            entry.key == "Data" && target == root && dictionary.get("TransformMethod").is_some_and(is_name)
        };
        let (generations, misnamed) = (&self.generations, &mut self.misnamed);
        visit_but(object, &names_root, &mut |reference| {
            references.push((from, reference.number));
            if generations.get(&reference.number).copied().unwrap_or(0) != reference.generation {
                misnamed.push((from, reference));
            }
        });
    }

    /// X4: a reference that leads to nothing for one reader, and for another to the object of that number.
    fn misnamed(&self) -> Vec<Finding> {
        const MOST_SHOWN: usize = 8;
        let leads = |(from, to): &&(u32, Reference)| self.is_reachable(*from) && self.defined.contains(&to.number);
        let findings = self.misnamed.iter().filter(leads).take(MOST_SHOWN).map(|(from, to)| {
            let revision = self.revision(*from);
            let detail = format!("object {from} refers to {to}, and object {} has another generation", to.number);
            Finding::anomaly(X4, Anomaly::TwoReadings, revision, 0, detail)
        });
        findings.collect()
    }

    /// Follows the references from the trailer on.
    fn reach(&mut self) {
        let mut pending = vec![0];
        self.reachable.insert(0);
        while let Some(from) = pending.pop() {
            let start = self.references.partition_point(|(source, _)| *source < from);
            for (_, to) in self.references[start..].iter().take_while(|(source, _)| *source == from) {
                if self.reachable.insert(*to) {
                    pending.push(*to);
                }
            }
        }
    }

    /// An irregularity as a finding; one of an object that nothing reaches leaves one reading of all that can be shown.
    pub(super) fn finding(&self, found: &Irregularity, object: Option<u32>) -> Option<Finding> {
        let (rule, offset) = (rule_of(found.departure)?, found.problem.offset().unwrap_or(0));
        let object = object.or(found.object.map(|reference| reference.number));
        let anomaly = match found.departure {
            Departure::FieldWidths => Anomaly::Permitted,
            _ if object.is_some_and(|number| !self.is_reachable(number)) => Anomaly::OneReading,
            _ => found.readings.into(),
        };
        Some(Finding::anomaly(rule, anomaly, found.revision, offset, found.problem.to_string()))
    }

    /// Numbers that something refers to which can be reached, and that lead to nothing.
    pub(super) fn undefined(&self) -> HashSet<u32> {
        self.reachable.difference(&self.defined).copied().filter(|number| *number > 0).collect()
    }

    pub(super) fn is_reachable(&self, number: u32) -> bool {
        self.reachable.contains(&number)
    }

    /// What is anomalous in single objects.
    pub(super) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Every pair of numbers between which references lead, and how many they are. What an abandoned cross-reference stream
    /// says as a trailer is no path.
    pub(super) fn paths(&self) -> impl Iterator<Item = (u32, u32, usize)> {
        let as_trailer = |from: u32, to: u32| {
            self.abandoned.contains(&from) && !self.is_reachable(from) && self.named_by_trailer.contains(&to)
        };
        let paths = self.references.chunk_by(|one, other| one == other);
        paths.map(|same| (same[0].0, same[0].1, same.len())).filter(move |(from, to, _)| !as_trailer(*from, *to))
    }

    /// The revision that wrote an object.
    pub(super) fn revision(&self, number: u32) -> usize {
        self.revisions.get(&number).copied().unwrap_or(0)
    }

    /// Whether an offset lies in an object of the newest revision.
    pub(super) fn is_in_object(&self, offset: usize) -> bool {
        let after = self.ranges.partition_point(|range| range.start <= offset);
        after.checked_sub(1).is_some_and(|place| self.ranges[place].end > offset)
    }
}

/// X10: the strings and streams of a file that opens with a password only cannot be judged.
pub(super) fn locked(document: &Document, first: usize) -> Option<Finding> {
    let Protection::Locked(problem) = document.protection() else { return None };
    let last = document.revisions().len() - 1;
    let detail = "encrypted with a password: names, texts and streams cannot be read".to_owned();
    let offset = problem.offset().unwrap_or(0);
    Some(match last > first {
        true => Finding::failed(X10, Some(last), offset, detail), // what came later cannot be read either
        false => Finding::anomaly(X10, Anomaly::OneReading, 0, offset, detail),
    })
}

/// The rule of strict structure that a departure breaks; none: it is no fault by itself.
pub(super) fn rule_of(departure: Departure) -> Option<Rule> {
    Some(match departure {
        Departure::Header => X1,
        Departure::SectionOffset | Departure::RevisionEnd | Departure::Linearization => X2,
        Departure::Hybrid => X3,
        Departure::TableSyntax
        | Departure::EntryWidth
        | Departure::EntryType
        | Departure::FieldWidths
        | Departure::Subsections
        | Departure::Records
        | Departure::Size
        | Departure::Offset => X4,
        Departure::Trailing => X6,
        Departure::ListedTwice | Departure::KeyTwice | Departure::NameSpelling | Departure::StreamLength => X9,
        Departure::MissingEndobj | Departure::Number => X10,
        Departure::Encrypted => return None, // M15 sees to it that it is not changed
    })
}

/// X9: a key that some dictionary in the object has twice.
pub(super) fn duplicate_key(object: &Object, revision: usize) -> Option<Irregularity> {
    let in_dictionary = |dictionary: &Dictionary| {
        let own = dictionary.duplicate_key().map(|found| Irregularity { revision, ..found });
        own.or_else(|| dictionary.entries().iter().find_map(|entry| duplicate_key(&entry.value, revision)))
    };
    match object {
        Object::Dictionary(dictionary) => in_dictionary(dictionary),
        Object::Stream(stream) => in_dictionary(&stream.dictionary),
        Object::Array(elements) => elements.iter().find_map(|element| duplicate_key(element, revision)),
        _ => None,
    }
}

/// The numbers in use that have another generation than 0; rarely any.
fn generations(document: &Document) -> HashMap<u32, u16> {
    let view = document.latest();
    let of = |number: u32| match view.entry(number)?.1 {
        XrefEntry::InUse { generation, .. } if generation > 0 => Some((number, generation)),
        _ => None,
    };
    let ever = |entry: &&(u32, XrefEntry)| matches!(entry.1, XrefEntry::InUse { generation: 1.., .. });
    let listed = document.revisions().iter().flat_map(|revision| revision.entries()).filter(ever);
    listed.filter_map(|(number, _)| of(*number)).collect()
}

fn is_name(object: &Object) -> bool {
    object.as_name().is_some()
}

/// Every reference in an object.
pub(super) fn visit(object: &Object, found: &mut dyn FnMut(Reference)) {
    visit_but(object, &|_, _| false, found);
}

/// Every reference in an object but those in entries that are passed over.
fn visit_but(object: &Object, pass: &dyn Fn(&Dictionary, &Entry) -> bool, found: &mut dyn FnMut(Reference)) {
    let mut entries = |dictionary: &Dictionary| {
        let others = dictionary.entries().iter().filter(|entry| !pass(dictionary, entry));
        others.for_each(|entry| visit_but(&entry.value, pass, found));
    };
    match object {
        Object::Dictionary(dictionary) => entries(dictionary),
        Object::Stream(stream) => entries(&stream.dictionary),
        Object::Array(elements) => elements.iter().for_each(|element| visit_but(element, pass, found)),
        Object::Reference(reference) => found(*reference),
        _ => {}
    }
}
