//! Answers to GET that a client may have already: validators and preconditions, RFC 9110 clauses 8.8.3 and 13.
//!
//! In: what there is to be had, and a request's headers. Out: 200 with it, 304 if the client has it, 412 if it wanted another.
//!
//! The entity tag is made of the content, so that it differs whenever a byte does, also after a world was made anew at the
//! same address. There is no Last-Modified: the world's clock can be set back, and dates would then call old what is new.
//! Nothing may be kept by a cache without asking again, since caches have no part in the world's clock.
//!
//! The lists of tags are read here and not by the crate `headers`: of 0.4.2 a debug build panics over a blank within a tag, which
//! any client can send.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::problem::Problem;

/// What an address stands for at a moment. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Representation {
    media_type: &'static str,
    body: Bytes,
    tag: HeaderValue,
}

impl Representation {
    /// A body of that media type.
    ///
    /// # Panics
    /// If the media type cannot stand in a header.
    pub fn new(media_type: &'static str, body: impl Into<Bytes>) -> Representation {
        let body = body.into();
        let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&body)[..16]));
        let tag = HeaderValue::try_from(tag).expect("hexadecimal digits in quotes are a header value");
        Representation { media_type, body, tag }
    }

    /// The bytes.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The answer to a GET or HEAD with these headers, in the order of RFC 9110 clause 13.2.2. Dates are passed over, as is
    /// due where there is no Last-Modified (clauses 13.1.3 and 13.1.4).
    pub fn answer(&self, request: &HeaderMap) -> Response {
        if let Some(expected) = Tags::of(request, IF_MATCH)
            && !expected.hold(&self.tag, Comparison::Strong)
        {
            let text = "what is here now is not what If-Match wants";
            return Problem::new(StatusCode::PRECONDITION_FAILED, "precondition_failed", text).into_response();
        }
        let validators = [(ETAG, self.tag.clone()), (CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
        if Tags::of(request, IF_NONE_MATCH).is_some_and(|known| known.hold(&self.tag, Comparison::Weak)) {
            return (StatusCode::NOT_MODIFIED, validators).into_response();
        }
        let media_type = [(CONTENT_TYPE, HeaderValue::from_static(self.media_type))];
        (validators, media_type, Body::from(self.body.clone())).into_response()
    }
}

/// How entity tags are compared (RFC 9110 clause 8.8.3.2): a weak tag stands for the same only weakly.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Strong,
    Weak,
}

/// The value of If-Match or If-None-Match: `*`, or a list of entity tags, in one header field or several.
enum Tags<'a> {
    Any,
    Listed(Vec<Tag<'a>>),
}

struct Tag<'a> {
    weak: bool,
    /// With its quotes.
    opaque: &'a [u8],
}

impl<'a> Tags<'a> {
    fn of(headers: &'a HeaderMap, name: HeaderName) -> Option<Tags<'a>> {
        let mut fields = headers.get_all(name).iter().peekable();
        fields.peek()?;
        let mut listed = Vec::new();
        for field in fields {
            match field.as_bytes().trim_ascii() {
                b"*" => return Some(Tags::Any),
                list => listed.extend(tags(list)),
            }
        }
        Some(Tags::Listed(listed))
    }

    fn hold(&self, current: &HeaderValue, comparison: Comparison) -> bool {
        match self {
            Tags::Any => true,
            Tags::Listed(tags) => tags
                .iter()
                .any(|tag| tag.opaque == current.as_bytes() && !(tag.weak && comparison == Comparison::Strong)),
        }
    }
}

/// The entity tags of a list, up to what is none: `[ W/ ] " characters "`, with commas between. Commas may stand inside too.
fn tags(mut list: &[u8]) -> Vec<Tag<'_>> {
    let mut found = Vec::new();
    loop {
        list = list.trim_ascii_start();
        while let Some(rest) = list.strip_prefix(b",") {
            list = rest.trim_ascii_start();
        }
        let (weak, quoted) = list.strip_prefix(b"W/").map_or((false, list), |quoted| (true, quoted));
        let end = quoted.strip_prefix(b"\"").and_then(|inside| inside.iter().position(|byte| *byte == b'"'));
        let Some(end) = end else { return found };
        let (opaque, rest) = quoted.split_at(end + 2);
        found.push(Tag { weak, opaque });
        list = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(name: HeaderName, values: &[&str]) -> u16 {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(&name, value.parse().unwrap());
        }
        Representation::new("application/pkix-crl", "a CRL").answer(&headers).status().as_u16()
    }

    fn tag() -> String {
        Representation::new("application/pkix-crl", "a CRL").tag.to_str().unwrap().to_owned()
    }

    #[test]
    fn whoever_has_it_is_told_so_with_the_same_headers() {
        let tag = tag();
        for values in [
            &[&*tag][..],
            &["*"],
            &[" * "],
            &[&format!("W/{tag}")],
            &[&format!("\"a,b\", W/\"c\" ,{tag}")],
            &[&format!(", ,{tag},")],
            &["\"other\"", &tag],
        ] {
            assert_eq!(status(IF_NONE_MATCH, values), 304, "{values:?}");
        }
        let headers = HeaderMap::from_iter([(IF_NONE_MATCH, tag.parse().unwrap())]);
        let answer = Representation::new("application/pkix-crl", "a CRL").answer(&headers);
        assert_eq!(answer.headers()[ETAG], *tag);
        assert_eq!(answer.headers()[CACHE_CONTROL], "no-cache");
    }

    #[test]
    fn whoever_has_another_or_names_none_gets_it() {
        let tag = tag();
        let unquoted = tag.trim_matches('"');
        for values in [&["\"other\""][..], &[""], &[unquoted], &["garbage, *"], &[&tag[..9]], &[&format!("w/{tag}")]] {
            assert_eq!(status(IF_NONE_MATCH, values), 200, "{values:?}");
        }
    }

    #[test]
    fn whoever_wants_another_gets_none() {
        let tag = tag();
        for values in [&[&*tag][..], &["*"], &["\"other\"", &tag]] {
            assert_eq!(status(IF_MATCH, values), 200, "{values:?}");
        }
        for values in [&["\"other\""][..], &[&format!("W/{tag}")]] {
            assert_eq!(status(IF_MATCH, values), 412, "{values:?}");
        }
    }

    #[test]
    fn dates_say_nothing_where_there_is_no_last_modified() {
        assert_eq!(status(axum::http::header::IF_MODIFIED_SINCE, &["Sun, 29 Nov 2099 00:00:00 GMT"]), 200);
        assert_eq!(status(axum::http::header::IF_UNMODIFIED_SINCE, &["Sun, 29 Nov 1999 00:00:00 GMT"]), 200);
    }
}
