//! /SigFlags of the form, ISO 32000-1 table 219: it says that there are signatures, and that the file is only appended to.

use crate::{
    error::Error,
    object::{Dictionary, Object},
};

/// SignaturesExist and AppendOnly, table 219.
const BOTH: i64 = 3;

/// Whether both bits are set.
pub(crate) fn are_set(form: &Dictionary) -> bool {
    flags(form) & BOTH == BOTH
}

/// /SigFlags of a form.
fn flags(form: &Dictionary) -> i64 {
    form.get("SigFlags").and_then(Object::as_integer).unwrap_or(0)
}

/// The form with both bits set in /SigFlags.
pub(crate) fn with(form: Object) -> Result<Object, Error> {
    match form {
        Object::Dictionary(form) => {
            let flags = Object::Integer(flags(&form) | BOTH);
            Ok(form.with("SigFlags", flags).into())
        }
        Object::Null => Ok(Dictionary::new().with("SigFlags", Object::Integer(BOTH)).into()),
        other => Err(Error::damaged_because(0, "/AcroForm as a dictionary", other.kind())),
    }
}
