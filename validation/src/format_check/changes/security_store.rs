//! Rule M6: the security store of a later revision beside the one before, EN 319 142-1 clause 5.4.2. It holds certificates,
//! CRLs and OCSP responses in DER, and nothing else. What is DER of its kind and cannot be used is told; so are /VRI entries that
//! name other material than before, because nobody need believe what /VRI says.

use std::collections::{HashMap, HashSet};

use memchr::memmem;
use pades::{Dictionary, Object, Reference, SignatureValue, Stream, View, security_store::vri_key};
use pki::{Certificate, Crl, Digest, DigestAlgorithm, OcspResponse, SignedData, TimeStampToken};

use super::{Slot, Step, der};
use crate::check::CheckId::{M6, X4, X10};
use crate::format_check::compare::pairs;
use crate::format_check::rule::Finding;
use crate::report::Outcome;

/// Keys of /DSS.
const STORE_KEYS: [&str; 5] = ["Type", "VRI", "Certs", "CRLs", "OCSPs"];
/// Keys of a /VRI entry.
const ENTRY_KEYS: [&str; 6] = ["Type", "Cert", "CRL", "OCSP", "TU", "TS"];
/// Keys of a stream of validation material: how it is encoded, not what a page would do with it.
const STREAM_KEYS: [&str; 4] = ["Length", "Filter", "DecodeParms", "Type"];

/// What an array of the store holds: key in /DSS, key in a /VRI entry, kind.
const ARRAYS: [(&str, &str, Kind); 3] =
    [("Certs", "Cert", Kind::Certificate), ("CRLs", "CRL", Kind::Crl), ("OCSPs", "OCSP", Kind::Response)];

/// What a reader looks for that rebuilds a file: nothing of it belongs into validation material.
const KEYWORDS: [&str; 8] = ["obj", "stream", "endstream", "endobj", "xref", "trailer", "%PDF-", "%%EOF"];

/// Elements of one array, and entries of /VRI; an archive that is renewed every month for 85 years has some ten thousand.
const MAX_ELEMENTS: usize = 1 << 16;

/// What is known of streams of validation material, so that each is decoded once however often and in however many revisions it
/// is listed.
#[derive(Default)]
pub(super) struct Judged {
    /// What was listed so far, and in which revision.
    listed: HashSet<(usize, Reference, Kind)>,
    /// By where the data lie.
    contents: HashMap<(usize, Kind), Content>,
    digests: HashMap<usize, Option<Digest>>,
}

/// What a stream holds.
#[derive(Clone)]
enum Content {
    /// What it should, to the last byte.
    Right,
    /// DER of its kind that cannot be used, and why.
    Unusable(String),
    Wrong(String),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Certificate,
    Crl,
    /// An OCSPResponse.
    Response,
    /// A time-stamp token.
    TimeStamp,
}

impl Step<'_, '_> {
    /// M6: keys, arrays and entries of the store.
    pub(super) fn security_store(&mut self, root: u32, old: &Dictionary, new: &Dictionary) {
        let slot = self.slot(root, old.get("DSS"), new.get("DSS"));
        let offset = new.token.start;
        if slot.new.is_null() {
            if !slot.old.is_null() {
                self.fail(M6, offset, "the security store was removed");
            }
            return;
        }
        let Some((before, after)) = slot.dictionaries() else {
            return self.fail(M6, offset, "wanted a dictionary in /DSS");
        };
        self.known_keys(&after, &STORE_KEYS);
        let added: Vec<usize> =
            ARRAYS.iter().map(|(key, _, kind)| self.material(&slot, &before, &after, key, *kind)).collect();
        self.entries(slot.holder, &before, &after);
        if added.iter().sum::<usize>() > 0 || slot.old != slot.new {
            let place = after.token.start;
            let detail = format!("{} certificates, {} CRLs and {} OCSP responses added", added[0], added[1], added[2]);
            self.note(M6, Outcome::Passed, place, detail);
        }
    }

    fn known_keys(&mut self, dictionary: &Dictionary, known: &[&str]) {
        let stray = dictionary.entries().iter().find(|entry| !known.iter().any(|known| entry.key == *known));
        if let Some(entry) = stray {
            self.fail(M6, dictionary.token.start, format!("{} in the security store", entry.key));
        }
    }

