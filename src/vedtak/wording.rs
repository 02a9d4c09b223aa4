//! The words of decisions, in bokmål and nynorsk, as patterns.
//!
//! A pattern is written with names in braces for what recurs (`{N}` a number, `{REFUGEES}`, `{SETTLE}`, `{YEAR}`, `{DATE}`, `{EM}`, `{UP_TO}`). Patterns
//! are matched without regard to case; a space in a pattern is any white space, a line's end included.

use regex::Regex;
use std::sync::LazyLock;

use super::numbers;

/// Those who are settled.
const REFUGEES: &str = r"(?:(?:nye|nyankomne|vaksne|voksne|slike) )?(?:(?:overførings|kvote)?flyktning(?:er|ar|ene|ane)|person(?:er|ar)|menneske(?:r)?)\b";
/// The verb for settling, and the nouns and participles made of it.
const SETTLE: &str = r"(?:bosett\w*|boset|buset\w*|ta(?:r|k|ke)? i ?mot|tek i ?mot|motta(?:r)?)";
/// Settling as an infinitive.
const TO_SETTLE: &str = r"(?:bosette|bosetja|busetje|busetja|busette|ta i ?mot|take i ?mot|motta)";
/// Settling as a finite verb.
const SETTLES: &str = r"(?:bosetter|buset|busettar|busetter|tar i ?mot|tek i ?mot|mottar)";
/// Unaccompanied minors.
const EM: &str = r"(?:(?:enslig\w*|einsleg\w*) (?:unge )?mindre?årig\w*|enslige barn(?: og unge)?|\bEMF?\b)";
/// What stands between a verb and its number.
const UP_TO: &str = r"(?:(?:inntil|opptil|opp til|maksimalt|maksimum|maks\.?|minst|minimum|totalt|til sammen|til saman|i alt|samla|samlet) ){0,2}";
const YEAR: &str = r"(?:20[1-4]\d)\b";
const DATE: &str = r"(?:\d{1,2}\. ?\d{1,2}\. ?(?:19|20)\d{2}|\d{1,2}\. ?(?:januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember) (?:19|20)\d{2})";

/// A pattern for [`LazyLock`].
pub type Pattern = LazyLock<Regex>;

/// Compiles a pattern.
pub fn compile(template: &str) -> Regex {
    let expanded = template
        .replace("{N}", &format!(r"\b(?:\d{{1,3}}(?:[ .]\d{{3}})+|\d+|{})\b", numbers::alternation()))
        .replace("{REFUGEES}", REFUGEES)
        .replace("{SETTLE}", SETTLE)
        .replace("{TO_SETTLE}", TO_SETTLE)
        .replace("{SETTLES}", SETTLES)
        .replace("{EM}", EM)
        .replace("{UP_TO}", UP_TO)
        .replace("{YEAR}", YEAR)
        .replace("{DATE}", DATE)
        .replace(' ', r"\s+")
        .replace(r"\s+?", r"\s*")
        // A space in a class of characters is a plain space.
        .replace(r"[\s+.]", "[ .]")
        .replace(r"[^\s+\d]", r"[^\s\d]");
    Regex::new(&format!("(?i){expanded}")).expect("the patterns are constants, and each is compiled by a test")
}

/// Recommends, proposes or weighs, and so decides nothing.
pub static RECOMMENDS: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:innstill\w*|rår til|rår kommunestyret|rå til|rå kommunestyret|rådd til|tilrå\w*|anbefal\w*|foresl\w*|føresl\w*|forslag\w*|framlegg\w*|alternativ\w*|ber kommunestyret|bes om å|bør|burde|vurderer|vurderast|ønskjer|ønsker|håper|håpar|planlegg\w*|tilstreb\w*|tar sikte på|tek sikte på|tek mål av)\b",
    )
});
/// A proposal that was voted down or withdrawn.
pub static FALLEN: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:falt|fall|fallen|nedstemt|nedrøysta|forkast\w*|fekk ikkje|fikk ikke|trukket|trekt|(?:fikk|fekk|med|mot) {N} (?:av {N} )?(?:stemme\w*|røyst\w*))\b",
    )
});
/// The matter is still to be decided.
pub static PENDING: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"\b(?:(?:behandler|behandlar|handsamar|avgjør|avgjer) (?:saken|saka)|",
        r"(?:skal|vil|blir|vert) (?:opp til |bli )?(?:behandl\w*|handsam\w*|avgjort|lagt fram|lagt frem)|(?:behandles|behandlast|avgjøres|avgjerast) (?:av|i)|",
        r"har siste ord\w*|endeleg\w* avgjer\w*|endelig\w* avgjørelse\w*|(?:saken|saka) (?:går|sendes|oversendes|vert send|blir send) (?:videre |vidare )?til|",
        r"(?:skal|går|kommer|kjem) (?:opp )?(?:i|til) (?:kommunestyret|bystyret)|(?:ennå|enda|enno) ikkj?e (?:vedtatt|vedteke|behandlet|behandla)|",
        r"(?:tar|tek|skal ta) (?:endelig |endeleg )?stilling|avventer|avventar|utsett\w* saka|saken utsettes|utsatt\b)",
    ))
});
/// What the directorate asked for.
pub static ASKS: Pattern =
    LazyLock::new(|| compile(r"\b(?:\w*anmod\w*|\w*oppmod\w*|førespurnad\w*|forespørsel\w*|(?:ber|bad|ba|bedt|bede) (?:om|{N}|kommunen|kommuna|\w+ kommune))"));
