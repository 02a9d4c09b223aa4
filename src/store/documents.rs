//! Documents as a queue: taken for reading under a lease, given back, quarantined, sent back, and listed.
//!
//! A document's place in the queue is the moment it is ready: when it was received, when a retry is due, or when the lease of a reader that is gone
//! runs out. So a retry stands behind everything that came before it, and one poisoned document never holds up the others. An attempt is counted, and
//! committed, before the reader sees a byte.

use std::time::Duration;

use sqlx::any::AnyRow;

use super::error::{Fault, StoreError};
use super::rows::{Cells, after, micros, query};
use super::{Lease, Page, SealedBytes, Store, StoredEnvelope, Tag, Tx, locking};
use crate::audit::{Action, Actor, Code, Detail, Subject};
use crate::clock::Timestamp;
use crate::document::{DocumentId, DocumentState, EnvelopeId, Origin, RefusalCode};

/// A document that was taken for reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The right to file or give it back.
    pub lease: Lease<DocumentId>,
    /// The number of this attempt, from 1.
    pub attempt: u32,
    /// Its envelope.
    pub envelope: StoredEnvelope,
    /// Where its sealed bytes lie in the spool.
    pub spool_name: String,
    /// Its length before sealing, in bytes.
    pub size: u64,
    /// The watched folder it came from.
    pub folder: String,
    /// How it came.
    pub origin: Origin,
    /// When it was received.
    pub received_at: Timestamp,
}

/// Whether the attempt that ends stays counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// The document may be to blame.
    Counts,
    /// Something else failed: the attempt is as if it had never been.
    Undone,
}

/// A document in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRow {
    /// Its id.
    pub id: DocumentId,
    /// Its envelope.
    pub envelope: EnvelopeId,
    /// Where it stands.
    pub state: DocumentState,
    /// How often a reader has begun on it since it was received or sent back; attempts that were undone are not counted.
    pub attempts: u32,
    /// When it may next be taken, if it waits.
    pub ready_at: Timestamp,
    /// The watched folder it came from.
    pub folder: String,
    /// How it came.
    pub origin: Origin,
    /// The dropped file's name, sealed.
    pub sealed_name: SealedBytes,
    /// Where its sealed bytes lie in the spool.
    pub spool_name: String,
    /// Its length before sealing, in bytes.
    pub size: u64,
    /// Why it waits for a person, sealed; none where the code in its state says all there is to say.
    pub sealed_refusal: Option<SealedBytes>,
    /// Its pages, once it was read.
    pub pages: Option<u32>,
    /// When it was received.
    pub received_at: Timestamp,
    /// When its row last changed.
    pub updated_at: Timestamp,
}

macro_rules! columns {
    () => {
        "d.id, d.envelope_id, d.spool_name, d.size, d.folder, d.origin, d.sealed_name, d.received_at, d.state, d.attempts, d.turn, d.ready_at, d.lease_until, \
         d.refusal_code, d.sealed_refusal, d.pages, d.updated_at, (SELECT COUNT(*) FROM records r WHERE r.document_id = d.id) AS records"
    };
}

/// A row with what the queue needs beside the list's view.
struct Standing {
    row: DocumentRow,
    turn: i64,
}

fn document_row(row: &AnyRow) -> Result<Standing, StoreError> {
    let cells = Cells::new(row, "documents", "id")?;
    let attempts = cells.number("attempts")?;
    let state = match cells.text("state")?.as_str() {
        "received" => DocumentState::Received,
        "reading" => DocumentState::Reading { attempt: attempts, lease_until: cells.time("lease_until")? },
        "filed" => DocumentState::Filed { records: cells.number("records")? },
        "quarantined" => DocumentState::Quarantined(cells.code("refusal_code", RefusalCode::from_code)?),
        _ => return Err(cells.bad("state")),
    };
    let row = DocumentRow {
        id: cells.parsed("id")?,
        envelope: cells.parsed("envelope_id")?,
        state,
        attempts,
        ready_at: cells.time("ready_at")?,
        folder: cells.text("folder")?,
        origin: cells.code("origin", Origin::from_code)?,
        sealed_name: cells.sealed("sealed_name")?,
        spool_name: cells.text("spool_name")?,
        size: cells.number("size")?,
        sealed_refusal: cells.maybe_sealed("sealed_refusal")?,
        pages: cells.maybe_number("pages")?,
        received_at: cells.time("received_at")?,
        updated_at: cells.time("updated_at")?,
    };
    Ok(Standing { row, turn: cells.long("turn")? })
}

