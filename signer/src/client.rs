//! Clients, their secrets and access tokens (RFC 6749 clause 4.4, RFC 6750).
//!
//! In: a client's name and secret; a bearer token. Out: a token; a client's name. Only SHA-256 hashes are kept. Tokens
//! expire by the world's clock.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use jiff::{SignedDuration, Timestamp};

use crate::secret::{Hash, random_text};
use crate::security_event::SecurityEvent;
use crate::{Error, Signer};

/// How long an access token is valid: the CSC API's default, 3600 seconds.
pub(crate) const TOKEN_LIFE: SignedDuration = SignedDuration::from_secs(3600);

/// How many tokens are remembered; more are looked up in the store.
const TOKENS_IN_MEMORY: usize = 10_000;

/// Access tokens that were used since the start.
#[derive(Default)]
pub(crate) struct Tokens {
    known: RwLock<HashMap<Hash, Arc<Session>>>,
}

/// What an access token stands for.
pub(crate) struct Session {
    pub(crate) client: Arc<str>,
    expires_at: Timestamp,
}

impl Tokens {
    /// Another process revoked one: all are read again.
    pub(crate) fn forget(&self) {
        self.known.write().expect("no code panics while it holds the tokens").clear();
    }
}

impl Signer {
    /// Registers a client; gives its secret, which is shown this once.
    ///
    /// # Errors
    /// [`Error::ClientName`] if the name cannot travel in a header, [`Error::ClientExists`]; the database's.
    pub async fn register_client(&self, client: &str) -> Result<String, Error> {
        let may_stand = |c: u8| c.is_ascii_alphanumeric() || b"._~-".contains(&c);
        if client.is_empty() || !client.bytes().all(may_stand) {
            return Err(Error::ClientName { client: client.into() });
        }
        match self.shared.store.secret(client).await? {
            Some(_) => Err(Error::ClientExists { client: client.into() }),
            None => self.set_secret(client).await,
        }
    }

    /// Gives a registered client a new secret: the old one is refused from now on, its tokens and credentials stay.
    ///
    /// # Errors
    /// [`Error::NoSuchClient`]; the database's.
    pub async fn reset_client_secret(&self, client: &str) -> Result<String, Error> {
        match self.shared.store.secret(client).await? {
            Some(_) => self.set_secret(client).await,
            None => Err(Error::NoSuchClient { client: client.into() }),
        }
    }

    async fn set_secret(&self, client: &str) -> Result<String, Error> {
        let secret = random_text()?;
        self.write(SecurityEvent::SecretSet { client: client.into(), secret: Hash::of(&secret) }).await?;
        Ok(secret)
    }

    /// Whether that is the client's secret; `None` if there is no such client.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn knows_secret(&self, client: &str, secret: &str) -> Result<Option<bool>, Error> {
        Ok(self.shared.store.secret(client).await?.map(|stored| stored.is_of(secret)))
    }

    /// A new access token for a client that proved who it is.
    pub(crate) async fn issue_token(&self, client: &str) -> Result<String, Error> {
        let token = random_text()?;
        let at = self.shared.world.clock.now();
        let expires_at = at.saturating_add(TOKEN_LIFE).expect("adding a duration saturates and never fails");
        let event = SecurityEvent::TokenIssued { token: Hash::of(&token), client: client.into(), expires_at };
        self.shared.writer.write(at, event).await?;
        self.remember_token(Hash::of(&token), Session { client: client.into(), expires_at });
        Ok(token)
    }

    /// Who is behind an access token; `None` if it is unknown, revoked or expired.
    pub(crate) async fn session(&self, token: &str) -> Result<Option<Arc<Session>>, Error> {
        let hash = Hash::of(token);
        let known = self.known_token(hash);
        let session = match known {
            Some(session) => session,
            None => match self.shared.store.token(hash).await? {
                Some(stored) => {
                    let (client, expires_at) = (stored.client.into(), stored.expires_at);
                    self.remember_token(hash, Session { client, expires_at })
                }
                None => return Ok(None),
            },
        };
        Ok((self.shared.world.clock.now() < session.expires_at).then_some(session))
    }

    /// Revokes a client's own token; another's, or an unknown one, is left as it is (RFC 7009 clause 2.2).
    pub(crate) async fn revoke_token(&self, client: &str, token: &str) -> Result<(), Error> {
        let hash = Hash::of(token);
        match self.shared.store.token(hash).await? {
            Some(stored) if stored.client == client => {
                let (signer, client) = (self.clone(), client.into());
                world::to_the_end(async move {
                    signer.write(SecurityEvent::TokenRevoked { token: hash }).await?;
                    let ended = Session { client, expires_at: Timestamp::MIN };
                    signer.known_tokens_mut(|known| drop(known.insert(hash, Arc::new(ended))));
                    Ok(())
                })
                .await
            }
            _ => Ok(()),
        }
    }

    fn known_token(&self, hash: Hash) -> Option<Arc<Session>> {
        self.shared.tokens.known.read().expect("no code panics while it holds the tokens").get(&hash).cloned()
    }

    /// Remembers a token, unless it was revoked meanwhile.
    fn remember_token(&self, hash: Hash, session: Session) -> Arc<Session> {
        self.known_tokens_mut(|known| {
            if known.len() >= TOKENS_IN_MEMORY {
                known.clear(); // those in use come back from the store
            }
            known.entry(hash).or_insert_with(|| Arc::new(session)).clone()
        })
    }

    fn known_tokens_mut<T>(&self, change: impl FnOnce(&mut HashMap<Hash, Arc<Session>>) -> T) -> T {
        change(&mut self.shared.tokens.known.write().expect("no code panics while it holds the tokens"))
    }
}
