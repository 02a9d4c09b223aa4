//! The vocabulary of what was read: fields, values, confidence, decisions, findings.
//!
//! A record is one form or one letter found in a document. The names and canonical values are those of `docs/contracts.md`, version 1.
//! The line between ordinary and special data (GDPR article 9) is drawn here, in the types: a special value is a [`Special`], which
//! cannot be printed, compared, serialised or handed to a letter without [`Special::expose`] and a named [`Purpose`].

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use zeroize::Zeroize;

use crate::clock::Date;

/// Whether a field is ordinary personal data or a special category under GDPR article 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sensitivity {
    /// Names, numbers, addresses: protected, but of no special category.
    Ordinary,
    /// Health and the like.
    Special,
}

/// The types a field can have; each fixes the canonical form of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// 12 digits, check digits modulo 11.
    Duf,
    /// Fødselsnummer or D-number, 11 digits.
    Fnr,
    /// UDI's registration number: text.
    RegNumber,
    /// ISO 8601; written DDMMYYYY in a comb.
    Date,
    /// Four digits.
    Year,
    /// Four digits, leading zeros kept.
    Postnummer,
    /// E.164.
    Phone,
    /// An e-mail address.
    Email,
    /// A person's name.
    Name,
    /// Kommunenummer, four digits.
    Kommune,
    /// ISO 3166-1 alpha-2.
    Country,
    /// ISO 639-1 (639-2 where there is none).
    Language,
    /// A whole number.
    Integer,
    /// Any text.
    Text,
    /// One option code.
    Choice,
    /// A list of option codes.
    Multichoice,
    /// A lone box: true or false.
    Flag,
    /// Signed or not.
    Signature,
    /// A structured value of a letter (only `vedtak`: `per_aar`, `forbehold`, `aar`).
    List,
}

impl FieldType {
    /// Every type with its name in XML and JSON.
    pub const ALL: [(Self, &'static str); 19] = [
        (Self::Duf, "duf"),
        (Self::Fnr, "fnr"),
        (Self::RegNumber, "reg_number"),
        (Self::Date, "date"),
        (Self::Year, "year"),
        (Self::Postnummer, "postnummer"),
        (Self::Phone, "phone"),
        (Self::Email, "email"),
        (Self::Name, "name"),
        (Self::Kommune, "kommune"),
        (Self::Country, "country"),
        (Self::Language, "language"),
        (Self::Integer, "integer"),
        (Self::Text, "text"),
        (Self::Choice, "choice"),
        (Self::Multichoice, "multichoice"),
        (Self::Flag, "flag"),
        (Self::Signature, "signature"),
        (Self::List, "list"),
    ];

    /// The name in XML and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("text", |(_, name)| name)
    }

    /// The type with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// A canonical value, shaped as the contract's JSON.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// `flag` and `signature`.
    Flag(bool),
    /// `integer` and `year`.
    Integer(i64),
    /// Every type that is text, a number kept as digits, a code or a date.
    Text(String),
    /// `multichoice`.
    Codes(Vec<String>),
    /// The years of a vedtak.
    Years(Vec<i64>),
    /// Structured values of a vedtak.
    Rows(Vec<BTreeMap<String, serde_json::Value>>),
}

impl Value {
    /// The value as JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or(serde_json::Value::Null)
    }

    /// The text of a textual value.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number of a numeric value.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The date of a `date` value.
    #[must_use]
    pub fn as_date(&self) -> Option<Date> {
        self.as_text()?.parse().ok()
    }
}

impl fmt::Debug for Value {
    /// The shape only: values are personal data, and debug output ends in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flag(_) => "Value::Flag(..)",
            Self::Integer(_) => "Value::Integer(..)",
            Self::Text(_) => "Value::Text(..)",
            Self::Codes(_) => "Value::Codes(..)",
            Self::Years(_) => "Value::Years(..)",
            Self::Rows(_) => "Value::Rows(..)",
        })
    }
}

impl Zeroize for Value {
    fn zeroize(&mut self) {
        match self {
            Self::Flag(flag) => flag.zeroize(),
            Self::Integer(number) => number.zeroize(),
            Self::Text(text) => text.zeroize(),
            Self::Codes(codes) => codes.zeroize(),
            Self::Years(years) => years.zeroize(),
            Self::Rows(rows) => rows.clear(),
        }
    }
}

