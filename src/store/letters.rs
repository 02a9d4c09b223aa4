//! Letters as a queue: due, composed, sent; or waiting for an address, or failed.
//!
//! A letter is composed and stored, with its Message-ID, before the first attempt to send it: so a letter that is sent twice after a crash is the same
//! letter with the same Message-ID, and the receiving side can tell. A letter stays in the envelope of the record it answers.

use std::fmt;
use std::time::Duration;

use sqlx::any::AnyRow;

use super::cases::{EventCode, event, lock_series};
use super::error::{Fault, StoreError};
use super::register::reminded;
use super::rows::{Cells, after, micros, query};
use super::{Lease, Page, SealedBytes, Store, StoredEnvelope, Tag, Tx, locking};
use crate::audit::{Action, Actor, Code, Detail, Subject};
use crate::clock::Timestamp;
use crate::document::{AnmodningId, CaseId, LetterId, OurRef, RecordId};

/// What a letter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LetterKind {
    /// The receipt for a kommune's vedtak.
    Kvittering,
    /// Asks a kommune about its vedtak, because a person wants to know.
    Oppfolging,
    /// Reminds a kommune of an anmodning.
    Purring,
    /// A few words without a letter. What about, its name does not say.
    Varsel,
}

impl LetterKind {
    const ALL: [Self; 4] = [Self::Kvittering, Self::Oppfolging, Self::Purring, Self::Varsel];

    /// The kind as it is stored and printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kvittering => "kvittering",
            Self::Oppfolging => "oppfolging",
            Self::Purring => "purring",
            Self::Varsel => "varsel",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }
}

/// Where a letter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LetterState {
    /// To be composed.
    Due,
    /// Composed and stored; to be sent.
    Composed,
    /// Sent.
    Sent,
    /// Nobody knows where to send it.
    WaitingAddress,
    /// It could not be composed or sent; a person must look.
    Failed,
    /// There was no longer any reason to send it.
    Withdrawn,
}

impl LetterState {
    /// Every state.
    pub const ALL: [Self; 6] = [Self::Due, Self::Composed, Self::Sent, Self::WaitingAddress, Self::Failed, Self::Withdrawn];

    /// The state as it is stored and printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Composed => "composed",
            Self::Sent => "sent",
            Self::WaitingAddress => "waiting_address",
            Self::Failed => "failed",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state a stored string stands for.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == code)
    }
}

impl fmt::Display for LetterState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A letter in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterRow {
    /// Its id.
    pub id: LetterId,
    /// The case it belongs to.
    pub case: CaseId,
    /// The record it is about; none when it reminds of an anmodning.
    pub record: Option<RecordId>,
    /// The anmodning it reminds of.
    pub anmodning: Option<AnmodningId>,
    /// The envelope it is sealed in: that of the record or the anmodning.
    pub envelope: StoredEnvelope,
    /// What it is.
    pub kind: LetterKind,
    /// `nb` or `nn`.
    pub language: String,
    /// "Vår ref".
    pub our_ref: OurRef,
    /// Where it stands.
    pub state: LetterState,
    /// What it is to say beyond its record, sealed.
    pub brief: Option<SealedBytes>,
    /// The PDF, sealed, once it is composed.
    pub pdf: Option<SealedBytes>,
    /// The recipient, sealed, once it is composed.
    pub recipient: Option<SealedBytes>,
    /// The Message-ID, once it is composed.
    pub message_id: Option<String>,
    /// How often it was tried in its present state.
    pub attempts: u32,
    /// When it may next be taken, if it is due or composed.
    pub ready_at: Timestamp,
    /// The code of the last failure.
    pub last_error_code: Option<String>,
    /// When it became due.
    pub created_at: Timestamp,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
}

/// A letter that was taken to be composed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueLetter {
    /// The right to store what is composed.
    pub lease: Lease<LetterId>,
    /// The number of this attempt, from 1.
    pub attempt: u32,
    /// The letter.
    pub letter: LetterRow,
}

/// What was composed.
#[derive(Debug, Clone)]
pub struct ComposedLetter {
    /// The PDF, sealed.
    pub pdf: SealedBytes,
    /// The recipient, sealed.
    pub recipient: SealedBytes,
    /// Stands for the recipient's address, so that letters to it can be counted.
    pub recipient_tag: Tag,
    /// The Message-ID it will be sent under, each time.
    pub message_id: String,
}

