//! Signature fields, ISO 32000-1 clause 12.7. In: a view. Out: every field of /FT /Sig, and every field
//! whose /V is a dictionary, reached through the AcroForm or through a page's /Annots; never by searching the text.

use crate::{
    document::Document,
    error::Error,
    field::{Origin, SignatureField, SignatureFields},
    object::{Dictionary, Object},
    resolve::View,
    scalar::Reference,
    signature::{Signature, SignatureValue},
    signature_dictionary,
};
use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
    sync::{Arc, Mutex},
};

/// Where to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The form only: enough to find a field to sign, whatever the number of pages.
    Form,
    /// The form and the annotations of all pages.
    FormAndPages,
}

pub(crate) fn signature_fields(view: View<'_>, scope: Scope) -> SignatureFields {
    let found = SignatureFields::default();
    let mut walk = Walk { view, seen: HashMap::new(), found, value_bytes: 0, exhausted: false };
    if let Err(problem) = walk.form() {
        walk.problem(problem);
    }
    if scope == Scope::FormAndPages {
        match view.pages() {
            Ok(pages) => pages.iter().for_each(|page| walk.page(&page.dictionary)),
            Err(problem) => walk.problem(problem),
        }
    }
    walk.found
}

impl Document {
    /// Every readable signature of the newest revision, those of the form first.
    ///
    /// A verdict also needs the values that are not readable: see [`Document::signature_fields`].
    pub fn signatures(&self) -> Vec<Signature> {
        self.latest().signatures()
    }

    /// Every signature field of the newest revision with its value.
    pub fn signature_fields(&self) -> SignatureFields {
        self.latest().signature_fields()
    }

    /// The fields that the form leads to, for each revision. Revisions that change nothing of what they were read from share
    /// them, so that a long-lived archive costs no more than its form and its changes.
    pub fn forms(&self) -> Vec<Arc<SignatureFields>> {
        let mut forms: Vec<Arc<SignatureFields>> = Vec::new();
        let mut read_from: HashSet<u32> = HashSet::new();
        for (index, revision) in self.revisions().iter().enumerate() {
            let view = View { document: self, revision: index, trace: None, remembers: true };
            let same_root =
                index > 0 && self.revisions()[index - 1].trailer.get("Root") == revision.trailer.get("Root");
            let touched = || revision.entries().iter().any(|(number, _)| read_from.contains(number));
            if let Some(before) = forms.last().filter(|_| same_root && !touched()) {
                forms.push(before.clone());
                continue;
            }
            let trace = Mutex::new(HashSet::new());
            forms.push(Arc::new(signature_fields(View { trace: Some(&trace), ..view }, Scope::Form)));
            read_from = trace.into_inner().unwrap_or_default();
        }
        forms
    }
}

impl View<'_> {
    /// Every readable signature, in the order of the fields.
    pub fn signatures(&self) -> Vec<Signature> {
        self.signature_fields()
            .fields
            .into_iter()
            .filter_map(|field| match field.value {
                SignatureValue::Signed(signature) => Some(*signature),
                SignatureValue::Empty | SignatureValue::Unusable { .. } => None,
            })
            .collect()
    }

    /// The signature fields that the form leads to, without a look at the pages.
    pub fn form_fields(&self) -> SignatureFields {
        signature_fields(*self, Scope::Form)
    }

    /// Every signature field with its value, from the form and from all pages.
    pub fn signature_fields(&self) -> SignatureFields {
        let read = || signature_fields(*self, Scope::FormAndPages);
        match self.revision + 1 == self.document.revisions().len() {
            true => self.document.newest_fields.get_or_init(read).clone(),
            false => read(),
        }
    }
}

struct Walk<'d> {
    view: View<'d>,
    seen: HashMap<Reference, Visit>,
    found: SignatureFields,
    /// Bytes of all signature dictionaries so far: many fields may refer to one.
    value_bytes: usize,
    /// Whether a limit for the whole document was reached: nothing more is read.
    exhausted: bool,
}

/// How far the walk is with a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    /// Fields below it are being read: to meet it again is a cycle.
    Open,
    Done,
}

/// What is still to be visited.
enum Pending {
    Node(Object, Rc<Inherited>),
    /// All fields below this one were read.
    Close(Reference),
}

/// What a node takes from its ancestors.
#[derive(Clone, Default)]
struct Inherited {
    name: String,
    field_type: Option<String>,
    value: Option<Rc<Object>>,
    depth: usize,
}

