//! The receipt: tells a kommune that its vedtak came, how it was understood, and what is missing.

use std::ops::Deref;

use askama::Template;

use super::{Language, Letter, LetterError, Office, markup, one_line, written_date};
use crate::cases::{Answer, Facts, Family, Limit, More, YearFacts};
use crate::clock::{Date, Timestamp};
use crate::document::OurRef;
use crate::paper::{Fonts, LetterSheet, Letterhead, PageWords};

/// A receipt for a vedtak, ready to be written. It holds plain words and numbers only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The kommune as it calls itself in running text: `Sortland kommune`.
    pub kommune: String,
    /// Who the letter is addressed to, one entry a line: the kommune and its postal address.
    pub address: Vec<String>,
    /// The kommune's own reference, from its letter.
    pub deres_ref: Option<String>,
    /// Our reference.
    pub our_ref: OurRef,
    /// The date of the letter.
    pub date: Date,
    /// The language of the letter: the kommune's målform.
    pub language: Language,
    /// What was understood.
    pub facts: Facts,
}

/// Words from outside are held to this many characters, so that no reading can fill a page.
const NAME_MAX: usize = 120;
const REF_MAX: usize = 60;

impl Receipt {
    /// Writes the letter. `created` is the time in the PDF: the same receipt at the same time gives the same bytes.
    ///
    /// # Errors
    /// When the words cannot be put on paper: a character the font lacks, an address too large for the window.
    pub fn write(&self, office: &Office, fonts: &Fonts, created: Timestamp) -> Result<Letter, LetterError> {
        let (template, text) = self.fill(office)?;
        let written = markup::read(&text).map_err(|(line, why)| LetterError::Markup { template, line, why })?;
        let sheet = LetterSheet {
            title: written.subject.clone(),
            language: self.language.code().to_owned(),
            author: office.name_in(self.language).to_owned(),
            created,
            letterhead: Letterhead { name: office.name_in(self.language).to_owned(), lines: office.letterhead_lines() },
            address: self.address.iter().map(|line| one_line(line, NAME_MAX)).filter(|line| !line.is_empty()).collect(),
            references: vec![
                (self.language.their_ref().to_owned(), self.deres_ref.as_deref().map_or_else(String::new, |reference| one_line(reference, REF_MAX))),
                ("Vår ref".to_owned(), self.our_ref.to_string()),
                ("Dato".to_owned(), written_date(self.date)),
            ],
            blocks: written.letter,
            running_head: format!("{}  |  Vår ref: {}", office.short_name, self.our_ref),
            page_words: PageWords { page: "Side".to_owned(), of: "av".to_owned() },
        };
        let pdf = sheet.pdf(fonts)?;
        Ok(Letter { pdf, pdf_name: format!("kvittering-{}.pdf", self.our_ref), subject: written.subject, body_text: written.mail })
    }

    fn fill(&self, office: &Office) -> Result<(&'static str, String), LetterError> {
        let view = View::new(self, office);
        let (template, filled) = match self.language {
            Language::Bokmaal => ("receipt.nb.txt", Bokmaal(view).render()),
            Language::Nynorsk => ("receipt.nn.txt", Nynorsk(view).render()),
        };
        filled.map(|text| (template, text)).map_err(|source| LetterError::Template { template, source })
    }
}

/// What the templates speak of.
struct View<'a> {
    office: &'a Office,
    office_name: &'a str,
    /// The telephone number, which does not break over two lines.
    phone: String,
    kommune: String,
    our_ref: OurRef,
    years: String,
    decided: Option<String>,
    political_case: Option<String>,
    treated: Option<String>,
    outcome: Outcome,
    postponed: bool,
    groups: Vec<Group>,
    rows: Vec<RowView>,
    per_year: bool,
    notes: Vec<Note>,
    who_reservation: bool,
    requests: Vec<Request>,
}

/// What the vedtak comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Settles { limit: Limit, total: u32 },
    SeveralYears,
    Period(u32),
    Extra(u32),
    Refuses,
    Postponed,
    Unclear,
}

/// The groups that a vedtak is divided into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Total,
    AdultsFamilies,
    Minors1518,
    MinorsUnder15,
    Minors,
}

impl Group {
    const ALL: [Self; 5] = [Self::Total, Self::AdultsFamilies, Self::Minors1518, Self::MinorsUnder15, Self::Minors];

    fn of(self, year: &YearFacts) -> Option<u32> {
        match self {
            Self::Total => year.total,
            Self::AdultsFamilies => year.adults_families,
            Self::Minors1518 => year.minors_15_18,
            Self::MinorsUnder15 => year.minors_under_15,
            Self::Minors => year.all_minors(),
        }
    }

    /// Whether a year calls for the group to be shown. The sum of the minors is told only where its parts are not.
    fn is_told(self, year: &YearFacts) -> bool {
        let divided = year.minors_15_18.is_some() && year.minors_under_15.is_some();
        self.of(year).is_some() && !(self == Self::Minors && divided)
    }
}

struct RowView {
    label: String,
    counts: Vec<Option<u32>>,
}

/// What else was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Note {
    FamilyOutside,
    FamilyIncluded,
    MoreIfNeeded(More),
    Reservations,
}

/// What is missing or does not agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Request {
    Year,
    Total,
    TotalWithExtra,
    Minors,
    Sum { parts: u32, total: u32 },
    Reason { asked: u32, decided: u32 },
    Decision,
}

