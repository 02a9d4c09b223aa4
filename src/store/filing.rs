//! Filing: what was read from a document becomes records, in one transaction with the end of the reading, the case and the letter that is due.
//!
//! The number of statements grows with the number of records, not with their fields: fields go in by the many.

use super::cases::{CaseConflict, CaseLink, Outcome, draw, lock_series};
use super::documents::held;
use super::error::{Fault, StoreError};
use super::letters::came_back;
use super::rows::{insert_many, micros, query};
use super::{Lease, SealedBytes, Store, Tx};
use crate::audit::{Action, Code, Detail, Subject};
use crate::clock::Timestamp;
use crate::document::{DocumentId, RecordId};
use crate::record::{Kind, RecordState};

/// All that was read from one document.
#[derive(Debug, Clone)]
pub struct Filing {
    /// How many pages it has.
    pub pages: u32,
    /// At least one record.
    pub records: Vec<NewRecord>,
}

/// A record to be stored. Its values are sealed under its id, revision 1, in the document's envelope.
#[derive(Debug, Clone)]
pub struct NewRecord {
    /// Its id.
    pub id: RecordId,
    /// Which part of the document it is, from 1.
    pub part_number: u32,
    /// What it is.
    pub kind: Kind,
    /// Name and version of its form.
    pub form: Option<(String, String)>,
    /// How many pages it has.
    pub pages: u32,
    /// How many fields wait for a person.
    pub to_review: u32,
    /// How many were accepted.
    pub accepted: u32,
    /// Findings and whatever else the caller keeps of the whole record, sealed.
    pub summary: SealedBytes,
    /// Its fields, in order.
    pub fields: Vec<NewField>,
    /// Pictures of what was read, all in one, sealed. Its presence must follow from the kind alone.
    pub crops: Option<SealedBytes>,
    /// The text of a letter, sealed.
    pub text: Option<SealedBytes>,
    /// The Message-ID of a letter of ours that it says came back.
    pub returned: Option<String>,
    /// What is to become of it.
    pub outcome: Outcome,
}

/// A field, sealed.
#[derive(Debug, Clone)]
pub struct NewField {
    /// Its name in its form.
    pub name: String,
    /// Everything about it.
    pub sealed: SealedBytes,
}

/// What became of a record when it was filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// The record.
    pub record: RecordId,
    /// Where it stands.
    pub state: RecordState,
    /// Its case and letter.
    pub link: Option<CaseLink>,
    /// Why it waits for a person although nothing of it is to be reviewed.
    pub conflict: Option<CaseConflict>,
}

impl Store {
    /// Files what was read from a document, with all that follows from it. Returns what became of each record, in order.
    ///
    /// # Errors
    /// [`Fault::LeaseLost`] when another daemon has the document; [`Fault::NoRecords`] when there is nothing to file.
    pub async fn file(&self, lease: &Lease<DocumentId>, filing: &Filing, now: Timestamp) -> Result<Vec<Filed>, StoreError> {
        let count = u32::try_from(filing.records.len()).unwrap_or(u32::MAX);
        if count == 0 {
            return Err(Fault::NoRecords { id: lease.id().to_string() }.into());
        }
        let mut tx = self.write(now).await?;
        let document = held(&mut tx, lease).await?;
        document.state.clone().file(count)?;
        let update = query("UPDATE documents SET state = 'filed', pages = $1, lease_owner = NULL, lease_until = NULL, updated_at = $2 WHERE id = $3");
        tx.execute(update.bind(i64::from(filing.pages)).bind(micros(tx.now)).bind(document.id.to_string())).await?;
        tx.note(Action::DocumentFiled, Subject::Document(document.id), Detail::Filed { records: count, pages: filing.pages });
        insert_records(&mut tx, document.id, document.envelope, &filing.records).await?;
        insert_contents(&mut tx, &filing.records).await?;
        if filing.records.iter().any(|record| matches!(record.outcome, Outcome::Case(_))) {
            lock_series(&mut tx).await?;
        }
        let mut filed = Vec::with_capacity(filing.records.len());
        for record in &filing.records {
            let detail = Detail::Record { kind: record.kind, to_review: record.to_review, accepted: record.accepted };
            tx.note(Action::RecordFiled, Subject::Record(record.id), detail);
            let (state, link, conflict) = conclude(&mut tx, record.id, document.envelope, &record.outcome).await?;
            if let Some(message_id) = &record.returned {
                came_back(&mut tx, message_id, record.id).await?;
            }
            filed.push(Filed { record: record.id, state, link, conflict });
        }
        tx.commit().await?;
        Ok(filed)
    }
}

