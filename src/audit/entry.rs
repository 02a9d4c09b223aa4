//! What an audit entry can say: who, what, to what, and which numbers and codes. Each has one written form, which is what is stored.

use std::fmt;

use crate::document::{AnmodningId, CaseId, ClaimId, DocumentId, LetterId, PersonId, RecordId, RefusalCode, TaskId};
use crate::record::Kind;

/// What happened, before it is in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub action: Action,
    /// To what.
    pub subject: Subject,
    /// The numbers and codes that belong to it.
    pub detail: Detail,
}

/// Who did it. Staff are named by the number of their account, never by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The daemon, by itself.
    Daemon,
    /// Someone at the command line, by the system's number of the user.
    Operator {
        /// The user id.
        uid: u32,
    },
    /// A member of staff at the review station.
    Staff {
        /// The number of the account.
        account: u32,
        /// In which role.
        role: Role,
    },
}

/// What a member of staff may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Look at cases.
    Read,
    /// Work on cases.
    Write,
    /// Open special values.
    Health,
    /// Run the system; sees no case data.
    Administrator,
    /// Read the audit chain.
    Auditor,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Daemon => f.write_str("daemon"),
            Self::Operator { uid } => write!(f, "operator:{uid}"),
            Self::Staff { account, role } => write!(f, "staff:{account}:{role}"),
        }
    }
}

/// To what it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The installation as a whole.
    System,
    /// The claim of a dropped file.
    Claim(ClaimId),
    /// A document.
    Document(DocumentId),
    /// A record.
    Record(RecordId),
    /// An outgoing letter.
    Letter(LetterId),
    /// A person in the case database.
    Person(PersonId),
    /// A case.
    Case(CaseId),
    /// An anmodning.
    Anmodning(AnmodningId),
    /// A task.
    Task(TaskId),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("system"),
            Self::Claim(id) => write!(f, "claim:{id}"),
            Self::Document(id) => write!(f, "document:{id}"),
            Self::Record(id) => write!(f, "record:{id}"),
            Self::Letter(id) => write!(f, "letter:{id}"),
            Self::Person(id) => write!(f, "person:{id}"),
            Self::Case(id) => write!(f, "case:{id}"),
            Self::Anmodning(id) => write!(f, "anmodning:{id}"),
            Self::Task(id) => write!(f, "task:{id}"),
        }
    }
}

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// Every one of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name, as it is stored and never changed.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// The one with this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|candidate| candidate.name() == name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

names!(
    /// What was done.
    Action {
        /// The database was tied to something that belongs to it: its keyset, its spool.
        InstancePinned = "instance_pinned",
        /// The leases of a daemon that is gone were ended.
        LeasesEnded = "leases_ended",
        /// A dropped file was claimed.
        ClaimMade = "claim_made",
        /// The claim of a daemon that is gone was taken over.
        ClaimTakenOver = "claim_taken_over",
        /// A file was left where it is, with nothing stored.
        ClaimReleased = "claim_released",
        /// A file is gone from its folder.
        ClaimDone = "claim_done",
        /// A document was sealed and stored.
        DocumentReceived = "document_received",
        /// A second copy of a document came, and nothing was stored.
        DocumentDuplicate = "document_duplicate",
        /// The sealed original of a document was lost or damaged, and was sealed again from a copy.
        OriginalMended = "original_mended",
        /// A document was put aside for a person, with the reason.
        DocumentQuarantined = "document_quarantined",
        /// A person sent a quarantined document back to be read.
        DocumentRequeued = "document_requeued",
        /// A reader was given the document.
        ReadingStarted = "reading_started",
        /// The reader did not come back with a reading.
        ReadingFailed = "reading_failed",
        /// Everything in a document was filed.
        DocumentFiled = "document_filed",
        /// A record was made of what was read.
        RecordFiled = "record_filed",
        /// What a record says does not agree with the case database.
        RecordConflicting = "record_conflicting",
        /// A person decided what fields of a record say.
        RecordSettled = "record_settled",
        /// Nothing of a record waits for a person any more.
        RecordCompleted = "record_completed",
        /// Special values were opened for a person.
        SpecialRead = "special_read",
        /// A person came into the case database.
        PersonAdded = "person_added",
        /// A case was opened.
        CaseOpened = "case_opened",
        /// It was decided that a letter goes out.
        LetterDue = "letter_due",
        /// A letter was taken up, to be written or to be sent.
        LetterTaken = "letter_taken",
        /// The letter was written and sealed.
        LetterComposed = "letter_composed",
        /// The letter was handed over for delivery.
        LetterSent = "letter_sent",
        /// Writing or sending did not succeed and is tried again.
        LetterDelayed = "letter_delayed",
        /// Nobody knows where to send the letter.
        LetterWaits = "letter_waits",
        /// Writing or sending was given up.
        LetterFailed = "letter_failed",
        /// A letter that was given up or had no address goes on.
        LetterResumed = "letter_resumed",
        /// There was no longer any reason to send a letter.
        LetterWithdrawn = "letter_withdrawn",
        /// A mail said that a letter came back.
        LetterReturned = "letter_returned",
        /// An anmodning came into the register.
        AnmodningAdded = "anmodning_added",
        /// An anmodning was changed: its deadline, its status, what is registered for it.
        AnmodningChanged = "anmodning_changed",
        /// A reminder was put off: the kommune has answered, and the answer waits for a person.
        ReminderPutOff = "reminder_put_off",
        /// A vedtak was registered under a year.
        VedtakRegistered = "vedtak_registered",
        /// Something is to be followed up with a kommune.
        TaskOpened = "task_opened",
        /// It has been, or need not be any more.
        TaskDone = "task_done",
    }
);

