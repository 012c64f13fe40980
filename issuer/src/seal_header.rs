//! What was sealed, in a header beside the file itself. In: a sealed file. Out: the header's value, JSON in ASCII.

use axum::http::{HeaderName, HeaderValue};
use sealing::Sealed;

use crate::api::SealSummary;

/// Name of the header.
pub(crate) const SEAL_HEADER: HeaderName = HeaderName::from_static("eseal-seal");

/// A file may have thousands of anomalies; a header has some kilobytes.
const MOST_WARNINGS: usize = 20;

/// The longest warning, in characters.
const LONGEST_WARNING: usize = 300;

/// The header of that seal.
pub(crate) fn value(sealed: &Sealed) -> HeaderValue {
    let json = serde_json::to_string(&summary(sealed)).expect("texts and times can be written as JSON");
    HeaderValue::from_str(&ascii(&json)).expect("what is not ASCII is escaped")
}

fn summary(sealed: &Sealed) -> SealSummary {
    SealSummary {
        document_digest: sealed.document_digest.to_string(),
        level: sealed.level,
        seal_serial: sealed.certificate.serial().to_string(),
        sent_digest: sealed.sent_digest.to_string(),
        time_stamp: sealed.time_stamp,
        warnings: sealed.warnings.iter().take(MOST_WARNINGS).map(|warning| shortened(warning)).collect(),
    }
}

fn shortened(warning: &str) -> String {
    match warning.char_indices().nth(LONGEST_WARNING) {
        Some((end, _)) => format!("{}…", &warning[..end]),
        None => warning.to_owned(),
    }
}

/// JSON that a header can carry: whatever is not printable ASCII stands only inside its strings, and is escaped there.
fn ascii(json: &str) -> String {
    let mut text = String::new();
    for letter in json.chars() {
        match letter {
            ' '..='~' => text.push(letter),
            other => {
                let units =
                    other.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
                text.push_str(&units);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_ascii_is_escaped_and_reads_the_same() {
        let texts = ["Grüße \u{7f} 髙橋 𠮷田 \"…\"", "plain"];
        let written = ascii(&serde_json::to_string(&texts).unwrap());
        assert!(written.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{written}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&written).unwrap(), texts);
        assert_eq!(ascii("\"髙\""), "\"\\u9ad9\"");
    }

    #[test]
    fn a_long_warning_is_cut_at_a_character() {
        assert_eq!(shortened(&"あ".repeat(301)), format!("{}…", "あ".repeat(300)));
        assert_eq!(shortened("short"), "short");
    }
}
