//! Rules M1 to M15, X5 and X7: what revisions after a seal changed, EN 319 102-1 clause 5.2.2. In: a document and the first
//! revision that a signature covers. Out: findings. Each later revision is compared with the one before it, so that a change
//! which a further revision undoes is seen too. Every object that a revision lists must be explained by a permitted change;
//! afterwards every reference in the file to a changed object must come from a place where that change is permitted.
//!
//! Permitted are security stores and document time-stamps in invisible fields, and what writers of those do on the way:
//! /Version and /Extensions upwards, /Info and metadata in text. Further seals, forms that are filled in and annotations leave a
//! finding that has passed where earlier signatures permit them; how it counts is the policy's to say.

mod annotation;
mod appearance;
mod catalog;
mod der;
mod form;
mod geometry;
mod page;
mod paths;
mod permission;
mod seal;
mod security_store;
mod text;
mod values;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use pades::{Dictionary, Document, Error, Located, Object, Reference, SignatureFields, View, XrefEntry};

use super::inventory::{Inventory, duplicate_key, rule_of};
use super::rule::{Finding, Rule, lines};
use super::under;
use crate::check::CheckId::{M1, M2, M3, M4, M5, M6, M7, M8, M9, M10, M11, M12, M14, M15, X4, X5, X10};
use crate::policy::LaterChangesAllowed;
use crate::report::{Check, Outcome};
use geometry::Places;
use paths::{Paths, Place, Unexplained};
use permission::Permissions;
use security_store::Judged;

pub(super) use permission::certification;

/// The lines of M1 to M15.
pub(super) fn checks(findings: &[Finding], policy: LaterChangesAllowed) -> Vec<Check> {
    const PASSED: [(Rule, &str); 14] = [
        (M1, "no other key of the catalog differs in a later revision"),
        (M2, "no page or page tree node differs in a later revision"),
        (M3, "no later revision lists an existing stream or font"),
        (M4, "no later revision frees an object"),
        (M5, "every object of later revisions is explained"),
        (M6, "no later security store"),
        (M7, "no later signature field"),
        (M8, "no later revision lists a signed field or its signature"),
        (M9, "no later annotation"),
        (M10, "no later revision lists a form field"),
        (M11, "no earlier signature forbids what came later"),
        (M12, "neither /Info nor metadata differ in a later revision"),
        (M14, "nothing later lies over a visible seal"),
        (M15, "the same /Root, /ID and /Encrypt in every trailer"),
    ];
    let judged: Vec<Finding> =
        findings.iter().map(|finding| permission::judged(finding, policy).into_owned()).collect();
    let all = PASSED.into_iter().flat_map(|(rule, passed)| lines(rule, &judged, passed));
    all.map(|check| under(policy, check)).collect()
}

/// Judges every revision after `first`; `forms` are the fields of each revision, `newest` all fields of the last.
pub(super) fn findings(
    document: &Document,
    inventory: &Inventory,
    forms: &[Arc<SignatureFields>],
    newest: &SignatureFields,
    first: usize,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut paths = Paths::default();
    let numbers_of_sections =
        |revision: usize| document.revisions()[revision].xref_streams.iter().map(|stream| stream.number);
    let mut sections: HashSet<u32> = (0..=first).flat_map(numbers_of_sections).collect();
    let mut permissions = Permissions::default();
    let mut judged = Judged::default();
    for revision in first + 1..document.revisions().len() {
        let (Some(before), Some(after)) = (document.at(revision - 1), document.at(revision)) else { continue };
        let Some(fields) = forms.get(revision - 1) else { continue };
        permissions.add(before, fields, &newest.fields);
        let mut step = Step {
            before,
            after,
            revision,
            fields,
            later_fields: forms.get(revision).map(Arc::as_ref),
            changed: BTreeMap::new(),
            new_names: HashSet::new(),
            new_widgets: HashSet::new(),
            sections: &sections,
            placed: HashSet::new(),
            page_of_widgets: None,
            signatures: 0,
            places: None,
            judged: &mut judged,
            permissions: &permissions,
            paths: &mut paths,
            findings: &mut findings,
        };
        step.judge();
        sections.extend(numbers_of_sections(revision));
    }
    if first + 1 < document.revisions().len() {
        findings.extend(paths.findings(inventory));
    }
    findings
}