names!(
    /// Why a value was opened for a person.
    Reason {
        /// To settle what the machine could not read.
        Review = "review",
        /// To work on the case.
        Casework = "casework",
        /// The person asked what is held about them (GDPR article 15).
        AccessRequest = "access_request",
        /// The person asked for a correction or an erasure (GDPR articles 16 and 17).
        CorrectionRequest = "correction_request",
        /// To find out about an error or a breach.
        Incident = "incident",
        /// It was asked for at the command line.
        Reveal = "reveal",
    }
);

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Health => "health",
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
        })
    }
}

/// The numbers and codes that belong to an entry. There is no variant for free text, on purpose: nothing personal can be put here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// The action says it all.
    Nothing,
    /// So many.
    Count(u64),
    /// Its size in bytes.
    Bytes(u64),
    /// The claim it belongs to.
    Claim(ClaimId),
    /// The how-manieth daemon that holds it, from 1.
    Turn(u64),
    /// The how-manieth try, from 1.
    Attempt(u32),
    /// Why a document was put aside, and after how many tries.
    Refused {
        /// The reason.
        code: RefusalCode,
        /// The tries.
        attempts: u32,
    },
    /// What a document was filed as.
    Filed {
        /// How many records were made of it.
        records: u32,
        /// How many pages it has.
        pages: u32,
    },
    /// What a record was filed with.
    Record {
        /// What it is.
        kind: Kind,
        /// How many fields wait for a person.
        to_review: u32,
        /// How many do not.
        accepted: u32,
    },
    /// What a person settled.
    Settled {
        /// The revision that the decision made.
        revision: u32,
        /// How many fields it was about.
        fields: u32,
        /// How many still wait.
        to_review: u32,
        /// How many findings were confirmed.
        confirmed: u32,
    },
    /// Values were opened for a person.
    Read {
        /// One field, or the whole record.
        field: Option<Code>,
        /// Why.
        reason: Reason,
    },
    /// The case it belongs to.
    Case(CaseId),
    /// The record it follows from.
    Cause(RecordId),
    /// What exactly, or where it stands now: a short code.
    Step(Code),
    /// Why: a short code, `timeout`, `smtp_451`.
    Why(Code),
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::Count(count) => write!(f, "count={count}"),
            Self::Bytes(bytes) => write!(f, "bytes={bytes}"),
            Self::Claim(id) => write!(f, "claim={id}"),
            Self::Turn(turn) => write!(f, "turn={turn}"),
            Self::Attempt(attempt) => write!(f, "attempt={attempt}"),
            Self::Refused { code, attempts } => write!(f, "refusal={} attempts={attempts}", code.as_str()),
            Self::Filed { records, pages } => write!(f, "records={records} pages={pages}"),
            Self::Record { kind, to_review, accepted } => write!(f, "kind={} to_review={to_review} accepted={accepted}", kind.as_str()),
            Self::Settled { revision, fields, to_review, confirmed } => {
                write!(f, "revision={revision} fields={fields} to_review={to_review} confirmed={confirmed}")
            }
            Self::Read { field: Some(field), reason } => write!(f, "field={field} reason={reason}"),
            Self::Read { field: None, reason } => write!(f, "reason={reason}"),
            Self::Case(id) => write!(f, "case={id}"),
            Self::Cause(id) => write!(f, "record={id}"),
            Self::Step(code) => write!(f, "step={code}"),
            Self::Why(code) => write!(f, "code={code}"),
        }
    }
}

