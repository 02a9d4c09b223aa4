//! A letter's text in blocks, each with its role, and in sentences.
//!
//! Minutes and letters put a decision under a heading (`Vedtak:`, `Kommunestyrets vedtak`) or after a lead-in that ends in a colon (`… har fattet
//! følgende vedtak:`); proposals, case papers and votes have headings of their own. Only the layout of the words is looked at here.

mod headings;
mod sentences;

use std::ops::Range;
use std::sync::LazyLock;

use headings::{PROPOSAL, TELLS, heading_role, lead_in, leads_in, may_lead, outcome};
use sentences::sentences_of;

use super::decider::{self, Body};
use super::wording::{Pattern, compile};
use crate::transcript::Transcript;

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Running text of a letter or notice.
    Body,
    /// What was adopted.
    Decision,
    /// What somebody proposed or recommended.
    Proposal,
    /// Background, enclosures, earlier decisions.
    Background,
    /// How the matter was treated and voted on.
    Treatment,
    /// The greeting and what follows it.
    Closing,
    /// Somebody else's words: the mail that is answered.
    Quoted,
    /// The head of a mail.
    Head,
}

/// What a vote made of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Adopted.
    Adopted,
    /// Voted down.
    Fallen,
}

/// Sentences of one role under one heading.
#[derive(Debug, Clone)]
pub struct Block {
    /// The role.
    pub role: Role,
    /// The heading or lead-in that gave it; none at the start of a letter.
    pub heading: Option<Range<usize>>,
    /// The sentences, as byte ranges of the text.
    pub sentences: Vec<Range<usize>>,
    /// The bodies whose part of the minutes it stands in; empty where nothing says it.
    pub bodies: Vec<Body>,
    /// What the vote under it says.
    pub outcome: Option<Outcome>,
    /// Goes on after a decision in a new paragraph: still of it, or the letter going on.
    pub goes_on: bool,
}

static QUOTED: Pattern = LazyLock::new(|| compile(r"^(?:>|-{2,} ?(?:opprinnelig|opphavleg|original|videresendt|vidaresend)|_{10,}$)"));
static MAIL_HEAD: Pattern = LazyLock::new(|| compile(r"^(?:fra|frå|from): "));
static HEAD: Pattern = LazyLock::new(|| compile(r"^(?:fra|frå|emne|dato|sendt|til|from|subject|date|to|kopi): "));
static MAIL_HEAD_MORE: Pattern = LazyLock::new(|| compile(r"^(?:sendt|til|emne|dato|sent|to|subject|date): "));
static POINT: Pattern = LazyLock::new(|| compile(r"^(?:\d{1,2}[.)]|[a-h]\)|[A-F][.)]|[-–—•*·]) "));

/// Cuts a text into blocks.
pub fn cut(transcript: &Transcript) -> Vec<Block> {
    let text = &transcript.text;
    let mut cutter = Cutter { text, blocks: Vec::new(), open: None, bodies: Vec::new(), foreign: false, after_blank: false };
    cutter.begin(Role::Body, None);
    let lines: Vec<Line> = lines(text).collect();
    for (index, line) in lines.iter().enumerate() {
        let next = lines[index + 1..].iter().filter(|next| !next.range.is_empty()).take(3).any(|next| MAIL_HEAD_MORE.is_match(&text[next.range.clone()]));
        cutter.line(line, next);
    }
    cutter.close();
    cutter.blocks
}

struct Cutter<'a> {
    text: &'a str,
    blocks: Vec<Block>,
    /// The paragraph that is being gathered.
    open: Option<Range<usize>>,
    bodies: Vec<Body>,
    /// The rest of the text is the mail that is answered.
    foreign: bool,
    after_blank: bool,
}

