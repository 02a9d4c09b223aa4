//! What the letter decides, gathered from its sentences before any field is filled.

use std::collections::BTreeMap;
use std::ops::Range;

use super::blocks::{self, Block, Role};
use super::decider::{self, Body, Mention};
use super::statements::{self, Count, Force, Limit, Statement};
use super::terms::{self, Minors};
use super::wording as words;
use crate::clock::Date;
use crate::registry::kommuner::Kommune;
use crate::transcript::Transcript;

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
    pub mentions: Vec<Mention>,
    /// The body that decided, if the text leaves no choice, and where it is named.
    pub body: Option<(Body, Range<usize>)>,
    /// Whether a body is named that may not have the last word, beside or instead of a council.
    pub body_in_doubt: bool,
    /// The number for each year, in order; a refusal is 0.
    pub totals: Vec<(i64, Count)>,
    /// Numbers that may be the decided one where nothing is clear, with their years.
    pub suggestions: Vec<(Count, Option<i64>)>,
    /// The bound on the first number.
    pub limit: Limit,
    /// What the directorate asked for.
    pub asked: Vec<Count>,
    /// Said no to the whole.
    pub refused: bool,
    /// Said to be met only in part.
    pub in_part: bool,
    /// A number on top of an earlier decision, when the decision is about that.
    pub supplement: Option<Count>,
    /// Minors within the number.
    pub minors: Minors,
    /// The sentences that decide, and those of the same block that go with them.
    pub sentences: Vec<Range<usize>>,
    /// The heading or lead-in of the decision.
    pub heading: Option<Range<usize>>,
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

impl<'a> Decision<'a> {
    /// Gathers what `transcript` says.
    pub fn read(transcript: &'a Transcript, today: Date) -> Self {
        let text = transcript.text.as_str();
        let blocks = blocks::cut(transcript);
        let all = statements::read(text, &blocks);
        let deciding: Vec<&Statement> = all.iter().map(|(_, statement)| statement).filter(|statement| statement.force != Force::Other).collect();
        let mentions = decider::mentions(text, &(0..text.len()));
        let block = deciding.first().and_then(|first| blocks.iter().find(|block| block.sentences.contains(&first.sentence)));
        let heading = block.and_then(|block| block.heading.clone());
        let sentences = block.map_or_else(Vec::new, |block| with_what_follows(block, &deciding));
        let (body, body_in_doubt) = body(text, heading.as_ref(), &deciding);
        let asked = asked(&all);
        let totals = totals(&deciding);
        let mut decision = Self {
            kommune: kommune(text, &mentions, &deciding),
            limit: deciding.first().map_or(Limit::Exact, |first| first.limit),
            refused: !deciding.is_empty() && deciding.iter().all(|statement| statement.force == Force::Refuses),
            in_part: deciding.iter().any(|statement| words::IN_PART.is_match(&text[statement.sentence.clone()])),
            supplement: supplement(text, &blocks, &all),
            minors: terms::minors(text, &sentences),
            suggestions: suggestions(text, &all),
            standing: Standing::NotFinal,
            text,
            today,
            mentions,
            body,
            body_in_doubt,
            totals: totals.clone().unwrap_or_default(),
            asked,
            sentences,
            heading,
        };
        decision.standing = decision.standing(&blocks, &deciding, totals.is_some());
        decision
    }

    fn standing(&self, blocks: &[Block], deciding: &[&Statement], agree: bool) -> Standing {
        let pending = blocks
            .iter()
            .filter(|block| block.role != Role::Background)
            .flat_map(|block| &block.sentences)
            .any(|sentence| words::PENDING.is_match(&self.text[sentence.clone()]));
        let adopted = deciding.is_empty() && self.adopts_a_proposal(blocks);
        let in_decision =
            blocks.iter().filter(|block| block.role == Role::Decision).flat_map(|block| &block.sentences).map(|sentence| &self.text[sentence.clone()]);
        // A decision block whose number could not be tied down is a decision all the same, unless all it does is recommend.
        let spoken = in_decision.clone().any(|sentence| words::SETTLING.is_match(sentence) || words::ASKS.is_match(sentence))
            && !in_decision.clone().any(|sentence| words::RECOMMENDS.is_match(sentence));
        if pending || (deciding.is_empty() && !adopted && !spoken) {
            return Standing::NotFinal;
        }
        let plausible_year = |year: i64| (i64::from(self.today.year()) - 1..=i64::from(self.today.year()) + 4).contains(&year);
        let clear = agree
            && !deciding.is_empty()
            && deciding.iter().all(|statement| statement.clear)
            && !self.totals.is_empty()
            && self.totals.iter().all(|(year, _)| plausible_year(*year))
            && self.kommune.is_some()
            && self.supplement.is_none()
            // Minors that may stand beside the number leave open what the number is.
            && self.minors.unclear.is_none()
            && !words::CHANGED.is_match(self.text)
            && !self.body_in_doubt;
        if clear { Standing::Clear } else { Standing::Unclear }
    }

    fn adopts_a_proposal(&self, blocks: &[Block]) -> bool {
        let proposed = blocks.iter().any(|block| block.role == Role::Proposal);
        proposed
            && blocks.iter().filter(|block| block.role != Role::Proposal).flat_map(|block| &block.sentences).any(|sentence| {
                let written = &self.text[sentence.clone()];
                words::ADOPTS.is_match(written) && !words::FALLEN.is_match(written)
            })
    }

