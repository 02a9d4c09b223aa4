//! What is believed of a reading: no more of it stands in clear, or counts as ordinary, than the daemon knows by itself.
//!
//! A reader works on hostile bytes and may have been taken over by them, and a page code is whatever somebody printed on a page. The bounds of
//! [`crate::reader`] hold what it says to a shape; here it is held against the definitions. Names of forms and fields stand in clear in rows and events, so
//! one that no definition has is replaced: twelve digits are a sound name and may be somebody's DUF number. Which field is special is the definition's to
//! say: a reader can raise it and never lower it, and what the definition does not have is special. Where reader and definition differ nothing follows
//! from the record by itself: a person looks at it.

use std::collections::BTreeMap;

use crate::forms::Form;
use crate::mail;
use crate::record::{Decision, FieldType, Finding, FormRef, Guarded, Kind, Ordinary, Part, Reading, Sensitivity, Value};
use crate::sender::Verdict;
use crate::vedtak::{self, vocabulary};

/// Stands for the name of a form or field, or for a form's version, that no definition has.
const UNKNOWN: &str = "unknown";
/// The name of a kommune's decision, where other records have the name of a form.
const VEDTAK: &str = "vedtak";

/// Holds a reading against the definitions: the loaded forms, and the fields of a vedtak.
pub(super) fn hold(reading: &mut Reading, forms: &[Form]) {
    for part in &mut reading.parts {
        if let Some(reference) = &mut part.form {
            hold_name(reference, forms);
        }
        let definition = Definition::of(part, forms);
        hold_fields(part, &definition);
    }
}

/// Holds what a message brought against who sent it: only a kommune that is proven, and that writes of itself, has consequences by its mail alone. None is
/// a message of which not even the sender could be read.
pub(super) fn hold_to_sender(reading: &mut Reading, sender: Option<&Verdict>) {
    let automatic = reading
        .parts
        .iter()
        .any(|part| part.kind == Kind::Mail && part.fields.iter().any(|field| field.name == "automatisk" && field.decision == Decision::Accept));
    for part in reading.parts.iter_mut().filter(|part| part.form.is_some()) {
        let kommune =
            part.fields.iter().find(|field| field.name == "kommune").and_then(|field| field.content.ordinary()).and_then(|content| content.value.clone());
        let finding = match sender {
            Some(Verdict::Confirmed(_)) if !part.form.as_ref().is_some_and(is_vedtak) => {
                Some(("form_by_mail", "Skjemaet kom på e-post. Kontroller at avsenderen har rett til å sende det."))
            }
            Some(Verdict::Confirmed(kommuner)) => match kommune {
                Some(Value::Text(number)) if kommuner.contains(&number) => None,
                _ => Some(("sender_other", "E-posten kommer fra en annen enn kommunen som vedtaket gjelder. Kontroller hvem den kommer fra.")),
            },
            Some(Verdict::Forged(_)) => Some((
                "sender_forged",
                "E-posten gir seg ut for å komme fra en kommune, men signaturen holder ikke. Ikke bruk innholdet før kommunen har bekreftet det.",
            )),
            Some(Verdict::Unknown) => Some(("sender_unknown", "Avsenderen er ukjent. Kontroller hvem e-posten kommer fra.")),
            Some(Verdict::Unproven(_)) | None => Some(("sender_unproven", "Avsenderen er ikke bekreftet. Kontroller hvem e-posten kommer fra.")),
        };
        let answers_itself = automatic.then_some(("mail_automatic", "E-posten er sendt automatisk. Kontroller den; den besvares ikke av seg selv."));
        part.findings.extend(finding.into_iter().chain(answers_itself).map(|(code, message)| Finding::general(code, message)));
    }
}

/// What the daemon knows of a kind of record.
enum Definition<'a> {
    Form(&'a Form),
    Vedtak,
    /// A mail, whose words may be a decision.
    Mail {
        decides: bool,
    },
    Nothing,
}

impl<'a> Definition<'a> {
    fn of(part: &Part, forms: &'a [Form]) -> Self {
        match (part.kind, &part.form) {
            (Kind::Form, Some(said)) => forms.iter().find(|form| is(form, said)).map_or(Self::Nothing, Self::Form),
            (Kind::Letter, Some(said)) if is_vedtak(said) => Self::Vedtak,
            (Kind::Mail, Some(said)) if is_vedtak(said) => Self::Mail { decides: true },
            (Kind::Mail, None) => Self::Mail { decides: false },
            _ => Self::Nothing,
        }
    }

    fn field(&self, name: &str) -> Option<(FieldType, Sensitivity)> {
        match self {
            Self::Form(form) => form.field(name).map(|field| (field.kind, field.sensitivity)),
            // All of them are ordinary: a decision speaks of numbers of people.
            Self::Vedtak => vocabulary::field_type(name).map(|kind| (kind, Sensitivity::Ordinary)),
            Self::Mail { decides } => {
                let of_vedtak = || Self::Vedtak.field(name).filter(|_| *decides);
                mail::fields::definition(name).or_else(of_vedtak)
            }
            Self::Nothing => None,
        }
    }
}