/// What was read in one field: the decided value, the same for people, and the raw reading that no rule has touched.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The canonical value; none when the field is blank or could not be understood.
    pub value: Option<Value>,
    /// The value as people write it.
    pub text: Option<String>,
    /// What was read, before any rule.
    pub raw: Option<String>,
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Content(..)")
    }
}

impl Zeroize for Content {
    fn zeroize(&mut self) {
        self.value.zeroize();
        self.text.zeroize();
        self.raw.zeroize();
    }
}

/// Why a special value is taken out of its wrapper. Naming the purpose makes each place findable, and most of them audited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To check it against the rules of its form.
    Validate,
    /// To send it from the reader to the daemon through their pipe.
    Pipe,
    /// To seal it.
    Seal,
    /// To show it to a person who asked for it by `--reveal`, after an audit entry.
    Reveal,
    /// To write down what a person settled.
    Settle,
}

/// A value of a special category. It has no `Display`, no serialisation and a `Debug` that says nothing, and is wiped when dropped.
///
/// A letter takes [`Ordinary`] values only, so this does not compile:
/// ```compile_fail
/// use postsluse::record::{Content, Special};
/// fn letter_accepts(_: postsluse::record::Ordinary<Content>) {}
/// letter_accepts(Special::new(Content::default()));
/// ```
/// and neither does printing it:
/// ```compile_fail
/// let secret = postsluse::record::Special::new(String::from("x"));
/// println!("{secret}");
/// ```
pub struct Special<T: Zeroize>(T);

impl<T: Zeroize> Special<T> {
    /// Wraps a value of a special category.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for a purpose the caller names.
    pub fn expose(&self, _purpose: Purpose) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Special<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize + Clone> Clone for Special<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Zeroize> fmt::Debug for Special<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Special(..)")
    }
}

/// A value that is of no special category. It is what letters are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordinary<T>(pub T);

/// The content of a field, on its side of the line.
#[derive(Debug, Clone)]
pub enum Guarded {
    /// Of no special category.
    Ordinary(Ordinary<Content>),
    /// Of a special category.
    Special(Special<Content>),
}

impl Guarded {
    /// Puts `content` on the side that `sensitivity` says.
    #[must_use]
    pub fn new(sensitivity: Sensitivity, content: Content) -> Self {
        match sensitivity {
            Sensitivity::Ordinary => Self::Ordinary(Ordinary(content)),
            Sensitivity::Special => Self::Special(Special::new(content)),
        }
    }

    /// Which side it is on.
    #[must_use]
    pub fn sensitivity(&self) -> Sensitivity {
        match self {
            Self::Ordinary(_) => Sensitivity::Ordinary,
            Self::Special(_) => Sensitivity::Special,
        }
    }

    /// The content of either side, for a purpose the caller names.
    #[must_use]
    pub fn expose(&self, purpose: Purpose) -> &Content {
        match self {
            Self::Ordinary(Ordinary(content)) => content,
            Self::Special(special) => special.expose(purpose),
        }
    }

    /// The content if it is ordinary.
    #[must_use]
    pub fn ordinary(&self) -> Option<&Content> {
        match self {
            Self::Ordinary(Ordinary(content)) => Some(content),
            Self::Special(_) => None,
        }
    }
}

/// How sure a reading is: 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confidence(f32);

impl Confidence {
    /// No confidence at all.
    pub const NONE: Self = Self(0.0);
    /// Certain: a person said so, or nothing was there to read.
    pub const CERTAIN: Self = Self(1.0);

    /// `value` held within 0 and 1; what is not a number counts as 0.
    #[must_use]
    pub fn new(value: f32) -> Self {
        if value.is_nan() { Self(0.0) } else { Self(value.clamp(0.0, 1.0)) }
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> f32 {
        self.0
    }
}

/// What became of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Taken without a person, or settled by one.
    Accept,
    /// Waits for a person.
    Review,
    /// Left blank, or not asked for.
    Empty,
}

