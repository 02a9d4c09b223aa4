//! What the JSON in the frames holds, and the bounds within which the daemon believes a reader.
//!
//! The daemon treats a reader as taken over: counts, lengths, page numbers, places, confidences, names and pictures are checked before
//! anything of it becomes a [`Reading`], and the first breach condemns the whole answer. Codes and sentences are short and printable, for
//! they end on somebody's screen; that they are not stored or logged in the clear is the pipeline's work. Content is opaque text of bounded length; special content goes into [`Special`] the
//! moment it is checked.
//!
//! Whether a value is *right* is not looked at here.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet, VecDeque};
use zeroize::Zeroizing;

use super::protocol::{CROP_BYTES_MAX, CROP_PLACE_BYTES, PICTURE_PLACE_BYTES, READING_BYTES_MAX};
use super::sandbox::{Held, Layer, SandboxMode};
use super::{Job, PICTURE_BYTES_MAX, PICTURES_BYTES_MAX, Pictures, Trial};
use crate::document::{Refusal, RefusalCode};
use crate::record::{
    Confidence, Content, Crop, Decision, Field, FieldType, Finding, FormRef, Guarded, Kind, PagePicture, Part, Purpose, ReaderKind, Reading, RectMm,
    Sensitivity, Special, Value,
};

/// Parts of a document.
const PARTS_MAX: usize = 1000;
/// Fields of all parts together.
const FIELDS_MAX: usize = 20_000;
/// Findings of one part.
const FINDINGS_MAX: usize = 1000;
/// Pages of a document.
const PAGES_MAX: u32 = 100_000;
/// Page codes of forms go to 99.
const FORM_PAGES_MAX: u32 = 99;
/// Bytes of a field's value, text or raw reading.
const CONTENT_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a letter's normalised text.
const TEXT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes of a name or code.
const NAME_BYTES_MAX: usize = 120;
/// The largest residual of a registration, mm: more is refused where it is made.
const RESIDUAL_MM_MAX: f64 = 10.0;
/// Bytes of a label: a model, a version, a rule.
const LABEL_BYTES_MAX: usize = 200;
/// Bytes of a sentence.
const SENTENCE_BYTES_MAX: usize = 1000;
/// Items of a list value.
const ITEMS_MAX: usize = 500;
/// Millimetres from a page's corner: larger than any scan.
const PLACE_MM_MAX: f64 = 5000.0;
/// Pixels along the side of a picture.
const CROP_SIDE_PX_MAX: u32 = 20_000;
/// Bytes of all pictures together.
const CROPS_BYTES_MAX: usize = 128 * 1024 * 1024;
/// Milliseconds: a week.
const MS_MAX: u64 = 7 * 24 * 3_600_000;

/// A breach of a bound; it names the bound and never the content.
pub(super) type Breach = &'static str;

/// The daemon's first word.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Start {
    /// [`super::protocol::VERSION`].
    pub version: u32,
    /// The daemon's process id.
    pub daemon: u32,
    /// How much memory the reader may have.
    pub memory_mib: u64,
    /// Whether missing layers are borne.
    pub sandbox: SandboxMode,
}

/// The child's first word.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hello {
    /// [`super::protocol::VERSION`].
    pub version: u32,
    /// Each layer, as it was found when tried.
    pub layers: Vec<(Layer, Held)>,
    /// What it reads with: `tesseract 5.3.0 nor+eng`.
    pub engines: Vec<String>,
}

/// The child's first and last word when it cannot work.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Failed {
    /// It could not load what it reads with.
    WarmUp(String),
    /// A required layer is missing.
    Sandbox(Layer, String),
    /// The daemon speaks another version.
    Version(u32),
}

/// A document is coming.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    /// What to do with it.
    pub job: Job,
    /// How many bytes it has.
    pub bytes: u64,
    /// How much processor time it may take.
    pub cpu_seconds: u64,
}

/// The daemon asks the child to break out.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Try {
    /// How.
    pub trial: Trial,
}