fn is(form: &Form, said: &FormRef) -> bool {
    form.name == said.name && form.version == said.version
}

fn is_vedtak(said: &FormRef) -> bool {
    said.name == VEDTAK && said.version == vedtak::VERSION
}

/// A form whose name is known may come in a version that is not: paper lives long. The version is then as little believed as the name of a foreign form.
fn hold_name(said: &mut FormRef, forms: &[Form]) {
    if is_vedtak(said) || forms.iter().any(|form| is(form, said)) {
        return;
    }
    UNKNOWN.clone_into(&mut said.version);
    if said.name != VEDTAK && !forms.iter().any(|form| form.name == said.name) {
        UNKNOWN.clone_into(&mut said.name);
    }
}

fn hold_fields(part: &mut Part, definition: &Definition<'_>) {
    let mut differs = false;
    let mut renamed = BTreeMap::new();
    for field in &mut part.fields {
        if let Some((kind, sensitivity)) = definition.field(&field.name) {
            differs |= field.kind != kind;
            field.kind = kind;
            if sensitivity == Sensitivity::Special {
                differs |= make_special(&mut field.content);
            }
        } else {
            differs = true;
            let name = format!("{UNKNOWN}.{}", renamed.len() + 1);
            renamed.insert(std::mem::replace(&mut field.name, name.clone()), name);
            make_special(&mut field.content);
        }
    }
    for field in part.findings.iter_mut().filter_map(|finding| finding.field.as_mut()) {
        if let Some(name) = renamed.get(field) {
            field.clone_from(name);
        }
    }
    if differs {
        let message = "Det som er lest, passer ikke med definisjonen av skjemaet. Kontroller dokumentet mot originalen.";
        part.findings.push(Finding::general("definition_differs", message));
    }
}

