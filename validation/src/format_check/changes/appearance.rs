//! Rules M7, M9 and M10: the appearance that a later revision gives to an annotation, ISO 32000-1 clauses 8.10 and 12.5.5. In: /AP
//! before and after. Out: accepted, or what is wrong with it.
//!
//! It consists of new objects that nothing else leads to (the paths to them are counted afterwards), and of fonts and graphics
//! states that were there: no stream of the sealed revision has a second role. Nothing in it can be switched on or off, is
//! fetched from elsewhere, or acts.

use std::collections::HashSet;

use pades::{Dictionary, Object, Reference};

use super::Step;
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
                Object::Stream(_) | Object::Null => {}
                Object::Dictionary(states) => {
                    for state in states.entries() {
                        if resolved(&state.value)?.as_stream().is_none() {
                            return Err(wrong());
                        }
                    }
                }
                _ => return Err(wrong()),
            }
        }
        Ok(())
    }

    /// What was there before: fonts, graphics states and values, or what the earlier appearance led to as well.
    fn old_part(&self, reference: Reference, appearance: &mut Appearance) -> Result<(), String> {
        let mut pending = vec![reference];
        while let Some(reference) = pending.pop() {
            if !appearance.old.insert(reference) {
                continue;
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