/// A code of the program's own: a field's name, a form's name, a kind of failure. It has lower-case letters, digits, `_` and `.`, begins with
/// a letter, is at most 64 characters long and has no more than three digits in a row, so that no identity number, date or address fits in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Code(String);

impl Code {
    const LENGTH_MAX: usize = 64;
    const DIGITS_MAX: usize = 3;

    /// The code that `text` is.
    ///
    /// # Errors
    /// When it is not shaped as a code. The error does not repeat the text, which may be what must not be written down.
    pub fn new(text: &str) -> Result<Self, NotACode> {
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.".contains(&byte);
        let longest_number = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
        let sound = text.len() <= Self::LENGTH_MAX
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(letters)
            && longest_number <= Self::DIGITS_MAX;
        if sound { Ok(Self(text.to_owned())) } else { Err(NotACode { length: text.len() }) }
    }

    /// The code that `text` is, or `unnamed`: for what comes from elsewhere and must not stop the entry.
    #[must_use]
    pub fn or_unnamed(text: &str) -> Self {
        Self::new(text).unwrap_or_else(|_| Self("unnamed".to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is not a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a text of {length} bytes is not a code\na code has up to 64 lower-case letters, digits, `_` and `.`, begins with a letter, and has no more than three digits in a row"
)]
pub struct NotACode {
    length: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{CountingEntropy, StoppedClock};

    #[test]
    fn names_are_unique_stable_and_shaped_as_codes() {
        let names: Vec<&str> = Action::ALL.iter().map(|action| action.name()).collect();
        assert!(names.iter().all(|name| Code::new(name).is_ok() && Action::from_name(name).is_some_and(|action| action.name() == *name)));
        assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), names.len());
        assert_eq!(
            names[..10],
            [
                "instance_pinned",
                "leases_ended",
                "claim_made",
                "claim_taken_over",
                "claim_released",
                "claim_done",
                "document_received",
                "document_duplicate",
                "original_mended",
                "document_quarantined"
            ]
        );
        assert_eq!(Action::from_name("document_eaten"), None);
        assert!(Reason::ALL.iter().all(|reason| Reason::from_name(reason.name()) == Some(*reason)));
    }

    #[test]
    fn an_entry_is_written_in_words_of_the_program() {
        let (clock, entropy) = (StoppedClock::at("2026-11-21T09:00:00Z".parse().unwrap()), CountingEntropy::seeded(3));
        let record = RecordId::new(&clock, &entropy);
        let entry = Entry {
            actor: Actor::Staff { account: 12, role: Role::Health },
            action: Action::SpecialRead,
            subject: Subject::Record(record),
            detail: Detail::Read { field: Some(Code::new("helse.beskrivelse").unwrap()), reason: Reason::Casework },
        };
        let columns = [entry.actor.to_string(), entry.action.to_string(), entry.subject.to_string(), entry.detail.to_string()];
        assert_eq!(columns, ["staff:12:health", "special_read", &format!("record:{record}"), "field=helse.beskrivelse reason=casework"]);
    }

    #[test]
    fn a_code_has_no_room_for_personal_data() {
        for text in ["duf", "husstand.1.navn", "vedtatt_em_15_18", "smtp_451", "a"] {
            assert_eq!(Code::new(text).map(|code| code.to_string()).as_deref(), Ok(text));
        }
        assert_eq!((Code::or_unnamed("tls").as_str(), Code::or_unnamed("Nora 2022").as_str()), ("tls", "unnamed"));
        let long = "a".repeat(65);
        for text in ["", "Nora", "nora nordmann", "202203141502", "duf202203141502", "d.2022", "1a", ".a", "a\n", "å", "a@b.no", &long] {
            let error = Code::new(text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("a text of {} bytes is not a code\n", text.len())), "{error}");
        }
    }
}
