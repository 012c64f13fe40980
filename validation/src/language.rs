//! The languages in which people are spoken to.

/// Which language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// 日本語
    Japanese,
    /// English
    English,
}

impl Language {
    /// The text of this language.
    pub fn of<'a>(self, japanese: &'a str, english: &'a str) -> &'a str {
        match self {
            Language::Japanese => japanese,
            Language::English => english,
        }
    }

    /// Its BCP 47 code.
    pub fn code(self) -> &'static str {
        self.of("ja", "en")
    }
}
