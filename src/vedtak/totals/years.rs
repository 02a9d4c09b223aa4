//! For which year a number is: the one beside it, else that of the matter, else one that is counted from the day of writing.

use std::sync::LazyLock;

use super::super::blocks::Role;
use super::super::decision::{Count, Doubt, OneYear};
use super::super::mentions::{self, What};
use super::super::statements::{self, Statement};
use super::super::wording::{self as words, Pattern, compile};
use super::super::{numbers, operative, references};
use super::{Sources, Total};

impl Sources<'_, '_> {
    /// Gives each number its years, and notes where two numbers claim one.
    pub(super) fn by_year(&self, totals: &[Total], doubts: &mut Vec<Doubt>) -> Vec<OneYear> {
        let mut years: Vec<OneYear> = Vec::new();
        let mut open: Vec<&Count> = Vec::new();
        let (fallback, exact) = self.understood_years();
        let dated: Vec<i64> = totals.iter().filter(|total| !self.own_years(total).is_empty()).map(|total| total.count.value).collect();
        for total in totals {
            let mut given = self.own_years(total);
            // A title repeats the number without its year, or with one that is only relative.
            if given.is_empty() && self.found.in_running_text && dated.contains(&total.count.value) {
                continue;
            }
            // "70 i 2027 og 2028" may be so many each year or in both together.
            if total.years.len() > 1 && !words::YEARLY.is_match(self.written(self.found.statements[total.statement])) {
                doubts.push(Doubt::Year);
            }
            if self.leaves_years_open(total, &given) {
                doubts.push(Doubt::Year);
            }
            if given.is_empty() {
                given.clone_from(&fallback);
                if !exact && !given.is_empty() {
                    doubts.push(Doubt::Year);
                }
            }
            if given.is_empty() {
                open.push(&total.count);
            }
            for year in given {
                match years.iter().find(|known| known.year == Some(year)).and_then(|known| known.total.as_ref()) {
                    Some(known) if known.value != total.count.value => doubts.push(Doubt::Numbers),
                    Some(_) => {}
                    None => years.push(OneYear::of(Some(year), &total.count)),
                }
            }
        }
        let known = |count: &Count, years: &[OneYear]| years.iter().any(|year| year.total.as_ref().is_some_and(|total| total.value == count.value));
        if let (true, Some(first)) = (years.is_empty(), open.first()) {
            years.push(OneYear::of(None, first));
        }
        if open.iter().any(|count| !known(count, &years)) {
            doubts.push(Doubt::Numbers);
        }
        years.sort_by_key(|year| year.year);
        self.same_again(&mut years);
        years
    }

    /// Whether the sentence of a number prints a year that none of its numbers is for, or a rhythm without its last year.
    fn leaves_years_open(&self, total: &Total, given: &[i64]) -> bool {
        let statement = self.found.statements[total.statement];
        let tied: Vec<i64> = statement
            .mentions
            .iter()
            .flat_map(|mention| mention.years.iter().copied())
            .chain(given.iter().copied())
            .chain(same_years(self.written(statement)))
            .chain(compared_years(self.written(statement)))
            .collect();
        let rhythm = words::YEARLY.is_match(self.written(statement)) && given.len() < 2;
        rhythm || statement.years.iter().any(|year| !tied.contains(year))
    }

    /// The years that the sentence of a number gives it.
    fn own_years(&self, total: &Total) -> Vec<i64> {
        let statement = self.found.statements[total.statement];
        let sentence = self.written(statement);
        let yearly = words::YEARLY.is_match(sentence);
        let years = if total.years.is_empty() { &statement.years } else { &total.years };
        let count = words::FOR_YEARS.captures(sentence).and_then(|found| numbers::value(found.name("n")?.as_str()));
        match (years.as_slice(), count) {
            // "15 i året i fire år, frå og med 2026"
            ([first], Some(count)) if yearly => (*first..*first + count.min(10)).collect(),
            ([_, _, ..], _) if total.years.is_empty() && !yearly => Vec::new(),
            _ => years.clone(),
        }
    }

    /// "… og same talet i 2027".
    fn same_again(&self, years: &mut Vec<OneYear>) {
        let Some(total) = years.first().and_then(|year| year.total.clone()) else { return };
        for statement in &self.found.statements {
            for year in same_years(self.written(statement)) {
                if !years.iter().any(|known| known.year == Some(year)) {
                    years.push(OneYear::of(Some(year), &total));
                }
            }
        }
        years.sort_by_key(|year| year.year);
    }

