//! The numbers of a sentence, each with what it counts.
//!
//! Most numbers in a letter on settlement are no decision: votes, money, ages, dwellings, what was asked for, what was decided last year. What stands right before and right
//! after a number says what it counts; the nearest verb or noun of deciding to its left says how it stands to the decision. A number for which neither speaks is left out.

mod words;

use std::ops::Range;
use std::sync::LazyLock;

use words::{
    ADDED_AFTER, ADDED_BEFORE, ADULTS_AFTER, AGE, ALL, ALONE, AMENDED, AND, ASKED_AFTER, BEFORE_AFTER, BEFORE_LEFT, BEGINS, BESIDE, CHANGED_FROM, CHANGED_TO,
    COMPARED, CUES, DEFINITE, FAMILIES_AFTER, FAMILY_AFTER, GLUED, GOES_TO, HALF, LIMIT_LEAST, LIMIT_UP, LISTED, MEANS, MINORS_AFTER, MINORS_BEFORE,
    MORE_BESIDE, NO_PEOPLE_AFTER, NO_PEOPLE_BEFORE, NOT_WITHIN, NUMBER, OF_EXTRA, OF_EXTRA_REQUEST, OF_THE_SAME, OFFER, ONE, OVER_15, OVER_YEARS, PART, PARTY,
    PASSIVE, PEOPLE_AFTER, PERHAPS, REFUSED, SHOULD, SOME_OF_THEM, STOCK, SUM, TIED_AFTER, TIED_BEFORE, TO_EIGHTEEN, TURNED_DOWN, UNDER_15, WHOLE_OF_A_PART,
    WON, YEAR_ALONE, YEAR_NEXT,
};

use super::numbers;
use super::wording::{self, Pattern, compile};

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// People who are settled in one year.
    Settled,
    /// Grown-ups and families, beside the minors.
    Adults,
    /// Unaccompanied minors.
    Minors(Age),
    /// People that were asked for.
    Asked,
    /// A number on top of an earlier decision.
    Added,
    /// What was decided or settled before.
    Before,
    /// More, if the need grows.
    More,
    /// A sum over several years.
    Period,
    /// What somebody proposed.
    Proposed,
    /// Families, or a stock at all times: no number of people for a year.
    Other,
}

impl What {
    /// Whether such a number could be what was decided.
    pub fn could_be_decided(self) -> bool {
        matches!(self, Self::Settled | Self::Adults | Self::Added | Self::Period | Self::Other)
    }
}

/// Which minors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// All, or the text does not say.
    Any,
    /// Between 15 and 18.
    Older,
    /// Below 15.
    Younger,
}

/// How a number bounds what was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Limit {
    /// Just so many.
    #[default]
    Exact,
    /// At most.
    UpTo,
    /// At least.
    AtLeast,
}

/// A number of people.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts about its words")]
pub struct Mention {
    /// How many.
    pub value: i64,
    /// The number's words.
    pub span: Range<usize>,
    /// What it counts.
    pub what: What,
    /// The years it is for, as the sentence says.
    pub years: Vec<i64>,
    /// The bound.
    pub limit: Limit,
    /// Whether the word for people stands beside it; else it is understood from the verb.
    pub named: bool,
    /// It is a part of a number before it (`hvorav`, `av disse`).
    pub part: bool,
    /// It comes on top of another (`i tillegg`).
    pub beside: bool,
    /// It stands beside what was asked for, proposed or before.
    pub quoted: bool,
    /// It is said to be the sum (`til sammen`).
    pub sum: bool,
}

/// The most people one kommune is believed to decide for in a year. Above it a number is a population or a sum of money.
const PEOPLE_MAX: i64 = 2000;

