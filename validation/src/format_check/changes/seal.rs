//! Rules M7, M8, M11 and M14: a signature that a later revision adds to a field, new or prepared. In: the field before and after.
//! Out: findings; one that has passed tells of a document time-stamp, or of a further seal that earlier signatures permit.
//!
//! A prepared empty field gains /V, and its widgets an appearance: readers scale it into /Rect, which stays as it is, so that it
//! is shown where the earlier sealer had left room for it. No other place is judged without rendering.

use std::collections::HashSet;

use pades::{Dictionary, Object, Reference, SignatureField, SignatureValue};

use super::Step;
use super::appearance::Appearance;
use super::geometry::{flags, has_area, is_invisible, rectangle};
use crate::check::CheckId::{M7, M8, M11, M14};
use crate::format_check::compare::differing;
use crate::format_check::inventory::visit;
use crate::report::Outcome;

/// What kind of signature a field holds now.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SignatureIn {
    TimeStamp,
    Seal,
}

/// Print, ReadOnly, Locked and LockedContents (table 165): none of them makes anything visible on the screen.
const FLAGS_OF_SIGNERS: i64 = 4 | 64 | 128 | 512;

impl Step<'_, '_> {
    /// M7: /V leads to a new indirect dictionary, a signature that is no certification.
    pub(super) fn new_value(
        &mut self,
        field: Reference,
        dictionary: &Dictionary,
        offset: usize,
        name: &str,
    ) -> Option<SignatureIn> {
        let value = dictionary.get("V").and_then(Object::as_reference);
        let Some(value) = value.filter(|value| self.is_new(value.number)) else {
            self.fail(M7, offset, format!("the field `{name}` has no new indirect signature dictionary"));
            return None;
        };
        let slot = self.slot(field.number, None, Some(&Object::Reference(value)));
        let is_signature = |one: &&Dictionary| {
            let range = one.get("ByteRange").and_then(Object::as_array).is_some_and(|range| range.len() == 4);
            range && one.get("Contents").and_then(Object::as_string).is_some() && one.get("SubFilter").is_some()
        };
        let Some(signature) = slot.new.as_dictionary().filter(is_signature) else {
            self.fail(M7, offset, format!("the value of the field `{name}` is no signature"));
            return None;
        };
        self.signatures += 1;
        if self.signatures > 1 {
            self.fail(M7, offset, format!("the signature in `{name}` is not the only one of its revision"));
        }
        self.parts_of_signature(value.number, signature, offset, name);
        if self.after.restrictions(None, signature).certification.is_some() {
            self.fail(
                M11,
                offset,
                format!("the field `{name}` holds a certification, which is not the first signature"),
            );
        }
        if signature.has_name("SubFilter", "ETSI.RFC3161") {
            self.note(M7, Outcome::Passed, offset, format!("a document time-stamp in the field `{name}`"));
            return Some(SignatureIn::TimeStamp);
        }
        Some(SignatureIn::Seal)
    }

    /// New objects that a signature dictionary leads to: values, no streams.
    fn parts_of_signature(&mut self, number: u32, signature: &Dictionary, offset: usize, name: &str) {
        let mut pending = vec![Object::Dictionary(signature.clone())];
        let mut seen = HashSet::new();
        while let Some(object) = pending.pop() {
            let mut references = Vec::new();
            visit(&object, &mut |reference| references.push(reference));
            for reference in references.into_iter().filter(|reference| seen.insert(*reference)) {
                let Some(change) = self.changed.get(&reference.number).filter(|change| change.old.is_none()) else {
                    continue; // /Data leads to the catalog
                };
                if change.explained || change.new.as_stream().is_some() {
                    return self.fail(
                        M7,
                        offset,
                        format!("the signature in `{name}` leads to object {}", reference.number),
                    );
                }
                pending.push(change.new.clone());
            }
        }
        self.accept_new(vec![(number, Object::Dictionary(signature.clone()))]);
    }

    /// M7, M10, M11: whether earlier signatures permit a further seal in this field.
    pub(super) fn further_seal(&mut self, name: &str, offset: usize) {
        match self.permissions.forbid(name) {
            Some((rule, reason)) => {
                self.fail(rule, offset, format!("a further seal in the field `{name}`, but {reason}"));
            }
            None => self.permitted(M7, offset, format!("a further seal in the field `{name}`")),
        }
    }

    /// M8, M10: signature fields that were there before. An empty one may gain a signature.
    pub(super) fn filled_fields(&mut self) {
        let fields = self.fields;
        for field in &fields.fields {
            let touched =
                field.reference.iter().chain(&field.widgets).any(|one| self.changed.contains_key(&one.number));
            match (&field.value, field.reference) {
                _ if !touched => {}
                (SignatureValue::Empty, Some(reference)) => self.filled_field(field, reference),
                (SignatureValue::Empty, None) => {} // its holder changed
                _ => self.signed_field(field),
            }
        }
    }

