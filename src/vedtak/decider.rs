//! Who decides: the kommune and its political body.
//!
//! A kommune is taken from its name before or after a word for the kommune or its council, or from its organisation number. Names that stand in
//! a text alone (a place, an address) do not count. Which of several kommuner decides is only taken from the sentence that decides.

use std::ops::Range;
use std::sync::LazyLock;

use super::wording::{Pattern, compile};
use crate::registry::kommuner::{self, Kommune, Match};

/// A kommune that the text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// What the name stands for.
    pub what: Match,
    /// Where the name stands.
    pub span: Range<usize>,
}

/// A body that can decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// Kommunestyre or heradsstyre.
    Kommunestyre,
    /// Bystyre.
    Bystyre,
    /// Formannskap.
    Formannskap,
    /// Bydelsutvalg.
    Bydelsutvalg,
    /// The chief executive or the administration.
    Administrasjon,
    /// A committee.
    Annet,
}

impl Body {
    /// The code in the contract.
    pub fn code(self) -> &'static str {
        match self {
            Self::Kommunestyre => "kommunestyre",
            Self::Bystyre => "bystyre",
            Self::Formannskap => "formannskap",
            Self::Bydelsutvalg => "bydelsutvalg",
            Self::Administrasjon => "administrasjon",
            Self::Annet => "annet",
        }
    }

    /// Whether its decisions on settlement are the kommune's last word without more being said.
    pub fn is_council(self) -> bool {
        matches!(self, Self::Kommunestyre | Self::Bystyre | Self::Bydelsutvalg)
    }
}

/// The most words in a kommune's name with its Sámi names: `Gáivuotna – Kåfjord – Kaivuono`.
const NAME_WORDS_MAX: usize = 5;

static AFTER_NAME: Pattern =
    LazyLock::new(|| compile(r"\b(?:kommunestyre\w*|bystyre\w*|heradsstyre\w*|formannskap\w*|kommunes?|kommuna|suohkan|gielda|tjïelte|komuuni)\b"));
static BEFORE_NAME: Pattern =
    LazyLock::new(|| compile(r"\b(?:kommunestyret|bystyret|formannskapet|kommunedirektøren|rådmannen|ordføreren|ordførar(?:en)?) i "));
static ORGNR: Pattern = LazyLock::new(|| compile(r"\borg(?:anisasjons)?\.? ?(?:nr|nummer)\.? ?:? ?(?P<n>\d{3} ?\d{3} ?\d{3})\b"));
static DOMAIN: Pattern = LazyLock::new(|| compile(r"@(?:[\w-]+\.)?(?P<n>[\w-]+)\.kommune\.no\b"));
static BODY: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:(?P<kommunestyre>\w*kommunestyre\w*|heradsstyre\w*)|(?P<bystyre>bystyre\w*)|(?P<formannskap>formannskap\w*)|(?P<bydelsutvalg>bydelsutval\w*)|(?P<administrasjon>kommunedirektør\w*|rådmann\w*|administrasjon\w*|byrådet|byråd)|(?P<annet>(?:hovedutval|hovudutval|komite|\w+utval|utval(?:et|get)|utvalg|utval|eldreråd|ungdomsråd|råd for|regionråd|årsmøte)\w*))\b",
    )
});

/// Every kommune that a range of the text names as a kommune, in order. A name that is no kommune's is left out.
pub fn mentions(text: &str, range: &Range<usize>) -> Vec<Mention> {
    let written = &text[range.clone()];
    let mut found: Vec<Mention> = Vec::new();
    let before = AFTER_NAME.find_iter(written).filter_map(|word| name_before(text, range.start, range.start + word.start()));
    let after = BEFORE_NAME.find_iter(written).filter_map(|lead| name_after(text, range.start + lead.end()..range.end));
    let by_number = ORGNR.captures_iter(written).filter_map(|captures| {
        let number = captures.name("n")?;
        let kommune = kommuner::by_orgnr(number.as_str())?;
        Some(Mention { what: Match::One(kommune), span: range.start + number.start()..range.start + number.end() })
    });
    // The sender's domain: postmottak@luster.kommune.no.
    let by_domain = DOMAIN.captures_iter(written).filter_map(|captures| {
        let name = captures.name("n")?;
        let kommune = by_domain(name.as_str())?;
        Some(Mention { what: Match::One(kommune), span: range.start + name.start()..range.start + name.end() })
    });
    for mention in before.chain(after).chain(by_number).chain(by_domain) {
        if !found.iter().any(|known| known.span == mention.span) {
            found.push(mention);
        }
    }
    found.sort_by_key(|mention| mention.span.start);
    found
}