/// The numbers of people in a sentence, in order.
pub fn of(text: &str, sentence: &Range<usize>) -> Vec<Mention> {
    static LABEL: Pattern = LazyLock::new(|| compile(r"[\wæøå)]: ?$"));
    let written = &text[sentence.clone()];
    let mut numbers: Vec<(Range<usize>, i64)> =
        NUMBER.find_iter(written).filter_map(|found| Some((found.range(), of_people(written, &found.range())?))).collect();
    // One is an article too: it counts where an age follows.
    numbers.extend(ONE.captures_iter(written).filter_map(|found| found.name("one")).map(|one| (one.range(), 1)));
    let glued = GLUED.captures_iter(written).filter_map(|found| found.name("n"));
    numbers.extend(glued.filter_map(|number| Some((number.range(), of_people(written, &number.range())?))));
    numbers.retain(|(place, _)| !WHOLE_OF_A_PART.is_match(&written[..place.start]));
    numbers.sort_by_key(|(place, _)| place.start);
    // "éin av dei fire": only the part counts here.
    let all = numbers.clone();
    numbers.retain(|(place, value)| {
        !all.iter().any(|(part, number)| part.end < place.start && number < value && OF_THE_SAME.is_match(&written[part.end..place.start]))
    });
    let mut mentions: Vec<Mention> = Vec::new();
    for (index, (place, value)) in numbers.iter().enumerate() {
        let half = HALF.is_match(&written[..place.start]);
        let value = if half { value / 2 } else { *value };
        let next = numbers.get(index + 1).map_or(written.len(), |(next, _)| next.start);
        // "Vaksne: 205", and the next line begins with another label: nothing of it belongs to this number.
        let after = &written[place.end..];
        let line_end = if LABEL.is_match(&written[..place.start]) { after.find('\n').unwrap_or(after.len()) } else { after.len() };
        let near = place.end..next.min(place.end + line_end);
        let around = Around { before: &written[..place.start], after: &after[..line_end], near: &written[near] };
        let Some(what) = (if half { Some(What::Settled) } else { what(&around, &mentions) }) else { continue };
        let limit = if LIMIT_UP.is_match(around.before) {
            Limit::UpTo
        } else if LIMIT_LEAST.is_match(around.before) {
            Limit::AtLeast
        } else {
            Limit::Exact
        };
        let years = years_of(&around);
        // "110 i 2023, av desse 10 einslege mindreårige, 90 i 2024": the list of years goes on.
        let of_next_year = !years.is_empty()
            && LISTED.is_match(around.before)
            && mentions.iter().any(|known| known.what == What::Settled && !known.years.is_empty() && known.years.iter().all(|year| !years.contains(year)));
        let named = PEOPLE_AFTER.is_match(around.near);
        let whole = half || of_next_year || named && AND.is_match(around.before);
        mentions.push(Mention {
            value,
            span: sentence.start + place.start..sentence.start + place.end,
            what,
            years,
            limit,
            named: named || matches!(what, What::Minors(_) | What::Adults),
            part: PART.is_match(around.before) && !whole,
            beside: BESIDE.is_match(around.before),
            quoted: CUES.captures_iter(around.before).last().is_some_and(|cue| cue.name("decided").is_none()),
            sum: SUM.is_match(around.before),
        });
    }
    mentions
}

/// A number and the words around it, within its sentence.
struct Around<'a> {
    before: &'a str,
    after: &'a str,
    /// Up to the next number of people.
    near: &'a str,
}

/// The value of a number that may be one of people.
fn of_people(written: &str, place: &Range<usize>) -> Option<i64> {
    let (before, after) = (&written[..place.start], &written[place.end..]);
    let digits = &written[place.clone()];
    let value = numbers::value(digits).filter(|value| (1..=PEOPLE_MAX).contains(value))?;
    let year = wording::A_YEAR.find(digits).is_some_and(|year| year.len() == digits.len()) || (digits.len() == 4 && digits.starts_with("19"));
    let age = matches!(value, 15 | 18) && (AGE.is_match(before) || TO_EIGHTEEN.is_match(after));
    let else_ = NO_PEOPLE_AFTER.is_match(after) || NO_PEOPLE_BEFORE.is_match(before) || PARTY.is_match(after);
    (!year && !age && !else_ && !is_vote(before, after)).then_some(value)
}

/// One of two numbers with a dash between them, after a word of voting: `VEDTEKE 31 – 4`.
fn is_vote(before: &str, after: &str) -> bool {
    static FIRST: Pattern = LazyLock::new(|| compile(r"^ ?[–-] ?\d+\b"));
    static SECOND: Pattern = LazyLock::new(|| compile(r"\b\d+ ?[–-] ?$"));
    static VOTE: Pattern =
        LazyLock::new(|| compile(r"\b(?:vedt\w+|fall\w*|falt|nedstemt|nedrøysta|stemmer|røyster|flertall|fleirtal|røystetal)\b[^\d]{0,12}(?:\d+ ?[–-] ?)?$"));
    (FIRST.is_match(after) || SECOND.is_match(before)) && VOTE.is_match(before)
}

