//! One world with all its services: opened or made, joined into one router, attached to the world's network.
//!
//! A world is made in steps that can each be repeated, so that one which was interrupted is completed at the next start.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use axum::Router;
use ca::{Ca, Profile, Subject};
use issuer::{ClientSecret, Issuer, Services};
use pki::KeyKind;
use serde::{Deserialize, Serialize};
use signer::{NewCredential, Scal, Signer};
use tsa::{NewUnit, Tsa};
use world::{World, server};

/// The keys that seals are offered with; the first is used when nothing is asked for.
pub const SEAL_KEYS: &[KeyKind] =
    &[KeyKind::P256, KeyKind::P384, KeyKind::Rsa { bits: 2048 }, KeyKind::Rsa { bits: 3072 }];

/// Badges are signed with RS256, the floor of Open Badges 3.0 clause 8.2.
const BADGE_KEY: KeyKind = KeyKind::Rsa { bits: 2048 };
const BADGE_CREDENTIAL: &str = "badge-rsa2048";

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
    /// Everything over HTTP, with the journal in front.
    pub services: Router,
}

/// How a client of the key server logs in. Kept in `csc-client.json` of the world's folder, for scripts and for the issuer.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Client {
    base_url: String,
    token_url: String,
    client_id: String,
    client_secret: ClientSecret,
    credential_ids: BTreeMap<String, String>,
    time_stamp_url: String,
}

impl Laboratory {
    /// Opens the services of a world, or makes them: hierarchy, key server's client and credentials, time-stamping unit.
    /// `authority_keys` counts when the hierarchy is made. `more` gives further addresses to serve beside the services' own.
    pub async fn open(
        world: &World,
        authority_keys: KeyKind,
        more: impl FnOnce(&Laboratory) -> Router,
    ) -> Result<Laboratory, Error> {
        let signer = Signer::open(world).await?;
        let ca = Ca::open(world, signer.clone()).await?;
        let tsa = Tsa::open(world, signer.clone()).await?;
        ca.create_hierarchy(authority_keys).await?;
        let client = client(world, &signer).await?;
        for kind in SEAL_KEYS {
            let common_name = format!("{ORGANIZATION} e-seal {kind}");
            credential(&signer, &ca, &seal_credential(*kind), *kind, Profile::Seal, &common_name).await?;
        }
        credential(&signer, &ca, BADGE_CREDENTIAL, BADGE_KEY, Profile::Badge, "TESTBED University badges").await?;
        time_stamping_unit(&signer, &ca, &tsa).await?;
        if let Some(folder) = &world.folder {
            ca.write_trust(&folder.join("trust")).await?;
        }
        let issuer = Issuer::open(world, services(client)).await?;
        let mut laboratory = Laboratory { world: world.clone(), signer, ca, tsa, issuer, services: Router::new() };
        laboratory.join(more);
        Ok(laboratory)
    }

    fn join(&mut self, more: impl FnOnce(&Laboratory) -> Router) {
        let services = Router::new()
            .merge(signer::router(self.signer.clone()))
            .merge(ca::router(self.ca.clone()))
            .merge(tsa::router(self.tsa.clone()))
            .merge(issuer::router(self.issuer.clone()))
            .merge(more(self));
        self.services = self.world.journal.in_front_of(server::complete(services));
        self.world.network.attach(self.services.clone());
    }
}

/// Id of the credential that seals with such a key, such as `seal-p256`.
pub fn seal_credential(kind: KeyKind) -> String {
    format!("seal-{}", kind.to_string().to_lowercase().replace('-', ""))
}

/// The address that the world in that folder was made with, if there is one.
pub fn recorded_base(folder: &Path) -> Option<String> {
    let client = read_client(&client_file(folder)).ok()??;
    Some(client.base_url.strip_suffix("/csc/v2")?.to_owned())
}

