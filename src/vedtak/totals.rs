//! How many, for which year: what the deciding sentences come to.
//!
//! Each number of people gets its year: from its own sentence, else from the heading or title of the matter, else from the other sentences that decide; a year that is only
//! relative (`neste år`) is counted from the day in print. Two numbers for one year, a number on top of another and a year that is only understood are doubts.

use std::ops::Range;
use std::sync::LazyLock;

use super::amendments;
use super::blocks::Block;
use super::decider;
use super::decision::{Count, Doubt, OneYear};
use super::mentions::{self, Age, Limit, Mention, What};
use super::operative::{self, Operative};
use super::references;
use super::statements::{self, Force, Statement};
use super::tables;
use super::terms::{self, Minors};
use super::wording::{self as words, Pattern, compile};
use crate::clock::Date;

/// What the deciding sentences come to.
pub struct Totals {
    /// Year by year, in order.
    pub years: Vec<OneYear>,
    /// A sum over several years that is not split.
    pub period: Option<Count>,
    /// The bound on the first number.
    pub limit: Limit,
    /// A number on top of an earlier decision.
    pub supplement: Option<Count>,
    /// An offer of more.
    pub more: Option<Count>,
    /// What leaves a choice.
    pub doubts: Vec<Doubt>,
}

/// A number decided, before it has its year.
#[derive(Clone)]
struct Total {
    count: Count,
    limit: Limit,
    years: Vec<i64>,
    statement: usize,
}

impl Total {
    fn of((statement, mention): (usize, &Mention)) -> Self {
        Self { count: Count::of(mention), limit: mention.limit, years: mention.years.clone(), statement }
    }
}

/// What the letter says, for adding up.
pub struct Sources<'r, 'a> {
    /// The normalised text.
    pub text: &'a str,
    /// Its blocks.
    pub blocks: &'r [Block],
    /// All its sentences.
    pub all: &'r [Statement],
    /// Those that decide.
    pub found: &'r Operative<'r>,
    /// What was asked for.
    pub asked: &'r [Count],
    /// The day it came.
    pub today: Date,
}

impl Sources<'_, '_> {
    fn written(&self, statement: &Statement) -> &str {
        statement.written(self.text)
    }

    fn any(&self, pattern: &Pattern) -> bool {
        self.found.statements.iter().any(|statement| pattern.is_match(self.written(statement)))
    }

    /// The numbers that count `what`, with the place of their sentence. A sentence about several kommuner has their sum, or another's number.
    fn numbers(&self, what: What) -> Vec<(usize, &Mention)> {
        let of_one = |statement: &&Statement| {
            decider::named(self.text, &statement.sentence).len() < 2 && !(what == What::Other && words::OF_MANY.is_match(self.written(statement)))
        };
        let mut found = Vec::new();
        for (at, statement) in self.found.statements.iter().enumerate().filter(|(_, statement)| of_one(statement)) {
            found.extend(statement.mentions.iter().filter(|mention| mention.what == what).map(|mention| (at, mention)));
        }
        found
    }

    fn first(&self, what: What) -> Option<Count> {
        self.numbers(what).first().map(|(_, mention)| Count::of(mention))
    }

    fn refusal(&self) -> Option<usize> {
        self.found.statements.iter().position(|statement| statement.force == Force::Refuses)
    }

    /// Whether more than was decided before is refused, and no more than that.
    pub fn refuses_more(&self) -> bool {
        let weighty = |statement: &Statement| statement.by_council || statement.role == super::blocks::Role::Decision;
        let whole = self.found.statements.iter().any(|statement| statement.force == Force::Refuses && weighty(statement));
        self.found.statements.iter().any(|statement| statement.force == Force::RefusesMore && (!whole || statement.by_council))
    }

    fn refused_by_council(&self) -> bool {
        // "Bystyret viser til at Sola og Randaberg har sagt nei" is the neighbours' no.
        let own = |statement: &Statement| decider::named(self.text, &statement.sentence).len() < 2;
        self.found.statements.iter().any(|statement| statement.force == Force::Refuses && statement.by_council && own(statement))
    }

    /// Whether the whole is refused.
    pub fn refuses(&self) -> bool {
        self.refusal().is_some()
    }

    /// Whether a sentence says yes to what was asked for.
    pub fn says_yes(&self, statement: &Statement) -> bool {
        statement.force == Force::Accepts || words::ACCEPTS.is_match(self.written(statement)) && !matches!(statement.force, Force::Refuses | Force::RefusesMore)
    }

