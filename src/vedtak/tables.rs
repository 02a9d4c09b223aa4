//! Tables typed with spaces: a row a year with columns of categories, or a row a category with columns of years, or of what was asked for beside what was decided.

use std::ops::Range;
use std::sync::LazyLock;

use super::decision::{Count, OneYear};
use super::terms::{self, Minors};
use super::wording::{Pattern, compile};

/// What a column or row counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Category {
    Adults,
    Minors,
    Older,
    Younger,
    Total,
}

static CATEGORY: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"(?P<older>(?:{EM}|mindre?årige|barn og unge)? ?,? ?\(?(?:15 ?[–-] ?1[78](?: år)?|over 15(?: år)?)\)?)|(?P<younger>(?:{EM}|mindre?årige|barn)? ?,? ?\(?(?:under 15(?: år)?|0 ?[–-] ?1[45](?: år)?|u/15)\)?)|",
        r"(?P<adults>(?:voksne|vaksne|ordinære|øvrige|andre|enslige voksne|familier)(?: ?(?:/|og|eller) ?(?:familier|familiar|voksne|par))?)|(?P<minors>{EM}|\bmindre?årige)|(?P<total>\b(?:personar|personer|vedtatt|vedteke|bosettes|sum|totalt|total|i alt|til sammen|til saman|samla|samlet|antall|tal)\b)",
    ))
});

/// What heads the labels of the rows, and the numbers.
static OF_A_HEAD: Pattern = LazyLock::new(|| compile(r"^(?:gruppe\w*|kategori\w*|målgruppe\w*|tal|tall|antall|personar|personer)$"));
static YEAR_HEAD: Pattern = LazyLock::new(|| compile(r"^år\b"));

fn category(found: &regex::Captures<'_>) -> Option<Category> {
    [("older", Category::Older), ("younger", Category::Younger), ("adults", Category::Adults), ("minors", Category::Minors), ("total", Category::Total)]
        .into_iter()
        .find_map(|(name, category)| found.name(name).map(|_| category))
}

/// The years of a table among these sentences.
pub fn read(text: &str, sentences: &[Range<usize>]) -> Option<Vec<OneYear>> {
    let lines: Vec<(usize, &str)> = sentences
        .iter()
        .flat_map(|sentence| {
            let mut start = sentence.start;
            text[sentence.clone()]
                .split('\n')
                .map(move |line| {
                    let at = start;
                    start += line.len() + 1;
                    (at, line)
                })
                .collect::<Vec<_>>()
        })
        .collect();
    if has_columns(text, sentences) {
        return beside_what_was_asked(&lines);
    }
    by_year(&lines).or_else(|| by_category(&lines))
}

/// Whether these sentences hold a table, whatever it says: rows of a category with several numbers under a line that heads columns.
pub fn has_columns(text: &str, sentences: &[Range<usize>]) -> bool {
    sentences.iter().flat_map(|sentence| text[sentence.clone()].split('\n')).any(|line| decided_column(line).is_some())
}

/// The place of the decided among columns such as `Anmodet Vedtatt`, and how many there are.
fn decided_column(line: &str) -> Option<(usize, usize)> {
    static HEADS: Pattern = LazyLock::new(|| {
        compile(
            r"\b(?:(?P<decided>vedtatt|vedteke|vedtak)|anmodet|anmodning|oppmoda|oppmoding|bedt om|bede om|ønsket|innstilling|tilråding|forslag|bosatt|busett|fjorår\w*)\b",
        )
    });
    let heads: Vec<bool> = HEADS.captures_iter(line).map(|found| found.name("decided").is_some()).collect();
    let decided = heads.iter().position(|decided| *decided)?;
    let others = line.split_whitespace().filter(|word| !HEADS.is_match(word)).count();
    (heads.len() > 1 && heads.iter().filter(|decided| **decided).count() == 1 && others <= 3 && !line.ends_with('.')).then_some((decided, heads.len()))
}

