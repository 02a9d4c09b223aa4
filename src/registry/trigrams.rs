//! How letters follow each other in names and words, whatever language they are of: `SKJ` is common, `SKB` is not.
//!
//! Counted over distinct words. The probability of a letter after two others is smoothed with that after one, with its own and with none at all, each by how many
//! different letters were seen there (Witten and Bell, IEEE Transactions on Information Theory 37, 1991), so that no spelling is impossible.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "counts of letters are small, and a logarithm has more digits than are known of it"
)]

use std::collections::BTreeSet;

/// Letters that have a place of their own: all others share one.
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅÄÖÜÉ";
/// The place of all other letters, and of what is before and behind a word.
const OTHER: usize = 33;
const EDGE: usize = 34;
const PLACES: usize = 35;

/// The logarithm of each letter's probability after each two.
pub struct Trigrams(Vec<f32>);

impl Trigrams {
    /// Counted over `words`, in capitals.
    #[must_use]
    pub fn of(words: &BTreeSet<String>) -> Self {
        Self(counted(words))
    }

    /// The logarithm of how much more probable the words of `text`, in capitals, are for their letters than if any letter followed any. What holds a digit, a house number
    /// with its letter, is no word and says nothing.
    #[must_use]
    pub fn plausibility(&self, text: &str) -> f64 {
        let any = -(PLACES as f64).ln();
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty() && word.chars().all(char::is_alphabetic));
        words.flat_map(triples).map(|at| f64::from(self.0[at]) - any).sum()
    }
}

/// Every three that follow each other in a word and its edges, as indices.
fn triples(word: &str) -> impl Iterator<Item = usize> + '_ {
    let mut before = [EDGE; 2];
    word.chars().map(place).chain([EDGE]).map(move |next| {
        let at = index([before[0], before[1], next]);
        before = [before[1], next];
        at
    })
}

fn place(letter: char) -> usize {
    if letter.is_ascii_uppercase() { letter as usize - 'A' as usize } else { LETTERS.chars().position(|known| known == letter).unwrap_or(OTHER) }
}

fn index([first, second, third]: [usize; 3]) -> usize {
    (first * PLACES + second) * PLACES + third
}

fn counted(words: &BTreeSet<String>) -> Vec<f32> {
    let mut after = vec![0u32; PLACES * PLACES * PLACES];
    for at in words.iter().flat_map(|word| triples(word)) {
        after[at] += 1;
    }
    // The same after one letter, and after none.
    let sum = |step: usize| -> Vec<u32> { (0..step).map(|at| after.iter().skip(at).step_by(step).sum()).collect() };
    let (pairs, single) = (sum(PLACES * PLACES), sum(PLACES));
    let none = [1.0 / PLACES as f64; PLACES];
    let single = smoothed(&single, &none);
    let mut logarithms = Vec::with_capacity(after.len());
    let pairs: Vec<Vec<f64>> = pairs.chunks_exact(PLACES).map(|counts| smoothed(counts, &single)).collect();
    for (at, counts) in after.chunks_exact(PLACES).enumerate() {
        logarithms.extend(smoothed(counts, &pairs[at % PLACES]).into_iter().map(|probability| probability.ln() as f32));
    }
    logarithms
}

/// The shares of `counts`, with as much weight on what is known `otherwise` as there are different ones.
fn smoothed(counts: &[u32], otherwise: &[f64]) -> Vec<f64> {
    let different = counts.iter().filter(|&&count| count > 0).count().max(1) as f64;
    let all: f64 = counts.iter().map(|&count| f64::from(count)).sum();
    counts.iter().zip(otherwise).map(|(&count, other)| (f64::from(count) + different * other) / (all + different)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted_over(words: &[&str]) -> Trigrams {
        Trigrams::of(&words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn after_any_two_letters_something_follows() {
        for after in counted_over(&["NORA", "LIND", "ÅSE", "ŁUKASZ"]).0.chunks_exact(PLACES) {
            let all: f64 = after.iter().map(|logarithm| f64::from(*logarithm).exp()).sum();
            assert!((all - 1.0).abs() < 1e-4, "{all}");
            assert!(after.iter().all(|logarithm| logarithm.is_finite()));
        }
    }

    #[test]
    fn what_was_counted_more_often_is_likelier() {
        let trigrams = counted_over(&["SKJERM", "SKJOLD", "SKJEGG", "SKBA"]);
        // By hand: SKJ stands in three of four words, SKB in one; after the two letters come two different ones, after K alone the same two.
        assert!(trigrams.plausibility("SKJ") > trigrams.plausibility("SKB") && trigrams.plausibility("SKB") > trigrams.plausibility("SKQ"));
    }

    #[test]
    fn what_is_no_letter_parts_words() {
        let trigrams = counted_over(&["NORA", "LIND"]);
        let [one, two] = ["NORA", "LIND"].map(|word| trigrams.plausibility(word));
        for text in ["NORA LIND", "NORA-LIND", " NORA  LIND 7", "NORA LIND 46B"] {
            assert!((trigrams.plausibility(text) - one - two).abs() < 1e-9);
        }
        assert!(trigrams.plausibility("12 - 3").abs() < 1e-12);
    }
}
