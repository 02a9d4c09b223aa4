//! What the letter decides, gathered from its sentences before any field is filled.
//!
//! Which sentences decide is found by [`super::operative`], what they come to by [`super::totals`]. Here stands who decided, how the request is answered, and all that leaves a
//! choice ([`Doubt`]): with any doubt a person decides.

use std::ops::Range;
use std::sync::LazyLock;

use super::blocks::{self, Block, Role};
use super::decider::{self, Body};
use super::mentions::{Limit, Mention, What};
use super::operative::{self, Operative};
use super::second_reading::{Evidence, Reading, Suggestions};
use super::setting;
use super::statements::{self, Statement};
use super::terms::Minors;
use super::totals::{Sources, Totals};
use super::wording::{self as words, Pattern, compile};
use crate::clock::Date;
use crate::registry::kommuner::{Kommune, Match};
use crate::transcript::Transcript;

/// A number and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub value: i64,
    /// The number's words.
    pub span: Range<usize>,
}

impl Count {
    /// Of a number in the text.
    pub fn of(mention: &Mention) -> Self {
        Self { value: mention.value, span: mention.span.clone() }
    }
}

/// What is decided for one year.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OneYear {
    /// The year; none when the text leaves it open.
    pub year: Option<i64>,
    /// All people.
    pub total: Option<Count>,
    /// Grown-ups and families.
    pub adults: Option<Count>,
    /// Unaccompanied minors.
    pub minors: Minors,
}

impl OneYear {
    /// So many for one year.
    pub fn of(year: Option<i64>, total: &Count) -> Self {
        Self { year, total: Some(total.clone()), ..Self::default() }
    }
}

/// A letter, gathered.
#[derive(Debug)]
pub struct Decision<'a> {
    /// The normalised text.
    pub text: &'a str,
    /// The day the letter came.
    pub today: Date,
    /// How far it got.
    pub standing: Standing,
    /// The kommune that decides, and where it is named.
    pub kommune: Option<(&'static Kommune, Range<usize>)>,
    /// Every kommune named.
    pub mentions: Vec<decider::Mention>,
    /// The body that decided, if the text leaves no choice, and where it is named.
    pub body: Option<(Body, Range<usize>)>,
    /// Whether a body is named that may not have the last word, beside or instead of a council.
    pub body_in_doubt: bool,
    /// What is decided, year by year.
    pub years: Vec<OneYear>,
    /// A sum over several years that is not split.
    pub period: Option<Count>,
    /// The bound on the first number.
    pub limit: Limit,
    /// What the directorate asked for.
    pub asked: Vec<Count>,
    /// It may have been asked in another year, of others, or not at all.
    pub asked_in_doubt: bool,
    /// How the request is answered, as far as the words say.
    pub answer: Answer,
    /// A number on top of an earlier decision.
    pub supplement: Option<Count>,
    /// An offer of more, with the number.
    pub more: Option<Count>,
    /// The sentences that decide, and those of the same block that go with them.
    pub sentences: Vec<Range<usize>>,
    /// The heading or lead-in of the decision.
    pub heading: Option<Range<usize>>,
    /// What leaves a choice.
    pub doubts: Vec<Doubt>,
    /// What is probably right where the rules are not sure: of the second reading.
    pub suggestions: Suggestions,
}

/// How far the matter has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Decided, in plain words.
    Clear,
    /// Decided, but what is not plain.
    Unclear,
    /// Not decided, as far as the text says.
    NotFinal,
}

/// How the request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Yes, in so many words.
    Yes,
    /// In part.
    Part,
    /// No.
    No,
    /// Put off.
    PutOff,
    /// No word says it, and none speaks of a request.
    Unsaid,
    /// A request is spoken of, but not so that the answer to it is plain: what it seems to be.
    Unclear(Option<&'static Self>),
}

