//! What goes with the number: minors within it, family members beside it, reservations, and offers of more.
//!
//! Only sentences of the decision are read here; what the case papers weigh is no term of a decision.

use std::ops::Range;
use std::sync::LazyLock;

use super::decision::Count;
use super::mentions::{Age, Mention, What};
use super::references::Found;
use super::statements::{Force, Statement};
use super::wording::{Pattern, compile};

/// What a decision says of unaccompanied minors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Minors {
    /// All of them.
    pub total: Option<Count>,
    /// Between 15 and 18.
    pub older: Option<Count>,
    /// Below 15.
    pub younger: Option<Count>,
    /// They come on top of the number.
    pub beside: bool,
    /// Minors are named, but how many is not plain.
    pub unclear: Option<Range<usize>>,
}

impl Minors {
    /// None are settled.
    pub fn none(span: Range<usize>) -> Self {
        let zero = Some(Count { value: 0, span });
        Self { total: zero.clone(), older: zero.clone(), younger: zero, beside: false, unclear: None }
    }

    /// Whether some were counted.
    fn any(&self) -> bool {
        [&self.total, &self.older, &self.younger].into_iter().flatten().any(|count| count.value > 0)
    }
}

static EM: Pattern = LazyLock::new(|| compile(r"{EM}"));
static NO_MINORS: Pattern =
    LazyLock::new(|| compile(r"\b(?:ikke|ikkje|ingen|inga|uten|utan|null|nei til)\b[^.;]{0,60}?{EM}|{EM}[^.;(]{0,30}\b(?:ikke|ikkje|ingen)\b"));
/// "Av desse kan ein vere einsleg mindreårig": one, or an article.
static PERHAPS_ONE: Pattern = LazyLock::new(|| compile(r"\b(?:én|éin|ein|en|ett|eitt) (?:[\w-]+ ){0,4}?(?:enslig|einsleg) mindre?årig\b"));
static LEFT_OPEN: Pattern =
    LazyLock::new(|| compile(r"\b(?:stilling til|vurdert|avklart|avklara|nevnt|nemnt|drøftet|drøfta|fordelt|tatt opp|teke opp|spesifisert)\b"));
static NOT_YOUNGER: Pattern =
    LazyLock::new(|| compile(r"\b(?:ikke|ikkje|ingen|inga)\b[^.;]{0,70}?\bunder (?:15|femten)\b|\bunder (?:15|femten)\b[^.;]{0,50}?\b(?:ikke|ikkje|ingen)\b"));
static NOT_OLDER: Pattern =
    LazyLock::new(|| compile(r"\b(?:ikke|ikkje|ingen|inga)\b[^.;]{0,70}?\bover (?:15|femten)\b|\bover (?:15|femten)\b[^.;]{0,50}?\b(?:ikke|ikkje|ingen)\b"));
/// All that were counted are of one age: "3 over 15 år, ingen under", "12 enslige mindreårige, alle mellom 15 og 18".
static NONE_YOUNGER: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:ingen|inga|ikke noen|ikkje nokon)(?: av (?:dem|dei|desse|disse))?(?: er| skal vere| skal være)?,? under\b|\balle (?:er )?(?:i alder(?:en)? )?(?:over (?:15|femten)|mellom (?:15|femten)|15 ?[–-] ?1[78])",
    )
});
static BOTH_AGES: Pattern =
    LazyLock::new(|| compile(r"\bunder (?:15|femten)\b[^.;]{0,30}?\b(?:over|15)|\b(?:over (?:15|femten)|15[^.;]{0,4}18)\b[^.;]{0,30}?under"));
static FAMILY: Pattern = LazyLock::new(|| compile(r"{FAMILY}"));
static OUTSIDE: Pattern =
    LazyLock::new(|| compile(r"\b(?:i tillegg|kommer utenom|kjem utanom|utenfor|utanfor|utenom|utanom|utover|ut over|oppå|på toppen|attåt)\b"));
static INSIDE: Pattern = LazyLock::new(|| compile(r"\b(?:inkludert|inklusive|medregnet|medrekna|inngår|inkluderer|omfatter|omfattar|iberekna|iberegnet)\b"));
static NOT: Pattern = LazyLock::new(|| compile(r"\b(?:ikke|ikkje|ingen|uten|utan)\b"));