/// What read the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReaderKind {
    /// Printed text in a line zone.
    Print,
    /// Characters in the cells of a comb.
    Comb,
    /// Marks in boxes.
    Checkbox,
    /// Free text.
    Free,
    /// Ink in a signature zone.
    Signature,
    /// The text of a letter.
    Text,
    /// A person.
    Person,
}

/// A rectangle on a page in millimetres from the page's top left: x, y, width, height.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RectMm(pub [f64; 4]);

impl RectMm {
    /// A rectangle from its corner and size.
    #[must_use]
    pub const fn new(x: f64, y: f64, w: f64, h: f64) -> Self {
        Self([x, y, w, h])
    }
    /// Left edge.
    #[must_use]
    pub const fn x(self) -> f64 {
        self.0[0]
    }
    /// Upper edge.
    #[must_use]
    pub const fn y(self) -> f64 {
        self.0[1]
    }
    /// Width.
    #[must_use]
    pub const fn w(self) -> f64 {
        self.0[2]
    }
    /// Height.
    #[must_use]
    pub const fn h(self) -> f64 {
        self.0[3]
    }
    /// The rectangle with each edge moved inwards by `by` mm (outwards when negative).
    #[must_use]
    pub fn inset(self, by: f64) -> Self {
        Self::new(self.x() + by, self.y() + by, self.w() - 2.0 * by, self.h() - 2.0 * by)
    }
    /// The smallest rectangle that holds both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        let (x, y) = (self.x().min(other.x()), self.y().min(other.y()));
        let right = (self.x() + self.w()).max(other.x() + other.w());
        let bottom = (self.y() + self.h()).max(other.y() + other.h());
        Self::new(x, y, right - x, bottom - y)
    }
}

/// A small picture of what was read, for the person who settles it: an 8-bit grey PNG.
#[derive(Clone, Serialize, Deserialize)]
pub struct Crop {
    /// The PNG's bytes.
    pub png: Vec<u8>,
}

impl fmt::Debug for Crop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crop({} bytes)", self.png.len())
    }
}

/// A page with what was read of it drawn on, for the person who looks for why: an 8-bit RGB PNG.
#[derive(Clone)]
pub struct PagePicture {
    /// The page of the document, from 1.
    pub page: u32,
    /// The PNG's bytes.
    pub png: Vec<u8>,
}

impl fmt::Debug for PagePicture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PagePicture(page {}, {} bytes)", self.page, self.png.len())
    }
}

/// One field as it was read or settled.
#[derive(Debug, Clone)]
pub struct Field {
    /// The field's name in its form, `husstand.1.navn`.
    pub name: String,
    /// The type.
    pub kind: FieldType,
    /// What it says, on its side of the line.
    pub content: Guarded,
    /// How sure the reading is.
    pub confidence: Confidence,
    /// The least confidence at which it would have been accepted.
    pub threshold: Confidence,
    /// What became of it.
    pub decision: Decision,
    /// What read it.
    pub reader: ReaderKind,
    /// The model or engine, with its version: `tesseract 5.3.0 nor+eng`.
    pub model: String,
    /// The rule that the value was held against.
    pub rule: Option<String>,
    /// The page, from 1.
    pub page: Option<u32>,
    /// Where on the page.
    pub zone: Option<RectMm>,
    /// The byte range of a letter's normalised text.
    pub span: Option<(usize, usize)>,
    /// The picture of the zone; none when it was blank or there is no picture.
    pub crop: Option<Crop>,
}

/// Something a person should look at. A finding never holds a value, so it may stand in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// A stable code: `duf_check_digit`.
    pub code: String,
    /// The field it is about.
    pub field: Option<String>,
    /// One Norwegian sentence, without any value.
    pub message: String,
}

impl Finding {
    /// A finding about a field.
    pub fn about(field: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), field: Some(field.into()), message: message.into() }
    }

    /// A finding about the whole record.
    pub fn general(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), field: None, message: message.into() }
    }
}

/// What kind of post a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A form we know.
    Form,
    /// A letter we know.
    Letter,
    /// A mail (the envelope of others).
    Mail,
    /// Readable, but neither a form nor a letter we know. Sealed whole as special.
    Other,
    /// Nothing could be made of it.
    Unknown,
}

