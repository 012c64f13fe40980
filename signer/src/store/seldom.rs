//! What seldom events add, one statement each. In: an event and its time. Out: its rows.

use world::store::{Query, Transaction, query};

use crate::Error;
use crate::credential::WhenRevoked;
use crate::security_event::{Dated, SecurityEvent, StoredChain, StoredCredential};

/// Inserts what a seldom event adds; the others are left to [`super::batch::Batch`].
pub(super) async fn insert(connection: &mut Transaction<'_>, dated: &Dated) -> Result<(), Error> {
    let at = dated.at.to_string();
    let query = match &dated.event {
        SecurityEvent::KeyCreated(key) => query(
            "INSERT INTO signer_key (id, kind, origin, label, created_at, public_key, nonce, private_key) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(key.id.as_str())
        .bind(&key.kind)
        .bind(&key.origin)
        .bind(&key.label)
        .bind(at)
        .bind(&key.public_key)
        .bind(&key.nonce)
        .bind(&key.private_key),
        SecurityEvent::SecretSet { client, secret } => {
            query("INSERT INTO signer_client_secret (client, secret_hash, since) VALUES ($1, $2, $3)")
                .bind(client)
                .bind(&secret.0[..])
                .bind(at)
        }
        SecurityEvent::TokenIssued { token, client, expires_at } => {
            query("INSERT INTO signer_token (hash, client, issued_at, expires_at) VALUES ($1, $2, $3, $4)")
                .bind(&token.0[..])
                .bind(client)
                .bind(at)
                .bind(expires_at.to_string())
        }
        SecurityEvent::TokenRevoked { token } => {
            query("UPDATE signer_token SET revoked_at = $1 WHERE hash = $2 AND revoked_at IS NULL")
                .bind(at)
                .bind(&token.0[..])
        }
        SecurityEvent::CredentialRegistered { credential, chain } => {
            insert_credential(connection, credential, &at).await?;
            insert_chain(chain, at)
        }
        SecurityEvent::ChainReplaced(chain) => insert_chain(chain, at),
        SecurityEvent::CredentialStatusSet { credential, status } => {
            query("INSERT INTO signer_credential_status (credential, status, since) VALUES ($1, $2, $3)")
                .bind(credential)
                .bind(status.as_str())
                .bind(at)
        }
        SecurityEvent::Authorized(_)
        | SecurityEvent::Signed { .. }
        | SecurityEvent::SignedInside { .. }
        | SecurityEvent::BreakAccepted { .. } => {
            return Ok(());
        }
    };
    query.execute(connection).await?;
    Ok(())
}

fn insert_chain(chain: &StoredChain, at: String) -> Query<'_> {
    query("INSERT INTO signer_credential_chain (credential, key, chain, since) VALUES ($1, $2, $3, $4)")
        .bind(&chain.credential)
        .bind(chain.key.as_str())
        .bind(&chain.pem)
        .bind(at)
}

async fn insert_credential(
    connection: &mut Transaction<'_>,
    credential: &StoredCredential,
    at: &str,
) -> Result<(), Error> {
    query(
        "INSERT INTO signer_credential (id, client, description, scal, multisign, registered_at, signs_when_revoked) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&credential.id)
    .bind(&credential.client)
    .bind(&credential.description)
    .bind(credential.scal.number())
    .bind(i64::from(credential.multisign))
    .bind(at)
    .bind(credential.when_revoked == WhenRevoked::SignWithWarning)
    .execute(connection)
    .await?;
    Ok(())
}
