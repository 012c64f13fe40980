//! Rules M1, M12 and M15: trailer and catalog of a later revision beside the one before.

use pades::{Dictionary, Object};

use super::{Step, text};
use crate::check::CheckId::{M1, M12, M15};
use crate::format_check::compare::{differing, pairs};
use crate::format_check::inventory::{OF_THE_SECTION, visit};
use crate::report::Outcome;

/// Keys of the catalog that have a rule of their own.
const JUDGED: [&str; 5] = ["AcroForm", "DSS", "Extensions", "Metadata", "Version"];

/// Keys of a trailer that the standard does not have, and LibreOffice has.
const OF_WRITERS: [&str; 2] = ["AdditionalStreams", "DocChecksum"];

impl Step<'_, '_> {
    /// M15: /Encrypt, /ID and /Root are those of the revision before. /ID may be given to a file that has none.
    pub(super) fn trailer(&mut self) {
        let (old, new) = (self.before.trailer(), self.after.trailer());
        for key in ["Encrypt", "Root", "ID"] {
            let same = old.get(key) == new.get(key) || (key == "ID" && same_file(old, new));
            if !same {
                self.fail(M15, new.token.start, format!("/{key} of the trailer changed"));
                if key == "ID"
                    && let Some(finding) = self.findings.last_mut()
                {
                    finding.change = false; // it breaks the rule, and changes nothing that is shown
                }
            }
        }
        for key in ["Root", "Encrypt"] {
            let reference = new.get(key).and_then(Object::as_reference);
            reference.iter().for_each(|reference| self.paths.allow(0, reference.number));
        }
        self.other_keys(old, new);
        self.information(old, new);
    }

    /// M15: the trailer gains no key that is none of the standard's or of known writers, nor another value of such a key, and no
    /// other key begins to lead somewhere. A reference to an object that is not there is null (7.3.10 of ISO 32000-2), and none
    /// that a later revision may deliver (X7).
    fn other_keys(&mut self, old: &Dictionary, new: &Dictionary) {
        let judged = |key: &str| key == "Info" || OF_THE_SECTION.contains(&key);
        for (key, (before, after)) in pairs(old, new) {
            let key = String::from_utf8_lossy(key);
            let mut targets = Vec::new();
            after.iter().for_each(|value| visit(value, &mut |reference| targets.push(reference.number)));
            if before == after || judged(&key) {
                continue;
            }
            let offset = new.token.start;
            if after.is_some() && !OF_WRITERS.contains(&key.as_ref()) {
                self.fail(M15, offset, format!("/{key} is no key of a trailer"));
            }
            if targets.is_empty() {
                continue;
            }
            match targets.iter().any(|number| self.is_defined(*number)) {
                true => self.fail(M15, offset, format!("/{key} of the trailer leads to an object")),
                false => {
                    let detail = format!("/{key} of the trailer leads to no object, and counts as absent");
                    self.note(M15, Outcome::Passed, offset, detail);
                }
            }
        }
    }

    /// M12: /Info may change, in texts, names and numbers.
    fn information(&mut self, old: &Dictionary, new: &Dictionary) {
        let slot = self.slot(0, old.get("Info"), new.get("Info"));
        if slot.old == slot.new {
            return;
        }
        let offset = new.token.start;
        let plain = |value: &Object| !matches!(value, Object::Reference(_) | Object::Dictionary(_) | Object::Array(_));
        match slot.new.as_dictionary() {
            Some(information) if information.entries().iter().all(|entry| plain(&entry.value)) => {
                self.note(M12, Outcome::Passed, offset, "/Info changed in text only".to_owned());
            }
            _ => self.fail(M12, offset, "wanted texts, names and numbers in /Info, found something else"),
        }
    }

    /// M1: all other keys of the catalog are the same.
    pub(super) fn catalog(&mut self) {
        let offset = self.after.trailer().token.start;
        let (Ok((_, old)), Ok((root, new))) = (self.before.catalog(), self.after.catalog()) else {
            return self.fail(M1, offset, "wanted a catalog in both revisions");
        };
        if let Some(change) = self.changed.get_mut(&root.number) {
            change.explained = true;
            let offset = change.offset;
            self.paths.watch(root.number, self.revision, offset); // a catalog may serve as resources, too
        }
        for key in differing(&old, &new).iter().filter(|key| !JUDGED.contains(&key.as_str())) {
            self.fail(M1, new.token.start, format!("/{key} of the catalog changed"));
        }
        self.version(&old, &new);
        self.extensions(root.number, &old, &new);
        self.metadata(root.number, &old, &new);
        self.form(root.number, &old, &new);
        self.security_store(root.number, &old, &new);
    }