    /// One array: references to streams of its kind. Returns how many are new; removed ones are told (PAdES permits it).
    fn material(&mut self, store: &Slot, before: &Dictionary, after: &Dictionary, key: &str, kind: Kind) -> usize {
        let slot = self.slot(store.holder, before.get(key), after.get(key));
        let offset = after.token.start;
        let Some((old, new)) = slot.arrays() else {
            self.fail(M6, offset, format!("wanted an array in /{key} of the security store"));
            return 0;
        };
        if self.are_too_many(new.len(), key, offset) {
            return 0;
        }
        let known: HashSet<Reference> = old.iter().filter_map(Object::as_reference).collect();
        let mut added = 0;
        for element in &new {
            match element.as_reference() {
                Some(reference) if known.contains(&reference) && !self.changed.contains_key(&reference.number) => {
                    self.account_for(slot.holder, reference);
                }
                Some(reference) => {
                    added += 1;
                    self.listed(slot.holder, reference, kind, offset);
                }
                None => self.fail(M6, offset, format!("wanted references in /{key}, found {}", element.kind())),
            }
        }
        let listed: HashSet<Reference> = new.iter().filter_map(Object::as_reference).collect();
        let removed = known.difference(&listed).count();
        if removed > 0 {
            let detail = format!("{removed} elements of /{key} are not listed any more");
            self.note(M6, Outcome::Warning, offset, detail);
        }
        added
    }

    /// X10: lists that no honest archive has are not looked through.
    fn are_too_many(&mut self, count: usize, key: &str, offset: usize) -> bool {
        if count > MAX_ELEMENTS {
            self.fail(
                X10,
                offset,
                format!("/{key} of the security store has {count} elements, allowed are {MAX_ELEMENTS}"),
            );
        }
        count > MAX_ELEMENTS
    }

    /// A reference to a stream of validation material, which is judged where it is listed first.
    fn listed(&mut self, holder: u32, reference: Reference, kind: Kind, offset: usize) {
        self.account_for(holder, reference);
        if !self.judged.listed.insert((self.revision, reference, kind)) {
            return;
        }
        match self.after.object(reference) {
            Ok(found) => {
                let value = found.map_or(Object::Null, |located| located.object);
                self.stream(reference, &value, kind, offset);
            }
            Err(problem) => self.fail(X4, problem.offset().unwrap_or(0), problem.to_string()),
        }
    }

    /// A stream of validation material: DER of its kind to the last byte. What is, and cannot be used, is told.
    fn stream(&mut self, reference: Reference, value: &Object, kind: Kind, offset: usize) {
        let overridden = self.changed.get(&reference.number).is_some_and(|change| !self.is_unchanged(change));
        let Object::Stream(stream) = value else {
            return self.fail(M6, offset, format!("wanted a stream, found {} in {reference}", value.kind()));
        };
        let place = stream.data.start;
        if overridden {
            self.fail(M6, place, format!("{reference} was another object before"));
        }
        self.known_keys(&stream.dictionary, &STREAM_KEYS);
        self.slot(reference.number, None, stream.dictionary.get("Length"));
        match self.content(stream, kind) {
            Content::Right => {}
            Content::Unusable(problem) => {
                let detail = format!("{reference} is evidence that cannot be used: {problem}");
                self.note(M6, Outcome::Warning, place, detail);
            }
            Content::Wrong(problem) => return self.fail(M6, place, format!("{reference} {problem}")),
        }
        self.keywords(reference, stream);
    }

    fn content(&mut self, stream: &Stream, kind: Kind) -> Content {
        let read = || match self.after.decode(stream) {
            Ok(content) => match misfit(&content, kind) {
                None => Content::Right,
                Some(problem) if has_shape(&content, kind) => Content::Unusable(problem),
                Some(problem) => Content::Wrong(format!("is not DER of its kind: {problem}")),
            },
            Err(problem) => Content::Wrong(format!("cannot be decoded: {problem}")),
        };
        self.judged.contents.entry((stream.data.start, kind)).or_insert_with(read).clone()
    }

    /// M6: words in the open data for which a reader searches that rebuilds a file (rule X6 fails for whole definitions).
    fn keywords(&mut self, reference: Reference, stream: &Stream) {
        let data = &self.after.document().bytes()[stream.data.clone()];
        let words = KEYWORDS.iter().filter(|word| is_word(data, word)).copied().collect::<Vec<_>>();
        if !words.is_empty() {
            let detail = format!("{reference} has words of file structure in it: {}", words.join(", "));
            self.note(M6, Outcome::Warning, stream.data.start, detail);
        }
    }

