//! How many, for which year: what the deciding sentences come to.
//!
//! Each number of people gets its year: from its own sentence, else from the heading or title of the matter, else from the other sentences that decide; a year that is only
//! relative (`neste år`) is counted from the day in print. Two numbers for one year, a number on top of another and a year that is only understood are doubts.

mod years;

use std::ops::Range;
use std::sync::LazyLock;

use super::amendments;
use super::blocks::Block;
use super::decider;
use super::decision::{Count, Doubt, OneYear};
use super::mentions::{Age, Limit, Mention, What};
use super::operative::{self, Operative};
use super::references;
use super::statements::{Force, Statement};
use super::tables;
use super::terms::{self, Minors};
use super::wording::{self as words, Pattern, compile};
use crate::clock::Date;

/// What the deciding sentences come to.
#[derive(Default)]
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
        // "1,8 millionar til 18 flyktningar" decides on money.
        static MONEY: Pattern = LazyLock::new(|| compile(r"\b(?:mill\w*|mrd|kron\w+|kr|budsjett\w*)\b"));
        static BEFORE: Pattern = LazyLock::new(|| {
            compile(concat!(
                r"(?:{SETTLE}(?: av)?|{TO_SETTLE}|(?:gikk|gjekk) (?:\w+ ){0,3}?(?:inn )?for|svarte|svara|altså|nemlig|nemleg|det vil si|tilbyr(?: \S+)?(?: for)?|tilbyd(?: \S+)?(?: for)?|stiller|stillar|vedtok|vedtar|vedtek|vedtatt|vedteke|(?:land(?:et|a)|end(?:te|a)) (?:(?:{COUNCIL}|i|går|kveld|\w+dag|til|slutt) ){0,4}?på|(?:blir|vert|ble|blei|vart) det|det (?:blir|vert|ble|blei|vart)|(?:resultatet|vedtaket|tallet|talet) (?:ble|blei|vart|vert|blir)|tilslutning til|{ASKED_NOUN}(?: \S+){0,3}? (?:om|på)|ja til|fullmakt til|til|vedtak\w*(?: \S+){0,5}? (?:er|på|om|ble|vart)|(?:antall\w*|tal\w*) (?:\S+ ){1,4}?(?:anmodet|oppmoda|bedt|bede) om,|{YEAR} ?[(:]|{YEAR},?(?: og| samt)?|^|^(?:[-–•*·]|\d+[.)]|[a-h]\)|[A-F][.)])|[:«“\x22]) ?",
                r"(?:(?:ytterligere|kommune(?:n)?|kommuna|herad|i {YEAR},?|årlig|til sammen|totalt|i alt|samlet|alle|de|dei|plass til|det antallet|(?:[A-ZÆØÅ][\wæøå-]+ ){0,3}kommune) ){0,3}{UP_TO}$",
            ))
        });
        let statement = self.found.statements[total.statement];
        let before = total.count.span.start.checked_sub(statement.sentence.start).and_then(|at| self.written(statement).get(..at));
        let money = MONEY.is_match(self.written(statement)) && self.found.in_running_text;
        total.count.value == 0 || !money && before.is_some_and(|before| BEFORE.is_match(before))
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
