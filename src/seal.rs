//! The seal stage: what was read becomes sealed rows, and sealed rows become fields again for whoever may see them.
//!
//! Everything that was read of a field is sealed as one: its value, its raw reading and how it was decided. Even whether a health field was
//! filled in is health information, so the sealed bytes are padded and nothing of a field but its name, its type's side of the line and its
//! revision stands in clear. The store sees only what this file hands it.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::document::RecordId;
use crate::record::{
    Confidence, Content, Crop, Decision, Field, FieldType, Finding, FormRef, Guarded, Kind, Part, Purpose, ReaderKind, RectMm, Sensitivity, Special,
};
use crate::vault::{Envelope, OpenError, Place, Sealed};

/// Fields are padded to a multiple of this many bytes, so that a blank one is as long as one with a short answer.
const FIELD_BLOCK: u16 = 512;
/// Summaries are padded to a multiple of this many bytes.
const SUMMARY_BLOCK: u16 = 1024;

/// The revision of what a reader read; a person's settlements count on from it.
pub const FIRST_REVISION: u32 = 1;

/// A part, sealed.
#[derive(Debug)]
pub struct SealedPart {
    /// What stands in clear: needed to sort and count, and says nothing of a person.
    pub outline: Outline,
    /// Findings, the part's name in its document, the identification.
    pub summary: Sealed,
    /// Every field of the form, blank ones too.
    pub fields: Vec<SealedField>,
    /// Pictures of the zones that were not blank.
    pub crops: Vec<(String, Sealed)>,
    /// The text of a letter.
    pub text: Option<Sealed>,
}

/// What stands in clear about a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// What it is.
    pub kind: Kind,
    /// Name and version of its form.
    pub form: Option<(String, String)>,
    /// How many pages.
    pub pages: u32,
    /// How many fields were accepted.
    pub accepted: u32,
    /// How many fields wait for a person.
    pub to_review: u32,
}

/// One sealed field.
#[derive(Debug)]
pub struct SealedField {
    /// The field's name.
    pub name: String,
    /// 1 as it was read; the record's revision when a person settled it.
    pub revision: u32,
    /// The sealed bytes.
    pub sealed: Sealed,
}

/// The summary of a record, opened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Summary {
    /// `pages 1-2` when the document holds several parts.
    pub part: Option<String>,
    /// Which form or letter.
    pub form: Option<FormRef>,
    /// What a person should look at.
    pub findings: Vec<Finding>,
    /// What a person has looked at and let stand.
    #[serde(default)]
    pub confirmed: Vec<Finding>,
}