static CONDITION: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:forutset\w*|føreset\w*|forutsatt|føresett|forbehold\w*|atterhald\w*|vilkår\w*|betingelse\w*|dersom|såfremt|så langt|under forutsetning|på vilkår|krav om|krever|krev)\b",
    )
});
static FUNDING: Pattern = LazyLock::new(|| compile(r"\b(?:stat(?:en|ens|leg|lig)\w*|kostnad\w*|finansier\w*|tilskudd\w*|tilskot\w*|kompens\w*)\b"));
static HOUSING: Pattern = LazyLock::new(|| compile(r"\b(?:bolig\w*|bustad\w*|kapasitet\w*|husvære\w*)"));
static WHO: Pattern = LazyLock::new(|| {
    compile(r"\b(?:barnefamili\w*|nasjonalitet\w*|språk\w*|kvoteflyktning\w*|overføringsflyktning\w*|ukrain\w*|familiar med barn|familier med barn)")
});
static HEALTH: Pattern = LazyLock::new(|| compile(r"\b(?:tjenestebehov|tenestebehov|helse\w*|omsorgsbehov|sammensatte behov|samansette behov)\b"));
static FAMILY_CAP: Pattern = LazyLock::new(|| compile(r"\b(?:trekkes (?:\w+ )?fra|trekkjast (?:\w+ )?frå|vert trekt|fratrekk|kommer til fratrekk)\b"));
static WISH: Pattern =
    LazyLock::new(|| compile(r"\b(?:ønskelig|ønskeleg|fortrinnsvis|helst|primært|gi signal|gje signal|stor\w* og sammensatt\w*|store og samansette)\b"));

static OPEN_TO_MORE: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:positiv\w* til|stiller seg positiv\w* til|stiller seg åpen for|open for) (?:\w+ ){0,3}(?:flere|fleire|ny anmodning|ny oppmoding|nye anmodninger)\b",
    )
});
static REASON: Pattern = LazyLock::new(|| compile(r"\b(?:begrunn\w*|grunngj\w*|grunngi\w*|årsaken|årsaka|fordi|på grunn av|grunnen)\b"));

/// What the sentences of a decision say of minors.
pub fn minors(text: &str, statements: &[&Statement]) -> Minors {
    let mut minors = Minors::default();
    for statement in statements {
        let written = statement.written(text);
        let mut told = false;
        for mention in &statement.mentions {
            let What::Minors(age) = mention.what else { continue };
            told = true;
            // "Dersom behovet øker, kan kommunen bosette 5 flere, av disse 3 enslige mindreårige": of the offer, not of the decision.
            let offered = |before: &Mention| before.what == What::More && before.span.start < mention.span.start;
            if statement.mentions.iter().any(offered) {
                continue;
            }
            if mention.quoted && statement.force != Force::Accepts {
                continue;
            }
            let count = Count { value: mention.value, span: mention.span.clone() };
            minors.beside |= mention.beside;
            let place = match age {
                Age::Any => &mut minors.total,
                Age::Older => &mut minors.older,
                Age::Younger => &mut minors.younger,
            };
            match place {
                Some(known) if known.value != count.value => minors.unclear = Some(count.span),
                _ => *place = Some(count),
            }
        }
        if told
            && minors.younger.is_none()
            && (minors.older.is_some() || minors.total.is_some())
            && let Some(none) = NONE_YOUNGER.find(written)
        {
            minors.younger = Some(Count { value: 0, span: statement.sentence.start + none.start()..statement.sentence.start + none.end() });
        }
        let one = |mention: &Mention| mention.value == 1 && matches!(mention.what, What::Minors(_));
        if told && PERHAPS_ONE.is_match(written) && !statement.mentions.iter().any(one) {
            minors.unclear = Some(statement.sentence.clone());
        }
        let Some(named) = EM.find(written).filter(|_| !told) else { continue };
        let span = statement.sentence.start + named.start()..statement.sentence.start + named.end();
        if PERHAPS_ONE.is_match(written) {
            minors.unclear = Some(span);
        } else if NOT_YOUNGER.is_match(written) && !BOTH_AGES.is_match(written) {
            minors.younger = none_of_an_age(minors.younger.take(), &mut minors.unclear, span);
        } else if NOT_OLDER.is_match(written) && !BOTH_AGES.is_match(written) {
            minors.older = none_of_an_age(minors.older.take(), &mut minors.unclear, span);
        } else if minors.any() && NO_MINORS.is_match(written) {
            // None at all, after some were counted: one of the two is said of something else.
            minors.unclear = Some(span);
        } else if let Some(none) = NO_MINORS.find(written).filter(|_| !LEFT_OPEN.is_match(written)) {
            minors = Minors::none(statement.sentence.start + none.start()..statement.sentence.start + none.end());
        } else if minors.total.is_none() && minors.older.is_none() {
            minors.unclear = Some(span);
        }
    }
    complete(&mut minors);
    minors
}

