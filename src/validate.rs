//! The validate stage: holds what stands in the fields against the rules of their form. A breach is a finding for a person, never an error.
//!
//! Pure. A field that waits for a person counts as filled, since somebody wrote there; what it says counts only as far as it was read, and the
//! rules are applied again when a person has settled it. Special values are looked at here ([`Purpose::Validate`]) and leave no trace: a
//! finding holds no value.

use crate::clock::{Date, ToSpan};
use crate::forms::{Check, Condition, Form, Labels};
use crate::record::{Decision, Field, Finding, Purpose, Value};

/// What the form's rules find in the fields of a record that was received on `received`.
///
/// A field that waits for a person counts as filled in; its suggested value is not compared, for it may be wrong. A field that the record does not
/// have counts as blank.
#[must_use]
pub fn validate(form: &Form, fields: &[Field], received: Date) -> Vec<Finding> {
    let record = Record { fields, received };
    let required = form.fields.iter().filter(|definition| definition.required && record.is_blank(&definition.name));
    let missing = required.map(|definition| Finding::about(&definition.name, "required", format!("Feltet «{}» må fylles ut.", definition.label.get("nb"))));
    let broken = form.rules.iter().filter(|rule| !record.holds(&rule.check)).map(finding);
    let mut findings: Vec<Finding> = Vec::new();
    for finding in missing.chain(broken) {
        // A rule may state several checks; it is broken once.
        if !findings.contains(&finding) {
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

impl Record<'_> {
    fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether nothing is written in any field that `pattern` names. A field that is not in the record is blank.
    fn is_blank(&self, pattern: &str) -> bool {
        self.named(pattern).all(is_blank)
    }

    /// The fields that `pattern` names: one, or with a trailing `.*` all below a name.
    fn named<'b>(&'b self, pattern: &'b str) -> impl Iterator<Item = &'b Field> {
        let below = pattern.strip_suffix('*').filter(|prefix| prefix.ends_with('.'));
        self.fields.iter().filter(move |field| below.map_or(field.name == pattern, |prefix| field.name.starts_with(prefix)))
    }

    /// A value that nobody has to look at any more.
    fn settled(&self, name: &str) -> Option<&Value> {
        let field = self.field(name).filter(|field| field.decision == Decision::Accept)?;
        content(field).value.as_ref()
    }

    fn date(&self, name: &str) -> Option<Date> {
        self.settled(name)?.as_date()
    }

    fn holds(&self, check: &Check) -> bool {
        match check {
            Check::Forbids { when, fields } => !self.applies(when) || fields.iter().flat_map(|pattern| self.named(pattern)).all(is_blank),
            Check::Requires { when, fields } => !self.applies(when) || !fields.iter().any(|name| self.is_blank(name)),
            Check::RequiresAny { when, fields } => !self.applies(when) || !fields.iter().all(|pattern| self.is_blank(pattern)),
            Check::WithinMonths { date, months } => self.date(date).is_none_or(|date| {
                let end = date.checked_add(i64::from(*months).months());
                date <= self.received && end.is_ok_and(|end| self.received <= end)
            }),
            Check::NotAfter { earlier, later } => match (self.date(earlier), self.date(later)) {
                (Some(earlier), Some(later)) => earlier <= later,
                _ => true,
            },
        }
    }

    fn applies(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Filled(pattern) => !self.is_blank(pattern),
            Condition::Blank(pattern) => self.is_blank(pattern),
            Condition::Is { field, option } => match self.settled(field) {
                Some(Value::Text(code)) => code == option,
                Some(Value::Codes(codes)) => codes.contains(option),
                _ => false,
            },
            Condition::YoungerThan { field, years } => self.date(field).is_some_and(|born| {
                let comes_of_age = born.checked_add(i64::from(*years).years());
                comes_of_age.is_ok_and(|day| self.received < day)
            }),
        }
    }

    /// Whether every field that `pattern` names is blank. A box that is not marked is blank, and so is a line nobody signed.
    fn is_blank(&self, pattern: &str) -> bool {
        self.form.matching(pattern).all(|definition| self.field(&definition.name).is_none_or(is_blank))
    }

    fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
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
    use crate::record::{Confidence, Content, Guarded, ReaderKind};

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
                confidence: Confidence::CERTAIN,
                threshold: Confidence::NONE,
                reader: ReaderKind::Person,
                model: String::new(),
                rule: None,
                page: None,
                zone: None,
                span: None,
                crop: None,
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
    fn a_condition_requires_one_of_a_group() {
        let check = || Check::RequiresAny { when: Condition::Filled("rad.1.*".into()), fields: vec!["navn".into(), "helse.*".into()] };
        assert!(broken(check(), &[filled("rad.1.duf", "x"), field("navn", Decision::Empty, None), flag("helse.syn", false)]));
        assert!(!broken(check(), &[filled("rad.1.duf", "x"), flag("helse.syn", true)]));
        assert!(!broken(check(), &[filled("rad.10.duf", "x"), field("navn", Decision::Empty, None)]), "another row");
    }

    #[test]
    fn a_rule_of_several_checks_is_broken_once() {
        let check = |name: &str| Check::Requires { when: Condition::Filled("a".into()), fields: vec![name.into()] };
        let mut form = form(&[], Some(check("b")));
        form.rules.push(Rule { check: check("c"), ..form.rules[0].clone() });
        assert_eq!(validate(&form, &[filled("a", "x")], date(2026, 11, 21)).len(), 1);
    }

    #[test]
    fn dates_are_held_against_the_day_of_receipt() {
        let within = || Check::WithinMonths { date: "a".into(), months: 6 };
        for (written, breach) in [("2026-11-21", false), ("2026-05-21", false), ("2026-05-20", true), ("2026-11-22", true)] {
            assert_eq!(broken(within(), &[filled("a", written)]), breach, "{written}");
        }
        assert!(!broken(within(), &[field("a", Decision::Review, Some(Value::Text("2001-01-01".into())))]));
        let order = || Check::NotAfter { earlier: "a".into(), later: "b".into() };
        assert!(broken(order(), &[filled("a", "2026-02-02"), filled("b", "2026-02-01")]));
        assert!(!broken(order(), &[filled("a", "2026-02-01"), filled("b", "2026-02-01")]));
        assert!(!broken(order(), &[filled("a", "2026-02-02")]));
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
