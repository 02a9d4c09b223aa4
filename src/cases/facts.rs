//! What was understood of a kommune's vedtak, as far as a register and a letter may hold it.
//!
//! Facts are taken from fields one by one, and only from [`Ordinary`] content; the names are those of `docs/contracts.md`, "Fields of a
//! vedtak". A field that is not known, empty or not of its type is passed over: what is missing is asked for, never guessed.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::clock::Date;
use crate::record::{Content, Decision, Field, Guarded, Ordinary, Value};

/// What was understood of a vedtak.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    years: Vec<u16>,
    first: YearFacts,
    per_year: Vec<YearFacts>,
    /// A sum over several years that is not split.
    pub period_total: Option<u32>,
    /// How the number is meant.
    pub limit: Limit,
    /// What the kommune says that it was asked for.
    pub asked: Option<u32>,
    /// What it answered.
    pub answer: Option<Answer>,
    /// A number on top of an earlier vedtak.
    pub extra: Option<u32>,
    /// Whether family reunited later counts.
    pub family: Option<Family>,
    /// The kinds of reservation, as codes.
    pub reservations: Vec<String>,
    /// What it can take beyond its number.
    pub more_if_needed: Option<More>,
    /// Whether a lower number is given a reason.
    pub has_reason: bool,
    /// When the case is to be treated.
    pub treated: Option<Date>,
    /// When it was decided.
    pub decided: Option<Date>,
    /// The number of the political case.
    pub political_case: Option<String>,
}

/// The numbers of one year.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearFacts {
    /// The year.
    pub year: Option<u16>,
    /// All who are settled.
    pub total: Option<u32>,
    /// Single adults and families.
    pub adults_families: Option<u32>,
    /// Unaccompanied minors from 15 to 18 years.
    pub minors_15_18: Option<u32>,
    /// Unaccompanied minors under 15 years.
    pub minors_under_15: Option<u32>,
    /// Unaccompanied minors of any age.
    pub minors: Option<u32>,
}

impl YearFacts {
    /// Whether any number is stated.
    #[must_use]
    pub fn any(&self) -> bool {
        [self.total, self.adults_families, self.minors_15_18, self.minors_under_15, self.minors].iter().any(Option::is_some)
    }

    /// Whether anything is said of unaccompanied minors; none at all is said, too, when the adults make up the total.
    #[must_use]
    pub fn speaks_of_minors(&self) -> bool {
        let only_adults = self.total.is_some() && self.total == self.adults_families;
        only_adults || [self.minors_15_18, self.minors_under_15, self.minors].iter().any(Option::is_some)
    }

    /// All unaccompanied minors: as stated, or the sum of both ages.
    #[must_use]
    pub fn all_minors(&self) -> Option<u32> {
        self.minors.or_else(|| self.minors_15_18?.checked_add(self.minors_under_15?))
    }

    /// The sum of the groups, when every group is stated.
    #[must_use]
    pub fn parts(&self) -> Option<u32> {
        self.adults_families?.checked_add(self.all_minors()?)
    }
}

/// How a number is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Limit {
    /// So many.
    #[default]
    Exactly,
    /// `inntil`.
    AtMost,
    /// `minst`.
    AtLeast,
}

/// What the kommune answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Yes, all that was asked for.
    Accepts,
    /// Yes, but not all.
    InPart,
    /// No.
    Refuses,
    /// Not yet.
    Postponed,
}

/// What the kommune can take beyond its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum More {
    /// So many more.
    UpTo(u32),
    /// More, without a number.
    Unstated,
}

/// Whether family reunited later counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// On top of the number.
    Outside,
    /// Within the number.
    Included,
}

impl Facts {
    /// The facts of all accepted, ordinary fields of a record.
    #[must_use]
    pub fn accepted(fields: &[Field]) -> Self {
        let mut facts = Self::default();
        for field in fields.iter().filter(|field| field.decision == Decision::Accept) {
            if let Guarded::Ordinary(content) = &field.content {
                facts.take(&field.name, content);
            }
        }
        facts
    }