fn what(around: &Around<'_>, known: &[Mention]) -> Option<What> {
    let Around { before, after, near } = *around;
    if FAMILY_AFTER.is_match(near) || COMPARED.is_match(near) {
        return None;
    }
    let minors = MINORS_AFTER.find(near).is_some_and(|found| !NOT_WITHIN.is_match(found.as_str())) || MINORS_BEFORE.is_match(before);
    let after_minors = known.last().is_some_and(|last| matches!(last.what, What::Minors(_)));
    let named = PEOPLE_AFTER.is_match(near);
    let cue = CUES.captures_iter(before).last();
    let nearest = |name: &str| cue.as_ref().is_some_and(|cue| cue.name(name).is_some());
    // "Åtte av desse er einslege mindreårige, halvparten under 15 år": the age is of some of them.
    let of_all = SOME_OF_THEM.find(near).map_or(near, |some| &near[..some.start()]);
    let (younger, older) = (UNDER_15.is_match(of_all), OVER_15.is_match(of_all));
    if minors || ((younger || older) && (after_minors || !named)) {
        return Some(What::Minors(match (younger, older) {
            (true, false) => Age::Younger,
            (false, true) => Age::Older,
            _ => Age::Any,
        }));
    }
    if FAMILIES_AFTER.is_match(near) && !ADULTS_AFTER.is_match(near) || STOCK.is_match(before) {
        return Some(What::Other);
    }
    // "sa nei til å øke fra 35 til 50"
    if CHANGED_TO.is_match(before) && REFUSED.is_match(before) {
        return Some(What::Asked);
    }
    if CHANGED_TO.is_match(before) || AMENDED.is_match(before) {
        return Some(if nearest("proposed") { What::Proposed } else { What::Settled });
    }
    if CHANGED_FROM.is_match(before) && GOES_TO.is_match(after) || BEFORE_LEFT.is_match(before) || BEFORE_AFTER.is_match(near) {
        return Some(What::Before);
    }
    // "de 176 de hadde bedt om"; "24 flyktningar, som IMDi bed om" says how many all the same.
    let asked_after = DEFINITE.is_match(before) && ASKED_AFTER.is_match(near);
    if ADDED_BEFORE.is_match(before) && asked_after {
        return Some(What::Added);
    }
    let of_extra_request = OF_EXTRA_REQUEST.captures(before).and_then(|found| found.name("between")).is_some_and(|between| !ALL.is_match(between.as_str()));
    let refused = REFUSED.is_match(before) || REFUSED.is_match(near);
    if of_extra_request && named && !refused {
        return Some(What::Added);
    }
    if nearest("asked") || asked_after {
        return Some(What::Asked);
    }
    // "… var det framlegget om 58 som vann fram": it was proposed, and more than that.
    if nearest("proposed") && !WON.is_match(near) {
        return Some(What::Proposed);
    }
    if nearest("before") {
        return Some(What::Before);
    }
    let aside = near.split('(').next().unwrap_or_default();
    if (OFFER.is_match(before) || PERHAPS.is_match(before) || OFFER.is_match(aside) || SHOULD.is_match(before))
        && (MORE_BESIDE.is_match(aside) || MORE_BESIDE.is_match(before))
    {
        return Some(What::More);
    }
    if ADDED_BEFORE.is_match(before) && TURNED_DOWN.is_match(near) {
        return Some(What::Asked);
    }
    if ADDED_BEFORE.is_match(before) || ADDED_AFTER.is_match(near) || OF_EXTRA.is_match(after) {
        return Some(What::Added);
    }
    let of_year = known.iter().any(|mention| mention.what == What::Settled) && TIED_BEFORE.is_match(before);
    // A line of nothing but a year and a number: "- 2027: 35".
    if YEAR_ALONE.is_match(before) && ALONE.is_match(after) {
        return Some(What::Settled);
    }
    // "… sa ja i går. 70 i år, det samme som dere ba om."
    if (BEGINS.is_match(before) || MEANS.is_match(before)) && YEAR_NEXT.is_match(near) && !ADULTS_AFTER.is_match(near) {
        return Some(What::Settled);
    }
    if WON.is_match(near) || PASSIVE.is_match(after) {
        return Some(What::Settled);
    }
    // "Beregningen bygger på 20 nye flyktninger": a number that no word of deciding governs counts only where a line or point begins with it.
    if named && cue.is_none() && !BEGINS.is_match(before) {
        return Some(What::Other);
    }
    if !named && !ADULTS_AFTER.is_match(near) && !nearest("decided") && !of_year {
        return None;
    }
    if OVER_YEARS.is_match(&format!("{before}{near}")) && !wording::YEARLY.is_match(&format!("{before}{near}")) {
        return Some(What::Period);
    }
    Some(if ADULTS_AFTER.is_match(near) { What::Adults } else { What::Settled })
}

