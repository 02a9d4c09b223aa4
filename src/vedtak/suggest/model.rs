//! The weights of the features, and what they make of the candidates.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Guess;
use super::candidates::Candidate;

/// The weights of one field.
#[derive(Debug, Deserialize)]
pub struct Weights {
    /// How sure a candidate has to be.
    least: f32,
    /// What each feature adds.
    weights: BTreeMap<String, f32>,
}

#[derive(Debug, Deserialize)]
struct File {
    total: Weights,
    years: Weights,
}

static FILE: LazyLock<File> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../models/vedtak-suggest.json")).expect("the weights are compiled in, and a test reads them"));

/// The weights for the number.
pub static TOTAL: LazyLock<&Weights> = LazyLock::new(|| &FILE.total);
/// The weights for the years.
pub static YEARS: LazyLock<&Weights> = LazyLock::new(|| &FILE.years);

impl Weights {
    /// The best candidate, if it is sure enough.
    pub fn best<T: Clone>(&self, candidates: &[Candidate<T>]) -> Option<Guess<T>> {
        let scores: Vec<f32> = candidates.iter().map(|candidate| self.score(candidate)).collect();
        let (at, best) = scores.iter().copied().enumerate().max_by(|one, other| one.1.total_cmp(&other.1))?;
        let probability = scores.iter().map(|score| (score - best).exp()).sum::<f32>().recip();
        let candidate = candidates.get(at).filter(|_| probability >= self.least)?;
        Some(Guess { value: candidate.value.clone(), span: candidate.span.clone(), probability })
    }

    fn score<T>(&self, candidate: &Candidate<T>) -> f32 {
        candidate.features.iter().filter_map(|feature| self.weights.get(feature)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(value: i64, features: &[&str]) -> Candidate<i64> {
        Candidate { value, features: features.iter().map(|feature| (*feature).to_owned()).collect(), span: None }
    }

    #[test]
    fn the_best_is_chosen_if_it_is_sure_enough() {
        let weights = |least: f32| Weights { least, weights: [("named".to_owned(), 2.0), ("votes right".to_owned(), -1.0)].into() };
        let candidates = [candidate(20, &["named"]), candidate(17, &["votes right", "never seen"])];
        let best = weights(0.9).best(&candidates).expect("it is sure enough");
        assert_eq!(best.value, 20);
        assert!((best.probability - 0.9526).abs() < 0.001, "{}", best.probability);
        assert_eq!(weights(0.96).best(&candidates), None);
        assert_eq!(weights(0.0).best::<i64>(&[]), None);
    }

    #[test]
    fn the_weights_that_are_built_in_are_sound() {
        for weights in [&*TOTAL, &*YEARS] {
            assert!((0.0..1.0).contains(&weights.least) && weights.weights.len() > 100);
            assert!(weights.weights.values().all(|weight| weight.is_finite()));
        }
    }
}