/// How many automatic letters may go to one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Letters that were composed since then count, whoever wanted them.
    pub since: Timestamp,
    /// So many may go out.
    pub letters: u32,
}

/// A letter that was taken to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingLetter {
    /// The right to say what became of it.
    pub lease: Lease<LetterId>,
    /// The number of this attempt, from 1.
    pub attempt: u32,
    /// The letter.
    pub letter: LetterRow,
    /// The PDF, sealed.
    pub pdf: SealedBytes,
    /// The recipient, sealed.
    pub recipient: SealedBytes,
    /// The Message-ID.
    pub message_id: String,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT l.id, l.case_id, l.record_id, l.anmodning_id, l.envelope_id, e.kek_id, e.wrapped_dek, l.kind, l.language, c.case_year, c.case_number, l.document_number, \
             l.state, l.sealed_brief, l.sealed_pdf, l.sealed_recipient, l.message_id, l.attempts, l.turn, l.ready_at, l.last_error_code, l.created_at, l.sent_at \
             FROM letters l JOIN cases c ON c.id = l.case_id JOIN envelopes e ON e.id = l.envelope_id ",
            $rest
        )
    };
}

fn letter_row(row: &AnyRow) -> Result<LetterRow, StoreError> {
    let cells = Cells::new(row, "letters", "id")?;
    Ok(LetterRow {
        id: cells.parsed("id")?,
        case: cells.parsed("case_id")?,
        record: cells.maybe_parsed("record_id")?,
        anmodning: cells.maybe_parsed("anmodning_id")?,
        envelope: cells.envelope()?,
        kind: cells.code("kind", LetterKind::from_code)?,
        language: cells.text("language")?,
        our_ref: OurRef { year: cells.number("case_year")?, case: cells.number("case_number")?, document: cells.number("document_number")? },
        state: cells.code("state", LetterState::from_code)?,
        brief: cells.maybe_sealed("sealed_brief")?,
        pdf: cells.maybe_sealed("sealed_pdf")?,
        recipient: cells.maybe_sealed("sealed_recipient")?,
        message_id: cells.maybe_text("message_id")?,
        attempts: cells.number("attempts")?,
        ready_at: cells.time("ready_at")?,
        last_error_code: cells.maybe_text("last_error_code")?,
        created_at: cells.time("created_at")?,
        sent_at: cells.maybe_time("sent_at")?,
    })
}

impl Store {
    /// Takes the letter that has been due longest, to be composed, and counts the attempt.
    ///
    /// # Errors
    /// When the database fails or a row is broken.
    pub async fn take_due_letter(&self, owner: &str, now: Timestamp, lease: Duration) -> Result<Option<DueLetter>, StoreError> {
        let taken = self.take_letter(LetterState::Due, owner, now, lease).await?;
        Ok(taken.map(|(lease, letter)| DueLetter { lease, attempt: letter.attempts, letter }))
    }

    /// Takes the composed letter that has waited longest, to be sent, and counts the attempt.
    ///
    /// # Errors
    /// When the database fails or a row is broken.
    pub async fn take_outgoing(&self, owner: &str, now: Timestamp, lease: Duration) -> Result<Option<OutgoingLetter>, StoreError> {
        let Some((lease, letter)) = self.take_letter(LetterState::Composed, owner, now, lease).await? else { return Ok(None) };
        let (Some(pdf), Some(recipient), Some(message_id)) = (letter.pdf.clone(), letter.recipient.clone(), letter.message_id.clone()) else {
            return Err(Fault::Inconsistent { table: "letters", column: "sealed_pdf", row: letter.id.to_string() }.into());
        };
        Ok(Some(OutgoingLetter { lease, attempt: letter.attempts, letter, pdf, recipient, message_id }))
    }

