//! What is wrong with a register: with the whole file, or with a cell of it. Each message says what was wanted, what was found.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::completion::{Remedy, remedies};
use crate::error::Error;

use super::delimited::MOST_COLUMNS;
use super::merged::{self, Range};
use super::words::{Advice, Words, both, fonts, room, unreadable, wanted};
use super::{ColumnReading, Format};

/// What concerns the whole file: none of its rows can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// It is of another kind than those that are read.
    #[error("the file is {found}; wanted CSV, XLSX or JSON: {}", advice.0)]
    Kind {
        /// What it is.
        found: Words,
        /// What to do.
        advice: Advice,
    },
    /// Something is said that a file of that kind does not have.
    #[error("{option}: a file of the kind {format} has none: {}", advice.0)]
    NotForFormat {
        /// What was said.
        option: &'static str,
        /// What the file is.
        format: Format,
        /// What to do.
        advice: Advice,
    },
    /// There is no such character encoding.
    #[error("encoding {found:?}: wanted such as utf-8, shift_jis, cp932, utf-16 or euc-jp")]
    UnknownEncoding {
        /// What was asked for.
        found: String,
    },
    /// Nothing can be told apart by that.
    #[error("delimiter {found:?}: wanted a sign of ASCII between the cells, such as , or ; or the word tab")]
    Delimiter {
        /// What was asked for.
        found: char,
    },
    /// Octets are no text in the encoding of the file.
    #[error("line {line} is no text in {encoding}: {advice}")]
    Undecodable {
        /// Line of the file.
        line: u64,
        /// The encoding.
        encoding: String,
        /// What to do.
        advice: Words,
    },
    /// Lines are in different encodings.
    #[error(
        "the file mixes encodings: line {utf8_line} is UTF-8, line {other_line} is not (Shift_JIS perhaps); \
         save it in one encoding, or say with --encoding which one counts"
    )]
    MixedEncodings {
        /// The first line that can only be UTF-8.
        utf8_line: u64,
        /// The first line that cannot be.
        other_line: u64,
    },
    /// Nothing is in it.
    #[error("the file has no rows: wanted a row of headers, and a row for each certificate")]
    Empty,
    /// No row has headers that are known.
    #[error(
        "no headers are known in the first rows; found {found}; wanted such as {wanted}; a mapping says which is which"
    )]
    NoHeaders {
        /// The cells of its first row, shortened.
        found: String,
        /// Some that are known.
        wanted: String,
    },
    /// The row of headers has more columns than any sheet.
    #[error("line {line} has {found} columns: wanted at most {MOST_COLUMNS}, as many as a sheet has; nothing was read")]
    TooManyColumns {
        /// Line of the file.
        line: u64,
        /// How many there are.
        found: usize,
    },
    /// Two columns have one header.
    #[error("the header {header:?} stands in columns {first} and {second}; rename or delete one of them")]
    DuplicateHeader {
        /// The header.
        header: String,
        /// Its first column, as spreadsheets name it.
        first: String,
        /// Its second one.
        second: String,
    },
    /// Two columns are to be one member.
    #[error("the columns {first:?} and {second:?} both are {member}; the mapping can leave one out: {second:?} = \"\"")]
    DuplicateMember {
        /// The member.
        member: String,
        /// The first header.
        first: String,
        /// The second header.
        second: String,
    },
    /// A column is what the mapping gives every row.
    #[error(
        "the column {header:?} is {member}, and so is {constant} among the mapping's constants; leave the constant out, or the \
         column: {header:?} = \"\""
    )]
    ConstantOfColumn {
        /// The member.
        member: String,
        /// The header of its column.
        header: String,
        /// The constant: the same member, or a part or the whole of it.
        constant: String,
    },
    /// Columns are lacking without which no row can be certified.
    #[error("no column for {}; found the headers {found}{}", lacking.join("; for "), merged.as_ref().map_or("", |told| &told.en))]
    MissingColumns {
        /// Each with headers that would do.
        lacking: Vec<String>,
        /// The headers that there are.
        found: String,
        /// Where they stand.
        line: u64,
        /// That some of them are merged cells.
        merged: Option<Words>,
    },
    /// Columns that nobody knows, where that was asked to be an error.
    #[error(
        "columns that are not known: {found}; a mapping says what they are, or leaves them out: {example:?} = \"\""
    )]
    UnknownColumns {
        /// Their headers.
        found: String,
        /// One of them.
        example: String,
    },
    /// A column was named that is not there.
    #[error("there is no column {header:?}; found the headers {found}")]
    NoSuchColumn {
        /// What was asked for.
        header: String,
        /// The headers that there are.
        found: String,
    },
    /// A sheet was named that is not there.
    #[error("there is no sheet {found:?}; there are {known}")]
    NoSuchSheet {
        /// What was asked for.
        found: String,
        /// The sheets that there are.
        known: String,
    },
    /// A workbook that cannot be read.
    #[error("the workbook cannot be read: {problem}")]
    Workbook {
        /// What is wrong with it.
        problem: Words,
    },
    /// A workbook that unpacks to more than any register.
    #[error("the workbook unpacks to more than a register: wanted {wanted}, found {found}; nothing was read")]
    TooMuch {
        /// The limit.
        wanted: Words,
        /// What was found.
        found: Words,
    },
    /// JSON whose rows cannot be told apart.
    #[error("line {line}: {problem}")]
    Json {
        /// Line of the file.
        line: u64,
        /// What is wrong.
        problem: Words,
    },
    /// A mapping that cannot be used.
    #[error("mapping: {problem}")]
    Mapping {
        /// What is wrong, with line and column where it has one.
        problem: Words,
    },
}

