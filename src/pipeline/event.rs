//! What the daemon tells whoever watches it: one line an event, without any personal data.

use serde::Serialize;
use std::fmt;

use crate::document::{DocumentId, LetterId, RecordId};

/// Something that became of a document or a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A file was taken in.
    Received {
        /// The document.
        document: DocumentId,
        /// The watched folder or the mailbox.
        folder: String,
        /// Its length, bytes.
        bytes: u64,
    },
    /// A file is a copy of a known document.
    Duplicate {
        /// The document it is a copy of.
        document: DocumentId,
        /// The watched folder.
        folder: String,
    },
    /// Something in a folder is not taken.
    Refused {
        /// The watched folder.
        folder: String,
        /// Its inode.
        inode: u64,
        /// Why, and what to do.
        why: String,
    },
    /// A message is not taken.
    MessageRefused {
        /// The mailbox.
        mailbox: String,
        /// Its number there (UID); none for one that was handed over.
        uid: Option<u32>,
        /// Why, and what to do.
        why: String,
    },
    /// A mailbox cannot be worked with; it is tried again.
    MailboxFailed {
        /// The mailbox.
        mailbox: String,
        /// Why, and what to do.
        why: String,
    },
    /// A mailbox can be worked with again.
    MailboxBack {
        /// The mailbox.
        mailbox: String,
    },
    /// A document became a record.
    Filed {
        /// The document.
        document: DocumentId,
        /// The record.
        record: RecordId,
        /// What it is: `privatboende version 1`, `vedtak version 5`, `other`.
        what: String,
        /// Its pages.
        pages: u32,
        /// Fields accepted.
        accepted: u32,
        /// Fields that wait for a person.
        to_review: u32,
        /// `review` or `complete`.
        state: &'static str,
    },
    /// A reading failed and is tried again.
    TriedInVain {
        /// The document.
        document: DocumentId,
        /// The number of the attempt.
        attempt: u32,
        /// How it failed.
        how: String,
    },
    /// A document waits for a person.
    Quarantined {
        /// The document.
        document: DocumentId,
        /// The kind of reason: `locked`.
        code: &'static str,
        /// Why, and what to do, in the daemon's own words. What the reader said is sealed; `postsluse list` shows it.
        why: String,
    },
    /// A letter was written.
    LetterComposed {
        /// The letter.
        letter: LetterId,
        /// Vår ref.
        our_ref: String,
    },
    /// A letter was handed over.
    LetterSent {
        /// The letter.
        letter: LetterId,
        /// Vår ref.
        our_ref: String,
        /// Where to: `smtp`, or the file in the outbox.
        by: String,
    },
    /// There was no longer any reason to send a letter.
    LetterWithdrawn {
        /// The letter.
        letter: LetterId,
        /// Vår ref.
        our_ref: String,
        /// Why.
        why: String,
    },
    /// A reminder waits: something from the kommune lies with a person.
    ReminderPutOff {
        /// Kommunenummer.
        kommune: String,
        /// The year that was asked for.
        year: i16,
    },
    /// A letter could not be handed over.
    LetterDelayed {
        /// The letter.
        letter: LetterId,
        /// Vår ref.
        our_ref: String,
        /// Why.
        why: String,
    },
}

/// `1 page`, `4 pages`.
pub fn counted(count: impl fmt::Display, what: &str) -> String {
    let count = count.to_string();
    if count == "1" { format!("1 {what}") } else { format!("{count} {what}s") }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one_line = |text: &str| text.replace('\n', "; ");
        match self {
            Self::Received { document, folder, bytes } => write!(f, "{document}  received from {folder}: {} KiB, sealed", bytes.div_ceil(1024)),
            Self::Duplicate { document, folder } => write!(f, "{document}  received again from {folder}: a copy of this document, nothing doubled"),
            Self::Refused { folder, inode, why } => write!(f, "not taken from {folder}: inode {inode}: {}", one_line(why)),
            Self::MessageRefused { mailbox, uid: Some(uid), why } => write!(f, "not taken from {mailbox}: message {uid}: {}", one_line(why)),
            Self::MessageRefused { mailbox, uid: None, why } => write!(f, "not taken from {mailbox}: {}", one_line(why)),
            Self::MailboxFailed { mailbox, why } => write!(f, "mailbox {mailbox}: {}", one_line(why)),
            Self::MailboxBack { mailbox } => write!(f, "mailbox {mailbox}: it can be reached again"),
            Self::Filed { document, record, what, pages, accepted, to_review, state } => {
                write!(
                    f,
                    "{document}  {what}, {}: {} read, {to_review} to review; record {record} ({state})",
                    counted(*pages, "page"),
                    counted(*accepted, "field")
                )
            }
            Self::TriedInVain { document, attempt, how } => write!(f, "{document}  attempt {attempt} failed: {}", one_line(how)),
            Self::Quarantined { document, why, .. } => write!(f, "{document}  quarantined: {}", one_line(why)),
            Self::LetterComposed { letter, our_ref } => write!(f, "{letter}  letter {our_ref} written and sealed"),
            Self::LetterSent { letter, our_ref, by } => write!(f, "{letter}  letter {our_ref} sent: {by}"),
            Self::LetterWithdrawn { letter, our_ref, why } => write!(f, "{letter}  letter {our_ref} withdrawn: {}", one_line(why)),
            Self::ReminderPutOff { kommune, year } => {
                write!(f, "kommune {kommune} is not reminded of {year} yet: something from it waits for a person; `postsluse list --review` shows it")
            }
            Self::LetterDelayed { letter, our_ref, why } => write!(f, "{letter}  letter {our_ref} not sent: {}", one_line(why)),
        }
    }
}