impl Store {
    /// Takes the document that has waited longest, if one is ready, and counts the attempt. The count is durable when this returns.
    ///
    /// # Errors
    /// When the database fails or a row is broken; [`Fault::Shredded`] when the envelope's key was deleted.
    pub async fn take_for_reading(&self, owner: &str, now: Timestamp, lease: Duration) -> Result<Option<Taken>, StoreError> {
        let mut tx = self.write(now).await?;
        let select = tx.locking(locking!(
            concat!(
                "SELECT ",
                columns!(),
                ", e.kek_id, e.wrapped_dek FROM documents d JOIN envelopes e ON e.id = d.envelope_id \
                 WHERE d.state IN ('received', 'reading') AND d.ready_at <= $1 ORDER BY d.ready_at, d.id LIMIT 1"
            ),
            "OF d SKIP LOCKED"
        ));
        let Some(row) = tx.optional(select.bind(micros(tx.now))).await? else { return Ok(None) };
        let envelope = Cells::new(&row, "documents", "id")?.envelope()?;
        let Standing { row, turn } = document_row(&row)?;
        let until = after(now, lease);
        let DocumentState::Reading { attempt, .. } = row.state.start(row.attempts, tx.now, until)? else {
            return Err(Fault::Inconsistent { table: "documents", column: "state", row: row.id.to_string() }.into());
        };
        let update = query(
            "UPDATE documents SET state = 'reading', attempts = $1, turn = $2, lease_owner = $3, lease_until = $4, ready_at = $4, updated_at = $5 WHERE id = $6",
        );
        let update = update.bind(i64::from(attempt)).bind(turn + 1).bind(owner.to_owned()).bind(micros(until)).bind(micros(tx.now));
        tx.execute(update.bind(row.id.to_string())).await?;
        tx.note(Action::ReadingStarted, Subject::Document(row.id), Detail::Attempt(attempt));
        tx.commit().await?;
        let lease = Lease { id: row.id, turn: turn + 1, until };
        let DocumentRow { spool_name, size, folder, origin, received_at, .. } = row;
        Ok(Some(Taken { lease, attempt, envelope, spool_name, size, folder, origin, received_at }))
    }

    /// Makes the lease longer while the reader works.
    ///
    /// # Errors
    /// [`Fault::LeaseLost`] when another daemon has the document.
    pub async fn renew_lease(&self, lease: &mut Lease<DocumentId>, now: Timestamp, length: Duration) -> Result<(), StoreError> {
        let mut tx = self.write(now).await?;
        let until = after(now, length);
        let update = query("UPDATE documents SET lease_until = $1, ready_at = $1, updated_at = $2 WHERE id = $3 AND turn = $4 AND state = 'reading'");
        let update = update.bind(micros(until)).bind(micros(tx.now)).bind(lease.id.to_string()).bind(lease.turn);
        if tx.execute(update).await? == 0 {
            return Err(lost(lease));
        }
        tx.commit().await?;
        lease.until = until;
        Ok(())
    }

    /// Gives the document back for another try, not before `not_before`. An attempt that is undone is undone in the same transaction; whoever dies
    /// before this leaves it counted.
    ///
    /// # Errors
    /// [`Fault::LeaseLost`] when another daemon has the document.
    pub async fn give_back(&self, lease: &Lease<DocumentId>, attempt: Attempt, not_before: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write(now).await?;
        let row = held(&mut tx, lease).await?;
        row.state.back()?;
        let (attempts, detail) = match attempt {
            Attempt::Counts => (row.attempts, Detail::Attempt(row.attempts)),
            Attempt::Undone => (row.attempts.saturating_sub(1), Detail::Why(Code::or_unnamed("attempt_undone"))),
        };
        let update = query(
            "UPDATE documents SET state = 'received', attempts = $1, ready_at = $2, lease_owner = NULL, lease_until = NULL, updated_at = $3 WHERE id = $4",
        );
        let update = update.bind(i64::from(attempts)).bind(micros(not_before)).bind(micros(tx.now));
        tx.execute(update.bind(lease.id.to_string())).await?;
        tx.note(Action::ReadingFailed, Subject::Document(lease.id), detail);
        tx.commit().await
    }

    /// Puts the document aside for a person. Its sealed original is kept. `sealed` is what a reader says of it, where it could be sealed.
    ///
    /// # Errors
    /// [`Fault::LeaseLost`] when another daemon has the document.
    pub async fn quarantine(&self, lease: &Lease<DocumentId>, why: RefusalCode, sealed: Option<SealedBytes>, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write(now).await?;
        let row = held(&mut tx, lease).await?;
        row.state.quarantine(why)?;
        let update = query(
            "UPDATE documents SET state = 'quarantined', refusal_code = $1, sealed_refusal = $2, lease_owner = NULL, lease_until = NULL, updated_at = $3 \
             WHERE id = $4",
        );
        let update = update.bind(why.as_str()).bind(sealed.map(|sealed| sealed.0)).bind(micros(tx.now));
        tx.execute(update.bind(lease.id.to_string())).await?;
        tx.note(Action::DocumentQuarantined, Subject::Document(lease.id), Detail::Refused { code: why, attempts: row.attempts });
        tx.commit().await
    }

