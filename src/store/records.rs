//! Records as they are read: lists, one record, its fields in their latest revision and all before, its pictures and its text. Nothing is changed here.

use sqlx::any::AnyRow;

use super::cases::CaseConflict;
use super::error::{Fault, StoreError};
use super::rows::{Cells, query};
use super::{Page, SealedBytes, Store, StoredEnvelope};
use crate::clock::Timestamp;
use crate::document::{CaseId, DocumentId, RecordId};
use crate::record::{Kind, RecordState};

/// A record in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// Its id.
    pub id: RecordId,
    /// The document it was found in.
    pub document: DocumentId,
    /// The envelope its values are sealed in.
    pub envelope: StoredEnvelope,
    /// Which part of the document it is, from 1.
    pub part_number: u32,
    /// What it is.
    pub kind: Kind,
    /// Name and version of its form.
    pub form: Option<(String, String)>,
    /// How many pages it has.
    pub pages: u32,
    /// Where it stands.
    pub state: RecordState,
    /// How often it was saved, from 1.
    pub revision: u32,
    /// How many fields wait for a person.
    pub to_review: u32,
    /// How many are accepted.
    pub accepted: u32,
    /// Why it waits although its fields do not.
    pub conflict: Option<CaseConflict>,
    /// Findings and the like, sealed under `revision`.
    pub summary: SealedBytes,
    /// Its case, once it has one.
    pub case: Option<CaseId>,
    /// When it was filed.
    pub created_at: Timestamp,
    /// When it became complete.
    pub settled_at: Option<Timestamp>,
}

/// A field as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRow {
    /// Its place in the form, from 1.
    pub ordinal: u32,
    /// Its name.
    pub name: String,
    /// The revision of the record that wrote it, and that it is sealed under.
    pub revision: u32,
    /// Everything about it.
    pub sealed: SealedBytes,
}

/// Which records to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecordFilter {
    /// Only those that stand here.
    pub state: Option<RecordState>,
    /// Only those of this document.
    pub document: Option<DocumentId>,
    /// Only those of this case.
    pub case: Option<CaseId>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.document_id, r.envelope_id, e.kek_id, e.wrapped_dek, r.part_number, r.kind, r.form, r.form_version, r.pages, r.state, r.revision, \
             r.to_review, r.accepted, r.conflict, r.sealed_summary, r.case_id, r.created_at, r.settled_at \
             FROM records r JOIN envelopes e ON e.id = r.envelope_id ",
            $rest
        )
    };
}

fn kind_from_code(code: &str) -> Option<Kind> {
    [Kind::Form, Kind::Letter, Kind::Mail, Kind::Other, Kind::Unknown].into_iter().find(|kind| kind.as_str() == code)
}

fn record_row(row: &AnyRow) -> Result<RecordRow, StoreError> {
    let cells = Cells::new(row, "records", "id")?;
    let conflict = cells.maybe_text("conflict")?;
    Ok(RecordRow {
        id: cells.parsed("id")?,
        document: cells.parsed("document_id")?,
        envelope: cells.envelope()?,
        part_number: cells.number("part_number")?,
        kind: cells.code("kind", kind_from_code)?,
        form: cells.maybe_text("form")?.zip(cells.maybe_text("form_version")?),
        pages: cells.number("pages")?,
        state: cells.code("state", RecordState::from_code)?,
        revision: cells.number("revision")?,
        to_review: cells.number("to_review")?,
        accepted: cells.number("accepted")?,
        conflict: conflict.map(|code| CaseConflict::from_code(&code).ok_or_else(|| cells.bad("conflict"))).transpose()?,
        summary: cells.sealed("sealed_summary")?,
        case: cells.maybe_parsed("case_id")?,
        created_at: cells.time("created_at")?,
        settled_at: cells.maybe_time("settled_at")?,
    })
}

