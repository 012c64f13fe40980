//! What earlier seals permit, ISO 32000-1 clauses 12.8.2.2 (DocMDP) and 12.8.2.4 (FieldMDP), rules M10 and M11. In: the
//! signatures of a file and the name of a field. Out: whether a further seal in that field is permitted.
//!
//! A document time-stamp and a security store are permitted after any seal (ISO 32000-2, 12.8.5.3).

use crate::{dictionary::Dictionary, error::Error, form::SignatureFields, object::Object, resolve::View};

/// Refuses a seal in `field` that an earlier one forbids.
pub(crate) fn check_seal(view: View<'_>, fields: &SignatureFields, field: &str) -> Result<(), Error> {
    for signed in &fields.fields {
        let Some(dictionary) = signed.value.dictionary() else { continue };
        if certification(view, dictionary) == Some(1) {
            let reason = "the certification permits no changes (DocMDP, P 1)".to_owned();
            return Err(Error::SealForbidden { by: signed.name.clone(), reason });
        }
        if locks(view, dictionary, field) {
            let reason = format!("the field `{field}` is locked (FieldMDP)");
            return Err(Error::SealForbidden { by: signed.name.clone(), reason });
        }
    }
    Ok(())
}

/// /P of the DocMDP parameters of a signature dictionary; 2 if they do not say (table 254).
pub(crate) fn certification(view: View<'_>, dictionary: &Dictionary) -> Option<i64> {
    let parameters = transform(view, dictionary, "DocMDP")?;
    Some(view.get(&parameters, "P").ok().and_then(|value| value.as_integer()).unwrap_or(2))
}

/// Whether FieldMDP parameters of a signature dictionary lock a field (table 256); a name also covers the fields below it.
fn locks(view: View<'_>, dictionary: &Dictionary, field: &str) -> bool {
    let Some(parameters) = transform(view, dictionary, "FieldMDP") else { return false };
    let listed = match view.get(&parameters, "Fields") {
        Ok(Object::Array(names)) => names.iter().any(|name| {
            let name = view.resolve(name).ok().and_then(|name| name.as_string().map(|name| name.to_text()));
            name.is_some_and(|name| {
                field.strip_prefix(&name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        }),
        _ => false,
    };
    match view.get(&parameters, "Action").ok().as_ref().and_then(Object::as_name) {
        Some(action) if *action == "All" => true,
        Some(action) if *action == "Include" => listed,
        Some(action) if *action == "Exclude" => !listed,
        _ => false,
    }
}

/// /TransformParams of the signature reference with this /TransformMethod (table 253).
fn transform(view: View<'_>, dictionary: &Dictionary, method: &str) -> Option<Dictionary> {
    let Ok(Object::Array(references)) = view.get(dictionary, "Reference") else { return None };
    references.iter().find_map(|reference| {
        let reference = view.resolve(reference).ok()?;
        let reference = reference.as_dictionary()?;
        let found = view.get(reference, "TransformMethod").ok()?;
        found.as_name().filter(|found| **found == method)?;
        match view.get(reference, "TransformParams").ok()? {
            Object::Dictionary(parameters) => Some(parameters),
            _ => Some(Dictionary::new()),
        }
    })
}
