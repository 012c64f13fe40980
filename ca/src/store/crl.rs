//! What CRLs were made of: a hundred bytes each, of which the same CRL comes out again.

use jiff::Timestamp;
use world::store::{Row, composed, query};

use super::{Store, Written, moment, written};
use crate::Error;
use crate::authority::{AuthorityId, AuthorityName};

/// What [`made_crl`] reads.
const CRL: &str = "SELECT generation, number, this_update, last_fact, signature, der FROM ca_crl c";

/// What a CRL was made of.
pub(crate) struct MadeCrl {
    /// Which key of the authority signed it.
    pub(crate) generation: u32,
    pub(crate) number: u64,
    pub(crate) this_update: Timestamp,
    /// The newest fact of the issuer that was on record then, known at `this_update` or not; 0 for none.
    pub(crate) last_fact: i64,
    pub(crate) signature: Vec<u8>,
    /// The whole CRL, if it was made by a program that kept it so.
    pub(crate) der: Option<Vec<u8>>,
}

impl Store {
    /// The newest CRL that was signed with that key, if it is current at `at`: within its time, no fact was recorded since it was
    /// made, and none became known that it had to keep silent about because the clock had been set back.
    pub(crate) async fn current_crl(&self, issuer: &AuthorityName, at: Timestamp) -> Result<Option<MadeCrl>, Error> {
        let text = format!(
            "{CRL} WHERE issuer = $1 \
             AND number = (SELECT MAX(number) FROM ca_crl WHERE issuer = $1 AND generation = $3) \
             AND this_update <= $2 AND next_update > $2 \
             AND last_fact = (SELECT COALESCE(MAX(id), 0) FROM ca_fact WHERE issuer = $1) \
             AND NOT EXISTS (SELECT 1 FROM ca_fact f \
                 WHERE f.issuer = $1 AND f.recorded_at > c.this_update AND f.recorded_at <= $2)"
        );
        let query = composed(text).bind(issuer.id.as_str()).bind(at.as_second()).bind(issuer.generation);
        query.fetch_optional(&self.store).await?.as_ref().map(made_crl).transpose()
    }

    /// A CRL of an authority by its number.
    pub(crate) async fn crl(&self, issuer: &AuthorityId, number: u64) -> Result<Option<MadeCrl>, Error> {
        let Ok(number) = i64::try_from(number) else { return Ok(None) };
        let text = format!("{CRL} WHERE issuer = $1 AND number = $2");
        let query = composed(text).bind(issuer.as_str()).bind(number);
        query.fetch_optional(&self.store).await?.as_ref().map(made_crl).transpose()
    }

    /// The number of the newest CRL of an authority, whichever key signed it; 0 before the first.
    pub(crate) async fn last_crl_number(&self, issuer: &AuthorityId) -> Result<u64, Error> {
        let text = "SELECT COALESCE(MAX(number), 0) FROM ca_crl WHERE issuer = $1";
        let number: i64 = query(text).bind(issuer.as_str()).fetch_value(&self.store).await?;
        Ok(number.unsigned_abs())
    }

    /// Writes a new CRL down and forgets those of the issuer whose nextUpdate was before `forgotten_before`.
    pub(crate) async fn insert_crl(
        &self,
        issuer: &AuthorityId,
        new: &MadeCrl,
        next_update: Timestamp,
        forgotten_before: Timestamp,
    ) -> Result<Written, Error> {
        let insert = query(
            "INSERT INTO ca_crl (issuer, generation, number, this_update, next_update, last_fact, signature) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(issuer.as_str())
        .bind(new.generation)
        .bind(new.number as i64)
        .bind(new.this_update.as_second())
        .bind(next_update.as_second())
        .bind(new.last_fact)
        .bind(&new.signature)
        .execute(&self.store);
        if written(insert.await)? == Written::Collided {
            return Ok(Written::Collided);
        }
        query("DELETE FROM ca_crl WHERE issuer = $1 AND number < $2 AND next_update < $3")
            .bind(issuer.as_str())
            .bind(new.number as i64)
            .bind(forgotten_before.as_second())
            .execute(&self.store)
            .await?;
        Ok(Written::Yes)
    }
}

fn made_crl(row: &Row) -> Result<MadeCrl, Error> {
    Ok(MadeCrl {
        generation: row.get("generation")?,
        number: row.get::<i64>("number")?.unsigned_abs(),
        this_update: moment("this_update", row.get("this_update")?)?,
        last_fact: row.get("last_fact")?,
        signature: row.get::<Option<Vec<u8>>>("signature")?.unwrap_or_default(),
        der: row.get("der")?,
    })
}
