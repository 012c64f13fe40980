//! Under which keys the certificates of rows in hand are found. In: rows with their own keys, which know no version of a template. Out: the
//! keys of certificates, which do: a row is made by the newest version that there is when it is worked on.

use super::store::{Lease, Leased};
use crate::completion::Completion;
use crate::error::Error;
use crate::identity::Identity;
use crate::issue::Issuer;
use crate::template::USUAL;

/// Of each row, in their order.
pub(super) async fn of_rows(issuer: &Issuer, lease: &Lease) -> Result<Vec<String>, Error> {
    let later = issuer.later_versions().await?;
    let key = |row: &Leased| {
        if later.is_empty() {
            return row.key.clone(); // nothing has to be read for that
        }
        let Ok(completion) = Completion::from_json(row.data.as_bytes()) else { return row.key.clone() };
        let version = later.get(completion.template().unwrap_or(USUAL)).copied().unwrap_or(1);
        let organization = row.organization.as_deref().unwrap_or(&lease.batch.options.organization);
        of_row(row, organization, &completion, version)
    };
    Ok(lease.rows.iter().map(key).collect())
}

/// Of a row that is made by that version. A key that the registrar gave names none.
pub(super) fn of_row(row: &Leased, organization: &str, completion: &Completion, version: u32) -> String {
    if version <= 1 {
        return row.key.clone();
    }
    let made = Identity::of(organization, completion);
    if made.key == row.key { made.under(version).key } else { row.key.clone() }
}
