//! What a browser sends when a form with a file is sent: multipart/form-data (RFC 7578). In: the media type and the body. Out: the
//! files. A file's name is a stranger's: it is only ever shown.

use std::convert::Infallible;

use axum::http::header::CONTENT_DISPOSITION;
use bytes::Bytes;
use futures_util::{future, stream};
use multer::{Field, Multipart};

use crate::refusal::Refusal;

/// A file of a form. No name and no content: none was chosen.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) content: Bytes,
}

/// The files among the fields of a form, in their order.
pub(super) async fn files(media_type: &str, body: Bytes) -> Result<Vec<File>, Refusal> {
    let boundary = multer::parse_boundary(media_type).map_err(|_| Refusal::NoForm)?;
    let mut form = Multipart::new(stream::once(future::ready(Ok::<_, Infallible>(body))), boundary);
    let mut files = Vec::new();
    while let Some(field) = form.next_field().await.map_err(refusal)? {
        let Some(name) = file_name(&field) else { continue };
        files.push(File { name, content: field.bytes().await.map_err(refusal)? });
    }
    Ok(files)
}

fn refusal(error: multer::Error) -> Refusal {
    match error {
        multer::Error::ReadHeaderFailed(_) | multer::Error::DecodeHeaderName { .. } => Refusal::Head,
        _ => Refusal::CutOff,
    }
}

/// The name of a file, as far as it can be read: it need not be UTF-8.
fn file_name(field: &Field<'_>) -> Option<String> {
    if let Some(name) = field.file_name() {
        return Some(name.to_owned());
    }
    let disposition = String::from_utf8_lossy(field.headers().get(CONTENT_DISPOSITION)?.as_bytes()).into_owned();
    let (_, name) = disposition.split_once("filename=")?;
    Some(name.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=x";

    async fn one(head: &[u8], content: &[u8]) -> Result<Vec<File>, Refusal> {
        let body = [b"--x\r\n", head, b"\r\n\r\n", content, b"\r\n--x--\r\n"].concat();
        files(TYPE, body.into()).await
    }

    fn file(name: &str, content: &'static [u8]) -> File {
        File { name: name.into(), content: Bytes::from_static(content) }
    }

    #[tokio::test]
    async fn a_file_may_be_called_anything_that_a_form_can_carry() {
        for (written, name) in [
            (&b"filename=\"a.pdf\""[..], Some("a.pdf")),
            (b"filename=\"\"", Some("")),
            (b"filename=\"\x8f\xd8\x96\xbe.pdf\"", Some("\u{fffd}\u{616}\u{fffd}.pdf")),
            ("filename=\"証明書.pdf\"".as_bytes(), Some("証明書.pdf")),
            (b"filename=\"bell\x07.pdf\"", None),
        ] {
            let head =
                [b"Content-Type: application/pdf\r\nContent-Disposition: form-data; name=\"file\"; ", written].concat();
            let expected = name.map(|name| vec![file(name, b"%PDF")]).ok_or(Refusal::Head);
            assert_eq!(one(&head, b"%PDF").await, expected, "{}", String::from_utf8_lossy(written));
        }
    }

    #[tokio::test]
    async fn fields_are_told_apart_from_files_and_what_is_no_form_from_what_has_no_end() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nwords\r\n--x\r\n\
            Content-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\n1\r\n--x--";
        assert_eq!(files(TYPE, body.into()).await.unwrap(), [file("a", b"1")]);
        for (media_type, body, why) in [
            ("application/pdf", "%PDF", Refusal::NoForm),
            ("multipart/form-data", "--x--", Refusal::NoForm),
            (TYPE, "no form", Refusal::CutOff),
            (TYPE, "--x\r\nContent-Disposition: form-data; filename=a\r\n\r\n%PDF", Refusal::CutOff),
        ] {
            assert_eq!(files(media_type, body.into()).await, Err(why), "{media_type} {body}");
        }
    }
}
