//! What a browser sends when a form with a file is sent: multipart/form-data (RFC 7578, RFC 2046 clause 5.1). In: the media type and
//! the body. Out: the files. A file's name is a stranger's, and may be anything: it is only ever shown.

use bytes::Bytes;
use memchr::memmem::Finder;

/// A file of a form. No name and no content: none was chosen.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) content: Bytes,
}

/// Why a form could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unread {
    /// Another media type, or one without a boundary.
    #[error("wanted a form (multipart/form-data with a boundary), found something else")]
    NoForm,
    /// The boundary that ends it did not come.
    #[error("the form has no end: it was cut off, or its boundary is not the one that its Content-Type names")]
    CutOff,
}

/// The files among the fields of a form, in their order.
pub(super) fn files(media_type: &str, body: &Bytes) -> Result<Vec<File>, Unread> {
    let boundary = boundary(media_type).ok_or(Unread::NoForm)?;
    let mark = format!("\r\n--{boundary}");
    let marks = Marks { body, finder: Finder::new(&mark), mark: mark.as_bytes() };
    // The first mark may stand at the very beginning, without a line before it.
    let first = if body.starts_with(&mark.as_bytes()[2..]) { marks.after(mark.len() - 2) } else { None };
    let mut place = first.map(|after| (0, after)).or_else(|| marks.next(0)).ok_or(Unread::CutOff)?.1;
    let mut files = Vec::new();
    while let After::Part(start) = place {
        let (end, next) = marks.next(start).ok_or(Unread::CutOff)?;
        files.extend(file(&body.slice(start..end.max(start))));
        place = next;
    }
    Ok(files)
}

/// Where a form is divided.
struct Marks<'a> {
    body: &'a [u8],
    finder: Finder<'a>,
    mark: &'a [u8],
}

/// What follows a mark.
#[derive(Clone, Copy)]
enum After {
    /// A part, which begins there.
    Part(usize),
    End,
}

impl Marks<'_> {
    /// Where the next mark begins, at `from` or later, and what follows it. The line end of the headers may be the mark's own.
    fn next(&self, from: usize) -> Option<(usize, After)> {
        let mut from = from.saturating_sub(2);
        loop {
            let found = from + self.finder.find(self.body.get(from..)?)?;
            if let Some(after) = self.after(found + self.mark.len()) {
                return Some((found, after));
            }
            from = found + 2; // a longer text that begins alike
        }
    }

    /// After a mark there are two hyphens, or a line end with white space before it.
    fn after(&self, end: usize) -> Option<After> {
        let rest = self.body.get(end..)?;
        if rest.starts_with(b"--") {
            return Some(After::End);
        }
        let padding = rest.iter().take_while(|octet| matches!(octet, b' ' | b'\t')).count();
        rest[padding..].starts_with(b"\r\n").then_some(After::Part(end + padding + 2))
    }
}

/// A part with a file name.
fn file(part: &Bytes) -> Option<File> {
    let (headers, content) = match memchr::memmem::find(part, b"\r\n\r\n") {
        _ if part.starts_with(b"\r\n") => (Bytes::new(), part.slice(2..)),
        Some(end) => (part.slice(..end), part.slice(end + 4..)),
        None => (part.clone(), Bytes::new()),
    };
    let headers = String::from_utf8_lossy(&headers).into_owned();
    let disposition = headers.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    Some(File { name: file_name(disposition)?, content })
}

/// The file name of a Content-Disposition: quoted, with `%22` or `\"` for a quote, as browsers and curl write it; or with its
/// character set, as RFC 5987 has it, which RFC 7578 clause 4.2 forbids and some programs send.
fn file_name(disposition: &str) -> Option<String> {
    parameter(disposition, "filename").or_else(|| {
        let extended = parameter(disposition, "filename*")?;
        let octets = extended.splitn(3, '\'').nth(2)?;
        Some(percent_encoding::percent_decode_str(octets).decode_utf8_lossy().into_owned())
    })
}

fn boundary(media_type: &str) -> Option<String> {
    let (essence, _) = media_type.split_once(';')?;
    let is_form = essence.trim().eq_ignore_ascii_case("multipart/form-data");
    parameter(media_type, "boundary").filter(|boundary| is_form && (1..=70).contains(&boundary.len()))
}

