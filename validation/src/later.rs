//! What came after a signature, for people: the reader of a report wants to know who sealed later, and that a title changed.
//! In: the document and the reports on its signatures. Out: their member `later`.
//!
//! This describes; it does not judge. Whether anything but evidence and seals came later is a fact of format checking
//! (`later_changes`), and only when that says so, what is none of them is told here. Title and metadata are looked at here alone.

mod metadata;

use std::collections::{BTreeMap, BTreeSet};

use pades::{Dictionary, Document, Object, View};

use crate::file::File;
use crate::report::{Kind, Later, LaterChanges, LaterWhat, SignatureReport};

/// What the revisions brought, by number.
type Brought = BTreeMap<usize, BTreeSet<LaterWhat>>;

/// Fills `later` of every report.
pub(crate) fn tell(document: Option<&Document>, file: &File<'_>, reports: &mut [SignatureReport]) {
    let bases: Vec<Option<usize>> = file.entries.iter().map(|entry| base(&entry.format)).collect();
    let first = bases.iter().flatten().min().copied();
    let brought = document.zip(first).map(|(document, first)| brought(document, first)).unwrap_or_default();
    let signatures: Vec<Later> =
        file.entries.iter().zip(reports.iter()).filter_map(|(entry, one)| of(entry.format.revision?, one)).collect();
    for (report, base) in reports.iter_mut().zip(bases) {
        let other = report.facts.later_changes == LaterChanges::Other;
        report.later = base.map(|base| after(base, &brought, &signatures, other)).unwrap_or_default();
        if other && report.later.iter().all(|later| later.what.leaves_content() || later.what == LaterWhat::Metadata) {
            let revision = base.map_or(0, |base| base + 1);
            report.later.push(Later { revision, what: LaterWhat::Other, who: None, when: None });
            report.later.sort_by_key(|later| later.revision);
        }
    }
}

/// The last revision that does not come after a signature.
fn base(format: &crate::format_check::SignatureFormat) -> Option<usize> {
    format.covered_revision.or(format.revision)
}

/// A signature as something that came after another.
fn of(revision: usize, report: &SignatureReport) -> Option<Later> {
    let what = match report.kind {
        Kind::Seal => LaterWhat::Seal,
        Kind::DocumentTimestamp => LaterWhat::DocumentTimestamp,
    };
    let stamped =
        report.kind == Kind::DocumentTimestamp || report.timestamps.iter().any(|stamp| stamp.conclusion.0.is_passed());
    let who = report.confirmed_name().map(str::to_owned);
    Some(Later { revision, what, who, when: report.best_signature_time.filter(|_| stamped) })
}

/// A report tells of so many further seals and stamps, and of so many changes: an archive renewed for decades has fewer.
const MOST_SHOWN: usize = 100;

fn after(base: usize, brought: &Brought, signatures: &[Later], other: bool) -> Vec<Later> {
    let mut later: Vec<Later> = signatures.iter().filter(|one| one.revision > base).take(MOST_SHOWN).cloned().collect();
    let is_shown = |what: &LaterWhat| other || what.leaves_content() || *what == LaterWhat::Metadata;
    let brought = brought.range(base + 1..).flat_map(|(revision, kinds)| kinds.iter().map(|what| (*revision, *what)));
    let (evidence, changes): (Vec<_>, Vec<_>) =
        brought.filter(|(_, what)| is_shown(what)).partition(|(_, what)| what.leaves_content());
    let both = [evidence, changes].into_iter().flat_map(|kind| kind.into_iter().take(MOST_SHOWN));
    later.extend(both.map(|(revision, what)| Later { revision, what, who: None, when: None }));
    later.sort_by_key(|later| (later.revision, later.what));
    later
}

/// What each revision after `first` brought, seals and time-stamps apart.
fn brought(document: &Document, first: usize) -> Brought {
    let mut brought = Brought::new();
    for revision in first + 1..document.revisions().len() {
        let (Some(before), Some(after)) = (document.at(revision - 1), document.at(revision)) else { continue };
        let step = Step { before, after, revision };
        let kinds = step.kinds();
        if !kinds.is_empty() {
            brought.insert(revision, kinds);
        }
    }
    brought
}

