//! What stands open between the directorate and a kommune about its vedtak: each a task for a person, and something that a letter asks for.

use serde::{Deserialize, Serialize};

use super::anmodning::Places;
use super::facts::YearFacts;
use crate::clock::Date;
use crate::document::OurRef;

/// Something to follow up with a kommune. It holds numbers, dates and codes of our own, and no words from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "point", rename_all = "snake_case")]
pub enum Point {
    /// Fewer than were asked for, and no reason is given.
    Reason {
        /// The year.
        year: u16,
        /// What was asked for.
        asked: u32,
        /// What was decided.
        decided: u32,
    },
    /// It answers another number than the one that was asked for.
    AskedDiffers {
        /// The year.
        year: u16,
        /// What it says was asked for.
        stated: u32,
        /// What was asked for.
        asked: u32,
    },
    /// Another number than an earlier vedtak has, and it does not say that it replaces that one or comes on top of it.
    EarlierDiffers {
        /// The year.
        year: u16,
        /// The earlier number.
        earlier: u32,
        /// The number now.
        now: u32,
        /// Our reference of the earlier vedtak.
        earlier_ref: OurRef,
    },
    /// It was made before the vedtak that is in force.
    Older {
        /// When it was made.
        decided: Date,
        /// When the one in force was made.
        in_force: Date,
        /// Our reference of the one in force.
        earlier_ref: OurRef,
    },
    /// A number on top of an earlier vedtak, and no earlier one is known.
    NoEarlier {
        /// The year.
        year: u16,
        /// The number on top.
        extra: u32,
    },
    /// Earlier and additional number do not come to the total that is stated.
    SupplementSum {
        /// The year.
        year: u16,
        /// The earlier number.
        earlier: u32,
        /// The number on top.
        extra: u32,
        /// The total that is stated.
        total: u32,
    },
    /// Family reunited later is counted in.
    FamilyIncluded,
    /// A reservation, by its code: `finansiering`, `bolig_kapasitet`, `hvem`, `familiegjenforening_tak`, `helse_tjenestebehov`, `annet`.
    Reservation {
        /// The code.
        kind: String,
    },
    /// What is registered in IMDinett is not what was decided.
    RegistrationDiffers {
        /// What was decided, of one year.
        decided: YearFacts,
        /// What is registered for it.
        registered: Places,
    },
    /// The case has been put off.
    Postponed {
        /// When it is to be treated, if that is said.
        treated: Option<Date>,
    },
    /// It came by a mail that a machine sent: no receipt goes out by itself.
    AnswerByHand,
}

impl Point {
    /// What it is called in lists, findings and tasks.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Reason { .. } => "lower_without_reason",
            Self::AskedDiffers { .. } => "asked_differs",
            Self::EarlierDiffers { .. } => "earlier_differs",
            Self::Older { .. } => "older_than_earlier",
            Self::NoEarlier { .. } => "supplement_to_nothing",
            Self::SupplementSum { .. } => "supplement_sum",
            Self::FamilyIncluded => "family_included",
            Self::Reservation { .. } => "reservation",
            Self::RegistrationDiffers { .. } => "registration_differs",
            Self::Postponed { .. } => "postponed",
            Self::AnswerByHand => "answer_by_hand",
        }
    }
}
