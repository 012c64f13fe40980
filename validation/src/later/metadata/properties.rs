//! What an XMP packet says (ISO 16684-1, clause 7), whichever way it is written: a property may be an element or an attribute, a structure
//! may be a description of its own or stand in its property. In: a packet. Out: its properties in one order; none if it cannot be read.

use super::markup::{Element, Name, XML, read};

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const META: &str = "adobe:ns:meta/";

/// Properties that every program writes on the way: namespace and name.
const BY_THE_WAY: [(&str, &str); 4] = [
    ("http://ns.adobe.com/xap/1.0/", "ModifyDate"),
    ("http://ns.adobe.com/xap/1.0/", "MetadataDate"),
    ("http://ns.adobe.com/xap/1.0/mm/", "InstanceID"),
    ("http://ns.adobe.com/pdf/1.3/", "Producer"),
];

/// A property with its value, and with what is said of the value, such as its language.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Property {
    name: Name,
    value: Value,
    qualifiers: Vec<(Name, String)>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    /// Also an address.
    Text(String),
    /// Of which kind, and what is in it, in its order.
    Array(String, Vec<Property>),
    Structure(Vec<Property>),
}

/// The properties of a packet but those that are written on the way.
pub(super) fn properties(packet: &str) -> Option<Vec<Property>> {
    let root = read(packet)?;
    let rdf = match is(&root, META, "xmpmeta") {
        true => only_child(&root)?,
        false => &root,
    };
    if !is(rdf, RDF, "RDF") || !rdf.attributes.is_empty() || !is_blank(&rdf.text) {
        return None;
    }
    let mut all = Vec::new();
    for description in &rdf.children {
        if !is(description, RDF, "Description") {
            return None;
        }
        all.extend(of_description(description)?);
    }
    let on_the_way = |one: &Property| {
        let is_plain = matches!(one.value, Value::Text(_)) && one.qualifiers.is_empty();
        is_plain && BY_THE_WAY.iter().any(|(space, name)| one.name.0 == *space && one.name.1 == *name)
    };
    all.retain(|one| !on_the_way(one));
    all.sort();
    Some(all)
}

/// The properties of a description: its attributes and its elements. What it is about is the file, unless it says so.
fn of_description(description: &Element) -> Option<Vec<Property>> {
    let is_the_file = |(space, name): &Name, value: &str| space == RDF && name == "about" && value.is_empty();
    let attributes = description.attributes.iter().filter(|(name, value)| !is_the_file(name, value));
    let mut all: Vec<Property> = attributes.map(|(name, value)| simple(name, value)).collect();
    all.extend(of_elements(description)?);
    all.sort();
    Some(all)
}

/// A property that is an attribute.
fn simple(name: &Name, value: &str) -> Property {
    Property { name: name.clone(), value: Value::Text(one_line(value)), qualifiers: Vec::new() }
}

fn property(element: &Element) -> Option<Property> {
    let (mut qualifiers, mut kind, mut address, mut short) = (Vec::new(), None, None, Vec::new());
    for (name, value) in &element.attributes {
        match (name.0.as_str(), name.1.as_str()) {
            (XML, "lang") => qualifiers.push((name.clone(), value.clone())),
            (RDF, "parseType") => kind = Some(value.as_str()),
            (RDF, "resource") => address = Some(one_line(value)),
            (RDF, _) => return None,
            _ => short.push(simple(name, value)),
        }
    }
    let is_empty = element.children.is_empty() && is_blank(&element.text);
    let value = match (kind, address, short.is_empty()) {
        (Some("Resource"), None, true) => Value::Structure(of_elements(element)?),
        (None, Some(address), true) if is_empty => Value::Text(address),
        (None, None, false) if is_empty => {
            short.sort();
            Value::Structure(short)
        }
        (None, None, true) if element.children.is_empty() => Value::Text(one_line(&element.text)),
        (None, None, true) => inside(only_child(element)?)?,
        _ => return None,
    };
    Some(Property { name: element.name.clone(), value, qualifiers })
}

/// The properties that stand in an element.
fn of_elements(element: &Element) -> Option<Vec<Property>> {
    if !is_blank(&element.text) {
        return None;
    }
    let mut all = element.children.iter().map(property).collect::<Option<Vec<_>>>()?;
    all.sort();
    Some(all)
}

/// What the one element in a property says: a structure, or an array.
fn inside(element: &Element) -> Option<Value> {
    match element.name.1.as_str() {
        _ if element.name.0 != RDF => None,
        "Description" => Some(Value::Structure(of_description(element)?)),
        kind @ ("Alt" | "Bag" | "Seq") if element.attributes.is_empty() && is_blank(&element.text) => {
            let members = element.children.iter().map(|member| match is(member, RDF, "li") {
                true => property(member),
                false => None,
            });
            Some(Value::Array(kind.to_owned(), members.collect::<Option<_>>()?))
        }
        _ => None,
    }
}

