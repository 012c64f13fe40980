//! Rule M10: forms that are filled in by a later revision, ISO 32000-1 clauses 12.7.3 and 12.8.2.2. In: the fields of the revision
//! before that are no signature fields. Out: findings; one that has passed tells of a field whose value changed.
//!
//! A value is /V (common writers give it to the widget as well), and how it is shown: /AS, /AP and /BS of a widget, /I, /RV, /M. Whatever else a field or widget has stays as it is:
//! place, flags, actions, fonts. A field that is read-only, or that a signature locks, keeps its value.

use std::collections::HashSet;

use pades::{Dictionary, Object, Reference};

use super::appearance::Appearance;
use super::{Change, Step};
use crate::check::CheckId::M10;
use crate::format_check::compare::differing;
use crate::format_check::inventory::visit;

/// A field of the form that has a value and is no signature field, with its widgets.
struct FormField {
    name: String,
    read_only: bool,
    /// The field, and widgets that are objects of their own.
    parts: Vec<Reference>,
}

/// What a field takes from its ancestors.
#[derive(Clone, Default)]
struct Inherited {
    name: String,
    field_type: Option<Vec<u8>>,
    flags: i64,
    depth: usize,
}

/// The field flag ReadOnly (table 221).
const READ_ONLY: i64 = 1;

/// Levels of the tree of fields: what lies deeper is not filled in. Forms of authorities have up to ten.
const MAX_DEPTH: usize = 32;

impl Step<'_, '_> {
    /// M10: every field of which this revision changes a part, if no other rule has explained it.
    pub(super) fn values(&mut self) {
        let is_part = |change: &&Change| !change.explained && change.old.as_ref().is_some_and(may_be_field);
        let open: HashSet<u32> = self.changed.values().filter(is_part).map(|change| change.reference.number).collect();
        if open.is_empty() {
            return;
        }
        for field in self.form_fields(&open) {
            self.filled_in(&field);
        }
    }

    /// The fields of the form before that have a part among these objects.
    fn form_fields(&self, open: &HashSet<u32>) -> Vec<FormField> {
        let mut found = Vec::new();
        let (mut seen, mut pending) = (HashSet::new(), Vec::new());
        let roots = self.before.catalog().and_then(|(_, catalog)| self.before.get(&catalog, "AcroForm"));
        let roots = roots.ok().and_then(|form| self.before.get(form.as_dictionary()?, "Fields").ok());
        if let Some(Object::Array(roots)) = roots {
            pending.extend(roots.iter().filter_map(Object::as_reference).map(|root| (root, Inherited::default())));
        }
        while let Some((reference, inherited)) = pending.pop() {
            if !seen.insert(reference) || inherited.depth > MAX_DEPTH {
                continue;
            }
            let Ok(Object::Dictionary(dictionary)) = self.before.resolve(&Object::Reference(reference)) else {
                continue;
            };
            let own = self.inherit(&dictionary, inherited);
            let (mut parts, mut is_terminal) = (vec![reference], true);
            let kids = self.before.get(&dictionary, "Kids").ok();
            for kid in kids.as_ref().and_then(Object::as_array).unwrap_or_default() {
                let (Some(reference), Ok(Object::Dictionary(kid))) = (kid.as_reference(), self.before.resolve(kid))
                else {
                    continue;
                };
                match kid.get("T").is_some() || kid.get("Kids").is_some() {
                    true => {
                        is_terminal = false; // its value is that of the fields below it, which may be locked
                        pending.push((reference, own.clone()));
                    }
                    false => parts.push(reference),
                }
            }
            let fillable = own.field_type.as_deref().is_some_and(|kind| [&b"Tx"[..], b"Ch", b"Btn"].contains(&kind));
            if fillable && is_terminal && parts.iter().any(|part| open.contains(&part.number)) {
                found.push(FormField { name: own.name, read_only: own.flags & READ_ONLY != 0, parts });
            }
        }
        found
    }

    fn inherit(&self, dictionary: &Dictionary, mut inherited: Inherited) -> Inherited {
        if let Ok(Object::String(part)) = self.before.get(dictionary, "T") {
            let period = if inherited.name.is_empty() { "" } else { "." };
            inherited.name = format!("{}{period}{}", inherited.name, part.to_text());
        }
        if let Ok(Object::Name(kind)) = self.before.get(dictionary, "FT") {
            inherited.field_type = Some(kind.as_bytes().to_vec());
        }
        match self.before.get(dictionary, "Ff") {
            Ok(Object::Null) => {}
            Ok(Object::Integer(flags)) if (0..1 << 32).contains(&flags) => inherited.flags = flags,
            _ => inherited.flags = READ_ONLY, // readers cut it to 32 bits, each in its way
        }
        inherited.depth += 1;
        inherited
    }

