//! Secrets that a world keeps under its root key: with which the issuer and other programs log in to the key server, and from
//! which the issuer makes confirmation codes.
//!
//! Both lie wrapped in the database, which is with `root.key` all that a backup needs. `csc-client.json` of the world's
//! folder tells the first one to scripts, and is written anew when it is not there.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use issuer::{Issuer, Secret};
use sealing::{ClientSecret, Services};
use serde::{Deserialize, Serialize};
use signer::Signer;
use tempfile::NamedTempFile;
use world::World;

use super::{CLIENT, Error};
use crate::plan::{CredentialProfile, WorldPlan};

/// Names under which the key server keeps them.
const CLIENT_SECRET: &str = "client platform";
const ISSUER_SECRET: &str = "issuer";

/// How a client of the key server logs in, as `csc-client.json` tells it.
#[derive(PartialEq, Serialize, Deserialize)]
struct Client {
    base_url: String,
    token_url: String,
    client_id: String,
    client_secret: String,
    credential_ids: BTreeMap<String, String>,
    time_stamp_url: String,
}

/// How the issuer reaches key server and time-stamping authority; tells other programs the same in the world's folder.
pub(super) async fn reach(world: &World, signer: &Signer, plan: &WorldPlan) -> Result<Services, Error> {
    let file = world.folder.as_deref().map(|folder| folder.join("csc-client.json"));
    let secret = client_secret(signer, file.as_deref()).await?;
    let client = Client::of(world, plan, secret);
    if let Some(file) = file
        && !matches!(read(&file), Ok(Some(written)) if written == client)
    {
        let text = serde_json::to_string_pretty(&client).expect("texts can be written as JSON");
        if let Err(error) = write_whole(&file, &text, 0o600) {
            tracing::warn!(file = %file.display(), %error, "it is derived, and is written at the next start");
        }
    }
    Ok(Services {
        key_server: client.base_url,
        client_id: client.client_id,
        client_secret: ClientSecret(client.client_secret),
        time_stamping: client.time_stamp_url,
    })
}

/// The secret that is kept, or the one that an earlier version left in the file alone; else a new one.
async fn client_secret(signer: &Signer, file: Option<&Path>) -> Result<String, Error> {
    let kept = signer.secret(CLIENT_SECRET).await?.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
    let in_file = || -> Result<Option<String>, Error> {
        Ok(file.map(read).transpose()?.flatten().map(|client| client.client_secret))
    };
    let known = match kept.clone() {
        Some(kept) => Some(kept),
        None => in_file()?,
    };
    let secret = match known {
        Some(secret) if signer.knows_secret(CLIENT, &secret).await? == Some(true) => secret,
        _ => match signer.register_client(CLIENT).await {
            Err(signer::Error::ClientExists { .. }) => signer.reset_client_secret(CLIENT).await?,
            registered => registered?,
        },
    };
    if kept.as_ref() != Some(&secret) {
        signer.keep_secret(CLIENT_SECRET, secret.as_bytes()).await?;
    }
    Ok(secret)
}

/// The secret behind confirmation codes and salts. What an earlier version kept in the clear is taken over and wiped out.
pub(super) async fn issuer_secret(world: &World, signer: &Signer) -> Result<Secret, Error> {
    let plain = Issuer::plain_secret(world).await?;
    let kept = signer.secret(ISSUER_SECRET).await?.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
    let secret = kept.or(plain).unwrap_or_else(world::random::bytes);
    if kept.is_none() {
        signer.keep_secret(ISSUER_SECRET, &secret).await?;
    }
    if plain.is_some() {
        Issuer::forget_plain_secret(world).await?;
    }
    Ok(Secret::new(secret))
}

impl Client {
    /// The credentials that seal stand there by the kinds of their keys, of several with one kind the first.
    fn of(world: &World, plan: &WorldPlan, client_secret: String) -> Client {
        let seals = plan.credentials.iter().filter(|credential| credential.profile == CredentialProfile::Seal);
        let by_kind = seals.rev().map(|seal| (seal.algorithm.to_string(), seal.id.clone()));
        let mut credential_ids: BTreeMap<String, String> = by_kind.collect();
        for (name, profile) in [("seal", CredentialProfile::Seal), ("badge", CredentialProfile::Badge)] {
            let default = plan.default_credential(profile).map(|credential| credential.id.clone());
            credential_ids.extend(default.map(|id| (name.to_owned(), id)));
        }
        Client {
            base_url: format!("{}/csc/v2", world.base),
            token_url: format!("{}/csc/v2/oauth2/token", world.base),
            client_id: CLIENT.into(),
            client_secret,
            credential_ids,
            time_stamp_url: format!("{}/tsa", world.base),
        }
    }
}

fn read(file: &Path) -> Result<Option<Client>, Error> {
    let failed = |source| Error::File { file: file.into(), source };
    match std::fs::read(file) {
        Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|error| failed(error.into())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(failed(source)),
    }
}

/// Writes a file with that mode, whole or not at all.
pub(crate) fn write_whole(file: &Path, text: &str, mode: u32) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut draft = NamedTempFile::new_in(folder)?;
    draft.write_all(text.as_bytes())?;
    draft.as_file().set_permissions(Permissions::from_mode(mode))?; // whatever the umask takes away
    draft.as_file().sync_all()?;
    draft.persist(file)?;
    Ok(())
}
