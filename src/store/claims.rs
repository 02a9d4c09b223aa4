//! Claims: which daemon works on which dropped file, from the moment it is seen until it is gone from its folder.
//!
//! A claim is keyed by what the file is (folder, keyed hash of its name, device, inode, size, modification time). While it is open nobody else starts
//! on that file; the digest of the content, known only after reading, makes sure that a copy under another name becomes no second document.

use std::time::Duration;

use sqlx::any::AnyRow;

use super::error::{Fault, Passing, StoreError};
use super::rows::{Cells, after, micros, query};
use super::{Lease, NewEnvelope, SealedBytes, Store, Tag, Tx, locking};
use crate::audit::{Action, Detail, Subject};
use crate::clock::Timestamp;
use crate::document::{ClaimId, DocumentId, Origin};

/// What tells one dropped file from another without its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileIdentity {
    /// Device number.
    pub dev: u64,
    /// Inode.
    pub inode: u64,
    /// Bytes.
    pub size: u64,
    /// Modification time, nanoseconds since 1970.
    pub mtime_ns: i64,
}

/// A file that a daemon wants to work on.
#[derive(Debug, Clone)]
pub struct NewClaim {
    /// The id the claim gets if it is new.
    pub id: ClaimId,
    /// The watched folder, as the configuration names it.
    pub folder: String,
    /// Keyed hash of the file's name.
    pub name_index: Tag,
    /// The file.
    pub identity: FileIdentity,
    /// The daemon: host and process.
    pub owner: String,
    /// The name its sealed bytes will have in the spool; new for each attempt, so that a late writer spoils nothing.
    pub spool_name: String,
}

/// What a daemon may do with a file it saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// Nobody worked on it: read it.
    New(Lease<ClaimId>),
    /// Somebody began and died: read it from the start. What lies in the spool under `leftover` is of no use.
    TakenOver {
        /// The claim.
        claim: Lease<ClaimId>,
        /// The spool name of the attempt before.
        leftover: String,
    },
    /// Somebody works on it.
    Held {
        /// When that lease runs out.
        until: Timestamp,
    },
    /// Its document is stored, but nobody has taken the file away yet: do that.
    Sealed {
        /// The claim.
        claim: Lease<ClaimId>,
        /// The document.
        document: DocumentId,
    },
    /// It is a copy of a known document, but nobody has taken the file away yet: do that.
    Duplicate {
        /// The claim.
        claim: Lease<ClaimId>,
        /// The document it is a copy of.
        document: DocumentId,
        /// The spool name of the copy, if it still lies there.
        leftover: String,
    },
}

/// The original as it was sealed.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// Its id.
    pub id: DocumentId,
    /// Keyed hash of the digest of its bytes.
    pub digest_index: Tag,
    /// Its length before sealing, in bytes.
    pub size: u64,
    /// How it came.
    pub origin: Origin,
    /// The dropped file's name, sealed.
    pub sealed_name: SealedBytes,
    /// When it was received.
    pub received_at: Timestamp,
}

/// What came of storing an original.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// It is a new document.
    Stored(DocumentId),
    /// Its bytes are known: nothing was stored, and the sealed copy in the spool is of no use.
    Duplicate(DocumentId),
}

/// What a file in the spool is to a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpoolUse {
    /// A document has it, or an attempt that is not over.
    Needed,
    /// A claim made it, and nothing came of it: it may go.
    Leftover,
    /// It knows nothing of it.
    Unknown,
}

/// Where a claim stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimState {
    /// The file is being read.
    Claimed,
    /// Its document is stored; the file must still be taken away.
    Sealed,
    /// It is a copy; the file must still be taken away.
    Duplicate,
    /// The file is gone.
    Done,
}

impl ClaimState {
    const ALL: [(Self, &'static str); 4] = [(Self::Claimed, "claimed"), (Self::Sealed, "sealed"), (Self::Duplicate, "duplicate"), (Self::Done, "done")];

    /// The state as it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, code)| code)
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == code).map(|(state, _)| *state)
    }
}

/// A claim in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimRow {
    /// Its id.
    pub id: ClaimId,
    /// The watched folder.
    pub folder: String,
    /// Keyed hash of the file's name.
    pub name_index: Tag,
    /// The file.
    pub identity: FileIdentity,
    /// Where it stands.
    pub state: ClaimState,
    /// Who has it.
    pub owner: String,
    /// Until when.
    pub lease_until: Timestamp,
    /// Its spool name.
    pub spool_name: String,
    /// Its document, once there is one.
    pub document: Option<DocumentId>,
    turn: i64,
}

