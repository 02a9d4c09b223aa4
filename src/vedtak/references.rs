//! What identifies a decision: its date, its case numbers, the directorate's reference, and the language it is written in.

use std::ops::Range;
use std::sync::LazyLock;

use super::wording::{Pattern, compile};
use crate::clock::Date;
use crate::registry::dates;

/// Something found, with where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<T> {
    /// What it says.
    pub value: T,
    /// Where.
    pub span: Range<usize>,
}

static DECIDED_ON: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:vedtatt|vedteke|vedtok|vedtak|vedtaksdato|møte|møtet|møtedato|behandlet|behandla|handsama|kommunestyret?|bystyret?|bydelsutvalget)\b[^.;\n]{0,60}?(?P<date>{DATE})",
    )
});
static TREATED_ON: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:behandle?s|behandlast|handsamast|(?:skal|vil|blir|vert) (?:bli )?(?:behandl\w*|handsam\w*)|behandler|behandlar|handsamar)\b[^.;]{0,80}?(?P<date>{DATE})",
    )
});
static POLITICAL: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?P<kind>PS|KST|KOM|BST|BYST|FS|FSK|FOR|BU|RS|K-?sak|sak|saksnr\.?|saknr\.?|utvalgssak(?:snr)?\.?|utvalssak(?:snr)?\.?|politisk sak)(?: ?nr\.?)? ?:?[ -]?(?P<n>\d{1,3}) ?[/-] ?(?P<year>\d{2}|20\d{2})\b",
    )
});
static ARCHIVE: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:arkivsak\w*|saksnr|saksnummer|sak|vår ref\w*|vår sak|journalnr|saksref\w*|arkivref\w*)(?:[-.]?ID)?\.? ?:? ?(?P<n>(?:(?:19|20)\d{2}/\d{1,6}|\d{2}/\d{3,6}))\b",
    )
});
static YOUR_REF: Pattern = LazyLock::new(|| compile(r"\b(?:deres|dykkar) (?:ref|referanse)\b\.?[ ]?:?[ ]?(?P<ref>[0-9A-Za-zÆØÅæøå][0-9A-Za-zÆØÅæøå/.-]*)"));

/// The dates on which the text says that a decision was made, not after `today`, in order and without doubles.
pub fn decision_dates(text: &str, range: &Range<usize>, today: Date) -> Vec<Found<Date>> {
    // "Kommunestyret har 12.12.2024 delegert til formannskapet å avgjere": the day the power was given.
    static GAVE_POWER: Pattern = LazyLock::new(|| compile(r"^(?: \([^)]*\))?,? (?:\w+ ){0,2}?deleger\w*"));
    let mut found: Vec<Found<Date>> = Vec::new();
    let decided = |date: &Found<Date>| date.value <= today && !GAVE_POWER.is_match(&text[date.span.end..]);
    for date in dated(&DECIDED_ON, text, range).filter(decided) {
        if !found.iter().any(|known| known.value == date.value) {
            found.push(date);
        }
    }
    found
}

/// The day on which the case is to be treated.
pub fn treatment_date(text: &str) -> Option<Found<Date>> {
    dated(&TREATED_ON, text, &(0..text.len())).next()
}

/// The numbers of political cases, `PS 23/26`, in order and without doubles. A number without a letter code is given bare.
pub fn political_cases(text: &str, range: &Range<usize>) -> Vec<Found<String>> {
    let mut found: Vec<Found<String>> = Vec::new();
    for captures in POLITICAL.captures_iter(&text[range.clone()]) {
        let (Some(whole), Some(kind), Some(number), Some(year)) = (captures.get(0), captures.name("kind"), captures.name("n"), captures.name("year")) else {
            continue;
        };
        // "sak 2023/1234" is a case of the archive; "sak 12/2026" and "PS 12/26" are not.
        let bare = format!("{}/{}", number.as_str(), year.as_str());
        let code = kind.as_str();
        let value = if code.len() <= 4 && code.chars().all(char::is_uppercase) { format!("{code} {bare}") } else { bare };
        if !found.iter().any(|known| known.value == value) {
            found.push(Found { value, span: range.start + whole.start()..range.start + whole.end() });
        }
    }
    found
}

/// Whether a number like that of a political case stands in the text that is not `case`: `014/25 Kommunestyret`, `12/26 Bosetting`.
pub fn names_another_case(text: &str, case: &str) -> bool {
    static BARE: Pattern = LazyLock::new(|| compile(r"(?:^|[\s(-])(?P<n>\d{1,3}/(?:\d{2}|20\d{2}))(?:[\s).,:;]|$)"));
    let plain = |number: &str| number.trim_start_matches('0').to_owned();
    let own = plain(case.rsplit(' ').next().unwrap_or(case));
    BARE.captures_iter(text).filter_map(|found| found.name("n")).any(|number| plain(number.as_str()) != own)
}

/// The case in the kommune's archive, `2023/1234`, without the document's number.
pub fn archive_case(text: &str) -> Option<Found<String>> {
    let number = ARCHIVE.captures(text)?.name("n")?;
    Some(Found { value: number.as_str().to_owned(), span: number.range() })
}

/// The directorate's own reference, as the kommune cites it.
pub fn your_reference(text: &str) -> Option<Found<String>> {
    YOUR_REF.captures_iter(text).find_map(|captures| {
        let reference = captures.name("ref")?;
        let value = reference.as_str().trim_end_matches(['.', '-', '/']);
        value.bytes().any(|b| b.is_ascii_digit()).then(|| Found { value: value.to_owned(), span: reference.start()..reference.start() + value.len() })
    })
}