/// One later revision beside the one before it.
struct Step<'d, 's> {
    before: View<'d>,
    after: View<'d>,
    revision: usize,
    /// The form before.
    fields: &'d SignatureFields,
    /// The form after, unless this is the newest revision.
    later_fields: Option<&'d SignatureFields>,
    /// Every object that the revision lists.
    changed: BTreeMap<u32, Change>,
    new_names: HashSet<String>,
    new_widgets: HashSet<Reference>,
    /// The numbers of all cross-reference streams before.
    sections: &'s HashSet<u32>,
    /// Those of the new widgets that a page lists, and the page.
    placed: HashSet<Reference>,
    page_of_widgets: Option<u32>,
    /// How many signatures the revision has added so far.
    signatures: usize,
    /// Where annotations and visible seals were before, once somebody asks.
    places: Option<Result<Rc<Places>, String>>,
    /// What is known of the streams of the security store.
    judged: &'s mut Judged,
    permissions: &'s Permissions,
    paths: &'s mut Paths,
    findings: &'s mut Vec<Finding>,
}

/// An object that the revision adds or overrides.
struct Change {
    reference: Reference,
    /// The object before; none: it is new.
    old: Option<Object>,
    new: Object,
    offset: usize,
    explained: bool,
}

/// A value before and after, with references followed once.
struct Slot {
    old: Object,
    new: Object,
    /// The object that holds the new value.
    holder: u32,
}

impl Slot {
    fn dictionaries(&self) -> Option<(Dictionary, Dictionary)> {
        let part = |object: &Object| match object {
            Object::Dictionary(dictionary) => Some(dictionary.clone()),
            Object::Null => Some(Dictionary::new()),
            _ => None,
        };
        Some((part(&self.old)?, part(&self.new)?))
    }

    fn arrays(&self) -> Option<(Vec<Object>, Vec<Object>)> {
        let part = |object: &Object| match object {
            Object::Array(elements) => Some(elements.clone()),
            Object::Null => Some(Vec::new()),
            _ => None,
        };
        Some((part(&self.old)?, part(&self.new)?))
    }
}

impl Step<'_, '_> {
    fn judge(&mut self) {
        self.read_changes();
        self.overridden_signatures();
        self.trailer();
        self.catalog();
        self.filled_fields();
        self.values();
        self.pages();
        self.leftovers();
        self.paths.end_of_revision();
    }

    fn fail(&mut self, rule: Rule, offset: usize, detail: impl Into<String>) {
        self.findings.push(Finding::failed(rule, Some(self.revision), offset, detail));
    }

    /// A line about a change that earlier signatures permit; what it comes to is the policy's to say.
    fn permitted(&mut self, rule: Rule, offset: usize, detail: String) {
        let (revision, offset) = (Some(self.revision), Some(offset));
        self.findings.push(Finding {
            rule,
            outcome: Outcome::Passed,
            revision,
            offset,
            detail,
            change: true,
            anomaly: None,
        });
    }

    /// Where visible seals were before; an error says that this cannot be read.
    fn places(&mut self) -> Result<Rc<Places>, String> {
        let read = || match Places::of(self.before, self.fields) {
            Ok(places) => Ok(Rc::new(places)),
            Err(problem) => Err(format!("where visible seals lie cannot be read: {problem}")),
        };
        self.places.get_or_insert_with(read).clone()
    }

    /// A line about something permitted.
    fn note(&mut self, rule: Rule, outcome: Outcome, offset: usize, detail: String) {
        let (revision, offset) = (Some(self.revision), Some(offset));
        self.findings.push(Finding { rule, outcome, revision, offset, detail, change: false, anomaly: None });
    }