impl Walk<'_> {
    fn problem(&mut self, problem: Error) {
        self.exhausted |= matches!(problem, Error::LimitExceeded { .. });
        self.found.problems.push(problem);
    }

    fn form(&mut self) -> Result<(), Error> {
        let (_, catalog) = self.view.catalog()?;
        let form = match self.view.get(&catalog, "AcroForm")? {
            Object::Dictionary(form) => form,
            Object::Null => return Ok(()),
            other => {
                return Err(Error::damaged_because(catalog.token.start, "/AcroForm as a dictionary", other.kind()));
            }
        };
        let fields = match self.view.get(&form, "Fields")? {
            Object::Array(fields) => fields,
            Object::Null => return Ok(()),
            other => return Err(Error::damaged_because(form.token.start, "/Fields as an array", other.kind())),
        };
        self.tree(fields, Origin::Form);
        Ok(())
    }

    /// Walks fields and their kids without recursion.
    fn tree(&mut self, roots: Vec<Object>, origin: Origin) {
        let root = Rc::new(Inherited::default());
        let mut pending: Vec<Pending> = roots.into_iter().rev().map(|node| Pending::Node(node, root.clone())).collect();
        let mut visited = 0;
        while let Some(next) = pending.pop() {
            let (node, inherited) = match next {
                Pending::Node(node, inherited) => (node, inherited),
                Pending::Close(reference) => {
                    self.seen.insert(reference, Visit::Done);
                    continue;
                }
            };
            visited += 1;
            let offset = self.view.offset_of(&node);
            if visited > self.view.document.limits.form_fields {
                let allowed = self.view.document.limits.form_fields;
                return self.problem(Error::LimitExceeded { limit: "form fields", allowed, offset });
            }
            if let Err(problem) = self.view.document.count_visited(offset) {
                return self.problem(problem);
            }
            match self.node(&node, &inherited, origin) {
                Ok((own, kids)) => {
                    pending.extend(node.as_reference().filter(|_| !kids.is_empty()).map(Pending::Close));
                    pending.extend(kids.into_iter().rev().map(|kid| Pending::Node(kid, own.clone())));
                }
                Err(problem) => self.problem(problem),
            }
            if self.exhausted {
                return;
            }
        }
    }

    /// One field; returns the fields below it and what they inherit. An element that is null, or refers to nothing, is none
    /// (7.3.10).
    fn node(
        &mut self,
        node: &Object,
        inherited: &Rc<Inherited>,
        origin: Origin,
    ) -> Result<(Rc<Inherited>, Vec<Object>), Error> {
        let reference = node.as_reference();
        let seen = reference.and_then(|reference| self.seen.get(&reference).copied());
        if let Some((reference, visit)) = reference.zip(seen) {
            if visit == Visit::Open {
                let offset = self.view.offset_of(node);
                return Err(Error::Cycle { offset, expected: "form fields", found: format!("{reference} twice") });
            }
            self.found.repeated.push(reference);
            return Ok((inherited.clone(), Vec::new()));
        }
        let object = self.view.resolve(node)?;
        if object.is_null() {
            return Ok((inherited.clone(), Vec::new()));
        }
        let Some(dictionary) = object.as_dictionary() else {
            return Err(Error::damaged_because(self.view.offset_of(node), "a field dictionary", object.kind()));
        };
        let own = Rc::new(self.inherit(dictionary, Inherited::clone(inherited))?);
        let (fields, widgets) = self.kids(dictionary)?;
        let visit = if fields.is_empty() { Visit::Done } else { Visit::Open };
        self.seen.extend(reference.map(|reference| (reference, visit)));
        let signed_here = dictionary.get("V").is_some();
        self.found.names.insert(own.name.clone(), own.field_type.clone());
        if fields.is_empty() || signed_here {
            self.field(reference, dictionary, &own, &widgets, origin);
        }
        self.seen.extend(widgets.iter().map(|widget| (*widget, Visit::Done)));
        Ok((own, fields))
    }

    /// Adds what a dictionary says itself to what it inherits.
    fn inherit(&self, dictionary: &Dictionary, mut inherited: Inherited) -> Result<Inherited, Error> {
        if let Object::String(part) = self.view.get(dictionary, "T")? {
            if !inherited.name.is_empty() {
                inherited.name.push('.');
            }
            inherited.name.push_str(&part.to_text());
            let allowed = self.view.document.limits.field_name;
            if inherited.name.len() > allowed {
                return Err(Error::LimitExceeded { limit: "bytes in a field name", allowed, offset: part.token.start });
            }
        }
        inherited.depth += 1;
        let allowed = self.view.document.limits.nesting;
        if inherited.depth > allowed {
            let offset = dictionary.token.start;
            return Err(Error::LimitExceeded { limit: "levels of form fields", allowed, offset });
        }
        if let Object::Name(name) = self.view.get(dictionary, "FT")? {
            inherited.field_type = Some(String::from_utf8_lossy(name.as_bytes()).into_owned());
        }
        if let Some(value) = dictionary.get("V") {
            inherited.value = Some(Rc::new(value.clone()));
        }
        Ok(inherited)
    }

    /// The kids that are fields (they have a name, or a value of their own), and those that are only widgets.
    fn kids(&self, dictionary: &Dictionary) -> Result<(Vec<Object>, Vec<Reference>), Error> {
        let (mut fields, mut widgets) = (Vec::new(), Vec::new());
        let Object::Array(kids) = self.view.get(dictionary, "Kids")? else { return Ok((fields, widgets)) };
        for kid in kids {
            self.view.document.count_visited(dictionary.token.start)?;
            let resolved = self.view.resolve(&kid)?;
            let has = |key| resolved.as_dictionary().is_none_or(|dictionary| dictionary.get(key).is_some());
            let is_field = ["T", "V", "Kids"].into_iter().any(has);
            match kid.as_reference() {
                _ if resolved.is_null() => {}
                _ if is_field => fields.push(kid),
                Some(reference) => widgets.push(reference),
                None => {} // a widget that is written directly into the field
            }
        }
        Ok((fields, widgets))
    }

    /// Keeps the field if it is a signature field or has a value like one.
    fn field(
        &mut self,
        reference: Option<Reference>,
        dictionary: &Dictionary,
        own: &Inherited,
        widgets: &[Reference],
        origin: Origin,
    ) {
        let is_signature = own.field_type.as_deref() == Some("Sig");
        if self.value_bytes > self.view.document.limits.decoded_total {
            let (limit, allowed) = ("bytes in signature dictionaries", self.view.document.limits.decoded_total);
            return self.problem(Error::LimitExceeded { limit, allowed, offset: dictionary.token.start });
        }
        let value = own.value.as_ref().map_or(SignatureValue::Empty, |value| {
            signature_dictionary::value(self.view, &own.name, reference, dictionary, value)
        });
        self.value_bytes += value.dictionary().map_or(0, |dictionary| dictionary.token.len());
        if is_signature || value.dictionary().is_some() {
            self.found.fields.push(SignatureField {
                name: own.name.clone(),
                reference,
                dictionary: dictionary.clone(),
                field_type: own.field_type.clone(),
                widgets: widgets.to_vec(),
                origin,
                value,
            });
        }
    }

    /// Widgets of a page that the form did not lead to.
    fn page(&mut self, page: &Dictionary) {
        let annotations = match self.view.get(page, "Annots") {
            Ok(Object::Array(annotations)) => annotations,
            Ok(_) => return,
            Err(problem) => return self.problem(problem),
        };
        for annotation in annotations {
            if self.exhausted {
                return;
            }
            if annotation.as_reference().is_some_and(|reference| self.seen.contains_key(&reference)) {
                continue;
            }
            let counted = self.view.document.count_visited(page.token.start);
            match counted.and_then(|()| self.view.resolve(&annotation)) {
                Ok(Object::Dictionary(dictionary)) if dictionary.has_name("Subtype", "Widget") => {
                    let root = self.root(annotation, &dictionary);
                    self.tree(vec![root], Origin::PageOnly);
                }
                Ok(_) => {}
                Err(problem) => self.problem(problem),
            }
        }
    }

    /// The topmost ancestor of a widget that was not seen yet.
    fn root(&self, widget: Object, dictionary: &Dictionary) -> Object {
        let (mut root, mut dictionary) = (widget, dictionary.clone());
        let mut passed = HashSet::new();
        while let Some(parent) = dictionary.get("Parent").and_then(Object::as_reference) {
            let deep = passed.len() > self.view.document.limits.nesting;
            if self.seen.contains_key(&parent) || deep || !passed.insert(parent) {
                break;
            }
            match self.view.resolve(&Object::Reference(parent)) {
                Ok(Object::Dictionary(above)) => (root, dictionary) = (Object::Reference(parent), above),
                _ => break,
            }
        }
        root
    }
}