macro_rules! columns {
    () => {
        "SELECT id, folder, name_index, dev, inode, size, mtime_ns, owner, turn, lease_until, state, document_id, spool_name FROM claims "
    };
}

fn claim_row(row: &AnyRow) -> Result<ClaimRow, StoreError> {
    let cells = Cells::new(row, "claims", "id")?;
    Ok(ClaimRow {
        id: cells.parsed("id")?,
        folder: cells.text("folder")?,
        name_index: Tag(cells.bytes("name_index")?),
        identity: FileIdentity {
            dev: cells.long("dev")?.cast_unsigned(),
            inode: cells.long("inode")?.cast_unsigned(),
            size: cells.number("size")?,
            mtime_ns: cells.long("mtime_ns")?,
        },
        state: cells.code("state", ClaimState::from_code)?,
        owner: cells.text("owner")?,
        lease_until: cells.time("lease_until")?,
        spool_name: cells.text("spool_name")?,
        document: cells.maybe_parsed("document_id")?,
        turn: cells.long("turn")?,
    })
}

impl Store {
    /// Claims a file, or says what is to be done with one that is claimed already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(&self, new: &NewClaim, now: Timestamp, lease: Duration) -> Result<ClaimOutcome, StoreError> {
        // Between a refused insert and the look at what refused it, the other daemon may finish: then the file is seen anew.
        for _ in 0..3 {
            let mut tx = self.write(now).await?;
            let outcome = match insert(&mut tx, new, after(now, lease)).await? {
                Some(claim) => Some(ClaimOutcome::New(claim)),
                None => match standing(&mut tx, new).await? {
                    Some(found) => Some(resume(&mut tx, found, &new.owner, &new.spool_name, after(now, lease)).await?),
                    None => None,
                },
            };
            if let Some(outcome) = outcome {
                tx.commit().await?;
                return Ok(outcome);
            }
        }
        Err(Passing::Busy { code: "claim".into() }.into())
    }

    /// Takes over an open claim by its id: for a file that is gone from its folder while its claim is not done.
    /// None when the claim is done or released.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn resume_claim(&self, id: ClaimId, owner: &str, spool_name: &str, now: Timestamp, lease: Duration) -> Result<Option<ClaimOutcome>, StoreError> {
        let mut tx = self.write(now).await?;
        let select = tx.locking(locking!(concat!(columns!(), "WHERE id = $1 AND state <> 'done'")));
        let Some(row) = tx.optional(select.bind(id.to_string())).await? else { return Ok(None) };
        let outcome = resume(&mut tx, claim_row(&row)?, owner, spool_name, after(now, lease)).await?;
        tx.commit().await?;
        Ok(Some(outcome))
    }

    /// Makes the lease longer while a large file is being read.
    ///
    /// # Errors
    /// [`Fault::LeaseLost`] when another daemon has it.
    pub async fn renew_claim(&self, claim: &mut Lease<ClaimId>, now: Timestamp, lease: Duration) -> Result<(), StoreError> {
        let mut tx = self.write(now).await?;
        let until = after(now, lease);
        let update = query("UPDATE claims SET lease_until = $1, updated_at = $2 WHERE id = $3 AND turn = $4 AND state <> 'done'");
        let update = update.bind(micros(until)).bind(micros(tx.now)).bind(claim.id.to_string()).bind(claim.turn);
        if tx.execute(update).await? == 0 {
            return Err(lost(claim));
        }
        tx.commit().await?;
        claim.until = until;
        Ok(())
    }

    /// Stores a sealed original and its envelope, or finds that its bytes are known. Only after this may the dropped file be taken away.
    ///
    /// # Errors
    /// [`Fault::LeaseLost`] when another daemon took the file over.
    pub async fn commit_original(
        &self,
        claim: &Lease<ClaimId>,
        document: &NewDocument,
        envelope: &NewEnvelope,
        now: Timestamp,
    ) -> Result<Committed, StoreError> {
        let mut tx = self.write(now).await?;
        let held = held(&mut tx, claim).await?;
        if held.state != ClaimState::Claimed {
            return Err(lost(claim));
        }
        let committed = match known(&mut tx, &document.digest_index).await? {
            Some(known) => Committed::Duplicate(known),
            None => store_original(&mut tx, &held, document, envelope).await?,
        };
        let (state, of) = match committed {
            Committed::Stored(id) => ("sealed", id),
            Committed::Duplicate(id) => ("duplicate", id),
        };
        let update = query("UPDATE claims SET state = $1, document_id = $2, updated_at = $3 WHERE id = $4");
        tx.execute(update.bind(state).bind(of.to_string()).bind(micros(tx.now)).bind(claim.id.to_string())).await?;
        match &committed {
            Committed::Stored(id) => tx.note(Action::DocumentReceived, Subject::Document(*id), Detail::Bytes(document.size)),
            Committed::Duplicate(id) => tx.note(Action::DocumentDuplicate, Subject::Document(*id), Detail::Claim(claim.id)),
        }
        tx.commit().await?;
        Ok(committed)
    }

    /// Gives a file back: nothing was stored, and whoever sees it next starts anew. Of a claim whose document is stored only the lease ends.
    ///
    /// # Errors
    /// [`Fault::LeaseLost`] when another daemon has it.
    pub async fn release_claim(&self, claim: &Lease<ClaimId>, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write(now).await?;
        if held(&mut tx, claim).await?.state == ClaimState::Claimed {
            tx.execute(query("DELETE FROM claims WHERE id = $1").bind(claim.id.to_string())).await?;
            tx.note(Action::ClaimReleased, Subject::Claim(claim.id), Detail::Nothing);
        } else {
            let update = query("UPDATE claims SET lease_until = $1, updated_at = $1 WHERE id = $2");
            tx.execute(update.bind(micros(tx.now)).bind(claim.id.to_string())).await?;
        }
        tx.commit().await
    }

    /// The file is gone from its folder.
    ///
    /// # Errors
    /// [`Fault::LeaseLost`] when another daemon has it, or when nothing was stored yet.
    pub async fn claim_done(&self, claim: &Lease<ClaimId>, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write(now).await?;
        let update =
            query("UPDATE claims SET state = 'done', lease_until = $1, updated_at = $1 WHERE id = $2 AND turn = $3 AND state IN ('sealed', 'duplicate')");
        if tx.execute(update.bind(micros(tx.now)).bind(claim.id.to_string()).bind(claim.turn)).await? == 0 {
            return Err(lost(claim));
        }
        tx.note(Action::ClaimDone, Subject::Claim(claim.id), Detail::Nothing);
        tx.commit().await
    }

    /// The claims of a folder that are not done, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_claims(&self, folder: &str) -> Result<Vec<ClaimRow>, StoreError> {
        let rows = self.all(query(concat!(columns!(), "WHERE folder = $1 AND state <> 'done' ORDER BY id")).bind(folder.to_owned())).await?;
        rows.iter().map(claim_row).collect()
    }

    /// What a file of this name in the spool is to this database.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn spool_name_use(&self, name: &str) -> Result<SpoolUse, StoreError> {
        let select = query(
            "SELECT (SELECT COUNT(*) FROM documents WHERE spool_name = $1) + (SELECT COUNT(*) FROM claims WHERE spool_name = $1 AND state = 'claimed') AS needed, \
             (SELECT COUNT(*) FROM claims WHERE spool_name = $1) AS known",
        );
        let row = self.one(select.bind(name.to_owned())).await?;
        let cells = Cells::named(&row, "documents", name);
        Ok(match (cells.long("needed")?, cells.long("known")?) {
            (0, 0) => SpoolUse::Unknown,
            (0, _) => SpoolUse::Leftover,
            _ => SpoolUse::Needed,
        })
    }
}