    /// Everything that the revision lists; M4, X4 and X5 as far as the cross-references tell.
    fn read_changes(&mut self) {
        let document = self.after.document();
        let parts = &document.revisions()[self.revision];
        let containers: HashSet<u32> = parts.entries().iter().filter_map(|(_, entry)| container(*entry)).collect();
        for (number, entry) in parts.entries() {
            let before = self.before.entry(*number).map(|(_, entry)| entry);
            match (before, *entry) {
                (None | Some(XrefEntry::Free { .. }), XrefEntry::Free { .. }) => {}
                (Some(_), XrefEntry::Free { .. }) => {
                    self.fail(M4, parts.startxref, format!("object {number} was freed"));
                }
                (before, entry) => self.read_change(*number, before, entry, &containers),
            }
        }
        let older: Vec<u32> = containers.into_iter().filter(|container| !self.is_new(*container)).collect();
        for container in older {
            self.fail(X5, parts.startxref, format!("objects were activated in the older object stream {container}"));
        }
        self.unlisted_sections();
        self.unlisted_members();
    }

    /// X5: a new object stream holds what the cross-references list and nothing else, which a reader that rebuilds the file would
    /// find there.
    fn unlisted_members(&mut self) {
        let parts = &self.after.document().revisions()[self.revision];
        let containers: BTreeSet<u32> = parts.entries().iter().filter_map(|(_, entry)| container(*entry)).collect();
        for container in containers.into_iter().filter(|container| self.is_new(*container)).collect::<Vec<_>>() {
            let Ok(members) = self.after.objects_in(container) else { continue }; // X4 says that of what it should hold
            for (index, number) in (0..).zip(members) {
                if parts.entry(number) != Some(XrefEntry::Compressed { container, index }) {
                    let detail = format!("object stream {container} holds an object {number} that nothing lists there");
                    self.fail(X5, parts.startxref, detail);
                }
            }
        }
    }

    /// X5: cross-reference streams need not list themselves, and have a number nevertheless: that of no other object, and of
    /// none that something refers to.
    fn unlisted_sections(&mut self) {
        let parts = &self.after.document().revisions()[self.revision];
        for stream in parts.xref_streams.iter().filter(|stream| parts.entry(stream.number).is_none()) {
            let number = stream.number;
            if !matches!(self.before.entry(number), None | Some((_, XrefEntry::Free { .. }))) {
                self.fail(X5, parts.startxref, format!("a cross-reference stream has the number of object {number}"));
            }
            self.paths.watch(number, self.revision, parts.startxref);
        }
    }

    fn read_change(&mut self, number: u32, before: Option<XrefEntry>, entry: XrefEntry, containers: &HashSet<u32>) {
        let document = self.after.document();
        let parts = &document.revisions()[self.revision];
        let (offset, generation) = match entry {
            XrefEntry::InUse { offset, generation } => (offset, generation),
            _ => (parts.startxref, 0),
        };
        let reference = Reference { number, generation };
        self.numbers_are_not_used_again(reference, before, offset);
        let overridden = !matches!(before, None | Some(XrefEntry::Free { .. }));
        let is_section = parts.xref_streams.contains(&reference);
        let by_stream = is_section || matches!(entry, XrefEntry::Compressed { .. }) || containers.contains(&number);
        if overridden && (by_stream || self.was_container(number)) {
            self.fail(X5, offset, format!("object {number} was overridden by or in a stream of objects, or is one"));
        }
        let old = if overridden { self.object_before(number, before) } else { None };
        let new = match self.after.object(reference) {
            Ok(Some(located)) => {
                self.anomalies(&located);
                located.object
            }
            Ok(None) => Object::Null,
            Err(problem) => {
                self.fail(X4, problem.offset().unwrap_or(offset), problem.to_string());
                return;
            }
        };
        let explained = old.is_none() && (is_section || self.is_new_container(number, &new, containers, offset));
        let old = if overridden { Some(old.unwrap_or(Object::Null)) } else { None };
        self.changed.insert(number, Change { reference, old, new, offset, explained });
    }

    /// X9 and X10: how an object is written that a still later revision may override, so that nobody else looks at it.
    fn anomalies(&mut self, located: &Located) {
        let doubled = duplicate_key(&located.object, located.revision);
        for found in located.irregularities.iter().chain(&doubled) {
            if let Some(rule) = rule_of(found.departure) {
                self.fail(rule, found.problem.offset().unwrap_or(0), found.problem.to_string());
            }
        }
    }

