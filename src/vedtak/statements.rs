//! What single sentences say: who decides how many for which year, and whether it is a decision at all.
//!
//! A sentence gets a [`Force`] from its verbs and from the block it stands in, and its numbers of people are told from those of minors, of
//! families and of the directorate's request. A sentence is *clear* only when nothing in it leaves a choice; the rest is for a person.

use std::ops::Range;
use std::sync::LazyLock;

use super::blocks::{Block, Role};
use super::numbers;
use super::wording::{self as words, Pattern, compile};

/// What a sentence does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// Decides to settle.
    Decides,
    /// Decides not to settle, or says no to what was asked.
    Refuses,
    /// Anything else: asks, proposes, reports, votes.
    Other,
}

/// A number and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub value: i64,
    /// The number's words.
    pub span: Range<usize>,
}

/// How a number bounds what was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Just so many.
    Exact,
    /// At most.
    UpTo,
    /// At least.
    AtLeast,
}

/// What a sentence says about settlement.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The sentence.
    pub sentence: Range<usize>,
    /// What it does.
    pub force: Force,
    /// The numbers decided: `(number, year)`; a year is missing when the sentence does not tie one to the number.
    pub totals: Vec<(Count, Option<i64>)>,
    /// The bound on the first number.
    pub limit: Limit,
    /// Every year the sentence prints outside of dates.
    pub years: Vec<i64>,
    /// What the directorate asked for, if said.
    pub asked: Vec<Count>,
    /// A number on top of an earlier decision.
    pub supplement: bool,
    /// Nothing leaves a choice: a plain verb, one number a year, no number on top.
    pub clear: bool,
}

/// The most people one kommune is believed to decide for in a year. Above it a number is a population or a sum of money.
const PEOPLE_MAX: i64 = 2000;

static FAMILY: Pattern = LazyLock::new(|| {
    compile(r"^ ?(?:\w+ ){0,2}(?:familiegjenfor\w*|familiesam\w*|familieat\w*|familieforein\w*|familieinnvandr\w*|selvbosatt\w*|sjølvbusett\w*)")
});
static MINORS_AFTER: Pattern = LazyLock::new(|| compile(r"^ ?(?:\w+ ){0,4}{EM}"));
static PART_BEFORE: Pattern =
    LazyLock::new(|| compile(r"(?:hvorav|herav|derav|kvarav|av disse|av desse|av dei|inkludert|inklusive|medrekna|medregnet)(?: \w+){0,4} $"));
static SOFT: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:ca\.?|cirka|omtrent|om lag|rundt|om mulig|om mogleg|kanskje|eventuelt|på sikt|dersom|viss|hvis|familier|familiar|husstander|til enhver tid|til ei kvar tid)\b",
    )
});

/// What each sentence of the blocks says that speaks of settlement, in order. `council_text` is whether running text may decide, which it may
/// only in so many words.
pub fn read(text: &str, blocks: &[Block]) -> Vec<(Role, Statement)> {
    blocks.iter().flat_map(|block| block.sentences.iter().map(move |sentence| (block.role, statement(text, block.role, sentence)))).collect()
}

fn statement(text: &str, role: Role, sentence: &Range<usize>) -> Statement {
    let written = &text[sentence.clone()];
    let force = force(written, role);
    let asked = asked(text, sentence);
    let numbers = people(text, sentence);
    let (request, decided): (Vec<Count>, Vec<Count>) = numbers.into_iter().partition(|count| asked.contains(count));
    // "sier ja til anmodningen om å bosette 31" decides what was asked for.
    let echoed = decided.is_empty() && force != Force::Refuses && !words::IN_PART.is_match(written);
    let decided = if echoed { request } else { decided };
    let years = years(text, sentence);
    let totals = totals(text, sentence, decided, &years);
    let supplement = words::SUPPLEMENT.is_match(written);
    let clear = force != Force::Other && is_clear(written, sentence.start, force, &totals, &years) && !supplement;
    let limit = totals.first().map_or(Limit::Exact, |(count, _)| limit_before(&text[sentence.start..count.span.start]));
    Statement { sentence: sentence.clone(), force, totals, limit, years, asked, supplement, clear }
}