/// One revision beside the one before it.
struct Step<'d> {
    before: View<'d>,
    after: View<'d>,
    revision: usize,
}

impl Step<'_> {
    fn kinds(&self) -> BTreeSet<LaterWhat> {
        let mut kinds = BTreeSet::new();
        let (old, new) = (catalog(self.before), catalog(self.after));
        if self.touches(&old, &new, "DSS") {
            kinds.insert(LaterWhat::SecurityStore);
        }
        if self.metadata_differs(&old, &new) {
            kinds.insert(LaterWhat::Metadata);
        }
        for (number, entry) in self.after.document().revisions()[self.revision].entries() {
            if self.before.entry(*number).is_some_and(|(_, before)| before != *entry) {
                kinds.extend(self.overridden(*number));
            }
        }
        kinds
    }

    /// Whether the value of a key of the catalog, or one of the objects right below, was written in this revision.
    fn touches(&self, old: &Dictionary, new: &Dictionary, key: &str) -> bool {
        if old.get(key) != new.get(key) {
            return true;
        }
        let listed = &self.after.document().revisions()[self.revision];
        let written = |value: &Object| value.as_reference().is_some_and(|one| listed.entry(one.number).is_some());
        let below = |value: &Object| match self.after.resolve(value) {
            Ok(Object::Dictionary(parts)) => parts.entries().iter().any(|entry| written(&entry.value)),
            _ => false,
        };
        new.get(key).is_some_and(|value| written(value) || below(value))
    }

    fn metadata_differs(&self, old: &Dictionary, new: &Dictionary) -> bool {
        let (old_trailer, new_trailer) = (self.before.trailer(), self.after.trailer());
        (self.touches(old_trailer, new_trailer, "Info") && metadata::info_differs(self.before, self.after))
            || (self.touches(old, new, "Metadata") && metadata::xmp_differs(self.before, old, self.after, new))
    }

    /// Of an object that was written anew: what it is, by what it was. The catalog and signatures speak for themselves.
    fn overridden(&self, number: u32) -> Option<LaterWhat> {
        let object = |view: View<'_>| {
            let (_, entry) = view.entry(number)?;
            let generation = if let pades::XrefEntry::InUse { generation, .. } = entry { generation } else { 0 };
            Some(view.object(pades::Reference { number, generation }).ok()??.object)
        };
        let (old, new) = (object(self.before)?, object(self.after));
        if new.as_ref() == Some(&old) && old.as_stream().is_none() {
            return None;
        }
        let Some(dictionary) = old.as_dictionary() else {
            return Some(if old.as_stream().is_some() { LaterWhat::Page } else { LaterWhat::Other });
        };
        let of_type = |names: &[&str]| names.iter().any(|name| dictionary.has_name("Type", name));
        if of_type(&["Catalog", "DSS", "VRI"]) {
            None
        } else if of_type(&["Page"]) {
            Some(if differs_in(&old, new.as_ref(), "Annots") { LaterWhat::Annotation } else { LaterWhat::Page })
        } else if of_type(&["Pages", "Font", "FontDescriptor", "Encoding"]) {
            Some(LaterWhat::Page)
        } else if dictionary.entry("FT").is_some() || dictionary.entry("Fields").is_some() {
            Some(LaterWhat::Form)
        } else if of_type(&["Annot"]) || dictionary.entry("Rect").is_some() {
            Some(LaterWhat::Annotation)
        } else if self.is_information(number) {
            None
        } else {
            Some(LaterWhat::Other)
        }
    }

    fn is_information(&self, number: u32) -> bool {
        let named = |view: View<'_>| view.trailer().get("Info").and_then(Object::as_reference);
        [named(self.before), named(self.after)].into_iter().flatten().any(|one| one.number == number)
    }
}

fn catalog(view: View<'_>) -> Dictionary {
    view.catalog().map(|(_, catalog)| catalog).unwrap_or_default()
}

/// Whether two dictionaries differ in that key and in no other.
fn differs_in(old: &Object, new: Option<&Object>, key: &str) -> bool {
    let without = |object: &Object| {
        object.as_dictionary().map(|dictionary| {
            let mut rest = dictionary.clone();
            rest.remove(key);
            rest
        })
    };
    without(old) == new.and_then(without)
}
