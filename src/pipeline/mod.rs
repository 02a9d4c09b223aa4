//! The order of the stages: the only room that knows a document's whole way.
//!
//! [`reading`] is the half that runs in the sandboxed reader. Here is the daemon's half, one step a function, each from one durable state to the next:
//!
//! 1. [`Pipeline::read_next`]: a received document is leased, its attempt counted, its original unsealed into a reader, what comes back sealed and filed
//!    with its consequences; or it is given back, or quarantined with the reason. `believed` says how far the reader is believed;
//! 2. [`Pipeline::write_next_letter`]: a letter that is due is composed, sealed and given its Message-ID;
//! 3. [`Pipeline::send_next_letter`]: a composed letter is handed to the mail, once for certain, again only if nobody can know;
//! 4. [`Pipeline::remind_next`]: a kommune that has not answered in time is reminded;
//! 5. [`settling`]: a person decides what the machine would not.
//!
//! A step does one unit of work and says whether there was any. Whoever calls it may die at any moment: the state before the step still stands, and
//! its lease runs out.

pub mod anmodninger;
mod believed;
pub mod blanks;
mod composing;
pub mod event;
mod filing;
pub mod follow_ups;
mod mails;
mod outgoing;
mod pictures;
mod posttypes;
pub mod reading;
pub mod register;
mod reminding;
mod senders;
pub mod settling;

pub use event::{Event, counted};
pub use outgoing::{OpenedLetter, open_stored_letter};
pub use senders::Senders;

use std::sync::Arc;
use std::time::Duration;

use crate::clock::{SharedClock, SharedEntropy, office_date};
use crate::config::Config;
use crate::dispatch::Mailer;
use crate::document::{DocumentState, Refusal, RefusalCode};
use crate::forms::Form;
use crate::paper::Fonts;
use crate::reader::{Job, Pool, ReadFailure};
use crate::seal;
use crate::spool::Spool;
use crate::store::{Attempt, DocumentRow, Fault, SealedBytes, Store, StoreError, StoredEnvelope, Taken};
use crate::vault::{Envelope, OpenError, Vault};

/// How long a document rests before it is tried again; the pause doubles with each attempt.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// How long a document rests that is not to blame for what failed: about as long as readers need to be started anew.
const OUTAGE_PAUSE: Duration = Duration::from_secs(5);
/// The pauses between attempts to give back a document that is not to blame.
const SPARING_PAUSES: [Duration; 3] = [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

/// What it takes to file and to settle: rows, keys, rules. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// The rows.
    pub store: Store,
    /// The keys.
    pub vault: Arc<Vault>,
    /// The configuration.
    pub config: Arc<Config>,
    /// The time.
    pub clock: SharedClock,
    /// Randomness for ids and pauses.
    pub entropy: SharedEntropy,
}

/// What the daemon's steps need. Cheap to clone.
#[derive(Clone)]
pub struct Pipeline {
    /// Rows, keys, rules.
    pub desk: Desk,
    /// The sealed originals.
    pub spool: Spool,
    /// The readers.
    pub readers: Pool,
    /// Who is known to write to us.
    pub senders: Senders,
    /// The mail.
    pub mailer: Arc<Mailer>,
    /// The fonts of letters.
    pub fonts: Arc<Fonts>,
    /// The forms, as they were when the service started: what readers say is held against them.
    pub forms: Arc<[Form]>,
    /// Who holds the leases: host and process.
    pub owner: String,
    /// Who is told.
    pub events: tokio::sync::mpsc::UnboundedSender<Event>,
}

/// Whether a step found work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// One unit of work was done.
    Worked,
    /// Nothing was ready.
    Idle,
}

/// Why a step could not be taken. The state before it still stands.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was stored does not open.
    #[error("{what} does not open: {source}\nthe keys or the data have been changed; restore them together from one backup")]
    Open {
        /// What.
        what: &'static str,
        /// Why.
        source: OpenError,
    },
    /// What was sealed is not what it should be.
    #[error(transparent)]
    Unseal(#[from] crate::seal::UnsealError),
    /// No reader can be started.
    #[error(transparent)]
    NoReader(#[from] crate::reader::StartError),
    /// A letter cannot be written.
    #[error(transparent)]
    Letter(#[from] crate::letters::LetterError),
}

impl StepError {
    /// Whether the same step may succeed later without anybody doing anything.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Store(error) => error.may_pass(),
            Self::NoReader(_) => true,
            Self::Open { .. } | Self::Unseal(_) | Self::Letter(_) => false,
        }
    }

    fn is_lost_lease(&self) -> bool {
        matches!(self, Self::Store(StoreError::Final(Fault::LeaseLost { .. })))
    }
}

