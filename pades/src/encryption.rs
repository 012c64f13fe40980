//! Encrypted files that open without a password: the standard security handler, ISO 32000-1 clause 7.6 (revisions 2 to 4)
//! and ISO 32000-2 clause 7.6.4 (revisions 5 and 6). In: the trailer and the encryption dictionary. Out: how strings and
//! streams of each object are decrypted, or why they cannot be. Nothing is encrypted here.
//!
//! /Contents of a signature dictionary stays as it is (ISO 32000-2, 7.6.2), and so do cross-reference streams and what a crypt filter
//! of the name Identity speaks of.

mod cipher;
mod key;

use crate::{
    error::Error,
    object::{Dictionary, Object, Stream},
    scalar::{Name, Reference},
};
use cipher::{Cipher, decrypt, object_key};
use std::collections::BTreeMap;

/// Whether a document is encrypted, and whether it could be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection<'d> {
    /// No trailer asks for encryption.
    None,
    /// It opens without a password, as in every viewer.
    Opened,
    /// It does not: the structure can be read, strings and streams cannot.
    Locked(&'d Error),
}

/// What decrypts a document.
#[derive(Debug)]
pub(crate) struct Encryption {
    key: Vec<u8>,
    strings: Cipher,
    streams: Cipher,
    /// /CF, by name.
    filters: BTreeMap<Name, Cipher>,
    encrypts_metadata: bool,
    /// The encryption dictionary, whose own strings are not encrypted.
    own: Option<Reference>,
}

/// Reads an encryption dictionary, with the first part of the file's /ID and the dictionary's own object; `None`: it does not
/// open without a password.
pub(crate) fn read(dictionary: &Dictionary, identifier: &[u8], own: Option<Reference>) -> Option<Encryption> {
    if !dictionary.has_name("Filter", "Standard") {
        return None;
    }
    let number = |key| dictionary.get(key).and_then(Object::as_integer);
    let version = number("V").unwrap_or(0);
    let encrypts_metadata = !matches!(dictionary.get("EncryptMetadata"), Some(Object::Boolean(false)));
    let key = key::without_password(dictionary, identifier, encrypts_metadata)?;
    let filters = filters(dictionary);
    let by_default = |key| match dictionary.get(key).and_then(Object::as_name) {
        None => Some(Cipher::Identity),
        Some(name) => cipher_of(&filters, name),
    };
    let (strings, streams) = match version {
        1 | 2 => (Cipher::Rc4, Cipher::Rc4),
        4 | 5 => (by_default("StrF")?, by_default("StmF")?),
        _ => return None,
    };
    Some(Encryption { key, strings, streams, filters, encrypts_metadata, own })
}

/// The crypt filters of /CF (table 25) that are known.
fn filters(dictionary: &Dictionary) -> BTreeMap<Name, Cipher> {
    let Some(filters) = dictionary.get("CF").and_then(Object::as_dictionary) else { return BTreeMap::new() };
    let known = filters.entries().iter().filter_map(|entry| {
        let method = entry.value.as_dictionary()?.get("CFM").and_then(Object::as_name);
        let cipher = match method.map(Name::as_bytes) {
            None | Some(b"None") => Cipher::Identity,
            Some(b"V2") => Cipher::Rc4,
            Some(b"AESV2") => Cipher::Aes128,
            Some(b"AESV3") => Cipher::Aes256,
            Some(_) => return None,
        };
        Some((entry.key.clone(), cipher))
    });
    known.collect()
}

fn cipher_of(filters: &BTreeMap<Name, Cipher>, name: &Name) -> Option<Cipher> {
    if *name == "Identity" { Some(Cipher::Identity) } else { filters.get(name).copied() }
}

impl Encryption {
    /// Decrypts every string of an object that lies in the file itself; those in object streams are decrypted with these.
    pub(crate) fn decrypt_strings(&self, reference: Reference, object: &mut Object) {
        let is_cross_reference = object.as_stream().is_some_and(|stream| stream.dictionary.has_name("Type", "XRef"));
        if self.own != Some(reference) && !is_cross_reference && self.strings != Cipher::Identity {
            let key = object_key(self.strings, &self.key, reference);
            self.strings_in(object, &key);
        }
    }

    fn strings_in(&self, object: &mut Object, key: &[u8]) {
        match object {
            Object::String(string) => string.bytes = decrypt(self.strings, key, &string.bytes),
            Object::Array(elements) => elements.iter_mut().for_each(|element| self.strings_in(element, key)),
            Object::Dictionary(dictionary) => self.strings_in_dictionary(dictionary, key),
            Object::Stream(stream) => self.strings_in_dictionary(&mut stream.dictionary, key),
            _ => {}
        }
    }

    /// The value of a signature is no string to be decrypted (ISO 32000-2, 7.6.2).
    fn strings_in_dictionary(&self, dictionary: &mut Dictionary, key: &[u8]) {
        let is_signature = dictionary.entry("ByteRange").is_some();
        for entry in dictionary.entries_mut() {
            if !(is_signature && entry.key == "Contents") {
                self.strings_in(&mut entry.value, key);
            }
        }
    }

    /// The data of a stream as its filters take them; `None`: its crypt filter is unknown.
    pub(crate) fn decrypt_stream(&self, stream: &Stream, dictionary: &Dictionary, data: &[u8]) -> Option<Vec<u8>> {
        let cipher = self.cipher_for(dictionary)?;
        let Some(owner) = stream.owner.filter(|_| cipher != Cipher::Identity) else { return Some(data.to_vec()) };
        Some(decrypt(cipher, &object_key(cipher, &self.key, owner), data))
    }

    fn cipher_for(&self, dictionary: &Dictionary) -> Option<Cipher> {
        if dictionary.has_name("Type", "XRef") {
            return Some(Cipher::Identity);
        }
        let first = |key| match dictionary.get(key) {
            Some(Object::Array(elements)) => elements.first(),
            other => other,
        };
        if first("Filter").and_then(Object::as_name).is_some_and(|filter| *filter == "Crypt") {
            let parameters = first("DecodeParms").and_then(Object::as_dictionary);
            let name = parameters.and_then(|parameters| parameters.get("Name")).and_then(Object::as_name);
            return name.map_or(Some(Cipher::Identity), |name| cipher_of(&self.filters, name));
        }
        let in_the_open = !self.encrypts_metadata && dictionary.has_name("Type", "Metadata");
        Some(if in_the_open { Cipher::Identity } else { self.streams })
    }
}
