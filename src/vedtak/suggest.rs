//! What was probably decided, where the rules cannot say: a number and the years for a person to look at.
//!
//! The rules accept, or they do not; nothing here does. Where they leave the number or the years open, every number and every year that the text prints is a candidate
//! ([`candidates`]), is described by what the rules saw around it ([`features`]) and weighed by a linear model ([`model`]). The best one is suggested if it is sure enough, and waits for a
//! person whatever it is. Where nothing is decided nothing is suggested.

mod candidates;
mod features;
mod model;
mod tokens;

use std::ops::Range;

use super::blocks::Block;
use super::decision::{Count, Standing};
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
    /// How far the matter has come.
    pub standing: Standing,
}

/// What is probably right, with how sure the model is.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess<T> {
    /// The value.
    pub value: T,
    /// Where it stands, if it does.
    pub span: Option<Range<usize>>,
    /// The model's probability.
    pub probability: f32,
}

/// What is suggested.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Suggestions {
    /// The number of people for the first year.
    pub total: Option<Guess<i64>>,
    /// The years.
    pub years: Option<Guess<Vec<i64>>>,
}

/// What is probably right where something is decided and the rules cannot say what.
pub fn suggest(evidence: &Evidence<'_, '_>) -> Suggestions {
    if evidence.standing == Standing::NotFinal {
        return Suggestions::default();
    }
    let totals = evidence.totals;
    // Of a number on top of another, or of a sum over years, the one that is asked for is not in print.
    let has_number = totals.supplement.is_some() || totals.period.is_some() || totals.years.first().is_some_and(|year| year.total.is_some());
    let has_years = totals.years.iter().any(|year| year.year.is_some());
    Suggestions {
        total: if has_number { None } else { model::TOTAL.best(&features::of_totals(evidence)) },
        years: if has_years { None } else { model::YEARS.best(&features::of_years(evidence)) },
    }
}

/// Every candidate with its features, as the training program reads them.
pub fn described(evidence: &Evidence<'_, '_>) -> serde_json::Value {
    serde_json::json!({ "total": features::of_totals(evidence), "years": features::of_years(evidence) })
}

#[cfg(test)]
mod tests;
