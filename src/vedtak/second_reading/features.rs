//! What holds for a candidate, as names that the model has weights for.
//!
//! This is the only place where they are made: the training program reads what this prints. A name says what was seen, a stroke joins what was seen together.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use super::super::decider;
use super::super::mentions::{Mention, What};
use super::super::operative;
use super::super::proposals;
use super::super::references;
use super::super::statements::{self, Statement, Void};
use super::super::wording::{self as words, Pattern, compile};
use super::Evidence;
use super::candidates::{self, Candidate, Printed};
use super::tokens;

type Features = BTreeSet<String>;

/// The candidates for the number of the first year.
pub fn of_totals(evidence: &Evidence<'_, '_>) -> Vec<Candidate<Option<i64>>> {
    let printed = candidates::printed(evidence);
    let rules = evidence.totals.years.first().and_then(|year| year.total.as_ref());
    let mut values: BTreeSet<i64> = printed.iter().map(|number| number.value).collect();
    values.extend(rules.map(|rules| rules.value));
    values.insert(0);
    let people: Vec<i64> = printed.iter().filter(|number| mention_of(evidence, number).is_some()).map(|number| number.value).collect();
    let text = of_text(evidence);
    let votes = votes(evidence);
    let described = values.iter().map(|&value| {
        let here: Vec<&Printed> = printed.iter().filter(|number| number.value == value).collect();
        let mut features: Features = here.iter().flat_map(|number| of_number(evidence, number, &people, &votes)).collect();
        let mut add = |holds: bool, name: &str| {
            if holds {
                features.insert(name.to_owned());
            }
        };
        let asked = evidence.asked.iter().any(|count| count.value == value);
        add(people.contains(&value), "people");
        add(here.len() == 2, "twice");
        add(here.len() > 2, "often");
        add(!people.is_empty() && people.iter().all(|other| *other == value), "only");
        add(people.contains(&value) && people.iter().all(|other| *other <= value), "largest");
        add(people.last() == Some(&value), "last");
        add(people.first() == Some(&value), "first");
        add(asked, "asked");
        add(asked && evidence.asked.len() == 1, "asked alone");
        add((1..=3).contains(&value), "to 3");
        add((4..=10).contains(&value), "to 10");
        add((11..=150).contains(&value), "to 150");
        add(value > 150 && value <= 400, "to 400");
        add(value > 400, "above 400");
        add(value > 0 && people.iter().any(|one| people.iter().any(|other| one + other == value)), "sum of two");
        add(value > 0 && people.contains(&value) && people.iter().any(|one| people.contains(&(one + value))), "part of a sum");
        if asked {
            features.extend(text.iter().map(|feature| format!("asked|{feature}")));
        }
        if value == 0 {
            features.extend(text.iter().map(|feature| format!("zero|{feature}")));
            features.insert("zero".to_owned());
        }
        let span = here.iter().find(|number| is_operative(evidence, number)).or(here.first()).map(|number| number.span.clone());
        let span = span.or_else(|| rules.filter(|rules| rules.value == value).map(|rules| rules.span.clone()));
        Candidate { value: Some(value), features, span }
    });
    described.chain([none(&text)]).collect()
}

/// The candidate that stands for no number or no year at all.
fn none<T>(text: &Features) -> Candidate<Option<T>> {
    let features = text.iter().map(|feature| format!("none|{feature}")).chain(["none".to_owned()]).collect();
    Candidate { value: None, features, span: None }
}

