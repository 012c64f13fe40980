//! How commands print: results on stdout, one JSON object a line with `--json`; everything for people on stderr.
//!
//! An error is a line on stderr, or with `--json` an object on stdout: `error`, a word that programs compare,
//! `error_description`, a sentence, and `input`, what it is about (a file, a serial number, the value of an option) or null. A
//! command gives its error back, and it is told in one place; one that goes on with its next input says [`Output::error`] itself.
//!
//! A result that cannot be written to stdout is lost, and no success: see [`code_after_losses`].

pub(crate) mod japanese;

use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use serde_json::Value;
use validation::Language;
use world::network::NetworkError;
use world::text::{visible, visible_json, visible_lines};

use crate::files::{self, is_stdout};
use crate::invalid::Invalid;
use crate::language::{in_words, language};
use crate::no_world::NoWorld;
use crate::refused::Refused;

/// An error about one of the things that a command was given, which it does not name itself.
#[derive(Debug, thiserror::Error)]
#[error("{error:#}")]
pub(crate) struct About {
    input: String,
    error: anyhow::Error,
}

/// For `map_err`: the error is about that file, folder, or value of an option, unless it says another itself.
pub(crate) fn about(input: impl ToString) -> impl FnOnce(anyhow::Error) -> anyhow::Error {
    move |error| match argument(&error) {
        None if !is_unreachable(&error) => About { input: input.to_string(), error }.into(),
        _ => error,
    }
}

/// An error as an object, also within an answer.
#[derive(Debug, Serialize)]
pub(crate) struct Failure<'a> {
    /// A word that programs compare.
    pub(crate) error: &'a str,
    /// A sentence.
    pub(crate) error_description: &'a str,
    /// What it is about.
    pub(crate) input: Option<&'a str>,
}

/// An answer as it is printed: members in the order of their names, whichever type tells them.
pub(crate) fn in_order_of_names(answer: &impl Serialize) -> Value {
    serde_json::to_value(answer).expect("answers have texts, numbers and members with names")
}

/// Prints results as a command's user wants them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
    /// A result of bytes has stdout for itself: what people read goes to stderr.
    stdout_is_taken: bool,
}

impl Output {
    /// Of a command that was asked for JSON, or was not.
    pub(crate) fn of(json: bool) -> Output {
        Output { json, stdout_is_taken: false }
    }

    /// The same for a command that writes these results: if one goes to stdout, nothing else does.
    pub(crate) fn beside<'a>(self, results: impl IntoIterator<Item = &'a Path>) -> Result<Output, files::Error> {
        match results.into_iter().filter(|result| is_stdout(result)).count() {
            0 => Ok(self),
            _ if self.json => {
                Err(files::Error::Stdout("--json has stdout for its objects; give the result a file of its own"))
            }
            1 => Ok(Output { stdout_is_taken: true, ..self }),
            _ => Err(files::Error::Stdout("stdout takes one result; give the others files of their own")),
        }
    }

    /// One result: the JSON object, or one line for people, in which no text from elsewhere ends the line or moves the cursor.
    pub(crate) fn result(self, answer: &impl Serialize, text: impl FnOnce() -> String) {
        self.painted(answer, || visible(&text()).into_owned());
    }

    /// The same for a screen of several lines, whose maker saw to it that values end no line.
    pub(crate) fn screen(self, answer: &impl Serialize, text: impl FnOnce() -> String) {
        self.painted(answer, || visible_lines(&text()).into_owned());
    }

    /// The same for text with colours, whose maker made values visible.
    pub(crate) fn painted(self, answer: &impl Serialize, text: impl FnOnce() -> String) {
        let line = match self.json {
            true => visible_json(&in_order_of_names(answer).to_string()).into_owned(),
            false => text(),
        };
        match self.stdout_is_taken {
            false => note_loss(writeln!(io::stdout(), "{line}")),
            true => drop(writeln!(io::stderr(), "{line}")), // words for people
        }
    }

    /// What went wrong with the whole command; gives the exit code. `about`: what it is about if the error names nothing.
    pub(crate) fn failure(self, about: Option<&str>, error: &anyhow::Error) -> u8 {
        self.error(argument(error).as_deref().or(about), error)
    }

    /// What went wrong with this input; gives the exit code.
    pub(crate) fn error(self, input: Option<&str>, error: &anyhow::Error) -> u8 {
        if let Some(About { input, error }) = error.downcast_ref() {
            return self.error(Some(input), error);
        }
        if error.downcast_ref().is_some_and(files::Error::is_reader_gone) {
            READER_GONE.store(true, Ordering::Relaxed);
            return 0; // it is told by the exit code alone
        }
        let sentence = sentence(error);
        let failure = Failure { error: word(error), error_description: &sentence, input };
        match (self.json, input) {
            (true, _) => self.painted(&failure, String::new),
            (false, input) => {
                let told = match language() {
                    Language::English => sentence.clone(),
                    Language::Japanese => japanese::sentence(error, &sentence),
                };
                let about = input.filter(|input| !told.contains(input)).map(|input| format!("{}: ", visible(input)));
                let about = about.unwrap_or_default();
                complain(&in_words!("error: {about}{told}", "エラー: {about}{told}"));
            }
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

    /// Something that moves while nobody knows how long it takes, for people at a terminal.
    pub(crate) fn spinner(self) -> indicatif::ProgressBar {
        match self.for_people() {
            true => indicatif::ProgressBar::new_spinner(),
            false => indicatif::ProgressBar::hidden(),
        }
    }

    /// A progress bar over several inputs, for people at a terminal.
    pub(crate) fn progress(self, length: usize) -> indicatif::ProgressBar {
        if length < 2 || !self.for_people() {
            return indicatif::ProgressBar::hidden();
        }
        let style =
            indicatif::ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}").expect("the template is right");
        indicatif::ProgressBar::new(length as u64).with_style(style)
    }
}

