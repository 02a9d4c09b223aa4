//! Understands a kommune's decision on how many refugees it settles.
//!
//! The text is cut into blocks (`blocks`), each sentence is read for what it does (`statements`) and its numbers for what they count (`mentions`). Which sentences decide
//! is found (`operative`, `proposals`), then what they come to year by year (`totals`, `tables`, `terms`); a second reading, learnt and not by rules, looks at the same text
//! (`second_reading`), and the fields of `docs/contracts.md` follow. It is conservative: a number is accepted only from plain words of a final decision, by one kommune, with its
//! year, and where both readings come to the same; a proposal, a recommendation or a case that is still pending gives the finding
//! `no_final_decision` and no number. Everything between goes to a person, with what it may be. It does no I/O and never fails: any text gives fields.

mod amendments;
mod blocks;
mod decider;
mod decision;
mod fields;
mod mentions;
mod numbers;
mod operative;
mod proposals;
mod references;
mod second_reading;
mod setting;
mod statements;
mod tables;
mod terms;
mod totals;
pub mod vocabulary;
mod wording;

use crate::record::{Field, Finding};
use crate::registry::Context;
use crate::transcript::Transcript;

/// The version of this understanding, as it stands in a record and in the model of its fields.
pub const VERSION: &str = "6";

/// What was understood of a letter.
#[derive(Debug, Clone)]
pub struct Understood {
    /// Every field of a vedtak, in the order of the contract; `forbehold.1`, `forbehold.2` … follow `forbehold`, each with its own span.
    pub fields: Vec<Field>,
    /// What a person should look at.
    pub findings: Vec<Finding>,
}

/// Reads a letter that was sorted as a vedtak.
#[must_use]
pub fn understand(transcript: &Transcript, context: &Context) -> Understood {
    filled(transcript, &decision::Decision::read(transcript, context.today))
}

fn filled(transcript: &Transcript, decision: &decision::Decision<'_>) -> Understood {
    let mut sheet = fields::Sheet::new(transcript);
    fields::fill(&mut sheet, decision);
    sheet.finish()
}

/// Every number and every year of a letter that may have been decided, with what holds for each: what the second reading is learnt from.
#[must_use]
pub fn candidates(transcript: &Transcript, context: &Context) -> serde_json::Value {
    let mut described = serde_json::Value::Null;
    decision::Decision::read_with(transcript, context.today, |evidence| {
        described = second_reading::described(evidence);
        None
    });
    described
}

#[cfg(test)]
mod tests;