/// What has been before.
pub static REPORTS: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:bosatte|(?:ble|vart|blei|er|har|var) (?:\w+ )?(?:bosatt|busett|busette|busatt|teke i ?mot|tatt i ?mot)|tidligere|tidlegare|i fjor|så langt|hittil|til no|til nå|allerede|allereie|opprinnelig|opphavleg)\b",
    )
});
/// A number on top of another.
pub static SUPPLEMENT: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:ytterl[ie]\w*|ekstra|utover|ut over|utanom|i tillegg til|fle?irei? enn|fleire enn|flere enn|mer enn|meir enn|øk(?:e|er|es|t|te|a|ning\w*)|auk\w*|tillegg(?:s\w+)|fleire flyktningar|flere flyktninger|fra {N} til|frå {N} til)\b",
    )
});
/// A decision in so many words.
pub static DECIDES: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:vedtar|vedtek|vedtok|vedtatt|vedteke|vedtas|vedtakast|bosetter|bosettes|buset|busettar|busetjast|busettast|sier ja|seier ja|sa ja|sagt ja|takker ja|takkar ja|imøtekommer|imøtekjem|imøtekjemmer|godtar|godtek|godkjenner|godkjenn|godkjent|sluttar seg|slutter seg|kan|vil|skal|forplikter seg|bind seg)\b",
    )
});
/// A council or its kommune decides in so many words, wherever the sentence stands.
pub static COUNCIL_DECIDES: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:kommunestyret?|bystyret?|bydelsutval(?:get|g)|heradsstyret?|kommunen?|kommuna)\b[^;:]{0,90}?\b(?:vedtar|vedtek|vedtok|(?:har|er|ble|vart) (?:[^;:]{0,60} )?(?:vedtatt|vedteke)|har (?:[^;:]{0,60} )?sagt ja|sa ja)\b",
    )
});
/// A proposal is adopted by a sentence that does not repeat it.
pub static ADOPTS: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:forslag\w*|innstilling\w*|tilråding\w*|framlegg\w*|antallet|talet)\b[^.;:]{0,60}\b(?:vedtatt|vedteke|vedteken|vedtatt\w*|vedteki|enstemmig|samrøystes)\b",
    )
});
/// Says no to the whole: to settling, or to what was asked for.
pub static REFUSES: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"\b(?:vedt\w+ (?:å )?ikkj?e (?:å )?(?:{TO_SETTLE}|imøtekom\w*) |(?:bosetter|buset|busettar) ikkj?e flyktning|(?:kan|vil|skal) ikkj?e {TO_SETTLE} flyktning|",
        r"(?:imøtekommer|imøtekjem|godtar|godtek) ikkj?e |(?:avslår|avslo|avviser) (?:\w+ ){0,3}(?:anmodning|oppmoding)|",
        r"(?:takker|takkar|sier|seier|sa) nei til (?:å {TO_SETTLE}|(?:\w+ ){0,3}(?:anmodning|oppmoding)))",
    ))
});
/// What stands right before a number that is decided: the verb of settling with what governs it. `vedtok å bosette`, `kommune bosetter inntil`,
/// `anmodningen om å bosette`; not `vedtok å vente med å bosette`, and not `millioner til bosetting av`.
pub static GOVERNS: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"\b(?:(?:kommunen?|kommuna|tjïelte|kommunestyre\w*|bystyre\w*|heradsstyre\w*|vi|og) (?:i {YEAR} )?{SETTLES} (?:i {YEAR},? )?{UP_TO}|",
        r"{SETTLES} (?:[^ \d]+ ){0,4}(?:kommunen?|kommuna) (?:i {YEAR} )?{UP_TO}|",
        r"(?:vedtar|vedtek|vedtok|vedtatt|vedteke|ja til|kan|vil|skal|forplikter seg til|bind seg til) ",
        r"(?:enstemmig |samrøystes |{DATE} |i møte {DATE} |i {YEAR} )?(?:å )?{TO_SETTLE} (?:i {YEAR},? )?{UP_TO}|",
        r"(?:anmodning|oppmoding)\w* (?:\w+ ){0,4}(?:om|på) (?:å {TO_SETTLE} |(?:bosetting|busetjing|busetting) av )?{UP_TO}|",
        r"(?:vedtar|vedtek|godkjenner) (?:bosetting|busetjing|busetting) av {UP_TO})$",
    ))
});
/// A second number of the same list: `20 flyktninger i 2027 og 25 i 2028`.
pub static GOES_ON: Pattern = LazyLock::new(|| compile(r"{YEAR},? (?:og |samt )?{UP_TO}$"));
/// An earlier decision is changed or taken back somewhere in the text.
pub static CHANGED: Pattern = LazyLock::new(|| compile(r"\b(?:omgj\w+|opphev\w*|erstatt\w*|tilbakekall\w*)\b"));
/// No, with a later yes left open.
pub static FOR_NOW: Pattern = LazyLock::new(|| compile(r"\b(?:inntil videre|førebels|foreløpig|på nåværende tidspunkt|på noverande tidspunkt|nå|no)\b"));
/// Only in part.
pub static IN_PART: Pattern = LazyLock::new(|| compile(r"\b(?:delvis|delar av|deler av|halvparten|ikke hele|ikkje heile)\b"));
/// A negation.
pub static NOT: Pattern = LazyLock::new(|| compile(r"\b(?:ikke|ikkje|ingen|inga)\b"));