/// A row a category, and of its columns the one that was decided. A row with an empty cell does not say which one is empty.
fn beside_what_was_asked(lines: &[(usize, &str)]) -> Option<Vec<OneYear>> {
    let (head, (decided, columns)) = lines.iter().enumerate().find_map(|(at, (_, line))| Some((at, decided_column(line)?)))?;
    let heading = lines[head].1;
    let mut year = OneYear { year: super::statements::only_year(heading), ..OneYear::default() };
    let mut label: Option<Category> = None;
    for (at, line) in &lines[head + 1..] {
        let found = CATEGORY.captures(line).filter(|found| found.get(0).is_some_and(|whole| whole.start() == 0));
        let end = found.as_ref().and_then(|found| found.get(0)).map_or(0, |whole| whole.end());
        let category = found.and_then(|found| category(&found)).or(label.take());
        let row = cells(at + end, &line[end..]);
        match category {
            Some(category) if row.len() == columns => set(&mut year, category, row[decided].clone()),
            // The label stands in a line of its own.
            Some(_) if row.is_empty() => label = category,
            _ => {}
        }
    }
    if let (Some(total), Some(adults), None) = (&year.total, &year.adults, &year.minors.total) {
        let rest = total.value - adults.value;
        year.minors.total = (rest >= 0).then(|| Count { value: rest, span: total.span.clone() });
    }
    let minors = &mut year.minors;
    if let (Some(total), Some(older), None) = (&minors.total, &minors.older, &minors.younger) {
        let rest = total.value - older.value;
        minors.younger = (rest >= 0).then(|| Count { value: rest, span: total.span.clone() });
    }
    finish(vec![year])
}

/// The numbers of a row, with their places; a dash is none.
fn cells(at: usize, line: &str) -> Vec<Option<Count>> {
    let mut cells = Vec::new();
    let mut place = 0;
    for word in line.split(' ') {
        let span = at + place..at + place + word.len();
        place += word.len() + 1;
        match word.parse::<i64>() {
            Ok(value) => cells.push(Some(Count { value, span })),
            Err(_) if ["-", "–"].contains(&word) => cells.push(Some(Count { value: 0, span })),
            // Minors in brackets are told by [`bracketed`].
            Err(_) => {}
        }
    }
    cells
}

/// The minors in brackets after each number of a row: `104 (10)`.
fn bracketed(at: usize, line: &str) -> Vec<Option<Count>> {
    static CELL: Pattern = LazyLock::new(|| compile(r"\b\d+\b(?: \((?P<n>\d+)\))?"));
    let minors = |found: regex::Captures<'_>| {
        let number = found.name("n")?;
        Some(Count { value: number.as_str().parse().ok()?, span: at + number.start()..at + number.end() })
    };
    let mut found = Vec::new();
    let mut rest = 0;
    for captures in CELL.captures_iter(line) {
        let whole = captures.get(0).map_or(0, |whole| whole.start());
        if whole >= rest {
            rest = captures.get(0).map_or(rest, |whole| whole.end());
            found.push(minors(captures));
        }
    }
    found
}

fn set(year: &mut OneYear, category: Category, count: Option<Count>) {
    match category {
        Category::Adults => year.adults = count,
        Category::Minors => year.minors.total = count,
        Category::Older => year.minors.older = count,
        Category::Younger => year.minors.younger = count,
        Category::Total => year.total = count,
    }
}

/// The columns that a head names, in order; none when two say the same, since nobody can tell them apart. `Antall totalt` is one.
fn columns_of(head: &str) -> Vec<Category> {
    let mut columns: Vec<(Category, usize)> = Vec::new();
    for found in CATEGORY.captures_iter(head) {
        let (Some(category), Some(whole)) = (category(&found), found.get(0)) else { continue };
        match columns.last_mut() {
            Some((last, end)) if *last == category && head[*end..whole.start()].trim().is_empty() => *end = whole.end(),
            _ => columns.push((category, whole.end())),
        }
    }
    let columns: Vec<Category> = columns.into_iter().map(|(category, _)| category).collect();
    let twice = columns.iter().enumerate().any(|(at, category)| columns[..at].contains(category));
    if twice { Vec::new() } else { columns }
}

/// Whether what follows a row's label is the rest of a row: numbers, with nothing between or after them but what they count. `Vedtatt med 17 mot 2 stemmer`
/// begins like a row and is a sentence.
fn is_row(rest: &str) -> bool {
    const UNITS: [&str; 5] = ["personer", "personar", "flyktninger", "flyktningar", "stk"];
    let numbers = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
    let is_word = |word: &&str| word.chars().any(char::is_alphabetic);
    let before = rest[..numbers].split_whitespace().filter(is_word).count();
    let after = rest[numbers..].split_whitespace().filter(is_word);
    before <= 2 && after.map(|word| word.trim_end_matches(['.', ',', ')'])).all(|word| UNITS.contains(&word.to_lowercase().as_str()))
}