/// The child is free again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Done {
    /// How much memory it holds now.
    pub resident_kib: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireReading {
    parts: Vec<WirePart>,
    pages: u32,
    /// The pages of which a [`Kind::Picture`](super::protocol::Kind::Picture) frame follows, in that order.
    pictures: Vec<u32>,
    ms: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WirePart {
    part: Option<String>,
    kind: Kind,
    form: Option<WireForm>,
    pages: u32,
    fields: Vec<WireField>,
    findings: Vec<WireFinding>,
    text: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireForm {
    name: String,
    version: String,
    score: f32,
    residual_mm: Option<f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireField {
    name: String,
    kind: FieldType,
    sensitivity: Sensitivity,
    value: Option<WireValue>,
    text: Option<String>,
    raw: Option<String>,
    confidence: f32,
    threshold: f32,
    decision: Decision,
    reader: ReaderKind,
    model: String,
    rule: Option<String>,
    page: Option<u32>,
    zone: Option<[f64; 4]>,
    span: Option<(usize, usize)>,
    /// Whether a [`Kind::Crop`](super::protocol::Kind::Crop) frame follows for it.
    crop: bool,
}

/// A value with its shape said aloud: an empty list of years is not an empty list of codes.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireValue {
    Flag(bool),
    Integer(i64),
    Text(String),
    Codes(Vec<String>),
    Years(Vec<i64>),
    Rows(Vec<BTreeMap<String, serde_json::Value>>),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireFinding {
    code: String,
    field: Option<String>,
    message: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRefusal {
    code: RefusalCode,
    message: String,
    advice: String,
}

/// The JSON of a reading, as a child sends it. Pictures, and the text of letters, are left out where `job` does not want them.
///
/// # Errors
/// When it is longer than a reading may be.
pub(super) fn write_reading(reading: &Reading, job: &Job) -> Result<Zeroizing<Vec<u8>>, Breach> {
    let wire = WireReading {
        parts: reading.parts.iter().map(|part| wire_part(part, job)).collect(),
        pages: reading.pages,
        pictures: pictures(reading, job).map(|picture| picture.page).collect(),
        ms: reading.ms,
    };
    let json = Zeroizing::new(serde_json::to_vec(&wire).map_err(|_| "a reading that cannot be written as JSON")?);
    if json.len() <= READING_BYTES_MAX { Ok(json) } else { Err("a reading longer than 16 MiB") }
}

/// The pictures that go with [`write_reading`]: part, field and PNG.
pub(super) fn crops(reading: &Reading) -> impl Iterator<Item = (u32, u32, &Crop)> {
    let numbered = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    reading.parts.iter().enumerate().flat_map(move |(part, found)| {
        let fields = found.fields.iter().enumerate();
        fields.filter_map(move |(field, read)| read.crop.as_ref().map(|crop| (numbered(part), numbered(field), crop)))
    })
}

/// The pictures of pages that go with [`write_reading`], after the crops.
pub(super) fn pictures<'r>(reading: &'r Reading, job: &Job) -> impl Iterator<Item = &'r PagePicture> + use<'r> {
    let wanted = job.pictures != Pictures::No;
    reading.pictures.iter().filter(move |_| wanted)
}

fn wire_part(part: &Part, job: &Job) -> WirePart {
    WirePart {
        part: part.part.clone(),
        kind: part.kind,
        form: part.form.as_ref().map(|form| WireForm {
            name: form.name.clone(),
            version: form.version.clone(),
            score: form.score.get(),
            residual_mm: form.residual_mm,
        }),
        pages: part.pages,
        fields: part.fields.iter().map(|field| wire_field(field, job)).collect(),
        findings: part.findings.iter().map(|f| WireFinding { code: f.code.clone(), field: f.field.clone(), message: f.message.clone() }).collect(),
        text: part.text.as_ref().filter(|_| job.text).map(|text| text.expose(Purpose::Pipe).clone()),
    }
}

fn wire_field(field: &Field, job: &Job) -> WireField {
    let content = field.content.expose(Purpose::Pipe);
    WireField {
        name: field.name.clone(),
        kind: field.kind,
        sensitivity: field.content.sensitivity(),
        value: content.value.clone().map(WireValue::from),
        text: content.text.clone(),
        raw: content.raw.clone(),
        confidence: field.confidence.get(),
        threshold: field.threshold.get(),
        decision: field.decision,
        reader: field.reader,
        model: field.model.clone(),
        rule: field.rule.clone(),
        page: field.page,
        zone: field.zone.map(|zone| zone.0),
        span: field.span,
        crop: job.crops && field.crop.is_some(),
    }
}

/// The reading in a child's JSON, and how many pictures must follow it.
///
/// # Errors
/// The first bound that it breaks.
pub(super) fn read_reading(json: &[u8], job: &Job) -> Result<Incoming, Breach> {
    let wire: WireReading = serde_json::from_slice(json).map_err(|_| "a reading that is not of the agreed shape")?;
    hold((1..=PARTS_MAX).contains(&wire.parts.len()), "a reading of no parts, or of too many")?;
    hold((1..=PAGES_MAX).contains(&wire.pages), "a number of pages that cannot be")?;
    hold(wire.ms <= MS_MAX, "a duration that cannot be")?;
    hold(wire.parts.iter().map(|part| part.fields.len()).sum::<usize>() <= FIELDS_MAX, "more fields than a document can have")?;
    hold(wire.pictures.is_empty() || job.pictures != Pictures::No, "pictures of pages that nobody asked for")?;
    hold(wire.pictures.iter().all(|page| (1..=wire.pages).contains(page)), "a picture of a page that the document cannot have")?;
    hold(wire.pictures.is_sorted_by(|page, next| page < next), "pictures of pages that are not in order")?;
    let mut incoming = Incoming {
        reading: Reading { parts: Vec::new(), pages: wire.pages, pictures: Vec::new(), ms: wire.ms },
        announced: HashSet::new(),
        crop_bytes: 0,
        announced_pages: wire.pictures.into(),
        picture_bytes: 0,
    };
    for (index, part) in wire.parts.into_iter().enumerate() {
        for (field, _) in part.fields.iter().enumerate().filter(|(_, field)| field.crop) {
            hold(job.crops, "a picture that nobody asked for")?;
            incoming.announced.insert((index, field));
        }
        incoming.reading.parts.push(checked_part(part, wire.pages, job)?);
    }
    Ok(incoming)
}

/// A reading whose pictures are still on their way.
pub(super) struct Incoming {
    reading: Reading,
    announced: HashSet<(usize, usize)>,
    crop_bytes: usize,
    /// The pages whose pictures are still to come, in order.
    announced_pages: VecDeque<u32>,
    picture_bytes: usize,
}

impl Incoming {
    /// Takes the picture in the body of a crop frame.
    ///
    /// # Errors
    /// The first bound that it breaks.
    pub(super) fn take_crop(&mut self, body: &[u8]) -> Result<(), Breach> {
        let (place, png) = body.split_first_chunk::<CROP_PLACE_BYTES>().ok_or("a picture without its place")?;
        let [p0, p1, p2, p3, f0, f1, f2, f3] = *place;
        let index = |bytes| usize::try_from(u32::from_le_bytes(bytes)).unwrap_or(usize::MAX);
        let (part, field) = (index([p0, p1, p2, p3]), index([f0, f1, f2, f3]));
        hold(self.announced.remove(&(part, field)), "a picture that was not announced, or twice the same")?;
        self.crop_bytes += png.len();
        hold(self.crop_bytes <= CROPS_BYTES_MAX, "more pictures than a document can have")?;
        check_png(png)?;
        let slot = self.reading.parts.get_mut(part).and_then(|found| found.fields.get_mut(field)).ok_or("a picture of no field")?;
        slot.crop = Some(Crop { png: png.to_vec() });
        Ok(())
    }

    /// Takes the picture in the body of a picture frame.
    ///
    /// # Errors
    /// The first bound that it breaks.
    pub(super) fn take_picture(&mut self, body: &[u8]) -> Result<(), Breach> {
        let (place, png) = body.split_first_chunk::<PICTURE_PLACE_BYTES>().ok_or("a picture without its place")?;
        let page = u32::from_le_bytes(*place);
        hold(self.announced_pages.pop_front() == Some(page), "a picture of a page that was not announced, or out of order")?;
        self.picture_bytes += png.len();
        hold(self.picture_bytes <= PICTURES_BYTES_MAX, "more pictures of pages than a document can have")?;
        check_picture(png)?;
        self.reading.pictures.push(PagePicture { page, png: png.to_vec() });
        Ok(())
    }

    /// The reading, now that the child is done.
    ///
    /// # Errors
    /// When an announced picture did not come.
    pub(super) fn finish(self) -> Result<Reading, Breach> {
        hold(self.announced_pages.is_empty(), "a picture of a page that was announced and did not come")?;
        hold(self.announced.is_empty(), "a picture that was announced and did not come")?;
        Ok(self.reading)
    }
}

/// Whether `png` is a picture of a field that we make: an 8-bit grey PNG of a size that can be shown. Its pixels are not looked at.
pub(super) fn check_png(png: &[u8]) -> Result<(), Breach> {
    hold(png.len() <= CROP_BYTES_MAX, "a picture longer than 4 MiB")?;
    hold(header(png)? == (8, 0), "a picture that is not 8-bit grey")
}

/// Whether `png` is a picture of a page that we make: an 8-bit RGB PNG of a size that can be shown. Its pixels are not looked at.
pub(super) fn check_picture(png: &[u8]) -> Result<(), Breach> {
    hold(png.len() <= PICTURE_BYTES_MAX, "a picture of a page longer than 8 MiB")?;
    hold(header(png)? == (8, 2), "a picture of a page that is not 8-bit RGB")
}

/// The depth and colour type of a PNG whose sides are within bounds.
fn header(png: &[u8]) -> Result<(u8, u8), Breach> {
    const START: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";
    let header = png.strip_prefix(START).and_then(|rest| rest.first_chunk::<10>()).ok_or("a picture that is not PNG")?;
    let [w0, w1, w2, w3, h0, h1, h2, h3, depth, colour] = *header;
    let sides = [u32::from_be_bytes([w0, w1, w2, w3]), u32::from_be_bytes([h0, h1, h2, h3])];
    hold(sides.iter().all(|side| (1..=CROP_SIDE_PX_MAX).contains(side)), "a picture of a size that cannot be")?;
    Ok((depth, colour))
}

fn checked_part(part: WirePart, pages: u32, job: &Job) -> Result<Part, Breach> {
    hold(part.pages <= pages, "a part with more pages than its document")?;
    hold(part.part.as_deref().is_none_or(|label| is_line(label, LABEL_BYTES_MAX)), "a part's label that is not a short line")?;
    hold(part.findings.len() <= FINDINGS_MAX, "more findings than a part can have")?;
    hold(part.text.is_none() || job.text, "a text that nobody asked for")?;
    hold(part.text.as_ref().is_none_or(|text| text.len() <= TEXT_BYTES_MAX), "a letter's text longer than 4 MiB")?;
    let mut names = HashSet::new();
    hold(part.fields.iter().all(|field| names.insert(field.name.as_str())), "two fields of one name")?;
    let form = part.form.map(checked_form).transpose()?;
    let text = part.text.as_deref();
    // A form's field names the page of the form, which the scan may lack.
    let pages_max = if form.is_some() { pages.max(FORM_PAGES_MAX) } else { pages };
    let fields = part.fields.into_iter().map(|field| checked_field(field, pages_max, text)).collect::<Result<_, _>>()?;
    let findings = part.findings.into_iter().map(checked_finding).collect::<Result<_, _>>()?;
    Ok(Part { part: part.part, kind: part.kind, form, pages: part.pages, fields, findings, text: part.text.map(Special::new) })
}

fn checked_form(form: WireForm) -> Result<FormRef, Breach> {
    hold(is_name(&form.name), "a form's name that is no name")?;
    hold(is_line(&form.version, LABEL_BYTES_MAX), "a form's version that is not a short line")?;
    hold(form.residual_mm.is_none_or(|mm| (0.0..=RESIDUAL_MM_MAX).contains(&mm)), "a residual that no registration has")?;
    Ok(FormRef { name: form.name, version: form.version, score: checked_confidence(form.score)?, residual_mm: form.residual_mm })
}

fn checked_field(field: WireField, pages_max: u32, text: Option<&str>) -> Result<Field, Breach> {
    let content = Content { value: field.value.map(checked_value).transpose()?, text: field.text, raw: field.raw };
    hold([&content.text, &content.raw].into_iter().flatten().all(|text| text.len() <= CONTENT_BYTES_MAX), "a field's content longer than 64 KiB")?;
    let content = Guarded::new(field.sensitivity, content);
    hold(is_name(&field.name), "a field's name that is no name")?;
    hold(is_line(&field.model, LABEL_BYTES_MAX), "a model's name that is not a short line")?;
    hold(field.rule.as_deref().is_none_or(|rule| is_line(rule, LABEL_BYTES_MAX)), "a rule's name that is not a short line")?;
    hold(field.page.is_none_or(|page| (1..=pages_max).contains(&page)), "a page that neither the document nor a form can have")?;
    hold(field.zone.is_none_or(is_place), "a zone that lies on no page")?;
    hold(field.span.is_none_or(|span| is_span(span, text)), "a span that is not in the text")?;
    Ok(Field {
        name: field.name,
        kind: field.kind,
        content,
        confidence: checked_confidence(field.confidence)?,
        threshold: checked_confidence(field.threshold)?,
        decision: field.decision,
        reader: field.reader,
        model: field.model,
        rule: field.rule,
        page: field.page,
        zone: field.zone.map(RectMm),
        span: field.span,
        crop: None,
    })
}

fn checked_finding(finding: WireFinding) -> Result<Finding, Breach> {
    hold(is_name(&finding.code), "a finding's code that is no code")?;
    hold(finding.field.as_deref().is_none_or(is_name), "a finding about a field whose name is no name")?;
    hold(is_line(&finding.message, SENTENCE_BYTES_MAX), "a finding's sentence that is not a line")?;
    Ok(Finding { code: finding.code, field: finding.field, message: finding.message })
}

fn checked_value(value: WireValue) -> Result<Value, Breach> {
    let short = |text: &String| text.len() <= CONTENT_BYTES_MAX;
    let held = match &value {
        WireValue::Flag(_) | WireValue::Integer(_) => true,
        WireValue::Text(text) => short(text),
        WireValue::Codes(codes) => codes.len() <= ITEMS_MAX && codes.iter().all(|code| is_name(code)),
        WireValue::Years(years) => years.len() <= ITEMS_MAX,
        WireValue::Rows(rows) => rows.len() <= ITEMS_MAX && rows.iter().all(is_row),
    };
    hold(held, "a value out of its bounds")?;
    Ok(match value {
        WireValue::Flag(flag) => Value::Flag(flag),
        WireValue::Integer(number) => Value::Integer(number),
        WireValue::Text(text) => Value::Text(text),
        WireValue::Codes(codes) => Value::Codes(codes),
        WireValue::Years(years) => Value::Years(years),
        WireValue::Rows(rows) => Value::Rows(rows),
    })
}

impl From<Value> for WireValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Flag(flag) => Self::Flag(flag),
            Value::Integer(number) => Self::Integer(number),
            Value::Text(text) => Self::Text(text),
            Value::Codes(codes) => Self::Codes(codes),
            Value::Years(years) => Self::Years(years),
            Value::Rows(rows) => Self::Rows(rows),
        }
    }
}