/// A number of people: the number is group `n`.
pub static PEOPLE: Pattern = LazyLock::new(|| compile(r"(?P<limit>{UP_TO})(?P<n>{N}) {REFUGEES}"));
/// A number right after the verb, with its year: the noun is understood.
pub static SETTLE_IN_YEAR: Pattern = LazyLock::new(|| compile(r"{SETTLE} (?P<limit>{UP_TO})(?P<n>{N}) (?:i|for|i løpet av) {YEAR}"));
/// A number with its own year: `20 flyktninger i 2026 og 25 i 2027`.
pub static IN_YEAR: Pattern = LazyLock::new(|| compile(r"(?P<n>{N})(?: {REFUGEES})? (?:i|for) (?:året )?(?P<year>{YEAR})"));
/// The same number each year.
pub static YEARLY: Pattern = LazyLock::new(|| compile(r"\b(?:årlig|årleg|hvert år|kvart år|per år|pr\.? år|i året)\b"));
/// A calendar year.
pub static A_YEAR: Pattern = LazyLock::new(|| compile(r"\b{YEAR}"));
/// A date with its year.
pub static A_DATE: Pattern = LazyLock::new(|| compile(r"\b{DATE}"));
/// Settlement is spoken of.
pub static SETTLING: Pattern = LazyLock::new(|| compile(r"\b{SETTLE}"));
/// What was asked for: the number is group `n`, what stands between is group `between`.
pub static ASKED_NUMBER: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:anmod\w*|oppmod\w*|bedt|ber|bad|ba)\b(?P<between>[^.;:]{0,80}?)(?:{SETTLE}(?: av)? |(?:om|på|er|var) )(?P<limit>{UP_TO})(?P<n>{N})(?: {REFUGEES}|[.,]| i {YEAR}| for {YEAR})",
    )
});
/// Words that end the clause in which something is asked for.
pub static NEW_CLAUSE: Pattern = LazyLock::new(|| compile(r"\b(?:og|men|vedt\w*|ved|hvorav|bosetter|buset|imøtekomm\w*)\b"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        for pattern in [
            &RECOMMENDS,
            &FALLEN,
            &PENDING,
            &ASKS,
            &REPORTS,
            &SUPPLEMENT,
            &DECIDES,
            &COUNCIL_DECIDES,
            &ADOPTS,
            &REFUSES,
            &GOVERNS,
            &GOES_ON,
            &CHANGED,
            &FOR_NOW,
            &IN_PART,
            &NOT,
            &PEOPLE,
            &SETTLE_IN_YEAR,
            &IN_YEAR,
            &YEARLY,
            &A_YEAR,
            &A_DATE,
            &SETTLING,
            &ASKED_NUMBER,
            &NEW_CLAUSE,
        ] {
            assert!(!pattern.is_match(""), "{}", pattern.as_str());
        }
    }

    #[test]
    fn numbers_of_people_are_seen_with_their_limit() {
        let found = PEOPLE.captures("bosette inntil 31\nflyktninger").expect("a number of people");
        assert_eq!(&found["n"], "31");
        assert!(found["limit"].starts_with("inntil"));
        assert_eq!(&PEOPLE.captures("å busetje tjuefem flyktningar").expect("a number of people")["n"], "tjuefem");
        assert!(PEOPLE.captures("31 boliger").is_none());
    }

    #[test]
    fn a_case_that_was_treated_is_not_pending() {
        assert!(!PENDING.is_match("Kommunestyret behandlet saken i møte 11.12.2025."));
        for text in [
            "Kommunestyret behandler saken 11.12.2026.",
            "Saka går vidare til kommunestyret",
            "kommunestyret har siste ordet",
            "Saken skal behandles i kommunestyret",
        ] {
            assert!(PENDING.is_match(text), "{text}");
        }
    }
}
