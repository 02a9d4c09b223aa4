//! What single sentences say: who does what about how many.
//!
//! A sentence is judged by itself, without its neighbours: its verbs give a [`Force`], its numbers are told apart by [`super::mentions`]. Whether what it says is the decision
//! is for [`super::decision`] to find, from where it stands.

use std::ops::Range;
use std::sync::LazyLock;

use super::blocks::{Block, Role};
use super::decider;
use super::mentions::{self, Mention, What};
use super::wording::{self as words, Pattern, compile};

/// What a sentence does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// Settles, or decides to.
    Settles,
    /// Says yes to what was asked for.
    Accepts,
    /// Keeps an earlier decision.
    Keeps,
    /// Says no to the whole.
    Refuses,
    /// Says no to a supplement, or to more than was decided before.
    RefusesMore,
    /// Adopts what stands elsewhere.
    Adopts,
    /// Anything else.
    Other,
}

/// Why a sentence decides nothing, whatever it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Void {
    /// It recommends or proposes.
    Proposes,
    /// It tells of a proposal that was voted down.
    Fallen,
    /// It tells of what is to come.
    Pending,
    /// It tells of what was before.
    Past,
    /// It tells what was asked for.
    Asks,
}

/// One sentence.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Where it stands.
    pub sentence: Range<usize>,
    /// The block, by its place.
    pub block: usize,
    /// The block's role.
    pub role: Role,
    /// What it does.
    pub force: Force,
    /// Why it decides nothing.
    pub void: Option<Void>,
    /// A council or its kommune has decided, in so many words.
    pub by_council: bool,
    /// Its numbers of people.
    pub mentions: Vec<Mention>,
    /// Every year it prints outside of dates.
    pub years: Vec<i64>,
}

impl Statement {
    /// Whether it holds a number that could be what was decided.
    pub fn has_number(&self) -> bool {
        self.mentions.iter().any(|mention| mention.what.could_be_decided())
    }

    /// Its words in the text it was read from.
    pub fn written<'t>(&self, text: &'t str) -> &'t str {
        &text[self.sentence.clone()]
    }
}

/// Every sentence of the blocks, in order.
pub fn read(text: &str, blocks: &[Block]) -> Vec<Statement> {
    let of_block = |(index, block): (usize, &Block)| -> Vec<Statement> {
        block.sentences.iter().flat_map(|sentence| clauses(text, sentence)).map(|clause| statement(text, index, block.role, &clause)).collect()
    };
    blocks.iter().enumerate().flat_map(of_block).collect()
}

/// A sentence cut where a new one begins after a conjunction: what holds for one half (asked for, voted down) does not hold for the other.
fn clauses(text: &str, sentence: &Range<usize>) -> Vec<Range<usize>> {
    static NEW: Pattern = LazyLock::new(|| compile(r"(?:,| [–-]) (?:men|mens|medan|derimot)\b|; "));
    let written = &text[sentence.clone()];
    let mut cuts: Vec<usize> = NEW.find_iter(written).map(|found| sentence.start + found.start()).collect();
    cuts.push(sentence.end);
    let mut start = sentence.start;
    let mut clauses = Vec::new();
    for cut in cuts {
        if cut > start {
            clauses.push(start..cut);
        }
        start = cut;
    }
    clauses
}

fn statement(text: &str, block: usize, role: Role, sentence: &Range<usize>) -> Statement {
    let written = &text[sentence.clone()];
    let mentions = mentions::of(text, sentence);
    let by_name = words::NAME_DECIDED.captures_iter(written).filter_map(|found| found.name("name")).any(|name| decider::is_kommune(name.as_str()));
    let nobody = (by_name || words::DECIDED_BY_NOBODY.is_match(written)) && !words::OTHER_BODY.is_match(written) && words::COUNCILS.is_match(text);
    let by_council = (words::BY_COUNCIL.is_match(written) || nobody)
        && !words::NOT_YET.is_match(written)
        && !words::RECOMMENDS_STRICTLY.is_match(written)
        && !words::DECIDES_TO_ASK.is_match(written);
    let force = force(written, &mentions);
    let void = void(written, by_council, &mentions);
    Statement { sentence: sentence.clone(), block, role, force, void, by_council, mentions, years: years(text, sentence) }
}

