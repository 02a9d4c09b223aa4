//! What a form is, once its XML has been read and laid out: the shape that rendering, reading and validation share.
//!
//! A [`Form`] exists only if its XML was sound: names are unique, zones lie on their pages and do not overlap, rules speak of fields that
//! exist. Nobody checks it again. Coordinates are millimetres from the page's top left, pages count from 1.

use std::collections::BTreeMap;

use crate::record::{FieldType, RectMm, Sensitivity};

/// A language of labels: `nb`, `nn`.
pub type Language = String;

/// One text in each language the form has. Falls back to `nb`, which every form has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels(pub BTreeMap<Language, String>);

impl Labels {
    /// The text in `language`, else in bokmål, else empty.
    #[must_use]
    pub fn get(&self, language: &str) -> &str {
        self.0.get(language).or_else(|| self.0.get("nb")).map_or("", String::as_str)
    }
}

/// A whole form.
#[derive(Debug, Clone)]
pub struct Form {
    /// The name programs use: `privatboende`.
    pub name: String,
    /// The version, printed on each page.
    pub version: String,
    /// The id printed for people: `IMDi-PB`.
    pub printed_id: String,
    /// The title.
    pub title: Labels,
    /// The languages the blank can be made in; the first is the default.
    pub languages: Vec<Language>,
    /// The file with the blank of a form that another body prints, page for page; none for our own, which we print from this. [`super::picture`] reads it.
    pub picture: Option<String>,
    /// The pages, in order.
    pub pages: Vec<PageLayout>,
    /// The fields, in reading order.
    pub fields: Vec<FieldDef>,
    /// Rules between fields.
    pub rules: Vec<Rule>,
}

/// What a page has besides its fields: what registration looks for, and what the renderer draws.
#[derive(Debug, Clone)]
pub struct PageLayout {
    /// The page's number, from 1.
    pub number: u32,
    /// Solid black squares, in a pattern that no rotation maps onto itself. Empty for a form that is not our own blank.
    pub fiducials: Vec<RectMm>,
    /// The square of the page code (a QR code without its quiet zone); none for a form that is not our own blank.
    pub code: Option<RectMm>,
    /// Everything else that is printed: titles, labels, help, lines. Fields' outlines are not among them: they follow from the zones.
    pub print: Vec<Print>,
}

/// One thing printed on the blank.
#[derive(Debug, Clone)]
pub enum Print {
    /// Text from a left edge and a baseline.
    Text {
        /// Left edge, mm.
        x: f64,
        /// Baseline, mm.
        y: f64,
        /// Size in points.
        size_pt: f64,
        /// Bold or regular.
        bold: bool,
        /// The text in each language; already broken into lines by the layout.
        text: Labels,
    },
    /// A filled band behind a section's title; the grey is 0 (black) to 1 (white).
    Band {
        /// Where.
        rect: RectMm,
        /// How light.
        grey: f64,
    },
    /// A thin rule from left to right.
    Line {
        /// Left edge, mm.
        x: f64,
        /// Height, mm.
        y: f64,
        /// Length, mm.
        w: f64,
    },
}

/// One field.
#[derive(Debug, Clone)]
pub struct FieldDef {
    /// `husstand.1.navn`.
    pub name: String,
    /// The type of its value.
    pub kind: FieldType,
    /// Ordinary or special.
    pub sensitivity: Sensitivity,
    /// The statute that allows it to be asked for.
    pub legal_basis: String,
    /// Whether a blank is a finding.
    pub required: bool,
    /// The label for people.
    pub label: Labels,
    /// The options of a choice or multichoice, in print order.
    pub options: Vec<OptionDef>,
    /// Where it is filled in. A choice has one zone a box.
    pub zones: Vec<Zone>,
}

impl FieldDef {
    /// Where the whole field lies: its first page, and there the rectangle around all its zones.
    #[must_use]
    pub fn place(&self) -> Option<(u32, RectMm)> {
        let page = self.zones.first()?.page;
        self.zones.iter().filter(|zone| zone.page == page).map(|zone| zone.rect).reduce(RectMm::union).map(|rect| (page, rect))
    }
}

/// One option of a choice.
#[derive(Debug, Clone)]
pub struct OptionDef {
    /// ASCII `snake_case`.
    pub code: String,
    /// The label for people.
    pub label: Labels,
}