    fn is_unchanged(&self, change: &super::Change) -> bool {
        change.old.is_none() || self.is_rewritten(change)
    }

    /// /VRI: keys are digests of signatures in this file; what becomes of old entries is told.
    fn entries(&mut self, store: u32, before: &Dictionary, after: &Dictionary) {
        let slot = self.slot(store, before.get("VRI"), after.get("VRI"));
        let offset = after.token.start;
        let Some((old, new)) = slot.dictionaries() else {
            return self.fail(M6, offset, "wanted a dictionary in /VRI");
        };
        if self.are_too_many(new.entries().len(), "VRI", offset) {
            return;
        }
        let pairs = pairs(&old, &new);
        let added: Vec<&[u8]> = pairs.iter().filter(|(_, (was, _))| was.is_none()).map(|(key, _)| *key).collect();
        self.entry_keys(&added, new.token.start);
        for (key, (was, is)) in pairs {
            let key = String::from_utf8_lossy(key);
            let entry = self.slot(slot.holder, was, is);
            let Some((was, is)) = entry.dictionaries() else {
                self.fail(M6, offset, format!("wanted a dictionary in /VRI /{key}"));
                continue;
            };
            if entry.old == entry.new {
                self.allow_entry(entry.holder, &is);
            } else if entry.new.is_null() {
                let detail = format!("/VRI /{key} is not listed any more");
                self.note(M6, Outcome::Warning, offset, detail);
            } else {
                self.entry(&key, &entry, &was, &is);
            }
        }
    }

    /// New keys: 40 upper-case hexadecimal digits, the SHA-1 of a /Contents, or of a time-stamp token inside one.
    fn entry_keys(&mut self, added: &[&[u8]], offset: usize) {
        if added.is_empty() {
            return;
        }
        let newest = self.later_fields.is_none().then(|| self.after.form_fields());
        let fields = self.later_fields.or(newest.as_ref()).map_or(&[][..], |form| &form.fields);
        let contents = fields.iter().filter_map(|field| match &field.value {
            SignatureValue::Signed(signature) => Some(signature.contents.as_slice()),
            SignatureValue::Empty | SignatureValue::Unusable { .. } => None,
        });
        let mut known: HashSet<String> = contents.clone().map(vri_key).collect();
        if !added.iter().all(|key| is_known(&known, key)) {
            known.extend(contents.flat_map(keys_inside));
        }
        for key in added.iter().filter(|key| !is_known(&known, key)) {
            let key = String::from_utf8_lossy(key);
            self.fail(M6, offset, format!("/VRI /{key} is not the digest of a signature in this file"));
        }
    }

    /// References of an entry that stays as it is.
    fn allow_entry(&mut self, holder: u32, entry: &Dictionary) {
        for (_, key, _) in ARRAYS {
            let list = self.slot(holder, None, entry.get(key));
            for reference in list.new.as_array().unwrap_or_default().iter().filter_map(Object::as_reference) {
                self.account_for(list.holder, reference);
            }
        }
        self.slot(holder, None, entry.get("TS"));
    }

    /// A new entry, or an old one written anew: all that it leads to is material of its kind.
    fn entry(&mut self, key: &str, entry: &Slot, was: &Dictionary, is: &Dictionary) {
        self.known_keys(is, &ENTRY_KEYS);
        for (_, name, kind) in ARRAYS {
            let list = self.slot(entry.holder, was.get(name), is.get(name));
            let Some((old, new)) = list.arrays() else {
                self.fail(M6, is.token.start, format!("wanted an array in /VRI /{key} /{name}"));
                continue;
            };
            if self.are_too_many(new.len(), name, is.token.start) {
                continue;
            }
            match self.growth(&old, &new) {
                _ if entry.old.is_null() => {}
                Growth::None => {}
                Growth::Added => {
                    self.note(M6, Outcome::Warning, is.token.start, format!("/VRI /{key} /{name} has grown"));
                }
                Growth::Replaced => {
                    self.replaced(is.token.start, format!("/VRI /{key} /{name} has other material now"))
                }
            }
            for element in &new {
                match element.as_reference() {
                    Some(reference) => self.listed(list.holder, reference, kind, is.token.start),
                    None => self.fail(M6, is.token.start, format!("wanted references in /VRI /{key} /{name}")),
                }
            }
        }
        match is.get("TS").map(Object::as_reference) {
            None => {}
            Some(Some(reference)) => self.listed(entry.holder, reference, Kind::TimeStamp, is.token.start),
            Some(None) => self.fail(M6, is.token.start, format!("wanted a reference in /VRI /{key} /TS")),
        }
    }

