//! One world with all its services: opened or made, joined into one router, attached to the world's network.
//!
//! A world is made in steps that can each be repeated, so that one which was interrupted is completed at the next start. Whatever
//! its clock shows, it opens: what has ended or not begun then is told, and a clock that is set back brings it back.

mod renewal;

mod client;
pub(crate) use client::write_whole;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use axum::Router;
use ca::{Ca, Profile};
use issuer::Issuer;
use pki::{Certificate, KeyKind};
use sealing::Services;
use signer::{BrokenAudit, KeyId, Signer};
use tokio::sync::Mutex;
use tsa::Tsa;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use validation::Anchor;
use verifier::Verifier;
use world::store::Tables;
use world::{World, server};

use crate::plan::{CredentialProfile, WorldPlan};
use crate::{http, openapi, worlds};
use world::toml_text::TomlError;

/// All that a world's database holds.
pub const TABLES: [Tables; 5] = [world::store::TABLES, signer::TABLES, ca::TABLES, tsa::TABLES, issuer::TABLES];

const CLIENT: &str = "platform";

/// One world with its services. Cheap to clone.
#[derive(Clone)]
pub struct Laboratory {
    /// The world: its clock, store, network and journal.
    pub world: World,
    /// The key server.
    pub signer: Signer,
    /// The certification authority.
    pub ca: Ca,
    /// The time-stamping authority.
    pub tsa: Tsa,
    /// The issuer.
    pub issuer: Issuer,
    /// The verifier, which trusts this world's anchors.
    pub verifier: Verifier,
    /// Everything over HTTP, with the journal in front.
    pub services: Router,
    /// How the issuer reaches key server and time-stamping authority.
    pub reach: Services,
    plan: Arc<WorldPlan>,
    /// Held by whoever renews: one after another.
    renewing: Arc<Mutex<()>>,
    /// The last second, since 1970, at which nothing has to be renewed.
    nothing_due_until: Arc<AtomicI64>,
    upkeep: Upkeep,
}

/// When it is seen to that what ends gets a successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Upkeep {
    /// When the clock is moved, and when a service is asked for a signature or time-stamp after the end.
    Always,
    /// When it is asked for.
    OnDemand,
}

/// How a world is opened.
#[derive(Clone, Debug)]
pub struct Opening {
    /// What it is made from if it is made now; without one the default plan. A world that is there keeps its own.
    pub plan: Option<Arc<WorldPlan>>,
    /// Whether it opens though its key server's audit chain is broken.
    pub broken_audit: BrokenAudit,
}

impl Default for Opening {
    fn default() -> Opening {
        Opening { plan: None, broken_audit: BrokenAudit::Refuse }
    }
}

impl Opening {
    /// How much the keys weigh that are made then.
    pub(crate) fn weight(&self) -> usize {
        self.plan.as_deref().map_or_else(|| WorldPlan::default().weight(), WorldPlan::weight)
    }
}

impl From<WorldPlan> for Opening {
    fn from(plan: WorldPlan) -> Opening {
        Opening { plan: Some(Arc::new(plan)), ..Opening::default() }
    }
}

impl From<KeyKind> for Opening {
    /// The default plan with such keys for authorities and time-stamping units.
    fn from(authority_keys: KeyKind) -> Opening {
        WorldPlan::default().with_authority_keys(authority_keys.into()).into()
    }
}

impl Laboratory {
    /// Opens the services of a world, or makes what its plan names: authorities, key server's client and credentials, time-stamping
    /// units. `opening` is a plan, or more than that. `more` gives further addresses to serve beside the services' own.
    ///
    /// # Errors
    /// If the world's database is not that of a world, its keys cannot be opened, or its audit chain is broken and that is not accepted.
    pub async fn open(
        world: &World,
        opening: impl Into<Opening>,
        more: impl FnOnce(&Laboratory) -> Router,
    ) -> Result<Laboratory, Error> {
        Laboratory::build(world, opening.into(), Upkeep::Always, more).await
    }

    /// The same for a world that plays one story: once it is open nothing is renewed by itself.
    ///
    /// # Errors
    /// As [`Laboratory::open`].
    pub async fn open_for_story(
        world: &World,
        opening: impl Into<Opening>,
        more: impl FnOnce(&Laboratory) -> Router,
    ) -> Result<Laboratory, Error> {
        Laboratory::build(world, opening.into(), Upkeep::OnDemand, more).await
    }

