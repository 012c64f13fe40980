//! Whether title or other metadata differ between two revisions, rule M12. In: two views. Out: yes or no. What every program
//! that saves a file writes on the way (the date of the change, its own name, the number of the copy) is no difference.

mod markup;
mod properties;

use pades::{Dictionary, Object, View};

/// Keys of /Info that are written on the way.
const BY_THE_WAY: [&str; 2] = ["ModDate", "Producer"];

/// Properties of XMP that are, where a packet is compared as it stands.
const XMP_BY_THE_WAY: [&str; 4] = ["xmp:ModifyDate", "xmp:MetadataDate", "xmpMM:InstanceID", "pdf:Producer"];

/// Whether the document information dictionaries differ (ISO 32000-1 clause 14.3.3).
pub(super) fn info_differs(before: View<'_>, after: View<'_>) -> bool {
    information(before) != information(after)
}

/// Its entries with values resolved, sorted by key.
fn information(view: View<'_>) -> Vec<(Vec<u8>, String)> {
    let Ok(Object::Dictionary(dictionary)) = view.get(view.trailer(), "Info") else { return Vec::new() };
    let entries = dictionary.entries().iter().filter(|entry| !BY_THE_WAY.iter().any(|key| entry.key == *key));
    let mut all: Vec<_> = entries
        .map(|entry| {
            let value = match view.resolve(&entry.value) {
                Ok(Object::String(text)) => text.to_text(),
                other => format!("{other:?}"),
            };
            (entry.key.as_bytes().to_vec(), value)
        })
        .collect();
    all.sort();
    all
}

/// Whether the metadata streams of the catalog differ (ISO 32000-1 clause 14.3.2).
pub(super) fn xmp_differs(before: View<'_>, old: &Dictionary, after: View<'_>, new: &Dictionary) -> bool {
    let (old, new) = (packet(before, old), packet(after, new));
    let read = |text: &Option<String>| text.as_deref().and_then(properties::properties);
    match (read(&old), read(&new)) {
        (Some(old), Some(new)) => old != new,
        _ => old.as_deref().map(bare) != new.as_deref().map(bare),
    }
}

/// The packet.
fn packet(view: View<'_>, catalog: &Dictionary) -> Option<String> {
    let Ok(Object::Stream(stream)) = view.get(catalog, "Metadata") else { return None };
    let bytes = view.decode(&stream).unwrap_or_else(|_| view.document().bytes()[stream.data.clone()].to_vec());
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// A packet without white space and without what is written on the way.
fn bare(packet: &str) -> String {
    let mut text = packet.to_owned();
    for property in XMP_BY_THE_WAY {
        text = without(&text, &format!("<{property}>"), '<', &format!("</{property}>"));
        text = without(&text, &format!("{property}=\""), '"', "\"");
    }
    text.retain(|character| !character.is_whitespace());
    text
}

/// The text without what begins with `start` and ends with `end`; nothing in between holds `stop`, so that no other property
/// can hide there.
fn without(text: &str, start: &str, stop: char, end: &str) -> String {
    let mut parts = text.split(start);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.find(stop).and_then(|place| part[place..].strip_prefix(end));
        match rest {
            Some(rest) => kept.push_str(rest),
            None => kept.extend([start, part]),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hides_in_what_is_written_on_the_way() {
        let strip = |text| without(text, "<a:b>", '<', "</a:b>");
        assert_eq!(strip("x<a:b>1</a:b>y<a:b>2</a:b>z"), "xyz");
        assert_eq!(strip("<a:b>1<t>title</t></a:b>"), "<a:b>1<t>title</t></a:b>");
        assert_eq!(without("p a:b=\"1\" c=\"2\"", "a:b=\"", '"', "\""), "p  c=\"2\"");
    }
}
