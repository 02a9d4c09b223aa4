//! A letter's text in blocks, each with its role, and in sentences.
//!
//! Minutes and letters put a decision under a heading (`Vedtak:`, `Kommunestyrets vedtak`) or after a lead-in that ends in a colon (`… har fattet
//! følgende vedtak:`); proposals, case papers and votes have headings of their own. Only the layout of the words is looked at here.

use std::ops::Range;
use std::sync::LazyLock;

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
    /// Background, treatment, votes, enclosures, earlier decisions.
    Background,
    /// The greeting and what follows it.
    Closing,
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
}

static PROPOSAL: Pattern = LazyLock::new(|| compile(r"forslag|framlegg|innstilling|tilråding|tilrådning|anbefaling|alternativ"));
static DECISION: Pattern = LazyLock::new(|| compile(r"\b(?:vedtak|vedtaket|vedtatt|vedteke|vedtok)\b"));
static DECISION_TITLE: Pattern = LazyLock::new(|| compile(r"\b(?:vedtak om|vedtaket om|vedtak vedr\w*|melding om vedtak|underretning om|utskrift)\b"));
static EARLIER: Pattern = LazyLock::new(|| compile(r"\b(?:tidligere|tidlegare|gjeldende|gjeldande) vedtak"));
static BACKGROUND: Pattern = LazyLock::new(|| {
    compile(
        r"^(?:saksopplysning\w*|bakgrunn\w*|behandling\w*|handsaming\w*|votering\w*|røysting\w*|avrøysting\w*|avstemming\w*|vurdering\w*|saksutgreiing\w*|saksutredning\w*|saksframstilling\w*|saksframlegg\w*|saksgang\w*|vedlegg\w*|dokument\w*|historikk\w*|økonomi\w*|oppmoding\w*|anmodning\w*|oppsummering\w*|samandrag\w*|sammendrag\w*)$",
    )
});
static CLOSING: Pattern = LazyLock::new(|| {
    compile(
        r"^(?:med (?:vennlig |venleg |vennleg )?(?:hilsen|helsing)|vennlig hilsen|venleg helsing|mvh|rett utskrift|dokumentet er (?:elektronisk )?godkjent)",
    )
});
static POINT: Pattern = LazyLock::new(|| compile(r"^(?:\d{1,2}[.)]|[a-h]\)|[-–—•*·]) "));
static ABBREVIATION: Pattern =
    LazyLock::new(|| compile(r"(?:\b(?:nr|jf|jfr|ca|kap|pkt|eks|bl\.a|bla|dvs|mill|kl|ev|evt|tlf|st|pr|maks|ref|org|saksnr|utvalgssaksnr|m|s|f|d)|\d)\.$"));

/// The most words a heading has when no colon ends it.
const HEADING_WORDS_MAX: usize = 8;