async fn insert_records(tx: &mut Tx, document: DocumentId, envelope: crate::document::EnvelopeId, records: &[NewRecord]) -> Result<(), StoreError> {
    let at = micros(tx.now);
    let head = "INSERT INTO records (id, document_id, envelope_id, part_number, kind, form, form_version, pages, state, revision, to_review, accepted, \
                sealed_summary, created_at)";
    insert_many(tx, head, 14, records, |insert, record| {
        let (form, version) = record.form.clone().unzip();
        insert
            .bind(record.id.to_string())
            .bind(document.to_string())
            .bind(envelope.to_string())
            .bind(i64::from(record.part_number))
            .bind(record.kind.as_str())
            .bind(form)
            .bind(version)
            .bind(i64::from(record.pages))
            .bind("review")
            .bind(1_i64)
            .bind(i64::from(record.to_review))
            .bind(i64::from(record.accepted))
            .bind(record.summary.0.clone())
            .bind(at)
    })
    .await
}

/// The fields, pictures and texts of all records.
async fn insert_contents(tx: &mut Tx, records: &[NewRecord]) -> Result<(), StoreError> {
    let fields: Vec<(String, i64, &NewField)> =
        records.iter().flat_map(|record| (1..).zip(&record.fields).map(|(ordinal, field)| (record.id.to_string(), ordinal, field))).collect();
    insert_many(tx, "INSERT INTO fields (record_id, ordinal, name, revision, sealed)", 5, &fields, |insert, (record, ordinal, field)| {
        insert.bind(record.clone()).bind(*ordinal).bind(field.name.clone()).bind(1_i64).bind(field.sealed.0.clone())
    })
    .await?;
    let crops: Vec<(String, &SealedBytes)> = records.iter().filter_map(|record| Some((record.id.to_string(), record.crops.as_ref()?))).collect();
    // One by one: a bundle may have many megabytes, and a statement holds a second copy of all that is bound to it.
    for (record, crops) in crops {
        tx.execute(query("INSERT INTO crops (record_id, sealed) VALUES ($1, $2)").bind(record).bind(crops.0.clone())).await?;
    }
    let texts: Vec<(String, &SealedBytes)> = records.iter().filter_map(|record| Some((record.id.to_string(), record.text.as_ref()?))).collect();
    insert_many(tx, "INSERT INTO texts (record_id, sealed)", 2, &texts, |insert, (record, text)| insert.bind(record.clone()).bind(text.0.clone())).await
}

/// Draws what follows from a record that stands at review, and moves it on if it is complete. The caller holds [`lock_series`] where a case is named.
pub(super) async fn conclude(
    tx: &mut Tx,
    record: RecordId,
    envelope: crate::document::EnvelopeId,
    outcome: &Outcome,
) -> Result<(RecordState, Option<CaseLink>, Option<CaseConflict>), StoreError> {
    let link = match outcome {
        Outcome::Review => return Ok((RecordState::Review, None, None)),
        Outcome::Closed => None,
        Outcome::Case(consequences) => match draw(tx, record, envelope, consequences).await? {
            Ok(link) => Some(link),
            Err(conflict) => {
                tx.execute(query("UPDATE records SET conflict = $1 WHERE id = $2").bind(conflict.as_str()).bind(record.to_string())).await?;
                tx.note(Action::RecordConflicting, Subject::Record(record), Detail::Why(Code::or_unnamed(conflict.as_str())));
                return Ok((RecordState::Review, None, Some(conflict)));
            }
        },
    };
    let update = query("UPDATE records SET state = 'complete', settled_at = $1, case_id = $2, conflict = NULL WHERE id = $3");
    tx.execute(update.bind(micros(tx.now)).bind(link.map(|link| link.case.to_string())).bind(record.to_string())).await?;
    tx.note(Action::RecordCompleted, Subject::Record(record), link.map_or(Detail::Nothing, |link| Detail::Case(link.case)));
    Ok((RecordState::Complete, link, None))
}
