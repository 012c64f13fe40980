//! One world with all its services: opened or made, joined into one router, attached to the world's network.
//!
//! A world is made in steps that can each be repeated, so that one which was interrupted is completed at the next start.

mod client;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use ca::{Ca, Profile, Subject};
use issuer::{Issuer, Services};
use pki::{Certificate, KeyKind};
use signer::{KeyId, NewCredential, Scal, Signer};
use tsa::{NewUnit, Tsa, Unit, UnitName, Unusable};
use validation::Anchor;
use verifier::Verifier;
use world::{World, server};

/// The keys that seals are offered with; the first is used when nothing is asked for.
pub const SEAL_KEYS: &[KeyKind] =
    &[KeyKind::P256, KeyKind::P384, KeyKind::Rsa { bits: 2048 }, KeyKind::Rsa { bits: 3072 }];

/// Badges are signed with RS256, the floor of Open Badges 3.0 clause 8.2.
const BADGE_KEY: KeyKind = KeyKind::Rsa { bits: 2048 };
const BADGE_CREDENTIAL: &str = "badge-rsa2048";

const TIME_STAMPING_KEY: KeyKind = KeyKind::P256;
const TIME_STAMPING_UNIT: &str = "default";

const CLIENT: &str = "platform";
const ORGANIZATION: &str = "TESTBED University";
const ORGANIZATION_IDENTIFIER: &str = "NTRJP-9234567890123"; // invented; its check digit is right

/// How many signatures one authorization may cover.
const MULTISIGN: u32 = 1000;

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
    pub(crate) reach: Services,
    plans: Arc<[CredentialPlan]>,
}

/// Which credentials a world has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holdings {
    /// A seal credential for each of these kinds of key.
    pub seals: Vec<KeyKind>,
    /// Whether there is a credential for badges.
    pub badges: bool,
}

impl Holdings {
    /// What a world is served with: a seal for each of [`SEAL_KEYS`], and badges.
    pub fn all() -> Holdings {
        Holdings { seals: SEAL_KEYS.to_vec(), badges: true }
    }
}

impl Laboratory {
    /// Opens the services of a world, or makes them: hierarchy, key server's client and credentials, time-stamping unit.
    /// `authority_keys` counts when the hierarchy is made. `more` gives further addresses to serve beside the services' own.
    pub async fn open(
        world: &World,
        authority_keys: KeyKind,
        more: impl FnOnce(&Laboratory) -> Router,
    ) -> Result<Laboratory, Error> {
        Laboratory::open_with(world, authority_keys, &Holdings::all(), more).await
    }

    /// The same with fewer credentials, for a world that plays one story: keys take time to make.
    pub async fn open_with(
        world: &World,
        authority_keys: KeyKind,
        holdings: &Holdings,
        more: impl FnOnce(&Laboratory) -> Router,
    ) -> Result<Laboratory, Error> {
        let signer = Signer::open(world).await?;
        let ca = Ca::open(world, signer.clone()).await?;
        let tsa = Tsa::open(world, signer.clone()).await?;
        ca.create_hierarchy(authority_keys).await?;
        let reach = client::reach(world, &signer).await?;
        let issuer = Issuer::open(world, reach.clone(), client::issuer_secret(world, &signer).await?).await?;
        let (world, services, plans) = (world.clone(), Router::new(), credentials(holdings).into());
        let anchors = ca.anchors().await?.into_iter().map(Anchor::from).collect();
        let verifier = Verifier::new(&world, anchors);
        let mut laboratory = Laboratory { world, signer, ca, tsa, issuer, verifier, services, reach, plans };
        laboratory.renew_expired().await?;
        laboratory.write_trust().await?;
        laboratory.join(more);
        Ok(laboratory)
    }

    /// Gives new keys and certificates to those credentials and time-stamping units whose time has ended at the world's
    /// clock, or that are not there yet, as their operators would have done in time. Gives the names of what was renewed.
    ///
    /// Revoked or suspended certificates stay as they are: see [`Laboratory::renew`].
    pub async fn renew_expired(&self) -> Result<Vec<String>, Error> {
        let at = self.world.clock.now();
        let mut renewed = Vec::new();
        // In reverse: the default seal is the newest, and so the first in the trust folder.
        for plan in self.plans.iter().rev() {
            let ended = match self.signer.chain(&plan.id).await? {
                Some(chain) => at > chain[0].not_after(),
                None => true,
            };
            if ended {
                self.renew_credential(plan).await?;
                renewed.push(plan.id.clone());
            }
        }
        let units = self.tsa.units();
        let ended = |unit: &Unit| matches!(unit.unusable_at(at), Some(Unusable::NoLonger { .. }));
        for name in units.iter().filter(|unit| ended(unit)).map(|unit| unit.name().clone()) {
            self.renew_unit(&name).await?;
            renewed.push(name.to_string());
        }
        if units.is_empty() {
            self.renew_unit(&TIME_STAMPING_UNIT.parse()?).await?;
            renewed.push(TIME_STAMPING_UNIT.into());
        }
        if !renewed.is_empty() {
            self.write_trust().await?;
        }
        Ok(renewed)
    }

    /// Gives one credential or time-stamping unit a new key and certificate, whatever the old one's state.
    pub async fn renew(&self, name: &str) -> Result<Certificate, Error> {
        let certificate = match self.plans.iter().find(|plan| plan.id == name) {
            Some(plan) => self.renew_credential(plan).await?,
            None => match self.tsa.units().iter().find(|unit| unit.name().as_str() == name) {
                Some(unit) => self.renew_unit(unit.name()).await?,
                None => return Err(Error::NothingToRenew { name: name.into() }),
            },
        };
        self.write_trust().await?;
        Ok(certificate)
    }

