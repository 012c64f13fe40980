//! What most events add, a whole batch in one text of SQL: its statements run on the database's thread one after another,
//! which is woken once for all of them.
//!
//! A text stays prepared as long as it comes back. So it has few lengths: for SQLite lists are filled up with NULL to the next power
//! of two, and rows of NULL are left out again by the statement itself; for PostgreSQL, where each statement is a text of its own, they
//! are cut into powers of two.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pki::Digest;
use world::store::{DatabaseError, Dialect, Script, Value};

use crate::audit::head::{HeadKey, SignedHead};
use crate::audit::{Head, StoredEntry};
use crate::security_event::{Dated, Grant, SecurityEvent};
use crate::{Error, KeyId};

/// Rows of one statement.
const LARGEST_STATEMENT: usize = 128;

/// The end of the audit chain and of the ledger, after which a batch is added.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub(super) head: Head,
    pub(super) last_row: i64,
}

/// Everything that a batch of events adds, worked out.
pub(super) struct Batch<'a> {
    grants: Vec<Granted<'a>>,
    consumed: Vec<i64>,
    consumed_at: Option<Timestamp>,
    uses: BTreeMap<&'a KeyId, i64>,
    entries: Vec<StoredEntry>,
    /// The entry that the first of them follows.
    before: Head,
    head: SignedHead,
    head_key: &'a KeyId,
    /// Whether it is the first that is signed: with the event that its key was made.
    is_first_head: bool,
    /// For each event its first ledger row, or 0.
    pub(super) first_rows: Vec<i64>,
    /// Where the next batch is added.
    pub(super) ends: Ends,
}

/// A grant and its first row of the ledger.
struct Granted<'a> {
    at: Timestamp,
    grant: &'a Grant,
    first_row: i64,
}

impl<'a> Batch<'a> {
    pub(super) fn new(events: &[&'a Dated], ends: Ends, head_key: &'a HeadKey) -> Result<Batch<'a>, Error> {
        let mut batch = Batch {
            grants: Vec::new(),
            consumed: Vec::new(),
            consumed_at: None,
            uses: BTreeMap::new(),
            entries: Vec::with_capacity(events.len()),
            before: ends.head,
            head: SignedHead { text: String::new(), signature: Vec::new() },
            head_key: head_key.id(),
            is_first_head: events.iter().any(|dated| dated.event.makes_audit_key()),
            first_rows: Vec::with_capacity(events.len()),
            ends,
        };
        for dated in events {
            let first_row = batch.add(dated);
            batch.first_rows.push(first_row);
            batch.entries.push(batch.ends.head.append(dated));
        }
        if let Some(last) = events.last() {
            batch.head = head_key.sign(&batch.ends.head, last.at)?;
        }
        Ok(batch)
    }

    fn add(&mut self, dated: &'a Dated) -> i64 {
        match &dated.event {
            SecurityEvent::Authorized(grant) => {
                let first_row = self.ends.last_row + 1;
                self.ends.last_row += grant.signatures.count() as i64;
                self.grants.push(Granted { at: dated.at, grant, first_row });
                return first_row;
            }
            SecurityEvent::Signed { rows, key, .. } => {
                self.consumed.extend(rows);
                self.consumed_at = Some(dated.at);
                *self.uses.entry(key).or_default() += rows.len() as i64;
            }
            SecurityEvent::SignedInside { key, count, .. } => *self.uses.entry(key).or_default() += *count as i64,
            _ => {}
        }
        0
    }

