//! The elements of a form's XML as what they mean: pages, sections, rows, fields, with every inheritance resolved.
//!
//! Nothing has a place on the paper yet; that is [`super::layout`]. Faults are gathered and reading goes on with a harmless stand-in,
//! so that one run tells all of them. Fields are read in [`super::fields`], rules in [`super::rules`].

use std::collections::{BTreeMap, HashMap};

use super::complaint::Complaints;
use super::definition::{Labels, OptionDef};
use super::rules::RuleSource;
use super::xml::Element;
use crate::record::{FieldType, Sensitivity};

/// Whose paper it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blank {
    /// Ours: printed by us, with marks and a page code, laid out here.
    Own,
    /// Somebody else's: every zone has its measured place, nothing is printed.
    Foreign,
}

/// A form before it is laid out.
#[derive(Debug)]
pub(super) struct FormSource {
    pub(super) line: u32,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) printed_id: String,
    pub(super) languages: Vec<String>,
    pub(super) blank: Blank,
    pub(super) picture: Option<String>,
    pub(super) title: Labels,
    pub(super) furniture: Furniture,
    pub(super) pages: Vec<PageSource>,
    pub(super) rules: Vec<RuleSource>,
}

/// What stands on each page of our own blanks.
#[derive(Debug, Default)]
pub(super) struct Furniture {
    /// The short name of the body, set large.
    pub(super) short: String,
    /// The body's whole name.
    pub(super) header: Option<TextSource>,
    /// A line under the title.
    pub(super) subtitle: Option<TextSource>,
    /// Id, version, page: `{id}`, `{version}`, `{page}`, `{pages}` are put in.
    pub(super) pageline: Option<TextSource>,
    /// The foot of each page.
    pub(super) footer: Option<TextSource>,
}

/// A page.
#[derive(Debug)]
pub(super) struct PageSource {
    pub(super) line: u32,
    pub(super) blocks: Vec<Block>,
    pub(super) placed: Vec<Cell>,
}

/// What follows from top to bottom.
#[derive(Debug)]
pub(super) enum Block {
    /// The title of a section.
    Heading { line: u32, number: Option<u32>, title: Labels },
    /// Fields and texts side by side.
    Row { line: u32, cells: Vec<Cell> },
    /// White space, mm.
    Space(f64),
    /// A thin rule between two repetitions.
    Divider,
}

/// What stands side by side.
#[derive(Debug)]
pub(super) enum Cell {
    Field(Box<FieldSource>),
    Text(TextSource),
}

/// A printed text with the room kept for it.
#[derive(Debug, Clone)]
pub(super) struct TextSource {
    pub(super) line: u32,
    pub(super) text: Labels,
    pub(super) lines: u32,
    pub(super) bold: bool,
    pub(super) width: Option<f64>,
    pub(super) at: Option<[f64; 2]>,
}

/// A field before it has a place.
#[derive(Debug)]
pub(super) struct FieldSource {
    pub(super) line: u32,
    pub(super) name: String,
    pub(super) kind: FieldType,
    pub(super) widget: Widget,
    pub(super) sensitivity: Sensitivity,
    pub(super) legal_basis: String,
    pub(super) required: bool,
    /// For people who read the record: with the repetition's label before it.
    pub(super) label: Labels,
    /// As it is printed.
    pub(super) printed: Labels,
    pub(super) label_lines: u32,
    pub(super) hint: Option<Labels>,
    pub(super) help: Option<TextSource>,
    pub(super) width: Option<f64>,
    pub(super) at: Option<[f64; 2]>,
}

/// How a field is filled in.
#[derive(Debug)]
pub(super) enum Widget {
    Comb { cells: u32, cell: [f64; 2] },
    Boxes { options: Vec<OptionSource>, columns: u32, size: f64 },
    Flag { size: f64 },
    Free { height: f64 },
    Line { height: f64 },
    Signature { height: f64 },
}

