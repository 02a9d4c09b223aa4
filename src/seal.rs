//! The seal stage: what was read becomes sealed rows, and sealed rows become fields again for whoever may see them.
//!
//! Everything that was read of a field is sealed as one: its value, its raw reading and how it was decided. Even whether a health field was
//! filled in is health information, so the sealed bytes are padded and nothing of a field but its name and its revision stands in clear. For the
//! same reason the pictures of a form are one sealed bundle, which every form has: a picture of its own for each field that is not blank would be a
//! list of the fields that are not blank. The store sees only what this file hands it.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use zeroize::Zeroizing;

use crate::document::{DocumentId, RecordId, Refusal};
use crate::record::{
    Confidence, Content, Crop, Decision, Field, FieldType, Finding, FormRef, Guarded, Kind, Part, Purpose, ReaderKind, RectMm, Sensitivity, Special,
};
use crate::vault::{Envelope, OpenError, Place, Sealed};

/// Fields are padded to a multiple of this many bytes, so that a blank one is as long as one with a short answer.
const FIELD_BLOCK: u16 = 512;
/// Texts are padded to a multiple of this: how long a letter is says little.
const TEXT_BLOCK: u16 = 4096;
/// Summaries are padded to a multiple of this many bytes.
const SUMMARY_BLOCK: u16 = 1024;
/// A bundle of pictures is padded to a power of two of at least this many bytes: its size says whether a form is thick, not what is filled in.
const CROPS_BYTES_MIN: usize = 256 * 1024;
/// Refusals are padded to a multiple of this many bytes, which none reaches: what a reader writes there is not told by its length either.
const REFUSAL_BLOCK: u16 = 4096;
/// The length of a bundle's list, before the list.
const LIST_LENGTH_BYTES: usize = 4;

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
    /// Pictures of the zones that were not blank, all in one. Every form has it, also one that is blank; nothing else does.
    pub crops: Option<Sealed>,
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
    /// How many ordinary fields were accepted. Special ones are not counted: whether one says anything must not show from outside the seals.
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

/// One picture in a bundle's list. The pictures themselves follow the list, in its order.
#[derive(Serialize, Deserialize)]
struct Listed<'a> {
    field: Cow<'a, str>,
    /// The only one there is: it says what the bytes are to whoever opens them without this program.
    media: Cow<'a, str>,
    bytes: usize,
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
            accepted: accepted(&part.fields),
            to_review: count(part.to_review()),
        },
        summary: seal_summary(envelope, id, FIRST_REVISION, &summary),
        fields: part.fields.iter().map(|field| seal_field(envelope, id, FIRST_REVISION, field)).collect(),
        crops: (part.kind == Kind::Form).then(|| seal_crops(envelope, id, &part.fields)),
        text: part.text.as_ref().map(|text| envelope.seal_padded(&text_place(&id), text.expose(Purpose::Seal).as_bytes(), TEXT_BLOCK)),
    }
}

/// How many ordinary fields are accepted.
#[must_use]
pub fn accepted(fields: &[Field]) -> u32 {
    let counts = |field: &&Field| field.decision == Decision::Accept && field.content.sensitivity() == Sensitivity::Ordinary;
    count(fields.iter().filter(counts).count())
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn crops_place(record: &RecordId) -> Place<'_> {
    Place { table: "crops", record: record.as_bytes(), field: "crops", revision: FIRST_REVISION }
}

/// The pictures of all fields as one: the length of a list in four bytes, big-endian, the list as JSON, and the pictures one after the other.
fn seal_crops(envelope: &Envelope, id: RecordId, fields: &[Field]) -> Sealed {
    let crops: Vec<(&str, &[u8])> = fields.iter().filter_map(|field| Some((field.name.as_str(), field.crop.as_ref()?.png.as_slice()))).collect();
    let list = json(&crops.iter().map(|(name, png)| Listed { field: (*name).into(), media: "image/png".into(), bytes: png.len() }).collect::<Vec<_>>());
    let length = u32::try_from(list.len()).expect("a reading is bounded to far less than 4 GiB");
    let mut bundle = Zeroizing::new(Vec::with_capacity(LIST_LENGTH_BYTES + list.len() + crops.iter().map(|(_, png)| png.len()).sum::<usize>()));
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(&list);
    for (_, png) in crops {
        bundle.extend_from_slice(png);
    }
    envelope.seal_doubling(&crops_place(&id), &bundle, CROPS_BYTES_MIN)
}