/// Cuts a text into blocks.
pub fn cut(transcript: &Transcript) -> Vec<Block> {
    let text = &transcript.text;
    let mut blocks = vec![Block { role: Role::Body, heading: None, sentences: Vec::new() }];
    let mut open: Option<Range<usize>> = None;
    for line in lines(text) {
        if line.range.is_empty() {
            close(text, &mut blocks, open.take());
            continue;
        }
        let written = &text[line.range.clone()];
        match heading_role(written, open.is_none() || line.after_end) {
            Some((role, length)) => {
                close(text, &mut blocks, open.take());
                blocks.push(Block { role, heading: Some(line.range.start..line.range.start + length), sentences: Vec::new() });
                let rest = line.range.start + length..line.range.end;
                let lead = text[rest.clone()].len() - text[rest.clone()].trim_start().len();
                open = (rest.start + lead < rest.end).then_some(rest.start + lead..rest.end);
            }
            None if POINT.is_match(written) => {
                close(text, &mut blocks, open.take());
                open = Some(line.range);
            }
            None => open = Some(open.map_or(line.range.clone(), |before| before.start..line.range.end)),
        }
        // A lead-in may run over several lines; it opens a block when its colon comes.
        if let Some(paragraph) = open.clone().filter(|range| text[range.clone()].ends_with(':'))
            && let Some((role, lead)) = lead_in(text, &paragraph)
        {
            close(text, &mut blocks, open.take().map(|range| range.start..lead.start));
            blocks.push(Block { role, heading: Some(lead), sentences: Vec::new() });
        }
    }
    close(text, &mut blocks, open);
    blocks
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

/// The role a line gives as a heading, and how many bytes of it are the heading. `may_open` is whether a heading can stand here at all.
fn heading_role(line: &str, may_open: bool) -> Option<(Role, usize)> {
    if !may_open || !line.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()) {
        return None;
    }
    if CLOSING.is_match(line) {
        return Some((Role::Closing, 0));
    }
    let (heading, length) = match line.split_once(':') {
        Some((before, _)) => (before, before.len() + 1),
        None if !line.ends_with(['.', ',', ';']) => (line, line.len()),
        None => return None,
    };
    let words = heading.split_whitespace().count();
    if words > HEADING_WORDS_MAX {
        return None;
    }
    let bare = heading.trim().trim_end_matches('.');
    let role = if PROPOSAL.is_match(bare) {
        Role::Proposal
    } else if BACKGROUND.is_match(bare) || EARLIER.is_match(bare) {
        Role::Background
    } else if DECISION.is_match(bare) && !DECISION_TITLE.is_match(bare) {
        Role::Decision
    } else {
        return None;
    };
    Some((role, length))
}

/// The last sentence of a paragraph that ends in a colon, with the role it gives to what follows.
fn lead_in(text: &str, paragraph: &Range<usize>) -> Option<(Role, Range<usize>)> {
    let lead = sentences_of(text, paragraph).pop()?;
    let sentence = &text[lead.clone()];
    if PROPOSAL.is_match(sentence) || super::wording::RECOMMENDS.is_match(sentence) {
        Some((Role::Proposal, lead))
    } else if DECISION.is_match(sentence) {
        Some((Role::Decision, lead))
    } else {
        None
    }
}

fn close(text: &str, blocks: &mut [Block], open: Option<Range<usize>>) {
    if let (Some(range), Some(block)) = (open, blocks.last_mut()) {
        let end = range.start + text[range.clone()].trim_end().len();
        block.sentences.extend(sentences_of(text, &(range.start..end)));
    }
}

/// The sentences of a paragraph. A full stop ends one when a capital, a digit or a quotation mark follows and no abbreviation or ordinal stands
/// before it.
fn sentences_of(text: &str, paragraph: &Range<usize>) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    let mut start = paragraph.start;
    let slice = &text[paragraph.clone()];
    for (at, mark) in slice.char_indices().filter(|(_, c)| matches!(c, '.' | '!' | '?' | ';' | ':')) {
        let end = paragraph.start + at + mark.len_utf8();
        let rest = &text[end..paragraph.end];
        let follows = rest.trim_start().chars().next();
        let spaced = rest.starts_with(char::is_whitespace);
        let begins = follows.is_some_and(|c| c.is_uppercase() || c.is_ascii_digit() || matches!(c, '«' | '"' | '-' | '–' | '•'));
        let whole_stop = mark != '.' || !ABBREVIATION.is_match(&text[start..end]) || ends_with_year(&text[start..end]);
        let point = POINT.is_match(&format!("{} ", &text[start..end]));
        if spaced && begins && whole_stop && !point {
            sentences.push(start..end);
            start = end + (rest.len() - rest.trim_start().len());
        }
    }
    if start < paragraph.end {
        sentences.push(start..paragraph.end);
    }
    sentences
}

/// A year before a full stop ends a sentence; a day of the month does not.
fn ends_with_year(text: &str) -> bool {
    let digits = text.trim_end_matches('.').chars().rev().take_while(char::is_ascii_digit).count();
    digits == 4
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
                (Role::Background, vec!["To.".to_owned()]),
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