impl<'a> View<'a> {
    fn new(receipt: &Receipt, office: &'a Office) -> Self {
        let facts = &receipt.facts;
        let per_year = facts.per_year();
        let outcome = outcome(facts, &per_year);
        let shown: &[YearFacts] = if matches!(outcome, Outcome::Refuses | Outcome::Postponed) { &[] } else { &per_year };
        let groups: Vec<Group> = Group::ALL.into_iter().filter(|group| shown.iter().any(|year| group.is_told(year))).collect();
        let row = |year: &YearFacts| RowView {
            label: year.year.map_or_else(|| "–".to_owned(), |year| year.to_string()),
            counts: groups.iter().map(|group| group.of(year)).collect(),
        };
        Self {
            office,
            office_name: office.name_in(receipt.language),
            phone: office.phone.replace(' ', "\u{A0}"),
            kommune: one_line(&receipt.kommune, NAME_MAX),
            our_ref: receipt.our_ref,
            years: written_years(&facts.years()),
            decided: facts.decided.map(written_date),
            political_case: facts.political_case.as_deref().map(|case| one_line(case, REF_MAX)).filter(|case| !case.is_empty()),
            treated: facts.treated.map(written_date),
            outcome,
            postponed: outcome == Outcome::Postponed,
            rows: shown.iter().map(row).collect(),
            groups,
            per_year: shown.len() > 1,
            notes: notes(facts),
            who_reservation: facts.reservations.iter().any(|kind| kind == "hvem"),
            requests: requests(facts, &per_year, outcome),
        }
    }

    /// The stated groups of a vedtak for one year, with their numbers.
    fn counted(&self) -> Vec<(Group, u32)> {
        let counts = self.rows.first().map_or(&[][..], |row| &row.counts);
        self.groups.iter().zip(counts).filter_map(|(group, count)| count.map(|count| (*group, count))).collect()
    }
}

fn outcome(facts: &Facts, per_year: &[YearFacts]) -> Outcome {
    match (facts.answer, per_year) {
        (Some(Answer::Refuses), _) => Outcome::Refuses,
        (Some(Answer::Postponed), _) => Outcome::Postponed,
        (_, [first, _, ..]) if first.any() => Outcome::SeveralYears,
        (_, [YearFacts { total: Some(0), .. }]) => Outcome::Refuses,
        (_, [YearFacts { total: Some(total), .. }]) => Outcome::Settles { limit: facts.limit, total: *total },
        _ => match (facts.period_total, facts.extra) {
            (Some(total), _) => Outcome::Period(total),
            (None, Some(extra)) => Outcome::Extra(extra),
            (None, None) => Outcome::Unclear,
        },
    }
}

fn notes(facts: &Facts) -> Vec<Note> {
    let family = facts.family.map(|family| match family {
        Family::Outside => Note::FamilyOutside,
        Family::Included => Note::FamilyIncluded,
    });
    // Who is to be settled is not the kommune's to decide; that reservation is answered in words of its own.
    let others = facts.reservations.iter().any(|kind| kind != "hvem").then_some(Note::Reservations);
    [family, facts.more_if_needed.map(Note::MoreIfNeeded), others].into_iter().flatten().collect()
}

fn requests(facts: &Facts, per_year: &[YearFacts], outcome: Outcome) -> Vec<Request> {
    let mut requests = Vec::new();
    if facts.years().is_empty() {
        requests.push(Request::Year);
    }
    match outcome {
        Outcome::Unclear => requests.push(Request::Total),
        Outcome::Extra(_) => requests.push(Request::TotalWithExtra),
        Outcome::Postponed => requests.push(Request::Decision),
        _ => {}
    }
    let settles = !matches!(outcome, Outcome::Refuses | Outcome::Postponed);
    if settles && !per_year.iter().any(YearFacts::speaks_of_minors) {
        requests.push(Request::Minors);
    }
    if settles {
        let sums = per_year.iter().filter_map(|year| Some((year.parts()?, year.total?)));
        requests.extend(sums.filter(|(parts, total)| parts != total).map(|(parts, total)| Request::Sum { parts, total }));
    }
    let decided = match outcome {
        Outcome::Refuses => Some(0),
        Outcome::Settles { total, .. } => Some(total),
        _ => None,
    };
    // IMDinett asks for a reason when the number is lower than the request.
    if let (Some(asked), Some(decided), false) = (facts.asked, decided, facts.has_reason)
        && decided < asked
    {
        requests.push(Request::Reason { asked, decided });
    }
    requests
}

/// `2026`, `2026 og 2027`, `2026–2028`, `2026, 2028 og 2030`. The same in both languages.
fn written_years(years: &[u16]) -> String {
    let consecutive = years.windows(2).all(|pair| pair[1] == pair[0] + 1);
    match years {
        [] => String::new(),
        [year] => year.to_string(),
        [first, .., last] if years.len() > 2 && consecutive => format!("{first}–{last}"),
        [first @ .., last] => format!("{} og {last}", first.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// The bokmål letter.
#[derive(Template)]
#[template(path = "receipt.nb.txt", config = "src/letters/askama.toml")]
struct Bokmaal<'a>(View<'a>);

/// The nynorsk letter.
#[derive(Template)]
#[template(path = "receipt.nn.txt", config = "src/letters/askama.toml")]
struct Nynorsk<'a>(View<'a>);

/// A template names the fields of the [`View`] it wraps.
impl<'a> Deref for Bokmaal<'a> {
    type Target = View<'a>;

    fn deref(&self) -> &View<'a> {
        &self.0
    }
}

impl<'a> Deref for Nynorsk<'a> {
    type Target = View<'a>;

    fn deref(&self) -> &View<'a> {
        &self.0
    }
}
