//! Countries: ISO 3166-1 alpha-2 codes and the names people write, in bokmål, nynorsk and English.
//!
//! A name that two countries answer to (Kongo, Korea) is doubtful. A person without a state has no code.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::letters::fold;

/// One country.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166-1 alpha-2 (XK for Kosovo, which has no code of its own in the standard).
    pub code: &'static str,
    /// The name in bokmål.
    pub name: &'static str,
}

/// What a written country stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// One country.
    One(&'static Country),
    /// A name of several countries.
    Several,
    /// The person says to have no citizenship.
    Stateless,
    /// Nothing known.
    Unknown,
}

/// Names that more than one country answers to, folded.
const SHARED: [&str; 4] = ["kongo", "congo", "korea", "guyana fransk"];
/// Words for having no state, folded.
const STATELESS: [&str; 5] = ["statsløs", "statslaus", "stateless", "uten statsborgerskap", "utan statsborgarskap"];

static ALL: LazyLock<Vec<Country>> = LazyLock::new(|| {
    super::rows(include_str!("data/countries.csv"))
        .map(|row| Country { code: row[0], name: if row[0] == "CD" { "Den demokratiske republikken Kongo" } else { row[1] } })
        .collect()
});

static BY_NAME: LazyLock<HashMap<String, &'static Country>> = LazyLock::new(|| {
    let listed = super::rows(include_str!("data/countries.csv")).flat_map(|row| [(row[1], row[0]), (row[2], row[0]), (row[3], row[0]), (row[0], row[0])]);
    let variants = super::rows(include_str!("data/country_variants.csv")).map(|row| (row[0], row[1]));
    listed.chain(variants).filter_map(|(name, code)| Some((fold(name), by_code(code)?))).filter(|(name, _)| !SHARED.contains(&name.as_str())).collect()
});

/// Every name that stands for a country, in small letters.
pub(super) fn names() -> impl Iterator<Item = String> {
    BY_NAME.keys().filter(|name| name.len() > 2).cloned()
}

/// The country with this code, in capitals.
#[must_use]
pub fn by_code(code: &str) -> Option<&'static Country> {
    ALL.iter().find(|country| country.code == code)
}

/// What a name or code stands for. A code is taken in capitals only, so that a short word is not mistaken for one.
#[must_use]
pub fn find(text: &str) -> Match {
    let folded = fold(text);
    let trimmed = text.trim();
    if trimmed.len() == 2 && trimmed.bytes().any(|b| !b.is_ascii_uppercase()) {
        return Match::Unknown;
    }
    if SHARED.contains(&folded.as_str()) {
        return Match::Several;
    }
    if STATELESS.contains(&folded.as_str()) {
        return Match::Stateless;
    }
    BY_NAME.get(&folded).map_or(Match::Unknown, |country| Match::One(country))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Option<&'static str> {
        match find(text) {
            Match::One(country) => Some(country.code),
            _ => None,
        }
    }

    #[test]
    fn names_in_three_languages_and_any_case_are_found() {
        for (text, expected) in [
            ("Afghanistan", "AF"),
            ("SYRIA", "SY"),
            ("Syrian Arab Republic", "SY"),
            ("USA", "US"),
            ("US", "US"),
            ("Noreg", "NO"),
            ("norge", "NO"),
            ("Ukraine", "UA"),
            ("UKRAINA", "UA"),
            ("Elfenbeinskysten", "CI"),
            ("Côte d'Ivoire", "CI"),
            ("DR Kongo", "CD"),
            ("Kongo-Brazzaville", "CG"),
            ("Sør Sudan", "SS"),
            ("Bosnia-Hercegovina", "BA"),
            ("Trinidad & Tobago", "TT"),
            ("Türkiye", "TR"),
        ] {
            assert_eq!(code(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_may_be_two_countries_or_none_is_not_decided() {
        assert_eq!(find("Kongo"), Match::Several);
        assert_eq!(find("Statsløs"), Match::Stateless);
        for text in ["", "no", "Utopia", "Syri", "XX"] {
            assert_eq!(find(text), Match::Unknown, "{text}");
        }
    }

    #[test]
    fn every_variant_means_a_country_of_the_list() {
        assert_eq!(ALL.len(), 250);
        for row in super::super::rows(include_str!("data/country_variants.csv")) {
            assert!(by_code(row[1]).is_some(), "{}", row[0]);
            assert_eq!(code(row[0]), Some(row[1]), "{}", row[0]);
        }
    }
}