    /// Takes one field's content under its name.
    pub fn take(&mut self, name: &str, content: &Ordinary<Content>) {
        let Some(value) = &content.0.value else { return };
        match name {
            "aar" => self.years = years(value),
            "vedtatt_totalt" => self.first.total = count(value),
            "vedtatt_voksne_familier" => self.first.adults_families = count(value),
            "vedtatt_em_15_18" => self.first.minors_15_18 = count(value),
            "vedtatt_em_under_15" => self.first.minors_under_15 = count(value),
            "vedtatt_em_totalt" => self.first.minors = count(value),
            "per_aar" => self.per_year = rows(value),
            "periode_totalt" => self.period_total = count(value),
            "anmodet_totalt" => self.asked = count(value),
            "tilleggsvedtak" => self.extra = count(value),
            "grense" => self.limit = value.as_text().map_or(Limit::Exactly, limit),
            "svar" => self.answer = value.as_text().and_then(answer),
            "familiegjenforente" => self.family = value.as_text().and_then(family),
            "forbehold" => self.reservations = kinds(value),
            "flere_ved_behov" => self.more_if_needed = more(value),
            "begrunnelse" => self.has_reason = value.as_text().is_some_and(|text| !text.trim().is_empty()),
            "behandles_dato" => self.treated = value.as_date(),
            "vedtaksdato" => self.decided = value.as_date(),
            "saksnummer" => self.political_case = value.as_text().map(str::to_owned),
            _ => {}
        }
    }

    /// The years decided for, in order.
    #[must_use]
    pub fn years(&self) -> Vec<u16> {
        let mut years: Vec<u16> = self.years.iter().copied().chain(self.per_year.iter().filter_map(|row| row.year)).collect();
        years.sort_unstable();
        years.dedup();
        years
    }

    /// The numbers of one year; none when the vedtak states none for it.
    #[must_use]
    pub fn of_year(&self, year: u16) -> Option<YearFacts> {
        self.per_year().into_iter().find(|row| row.year == Some(year))
    }

    /// The numbers, one entry a year; one entry in all when the vedtak is not split by year, none when it states no number.
    #[must_use]
    pub fn per_year(&self) -> Vec<YearFacts> {
        if !self.per_year.is_empty() {
            return self.per_year.clone();
        }
        let first = YearFacts { year: self.years.first().copied(), ..self.first };
        if first.any() { vec![first] } else { Vec::new() }
    }
}

fn count(value: &Value) -> Option<u32> {
    match value {
        Value::Integer(number) => u32::try_from(*number).ok(),
        _ => None,
    }
}

fn year(number: i64) -> Option<u16> {
    u16::try_from(number).ok().filter(|year| (2000..2100).contains(year))
}

fn years(value: &Value) -> Vec<u16> {
    let mut years: Vec<u16> = match value {
        Value::Years(years) => years.iter().filter_map(|number| year(*number)).collect(),
        Value::Integer(number) => year(*number).into_iter().collect(),
        _ => Vec::new(),
    };
    years.sort_unstable();
    years.dedup();
    years
}

fn rows(value: &Value) -> Vec<YearFacts> {
    let Value::Rows(rows) = value else { return Vec::new() };
    let mut rows: Vec<YearFacts> = rows.iter().map(row).filter(YearFacts::any).collect();
    rows.sort_by_key(|row| row.year);
    rows
}

fn row(cells: &BTreeMap<String, serde_json::Value>) -> YearFacts {
    let count = |name: &str| cells.get(name).and_then(serde_json::Value::as_u64).and_then(|number| u32::try_from(number).ok());
    YearFacts {
        year: cells.get("aar").and_then(serde_json::Value::as_i64).and_then(year),
        total: count("totalt"),
        adults_families: count("voksne_familier"),
        minors_15_18: count("em_15_18"),
        minors_under_15: count("em_under_15"),
        minors: count("em_totalt"),
    }
}

fn limit(code: &str) -> Limit {
    match code {
        "inntil" => Limit::AtMost,
        "minst" => Limit::AtLeast,
        _ => Limit::Exactly,
    }
}

fn answer(code: &str) -> Option<Answer> {
    match code {
        "imoetekommer" => Some(Answer::Accepts),
        "delvis" => Some(Answer::InPart),
        "avslaar" => Some(Answer::Refuses),
        "utsatt" => Some(Answer::Postponed),
        _ => None,
    }
}

fn family(code: &str) -> Option<Family> {
    match code {
        "utenfor" => Some(Family::Outside),
        "inkludert" => Some(Family::Included),
        _ => None,
    }
}

