//! How commands print: results on stdout, one JSON object a line with `--json`; everything for people on stderr.

use std::io::Write;

use serde_json::Value;
use world::text::{visible, visible_json, visible_lines};

use crate::cli::Common;

/// Prints results as a command's user wants them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(common: &Common) -> Output {
        Output { json: common.json }
    }

    /// One result: the JSON object, or one line for people, in which no text from elsewhere ends the line or moves the cursor.
    pub(crate) fn result(self, json: &Value, text: impl FnOnce() -> String) {
        self.painted(json, || visible(&text()).into_owned());
    }

    /// The same for a screen of several lines, whose maker saw to it that values end no line.
    pub(crate) fn screen(self, json: &Value, text: impl FnOnce() -> String) {
        self.painted(json, || visible_lines(&text()).into_owned());
    }

    /// The same for text with colours, whose maker made values visible.
    pub(crate) fn painted(self, json: &Value, text: impl FnOnce() -> String) {
        let line = if self.json { visible_json(&json.to_string()).into_owned() } else { text() };
        let _ = writeln!(std::io::stdout(), "{line}"); // a reader that has gone, such as `head`, is no fault of ours
    }

    /// A word to the person at the terminal, who is not there when JSON is wanted.
    pub(crate) fn say(self, text: impl AsRef<str>) {
        if !self.json {
            complain(text.as_ref());
        }
    }

    /// Whether a person may be looking.
    pub(crate) fn for_people(self) -> bool {
        !self.json
    }
}

/// A line to a person on stderr: an error, a warning, a word on the way. Lines that follow its first one are indented, so that
/// no text in it passes for a message of its own.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", visible_lines(text).replace('\n', "\n  ")); // as above
}

/// An error with its causes, for people. Most messages of the services hold that of their cause already: it is told once.
pub(crate) fn told(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use anyhow::{Context as _, anyhow};

    #[test]
    fn a_cause_is_told_once() {
        let error = anyhow!("no `%%EOF`").context("cannot be read as a PDF: no `%%EOF`");
        assert_eq!(super::told(&error), "cannot be read as a PDF: no `%%EOF`");
        let error = Err::<(), _>(error).context("letter.pdf").unwrap_err();
        assert_eq!(super::told(&error), "letter.pdf: cannot be read as a PDF: no `%%EOF`");
    }
}