/// `nb` or `nn`, when the words of one clearly outweigh those of the other.
pub fn language(text: &str) -> Option<&'static str> {
    const BOKMAAL: [&str; 20] = [
        "ikke",
        "fra",
        "bosette",
        "bosetter",
        "bosetting",
        "flyktninger",
        "vedtar",
        "vedtatt",
        "vennlig",
        "enslige",
        "deres",
        "hvorav",
        "personer",
        "være",
        "også",
        "anmodning",
        "anmodningen",
        "kommer",
        "noen",
        "uke",
    ];
    const NYNORSK: [&str; 20] = [
        "ikkje",
        "frå",
        "busetje",
        "busette",
        "buset",
        "busetjing",
        "busetting",
        "flyktningar",
        "vedtek",
        "vedteke",
        "venleg",
        "einslege",
        "dykkar",
        "personar",
        "vere",
        "òg",
        "oppmoding",
        "oppmodinga",
        "kjem",
        "nokon",
    ];
    let text = text.to_lowercase();
    let words = || text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let bokmaal = words().filter(|word| BOKMAAL.contains(word)).count();
    let nynorsk = words().filter(|word| NYNORSK.contains(word)).count();
    match (bokmaal, nynorsk) {
        (nb, nn) if nb >= 2 && nb >= 3 * nn => Some("nb"),
        (nb, nn) if nn >= 2 && nn >= 3 * nb => Some("nn"),
        _ => None,
    }
}

/// The year in which the text was written, when all its dates are of one year.
pub fn year_of_writing(text: &str) -> Option<i64> {
    static ANY: Pattern = LazyLock::new(|| compile(r"\b(?P<date>{DATE})"));
    let years: Vec<i64> = dated(&ANY, text, &(0..text.len())).map(|found| i64::from(found.value.year())).collect();
    years.first().copied().filter(|first| years.iter().all(|year| year == first))
}

/// The year that a request is for, when the text prints just one beside it.
pub fn year_of_request(text: &str) -> Option<i64> {
    static REQUEST: Pattern = LazyLock::new(|| compile(r"\b(?:{ASKED_NOUN}|{ASKED_VERB})\b[^.;:]{0,80}?\b(?:i|for) (?P<year>{YEAR})"));
    let years: Vec<i64> = REQUEST.captures_iter(text).filter_map(|found| found.name("year")?.as_str().parse().ok()).collect();
    years.first().copied().filter(|first| years.iter().all(|year| year == first))
}

/// The day on which a text says that it was written or published, at the beginning of a line.
pub fn day_of_writing(text: &str) -> Option<Date> {
    static SAID: Pattern = LazyLock::new(|| compile(r"(?m)^(?:dato|publisert|skrevet|skrive|lagt ut|lagd ut)\b[^\n\d]{0,20}(?P<date>{DATE})"));
    dated(&SAID, text, &(0..text.len())).next().map(|found| found.value)
}

fn dated<'a>(pattern: &'a Pattern, text: &'a str, range: &Range<usize>) -> impl Iterator<Item = Found<Date>> + 'a {
    let start = range.start;
    pattern.captures_iter(&text[range.clone()]).filter_map(move |captures| {
        let date = captures.name("date")?;
        Some(Found { value: dates::parse(date.as_str()).ok()?, span: start + date.start()..start + date.end() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::date;

    const TODAY: Date = date(2026, 11, 21);

    fn all(text: &str) -> Range<usize> {
        0..text.len()
    }

    #[test]
    fn the_day_of_a_decision_is_not_the_day_of_a_letter() {
        let text = "Dato: 20.12.2025\nKommunestyret behandlet saken i møte 11. desember 2025.";
        assert_eq!(decision_dates(text, &all(text), TODAY).iter().map(|found| found.value).collect::<Vec<_>>(), [date(2025, 12, 11)]);
        let text = "Møte i kommunestyret 31.12.2026";
        assert!(decision_dates(text, &all(text), TODAY).is_empty());
    }

    #[test]
    fn case_numbers_are_told_apart() {
        let text = "Saksnr.: 2025/1234-5\nPS 23/26 Bosetting. Sak 045/25. K-sak 012-26.";
        let cases: Vec<String> = political_cases(text, &all(text)).into_iter().map(|found| found.value).collect();
        assert_eq!(cases, ["PS 23/26", "045/25", "012/26"]);
        assert_eq!(archive_case(text).map(|found| found.value).as_deref(), Some("2025/1234"));
        assert_eq!(archive_case("Arkivsak-ID: 25/01234").map(|found| found.value).as_deref(), Some("25/01234"));
    }

    #[test]
    fn the_directorates_reference_needs_a_digit() {
        assert_eq!(your_reference("Deres ref.: 25/00345-2").map(|found| found.value).as_deref(), Some("25/00345-2"));
        assert_eq!(your_reference("Dykkar ref: 25/00345.").map(|found| found.value).as_deref(), Some("25/00345"));
        assert_eq!(your_reference("Deres ref.: Vår ref.: 25/1"), None);
    }

    #[test]
    fn the_language_is_seen_from_its_words() {
        assert_eq!(language("Kommunen bosetter ikke flyktninger fra i år."), Some("nb"));
        assert_eq!(language("Kommunen buset ikkje flyktningar frå i år."), Some("nn"));
        assert_eq!(language("Kommunen."), None);
    }
}
