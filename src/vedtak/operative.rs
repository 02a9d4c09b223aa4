//! Which sentences of a text decide, and whether the matter has come so far.
//!
//! In order: the sentences of an adopted block under a body with the last word; the proposal that such a block, or a vote, adopts; in running text the sentences in which a
//! council is said to have decided. What stands around them can make them somebody else's, or none at all: a committee's vote, an earlier decision that was annulled, a case
//! that comes up next week. Then nothing is decided, or a person looks.

use std::ops::Range;
use std::sync::LazyLock;

use super::blocks::{Block, Outcome, Role};
use super::decider::{self, Body};
use super::decision::Doubt;
use super::mentions::{Mention, What};
use super::proposals;
use super::references;
use super::setting;
use super::statements::{Force, Statement, Void};
use super::wording::{self as words, Pattern, compile};

/// The sentences that decide.
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts about the text")]
pub struct Operative<'a> {
    /// They, in order.
    pub statements: Vec<&'a Statement>,
    /// The block they stand in.
    pub block: Option<usize>,
    /// Whether the matter is decided, as far as the text says.
    pub is_final: bool,
    /// Whether it was put off.
    pub put_off: bool,
    /// What leaves a choice.
    pub doubts: Vec<Doubt>,
    /// They stand in running text, with no heading that says so.
    pub in_running_text: bool,
    /// They were proposed, and adopted by a sentence under a heading that says so: who decided stands there.
    pub adopted: bool,
}

static PROPOSAL: Pattern = LazyLock::new(|| compile(r"(?:forslag|framlegg|fremlegg|innstilling|tilråding)"));
/// A proposal was changed before it was adopted.
pub static AMENDED: Pattern = LazyLock::new(|| {
    compile(r"\b(?:slik endr\w+|med (?:de |dei |den |det )?(?:endring\w*|tillegg\w*)|endringsforslag\w*|endringsframlegg\w*|endres til|endrast til|å endre)\b")
});
static PUT_OFF: Pattern = LazyLock::new(|| {
    compile(concat!(
        r"\b(?:sak\w*|behandling\w*|handsaming\w*|spørsmålet|den) (?:\w+ ){0,4}?(?:utsatt|utsett|utsettes|utsettast)\b|\butset(?:t|j)\w* (?:saka|saken)|\butset(?:t|j)\w*(?:forslag|framlegg)\w* [^.]{0,40}ved|",
        r"(?:er|ble|vart|blei) utsatt\b",
    ))
});
/// Answers the directorate, whoever decided.
static ANSWER: Pattern = LazyLock::new(|| {
    compile(
        r"\b(?:svar (?:på|frå|fra|-)|viser? til (?:deres|dykkar|brev|anmod|oppmod|førespurn)|står (?:fast )?ved vedtak|til imdi|integrerings- og mang\w+|vedr\.? anmodning|vedtak)\b",
    )
});

impl<'a> Operative<'a> {
    /// Finds them.
    pub fn find(text: &str, blocks: &[Block], all: &'a [Statement]) -> Self {
        let scene = Scene::new(text, blocks, all);
        scene.in_a_block().or_else(|| scene.adopting()).unwrap_or_else(|| scene.in_running_text())
    }
}

/// Whether a sentence says something about a number, or yes or no.
pub fn tells(statement: &Statement) -> bool {
    statement.has_number() || !matches!(statement.force, Force::Other | Force::Adopts)
}

/// Whether a sentence of an adopted block, or of an adopted proposal, still says nothing: it tells of another matter.
fn is_beside(statement: &Statement) -> bool {
    matches!(statement.void, Some(Void::Fallen | Void::Pending | Void::Past | Void::Asks))
}

fn has_council(bodies: &[Body]) -> bool {
    bodies.iter().any(|body| body.is_council())
}