    /// Whether any word of the letter was about a number the kommune asks a person to look at.
    pub fn first_year(&self) -> Option<i64> {
        self.totals.first().map(|(year, _)| *year)
    }
}

/// The deciding sentences' block, from the first deciding sentence on.
fn with_what_follows(block: &Block, deciding: &[&Statement]) -> Vec<Range<usize>> {
    let first = deciding.first().map_or(0, |statement| statement.sentence.start);
    match block.role {
        Role::Decision => block.sentences.clone(),
        _ => block.sentences.iter().filter(|sentence| sentence.start >= first).cloned().collect(),
    }
}

/// One number a year from all deciding sentences; none when two of them differ.
fn totals(deciding: &[&Statement]) -> Option<Vec<(i64, Count)>> {
    let mut totals: BTreeMap<i64, Count> = BTreeMap::new();
    let mut add = |year: i64, count: Count| totals.entry(year).or_insert_with(|| count.clone()).value == count.value;
    for statement in deciding {
        let agrees = match statement.force {
            Force::Refuses => statement.years.iter().all(|year| add(*year, Count { value: 0, span: statement.sentence.clone() })),
            _ => statement.totals.iter().all(|(count, year)| year.is_none_or(|year| add(year, count.clone()))),
        };
        if !agrees {
            return None;
        }
    }
    Some(totals.into_iter().collect())
}

/// What was asked for, from every sentence, without doubles.
fn asked(all: &[(Role, Statement)]) -> Vec<Count> {
    let mut asked: Vec<Count> = Vec::new();
    for count in all.iter().flat_map(|(_, statement)| &statement.asked) {
        if !asked.iter().any(|known| known.value == count.value) {
            asked.push(count.clone());
        }
    }
    asked
}

/// Numbers of the decision block, else of a proposal, for a person to choose from.
fn suggestions(text: &str, all: &[(Role, Statement)]) -> Vec<(Count, Option<i64>)> {
    let of = |role: Role| -> Vec<(Count, Option<i64>)> {
        all.iter()
            .filter(|(at, statement)| *at == role && !words::FALLEN.is_match(&text[statement.sentence.clone()]))
            .flat_map(|(_, statement)| statement.totals.iter().map(|(count, year)| (count.clone(), year.or_else(|| only_one(&statement.years)))))
            .collect()
    };
    [Role::Decision, Role::Body, Role::Proposal].into_iter().map(of).find(|found| !found.is_empty()).unwrap_or_default()
}

fn only_one(years: &[i64]) -> Option<i64> {
    match years {
        [year] => Some(*year),
        _ => None,
    }
}

/// The number of a decision that adds to an earlier one.
fn supplement(text: &str, blocks: &[Block], all: &[(Role, Statement)]) -> Option<Count> {
    let decision = blocks.iter().any(|block| block.role == Role::Decision);
    let role = if decision { Role::Decision } else { Role::Body };
    let adds = |statement: &&Statement| {
        statement.supplement && words::DECIDES.is_match(&text[statement.sentence.clone()]) && !words::RECOMMENDS.is_match(&text[statement.sentence.clone()])
    };
    all.iter()
        .filter(|(at, _)| *at == role)
        .map(|(_, statement)| statement)
        .filter(adds)
        .find_map(|statement| statement.totals.first().map(|(count, _)| count.clone()))
}

/// The kommune of the deciding sentences, else the only one of the letter.
fn kommune(text: &str, mentions: &[Mention], deciding: &[&Statement]) -> Option<(&'static Kommune, Range<usize>)> {
    let in_sentences: Vec<Mention> = deciding.iter().flat_map(|statement| decider::mentions(text, &statement.sentence)).collect();
    let chosen = decider::only(mentions).or_else(|| decider::only(&in_sentences))?;
    let span = in_sentences
        .iter()
        .chain(mentions)
        .find(|mention| matches!(mention.what, crate::registry::kommuner::Match::One(kommune) if kommune == chosen))?
        .span
        .clone();
    Some((chosen, span))
}

/// The body that decided: of the heading, else of the deciding sentences, else the only one that is named anywhere.
fn body(text: &str, heading: Option<&Range<usize>>, deciding: &[&Statement]) -> (Option<(Body, Range<usize>)>, bool) {
    let of_heading = heading.map_or_else(Vec::new, |heading| decider::bodies(text, heading));
    let of_sentences: Vec<(Body, Range<usize>)> = deciding.iter().flat_map(|statement| decider::bodies(text, &statement.sentence)).collect();
    let everywhere = decider::bodies(text, &(0..text.len()));
    for near in [of_heading, of_sentences] {
        if let Some(council) = near.iter().find(|(body, _)| body.is_council()) {
            return (Some(council.clone()), false);
        }
        if let [(body, span)] = near.as_slice() {
            return (Some((*body, span.clone())), true);
        }
        if !near.is_empty() {
            return (None, true);
        }
    }
    match everywhere.as_slice() {
        [] => (None, false),
        [(body, span)] => (Some((*body, span.clone())), !body.is_council()),
        several => match several.iter().filter(|(body, _)| body.is_council()).collect::<Vec<_>>().as_slice() {
            // A chief executive beside a council is the one who writes; a formannskap or a committee may be the one who decided.
            [council] if several.iter().all(|(body, _)| body.is_council() || *body == Body::Administrasjon) => (Some((*council).clone()), false),
            _ => (None, true),
        },
    }
}