    /// X4: no freed number and no lower generation is used again.
    fn numbers_are_not_used_again(&mut self, reference: Reference, before: Option<XrefEntry>, offset: usize) {
        let expected = match before {
            Some(XrefEntry::InUse { generation, .. }) => generation,
            Some(XrefEntry::Compressed { .. }) | None => 0,
            Some(XrefEntry::Free { .. }) if !self.was_ever_used(reference.number) => return,
            Some(XrefEntry::Free { .. }) => {
                return self.fail(X4, offset, format!("the freed number {} is used again", reference.number));
            }
        };
        if reference.generation != expected {
            self.fail(X4, offset, format!("wanted generation {expected}, found {reference}"));
        }
    }

    fn was_ever_used(&self, number: u32) -> bool {
        let document = self.after.document();
        let earlier = document.listings(number).take_while(|revision| *revision < self.revision);
        let mut entries = earlier.filter_map(|revision| document.revisions()[revision].entry(number));
        entries.any(|entry| !matches!(entry, XrefEntry::Free { .. }))
    }

    /// X5: whether the number was that of a cross-reference stream or an object stream.
    fn was_container(&self, number: u32) -> bool {
        self.sections.contains(&number)
            || matches!(self.object_before(number, self.before.entry(number).map(|(_, entry)| entry)),
                Some(Object::Stream(stream)) if stream.dictionary.has_name("Type", "ObjStm"))
    }

    fn object_before(&self, number: u32, entry: Option<XrefEntry>) -> Option<Object> {
        let generation = if let Some(XrefEntry::InUse { generation, .. }) = entry { generation } else { 0 };
        let located = self.before.object(Reference { number, generation }).ok()??;
        Some(located.object)
    }

    /// X5: an object stream of this revision; /Extends would bring in an older one.
    fn is_new_container(&mut self, number: u32, new: &Object, containers: &HashSet<u32>, offset: usize) -> bool {
        let Object::Stream(stream) = new else { return false };
        if !containers.contains(&number) {
            return false;
        }
        if stream.dictionary.entry("Extends").is_some() {
            self.fail(X5, offset, format!("object stream {number} has /Extends"));
        }
        true
    }

    fn is_new(&self, number: u32) -> bool {
        self.changed.get(&number).is_some_and(|change| change.old.is_none())
    }

    /// M8: a signature dictionary is never written again, not even with equal entries.
    fn overridden_signatures(&mut self) {
        let fields = self.fields;
        let signed = fields.fields.iter().filter(|field| field.value.dictionary().is_some());
        for field in signed {
            let value = field.dictionary.get("V").and_then(Object::as_reference);
            let Some(change) = value.and_then(|value| self.changed.get_mut(&value.number)) else { continue };
            change.explained = true;
            let offset = change.offset;
            self.fail(M8, offset, format!("the signature in the field `{}` was overridden", field.name));
        }
    }

    /// What a value leads to before and after. The object in which the new value lies counts as explained: the caller compares.
    fn slot(&mut self, holder: u32, old: Option<&Object>, new: Option<&Object>) -> Slot {
        let old = old.map_or(Object::Null, |old| self.value_before(old));
        let Some(reference) = new.and_then(Object::as_reference) else {
            return Slot { old, new: new.cloned().unwrap_or(Object::Null), holder };
        };
        self.account_for(holder, reference);
        let new = match self.after.object(reference) {
            Ok(found) => found.map_or(Object::Null, |located| located.object),
            Err(problem) => {
                self.fail(X4, problem.offset().unwrap_or(0), problem.to_string());
                Object::Null
            }
        };
        Slot { old, new, holder: reference.number }
    }

    /// One reference that is permitted, and its target.
    fn account_for(&mut self, holder: u32, reference: Reference) {
        self.paths.allow(holder, reference.number);
        if let Some(change) = self.changed.get_mut(&reference.number) {
            change.explained = true;
            self.paths.watch(reference.number, self.revision, change.offset);
        }
    }

    /// A value of the revision before; one that a limit keeps from being read is no unchanged one (X10).
    fn value_before(&mut self, old: &Object) -> Object {
        match self.before.resolve(old) {
            Ok(value) => value,
            Err(problem) => {
                if let Error::LimitExceeded { offset, .. } = problem {
                    self.fail(X10, offset, problem.to_string());
                }
                Object::Null
            }
        }
    }