impl Answer {
    /// The code in the contract; none where a person has to say it.
    pub fn code(self) -> Option<&'static str> {
        Some(match self {
            Self::Yes => "imoetekommer",
            Self::Part => "delvis",
            Self::No => "avslaar",
            Self::PutOff => "utsatt",
            Self::Unsaid => "ukjent",
            Self::Unclear(_) => return None,
        })
    }
}

/// Why a person has to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// No sentence decides in so many words.
    Weak,
    /// The matter may still be open.
    Pending,
    /// Two numbers for one year.
    Numbers,
    /// No number, or one that is only understood.
    NoNumber,
    /// No year in print that can only be this one.
    Year,
    /// The words are soft.
    Soft,
    /// A number on top of another.
    Supplement,
    /// The minors do not add up.
    Minors,
    /// An earlier decision is changed.
    Changed,
    /// Whose decision it is.
    Kommune,
    /// The body may not have the last word.
    Body,
    /// Another number in running text could be the decided one.
    Competing,
    /// What stands around the decision could make it another's, or none.
    Setting,
    /// The number is not said in the plainest words.
    Words,
    /// No rule finds a decision, and the second reading does.
    Learnt,
    /// The second reading comes to something else.
    Readings,
}

impl<'a> Decision<'a> {
    /// Gathers what `transcript` says.
    pub fn read(transcript: &'a Transcript, today: Date) -> Self {
        Self::read_with(transcript, today, |evidence| Some(Reading::of(evidence)))
    }

    /// Gathers what `transcript` says, with the second reading that `second` gives, or by the rules alone.
    pub fn read_with(transcript: &'a Transcript, today: Date, second: impl FnOnce(&Evidence<'_, '_>) -> Option<Reading>) -> Self {
        let text = transcript.text.as_str();
        let blocks = blocks::cut(transcript);
        let all = statements::read(text, &blocks);
        let found = Operative::find(text, &blocks, &all);
        let mentions = decider::mentions(text, &(0..text.len()));
        let kommune = kommune(text, &mentions, &found).filter(|(kommune, _)| sender(text, &blocks).is_none_or(|sender| sender == *kommune));
        let own = kommune.as_ref().map(|(kommune, _)| *kommune);
        let asked = asked(text, &all, own);
        let sources = Sources { text, blocks: &blocks, all: &all, found: &found, asked: &asked, today };
        let totals = sources.totals();
        let heading = found.block.and_then(|block| blocks[block].heading.clone());
        let sentences: Vec<Range<usize>> = found.statements.iter().map(|statement| statement.sentence.clone()).collect();
        let (body, body_in_doubt) = body(text, heading.as_ref(), &found, &blocks);
        let changed = words::CHANGED.is_match(text) && !sentences.iter().any(|sentence| words::CHANGED.is_match(&text[sentence.clone()]));
        let mut doubts = [found.doubts.as_slice(), &totals.doubts].concat();
        let says = |statement: &Statement, what: fn(&str) -> bool| statement.role != Role::Quoted && what(statement.written(text));
        let deciding = |statement: &&Statement| operative::tells(statement);
        for (holds, doubt) in [
            (kommune.is_none(), Doubt::Kommune),
            (body_in_doubt, Doubt::Body),
            (changed, Doubt::Changed),
            (setting::is_of_an_outsider(text, &blocks), Doubt::Setting),
            (all.iter().any(|statement| says(statement, setting::undoes)), Doubt::Setting),
            (found.statements.iter().copied().filter(deciding).any(|statement| says(statement, setting::reckons)), Doubt::Setting),
            (all.iter().any(|statement| says(statement, setting::tops_up)), Doubt::Supplement),
            (found.in_running_text && competes(text, &all, &totals.years, own), Doubt::Competing),
        ] {
            if holds {
                doubts.push(doubt);
            }
        }
        let evidence = Evidence { text, blocks: &blocks, all: &all, found: &found, asked: &asked, totals: &totals };
        let second = second(&evidence);
        let Concluded { standing, totals, suggestions } = match second {
            Some(second) => second_look(&second, &found, totals, &mut doubts),
            None => Concluded { standing: by_rules(&found, &doubts), totals, suggestions: Suggestions::default() },
        };
        let asked_in_doubt = asked_in_doubt(text, &all, &asked, &totals.years, body.as_ref());
        let answer = if found.put_off { Answer::PutOff } else { answer(&sources, totals.years.first()) };
        Self {
            text,
            today,
            standing,
            kommune,
            mentions,
            body,
            body_in_doubt,
            years: totals.years,
            period: totals.period,
            limit: totals.limit,
            answer,
            supplement: totals.supplement,
            more: totals.more,
            asked,
            asked_in_doubt,
            sentences,
            heading,
            doubts,
            suggestions,
        }
    }

