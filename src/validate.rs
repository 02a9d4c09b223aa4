//! The validate stage: holds what stands in the fields against the rules of their form. A breach is a finding for a person, never an error.
//!
//! Pure. A field that waits for a person counts as filled, since somebody wrote there; what it says counts only as far as it was read, and the
//! rules are applied again when a person has settled it. Special values are looked at here ([`Purpose::Validate`]) and leave no trace: a
//! finding holds no value.

use crate::clock::{Date, ToSpan};
use crate::forms::{Check, Condition, Form, Labels};
use crate::record::{Decision, Field, Finding, Purpose, Value};
use crate::registry::{fnr, postal};

/// The finding of a required field that is blank.
pub const REQUIRED: &str = "required";

/// The language of findings: they are for the office, whatever language the form was filled in.
const OFFICE_LANGUAGE: &str = "nb";

/// Every breach of the form's rules by `fields`, each once. `received` is the day the document came: time limits count from it.
#[must_use]
pub fn validate(form: &Form, fields: &[Field], received: Date) -> Vec<Finding> {
    let standing = Standing { form, fields, received };
    let missing = form.fields.iter().filter(|definition| definition.required && standing.is_blank(&definition.name));
    let missing =
        missing.map(|definition| Finding::about(&definition.name, REQUIRED, format!("Feltet «{}» må fylles ut.", definition.label.get(OFFICE_LANGUAGE))));
    let breached = form.rules.iter().filter(|rule| !standing.holds(&rule.check));
    let breached = breached.map(|rule| Finding::about(&rule.field, &rule.code, message(&rule.message)));
    let mut findings: Vec<Finding> = Vec::new();
    for finding in missing.chain(breached) {
        // A rule of several checks is several rules with one code.
        if !findings.iter().any(|found| (&found.code, &found.field) == (&finding.code, &finding.field)) {
            findings.push(finding);
        }
    }
    findings
}

fn message(labels: &Labels) -> String {
    labels.get(OFFICE_LANGUAGE).to_owned()
}

struct Standing<'a> {
    form: &'a Form,
    fields: &'a [Field],
    received: Date,
}

impl Standing<'_> {
    fn holds(&self, check: &Check) -> bool {
        match check {
            Check::Forbids { when, fields } => !self.applies(when) || fields.iter().all(|pattern| self.is_blank(pattern)),
            Check::Requires { when, fields } => !self.applies(when) || !fields.iter().any(|pattern| self.is_blank(pattern)),
            Check::RequiresAny { when, fields } => !self.applies(when) || fields.iter().any(|pattern| !self.is_blank(pattern)),
            Check::WithinMonths { date, months } => self.date(date).is_none_or(|date| self.is_within(date, *months)),
            Check::NotAfter { earlier, later } => self.date(earlier).zip(self.date(later)).is_none_or(|(earlier, later)| earlier <= later),
            Check::BornOn { number, date } => {
                // A number that is none is a finding of its own.
                let number = self.text(number).and_then(|number| fnr::parse(number, true).ok());
                number.zip(self.date(date)).is_none_or(|(number, date)| number.is_of(date))
            }
            // A code that the list does not have may be new.
            Check::PostTown { code, town } => {
                self.text(code).and_then(postal::place).zip(self.text(town)).is_none_or(|(place, town)| place == town.to_uppercase())
            }
        }
    }

    fn applies(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Filled(pattern) => !self.is_blank(pattern),
            Condition::Blank(name) => self.is_blank(name),
            Condition::Is { field, option } => self.field(field).is_some_and(|field| says(field, option)),
            Condition::YoungerThan { field, years } => self.date(field).is_some_and(|born| self.is_younger(born, *years)),
        }
    }

    /// Whether every field that `pattern` names is blank. A box that is not marked is blank, and so is a line nobody signed.
    fn is_blank(&self, pattern: &str) -> bool {
        self.form.matching(pattern).all(|definition| self.field(&definition.name).is_none_or(is_blank))
    }

    fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.field(name)?.content.expose(Purpose::Validate).value.as_ref()?.as_text()
    }

    fn date(&self, name: &str) -> Option<Date> {
        self.field(name)?.content.expose(Purpose::Validate).value.as_ref()?.as_date()
    }

    fn is_within(&self, date: Date, months: u32) -> bool {
        let last = date.checked_add(i64::from(months).months());
        date <= self.received && last.is_ok_and(|last| self.received <= last)
    }

    fn is_younger(&self, born: Date, years: u32) -> bool {
        // Years are completed on the birthday; somebody born on 29 February completes them on 28 February of a common year.
        born.checked_add(i64::from(years).years()).is_ok_and(|birthday| self.received < birthday)
    }
}

fn is_blank(field: &Field) -> bool {
    field.decision == Decision::Empty || matches!(field.content.expose(Purpose::Validate).value, Some(Value::Flag(false)))
}

