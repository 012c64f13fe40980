//! The audit chain as it is stored: pages of entries, the signed head, and the verdict on all of it in one snapshot.

use world::store::{On, Row, Transaction, query};

use super::{SignerStore, hash};
use crate::audit::head::SignedHead;
use crate::audit::verification::{AuditFault, AuditVerdict, Verification};
use crate::audit::{Head, StoredEntry};
use crate::{Error, KeyId};
use pki::PublicKey;

/// Entries that are read at once.
const PAGE: i64 = 1000;

/// How much of the chain is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All of it; and it must have the entry that is known from earlier, number and hash.
    Whole { known: Option<(i64, String)> },
    /// So many of the newest entries.
    Newest(i64),
}

impl SignerStore {
    /// Reads the audit chain and compares it with the signed head and the counters in the same snapshot.
    pub(crate) async fn verify_audit(&self, key: &PublicKey, extent: Extent) -> Result<AuditVerdict, Error> {
        let mut snapshot = self.store.snapshot().await?;
        let mut verification = match extent {
            Extent::Whole { known } => Verification::new(Head::EMPTY, known),
            Extent::Newest(count) => Verification::new(before_the_newest(&mut snapshot, count).await?, None),
        };
        if let Err(broken) = read_entries(&mut snapshot, &mut verification).await? {
            return Ok(broken);
        }
        let head = signed_head(&mut snapshot).await?;
        if let Err(broken) = verification.check_head(head.as_ref().map(|(_, head)| head), key) {
            return Ok(broken);
        }
        Ok(verification.finish(counters(&mut snapshot).await?))
    }

    /// The verdict on a chain that was never signed, since the program that wrote it did not.
    pub(crate) async fn verify_unsigned_audit(&self) -> Result<AuditVerdict, Error> {
        let mut snapshot = self.store.snapshot().await?;
        let mut verification = Verification::new(Head::EMPTY, None);
        match read_entries(&mut snapshot, &mut verification).await? {
            Err(broken) => Ok(broken),
            Ok(()) => Ok(verification.finish(counters(&mut snapshot).await?)),
        }
    }

    /// The signed head, and which key signed it; `None` before the first.
    pub(crate) async fn audit_head(&self) -> Result<Option<(KeyId, SignedHead)>, Error> {
        signed_head(&self.store).await
    }

    /// Takes a head away that is no good, so that another key can sign the next.
    pub(crate) async fn forget_audit_head(&self) -> Result<(), Error> {
        query("DELETE FROM signer_audit_head").execute(&self.store).await?;
        Ok(())
    }

    /// At most `limit` entries after that number.
    pub(crate) async fn audit_entries(&self, after: i64, limit: i64) -> Result<Vec<StoredEntry>, Error> {
        entries(&self.store, after, limit).await
    }
}

/// Whether the stored chain still has the entry that is known, and leads from it, link by link, to the signed head.
pub(super) async fn check_continuation(
    connection: &mut Transaction<'_>,
    known: Head,
    key: &PublicKey,
) -> Result<Result<(), AuditVerdict>, Error> {
    let broken = |sequence, fault| Ok(Err(AuditVerdict::Broken { sequence, fault }));
    if known.sequence > 0 {
        match entries(&mut *connection, known.sequence - 1, 1).await?.first() {
            None => return broken(newest(&mut *connection).await? + 1, AuditFault::CutOff),
            Some(stored) if stored.sequence > known.sequence => return broken(stored.sequence, AuditFault::Missing),
            Some(stored) if stored.hash != known.hash => return broken(known.sequence, AuditFault::Rewritten),
            Some(_) => {}
        }
    }
    let mut verification = Verification::new(known, None);
    if let Err(broken) = read_entries(&mut *connection, &mut verification).await? {
        return Ok(Err(broken));
    }
    let head = signed_head(connection).await?;
    Ok(verification.check_head(head.as_ref().map(|(_, head)| head), key))
}

async fn newest(connection: &mut Transaction<'_>) -> Result<i64, Error> {
    Ok(query("SELECT COALESCE(MAX(sequence), 0) FROM signer_audit").fetch_value(connection).await?)
}

async fn read_entries(
    snapshot: &mut Transaction<'_>,
    verification: &mut Verification,
) -> Result<Result<(), AuditVerdict>, Error> {
    let mut last = if verification.sequence() == 0 { i64::MIN } else { verification.sequence() };
    loop {
        let page = entries(&mut *snapshot, last, PAGE).await?;
        let Some(newest) = page.last() else { return Ok(Ok(())) };
        last = newest.sequence;
        for stored in &page {
            if let Err(fault) = verification.take(stored) {
                return Ok(Err(AuditVerdict::Broken { sequence: stored.sequence, fault }));
            }
        }
    }
}

async fn entries(on: impl Into<On<'_>>, after: i64, limit: i64) -> Result<Vec<StoredEntry>, Error> {
    let text = "SELECT sequence, entry, hash FROM signer_audit WHERE sequence > $1 ORDER BY sequence LIMIT $2";
    let rows = query(text).bind(after).bind(limit).fetch_all(on).await?;
    let stored = |row: &Row| {
        let (sequence, entry) = (row.get("sequence")?, row.get("entry")?);
        Ok(StoredEntry { sequence, entry, hash: row.get("hash")? })
    };
    rows.iter().map(stored).collect()
}

/// The entry before the newest so many, whose hash is taken as it stands; nothing if there are not more.
async fn before_the_newest(snapshot: &mut Transaction<'_>, count: i64) -> Result<Head, Error> {
    let text = "SELECT sequence, hash FROM signer_audit \
        WHERE sequence = (SELECT MAX(sequence) - $1 FROM signer_audit)";
    let row = query(text).bind(count).fetch_optional(snapshot).await?;
    match row {
        Some(row) => {
            let hash = hash("signer_audit.hash", row.get("hash")?)?.0;
            Ok(Head { sequence: row.get("sequence")?, hash })
        }
        None => Ok(Head::EMPTY),
    }
}

async fn signed_head(on: impl Into<On<'_>>) -> Result<Option<(KeyId, SignedHead)>, Error> {
    let text = "SELECT key, head, signature FROM signer_audit_head WHERE id = 1";
    let row = query(text).fetch_optional(on).await?;
    row.map(|row| {
        let key = row.get::<&str>("key")?.parse()?;
        Ok((key, SignedHead { text: row.get("head")?, signature: row.get("signature")? }))
    })
    .transpose()
}

async fn counters(snapshot: &mut Transaction<'_>) -> Result<Vec<(KeyId, u64)>, Error> {
    let rows = query("SELECT id, uses FROM signer_key").fetch_all(snapshot).await?;
    let counter = |row: &Row| Ok((row.get::<&str>("id")?.parse()?, row.get::<i64>("uses")? as u64));
    rows.iter().map(counter).collect()
}