    /// The number decided for the first year.
    pub fn first(&self) -> Option<&Count> {
        self.years.first().and_then(|year| year.total.as_ref())
    }
}

/// What follows from both readings.
struct Concluded {
    standing: Standing,
    totals: Totals,
    suggestions: Suggestions,
}

fn by_rules(found: &Operative<'_>, doubts: &[Doubt]) -> Standing {
    match (found.is_final, doubts.is_empty()) {
        (false, _) => Standing::NotFinal,
        (true, true) => Standing::Clear,
        (true, false) => Standing::Unclear,
    }
}

/// Holds what the rules came to against the second reading, and adds a doubt where they differ.
fn second_look(second: &Reading, found: &Operative<'_>, totals: Totals, doubts: &mut Vec<Doubt>) -> Concluded {
    let years: Vec<i64> = totals.years.iter().filter_map(|year| year.year).collect();
    let total = totals.years.first().and_then(|year| year.total.as_ref()).map(|total| total.value);
    match by_rules(found, doubts) {
        Standing::NotFinal if found.put_off || !second.may_be_decided() => {
            Concluded { standing: Standing::NotFinal, totals, suggestions: Suggestions::default() }
        }
        // What the rules made of sentences that decide nothing to them is worth nothing.
        Standing::NotFinal => {
            doubts.push(Doubt::Learnt);
            Concluded { standing: Standing::Unclear, totals: Totals::default(), suggestions: second.suggestions(None, &[]) }
        }
        Standing::Clear if second.agrees(total, &years) => Concluded { standing: Standing::Clear, totals, suggestions: Suggestions::default() },
        Standing::Clear => {
            doubts.push(Doubt::Readings);
            Concluded { standing: Standing::Unclear, totals, suggestions: Suggestions::default() }
        }
        Standing::Unclear => {
            let mut suggestions = second.suggestions(total, &years);
            // Of a number on top of another, or of a sum over years, the one for the first year is not in print; of a change the rules know which is the new one.
            let changed = total.is_some() && doubts.contains(&Doubt::Changed);
            if totals.supplement.is_some() || totals.period.is_some() || changed {
                suggestions.total = None;
            }
            Concluded { standing: Standing::Unclear, totals, suggestions }
        }
    }
}