/// A row of a list value: plain values, or a short list of them (a span).
fn is_row(row: &BTreeMap<String, serde_json::Value>) -> bool {
    fn is_plain(value: &serde_json::Value) -> bool {
        match value {
            serde_json::Value::String(text) => text.len() <= CONTENT_BYTES_MAX,
            serde_json::Value::Array(_) | serde_json::Value::Object(_) => false,
            _ => true,
        }
    }
    let is_cell = |value: &serde_json::Value| match value {
        serde_json::Value::Array(items) => items.len() <= ITEMS_MAX && items.iter().all(is_plain),
        other => is_plain(other),
    };
    row.len() <= ITEMS_MAX && row.iter().all(|(key, value)| is_name(key) && is_cell(value))
}

/// The JSON of a refusal, as a child sends it.
pub(super) fn write_refusal(refusal: &Refusal) -> Vec<u8> {
    let wire = WireRefusal { code: refusal.code, message: refusal.message.clone(), advice: refusal.advice.clone() };
    serde_json::to_vec(&wire).unwrap_or_default()
}

/// The refusal in a child's JSON.
///
/// # Errors
/// The first bound that it breaks.
pub(super) fn read_refusal(json: &[u8]) -> Result<Refusal, Breach> {
    let wire: WireRefusal = serde_json::from_slice(json).map_err(|_| "a refusal that is not of the agreed shape")?;
    hold(wire.code != RefusalCode::Attempts, "a refusal that is not a reader's to give")?;
    hold(is_line(&wire.message, SENTENCE_BYTES_MAX) && is_line(&wire.advice, SENTENCE_BYTES_MAX), "a refusal's sentence that is not a line")?;
    Ok(Refusal { code: wire.code, message: wire.message, advice: wire.advice })
}

