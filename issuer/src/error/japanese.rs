//! What can go wrong, in Japanese. In: an error. Out: its sentence in both languages; what nobody has put into Japanese yet stays in English
//! behind a word that says what failed.

use super::Error;
use super::of_sealing::of_sealing;
use crate::register::words::{Words, fonts, room, unreadable, wanted};

impl Error {
    /// The sentence in Japanese.
    pub fn in_japanese(&self) -> String {
        self.told_in_japanese().unwrap_or_else(|| format!("発行できません: {self}"))
    }

    /// The sentence in both languages.
    pub(crate) fn in_both(&self) -> Words {
        Words { en: self.to_string(), ja: self.in_japanese() }
    }
}

/// Of data and templates: what cannot be certified or printed.
pub(super) fn of_issue(error: &Error) -> Option<String> {
    Some(match error {
        Error::CompletionUnreadable { path, problem } => format!("修了データの {path}: {}", unreadable(problem).ja),
        Error::CompletionInvalid { path, expected, found } => {
            format!("修了データの {path}: {}", wanted(expected, found).ja)
        }
        Error::Font { name, problem } => format!("フォント {name}: {}", problem.ja),
        Error::MissingGlyph { member, character, code_points, font, remedy } => format!(
            "{member}: フォント {} に文字 {character}（{code_points}）がありません。\
             その文字のあるフォントを加えるか（例: {remedy}。動いているサーバーには、起動時に `eseal up --font …` で）、別の字で書いてください",
            fonts(font)
        ),
        Error::TextTooLong { member, room: english, found } => {
            format!("{member}: 文字列が欄（{}）に収まりません: {found:?}", room(english))
        }
        Error::Setting { name: "seal", found, .. } => {
            format!("印影の文字: 1 列に 1～6 文字、1～5 列を / で区切って書きます（{found:?} と書かれています）")
        }
        Error::PageFull { needed_mm, room_mm } => {
            format!(
                "{needed_mm} mm の高さが必要ですが、ページには {room_mm} mm しかありません。文を短くするか、段落や行に分けてください"
            )
        }
        Error::TooManyPages { limit } => format!("{limit} ページを超えます。表を短くしてください"),
        Error::SealPlace { template } => {
            format!("テンプレート {template}: 印影のあるブロックが 1 ページ目に入りません。上に移してください")
        }
        Error::Picture { problem_ja, .. } => format!("画像: {problem_ja}"),
        Error::Template(wrong) => {
            let lines: Vec<String> =
                wrong.problems.iter().map(world::toml_text::TomlProblem::told_in_japanese).collect();
            format!("テンプレート: {}", lines.join("\n"))
        }
        Error::TemplateKept { id, problem } => format!("テンプレート {id}: {}", problem.ja),
        Error::TemplatePicture { name, .. } => {
            format!("テンプレートの画像 {name}: Base64 の PNG が必要です")
        }
        Error::UnknownTemplate { found, known, .. } => {
            format!("テンプレート {found:?} はありません（あるのは {known}）")
        }
        Error::UnknownTemplateVersion { id, found, known } => {
            format!("テンプレート {id} にバージョン {found} はありません（あるのは {known}）")
        }
        Error::UnknownOrganization { found, known } => {
            format!("発行機関 {found:?} はありません（あるのは {known}）")
        }
        Error::AddressTooLong { address, limit } => {
            format!("アドレス {address:?} が QR コードに収まりません。{limit} 文字以内が必要です")
        }
        Error::Sealing(error) => return of_sealing(error),
        _ => return None,
    })
}