    /// Adds up.
    pub fn totals(&self) -> Totals {
        let mut doubts = Vec::new();
        if let Some(table) = self.table() {
            doubts.extend(self.doubts_of(&table));
            return Totals { years: table, period: None, limit: Limit::Exact, supplement: None, more: None, doubts };
        }
        let spans: Vec<Range<usize>> = self.found.statements.iter().map(|statement| statement.sentence.clone()).collect();
        if tables::has_columns(self.text, &spans) {
            doubts.push(Doubt::Numbers);
        }
        let mut minors = terms::minors(self.text, &self.found.statements);
        let mut totals = self.decided();
        let adults = self.numbers(What::Adults).into_iter().next().map(Total::of);
        if totals.is_empty()
            && let Some(adults) = &adults
        {
            let sum = adults.count.value + minors.total.as_ref().map_or(0, |minors| minors.value);
            let span = minors.total.as_ref().map_or(adults.count.span.clone(), |minors| terms::cover(&adults.count.span, &minors.span));
            totals.push(Total { count: Count { value: sum, span }, ..adults.clone() });
        } else if let ([total], None, true, Some(more)) = (totals.as_mut_slice(), &adults, minors.beside, &minors.total) {
            // Whether the number has them in it or not is not plain.
            doubts.push(Doubt::Minors);
            total.count = Count { value: total.count.value + more.value, span: terms::cover(&total.count.span, &more.span) };
        }
        if totals.is_empty() && self.any(&words::ONLY_MINORS) {
            totals.extend(self.numbers(What::Minors(Age::Any)).into_iter().next().map(Total::of));
        }
        for total in &mut totals {
            if let Some(count) = amendments::amended(self.text, self.blocks, self.all, &self.found.statements, total.count.value) {
                total.count = count;
                doubts.push(Doubt::Changed);
            }
        }
        let supplement = self.first(What::Added);
        let period = self.first(What::Period);
        if supplement.is_some() {
            doubts.push(Doubt::Supplement);
        }
        if totals.is_empty() && supplement.is_none() && period.is_none() && self.numbers(What::Other).is_empty() {
            totals.extend(self.implied(&mut doubts));
        }
        // A number that is said plainly may be said again in any words.
        let plainly = |value: i64| totals.iter().any(|total| total.count.value == value && self.is_plain(total));
        if !totals.iter().all(|total| plainly(total.count.value)) {
            doubts.push(Doubt::Words);
        }
        // A yes with a number and a no in the same decision, or a number that is also called an addition, is not for a machine to weigh.
        if totals.iter().any(|total| total.count.value > 0) && (self.refused_by_council() || self.found.in_running_text && self.refuses()) {
            doubts.push(Doubt::Numbers);
        }
        if totals.iter().any(|total| self.is_called_an_addition(total.count.value)) {
            doubts.push(Doubt::Supplement);
        }
        let limit = totals.first().map_or(Limit::Exact, |total| total.limit);
        let mut years = self.by_year(&totals, &mut doubts);
        if let Some(first) = years.first_mut() {
            if minors.total.is_none() && first.total.as_ref().is_some_and(|total| total.value == 0) && self.refuses() && self.any(&words::BOTH_KINDS) {
                minors = Minors::none(first.total.as_ref().map(|total| total.span.clone()).unwrap_or_default());
            }
            first.adults = adults_of(first.total.as_ref(), adults.map(|adults| adults.count).as_ref(), &minors);
            first.minors = minors;
        }
        doubts.extend(self.doubts_of(&years));
        if self.found.statements.iter().any(|statement| statement.has_number() && words::SOFT.is_match(self.written(statement))) {
            doubts.push(Doubt::Soft);
        }
        Totals { years, period, limit, supplement, more: self.first(What::More), doubts }
    }

    /// Whether a number is anywhere said to come on top of an earlier decision.
    fn is_called_an_addition(&self, value: i64) -> bool {
        use super::blocks::Role;
        let told = |statement: &&Statement| matches!(statement.role, Role::Body | Role::Decision);
        self.all.iter().filter(told).flat_map(|statement| &statement.mentions).any(|mention| mention.what == What::Added && mention.value == value)
    }

    /// A table, without a column of what was before.
    fn table(&self) -> Option<Vec<OneYear>> {
        let spans: Vec<Range<usize>> = self.found.statements.iter().map(|statement| statement.sentence.clone()).collect();
        let mut table = tables::read(self.text, &spans)?;
        let titles = self.title_years();
        if let Some(first) = titles.iter().min().filter(|first| table.iter().any(|year| year.year == Some(**first))) {
            table.retain(|year| year.year >= Some(*first));
        }
        Some(table)
    }

