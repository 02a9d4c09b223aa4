//! Domain knowledge that needs no input or output: what a DUF number, a date, a country is.

use crate::clock::Date;
use crate::record::{FieldType, Value};

/// What the rules have to know besides the text.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// The day the document was received.
    pub today: Date,
    /// Whether synthetic test numbers are accepted.
    pub test_ids: bool,
}

/// What a type makes of what was read.
pub enum Canonical {
    /// A value of the type.
    Valid {
        /// The canonical value.
        value: Value,
        /// The same for people.
        text: String,
        /// The rule that it passed.
        rule: Option<&'static str>,
    },
    /// Not surely a value of the type.
    Doubtful {
        /// The best guess.
        value: Option<Value>,
        /// The same for people.
        text: Option<String>,
        /// The code of the finding.
        code: &'static str,
        /// The finding in Norwegian, without any value.
        message: &'static str,
    },
}

/// Holds a text against its type.
#[must_use]
pub fn canonicalise(kind: FieldType, raw: &str, _context: &Context) -> Canonical {
    let digits: String = raw.chars().filter(char::is_ascii_digit).collect();
    let number = |length: usize, rule: &'static str, code: &'static str| {
        if digits.len() == length && raw.chars().all(|c| c.is_ascii_digit() || c == ' ') {
            Canonical::Valid { value: Value::Text(digits.clone()), text: digits.clone(), rule: Some(rule) }
        } else {
            Canonical::Doubtful { value: None, text: None, code, message: "Nummeret har feil lengde." }
        }
    };
    match kind {
        FieldType::Duf => {
            let check = |digits: &str| {
                let sum: u32 = digits.bytes().zip([4, 6, 3, 2, 4, 6, 3, 2, 7, 5]).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
                digits.ends_with(&format!("{:02}", sum % 11))
            };
            match number(12, "duf_check", "duf_length") {
                Canonical::Valid { .. } if !check(&digits) => Canonical::Doubtful {
                    value: Some(Value::Text(digits.clone())),
                    text: Some(digits),
                    code: "duf_check_digit",
                    message: "Kontrollsifrene i DUF-nummeret stemmer ikke.",
                },
                other => other,
            }
        }
        FieldType::Fnr => number(11, "fnr_check", "fnr_length"),
        FieldType::Postnummer => number(4, "postnummer", "postnummer_length"),
        FieldType::Date => {
            let date = || Date::new(digits.get(4..8)?.parse().ok()?, digits.get(2..4)?.parse().ok()?, digits.get(0..2)?.parse().ok()?).ok();
            match date().filter(|_| digits.len() == 8) {
                Some(date) => Canonical::Valid { value: Value::Text(date.to_string()), text: date.strftime("%d.%m.%Y").to_string(), rule: Some("date_exists") },
                None => Canonical::Doubtful { value: None, text: None, code: "date_exists", message: "Datoen finnes ikke." },
            }
        }
        FieldType::Year | FieldType::Integer => match digits.parse() {
            Ok(number) => Canonical::Valid { value: Value::Integer(number), text: digits, rule: None },
            Err(_) => Canonical::Doubtful { value: None, text: None, code: "integer", message: "Feltet er ikke et tall." },
        },
        _ => Canonical::Valid { value: Value::Text(raw.to_owned()), text: raw.to_owned(), rule: None },
    }
}