fn force(written: &str, mentions: &[Mention]) -> Force {
    let settled = mentions.iter().any(|mention| mention.what.could_be_decided());
    if words::REFUSES_MORE.is_match(written) && !settled {
        Force::RefusesMore
    } else if words::REFUSES.is_match(written) && !settled && !about_minors_only(written) {
        Force::Refuses
    } else if words::KEEPS.is_match(written) {
        Force::Keeps
    } else if settled {
        Force::Settles
    } else if words::ADOPTS.is_match(written) && !words::FALLEN.is_match(&words::WON_BY_VOTES.replace_all(written, " ")) && words::PROPOSED.is_match(written) {
        Force::Adopts
    } else if words::ADOPTS_THE_NUMBER.is_match(written) || words::ACCEPTS.is_match(written) && !words::NOT.is_match(written) {
        Force::Accepts
    } else {
        Force::Other
    }
}

/// "bosetter ikke enslige mindreårige" refuses minors, not the request.
fn about_minors_only(written: &str) -> bool {
    static MINORS: Pattern = LazyLock::new(|| compile(r"{EM}"));
    static ALL: Pattern = LazyLock::new(|| compile(r"\b(?:flyktning|anmodning|oppmoding|både|heile|hele)"));
    MINORS.is_match(written) && !ALL.is_match(written)
}

fn void(written: &str, by_council: bool, mentions: &[Mention]) -> Option<Void> {
    // "– Bosett 70, oppfordret Rødt": somebody speaks.
    static CALLS: Pattern = LazyLock::new(|| compile(r"^[–-] ?(?:bosett|buset|ta i ?mot|stopp|si (?:ja|nei)|sei (?:ja|nei))\b"));
    let settles = mentions.iter().any(|mention| matches!(mention.what, What::Settled | What::Adults | What::Added | What::Other));
    if CALLS.is_match(written) {
        Some(Void::Proposes)
    } else if written.trim_end().ends_with('?') || words::DECIDES_TO_ASK.is_match(written) {
        Some(Void::Asks)
    } else if words::FALLEN.is_match(written) && !words::ADOPTED_ALL_THE_SAME.is_match(written) {
        Some(Void::Fallen)
    } else if words::PENDING.is_match(written) && !(words::BY_DELEGATION.is_match(written) && settles) {
        Some(Void::Pending)
    } else if words::RECOMMENDS.is_match(written) && !(by_council || words::ADOPTED_ALL_THE_SAME.is_match(written)) {
        Some(Void::Proposes)
    } else if words::PAST.is_match(written) && !settles && !words::KEEPS.is_match(written) {
        Some(Void::Past)
    } else if words::ASKED_BY_OTHERS.is_match(written) && !settles && !by_council && !words::SAYS_YES.is_match(written) {
        Some(Void::Asks)
    } else {
        None
    }
}

/// The distinct years that a range prints outside of dates, case numbers and numbers of people, in order.
pub fn years(text: &str, range: &Range<usize>) -> Vec<i64> {
    static LIST: Pattern = LazyLock::new(|| compile(r"\bi?{YEAR_LIST}"));
    let written = &text[range.clone()];
    let dates: Vec<Range<usize>> = words::A_DATE.find_iter(written).map(|found| found.range()).collect();
    let is_year = |found: &regex::Match<'_>| {
        let joined = |c: char| matches!(c, '/' | '.' | '-' | '–') || c.is_ascii_digit();
        let in_date = dates.iter().any(|date| date.start <= found.start() && found.start() < date.end);
        let in_number = written[..found.start()].ends_with(joined) || written[found.end()..].starts_with('/');
        !in_date && !in_number
    };
    distinct(LIST.find_iter(written).filter(is_year).flat_map(|found| mentions::year_list(found.as_str())))
}

