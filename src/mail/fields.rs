//! The fields of a mail, as they stand in a record: what its head says of itself. Nothing of it is proven.

use super::Head;
use super::sender::{Proof, Signature};
use crate::record::{Confidence, Content, Decision, Field, FieldType, Guarded, ReaderKind, Sensitivity, Value};

/// The fields of a mail, and how sensitive they are: nobody knows what a subject says before it is read.
pub const FIELDS: [(&str, FieldType, Sensitivity); 19] = [
    ("fra", FieldType::Email, Sensitivity::Ordinary),
    ("fra_navn", FieldType::Name, Sensitivity::Ordinary),
    ("sendt", FieldType::Date, Sensitivity::Ordinary),
    ("emne", FieldType::Text, Sensitivity::Special),
    ("melding_id", FieldType::Text, Sensitivity::Ordinary),
    ("automatisk", FieldType::Choice, Sensitivity::Ordinary),
    (SIGNATURES, FieldType::Text, Sensitivity::Ordinary),
    (HOLDS, FieldType::Text, Sensitivity::Ordinary),
    (BROKEN, FieldType::Text, Sensitivity::Ordinary),
    (CONFIRMS, FieldType::Text, Sensitivity::Ordinary),
    (DENIES, FieldType::Text, Sensitivity::Ordinary),
    (SENDER, FieldType::Choice, Sensitivity::Ordinary),
    (SENDER_KOMMUNE, FieldType::Text, Sensitivity::Ordinary),
    // That a mail is about somebody's health is a fact of his health, and so is why.
    ("posttype", FieldType::Choice, Sensitivity::Special),
    ("posttype_grunn", FieldType::Text, Sensitivity::Special),
    ("posttype_nest", FieldType::Choice, Sensitivity::Special),
    ("retur_av", FieldType::Text, Sensitivity::Ordinary),
    ("hjemmel_nevnt", FieldType::Flag, Sensitivity::Ordinary),
    ("formaal_nevnt", FieldType::Flag, Sensitivity::Ordinary),
];

/// The names of the keys that its signatures need, as in the DNS.
pub const SIGNATURES: &str = "signatur";
/// The domains whose signature holds.
pub const HOLDS: &str = "signatur_holder";
/// The domains whose signature does not.
pub const BROKEN: &str = "signatur_brutt";
/// The domains that our own server found to have sent it.
pub const CONFIRMS: &str = "mottak_bekrefter";
/// The domains whose policy our own server found not to be met.
pub const DENIES: &str = "mottak_avviser";
/// The verdict on the sender. No reader says it: it is the daemon's.
pub const SENDER: &str = "avsender";
/// The kommuner that the sender is, or says it is. The daemon's too.
pub const SENDER_KOMMUNE: &str = "avsender_kommune";

/// What a field of a mail holds; none when a mail has no such field.
#[must_use]
pub fn definition(name: &str) -> Option<(FieldType, Sensitivity)> {
    FIELDS.iter().find(|(known, ..)| *known == name).map(|(_, kind, sensitivity)| (*kind, *sensitivity))
}

/// The fields of a head and of what proves it, in order. What is not said is blank; of the verdict nothing is said here.
#[must_use]
pub fn of(head: &Head, proof: &Proof) -> Vec<Field> {
    let words = |words: &[String]| (!words.is_empty()).then(|| words.join(" "));
    let keys: Vec<String> = proof.signatures.iter().map(Signature::key_name).collect();
    let values = [
        head.from.clone(),
        head.from_name.clone(),
        head.date.map(|date| date.to_string()),
        head.subject.clone(),
        head.message_id.clone(),
        head.automatic.map(|automatic| automatic.as_str().to_owned()),
        words(&keys),
        words(&proof.checked.holds),
        words(&proof.checked.broken),
        words(&proof.received.confirms),
        words(&proof.received.denies),
    ];
    FIELDS.iter().zip(values).map(|((name, kind, sensitivity), value)| field(name, *kind, *sensitivity, value)).collect()
}

/// The fields of the verdict on a sender.
#[must_use]
pub fn of_verdict(verdict: &str, kommuner: Option<String>) -> Vec<Field> {
    let values = [(SENDER, Some(verdict.to_owned())), (SENDER_KOMMUNE, kommuner)];
    values.into_iter().filter_map(|(name, value)| definition(name).map(|(kind, sensitivity)| field(name, kind, sensitivity, value))).collect()
}

/// What kind of post a mail was sorted as, in the words of a record.
#[derive(Debug, Clone, Copy)]
pub struct Sort<'s> {
    /// The kind.
    pub kind: &'s str,
    /// Whether nobody need look at the kind.
    pub sure: bool,
    /// How sure the sorting is.
    pub score: Confidence,
    /// The names of the cues that decided.
    pub why: &'s [&'static str],
    /// Another kind that is near.
    pub second: Option<&'s str>,
    /// The Message-ID of a mail of ours that came back.
    pub returned: Option<&'s str>,
    /// Of a request for information: whether it names a legal basis, and what for.
    pub request: Option<(bool, bool)>,
}

/// The fields of what kind of post a mail is.
#[must_use]
pub fn of_sort(sort: &Sort<'_>) -> Vec<Field> {
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let why = sort.why.join(", ");
    let values = [
        ("posttype", text(sort.kind)),
        ("posttype_grunn", text(&why).filter(|_| !why.is_empty())),
        ("posttype_nest", sort.second.and_then(text)),
        ("retur_av", sort.returned.and_then(text)),
        ("hjemmel_nevnt", sort.request.map(|(basis, _)| Value::Flag(basis))),
        ("formaal_nevnt", sort.request.map(|(_, purpose)| Value::Flag(purpose))),
    ];
    let made = values.into_iter().filter_map(|(name, value)| definition(name).map(|(kind, sensitivity)| valued(name, kind, sensitivity, value)));
    let mut fields: Vec<Field> = made.collect();
    fields[0].confidence = sort.score;
    fields[0].threshold = Confidence::new(0.5);
    if !sort.sure {
        fields[0].decision = Decision::Review;
    }
    fields
}

fn field(name: &str, kind: FieldType, sensitivity: Sensitivity, value: Option<String>) -> Field {
    // What an address or a name may be, the head does not hold to; a hostile one is cut.
    valued(name, kind, sensitivity, value.map(|value| Value::Text(value.chars().take(VALUE_CHARS_MAX).collect())))
}

fn valued(name: &str, kind: FieldType, sensitivity: Sensitivity, value: Option<Value>) -> Field {
    let decision = if value.is_some() { Decision::Accept } else { Decision::Empty };
    let text = match &value {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    };
    Field {
        name: name.to_owned(),
        kind,
        content: Guarded::new(sensitivity, Content { value, text: text.clone(), raw: text }),
        confidence: Confidence::CERTAIN,
        threshold: Confidence::CERTAIN,
        decision,
        reader: ReaderKind::Text,
        model: "mail 1".to_owned(),
        rule: None,
        page: None,
        zone: None,
        span: None,
        crop: None,
    }
}

/// Characters of a value that are kept.
const VALUE_CHARS_MAX: usize = 500;
