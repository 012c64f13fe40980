//! Certification authority: hierarchy, certificate profiles, enrolment, revocation facts, CRLs, OCSP, AIA and CRL
//! repository.
//!
//! A world has authorities of any number and depth: roots, CAs below them, cross-certificates between them; each may get a new key
//! under its old name. The default is a root that signs one issuing CA, which signs end certificates. Every key of an authority has
//! delegated OCSP responders and a CRL. The CA holds names of keys, never keys: every signature is asked of the key server. All
//! times are the world's.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use ca::{Ca, Profile, RevocationStatus, Subject};
//! use pki::{KeyKind, RevocationReason};
//!
//! let world = world::World::in_memory("http://127.0.0.1:8700", "2026-11-24T09:00:00Z".parse()?).await?;
//! let signer = signer::Signer::open(&world).await?;
//! let ca = Ca::open(&world, signer.clone()).await?;
//! ca.create_hierarchy(KeyKind::P256).await?;
//!
//! let key = signer.create_key(KeyKind::P256, "seal").await?;
//! let subject = Subject {
//!     organization: "Example University".into(),
//!     organization_identifier: "NTRJP-9234567890123".into(),
//!     common_name: "Learning Platform Seal".into(),
//!     country: "JP".into(),
//! };
//! let chain = ca.enrol(Profile::Seal, &subject, &signer.public_key(&key).await?).await?;
//! assert_eq!(chain.len(), 3, "seal, issuing CA, root");
//!
//! let serial = chain[0].serial();
//! assert_eq!(ca.status_at(serial, world.clock.now()).await?, RevocationStatus::Good);
//! ca.revoke(serial, RevocationReason::KeyCompromise, None, None).await?;
//! assert!(matches!(ca.status_at(serial, world.clock.now()).await?, RevocationStatus::Revoked { .. }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

pub mod api;
mod authority;
mod authority_plan;
mod enrolment;
mod error;
mod establishment;
mod hierarchy;
mod http;
mod issuance;
mod issued;
mod malformation;
mod organization_identifier;
mod profile;
mod publication;
mod responder;
mod responder_certificate;
mod revocation;
mod status;
mod store;
mod subject;
mod trust;

use std::sync::{Arc, RwLock};

use jiff::Timestamp;
use signer::Signer;
use tokio::sync::Mutex;
use world::World;

pub use authority::{Authority, AuthorityId, AuthorityName};
pub use authority_plan::{AuthorityPlan, AuthoritySettings, StatusAddresses};
pub use error::Error;
pub use http::router;
pub use issued::Issued;
pub use malformation::{Malformation, NoSuchMalformation};
pub use organization_identifier::{OrganizationIdentifier, is_corporate_number};
pub use profile::{NoSuchProfile, Profile};
pub use publication::PublishedCrl;
pub use revocation::{RevocationEvent, RevocationFact, RevocationStatus};
pub use store::TABLES;
pub use subject::Subject;

use hierarchy::Hierarchy;
use publication::Newest;
use responder::SignedAnswers;
use responder_certificate::Responder;
use status::Records;
use store::Store;

/// The certification authority of one world. Cheap to clone: every part is shared.
#[derive(Clone)]
pub struct Ca {
    world: World,
    signer: Signer,
    store: Store,
    shared: Arc<Shared>,
}

/// What is read from the store once and then kept, and the locks that keep work from being done twice.
#[derive(Default)]
struct Shared {
    hierarchy: RwLock<Arc<Hierarchy>>,
    responders: RwLock<Vec<Arc<Responder>>>,
    making: Mutex<()>,
    publishing: Mutex<()>,
    newest: Newest,
    answers: SignedAnswers,
}

impl Ca {
    /// Takes up the CA of that world, or an empty one: [`Ca::establish`] makes its keys and certificates. From now on the
    /// key server knows which certificates are revoked.
    ///
    /// # Errors
    /// If the world's database fails.
    pub async fn open(world: &World, signer: Signer) -> Result<Ca, Error> {
        let store = Store::open(&world.store).await?;
        signer.ask_for_status(Arc::new(Records(store.clone())));
        Ok(Ca { world: world.clone(), signer, store, shared: Arc::default() })
    }

    /// The world's time in the whole seconds of certificates, CRLs and OCSP answers.
    fn now(&self) -> Timestamp {
        world::time::whole_seconds(self.world.clock.now())
    }
}
