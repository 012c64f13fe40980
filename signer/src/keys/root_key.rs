//! The root key and the wrapping of private keys at rest.
//!
//! root key (a file of 32 random bytes, or PBKDF2-HMAC-SHA256 of a passphrase) → HKDF-SHA256 (RFC 5869) per key →
//! AES-256-GCM with key id, kind and origin as additional data, so that a row cannot pass for another. Secrets that are no
//! keys are wrapped in the same way, bound to their name.
//! In: a PKCS#8 document, or a secret. Out: nonce and ciphertext; and back.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read, Write};
use std::num::NonZeroU32;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::{constant_time, hkdf, pbkdf2};
use world::store::postgres::Database;
use zeroize::Zeroizing;

use crate::keys::key_pair::KeyPair;
use crate::secret::random;
use crate::security_event::StoredKey;
use crate::store::{SignerStore, StoredRoot};
use crate::{Error, KeyId};

/// OWASP's recommendation of 2023 for PBKDF2-HMAC-SHA256; a third of a second once at start.
const PASSPHRASE_ITERATIONS: NonZeroU32 = NonZeroU32::new(600_000).expect("600,000 is not zero");

/// Where a world's root key comes from.
enum RootKeySource {
    /// A file that only its owner can read, made if it is missing in a new world.
    File(PathBuf),
    /// A passphrase.
    Passphrase(Zeroizing<String>),
    /// Random and kept nowhere: the keys of a world in memory die with it.
    Memory,
}

/// What a wrapped key is bound to.
pub(crate) struct Binding<'a> {
    pub(crate) id: &'a KeyId,
    pub(crate) kind: &'a str,
    pub(crate) origin: &'a str,
}

/// The key that wraps all others. Has no `Debug` and no way out.
pub(crate) struct RootKey(Zeroizing<[u8; 32]>);

impl RootKey {
    /// Opens the world's root key, or makes it in a new world. The source of a world never changes: a world made with a
    /// file keeps its file though a passphrase is given now.
    pub(crate) async fn open(
        store: &SignerStore,
        folder: Option<&Path>,
        passphrase: Option<Zeroizing<String>>,
    ) -> Result<RootKey, Error> {
        let stored = store.root().await?;
        let source = match (stored.as_ref().map(|stored| &*stored.source), folder, passphrase) {
            (None, Some(_), Some(passphrase)) => RootKeySource::Passphrase(passphrase),
            (None | Some("file"), Some(folder), _) => RootKeySource::File(folder.join("root.key")),
            (Some("passphrase"), _, Some(passphrase)) => RootKeySource::Passphrase(passphrase),
            (Some("passphrase"), _, None) => return Err(Error::PassphraseMissing),
            _ => RootKeySource::Memory,
        };
        let Some(stored) = stored else { return RootKey::make(store, &source).await };
        let root = match &source {
            RootKeySource::Passphrase(passphrase) => RootKey::stretched(passphrase, &stored.salt),
            RootKeySource::File(path) => RootKey::read(path)?,
            RootKeySource::Memory => RootKey(random()?),
        };
        root.checked(&stored, &source)
    }

    async fn make(store: &SignerStore, source: &RootKeySource) -> Result<RootKey, Error> {
        let salt = random::<16>()?.to_vec();
        let root = match source {
            RootKeySource::File(path) => RootKey::made_in_file(path)?,
            RootKeySource::Passphrase(passphrase) => RootKey::stretched(passphrase, &salt),
            RootKeySource::Memory => RootKey(random()?),
        };
        let check_value = root.derived(&[b"check value"])?.to_vec();
        let stored = store.keep_root(StoredRoot { source: source.kind().into(), salt, check_value }).await?;
        root.checked(&stored, source)
    }

    /// Passes if the file beside a world is the root key of its keys, or they have none in a file: without it nobody can open a copy of the world.
    pub(crate) async fn check_beside(folder: &Path, database: Option<&Database>) -> Result<(), Error> {
        let row = world::store::first_row(folder, database, "signer_root", "source, salt, check_value").await?;
        let Some(row) = row else { return Ok(()) }; // no key server was ever opened there
        let (source, salt, check_value) = (row.get("source")?, row.get("salt")?, row.get("check_value")?);
        let stored = StoredRoot { source, salt, check_value };
        let source = RootKeySource::File(folder.join("root.key"));
        match (&source, stored.source == source.kind()) {
            (RootKeySource::File(path), true) => RootKey::read(path)?.checked(&stored, &source).map(drop),
            _ => Ok(()),
        }
    }