/// The greeting in a child's JSON.
///
/// # Errors
/// The first bound that it breaks.
pub(super) fn read_hello(json: &[u8]) -> Result<Hello, Breach> {
    let hello: Hello = serde_json::from_slice(json).map_err(|_| "a greeting that is not of the agreed shape")?;
    hold(hello.version == super::protocol::VERSION, "a greeting of another version")?;
    hold(hello.layers.iter().map(|(layer, _)| *layer).eq(Layer::ALL), "a greeting that does not speak of every layer")?;
    let lines = hello.layers.iter().map(|(_, held)| held.how()).chain(hello.engines.iter().map(String::as_str));
    hold(hello.engines.len() <= 16 && lines.into_iter().all(|line| is_line(line, SENTENCE_BYTES_MAX)), "a greeting out of its bounds")?;
    Ok(hello)
}

/// A sentence that may be shown on a screen: printable, on one line, and no marks that turn the direction of writing.
fn is_line(text: &str, bytes_max: usize) -> bool {
    let hidden = |c: char| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    text.len() <= bytes_max && !text.chars().any(hidden)
}

/// A name or code: `husstand.1.navn`, `duf_check_digit`.
fn is_name(name: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

fn is_place([x, y, w, h]: [f64; 4]) -> bool {
    [x, y].iter().all(|at| at.abs() <= PLACE_MM_MAX) && [w, h].iter().all(|side| (0.0..=PLACE_MM_MAX).contains(side))
}

/// Whether the span lies in the text; where the text was not asked for, whether it could.
fn is_span((from, to): (usize, usize), text: Option<&str>) -> bool {
    from <= to && text.map_or(to <= TEXT_BYTES_MAX, |text| text.get(from..to).is_some())
}

fn checked_confidence(value: f32) -> Result<Confidence, Breach> {
    // Written so that what is not a number is out of bounds too.
    hold((0.0..=1.0).contains(&value), "a confidence that is not between 0 and 1")?;
    Ok(Confidence::new(value))
}

fn hold(holds: bool, breach: Breach) -> Result<(), Breach> {
    if holds { Ok(()) } else { Err(breach) }
}

#[cfg(test)]
mod tests;
