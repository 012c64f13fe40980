//! Texts with members of the data in them. In: `提出先 {submit_to}`. Out: pieces; and, with data, the text, or nothing if the data do not
//! have a member.

use super::data::Data;
use super::value::Format;
use crate::font::{isolated, without_isolates};
use crate::register::words::{Words, both};

/// A text of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Phrase {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Words(String),
    Member { path: String, format: Format },
}

impl Phrase {
    /// Reads a text.
    ///
    /// # Errors
    /// What is wrong with its braces, or with what stands behind a colon.
    pub(super) fn parse(text: &str) -> Result<Phrase, Words> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((words, inner)) = rest.split_once('{') {
            let Some((member, after)) = inner.split_once('}') else {
                return Err(both!("wanted a }} for every {{ in {text:?}", "{text:?} の {{ に対応する }} がありません"));
            };
            if !words.is_empty() {
                pieces.push(Piece::Words(words.to_owned()));
            }
            let (path, format) = match member.split_once(':') {
                None => (member, Format::Usual),
                Some((path, name)) => {
                    let format = Format::named(name);
                    (
                        path,
                        format.ok_or_else(|| {
                            both!(
                                "wanted :en, :era or :short behind a member, found {name:?} in {text:?}",
                                "項目の後に書けるのは :en、:era、:short ですが、{text:?} に {name:?} があります"
                            )
                        })?,
                    )
                }
            };
            pieces.push(Piece::Member { path: path.to_owned(), format });
            rest = after;
        }
        if rest.contains('}') {
            return Err(both!("wanted a {{ for every }} in {text:?}", "{text:?} の }} に対応する {{ がありません"));
        }
        if !rest.is_empty() {
            pieces.push(Piece::Words(rest.to_owned()));
        }
        Ok(Phrase { pieces })
    }

    /// The members in it.
    pub(super) fn members(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Words(_) => None,
            Piece::Member { path, .. } => Some(path.as_str()),
        })
    }

    /// The text; none if the data do not have a member of it.
    pub(super) fn text(&self, data: &Data<'_>) -> Option<String> {
        self.line(data).map(|line| without_isolates(&line).into_owned())
    }

    /// The text to be shaped, in which no member changes the order of what stands beside it.
    pub(super) fn line(&self, data: &Data<'_>) -> Option<String> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Words(words) => text.push_str(words),
                Piece::Member { path, format } => {
                    let value = data.value(path)?.text(*format)?;
                    text.push_str(&if self.pieces.len() > 1 { isolated(&value) } else { value.into() });
                }
            }
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stand_between_braces_and_braces_come_in_pairs() {
        let phrase = Phrase::parse("提出先 {submit_to} {valid_until:era}").unwrap();
        assert_eq!(phrase.members().collect::<Vec<_>>(), ["submit_to", "valid_until"]);
        for wrong in ["{a", "a}", "{a:xx}"] {
            assert!(Phrase::parse(wrong).is_err(), "{wrong}");
        }
    }
}