/// What the whole text says of who decides and how far the matter has come.
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts about the text")]
struct Scene<'s, 'a> {
    text: &'s str,
    blocks: &'s [Block],
    all: &'a [Statement],
    /// Every body that is named.
    bodies: Vec<Body>,
    /// Somebody else has the council's power.
    delegated: bool,
    /// Sentences of what is to come.
    pending: bool,
    pending_elsewhere: bool,
    anything_to_come: bool,
    put_off: bool,
    draft: bool,
    annulled: bool,
    /// The directorate's own letter.
    request: bool,
    /// Papers for a meeting to come: a committee's vote may stand in them, the council's does not.
    papers: bool,
}

impl<'s, 'a> Scene<'s, 'a> {
    fn new(text: &'s str, blocks: &'s [Block], all: &'a [Statement]) -> Self {
        let own = |statement: &&Statement| matches!(statement.role, Role::Body | Role::Decision);
        let says = |statement: &Statement, pattern: &Pattern| pattern.is_match(statement.written(text));
        let to_come: Vec<&Statement> =
            all.iter().filter(own).filter(|statement| statement.void == Some(Void::Pending) && !setting::is_done(statement.written(text))).collect();
        let pending: Vec<&Statement> = to_come.iter().copied().filter(|statement| setting::leaves_open(statement.written(text), statement.role)).collect();
        Self {
            text,
            blocks,
            all,
            bodies: decider::bodies(text, &(0..text.len())).into_iter().map(|(body, _)| body).collect(),
            delegated: words::BY_DELEGATION.is_match(text) && !words::ADVISORY.is_match(text),
            pending: pending.iter().any(|statement| !names_another(text, statement)),
            pending_elsewhere: !pending.is_empty(),
            anything_to_come: !to_come.is_empty(),
            put_off: pending.iter().any(|statement| says(statement, &PUT_OFF)),
            draft: words::DRAFT.is_match(text),
            annulled: all.iter().filter(own).any(|statement| says(statement, &words::ANNULLED)),
            request: all.iter().filter(own).any(|statement| says(statement, &words::REQUEST)) || setting::is_of_no_kommune(text, blocks),
            papers: setting::are_papers(text),
        }
    }

    fn says(&self, statement: &Statement, pattern: &Pattern) -> bool {
        pattern.is_match(statement.written(self.text))
    }

    fn only_council(&self) -> bool {
        self.bodies.iter().all(|body| body.is_council() || *body == Body::Administrasjon)
    }

    fn other_body(&self) -> bool {
        self.bodies.iter().any(|body| matches!(body, Body::Formannskap | Body::Annet))
    }

    /// Whether the bodies of a block have the last word; where none is named, whether one that has it is named anywhere.
    fn has_last_word(&self, bodies: &[Body]) -> bool {
        match bodies {
            [] => self.bodies.is_empty() || self.delegated || has_council(&self.bodies),
            _ => self.delegated || has_council(bodies),
        }
    }

    /// Whether the heading of a block names a council.
    fn heads_a_council(&self, block: usize) -> bool {
        static SHORT: Pattern = LazyLock::new(|| compile(r"^(?:KS|KST|BS|BYST) ?[-–]"));
        let block = &self.blocks[block];
        let heading = block.heading.clone().map_or("", |heading| &self.text[heading]);
        block.role == Role::Decision && (words::COUNCILS.is_match(heading) || SHORT.is_match(heading))
    }

    /// The blocks that were adopted by somebody with the last word.
    fn decided(&self) -> Vec<usize> {
        if self.draft || self.annulled {
            return Vec::new();
        }
        let adopted =
            |block: &Block| block.role == Role::Decision && block.outcome.is_none() || block.outcome == Some(Outcome::Adopted) && block.role != Role::Quoted;
        (0..self.blocks.len())
            .filter(|&at| {
                let block = &self.blocks[at];
                (!self.papers || self.heads_a_council(at)) && adopted(block) && !block.sentences.is_empty() && self.has_last_word(&block.bodies)
            })
            .collect()
    }

