//! The follow-up (oppfølging): asks a kommune about its vedtak. A caseworker sends it after looking at the draft.

use super::frame::Common;
use super::groups::Group;
use super::points::Open;
use super::templates::templates;
use super::words::{written_case, written_date, written_years};
use super::{Frame, Letter, LetterError, Office};
use crate::cases::Point;
use crate::clock::{Date, Timestamp};
use crate::paper::Fonts;

/// A follow-up of a vedtak, ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// Who it goes to.
    pub frame: Frame,
    /// The years that the vedtak decides for.
    pub years: Vec<u16>,
    /// When the vedtak was made.
    pub decided: Option<Date>,
    /// The number of the political case.
    pub political_case: Option<String>,
    /// What stands open, and is asked about.
    pub points: Vec<Point>,
    /// By when an answer is asked for; as soon as possible when no date is set.
    pub answer_by: Option<Date>,
}

impl FollowUp {
    /// Writes the letter. `created` is the time in the PDF: the same letter at the same time gives the same bytes.
    ///
    /// # Errors
    /// When no point is one that a kommune is told of, or the words cannot be put on paper.
    pub fn write(&self, office: &Office, fonts: &Fonts, created: Timestamp) -> Result<Letter, LetterError> {
        let open = Open::new(&self.points, &self.years);
        if open.is_empty() {
            return Err(LetterError::NothingToAsk);
        }
        let view = View {
            common: self.frame.common(office),
            years: written_years(&self.years),
            decided: self.decided.map(written_date),
            political_case: written_case(self.political_case.as_deref()),
            postponed: self.points.iter().any(|point| matches!(point, Point::Postponed { .. })),
            answer_by: self.answer_by.map(written_date),
            open,
        };
        self.frame.letter("oppfolging", &view.fill(self.frame.language)?, office, fonts, created)
    }
}

templates!(View, "follow_up.nb.txt", "follow_up.nn.txt");

/// What the templates speak of.
struct View<'a> {
    common: Common<'a>,
    years: String,
    decided: Option<String>,
    political_case: Option<String>,
    /// The kommune has not decided yet: there is no vedtak to speak of.
    postponed: bool,
    answer_by: Option<String>,
    open: Open,
}
