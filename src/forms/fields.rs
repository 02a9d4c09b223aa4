//! One field's element: what it is called, what it holds, how it is filled in, how sensitive it is and what allows it to be asked for.

use super::complaint::Complaints;
use super::definition::{Labels, OptionDef};
use super::source::{Blank, FieldSource, OptionSource, Reader, Scope, TextSource, Widget, is_code};
use super::xml::Element;
use crate::record::{FieldType, Sensitivity};

/// A cell of a comb, mm: wide enough for a capital by hand, and what a recogniser of single characters was tried on.
pub(super) const CELL: [f64; 2] = [5.0, 7.0];
/// The side of a box to mark, mm.
pub(super) const BOX: f64 = 4.0;

/// The attributes that every field takes.
const COMMON: [&str; 6] = ["name", "required", "sensitivity", "legal", "w", "at"];

impl Reader<'_> {
    /// Reads a field. None when it cannot even be told what it is.
    pub(super) fn field(&mut self, element: &Element, scope: &Scope) -> Option<Box<FieldSource>> {
        let (own, children) = vocabulary(&element.name);
        self.shape(element, &[COMMON.as_slice(), own].concat(), children);
        let name = self.field_name(element, scope);
        let kind = self.kind(element);
        let widget = self.widget(element, kind)?;
        let required = self.one_of(element, "required", &["no", "yes"]) == "yes";
        let (sensitivity, legal_basis) = self.grounds(element, scope);
        let (plain, label_lines) = self.label(element);
        let (hint, help) = (self.hint(element), self.help(element));
        let label = match &scope.repetition {
            Some(repetition) => joined(repetition, &plain),
            None => plain.clone(),
        };
        let printed = self.announce.take().map_or_else(|| plain.clone(), |repetition| joined(&repetition, &plain));
        let width = self.optional_number(element, "w", [4.0, 200.0]);
        let at = self.field_place(element, scope);
        Some(Box::new(FieldSource {
            line: element.line,
            name,
            kind,
            widget,
            sensitivity,
            legal_basis,
            required,
            label,
            printed,
            label_lines,
            hint,
            help,
            width,
            at,
        }))
    }

    fn field_name(&mut self, element: &Element, scope: &Scope) -> String {
        let name = match &scope.prefix {
            Some(prefix) => format!("{prefix}.{}", self.code(element, "name", 60)),
            None if element.get("name").is_some_and(is_row_name) => element.get("name").unwrap_or_default().to_owned(),
            None => self.code(element, "name", 60),
        };
        if let Some(first) = self.names.insert(name.clone(), element.line) {
            let message = format!("the name `{name}` is used twice; first on line {first}");
            self.complaints.add(element.line, message, "give one of the two fields another name");
            self.names.insert(name.clone(), first);
        }
        name
    }

    /// The type: said by the element, or by its `type`.
    fn kind(&mut self, element: &Element) -> FieldType {
        match element.name.as_str() {
            "choice" => return FieldType::Choice,
            "multichoice" => return FieldType::Multichoice,
            "flag" => return FieldType::Flag,
            "signature" => return FieldType::Signature,
            _ => {}
        }
        let written = |kind: FieldType| !matches!(kind, FieldType::Choice | FieldType::Multichoice | FieldType::Flag | FieldType::Signature | FieldType::List);
        let value = element.get("type").unwrap_or(if element.name == "free" { "text" } else { "" });
        if let Some(kind) = FieldType::from_name(value).filter(|kind| written(*kind)) {
            return kind;
        }
        let known: Vec<&str> = FieldType::ALL.iter().filter(|(kind, _)| written(*kind)).map(|(_, name)| *name).collect();
        let message = format!("<{}> has type=\"{value}\", which is no type that is written by hand", element.name);
        self.complaints.add(element.line, message, format!("use one of: {}", known.join(", ")));
        FieldType::Text
    }

    fn widget(&mut self, element: &Element, kind: FieldType) -> Option<Widget> {
        Some(match element.name.as_str() {
            "comb" => self.comb(element, kind),
            "choice" | "multichoice" => self.boxes(element),
            "flag" => Widget::Flag { size: self.optional_number(element, "box", [2.0, 10.0]).unwrap_or(BOX) },
            "free" => Widget::Free { height: self.number(element, "h", [6.0, 240.0]).unwrap_or(20.0) },
            "line" => Widget::Line { height: self.optional_number(element, "h", [4.0, 20.0]).unwrap_or(CELL[1]) },
            "signature" => Widget::Signature { height: self.optional_number(element, "h", [8.0, 60.0]).unwrap_or(14.0) },
            _ => return None,
        })
    }

    fn comb(&mut self, element: &Element, kind: FieldType) -> Widget {
        let fixed = match kind {
            FieldType::Duf => Some(12),
            FieldType::Fnr => Some(11),
            FieldType::Date => Some(8),
            FieldType::Year | FieldType::Postnummer => Some(4),
            _ => None,
        };
        // A type that is not known has been complained of; what it would have fixed is not asked for on top of that.
        let known = element.get("type").and_then(FieldType::from_name).is_some();
        let cells = match fixed {
            Some(cells) if element.get("cells").is_none() => cells,
            None if !known && element.get("cells").is_none() => 10,
            _ => self.whole(element, "cells", [1, 40]).unwrap_or(10),
        };
        if let Some(right) = fixed.filter(|right| *right != cells) {
            self.complaints.add(element.line, format!("a comb of type {} has {cells} cells; it takes {right}", kind.name()), "take `cells` out");
        }
        Widget::Comb { cells, cell: self.pair(element, "cell", [2.0, 20.0]).unwrap_or(CELL) }
    }

    fn boxes(&mut self, element: &Element) -> Widget {
        let mut options: Vec<OptionSource> = Vec::new();
        for child in element.named("option") {
            self.worded(child, &["code", "at"], &[]);
            let code = self.code(child, "code", 60);
            if options.iter().any(|other| other.option.code == code) {
                self.complaints.add(child.line, format!("the option `{code}` is there twice"), "give each option its own code");
            }
            options.push(OptionSource { line: child.line, at: self.place(child), option: OptionDef { code, label: self.labels(child) } });
        }
        if options.len() < 2 {
            self.complaints.add(
                element.line,
                format!("<{}> has {} options; it takes at least 2", element.name, options.len()),
                "add <option code=\"...\" nb=\"...\"/>, or make it a <flag>",
            );
        }
        let placed = options.iter().filter(|option| option.at.is_some()).count();
        if placed > 0 && placed < options.len() {
            self.complaints.add(element.line, "some options have a place and some have none", "give `at` to all of them or to none");
        }
        let columns = self.optional_whole(element, "columns", [1, 12]).unwrap_or_else(|| u32::try_from(options.len()).unwrap_or(1).clamp(1, 12));
        Widget::Boxes { options, columns, size: self.optional_number(element, "box", [2.0, 10.0]).unwrap_or(BOX) }
    }

    /// Sensitivity and legal basis belong together: a basis for special categories is for special fields, and only such a basis is.
    fn grounds(&mut self, element: &Element, scope: &Scope) -> (Sensitivity, String) {
        let name = element.get("name").unwrap_or_default();
        let said = element.get("sensitivity");
        let sensitivity = if self.one_of(element, "sensitivity", &["ordinary", "special"]) == "special" { Sensitivity::Special } else { Sensitivity::Ordinary };
        let Some(code) = element.get("legal").or(scope.legal.as_deref()) else {
            self.complaints.add(
                element.line,
                format!("the field `{name}` has no legal basis"),
                "give legal=\"...\" to the field, its section or the form; nothing may be asked for without one",
            );
            return (sensitivity, String::new());
        };
        let Some(basis) = self.bases.get(code).cloned() else {
            self.complaints.add(element.line, format!("the legal basis `{code}` is not in the form"), "declare it: <basis code=\"...\" text=\"...\"/>");
            return (sensitivity, String::new());
        };
        match (basis.special, said) {
            (true, None) => self.complaints.add(
                element.line,
                format!("the field `{name}` rests on `{code}`, a basis for special categories, and has no sensitivity"),
                "add sensitivity=\"special\"",
            ),
            (true, Some("ordinary")) => self.complaints.add(
                element.line,
                format!("the field `{name}` is ordinary but rests on `{code}`, a basis for special categories"),
                "make it sensitivity=\"special\", or give it another legal basis",
            ),
            (false, Some("special")) => self.complaints.add(
                element.line,
                format!("the field `{name}` is special but rests on `{code}`, which is no basis for special categories"),
                "give it a <basis ... special=\"yes\"/> (GDPR article 9)",
            ),
            _ => {}
        }
        (sensitivity, basis.text)
    }

    fn label(&mut self, element: &Element) -> (Labels, u32) {
        let Some(label) = self.child(element, "label") else {
            let name = element.get("name").unwrap_or_default();
            self.complaints.add(element.line, format!("the field `{name}` has no <label>"), "add <label nb=\"...\" nn=\"...\"/>");
            return (Labels::default(), 1);
        };
        self.worded(label, &["lines"], &[]);
        (self.labels(label), self.optional_whole(label, "lines", [1, 6]).unwrap_or(1))
    }

    fn hint(&mut self, element: &Element) -> Option<Labels> {
        let hint = self.child(element, "hint")?;
        self.worded(hint, &[], &[]);
        Some(self.labels(hint))
    }

    fn help(&mut self, element: &Element) -> Option<TextSource> {
        let help = self.child(element, "help")?;
        self.worded(help, &["lines"], &[]);
        let lines = self.optional_whole(help, "lines", [1, 6]).unwrap_or(1);
        Some(TextSource { line: help.line, text: self.labels(help), lines, bold: false, width: None, at: None })
    }

    fn child<'e>(&mut self, element: &'e Element, name: &'e str) -> Option<&'e Element> {
        let mut found = element.named(name);
        let first = found.next();
        if let Some(second) = found.next() {
            self.complaints.add(second.line, format!("a second <{name}> in one field"), "keep one of them");
        }
        first
    }

    fn field_place(&mut self, element: &Element, scope: &Scope) -> Option<[f64; 2]> {
        let at = self.place(element);
        let boxes = matches!(element.name.as_str(), "choice" | "multichoice");
        if at.is_some() && boxes {
            self.complaints.add(element.line, "a choice has no place of its own", "give at=\"x y\" to each <option>");
        }
        if scope.in_row && (at.is_some() || element.named("option").any(|option| option.get("at").is_some())) {
            self.complaints.add(element.line, "a row lays out what is in it, but this has a place of its own", "take it out of the row, or take `at` out");
        }
        let measured = boxes || element.name == "flag" || element.name == "comb" || element.get("w").is_some();
        if at.is_some() && !measured {
            self.complaints.add(element.line, "a placed field needs its width", "add w=\"...\" in mm");
        }
        if self.blank == Blank::Foreign {
            placed_only(element, self.complaints);
        }
        at.filter(|_| !boxes)
    }
}

