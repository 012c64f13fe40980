//! What earlier seals permit, ISO 32000-1 clauses 12.8.2.2 (DocMDP) and 12.8.2.4 (FieldMDP), ISO 32000-2 table 236 (/P of a
//! lock). In: the signatures of a file and the name of a field. Out: whether a further seal in that field is
//! permitted.
//!
//! A document time-stamp and a security store are permitted after any seal (ISO 32000-2, 12.8.5.3), but a locked field does not
//! change for them either. A lock that cannot be read may be one that forbids.

use crate::{
    error::Error,
    field::{SignatureField, SignatureFields},
    field_lock::{FieldLock, LockedFields, Permission},
    object::{Dictionary, Object},
    resolve::View,
};

/// Refuses a document time-stamp in an existing `field` that an earlier seal locks: it goes into another one.
pub(crate) fn check_time_stamp(view: View<'_>, fields: &SignatureFields, field: &str) -> Result<(), Error> {
    for signed in &fields.fields {
        let Some(dictionary) = signed.value.dictionary() else { continue };
        if let Some(reason) = locked(view, signed, dictionary, field) {
            return Err(Error::SealForbidden { by: signed.name.clone(), field: field.to_owned(), reason });
        }
    }
    Ok(())
}

/// Refuses a seal in `field` that an earlier one forbids.
pub(crate) fn check_seal(view: View<'_>, fields: &SignatureFields, field: &str) -> Result<(), Error> {
    for signed in &fields.fields {
        let Some(dictionary) = signed.value.dictionary() else { continue };
        if let Some(reason) = forbidden(view, signed, dictionary, field) {
            return Err(Error::SealForbidden { by: signed.name.clone(), field: field.to_owned(), reason });
        }
    }
    // A certification in a field that the form does not lead to.
    let (_, catalog) = view.catalog()?;
    if let Object::Dictionary(permissions) = view.get(&catalog, "Perms")?
        && let Object::Dictionary(certifying) = view.get(&permissions, "DocMDP")?
        && certification(view, &certifying).is_some_and(|permission| permission <= 1)
    {
        let by = "/Perms /DocMDP of the catalog".to_owned();
        return Err(Error::SealForbidden { by, field: field.to_owned(), reason: CERTIFIED.to_owned() });
    }
    Ok(())
}

const CERTIFIED: &str = "the certification permits no changes (DocMDP, P 1)";

/// Why the signature of one field forbids a seal in `field`.
fn forbidden(view: View<'_>, signed: &SignatureField, dictionary: &Dictionary, field: &str) -> Option<String> {
    if certification(view, dictionary).is_some_and(|permission| permission <= 1) {
        return Some(CERTIFIED.to_owned());
    }
    match FieldLock::of(view, &signed.dictionary) {
        Ok(Some(FieldLock { permission: Some(Permission::NoChanges), .. })) => {
            Some("its lock permits no changes (/Lock, P 1)".to_owned())
        }
        _ => locked(view, signed, dictionary, field),
    }
}

/// Why the signature of one field locks `field`.
fn locked(view: View<'_>, signed: &SignatureField, dictionary: &Dictionary, field: &str) -> Option<String> {
    for parameters in transforms(view, dictionary, "FieldMDP") {
        match LockedFields::read(view, &parameters) {
            Ok(fields) if !fields.covers(field) => {}
            Ok(_) => return Some(format!("the field `{field}` is locked (FieldMDP)")),
            Err(problem) => return Some(format!("its FieldMDP parameters cannot be read: {problem}")),
        }
    }
    match FieldLock::of(view, &signed.dictionary) {
        Ok(None) => None,
        Ok(Some(lock)) => lock.fields.covers(field).then(|| format!("the field `{field}` is locked (/Lock)")),
        Err(problem) => Some(format!("its /Lock cannot be read: {problem}")),
    }
}

/// /P of the DocMDP parameters of a signature dictionary; 2 if they do not say (table 254).
pub(crate) fn certification(view: View<'_>, dictionary: &Dictionary) -> Option<i64> {
    let parameters = transforms(view, dictionary, "DocMDP").into_iter().next()?;
    Some(view.get(&parameters, "P").ok().and_then(|value| value.as_integer()).unwrap_or(2))
}

/// /TransformParams of the signature references with this /TransformMethod (table 253).
fn transforms(view: View<'_>, dictionary: &Dictionary, method: &str) -> Vec<Dictionary> {
    let Ok(Object::Array(references)) = view.get(dictionary, "Reference") else { return Vec::new() };
    let parameters = |reference: &Object| {
        let reference = view.resolve(reference).ok()?;
        let reference = reference.as_dictionary()?;
        let found = view.get(reference, "TransformMethod").ok()?;
        found.as_name().filter(|found| **found == method)?;
        match view.get(reference, "TransformParams").ok()? {
            Object::Dictionary(parameters) => Some(parameters),
            _ => Some(Dictionary::new()),
        }
    };
    references.iter().filter_map(parameters).collect()
}