/// The value of a parameter: `; NAME=VALUE` or `; NAME="VALUE"`, in which a backslash stands before a quote or another.
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let mut rest = value.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = read_value(after.trim_start());
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = after.split_once(';')?.1;
    }
}

/// A value, and what stands after it.
fn read_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_at(text.find(';').unwrap_or(text.len()));
        return (value.trim().to_owned(), rest);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match (character, characters.peek()) {
            ('"', _) => return (value, &quoted[at + 1..]),
            ('\\', Some((_, escaped @ ('"' | '\\')))) => {
                value.push(*escaped);
                characters.next();
            }
            _ => value.push(character),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=x";

    fn one(head: &[u8], content: &[u8]) -> Result<Vec<File>, Unread> {
        let body = [b"--x\r\n", head, b"\r\n\r\n", content, b"\r\n--x--\r\n"].concat();
        files(TYPE, &body.into())
    }

    fn file(name: &str, content: &'static [u8]) -> File {
        File { name: name.into(), content: Bytes::from_static(content) }
    }

    #[test]
    fn a_file_may_be_called_anything() {
        for (written, name) in [
            (&b"filename=\"a.pdf\""[..], "a.pdf"),
            (b"filename=a.pdf", "a.pdf"),
            (b"filename=\"\"", ""),
            (b"filename=\"bell\x07 and\x00nothing\"", "bell\u{7} and\u{0}nothing"),
            (b"filename=\"lone\nline\"", "lone\nline"),
            (b"filename=\"\x8f\xd8\x96\xbe.pdf\"", "\u{fffd}\u{616}\u{fffd}.pdf"),
            ("filename=\"証明書.pdf\"".as_bytes(), "証明書.pdf"),
            (b"filename=\"a\\\"b;c.pdf\"", "a\"b;c.pdf"),
            (b"filename=\"C:\\dir\\a.pdf\"", "C:\\dir\\a.pdf"),
            (b"filename*=UTF-8''%E8%A8%BC.pdf", "証.pdf"),
            (b"FileName=\"not closed", "not closed"),
        ] {
            let head = [b"Content-Type: application/pdf\r\nContent-DISPOSITION: form-data; name=\"f;ile\"; ", written]
                .concat();
            assert_eq!(one(&head, b"%PDF").unwrap(), [file(name, b"%PDF")], "{}", String::from_utf8_lossy(written));
        }
    }

    #[test]
    fn the_content_is_what_stands_between_two_boundaries() {
        let head = b"Content-Disposition: form-data; name=\"f\"; filename=\"a\"";
        for content in
            [&b""[..], b"\r\n", b"\r\n--y", b"\r\n--xy\r\n--xz", b"--xy", b"\r\n\r\n", b"\r\n--x- -", b"\n--x--\n"]
        {
            let found = one(head, content).unwrap();
            assert_eq!(found.len(), 1, "{content:?}");
            assert_eq!(found[0].content, content);
        }
    }

    #[test]
    fn fields_are_told_apart_from_files_and_what_stands_around_is_passed_over() {
        let body = "preamble\r\n--x \t\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nwords\r\n--x\r\n\r\nno head\r\n--x\r\n\
            Content-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\n1\r\n--x\r\n\r\n--x--epilogue";
        assert_eq!(
            files("Multipart/Form-Data; charset=utf-8; boundary=\"x\"", &body.into()).unwrap(),
            [file("a", b"1")]
        );
        assert_eq!(files(TYPE, &"--x--".into()).unwrap(), []);
    }

    #[test]
    fn what_is_no_form_and_what_has_no_end_is_told_apart() {
        for (media_type, body, why) in [
            ("application/pdf", "%PDF", Unread::NoForm),
            ("multipart/form-data", "--x--", Unread::NoForm),
            ("multipart/mixed; boundary=x", "--x--", Unread::NoForm),
            ("multipart/form-data; boundary=", "--", Unread::NoForm),
            (TYPE, "", Unread::CutOff),
            (TYPE, "no form", Unread::CutOff),
            (TYPE, "--x\r\nContent-Disposition: form-data; filename=a\r\n\r\n%PDF", Unread::CutOff),
            (TYPE, "--x\r\n", Unread::CutOff),
            (TYPE, "--y--", Unread::CutOff),
        ] {
            assert_eq!(files(media_type, &body.into()), Err(why), "{media_type} {body}");
        }
    }
}
