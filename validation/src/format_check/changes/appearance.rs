//! Rules M7, M9 and M10: the appearance that a later revision gives to an annotation, ISO 32000-1 clauses 8.10 and 12.5.5. In: /AP
//! before and after. Out: accepted, or what is wrong with it.
//!
//! Each form says in /BBox and /Matrix how it is put into /Rect; viewers show one that says nothing wherever it likes. An invisible
//! widget has an appearance that paints nothing, or none.
//!
//! It consists of new objects that nothing else leads to (the paths to them are counted afterwards), and of fonts and graphics
//! states that were there: no stream of the sealed revision has a second role. Nothing in it can be switched on or off, is
//! fetched from elsewhere, or acts.

use std::collections::HashSet;

use pades::{Dictionary, Object, Reference, Stream, XrefEntry};

use super::Step;
use super::geometry::{has_area, is_invertible};
use crate::format_check::inventory::visit;

/// New objects of the appearances of one field, which its widgets may share.
#[derive(Default)]
pub(super) struct Appearance {
    own: HashSet<u32>,
    old: HashSet<Reference>,
}

impl Step<'_, '_> {
    /// Accounts for the objects of a new /AP, and says what is wrong with it.
    pub(super) fn new_appearance(
        &mut self,
        holder: u32,
        old: Option<&Object>,
        new: Option<&Object>,
        appearance: &mut Appearance,
    ) -> Result<(), String> {
        let Some(new) = new else { return Err("was removed".to_owned()) };
        self.forms_of_appearance(new)?;
        if let Some(old) = old {
            let (mut known, forms) = (Vec::new(), self.before.resolve(old).unwrap_or(Object::Null));
            [old, &forms].into_iter().for_each(|part| visit(part, &mut |reference| known.push(reference)));
            appearance.old.extend(known);
        }
        let mut pending = vec![(holder, new.clone())];
        while let Some((holder, object)) = pending.pop() {
            harmless(&object)?;
            if let Object::Stream(stream) = &object
                && stream.dictionary.has_name("Subtype", "Form")
            {
                self.bounded(stream)?;
            }
            let mut references = Vec::new();
            visit(&object, &mut |reference| references.push(reference));
            for reference in references {
                self.paths.allow(holder, reference.number);
                match self.changed.get_mut(&reference.number) {
                    None => self.old_part(reference, appearance)?,
                    Some(_) if appearance.own.contains(&reference.number) => {}
                    Some(change) if change.old.is_none() && !change.explained => {
                        change.explained = true;
                        appearance.own.insert(reference.number);
                        pending.push((reference.number, change.new.clone()));
                    }
                    Some(_) => return Err(format!("leads to object {}, which has another role", reference.number)),
                }
            }
        }
        Ok(())
    }

    /// /AP is a dictionary with /N, /R and /D: form XObjects, or dictionaries of them by states.
    fn forms_of_appearance(&self, appearance: &Object) -> Result<(), String> {
        let wrong = || "is no dictionary of form XObjects".to_owned();
        let resolved = |object: &Object| self.after.resolve(object).map_err(|problem| problem.to_string());
        let Object::Dictionary(kinds) = resolved(appearance)? else { return Err(wrong()) };
        for kind in kinds.entries() {
            let known = ["N", "R", "D"].iter().any(|known| kind.key == *known);
            match resolved(&kind.value)? {
                _ if !known => return Err(wrong()),
                Object::Stream(stream) if self.is_form(&kind.value, &stream) => {}
                Object::Null => {}
                Object::Dictionary(states) => {
                    for state in states.entries() {
                        match resolved(&state.value)? {
                            Object::Stream(stream) if self.is_form(&state.value, &stream) => {}
                            _ => return Err(wrong()),
                        }
                    }
                }
                _ => return Err(wrong()),
            }
        }
        Ok(())
    }

    /// Whether a stream of an appearance is a form XObject (table 95); one that was there before is as it was.
    fn is_form(&self, value: &Object, stream: &Stream) -> bool {
        let was_there = value.as_reference().is_some_and(|reference| !self.changed.contains_key(&reference.number));
        was_there || is_form(stream)
    }

    /// A form of the later revision has a /BBox with an area, and a /Matrix, if any, that keeps it (8.10.2).
    fn bounded(&self, form: &Stream) -> Result<(), String> {
        let numbers = |key: &str| -> Option<Vec<f64>> {
            let Object::Array(elements) = self.after.get(&form.dictionary, key).ok()? else { return None };
            let resolved = elements.iter().map(|element| match self.after.resolve(element).ok()? {
                Object::Integer(whole) => Some(whole as f64),
                Object::Real(real) => Some(real.value()),
                _ => None,
            });
            resolved.collect()
        };
        let bounds: Option<[f64; 4]> = numbers("BBox").and_then(|bounds| bounds.try_into().ok());
        if !bounds.is_some_and(has_area) {
            return Err("has a form without an area in /BBox".to_owned());
        }
        let has_matrix = form.dictionary.entry("Matrix").is_some();
        if has_matrix && !numbers("Matrix").is_some_and(|matrix| is_invertible(&matrix)) {
            return Err("has a form whose /Matrix is no invertible one".to_owned());
        }
        Ok(())
    }

