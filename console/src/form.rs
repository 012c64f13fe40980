//! What a browser sends when a form with a file is sent: multipart/form-data (RFC 7578). In: the head of the request and the body. Out: the
//! files and the other fields. A file's name is a stranger's: it is only ever shown.

use std::convert::Infallible;

use axum::http::HeaderMap;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use bytes::Bytes;
use futures_util::{future, stream};
use multer::{Field, Multipart};

use crate::refusal::Refusal;

/// A file of a form. No name and no content: none was chosen.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) content: Bytes,
}

/// What was sent.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Form {
    /// In their order.
    pub(crate) files: Vec<File>,
    /// Name and value of what is no file, in their order.
    pub(crate) fields: Vec<(String, String)>,
}

impl Form {
    /// That of a request.
    pub(crate) async fn read(headers: &HeaderMap, body: Bytes) -> Result<Form, Refusal> {
        let media_type = headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let boundary = multer::parse_boundary(media_type.unwrap_or_default()).map_err(|_| Refusal::NoForm)?;
        let mut parts = Multipart::new(stream::once(future::ready(Ok::<_, Infallible>(body))), boundary);
        let mut form = Form::default();
        while let Some(part) = parts.next_field().await.map_err(refusal)? {
            if let Some(name) = file_name(&part) {
                form.files.push(File { name, content: part.bytes().await.map_err(refusal)? });
            } else if let Some(name) = part.name().map(str::to_owned) {
                let value = part.bytes().await.map_err(refusal)?;
                form.fields.push((name, String::from_utf8_lossy(&value).into_owned()));
            }
        }
        Ok(form)
    }

    /// The one file: those that were not chosen are passed over.
    pub(crate) fn one_file(&mut self, largest: usize) -> Result<File, Refusal> {
        let mut chosen = std::mem::take(&mut self.files).into_iter().filter(|file| !file.content.is_empty());
        let file = chosen.next().ok_or(Refusal::NoFile)?;
        match chosen.next() {
            Some(_) => Err(Refusal::SeveralFiles),
            None if file.content.len() > largest => Err(Refusal::TooLarge),
            None => Ok(file),
        }
    }
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

    async fn read(media_type: &str, body: impl Into<Bytes>) -> Result<Form, Refusal> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, media_type.parse().unwrap())]);
        Form::read(&headers, body.into()).await
    }

    async fn one(head: &[u8], content: &[u8]) -> Result<Vec<File>, Refusal> {
        let body = [b"--x\r\n", head, b"\r\n\r\n", content, b"\r\n--x--\r\n"].concat();
        read(TYPE, body).await.map(|form| form.files)
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
        let fields = vec![("a".to_owned(), "words".to_owned())];
        assert_eq!(read(TYPE, body).await.unwrap(), Form { files: vec![file("a", b"1")], fields });
        for (media_type, body, why) in [
            ("application/pdf", "%PDF", Refusal::NoForm),
            ("multipart/form-data", "--x--", Refusal::NoForm),
            (TYPE, "no form", Refusal::CutOff),
            (TYPE, "--x\r\nContent-Disposition: form-data; filename=a\r\n\r\n%PDF", Refusal::CutOff),
        ] {
            assert_eq!(read(media_type, body).await, Err(why), "{media_type} {body}");
        }
    }
}
