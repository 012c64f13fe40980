//! The document security store, EN 319 142-1 clause 5.4.2 and ISO 32000-2 clause 12.8.4.3. In: certificates, CRLs and OCSP
//! responses in DER. Out: the file with one more revision in which the catalog has /DSS, or nothing if all was there already.
//!
//! The store is merged with the one that exists: a stream with the same content is never written twice, and /VRI entries that
//! exist stay as they are. An existing /DSS that is an object of its own is written anew under its number; else the
//! catalog is the only existing object that changes.
//!
//! Streams are written without a filter: certificates and OCSP responses hardly shrink, and what lies open in the file can be
//! found and compared by any tool.

use crate::{
    document::Document,
    error::Error,
    object::{Dictionary, Object},
    resolve::View,
    scalar::Reference,
    update::Update,
};
use sha1::{Digest, Sha1};
use std::collections::HashMap;

/// Validation material, each element in DER.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Material {
    /// X.509 certificates.
    pub certificates: Vec<Vec<u8>>,
    /// CRLs.
    pub crls: Vec<Vec<u8>>,
    /// OCSP responses (the whole OCSPResponse, RFC 6960).
    pub ocsp_responses: Vec<Vec<u8>>,
}

/// The store as it is in a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SecurityStore {
    /// The content of /Certs, /CRLs and /OCSPs.
    pub material: Material,
    /// The /VRI entries by their key, see [`vri_key`].
    pub vri: Vec<(String, Dictionary)>,
    /// The dictionary itself.
    pub dictionary: Dictionary,
}

/// The three arrays: key in /DSS, key in a /VRI entry.
const ARRAYS: [(&str, &str); 3] = [("Certs", "Cert"), ("CRLs", "CRL"), ("OCSPs", "OCSP")];

/// The file with validation material appended, with a /VRI entry for each signature value given.
///
/// `signature_contents` are values of /Contents as the file has them: decoded from hexadecimal, with the padding of zeros
/// ([`crate::Signature::contents`]). All of `material` is listed in each new entry.
///
/// # Errors
/// An encrypted file or one with two readings, as [`crate::prepare`] refuses them; a damaged store.
pub fn append(document: &Document, material: &Material, signature_contents: &[&[u8]]) -> Result<Vec<u8>, Error> {
    let mut update = Update::of(document)?;
    let view = document.latest();
    let (catalog_reference, catalog) = view.catalog()?;
    let (store_reference, store) = existing(view, &catalog)?;
    let mut changed = store.clone().unwrap_or_else(|| Dictionary::new().with("Type", Object::name("DSS")));
    let mut entry = Dictionary::new().with("Type", Object::name("VRI"));
    let new = [&material.certificates, &material.crls, &material.ocsp_responses];
    for ((store_key, vri_key), values) in ARRAYS.into_iter().zip(new) {
        let references = merge(view, &mut update, &mut changed, store_key, values)?;
        if !references.is_empty() {
            entry.set(vri_key, Object::Array(references.into_iter().map(Object::Reference).collect()));
        }
    }
    add_entries(view, &mut update, &mut changed, &entry, signature_contents)?;
    if store.as_ref() == Some(&changed) && update.is_empty() {
        return Ok(document.bytes.clone());
    }
    match store_reference {
        Some(reference) => update.set(reference, changed)?,
        None => {
            let store = Object::Reference(update.add(changed)?);
            update.edit(catalog_reference, &[], &|catalog| catalog.with_entry("DSS", store.clone()))?;
        }
    }
    let sealed = view.form_fields().any_signed();
    Ok([document.bytes.as_slice(), &update.finish(sealed).bytes].concat())
}

/// The key of a signature in /VRI: SHA-1 of its /Contents in upper-case hexadecimal. The bytes hashed are the decoded string
/// with its padding; EU DSS 6 and pyHanko 0.38 do the same.
pub fn vri_key(signature_contents: &[u8]) -> String {
    hex::encode_upper(Sha1::digest(signature_contents))
}

/// The security store of a revision; `None` if it has none.
///
/// # Errors
/// If /DSS is no dictionary, or an element is no readable stream.
pub fn read(view: View<'_>) -> Result<Option<SecurityStore>, Error> {
    let (_, catalog) = view.catalog()?;
    let (_, Some(dictionary)) = existing(view, &catalog)? else { return Ok(None) };
    let mut left = view.document.limits.decoded_total;
    let mut contents = |key: &str| -> Result<Vec<Vec<u8>>, Error> {
        array(view, &dictionary, key)?.iter().map(|element| content(view, element, &mut left)).collect()
    };
    let material =
        Material { certificates: contents("Certs")?, crls: contents("CRLs")?, ocsp_responses: contents("OCSPs")? };
    let mut vri = Vec::new();
    if let Object::Dictionary(entries) = view.get(&dictionary, "VRI")? {
        for entry in entries.entries() {
            if let Object::Dictionary(value) = view.resolve(&entry.value)? {
                vri.push((String::from_utf8_lossy(entry.key.as_bytes()).into_owned(), value));
            }
        }
    }
    Ok(Some(SecurityStore { material, vri, dictionary }))
}

