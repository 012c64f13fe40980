//! Whether a credential could sign now: a real signature over random bytes, by its key, that holds under its certificate. It
//! is thrown away and never leaves, so that it is no use of the key: neither counted nor audited.

use pki::{Digest, PublicKey};

use super::refusal::SigningRefusal;
use crate::secret::random;
use crate::{Error, KeyId, Signer};

impl Signer {
    /// Whether the audit chain as it is stored still goes on from what this process verified and wrote, up to its signed head.
    ///
    /// # Errors
    /// [`Error::AuditBroken`]: then nothing is signed either.
    pub async fn probe_audit(&self) -> Result<(), Error> {
        self.shared.store.check_audit_end(&self.audit_key()).await
    }

    /// Whether the credential could sign at the world's time.
    ///
    /// # Errors
    /// Why not.
    pub async fn probe_credential(&self, credential: &str) -> Result<(), Error> {
        let missing = || Error::NoSuchCredential { credential: credential.into() };
        let found = self.credential(credential).await?.ok_or_else(missing)?;
        let unusable =
            |why: SigningRefusal| Error::CredentialUnusable { credential: credential.into(), why: why.to_string() };
        found.check_usable(self.shared.world.clock.now()).map_err(unusable)?;
        let digest = found.kind.default_signature_algorithm().digest.digest(&*random::<32>()?);
        self.probe_key(&found.key, &found.certificate().public_key(), &digest).await
    }

    /// Whether a key signs a digest so that it holds under that public key.
    ///
    /// # Errors
    /// Why not.
    pub async fn probe_key(&self, key: &KeyId, public_key: &PublicKey, digest: &Digest) -> Result<(), Error> {
        let pair = self.key_pair(key).await?;
        let algorithm = pair.kind.default_signature_algorithm();
        pair.check(algorithm, digest)?;
        for signature in self.sign_all(&pair, algorithm, std::slice::from_ref(digest)).await? {
            public_key.verify(algorithm, digest, &signature)?;
        }
        Ok(())
    }
}