    fn in_a_block(&self) -> Option<Operative<'a>> {
        let decided = self.decided();
        let mut statements: Vec<&'a Statement> = self.all.iter().filter(|statement| decided.contains(&statement.block) && !is_beside(statement)).collect();
        let block = statements.iter().find(|statement| tells(statement))?.block;
        let recommends = |statement: &&Statement| statement.void == Some(Void::Proposes);
        if statements.iter().any(recommends) && statements.iter().all(|statement| recommends(statement) || !tells(statement)) {
            return None;
        }
        // "Innstillingen, men slik at tallet reduseres med sju": the number stands in the proposal.
        let only_changes = |statement: &&Statement| statement.mentions.iter().all(|mention| mention.what == What::Added);
        let points = |statement: &&Statement| self.says(statement, &PROPOSAL);
        if statements.iter().any(points)
            && statements.iter().filter(|statement| tells(statement)).all(only_changes)
            && statements.iter().any(|statement| statement.has_number())
        {
            return None;
        }
        // A paragraph that goes on from the decision may say who is among them, but decides no number.
        statements.extend(self.all.iter().filter(|statement| {
            let after = statement.block > 0 && decided.contains(&(statement.block - 1)) && self.blocks[statement.block].goes_on;
            let numbers = statement.mentions.iter().any(|mention| matches!(mention.what, What::Asked | What::Before));
            after && statement.void.is_none() && !tells(statement) && !numbers
        }));
        let mut doubts = Vec::new();
        if self.pending {
            doubts.push(Doubt::Pending);
        }
        let named = |at: &usize| has_council(&self.blocks[*at].bodies) || self.delegated && !self.blocks[*at].bodies.is_empty();
        if self.papers || !(decided.iter().all(named) || self.only_council()) {
            doubts.push(Doubt::Setting);
        }
        Some(Operative { statements, block: Some(block), is_final: true, put_off: false, doubts, in_running_text: false, adopted: false })
    }

    /// Whether what a sentence of the treatment adopts is that the case goes back: so the decision says, or "Framlegget" is the one that was told of just before.
    fn is_sent_back(&self, statement: &Statement) -> bool {
        static THE_PROPOSAL: Pattern = LazyLock::new(|| compile(r"^(?:framlegget|fremlegget|forslaget|dette)\b"));
        static BACK: Pattern =
            LazyLock::new(|| compile(r"\b(?:utsett\w*|utsetj\w*|utsatt|utsetting\w*|(?:send\w*|oversend\w*) (?:\w+ ){0,3}?(?:tilbake|attende))\b"));
        if statement.role == Role::Decision {
            return false;
        }
        let before = self.all.iter().take_while(|other| other.sentence != statement.sentence).last().filter(|before| before.block == statement.block);
        let just_told = self.says(statement, &THE_PROPOSAL) && before.is_some_and(|before| self.says(before, &BACK));
        just_told || self.all.iter().any(|other| other.role == Role::Decision && other.void == Some(Void::Pending) && self.says(other, &BACK))
    }

    /// A decision that only points at a proposal.
    fn adopting(&self) -> Option<Operative<'a>> {
        let points = |statement: &&Statement| {
            let bare = statement.role == Role::Decision && self.says(statement, &PROPOSAL) && !self.says(statement, &words::RECOMMENDS_STRICTLY);
            // In a block of proposals only a vote adopts.
            let here = match statement.role {
                Role::Quoted => false,
                Role::Proposal => self.says(statement, &words::ADOPTED_ALL_THE_SAME),
                _ => true,
            };
            let by_council = !self.papers || self.heads_a_council(statement.block) || self.says(statement, &words::COUNCILS);
            (statement.force == Force::Adopts || bare)
                && here
                && !self.is_sent_back(statement)
                && by_council
                && self.has_last_word(&self.blocks[statement.block].bodies)
        };
        let last = self.all.iter().rev().filter(points).find(|statement| !matches!(statement.void, Some(Void::Pending | Void::Fallen)))?;
        let together: Vec<&Statement> =
            if last.role == Role::Decision { self.all.iter().filter(|statement| statement.block == last.block).filter(points).collect() } else { vec![last] };
        let adopted = proposals::adopted(self.text, self.blocks, self.all, &together)?;
        let statements: Vec<&Statement> = adopted.statements.into_iter().filter(|statement| !is_beside(statement)).collect();
        if !statements.iter().any(|statement| tells(statement)) {
            return None;
        }
        let mut doubts = Vec::new();
        if self.pending_elsewhere {
            doubts.push(Doubt::Pending);
        }
        if AMENDED.is_match(self.text) {
            doubts.push(Doubt::Changed);
        }
        let by_vote_of_many = last.role != Role::Decision && proposals::count(self.text, self.blocks, self.all) > 1;
        let under_council = has_council(&self.blocks[last.block].bodies);
        let council = under_council || has_council(&self.bodies) && self.only_council();
        if by_vote_of_many || !council && !self.delegated {
            doubts.push(Doubt::Setting);
        }
        let by_heading = last.role == Role::Decision && under_council;
        Some(Operative { statements, block: Some(adopted.block), is_final: true, put_off: false, doubts, in_running_text: false, adopted: by_heading })
    }

    fn in_running_text(&self) -> Operative<'a> {
        let of_roles = |roles: &[Role]| -> Vec<&'a Statement> {
            self.all.iter().filter(|statement| roles.contains(&statement.role) && statement.void.is_none()).collect()
        };
        let mut here = of_roles(&[Role::Body, Role::Decision]);
        // A mail that only passes another on.
        if !here.iter().any(|statement| tells(statement)) && !words::REQUEST.is_match(self.text) {
            here = of_roles(&[Role::Body, Role::Decision, Role::Quoted]);
        }
        let numbered: Vec<&Statement> = here.iter().copied().filter(|statement| tells(statement) && !about_the_past(self.text, statement)).collect();
        let is_final = self.is_final(&here);
        let weak = !is_final && !numbered.is_empty() && self.may_answer(&here);
        let treated = here.iter().any(|statement| self.says(statement, &words::TREATED));
        let mut doubts = Vec::new();
        // After "kommunestyret handsama saka i går" the kommune tells what came out of it.
        if weak && !treated {
            doubts.push(Doubt::Weak);
        }
        let own: Vec<&Statement> = self.all.iter().filter(|statement| !matches!(statement.role, Role::Quoted | Role::Closing)).collect();
        let firm = here.iter().any(|statement| self.is_firm(statement));
        if setting::is_unsettled(self.text, &own) || !firm && setting::names_proposers(self.text, &own) {
            doubts.push(Doubt::Setting);
        }
        let mut statements = self.of_the_council(&here, &numbered);
        statements.sort_by_key(|statement| statement.sentence.start);
        let block = statements.first().map(|statement| statement.block);
        Operative { statements, block, is_final: is_final || weak, put_off: self.put_off, doubts, in_running_text: true, adopted: false }
    }

    /// Whether a sentence says by itself that the council decided on a number for a year: what others proposed beside it does not matter then.
    fn is_firm(&self, statement: &Statement) -> bool {
        let number = |mention: &Mention| mention.what == What::Settled && !mention.part && !mention.years.is_empty();
        let says = |words: &Pattern| self.says(statement, words);
        statement.by_council
            && statement.mentions.iter().any(number)
            && !says(&setting::PROPOSERS)
            && !says(&words::NOT)
            && !about_the_past(self.text, statement)
    }

    /// Whether running text says that a body with the last word has decided, and nothing takes it back.
    fn is_final(&self, here: &[&Statement]) -> bool {
        let in_charge = |statement: &Statement| {
            let bodies = &self.blocks[statement.block].bodies;
            bodies.is_empty() || has_council(bodies) || self.delegated
        };
        let voted = |statement: &Statement| {
            let elsewhere = self.says(statement, &words::WITHIN_ANOTHER_BODY) && !self.says(statement, &words::COUNCILS);
            (self.says(statement, &words::ADOPTED_ALL_THE_SAME) || self.says(statement, &words::VOTED)) && !elsewhere
        };
        let council = has_council(&self.bodies);
        let said = here.iter().any(|statement| statement.by_council && !about_the_past(self.text, statement) && in_charge(statement));
        let by_vote = council && here.iter().any(|statement| voted(statement) && in_charge(statement));
        let by_delegation = self.delegated && here.iter().any(|statement| self.says(statement, &words::BY_DELEGATION) && !self.says(statement, &words::NOT));
        let in_block = council && !self.decided().is_empty();
        let taken_back =
            self.pending || self.put_off || self.draft || self.request || self.papers || here.iter().any(|statement| self.says(statement, &words::ANNULLED));
        (said || by_vote || by_delegation || in_block) && !taken_back
    }

    /// Whether a text that names no decision may be the kommune's answer all the same.
    fn may_answer(&self, here: &[&Statement]) -> bool {
        let treated = here.iter().any(|statement| self.says(statement, &words::TREATED));
        let council = words::COUNCILS.is_match(self.text);
        let answers = ANSWER.is_match(self.text) || treated || council;
        answers && !self.anything_to_come && !self.put_off && !self.draft && !self.request && !self.papers && !self.other_body()
    }

    /// The sentences in which a council has decided, with what goes with them; where none is, all.
    fn of_the_council(&self, here: &[&'a Statement], numbered: &[&'a Statement]) -> Vec<&'a Statement> {
        // "Ås har vedtatt 75", in a text about another kommune.
        let of_a_neighbour = |statement: &Statement| !self.says(statement, &words::BY_COUNCIL) && names_another(self.text, statement);
        let of_council: Vec<&Statement> = here
            .iter()
            .copied()
            .filter(|statement| statement.by_council && tells(statement) && !about_the_past(self.text, statement) && !of_a_neighbour(statement))
            .collect();
        let numbered: Vec<&Statement> = numbered.iter().copied().filter(|statement| !of_a_neighbour(statement) || !statement.by_council).collect();
        let Some(first) = of_council.iter().find(|statement| statement.has_number()).or(of_council.first()) else {
            return here.iter().copied().filter(|statement| !about_the_past(self.text, statement) && !of_a_neighbour(statement)).collect();
        };
        let with_number =
            of_council.iter().any(|statement| statement.mentions.iter().any(|mention| matches!(mention.what, What::Settled | What::Adults | What::Period)));
        let goes_with = |statement: &&Statement| !tells(statement) && statement.sentence.start > first.sentence.start && statement.role == Role::Body;
        numbered.iter().copied().filter(|statement| statement.by_council || !with_number).chain(here.iter().copied().filter(goes_with)).collect()
    }
}

