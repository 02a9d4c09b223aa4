//! What holds for a text that may tell of a decision: the names that the model has weights for when it says how likely one is.

use std::collections::BTreeSet;
use std::ops::Range;

use super::super::blocks::Role;
use super::super::decider;
use super::super::operative;
use super::super::statements::Statement;
use super::super::wording as words;
use super::Evidence;
use super::tokens;

/// The names: who is named, what the parts of the text are, and of each sentence what it does and its words, one, two and three at a time.
pub fn of_text(evidence: &Evidence<'_, '_>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    names.extend(decider::bodies(evidence.text, &(0..evidence.text.len())).into_iter().map(|(body, _)| format!("body {body:?}")));
    for block in evidence.blocks {
        let bodies: BTreeSet<String> = block.bodies.iter().map(|body| format!("{body:?}")).collect();
        let bodies: Vec<String> = bodies.into_iter().collect();
        names.insert(format!("block {:?}|{:?}|{}", block.role, block.outcome, bodies.join(" ")));
        if let Some(heading) = &block.heading {
            names.extend(words_of(evidence.text, heading).into_iter().map(|word| format!("heading {word}")));
        }
    }
    for statement in evidence.all {
        names.extend(of_statement(evidence, statement));
    }
    names
}

fn of_statement(evidence: &Evidence<'_, '_>, statement: &Statement) -> Vec<String> {
    let written = statement.written(evidence.text);
    let number = statement.has_number();
    let void = statement.void.map_or_else(|| "no".to_owned(), |void| format!("{void:?}"));
    let past = operative::about_the_past(evidence.text, statement);
    let council = words::COUNCILS.is_match(written);
    let mut names = vec![
        format!("does {:?}|void {void}|council {}|number {number}", statement.force, statement.by_council),
        format!("does {:?}|role {:?}", statement.force, statement.role),
        format!("role {:?}|void {void}|council {}", statement.role, statement.by_council),
        format!("names council {council}|past {past}|number {number}|void {void}"),
    ];
    let side = match statement.role {
        Role::Quoted => "quoted",
        Role::Proposal => "proposal",
        Role::Decision => "decision",
        _ => "own",
    };
    let tokens = words_of(evidence.text, &statement.sentence);
    for many in 1..=3 {
        names.extend(tokens.windows(many).map(|words| format!("{side} {}", words.join(" "))));
    }
    names
}

fn words_of(text: &str, range: &Range<usize>) -> Vec<String> {
    tokens::of(&text[range.clone()], &(0..range.len()))
}
