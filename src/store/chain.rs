//! The audit chain: one entry a change of state, appended in the transaction that makes the change.
//!
//! The head is locked while a transaction appends (in PostgreSQL by an advisory lock, taken last and held to the commit), so that the sequence
//! has no gap and no fork.

use super::error::StoreError;
use super::rows::{Cells, insert_many, micros, query};
use super::{Backend, Store, Tx};
use crate::audit::{Chain, Entry, Head, Link};
use crate::clock::Timestamp;
use crate::vault::AuditMac;

impl Store {
    /// Appends an entry for something that changes no state, such as the reading of a special value.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit(&self, entry: Entry, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write(now).await?;
        tx.entries.push(entry);
        tx.commit().await
    }

    /// At most `limit` entries from number `from` on, in order.
    ///
    /// # Errors
    /// When the database fails or a row is broken.
    pub async fn audit_entries(&self, from: u64, limit: u32) -> Result<Vec<Link>, StoreError> {
        let select = query("SELECT sequence, at, actor, action, subject, detail, mac FROM audit WHERE sequence >= $1 ORDER BY sequence LIMIT $2");
        let rows = self.all(select.bind(i64::try_from(from).unwrap_or(i64::MAX)).bind(i64::from(limit))).await?;
        rows.iter()
            .map(|row| {
                let Head { sequence, mac } = head(row)?;
                let cells = Cells::named(row, "audit", &sequence);
                let (actor, action, subject, detail) = (cells.text("actor")?, cells.text("action")?, cells.text("subject")?, cells.text("detail")?);
                Ok(Link { sequence, at: cells.time("at")?, actor, action, subject, detail, mac })
            })
            .collect()
    }

    /// The last entry; none when nothing has happened yet.
    ///
    /// # Errors
    /// When the database fails or the row is broken.
    pub async fn audit_head(&self) -> Result<Option<Head>, StoreError> {
        self.optional(query(HEAD)).await?.map(|row| head(&row)).transpose()
    }
}

const HEAD: &str = "SELECT sequence, mac FROM audit ORDER BY sequence DESC LIMIT 1";

fn head(row: &sqlx::any::AnyRow) -> Result<Head, StoreError> {
    let sequence = Cells::named(row, "audit", "unknown").number("sequence")?;
    let cells = Cells::named(row, "audit", &sequence);
    let mac = cells.sealed("mac")?.0.try_into().map_err(|_| cells.bad("mac"))?;
    Ok(Head { sequence, mac: AuditMac::from_bytes(mac) })
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
    let mut links = Vec::with_capacity(entries.len());
    for entry in &entries {
        let link = Chain::link(&tx.store.inner.audit, last.as_ref(), tx.now, entry);
        last = Some(link.head());
        links.push(link);
    }
    insert_many(tx, "INSERT INTO audit (sequence, at, actor, action, subject, detail, mac)", 7, &links, |insert, link| {
        insert
            .bind(i64::try_from(link.sequence).unwrap_or(i64::MAX))
            .bind(micros(link.at))
            .bind(link.actor.clone())
            .bind(link.action.clone())
            .bind(link.subject.clone())
            .bind(link.detail.clone())
            .bind(link.mac.as_bytes().to_vec())
    })
    .await
}
