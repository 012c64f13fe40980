//! What most events add, a whole batch in one text of SQL: its statements run on the database's thread one after another,
//! which is woken once for all of them.
//!
//! A text stays prepared as long as it comes back. So it has few lengths: lists are filled up with NULL to the next power of
//! two, and rows of NULL are left out again by the statement itself.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pki::Digest;
use sqlx::query_builder::Separated;
use sqlx::{QueryBuilder, Sqlite};

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
    pub(super) fn push(&self, sql: &mut QueryBuilder<Sqlite>) {
        let rows: Vec<_> = self.grants.iter().flat_map(Granted::rows).collect();
        self.push_grants(sql);
        push_rows(sql, "signer_ledger (id, digest)", &rows, |row, (id, digest)| {
            row.push_bind(*id).push_bind(*digest);
        });
        self.push_consumed(sql);
        for (key, count) in &self.uses {
            sql.push("UPDATE signer_key SET uses = uses + ").push_bind(*count);
            sql.push(" WHERE id = ").push_bind(key.as_str()).push(";");
            push_check(sql, 1, NO_SUCH_KEY);
        }
        push_rows(sql, "signer_audit (sequence, entry, hash)", &self.entries, |row, entry| {
            row.push_bind(entry.sequence).push_bind(entry.entry.as_str()).push_bind(&entry.hash[..]);
        });
        self.push_head(sql);
    }

    /// The one row of heads gets another number, which its table does not take, if the entry that it follows is not there, or the
    /// head before it.
    fn push_head(&self, sql: &mut QueryBuilder<Sqlite>) {
        sql.push("INSERT INTO signer_audit_head (id, key, head, signature) SELECT 2 - ((0 = ");
        sql.push_bind(self.before.sequence);
        sql.push(" OR EXISTS (SELECT 1 FROM signer_audit WHERE sequence = ").push_bind(self.before.sequence);
        sql.push(" AND hash = ").push_bind(&self.before.hash[..]).push(")) AND (");
        sql.push_bind(self.is_first_head).push(" OR EXISTS (SELECT 1 FROM signer_audit_head))), ");
        sql.push_bind(self.head_key.as_str()).push(", ").push_bind(self.head.text.as_str()).push(", ");
        sql.push_bind(&self.head.signature[..]);
        sql.push(
            " WHERE true ON CONFLICT (id) DO UPDATE SET id = 2 - (key = excluded.key), head = excluded.head, \
             signature = excluded.signature;",
        );
    }

    fn push_grants(&self, sql: &mut QueryBuilder<Sqlite>) {
        let into = "signer_authorization (first_row, sad_hash, client, credential, digest_oid, granted_at, expires_at, \
            signatures, key)";
        push_rows(sql, into, &self.grants, |row, Granted { at, grant, first_row }| {
            let digest = grant.signatures.digests().first();
            row.push_bind(*first_row)
                .push_bind(&grant.sad.0[..])
                .push_bind(&*grant.client)
                .push_bind(&*grant.credential)
                .push_bind(digest.map(|digest| digest.algorithm().oid().to_string()))
                .push_bind(at.to_string())
                .push_bind(grant.expires_at.to_string())
                .push_bind(grant.signatures.count() as i64)
                .push_bind(grant.key.as_str());
        });
    }

    fn push_consumed(&self, sql: &mut QueryBuilder<Sqlite>) {
        let at = self.consumed_at.map(|at| at.to_string()).unwrap_or_default();
        for some in self.consumed.chunks(LARGEST_STATEMENT) {
            sql.push("UPDATE signer_ledger SET consumed_at = ").push_bind(at.clone());
            sql.push(" WHERE consumed_at IS NULL AND id IN (");
            let mut list = sql.separated(", ");
            for row in filled_up(some) {
                list.push_bind(row.copied());
            }
            sql.push(");");
            push_check(sql, some.len() as i64, CONSUMED_BEFORE);
        }
    }
}

/// Heads that their table does not take: it has room for one, number 1, and that has a key.
const CONSUMED_BEFORE: &str = "2, ''";
const NO_SUCH_KEY: &str = "1, NULL";

/// Fails unless the statement before changed so many rows, by a head that cannot be.
fn push_check(sql: &mut QueryBuilder<Sqlite>, changed: i64, impossible_head: &str) {
    sql.push("INSERT INTO signer_audit_head (id, key, head, signature) SELECT ").push(impossible_head);
    sql.push(", '', x'' WHERE changes() <> ").push_bind(changed).push(";");
}

/// Why a batch was not taken: one of its statements refused it, or the database cannot write.
pub(super) fn refused(failure: sqlx::Error) -> Error {
    match &failure {
        sqlx::Error::Database(error) if error.is_check_violation() => Error::AlreadyConsumed,
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
fn push_rows<'b, T>(
    sql: &mut QueryBuilder<Sqlite>,
    into: &str,
    rows: &'b [T],
    bind: impl Fn(&mut Separated<'_, Sqlite, &'static str>, &'b T),
) {
    let columns = into.matches(',').count() + 1;
    for some in rows.chunks(LARGEST_STATEMENT) {
        sql.push("INSERT INTO ").push(into).push(" SELECT * FROM (VALUES ");
        for (number, row) in filled_up(some).enumerate() {
            sql.push(if number == 0 { "(" } else { "), (" });
            let mut values = sql.separated(", ");
            match row {
                Some(row) => bind(&mut values, row),
                None => (0..columns).for_each(|_| {
                    values.push_bind(None::<i64>);
                }),
            }
        }
        sql.push(")) WHERE column1 IS NOT NULL;");
    }
}

/// The rows, then nothing up to the next power of two.
fn filled_up<T>(rows: &[T]) -> impl Iterator<Item = Option<&T>> {
    rows.iter().map(Some).chain(std::iter::repeat_with(|| None)).take(rows.len().next_power_of_two())
}