/// How a zone is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ZoneKind {
    /// One character a cell.
    Comb,
    /// A box to mark.
    Checkbox,
    /// Several lines of free text.
    Free,
    /// A signature.
    Signature,
    /// One line of text.
    Print,
}

impl ZoneKind {
    /// The name in XML and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Comb => "comb",
            Self::Checkbox => "checkbox",
            Self::Free => "free",
            Self::Signature => "signature",
            Self::Print => "print",
        }
    }
}

/// A place on a page where a field is filled in.
#[derive(Debug, Clone)]
pub struct Zone {
    /// The page, from 1.
    pub page: u32,
    /// How it is filled in.
    pub kind: ZoneKind,
    /// The printed outline (its centre line), mm.
    pub rect: RectMm,
    /// The cells of a comb in reading order; empty for every other kind.
    pub cells: Vec<RectMm>,
    /// The option this box stands for.
    pub option: Option<String>,
}

/// A rule between fields. Each breach is a finding with the rule's code, never an error.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The code of the finding.
    pub code: String,
    /// The field the finding is about.
    pub field: String,
    /// The sentence for people, without values.
    pub message: Labels,
    /// What must hold.
    pub check: Check,
}

/// What a rule demands.
#[derive(Debug, Clone)]
pub enum Check {
    /// When the condition holds, all these fields are blank.
    Forbids {
        /// When.
        when: Condition,
        /// The fields, with a trailing `.*` for every field below a name.
        fields: Vec<String>,
    },
    /// When the condition holds, none of these fields is blank.
    Requires {
        /// When.
        when: Condition,
        /// The fields. A `.*` is not used here: it would ask for a whole row.
        fields: Vec<String>,
    },
    /// When the condition holds, at least one of these fields is filled.
    RequiresAny {
        /// When.
        when: Condition,
        /// The fields, with a trailing `.*` for every field below a name.
        fields: Vec<String>,
    },
    /// The date in `date` is at most `months` before the document was received, and not after it.
    WithinMonths {
        /// A date field.
        date: String,
        /// Months.
        months: u32,
    },
    /// The first date is not after the second.
    NotAfter {
        /// A date field.
        earlier: String,
        /// A date field.
        later: String,
    },
    /// The place is the one that the postal code belongs to. What was written by hand in the two is read together.
    PostTown {
        /// A field of type `postnummer`.
        code: String,
        /// A field of type `text`.
        town: String,
    },
    /// The date is the day of birth that the number says. What was written by hand in the two is read together.
    BornOn {
        /// A field of type `fnr`.
        number: String,
        /// A date field.
        date: String,
    },
}

impl Check {
    /// The names of fields, some with a trailing `.*`, that it looks at.
    fn patterns(&self) -> Vec<&str> {
        match self {
            Self::Forbids { when, fields } | Self::Requires { when, fields } | Self::RequiresAny { when, fields } => {
                std::iter::once(when.pattern()).chain(fields.iter().map(String::as_str)).collect()
            }
            Self::WithinMonths { date, .. } => vec![date],
            Self::NotAfter { earlier, later } => vec![earlier, later],
            Self::PostTown { code, town } => vec![code, town],
            Self::BornOn { number, date } => vec![number, date],
        }
    }
}

/// When a rule applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// A flag is set, a signature given or any other field filled. With a trailing `.*`: any field below the name ([`Form::matching`]).
    Filled(String),
    /// A field is blank.
    Blank(String),
    /// A choice is this option, or a multichoice holds it.
    Is {
        /// The field.
        field: String,
        /// The option's code.
        option: String,
    },
    /// The person born on the date in this field is younger than `years` when the document is received.
    YoungerThan {
        /// A date field.
        field: String,
        /// Years.
        years: u32,
    },
}

impl Condition {
    fn pattern(&self) -> &str {
        match self {
            Self::Filled(field) | Self::Blank(field) | Self::Is { field, .. } | Self::YoungerThan { field, .. } => field,
        }
    }
}

impl Form {
    /// Whether a finding of the rule with this code says something of a special field, whatever field the finding is about.
    #[must_use]
    pub fn tells_of_special(&self, code: &str) -> bool {
        let patterns = self.rules.iter().filter(|rule| rule.code == code).flat_map(|rule| rule.check.patterns());
        patterns.into_iter().any(|pattern| self.fields.iter().any(|field| field.sensitivity == Sensitivity::Special && named_by(pattern, &field.name)))
    }