fn services(client: Client) -> Services {
    Services {
        key_server: client.base_url,
        client_id: client.client_id,
        client_secret: client.client_secret,
        time_stamping: client.time_stamp_url,
        seal_credential: seal_credential(SEAL_KEYS[0]),
        badge_credential: BADGE_CREDENTIAL.into(),
    }
}

/// The client that the issuer and other programs log in with. If its file is lost it is registered anew, since nobody else
/// knows the secret.
async fn client(world: &World, signer: &Signer) -> Result<Client, Error> {
    let file = world.folder.as_deref().map(client_file);
    if let Some(client) = file.as_deref().map(read_client).transpose()?.flatten() {
        return Ok(client);
    }
    let mut credential_ids: BTreeMap<String, String> =
        SEAL_KEYS.iter().map(|kind| (kind.to_string(), seal_credential(*kind))).collect();
    credential_ids.insert("seal".into(), seal_credential(SEAL_KEYS[0]));
    credential_ids.insert("badge".into(), BADGE_CREDENTIAL.into());
    let secret = match signer.register_client(CLIENT).await {
        Err(signer::Error::ClientExists { .. }) => signer.reset_client_secret(CLIENT).await?,
        registered => registered?,
    };
    let client = Client {
        base_url: format!("{}/csc/v2", world.base),
        token_url: format!("{}/csc/v2/oauth2/token", world.base),
        client_id: CLIENT.into(),
        client_secret: ClientSecret(secret),
        credential_ids,
        time_stamp_url: format!("{}/tsa", world.base),
    };
    if let Some(file) = file {
        let text = serde_json::to_string_pretty(&client).expect("texts can be written as JSON");
        write_private(&file, &text).map_err(|source| Error::ClientFile { file, source })?;
    }
    Ok(client)
}

fn client_file(folder: &Path) -> PathBuf {
    folder.join("csc-client.json")
}

fn read_client(file: &Path) -> Result<Option<Client>, Error> {
    match std::fs::read(file) {
        Ok(text) => serde_json::from_slice(&text)
            .map(Some)
            .map_err(|error| Error::ClientFile { file: file.into(), source: error.into() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::ClientFile { file: file.into(), source }),
    }
}

/// Writes a file that only its owner can read, whole or not at all.
fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let draft = file.with_extension("draft");
    let _ = std::fs::remove_file(&draft); // left by an interrupted start
    let mut open = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    open.write_all(text.as_bytes())?;
    open.sync_all()?;
    std::fs::rename(&draft, file)
}

/// A credential with a key made inside the key server and a certificate for it, unless it is there.
async fn credential(
    signer: &Signer,
    ca: &Ca,
    id: &str,
    kind: KeyKind,
    profile: Profile,
    common_name: &str,
) -> Result<(), Error> {
    if signer.has_credential(id).await? {
        return Ok(());
    }
    let key = signer.create_key(kind, id).await?;
    let chain = ca.enrol(profile, &subject(common_name), &signer.public_key(&key).await?).await?;
    let credential = NewCredential {
        id: id.into(),
        key,
        chain,
        client: CLIENT.into(),
        description: format!("{common_name} (TESTBED)"),
        scal: Scal::Two,
        multisign: MULTISIGN,
    };
    Ok(signer.register_credential(credential).await?)
}

async fn time_stamping_unit(signer: &Signer, ca: &Ca, tsa: &Tsa) -> Result<(), Error> {
    if !tsa.units().is_empty() {
        return Ok(());
    }
    let key = signer.create_key(KeyKind::P256, "tsa").await?;
    let subject = subject("Time-stamping unit 1");
    let chain = ca.enrol(Profile::TimeStamping, &subject, &signer.public_key(&key).await?).await?;
    Ok(tsa.add_unit(NewUnit::new("default".parse()?, key, chain)).await.map(|_| ())?)
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
    /// The file with the key server's client.
    #[error("cannot use {file}: {source}", file = file.display())]
    ClientFile {
        /// The file.
        file: PathBuf,
        /// What the system or the JSON reader said.
        source: std::io::Error,
    },
}
