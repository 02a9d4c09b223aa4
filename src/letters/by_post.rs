//! The answer to a mail with what does not belong in ordinary e-mail: send such by post.
//!
//! An e-mail is read by others than the one it is for: on a lock screen, in a shared mailbox, along the way. So this one tells nothing of
//! what came, quotes nothing, carries no PDF, and would be the same whatever the mail said of whomever.

use super::templates::templates;
use super::{Language, LetterError, Note, Office};
use crate::document::OurRef;

/// The answer, ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByPost {
    /// The language of the mail that is answered.
    pub language: Language,
    /// Our reference, which the envelope is to be marked with.
    pub our_ref: OurRef,
    /// Whether a kommune sent it: then there are digital channels that are safe.
    pub sent_by_kommune: bool,
}

impl ByPost {
    /// Writes the e-mail.
    ///
    /// # Errors
    /// When its template is at fault.
    pub fn write(&self, office: &Office) -> Result<Note, LetterError> {
        let view = View { office, office_name: office.name_in(self.language), our_ref: self.our_ref, sent_by_kommune: self.sent_by_kommune };
        view.fill(self.language)?.note()
    }
}

templates!(View, "by_post.nb.txt", "by_post.nn.txt");

/// What the templates speak of.
struct View<'a> {
    office: &'a Office,
    office_name: &'a str,
    our_ref: OurRef,
    sent_by_kommune: bool,
}