fn force(written: &str, role: Role) -> Force {
    let decides_here = match role {
        Role::Decision => words::DECIDES.is_match(written),
        Role::Body => words::COUNCIL_DECIDES.is_match(written),
        Role::Proposal | Role::Background | Role::Closing => false,
    };
    let refuses = words::REFUSES.is_match(written) && (role == Role::Decision || decides_here);
    let speaks = words::SETTLING.is_match(written) || words::ASKS.is_match(written);
    let void = words::RECOMMENDS.is_match(written) || words::FALLEN.is_match(written) || words::REPORTS.is_match(written) || words::PENDING.is_match(written);
    if !speaks || void {
        Force::Other
    } else if refuses && !about_minors_only(written) {
        Force::Refuses
    } else if decides_here && !words::NOT.is_match(written) {
        Force::Decides
    } else {
        Force::Other
    }
}

/// "bosetter ikke enslige mindreårige" refuses minors, not the request.
fn about_minors_only(written: &str) -> bool {
    static MINORS: Pattern = LazyLock::new(|| compile(r"{EM}"));
    MINORS.is_match(written)
}

fn is_clear(written: &str, offset: usize, force: Force, totals: &[(Count, Option<i64>)], years: &[i64]) -> bool {
    let plain = !SOFT.is_match(written) && !words::YEARLY.is_match(written);
    let governed = |(at, (count, _)): (usize, &(Count, Option<i64>))| {
        let before = &written[..count.span.start - offset];
        words::GOVERNS.is_match(before) || (at > 0 && words::GOES_ON.is_match(before))
    };
    match force {
        Force::Decides => {
            let tied = totals.iter().all(|(_, year)| year.is_some()) && years.len() == totals.len();
            plain && tied && !totals.is_empty() && totals.iter().enumerate().all(governed)
        }
        // A number that is refused in so many words leaves open whether another one is meant.
        Force::Refuses => plain && totals.is_empty() && years.len() == 1 && !words::FOR_NOW.is_match(written) && !words::IN_PART.is_match(written),
        Force::Other => false,
    }
}

/// The numbers of people in a sentence that are neither minors, a part of another number, nor family members who join later.
fn people(text: &str, sentence: &Range<usize>) -> Vec<Count> {
    let written = &text[sentence.clone()];
    let mut found: Vec<Count> = Vec::new();
    take(&mut found, written, sentence.start, &words::PEOPLE);
    take(&mut found, written, sentence.start, &words::SETTLE_IN_YEAR);
    if !found.is_empty() {
        // "20 flyktninger i 2026 og 25 i 2027": the noun is said once.
        take(&mut found, written, sentence.start, &words::IN_YEAR);
    }
    found.sort_by_key(|count| count.span.start);
    found
}

fn take(found: &mut Vec<Count>, written: &str, offset: usize, pattern: &Pattern) {
    for number in pattern.captures_iter(written).filter_map(|captures| captures.name("n")) {
        let span = offset + number.start()..offset + number.end();
        let known = found.iter().any(|count| count.span == span);
        if let Some(value) = whole_number(written, &number).filter(|_| !known) {
            found.push(Count { value, span });
        }
    }
}

fn whole_number(written: &str, number: &regex::Match<'_>) -> Option<i64> {
    let (before, after) = (&written[..number.start()], &written[number.end()..]);
    let whole = !before.ends_with(['/', '-', '–', ',', '.', '§', '(']);
    let part = PART_BEFORE.is_match(before) || MINORS_AFTER.is_match(after) || FAMILY.is_match(after);
    numbers::value(number.as_str()).filter(|value| whole && !part && (1..=PEOPLE_MAX).contains(value))
}

/// Each number with its year: the only year of the sentence, or the one that is tied to it when there are several.
fn totals(text: &str, sentence: &Range<usize>, decided: Vec<Count>, years: &[i64]) -> Vec<(Count, Option<i64>)> {
    if let ([_], [year]) = (decided.as_slice(), years) {
        let year = Some(*year);
        return decided.into_iter().map(|count| (count, year)).collect();
    }
    let written = &text[sentence.clone()];
    let tied: Vec<(usize, i64)> = words::IN_YEAR
        .captures_iter(written)
        .filter_map(|captures| Some((sentence.start + captures.name("n")?.start(), captures.name("year")?.as_str().parse().ok()?)))
        .collect();
    decided
        .into_iter()
        .map(|count| {
            let year = tied.iter().find(|(start, _)| *start == count.span.start).map(|(_, year)| *year);
            (count, year)
        })
        .collect()
}

