//! Settling: a person decides what the machine could not, as new revisions of fields. What was read stays.
//!
//! Two people who open the same record do not overwrite each other: the second to save is told that the record has moved on.

use std::collections::BTreeMap;

use super::cases::{CaseConflict, CaseLink, Outcome, lock_series};
use super::error::{Fault, StoreError};
use super::filing::{NewField, conclude};
use super::rows::{Cells, insert_many, query};
use super::{SealedBytes, Store, Tx, locking};
use crate::audit::{Action, Actor, Detail, Subject};
use crate::clock::Timestamp;
use crate::document::{EnvelopeId, RecordId};
use crate::record::RecordState;

/// What a person settled.
#[derive(Debug, Clone)]
pub struct Settlement {
    /// The revision the person had before them. What is saved is revision `expected + 1`, and is sealed as such.
    pub expected: u32,
    /// The fields that changed.
    pub fields: Vec<NewField>,
    /// The new summary.
    pub summary: SealedBytes,
    /// How many fields still wait.
    pub to_review: u32,
    /// How many are accepted now.
    pub accepted: u32,
    /// How many findings the person confirmed with this.
    pub confirmed: u32,
    /// What is to become of the record.
    pub outcome: Outcome,
}

/// What became of a record that was settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Its revision now.
    pub revision: u32,
    /// Where it stands.
    pub state: RecordState,
    /// Its case and letter.
    pub link: Option<CaseLink>,
    /// Why it still waits for a person.
    pub conflict: Option<CaseConflict>,
}

impl Store {
    /// Saves what a person settled, and draws the consequences when the record is complete with it.
    ///
    /// # Errors
    /// [`Fault::Conflict`] when somebody else settled it in the meantime; [`Fault::Complete`], [`Fault::NoSuchField`] or [`Fault::NotFound`].
    pub async fn settle(&self, record: RecordId, settlement: &Settlement, actor: Actor, now: Timestamp) -> Result<Settled, StoreError> {
        let mut tx = self.write(now).await?;
        let envelope = open_record(&mut tx, record, settlement.expected).await?;
        let revision = settlement.expected + 1;
        insert_revisions(&mut tx, record, revision, &settlement.fields).await?;
        let update = query("UPDATE records SET revision = $1, sealed_summary = $2, to_review = $3, accepted = $4, conflict = NULL WHERE id = $5");
        let update = update.bind(i64::from(revision)).bind(settlement.summary.0.clone()).bind(i64::from(settlement.to_review));
        tx.execute(update.bind(i64::from(settlement.accepted)).bind(record.to_string())).await?;
        let fields = u32::try_from(settlement.fields.len()).unwrap_or(u32::MAX);
        tx.note_by(
            actor,
            Action::RecordSettled,
            Subject::Record(record),
            Detail::Settled { revision, fields, to_review: settlement.to_review, confirmed: settlement.confirmed },
        );
        if matches!(settlement.outcome, Outcome::Case(_)) {
            lock_series(&mut tx).await?;
        }
        let (state, link, conflict) = conclude(&mut tx, record, envelope, &settlement.outcome).await?;
        tx.commit().await?;
        Ok(Settled { revision, state, link, conflict })
    }
}

/// Locks a record that may be settled; its envelope.
async fn open_record(tx: &mut Tx, record: RecordId, expected: u32) -> Result<EnvelopeId, StoreError> {
    let select = tx.locking(locking!("SELECT id, envelope_id, state, revision FROM records WHERE id = $1"));
    let row = tx.optional(select.bind(record.to_string())).await?;
    let row = row.ok_or_else(|| Fault::NotFound { kind: "record", id: record.to_string() })?;
    let cells = Cells::new(&row, "records", "id")?;
    let found = cells.number("revision")?;
    if found != expected {
        return Err(Fault::Conflict { id: record.to_string(), expected, found }.into());
    }
    match cells.code("state", RecordState::from_code)? {
        RecordState::Review => cells.parsed("envelope_id"),
        RecordState::Complete => Err(Fault::Complete { id: record.to_string() }.into()),
    }
}

async fn insert_revisions(tx: &mut Tx, record: RecordId, revision: u32, fields: &[NewField]) -> Result<(), StoreError> {
    let rows = tx.all(query("SELECT name, ordinal FROM fields WHERE record_id = $1 AND revision = 1").bind(record.to_string())).await?;
    let mut ordinals = BTreeMap::new();
    for row in &rows {
        let cells = Cells::named(row, "fields", &record);
        ordinals.insert(cells.text("name")?, cells.long("ordinal")?);
    }
    let placed: Result<Vec<(i64, &NewField)>, Fault> = fields
        .iter()
        .map(|field| {
            let ordinal = ordinals.get(&field.name).copied();
            Ok((ordinal.ok_or_else(|| Fault::NoSuchField { record: record.to_string(), field: field.name.clone() })?, field))
        })
        .collect();
    insert_many(tx, "INSERT INTO fields (record_id, ordinal, name, revision, sealed)", 5, &placed?, |insert, (ordinal, field)| {
        insert.bind(record.to_string()).bind(*ordinal).bind(field.name.clone()).bind(i64::from(revision)).bind(field.sealed.0.clone())
    })
    .await
}
