//! The audit chain: one entry a change of state, appended in the transaction that makes the change.
//!
//! What links an entry to the one before is not computed here: [`AuditLink`] is lent by the room that owns the key. The head is locked while a
//! transaction appends (in PostgreSQL by an advisory lock, taken last and held to the commit), so that the sequence has no gap and no fork.
//! Entries speak of ids, codes and numbers; they never hold a name or a value.

use std::borrow::Cow;

use super::error::StoreError;
use super::rows::{Cells, insert_many, micros, query};
use super::{Backend, SealedBytes, Store, Tx};
use crate::audit;
use crate::clock::Timestamp;

/// Computes the authentication code that links an entry to its predecessor.
pub trait AuditLink: Send + Sync {
    /// The code of entry number `sequence` (from 1), made at `at`, after the entry whose code is `previous` (none for the first).
    fn link(&self, previous: Option<&[u8]>, sequence: i64, at: Timestamp, entry: &AuditEntry) -> Vec<u8>;
}

/// Who did what to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// The daemon or the person: `serve host-1`, `kari`.
    pub actor: String,
    /// A stable code: `document.filed`.
    pub action: Cow<'static, str>,
    /// The kind and id it was done to: `document 0197...`.
    pub subject: String,
    /// Codes and numbers only: `attempt 2`.
    pub detail: String,
}

impl From<audit::Entry> for AuditEntry {
    /// The columns of a typed entry.
    fn from(entry: audit::Entry) -> Self {
        Self { actor: entry.actor.to_string(), action: entry.action.name().into(), subject: entry.subject.to_string(), detail: entry.detail.to_string() }
    }
}

/// An entry as it stands in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// From 1, without gaps.
    pub sequence: i64,
    /// When, to the microsecond.
    pub at: Timestamp,
    /// What.
    pub entry: AuditEntry,
    /// Its authentication code.
    pub mac: SealedBytes,
}

/// The last entry of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// Its number.
    pub sequence: i64,
    /// Its authentication code.
    pub mac: SealedBytes,
}

impl Store {
    /// Appends an entry for something that changes no state, such as the reading of a special value.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit(&self, entry: AuditEntry, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write(now).await?;
        tx.entries.push(entry);
        tx.commit().await
    }

    /// At most `limit` entries from number `from` on, in order.
    ///
    /// # Errors
    /// When the database fails or a row is broken.
    pub async fn audit_entries(&self, from: i64, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        let select = query("SELECT sequence, at, actor, action, subject, detail, mac FROM audit WHERE sequence >= $1 ORDER BY sequence LIMIT $2");
        let rows = self.all(select.bind(from).bind(i64::from(limit))).await?;
        rows.iter()
            .map(|row| {
                let sequence = Cells::named(row, "audit", "unknown").long("sequence")?;
                let cells = Cells::named(row, "audit", &sequence);
                let entry = AuditEntry {
                    actor: cells.text("actor")?,
                    action: cells.text("action")?.into(),
                    subject: cells.text("subject")?,
                    detail: cells.text("detail")?,
                };
                Ok(AuditRow { sequence, at: cells.time("at")?, entry, mac: cells.sealed("mac")? })
            })
            .collect()
    }

    /// The last entry; none when nothing has happened yet.
    ///
    /// # Errors
    /// When the database fails or the row is broken.
    pub async fn audit_head(&self) -> Result<Option<AuditHead>, StoreError> {
        self.optional(query(HEAD)).await?.map(|row| head(&row)).transpose()
    }
}

const HEAD: &str = "SELECT sequence, mac FROM audit ORDER BY sequence DESC LIMIT 1";

fn head(row: &sqlx::any::AnyRow) -> Result<AuditHead, StoreError> {
    let cells = Cells::named(row, "audit", "the last");
    Ok(AuditHead { sequence: cells.long("sequence")?, mac: cells.sealed("mac")? })
}

/// Links the transaction's entries to the chain and appends them. The last thing before the commit.
pub(super) async fn append(tx: &mut Tx) -> Result<(), StoreError> {
    let entries = std::mem::take(&mut tx.entries);
    if entries.is_empty() {
        return Ok(());
    }
    if tx.store.backend() == Backend::Postgres {
        // Any number will do that no other lock of this database has.
        tx.execute(query("SELECT pg_advisory_xact_lock(7091001)")).await?;
    }
    let mut last = tx.optional(query(HEAD)).await?.map(|row| head(&row)).transpose()?;
    let at = tx.now;
    let links: Vec<(i64, &AuditEntry, Vec<u8>)> = entries
        .iter()
        .map(|entry| {
            let sequence = last.as_ref().map_or(1, |head| head.sequence + 1);
            let mac = tx.store.inner.audit.link(last.as_ref().map(|head| head.mac.0.as_slice()), sequence, at, entry);
            last = Some(AuditHead { sequence, mac: SealedBytes(mac.clone()) });
            (sequence, entry, mac)
        })
        .collect();
    insert_many(tx, "INSERT INTO audit (sequence, at, actor, action, subject, detail, mac)", 7, &links, |insert, (sequence, entry, mac)| {
        insert
            .bind(*sequence)
            .bind(micros(at))
            .bind(entry.actor.clone())
            .bind(entry.action.to_string())
            .bind(entry.subject.clone())
            .bind(entry.detail.clone())
            .bind(mac.clone())
    })
    .await
}