impl Pipeline {
    fn tell(&self, event: Event) {
        // Nobody listening is no reason to stop working.
        let _ = self.events.send(event);
    }

    fn open_envelope(&self, stored: &StoredEnvelope) -> Result<Envelope, StepError> {
        open_envelope(&self.desk.vault, stored)
    }

    /// Takes one waiting document through a reader.
    ///
    /// # Errors
    /// When the store or the readers as a whole fail; a document's own trouble ends in its state.
    pub async fn read_next(&self) -> Result<Step, StepError> {
        let Some(mut taken) = self.desk.store.take_for_reading(&self.owner, self.desk.clock.now(), self.desk.config.intake.lease).await? else {
            return Ok(Step::Idle);
        };
        let outcome = match self.read_and_file(&mut taken).await {
            Ok(Ended::Filed) => Ok(()),
            Ok(Ended::Refused(why)) => self.quarantine(&taken, &why).await,
            Ok(Ended::InVain(how)) => self.failed(&taken, &how).await,
            Ok(Ended::Unread) => self.spare(&taken).await,
            // Neither reader nor store could work: the document waits, and the loop that called us waits too.
            Err(error) if error.may_pass() => self.spare(&taken).await.and(Err(error)),
            Err(error) if error.is_lost_lease() => Err(error),
            Err(error) => {
                tracing::error!(document = %taken.lease.id(), attempt = taken.attempt, error = %error, "the document could not be worked on");
                self.failed(&taken, "its sealed original does not open").await
            }
        };
        match outcome {
            // Another daemon has taken it over: what it does counts.
            Err(error) if error.is_lost_lease() => Ok(Step::Worked),
            outcome => outcome.map(|()| Step::Worked),
        }
    }

    /// Reads a document and files it. What it could not be is only said: what follows for the document is written by the caller, and a store that fails over
    /// that must not pass for a failure before the reading.
    async fn read_and_file(&self, taken: &mut Taken) -> Result<Ended, StepError> {
        if taken.attempt > self.desk.config.reader.attempts {
            return Ok(Ended::Refused(too_many_attempts(taken.attempt - 1, "the service itself was stopped")));
        }
        let envelope = self.open_envelope(&taken.envelope)?;
        let (test_ids, mail_server) = (self.desk.config.test_ids, self.desk.config.sender.mail_server.clone());
        let job = Job { crops: true, text: true, mail_server, ..Job::plain(office_date(taken.received_at), taken.origin, test_ids) };
        let mut original = match filing::SealedOriginal::open(&self.spool, &taken.spool_name, envelope.opener(taken.lease.id())) {
            Ok(original) => original,
            Err(error) => return Ok(Ended::InVain(format!("its sealed original cannot be read: {}", error.kind()))),
        };
        let read = {
            let mut reading = std::pin::pin!(self.readers.read(&job, taken.size, &mut original));
            loop {
                tokio::select! {
                    read = &mut reading => break read,
                    // A reading may take longer than a lease: it is renewed while the reader lives.
                    () = tokio::time::sleep(self.desk.config.intake.lease / 3) => {
                        self.desk.store.renew_lease(&mut taken.lease, self.desk.clock.now(), self.desk.config.intake.lease).await?;
                    }
                }
            }
        };
        match read {
            Ok(mut reading) => {
                let sender = self.judge_sender(&job, taken, &envelope, &mut reading).await;
                self.file(taken, &envelope, reading, sender.as_ref()).await.map(|()| Ended::Filed)
            }
            Err(ReadFailure::Refused(why)) => Ok(Ended::Refused(why)),
            // No reader saw it, but waiting mends nothing: after the last attempt a person must hear of it.
            Err(ReadFailure::Source(error)) => Ok(Ended::InVain(format!("its sealed original cannot be read: {error}"))),
            Err(failure) if failure.blames_document() => Ok(Ended::InVain(failure.to_string())),
            Err(ReadFailure::NoReader(error)) => Err(error.into()),
            Err(_) => Ok(Ended::Unread),
        }
    }