fn says(field: &Field, option: &str) -> bool {
    match &field.content.expose(Purpose::Validate).value {
        Some(Value::Text(code)) => code == option,
        Some(Value::Codes(codes)) => codes.iter().any(|code| code == option),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::date;
    use crate::record::{Confidence, Content, Guarded};

    const RECEIVED: Date = date(2026, 11, 21);

    fn form() -> Form {
        crate::forms::parse(include_str!("../forms/privatboende.xml"), "privatboende.xml").expect("the shipped form is sound")
    }

    /// Every field of the form blank, but for those given.
    fn filled(form: &Form, given: &[(&str, Value)]) -> Vec<Field> {
        let field = |definition: &crate::forms::FieldDef| {
            let value = given.iter().find(|(name, _)| *name == definition.name).map(|(_, value)| value.clone());
            Field {
                name: definition.name.clone(),
                kind: definition.kind,
                decision: if value.is_some() { Decision::Accept } else { Decision::Empty },
                content: Guarded::new(definition.sensitivity, Content { value, text: None, raw: None }),
                threshold: Confidence::NONE,
                ..Field::plain()
            }
        };
        form.fields.iter().map(field).collect()
    }

    fn codes(given: &[(&str, Value)]) -> Vec<String> {
        let form = form();
        let findings = validate(&form, &filled(&form, given), RECEIVED);
        findings.into_iter().filter(|finding| finding.code != REQUIRED).map(|finding| finding.code).collect()
    }

    fn text(value: &str) -> Value {
        Value::Text(value.to_owned())
    }

    #[test]
    fn the_six_months_are_counted_to_the_day() {
        for (told, breached) in [("2026-05-21", false), ("2026-05-20", true), ("2026-11-21", false), ("2026-11-22", true)] {
            assert_eq!(codes(&[("politi_informert_dato", text(told))]).contains(&"seks_maaneder".to_owned()), breached, "{told}");
        }
    }

    #[test]
    fn a_place_belongs_to_its_postal_code() {
        for (code, town, breached) in [("8508", "NARVIK", false), ("8508", "Narvik", false), ("8508", "OSLO", true), ("9999", "OSLO", false)] {
            assert_eq!(codes(&[("postnummer", text(code)), ("poststed", text(town))]), if breached { vec!["poststed_motstrid"] } else { vec![] }, "{code}");
        }
        assert!(codes(&[("postnummer", text("8508"))]).is_empty() && codes(&[("poststed", text("OSLO"))]).is_empty());
    }

    #[test]
    fn the_date_of_birth_is_that_of_the_number() {
        for (day, breached) in [("1991-06-08", false), ("1991-06-09", true), ("2091-06-08", true)] {
            let found = codes(&[("fnr", text("08869131289")), ("foedselsdato", text(day))]);
            assert_eq!(found.contains(&"foedselsdato_motstrid".to_owned()), breached, "{day}");
        }
        assert!(codes(&[("fnr", text("08869131280")), ("foedselsdato", text("1950-01-01"))]).is_empty(), "a number that is none says nothing");
    }

    #[test]
    fn a_minor_needs_a_guardian_until_the_eighteenth_birthday() {
        for (born, breached) in [("2008-11-21", false), ("2008-11-22", true)] {
            assert_eq!(codes(&[("foedselsdato", text(born))]), if breached { vec!["verge_mangler"] } else { vec![] }, "{born}");
        }
        // Both reasons at once are one finding.
        assert_eq!(codes(&[("hvem", text("enslig_mindreaarig")), ("foedselsdato", text("2010-01-01"))]), ["verge_mangler"]);
        let signed = [("hvem", text("enslig_mindreaarig")), ("verge_navn", text("X")), ("underskrift_verge", Value::Flag(true))];
        assert!(codes(&signed).is_empty());
        let unsigned = [("hvem", text("enslig_mindreaarig")), ("verge_navn", text("X")), ("underskrift_verge", Value::Flag(false))];
        assert_eq!(codes(&unsigned), ["verge_mangler"]);
    }

    #[test]
    fn declining_beside_filled_health_fields_is_a_finding_and_declining_alone_is_not() {
        assert!(codes(&[("oensker_ikke_opplysninger", Value::Flag(true))]).is_empty());
        assert!(codes(&[("oensker_ikke_opplysninger", Value::Flag(false)), ("tilrettelegging_behov", text("nei"))]).is_empty());
        assert_eq!(codes(&[("oensker_ikke_opplysninger", Value::Flag(true)), ("tilrettelegging_behov", text("nei"))]), ["oensker_ikke_men_helse"]);
    }

    #[test]
    fn a_row_that_is_begun_must_be_whole() {
        assert_eq!(codes(&[("husstand.2.duf", text("202203141502"))]), ["husstand_ufullstendig"]);
        assert!(codes(&[("husstand.2.navn", text("X")), ("husstand.2.relasjon", text("sønn")), ("husstand.2.bosettes_sammen", text("ja"))]).is_empty());
    }

    #[test]
    fn a_need_must_be_described_and_a_kind_of_other_too() {
        assert_eq!(codes(&[("tilrettelegging_behov", text("ja"))]), ["behov_ja_uten_innhold"]);
        let other = [("tilrettelegging_behov", text("ja")), ("tilrettelegging", Value::Codes(vec!["annet".into()]))];
        assert_eq!(codes(&other), ["behov_annet_uten_beskrivelse"]);
        assert!(codes(&[("tilrettelegging_behov", text("ja")), ("tilrettelegging", Value::Codes(vec!["syn".into()]))]).is_empty());
    }

    #[test]
    fn a_field_that_waits_for_a_person_counts_as_filled() {
        let form = form();
        let mut fields = filled(&form, &[]);
        let waiting = fields.iter_mut().find(|field| field.name == "duf").expect("the form has it");
        let missing =
            |fields: &[Field]| validate(&form, fields, RECEIVED).iter().any(|finding| finding.code == REQUIRED && finding.field.as_deref() == Some("duf"));
        waiting.decision = Decision::Review;
        assert!(!missing(&fields));
        assert!(missing(&filled(&form, &[])));
    }

    #[test]
    fn findings_hold_no_values() {
        let form = form();
        let given = [("politi_informert_dato", text("2019-03-07")), ("tilrettelegging_behov", text("ja")), ("husstand.1.navn", text("Xerxes"))];
        for finding in validate(&form, &filled(&form, &given), RECEIVED) {
            assert!(!finding.message.contains("2019") && !finding.message.contains("Xerxes"), "{finding:?}");
        }
    }
}