/// How the request is answered.
fn answer(sources: &Sources<'_, '_>, first: Option<&OneYear>) -> Answer {
    let decided = first.and_then(|year| year.total.as_ref());
    let minors = first.map_or_else(Minors::default, |year| year.minors.clone());
    let asked = match sources.asked {
        [one] => Some(one.value),
        _ => None,
    };
    let text = sources.text;
    let says_yes = sources.found.statements.iter().any(|statement| sources.says_yes(statement));
    // Somewhere else it may be somebody else's yes, or a word of thanks.
    let own = |statement: &&Statement| matches!(statement.role, Role::Body | Role::Decision) && statement.void.is_none();
    let yes_beside = || sources.all.iter().filter(own).any(|statement| sources.says_yes(statement));
    let in_part = sources.found.statements.iter().any(|statement| words::IN_PART.is_match(statement.written(text)));
    // "Det er to færre enn IMDi bad om", in a sentence beside the decision.
    let in_part_beside =
        sources.all.iter().any(|statement| matches!(statement.role, Role::Body | Role::Decision) && words::IN_PART.is_match(statement.written(text)));
    // So many as were asked for, and yet not those who were: "60, men ikke enslige mindreårige".
    let minors_asked = sources.all.iter().any(|statement| {
        let asks = statement.void == Some(super::statements::Void::Asks) || statement.mentions.iter().any(|mention| mention.what == What::Asked);
        asks && statement.mentions.iter().any(|mention| matches!(mention.what, What::Minors(_)))
    });
    let others_than_asked = minors_asked && minors.total.as_ref().is_some_and(|count| count.value == 0);
    let (refuses, refuses_more) = (sources.refuses(), sources.refuses_more());
    // A request for more than was decided before is answered by itself: neither its number nor a no to it says how the first one was met.
    let asked_for_more = words::ASKED_FOR_MORE.is_match(text);
    match (decided.map(|count| count.value), asked) {
        (Some(0), _) if refuses => Answer::No,
        (None, _) if refuses && !refuses_more => Answer::No,
        (None, _) if refuses || refuses_more => Answer::Unclear(Some(&Answer::No)),
        (Some(_), _) if refuses_more => Answer::Unclear(Some(&Answer::Part)),
        (Some(decided), Some(asked)) if decided < asked && says_yes => Answer::Unclear(Some(&Answer::Part)),
        (Some(decided), Some(asked)) if decided < asked && !asked_for_more => Answer::Part,
        (Some(_), _) if in_part => Answer::Part,
        (Some(_), _) if in_part_beside => Answer::Unclear(Some(&Answer::Part)),
        (Some(_), Some(_)) if !asked_for_more && !others_than_asked => Answer::Yes,
        _ if says_yes && !asked_for_more => Answer::Yes,
        _ if asked_for_more => Answer::Unclear(None),
        _ if yes_beside() => Answer::Unclear(Some(&Answer::Yes)),
        _ if words::ASKS.is_match(text) || words::COMPARES.is_match(text) || words::YES_OR_NO.is_match(text) => Answer::Unclear(None),
        _ => Answer::Unsaid,
    }
}

/// Whether a sentence is about a neighbour, or a whole county.
fn of_others(text: &str, statement: &Statement, own: Option<&Kommune>) -> bool {
    let named = decider::named(text, &statement.sentence);
    !named.is_empty() && own.is_some_and(|own| !named.contains(&own)) || words::OF_MANY.is_match(statement.written(text))
}

/// Whether running text has another number of people to settle than those found.
fn competes(text: &str, all: &[Statement], years: &[OneYear], own: Option<&Kommune>) -> bool {
    let found: Vec<i64> = years.iter().flat_map(|year| [&year.total, &year.adults]).flatten().map(|count| count.value).collect();
    let open = |statement: &&Statement| {
        matches!(statement.role, Role::Body | Role::Decision) && !operative::about_the_past(text, statement) && !of_others(text, statement, own)
    };
    all.iter()
        .filter(open)
        .flat_map(|statement| &statement.mentions)
        .any(|mention| matches!(mention.what, What::Settled | What::Adults | What::Period) && !mention.part && !found.contains(&mention.value))
}

