//! An audit chain as a file, JSON lines, which can be verified with the public audit key alone.
//!
//! ```text
//! {"format":"eseal audit export 1","world":…,"public_key_pem":…}      first
//! {"sequence":1,"entry":"{…}","hash":"…"}                              each entry, its text as it was hashed
//! {"head":"{…}","signature":"…"}                                       last: the signed head; the signature in base64
//! ```
//! In: the lines. Out: what verifying them found, or why it is no such file.

use std::io::BufRead;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pki::PublicKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::head::SignedHead;
use super::verification::{AuditFault, AuditVerdict, Verification};
use super::{Head, StoredEntry};

const FORMAT: &str = "eseal audit export 1";

/// No entry is longer: 1,300 digests of SHA-512 fit.
const LONGEST_LINE: u64 = 1 << 20;

/// One line of an export.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum AuditLine {
    /// The first line.
    Title {
        /// Always `eseal audit export 1`.
        format: String,
        /// The world whose chain it is.
        world: String,
        /// The audit key, as the world publishes it.
        public_key_pem: String,
    },
    /// An entry.
    Entry {
        /// Its number.
        sequence: i64,
        /// Its text.
        entry: String,
        /// Its hash, lower-case hexadecimal.
        hash: String,
    },
    /// The last line.
    Head {
        /// The text that is signed.
        head: String,
        /// Its signature, DER in base64.
        signature: String,
    },
}

impl AuditLine {
    /// The first line of an export.
    pub fn title(world: &str, key: &PublicKey) -> AuditLine {
        AuditLine::Title { format: FORMAT.into(), world: world.into(), public_key_pem: key.to_pem() }
    }
}

impl From<SignedHead> for AuditLine {
    fn from(head: SignedHead) -> AuditLine {
        AuditLine::Head { head: head.text, signature: STANDARD.encode(head.signature) }
    }
}

/// What verifying an export found.
#[derive(Clone, Debug)]
pub struct ExportVerdict {
    /// The verdict. Counters of keys are not in the file.
    pub verdict: AuditVerdict,
    /// The world that the file names.
    pub world: String,
    /// The key that it was verified with.
    pub key: PublicKey,
}

/// Why a file is no export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] std::io::Error),
    /// It does not begin as an export does.
    #[error("wanted an audit export ({FORMAT:?}, made with `eseal audit export`), found something else")]
    NotAnExport,
}

/// Verifies an export with `key`, or else with the key that the file brings along; and that it holds the entry `known`, number
/// and hash, if one is known from earlier.
///
/// # Errors
/// If it is no export. A broken chain is a verdict.
pub fn verify_audit_export(
    mut file: impl BufRead,
    key: Option<PublicKey>,
    known: Option<(i64, String)>,
) -> Result<ExportVerdict, ExportError> {
    let title = line(&mut file)?.and_then(|text| serde_json::from_slice(&text).ok());
    let Some(AuditLine::Title { format, world, public_key_pem }) = title else {
        return Err(ExportError::NotAnExport);
    };
    let own = PublicKey::from_pem(&public_key_pem).map_err(|_| ExportError::NotAnExport)?;
    if format != FORMAT {
        return Err(ExportError::NotAnExport);
    }
    let key = key.unwrap_or_else(|| own.clone());
    let verdict = match own == key {
        true => verdict(file, &key, known)?,
        false => AuditVerdict::Broken { sequence: 1, fault: AuditFault::KeyReplaced },
    };
    Ok(ExportVerdict { verdict, world, key })
}

fn verdict(
    mut file: impl BufRead,
    key: &PublicKey,
    known: Option<(i64, String)>,
) -> Result<AuditVerdict, std::io::Error> {
    let mut verification = Verification::new(Head::EMPTY, known);
    let mut signed = None;
    while let Some(text) = line(&mut file)? {
        if signed.is_some() && text.trim_ascii().is_empty() {
            continue; // an editor, or a mail, adds such lines at the end
        }
        let line = serde_json::from_slice(&text).ok();
        let sequence = match &line {
            Some(AuditLine::Entry { sequence, .. }) => *sequence, // as in the world: the entry before which one is missing
            _ => verification.sequence() + 1,
        };
        let taken = match (line, &signed) {
            (Some(AuditLine::Entry { sequence, entry, hash }), None) => {
                verification.take(&StoredEntry { sequence, entry, hash: hex::decode(hash).unwrap_or_default() })
            }
            (Some(AuditLine::Head { head, signature }), None) => {
                let signature = STANDARD.decode(signature).unwrap_or_default();
                signed = Some(SignedHead { text: head, signature });
                Ok(())
            }
            (Some(AuditLine::Entry { .. }), Some(_)) => Err(AuditFault::Unsigned),
            _ => Err(AuditFault::Unreadable),
        };
        if let Err(fault) = taken {
            return Ok(AuditVerdict::Broken { sequence, fault });
        }
    }
    match verification.check_head(signed.as_ref(), key) {
        Ok(()) => Ok(verification.intact()),
        Err(broken) => Ok(broken),
    }
}

/// The next line.
fn line(file: &mut impl BufRead) -> Result<Option<Vec<u8>>, std::io::Error> {
    let mut text = Vec::new();
    let length = std::io::Read::take(&mut *file, LONGEST_LINE).read_until(b'\n', &mut text)?;
    Ok((length > 0).then_some(text))
}
