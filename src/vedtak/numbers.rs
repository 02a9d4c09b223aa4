//! Numbers in running text: digits with or without a separator, and the number words of bokmål and nynorsk up to 199.
//!
//! The words for one (en, ein, ett) are also articles, so they count only within a longer word. What a number means is for the sentence it
//! stands in to say.

use std::collections::BTreeMap;
use std::sync::LazyLock;

const UNITS: [(&str, i64); 11] =
    [("to", 2), ("tre", 3), ("fire", 4), ("fem", 5), ("seks", 6), ("sju", 7), ("syv", 7), ("åtte", 8), ("ni", 9), ("ti", 10), ("elleve", 11)];
const TEENS: [(&str, i64); 10] = [
    ("tolv", 12),
    ("tretten", 13),
    ("fjorten", 14),
    ("femten", 15),
    ("seksten", 16),
    ("sytten", 17),
    ("atten", 18),
    ("nitten", 19),
    ("hundre", 100),
    ("førr", 40),
];
const TENS: [(&str, i64); 10] =
    [("tjue", 20), ("tyve", 20), ("tretti", 30), ("tredve", 30), ("førti", 40), ("femti", 50), ("seksti", 60), ("sytti", 70), ("åtti", 80), ("nitti", 90)];
const ONES: [(&str, i64); 3] = [("en", 1), ("ein", 1), ("ett", 1)];

static WORDS: LazyLock<BTreeMap<String, i64>> = LazyLock::new(|| {
    let mut words: BTreeMap<String, i64> = UNITS.iter().chain(&TEENS).chain(&TENS).map(|(word, value)| ((*word).to_owned(), *value)).collect();
    for (ten, tens) in TENS {
        for (unit, units) in UNITS.iter().filter(|(_, value)| *value < 10).chain(&ONES) {
            words.insert(format!("{ten}{unit}"), tens + units);
            words.insert(format!("{unit}og{ten}"), tens + units);
        }
    }
    let below_hundred: Vec<(String, i64)> = words.iter().filter(|(_, value)| **value < 100).map(|(word, value)| (word.clone(), *value)).collect();
    words.extend(below_hundred.into_iter().map(|(word, value)| (format!("hundreog{word}"), 100 + value)));
    words
});

/// Every number word, as alternatives of a pattern. It also matches words that are no number (`toogtjueto`), which [`value`] then refuses.
pub fn alternation() -> String {
    let list = |words: &[(&str, i64)]| words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join("|");
    let (tens, ones) = (list(&TENS), format!("{}|{}", list(&UNITS), list(&ONES)));
    let small = format!("{}|{}", list(&TEENS), list(&UNITS));
    format!("(?:hundre ?og ?)?(?:(?:(?:{ones}) ?og ?)?(?:{tens})(?:{ones})?|{small})")
}

/// The value of a number as it is written; none when it is too large to be a number of people.
pub fn value(text: &str) -> Option<i64> {
    let plain: String = text.to_lowercase().chars().filter(|c| !c.is_whitespace() && *c != '.').collect();
    if !plain.is_empty() && plain.bytes().all(|b| b.is_ascii_digit()) {
        return plain.parse().ok().filter(|_| plain.len() <= 9);
    }
    WORDS.get(&plain).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_word_is_seen_in_text() {
        let pattern = super::super::wording::compile(r"^{N}$");
        for word in WORDS.keys() {
            assert!(pattern.is_match(word), "{word}");
        }
        assert!(!pattern.is_match("en") && !pattern.is_match("tjuetjue"));
    }

    #[test]
    fn digits_and_words_have_their_values() {
        for (text, expected) in [
            ("31", 31),
            ("1 200", 1200),
            ("5.350", 5350),
            ("Tjue", 20),
            ("tjuefem", 25),
            ("femogtjue", 25),
            ("sytten", 17),
            ("hundre", 100),
            ("hundre og ti", 110),
            ("trettiein", 31),
        ] {
            assert_eq!(value(text), Some(expected), "{text}");
        }
        for text in ["", "en", "ein", "null", "flere", "halvparten", "12345678901234567890"] {
            assert_eq!(value(text), None, "{text}");
        }
    }
}
