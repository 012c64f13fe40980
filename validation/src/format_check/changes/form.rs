//! Rules M7, M8 and M10: the form of a later revision beside the one before. New fields hold a new document time-stamp or a
//! further seal, and are invisible; nothing else about the form changes.

use std::collections::HashSet;

use pades::{Dictionary, Object, Reference};

use super::geometry::is_invisible;
use super::seal::SignatureIn;
use super::{Slot, Step};
use crate::check::CheckId::{M7, M8, M10};
use crate::format_check::compare::{additions, differing};
use crate::format_check::inventory::visit;

/// What a field and its widget may have: nothing that acts.
const FIELD_KEYS: &str =
    "Type Subtype FT T TU TM Ff F Rect P V Parent Kids AP AS MK BS Border DA NM M Lock SV StructParent H Q DR";

impl Step<'_, '_> {
    /// M10: of the form itself only /Fields and /SigFlags differ, and /SigFlags gain bits only.
    pub(super) fn form(&mut self, root: u32, old: &Dictionary, new: &Dictionary) {
        let slot = self.slot(root, old.get("AcroForm"), new.get("AcroForm"));
        let offset = new.token.start;
        let Some((before, after)) = slot.dictionaries() else {
            return self.fail(M10, offset, "wanted a dictionary in /AcroForm");
        };
        let judged = |key: &&String| *key != "Fields" && *key != "SigFlags";
        for key in differing(&before, &after).iter().filter(judged) {
            if !self.default_resources(&slot, &before, &after, key) {
                self.fail(M10, after.token.start, format!("/{key} of the form changed"));
            }
        }
        let flags = |form: &Dictionary| form.get("SigFlags").and_then(Object::as_integer).unwrap_or(0);
        if flags(&before) & !flags(&after) != 0 || flags(&after) & !flags(&before) & !3 != 0 {
            let found = format!("/SigFlags went from {} to {}", flags(&before), flags(&after));
            self.fail(M10, after.token.start, found);
        }
        self.field_list(slot.holder, &before, &after);
    }

    /// M10: writers of time-stamps give a form without them a default appearance and fonts that every reader has. They change
    /// nothing when all fields are signature fields; a font program would be a stream.
    fn default_resources(&mut self, form: &Slot, before: &Dictionary, after: &Dictionary, key: &str) -> bool {
        let signatures_only = self.fields.names.values().all(|kind| kind.as_deref() == Some("Sig"));
        let Some(value) = after.get(key).filter(|_| signatures_only && before.get(key).is_none()) else { return false };
        match key {
            "DA" => value.as_string().is_some(),
            "DR" if !self.leads_to_streams(value) => {
                self.accept_new(vec![(form.holder, value.clone())]);
                true
            }
            _ => false,
        }
    }

    /// Whether a stream, or an object that was there before, can be reached.
    fn leads_to_streams(&self, value: &Object) -> bool {
        let mut seen = HashSet::new();
        let mut pending = vec![value.clone()];
        while let Some(object) = pending.pop() {
            let mut references = Vec::new();
            visit(&object, &mut |reference| references.push(reference));
            for reference in references.into_iter().filter(|reference| seen.insert(*reference)) {
                match self.changed.get(&reference.number) {
                    Some(change) if change.old.is_none() && change.new.as_stream().is_none() => {
                        pending.push(change.new.clone());
                    }
                    _ => return true,
                }
            }
        }
        false
    }

    /// M7, M8: the old fields in the old order, and new ones.
    fn field_list(&mut self, form: u32, before: &Dictionary, after: &Dictionary) {
        let slot = self.slot(form, before.get("Fields"), after.get("Fields"));
        let offset = after.token.start;
        let Some((old, new)) = slot.arrays() else { return self.fail(M10, offset, "wanted an array in /Fields") };
        let Some(added) = additions(&old, &new) else {
            return self.fail(M8, offset, "fields were removed, changed or put into another order");
        };
        for field in added {
            match field.as_reference() {
                Some(reference) => self.new_field(slot.holder, reference),
                None => self.fail(M7, offset, "a new field is no indirect object"),
            }
        }
    }