/// What was asked for, from every sentence, without doubles.
fn asked(text: &str, all: &[Statement], own: Option<&Kommune>) -> Vec<Count> {
    let mut asked: Vec<Count> = Vec::new();
    // "IMDi ber kommunane i Agder busetje 800" is no request to this one, nor is a question in an earlier mail.
    let asks_back = |statement: &Statement| statement.role == Role::Quoted && statement.written(text).ends_with('?');
    // "Nabokommunen Engerdal har ikke svart, men er bedt om 10": the name stands in the clause before.
    let goes_on = |at: usize| at > 0 && all[at].written(text).starts_with([',', ';']) && of_others(text, &all[at - 1], own);
    let of_one = |(at, statement): &(usize, &Statement)| !of_others(text, statement, own) && !goes_on(*at) && !asks_back(statement);
    for mention in all
        .iter()
        .enumerate()
        .filter(of_one)
        .map(|(_, statement)| statement)
        .flat_map(|statement| &statement.mentions)
        .filter(|mention| mention.what == What::Asked && !mention.part)
    {
        if !asked.iter().any(|known| known.value == mention.value) {
            asked.push(Count { value: mention.value, span: mention.span.clone() });
        }
    }
    asked
}

/// Whether the one number that was asked for stands with another year than was decided for, is a party's wish, or is the whole city's where a district decides.
fn asked_in_doubt(text: &str, all: &[Statement], asked: &[Count], years: &[OneYear], body: Option<&(Body, Range<usize>)>) -> bool {
    static YEARS_AGO: Pattern = LazyLock::new(|| compile(r"\bfor (?:\S+ ){1,2}år sid[ea]n\b|\bi fjor\b"));
    static WISH: Pattern = LazyLock::new(|| compile(r"\bprotokoll?(?:tilførsel|merknad)\b"));
    let [one] = asked else { return false };
    let Some(statement) = all.iter().find(|statement| statement.sentence.contains(&one.span.start)) else { return false };
    let written = statement.written(text);
    let another_year = !statement.years.is_empty() && !statement.years.iter().any(|year| years.iter().any(|decided| decided.year == Some(*year)));
    let district = matches!(body, Some((Body::Bydelsutvalg, _)));
    (another_year && !years.is_empty()) || district || YEARS_AGO.is_match(written) || WISH.is_match(written)
}

/// The kommune that a mail comes from, as its first head says. What it tells of another kommune's decision is for a person.
fn sender(text: &str, blocks: &[Block]) -> Option<&'static Kommune> {
    let head = blocks.iter().find(|block| !block.sentences.is_empty()).filter(|block| block.role == Role::Head)?;
    decider::only(&head.sentences.iter().flat_map(|sentence| decider::mentions(text, sentence)).collect::<Vec<_>>())
}

/// The kommune of the sentences that decide, else of the letter's own words for it, else the only one whose name stands in them or anywhere.
fn kommune(text: &str, mentions: &[decider::Mention], found: &Operative<'_>) -> Option<(&'static Kommune, Range<usize>)> {
    // What goes with a decision may be a line of somebody else's: who wrote, who asked.
    let telling: Vec<&Statement> = found.statements.iter().copied().filter(|statement| operative::tells(statement)).collect();
    let deciding = if telling.is_empty() { &found.statements } else { &telling };
    let in_sentences: Vec<decider::Mention> = deciding.iter().flat_map(|statement| decider::mentions(text, &statement.sentence)).collect();
    let each: Vec<Vec<&'static Kommune>> = deciding.iter().map(|statement| decider::named(text, &statement.sentence)).collect();
    // The first sentences that decide name it; later ones may tell of the neighbours.
    let bare: Vec<&'static Kommune> = each.iter().find(|named| !named.is_empty()).cloned().unwrap_or_default();
    let chosen =
        decider::only(&in_sentences).or_else(|| decider::only(mentions).filter(|only| bare.is_empty() || bare.contains(only) || one_of(&bare).is_none()));
    if let Some(chosen) = chosen {
        // No sentence that decides names it, and the text speaks more of another.
        let times = |kommune: &Kommune| text.matches(kommune.name).count();
        if bare.is_empty() && decider::named(text, &(0..text.len())).iter().any(|other| *other != chosen && times(other) > times(chosen)) {
            return None;
        }
        let of_it = |mention: &&decider::Mention| matches!(mention.what, Match::One(kommune) if kommune == chosen);
        return in_sentences.iter().chain(mentions).find(of_it).map(|mention| (chosen, mention.span.clone()));
    }
    // "… i Tydal kommune …, dersom det finst hus på Ås": a place of that name, or another's matter.
    if decider::only(mentions).is_some() {
        return None;
    }
    let everywhere = || decider::named(text, &(0..text.len()));
    let chosen = one_of(&bare).or_else(|| if bare.is_empty() { one_of(&everywhere()) } else { None })?;
    // "Herøy kommune" is one of two, and not the Narvik of an address.
    let is_another = |mention: &decider::Mention| matches!(&mention.what, Match::Several(several) if !several.contains(&chosen));
    if mentions.iter().any(is_another) {
        return None;
    }
    let place = text.find(chosen.name)?;
    Some((chosen, place..place + chosen.name.len()))
}