/// The year of a line that prints just one.
pub fn only_year(line: &str) -> Option<i64> {
    match years(line, &(0..line.len())).as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

/// Each year once, in order.
pub fn distinct(years: impl IntoIterator<Item = i64>) -> Vec<i64> {
    let mut found: Vec<i64> = Vec::new();
    for year in years {
        if !found.contains(&year) {
            found.push(year);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Statement {
        statement(text, 0, Role::Body, &(0..text.len()))
    }

    #[test]
    fn what_a_sentence_does() {
        for (text, expected) in [
            ("Narvik kommune bosetter 31 flyktninger i 2026.", Force::Settles),
            ("Kommunen imøtekommer anmodningen.", Force::Accepts),
            ("Antallet ble vedtatt.", Force::Accepts),
            ("Vedtaket om 20 flyktninger opprettholdes.", Force::Keeps),
            ("Kommunestyret vedtek å ikkje imøtekome oppmodinga for 2024.", Force::Refuses),
            ("Kommunen takker nei til å bosette 20 flyktninger.", Force::Refuses),
            ("Tilleggsanmodningen om ytterligere 24 plasser imøtekommes ikke.", Force::RefusesMore),
            ("Kommunedirektørens forslag ble enstemmig vedtatt.", Force::Adopts),
            ("Kommunen bosetter ikke enslige mindreårige.", Force::Other),
        ] {
            assert_eq!(one(text).force, expected, "{text}");
        }
    }

    #[test]
    fn why_a_sentence_decides_nothing() {
        for (text, expected) in [
            ("Formannskapet rår til å busetje 20 flyktningar i 2026.", Some(Void::Proposes)),
            ("Forslaget om 20 flyktninger falt.", Some(Void::Fallen)),
            ("Forslaget fra Dahl fikk 5 stemmer.", Some(Void::Fallen)),
            ("Saken behandles i kommunestyret 24. februar.", Some(Void::Pending)),
            ("Kommunestyret har siste ordet.", Some(Void::Pending)),
            ("Så langt i år er 27 bosatt.", Some(Void::Past)),
            ("IMDi har bedt kommunen om å bosette 30 flyktninger.", Some(Void::Asks)),
            ("Kan kommunen bosette 30 flyktninger i 2026?", Some(Void::Asks)),
            ("Kommunestyret vedtok å bosette 30 flyktninger i 2026.", None),
        ] {
            assert_eq!(one(text).void, expected, "{text}");
        }
    }

    #[test]
    fn only_a_body_with_the_last_word_decides_in_so_many_words() {
        for (text, expected) in [
            ("Kommunestyret vedtok å bosette 30 flyktninger i 2026.", true),
            ("Bystyret sa i går ja til 30 flyktninger.", true),
            ("Torsdag sa kommunestyret i Hareid ja til å busetje tjueto flyktningar.", true),
            ("Vedtaket i kommunestyret var enstemmig.", true),
            ("Formannskapet vedtok å bosette 30 flyktninger i 2026.", false),
            ("Gruppa vedtok at kommunen skal bosette 30 flyktninger.", false),
            ("Kommunestyret skal gjøre vedtak i mars.", false),
            ("Formannskapet rår til at kommunestyret vedtek 30.", false),
        ] {
            assert_eq!(one(text).by_council, expected, "{text}");
        }
    }

    #[test]
    fn years_of_dates_and_case_numbers_do_not_count() {
        let text = "Møte 11.12.2025, sak 2025/1234: bosetting i 2026 og 2027.";
        assert_eq!(years(text, &(0..text.len())), [2026, 2027]);
    }
}
