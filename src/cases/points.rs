//! What stands open between the directorate and a kommune about its vedtak: each a task for a person, and something that a letter asks for.

use serde::{Deserialize, Serialize};

use super::anmodning::Places;
use super::facts::YearFacts;
use crate::clock::Date;
use crate::document::OurRef;
use crate::record::Finding;

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
    /// The same number as an earlier vedtak, and other groups.
    GroupsDiffer {
        /// The year.
        year: u16,
        /// Our reference of the earlier vedtak.
        earlier_ref: OurRef,
    },
    /// There is an earlier vedtak, and nothing in it that the number can be held against.
    Incomparable {
        /// The year.
        year: u16,
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
    /// A number on top, and several years that it may be for.
    SupplementYears {
        /// The number on top.
        extra: u32,
    },
    /// The same number on top as before: it may be the same decision once more.
    SupplementTwice {
        /// The year.
        year: u16,
        /// The number on top.
        extra: u32,
        /// Our reference of the earlier one.
        earlier_ref: OurRef,
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
    /// It came by a mail that a machine sent: no receipt goes out by itself. What the receipt is to say is kept.
    AnswerByHand {
        /// With a number on top: what is decided in all.
        now_total: Option<u32>,
        /// The vedtak that it takes the place of.
        replaces: Option<OurRef>,
    },
}

impl Point {
    /// What it is called in lists, findings and tasks.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Reason { .. } => "lower_without_reason",
            Self::AskedDiffers { .. } => "asked_differs",
            Self::EarlierDiffers { .. } => "earlier_differs",
            Self::GroupsDiffer { .. } => "groups_differ",
            Self::Incomparable { .. } => "earlier_incomparable",
            Self::Older { .. } => "older_than_earlier",
            Self::NoEarlier { .. } => "supplement_to_nothing",
            Self::SupplementYears { .. } => "supplement_years",
            Self::SupplementTwice { .. } => "supplement_twice",
            Self::SupplementSum { .. } => "supplement_sum",
            Self::FamilyIncluded => "family_included",
            Self::Reservation { .. } => "reservation",
            Self::RegistrationDiffers { .. } => "registration_differs",
            Self::Postponed { .. } => "postponed",
            Self::AnswerByHand { .. } => "answer_by_hand",
        }
    }

    /// Whether it puts the number itself in doubt: a person looks before anything follows.
    #[must_use]
    pub fn is_doubt(&self) -> bool {
        match self {
            Self::AskedDiffers { .. }
            | Self::EarlierDiffers { .. }
            | Self::GroupsDiffer { .. }
            | Self::Incomparable { .. }
            | Self::SupplementYears { .. }
            | Self::Older { .. }
            | Self::NoEarlier { .. }
            | Self::SupplementTwice { .. }
            | Self::SupplementSum { .. }
            | Self::FamilyIncluded => true,
            Self::Reason { .. } | Self::Reservation { .. } | Self::RegistrationDiffers { .. } | Self::Postponed { .. } | Self::AnswerByHand { .. } => false,
        }
    }

    /// Whether it asks which of two vedtak applies: then a person must say so, and a nod is not enough.
    #[must_use]
    pub fn asks_which_applies(&self) -> bool {
        asks_which_applies(self.code())
    }

    /// The year that it is about; none when it is about the vedtak as a whole.
    #[must_use]
    pub fn year(&self) -> Option<u16> {
        match self {
            Self::Reason { year, .. }
            | Self::AskedDiffers { year, .. }
            | Self::EarlierDiffers { year, .. }
            | Self::GroupsDiffer { year, .. }
            | Self::Incomparable { year, .. }
            | Self::NoEarlier { year, .. }
            | Self::SupplementTwice { year, .. }
            | Self::SupplementSum { year, .. } => Some(*year),
            Self::RegistrationDiffers { decided, .. } => decided.year,
            Self::Older { .. }
            | Self::SupplementYears { .. }
            | Self::FamilyIncluded
            | Self::Reservation { .. }
            | Self::Postponed { .. }
            | Self::AnswerByHand { .. } => None,
        }
    }

    /// Whether a person who lets it stand has answered it: which of two vedtak applies, say. That family is counted in stays a question to the kommune.
    #[must_use]
    pub fn is_answered_by_a_person(&self) -> bool {
        self.is_doubt() && *self != Self::FamilyIncluded
    }

    /// What it is, for the person whose task it is.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Reason { year, asked, decided } => {
                format!("Kommunen har vedtatt {decided} for {year}, færre enn de {asked} vi har bedt om, og begrunner det ikke.")
            }
            Self::AskedDiffers { year, stated, asked } => format!("Vedtaket svarer på en anmodning om {stated}. Vi har bedt om {asked} for {year}."),
            Self::EarlierDiffers { year, earlier, now, earlier_ref } => {
                format!("Kommunen har før vedtatt {earlier} for {year} ({earlier_ref}), og nå {now}. Erstatter det nye vedtaket det gamle?")
            }
            Self::GroupsDiffer { year, earlier_ref } => {
                format!("Gruppene er fordelt annerledes enn i vedtaket vi har for {year} ({earlier_ref}). Hvilket gjelder?")
            }
            Self::Incomparable { year, earlier_ref } => {
                format!("Vi har et vedtak for {year} fra før ({earlier_ref}), og tallene kan ikke sammenlignes. Gjelder det nye i stedet?")
            }
            Self::SupplementYears { extra } => format!("Tillegget på {extra} gjelder flere år. Avgjør hvilket år det gjelder."),
            Self::Older { decided, in_force, earlier_ref } => {
                format!("Vedtaket er fra {}, og det vi har ({earlier_ref}), er fra {}. Hvilket gjelder?", day(*decided), day(*in_force))
            }
            Self::NoEarlier { year, extra } => format!("Kommunen vedtar {extra} i tillegg for {year}, men vi har ikke noe tidligere vedtak."),
            Self::SupplementTwice { year, extra, earlier_ref } => {
                format!("Kommunen har før vedtatt {extra} i tillegg for {year} ({earlier_ref}). Er dette et nytt vedtak, eller det samme på nytt?")
            }
            Self::SupplementSum { earlier, extra, total, .. } => format!("Tidligere {earlier} og {extra} i tillegg blir ikke {total}, som vedtaket sier."),
            Self::FamilyIncluded => "Familiegjenforente er regnet med i tallet. De skal komme i tillegg.".to_owned(),
            Self::Reservation { kind } => format!("Vedtaket har forbehold: {}.", reservation(kind)),
            Self::RegistrationDiffers { decided, registered } => {
                let stated = decided.total.map_or_else(|| "andre tall".to_owned(), |total| total.to_string());
                format!("I IMDinett er det registrert {} for {}; vedtaket sier {stated}.", registered.total(), decided.year.unwrap_or_default())
            }
            Self::Postponed { treated: Some(date) } => format!("Saken er utsatt og skal behandles {}.", day(*date)),
            Self::Postponed { treated: None } => "Saken er utsatt, og det står ikke til når.".to_owned(),
            Self::AnswerByHand { .. } => "E-posten er sendt av en maskin. Kvitteringen går ikke ut av seg selv.".to_owned(),
        }
    }

    /// The finding that keeps the record with a person; none when it does not.
    #[must_use]
    pub fn finding(&self) -> Option<Finding> {
        self.is_doubt().then(|| Finding::general(self.code(), self.message()))
    }
}

/// The codes of those that are findings too.
pub const DOUBTS: [&str; 10] = [
    "asked_differs",
    "earlier_differs",
    "groups_differ",
    "earlier_incomparable",
    "older_than_earlier",
    "supplement_to_nothing",
    "supplement_years",
    "supplement_twice",
    "supplement_sum",
    "family_included",
];

/// Whether a finding of this code asks which of two vedtak applies.
#[must_use]
pub fn asks_which_applies(code: &str) -> bool {
    ["earlier_differs", "groups_differ", "earlier_incomparable", "older_than_earlier", "supplement_twice"].contains(&code)
}

fn day(date: Date) -> String {
    format!("{:02}.{:02}.{}", date.day(), date.month(), date.year())
}

fn reservation(kind: &str) -> &'static str {
    match kind {
        "finansiering" => "finansiering",
        "bolig_kapasitet" => "boliger eller kapasitet",
        "hvem" => "hvem som bosettes",
        "familiegjenforening_tak" => "tak på familiegjenforening",
        "helse_tjenestebehov" => "behov for tjenester",
        _ => "annet",
    }
}
