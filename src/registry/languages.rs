//! Languages: ISO 639-1 codes (639-2 or -3 where there is none) and the names people write, in bokmål and English.
//!
//! Some names that matter to an interpreter have no code of their own in ISO 639-1: dari is `fa` and sorani is `ku`. The value is the code; the
//! text for people keeps the name.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::letters::fold;

/// One language as it was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Language {
    /// The code.
    pub code: &'static str,
    /// The name for people, which may say more than the code.
    pub name: &'static str,
}

static BY_NAME: LazyLock<HashMap<String, Language>> = LazyLock::new(|| {
    let list = || super::rows(include_str!("data/languages.csv")).map(|row| (Language { code: row[0], name: row[1] }, row[2]));
    let mut names: HashMap<String, Language> = list().flat_map(|(language, english)| [(fold(language.name), language), (fold(english), language)]).collect();
    // Codes of two letters, except those that are also a name in the list.
    for (language, _) in list().filter(|(language, _)| language.code.len() == 2) {
        names.entry(language.code.to_owned()).or_insert(language);
    }
    names.extend(super::rows(include_str!("data/language_variants.csv")).map(|row| (fold(row[0]), Language { code: row[1], name: row[2] })));
    names
});

/// Every name that stands for a language, in small letters.
pub(super) fn names() -> impl Iterator<Item = String> {
    BY_NAME.keys().filter(|name| name.len() > 2).cloned()
}

/// The language of a name or a two-letter code.
#[must_use]
pub fn find(text: &str) -> Option<Language> {
    BY_NAME.get(&fold(text)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_codes_are_found() {
        for (text, code) in [
            ("arabisk", "ar"),
            ("ARABIC", "ar"),
            ("Dari", "fa"),
            ("Sorani", "ku"),
            ("tigrinya", "ti"),
            ("tigrinja", "ti"),
            ("Ukrainsk", "uk"),
            ("uk", "uk"),
            ("swahili", "sw"),
            ("Somali", "so"),
            ("pashto", "ps"),
            ("norsk", "no"),
            ("rohingya", "rhg"),
        ] {
            assert_eq!(find(text).map(|language| language.code), Some(code), "{text}");
        }
        assert_eq!(find("DARI").map(|language| language.name), Some("dari"));
        for text in ["", "klingonsk?", "xx"] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