/// Whether a word is a kommune's name.
pub fn is_kommune(word: &str) -> bool {
    word.starts_with(char::is_uppercase) && matches!(kommuner::find(word), Match::One(_) | Match::Several(_))
}

/// The kommune whose name a domain spells: without the letters that domains seldom have, and with hyphens for spaces.
fn by_domain(domain: &str) -> Option<&'static Kommune> {
    let plain = |name: &str, letters: [&str; 3]| -> String {
        name.to_lowercase().replace('æ', letters[0]).replace('ø', letters[1]).replace('å', letters[2]).replace(' ', "-")
    };
    let domain = domain.to_lowercase();
    let mut fitting = kommuner::all().iter().filter(|kommune| {
        let names = kommune.name.split([' ', '–', '-']).next().map(|_| kommune.name.split(" – ")).into_iter().flatten();
        names
            .into_iter()
            .any(|name| [["a", "o", "a"], ["ae", "o", "a"], ["ae", "oe", "aa"], ["æ", "ø", "å"]].iter().any(|letters| plain(name, *letters) == domain))
    });
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    }
}

/// The kommuner whose names stand in a range as words of their own, with a capital.
pub fn named(text: &str, range: &Range<usize>) -> Vec<&'static Kommune> {
    static WORD: Pattern = LazyLock::new(|| super::wording::exactly(r"\b[A-ZÆØÅÁČ][\wæøåáčšž-]+(?: (?:[A-ZÆØÅ][\wæøå-]+|og [A-ZÆØÅ][\wæøå-]+))?"));
    let mut found: Vec<&'static Kommune> = Vec::new();
    for word in WORD.find_iter(&text[range.clone()]) {
        let one = |name: &str| match kommuner::find(name) {
            Match::One(kommune) => Some(kommune),
            _ => None,
        };
        let first = word.as_str().split(' ').next().unwrap_or_default();
        // "Nabokommunen Sauda"; but not "Kari Lund", who is no kommune.
        let last = word.as_str().rsplit(' ').next().filter(|_| first.ends_with("kommunen") || first.ends_with("kommuna"));
        if let Some(kommune) = one(word.as_str()).or_else(|| one(first)).or_else(|| last.and_then(one)).filter(|kommune| !found.contains(kommune)) {
            found.push(kommune);
        }
    }
    found
}

/// The one kommune that all mentions mean; a shared name (Herøy) is settled by any other mention of one of its kommuner.
pub fn only(mentions: &[Mention]) -> Option<&'static Kommune> {
    let named: Vec<&'static Kommune> =
        mentions.iter().filter_map(|mention| if let Match::One(kommune) = mention.what { Some(kommune) } else { None }).collect();
    let first = *named.first()?;
    let agrees = |mention: &Mention| match &mention.what {
        Match::One(kommune) => *kommune == first,
        Match::Several(several) => several.contains(&first),
        Match::Former(_) => false,
        Match::Unknown => true,
    };
    mentions.iter().all(agrees).then_some(first)
}

/// The bodies that a range names, in order, without doubles.
pub fn bodies(text: &str, range: &Range<usize>) -> Vec<(Body, Range<usize>)> {
    let mut found: Vec<(Body, Range<usize>)> = Vec::new();
    for captures in BODY.captures_iter(&text[range.clone()]) {
        let kinds = [
            ("kommunestyre", Body::Kommunestyre),
            ("bystyre", Body::Bystyre),
            ("formannskap", Body::Formannskap),
            ("bydelsutvalg", Body::Bydelsutvalg),
            ("administrasjon", Body::Administrasjon),
            ("annet", Body::Annet),
        ];
        let named = kinds.into_iter().find_map(|(group, body)| captures.name(group).map(|word| (body, range.start + word.start()..range.start + word.end())));
        if let Some((body, span)) = named
            && !found.iter().any(|(known, _)| *known == body)
        {
            found.push((body, span));
        }
    }
    found
}