fn field_row(row: &AnyRow, record: RecordId) -> Result<FieldRow, StoreError> {
    let cells = Cells::named(row, "fields", &record);
    Ok(FieldRow { ordinal: cells.number("ordinal")?, name: cells.text("name")?, revision: cells.number("revision")?, sealed: cells.sealed("sealed")? })
}

impl Store {
    /// Records, newest first.
    ///
    /// # Errors
    /// When the database fails or a row is broken.
    pub async fn records(&self, filter: RecordFilter, page: Page<RecordId>) -> Result<Vec<RecordRow>, StoreError> {
        let select = query(select!(
            "WHERE ($1 IS NULL OR r.state = $1) AND ($2 IS NULL OR r.document_id = $2) AND ($3 IS NULL OR r.case_id = $3) AND ($4 IS NULL OR r.id < $4) \
             ORDER BY r.id DESC LIMIT $5"
        ));
        let select = select
            .bind(filter.state.map(RecordState::as_str))
            .bind(filter.document.map(|id| id.to_string()))
            .bind(filter.case.map(|id| id.to_string()))
            .bind(page.before.map(|id| id.to_string()))
            .bind(i64::from(page.limit));
        self.all(select).await?.iter().map(record_row).collect()
    }

    /// The records of one document, in the order of its parts.
    ///
    /// # Errors
    /// When the database fails or a row is broken.
    pub async fn records_of(&self, document: DocumentId) -> Result<Vec<RecordRow>, StoreError> {
        let rows = self.all(query(select!("WHERE r.document_id = $1 ORDER BY r.part_number")).bind(document.to_string())).await?;
        rows.iter().map(record_row).collect()
    }

    /// One record.
    ///
    /// # Errors
    /// [`Fault::NotFound`], or the database fails.
    pub async fn record(&self, id: RecordId) -> Result<RecordRow, StoreError> {
        let row = self.optional(query(select!("WHERE r.id = $1")).bind(id.to_string())).await?;
        record_row(&row.ok_or_else(|| Fault::NotFound { kind: "record", id: id.to_string() })?)
    }

    /// The fields of a record as they stand now, in the order of its form.
    ///
    /// # Errors
    /// When the database fails or a row is broken.
    pub async fn fields(&self, record: RecordId) -> Result<Vec<FieldRow>, StoreError> {
        let select = query(
            "SELECT f.ordinal, f.name, f.revision, f.sealed FROM fields f WHERE f.record_id = $1 AND f.revision = \
             (SELECT MAX(l.revision) FROM fields l WHERE l.record_id = f.record_id AND l.name = f.name) ORDER BY f.ordinal",
        );
        self.all(select.bind(record.to_string())).await?.iter().map(|row| field_row(row, record)).collect()
    }

    /// One field in all its revisions, the first reading first.
    ///
    /// # Errors
    /// When the database fails or a row is broken.
    pub async fn field_history(&self, record: RecordId, name: &str) -> Result<Vec<FieldRow>, StoreError> {
        let select = query("SELECT ordinal, name, revision, sealed FROM fields WHERE record_id = $1 AND name = $2 ORDER BY revision");
        self.all(select.bind(record.to_string()).bind(name.to_owned())).await?.iter().map(|row| field_row(row, record)).collect()
    }

    /// The pictures of a record's fields, in one, sealed under revision 1.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn crops(&self, record: RecordId) -> Result<Option<SealedBytes>, StoreError> {
        let row = self.optional(query("SELECT sealed FROM crops WHERE record_id = $1").bind(record.to_string())).await?;
        row.map(|row| Cells::named(&row, "crops", &record).sealed("sealed")).transpose()
    }

    /// The text of a letter, sealed under revision 1.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn text(&self, record: RecordId) -> Result<Option<SealedBytes>, StoreError> {
        let row = self.optional(query("SELECT sealed FROM texts WHERE record_id = $1").bind(record.to_string())).await?;
        row.map(|row| Cells::named(&row, "texts", &record).sealed("sealed")).transpose()
    }
}
