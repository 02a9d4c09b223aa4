//! The kommuner of 2024 and the names people call them by.
//!
//! A kommune is found by its number or by its name in Norwegian, Sámi or Kven, in any case, with or without `kommune`. A name that two
//! kommuner share, and a name that a kommune had before it was merged, is never taken for one kommune without a person.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::letters::{fold, is_hyphen};

/// One kommune.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kommune {
    /// Kommunenummer, four digits.
    pub number: &'static str,
    /// The name in Norwegian.
    pub name: &'static str,
    /// The names in Sámi and Kven; mostly none.
    pub sami_names: Vec<&'static str>,
    /// The county's name.
    pub county: &'static str,
    /// The organisation number; none where the list has none (Haram).
    pub orgnr: Option<&'static str>,
    /// Kommunenummer until the end of 2023, often the same.
    pub number_2023: &'static str,
}

/// What a written name or number stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// One kommune of today.
    One(&'static Kommune),
    /// Several kommuner of this name: Herøy, Våler.
    Several(Vec<&'static Kommune>),
    /// A name or number that is no longer in use, with the kommune that took over; none when it was divided.
    Former(Option<&'static Kommune>),
    /// Nothing known.
    Unknown,
}

static ALL: LazyLock<Vec<Kommune>> = LazyLock::new(|| {
    super::rows(include_str!("data/kommuner.csv"))
        .map(|row| Kommune {
            number: row[0],
            name: row[1],
            sami_names: row[2].split('|').filter(|name| !name.is_empty()).collect(),
            county: row[4],
            orgnr: Some(row[6]).filter(|orgnr| !orgnr.is_empty()),
            number_2023: row[5],
        })
        .collect()
});

/// Folded name to the kommuner that have it. A shared name is also here with its county: `herøy nordland`.
static BY_NAME: LazyLock<HashMap<String, Vec<&'static Kommune>>> = LazyLock::new(|| {
    let mut names: HashMap<String, Vec<&'static Kommune>> = HashMap::new();
    let mut add = |name: &str, kommune: &'static Kommune| {
        let known = names.entry(fold(name)).or_default();
        if !known.contains(&kommune) {
            known.push(kommune);
        }
    };
    for kommune in ALL.iter() {
        add(kommune.name, kommune);
        kommune.sami_names.iter().for_each(|name| add(name, kommune));
        add(&format!("{} {}", kommune.name, kommune.county), kommune);
        add(&format!("{} i {}", kommune.name, kommune.county), kommune);
    }
    for row in super::rows(include_str!("data/kommune_aliases.csv")) {
        if let Some(kommune) = by_number(row[1]) {
            add(row[0], kommune);
        }
    }
    names
});

static FORMER: LazyLock<HashMap<String, Option<&'static Kommune>>> =
    LazyLock::new(|| super::rows(include_str!("data/former_kommuner.csv")).map(|row| (fold(row[0]), by_number(row[1]))).collect());

/// Every name that stands for a kommune, in small letters.
pub(super) fn names() -> impl Iterator<Item = String> {
    BY_NAME.keys().cloned()
}

/// Every kommune, by number.
#[must_use]
pub fn all() -> &'static [Kommune] {
    &ALL
}

/// The kommune with this number today.
#[must_use]
pub fn by_number(number: &str) -> Option<&'static Kommune> {
    ALL.iter().find(|kommune| kommune.number == number)
}

/// The kommune with this organisation number; spaces do not count.
#[must_use]
pub fn by_orgnr(orgnr: &str) -> Option<&'static Kommune> {
    let orgnr = super::orgnr::parse(orgnr)?;
    ALL.iter().find(|kommune| kommune.orgnr == Some(orgnr.as_str()))
}

/// The one kommune of this name; none when it is unknown, shared or former. [`find`] tells which.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Kommune> {
    match find(name) {
        Match::One(kommune) => Some(kommune),
        Match::Several(_) | Match::Former(_) | Match::Unknown => None,
    }
}

/// What a name or a number of four digits stands for. Names may be doubled as on signs: `Deatnu - Tana`.
#[must_use]
pub fn find(text: &str) -> Match {
    let text = text.trim();
    if text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()) {
        return find_number(text);
    }
    match find_name(text) {
        Match::Unknown => find_doubled(text),
        found => found,
    }
}

fn find_number(number: &str) -> Match {
    match (by_number(number), ALL.iter().find(|kommune| kommune.number_2023 == number)) {
        (Some(kommune), _) => Match::One(kommune),
        (None, Some(successor)) => Match::Former(Some(successor)),
        (None, None) => Match::Unknown,
    }
}

