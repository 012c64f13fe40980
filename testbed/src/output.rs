//! How commands print: results on stdout, one JSON object a line with `--json`; everything for people on stderr.
//!
//! An error is a line on stderr, or with `--json` an object on stdout: `error`, a word that programs compare,
//! `error_description`, a sentence, and `input`, what it is about (a file, a serial number, an argument) or null. A command gives
//! its error back, and it is told in one place; one that goes on with its next input says [`Output::error`] itself.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};
use world::network::NetworkError;
use world::text::{visible, visible_json, visible_lines};

use crate::cli::Common;
use crate::files::{self, is_stream};
use crate::host::Refused;
use crate::registry::NoWorld;

/// Prints results as a command's user wants them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
    /// A result of bytes has stdout for itself: what people read goes to stderr.
    stdout_is_taken: bool,
}

impl Output {
    pub(crate) fn new(common: &Common) -> Output {
        Output::of(common.json)
    }

    /// The same before the arguments could be read.
    pub(crate) fn of(json: bool) -> Output {
        Output { json, stdout_is_taken: false }
    }

    /// The same for a command that writes these results: if one goes to stdout, nothing else does.
    pub(crate) fn beside<'a>(self, results: impl IntoIterator<Item = &'a Path>) -> Result<Output, files::Error> {
        match results.into_iter().filter(|result| is_stream(result) || *result == Path::new("/dev/stdout")).count() {
            0 => Ok(self),
            _ if self.json => {
                Err(files::Error::Stdout("--json has stdout for its objects; give the result a file of its own"))
            }
            1 => Ok(Output { stdout_is_taken: true, ..self }),
            _ => Err(files::Error::Stdout("stdout takes one result; give the others files of their own")),
        }
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
        let _ = match self.stdout_is_taken {
            false => writeln!(std::io::stdout(), "{line}"), // a reader that has gone, such as `head`, is no fault of ours
            true => writeln!(std::io::stderr(), "{line}"),
        };
    }

    /// What went wrong, with this input or with the whole command; gives the exit code.
    pub(crate) fn error(self, input: Option<&str>, error: &anyhow::Error) -> u8 {
        let told = told(error);
        let object = json!({ "error": word(error), "error_description": told, "input": input });
        match (self.json, input) {
            (true, _) => self.painted(&object, String::new),
            (false, Some(input)) if !told.contains(input) => complain(&format!("error: {}: {told}", visible(input))),
            (false, _) => complain(&format!("error: {told}")),
        }
        error.downcast_ref::<Refused>().map_or(4, Refused::exit_code)
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

/// The word of an error that programs compare: the service's own if a service refused.
fn word(error: &anyhow::Error) -> &str {
    if let Some(refused) = error.downcast_ref::<Refused>() {
        return &refused.error;
    }
    if error.is::<NoWorld>() {
        return "no_such_world";
    }
    if error.chain().any(|cause| cause.is::<NetworkError>()) {
        return "unreachable";
    }
    error.downcast_ref::<files::Error>().map_or("failed", files::Error::code)
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