/// What an element of the store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An X.509 certificate.
    Certificate,
    /// A CRL.
    Crl,
    /// An OCSP response.
    OcspResponse,
}

/// The elements that /Certs, /CRLs and /OCSPs of a revision list, without a look at their content.
///
/// # Errors
/// If the store or one of its arrays cannot be read.
pub fn elements(view: View<'_>) -> Result<Vec<(Kind, Reference)>, Error> {
    let (_, catalog) = view.catalog()?;
    let (_, Some(dictionary)) = existing(view, &catalog)? else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for (key, kind) in [("Certs", Kind::Certificate), ("CRLs", Kind::Crl), ("OCSPs", Kind::OcspResponse)] {
        let listed = array(view, &dictionary, key)?;
        all.extend(listed.iter().filter_map(Object::as_reference).map(|reference| (kind, reference)));
    }
    Ok(all)
}

/// The /DSS of the catalog, and its object if it has one of its own.
fn existing(view: View<'_>, catalog: &Dictionary) -> Result<(Option<Reference>, Option<Dictionary>), Error> {
    let reference = catalog.get("DSS").and_then(Object::as_reference);
    match view.get(catalog, "DSS")? {
        Object::Dictionary(store) => Ok((reference, Some(store))),
        Object::Null => Ok((None, None)),
        other => Err(Error::damaged_because(catalog.token.start, "/DSS as a dictionary", other.kind())),
    }
}

/// An array of the store; empty if there is none.
fn array(view: View<'_>, store: &Dictionary, key: &str) -> Result<Vec<Object>, Error> {
    match view.get(store, key)? {
        Object::Array(elements) => Ok(elements),
        Object::Null => Ok(Vec::new()),
        other => Err(Error::damaged_because(store.token.start, format!("/{key} as an array"), other.kind())),
    }
}

/// The content of one element, which takes its length from what is `left` of the limit.
fn content(view: View<'_>, element: &Object, left: &mut usize) -> Result<Vec<u8>, Error> {
    match view.resolve(element)? {
        Object::Stream(stream) => {
            let content = view.decode_at_most(&stream, *left)?;
            *left -= content.len();
            Ok(content)
        }
        other => Err(Error::damaged_because(view.offset_of(element), "a stream in the security store", other.kind())),
    }
}

/// Adds values to an array of the store; returns the references of all of them, old or new, each once.
fn merge(
    view: View<'_>,
    update: &mut Update<'_>,
    store: &mut Dictionary,
    key: &str,
    values: &[Vec<u8>],
) -> Result<Vec<Reference>, Error> {
    let mut elements = array(view, store, key)?;
    let mut known: HashMap<Vec<u8>, Reference> = HashMap::new();
    let mut left = view.document.limits.decoded_total;
    for element in &elements {
        if view.resolve(element)?.is_null() {
            continue; // 7.3.10: it stays where it is
        }
        match (element.as_reference(), content(view, element, &mut left)) {
            (Some(reference), Ok(content)) => _ = known.entry(content).or_insert(reference),
            (_, Err(Error::UnsupportedFilter { .. })) => {} // it stays in the store; it is only not compared
            (None, Ok(_)) => {
                let expected = format!("references in /{key}");
                return Err(Error::damaged_because(store.token.start, expected, element.kind()));
            }
            (_, Err(problem)) => return Err(problem),
        }
    }
    let before = elements.len();
    let mut references = Vec::new();
    for value in values {
        let reference = *known.entry(value.clone()).or_insert_with(|| {
            let reference = update.add_stream(value);
            elements.push(Object::Reference(reference));
            reference
        });
        if !references.contains(&reference) {
            references.push(reference);
        }
    }
    if elements.len() > before {
        store.set(key, Object::Array(elements));
    }
    Ok(references)
}

/// Adds an entry for each signature that has none.
fn add_entries(
    view: View<'_>,
    update: &mut Update<'_>,
    store: &mut Dictionary,
    entry: &Dictionary,
    signature_contents: &[&[u8]],
) -> Result<(), Error> {
    let holder = store.get("VRI").and_then(Object::as_reference);
    let (mut entries, holder) = match view.get(store, "VRI")? {
        Object::Dictionary(entries) => (entries, holder),
        Object::Null => (Dictionary::new(), None), // a reference without a target never finds one
        other => return Err(Error::damaged_because(store.token.start, "/VRI as a dictionary", other.kind())),
    };
    for entry in entries.entries() {
        view.resolve(&entry.value)?; // an entry that cannot be read makes the store unreadable, whatever is added
    }
    let mut grown = false;
    for contents in signature_contents {
        let key = vri_key(contents);
        if entries.get(&key).is_none() {
            let reference = update.add(entry.clone())?;
            entries.set(&key, Object::Reference(reference));
            grown = true;
        }
    }
    match holder {
        _ if !grown => Ok(()),
        Some(reference) => update.set(reference, entries),
        None => {
            store.set("VRI", entries.into());
            Ok(())
        }
    }
}
