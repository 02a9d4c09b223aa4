//! The groups that places are counted in, as the tables of the letters show them.

use crate::cases::{Places, YearFacts};

/// A group of those who are settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Total,
    AdultsFamilies,
    Minors1518,
    MinorsUnder15,
    Minors,
}

impl Group {
    /// In the order of a receipt, which names the total first: it is what was decided.
    pub(super) const ALL: [Self; 5] = [Self::Total, Self::AdultsFamilies, Self::Minors1518, Self::MinorsUnder15, Self::Minors];
    /// What an anmodning counts in, and its sum.
    pub(super) const ASKED: [Self; 4] = [Self::AdultsFamilies, Self::Minors1518, Self::MinorsUnder15, Self::Total];

    /// What a vedtak states of the group for a year.
    pub(super) fn of(self, year: &YearFacts) -> Option<u32> {
        match self {
            Self::Total => year.total,
            Self::AdultsFamilies => year.adults_families,
            Self::Minors1518 => year.minors_15_18,
            Self::MinorsUnder15 => year.minors_under_15,
            Self::Minors => year.all_minors(),
        }
    }

    /// The group's places of an anmodning or of a registration.
    pub(super) fn places(self, places: &Places) -> u32 {
        match self {
            Self::Total => places.total(),
            Self::AdultsFamilies => places.adults_families,
            Self::Minors1518 => places.minors_15_18,
            Self::MinorsUnder15 => places.minors_under_15,
            Self::Minors => places.minors(),
        }
    }

    /// Whether a year calls for the group to be shown. The sum of the minors is told only where its parts are not.
    pub(super) fn is_told(self, year: &YearFacts) -> bool {
        let divided = year.minors_15_18.is_some() && year.minors_under_15.is_some();
        self.of(year).is_some() && !(self == Self::Minors && divided)
    }
}