/// On somebody else's paper nothing is printed, so help and hints have no place to be.
fn placed_only(element: &Element, complaints: &mut Complaints) {
    for child in element.children.iter().filter(|child| ["hint", "help"].contains(&child.name.as_str())) {
        complaints.add(child.line, format!("<{}> is printed, but this blank is somebody else's", child.name), "take it out; a foreign form has zones only");
    }
}

/// What a field's element takes besides the common attributes, and what may stand in it.
fn vocabulary(name: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match name {
        "comb" => (&["type", "cells", "cell"], &["label", "hint", "help"]),
        "choice" | "multichoice" => (&["columns", "box"], &["label", "hint", "help", "option"]),
        "flag" => (&["box"], &["label"]),
        "free" | "line" => (&["type", "h"], &["label", "hint", "help"]),
        _ => (&["h"], &["label", "hint", "help"]),
    }
}

/// `husstand.1.navn`: how a repeated row is named where no <repeat> can be used, on a form that is placed field by field.
fn is_row_name(name: &str) -> bool {
    let mut parts = name.split('.');
    let (row, number, field) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let numbered = !number.starts_with('0') && (1..=2).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    name.len() <= 60 && parts.next().is_none() && numbered && is_code(row) && is_code(field)
}

/// `Person 1: navn` in each language.
fn joined(before: &Labels, after: &Labels) -> Labels {
    Labels(after.0.iter().map(|(language, text)| (language.clone(), format!("{}: {text}", before.get(language)))).collect())
}