/// Whether a sentence is about what was before.
pub fn about_the_past(text: &str, statement: &Statement) -> bool {
    static PAST: Pattern = LazyLock::new(|| {
        compile(
            r"\b(?:til sammenligning|til samanlikning|fra før har|frå før har|i fjor|i fjor haust|opprinnelig\w*|opphavleg\w*|tidligere vedtak|tidlegare vedtak|forrige vedtak|førre vedtak|forrige gang)\b",
        )
    });
    static BEGINS: Pattern = LazyLock::new(|| compile(r"^(?:[–-] )?i fjor\b"));
    // "I 2024 sa Vik ja til 20.", in a text of 2026.
    static TOLD: Pattern = LazyLock::new(|| {
        compile(
            r"^(?:[–-] )?(?:i|for|(?:i )?(?:hausten|høsten|våren|sommaren|sommeren|vinteren|januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember)) (?P<year>{YEAR}) (?:sa|tok|var|vart|ble|blei|bosatte|busette|fekk|fikk|vedtok|kom|hadde|svarte|svara|takka|takket)\b",
        )
    });
    let written = statement.written(text);
    let told = || {
        let year: i64 = TOLD.captures(written)?.name("year")?.as_str().parse().ok()?;
        // The year that is asked about comes after the one told of; a decision for it may have been made in that one.
        let asked = references::year_of_request(text).filter(|asked| !statement.years.iter().any(|year| year >= asked));
        references::year_of_writing(text).max(asked).map(|now| year < now)
    };
    told() == Some(true) || BEGINS.is_match(written) || PAST.is_match(written) && !statement.mentions.iter().any(|mention| mention.what == What::Settled)
}

/// Whether a sentence is about another kommune than the text before it.
fn names_another(text: &str, statement: &Statement) -> bool {
    let range: Range<usize> = 0..statement.sentence.start;
    let before = decider::named(text, &range);
    !before.is_empty() && decider::named(text, &statement.sentence).iter().any(|kommune| !before.contains(kommune))
}