impl Cutter<'_> {
    fn begin(&mut self, role: Role, heading: Option<Range<usize>>) {
        self.close();
        let named: Vec<Body> =
            heading.as_ref().map_or_else(Vec::new, |heading| decider::bodies(self.text, heading).into_iter().map(|(body, _)| body).collect());
        let bodies = if named.is_empty() || role == Role::Proposal { self.bodies.clone() } else { named };
        self.blocks.push(Block { role, heading, sentences: Vec::new(), bodies, outcome: None, goes_on: false });
    }

    fn role(&self) -> Role {
        self.blocks.last().map_or(Role::Body, |block| block.role)
    }

    fn line(&mut self, line: &Line, heads_a_mail: bool) {
        static ADOPTED: Pattern = LazyLock::new(|| compile(r"\b(?:vedtatt|vedteke|vedteken)\b"));
        static LABELLED: Pattern = LazyLock::new(|| super::wording::exactly(r"^(?:[A-F][.)] [^:]{3,80}|Prinsipalt|Subsidiært|Sekundært):"));
        let text = self.text;
        let written = &text[line.range.clone()];
        if line.range.is_empty() {
            self.close();
            self.after_blank = true;
            return;
        }
        let after_blank = std::mem::take(&mut self.after_blank);
        if line.range.start == 0 || self.role() == Role::Head {
            let head = HEAD.is_match(written);
            if head != (self.role() == Role::Head) {
                self.begin(if head { Role::Head } else { Role::Body }, None);
            }
            if head {
                self.close();
                self.open = Some(line.range.clone());
                return;
            }
        }
        // A proposal that is quoted ends with its paragraph.
        if after_blank && self.role() == Role::Proposal && !POINT.is_match(written) {
            let quoted = |block: &Block| block.sentences.first().is_some_and(|first| self.text[first.clone()].starts_with(['«', '"', '“']));
            if self.blocks.last().is_some_and(quoted) {
                self.begin(Role::Body, None);
            }
        }
        // What follows the first paragraph of a decision, or its points, may be the letter going on.
        if after_blank
            && self.role() == Role::Decision
            && self.blocks.last().is_some_and(|block| !block.sentences.is_empty())
            && !POINT.is_match(written)
            && !is_row(written)
            && !written.starts_with(['«', '"', '”', '“'])
        {
            self.begin(Role::Body, None);
            if let Some(block) = self.blocks.last_mut() {
                block.goes_on = true;
            }
        }
        self.foreign |= MAIL_HEAD.is_match(written) && heads_a_mail && line.range.start > 0 || written.starts_with("---") && QUOTED.is_match(written);
        let quoted = self.foreign || QUOTED.is_match(written);
        if quoted != (self.role() == Role::Quoted) {
            self.begin(if quoted { Role::Quoted } else { Role::Body }, None);
        }
        if quoted {
            let start = line.range.start + (written.len() - written.trim_start_matches(['>', ' ']).len());
            self.open = Some(self.open.take().map_or(start..line.range.end, |before| before.start..line.range.end));
            return;
        }
        if let Some(outcome) = outcome(written) {
            self.close();
            if let Some(block) = self.blocks.last_mut().filter(|block| block.outcome.is_none()) {
                block.outcome = Some(outcome);
                self.begin(Role::Body, None);
            }
            return;
        }
        self.section(written, line);
        let labelled = (self.role() == Role::Proposal).then(|| LABELLED.find(written)).flatten().map(|found| (Role::Proposal, found.end()));
        let heading = labelled.or_else(|| heading_role(written, self.open.is_none() || line.after_end));
        // "Forslaget fra Sp vedtatt: …" under the heading of the decision repeats what was adopted.
        let adopted = |length: usize| self.role() == Role::Decision && ADOPTED.is_match(&written[..length]);
        let heading = heading.map(|(role, length)| (if role == Role::Proposal && adopted(length) { Role::Decision } else { role }, length));
        match heading.filter(|(role, length)| may_lead(self.role(), *role) || !TELLS.is_match(&written[..*length])) {
            Some((role, length)) => {
                self.begin(role, Some(line.range.start..line.range.start + length));
                let rest = line.range.start + length..line.range.end;
                let lead = text[rest.clone()].len() - text[rest.clone()].trim_start().len();
                self.open = (rest.start + lead < rest.end).then_some(rest.start + lead..rest.end);
            }
            None if POINT.is_match(written) || is_row(written) => {
                self.close();
                self.open = Some(line.range.clone());
            }
            None => {
                if self.open.as_ref().is_some_and(|open| is_row(&text[open.clone()])) {
                    self.close();
                }
                self.open = Some(self.open.take().map_or(line.range.clone(), |before| before.start..line.range.end));
            }
        }
        // A lead-in may run over several lines; it opens a block when its colon comes.
        if let Some(paragraph) = self.open.clone().filter(|range| text[range.clone()].ends_with(':'))
            && let Some((role, lead)) = lead_in(text, &paragraph)
            && may_lead(self.role(), role)
        {
            self.open = Some(paragraph.start..lead.start).filter(|rest| !rest.is_empty());
            self.begin(role, Some(lead));
        }
    }

    /// A short line that names a body begins its part of the minutes.
    fn section(&mut self, written: &str, line: &Line) {
        static MINUTES: Pattern = LazyLock::new(|| {
            compile(
                r"^(?:særutskrift|kommunestyremøte|bystyremøte|formannskapsmøte|protokoll|møteprotokoll|saksprotokoll|møtebok|utvalg|utval|styre|råd|møte)\b|\b\d{1,2}\.\d{1,2}\.\d{2,4}\b",
            )
        });
        // A heading tells nothing: "Rådmannen har vurdert kapasiteten i skule og" begins a paragraph.
        static TELLING: Pattern = LazyLock::new(|| {
            compile(
                r"\b(?:har|er|får|vil|skal|anslår|reknar|regner|følger|følgjer|meiner|mener|tilrår|foreslår|føreslår|vurderer|vant|vann|tapte|fikk|fekk|ble|blei|vart|snudde)\b",
            )
        });
        let words = written.split_whitespace().count();
        if words > 3 && TELLING.is_match(written) && !MINUTES.is_match(written) {
            return;
        }
        // Under the heading of a proposal stands who made it.
        let maker = self.open.is_none() && self.blocks.last().is_some_and(|block| block.role == Role::Proposal && block.sentences.is_empty());
        if maker && words <= 3 && !MINUTES.is_match(written) {
            return;
        }
        if words > 9 || written.ends_with('.') && words > 4 || !line.after_end && self.open.is_some() && !MINUTES.is_match(written) {
            return;
        }
        let named: Vec<Body> = decider::bodies(self.text, &line.range).into_iter().map(|(body, _)| body).collect();
        if !named.is_empty() && !PROPOSAL.is_match(written) {
            // The treatment of one body after another's.
            if !self.bodies.is_empty() && named != self.bodies && !written.ends_with(':') && words <= 6 {
                self.begin(Role::Body, None);
            }
            if let Some(block) = self.blocks.last_mut().filter(|block| block.sentences.is_empty() && block.heading.is_none()) {
                block.bodies.clone_from(&named);
            }
            self.bodies = named;
        }
    }

    fn close(&mut self) {
        if let (Some(range), Some(block)) = (self.open.take(), self.blocks.last_mut()) {
            let end = range.start + self.text[range.clone()].trim_end().len();
            let mut sentences = sentences_of(self.text, &(range.start..end)).into_iter();
            for sentence in sentences.by_ref() {
                // "Ola Lia la fram slikt framlegg: «…»" in the middle of a paragraph.
                let role = if self.text[sentence.clone()].ends_with(':') { leads_in(&self.text[sentence.clone()]) } else { None };
                let Some(role) = role.filter(|role| may_lead(block.role, *role) && sentence.end < end) else {
                    block.sentences.push(sentence);
                    continue;
                };
                self.begin(role, Some(sentence.clone()));
                self.open = Some(sentence.end + (self.text[sentence.end..end].len() - self.text[sentence.end..end].trim_start().len())..end);
                return self.close();
            }
        }
    }
}

