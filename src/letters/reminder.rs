//! The reminder (purring): the answer to an anmodning has not come, or only its registration has.

use super::frame::Common;
use super::groups::Group;
use super::templates::templates;
use super::words::{written_date, written_years};
use super::{Frame, Letter, LetterError, Office};
use crate::cases::Places;
use crate::clock::{Date, Timestamp};
use crate::paper::Fonts;

/// A reminder of an anmodning, ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    /// Who it goes to.
    pub frame: Frame,
    /// The years of the anmodning; one in practice.
    pub years: Vec<u16>,
    /// What was asked for.
    pub asked: Places,
    /// When the answer was due.
    pub answer_by: Date,
    /// Whether IMDinett has the answer, and only the vedtak itself is missing.
    pub registered: bool,
    /// When the anmodning was sent.
    pub sent: Option<Date>,
}

impl Reminder {
    /// Writes the letter. `created` is the time in the PDF: the same letter at the same time gives the same bytes.
    ///
    /// # Errors
    /// When the words cannot be put on paper: a character the font lacks, an address too large for the window.
    pub fn write(&self, office: &Office, fonts: &Fonts, created: Timestamp) -> Result<Letter, LetterError> {
        let view = View {
            common: self.frame.common(office),
            years: written_years(&self.years),
            asked: Group::ASKED.map(|group| (group, group.places(&self.asked))),
            answer_by: written_date(self.answer_by),
            registered: self.registered,
            sent: self.sent.map(written_date),
        };
        self.frame.letter("purring", &view.fill(self.frame.language)?, office, fonts, created)
    }
}

templates!(View, "reminder.nb.txt", "reminder.nn.txt");

/// What the templates speak of.
struct View<'a> {
    common: Common<'a>,
    years: String,
    asked: [(Group, u32); 4],
    answer_by: String,
    registered: bool,
    sent: Option<String>,
}
