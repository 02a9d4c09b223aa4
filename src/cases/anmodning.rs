//! An anmodning: what the directorate asks a kommune to settle in a year, by when it is to answer, and where that stands.
//!
//! The statuses are those of IMDinett (user guide for kommuner, "Anmodning og vedtak"): Ikke svart, Purret, Svart, Bekreftet, Returnert.

use serde::{Deserialize, Serialize};
use std::fmt;

use crate::clock::{Date, TimeZone, Timestamp, ToSpan};

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

/// An anmodning and what has become of its deadline. All of it is public; the reasons are free text, so it is sealed as a whole.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anmodning {
    /// The places asked for.
    pub asked: Places,
    /// The day by which the kommune is to answer.
    pub answer_by: Date,
    /// The day it was sent.
    pub sent: Option<Date>,
    /// How the deadline was moved, oldest first.
    #[serde(default)]
    pub moved: Vec<Moved>,
    /// What the kommune has registered in IMDinett.
    #[serde(default)]
    pub registered: Option<Registration>,
    /// Why the answer was returned, if it was.
    #[serde(default)]
    pub returned: Option<String>,
}

impl fmt::Debug for Anmodning {
    /// Not the reasons: nobody knows what stands there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Anmodning").field("asked", &self.asked).field("answer_by", &self.answer_by).finish_non_exhaustive()
    }
}

/// One move of a deadline.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The day it was moved.
    pub on: Date,
    /// The deadline before.
    pub from: Date,
    /// The deadline after.
    pub to: Date,
    /// Why: the kommune must give a reason.
    pub reason: String,
}

/// What a kommune has registered in IMDinett for a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// The places.
    pub places: Places,
    /// The day it was registered.
    pub on: Option<Date>,
}

/// Where an anmodning stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// No answer, and no reminder.
    IkkeSvart,
    /// No answer, and a reminder has been sent.
    Purret,
    /// There is an answer.
    Svart,
    /// The directorate has confirmed the answer.
    Bekreftet,
    /// The directorate has sent the answer back.
    Returnert,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::IkkeSvart, Self::Purret, Self::Svart, Self::Bekreftet, Self::Returnert];

    /// The code as it is stored and printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IkkeSvart => "ikke_svart",
            Self::Purret => "purret",
            Self::Svart => "svart",
            Self::Bekreftet => "bekreftet",
            Self::Returnert => "returnert",
        }
    }

    /// The status a stored code stands for.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == code)
    }

    /// Whether the kommune still owes an answer.
    #[must_use]
    pub fn awaits_answer(self) -> bool {
        matches!(self, Self::IkkeSvart | Self::Purret | Self::Returnert)
    }

    /// The status after a vedtak has come: it is an answer, and a confirmed one is no longer the last word.
    #[must_use]
    pub fn answered(self) -> Self {
        Self::Svart
    }

    /// The status after a reminder has been sent.
    #[must_use]
    pub fn reminded(self) -> Self {
        if self == Self::IkkeSvart { Self::Purret } else { self }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The hour of the day at which reminders go out, Norwegian time.
const MORNING: i8 = 8;

/// When a kommune is reminded that has not answered by `answer_by`: `days` later in the morning, and on a working day. None when that is out of range.
#[must_use]
pub fn remind_at(answer_by: Date, days: u16) -> Option<Timestamp> {
    let mut day = answer_by.checked_add(i64::from(days.max(1)).days()).ok()?;
    while matches!(day.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday) {
        day = day.tomorrow().ok()?;
    }
    day.at(MORNING, 0, 0, 0).to_zoned(TimeZone::get("Europe/Oslo").ok()?).ok().map(|at| at.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::date;

    #[test]
    fn a_reminder_waits_some_days_and_for_a_working_day() {
        let at = |answer_by, days| remind_at(answer_by, days).map(|at| at.to_string());
        // Sunday 1 March 2026 with three days: Wednesday, winter time.
        assert_eq!(at(date(2026, 3, 1), 3).as_deref(), Some("2026-03-04T07:00:00Z"));
        // Thursday with two days is a Saturday: Monday.
        assert_eq!(at(date(2026, 6, 11), 2).as_deref(), Some("2026-06-15T06:00:00Z"));
        // Never on the day of the deadline itself: the kommune has the whole day.
        assert_eq!(at(date(2026, 6, 10), 0), at(date(2026, 6, 10), 1));
        assert_eq!(remind_at(Date::MAX, 3), None);
    }

    #[test]
    fn a_reminder_does_not_undo_an_answer() {
        assert_eq!(Status::IkkeSvart.reminded(), Status::Purret);
        for status in [Status::Svart, Status::Bekreftet, Status::Returnert] {
            assert_eq!(status.reminded(), status);
        }
        assert!(Status::ALL.into_iter().all(|status| Status::from_code(status.as_str()) == Some(status)));
    }
}