fn one_of(kommuner: &[&'static Kommune]) -> Option<&'static Kommune> {
    let first = *kommuner.first()?;
    kommuner.iter().all(|kommune| *kommune == first).then_some(first)
}

/// The body that decided: of the heading, of its part of the minutes, of the deciding sentences, else the only one that is named anywhere.
fn body(text: &str, heading: Option<&Range<usize>>, found: &Operative<'_>, blocks: &[Block]) -> (Option<(Body, Range<usize>)>, bool) {
    let everywhere = decider::bodies(text, &(0..text.len()));
    let place = |body: Body| everywhere.iter().find(|(known, _)| *known == body).map(|(_, span)| (body, span.clone()));
    // The heading of an adopted proposal says who made it.
    let heading = heading.filter(|_| !found.adopted);
    let of_heading: Vec<Body> = heading.map_or_else(Vec::new, |heading| decider::bodies(text, heading).into_iter().map(|(body, _)| body).collect());
    let of_block = found.block.map_or_else(Vec::new, |block| blocks[block].bodies.clone());
    let of_sentences: Vec<Body> = found.statements.iter().flat_map(|statement| decider::bodies(text, &statement.sentence)).map(|(body, _)| body).collect();
    let delegated = words::BY_DELEGATION.is_match(text);
    // "Formannskapet, som har fullmakt fra kommunestyret, …": the council gave the power, and the other body decided.
    let given: Vec<Body> = words::POWER_GIVEN
        .captures(text)
        .and_then(|found| found.name("to").or(found.name("given")))
        .map_or_else(Vec::new, |to| decider::bodies(text, &to.range()).into_iter().map(|(body, _)| body).filter(|body| !body.is_council()).collect());
    if let [body] = given.as_slice() {
        // A heading that names the council all the same says something else.
        let council_heads =
            of_heading.iter().any(|body| body.is_council()) && heading.is_none_or(|heading| !words::POWER_GIVEN.is_match(&text[heading.clone()]));
        return if council_heads { (None, true) } else { (place(*body), false) };
    }
    let may_decide = |bodies: Vec<Body>| -> Vec<Body> { bodies.into_iter().filter(|body| *body != Body::Administrasjon).collect() };
    for near in [of_heading, of_block, of_sentences].map(may_decide) {
        if let Some(council) = near.iter().find(|body| body.is_council()) {
            return (place(*council), false);
        }
        if let [body] = near.as_slice() {
            return (place(*body), !delegated);
        }
        if !near.is_empty() {
            return (None, true);
        }
    }
    match everywhere.as_slice() {
        [] => (None, false),
        [(body, span)] => (Some((*body, span.clone())), !body.is_council() && !delegated),
        several if delegated => (several.iter().find(|(body, _)| !body.is_council()).cloned(), false),
        several => match several.iter().filter(|(body, _)| body.is_council()).collect::<Vec<_>>().as_slice() {
            // A chief executive beside a council is the one who writes; a formannskap or a committee may be the one who decided.
            [council] => (Some((*council).clone()), !several.iter().all(|(body, _)| body.is_council() || *body == Body::Administrasjon)),
            _ => (None, true),
        },
    }
}