impl Kind {
    /// The kind as it is stored and printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Letter => "letter",
            Self::Mail => "mail",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }
}

/// Which form or letter, and how sure the identification is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FormRef {
    /// `privatboende`, `vedtak`.
    pub name: String,
    /// The version printed on the form.
    pub version: String,
    /// 0 to 1.
    pub score: Confidence,
    /// How far the marks or landmarks of the page that lies worst are from where they should be, root mean square, mm; none for a letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residual_mm: Option<f64>,
}

/// One form or letter found in a document.
#[derive(Debug, Clone)]
pub struct Part {
    /// `pages 1-2` when the document holds several parts.
    pub part: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// Which form or letter.
    pub form: Option<FormRef>,
    /// How many pages it has.
    pub pages: u32,
    /// What was read.
    pub fields: Vec<Field>,
    /// What a person should look at.
    pub findings: Vec<Finding>,
    /// The normalised text of a letter, which spans refer to. Treated as special: nobody knows what a letter says before it is read.
    pub text: Option<Special<String>>,
}

impl Part {
    /// How many fields wait for a person.
    #[must_use]
    pub fn to_review(&self) -> usize {
        self.fields.iter().filter(|field| field.decision == Decision::Review).count()
    }

    /// How many fields were accepted.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.fields.iter().filter(|field| field.decision == Decision::Accept).count()
    }

    /// Whether a person must look at it before it may have consequences.
    #[must_use]
    pub fn needs_person(&self) -> bool {
        !matches!(self.kind, Kind::Form | Kind::Letter) || self.to_review() > 0 || !self.findings.is_empty()
    }

    /// The field with this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// All that a reader made of one document.
#[derive(Debug, Clone)]
pub struct Reading {
    /// At least one part.
    pub parts: Vec<Part>,
    /// How many pages the document has.
    pub pages: u32,
    /// Pictures of its pages, in order; none where nobody asked for them.
    pub pictures: Vec<PagePicture>,
    /// How long the reading took, in milliseconds.
    pub ms: u64,
}

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordState {
    /// Waits for a person to settle it.
    Review,
    /// Every field is accepted or settled, and its consequences are drawn.
    Complete,
}

impl RecordState {
    /// The state as it is stored and printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Complete => "complete",
        }
    }

    /// The state a stored string stands for.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Review, Self::Complete].into_iter().find(|candidate| candidate.as_str() == code)
    }
}

#[cfg(test)]
impl Field {
    /// An ordinary field that says nothing, for tests to build on.
    pub(crate) fn plain() -> Self {
        Self {
            name: "felt".into(),
            kind: FieldType::Text,
            content: Guarded::new(Sensitivity::Ordinary, Content::default()),
            confidence: Confidence::CERTAIN,
            threshold: Confidence::CERTAIN,
            decision: Decision::Accept,
            reader: ReaderKind::Person,
            model: String::new(),
            rule: None,
            page: None,
            zone: None,
            span: None,
            crop: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_of_a_value_says_its_shape_only() {
        let content = Content { value: Some(Value::Text("x-secret".into())), text: Some("x-secret".into()), raw: None };
        for guarded in [Guarded::new(Sensitivity::Ordinary, content.clone()), Guarded::new(Sensitivity::Special, content)] {
            assert!(!format!("{guarded:?}").contains("secret"));
        }
        assert_eq!(format!("{:?}", Value::Text("x-secret".into())), "Value::Text(..)");
    }

    #[test]
    fn values_keep_their_shape_through_json() {
        for value in [
            Value::Flag(true),
            Value::Integer(31),
            Value::Text("2026-11-21".into()),
            Value::Codes(vec!["syn".into(), "hoersel".into()]),
            Value::Years(vec![2026, 2027]),
        ] {
            let back: Value = serde_json::from_value(value.to_json()).expect("what was written is read");
            assert!(back == value);
        }
        assert_eq!(Value::Text("2026-02-29".into()).as_date(), None);
    }

    #[test]
    fn every_type_is_found_by_its_name() {
        for (kind, name) in FieldType::ALL {
            assert_eq!(FieldType::from_name(name), Some(kind));
            assert_eq!(serde_json::to_value(kind).expect("a unit variant"), name);
        }
    }
}