/// A row of a table: two numbers or more, and little else.
pub fn is_row(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let numbers = words.iter().filter(|word| word.trim_matches(['(', ')', '-', '–', '*']).parse::<u32>().is_ok()).count();
    numbers >= 2 && words.len() <= numbers + 2 && !line.ends_with(['.', ',', ':'])
}

struct Line {
    range: Range<usize>,
    /// Whether the line before ended a sentence or a paragraph.
    after_end: bool,
}

fn lines(text: &str) -> impl Iterator<Item = Line> + '_ {
    let mut start = 0;
    let mut after_end = true;
    text.split('\n').map(move |line| {
        let range = start..start + line.len();
        start += line.len() + 1;
        let this = Line { range, after_end };
        after_end = line.is_empty() || line.ends_with(['.', ':', '!', '?']);
        this
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::tests::transcript;
    use proptest::prelude::*;

    fn roles(text: &str) -> Vec<(Role, Vec<String>)> {
        let transcript = transcript(text);
        cut(&transcript)
            .into_iter()
            .map(|block| (block.role, block.sentences.into_iter().map(|range| transcript.text[range].replace('\n', " ")).collect()))
            .filter(|(_, sentences): &(Role, Vec<String>)| !sentences.is_empty())
            .collect()
    }

    #[test]
    fn headings_give_the_blocks_their_roles() {
        let text = "Forslag til vedtak:\nEn.\n\nBehandling:\nTo.\n\nVedtak:\n1. Tre.\n2. Fire\nfem.\n\nMed hilsen\nOrdfører";
        assert_eq!(
            roles(text),
            [
                (Role::Proposal, vec!["En.".to_owned()]),
                (Role::Treatment, vec!["To.".to_owned()]),
                (Role::Decision, vec!["1. Tre.".to_owned(), "2. Fire fem.".to_owned()]),
                (Role::Closing, vec!["Med hilsen Ordfører".to_owned()]),
            ]
        );
    }

    #[test]
    fn a_lead_in_and_an_inline_heading_open_a_block() {
        assert_eq!(roles("Kommunestyret har i møte 11.12.2025 fattet\nfølgende vedtak:\n\nVi bosetter."), [(Role::Decision, vec!["Vi bosetter.".to_owned()])]);
        assert_eq!(
            roles("Vi viser til brevet.\nStyret har fattet følgende vedtak:\nVi bosetter."),
            [(Role::Body, vec!["Vi viser til brevet.".to_owned()]), (Role::Decision, vec!["Vi bosetter.".to_owned()])]
        );
        assert_eq!(roles("Vedtak: Vi bosetter."), [(Role::Decision, vec!["Vi bosetter.".to_owned()])]);
        assert_eq!(roles("Formannskapet gir følgende innstilling:\nVi bosetter."), [(Role::Proposal, vec!["Vi bosetter.".to_owned()])]);
    }

    #[test]
    fn somebody_elses_words_and_what_case_papers_tell_are_told_apart() {
        let mail = "Fra: postmottak@luster.kommune.no\nEmne: Svar\nDato: 28.11.2025\n\nVi bosetter.\n\n> Frå: IMDi\n> De blir bedne.";
        let heads = ["Fra: postmottak@luster.kommune.no", "Emne:", "Svar", "Dato: 28.11.2025"].map(str::to_owned).to_vec();
        assert_eq!(
            roles(mail),
            [(Role::Head, heads), (Role::Body, vec!["Vi bosetter.".to_owned()]), (Role::Quoted, vec!["Frå:".to_owned(), "IMDi > De blir bedne.".to_owned()])]
        );
        let papers = "Saksopplysninger\nKommunestyret gjorde i fjor slikt vedtak: «Vi bosetter.»";
        assert!(roles(papers).iter().all(|(role, _)| *role == Role::Background), "{:?}", roles(papers));
        assert_eq!(
            roles("Vedtak:\nFormannskapet rår kommunestyret til å gjøre slikt vedtak: Vi bosetter."),
            [(Role::Proposal, vec!["Vi bosetter.".to_owned()])]
        );
    }

    #[test]
    fn a_vote_under_a_proposal_and_the_body_it_stands_with() {
        let transcript =
            transcript("Kommunestyret 12.06.2024\n\nForslag fra Dahl:\nVi bosetter.\nNEDSTEMT FOR 4 MOT 23\n\nForslag fra Lie:\nVi bosetter ikke.\nVedtatt\n");
        let proposals: Vec<_> = cut(&transcript).into_iter().filter(|block| block.role == Role::Proposal).map(|block| (block.outcome, block.bodies)).collect();
        assert_eq!(proposals, [(Some(Outcome::Fallen), vec![Body::Kommunestyre]), (Some(Outcome::Adopted), vec![Body::Kommunestyre])]);
    }

    #[test]
    fn what_follows_a_decision_in_a_new_paragraph_is_marked() {
        let transcript = transcript("Vedtak:\n1. Vi bosetter.\n\n2. Flere kommer.\n\nBakgrunnen er denne.");
        let blocks: Vec<_> =
            cut(&transcript).into_iter().filter(|block| !block.sentences.is_empty()).map(|block| (block.role, block.sentences.len(), block.goes_on)).collect();
        assert_eq!(blocks, [(Role::Decision, 2, false), (Role::Body, 1, true)]);
    }

    #[test]
    fn lost_spaces_and_numbers_end_a_sentence() {
        assert_eq!(roles("Det ble 140. Det er få. Og mer.Så slutt.")[0].1, ["Det ble 140.", "Det er få.", "Og mer.", "Så slutt."]);
        assert_eq!(roles("1. Vi bosetter. Så mange er det.")[0].1, ["1. Vi bosetter.", "Så mange er det."]);
    }

    #[test]
    fn titles_and_wrapped_prose_are_no_decisions() {
        assert_eq!(roles("Vedtak om bosetting i 2026\n\nHei.")[0].0, Role::Body);
        assert_eq!(roles("Vi viser til\nVedtak av i fjor\nog mer.")[0].0, Role::Body);
        assert_eq!(roles("Tidlegare vedtak\n\nTi.").last().map(|(role, _)| *role), Some(Role::Background));
    }

    #[test]
    fn full_stops_of_dates_and_abbreviations_end_no_sentence() {
        assert_eq!(roles("Møte 12. mai 2026, jf. sak. Neste år 2027. Slutt.")[0].1, ["Møte 12. mai 2026, jf. sak.", "Neste år 2027.", "Slutt."]);
    }

    proptest! {
        #[test]
        fn any_text_is_cut_at_characters_and_in_order(text in "(Vedtak|Forslag til vedtak|: |\\. |\n|\n\n|1\\. |- |æ|2026|Å|[a-z ]{1,5}){0,40}") {
            let transcript = transcript(&text);
            let mut end = 0;
            for range in cut(&transcript).into_iter().flat_map(|block| block.sentences) {
                prop_assert!(transcript.text.get(range.clone()).is_some_and(|text| !text.is_empty()));
                prop_assert!(range.start >= end);
                end = range.end;
            }
        }
    }
}
