//! The terms of a seal: what its field demands (ISO 32000-1 tables 232 to 234, ISO 32000-2 tables 236 and 237). In: the kind of
//! seal that is wanted and the field, if it exists. Out: the seal that is written, and what is told of it.

use crate::{
    error::Error,
    field::{SignatureField, SignatureFields},
    field_lock::{self, FieldLock, LockedFields, Permission},
    object::Dictionary,
    resolve::View,
    seal_kind::SealKind,
    seed_value::{self, Demands, Request},
    signature::SignatureValue,
    warning::Warning,
};

/// The seal as it is written.
pub(crate) struct Terms<'a> {
    /// The kind, with the certification that the field demands.
    pub(crate) kind: SealKind<'a>,
    /// /Reason, as the field demands it.
    pub(crate) reason: Option<String>,
    /// /Reference.
    pub(crate) references: Vec<Dictionary>,
    /// A /Lock that the field gains.
    pub(crate) lock: Option<FieldLock>,
    /// What the caller has to satisfy.
    pub(crate) demands: Demands,
    pub(crate) warnings: Vec<Warning>,
}

/// The terms of a seal in `field`, or in a new one.
pub(crate) fn terms<'a>(
    view: View<'_>,
    fields: &SignatureFields,
    kind: SealKind<'a>,
    field: Option<&SignatureField>,
) -> Result<Terms<'a>, Error> {
    let mut terms = Terms {
        kind,
        reason: kind.reason().map(str::to_owned),
        references: Vec::new(),
        lock: None,
        demands: Demands::default(),
        warnings: Vec::new(),
    };
    if !kind.is_seal() {
        return field.map_or(Ok(()), |field| unconditional(view, field)).map(|()| terms);
    }
    let mut lock = None;
    if let Some(field) = field {
        lock = FieldLock::of(view, &field.dictionary)?;
        let request = Request {
            field: &field.name,
            sub_filter: kind.sub_filter(),
            reason: kind.reason(),
            certification: kind.permission(),
        };
        let obeyed = seed_value::obey(view, &field.dictionary, request)?;
        let closed = lock.as_ref().and_then(|lock| lock.permission) == Some(Permission::NoChanges);
        if obeyed.lock_document == Some(false) && closed {
            return Err(Error::SeedValue {
                field: field.name.clone(),
                entry: "LockDocument".to_owned(),
                expected: "a document that can still be changed".to_owned(),
                found: "/P 1 in the field's /Lock".to_owned(),
            });
        }
        if obeyed.lock_document == Some(true) && !closed {
            let fields = lock.map_or(LockedFields::All, |lock| lock.fields);
            lock = Some(FieldLock { fields, permission: Some(Permission::NoChanges) });
            terms.lock = lock.clone();
        }
        terms.kind = kind.certifying(obeyed.certification);
        terms.reason = obeyed.reason;
        terms.demands = obeyed.demands;
        terms.warnings = obeyed.warnings;
    }
    if let Some(permission) = terms.kind.permission() {
        if let Some(earlier) = fields.fields.iter().find(|field| field.value != SignatureValue::Empty) {
            return Err(Error::CertificationLate { by: earlier.name.clone() });
        }
        terms.references.push(field_lock::certification_reference(permission));
    }
    if let Some(lock) = lock {
        terms.references.push(field_lock::field_reference(&lock.fields, view.catalog()?.0));
    }
    Ok(terms)
}

/// A document time-stamp neither locks nor certifies (ISO 32000-2, 12.8.5): a field that demands so is not for it.
fn unconditional(view: View<'_>, field: &SignatureField) -> Result<(), Error> {
    for entry in ["Lock", "SV"] {
        if !view.get(&field.dictionary, entry)?.is_null() {
            return Err(Error::FieldReserved { field: field.name.clone(), entry });
        }
    }
    Ok(())
}