/// "60 i året de to neste årene", after the last year before it.
fn coming_years(around: &Around<'_>) -> Option<Vec<i64>> {
    static COMING: Pattern = LazyLock::new(|| {
        compile(r"^[^\d;.]{0,40}?\b(?:de|dei) (?P<n>{N}) (?:neste|påfølgende|påfølgjande|etterfølgende|etterfølgjande|følgende|komande|kommende|siste) år")
    });
    let last: i64 = wording::A_YEAR.find_iter(around.before).last()?.as_str().parse().ok()?;
    let count = numbers::value(COMING.captures(around.after)?.name("n")?.as_str())?;
    Some((last + 1..=last + count.min(10)).collect())
}

/// The years that the sentence ties to a number.
fn years_of(around: &Around<'_>) -> Vec<i64> {
    if let Some(years) = coming_years(around) {
        return years;
    }
    let after = TIED_AFTER.captures(around.near).filter(|found| !OF_ANOTHER_DAY.is_match(&around.near[..found.name("years").map_or(0, |years| years.start())]));
    let ahead = TIED_BEFORE.captures(around.before).and_then(|found| found.name("years"));
    // "For 2027 bosettes 35 flyktninger, for 2028 bosettes 30": past a comma the next number's year begins.
    let after = after.filter(|found| ahead.is_none() || !found.get(0).is_some_and(|whole| whole.as_str().contains(',')));
    let tied = after.and_then(|found| found.name("years")).or(ahead);
    tied.map_or_else(Vec::new, |years| year_list(years.as_str()))
}

static OF_ANOTHER_DAY: Pattern = LazyLock::new(|| compile(r"\b(?:vedt\w+|møte\w*|brev\w*|gjort|sak|anmod\w*|oppmod\w*|registr\w*)\b"));

/// `2026`, `2026 og 2027`, `2024–2026`, `2024-26` as years.
pub fn year_list(written: &str) -> Vec<i64> {
    let mut years: Vec<i64> = Vec::new();
    let mut end = 0;
    for found in DIGITS.find_iter(written) {
        let Ok(mut year) = found.as_str().parse::<i64>() else { continue };
        let Some(last) = years.last().copied() else {
            years.push(year);
            end = found.end();
            continue;
        };
        if year < 100 {
            year += 2000;
        }
        let between = &written[end..found.start()];
        if between.contains([',']) || between.contains("og") && !between.contains("til") || between.contains("samt") {
            years.push(year);
        } else if year > last && year - last < 10 {
            years.extend(last + 1..=year);
        }
        end = found.end();
    }
    years
}

static DIGITS: Pattern = LazyLock::new(|| compile(r"\d+"));

#[cfg(test)]
mod tests {
    use super::*;
    use What::{Added, Adults, Asked, Before, Minors, More, Other, Period, Proposed, Settled};

    fn read(text: &str) -> Vec<(i64, What)> {
        of(text, &(0..text.len())).into_iter().map(|mention| (mention.value, mention.what)).collect()
    }