impl RegisterError {
    /// The same, where headers are lacking that cells have which are merged.
    pub(super) fn of_merged_headers(self, ranges: &[Range]) -> RegisterError {
        match self {
            Self::MissingColumns { lacking, found, line, .. } => {
                let merged = merged::of_headers(ranges, line).map(|ranges| {
                    both!(
                        " in row {line}, of which some are merged cells ({ranges}): each header stands in one cell of one row",
                        "（{line} 行目。見出しに結合されたセル {ranges} があります。見出しは 1 行に、1 列に 1 つずつ書いてください）"
                    )
                });
                Self::MissingColumns { lacking, found, line, merged }
            }
            other => other,
        }
    }

    /// The same in Japanese.
    pub fn in_japanese(&self) -> String {
        match self {
            Self::Kind { found: Words { ja, .. }, advice: (_, advice) } => {
                format!("CSV、XLSX、JSON のいずれかが必要ですが、ファイルは{ja}です。{advice}")
            }
            Self::NotForFormat { option, format, advice } => {
                format!("{format} のファイルに {option} は指定できません。{}", advice.1)
            }
            Self::UnknownEncoding { found } => {
                format!(
                    "文字コード {found:?} はありません。utf-8、shift_jis、cp932、utf-16、euc-jp などを指定してください"
                )
            }
            Self::Delimiter { found } => {
                format!("区切り文字 {found:?}: , や ; のような ASCII の記号か、タブなら tab と指定してください")
            }
            Self::Undecodable { line, encoding, advice } => {
                format!("{line} 行目は {encoding} のテキストではありません。{}", advice.ja)
            }
            Self::MixedEncodings { utf8_line, other_line } => format!(
                "文字コードが混ざっています: {utf8_line} 行目は UTF-8 ですが、{other_line} 行目は違います（Shift_JIS でしょうか）。\
                 1 つの文字コードで保存し直すか、--encoding で指定してください"
            ),
            Self::Empty => "行がありません。見出しの行と、証明書ごとの行が必要です".to_owned(),
            Self::NoHeaders { found, wanted } => format!(
                "先頭の行に分かる見出しがありません。あるのは {found}、必要なのは {wanted} などです。対応表で列を指定できます"
            ),
            Self::TooManyColumns { line, found } => format!(
                "{line} 行目に {found} 列あります。シートと同じ {MOST_COLUMNS} 列までです（何も読み取っていません）"
            ),
            Self::DuplicateHeader { header, first, second } => {
                format!(
                    "見出し {header:?} が {first} 列と {second} 列にあります。どちらかの名前を変えるか、削除してください"
                )
            }
            Self::DuplicateMember { member, first, second } => format!(
                "{first:?} の列と {second:?} の列がどちらも {member} にあたります。対応表の {second:?} = \"\" で片方を外せます"
            ),
            Self::ConstantOfColumn { member, header, constant } => format!(
                "{header:?} の列が {member} にあたりますが、対応表の constants にも {constant} があります。\
                 constants から外すか、{header:?} = \"\" で列を外してください"
            ),
            Self::MissingColumns { lacking, found, merged, .. } => {
                let merged = merged.as_ref().map_or("", |told| &told.ja);
                format!("次の列がありません: {}。ある見出しは {found} です{merged}", lacking.join("、"))
            }
            Self::UnknownColumns { found, example } => {
                format!("未対応の列があります: {found}。対応表で指定するか、{example:?} = \"\" で外してください")
            }
            Self::NoSuchColumn { header, found } => format!("列 {header:?} がありません。ある見出しは {found} です"),
            Self::NoSuchSheet { found, known } => format!("シート {found:?} がありません。あるのは {known} です"),
            Self::Workbook { problem } => format!("ブックを読み取れません: {}", problem.ja),
            Self::TooMuch { wanted, found } => format!(
                "ブックが名簿としては大きすぎる内容に展開されます: {}ですが、{}（何も読み取っていません）",
                wanted.ja, found.ja
            ),
            Self::Json { line, problem } => format!("{line} 行目: {}", problem.ja),
            Self::Mapping { problem } => format!("対応表: {}", problem.ja),
        }
    }
}