    /// M5 and the rule for each kind of object that nothing permitted explains.
    fn leftovers(&mut self) {
        let numbers: Vec<u32> = self.changed.keys().copied().collect();
        let mut roles = None;
        for number in numbers {
            let change = &self.changed[&number];
            let offset = change.offset;
            match &change.old {
                None if change.explained => self.paths.watch(number, self.revision, offset),
                None => {
                    let rule = kind_of_new(&change.new);
                    let place = Place { revision: self.revision, offset };
                    self.paths.unexplained(number, Unexplained { rule, place, is_inert: is_inert(&change.new) });
                }
                Some(old) if !change.explained && !self.is_rewritten(change) => {
                    let roles = roles.get_or_insert_with(|| self.roles());
                    let rule = roles.get(&change.reference).copied().unwrap_or_else(|| kind_of_old(old));
                    self.fail(rule, offset, format!("object {number} was overridden"));
                }
                Some(_) => {}
            }
        }
    }

    /// Objects that the form or the catalog lead to, with the rule that speaks of them.
    fn roles(&self) -> HashMap<Reference, Rule> {
        let mut roles = HashMap::new();
        if let Ok((_, catalog)) = self.after.catalog() {
            let references = catalog.entries().iter().filter_map(|entry| entry.value.as_reference());
            roles.extend(references.map(|reference| (reference, M1)));
            roles.extend(catalog.get("Pages").and_then(Object::as_reference).map(|pages| (pages, M2)));
        }
        for field in &self.fields.fields {
            let rule = if field.value.dictionary().is_some() { M8 } else { M10 };
            roles.extend(field.reference.iter().chain(&field.widgets).map(|reference| (*reference, rule)));
        }
        roles
    }

    /// The same object written once more.
    fn is_rewritten(&self, change: &Change) -> bool {
        let bytes = self.after.document().bytes();
        match (&change.old, &change.new) {
            (Some(Object::Stream(old)), Object::Stream(new)) => {
                old.dictionary == new.dictionary && bytes[old.data.clone()] == bytes[new.data.clone()]
            }
            (Some(old), new) => old == new,
            (None, _) => false,
        }
    }
}

/// Which rule an overridden object breaks.
fn kind_of_old(old: &Object) -> Rule {
    let Some(dictionary) = old.as_dictionary() else { return if old.as_stream().is_some() { M3 } else { M5 } };
    let of_type = |names: &[&str]| names.iter().any(|name| dictionary.has_name("Type", name));
    if of_type(&["Page", "Pages"]) {
        M2
    } else if of_type(&["Font", "FontDescriptor", "Encoding"]) {
        M3
    } else if dictionary.entry("FT").is_some() {
        M10
    } else if of_type(&["Annot"]) || (dictionary.entry("Subtype").is_some() && dictionary.entry("Rect").is_some()) {
        M9
    } else {
        M5
    }
}

/// Which rule a new object breaks that nothing permitted leads to.
fn kind_of_new(new: &Object) -> Rule {
    let Some(dictionary) = new.as_dictionary() else { return M5 };
    let is_widget = dictionary.has_name("Subtype", "Widget");
    if dictionary.has_name("Type", "Page") {
        M2
    } else if !is_widget && dictionary.entry("Subtype").is_some() && dictionary.entry("Rect").is_some() {
        M9
    } else {
        M5
    }
}

/// Whether an object can be left lying about: no catalog, page, action, file or container, which a reader that rebuilds the file or
/// looks through all objects would take up although nothing leads to it.
fn is_inert(new: &Object) -> bool {
    const TAKEN_UP: [&str; 9] =
        ["Action", "Catalog", "EmbeddedFile", "F", "Filespec", "ObjStm", "Page", "Pages", "XRef"];
    let Some(dictionary) = new.as_dictionary().or_else(|| new.as_stream().map(|stream| &stream.dictionary)) else {
        return true;
    };
    let is_container = ["N", "First"].iter().all(|key| dictionary.entry(key).is_some());
    let is_script = ["JS", "JavaScript", "OpenAction", "AA"].iter().any(|key| dictionary.entry(key).is_some());
    !is_container && !is_script && !TAKEN_UP.iter().any(|name| dictionary.has_name("Type", name))
}

fn container(entry: XrefEntry) -> Option<u32> {
    if let XrefEntry::Compressed { container, .. } = entry { Some(container) } else { None }
}