/// None of one age, unless some were counted.
fn none_of_an_age(known: Option<Count>, unclear: &mut Option<Range<usize>>, span: Range<usize>) -> Option<Count> {
    if known.as_ref().is_some_and(|known| known.value > 0) {
        *unclear = Some(span);
        return known;
    }
    Some(Count { value: 0, span })
}

/// What strictly follows: two of the three give the third, and the only group that is named is all of them. A sum that does not come out is unclear.
fn complete(minors: &mut Minors) {
    match (&minors.total, &minors.older, &minors.younger) {
        (None, Some(older), Some(younger)) => minors.total = Some(Count { value: older.value + younger.value, span: cover(&older.span, &younger.span) }),
        // Who names one group alone names all of them.
        (None, Some(only), None) => {
            minors.younger = Some(Count { value: 0, span: only.span.clone() });
            minors.total = Some(only.clone());
        }
        (None, None, Some(only)) if only.value > 0 => {
            minors.older = Some(Count { value: 0, span: only.span.clone() });
            minors.total = Some(only.clone());
        }
        (Some(total), None, Some(part)) if part.value <= total.value => {
            minors.older = Some(Count { value: total.value - part.value, span: part.span.clone() });
        }
        (Some(total), Some(part), None) if part.value <= total.value => {
            minors.younger = Some(Count { value: total.value - part.value, span: part.span.clone() });
        }
        // Parts that exceed their whole, or do not add up to it.
        (Some(total), older, younger) if older.is_some() || younger.is_some() => {
            let sum = older.iter().chain(younger).map(|part| part.value).sum::<i64>();
            if sum != total.value {
                minors.unclear.get_or_insert(total.span.clone());
            }
        }
        _ => {}
    }
}

/// The smallest range that holds both.
pub fn cover(one: &Range<usize>, other: &Range<usize>) -> Range<usize> {
    one.start.min(other.start)..one.end.max(other.end)
}

/// Where family members who join later are counted: `utenfor`, `inkludert`; none when the words do not say, with where they are named.
pub fn family(text: &str, sentences: &[Range<usize>]) -> Option<Found<Option<&'static str>>> {
    sentences.iter().find_map(|sentence| {
        let written = &text[sentence.clone()];
        let named = FAMILY.find(written)?;
        let value = match (OUTSIDE.is_match(written), INSIDE.is_match(written), NOT.is_match(written)) {
            (true, false, false) => Some("utenfor"),
            (false, true, false) => Some("inkludert"),
            _ => None,
        };
        Some(Found { value, span: sentence.start + named.start()..sentence.start + named.end() })
    })
}

/// Whether family members who join later are named at all.
pub fn names_family(text: &str) -> bool {
    FAMILY.is_match(text)
}

/// The reservations, each with the sentence it stands in.
pub fn reservations(text: &str, sentences: &[Range<usize>]) -> Vec<Found<&'static str>> {
    let mut found = Vec::new();
    for sentence in sentences {
        let written = &text[sentence.clone()];
        if FAMILY_CAP.is_match(written) && FAMILY.is_match(written) {
            found.push(Found { value: "familiegjenforening_tak", span: sentence.clone() });
        }
        let (condition, wish) = (CONDITION.is_match(written), WISH.is_match(written));
        if !(condition || wish) || without_reservations(written) {
            continue;
        }
        let kinds =
            [("finansiering", &FUNDING, condition), ("bolig_kapasitet", &HOUSING, condition), ("hvem", &WHO, true), ("helse_tjenestebehov", &HEALTH, true)];
        let named: Vec<_> = kinds.into_iter().filter(|(_, pattern, counts)| *counts && pattern.is_match(written)).map(|(code, ..)| code).collect();
        let codes = if named.is_empty() && condition { vec!["annet"] } else { named };
        found.extend(codes.into_iter().map(|value| Found { value, span: sentence.clone() }));
    }
    found
}

/// "uten reservasjoner", "inkluderer ikke andre forbehold".
fn without_reservations(written: &str) -> bool {
    static NONE: Pattern = LazyLock::new(|| compile(r"\b(?:uten|utan|ingen|ikke|ikkje)\b[^.;]{0,60}\b(?:forbehold|reservasjon\w*|atterhald|vilkår)\b"));
    NONE.is_match(written)
}

