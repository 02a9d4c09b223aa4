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
/// A field that waits for a person counts as filled in; its suggested value is not compared, for it may be wrong. Rules about fields the record does
/// not have hold.
#[must_use]
pub fn validate(form: &Form, fields: &[Field], received: Date) -> Vec<Finding> {
    let record = Record { fields, received };
    let required = form.fields.iter().filter(|definition| definition.required && record.is_blank(&definition.name));
    let missing = required.map(|definition| Finding::about(&definition.name, "required", format!("Feltet «{}» må fylles ut.", definition.label.get("nb"))));
    let broken = form.rules.iter().filter(|rule| !record.holds(&rule.check)).map(finding);
    missing.chain(broken).collect()
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

    /// Whether nothing is written there. A field that is not in the record is blank.
    fn is_blank(&self, name: &str) -> bool {
        self.field(name).is_none_or(is_blank)
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
            Check::Requires { when, fields } => !self.applies(when) || !fields.iter().any(|pattern| self.lacks(pattern)),
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

    /// Whether a field that is required is blank. Of a group below a name it is enough that one is filled in.
    fn lacks(&self, pattern: &str) -> bool {
        let mut named = self.named(pattern).peekable();
        named.peek().is_some() && named.all(is_blank)
    }

    fn applies(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Filled(name) => !self.is_blank(name),
            Condition::Blank(name) => self.is_blank(name),
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
