//! Which fields a signature locks, ISO 32000-1 tables 233 (signature field lock) and 256 (FieldMDP), ISO 32000-2 table 236. In:
//! a lock dictionary or FieldMDP parameters. Out: [`FieldLock`]; the signature reference that a seal writes for it.

use crate::{
    error::Error,
    object::{Dictionary, Object},
    resolve::View,
    scalar::{PdfString, Reference},
};

/// What may still change after a signature: /P, ISO 32000-1 table 254 and ISO 32000-2 table 236.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// 1: nothing. Security stores and document time-stamps are permitted all the same (ISO 32000-2, 12.8.5.3).
    NoChanges,
    /// 2: forms may be filled in, and the document be signed.
    FormsAndSignatures,
    /// 3: the same, and annotations may be made, deleted and changed.
    Annotations,
}

impl Permission {
    /// From /P.
    pub fn from_number(number: i64) -> Option<Permission> {
        match number {
            1 => Some(Permission::NoChanges),
            2 => Some(Permission::FormsAndSignatures),
            3 => Some(Permission::Annotations),
            _ => None,
        }
    }

    /// As /P.
    pub fn number(self) -> i64 {
        match self {
            Permission::NoChanges => 1,
            Permission::FormsAndSignatures => 2,
            Permission::Annotations => 3,
        }
    }
}

/// The fields that a signature locks, by fully qualified name; a name also stands for the fields below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockedFields {
    /// Every field.
    All,
    /// These.
    Include(Vec<String>),
    /// All but these.
    Exclude(Vec<String>),
}

/// A signature field lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldLock {
    /// The fields.
    pub fields: LockedFields,
    /// /P of PDF 2.0: what may still change in the whole document.
    pub permission: Option<Permission>,
}

impl LockedFields {
    /// Whether the field of this name is locked: `a` covers `a` and `a.b`, not `ab`.
    pub fn covers(&self, field: &str) -> bool {
        let listed = |names: &[String]| {
            names.iter().any(|name| {
                field.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        };
        match self {
            LockedFields::All => true,
            LockedFields::Include(names) => listed(names),
            LockedFields::Exclude(names) => !listed(names),
        }
    }

    /// /Action and /Fields of a lock dictionary or of FieldMDP parameters.
    pub(crate) fn read(view: View<'_>, parameters: &Dictionary) -> Result<LockedFields, Error> {
        let wrong = |expected: &str, found: &str| Error::damaged_because(parameters.token.start, expected, found);
        const ACTION: &str = "/Action /All, /Include or /Exclude in a field lock";
        let action = view.get(parameters, "Action")?;
        let action = action.as_name().ok_or_else(|| wrong(ACTION, action.kind()))?;
        if *action == "All" {
            return Ok(LockedFields::All);
        }
        let names = match view.get(parameters, "Fields")? {
            Object::Array(names) => names,
            other => return Err(wrong("/Fields as an array of field names in a field lock", other.kind())),
        };
        let name = |name: &Object| match view.resolve(name)? {
            Object::String(name) => Ok(Some(name.to_text())),
            Object::Null => Ok(None), // 7.3.10
            other => Err(wrong("a field name in /Fields of a field lock", other.kind())),
        };
        let names = names.iter().filter_map(|one| name(one).transpose()).collect::<Result<Vec<String>, Error>>()?;
        match action.as_bytes() {
            b"Include" => Ok(LockedFields::Include(names)),
            b"Exclude" => Ok(LockedFields::Exclude(names)),
            _ => Err(wrong(ACTION, &action.to_string())),
        }
    }
}

impl FieldLock {
    /// /Lock of a signature field, direct or not; `None` if it has none.
    pub(crate) fn of(view: View<'_>, field: &Dictionary) -> Result<Option<FieldLock>, Error> {
        let lock = match view.get(field, "Lock")? {
            Object::Dictionary(lock) => lock,
            Object::Null => return Ok(None),
            other => return Err(Error::damaged_because(field.token.start, "/Lock as a dictionary", other.kind())),
        };
        let permission = match view.get(&lock, "P")? {
            Object::Null => None,
            other => Some(other.as_integer().and_then(Permission::from_number).ok_or_else(|| {
                Error::damaged_because(lock.token.start, "/P 1, 2 or 3 in a field lock", other.kind())
            })?),
        };
        Ok(Some(FieldLock { fields: LockedFields::read(view, &lock)?, permission }))
    }

    /// The lock as a dictionary (table 233).
    pub(crate) fn to_dictionary(&self) -> Dictionary {
        let lock = with_fields(Dictionary::new().with("Type", Object::name("SigFieldLock")), &self.fields);
        match self.permission {
            Some(permission) => lock.with("P", Object::Integer(permission.number())),
            None => lock,
        }
    }
}

/// /Action and /Fields.
fn with_fields(dictionary: Dictionary, fields: &LockedFields) -> Dictionary {
    let (action, names) = match fields {
        LockedFields::All => return dictionary.with("Action", Object::name("All")),
        LockedFields::Include(names) => ("Include", names),
        LockedFields::Exclude(names) => ("Exclude", names),
    };
    let names = names.iter().map(|name| PdfString::text(name).into()).collect();
    dictionary.with("Action", Object::name(action)).with("Fields", Object::Array(names))
}

/// The signature reference that locks fields (tables 253 and 256). /P of a lock has no place in it: readers take it from the
/// /Lock of the field, which the seal covers.
pub(crate) fn field_reference(fields: &LockedFields, catalog: Reference) -> Dictionary {
    reference("FieldMDP", with_fields(parameters(), fields)).with("Data", Object::Reference(catalog))
}

/// The signature reference of a certification (tables 253 and 254).
pub(crate) fn certification_reference(permission: Permission) -> Dictionary {
    reference("DocMDP", parameters().with("P", Object::Integer(permission.number())))
}

fn parameters() -> Dictionary {
    Dictionary::new().with("Type", Object::name("TransformParams")).with("V", Object::name("1.2"))
}

fn reference(method: &str, parameters: Dictionary) -> Dictionary {
    Dictionary::new()
        .with("Type", Object::name("SigRef"))
        .with("TransformMethod", Object::name(method))
        .with("TransformParams", parameters.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_covers_itself_and_what_lies_below_it() {
        let names = || vec!["a".to_owned(), "b.c".to_owned()];
        for (field, listed) in
            [("a", true), ("a.b", true), ("ab", false), ("b", false), ("b.c.d", true), ("b.cd", false)]
        {
            assert_eq!(LockedFields::Include(names()).covers(field), listed, "{field}");
            assert_eq!(LockedFields::Exclude(names()).covers(field), !listed, "{field}");
            assert!(LockedFields::All.covers(field));
        }
    }
}