/// Whether the kommune says that it is open to more.
pub fn open_to_more(text: &str, sentences: &[Range<usize>]) -> Option<Range<usize>> {
    sentences.iter().find_map(|sentence| OPEN_TO_MORE.find(&text[sentence.clone()]).map(|open| sentence.start + open.start()..sentence.start + open.end()))
}

/// The first sentence that gives a reason.
pub fn reason(text: &str, sentences: &[Range<usize>]) -> Option<Range<usize>> {
    sentences.iter().find(|sentence| REASON.is_match(&text[(*sentence).clone()])).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<i64>, Option<i64>, Option<i64>, bool) {
        let transcript = crate::transcript::tests::transcript(text);
        let statements = super::super::statements::read(&transcript.text, &super::super::blocks::cut(&transcript));
        let minors = minors(&transcript.text, &statements.iter().collect::<Vec<_>>());
        let value = |count: &Option<Count>| count.as_ref().map(|count| count.value);
        (value(&minors.total), value(&minors.older), value(&minors.younger), minors.unclear.is_some())
    }

    #[test]
    fn minors_within_the_number() {
        for (text, expected) in [
            ("Bosetter 31 flyktninger i 2026, hvorav 4 enslige mindreårige.", (Some(4), None, None, false)),
            ("5 av disse er enslige mindreårige.", (Some(5), None, None, false)),
            ("Av desse kan 2 vere einslege mindreårige.", (Some(2), None, None, false)),
            (
                "Av disse er 4 plasser forbeholdt enslige mindreårige, hvorav Bufetat kan disponere 2 plasser til barn under 15 år.",
                (Some(4), Some(2), Some(2), false),
            ),
            ("Hvorav 3 enslige mindreårige under 15 år og 4 enslige mindreårige over 15 år.", (Some(7), Some(4), Some(3), false)),
            ("Hvorav 3 enslige mindreårige under 15 år.", (Some(3), Some(0), Some(3), false)),
            ("Kommunen bosetter ikke enslige mindreårige.", (Some(0), Some(0), Some(0), false)),
            ("Det skal ikkje busetjast einslege mindreårige.", (Some(0), Some(0), Some(0), false)),
            ("Hvorav fire enslige mindreårige der to er under 15 år.", (Some(4), Some(2), Some(2), false)),
            ("Hvorav 5 enslige mindreårige, 2 under 15 år og 3 mellom 15 og 18 år.", (Some(5), Some(3), Some(2), false)),
            ("Bosetter 31 flyktninger.", (None, None, None, false)),
            ("I tillegg kommer 4 enslige mindreårige.", (Some(4), None, None, false)),
            ("Kommunen bosetter ikke enslige mindreårige under 15 år.", (None, None, Some(0), false)),
            ("Enslige mindreårige har kommunen ikke tatt stilling til.", (None, None, None, true)),
            ("Enslige mindreårige vurderes.", (None, None, None, true)),
            ("Av disse er 2 enslige mindreårige, 3 av disse under 15 år.", (Some(2), None, Some(3), true)),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn family_members() {
        for (text, expected) in [
            ("Familiegjenforening kommer i tillegg.", Some(Some("utenfor"))),
            ("Familiesameining kjem i tillegg.", Some(Some("utenfor"))),
            ("31 flyktninger inkludert familiegjenforente.", Some(Some("inkludert"))),
            ("Vedtaket inkluderer ikke familiegjenforening eller andre reservasjoner.", Some(None)),
            ("Ingenting.", None),
        ] {
            assert_eq!(family(text, std::slice::from_ref(&(0..text.len()))).map(|found| found.value), expected, "{text}");
        }
    }

    #[test]
    fn reservations_have_their_codes() {
        for (text, expected) in [
            ("Det forutsettes at staten dekker alle kostnader.", vec!["finansiering"]),
            ("Under forutsetning av egnede boliger.", vec!["bolig_kapasitet"]),
            ("Kommunen ønsker fortrinnsvis barnefamilier.", vec!["hvem"]),
            ("Det er en forutsetning at personene ikke har store helsebehov.", vec!["helse_tjenestebehov"]),
            ("Vedtaket er uten forbehold.", vec![]),
            ("Inntil 10 familiegjenforente i tillegg; utover dette trekkes de fra.", vec!["familiegjenforening_tak"]),
            ("Kommunen bygger boliger.", vec![]),
        ] {
            let codes: Vec<_> = reservations(text, std::slice::from_ref(&(0..text.len()))).into_iter().map(|found| found.value).collect();
            assert_eq!(codes, expected, "{text}");
        }
    }
}
