//! What came of a batch, a row a line: CSV and JSON, made page by page while they are sent.

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use world::store::Store;

use super::store::{self, Noted};
use crate::api::BatchRow;
use crate::error::Error;
use crate::issue::Issuer;
use crate::spreadsheet::cell_text;

/// How many rows are read at a time.
const PAGE: u32 = 500;

/// The header of results and manifests.
const HEADER: [&str; 15] = [
    "row",
    "line",
    "state",
    "number",
    "address",
    "file",
    "level",
    "sha256",
    "key",
    "problem",
    "given_key",
    "recipient",
    "identifier",
    "standing",
    "note",
];

/// Excel takes a file for UTF-8 by this.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A row as a line of CSV (RFC 4180). `file`: where its file is.
pub(super) fn record(
    writer: &mut csv::Writer<Vec<u8>>,
    row: &BatchRow,
    file: &str,
    japanese: bool,
) -> Result<(), Error> {
    let number = row.number.as_ref().map(ToString::to_string).unwrap_or_default();
    let level = row.level.map(|level| level.to_string()).unwrap_or_default();
    let word =
        |value: Option<serde_json::Value>| value.as_ref().and_then(|word| word.as_str()).unwrap_or_default().to_owned();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let fields = [
        row.row.to_string(),
        row.line.to_string(),
        word(serde_json::to_value(row.state).ok()),
        number,
        text(&row.address),
        file.to_owned(),
        level,
        text(&row.sha256),
        text(&row.key),
        row.problem_in(japanese).unwrap_or_default().to_owned(),
        text(&row.given_key),
        text(&row.recipient),
        text(&row.identifier),
        word(serde_json::to_value(row.standing).ok()),
        row.note_in(japanese).unwrap_or_default().to_owned(),
    ];
    let cells = fields.iter().map(|field| cell_text(field));
    writer
        .write_record(cells.collect::<Vec<_>>().iter().map(|cell| cell.as_bytes()))
        .map_err(|_| Error::Stored { what: "a row of a batch" })
}

/// The first line.
pub(super) fn header() -> Result<csv::Writer<Vec<u8>>, Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(BYTE_ORDER_MARK.to_vec());
    writer.write_record(HEADER).map_err(|_| Error::Stored { what: "a batch" })?;
    Ok(writer)
}

/// What a writer of lines has written.
pub(super) fn written(writer: csv::Writer<Vec<u8>>) -> Result<Vec<u8>, Error> {
    writer.into_inner().map_err(|_| Error::Stored { what: "a row of a batch" })
}

/// The next rows of a batch, and after which place the ones after them are.
async fn page(issuer: &Issuer, batch: i64, after: i64) -> Result<(Vec<BatchRow>, i64), Error> {
    let store: &Store = &issuer.world.store;
    let rows = store::rows(store, &issuer.organizations[0], batch, (None, Noted::OrNot), after, PAGE).await?;
    let rows = issuer.with_standings(rows).await?;
    let last = rows.last().map_or(after, |row| row.row);
    Ok((rows, last))
}

/// How a file is called in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum File {
    /// By its address.
    Address,
    /// By its name, where all are together.
    Name,
}

impl File {
    /// Of a row whose certificate is there, says what the row says, and was not taken back.
    pub(super) fn of(self, row: &BatchRow) -> Option<String> {
        let address = row.pdf.clone().filter(|_| row.has_file())?;
        match self {
            File::Address => Some(address),
            File::Name => Some(format!("{}.pdf", row.number.as_ref()?)),
        }
    }
}

/// CSV.
pub(super) fn csv(
    issuer: Issuer,
    batch: i64,
    (file, japanese): (File, bool),
) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static {
    stream::try_unfold(Some((issuer, 0)), move |state| async move {
        let Some((issuer, after)) = state else { return Ok(None) };
        let (rows, last) = page(&issuer, batch, after).await?;
        let mut writer = match after {
            0 => header()?,
            _ => csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new()),
        };
        for row in &rows {
            record(&mut writer, row, &file.of(row).unwrap_or_default(), japanese)?;
        }
        let more = (rows.len() as u32 == PAGE).then_some((issuer, last));
        Ok(Some((Bytes::from(written(writer)?), more)))
    })
}

/// A JSON array.
pub(super) fn json(issuer: Issuer, batch: i64) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static {
    stream::try_unfold(Some((issuer, 0)), move |state| async move {
        let Some((issuer, after)) = state else { return Ok(None) };
        let (rows, last) = page(&issuer, batch, after).await?;
        let mut text = String::new();
        for row in &rows {
            text.push_str(if text.is_empty() && after == 0 { "[\n" } else { ",\n" });
            text.push_str(&serde_json::to_string(row).expect("texts and numbers can be written as JSON"));
        }
        let more = (rows.len() as u32 == PAGE).then_some((issuer, last));
        if more.is_none() {
            text.push_str(if text.is_empty() && after == 0 { "[]\n" } else { "\n]\n" });
        }
        Ok(Some((Bytes::from(text), more)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::RowState;

    #[test]
    fn what_a_spreadsheet_would_calculate_is_a_text_in_results() {
        let row = BatchRow {
            address: None,
            attempts: 1,
            given_key: Some("+1".to_owned()),
            identifier: None,
            key: None,
            level: None,
            line: 2,
            note: None,
            note_ja: None,
            number: None,
            pdf: None,
            problem_ja: None,
            problem: Some("=HYPERLINK(\"http://x\"), \u{4f55}\u{304b}: wanted a day".to_owned()),
            recipient: None,
            retryable: false,
            row: 1,
            sha256: None,
            standing: None,
            state: RowState::Failed,
        };
        let mut writer = csv::Writer::from_writer(Vec::new());
        record(&mut writer, &row, "", true).unwrap();
        let line = String::from_utf8(written(writer).unwrap()).unwrap();
        assert_eq!(
            line,
            "1,2,failed,,,,,,,\"'=HYPERLINK(\"\"http://x\"\"), \u{4f55}\u{304b}: wanted a day\",'+1,,,,\n"
        );
    }
}