/// The kinds of reservation, whether they come as codes or as rows that tell where each stands.
fn kinds(value: &Value) -> Vec<String> {
    match value {
        Value::Codes(codes) => codes.clone(),
        Value::Rows(rows) => {
            let code = |row: &BTreeMap<String, serde_json::Value>| row.values().find_map(|cell| cell.as_str().filter(|text| is_code(text)).map(str::to_owned));
            rows.iter().filter_map(code).collect()
        }
        _ => Vec::new(),
    }
}

fn is_code(text: &str) -> bool {
    ["finansiering", "bolig_kapasitet", "hvem", "familiegjenforening_tak", "helse_tjenestebehov", "annet"].contains(&text)
}

fn more(value: &Value) -> Option<More> {
    match value {
        Value::Flag(true) => Some(More::Unstated),
        Value::Integer(_) => count(value).filter(|number| *number > 0).map(More::UpTo),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Confidence, FieldType, ReaderKind, Sensitivity};

    fn content(value: Value) -> Content {
        Content { value: Some(value), text: None, raw: None }
    }

    fn field(name: &str, value: Value, sensitivity: Sensitivity, decision: Decision) -> Field {
        Field {
            name: name.into(),
            kind: FieldType::Integer,
            content: Guarded::new(sensitivity, content(value)),
            threshold: Confidence::NONE,
            decision,
            reader: ReaderKind::Text,
            ..Field::plain()
        }
    }

    #[test]
    fn only_accepted_ordinary_fields_become_facts() {
        let fields = [
            field("aar", Value::Years(vec![2026]), Sensitivity::Ordinary, Decision::Accept),
            field("vedtatt_totalt", Value::Integer(31), Sensitivity::Ordinary, Decision::Accept),
            field("vedtatt_em_15_18", Value::Integer(3), Sensitivity::Ordinary, Decision::Review),
            field("vedtatt_em_under_15", Value::Integer(2), Sensitivity::Special, Decision::Accept),
        ];
        let facts = Facts::accepted(&fields);
        assert_eq!(facts.per_year(), [YearFacts { year: Some(2026), total: Some(31), ..YearFacts::default() }]);
    }

    #[test]
    fn values_that_are_not_of_their_type_are_passed_over() {
        let mut facts = Facts::default();
        for (name, value) in [
            ("vedtatt_totalt", Value::Integer(-4)),
            ("vedtatt_voksne_familier", Value::Text("31".into())),
            ("aar", Value::Years(vec![26, 99_999])),
            ("svar", Value::Text("kanskje".into())),
            ("per_aar", Value::Text("2026".into())),
            ("forbehold", Value::Flag(true)),
            ("vedtaksdato", Value::Text("2026-02-30".into())),
            ("navn", Value::Text("ukjent felt".into())),
        ] {
            facts.take(name, &Ordinary(content(value)));
        }
        assert_eq!(facts, Facts::default());
    }

    #[test]
    fn rows_of_several_years_are_sorted_and_know_their_sums() {
        let rows = serde_json::json!([
            {"aar": 2027, "totalt": 20},
            {"aar": 2026, "totalt": 24, "voksne_familier": 20, "em_15_18": 3, "em_under_15": 1},
        ]);
        let rows: Vec<BTreeMap<String, serde_json::Value>> = serde_json::from_value(rows).expect("rows");
        let mut facts = Facts::default();
        facts.take("per_aar", &Ordinary(content(Value::Rows(rows))));
        assert_eq!(facts.years(), [2026, 2027]);
        assert_eq!(facts.per_year().iter().map(YearFacts::parts).collect::<Vec<_>>(), [Some(24), None]);
        assert_eq!(facts.per_year().iter().map(YearFacts::speaks_of_minors).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn reservations_are_known_by_code_or_by_row() {
        let mut facts = Facts::default();
        facts.take("forbehold", &Ordinary(content(Value::Codes(vec!["hvem".into()]))));
        assert_eq!(facts.reservations, ["hvem"]);
        let rows: Vec<BTreeMap<String, serde_json::Value>> = serde_json::from_value(serde_json::json!([{"fra": 3, "type": "finansiering"}])).expect("rows");
        facts.take("forbehold", &Ordinary(content(Value::Rows(rows))));
        assert_eq!(facts.reservations, ["finansiering"]);
    }
}
