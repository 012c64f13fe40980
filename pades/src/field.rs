//! Signature fields, ISO 32000-1 clause 12.7.4.5, as `form` finds them.

use crate::{error::Error, object::Dictionary, scalar::Reference, signature::SignatureValue};
use std::collections::HashMap;

/// A signature field, signed or empty.
#[derive(Debug, Clone, PartialEq)]
pub struct SignatureField {
    /// The fully qualified name: partial names joined by periods (12.7.3.2).
    pub name: String,
    /// The field's object; `None` if it is written directly into an array.
    pub reference: Option<Reference>,
    /// The field's own dictionary, without what it inherits.
    pub dictionary: Dictionary,
    /// /FT, own or inherited.
    pub field_type: Option<String>,
    /// The widgets that are objects of their own (split field); empty if field and widget are one dictionary.
    pub widgets: Vec<Reference>,
    /// How the field is reached.
    pub origin: Origin,
    /// What /V, own or inherited, leads to.
    pub value: SignatureValue,
}

/// How a field was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// From /AcroForm /Fields.
    Form,
    /// Only from the /Annots of a page: the form does not list it.
    PageOnly,
}

/// All signature fields of a revision, and what was damaged on the way to them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SignatureFields {
    /// The fields, those of the form first, in tree order.
    pub fields: Vec<SignatureField>,
    /// The names of all fields of any type, with their /FT.
    pub names: HashMap<String, Option<String>>,
    /// Fields that are listed more than once, without a cycle.
    pub repeated: Vec<Reference>,
    /// Damage that hides nothing else: other branches were read.
    pub problems: Vec<Error>,
}

impl SignatureFields {
    /// Whether any field has a value, usable or not: then the file must not change beyond what a further seal needs.
    pub fn any_signed(&self) -> bool {
        self.fields.iter().any(|field| field.value != SignatureValue::Empty)
    }
}
