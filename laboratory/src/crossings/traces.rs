//! Texts in octets, in whatever form a program may have written them. In: octets (of a request, a database, a log) and texts. Out:
//! where they are.

use std::collections::{BTreeMap, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The forms in which a text is looked for.
pub const FORMS: [&str; 9] =
    ["UTF-8", "UTF-16LE", "UTF-16BE", "hex", "HEX", "base64", "base64url", "percent-encoding", "JSON escapes"];

/// Shorter octets stand anywhere by chance.
pub const SHORTEST: usize = 4;

/// A text that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace<'a> {
    /// The text.
    pub text: &'a str,
    /// One of [`FORMS`].
    pub form: &'static str,
    /// At which octet it begins.
    pub offset: usize,
}

/// Where these texts are in the octets: of each text and form the first place. What is shorter than four octets in a form is not looked
/// for in it.
pub fn find<'a>(octets: &[u8], texts: &[&'a str]) -> Vec<Trace<'a>> {
    Wanted::new(texts).find(octets)
}

/// Texts that are looked for, in each form: thousands of them in one pass.
pub struct Wanted<'a> {
    /// Text, form, and how it is written, in the order in which they are told.
    written: Vec<(&'a str, &'static str, Vec<u8>)>,
    /// Places in `written` by the octets that it begins with.
    by_begin: HashMap<[u8; SHORTEST], Vec<usize>>,
    /// Texts and the forms in which they are too short to be looked for.
    short: Vec<(&'a str, Vec<&'static str>)>,
}

