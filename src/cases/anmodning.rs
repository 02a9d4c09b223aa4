//! An anmodning: what the directorate asks a kommune to settle in a year, by when it is to answer, and where that stands.

use serde::{Deserialize, Serialize};

/// Places in the three groups that an anmodning and IMDinett count in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// Single adults and families.
    pub adults_families: u32,
    /// Unaccompanied minors from 15 to 18 years.
    pub minors_15_18: u32,
    /// Unaccompanied minors under 15 years.
    pub minors_under_15: u32,
}

impl Places {
    /// All places. The parts are bounded where they come in, so that the sum always is a number.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.adults_families.saturating_add(self.minors())
    }

    /// Places for unaccompanied minors of any age.
    #[must_use]
    pub fn minors(&self) -> u32 {
        self.minors_15_18.saturating_add(self.minors_under_15)
    }
}
