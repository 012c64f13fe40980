//! How authorities work, as it was decided when they were made.

use world::store::{Query, Row, query};
use world::time::Duration;

use super::{Store, parsed};
use crate::Error;
use crate::authority::AuthorityId;
use crate::authority_plan::{AuthoritySettings, StatusAddresses};

const STATUS: [(&str, StatusAddresses); 3] =
    [("crl", StatusAddresses::Crl), ("ocsp", StatusAddresses::Ocsp), ("crl ocsp", StatusAddresses::CrlAndOcsp)];

/// The settings of one authority, and its place among those that were planned.
pub(crate) struct StoredSettings {
    pub(crate) id: AuthorityId,
    pub(crate) place: i64,
    pub(crate) settings: AuthoritySettings,
}

impl Store {
    /// Those of all authorities that have any.
    pub(crate) async fn settings(&self) -> Result<Vec<StoredSettings>, Error> {
        let text = "SELECT id, place, algorithm, ocsp_algorithm, crl_validity, ocsp_validity, status FROM ca_authority";
        query(text).fetch_all(&self.store).await?.iter().map(stored).collect()
    }
}

pub(super) fn insert(stored: &StoredSettings) -> Query<'static> {
    let StoredSettings { id, place, settings } = stored;
    let status = STATUS.iter().find(|(_, status)| *status == settings.status).map_or("crl ocsp", |(text, _)| *text);
    query(
        "INSERT INTO ca_authority (id, place, algorithm, ocsp_algorithm, crl_validity, ocsp_validity, status) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id.to_string())
    .bind(*place)
    .bind(settings.algorithm.to_string())
    .bind(settings.ocsp_algorithm.to_string())
    .bind(settings.crl_validity.map(|validity| validity.to_string()))
    .bind(settings.ocsp_validity.to_string())
    .bind(status)
}

fn stored(row: &Row) -> Result<StoredSettings, Error> {
    let crl_validity = row.get::<Option<&str>>("crl_validity")?;
    let status: &str = row.get("status")?;
    let known = STATUS.iter().find(|(text, _)| *text == status).map(|(_, status)| *status);
    Ok(StoredSettings {
        id: parsed("id", row.get("id")?)?,
        place: row.get("place")?,
        settings: AuthoritySettings {
            algorithm: parsed("algorithm", row.get("algorithm")?)?,
            ocsp_algorithm: parsed("ocsp_algorithm", row.get("ocsp_algorithm")?)?,
            crl_validity: crl_validity.map(|text| parsed::<Duration>("crl_validity", text)).transpose()?,
            ocsp_validity: parsed("ocsp_validity", row.get("ocsp_validity")?)?,
            status: known.ok_or_else(|| Error::Stored { column: "status", found: status.to_owned() })?,
        },
    })
}