    /// The numbers of people that are decided in so many words.
    fn decided(&self) -> Vec<Total> {
        let statements = &self.found.statements;
        let own = |statement: &Statement| {
            statement.force != Force::Keeps && statement.mentions.iter().any(|mention| matches!(mention.what, What::Settled | What::Adults))
        };
        let decides_itself = statements.iter().any(|statement| own(statement));
        let settled =
            || self.numbers(What::Settled).into_iter().filter(|(at, mention)| !mention.part && (!decides_itself || statements[*at].force != Force::Keeps));
        let mut totals: Vec<Total> = settled().map(Total::of).collect();
        if totals.is_empty() && (self.refuses_more() || statements.iter().any(|statement| statement.force == Force::Keeps)) {
            totals.extend(self.numbers(What::Before).into_iter().map(Total::of));
        }
        // "sier ja til anmodningen om å bosette 31" decides what was asked for.
        for (at, statement) in statements.iter().enumerate().filter(|(_, statement)| statement.force == Force::Accepts) {
            totals.extend(statement.mentions.iter().filter(|mention| mention.what == What::Asked && !mention.part).map(|mention| Total::of((at, mention))));
        }
        if let Some(sum) = self.numbers(What::Settled).into_iter().rev().find(|(_, mention)| mention.sum).filter(|_| totals.len() > 1) {
            totals = vec![Total::of(sum)];
        }
        // A number that was changed in the same decision: `tallet 90 endres til 110`.
        let amended = statements.iter().filter(|statement| operative::AMENDED.is_match(self.written(statement)));
        let replaced: Vec<i64> =
            amended.flat_map(|statement| &statement.mentions).filter(|mention| mention.what == What::Before).map(|mention| mention.value).collect();
        keep_if_any(&mut totals, |total| !replaced.contains(&total.count.value));
        // What a council is said to have decided goes before what others tell.
        if self.found.in_running_text {
            keep_if_any(&mut totals, |total| statements[total.statement].by_council);
        }
        // A year gone by when the text was written is told of, not decided.
        if let Some(now) = references::year_of_writing(self.text) {
            keep_if_any(&mut totals, |total| total.years.is_empty() || total.years.iter().any(|year| *year >= now));
        }
        totals
    }

    /// The number of a decision that names none: a refusal is none at all, a yes is what was asked for.
    fn implied(&self, doubts: &mut Vec<Doubt>) -> Option<Total> {
        if self.refuses_more() {
            return None;
        }
        if let Some(statement) = self.refusal() {
            if self.any(&words::FOR_NOW) {
                doubts.push(Doubt::Soft);
            }
            let span = self.found.statements[statement].sentence.clone();
            return Some(Total { count: Count { value: 0, span }, limit: Limit::Exact, years: Vec::new(), statement });
        }
        if !self.found.statements.iter().any(|statement| self.says_yes(statement)) || self.any(&words::SOFT) {
            return None;
        }
        let own: Vec<Count> = self.numbers(What::Asked).into_iter().map(|(_, mention)| Count::of(mention)).collect();
        if own.is_empty() {
            doubts.push(Doubt::NoNumber);
        }
        match if own.is_empty() { self.asked } else { own.as_slice() } {
            [one] => Some(Total { count: one.clone(), limit: Limit::Exact, years: Vec::new(), statement: 0 }),
            _ => None,
        }
    }

    /// Whether a number stands where the plainest decisions have it: right after its verb of settling, a request that is met, or the words of a change to it; or a
    /// point begins with it.
    fn is_plain(&self, total: &Total) -> bool {
        static BEFORE: Pattern = LazyLock::new(|| {
            compile(concat!(
                r"(?:{SETTLE}(?: av)?|{TO_SETTLE}|(?:gikk|gjekk) (?:\w+ ){0,3}?(?:inn )?for|svarte|svara|altså|det vil si|tilbyr(?: \S+)?(?: for)?|tilbyd(?: \S+)?(?: for)?|stiller|stillar|vedtok|vedtar|vedtek|vedtatt|vedteke|(?:land(?:et|a)|end(?:te|a)) på|(?:blir|vert|ble|blei|vart) det|det (?:blir|vert|ble|blei|vart)|(?:resultatet|vedtaket|tallet|talet) (?:ble|blei|vart|vert|blir)|tilslutning til|{ASKED_NOUN}(?: \S+){0,3}? (?:om|på)|ja til|fullmakt til|til|vedtak\w*(?: \S+){0,5}? (?:er|på|om|ble|vart)|(?:antall\w*|tal\w*) (?:\S+ ){1,4}?(?:anmodet|oppmoda|bedt|bede) om,|{YEAR} ?[(:]|{YEAR},?(?: og| samt)?|^|^(?:[-–•*·]|\d+[.)]|[a-h]\)|[A-F][.)])|[:«“\x22]) ?",
                r"(?:(?:ytterligere|kommune(?:n)?|kommuna|herad|i {YEAR},?|årlig|til sammen|totalt|i alt|samlet|alle|de|dei|plass til|det antallet|(?:[A-ZÆØÅ][\wæøå-]+ ){0,3}kommune) ){0,3}{UP_TO}$",
            ))
        });
        let statement = self.found.statements[total.statement];
        let before = total.count.span.start.checked_sub(statement.sentence.start).and_then(|at| self.written(statement).get(..at));
        // "1,8 millionar til 18 flyktningar" decides on money.
        static MONEY: Pattern = LazyLock::new(|| compile(r"\b(?:mill\w*|mrd|kron\w+|kr|budsjett\w*)\b"));
        let money = MONEY.is_match(self.written(statement)) && self.found.in_running_text;
        total.count.value == 0 || !money && before.is_some_and(|before| BEFORE.is_match(before))
    }

