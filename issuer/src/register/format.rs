//! What kind of file a register is. In: its octets, its name, what somebody said. Out: a [`Format`], or what it is instead.

use std::fmt;
use std::str::FromStr;

use super::error::RegisterError;
use super::words::{Advice, Words, both};

/// A kind of file that registers are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Cells divided by commas or semicolons (RFC 4180).
    Csv,
    /// Cells divided by tabs, such as Excel's "Unicode text".
    Tsv,
    /// A workbook of Excel since 2007, or of LibreOffice (ISO/IEC 29500).
    Xlsx,
    /// An array of completion data, or one.
    Json,
    /// Completion data line by line.
    JsonLines,
}

const NAMES: [(&str, Format); 6] = [
    ("csv", Format::Csv),
    ("tsv", Format::Tsv),
    ("xlsx", Format::Xlsx),
    ("json", Format::Json),
    ("jsonl", Format::JsonLines),
    ("ndjson", Format::JsonLines),
];

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(_, format)| format == self).map_or("csv", |(name, _)| name);
        formatter.write_str(name)
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Format, String> {
        let found = NAMES.iter().find(|(name, _)| text.eq_ignore_ascii_case(name)).map(|(_, format)| *format);
        found.ok_or_else(|| format!("wanted csv, tsv, xlsx, json or jsonl, found {text:?}"))
    }
}

/// How a ZIP begins (APPNOTE 4.3.7), and how the compound files of old Office do ([MS-CFB] 2.2).
const ZIP: &[u8] = b"PK\x03\x04";
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

pub(super) const SAVE_AS_XLSX: Advice = (
    "open it in a spreadsheet program and save it as Excel workbook (.xlsx) or as CSV",
    "表計算ソフトで開き、Excel ブック（.xlsx）か CSV で保存し直してください",
);

impl Format {
    /// That of a media type; none if it says nothing of the kind.
    pub fn of_media_type(media_type: &str) -> Option<Format> {
        let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "text/csv" => Some(Format::Csv),
            "text/tab-separated-values" => Some(Format::Tsv),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => Some(Format::Xlsx),
            "application/json" => Some(Format::Json),
            "application/jsonl" | "application/x-ndjson" | "application/json-lines" => Some(Format::JsonLines),
            _ => None,
        }
    }

    pub(super) fn of(octets: &[u8], name: Option<&str>, said: Option<Format>) -> Result<Format, RegisterError> {
        let kind = |found: Words, advice: Advice| Err(RegisterError::Kind { found, advice });
        if octets.starts_with(COMPOUND) {
            return match is_encrypted(octets) {
                true => kind(locked(), WITHOUT_PASSWORD),
                false => kind(
                    both!("a document of Office before 2007 (.xls)", "2007 より前の Office の文書（.xls）"),
                    SAVE_AS_XLSX,
                ),
            };
        }
        if octets.starts_with(b"%PDF-") {
            let advice = ("give the table that it was made from", "元になった表を指定してください");
            return kind(both!("a PDF", "PDF"), advice);
        }
        let beginning = String::from_utf8_lossy(&octets[..octets.len().min(512)]).to_lowercase();
        let beginning = beginning.trim_start_matches(['\u{feff}', ' ', '\r', '\n', '\t']);
        if ["<html", "<!doctype", "<table", "<?xml"].iter().any(|tag| beginning.starts_with(tag)) {
            let found = both!(
                "a page of HTML or XML, which some programs name .xls",
                "HTML または XML のページ（.xls という名前で書き出すソフトがあります）"
            );
            return kind(found, SAVE_AS_XLSX);
        }
        match (octets.starts_with(ZIP), said) {
            (true, None | Some(Format::Xlsx)) => return Ok(Format::Xlsx),
            (true, Some(said)) => {
                let found = both!(
                    "a workbook or another ZIP, not {said} as was said",
                    "ブックなどの ZIP で、指定された {said} ではないもの"
                );
                return kind(found, ("leave out what it is", "形式の指定を外してください"));
            }
            (false, Some(Format::Xlsx)) => {
                let found =
                    both!("no workbook: it does not begin as a ZIP", "ブックではないもの（ZIP で始まっていません）");
                return kind(found, SAVE_AS_XLSX);
            }
            (false, Some(said)) => return Ok(said),
            (false, None) => {}
        }
        let ending = name.and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending);
        match ending.and_then(|ending| ending.parse().ok()) {
            Some(Format::Xlsx) => kind(
                both!("named .xlsx, but it is no workbook", ".xlsx という名前ですが、ブックではないもの"),
                SAVE_AS_XLSX,
            ),
            Some(format) => Ok(format),
            None if beginning.starts_with('[') => Ok(Format::Json),
            None if beginning.starts_with('{') => Ok(Format::JsonLines),
            None => Ok(Format::Csv),
        }
    }
}

/// A workbook with a password, and what to do about it.
pub(super) fn locked() -> Words {
    both!("a workbook that is locked with a password", "パスワードで保護されたブック")
}

pub(super) const WITHOUT_PASSWORD: Advice = ("save it without the password", "パスワードを外して保存し直してください");

/// Whether a compound file holds an encrypted workbook: a stream `EncryptedPackage` ([MS-OFFCRYPTO] 2.3.4.4), whose name is UTF-16.
fn is_encrypted(octets: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    octets.windows(name.len()).any(|window| window == name)
}
