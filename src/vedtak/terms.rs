//! What goes with the number: minors within it, family members beside it, reservations, and offers of more.
//!
//! Only sentences of the decision are read here; what the case papers weigh is no term of a decision.

use std::ops::Range;
use std::sync::LazyLock;

use super::numbers;
use super::references::Found;
use super::statements::Count;
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
    /// Minors are named, but how many is not plain.
    pub unclear: Option<Range<usize>>,
}

static EM: Pattern = LazyLock::new(|| compile(r"{EM}"));
static WITHIN: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:hvorav|herav|derav|kvarav|av disse|av desse|av dei|inkludert|inklusive|medrekna|medregnet|der),? (?:\w+ ){0,2}?{UP_TO}(?P<n>{N}) (?:\w+ ){0,3}?{EM}(?P<after> under 15| over 15| mellom| 15)?",
    )
});
static OF_THESE: Pattern =
    LazyLock::new(|| compile(r"(?P<n>{N}) av (?:disse|desse|dei|plassene|plassane) (?:\w+ ){0,3}?{EM}(?P<after> under 15| over 15| mellom| 15)?"));
static YOUNGER: Pattern = LazyLock::new(|| compile(r"\bunder (?:15|femten)\b"));
static OLDER: Pattern = LazyLock::new(|| compile(r"\b(?:over 15|mellom 15 og 18|15 ?[-–] ?18|15 til 18)\b"));
static NUMBER: Pattern = LazyLock::new(|| compile(r"{N}"));
static AGE_BEFORE: Pattern = LazyLock::new(|| compile(r"\b(?:under|over|mellom|og|til|15 ?[-–]) ?$"));
static NO_MINORS: Pattern = LazyLock::new(|| compile(r"\b(?:ikke|ikkje|ingen|inga)\b[^.;]{0,60}?{EM}|{EM}[^.;]{0,30}\b(?:ikke|ikkje)\b"));
static BESIDE: Pattern = LazyLock::new(|| compile(r"\bi tillegg\b|\butenom\b|\butover\b"));

static FAMILY: Pattern = LazyLock::new(|| compile(r"\b(?:familiegjenfor\w*|familiesam\w*|familieat\w*|familieforein\w*|familieinnvandr\w*)"));
static OUTSIDE: Pattern = LazyLock::new(|| compile(r"\b(?:i tillegg|kommer utenom|kjem utanom|utenfor|utanfor|utenom|utanom|utover|ut over)\b"));
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

static MORE: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:inntil|opp mot|opptil|ytterligere|ytterlegare) (?P<n>{N})(?: {REFUGEES})?(?: (?:flere|fleire|til))? (?:ved behov|dersom|hvis|viss|om det blir behov)",
    )
});
static OPEN_TO_MORE: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:positiv\w* til|stiller seg positiv\w* til|stiller seg åpen for|open for) (?:\w+ ){0,3}(?:flere|fleire|ny anmodning|ny oppmoding|nye anmodninger)\b",
    )
});
static REASON: Pattern = LazyLock::new(|| compile(r"\b(?:begrunn\w*|grunngj\w*|grunngi\w*|årsaken|årsaka|fordi|på grunn av|grunnen)\b"));

/// What the sentences of a decision say of minors.
pub fn minors(text: &str, sentences: &[Range<usize>]) -> Minors {
    let mut minors = Minors::default();
    for sentence in sentences {
        let written = &text[sentence.clone()];
        let Some(named) = EM.find(written) else {
            // "... 2 av disse under 15 år" in a sentence that goes on about minors already named.
            if minors.total.is_some() {
                ages(sentence, written, &mut minors);
            }
            continue;
        };
        let span = sentence.start + named.start()..sentence.start + named.end();
        if let Some(none) = NO_MINORS.find(written) {
            let zero = Count { value: 0, span: sentence.start + none.start()..sentence.start + none.end() };
            (minors.total, minors.older, minors.younger) = (Some(zero.clone()), Some(zero.clone()), Some(zero));
            continue;
        }
        let before = (minors.total.clone(), minors.older.clone(), minors.younger.clone());
        if !BESIDE.is_match(written) || WITHIN.is_match(written) {
            within(sentence, written, &mut minors);
            ages(sentence, written, &mut minors);
        }
        if before == (minors.total.clone(), minors.older.clone(), minors.younger.clone()) {
            minors.unclear = Some(span);
        }
    }
    complete(&mut minors);
    minors
}

