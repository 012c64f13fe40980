//! What is forgotten: authorizations with their ledger rows, and access tokens, a day after they expired by the world's
//! clock. The audit chain keeps what happened. In: a place to go on from. Out: the next one; a few thousand rows are looked
//! at each time, so that nobody waits for it.

use jiff::{SignedDuration, Timestamp};
use world::store::{Transaction, query};

use super::{SignerStore, time};
use crate::Error;

/// How long after it expired something is kept: long enough for whoever wonders why it is refused.
const KEPT_AFTER_EXPIRY: SignedDuration = SignedDuration::from_hours(24);

/// How many rows are looked at in one go.
const WINDOW: i64 = 2_000;

/// Where to go on: the last rows that were looked at.
#[derive(Clone, Default)]
pub(crate) struct Place {
    authorization: i64,
    token: Vec<u8>,
}

impl SignerStore {
    /// Forgets what expired long before `at` among the rows after a place; gives the place that is next, the first one again
    /// after the last row.
    pub(crate) async fn forget_expired(&self, place: Place, at: Timestamp) -> Result<Place, Error> {
        let before = at.saturating_sub(KEPT_AFTER_EXPIRY).expect("subtracting a duration saturates and never fails");
        let mut turn = self.store.turn().await?;
        let mut transaction = turn.begin().await?;
        let next = Place {
            authorization: authorizations(&mut transaction, place.authorization, before).await?,
            token: tokens(&mut transaction, place.token, before).await?,
        };
        transaction.commit().await?;
        Ok(next)
    }
}

async fn authorizations(connection: &mut Transaction<'_>, after: i64, before: Timestamp) -> Result<i64, Error> {
    let text = "SELECT first_row, signatures, expires_at FROM signer_authorization WHERE first_row > $1 \
        ORDER BY first_row LIMIT $2";
    let rows = query(text).bind(after).bind(WINDOW).fetch_all(&mut *connection).await?;
    let mut ranges: Vec<(i64, i64, i64)> = Vec::new(); // first and last authorization, last row of the ledger
    let mut beside_each_other = false;
    for row in &rows {
        let (first, signatures): (i64, i64) = (row.get("first_row")?, row.get("signatures")?);
        let expired = time(row.get("expires_at")?)? < before;
        match ranges.last_mut() {
            Some(range) if expired && beside_each_other => (range.1, range.2) = (first, first + signatures - 1),
            _ if expired => ranges.push((first, first, first + signatures - 1)),
            _ => {}
        }
        beside_each_other = expired;
    }
    for (first, last, last_row) in ranges {
        let text = "DELETE FROM signer_authorization WHERE first_row BETWEEN $1 AND $2";
        query(text).bind(first).bind(last).execute(&mut *connection).await?;
        let text = "DELETE FROM signer_ledger WHERE id BETWEEN $1 AND $2";
        query(text).bind(first).bind(last_row).execute(&mut *connection).await?;
    }
    Ok(match rows.last() {
        Some(last) if rows.len() as i64 == WINDOW => last.get("first_row")?,
        _ => 0,
    })
}

async fn tokens(connection: &mut Transaction<'_>, after: Vec<u8>, before: Timestamp) -> Result<Vec<u8>, Error> {
    let text = "SELECT hash, expires_at FROM signer_token WHERE hash > $1 ORDER BY hash LIMIT $2";
    let rows = query(text).bind(after).bind(WINDOW).fetch_all(&mut *connection).await?;
    for row in &rows {
        if time(row.get("expires_at")?)? < before {
            let query = query("DELETE FROM signer_token WHERE hash = $1").bind(row.get::<&[u8]>("hash")?);
            query.execute(&mut *connection).await?;
        }
    }
    Ok(match rows.last() {
        Some(last) if rows.len() as i64 == WINDOW => last.get("hash")?,
        _ => Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use pki::{Digest, DigestAlgorithm};
    use world::World;
    use world::store::composed;

    use super::*;
    use crate::Signer;
    use crate::secret::Hash;
    use crate::security_event::{Authorized, Dated, Grant, SecurityEvent};

    const NOW: &str = "2026-11-24T09:00:00Z";

    fn grant(number: usize, expires_at: &str, signatures: usize) -> Dated {
        let digest = |one| DigestAlgorithm::Sha256.digest(format!("{number} {one}").as_bytes());
        let signatures = Authorized::Digests((0..signatures).map(digest).collect::<Vec<Digest>>());
        let (sad, expires_at) = (Hash::of(number.to_string()), expires_at.parse().unwrap());
        let grant = Grant {
            sad,
            client: "c".into(),
            credential: "seal".into(),
            key: format!("key-{number:032x}").parse().unwrap(),
            expires_at,
            signatures,
        };
        Dated { at: NOW.parse().unwrap(), event: SecurityEvent::Authorized(grant) }
    }

    #[tokio::test]
    async fn what_expired_long_ago_is_forgotten_with_its_rows_and_nothing_else() {
        let world = World::in_memory("http://127.0.0.1:8700", NOW.parse().unwrap()).await.unwrap();
        let signer = Signer::open(&world).await.unwrap();
        let (store, head_key) = (&signer.shared.store, &signer.shared.head_key);
        let count = async |table: &str| {
            let text = format!("SELECT COUNT(*) FROM {table}");
            composed(text).fetch_value::<i64>(&world.store).await.unwrap()
        };
        let before = count("signer_audit").await;
        let (old, newer, later) = ("2026-11-23T08:59:59Z", "2026-11-23T09:00:01Z", "2036-01-01T00:00:00Z");
        let expiries = [old, old, newer, old, later, old, newer];
        let events: Vec<Dated> = expiries.iter().enumerate().map(|(n, expiry)| grant(n, expiry, n + 1)).collect();
        store.record(&events.iter().collect::<Vec<_>>(), head_key).await.unwrap();
        for (token, expiry) in [("a", old), ("b", newer)] {
            let (token, expires_at) = (Hash::of(token), expiry.parse().unwrap());
            let event = SecurityEvent::TokenIssued { token, client: "c".into(), expires_at };
            store.record(&[&Dated { at: NOW.parse().unwrap(), event }], head_key).await.unwrap();
        }
        store.forget_expired(Place::default(), NOW.parse().unwrap()).await.unwrap();
        assert_eq!(count("signer_authorization").await, 3);
        assert_eq!(count("signer_ledger").await, 3 + 5 + 7);
        assert_eq!(count("signer_token").await, 1);
        assert_eq!(count("signer_audit").await, before + 9, "what happened stays told");
    }
}