    async fn take_letter(&self, state: LetterState, owner: &str, now: Timestamp, lease: Duration) -> Result<Option<(Lease<LetterId>, LetterRow)>, StoreError> {
        let mut tx = self.write(now).await?;
        let select = tx.locking(locking!(select!("WHERE l.state = $1 AND l.ready_at <= $2 ORDER BY l.ready_at, l.id LIMIT 1"), "OF l SKIP LOCKED"));
        let Some(row) = tx.optional(select.bind(state.as_str()).bind(micros(tx.now))).await? else { return Ok(None) };
        let turn = Cells::new(&row, "letters", "id")?.long("turn")? + 1;
        let letter = letter_row(&row)?;
        let (attempts, until) = (letter.attempts + 1, after(now, lease));
        let update = query("UPDATE letters SET attempts = $1, turn = $2, lease_owner = $3, lease_until = $4, ready_at = $4, updated_at = $5 WHERE id = $6");
        let update = update.bind(i64::from(attempts)).bind(turn).bind(owner.to_owned()).bind(micros(until)).bind(micros(tx.now));
        tx.execute(update.bind(letter.id.to_string())).await?;
        tx.note(Action::LetterTaken, Subject::Letter(letter.id), Detail::Attempt(attempts));
        tx.commit().await?;
        Ok(Some((Lease { id: letter.id, turn, until }, LetterRow { attempts, ready_at: until, ..letter })))
    }

    /// Stores what was composed. It may be sent from now on, and only from now on. An automatic letter that would be one too many to its address is held
    /// back for a person instead: then false.
    ///
    /// # Errors
    /// [`Fault::LeaseLost`] when another daemon has the letter.
    pub async fn letter_composed(&self, lease: &Lease<LetterId>, composed: &ComposedLetter, limit: RateLimit, now: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.write(now).await?;
        // Two daemons that compose at once must not both take the last place.
        lock_series(&mut tx).await?;
        let (_, case) = held(&mut tx, lease, &[LetterState::Due]).await?;
        let count = query(
            "SELECT id, automatic, (SELECT COUNT(*) FROM letters o WHERE o.recipient_tag = $1 AND o.composed_at > $2 AND o.id <> l.id) AS others \
             FROM letters l WHERE l.id = $3",
        );
        let row = tx.one(count.bind(composed.recipient_tag.0.clone()).bind(micros(limit.since)).bind(lease.id.to_string())).await?;
        let cells = Cells::new(&row, "letters", "id")?;
        if cells.long("automatic")? == 1 && cells.long("others")? >= i64::from(limit.letters) {
            halt(&mut tx, lease.id, case, LetterState::Failed, EventCode::LetterFailed, &Code::or_unnamed("rate_limit")).await?;
            tx.commit().await?;
            return Ok(false);
        }
        let update = query(
            "UPDATE letters SET state = 'composed', sealed_pdf = $1, sealed_recipient = $2, message_id = $3, recipient_tag = $4, composed_at = $5, attempts = 0, ready_at = $5, \
             lease_owner = NULL, lease_until = NULL, last_error_code = NULL, updated_at = $5 WHERE id = $6",
        );
        let update = update.bind(composed.pdf.0.clone()).bind(composed.recipient.0.clone()).bind(composed.message_id.clone());
        tx.execute(update.bind(composed.recipient_tag.0.clone()).bind(micros(tx.now)).bind(lease.id.to_string())).await?;
        tx.note(Action::LetterComposed, Subject::Letter(lease.id), Detail::Nothing);
        tx.commit().await?;
        Ok(true)
    }

    /// There is no longer any reason to send the letter.
    ///
    /// # Errors
    /// [`Fault::LeaseLost`] when another daemon has the letter.
    pub async fn letter_withdrawn(&self, lease: &Lease<LetterId>, code: &Code, now: Timestamp) -> Result<(), StoreError> {
        self.stop(lease, LetterState::Withdrawn, EventCode::LetterWithdrawn, code, now).await
    }

    /// The letter was handed over.
    ///
    /// # Errors
    /// [`Fault::LeaseLost`] when another daemon has the letter.
    pub async fn letter_sent(&self, lease: &Lease<LetterId>, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write(now).await?;
        let (_, case) = held(&mut tx, lease, &[LetterState::Composed]).await?;
        let update = query(
            "UPDATE letters SET state = 'sent', sent_at = $1, lease_owner = NULL, lease_until = NULL, last_error_code = NULL, updated_at = $1 WHERE id = $2",
        );
        tx.execute(update.bind(micros(tx.now)).bind(lease.id.to_string())).await?;
        event(&mut tx, case, EventCode::LetterSent, None, Some(lease.id)).await?;
        reminded(&mut tx, lease.id).await?;
        tx.note(Action::LetterSent, Subject::Letter(lease.id), Detail::Nothing);
        tx.commit().await
    }