/// One box of a choice.
#[derive(Debug)]
pub(super) struct OptionSource {
    pub(super) line: u32,
    pub(super) option: OptionDef,
    pub(super) at: Option<[f64; 2]>,
}

/// A statute that allows asking.
#[derive(Debug, Clone)]
pub(super) struct Basis {
    pub(super) text: String,
    pub(super) special: bool,
}

/// Reads elements, gathers faults, and remembers what is known of the whole form.
pub(super) struct Reader<'a> {
    pub(super) complaints: &'a mut Complaints,
    pub(super) languages: Vec<String>,
    pub(super) bases: BTreeMap<String, Basis>,
    pub(super) blank: Blank,
    /// Every field's name with the line it was first used on.
    pub(super) names: HashMap<String, u32>,
    pub(super) rules: Vec<RuleSource>,
    /// The label of a repetition that has begun and whose first field is still to come; that field prints it.
    pub(super) announce: Option<Labels>,
    sections: u32,
}

/// What an element inherits.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    /// The code of the legal basis.
    pub(super) legal: Option<String>,
    /// `husstand.1`.
    pub(super) prefix: Option<String>,
    /// `Person 1`.
    pub(super) repetition: Option<Labels>,
    /// Whether a row is around it.
    pub(super) in_row: bool,
}

/// The elements that are fields.
pub(super) const FIELDS: [&str; 7] = ["comb", "choice", "multichoice", "flag", "free", "line", "signature"];

/// Reads a whole form. None only when the outermost element is not a form at all.
pub(super) fn read(root: &Element, complaints: &mut Complaints) -> Option<FormSource> {
    if root.name != "form" {
        complaints.add(
            root.line,
            format!("the outermost element is <{}>", root.name),
            "a form starts with <form name=\"...\" version=\"1\" id=\"...\" languages=\"nb nn\">",
        );
        return None;
    }
    let languages = root.get("languages").unwrap_or_default().split(' ').filter(|code| !code.is_empty()).map(str::to_owned).collect();
    let blank = if root.get("blank") == Some("foreign") { Blank::Foreign } else { Blank::Own };
    let reader = Reader { complaints, languages, bases: BTreeMap::new(), blank, names: HashMap::new(), rules: Vec::new(), announce: None, sections: 0 };
    Some(reader.form(root))
}

