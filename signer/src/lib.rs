//! The key server: an HSM-like key store behind the Cloud Signature Consortium's API (CSC API v2, with the names of v1).
//!
//! Private keys are made inside, wrapped at rest and readable through nothing; only digests come in. A client signs with
//! signature activation data (SAD) that it was granted for exactly those digests: each is consumed in the ledger, counted
//! and audited on disk before its signature leaves. Services of the same process sign by [`KeyId`].
//!
//! Tokens and activation data expire by the world's clock, like everything that a test may want to outlive.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use pki::{DigestAlgorithm, KeyKind};
//!
//! let at = "2026-11-24T09:00:00Z".parse().unwrap();
//! let world = world::World::in_memory("http://127.0.0.1:8700", at).await.unwrap();
//! let signer = signer::Signer::open(&world).await.unwrap();
//!
//! let key = signer.create_key(KeyKind::P256, "seal").await.unwrap();
//! let algorithm = KeyKind::P256.default_signature_algorithm();
//! let digest = DigestAlgorithm::Sha256.digest(b"signed attributes");
//! let signature = signer.sign_digest(&key, algorithm, &digest).await.unwrap();
//! signer.public_key(&key).await.unwrap().verify(algorithm, &digest, &signature).unwrap();
//! # });
//! ```

mod audit;
mod client;
mod credential;
mod csc;
mod error;
mod key_server;
mod keys;
mod secret;
mod security_event;
mod signing;
mod standing;
mod store;
mod transport_key;
mod writer;

pub use audit::api::{AuditSummary, ChainFault, CounterFault};
pub use audit::export::{AuditLine, ExportError, ExportVerdict, verify_audit_export};
pub use audit::head::{AuditHead, SignedHead};
pub use audit::http::audit_router;
pub use audit::key::BrokenAudit;
pub use audit::log::{AuditLog, AuditPage};
pub use audit::verification::{AuditFault, AuditVerdict};
pub use audit::{AuditEntry, AuditEvent};
pub use credential::{CredentialStatus, NewCredential, Scal, WhenRevoked};
pub use csc::router;
pub use error::Error;
pub use key_server::{Signer, check_root_key, examine};
pub use keys::KeyDescription;
pub use keys::key_id::KeyId;
pub use standing::{STANDINGS, Standing, StatusAnswer, StatusRecord, StatusSource};
pub use store::TABLES;
pub use transport_key::TransportKey;