/// What is wrong with one cell, or with a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CellError {
    /// What to do.
    pub advice: String,
    /// The same in Japanese.
    #[serde(default)]
    pub advice_ja: String,
    /// Header of the column, or its letters; none if it is about the row.
    pub column: Option<String>,
    /// Where the row begins: a line of the file, or a row of the sheet; from 1.
    pub line: u64,
    /// The member of completion data.
    pub member: Option<String>,
    /// What was wanted, what was found.
    pub message: String,
    /// The same in Japanese.
    #[serde(default)]
    pub message_ja: String,
}

impl fmt::Display for CellError {
    /// Where, what, and what to do.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self.column.as_ref().or(self.member.as_ref()) {
            write!(formatter, "{place}: ")?;
        }
        formatter.write_str(&self.message)?;
        if self.advice.is_empty() { Ok(()) } else { write!(formatter, " ({})", self.advice) }
    }
}

impl CellError {
    /// About a row.
    pub(crate) fn of_row(line: u64, message: Words, advice: Advice) -> CellError {
        CellError::of_cell(line, None, None, message, advice)
    }

    /// About a cell, by its column and member.
    pub(crate) fn of_cell(
        line: u64,
        column: Option<String>,
        member: Option<String>,
        message: Words,
        (advice, advice_ja): Advice,
    ) -> CellError {
        let (advice, advice_ja) = (advice.to_owned(), advice_ja.to_owned());
        CellError { advice, advice_ja, column, line, member, message: message.en, message_ja: message.ja }
    }

    /// Where, what, and what to do, in Japanese.
    pub fn in_japanese(&self) -> String {
        let (message, advice) = self.in_language(true);
        let place = self.column.as_ref().or(self.member.as_ref()).map(|place| format!("{place}: ")).unwrap_or_default();
        if advice.is_empty() { format!("{place}{message}") } else { format!("{place}{message}（{advice}）") }
    }

    /// Message and advice, in Japanese or in English.
    pub fn in_language(&self, japanese: bool) -> (&str, &str) {
        match japanese && !self.message_ja.is_empty() {
            true => (&self.message_ja, &self.advice_ja),
            false => (&self.message, &self.advice),
        }
    }

    /// What an error of the issuer about a row's completion data is about, in the terms of the file.
    pub fn of(line: u64, error: &Error, columns: &[ColumnReading]) -> CellError {
        let (member, message) = match error {
            Error::CompletionInvalid { path, expected, found } => (Some(path.as_str()), wanted(expected, found)),
            Error::CompletionUnreadable { path, problem } => (Some(path.as_str()), unreadable(problem)),
            Error::MissingGlyph { member, character, code_points, font, .. } => {
                let fonts_ja = fonts(font);
                let message = both!(
                    "the font {font} has no character {character} ({code_points})",
                    "フォント {fonts_ja} に文字 {character}（{code_points}）がありません"
                );
                (Some(member.as_str()), message)
            }
            Error::TextTooLong { member, room: place, found } => {
                let place_ja = room(place);
                let message = both!(
                    "the text does not fit its place ({place}); found {found:?}",
                    "文字列が欄（{place_ja}）に収まりません: {found:?}"
                );
                (Some(member.as_str()), message)
            }
            error => (None, of_the_issuer(error)),
        };
        let remedy;
        let advice = match error {
            Error::CompletionInvalid { expected, found, .. } => advice(expected, found),
            Error::MissingGlyph { remedy: wanted, .. } => {
                remedy = wanted.clone();
                let column = member.and_then(|member| column_of(member, columns));
                let advice_ja =
                    format!("その文字のあるフォントを --font で加えるか（例: {remedy}）、別の字で書いてください");
                let told = CellError::of_cell(line, column, member.map(str::to_owned), message, ("", ""));
                return CellError { advice: remedy, advice_ja, ..told };
            }
            Error::TextTooLong { .. } | Error::PageFull { .. } => ("shorten the text", "短くしてください"),
            _ => ("correct the row", "行を訂正してください"),
        };
        let column = member.and_then(|member| column_of(member, columns));
        CellError::of_cell(line, column, member.map(str::to_owned), message, advice)
    }
}

