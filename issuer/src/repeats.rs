//! Requests that come again, by their Idempotency-Key (draft-ietf-httpapi-idempotency-key-header). In: a key, a digest of the request,
//! the work. Out: what the work gave the first time that it was done.
//!
//! The key is written down before the work is begun, and the certificate's number with the certificate: so that a request that is
//! repeated after a crash either gets the certificate that there is, or is worked on anew, and then keeps the number that its first
//! attempt took. A request that failed leaves nothing: it may be repeated, also corrected.

use std::future::Future;

use axum::http::HeaderMap;
use pki::DigestAlgorithm;
use world::store::query;

use crate::api::IssueQuery;
use crate::error::{Error, shortened};
use crate::issue::Issuer;
use crate::store::Issued;

/// The name of the header.
const HEADER: &str = "idempotency-key";

/// The longest key, in characters.
const LONGEST: usize = 255;

/// The key of a request, if it has one: a string of RFC 9651, or the same without quotation marks.
pub(crate) fn asked_by(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let mut values = headers.get_all(HEADER).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let wrong = |found: &str| Error::IdempotencyKey { found: format!("{:?}", shortened(found)) };
    if values.next().is_some() {
        return Err(Error::IdempotencyKey { found: "more than one".to_owned() });
    }
    let text = value.to_str().map_err(|_| wrong("other octets"))?.trim();
    let key = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    match (1..=LONGEST).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"') {
        true => Ok(Some(key.to_owned())),
        false => Err(wrong(key)),
    }
}

/// A digest of what is asked for.
pub(crate) fn content(query: &IssueQuery, body: &[u8]) -> String {
    let query = serde_json::to_vec(query).expect("texts can be written as JSON");
    DigestAlgorithm::Sha256.digest(&[query.as_slice(), b"\n", body].concat()).to_string()
}

/// Does the work, unless it was done: then what it gave.
///
/// # Errors
/// [`Error::IdempotencyKeyReused`] for another request; [`Error::IdempotencyKeyInUse`] while the first is being answered; the work's.
pub(crate) async fn once(
    issuer: &Issuer,
    key: &str,
    content: &str,
    work: impl Future<Output = Result<Issued, Error>>,
) -> Result<Issued, Error> {
    let store = &issuer.world.store;
    let held = issuer.holds.take(format!("idempotency key {key}")).await?;
    if held.is_some() {
        let text = "INSERT INTO idempotency_key (key, content) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING";
        query(text).bind(key).bind(content).execute(&mut store.turn().await?).await?;
    }
    let text = "SELECT content, number FROM idempotency_key WHERE key = $1";
    let row = query(text).bind(key).fetch_optional(store).await?;
    let in_use = || Error::IdempotencyKeyInUse { key: key.to_owned() };
    let Some(row) = row else { return Err(in_use()) }; // it is just being written down, or failed in this moment
    if row.get::<&str>("content")? != content {
        return Err(Error::IdempotencyKeyReused { key: key.to_owned() });
    }
    if let Some(number) = row.get::<Option<String>>("number")? {
        return issuer.find(&number).await;
    }
    let Some(_held) = held else { return Err(in_use()) };
    let issued = work.await;
    if issued.is_err() {
        let text = "DELETE FROM idempotency_key WHERE key = $1 AND number IS NULL";
        if let Err(error) = query(text).bind(key).execute(store).await {
            tracing::warn!(%error, "an Idempotency-Key of a request that failed stays, for the same request");
        }
    }
    issued
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_key_is_a_string_with_quotation_marks_or_without() {
        let read = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            values.iter().for_each(|value| _ = headers.append(HEADER, HeaderValue::from_str(value).unwrap()));
            asked_by(&headers)
        };
        assert_eq!(read(&[]).unwrap(), None);
        assert_eq!(read(&["\"8e03978e-40d5\""]).unwrap().as_deref(), Some("8e03978e-40d5"));
        assert_eq!(read(&["8e03978e-40d5"]).unwrap().as_deref(), Some("8e03978e-40d5"));
        for wrong in [&["\"\""][..], &["a b"], &["\"a\"b\""], &["a", "b"], &[&"x".repeat(256)]] {
            assert!(read(wrong).unwrap_err().to_string().contains("1 to 255"), "{wrong:?}");
        }
    }
}
