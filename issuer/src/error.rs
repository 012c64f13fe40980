//! What can go wrong between completion data and a sealed certificate. Each message says what was wanted, what was found.

mod japanese;
mod of_sealing;
pub(crate) mod told;

use jiff::Timestamp;
use world::json::JsonError;
use world::time::TimeError;

use crate::api::{ReissuedAbout, StandingAct};
use crate::register::words::Words;
use crate::webhook::MessageError;

/// Failures of the issuer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The completion data is not the JSON that was wanted: a missing or unknown member, a wrong type, a syntax error.
    #[error("completion data, at {path}: {problem}")]
    CompletionUnreadable {
        /// The member, such as `achievement.outcomes[1].ja`; `.` is the whole file.
        path: String,
        /// What the JSON reader says, with line and column.
        problem: String,
    },
    /// A member of the completion data has a value that cannot be certified.
    #[error("completion data, at {path}: wanted {expected}, found {found}")]
    CompletionInvalid {
        /// The member, such as `achievement.outcomes[1].ja`.
        path: String,
        /// The rule.
        expected: String,
        /// The value, shortened.
        found: String,
    },
    /// A certificate number does not have the form `PREFIX-YYYY-NNNNNN-C`.
    #[error("certificate number {found:?}: wanted {expected}")]
    NumberMalformed {
        /// What was given.
        found: String,
        /// The rule that does not hold.
        expected: &'static str,
    },
    /// The check character of a certificate number is wrong: the number was mistyped.
    #[error(
        "certificate number {number:?}: the check character is {found}, wanted {expected}; is the number mistyped?"
    )]
    NumberCheck {
        /// What was given.
        number: String,
        /// The character that the other ones call for.
        expected: char,
        /// The character that stands there.
        found: char,
    },
    /// A setting of the issuer cannot be used.
    #[error("issuer setting {name}: wanted {expected}, found {found:?}")]
    Setting {
        /// Name of the setting.
        name: &'static str,
        /// The rule.
        expected: &'static str,
        /// The value.
        found: String,
    },
    /// No organization of the world has that id.
    #[error("organization {found:?}: there is none with that id; there are: {known}")]
    UnknownOrganization {
        /// What was given.
        found: String,
        /// The ids that there are.
        known: String,
    },
    /// A font cannot be read.
    #[error("font {name}: {problem}")]
    Font {
        /// File or face.
        name: String,
        /// What is wrong with it.
        problem: Words,
    },
    /// No font at hand has the character. Certificates never show a box in the place of a character of somebody's name.
    #[error(
        "{member}: no font at hand ({font}) has the character {character} ({code_points}); give one that has it, such as {remedy} (a server that works takes it when it starts: `eseal up --font …`), or another spelling"
    )]
    MissingGlyph {
        /// Member of the completion data, or name of the text.
        member: String,
        /// The character, with its variation selector if it has one.
        character: String,
        /// Its code points, such as `U+20BB7` or `U+845B U+E0105`.
        code_points: String,
        /// The fonts that were asked: the name of the first, and how many more.
        font: String,
        /// A font that has it, as an option of the command line; the same in every language.
        remedy: String,
    },
    /// A text is too long for its place, also in the smallest permitted size.
    #[error("{member}: the text does not fit its place on the certificate ({room}); found {found:?}")]
    TextTooLong {
        /// Member of the completion data, or name of the text.
        member: String,
        /// What the place can take.
        room: String,
        /// The text, shortened.
        found: String,
    },
    /// A block that cannot be broken needs more than a page.
    #[error(
        "a block needs {needed_mm} mm of a page, {room_mm} mm are there; shorten its texts, or divide them into paragraphs or rows"
    )]
    PageFull {
        /// Height of the texts in millimetres, in the smallest permitted sizes.
        needed_mm: u32,
        /// Height that is there.
        room_mm: u32,
    },
    /// The document would have too many pages.
    #[error("the document would have more than {limit} pages; shorten its tables")]
    TooManyPages {
        /// The most pages.
        limit: usize,
    },
    /// The block with the seal does not come to stand on the first page.
    #[error(
        "template {template}: the block with the seal does not come to stand on the first page, where the seal is; put it further up"
    )]
    SealPlace {
        /// Id of the template.
        template: String,
    },
    /// A logo or a seal that cannot be printed.
    #[error("picture: {problem}")]
    Picture {
        /// What was wanted, what was found, what to do.
        problem: String,
        /// The same in Japanese.
        problem_ja: String,
    },
    /// A template that cannot be used.
    #[error("template: {0}")]
    Template(#[from] world::toml_text::TomlError),
    /// No template has that id.
    #[error("template {found:?}: there is none with that id; there are: {known}{meant}")]
    UnknownTemplate {
        /// What was given.
        found: String,
        /// The ids that there are.
        known: String,
        /// What was meant, perhaps, in words.
        meant: String,
    },
    /// A picture of a template that is no Base64 (RFC 4648).
    #[error("picture {name}: wanted a PNG in Base64; {problem}")]
    TemplatePicture {
        /// Its name.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A template is there, but not in that version.
    #[error("template {id}: there is no version {found}; there are: {known}")]
    UnknownTemplateVersion {
        /// Its id.
        id: String,
        /// What was wanted.
        found: u32,
        /// The versions that there are.
        known: String,
    },
    /// A template cannot be kept beside those that there are.
    #[error("template {id}: {problem}")]
    TemplateKept {
        /// Its id.
        id: String,
        /// Why, and what to do.
        problem: Words,
    },
    /// The address does not fit a QR code of the size that the certificate has room for.
    #[error("the address {address:?} does not fit the QR code: wanted at most {limit} characters")]
    AddressTooLong {
        /// The verification address.
        address: String,
        /// Longest address in characters.
        limit: usize,
    },
    /// The badge picture cannot be used.
    #[error("badge picture: wanted {expected}, found {found}")]
    BadgePicture {
        /// The rule.
        expected: &'static str,
        /// What was given.
        found: String,
    },
    /// A PNG holds no badge, or not exactly one.
    #[error("badge in a PNG: wanted {expected}, found {found}")]
    BakedPicture {
        /// The rule (Open Badges 3.0 clause 5.3).
        expected: &'static str,
        /// What the file holds.
        found: String,
    },
    /// A compact JWS is not one of ours.
    #[error("badge token: wanted {expected}, found {found}")]
    BadgeToken {
        /// The rule.
        expected: &'static str,
        /// What was given.
        found: String,
    },
    /// The PDF writer refused the document.
    #[error("the PDF/A-3a and PDF/UA-1 writer refused the certificate: {problem}")]
    PdfRefused {
        /// What the writer says.
        problem: String,
    },
    /// A finished PDF does not have the structure that the signature fields are put into.
    #[error("PDF structure: wanted {expected}, found {found}")]
    PdfStructure {
        /// What the field needs.
        expected: &'static str,
        /// What the file has.
        found: String,
    },
    /// The page writer's PDF cannot be read.
    #[error("the page as it was written: {0}")]
    PdfUnreadable(#[from] pades::Error),
    /// No certificate has that number.
    #[error("no certificate with the number {number} was issued here")]
    NumberUnknown {
        /// The number, whose check character is right.
        number: String,
    },
    /// A number does not wait for its certificate, so that it cannot be given up.
    #[error("the number {number} cannot be given up: {found}")]
    NotWaiting {
        /// The number.
        number: String,
        /// What it does instead.
        found: Words,
    },
    /// No batch has that number.
    #[error("there is no batch {id}")]
    UnknownBatch {
        /// What was asked for.
        id: i64,
    },
    /// A batch is in a state in which that cannot be done.
    #[error("batch {id} cannot be {wanted}: it is {found}")]
    BatchState {
        /// Its number.
        id: i64,
        /// What was wanted.
        wanted: &'static str,
        /// Its state.
        found: String,
    },
    /// No row of a batch failed for a reason that may be gone.
    #[error(
        "batch {id} has no row that can be tried again ({failed} failed for what they say: those are corrected, and the file is sent again)"
    )]
    NothingToRetry {
        /// The batch.
        id: i64,
        /// How many rows failed.
        failed: u64,
    },
    /// An Idempotency-Key cannot be one.
    #[error(
        "Idempotency-Key: wanted 1 to 255 visible ASCII characters, as they are or in quotation marks, found {found}"
    )]
    IdempotencyKey {
        /// What was given.
        found: String,
    },
    /// An Idempotency-Key came with another request before.
    #[error("Idempotency-Key {key:?} came with other content before; a new request needs a new key")]
    IdempotencyKeyReused {
        /// The key.
        key: String,
    },
    /// A request with the same Idempotency-Key is being answered.
    #[error("a request with the Idempotency-Key {key:?} is being answered; ask again in a moment")]
    IdempotencyKeyInUse {
        /// The key.
        key: String,
    },
    /// Something that is kept is not as this program wrote it.
    #[error("{what} cannot be read: somebody else changed it")]
    Stored {
        /// What.
        what: &'static str,
    },
    /// What somebody wants to become of a certificate cannot, as it stands.
    #[error("certificate {number} cannot be {}: {found}; possible: {}", act.done(), StandingAct::listed(possible))]
    NotPossible {
        /// Its number.
        number: String,
        /// What was wanted.
        act: StandingAct,
        /// How it stands.
        found: String,
        /// The same in Japanese.
        found_ja: String,
        /// What can be done with it.
        possible: Vec<StandingAct>,
    },
    /// The clock was set back to before a certificate was issued.
    #[error(
        "certificate {number} is issued at {issued_at} only, and the clock says {at}: nothing can become of it before; set the clock forward"
    )]
    NotIssuedYet {
        /// Its number.
        number: String,
        /// When it was issued.
        issued_at: Timestamp,
        /// The world's time.
        at: Timestamp,
    },
    /// Data for a certificate that is to take the place of another are about something else.
    #[error(
        "the data are about another {about}: wanted {old}, found {new}; issue a certificate of its own for it, or say that it is meant to be \
         another one: \"another\": [\"{about}\"], --another {about}"
    )]
    ReissuedAbout {
        /// About what.
        about: ReissuedAbout,
        /// What the certificate is about.
        old: String,
        /// What the data are about.
        new: String,
    },
    /// Somebody else does the same now.
    #[error("{what}; ask again in a moment")]
    InHand {
        /// What is done.
        what: String,
    },
    /// Nobody would know why.
    #[error(
        "reason: wanted 1 to {longest} characters that say why, none of them a control character or one that is not seen, such as U+202E"
    )]
    ReasonMissing {
        /// How many characters it may have.
        longest: usize,
    },
    /// Nobody would know who.
    #[error(
        "by: wanted 1 to {longest} characters that say who, none of them a control character or one that is not seen, such as U+202E"
    )]
    NameUnusable {
        /// How many characters it may have.
        longest: usize,
    },
    /// A certificate cannot have been revoked before it was issued, and nobody knows the future.
    #[error("since: wanted a time between the issue, {issued_at}, and now, {at}; found {since}")]
    SinceOutOfRange {
        /// What was given.
        since: Timestamp,
        /// When the certificate was issued.
        issued_at: Timestamp,
        /// The world's time.
        at: Timestamp,
    },
    /// A time that cannot be read.
    #[error("since: {problem}")]
    SinceUnreadable {
        /// What is wrong with it.
        problem: TimeError,
    },
    /// A member of a search that cannot be one.
    #[error("{member}: wanted {expected}, found {found:?}")]
    SearchUnusable {
        /// The member.
        member: &'static str,
        /// The rule.
        expected: String,
        /// The same in Japanese.
        expected_ja: String,
        /// What was given.
        found: String,
    },
    /// A message of a platform that is not taken.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// The seal could not be made.
    #[error(transparent)]
    Sealing(#[from] sealing::Error),
    /// The world failed.
    #[error(transparent)]
    World(#[from] world::Error),
    /// The world's database failed.
    #[error("the issuer's records failed: {0}")]
    Database(#[from] world::store::DatabaseError),
    /// A key or digest that the `pki` crate refused.
    #[error(transparent)]
    Pki(#[from] pki::Error),
}

impl From<JsonError> for Error {
    fn from(JsonError { path, problem }: JsonError) -> Error {
        Error::CompletionUnreadable { path: without_unknown(path, &problem), problem }
    }
}

/// Of a member that is not known its object: the problem names the member itself.
fn without_unknown(path: String, problem: &str) -> String {
    let name = problem.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
    match name.and_then(|name| path.strip_suffix(name)) {
        Some("") => ".".to_owned(),
        Some(object) if object.ends_with('.') => object.trim_end_matches('.').to_owned(),
        _ => path,
    }
}

impl Error {
    /// Whether the same may pass later though nobody changes anything: a service that is away, a disk that is full.
    pub(crate) fn may_pass_later(&self) -> bool {
        match self {
            Error::Sealing(error) => error.may_pass_later() || world::store::cannot_be_written(error),
            error => world::store::cannot_be_written(error),
        }
    }

    /// Whether it says that there is no such certificate, also because its number was mistyped.
    pub fn is_unknown_number(&self) -> bool {
        matches!(self, Error::NumberMalformed { .. } | Error::NumberCheck { .. } | Error::NumberUnknown { .. })
    }
}

/// A value for a message: at most 40 characters of it.
pub(crate) fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