    fn filled_in(&mut self, field: &FormField) {
        let (mut problem, mut place, mut changed) = (None, 0, false);
        let mut appearance = Appearance::default();
        for part in &field.parts {
            let Some(change) = self.changed.get_mut(&part.number).filter(|change| !change.explained) else { continue };
            change.explained = true;
            place = change.offset;
            match (change.old.clone(), change.new.clone()) {
                (Some(Object::Dictionary(old)), Object::Dictionary(new)) => {
                    changed |= old != new;
                    let found = self.filled_part_of(part.number, (&old, &new), &mut appearance);
                    problem = problem.or(found.err());
                }
                _ => problem = Some("is no dictionary any more".to_owned()),
            }
        }
        let name = &field.name;
        match (problem, self.permissions.forbid(name)) {
            (Some(problem), _) => self.fail(M10, place, format!("the field `{name}` {problem}")),
            (None, _) if !changed => {}
            (None, Some((rule, reason))) => {
                self.fail(rule, place, format!("the field `{name}` was filled in, but {reason}"));
            }
            (None, None) if field.read_only => {
                self.fail(M10, place, format!("the field `{name}` was filled in, but it is read-only"));
            }
            (None, None) => self.permitted(M10, place, format!("the field `{name}` was filled in")),
        }
    }

    fn filled_part_of(
        &mut self,
        number: u32,
        (old, new): (&Dictionary, &Dictionary),
        appearance: &mut Appearance,
    ) -> Result<(), String> {
        for key in differing(old, new) {
            match key.as_str() {
                "V" | "RV" | "I" | "M" => self.plain_value(number, new.get(&key), &key)?,
                "AS" => self.state(new)?,
                "BS" if new.get("BS").is_some_and(is_direct) => {} // drawn inside /Rect
                "AP" => self
                    .new_appearance(number, old.get("AP"), new.get("AP"), appearance)
                    .map_err(|reason| format!("has an appearance that {reason}"))?,
                _ => return Err(format!("changed in /{key}")),
            }
        }
        Ok(())
    }

    /// Texts, names, numbers and lists of them, or a new stream of text; no dictionary, which readers take for a signature.
    fn plain_value(&mut self, holder: u32, value: Option<&Object>, key: &str) -> Result<(), String> {
        let Some(value) = value else { return Ok(()) };
        let mut references = Vec::new();
        visit(value, &mut |reference| references.push(reference));
        let is_plain = |object: &Object| !matches!(object, Object::Dictionary(_) | Object::Stream(_));
        let list_is_plain = |object: &Object| object.as_array().is_none_or(|list| list.iter().all(is_plain));
        if !is_plain(value) || !list_is_plain(value) {
            return Err(format!("has no plain value in /{key}"));
        }
        for reference in references {
            let change = self.changed.get(&reference.number).filter(|change| change.old.is_none() && !change.explained);
            let Some(change) = change else { return Err(format!("has an older object in /{key}")) };
            let new = change.new.clone();
            let text = new.as_stream().is_some_and(|stream| stream.dictionary.get("F").is_none());
            if !text && (!is_plain(&new) || !list_is_plain(&new)) {
                return Err(format!("has no plain value in /{key}"));
            }
            self.accept_new(vec![(holder, Object::Reference(reference))]);
        }
        Ok(())
    }

    /// /AS is a state that the appearance has.
    fn state(&self, widget: &Dictionary) -> Result<(), String> {
        let wrong = || "has a state in /AS without an appearance".to_owned();
        let state = widget.get("AS").and_then(Object::as_name).ok_or_else(wrong)?;
        let appearance = self.after.get(widget, "AP").unwrap_or(Object::Null);
        let states = appearance.as_dictionary().and_then(|one| self.after.get(one, "N").ok());
        let known = states
            .as_ref()
            .and_then(Object::as_dictionary)
            .is_some_and(|states| states.entries().iter().any(|entry| entry.key == *state));
        if *state == "Off" || known { Ok(()) } else { Err(wrong()) }
    }
}

/// Whether a value leads to no other object.
fn is_direct(value: &Object) -> bool {
    let mut direct = true;
    visit(value, &mut |_| direct = false);
    direct
}

/// Whether an object looks like a field or a widget: pages are overridden in every revision with a new field, and the form is
/// walked through only if a field is.
fn may_be_field(object: &Object) -> bool {
    let has = |dictionary: &Dictionary| ["T", "FT", "DA"].iter().any(|key| dictionary.get(key).is_some());
    object.as_dictionary().is_some_and(|one| has(one) || one.has_name("Subtype", "Widget"))
}