    #[test]
    fn what_a_number_counts_stands_beside_it() {
        let all = Minors(Age::Any);
        let cases: [(&str, &[(i64, What)]); 27] = [
            ("Narvik kommune bosetter 31 flyktninger i 2026.", &[(31, Settled)]),
            ("Kommunen kan i 2026 bosette tolv.", &[(12, Settled)]),
            ("IMDi har bedt kommunen om å bosette 35, og kommunestyret vedtok å bosette 31.", &[(35, Asked), (31, Settled)]),
            ("I tråd med anmodning fra IMDi bosettes 70 flyktninger.", &[(70, Settled)]),
            ("Kommunen øker fra 40 til inntil 65 flyktninger.", &[(40, Before), (65, Settled)]),
            ("Kommunen bosetter ytterligere 24 flyktninger.", &[(24, Added)]),
            ("Kommunen tek imot 10 flyktningar ekstra i 2024.", &[(10, Added)]),
            ("Kommunen bosetter 5 i tillegg til de 20 som er vedtatt.", &[(5, Added), (20, Before)]),
            ("Kommunen sier ja til tilleggsanmodningen om 24 flyktninger.", &[(24, Added)]),
            ("Kommunen sier nei til tilleggsanmodningen om 24 flyktninger.", &[(24, Asked)]),
            ("Dersom behovet øker, kan kommunen bosette 5 til.", &[(5, More)]),
            ("3. Aukar behovet, kan Suldal ta imot 4 personar til.", &[(4, More)]),
            ("Tilleggsanmodningen om ytterligere 24 plasser imøtekommes ikke.", &[(24, Asked)]),
            ("I fjor tok kommunen imot 44 flyktninger.", &[(44, Before)]),
            ("Kommunen takker ja til forslaget om 20 flyktninger.", &[(20, Proposed)]),
            ("Kommunen takker nei til å bosette 20 flyktninger.", &[(20, Asked)]),
            ("Kommunen bosetter i alt 210 flyktninger, fordelt på tre år.", &[(210, Period)]),
            ("Kommunen skal til enhver tid ha 40 flyktninger bosatt.", &[(40, Other)]),
            ("Kommunen tek imot to familiar.", &[(2, Other)]),
            ("Kommunen bosetter 40 voksne og familier og 6 enslige mindreårige.", &[(40, Adults), (6, all)]),
            ("Av disse er 15 enslige mindreårige, tre av dem under 15 år.", &[(15, all), (3, Minors(Age::Younger))]),
            ("Hvorav 3 enslige mindreårige, én over 15 år og to under 15 år.", &[(3, all), (1, Minors(Age::Older)), (2, Minors(Age::Younger))]),
            ("Hvorav 4 enslige mindreårige mellom 15 og 18 år.", &[(4, Minors(Age::Older))]),
            ("Åtte av desse er einslege mindreårige, halvparten under 15 år.", &[(8, all)]),
            ("Det er tre fleire enn oppmodinga.", &[]),
            ("Inntil 80 familiegjenforente kan komme i tillegg.", &[]),
            ("Forslaget falt med 6 mot 27 stemmer, og 9 boliger koster 1,4 mill. kroner, 50 %, kl. 13:52.", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn years_and_bounds_are_tied_to_their_numbers() {
        let read = |text: &str| -> Vec<(i64, Vec<i64>, Limit)> {
            let counts = of(text, &(0..text.len())).into_iter().filter(|mention| mention.what != What::Other);
            counts.map(|mention| (mention.value, mention.years, mention.limit)).collect()
        };
        for (text, expected) in [
            ("bosetter 20 flyktninger i 2026 og 25 i 2027", vec![(20, vec![2026], Limit::Exact), (25, vec![2027], Limit::Exact)]),
            ("bosetter 2025 (inntil 30 personer), 2026 (inntil 25)", vec![(30, vec![2025], Limit::UpTo), (25, vec![2026], Limit::UpTo)]),
            ("bosetter minst åtte flyktninger årlig i perioden 2024–2026", vec![(8, vec![2024, 2025, 2026], Limit::AtLeast)]),
            ("bosetter 100 i 2023 og 60 i året de to neste årene", vec![(100, vec![2023], Limit::Exact), (60, vec![2024, 2025], Limit::Exact)]),
            ("bosetter 20 flyktninger, slik kommunestyret vedtok i 2024", vec![(20, Vec::new(), Limit::Exact)]),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn lists_and_ranges_of_years() {
        for (text, expected) in [
            ("2026", vec![2026]),
            ("2026 og 2027", vec![2026, 2027]),
            ("2024–2026", vec![2024, 2025, 2026]),
            ("2024-26", vec![2024, 2025, 2026]),
            ("2025, 2026 og 2027", vec![2025, 2026, 2027]),
        ] {
            assert_eq!(year_list(text), expected, "{text}");
        }
    }
}
