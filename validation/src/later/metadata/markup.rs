//! The XML of an XMP packet (XML 1.0, Namespaces in XML 1.0). In: a packet as text. Out: its elements with whole names; or nothing, if
//! it has anything that metadata do not need: then nobody says what a reader would see in it.

/// A name with its namespace.
pub(super) type Name = (String, String);

/// The deepest element: those that programs write are some ten deep.
const DEEPEST: usize = 64;

/// The namespace of `xml:lang`.
pub(super) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// An element.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: Name,
    /// Without those that declare namespaces.
    pub(super) attributes: Vec<(Name, String)>,
    pub(super) children: Vec<Element>,
    /// All that is no markup in it, its children's not included.
    pub(super) text: String,
}

/// The root of a packet.
pub(super) fn read(packet: &str) -> Option<Element> {
    let mut rest = without_instructions(packet.trim_start_matches('\u{feff}'))?;
    let root = element(&mut rest, &[("xml".into(), XML.into())], 0)?;
    without_instructions(rest)?.is_empty().then_some(root)
}

/// What follows blanks and processing instructions; none if one of these has no end.
fn without_instructions(mut text: &str) -> Option<&str> {
    loop {
        text = text.trim_start();
        let Some(inside) = text.strip_prefix("<?") else { return Some(text) };
        text = &inside[inside.find("?>")? + 2..];
    }
}

fn element(rest: &mut &str, declared: &[(String, String)], depth: usize) -> Option<Element> {
    let (tag, empty) = start_tag(rest)?;
    let (name, attributes) = tag;
    let mut spaces = declared.to_vec();
    for (name, value) in &attributes {
        match name.strip_prefix("xmlns") {
            Some("") => spaces.push((String::new(), value.clone())),
            Some(prefix) if prefix.starts_with(':') => spaces.push((prefix[1..].to_owned(), value.clone())),
            _ => {}
        }
    }
    let mut read = Element { name: whole(name, &spaces, true)?, ..Element::default() };
    for (name, value) in &attributes {
        if name == "xmlns" || name.starts_with("xmlns:") {
            continue;
        }
        let name = whole(name, &spaces, false)?;
        if read.attributes.iter().any(|(other, _)| *other == name) {
            return None;
        }
        read.attributes.push((name, value.clone()));
    }
    if empty {
        return Some(read);
    }
    if depth == DEEPEST {
        return None;
    }
    loop {
        let (text, markup) = rest.split_at(rest.find('<')?);
        read.text.push_str(&decoded(text)?);
        *rest = markup;
        if let Some(end) = markup.strip_prefix("</") {
            let (ended, after) = end.split_once('>')?;
            *rest = after;
            return (ended.trim_end() == name).then_some(read);
        }
        read.children.push(element(rest, &spaces, depth + 1)?);
    }
}

/// Name and attributes of the tag that begins here, and whether its element ends with it. Comments, declarations and the like are none.
#[expect(clippy::type_complexity, reason = "the parts of a tag, taken apart where it is called")]
fn start_tag<'t>(rest: &mut &'t str) -> Option<((&'t str, Vec<(String, String)>), bool)> {
    let inside = rest.strip_prefix('<')?;
    let is_of_name = |letter: char| letter.is_alphanumeric() || matches!(letter, ':' | '_' | '-' | '.');
    let (name, mut left) = inside.split_at(inside.find(|letter| !is_of_name(letter))?);
    if !name.starts_with(|first: char| first.is_alphabetic() || first == '_') {
        return None;
    }
    let mut attributes = Vec::new();
    loop {
        let blank = left.starts_with(|first: char| first.is_ascii_whitespace());
        left = left.trim_ascii_start();
        if let Some(after) = left.strip_prefix("/>") {
            *rest = after;
            return Some(((name, attributes), true));
        }
        if let Some(after) = left.strip_prefix('>') {
            *rest = after;
            return Some(((name, attributes), false));
        }
        let (attribute, value) = left.split_at(left.find(|letter| !is_of_name(letter))?);
        let value = value.trim_ascii_start().strip_prefix('=')?.trim_ascii_start();
        let quote = value.chars().next().filter(|quote| blank && matches!(quote, '"' | '\''))?;
        let (value, after) = value[1..].split_once(quote)?;
        if attribute.is_empty() || value.contains('<') {
            return None;
        }
        attributes.push((attribute.to_owned(), decoded(value)?));
        left = after;
    }
}

/// A name with the namespace of its prefix; attributes without a prefix have none.
fn whole(name: &str, spaces: &[(String, String)], is_element: bool) -> Option<Name> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    if local.is_empty() || local.contains(':') {
        return None;
    }
    if prefix.is_empty() && !is_element {
        return Some((String::new(), local.to_owned()));
    }
    let space = spaces.iter().rev().find(|(declared, _)| declared == prefix).map(|(_, space)| space.clone());
    match space {
        Some(space) => Some((space, local.to_owned())),
        None => prefix.is_empty().then(|| (String::new(), local.to_owned())),
    }
}

/// A text with its references resolved; none if it has another one than the five of XML and numbers.
fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('&');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (reference, after) = part.split_once(';')?;
        whole.push(match (reference, reference.strip_prefix('#')) {
            ("amp", _) => '&',
            ("lt", _) => '<',
            ("gt", _) => '>',
            ("quot", _) => '"',
            ("apos", _) => '\'',
            (_, Some(number)) => {
                let number = match number.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16),
                    None => number.parse(),
                };
                char::from_u32(number.ok()?)?
            }
            _ => return None,
        });
        whole.push_str(after);
    }
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_whole_whatever_prefix_they_have_and_references_are_resolved() {
        let one =
            read("<?xpacket begin=''?><a:x xmlns:a='s' a:b = \"1 &lt; &#x32;\">t<a:y/></a:x> <?xpacket end='w'?>");
        let other = read("<x xmlns='s' xmlns:q=\"s\" q:b='1 &#60; 2'>t<q:y></q:y></x>");
        assert!(one.is_some());
        assert_eq!(one, other);
    }

    #[test]
    fn what_metadata_do_not_need_is_not_read() {
        let deep = format!("{}{}", "<a>".repeat(70), "</a>".repeat(70));
        for packet in [
            "",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>text",
            "<a><!-- c --></a>",
            "<a><![CDATA[x]]></a>",
            "<!DOCTYPE a><a/>",
            "<a>&e;</a>",
            "<a>&amp</a>",
            "<p:a/>",
            "<a b='1' b='2'/>",
            "<a xmlns:p='s' xmlns:q='s' p:b='1' q:b='2'/>",
            "<a b=1/>",
            "<a b='1'c='2'/>",
            "<a b='<'/>",
            "<a",
            deep.as_str(),
        ] {
            assert_eq!(read(packet), None, "{packet}");
        }
    }
}
