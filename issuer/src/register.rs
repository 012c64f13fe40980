//! Registers: the files in which a registrar keeps who completed what. In: the octets of a file as Excel, LibreOffice or a program
//! writes it. Out: completion data row by row, or what is wrong with a row, cell by cell.
//!
//! Delimited text (RFC 4180, and what spreadsheets make of it), workbooks (XLSX), JSON arrays, JSON Lines and single objects. What
//! concerns the whole file is an error of [`read`]; what concerns a row stays with the row, and the rest goes on.
//!
//! ```
//! use issuer::register;
//!
//! let file = "氏名,メールアドレス,講座名,講座名（英語）,概要,修了要件,実施機関,学修時間,修了日\n\
//!             山田 花子,hanako@example.ac.jp,統計入門,Statistics,統計の基礎。,全課題の合格,試験大学,15,令和8年3月31日\n";
//! let mut register = register::read(file.as_bytes().to_vec(), Some("spring.csv"), &register::Options::default())?;
//! let row = register.rows.next().unwrap();
//! assert_eq!((row.line, row.content.unwrap().completed_on().to_string().as_str()), (2, "2026-03-31"));
//! # Ok::<(), register::RegisterError>(())
//! ```

mod cell;
mod column;
mod constants;
mod date;
mod delimited;
mod duplicates;
mod encoding;
mod error;
pub(crate) mod fold;
mod format;
mod heading;
mod json;
mod look;
mod lost;
mod mapping;
mod merged;
mod number_format;
mod package;
mod parts;
mod reading;
mod scan;
pub(crate) mod words;
mod workbook;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::completion::Completion;
use crate::identity::Identity;
use duplicates::Duplicates;
use encoding::Decoded;
use heading::Heading;
use look::Look;
use lost::Lost;
use merged::Merged;
use words::both;

pub use column::Columns;
pub(crate) use column::general as general_columns;
pub(crate) use error::of_the_issuer;
pub use error::{CellError, RegisterError};
pub(crate) use fold::header as folded_header;
pub use format::Format;
pub use mapping::{DateOrder, Mapping};
pub use words::{Advice, Words};

/// The most rows of a register: as many as a sheet of a workbook has.
const MOST_ROWS: usize = 1 << 20;

/// How many hidden rows are told by their numbers.
const TOLD: usize = 10;

/// How a file is read, where it does not say it by itself.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What it is; else told by its octets and its name.
    pub format: Option<Format>,
    /// Character encoding of text, such as `utf-8`, `shift_jis`, `cp932`; else told by its octets.
    pub encoding: Option<String>,
    /// What is between the cells of delimited text; else what its first lines have most of: comma, semicolon or tab.
    pub delimiter: Option<char>,
    /// The sheet of a workbook; else the first that is shown and not empty.
    pub sheet: Option<String>,
    /// Which column is which member, where headers do not say it.
    pub mapping: Option<Mapping>,
    /// Header of the column that holds the key of a row.
    pub key: Option<String>,
    /// What happens to columns that nobody knows.
    pub unknown_columns: UnknownColumns,
    /// The columns that there are, by the templates of its rows.
    pub columns: Columns,
    /// Id of the template of rows that name none.
    pub template: Option<String>,
    /// Id of the organization in whose name rows are issued that name none.
    pub organization: String,
}

impl Options {
    fn whose(&self) -> Whose {
        Whose { organization: self.organization.clone(), template: self.template.clone() }
    }
}

/// What happens to columns that nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownColumns {
    /// They are left out, and that is told.
    #[default]
    Ignored,
    /// The file is refused.
    Refused,
}

/// A file that can be read.
pub struct Register {
    /// What it is.
    pub format: Format,
    /// Character encoding, and how it was found out: `Shift_JIS (CP932), because line 3 is no UTF-8`.
    pub encoding: Option<Words>,
    /// The sheet that is read.
    pub sheet: Option<String>,
    /// Its columns, in their order; none in JSON.
    pub columns: Vec<ColumnReading>,
    /// What whoever sent it should know: lines and sheets that were passed over.
    pub notes: Vec<Words>,
    /// Its rows, read as they are asked for.
    pub rows: Rows,
}

impl Register {
    /// The same, in whose rows it is looked for what stands for lost characters, unless its encoding has them all.
    fn of_encoding(self, is_unicode: bool) -> Register {
        let lost = (!is_unicode).then(Lost::default);
        Register { rows: Rows { lost, ..self.rows }, ..self }
    }
}

/// How a column is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ColumnReading {
    /// Its header, as it stands there, on one line.
    pub header: String,
    /// The member of completion data that it holds, `key` or `organization`; none if it is left out.
    pub member: Option<String>,
    /// Why it is left out.
    pub note: Option<String>,
    /// The same in Japanese.
    #[serde(default)]
    pub note_ja: Option<String>,
}

