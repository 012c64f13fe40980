//! Rules M9 and M14: annotations that a certification with /P 3 permits, ISO 32000-1 clause 12.8.2.2. In: /Annots of a page before
//! and after. Out: findings; one that has passed tells of an annotation that was added, changed or removed.
//!
//! Permitted are markup annotations and their pop-ups. No widget, nothing that acts, plays or carries a file, and none over a
//! visible seal. Those that stay keep their order.

use std::collections::HashSet;

use pades::{Dictionary, Object, Page, Reference};

use super::appearance::Appearance;
use super::geometry::area_of_marks;
use super::{Slot, Step};
use crate::check::CheckId::{M9, M14};
use crate::format_check::compare::differing;

/// Markup annotations that consist of marks and text, and pop-ups (table 169).
const MARKUP: [&str; 15] = [
    "Text",
    "FreeText",
    "Line",
    "Square",
    "Circle",
    "Polygon",
    "PolyLine",
    "Highlight",
    "Underline",
    "Squiggly",
    "StrikeOut",
    "Caret",
    "Stamp",
    "Ink",
    "Popup",
];
/// What would make one act, or be switched on and off.
const ACTING: [&str; 4] = ["A", "AA", "PA", "OC"];

impl Step<'_, '_> {
    /// Whether annotations are judged one by one: a certification permits them.
    pub(super) fn annotations_permitted(&self) -> bool {
        self.permissions.annotations()
    }

    /// M9: /Annots of a page that gained or lost annotations.
    pub(super) fn list_of_annotations(
        &mut self,
        page: u32,
        slot: &Slot,
        old: &[Object],
        new: &[Object],
        offset: usize,
    ) {
        let kept: HashSet<Reference> = new.iter().filter_map(Object::as_reference).collect();
        let before: HashSet<Reference> = old.iter().filter_map(Object::as_reference).collect();
        let stays = |one: &&Object| one.as_reference().is_none_or(|one| kept.contains(&one));
        let stayed = |one: &&Object| one.as_reference().is_none_or(|one| before.contains(&one));
        if !old.iter().filter(stays).eq(new.iter().filter(stayed)) {
            return self.fail(M9, offset, format!("annotations were put into another order on page {page}"));
        }
        for removed in before.difference(&kept) {
            match self.markup(*removed) {
                Ok(kind) => self.permitted(M9, offset, format!("an annotation ({kind}) was removed from page {page}")),
                Err(reason) => {
                    self.fail(M9, offset, format!("an annotation was removed from page {page}, which {reason}"))
                }
            }
        }
        let added = new.iter().filter_map(Object::as_reference).filter(|one| !before.contains(one));
        for reference in added.collect::<Vec<Reference>>() {
            match self.new_widgets.contains(&reference) {
                true => self.place_widget(slot.holder, page, reference, offset),
                false => self.new_annotation(slot.holder, page, reference, offset),
            }
        }
    }

    /// What kind of markup an annotation was before.
    fn markup(&self, reference: Reference) -> Result<String, String> {
        let located = self.before.object(reference).ok().flatten();
        let dictionary = located.and_then(|located| located.object.as_dictionary().cloned());
        kind_of_markup(&dictionary.unwrap_or_default())
    }

    fn new_annotation(&mut self, list: u32, page: u32, reference: Reference, offset: usize) {
        self.paths.allow(list, reference.number);
        let new = self.changed.get(&reference.number).filter(|change| change.old.is_none());
        let Some(new) = new.and_then(|change| change.new.as_dictionary().cloned()) else {
            return self.fail(M9, offset, format!("an annotation of page {page} is no new object"));
        };
        self.changed.entry(reference.number).and_modify(|change| change.explained = true);
        match self.annotation(reference.number, page, None, &new) {
            Ok(kind) => self.permitted(M9, offset, format!("an annotation ({kind}) was added to page {page}")),
            Err(reason) => self.fail(M9, offset, format!("an annotation was added to page {page}, which {reason}")),
        }
        self.lies_over_no_seal(page, &new, offset);
    }

    /// Whether an annotation of marks and text was written again.
    pub(super) fn markup_changed(&self) -> bool {
        let is_markup = |object: &Object| object.as_dictionary().is_some_and(|one| kind_of_markup(one).is_ok());
        self.changed.values().any(|change| !change.explained && change.old.as_ref().is_some_and(is_markup))
    }