    /// A person sends a quarantined document back to the readers, with its attempts counted from the start.
    ///
    /// # Errors
    /// [`Fault::NotFound`] or [`Fault::NotQuarantined`].
    pub async fn requeue(&self, document: DocumentId, actor: Actor, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write(now).await?;
        let select = tx.locking(locking!(concat!("SELECT ", columns!(), " FROM documents d WHERE d.id = $1"), "OF d"));
        let row = tx.optional(select.bind(document.to_string())).await?.ok_or_else(|| not_found(document))?;
        let state = document_row(&row)?.row.state;
        if !matches!(state, DocumentState::Quarantined(_)) {
            return Err(Fault::NotQuarantined { id: document.to_string(), state: state.name() }.into());
        }
        let update = query(
            "UPDATE documents SET state = 'received', attempts = 0, ready_at = $1, refusal_code = NULL, sealed_refusal = NULL, updated_at = $1 \
             WHERE id = $2",
        );
        tx.execute(update.bind(micros(tx.now)).bind(document.to_string())).await?;
        tx.note_by(actor, Action::DocumentRequeued, Subject::Document(document), Detail::Nothing);
        tx.commit().await
    }

    /// Ends every lease of an owner that is known to be dead, so that its work need not wait for them: a daemon that starts does this for the name it
    /// had before. Returns how many leases there were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn expire_leases(&self, owner: &str, now: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.write(now).await?;
        let at = micros(tx.now);
        let mut ended = 0;
        for update in [
            "UPDATE claims SET lease_until = $1 WHERE owner = $2 AND state <> 'done' AND lease_until > $1",
            "UPDATE documents SET lease_until = $1, ready_at = $1 WHERE lease_owner = $2 AND state = 'reading' AND lease_until > $1",
            "UPDATE letters SET lease_until = $1, ready_at = $1 WHERE lease_owner = $2 AND lease_until > $1",
        ] {
            ended += tx.execute(query(update).bind(at).bind(owner.to_owned())).await?;
        }
        if ended > 0 {
            tx.note(Action::LeasesEnded, Subject::System, Detail::Count(ended));
        }
        tx.commit().await?;
        Ok(ended)
    }

    /// One document.
    ///
    /// # Errors
    /// [`Fault::NotFound`], or the database fails.
    pub async fn document(&self, id: DocumentId) -> Result<DocumentRow, StoreError> {
        let row = self.optional(query(concat!("SELECT ", columns!(), " FROM documents d WHERE d.id = $1")).bind(id.to_string())).await?;
        Ok(document_row(&row.ok_or_else(|| not_found(id))?)?.row)
    }

    /// The document with these bytes, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn document_by_digest(&self, digest_index: &Tag) -> Result<Option<DocumentRow>, StoreError> {
        let select = query(concat!("SELECT ", columns!(), " FROM documents d WHERE d.digest_index = $1"));
        let row = self.optional(select.bind(digest_index.0.clone())).await?;
        row.map(|row| Ok(document_row(&row)?.row)).transpose()
    }

    /// Documents, newest first; all, or those in the state with this name ([`DocumentState::name`]).
    ///
    /// # Errors
    /// When the database fails or a row is broken.
    pub async fn documents(&self, state: Option<&str>, page: Page<DocumentId>) -> Result<Vec<DocumentRow>, StoreError> {
        let select = query(concat!(
            "SELECT ",
            columns!(),
            " FROM documents d WHERE ($1 IS NULL OR d.state = $1) AND ($2 IS NULL OR d.id < $2) ORDER BY d.id DESC LIMIT $3"
        ));
        let before = page.before.map(|id| id.to_string());
        let rows = self.all(select.bind(state.map(str::to_owned)).bind(before).bind(i64::from(page.limit))).await?;
        rows.iter().map(|row| Ok(document_row(row)?.row)).collect()
    }
}

/// The document, locked, if this turn still holds it.
pub(super) async fn held(tx: &mut Tx, lease: &Lease<DocumentId>) -> Result<DocumentRow, StoreError> {
    let select = tx.locking(locking!(concat!("SELECT ", columns!(), " FROM documents d WHERE d.id = $1 AND d.turn = $2 AND d.state = 'reading'"), "OF d"));
    let row = tx.optional(select.bind(lease.id.to_string()).bind(lease.turn)).await?;
    row.map_or_else(|| Err(lost(lease)), |row| Ok(document_row(&row)?.row))
}

fn lost(lease: &Lease<DocumentId>) -> StoreError {
    Fault::LeaseLost { kind: "document", id: lease.id.to_string() }.into()
}

fn not_found(id: DocumentId) -> StoreError {
    Fault::NotFound { kind: "document", id: id.to_string() }.into()
}