    /// Composing or sending failed in a way that may pass: try again, not before `next_at`. The code holds no address.
    ///
    /// # Errors
    /// [`Fault::LeaseLost`] when another daemon has the letter.
    pub async fn letter_retry(&self, lease: &Lease<LetterId>, next_at: Timestamp, code: &Code, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write(now).await?;
        held(&mut tx, lease, &[LetterState::Due, LetterState::Composed]).await?;
        let update = query("UPDATE letters SET ready_at = $1, lease_owner = NULL, lease_until = NULL, last_error_code = $2, updated_at = $3 WHERE id = $4");
        tx.execute(update.bind(micros(next_at)).bind(code.to_string()).bind(micros(tx.now)).bind(lease.id.to_string())).await?;
        tx.note(Action::LetterDelayed, Subject::Letter(lease.id), Detail::Why(code.clone()));
        tx.commit().await
    }

    /// Composing or sending failed for good; a person must look. The code holds no address.
    ///
    /// # Errors
    /// [`Fault::LeaseLost`] when another daemon has the letter.
    pub async fn letter_failed(&self, lease: &Lease<LetterId>, code: &Code, now: Timestamp) -> Result<(), StoreError> {
        self.stop(lease, LetterState::Failed, EventCode::LetterFailed, code, now).await
    }

    /// Nobody knows where to send the letter.
    ///
    /// # Errors
    /// [`Fault::LeaseLost`] when another daemon has the letter.
    pub async fn letter_waits_for_address(&self, lease: &Lease<LetterId>, now: Timestamp) -> Result<(), StoreError> {
        self.stop(lease, LetterState::WaitingAddress, EventCode::LetterWaits, &Code::or_unnamed("no_address"), now).await
    }

    async fn stop(&self, lease: &Lease<LetterId>, state: LetterState, what: EventCode, code: &Code, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write(now).await?;
        let (_, case) = held(&mut tx, lease, &[LetterState::Due, LetterState::Composed]).await?;
        halt(&mut tx, lease.id, case, state, what, code).await?;
        tx.commit().await
    }

    /// A person takes up a letter that failed or waits for an address. It goes on where it stopped, with the Message-ID it has.
    ///
    /// # Errors
    /// [`Fault::NotFound`] or [`Fault::LetterStep`].
    pub async fn resume_letter(&self, id: LetterId, actor: Actor, now: Timestamp) -> Result<LetterState, StoreError> {
        let mut tx = self.write(now).await?;
        let select = tx.locking(locking!(select!("WHERE l.id = $1"), "OF l"));
        let row = tx.optional(select.bind(id.to_string())).await?.ok_or_else(|| not_found(id))?;
        let letter = letter_row(&row)?;
        let next = match letter.state {
            LetterState::Failed if letter.message_id.is_some() => LetterState::Composed,
            LetterState::Failed | LetterState::WaitingAddress => LetterState::Due,
            state => return Err(Fault::LetterStep { id: id.to_string(), state }.into()),
        };
        // A person wants it to go out: it is no longer held to what may go out by itself.
        tx.execute(query("UPDATE letters SET automatic = 0 WHERE id = $1").bind(id.to_string())).await?;
        resume(&mut tx, id, next, actor).await?;
        tx.commit().await?;
        Ok(next)
    }

    /// Takes up every letter that waits for an address: for a start with a new configuration. Returns how many there were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn resume_letters_without_address(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.write(now).await?;
        let select = tx.locking(locking!("SELECT id FROM letters WHERE state = 'waiting_address' ORDER BY id"));
        let rows = tx.all(select).await?;
        let actor = tx.store.inner.actor;
        for row in &rows {
            let id = Cells::new(row, "letters", "id")?.parsed("id")?;
            resume(&mut tx, id, LetterState::Due, actor).await?;
        }
        tx.commit().await?;
        Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
    }

    /// One letter.
    ///
    /// # Errors
    /// [`Fault::NotFound`], or the database fails.
    pub async fn letter(&self, id: LetterId) -> Result<LetterRow, StoreError> {
        let row = self.optional(query(select!("WHERE l.id = $1")).bind(id.to_string())).await?;
        letter_row(&row.ok_or_else(|| not_found(id))?)
    }

    /// The letters that answer a record, oldest first.
    ///
    /// # Errors
    /// When the database fails or a row is broken.
    pub async fn letters_of(&self, record: RecordId) -> Result<Vec<LetterRow>, StoreError> {
        let rows = self.all(query(select!("WHERE l.record_id = $1 ORDER BY l.id")).bind(record.to_string())).await?;
        rows.iter().map(letter_row).collect()
    }

    /// Letters, newest first; all, or those in a state.
    ///
    /// # Errors
    /// When the database fails or a row is broken.
    pub async fn letters(&self, state: Option<LetterState>, page: Page<LetterId>) -> Result<Vec<LetterRow>, StoreError> {
        let select = query(select!("WHERE ($1 IS NULL OR l.state = $1) AND ($2 IS NULL OR l.id < $2) ORDER BY l.id DESC LIMIT $3"));
        let select = select.bind(state.map(LetterState::as_str)).bind(page.before.map(|id| id.to_string())).bind(i64::from(page.limit));
        self.all(select).await?.iter().map(letter_row).collect()
    }
}