fn by_year(lines: &[(usize, &str)]) -> Option<Vec<OneYear>> {
    let mut columns: Vec<Category> = Vec::new();
    let mut head = String::new();
    let mut years = Vec::new();
    for (at, line) in lines {
        let row = cells(*at, line);
        let of_year = row.first().and_then(Option::as_ref).map(|first| first.value).filter(|year| (2010..2050).contains(year));
        match of_year {
            Some(year) if row.len() == columns.len() + 1 && !columns.is_empty() && line.starts_with(&year.to_string()) => {
                let mut found = OneYear { year: Some(year), ..OneYear::default() };
                let brackets = bracketed(*at, line);
                for (category, count) in columns.iter().zip(row.into_iter().skip(1)) {
                    set(&mut found, *category, count);
                }
                if columns == [Category::Total] {
                    found.minors.total = brackets.into_iter().nth(1).flatten();
                }
                years.push(found);
            }
            _ => {
                let named = CATEGORY.find_iter(line).count();
                if named > 1 || named == 1 && YEAR_HEAD.is_match(line) {
                    (*line).clone_into(&mut head);
                } else if named == 1 && !head.is_empty() && years.is_empty() && line.split_whitespace().count() <= 3 {
                    // The head goes on in a line of its own.
                    head = format!("{head} {line}");
                } else {
                    continue;
                }
                columns = columns_of(&head);
            }
        }
    }
    finish(years)
}

fn by_category(lines: &[(usize, &str)]) -> Option<Vec<OneYear>> {
    let mut years: Vec<OneYear> = Vec::new();
    for (at, line) in lines {
        let row = cells(*at, line);
        let all_years: Vec<i64> = row.iter().flatten().map(|cell| cell.value).filter(|year| (2010..2050).contains(year)).collect();
        let others = line.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic) && !OF_A_HEAD.is_match(word)).count();
        // A line that happens to end with a year heads no columns.
        if all_years.len() == row.len() && !row.is_empty() && others <= if row.len() > 1 { 3 } else { 1 } {
            years = all_years.into_iter().map(|year| OneYear { year: Some(year), ..OneYear::default() }).collect();
            continue;
        }
        let labelled = CATEGORY.captures(line).filter(|found| found.get(0).is_some_and(|whole| whole.start() == 0 && is_row(&line[whole.end()..])));
        let Some(category) = labelled.and_then(|found| category(&found)) else { continue };
        if category == Category::Total {
            for (year, minors) in years.iter_mut().zip(bracketed(*at, line)) {
                year.minors.total = minors.or_else(|| year.minors.total.take());
            }
        }
        let last: Vec<Option<Count>> = row.iter().rev().take(years.len()).rev().cloned().collect();
        if last.len() == years.len() {
            for (year, count) in years.iter_mut().zip(last) {
                set(year, category, count);
            }
        }
    }
    finish(years)
}