fn find_name(text: &str) -> Match {
    let folded = fold(text);
    let bare = ["kommune", "suohkan", "gielda", "tjielte", "komuuni", "kunta"].iter().find_map(|word| folded.strip_suffix(word)).map_or("", str::trim_end);
    for name in [folded.as_str(), bare] {
        match BY_NAME.get(name).map(Vec::as_slice) {
            Some([kommune]) => return Match::One(kommune),
            Some(several) => return Match::Several(several.to_vec()),
            None => {}
        }
        if let Some(successor) = FORMER.get(name) {
            return Match::Former(*successor);
        }
    }
    Match::Unknown
}

/// Two or three names of one kommune beside each other. All of them must be known and mean the same.
fn find_doubled(text: &str) -> Match {
    let parts: Vec<&str> = text.split(|c: char| c == '/' || c == '|' || is_hyphen(c)).map(str::trim).collect();
    if parts.len() < 2 {
        return Match::Unknown;
    }
    let mut found = parts.iter().map(|part| by_name_once(part));
    match found.next().flatten() {
        Some(first) if found.all(|other| other == Some(first)) => Match::One(first),
        _ => Match::Unknown,
    }
}

fn by_name_once(name: &str) -> Option<&'static Kommune> {
    match find_name(name) {
        Match::One(kommune) => Some(kommune),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Option<&'static str> {
        by_name(text).map(|kommune| kommune.number)
    }

    #[test]
    fn the_list_is_whole_and_sound() {
        assert_eq!(all().len(), 357);
        for kommune in all() {
            assert_eq!(kommune.number.len(), 4, "{}", kommune.name);
            assert!(kommune.orgnr.is_none_or(|orgnr| super::super::orgnr::parse(orgnr).is_some()), "{}", kommune.name);
            assert!(matches!(find(kommune.name), Match::One(found) if found == kommune) || matches!(find(kommune.name), Match::Several(_)), "{}", kommune.name);
        }
        assert_eq!(all().iter().filter(|kommune| kommune.orgnr.is_none()).count(), 1);
    }

    #[test]
    fn no_former_name_or_number_is_a_name_or_number_of_today() {
        for (name, successor) in FORMER.iter() {
            assert!(!BY_NAME.contains_key(name), "{name}");
            assert!(successor.is_some() || ["tysfjord", "snillfjord"].contains(&name.as_str()), "{name}");
        }
        for row in super::super::rows(include_str!("data/kommune_aliases.csv")) {
            assert!(by_number(row[1]).is_some(), "{}", row[0]);
        }
    }

    #[test]
    fn names_are_found_in_every_dress() {
        for text in ["Narvik", "NARVIK", " narvik kommune", "Narvik Kommune", "1806"] {
            assert_eq!(number(text), Some("1806"), "{text}");
        }
        for text in ["Kárášjohka", "KARASJOK", "Kárášjohka - Karasjok", "Karasjohka/Karasjok", "Kárášjoga gielda"] {
            assert_eq!(number(text), Some("5610"), "{text}");
        }
        for text in ["Gáivuotna – Kåfjord – Kaivuono", "Kåfjord kommune", "Gáivuona suohkan"] {
            assert_eq!(number(text), Some("5540"), "{text}");
        }
        assert_eq!(number("Aurskog Høland"), Some("3226"));
        assert_eq!(number("Ba\u{030a}tsfjord"), number("Båtsfjord"));
    }

    #[test]
    fn shared_names_need_their_county() {
        assert!(matches!(find("Herøy"), Match::Several(several) if several.len() == 2));
        assert_eq!(number("Våler"), None);
        assert_eq!(number("Herøy (Nordland)"), Some("1818"));
        assert_eq!(number("Herøy i Møre og Romsdal"), Some("1515"));
    }

    #[test]
    fn former_names_and_numbers_are_told_apart() {
        assert!(matches!(find("Skedsmo"), Match::Former(Some(kommune)) if kommune.name == "Lillestrøm"));
        assert_eq!(find("Tysfjord kommune"), Match::Former(None));
        assert!(matches!(find("5402"), Match::Former(Some(kommune)) if kommune.name == "Harstad"));
        assert_eq!(number("Skedsmo"), None);
    }

    #[test]
    fn what_is_no_kommune_is_not_found() {
        for text in ["", "kommune", "Narvk", "9999", "Narvik - Oslo", "-", "Oslo og Bergen"] {
            assert_eq!(find(text), Match::Unknown, "{text}");
        }
    }
}
