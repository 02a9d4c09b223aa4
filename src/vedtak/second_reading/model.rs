//! The weights of the features, and what they make of the candidates.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::Guess;
use super::candidates::Candidate;

/// The weights of one question.
#[derive(Debug, Deserialize)]
pub struct Weights {
    /// What is added for every text.
    #[serde(default)]
    always: f32,
    /// What each feature adds.
    weights: BTreeMap<String, f32>,
}

#[derive(Debug, Deserialize)]
struct File {
    decided: Weights,
    total: Weights,
    years: Weights,
}

static FILE: LazyLock<File> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../models/vedtak-second-reading.json")).expect("the weights are compiled in, and a test reads them")
});

/// The weights for whether anything is decided.
pub static DECIDED: LazyLock<&Weights> = LazyLock::new(|| &FILE.decided);
/// The weights for the number.
pub static TOTAL: LazyLock<&Weights> = LazyLock::new(|| &FILE.total);
/// The weights for the years.
pub static YEARS: LazyLock<&Weights> = LazyLock::new(|| &FILE.years);

impl Weights {
    /// Each candidate's share: the softmax of their scores.
    pub fn shares<T>(&self, candidates: Vec<Candidate<T>>) -> Vec<Guess<T>> {
        let scores: Vec<f32> = candidates.iter().map(|candidate| self.score(&candidate.features)).collect();
        let best = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let odds: Vec<f32> = scores.iter().map(|score| (score - best).exp()).collect();
        let all: f32 = odds.iter().sum();
        candidates.into_iter().zip(odds).map(|(candidate, odds)| Guess { value: candidate.value, span: candidate.span, probability: odds / all }).collect()
    }

    /// The probability of a yes: the logistic function of the score.
    pub fn probability(&self, features: &BTreeSet<String>) -> f32 {
        1.0 / (1.0 + (-self.always - self.score(features)).exp())
    }

    fn score(&self, features: &BTreeSet<String>) -> f32 {
        features.iter().filter_map(|feature| self.weights.get(feature)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(features: &[&str]) -> BTreeSet<String> {
        features.iter().map(|feature| (*feature).to_owned()).collect()
    }

    #[test]
    fn scores_become_shares_and_a_probability() {
        let weights = Weights { always: 0.5, weights: [("named".to_owned(), 2.0), ("votes right".to_owned(), -1.0)].into() };
        let candidate = |value: i64, features: &[&str]| Candidate { value, features: names(features), span: None };
        let shares = weights.shares(vec![candidate(20, &["named"]), candidate(17, &["votes right", "never seen"])]);
        assert_eq!(shares.iter().map(|share| share.value).collect::<Vec<_>>(), [20, 17]);
        assert!((shares[0].probability - 0.9526).abs() < 0.001 && (shares[1].probability - 0.0474).abs() < 0.001, "{shares:?}");
        assert_eq!(weights.shares::<i64>(Vec::new()), []);
        assert!((weights.probability(&names(&["named", "never seen"])) - 0.9241).abs() < 0.001);
        assert!((weights.probability(&names(&[])) - 0.6225).abs() < 0.001);
    }

    #[test]
    fn the_weights_that_are_built_in_are_sound() {
        for weights in [&*DECIDED, &*TOTAL, &*YEARS] {
            assert!(weights.weights.len() > 100 && weights.always.is_finite());
            assert!(weights.weights.values().all(|weight| weight.is_finite()));
        }
    }
}
