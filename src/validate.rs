//! The rules of a form, held against the fields of a record.
//!
//! Fields that have to be filled in, and the rules between fields that the form's XML states. A breach is a finding for a person, never an error
//! and never a correction. Findings carry no values: the sentence is the form's own. Special values are taken out only to be compared here.
//! No input or output; the only date is that of receipt.

use crate::clock::{Date, ToSpan};
use crate::forms::{Check, Condition, Form, Rule};
use crate::record::{Content, Decision, Field, Finding, Purpose, Value};

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

fn finding(rule: &Rule) -> Finding {
    Finding::about(&rule.field, &rule.code, rule.message.get("nb"))
}

struct Record<'a> {
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
}

fn content(field: &Field) -> &Content {
    field.content.expose(Purpose::Validate)
}

/// Whether a field says nothing: it was left blank, its box is not marked, or it is not signed.
fn is_blank(field: &Field) -> bool {
    match field.decision {
        Decision::Empty => true,
        Decision::Review => false,
        Decision::Accept => matches!(content(field).value, None | Some(Value::Flag(false))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::date;
    use crate::forms::{FieldDef, Labels};
    use crate::record::{Confidence, FieldType, Guarded, ReaderKind, Sensitivity};
    use std::collections::BTreeMap;

    fn label(text: &str) -> Labels {
        Labels(BTreeMap::from([("nb".to_owned(), text.to_owned())]))
    }

    fn form(required: &[&str], check: Option<Check>) -> Form {
        let definition = |name: &&str| FieldDef {
            name: (*name).to_owned(),
            kind: FieldType::Text,
            sensitivity: Sensitivity::Ordinary,
            legal_basis: String::new(),
            required: true,
            label: label("Etternavn"),
            options: Vec::new(),
            zones: Vec::new(),
        };
        let rule = |check| Rule { code: "rule".into(), field: "a".into(), message: label("Regelen er brutt."), check };
        Form {
            name: "proeve".into(),
            version: "1".into(),
            printed_id: String::new(),
            title: Labels::default(),
            languages: vec!["nb".into()],
            pages: Vec::new(),
            fields: required.iter().map(definition).collect(),
            rules: check.into_iter().map(rule).collect(),
        }
    }

    fn field(name: &str, decision: Decision, value: Option<Value>) -> Field {
        Field {
            name: name.into(),
            kind: FieldType::Text,
            content: Guarded::new(Sensitivity::Special, Content { value, ..Content::default() }),
            confidence: Confidence::CERTAIN,
            threshold: Confidence::NONE,
            decision,
            reader: ReaderKind::Comb,
            model: String::new(),
            rule: None,
            page: None,
            zone: None,
            span: None,
            crop: None,
        }
    }

    fn filled(name: &str, text: &str) -> Field {
        field(name, Decision::Accept, Some(Value::Text(text.into())))
    }

    fn flag(name: &str, set: bool) -> Field {
        field(name, Decision::Accept, Some(Value::Flag(set)))
    }

    /// Whether the check is broken by a record received on 21 November 2026.
    fn broken(check: Check, fields: &[Field]) -> bool {
        !validate(&form(&[], Some(check)), fields, date(2026, 11, 21)).is_empty()
    }

    #[test]
    fn required_fields_have_to_say_something() {
        let form = form(&["navn", "underskrift", "duf"], None);
        let fields = [field("navn", Decision::Empty, None), flag("underskrift", false), field("duf", Decision::Review, None)];
        let found = validate(&form, &fields, date(2026, 11, 21));
        assert_eq!(found.iter().map(|finding| finding.field.as_deref()).collect::<Vec<_>>(), [Some("navn"), Some("underskrift")]);
        assert_eq!((found[0].code.as_str(), found[0].message.as_str()), ("required", "Feltet «Etternavn» må fylles ut."));
        assert_eq!(validate(&form, &[], date(2026, 11, 21)).len(), 3, "a field that was never read is blank");
    }

    #[test]
    fn a_condition_forbids_whole_groups() {
        let check = || Check::Forbids { when: Condition::Filled("nei_takk".into()), fields: vec!["helse.*".into(), "merknad".into()] };
        assert!(broken(check(), &[flag("nei_takk", true), filled("helse.syn", "x")]));
        assert!(broken(check(), &[flag("nei_takk", true), field("merknad", Decision::Review, None)]));
        assert!(!broken(check(), &[flag("nei_takk", true), field("helse.syn", Decision::Empty, None), flag("helse.annet", false)]));
        assert!(!broken(check(), &[flag("nei_takk", false), filled("helse.syn", "x")]));
        assert!(!broken(check(), &[flag("nei_takk", true), filled("helsestasjon", "x")]), "another name that begins alike");
    }

    #[test]
    fn a_condition_requires_fields() {
        let when = Condition::Is { field: "hvem".into(), option: "em".into() };
        let check = || Check::Requires { when: when.clone(), fields: vec!["verge".into()] };
        assert!(broken(check(), &[filled("hvem", "em"), field("verge", Decision::Empty, None)]));
        assert!(!broken(check(), &[filled("hvem", "em"), filled("verge", "x")]));
        assert!(!broken(check(), &[filled("hvem", "voksen"), field("verge", Decision::Empty, None)]));
        let several = field("hvem", Decision::Accept, Some(Value::Codes(vec!["a".into(), "em".into()])));
        assert!(broken(check(), &[several, field("verge", Decision::Empty, None)]));
        let unsure = field("hvem", Decision::Review, Some(Value::Text("em".into())));
        assert!(!broken(check(), &[unsure, field("verge", Decision::Empty, None)]), "a suggestion is not a value");
        let blank = Check::Requires { when: Condition::Blank("duf".into()), fields: vec!["foedt".into()] };
        assert!(broken(blank, &[field("duf", Decision::Empty, None), field("foedt", Decision::Empty, None)]));
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
    fn one_is_a_minor_until_the_birthday() {
        let check = || Check::Requires { when: Condition::YoungerThan { field: "foedt".into(), years: 18 }, fields: vec!["verge".into()] };
        for (born, breach) in [("2008-11-22", true), ("2008-11-21", false), ("1990-01-01", false)] {
            assert_eq!(broken(check(), &[filled("foedt", born), field("verge", Decision::Empty, None)]), breach, "{born}");
        }
    }
}
