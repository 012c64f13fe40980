//! Requests that come again, by their Idempotency-Key (draft-ietf-httpapi-idempotency-key-header). In: a key, a digest of the request,
//! the work. Out: what the work gave the first time that it was done: a certificate, or a batch.
//!
//! The key is written down before the work is begun, and the certificate's number with the certificate, the batch's with its last row: so that
//! a request that is repeated after a crash either gets what there is, or is worked on anew; the number that its first attempt took is
//! kept then. A request that failed leaves nothing: it may be repeated, also corrected.

use std::future::Future;

use axum::http::HeaderMap;
use pki::DigestAlgorithm;
use serde::Serialize;
use world::store::{Store, query};

use crate::error::{Error, shortened};
use crate::hold::Held;
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
pub(crate) fn content(query: &impl Serialize, body: &[u8]) -> String {
    let query = serde_json::to_vec(query).expect("texts can be written as JSON");
    DigestAlgorithm::Sha256.digest(&[query.as_slice(), b"\n", body].concat()).to_string()
}

/// What there is of a request with a key.
enum Begun {
    /// The certificate of that number.
    Certificate(String),
    /// The batch of that number.
    Batch(i64),
    /// Nothing: it is this one's turn, as long as this is held.
    Nothing(Held),
}

/// Issues a certificate, unless that was done: then the one that there is.
///
/// # Errors
/// [`Error::IdempotencyKeyReused`] for another request; [`Error::IdempotencyKeyInUse`] while the first is being answered; the work's.
pub(crate) async fn once(
    issuer: &Issuer,
    key: &str,
    content: &str,
    work: impl Future<Output = Result<Issued, Error>>,
) -> Result<Issued, Error> {
    match begin(issuer, key, content).await? {
        Begun::Certificate(number) => issuer.find(&number).await,
        Begun::Batch(_) => Err(Error::IdempotencyKeyReused { key: key.to_owned() }),
        Begun::Nothing(_held) => {
            let issued = work.await;
            if issued.is_err() {
                forget(&issuer.world.store, key).await;
            }
            issued
        }
    }
}

/// Takes a batch, unless that was done: then the number of the one that there is.
///
/// # Errors
/// As [`once`].
pub(crate) async fn batch_once<E: From<Error>>(
    issuer: &Issuer,
    key: &str,
    content: &str,
    work: impl Future<Output = Result<i64, E>>,
) -> Result<i64, E> {
    match begin(issuer, key, content).await? {
        Begun::Batch(id) => Ok(id),
        Begun::Certificate(_) => Err(Error::IdempotencyKeyReused { key: key.to_owned() }.into()),
        Begun::Nothing(_held) => {
            let taken = work.await;
            if taken.is_err() {
                forget(&issuer.world.store, key).await;
            }
            taken
        }
    }
}

async fn begin(issuer: &Issuer, key: &str, content: &str) -> Result<Begun, Error> {
    let store = &issuer.world.store;
    let held = issuer.holds.take(format!("idempotency key {key}")).await?;
    if held.is_some() {
        let text = "INSERT INTO idempotency_key (key, content) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING";
        query(text).bind(key).bind(content).execute(&mut store.turn().await?).await?;
    }
    let text = "SELECT content, number, batch FROM idempotency_key WHERE key = $1";
    let row = query(text).bind(key).fetch_optional(store).await?;
    let in_use = || Error::IdempotencyKeyInUse { key: key.to_owned() };
    let Some(row) = row else { return Err(in_use()) }; // it is just being written down, or failed in this moment
    if row.get::<&str>("content")? != content {
        return Err(Error::IdempotencyKeyReused { key: key.to_owned() });
    }
    if let Some(number) = row.get::<Option<String>>("number")? {
        return Ok(Begun::Certificate(number));
    }
    if let Some(batch) = row.get::<Option<i64>>("batch")? {
        return Ok(Begun::Batch(batch));
    }
    held.map(Begun::Nothing).ok_or_else(in_use)
}

async fn forget(store: &Store, key: &str) {
    let text = "DELETE FROM idempotency_key WHERE key = $1 AND number IS NULL AND batch IS NULL";
    if let Err(error) = query(text).bind(key).execute(store).await {
        tracing::warn!(%error, "an Idempotency-Key of a request that failed stays, for the same request");
    }
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