/// The argument that an error itself names.
pub(crate) fn argument(error: &anyhow::Error) -> Option<String> {
    let file = error.downcast_ref().and_then(files::Error::file).map(|file| file.display().to_string());
    let invalid = || error.downcast_ref::<Invalid>()?.input.clone();
    let refused = || error.downcast_ref::<Refused>()?.input.clone();
    let world = || Some(error.downcast_ref::<NoWorld>()?.name().to_owned());
    let about = || Some(error.downcast_ref::<About>()?.input.clone());
    file.or_else(invalid).or_else(refused).or_else(world).or_else(about)
}

/// Whether something did not answer.
pub(crate) fn is_unreachable(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.is::<NetworkError>())
}

/// Whether results were lost since whoever read stdout has gone.
static READER_GONE: AtomicBool = AtomicBool::new(false);

/// Whether results were lost since stdout cannot be written, such as on a full disk.
static UNWRITABLE: AtomicBool = AtomicBool::new(false);

/// Keeps that something did not get to stdout. Why is told once.
pub(crate) fn note_loss(written: io::Result<()>) {
    match written {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => READER_GONE.store(true, Ordering::Relaxed),
        Err(error) => {
            if !UNWRITABLE.swap(true, Ordering::Relaxed) {
                complain(&format!("error: cannot write to stdout: {error}; results are lost"));
            }
        }
    }
}

/// The exit code, also of what was lost on stdout: 4 if it could not be written. A reader that has gone, such as `head`, is no
/// failure to be told; what would be 0 is 141 then, as of a program that was ended by SIGPIPE (128 and 13). What a command does
/// besides, such as further files, is done to its end.
pub(crate) fn code_after_losses(code: u8) -> u8 {
    if UNWRITABLE.load(Ordering::Relaxed) {
        return 4;
    }
    if code == 0 && READER_GONE.load(Ordering::Relaxed) { 141 } else { code }
}

/// The word of an error that programs compare: the service's own if a service refused.
fn word(error: &anyhow::Error) -> &str {
    if let Some(refused) = error.downcast_ref::<Refused>() {
        return &refused.error;
    }
    if error.is::<NoWorld>() {
        return "no_such_world";
    }
    if error.is::<Invalid>() {
        return "invalid_arguments";
    }
    if is_unreachable(error) {
        return "unreachable";
    }
    let unprocessable = matches!(
        error.downcast_ref(),
        Some(verifier::Error::Validation(_) | verifier::Error::TooManyCertificates { .. })
    );
    if unprocessable || error.is::<validation::Error>() {
        return "unprocessable"; // as the verifier says over HTTP
    }
    error.downcast_ref::<files::Error>().map_or("failed", files::Error::code)
}

/// A line to a person on stderr: an error, a warning, a word on the way. Lines that follow its first one are indented, so that
/// no text in it passes for a message of its own.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", visible_lines(text).replace('\n', "\n  ")); // there is nobody else to tell
}

/// An error with its causes, for people. Most messages of the services hold that of their cause already: it is told once.
pub(crate) fn sentence(error: &anyhow::Error) -> String {
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
        assert_eq!(super::sentence(&error), "cannot be read as a PDF: no `%%EOF`");
        let error = Err::<(), _>(error).context("letter.pdf").unwrap_err();
        assert_eq!(super::sentence(&error), "letter.pdf: cannot be read as a PDF: no `%%EOF`");
    }
}
