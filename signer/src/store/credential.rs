//! Credentials as they are stored: with every chain that each ever had, and its newest status.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

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
        let query = "SELECT c.client, c.description, c.scal, c.multisign, \
            (SELECT status FROM signer_credential_status s WHERE s.credential = c.id ORDER BY sequence DESC LIMIT 1) \
            AS status, c.signs_when_revoked \
            FROM signer_credential c WHERE c.id = $1";
        let Some(row) = sqlx::query(query).bind(id).fetch_optional(&self.pool).await? else { return Ok(None) };
        let query =
            "SELECT key, chain, since FROM signer_credential_chain WHERE credential = $1 ORDER BY sequence DESC";
        let chains = sqlx::query(query).bind(id).fetch_all(&self.pool).await?;
        let chains = chains.iter().map(|row| dated_chain(id, row)).collect::<Result<_, _>>()?;
        known_credential(id, &row, chains).map(Some)
    }

    /// The names of a client's credentials after `after`, in order.
    pub(crate) async fn credential_ids(&self, client: &str, after: &str, limit: i64) -> Result<Vec<String>, Error> {
        let query = "SELECT id FROM signer_credential WHERE client = $1 AND id > $2 ORDER BY id LIMIT $3";
        let rows = sqlx::query(query).bind(client).bind(after).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
    }
}

fn known_credential(id: &str, row: &SqliteRow, chains: Vec<DatedChain>) -> Result<KnownCredential, Error> {
    Ok(KnownCredential {
        credential: StoredCredential {
            id: id.to_owned(),
            client: row.try_get("client")?,
            description: row.try_get("description")?,
            scal: if row.try_get::<i64, _>("scal")? == 1 { Scal::One } else { Scal::Two },
            multisign: row.try_get::<i64, _>("multisign")? as u32,
            when_revoked: if row.try_get("signs_when_revoked")? {
                WhenRevoked::SignWithWarning
            } else {
                WhenRevoked::Refuse
            },
        },
        chains,
        status: match row.try_get::<Option<&str>, _>("status")? {
            Some("disabled") => CredentialStatus::Disabled,
            _ => CredentialStatus::Enabled,
        },
    })
}

fn dated_chain(id: &str, row: &SqliteRow) -> Result<DatedChain, Error> {
    let key = row.try_get::<&str, _>("key")?.parse()?;
    let chain = StoredChain { credential: id.to_owned(), key, pem: row.try_get("chain")? };
    Ok(DatedChain { chain, since: time(row.try_get("since")?)? })
}
