//! What is written for spreadsheets. In: a text, whoever wrote it. Out: a cell that is shown and not calculated.

use std::borrow::Cow;

/// The text as a cell of CSV: one that a spreadsheet would take for a formula is led by an apostrophe.
///
/// ```
/// assert_eq!(issuer::cell_text("=1+1"), "'=1+1");
/// assert_eq!(issuer::cell_text("1+1"), "1+1");
/// ```
pub fn cell_text(text: &str) -> Cow<'_, str> {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}
