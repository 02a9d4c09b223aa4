//! Rules between fields: from `<rule>` to [`Rule`], and whether what they speak of is in the form.
//!
//! A condition is a short phrase: `kjaeledyr is ja`, `aldri_i_mottak filled`, `tilrettelegging blank`, `foedselsdato younger-than 18`.
//! A rule with several checks becomes several [`Rule`]s of one code. What becomes of a rule when a document is read is the business of `validate`.

use std::collections::HashMap;

use super::complaint::Complaints;
use super::definition::{Check, Condition, FieldDef, Rule, named_by};
use super::source::Reader;
use super::xml::Element;
use crate::record::FieldType;

/// A rule whose fields are not yet known to be there.
#[derive(Debug)]
pub(super) struct RuleSource {
    pub(super) line: u32,
    pub(super) rule: Rule,
}

/// The elements that are checks.
const CHECKS: [&str; 7] = ["forbids", "requires", "requires-any", "within-months", "not-after", "post-town", "born-on"];

impl Reader<'_> {
    /// Reads a rule; one that cannot be understood is complained of and left out.
    pub(super) fn rule(&mut self, element: &Element) {
        self.shape(element, &["code", "field"], &[["message"].as_slice(), &CHECKS].concat());
        let code = self.code(element, "code", 60);
        let field = element.get("field").unwrap_or_default().to_owned();
        let message = element.named("message").next().map(|message| {
            self.worded(message, &[], &[]);
            self.labels(message)
        });
        if message.is_none() {
            self.complaints.add(
                element.line,
                format!("the rule `{code}` has no <message>"),
                "add <message nb=\"...\" nn=\"...\"/>: what the case worker reads, without any value",
            );
        }
        let checks: Vec<&Element> = element.children.iter().filter(|child| CHECKS.contains(&child.name.as_str())).collect();
        if checks.is_empty() {
            self.complaints.add(element.line, format!("the rule `{code}` checks nothing"), format!("write one of: {}", CHECKS.join(", ")));
        }
        for check in checks {
            if let (Some(check), Some(message)) = (self.check(check), &message) {
                let rule = Rule { code: code.clone(), field: field.clone(), message: message.clone(), check };
                self.rules.push(RuleSource { line: element.line, rule });
            }
        }
    }

    fn check(&mut self, element: &Element) -> Option<Check> {
        let attributes: &[&str] = match element.name.as_str() {
            "within-months" => &["date", "months"],
            "not-after" => &["earlier", "later"],
            "post-town" => &["code", "town"],
            "born-on" => &["number", "date"],
            _ => &["when", "fields"],
        };
        self.shape(element, attributes, &[]);
        let value = |name: &str| element.get(name).unwrap_or_default().to_owned();
        match element.name.as_str() {
            "within-months" => Some(Check::WithinMonths { date: value("date"), months: self.whole(element, "months", [1, 240])? }),
            "not-after" => Some(Check::NotAfter { earlier: value("earlier"), later: value("later") }),
            "post-town" => Some(Check::PostTown { code: value("code"), town: value("town") }),
            "born-on" => Some(Check::BornOn { number: value("number"), date: value("date") }),
            kind => {
                let fields: Vec<String> = value("fields").split(' ').filter(|name| !name.is_empty()).map(str::to_owned).collect();
                if fields.is_empty() {
                    self.complaints.add(element.line, format!("<{kind}> names no fields"), "list them with spaces between: fields=\"navn duf\"");
                }
                let when = self.condition(element)?;
                Some(match kind {
                    "forbids" => Check::Forbids { when, fields },
                    "requires" => Check::Requires { when, fields },
                    _ => Check::RequiresAny { when, fields },
                })
            }
        }
    }

    fn condition(&mut self, element: &Element) -> Option<Condition> {
        let phrase = element.get("when").unwrap_or_default();
        let condition = condition(phrase);
        if condition.is_none() {
            let message = format!("when=\"{phrase}\" is not a condition");
            self.complaints.add(element.line, message, "write `FIELD filled`, `FIELD blank`, `FIELD is OPTION` or `FIELD younger-than YEARS`");
        }
        condition
    }
}

/// The condition a phrase stands for.
fn condition(phrase: &str) -> Option<Condition> {
    match phrase.split(' ').collect::<Vec<_>>().as_slice() {
        [field, "filled"] => Some(Condition::Filled((*field).to_owned())),
        [field, "blank"] => Some(Condition::Blank((*field).to_owned())),
        [field, "is", option] => Some(Condition::Is { field: (*field).to_owned(), option: (*option).to_owned() }),
        [field, "younger-than", years] => {
            let years = years.parse().ok().filter(|years| (1..=130).contains(years))?;
            Some(Condition::YoungerThan { field: (*field).to_owned(), years })
        }
        _ => None,
    }
}