async fn insert(tx: &mut Tx, new: &NewClaim, until: Timestamp) -> Result<Option<Lease<ClaimId>>, StoreError> {
    let insert = query(
        "INSERT INTO claims (id, folder, name_index, dev, inode, size, mtime_ns, owner, turn, lease_until, state, spool_name, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, 'claimed', $10, $11, $11) \
         ON CONFLICT (folder, name_index, dev, inode, size, mtime_ns) WHERE state <> 'done' DO NOTHING",
    );
    let insert = insert.bind(new.id.to_string()).bind(new.folder.clone()).bind(new.name_index.0.clone());
    let insert = bind_identity(insert, new.identity).bind(new.owner.clone()).bind(micros(until)).bind(new.spool_name.clone()).bind(micros(tx.now));
    if tx.execute(insert).await? == 0 {
        return Ok(None);
    }
    tx.note(Action::ClaimMade, Subject::Claim(new.id), Detail::Nothing);
    Ok(Some(Lease { id: new.id, turn: 1, until }))
}

fn bind_identity(statement: super::Query, identity: FileIdentity) -> super::Query {
    let FileIdentity { dev, inode, size, mtime_ns } = identity;
    statement.bind(dev.cast_signed()).bind(inode.cast_signed()).bind(i64::try_from(size).unwrap_or(i64::MAX)).bind(mtime_ns)
}

