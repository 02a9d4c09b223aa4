//! The receipt: tells a kommune that its vedtak came, how it was understood, and what is missing.

use super::frame::Common;
use super::groups::Group;
use super::points::Open;
use super::templates::templates;
use super::words::{written_case, written_date, written_years};
use super::{Frame, Letter, LetterError, Office};
use crate::cases::{Answer, Facts, Family, Limit, More, Point, YearFacts};
use crate::clock::Timestamp;
use crate::document::OurRef;
use crate::paper::Fonts;

/// A receipt for a vedtak, ready to be written. It holds plain words and numbers only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Who it goes to.
    pub frame: Frame,
    /// What was understood.
    pub facts: Facts,
    /// What stands open, and is asked about.
    pub points: Vec<Point>,
    /// What was known of the kommune's year before.
    pub background: Background,
}

/// What other vedtak of the same year make of this one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Background {
    /// How many the kommune has decided in all, when this vedtak comes on top of an earlier one.
    pub now_total: Option<u32>,
    /// Our reference of the vedtak that this one replaces.
    pub replaces: Option<OurRef>,
}

impl Receipt {
    /// Writes the letter. `created` is the time in the PDF: the same receipt at the same time gives the same bytes.
    ///
    /// # Errors
    /// When the words cannot be put on paper: a character the font lacks, an address too large for the window.
    pub fn write(&self, office: &Office, fonts: &Fonts, created: Timestamp) -> Result<Letter, LetterError> {
        let filled = View::new(self, office).fill(self.frame.language)?;
        self.frame.letter("kvittering", &filled, office, fonts, created)
    }
}

templates!(View, "receipt.nb.txt", "receipt.nn.txt");

/// What the templates speak of.
struct View<'a> {
    common: Common<'a>,
    years: String,
    decided: Option<String>,
    political_case: Option<String>,
    treated: Option<String>,
    outcome: Outcome,
    background: Background,
    postponed: bool,
    groups: Vec<Group>,
    rows: Vec<RowView>,
    per_year: bool,
    remarks: Vec<Remark>,
    requests: Vec<Request>,
    open: Open,
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

struct RowView {
    label: String,
    counts: Vec<Option<u32>>,
}

/// What else was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remark {
    FamilyOutside,
    FamilyIncluded,
    MoreIfNeeded(More),
    Reservations,
}

/// What the vedtak itself leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Request {
    Year,
    Total,
    TotalWithExtra,
    Minors,
    Sum { parts: u32, total: u32 },
}

impl<'a> View<'a> {
    fn new(receipt: &Receipt, office: &'a Office) -> Self {
        let facts = &receipt.facts;
        let per_year = facts.per_year();
        let outcome = outcome(facts, &per_year);
        let postponed = outcome == Outcome::Postponed;
        let shown: &[YearFacts] = if postponed || outcome == Outcome::Refuses { &[] } else { &per_year };
        let groups: Vec<Group> = Group::ALL.into_iter().filter(|group| shown.iter().any(|year| group.is_told(year))).collect();
        let row = |year: &YearFacts| RowView {
            label: year.year.map_or_else(|| "–".to_owned(), |year| year.to_string()),
            counts: groups.iter().map(|group| group.of(year)).collect(),
        };
        let open = open(receipt, postponed);
        Self {
            common: receipt.frame.common(office),
            years: written_years(&facts.years()),
            decided: facts.decided.map(written_date),
            political_case: written_case(facts.political_case.as_deref()),
            treated: facts.treated.map(written_date),
            outcome,
            background: receipt.background,
            postponed,
            rows: shown.iter().map(row).collect(),
            groups,
            per_year: shown.len() > 1,
            remarks: remarks(facts, &open),
            requests: requests(receipt, &per_year, outcome),
            open,
        }
    }

    /// Whether there is more to say of how the vedtak was understood.
    fn understood(&self) -> bool {
        !self.rows.is_empty() || !self.remarks.is_empty() || self.open.explains()
    }

    /// Whether a registration is asked for. One that differs is asked about in words of its own.
    fn registers(&self) -> bool {
        !self.postponed && self.open.registrations.is_empty()
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

fn remarks(facts: &Facts, open: &Open) -> Vec<Remark> {
    let family = facts.family.map(|family| match family {
        Family::Outside => Remark::FamilyOutside,
        Family::Included => Remark::FamilyIncluded,
    });
    // A reservation that nobody made a point of is told all the same. Who is to be settled is answered in words of its own.
    let others = facts.reservations.iter().any(|kind| kind != "hvem") && !open.no_reservations();
    [family, facts.more_if_needed.map(Remark::MoreIfNeeded), others.then_some(Remark::Reservations)].into_iter().flatten().collect()
}

/// The points, and those that the vedtak itself makes.
fn open(receipt: &Receipt, postponed: bool) -> Open {
    let mut points = receipt.points.clone();
    if receipt.facts.reservations.iter().any(|kind| kind == "hvem") {
        points.push(Point::Reservation { kind: "hvem".to_owned() });
    }
    if postponed && !points.iter().any(|point| matches!(point, Point::Postponed { .. })) {
        points.push(Point::Postponed { treated: receipt.facts.treated });
    }
    Open::new(&points, &receipt.facts.years())
}

fn requests(receipt: &Receipt, per_year: &[YearFacts], outcome: Outcome) -> Vec<Request> {
    let mut requests = Vec::new();
    if receipt.facts.years().is_empty() {
        requests.push(Request::Year);
    }
    // Where no earlier vedtak is known, that point asks for the total.
    let asked_by_point = receipt.points.iter().any(|point| matches!(point, Point::NoEarlier { .. }));
    match outcome {
        Outcome::Unclear => requests.push(Request::Total),
        Outcome::Extra(_) if receipt.background.now_total.is_none() && !asked_by_point => requests.push(Request::TotalWithExtra),
        _ => {}
    }
    if matches!(outcome, Outcome::Refuses | Outcome::Postponed) {
        return requests;
    }
    if !per_year.iter().any(YearFacts::speaks_of_minors) {
        requests.push(Request::Minors);
    }
    let sums = per_year.iter().filter_map(|year| Some((year.parts()?, year.total?)));
    requests.extend(sums.filter(|(parts, total)| parts != total).map(|(parts, total)| Request::Sum { parts, total }));
    requests
}