/// What the directorate asked for, in a clause of its own.
fn asked(text: &str, sentence: &Range<usize>) -> Vec<Count> {
    let written = &text[sentence.clone()];
    words::ASKED_NUMBER
        .captures_iter(written)
        .filter(|captures| captures.name("between").is_none_or(|between| !words::NEW_CLAUSE.is_match(between.as_str())))
        .filter_map(|captures| {
            let number = captures.name("n")?;
            let value = numbers::value(number.as_str()).filter(|value| (1..=PEOPLE_MAX).contains(value))?;
            let year = number.as_str().len() == 4 && words::A_YEAR.is_match(number.as_str());
            (!year).then_some(Count { value, span: sentence.start + number.start()..sentence.start + number.end() })
        })
        .collect()
}

/// The distinct years that a range prints outside of dates, case numbers and numbers of people, in order.
pub fn years(text: &str, range: &Range<usize>) -> Vec<i64> {
    let written = &text[range.clone()];
    let dates: Vec<Range<usize>> = words::A_DATE.find_iter(written).map(|found| found.range()).collect();
    let mut years = Vec::new();
    for found in words::A_YEAR.find_iter(written) {
        let joined = |c: char| matches!(c, '/' | '.' | '-' | '–') || c.is_ascii_digit();
        let in_date = dates.iter().any(|date| date.start <= found.start() && found.end() <= date.end);
        let in_number = written[..found.start()].ends_with(joined) || written[found.end()..].starts_with(['/', '-', '–']);
        let year = found.as_str().parse().unwrap_or_default();
        if !in_date && !in_number && !years.contains(&year) {
            years.push(year);
        }
    }
    years
}

