//! A number that was changed before the proposal was adopted: `tallet 90 endres til 110`, `reduseres med sju`.
//!
//! The decision then has a number that stands nowhere in so many words beside its verb, so it is read and a person looks.

use std::sync::LazyLock;

use super::blocks::{Block, Outcome, Role};
use super::decision::Count;
use super::numbers;
use super::operative;
use super::proposals;
use super::statements::{Statement, Void};
use super::wording::{self as words, Pattern, compile};

/// What a number is changed to.
enum Change {
    /// From one number to another.
    To { from: i64, to: Count },
    /// By so many, up or down.
    By { less: bool, count: Count },
}

/// What `value` was changed to by the amendments that won; none when nothing changes it, or several do.
pub fn amended(text: &str, blocks: &[Block], all: &[Statement], found: &[&Statement], value: i64) -> Option<Count> {
    let in_decision = |statement: &Statement| found.iter().any(|known| known.sentence == statement.sentence);
    let elsewhere = operative::AMENDED.is_match(text);
    let won = |statement: &&Statement| {
        let lost = statement.void == Some(Void::Fallen) || blocks[statement.block].outcome == Some(Outcome::Fallen) || fell(text, blocks, all, statement);
        !lost
            && (in_decision(statement)
                || statement.role == Role::Decision
                || elsewhere && !matches!(statement.role, Role::Quoted | Role::Background | Role::Head))
    };
    let mut to: Vec<Count> = Vec::new();
    for statement in all.iter().filter(won) {
        for change in changes(text, statement) {
            let count = match change {
                Change::To { from, to } if from == value => to,
                Change::By { less, count } if in_decision(statement) || statement.role == Role::Decision => {
                    Count { value: if less { value - count.value } else { value + count.value }, span: count.span }
                }
                _ => continue,
            };
            if count.value > 0 && !to.iter().any(|known| known.value == count.value) {
                to.push(count);
            }
        }
    }
    match to.as_slice() {
        [one] if one.value != value => Some(one.clone()),
        _ => None,
    }
}

/// Whether a sentence of a vote says that the proposal of this one's maker fell.
fn fell(text: &str, blocks: &[Block], all: &[Statement], amendment: &Statement) -> bool {
    let heading = blocks[amendment.block].heading.clone().map_or("", |heading| &text[heading]);
    // "FrP ved Berg: Tallet «45» erstattes med «20»": the name and a colon go before as a sentence of their own.
    let spoken = all
        .iter()
        .take_while(|statement| statement.sentence != amendment.sentence)
        .last()
        .filter(|before| before.block == amendment.block && before.written(text).ends_with(':'))
        .map_or("", |before| before.written(text));
    let mut makers = [heading, spoken, amendment.written(text)].map(proposals::stems).concat();
    // An "endringsforslag" is anybody's.
    makers.retain(|stem| stem != "endrin");
    let named = |statement: &&Statement| proposals::stems(statement.written(text)).iter().any(|stem| makers.contains(stem));
    let of_votes = || all.iter().filter(|statement| statement.sentence != amendment.sentence);
    let fallen = of_votes().filter(|statement| statement.void == Some(Void::Fallen)).any(|statement| named(&statement));
    let adopted = of_votes()
        .filter(|statement| words::ADOPTS.is_match(statement.written(text)) && statement.void != Some(Void::Fallen))
        .any(|statement| named(&statement));
    fallen && !adopted
}

/// The changes of numbers that a sentence proposes or makes.
fn changes(text: &str, statement: &Statement) -> Vec<Change> {
    static TO: Pattern = LazyLock::new(|| {
        compile(concat!(
            r"[«“\x22]?(?P<from>{N})[»”\x22]?(?: \w+)? (?:endres|endrast|byttes ut|byttast ut|erstattes|erstattast|blir erstatta|vert endra|blir endra|justeres) (?:til|med|av) [«“\x22]?(?P<to>{N})|",
            r"\b(?:endre|erstatte|erstatta|bytte ut|justere) [«“\x22]?(?P<from2>{N})[»”\x22]? (?:til|med) [«“\x22]?(?P<to2>{N})",
        ))
    });
    static BY: Pattern = LazyLock::new(|| compile(r"\b(?:tall?et|antallet)\b[^.;\d]{0,30}? (?:(?P<less>reduser\w*|senk\w*)|øk\w*|auk\w*) med (?P<by>{N})"));
    let written = statement.written(text);
    let count = |found: regex::Match<'_>| {
        let start = statement.sentence.start;
        Some(Count { value: numbers::value(found.as_str())?, span: start + found.start()..start + found.end() })
    };
    let to = TO.captures_iter(written).filter_map(|found| {
        let from = found.name("from").or(found.name("from2"))?;
        Some(Change::To { from: numbers::value(from.as_str())?, to: count(found.name("to").or(found.name("to2"))?)? })
    });
    let by = BY.captures_iter(written).filter_map(|found| Some(Change::By { less: found.name("less").is_some(), count: count(found.name("by")?)? }));
    to.chain(by).collect()
}
