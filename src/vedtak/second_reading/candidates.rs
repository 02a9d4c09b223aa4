//! What may have been decided: every number and every list of years in print, and what the rules came to.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use serde::Serialize;

use super::super::mentions::{self, What};
use super::super::numbers;
use super::super::references;
use super::super::statements::Statement;
use super::super::wording::{self as words, Pattern, compile};
use super::Evidence;

/// Something that may have been decided, with what is known of it.
#[derive(Debug, Clone, Serialize)]
pub struct Candidate<T> {
    /// What would be decided.
    pub value: T,
    /// The names of what holds for it.
    pub features: BTreeSet<String>,
    /// Where it stands first.
    #[serde(skip)]
    pub span: Option<Range<usize>>,
}

/// A number in print.
pub struct Printed {
    /// How many.
    pub value: i64,
    /// Its place in the text.
    pub span: Range<usize>,
    /// The sentence or heading.
    pub line: Range<usize>,
    /// The sentence by its place; none for a heading.
    pub statement: Option<usize>,
}

/// The most people one kommune is believed to decide for in a year.
const PEOPLE_MAX: i64 = 2000;

/// Every number of the sentences and headings that is no year.
pub fn printed(evidence: &Evidence<'_, '_>) -> Vec<Printed> {
    /// Digits that stand beside letters because a space was lost count too.
    static NUMBER: Pattern = LazyLock::new(|| compile(r"{N}|(?P<glued>\d{1,4})"));
    let mut found = Vec::new();
    for (line, statement) in lines(evidence) {
        let written = &evidence.text[line.clone()];
        for number in NUMBER.find_iter(written) {
            let is_year = words::A_YEAR.find(number.as_str()).is_some_and(|year| year.len() == number.len());
            let Some(value) = numbers::value(number.as_str()).filter(|value| (1..=PEOPLE_MAX).contains(value) && !is_year) else { continue };
            found.push(Printed { value, span: line.start + number.start()..line.start + number.end(), line: line.clone(), statement });
        }
    }
    found
}

/// The sentences, and the headings between them.
pub fn lines(evidence: &Evidence<'_, '_>) -> Vec<(Range<usize>, Option<usize>)> {
    let sentences = evidence.all.iter().enumerate().map(|(at, statement)| (statement.sentence.clone(), Some(at)));
    let headings = evidence.blocks.iter().filter_map(|block| Some((block.heading.clone()?, None)));
    let mut lines: Vec<_> = sentences.chain(headings).collect();
    lines.sort_by_key(|(line, _)| line.start);
    lines
}

/// Every list of years that may be meant: each year alone, each list in print, what the sentences with a number of people have together, and the years before and
/// after the day of writing.
pub fn years(evidence: &Evidence<'_, '_>) -> BTreeSet<Vec<i64>> {
    static LIST: Pattern = LazyLock::new(|| compile(r"{YEAR_LIST}|(?P<glued>20[1-4]\d)"));
    let mut found: BTreeSet<Vec<i64>> = BTreeSet::new();
    let mut lists: Vec<Vec<i64>> = LIST.find_iter(evidence.text).map(|found| mentions::year_list(found.as_str())).collect();
    if let Some(now) = references::year_of_writing(evidence.text) {
        lists.extend([vec![now], vec![now + 1]]);
    }
    let settled = |statement: &Statement| -> Vec<i64> {
        statement.mentions.iter().filter(|mention| mention.what.could_be_decided()).flat_map(|mention| mention.years.iter().copied()).collect()
    };
    lists.push(evidence.found.statements.iter().flat_map(|statement| settled(statement)).collect());
    lists.push(evidence.found.statements.iter().flat_map(|statement| statement.years.iter().copied()).collect());
    lists.push(evidence.all.iter().filter(|statement| statement.mentions.iter().any(|mention| mention.what == What::Settled)).flat_map(settled).collect());
    lists.push(rules_years(evidence));
    for mut list in lists {
        list.sort_unstable();
        list.dedup();
        found.extend(list.iter().map(|year| vec![*year]));
        if !list.is_empty() && list.len() < 6 {
            found.insert(list);
        }
    }
    found
}

/// The years that the rules came to.
pub fn rules_years(evidence: &Evidence<'_, '_>) -> Vec<i64> {
    evidence.totals.years.iter().filter_map(|year| year.year).collect()
}