/// What holds for the text as a whole.
pub fn of_text(evidence: &Evidence<'_, '_>) -> Features {
    let mut features = Features::new();
    let found = evidence.found;
    let told = |what: &dyn Fn(&Mention) -> bool| found.statements.iter().flat_map(|statement| &statement.mentions).any(what);
    let any = |pattern: &Pattern| found.statements.iter().any(|statement| pattern.is_match(statement.written(evidence.text)));
    features.extend(found.statements.iter().map(|statement| format!("force {:?}", statement.force)));
    for (holds, name) in [
        (found.in_running_text, "running text"),
        (found.put_off, "put off"),
        (found.statements.iter().any(|statement| statement.by_council), "council"),
        (words::COUNCILS.is_match(evidence.text), "council named"),
        (words::BY_DELEGATION.is_match(evidence.text), "delegated"),
        (evidence.totals.supplement.is_some(), "supplement"),
        (evidence.totals.period.is_some(), "period"),
        (told(&|mention| mention.what == What::Settled && !mention.part), "settled"),
        (told(&|mention| mention.what == What::Before), "before"),
        (told(&|mention| mention.what == What::Other), "other"),
        (told(&|mention| mention.what == What::Added), "added"),
        (told(&|mention| mention.what == What::Asked), "asked for"),
        (any(&words::REFUSES), "refuses"),
        (any(&words::REFUSES_MORE), "refuses more"),
        (any(&words::ACCEPTS), "accepts"),
        (any(&words::KEEPS), "keeps"),
        (words::REFUSES.is_match(evidence.text), "refuses anywhere"),
        (words::ACCEPTS.is_match(evidence.text), "accepts anywhere"),
        (words::VOTED.is_match(evidence.text), "voted"),
        (words::ADOPTED_ALL_THE_SAME.is_match(evidence.text), "adopted"),
        (words::REQUEST.is_match(evidence.text), "request"),
        (words::DRAFT.is_match(evidence.text), "draft"),
        (words::ANNULLED.is_match(evidence.text), "annulled"),
        (evidence.asked.is_empty(), "nothing asked"),
        (evidence.asked.len() > 1, "asked twice"),
    ] {
        if holds {
            features.insert(name.to_owned());
        }
    }
    features.extend(evidence.all.iter().filter_map(|statement| statement.void).map(|void| format!("void {void:?}")));
    features.extend(evidence.blocks.iter().filter(|block| !block.sentences.is_empty()).map(|block| format!("has {:?}", block.role)));
    features
}

/// The number as the rules read it; none when they saw no people in it.
fn mention_of<'e>(evidence: &'e Evidence<'_, '_>, number: &Printed) -> Option<&'e Mention> {
    let statement = &evidence.all[number.statement?];
    statement.mentions.iter().find(|mention| mention.span == number.span)
}

/// Whether the sentence of a number is one that decides.
fn is_operative(evidence: &Evidence<'_, '_>, number: &Printed) -> bool {
    evidence.found.statements.iter().any(|statement| statement.sentence == number.line)
}

/// What holds for one number where it stands.
fn of_number(evidence: &Evidence<'_, '_>, number: &Printed, people: &[i64], votes: &[Vote]) -> Features {
    let mut features = Features::new();
    let line = &evidence.text[number.line.clone()];
    let place = number.span.start - number.line.start..number.span.end - number.line.start;
    let operative = is_operative(evidence, number);
    let mention = mention_of(evidence, number);
    let what = mention.map_or_else(|| "no people".to_owned(), |mention| format!("{:?}", mention.what));
    let statement = number.statement.map(|at| &evidence.all[at]);
    features.insert(format!("what {what}"));
    features.insert(format!("what {what}|operative {operative}"));
    if operative {
        features.insert("operative".to_owned());
    }
    if let Some(statement) = statement {
        features.extend(of_sentence(evidence, statement));
        features.insert(format!("what {what}|role {:?}", statement.role));
        features.insert(format!("what {what}|force {:?}", statement.force));
        features.insert(format!("what {what}|void {}", statement.void.map_or_else(|| "no".to_owned(), |void| format!("{void:?}"))));
        features.insert(format!("what {what}|council {}", statement.by_council));
    } else {
        features.insert("heading".to_owned());
        features.insert(format!("what {what}|heading"));
    }
    if let Some(mention) = mention {
        features.insert(format!("limit {:?}", mention.limit));
        for (holds, name) in [
            (mention.named, "named"),
            (mention.part, "part"),
            (mention.quoted, "quoted"),
            (mention.beside, "beside"),
            (mention.sum, "sum"),
            (!mention.years.is_empty(), "own year"),
        ] {
            if holds {
                features.insert(name.to_owned());
                features.insert(format!("what {what}|{name}"));
            }
        }
    }
    if people.contains(&(number.value * 2)) {
        features.insert("half of another".to_owned());
    }
    for (holds, name) in [
        (PEOPLE.is_match(&line[place.end..]), "people right"),
        (SETTLE.is_match(&line[..place.start]), "settle left"),
        (DECIDED.is_match(&line[..place.start]), "decided left"),
        (DECIDED.is_match(&line[place.end..]), "decided right"),
        (VOTES.is_match(&line[place.end..]), "votes right"),
        (YEAR_RIGHT.is_match(&line[place.end..]), "year right"),
        (YEAR_LEFT.is_match(&line[..place.start]), "year left"),
    ] {
        if holds {
            features.insert(name.to_owned());
            features.insert(format!("{name}|people {}", mention.is_some()));
        }
    }
    features.extend(number.statement.map(|at| beside(evidence, at)).unwrap_or_default());
    features.extend(of_its_maker(evidence, number, votes));
    features.extend(around(line, &place));
    features.extend(told(evidence, number));
    features
}

