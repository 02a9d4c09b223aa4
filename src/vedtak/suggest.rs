//! What was probably decided, where the rules cannot say: a number and the years for a person to look at.
//!
//! The rules accept, or they do not; nothing here does. Where they leave the number or the years open, or find several numbers that could be meant, every number and every
//! year that the text prints is a candidate ([`candidates`]), is described by what the rules saw around it ([`features`]) and weighed by a linear model ([`model`]). The best
//! one is suggested if it is sure enough, and waits for a person whatever it is. Where nothing is decided nothing is suggested.

mod candidates;
mod features;
mod model;
mod tokens;

use std::ops::Range;

use super::blocks::Block;
use super::decision::{Count, Doubt, Standing};
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
    /// What leaves a choice.
    pub doubts: &'r [Doubt],
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

/// How sure a suggestion has to be that takes the place of one of several numbers.
const EVEN: f32 = 0.5;

/// What is probably right where something is decided and the rules cannot say what.
pub fn suggest(evidence: &Evidence<'_, '_>) -> Suggestions {
    if evidence.standing == Standing::NotFinal {
        return Suggestions::default();
    }
    let totals = evidence.totals;
    let rules = totals.years.first().and_then(|year| year.total.as_ref());
    // Of a number on top of another, or of a sum over years, the one that is asked for is not in print.
    let on_top = totals.supplement.is_some() || totals.period.is_some();
    // The rules found several numbers and took the first; where an earlier one is changed they know more than the model.
    let doubts = |doubt: &Doubt| evidence.doubts.contains(doubt);
    let contested = [Doubt::Numbers, Doubt::Competing].iter().any(doubts) && ![Doubt::Changed, Doubt::Supplement].iter().any(doubts);
    let asked = !on_top && (rules.is_none() || contested);
    let total = if asked { model::TOTAL.best(&features::of_totals(evidence)) } else { None };
    let has_years = totals.years.iter().any(|year| year.year.is_some());
    Suggestions {
        total: total.filter(|guess| rules.is_none_or(|rules| rules.value != guess.value && guess.probability > EVEN)),
        years: if has_years { None } else { model::YEARS.best(&features::of_years(evidence)) },
    }
}

/// Every candidate with its features, as the training program reads them.
pub fn described(evidence: &Evidence<'_, '_>) -> serde_json::Value {
    serde_json::json!({ "total": features::of_totals(evidence), "years": features::of_years(evidence) })
}

#[cfg(test)]
mod tests;