    /// An attempt failed: the document rests and is tried again, or waits for a person after the last attempt.
    async fn failed(&self, taken: &Taken, how: &str) -> Result<(), StepError> {
        let document = taken.lease.id();
        if taken.attempt >= self.desk.config.reader.attempts {
            return self.quarantine(taken, &too_many_attempts(taken.attempt, how)).await;
        }
        let pause = FIRST_PAUSE.saturating_mul(1 << (taken.attempt - 1).min(10));
        let now = self.desk.clock.now();
        self.desk.store.give_back(&taken.lease, Attempt::Counts, now.checked_add(pause).unwrap_or(now), now).await?;
        self.tell(Event::TriedInVain { document, attempt: taken.attempt, how: how.to_owned() });
        Ok(())
    }

    /// The document is not to blame: the attempt that was counted beforehand is taken back, so that an outage does not drain the queue into quarantine. It
    /// rests all the same, or it would be taken and given back as fast as the store can write.
    async fn spare(&self, taken: &Taken) -> Result<(), StepError> {
        let mut again = SPARING_PAUSES.into_iter();
        loop {
            let now = self.desk.clock.now();
            let given = self.desk.store.give_back(&taken.lease, Attempt::Undone, now.checked_add(OUTAGE_PAUSE).unwrap_or(now), now).await;
            match (given, again.next()) {
                // What kept the document from being filed may keep it from being given back. If it lasts, the lease runs out and the attempt stays counted.
                (Err(error), Some(pause)) if error.may_pass() => tokio::time::sleep(pause).await,
                (given, _) => return Ok(given?),
            }
        }
    }

    /// What the reader says is sealed under the document; the code, and what the daemon says of it, stand in clear.
    async fn quarantine(&self, taken: &Taken, why: &Refusal) -> Result<(), StepError> {
        let document = taken.lease.id();
        // An envelope that does not open may be the very reason.
        let envelope = self.open_envelope(&taken.envelope).ok();
        let sealed = envelope.map(|envelope| SealedBytes(seal::seal_refusal(&envelope, document, why).into_bytes()));
        self.desk.store.quarantine(&taken.lease, why.code, sealed, self.desk.clock.now()).await?;
        self.tell(Event::Quarantined { document, code: why.code.as_str(), why: why.code.in_our_words().to_string() });
        Ok(())
    }
}

/// What a reading came to, as far as the document is concerned.
enum Ended {
    /// Its records are stored.
    Filed,
    /// It cannot be read.
    Refused(Refusal),
    /// It may be to blame for how the attempt failed.
    InVain(String),
    /// No reader had it.
    Unread,
}

fn too_many_attempts(attempts: u32, how: &str) -> Refusal {
    let message = format!("reading failed {attempts} times; the last time: {how}");
    Refusal::new(RefusalCode::Attempts, message, "look at the original with `postsluse show`, scan it anew, or try again with `postsluse intake --requeue ID`")
}

/// Opens a stored envelope.
///
/// # Errors
/// When the vault refuses it.
pub fn open_envelope(vault: &Vault, stored: &StoredEnvelope) -> Result<Envelope, StepError> {
    vault.open_stored(stored.id, &stored.wrapped_dek.0).map_err(|source| StepError::Open { what: "an envelope", source })
}

/// Why a document waits for a person, opened; none when it does not wait. What was shredded, or never sealed, is said in the daemon's own words.
///
/// # Errors
/// When the store fails or the vault refuses it.
pub async fn open_refusal(store: &Store, vault: &Vault, row: &DocumentRow) -> Result<Option<Refusal>, StepError> {
    let DocumentState::Quarantined(code) = row.state else { return Ok(None) };
    let Some(sealed) = &row.sealed_refusal else { return Ok(Some(code.in_our_words())) };
    let envelope = match store.envelope(row.envelope).await {
        Err(StoreError::Final(Fault::Shredded { .. })) => return Ok(Some(code.in_our_words())),
        stored => open_envelope(vault, &stored?)?,
    };
    Ok(Some(seal::open_refusal(&envelope, row.id, &sealed.0)?))
}