fn text_place(record: &RecordId) -> Place<'_> {
    Place { table: "texts", record: record.as_bytes(), field: "text", revision: FIRST_REVISION }
}

fn summary_place(record: &RecordId, revision: u32) -> Place<'_> {
    Place { table: "records", record: record.as_bytes(), field: "summary", revision }
}

fn refusal_place(document: &DocumentId) -> Place<'_> {
    Place { table: "documents", record: document.as_bytes(), field: "refusal", revision: FIRST_REVISION }
}

/// Seals why a document was refused: the sentences are the reader's.
#[must_use]
pub fn seal_refusal(envelope: &Envelope, document: DocumentId, refusal: &Refusal) -> Sealed {
    envelope.seal_padded(&refusal_place(&document), &json(refusal), REFUSAL_BLOCK)
}

/// Opens why a document was refused.
///
/// # Errors
/// As [`open_field`].
pub fn open_refusal(envelope: &Envelope, document: DocumentId, sealed: &[u8]) -> Result<Refusal, UnsealError> {
    let place = || "documents.refusal".to_owned();
    let plain = envelope.open(&refusal_place(&document), sealed).map_err(|source| UnsealError::Open { place: place(), source })?;
    serde_json::from_slice(&plain).map_err(|_| UnsealError::Content { place: place() })
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

/// Seals something of our own about a row: a task, an anmodning, what a letter is to say.
#[must_use]
pub fn seal_entry<T: Serialize>(envelope: &Envelope, place: &Place<'_>, entry: &T) -> Sealed {
    envelope.seal_padded(place, &json(entry), FIELD_BLOCK)
}

/// Opens what [`seal_entry`] sealed.
///
/// # Errors
/// When the vault refuses it or it does not hold such an entry.
pub fn open_entry<T: serde::de::DeserializeOwned>(envelope: &Envelope, place: &Place<'_>, sealed: &[u8]) -> Result<T, UnsealError> {
    let named = || format!("{}.{}", place.table, place.field);
    let plain = envelope.open(place, sealed).map_err(|source| UnsealError::Open { place: named(), source })?;
    serde_json::from_slice(&plain).map_err(|_| UnsealError::Content { place: named() })
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

/// Opens the bundle of a record's pictures and takes the one of the field `name`; none when there is no picture of it.
///
/// # Errors
/// When the vault refuses it or it is no bundle.
pub fn open_crop(envelope: &Envelope, id: RecordId, name: &str, sealed: &[u8]) -> Result<Option<Crop>, UnsealError> {
    let bundle = envelope.open(&crops_place(&id), sealed).map_err(|source| UnsealError::Open { place: "crops".to_owned(), source })?;
    find_crop(&bundle, name)
}

/// The picture of the field `name` in an opened bundle.
fn find_crop(bundle: &[u8], name: &str) -> Result<Option<Crop>, UnsealError> {
    let broken = || UnsealError::Content { place: "crops".to_owned() };
    let (length, rest) = bundle.split_first_chunk::<LIST_LENGTH_BYTES>().ok_or_else(broken)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| broken())?;
    let (list, mut pictures) = rest.split_at_checked(length).ok_or_else(broken)?;
    for listed in serde_json::from_slice::<Vec<Listed<'_>>>(list).map_err(|_| broken())? {
        let (png, others) = pictures.split_at_checked(listed.bytes).ok_or_else(broken)?;
        if listed.field == name {
            return Ok(Some(Crop { png: png.to_vec() }));
        }
        pictures = others;
    }
    Ok(None)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{CountingEntropy, SharedEntropy, StoppedClock};
    use crate::document::{EnvelopeId, RefusalCode};
    use crate::vault::Vault;
    use std::sync::Arc;

    fn opened() -> (Envelope, RecordId) {
        let (clock, entropy): (_, SharedEntropy) = (StoppedClock::at("2026-11-21T09:00:00Z".parse().unwrap()), Arc::new(CountingEntropy::seeded(1)));
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::init(folder.path(), &clock, entropy.clone()).unwrap();
        (vault.new_envelope(EnvelopeId::new(&clock, &*entropy)).0, RecordId::new(&clock, &*entropy))
    }

    /// A form of which these fields have a picture of so many bytes.
    fn form(pictures: &[(&str, usize)]) -> Part {
        let field = |name: &str| Field {
            name: name.into(),
            kind: FieldType::Text,
            content: Guarded::new(Sensitivity::Special, Content::default()),
            confidence: Confidence::CERTAIN,
            threshold: Confidence::CERTAIN,
            decision: Decision::Empty,
            reader: ReaderKind::Free,
            model: "m".into(),
            rule: None,
            page: Some(1),
            zone: None,
            span: None,
            crop: pictures.iter().find(|(has, _)| *has == name).map(|(_, bytes)| Crop { png: vec![u8::try_from(bytes % 251).unwrap(); *bytes] }),
        };
        let fields = ["duf", "tilrettelegging", "tilrettelegging_beskrivelse"].map(field).into();
        Part { part: None, kind: Kind::Form, form: None, pages: 1, fields, findings: vec![], text: None }
    }

    #[test]
    fn nobody_sees_from_outside_which_fields_of_a_form_have_a_picture() {
        let (envelope, id) = opened();
        let sealed = |pictures: &[(&str, usize)]| seal_part(&envelope, id, &form(pictures)).crops.expect("every form has a bundle").into_bytes();
        let (blank, full) = (sealed(&[]), sealed(&[("duf", 30_000), ("tilrettelegging", 4000), ("tilrettelegging_beskrivelse", 90_000)]));
        assert_eq!((blank.len(), full.len()), (256 * 1024 + 88, 256 * 1024 + 88));
        // A thick one is twice as long, and no length lies between.
        assert_eq!(sealed(&[("duf", 300_000)]).len(), 512 * 1024 + 88);
        let letter = Part { kind: Kind::Letter, ..form(&[]) };
        assert!(seal_part(&envelope, id, &letter).crops.is_none());
    }

    #[test]
    fn each_picture_is_found_again_in_the_bundle() {
        let (envelope, id) = opened();
        let sealed = seal_part(&envelope, id, &form(&[("duf", 30_000), ("tilrettelegging_beskrivelse", 90_000)])).crops.expect("a bundle").into_bytes();
        let open = |name| open_crop(&envelope, id, name, &sealed).expect("it opens").map(|crop| (crop.png.len(), crop.png[0]));
        assert_eq!(open("duf"), Some((30_000, 131)));
        assert_eq!(open("tilrettelegging_beskrivelse"), Some((90_000, 142)));
        assert_eq!((open("tilrettelegging"), open("nothing")), (None, None));
        let other = RecordId::new(&StoppedClock::at("2026-11-22T09:00:00Z".parse().unwrap()), &CountingEntropy::seeded(9));
        assert!(matches!(open_crop(&envelope, other, "duf", &sealed), Err(UnsealError::Open { .. })), "a bundle belongs to its record");
    }

    #[test]
    fn a_refusal_is_as_long_sealed_whatever_it_says() {
        let (envelope, _) = opened();
        let (clock, entropy) = (StoppedClock::at("2026-11-21T09:00:00Z".parse().unwrap()), CountingEntropy::seeded(2));
        let document = DocumentId::new(&clock, &entropy);
        let short = Refusal::new(RefusalCode::Damaged, "m", "a");
        let long = Refusal::new(RefusalCode::Locked, "\"".repeat(1000), "\\".repeat(1000));
        let sealed = [&short, &long].map(|refusal| seal_refusal(&envelope, document, refusal).into_bytes());
        assert_eq!((sealed[0].len(), sealed[1].len()), (4096 + 88, 4096 + 88));
        assert_eq!(open_refusal(&envelope, document, &sealed[1]).expect("it opens"), long);
        assert!(open_refusal(&envelope, DocumentId::new(&clock, &entropy), &sealed[0]).is_err(), "a refusal belongs to its document");
    }

    #[test]
    fn what_is_no_bundle_is_said_to_be_none() {
        for bytes in [&b""[..], b"\0\0", b"\0\0\0\x09[]", b"\0\0\0\x02{}", b"\0\0\0\x2d[{\"field\":\"a\",\"media\":\"image/png\",\"bytes\":9}]png"] {
            assert!(matches!(find_crop(bytes, "a"), Err(UnsealError::Content { .. })), "{bytes:?}");
        }
        assert!(find_crop(b"\0\0\0\x02[]", "a").is_ok_and(|found| found.is_none()));
    }
}