/// The header of the column that holds a member, or the nearest thing to it: `achievement.outcomes[0]` is in that of its `ja`.
pub(super) fn column_of(member: &str, columns: &[ColumnReading]) -> Option<String> {
    let exact = columns.iter().find(|column| column.member.as_deref() == Some(member));
    let within = || {
        columns.iter().find(|column| {
            let rest = column.member.as_deref().and_then(|known| known.strip_prefix(member));
            rest.is_some_and(|rest| rest.starts_with(['.', '[']))
        })
    };
    let around = || {
        columns.iter().find(|column| {
            let rest = column.member.as_deref().and_then(|known| member.strip_prefix(known));
            rest.is_some_and(|rest| rest.starts_with(['.', '[']))
        })
    };
    exact.or_else(within).or_else(around).map(|column| column.header.clone())
}

/// What the issuer says of a row as a whole.
pub(crate) fn of_the_issuer(error: &Error) -> Words {
    let ja = match error {
        Error::UnknownTemplate { found, known, .. } => {
            format!("テンプレート {found:?} はありません（あるのは {known}）")
        }
        error => error.in_japanese(),
    };
    Words { en: error.to_string(), ja }
}

const SAVED: Advice = (
    "the character was lost when the file was saved in an encoding that lacks it: write it again in the spreadsheet, and save that as XLSX, or as CSV in UTF-8",
    "保存した文字コードにない文字が失われています。元の表で文字を確かめ、XLSX か、UTF-8 の CSV で保存し直してください",
);
const UNSEEN: Advice = (
    "take the character out, which cannot be seen, or type the text anew",
    "見えない文字を取り除くか、文字列を打ち直してください",
);
const SEEN: Advice =
    ("take that character out, or type the text anew", "その文字を取り除くか、文字列を打ち直してください");

/// What to do in a spreadsheet about a character that a text cannot have.
const OF_CHARACTERS: [(Remedy, Advice); 12] = [
    (remedies::LINE_BREAK, ("take the line break out of the cell", "セルから改行を取ってください")),
    (remedies::LOST, SAVED),
    (remedies::REPLACED, SAVED),
    (
        remedies::PRIVATE,
        (
            "write a character of Unicode in place of the user-defined one (外字)",
            "外字の代わりに Unicode の文字で書いてください",
        ),
    ),
    (remedies::JOINER, UNSEEN),
    (remedies::DIRECTION, UNSEEN),
    (remedies::SELECTOR, UNSEEN),
    (remedies::UNSEEN, UNSEEN),
    (remedies::CONTROL, UNSEEN),
    (remedies::UNASSIGNED, SEEN),
    (remedies::LONE_MARK, SEEN),
    (remedies::FOREIGN_MARK, SEEN),
];

/// What to do about a text that breaks a rule.
fn advice(expected: &str, found: &str) -> Advice {
    if let Some((_, advice)) = OF_CHARACTERS.iter().find(|((wanted, _), _)| *wanted == expected) {
        return *advice;
    }
    match (expected, found) {
        (expected, _) if expected.starts_with("at most") => ("shorten it", "短くしてください"),
        (expected, _) if expected.starts_with("a day not") || expected.starts_with("a year") => {
            ("correct the date", "日付を訂正してください")
        }
        (expected, _) if expected.contains("e-mail") => (
            "write an e-mail address or an id in letters and digits of ASCII",
            "メールアドレス、または半角英数字の ID を書いてください",
        ),
        ("a text", _) => ("fill the cell in", "セルに記入してください"),
        _ => ("correct the cell", "セルを訂正してください"),
    }
}