/// A sealed row that cannot be opened, or does not hold what it should.
#[derive(Debug, thiserror::Error)]
pub enum UnsealError {
    /// The vault refuses it.
    #[error("{place}: {source}")]
    Open {
        /// Table and field name.
        place: String,
        /// Why.
        source: OpenError,
    },
    /// It opens, but does not hold a field.
    #[error("{place}: the sealed content is not in the form this version writes\nit was written by another version: upgrade, or restore the backup that fits")]
    Content {
        /// Table and field name.
        place: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Stored {
    kind: FieldType,
    sensitivity: Sensitivity,
    content: Content,
    confidence: Confidence,
    threshold: Confidence,
    decision: Decision,
    reader: ReaderKind,
    model: String,
    rule: Option<String>,
    page: Option<u32>,
    zone: Option<RectMm>,
    span: Option<(usize, usize)>,
}

fn field_place<'a>(record: &'a RecordId, name: &'a str, revision: u32) -> Place<'a> {
    Place { table: "fields", record: record.as_bytes(), field: name, revision }
}

/// Seals a part as the record `id`.
#[must_use]
pub fn seal_part(envelope: &Envelope, id: RecordId, part: &Part) -> SealedPart {
    let summary = Summary { part: part.part.clone(), form: part.form.clone(), findings: part.findings.clone(), confirmed: Vec::new() };
    SealedPart {
        outline: Outline {
            kind: part.kind,
            form: part.form.as_ref().map(|form| (form.name.clone(), form.version.clone())),
            pages: part.pages,
            accepted: count(part.accepted()),
            to_review: count(part.to_review()),
        },
        summary: seal_summary(envelope, id, FIRST_REVISION, &summary),
        fields: part.fields.iter().map(|field| seal_field(envelope, id, FIRST_REVISION, field)).collect(),
        crops: part
            .fields
            .iter()
            .filter_map(|field| field.crop.as_ref().map(|crop| (field.name.clone(), envelope.seal(&crop_place(&id, &field.name), &crop.png))))
            .collect(),
        text: part.text.as_ref().map(|text| envelope.seal(&text_place(&id), text.expose(Purpose::Seal).as_bytes())),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn crop_place<'a>(record: &'a RecordId, name: &'a str) -> Place<'a> {
    Place { table: "crops", record: record.as_bytes(), field: name, revision: FIRST_REVISION }
}

fn text_place(record: &RecordId) -> Place<'_> {
    Place { table: "texts", record: record.as_bytes(), field: "text", revision: FIRST_REVISION }
}

fn summary_place(record: &RecordId, revision: u32) -> Place<'_> {
    Place { table: "records", record: record.as_bytes(), field: "summary", revision }
}

/// Seals a record's summary; `revision` counts how often it was settled.
#[must_use]
pub fn seal_summary(envelope: &Envelope, id: RecordId, revision: u32, summary: &Summary) -> Sealed {
    envelope.seal_padded(&summary_place(&id, revision), &json(summary), SUMMARY_BLOCK)
}

/// Seals one revision of a field.
#[must_use]
pub fn seal_field(envelope: &Envelope, id: RecordId, revision: u32, field: &Field) -> SealedField {
    let stored = Stored {
        kind: field.kind,
        sensitivity: field.content.sensitivity(),
        content: field.content.expose(Purpose::Seal).clone(),
        confidence: field.confidence,
        threshold: field.threshold,
        decision: field.decision,
        reader: field.reader,
        model: field.model.clone(),
        rule: field.rule.clone(),
        page: field.page,
        zone: field.zone,
        span: field.span,
    };
    let sealed = envelope.seal_padded(&field_place(&id, &field.name, revision), &json(&stored), FIELD_BLOCK);
    SealedField { name: field.name.clone(), revision, sealed }
}

fn json<T: Serialize>(value: &T) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(serde_json::to_vec(value).expect("these types have string keys only, so they are always JSON"))
}

/// Opens a field.
///
/// # Errors
/// When the vault refuses it or it does not hold a field.
pub fn open_field(envelope: &Envelope, id: RecordId, name: &str, revision: u32, sealed: &[u8]) -> Result<Field, UnsealError> {
    let place = || format!("fields.{name}");
    let plain = envelope.open(&field_place(&id, name, revision), sealed).map_err(|source| UnsealError::Open { place: place(), source })?;
    let stored: Stored = serde_json::from_slice(&plain).map_err(|_| UnsealError::Content { place: place() })?;
    Ok(Field {
        name: name.to_owned(),
        kind: stored.kind,
        content: Guarded::new(stored.sensitivity, stored.content),
        confidence: stored.confidence,
        threshold: stored.threshold,
        decision: stored.decision,
        reader: stored.reader,
        model: stored.model,
        rule: stored.rule,
        page: stored.page,
        zone: stored.zone,
        span: stored.span,
        crop: None,
    })
}

/// Opens a record's summary.
///
/// # Errors
/// As [`open_field`].
pub fn open_summary(envelope: &Envelope, id: RecordId, revision: u32, sealed: &[u8]) -> Result<Summary, UnsealError> {
    let place = || "records.summary".to_owned();
    let plain = envelope.open(&summary_place(&id, revision), sealed).map_err(|source| UnsealError::Open { place: place(), source })?;
    serde_json::from_slice(&plain).map_err(|_| UnsealError::Content { place: place() })
}

/// Opens the picture of a zone.
///
/// # Errors
/// When the vault refuses it.
pub fn open_crop(envelope: &Envelope, id: RecordId, name: &str, sealed: &[u8]) -> Result<Crop, UnsealError> {
    let plain = envelope.open(&crop_place(&id, name), sealed).map_err(|source| UnsealError::Open { place: format!("crops.{name}"), source })?;
    Ok(Crop { png: plain.to_vec() })
}

/// Opens the text of a letter.
///
/// # Errors
/// When the vault refuses it or it is no text.
pub fn open_text(envelope: &Envelope, id: RecordId, sealed: &[u8]) -> Result<Special<String>, UnsealError> {
    let place = || "texts".to_owned();
    let plain = envelope.open(&text_place(&id), sealed).map_err(|source| UnsealError::Open { place: place(), source })?;
    String::from_utf8(plain.to_vec()).map(Special::new).map_err(|_| UnsealError::Content { place: place() })
}
