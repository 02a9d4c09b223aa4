//! The case side of a record: whose case it belongs to, and what follows from it. Pure: it decides, the store carries out.
//!
//! A record has consequences only when nothing in it is left to a person. Then a form belongs to the case of the person whose DUF-nummer or
//! fødselsnummer it states, and a vedtak to the case of the kommune and the first year it decides for, and asks for a receipt. Minimisation
//! (integreringsloven § 42 second paragraph) begins here: a case is found by number alone; nothing else of a form is copied into it.

mod anmodning;
mod facts;
mod lists;
mod points;
mod weigh;

pub use anmodning::{Anmodning, Moved, Places, Registration, Status, remind_at};
pub use facts::{Answer, Facts, Family, Limit, More, YearFacts};
pub use lists::{AskedLine, ListError, Listed, anmodninger, registrations};
pub use points::{DOUBTS, Point, asks_which_applies};
pub use weigh::{Agreement, Known, Registered, Relation, Weighed, hold_against_request, reconcile, weigh};

use crate::record::{Content, Decision, Field, FormRef, Guarded, Kind, Ordinary, Value};
use crate::registry::kommuner;

/// What follows from a record.
#[derive(Debug, Clone)]
pub enum Route {
    /// A person must look at it first.
    Wait,
    /// It belongs to a person's case.
    Person(PersonNumbers),
    /// It is a kommune's decision: it belongs to the kommune's case and is answered with a receipt.
    Vedtak(KommuneYear),
    /// It is a mail that a person has seen, and its sender is told to write otherwise: it is a case of its own.
    Inquiry,
    /// It is settled, and nothing follows from it: an enclosure, a recommendation that is no decision.
    Nothing,
}

/// The numbers a person's case is found by. At least one is there.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonNumbers {
    /// DUF-nummer, 12 digits.
    pub duf: Option<String>,
    /// Fødselsnummer or D-number, 11 digits.
    pub fnr: Option<String>,
}

impl std::fmt::Debug for PersonNumbers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonNumbers(..)")
    }
}

/// What a kommune's case is found by. A kommune's numbers are public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KommuneYear {
    /// Kommunenummer.
    pub kommune: String,
    /// The first year decided for.
    pub year: i16,
    /// The language of the kommune's own letter: `nb` or `nn`.
    pub language: Option<String>,
}

/// The fields of a vedtak of which one must be stated before a receipt can say what was understood.
const SUBSTANCE: [&str; 4] = ["vedtatt_totalt", "per_aar", "periode_totalt", "tilleggsvedtak"];

/// Says what follows from a record with these fields. `open_questions` is whether findings are left that no person has looked at;
/// `by_person` whether a person has settled the record: then a letter without a decision is simply filed.
#[must_use]
pub fn route(kind: Kind, form: Option<&FormRef>, fields: &[Field], open_questions: bool, by_person: bool) -> Route {
    if open_questions || fields.iter().any(|field| field.decision == Decision::Review) {
        return Route::Wait;
    }
    match (kind, form.map(|form| form.name.as_str())) {
        (Kind::Letter | Kind::Mail, Some("vedtak")) => match kommune_year(fields) {
            Some(found) => Route::Vedtak(found),
            None if by_person => Route::Nothing,
            None => Route::Wait,
        },
        (Kind::Form, _) => match person_numbers(fields) {
            Some(numbers) => Route::Person(numbers),
            None if by_person => Route::Nothing,
            None => Route::Wait,
        },
        // A mail that nobody needs to read: what it is about is enclosed.
        (Kind::Mail, None) => Route::Nothing,
        _ if by_person => Route::Nothing,
        _ => Route::Wait,
    }
}

/// The value of an ordinary field. Special fields are not looked at: no route depends on health.
fn ordinary<'a>(fields: &'a [Field], name: &str) -> Option<&'a Value> {
    let field = fields.iter().find(|field| field.name == name && field.decision == Decision::Accept)?;
    match &field.content {
        Guarded::Ordinary(Ordinary(Content { value, .. })) => value.as_ref(),
        Guarded::Special(_) => None,
    }
}

