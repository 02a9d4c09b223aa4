//! The vocabulary of documents: what came in, under which id, and where it stands.
//!
//! A document is one file that was dropped (later: one mail or one attachment). Its bytes are sealed in an envelope the moment they are
//! read; what is read from it becomes one or more records ([`crate::record`]). The states and the steps between them are here; the
//! order of the stages is in [`crate::pipeline`]; nothing here does I/O.

mod reference;

pub use reference::{OurRef, RefError};

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

use crate::clock::{Clock, Entropy, Timestamp};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id: UUID version 7 (RFC 9562), so that ids sort by the time they were made.
            #[must_use]
            pub fn new(clock: &dyn Clock, entropy: &dyn Entropy) -> Self {
                let mut random = [0u8; 10];
                entropy.fill(&mut random);
                let millis = u64::try_from(clock.now().as_millisecond()).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// The sixteen bytes of the id, as they stand in associated data.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::parse_str(text).map(Self).map_err(|_| IdError { text: text.to_owned() })
            }
        }
    };
}

id!(
    /// Names a document.
    DocumentId
);
id!(
    /// Names an envelope: the unit that has its own data key, and that is shredded as one.
    EnvelopeId
);
id!(
    /// Names a record: one form or one letter found in a document.
    RecordId
);
id!(
    /// Names a person in the case database.
    PersonId
);
id!(
    /// Names a case: a person's settlement, or a kommune's answer for a year.
    CaseId
);
id!(
    /// Names an outgoing letter.
    LetterId
);
id!(
    /// Names an anmodning: what one kommune was asked for in one year.
    AnmodningId
);
id!(
    /// Names a task: something that a person is to follow up with a kommune.
    TaskId
);
id!(
    /// Names the claim of one dropped file by one daemon.
    ClaimId
);

/// An id that is not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id\nan id looks like 0197d2a4-5c1e-7cc0-8d5e-0242ac120002; `postsluse list` shows them")]
pub struct IdError {
    text: String,
}

/// SHA-256 of the bytes as they came. It identifies a known document to whoever holds a copy, so it is stored only under a keyed index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// How a document came. What its bytes look like does not change it: whoever may drop a file is trusted further than whoever may write a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// As a file in a watched folder, or named at the command line.
    File,
    /// As a message in a mailbox.
    Mail,
}

impl Origin {
    const ALL: [(Self, &'static str); 2] = [(Self::File, "file"), (Self::Mail, "mail")];

    /// The origin as it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(origin, _)| *origin == self).map_or("", |(_, code)| code)
    }

    /// The origin that is stored as `code`.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == code).map(|(origin, _)| *origin)
    }
}

/// What the bytes are, by their first bytes and never by the file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Media {
    /// PDF, scanned or born digital.
    Pdf,
    /// TIFF, one page or many.
    Tiff,
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// Plain text, UTF-8 or Windows-1252.
    Text,
}

impl fmt::Display for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pdf => "PDF",
            Self::Tiff => "TIFF",
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Text => "text",
        })
    }
}

/// Why a document cannot go on by itself. The code may stand in clear; the sentences come from a reader, which may have been taken over by what it
/// read, so they are sealed and shown to people only. What stands in a log is [`RefusalCode::in_our_words`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}\n{advice}")]
pub struct Refusal {
    /// A short stable code: `empty`, `locked`, `damaged`, `unknown_type`, `too_many_pages`, `too_large`, `attempts`.
    pub code: RefusalCode,
    /// One lowercase sentence with the value and the limit.
    pub message: String,
    /// What a person can do about it.
    pub advice: String,
}

/// The kinds of [`Refusal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// The file has no bytes.
    Empty,
    /// The bytes are of no kind we read.
    UnknownType,
    /// The file is encrypted with a password.
    Locked,
    /// The file is cut short or broken.
    Damaged,
    /// More pages than the limit.
    TooManyPages,
    /// More bytes or pixels than the limit.
    TooLarge,
    /// The reader died or gave up on it as often as is allowed.
    Attempts,
}

impl RefusalCode {
    /// The code as it is stored and printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::UnknownType => "unknown_type",
            Self::Locked => "locked",
            Self::Damaged => "damaged",
            Self::TooManyPages => "too_many_pages",
            Self::TooLarge => "too_large",
            Self::Attempts => "attempts",
        }
    }

    /// What the daemon itself says of a refusal with this code, without having looked at the document: it holds no value and may stand anywhere.
    #[must_use]
    pub fn in_our_words(self) -> Refusal {
        let (message, advice) = match self {
            Self::Empty => ("the file is empty", "scan it again, or ask the sender for it"),
            Self::UnknownType => ("the file is of a kind that is not read", "ask for it as PDF, TIFF, PNG, JPEG or plain text, or scan the paper"),
            Self::Locked => ("the file is locked", "ask the sender for a copy without password or encryption"),
            Self::Damaged => ("the file is cut short or broken", "ask the sender for a new copy, or scan the paper again"),
            Self::TooManyPages => ("the file has more pages than are read at once", "split it into its letters and forms"),
            Self::TooLarge => ("the file is too large to be read", "scan it in several parts or at a lower resolution"),
            Self::Attempts => (
                "reading failed as often as is allowed",
                "look at the original with `postsluse show`, scan it anew, or try again with `postsluse intake --requeue ID`",
            ),
        };
        Refusal::new(self, message, advice)
    }

    /// The code a stored string stands for.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|candidate| candidate.as_str() == code)
    }

    const ALL: [Self; 7] = [Self::Empty, Self::UnknownType, Self::Locked, Self::Damaged, Self::TooManyPages, Self::TooLarge, Self::Attempts];
}