impl Reader<'_> {
    fn form(mut self, root: &Element) -> FormSource {
        // The two that point an editor at the schema say nothing of the form.
        let attributes = ["name", "version", "id", "languages", "legal", "blank", "picture", "xmlns:xsi", "xsi:noNamespaceSchemaLocation"];
        self.shape(root, &attributes, &["title", "subtitle", "header", "pageline", "footer", "basis", "page", "rule"]);
        self.languages_sound(root);
        self.one_of(root, "blank", &["own", "foreign"]);
        let picture = self.picture(root);
        let (name, version) = (self.code(root, "name", 24), self.word(root, "version", 8));
        let printed_id = self.word(root, "id", 24);
        root.named("basis").for_each(|basis| self.basis(basis));
        let scope = Scope { legal: root.get("legal").map(str::to_owned), ..Scope::default() };
        let title = self.only(root, "title", &[]).map(|title| title.text).unwrap_or_default();
        let furniture = self.furniture(root);
        let pages: Vec<_> = root.named("page").map(|page| self.page(page, &scope)).collect();
        if pages.is_empty() {
            self.complaints.add(root.line, "the form has no page", "add <page> with a <section> in it");
        }
        root.named("rule").for_each(|rule| self.rule(rule));
        let (languages, rules, blank) = (self.languages, self.rules, self.blank);
        FormSource { line: root.line, name, version, printed_id, languages, blank, picture, title, furniture, pages, rules }
    }

    fn languages_sound(&mut self, root: &Element) {
        let sound = |code: &String| (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_lowercase());
        if self.languages.first().is_none_or(|first| first != "nb") || !self.languages.iter().all(sound) {
            let message = format!("languages=\"{}\" does not start with nb, or is not a list of codes of two or three letters", self.languages.join(" "));
            self.complaints.add(root.line, message, "list the languages of the labels, bokmål first: languages=\"nb nn\"");
        }
        // A code that is also the name of an attribute could not be told from it.
        if let Some(taken) = self.languages.iter().find(|code| ["at", "w"].contains(&code.as_str())) {
            self.complaints.add(root.line, format!("`{taken}` is no language"), "use the codes of ISO 639");
        }
    }

    /// The file with a foreign blank: without it nobody could tell a page of it from any other paper.
    fn picture(&mut self, root: &Element) -> Option<String> {
        let picture = root.get("picture");
        match (self.blank, picture) {
            (Blank::Own, Some(_)) => {
                self.complaints.add(
                    root.line,
                    "a picture of the blank, but this blank is our own",
                    "take `picture` out; our own blanks are drawn from this file",
                );
            }
            (Blank::Foreign, None) => {
                self.complaints.add(
                    root.line,
                    "a foreign form has no picture, and without one its pages cannot be known",
                    "lay the blank beside this file, as a PDF or a scan of whole upright sheets, and name it: picture=\"fremmed.pdf\"",
                );
            }
            _ => {}
        }
        let plain = |name: &str| !name.starts_with('.') && name.len() <= 80 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
        if let Some(name) = picture.filter(|name| name.is_empty() || !plain(name)) {
            let message = format!("picture=\"{name}\" is not the name of a file beside this one; it takes letters, digits, - . _ and is at most 80 long");
            self.complaints.add(root.line, message, "lay the picture in the folder of the forms and give its name alone");
        }
        picture.map(str::to_owned)
    }

    fn basis(&mut self, element: &Element) {
        self.shape(element, &["code", "text", "special"], &[]);
        let special = self.one_of(element, "special", &["no", "yes"]) == "yes";
        let code = self.code(element, "code", 40);
        let text = element.get("text").unwrap_or_default().to_owned();
        if text.is_empty() {
            self.complaints.add(element.line, "a legal basis without a text", "cite the statute: text=\"integreringsloven § 41 ...\"");
        }
        if self.bases.insert(code.clone(), Basis { text, special }).is_some() {
            self.complaints.add(element.line, format!("the legal basis `{code}` is given twice"), "keep one of them");
        }
    }

    fn furniture(&mut self, root: &Element) -> Furniture {
        if self.blank == Blank::Foreign {
            for child in root.children.iter().filter(|child| ["subtitle", "header", "pageline", "footer"].contains(&child.name.as_str())) {
                self.complaints.add(
                    child.line,
                    format!("<{}> is printed, but this blank is somebody else's", child.name),
                    "take it out; a foreign form has zones only",
                );
            }
            return Furniture::default();
        }
        let short = root.named("header").find_map(|header| header.get("short")).unwrap_or_default().to_owned();
        let header = self.only(root, "header", &["short"]);
        let subtitle = if root.named("subtitle").next().is_some() { self.only(root, "subtitle", &[]) } else { None };
        Furniture { short, header, subtitle, pageline: self.only(root, "pageline", &[]), footer: self.only(root, "footer", &[]) }
    }

    /// The one child with this name, as a text.
    fn only(&mut self, parent: &Element, name: &str, attributes: &[&str]) -> Option<TextSource> {
        let mut found = parent.named(name);
        let Some(first) = found.next() else {
            self.complaints.add(parent.line, format!("<{}> has no <{name}>", parent.name), format!("add <{name} nb=\"...\" .../>"));
            return None;
        };
        if let Some(second) = found.next() {
            self.complaints.add(second.line, format!("a second <{name}>; the first is on line {}", first.line), "keep one of them");
        }
        self.worded(first, attributes, &[]);
        Some(TextSource { line: first.line, text: self.labels(first), lines: 1, bold: false, width: None, at: None })
    }

    fn page(&mut self, element: &Element, scope: &Scope) -> PageSource {
        self.shape(element, &[], &[["section", "text"].as_slice(), &FIELDS].concat());
        let mut page = PageSource { line: element.line, blocks: Vec::new(), placed: Vec::new() };
        for child in &element.children {
            match child.name.as_str() {
                "section" => self.section(child, scope, &mut page),
                "text" => {
                    let text = self.text(child);
                    self.stand(Cell::Text(text), child.line, &mut page);
                }
                name if FIELDS.contains(&name) => {
                    if let Some(field) = self.field(child, scope) {
                        self.stand(Cell::Field(field), child.line, &mut page);
                    }
                }
                _ => {}
            }
        }
        page
    }

    fn section(&mut self, element: &Element, scope: &Scope, page: &mut PageSource) {
        self.shape(element, &["legal", "numbered"], &[["title", "text", "row", "repeat", "space"].as_slice(), &FIELDS].concat());
        let scope = Scope { legal: element.get("legal").map(str::to_owned).or_else(|| scope.legal.clone()), ..Scope::default() };
        let numbered = self.one_of(element, "numbered", &["yes", "no"]) == "yes";
        if self.blank == Blank::Own && element.named("title").next().is_some() {
            let title = self.only(element, "title", &[]).map(|title| title.text).unwrap_or_default();
            self.sections += u32::from(numbered);
            page.blocks.push(Block::Heading { line: element.line, number: numbered.then_some(self.sections), title });
        }
        self.blocks(element, &scope, page);
    }

    fn blocks(&mut self, parent: &Element, scope: &Scope, page: &mut PageSource) {
        for child in &parent.children {
            match child.name.as_str() {
                "text" => {
                    let text = self.text(child);
                    self.stand(Cell::Text(text), child.line, page);
                }
                "row" => self.row(child, scope, page),
                "space" => {
                    self.shape(child, &["mm"], &[]);
                    page.blocks.push(Block::Space(self.number(child, "mm", [0.5, 200.0]).unwrap_or(1.0)));
                }
                "repeat" if scope.prefix.is_none() => self.repeat(child, scope, page),
                name if FIELDS.contains(&name) => {
                    if let Some(field) = self.field(child, scope) {
                        self.stand(Cell::Field(field), child.line, page);
                    }
                }
                _ => {}
            }
        }
    }

    /// Puts a cell that no row is around where it belongs: at its own place, or in a row of its own.
    fn stand(&mut self, cell: Cell, line: u32, page: &mut PageSource) {
        let placed = match &cell {
            Cell::Text(text) => text.at.is_some(),
            Cell::Field(field) => {
                field.at.is_some() || matches!(&field.widget, Widget::Boxes { options, .. } if options.iter().any(|option| option.at.is_some()))
            }
        };
        if placed {
            page.placed.push(cell);
        } else {
            self.flows(line);
            page.blocks.push(Block::Row { line, cells: vec![cell] });
        }
    }

    fn flows(&mut self, line: u32) {
        if self.blank == Blank::Foreign {
            self.complaints.add(
                line,
                "this has no place, and on a foreign form nothing can be laid out",
                "measure it on the paper and give at=\"x y\" in mm from the page's top left",
            );
        }
    }

    fn row(&mut self, element: &Element, scope: &Scope, page: &mut PageSource) {
        self.shape(element, &[], &[["text"].as_slice(), &FIELDS].concat());
        self.flows(element.line);
        let scope = Scope { in_row: true, ..scope.clone() };
        let mut cells = Vec::new();
        for child in &element.children {
            match child.name.as_str() {
                "text" => cells.push(Cell::Text(self.text(child))),
                name if FIELDS.contains(&name) => cells.extend(self.field(child, &scope).map(Cell::Field)),
                _ => {}
            }
        }
        if element.children.is_empty() {
            self.complaints.add(element.line, "a row with nothing in it", "put fields in it, or take it out; for white space write <space mm=\"4\"/>");
        }
        page.blocks.push(Block::Row { line: element.line, cells });
    }

    fn repeat(&mut self, element: &Element, scope: &Scope, page: &mut PageSource) {
        self.shape(element, &["name", "times"], &[["label", "text", "row", "space", "rule"].as_slice(), &FIELDS].concat());
        let name = self.code(element, "name", 40);
        let times = self.whole(element, "times", [1, 20]).unwrap_or(1);
        for number in 1..=times {
            let instance = element.instance(number);
            let label = self.only(&instance, "label", &[]).map(|label| label.text).unwrap_or_default();
            self.announce = Some(label.clone());
            let scope = Scope { prefix: Some(format!("{name}.{number}")), repetition: Some(label), ..scope.clone() };
            if number > 1 && self.blank == Blank::Own {
                page.blocks.push(Block::Divider);
            }
            self.blocks(&instance, &scope, page);
            instance.named("rule").for_each(|rule| self.rule(rule));
        }
    }

    /// Complains of attributes and children that mean nothing here.
    pub(super) fn shape(&mut self, element: &Element, attributes: &[&str], children: &[&str]) {
        for (name, _) in &element.attributes {
            if !attributes.contains(&name.as_str()) {
                let known = if attributes.is_empty() { "it takes none".to_owned() } else { format!("it takes: {}", attributes.join(", ")) };
                self.complaints.add(
                    element.line,
                    format!("unknown attribute `{name}` of <{}>", element.name),
                    format!("correct its name or take it out; {known}"),
                );
            }
        }
        for child in &element.children {
            if !children.contains(&child.name.as_str()) {
                let known = if children.is_empty() { "nothing may stand there".to_owned() } else { format!("there may stand: {}", children.join(", ")) };
                self.complaints.add(
                    child.line,
                    format!("unknown element <{}> in <{}>", child.name, element.name),
                    format!("correct its name or take it out; {known}"),
                );
            }
        }
    }

    /// [`Reader::shape`] of an element that has a text a language.
    pub(super) fn worded(&mut self, element: &Element, attributes: &[&str], children: &[&str]) {
        let languages = self.languages.clone();
        let all: Vec<&str> = attributes.iter().copied().chain(languages.iter().map(String::as_str)).collect();
        self.shape(element, &all, children);
    }

    /// The text of an element in each of the form's languages.
    pub(super) fn labels(&mut self, element: &Element) -> Labels {
        let mut labels = Labels::default();
        for language in &self.languages {
            let text = element.get(language).unwrap_or_default();
            if text.is_empty() {
                let advice = format!("add {language}=\"...\" to it");
                self.complaints.add(element.line, format!("<{}> has no text in `{language}`", element.name), advice);
            }
            labels.0.insert(language.clone(), text.to_owned());
        }
        labels
    }

    /// A printed paragraph.
    fn text(&mut self, element: &Element) -> TextSource {
        self.worded(element, &["lines", "w", "at", "bold"], &[]);
        let lines = self.optional_whole(element, "lines", [1, 60]).unwrap_or(1);
        let bold = self.one_of(element, "bold", &["no", "yes"]) == "yes";
        if self.blank == Blank::Foreign {
            self.complaints.add(element.line, "<text> is printed, but this blank is somebody else's", "take it out; a foreign form has zones only");
        }
        let (width, at) = (self.optional_number(element, "w", [5.0, 200.0]), self.place(element));
        TextSource { line: element.line, text: self.labels(element), lines, bold, width, at }
    }

    /// `at="x y"`: millimetres from the page's top left.
    pub(super) fn place(&mut self, element: &Element) -> Option<[f64; 2]> {
        let value = element.get("at")?;
        let numbers: Vec<f64> = value.split(' ').filter_map(millimetres).collect();
        if let (&[x, y], 2) = (numbers.as_slice(), value.split(' ').count()) {
            return Some([x, y]);
        }
        self.complaints.add(element.line, format!("at=\"{value}\" is not a place"), "write two numbers in mm from the page's top left: at=\"20 41.5\"");
        Some([0.0, 0.0])
    }

    /// `w="5 7"` and the like: a width and a height within bounds.
    pub(super) fn pair(&mut self, element: &Element, name: &str, bounds: [f64; 2]) -> Option<[f64; 2]> {
        let value = element.get(name)?;
        let numbers: Vec<f64> = value.split(' ').filter_map(millimetres).filter(|number| (bounds[0]..=bounds[1]).contains(number)).collect();
        if let (&[width, height], 2) = (numbers.as_slice(), value.split(' ').count()) {
            return Some([width, height]);
        }
        let message = format!("{name}=\"{value}\" is not a width and a height from {} to {} mm", bounds[0], bounds[1]);
        self.complaints.add(element.line, message, format!("write two numbers: {name}=\"5 7\""));
        None
    }

    /// One of the words an attribute may be; the first stands for an attribute that is not there.
    pub(super) fn one_of<'w>(&mut self, element: &Element, name: &str, words: &[&'w str]) -> &'w str {
        let Some(value) = element.get(name) else { return words[0] };
        if let Some(word) = words.iter().find(|word| **word == value) {
            return word;
        }
        self.complaints.add(element.line, format!("{name}=\"{value}\" is not {}", words.join(" or ")), "correct it or take it out");
        words[0]
    }

    pub(super) fn optional_number(&mut self, element: &Element, name: &str, bounds: [f64; 2]) -> Option<f64> {
        element.get(name).and_then(|_| self.number(element, name, bounds))
    }

    pub(super) fn number(&mut self, element: &Element, name: &str, [least, most]: [f64; 2]) -> Option<f64> {
        let value = element.get(name);
        let number = value.and_then(millimetres).filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let found = value.map_or_else(|| format!("no `{name}`"), |value| format!("{name}=\"{value}\""));
            let message = format!("<{}> has {found}; it takes a number from {least} to {most} (mm)", element.name);
            self.complaints.add(element.line, message, format!("write {name}=\"{least}\" or more"));
        }
        number
    }

    pub(super) fn optional_whole(&mut self, element: &Element, name: &str, bounds: [u32; 2]) -> Option<u32> {
        element.get(name).and_then(|_| self.whole(element, name, bounds))
    }

    pub(super) fn whole(&mut self, element: &Element, name: &str, [least, most]: [u32; 2]) -> Option<u32> {
        let value = element.get(name);
        let number = value.and_then(|value| value.parse().ok()).filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let found = value.map_or_else(|| format!("no `{name}`"), |value| format!("{name}=\"{value}\""));
            let message = format!("<{}> has {found}; it takes a whole number from {least} to {most}", element.name);
            self.complaints.add(element.line, message, format!("write {name}=\"{least}\" or more"));
        }
        number
    }

    /// An ASCII `snake_case` name in an attribute.
    pub(super) fn code(&mut self, element: &Element, name: &str, longest: usize) -> String {
        let value = element.get(name).unwrap_or_default();
        if !is_code(value) || value.len() > longest {
            let message = format!("<{}> has {name}=\"{value}\"; it takes a name of small letters a-z, digits and _, at most {longest} long", element.name);
            self.complaints.add(element.line, message, format!("write {name}=\"...\", with oe, aa and ae for ø, å and æ"));
        }
        value.to_owned()
    }

    /// A printed word: letters, digits, `-`, `.` and `_`.
    fn word(&mut self, element: &Element, name: &str, longest: usize) -> String {
        let value = element.get(name).unwrap_or_default();
        if value.is_empty() || value.len() > longest || !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)) {
            let message = format!("<{}> has {name}=\"{value}\"; it takes letters, digits, - . _ and is at most {longest} long", element.name);
            self.complaints.add(element.line, message, format!("write {name}=\"...\""));
        }
        value.to_owned()
    }
}

/// Whether it is ASCII `snake_case`.
pub(super) fn is_code(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_lowercase()) && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// A plain decimal number; no exponent, sign or infinity.
fn millimetres(text: &str) -> Option<f64> {
    let plain = !text.is_empty() && text.len() <= 8 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    plain.then(|| text.parse().ok()).flatten()
}