fn is(element: &Element, space: &str, name: &str) -> bool {
    element.name.0 == space && element.name.1 == name
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// The one element in another that has no text.
fn only_child(element: &Element) -> Option<&Element> {
    match element.children.as_slice() {
        [child] if is_blank(&element.text) => Some(child),
        _ => None,
    }
}

/// A text as an attribute would have it: line breaks are blanks there (XML 1.0, clause 3.3.3).
fn one_line(text: &str) -> String {
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As one program writes it, and as pyHanko does.
    const ELEMENTS: &str = "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/' x:xmptk='xmp-writer'>\
        <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' \
        xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmlns:e='urn:event#' \
        xmlns:pdf='http://ns.adobe.com/pdf/1.3/'><dc:title><rdf:Alt><rdf:li xml:lang='x-default'>証明書</rdf:li></rdf:Alt></dc:title>\
        <xmp:CreatorTool>issuer</xmp:CreatorTool><pdf:Producer>krilla</pdf:Producer><xmp:ModifyDate>2026-11-24</xmp:ModifyDate>\
        <e:history><rdf:Seq><rdf:li rdf:parseType='Resource'><e:action>saved</e:action><e:at>urn:a</e:at></rdf:li></rdf:Seq></e:history>\
        </rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>";
    const ATTRIBUTES: &str = "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?>\n<x:xmpmeta xmlns:x='adobe:ns:meta/' x:xmptk='pyHanko'>\n\
        <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\n<rdf:Description xmlns:xmp='http://ns.adobe.com/xap/1.0/' \
        xmlns:pdf='http://ns.adobe.com/pdf/1.3/' xmp:CreatorTool='issuer' pdf:Producer='pyHanko' xmp:ModifyDate='2026-12-01' rdf:about=''>\
        <dc:title xmlns:dc='http://purl.org/dc/elements/1.1/'><rdf:Alt><rdf:li xml:lang='x-default'>証明書</rdf:li></rdf:Alt></dc:title>\
        <n:history xmlns:n='urn:event#'><rdf:Seq><rdf:li><rdf:Description n:action='saved'><n:at rdf:resource='urn:a'/></rdf:Description>\
        </rdf:li></rdf:Seq></n:history></rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end='r'?>";

    #[test]
    fn the_same_properties_are_the_same_however_a_program_writes_them() {
        assert!(properties(ELEMENTS).is_some_and(|all| all.len() == 3));
        assert_eq!(properties(ELEMENTS), properties(ATTRIBUTES));
    }

    #[test]
    fn whatever_else_is_said_is_another_packet() {
        for (old, new) in [
            ("証明書", "合格証明書"),
            ("x-default", "ja"),
            ("CreatorTool='issuer'", "CreatorTool='somebody'"),
            ("saved", "made"),
            ("<rdf:Alt>", "<rdf:Alt><rdf:li xml:lang='en'>Degree</rdf:li>"),
            ("rdf:about=''", "rdf:about='' xmp:Nickname='degree'"),
            ("pdf:Producer='pyHanko'", "pdf:Keywords='degree'"),
            ("rdf:about=''>", "rdf:about=''><pdf:Producer xml:lang='ja'>degree</pdf:Producer>"),
            (
                "rdf:about=''>",
                "rdf:about=''><xmp:ModifyDate rdf:parseType='Resource'><xmp:a>degree</xmp:a></xmp:ModifyDate>",
            ),
        ] {
            let changed = properties(&ATTRIBUTES.replacen(old, new, 1));
            assert!(changed.is_some() && changed != properties(ELEMENTS), "{new}: {changed:?}");
        }
    }

    #[test]
    fn what_is_no_property_is_not_read() {
        for (old, new) in [
            ("</rdf:RDF>", "</rdf:RDF><rdf:RDF/>"),
            ("<rdf:RDF ", "Degree<rdf:RDF "),
            ("rdf:about=''>", "rdf:about=''>Degree"),
            ("<rdf:Alt>", "<rdf:Alt>Degree"),
            ("<rdf:Alt>", "Degree<rdf:Alt>"),
            ("<rdf:li><", "<rdf:li rdf:parseType='Literal'><"),
            ("<rdf:Seq>", "<rdf:Seq rdf:ID='a'>"),
            ("rdf:resource='urn:a'/>", "rdf:resource='urn:a'>Degree</n:at>"),
        ] {
            let changed = ATTRIBUTES.replacen(old, new, 1);
            assert_ne!(changed, ATTRIBUTES, "{old}");
            assert_eq!(properties(&changed), None, "{new}");
        }
    }
}