    /// M1: /Version upwards only, to one that there is; without one it is that of the header.
    fn version(&mut self, old: &Dictionary, new: &Dictionary) {
        let header = self.after.document().version().as_bytes().to_vec();
        let of = |catalog: &Dictionary| match catalog.get("Version") {
            None => Some(header.clone()),
            Some(value) => value.as_name().map(|name| name.as_bytes().to_vec()),
        };
        let (before, after) = (of(old), of(new));
        if old.get("Version") != new.get("Version") && (after.is_none() || after < before) {
            self.fail(M1, new.token.start, "/Version of the catalog went down");
        }
        let is_one = |name: &[u8]| matches!(name, [b'1', b'.', b'0'..=b'7'] | b"2.0");
        if old.get("Version") != new.get("Version") && after.is_some_and(|name| !is_one(&name)) {
            self.fail(M1, new.token.start, "/Version of the catalog is none of PDF");
        }
    }

    /// M1: /Extensions gain developers, or higher levels of those that are there.
    fn extensions(&mut self, root: u32, old: &Dictionary, new: &Dictionary) {
        let slot = self.slot(root, old.get("Extensions"), new.get("Extensions"));
        if slot.old == slot.new && slot.old.is_null() {
            return;
        }
        let Some((before, after)) = slot.dictionaries() else {
            return self.fail(M1, new.token.start, "wanted a dictionary in /Extensions");
        };
        for (key, (was, is)) in pairs(&before, &after) {
            let entry = self.slot(slot.holder, was, is);
            let level =
                |object: &Object| object.as_dictionary().and_then(|one| one.get("ExtensionLevel")?.as_integer());
            let grown = entry.old.is_null() || (level(&entry.new).is_some() && level(&entry.new) >= level(&entry.old));
            if entry.old != entry.new && (entry.new.is_null() || !grown || !is_extension(&entry.new)) {
                let key = String::from_utf8_lossy(key);
                self.fail(M1, new.token.start, format!("/Extensions /{key} changed"));
            }
        }
    }

    /// M12: /Metadata stays the same reference, to well-formed XMP without entities in a stream that is nothing else.
    fn metadata(&mut self, root: u32, old: &Dictionary, new: &Dictionary) {
        let (before, after) = (old.get("Metadata"), new.get("Metadata"));
        let changed = after.and_then(Object::as_reference).is_some_and(|one| self.changed.contains_key(&one.number));
        if before == after && !changed {
            return;
        }
        let slot = self.slot(root, before, after);
        let offset = new.token.start;
        let Object::Stream(stream) = &slot.new else {
            return self.fail(M12, offset, "/Metadata was removed, or is no stream");
        };
        if before.is_some() && before != after {
            return self.fail(M12, offset, "/Metadata is another object now");
        }
        if let Err(detail) = text::check_metadata_stream(&stream.dictionary) {
            return self.fail(M12, stream.data.start, detail);
        }
        let content = self.after.decode(stream);
        match content.map_err(|problem| problem.to_string()).and_then(|content| text::check_metadata(&content)) {
            Ok(()) => {
                self.note(M12, Outcome::Passed, stream.data.start, "metadata changed, well-formed XMP".to_owned())
            }
            Err(detail) => self.fail(M12, stream.data.start, detail),
        }
    }
}

/// A developer extensions dictionary, or several of one developer (7.12.3 of ISO 32000-2): what they say is numbers, names and texts.
fn is_extension(value: &Object) -> bool {
    const KNOWN: [&str; 5] = ["Type", "BaseVersion", "ExtensionLevel", "URL", "ExtensionRevision"];
    let is_one = |value: &Object| {
        value.as_dictionary().is_some_and(|extension| {
            extension.entries().iter().all(|entry| KNOWN.iter().any(|known| entry.key == *known))
                && extension.get("BaseVersion").is_some_and(|version| version.as_name().is_some())
                && extension.get("ExtensionLevel").is_some_and(|level| level.as_integer().is_some())
        })
    };
    value.as_array().map_or_else(|| is_one(value), |several| several.iter().all(is_one))
}

/// The first part of /ID names the file and never changes; the second may, and both may be given to a file without (14.4).
fn same_file(old: &Dictionary, new: &Dictionary) -> bool {
    let first = |trailer: &Dictionary| trailer.get("ID").and_then(Object::as_array).and_then(<[_]>::first).cloned();
    first(old).is_none() || first(old) == first(new)
}