/// The words of the sentence, of those beside it and of the heading above it.
fn told(evidence: &Evidence<'_, '_>, number: &Printed) -> Features {
    let words = |range: &Range<usize>| tokens::of(&evidence.text[range.clone()], &(0..range.len()));
    let mut features = Features::new();
    let mut add = |side: &str, range: &Range<usize>| {
        let words = words(range);
        features.extend(words.iter().map(|word| format!("{side} {word}")));
        features.extend(words.windows(2).map(|pair| format!("{side} {} {}", pair[0], pair[1])));
    };
    add("line", &number.line);
    if let Some(at) = number.statement {
        let block = evidence.all[at].block;
        if let Some(heading) = &evidence.blocks[block].heading {
            add("above", heading);
        }
        for (side, at) in [("prev", at.checked_sub(1)), ("next", Some(at + 1))] {
            if let Some(beside) = at.and_then(|at| evidence.all.get(at)) {
                add(side, &beside.sentence);
            }
        }
    }
    features
}

static PEOPLE: Pattern =
    LazyLock::new(|| compile(r"^ ?(?:\S+ ){0,3}?(?:\w*flykt(?:- )?n\w*|person(?:er|ar|ane|ene)\b|menneske\w*|plass(?:er|ar|ane|ene)?\b|nye\b)"));
static SETTLE: Pattern = LazyLock::new(|| compile(r"\b(?:{SETTLE}|{SETTLES})\b[^.;:]{0,50}$"));
static DECIDED: Pattern = LazyLock::new(|| compile(r"\b(?:{DECIDED})"));
static VOTES: Pattern = LazyLock::new(|| compile(r"^ ?(?:\w+ ){0,2}?(?:mot|for|stemme\w*|røyst\w*|representant\w*|av)\b"));
static YEAR_RIGHT: Pattern = LazyLock::new(|| compile(r"^[^.;:\d]{0,30}\b(?:i|for) (?:{YEAR}|år|neste år)"));
static YEAR_LEFT: Pattern = LazyLock::new(|| compile(r"{YEAR}[^.;\d]{0,30}$"));

/// What the sentences right before and after one do.
fn beside(evidence: &Evidence<'_, '_>, at: usize) -> Features {
    static SO_MANY: Pattern = LazyLock::new(|| compile(r"^\W*(?:så mange|det|dette|slik|antallet|tallet|talet|vedtaket)\b"));
    let mut features = Features::new();
    let neighbours = [("before", at.checked_sub(1)), ("after", Some(at + 1))];
    for (side, statement) in neighbours.into_iter().filter_map(|(side, at)| Some((side, evidence.all.get(at?)?))) {
        let written = statement.written(evidence.text);
        features.insert(format!("{side} force {:?}", statement.force));
        features.extend(statement.void.map(|void| format!("{side} void {void:?}")));
        for (holds, name) in [
            (statement.by_council, "council"),
            (words::COUNCILS.is_match(written), "council in sentence"),
            (words::ADOPTED_ALL_THE_SAME.is_match(written), "adopted"),
            (words::NOT.is_match(written), "not"),
            (SO_MANY.is_match(written), "so many"),
            (!statement.mentions.is_empty(), "number"),
        ] {
            if holds {
                features.insert(format!("{side} {name}"));
            }
        }
    }
    features
}

/// A sentence without a number of people that may tell how a proposal fared.
struct Vote {
    sentence: Range<usize>,
    makers: Vec<String>,
    won: bool,
    lost: bool,
}

fn votes(evidence: &Evidence<'_, '_>) -> Vec<Vote> {
    static WON: Pattern = LazyLock::new(|| compile(r"\b(?:vedt\w+|vedtak\w*|flertall\w*|fleirtal\w*|vant|vann|tiltrådt|avgjorde)\b"));
    let vote = |statement: &Statement| {
        let written = statement.written(evidence.text);
        let lost = statement.void == Some(Void::Fallen);
        Vote { sentence: statement.sentence.clone(), makers: proposals::stems(written), won: !lost && WON.is_match(written), lost }
    };
    evidence.all.iter().filter(|statement| statement.mentions.is_empty()).map(vote).filter(|vote| vote.won || vote.lost).collect()
}

