//! The secret that platforms sign with. It is derived from the issuer's own, which lies under the world's root key; the database has only
//! since when which one counts. Each goes on to count for a day after another took its place, so that a platform can change without a message
//! lost, also if the secret is changed again meanwhile.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};

use super::store;
use crate::api::WebhookSecret;
use crate::error::Error;
use crate::issue::Issuer;

/// How long a secret goes on to count once there is another.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

impl Issuer {
    /// The secret with which platforms sign now. The first time it is asked for it begins to count.
    ///
    /// # Errors
    /// [`Error::Database`] if the world's database cannot be read or written.
    pub async fn webhook_secret(&self) -> Result<WebhookSecret, Error> {
        let generations = store::generations(&self.world.store, self.now()).await?;
        Ok(self.told(&generations))
    }

    /// Another secret from now on.
    ///
    /// # Errors
    /// [`Error::Database`] if the world's database cannot be written.
    pub async fn rotate_webhook_secret(&self) -> Result<WebhookSecret, Error> {
        store::generations(&self.world.store, self.now()).await?; // that there is one before it
        store::add_generation(&self.world.store, self.now()).await?;
        self.webhook_secret().await
    }

    /// The secrets that count at that time: each while its day is not over, and the newest.
    pub(super) async fn accepted_secrets(&self, at: Timestamp) -> Result<Vec<Vec<u8>>, Error> {
        let generations = store::generations(&self.world.store, at).await?;
        let next_ones = generations.iter().skip(1).map(|(_, since)| Some(*since)).chain([None]);
        let counted = generations.iter().zip(next_ones).filter(|(_, next)| next.is_none_or(|since| at < until(since)));
        Ok(counted.map(|((generation, _), _)| self.secret_of_messages(*generation).to_vec()).collect())
    }

    fn told(&self, generations: &[(i64, Timestamp)]) -> WebhookSecret {
        let (newest, since) = generations.last().copied().unwrap_or((1, self.now()));
        WebhookSecret {
            address: format!("{}/issuer/api/completions", self.world.base),
            earlier_until: (generations.len() > 1).then(|| until(since)),
            secret: format!("whsec_{}", STANDARD.encode(self.secret_of_messages(newest))),
            since,
        }
    }

    fn secret_of_messages(&self, generation: i64) -> [u8; 32] {
        self.organizations[0].secret_of_messages(generation)
    }
}

fn until(since: Timestamp) -> Timestamp {
    since.saturating_add(OVERLAP).unwrap_or(Timestamp::MAX)
}