/// A row of a register.
#[derive(Clone, Debug)]
pub struct Row {
    /// Where it begins: a line of the file, or a row of the sheet; from 1.
    pub line: u64,
    /// Its key, if the register has keys.
    pub key: Option<String>,
    /// In whose name its certificate is issued, if the register says it: the id of an organization.
    pub organization: Option<String>,
    /// Its completion data, or everything that is wrong with it.
    pub content: Result<Completion, Vec<CellError>>,
    /// What whoever sent it should know: an earlier row is about the same.
    pub note: Option<Words>,
    /// By which its certificate is found again; none if it cannot be issued as it is.
    pub(crate) identity: Option<Identity>,
}

impl Row {
    fn faulty(line: u64, error: CellError) -> Row {
        Row { line, key: None, organization: None, content: Err(vec![error]), note: None, identity: None }
    }
}

/// Whose rows are that name neither organization nor template.
#[derive(Clone, Debug)]
struct Whose {
    organization: String,
    template: Option<String>,
}

/// The rows of a register. Rows of blanks are passed over. What cannot be read any further is the last row, with one error.
pub struct Rows {
    /// The first, which is read to see whether there is any.
    first: Option<Box<Row>>,
    source: Box<dyn Iterator<Item = Row> + Send>,
    columns: Vec<ColumnReading>,
    whose: Whose,
    duplicates: Duplicates,
    lost: Option<Lost>,
    count: usize,
    /// Set when nobody wants any more.
    ended: Arc<AtomicBool>,
}

impl Rows {
    fn new(source: impl Iterator<Item = Row> + Send + 'static, columns: Vec<ColumnReading>, whose: Whose) -> Rows {
        Rows {
            first: None,
            source: Box::new(source),
            columns,
            whose,
            duplicates: Duplicates::default(),
            lost: None,
            count: 0,
            ended: Arc::default(),
        }
    }

    /// The same, of which there are no more once that is set.
    pub(crate) fn until(self, ended: Arc<AtomicBool>) -> Rows {
        Rows { ended, ..self }
    }

    /// The row with its template, and found out whether it is there twice.
    fn identified(&mut self, row: Row) -> Row {
        let Row { line, key, organization, content, .. } = row;
        let whose = organization.as_deref().unwrap_or(&self.whose.organization).to_owned();
        let content = content.and_then(|completion| {
            let printed = completion.by_template(self.whose.template.as_deref());
            printed.map_err(|error| vec![CellError::of(line, &error, &self.columns)])
        });
        let identity = content.as_ref().ok().map(|completion| match &key {
            Some(key) => Identity::given(key, &whose, completion),
            None => Identity::of(&whose, completion),
        });
        let mut row = Row { line, key, organization, content, note: None, identity };
        self.duplicates.check(&mut row, &whose);
        if let Some(lost) = &mut self.lost {
            lost.note(&mut row, &self.columns);
        }
        row
    }
}

impl Iterator for Rows {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        if let Some(first) = self.first.take() {
            return Some(*first);
        }
        if self.count > MOST_ROWS || self.ended.load(Ordering::Relaxed) {
            return None;
        }
        let row = self.source.next()?;
        self.count += 1;
        if self.count > MOST_ROWS {
            let message = both!(
                "wanted at most {MOST_ROWS} rows in a file, found more",
                "1 つのファイルは {MOST_ROWS} 行までです"
            );
            let advice = ("divide the file into several", "ファイルを分けてください");
            let error = CellError::of_row(row.line, message, advice);
            return Some(Row::faulty(row.line, error));
        }
        Some(self.identified(row))
    }
}

/// Reads a file. `name` is what it is called where it comes from: its ending is asked when its octets tell too little.
///
/// # Errors
/// [`RegisterError`] for what concerns the whole file: no text in any encoding, no headers, a column that is lacking or there
/// twice, a workbook that is locked, damaged, or unpacks to more than any register, a file without any row.
pub fn read(octets: impl Into<Vec<u8>>, name: Option<&str>, options: &Options) -> Result<Register, RegisterError> {
    let octets = octets.into();
    let format = Format::of(&octets, name, options.format)?;
    let mut register = match format {
        Format::Xlsx => of_workbook(octets, options),
        Format::Csv | Format::Tsv => of_delimited(octets, format, options),
        Format::Json | Format::JsonLines => of_json(octets, format, options),
    }?;
    match register.rows.next() {
        Some(first) => Ok(Register { rows: Rows { first: Some(Box::new(first)), ..register.rows }, ..register }),
        None => Err(RegisterError::Empty),
    }
}