/// Whether what the maker of a proposal proposed was adopted, or fell, as other sentences tell.
fn of_its_maker(evidence: &Evidence<'_, '_>, number: &Printed, votes: &[Vote]) -> Features {
    let Some(statement) = number.statement.map(|at| &evidence.all[at]) else { return Features::new() };
    let heading = evidence.blocks[statement.block].heading.clone().map_or("", |heading| &evidence.text[heading]);
    let makers = [proposals::stems(heading), proposals::stems(&evidence.text[number.line.start..number.span.start])].concat();
    let own = |vote: &&Vote| vote.sentence != statement.sentence && vote.makers.iter().any(|stem| makers.contains(stem));
    let mut features = Features::new();
    for (holds, name) in [(votes.iter().filter(own).any(|vote| vote.won), "maker won"), (votes.iter().filter(own).any(|vote| vote.lost), "maker lost")] {
        if holds {
            features.insert(name.to_owned());
            features.insert(format!("{name}|role {:?}", statement.role));
        }
    }
    features
}

/// What a sentence is and does.
fn of_sentence(evidence: &Evidence<'_, '_>, statement: &Statement) -> Features {
    static MONEY: Pattern = LazyLock::new(|| compile(r"\b(?:mill\w*|mrd|kron\w+|kr|budsjett\w*|tilsk\w+|prosent)\b|%"));
    let written = statement.written(evidence.text);
    let mut features = Features::from([format!("role {:?}", statement.role), format!("force {:?}", statement.force)]);
    features.insert(statement.void.map_or_else(|| "void no".to_owned(), |void| format!("void {void:?}")));
    let named = decider::named(evidence.text, &statement.sentence);
    let outcome = evidence.blocks[statement.block].outcome;
    features.extend(outcome.map(|outcome| format!("outcome {outcome:?}")));
    let before = &evidence.text[..statement.sentence.start];
    for (holds, name) in [
        (statement.by_council, "council"),
        (!statement.years.is_empty(), "year in sentence"),
        (named.len() == 1, "kommune in sentence"),
        (named.len() > 1, "several kommuner"),
        (MONEY.is_match(written), "money"),
        (words::NOT.is_match(written), "not"),
        (words::SOFT.is_match(written), "soft"),
        (words::OF_MANY.is_match(written), "of many"),
        (words::COUNCILS.is_match(written), "council in sentence"),
        (words::ADOPTED_ALL_THE_SAME.is_match(written), "adopted"),
        (words::ADOPTS.is_match(written), "adopts"),
        (words::FALLEN.is_match(written), "fallen"),
        (words::ACCEPTS.is_match(written), "accepts"),
        (words::SETTLING.is_match(written), "settling"),
        (words::PAST.is_match(written), "past"),
        (operative::about_the_past(evidence.text, statement), "about the past"),
        (written.trim_end().ends_with('?'), "question"),
        (written.starts_with(['–', '-', '«', '"']), "speech"),
        (!before.contains('\n'), "first line"),
        (before.ends_with('\n') && !written.ends_with(['.', '!', '?']) && written.split_whitespace().count() < 12, "short line"),
    ] {
        if holds {
            features.insert(format!("in {name}"));
        }
    }
    features
}

/// The words before and after a place in its line.
fn around(line: &str, place: &Range<usize>) -> Features {
    let before: Vec<String> = tokens::of(line, &(0..place.start)).into_iter().rev().take(6).collect();
    let after: Vec<String> = tokens::of(line, &(place.end..line.len())).into_iter().take(6).collect();
    let at = |words: &[String], at: usize| words.get(at).cloned().unwrap_or_else(|| "end".to_owned());
    let mut features: Features = before.iter().map(|word| format!("near left {word}")).collect();
    features.extend(after.iter().map(|word| format!("near right {word}")));
    features.insert(format!("left {}", at(&before, 0)));
    features.insert(format!("left {} {}", at(&before, 1), at(&before, 0)));
    features.insert(format!("right {}", at(&after, 0)));
    features.insert(format!("right {} {}", at(&after, 0), at(&after, 1)));
    features.insert(format!("both {} {}", at(&before, 0), at(&after, 0)));
    features
}