    /// Told, and a failure under `strict`.
    fn replaced(&mut self, offset: usize, detail: String) {
        let (revision, offset) = (Some(self.revision), Some(offset));
        let outcome = Outcome::Warning;
        self.findings.push(Finding { rule: M6, outcome, revision, offset, detail, change: true, anomaly: None });
    }

    /// What became of the material of an old entry, in whatever objects and order.
    fn growth(&mut self, old: &[Object], new: &[Object]) -> Growth {
        if old == new {
            return Growth::None;
        }
        let (old, new) = (self.contents(self.before, old), self.contents(self.after, new));
        match (old.is_subset(&new), old.len() == new.len()) {
            (true, true) => Growth::None,
            (true, false) => Growth::Added,
            (false, _) => Growth::Replaced,
        }
    }

    /// The digests of what an array leads to.
    fn contents(&mut self, view: View<'_>, elements: &[Object]) -> HashSet<Digest> {
        let mut known = HashSet::new();
        let references: HashSet<Reference> = elements.iter().filter_map(Object::as_reference).collect();
        for reference in references {
            let Ok(Object::Stream(stream)) = view.resolve(&Object::Reference(reference)) else { continue };
            let read = || view.decode(&stream).ok().map(|der| DigestAlgorithm::Sha256.digest(&der));
            known.extend(self.judged.digests.entry(stream.data.start).or_insert_with(read).clone());
        }
        known
    }
}

fn is_known(known: &HashSet<String>, key: &[u8]) -> bool {
    std::str::from_utf8(key).is_ok_and(|key| known.contains(key))
}

/// The keys of a message without its padding and of the time-stamps in it.
fn keys_inside(contents: &[u8]) -> Vec<String> {
    let Ok(message) = SignedData::from_ber(contents) else { return Vec::new() };
    let tokens = message.signature_time_stamps();
    tokens.iter().map(|token| vri_key(token.der())).chain([vri_key(message.der())]).collect()
}

/// What became of an old entry.
enum Growth {
    None,
    Added,
    Replaced,
}

/// Why `content` is not, to its last byte, what it claims to be.
fn misfit(content: &[u8], kind: Kind) -> Option<String> {
    let stamp = |token: TimeStampToken| match token.signed_data().padding() + token.signed_data().trailing_octets() {
        0 => None,
        more => Some(format!("{more} bytes follow the token")),
    };
    match kind {
        Kind::Certificate => Certificate::from_der(content).err().map(|problem| problem.to_string()),
        Kind::Crl => Crl::from_der(content).err().map(|problem| problem.to_string()),
        Kind::Response => match OcspResponse::from_der(content).and_then(OcspResponse::into_successful) {
            Ok(_) => None,
            Err(problem) => Some(problem.to_string()),
        },
        Kind::TimeStamp => TimeStampToken::from_der(content).map_or_else(|problem| Some(problem.to_string()), stamp),
    }
}

/// Whether something that a reader of its kind refuses is DER of its shape all the same, so that nothing else hides in it.
fn has_shape(content: &[u8], kind: Kind) -> bool {
    match kind {
        Kind::Certificate => der::is_certificate(content),
        Kind::Crl => der::is_crl(content),
        Kind::Response => der::is_response(content),
        Kind::TimeStamp => der::is_token(content),
    }
}

/// Whether a word stands in `data` with nothing like a letter beside it.
fn is_word(data: &[u8], word: &str) -> bool {
    let beside = |place: Option<usize>| place.and_then(|place| data.get(place)).is_some_and(u8::is_ascii_alphanumeric);
    let mut places = memmem::find_iter(data, word);
    places.any(|place| !beside(place.checked_sub(1)) && !beside(Some(place + word.len())))
}