/// The open claim on the same file, locked.
async fn standing(tx: &mut Tx, new: &NewClaim) -> Result<Option<ClaimRow>, StoreError> {
    let select = tx.locking(locking!(concat!(
        columns!(),
        "WHERE folder = $1 AND name_index = $2 AND dev = $3 AND inode = $4 AND size = $5 AND mtime_ns = $6 AND state <> 'done'"
    )));
    let select = bind_identity(select.bind(new.folder.clone()).bind(new.name_index.0.clone()), new.identity);
    tx.optional(select).await?.map(|row| claim_row(&row)).transpose()
}

/// What a daemon may do with a claim that exists; takes it over when its lease has run out.
async fn resume(tx: &mut Tx, found: ClaimRow, owner: &str, spool_name: &str, until: Timestamp) -> Result<ClaimOutcome, StoreError> {
    if found.lease_until > tx.now {
        return Ok(ClaimOutcome::Held { until: found.lease_until });
    }
    let claim = Lease { id: found.id, turn: found.turn + 1, until };
    // A document that is stored keeps its spool name; an attempt that failed does not.
    let spool_name = if found.state == ClaimState::Claimed { spool_name } else { &found.spool_name };
    let update = query("UPDATE claims SET owner = $1, turn = $2, lease_until = $3, spool_name = $4, updated_at = $5 WHERE id = $6");
    let update = update.bind(owner.to_owned()).bind(claim.turn).bind(micros(until)).bind(spool_name.to_owned()).bind(micros(tx.now));
    tx.execute(update.bind(found.id.to_string())).await?;
    tx.note(Action::ClaimTakenOver, Subject::Claim(found.id), Detail::Turn(claim.turn.unsigned_abs()));
    let document = found.document;
    match (found.state, document) {
        (ClaimState::Sealed, Some(document)) => Ok(ClaimOutcome::Sealed { claim, document }),
        (ClaimState::Duplicate, Some(document)) => Ok(ClaimOutcome::Duplicate { claim, document, leftover: found.spool_name }),
        (ClaimState::Claimed, None) => Ok(ClaimOutcome::TakenOver { claim, leftover: found.spool_name }),
        _ => Err(Fault::Inconsistent { table: "claims", column: "document_id", row: found.id.to_string() }.into()),
    }
}

/// The claim, locked, if this turn still holds it.
async fn held(tx: &mut Tx, claim: &Lease<ClaimId>) -> Result<ClaimRow, StoreError> {
    let select = tx.locking(locking!(concat!(columns!(), "WHERE id = $1 AND turn = $2 AND state <> 'done'")));
    let row = tx.optional(select.bind(claim.id.to_string()).bind(claim.turn)).await?;
    row.map_or_else(|| Err(lost(claim)), |row| claim_row(&row))
}

fn lost(claim: &Lease<ClaimId>) -> StoreError {
    Fault::LeaseLost { kind: "claim", id: claim.id.to_string() }.into()
}

async fn known(tx: &mut Tx, digest_index: &Tag) -> Result<Option<DocumentId>, StoreError> {
    let row = tx.optional(query("SELECT id FROM documents WHERE digest_index = $1").bind(digest_index.0.clone())).await?;
    row.map(|row| Cells::new(&row, "documents", "id")?.parsed("id")).transpose()
}

async fn store_original(tx: &mut Tx, claim: &ClaimRow, document: &NewDocument, envelope: &NewEnvelope) -> Result<Committed, StoreError> {
    tx.insert_envelope(envelope).await?;
    let insert = query(
        "INSERT INTO documents (id, envelope_id, digest_index, spool_name, size, folder, sealed_name, received_at, state, attempts, turn, ready_at, \
         updated_at, origin) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'received', 0, 0, $8, $9, $10) \
         ON CONFLICT (digest_index) DO NOTHING",
    );
    let insert = insert
        .bind(document.id.to_string())
        .bind(envelope.id.to_string())
        .bind(document.digest_index.0.clone())
        .bind(claim.spool_name.clone())
        .bind(i64::try_from(document.size).unwrap_or(i64::MAX))
        .bind(claim.folder.clone())
        .bind(document.sealed_name.0.clone())
        .bind(micros(document.received_at))
        .bind(micros(tx.now))
        .bind(document.origin.as_str());
    if tx.execute(insert).await? == 1 {
        return Ok(Committed::Stored(document.id));
    }
    // Another daemon stored the same bytes since we looked: our envelope has nothing in it.
    tx.execute(query("DELETE FROM envelopes WHERE id = $1").bind(envelope.id.to_string())).await?;
    let known = known(tx, &document.digest_index).await?;
    known.map(Committed::Duplicate).ok_or_else(|| Passing::Busy { code: "digest".into() }.into())
}