fn limit_before(before: &str) -> Limit {
    static UP_TO: Pattern = LazyLock::new(|| compile(r"\b(?:inntil|opptil|opp til|maksimalt|maksimum|maks\.?)(?: \w+)?\s*$"));
    static AT_LEAST: Pattern = LazyLock::new(|| compile(r"\b(?:minst|minimum)(?: \w+)?\s*$"));
    if UP_TO.is_match(before) {
        Limit::UpTo
    } else if AT_LEAST.is_match(before) {
        Limit::AtLeast
    } else {
        Limit::Exact
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_decision(text: &str) -> Statement {
        statement(text, Role::Decision, &(0..text.len()))
    }

    fn numbers_of(statement: &Statement) -> Vec<(i64, Option<i64>)> {
        statement.totals.iter().map(|(count, year)| (count.value, *year)).collect()
    }

    #[test]
    fn clear_decisions() {
        for (text, number, limit) in [
            ("Narvik kommune bosetter 31 flyktninger i 2026.", 31, Limit::Exact),
            ("Bodø bystyre vedtar å bosette inntil 90 flyktninger i 2026.", 90, Limit::UpTo),
            ("Luster kommunestyre vedtek å busetje minst tjue flyktningar i 2026.", 20, Limit::AtLeast),
            ("Kommunen sier ja til IMDis anmodning om å bosette 31 flyktninger i 2026.", 31, Limit::Exact),
            ("Kommunen kan i 2026 bosette 12 personer.", 12, Limit::Exact),
            ("I 2026 bosetter Narvik kommune 31 flyktninger.", 31, Limit::Exact),
            ("Kommunestyret vedtar at Narvik kommune bosetter 31 flyktninger i 2026.", 31, Limit::Exact),
            ("Kommunestyret vedtok 11.11.2025 å bosette 31 flyktninger i 2026.", 31, Limit::Exact),
            ("Lom kommune vil ta imot 10 flyktningar i 2026, av desse kan 2 vere einslege mindreårige.", 10, Limit::Exact),
        ] {
            let statement = in_decision(text);
            assert_eq!((statement.force, statement.clear, statement.limit), (Force::Decides, true, limit), "{text}");
            assert_eq!(numbers_of(&statement), [(number, Some(2026))], "{text}");
        }
    }

    #[test]
    fn years_are_tied_to_their_numbers() {
        let statement = in_decision("Kommunen vedtar å bosette 20 flyktninger i 2026 og 25 i 2027.");
        assert!(statement.clear);
        assert_eq!(numbers_of(&statement), [(20, Some(2026)), (25, Some(2027))]);
    }

    #[test]
    fn what_is_not_clear_is_left_to_a_person() {
        for text in [
            "Kommunen bosetter ytterligere 5 flyktninger i 2026.",
            "Kommunen bosetter 20 flyktninger årlig i 2026.",
            "Kommunen bosetter 20 flyktninger.",
            "Kommunen bosetter ca. 20 flyktninger i 2026.",
            "Kommunen bosetter 20 flyktninger i 2026 og 2027.",
            "Kommunen øker fra 20 flyktninger til 30 flyktninger i 2026.",
            "Kommunen kan ikke bosette mer enn 20 flyktninger i 2026.",
            "Kommunen bosetter 5 350 flyktninger i 2026.",
            "Kommunen vedtok å vente med å bosette 90 flyktninger i 2026.",
            "Kommunen vedtar å gi 2 millioner til bosetting av 10 flyktninger i 2026.",
            "Kommunen bosetter mellom 80 og 90 flyktninger i 2026.",
            "Kommunen bosetter halvparten av de 90 flyktningene i 2026.",
            "Kommunen kan på sikt bosette 20 flyktninger i 2026.",
            "Kommunen vedtok kanskje å bosette 20 flyktninger i 2026.",
            "Kommunen vedtok ikke å bosette 90 flyktninger i 2026.",
            "Kommunen kan ikke i 2026 love bosetting av flyktninger.",
        ] {
            assert!(!in_decision(text).clear, "{text}");
        }
    }

    #[test]
    fn proposals_votes_and_history_decide_nothing() {
        for text in [
            "Formannskapet rår til å busetje 20 flyktningar i 2026.",
            "Forslaget om å bosette 20 flyktninger i 2026 falt.",
            "Kommunen bosatte 20 flyktninger i 2025.",
            "Forslag om at kommunen bosetter 20 flyktninger i 2026 fikk 5 stemmer.",
            "Kommunedirektøren anbefaler at kommunen bosetter 20 flyktninger i 2026.",
        ] {
            assert_eq!(in_decision(text).force, Force::Other, "{text}");
        }
        let text = "Narvik kommune bosetter 31 flyktninger i 2026.";
        assert_eq!(statement(text, Role::Proposal, &(0..text.len())).force, Force::Other);
        assert_eq!(statement(text, Role::Body, &(0..text.len())).force, Force::Other);
        let text = "Narvik kommunestyre har vedtatt å bosette 31 flyktninger i 2026.";
        assert_eq!(statement(text, Role::Body, &(0..text.len())).force, Force::Decides);
    }

    #[test]
    fn refusals() {
        for text in [
            "Kommunen imøtekommer ikke IMDis anmodning om å bosette 30 flyktninger i 2026.",
            "Kommunestyret vedtek å ikkje busetje flyktningar i 2026.",
            "Kommunen avslår anmodningen om bosetting av 30 flyktninger for 2026.",
        ] {
            let statement = in_decision(text);
            assert_eq!((statement.force, statement.clear), (Force::Refuses, true), "{text}");
        }
        assert_eq!(in_decision("Kommunen bosetter ikke enslige mindreårige i 2026.").force, Force::Other);
    }

    #[test]
    fn the_request_is_told_from_the_decision() {
        let statement = in_decision("Kommunen imøtekommer delvis anmodningen om å bosette 30 flyktninger og bosetter 20 flyktninger i 2026.");
        assert_eq!(statement.asked.iter().map(|count| count.value).collect::<Vec<_>>(), [30]);
        assert_eq!(numbers_of(&statement), [(20, Some(2026))]);
        let statement = in_decision("Kommunen imøtekommer anmodningen og bosetter 20 flyktninger i 2026.");
        assert!(statement.asked.is_empty());
    }

    #[test]
    fn parts_and_families_are_no_totals() {
        for text in ["Av disse er 4 plasser forbeholdt enslige mindreårige.", "Inntil 10 familiegjenforente personer kan komme i tillegg.", "hvorav 3 personer"]
        {
            assert!(numbers_of(&in_decision(text)).is_empty(), "{text}");
        }
    }
}