    async fn build(
        world: &World,
        Opening { plan, broken_audit }: Opening,
        upkeep: Upkeep,
        more: impl FnOnce(&Laboratory) -> Router,
    ) -> Result<Laboratory, Error> {
        world.store.check_scripts(&TABLES).await?; // before the first service brings its own up to date
        let signer = Signer::open_despite(world, broken_audit).await?;
        let ca = Ca::open(world, signer.clone()).await?;
        let tsa = Tsa::open(world, signer.clone()).await?;
        let plan = known_plan(world, plan, &ca, &tsa).await?;
        plan.establish(&ca, world.clock.now()).await?;
        let reach = client::reach(world, &signer, &plan).await?;
        let secret = client::issuer_secret(world, &signer).await?;
        let issuer = Issuer::open(world, &reach, plan.issuing_organizations()?, secret).await?;
        let (world, services) = (world.clone(), Router::new());
        let anchors = ca.anchors().await?.into_iter().map(Anchor::from).collect();
        let verifier = Verifier::new(&world, anchors);
        let (renewing, nothing_due_until) = (Arc::default(), Arc::default());
        let mut laboratory = Laboratory {
            world,
            signer,
            ca,
            tsa,
            issuer,
            verifier,
            services,
            reach,
            plan,
            renewing,
            nothing_due_until,
            upkeep,
        };
        laboratory.renew_expired().await?;
        laboratory.join(more);
        Ok(laboratory)
    }

    /// What the world was made from.
    pub fn plan(&self) -> &WorldPlan {
        &self.plan
    }

    /// How another world like this one is made.
    pub fn opening_anew(&self) -> Opening {
        Opening { plan: Some(self.plan.clone()), ..Opening::default() }
    }

    /// A new key with a seal certificate that no credential has: what a story needs to seal in ways that the issuer would not.
    ///
    /// # Errors
    /// If the CA certifies nothing at the world's time; the database's.
    pub async fn seal_certificate(&self, common_name: &str) -> Result<(KeyId, Vec<Certificate>), Error> {
        let key = self.signer.create_key(KeyKind::P256, common_name).await?;
        let public_key = self.signer.public_key(&key).await?;
        let subject = self.subject(|_| common_name.to_owned())?;
        let chain = self.ca.enrol(Profile::Seal, &subject, &public_key).await?;
        Ok((key, chain))
    }

    /// Waits until what is written behind the answers is on disk: counts of signatures, and the journal. Nothing else is.
    ///
    /// # Errors
    /// If something cannot be written.
    pub async fn flush(&self) -> Result<(), Error> {
        self.signer.flush().await?;
        self.world.journal.flush().await;
        Ok(())
    }

    /// A clean stop: everything is on disk, and the database alone in its folder. Whoever still asks is refused.
    ///
    /// # Errors
    /// If something cannot be written. The world is closed all the same.
    pub async fn close(&self) -> Result<(), Error> {
        self.issuer.end_work().await;
        let counted = self.signer.flush().await;
        self.world.close().await?; // also on a full disk
        Ok(counted?)
    }

    /// Whether this world could seal now: a real signature by the seal's key, a real time-stamp, and something written down.
    /// All three are thrown away.
    ///
    /// # Errors
    /// What it lacks.
    pub async fn probe(&self) -> Result<(), Error> {
        self.world.store.probe().await?;
        self.signer.probe_audit().await?;
        if let Some(seal) = self.plan.default_credential(CredentialProfile::Seal) {
            self.signer.probe_credential(&seal.id).await?;
        }
        Ok(self.tsa.probe().await?)
    }