impl<'a> Wanted<'a> {
    /// These texts, as [`find`] looks for them.
    pub fn new(texts: &[&'a str]) -> Wanted<'a> {
        Wanted::of_octets(texts.iter().map(|text| (*text, SHORTEST)))
    }

    /// These texts, each in the forms in which it has so many octets, never less than four.
    pub fn of_octets(texts: impl IntoIterator<Item = (&'a str, usize)>) -> Wanted<'a> {
        let (mut written, mut by_begin) = (Vec::new(), HashMap::<_, Vec<usize>>::new());
        let mut short = Vec::new();
        for (text, least) in texts {
            let mut known: Vec<Vec<u8>> = Vec::new();
            let mut too_short = Vec::new();
            for (form, octets) in forms(text) {
                let Some(begin) = octets.first_chunk::<SHORTEST>().filter(|_| octets.len() >= least) else {
                    if !too_short.contains(&form) {
                        too_short.push(form);
                    }
                    continue;
                };
                if known.contains(&octets) {
                    continue; // such as a text of letters that need no escape
                }
                by_begin.entry(*begin).or_default().push(written.len());
                known.push(octets.clone());
                written.push((text, form, octets));
            }
            if !too_short.is_empty() {
                short.push((text, too_short));
            }
        }
        Wanted { written, by_begin, short }
    }

    /// The texts that are too short for some forms, and these forms: in base64 a text is written in one of three ways, and one may be too
    /// short where another is not.
    pub fn short(&self) -> &[(&'a str, Vec<&'static str>)] {
        &self.short
    }

    /// How many of the texts are looked for in at least one form.
    pub fn texts(&self) -> usize {
        self.written.iter().map(|(text, ..)| text).collect::<std::collections::HashSet<_>>().len()
    }

    /// As [`find`].
    pub fn find(&self, octets: &[u8]) -> Vec<Trace<'a>> {
        let mut first: BTreeMap<usize, usize> = BTreeMap::new();
        for (offset, begin) in octets.windows(SHORTEST).enumerate() {
            let begin: &[u8; SHORTEST] = begin.try_into().expect("a window is as long as it is asked for");
            for place in self.by_begin.get(begin).into_iter().flatten() {
                if octets[offset..].starts_with(&self.written[*place].2) {
                    first.entry(*place).or_insert(offset);
                }
            }
        }
        first
            .into_iter()
            .map(|(place, offset)| Trace { text: self.written[place].0, form: self.written[place].1, offset })
            .collect()
    }
}

/// A text in each form; in base64 as it comes out at each of the three places where it can stand among other octets.
fn forms(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let utf16 = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let hexadecimal = hex::encode(text);
    let escapes: String = text
        .chars()
        .map(|letter| match letter.is_ascii() {
            true => letter.to_string(),
            false => letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
        })
        .collect();
    let mut forms = vec![
        (FORMS[0], text.as_bytes().to_vec()),
        (FORMS[1], utf16(u16::to_le_bytes)),
        (FORMS[2], utf16(u16::to_be_bytes)),
        (FORMS[3], hexadecimal.clone().into_bytes()),
        (FORMS[4], hexadecimal.to_uppercase().into_bytes()),
    ];
    for before in 0..3 {
        let among = [&[0_u8; 2][..before], text.as_bytes()].concat();
        // Only the letters that no other octet has a part in.
        let whole = (8 * before).div_ceil(6)..8 * among.len() / 6;
        forms.push((FORMS[5], STANDARD.encode(&among).into_bytes()[whole.clone()].to_vec()));
        forms.push((FORMS[6], URL_SAFE.encode(&among).into_bytes()[whole].to_vec()));
    }
    forms.push((FORMS[7], utf8_percent_encode(text, NON_ALPHANUMERIC).to_string().into_bytes()));
    forms.push((FORMS[8], escapes.into_bytes()));
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_in_every_form_wherever_it_stands() {
        let name = "髙橋 花子";
        let among = format!("ab{name}c");
        let written: Vec<(&str, Vec<u8>)> = vec![
            ("UTF-8", among.clone().into_bytes()),
            ("UTF-16LE", among.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            ("UTF-16BE", among.encode_utf16().flat_map(u16::to_be_bytes).collect()),
            ("hex", hex::encode(&among).into_bytes()),
            ("HEX", hex::encode_upper(&among).into_bytes()),
            ("base64", STANDARD.encode(name).into_bytes()),
            ("base64", STANDARD.encode(format!("x{name}y")).into_bytes()),
            ("base64", STANDARD.encode(&among).into_bytes()),
            ("percent-encoding", b"a=%E9%AB%99%E6%A9%8B%20%E8%8A%B1%E5%AD%90".to_vec()),
            ("JSON escapes", br#"{"a":"\u9ad9\u6a4b \u82b1\u5b50"}"#.to_vec()),
        ];
        for (form, octets) in written {
            let found = find(&octets, &[name]);
            assert_eq!(found.len(), 1, "{form}: {found:?}");
            assert_eq!(found[0].form, form);
            assert!(
                find(&octets, &["髙橋 花"]).len() == 1 && find(&octets, &["高橋 花子", "花 子"]).is_empty(),
                "{form}"
            );
        }
    }

    #[test]
    fn what_is_too_short_to_mean_anything_is_not_looked_for() {
        assert!(find(b"abcabcabc", &["ab", "abc"]).is_empty());
        let wanted = Wanted::new(&["a", "李", "山田花子", "kai"]);
        let short: Vec<(&str, String)> = wanted.short().iter().map(|(text, forms)| (*text, forms.join(" "))).collect();
        let one = "UTF-8 UTF-16LE UTF-16BE hex HEX base64 base64url percent-encoding JSON escapes".to_owned();
        let kanji = "UTF-8 UTF-16LE UTF-16BE base64 base64url".to_owned();
        let letters = "UTF-8 base64 base64url percent-encoding JSON escapes".to_owned();
        assert_eq!(short, [("a", one), ("李", kanji), ("kai", letters)]);
        assert_eq!(wanted.texts(), 3, "one of them is not looked for at all");
        assert_eq!(find(b"xxabcd", &["abcd"])[0].offset, 2);
        let of_six = Wanted::of_octets([("A1234", 6)]);
        assert_eq!(of_six.find(b"A1234 4131323334"), [Trace { text: "A1234", form: "hex", offset: 6 }]);
        assert_eq!(of_six.short()[0].1.join(" "), "UTF-8 percent-encoding JSON escapes");
    }
}