    /// Whether an appearance has nothing but forms without any operator, as writers leave it in invisible widgets. What it leads
    /// to is there already.
    pub(super) fn paints_nothing(&self, appearance: Option<&Object>) -> bool {
        let empty = |value: &Object| match self.after.resolve(value) {
            Ok(Object::Stream(stream)) => self.is_empty_form(&stream),
            _ => value.is_null(),
        };
        let Some(appearance) = appearance.filter(|appearance| !appearance.is_null()) else { return true };
        let Ok(Object::Dictionary(kinds)) = self.after.resolve(appearance) else { return false };
        kinds.entries().iter().all(|kind| match self.after.resolve(&kind.value) {
            Ok(Object::Dictionary(states)) => states.entries().iter().all(|state| empty(&state.value)),
            _ => empty(&kind.value),
        })
    }

    fn is_empty_form(&self, form: &Stream) -> bool {
        let resources = self.after.get(&form.dictionary, "Resources");
        let no_objects = resources.is_ok_and(|resources| match resources {
            Object::Null => true,
            Object::Dictionary(one) => one.entry("XObject").is_none(),
            _ => false,
        });
        let inside = harmless(&Object::Stream(form.clone())).is_ok() && is_form(form);
        no_objects && inside && self.after.decode(form).is_ok_and(|content| is_blank(&content))
    }

    /// Whether there is an object of this number now.
    pub(super) fn is_defined(&self, number: u32) -> bool {
        !matches!(self.after.entry(number), None | Some((_, XrefEntry::Free { .. })))
    }

    /// What was there before: fonts, graphics states and values, or what the earlier appearance led to as well.
    fn old_part(&self, reference: Reference, appearance: &mut Appearance) -> Result<(), String> {
        let mut pending = vec![reference];
        while let Some(reference) = pending.pop() {
            if !appearance.old.insert(reference) {
                continue;
            }
            if !self.is_defined(reference.number) {
                return Err(format!("leads to object {}, which is delivered later if ever", reference.number));
            }
            let object = self.before.resolve(&Object::Reference(reference)).map_err(|problem| problem.to_string())?;
            let another = || Err(format!("leads to object {}, which has another role", reference.number));
            match &object {
                Object::Stream(_) => return another(),
                Object::Dictionary(one) if one.has_name("Type", "Font") => continue,
                Object::Dictionary(one) if one.get("Type").is_some() && !one.has_name("Type", "ExtGState") => {
                    return another();
                }
                _ => harmless(&object)?,
            }
            visit(&object, &mut |reference| pending.push(reference));
        }
        Ok(())
    }
}

/// /Subtype /Form, and nothing else in /Type (table 95).
fn is_form(stream: &Stream) -> bool {
    let dictionary = &stream.dictionary;
    let of_type = dictionary.entry("Type").is_none() || dictionary.has_name("Type", "XObject");
    of_type && dictionary.has_name("Subtype", "Form")
}

/// White space and comments (7.2.3 and 7.2.4).
fn is_blank(content: &[u8]) -> bool {
    let mut in_comment = false;
    content.iter().all(|byte| {
        in_comment = (in_comment || *byte == b'%') && !matches!(byte, b'\r' | b'\n');
        in_comment || matches!(byte, b'\0' | b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
    })
}

/// No optional content, and no stream whose content lies elsewhere or is a program.
fn harmless(object: &Object) -> Result<(), String> {
    const ELSEWHERE: [&str; 6] = ["F", "FFilter", "Ref", "OPI", "OC", "Alternates"];
    let optional = |one: &Dictionary| one.has_name("Type", "OCG") || one.has_name("Type", "OCMD");
    match object {
        Object::Dictionary(one) if optional(one) || one.get("Properties").is_some() => {
            Err("has property lists, such as those of optional content".to_owned())
        }
        Object::Dictionary(one) => one.entries().iter().try_for_each(|entry| harmless(&entry.value)),
        Object::Stream(stream) => {
            let found = ELSEWHERE.iter().find(|key| stream.dictionary.get(key).is_some());
            let program = stream.dictionary.has_name("Subtype", "PS") || stream.dictionary.has_name("Subtype2", "PS");
            match found {
                Some(key) => Err(format!("has /{key}")),
                None if program => Err("is a program".to_owned()),
                None => stream.dictionary.entries().iter().try_for_each(|entry| harmless(&entry.value)),
            }
        }
        Object::Array(elements) => elements.iter().try_for_each(harmless),
        _ => Ok(()),
    }
}