impl Refusal {
    /// A refusal with its sentence and its advice.
    pub fn new(code: RefusalCode, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { code, message: message.into(), advice: advice.into() }
    }
}

/// Where a document stands. Every step consumes the state it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentState {
    /// Sealed and stored; waits for a reader.
    Received,
    /// A reader works on it, under a lease. The attempt was counted before the reader saw a byte.
    Reading {
        /// The number of this attempt, from 1.
        attempt: u32,
        /// When another daemon may take over.
        lease_until: Timestamp,
    },
    /// Read; its records are stored.
    Filed {
        /// How many records were made of it; at least 1.
        records: u32,
    },
    /// Waits for a person, with the kind of reason. The sealed original is kept.
    Quarantined(RefusalCode),
}

impl DocumentState {
    /// The state's name as it is stored and printed.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Reading { .. } => "reading",
            Self::Filed { .. } => "filed",
            Self::Quarantined(_) => "quarantined",
        }
    }

    /// A daemon takes the document for reading: attempt number `attempts_so_far + 1`.
    ///
    /// # Errors
    /// When the document is filed, quarantined, or another daemon's lease has not run out at `now`.
    pub fn start(self, attempts_so_far: u32, now: Timestamp, lease_until: Timestamp) -> Result<Self, ImpossibleStep> {
        match self {
            Self::Received => Ok(Self::Reading { attempt: attempts_so_far + 1, lease_until }),
            Self::Reading { lease_until: held, .. } if held <= now => Ok(Self::Reading { attempt: attempts_so_far + 1, lease_until }),
            other => Err(ImpossibleStep { from: other.name(), to: "reading" }),
        }
    }

    /// The reader failed in a way that another try may mend.
    ///
    /// # Errors
    /// When no reader was at work on it.
    pub fn back(self) -> Result<Self, ImpossibleStep> {
        match self {
            Self::Reading { .. } => Ok(Self::Received),
            other => Err(ImpossibleStep { from: other.name(), to: "received" }),
        }
    }

    /// The document was read into `records` records.
    ///
    /// # Errors
    /// When no reader was at work on it.
    pub fn file(self, records: u32) -> Result<Self, ImpossibleStep> {
        match self {
            Self::Reading { .. } => Ok(Self::Filed { records }),
            other => Err(ImpossibleStep { from: other.name(), to: "filed" }),
        }
    }

    /// The document cannot go on by itself.
    ///
    /// # Errors
    /// When it is filed already: what has become a record is never taken back.
    pub fn quarantine(self, why: RefusalCode) -> Result<Self, ImpossibleStep> {
        match self {
            Self::Received | Self::Reading { .. } => Ok(Self::Quarantined(why)),
            other => Err(ImpossibleStep { from: other.name(), to: "quarantined" }),
        }
    }
}

/// A step between states that the life of a document does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a document that is {from} cannot become {to}")]
pub struct ImpossibleStep {
    from: &'static str,
    to: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{CountingEntropy, StoppedClock, ToSpan};

    fn moment() -> Timestamp {
        "2026-11-21T09:00:00Z".parse().expect("a literal timestamp")
    }

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let (clock, entropy) = (StoppedClock::at(moment()), CountingEntropy::seeded(7));
        let first = DocumentId::new(&clock, &entropy);
        clock.advance(std::time::Duration::from_millis(1));
        let second = DocumentId::new(&clock, &entropy);
        assert!(first < second);
        assert_eq!(first.to_string().parse::<DocumentId>(), Ok(first));
    }

    #[test]
    fn a_live_lease_is_not_taken_over_and_a_dead_one_is() {
        let until = moment() + 60.seconds();
        let reading = DocumentState::Received.start(0, moment(), until).expect("a received document can be read");
        assert_eq!(reading.clone().start(1, moment(), until).unwrap_err().to_string(), "a document that is reading cannot become reading");
        let again = reading.start(1, until, until + 60.seconds()).expect("the lease has run out");
        assert!(matches!(again, DocumentState::Reading { attempt: 2, .. }));
    }

    #[test]
    fn what_is_filed_stays_filed() {
        let filed = DocumentState::Reading { attempt: 1, lease_until: moment() }.file(2).expect("it was being read");
        assert!(filed.clone().quarantine(RefusalCode::Damaged).is_err());
        assert!(filed.back().is_err());
    }

    #[test]
    fn every_refusal_can_be_said_without_the_readers_words() {
        for code in RefusalCode::ALL {
            assert_eq!(RefusalCode::from_code(code.as_str()), Some(code));
            let said = code.in_our_words().to_string();
            assert_eq!(said.lines().count(), 2, "{said}");
            assert!(said.starts_with(|c: char| c.is_lowercase()) && !said.chars().any(|c| c.is_ascii_digit()), "{said}");
        }
    }
}