/// The longest known name that ends where a word for the kommune begins.
fn name_before(text: &str, floor: usize, end: usize) -> Option<Mention> {
    let before = text[floor..end].trim_end();
    let end = floor + before.len();
    let starts: Vec<usize> = word_starts(before).map(|start| floor + start).collect();
    let nearest = starts.len().saturating_sub(NAME_WORDS_MAX);
    starts[nearest..].iter().find_map(|start| known(text, *start..end))
}

/// The longest known name that begins at `range.start`.
fn name_after(text: &str, range: Range<usize>) -> Option<Mention> {
    let after = &text[range.clone()];
    let ends: Vec<usize> = after
        .char_indices()
        .filter(|(_, c)| c.is_whitespace() || matches!(c, '.' | ',' | ';' | ':' | ')'))
        .map(|(at, _)| at)
        .chain([after.len()])
        .take(NAME_WORDS_MAX)
        .collect();
    ends.into_iter().rev().find_map(|end| known(text, range.start..range.start + end))
}

fn known(text: &str, span: Range<usize>) -> Option<Mention> {
    let name = &text[span.clone()];
    // A kommune's name begins with a capital, and an ordinary word with one is no name: "Re" but not "re".
    if !name.starts_with(char::is_uppercase) {
        return None;
    }
    match kommuner::find(name) {
        Match::Unknown => None,
        what => Some(Mention { what, span }),
    }
}

fn word_starts(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.char_indices()
        .filter(|(at, c)| {
            !c.is_whitespace() && text[..*at].chars().next_back().is_none_or(|before| before.is_whitespace() || matches!(before, '(' | '«' | '/'))
        })
        .map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(text: &str) -> Option<&'static str> {
        only(&mentions(text, &(0..text.len()))).map(|kommune| kommune.name)
    }

    #[test]
    fn a_kommune_is_found_by_its_name_and_a_word_for_it() {
        for (text, name) in [
            ("Narvik kommune bosetter", "Narvik"),
            ("NARVIK KOMMUNE", "Narvik"),
            ("Vedtak i Indre Østfold kommunestyre", "Indre Østfold"),
            ("Kommunestyret i Evje og Hornnes har", "Evje og Hornnes"),
            ("Kárášjoga gielda / Karasjok kommune", "Karasjok"),
            ("Gáivuotna – Kåfjord – Kaivuono kommune", "Kåfjord"),
            ("Bodø bystyre", "Bodø"),
            ("Narvik kommunes svar", "Narvik"),
            ("Herøy kommune, org.nr. 872 417 982", "Herøy"),
        ] {
            assert_eq!(one(text), Some(name), "{text}");
        }
    }

    #[test]
    fn places_shared_names_and_two_kommuner_give_none() {
        for text in ["Postboks 672, 8508 Narvik", "Herøy kommune", "Skedsmo kommune", "Narvik kommune og Bodø kommune", "Denne kommunen", ""] {
            assert_eq!(one(text), None, "{text}");
        }
    }

    #[test]
    fn bodies_are_named_by_their_codes() {
        let text = "Formannskapet og kommunestyret; hovudutval for oppvekst";
        let codes: Vec<&str> = bodies(text, &(0..text.len())).iter().map(|(body, _)| body.code()).collect();
        assert_eq!(codes, ["formannskap", "kommunestyre", "annet"]);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(Å|æ|Bodø|Herøy| |\n|kommune|kommunestyret i|\\.|–|org\\.nr\\. 9){0,20}") {
            let _ = mentions(&text, &(0..text.len()));
            let _ = bodies(&text, &(0..text.len()));
        }
    }
}