    async fn renew_credential(&self, plan: &CredentialPlan) -> Result<Certificate, Error> {
        let key = self.signer.create_key(plan.kind, &plan.id).await?;
        let public_key = self.signer.public_key(&key).await?;
        let chain = self.ca.enrol(plan.profile, &subject(&plan.common_name), &public_key).await?;
        let certificate = chain[0].clone();
        if self.signer.has_credential(&plan.id).await? {
            self.signer.replace_chain(&plan.id, &key, &chain).await?;
            return Ok(certificate);
        }
        let credential = NewCredential {
            id: plan.id.clone(),
            key,
            chain,
            client: CLIENT.into(),
            description: format!("{} (TESTBED)", plan.common_name),
            scal: Scal::Two,
            multisign: MULTISIGN,
        };
        self.signer.register_credential(credential).await?;
        Ok(certificate)
    }

    /// A new key with a seal certificate that no credential has: what a story needs to seal in ways that the issuer would not.
    pub(crate) async fn seal_certificate(&self, common_name: &str) -> Result<(KeyId, Vec<Certificate>), Error> {
        let key = self.signer.create_key(SEAL_KEYS[0], common_name).await?;
        let public_key = self.signer.public_key(&key).await?;
        let chain = self.ca.enrol(Profile::Seal, &subject(common_name), &public_key).await?;
        Ok((key, chain))
    }

    async fn renew_unit(&self, name: &UnitName) -> Result<Certificate, Error> {
        let key = self.signer.create_key(TIME_STAMPING_KEY, "tsa").await?;
        let subject = subject(&format!("{ORGANIZATION} time-stamping unit {name}"));
        let chain = self.ca.enrol(Profile::TimeStamping, &subject, &self.signer.public_key(&key).await?).await?;
        let certificate = chain[0].clone();
        if self.tsa.units().iter().any(|unit| unit.name() == name) {
            self.tsa.renew_unit(name, key, chain).await?;
        } else {
            self.tsa.add_unit(NewUnit::new(name.clone(), key, chain)).await?;
        }
        Ok(certificate)
    }

    /// Waits until what is written behind the answers is on disk: counts of signatures, and the journal. Nothing else is.
    pub async fn flush(&self) -> Result<(), Error> {
        self.signer.flush().await?;
        self.world.journal.flush().await;
        Ok(())
    }

    /// A clean stop: everything is on disk, and the database alone in its folder. Whoever still asks is refused.
    pub async fn close(&self) -> Result<(), Error> {
        let counted = self.signer.flush().await;
        self.world.close().await?; // also on a full disk
        Ok(counted?)
    }

    /// Whether this world could seal now: a real signature by the seal's key, a real time-stamp, and something written down.
    /// All three are thrown away.
    pub async fn probe(&self) -> Result<(), Error> {
        self.world.store.probe().await?;
        self.signer.probe_credential(&self.reach.seal_credential).await?;
        Ok(self.tsa.probe().await?)
    }

    /// Writes the trust folder of a world that has a folder, for tools that want files.
    pub async fn write_trust(&self) -> Result<(), Error> {
        match &self.world.folder {
            Some(folder) => Ok(self.ca.write_trust(&folder.join("trust")).await?),
            None => Ok(()),
        }
    }

    fn join(&mut self, more: impl FnOnce(&Laboratory) -> Router) {
        let services = Router::new()
            .merge(signer::router(self.signer.clone()))
            .merge(ca::router(self.ca.clone()))
            .merge(tsa::router(self.tsa.clone()))
            .merge(issuer::router(self.issuer.clone()))
            .merge(verifier::router(self.verifier.clone()))
            .merge(more(self));
        self.services = self.world.journal.in_front_of(server::complete(services));
        self.world.network.attach(self.services.clone());
    }
}

/// Id of the credential that seals with such a key, such as `seal-p256`.
pub fn seal_credential(kind: KeyKind) -> String {
    format!("seal-{}", kind.to_string().to_lowercase().replace('-', ""))
}

/// A credential of a world.
struct CredentialPlan {
    id: String,
    kind: KeyKind,
    profile: Profile,
    common_name: String,
}

/// The credentials of a world: a seal for each kind of key, and the one for badges.
fn credentials(holdings: &Holdings) -> Vec<CredentialPlan> {
    let seal = |kind: &KeyKind| CredentialPlan {
        id: seal_credential(*kind),
        kind: *kind,
        profile: Profile::Seal,
        common_name: format!("{ORGANIZATION} e-seal {kind}"),
    };
    let badge = CredentialPlan {
        id: BADGE_CREDENTIAL.into(),
        kind: BADGE_KEY,
        profile: Profile::Badge,
        common_name: format!("{ORGANIZATION} badges"),
    };
    holdings.seals.iter().map(seal).chain(holdings.badges.then_some(badge)).collect()
}

fn subject(common_name: &str) -> Subject {
    Subject {
        country: "JP".into(),
        organization: ORGANIZATION.into(),
        organization_identifier: ORGANIZATION_IDENTIFIER.into(),
        common_name: common_name.into(),
    }
}

/// Why a world's services could not be opened or made.
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
    /// There is no credential and no time-stamping unit of that name.
    #[error("there is no credential and no time-stamping unit named {name:?} to renew")]
    NothingToRenew {
        /// The name.
        name: String,
    },
    /// The file for the key server's clients.
    #[error("cannot use {file}: {source}", file = file.display())]
    ClientFile {
        /// The file.
        file: PathBuf,
        /// What the system or the JSON reader said.
        source: std::io::Error,
    },
}