    /// The years of the matter, for a number whose sentence has none, and whether they are as good as printed beside it.
    fn understood_years(&self) -> (Vec<i64>, bool) {
        let earlier = |statement: &Statement| {
            let before = !statement.mentions.is_empty() && statement.mentions.iter().all(|mention| mention.what == What::Before);
            before || operative::about_the_past(self.text, statement)
        };
        let deciding =
            statements::distinct(self.found.statements.iter().filter(|statement| !earlier(statement)).flat_map(|statement| statement.years.iter().copied()));
        let heading =
            self.found.block.and_then(|block| self.blocks[block].heading.clone()).map_or_else(Vec::new, |heading| statements::years(self.text, &heading));
        let titles = self.title_years();
        for named in [&heading, &titles] {
            if named.len() == 1 {
                return (named.clone(), deciding.iter().all(|year| named.contains(year)));
            }
        }
        // "… bosetter 12 flyktninger neste år", whatever other year the text names.
        let counted = self.found.statements.iter().any(|statement| statement.has_number() && statement.years.is_empty() && self.is_relative(statement));
        let asks =
            |statement: &&Statement| statement.mentions.iter().any(|mention| mention.what == What::Asked) || words::ASKS.is_match(self.written(statement));
        let asked = statements::distinct(self.all.iter().filter(asks).flat_map(|statement| statement.years.iter().copied()));
        if let ([year], false) = (deciding.as_slice(), counted) {
            // What was asked for another year may be what the answer is for.
            let agrees = asked.is_empty() || asked.contains(year);
            return (deciding, titles.is_empty() && agrees);
        }
        if let Some(relative) = self.relative_year() {
            // With the day in the same sentence nothing is left to count from.
            let dated = self.found.statements.iter().any(|statement| statement.has_number() && words::A_DATE.is_match(self.written(statement)));
            return (vec![relative], dated || self.is_dated());
        }
        (if asked.len() == 1 { asked } else { Vec::new() }, false)
    }

    /// Whether the text says when it was written, all its dates are of that year, and it is told in its own words. In January people still speak of the year
    /// before as this one.
    fn is_dated(&self) -> bool {
        let own = self.found.statements.iter().all(|statement| statement.role != Role::Quoted);
        let written = references::day_of_writing(self.text).filter(|day| day.month() > 1);
        own && written.is_some_and(|day| references::year_of_writing(self.text) == Some(i64::from(day.year())))
    }

    /// Years of lines that name the matter: a title, a subject.
    pub(super) fn title_years(&self) -> Vec<i64> {
        let mut found: Vec<i64> = Vec::new();
        let mut start = 0;
        for line in self.text.split('\n') {
            let range = start..start + line.len();
            start += line.len() + 1;
            // A line in the middle of a paragraph may be as short; it goes on, or tells of what was.
            let goes_on = line.starts_with(char::is_lowercase) || line.contains(". ") || words::PAST.is_match(line);
            let short = line.split_whitespace().count() <= 14 && !line.ends_with('.') && !goes_on;
            if short && (words::SETTLING.is_match(line) || words::ASKS.is_match(line)) {
                found.extend(statements::years(self.text, &range));
            }
        }
        statements::distinct(found)
    }

    /// Whether a sentence has a year that is counted from the day of writing: "neste år".
    fn is_relative(&self, statement: &Statement) -> bool {
        let written = without_comparison(self.written(statement));
        NEXT_YEAR.is_match(&written) || THIS_YEAR.is_match(&written)
    }

    /// "neste år", counted from the one year that the letter's dates have.
    fn relative_year(&self) -> Option<i64> {
        let base = references::year_of_writing(self.text)?;
        let any = |pattern: &Pattern| self.found.statements.iter().any(|statement| pattern.is_match(&without_comparison(self.written(statement))));
        match (any(&NEXT_YEAR), any(&THIS_YEAR)) {
            (true, false) => Some(base + 1),
            (false, true) => Some(base),
            _ => None,
        }
    }
}

/// A sentence without the year it compares with: "like mange som i år".
fn without_comparison(written: &str) -> std::borrow::Cow<'_, str> {
    static COMPARED: Pattern = LazyLock::new(|| compile(r"\b(?:som|enn|mot)(?: \w+)? i (?:år|fjor)\b"));
    COMPARED.replace_all(written, " ")
}

static NEXT_YEAR: Pattern = LazyLock::new(|| compile(r"\b(?:neste år|neste års|komande år|kommende år|året som kommer|til neste år|nyåret)\b"));
static THIS_YEAR: Pattern = LazyLock::new(|| compile(r"\b(?:i år|inneværende år|inneverande år|dette året|årets)\b"));

/// The years for which a sentence says that the number is the same: "… og same talet i 2027".
fn same_years(sentence: &str) -> Vec<i64> {
    static SAME: Pattern = LazyLock::new(|| {
        compile(
            r"\b(?:like mange|like mykje|same talet|samme antall|samme tall|det samme|det same|tilsvarende|tilsvarande)\b[^.;\d]{0,40}?(?P<years>{YEAR_LIST})",
        )
    });
    SAME.captures(sentence).and_then(|found| Some(mentions::year_list(found.name("years")?.as_str()))).unwrap_or_default()
}

/// The years that a sentence only compares with: "10 færre enn i 2026".
fn compared_years(sentence: &str) -> Vec<i64> {
    static COMPARED: Pattern = LazyLock::new(|| compile(r"\b(?:enn|mot) (?:det )?(?:\w+ )?(?:(?:i|for) )?(?P<years>{YEAR_LIST})"));
    COMPARED.captures_iter(sentence).filter_map(|found| Some(mentions::year_list(found.name("years")?.as_str()))).flatten().collect()
}