    fn checked(self, stored: &StoredRoot, source: &RootKeySource) -> Result<RootKey, Error> {
        let own = self.derived(&[b"check value"])?;
        match constant_time::verify_slices_are_equal(&*own, &stored.check_value) {
            Ok(()) => Ok(self),
            Err(_) => Err(Error::WrongRootKey { root: source.name() }),
        }
    }

    fn stretched(passphrase: &str, salt: &[u8]) -> RootKey {
        let mut key = Zeroizing::new([0; 32]);
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, PASSPHRASE_ITERATIONS, salt, passphrase.as_bytes(), &mut *key);
        RootKey(key)
    }

    fn read(path: &Path) -> Result<RootKey, Error> {
        let failed = |source| Error::RootKeyFile { path: path.into(), source };
        let mut file = match std::fs::File::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(Error::RootKeyMissing { path: path.into() });
            }
            opened => opened.map_err(failed)?,
        };
        let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            tracing::warn!(path = %path.display(), mode = format!("{mode:o}"), "others can read the root key file");
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(64));
        file.read_to_end(&mut bytes).map_err(failed)?;
        let wrong_length = |_| Error::RootKeyLength { path: path.into(), found: bytes.len() };
        Ok(RootKey(Zeroizing::new(bytes.as_slice().try_into().map_err(wrong_length)?)))
    }

    /// Makes the file with mode 0600, whole or not at all; a file that is there already is used as it is.
    fn made_in_file(path: &Path) -> Result<RootKey, Error> {
        let failed = |source| Error::RootKeyFile { path: path.into(), source };
        let root = RootKey(random()?);
        let draft = path.with_extension(format!("draft-{}", hex::encode(*random::<8>()?)));
        let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).and_then(|mut file| {
            file.write_all(&*root.0)?;
            file.sync_all()?;
            std::fs::hard_link(&draft, path) // unlike a renaming it replaces no file
        });
        let _ = std::fs::remove_file(&draft); // it may not have been made
        match written {
            Ok(()) => Ok(root),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => RootKey::read(path),
            Err(error) => Err(failed(error)),
        }
    }

    /// Encrypts a private key: nonce and ciphertext with tag.
    pub(crate) fn wrap(&self, binding: &Binding<'_>, pkcs8: &[u8]) -> Result<([u8; 12], Vec<u8>), Error> {
        sealed(&*self.wrapping_key(binding)?, binding.bytes(), pkcs8)
            .map_err(|_| Error::Module { doing: "wrapping a private key" })
    }

    /// Decrypts a private key that was wrapped with the same binding.
    pub(crate) fn unwrap(
        &self,
        binding: &Binding<'_>,
        nonce: &[u8],
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        opened(&*self.wrapping_key(binding)?, binding.bytes(), nonce, wrapped)
            .map_err(|_| Error::KeyDamaged { key: binding.id.clone() })
    }

    /// Encrypts a secret that is no key: nonce and ciphertext with tag.
    pub(crate) fn wrap_secret(&self, name: &str, secret: &[u8]) -> Result<([u8; 12], Vec<u8>), Error> {
        sealed(&*self.derived(&[b"secret", name.as_bytes()])?, name.into(), secret)
            .map_err(|_| Error::Module { doing: "wrapping a secret" })
    }

    /// Decrypts a secret that was wrapped under the same name.
    pub(crate) fn unwrap_secret(&self, name: &str, nonce: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        opened(&*self.derived(&[b"secret", name.as_bytes()])?, name.into(), nonce, wrapped)
            .map_err(|_| Error::SecretDamaged { name: name.into() })
    }

    /// The row of a key that was made here.
    pub(crate) fn stored(&self, pair: &KeyPair, origin: &str, label: &str, pkcs8: &[u8]) -> Result<StoredKey, Error> {
        let kind = pair.kind.to_string();
        let (nonce, private_key) = self.wrap(&Binding { id: &pair.id, kind: &kind, origin }, pkcs8)?;
        Ok(StoredKey {
            id: pair.id.clone(),
            kind,
            origin: origin.into(),
            label: label.into(),
            public_key: pair.public.spki_der().to_vec(),
            nonce: nonce.to_vec(),
            private_key,
        })
    }

    /// The key of a row, ready to sign.
    pub(crate) fn unwrapped(&self, stored: &StoredKey) -> Result<KeyPair, Error> {
        let binding = Binding { id: &stored.id, kind: &stored.kind, origin: &stored.origin };
        let pkcs8 = self.unwrap(&binding, &stored.nonce, &stored.private_key)?;
        KeyPair::from_pkcs8(&stored.id, stored.kind.parse()?, &pkcs8)
    }

    fn wrapping_key(&self, binding: &Binding<'_>) -> Result<Zeroizing<[u8; 32]>, Error> {
        self.derived(&[b"wrap", binding.id.as_str().as_bytes()])
    }

    fn derived(&self, info: &[&[u8]]) -> Result<Zeroizing<[u8; 32]>, Error> {
        let failed = |_| Error::Module { doing: "deriving a key" };
        let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, b"eseal key store 1").extract(&*self.0);
        let mut key = Zeroizing::new([0; 32]);
        extracted.expand(info, hkdf::HKDF_SHA256).map_err(failed)?.fill(&mut *key).map_err(failed)?;
        Ok(key)
    }
}

