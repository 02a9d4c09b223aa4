//! Letters: from the facts of a case to the directorate's letter, in bokmål or nynorsk.
//!
//! A letter is a type with the facts it needs and one template a language under `templates/` (see `docs/letters.md`). The templates are
//! checked when the program is compiled. This room does no I/O and knows no channel: it gives a PDF and the words of the e-mail that
//! carries it, and those words hold no personal data.
//!
//! A letter is made of plain words, numbers and [`crate::record::Ordinary`] values. A special value has no way in:
//! ```compile_fail
//! use postsluse::cases::Facts;
//! use postsluse::record::{Content, Special};
//! Facts::default().take("vedtatt_totalt", &Special::new(Content::default()));
//! ```
//! whereas the same with an ordinary value compiles:
//! ```
//! use postsluse::cases::Facts;
//! use postsluse::record::{Content, Ordinary};
//! Facts::default().take("vedtatt_totalt", &Ordinary(Content::default()));
//! ```

mod by_post;
mod follow_up;
mod frame;
mod groups;
mod markup;
mod office;
mod points;
mod receipt;
mod reminder;
mod templates;
mod words;

pub use by_post::ByPost;
pub use follow_up::FollowUp;
pub use frame::Frame;
pub use markup::Note;
pub use office::{Office, OfficeError, Signer};
pub use receipt::{Background, Receipt};
pub use reminder::Reminder;

use crate::paper::PaperError;

/// A written letter.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// The letter itself, PDF/A-2a.
    pub pdf: Vec<u8>,
    /// A name for the PDF that tells nothing but our reference.
    pub pdf_name: String,
    /// The subject of the e-mail that carries it.
    pub subject: String,
    /// The text of that e-mail.
    pub body_text: String,
}

impl std::fmt::Debug for Letter {
    /// The size only: a letter is not for logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Letter({} bytes)", self.pdf.len())
    }
}

/// Why a letter could not be written. Trying again does not help.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// It does not go on paper.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// The template could not be filled in.
    #[error("the template {template} cannot be filled in\nthis is a fault in the template; report it with the template's name")]
    Template {
        /// The template's file name.
        template: &'static str,
        /// What the template engine said.
        source: askama::Error,
    },
    /// The filled-in template is not a letter.
    #[error("the template {template}, line {line} of what it wrote: {why}\nthis is a fault in the template; report it with the template's name")]
    Markup {
        /// The template's file name.
        template: &'static str,
        /// The line, from 1.
        line: usize,
        /// What is wrong, without the line's words.
        why: &'static str,
    },
    /// A letter that asks has nothing to ask.
    #[error("nothing stands open with the kommune that a letter could ask about\nask for a letter when a point is open")]
    NothingToAsk,
}

/// The written languages of Norwegian.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// Bokmål.
    #[default]
    Bokmaal,
    /// Nynorsk.
    Nynorsk,
}

impl Language {
    /// The code of ISO 639-1: `nb` or `nn`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Bokmaal => "nb",
            Self::Nynorsk => "nn",
        }
    }

    /// The language with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Bokmaal, Self::Nynorsk].into_iter().find(|language| language.code() == code)
    }
}
