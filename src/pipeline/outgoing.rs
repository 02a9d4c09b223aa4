//! Letters on their way: a letter that is due is composed and sealed, a composed letter is handed to the mail.
//!
//! The Message-ID is durable before the first attempt to send, and is the same in every attempt: if a process dies between the relay's "yes" and
//! our note of it, the kommune gets the same message twice, not two letters. A letter holds no personal data, and is sealed all the same.

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::{Pipeline, Step, StepError};
use crate::audit::Code;
use crate::cases::Facts;
use crate::clock::office_date;
use crate::config::Transport;
use crate::dispatch::{self, Failure, MessageId, Outgoing, Recipient};
use crate::document::LetterId;
use crate::letters::{Background, Frame, Language, Letter, Receipt};
use crate::record::{Decision, Field, Value};
use crate::registry::kommuner;
use crate::seal;
use crate::store::{ComposedLetter, DueLetter, Fault, OutgoingLetter, SealedBytes, StoreError};
use crate::vault::{Envelope, Place};

/// What goes with the PDF, sealed beside it.
#[derive(Serialize, Deserialize)]
pub(super) struct Cover {
    pub(super) to: String,
    pub(super) subject: String,
    pub(super) body: String,
    pub(super) pdf_name: String,
}

impl Pipeline {
    /// Composes one letter that is due.
    ///
    /// # Errors
    /// When the store fails or the record does not open. A letter that cannot be written waits for a person.
    pub async fn write_next_letter(&self) -> Result<Step, StepError> {
        let Some(due) = self.desk.store.take_due_letter(&self.owner, self.desk.clock.now(), self.desk.config.intake.lease).await? else {
            return Ok(Step::Idle);
        };
        match self.write(&due).await {
            // Another daemon has taken it over: what it does counts.
            Err(StepError::Store(StoreError::Final(Fault::LeaseLost { .. }))) => Ok(Step::Worked),
            outcome => outcome.map(|()| Step::Worked),
        }
    }

    async fn write(&self, due: &DueLetter) -> Result<(), StepError> {
        let our_ref = due.letter.our_ref.to_string();
        match self.compose(due).await {
            Ok(Some(composed)) => {
                self.desk.store.letter_composed(&due.lease, &composed, self.desk.clock.now()).await?;
                self.tell(Event::LetterComposed { letter: due.lease.id(), our_ref });
            }
            Ok(None) => {
                self.desk.store.letter_waits_for_address(&due.lease, self.desk.clock.now()).await?;
                let why = "no e-mail address is known for the kommune; write one under [kommune.NNNN] in the configuration, then restart".to_owned();
                self.tell(Event::LetterDelayed { letter: due.lease.id(), our_ref, why });
            }
            Err(error) if error.may_pass() => {
                self.desk.store.letter_retry(&due.lease, self.desk.clock.now(), &Code::or_unnamed("composing"), self.desk.clock.now()).await?;
                return Err(error);
            }
            Err(error) => {
                tracing::error!(letter = %due.lease.id(), error = %error, "a letter cannot be written");
                self.desk.store.letter_failed(&due.lease, &Code::or_unnamed("composing"), self.desk.clock.now()).await?;
                self.tell(Event::LetterDelayed { letter: due.lease.id(), our_ref, why: error.to_string() });
            }
        }
        Ok(())
    }

    /// The letter, sealed; none when nobody knows where to send it.
    async fn compose(&self, due: &DueLetter) -> Result<Option<ComposedLetter>, StepError> {
        let envelope = self.open_envelope(&due.letter.envelope)?;
        let fields = self.fields_of(&envelope, due.letter.record).await?;
        let Some(number) = fields.iter().find(|field| field.name == "kommune").and_then(text_of) else { return Ok(None) };
        let (Some(contact), Some(kommune)) = (self.desk.config.kommuner.get(&number), kommuner::by_number(&number)) else { return Ok(None) };
        let now = self.desk.clock.now();
        let name = format!("{} kommune", kommune.name);
        let frame = Frame {
            address: std::iter::once(name.clone()).chain(contact.adresse.iter().cloned()).collect(),
            kommune: name,
            // Their reference is the number of their own case; what their letter calls "deres ref" is ours.
            deres_ref: fields.iter().find(|field| field.name == "arkivsak").and_then(text_of),
            our_ref: due.letter.our_ref,
            date: office_date(now),
            language: Language::from_code(&due.letter.language).unwrap_or_default(),
        };
        let receipt = Receipt { frame, facts: Facts::accepted(&fields), points: Vec::new(), background: Background::default() };
        let letter = receipt.write(&self.desk.config.office, &self.fonts, now)?;
        Ok(Some(seal_letter(&envelope, due.lease.id(), &contact.epost, letter, format!("<{}@{}>", due.lease.id(), self.desk.config.mail.host))))
    }

    async fn fields_of(&self, envelope: &Envelope, record: crate::document::RecordId) -> Result<Vec<Field>, StepError> {
        let rows = self.desk.store.fields(record).await?;
        let fields: Result<Vec<_>, _> = rows.iter().map(|row| seal::open_field(envelope, record, &row.name, row.revision, &row.sealed.0)).collect();
        Ok(fields?)
    }

