//! Rule M12: XMP metadata of a later revision. In: the stream's dictionary and content. Out: whether it is well-formed XML in
//! UTF-8 with nothing that a reader would fetch or expand, and nothing but metadata.

use pades::Dictionary;

/// A stream of metadata (ISO 32000-1, 14.3.2) has no keys of a form, an image or a pattern, as which it could be drawn.
pub(super) fn check_metadata_stream(dictionary: &Dictionary) -> Result<(), String> {
    const KEYS: [&str; 5] = ["Type", "Subtype", "Length", "Filter", "DecodeParms"];
    if !dictionary.has_name("Type", "Metadata") || !dictionary.has_name("Subtype", "XML") {
        return Err("wanted metadata of /Type /Metadata and /Subtype /XML, found another type".to_owned());
    }
    match dictionary.entries().iter().find(|entry| !KEYS.iter().any(|key| entry.key == *key)) {
        Some(entry) => Err(format!("wanted metadata that is nothing else, found the key {}", entry.key)),
        None => Ok(()),
    }
}

/// Elements balance, no document type, no entities but the five of XML, `x:xmpmeta` or `rdf:RDF` at the root.
pub(super) fn check_metadata(content: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(content).map_err(|_| "wanted metadata in UTF-8, found other bytes".to_owned())?;
    let mut open: Vec<&str> = Vec::new();
    let mut roots: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(place) = rest.find('<') {
        check_entities(&rest[..place])?;
        rest = &rest[place..];
        let (tag, after) = markup(rest)?;
        rest = after;
        match tag {
            Markup::Other => {}
            Markup::Start { name, empty } => {
                if open.is_empty() {
                    roots.push(name);
                }
                if !empty {
                    open.push(name);
                }
            }
            Markup::End(name) => match open.pop() {
                Some(started) if started == name => {}
                started => {
                    return Err(format!("wanted the end of {started:?} in the metadata, found that of {name:?}"));
                }
            },
        }
    }
    check_entities(rest)?;
    match (open.last(), roots.as_slice()) {
        (Some(name), _) => Err(format!("wanted the end of `{name}` in the metadata, found none")),
        (None, ["x:xmpmeta" | "xap:xmpmeta" | "rdf:RDF"]) => Ok(()),
        (None, found) => Err(format!("wanted `x:xmpmeta` as the root of the metadata, found {found:?}")),
    }
}

enum Markup<'t> {
    Start { name: &'t str, empty: bool },
    End(&'t str),
    Other,
}

/// What begins with `<`, and the text after it.
fn markup(text: &str) -> Result<(Markup<'_>, &str), String> {
    let unfinished = || "wanted the end of a tag in the metadata, found none".to_owned();
    for (start, end) in [("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>")] {
        if let Some(inside) = text.strip_prefix(start) {
            let place = inside.find(end).ok_or_else(unfinished)?;
            return Ok((Markup::Other, &inside[place + end.len()..]));
        }
    }
    if text.starts_with("<!") {
        return Err("wanted metadata without a document type and entities, found a declaration".to_owned());
    }
    let mut quote = None;
    let end = text.char_indices().skip(1).find_map(|(place, character)| match (quote, character) {
        (None, '>') => Some(place),
        (None, '"' | '\'') => {
            quote = Some(character);
            None
        }
        (Some(opened), closing) if opened == closing => {
            quote = None;
            None
        }
        _ => None,
    });
    let end = end.ok_or_else(unfinished)?;
    let inside = &text[1..end];
    check_entities(inside)?;
    let after = &text[end + 1..];
    if let Some(name) = inside.strip_prefix('/') {
        return Ok((Markup::End(name.trim_end()), after));
    }
    let name = inside.split(|character: char| character.is_whitespace() || character == '/').next().unwrap_or_default();
    Ok((Markup::Start { name, empty: inside.ends_with('/') }, after))
}

/// Only predefined and numeric references.
fn check_entities(text: &str) -> Result<(), String> {
    for part in text.split('&').skip(1) {
        let name = part.split(';').next().unwrap_or_default();
        if !matches!(name, "amp" | "lt" | "gt" | "quot" | "apos") && !name.starts_with('#') {
            return Err(format!("wanted predefined entities only in the metadata, found `&{name};`"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_metadata;

    #[test]
    fn well_formed_metadata_passes() {
        let packet = "<?xpacket begin=\"\"?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF><a b=\">\"/>&amp;</rdf:RDF></x:xmpmeta>\
            <!-- end --><?xpacket end='w'?>";
        assert_eq!(check_metadata(packet.as_bytes()), Ok(()));
    }

    #[test]
    fn what_a_reader_would_expand_or_cannot_nest_is_refused() {
        for packet in [
            "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///'>]><x:xmpmeta>&e;</x:xmpmeta>",
            "<x:xmpmeta>&e;</x:xmpmeta>",
            "<x:xmpmeta><a></x:xmpmeta></a>",
            "<x:xmpmeta>",
            "<html></html>",
            "<x:xmpmeta/><x:xmpmeta/>",
            "",
        ] {
            assert!(check_metadata(packet.as_bytes()).is_err(), "{packet}");
        }
    }
}