    /// M9: annotations of a page that were there and were written again.
    pub(super) fn changed_annotations(&mut self, page: &Page) {
        let list = self.before.get(&page.dictionary, "Annots").unwrap_or(Object::Null);
        let number = page.reference.number;
        for reference in list.as_array().unwrap_or_default().iter().filter_map(Object::as_reference) {
            let Some(change) = self.changed.get_mut(&reference.number).filter(|change| !change.explained) else {
                continue;
            };
            let (Some(Object::Dictionary(old)), Object::Dictionary(new)) = (change.old.clone(), change.new.clone())
            else {
                continue;
            };
            if kind_of_markup(&old).is_err() {
                continue; // the rules for leftovers speak of it
            }
            change.explained = true;
            let offset = change.offset;
            if old == new {
                continue;
            }
            match self.annotation(reference.number, number, Some(&old), &new) {
                Ok(kind) => self.permitted(M9, offset, format!("an annotation ({kind}) of page {number} changed")),
                Err(reason) => self.fail(M9, offset, format!("an annotation of page {number} changed, which {reason}")),
            }
            self.lies_over_no_seal(number, &new, offset);
        }
    }

    /// The kind of an annotation that may be there; the objects that it consists of are accounted for.
    fn annotation(
        &mut self,
        number: u32,
        page: u32,
        old: Option<&Dictionary>,
        new: &Dictionary,
    ) -> Result<String, String> {
        let kind = kind_of_markup(new)?;
        if let Some(old) = old.filter(|old| old.get("Subtype") != new.get("Subtype")) {
            return Err(format!("was of another kind ({})", kind_of_markup(old)?));
        }
        let empty = Dictionary::new();
        for key in differing(old.unwrap_or(&empty), new) {
            let value = new.get(&key);
            match key.as_str() {
                "AP" if value.is_some() => {
                    let before = old.and_then(|old| old.get("AP"));
                    self.new_appearance(number, before, value, &mut Appearance::default())
                        .map_err(|reason| format!("has an appearance that {reason}"))?;
                }
                "P" if value.is_none_or(|value| value.as_reference().is_some_and(|one| one.number == page)) => {}
                "P" => return Err("names another page in /P".to_owned()),
                "Popup" | "Parent" | "IRT" => {
                    let Some(value) = value else { continue };
                    let other = self.after.resolve(value).unwrap_or(Object::Null);
                    match (value, other.as_dictionary().is_some_and(|other| kind_of_markup(other).is_ok())) {
                        (Object::Reference(reference), true) => self.paths.allow(number, reference.number),
                        _ => return Err(format!("names no annotation in /{key}")),
                    }
                }
                _ => self.plain_part(number, value, &key)?,
            }
        }
        Ok(kind)
    }

    /// Texts, numbers, names, and lists and dictionaries of them; new objects, no streams.
    fn plain_part(&mut self, holder: u32, value: Option<&Object>, key: &str) -> Result<(), String> {
        let Some(value) = value else { return Ok(()) };
        match value {
            Object::Reference(reference) => {
                let change = self.changed.get_mut(&reference.number).filter(|one| one.old.is_none() && !one.explained);
                let Some(change) = change.filter(|change| change.new.as_stream().is_none()) else {
                    return Err(format!("leads to another object in /{key}"));
                };
                change.explained = true;
                let new = change.new.clone();
                self.paths.allow(holder, reference.number);
                self.plain_part(reference.number, Some(&new), key)
            }
            Object::Array(elements) => {
                elements.iter().try_for_each(|element| self.plain_part(holder, Some(element), key))
            }
            Object::Dictionary(part) => {
                part.entries().iter().try_for_each(|entry| self.plain_part(holder, Some(&entry.value), key))
            }
            _ => Ok(()),
        }
    }

    /// M14: nothing is laid over a visible seal.
    fn lies_over_no_seal(&mut self, page: u32, annotation: &Dictionary, offset: usize) {
        match self.places() {
            Ok(places) => {
                if let Some(seal) = places.covered(&[page], area_of_marks(self.after, annotation)) {
                    self.fail(
                        M14,
                        offset,
                        format!("an annotation of page {page} lies over the visible seal in `{seal}`"),
                    );
                }
            }
            Err(problem) => self.fail(M14, offset, problem),
        }
    }
}

/// The kind of a markup annotation that does not act.
fn kind_of_markup(annotation: &Dictionary) -> Result<String, String> {
    let kind = annotation.get("Subtype").and_then(Object::as_name);
    let Some(kind) = kind.and_then(|kind| MARKUP.iter().find(|known| *kind == **known)) else {
        return Err("is no markup".to_owned());
    };
    match ACTING.iter().find(|key| annotation.entry(key).is_some()) {
        Some(key) => Err(format!("has /{key}")),
        None => Ok((*kind).to_owned()),
    }
}
