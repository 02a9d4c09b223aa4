//! The fields of a mail, as they stand in a record: what its head says of itself. Nothing of it is proven.

use super::Head;
use crate::record::{Confidence, Content, Decision, Field, FieldType, Guarded, ReaderKind, Sensitivity, Value};

/// The fields of a mail, and how sensitive they are: nobody knows what a subject says before it is read.
pub const FIELDS: [(&str, FieldType, Sensitivity); 6] = [
    ("fra", FieldType::Email, Sensitivity::Ordinary),
    ("fra_navn", FieldType::Name, Sensitivity::Ordinary),
    ("sendt", FieldType::Date, Sensitivity::Ordinary),
    ("emne", FieldType::Text, Sensitivity::Special),
    ("melding_id", FieldType::Text, Sensitivity::Ordinary),
    ("automatisk", FieldType::Choice, Sensitivity::Ordinary),
];

/// What a field of a mail holds; none when a mail has no such field.
#[must_use]
pub fn definition(name: &str) -> Option<(FieldType, Sensitivity)> {
    FIELDS.iter().find(|(known, ..)| *known == name).map(|(_, kind, sensitivity)| (*kind, *sensitivity))
}

/// The fields of a head, in order. What it does not say is blank.
#[must_use]
pub fn of(head: &Head) -> Vec<Field> {
    let date = head.date.map(|date| date.to_string());
    let automatic = head.automatic.map(|automatic| automatic.as_str().to_owned());
    let values = [head.from.clone(), head.from_name.clone(), date, head.subject.clone(), head.message_id.clone(), automatic];
    FIELDS.iter().zip(values).map(|((name, kind, sensitivity), value)| field(name, *kind, *sensitivity, value)).collect()
}

fn field(name: &str, kind: FieldType, sensitivity: Sensitivity, value: Option<String>) -> Field {
    // What an address or a name may be, the head does not hold to; a hostile one is cut.
    let value = value.map(|value| value.chars().take(VALUE_CHARS_MAX).collect::<String>());
    let decision = if value.is_some() { Decision::Accept } else { Decision::Empty };
    let content = Content { value: value.clone().map(Value::Text), text: value.clone(), raw: value };
    Field {
        name: name.to_owned(),
        kind,
        content: Guarded::new(sensitivity, content),
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