    /// Hands one composed letter to the mail.
    ///
    /// # Errors
    /// When the store fails or the letter does not open. What the mail says ends in the letter's state.
    pub async fn send_next_letter(&self) -> Result<Step, StepError> {
        let Some(outgoing) = self.desk.store.take_outgoing(&self.owner, self.desk.clock.now(), self.desk.config.intake.lease).await? else {
            return Ok(Step::Idle);
        };
        let outcome = match self.send(&outgoing).await {
            // One letter that does not open is that letter's trouble and not the service's.
            Err(error @ (StepError::Open { .. } | StepError::Unseal(_))) => {
                tracing::error!(letter = %outgoing.lease.id(), error = %error, "a stored letter does not open");
                let failed = self.desk.store.letter_failed(&outgoing.lease, &Code::or_unnamed("does_not_open"), self.desk.clock.now()).await;
                self.tell(Event::LetterDelayed { letter: outgoing.lease.id(), our_ref: outgoing.letter.our_ref.to_string(), why: error.to_string() });
                failed.map_err(Into::into)
            }
            outcome => outcome,
        };
        match outcome {
            // Another daemon has taken it over while the relay was slow: what it does counts.
            Err(StepError::Store(StoreError::Final(Fault::LeaseLost { .. }))) => Ok(Step::Worked),
            outcome => outcome.map(|()| Step::Worked),
        }
    }

    async fn send(&self, outgoing: &OutgoingLetter) -> Result<(), StepError> {
        let (letter, our_ref) = (outgoing.lease.id(), outgoing.letter.our_ref.to_string());
        let envelope = self.open_envelope(&outgoing.letter.envelope)?;
        let (pdf, cover) = open_letter(&envelope, letter, &outgoing.pdf.0, &outgoing.recipient.0)?;
        let now = || self.desk.clock.now();
        let result = match message(outgoing, pdf, cover) {
            Some(message) => self.mailer.send(&message).await,
            None => Err(Failure::Final { code: "bad_address".to_owned() }),
        };
        match result {
            Ok(dispatch::Sent) => {
                self.desk.store.letter_sent(&outgoing.lease, now()).await?;
                let by = match &self.desk.config.mail.transport {
                    Transport::Smtp(_) => "smtp".to_owned(),
                    Transport::Folder(folder) => folder.join(format!("{}.eml", outgoing.message_id.trim_matches(['<', '>']))).display().to_string(),
                };
                self.tell(Event::LetterSent { letter, our_ref, by });
            }
            Err(failure) => {
                let again = match &failure {
                    Failure::Retry { .. } => dispatch::next_try(outgoing.attempt, now(), self.desk.entropy.as_ref()),
                    Failure::Final { .. } => None,
                };
                let code = Code::or_unnamed(failure.code());
                match again {
                    Some(next) => self.desk.store.letter_retry(&outgoing.lease, next, &code, now()).await?,
                    None => self.desk.store.letter_failed(&outgoing.lease, &code, now()).await?,
                }
                self.tell(Event::LetterDelayed { letter, our_ref, why: failure.to_string() });
            }
        }
        Ok(())
    }
}

/// The message; none when what was stored is no address or no Message-ID.
fn message(outgoing: &OutgoingLetter, pdf: Vec<u8>, cover: Cover) -> Option<Outgoing> {
    Some(Outgoing {
        message_id: outgoing.message_id.parse::<MessageId>().ok()?,
        to: cover.to.parse::<Recipient>().ok()?,
        subject: cover.subject,
        body: cover.body,
        pdf,
        pdf_name: cover.pdf_name,
        date: outgoing.letter.created_at,
        answers: None,
    })
}

/// The text of an accepted ordinary field.
fn text_of(field: &Field) -> Option<String> {
    let content = field.content.ordinary().filter(|_| field.decision == Decision::Accept)?;
    content.value.as_ref().and_then(Value::as_text).map(str::to_owned)
}

fn place<'a>(letter: &'a LetterId, field: &'a str) -> Place<'a> {
    Place { table: "letters", record: letter.as_bytes(), field, revision: seal::FIRST_REVISION }
}

fn seal_letter(envelope: &Envelope, id: LetterId, to: &str, letter: Letter, message_id: String) -> ComposedLetter {
    let cover = Cover { to: to.to_owned(), subject: letter.subject, body: letter.body_text, pdf_name: letter.pdf_name };
    let cover = serde_json::to_vec(&cover).expect("four strings are always JSON");
    ComposedLetter {
        pdf: SealedBytes(envelope.seal(&place(&id, "pdf"), &letter.pdf).into_bytes()),
        recipient: SealedBytes(envelope.seal(&place(&id, "cover"), &cover).into_bytes()),
        message_id,
    }
}

/// Opens a composed letter: the PDF and what goes with it.
fn open_letter(envelope: &Envelope, id: LetterId, pdf: &[u8], cover: &[u8]) -> Result<(Vec<u8>, Cover), StepError> {
    let what = "a letter";
    let pdf = envelope.open(&place(&id, "pdf"), pdf).map_err(|source| StepError::Open { what, source })?;
    let cover = envelope.open(&place(&id, "cover"), cover).map_err(|source| StepError::Open { what, source })?;
    let cover = serde_json::from_slice(&cover).map_err(|_| seal::UnsealError::Content { place: "letters.cover".to_owned() })?;
    Ok((pdf.to_vec(), cover))
}

/// A composed letter as a person may look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedLetter {
    /// The PDF.
    pub pdf: Vec<u8>,
    /// The recipient's address.
    pub to: String,
    /// The subject of the e-mail.
    pub subject: String,
    /// Its text.
    pub body: String,
}

/// Opens a stored letter for a person.
///
/// # Errors
/// When the vault refuses it.
pub fn open_stored_letter(envelope: &Envelope, id: LetterId, pdf: &[u8], recipient: &[u8]) -> Result<OpenedLetter, StepError> {
    let (pdf, cover) = open_letter(envelope, id, pdf, recipient)?;
    Ok(OpenedLetter { pdf, to: cover.to, subject: cover.subject, body: cover.body })
}
