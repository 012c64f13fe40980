//! Objects to bytes, ISO 32000-1 clause 7.3: the inverse of the parser. In: an object without stream data. Out: bytes that
//! parse to an equal object, in the layout that PDF/A (ISO 19005-2, 6.1) asks for: even hexadecimal strings, single spaces.

use crate::{
    lexer::is_regular,
    object::{Dictionary, Object},
    scalar::{Name, PdfString, StringForm},
};

/// The bytes of a direct object. A stream is written as its dictionary: data are written by the incremental update.
pub fn to_bytes(object: &Object) -> Vec<u8> {
    let mut out = Vec::new();
    write_object(&mut out, object);
    out
}

/// Appends `object` to `out`.
pub(crate) fn write_object(out: &mut Vec<u8>, object: &Object) {
    match object {
        Object::Null => out.extend(b"null"),
        Object::Boolean(value) => out.extend(if *value { b"true".as_slice() } else { b"false" }),
        Object::Integer(value) => out.extend(value.to_string().bytes()),
        Object::Real(value) => out.extend(value.text().bytes()),
        Object::Name(name) => write_name(out, name),
        Object::String(string) => write_string(out, string),
        Object::Array(elements) => write_array(out, elements),
        Object::Dictionary(dictionary) => write_dictionary(out, dictionary),
        Object::Stream(stream) => write_dictionary(out, &stream.dictionary),
        Object::Reference(reference) => out.extend(reference.to_string().bytes()),
    }
}

/// Appends `<< /Key value … >>` to `out`.
pub(crate) fn write_dictionary(out: &mut Vec<u8>, dictionary: &Dictionary) {
    out.extend(b"<<");
    for entry in dictionary.entries() {
        out.push(b' ');
        write_name(out, &entry.key);
        out.push(b' ');
        write_object(out, &entry.value);
    }
    out.extend(b" >>");
}

fn write_array(out: &mut Vec<u8>, elements: &[Object]) {
    out.push(b'[');
    for (index, element) in elements.iter().enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        write_object(out, element);
    }
    out.push(b']');
}

fn write_name(out: &mut Vec<u8>, name: &Name) {
    out.push(b'/');
    for byte in name.as_bytes() {
        if byte.is_ascii_graphic() && is_regular(*byte) && *byte != b'#' {
            out.push(*byte);
        } else {
            out.extend(format!("#{byte:02X}").bytes());
        }
    }
}

fn write_string(out: &mut Vec<u8>, string: &PdfString) {
    match string.form {
        StringForm::Hexadecimal => {
            out.push(b'<');
            out.extend(hex::encode(&string.bytes).bytes());
            out.push(b'>');
        }
        StringForm::Literal => {
            out.push(b'(');
            for byte in &string.bytes {
                match byte {
                    b'(' | b')' | b'\\' => out.extend([b'\\', *byte]),
                    b'\r' => out.extend(b"\\r"), // unescaped it would read as LF
                    other => out.push(*other),
                }
            }
            out.push(b')');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{limits::Limits, parser::Parser};
    use proptest::prelude::*;

    fn object() -> impl Strategy<Value = Object> {
        let bytes = || proptest::collection::vec(any::<u8>(), 0..12);
        let leaf = prop_oneof![
            Just(Object::Null),
            any::<bool>().prop_map(Object::Boolean),
            any::<i64>().prop_map(Object::Integer),
            proptest::collection::vec(1u8..=255, 0..12).prop_map(Object::name),
            bytes().prop_map(|bytes| Object::String(PdfString { bytes, form: StringForm::Literal, token: 0..0 })),
            bytes().prop_map(|bytes| Object::String(PdfString::hexadecimal(bytes))),
            (1u32.., any::<u16>())
                .prop_map(|(number, generation)| Object::Reference(crate::Reference { number, generation })),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Object::Array),
                proptest::collection::btree_map("[a-zA-Z]{1,6}", inner, 0..6).prop_map(|entries| {
                    let mut dictionary = Dictionary::new();
                    entries.into_iter().for_each(|(key, value)| dictionary.set(&key, value));
                    Object::Dictionary(dictionary)
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_equal(object in object()) {
            let bytes = to_bytes(&object);
            let (read, token) = Parser::at(&bytes, 0, &Limits::default()).object().unwrap();
            prop_assert_eq!(token, 0..bytes.len());
            prop_assert_eq!(read, object);
        }
    }

    #[test]
    fn reals_keep_their_text_and_names_their_escapes() {
        for text in ["[-.5 +1.0 4.]", "/A#20B#23", "<0aff>", "(a\\(b\\\\)"] {
            let (object, _) = Parser::at(text.as_bytes(), 0, &Limits::default()).object().unwrap();
            assert_eq!(String::from_utf8(to_bytes(&object)).unwrap(), text);
        }
    }
}