/// What is said of a file and says nothing there: who says it means something else.
fn refuse(format: Format, options: &[(bool, &'static str, Advice)]) -> Result<(), RegisterError> {
    match options.iter().find(|(given, ..)| *given).copied() {
        Some((_, option, advice)) => Err(RegisterError::NotForFormat { option, format, advice }),
        None => Ok(()),
    }
}

const ONLY_WORKBOOKS: Advice =
    ("only workbooks have sheets; leave it out", "シートがあるのはブックだけです。指定を外してください");
const ONLY_CSV: Advice = ("only CSV has one; leave it out", "区切り文字があるのは CSV だけです。指定を外してください");
const KEY_IN_JSON: Advice = (
    "each row has its key in its member \"key\"; leave it out",
    "JSON では行の項目 \"key\" がキーです。指定を外してください",
);
const NAMED_IN_JSON: Advice =
    ("JSON has the names of members itself; leave it out", "JSON には項目名が書かれています。指定を外してください");
const SAID_BY_WORKBOOKS: Advice =
    ("a workbook says it itself; leave it out", "ブック自体に書かれています。指定を外してください");

fn of_delimited(octets: Vec<u8>, format: Format, options: &Options) -> Result<Register, RegisterError> {
    refuse(format, &[(options.sheet.is_some(), "sheet", ONLY_WORKBOOKS)])?;
    let Decoded { text, words, is_unicode } = encoding::decode(octets, options.encoding.as_deref())?;
    let wanted = options.delimiter.or((format == Format::Tsv).then_some('\t'));
    let delimited = delimited::Delimited::new(text, wanted)?;
    let format = if delimited.delimiter() == b'\t' { Format::Tsv } else { format };
    let (heading, rows) = Heading::find(delimited.map(Ok), options)?;
    let register = heading.register(format, rows, options.whose());
    Ok(Register { encoding: Some(words), ..register }.of_encoding(is_unicode))
}

fn of_workbook(octets: Vec<u8>, options: &Options) -> Result<Register, RegisterError> {
    let given = [
        (options.delimiter.is_some(), "delimiter", ONLY_CSV),
        (options.encoding.is_some(), "encoding", SAID_BY_WORKBOOKS),
    ];
    refuse(Format::Xlsx, &given)?;
    package::check(&octets)?;
    let mut workbook = workbook::open(octets, options.sheet.as_deref())?;
    let (sheet, mut notes) = (workbook.sheet.clone(), workbook.notes.clone());
    let Look { hidden, merged, filled, .. } = std::mem::take(&mut workbook.look);
    let (heading, rows) = Heading::find(workbook, options).map_err(|problem| problem.of_merged_headers(&merged))?;
    notes.extend(not_shown(hidden.into_iter().filter(|line| *line > heading.line).collect()));
    let rows = Merged::new(rows, heading.line, heading.places(), &merged)?;
    notes.extend(rows.told(&filled));
    let register = heading.register(Format::Xlsx, Box::new(rows), options.whose());
    Ok(Register { sheet: Some(sheet), notes: [notes, register.notes].concat(), ..register })
}

/// That rows are read which nobody sees in the sheet, such as those that a filter hides.
fn not_shown(lines: Vec<u64>) -> Option<Words> {
    let count = lines.len();
    let mut listed = lines.iter().take(TOLD).map(u64::to_string).collect::<Vec<_>>().join(", ");
    if count > TOLD {
        listed.push_str(" …");
    }
    (count > 0).then(|| {
        both!(
            "hidden rows {count}: rows that the sheet does not show, such as behind a filter, are read as the others are: {listed}; \
             delete those that are not meant",
            "非表示の行 {count} 行: フィルターなどでシートに表示されていない行も、ほかの行と同じく読み取ります（{listed} 行目）。\
             不要な行は削除してください"
        )
    })
}

fn of_json(octets: Vec<u8>, format: Format, options: &Options) -> Result<Register, RegisterError> {
    let given = [
        (options.key.is_some(), "key", KEY_IN_JSON),
        (options.sheet.is_some(), "sheet", ONLY_WORKBOOKS),
        (options.delimiter.is_some(), "delimiter", ONLY_CSV),
        (options.mapping.is_some(), "mapping", NAMED_IN_JSON),
    ];
    refuse(format, &given)?;
    let Decoded { text, words, is_unicode } = encoding::decode(octets, options.encoding.as_deref())?;
    let (format, rows) = json::rows(text, format)?;
    let (columns, notes) = (Vec::new(), Vec::new());
    let rows = Rows::new(rows, Vec::new(), options.whose());
    let register = Register { format, encoding: Some(words), sheet: None, columns, notes, rows };
    Ok(register.of_encoding(is_unicode))
}

#[cfg(test)]
mod tests;