fn sealed(key: &[u8; 32], bound_to: Vec<u8>, plain: &[u8]) -> Result<([u8; 12], Vec<u8>), Unspecified> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(plain.len() + AES_256_GCM.tag_len())); // never moved while plain
    bytes.extend_from_slice(plain);
    let nonce = key.seal_in_place_append_tag(Aad::from(bound_to), &mut *bytes)?;
    Ok((*nonce.as_ref(), std::mem::take(&mut *bytes)))
}

fn opened(key: &[u8; 32], bound_to: Vec<u8>, nonce: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unspecified> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce)?;
    let mut bytes = Zeroizing::new(wrapped.to_vec());
    let length = key.open_in_place(nonce, Aad::from(bound_to), &mut bytes)?.len();
    bytes.truncate(length);
    Ok(bytes)
}

impl RootKeySource {
    fn kind(&self) -> &'static str {
        match self {
            RootKeySource::File(_) => "file",
            RootKeySource::Passphrase(_) => "passphrase",
            RootKeySource::Memory => "memory",
        }
    }

    fn name(&self) -> String {
        match self {
            RootKeySource::File(path) => format!("root key file {}", path.display()),
            RootKeySource::Passphrase(_) => "passphrase".into(),
            RootKeySource::Memory => "root key in memory".into(),
        }
    }
}

impl Binding<'_> {
    /// Each part behind its length, so that no two bindings have the same bytes.
    fn bytes(&self) -> Vec<u8> {
        let parts = [self.id.as_str(), self.kind, self.origin];
        parts.iter().flat_map(|part| [&(part.len() as u32).to_be_bytes(), part.as_bytes()].concat()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding<'a>(id: &'a KeyId, kind: &'a str) -> Binding<'a> {
        Binding { id, kind, origin: "generated" }
    }

    #[test]
    fn a_wrapped_key_opens_only_under_its_own_binding_and_root_key() {
        let (root, other) = (RootKey(random().unwrap()), RootKey(random().unwrap()));
        let (id, another) = (KeyId::random().unwrap(), KeyId::random().unwrap());
        let (nonce, wrapped) = root.wrap(&binding(&id, "P-256"), b"a private key").unwrap();
        assert_eq!(**root.unwrap(&binding(&id, "P-256"), &nonce, &wrapped).unwrap(), *b"a private key");
        for refused in [
            root.unwrap(&binding(&another, "P-256"), &nonce, &wrapped),
            root.unwrap(&binding(&id, "P-384"), &nonce, &wrapped),
            other.unwrap(&binding(&id, "P-256"), &nonce, &wrapped),
            root.unwrap(&binding(&id, "P-256"), &nonce, &wrapped[1..]),
        ] {
            assert!(matches!(refused, Err(Error::KeyDamaged { .. })));
        }
        assert!(!wrapped.windows(7).any(|part| part == b"private"));
    }

    #[test]
    fn a_root_key_file_is_readable_by_its_owner_only_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        let made = RootKey::made_in_file(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(*RootKey::made_in_file(&path).unwrap().0, *made.0);
        std::fs::write(&path, "short").unwrap();
        assert!(matches!(RootKey::read(&path), Err(Error::RootKeyLength { found: 5, .. })));
    }
}
