//! What a square seal (角印) says. In: its columns, written by a person. Out: the characters, each with its place.

use std::fmt;

use crate::error::Error;

/// The characters of a square seal: columns, read from right to left, each from top to bottom.
///
/// ```
/// use issuer::SealText;
///
/// assert_eq!(SealText::from_columns("試験/大学/之印")?.to_string(), "試験大学之印");
/// assert!(SealText::from_columns("").is_err());
/// # Ok::<(), issuer::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealText {
    columns: Vec<Vec<SealCharacter>>,
}

/// A character of a seal, in the form that a variation selector asks for (Unicode Technical Standard 37).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SealCharacter {
    pub(crate) base: char,
    pub(crate) selector: Option<char>,
}

impl SealText {
    /// Columns separated by `/`, the first one at the right: one to five columns of one to six characters. A variation selector belongs to
    /// the character before it.
    ///
    /// # Errors
    /// [`Error::Setting`] for other shapes.
    pub fn from_columns(text: &str) -> Result<Self, Error> {
        let columns: Option<Vec<_>> = text.split('/').map(column).collect();
        let columns = columns.filter(|columns| columns.len() <= 5);
        columns.map(|columns| Self { columns }).ok_or_else(|| Error::Setting {
            name: "seal",
            expected: "one to five columns of one to six characters, separated by /",
            found: text.to_owned(),
        })
    }

    /// Its columns, the first one at the right.
    pub(crate) fn columns(&self) -> &[Vec<SealCharacter>] {
        &self.columns
    }
}

/// The characters of a column; none if they are too few or many, or something that nobody can see.
fn column(text: &str) -> Option<Vec<SealCharacter>> {
    let mut characters: Vec<SealCharacter> = Vec::new();
    for character in text.chars() {
        if is_variation_selector(character) {
            let last = characters.last_mut().filter(|last| last.selector.is_none())?;
            last.selector = Some(character);
        } else if character.is_whitespace() || !world::text::is_printable(character) {
            return None;
        } else {
            characters.push(SealCharacter { base: character, selector: None });
        }
    }
    (1..=6).contains(&characters.len()).then_some(characters)
}

/// Whether it chooses a form of the character before it.
pub(crate) fn is_variation_selector(character: char) -> bool {
    matches!(character, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

impl fmt::Display for SealCharacter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.base, self.selector.map(String::from).unwrap_or_default())
    }
}

impl fmt::Display for SealText {
    /// The characters in reading order.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.columns.iter().flatten().try_for_each(|character| write!(formatter, "{character}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variation_selector_belongs_to_its_character_and_is_none_by_itself() {
        let seal = SealText::from_columns("葛\u{E0100}城市教育/之印").unwrap();
        assert_eq!((seal.columns()[0].len(), seal.columns()[0][0].selector), (5, Some('\u{E0100}')));
        assert_eq!(seal.to_string(), "葛\u{E0100}城市教育之印");
        for wrong in ["\u{E0100}印", "葛\u{E0100}\u{E0101}/印", "印 /之", "一二三四五六七", "/", "一/二/三/四/五/六"]
        {
            assert!(SealText::from_columns(wrong).is_err(), "{wrong:?}");
        }
    }
}
