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
    columns: Vec<Vec<char>>,
}

impl SealText {
    /// Columns separated by `/`, the first one at the right: one to five columns of one to six characters.
    ///
    /// # Errors
    /// [`Error::Setting`] for other shapes.
    pub fn from_columns(text: &str) -> Result<Self, Error> {
        let columns: Vec<Vec<char>> = text.split('/').map(|column| column.chars().collect()).collect();
        let drawable = |character: &char| !character.is_whitespace() && !character.is_control();
        let fits = |column: &Vec<char>| (1..=6).contains(&column.len()) && column.iter().all(drawable);
        if (1..=5).contains(&columns.len()) && columns.iter().all(fits) {
            Ok(Self { columns })
        } else {
            let expected = "one to five columns of one to six characters, separated by /";
            Err(Error::Setting { name: "seal", expected, found: text.to_owned() })
        }
    }

    /// Its columns, the first one at the right.
    pub(crate) fn columns(&self) -> &[Vec<char>] {
        &self.columns
    }
}

impl fmt::Display for SealText {
    /// The characters in reading order.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.columns.iter().flatten().try_for_each(|character| write!(formatter, "{character}"))
    }
}