    /// Its statements. They fail if one ledger row was consumed before, a key is gone, another key signs heads, or the entry is gone
    /// that this follows: see [`refused`].
    pub(super) fn push<'q>(&'q self, script: &mut Script<'q>) {
        self.push_grants(script);
        let rows = self.grants.iter().flat_map(Granted::rows);
        let rows: Vec<_> = rows.map(|(id, digest)| vec![id.into(), digest.into()]).collect();
        push_rows(script, "signer_ledger (id, digest)", &rows);
        self.push_consumed(script);
        for (key, count) in &self.uses {
            script.push("UPDATE signer_key SET uses = uses + ").push_bind(*count);
            script.push(" WHERE id = ").push_bind(key.as_str()).end_changing(1, NO_SUCH_KEY);
        }
        let entry = |entry: &'q StoredEntry| {
            vec![entry.sequence.into(), entry.entry.as_str().into(), Value::from(&entry.hash[..])]
        };
        let entries: Vec<_> = self.entries.iter().map(entry).collect();
        push_rows(script, "signer_audit (sequence, entry, hash)", &entries);
        self.push_head(script);
    }

    /// The one row of heads gets another number, which its table does not take, if the entry that it follows is not there, or the
    /// head before it.
    fn push_head<'q>(&'q self, script: &mut Script<'q>) {
        script.push("INSERT INTO signer_audit_head (id, key, head, signature) SELECT CASE WHEN (0 = ");
        script.push_bind(self.before.sequence);
        script.push(" OR EXISTS (SELECT 1 FROM signer_audit WHERE sequence = ").push_bind(self.before.sequence);
        script.push(" AND hash = ").push_bind(&self.before.hash[..]).push(")) AND (0 <> ");
        script.push_bind(self.is_first_head).push(" OR EXISTS (SELECT 1 FROM signer_audit_head)) THEN 1 ELSE 2 END, ");
        script.push_bind(self.head_key.as_str()).push(", ").push_bind(self.head.text.as_str()).push(", ");
        script.push_bind(&self.head.signature[..]);
        script.push(
            " WHERE true ON CONFLICT (id) DO UPDATE SET \
             id = CASE WHEN signer_audit_head.key = excluded.key THEN 1 ELSE 2 END, \
             head = excluded.head, signature = excluded.signature",
        );
        script.end();
    }

    fn push_grants<'q>(&'q self, script: &mut Script<'q>) {
        let into = "signer_authorization (first_row, sad_hash, client, credential, digest_oid, granted_at, expires_at, \
            signatures, key)";
        let row = |Granted { at, grant, first_row }: &Granted<'q>| {
            let digest = grant.signatures.digests().first();
            vec![
                (*first_row).into(),
                Value::from(&grant.sad.0[..]),
                (&*grant.client).into(),
                (&*grant.credential).into(),
                digest.map(|digest| digest.algorithm().oid().to_string()).into(),
                at.to_string().into(),
                grant.expires_at.to_string().into(),
                (grant.signatures.count() as i64).into(),
                grant.key.as_str().into(),
            ]
        };
        push_rows(script, into, &self.grants.iter().map(row).collect::<Vec<_>>());
    }

    fn push_consumed<'q>(&self, script: &mut Script<'q>) {
        let at = self.consumed_at.map(|at| at.to_string()).unwrap_or_default();
        for some in steps(&self.consumed, script.dialect()) {
            script.push("UPDATE signer_ledger SET consumed_at = ").push_bind(at.clone());
            script.push(" WHERE consumed_at IS NULL AND id IN (");
            script.push_values(filled_up(some, script.dialect()).map(|row| row.copied().into())).push(")");
            script.end_changing(some.len() as i64, CONSUMED_BEFORE);
        }
    }
}

/// Heads that their table does not take: it has room for one, number 1, and that has a key.
const CONSUMED_BEFORE: &str = "INSERT INTO signer_audit_head (id, key, head, signature) SELECT 2, '', '', ''";
const NO_SUCH_KEY: &str = "INSERT INTO signer_audit_head (id, key, head, signature) SELECT 1, NULL, '', ''";

/// Why a batch was not taken: one of its statements refused it, or the database cannot write.
pub(super) fn refused(failure: DatabaseError) -> Error {
    match &failure {
        DatabaseError::Database(error) if error.is_check_violation() => Error::AlreadyConsumed,
        _ => failure.into(),
    }
}

impl<'a> Granted<'a> {
    /// Its rows of the ledger: number, and digest unless any may be signed.
    fn rows(&self) -> impl Iterator<Item = (i64, Option<&'a [u8]>)> {
        let digests = self.grant.signatures.digests();
        let numbers = (self.first_row..).take(self.grant.signatures.count());
        numbers.enumerate().map(|(index, number)| (number, digests.get(index).map(Digest::as_bytes)))
    }
}

/// Adds rows to `into`, a table with its columns in parentheses.
fn push_rows<'q>(script: &mut Script<'q>, into: &str, rows: &[Vec<Value<'q>>]) {
    let columns = into.matches(',').count() + 1;
    for some in steps(rows, script.dialect()) {
        // PostgreSQL knows the types of values only where they go into the table at once.
        let (before, after) = match script.dialect() {
            Dialect::Sqlite => (" SELECT * FROM (VALUES ", ") WHERE column1 IS NOT NULL"),
            Dialect::Postgres => (" VALUES ", ""),
        };
        script.push("INSERT INTO ").push(into).push(before);
        for (number, row) in filled_up(some, script.dialect()).enumerate() {
            script.push(if number == 0 { "(" } else { ", (" });
            match row {
                Some(row) => script.push_values(row.iter().cloned()),
                None => script.push_values((0..columns).map(|_| Value::Null)),
            };
            script.push(")");
        }
        script.push(after).end();
    }
}

/// The rows of each statement.
fn steps<T>(mut rows: &[T], dialect: Dialect) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = match dialect {
            Dialect::Sqlite => rows.len().min(LARGEST_STATEMENT),
            Dialect::Postgres => (1 << rows.len().checked_ilog2()?).min(LARGEST_STATEMENT),
        };
        let (step, rest) = rows.split_at(length);
        rows = rest;
        (length > 0).then_some(step)
    })
}

/// The rows, then, for SQLite, nothing up to the next power of two.
fn filled_up<T>(rows: &[T], dialect: Dialect) -> impl Iterator<Item = Option<&T>> {
    let length = match dialect {
        Dialect::Sqlite => rows.len().next_power_of_two(),
        Dialect::Postgres => rows.len(),
    };
    rows.iter().map(Some).chain(std::iter::repeat_with(|| None)).take(length)
}
