//! What a signature permits of later changes, ISO 32000-1 clauses 12.8.2.2 (DocMDP) and 12.8.2.4 (FieldMDP), ISO 32000-2 table
//! 236 (/P of a lock). In: a signature dictionary and its field. Out: [`Restrictions`], without a judgement.

use crate::{
    error::Error,
    field_lock::{FieldLock, LockedFields, Permission},
    object::{Dictionary, Object},
    resolve::View,
};

/// What one signature says of later changes. Several sayings bind together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Restrictions {
    /// /P of DocMDP parameters: the signature is a certification. 2 if they do not say (table 254).
    pub certification: Option<Permission>,
    /// The strictest /P of DocMDP, FieldMDP (as common readers write it) and the field's lock.
    pub permission: Option<Permission>,
    /// The fields that FieldMDP parameters and the field's lock close.
    pub locked: Vec<LockedFields>,
    /// What could not be read: it may be something that forbids.
    pub problems: Vec<Error>,
}

impl View<'_> {
    /// What a signature in this field says of later changes; without a field only its dictionary is read.
    pub fn restrictions(&self, field: Option<&Dictionary>, signature: &Dictionary) -> Restrictions {
        let mut found = Restrictions::default();
        if let Err(problem) = self.references(signature, &mut found) {
            found.problems.push(problem);
        }
        match field.map_or(Ok(None), |field| FieldLock::of(*self, field)) {
            Ok(None) => {}
            Ok(Some(lock)) => {
                found.locked.push(lock.fields);
                found.restrict(lock.permission);
            }
            Err(problem) => found.problems.push(problem),
        }
        found
    }

    /// /Reference: signature references with their transform methods (table 253).
    fn references(&self, signature: &Dictionary, found: &mut Restrictions) -> Result<(), Error> {
        let wrong =
            |expected: &str, other: &Object| Error::damaged_because(signature.token.start, expected, other.kind());
        let references = match self.get(signature, "Reference")? {
            Object::Null => return Ok(()),
            Object::Array(references) => references,
            other => return Err(wrong("/Reference of a signature as an array", &other)),
        };
        for reference in &references {
            let reference = match self.resolve(reference)? {
                Object::Dictionary(reference) => reference,
                Object::Null => continue, // 7.3.10
                other => return Err(wrong("signature reference dictionaries in /Reference", &other)),
            };
            let parameters = match self.get(&reference, "TransformParams")? {
                Object::Dictionary(parameters) => parameters,
                _ => Dictionary::new(),
            };
            let method = self.get(&reference, "TransformMethod")?;
            match method.as_name().map(|name| name.as_bytes()) {
                Some(b"DocMDP") => {
                    let permission = self.permission(&parameters)?.unwrap_or(Permission::FormsAndSignatures);
                    found.certification = Some(found.certification.map_or(permission, |known| known.min(permission)));
                    found.restrict(Some(permission));
                }
                Some(b"FieldMDP") => {
                    found.locked.push(LockedFields::read(*self, &parameters)?);
                    found.restrict(self.permission(&parameters)?);
                }
                Some(_) => {}
                None => return Err(wrong("/TransformMethod as a name in a signature reference", &method)),
            }
        }
        Ok(())
    }

    fn permission(&self, parameters: &Dictionary) -> Result<Option<Permission>, Error> {
        let value = self.get(parameters, "P")?;
        if value.is_null() {
            return Ok(None);
        }
        let permission = value.as_integer().and_then(Permission::from_number);
        let wrong = || Error::damaged_because(parameters.token.start, "/P 1, 2 or 3", value.kind());
        permission.ok_or_else(wrong).map(Some)
    }
}

impl Restrictions {
    fn restrict(&mut self, permission: Option<Permission>) {
        self.permission = self.permission.into_iter().chain(permission).min();
    }
}