    /// M8: a signed field and its widgets stay as they are.
    fn signed_field(&mut self, field: &SignatureField) {
        for reference in field.reference.iter().chain(&field.widgets) {
            let Some(change) = self.changed.get_mut(&reference.number) else { continue };
            if change.old.as_ref() != Some(&change.new) {
                change.explained = true;
                let offset = change.offset;
                self.fail(M8, offset, format!("the signed field `{}` was overridden", field.name));
            }
        }
    }

    fn filled_field(&mut self, field: &SignatureField, reference: Reference) {
        if self.signatures > 0 {
            let offset = self.changed.get(&reference.number).map_or(0, |change| change.offset);
            return self.fail(
                M7,
                offset,
                format!("the signature in `{}` is not the only one of its revision", field.name),
            );
        }
        let parts: Vec<Reference> = std::iter::once(reference).chain(field.widgets.iter().copied()).collect();
        let (mut changed, mut visible, mut place) = (false, false, 0);
        let mut appearance = Appearance::default();
        for part in parts {
            let Some(change) = self.changed.get_mut(&part.number) else { continue };
            change.explained = true;
            let offset = change.offset;
            let (Some(Object::Dictionary(old)), Object::Dictionary(new)) = (change.old.clone(), change.new.clone())
            else {
                self.fail(M8, offset, format!("the field `{}` is no dictionary any more", field.name));
                continue;
            };
            if old != new {
                (changed, place) = (true, offset);
                visible |= self.filled_part(field, part, (&old, &new), &mut appearance);
            }
        }
        if !changed {
            return;
        }
        let Some(Object::Dictionary(new)) = self.changed.get(&reference.number).map(|change| change.new.clone()) else {
            return self.fail(M8, place, format!("a widget of the empty field `{}` changed", field.name));
        };
        let kind = self.new_value(reference, &new, place, &field.name);
        if kind == Some(SignatureIn::Seal) || (kind.is_some() && visible) {
            self.further_seal(&field.name, place);
        }
    }

    /// M8: what changed in a field or in one of its widgets. Returns whether anything is to be seen.
    fn filled_part(
        &mut self,
        field: &SignatureField,
        part: Reference,
        (old, new): (&Dictionary, &Dictionary),
        appearance: &mut Appearance,
    ) -> bool {
        let offset = self.changed.get(&part.number).map_or(0, |change| change.offset);
        let is_field = field.reference == Some(part);
        let is_widget = !is_field || field.widgets.is_empty();
        let mut visible = false;
        for key in differing(old, new) {
            let permitted = match key.as_str() {
                "V" => is_field,
                "M" => new.get("M").is_none_or(|time| time.as_string().is_some()),
                "F" if is_widget => {
                    let gained = |(before, after): (i64, i64)| (before & !after == 0).then_some(after & !before);
                    let gained = flags(old).zip(flags(new)).and_then(gained);
                    gained.is_some_and(|gained| gained & !FLAGS_OF_SIGNERS == 0)
                }
                "AP" if is_widget && (is_invisible(new) || new.entry("Rect").is_none()) => {
                    self.appearance(part.number, new);
                    if !self.paints_nothing(new.get("AP")) {
                        let what = "has no room, and an appearance that paints";
                        self.fail(M7, offset, format!("the invisible field `{}` {what}", field.name));
                    }
                    true
                }
                "AP" if is_widget => {
                    visible = true;
                    self.visible_appearance(field, part, (old, new), appearance)
                }
                _ => false,
            };
            if !permitted {
                self.fail(M8, offset, format!("/{key} of the field `{}` changed", field.name));
            }
        }
        visible
    }

    /// M7, M14: the new appearance of a visible prepared widget is its own, and lies over no visible seal.
    fn visible_appearance(
        &mut self,
        field: &SignatureField,
        part: Reference,
        (old, new): (&Dictionary, &Dictionary),
        appearance: &mut Appearance,
    ) -> bool {
        let offset = self.changed.get(&part.number).map_or(0, |change| change.offset);
        if let Err(reason) = self.new_appearance(part.number, old.get("AP"), new.get("AP"), appearance) {
            self.fail(M7, offset, format!("the appearance of the field `{}` {reason}", field.name));
        }
        let place = rectangle(self.after, new);
        if !place.is_some_and(has_area) {
            self.fail(M7, offset, format!("where the field `{}` is shown cannot be told", field.name));
        }
        match self.places() {
            Ok(places) => {
                if let Some(seal) = places.covered(places.pages_of(part), place) {
                    self.fail(
                        M14,
                        offset,
                        format!("the field `{}` lies over the visible seal in `{seal}`", field.name),
                    );
                }
            }
            Err(problem) => self.fail(M14, offset, problem),
        }
        true
    }
}