    /// Gives each number its years, and notes where two numbers claim one.
    fn by_year(&self, totals: &[Total], doubts: &mut Vec<Doubt>) -> Vec<OneYear> {
        let mut years: Vec<OneYear> = Vec::new();
        let mut open: Vec<&Count> = Vec::new();
        let (fallback, exact) = self.understood_years();
        for total in totals {
            let mut given = self.own_years(total);
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
        let count = words::FOR_YEARS.captures(sentence).and_then(|found| super::numbers::value(found.name("n")?.as_str()));
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
        if deciding.len() == 1 && !counted {
            return (deciding, titles.is_empty());
        }
        if let Some(relative) = self.relative_year() {
            // With the day in the same sentence nothing is left to count from.
            let dated = self.found.statements.iter().any(|statement| statement.has_number() && words::A_DATE.is_match(self.written(statement)));
            return (vec![relative], dated || self.is_dated());
        }
        let asks =
            |statement: &&Statement| statement.mentions.iter().any(|mention| mention.what == What::Asked) || words::ASKS.is_match(self.written(statement));
        let asked = statements::distinct(self.all.iter().filter(asks).flat_map(|statement| statement.years.iter().copied()));
        (if asked.len() == 1 { asked } else { Vec::new() }, false)
    }

    /// Whether the text says when it was written, all its dates are of that year, and it is told in its own words. In January people still speak of the year
    /// before as this one.
    fn is_dated(&self) -> bool {
        let own = self.found.statements.iter().all(|statement| statement.role != super::blocks::Role::Quoted);
        let written = references::day_of_writing(self.text).filter(|day| day.month() > 1);
        own && written.is_some_and(|day| references::year_of_writing(self.text) == Some(i64::from(day.year())))
    }

    /// Years of lines that name the matter: a title, a subject.
    fn title_years(&self) -> Vec<i64> {
        let mut found: Vec<i64> = Vec::new();
        let mut start = 0;
        for line in self.text.split('\n') {
            let range = start..start + line.len();
            start += line.len() + 1;
            let short = line.split_whitespace().count() <= 14 && !line.ends_with('.');
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

    /// What is wrong with the years as they stand.
    fn doubts_of(&self, years: &[OneYear]) -> Vec<Doubt> {
        /// No kommune was asked in this way before; an earlier year is a misreading.
        const FIRST: i64 = 2010;
        let mut doubts = Vec::new();
        if years.iter().all(|year| year.total.is_none()) {
            doubts.push(Doubt::NoNumber);
        }
        let plausible = |year: i64| (FIRST..=i64::from(self.today.year()) + 4).contains(&year);
        if !years.iter().all(|year| year.year.is_some_and(plausible)) {
            doubts.push(Doubt::Year);
        }
        let too_many = |year: &OneYear| matches!((&year.total, &year.minors.total), (Some(total), Some(minors)) if minors.value > total.value);
        if years.iter().any(|year| year.minors.unclear.is_some() || too_many(year)) {
            doubts.push(Doubt::Minors);
        }
        doubts
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

/// Keeps what fits, if anything does.
fn keep_if_any(totals: &mut Vec<Total>, fits: impl Fn(&Total) -> bool) {
    if totals.iter().any(&fits) {
        totals.retain(fits);
    }
}

/// Grown-ups and families: as they are named, else what the minors leave of the total.
fn adults_of(total: Option<&Count>, named: Option<&Count>, minors: &Minors) -> Option<Count> {
    let total = total?;
    let part = minors.total.as_ref().map(|minors| minors.value);
    match (named, part) {
        (Some(adults), None) if adults.value == total.value => Some(adults.clone()),
        (Some(adults), Some(part)) if adults.value + part == total.value => Some(adults.clone()),
        (Some(adults), _) if adults.value < total.value => Some(adults.clone()),
        (_, Some(part)) if part <= total.value => Some(Count { value: total.value - part, span: total.span.clone() }),
        _ => None,
    }
}