    /// M7: a new object, /FT /Sig, at the root of the form, with a name of its own and a new signature.
    fn new_field(&mut self, list: u32, reference: Reference) {
        self.paths.allow(list, reference.number);
        let Some(change) = self.changed.get_mut(&reference.number).filter(|change| change.old.is_none()) else {
            let offset = self.after.trailer().token.start;
            return self.fail(M7, offset, format!("{reference} was no field before, and is no new object"));
        };
        change.explained = true;
        let offset = change.offset;
        let Some(field) = change.new.as_dictionary().cloned() else {
            return self.fail(M7, offset, "a new field is no dictionary");
        };
        let name = field.get("T").and_then(Object::as_string).map(|name| name.to_text()).unwrap_or_default();
        let taken = self.fields.names.contains_key(&name) || !self.new_names.insert(name.clone());
        if !field.has_name("FT", "Sig") || field.entry("Parent").is_some() {
            self.fail(M7, offset, format!("the new field `{name}` is no signature field at the root of the form"));
        }
        if taken || name.is_empty() || name.contains('.') {
            self.fail(M7, offset, format!("the new field's name `{name}` is taken, or is none"));
        }
        self.only_known_keys(&field, offset);
        self.new_field_widgets(reference, &field, offset);
        if let Some(SignatureIn::Seal) = self.new_value(reference, &field, offset, &name) {
            self.further_seal(&name, offset);
        }
    }

    /// M7: the widgets of a new field, in one dictionary with it or below it, are new and invisible.
    fn new_field_widgets(&mut self, reference: Reference, field: &Dictionary, offset: usize) {
        if ["Subtype", "Rect", "AP", "AS", "MK"].iter().any(|key| field.entry(key).is_some()) {
            self.new_widgets.insert(reference);
            self.invisible_widget(reference.number, field, offset);
        }
        let slot = self.slot(reference.number, None, field.get("Kids"));
        for kid in slot.arrays().map(|(_, kids)| kids).unwrap_or_default() {
            let new = kid.as_reference().filter(|kid| self.is_new(kid.number));
            let Some(widget) = new else {
                self.fail(M7, offset, "a widget of a new field is no new indirect object");
                continue;
            };
            let content = self.slot(slot.holder, None, Some(&kid)).new;
            self.paths.allow(widget.number, reference.number); // its /Parent
            match content.as_dictionary() {
                Some(one) if one.has_name("Subtype", "Widget") && one.entry("T").is_none() => {
                    self.only_known_keys(one, offset);
                    self.new_widgets.insert(widget);
                    self.invisible_widget(widget.number, one, offset);
                }
                _ => self.fail(M7, offset, "below a new field lies something else than a widget"),
            }
        }
    }

    fn only_known_keys(&mut self, dictionary: &Dictionary, offset: usize) {
        let unknown = dictionary.entries().iter().find(|entry| !FIELD_KEYS.split(' ').any(|known| entry.key == known));
        if let Some(entry) = unknown {
            self.fail(M7, offset, format!("a new field or widget has {}", entry.key));
        }
    }

    /// M7: a widget and no other annotation, with an empty rectangle, or hidden and not viewed. Viewers differ in whether they
    /// show an appearance without room for it, so that it paints nothing.
    fn invisible_widget(&mut self, number: u32, widget: &Dictionary, offset: usize) {
        self.appearance(number, widget);
        let is_widget = widget.has_name("Subtype", "Widget");
        if !is_widget || (widget.entry("Type").is_some() && !widget.has_name("Type", "Annot")) {
            self.fail(M7, offset, format!("the annotation {number} of a new field is no widget"));
        }
        if !is_invisible(widget) {
            let what = "is visible, and whether it covers anything is not judged without rendering";
            self.fail(M7, offset, format!("the widget {number} of a new field {what}"));
        } else if !self.paints_nothing(widget.get("AP")) {
            self.fail(
                M7,
                offset,
                format!("the invisible widget {number} of a new field has an appearance that paints"),
            );
        }
    }

    /// New objects that the appearance of a widget of a new field consists of.
    pub(super) fn appearance(&mut self, number: u32, widget: &Dictionary) {
        let keys = ["AP", "MK", "BS", "Border", "SV", "Lock", "DR"];
        let values = keys.iter().filter_map(|key| widget.get(key));
        self.accept_new(values.map(|value| (number, value.clone())).collect());
    }

    /// New objects that are reached from `pending`, values and the objects that hold them.
    pub(super) fn accept_new(&mut self, mut pending: Vec<(u32, Object)>) {
        while let Some((holder, object)) = pending.pop() {
            let mut references = Vec::new();
            visit(&object, &mut |reference| references.push(reference));
            for reference in references {
                if self.is_defined(reference.number) {
                    self.paths.allow(holder, reference.number); // and not to what is delivered later
                }
                if let Some(change) = self.changed.get_mut(&reference.number).filter(|change| change.old.is_none())
                    && !change.explained
                {
                    change.explained = true;
                    pending.push((reference.number, change.new.clone()));
                }
            }
        }
    }
}
