//! Credentials as they are stored: with every chain that each ever had, and its newest status.

use jiff::Timestamp;
use world::store::{Row, query};

use super::{SignerStore, time};
use crate::Error;
use crate::credential::{CredentialStatus, Scal, WhenRevoked};
use crate::security_event::{StoredChain, StoredCredential};

/// A credential with all its chains, the last recorded first, and its newest status.
pub(crate) struct KnownCredential {
    pub(crate) credential: StoredCredential,
    pub(crate) chains: Vec<DatedChain>,
    pub(crate) status: CredentialStatus,
}

/// A chain and the world's time at which its credential got it.
pub(crate) struct DatedChain {
    pub(crate) chain: StoredChain,
    pub(crate) since: Timestamp,
}

impl SignerStore {
    pub(crate) async fn credential(&self, id: &str) -> Result<Option<KnownCredential>, Error> {
        let text = "SELECT c.client, c.description, c.scal, c.multisign, \
            (SELECT status FROM signer_credential_status s WHERE s.credential = c.id ORDER BY sequence DESC LIMIT 1) \
            AS status, c.signs_when_revoked \
            FROM signer_credential c WHERE c.id = $1";
        let Some(row) = query(text).bind(id).fetch_optional(&self.store).await? else { return Ok(None) };
        let text = "SELECT key, chain, since FROM signer_credential_chain WHERE credential = $1 ORDER BY sequence DESC";
        let chains = query(text).bind(id).fetch_all(&self.store).await?;
        let chains = chains.iter().map(|row| dated_chain(id, row)).collect::<Result<_, _>>()?;
        known_credential(id, &row, chains).map(Some)
    }

    /// The names of a client's credentials after `after`, in order.
    pub(crate) async fn credential_ids(&self, client: &str, after: &str, limit: i64) -> Result<Vec<String>, Error> {
        let text = "SELECT id FROM signer_credential WHERE client = $1 AND id > $2 ORDER BY id LIMIT $3";
        let rows = query(text).bind(client).bind(after).bind(limit).fetch_all(&self.store).await?;
        rows.iter().map(|row| Ok(row.get("id")?)).collect()
    }
}

fn known_credential(id: &str, row: &Row, chains: Vec<DatedChain>) -> Result<KnownCredential, Error> {
    Ok(KnownCredential {
        credential: StoredCredential {
            id: id.to_owned(),
            client: row.get("client")?,
            description: row.get("description")?,
            scal: if row.get::<i64>("scal")? == 1 { Scal::One } else { Scal::Two },
            multisign: row.get::<i64>("multisign")? as u32,
            when_revoked: if row.get("signs_when_revoked")? {
                WhenRevoked::SignWithWarning
            } else {
                WhenRevoked::Refuse
            },
        },
        chains,
        status: match row.get::<Option<&str>>("status")? {
            Some("disabled") => CredentialStatus::Disabled,
            _ => CredentialStatus::Enabled,
        },
    })
}

fn dated_chain(id: &str, row: &Row) -> Result<DatedChain, Error> {
    let key = row.get::<&str>("key")?.parse()?;
    let chain = StoredChain { credential: id.to_owned(), key, pem: row.get("chain")? };
    Ok(DatedChain { chain, since: time(row.get("since")?)? })
}
