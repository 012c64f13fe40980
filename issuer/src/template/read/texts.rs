//! Texts of a template: that they can be printed, and are no longer than any place for them.

use super::super::form::Words;
use super::super::phrase::Phrase;
use super::Check;
use crate::register::words::both;
use world::text::is_printable;

/// The longest text with members in it.
const LONGEST_PHRASE: usize = 1000;

impl Check<'_> {
    /// A text in both languages.
    pub(super) fn words(&mut self, way: &[&str], words: &Words, most: usize) {
        for (language, text) in [("ja", &words.ja), ("en", &words.en)] {
            let name = format!("{}.{language}", way.last().copied().unwrap_or_default());
            self.text(&[way, &[language]].concat(), &name, text, most);
        }
    }

    /// A text of one line.
    pub(super) fn text(&mut self, way: &[&str], name: &str, text: &str, most: usize) {
        if text.trim().is_empty() {
            let said = both!("{name}: wanted a text, found an empty one", "{name}: 空です。文字列が必要です");
            self.misfit(way, said);
        } else if text.trim() != text {
            let said = both!(
                "{name}: wanted a text without blanks at its ends, found {text:?}",
                "{name}: 前後に空白のない文字列が必要ですが、{text:?} です"
            );
            self.misfit(way, said);
        }
        self.part(way, name, text, most);
    }

    /// A part of a line, which may begin or end with a blank.
    pub(super) fn part(&mut self, way: &[&str], name: &str, text: &str, most: usize) {
        self.length(way, name, text.chars().count(), most);
        self.printable(way, name, text);
    }

    fn length(&mut self, way: &[&str], name: &str, length: usize, most: usize) {
        if length > most {
            let said = both!(
                "{name}: wanted at most {most} characters, found {length}",
                "{name}: {most} 文字以内が必要ですが、{length} 文字です"
            );
            self.misfit(way, said);
        }
    }

    fn printable(&mut self, way: &[&str], name: &str, text: &str) {
        if let Some(character) = text.chars().find(|character| !is_printable(*character)) {
            let code_point = u32::from(character);
            let said = both!(
                "{name}: wanted no control or format characters, found U+{code_point:04X}",
                "{name}: 制御文字や書式文字は使えませんが、U+{code_point:04X} があります"
            );
            self.misfit(way, said);
        }
    }

    /// A text with members of the data in it.
    pub(super) fn phrase(&mut self, way: &[&str], text: &str, further: &[&str]) {
        let name = way.last().copied().unwrap_or_default();
        self.part(way, name, text, LONGEST_PHRASE);
        let phrase = match Phrase::parse(text) {
            Ok(phrase) => phrase,
            Err(problem) => return self.misfit(way, problem),
        };
        for path in phrase.members().filter(|path| !further.contains(path)) {
            self.one(way, path, further);
        }
    }
}