/// Complains of rules that speak of what is not in the form, and gives back those that do not.
pub(super) fn checked(rules: Vec<RuleSource>, fields: &[FieldDef], complaints: &mut Complaints) -> Vec<Rule> {
    let mut first_lines: HashMap<String, u32> = HashMap::new();
    for RuleSource { line, rule } in &rules {
        Knows { line: *line, code: &rule.code, fields, complaints }.rule(rule);
        let first = *first_lines.entry(rule.code.clone()).or_insert(*line);
        if first != *line {
            let message = format!("the rule `{}` is there twice; first on line {first}", rule.code);
            complaints.add(*line, message, "give it another code, or put its checks into the first one");
        }
    }
    rules.into_iter().map(|source| source.rule).collect()
}

struct Knows<'a> {
    line: u32,
    code: &'a str,
    fields: &'a [FieldDef],
    complaints: &'a mut Complaints,
}

impl<'a> Knows<'a> {
    fn rule(&mut self, rule: &Rule) {
        self.one(&rule.field);
        match &rule.check {
            Check::Forbids { when, fields } | Check::RequiresAny { when, fields } => {
                self.when(when);
                for field in fields {
                    self.any(field);
                }
            }
            Check::Requires { when, fields } => {
                self.when(when);
                for field in fields {
                    self.one(field);
                }
            }
            Check::WithinMonths { date, .. } => self.date(date),
            Check::PostTown { code, town } => {
                self.of_type(code, FieldType::Postnummer);
                self.of_type(town, FieldType::Text);
            }
            Check::BornOn { number, date } => {
                self.of_type(number, FieldType::Fnr);
                self.date(date);
            }
            Check::NotAfter { earlier, later } => {
                self.date(earlier);
                self.date(later);
            }
        }
    }

    fn when(&mut self, condition: &Condition) {
        match condition {
            Condition::Filled(field) => self.any(field),
            Condition::Blank(field) => {
                self.one(field);
            }
            Condition::YoungerThan { field, .. } => self.date(field),
            Condition::Is { field, option } => {
                let Some(found) = self.one(field) else { return };
                if !found.options.iter().any(|known| known.code == *option) {
                    let known: Vec<&str> = found.options.iter().map(|option| option.code.as_str()).collect();
                    let advice =
                        if known.is_empty() { "only a choice or multichoice has options".to_owned() } else { format!("its options are: {}", known.join(", ")) };
                    self.complaints.add(self.line, format!("the rule `{}` speaks of `{option}`, which is no option of `{field}`", self.code), advice);
                }
            }
        }
    }

    fn date(&mut self, name: &str) {
        self.of_type(name, FieldType::Date);
    }

    fn of_type(&mut self, name: &str, kind: FieldType) {
        if self.one(name).is_some_and(|field| field.kind != kind) {
            let kind = kind.name();
            self.complaints.add(self.line, format!("the rule `{}` takes `{name}` for a {kind}", self.code), format!("name a field of type {kind}"));
        }
    }

    fn one(&mut self, name: &str) -> Option<&'a FieldDef> {
        let fields = self.fields;
        let found = fields.iter().find(|field| field.name == name);
        if found.is_none() {
            self.unknown(name);
        }
        found
    }

    fn any(&mut self, pattern: &str) {
        if !self.fields.iter().any(|field| named_by(pattern, &field.name)) {
            self.unknown(pattern);
        }
    }

    fn unknown(&mut self, name: &str) {
        self.complaints.add(
            self.line,
            format!("the rule `{}` speaks of the field `{name}`, which is not in the form", self.code),
            "correct the name, or add the field",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_for_editors_knows_every_check() {
        let schema = include_str!("../../forms/postsluse-form.xsd");
        for check in CHECKS {
            assert!(schema.contains(&format!("<xs:element name=\"{check}\"")), "{check}");
        }
    }

    #[test]
    fn conditions_are_read_and_nothing_else_is() {
        assert_eq!(condition("a filled"), Some(Condition::Filled("a".into())));
        assert_eq!(condition("husstand.1.* filled"), Some(Condition::Filled("husstand.1.*".into())));
        assert_eq!(condition("a blank"), Some(Condition::Blank("a".into())));
        assert_eq!(condition("a is ja"), Some(Condition::Is { field: "a".into(), option: "ja".into() }));
        assert_eq!(condition("a younger-than 18"), Some(Condition::YoungerThan { field: "a".into(), years: 18 }));
        for phrase in ["", "a", "filled", "a is", "a is b c", "a younger-than", "a younger-than 0", "a younger-than x", "a younger-than 131", "a empty"] {
            assert_eq!(condition(phrase), None, "{phrase}");
        }
    }
}
