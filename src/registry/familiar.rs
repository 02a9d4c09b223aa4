//! Words that people often write where nothing but letters is asked for: names of persons, kin, occupations, subjects. They say which of two readings is
//! likelier, never what is right: most names of the people who fill in these forms are in no list. For those, and beside them, it counts how letters follow
//! each other.

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use super::trigrams::Trigrams;
use crate::record::FieldType;

static NAMES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| include_str!("data/navn.txt").lines().collect());
static WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| include_str!("data/ord.txt").lines().collect());

/// How letters follow each other in this room's lists: names of persons, places, countries and languages from everywhere, kin and occupations.
static SPELLING: LazyLock<Trigrams> = LazyLock::new(|| {
    let lists = [super::KOMMUNER.as_slice(), super::COUNTRIES.as_slice(), super::LANGUAGES.as_slice(), super::postal::lines()];
    let texts = lists.into_iter().flatten().map(String::as_str).chain(NAMES.iter().chain(WORDS.iter()).copied());
    let words: BTreeSet<String> = texts.flat_map(|text| text.split(|c: char| !c.is_alphabetic())).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    Trigrams::of(&words)
});

/// How much likelier a listed word is than one beside it that is not: some three of ten words are listed, and beside one of them lie a few dozen others that
/// could be words.
const LISTED: f64 = 20.0;
/// Two listed words say no more than that somebody wrote listed words.
const MOST: f64 = LISTED * LISTED;

/// How much of the letters' odds is believed. The lists are not the language, and a name may be like none of them.
const TRUST: f64 = 0.7;
/// However oddly a text is spelt, it is not believed less than this for it, and however well, not more.
const SPELT_MOST: f64 = 1e4;

/// How much likelier `text`, in capitals, is than another text of its length for the words in it; 1 where no list says anything.
#[must_use]
pub fn likelier(kind: FieldType, text: &str) -> f64 {
    let list = match kind {
        FieldType::Name => &*NAMES,
        FieldType::Text => &*WORDS,
        _ => return 1.0,
    };
    let listed = text.split([' ', '-']).filter(|word| list.contains(word)).count();
    LISTED.powi(i32::try_from(listed).unwrap_or(i32::MAX)).min(MOST)
}

/// How much likelier it is that somebody meant `text` than that they meant `other`, both in capitals, for how their letters follow each other.
#[must_use]
pub fn better_spelt(text: &str, other: &str) -> f64 {
    (TRUST * (SPELLING.plausibility(text) - SPELLING.plausibility(other))).exp().clamp(1.0 / SPELT_MOST, SPELT_MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listed_words_are_likelier_and_only_where_words_stand() {
        assert!(NAMES.len() > 900 && WORDS.len() > 150);
        assert!(NAMES.iter().chain(WORDS.iter()).all(|word| word.chars().count() >= 3 && word.chars().all(|c| c.is_alphabetic() && c.is_uppercase())));
        let weights = ["SØSTER", "SØSTEB", "MOR OG FAR"].map(|text| likelier(FieldType::Text, text));
        assert!(weights[0] > 1.0 && (weights[1] - 1.0).abs() < 1e-9 && weights[2] > weights[0], "{weights:?}");
        assert!(likelier(FieldType::Name, "NORA HANSEN") > likelier(FieldType::Name, "NORA HXNSEN"));
        assert!((likelier(FieldType::Kommune, "MOR") - 1.0).abs() < 1e-9);
    }

    #[test]
    fn of_two_unlisted_words_the_one_that_is_spelt_like_words_is_likelier() {
        let odds = better_spelt("TORVALDSEN", "TORVALDBEN");
        assert!(odds > 3.0, "{odds}");
        assert!((odds * better_spelt("TORVALDBEN", "TORVALDSEN") - 1.0).abs() < 1e-6);
        assert!(better_spelt("QXQXQXQXQX", "STASJONSVEIEN") >= 1.0 / SPELT_MOST);
    }

    #[test]
    fn what_can_be_spoken_is_likelier_than_what_a_misread_letter_makes_of_it() {
        // None of these is in a list.
        for (meant, read) in
            [("TORVALDSEN", "TORVALDBEN"), ("SHEVCHUK", "SHFVCHUK"), ("GEBREHIWET", "GEBRFHIWET"), ("RASHIDI", "RASHFDI"), ("VERKSMESTER", "VEHKSMESTER")]
        {
            assert!(SPELLING.plausibility(meant) > SPELLING.plausibility(read) + 0.3, "{meant}");
        }
        // A digit in a letter's place is no gain.
        for (meant, read) in [("LEIRVIK I SOGN", "LEIRVIK 1 SOGN"), ("OSLO", "05LO")] {
            assert!(SPELLING.plausibility(meant) > SPELLING.plausibility(read) - 1.0, "{meant}");
        }
    }
}