/// The state and case of a letter, locked, if this turn still holds it in one of these states.
async fn held(tx: &mut Tx, lease: &Lease<LetterId>, states: &[LetterState]) -> Result<(LetterState, CaseId), StoreError> {
    let lost = || Fault::LeaseLost { kind: "letter", id: lease.id.to_string() };
    let select = tx.locking(locking!("SELECT id, case_id, state FROM letters WHERE id = $1 AND turn = $2 AND lease_until IS NOT NULL"));
    let row = tx.optional(select.bind(lease.id.to_string()).bind(lease.turn)).await?.ok_or_else(lost)?;
    let cells = Cells::new(&row, "letters", "id")?;
    let state = cells.code("state", LetterState::from_code)?;
    if states.contains(&state) { Ok((state, cells.parsed("case_id")?)) } else { Err(lost().into()) }
}

/// A record says that a letter came back. Whoever says so knows its Message-ID, which only those have seen whom it passed. A message that is none of ours changes
/// nothing.
pub(super) async fn came_back(tx: &mut Tx, message_id: &str, record: RecordId) -> Result<(), StoreError> {
    let select = tx.locking(locking!("SELECT id, case_id FROM letters WHERE message_id = $1 AND state = 'sent'"));
    let Some(row) = tx.optional(select.bind(message_id.to_owned())).await? else { return Ok(()) };
    let cells = Cells::new(&row, "letters", "id")?;
    let (id, case): (LetterId, CaseId) = (cells.parsed("id")?, cells.parsed("case_id")?);
    tx.execute(query("UPDATE letters SET last_error_code = 'returned', updated_at = $1 WHERE id = $2").bind(micros(tx.now)).bind(id.to_string())).await?;
    event(tx, case, EventCode::LetterReturned, Some(record), Some(id)).await?;
    tx.note(Action::LetterReturned, Subject::Letter(id), Detail::Cause(record));
    Ok(())
}

/// A letter stops here, with the reason.
async fn halt(tx: &mut Tx, id: LetterId, case: CaseId, state: LetterState, what: EventCode, code: &Code) -> Result<(), StoreError> {
    let update = query("UPDATE letters SET state = $1, lease_owner = NULL, lease_until = NULL, last_error_code = $2, updated_at = $3 WHERE id = $4");
    tx.execute(update.bind(state.as_str()).bind(code.to_string()).bind(micros(tx.now)).bind(id.to_string())).await?;
    event(tx, case, what, None, Some(id)).await?;
    let action = match state {
        LetterState::Failed => Action::LetterFailed,
        LetterState::Withdrawn => Action::LetterWithdrawn,
        _ => Action::LetterWaits,
    };
    tx.note(action, Subject::Letter(id), Detail::Why(code.clone()));
    Ok(())
}

async fn resume(tx: &mut Tx, id: LetterId, next: LetterState, actor: Actor) -> Result<(), StoreError> {
    let update = query("UPDATE letters SET state = $1, attempts = 0, ready_at = $2, last_error_code = NULL, updated_at = $2 WHERE id = $3");
    tx.execute(update.bind(next.as_str()).bind(micros(tx.now)).bind(id.to_string())).await?;
    tx.note_by(actor, Action::LetterResumed, Subject::Letter(id), Detail::Step(Code::or_unnamed(next.as_str())));
    Ok(())
}

fn not_found(id: LetterId) -> StoreError {
    Fault::NotFound { kind: "letter", id: id.to_string() }.into()
}
