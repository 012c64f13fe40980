//! In which language people are told things: `--lang`, else that of the terminal's locale. What programs read, JSON, never changes.
//!
//! A text stands where it is told, in both languages: one that is missing does not compile.

use std::ffi::OsString;
use std::sync::OnceLock;

use validation::Language;

static LANGUAGE: OnceLock<Language> = OnceLock::new();

/// Decides once, before anybody is told anything.
pub(crate) fn choose(asked_for: Option<Language>) {
    LANGUAGE.get_or_init(|| asked_for.unwrap_or_else(of_terminal));
}

/// What `--lang` says, before the command line is read: its help is in that language too. What is no language is refused later.
pub(crate) fn asked_for(arguments: impl Iterator<Item = OsString>) -> Option<Language> {
    let mut arguments = arguments.skip(1).map(|argument| argument.to_string_lossy().into_owned());
    let value = loop {
        let argument = arguments.next().filter(|argument| argument != "--")?;
        match argument.strip_prefix("--lang") {
            Some("") => break arguments.next()?,
            Some(rest) if rest.starts_with('=') => break rest[1..].to_owned(),
            _ => {}
        }
    };
    match value.split(['-', '_', '.']).next() {
        Some("ja") => Some(Language::Japanese),
        Some("en") => Some(Language::English),
        _ => None,
    }
}

/// The language that was chosen; before that the terminal's.
pub(crate) fn language() -> Language {
    LANGUAGE.get().copied().unwrap_or_else(of_terminal)
}

/// What the terminal's locale says (POSIX, Base Definitions clause 8.2: the first of these that is set counts).
fn of_terminal() -> Language {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    match ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set) {
        Some(text) if text.starts_with("ja") => Language::Japanese,
        _ => Language::English,
    }
}

/// A text for people, in the language that was chosen: `in_words!("English {value}", "日本語 {value}")`.
macro_rules! in_words {
    ($english:literal, $japanese:literal $(, $argument:expr)* $(,)?) => {
        match $crate::language::language() {
            ::validation::Language::English => format!($english $(, $argument)*),
            ::validation::Language::Japanese => format!($japanese $(, $argument)*),
        }
    };
}
pub(crate) use in_words;
