//! PEM, RFC 7468. In: text, with anything between the blocks. Out: DER, and back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::Error;

/// RFC 7468 §2: what is written; any width is read.
const LINE_LENGTH: usize = 64;

/// One block of the given label.
pub(crate) fn single(text: &str, label: &'static str) -> Result<Vec<u8>, Error> {
    single_of(text, &[label])
}

/// One block of any of the given labels, of which the first is the one to be written.
pub(crate) fn single_of<const N: usize>(text: &str, labels: &[&'static str; N]) -> Result<Vec<u8>, Error> {
    let mut blocks = Vec::new();
    for label in labels {
        blocks.extend(all(text, label)?);
    }
    match blocks.len() {
        1 => Ok(blocks.remove(0)),
        0 => Err(Error::Pem { expected: labels[0], found: "none".to_owned() }),
        count => Err(Error::Pem { expected: labels[0], found: format!("{count} of them") }),
    }
}

/// Every block of the given label, in their order; other text and other blocks are passed over.
pub(crate) fn all(text: &str, label: &'static str) -> Result<Vec<Vec<u8>>, Error> {
    let begin = format!("-----BEGIN {label}-----");
    let end = format!("-----END {label}-----");
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(&begin) {
        let body = &rest[start + begin.len()..];
        let Some(length) = body.find(&end) else {
            return Err(Error::Pem { expected: label, found: "a block without its end".to_owned() });
        };
        let digits: String = body[..length].split_ascii_whitespace().collect();
        let der = STANDARD
            .decode(digits)
            .map_err(|error| Error::Pem { expected: label, found: format!("a damaged block ({error})") })?;
        blocks.push(der);
        rest = &body[length + end.len()..];
    }
    Ok(blocks)
}

pub(crate) fn encode(label: &'static str, der: &[u8]) -> String {
    let digits = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in digits.as_bytes().chunks(LINE_LENGTH) {
        text.extend(line.iter().map(|&byte| byte as char));
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_between_other_text() {
        let text =
            format!("subject=CN = a\n{}\nnoise\n{}{}", encode("X", b"one"), encode("Y", b"other"), encode("X", b"two"));
        assert_eq!(all(&text, "X").unwrap(), [b"one".to_vec(), b"two".to_vec()]);
        assert_eq!(single(&text, "Y").unwrap(), b"other");
    }

    #[test]
    fn lines_are_written_as_another_library_writes_them_and_read_at_any_width() {
        let der: Vec<u8> = (0..=255).collect();
        let text = encode("X", &der);
        assert_eq!(text, der::pem::encode_string("X", der::pem::LineEnding::LF, &der).unwrap());
        let (head, tail) = text.split_at(100);
        let odd = format!("{head}\r\n  {}", tail.replacen('\n', "", 1));
        assert_eq!(single(&odd, "X").unwrap(), der);
    }

    #[test]
    fn missing_double_and_damaged_blocks_are_refused() {
        let one = encode("X", b"one");
        assert!(single("", "X").is_err());
        assert!(single(&format!("{one}{one}"), "X").is_err());
        assert!(single(&one.replace("END", "FIN"), "X").is_err());
        assert!(single("-----BEGIN X-----\n!!!!\n-----END X-----", "X").is_err());
    }

    #[test]
    fn an_end_that_shares_its_hyphens_with_the_beginning_is_none() {
        assert!(all("-----BEGIN X-----END X-----", "X").is_err());
        assert_eq!(all("-----BEGIN X----------END X-----", "X").unwrap(), [b""]);
    }
}