fn text(fields: &[Field], name: &str) -> Option<String> {
    ordinary(fields, name).and_then(Value::as_text).map(str::to_owned)
}

fn person_numbers(fields: &[Field]) -> Option<PersonNumbers> {
    let numbers = PersonNumbers { duf: text(fields, "duf"), fnr: text(fields, "fnr") };
    (numbers.duf.is_some() || numbers.fnr.is_some()).then_some(numbers)
}

fn kommune_year(fields: &[Field]) -> Option<KommuneYear> {
    let kommune = text(fields, "kommune").filter(|number| kommuner::by_number(number).is_some())?;
    let year = match ordinary(fields, "aar")? {
        Value::Years(years) => *years.first()?,
        Value::Integer(year) => *year,
        _ => return None,
    };
    let stated = SUBSTANCE.iter().any(|name| ordinary(fields, name).is_some());
    let said_no = text(fields, "svar").is_some_and(|answer| answer == "avslaar" || answer == "utsatt");
    let year = i16::try_from(year).ok().filter(|_| stated || said_no)?;
    Some(KommuneYear { kommune, year, language: text(fields, "maalform") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Confidence, FieldType, ReaderKind, Sensitivity};

    fn field(name: &str, kind: FieldType, sensitivity: Sensitivity, value: Option<Value>, decision: Decision) -> Field {
        Field {
            name: name.into(),
            kind,
            content: Guarded::new(sensitivity, Content { value, text: None, raw: None }),
            decision,
            reader: ReaderKind::Text,
            ..Field::plain()
        }
    }

    fn accepted(name: &str, value: Value) -> Field {
        field(name, FieldType::Text, Sensitivity::Ordinary, Some(value), Decision::Accept)
    }

    fn vedtak() -> FormRef {
        FormRef { name: "vedtak".into(), version: "1".into(), score: Confidence::CERTAIN, residual_mm: None }
    }

    fn decided() -> Vec<Field> {
        vec![accepted("kommune", Value::Text("3236".into())), accepted("aar", Value::Years(vec![2026])), accepted("vedtatt_totalt", Value::Integer(31))]
    }

    #[test]
    fn a_clear_vedtak_is_answered() {
        let Route::Vedtak(found) = route(Kind::Letter, Some(&vedtak()), &decided(), false, false) else { panic!("it is a vedtak") };
        assert_eq!(found, KommuneYear { kommune: "3236".into(), year: 2026, language: None });
    }

    #[test]
    fn nothing_follows_while_a_question_is_open() {
        assert!(matches!(route(Kind::Letter, Some(&vedtak()), &decided(), true, false), Route::Wait));
        let mut fields = decided();
        fields[2].decision = Decision::Review;
        assert!(matches!(route(Kind::Letter, Some(&vedtak()), &fields, false, true), Route::Wait));
    }

    #[test]
    fn a_letter_without_a_decision_is_filed_by_a_person_only() {
        let without = &decided()[..2];
        assert!(matches!(route(Kind::Letter, Some(&vedtak()), without, false, false), Route::Wait));
        assert!(matches!(route(Kind::Letter, Some(&vedtak()), without, false, true), Route::Nothing));
    }

    #[test]
    fn a_number_kept_as_special_is_no_route_to_a_case() {
        let hidden = field("duf", FieldType::Duf, Sensitivity::Special, Some(Value::Text("202203141502".into())), Decision::Accept);
        assert!(matches!(route(Kind::Form, None, &[hidden], false, true), Route::Nothing));
        let open = accepted("duf", Value::Text("202203141502".into()));
        assert!(matches!(route(Kind::Form, None, &[open], false, false), Route::Person(_)));
    }
}