    /// The field with this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&FieldDef> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The fields that a rule means by `pattern`: the one with that name, or with a trailing `.*` every field below the name
    /// (`husstand.1.*`), in reading order.
    pub fn matching<'a>(&'a self, pattern: &'a str) -> impl Iterator<Item = &'a FieldDef> {
        self.fields.iter().filter(move |field| named_by(pattern, &field.name))
    }

    /// The layout of page `number`.
    #[must_use]
    pub fn page(&self, number: u32) -> Option<&PageLayout> {
        self.pages.iter().find(|page| page.number == number)
    }

    /// Every zone of a page with its field.
    pub fn zones_on(&self, page: u32) -> impl Iterator<Item = (&FieldDef, &Zone)> {
        self.fields.iter().flat_map(move |field| field.zones.iter().filter(move |zone| zone.page == page).map(move |zone| (field, zone)))
    }

    /// The text of the page code: it names the form, its version, the page and the language of the labels.
    #[must_use]
    pub fn page_code(&self, page: u32, language: &str) -> PageCode {
        PageCode {
            form: self.name.clone(),
            version: self.version.clone(),
            page,
            pages: u32::try_from(self.pages.len()).unwrap_or(u32::MAX),
            language: language.to_owned(),
        }
    }
}

/// Whether `pattern`, a name or a name with a trailing `.*`, means the field `name`.
pub(super) fn named_by(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix(".*") {
        Some(stem) => name.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.')),
        None => name == pattern,
    }
}

/// What the QR code of a page says: `PSL1:privatboende:1:2/4:nb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageCode {
    /// The form's name.
    pub form: String,
    /// The form's version.
    pub version: String,
    /// The page, from 1.
    pub page: u32,
    /// How many pages the form has.
    pub pages: u32,
    /// The language of the labels.
    pub language: Language,
}

impl PageCode {
    /// The form that it names, in its version; none when there is no such form.
    #[must_use]
    pub fn form_of<'a>(&self, forms: &'a [Form]) -> Option<&'a Form> {
        forms.iter().find(|form| form.name == self.form && form.version == self.version)
    }
}

impl std::fmt::Display for PageCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PSL1:{}:{}:{}/{}:{}", self.form, self.version, self.page, self.pages, self.language)
    }
}

impl std::str::FromStr for PageCode {
    type Err = NotAPageCode;

    fn from_str(text: &str) -> Result<Self, NotAPageCode> {
        let parse = || {
            let mut parts = text.strip_prefix("PSL1:")?.split(':');
            let (form, version) = (parts.next()?, parts.next()?);
            let (page, pages) = parts.next()?.split_once('/')?;
            let language = parts.next()?;
            let (page, pages) = (page.parse().ok()?, pages.parse().ok()?);
            let plain = |word: &str| !word.is_empty() && word.len() <= 40 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
            let sound = parts.next().is_none() && [form, version, language].into_iter().all(plain) && 1 <= page && page <= pages && pages <= 99;
            sound.then(|| Self { form: form.to_owned(), version: version.to_owned(), page, pages, language: language.to_owned() })
        };
        parse().ok_or(NotAPageCode)
    }
}

/// A code that is not one of ours: another form's, or an advertisement's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the code on the page is not a page code of a form")]
pub struct NotAPageCode;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_code_is_read_as_it_was_written() {
        let code = PageCode { form: "privatboende".into(), version: "1".into(), page: 2, pages: 4, language: "nn".into() };
        assert_eq!(code.to_string(), "PSL1:privatboende:1:2/4:nn");
        assert_eq!(code.to_string().parse(), Ok(code));
    }

    #[test]
    fn foreign_codes_are_refused() {
        for text in ["", "https://example.org/", "PSL1:", "PSL1:a:1:5/4:nb", "PSL1:a:1:0/4:nb", "PSL1:a:1:1/100:nb", "PSL1:a:1:1/1:nb:x", "PSL1:../x:1:1/1:nb"]
        {
            assert_eq!(text.parse::<PageCode>(), Err(NotAPageCode), "{text}");
        }
    }
}