    /// Writes the trust folder of a world that has a folder, for tools that want files: the CA's five, and the key that signs the
    /// heads of the audit chain.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub async fn write_trust(&self) -> Result<(), Error> {
        let Some(folder) = self.world.folder.as_deref().map(|folder| folder.join("trust")) else { return Ok(()) };
        self.ca.write_trust(&folder).await?;
        let (file, pem) = (folder.join("audit.pem"), self.signer.audit_key().to_pem());
        client::write_whole(&file, &pem, 0o644).map_err(|source| Error::File { file, source })
    }

    /// The same where it goes on without: what is derived is written anew at the next start or change.
    async fn derive_trust(&self) {
        if let Err(error) = self.write_trust().await {
            tracing::warn!(world = self.world.name, %error, "the trust folder is not up to date");
        }
    }

    fn join(&mut self, more: impl FnOnce(&Laboratory) -> Router) {
        let services = self.described(&self.world.base).0.merge(more(self));
        self.services = self.world.journal.in_front_of(server::complete(services));
        self.world.network.attach(self.services.clone());
    }

    /// What its services say of themselves, to whoever knows the world by the address `base`; not what is served beside them. Put
    /// together when it is asked for: kept, it would take megabytes of each world.
    pub fn document(&self, base: &str) -> OpenApi {
        openapi::finished(self.described(base).1, worlds::openapi(), base)
    }

    /// The routes of all services, and what they say of themselves.
    fn described(&self, base: &str) -> (Router, OpenApi) {
        let mut document = openapi::outline(base);
        let mut described = |part: OpenApiRouter| {
            let (routes, description) = part.split_for_parts();
            debug_assert!(!openapi::contradicts(&document, &description), "two services give one name to two schemas");
            document.merge(description);
            routes
        };
        let key_server = described(signer::router(self.signer.clone()));
        let audit = described(signer::audit_router(self.signer.clone()));
        let ca = described(ca::router(self.ca.clone()));
        let time_stamping = described(tsa::router(self.tsa.clone()));
        let issuer = described(issuer::router(self.issuer.clone()));
        let verifier = described(verifier::router(self.verifier.clone()));
        let own = described(http::routes().with_state(self.clone()));
        let services = Router::new()
            .merge(self.in_time(key_server))
            .merge(audit)
            .merge(ca)
            .merge(self.in_time(time_stamping))
            .merge(issuer)
            .merge(verifier)
            .merge(own);
        (services, document)
    }

    /// What there is one of in each opening of a world.
    pub(crate) fn opening(&self) -> &Arc<Mutex<()>> {
        &self.renewing
    }
}

/// The plan that the world keeps. One that keeps none is new, and gets the one that is given; or it was made by an earlier program,
/// which knew one plan.
async fn known_plan(world: &World, given: Option<Arc<WorldPlan>>, ca: &Ca, tsa: &Tsa) -> Result<Arc<WorldPlan>, Error> {
    if let Some(recorded) = WorldPlan::recorded(world).await? {
        return Ok(Arc::new(recorded));
    }
    match ca.generations().await {
        Err(ca::Error::NoHierarchy) => {
            let plan = given.unwrap_or_default();
            plan.record(world).await?;
            Ok(plan)
        }
        _ => {
            let plan = WorldPlan::of_earlier(ca, tsa).await?;
            plan.keep(world).await?;
            Ok(Arc::new(plan))
        }
    }
}

/// Why a world's services could not be opened or made, or did not do what they were asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The world itself.
    #[error(transparent)]
    World(#[from] world::Error),
    /// The key server.
    #[error("key server: {0}")]
    Signer(#[from] signer::Error),
    /// The certification authority.
    #[error("certification authority: {0}")]
    Ca(#[from] ca::Error),
    /// The time-stamping authority.
    #[error("time-stamping authority: {0}")]
    Tsa(#[from] tsa::Error),
    /// The issuer.
    #[error("issuer: {0}")]
    Issuer(#[from] issuer::Error),
    /// A time-stamp or evidence for a file.
    #[error(transparent)]
    Sealing(#[from] sealing::Error),
    /// The verifier.
    #[error("verifier: {0}")]
    Verifier(#[from] verifier::Error),
    /// The network of the world.
    #[error(transparent)]
    Network(#[from] world::network::NetworkError),
    /// A time that cannot be reached.
    #[error(transparent)]
    Time(#[from] world::time::TimeError),
    /// The plan that the world keeps.
    #[error("the plan that the world keeps cannot be read: {0}")]
    RecordedPlan(TomlError),
    /// A PDF.
    #[error(transparent)]
    Pdf(#[from] pades::Error),
    /// A certificate, message or token.
    #[error(transparent)]
    Pki(#[from] pki::Error),
    /// An answer of a service is not what was asked for.
    #[error("{service} answered with {found}, wanted {expected}")]
    Answer {
        /// The service.
        service: &'static str,
        /// What was wanted.
        expected: &'static str,
        /// What came.
        found: String,
    },
    /// A plan without organisations, which no file can be.
    #[error("the plan of the world has no organization that a certificate could name")]
    NoOrganization,
    /// There is no credential and no time-stamping unit of that name.
    #[error("there is no credential and no time-stamping unit named {name:?} to renew")]
    NothingToRenew {
        /// The name.
        name: String,
    },
    /// TLS cannot be served.
    #[error("TLS: {problem}")]
    Tls {
        /// Why not.
        problem: String,
    },
    /// A file of the world's folder.
    #[error("cannot use {file}: {source}", file = file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the system or the JSON reader said.
        source: std::io::Error,
    },
}