/// Whether it was not special before.
fn make_special(content: &mut Guarded) -> bool {
    let Guarded::Ordinary(Ordinary(ordinary)) = content else { return false };
    *content = Guarded::new(Sensitivity::Special, std::mem::take(ordinary));
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms;
    use crate::record::{Confidence, Content, Field, Purpose, ReaderKind, Value};
    use crate::registry::Context;
    use crate::transcript::tests::transcript;

    fn shipped() -> Vec<Form> {
        vec![forms::parse(include_str!("../../forms/privatboende.xml"), "privatboende.xml").unwrap_or_else(|errors| panic!("{errors}"))]
    }

    fn field(name: &str, kind: FieldType, sensitivity: Sensitivity) -> Field {
        Field {
            name: name.into(),
            kind,
            content: Guarded::new(sensitivity, Content { value: Some(Value::Text("x".into())), text: Some("x".into()), raw: None }),
            reader: ReaderKind::Print,
            ..Field::plain()
        }
    }

    fn part(kind: Kind, form: Option<(&str, &str)>, fields: Vec<Field>) -> Part {
        let form = form.map(|(name, version)| FormRef { name: name.into(), version: version.into(), score: Confidence::CERTAIN, residual_mm: None });
        Part { part: None, kind, form, pages: 1, fields, findings: vec![], text: None }
    }

    /// What becomes of a part.
    fn held(part: Part) -> Part {
        let mut reading = Reading { parts: vec![part], pages: 1, pictures: vec![], ms: 0 };
        hold(&mut reading, &shipped());
        reading.parts.remove(0)
    }

    fn seen(part: &Part) -> Vec<(&str, FieldType, Sensitivity)> {
        part.fields.iter().map(|field| (field.name.as_str(), field.kind, field.content.sensitivity())).collect()
    }

    fn codes(part: &Part) -> Vec<&str> {
        part.findings.iter().map(|finding| finding.code.as_str()).collect()
    }

    const ORDINARY: Sensitivity = Sensitivity::Ordinary;
    const SPECIAL: Sensitivity = Sensitivity::Special;

    #[test]
    fn names_of_forms_that_no_definition_has_are_not_repeated() {
        for (kind, said, believed) in [
            (Kind::Form, ("privatboende", "1"), ("privatboende", "1")),
            (Kind::Letter, ("vedtak", vedtak::VERSION), ("vedtak", vedtak::VERSION)),
            (Kind::Unknown, ("202203141502", "1"), ("unknown", "unknown")),
            (Kind::Form, ("202203141502", "202203141502"), ("unknown", "unknown")),
            (Kind::Unknown, ("privatboende", "202203141502"), ("privatboende", "unknown")),
            (Kind::Letter, ("vedtak", "202203141502"), ("vedtak", "unknown")),
            (Kind::Other, ("Privatboende", "1"), ("unknown", "unknown")),
        ] {
            let held = held(part(kind, Some(said), vec![]));
            let form = held.form.as_ref().expect("it stays a form or letter");
            assert_eq!((form.name.as_str(), form.version.as_str()), believed, "{said:?}");
            assert!(held.findings.is_empty(), "a name alone is nothing to look at: the reader has said what it is");
        }
        assert!(held(part(Kind::Other, None, vec![])).form.is_none());
    }

    #[test]
    fn the_definition_says_which_fields_are_special_and_what_they_are() {
        let honest = vec![field("duf", FieldType::Duf, ORDINARY), field("tilrettelegging", FieldType::Multichoice, SPECIAL)];
        let believed = held(part(Kind::Form, Some(("privatboende", "1")), honest));
        assert_eq!(seen(&believed), [("duf", FieldType::Duf, ORDINARY), ("tilrettelegging", FieldType::Multichoice, SPECIAL)]);
        assert!(believed.findings.is_empty());

        let lowered = vec![field("duf", FieldType::Duf, SPECIAL), field("tilrettelegging", FieldType::Text, ORDINARY)];
        let held = held(part(Kind::Form, Some(("privatboende", "1")), lowered));
        assert_eq!(seen(&held), [("duf", FieldType::Duf, SPECIAL), ("tilrettelegging", FieldType::Multichoice, SPECIAL)]);
        assert_eq!(codes(&held), ["definition_differs"]);
        assert!(held.fields[1].content.expose(Purpose::Validate).text.as_deref() == Some("x"), "what was read stays");
    }

    #[test]
    fn a_field_that_no_definition_has_is_special_and_loses_its_name() {
        let mut said =
            part(Kind::Form, Some(("privatboende", "1")), vec![field("duf", FieldType::Duf, ORDINARY), field("kari.202203141502", FieldType::Text, ORDINARY)]);
        said.findings = vec![Finding::about("kari.202203141502", "c", "m"), Finding::about("duf", "c", "m")];
        let believed = held(said);
        assert_eq!(seen(&believed), [("duf", FieldType::Duf, ORDINARY), ("unknown.1", FieldType::Text, SPECIAL)]);
        let about: Vec<_> = believed.findings.iter().map(|finding| finding.field.as_deref()).collect();
        assert_eq!(about, [Some("unknown.1"), Some("duf"), None]);
        // Under a foreign form, or as another kind of record, no field is one of ours.
        for (kind, form) in
            [(Kind::Form, Some(("annet", "1"))), (Kind::Letter, Some(("privatboende", "1"))), (Kind::Form, Some(("vedtak", "1"))), (Kind::Other, None)]
        {
            let believed = held(part(kind, form, vec![field("duf", FieldType::Duf, ORDINARY)]));
            assert_eq!(seen(&believed), [("unknown.1", FieldType::Duf, SPECIAL)], "{kind:?} {form:?}");
        }
        let letter = vec![field("forbehold.2", FieldType::Choice, ORDINARY), field("forbehold.202203141502", FieldType::Choice, ORDINARY)];
        let believed = held(part(Kind::Letter, Some(("vedtak", vedtak::VERSION)), letter));
        assert_eq!(seen(&believed), [("forbehold.2", FieldType::Choice, ORDINARY), ("unknown.1", FieldType::Choice, SPECIAL)]);
    }

    /// The list here is the one that vedtak fills: what an honest reader says of a decision is not touched.
    #[test]
    fn every_field_of_a_vedtak_is_known() {
        let letter = "Narvik kommune\n\nKommunestyret har 12.11.2026 i sak PS 71/26 vedtatt:\nNarvik kommune bosetter inntil 31 flyktninger i 2027.\n\
                      Vedtaket gjelder under forutsetning av statlig finansiering, og at kommunen har boliger.\n";
        let context = Context { today: crate::clock::date(2026, 11, 21), test_ids: true };
        let understood = vedtak::understand(&transcript(letter), &context);
        let said: Vec<(String, FieldType)> = understood.fields.iter().map(|field| (field.name.clone(), field.kind)).collect();
        let plain: Vec<(String, FieldType)> = said.iter().filter(|(name, _)| !name.starts_with("forbehold.")).cloned().collect();
        let mut known: Vec<(String, FieldType)> = vocabulary::FIELDS.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
        let mut sorted = plain;
        sorted.sort();
        known.sort();
        assert_eq!(sorted, known);
        assert!(said.iter().any(|(name, _)| name == "forbehold.1"), "the letter has a reservation: {said:?}");
        let believed = held(part(Kind::Letter, Some(("vedtak", vedtak::VERSION)), understood.fields));
        assert!(
            believed.fields.iter().zip(&said).all(|(field, (name, kind))| field.name == *name && field.kind == *kind && field.content.ordinary().is_some())
        );
        assert!(!codes(&believed).contains(&"definition_differs"));
    }

    /// And of a form, every field as its definition has it.
    #[test]
    fn what_an_honest_reader_says_of_a_form_is_not_touched() {
        let form = shipped().remove(0);
        let fields: Vec<Field> = form.fields.iter().map(|definition| field(&definition.name, definition.kind, definition.sensitivity)).collect();
        let believed = held(part(Kind::Form, Some(("privatboende", "1")), fields));
        assert!(seen(&believed).into_iter().eq(form.fields.iter().map(|definition| (definition.name.as_str(), definition.kind, definition.sensitivity))));
        assert!(believed.findings.is_empty() && believed.fields.iter().any(|field| field.content.sensitivity() == SPECIAL));
    }
}