fn within(sentence: &Range<usize>, written: &str, minors: &mut Minors) {
    for captures in WITHIN.captures_iter(written).chain(OF_THESE.captures_iter(written)) {
        // "hvorav 2 enslige mindreårige under 15" names a group, which the ages pick up.
        if captures.name("after").is_some() {
            continue;
        }
        if let Some(count) = count(sentence, captures.name("n")) {
            match &minors.total {
                Some(known) if known.value != count.value => minors.unclear = Some(count.span),
                _ => minors.total = Some(count),
            }
        }
    }
}

fn ages(sentence: &Range<usize>, written: &str, minors: &mut Minors) {
    let (younger, older) = (before_age(sentence, written, &YOUNGER), before_age(sentence, written, &OLDER));
    // The same digits cannot be both groups; a person should look.
    if let (Some(first), Some(second)) = (&younger, &older)
        && first.span == second.span
    {
        minors.unclear = Some(first.span.clone());
        return;
    }
    let named_total = |count: &Count| minors.total.as_ref().is_some_and(|total| total.span == count.span);
    let (younger, older) = (younger.filter(|count| !named_total(count)), older.filter(|count| !named_total(count)));
    if younger.is_some() {
        minors.younger = younger;
    }
    if older.is_some() {
        minors.older = older;
    }
}

/// The last number before an age, at most eight words away; none when the age is named twice.
fn before_age(sentence: &Range<usize>, written: &str, age: &Pattern) -> Option<Count> {
    let mut ages = age.find_iter(written);
    let (first, None) = (ages.next()?, ages.next()) else { return None };
    let before = &written[..first.start()];
    let is_age = |number: &regex::Match<'_>| matches!(number.as_str(), "15" | "18" | "femten" | "atten") && AGE_BEFORE.is_match(&before[..number.start()]);
    let number = NUMBER.find_iter(before).filter(|number| !is_age(number)).last()?;
    let near = before[number.end()..].split_whitespace().count() <= 8;
    count(sentence, Some(number)).filter(|_| near)
}

/// What strictly follows: two of the three give the third. A sum that does not come out is unclear.
fn complete(minors: &mut Minors) {
    match (&minors.total, &minors.older, &minors.younger) {
        (None, Some(older), Some(younger)) => minors.total = Some(Count { value: older.value + younger.value, span: cover(&older.span, &younger.span) }),
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

/// An offer of more: a number, or the bare offer.
pub fn more(text: &str, sentences: &[Range<usize>]) -> Option<Found<Option<i64>>> {
    sentences.iter().find_map(|sentence| {
        let written = &text[sentence.clone()];
        if let Some(offer) = MORE.captures(written).and_then(|captures| count(sentence, captures.name("n"))) {
            return Some(Found { value: Some(offer.value), span: offer.span });
        }
        let open = OPEN_TO_MORE.find(written)?;
        Some(Found { value: None, span: sentence.start + open.start()..sentence.start + open.end() })
    })
}

/// The first sentence that gives a reason.
pub fn reason(text: &str, sentences: &[Range<usize>]) -> Option<Range<usize>> {
    sentences.iter().find(|sentence| REASON.is_match(&text[(*sentence).clone()])).cloned()
}

fn count(sentence: &Range<usize>, number: Option<regex::Match<'_>>) -> Option<Count> {
    let number = number?;
    let value = numbers::value(number.as_str()).filter(|value| *value < 1000)?;
    Some(Count { value, span: sentence.start + number.start()..sentence.start + number.end() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<i64>, Option<i64>, Option<i64>, bool) {
        let minors = minors(text, std::slice::from_ref(&(0..text.len())));
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
            ("Hvorav 3 enslige mindreårige under 15 år.", (None, None, Some(3), false)),
            ("Kommunen bosetter ikke enslige mindreårige.", (Some(0), Some(0), Some(0), false)),
            ("Det skal ikkje busetjast einslege mindreårige.", (Some(0), Some(0), Some(0), false)),
            ("Hvorav fire enslige mindreårige der to er under 15 år.", (Some(4), Some(2), Some(2), false)),
            ("Hvorav 5 enslige mindreårige, 2 under 15 år og 3 mellom 15 og 18 år.", (Some(5), Some(3), Some(2), false)),
            ("Bosetter 31 flyktninger.", (None, None, None, false)),
            ("I tillegg kommer 4 enslige mindreårige.", (None, None, None, true)),
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

    #[test]
    fn offers_of_more() {
        let read = |text: &str| more(text, std::slice::from_ref(&(0..text.len()))).map(|found| found.value);
        assert_eq!(read("Kommunen kan ta imot inntil 5 flere ved behov."), Some(Some(5)));
        assert_eq!(read("Kommunen er positiv til en ny anmodning."), Some(None));
        assert_eq!(read("Kommunen vurderer dette."), None);
    }
}