/// Sums that follow; none when a table does not add up.
fn finish(mut years: Vec<OneYear>) -> Option<Vec<OneYear>> {
    for year in &mut years {
        let minors: &mut Minors = &mut year.minors;
        if let (None, Some(older), Some(younger)) = (&minors.total, &minors.older, &minors.younger) {
            minors.total = Some(Count { value: older.value + younger.value, span: terms::cover(&older.span, &younger.span) });
        }
        match (&year.total, &year.adults, &minors.total) {
            (None, Some(adults), Some(minors)) => {
                year.total = Some(Count { value: adults.value + minors.value, span: terms::cover(&adults.span, &minors.span) });
            }
            (Some(total), None, Some(minors)) if minors.value <= total.value => {
                year.adults = Some(Count { value: total.value - minors.value, span: total.span.clone() });
            }
            (Some(total), Some(adults), minors) if minors.as_ref().map_or(0, |minors| minors.value) + adults.value != total.value => return None,
            _ => {}
        }
    }
    (!years.is_empty() && years.iter().all(|year| year.total.is_some())).then_some(years)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Option<Vec<[Option<i64>; 6]>> {
        let value = |count: &Option<Count>| count.as_ref().map(|count| count.value);
        let row = |year: OneYear| {
            [year.year, value(&year.total), value(&year.adults), value(&year.minors.older), value(&year.minors.younger), value(&year.minors.total)]
        };
        read(text, std::slice::from_ref(&(0..text.len()))).map(|years| years.into_iter().map(row).collect())
    }

    #[test]
    fn a_row_a_year() {
        let text = "År Vaksne/familiar EM 15-18 EM under 15 Sum\n2023 34 4 0 38\n2024 28 2 - 30";
        let expected = vec![[Some(2023), Some(38), Some(34), Some(4), Some(0), Some(4)], [Some(2024), Some(30), Some(28), Some(2), Some(0), Some(2)]];
        assert_eq!(rows(text), Some(expected));
        let text = "År Personar\n2024 8 (2)\n2025 8 (0)";
        assert_eq!(rows(text), Some(vec![[Some(2024), Some(8), Some(6), None, None, Some(2)], [Some(2025), Some(8), Some(8), None, None, Some(0)]]));
    }

    #[test]
    fn a_head_of_two_lines_names_its_columns_and_two_that_say_the_same_are_not_guessed_at() {
        let text = "År Antall totalt Herav enslige\nmindreårige\n\n2027 14 3\n\n2028 10 2";
        let expected = vec![[Some(2027), Some(14), Some(11), None, None, Some(3)], [Some(2028), Some(10), Some(8), None, None, Some(2)]];
        assert_eq!(rows(text), Some(expected));
        assert_eq!(rows("År Antall vedtatt Anslag sum\n2027 14 3"), None);
    }

    #[test]
    fn a_vote_is_no_row() {
        for vote in ["Vedtatt med 17 mot 2 stemmer.", "Vedteke med 18 mot 7 røyster", "Vedtatt 17–2"] {
            assert_eq!(rows(&format!("Svar på anmodning om bosetting av flyktninger 2027\n2. Rådmannen følger opp.\n{vote}")), None, "{vote}");
            assert_eq!(rows(&format!("2027\n2. Rådmannen følger opp.\n{vote}")).filter(|_| vote.contains("mot")), None, "{vote}");
        }
        assert_eq!(rows("2027\nTotalt 20 personer"), Some(vec![[Some(2027), Some(20), None, None, None, None]]));
    }

    #[test]
    fn a_row_a_category() {
        let text = "2025 2026\nVaksne/familiar 17 20\nEM 3 4\nSum 20 24";
        assert_eq!(rows(text), Some(vec![[Some(2025), Some(20), Some(17), None, None, Some(3)], [Some(2026), Some(24), Some(20), None, None, Some(4)]]));
    }

    #[test]
    fn of_what_was_asked_for_and_what_was_decided_the_decided_counts() {
        let text = "Lund 2027 Anmodet Vedtatt\nEnslige voksne/familier 30 25\nEM 15-18 3 3\nEM under 15 2\nSum 35 28";
        assert_eq!(rows(text), Some(vec![[Some(2027), Some(28), Some(25), Some(3), Some(0), Some(3)]]));
        let text = "2027 Vedteke Oppmoda\nVaksne 25 30\nSum 28 30";
        assert_eq!(rows(text), Some(vec![[Some(2027), Some(28), Some(25), None, None, Some(3)]]));
        let columns = |text: &str| has_columns(text, std::slice::from_ref(&(0..text.len())));
        assert!(columns("Anmodet Vedtatt\nSum 30 24") && !columns("Kommunen er anmodet om 30, og 24 er vedtatt."));
    }

    #[test]
    fn a_sentence_that_begins_with_words_is_no_row() {
        assert_eq!(rows("Vi tilbyr 2024 (85 personer) og 2025 (70 personer).\nI 2023 er 96 av 120 brukt"), None);
    }

    #[test]
    fn what_does_not_add_up_or_is_no_table_is_none() {
        assert_eq!(rows("2025 2026\nVaksne/familiar 17 20\nEM 3 4\nSum 21 24"), None);
        assert_eq!(rows("Kommunen bosetter 20 flyktninger i 2026.\nVedtatt med 14 mot 13 stemmer"), None);
    }
}
