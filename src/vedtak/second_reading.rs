//! A second reading, learnt from texts where the first one goes by rules: is anything decided, how many, and for which years?
//!
//! What is typed in twice by two people is wrong less often than what either types alone (double keying); this is the second keyer. Every number and every list of years that
//! the text prints is a candidate ([`candidates`]), is described by what stands around it ([`features`]) and weighed by a linear model ([`model`]); so is the text as a whole
//! ([`decided`]). What the rules saw in each sentence is weighed too; what they concluded from it
//! is not.
//!
//! It never accepts anything. Where the rules are sure and it reads otherwise, the decision waits for a person. Where the rules are not sure, its number and years are
//! suggested if they are likelier than theirs; where they find no decision and it does, the text is left to a person as one that may decide.

mod candidates;
mod decided;
mod features;
mod model;
mod tokens;

use std::ops::Range;

use super::blocks::Block;
use super::decision::Count;
use super::operative::Operative;
use super::statements::Statement;
use super::totals::Totals;

/// What the rules found, to describe the candidates with.
pub struct Evidence<'r, 'a> {
    /// The normalised text.
    pub text: &'a str,
    /// Its blocks.
    pub blocks: &'r [Block],
    /// All its sentences.
    pub all: &'r [Statement],
    /// Those that decide.
    pub found: &'r Operative<'r>,
    /// What was asked for.
    pub asked: &'r [Count],
    /// What the deciding sentences come to.
    pub totals: &'r Totals,
}

/// A value with its probability.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess<T> {
    /// The value.
    pub value: T,
    /// Where it stands, if it does.
    pub span: Option<Range<usize>>,
    /// Its share of all candidates.
    pub probability: f32,
}

/// What the second reading came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// How likely it is that the text holds a final decision, or tells of one.
    pub decided: f32,
    /// The number of people for the first year, if anything is decided; none where no number is.
    pub total: Guess<Option<i64>>,
    /// The likeliest number in print.
    pub printed: Option<Guess<i64>>,
    /// The years, if anything is decided; none where none can be known.
    pub years: Guess<Option<Vec<i64>>>,
}

/// What is probably right where the rules are not sure.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Suggestions {
    /// The number of people for the first year.
    pub total: Option<Guess<i64>>,
    /// The years.
    pub years: Option<Guess<Vec<i64>>>,
}

/// From how likely on a text that the rules take for none is shown as a decision all the same.
const DECIDED_PERHAPS: f32 = 0.5;
/// How unlikely a decision may be that the rules are sure of.
const DECIDED_LEAST: f32 = 0.2;
/// How likely a number has to be that takes the place of the rules' number, and one where they have none.
const NUMBER_INSTEAD: f32 = 0.6;
const NUMBER_LEAST: f32 = 0.3;
/// The same of years.
const YEARS_INSTEAD: f32 = 0.5;
const YEARS_LEAST: f32 = 0.4;

impl Reading {
    /// Reads.
    pub fn of(evidence: &Evidence<'_, '_>) -> Self {
        let totals = model::TOTAL.shares(features::of_totals(evidence));
        let years = model::YEARS.shares(features::of_years(evidence));
        let likeliest_printed = totals.iter().filter_map(Guess::stated).max_by(|one, other| one.probability.total_cmp(&other.probability));
        Self { decided: model::DECIDED.probability(&decided::of_text(evidence)), total: best(totals), printed: likeliest_printed, years: best(years) }
    }

    /// Whether a text that the rules take for none may decide something.
    pub fn may_be_decided(&self) -> bool {
        self.decided >= DECIDED_PERHAPS
    }

    /// Whether it bears out what the rules are sure of.
    pub fn agrees(&self, total: Option<i64>, years: &[i64]) -> bool {
        self.decided >= DECIDED_LEAST && self.total.value == total && self.years.value.as_deref().unwrap_or_default() == years
    }

    /// What to suggest where the rules came to `total` and `years` and are not sure.
    pub fn suggestions(&self, total: Option<i64>, years: &[i64]) -> Suggestions {
        Suggestions { total: self.total_instead_of(total), years: self.years_instead_of(years) }
    }

    fn total_instead_of(&self, rules: Option<i64>) -> Option<Guess<i64>> {
        let least = if rules.is_some() { NUMBER_INSTEAD } else { NUMBER_LEAST };
        self.printed.clone().filter(|guess| Some(guess.value) != rules && guess.probability > least)
    }

    fn years_instead_of(&self, rules: &[i64]) -> Option<Guess<Vec<i64>>> {
        let least = if rules.is_empty() { YEARS_LEAST } else { YEARS_INSTEAD };
        self.years.stated().filter(|guess| guess.value != rules && guess.probability > least)
    }
}

impl<T: Clone> Guess<Option<T>> {
    fn stated(&self) -> Option<Guess<T>> {
        Some(Guess { value: self.value.clone()?, span: self.span.clone(), probability: self.probability })
    }
}

/// The likeliest of all; nothing at all where there is no candidate.
fn best<T>(shares: Vec<Guess<Option<T>>>) -> Guess<Option<T>> {
    let nothing = Guess { value: None, span: None, probability: 1.0 };
    shares.into_iter().max_by(|one, other| one.probability.total_cmp(&other.probability)).unwrap_or(nothing)
}

/// Everything that is weighed, as the training program reads it.
pub fn described(evidence: &Evidence<'_, '_>) -> serde_json::Value {
    serde_json::json!({
        "total": features::of_totals(evidence), "years": features::of_years(evidence), "decided": decided::of_text(evidence),
    })
}

#[cfg(test)]
mod tests;
