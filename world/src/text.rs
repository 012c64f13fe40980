//! A stranger's text before a person's eyes: names, reasons, field and file names come from files and certificates that anybody
//! can make. In: such a text. Out: the same with every character visible that would move a cursor, end a line, or change the
//! order in which the rest is read (ECMA-48 control functions, Unicode TR 9 and TR 36), as `\u{1b}`.
//!
//! Screens, logs and pages use these functions, so that nothing is escaped in one place and forgotten in another.

use std::borrow::Cow;
use std::io::{self, Write};

/// Whether a character shows nothing by itself and changes what else is seen. Variation selectors are none of them: names in
/// Japanese need them.
pub fn is_hidden(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' // C0, DEL, C1
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{ffa0}'
        | '\u{200b}'..='\u{200f}' // zero width, left-to-right and right-to-left marks
        | '\u{2028}'..='\u{202e}' // line and paragraph separator, embeddings and overrides
        | '\u{2060}'..='\u{206f}' // word joiner, isolates, deprecated format characters
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{fffe}' | '\u{ffff}' // no characters, which XML cannot carry (XML 1.0 clause 2.2)
        | '\u{e0000}'..='\u{e007f}') // tags
}

/// One value, on one line: also line ends in it are made visible.
///
/// ```
/// assert_eq!(world::text::visible("Acme\u{1b}[2J\n✔ TOTAL-PASSED"), "Acme\\u{1b}[2J\\u{a}✔ TOTAL-PASSED");
/// assert_eq!(world::text::visible("試験大学"), "試験大学");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    replaced(text, is_hidden, |hidden| format!("\\u{{{:x}}}", u32::from(hidden)))
}

/// A whole screen or page, whose own line ends stay.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    replaced(text, |one| one != '\n' && is_hidden(one), |hidden| format!("\\u{{{:x}}}", u32::from(hidden)))
}

/// One value as an XML 1.0 document carries it, in an attribute or between tags: no markup (clause 2.4), no character that it
/// cannot have (clause 2.2), every hidden one visible, and line ends such that no reader makes blanks of them (clause 3.3.3).
///
/// ```
/// assert_eq!(world::text::xml("a<b & \"c\"\n\u{1b}\u{fffe}"), "a&lt;b &amp; &quot;c&quot;&#10;\\u{1b}\\u{fffe}");
/// ```
pub fn xml(text: &str) -> String {
    let text = visible_lines(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\n', "&#10;")
}

/// JSON text for a terminal: the same JSON, with every hidden character escaped (RFC 8259 section 7). They stand in strings
/// only, so that a program reads the true text.
pub fn visible_json(json: &str) -> Cow<'_, str> {
    let escaped = |hidden: char| {
        let mut units = [0; 2];
        hidden.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    };
    replaced(json, |one| one != '\n' && is_hidden(one), escaped)
}

fn replaced(text: &str, is_hidden: impl Fn(char) -> bool, escaped: impl Fn(char) -> String) -> Cow<'_, str> {
    if !text.contains(&is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hidden(character) { shown.push_str(&escaped(character)) } else { shown.push(character) }
    }
    Cow::Owned(shown)
}

/// A log, each of whose lines arrives in one write: line ends within are made visible, so that no value forges a line.
#[derive(Debug)]
pub struct VisibleLog<W>(pub W);

impl<W: Write> Write for VisibleLog<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let (line, end) = text.strip_suffix('\n').map_or((&*text, ""), |line| (line, "\n"));
        self.0.write_all(format!("{}{end}", visible(line)).as_bytes())?; // in one, too: another thread's goes before or after
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Neither a control character nor one that changes text without being seen (direction marks, joiners, line separators, byte
/// order mark) nor one without a meaning of its own (private use). Variation selectors choose forms of kanji and are welcome.
pub fn is_printable(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
        && !matches!(character, '\u{FEFF}' | '\u{FFF9}'..='\u{FFFD}' | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..)
        && !matches!(character, '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hidden_reaches_a_screen_and_line_ends_of_a_screen_stay() {
        let all: String = (0..=0x10_ffff).filter_map(char::from_u32).filter(|one| is_hidden(*one)).collect();
        assert!(all.chars().count() > 100);
        assert!(!visible(&all).contains(is_hidden));
        assert_eq!(visible_lines("a\nb\r\t\u{9b}31m\u{202e}"), "a\nb\\u{d}\\u{9}\\u{9b}31m\\u{202e}");
    }

    #[test]
    fn no_character_that_xml_lacks_reaches_it() {
        let has =
            |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        let all: String = (0..=0x10_ffff).filter_map(char::from_u32).collect();
        let text = xml(&all);
        assert!(text.chars().all(has) && !text.contains(['<', '"']) && !text.contains(is_hidden));
    }

    #[test]
    fn names_that_people_have_stay_as_they_are() {
        for name in ["葛\u{e0100}城市", "辻\u{fe00}", "Ärzte & Söhne", "שלום", "العربية", "한국", "e\u{301}", "a b"]
        {
            assert_eq!(visible(name), name);
        }
    }

    #[test]
    fn json_keeps_the_true_text() {
        let text = "a\u{1b}\u{7f}\u{9b}\u{202e}\u{e0041}\"\\";
        let json = serde_json::json!({ "organization": text }).to_string();
        let shown = visible_json(&json);
        assert!(!shown.contains(is_hidden), "{shown}");
        let read: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(read["organization"], text);
    }

    #[test]
    fn a_log_line_is_one_line() {
        let mut written = Vec::new();
        VisibleLog(&mut written).write_all("WARN reason=x\n✔ forged\u{1b}[0m\n".as_bytes()).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), "WARN reason=x\\u{a}✔ forged\\u{1b}[0m\n");
    }
}