/// The candidates for the years.
pub fn of_years(evidence: &Evidence<'_, '_>) -> Vec<Candidate<Option<Vec<i64>>>> {
    let all = candidates::years(evidence);
    let single: BTreeSet<i64> = all.iter().flatten().copied().collect();
    let written = references::year_of_writing(evidence.text);
    let requested = references::year_of_request(evidence.text);
    let lines = candidates::lines(evidence);
    let described = all.iter().map(|list| {
        let mut features = Features::new();
        let mut add = |holds: bool, name: String| {
            if holds {
                features.insert(name);
            }
        };
        add(list.len() == 1, "one".to_owned());
        add(list.len() > 1, "several".to_owned());
        add(list.len() > 1 && list.windows(2).all(|pair| pair[1] == pair[0] + 1), "in a row".to_owned());
        add(single.len() == 1, "only".to_owned());
        add(list.len() == single.len(), "all".to_owned());
        add(single.last() == list.last(), "latest".to_owned());
        add(single.first() == list.first(), "earliest".to_owned());
        if let (Some(now), Some(first)) = (written, list.first()) {
            add(true, format!("from writing {}", (first - now).clamp(-3, 3)));
            add(list.len() > 1, format!("several|from writing {}", (first - now).clamp(-3, 3)));
            for (pattern, name) in [(&RELATIVE_NEXT, "next"), (&RELATIVE_THIS, "this")] {
                add(pattern.is_match(evidence.text), format!("{name} year|from writing {}", (first - now).clamp(-3, 3)));
                let decided = evidence.found.statements.iter().any(|statement| pattern.is_match(statement.written(evidence.text)));
                add(decided, format!("{name} year decided|from writing {}", (first - now).clamp(-3, 3)));
            }
        }
        add(requested.is_some() && requested == list.first().copied(), "requested".to_owned());
        let mut covered: BTreeSet<i64> = BTreeSet::new();
        let mut anywhere = Features::new();
        for (line, statement) in &lines {
            let own = statements::years(evidence.text, line);
            if own.is_empty() || !own.iter().all(|year| list.contains(year)) && !list.iter().all(|year| own.contains(year)) {
                continue;
            }
            covered.extend(&own);
            let same = if own == *list { "same" } else { "some" };
            anywhere.extend(year_in_line(evidence, line, *statement, list).into_iter().map(|feature| format!("{same} {feature}")));
        }
        add(list.iter().all(|year| covered.contains(year)), "covered".to_owned());
        features.extend(anywhere);
        let span = list.first().and_then(|year| place_of(evidence, *year, &lines));
        Candidate { value: Some(list.clone()), features, span }
    });
    let mut text = of_text(evidence);
    for (holds, name) in [
        (single.is_empty(), "no year"),
        (single.len() == 1, "one year"),
        (written.is_some(), "dated"),
        (RELATIVE_NEXT.is_match(evidence.text), "next year"),
        (RELATIVE_THIS.is_match(evidence.text), "this year"),
    ] {
        if holds {
            text.insert(name.to_owned());
        }
    }
    described.chain([none(&text)]).collect()
}

static RELATIVE_NEXT: Pattern = LazyLock::new(|| compile(r"\b(?:neste år|neste års|komande år|kommende år|året som kommer|til neste år|nyåret|til neste)\b"));
static RELATIVE_THIS: Pattern = LazyLock::new(|| compile(r"\b(?:i år|inneværende år|inneverande år|dette året|årets)\b"));

/// Where a year stands: outside of dates, if it does.
fn place_of(evidence: &Evidence<'_, '_>, year: i64, lines: &[(Range<usize>, Option<usize>)]) -> Option<Range<usize>> {
    let digits = year.to_string();
    let in_line = |line: &Range<usize>| evidence.text[line.clone()].find(&digits).map(|at| line.start + at..line.start + at + digits.len());
    let outside = lines.iter().find(|(line, _)| statements::years(evidence.text, line).contains(&year)).and_then(|(line, _)| in_line(line));
    outside.or_else(|| lines.iter().find_map(|(line, _)| in_line(line)))
}

/// What holds for years where they stand.
fn year_in_line(evidence: &Evidence<'_, '_>, line: &Range<usize>, statement: Option<usize>, list: &[i64]) -> Features {
    let written = &evidence.text[line.clone()];
    let Some(statement) = statement.map(|at| &evidence.all[at]) else { return Features::from(["heading".to_owned()]) };
    let operative = evidence.found.statements.iter().any(|known| known.sentence == *line);
    let mut features = of_sentence(evidence, statement);
    if operative {
        features.insert("operative".to_owned());
    }
    for mention in &statement.mentions {
        let own = list.iter().any(|year| mention.years.contains(year));
        features.insert(format!("what {:?}{}", mention.what, if own { "|own year" } else { "" }));
        if operative {
            features.insert(format!("operative|what {:?}{}", mention.what, if own { "|own year" } else { "" }));
        }
    }
    for year in list {
        for (at, digits) in written.match_indices(&year.to_string()) {
            features.extend(around(written, &(at..at + digits.len())).into_iter().filter(|feature| !feature.starts_with("both")));
        }
    }
    features
}
