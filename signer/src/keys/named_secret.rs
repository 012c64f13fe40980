//! Secrets that services of the same process leave here, wrapped under the root key like private keys: what lies in the
//! database opens nothing without it.
//!
//! In: a name and some bytes. Out: the bytes, to the same process only.

use zeroize::Zeroizing;

use crate::{Error, Signer};

impl Signer {
    /// The secret that is kept under that name.
    ///
    /// # Errors
    /// If the row was changed, or the database fails.
    pub async fn secret(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let Some((nonce, wrapped)) = self.shared.store.named_secret(name).await? else { return Ok(None) };
        self.shared.root.unwrap_secret(name, &nonce, &wrapped).map(Some)
    }

    /// Keeps a secret under a name, in place of what was kept there.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn keep_secret(&self, name: &str, secret: &[u8]) -> Result<(), Error> {
        let (nonce, wrapped) = self.shared.root.wrap_secret(name, secret)?;
        self.shared.store.keep_named_secret(name, &nonce, &wrapped).await
    }
}
